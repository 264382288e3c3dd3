"""Inequalities about data of any size: true ones, and false steps of each kind."""

from __future__ import annotations

import random

import pytest
import sympy as sp

from grokmath.ledger.beck2024 import groups
from grokmath.ledger.explicit import written_out
from grokmath.ledger.record import Inequality
from grokmath.proof import (
    Largest,
    RefusedStep,
    SampleSum,
    UnitVector,
    above_tangent,
    at_most,
    at_most_by_sign,
    at_values,
    cauchy_schwarz,
    combine,
    define,
    define_largest,
    define_of_matrices,
    equal_by_order,
    instantiate,
    instantiate_matrices,
    matrix_rewrite,
    positive_integral,
    rewrite,
    square,
    sum_over_samples,
    together,
    unfolded,
    where,
)

d, n, m = sp.symbols("d n m", integer=True, positive=True)
i, j = sp.symbols("i j", integer=True, positive=True)
X, Y, S = sp.MatrixSymbol("X", n, d), sp.MatrixSymbol("Y", m, d), sp.MatrixSymbol("S", d, 1)
a, b, q = sp.symbols("a b q", real=True)
x_i, y_j = X.T * UnitVector(n, i), Y.T * UnitVector(m, j)
f_i = sp.Trace(S.T * x_i)
each = where(i <= n)
tangent = above_tangent(a)
root = combine(
    at_most(0, sp.sqrt(a)), [(1, at_most_by_sign(0, sp.sqrt(a), domain=where(a >= 0)))], domain=where(a >= 0)
)


def refused(step, words):
    with pytest.raises(RefusedStep, match=words):
        step()


def test_a_statement_about_numbers_at_numbers_made_of_matrices():
    fact = at_values(tangent, {a: f_i}, domain=each)
    assert fact.statement == at_most(1 + f_i, sp.exp(f_i))
    assert fact.domain == each
    turned = sp.Trace(UnitVector(n, i).T * X * S)  # the same number
    known = at_values(at_most_by_sign(q, b, domain=where(q <= b)), {q: f_i, b: turned}, domain=each)
    assert known.statement == at_most(f_i, turned)


def test_the_domain_is_proved_for_the_values():
    positive = cauchy_schwarz(S, S)[1]
    size = sp.Trace(S.T * S)
    refused(lambda: at_values(root, {a: size}), "was not proved")
    assert at_values(root, {a: size}, using=[positive]).rhs == sp.sqrt(size)
    refused(lambda: at_values(root, {a: f_i}, domain=each, using=[positive]), "was not proved")
    refused(lambda: at_values(tangent, {a: sp.log(size)}, using=[positive]), "not proved")  # |S|^2 may be 0
    refused(lambda: at_values(tangent, {a: 1 / size}, using=[positive]), "not proved")
    refused(lambda: at_values(tangent, {a: sp.sqrt(f_i)}, domain=each), "not proved")
    declared = sp.Symbol("p", positive=True)
    lemma = at_most_by_sign(0, declared)
    refused(lambda: at_values(lemma, {declared: size}, using=[positive]), "assumption")


def test_premises_hold_on_their_domain_alone():
    eta = sp.Symbol("eta", real=True)
    small = at_values(
        at_most_by_sign(q, b, domain=where(q <= b, eta > 1)), {q: 0 * f_i, b: 0 * f_i}, domain=where(eta > 1)
    )
    refused(lambda: at_values(tangent, {a: f_i}, domain=each, using=[small]), "domain of the fact")


@pytest.mark.parametrize(
    ("fact", "values", "words"),
    [
        (tangent, {a: X}, "not a number"),
        (tangent, {a: S.T * x_i}, "not a number"),
        (tangent, {a: sp.Derivative(sp.exp(b), b) * f_i}, "exists"),
        (tangent, {a: sp.erf(f_i)}, "vocabulary"),
        (tangent, {n: f_i}, "real number"),
        (tangent, {sp.exp(a): f_i}, "real number"),
        (together(tangent, tangent), {a: f_i}, "not an equality or inequality"),
        (define(sp.Function("g")(a), a**2), {a: f_i}, "vocabulary"),
        (matrix_rewrite(f_i, f_i), {a: f_i}, "matrices"),
    ],
)
def test_what_is_no_statement_about_numbers(fact, values, words):
    refused(lambda: at_values(fact, values, domain=each), words)


