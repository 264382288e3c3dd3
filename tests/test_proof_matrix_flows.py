"""Linear flows, spectra of X X.T and X.T X, matrices with independent columns: true steps, and false ones."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from grokmath.proof import (
    Expm,
    FullRankMatrix,
    Gradient,
    Mean,
    Path,
    RefusedStep,
    SpectralSum,
    TimeDerivative,
    combine_matrices,
    define_of_matrices,
    dual_spectrum,
    equation,
    gradient_flow,
    instantiate_matrices,
    linear_flow,
    matrix_rewrite,
    spectral_sum,
    square,
    where,
)

d, N = sp.symbols("d N", integer=True, positive=True)
t, eta = sp.symbols("t eta", positive=True)
X, full = sp.MatrixSymbol("X", N, d), FullRankMatrix("X", N, d)
S, S_0 = sp.MatrixSymbol("S", d, 1), sp.MatrixSymbol("S_0", d, 1)
y = sp.MatrixSymbol("y", N, 1)
nu, sure = sp.Symbol("nu", nonnegative=True), sp.Symbol("nu", positive=True)
path = Path("S", d, 1, t, eta, S_0, X, y)
loss = square(X * S - y)
(LAW,) = gradient_flow([matrix_rewrite(Gradient(loss, S), 2 * X.T * (X * S - y))], [path], [S_0], eta)
residual = X * path - y
RATE = -2 * eta * X * X.T


def refused(step, words):
    with pytest.raises(RefusedStep, match=words):
        step()


def test_the_residual_of_a_linear_model():
    fact = linear_flow([LAW], residual, RATE)
    assert fact.rhs == Expm(t * RATE) * (X * S_0 - y)
    assert fact.lhs == residual


@pytest.mark.parametrize(
    ("moving", "generator", "words"),
    [
        (residual, 2 * RATE, "left over"),
        (residual, -RATE, "left over"),
        (residual + y, RATE, "left over"),
        (path, -2 * eta * X.T * X, "left over"),  # the targets drive it
        (t * residual, RATE, "left over"),
        (residual, t * RATE, "depends on t"),
        (residual, -2 * eta * (X * X.T + residual * residual.T), "path"),
        (Path("Q", N, 1, t, X), RATE, "path without a law"),
    ],
)
def test_what_does_not_obey_the_law(moving, generator, words):
    refused(lambda: linear_flow([LAW], moving, generator), words)


def test_laws_that_are_none():
    law, begin = LAW
    refused(lambda: linear_flow([], residual, RATE), "laws")
    refused(lambda: linear_flow([(begin, law)], residual, RATE), "law of a path")
    refused(lambda: linear_flow([(law, law)], residual, RATE), "start")
    elsewhere = instantiate_matrices(begin, {S_0: 2 * S_0})
    refused(lambda: linear_flow([(law, elsewhere)], residual, RATE), "start")
    refused(lambda: linear_flow([LAW], residual, RATE, domain=where(t > 1)), "time that the domain leaves free")


def test_it_agrees_with_numbers():
    """Euler's method with small steps, against the exponential."""
    rng = np.random.default_rng(5)
    x, start, target = rng.normal(size=(3, 2)), rng.normal(size=2), rng.normal(size=3)
    w, steps = start.copy(), 20000
    for _ in range(steps):
        w -= 1 / steps * 2 * 0.1 * x.T @ (x @ w - target)
    values, vectors = np.linalg.eigh(x @ x.T)
    exact = vectors @ (np.exp(-0.2 * values) * (vectors.T @ (x @ start - target)))
    assert np.allclose(x @ w - target, exact, atol=1e-3)


def test_spectra_of_both_products():
    f = sp.Lambda(nu, sp.exp(-nu) * (1 + nu))
    fact = dual_spectrum(f, X, 1 / N)
    assert fact.lhs == SpectralSum(f, X * X.T / N)
    assert fact.rhs == SpectralSum(f, X.T * X / N) + N - d
    rng = np.random.default_rng(2)
    for rows, columns in ((3, 5), (5, 3)):
        x = rng.normal(size=(rows, columns))
        left, right = (np.linalg.eigvalsh(m / rows) for m in (x @ x.T, x.T @ x))
        total = [np.sum(np.exp(-v) * (1 + v)) for v in (left, right)]
        assert abs(total[0] - total[1] - (rows - columns)) < 1e-12


@pytest.mark.parametrize(
    ("variable", "body", "scale", "words"),
    [
        (nu, 1 / nu, 1, "not proved"),  # not defined at 0
        (nu, sp.log(nu), 1, "not proved"),
        (sure, 2 * sure, 1, "not negative"),
        (nu, 2 * nu, -1, "factor"),
        (nu, 2 * nu, 0, "factor"),
        (nu, 2 * nu, nu, "not negative"),
        (d, 2 * d, 1, "not negative"),
    ],
)
def test_spectra_of_functions_without_a_value_at_zero(variable, body, scale, words):
    refused(lambda: dual_spectrum(sp.Lambda(variable, body), X, scale), words)


