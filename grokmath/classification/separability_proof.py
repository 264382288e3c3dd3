"""What floating-point numbers prove about the sign of S.x_i and about the origin in the hull.

Every bound is a priori: with u = 2**-53 a product of n terms summed in any order, fused or not, is off by at most
gamma_n = n u/(1 - n u) times the same sum of absolute values, plus n times the smallest number for underflow. The
theorems and the assumption on the libraries' matrix products (no Strassen) are in docs/proofs/separability.md.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import scipy.linalg as sl
import scipy.sparse as sp

from grokmath.classification.exponential_descent import solve
from grokmath.classification.separability_data import Points, gram, row, row_sizes, scale_rows, shifted

_U = 2.0**-53
_TINY = 2.0**-1022
_MOST_EXACT = 200_000
"""The number of products that are formed in exact rationals where rounding bounds do not decide."""


def gamma(n: int) -> float:
    """An upper bound of gamma_n."""
    return 1.01 * (n + 2) * _U


def separates(Z: Any, S: Any) -> bool:
    """Whether it is proved that S.z < 0 for every row z: by rounding bounds, and exactly where these do not decide."""
    size = float(np.abs(S).max(initial=0.0))
    if not 0 < size < math.inf:
        return False
    S = np.ldexp(S, -int(np.frexp(size)[1]))
    products, error = products_with_error(Z, S)
    if (products < -error).all():
        return True
    unsure = np.flatnonzero(products >= -error)
    if len(unsure) * Z.shape[1] > _MOST_EXACT:
        return False
    return all(exact_product(Z, int(i), S) < 0 for i in unsure)


def products_with_error(Z: Any, S: Any) -> tuple[Any, Any]:
    """Z S and a bound of its rounding error for each row; Z and S near 1."""
    d = Z.shape[1]
    return Z @ S, gamma(d) * 1.01 * (abs(Z) @ np.abs(S)) + d * _TINY


def exact_product(Z: Any, index: int, S: Any) -> Fraction:
    """The exact value of one row times S; S holds doubles or fractions."""
    columns, values = row(Z, index)
    total = Fraction(0)
    for j, z in zip(columns, values, strict=True):
        if S[j]:
            total += Fraction(float(z)) * Fraction(S[j])
    return total


def margin_bounds(points: Points, S: Any, weights: Any) -> tuple[float, float]:
    """Proved bounds of the data's margin: from the separating S below, from weights >= 0 of the rows of Z above."""
    S = np.ldexp(S, -int(np.frexp(np.abs(S).max())[1]))
    products, error = products_with_error(points.Z, S)
    norm = float(np.linalg.norm(S)) * (1 + gamma(len(S)))
    with np.errstate(over="ignore"):
        low = float(np.ldexp(-products - error, points.row_exponents).min()) / norm * (1 - 8 * _U)
    lowest = int(points.row_exponents.min())
    offsets = np.ldexp(1.0, lowest - points.row_exponents)
    high = shifted(hull_distance_bound(points.Z, weights, offsets), lowest)
    return math.nextafter(low, 0.0), math.nextafter(high, math.inf)  # ends that are subnormal or beyond the doubles


def hull_distance_bound(Z: Any, weights: Any, offsets: Any = None) -> float:
    """An upper bound of ||Z^T w|| for w = weights/(offsets.weights), a point of the hull of the rows z_i/offset_i.

    The origin is no farther from that hull. Offsets are 1 by default; they may be rounded down.
    """
    N = Z.shape[0]
    scaled = weights / weights.max()
    error = gamma(N) * 1.01 * (abs(Z).T @ scaled) + N * _TINY
    top = _norm_bound(np.abs(Z.T @ scaled) + error)
    total = float(scaled.sum() if offsets is None else scaled @ offsets) * (1 - gamma(N))
    return top / total * (1 + 8 * _U) if total > _TINY else math.inf


class Interior(NamedTuple):
    """Proof that the origin is interior to the hull: exact positive weights exist within ``change`` of those given.

    Each exact weight differs from the one given by less than ``change`` <= 1 times it. ``residual`` bounds ||X^T w||.
    """

    change: float
    residual: float


def interior(Z: Any, weights: Any) -> Interior | None:
    """Whether weights w >= 0 prove that the origin is interior to the hull of the rows of Z, which then span the space.

    Theorem: if ||Z^T w|| < sigma_min(diag(w) Z), there are exact w' >= 0 with Z^T w' = 0, positive where w is.
    The least singular value is bounded below by a Cholesky factorization that runs to its end (S. M. Rump).
    """
    N, d = Z.shape
    if d >= N or not weights.max() > 0:
        return None
    w = weights / weights.max()
    columns = row_sizes(sp.csr_array(Z.T) if sp.issparse(Z) else Z.T)
    if not (columns > 0).all():
        return None
    scale = np.ldexp(1.0, -np.frexp(columns)[1])
    combined = (Z.T @ w) * scale
    residual = np.abs(combined) + gamma(N) * 1.01 * (abs(Z).T @ w) * scale + N * _TINY
    distance = _norm_bound(residual)
    B = scale_rows(Z, w)
    B = B @ sp.diags_array(scale) if sp.issparse(B) else B * scale
    squares = float((B * B).sum()) * (1 + gamma(N * d))
    slack = 4 * _U * math.sqrt(squares) + N * d * _TINY
    K = (B.T @ B).toarray() if sp.issparse(B) else B.T @ B
    rounding = 1.01 * gamma(N) * squares + 4 * gamma(d + 10) * squares + N * d * _TINY
    for change in (1e-6, 1e-3, 0.5, 0.99):
        shift = (distance / change + slack) ** 2 * (1 + 16 * _U) + 2 * rounding
        if shift > squares:
            continue
        A = K.copy()
        A[np.diag_indices_from(A)] -= shift
        try:
            sl.cholesky(A, lower=True, overwrite_a=True, check_finite=False)
        except sl.LinAlgError:
            continue
        return Interior(change, hull_distance_bound(Z, w))
    return None


def interior_weights(Z: Any, weights: Any) -> Any:
    """The weights, or these after one correction towards Z^T w = 0, if they prove :func:`interior`; else None."""
    if interior(Z, weights) is not None:
        return weights
    w = weights / weights.max()
    corrected = w - w * w * (Z @ solve(gram(Z, w * w), Z.T @ w))
    if np.isfinite(corrected).all() and (corrected >= 0).all() and interior(Z, corrected) is not None:
        return corrected
    return None


def _norm_bound(vector: Any) -> float:
    """An upper bound of the Euclidean norm of a vector of nonnegative numbers."""
    top = float(vector.max(initial=0.0))
    if top == 0:
        return 0.0
    exponent = int(np.frexp(top)[1])
    return math.ldexp(float(np.linalg.norm(np.ldexp(vector, -exponent))) * (1 + gamma(len(vector))), exponent) + _TINY
