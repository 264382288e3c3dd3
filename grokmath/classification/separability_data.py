"""A user's data matrix, read: what may enter, labels, scaling by powers of two, and products that fit dense or sparse.

Separability from the origin does not change when rows are multiplied by positive numbers. Powers of two are exact, so
that data of any scale, rows of 1e-200 beside rows of 1e200 included, are brought near 1 without a rounding error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from grokmath.parameters import array_argument, domain_error

_WIDEST = 20
"""Rows whose sizes differ by less than 2**20 are not rescaled."""

_FEW = 200
"""The most numbers for which exact rationals are tried; they take about a second."""

_NEEDED = "a matrix of finite real numbers, one row a point, at least one row and one column"


@dataclass(frozen=True, eq=False)
class Points:
    """The points (rows times -labels): the data is 2**``exponent`` X, and diag(2**``row_exponents``) Z.

    X serves the computations in the data's own units; Z, whose rows have one size, serves the proofs. Both are float64
    or CSR arrays, and one object where the rows have about one size anyway. ``is_exact``: no entry of Z was lost
    to underflow, which takes a row with entries 2**1000 apart. ``zero_rows``: the indices of the rows that are zero.
    ``original``: the data as they are, dense, where there are at most 200 numbers.
    """

    X: Any
    Z: Any
    exponent: int
    row_exponents: Any
    is_exact: bool
    zero_rows: Any
    original: Any

    @property
    def shape(self) -> tuple[int, int]:
        """N and d."""
        N, d = self.X.shape
        return int(N), int(d)

    @property
    def is_uniform(self) -> bool:
        """Whether Z is X."""
        return self.Z is self.X


def read_points(X: Any, labels: Any, function: str) -> Points:
    """The matrix as :class:`Points`; raises :class:`DomainError` for what is not a matrix of finite doubles."""
    matrix = _sparse(X, function) if sp.issparse(X) else _dense(X, function)
    if matrix.shape[0] == 0 or matrix.shape[1] == 0:
        raise domain_error(function, "X", f"of shape {matrix.shape}", _NEEDED, "give at least one point")
    if not np.isfinite(matrix.data if sp.issparse(matrix) else matrix).all():
        bad = "infinite or nan entries"
        raise domain_error(function, "X", bad, _NEEDED, "leave out the rows that have missing or infinite entries")
    if labels is not None:
        matrix = scale_rows(matrix, -_signs(labels, matrix.shape[0], function))
    sizes = row_sizes(matrix)
    nonzero = sizes > 0
    exponent = int(np.frexp(sizes.max())[1])
    rows = np.where(nonzero, np.frexp(sizes)[1], exponent)
    uniform = np.ptp(rows) <= _WIDEST
    if uniform:
        rows = np.full_like(rows, exponent)
    X = _shift(matrix, np.full_like(rows, -exponent))
    Z = X if uniform else _shift(matrix, -rows)
    back = _shift(Z, rows)
    is_exact = not (back != matrix).nnz if sp.issparse(matrix) else bool((back == matrix).all())
    few = matrix.shape[0] * matrix.shape[1] <= _FEW
    original = (matrix.toarray() if sp.issparse(matrix) else matrix) if few else None
    return Points(X, Z, exponent, rows, is_exact, np.flatnonzero(~nonzero), original)


def shifted(value: float, exponent: int) -> float:
    """value * 2**exponent; infinite where it is beyond the doubles."""
    with np.errstate(over="ignore"):
        return float(np.ldexp(value, exponent))


def row_sizes(matrix: Any) -> Any:
    """The largest absolute entry of each row."""
    if sp.issparse(matrix):
        return abs(matrix).max(axis=1).toarray().ravel() if matrix.nnz else np.zeros(matrix.shape[0])
    return np.abs(matrix).max(axis=1)


def scale_rows(matrix: Any, factors: Any) -> Any:
    """diag(factors) matrix."""
    if sp.issparse(matrix):
        return sp.csr_array(
            (matrix.data * np.repeat(factors, np.diff(matrix.indptr)), matrix.indices, matrix.indptr), matrix.shape
        )
    return matrix * factors[:, None]


def gram(matrix: Any, weights: Any) -> Any:
    """matrix^T diag(weights) matrix as a dense array; rows of no weight in double precision are left out."""
    roots = np.sqrt(weights)
    keep = roots > 1e-20 * roots.max()
    if np.count_nonzero(keep) < 0.75 * len(keep):
        matrix, roots = matrix[keep], roots[keep]
    scaled = scale_rows(matrix, roots)
    product = scaled.T @ scaled
    return product.toarray() if sp.issparse(product) else product


def row_space(matrix: Any) -> tuple[Any, Any]:
    """(L, Q) with matrix = L Q^T up to rounding, L square and Q of orthonormal columns, for N < d.

    Columns of L that are no more than rounding error are zero.
    """
    dense = matrix.toarray() if sp.issparse(matrix) else matrix
    Q, R = np.linalg.qr(dense.T)
    L = np.ascontiguousarray(R.T)
    sizes = np.abs(L).max(axis=0)
    L[:, sizes < 1e-13 * sizes.max(initial=0.0)] = 0.0
    return L, Q


def row(matrix: Any, index: int) -> tuple[Any, Any]:
    """The columns and values of one row's nonzero entries."""
    if sp.issparse(matrix):
        part = slice(matrix.indptr[index], matrix.indptr[index + 1])
        return matrix.indices[part], matrix.data[part]
    columns = np.flatnonzero(matrix[index])
    return columns, matrix[index, columns]