def test_sums_over_the_samples():
    fact = at_values(tangent, {a: f_i}, domain=each)
    total = sum_over_samples(fact, i, n)
    assert total.statement == at_most(sp.Sum(1 + f_i, (i, 1, n)), sp.Sum(sp.exp(f_i), (i, 1, n)))
    assert not total.domain.conditions
    strict = at_values(at_most_by_sign(0, sp.exp(a), strict=True), {a: f_i}, domain=each)
    assert sum_over_samples(strict, i, n).statement == at_most(0, sp.Sum(sp.exp(f_i), (i, 1, n)), strict=True)
    scaled = at_values(at_most_by_sign(b * 0, sp.exp(a + b)), {a: f_i, b: sp.Trace(S.T * S)}, domain=each)
    assert scaled.rhs.has(sp.exp)


def test_sums_of_what_does_not_hold_for_each_sample():
    half = at_values(tangent, {a: f_i}, domain=where(2 * i <= n))
    refused(lambda: sum_over_samples(half, i, n), "for each i")
    later = at_values(tangent, {a: f_i}, domain=where(i <= n, i >= 2))
    refused(lambda: sum_over_samples(later, i, n), "for each i")
    fact = at_values(tangent, {a: f_i}, domain=each)
    refused(lambda: sum_over_samples(fact, i, m), "for each i|samples that are counted")
    refused(lambda: sum_over_samples(fact, i, n + 1), "for each i|samples that are counted")
    free = at_values(tangent, {a: f_i})
    refused(lambda: sum_over_samples(free, i, m), "samples that are counted")
    refused(lambda: sum_over_samples(fact, n, n), "index")
    refused(lambda: sum_over_samples(fact, a, n), "positive integer")
    refused(lambda: sum_over_samples(matrix_rewrite(f_i, f_i), i, n), "not an inequality")
    bound = at_values(tangent, {a: sp.Sum(f_i, (i, 1, n))})
    refused(lambda: sum_over_samples(bound, i, n), "binds")
    bound = at_values(tangent, {a: sp.Trace(S.T * SampleSum(x_i, i, n))})
    refused(lambda: sum_over_samples(bound, i, n), "binds")
    real = sp.Symbol("i", integer=True)
    refused(lambda: sum_over_samples(fact, real, n), "positive integer")


def test_cauchy_and_schwarz():
    product, one, other = cauchy_schwarz(S, x_i, domain=each)
    assert product.statement == at_most(f_i, sp.sqrt(square(S)) * sp.sqrt(square(x_i)))
    assert (one.statement, other.statement) == (at_most(0, square(S)), at_most(0, square(x_i)))
    refused(lambda: cauchy_schwarz(S, X), "size")
    refused(lambda: cauchy_schwarz(S, a), "not matrices")


