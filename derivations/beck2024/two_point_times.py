"""The two times with S at its fixed point, (37)-(41) and (13), lam < 1/2.

At S* = log(1/a)/p, a = p - 1 = 1 - 2 lam, both points pull alike: e^{-S*} = a e^{a S*}, and e^{-S*} + e^{a S*} = kappa
= p a^{-a/p}. The bias falls as e^{-b} = 1 + kappa c t, or b = -c kappa tau. The losses are L_tr = kappa e^b/2 and the
population's e^{b + S*^2/2}; each is set equal to eps. The limits: eps to 0 at fixed lam, or 1 - 2 lam = e^{-L} to 0.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    above_tangent,
    asymptotic,
    at_most,
    at_most_by_monotonicity,
    chain,
    change_variable,
    combine,
    differentiate,
    equation,
    gaussian_mean,
    instantiate,
    limit_at_infinity,
    limit_by_continuity,
    limit_of_equal,
    limit_of_sum,
    limit_through,
    normal_density,
    render,
    rewrite,
    run_in_package,
    together,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from .gaussian_lemmas import mass, y, z
from .two_point import S, b, flow, meaning
from .two_point import lam as lam_

ID = "beck2024:39-fixed"
TITLE = "The two times with S at its fixed point"

lam, eta, eps, t, tau, L = sp.symbols("lam eta eps t tau L", positive=True)
p = sp.Symbol("p", positive=True)
e, w, i = sp.symbols("e w i", real=True)
c, half = eta / 2, sp.Rational(1, 2)
INSIDE = where(lam < half)
norm, xi = sp.Symbol("norm", positive=True), sp.Symbol("xi", real=True)
Population = sp.Function("Population")


def minimizer(a: sp.Expr) -> sp.Expr:
    """S* = log(1/a)/(1 + a)."""
    return sp.log(1 / a) / (1 + a)


def kappa(a: sp.Expr) -> sp.Expr:
    """(1 + a) a^(-a/(1+a))."""
    return (1 + a) * a ** (-a / (1 + a))


def training(a: sp.Expr) -> sp.Expr:
    """The t at which kappa e^b/2 = eps."""
    return (kappa(a) / (2 * eps) - 1) / (kappa(a) * c)


def generalization(a: sp.Expr) -> sp.Expr:
    """The t at which e^{b + S*^2/2} = eps."""
    return (sp.exp(minimizer(a) ** 2 / 2) / eps - 1) / (kappa(a) * c)


a_p, a_lam, near = p - 1, 1 - 2 * lam, sp.exp(-L)
star, k = minimizer(near), kappa(near)
IN_P = where(p > 1, p < 2)


@cache
def fixed_point() -> tuple[Fact, Fact]:
    """e^{-S*} = a e^{a S*}, from S' = 0 in (27), and the sum kappa."""
    at = minimizer(a_p)
    speed = flow(0, {lam_: 1 - p / 2, S: at}, IN_P)
    still = rewrite(speed.lhs, 0, domain=IN_P, using=[speed])
    rest = combine(equation(sp.exp(-at), a_p * sp.exp(a_p * at)), [(1 / c, still)], domain=IN_P)
    total = rewrite(sp.exp(-at) + sp.exp(a_p * at), kappa(a_p), domain=IN_P)
    return tuple(instantiate(fact, {p: 2 - 2 * lam}, domain=INSIDE) for fact in (rest, total))


@cache
def bias_slope() -> Fact:
    """b = -log(1 + kappa c t) solves b' = -c kappa e^b."""
    growth = 1 + kappa(a_lam) * c * t
    value = -c * kappa(a_lam) / growth
    by_flow = differentiate(-sp.log(growth), t, value, domain=INSIDE)
    written = differentiate(-sp.log(growth), t, sp.diff(-sp.log(growth), t), domain=INSIDE)
    return rewrite(value, written.rhs, domain=INSIDE, using=[by_flow, written, *fixed_point()])