def _shift(matrix: Any, exponents: Any) -> Any:
    """diag(2**exponents) matrix; exact but where a result falls below the normal numbers."""
    if not exponents.any():
        return matrix
    if sp.issparse(matrix):
        data = np.ldexp(matrix.data, np.repeat(exponents, np.diff(matrix.indptr)))
        return sp.csr_array((data, matrix.indices, matrix.indptr), matrix.shape)
    return np.ldexp(matrix, exponents[:, None])


def _sparse(X: Any, function: str) -> Any:
    if X.ndim != 2:
        raise domain_error(function, "X", f"of dimension {X.ndim}", _NEEDED, "give a matrix, one row a point")
    matrix = sp.csr_array(X)
    matrix.sum_duplicates()
    matrix = sp.csr_array(
        (_doubles(matrix.data, function), matrix.indices, matrix.indptr), matrix.shape
    )  # a new array: the caller's is not changed
    matrix.eliminate_zeros()
    return matrix


def _dense(X: Any, function: str) -> Any:
    if isinstance(X, np.ma.MaskedArray) and np.ma.is_masked(X):
        raise domain_error(function, "X", "masked entries", _NEEDED, "leave out the rows that have masked entries")
    try:
        array = np.asarray(X)
    except ValueError:
        raise domain_error(function, "X", "rows of different lengths", _NEEDED, "give rows of one length") from None
    if array.ndim != 2:
        remedy = "for a single point give [x], for points on a line X[:, None]"
        raise domain_error(function, "X", f"of dimension {array.ndim}", _NEEDED, remedy)
    return np.ascontiguousarray(_doubles(array, function))


def _doubles(array: Any, function: str) -> Any:
    """The entries as float64, which must be exact."""
    if array.dtype.kind not in "biuf":
        raise domain_error(function, "X", f"of {array.dtype}", _NEEDED, "give integers, bools or floats")
    with np.errstate(over="ignore"):
        doubles = array.astype(np.float64)
    finite = np.isfinite(array)
    if array.dtype.kind != "b" and not (doubles[finite].astype(array.dtype) == array[finite]).all():
        remedy = "round them to doubles first: the verdict is exact for the numbers that are read"
        raise domain_error(function, "X", f"{array.dtype} entries that are no doubles", _NEEDED, remedy)
    return doubles


def _signs(labels: Any, count: int, function: str) -> Any:
    array = array_argument(labels, "labels", function, f"{count} labels -1 or 1")
    good = array.shape == (count,) and array.dtype.kind in "iuf" and bool((np.abs(array) == 1).all())
    if not good:
        remedy = "give one label, -1 or 1, for each row"
        raise domain_error(function, "labels", labels, f"{count} labels -1 or 1", remedy)
    return array.astype(np.float64)
