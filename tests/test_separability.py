"""Separability of given points: verdicts and proofs against exact arithmetic, degenerate data, margins, minimisers."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from flint import fmpq, fmpq_mat, fmpz_mat
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize, nnls

from grokmath.classification.separability import separability
from grokmath.classification.separability_exact import exact_margin, exact_verdict, rounded
from grokmath.classification.separability_proof import hull_distance_bound, interior, separates
from grokmath.parameters import DomainError


def exact_rows(X) -> list[list[int]]:
    """The rows as integers, each times a positive number, which changes nothing."""
    rows = [[Fraction(float(value)) for value in row] for row in X]
    scales = [math.lcm(*(value.denominator for value in row)) for row in rows]
    return [[int(value * scale) for value in row] for row, scale in zip(rows, scales, strict=True)]


def truth(X) -> tuple[bool, bool]:
    """Whether the origin is in the hull, and whether in its relative interior; exactly, for few points.

    The origin is in the hull if and only if some minimal linearly dependent set of rows has a dependence of positive
    weights (Caratheodory), and in the relative interior if and only if such sets cover all rows.
    """
    rows = exact_rows(X)
    d = len(rows[0])
    covered: set[int] = set()
    for k in range(1, min(len(rows), d + 1) + 1):
        for chosen in itertools.combinations(range(len(rows)), k):
            kernel, dimension = fmpz_mat(d, k, [rows[i][j] for j in range(d) for i in chosen]).nullspace()
            if dimension == 1:
                values = [int(kernel[i, 0]) for i in range(k)]
                if all(v > 0 for v in values) or all(v < 0 for v in values):
                    covered |= set(chosen)
    return bool(covered), len(covered) == len(rows)


@st.composite
def few_points(draw, kinds=("integers", "rows", "moved", "ulps", "columns")) -> np.ndarray:
    """Small integers, so that the origin is often on the boundary; then perhaps rescaled, or moved by very little."""
    d, N, size = draw(st.integers(1, 3)), draw(st.integers(1, 7)), draw(st.integers(1, 3))
    entries = st.lists(st.integers(-size, size), min_size=d, max_size=d)
    X = np.array(draw(st.lists(entries, min_size=N, max_size=N)), dtype=float)
    kind = draw(st.sampled_from(kinds))
    signs = np.array(draw(st.lists(st.integers(-1, 1), min_size=N * d, max_size=N * d))).reshape(N, d)
    if kind == "rows":
        exponents = draw(st.lists(st.integers(-900, 900), min_size=N, max_size=N))
        return np.ldexp(X, np.array(exponents)[:, None])
    if kind == "moved":
        return X + signs * 2.0 ** -draw(st.integers(8, 60))
    if kind == "ulps":
        return X * (1 + signs * 2.0**-52)
    if kind == "columns":
        return np.hstack([X, X[:, :1], np.zeros((N, 1))])
    return X


_EDGE = np.array([[0, 1, 1], [0, -1, 0], [0, -1, 0], [0, -1, 1], [1, -1, 0], [1, 1, 2], [2, 2, -2]], dtype=float)
_MOVED = [[0, 1, -1], [1, -1, 1], [1, 1, 0], [1, 0, -1], [1, 0, 1], [0, 0, 1], [0, -1, -1]]
WITHIN_ROUNDING = _EDGE + 2.0**-51 * np.array(_MOVED)
"""Separable with a margin of 1e-17, below the rounding error of S.x."""


@settings(max_examples=150)
@given(X=few_points())
@example(X=np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]]))
@example(X=np.array([[1.0, 2.0**-60], [-1.0, 2.0**-60], [0.0, 1.0]]))
@example(X=np.array([[1.0, -(2.0**-60)], [-1.0, -(2.0**-60)], [0.0, 1.0]]))
@example(X=np.array([[-1.0], [2.0**-1074]]))
@example(X=np.zeros((2, 3)))
@example(X=WITHIN_ROUNDING)
def test_every_verdict_is_right(X):
    """Against exact arithmetic; so few points are always decided."""
    inside, relative_interior = truth(X)
    result = separability(X)
    assert (result.separable, bool(result.interior)) == (not inside, relative_interior)
    if result.separable:
        S = [Fraction(float(s)) for s in result.separating_vector]
        products = [sum(x * s for x, s in zip(row, S, strict=True)) for row in exact_rows(X)]
        assert max(products) < 0 or "which the separating vector rounds" in result.reason
        assert 0 <= result.margin_bounds[0] <= result.margin <= result.margin_bounds[1]
    else:
        assert (result.hull_weights >= 0).all()
        assert result.hull_weights.sum() == pytest.approx(1)
        assert exact_distance(X, result.hull_weights) <= Fraction(result.hull_residual) ** 2


@given(X=few_points())
def test_the_programme_in_rationals(X):
    """Its verdict, its separator on the rows that it names, and its weights on the others."""
    verdict = exact_verdict(X)
    assert (not all(verdict.strict), not any(verdict.strict)) == truth(X)
    rows = [[fmpq(*float(x).as_integer_ratio()) for x in row] for row in X]
    for row, strict, weight in zip(rows, verdict.strict, verdict.weights, strict=True):
        product = sum((x * s for x, s in zip(row, verdict.S, strict=True)), fmpq(0))
        assert product < 0 if strict else product == 0
        assert weight == 0 if strict else weight >= 1
    for j in range(X.shape[1]):
        assert sum((row[j] * w for row, w in zip(rows, verdict.weights, strict=True)), fmpq(0)) == 0
    if all(verdict.strict):
        S = rounded(verdict.S)
        low = exact_margin(X, verdict.S)
        assert low == pytest.approx((-(X @ S)).min() / np.linalg.norm(S), rel=1e-6, abs=1e-14 * np.abs(X).max())


@settings(max_examples=100)
@given(X=few_points(kinds=("integers", "rows", "columns")))
def test_tidy_data_are_decided_without_rationals(X):
    """Small integers, in whatever position, and the same in multiplied rows and copied columns."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("grokmath.classification.separability_data._FEW", 0)
        result = separability(X)
    assert (result.separable, bool(result.interior)) == (not truth(X)[0], truth(X)[1])


