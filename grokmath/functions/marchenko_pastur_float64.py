"""The Marchenko-Pastur law in double precision: density, distribution function and Stieltjes transform.

Method. The edges nu_-+ are held as pairs of doubles, made from the exact ratio once, so that nu_+ - x and x - nu_-
keep full relative accuracy for every double x. With q = min(lam, 1/lam) the mass of the density is min(1, 1/lam) times
that of the law with ratio q at the same angle phi = 2 arctan(t), t = sqrt((x - nu_-)/(nu_+ - x)). With
T = t (1 + sqrt(q))/(1 - sqrt(q)) and q_-+ = (1 -+ sqrt(q))**2 it is one of

1. T <= 1:                 (16/pi) (1 - q) int_0^T u**2/((1 + u**2) (q_+ + q_- u**2)**2) du;
2. t <= 1 < T, q > 1/25:   (q phi + sqrt(q) sin(phi) - (1 - q) A)/(pi q), which cancels by a factor below 11,
                           A = arctan(2 sqrt(q) t/((1 - sqrt(q)) (1 + t**2) + 2 sqrt(q) t**2));
3. t <= 1 < T, q <= 1/25:  (16/pi) int_0^t u**2/((1 + u**2)**2 (q_- + q_+ u**2)) du;
4. t > 1, mass above x:    (16/pi) int_0^{1/t} u**2/((1 + u**2)**2 (q_+ + q_- u**2)) du.

The integrands are positive and even; their poles nearest to the interval are +-i in 1 and 4 and +-2i/3 or farther in
3. The Gauss-Legendre rule with 32 nodes on (-T, T), 16 of them distinct, leaves an error of order (1 + sqrt 2)**-64 =
3e-25 in 1 and 4, and 1.868**-64 = 4e-18 in 3 (Trefethen, Approximation Theory and Practice, theorem 19.3).

The Stieltjes transform is the root of a quadratic, in the form that does not cancel.

Accuracy: measured, not proved; see docs/marchenko_pastur.md.
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from grokmath.exact import Exact, ball, working_precision
from grokmath.functions.double_double import nearest_double

if TYPE_CHECKING:
    from flint import arb

__all__ = ["MarchenkoPasturFloat64"]

_BITS = 320
_BLOCK = 1 << 14
_SMALL_RATIO = 1.0 / 25.0
_GAUSS_NODES = 32


def _double_double(x: arb) -> tuple[float, float]:
    """The ball's midpoint as a sum of two doubles."""
    high = nearest_double(x)
    return high, nearest_double(x - high)


