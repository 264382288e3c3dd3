"""The margin law of Gaussian points: lam = (1 + kappa**2) Phi(kappa) + kappa phi(kappa) = E (kappa + z)_+**2.

Of N points x ~ N(0, I) in d = lam N dimensions, lam > 1/2, the largest margin with which a hyperplane through the
origin has all of them on one side tends to kappa > 0. The law is Gardner's with her alpha = 1/lam; it is a theorem for
kappa >= 0 (E. Gardner, J. Phys. A 21 (1988) 257; M. Shcherbina and B. Tirozzi, Comm. Math. Phys. 234 (2003) 383;
A. Montanari, F. Ruan, Y. Sohn and J. Yan, arXiv:1911.01544). For kappa < 0 the problem is not convex and the law fails.

Readings: a free SymPy symbol gives a SymPy expression (the inverse has none); ``digits=n`` gives a
:class:`~grokmath.certified.Certified`; numbers alone give float64, arrays included.

Method and error bounds: with digits, Arb balls and, for the inverse, a certified change of sign of the increasing law,
which is formed from lam - 1/2 exactly so that nothing is lost near lam = 1/2. Float64: relative error below 1e-15,
measured, not proved.
"""

from __future__ import annotations

import numbers
from fractions import Fraction
from typing import Any

from grokmath.exact import Exact, ball, sign
from grokmath.functions.readings import Argument, plain, read
from grokmath.parameters import NONNEGATIVE, Domain, UnsupportedExpression, domain_error

__all__ = ["inverse_margin_law", "margin_law", "near_critical_margin"]

_HALF = Fraction(1, 2)
_HALF_OR_MORE = Domain("lam >= 1/2, where the points are separable", _HALF)
_MAX_ORDER = 100


def margin_law(kappa: Any, *, digits: int | None = None) -> Any:
    """The aspect ratio lam = (1 + kappa**2) Phi(kappa) + kappa phi(kappa) at which the margin is kappa >= 0.

    >>> from grokmath.functions.gardner import margin_law
    >>> print(margin_law("1/2", digits=20))
    1.0403607399746661184
    >>> from sympy import Symbol
    >>> margin_law(Symbol("k"))
    sqrt(2)*k*exp(-k**2/2)/(2*sqrt(pi)) + (k**2 + 1)*(erf(sqrt(2)*k/2)/2 + 1/2)
    """
    return read(
        "margin_law",
        [Argument("kappa", kappa, NONNEGATIVE)],
        digits,
        symbolic=_law_expression,
        certified=_certified_law,
        float64=lambda kappa: plain(_float64("margin_law", kappa)),
    )


def inverse_margin_law(lam: Any, *, digits: int | None = None) -> Any:
    """The margin kappa >= 0 of Gaussian points of unit variance at the aspect ratio lam = d/N >= 1/2.

    It behaves like sqrt(pi/2) (lam - 1/2) near lam = 1/2 and like sqrt(lam - 1) for large lam.

    >>> from fractions import Fraction
    >>> from grokmath.functions.gardner import inverse_margin_law
    >>> print(inverse_margin_law("0.6", digits=30))
    0.116554577261947077255399284738
    >>> print(inverse_margin_law(Fraction(1, 2) + Fraction(1, 10**40), digits=10))
    1.253314137e-40
    >>> inverse_margin_law(0.75)
    0.26589987345834426
    """
    return read(
        "inverse_margin_law",
        [Argument("lam", lam, _HALF_OR_MORE)],
        digits,
        symbolic=_no_expression,
        certified=_certified_inverse,
        float64=lambda lam: plain(_float64("inverse_margin_law", lam)),
    )


