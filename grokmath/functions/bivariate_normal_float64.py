"""Owen's T function and bivariate normal probabilities in double precision, vectorised.

Method. Everything is a sum of terms exp(E) f, where E is held as a sum of two doubles, so that a probability near
1e-300 keeps its digits, and f comes from one of three smooth integrals by Gauss-Legendre rules with a fixed number
of nodes:

1. e^(h^2/2) T(h, a), a <= 1:         integral over 0 < x < a of e^(-h^2 x^2/2)/(1 + x^2), an even integrand;
2. e^((h^2+g^2)/2) C(h, g), R >= 1:   integral over u > 0 of e^(-g u - u^2/2)/(h^2 + (g + u)^2), C the corner
                                      P(X > h, h Y > g X), R^2 = h^2 + g^2;
3. e^(R^2/2) P(X > h, Y > k), rho < 0: integral over v > 0 of e^(-gamma v - v^2/2) m(g - rho v), m Mills' ratio, with
                                      g = (k - rho h)/c, gamma = (h - rho k)/c, c = sqrt(1 - rho^2).

T for a > 1 and corners with R < 1 come from 1 by the identities of
:mod:`grokmath.functions.bivariate_normal_certified`. Accuracy: measured, not proved; see docs/bivariate_normal.md.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf, erfcx, ndtr

from grokmath.exact import working_precision
from grokmath.functions.double_double import two_prod, two_sum

__all__ = ["bivariate_normal_cdf", "cdf_of_direction", "log_bivariate_normal_cdf", "log_owens_t", "owens_t"]

Array = NDArray[np.float64]

_ROOT_HALF = math.sqrt(0.5)
_ROOT_2PI = math.sqrt(2 * math.pi)
_BLOCK = 1 << 13
_EVEN_NODES = 44
_CORNER_NODES = 40
_WEDGE_NODES = 40
_CUT = 8.7
"""exp(-8.7**2/2) is below 2**-54."""
_LARGE = 1e140


class _Term(NamedTuple):
    """exp(high + low) * factor."""

    high: Any
    low: Any
    factor: Any

    def value(self) -> Any:
        return np.exp(self.high) * (1.0 + self.low) * self.factor


@functools.cache
def _nodes(n: int) -> tuple[tuple[float, float], ...]:
    """Nodes and weights of the Gauss-Legendre rule on (0, 1), to the last digit (NumPy's weights lose two)."""
    from flint import arb

    with working_precision(120):
        rule = [arb.legendre_p_root(n, k, weight=True) for k in range(n)]
        return tuple((float((1 + x) / 2), float(w / 2)) for x, w in rule)


def _mills(x: Array) -> Array:
    """m(x) = Q(x)/phi(x)."""
    return np.asarray(math.sqrt(math.pi / 2) * erfcx(x * _ROOT_HALF))


def _minus_half_square(x: Array) -> tuple[Array, Array]:
    """-x**2/2 as a sum of two doubles."""
    high, low = two_prod(x, x)
    return -0.5 * high, -0.5 * low


def _tail(x: Array) -> _Term:
    """Q(x), x >= 0."""
    return _Term(*_minus_half_square(x), _mills(x) / _ROOT_2PI)


def _interval(low: Array, high: Array) -> _Term:
    """P(low < X < high), low <= high, without cancellation."""
    flip = high < 0.0
    low, high = np.where(flip, -high, low), np.where(flip, -low, high)
    u, width = np.maximum(low, 0.0), high - np.maximum(low, 0.0)
    near = width * (1.0 + u) < 1.0
    short = np.where(near, width, 0.0)
    close = np.zeros_like(u)
    for x, w in _nodes(16):
        s = x * short
        close += w * np.exp(-s * (u + 0.5 * s))
    close *= short
    apart = _mills(u) - np.exp(-0.5 * width * (high + u)) * _mills(high)
    across = low < 0.0
    centre = 0.5 * (erf(np.where(across, -low, 0.0) * _ROOT_HALF) + erf(high * _ROOT_HALF))
    E, E_low = _minus_half_square(u)  # 0 where the interval lies across 0
    return _Term(E, E_low, np.where(across, centre, np.where(near, close, apart) / _ROOT_2PI))


def _where(
    mask: NDArray[np.bool_], function: Callable[..., tuple[Array, ...]], out: tuple[Array, ...], *args: Array
) -> None:
    """Fill ``out`` with the function's results where the mask holds, computing nothing elsewhere."""
    if mask.any():
        for target, result in zip(out, function(*(arg[mask] for arg in args)), strict=True):
            target[mask] = result


# Owen's T


def _inner(h: Array, a: Array) -> Array:
    """e^(h^2/2) T(h, a), h >= 0, 0 <= a <= 1 (integral 1)."""
    with np.errstate(divide="ignore", over="ignore"):
        end = np.minimum(a, _CUT / h)
    square = 0.5 * (h * end) ** 2
    end2 = end * end
    total = np.zeros_like(h)
    for x, w in _nodes(_EVEN_NODES)[: _EVEN_NODES // 2]:  # the rule on (-end, end), whose integrand is even
        y = 2.0 * x - 1.0
        total += w * np.exp(-y * y * square) / (1.0 + y * y * end2)
    return end * total / math.pi


def _owen_factor(h: Array, a: Array, ah: Array) -> Array:
    """e^(h^2/2) T(h, a), h, a >= 0, with ah = a h (which says what is meant at h = 0, a = inf)."""
    out = np.empty_like(h)

    def outer(h: Array, a: Array, ah: Array) -> tuple[Array]:
        ah = np.minimum(ah, _LARGE)
        with np.errstate(over="ignore"):
            decay = np.exp(-0.5 * (ah - h) * (ah + h))
        half = _mills(ah) / (2 * _ROOT_2PI)
        return (_mills(h) / (2 * _ROOT_2PI) + decay * (erf(h * _ROOT_HALF) * half - _inner(ah, 1.0 / a)),)

    _where(a <= 1.0, lambda h, a, ah: (_inner(h, a),), (out,), h, a, ah)
    _where(a > 1.0, outer, (out,), h, a, ah)
    return out


# Corners and orthants


def _corner(h: Array, g: Array, r2: Array, r2_low: Array) -> _Term:
    """C(h, g) = P(X > h, h Y > g X), h >= 0, with h**2 + g**2 = r2 + r2_low."""
    high, low, factor = np.empty_like(h), np.empty_like(h), np.empty_like(h)

    def obtuse(h: Array, g: Array, *_: Array) -> tuple[Array, ...]:
        with np.errstate(divide="ignore", invalid="ignore"):
            a = np.where(g == 0.0, 0.0, -g / h)
        return *_minus_half_square(h), _mills(h) / (2 * _ROOT_2PI) + _owen_factor(h, a, -g)

    def far(h: Array, g: Array, r2: Array, r2_low: Array) -> tuple[Array, ...]:
        end = 76.0 / (g + np.sqrt(g * g + 76.0))
        total, h2 = np.zeros_like(h), h * h
        for x, w in _nodes(_CORNER_NODES):
            u = x * end
            total += w * np.exp(-u * (g + 0.5 * u)) / (h2 + (g + u) ** 2)
        return -0.5 * r2, -0.5 * r2_low, h * total * end / (2 * math.pi)

    def near(h: Array, g: Array, *_: Array) -> tuple[Array, ...]:
        flat = g <= h
        long, short = np.maximum(h, g), np.minimum(h, g)
        inner = _inner(long, short / long)
        rest = np.where(flat, 1.0, erf(h * _ROOT_HALF)) * _mills(long) / (2 * _ROOT_2PI)
        return *_minus_half_square(long), np.where(flat, rest - inner, inner - rest)

    out = (high, low, factor)
    _where(g <= 0.0, obtuse, out, h, g, r2, r2_low)
    _where((g > 0.0) & (r2 >= 1.0), far, out, h, g, r2, r2_low)
    _where((g > 0.0) & (r2 < 1.0), near, out, h, g, r2, r2_low)
    return _Term(high, low, factor)


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
    g1, g2 = (np.clip((u * size - along * v) / across, -_LARGE, _LARGE) for u, v in ((k, h), (h, k)))
    h2, h2_low = two_prod(h, h)
    q, q_low = two_prod(g1, g1)
    r2, r2_low = two_sum(h2, q)
    return _Pair(h, k, along / size, across / size, g1, g2, r2, r2_low + h2_low + q_low)


def _numerator(h: Array, k: Array, rho: Array) -> tuple[Array, Array]:
    """k - rho h as a sum of two doubles."""
    p, p_low = two_prod(rho, h)
    n, n_low = two_sum(k, -p)
    return two_sum(n, n_low - p_low)


def _wedge(p: _Pair) -> _Term:
    """P(X > h, Y > k) for rho < 0, g1 >= -4, g2 >= 0 (integral 3)."""
    end = 76.0 / (p.g2 + np.sqrt(p.g2 * p.g2 + 76.0))
    total = np.zeros_like(p.h)
    for x, w in _nodes(_WEDGE_NODES):
        v = x * end
        total += w * np.exp(-v * (p.g2 + 0.5 * v)) * _mills(p.g1 - p.rho * v)
    return _Term(-0.5 * p.r2, -0.5 * p.r2_low, p.c * total * end / (2 * math.pi))


def _upper_orthant(p: _Pair) -> tuple[_Term, _Term]:
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
    return _Term(*first), _Term(*second)


def _cases(
    mask: NDArray[np.bool_], function: Callable[[_Pair], tuple[_Term, _Term]], out: tuple[Array, ...], p: _Pair
) -> None:
    """As :func:`_where`, for functions of a pair."""
    if mask.any():
        one, two = function(p.at(mask))
        for target, result in zip(out, (*one, *two), strict=True):
            target[mask] = result


def _positive(p: _Pair) -> tuple[_Term, _Term]:
    first = _corner(p.h, p.g1, p.r2, p.r2_low)
    second = _corner(p.k, p.g2, p.r2, p.r2_low)
    origin = (p.h == 0.0) & (p.k == 0.0)
    first.high[origin] = first.low[origin] = second.factor[origin] = 0.0
    first.factor[origin] = np.arctan2(p.c[origin], -p.rho[origin]) / (2 * math.pi)
    return first, second


def _negative(p: _Pair) -> tuple[_Term, _Term]:
    one, two = _positive(p._replace(h=-p.h, k=-p.k, g1=-p.g1, g2=-p.g2))
    centre = 0.5 * (erf(-p.h * _ROOT_HALF) + erf(-p.k * _ROOT_HALF))
    zero = np.zeros_like(p.h)
    return _Term(zero, zero, centre + one.value() + two.value()), _Term(zero, zero, zero)


def _mixed(p: _Pair) -> tuple[_Term, _Term]:
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
    return _Term(*first), _Term(*second)


def _nothing(p: _Pair) -> _Term:
    zero = np.zeros_like(p.h)
    return _Term(zero, zero, zero)


def _strip(p: _Pair) -> tuple[_Term, _Term]:
    """P(h < X < -k) + P(X > -k, Y > -h)."""
    turned = p._replace(h=-p.k, k=-p.h, g1=-p.g2, g2=-p.g1)
    return _interval(p.h, -p.k), _wedge(turned)


def _complement(p: _Pair) -> tuple[_Term, _Term]:
    """Q(h) - P(X > h, Y < k)."""
    whole = _tail(p.h)
    one = _corner(p.h, -p.g1, p.r2, p.r2_low)
    two = _corner(-p.k, p.g2, p.r2, p.r2_low)
    rest = [np.exp(t.high - whole.high) * (1.0 + t.low - whole.low) * t.factor for t in (one, two)]
    return whole._replace(factor=whole.factor - rest[0] - rest[1]), _nothing(p)


def _terms(h: Array, k: Array, rho: Array) -> tuple[_Term, _Term]:
    """P(X <= h, Y <= k) as the sum of two terms, -1 <= rho <= 1."""
    n = h.shape
    first, second = ((np.zeros(n), np.zeros(n), np.zeros(n)) for _ in range(2))
    both = (*first, *second)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        pair = _pair(0.0 - h, 0.0 - k, rho)  # never -0.0
    _cases(np.abs(rho) < 1.0, _upper_orthant, both, pair)
    _cases(rho == 1.0, lambda p: (_cdf(np.minimum(-p.h, -p.k)), _nothing(p)), both, pair)
    _cases((rho == -1.0) & (h + k > 0.0), lambda p: (_interval(p.k, -p.h), _nothing(p)), both, pair)
    return _Term(*first), _Term(*second)


def _cdf(x: Array) -> _Term:
    """Phi(x)."""
    left = _tail(np.maximum(-x, 0.0))
    return _Term(left.high, left.low, np.where(x < 0.0, left.factor, ndtr(x)))


# The readings


def _blockwise(function: Callable[..., Array], *arguments: Any) -> Any:
    """The function on the broadcast arguments, a block at a time."""
    columns = [np.ascontiguousarray(column).ravel() for column in np.broadcast_arrays(*arguments)]
    shape = np.broadcast_shapes(*(np.shape(argument) for argument in arguments))
    out = np.empty(columns[0].shape)
    with np.errstate(under="ignore"):
        for start in range(0, out.size, _BLOCK):
            out[start : start + _BLOCK] = function(*(column[start : start + _BLOCK] for column in columns))
    return out.reshape(shape)


def _owen(h: Array, a: Array) -> _Term:
    h = np.minimum(np.abs(h), _LARGE)
    size = np.abs(a)
    with np.errstate(over="ignore"):
        factor = _owen_factor(h, size, size * h)
    return _Term(*_minus_half_square(h), np.sign(a) * factor)


def owens_t(h: Any, a: Any) -> Any:
    """T(h, a) for real h and a."""
    return _blockwise(lambda h, a: np.asarray(_owen(h, a).value()), h, a)


def log_owens_t(h: Any, a: Any) -> Any:
    """log T(h, a), a > 0; -inf where it is below -5e279."""

    def block(h: Array, a: Array) -> Array:
        term = _owen(h, a)
        with np.errstate(divide="ignore"):
            log = term.high + (term.low + np.log(term.factor))
        return np.asarray(np.where(np.abs(h) < _LARGE, log, -np.inf))

    return _blockwise(block, h, a)


def bivariate_normal_cdf(h: Any, k: Any, rho: Any) -> Any:
    """P(X <= h, Y <= k), -1 <= rho <= 1."""

    def block(h: Array, k: Array, rho: Array) -> Array:
        one, two = _terms(np.clip(h, -_LARGE, _LARGE), np.clip(k, -_LARGE, _LARGE), rho)
        return np.asarray(one.value() + two.value())

    return _blockwise(block, h, k, rho)


def cdf_of_direction(h: Any, k: Any, along: Any, across: Any, *, log: bool = False) -> Any:
    """P(X <= h, Y <= k) or its logarithm for the correlation along/hypot(along, across), across > 0.

    The correlation may be nearer to 1 or -1 than a double can tell.
    """

    def block(h: Array, k: Array, along: Array, across: Array) -> Array:
        h, k = 0.0 - np.clip(h, -_LARGE, _LARGE), 0.0 - np.clip(k, -_LARGE, _LARGE)
        with np.errstate(over="ignore", invalid="ignore"):
            one, two = _upper_orthant(_pair_of_direction(h, k, along, across))
        return _log_of_sum(one, two) if log else np.asarray(one.value() + two.value())

    return _blockwise(block, h, k, along, across)


def _log_of_sum(one: _Term, two: _Term) -> Array:
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
        h, k = np.clip(h, -_LARGE, _LARGE), np.clip(k, -_LARGE, _LARGE)
        log = _log_of_sum(*_terms(h, k, rho))
        right = (h > 0.0) & (k > 0.0) & (log > -0.7)
        log[right] = np.log1p(-_complement_of_quadrant(h[right], k[right], rho[right]))
        log[np.minimum(h, k) <= -_LARGE] = -np.inf
        return log

    return _blockwise(block, h, k, rho)


def _complement_of_quadrant(h: Array, k: Array, rho: Array) -> Array:
    """1 - P(X <= h, Y <= k) for h, k > 0: Q(h) + Q(k) - P(X > h, Y > k)."""
    one, two = _terms(-h, -k, rho)
    return np.asarray(_tail(h).value() + _tail(k).value() - one.value() - two.value())