class MarchenkoPasturFloat64:
    """Density, distribution function and Stieltjes transform at an exact ratio; constants are made once.

    The methods take a float or a float64 array and return an array of its shape (of dimension 0 for a float).

    >>> from fractions import Fraction
    >>> law = MarchenkoPasturFloat64(Fraction(1, 2))
    >>> float(law.pdf(1.0)), float(law.cdf(1.0))
    (0.42108439934779235, 0.5760042151038686)
    """

    def __init__(self, lam: Exact) -> None:
        bits = _BITS
        while True:
            with working_precision(bits):
                gap = ball(1 - lam)  # formed exactly: the difference of balls would lose digits near lam = 1
                if lam == 1 or gap.rel_accuracy_bits() > _BITS // 2:
                    self._constants(ball(lam), gap, lam > 1)
                    return
            bits *= 2

    def _constants(self, lam: arb, gap: arb, above: bool) -> None:
        from flint import arb

        root = lam.sqrt()
        self.low = _double_double((gap / (1 + root)) ** 2)
        self.high = _double_double((1 + root) ** 2)
        self.width = nearest_double(4 * root)
        self.density = nearest_double(1 / (2 * arb.pi() * lam))
        self.atom = nearest_double(-gap / lam) if above else 0.0
        self.mass = nearest_double(1 / lam) if above else 1.0
        self.lam = nearest_double(lam)
        self.gap = _double_double(gap)
        self.hard_edge = bool(gap.is_zero())  # lam = 1
        q = 1 / lam if above else lam
        root = q.sqrt()
        one_minus_q = -gap / lam if above else gap
        self.q, self.root = nearest_double(q), nearest_double(root)
        self.one_minus_q = nearest_double(one_minus_q)
        self.one_minus_root = nearest_double(one_minus_q / (1 + root))
        self.q_low = nearest_double((one_minus_q / (1 + root)) ** 2)
        self.q_high = nearest_double((1 + root) ** 2)
        self.stretch = nearest_double((1 + root) ** 2 / one_minus_q) if not self.hard_edge else math.inf

    def _distances(self, x: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """x - nu_- and nu_+ - x with full relative accuracy."""
        return (x - self.low[0]) - self.low[1], (self.high[0] - x) + self.high[1]

    def pdf(self, x: Any) -> NDArray[np.float64]:
        """The density; infinite at x = 0 for lam = 1."""
        x = np.asarray(x, dtype=np.float64)
        below, above = self._distances(x)
        inside = (below > 0) & (above > 0)
        with np.errstate(all="ignore"):
            value = np.sqrt(below) / x * np.sqrt(above) * self.density
        value = np.where(inside, value, 0.0)
        return np.asarray(np.where((x == 0) & self.hard_edge, math.inf, value))

    def cdf(self, x: Any) -> NDArray[np.float64]:
        """P(nu <= x)."""
        return self._distribution(x, survival=False)

    def sf(self, x: Any) -> NDArray[np.float64]:
        """P(nu > x)."""
        return self._distribution(x, survival=True)

    def _distribution(self, x: Any, survival: bool) -> NDArray[np.float64]:
        x = np.asarray(x, dtype=np.float64)
        flat = x.reshape(-1)
        out = np.empty_like(flat)
        for start in range(0, flat.size, _BLOCK):
            out[start : start + _BLOCK] = self._block(flat[start : start + _BLOCK], survival)
        result: NDArray[np.float64] = out.reshape(x.shape)
        return result

    def _block(self, x: NDArray[np.float64], survival: bool) -> NDArray[np.float64]:
        below, above = self._distances(x)
        total = 1.0 if survival else 0.0
        value = np.where(above <= 0, 1.0 - total, np.where(x < 0, total, self.mass if survival else self.atom))
        inside = (below > 0) & (above > 0)
        upper = inside & (below > above)
        lower = inside & ~upper
        if upper.any():
            mass = self.mass * self._upper_mass(np.sqrt(above[upper]) / np.sqrt(below[upper]))
            value[upper] = mass if survival else 1.0 - mass
        if lower.any():
            mass = self.mass * self._lower_mass(np.sqrt(below[lower]) / np.sqrt(above[lower]))
            value[lower] = self.mass - mass if survival else self.atom + mass
        return value

    def _upper_mass(self, t: NDArray[np.float64]) -> NDArray[np.float64]:
        """Form 4, t = sqrt((nu_+ - x)/(x - nu_-))."""
        return 16 / math.pi * _gauss(t, lambda v: (1 + v) ** 2 * (self.q_high + self.q_low * v))

    def _lower_mass(self, t: NDArray[np.float64]) -> NDArray[np.float64]:
        """Forms 1 to 3, t = sqrt((x - nu_-)/(nu_+ - x))."""
        near = t * (1 + self.root) < self.one_minus_root
        mass = np.empty_like(t)
        if near.any():
            integral = _gauss(t[near] * self.stretch, lambda v: (1 + v) * (self.q_high + self.q_low * v) ** 2)
            mass[near] = 16 / math.pi * self.one_minus_q * integral
        far = ~near
        if far.any():
            mass[far] = self._middle_mass(t[far])
        return mass

    def _middle_mass(self, t: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.q <= _SMALL_RATIO:
            return 16 / math.pi * _gauss(t, lambda v: (1 + v) ** 2 * (self.q_low + self.q_high * v))
        q, root, square = self.q, self.root, t * t
        a = np.arctan2(2 * root * t, self.one_minus_root * (1 + square) + 2 * root * square)
        total = 2 * q * np.arctan(t) + 2 * root * t / (1 + square) - self.one_minus_q * a
        return np.asarray(total / (math.pi * q))

    def stieltjes(self, z: Any) -> NDArray[Any]:
        """E[1/(nu - z)]; nan where a real z lies inside the support or on the atom."""
        z = np.asarray(z)
        if z.dtype.kind != "c":
            return self._stieltjes_real(z.astype(np.float64))
        with np.errstate(all="ignore"):
            below, above = self._distances(z.real)
            b = ((self.gap[0] - z.real) + self.gap[1]) - 1j * z.imag
            root = np.sqrt(below + 1j * z.imag) * np.sqrt(-above + 1j * z.imag)
            same = (b.conjugate() * root).real >= 0
            value = np.where(same, (b + root) / z / (2 * self.lam), 2 / (b - root))
        return np.where(z.imag == 0, self._stieltjes_real(z.real), value)

    def _stieltjes_real(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        below, above = self._distances(z)
        b = (self.gap[0] - z) + self.gap[1]
        with np.errstate(all="ignore"):
            root = np.sqrt(np.abs(below)) * np.sqrt(np.abs(above)) * np.where(above > below, -1.0, 1.0)
            value = np.where(b * root > 0, (b + root) / z / (2 * self.lam), 2 / (b - root))
        outside = (below <= 0) | (above <= 0)
        pole = (z == 0) & (self.atom > 0 or self.hard_edge)
        return np.where(outside & ~pole, value, math.nan)


def _gauss(end: NDArray[np.float64], denominator: Any) -> NDArray[np.float64]:
    """The integral of u**2/denominator(u**2) from 0 to end."""
    total = np.zeros_like(end)
    square = end * end
    for node_squared, weight in _gauss_rule():
        total += weight / denominator(square * node_squared)
    return end * square * total


@functools.cache
def _gauss_rule() -> list[tuple[float, float]]:
    """(u**2, weight u**2) at the positive nodes u of the Gauss-Legendre rule on (-1, 1), the small terms first."""
    from flint import arb

    with working_precision(128):
        nodes = [arb.legendre_p_root(_GAUSS_NODES, k, weight=True) for k in range(_GAUSS_NODES // 2)]
        return [(nearest_double(u * u), nearest_double(w * u * u)) for u, w in reversed(nodes)]
