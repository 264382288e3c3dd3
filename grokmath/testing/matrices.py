"""Strategies for small data matrices near separability, whose verdict is known by construction.

Every entry is a multiple of 2^-30 below 2^20 in absolute value, so that all sums made here are exact in float64.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from grokmath.parameters import domain_error

__all__ = ["data_matrices"]

_KINDS = ("any", "separable", "inseparable", "degenerate")
_MARGINS = [1.0, 2.0, 3.0, 2.0**-4, 2.0**-10, 2.0**-30]


def data_matrices(kind: str = "any", *, max_rows: int = 8, max_columns: int = 4) -> st.SearchStrategy[Any]:
    """Float64 matrices of N points (rows) in d dimensions, small and near the edge of separability.

    "separable": one S has S.x > 0 for every row, with margins down to 2^-30; "inseparable": the origin is in the hull
    of the rows, in its interior or just on its boundary; "degenerate": either, with rows that are zero or repeated, or
    with columns that are zero or repeated. (A zero row makes any set inseparable.) Entries shrink towards 0 and 1.
    ``max_rows`` and ``max_columns`` are at least 2 and 1.

    >>> from grokmath.testing import data_matrices
    >>> from grokmath.classification.separability import separability
    >>> from hypothesis import find
    >>> find(data_matrices("inseparable"), lambda X: X.any() and not separability(X).separable).shape
    (2, 1)
    """
    if kind not in _KINDS:
        raise domain_error("data_matrices", "kind", kind, ", ".join(map(repr, _KINDS)), "name one of these")
    if not 2 <= max_rows <= 64 or not 1 <= max_columns <= 64:
        wanted = "2 <= max_rows <= 64, 1 <= max_columns <= 64"
        raise domain_error("data_matrices", "max_rows, max_columns", (max_rows, max_columns), wanted, "keep it small")
    bounds = max_rows, max_columns
    strategies = {"separable": _separable(*bounds), "inseparable": _inseparable(*bounds)}
    if kind in strategies:
        return strategies[kind]
    degenerate = st.one_of(
        _degenerate(strategies["inseparable"], *bounds), _degenerate(strategies["separable"], *bounds)
    )
    return degenerate if kind == "degenerate" else st.one_of(*strategies.values(), degenerate)


def _integers(draw: st.DrawFn, rows: int, columns: int) -> Any:
    return np.array(draw(st.lists(st.integers(-3, 3), min_size=rows * columns, max_size=rows * columns))).reshape(
        rows, columns
    )


def _turned(draw: st.DrawFn, X: Any) -> Any:
    """X times an integer matrix of determinant +/-1, so that no coordinate is special."""
    d = X.shape[1]
    if d > 1 and draw(st.booleans()):
        X = X @ (np.tril(_integers(draw, d, d), -1) + np.eye(d))
        X = X[:, draw(st.permutations(range(d)))]
    return np.ascontiguousarray(X + 0.0)  # no -0.0


@st.composite
def _separable(draw: st.DrawFn, max_rows: int, max_columns: int) -> Any:
    """Rows whose first coordinate is positive."""
    N, d = draw(st.integers(1, max_rows)), draw(st.integers(1, max_columns))
    X = _integers(draw, N, d).astype(np.float64)
    X[:, 0] = draw(st.lists(st.sampled_from(_MARGINS), min_size=N, max_size=N))
    return _turned(draw, X)


@st.composite
def _inseparable(draw: st.DrawFn, max_rows: int, max_columns: int) -> Any:
    """Rows of which some have a vanishing combination with positive integer weights.

    On the boundary, these rows have no first coordinate, and the first coordinate of all others is positive.
    """
    N, d = draw(st.integers(2, max_rows)), draw(st.integers(1, max_columns))
    X = _integers(draw, N, d).astype(np.float64)
    balanced = draw(st.integers(1, N - 1))
    if draw(st.booleans()):
        X[: N - 1, 0] = draw(st.lists(st.sampled_from(_MARGINS), min_size=N - 1, max_size=N - 1))
        X[:balanced, 0] = 0
    weights = np.array(draw(st.lists(st.integers(1, 3), min_size=balanced, max_size=balanced)), dtype=np.float64)
    X[N - 1] = -(weights @ X[:balanced])
    return _turned(draw, X)


@st.composite
def _degenerate(draw: st.DrawFn, base: st.SearchStrategy[Any], max_rows: int, max_columns: int) -> Any:
    X = draw(base)
    N, d = X.shape
    change = draw(st.sampled_from(["repeated rows", "zero row", "zero column", "repeated column"]))
    if change == "repeated rows":
        extra = draw(st.lists(st.integers(0, N - 1), min_size=1, max_size=3))
        room = max_rows - N
        X = np.vstack([X, X[extra[:room]]]) if room else np.vstack([X[:-1], X[:1]])
    elif change == "zero row":
        X = np.vstack([X[: max_rows - 1], np.zeros((1, d))])
    elif d < max_columns:
        column = np.zeros((N, 1)) if change == "zero column" else X[:, [draw(st.integers(0, d - 1))]]
        X = np.hstack([X, column])
    else:
        X = np.vstack([X[: max_rows - 1], X[:1]])
    return np.ascontiguousarray(X)
