"""The transform H(s) = E[nu exp(-s nu)/(nu + c)] behind the losses with weight decay c = gamma/2, in Marcum's Q.

Let p > 1 > q > 0 with p q = lam and p + q = 1 + lam + c, so that c = (p - 1)(1 - q). Then exp(-c s) H(s) = G(p s;
q/p)/p, where G is the generalization loss without decay: both sides vanish at infinity, and both have the derivative
-exp(-c s) L_tr(s; lam). At s = 0 this is E[nu/(nu + c)] = 1/p, which is also the Laplace transform of the train
loss, that is, of the busy period of an M/M/1 queue with arrival rate lam and service rate 1.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    at_most_by_monotone_function,
    by_derivative,
    chain,
    combine,
    differentiate,
    equation,
    fundamental,
    instantiate,
    integral_at_most,
    limit_at_infinity,
    limit_by_squeeze,
    limit_of_equal,
    limit_of_sum,
    render,
    rescaled,
    rewrite,
    run_in_package,
    under_integral,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from . import eq08_gen_loss, eq08_train_loss, marcum_derivatives, plateau
from .eq05_08_losses import s
from .eq06_total_mass import lam, nu
from .eq20_slope import G, transform_slope

ID = "levi2023:14-closed"
TITLE = "The ridge transform of the Marchenko-Pastur law"

p, q = sp.symbols("p q", positive=True)
sides = where(p > 1, q < 1)
c = (p - 1) * (1 - q)
ratio, dual = {lam: p * q}, {lam: q / p}
low, high = (1 - sp.sqrt(p * q)) ** 2, (1 + sp.sqrt(p * q)) ** 2
weight = sp.sqrt((high - nu) * (nu - low)) / (2 * sp.pi * p * q)
H = sp.Integral(sp.exp(-s * (nu + c)) * weight / (nu + c), (nu, low, high))
busy = sp.exp(-(1 + lam) * s) * (sp.besseli(0, 2 * sp.sqrt(lam) * s) - sp.besseli(2, 2 * sp.sqrt(lam) * s))


@cache
def slope_of_transform() -> Fact:
    """d/ds [exp(-c s) H] = -exp(-c s) L_tr(s; p q)."""
    inside = under_integral(H, s, -sp.exp(-s * (nu + c)) * weight, domain=sides)
    train = instantiate(eq08_train_loss.transform(), ratio, domain=sides)
    decayed = -sp.exp(-c * s) * train.rhs
    return chain(inside, combine(equation(inside.rhs, decayed), [(-sp.exp(-c * s), train)], domain=sides))


@cache
def slope_of_dual() -> Fact:
    """d/ds [G(p s; q/p)/p] = -exp(-c s) L_tr(s; p q)."""
    _, by_s = transform_slope()
    train = instantiate(eq08_train_loss.transform(), {**dual, s: p * s}, domain=sides)
    below = sp.exp(-(p + q) * s) * sp.besseli(1, 2 * sp.sqrt(p * q) * s) / (sp.sqrt(p * q) * s)
    return differentiate(G(p * s, q / p) / p, s, -below, domain=sides, using=[by_s, train])


@cache
def transform_vanishes() -> Fact:
    """exp(-c s) H -> 0 as s -> oo."""
    above = sp.Integral(sp.exp(-s * c) * weight / (nu + c), (nu, low, high))
    order = at_most_by_monotone_function(sp.exp, -s * (nu + c), -s * c, domain=sides)
    bound = integral_at_most(H, above, domain=sides, using=[order])
    below = integral_at_most(0, H, domain=sides)
    ends = limit_at_infinity(sp.Integer(0), s, domain=sides), limit_at_infinity(above, s, domain=sides)
    return limit_by_squeeze(below, bound, *ends, domain=sides)


@cache
def dual_vanishes() -> Fact:
    """G(p s; q/p) -> 0 as s -> oo, because q/p < 1."""
    limit = instantiate(plateau.transform_limit(), dual, domain=sides)
    return limit_of_equal(rescaled(limit, s, p * s, domain=sides), G(p * s, q / p), 0, domain=sides)


@cache
def derivation() -> Fact:
    """exp(-c s) E[nu exp(-s nu)/(nu + c)] = G(p s; q/p)/p, for p > 1 > q."""
    last = limit_of_sum(G(p * s, q / p) / p, [(1 / p, dual_vanishes())], domain=sides)
    return by_derivative(
        slope_of_transform(), slope_of_dual(), s, sp.oo, domain=sides, limits=[transform_vanishes(), last]
    )


@cache
def busy_period() -> Fact:
    """The integral of exp(-c s) L_tr(s) over s > 0 is 1/p: the transform of an M/M/1 busy period."""
    loss = sp.exp(-(1 + p * q + c) * s) * (
        sp.besseli(0, 2 * sp.sqrt(p * q) * s) - sp.besseli(2, 2 * sp.sqrt(p * q) * s)
    )
    whole = sp.Integral(loss, (s, 0, sp.oo))
    survival = eq08_gen_loss.closed_form.xreplace(dual).xreplace({s: p * s}) / p
    partial = [marcum_derivatives.by_noncentrality(), marcum_derivatives.by_threshold()]
    closed = instantiate(eq08_gen_loss.transform(), {**dual, s: p * s}, domain=sides)
    meaning = instantiate(transform_slope()[0], {**dual, s: p * s}, domain=sides)
    form = rewrite(-survival, -G(p * s, q / p) / p, domain=sides, using=[meaning, closed])
    limit = limit_of_sum(-G(p * s, q / p) / p, [(-1 / p, dual_vanishes())], domain=sides)
    end = limit_of_equal(limit, -survival, 0, domain=sides, using=[form])
    total = fundamental(whole, -survival, domain=sides, at_infinity=end, using=partial)
    return chain(total, rewrite(total.rhs, 1 / p, domain=sides))


DERIVES = {"lemma:ridge_transform": derivation, "lemma:busy_period": busy_period}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
    print(render(busy_period()))
