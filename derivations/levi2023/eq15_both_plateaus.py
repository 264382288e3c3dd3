"""(15) in the decay gamma: both plateaus as gamma -> 0, on both sides of lam = 1.

At the root p of (p - 1)(1 - lam/p) = c = gamma/2 the plateaus are E[nu c^2/(nu + c)^2]/2 = c^2/(2 (p^2 - lam)) and
E[c^2/(nu + c)^2]/2 = (p - 1)^2/(2 (p^2 - lam)), where p - 1 = c p/(p - lam). As gamma -> 0, p -> max(1, lam). For lam <
1 the plateaus go like gamma^2, and the one of the generalization loss is eps/4 at gamma ~ sqrt(2 eps (1 - lam)^3). For
lam > 1 the generalization loss keeps half of its plateau 1 - 1/lam.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    asymptotic,
    at_most_by_sign,
    combine,
    equation,
    limit_by_continuity,
    render,
    run_in_package,
    together,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from .eq05_08_losses import over_spectrum
from .eq06_total_mass import atom, density, lam, nu
from .eq14_closed_forms import convergent, still
from .eq14_weight_decay import gamma
from .eq15_plateaus import decay, outside, second_moment, weight
from .ridge_root import P, at_root, bounds, meaning, shift
from .ridge_root import derivation as root_equation
from .ridge_transform import p

ID = "levi2023:15-gen"
TITLE = "Both plateaus for small weight decay"

under, over = where(lam < 1), where(lam > 1)


def train_average(c: sp.Expr) -> sp.Integral:
    """E[nu c^2/(nu + c)^2]."""
    return over_spectrum(weight * c**2 / (nu + c) ** 2)


def gen_average(c: sp.Expr) -> sp.Integral:
    """E[c^2/(nu + c)^2] over the continuous part."""
    return over_spectrum(density * c**2 / (nu + c) ** 2)


train_plateau = train_average(gamma / 2) / 2
gen_plateau = (atom + gen_average(gamma / 2)) / 2


@cache
def _apart() -> Fact:
    return at_root(at_most_by_sign(0, p**2 - lam, strict=True, domain=outside))


@cache
def train_value() -> Fact:
    """E[nu c^2/(nu + c)^2] = c^2/(p^2 - lam), in gamma."""
    given = [meaning(), at_most_by_sign(0, decay, strict=True, domain=outside)]
    symbol = combine(
        equation(train_average(shift), shift**2 / (p**2 - lam)),
        [(decay**2, second_moment())],
        domain=outside,
        using=given,
    )
    goal = equation(train_average(gamma / 2), (gamma / 2) ** 2 / (P**2 - lam))
    return combine(goal, [(1, at_root(symbol))], using=[root_equation(), *bounds(), _apart()])


@cache
def gen_value() -> Fact:
    """E[c^2/(nu + c)^2] = (p - 1)^2/(p^2 - lam) - (1 - 1/lam)^+ over the continuous part, in gamma."""
    given = [meaning(), at_most_by_sign(0, decay, strict=True, domain=outside)]
    goal = equation(gen_average(shift), (p - 1) ** 2 / (p**2 - lam) - atom)
    symbol = combine(goal, [(1, still())], domain=outside, using=given)
    goal = equation(gen_average(gamma / 2), (P - 1) ** 2 / (P**2 - lam) - atom)
    return combine(goal, [(1, at_root(symbol))], using=[root_equation(), *bounds(), _apart(), convergent()])


@cache
def train_over() -> Fact:
    """E[nu c^2/(nu + c)^2]/2 ~ gamma^2/(8 lam (lam - 1)) as gamma -> 0, for lam > 1."""
    limit = limit_by_continuity(lam * (lam - 1) / (P**2 - lam), gamma, 0, domain=over)
    claimed = gamma**2 / (8 * lam * (lam - 1))
    return asymptotic(limit, train_plateau, claimed, domain=over, using=[train_value()])


@cache
def gen_over() -> Fact:
    """(1 - 1/lam + E[c^2/(nu + c)^2])/2 ~ (1 - 1/lam)/2 as gamma -> 0, for lam > 1."""
    left = (1 - 1 / lam) / 2
    limit = limit_by_continuity((P - 1) ** 2 / (P**2 - lam) / (2 * left), gamma, 0, domain=over)
    return asymptotic(limit, gen_plateau, left, domain=over, using=[gen_value()])


@cache
def late_over() -> Fact:
    """Both plateaus for lam > 1: only half of 1 - 1/lam is left, and the train loss goes like gamma^2."""
    return together(gen_over(), train_over())


@cache
def derivation() -> Fact:
    """E[c^2/(nu + c)^2]/2 ~ gamma^2/(8 (1 - lam)^3) as gamma -> 0, for lam < 1."""
    ratio = P**2 * (1 - lam) ** 3 / ((P - lam) ** 2 * (P**2 - lam))
    limit = limit_by_continuity(ratio, gamma, 0, domain=under)
    claimed = gamma**2 / (8 * (1 - lam) ** 3)
    return asymptotic(limit, gen_plateau, claimed, domain=under, using=[gen_value()])


@cache
def threshold() -> Fact:
    """gamma ~ sqrt(2 eps (1 - lam)^3) as gamma -> 0, eps = 4 times the plateau of the generalization loss, lam < 1."""
    slow = 1 - lam / P
    goal = equation(gen_average(gamma / 2), (gamma / 2) ** 2 / (slow**2 * (P**2 - lam)) - atom)
    value = combine(goal, [(1, gen_value())], domain=under, using=[*bounds(), _apart()])
    limit = limit_by_continuity(slow * sp.sqrt((P**2 - lam) / (1 - lam) ** 3), gamma, 0, domain=under)
    claimed = 2 * sp.sqrt((1 - lam) ** 3 * (2 * gen_plateau))
    return asymptotic(limit, gamma, claimed, domain=under, using=[value, *bounds(), _apart()])


DERIVES = {"levi2023:15-gen": derivation, "levi2023:15-over": late_over, "levi2023:15-threshold": threshold}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
    print(render(late_over()))
    print(render(threshold()))
