"""(15) in the decay gamma itself: what is left of the plateaus as gamma -> 0, for lam < 1.

The root p > 1 of (p - 1)(1 - lam/p) = gamma/2 is p = (1 + lam + gamma/2 + r)/2, where r^2 is
(1 + lam + gamma/2)^2 - 4 lam, and r > 1 - lam + gamma/2.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    asymptotic,
    at_most_by_squares,
    combine,
    equation,
    instantiate,
    limit_by_continuity,
    render,
    rewrite,
    run_in_package,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from .eq05_08_losses import over_spectrum
from .eq06_total_mass import lam
from .eq14_weight_decay import K, gamma
from .eq15_plateaus import decay, first_moment, second_moment, weight
from .ridge_transform import p

ID = "levi2023:15-train"
TITLE = "The plateaus of the losses for small weight decay"

side = where(lam < 1)
middle = 1 + lam + gamma / 2
r = sp.sqrt(middle**2 - 4 * lam)
P = (middle + r) / 2
train_value = 1 / (P**2 - lam)


@cache
def root() -> tuple[Fact, Fact]:
    """p > 1, and (p - 1)(1 - lam/p) = gamma/2."""
    wide = at_most_by_squares(1 - lam + gamma / 2, r, domain=side)
    meets = rewrite(decay.xreplace({p: P}), gamma / 2, domain=side)
    return wide, meets


@cache
def moments() -> tuple[Fact, Fact]:
    """E[nu/K] = 1/p and E[nu/K^2] = 1/(p^2 - lam), K = nu + gamma/2."""
    wide, meets = root()
    there = [instantiate(fact, {p: P}, domain=side, using=[wide]) for fact in (first_moment(), second_moment())]
    forms = over_spectrum(weight / K), over_spectrum(weight / K**2)
    one, two = (
        combine(equation(form, fact.rhs), [(1, fact)], domain=side, using=[meets])
        for form, fact in zip(forms, there, strict=True)
    )
    return one, two


@cache
def derivation() -> Fact:
    """E[nu (gamma/2)^2/K^2]/2 ~ gamma^2/(8 (1 - lam)) as gamma -> 0, for lam < 1."""
    _, second = moments()
    plateau = over_spectrum(gamma**2 / (4 * K**2) * weight)
    value = combine(equation(plateau, gamma**2 / 4 * train_value), [(gamma**2 / 4, second)], domain=side)
    limit = limit_by_continuity((1 - lam) * train_value, gamma, 0, domain=side)
    return asymptotic(limit, plateau / 2, gamma**2 / (8 * (1 - lam)), domain=side, using=[value])


DERIVES = {"levi2023:15-train": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
