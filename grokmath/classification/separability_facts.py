"""The facts of an inseparable set in the data's units: hull weights, minimiser, and the Hessian there."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.linalg as sl

from grokmath.classification.exponential_descent import Descent, solve
from grokmath.classification.separability_data import Points, gram, shifted
from grokmath.classification.separability_faces import Span
from grokmath.classification.separability_proof import hull_distance_bound


def facts_at_rest(points: Points) -> dict[str, Any]:
    """Every point is the origin: S does not move."""
    N, d = points.shape
    facts = {"minimizer": np.zeros(d), "minimizer_norm": 0.0, "minimal_loss": 1.0, "gradient_norm": 0.0}
    return facts | {"positive_fraction": 0.0, "_outputs": np.zeros(N)}


def hull_facts(points: Points, weights: Any) -> dict[str, Any]:
    """The hull weights of the data, from those of the rescaled rows."""
    lowest = points.row_exponents[weights > 0].min()
    scaled = np.ldexp(weights / weights.max(), np.minimum(lowest - points.row_exponents, 0))
    scaled = scaled / scaled.max()
    residual = shifted(hull_distance_bound(points.X, scaled), points.exponent)
    return {"hull_weights": scaled / scaled.sum(), "hull_residual": residual}


def minimum_facts(points: Points, descent: Descent, span: Span | None) -> dict[str, Any]:
    """The minimiser's facts in the data's units; none where the descent did not settle (very unequal rows)."""
    if descent.status != "minimum":
        return {}
    X, exponent = points.X, points.exponent
    S = descent.S if span is None else _least_norm(descent.S, span)
    edge = _edge(X, descent.weights, X.shape[1] if span is None else len(span.columns))
    with np.errstate(over="ignore"):
        vector, norm = np.ldexp(S, -exponent), float(np.ldexp(np.linalg.norm(S), -exponent))
        theta = float(np.ldexp(edge, 2 * exponent))
    loss = math.exp(descent.log_loss)
    return {
        "minimizer": vector,
        "minimizer_norm": norm,
        "minimal_loss": loss,
        "gradient_norm": shifted(float(np.linalg.norm(X.T @ descent.weights)), exponent),
        "positive_fraction": float(np.mean(descent.outputs > 0)),
        "hessian_edge": theta * loss,
        "relaxation_exponent": theta,
        "_outputs": descent.outputs,
    }


def _edge(X: Any, weights: Any, rank: int) -> float:
    """The least eigenvalue of X^T diag(w) X on the span of the rows."""
    index = X.shape[1] - rank
    return float(sl.eigvalsh(gram(X, weights), subset_by_index=[index, index], check_finite=False)[0])


def _least_norm(S: Any, span: Span) -> Any:
    """The vector with the same outputs that is orthogonal to the null space, from one on the independent columns."""
    full = np.zeros(span.null.shape[0])
    full[span.columns] = S
    return full - span.null @ solve(span.null.T @ span.null, span.null.T @ full)
