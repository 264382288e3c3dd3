"""Degenerate data: columns that depend on each other, and an origin on the boundary of the hull.

Rounding bounds can prove that the origin is interior, or outside, but nothing on the boundary. There, and where the
points do not span the space, an exact statement is guessed from floating-point numbers and then verified exactly:
dependent columns by small rational coefficients (copies, one-hot columns and the like), a face that contains the origin
by rounding bounds within its span, and a vector S with S.x = 0 on the face and S.x < 0 off it in exact rationals.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import scipy.linalg as sl
import scipy.sparse as sp

from grokmath.classification.exponential_descent import Descent, descend
from grokmath.classification.separability_data import gram, row_sizes
from grokmath.classification.separability_proof import interior_weights, separates

_RANK = 1e-11
_DENOMINATOR = 64
_MOST_EXACT = 400_000
_CUTS = (1e-9, 1e-6, 1e-12)


@dataclass(frozen=True, eq=False)
class Span:
    """Columns J that all others depend on, and an integer basis of the vectors S with Z S = 0, as columns."""

    columns: Any
    null: Any


@dataclass(frozen=True, eq=False)
class Face:
    """Proof that the origin lies in the hull of the rows ``rows``, relative to their span in its interior.

    ``span``: independent columns of these rows and their null space. ``weights`` for all rows of Z, 0 off the face.
    ``weak``: a vector S with S.x = 0 on the face and S.x < 0 off it, exactly, or None where the face is all rows
    (``whole``) or none was found.
    """

    rows: Any
    span: Span | None
    weights: Any
    weak: Any
    whole: bool


def find_face(Z: Any) -> Any:
    """The :class:`Face` of the hull that has the origin in its relative interior; None where nothing is proved.

    A separating vector, an array, where one is found on independent columns and proved.
    """
    span = exact_span(Z)
    if span is None:
        return _dependent_rows(Z) if Z.shape[0] <= Z.shape[1] else None
    everything = np.arange(Z.shape[0])
    found, descent = _relative(Z, span)
    if found is not None:
        return Face(everything, span, found, None, True)
    if descent is None:
        return None
    if descent.status == "separated":
        S = np.zeros(Z.shape[1])
        S[span.columns] = descent.S
        return S if separates(Z, S) else None
    for cut in _CUTS:
        rows = np.flatnonzero(descent.weights > cut * descent.weights.max())
        inner = exact_span(Z[rows])
        if inner is None or len(rows) == len(everything):
            continue
        found, _ = _relative(Z[rows], inner)
        if found is None:
            continue
        weights = np.zeros(Z.shape[0])
        weights[rows] = found
        others = np.setdiff1d(everything, rows)
        return Face(rows, inner, weights, _weak_separator(Z, others, inner.null), False)
    return None


def _dependent_rows(Z: Any) -> Face | None:
    """For few points in many dimensions: exact dependences sum w_i x_i = 0 with w >= 0, such as x and -x."""
    span = exact_span(sp.csr_array(Z.T) if sp.issparse(Z) else np.ascontiguousarray(Z.T))
    if span is None:
        return None
    positive = [v * np.sign(v.sum()) for v in span.null.T if (v >= 0).all() or (v <= 0).all()]
    if not positive:
        return None
    weights = np.sum(positive, axis=0)
    return Face(np.flatnonzero(weights), None, weights, None, bool((weights > 0).all()))


def _relative(Z: Any, span: Span) -> tuple[Any, Descent | None]:
    """Weights that prove the origin to be in the relative interior of the rows' hull, or None; and the descent."""
    if len(span.columns) == 0:
        return np.ones(Z.shape[0]), None
    reduced = Z[:, span.columns]
    descent = descend(reduced)
    weights = None if descent.status == "separated" else interior_weights(reduced, descent.weights)
    return weights, descent


