"""The three readings of the two-point model's quantities, and the parameters that they share."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from flint import arb

from grokmath.certified import FLOAT_DIGITS, Certified, Scaled, certify
from grokmath.classification.two_point_certified import Flow
from grokmath.classification.two_point_inverse import PullAt
from grokmath.classification.two_point_losses import BALLS, expression, float64, train_accuracy_at_start
from grokmath.exact import Exact, ball, sign, working_precision
from grokmath.functions.readings import Argument, plain, read, sympy_number
from grokmath.parameters import (
    NONNEGATIVE,
    POSITIVE,
    REAL,
    Domain,
    DomainError,
    PrecisionError,
    domain_error,
    exact,
    is_symbolic,
    shown,
)

if TYPE_CHECKING:
    from grokmath.classification.two_point_float64 import TwoPointFloat64
    from grokmath.classification.two_point_symbolic import TwoPointExpressions

__all__ = ["SIGMA", "TwoPointReadings"]

_NAME = "TwoPointModel"
_LAM = Domain("0 <= lam <= 1", Fraction(0), Fraction(1))
SIGMA = Domain("1e-100 <= sigma <= 1e100", Fraction(1, 10**100), Fraction(10**100))
_START = Domain("|S0| <= 1e4, or the text S*", Fraction(-(10**4)), Fraction(10**4))
_BIAS = Domain("|b0| <= 1e12", Fraction(-(10**12)), Fraction(10**12))
_LOG_TIME = Domain("|log_t| <= 1e12", Fraction(-(10**12)), Fraction(10**12))
_AT_MINIMIZER = "S*"
_KEPT = 16
_MAX_BITS = 2**20
_IN_TIME = "certified inverse of t(V)"
_AT_WEIGHT = "t(V) by quadrature with a proved bound"


class TwoPointReadings:
    """Parameters of the two-point model, and how each quantity is read; see ``TwoPointModel``."""

    def __init__(self, lam: Any, eta: Any, sigma: Any, S0: Any, b0: Any) -> None:
        def number(value: Any, name: str, domain: Domain) -> Any:
            return value if is_symbolic(value) else exact(value, name, _NAME, domain)

        self.lam: Any = number(lam, "lam", _LAM)
        self.eta: Any = number(eta, "eta", POSITIVE)
        self.sigma: Any = number(sigma, "sigma", SIGMA)
        self._at_minimizer = isinstance(S0, str) and S0.strip() == _AT_MINIMIZER
        if self._at_minimizer and not is_symbolic(self.lam) and not self.lam < Fraction(1, 2):
            raise domain_error(_NAME, "S0", S0, "lam < 1/2 with S0 = S*", "there is no finite minimiser at lam >= 1/2")
        self.S0: Any = _AT_MINIMIZER if self._at_minimizer else number(S0, "S0", _START)
        self.b0: Any = number(b0, "b0", _BIAS)
        self._pulls: OrderedDict[tuple[str, Exact], PullAt] = OrderedDict()

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.lam, self.eta, self.sigma, self.S0, self.b0)

    def __repr__(self) -> str:
        parts = (f"{name}={shown(getattr(self, name))}" for name in ("lam", "eta", "sigma", "S0", "b0"))
        return f"TwoPointModel({', '.join(parts)})"

    @property
    def _parameters(self) -> list[Any]:
        start = [] if self._at_minimizer else [self.S0]
        return [self.lam, self.eta, self.sigma, *start, self.b0]

    @property
    def _is_symbolic(self) -> bool:
        return any(is_symbolic(x) for x in self._parameters)

    def _need_numbers(self, digits: int | None, function: str) -> None:
        """With digits, raise for the first parameter that is a symbol."""
        if digits is not None:
            for value in self._parameters:
                exact(value, str(value), function)

    @cached_property
    def _flow(self) -> Flow:
        a = 1 - 2 * self.lam
        return Flow(a, 1 / (self.sigma * self.sigma), self.eta / 2, None if self._at_minimizer else self.S0, self.b0)

    @cached_property
    def _float64(self) -> TwoPointFloat64:
        from grokmath.classification.two_point_float64 import TwoPointFloat64

        return TwoPointFloat64(self._flow)

    @cached_property
    def _expressions(self) -> TwoPointExpressions:
        from grokmath.classification.two_point_symbolic import TwoPointExpressions

        lam, eta, sigma, b0 = (_sympy(x) for x in (self.lam, self.eta, self.sigma, self.b0))
        return TwoPointExpressions(lam, eta, sigma, None if self._at_minimizer else _sympy(self.S0), b0)

    # Functions of a time.

    def _in_time(self, name: str, t: Any, log_t: Any, digits: int | None) -> Any:
        if (t is None) == (log_t is None):
            raise domain_error(name, "t", t, "one time", "give either t or log_t")
        kind = "t" if log_t is None else "log_t"
        argument = Argument("t", t, NONNEGATIVE) if log_t is None else Argument("log_t", log_t, _LOG_TIME)
        return read(
            name,
            [argument],
            digits,
            symbolic=lambda x: self._symbolic(name, kind, x),
            certified=lambda x, n: self._certified(name, kind, x, n),
            float64=lambda x: self._doubles(name, kind, x),
            parameters=self._parameters,
        )

    def _symbolic(self, name: str, kind: str, x: Any) -> Any:
        import sympy

        expressions = self._expressions
        weight, bias = expressions.weight_and_bias(sympy.exp(x) if kind == "log_t" else x, name)
        if name.endswith("conformal_time"):
            tau = expressions.conformal_time_between(weight, bias)
            return sympy.log(tau) if name.startswith("log") else tau
        minimizer = expressions.minimizer() if name == "weight_gap" else None
        return expression(name, expressions.k.a, weight, bias, minimizer)

    def _certified(self, name: str, kind: str, x: Exact, digits: int) -> Certified:
        flow = self._flow
        if name == "log_gen_error" and self._is_always_zero and not (x == 0 and kind == "t" and flow.bias0 >= 0):
            wanted = "a weight that is not 0 throughout"
            raise domain_error(name, kind, x, wanted, "the error is exactly 0 here: use gen_error")
        at_rest = self._is_always_zero or flow.weight0 is None
        if (name == "weight" and self._is_always_zero) or (name == "weight_gap" and at_rest):
            return Certified.from_exact(0, digits)
        if kind != "log_t" and x == 0:
            return self._certified_at_start(name, digits)
        pull = self._pull(kind, x)
        log_form = f"log_{name}" if f"log_{name}" in BALLS else None
        value = certify(
            lambda: BALLS[name](flow, pull.enclose()), digits, function=name, method=_IN_TIME, log_form=log_form
        )
        return Certified.from_exact(Fraction(float(value)), digits) if name == "train_accuracy" else value

    def _certified_at_start(self, name: str, digits: int) -> Certified:
        flow = self._flow
        known = {"bias": flow.bias0, "weight": flow.weight0, "conformal_time": Fraction(0)}.get(name)
        if known is not None:
            return Certified.from_exact(known, digits)
        if name == "log_conformal_time":
            raise domain_error(name, "t", 0, "t > 0", "conformal_time(0) is 0")
        if name == "train_accuracy":
            value = certify(lambda: train_accuracy_at_start(flow), digits, function=name)
            return Certified.from_exact(Fraction(float(value)), digits)
        return certify(lambda: BALLS[name](flow, arb(0)), digits, function=name)

    @property
    def _is_always_zero(self) -> bool:
        """Whether S = S0 = S* = 0."""
        return bool(self._flow.a == 1 and self._flow.weight0 in (None, 0))

    def _pull(self, kind: str, x: Exact) -> PullAt:
        """The pull at this time; the last few are kept, so that weight and bias at one time share it."""
        found = self._pulls.get((kind, x))
        if found is None:
            found = PullAt(self._flow, _Target(kind, x), _NAME, conformal=kind == "tau")
            self._pulls[kind, x] = found
            while len(self._pulls) > _KEPT:
                self._pulls.popitem(last=False)
        return found

    def _doubles(self, name: str, kind: str, x: Any) -> Any:
        """The float64 reading; where doubles do not reach, certified values rounded to double."""
        import numpy as np

        points = np.asarray(x, dtype=np.float64)
        flow = self._float64
        value = np.full(points.shape, np.nan)
        if flow.reliable:
            find = flow.pull_at_log if kind == "log_t" else flow.pull_at_time
            pull = find(points, conformal=True) if kind == "tau" else find(points)
            value = np.asarray(float64(name, flow, flow.state(pull)), dtype=np.float64)
        for index in map(tuple, np.argwhere(np.isnan(value))):
            value[index] = self._rounded(name, kind, float(points[index]))
        return plain(value)

    def _rounded(self, name: str, kind: str, x: float) -> float:
        if name == "log_conformal_time" and kind == "t" and x == 0:
            return -math.inf
        try:
            return float(self._certified(name, kind, Fraction(x), FLOAT_DIGITS))
        except DomainError:  # below 10**-(10**9), or the logarithm of 0
            return -math.inf if name.startswith("log") else 0.0

    # Functions of the weight.

    def _at_weight(self, name: str, weight: Any, digits: int | None) -> Any:
        return read(
            name,
            [Argument("S", weight, REAL)],
            digits,
            symbolic=lambda x: self._symbolic_at_weight(name, x),
            certified=lambda x, n: self._certified_at_weight(name, x, n),
            float64=lambda x: self._doubles_at_weight(name, x),
            parameters=self._parameters,
        )

    def _symbolic_at_weight(self, name: str, weight: Any) -> Any:
        import sympy

        expressions = self._expressions
        if name == "bias_at_weight":
            return expressions.bias_at(weight)
        if name == "conformal_time_at_weight":
            return expressions.conformal_time_at(weight)
        log = expressions.log_time_at(weight)
        return log if name.startswith("log") else sympy.exp(log)

    def _certified_at_weight(self, name: str, weight: Exact, digits: int) -> Certified:
        flow = self._flow
        start = flow.weight0
        if start is not None and weight == start:
            if name == "log_time_at_weight":
                raise domain_error(name, "S", weight, "S other than S0", "time_at_weight(S0) is 0")
            return Certified.from_exact(flow.bias0 if name == "bias_at_weight" else 0, digits)
        self._check_weight(name, weight)
        assert start is not None  # noqa: S101 - checked

        def pull() -> arb:
            return flow.balls().pull(ball(weight - start))

        def log_time(conformal: bool) -> arb:
            v = pull()
            return flow.balls().log_time(v, conformal=conformal)[0] if v.is_finite() and v > 0 else arb.nan()

        kernels: dict[str, Callable[[], arb | Scaled]] = {
            "bias_at_weight": lambda: flow.balls().state(pull()).bias,
            "time_at_weight": lambda: Scaled(log_time(False), arb(1)),
            "log_time_at_weight": lambda: log_time(False),
            "conformal_time_at_weight": lambda: Scaled(log_time(True), arb(1)),
        }
        log_form = f"log_{name}" if name == "time_at_weight" else None
        return certify(kernels[name], digits, function=name, method=_AT_WEIGHT, log_form=log_form)

    def _check_weight(self, name: str, weight: Exact) -> None:
        """Raise :class:`DomainError` unless the weight lies between S0 and where it goes, decided by balls."""
        flow = self._flow
        wanted = "S between S0 and the limit of the weight"
        error = domain_error(name, "S", weight, wanted, "the weight does not pass this value")
        if flow.weight0 is None or self._is_always_zero:
            raise error
        direction = sign(weight - flow.weight0)
        bits = 64
        while bits <= _MAX_BITS:
            with working_precision(bits):
                balls = flow.balls()
                ahead = direction * balls.zeta0
                side = (1 - balls.a * (balls.p * ball(weight)).exp()) * balls.zeta0
                if ahead < 0 or side < 0:
                    raise error
                if ahead > 0 and side > 0:
                    return
            bits *= 4
        raise PrecisionError(f"{name}: S was not told from the limit of the weight at {_MAX_BITS} bits")

    def _doubles_at_weight(self, name: str, weight: Any) -> Any:
        import numpy as np

        points = np.asarray(weight, dtype=np.float64)
        flow = self._float64
        pull = flow.pull_at_weight(points) if flow.reliable else np.full(points.shape, np.nan)
        good = np.isfinite(pull) & (pull > 0)
        v = np.where(good, pull, 1.0)
        with np.errstate(all="ignore"):
            if name == "bias_at_weight":
                value = flow.b0 - flow.s * flow.from_start(points) - flow.rate * v
            else:
                value = flow.log_time(v, conformal=name.startswith("conformal"))
                value = value if name.startswith("log") else np.exp(value)
        value = np.asarray(np.where(good, value, np.nan))
        for index in map(tuple, np.argwhere(np.isnan(value))):
            value[index] = self._rounded_at_weight(name, float(points[index]))
        return plain(value)

    def _rounded_at_weight(self, name: str, weight: float) -> float:
        if name.startswith("log") and self._flow.weight0 is not None and Fraction(weight) == self._flow.weight0:
            return -math.inf
        return float(self._certified_at_weight(name, Fraction(weight), FLOAT_DIGITS))


class _Target:
    """The logarithm of a time, as a ball on demand."""

    def __init__(self, kind: str, x: Exact) -> None:
        self.kind, self.x = kind, x

    def __call__(self) -> arb:
        return ball(self.x) if self.kind == "log_t" else ball(self.x).log()


def _sympy(x: Any) -> Any:
    return x if is_symbolic(x) else sympy_number(x)
