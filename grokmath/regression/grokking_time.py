"""When training and generalization reach a given accuracy, and the grokking time between (regression paper, sec.
3.1.3).

The accuracy is an explicit function of the loss, so each time is the zero of L(t) - L* with L* = eps/4 (or the loss of
another accuracy). Both losses decrease strictly, so each zero is unique, and a certified change of sign encloses it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb

from grokmath.certified import FLOAT_DIGITS, Certified, certify
from grokmath.exact import Exact, ball, working_precision
from grokmath.functions.laplace_certified import excess_ball, train_ball
from grokmath.parameters import PrecisionError, digits_argument, one_of, shown
from grokmath.regression.knob_grokking_time_threshold import Threshold
from grokmath.regression.late_time_forms import CLOSED_FORMS, Time, form_order, late_times
from grokmath.regression.starting_point import StartingPoints
from grokmath.roots import DecreasingRoot, Start

METHODS = ("exact", *CLOSED_FORMS)
_NAME = "grokking_time"


@dataclass(frozen=True, eq=False)
class GrokkingTime:
    """The times at which training and generalization reach the accuracy, and their difference.

    ``train``, ``gen`` and ``delta`` are :class:`Certified` (floats where no digits were asked for, SymPy expressions
    for symbolic parameters); ``math.inf`` stands for *never*, and None for a closed form outside its range; ``reason``
    says why in both cases and is None otherwise. ``method`` is the one that was asked for. ``lost`` is the time at
    which test accuracy, once reached, falls below its level again (``math.inf``: never, as without label noise; None:
    it was not reached, or the method does not tell), and ``regained`` the time at which it comes back after that.

    >>> from grokmath import LinearTeacherStudent
    >>> found = LinearTeacherStudent("1.5", "0.01").grokking_time("1e-3", digits=8)
    >>> print(found.train, found.gen, found.reason[:64])
    775.67581 inf the generalization loss stays above its plateau 1 - 1/lam = 1/3,
    """

    train: Any
    gen: Any
    delta: Any
    reason: str | None = None
    method: str = "exact"
    lost: Any = None
    regained: Any = None

    def to_float(self) -> GrokkingTime:
        """The same with doubles for certified numbers."""
        times = (self.train, self.gen, self.delta, self.lost, self.regained)
        train, gen, delta, lost, regained = (None if x is None else float(x) for x in times)
        return GrokkingTime(train, gen, delta, self.reason, self.method, lost, regained)


def grokking_time(
    lam: Exact,
    eta: Exact,
    threshold: Threshold,
    *,
    method: str = "exact",
    order: int | None = None,
    digits: int | None = None,
) -> GrokkingTime:
    """The grokking time of the model at exact parameters; see ``LinearTeacherStudent.grokking_time``."""
    one_of(method, METHODS, "method", _NAME)
    wanted = FLOAT_DIGITS if digits is None else digits_argument(digits, _NAME)
    form_order(method, order)
    result = _Times(lam, eta, threshold, method, order, wanted).result()
    return result if digits is not None else result.to_float()


class _Times:
    """One (lam, eta, L*): which thresholds are met at once or never, and the times between."""

    def __init__(
        self, lam: Exact, eta: Exact, threshold: Threshold, method: str, order: int | None, digits: int
    ) -> None:
        self.lam, self.eta, self.threshold, self.method, self.digits = lam, eta, threshold, method, digits
        self.order = order
        self.plateau: Exact = 1 - 1 / lam if lam > 1 else Fraction(0)

    def result(self) -> GrokkingTime:
        if self.threshold.compare(Fraction(1), _NAME) >= 0:
            return self._at_once()
        never = bool(self.plateau and self.threshold.compare(self.plateau, _NAME) <= 0)
        return self._exact(never) if self.method == "exact" else self._closed_form(never)

    def _at_once(self) -> GrokkingTime:
        zero = Certified.from_exact(0, self.digits)
        if self.method == "exact":
            return GrokkingTime(zero, zero, zero, lost=math.inf)
        return self._none("both thresholds are met at t = 0, where no late-time form holds")

    def _none(self, reason: str) -> GrokkingTime:
        return GrokkingTime(None, None, None, reason, self.method)

    def _never(self, train: Certified) -> GrokkingTime:
        level = self.threshold.exact
        plateau = f"its plateau 1 - 1/lam = {shown(self.plateau)}"
        reason = f"the generalization loss stays above {plateau}, and the threshold"
        reason += " is not above that" if level is None else f" {shown(level)} is not above that"
        return GrokkingTime(train, math.inf, math.inf, reason, self.method)

    def _certify(self, kernel: Callable[[], arb], method: str, guard: int = 0) -> Certified:
        return certify(kernel, self.digits, function=_NAME, method=method, guard=guard)

    def _roots(self, train: Time, gen: Time | None, method: str) -> GrokkingTime:
        """The three times from s_tr and s_gen; the difference first, as it needs the most bits of both."""
        rate = 4 * self.eta
        if gen is None:
            return self._never(self._certify(lambda: train.enclose() / ball(rate), method))
        with working_precision(64):
            guard = _cancelled_bits(gen.estimate(), train.estimate())
        delta = self._certify(lambda: (gen.enclose() - train.enclose()) / ball(rate), method, guard)
        first = self._certify(lambda: train.enclose() / ball(rate), method)
        second = self._certify(lambda: gen.enclose() / ball(rate), method)
        return GrokkingTime(first, second, delta, None, self.method, math.inf if self.method == "exact" else None)

    def _exact(self, never: bool) -> GrokkingTime:
        gen = None if never else gen_root(self.lam, self.threshold)
        return self._roots(train_root(self.lam, self.threshold), gen, "certified root")

    def _closed_form(self, never: bool) -> GrokkingTime:
        form = late_times(self.method, self.lam, self.threshold, self.plateau, never=never, order=self.order)
        difference = form.delta
        if difference is not None:
            delta = self._certify(lambda: difference.enclose() / (4 * ball(self.eta)), form.method)
            return GrokkingTime(None, None, delta, None, self.method)
        if form.train is None:
            return self._none(form.reason or "")
        return self._roots(form.train, form.gen, form.method)


def train_root(lam: Exact, threshold: Threshold) -> DecreasingRoot:
    """s with L_tr(s) = threshold, 0 < threshold < 1, for one output."""

    def start() -> Start:
        return StartingPoints(lam).train(_accurate_log(lambda: threshold.minus(Fraction(0))))

    return DecreasingRoot(lambda s: train_ball(s, lam).log() - threshold.ball().log(), start, _NAME)


def gen_root(lam: Exact, threshold: Threshold) -> DecreasingRoot:
    """s with L_gen(s) = threshold, (1 - 1/lam)^+ < threshold < 1, for one output."""
    plateau: Exact = 1 - 1 / lam if lam > 1 else Fraction(0)

    def start() -> Start:
        return StartingPoints(lam).gen(_accurate_log(lambda: threshold.minus(plateau)))

    return DecreasingRoot(lambda s: excess_ball(s, lam).log() - threshold.minus(plateau).log(), start, _NAME)


def _accurate_log(x: Callable[[], arb]) -> float:
    """log x as a float, to nearly full relative accuracy also where x is near 1."""
    bits = 64
    while bits <= 2**23:
        with working_precision(bits):
            log = x().log()
        if log.rel_accuracy_bits() > 40:
            return float(log)
        bits *= 2
    raise PrecisionError(f"{_NAME}: the threshold could not be told from 1 at {bits // 2} bits")


def _cancelled_bits(larger: arb, smaller: arb) -> int:
    """About how many bits their difference loses."""
    gap = abs(larger - smaller)
    if not larger > 0 or gap.contains(0):
        return 0
    return max(0, int(float((larger / gap).log()) / math.log(2)) + 1)
