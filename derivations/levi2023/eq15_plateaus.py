"""(15), corrected: the losses with weight decay at late times, and what is left of them for small gamma.

With c = gamma/2 and K = nu + c, the mean square of a mode differs from c^2/(2 K^2) by at most 2 exp(-eta gamma t). Let
p > max(1, lam) be the root of c = (p - 1)(1 - lam/p). The ridge transform at s = 0 says E[nu/K] = 1/p; its derivative
by p gives E[nu/K^2] = 1/(p^2 - lam), and partial fractions give E[1/K^2]. Hence L_tr -> c^2/(2 (p^2 - lam)), and
L_gen -> (p - 1)^2/(2 (p^2 - lam)) for lam != 1. For lam < 1 and gamma -> 0, that is p -> 1, they are
gamma^2/(8 (1 - lam)) and gamma^2/(8 (1 - lam)^3) to leading order; printed is 4 for 8. For lam > 1 (p -> lam) the
train loss is gamma^2/(8 lam (lam - 1)), and the generalization loss (1 - 1/lam)/2.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Domain,
    Fact,
    asymptotic,
    at_most_by_sign,
    by_cases,
    chain,
    combine,
    derivative_of_equal,
    differentiate,
    equation,
    instantiate,
    integral_at_most,
    integral_limit,
    limit_at_infinity,
    limit_by_continuity,
    limit_by_squeeze,
    limit_of_equal,
    limit_of_sum,
    linearity,
    render,
    rescaled,
    run_in_package,
    under_integral,
    unique_limit,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from . import eq06_total_mass, eq08_gen_loss, eq14_weight_decay, ridge_transform
from .eq05_08_losses import eta, half, over_spectrum, s, t
from .eq06_total_mass import atom, density, lam, nu
from .eq14_weight_decay import K, L_gen, L_tr, gamma, square
from .eq20_slope import G, transform_slope
from .ridge_transform import H, dual, p, q, sides

ID = "levi2023:15-train"
TITLE = "The plateau of the train loss with weight decay"

weight = density * nu
outside = where(p > 1, p > lam)
decay = (p - 1) * (1 - lam / p)
rest = (gamma / 2 / K) ** 2 / 2


@cache
def start_of_transform() -> Fact:
    """G(s, lam) -> 1 as s -> 0."""
    meaning, _ = transform_slope()
    closed = eq08_gen_loss.transform()
    start = limit_by_continuity(closed.rhs, s, 0)
    return limit_of_equal(start, G(s, lam), 1, using=[meaning, closed])


@cache
def first_moment() -> Fact:
    """E[nu/(nu + c)] = 1/p for p > max(1, lam), c = (p - 1)(1 - lam/p)."""
    known = ridge_transform.derivation()
    dual_start = rescaled(instantiate(start_of_transform(), dual, domain=sides), s, p * s, domain=sides)
    scaled = limit_of_sum(G(p * s, q / p) / p, [(1 / p, dual_start)], domain=sides)
    right = limit_of_equal(scaled, H, 1 / p, domain=sides, using=[known])
    value = unique_limit(integral_limit(H, s, 0, domain=sides), right, domain=sides)
    return instantiate(value, {q: lam / p}, domain=outside)


@cache
def second_moment() -> Fact:
    """E[nu/(nu + c)^2] = 1/(p^2 - lam), the derivative of the first by p."""
    known = first_moment()
    positive = at_most_by_sign(0, decay, strict=True, domain=outside)
    steep = 1 - lam / p**2
    slope = -weight * steep / (nu + decay) ** 2
    moved = under_integral(known.lhs, p, slope, domain=outside, using=[positive])
    slope_of_value = derivative_of_equal(known, differentiate(1 / p, p, domain=outside), domain=outside)
    equal = combine(
        equation(moved.rhs, -1 / p**2), [(1, slope_of_value), (-1, moved)], domain=outside, using=[positive]
    )
    target = over_spectrum(weight / (nu + decay) ** 2)
    apart = at_most_by_sign(0, steep, strict=True, domain=outside, using=[positive])
    return combine(equation(target, 1 / (p**2 - lam)), [(-1 / steep, equal)], domain=outside, using=[positive, apart])


def _late_integral(form: sp.Expr, side: Domain) -> Fact:
    """The integral of the mean square against ``form`` tends to that of (gamma/2)^2/(2 K^2)."""
    fade = sp.exp(-eta * gamma * t)
    now, plateau, whole = (over_spectrum(f * form) for f in (square, rest, 1))
    above = over_spectrum((rest + 2 * fade) * form)
    parts = linearity(above, [(1, rest * form), (2 * fade, form)], domain=side)
    bound = chain(integral_at_most(now, above, domain=side), parts)
    below = integral_at_most(plateau, now, domain=side)
    ends = limit_at_infinity(plateau, t, domain=side), limit_at_infinity(plateau + 2 * fade * whole, t, domain=side)
    return limit_by_squeeze(below, bound, *ends, domain=side)


@cache
def late_loss() -> Fact:
    """L_tr -> E[nu (gamma/2)^2/(2 K^2)] as t -> oo."""
    loss = eq14_weight_decay.train_loss()
    limit = _late_integral(weight, Domain())
    return limit_of_equal(limit, L_tr(t, eta, gamma, lam), limit.statement.value, using=[loss])


@cache
def derivation() -> Fact:
    """L_tr -> c^2/(2 (p^2 - lam)) for gamma = 2 c, c = (p - 1)(1 - lam/p)."""
    here = instantiate(late_loss(), {gamma: 2 * decay}, domain=outside)
    value = decay**2 / (2 * (p**2 - lam))
    moment = second_moment()
    positive = at_most_by_sign(0, decay, strict=True, domain=outside)
    same = combine(equation(here.statement.value, value), [(decay**2 / 2, moment)], domain=outside, using=[positive])
    return limit_of_equal(here, here.statement.expr, value, domain=outside, using=[same])


def _gen_side(side: Domain) -> Fact:
    """L_gen -> (p - 1)^2/(2 (p^2 - lam)) on one side of lam = 1."""
    domain = side.with_(outside)
    positive = at_most_by_sign(0, decay, strict=True, domain=outside)
    loss = eq14_weight_decay.derivation()
    null = limit_at_infinity(atom * (1 + sp.exp(-2 * eta * gamma * t)) / 2, t, domain=side)
    both = limit_of_sum(loss.rhs, [(1, null), (1, _late_integral(density, side))], domain=side)
    late = limit_of_equal(both, L_gen(t, eta, gamma, lam), both.statement.value, domain=side, using=[loss])
    here = instantiate(late, {gamma: 2 * decay}, domain=domain)
    square_of_decay = decay**2 / (nu + decay) ** 2
    parts = linearity(
        over_spectrum(square_of_decay * density),
        [(1, density), (-1, weight / (nu + decay)), (-decay, weight / (nu + decay) ** 2)],
        domain=domain,
        using=[positive],
        note="partial fractions in nu",
    )
    value = (p - 1) ** 2 / (2 * (p**2 - lam))
    same = combine(
        equation(here.statement.value, value),
        [
            (half, parts),
            (half, eq06_total_mass.derivation()),
            (-half, first_moment()),
            (-decay / 2, second_moment()),
        ],
        domain=domain,
        using=[positive],
    )
    return limit_of_equal(here, here.statement.expr, value, domain=domain, using=[same])


@cache
def gen_plateau() -> Fact:
    """L_gen -> (p - 1)^2/(2 (p^2 - lam)) for gamma = 2 c, c = (p - 1)(1 - lam/p), and lam != 1."""
    below, above = _gen_side(where(lam < 1)), _gen_side(where(lam > 1))
    return by_cases(lam, 1, below, None, above, domain=where(sp.Ne(lam, 1)).with_(outside))


def _ratio(value: sp.Expr, claimed: sp.Expr, ratio: sp.Expr, point: sp.Expr, domain: Domain) -> Fact:
    """value ~ claimed as p -> point from above, as their quotient is continuous and 1 there."""
    return asymptotic(limit_by_continuity(ratio, p, point, domain=domain), value, claimed, domain=domain)


train_value, gen_value = decay**2 / (2 * (p**2 - lam)), (p - 1) ** 2 / (2 * (p**2 - lam))
small = (2 * decay) ** 2 / 8
under, over = where(lam < 1, p > 1), where(lam > 1, p > lam)


@cache
def small_decay() -> Fact:
    """L_tr(oo) ~ gamma^2/(8 (1 - lam)) as gamma = 2 c -> 0 (p -> 1), for lam < 1."""
    return _ratio(train_value, small / (1 - lam), (1 - lam) / (p**2 - lam), sp.Integer(1), under)


@cache
def small_decay_gen() -> Fact:
    """L_gen(oo) ~ gamma^2/(8 (1 - lam)^3) as gamma -> 0 (p -> 1), for lam < 1."""
    ratio = p**2 * (1 - lam) ** 3 / ((p**2 - lam) * (p - lam) ** 2)
    return _ratio(gen_value, small / (1 - lam) ** 3, ratio, sp.Integer(1), under)


@cache
def small_decay_over() -> Fact:
    """L_tr(oo) ~ gamma^2/(8 lam (lam - 1)) as gamma -> 0 (p -> lam), for lam > 1."""
    return _ratio(train_value, small / (lam * (lam - 1)), lam * (lam - 1) / (p**2 - lam), lam, over)


@cache
def small_decay_gen_over() -> Fact:
    """L_gen(oo) -> (1 - 1/lam)/2 as gamma -> 0 (p -> lam), for lam > 1: weight decay halves the plateau."""
    limit = limit_by_continuity(gen_value, p, lam, domain=over)
    return limit_of_equal(limit, gen_value, (1 - 1 / lam) / 2, domain=over)


DERIVES = {
    "levi2023:15-limit-train": derivation,
    "levi2023:15-limit-gen": gen_plateau,
    "lemma:small_decay": small_decay,
    "lemma:small_decay_gen": small_decay_gen,
    "levi2023:15-over-train": small_decay_over,
    "lemma:small_decay_gen_over": small_decay_gen_over,
}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
    print(render(gen_plateau()))
    for fact in (small_decay(), small_decay_gen(), small_decay_over(), small_decay_gen_over()):
        print(render(fact))
