"""False statements about matrices that hide what depends on what: each is refused."""

from __future__ import annotations

import pytest
import sympy as sp

from grokmath.proof import (
    Expm,
    Gradient,
    Mean,
    Path,
    RefusedStep,
    SpectralSum,
    SymmetricMatrix,
    TimeDerivative,
    UnitVector,
    flow_solution,
    gradient_flow,
    instantiate_matrices,
    matrix_rewrite,
)

d, N = sp.symbols("d N", integer=True, positive=True)
i = sp.Symbol("i", integer=True, positive=True)
t, v = sp.symbols("t v", positive=True)
X = sp.MatrixSymbol("X", N, d)
Z, C, S = (sp.MatrixSymbol(name, d, d) for name in "ZCS")
M = SymmetricMatrix("M", d)
P = Path("P", d, d, t)


def refused(step, words):
    with pytest.raises(RefusedStep, match=words):
        step()


def test_a_free_matrix_that_comes_to_the_size_of_a_bound_one_of_its_name_is_not_captured():
    """E_X |X|^2 |x|^2 is v N d |x|^2 for another x, and no longer so if d = 1 makes the two one."""
    column, other = sp.MatrixSymbol("X", N, 1), sp.MatrixSymbol("K", N, 1)

    def norm(a):
        return sp.Trace(a.T * a)

    mean = matrix_rewrite(Mean(norm(X) * norm(column), (X, v)), v * N * d * norm(column))
    refused(lambda: instantiate_matrices(mean, {d: sp.Integer(1)}), "same name and size")
    apart = matrix_rewrite(Mean(norm(X) * norm(other), (X, v)), v * N * d * norm(other))
    refused(lambda: instantiate_matrices(apart, {d: sp.Integer(1), other: column}), "same name and size")
    assert instantiate_matrices(apart, {d: sp.Integer(1)}).rhs == v * N * norm(other)
    slope = matrix_rewrite(Gradient(norm(X) * norm(column), X), 2 * norm(column) * X)
    refused(lambda: instantiate_matrices(slope, {d: sp.Integer(1)}), "same name and size")


@pytest.mark.parametrize(
    "inside",
    [
        Expm(sp.exp(sp.Trace(Z)) * M),
        sp.Inverse(sp.exp(sp.Trace(Z)) * X.T * X + sp.Identity(d)),
        sp.Inverse(X.T * X + sp.exp(sp.Trace(Z)) * sp.Identity(d)),
    ],
    ids=["rate", "factor", "shift"],
)
def test_a_matrix_in_the_rate_of_a_function_is_not_taken_for_a_constant(inside):
    scalar = sp.Trace(inside)
    refused(lambda: matrix_rewrite(Mean(scalar, (Z, v)), scalar), "function of matrices")
    refused(lambda: matrix_rewrite(Gradient(scalar, Z), sp.ZeroMatrix(d, d)), "function of matrices")
    moving = Expm(sp.exp(sp.Trace(P)) * M)
    refused(lambda: matrix_rewrite(TimeDerivative(moving, t), sp.ZeroMatrix(d, d)), "function of matrices")


def test_a_sample_inside_a_function_is_a_term_of_its_sum():
    """Sum f(e_i) is not N f(e_i): its square is not N times the sum of squares."""
    e = UnitVector(N, i)
    f = sp.Trace(Expm(X.T * e * e.T * X))
    total = sp.Sum(f, (i, 1, N))
    refused(lambda: matrix_rewrite(total**2, N * sp.Sum(f**2, (i, 1, N))), "two sums")
    refused(lambda: matrix_rewrite(total, N * f), "differ")
    assert matrix_rewrite(2 * total, sp.Sum(2 * f, (i, 1, N)))


def test_a_law_with_the_time_in_its_coefficients_has_no_unique_solution():
    """P = 0 obeys dP/dt = P/t with P(0) = 0, and so does t times the identity."""
    loss = sp.Trace(S.T * S) / 2
    ((law, begin),) = gradient_flow([matrix_rewrite(Gradient(loss, S), S)], [P], [sp.ZeroMatrix(d, d)], sp.Integer(1))
    (zero,) = flow_solution([(law, begin)], [sp.ZeroMatrix(d, d)])
    singular = matrix_rewrite(TimeDerivative(P, t), P / t, using=[zero])
    refused(lambda: flow_solution([(singular, begin)], [t * sp.Identity(d)]), "depends on t beside its paths")


def test_eigenvalues_of_what_is_not_symmetric_are_not_spoken_of():
    nu = sp.Symbol("nu", real=True)
    some = SpectralSum(sp.Lambda(nu, nu), C)
    refused(lambda: matrix_rewrite(some, some), "symmetric")
    gram = SpectralSum(sp.Lambda(nu, nu), X.T * X)
    assert matrix_rewrite(2 * gram, gram + gram)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (sp.Trace(C * Z * M), sp.Trace(C * M * Z)),
        (sp.Trace(C * Z * C), sp.Trace(C * Z.T * C)),
        (Expm(t * M + C.T * C), Expm(t * M) * Expm(C.T * C)),
        (Mean(sp.Trace(Z * Z * Z), (Z, v)), sp.S.Zero),
        (sp.log(sp.Trace(C) ** 2), 2 * sp.log(sp.Trace(C))),
        (sp.sqrt(sp.Trace(C) ** 2), sp.Trace(C)),
        (sp.Sum(Mean(sp.Trace(Z.T * Z), (Z, i)), (i, 1, N)), N * i * d * d),
    ],
)
def test_other_false_identities_are_refused(left, right):
    with pytest.raises(RefusedStep):
        matrix_rewrite(left, right)


def test_a_function_of_matrices_is_spoken_of_where_its_arguments_are_defined():
    value = sp.Function("g")(X, sp.log(t - 1))
    refused(lambda: matrix_rewrite(value, value), "argument of log")
    refused(lambda: matrix_rewrite(2 * value * sp.Trace(C), value * sp.Trace(2 * C)), "argument of log")
