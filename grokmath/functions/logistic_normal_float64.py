"""E log(1 + exp(R z + b)) and the normal tail Phi(-b/R) in double precision, vectorised.

The series of :mod:`grokmath.functions.logistic_normal_certified` with 22 terms (relative truncation error below 3e-17),
Mills' ratios by SciPy's erfcx, and the dominant exponent formed to twice the working precision. Accuracy is measured,
not proved: docs/logistic_model.md.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from grokmath.functions.double_double import two_prod, two_sum

Array = NDArray[np.float64]

_TERMS = 22
_BLOCK = 1 << 14
_FRACTION = ((2.5, 4.0, 80), (4.0, math.inf, 34))
"""Ranges of x and the depth at which the continued fraction of Mills' ratio is exact to rounding there."""
_SQRT_HALF_PI = math.sqrt(math.pi / 2)
_SQRT_HALF = math.sqrt(0.5)
_NOTHING = 1e-154
"""R/|b| below which the square of b/R is no double."""
_NORM = 1.0 / math.sqrt(2 * math.pi)
_LARGE = 1e150
"""Beyond this squares are near overflow, and only the leading forms are representable."""


@functools.cache
def _weights() -> tuple[float, ...]:
    """(-1)**k c_k/d, k < 22: the weights of Cohen, Rodriguez Villegas and Zagier, over k + 1."""
    n = _TERMS
    before, d = 1, 3
    for _ in range(n - 1):
        before, d = d, 6 * d - before
    coefficient, weight, out = -1, -d, []
    for k in range(n):
        weight = coefficient - weight
        out.append(weight / (d * (k + 1)))
        coefficient = coefficient * (2 * (k + n) * (k - n)) // ((2 * k + 1) * (k + 1))
    return tuple(out)


def loss(R: Any, b: Any) -> Any:
    """E log(1 + exp(R z + b)) for R >= 0."""
    return _apply(R, b, lambda scale, factor, b: np.maximum(b, 0.0) + np.exp(scale[0]) * (factor + factor * scale[1]))


def log_loss(R: Any, b: Any) -> Any:
    """Its logarithm, also where it underflows."""

    def finish(scale: tuple[Array, Array], factor: Array, b: Array) -> Array:
        with np.errstate(divide="ignore"):
            return np.where(b > 0, np.log(b + np.exp(scale[0]) * factor), scale[0] + (scale[1] + np.log(factor)))

    return _apply(R, b, finish)


def log_excess(R: Any, b: Any) -> Any:
    """log E (R z + b)_+, the part of the loss that survives when all weights and the bias are scaled up."""
    R, b = np.broadcast_arrays(np.asarray(R, dtype=np.float64), np.asarray(b, dtype=np.float64))
    with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        sharp = np.abs(b) * _NOTHING >= R  # b/R squared is no double; R = 0 too
        beta, low = _quotient(np.abs(b), np.where(sharp, 1.0, R))
        scale, rest = _minus_half_square(beta, low)
        below = scale + (rest + np.log(_NORM * R * _mills_excess(np.atleast_1d(beta)).reshape(beta.shape)))
        below = np.where(sharp, -np.inf, below)
        return np.where(b > 0, np.log(b + np.exp(below)), below)[()]


def tail(R: Any, b: Any) -> Any:
    """Phi(b/R), with Phi(b/0) = 0, 1/2, 1 by the sign of b."""
    return _tail(R, b, log=False)


def log_tail(R: Any, b: Any) -> Any:
    """log Phi(b/R)."""
    return _tail(R, b, log=True)


def _apply(R: Any, b: Any, finish: Any) -> Any:
    """``finish((exponent, its rounding error), factor, b)`` in blocks, with the value e^exponent factor + max(b, 0)."""
    R, b = np.broadcast_arrays(np.asarray(R, dtype=np.float64), np.asarray(b, dtype=np.float64))
    flat_R, flat_b = R.reshape(-1), b.reshape(-1)
    out = np.empty(flat_R.size)
    with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        for start in range(0, out.size, _BLOCK):
            block = slice(start, start + _BLOCK)
            scale, factor = _side(flat_R[block], np.abs(flat_b[block]))
            out[block] = finish(scale, factor, flat_b[block])
    return out.reshape(R.shape)[()]