def near_critical_margin(lam: Any, order: int = 3, *, digits: int | None = None) -> Any:
    """The first ``order`` terms of kappa as a power series in e = sqrt(pi/2) (lam - 1/2), without the rest.

    kappa = e - sqrt(2 pi)/4 e**2 + (pi/4 - 1/6) e**3 - ... The coefficients are exact, polynomials in sqrt(pi/2), from
    Lagrange's inversion of the law. The series converges for 1/2 <= lam < 1 as far as its coefficients tell (the
    nearest singularity found is at lam = 0, where kappa is infinite). 1 <= order <= 100.

    >>> from sympy import Rational, Symbol
    >>> from grokmath.functions.gardner import near_critical_margin
    >>> print(near_critical_margin("0.51", digits=15))
    0.0124359244084611
    >>> near_critical_margin(Symbol("d") + Rational(1, 2), order=2)
    -sqrt(2)*pi**(3/2)*d**2/8 + sqrt(2)*sqrt(pi)*d/2
    """
    if isinstance(order, bool) or not isinstance(order, numbers.Integral) or not 1 <= int(order) <= _MAX_ORDER:
        wanted = f"an integer from 1 to {_MAX_ORDER}"
        raise domain_error("near_critical_margin", "order", order, wanted, "choose an order in this range")
    n = int(order)
    return read(
        "near_critical_margin",
        [Argument("lam", lam, _HALF_OR_MORE)],
        digits,
        symbolic=lambda lam: _series_expression(lam, n),
        certified=lambda lam, digits: _certified_series(lam, n, digits),
        float64=lambda lam: plain(_float64_series(lam, n)),
    )


def _law_expression(kappa: Any) -> Any:
    import sympy

    cdf = (1 + sympy.erf(kappa / sympy.sqrt(2))) / 2
    return (1 + kappa**2) * cdf + kappa * sympy.exp(-(kappa**2) / 2) / sympy.sqrt(2 * sympy.pi)


def _no_expression(lam: Any) -> Any:
    raise UnsupportedExpression(
        f"inverse_margin_law: there is no closed form at lam = {lam}; near_critical_margin(lam, order) gives its power "
        "series, margin_law(kappa) the law itself, and a number lam its value"
    )


def series_coefficient_expression(n: int) -> Any:
    """The exact coefficient of e**n in kappa, e = sqrt(pi/2) (lam - 1/2), as a SymPy expression.

    >>> series_coefficient_expression(3)
    -1/6 + pi/4
    """
    import sympy

    from grokmath.functions.gardner_certified import series_coefficient

    s = sympy.sqrt(sympy.pi / 2)
    coefficients = series_coefficient(n).coeffs()
    return sympy.Add(*(sympy.Rational(int(c.p), int(c.q)) * s**i for i, c in enumerate(coefficients)))


def _series_expression(lam: Any, order: int) -> Any:
    import sympy

    e = sympy.sqrt(sympy.pi / 2) * (lam - sympy.Rational(1, 2))
    return sympy.expand(sympy.Add(*(series_coefficient_expression(n) * e**n for n in range(1, order + 1))))


def _certified_law(kappa: Exact, digits: int) -> Any:
    from grokmath.certified import Certified, certify
    from grokmath.functions.gardner_certified import excess_law_ball

    if sign(kappa) == 0:
        return Certified.from_exact(_HALF, digits)
    return certify(lambda: excess_law_ball(ball(kappa)) + ball(_HALF), digits, function="margin_law")


def _certified_inverse(lam: Exact, digits: int) -> Any:
    from grokmath.certified import Certified, certify
    from grokmath.functions.gardner_certified import inverse_law

    excess = lam - _HALF
    if sign(excess) == 0:
        return Certified.from_exact(0, digits)
    root = inverse_law(lambda: ball(excess), "inverse_margin_law")
    return certify(root.enclose, digits, function="inverse_margin_law", method="certified root")


def _certified_series(lam: Exact, order: int, digits: int) -> Any:
    from grokmath.certified import Certified, certify
    from grokmath.functions.gardner_certified import series_ball

    excess = lam - _HALF
    if sign(excess) == 0:
        return Certified.from_exact(0, digits)
    return certify(lambda: series_ball(ball(excess), order), digits, function="near_critical_margin")


def _float64(function: str, x: Any) -> Any:
    from grokmath.functions import gardner_float64

    return getattr(gardner_float64, function)(x)


def _float64_series(lam: Any, order: int) -> Any:
    """Horner's rule with the coefficients rounded to double."""
    import numpy as np

    from grokmath.exact import working_precision
    from grokmath.functions.gardner_certified import series_coefficient_ball

    with working_precision(64 + 4 * order):
        coefficients = [float(series_coefficient_ball(n)) for n in range(1, order + 1)]
    d = np.asarray(lam, dtype=np.float64) - 0.5
    total = np.zeros_like(d)
    with np.errstate(over="ignore", invalid="ignore"):
        for c in reversed(coefficients):
            total = (total + c) * d
    return total