@settings(max_examples=100)
@given(X=few_points(kinds=("moved", "ulps")))
def test_no_verdict_by_rounding_bounds_is_wrong(X):
    """Without rationals some sets are undecided, none wrong."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("grokmath.classification.separability_data._FEW", 0)
        result = separability(X)
    inside, relative_interior = truth(X)
    assert result.separable in (None, not inside)
    assert result.interior in (None, relative_interior)


def exact_distance(X, weights) -> Fraction:
    """||X^T w||**2/(sum w)**2, exactly."""
    W = [Fraction(float(w)) for w in weights]
    total = sum(W)
    columns = [sum(Fraction(float(x)) * w for x, w in zip(column, W, strict=True)) for column in np.asarray(X).T]
    return sum((c / total) ** 2 for c in columns)


# The proofs one by one.


@pytest.mark.parametrize("seed", range(6))
def test_the_weights_near_those_given_are_exact_and_positive(seed):
    """The theorem's own weights w' = w - w**2 X (X^T diag(w**2) X)^-1 X^T w, in exact rationals."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((24, 5))
    result = separability(X)
    assert (result.verdict, result.interior) == ("inseparable", True)
    weights = result.hull_weights
    proof = interior(X, weights)
    w = [fmpq(*float(v).as_integer_ratio()) for v in weights]
    rows = [[fmpq(*float(x).as_integer_ratio()) for x in row] for row in X]
    K = fmpq_mat(
        5,
        5,
        [sum((w[i] ** 2 * rows[i][a] * rows[i][b] for i in range(24)), fmpq(0)) for a in range(5) for b in range(5)],
    )
    r = fmpq_mat(5, 1, [sum((w[i] * rows[i][a] for i in range(24)), fmpq(0)) for a in range(5)])
    y = K.solve(r)
    changes = [w[i] * sum((rows[i][a] * y[a, 0] for a in range(5)), fmpq(0)) for i in range(24)]
    assert max(abs(c) for c in changes) <= fmpq(*float(proof.change).as_integer_ratio()) < 1
    exact = [w[i] * (1 - changes[i]) for i in range(24)]
    assert all(v > 0 for v in exact)
    assert all(sum((exact[i] * rows[i][a] for i in range(24)), fmpq(0)) == 0 for a in range(5))


@pytest.mark.parametrize("shift", [0.0, 1e-9, 1e-13, 1e-15, 3e-16])
def test_no_interior_is_proved_where_there_is_none(shift):
    """Points in a half space that the rounding of its edge hides: weights from points that have been moved."""
    rng = np.random.default_rng(7)
    X = rng.standard_normal((40, 3))
    X[:, 2] = np.abs(X[:, 2]) + shift
    X[:20, 2] = shift  # the origin at the distance shift from the hull, or on its boundary
    moved = X.copy()
    moved[:20, 2] = rng.choice([-1e-8, 1e-8], 20)
    weights = separability(moved).hull_weights
    assert interior(X, np.abs(weights)) is None
    assert not separates(-X, np.array([0.0, 0.0, -1.0]))


