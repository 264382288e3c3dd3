"""(4) in the error function, and the limiting accuracy of separable data, where -b/R tends to 1/(sigma M).

The output S.x + b is Gaussian of mean b and spread R = sigma |S|; the label is -1, so that the sample is classified
correctly where the output is negative, with probability 1/2 plus the mass of the standard normal law on (0, -b/R).
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import Fact, combine, define, equation, fundamental, instantiate, render

ID = "beck2024:4"
TITLE = "The accuracy as a function of bias and spread"

M, sigma, k = sp.symbols("M sigma k", positive=True)
z = sp.Symbol("z", real=True)
A = sp.Function("A_gen")
half = sp.Rational(1, 2)


@cache
def derivation() -> Fact:
    """1/2 + the normal law on (0, k) = (1 + erf(k/sqrt 2))/2, for k = -b/R > 0."""
    law = sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi)
    mass = sp.Integral(law, (z, 0, k))
    meaning = define(A(k), half + mass, note="P(output < 0) for an output of mean -k in units of its spread")
    value = fundamental(mass, sp.erf(z / sp.sqrt(2)) / 2)
    closed = (1 + sp.erf(k / sp.sqrt(2))) / 2
    known = combine(equation(A(k), closed), [(1, meaning), (1, value)])
    return combine(equation(half + mass, closed), [(1, known), (-1, meaning)])


@cache
def separable() -> Fact:
    """-b/|S| -> 1/M: the limiting accuracy of separable data."""
    return _at(1 / (sigma * M), (1 + sp.erf(1 / (sp.sqrt(2) * sigma * M))) / 2)


@cache
def scaled() -> Fact:
    """The same where the data of margin M have been scaled by sigma."""
    return _at(1 / (sigma**2 * M), (1 + sp.erf(1 / (sp.sqrt(2) * sigma**2 * M))) / 2)


def _at(ratio: sp.Expr, closed: sp.Expr) -> Fact:
    here = instantiate(derivation(), {k: ratio})
    return combine(equation(here.lhs, closed), [(1, here)])


DERIVES = {"lemma:accuracy": derivation, "beck2024:prop3.2-separable": separable, "beck2024:44": scaled}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
