"""The expansion of (11) at lam = 1: log(4/(1 - lam)^2)/(eta (lam - 1)^2) over (11) is within 1 - lam of 1.

With g = 1 - sqrt(lam) and M = -log g > 0 the ratio is R = 4/(2 - g)^2 [1 + log(2/(2 - g))/M], and 1 - lam = g (2 - g).
From log u <= u - 1, 0 <= log(2/(2 - g)) <= g/(2 - g) and M >= 1 - g, so that

    1 <= R <= 4/(2 - g)^2 [1 + g/((2 - g)(1 - g))] < 1 + g (2 - g)    for lam >= 9/10.
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
    define,
    instantiate,
    render,
    rewrite,
    run_in_package,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from .eq05_08_losses import eta
from .eq06_total_mass import lam, low, root

ID = "levi2023:11-expansion"
TITLE = "Formula (11) near lam = 1"

g, M = sp.symbols("g M", positive=True)
x = sp.Symbol("x", nonnegative=True)
gap = 1 - root
near = where(lam < 1, lam >= sp.Rational(9, 10))
formula = -sp.log(gap) / (2 * eta * low)
printed = sp.log(4 / (1 - lam) ** 2) / (eta * (lam - 1) ** 2)
extra = sp.log(2 / (2 - g))
R = sp.Function("R")
ratio = 4 / (2 - g) ** 2 * (1 + x / M)


@cache
def polynomial_bounds() -> tuple[Fact, Fact]:
    """1 <= R < 1 + g (2 - g) for R = 4/(2 - g)^2 (1 + x/M), g <= 3/50, M >= 1 - g, 0 <= x <= g/(2 - g)."""
    small = where(g <= sp.Rational(3, 50), 1 - g <= M, x * (2 - g) <= g)
    factor = 4 / (2 - g) ** 2
    below = at_most_by_sign(1, ratio, domain=small)
    most = 1 + g / (2 - g) / (1 - g)
    part = at_most_by_sign(x, g / (2 - g), domain=small)
    wide = at_most_by_sign(1 - g, M, domain=small)
    step = combine(at_most(1 + x / M, most), [(1 / M, part), ((most - 1) / M, wide)], domain=small)
    room = at_most_by_sign(factor * most, 1 + g * (2 - g), strict=True, domain=small)
    above = combine(at_most(ratio, 1 + g * (2 - g), strict=True), [(factor, step), (1, room)], domain=small)
    return below, above


@cache
def logarithms() -> list[Fact]:
    """M >= 1 - g and 0 <= x <= g/(2 - g) for M = -log g, x = log(2/(2 - g)), g < 1."""
    unit = where(g < 1)
    deep = combine(at_most(1 - g, -sp.log(g)), [(1, above_tangent(sp.log(g)))], note="exp(log g) = g")
    high = combine(at_most(extra, g / (2 - g)), [(1, above_tangent(extra, domain=unit))], domain=unit)
    low_side = at_most_by_monotone_function(sp.log, sp.Integer(1), 2 / (2 - g), domain=unit)
    return [instantiate(fact, {g: gap}, domain=near) for fact in (deep, high, low_side)]


@cache
def derivation() -> Fact:
    """|ratio - 1| < 1 - lam, for 9/10 <= lam < 1."""
    deep, high, positive = logarithms()
    at = {g: gap, M: -sp.log(gap), x: extra.xreplace({g: gap})}
    whole = ratio.xreplace(at)
    meaning = define(R(lam), whole, domain=near, using=[deep], note="the ratio of the two forms")
    here = [instantiate(fact, at, domain=near, using=[deep, high, positive]) for fact in polynomial_bounds()]
    below = combine(at_most(1, R(lam)), [(1, here[0]), (-1, meaning)], domain=near, using=[deep])
    above = combine(at_most(R(lam), 2 - lam, strict=True), [(1, here[1]), (1, meaning)], domain=near, using=[deep])
    distance = sp.Abs(printed / formula - 1)
    square = next(part for part in distance.atoms(sp.log) if part != sp.log(gap))
    law = rewrite(sp.log(4 / (g * x) ** 2), 2 * sp.log(2 / x) - 2 * sp.log(g), domain=where(x > 0))
    law = instantiate(law, {g: gap, x: 1 + root}, domain=near)
    product = rewrite(square.args[0], law.lhs.args[0], domain=near, note="1 - lam = g (2 - g)")
    log_known = rewrite(square, 2 * at[x] + 2 * at[M], domain=near, using=[product, law])
    same = rewrite(distance.args[0], 1 - R(lam), domain=near, using=[log_known, meaning, deep])
    size = rewrite(distance, R(lam) - 1, domain=near, using=[same, below])
    return combine(at_most(distance, 1 - lam, strict=True), [(1, above)], domain=near, using=[size])


DERIVES = {"levi2023:11-expansion": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
