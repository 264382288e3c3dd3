"""Newton's method on the logarithm of the exponential loss without its bias, (1/N) sum exp(S.x_i).

The logarithm is convex. Where the points are inseparable its minimiser is S_inf; where they are separable it falls to
-infinity, and after a few steps every output S.x_i is negative. With weights p_i proportional to exp(S.x_i), gradient
g = X^T p and G = X^T diag(p) X, the Newton direction of the logarithm is that of the loss itself, -G^-1 g, up to the
length 1/(1 - g^T G^-1 g); a line search by Newton's method in one variable takes the length.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg as sl

from grokmath.classification.separability_data import gram

_STEPS = 80
_LINE_STEPS = 60
_LONGEST = 2.0**60
_SMALL = 1e-28
"""The square of Newton's decrement at which S no longer changes in double precision."""

_FLOOR = 1e-12
"""Below it the decrement falls quadratically; where it does not, it is rounding error."""


@dataclass(frozen=True, eq=False)
class Descent:
    """Where Newton's method stopped: S, its outputs X S, and the weights p_i = exp(S.x_i)/sum.

    ``status``: "separated" (every output computed is negative), "minimum" (Newton's decrement vanishes in double
    precision) or "stalled". ``log_loss`` = log of the mean exponential; ``gradient_norm`` = ||X^T p||.
    """

    status: str
    S: Any
    outputs: Any
    weights: Any
    log_loss: float
    gradient_norm: float
    decrement: float
    steps: int


def descend(X: Any) -> Descent:
    """Minimise the loss from S = 0 for the rows of X, dense or sparse."""
    N, d = X.shape
    S, outputs = np.zeros(d), np.zeros(N)
    status, decrement, steps = "stalled", math.inf, 0
    for steps in range(1, _STEPS + 1):  # noqa: B007 - reported
        weights, log_loss = _weights(outputs)
        gradient = X.T @ weights
        direction = -solve(gram(X, weights), gradient)
        previous, decrement = decrement, float(-gradient @ direction)
        if not math.isfinite(decrement) or decrement <= _SMALL or (decrement < _FLOOR and decrement > previous / 4):
            status = "minimum" if math.isfinite(decrement) else "stalled"
            break
        change = X @ direction
        length = _length(outputs, change, decrement)
        if not length > 0:
            break
        S = S + length * direction
        outputs = X @ S
        if outputs.max() < 0:
            status = "separated"
            break
    weights, log_loss = _weights(outputs)
    return Descent(status, S, outputs, weights, log_loss, float(np.linalg.norm(X.T @ weights)), decrement, steps)


def solve(matrix: Any, right: Any) -> Any:
    """matrix^-1 right for a positive semidefinite matrix, with the least ridge that lets Cholesky's method run.

    The matrix is scaled to a unit diagonal first; ``matrix`` is overwritten.
    """
    diagonal = np.diagonal(matrix).copy()
    scale = 1 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    matrix *= scale
    matrix *= scale[:, None]
    n = len(scale)
    ridge = 4e-16 * n
    np.fill_diagonal(matrix, 1 + ridge)
    while True:
        try:
            factor = sl.cho_factor(matrix, lower=True, check_finite=False)
            return scale * sl.cho_solve(factor, scale * right, check_finite=False)
        except sl.LinAlgError:
            ridge *= 16
            if ridge > 1:
                return np.full(n, np.nan)
            np.fill_diagonal(matrix, 1 + ridge)


def _weights(outputs: Any) -> tuple[Any, float]:
    top = outputs.max()
    weights = np.exp(outputs - top)
    total = weights.sum()
    return weights / total, float(top + math.log(total / len(outputs)))


def _length(outputs: Any, change: Any, decrement: float) -> float:
    """Where the derivative along the line is below a thousandth of that at its start; it grows along the line."""
    length = 1 / (1 - decrement) if decrement < 1 - 1e-9 else 1e9
    low, high = 0.0, math.inf
    for _ in range(_LINE_STEPS):
        weights, _ = _weights(outputs + length * change)
        slope = float(weights @ change)
        if abs(slope) <= 1e-3 * decrement or length > _LONGEST:
            break
        if slope > 0:
            high = length
        else:
            low = length
        curvature = float(weights @ (change * change)) - slope * slope
        length = length - slope / curvature if curvature > 0 else math.inf
        if not low < length < high:
            length = (low + high) / 2 if high < math.inf else 2 * max(low, 1.0)
    return length
