"""(4): the accuracy as a function of bias and spread, and the limiting accuracy of separable data.

The output S.x + b of a sample x with independent normal components of variance sigma^2 is b + |S| xi, where xi is the
component of x along S, normal with variance sigma^2 whatever the dimension; R = sigma |S|. The label is -1, so that the
sample is classified correctly where the output is negative.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Domain,
    Fact,
    at_most,
    at_most_by_monotone_function,
    combine,
    equation,
    gaussian_probability,
    instantiate,
    limit_along,
    limit_at_infinity,
    limit_of_equal,
    render,
    rewrite,
    run_in_package,
    split,
    together,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from .eq03_population_loss import lower_bound
from .gaussian_lemmas import density, half, mass, over, signed, tail, z
from .gaussian_lemmas import h as bound

ID = "beck2024:4"
TITLE = "The accuracy as a function of bias and spread"

R, norm, sigma, M, n, ratio = sp.symbols("R norm sigma M n ratio", positive=True)
b, xi, k, v = sp.symbols("b xi k v", real=True)
A = sp.Function("A_gen")


def accuracy(bias: sp.Expr, spread: sp.Expr) -> sp.Expr:
    """(1 + erf(-b/(sqrt 2 R)))/2."""
    return (1 + sp.erf(-bias / (sp.sqrt(2) * spread))) / 2


@cache
def definition() -> Fact:
    """A_gen(b, sigma, |S|) = P(S.x + b < 0) as the mass below -b/(sigma |S|)."""
    return gaussian_probability(
        A(b, sigma, norm), b + norm * xi, {xi: sigma**2}, sigma * norm, z, note="the component of x along S"
    )


@cache
def below() -> Fact:
    """The mass below k is (1 + erf(k/sqrt 2))/2."""
    parts = instantiate(split(over(density), bound), {bound: k})
    upper = instantiate(tail(), {bound: k})
    lower = over(density, -sp.oo, k)
    goal = equation(lower, (1 + sp.erf(k / sp.sqrt(2))) / 2)
    return combine(goal, [(-1, parts), (1, mass()), (-1, upper)], note="1 less the mass above")


@cache
def closed() -> Fact:
    """(4) in sigma and |S|."""
    known = instantiate(below(), {k: -b / (sigma * norm)})
    meaning = definition()
    value = combine(
        equation(A(b, sigma, norm), accuracy(b, sigma * norm)), [(1, meaning), (1, known)], note="the accuracy"
    )
    return instantiate(value, {sigma: sp.S.One, norm: R})


@cache
def sampled() -> Fact:
    """The mass below -b/R, which is P(R z + b < 0)."""
    meaning = instantiate(definition(), {sigma: sp.S.One, norm: R})
    mass_below = over(density, -sp.oo, -b / R)
    return combine(equation(mass_below, accuracy(b, R)), [(1, closed()), (-1, meaning)])


@cache
def counted_from_zero() -> Fact:
    """The same as 1/2 plus the mass between 0 and -b/R."""
    part = over(density, sp.S.Zero, -b / R)
    return signed(part, sp.erf(z / sp.sqrt(2)) / 2, b, sp.S.Zero, accuracy(b, R), Domain())


@cache
def derivation() -> Fact:
    """(4): the mass below -b/R, and what the ledger names."""
    return together(counted_from_zero(), sampled())


@cache
def separable() -> Fact:
    """-b/|S| -> 1/M: the limiting accuracy of separable data."""
    return _at(1 / (sigma * M), (1 + sp.erf(1 / (sp.sqrt(2) * sigma * M))) / 2)


@cache
def scaled() -> Fact:
    """The same where the data of margin M have been scaled by sigma."""
    return _at(1 / (sigma**2 * M), (1 + sp.erf(1 / (sp.sqrt(2) * sigma**2 * M))) / 2)


def _at(reach: sp.Expr, value: sp.Expr) -> Fact:
    from_zero = instantiate(counted_from_zero(), {b: -reach, R: sp.S.One})
    same = rewrite(from_zero.rhs, value)
    return combine(equation(half + over(density, sp.S.Zero, reach), value), [(1, from_zero), (1, same)])


def of_the_model(limit: Fact, bias: sp.Expr, spread: sp.Expr) -> Fact:
    """The limit of a closed form as that of A_gen, whose closed form it is."""
    here = instantiate(closed(), {b: bias, R: spread})
    named = limit_of_equal(limit, here.lhs, 1, using=[here])
    return limit_of_equal(named, limit.statement.expr, 1, using=[here])


@cache
def perfect() -> Fact:
    """Proposition 3.1: A -> 1 along b = -n R, n -> oo; A grows with |b|/R; and L_gen > log(1 + e^b)/2."""
    limit = of_the_model(limit_at_infinity(accuracy(-n * R, R), n), -n * R, R)
    more = at_most_by_monotone_function(sp.erf, ratio / sp.sqrt(2), 2 * ratio / sp.sqrt(2), strict=True)
    goal = at_most(accuracy(-ratio * R, R), accuracy(-2 * ratio * R, R), strict=True)
    return together(limit, combine(goal, [(half, more)]), lower_bound())


lam, s_star, k_star = sp.symbols("lam s_star k_star", positive=True)
a = 1 - 2 * lam


@cache
def inseparable() -> Fact:
    """Proposition 3.2 on two points, from S = S*: b = -log(1 + kappa n) and A -> 1."""
    minimizer, kappa = sp.log(1 / a) / (1 + a), (1 + a) * a ** (-a / (1 + a))
    spread = where(lam < half)
    far = limit_at_infinity((1 + sp.erf(v / sp.sqrt(2))) / 2, v, domain=where(v > 0))
    bias = sp.log(1 + k_star * n)
    along = of_the_model(limit_along(far, n, bias / s_star), -bias, s_star)
    positive = at_most_by_monotone_function(sp.log, 1, 1 / a, strict=True, domain=spread)
    return instantiate(along, {s_star: minimizer, k_star: kappa}, domain=spread, using=[positive])


DERIVES = {
    "beck2024:4": derivation,
    "lemma:accuracy": closed,
    "beck2024:44": scaled,
    "beck2024:prop3.1": perfect,
    "beck2024:prop3.2-inseparable": inseparable,
    "beck2024:prop3.2-separable": separable,
}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
    print(render(inseparable()))
