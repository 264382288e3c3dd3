"""The late-time series of the losses in double precision.

The exponent a s is held to twice the working precision, so that e^{-a s} is accurate wherever it is not 0. Relative
error of each series below 2e-15 (measured against the certified values at x = 2 sqrt(lam) s >= 20, at orders up to 6;
where the terms of a truncated series cancel, relative to the largest of them).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import arb
from numpy.typing import NDArray
from scipy.special import erfcx

from grokmath.exact import Exact, ball, working_precision
from grokmath.functions.double_double import Multiple, nearest_double
from grokmath.regression.asymptotic_coefficients import gen_polynomial, train_rational
from grokmath.regression.asymptotic_series_certified import edge_ball, prefactor_ball

__all__ = ["SeriesFloat64", "scaled_integral"]

_REGIONS = ((0.5, 2.0, 200), (2.0, 30.0, 60), (30.0, np.inf, 12))
"""Intervals of z and depths of the continued fraction there."""
_UNDERFLOW = 800.0
_Array = NDArray[np.float64]


def scaled_integral(z: Any, k: int) -> _Array:
    """e^z E_{k+3/2}(z) for an array z >= 0: by recurrence from erfc below z = 1/2, by a continued fraction beyond.

    The fraction 1/(z + p - 1 p/(z + p + 2 - 2 (p + 1)/(...))) converges like e^{-4 sqrt(z m)}, m its depth.
    """
    z = np.asarray(z, dtype=np.float64)
    near = np.minimum(z, _REGIONS[0][0])
    value = np.asarray(2.0 * (1.0 - np.sqrt(np.pi * near) * erfcx(np.sqrt(near))))
    for j in range(k):
        value = np.asarray((1.0 - near * value) / (j + 1.5))
    p = k + 1.5
    for low, high, depth in _REGIONS:
        inside = (z > low) & (z <= high)
        if inside.any():
            far = z[inside]
            tail = np.zeros_like(far)
            for j in range(depth, 0, -1):
                tail = j * (p + j - 1.0) / (far + p + 2.0 * j - tail)
            value[inside] = 1.0 / (far + p - tail)
    return value


class SeriesFloat64:
    """The series at one exact lam and order; s is a float or an array of floats, s > 0."""

    def __init__(self, lam: Exact, order: int) -> None:
        with working_precision(320):
            root = ball(lam).sqrt()
            a = edge_ball(lam) ** 2
            self._edge = Multiple(a)
            self._root = Multiple(root)
            self._scale = nearest_double(prefactor_ball(lam))
            self._plateau = nearest_double(ball(lam - 1) / ball(lam)) if lam > 1 else 0.0
            self._beta = [float(train_rational(k)) for k in range(order + 1)]
            self._gamma: list[float] = []
            if lam != 1:
                for k in range(order + 1):
                    total = arb(0)
                    for c in reversed(gen_polynomial(k)):
                        total = total * a / root + ball(c)
                    self._gamma.append(nearest_double(total))

    def train(self, s: Any) -> Any:
        """C e^{-as} s^{-3/2} sum_k b_k s^{-k}."""
        s, decay, _, v = self._prepared(s)
        total = np.full_like(s, self._beta[-1])
        with np.errstate(over="ignore"):
            for c in reversed(self._beta[:-1]):
                total = total * v + c
            return _plain(self._scale * decay * total / s / np.sqrt(s))

    def gen(self, s: Any) -> Any:
        """The plateau and C e^{-as} s^{-3/2}/a sum_k g_k s^{-k}; lam other than 1."""
        s, decay, z, _ = self._prepared(s)
        total = np.full_like(s, self._gamma[-1])
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            for c in reversed(self._gamma[:-1]):
                total = total / z + c
            return _plain(self._plateau + self._scale * decay * total / z / np.sqrt(s))

    def uniform(self, s: Any) -> Any:
        """The plateau and C sum_k b_k s^{-1/2-k} E_{k+3/2}(as)."""
        s, decay, z, v = self._prepared(s)
        last = len(self._beta) - 1
        total = self._beta[last] * scaled_integral(z, last)
        with np.errstate(over="ignore"):
            for k in range(last - 1, -1, -1):
                total = total * v + self._beta[k] * scaled_integral(z, k)
            return _plain(self._plateau + self._scale * decay * total / np.sqrt(s))

    def _prepared(self, s: Any) -> tuple[_Array, _Array, _Array, _Array]:
        """s, e^{-as}, as and 1/(sqrt(lam) s)."""
        s = np.asarray(s, dtype=np.float64)
        with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
            z = np.asarray(self._edge.times(s))
            safe = np.where(z < _UNDERFLOW, s, 0.0)
            high, low = self._edge.times_exactly(safe)
            decay = np.where(z < _UNDERFLOW, np.exp(-high) * (1.0 - low), 0.0)
            return s, decay, z, 1.0 / np.asarray(self._root.times(s))


def _plain(value: Any) -> Any:
    return float(value) if np.ndim(value) == 0 else value
