"""Gauss's hypergeometric function with large real parameters, by its series.

Arb bounds the tail of a series by a count of terms in proportion to the precision, which large parameters exceed: it
gives no enclosure of 2F1(1/3, 1/2; 10^15; 1/2) at any precision, though two terms give 30 digits.
"""

from __future__ import annotations

from flint import arb, ctx

__all__ = ["gauss_series"]

_LARGE = 32
"""Parameters up to this size are left to Arb."""

_FAR = arb(0.75)
"""The series is summed for |z| up to this."""


def gauss_series(a: arb, b: arb, c: arb, z: arb) -> arb | None:
    """2F1(a, b; c; z) for every point of the balls; None where no parameter is large or the series is too long.

    For z < 0 also by Pfaff's transformation (1 - z)^-a 2F1(a, c - b; c; z/(z - 1)), DLMF 15.8.1.
    """
    if not any(abs(x).upper() > _LARGE for x in (a, b, c)):
        return None
    if abs(z) <= _FAR:
        value = _sum(a, b, c, z)
        if value is not None:
            return value
    if z < 0:
        y = z / (z - 1)
        for first, second in ((a, b), (b, a)):
            value = _sum(first, c - second, c, y) if y <= _FAR else None
            if value is not None:
                return value * (1 - z) ** -first
    return None


def _sum(a: arb, b: arb, c: arb, z: arb) -> arb | None:
    """The terms t_0 + ... + t_n, and a bound of the rest; None where 8 bits + 1000 terms are too few.

    t_(k+1)/t_k = z (a + k)/(c + k) (b + k)/(1 + k). For c + n > 0 each of the two quotients is monotone in k >= n and
    tends to 1, so that its modulus is at most the larger of 1 and its modulus at n; as well with a and b exchanged.
    """
    bits = ctx.prec
    one = arb(1)
    total = term = one
    for n in range(1, 8 * bits + 1000):
        k = n - 1
        term = term * (a + k) * (b + k) / (c + k) / n * z
        total += term
        if not term.is_finite():
            return None
        if n % 8 and not term.is_zero():
            continue
        if c + n > 0:
            over_c, over_n = ([arb.max(one, abs((x + n) / below)) for x in (a, b)] for below in (c + n, arb(n + 1)))
            ratio = abs(z) * arb.min(over_c[0] * over_n[1], over_c[1] * over_n[0])
            if ratio < 1:
                rest = (abs(term) * ratio / (1 - ratio)).upper()
                if rest <= abs(total).upper() * arb(2) ** -bits or rest <= total.rad():
                    return total + arb(0, rest)
    return None
