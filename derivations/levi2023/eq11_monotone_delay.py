"""The grokking time difference grows as the threshold falls, and with the scale alpha of the student's start, lam < 1.

The rates q = W/C = -C'/C and p = V/W = -W'/W of the two losses obey q < p, by the inequality of Cauchy and Schwarz: 0 <
E[(nu - c)^2 exp(-s nu)] at c = W/C. So q' = q (q - p) < 0, and q < 1 and W < C, as q -> 1 for s -> 0. T_gen - T_tr
therefore decreases strictly in the level. A start alpha S divides the level by (1 + alpha^2)/2.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    at_most,
    at_most_by_monotonicity,
    combine,
    delay_decreases,
    differentiate,
    instantiate,
    limit_of_equal,
    limit_through,
    linearity,
    positive_integral,
    render,
    run_in_package,
    together,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from .crossing_times import (
    L,
    curve,
    curve_meaning,
    gen,
    gen_ends,
    gen_meaning,
    gen_slope,
    gen_time,
    positive,
    second,
    train,
    train_ends,
    train_meaning,
    train_slope,
    train_time,
)
from .eq05_08_losses import over_spectrum, s
from .eq06_total_mass import density, lam, nu
from .eq11_delay import gen_between, side
from .eq20_slope import average, weighted

ID = "levi2023:11-start-unchanged"
TITLE = "The grokking time difference grows as the threshold falls"

c = sp.Symbol("c", real=True)
x, y, alpha = sp.symbols("x y alpha", positive=True)


@cache
def convexity() -> Fact:
    """0 < V - W^2/C, for lam < 1."""
    weight = sp.exp(-s * nu) * density
    whole = over_spectrum((nu - c) ** 2 * weight)
    area = positive_integral(whole, weight, nu - c, domain=side)
    parts = linearity(whole, [(1, second.function), (-2 * c, weighted.function), (c**2, average.function)], domain=side)
    goal = at_most(0, curve - 2 * c * train + c**2 * gen, strict=True)
    known = [curve_meaning(), train_meaning(), gen_meaning()]
    any_c = combine(goal, [(1, area), (1, parts)], domain=side, using=known)
    here = instantiate(any_c, {c: train / gen}, domain=side, using=[gen_between()[0]])
    return combine(at_most(0, curve - train**2 / gen, strict=True), [(1, here)], domain=side, using=[gen_between()[0]])


@cache
def rates() -> tuple[Fact, Fact]:
    """W/C < V/W, and the derivative of W/C."""
    above = [positive()[0], gen_between()[0]]
    order = combine(
        at_most(train / gen, curve / train, strict=True), [(1 / train, convexity())], domain=side, using=above
    )
    slope = (train**2 / gen - curve) / gen
    falling = differentiate(train / gen, s, slope, domain=side, using=[train_slope(), gen_slope(), *above])
    return order, falling


@cache
def order() -> Fact:
    """W < C."""
    above = gen_between()[0]
    u, v = sp.symbols("u v", real=True)
    rise = differentiate(
        1 - train / gen, s, (curve - train**2 / gen) / gen, domain=side, using=[train_slope(), gen_slope(), above]
    )
    start = limit_through(1 - u / v, [(u, train_ends()[0]), (v, gen_ends()[0])], domain=side.and_((v, ">")))
    start = limit_of_equal(start, 1 - train / gen, 0, domain=side, using=[above])
    gap = at_most_by_monotonicity(rise, s, 0, strict=True, domain=side, limits=[start], using=[above, convexity()])
    return combine(at_most(train, gen, strict=True), [(gen, gap)], domain=side, using=[above])


@cache
def two_levels() -> Fact:
    """T_gen(y) - T_tr(y) < T_gen(x) - T_tr(x) for 0 < x < y < 1."""
    above = [positive()[0], gen_between()[0]]
    return delay_decreases(
        train_time()[0],
        gen_time()[0],
        (train_slope(), gen_slope()),
        rates()[1],
        order(),
        rates()[0],
        (x, y),
        domain=where(lam < 1, x < y, y < 1),
        using=[*above, *positive(), convexity()],
    )


@cache
def derivation() -> Fact:
    """T_gen - T_tr at L is smaller than at 2 L/(1 + alpha^2) for alpha > 1, and larger for alpha < 1."""
    scaled = L * 2 / (1 + alpha**2)
    larger = instantiate(two_levels(), {x: scaled, y: L}, domain=where(lam < 1, L < 1, alpha > 1))
    small = where(lam < 1, 1 + alpha**2 > 2 * L, alpha < 1)
    smaller = instantiate(two_levels(), {x: L, y: scaled}, domain=small)
    return together(larger, smaller)


DERIVES = {"levi2023:11-start-unchanged": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