def test_rounding_bounds_against_exact_sums():
    rng = np.random.default_rng(8)
    for scale in (1.0, 1e-150, 1e-300):
        X = rng.standard_normal((30, 4)) * scale
        w = np.abs(rng.standard_normal(30))
        assert exact_distance(X, w) <= Fraction(hull_distance_bound(X, w)) ** 2
        assert hull_distance_bound(X, w) < 1.001 * np.linalg.norm(X.T / scale @ (w / w.sum())) * scale + 1e-300
    X = np.array([[1.0, 1.0, -2.0], [1e17, 1.0, -1e17]])
    assert not separates(X, np.array([1.0, 1.0, 1.0]))  # exact sums 0 and 1
    assert separates(-X[1:], np.array([1.0, 1.0, 1.0]))
    assert not separates(X, np.zeros(3))
    assert not separates(X, np.full(3, np.nan))


# The separable side.


def test_the_margin_against_least_squares():
    """The distance of the hull from the origin by non-negative least squares, Lawson and Hanson's active sets."""
    rng = np.random.default_rng(9)
    for N, d in ((30, 40), (60, 45), (50, 50), (80, 4)):
        X = rng.standard_normal((N, d)) + (2.5 if d == 4 else 0)
        result = separability(X)
        weights, _ = nnls(np.vstack([X.T, np.full(N, 100.0)]), np.r_[np.zeros(d), 100.0])
        distance = np.linalg.norm(X.T @ (weights / weights.sum()))
        assert result.margin == pytest.approx(distance, rel=1e-3)
        assert result.margin <= distance * (1 + 1e-12)
        low, high = result.margin_bounds
        assert high - low < 1e-9 * high
        S = result.separating_vector
        assert (X @ S).max() == pytest.approx(-1)
        assert 1 / np.linalg.norm(S) == pytest.approx(result.margin)
        assert (X[result.support_vectors] @ S) == pytest.approx(-np.ones(len(result.support_vectors)), abs=1e-6)
        assert np.linalg.norm(X.T @ result.hull_weights) == pytest.approx(result.margin)
        assert result.limit_accuracy == pytest.approx(
            0.5 * math.erfc(-1 / (result.feature_std * result.margin) / 2**0.5)
        )


def test_margins_in_closed_form():
    assert separability([[3.0, 4.0]]).margin == pytest.approx(5, rel=1e-14)
    square = separability([[1, 1], [1, -1], [3, 0]])
    assert square.margin == pytest.approx(1, rel=1e-14)
    assert square.separating_vector == pytest.approx([-1, 0], abs=1e-12)
    assert sorted(square.support_vectors) == [0, 1]
    assert separability(np.eye(7)).margin == pytest.approx(1 / math.sqrt(7), rel=1e-13)
    copies = separability(np.repeat(np.eye(3), 4, axis=0))
    assert copies.margin == pytest.approx(1 / math.sqrt(3), rel=1e-9)
    wide = separability([[1e-200, 0.0], [0.0, 1e200]])
    assert wide.margin == pytest.approx(1e-200, rel=1e-9)
    assert separability([[-1e-300], [-1e300]]).margin == pytest.approx(1e-300)


def test_more_dimensions_than_points():
    rng = np.random.default_rng(10)
    X = rng.standard_normal((5, 200))
    result = separability(X)
    assert result.verdict == "separable"
    inverse = np.linalg.inv(X @ X.T)
    everywhere = 1 / math.sqrt(inverse.sum())  # all five at the margin
    assert result.margin >= everywhere * (1 - 1e-12)
    x = rng.standard_normal(9)
    assert separability([x, -2 * x, rng.standard_normal(9)]).verdict == "inseparable"
    assert separability([x, x, 3 * x]).margin == pytest.approx(np.linalg.norm(x))


@pytest.mark.parametrize("exponent", [1024, -1070])
def test_the_ends_of_the_doubles(exponent):
    """Norms beyond the doubles are infinite or 0, without a warning; bounds remain bounds."""
    rng = np.random.default_rng(22)
    for d in (6, 48):
        X = np.ldexp(rng.uniform(-1, 1, (60, d)), exponent)
        result = separability(X)
        assert result.verdict == ("inseparable" if d == 6 else "separable")
        assert result.verdict in str(result)
    wide = separability(np.full((3, 4), 1.7e308))
    assert wide.margin_bounds[0] < wide.margin_bounds[1] == math.inf
    small = separability(np.full((5, 2), 5e-324))
    assert small.margin_bounds[0] <= 5e-324 * math.sqrt(2) < small.margin_bounds[1]