def test_the_largest_over_samples():
    D = sp.Function("D")(X, Y)
    size = cauchy_schwarz(x_i - y_j, x_i - y_j, domain=where(i <= n, j <= m))[1]
    body = sp.sqrt(square(x_i - y_j))
    name, bound = define_largest(D, body, (i, n), (j, m), using=[size])
    assert name.rhs == Largest(body, (i, n), (j, m))
    assert bound.statement == at_most(body, D)
    assert not name.rhs.free_symbols & {i, j}
    for wrong, words in (
        (lambda: define_largest(D, body, (i, n), (j, m)), "not proved"),  # the root is not known to exist
        (lambda: define_largest(D, body, (i, n), using=[size]), "other symbols"),
        (lambda: define_largest(D, body, (i, m), (j, m), using=[size]), "counted"),
        (lambda: define_largest(D, body, (i, n), (i, n), using=[size]), "index"),
        (lambda: define_largest(sp.Function("D")(X), body, (i, n), (j, m), using=[size]), "other symbols"),
        (lambda: define_largest(sp.Function("D")(X, X), body, (i, n), (j, m), using=[size]), "distinct"),
        (lambda: define_largest(D, f_i, (i, n)), "other symbols"),
        (lambda: define_largest(D, body), "index"),
        (lambda: define_largest(D, D + square(x_i - y_j), (i, n), (j, m)), "other symbols"),
        (lambda: define_largest(D, sp.Trace(X * X.T) + 0 * i, (a, n)), "positive integer"),
        (lambda: define_largest(sp.Function("D")(X, i), square(x_i), (i, n)), "other symbols"),
    ):
        refused(wrong, words)


def test_the_indices_of_the_largest_are_bound():
    D = sp.Function("D")(X)
    name = define_largest(D, square(x_i), (i, n))[0]
    doubled = instantiate_matrices(name, {X: 2 * X})
    assert doubled.rhs.indices == ((i, n),)
    refused(lambda: instantiate_matrices(name, {n: n + i}), "capture")
    shifted = define_largest(sp.Function("D")(X, S), sp.Trace(S.T * x_i), (i, n))[0]
    refused(lambda: instantiate_matrices(shifted, {S: x_i}), "capture")


def test_two_definitions_of_one_name_do_not_meet():
    D = sp.Function("D")(X)
    first = define_largest(D, square(x_i), (i, n))
    second = define_largest(D, square(x_i) + 1, (i, n))
    refused(lambda: together(first[1], second[1]), "defined twice")


def test_functions_are_written_out_where_they_stand_with_their_own_arguments():
    L = sp.Function("L")
    meaning = define_of_matrices(L(S, X), sp.Sum(sp.exp(f_i), (i, 1, n)))
    fact = at_values(tangent, {a: L(S, X)})
    assert unfolded(fact, [meaning]).statement == at_most(1 + meaning.rhs, sp.exp(meaning.rhs))
    other = at_values(tangent, {a: L(2 * S, X)})
    assert unfolded(other, [meaning]).statement == other.statement
    refused(lambda: unfolded(fact, [fact]), "what a function is")
    refused(lambda: unfolded(fact, [matrix_rewrite(f_i, f_i)]), "what a function is")
    refused(lambda: unfolded(together(fact, fact), [meaning]), "equality or inequality")
    eta = sp.Symbol("eta", real=True)
    somewhere = rewrite(sp.Function("g")(eta), sp.Function("g")(eta), domain=where(eta > 0))
    refused(lambda: unfolded(fact, [somewhere]), "what a function is")


def test_equality_by_order():
    y = sp.Trace(S.T * S)
    same = where(a <= b, b <= a)
    low, high = at_most_by_sign(a, b, domain=same), at_most_by_sign(b, a, domain=same)
    assert equal_by_order(low, high).statement == sp.Eq(a, b, evaluate=False)
    assert equal_by_order(low, high).domain == same
    refused(lambda: equal_by_order(low, low), "converse")
    refused(lambda: equal_by_order(low, at_most_by_sign(2 * b, 2 * a, domain=same)), "converse")
    refused(lambda: equal_by_order(low, matrix_rewrite(y, y)), "two inequalities")
    strict = at_most_by_sign(a, b, strict=True, domain=where(a < b))
    refused(lambda: equal_by_order(strict, strict), "two inequalities")


def test_another_symbol_of_the_same_name_is_no_index():
    other = sp.Symbol("i", integer=True)
    mixed = at_values(tangent, {a: sp.Trace(S.T * X.T * UnitVector(n, other)) + f_i}, domain=each)
    refused(lambda: sum_over_samples(mixed, i, n), "name of the index")
    refused(lambda: define_largest(sp.Function("D")(X, S, other), f_i + other, (i, n)), "name of the index")


