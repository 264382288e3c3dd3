"""Approximations of Wendel's probability P(N, d) by the normal law, each as a SymPy expression, a ball and a double.

With n = N - 1, x = (2d - N)/sqrt(n) (the continuity correction is exact here) and tau = x/sqrt(n):

    erf     Phi(y), y = (2d - N)/sqrt(N), the classification paper's (15)           error of order 1/N
    normal  Phi(x)                                                                  1/N, 4.6 times smaller
    first   Phi(x) + phi(x) (x^3 - x)/(12 n)                                        1/N^2
    second  first + phi(x) (-171 x - 33 x^3 + 53 x^5 - 5 x^7)/(1440 n^2)            1/N^3
    saddle  Phi(w) + phi(w) (1/w - 1/x), w = sign(x) sqrt(n h(tau)),
            h(tau) = (1+tau) log(1+tau) + (1-tau) log(1-tau)                        relative 1/N at fixed d/N

``saddle`` is the lattice form of Lugannani and Rice with the second continuity correction, for 1/2 <= d <= N - 1/2.
It is the one to use in the tails, where the others lose all meaning (the expansions even change sign). Sources: R.
Lugannani and S. Rice, Adv. Appl. Probab. 12 (1980) 475-490; H. E. Daniels, Int. Stat. Rev. 55 (1987) 37-48.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from grokmath.exact import Exact

__all__ = ["METHODS", "ball_form", "expression", "float64_form"]

METHODS = ("erf", "normal", "first", "second", "saddle")

_SECOND = (Fraction(-171, 1440), Fraction(-33, 1440), Fraction(53, 1440), Fraction(-5, 1440))
"""The second-order term over x phi(x)/n^2 as a polynomial in x^2, lowest power first."""


def _correction(x: Any, n: Any, method: str) -> Any:
    """What is added to Phi(x), over phi(x); for numbers of any kind that know + - * / with Fraction's parts."""
    if method == "normal":
        return 0 * x
    value = x * (x * x - 1) / (12 * n)
    if method == "second":
        power = x
        for a in _SECOND:
            value += power * a.numerator / (a.denominator * n * n)
            power = power * x * x
    return value


def expression(N: Any, d: Any, method: str) -> Any:
    """The approximation in SymPy's terms."""
    import sympy

    def normal(z: Any) -> Any:
        return (1 + sympy.erf(z / sympy.sqrt(2))) / 2

    def density(z: Any) -> Any:
        return sympy.exp(-(z**2) / 2) / sympy.sqrt(2 * sympy.pi)

    if method == "erf":
        return normal((2 * d - N) / sympy.sqrt(N))
    n = N - 1
    x = (2 * d - N) / sympy.sqrt(n)
    if method == "saddle":
        if x == 0:
            return sympy.Rational(1, 2)
        tau = (2 * d - N) / n
        w = sympy.sign(tau) * sympy.sqrt(n * ((1 + tau) * sympy.log(1 + tau) + (1 - tau) * sympy.log(1 - tau)))
        return normal(w) + density(w) * (1 / w - 1 / x)
    return normal(x) + density(x) * _correction(x, n, method)


def ball_form(N: Exact, d: Exact, method: str) -> Any:
    """An enclosure of the approximation, as a Scaled value, at full relative accuracy in the left tail."""
    from flint import arb

    from grokmath.certified import Scaled, ball
    from grokmath.functions.bivariate_normal_certified import normal_cdf_scaled
    from grokmath.functions.mills_certified import mills

    shift = 2 * d - N
    if method == "erf":
        return normal_cdf_scaled(ball(shift) / ball(N).sqrt())
    n = ball(N - 1)
    x = ball(shift) / n.sqrt()
    if method == "saddle":
        if shift == 0:
            return Scaled(arb(0), arb(0.5))
        tau = ball(shift / (N - 1))
        entropy = (
            arb(2) * arb.const_log2() if abs(shift) == N - 1 else (1 + tau) * tau.log1p() + (1 - tau) * (-tau).log1p()
        )
        z = (n * entropy).sqrt()
        z = z if shift > 0 else -z
        extra = 1 / z - 1 / x
    else:
        z, extra = x, _correction(x, n, method)
    root = (2 * arb.pi()).sqrt()
    if shift < 0:
        return Scaled(-z * z / 2, (mills(-z) + extra) / root)
    return Scaled(arb(0), normal_cdf_scaled(z).value() + (-z * z / 2).exp() * extra / root)


def float64_form(N: Any, d: Any, method: str) -> Any:
    """The approximation in double precision, for float64 arrays."""
    import numpy as np
    from scipy.special import ndtr

    shift = 2.0 * d - N
    if method == "erf":
        return ndtr(shift / np.sqrt(N))
    n = N - 1.0
    x = shift / np.sqrt(n)
    if method == "saddle":
        return _saddle_float64(shift, n, x)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        density = np.exp(-0.5 * x * x) / np.sqrt(2 * np.pi)
        return ndtr(x) + np.where(density > 0.0, density * _correction(x, n, method), 0.0)


def _saddle_float64(shift: Any, n: Any, x: Any) -> Any:
    import numpy as np
    from scipy.special import ndtr, xlogy

    tau = shift / n
    square = tau * tau
    tail = np.zeros_like(square)
    for k in range(20, 1, -1):  # h = tau^2 (1 + tau^2 tail) for small tau
        tail = 1.0 / (k * (2 * k - 1)) + square * tail
    near = square < 0.1
    entropy = np.where(near, square * (1.0 + square * tail), xlogy(1.0 + tau, 1.0 + tau) + xlogy(1.0 - tau, 1.0 - tau))
    z = np.sign(tau) * np.sqrt(n * entropy)
    root = np.sqrt(1.0 + square * tail)
    with np.errstate(divide="ignore", invalid="ignore"):
        extra = np.where(near, -tau * tail / (root * (1.0 + root) * np.sqrt(n)), 1.0 / z - 1.0 / x)
    return ndtr(z) + np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi) * extra
