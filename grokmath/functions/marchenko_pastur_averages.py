"""Averages of smooth functions over the Marchenko-Pastur law and their finite-size companions, in float64.

With nu = 1 + lam + 2 sqrt(lam) cos(theta), an average over the law is the mean over theta of 2 sin(theta)^2/nu f(nu), a
periodic analytic function, and the midpoint rule converges geometrically: the exponential e^{-s nu} needs about 6.1
sqrt(s sqrt(lam)) nodes, the pole of 1/nu about 37/|log lam|. Where that is too many (lam near 1), f(0) is taken out
first: (f(nu) - f(0))/nu has no pole, and E[1] = 1 supplies the atom at 0 as well.

For a real Gaussian d x N matrix the same nodes give what follows the average in powers of 1/d (Bai and Silverstein,
Ann. Probab. 32 (2004) 553, theorem 1.1, real case, in the angle variable):

    E[(1/d) tr f] = E[f] + (1/d) m(f) + O(1/d^2),   m(f) = (f(nu_+) + f(nu_-))/4 - <f>/2,
    Cov[tr f, tr g] -> (1/2) sum_k k f_k g_k,       f = f_0/2 + sum_k f_k cos(k theta),

<f> the plain mean over theta. One formula serves every lam > 0: X X^T and X^T X share their spectrum off 0.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct

Array = NDArray[np.float64]

_MOST_POLE_NODES = 4000
_FEWEST = 48


class MarchenkoPasturNodes:
    """Midpoint nodes in theta for functions that vary like e^{-s nu}, s <= ``steepness``.

    ``nu`` holds the nodes in increasing theta; functions are given by their values there, the nodes along the last
    axis. Relative accuracy about 1e-13 of the largest value of f on the nodes (of E[f] where the pole is not taken
    out); measured, not proved.
    """

    def __init__(self, lam: float, steepness: float) -> None:
        root = math.sqrt(lam)
        gap = abs(math.log(lam))
        pole = 37 / gap if gap else math.inf
        self.lam = lam
        self.split = pole > _MOST_POLE_NODES
        exponential = 7 * math.sqrt(max(steepness, 0.0) * root)
        self.size = int(_FEWEST + exponential + (0 if self.split else pole))
        theta = (np.arange(self.size) + 0.5) * (math.pi / self.size)
        edge = (1 - root) ** 2
        self.nu: Array = edge + 4 * root * np.cos(theta / 2) ** 2
        self.edges = (edge, (1 + root) ** 2)
        self._weight: Array = 2 * np.sin(theta) ** 2 / self.nu / self.size

    def average(self, values: Array, at_zero: Array) -> Array:
        """E[f] over the law, its atom included, from the values at the nodes and at 0."""
        if self.split:
            return np.asarray(at_zero + (values - at_zero[..., None]) @ self._weight)
        atom = max(0.0, 1 - 1 / self.lam)
        return np.asarray(values @ self._weight + (atom * at_zero if atom else 0.0))

    def mean_term(self, values: Array, lower: Array, upper: Array) -> Array:
        """m(f), from the values at the nodes and at the two edges."""
        return np.asarray((lower + upper) / 4 - values.mean(axis=-1) / 2)

    def covariance(self, first: Array, second: Array) -> Array:
        """The limit of Cov[tr f, tr g], from the values at the nodes."""
        k = np.arange(self.size)
        f, g = (dct(values, axis=-1) / self.size for values in (first, second))
        return np.asarray((k * f * g).sum(axis=-1) / 2)


class MarchenkoPasturEdgeNodes:
    """Nodes that serve e^{-s nu} for every s from 0 to 1e16 at once, geometrically dense at the lower edge.

    With y = (nu - nu_-)/(4 sqrt(lam)) = 1/(1 + e^{-x}) the continuous part has the density (8/pi) (y (1-y))^{3/2}/nu in
    x, analytic for |Im x| < pi/2, and the trapezoidal rule of step h errs like e^{-pi^2/h}. ``gap`` holds nu - nu_-,
    ``nu`` the nodes, ``weight`` their weights, whose sum is min(1, 1/lam); ``atom`` is the rest. Relative accuracy of
    E[f], f from 0 to 1e16 in steepness: 1e-10 (measured), as far as e^{-s nu} itself is known.
    """

    def __init__(self, lam: float) -> None:
        root = math.sqrt(lam)
        self.lam = lam
        self.edge = (1 - root) ** 2
        steep = math.log(_STEEPEST) + _LOST
        hard = math.log(4 * root / self.edge) + _LOST if self.edge else math.inf
        low = max(steep, min(steep + 2 * _LOST, hard))
        low = min(low, hard + math.log(_UNDERFLOW))  # e^{-s nu} has underflowed before it tells smaller nu apart
        x = np.arange(-low, 1.5 * _LOST, _STEP)
        y, rest = 1 / (1 + np.exp(-x)), 1 / (1 + np.exp(x))
        self.gap: Array = 4 * root * y
        self.nu: Array = self.edge + self.gap
        weight = (y * rest) ** 1.5 / self.nu
        self.weight: Array = weight * (min(1.0, 1 / lam) / weight.sum())
        self.atom = max(0.0, 1 - 1 / lam)


_STEEPEST = 1e16
_LOST = 16.0
_UNDERFLOW = 750.0
_STEP = 0.36
