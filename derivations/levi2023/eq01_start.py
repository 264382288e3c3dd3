"""The start of the training of the model (1): the losses at the start, the parameters, and the eigenvectors of Sigma.

S_0 and T have independent entries of mean 0 and variance 1/(2 d_in d_out).
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    Mean,
    OrthogonalMatrix,
    at_most_by_sign,
    matrix_rewrite,
    render,
    rewrite,
    run_in_package,
    square,
    together,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from .eq01_model import S, T, X, d_in, d_out, form, x

ID = "levi2023:1-start"
TITLE = "The start of training"

N = X.shape[0]
variance = 1 / (2 * d_in * d_out)
laws = (S, variance), (T, variance)
lam = sp.Symbol("lam", positive=True)
count, outputs = sp.symbols("N d", positive=True)
V = sp.MatrixSymbol("V", d_in, 1)
Q = OrthogonalMatrix("Q", d_in)


@cache
def derivation() -> Fact:
    """Both losses are 1/d_out at the start, on average over S_0, T and the data."""
    new_sample = matrix_rewrite(Mean(square((S - T).T * x) / d_out, (x, 1), *laws), 1 / d_out)
    data = matrix_rewrite(Mean(form(S - T), *laws, (X, 1)), 1 / d_out)
    return together(new_sample, data)


@cache
def eigenvectors() -> Fact:
    """An orthogonal matrix of the size of Sigma, d_in x d_in, keeps the lengths of vectors of R^d_in."""
    return together(rewrite(d_in**2, d_in * d_in), matrix_rewrite(square(Q * V), square(V)))


@cache
def parameters() -> Fact:
    """lam = d_in/N for every d_out: d_in d_out unknowns, fewer than the N d_out equations for lam < 1, else more."""
    unknowns, equations = lam * count * outputs, count * outputs
    return together(
        rewrite(unknowns / equations, lam),
        at_most_by_sign(unknowns, equations, strict=True, domain=where(lam < 1)),
        at_most_by_sign(equations, unknowns, strict=True, domain=where(lam > 1)),
    )


DERIVES = {
    "levi2023:1-start": derivation,
    "levi2023:5-sphere": eigenvectors,
    "levi2023:8-parameters": parameters,
}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
