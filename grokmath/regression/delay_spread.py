"""The law of one run's delay between its two passages to second order in 1/d_in: mean, spread and skewness.

A run has the losses L = F + m/d_in + D, F the infinite theory, m its mean term, D of order d_in^(-1/2) and mean 0 (see
:mod:`grokmath.regression.finite_size`). Its passage through F(s) is at s + u, and

    F(s + u) + m(s + u)/d_in + D(s + u) = F(s)

gives u = u_1 + u_2 + u_3 + ... in powers of d_in^(-1/2), forms of degree 1, 2, 3 in D, D', D'' at s:

    u_1 = -D/F',    u_2 = -(F'' u_1^2/2 + m/d_in + D' u_1)/F',
    u_3 = -(F'' u_1 u_2 + F''' u_1^3/6 + m' u_1/d_in + D' u_2 + D'' u_1^2/2)/F'.

The delay is u of the generalization loss less u of the training loss. Its variance to order 1/d_in^2 is Var u_1 + 2
Cov(u_1, u_2) + Var u_2 + 2 Cov(u_1, u_3), and its third cumulant kappa_3(u_1) + 6 C(u_1, u_2, u_1). Here D = sum_i
(f(nu_i) chi_i^2/(d_in d_out) - mean), so second moments are those of :mod:`finite_size`, third ones 8 E[f g h]/(d_in
d_out)^2, and fourth ones, to this order, Gaussian.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from grokmath.functions.marchenko_pastur_averages import MarchenkoPasturNodes

__all__ = ["DelayLaw", "delay_law"]

Array = NDArray[np.float64]


class DelayLaw(NamedTuple):
    """Mean and spread of the delay in s = 4 eta t/d_out, its skewness, and the spread to first order alone."""

    mean: float
    spread: float
    skewness: float
    first_order: float

    def quantile(self, normal: float) -> float:
        """Where the delay is with the probability that a normal variable is below ``normal`` (Cornish and Fisher)."""
        return self.mean + self.spread * (normal + self.skewness * (normal**2 - 1) / 6)


def delay_law(lam: float, train: float, gen: float, d_in: float, d_out: int = 1) -> DelayLaw:
    """The law of the delay for losses that pass, in the infinite theory, at s = ``train`` and s = ``gen``.

    Plain model (no decay, noise or scale of the start), gradient flow. Relative errors of the variance are of order
    1/d_in^2, and grow like the square of (2 u)^{3/2}/d_in with time: see :class:`FiniteSize`.

    >>> law = delay_law(0.5, 4.0, 20.0, 1000)
    >>> law.spread < law.first_order
    True
    """
    nodes = MarchenkoPasturNodes(lam, 2 * max(train, gen))
    edges = np.array(nodes.edges)

    def modes(nu: Array) -> Array:
        """D, D', D'' of both losses in each mode, and the third derivatives: 2 x 4 x nodes."""
        powers = (-nu) ** np.arange(4)[:, None]
        return np.stack([powers * np.exp(-gen * nu), powers * nu * np.exp(-train * nu)])

    on_nodes, at_edges, at_zero = modes(nodes.nu), modes(edges), modes(np.zeros(1))[..., 0]
    slopes = nodes.average(on_nodes, at_zero)  # F, F', F'', F''' of both
    shifts = nodes.mean_term(on_nodes, at_edges[..., 0], at_edges[..., 1]) / d_in
    f, f_edges, f_zero = (part[:, :3].reshape(6, *part.shape[2:]) for part in (on_nodes, at_edges, at_zero))
    samples = d_in * d_out
    squares = f[:, None] * f[None]
    C = 2 / samples * nodes.average(squares, np.multiply.outer(f_zero, f_zero))
    next_order = nodes.mean_term(squares, np.outer(f_edges[:, 0], f_edges[:, 0]), np.outer(*(f_edges[:, 1],) * 2))
    whole = C + 2 / (samples * d_in) * next_order + nodes.covariance(f[:, None], f[None]) / d_in**2
    cubes_at_zero = np.einsum("i,j,k->ijk", f_zero, f_zero, f_zero)
    K = 8 / samples**2 * nodes.average(squares[:, :, None] * f, cubes_at_zero)

    a, mean, B, T, w = np.zeros(6), gen - train, np.zeros((6, 6)), np.zeros((6, 6, 6)), np.zeros(6)
    for loss, sign in ((0, 1.0), (1, -1.0)):
        _, F1, F2, F3 = slopes[loss]
        m, m1 = shifts[loss, :2]
        D, D1, D2 = np.eye(6)[3 * loss : 3 * loss + 3]
        u1 = -D / F1
        u2 = -(F2 / 2 * np.outer(u1, u1) + (np.outer(D1, u1) + np.outer(u1, D1)) / 2) / F1
        still = -m / F1
        cubic = np.einsum("i,jk->ijk", F2 * u1 + D1, u2) + np.einsum("i,j,k->ijk", F3 / 6 * u1 + D2 / 2, u1, u1)
        a, B, T = a + sign * u1, B + sign * u2, T - sign * cubic / F1
        w -= sign * (F2 * still * u1 + m1 * u1 + still * D1) / F1
        mean += sign * still
    first = C @ a
    fourth = sum(np.einsum(f"ijk,{pair},{one}", T, C, first) for pair, one in (("jk", "i"), ("ik", "j"), ("ij", "k")))
    variance = float(a @ whole @ a)
    lead = float(a @ first)
    bent = float(first @ B @ first)
    third = float(np.einsum("ijk,i,j,k", K, a, a, a))
    second = (
        variance + 2 * float(np.einsum("ijk,i,jk", K, a, B) + fourth + first @ w) + 2 * float(np.trace(B @ C @ B @ C))
    )
    mean += float(np.sum(B * C))
    skewness = (third + 6 * bent) / lead**1.5
    return DelayLaw(float(mean), math.sqrt(second), skewness, math.sqrt(variance))
