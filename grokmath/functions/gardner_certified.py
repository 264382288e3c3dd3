"""The margin law lam = (1 + kappa**2) Phi(kappa) + kappa phi(kappa) in ball arithmetic, its inverse, and its series.

With s = sqrt(pi/2) and e = s (lam - 1/2) the law is e = kappa + (s/2) kappa**2 + sum_j (-1)**j (2j-1)!!/(2j+3)!
kappa**(2j+3); its reversion gives kappa as a power series in e whose coefficients are polynomials in s.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

from flint import arb, fmpq, fmpq_poly

from grokmath.functions.mills_certified import normal_density
from grokmath.roots import DecreasingRoot, Start


def excess_law_ball(kappa: arb) -> arb:
    """lam - 1/2 = (1 + kappa**2) erf(kappa/sqrt 2)/2 + kappa phi(kappa) + kappa**2/2: nothing cancels, kappa >= 0."""
    square = kappa * kappa
    return (1 + square) * (kappa / arb(2).sqrt()).erf() / 2 + kappa * normal_density(kappa) + square / 2


def inverse_law(excess: Callable[[], arb], function: str) -> DecreasingRoot:
    """kappa > 0 from a ball for lam - 1/2 > 0: the law increases strictly, its derivative is 2 E(kappa + z)_+ > 0.

    The root finder wants a decreasing function; it starts at (sqrt(1 + 4 d) - 1) or so, which has both limits,
    kappa ~ sqrt(pi/2) d for small d = lam - 1/2 and kappa ~ sqrt(d) for large.
    """

    def start() -> Start:
        d = excess()
        linear = (arb.pi() / 2).sqrt() * d
        kappa = 2 * linear / (1 + (1 + 4 * linear * linear / d).sqrt())
        cdf = (1 + (kappa / arb(2).sqrt()).erf()) / 2
        return Start(kappa, -2 * (kappa * cdf + normal_density(kappa)))

    return DecreasingRoot(lambda kappa: excess() - excess_law_ball(kappa), start, function)


@functools.cache
def series_coefficient(n: int) -> fmpq_poly:
    """The coefficient of e**n in kappa, a polynomial in s, by Lagrange's inversion.

    It is [k**(n-1)] f(k)**-n / n for the law e = k f(k), and the powers of f follow from f by Miller's recurrence.
    """
    law = _law_over_kappa(n)
    power = [fmpq_poly([1])]
    for m in range(1, n):
        total = fmpq_poly([0])
        for j in range(1, m + 1):
            total += law[j] * power[m - j] * (-n * j - m + j)
        power.append(total * fmpq(1, m))
    return power[n - 1] * fmpq(1, n)


def _law_over_kappa(length: int) -> list[fmpq_poly]:
    """The first coefficients of f(k) = e/k: 1, s/2, and (-1)**j (2j-1)!!/(2j+3)! at k**(2j+2)."""
    out = [fmpq_poly([1]), fmpq_poly([0, fmpq(1, 2)])]
    value = fmpq(1, 6)
    for j in range(length // 2 + 1):
        out += [fmpq_poly([value]), fmpq_poly([0])]
        value *= fmpq(-(2 * j + 1), (2 * j + 4) * (2 * j + 5))
    return out[: length + 1]


def series_coefficient_ball(n: int) -> arb:
    """The coefficient of (lam - 1/2)**n: that of e**n times s**n."""
    s = (arb.pi() / 2).sqrt()
    total = arb(0)
    for c in reversed(series_coefficient(n).coeffs()):
        total = total * s + c
    return total * s**n


def series_ball(excess: arb, order: int) -> arb:
    """The first ``order`` terms of the series, without the rest, at lam - 1/2 = excess."""
    total = arb(0)
    for n in range(order, 0, -1):
        total = (total + series_coefficient_ball(n)) * excess
    return total
