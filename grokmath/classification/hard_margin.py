"""The hard-margin problem through the origin: the least ||S|| with S.x_i <= -1 for every i, eq. (9).

Rows may come rescaled, x_i = z_i/c_i: the problem is min ||S||**2/2, A S >= c with A = -Z, and its dual has weights
a >= 0 with S = A^T a. For every S with a positive margin and all weights,

    min_i (-z_i.S)/c_i/||S|| <= M <= ||Z^T a||/(c.a),

and both bounds meet at the solution. Mehrotra's predictor-corrector interior-point method, one factorization of
I + A^T diag(a/slack) A a step; then the solution on the support vectors that it found.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.linalg as sl

from grokmath.classification.separability_data import gram

_STEPS = 60
_GAP = 1e-9
"""The relative gap between both bounds at which the method stops."""


def hard_margin(Z: Any, offsets: Any, start: Any) -> tuple[Any, Any]:
    """S and the weights a of the dual, from a separating vector ``start``; the best found if the method breaks down.

    ``offsets``: c >= 0, at least one of them positive.
    """
    N = Z.shape[0]
    counted = offsets > 0
    S = start * (2 / (-(Z @ start)[counted] / offsets[counted]).min())
    slack = -(Z @ S) - offsets
    weights = (S @ S) / N / slack
    best: tuple[float, Any, Any] = (math.inf, S, weights)
    for _ in range(_STEPS):
        distances, combined = -(Z @ S), -(Z.T @ weights)
        low = (distances[counted] / offsets[counted]).min() / np.linalg.norm(S)
        gap = float(1 - low * (offsets @ weights) / np.linalg.norm(combined))
        if not math.isfinite(gap):
            break
        if gap < best[0]:
            best = gap, S, weights
        elif gap > 100 * best[0]:
            break
        if gap < _GAP:
            break
        step = _step(Z, S, slack, weights, distances - offsets - slack, S - combined)
        if step is None:
            break
        S, slack, weights = step
    return _polished(Z, offsets, *best)


def _polished(Z: Any, offsets: Any, gap: float, S: Any, weights: Any) -> tuple[Any, Any]:
    """The least-norm S with -S.z = c on the support vectors; kept if its bounds are closer to each other."""
    counted = offsets > 0
    nearest = float((-(Z @ S)[counted] / offsets[counted]).min())
    support = weights / weights.max() > -(Z @ S) / nearest - offsets
    if not 0 < np.count_nonzero(support) <= Z.shape[1] or not math.isfinite(gap):
        return S, weights
    part = Z[support]
    kernel = part @ part.T
    try:
        factor = sl.cho_factor(kernel.toarray() if hasattr(kernel, "toarray") else kernel, check_finite=False)
    except sl.LinAlgError:
        return S, weights
    exact = sl.cho_solve(factor, offsets[support], check_finite=False)
    vector = -(part.T @ exact)
    low = (-(Z @ vector)[counted] / offsets[counted]).min() / np.linalg.norm(vector)
    if exact.min() < 0 or not low > 0:
        return S, weights
    spread = np.zeros(len(weights))
    spread[support] = exact
    better = 1 - low * (offsets @ spread) / np.linalg.norm(Z.T @ spread) < gap
    return (vector, spread) if better else (S, weights)


def _step(Z: Any, S: Any, slack: Any, weights: Any, primal: Any, dual: Any) -> tuple[Any, Any, Any] | None:
    """One predictor and corrector step; ``primal`` and ``dual`` are the residuals of both sets of equations."""
    matrix = gram(Z, weights / slack)
    matrix[np.diag_indices_from(matrix)] += 1
    try:
        factor = sl.cho_factor(matrix, lower=True, overwrite_a=True, check_finite=False)
    except sl.LinAlgError:
        return None

    def solve(target: Any) -> tuple[Any, Any, Any]:
        dS = sl.cho_solve(factor, -dual - Z.T @ ((target - weights * primal) / slack), check_finite=False)
        dz = -(Z @ dS) + primal
        return dS, dz, (target - weights * dz) / slack

    product = slack * weights
    mean = product.mean()
    dS, dz, da = solve(-product)
    reached = ((slack + _longest(slack, dz) * dz) * (weights + _longest(weights, da) * da)).mean()
    dS, dz, da = solve((reached / mean) ** 3 * mean - product - dz * da)
    length = 0.995 * min(_longest(slack, dz), _longest(weights, da))
    return S + length * dS, slack + length * dz, weights + length * da


def _longest(values: Any, change: Any) -> float:
    """The largest step up to 1 that keeps the values positive."""
    falling = change < 0
    return min(1.0, float((values[falling] / -change[falling]).min())) if falling.any() else 1.0
