"""Mills' ratio and the tails of the normal distribution in ball arithmetic, at full relative accuracy everywhere.

m(x) = Phi(-x)/phi(x) = int_0^inf exp(-x u - u**2/2) du, and its companion 1 - x m(x) = -m'(x) = E(z - x)_+ / phi(x).
For x > 0 both have enveloping expansions in 1/x**2 (DLMF 7.12.1, 7.12(i)): the remainder after any term has the sign
of the first term left out and is smaller. They serve beyond 2**10; below, Arb's erfc does, with guard bits.
"""

from __future__ import annotations

from flint import arb, ctx

from grokmath.exact import binary_exponent, working_precision

_FAR = 10


def normal_density(x: arb) -> arb:
    """phi(x)."""
    return (-x * x / 2).exp() / (2 * arb.pi()).sqrt()


def normal_cdf(x: arb) -> arb:
    """Phi(x); relative accuracy is kept in the left tail while x**2 is not much above the working precision."""
    return (-x / arb(2).sqrt()).erfc() / 2


def mills(x: arb) -> arb:
    """m(x) for every point of the ball x; relative accuracy is kept for x >= 0 of any size."""
    if not x > 0:
        return (arb.pi() / 2).sqrt() * (x * x / 2).exp() * (x / arb(2).sqrt()).erfc()
    point = x.mid()
    if _size(point) > _FAR and _expansion_reaches(point):
        value = _expansion(point, 0) / point
    else:
        with working_precision(ctx.prec + 2 * _size(point) + 4):
            value = (arb.pi() / 2).sqrt() * (point * point / 2).exp() * (point / arb(2).sqrt()).erfc()
    low = x.lower()
    return value + arb(0, (x.rad() / (1 + low * low)).upper())  # 0 < -m'(x) = 1 - x m(x) < 1/(1 + x**2)


def mills_excess(x: arb) -> arb:
    """1 - x m(x) for every point of the ball x; relative accuracy is kept for x >= 0 of any size."""
    if not x > 0:
        return 1 - x * mills(x)
    point = x.mid()
    if _size(point) > _FAR and _expansion_reaches(point):
        value = _expansion(point, 1) / (point * point)
    else:
        with working_precision(ctx.prec + 2 * _size(point) + 4):
            value = 1 - point * mills(point)
    low = x.lower()
    return value + arb(0, (2 * x.rad() * mills(low) / (2 + low * low)).upper())


def _size(x: arb) -> int:
    """The least e >= 0 with |x| < 2**e, about."""
    return max(0, binary_exponent(x))


def _expansion_reaches(x: arb) -> bool:
    """Whether the least term of the expansion, about exp(-x**2/2), is below the working precision."""
    return bool(x * x > 2 * (ctx.prec + 16))


def _expansion(x: arb, first: int) -> arb:
    """sum_{j >= first} (-1)**(j-first) (2j-1)!!/x**(2(j-first)), cut at a term below 2**-prec: it bounds the rest."""
    term = total = arb(1)
    ratio = -1 / (x * x)
    j = first
    while abs(term) > arb(2) ** (-ctx.prec - 4):
        term *= (2 * j + 1) * ratio
        total += term
        j += 1
    return total + arb(0, abs(term).upper())
