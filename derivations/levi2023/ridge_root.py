"""The root p > max(1, lam) of (p - 1)(1 - lam/p) = gamma/2, and what is known of the averages with weight decay there.

p = (1 + lam + c + r)/2, c = gamma/2, r^2 = (1 + lam + c)^2 - 4 lam. As r is at least 1 - lam + c and lam - 1 + c, p is
at least 1 + c and lam + c. Facts on p > max(1, lam) with c(p, lam) = (p - 1)(1 - lam/p) hold there with c = gamma/2.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    at_most,
    at_most_by_sign,
    at_most_by_squares,
    by_cases,
    combine,
    define,
    equation,
    instantiate,
    render,
    run_in_package,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from .eq06_total_mass import lam
from .eq14_weight_decay import gamma
from .eq15_plateaus import decay, outside
from .eq20_slope import at_one
from .ridge_transform import p

ID = "lemma:ridge_root"
TITLE = "The root behind the losses with weight decay"

c = sp.Function("c_ridge")
shift = c(p, lam)
square = (1 + lam + gamma / 2) ** 2 - 4 * lam
r = sp.sqrt(square)
P = (1 + lam + gamma / 2 + r) / 2


@cache
def meaning() -> Fact:
    """c(p, lam) = (p - 1)(1 - lam/p), for p > max(1, lam)."""
    return define(shift, decay, domain=outside)


@cache
def positive() -> Fact:
    """0 < c(p, lam)."""
    return at_most_by_sign(0, shift, strict=True, domain=outside, using=[meaning()])


@cache
def square_positive() -> Fact:
    """0 < (1 + lam + gamma/2)^2 - 4 lam."""
    sides = [at_most_by_sign(0, square, strict=True, domain=where(side)) for side in (lam < 1, lam > 1)]
    middle = at_most_by_sign(0, square.xreplace(at_one), strict=True)
    return by_cases(lam, 1, sides[0], middle, sides[1])


@cache
def bounds() -> tuple[Fact, Fact, Fact]:
    """1 < p and lam < p, from 1 + c <= p and lam + c <= p."""
    real = square_positive()
    facts = []
    for other in (sp.Integer(1), lam):
        least = 2 * other - 1 - lam + gamma / 2
        wide = at_most_by_squares(least, r, using=[real])
        facts.append(combine(at_most(other, P, strict=True), [(sp.Rational(1, 2), wide)], using=[real]))
    return real, facts[0], facts[1]


@cache
def derivation() -> Fact:
    """c(p, lam) = gamma/2 at the root."""
    here = instantiate(meaning(), {p: P}, using=bounds())
    return combine(equation(here.lhs, gamma / 2), [(1, here)], using=bounds())


def at_root(fact: Fact) -> Fact:
    """A fact on p > max(1, lam) at the root; :func:`derivation` says what c(p, lam) is there."""
    return instantiate(fact, {p: P}, domain=fact.domain.without(p), using=bounds())


DERIVES = {"lemma:ridge_root": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
