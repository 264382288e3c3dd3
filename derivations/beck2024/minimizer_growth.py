"""The norm of the inseparable minimiser is large next to lam = 1/2: an inequality for the integrals of the minimiser.

With a > 0, m = log a + a/e the variable x = v + e (log v - m) has the sign of v - a.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    above_tangent,
    at_most,
    at_most_by_monotone_function,
    at_most_by_sign,
    combine,
    equation,
    fundamental,
    fundamental_by_limits,
    instantiate,
    integral_at_most,
    limit_at_infinity,
    limit_by_continuity,
    limit_on_path,
    render,
    run_in_package,
    split,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from .gaussian_lemmas import half
from .minimizer_integrals import c, d, e, ends_of_x, m, over, parts_of, stationary, v, x

ID = "lemma:minimizer_growth"
TITLE = "The growth of the inseparable minimiser"

q = sp.Symbol("q", real=True)
a, s = sp.symbols("a s", positive=True)
middle = {m: sp.log(a) + a / e}
after, before = where(v > a), where(v < a)
at_x, at_d = x.xreplace(middle), d.xreplace(middle)
room = a**3 / 8 * c * sp.exp(-((a / 2 + e) ** 2) / 2)


@cache
def sign_of_x() -> tuple[Fact, Fact]:
    """v - a <= x for v > a, and x <= 0 for v < a."""
    larger = at_most_by_monotone_function(sp.log, a, v, strict=True, domain=after)
    smaller = at_most_by_monotone_function(sp.log, v, a, strict=True, domain=before)
    high = combine(at_most(v - a, at_x), [(e, larger)], domain=after)
    low = combine(at_most(at_x, 0), [(e, smaller)], domain=before)
    return high, low


@cache
def upper_half() -> Fact:
    """The integral of (1 + e/v) x^2 d over v > a is 1/2: that of z^2 times the normal density over z > 0."""
    high, _ = sign_of_x()
    primitive = -s * c * sp.exp(-(s**2) / 2) - sp.erfc(s / sp.sqrt(2)) / 2
    _, far = ends_of_x()
    positive = combine(at_most(0, at_x, strict=True), [(1, high)], domain=after)
    upper = limit_on_path(
        limit_at_infinity(primitive, s), at_x, instantiate(far, middle), domain=after, using=[positive]
    )
    F = upper.statement.expr
    lower = limit_by_continuity(F, v, a)
    return fundamental_by_limits(over((1 + e / v) * at_x**2 * at_d, a), F, lower, upper)


@cache
def density_at_least() -> Fact:
    """d >= exp(-(a/2 + e)^2/2)/sqrt(2 pi) for a/2 < v < a, as -a/2 - e <= x <= 0 there (log 2 <= 1)."""
    here, size = where(v > a / 2, v < a), a / 2 + e
    larger = at_most_by_monotone_function(sp.log, a / 2, v, strict=True, domain=here)
    two = above_tangent(sp.log(2))
    under = combine(at_most(-size, at_x), [(e, larger), (e, two)], domain=here)
    _, negative = sign_of_x()
    squares = combine(at_most(at_x**2, size**2), [(size - at_x, under)], domain=here, using=[negative])
    exponents = at_most_by_monotone_function(sp.exp, -(size**2) / 2, -(at_x**2) / 2, domain=here, using=[squares])
    return combine(at_most(c * sp.exp(-(size**2) / 2), at_d), [(c, exponents)], domain=here)


@cache
def derivation() -> Fact:
    """2 I_0 - I_2 - e I_1 <= 1/2 - (a^3/8) exp(-(a/2 + e)^2/2)/sqrt(2 pi), where I_j is the integral of v^j d.

    The left side is the integral of f = (v + e)(2 x - v) d. For v > a, f <= (1 + e/v) x^2 d, the integral of which is
    1/2; for v < a, f <= 0; for a/2 < v < a, f <= -v^2 d.
    """
    static = parts_of((-2 * e**2 * m, 0, 0), (e - 2 * e * m, 1, 0), (sp.S.One, 2, 0), (2 * e, 1, 1), (2 * e**2, 0, 1))
    sides = combine(equation(static.lhs, 2 * plain(0) - plain(2) - e * plain(1)), [(1, static), (2, stationary())])
    sides = instantiate(sides, middle)
    halves = split(sides.lhs, a, using=[sides])
    quarters = split(over(sides.lhs.function, 0, a), a / 2, using=[halves])
    g = sides.lhs.function
    top = (1 + e / v) * at_x**2 * at_d
    square = instantiate(at_most_by_sign(0, q**2), {q: at_x - v})
    above = combine(at_most(g, top), [((1 + e / v) * at_d, square)], domain=after)
    first = integral_at_most(over(g, a), over(top, a), using=[halves, upper_half(), above])
    _, negative = sign_of_x()
    below = combine(at_most(g, 0), [(2 * (v + e) * at_d, negative)], domain=before)
    second = integral_at_most(over(g, sp.S.Zero, a / 2), 0, using=[quarters, below])
    level = c * sp.exp(-((a / 2 + e) ** 2) / 2)
    here = where(v > a / 2, v < a)
    larger = at_most_by_sign(a**2 / 4, v**2, domain=here)
    parts = [(2 * (v + e) * at_d, negative), (v**2, density_at_least()), (level, larger)]
    deep = combine(at_most(g, -(a**2) / 4 * level), parts, domain=here)
    block = over(-(a**2) / 4 * level, a / 2, a)
    third = integral_at_most(over(g, a / 2, a), block, using=[quarters, deep])
    area = fundamental(block, -(a**2) / 4 * level * v)
    total = [(-1, sides), (1, halves), (1, quarters), (1, first), (1, upper_half()), (1, second), (1, third), (1, area)]
    return combine(at_most(sides.rhs, half - room), total)


def plain(j: int) -> sp.Integral:
    """The integral of v^j d."""
    return over(v**j * d)


DERIVES = {"lemma:minimizer_growth": derivation}


if __name__ == "__main__":
    print(render(derivation(), TITLE))
