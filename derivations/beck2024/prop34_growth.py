"""Proposition 3.4 on two points: the minimiser grows without bound as lam tends to 1/2.

The minimiser of exp(-S) + exp(a S), a = 1 - 2 lam, is S* = log(1/a)/(1 + a): there exp(-S) = a exp(a S). As a < 1 it
exceeds log(1/a)/2.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    at_most,
    at_most_by_monotone_function,
    combine,
    define,
    render,
    rewrite,
    run_in_package,
    together,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from .appendix_d import least

ID = "beck2024:prop3.4"
TITLE = "The minimiser near the edge of separability"

lam = sp.Symbol("lam", positive=True)
S_star = sp.Function("S_star")
half = sp.Rational(1, 2)
a = 1 - 2 * lam
below = where(lam < half)
minimizer = sp.log(1 / a) / (1 + a)


@cache
def meaning() -> Fact:
    """What S* is; by :func:`appendix_d.least` it is where exp(-S) + exp(a S) is least, and only there."""
    return define(S_star(lam), minimizer, domain=below, note="the minimiser of exp(-S) + exp(a S)")


@cache
def stationary() -> Fact:
    """a exp((1 + a) S*) = 1: the slope of exp(-S) + exp(a S), which has the sign of a exp((1 + a) S) - 1, is 0."""
    return rewrite(a * sp.exp((1 + a) * S_star(lam)), 1, domain=below, using=[meaning()])


@cache
def growth() -> Fact:
    """log(1/a)/2 < S*."""
    positive = at_most_by_monotone_function(sp.log, 1, 1 / a, strict=True, domain=below)
    weight = 1 / (1 + a) - half
    goal = at_most(sp.log(1 / a) / 2, S_star(lam), strict=True)
    named = combine(goal, [(weight, positive), (-1, meaning())], domain=below)
    return combine(at_most(goal.lhs, minimizer, strict=True), [(1, named), (1, meaning())], domain=below)


@cache
def derivation() -> Fact:
    """S* is the only minimum, and it exceeds log(1/a)/2."""
    return together(least(), growth())


DERIVES = {"beck2024:prop3.4": derivation, "lemma:minimizer": stationary}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
