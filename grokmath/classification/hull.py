"""The origin in the hull of given points, and how large ||S_inf|| must be when it is near the hull's boundary (App. D).

Representations of the origin are weights w >= 0, sum w = 1, sum w_i x_i = 0 (22). It is eps-close to the boundary with
respect to d points I if every representation has at most the weight eps off I. The minimiser S of (1/N) sum exp(S.x)
gives one representation, w_i proportional to exp(S.x_i) (21), whose weights cannot differ by more than exp(||S|| D),
D the diameter; hence the theorem (26):

    ||S|| >= (1/D) log[(N - d)(1 - eps)/(d eps)].

It holds as printed, for every choice of I. With D replaced by the largest distance of a point of I from the mean of the
others it holds too, and is sharper: Jensen's inequality (24) needs no more. For the logistic loss the remark after
the theorem (replace the logarithm by the inverse of l') does not follow, because l' is not convex; but log l' has slope
at most 1, so that the weights differ by at most exp(||S|| D) again and the first bound holds unchanged.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linprog

from grokmath.classification.exponential_descent import descend
from grokmath.classification.separability_data import read_points, shifted
from grokmath.classification.separability_proof import hull_distance_bound, separates
from grokmath.parameters import Undecidable, domain_error

__all__ = ["BoundaryCloseness", "HullMembership", "boundary_closeness", "origin_in_hull"]

_RESIDUAL = 1e-14
"""Weights count as a representation up to N times this, for points of size 1."""


@dataclass(frozen=True, eq=False)
class HullMembership:
    """``inside``: whether the origin is in the hull, as a linear programme finds it.

    Inside: ``weights`` with ||X^T w|| <= ``residual``. Outside: ``separating_vector``, S.x < 0 for every row, proved.
    """

    inside: bool
    weights: Any = None
    residual: float | None = None
    separating_vector: Any = None


@dataclass(frozen=True, eq=False)
class BoundaryCloseness:
    """How close the origin is to the hull's boundary, and the bounds of ||S_inf|| that follow.

    ``rows``: the d points I; ``eps``: the most weight that a representation has off them, rounded up by the dual
    programme; ``exhaustive``: whether all sets I were tried, so that no smaller eps exists. ``diameter``: D. ``bound``:
    the right-hand side of (26); ``printed_bound``: the theorem's weaker form, N - d replaced by 1; ``sharpened_bound``:
    with the distance from the mean for D (exponential loss only). Bounds may be negative and then say nothing.
    """

    rows: Any
    eps: float
    exhaustive: bool
    diameter: float
    bound: float
    printed_bound: float
    sharpened_bound: float


def origin_in_hull(X: Any) -> HullMembership:
    """Whether the origin is in the hull of the rows of X, by one linear programme (HiGHS).

    Raises :class:`Undecidable` where the programme says neither. ``separability`` decides the same in another way and
    proves it; this is the second opinion. Sparse matrices are welcome; a few thousand points take minutes.

    >>> from grokmath.classification.hull import origin_in_hull
    >>> origin_in_hull([[1, 0], [-1, 1], [-1, -1]]).weights
    array([0.5 , 0.25, 0.25])
    >>> origin_in_hull([[1, 0], [1, 1], [1, -1]]).inside
    False
    """
    points = read_points(X, None, "origin_in_hull")
    N, d = points.shape
    outcome = linprog(np.zeros(N), A_eq=_representation(points.Z), b_eq=_unit(d), method="highs")
    weights = np.maximum(outcome.x, 0.0) if outcome.status == 0 else np.zeros(N)
    if weights.any() and hull_distance_bound(points.Z, weights) < _RESIDUAL * N:
        weights = np.ldexp(weights, points.row_exponents.min() - points.row_exponents)
        residual = shifted(hull_distance_bound(points.X, weights), points.exponent)
        return HullMembership(True, weights=weights / weights.sum(), residual=residual)
    # max t with S.z + t <= 0, |S_j| <= 1: positive exactly where the origin is outside
    A = sp.hstack([sp.csr_array(points.Z), sp.csr_array(np.ones((N, 1)))]).tocsr()
    box = [(-1.0, 1.0)] * d + [(None, None)]
    S = linprog(np.r_[np.zeros(d), -1.0], A_ub=A, b_ub=np.zeros(N), bounds=box, method="highs").x
    if S is None or not separates(points.Z, S[:d]):
        raise Undecidable("origin_in_hull: the origin is on the hull's boundary or too near it; see separability()")
    return HullMembership(False, separating_vector=S[:d])


def boundary_closeness(X: Any, rows: Any = None, *, most: int = 200) -> BoundaryCloseness:
    """The theorem of App. D for the rows of X: the set I with the smallest eps found, and the bounds of ||S_inf||.

    ``rows``: the set I, d different row numbers; by default all sets are tried if there are at most ``most``, else a
    search by exchanges begins at the d points of largest weight (21); its eps is that of a set I, so that the bounds
    hold, but may not be the smallest. One linear programme a set. Raises :class:`DomainError` for N <= d and
    where the origin is outside the hull or on its boundary.

    In the paper's model of two points the bound is attained:

    >>> from grokmath.classification.hull import boundary_closeness
    >>> from grokmath.classification.separability import separability
    >>> X = [[-1.0], [0.2]]
    >>> result = boundary_closeness(X)
    >>> print(f"{result.eps:.6f} {result.bound:.6f} {separability(X).minimizer_norm:.6f}")
    0.166667 1.341198 1.341198
    """
    name = "boundary_closeness"
    points = read_points(X, None, name)
    N, d = points.shape
    if d >= N:
        remedy = "the theorem needs more points than dimensions, in general position"
        raise domain_error(name, "X", f"{N} points in {d} dimensions", "N > d", remedy)
    data = points.X.toarray() if sp.issparse(points.X) else points.X
    if rows is not None:
        chosen, eps, exhaustive = _given(rows, N, d, name), 0.0, False
        eps = _weight_off(data, chosen)
    elif math.comb(N, d) <= most:
        sets = (np.array(chosen) for chosen in itertools.combinations(range(N), d))
        eps, chosen = min(((_weight_off(data, s), s) for s in sets), key=lambda pair: pair[0])
        exhaustive = True
    else:
        eps, chosen = _search(data, most)
        exhaustive = False
    others = np.setdiff1d(np.arange(N), chosen)
    unit = shifted(1.0, points.exponent)
    diameter = _diameter(data) * unit
    reach = float(np.linalg.norm(data[chosen] - data[others].mean(axis=0), axis=1).max()) * unit
    odds = math.log1p(-eps) - math.log(eps) - math.log(d) if eps < 1 else -math.inf
    return BoundaryCloseness(
        chosen,
        eps,
        exhaustive,
        diameter,
        (odds + math.log(N - d)) / diameter,
        odds / diameter,
        (odds + math.log(N - d)) / reach,
    )


def _representation(Z: Any) -> Any:
    """The equations (22) of the weights."""
    ones = sp.csr_array(np.ones((1, Z.shape[0])))
    return sp.vstack([sp.csr_array(Z).T, ones]).tocsr() if sp.issparse(Z) else np.vstack([Z.T, np.ones(Z.shape[0])])


def _unit(d: int) -> Any:
    return np.r_[np.zeros(d), 1.0]


def _weight_off(X: Any, chosen: Any) -> float:
    """An upper bound of the weight off the chosen rows over all representations, by the dual programme's solution.

    For any S the weight off I is sum w_i (1[i not in I] - S.x_i) <= max_i (1[i not in I] - S.x_i).
    """
    N, d = X.shape
    off = np.ones(N)
    off[chosen] = 0.0
    outcome = linprog(-off, A_eq=_representation(X), b_eq=_unit(d), method="highs")
    if outcome.status != 0:
        remedy = "the points are separable from the origin; separability(X) gives their margin"
        raise domain_error("boundary_closeness", "X", "separable", "a hull that contains the origin", remedy)
    S = -outcome.eqlin.marginals[:d]
    bound: float = (off - X @ S).max() * (1 + 1e-15 * (N + d))
    if bound <= 0:
        remedy = "the origin is on the hull's boundary: see separability(X)"
        raise domain_error("boundary_closeness", "eps", bound, "eps > 0", remedy)
    return min(bound, 1.0)


def _search(X: Any, most: int) -> tuple[float, Any]:
    """Exchanges of one chosen point for another while eps falls, heaviest others first."""
    d = X.shape[1]
    weights = descend(X).weights
    order = np.argsort(-weights)
    chosen = order[:d]
    eps = _weight_off(X, chosen)
    left = most - 1
    while left > 0:
        candidates = ((i, j) for j in order[d : d + 8] for i in range(d - 1, max(-1, d - 9), -1))
        for i, j in candidates:
            if left == 0:
                break
            left -= 1
            trial = chosen.copy()
            trial[i] = j
            value = _weight_off(X, trial)
            if value < eps:
                eps, chosen = value, trial
                inside = set(chosen.tolist())
                chosen = chosen[np.argsort(-weights[chosen])]
                order = np.r_[chosen, [k for k in order if k not in inside]].astype(int)
                break
        else:
            break
    return eps, np.sort(chosen)


def _given(rows: Any, N: int, d: int, name: str) -> Any:
    chosen = np.unique(np.asarray(rows))
    if chosen.dtype.kind not in "iu" or len(chosen) != d or np.size(rows) != d or chosen[0] < 0 or chosen[-1] >= N:
        raise domain_error(
            name, "rows", rows, f"{d} different row numbers below {N}", "give as many rows as dimensions"
        )
    return chosen


def _diameter(X: Any) -> float:
    """The largest distance of two rows."""
    squares = (X * X).sum(axis=1)
    largest = 0.0
    for start in range(0, len(X), 512):
        block = slice(start, start + 512)
        distances = squares[block, None] + squares - 2 * X[block] @ X.T
        i, j = np.unravel_index(int(distances.argmax()), distances.shape)
        largest = max(largest, float(np.linalg.norm(X[start + i] - X[j])))
    return largest * (1 + 1e-7)
