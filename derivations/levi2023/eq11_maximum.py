"""Where the grokking time difference is large: it goes on increasing beyond lam = 1, at eps/4 = 1/4000.

C <= F and C >= F (1 - 3/(8 sqrt(lam) s)) of (22) decide on which side of a given time the losses reach the level. For
9/10 <= lam <= 1, T_gen < 7 10^6, as F <= lam^(-3/4)/sqrt(pi s), while T_gen > 71 10^5 at lam = 10001/10000. Beyond,
1/T_gen is nearly linear in lam, and q, which is linear, separates its values at lam and at lam + 1/100000; these are
inequalities in lam alone, which balls prove. T_tr < 1000 for 1 < lam <= 2.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Domain,
    Fact,
    at_most,
    at_most_by_balls,
    at_most_by_monotone_function,
    at_most_by_sign,
    combine,
    crossing_order,
    instantiate,
    render,
    run_in_package,
    together,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from . import eq08_train_loss
from .crossing_times import L, T_gen, T_tr, gen, gen_meaning, gen_time, train, train_meaning, train_time
from .eq05_08_losses import s
from .eq06_total_mass import lam, low
from .eq10_late_time_losses import leading, train_bounds
from .eq22_uniform_form import F, bounds, edge, shrunk

ID = "levi2023:11-maximum"
TITLE = "The grokking time difference through lam = 1"

p = sp.Symbol("p", positive=True)
level, first, last, step = (sp.Rational(*pair) for pair in ((1, 4000), (10001, 10000), (10002, 10000), (1, 100000)))
at_level = Domain(((L - level, ">="), (level - L, ">=")))
near = where(lam >= sp.Rational(9, 10), lam <= 1).with_(at_level)
beyond = where(lam >= first, lam <= last).with_(at_level)
lower = L - (1 - 1 / lam)
early_end, long_ago, soon = sp.Integer(7 * 10**6), sp.Integer(71 * 10**5), sp.Integer(1000)
q = sp.Rational(117, 10**9) - sp.Rational(711, 10**6) * (lam - first)
q_after = q.xreplace({lam: lam - step}) - sp.Rational(1, 10**10)


def gen_side(sign: int, gap: Fact, domain: Domain, values: dict[sp.Symbol, sp.Expr]) -> Fact:
    """place < T_gen (sign 1) or T_gen < place (-1) at the values of p and L, from 0 < sign (C(place) - level)."""
    return instantiate(crossing_order(gen_time()[0], p)[0 if sign > 0 else 1], values, domain=domain, using=[gap])


def at_place(gap: Fact) -> Fact:
    """The fact with p in the place of s."""
    here = Domain(tuple((condition.xreplace({s: p}), kind) for condition, kind in gap.domain.conditions))
    return instantiate(gap, {s: p}, domain=here)


@cache
def sides() -> tuple[Fact, Fact]:
    """F (1 - 3/(8 sqrt(lam) s)) <= C and C <= F."""
    below, above = bounds()
    under = combine(at_most(shrunk, gen), [(1, below), (-1, gen_meaning())])
    return under, combine(at_most(gen, F), [(1, above), (1, gen_meaning())])


@cache
def before() -> Fact:
    """T_gen(lam, L) < 7 10^6 for 9/10 <= lam <= 1."""
    crude = 1 / (lam ** sp.Rational(3, 4) * sp.sqrt(sp.pi * s))
    side, scale = where(lam <= 1), lam ** sp.Rational(-3, 4)
    fade = at_most_by_monotone_function(sp.exp, -low * s, sp.S.Zero, domain=side)
    tail = at_most_by_sign(0, edge * sp.erfc(edge * sp.sqrt(s)), domain=side)
    over = combine(at_most(F, crude), [(scale / sp.sqrt(sp.pi * s), fade), (scale, tail)], domain=side)
    here = where(lam >= sp.Rational(9, 10), lam <= 1, s >= early_end, s <= early_end)
    small = at_most_by_balls(crude, level, {lam: (sp.Rational(9, 10), 1), s: (early_end, early_end + 1)})
    at = here.with_(at_level)
    gap = combine(at_most(0, L - gen, strict=True), [(1, small), (1, over), (1, sides()[1])], domain=at)
    gap = at_place(gap)
    order = gen_side(-1, gap, gap.domain, {p: p})
    return instantiate(order, {p: early_end}, domain=near)


@cache
def after() -> Fact:
    """71 10^5 < T_gen(lam, L - (1 - 1/lam)) at lam = 10001/10000."""
    box = {lam: (first, first + sp.Rational(1, 10**9)), s: (long_ago, long_ago + 1)}
    large = at_most_by_balls(level - 1 + 1 / lam, shrunk, box)
    at = large.domain.with_(at_level)
    gap = combine(at_most(0, gen - lower, strict=True), [(1, large), (1, sides()[0])], domain=at)
    gap = at_place(gap)
    order = gen_side(1, gap, gap.domain, {p: p, L: lower})
    return instantiate(order, {p: long_ago, lam: first}, domain=at_level)


@cache
def train_soon() -> Fact:
    """T_tr(lam, L) < 1000 for 1 < lam <= 2."""
    box = {lam: (1, 2), s: (soon, soon + 1)}
    small = at_most_by_balls(leading, level, box)
    at = small.domain.with_(at_level)
    gap = combine(
        at_most(0, L - train, strict=True),
        [(1, small), (1, train_bounds()[1]), (1, eq08_train_loss.transform()), (1, train_meaning())],
        domain=at,
    )
    gap = at_place(gap)
    order = instantiate(crossing_order(train_time()[0], p)[1], {p: p}, domain=gap.domain, using=[gap])
    return instantiate(order, {p: soon}, domain=where(lam >= 1, lam <= 2).with_(at_level))


@cache
def through_one() -> Fact:
    """The difference at 9/10 <= lam <= 1 is below that at lam = 10001/10000."""
    end = T_gen(first, L - (1 - 1 / first)) - T_tr(first, L)
    early = instantiate(train_soon(), {lam: first}, domain=at_level)
    positive = instantiate(train_time()[1], {}, domain=near)
    goal = at_most(T_gen(lam, L) - T_tr(lam, L), end, strict=True)
    return combine(goal, [(1, before()), (1, after()), (1, positive), (1, early)], domain=near)


@cache
def separated() -> tuple[Fact, Fact]:
    """T_gen < 1/q on the first interval, 1/q_after < T_gen on that which is moved by 1/100000."""
    found = []
    for sign, time, bound, box in (
        (-1, 1 / q, F, (first, last)),
        (1, 1 / q_after, shrunk, (first + step, last + step)),
    ):
        at = {s: time}
        pair = bound.xreplace(at), level - 1 + 1 / lam
        balls = at_most_by_balls(*pair[::-sign], {lam: box})
        domain = balls.domain.with_(at_level)
        known = instantiate(sides()[0 if sign > 0 else 1], at, domain=balls.domain)
        gap = sign * (gen.xreplace(at) - lower)
        gap = combine(at_most(0, gap, strict=True), [(1, balls), (1, known)], domain=domain)
        found.append(gen_side(sign, gap, domain, {p: time, L: lower}))
    return found[0], found[1]


@cache
def onwards() -> Fact:
    """The difference at lam is below that at lam + 1/100000, for 10001/10000 <= lam <= 10002/10000."""
    there = {lam: lam + step}
    early, late = separated()
    moved, train_end = (instantiate(fact, there, domain=beyond) for fact in (late, train_soon()))
    apart = at_most_by_sign(1 / q + soon, 1 / q_after.xreplace(there), domain=beyond)
    positive = instantiate(train_time()[1], {}, domain=beyond)
    delay = T_gen(lam, lower) - T_tr(lam, L)
    goal = at_most(delay, delay.xreplace(there), strict=True)
    return combine(goal, [(1, early), (1, moved), (1, train_end), (1, apart), (1, positive)], domain=beyond)


@cache
def derivation() -> Fact:
    """Both: up to lam = 10001/10000 and from there on."""
    return together(through_one(), onwards())


DERIVES = {"levi2023:11-maximum": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
