"""Grokking times of the two-point model: when training and generalization reach a loss of eps.

The losses are exponential, L_tr = exp(b) (exp(-S) + exp(a S))/2 and L_gen = exp(b + S**2/2), the population's.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from flint import arb

from grokmath.certified import FLOAT_DIGITS, Certified, Scaled, certify
from grokmath.classification.two_point_certified import Flow
from grokmath.classification.two_point_crossings import Crossing, gen_crossings, train_crossing
from grokmath.exact import Exact, ball, working_precision
from grokmath.parameters import PrecisionError, digits_argument, one_of

__all__ = [
    "METHODS",
    "ConformalGrokkingTime",
    "TwoPointGrokkingTime",
    "check_method",
    "conformal_times",
    "grokking_times",
    "kappa_ball",
    "minimizer_ball",
    "validity",
]

METHODS = ("exact", "quasi-static", "paper")
_ROOT = "certified root"
_TOO_LARGE = "the time is too large to print, its logarithm is given"
_TOO_NEAR = "the two times agree in so many digits that their ratio is not told from 1"
_DIFFERENCE_BITS = 2**13
_PRINTED = 2 * 10**9
"""Times are printed up to exp of this; beyond, only their logarithms are."""


@dataclass(frozen=True, eq=False)
class TwoPointGrokkingTime:
    """When L_tr and L_gen fall to eps for good: the times, their difference and their ratio.

    Numbers are :class:`Certified` (floats where no digits were asked for, SymPy expressions for symbols). ``math.inf``
    stands for *never*, None for a value that does not exist or cannot be printed; ``reason`` then says why.
    ``crossings`` are all times at which L_gen crosses eps, the last of which is ``gen`` where that is finite; None
    stands for one that is too large to print.
    """

    train: Any
    gen: Any
    delta: Any
    log_train: Any
    log_gen: Any
    ratio: Any
    log_ratio: Any
    reason: str | None = None
    method: str = "exact"
    crossings: tuple[Any, ...] = ()


@dataclass(frozen=True, eq=False)
class ConformalGrokkingTime:
    """The conformal times at which L_tr and L_gen fall to eps for good, and their difference."""

    train: Any
    gen: Any
    delta: Any
    reason: str | None = None
    method: str = "exact"


def check_method(method: str, function: str) -> None:
    """Raise :class:`DomainError` for an unknown method."""
    one_of(method, METHODS, "method", function)


def grokking_times(flow: Flow, eps: Exact, method: str, digits: int | None) -> TwoPointGrokkingTime:
    """See ``TwoPointModel.grokking_time``."""
    check_method(method, "grokking_time")
    wanted = FLOAT_DIGITS if digits is None else digits_argument(digits, "grokking_time")
    times = _Times(flow, eps, method, wanted)
    result = times.exact() if method == "exact" else times.closed()
    return result if digits is not None else _as_floats(result)


def conformal_times(flow: Flow, eps: Exact, method: str, digits: int | None) -> ConformalGrokkingTime:
    """See ``TwoPointModel.conformal_grokking_time``."""
    check_method(method, "conformal_grokking_time")
    wanted = FLOAT_DIGITS if digits is None else digits_argument(digits, "conformal_grokking_time")
    times = _Times(flow, eps, method, wanted, "conformal_grokking_time")
    result = times.conformal_exact() if method == "exact" else times.conformal_closed()
    if digits is not None:
        return result
    train, gen, delta = (_float(x) for x in (result.train, result.gen, result.delta))
    return ConformalGrokkingTime(train, gen, delta, result.reason, method)


def validity(flow: Flow, eps: Exact, digits: int) -> Certified:
    """sigma**2 a (log(1/eps) + S***2/2); see ``TwoPointModel.validity``."""
    if flow.a == 0:
        return Certified.from_exact(0, digits)

    def kernel() -> arb:
        weight = minimizer_ball(flow)
        return ball(flow.a) / ball(flow.s) * (weight * weight / 2 - ball(eps).log())

    return certify(kernel, digits, function="validity")


def minimizer_ball(flow: Flow) -> arb:
    """S* = log(1/a)/p, a > 0."""
    return -ball(flow.a).log() / ball(1 + flow.a)


def kappa_ball(flow: Flow) -> arb:
    """kappa = p a**(-a/p), a >= 0."""
    p = ball(1 + flow.a)
    return p if flow.a == 0 else p * (ball(flow.a) * minimizer_ball(flow)).exp()


def _float(x: Any) -> Any:
    if x is None or isinstance(x, float):
        return x
    try:
        return float(x)
    except OverflowError:
        return math.inf


def _as_floats(result: TwoPointGrokkingTime) -> TwoPointGrokkingTime:
    names = ("train", "gen", "delta", "log_train", "log_gen", "ratio", "log_ratio")
    floats = {name: _float(getattr(result, name)) for name in names}
    return replace(result, **floats, crossings=tuple(_float(x) for x in result.crossings))


class _Times:
    """One flow and threshold."""

    def __init__(self, flow: Flow, eps: Exact, method: str, digits: int, function: str = "grokking_time") -> None:
        self.flow, self.eps, self.method, self.digits, self.function = flow, eps, method, digits, function

    def _certify(self, kernel: Callable[[], arb | Scaled], method: str) -> Certified:
        return certify(kernel, self.digits, function=self.function, method=method)

    def _exp(self, log: Callable[[], arb], approximate: Certified, method: str) -> Certified | None:
        """The number with this logarithm; None where it is too large to print."""
        if abs(float(approximate)) > _PRINTED:
            return None
        return self._certify(lambda: Scaled(log(), arb(1)), method)

    # Physical time.

    def exact(self) -> TwoPointGrokkingTime:
        """Certified roots."""
        train = train_crossing(self.flow, self.eps)
        start, crossings = gen_crossings(self.flow, self.eps)
        reasons = self._status(start, crossings)
        first, log_first = self._time(train)
        times = [self._crossing_time(crossing) for crossing in crossings]
        gen, log_gen = times[-1] if times else self._time(None)
        if train is None:
            reasons.append("L_tr is not above eps at t = 0")
        ratio: Any = None
        log_ratio: Any = None
        if self.flow.a < 0:
            gen = log_gen = ratio = log_ratio = math.inf
        elif not crossings:
            reasons.append("L_gen is not above eps at t = 0")
            if train is not None:
                ratio, log_ratio = Certified.from_exact(0, self.digits), -math.inf
        elif train is None:
            ratio = log_ratio = math.inf
        else:
            last, both = crossings[-1], train

            def log() -> arb:
                return self._log_time(last) - self._log_time(both)

            if self._same:
                ratio, log_ratio = (Certified.from_exact(x, self.digits) for x in (1, 0))
            else:
                log_ratio = self._difference(log, both)
                if log_ratio is None:
                    reasons.append(_TOO_NEAR)
                else:
                    ratio = self._exp(log, log_ratio, _ROOT)
        if gen is None:
            reasons.append(_TOO_LARGE)
        found = tuple(time for time, _ in times)
        delta = self._delta(gen, first, crossings, train)
        return TwoPointGrokkingTime(
            first, gen, delta, log_first, log_gen, ratio, log_ratio, _joined(reasons), "exact", found
        )

    def _time(self, crossing: Crossing | None) -> tuple[Any, Any]:
        """The time of a crossing and its logarithm; 0 for None."""
        if crossing is None:
            return Certified.from_exact(0, self.digits), -math.inf
        log = self._certify(lambda: self._log_time(crossing), _ROOT)
        return self._exp(lambda: self._log_time(crossing), log, _ROOT), log

    def _crossing_time(self, crossing: Crossing) -> tuple[Any, Any]:
        """The time of a crossing of L_gen; None for the last one for lam next to 1/2, whose logarithm may be 10**80."""
        try:
            return self._time(crossing)
        except PrecisionError:
            if self.flow.a < 0 and crossing.rising:
                return None, None
            raise

    def _physical(self, crossings: list[Crossing]) -> arb:
        """The time of the last of the crossings, 0 without one."""
        return self._log_time(crossings[-1]).exp() if crossings else arb(0)

    def _delta(self, gen: Any, train: Any, crossings: list[Crossing], train_at: Crossing | None) -> Any:
        """The difference of two times, which were found before."""
        if not (isinstance(gen, Certified) and isinstance(train, Certified)):
            return None if gen is None or train is None else math.inf
        if self._same or (gen.exact is not None and train.exact is not None):
            return Certified.from_exact(0, self.digits)
        earlier = [train_at] if train_at else []
        return self._difference(lambda: self._physical(crossings) - self._physical(earlier), train_at)

    def _difference(self, kernel: Callable[[], arb], train: Crossing | None) -> Certified | None:
        """A difference of two times or logarithms; None where they agree in too many digits to tell it.

        Near S = 0 both losses are exp(b) but for terms of the order of S**4 (lam = 0), and S may be 10**-(10**6).
        """
        bits = _DIFFERENCE_BITS + 4 * self.digits
        if train is not None:
            with working_precision(64):
                weight = abs(self.flow.balls().state(train.enclose()).weight).upper()
            if 0 < weight < arb(2) ** -(bits // 4):  # it would not be resolved, and to try would take long
                return None
        try:
            return certify(kernel, self.digits, function=self.function, method=_ROOT, max_bits=bits)
        except PrecisionError:
            return None

    @property
    def _same(self) -> bool:
        """Whether both losses are exp(b) because S = 0 throughout."""
        return bool(self.flow.a == 1 and self.flow.weight0 in (None, 0))

    def _status(self, start: int, crossings: list[Crossing]) -> list[str]:
        if self.flow.a < 0:
            return [
                "L_gen grows without bound for lam > 1/2"
                + ("" if start > 0 and not crossings else "; it is at most eps for a time only, see crossings")
            ]
        if len(crossings) > 1 or (crossings and start <= 0):
            return ["L_gen is at most eps at earlier times too, and rises again; see crossings"]
        return []

    def _log_time(self, crossing: Crossing, *, conformal: bool = False) -> arb:
        return self.flow.balls().log_time(crossing.enclose(), conformal=conformal)[0]

    def closed(self) -> TwoPointGrokkingTime:
        """The quasi-static times or the paper's (37)-(39)."""
        name, why = self._outside()
        if why:
            return TwoPointGrokkingTime(None, None, None, None, None, None, None, why, self.method)
        quasi = self.method == "quasi-static"

        def log_train() -> arb:
            return -(self._eta() * ball(self.eps)).log()

        def log_gen() -> arb:
            rate = self._eta() * ball(self.eps) * (kappa_ball(self.flow) if quasi else 1)
            return (2 / rate).log() + self._half_square(quasi)

        def log_2() -> arb:
            return arb(2).log()

        def log_ratio() -> arb:  # (39) drops log 2
            return self._half_square(quasi) + ((2 / kappa_ball(self.flow)).log() if quasi else 0)

        logs = [self._certify(kernel, name) for kernel in (log_train, log_gen, log_ratio)]
        kernels = (log_train, log_gen, log_ratio)
        train, gen, ratio = (self._exp(kernel, log, name) for kernel, log in zip(kernels, logs, strict=True))
        delta = None
        if gen is not None and train is not None:
            delta = self._certify(lambda: log_train().exp() * (log_ratio() + (0 if quasi else log_2())).expm1(), name)
        reason = _TOO_LARGE if gen is None else None
        return TwoPointGrokkingTime(train, gen, delta, logs[0], logs[1], ratio, logs[2], reason, self.method)

    def _outside(self) -> tuple[str, str | None]:
        name = "quasi-static" if self.method == "quasi-static" else "(37)-(39)"
        if self.flow.a > 0:
            return name, None
        which = "lam = 1/2" if self.flow.a == 0 else "lam > 1/2"
        return name, f"the weight has no finite limit at {which}, which this form needs"

    def _eta(self) -> arb:
        return 2 * ball(self.flow.c)

    def _half_square(self, quasi: bool) -> arb:
        """S***2/2, with S* = log(1/a) in the paper's forms."""
        weight = minimizer_ball(self.flow) if quasi else -ball(self.flow.a).log()
        return weight * weight / 2

    # Conformal time.

    def conformal_exact(self) -> ConformalGrokkingTime:
        """Certified roots."""
        train = train_crossing(self.flow, self.eps)
        start, crossings = gen_crossings(self.flow, self.eps)
        zero = Certified.from_exact(0, self.digits)

        def tau(crossing: Crossing | None) -> arb:
            return arb(0) if crossing is None else self._log_time(crossing, conformal=True).exp()

        first = zero if train is None else self._certify(lambda: tau(train), _ROOT)
        reason = _joined(self._status(start, crossings))
        if self.flow.a < 0:
            return ConformalGrokkingTime(first, math.inf, math.inf, reason)
        last = crossings[-1] if crossings else None
        second = zero if last is None else self._certify(lambda: tau(last), _ROOT)
        if (last is None and train is None) or self._same:
            return ConformalGrokkingTime(first, second, zero, reason)
        delta = self._difference(lambda: tau(last) - tau(train), train)
        if delta is None:
            reason = _joined([*([reason] if reason else []), _TOO_NEAR])
        return ConformalGrokkingTime(first, second, delta, reason)

    def conformal_closed(self) -> ConformalGrokkingTime:
        """b = b0 - kappa c tau at S = S*, or the paper's (40), (41), which have kappa = 1, b0 = 0 and drop log 2."""
        _, why = self._outside()
        if why:
            return ConformalGrokkingTime(None, None, None, why, self.method)
        quasi = self.method == "quasi-static"
        name = "quasi-static" if quasi else "(40)-(41)"

        def rate() -> arb:
            return ball(self.flow.c) * (kappa_ball(self.flow) if quasi else 1)

        def start() -> arb:
            return ball(self.flow.bias0) if quasi else arb(0)

        def half() -> arb:  # exactly 1 at lam = 0
            return kappa_ball(self.flow) / 2 if quasi else arb(0.5)

        def train() -> arb:
            return (start() + (half() / ball(self.eps)).log()) / rate()

        def gen() -> arb:
            return (start() - ball(self.eps).log() + self._half_square(quasi)) / rate()

        def delta() -> arb:
            return (self._half_square(quasi) - (half().log() if quasi else 0)) / rate()

        first, second, difference = (self._certify(kernel, name) for kernel in (train, gen, delta))
        return ConformalGrokkingTime(first, second, difference, None, self.method)


def _joined(reasons: list[str]) -> str | None:
    return "; ".join(reasons) or None
