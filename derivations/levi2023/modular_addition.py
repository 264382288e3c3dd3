"""Appendix G: the sizes of modular addition with prime p, and their ratios.

There are p^2 pairs (n, m), of which N_tr = alpha p^2 are for training and the other N_gen = p^2 - N_tr for testing.
The two numbers enter as one-hot vectors, d_in = 2p. The network has p outputs and d_h hidden units, so that its two
layers have d_h d_in and p d_h weights.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import Fact, combine, define, equation, render, rewrite, where

ID = "levi2023:G"
TITLE = "The sizes of modular addition"

p, alpha, hidden = sp.symbols("p alpha hidden", positive=True)
N_tr, N_gen, d_in, weights = (sp.Function(name) for name in ("N_tr", "N_gen", "d_in", "W"))


@cache
def samples() -> tuple[Fact, Fact]:
    """N_tr = alpha p^2 and N_gen = p^2 - alpha p^2."""
    train = define(N_tr(alpha, p), alpha * p**2, note="a fraction alpha of all pairs")
    return train, define(N_gen(alpha, p), p**2 - alpha * p**2, note="the other pairs")


@cache
def fraction() -> Fact:
    """N_tr/N_gen = alpha/(1 - alpha)."""
    train, test = samples()
    part, share = where(alpha < 1), alpha / (1 - alpha)
    quotient = rewrite(train.lhs / test.lhs, train.rhs / test.rhs, domain=part, using=[train, test])
    value = rewrite(train.lhs / test.lhs, share, domain=part, using=[train, test])
    return combine(equation(quotient.rhs, share), [(1, value), (-1, quotient)], domain=part, using=[train, test])


@cache
def derivation() -> Fact:
    """lam = d_in/N_tr = 2/(alpha p)."""
    inputs, (train, _) = define(d_in(p), 2 * p, note="two one-hot vectors"), samples()
    quotient = rewrite(inputs.lhs / train.lhs, inputs.rhs / train.rhs, using=[inputs, train])
    value = rewrite(inputs.lhs / train.lhs, 2 / (alpha * p), using=[inputs, train])
    return combine(equation(quotient.rhs, 2 / (alpha * p)), [(1, value), (-1, quotient)], using=[inputs, train])


@cache
def parameters() -> Fact:
    """2 p d_h + d_h p = 3 d_h p weights."""
    layers = define(weights(hidden, p), 2 * p * hidden + hidden * p, note="d_h x d_in and p x d_h")
    value = rewrite(layers.lhs, 3 * hidden * p, using=[layers])
    return combine(equation(layers.rhs, 3 * hidden * p), [(1, value), (-1, layers)])


DERIVES = {"levi2023:G-fraction": fraction, "levi2023:G-ratio": derivation, "levi2023:G-parameters": parameters}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
    print(render(fraction()))
    print(render(parameters()))
