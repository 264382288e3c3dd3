"""The theorem of App. D against the minimiser itself, and the linear programme behind it."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from flint import fmpz_mat
from scipy.optimize import minimize

from grokmath.classification.hull import boundary_closeness, origin_in_hull
from grokmath.classification.separability import separability
from grokmath.parameters import DomainError


def random_sets(count: int, seed: int):
    """Inseparable sets, some of which are moved until the origin is near the boundary."""
    rng = np.random.default_rng(seed)
    found = 0
    while found < count:
        d = int(rng.integers(1, 4))
        X = rng.standard_normal((int(rng.integers(d + 2, 3 * d + 5)), d))
        if rng.random() < 0.6:
            X[:, 0] += rng.uniform(0, 1.2)
        if separability(X).separable is False:
            found += 1
            yield X


def logistic_minimiser(X: np.ndarray) -> float:
    """||S|| at the minimum of (1/N) sum log(1 + exp(S.x))."""
    result = minimize(
        lambda S: np.logaddexp(0, X @ S).mean(),
        np.zeros(X.shape[1]),
        jac=lambda S: X.T @ (1 / (1 + np.exp(-X @ S))) / len(X),
        options={"gtol": 1e-9},
    )
    return float(np.linalg.norm(result.x))


def test_no_bound_is_above_the_minimiser():
    """(26) for both losses, its sharper form for the exponential loss; many of the bounds say something."""
    positive, tightest = 0, math.inf
    for X in random_sets(40, seed=1):
        norm = separability(X).minimizer_norm
        result = boundary_closeness(X, most=30)
        assert result.printed_bound <= result.bound <= result.sharpened_bound or result.bound < 0
        assert result.bound <= norm * (1 + 1e-9)
        assert result.sharpened_bound <= norm * (1 + 1e-9)
        assert result.bound <= logistic_minimiser(X) * (1 + 1e-6)
        if result.bound > 0:
            positive += 1
            tightest = min(tightest, norm / result.bound)
    assert positive > 12
    assert 1 - 1e-9 <= tightest < 2


@pytest.mark.parametrize("lam", [0.1, 0.4, 0.49, 0.4999])
def test_the_bound_is_attained_by_two_points(lam):
    """x = -1 and 1 - 2 lam: the bound is S_* = log(1/(1 - 2 lam))/(2 (1 - lam)) itself."""
    X = [[-1.0], [1 - 2 * lam]]
    result = boundary_closeness(X)
    a = X[1][0]
    assert result.eps == pytest.approx(a / (1 + a), rel=1e-9)
    assert list(result.rows) == [1]
    assert result.exhaustive
    assert result.bound == pytest.approx(math.log(1 / a) / (1 + a), rel=1e-6)
    assert result.bound == pytest.approx(separability(X).minimizer_norm, rel=1e-6)
    assert result.printed_bound == pytest.approx(result.bound)  # N - d = 1


def test_every_set_of_rows_gives_a_bound_and_the_search_finds_the_least():
    rng = np.random.default_rng(2)
    X = rng.standard_normal((8, 2)) + 0.1
    assert separability(X).verdict == "inseparable"
    norm = separability(X).minimizer_norm
    values = {rows: boundary_closeness(X, rows) for rows in itertools.combinations(range(8), 2)}
    assert all(value.bound <= norm for value in values.values())
    best = boundary_closeness(X)
    assert best.exhaustive
    assert best.eps == pytest.approx(min(value.eps for value in values.values()))
    searched = boundary_closeness(X, most=20)
    assert not searched.exhaustive
    assert searched.eps >= best.eps * (1 - 1e-12)
    assert values[tuple(searched.rows)].eps == pytest.approx(searched.eps)


def test_the_largest_weight_off_a_set_exactly():
    """The programme's optimum is at a vertex: a positive dependence of at most d + 1 rows; all of them, exactly."""
    X = np.array([[1, 0], [-1, 2], [-2, -1], [0, 3], [1, -2], [-1, -1]], dtype=float)
    chosen = (0, 4)
    best = Fraction(0)
    for k in range(2, 4):
        for rows in itertools.combinations(range(6), k):
            kernel, dimension = fmpz_mat(2, k, [int(X[i, j]) for j in range(2) for i in rows]).nullspace()
            values = [int(kernel[i, 0]) for i in range(k)]
            if dimension == 1 and (min(values) > 0 or max(values) < 0):
                off = sum(v for v, i in zip(values, rows, strict=True) if i not in chosen)
                best = max(best, Fraction(off, sum(values)))
    assert boundary_closeness(X, chosen).eps == pytest.approx(float(best), rel=1e-12)
    assert boundary_closeness(X, chosen).eps >= float(best) * (1 - 1e-16)


def test_scale():
    """The bound is inversely proportional to the points; eps does not change."""
    X = np.array([[1.0, 0.2], [-1, 0.3], [0.1, -1], [2, 2]])
    small, large = boundary_closeness(X), boundary_closeness(X * 2.0**30)
    assert large.eps == pytest.approx(small.eps)
    assert large.bound == pytest.approx(small.bound * 2.0**-30)
    assert large.diameter == pytest.approx(small.diameter * 2.0**30)


def test_membership():
    rng = np.random.default_rng(3)
    X = rng.standard_normal((30, 5))
    inside = origin_in_hull(X)
    assert inside.inside
    assert np.linalg.norm(X.T @ inside.weights) <= inside.residual < 1e-12
    outside = origin_in_hull(X + 3)
    assert not outside.inside
    assert ((X + 3) @ outside.separating_vector < 0).all()
    tiny = origin_in_hull(np.ldexp(X, rng.integers(-300, 300, (30, 1))))
    assert tiny.inside


@pytest.mark.parametrize(
    ("X", "arguments", "words"),
    [
        (np.eye(3), {}, "N > d"),
        (np.ones((5, 2)) + np.eye(5)[:, :2], {}, "separable"),
        ([[1.0], [-1.0], [2.0]], {"rows": [0, 1]}, "rows"),
        ([[1.0], [-1.0], [2.0]], {"rows": [3]}, "rows"),
        ([[1.0], [-1.0], [2.0]], {"rows": [0.5]}, "rows"),
        ([[0.0], [1.0], [2.0]], {"rows": [0]}, "boundary"),
        ([[math.nan], [1.0]], {}, "nan"),
    ],
)
def test_bad_input(X, arguments, words):
    with pytest.raises(DomainError, match=words):
        boundary_closeness(X, **arguments)