@cache
def losses_at_their_times() -> tuple[Fact, Fact]:
    """L_tr = eps at the training time, and the population's loss = eps at the generalization time."""
    at = minimizer(a_p)
    bias_tr, bias_gen = (-sp.log(1 + kappa(a_p) * c * time) for time in (training(a_p), generalization(a_p)))
    model = instantiate(
        meaning(), {lam_: 1 - p / 2, S: at, b: bias_tr}, domain=where(p > 1, p < 2, kappa(a_p) - 2 * eps > 0)
    )
    reached = rewrite(model.lhs, eps, domain=model.domain, using=[model])
    large = where(p > 1, p < 2, sp.exp(at**2 / 2) - eps > 0)
    there = instantiate(population(), {norm: at, b: bias_gen}, domain=large)
    return reached, rewrite(there.lhs, eps, domain=large, using=[there])


@cache
def losses_in_conformal_time() -> tuple[Fact, Fact]:
    """The same at the times of (40): b = -c kappa tau, which solves b' = -c kappa."""
    at, total = minimizer(a_p), kappa(a_p)
    times = sp.log(total / (2 * eps)) / (c * total), (at**2 / 2 - sp.log(eps)) / (c * total)
    bias_tr, bias_gen = (-c * total * time for time in times)
    model = instantiate(meaning(), {lam_: 1 - p / 2, S: at, b: bias_tr}, domain=IN_P)
    there = instantiate(population(), {norm: at, b: bias_gen}, domain=IN_P)
    reached, crossed = (rewrite(fact.lhs, eps, domain=IN_P, using=[fact]) for fact in (model, there))
    return instantiate(reached, {p: 1 + near}), instantiate(crossed, {p: 1 + near})


@cache
def population() -> Fact:
    """The population's exponential loss: with z = y + S, e^{S z} times the density is e^{S^2/2} times that of y."""
    value, f = sp.exp(b + norm**2 / 2), sp.Symbol("f", real=True)
    loss = gaussian_mean(
        Population(norm, b),
        sp.Lambda(f, sp.exp(f)),
        b + norm * xi,
        {xi: sp.S.One},
        norm,
        z,
        note="the mean of e^{S xi + b} over a standard normal xi; S, here called norm, is positive",
    )
    moved = change_variable(loss.rhs, y, y + norm, -sp.oo, sp.oo, value * normal_density(y))
    total = combine(equation(moved.rhs, value), [(value, mass())])
    return chain(loss, moved, total)


def _model() -> list[Fact]:
    """What the times rest on: the fixed point, the bias, and the losses."""
    return [bias_slope(), *losses_at_their_times()]


@cache
def training_time() -> Fact:
    """(37): eta eps times it is 1 - 2 eps/kappa."""
    limit = limit_by_continuity(1 - 2 * eps / kappa(a_lam), eps, 0, domain=INSIDE)
    return asymptotic(limit, training(a_lam), 1 / (eta * eps), domain=INSIDE, using=_model())


@cache
def generalization_time() -> Fact:
    """(38), with kappa and S*: the ratio is 1 - eps e^{-S*^2/2}."""
    size = sp.exp(minimizer(a_lam) ** 2 / 2)
    leading = 2 / (eta * kappa(a_lam) * eps) * size
    limit = limit_by_continuity(1 - eps / size, eps, 0, domain=INSIDE)
    return asymptotic(limit, generalization(a_lam), leading, domain=INSIDE, using=_model())


@cache
def kappa_below_two() -> Fact:
    """0 < log(2/kappa), which vanishes at lam = 0 and increases."""
    logarithm = sp.log(2 / kappa(a_lam))
    value = -2 * sp.log(a_lam) / (2 - 2 * lam) ** 2
    slope = differentiate(logarithm, lam, value, domain=INSIDE)
    return at_most_by_monotonicity(slope, lam, 0, strict=True, domain=INSIDE)


@cache
def exponent_positive() -> Fact:
    """0 < S*^2/2 + log(2/kappa)."""
    value = minimizer(a_lam) ** 2 / 2 + sp.log(2 / kappa(a_lam))
    return combine(at_most(0, value, strict=True), [(1, kappa_below_two())], domain=INSIDE)


