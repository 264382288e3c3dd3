"""Logistic regression on Gaussian points with one label: grokking at the edge of linear separability.

N points x ~ N(0, sigma**2 I) in d = lam N dimensions, all labelled -1, are fitted by f(x) = S.x + b with gradient flow
of rate eta on the cross-entropy loss, from S = b = 0. For lam > 1/2 the points are separable from the origin (their
labels can be told without the bias) and the model never generalizes perfectly; for lam < 1/2 they are not, S stays
finite while b -> -infinity, and the accuracy tends to 1 (classification paper, Propositions 3.2 to 3.4).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cached_property
from typing import Any

from flint import arb

from grokmath.certified import Certified, Scaled, certify, certify_double
from grokmath.classification.equilibrated import EquilibratedTimes, equilibrated_times
from grokmath.classification.hessian_edge import HessianEdge
from grokmath.classification.margin import SeparableSide, certified_limit
from grokmath.classification.minimizer_norm import InseparableMinimizer
from grokmath.exact import Exact, ball
from grokmath.functions.mills_certified import normal_cdf
from grokmath.parameters import (
    ASPECT_RATIO,
    POSITIVE,
    Domain,
    DomainError,
    digits_argument,
    domain_error,
    exact,
    is_symbolic,
    shown,
)

__all__ = ["LogisticModel"]

_HALF = Fraction(1, 2)
_SEPARABLE_ONLY = "lam > 1/2, where the points are separable"
_INSEPARABLE_ONLY = "lam < 1/2, where the points are inseparable"


class LogisticModel:
    """Beck, Levi and Bar Sinai's classification model in the limit d, N -> infinity, lam = d/N fixed.

    ``lam`` is the aspect ratio d/N, 0 < lam <= 1e6; ``sigma`` > 0 the standard deviation of the inputs; ``eta`` > 0 the
    learning rate: exact numbers (text, Fraction, Decimal, int, SymPy numbers; a float means its shortest decimal).

    Each method returns a float, or with ``digits=n`` a :class:`Certified` with n proved digits of the number that the
    stated equations define. The separable side is rigorous in the limit. The inseparable side rests on a Gaussian
    min-max step that is heuristic for the exponential loss; simulations agree with it. A method of the other side
    raises :class:`DomainError` and says what to ask instead; for lam = 1/2 see :mod:`grokmath.classification.critical`.
    lam cannot be a symbol: the laws have no closed forms in it (``margin_law``, ``near_critical_margin`` and
    ``near_critical_norm`` are the expressions there are).

    >>> from grokmath.classification.logistic import LogisticModel
    >>> print(LogisticModel(lam="0.4").minimizer_norm(digits=38))
    2.0696342609019325388662375227545557368
    >>> print(LogisticModel(lam="0.6").margin(digits=20))
    0.11655457726194707726
    >>> LogisticModel(lam="0.6").minimizer_norm()  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    grokmath.parameters.DomainError: minimizer_norm: lam = 3/5 is not allowed ...
    """

    def __init__(self, lam: Any, sigma: Any = 1, eta: Any = 1) -> None:
        self.lam = _parameter(lam, "lam", ASPECT_RATIO)
        self.sigma = _parameter(sigma, "sigma", POSITIVE)
        self.eta = _parameter(eta, "eta", POSITIVE)

    def __repr__(self) -> str:
        return f"LogisticModel(lam={shown(self.lam)}, sigma={shown(self.sigma)}, eta={shown(self.eta)})"

    @property
    def side(self) -> str:
        """ "inseparable" (lam < 1/2), "critical" (lam = 1/2) or "separable" (lam > 1/2)."""
        if self.lam == _HALF:
            return "critical"
        return "separable" if self.lam > _HALF else "inseparable"

    # Both sides.

    def limit_accuracy(self, *, digits: int | None = None) -> Any:
        """The population accuracy as t -> infinity: 1 for lam <= 1/2, else Phi(1/(sigma**2 kappa)) (Prop. 3.2, (44)).

        >>> print(LogisticModel("1").limit_accuracy(digits=20))
        0.98319404662623061336
        """
        return self._limit("limit_accuracy", digits)

    def limit_error(self, *, digits: int | None = None) -> Any:
        """1 minus the limiting accuracy, to full relative accuracy; below 10^-(10^9) ask :meth:`log_limit_error`."""
        return self._limit("limit_error", digits)

    def log_limit_error(self, *, digits: int | None = None) -> Any:
        """The natural logarithm of the limiting error, lam > 1/2; near 1/2 about -1/(pi sigma**4 delta**2)."""
        self._need_separable("log_limit_error", "the limiting error is 0 there")
        return self._limit("log_limit_error", digits)

    def weight_slope(self, *, digits: int | None = None) -> Any:
        """The limit of ||S||/log t: M/(1 + M**2) for lam > 1/2, else 0 (Table 1; log log t at lam = 1/2)."""
        if self.lam <= _HALF:
            return self._exact(0, "weight_slope", digits)
        return self._value("weight_slope", self._separable.weight_slope, digits)

    def bias_slope(self, *, digits: int | None = None) -> Any:
        """The limit of b/log t: -1/(1 + M**2) for lam > 1/2, else -1 (Table 1)."""
        if self.lam <= _HALF:
            return self._exact(-1, "bias_slope", digits)
        return self._value("bias_slope", self._separable.bias_slope, digits)

    # The separable side.

    def margin(self, *, digits: int | None = None) -> Any:
        """M = sigma kappa, the largest margin of a hyperplane through the origin: see ``inverse_margin_law``."""
        self._need_separable("margin", "inseparable points have no margin: ask minimizer_norm() for ||S_inf||")
        return self._value("margin", self._separable.margin, digits)

    def support_vector_fraction(self, *, digits: int | None = None) -> Any:
        """The fraction of the points that lie on the margin, Phi(kappa)."""
        self._need_separable("support_vector_fraction", "there is no margin: ask positive_fraction() for the outputs")
        return self._value("support_vector_fraction", self._separable.support_vector_fraction, digits)

    def loss_growth(self, *, digits: int | None = None) -> Any:
        """The limit of L_gen/log t for the population cross-entropy loss: sigma M/(1 + M**2) [phi(r) - r Phi(-r)].

        r = 1/(sigma M). Below 10^-(10^9) ask :meth:`log_loss_growth`.

        >>> print(LogisticModel("1", sigma="2").loss_growth(digits=12))
        0.188004337246
        """
        self._need_separable("loss_growth", "the population loss tends to 0 there")
        return self._value("loss_growth", self._separable.loss_growth, digits, log_form="log_loss_growth")

    def log_loss_growth(self, *, digits: int | None = None) -> Any:
        """The natural logarithm of :meth:`loss_growth`."""
        self._need_separable("log_loss_growth", "the population loss tends to 0 there")
        return self._value("log_loss_growth", lambda: self._separable.loss_growth().log(), digits)

    # The inseparable side.

    def minimizer_norm(self, *, digits: int | None = None) -> Any:
        """||S_inf||, the limit of ||S||: R/sigma with the root R of E[w/(1+w)] = lam, E[w**2] = lam R**2.

        w = W(gamma e^(R g)), g ~ N(0, 1), with Lambert's W. Heuristic: Gaussian min-max. Method: a trapezoidal rule
        with a proved error and an interval Newton step; docs/proofs/minimizer_norm.md.
        """
        self._need_inseparable("minimizer_norm", "||S|| grows like log t: ask margin() and weight_slope()")
        return self._value("minimizer_norm", lambda: self._minimizer.enclose().norm / ball(self.sigma), digits)

    def gamma(self, *, digits: int | None = None) -> Any:
        """gamma, the second unknown of the minimiser's equations: an output is positive where w > gamma. Heuristic."""
        self._need_inseparable("gamma", "the minimiser does not exist: ask margin()")
        return self._value("gamma", lambda: self._minimizer.enclose().log_gamma.exp(), digits)

    def minimal_loss(self, *, digits: int | None = None) -> Any:
        """The least value E[w]/gamma of the exponential loss without its bias, (1/N) sum exp(S.x_i). Heuristic."""
        self._need_inseparable("minimal_loss", "its infimum is 0 there, and is not attained: ask margin()")
        return self._value("minimal_loss", self._minimizer.minimal_loss, digits)

    def positive_fraction(self, *, digits: int | None = None) -> Any:
        """The fraction Phi(-gamma/R) of the points with S_inf.x > 0. Heuristic; 0.1446 at criticality (Fig. 6)."""
        self._need_inseparable("positive_fraction", "no output is positive: ask support_vector_fraction()")
        return self._value("positive_fraction", lambda: normal_cdf(-self._minimizer.enclose().log_ratio.exp()), digits)

    def hessian_edge(self, *, digits: int | None = None) -> Any:
        """The least eigenvalue of the Hessian of the bias-free exponential loss at S_inf. Heuristic."""
        self._need_inseparable("hessian_edge", "the minimiser does not exist: ask margin()")
        return self._value("hessian_edge", lambda: self._square() * self._edge.enclose(), digits)

    def relaxation_exponent(self, *, digits: int | None = None) -> Any:
        """The exponent with which S - S_inf falls in time, like t^(-sigma**2 theta): the Hessian's edge over the loss.

        1 - 2 lam in the two-point model, here about (delta/8C) log(C/delta) near criticality. Heuristic.

        >>> print(LogisticModel("0.1").relaxation_exponent(digits=10))
        0.4512957136
        """
        self._need_inseparable("relaxation_exponent", "S never comes to rest: ask weight_slope()")
        return self._value("relaxation_exponent", lambda: self._square() * self._edge.relaxation_rate(), digits)

    def log_time_ratio(self, *, digits: int | None = None) -> Any:
        """R**2/2 + log(1/Lmin): the limit of log(t_gen/t_tr) for exponential losses equal to eps -> 0 at fixed lam.

        About C/(1 - 2 lam) near criticality, where the two-point model has (1/2) log(1/(1 - 2 lam))**2. Heuristic.
        """
        self._need_inseparable("log_time_ratio", "generalization never becomes perfect: ask limit_accuracy()")

        def kernel() -> arb:
            R = self._minimizer.enclose().norm
            return R * R / 2 - self._minimizer.minimal_loss().log()

        return self._value("log_time_ratio", kernel, digits)

    def grokking_time(
        self, eps: Any, *, criterion: str = "exponential", digits: int | None = None
    ) -> EquilibratedTimes:
        """When training and generalization reach the level ``eps``, 0 < eps < 1, once S has equilibrated.

        ``criterion``: "exponential" (both exponential losses equal to eps), "accuracy" (both accuracies 1 - eps) or
        "cross-entropy" (generalization by the population cross-entropy loss). Valid where ``.equilibration`` =
        sigma**2 theta |b_gen| is large compared with 1: for eps -> 0 at fixed lam, or for large sigma; the limits
        lam -> 1/2 and eps -> 0 do not commute. See :mod:`grokmath.classification.equilibrated`. Heuristic.

        >>> g = LogisticModel("0.45", sigma=10).grokking_time("1e-6", digits=8)
        >>> print(g.log_ratio, g.equilibration)
        6.2371563 74.061213
        """
        remedy = "the data are separable and generalization never becomes perfect: ask limit_accuracy()"
        self._need_inseparable("grokking_time", remedy)
        level = exact(eps, "eps", "grokking_time", _LEVEL)
        wanted = None if digits is None else digits_argument(digits, "grokking_time")
        return equilibrated_times(self._minimizer, self.sigma, self.eta, level, criterion, wanted)

    @cached_property
    def _separable(self) -> SeparableSide:
        return SeparableSide(self.lam, self.sigma, "margin")

    @cached_property
    def _minimizer(self) -> InseparableMinimizer:
        return InseparableMinimizer(self.lam)

    @cached_property
    def _edge(self) -> HessianEdge:
        return HessianEdge(self._minimizer)

    def _square(self) -> arb:
        return ball(self.sigma * self.sigma)

    def _need_separable(self, function: str, remedy: str) -> None:
        if self.lam <= _HALF:
            raise self._wrong_side(function, _SEPARABLE_ONLY, remedy)

    def _need_inseparable(self, function: str, remedy: str) -> None:
        if self.lam >= _HALF:
            raise self._wrong_side(function, _INSEPARABLE_ONLY, remedy)

    def _wrong_side(self, function: str, wanted: str, remedy: str) -> DomainError:
        if self.lam == _HALF:
            remedy = "lam = 1/2 is the critical point itself: see critical_loss(), critical_positive_fraction()"
        return domain_error(function, "lam", self.lam, wanted, remedy)

    def _limit(self, function: str, digits: int | None) -> Any:
        wanted = None if digits is None else digits_argument(digits, function)
        return certified_limit(function, self.lam, self.sigma, wanted)

    def _exact(self, value: int, function: str, digits: int | None) -> Any:
        return float(value) if digits is None else Certified.from_exact(value, digits_argument(digits, function))

    def _value(
        self, function: str, kernel: Callable[[], arb | Scaled], digits: int | None, log_form: str | None = None
    ) -> Any:
        if digits is None:
            return certify_double(kernel, function=function)
        return certify(kernel, digits, function=function, log_form=log_form)


_LEVEL = Domain("0 < eps < 1", Fraction(0), Fraction(1), low_open=True, high_open=True)


def _parameter(value: Any, name: str, domain: Domain) -> Exact:
    if is_symbolic(value):
        remedy = "give a number; margin_law, near_critical_margin and near_critical_norm take symbols"
        raise domain_error("LogisticModel", name, value, domain.text, remedy)
    return exact(value, name, "LogisticModel", domain)