def test_rules_for_matrices_refuse_inequalities():
    fact = at_values(tangent, {a: f_i}, domain=each)
    refused(lambda: instantiate_matrices(fact, {S: 2 * S}), "not an equality")


@pytest.mark.parametrize("claim", [groups.ABOVE_TANGENT, groups.JENSEN, groups.RATIO, groups.SPREAD, groups.NORM])
def test_the_claims_hold_at_random_points(claim):
    """In floating point, at other points and sizes than those of the ledger's checks."""
    rng = random.Random(3)  # noqa: S311
    larger = type(claim)(
        claim.less, claim.more, tuple((name, size + 1) for name, size in claim.sizes), claim.regimes, claim.strict
    )
    (scalar,) = written_out(larger)
    assert isinstance(scalar, Inequality)
    symbols = sorted(scalar.less.free_symbols | scalar.more.free_symbols, key=str)
    difference = sp.lambdify(symbols, scalar.more - scalar.less, "math")
    for _ in range(200):
        values = [rng.uniform(0.01, 0.99) if str(x) == "slack" else rng.gauss(0, 1.5) for x in symbols]
        assert difference(*values) > -1e-12


def test_what_cancels_between_equal_numbers_must_be_defined():
    # one number written in two ways: its quotient would be 1 where it is 0
    turned = sp.Trace(UnitVector(n, i).T * X * S)
    at_one = at_most_by_sign(a, 1, domain=where(a <= 1))
    refused(lambda: at_values(at_one, {a: turned / f_i}, domain=each), "denominator")
    refused(lambda: at_values(tangent, {a: sp.log(f_i) - sp.log(turned)}, domain=each), "argument of log")
    body = sp.log(f_i) - sp.log(turned)
    refused(lambda: define_largest(sp.Function("D")(X, S), body, (i, n)), "argument of log")


def test_a_function_is_spoken_of_where_its_arguments_are_defined():
    g = sp.Function("g")
    refused(lambda: at_values(tangent, {a: g(1 / b)}), "denominator")
    refused(lambda: at_values(tangent, {a: g(X, sp.log(f_i))}, domain=each), "argument of log")
    assert at_values(tangent, {a: g(X, 1 / (1 + b**2))})


def test_the_index_of_a_sum_captures_no_symbol():
    # 2 <= a gives the first; at a = i, the sum over i of i + 2 would be at most that of 2 i, false for n = 1
    fact = sum_over_samples(at_most_by_sign(i + 2, a + i, domain=where(a >= 2)), i, n)
    refused(lambda: instantiate(fact, {a: i}, domain=where(i >= 2)), "capture")
    assert instantiate(fact, {a: j + 2}).rhs == sp.Sum(i + j + 2, (i, 1, n))
    assert instantiate(fact, {i: 7, n: 3}, domain=where(a >= 2)).rhs == sp.Sum(a + i, (i, 1, 3))
    name, _ = define_largest(sp.Function("D")(a, n), a * i, (i, n))
    refused(lambda: instantiate(name, {a: i}), "capture")


def test_an_integral_in_a_sum_is_known_to_converge_for_its_samples_alone():
    # the integral of exp(-(n + 1 - i) y) diverges for i = n + 1, which is no sample
    y = sp.Symbol("y", positive=True)
    fall = sp.exp(-(n + 1 - i) * y)
    integral = sp.Integral(fall, (y, 0, sp.oo))
    total = sum_over_samples(positive_integral(integral, fall, 1, domain=each), i, n)
    refused(lambda: positive_integral(integral, fall, 1, using=[total]), "decay")


def test_a_matrix_whose_size_is_the_index_is_none_of_the_samples():
    K = sp.MatrixSymbol("K", i, d)
    refused(lambda: sum_over_samples(cauchy_schwarz(K, K, domain=each)[1], i, n), "size of")
