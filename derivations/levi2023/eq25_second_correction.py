"""The second correction to (11): a Delta s = l - (3/2) (1 + l)/(a S) + c_2/S^2 + o(1/S^2), for lam < 1.

In the notation of :mod:`eq25_first_correction`, with the coefficients b_k, g_k of the late-time series of the losses,

    c_2 = g_2 - g_1^2/2 - (b_2 - b_1^2/2 + b_1 l/a) + (3/2) ((3/2) (1 + l)/a^2 - l^2/(2 a^2)),
    b_1 = -3/(16 r), b_2 = -15/(512 lam), g_1 = b_1 - 3/(2 a), g_2 = b_2 - 5 g_1/(2 a), r = sqrt(lam).

From S x -> v and S (S x - v) -> w follows S (S log(1 + x) - v) -> w - v^2/2, as log(1 + q) <= q - q^2/2 + q^3/3 for q
> -1, for q = x and for q = -x/(1 + x).
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Domain,
    Fact,
    at_most,
    at_most_by_monotonicity,
    at_most_by_sign,
    at_most_by_squares,
    by_cases,
    chain,
    combine,
    differentiate,
    instantiate,
    limit_at_infinity,
    limit_by_squeeze,
    limit_of_equal,
    limit_of_sum,
    limit_on_path,
    limit_through,
    linearity,
    render,
    rescaled,
    run_in_package,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from . import eq08_train_loss
from .crossing_times import gen, gen_meaning, train_meaning
from .eq05_08_losses import s
from .eq06_total_mass import lam, low, root
from .eq10_late_time_losses import decay, edge_form, edge_of_gen, inside, leading, lower, over_edge, scale, upper, w
from .eq11_delay import S, along_time, at_end, delay, side, y
from .eq25_first_correction import (
    R_g,
    R_t,
    correction,
    early_time,
    ell,
    equation_of_times,
    first,
    gen_order,
    ratios,
    signs,
    time,
    train_order,
)

ID = "lemma:second_correction"
TITLE = "The second correction to the grokking time difference"

half = w / 2
most_root = 1 - half / 2 - half**2 / 8 + half**3 / 2
least_root = 1 - half / 2 - half**2 / 8 - 3 * half**3 / 8
k = sp.Symbol("k", positive=True)
bent = sp.sqrt(w * (2 - w)) / (1 + k * w)
slope = 2 * root / low
b_1, g_1 = first["train"], first["gen"]
b_2 = -15 / (512 * lam)
g_2 = b_2 - 5 * g_1 / (2 * low)
v_1 = -sp.Rational(3, 2) * (1 + ell) / low
c_2 = g_2 - g_1**2 / 2 - (b_2 - b_1**2 / 2 + b_1 * ell / low)
c_2 += sp.Rational(3, 2) * (sp.Rational(3, 2) * (1 + ell) - ell**2 / 2) / low**2
x, z, one, two = sp.symbols("x z x_1 x_2", real=True)
far = Domain(((w - 2, ">"),))


@cache
def roots() -> tuple[Fact, Fact]:
    """sqrt(1 - w/2) between two polynomials, times sqrt(2)."""
    over = at_most_by_squares(sp.sqrt(2 - w), sp.sqrt(2) * most_root, domain=inside)
    return at_most_by_squares(sp.sqrt(2) * least_root, sp.sqrt(2 - w), domain=inside), over


@cache
def train_bounds() -> tuple[Fact, Fact]:
    """(lower, upper) for W, with relative remainder of order 1/s^3."""
    f, form = sp.sqrt(w * (2 - w)), edge_form()
    below, above = roots()
    back = combine(sp.Eq(form.rhs, form.lhs, evaluate=False), [(-1, form)])
    low_side = lower(f, sp.Poly(least_root, w), below)
    return chain(low_side, back), chain(form, upper(f, sp.Poly(most_root, w), above))


@cache
def gen_bounds() -> tuple[Fact, Fact]:
    """(lower, upper) for the integral of sqrt(w (2 - w))/(1 + k w), k > 0, with relative remainder of order 1/s^3."""
    bend = 1 - k * w + k**2 * w**2
    square = instantiate(at_most_by_sign(0, 1 - y + y**2), {y: k * w})
    below, above = roots()
    most, least = most_root * bend, least_root * bend - k**3 * w**3
    top = at_most_by_sign(1 / (1 + k * w), bend)
    bottom = at_most_by_sign(bend - k**3 * w**3, 1 / (1 + k * w))
    crude = at_most_by_squares(sp.sqrt(2 - w), sp.sqrt(2), domain=inside)
    rooted = sp.sqrt(2 - w) / (1 + k * w)
    high = combine(
        at_most(rooted, sp.sqrt(2) * most), [(bend, above), (sp.sqrt(2 - w), top)], domain=inside, using=[square]
    )
    deep = combine(
        at_most(sp.sqrt(2) * least, rooted),
        [(bend, below), (k**3 * w**3, crude), (sp.sqrt(2 - w), bottom)],
        domain=inside,
        using=[square],
    )
    over, under = at_most_by_sign(0, most_root, domain=far), at_most_by_sign(least_root, 0, domain=far)
    grow, polynomials = sp.sqrt(2 * w) * decay, (sp.Poly(most, w), sp.Poly(least, w))
    tails = [
        combine(goal, [(grow * bend, sign)], domain=far, using=[square])
        for goal, sign in (
            (at_most(0, grow * polynomials[0].as_expr()), over),
            (at_most(grow * polynomials[1].as_expr(), 0), under),
        )
    ]
    least_integral = lower(bent, polynomials[1], deep, beyond=(tails[1],))
    return least_integral, upper(bent, polynomials[0], high, beyond=(tails[0],))


def _order(
    ratio: sp.Expr, factor: sp.Expr, values: tuple[sp.Expr, sp.Expr], bounds: tuple[Fact, Fact], here: Domain
) -> Fact:
    """s (s (R - 1) - v) -> w from the bounds of R = factor times the loss."""
    goal = s * (s * (ratio - 1) - values[0])
    known = [train_meaning(), eq08_train_loss.transform()]
    below, above = (
        sp.expand(s * (s * (sp.expand(factor * bound) - 1) - values[0])) for bound in (bounds[0].lhs, bounds[1].rhs)
    )
    low_side = combine(at_most(below, goal), [(s**2 * factor, bounds[0])], domain=here, using=known)
    high_side = combine(at_most(goal, above), [(s**2 * factor, bounds[1])], domain=here, using=known)
    ends = [limit_at_infinity(bound, s, domain=here) for bound in (below, above)]
    return limit_of_equal(limit_by_squeeze(low_side, high_side, *ends, domain=here), goal, values[1], domain=here)


@cache
def second_train() -> Fact:
    """s (s (R_t - 1) - b_1) -> b_2."""
    return _order(R_t, 1 / leading, (b_1, b_2), train_bounds(), side)


@cache
def second_gen() -> Fact:
    """s (s (R_g - 1) - g_1) -> g_2, with k = 2 sqrt(lam)/a."""
    ratio = scale * over_edge(bent) / leading
    values = -3 * (k + sp.Rational(1, 4)) / (4 * root), 15 * (k**2 + k / 4 - sp.Rational(1, 32)) / (16 * lam)
    limit = instantiate(_order(ratio, 1 / leading, values, gen_bounds(), Domain()), {k: slope}, domain=side)
    goal = s * (s * (R_g - 1) - g_1)
    form = edge_of_gen(side)
    (integral,) = form.rhs.atoms(sp.Integral)
    inner = over_edge(bent.xreplace({k: slope}))
    parts = linearity(integral, [(1 / low, inner.function)], domain=side)
    known = combine(
        sp.Eq(gen, scale / low * inner, evaluate=False), [(1, gen_meaning()), (1, form), (scale, parts)], domain=side
    )
    return limit_of_equal(limit, goal, g_2, domain=side, using=[known])


@cache
def logarithm() -> Fact:
    """log(1 + x) <= x - x^2/2 + x^3/3 for x > -1."""
    series = x - x**2 / 2 + x**3 / 3
    gap = series - sp.log(1 + x)
    up = differentiate(gap, x, x**3 / (1 + x), domain=where(x > 0))
    right = at_most_by_monotonicity(up, x, 0, domain=where(x > 0))
    mirrored = gap.xreplace({x: -y})
    down = differentiate(mirrored, y, y**3 / (1 - y), domain=where(y < 1))
    left = at_most_by_monotonicity(down, y, 0, domain=where(y < 1))
    left = instantiate(left, {y: -x}, domain=where(x < 0, x > -1))
    middle = at_most_by_sign(0, gap.xreplace({x: sp.S.Zero}))
    whole = by_cases(x, 0, left, middle, right, domain=where(x > -1))
    return combine(at_most(sp.log(1 + x), series), [(1, whole)], domain=where(x > -1))


@cache
def logarithm_below() -> Fact:
    """The same for 1/(1 + x): -(t - t^2/2 + t^3/3) <= log(1 + x), t = -x/(1 + x)."""
    domain, t = where(x > -1), -x / (1 + x)
    turned = instantiate(logarithm(), {x: t}, domain=domain)
    return combine(at_most(-(t - t**2 / 2 + t**3 / 3), sp.log(1 + x)), [(1, turned)], domain=domain)


def second_logarithm(ratio: sp.Expr, limits: tuple[Fact, Fact], above_zero: Fact) -> Fact:
    """S (S log(ratio) - v) -> w - v^2/2 from S (ratio - 1) -> v and S (S (ratio - 1) - v) -> w, 0 < ratio."""
    v, known = limits[0].statement.value, [*signs(), above_zero]
    goal, q = S * (S * sp.log(ratio) - v), ratio - 1
    bounds = [instantiate(fact, {x: q}, domain=side, using=known) for fact in (logarithm(), logarithm_below())]
    value = limits[1].statement.value - v**2 / 2
    top = S * (S * q - v) - S**2 * q**2 / 2 + S**2 * q**3 / 3
    bottom = S**2 * bounds[1].lhs - S * v
    high_side = combine(at_most(goal, top), [(S**2, bounds[0])], domain=side, using=known)
    low_side = combine(at_most(bottom, goal), [(S**2, bounds[1])], domain=side, using=known)
    parts = [(one, limits[0]), (two, limits[1]), (z, limit_at_infinity(1 / S, S))]
    high = limit_through(two - one**2 / 2 + z * one**3 / 3, parts, domain=side)
    here = 1 + one * z
    deep = (two - v * one) / here + one**2 / here**2 / 2 + z * one**3 / here**3 / 3
    low_end = limit_through(deep, parts, domain=side.and_((here, ">")))
    high = limit_of_equal(high, top, value, domain=side, using=known)
    low_end = limit_of_equal(low_end, bottom, value, domain=side, using=known)
    return limit_by_squeeze(low_side, high_side, low_end, high, domain=side, using=known)


@cache
def derivation() -> Fact:
    """S (S (a (S - T) - l) + (3/2) (1 + l)/a) -> c_2."""
    early, _, train_above, gen_above = ratios()
    share, late = early_time()
    at_time = R_t.xreplace({s: time})
    known = [early]
    there = [limit_on_path(fact, time, late, domain=side, using=known) for fact in (train_order(), second_train())]
    apart = side.and_((z, ">"))
    near = limit_through(x / z, [(x, there[0]), (z, share)], domain=apart)
    near = limit_of_equal(near, S * (at_time - 1), b_1, domain=side, using=known)
    next_order = limit_through((x / z + b_1 * one) / z, [(x, there[1]), (one, along_time()), (z, share)], domain=apart)
    next_value = next_order.statement.value
    next_order = limit_of_equal(next_order, S * (S * (at_time - 1) - b_1), next_value, domain=side, using=known)
    train_part = second_logarithm(at_time, (near, next_order), train_above)
    of_gen = tuple(rescaled(fact, S, S, domain=side) for fact in (gen_order(), second_gen()))
    gen_part = second_logarithm(R_g.xreplace(at_end), of_gen, gen_above)
    share_above = at_most_by_sign(0, time / S, strict=True, domain=side, using=known)
    lag = limit_of_sum(S * (time / S - 1), [(-1, along_time())], domain=side)
    moved = limit_of_sum(S * (S * (time / S - 1) - lag.statement.value), [(-1 / low, correction())], domain=side)
    share_part = second_logarithm(time / S, (lag, moved), share_above)
    total = limit_of_sum(
        S * (S * (low * delay - ell) - v_1),
        [(1, gen_part), (-1, train_part), (sp.Rational(3, 2), share_part)],
        domain=side,
        using=[equation_of_times(), *signs()],
    )
    return limit_of_equal(total, total.statement.expr, c_2, domain=side)


DERIVES = {"lemma:second_correction": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
