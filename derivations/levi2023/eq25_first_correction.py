"""The first correction to (11): a Delta s = l - (3/2) (1 + l)/(a S) + o(1/S), l = -2 log(1 - sqrt(lam)), for lam < 1.

S is the time of the generalization loss, in units of 1/(4 eta), and T that of the train loss at the same level, Delta s
= S - T. With R_t = W/(A h) and R_g = a C/(A h), h = exp(-a s) s^(-3/2), the equation W(T) = C(S) reads

    a (S - T) = l + log R_g(S) - log R_t(T) + (3/2) log(T/S),

and s (R_t - 1) -> -3/(16 sqrt(lam)), s (R_g - 1) -> -3/(2 a) - 3/(16 sqrt(lam)), S (T/S - 1) -> -l/a.
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
    at_most_by_sign,
    at_most_by_squares,
    chain,
    combine,
    instantiate,
    limit_at_infinity,
    limit_by_squeeze,
    limit_of_equal,
    limit_of_sum,
    limit_on_path,
    limit_through,
    render,
    rescaled,
    rewrite,
    run_in_package,
    together,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from . import eq08_train_loss
from .crossing_times import L, T_tr, gen, gen_meaning, positive, train, train_meaning, train_time
from .eq05_08_losses import s
from .eq06_total_mass import lam, low, root
from .eq10_late_time_losses import edge_of_gen, inside, leading, lower, train_bounds, upper, w
from .eq11_delay import S, along_time, at_end, delay, gap, gen_between, gen_end, side, y

ID = "levi2023:25-order"
TITLE = "The first correction to the grokking time difference"

ell = -2 * sp.log(gap)
time = T_tr(lam, gen_end)
R_t, R_g = train / leading, gen * low / leading
q = sp.Symbol("q", real=True)
first = {"train": -3 / (16 * root), "gen": -3 / (2 * low) - 3 / (16 * root)}


@cache
def train_order() -> Fact:
    """s (R_t - 1) -> -3/(16 sqrt(lam))."""
    below, above = train_bounds(2)
    known = [train_meaning(), eq08_train_loss.transform()]
    return _between(s * (R_t - 1), first["train"], (-15, 128), (15, 1024), 1 / leading, (below, above), known)


@cache
def gen_bounds() -> tuple[Fact, Fact]:
    """C between two polynomials in 1/s times (A/a) h, to the second order."""
    k, here = 2 * root / low, side.with_(inside)
    nu = low + 2 * root * w
    f = sp.sqrt(w * (2 - w)) / nu
    c = k + sp.Rational(1, 4)
    over = at_most_by_squares(sp.sqrt(2 - w), sp.sqrt(2) * (1 - w / 4), domain=inside)
    most = (1 - c * w + c**2 * w**2) / low
    turn = at_most_by_sign((1 - w / 4) / nu, most, domain=here)
    high = combine(at_most(sp.sqrt(2 - w) / nu, sp.sqrt(2) * most), [(1 / nu, over), (sp.sqrt(2), turn)], domain=here)
    square = instantiate(at_most_by_sign(0, 1 - y + y**2), {y: c * w}, domain=side)
    tail = combine(at_most(0, most), [(1 / low, square)], domain=side)
    narrow = 1 - w / 4 - w**2 / 8
    under = at_most_by_squares(sp.sqrt(2) * narrow, sp.sqrt(2 - w), domain=inside)
    least = (narrow - k * w) / low
    straight = at_most_by_sign(least, narrow / nu, domain=here)
    deep = combine(
        at_most(sp.sqrt(2) * least, sp.sqrt(2 - w) / nu), [(sp.sqrt(2), straight), (1 / nu, under)], domain=here
    )
    form = edge_of_gen(side)
    back = combine(sp.Eq(form.rhs, form.lhs, evaluate=False), [(-1, form)], domain=side)
    below = chain(lower(f, sp.Poly(least, w), deep, side), back)
    return below, chain(form, upper(f, sp.Poly(most, w), high, side, (tail,)))


@cache
def gen_order() -> Fact:
    """s (R_g - 1) -> -3/(2 a) - 3/(16 sqrt(lam))."""
    below, above = gen_bounds()
    most = 15 * (2 * root / low + sp.Rational(1, 4)) ** 2, 16
    return _between(s * (R_g - 1), first["gen"], (-15, 128), most, low / leading, (below, above), [gen_meaning()])


def _between(
    goal: sp.Expr,
    value: sp.Expr,
    least: tuple[int, int],
    most: tuple[sp.Expr, int],
    factor: sp.Expr,
    bounds: tuple[Fact, Fact],
    known: list[Fact],
) -> Fact:
    """The limit of s (R - 1) from value + c/(lam s) on both sides; R is factor times the loss."""
    below, above = ((value + sp.S(top) / (bottom * lam * s)) for top, bottom in (least, most))
    low_side = combine(at_most(below, goal), [(s * factor, bounds[0])], domain=side, using=known)
    high_side = combine(at_most(goal, above), [(s * factor, bounds[1])], domain=side, using=known)
    ends = (limit_at_infinity(bound, s, domain=side) for bound in (below, above))
    limit = limit_by_squeeze(low_side, high_side, *ends, domain=side)
    return limit_of_equal(limit, goal, value, domain=side)


@cache
def logarithm_bounds() -> tuple[Fact, Fact]:
    """q/(1 + q) <= log(1 + q) <= q for q > -1."""
    above_zero = Domain(((1 + q, ">"),))
    high = combine(at_most(sp.log(1 + q), q), [(1, above_tangent(sp.log(1 + q), domain=above_zero))], domain=above_zero)
    deep = combine(
        at_most(q / (1 + q), sp.log(1 + q)), [(1, above_tangent(-sp.log(1 + q), domain=above_zero))], domain=above_zero
    )
    return deep, high


@cache
def signs() -> tuple[Fact, ...]:
    """0 < T, 0 < W(T), 0 < C(S)."""
    below, above = (instantiate(fact, at_end, domain=side) for fact in gen_between())
    early = instantiate(train_time()[1], {L: gen_end}, domain=side, using=[below, above])
    return early, instantiate(positive()[0], {s: time}, domain=side, using=[early]), below


def logarithm_limit(ratio: sp.Expr, limit: Fact, above_zero: Fact) -> Fact:
    """S log(ratio) -> v from S (ratio - 1) -> v as S -> oo, where 0 < ratio."""
    x, z = sp.symbols("x z", real=True)
    bounds = [
        instantiate(fact, {q: ratio - 1}, domain=side, using=[*signs(), above_zero]) for fact in logarithm_bounds()
    ]
    goal = S * sp.log(ratio)
    low_side = combine(at_most(S * bounds[0].lhs, goal), [(S, bounds[0])], domain=side, using=[*signs(), above_zero])
    high_side = combine(at_most(goal, S * (ratio - 1)), [(S, bounds[1])], domain=side, using=[*signs(), above_zero])
    small = limit_at_infinity(1 / S, S)
    part = limit_through(x / (1 + x * z), [(x, limit), (z, small)], domain=side.and_((1 + x * z, ">")))
    part = limit_of_equal(part, low_side.lhs, limit.statement.value, domain=side, using=[*signs(), above_zero])
    whole = limit_of_equal(limit, high_side.rhs, limit.statement.value, domain=side, using=signs())
    return limit_by_squeeze(low_side, high_side, part, whole, domain=side, using=[*signs(), above_zero])


@cache
def ratios() -> tuple[Fact, ...]:
    """(0 < T, W(T) = C(S), 0 < R_t(T), 0 < R_g(S)) on S > 0."""
    below, above = (instantiate(fact, at_end, domain=side) for fact in gen_between())
    level = {L: gen_end}
    value, early = (instantiate(fact, level, domain=side, using=[below, above]) for fact in train_time())
    signs = [
        combine(at_most(0, form, strict=True), [(factor, fact)], domain=side)
        for form, factor, fact in ((R_t, 1 / leading, positive()[0]), (R_g, low / leading, gen_between()[0]))
    ]
    train_above = instantiate(signs[0], {s: time}, domain=side, using=[early])
    return early, value, train_above, instantiate(signs[1], at_end, domain=side)


@cache
def equation_of_times() -> Fact:
    """a (S - T) = l + log R_g(S) - log R_t(T) + (3/2) log(T/S)."""
    early, value, train_above, gen_above = ratios()
    below, _ = (instantiate(fact, at_end, domain=side) for fact in gen_between())
    parts = sp.log(R_g.xreplace(at_end)) - sp.log(R_t.xreplace({s: time})) + sp.Rational(3, 2) * sp.log(time / S)
    law = instantiate(rewrite(sp.log(y**2), 2 * sp.log(y)), {y: gap}, domain=side)
    known = [value, early, below, train_above, gen_above]
    total = rewrite(low * delay, parts - sp.log(low), domain=side, using=known)
    goal = sp.Eq(low * delay, ell + parts, evaluate=False)
    return combine(goal, [(1, total), (-1, law)], domain=side, using=known)


@cache
def early_time() -> tuple[Fact, Fact]:
    """T/S -> 1 and 1/T -> 0 as S -> oo."""
    x, z = sp.symbols("x z", real=True)
    early = ratios()[0]
    small = limit_at_infinity(1 / S, S)
    share = limit_through(1 - x * z, [(x, along_time()), (z, small)], domain=side)
    share = limit_of_equal(share, time / S, 1, domain=side)
    inverse = limit_through(z / x, [(x, share), (z, small)], domain=where(x > 0, lam < 1))
    return share, limit_of_equal(inverse, 1 / time, 0, domain=side, using=[early])


@cache
def correction() -> Fact:
    """S (a (S - T) - l) -> -(3/2) (1 + l)/a."""
    early, _, train_above, gen_above = ratios()
    share, far = early_time()
    x, z = sp.symbols("x z", real=True)
    there = limit_on_path(train_order(), time, far, domain=side, using=[early])
    stretched = limit_through(x / z, [(x, there), (z, share)], domain=where(z > 0, lam < 1))
    at_time = R_t.xreplace({s: time})
    stretched = limit_of_equal(stretched, S * (at_time - 1), first["train"], domain=side, using=[early])
    train_part = logarithm_limit(at_time, stretched, train_above)
    gen_part = logarithm_limit(R_g.xreplace(at_end), rescaled(gen_order(), S, S, domain=side), gen_above)
    lag = limit_of_sum(S * (time / S - 1), [(-1, along_time())], domain=side)
    share_above = at_most_by_sign(0, time / S, strict=True, domain=side, using=[early])
    share_part = logarithm_limit(time / S, lag, share_above)
    law = equation_of_times()
    total = limit_of_sum(
        S * (low * delay - ell),
        [(1, gen_part), (-1, train_part), (sp.Rational(3, 2), share_part)],
        domain=side,
        using=[law, *signs()],
    )
    square = instantiate(rewrite(sp.log(y ** (-2)), -2 * sp.log(y)), {y: gap}, domain=side)
    return limit_of_equal(
        total, total.statement.expr, -sp.Rational(3, 2) * (1 + ell) / low, domain=side, using=[square]
    )


@cache
def derivation() -> Fact:
    """S - T ~ (l - (3/2) (1 + l)/(a S))/a; and the coefficient of 1/S."""
    formula = (ell - sp.Rational(3, 2) * (1 + ell) / (low * S)) / low
    x, z = sp.symbols("x z", real=True)
    small = limit_at_infinity(1 / S, S)
    above_zero = combine(at_most(0, ell, strict=True), [(2, _positive_log())], domain=side)
    bent = (ell - sp.Rational(3, 2) * (1 + ell) * z / low) / low
    late = side.and_((bent * low, ">"))
    quotient = limit_through(x / bent, [(x, along_time()), (z, small)], domain=late, using=[above_zero])
    apart = side.and_((S * ell - sp.Rational(3, 2) * (1 + ell) / low, ">"))
    square = instantiate(rewrite(sp.log(y ** (-2)), -2 * sp.log(y)), {y: gap}, domain=side)
    one = limit_of_equal(quotient, delay / formula, 1, domain=apart, using=[square, above_zero])
    return together(asymptotic(one, delay, formula, domain=apart, using=[above_zero]), correction())


def _positive_log() -> Fact:
    """0 < -log(1 - sqrt(lam))."""
    tangent = instantiate(above_tangent(sp.log(y)), {y: gap}, domain=side)
    return combine(at_most(0, -sp.log(gap), strict=True), [(1, tangent)], domain=side)


DERIVES = {"levi2023:25-order": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
