"""Bivariate normal probabilities in double precision, vectorised.

Method. Sums of corners of the plane (:mod:`grokmath.functions.owens_t_float64`) as terms exp(E) f, and for rho < 0,
by a Gauss-Legendre rule with a fixed number of nodes,

    e^(R^2/2) P(X > h, Y > k) = integral over v > 0 of e^(-gamma v - v^2/2) m(g - rho v),

m Mills' ratio, g = (k - rho h)/c, gamma = (h - rho k)/c, c = sqrt(1 - rho^2), R^2 = h^2 + g^2. Accuracy: measured, not
proved; see docs/bivariate_normal.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf, ndtr

from grokmath.functions.double_double import two_prod, two_sum
from grokmath.functions.owens_t_float64 import LARGE, Term, blockwise, corner, interval, legendre_nodes, mills, tail

__all__ = ["bivariate_normal_cdf", "cdf_of_direction", "log_bivariate_normal_cdf"]

Array = NDArray[np.float64]

_ROOT_HALF = math.sqrt(0.5)
_ROOT_2PI = math.sqrt(2 * math.pi)
_WEDGE_NODES = 40
_CUT = 8.7
"""exp(-8.7**2/2) is below 2**-54."""


# Orthants


class _Pair(NamedTuple):
    """Arrays h, k, rho with |rho| < 1 and what is derived from them: g1 = (k - rho h)/c, g2 = (h - rho k)/c, R^2."""

    h: Array
    k: Array
    rho: Array
    c: Array
    g1: Array
    g2: Array
    r2: Array
    r2_low: Array

    def swapped(self) -> _Pair:
        return self._replace(h=self.k, k=self.h, g1=self.g2, g2=self.g1)

    def at(self, mask: NDArray[np.bool_]) -> _Pair:
        return _Pair(*(array[mask] for array in self))


def _pair(h: Array, k: Array, rho: Array) -> _Pair:
    a, a_low = two_sum(1.0, -rho)
    b, b_low = two_sum(1.0, rho)
    s, s_low = two_prod(a, b)
    s_low = s_low + a * b_low + b * a_low
    c = np.sqrt(s)
    n1, n1_low = _numerator(h, k, rho)
    n2, n2_low = _numerator(k, h, rho)
    q, q_low = two_prod(n1, n1)
    q_low = q_low + 2.0 * n1 * n1_low
    ratio = q / s
    p, p_low = two_prod(ratio, s)
    ratio_low = ((q - p) - p_low + q_low - ratio * s_low) / s
    h2, h2_low = two_prod(h, h)
    r2, r2_low = two_sum(h2, ratio)
    return _Pair(h, k, rho, c, (n1 + n1_low) / c, (n2 + n2_low) / c, r2, r2_low + h2_low + ratio_low)


def _pair_of_direction(h: Array, k: Array, along: Array, across: Array) -> _Pair:
    """As :func:`_pair` for rho = along/hypot(along, across), c = across/hypot(along, across) > 0, in plain doubles."""
    size = np.hypot(along, across)
    g1, g2 = (np.clip((u * size - along * v) / across, -LARGE, LARGE) for u, v in ((k, h), (h, k)))
    h2, h2_low = two_prod(h, h)
    q, q_low = two_prod(g1, g1)
    r2, r2_low = two_sum(h2, q)
    return _Pair(h, k, along / size, across / size, g1, g2, r2, r2_low + h2_low + q_low)


def _numerator(h: Array, k: Array, rho: Array) -> tuple[Array, Array]:
    """k - rho h as a sum of two doubles."""
    p, p_low = two_prod(rho, h)
    n, n_low = two_sum(k, -p)
    return two_sum(n, n_low - p_low)


def _wedge(p: _Pair) -> Term:
    """P(X > h, Y > k) for rho < 0, g1 >= -4, g2 >= 0 (integral 3)."""
    end = 76.0 / (p.g2 + np.sqrt(p.g2 * p.g2 + 76.0))
    total = np.zeros_like(p.h)
    for x, w in legendre_nodes(_WEDGE_NODES):
        v = x * end
        total += w * np.exp(-v * (p.g2 + 0.5 * v)) * mills(p.g1 - p.rho * v)
    return Term(-0.5 * p.r2, -0.5 * p.r2_low, p.c * total * end / (2 * math.pi))


def _upper_orthant(p: _Pair) -> tuple[Term, Term]:
    """P(X > h, Y > k) as the sum of two terms."""
    n = p.h.shape
    first, second = ((np.zeros(n), np.zeros(n), np.zeros(n)) for _ in range(2))
    both = (*first, *second)
    negative = (p.h < 0.0) & (p.k < 0.0)
    positive = (p.h >= 0.0) & (p.k >= 0.0)
    _cases(positive, _positive, both, p)
    _cases(negative, _negative, both, p)
    _cases(~positive & ~negative & (p.h >= 0.0), _mixed, both, p)
    _cases(~positive & ~negative & (p.h < 0.0), lambda q: _mixed(q.swapped()), both, p)
    return Term(*first), Term(*second)


def _cases(
    mask: NDArray[np.bool_], function: Callable[[_Pair], tuple[Term, Term]], out: tuple[Array, ...], p: _Pair
) -> None:
    """As :func:`fill_where`, for functions of a pair."""
    if mask.any():
        one, two = function(p.at(mask))
        for target, result in zip(out, (*one, *two), strict=True):
            target[mask] = result


def _positive(p: _Pair) -> tuple[Term, Term]:
    first = corner(p.h, p.g1, p.r2, p.r2_low)
    second = corner(p.k, p.g2, p.r2, p.r2_low)
    origin = (p.h == 0.0) & (p.k == 0.0)
    first.high[origin] = first.low[origin] = second.factor[origin] = 0.0
    first.factor[origin] = np.arctan2(p.c[origin], -p.rho[origin]) / (2 * math.pi)
    return first, second


def _negative(p: _Pair) -> tuple[Term, Term]:
    one, two = _positive(p._replace(h=-p.h, k=-p.k, g1=-p.g1, g2=-p.g2))
    centre = 0.5 * (erf(-p.h * _ROOT_HALF) + erf(-p.k * _ROOT_HALF))
    zero = np.zeros_like(p.h)
    return Term(zero, zero, centre + one.value() + two.value()), Term(zero, zero, zero)


def _mixed(p: _Pair) -> tuple[Term, Term]:
    """h >= 0 > k; see [5] of docs/proofs/bivariate_normal.md for the choice."""
    n = p.h.shape
    first, second = ((np.zeros(n), np.zeros(n), np.zeros(n)) for _ in range(2))
    both = (*first, *second)
    outside = -p.k >= p.h
    direct = (p.rho < 0.0) & ((p.g1 >= 0.0) | (~outside & (p.g1 >= -4.0)))
    strip = (p.rho < 0.0) & ~direct & outside & (-p.g2 >= -4.0)
    _cases(direct, lambda q: (_wedge(q), _nothing(q)), both, p)
    _cases(strip, _strip, both, p)
    _cases(~direct & ~strip, _complement, both, p)
    return Term(*first), Term(*second)


def _nothing(p: _Pair) -> Term:
    zero = np.zeros_like(p.h)
    return Term(zero, zero, zero)


def _strip(p: _Pair) -> tuple[Term, Term]:
    """P(h < X < -k) + P(X > -k, Y > -h)."""
    turned = p._replace(h=-p.k, k=-p.h, g1=-p.g2, g2=-p.g1)
    return interval(p.h, -p.k), _wedge(turned)


def _complement(p: _Pair) -> tuple[Term, Term]:
    """Q(h) - P(X > h, Y < k)."""
    whole = tail(p.h)
    one = corner(p.h, -p.g1, p.r2, p.r2_low)
    two = corner(-p.k, p.g2, p.r2, p.r2_low)
    rest = [np.exp(t.high - whole.high) * (1.0 + t.low - whole.low) * t.factor for t in (one, two)]
    return whole._replace(factor=whole.factor - rest[0] - rest[1]), _nothing(p)


def _terms(h: Array, k: Array, rho: Array) -> tuple[Term, Term]:
    """P(X <= h, Y <= k) as the sum of two terms, -1 <= rho <= 1."""
    n = h.shape
    first, second = ((np.zeros(n), np.zeros(n), np.zeros(n)) for _ in range(2))
    both = (*first, *second)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        pair = _pair(0.0 - h, 0.0 - k, rho)  # never -0.0
    _cases(np.abs(rho) < 1.0, _upper_orthant, both, pair)
    _cases(rho == 1.0, lambda p: (_cdf(np.minimum(-p.h, -p.k)), _nothing(p)), both, pair)
    _cases((rho == -1.0) & (h + k > 0.0), lambda p: (interval(p.k, -p.h), _nothing(p)), both, pair)
    return Term(*first), Term(*second)


def _cdf(x: Array) -> Term:
    """Phi(x)."""
    left = tail(np.maximum(-x, 0.0))
    return Term(left.high, left.low, np.where(x < 0.0, left.factor, ndtr(x)))


# The readings


def bivariate_normal_cdf(h: Any, k: Any, rho: Any) -> Any:
    """P(X <= h, Y <= k), -1 <= rho <= 1."""

    def block(h: Array, k: Array, rho: Array) -> Array:
        one, two = _terms(np.clip(h, -LARGE, LARGE), np.clip(k, -LARGE, LARGE), rho)
        return np.asarray(one.value() + two.value())

    return blockwise(block, h, k, rho)


def cdf_of_direction(h: Any, k: Any, along: Any, across: Any, *, log: bool = False) -> Any:
    """P(X <= h, Y <= k) or its logarithm for the correlation along/hypot(along, across), across > 0.

    The correlation may be nearer to 1 or -1 than a double can tell.
    """

    def block(h: Array, k: Array, along: Array, across: Array) -> Array:
        h, k = 0.0 - np.clip(h, -LARGE, LARGE), 0.0 - np.clip(k, -LARGE, LARGE)
        with np.errstate(over="ignore", invalid="ignore"):
            one, two = _upper_orthant(_pair_of_direction(h, k, along, across))
        return _log_of_sum(one, two) if log else np.asarray(one.value() + two.value())

    return blockwise(block, h, k, along, across)


def _log_of_sum(one: Term, two: Term) -> Array:
    heights = [np.where(t.factor == 0.0, -np.inf, t.high) for t in (one, two)]
    top = np.maximum(*heights)
    shift = np.where(top == -np.inf, 0.0, top)
    low = np.where(heights[0] >= heights[1], one.low, two.low)
    total = sum(
        np.exp(height - shift + (t.low - low)) * t.factor for height, t in zip(heights, (one, two), strict=True)
    )
    with np.errstate(divide="ignore"):
        return np.asarray(shift + (low + np.log(total)))


def log_bivariate_normal_cdf(h: Any, k: Any, rho: Any) -> Any:
    """log P(X <= h, Y <= k), also near 0; -inf where P is 0 or its logarithm below -5e279."""

    def block(h: Array, k: Array, rho: Array) -> Array:
        h, k = np.clip(h, -LARGE, LARGE), np.clip(k, -LARGE, LARGE)
        log = _log_of_sum(*_terms(h, k, rho))
        right = (h > 0.0) & (k > 0.0) & (log > -0.7)
        log[right] = np.log1p(-_complement_of_quadrant(h[right], k[right], rho[right]))
        log[np.minimum(h, k) <= -LARGE] = -np.inf
        return log

    return blockwise(block, h, k, rho)


def _complement_of_quadrant(h: Array, k: Array, rho: Array) -> Array:
    """1 - P(X <= h, Y <= k) for h, k > 0: Q(h) + Q(k) - P(X > h, Y > k)."""
    one, two = _terms(-h, -k, rho)
    return np.asarray(tail(h).value() + tail(k).value() - one.value() - two.value())