def exact_span(Z: Any) -> Span | None:
    """Independent columns and the exact dependence of the others; None where that dependence is not verified."""
    d = Z.shape[1]
    columns = row_sizes(sp.csr_array(Z.T) if sp.issparse(Z) else np.ascontiguousarray(Z.T))
    alive = np.flatnonzero(columns > 0)
    if len(alive) == 0:
        return Span(alive, np.eye(d))
    scale = 1 / columns[alive]
    G = gram(Z[:, alive], np.ones(Z.shape[0])) * scale * scale[:, None]
    _, pivots, rank, _ = sl.lapack.dpstrf(G, lower=1, tol=_RANK * G.diagonal().max())
    chosen, rest = np.sort(pivots[:rank] - 1), np.sort(pivots[rank:] - 1)
    J = alive[chosen]
    null = np.zeros((d, d - rank))
    dead = np.setdiff1d(np.arange(d), alive)
    null[dead, np.arange(len(dead))] = 1
    if len(rest):
        coefficients = np.linalg.solve(G[np.ix_(chosen, chosen)], G[np.ix_(chosen, rest)])
        coefficients *= scale[chosen][:, None] / scale[rest]
        for k, column in enumerate(rest):
            vector = _integers(coefficients[:, k], J, int(alive[column]), d)
            if vector is None or not _annihilates(Z, vector):
                return None
            null[:, len(dead) + k] = vector
    return Span(J, null)


def _integers(coefficients: Any, J: Any, column: int, d: int) -> Any:
    """The integer vector that says q x_column = sum a_j x_j, guessed from the coefficients a_j/q."""
    support = np.flatnonzero(np.abs(coefficients) > 1e-7)
    fractions = [Fraction(float(coefficients[k])).limit_denominator(_DENOMINATOR) for k in support]
    q = math.lcm(1, *(f.denominator for f in fractions))
    vector = np.zeros(d)
    vector[column] = -q
    for k, fraction in zip(support, fractions, strict=True):
        vector[J[k]] = fraction * q
    return vector if np.abs(vector).max() < 2**40 else None


def _annihilates(Z: Any, vector: Any) -> bool:
    """Whether Z vector = 0 exactly, for a vector of integers: in integer arithmetic below 2**53, else in rationals.

    Two columns with coefficients +-2**k, such as copies, are compared as they are.
    """
    support = np.flatnonzero(vector)
    part = Z[:, support].toarray() if sp.issparse(Z) else Z[:, support]
    if len(support) == 2 and (np.abs(np.frexp(vector[support])[0]) == 0.5).all():
        left, right = (part * vector[support]).T
        return bool((left == -right).all())
    mantissa, exponent = np.frexp(part[part != 0])
    if len(mantissa) == 0:
        return True
    units = np.abs(mantissa * 2.0**53).astype(np.int64)
    lowest = int((exponent - 53 + np.log2((units & -units).astype(np.float64)).astype(int)).min())
    if int(exponent.max()) - lowest < 1000:
        integers = np.ldexp(part, -lowest)
        bound = float(np.abs(integers).max()) * float(np.abs(vector).sum())
        if bound < 2.0**53:
            return not (integers @ vector[support]).any()
    if part.size > _MOST_EXACT:
        return False
    exact = [Fraction(float(v)) for v in vector[support]]
    return all(not any(r) or sum(Fraction(float(x)) * v for x, v in zip(r, exact, strict=True)) == 0 for r in part)


def _weak_separator(Z: Any, others: Any, null: Any) -> Any:
    """S in the span of the null vectors, exactly, with S.z < 0 for the other rows, proved; None if it is not found.

    Coefficients are rounded to multiples of 2**-24, so that S is formed without a rounding error.
    """
    if null.shape[1] == 0:
        return None
    descent = descend(Z[others] @ null)
    size = float(np.abs(descent.S).max())
    if descent.status != "separated" or not 0 < size < math.inf:
        return None
    y = np.round(descent.S / size * 2.0**24)
    if float(np.abs(null).sum(axis=1).max()) * 2.0**24 >= 2.0**53:
        return None
    S = (null @ y) * 2.0**-24
    return S if separates(Z[others], S) else None
