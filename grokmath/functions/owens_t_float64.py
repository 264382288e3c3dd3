"""Owen's T function in double precision, vectorised, and corners of the plane, which it measures.

Method. Everything is a sum of terms exp(E) f, where E is held as a sum of two doubles, so that a probability near
1e-300 keeps its digits, and f comes from smooth integrals by Gauss-Legendre rules with a fixed number of nodes:

1. e^(h^2/2) T(h, a), a <= 1:         integral over 0 < x < a of e^(-h^2 x^2/2)/(1 + x^2), an even integrand;
2. e^((h^2+g^2)/2) C(h, g), R >= 1:   integral over u > 0 of e^(-g u - u^2/2)/(h^2 + (g + u)^2), C the corner
                                      P(X > h, h Y > g X), R^2 = h^2 + g^2.

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
from scipy.special import erf, erfcx

from grokmath.exact import working_precision
from grokmath.functions.double_double import two_prod

__all__ = [
    "LARGE",
    "Term",
    "blockwise",
    "corner",
    "fill_where",
    "interval",
    "legendre_nodes",
    "log_owens_t",
    "mills",
    "minus_half_square",
    "owens_t",
    "tail",
]

Array = NDArray[np.float64]

_ROOT_HALF = math.sqrt(0.5)
_ROOT_2PI = math.sqrt(2 * math.pi)
_BLOCK = 1 << 13
_EVEN_NODES = 44
_CORNER_NODES = 40
_CUT = 8.7
"""exp(-8.7**2/2) is below 2**-54."""
LARGE = 1e140
"""Beyond it squares are taken at it: every probability is 0 or 1 to all digits."""


class Term(NamedTuple):
    """exp(high + low) * factor."""

    high: Any
    low: Any
    factor: Any

    def value(self) -> Any:
        return np.exp(self.high) * (1.0 + self.low) * self.factor


@functools.cache
def legendre_nodes(n: int) -> tuple[tuple[float, float], ...]:
    """Nodes and weights of the Gauss-Legendre rule on (0, 1), to the last digit (NumPy's weights lose two)."""
    from flint import arb

    with working_precision(120):
        rule = [arb.legendre_p_root(n, k, weight=True) for k in range(n)]
        return tuple((float((1 + x) / 2), float(w / 2)) for x, w in rule)


def mills(x: Array) -> Array:
    """m(x) = Q(x)/phi(x)."""
    return np.asarray(math.sqrt(math.pi / 2) * erfcx(x * _ROOT_HALF))


def minus_half_square(x: Array) -> tuple[Array, Array]:
    """-x**2/2 as a sum of two doubles."""
    high, low = two_prod(x, x)
    return -0.5 * high, -0.5 * low


def tail(x: Array) -> Term:
    """Q(x), x >= 0."""
    return Term(*minus_half_square(x), mills(x) / _ROOT_2PI)


def interval(low: Array, high: Array) -> Term:
    """P(low < X < high), low <= high, without cancellation."""
    flip = high < 0.0
    low, high = np.where(flip, -high, low), np.where(flip, -low, high)
    u, width = np.maximum(low, 0.0), high - np.maximum(low, 0.0)
    near = width * (1.0 + u) < 1.0
    short = np.where(near, width, 0.0)
    close = np.zeros_like(u)
    for x, w in legendre_nodes(16):
        s = x * short
        close += w * np.exp(-s * (u + 0.5 * s))
    close *= short
    apart = mills(u) - np.exp(-0.5 * width * (high + u)) * mills(high)
    across = low < 0.0
    centre = 0.5 * (erf(np.where(across, -low, 0.0) * _ROOT_HALF) + erf(high * _ROOT_HALF))
    E, E_low = minus_half_square(u)  # 0 where the interval lies across 0
    return Term(E, E_low, np.where(across, centre, np.where(near, close, apart) / _ROOT_2PI))


def fill_where(
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
    for x, w in legendre_nodes(_EVEN_NODES)[: _EVEN_NODES // 2]:  # the rule on (-end, end), whose integrand is even
        y = 2.0 * x - 1.0
        total += w * np.exp(-y * y * square) / (1.0 + y * y * end2)
    return end * total / math.pi


def _owen_factor(h: Array, a: Array, ah: Array) -> Array:
    """e^(h^2/2) T(h, a), h, a >= 0, with ah = a h (which says what is meant at h = 0, a = inf)."""
    out = np.empty_like(h)

    def outer(h: Array, a: Array, ah: Array) -> tuple[Array]:
        ah = np.minimum(ah, LARGE)
        with np.errstate(over="ignore"):
            decay = np.exp(-0.5 * (ah - h) * (ah + h))
        half = mills(ah) / (2 * _ROOT_2PI)
        return (mills(h) / (2 * _ROOT_2PI) + decay * (erf(h * _ROOT_HALF) * half - _inner(ah, 1.0 / a)),)

    fill_where(a <= 1.0, lambda h, a, ah: (_inner(h, a),), (out,), h, a, ah)
    fill_where(a > 1.0, outer, (out,), h, a, ah)
    return out


def _owen(h: Array, a: Array) -> Term:
    h = np.minimum(np.abs(h), LARGE)
    size = np.abs(a)
    with np.errstate(over="ignore"):
        factor = _owen_factor(h, size, size * h)
    return Term(*minus_half_square(h), np.sign(a) * factor)


def owens_t(h: Any, a: Any) -> Any:
    """T(h, a) for real h and a."""
    return blockwise(lambda h, a: np.asarray(_owen(h, a).value()), h, a)


def log_owens_t(h: Any, a: Any) -> Any:
    """log T(h, a), a > 0; -inf where it is below -5e279."""

    def block(h: Array, a: Array) -> Array:
        term = _owen(h, a)
        with np.errstate(divide="ignore"):
            log = term.high + (term.low + np.log(term.factor))
        return np.asarray(np.where(np.abs(h) < LARGE, log, -np.inf))

    return blockwise(block, h, a)


# Corners


def corner(h: Array, g: Array, r2: Array, r2_low: Array) -> Term:
    """C(h, g) = P(X > h, h Y > g X), h >= 0, with h**2 + g**2 = r2 + r2_low."""
    high, low, factor = np.empty_like(h), np.empty_like(h), np.empty_like(h)

    def obtuse(h: Array, g: Array, *_: Array) -> tuple[Array, ...]:
        with np.errstate(divide="ignore", invalid="ignore"):
            a = np.where(g == 0.0, 0.0, -g / h)
        return *minus_half_square(h), mills(h) / (2 * _ROOT_2PI) + _owen_factor(h, a, -g)

    def far(h: Array, g: Array, r2: Array, r2_low: Array) -> tuple[Array, ...]:
        end = 76.0 / (g + np.sqrt(g * g + 76.0))
        total, h2 = np.zeros_like(h), h * h
        for x, w in legendre_nodes(_CORNER_NODES):
            u = x * end
            total += w * np.exp(-u * (g + 0.5 * u)) / (h2 + (g + u) ** 2)
        return -0.5 * r2, -0.5 * r2_low, h * total * end / (2 * math.pi)

    def near(h: Array, g: Array, *_: Array) -> tuple[Array, ...]:
        flat = g <= h
        long, short = np.maximum(h, g), np.minimum(h, g)
        inner = _inner(long, short / long)
        rest = np.where(flat, 1.0, erf(h * _ROOT_HALF)) * mills(long) / (2 * _ROOT_2PI)
        return *minus_half_square(long), np.where(flat, rest - inner, inner - rest)

    out = (high, low, factor)
    fill_where(g <= 0.0, obtuse, out, h, g, r2, r2_low)
    fill_where((g > 0.0) & (r2 >= 1.0), far, out, h, g, r2, r2_low)
    fill_where((g > 0.0) & (r2 < 1.0), near, out, h, g, r2, r2_low)
    return Term(high, low, factor)


def blockwise(function: Callable[..., Array], *arguments: Any) -> Any:
    """The function on the broadcast arguments, a block at a time."""
    columns = [np.ascontiguousarray(column).ravel() for column in np.broadcast_arrays(*arguments)]
    shape = np.broadcast_shapes(*(np.shape(argument) for argument in arguments))
    out = np.empty(columns[0].shape)
    with np.errstate(under="ignore"):
        for start in range(0, out.size, _BLOCK):
            out[start : start + _BLOCK] = function(*(column[start : start + _BLOCK] for column in columns))
    return out.reshape(shape)
