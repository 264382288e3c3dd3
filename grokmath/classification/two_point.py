"""The two-point model of classification: gradient flow on two points of one dimension, solved exactly in physical time.

The classification paper reduces the edge of linear separability to the training set x1 = -1, x2 = 1 - 2 lam, both with
label -1 (section 4, appendix E). With the exponential loss, weight and bias follow in closed form for every lam.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

from flint import arb

from grokmath.certified import FLOAT_DIGITS, Certified, certify, certify_double
from grokmath.classification.two_point_grokking import (
    check_method,
    conformal_times,
    grokking_times,
    kappa_ball,
    minimizer_ball,
    validity,
)
from grokmath.classification.two_point_limits import Constants, Functions, TwoPointLimits, limits
from grokmath.classification.two_point_readings import TwoPointReadings
from grokmath.exact import Exact, sign
from grokmath.functions.readings import Argument, read
from grokmath.parameters import NONNEGATIVE, POSITIVE, UnsupportedExpression, domain_error, exact, is_symbolic

__all__ = ["TwoPointModel", "TwoPointState"]

_BALLS = Functions(lambda x: x.log(), lambda x: x.exp(), lambda x: (-x / arb(2).sqrt()).erfc() / 2)


class TwoPointState(NamedTuple):
    """Rescaled weight and bias."""

    weight: Any
    bias: Any


class TwoPointModel(TwoPointReadings):
    """The two points x1 = -1, x2 = 1 - 2 lam (in units of sigma) under gradient flow on the exponential loss.

    ``lam`` in [0, 1] is d/N of the full model: the points are separable from the origin above 1/2. ``eta`` > 0 is the
    learning rate, ``sigma`` > 0 the standard deviation of the features, ``S0`` and ``b0`` the initial weight and bias.
    **The weight S is the rescaled one**, sigma times the weight of the unscaled features, and so is S0:

        dS/dt = (eta/2) sigma^2 e^b (e^-S - a e^(a S)),  db/dt = -(eta/2) e^b (e^-S + e^(a S)),  a = 1 - 2 lam.

    ``S0="S*"`` starts at the minimiser S* = log(1/a)/(1+a) itself (lam < 1/2), where S stays.

    All parameters are exact numbers (see :mod:`grokmath.parameters`) or SymPy symbols. Methods of time take t >= 0 or,
    for times beyond any decimal, ``log_t=``, the natural logarithm of t (|log_t| <= 1e12). Each has three readings:
    with ``digits=n`` a :class:`Certified` number of n digits; float64 otherwise, scalars or arrays (measured); a SymPy
    expression where an argument or parameter is a symbol and the closed form is explicit, else
    :class:`UnsupportedExpression`. Raises :class:`DomainError` outside these domains.

    Method: state and time are elementary functions and one integral of the pull V = (eta/2) sigma^2 int e^(b + a S) dt,
    see :mod:`grokmath.classification.two_point_certified`. Source: eqs. (11), (27)-(41), in physical time.

    >>> from grokmath.classification.two_point import TwoPointModel
    >>> m = TwoPointModel(lam="0.45")
    >>> print(m.weight(10**6, digits=30))
    1.79334813037158951778813588626
    >>> m.weight(1e6), m.bias(1e6)
    (1.7933481303715895, -13.43353853367629)
    >>> print(m.weight(log_t=10**9, digits=10), m.minimizer(digits=10))
    2.093259175 2.093259175
    """

    def __init__(self, lam: Any, eta: Any = 1, sigma: Any = 1, S0: Any = 0, b0: Any = 0) -> None:
        super().__init__(lam, eta, sigma, S0, b0)

    # The state in time.

    def weight(self, t: Any = None, *, log_t: Any = None, digits: int | None = None) -> Any:
        """The rescaled weight S(t).

        It moves monotonically to S* = log(1/a)/(1+a) for lam < 1/2, grows like log log t at lam = 1/2 and like
        M log t/(1/sigma^2 + M^2), M = 2 lam - 1, above. Explicit in symbols at lam = 1/2 (Lambert's W, (31)) and
        lam = 0, both with sigma = 1, and at lam = 1.

        >>> from grokmath.classification.two_point import TwoPointModel
        >>> print(TwoPointModel(lam="0.7").weight(10**6, digits=20))
        5.6023398048411193184
        >>> import sympy
        >>> TwoPointModel(lam="1/2").weight(sympy.Symbol("t", positive=True))
        log(LambertW(t/2) + 1)
        """
        return self._in_time("weight", t, log_t, digits)

    def bias(self, t: Any = None, *, log_t: Any = None, digits: int | None = None) -> Any:
        """The bias b(t), strictly decreasing to -infinity: -log(kappa c t) for lam <= 1/2, slower above."""
        return self._in_time("bias", t, log_t, digits)

    def weight_gap(self, t: Any = None, *, log_t: Any = None, digits: int | None = None) -> Any:
        """S* - S(t) for lam < 1/2, to full relative accuracy; it falls like t^(-sigma^2 (1 - 2 lam)).

        >>> from grokmath.classification.two_point import TwoPointModel
        >>> print(TwoPointModel(lam="0.3").weight_gap(log_t=1000, digits=10))
        1.107667784e-174
        """
        self._need_minimizer("weight_gap")
        return self._in_time("weight_gap", t, log_t, digits)

    def conformal_time(self, t: Any = None, *, log_t: Any = None, digits: int | None = None) -> Any:
        """The conformal time tau(t) = int_0^t e^b dt' of (8)."""
        return self._in_time("conformal_time", t, log_t, digits)

    def log_conformal_time(self, t: Any = None, *, log_t: Any = None, digits: int | None = None) -> Any:
        """log tau(t)."""
        return self._in_time("log_conformal_time", t, log_t, digits)

    def at_conformal_time(self, tau: Any, *, digits: int | None = None) -> TwoPointState:
        """Weight and bias at the conformal time tau >= 0: (28)-(36).

        >>> from grokmath.classification.two_point import TwoPointModel
        >>> print(TwoPointModel(lam="1").at_conformal_time(2, digits=10).weight)  # log(1 + tau), eq. (32)
        1.098612289
        """
        function = "at_conformal_time"

        def symbolic(point: Any) -> TwoPointState:
            return TwoPointState(*self._expressions.at_conformal_time(point, function))

        def certified(point: Exact, n: int) -> TwoPointState:
            return TwoPointState(*(self._certified(name, "tau", point, n) for name in TwoPointState._fields))

        def doubles(point: Any) -> TwoPointState:
            return TwoPointState(*(self._doubles(name, "tau", point) for name in TwoPointState._fields))

        result = read(
            function,
            [Argument("tau", tau, NONNEGATIVE)],
            digits,
            symbolic=symbolic,
            certified=certified,
            float64=doubles,
            parameters=self._parameters,
        )
        return result if isinstance(result, TwoPointState) else TwoPointState(*_components(result))

    # Losses and accuracies in time.

    def train_loss(self, t: Any = None, *, log_t: Any = None, digits: int | None = None) -> Any:
        """The exponential training loss e^b (e^-S + e^(a S))/2, strictly decreasing to 0 for every lam."""
        return self._in_time("train_loss", t, log_t, digits)

    def log_train_loss(self, t: Any = None, *, log_t: Any = None, digits: int | None = None) -> Any:
        """log of the training loss."""
        return self._in_time("log_train_loss", t, log_t, digits)

    def gen_loss(self, t: Any = None, *, log_t: Any = None, digits: int | None = None) -> Any:
        """The exponential loss of the population, e^(b + S^2/2); not always monotone, divergent for lam > 1/2."""
        return self._in_time("gen_loss", t, log_t, digits)

    def log_gen_loss(self, t: Any = None, *, log_t: Any = None, digits: int | None = None) -> Any:
        """b + S^2/2."""
        return self._in_time("log_gen_loss", t, log_t, digits)

    def train_accuracy(self, t: Any = None, *, log_t: Any = None, digits: int | None = None) -> Any:
        """The fraction of the two points with negative output, 0, 1/2 or 1; an output of exactly 0 counts one half."""
        return self._in_time("train_accuracy", t, log_t, digits)

    def gen_accuracy(self, t: Any = None, *, log_t: Any = None, digits: int | None = None) -> Any:
        """The accuracy (4) on the population, Phi(-b/|S|).

        >>> from grokmath.classification.two_point import TwoPointModel
        >>> print(TwoPointModel(lam="0.7").gen_accuracy(100, digits=10))
        0.9508483053
        """
        return self._in_time("gen_accuracy", t, log_t, digits)

    def gen_error(self, t: Any = None, *, log_t: Any = None, digits: int | None = None) -> Any:
        """1 - gen_accuracy, without cancellation."""
        return self._in_time("gen_error", t, log_t, digits)

    def log_gen_error(self, t: Any = None, *, log_t: Any = None, digits: int | None = None) -> Any:
        """log of gen_error, also where that underflows."""
        return self._in_time("log_gen_error", t, log_t, digits)

    # As functions of the weight.

    def time_at_weight(self, S: Any, *, digits: int | None = None) -> Any:
        """The time t(S) at which the weight is S, the inverse of :meth:`weight`, explicit for every lam.

        S must lie between S0 and where the weight goes; in symbols a hypergeometric function of a e^(p S), valid on the
        side of S* on which S0 is (below, if that cannot be decided).

        >>> from grokmath.classification.two_point import TwoPointModel
        >>> print(TwoPointModel(lam="0.45").time_at_weight("1.5", digits=20))
        3493.4630439545983719
        """
        return self._at_weight("time_at_weight", S, digits)

    def log_time_at_weight(self, S: Any, *, digits: int | None = None) -> Any:
        """log t(S)."""
        return self._at_weight("log_time_at_weight", S, digits)

    def conformal_time_at_weight(self, S: Any, *, digits: int | None = None) -> Any:
        """The conformal time (34) at which the weight is S."""
        return self._at_weight("conformal_time_at_weight", S, digits)

    def bias_at_weight(self, S: Any, *, digits: int | None = None) -> Any:
        """The bias (36) when the weight is S."""
        return self._at_weight("bias_at_weight", S, digits)

    # The law of late times.

    def minimizer(self, *, digits: int | None = None) -> Any:
        """S* = log(1/a)/(1+a), the minimiser of the training loss without bias, for lam < 1/2."""
        self._need_minimizer("minimizer")
        return self._constant("minimizer", lambda: minimizer_ball(self._flow), lambda e: e.minimizer(), digits)

    def kappa(self, *, digits: int | None = None) -> Any:
        """kappa = p a^(-a/p), p = 1 + a, of the late bias b = -log(kappa (eta/2) t) + o(1), for lam <= 1/2.

        >>> from grokmath.classification.two_point import TwoPointModel
        >>> print(TwoPointModel(lam="0.45").kappa(digits=10))
        1.356131413
        """
        if not is_symbolic(self.lam) and self.lam > Fraction(1, 2):
            raise domain_error("kappa", "lam", self.lam, "lam <= 1/2", "see limits() for lam > 1/2")
        return self._constant("kappa", lambda: kappa_ball(self._flow), lambda e: e.kappa(), digits)

    def relaxation_exponent(self, *, digits: int | None = None) -> Any:
        """theta = sigma^2 (1 - 2 lam) of S* - S ~ t^-theta, for lam <= 1/2: critical slowing down in physical time."""
        if not is_symbolic(self.lam) and self.lam > Fraction(1, 2):
            wanted = "lam <= 1/2"
            raise domain_error("relaxation_exponent", "lam", self.lam, wanted, "the weight has no limit above 1/2")
        if is_symbolic(self.lam) or is_symbolic(self.sigma):
            self._need_numbers(digits, "relaxation_exponent")
            return self._expressions.k.a / self._expressions.k.s
        value = self._flow.a / self._flow.s
        return float(value) if digits is None else Certified.from_exact(value, digits)

    def limits(self, *, digits: int | None = None) -> TwoPointLimits:
        """The law of late times, S = slope log t + offset and the same for b, and the limits of weight and accuracy.

        For lam < 1/2 the offset of the weight is S* and the slope 0; at lam = 1/2 S = log log t + offset; an infinite
        limit is ``math.inf``. The offset for lam > 1/2 is delta_infinity, which tends to S*(1 - lam) near 1/2.

        >>> from grokmath.classification.two_point import TwoPointModel
        >>> print(TwoPointModel(lam="0.525").limits(digits=12).weight_offset)
        3.00248371342
        """
        if is_symbolic(self.lam):
            self._need_numbers(digits, "limits")
            raise UnsupportedExpression("limits: the law changes at lam = 1/2; give lam as a number")
        return TwoPointLimits(*(self._limit(field, digits) for field in TwoPointLimits._fields))

    def _limit(self, field: str, digits: int | None) -> Any:
        regime = -2 if self.lam == 1 else sign(1 - 2 * self.lam)
        if field == "weight" and regime <= 0:
            return math.inf
        if self._is_symbolic:
            self._need_numbers(digits, "limits")
            import sympy

            e = self._expressions
            functions = Functions(sympy.log, sympy.exp, lambda x: sympy.erfc(-x / sympy.sqrt(2)) / 2)
            return limits(field, regime, functions, Constants(*e.k, e.s0, e.b0))
        flow = self._flow

        def kernel() -> arb:
            balls = flow.balls()
            k = Constants(balls.a, balls.p, balls.s, balls.c, balls.s0, balls.b0)
            return arb(limits(field, regime, _BALLS, k))

        value = certify(kernel, FLOAT_DIGITS if digits is None else digits, function="limits")
        return float(value) if digits is None else value

    # Grokking times.

    def grokking_time(self, eps: Any, *, method: str = "exact", digits: int | None = None) -> Any:
        """When the exponential losses fall to eps for good: ``.train``, ``.gen``, ``.delta``, ``.log_ratio``.

        ``method`` is "exact", certified roots; "quasi-static", S = S* throughout and e^-b = kappa (eta/2) t:
        t_tr = 1/(eta eps), log(t_gen/t_tr) = S*^2/2 + log(2/kappa); or "paper", (37)-(39) with S* ~ log(1/(1 - 2 lam)),
        where ``.log_ratio`` is (39), which drops log 2. The two closed forms need lam < 1/2, and agree with the exact
        times only where :meth:`validity` is large: at lam = 1/2 the exact ratio is finite for every eps.
        For lam > 1/2 ``.gen`` is infinite; ``.crossings`` lists when L_gen crosses eps meanwhile.

        >>> from grokmath.classification.two_point import TwoPointModel
        >>> m = TwoPointModel(lam="0.45")
        >>> print(m.grokking_time("1e-4", digits=12).log_ratio)
        1.78578121668
        >>> m.grokking_time("1e-4", method="quasi-static").log_ratio, m.grokking_time("1e-4", method="paper").log_ratio
        (2.579378071011698, 2.650949055239199)
        """
        return self._grokking("grokking_time", grokking_times, eps, method, digits)

    def conformal_grokking_time(self, eps: Any, *, method: str = "exact", digits: int | None = None) -> Any:
        """As :meth:`grokking_time` in conformal time, where the difference ``.delta`` is the natural measure.

        "quasi-static" is b = b0 - kappa (eta/2) tau at S = S*; "paper" is (40), and (41) for ``.delta``.
        """
        return self._grokking("conformal_grokking_time", conformal_times, eps, method, digits)

    def validity(self, eps: Any, *, digits: int | None = None) -> Any:
        """sigma^2 (1 - 2 lam) |b_gen|, |b_gen| = log(1/eps) + S*^2/2, for lam <= 1/2.

        The quasi-static and the paper's grokking times hold where this is large compared with 1 and eps small compared
        with e^-b0: then S has reached S* when the population loss reaches eps. At lam = 1/2 it is 0.
        """
        function = "validity"
        if not is_symbolic(self.lam) and self.lam > Fraction(1, 2):
            raise domain_error(function, "lam", self.lam, "lam <= 1/2", "there is no late-time form to judge above 1/2")

        def symbolic(threshold: Any) -> Any:
            import sympy

            e = self._expressions
            return e.k.a / e.k.s * (e.minimizer() ** 2 / 2 - sympy.log(threshold))

        return read(
            function,
            [Argument("eps", eps, POSITIVE)],
            digits,
            symbolic=symbolic,
            certified=lambda threshold, n: validity(self._flow, threshold, n),
            float64=lambda threshold: _each(lambda x: float(validity(self._flow, x, FLOAT_DIGITS)), threshold),
            parameters=self._parameters,
        )

    # Inside.

    def _need_minimizer(self, function: str) -> None:
        if not is_symbolic(self.lam) and not self.lam < Fraction(1, 2):
            raise domain_error(function, "lam", self.lam, "lam < 1/2", "the minimiser is infinite at lam >= 1/2")

    def _constant(
        self, function: str, kernel: Callable[[], arb], symbolic: Callable[[Any], Any], digits: int | None
    ) -> Any:
        return read(
            function,
            [],
            digits,
            symbolic=lambda: symbolic(self._expressions),
            certified=lambda n: certify(kernel, n, function=function),
            float64=lambda: certify_double(kernel, function=function),
            parameters=[self.lam],
        )

    def _grokking(self, function: str, times: Callable[..., Any], eps: Any, method: str, digits: int | None) -> Any:
        check_method(method, function)
        if self._is_symbolic or is_symbolic(eps):
            self._need_numbers(digits, function)
            if digits is not None:
                exact(eps, "eps", function)
            threshold = eps if is_symbolic(eps) else exact(eps, "eps", function, POSITIVE)
            return self._expressions.grokking_time(threshold, method, conformal=times is conformal_times)
        return times(self._flow, exact(eps, "eps", function, POSITIVE), method, digits)


def _components(result: Any) -> tuple[Any, Any]:
    """The array of weights and that of biases from an object array of states."""
    import numpy as np

    weights, biases = np.empty(result.shape, dtype=object), np.empty(result.shape, dtype=object)
    for index in np.ndindex(result.shape):
        weights[index], biases[index] = result[index]
    return weights, biases


def _each(f: Callable[[Fraction], float], x: Any) -> Any:
    import numpy as np

    if isinstance(x, float):
        return f(Fraction(x))
    return np.array([f(Fraction(float(y))) for y in x.ravel()]).reshape(x.shape)
