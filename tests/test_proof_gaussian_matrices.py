"""Moments of Gaussian matrices: known ones, sampled ones, and false ones."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from grokmath.ledger.explicit import written_out
from grokmath.ledger.record import MatrixIdentity
from grokmath.proof import (
    Expm,
    GaussianMean,
    RefusedStep,
    SymmetricMatrix,
    UnitVector,
    gaussian_moment,
    instantiate_matrices,
    square,
    where,
)

d, N = sp.symbols("d N", integer=True, positive=True)
v = sp.Symbol("v", positive=True)
free = sp.Symbol("free", real=True)
i = sp.Symbol("i", integer=True, positive=True)
X, A, B = sp.MatrixSymbol("X", N, d), sp.MatrixSymbol("A", d, d), sp.MatrixSymbol("B", N, N)
K = sp.MatrixSymbol("X", d, d)
W = X.T * X


def refused(step, words):
    with pytest.raises(RefusedStep, match=words):
        step()


def test_moments_of_wishart_matrices():
    assert gaussian_moment(sp.Trace(W), X, v, v * N * d)
    assert gaussian_moment(sp.Trace(W) ** 2, X, v, v**2 * (N**2 * d**2 + 2 * N * d))
    assert gaussian_moment(sp.Trace(W * W), X, v, v**2 * N * d * (N + d + 1))
    third = N * d * (N**2 + d**2 + 3 * N * d + 3 * N + 3 * d + 4)
    assert gaussian_moment(sp.Trace(W**3), X, v, v**3 * third).lhs == GaussianMean(sp.Trace(W**3), X, v)
    fourth = 6 * N**2 * d + 6 * N * d**2 + 6 * N**2 + 17 * N * d + 6 * d**2 + N**3 + d**3 + 21 * N + 21 * d + 20
    assert gaussian_moment(sp.Trace(W**4), X, 1, N * d * fourth)
    between = sp.Trace(A) * sp.Trace(B * B) + sp.Trace(A) * sp.Trace(B.T * B)
    assert gaussian_moment(
        sp.Trace(A * X.T * B * X) * sp.Trace(B * X * X.T), X, 1, sp.Trace(A) * sp.Trace(B) ** 2 * d + between
    )
    assert gaussian_moment(sp.Trace(A * X.T * B * X * W), X, 0, 0)
    assert gaussian_moment(sp.Trace(W) * sp.Trace(A) + 3, X, 1, N * d * sp.Trace(A) + 3)


def test_odd_moments_vanish():
    row, column = sp.MatrixSymbol("a", d, 1), sp.MatrixSymbol("b", N, 1)
    assert gaussian_moment(sp.Trace(column.T * X * row), X, 1, 0)
    assert gaussian_moment(sp.Trace(column.T * X * row) ** 3, X, 1, 0)
    fourth = 3 * square(row) ** 2 * square(column) ** 2
    assert gaussian_moment(sp.Trace(column.T * X * row) ** 4, X, 1, fourth)


@pytest.mark.parametrize(
    ("argument", "variance", "value", "words"),
    [
        (sp.Trace(W * W), 1, N * d * (N + d), "differs"),  # the law of complex entries
        (sp.Trace(W * W), 1, N * d * (N + d + 1) + sp.Rational(1, 10**20), "differs"),
        (sp.Trace(W * W), v, N * d * (N + d + 1), "differs"),
        (sp.Trace(W) ** 2, 1, N**2 * d**2, "differs"),
        (sp.Trace(W), free, free * N * d, "variance"),
        (sp.Trace(W), sp.Trace(A * W), 0, "variance"),
        (sp.Trace(W), 1, sp.Trace(W), "depends on X"),
        (W, 1, N, "not a number"),
        (sp.exp(sp.Trace(W)), 1, 1, "not a polynomial"),
        (sp.Trace(Expm(W)), 1, d, "not a polynomial"),
        (sp.Trace(sp.Inverse(W + sp.Identity(d))), 1, d, "not a polynomial"),
        (sp.Function("f")(X) * sp.Trace(W), 1, N, "not a polynomial"),
        (sp.Trace(W**5), 1, 1, "degree 10"),
        (
            sp.Sum(sp.exp(sp.Trace(A)) * sp.Trace(X * X.T * UnitVector(N, i) * UnitVector(N, i).T), (i, 1, N)),
            1,
            0,
            "differs",
        ),
    ],
)
def test_false_moments(argument, variance, value, words):
    refused(lambda: gaussian_moment(argument, X, variance, value), words)


def test_symbols_that_are_not_free():
    M = SymmetricMatrix("M", d)
    refused(lambda: gaussian_moment(sp.Trace(M * M), M, 1, d**2), "free matrix")
    positive = gaussian_moment(sp.Trace(W), X, free, free * N * d, domain=where(free > 0))
    assert positive.domain.conditions


def test_the_random_matrix_is_bound():
    fact = gaussian_moment(sp.Trace(A * W), X, 1, N * sp.Trace(A))
    assert instantiate_matrices(fact, {A: 2 * A}).rhs == N * sp.Trace(2 * A)
    assert instantiate_matrices(fact, {N: 3 * N}).rhs == 3 * N * sp.Trace(A)
    refused(lambda: instantiate_matrices(fact, {X: 2 * X}), "bound")
    refused(lambda: instantiate_matrices(fact, {A: W}), "capture")
    square_one = gaussian_moment(sp.Trace(W) * sp.Trace(K), X, 1, N * d * sp.Trace(K))
    refused(lambda: instantiate_matrices(square_one, {N: d}), "same name and size")


def test_they_agree_with_samples():
    rng = np.random.default_rng(11)
    x = rng.normal(size=(200000, 2, 3))
    w = np.einsum("kni,knj->kij", x, x)
    draws = np.einsum("kij,kjl,kli->k", w, w, w)
    third = 2 * 3 * (4 + 9 + 18 + 6 + 9 + 4)
    assert abs(draws.mean() - third) < 4 * draws.std() / np.sqrt(draws.size)


def test_they_are_written_out():
    claim = MatrixIdentity(GaussianMean(sp.Trace(W * W), X, v), v**2 * N * d * (N + d + 1), (("d", 2), ("N", 3)))
    (scalar,) = written_out(claim)
    assert sp.expand(scalar.reference - scalar.formula) == 0
