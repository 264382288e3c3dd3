"""(9), corrected: the accuracy is A = erf(sqrt(eps/(2 L))), without the printed factor 2.

A prediction error z is Gaussian with mean 0 and variance L, and a sample is classified correctly where z^2 <= eps. A
= erf(sqrt 2) exactly where L = eps/4.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    at_most_by_balls,
    chain,
    combine,
    define,
    equation,
    fundamental,
    instantiate,
    render,
    rewrite,
    together,
)

ID = "levi2023:9"
TITLE = "The accuracy as a function of the loss"

L, eps = sp.symbols("L eps", positive=True)
z = sp.Symbol("z", real=True)
A = sp.Function("A")


@cache
def definition() -> Fact:
    """A is the probability of z^2 <= eps for a normal z of variance L."""
    density = sp.exp(-(z**2) / (2 * L)) / sp.sqrt(2 * sp.pi * L)
    return define(A(L, eps), sp.Integral(density, (z, -sp.sqrt(eps), sp.sqrt(eps))), note="P(z^2 <= eps), z ~ N(0, L)")


@cache
def derivation() -> Fact:
    """A(L, eps) = P(|z| <= sqrt(eps)) = erf(sqrt(eps/(2 L)))."""
    meaning = definition()
    value = fundamental(meaning.rhs, sp.erf(z / sp.sqrt(2 * L)) / 2)
    return chain(meaning, value, rewrite(value.rhs, sp.erf(sp.sqrt(eps / (2 * L)))))


@cache
def threshold() -> Fact:
    """A(eps/4, eps) = erf(sqrt 2)."""
    here = instantiate(derivation(), {L: eps / 4})
    return chain(here, rewrite(here.rhs, sp.erf(sp.sqrt(2))))


@cache
def probability() -> Fact:
    """P(|z| <= sqrt(eps)) as an integral, in closed form."""
    meaning = definition()
    value = derivation()
    return combine(equation(meaning.rhs, value.rhs), [(1, value), (-1, meaning)])


@cache
def threshold_probability() -> Fact:
    """The same at L = eps/4: erf(sqrt 2)."""
    here = instantiate(probability(), {L: eps / 4})
    return chain(here, rewrite(here.rhs, sp.erf(sp.sqrt(2))))


@cache
def percent() -> Fact:
    """Erf(sqrt 2), the accuracy at L = eps/4, is 95 per cent to within 1/2."""
    low, high = sp.Rational(945, 1000), sp.Rational(955, 1000)
    value = sp.erf(sp.sqrt(2))
    return together(at_most_by_balls(low, value, {}), at_most_by_balls(value, high, {}))


@cache
def rescaled_start() -> Fact:
    """Losses (1 + alpha^2)/2 times as large have the accuracies of the threshold 2 eps/(1 + alpha^2)."""
    alpha = sp.Symbol("alpha", positive=True)
    larger = instantiate(derivation(), {L: (1 + alpha**2) / 2 * L})
    smaller = instantiate(derivation(), {eps: 2 / (1 + alpha**2) * eps})
    return rewrite(larger.rhs, smaller.rhs)


DERIVES = {
    "levi2023:9-percent": percent,
    "levi2023:11-start-threshold": rescaled_start,
    "lemma:accuracy_of_loss": derivation,
    "lemma:accuracy_at_threshold": threshold,
    "levi2023:9": probability,
    "levi2023:9-variance": probability,
    "levi2023:9-threshold": threshold_probability,
}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
    print(render(threshold()))