def test_independent_columns():
    inverse = sp.Inverse(full.T * full)
    assert matrix_rewrite(inverse * full.T * full, sp.Identity(d))
    assert matrix_rewrite(full.T * full * inverse * inverse, inverse)
    refused(lambda: matrix_rewrite(sp.Inverse(X.T * X), sp.Inverse(X.T * X)), "positive definite")
    refused(lambda: matrix_rewrite(sp.Inverse(full * full.T), sp.Inverse(full * full.T)), "positive definite")
    refused(lambda: matrix_rewrite(sp.Inverse(full.T * full - sp.Identity(d)), inverse), "positive definite")
    refused(lambda: matrix_rewrite(full * inverse * full.T, sp.Identity(N)), "differ")  # a projection
    refused(lambda: matrix_rewrite(sp.Inverse(full.T * X * X.T * full), inverse), "positive definite")


def test_a_matrix_with_independent_columns_is_not_free():
    fact = matrix_rewrite(sp.Inverse(full.T * full) * full.T * full, sp.Identity(d))
    refused(lambda: instantiate_matrices(fact, {full: X}), "independent")
    refused(lambda: instantiate_matrices(fact, {full: 0 * full}), "independent")
    other = FullRankMatrix("Z", N, d)
    assert instantiate_matrices(fact, {full: other}).lhs == sp.Inverse(other.T * other) * other.T * other
    refused(lambda: matrix_rewrite(Gradient(square(full), full), 2 * full), "free")
    refused(lambda: matrix_rewrite(Mean(square(full), (full, 1)), N * d), "random")
    refused(lambda: define_of_matrices(sp.Function("L")(full), square(full)), "distinct symbols")


def test_positive_eigenvalues_are_those_of_independent_columns():
    inverse = sp.Inverse(full.T * full)
    assert spectral_sum(inverse, sp.Lambda(sure, 1 / sure), full.T * full)
    refused(lambda: spectral_sum(inverse, sp.Lambda(nu, 1 / nu), full.T * full), "not proved")
    refused(lambda: spectral_sum(2 * X.T * X, sp.Lambda(sure, 2 * sure), X.T * X), "positive definite")
    refused(lambda: spectral_sum(2 * full * full.T, sp.Lambda(sure, 2 * sure), full * full.T), "positive definite")
    refused(lambda: spectral_sum(inverse, sp.Lambda(sure, 2 / sure), full.T * full), "at an eigenvalue")


def test_combinations_of_equalities():
    fact = linear_flow([LAW], residual, RATE)
    goal = equation(X * path, fact.rhs + y)
    assert combine_matrices(goal, [(1, fact)])
    assert combine_matrices(equation(2 * X * path, 2 * fact.rhs + 2 * y), [(2, fact)])
    refused(lambda: combine_matrices(goal, [(2, fact)]), "left over")
    refused(lambda: combine_matrices(goal, []), "left over")
    refused(lambda: combine_matrices(goal, [(sp.Trace(S.T * S), fact)]), "multiplier")
    refused(lambda: combine_matrices(goal, [(1, matrix_rewrite(S.T, S.T))]), "size")
    refused(lambda: combine_matrices(sp.Le(sp.Trace(S.T * S), 1), [(1, fact)]), "not an equality")
    eta_only = matrix_rewrite(TimeDerivative(Expm(t * RATE), t), RATE * Expm(t * RATE), domain=where(eta > 1))
    refused(lambda: combine_matrices(equation(eta_only.lhs, eta_only.rhs), [(1, eta_only)]), "domain")


def test_a_bound_name_of_the_kernel_captures_no_path():
    # the mean of tr(Z.T path) is 0; with the path called Z for a while it was v d
    Z, u = sp.MatrixSymbol("_path0", d, 1), sp.MatrixSymbol("u", N, 1)
    moving = residual + Mean(sp.Trace(Z.T * path) * u, (Z, eta))
    refused(lambda: linear_flow([LAW], moving, RATE), "reserved")
    other = Mean(sp.Trace(S.T * path) * u, (S, eta))
    assert linear_flow([LAW], residual + other, RATE)
    # log(1 + x - nu), 0 < x < 1, is defined where x is called nu, and not at nu = 2
    x = sp.Symbol("_x1", nonnegative=True)
    refused(lambda: dual_spectrum(sp.Lambda(nu, sp.Integral(sp.log(1 + x - nu), (x, 0, 1))), X, 1), "reserved")


def test_sums_over_eigenvalues_are_spoken_of_where_they_are_defined():
    for f, matrix, words in (
        (sp.Lambda(nu, 1 / nu), X.T * X, "denominator"),
        (sp.Lambda(sure, 1 / sure), X.T * X, "positive"),
        (sp.Lambda(sure, 1 / sure), full * full.T, "positive"),
        (sp.Lambda(nu, sp.sqrt(nu)), -X.T * X, "factor"),
        (sp.Lambda(nu, sp.log(eta - 1) * nu), X.T * X, "argument of log"),
    ):
        some = SpectralSum(f, matrix)
        refused(lambda some=some: matrix_rewrite(some, some), words)
        refused(lambda some=some: combine_matrices(equation(some, some), []), words)
    inverse = SpectralSum(sp.Lambda(sure, 1 / sure), full.T * full)
    assert matrix_rewrite(inverse, inverse)
