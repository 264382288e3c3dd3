"""The rules about matrices: true steps pass, false ones of each kind are refused, numbers agree."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from grokmath.ledger.explicit import written_out
from grokmath.ledger.record import MatrixIdentity
from grokmath.parameters import DomainError
from grokmath.proof import (
    Expm,
    Gradient,
    HessianTrace,
    Mean,
    OrthogonalMatrix,
    Path,
    RefusedStep,
    SampleSum,
    SpectralSum,
    SymmetricMatrix,
    TimeDerivative,
    UnitVector,
    define_of_matrices,
    equation,
    flow_solution,
    gradient_flow,
    instantiate,
    instantiate_matrices,
    matrix_rewrite,
    rewrite,
    spectral_sum,
    square,
    where,
)

d, N, n, h = sp.symbols("d N n h", integer=True, positive=True)
i = sp.Symbol("i", integer=True)
t, eta, v, c = sp.symbols("t eta v c", positive=True)
X, S, T = sp.MatrixSymbol("X", N, d), sp.MatrixSymbol("S", d, n), sp.MatrixSymbol("T", d, n)
A, B, C = (sp.MatrixSymbol(name, d, d) for name in "ABC")
x, y = sp.MatrixSymbol("x", d, 1), sp.MatrixSymbol("y", d, 1)
Q, M = OrthogonalMatrix("Q", d), SymmetricMatrix("M", d)
Sigma, unit = X.T * X / N, sp.Identity(d)
e_i = UnitVector(N, i)
loss = sp.Sum(square((S - T).T * X.T * e_i), (i, 1, N)) / (N * n)
L = sp.Function("L")(S, T, X)
nu = sp.Symbol("nu", nonnegative=True)
free = sp.Symbol("mu", real=True)


score = sp.Trace(x.T * X.T * e_i)


def refused(step, match=None):
    with pytest.raises(RefusedStep, match=match):
        step()


TRUE = [
    (A * (B + C), A * B + A * C),
    ((A * B).T, B.T * A.T),
    (sp.Trace(A * B * C), sp.Trace(C * A * B)),
    (sp.Trace(A * B), sp.Trace(B.T * A.T)),
    (sp.Trace(unit), d),
    (sp.Trace(A * x * y.T * B), sp.Trace(y.T * B * A * x)),
    (x * y.T * A * x * y.T, sp.Trace(y.T * A * x) * x * y.T),
    (sp.Trace(x * y.T * A * x * y.T), sp.Trace(y.T * A * x) * sp.Trace(y * x.T)),
    (Q.T * A * Q * Q.T * B * Q, Q.T * A * B * Q),
    (M.T * A, M * A),
    (Expm(t * M) * Expm(c * M), Expm((t + c) * M)),
    (Expm(t * M) * M * M, M * Expm(t * M) * M),
    (Expm(t * M + c * unit), sp.exp(c) * Expm(t * M)),
    (Expm(t * Q * M * Q.T), Q * Expm(t * M) * Q.T),
    (Expm(t * Sigma) * Expm(-t * Sigma), unit),
    (sp.Inverse(Sigma + c * unit) * Sigma, unit - c * sp.Inverse(Sigma + c * unit)),
    (sp.Inverse(Sigma + c * unit) * Expm(t * Sigma), Expm(t * Sigma) * sp.Inverse(Sigma + c * unit)),
    (TimeDerivative(Expm(t**2 * M), t), 2 * t * M * Expm(t**2 * M)),
    (TimeDerivative(sp.exp(t) * A, t), sp.exp(t) * A),
    (sp.Sum(sp.Trace(e_i.T * X * A * X.T * e_i), (i, 1, N)), sp.Trace(X * A * X.T)),
    (sp.Sum(sp.Trace(A), (i, 1, N)), N * sp.Trace(A)),
    (Gradient(sp.Trace(A * B), A), B.T),
    (Gradient(sp.Trace(A) ** 2, A), 2 * sp.Trace(A) * unit),
    (Gradient(sp.Trace(A * A), A), 2 * A.T),
    (Gradient(square(A * B), A), 2 * A * B * B.T),
    (HessianTrace(square(S), S), 2 * d * n),
    (HessianTrace(sp.Trace(A * A), A), 2 * d),
    (HessianTrace(sp.Trace(A) ** 2, A), 2 * d),
    (Mean(S * S.T, (S, v)), v * n * unit),
    (Mean(A * B * A, (A, v)), v * B.T),
    (Mean(A.T * B * A, (A, v)), v * sp.Trace(B) * unit),
    (Mean(sp.Trace(A * B) * sp.Trace(A * C), (A, v)), v * sp.Trace(B.T * C)),
    (Mean(sp.Trace(A * B) * A, (A, v)), v * B.T),
    (Mean(sp.Trace(A * B) * A.T, (A, v)), v * B),
    (Mean(A * B, (A, v)), sp.ZeroMatrix(d, d)),
    (Mean(sp.Trace(A) ** 2, (A, v)), v * d),
    (Mean(sp.Trace(A * A), (A, v)), v * d),
    (Mean(square(A * B), (A, v), (B, c)), d**3 * v * c),
    (Gradient(sp.Sum(sp.exp(score), (i, 1, N)), x), SampleSum(sp.exp(score) * X.T * e_i, i, N)),
    (Gradient(sp.Sum(sp.log(1 + sp.exp(score)), (i, 1, N)), x), SampleSum(X.T * e_i / (1 + sp.exp(-score)), i, N)),
    (Gradient(sp.exp(square(x)), x), 2 * sp.exp(square(x)) * x),
    (Gradient(1 / (1 + square(x) ** 2), x), -4 * square(x) / (1 + square(x) ** 2) ** 2 * x),
    (sp.Derivative(sp.Sum(sp.exp(score + free), (i, 1, N)), free), sp.exp(free) * sp.Sum(sp.exp(score), (i, 1, N))),
    (SampleSum(X.T * e_i * e_i.T * X, i, N), X.T * X),
    (SampleSum(A, i, N), N * A),
]


@pytest.mark.parametrize(("left", "right"), TRUE)
def test_what_holds_for_all_sizes_is_proved_and_twice_it_is_not(left, right):
    assert matrix_rewrite(left, right).statement == equation(left, right)
    wrong = right * (1 + sp.Rational(1, 10**20)) if not isinstance(right, sp.ZeroMatrix) else A
    refused(lambda: matrix_rewrite(left, wrong), "differ")


@pytest.mark.parametrize(("left", "right"), TRUE)
def test_the_written_out_form_says_the_same(left, right):
    """Against an evaluator that shares nothing with the normal form, at sizes two and three."""
    claim = MatrixIdentity(left, right, (("d", 2), ("N", 3), ("n", 3)))
    values = {"t": 0.7, "c": 0.4, "v": 1.3}
    rng = np.random.default_rng(1)
    for identity in written_out(claim):
        at = {s: values.get(s.name, rng.uniform(-1, 1)) for s in identity.reference.free_symbols}
        at |= {s: values.get(s.name, rng.uniform(-1, 1)) for s in identity.formula.free_symbols if s not in at}
        difference = complex(sp.N((identity.reference - identity.formula).xreplace(at), 15))
        size = abs(complex(sp.N(identity.formula.xreplace(at), 15)))
        assert abs(difference) < 1e-10 * (1 + size)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (A * B, B * A),
        (A.T, A),
        (sp.Trace(A * B * C), sp.Trace(A * C * B)),
        (sp.Trace(A * B), sp.Trace(A * B.T)),
        (sp.Trace(A * B), sp.Trace(A) * sp.Trace(B)),
        (A.T * A, unit),
        (Expm(t * M) * A, A * Expm(t * M)),
        (Expm(M) * Expm(Sigma), Expm(M + M)),
        (Mean(A * A.T, (A, v)), v * unit),
        (Mean(A * B * A, (A, v)), v * B),
        (HessianTrace(sp.Trace(A) ** 2, A), 2 * d**2),
        (Gradient(sp.Trace(A * A), A), 2 * A),
        (sp.Sum(sp.Trace(A), (i, 1, N)), sp.Trace(A)),
    ],
)
def test_false_equalities_are_refused(left, right):
    refused(lambda: matrix_rewrite(left, right), "differ")


def test_sizes_are_checked():
    wide = sp.MatrixSymbol("W", d, N)
    refused(lambda: matrix_rewrite(A, wide), "size")
    refused(lambda: matrix_rewrite(sp.MatMul(X, X, evaluate=False), sp.MatMul(X, X, evaluate=False)), "size")
    refused(lambda: matrix_rewrite(sp.MatAdd(A, wide, evaluate=False), A), "size")
    refused(lambda: matrix_rewrite(sp.Trace(A), A), "size")
    unknown = sp.MatrixSymbol("U", sp.Symbol("k"), sp.Symbol("k"))
    refused(lambda: matrix_rewrite(unknown, unknown), "positive integer")


def test_functions_of_matrices_have_their_obligations():
    refused(lambda: matrix_rewrite(Expm(A), Expm(A)), "symmetric")
    refused(lambda: matrix_rewrite(Expm(M + Sigma), Expm(M + Sigma)), "one word")
    refused(lambda: matrix_rewrite(Expm(sp.Trace(A) * M), Expm(sp.Trace(A) * M)), "one word")
    for matrix in (A, M, Sigma, Sigma - c * unit, M + c * unit, c * unit - Sigma):
        refused(lambda matrix=matrix: matrix_rewrite(sp.Inverse(matrix), sp.Inverse(matrix)))
    refused(lambda: matrix_rewrite(A / (c - 1), A / (c - 1)), "non-zero")
    refused(lambda: matrix_rewrite(sp.sin(sp.Trace(A)), sp.sin(sp.Trace(A))), "vocabulary")
    refused(lambda: matrix_rewrite(TimeDerivative(Expm(t * M), t), M, domain=where(t >= 1)), "open")
    refused(lambda: matrix_rewrite(TimeDerivative(A, d), sp.ZeroMatrix(d, d)), "time")
    moving = Path("P", d, d, t)
    refused(lambda: matrix_rewrite(TimeDerivative(moving, t), sp.ZeroMatrix(d, d)), "no fact")


def test_binders_have_their_obligations():
    refused(lambda: matrix_rewrite(sp.Sum(sp.Trace(X.T * e_i * y.T), (i, 1, N)), 0), "differ")
    refused(lambda: matrix_rewrite(sp.Sum(i * sp.Trace(A), (i, 1, N)), N * sp.Trace(A)), "differ")
    refused(lambda: matrix_rewrite(sp.Sum(sp.Trace(A), (i, 2, N)), N * sp.Trace(A)), "i = 1")
    other = UnitVector(N + 1, i)
    refused(lambda: matrix_rewrite(sp.Sum(square(other), (i, 1, N)), N), "differ")
    signed = sp.Symbol("i", integer=True, negative=True)
    refused(lambda: matrix_rewrite(sp.Sum(sp.Trace(A), (signed, 1, N)), N * sp.Trace(A)), "i = 1")
    refused(lambda: matrix_rewrite(Mean(square(A * A), (A, v)), 0), "degree")
    refused(lambda: matrix_rewrite(Mean(A, (A, v - 1)), sp.ZeroMatrix(d, d)), "variance")
    refused(lambda: matrix_rewrite(Mean(M, (M, v)), sp.ZeroMatrix(d, d)), "random")
    refused(lambda: matrix_rewrite(Mean(A, (A, v), (A, v)), sp.ZeroMatrix(d, d)), "random")
    function = sp.Function("f")(A)
    refused(lambda: matrix_rewrite(Mean(function, (A, v)), function), "polynomial")
    inside = Expm(A * A.T)
    refused(lambda: matrix_rewrite(Mean(inside, (A, v)), inside), "polynomial")
    refused(lambda: matrix_rewrite(Gradient(sp.Trace(inside), A), A), "polynomial")
    refused(lambda: matrix_rewrite(Gradient(sp.Trace(M), M), unit), "free")
    refused(lambda: matrix_rewrite(Gradient(sp.Trace(Q), Q), unit), "free")
    refused(lambda: matrix_rewrite(Gradient(function, A), sp.ZeroMatrix(d, d)), "polynomial")
    refused(lambda: matrix_rewrite(HessianTrace(square(A), A, A), 4 * d**2), "twice")


def test_sums_of_functions_have_their_obligations():
    total = sp.Sum(sp.exp(score), (i, 1, N))
    refused(lambda: matrix_rewrite(total, sp.Sum(sp.exp(-score), (i, 1, N))), "differ")
    refused(lambda: matrix_rewrite(total, sp.Sum(sp.exp(score), (i, 1, N + 1))), "differ")
    refused(lambda: matrix_rewrite(Gradient(total, x), SampleSum(sp.exp(score) * x, i, N)), "differ")
    refused(lambda: matrix_rewrite(Gradient(total, x), sp.exp(score) * X.T * e_i), "differ")
    refused(lambda: matrix_rewrite(total**2, total**2), "product of two sums")
    refused(lambda: matrix_rewrite(sp.exp(total), sp.exp(total)), "function of a sum")
    refused(lambda: matrix_rewrite(1 / total, 1 / total), "function of a sum")
    refused(lambda: matrix_rewrite(Expm(total * M), Expm(total * M)), "sum over samples")
    twice = SampleSum(SampleSum(sp.exp(score) * A, i, N), sp.Symbol("j", integer=True), N)
    refused(lambda: matrix_rewrite(twice, twice), "in a sum")
    refused(lambda: matrix_rewrite(Mean(total, (x, v)), total), "polynomial")
    refused(lambda: matrix_rewrite(HessianTrace(total, x), total), "polynomial")
    refused(lambda: matrix_rewrite(sp.log(square(x)), sp.log(square(x))), "not proved")
    refused(lambda: matrix_rewrite(1 / sp.Trace(A), 1 / sp.Trace(A)), "non-zero")
    refused(lambda: matrix_rewrite(sp.sqrt(square(x)), sp.sqrt(square(x))), "not proved")
    unknown = sp.Function("f")
    refused(lambda: matrix_rewrite(Gradient(sp.exp(unknown(x)), x), x), "known function")
    slope = sp.Derivative(unknown(free), free)  # nothing says that it exists
    refused(lambda: matrix_rewrite(slope * A, slope * A), "exists")
    hidden = sp.Derivative(unknown(free, x), free)
    refused(lambda: matrix_rewrite(hidden, hidden), "not known")
    named = sp.Symbol("_i", integer=True, positive=True)
    inner = sp.Sum(square(X.T * UnitVector(N, named)), (i, 1, N))
    refused(lambda: matrix_rewrite(inner, inner), "reserved")


def test_definitions_name_all_their_symbols():
    assert define_of_matrices(L, loss).kind == "definition"
    refused(lambda: define_of_matrices(sp.Function("L")(S, T), loss), "other symbols")
    refused(lambda: define_of_matrices(sp.Function("L")(S, S, X), square(S)), "distinct")
    refused(lambda: define_of_matrices(sp.Function("L")(S.T, X), square(S)), "distinct")
    refused(lambda: define_of_matrices(L, sp.Function("L")(S, T, X)), "without")
    refused(lambda: define_of_matrices(sp.Function("L")(M), sp.Trace(M)), "distinct")
    first = define_of_matrices(L, loss)
    second = define_of_matrices(L, 2 * loss)
    refused(lambda: matrix_rewrite(L, loss, using=[first, second]), "defined twice")


def flow():
    meaning = define_of_matrices(L, loss)
    slope = matrix_rewrite(Gradient(L, S), 2 / n * Sigma * (S - T), using=[meaning])
    start = sp.MatrixSymbol("S_0", d, n)
    path = Path("S", d, n, t, eta, start, T, X)
    return slope, path, start


def test_a_flow_is_defined_and_solved():
    slope, path, start = flow()
    (laws,) = gradient_flow([slope], [path], [start], eta)
    solution = T + Expm(-2 * eta * t / n * Sigma) * (start - T)
    (solved,) = flow_solution([laws], [solution])
    assert solved.statement == equation(path, solution)
    for wrong in (
        T + Expm(-4 * eta * t / n * Sigma) * (start - T),
        Expm(-2 * eta * t / n * Sigma) * (start - T),
        T + Expm(-2 * eta * t / n * Sigma) * (start + T),
        T + (1 + t) * Expm(-2 * eta * t / n * Sigma) * (start - T),
        path,
    ):
        refused(lambda wrong=wrong: flow_solution([laws], [wrong]))
    singular = solution + (sp.exp(-1 / t) - sp.exp(-1 / t)) * T
    assert singular == solution
    refused(lambda: flow_solution([laws], [T + sp.log(t) / sp.log(t) ** 2 * T]))
    refused(lambda: flow_solution([(laws[1], laws[0])], [solution]))
    refused(lambda: flow_solution([laws], [solution], domain=where(t > 1)), "restricts")
    refused(lambda: flow_solution([], []), "each path")


def test_what_is_no_gradient_flow_is_refused():
    slope, path, start = flow()
    refused(lambda: gradient_flow([slope], [path], [start], -eta), "rate")
    refused(lambda: gradient_flow([slope], [path], [T.T], eta), "size")
    short = Path("S", d, n, t, eta, start, T)
    refused(lambda: gradient_flow([slope], [short], [start], eta), "other symbols")
    refused(lambda: gradient_flow([slope, slope], [path, path], [start, start], eta), "each matrix")
    late = Path("S", d, n, free, eta, start, T, X)
    refused(lambda: gradient_flow([slope], [late], [start], eta), "time")
    whole = matrix_rewrite(Gradient(-loss, S), -2 / n * Sigma * (S - T))  # this flow grows without bound
    refused(lambda: gradient_flow([whole], [path], [start], eta), "squares")
    cubic = matrix_rewrite(Gradient(sp.Trace(A * A * A), A), 3 * (A * A).T)
    refused(lambda: gradient_flow([cubic], [Path("A", d, d, t, eta, B)], [B], eta), "squares")
    equality = matrix_rewrite(A, A)
    refused(lambda: gradient_flow([equality], [path], [start], eta), "gradients")


def test_values_are_put_in_with_their_sizes():
    fact = matrix_rewrite(sp.Trace(sp.Identity(n)) * square(S), n * square(S))
    assert instantiate_matrices(fact, {n: 3}).rhs == 3 * square(sp.MatrixSymbol("S", d, 3))
    refused(lambda: instantiate(fact, {n: 3}), "matrices")  # the rule of scalars does not know of sizes
    refused(lambda: rewrite(fact.lhs, fact.rhs))
    refused(lambda: instantiate_matrices(fact, {n: 0}), "assumption")
    refused(lambda: instantiate_matrices(fact, {n: sp.Rational(1, 2)}), "integer")
    refused(lambda: instantiate_matrices(fact, {S: X}), "size")
    refused(lambda: instantiate_matrices(fact, {S * 2: S}), "symbol")
    symmetric = matrix_rewrite(M.T, M)
    refused(lambda: instantiate_matrices(symmetric, {M: A}), "symmetric")
    assert instantiate_matrices(matrix_rewrite(M * M, M**2), {M: Sigma}).rhs == Sigma**2
    refused(lambda: instantiate_matrices(matrix_rewrite(Q.T * Q, unit), {Q: A}), "orthogonal")
    mean = matrix_rewrite(Mean(A * B * A.T, (A, v)), v * sp.Trace(B) * unit)
    refused(lambda: instantiate_matrices(mean, {B: A}), "capture")
    refused(lambda: instantiate_matrices(mean, {A: B}), "bound")
    slope = matrix_rewrite(Gradient(sp.Trace(A * B), A), B.T)
    refused(lambda: instantiate_matrices(slope, {B: A}), "captured")
    refused(lambda: instantiate_matrices(slope, {A: B}), "bound")
    moving = matrix_rewrite(TimeDerivative(t * A, t), A)
    refused(lambda: instantiate_matrices(moving, {t: 2}), "bound")
    refused(lambda: instantiate_matrices(moving, {A: t * A}), "captured")
    summed = matrix_rewrite(sp.Sum(c * square(X.T * e_i), (i, 1, N)), c * square(X))
    refused(lambda: instantiate_matrices(summed, {c: i**2}))


def test_facts_are_used_on_their_domain_only():
    meaning = define_of_matrices(sp.Function("f")(c), 1 / (c - 1), domain=where(c > 1))
    used = sp.Function("f")(c) * A
    assert matrix_rewrite(used, A / (c - 1), domain=where(c > 2), using=[meaning])
    refused(lambda: matrix_rewrite(used, A / (c - 1), using=[meaning]))


def test_the_trace_of_a_function_is_a_sum_over_eigenvalues():
    f = sp.Lambda(nu, nu * sp.exp(-t * nu))
    assert spectral_sum(Expm(-t * Sigma) * Sigma, f, Sigma).rhs == SpectralSum(f, Sigma)
    g = sp.Lambda(nu, 1 / (nu + c) ** 2)
    assert spectral_sum(sp.Inverse(Sigma + c * unit) ** 2, g, Sigma)
    assert spectral_sum(M * M, sp.Lambda(free, free**2), M)
    refused(lambda: spectral_sum(Expm(-t * Sigma) * Sigma, sp.Lambda(nu, sp.exp(-t * nu)), Sigma), "eigenvalue")
    refused(lambda: spectral_sum(M * M, sp.Lambda(nu, nu**2), M), "semidefinite")
    refused(lambda: spectral_sum(-Sigma, sp.Lambda(nu, nu + 1), -Sigma), "factor")
    refused(lambda: spectral_sum(A, sp.Lambda(free, free + 1), A), "symmetric")
    refused(lambda: spectral_sum(Sigma * A, sp.Lambda(nu, nu + 1), Sigma), "function")
    refused(lambda: spectral_sum(X * X.T, sp.Lambda(nu, nu + 1), Sigma), "size")
    refused(lambda: spectral_sum(nu * Sigma, sp.Lambda(nu, nu**2), Sigma), "symbol")
    positive = sp.Symbol("p", positive=True)
    refused(lambda: spectral_sum(Sigma, sp.Lambda(positive, positive + 1), Sigma), "run over")


def test_what_cannot_be_written_out_says_so():
    for matrix in (Expm(sp.MatrixSymbol("B", N, N)), Path("P", d, d, t)):
        with pytest.raises(DomainError):
            written_out(MatrixIdentity(matrix, matrix, (("d", 2), ("N", 3))))


words = st.lists(st.sampled_from([A, A.T, B, M, Q, Q.T]), min_size=1, max_size=5)


@settings(max_examples=40, deadline=None)
@given(words, words)
def test_words_that_are_proved_equal_are_equal(one, other):
    """Random products and their traces: what the normal form identifies, random matrices confirm."""
    rng = np.random.default_rng(len(one) + 10 * len(other))
    a, b, m = rng.standard_normal((3, 3, 3))
    q, _ = np.linalg.qr(rng.standard_normal((3, 3)))
    numbers = {A: a, A.T: a.T, B: b, M: m + m.T, Q: q, Q.T: q.T}

    def proved(left, right):
        try:
            return bool(matrix_rewrite(left, right))
        except RefusedStep:
            return False

    def product(word):
        return sp.MatMul(*word, evaluate=False) if len(word) > 1 else word[0]

    left, right = (np.linalg.multi_dot([numbers[x] for x in w]) if len(w) > 1 else numbers[w[0]] for w in (one, other))
    assert proved(product(one), product(other)) == np.allclose(left, right)
    if proved(sp.Trace(product(one)), sp.Trace(product(other))):
        assert np.isclose(np.trace(left), np.trace(right))
    turned = one[1:] + one[:1]
    assert proved(sp.Trace(product(one)), sp.Trace(product(turned)))
