"""Section 5: the condition for a correct prediction is on D^T Sigma D, the variance of the error D^T x of an input x.

For d_in = 2 and Sigma = ((u, w), (w, v)), x = (sqrt(u) g_0, w/sqrt(u) g_0 + sqrt(v - w^2/u) g_1) with independent
standard normal g_0, g_1 has the covariance Sigma.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import Fact, chain, combine, define, equation, mean_square, render, rewrite, where

ID = "levi2023:5-condition"
TITLE = "The variance of a prediction error"

u = sp.Symbol("u", positive=True)
v, w, g0, g1, D0, D1 = sp.symbols("v w g0 g1 D0 D1", real=True)
error, variance = sp.Function("z"), sp.Function("V")
elliptic = where(v - w**2 / u > 0)


@cache
def definition() -> Fact:
    """z = D^T x, by independent standard variables."""
    x0, x1 = sp.sqrt(u) * g0, w / sp.sqrt(u) * g0 + sp.sqrt(v - w**2 / u) * g1
    return define(error(D0, D1, g0, g1, u, v, w), D0 * x0 + D1 * x1, domain=elliptic, note="the error on the input x")


@cache
def derivation() -> Fact:
    """E[z^2] = D^T Sigma D."""
    one = sp.Integer(1)
    form = (sp.Matrix([[D0, D1]]) * sp.Matrix([[u, w], [w, v]]) * sp.Matrix([D0, D1]))[0]
    squares = (D0 * sp.sqrt(u) + D1 * w / sp.sqrt(u)) ** 2 + D1**2 * (v - w**2 / u)
    mean = mean_square(variance(D0, D1, u, v, w), definition(), {g0: one, g1: one}, squares)
    value = rewrite(squares, form, domain=elliptic)
    whole = chain(mean, value)
    return combine(equation(squares, form), [(1, whole), (-1, mean)], domain=elliptic)


DERIVES = {"levi2023:5-condition": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