@cache
def derivation() -> Fact:
    """(39) at fixed lam: log(t_gen/t_tr) tends to S*^2/2 + log(2/kappa)."""
    size, k_lam = sp.exp(minimizer(a_lam) ** 2 / 2), kappa(a_lam)
    value = minimizer(a_lam) ** 2 / 2 + sp.log(2 / k_lam)
    near_0 = where(lam < half, k_lam - 2 * eps > 0, size - eps > 0)
    simple = (size - eps) / (k_lam / 2 - eps)
    ratio_of_times = rewrite(generalization(a_lam) / training(a_lam), simple, domain=near_0, using=_model())
    limit = limit_by_continuity(sp.log(simple), eps, 0, domain=near_0)
    positive = exponent_positive()
    ratio = limit_of_sum(limit.statement.expr / value, [(1 / value, limit)], domain=near_0, using=[positive])
    one = limit_of_equal(ratio, ratio.statement.expr, 1, domain=near_0, using=[positive])
    return asymptotic(one, sp.log(ratio_of_times.lhs), value, domain=near_0, using=[ratio_of_times, positive])


def _to_zero() -> list[tuple[sp.Symbol, Fact]]:
    """e^{-L}, L e^{-L} and 1/L tend to 0."""
    return [(e, limit_at_infinity(near, L)), (w, limit_at_infinity(L * near, L)), (i, limit_at_infinity(1 / L, L))]


@cache
def exponent_near_half() -> list[Fact]:
    """S*^2/2 + log(2/kappa), the limit as eps tends to 0, at 1 - 2 lam = e^{-L}, and that it is positive."""
    return [instantiate(fact, {lam: (1 - near) / 2}) for fact in (derivation(), exponent_positive())]


log_kappa = sp.log(1 + e) + w / (1 + e)
square = 1 / (1 + e) ** 2 + 2 * i**2 * (sp.log(2) - log_kappa)
"""2/L^2 times S*^2/2 + log(2/kappa), e, w and i standing for e^{-L}, L e^{-L} and 1/L."""


@cache
def ratio_near_half() -> Fact:
    """(39): sqrt(S*^2/2 + log(2/kappa)) over L/sqrt(2) tends to 1."""
    limit = limit_through(sp.sqrt(square), _to_zero(), domain=where(1 + e > 0, square > 0))
    return asymptotic(limit, sp.sqrt(star**2 / 2 + sp.log(2 / k)), L / sp.sqrt(2), using=exponent_near_half())


def _near() -> list[Fact]:
    return [*exponent_near_half(), *losses_in_conformal_time()]


@cache
def conformal_times() -> Fact:
    """(40)."""
    small = where(eps < half)
    tangent = above_tangent(sp.log(2 * eps), domain=small)
    negative = combine(at_most(sp.log(2 * eps), 0, strict=True), [(1, tangent)], domain=small)
    k_e = (1 + e) * sp.exp(w / (1 + e))
    level = -sp.log(2 * eps)
    near_0 = where(1 + e > 0, eps < half)
    first = limit_through((log_kappa + level) / (k_e * level), _to_zero()[:2], domain=near_0, using=[negative])
    known = [negative, *_near()]
    training_near = asymptotic(
        first, sp.log(k / (2 * eps)) / (c * k), sp.log(1 / (2 * eps)) / c, domain=small, using=known
    )
    below = half - i**2 * sp.log(eps)
    above = 1 / (1 + e) ** 2 / 2 - i**2 * sp.log(eps)
    second = limit_through(above / (k_e * below), _to_zero(), domain=near_0.with_(where(below > 0)))
    times = (star**2 / 2 - sp.log(eps)) / (c * k), (L**2 / 2 - sp.log(eps)) / c
    return together(training_near, asymptotic(second, *times, domain=small, using=known))


@cache
def difference() -> Fact:
    """(41): b = -c kappa tau in conformal time."""
    near_0 = where(1 + e > 0, square > 0)
    k_e = (1 + e) * sp.exp(w / (1 + e))
    limit = limit_through(sp.sqrt(square / k_e), _to_zero(), domain=near_0)
    return asymptotic(limit, sp.sqrt((star**2 / 2 + sp.log(2 / k)) / (c * k)), L / sp.sqrt(eta), using=_near())


DERIVES = {
    "beck2024:37": training_time,
    "beck2024:38": generalization_time,
    "beck2024:39-fixed": derivation,
    "beck2024:39": ratio_near_half,
    "beck2024:13": ratio_near_half,
    "beck2024:40": conformal_times,
    "beck2024:41": difference,
}

if __name__ == "__main__":
    for step in dict.fromkeys(DERIVES.values()):
        print(render(step(), TITLE if step is derivation else ""))
