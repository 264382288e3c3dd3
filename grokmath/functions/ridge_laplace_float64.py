"""The averages of ridge regression in double precision, vectorised over time.

Definition. At s = rate t, V_ij(s) = E[nu^i e^{-s nu}/(nu + c)^j], nu distributed by the Marchenko-Pastur law of ratio
lam, c > 0, for (i, j) = (1,1), (1,2), (2,2) and (3,2): all that the losses with weight decay need at s > 0 (Levi, Beck
and Bar Sinai, "Grokking in Linear Estimators", eq. (14)). The atom at 0, for lam > 1, adds nothing to these.

Method. x = 2 sqrt(lam) s, a = (1 - sqrt lam)^2; the pole of the integrand is put right in closed form in both rules.

1. x <= 20: the midpoint rule over the angle with 26 nodes on the half circle (docs/proofs/ridge_laplace.md, Theorem 1).
2. x > 20: the midpoint rule with step h = 0.43 in u, nu - a = u^2/s, with 15 nodes and no exponential in them.

exp(-a s) takes a s to twice the working precision. The constants are made from the exact lam and c and rounded once.

Accuracy: measured, not proved: 1.6e-15 relative against the certified kernels, for c from 1e-30 to 1e3, lam from 1e-6
to 1e6 and s up to 1e12 (subnormal results exempt). Terms are positive but for the residue, which does not cancel them.
No finite time gives a nan.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from grokmath.functions.double_double import Multiple, nearest_double

if TYPE_CHECKING:
    from grokmath.exact import Exact

__all__ = ["KINDS", "RidgeFloat64"]

Array = NDArray[np.float64]
KINDS: tuple[tuple[int, int], ...] = ((1, 1), (1, 2), (2, 2), (3, 2))
"""The pairs (i, j)."""

_BITS = 320
_EARLY_END = 20.0
_EARLY_NODES = 26
_STEP = 0.43
_LATE_NODES = 15
_DEAD = 800.0  # exp(-800) is 0


class RidgeFloat64:
    """The averages at one lam and c, as functions of t, where s = rate t and rate > 0 is exact.

    >>> from fractions import Fraction
    >>> averages = RidgeFloat64(Fraction(9, 10), Fraction(1, 10**6))
    >>> values = averages([0.0, 400.0], kinds=[(2, 2)])
    >>> [round(float(value), 14) for value in values[(2, 2)]]
    [0.99998000299924, 0.00250087030864]
    """

    def __init__(self, lam: Exact, c: Exact, rate: Exact = Fraction(1)) -> None:
        from flint import arb

        from grokmath.exact import ball, working_precision

        with working_precision(_BITS):
            root = ball(lam).sqrt()
            edge = (ball(1 - lam) / (1 + root)) ** 2
            decay = ball(c)
            near, far = edge / (2 * root), (edge + decay) / (2 * root)
            q = (far * (far + 2)).sqrt()
            angle = 2 * _EARLY_NODES * (far + q).log1p()
            speed = ball(rate)
            self._x, self._z = Multiple(2 * root * speed), Multiple(edge * speed)
            self._far_z, self._b = Multiple((edge + decay) * speed), Multiple(decay * speed)
            self._s = Multiple(speed)
            self._dead = nearest_double(_DEAD / (edge * speed)) if edge > 0 else 1.0
            self._size = nearest_double(arb(8).sqrt() / (arb.pi() * (2 * root) ** 1.5))
            self._root2 = nearest_double(2 * root)
            self._near, self._far, self._gap, self._q = (
                nearest_double(value) for value in (near, far, decay / (2 * root), q)
            )
            self._share = nearest_double(1 / (1 + angle.exp()))
            self._rest = nearest_double(1 / (1 + (-angle).exp()))

    def __call__(self, t: ArrayLike, kinds: Sequence[tuple[int, int]] = KINDS) -> dict[tuple[int, int], Array]:
        """V_ij at every t >= 0 for each (i, j) of ``kinds``."""
        times = np.asarray(t, dtype=np.float64)
        flat = np.atleast_1d(times).ravel()
        values = self.factors(flat, kinds, _DEAD)
        with np.errstate(under="ignore", over="ignore"):
            decay = self._decay(flat)
            return {kind: (decay * value).reshape(times.shape) for kind, value in values.items()}

    def factors(
        self, t: Array, kinds: Sequence[tuple[int, int]] = KINDS, dead: float = math.inf
    ) -> dict[tuple[int, int], Array]:
        """V_ij e^{a s} for t >= 0 in one dimension; 0 where a s is ``dead`` or more."""
        values = {kind: np.zeros_like(t) for kind in kinds}
        with np.errstate(under="ignore", over="ignore"):
            x = self._x.times(t)
            early = x <= _EARLY_END
            late = ~early & (self._z.times(t) < dead) & (self._far_z.times(t) < math.inf)
            for mask, rule in ((early, self._early), (late, self._late)):
                if mask.any():
                    for kind, part in rule(t[mask], x[mask]).items():
                        if kind in values:
                            values[kind][mask] = part
        return values

    def exponent(self, t: Array) -> Array:
        """a s."""
        product: Array = self._z.times(t)
        return product

    def _decay(self, t: Array) -> Array:
        """e^{-a s}."""
        high, low = self._z.times_exactly(np.minimum(t, self._dead))
        result: Array = np.exp(-high) * (1.0 - low)
        return result

    @staticmethod
    def _combine(sums: list[Any], value: Any, slope: Any, gap: Any) -> list[Any]:
        """Sums of 1/(K+m), 1/(K+m)^2, (k+m)/(K+m)^2, (k+m)^2/(K+m)^2 with the residues R = value, R' = slope."""
        h, v, w, z = sums
        return [h + value, v - slope, w + (value + gap * slope), z - gap * (2.0 * value + gap * slope)]

    def _early(self, t: Array, x: Array) -> dict[tuple[int, int], Array]:
        """Rule 1."""
        h, v, w, z = (np.zeros_like(x) for _ in range(4))
        for j in range(_EARLY_NODES, 0, -1):
            half = (2 * j - 1) * math.pi / (4 * _EARLY_NODES)
            mu = 2.0 * math.sin(half) ** 2
            near, far = self._near + mu, self._far + mu
            f = math.sin(2.0 * half) ** 2 / far * np.exp(-mu * x)
            h += f
            v += f / far
            w += f * (near / far)
            z += f * (near / far) * near
        inside = x * self._q < 2 * _EARLY_NODES
        size = np.where(inside, np.exp(np.where(inside, x, 0.0) * self._far), 0.0) * self._share * (-2.0 * _EARLY_NODES)
        value = size * self._q
        bracket = (1.0 + self._far) / self._q + np.where(inside, x, 0.0) * self._q - 2 * _EARLY_NODES * self._rest
        parts = self._combine([h, v, w, z], value, size * bracket, self._gap)
        return {
            (i, j): 2.0 / _EARLY_NODES * part * self._root2 ** (i - 1 - j)
            for (i, j), part in zip(KINDS, parts, strict=True)
        }

    def _late(self, t: Array, x: Array) -> dict[tuple[int, int], Array]:
        """Rule 2."""
        near_z, far_z, gap, s = (product.times(t) for product in (self._z, self._far_z, self._b, self._s))
        inverse = 0.5 / x
        h, v, w, z = (np.zeros_like(x) for _ in range(4))
        for j in range(_LATE_NODES, 0, -1):
            u2 = ((j - 0.5) * _STEP) ** 2
            near, far = near_z + u2, far_z + u2
            f = (2.0 * _STEP * u2 * math.exp(-u2)) * np.sqrt(1.0 - u2 * inverse) / far
            h += f
            v += f / far
            w += f * (near / far)
            z += f * (near / far) * near
        strip = math.pi / _STEP
        inside = far_z < strip * strip
        squared = np.where(inside, far_z, 1.0)
        y = np.sqrt(squared)
        small = np.exp(-2.0 * strip * y)
        size = np.where(inside, np.exp(y * (y - 2.0 * strip)) / (1.0 + small), 0.0) * (-2.0 * math.pi)
        g = np.sqrt(1.0 + squared * inverse)
        slope = size * (0.5 * g / y + 0.5 * y * inverse / g + y * g - strip * g / (1.0 + small))
        parts = self._combine([h, v, w, z], size * y * g, slope, np.where(inside, gap, 0.0))
        return {(i, j): self._size * part * s ** (j - i - 0.5) for (i, j), part in zip(KINDS, parts, strict=True)}