def _quotient(B: Array, R: Array) -> tuple[Array, Array]:
    """B/R as an unevaluated sum of two doubles."""
    q = B / R
    product, error = two_prod(q, R)
    low = ((B - product) - error) / R
    return q, np.where(np.isfinite(low), low, 0.0)


def _minus_half_square(high: Array, low: Array) -> tuple[Array, Array]:
    """-(high + low)**2/2 as an unevaluated sum."""
    square, error = two_prod(high, high)
    error = np.where(np.isfinite(error), error, 0.0)
    return -0.5 * square, -0.5 * (error + 2.0 * high * low)


def _side(R: Array, B: Array) -> tuple[tuple[Array, Array], Array]:
    """The exponent, as a sum of two doubles, and the factor of G for B >= 0."""
    tiny = R < 1e-150 * (1.0 + B)  # R z moves nothing
    R = np.where(tiny, 1.0, R)
    beta, beta_low = _quotient(B, R)
    saddle = beta > R
    flat = _minus_half_square(beta, beta_low)
    square = _minus_half_square(R, np.zeros_like(R))
    top, rest = two_sum(-square[0], -B)
    scale = np.where(saddle, top, flat[0]), np.where(saddle, rest - square[1], flat[1])
    gap = np.where(saddle, beta - R, 0.0)
    peak = _NORM * np.exp(-0.5 * gap * gap)
    total = R * peak * _mills_excess(beta)
    for k, weight in enumerate(_weights(), start=1):
        x = k * R - beta
        inner = peak * _mills(np.maximum(x, 0.0))
        growing = np.flatnonzero(x < 0)
        if growing.size:
            r = R[growing]
            exponent = -(k - 1) * (B[growing] - 0.5 * (k + 1) * r * r)
            inner[growing] = np.exp(np.minimum(exponent, 0.0)) * special.ndtr(-x[growing])
        total += weight * (inner + peak * _mills(k * R + beta))
    if tiny.any():  # log(1 + e^-B) e^B
        total = np.where(tiny, np.log1p(np.exp(-B)) * np.where(B < 30.0, np.exp(np.minimum(B, 30.0)), 0.0), total)
        total = np.where(tiny & (B >= 30.0), 1.0 - 0.5 * np.exp(-B), total)
        scale = np.where(tiny, -B, scale[0]), np.where(tiny, 0.0, scale[1])
    return scale, total


def _mills(x: Array) -> Array:
    return np.asarray(_SQRT_HALF_PI * special.erfcx(_SQRT_HALF * x))


def _mills_excess(x: Array) -> Array:
    """1 - x m(x), for x >= 2.5 by the continued fraction 1/(x + K), K = 1/(x + 2/(x + 3/(x + ...))) of m."""
    out = np.asarray(1.0 - x * _mills(x))
    for low, high, depth in _FRACTION:
        inside = np.flatnonzero((x >= low) & (x < high))
        if inside.size:
            y = x[inside]
            K = np.zeros_like(y)
            for j in range(depth, 0, -1):
                K = j / (y + K)
            out[inside] = K / (y + K)
    return out


def _tail(R: Any, b: Any, log: bool) -> Any:
    R, b = np.broadcast_arrays(np.asarray(R, dtype=np.float64), np.asarray(b, dtype=np.float64))
    with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        sharp = np.abs(b) * _NOTHING >= R  # b/R squared is no double; R = 0 too
        beta, low = _quotient(np.abs(b), np.where(sharp, 1.0, R))
        scale, rest = _minus_half_square(beta, low)
        factor = 0.5 * special.erfcx(_SQRT_HALF * beta)
        small = np.exp(scale) * (factor + factor * rest)
        if log:
            value = np.where(b < 0, scale + (rest + np.log(factor)), np.log1p(-small))
            edge = np.where(b < 0, -np.inf, np.where(b > 0, 0.0, -math.log(2)))
        else:
            value = np.where(b < 0, small, 1.0 - small)
            edge = np.where(b < 0, 0.0, np.where(b > 0, 1.0, 0.5))
        return np.where(sharp, edge, value)[()]
