"""Moments of Gaussian matrices of any size and any degree: Wick's rule."""

from __future__ import annotations

from functools import partial
from typing import Any

import sympy

from grokmath.proof.domain import EVERYWHERE, Domain
from grokmath.proof.facts import Fact, equation, make_fact
from grokmath.proof.matrix_contraction import contracted, inner, letters, places_of
from grokmath.proof.matrix_forms import Matrices, Poly
from grokmath.proof.matrix_terms import GaussianMean, all_symbols
from grokmath.proof.normal import refuse

__all__ = ["gaussian_moment"]

_MOST = 8


def gaussian_moment(
    argument: Any, symbol: Any, variance: Any, value: Any, *, domain: Domain = EVERYWHERE, note: str = ""
) -> Fact:
    """E f(X) = ``value`` for a polynomial f in the entries of the matrix ``symbol``, independent, normal, of mean 0.

    Proved: f is a number and a polynomial in X of degree at most 8, with no X in functions; the variance is not
    negative and free of X; ``value`` is the sum over all pairings of the factors X, each pair contracted by
    E[X_ij X_kl] = v d_ik d_jl. That is Wick's rule: E[X_a F(X)] = sum over b of E[X_a X_b] E[dF/dX_b], by parts, for
    one factor X after the other. A term of odd degree has mean 0.
    """
    rule = "moment of a Gaussian matrix"
    argument, variance, value = map(sympy.S, (argument, variance, value))
    matrices = Matrices(rule, domain)
    if type(symbol) is not sympy.MatrixSymbol or symbol in all_symbols(variance):
        raise refuse(rule, f"{symbol} is not a free matrix, or its variance {variance} depends on it")
    for part in (argument, value):
        if isinstance(part, sympy.MatrixExpr):
            raise refuse(rule, f"{part} is not a number")
    if symbol in all_symbols(value):
        raise refuse(rule, f"the mean {value} depends on {symbol}")
    matrices.normal.require((variance, ">="), f"the variance of {symbol}")
    form = matrices.form(argument)
    if matrices.marked(form):
        raise refuse(rule, f"{argument} is a sum over samples")
    rest = matrices.remainder(_averaged(matrices, form, symbol, variance), matrices.form(value))
    if rest:
        raise refuse(rule, f"the mean of {argument} differs from {value} by {rest}")
    return make_fact(equation(GaussianMean(argument, symbol, variance), value), domain, rule, note)


def _averaged(matrices: Matrices, poly: Poly, symbol: Any, variance: Any) -> Poly:
    result = Poly(poly.shape)
    for term, c in poly.terms.items():
        if matrices.depends(c, symbol) or any(symbol in inner(letter) for letter in letters(term)):
            raise refuse(matrices.rule, f"what is averaged is not a polynomial in {symbol}")
        places = places_of(term, symbol)
        if len(places) > _MOST:
            raise refuse(matrices.rule, f"a moment of degree {len(places)} in {symbol}")
        if not places:
            result.put(c, *term)
        elif len(places) % 2 == 0:
            first, *others = places
            paired = Poly(poly.shape)
            for other in others:
                contracted(partial(matrices.add_term, paired), c * variance, term, symbol, [first, other])
            for key, factor in _averaged(matrices, paired, symbol, variance).terms.items():
                result.put(factor, *key)
    return result
