"""Functions of one variable with a rule for each interval, written once and read for floats and for arrays."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_BLOCK = 1 << 15
"""Points evaluated together: few enough for the cache, enough to hide NumPy's cost of a call."""


@dataclass(frozen=True)
class Mathematics:
    """The few functions that rules need beside + - * /, from ``math`` or from NumPy."""

    exp: Callable[[Any], Any]
    log: Callable[[Any], Any]
    log1p: Callable[[Any], Any]
    sqrt: Callable[[Any], Any]
    maximum: Callable[[Any, Any], Any]
    where: Callable[[Any, Any, Any], Any]


SCALAR = Mathematics(math.exp, math.log, math.log1p, math.sqrt, max, lambda choice, yes, no: yes if choice else no)
VECTOR = Mathematics(np.exp, np.log, np.log1p, np.sqrt, np.maximum, np.where)

Rule = Callable[[Any, Mathematics], Any]
"""The value at t, a float or a one-dimensional array, by the functions of one reading."""


class Piecewise:
    """Rule k serves edges[k-1] <= t < edges[k]; the first has no lower end and the last no upper one.

    A scalar gives a Python float, anything else an ndarray of the same shape. Arrays are worked off in blocks. NumPy's
    warnings of overflow and underflow are off: rules let infinite exponents and vanishing results stand.

    >>> absolute = Piecewise([lambda t, m: -t, lambda t, m: t], [0.0])
    >>> absolute(-2), absolute([[-1.0, 3.0]])
    (2.0, array([[1., 3.]]))
    """

    __slots__ = ("edges", "rules")

    def __init__(self, rules: Iterable[Rule], ends: Iterable[float]) -> None:
        """``ends`` are those that the rules would like; a rule that would end before its predecessor gets no points."""
        self.rules = tuple(rules)
        self.edges = tuple(itertools.accumulate(ends, max))

    def index(self, t: float) -> int:
        """Which rule serves t."""
        return bisect_right(self.edges, t)

    def __call__(self, t: Any) -> Any:
        if isinstance(t, float | int | np.floating | np.integer):
            t = float(t)
            return float(self.rules[self.index(t)](t, SCALAR))
        points = np.asarray(t, dtype=np.float64)
        flat = points.reshape(-1)
        out = np.empty_like(flat)
        with np.errstate(over="ignore", under="ignore"):
            for start in range(0, flat.size, _BLOCK):
                self._fill(flat[start : start + _BLOCK], out[start : start + _BLOCK])
        return out.reshape(points.shape)

    def _fill(self, t: NDArray[np.float64], out: NDArray[np.float64]) -> None:
        first, last = self.index(float(t.min())), self.index(float(t.max()))
        if first == last:
            out[:] = self.rules[first](t, VECTOR)
            return
        for k in range(first, last + 1):
            inside = t >= self.edges[k - 1] if k > first else np.ones(t.shape, dtype=np.bool_)
            if k < last:
                inside &= t < self.edges[k]
            where = np.flatnonzero(inside)
            if where.size:
                out[where] = self.rules[k](t[where], VECTOR)


def horner(coefficients: tuple[float, ...], z: Any) -> Any:
    """sum coefficients[k] z**k, for two coefficients or more."""
    total = coefficients[-1] * z + coefficients[-2]
    for c in coefficients[-3::-1]:
        total = total * z + c
    return total