# The inseparable side.


@pytest.mark.parametrize("lam", [0.05, 0.3, 0.45, 0.499])
def test_two_points_have_the_minimiser_of_the_two_point_model(lam):
    result = separability([[-1.0], [1 - 2 * lam]])
    a = 1 - (2 * lam)
    S = math.log(1 / a) / (1 + a)
    assert result.minimizer[0] == pytest.approx(S, rel=1e-12)
    assert result.minimal_loss == pytest.approx((math.exp(-S) + math.exp(a * S)) / 2, rel=1e-13)
    assert result.hessian_edge == pytest.approx((math.exp(-S) + a * a * math.exp(a * S)) / 2, rel=1e-12)
    assert result.relaxation_exponent == pytest.approx(a, rel=1e-11)  # 1 - 2 lam, the two-point model's
    assert result.hull_weights == pytest.approx([a / (1 + a), 1 / (1 + a)])


def test_the_minimiser_against_another_method():
    rng = np.random.default_rng(11)
    X = rng.standard_normal((60, 8)) * 3
    result = separability(X)
    other = minimize(
        lambda S: np.exp(X @ S).mean(), np.zeros(8), jac=lambda S: X.T @ np.exp(X @ S) / 60, options={"gtol": 1e-10}
    )
    assert result.minimizer == pytest.approx(other.x, abs=1e-7)
    assert result.minimal_loss == pytest.approx(other.fun, rel=1e-12)
    assert result.gradient_norm < 1e-13
    assert result.minimizer_norm == pytest.approx(np.linalg.norm(other.x), rel=1e-7)
    H = (X.T * np.exp(X @ other.x)) @ X / 60
    assert result.hessian_edge == pytest.approx(np.linalg.eigvalsh(H)[0], rel=1e-6)
    assert result.positive_fraction == np.mean(X @ other.x > 0)


def test_dependent_columns_give_the_least_norm():
    """The minimiser of points in a subspace, and that of the same points in fewer coordinates."""
    rng = np.random.default_rng(12)
    X = rng.standard_normal((50, 6))
    alone = separability(X)
    doubled = separability(np.hstack([X, X]))
    assert doubled.interior is True
    assert doubled.minimizer == pytest.approx(np.r_[alone.minimizer, alone.minimizer] / 2, abs=1e-9)
    assert doubled.relaxation_exponent == pytest.approx(2 * alone.relaxation_exponent)
    choices = rng.integers(0, 4, 300)
    one_hot = np.hstack([np.eye(4)[choices] - np.eye(4)[choices[::-1]], rng.integers(-3, 4, (300, 5))])
    result = separability(one_hot)
    assert result.verdict == "inseparable"
    assert result.interior is True


def test_the_boundary():
    """A segment through the origin and a point beside it: S diverges, but slower than log t."""
    result = separability([[1, 0], [-1, 0], [0, 1], [2, 3]])
    assert (result.verdict, result.interior, result.minimizer_norm) == ("inseparable", False, math.inf)
    S = result.weak_vector
    assert (S[0], S[1] < 0) == (0, True)
    assert result.minimizer is None
    assert result.hull_weights == pytest.approx([0.5, 0.5, 0, 0])
    with pytest.raises(DomainError, match="minimiser"):
        result.grokking_time(0.1)
    marginal = separability([[-1.0], [0.0]])  # the two-point model at lam = 1/2
    assert (marginal.interior, marginal.limit_accuracy) == (False, 1.0)


def test_zero_rows():
    rng = np.random.default_rng(13)
    X = rng.standard_normal((40, 5))
    assert separability(np.vstack([X, np.zeros(5)])).interior is True
    X[:, 0] = np.abs(X[:, 0])
    with_zero = separability(np.vstack([X, np.zeros(5)]))
    assert (with_zero.verdict, with_zero.interior) == ("inseparable", False)
    assert with_zero.hull_residual < 1e-300
    nothing = separability(np.zeros((3, 2)))
    assert (nothing.interior, nothing.minimizer_norm, nothing.minimal_loss) == (True, 0.0, 1.0)


def test_undecided():
    """Products of random factors lie in a subspace up to rounding errors: whether the doubles do is not decided."""
    rng = np.random.default_rng(14)
    result = separability(rng.standard_normal((60, 5)) @ rng.standard_normal((5, 9)))
    assert (result.verdict, result.separable, result.margin, result.minimizer) == ("undecided", None, None, None)
    assert "rounding error" in result.reason
    assert "undecided" in str(result)
