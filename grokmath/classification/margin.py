"""The separable side, lam > 1/2: margin, limiting accuracy, slopes in log t, and how fast the loss grows.

The points' margin through the origin is M = sigma kappa(lam) (:mod:`grokmath.functions.gardner`). Gradient flow from
any start approaches the hard-margin direction of the points (x_i, 1) (classification paper, Theorem 1 and eq. (9)):

    ||S|| ~ M/(1 + M**2) log t,    b ~ -1/(1 + M**2) log t,    accuracy -> Phi(1/(sigma M)) = Phi(1/(sigma**2 kappa)),

and the population cross-entropy loss grows like sigma M/(1 + M**2) [phi(r) - r Phi(-r)] log t, r = 1/(sigma M).
For lam <= 1/2 the accuracy tends to 1. All of this is rigorous in the limit of large N.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from flint import arb

from grokmath.certified import FLOAT_DIGITS, Certified, Scaled, certify, certify_double
from grokmath.exact import Exact, ball, binary_exponent, working_precision
from grokmath.functions.gardner_certified import inverse_law
from grokmath.functions.logistic_normal_certified import normal_cdf_scaled
from grokmath.functions.mills_certified import mills_excess, normal_cdf
from grokmath.functions.readings import Argument, plain, read
from grokmath.parameters import ASPECT_RATIO, POSITIVE, UnsupportedExpression, domain_error

__all__ = ["SeparableSide", "limit_accuracy", "limit_error", "log_limit_error"]

_HALF = Fraction(1, 2)


class SeparableSide:
    """Balls of the separable side's quantities at one (lam, sigma), lam > 1/2; kappa is enclosed once and refined."""

    def __init__(self, lam: Exact, sigma: Exact, function: str) -> None:
        excess = lam - _HALF
        self._sigma = sigma
        self._root = inverse_law(lambda: ball(excess), function)

    def kappa(self) -> arb:
        """The margin at sigma = 1."""
        return self._root.enclose()

    def margin(self) -> arb:
        """M = sigma kappa."""
        return ball(self._sigma) * self.kappa()

    def support_vector_fraction(self) -> arb:
        """Phi(kappa)."""
        return normal_cdf(self.kappa())

    def weight_slope(self) -> arb:
        """M/(1 + M**2)."""
        M = self.margin()
        return M / (1 + M * M)

    def bias_slope(self) -> arb:
        """-1/(1 + M**2)."""
        M = self.margin()
        return -1 / (1 + M * M)

    def reach(self) -> arb:
        """r = 1/(sigma M), the limit of |b|/(sigma ||S||)."""
        return 1 / (ball(self._sigma) * self.margin())

    def accuracy(self) -> arb:
        """Phi(r)."""
        return normal_cdf(self.reach())

    def error(self) -> Scaled:
        """Phi(-r)."""
        return normal_cdf_scaled(-self.reach())

    def loss_growth(self) -> Scaled:
        """The limit of L_gen/log t: sigma M/(1 + M**2) phi(r) (1 - r m(r)), m Mills' ratio."""
        r = self.reach()
        factor = ball(self._sigma) * self.weight_slope() * mills_excess(r) / (2 * arb.pi()).sqrt()
        return Scaled(-r * r / 2, factor)


def limit_accuracy(lam: Any, sigma: Any = 1, *, digits: int | None = None) -> Any:
    """The population accuracy as t -> infinity: 1 for lam <= 1/2, Phi(1/(sigma**2 kappa(lam))) for lam > 1/2.

    Arrays of lam and sigma are read elementwise. Near lam = 1/2 the accuracy differs from 1 by exp(-1/(pi delta**2))
    for sigma = 1: use :func:`limit_error` or :func:`log_limit_error` there.

    >>> print(limit_accuracy("0.6", digits=38))
    0.99999999999999999524278212973070893916
    >>> limit_accuracy(0.4)
    1.0
    """
    return _read("limit_accuracy", lam, sigma, digits)


def limit_error(lam: Any, sigma: Any = 1, *, digits: int | None = None) -> Any:
    """1 minus the limiting accuracy, Phi(-1/(sigma**2 kappa)), to full relative accuracy; 0 for lam <= 1/2.

    >>> print(limit_error("0.51", digits=10))
    3.901366499e-1407
    """
    return _read("limit_error", lam, sigma, digits)


def log_limit_error(lam: Any, sigma: Any = 1, *, digits: int | None = None) -> Any:
    """The natural logarithm of the limiting error, for lam > 1/2."""
    return _read("log_limit_error", lam, sigma, digits)


def _read(function: str, lam: Any, sigma: Any, digits: int | None) -> Any:
    return read(
        function,
        [Argument("lam", lam, ASPECT_RATIO), Argument("sigma", sigma, POSITIVE)],
        digits,
        symbolic=lambda lam, sigma: _no_expression(function),
        certified=lambda lam, sigma, digits: certified_limit(function, lam, sigma, digits),
        float64=lambda lam, sigma: plain(_float64(function, lam, sigma)),
    )


def _no_expression(function: str) -> Any:
    raise UnsupportedExpression(
        f"{function}: the margin has no closed form in lam; margin_law(kappa) is the law as an expression, and the "
        "accuracy is Phi(1/(sigma**2 kappa))"
    )


def certified_limit(function: str, lam: Exact, sigma: Exact, digits: int | None) -> Any:
    """The limiting accuracy, error or logarithm of the error with proved digits, or rounded where digits is None."""
    if lam <= _HALF:
        if function == "log_limit_error":
            raise domain_error(function, "lam", lam, "lam > 1/2", "the limiting error is exactly 0 there")
        value = Certified.from_exact(1 if function == "limit_accuracy" else 0, digits or FLOAT_DIGITS)
        return float(value) if digits is None else value
    side = SeparableSide(lam, sigma, function)
    kernel: Callable[[], arb | Scaled]
    if function == "limit_accuracy":
        kernel = side.accuracy
    else:
        kernel = side.error if function == "limit_error" else lambda: side.error().log()
    if digits is None:
        return certify_double(kernel, function=function, guard=_guard(lam, sigma))
    log_form = "log_limit_error" if function == "limit_error" else None
    return certify(kernel, digits, function=function, log_form=log_form, guard=_guard(lam, sigma))


def _guard(lam: Exact, sigma: Exact) -> int:
    """Twice log2 of 1/(sigma**2 (lam - 1/2)), the bits that the Gaussian exponent loses near criticality."""
    with working_precision(64):
        excess = ball(lam - _HALF) * ball(sigma) * ball(sigma)
        return max(0, min(64, -2 * binary_exponent(excess)))


def _float64(function: str, lam: Any, sigma: Any) -> Any:
    import numpy as np

    from grokmath.functions.gardner_float64 import inverse_margin_law
    from grokmath.functions.logistic_normal_float64 import log_tail, tail

    lam, sigma = np.broadcast_arrays(np.asarray(lam, dtype=np.float64), np.asarray(sigma, dtype=np.float64))
    above = lam > 0.5
    kappa = inverse_margin_law(np.where(above, lam, 1.0))
    with np.errstate(over="ignore", divide="ignore"):
        scale = np.where(above, kappa * sigma * sigma, 0.0)
    if function == "limit_accuracy":
        return tail(scale, np.ones_like(scale))
    if function == "limit_error":
        return tail(scale, -np.ones_like(scale))
    if not above.all():
        raise domain_error(function, "lam", float(lam[~above].flat[0]), "lam > 1/2", "the error is exactly 0 there")
    return log_tail(scale, -np.ones_like(scale))
