"""The grokking time difference for small lam at a fixed level: T_gen - T_tr ~ lam log(1/L), where (11) has sqrt(lam).

With z = nu - 1, |z| <= D = 2 sqrt(lam) + lam, E[z] = 0 and E[z^2] = lam,

    -z + s z^2/(1 + s D) <= -z exp(-s z) <= -z + s z^2 exp(s D),
    s lam exp(-s)/(1 + s D) <= C - W <= s lam exp(s D - s).

So W and C tend to exp(-s) and both times to log(1/L). C falls by (C - W)(T_tr) between them, at rates between
W(T_tr) = L and W(T_gen), which tends to L too.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Domain,
    Fact,
    above_tangent,
    asymptotic,
    at_most,
    at_most_by_monotone_function,
    at_most_by_monotonicity,
    at_most_by_sign,
    by_cases,
    chain,
    change_variable,
    combine,
    crossing_limit,
    crossing_order,
    differentiate,
    fundamental,
    instantiate,
    integral_at_most,
    integral_limit,
    limit_by_continuity,
    limit_by_derivative,
    limit_by_squeeze,
    limit_of_equal,
    limit_of_sum,
    limit_through,
    linearity,
    render,
    run_in_package,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from . import eq06_total_mass
from .crossing_times import (
    L,
    T_gen,
    T_tr,
    V,
    gen,
    gen_meaning,
    gen_slope,
    gen_time,
    positive,
    train,
    train_meaning,
    train_slope,
    train_time,
)
from .eq05_08_losses import eta, over_spectrum, s
from .eq06_total_mass import density, lam, nu, root
from .eq11_delay import side
from .eq20_slope import average, theta, weighted

ID = "levi2023:11-small"
TITLE = "The grokking time difference for small lam"

z = sp.Symbol("z", real=True)
D, p, t, u = sp.symbols("D p t u", positive=True)
width = 2 * root + lam
below = where(lam < 1, L < 1)
gen_at, train_at = T_gen(lam, L), T_tr(lam, L)


@cache
def moments() -> tuple[Fact, Fact, Fact]:
    """E[1] = E[nu] = 1 and E[nu^2] = 1 + lam, for lam < 1."""
    square = over_spectrum(density * nu**2)
    distance = 1 + lam - 2 * root * sp.cos(theta)
    wave = 2 / sp.pi * sp.sin(theta) ** 2 * distance
    angle = change_variable(square, theta, distance, 0, sp.pi, wave)
    primitive = ((1 + lam) * (theta - sp.sin(theta) * sp.cos(theta)) - 4 * root * sp.sin(theta) ** 3 / 3) / sp.pi
    return eq06_total_mass.under(), eq06_total_mass.mean(), chain(angle, fundamental(angle.rhs, primitive))


@cache
def pointwise() -> tuple[Fact, Fact]:
    """-z + s z^2/(1 + s D) <= -z exp(-s z) <= -z + s z^2 exp(s D), for |z| <= D."""
    wave = sp.exp(-s * z)
    disc = Domain(((D - z, ">="), (D + z, ">=")))
    tangent, other = above_tangent(-s * z), above_tangent(s * z)
    low, high = -z + s * z**2 / (1 + s * D), -z + s * z**2 * sp.exp(s * D)
    right, left = disc.and_((z, ">")), disc.and_((-z, ">"))
    shrunk = combine(at_most(wave, 1 / (1 + s * z)), [(wave / (1 + s * z), other)], domain=right)
    low_right = combine(at_most(low, -z * wave), [(z, shrunk)], domain=right)
    low_left = combine(at_most(low, -z * wave), [(-z, tangent)], domain=left)
    lift = combine(at_most(s * z**2, s * z**2 * sp.exp(s * D)), [(s * z**2, _at_least_one())], domain=disc)
    high_right = combine(at_most(-z * wave, high), [(z, tangent), (1, lift)], domain=right)
    grown = combine(at_most(wave, 1 - s * z * wave), [(wave, other)], domain=left)
    most = at_most_by_monotone_function(sp.exp, -s * z, s * D, domain=left)
    high_left = combine(at_most(-z * wave, high), [(-z, grown), (s * z**2, most)], domain=left)
    zero = Domain()
    at_zero = [at_most_by_sign(sp.Integer(0), sp.Integer(0), domain=zero) for _ in range(2)]
    lower = by_cases(z, 0, low_left, at_zero[0], low_right, domain=disc)
    return lower, by_cases(z, 0, high_left, at_zero[1], high_right, domain=disc)


def _at_least_one() -> Fact:
    return combine(at_most(1, sp.exp(s * D)), [(1, above_tangent(s * D))])


@cache
def difference() -> tuple[Fact, Fact]:
    """s lam exp(-s)/(1 + s D) <= C - W <= s lam exp(s D - s), D = 2 sqrt(lam) + lam, for lam < 1."""
    spectrum = side.and_((nu - (1 - root) ** 2, ">"), ((1 + root) ** 2 - nu, ">"))
    weight = sp.exp(-s) * density
    whole = over_spectrum((1 - nu) * sp.exp(-s * nu) * density)
    parts = linearity(whole, [(1, average.function), (-1, weighted.function)], domain=side)
    facts = []
    for fact, factor, sign in zip(pointwise(), (1 / (1 + s * width), sp.exp(s * width)), (-1, 1), strict=True):
        here = instantiate(fact, {z: nu - 1, D: width}, domain=spectrum)
        bound = (1 - nu + s * (nu - 1) ** 2 * factor) * weight
        sides = (bound, whole.function) if sign < 0 else (whole.function, bound)
        raised = combine(at_most(*sides), [(weight, here)], domain=spectrum)
        area = over_spectrum(bound)
        pair = (area, whole) if sign < 0 else (whole, area)
        order = integral_at_most(*pair, domain=side, using=[raised])
        e, k = sp.exp(-s), s * factor
        apart = linearity(
            area,
            [
                (e * (1 + k), density),
                (-e * (1 + 2 * k), density * nu),
                (e * k, density * nu**2),
            ],
            domain=side,
        )
        goal = (s * lam * e * factor, gen - train) if sign < 0 else (gen - train, s * lam * e * factor)
        known = [gen_meaning(), train_meaning(), *moments()]
        facts.append(combine(at_most(*goal), [(1, order), (-sign, parts), (sign, apart)], domain=side, using=known))
    return facts[0], facts[1]


@cache
def still_limits() -> tuple[Fact, Fact]:
    """W -> exp(-s) and C -> exp(-s) as lam -> 0, for each s > 0."""
    bare = over_spectrum(sp.exp(-s * nu) * (density * nu))
    distance = 1 + lam - 2 * root * sp.cos(theta)
    wave = 2 / sp.pi * sp.sin(theta) ** 2 * sp.exp(-s * distance)
    angle = change_variable(bare, theta, distance, 0, sp.pi, wave)
    still = integral_limit(angle.rhs, lam, 0)
    flat = fundamental(still.statement.value, sp.exp(-s) * (theta - sp.sin(theta) * sp.cos(theta)) / sp.pi)
    train_limit = limit_of_equal(still, train, sp.exp(-s), domain=side, using=[train_meaning(), angle, flat])
    small, large = difference()
    least = combine(at_most(train, gen), [(1, small)], domain=side)
    low = limit_of_equal(train_limit, train, sp.exp(-s), domain=side)
    shift = limit_by_continuity(s * lam * sp.exp(s * width - s), lam, 0, domain=side)
    high_side = combine(at_most(gen, train + shift.statement.expr), [(1, large)], domain=side)
    high = limit_of_sum(high_side.rhs, [(1, train_limit), (1, shift)], domain=side)
    return train_limit, limit_by_squeeze(least, high_side, low, high, domain=side)


@cache
def times() -> tuple[Fact, Fact]:
    """T_tr and T_gen tend to log(1/L) as lam -> 0."""
    slope = differentiate(sp.exp(-s), s)
    found = [
        crossing_limit(meaning[0], limit, slope, -sp.log(L), domain=below)
        for meaning, limit in zip((train_time(), gen_time()), still_limits(), strict=True)
    ]
    return found[0], found[1]


@cache
def falls() -> tuple[Fact, Fact]:
    """u W(t + u) <= C(t) - C(t + u) <= u W(t) for t, u > 0, as W decreases."""
    v = sp.Symbol("v", real=True)
    end, here, inside, ahead = {s: t + v}, {s: t}, where(t + v > 0), where(v > 0)
    curve = V(t + v, lam)
    by_v = differentiate(train.xreplace(end), v, -curve, domain=inside, using=[train_slope()])
    gen_by_v = differentiate(gen.xreplace(end), v, -train.xreplace(end), domain=inside, using=[gen_slope()])
    bent = instantiate(positive()[1], end, domain=inside)
    start, stop = gen.xreplace(here), gen.xreplace(end)

    def grows(expr: sp.Expr, slope: sp.Expr, given: Fact) -> Fact:
        rise = differentiate(expr, v, slope, domain=inside, using=[by_v, gen_by_v])
        zero = limit_by_derivative(rise, 0, domain=inside)
        return at_most_by_monotonicity(rise, v, 0, domain=ahead, limits=[zero], using=[given])

    drop = grows(train.xreplace(here) - train.xreplace(end), curve, bent)
    least = grows(start - stop - v * train.xreplace(end), v * curve, bent)
    most = grows(v * train.xreplace(here) - start + stop, train.xreplace(here) - train.xreplace(end), drop)
    low = combine(at_most(v * train.xreplace(end), start - stop), [(1, least)], domain=ahead)
    high = combine(at_most(start - stop, v * train.xreplace(here)), [(1, most)], domain=ahead)
    return instantiate(low, {v: u}), instantiate(high, {v: u})


@cache
def delay_bounds() -> tuple[Fact, Fact]:
    """(C - W)(T_tr) <= (T_gen - T_tr) L and (T_gen - T_tr) W(T_gen) <= (C - W)(T_tr)."""
    (train_value, early), (gen_value, late) = train_time(), gen_time()
    gen_value, late = (instantiate(fact, {}, domain=below) for fact in (gen_value, late))
    small, _ = (instantiate(fact, {s: train_at}, domain=below, using=[early]) for fact in difference())
    lead = at_most_by_sign(0, s * lam * sp.exp(-s) / (1 + s * width), strict=True, domain=side)
    lead = instantiate(lead, {s: train_at}, domain=below, using=[early])
    above = combine(
        at_most(0, gen.xreplace({s: train_at}) - L, strict=True),
        [(1, small), (1, lead)],
        domain=below,
        using=[train_value, early],
    )
    order = instantiate(crossing_order(gen_time()[0], p)[0], {p: train_at}, domain=below, using=[early, above])
    ahead = combine(at_most(0, gen_at - train_at, strict=True), [(1, order)], domain=below)
    at = {t: train_at, u: gen_at - train_at}
    low, high = (instantiate(fact, at, domain=below, using=[early, ahead]) for fact in falls())
    known = [train_value, gen_value]
    drop = gen.xreplace({s: train_at}) - train.xreplace({s: train_at})
    upper = combine(at_most(drop, (gen_at - train_at) * L), [(1, high)], domain=below, using=known)
    lower = combine(
        at_most((gen_at - train_at) * train.xreplace({s: gen_at}), drop), [(1, low)], domain=below, using=known
    )
    return upper, lower


@cache
def ratio() -> Fact:
    """(T_gen - T_tr)/lam -> log(1/L) as lam -> 0."""
    upper, lower = delay_bounds()
    (_, early), (gen_value, late) = train_time(), gen_time()
    gen_value, late = (instantiate(fact, {}, domain=below) for fact in (gen_value, late))
    signs = [early, late]
    small, large = (instantiate(fact, {s: train_at}, domain=below, using=signs) for fact in difference())
    _, deep = (instantiate(fact, {s: gen_at}, domain=below, using=signs) for fact in difference())
    goal = (gen_at - train_at) / lam
    least = train_at * sp.exp(-train_at) / ((1 + train_at * width) * L)
    low = combine(at_most(least, goal), [(1 / (lam * L), upper), (1 / (lam * L), small)], domain=below, using=[*signs])
    x, y, d, e = sp.symbols("x y d e", real=True)
    narrow = limit_by_continuity(width, lam, 0)
    share = below.without(lam)
    low_limit = limit_through(
        x * sp.exp(-x) / ((1 + x * d) * L), [(x, times()[0]), (d, narrow)], domain=share.and_((1 + x * d, ">"))
    )
    low_limit = limit_of_equal(low_limit, least, -sp.log(L), domain=below, using=signs)
    height = train.xreplace({s: gen_at})
    above = instantiate(positive()[0], {s: gen_at}, domain=below, using=signs)
    tail = lam * gen_at * sp.exp(gen_at * width - gen_at)
    floor = combine(at_most(L - tail, height), [(1, deep)], domain=below, using=[gen_value, *signs])
    least_of_gen = instantiate(difference()[0], {s: gen_at}, domain=below, using=signs)
    positive_part = at_most_by_sign(0, s * lam * sp.exp(-s) / (1 + s * width), domain=side)
    positive_part = instantiate(positive_part, {s: gen_at}, domain=below, using=signs)
    ceiling = combine(
        at_most(height, L), [(1, least_of_gen), (1, positive_part)], domain=below, using=[gen_value, *signs]
    )
    vanishing = limit_by_continuity(lam, lam, 0)
    floor_limit = limit_through(
        L - e * x * sp.exp(x * d - x), [(x, times()[1]), (d, narrow), (e, vanishing)], domain=share
    )
    floor_limit = limit_of_equal(floor_limit, L - tail, L, domain=below, using=signs)
    height_limit = limit_by_squeeze(
        floor, ceiling, floor_limit, limit_by_continuity(L, lam, 0), domain=below, using=signs
    )
    most = train_at * sp.exp(train_at * width - train_at) / height
    high = combine(
        at_most(goal, most),
        [(1 / (lam * height), lower), (1 / (lam * height), large)],
        domain=below,
        using=[*signs, above],
    )
    high_limit = limit_through(
        x * sp.exp(x * d - x) / y,
        [(x, times()[0]), (d, narrow), (y, height_limit)],
        domain=share.and_((y, ">")),
    )
    high_limit = limit_of_equal(high_limit, most, -sp.log(L), domain=below, using=[*signs, above])
    return limit_by_squeeze(low, high, low_limit, high_limit, domain=below, using=[*signs, above])


@cache
def derivation() -> Fact:
    """(T_gen - T_tr)/(4 eta) ~ -lam log(L)/(4 eta) as lam -> 0."""
    delay, formula = (gen_at - train_at) / (4 * eta), -lam * sp.log(L) / (4 * eta)
    one = limit_of_sum(delay / formula, [(-1 / sp.log(L), ratio())], domain=below)
    one = limit_of_equal(one, delay / formula, 1, domain=below)
    return asymptotic(one, delay, formula, domain=below)


@cache
def vanishes() -> Fact:
    """(T_gen - T_tr)/(4 eta) -> 0 as lam -> 0."""
    x, e = sp.symbols("x e", real=True)
    parts = [(x, ratio()), (e, limit_by_continuity(lam, lam, 0))]
    product = limit_through(x * e / (4 * eta), parts, domain=below.without(lam))
    return limit_of_equal(product, (gen_at - train_at) / (4 * eta), 0, domain=below)


DERIVES = {"levi2023:11-small": derivation, "levi2023:11-vanishes": vanishes}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
