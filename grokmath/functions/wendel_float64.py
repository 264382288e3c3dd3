"""Wendel's probability in double precision, vectorised, and the separation window.

Method. With s = (N - 2d)/N, p = N - d >= q = d (else the complement), the smaller side is

    I_{1/2}(p, q) = e^-E sqrt(p q/(2 pi N)) G(N)/(G(p) G(q)) * J,      E = (N/2) ((1+s) log(1+s) + (1-s) log(1-s)),

G(z) = Gamma(z)/(sqrt(2 pi) z^(z-1/2) e^-z) and J = 2 * integral over y > 0 of e^(-N (s y + log cosh y)) dy. E is
formed to twice the working precision, so that a probability near 1e-300 keeps its digits. J comes from a
Gauss-Legendre rule with a fixed number of nodes for N >= 128; below that, from the positive series of
:mod:`grokmath.functions.wendel_certified`. Accuracy: measured, not proved; see docs/wendel.md.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gamma, ndtri, xlog1py

from grokmath.exact import working_precision
from grokmath.functions.double_double import two_prod, two_sum

__all__ = ["log_wendel_probability", "separation_window", "wendel_complement", "wendel_probability"]

Array = NDArray[np.float64]

_BLOCK = 1 << 14
_LARGE_N = 128.0
_NODES = 24
_NEAR = 0.3
_LOG2 = (0.6931471805599453, 2.3190468138462996e-17)
_TABLE = 256
_SCALED_N = 1e250
_LEAST = 1e-290
"""d/N below which the quotient may be no normal double."""
_ENTROPY = tuple(1.0 / (k * (2 * k - 1)) for k in range(2, 17))
"""(1+s) log(1+s) + (1-s) log(1-s) = s**2 (1 + s**2 * sum of these times s**(2k-4))."""
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156)


class _Point(NamedTuple):
    """Arrays N, p >= q, t = p - q, and s = t/N as a sum of two doubles."""

    N: Array
    p: Array
    q: Array
    t: Array
    s: Array
    s_low: Array

    def at(self, mask: NDArray[np.bool_]) -> _Point:
        return self if mask.all() else _Point(*(array[mask] for array in self))


@functools.cache
def _nodes(n: int) -> tuple[tuple[float, float], ...]:
    """Nodes and weights of the Gauss-Legendre rule on (0, 1), to the last digit (NumPy's weights lose two)."""
    from flint import arb

    with working_precision(120):
        rule = [arb.legendre_p_root(n, k, weight=True) for k in range(n)]
        return tuple((float((1 + x) / 2), float(w / 2)) for x, w in rule)


@functools.cache
def _log_cosh_coefficients() -> tuple[float, ...]:
    """a_k with log cosh y = y**2 (a_0 + a_1 y**2 + ...)."""
    from flint import arb

    with working_precision(120):
        return tuple(
            float(arb(4) ** k * (arb(4) ** k - 1) * arb.bernoulli(2 * k) / (2 * k * arb.fac_ui(2 * k)))
            for k in range(1, 15)
        )


@functools.cache
def _log_table() -> tuple[Array, Array]:
    """log(k/256) for 0 <= k <= 256 as sums of two doubles (0 at k = 0)."""
    from flint import arb

    with working_precision(160):
        logs = [(arb(max(k, 1)) / _TABLE).log() for k in range(_TABLE + 1)]
        high = [float(log) for log in logs]
        return np.array(high), np.array([float(log - top) for log, top in zip(logs, high, strict=True)])


def _log(x: Array, x_low: Array) -> tuple[Array, Array]:
    """log(x + x_low) as a sum of two doubles, x > 0."""
    mantissa, exponent = np.frexp(x)
    tail = np.ldexp(x_low, -exponent)
    index = np.rint(mantissa * _TABLE).astype(np.intp)
    centre = index / float(_TABLE)
    difference, lost = two_sum(mantissa - centre, tail)
    r = difference / centre
    product, product_low = two_prod(r, centre)
    r_low = ((difference - product) - product_low + lost) / centre
    square, square_low = two_prod(r, r)
    cubic = r * square * (1 / 3 + r * (-1 / 4 + r * (1 / 5 + r * (-1 / 6 + r * (1 / 7 - r / 8)))))
    table, table_low = _log_table()
    high, low = two_sum(exponent * _LOG2[0], table[index])
    top, more = two_sum(high, r)
    bottom, less = two_sum(top, -0.5 * square)
    rest = low + more + less + exponent * _LOG2[1] + table_low[index] + r_low * (1.0 - r) - 0.5 * square_low + cubic
    return two_sum(bottom, rest)


def _polynomial(coefficients: Sequence[float], x: Array) -> Array:
    """The sum of coefficients[k] x**k."""
    total = np.full_like(x, coefficients[-1])
    for a in reversed(coefficients[:-1]):
        total *= x
        total += a
    return total


def _minus_entropy(x: _Point, sharp: NDArray[np.bool_]) -> tuple[Array, Array]:
    """-E as a sum of two doubles; as one where it is not wanted ``sharp``."""
    high, low = np.empty_like(x.N), np.empty_like(x.N)
    near = x.s <= _NEAR
    s, t, s_low = x.s[near], x.t[near], x.s_low[near]
    square = s * s
    product, product_low = two_prod(s, t)
    product_low += s_low * t + product * square * _polynomial(_ENTROPY, square)
    high[near], low[near] = two_sum(-0.5 * product, -0.5 * product_low)
    far = ~near & sharp
    if far.any():
        high[far], low[far] = _far_entropy(x.at(far))
    rough = ~near & ~sharp
    if rough.any():
        s = x.s[rough]
        high[rough] = -0.5 * x.N[rough] * ((1.0 + s) * np.log1p(s) + xlog1py(1.0 - s, -s))  # 0 log 0 = 0
        low[rough] = 0.0
    return high, low


def _far_entropy(x: _Point) -> tuple[Array, Array]:
    one_plus, plus_low = two_sum(1.0, x.s)
    one_minus, minus_low = two_sum(1.0, -x.s)
    total, total_low = np.zeros_like(x.N), np.zeros_like(x.N)
    for side, side_low in (two_sum(one_plus, plus_low + x.s_low), two_sum(one_minus, minus_low - x.s_low)):
        log, log_low = _log(side, side_low)
        product, product_low = two_prod(side, log)
        total, carry = two_sum(total, product)
        total_low = total_low + carry + product_low + side * log_low + side_low * log
    half = -0.5 * x.N
    high, low = two_prod(half, total)
    return high, low + half * total_low


def _gamma_ratio(N: Array, p: Array, q: Array) -> Array:
    """G(N)/(G(p) G(q)), G(z) = Gamma(z)/(sqrt(2 pi) z**(z-1/2) e**-z)."""
    exponent, product = np.zeros_like(N), np.ones_like(N)
    for z, sign in ((N, 1.0), (p, -1.0), (q, -1.0)):
        small = z < 10.0
        inverse = sign / np.maximum(z, 10.0)
        series = inverse * _polynomial(_STIRLING, inverse * inverse)
        exponent += series
        if small.any():
            exponent[small] -= series[small]
            y = z[small]
            product[small] *= (gamma(y + 1.0) * np.exp(y) / (math.sqrt(2 * math.pi) * y ** (y + 0.5))) ** sign
    return np.exp(exponent) * product


def _integral(x: _Point) -> Array:
    """J for N >= 128."""
    end = 76.0 / (x.t + np.hypot(x.t, np.sqrt(76.0 * x.N)))
    longest = float(end.max())
    total = np.zeros_like(x.N)
    for node, weight in _nodes(_NODES):
        y = node * end
        total += weight * np.exp(-y * (x.t + x.N * y * _polynomial(_log_cosh(node, node * longest), y * y)))
    return 2.0 * end * total


def _log_cosh(node: float, y: float) -> Sequence[float]:
    """The coefficients of log cosh that show at a node where the integrand is below e**(-30 node**2), up to y."""
    coefficients = _log_cosh_coefficients()
    size = 76.0 * node * node * math.exp(-30.0 * node * node)
    k = len(coefficients)
    while k > 1 and size * abs(coefficients[k - 1]) * y ** (2 * k - 2) < 2.0**-57:
        k -= 1
    return coefficients[:k]


def _series(x: _Point) -> Array:
    """J for N < 128, by the positive series: J = sum/p."""
    term, total = np.ones_like(x.N), np.ones_like(x.N)
    top, bottom = x.N.copy(), 2.0 * (x.p + 1.0)
    for j in range(400):
        term *= top / bottom
        total += term
        top += 1.0
        bottom += 2.0
        if j % 16 == 15 and (term < 2.0**-56 * total).all():
            break
    return total / x.p


def _smaller(x: _Point, sharp: NDArray[np.bool_]) -> tuple[Array, Array, Array]:
    """(high, low, factor) with I_{1/2}(p, q) = exp(high + low) * factor."""
    high, low = _minus_entropy(x, sharp)
    J = np.empty_like(x.N)
    large = x.N >= _LARGE_N
    if large.any():
        J[large] = _integral(x.at(large))
    if not large.all():
        J[~large] = _series(x.at(~large))
    root = np.sqrt(x.p / x.N) * np.sqrt(x.q) / math.sqrt(2 * math.pi)
    return high, low, root * J * _gamma_ratio(x.N, x.p, x.q)


def _point(N: Array, d: Array) -> tuple[_Point, NDArray[np.bool_]]:
    """The point for 0 < d < N, and where d <= N/2."""
    p, p_low = two_sum(N, -d)
    t, t_low = two_sum(p, -d)
    t_low = t_low + p_low
    direct = t + t_low >= 0.0
    flip = np.where(direct, 1.0, -1.0)
    t, t_low = flip * t, flip * t_low
    s = t / N
    product, product_low = two_prod(s, N)
    s_low = ((t - product) - product_low + t_low) / N
    large, small = np.where(direct, p, d), np.where(direct, d, p)
    return _Point(N, large, small, t + t_low, s, s_low), direct


def _blockwise(kind: str, N: Any, d: Any) -> Any:
    shape = np.broadcast_shapes(np.shape(N), np.shape(d))
    N, d = (np.ascontiguousarray(column).ravel() for column in np.broadcast_arrays(N, d))
    out = np.empty(N.shape)
    with np.errstate(under="ignore", over="ignore"):
        for start in range(0, out.size, _BLOCK):
            part = slice(start, start + _BLOCK)
            out[part] = _block(kind, N[part], d[part])
    return out.reshape(shape)


def _block(kind: str, N: Array, d: Array) -> Array:
    ends = {"P": (0.0, 1.0), "1 - P": (1.0, 0.0), "log P": (-np.inf, 0.0)}[kind]
    out = np.where(d <= 0.0, *ends)
    inside = (d > 0.0) & (d < N)
    if inside.any():
        least = np.minimum(_LEAST * np.maximum(N[inside], 1.0), 0.5 * N[inside])
        out[inside] = value = _inside(kind, N[inside], np.maximum(d[inside], least))
        tiny = d[inside] < least
        if tiny.any():  # P is linear in d there
            d, least, at_least = d[inside][tiny], least[tiny], value[tiny]
            if kind == "log P":
                value[tiny] = at_least + (np.log(d) - np.log(least))
            else:
                share = d / least
                value[tiny] = at_least * share if kind == "P" else 1.0 - (1.0 - at_least) * share
            out[inside] = value
    return out


def _inside(kind: str, N: Array, d: Array) -> Array:
    """The value for 0 < d < N."""
    huge = N > _SCALED_N  # there E is linear in the scale, and all else is negligible
    factor = np.where(huge, 2.0**-600, 1.0)
    x, direct = _point(N * factor, d * factor)
    wanted = direct ^ (kind == "1 - P")  # whether the smaller side itself is asked for, and not its complement
    if kind == "log P":
        high, low, size = _smaller(x, np.ones_like(direct))
        size = np.where(huge, np.where(x.t == 0.0, 0.5, 1.0), size)
        high, low = high / factor, low / factor
        value = np.where(direct, 0.0, np.exp(high) * (1.0 + low) * size)
        return np.where(direct, high + (low + np.log(size)), np.log1p(-value))
    value = np.where(x.t == 0.0, 0.5, 0.0)
    live = ~huge & (
        x.t * x.s < np.where(wanted, 1520.0, 80.0)
    )  # elsewhere Chernoff's bound e**-(t s/2) is all there is
    if live.any():
        high, low, size = _smaller(x.at(live), wanted[live])
        value[live] = np.exp(high) * (1.0 + low) * size
    return np.where(wanted, value, 1.0 - value)


def wendel_probability(N: Any, d: Any) -> Any:
    """P(N, d), N > 0, d >= 0."""
    return _blockwise("P", N, d)


def wendel_complement(N: Any, d: Any) -> Any:
    """1 - P(N, d), without cancellation."""
    return _blockwise("1 - P", N, d)


def log_wendel_probability(N: Any, d: Any) -> Any:
    """log P(N, d); -inf at d = 0."""
    return _blockwise("log P", N, d)


# The separation window


def _excess(N: Array, goal: Array, logit: Array) -> Array:
    """sqrt(-log P(N, N lam)) - goal at lam = 1/(1 + e**logit), logit >= 0."""
    lam = 1.0 / (1.0 + np.exp(logit))
    small = logit < 1.0
    s, s_low = two_sum(1.0, -2.0 * lam)
    s, s_low = np.where(small, np.tanh(0.5 * logit), s), np.where(small, 0.0, s_low)
    x = _Point(N, N * (1.0 - lam), N * lam, N * s, s, s_low)
    high, low, factor = _smaller(x, np.ones(N.shape, dtype=bool))
    return np.asarray(np.sqrt(-high - (low + np.log(factor))) - goal)


def _window(N: Array, p: Array) -> Array:
    """The logit of lam at which P = p < 1/2: the Illinois method on sqrt(-log P), which is nearly linear in it."""
    goal = np.sqrt(-np.log(p))
    low, f_low = np.zeros_like(N), math.sqrt(math.log(2)) - goal
    high = 2.0 * np.arctanh(np.minimum(-ndtri(p) / np.sqrt(N), 0.9))
    f_high = np.full_like(N, -1.0)
    growth = 1.0 + 2.0**-10
    while (short := f_high < 0.0).any():
        high[short] *= growth
        f_high[short] = f = _excess(N[short], goal[short], high[short])
        low[short], f_low[short] = np.where(f < 0.0, high[short], low[short]), np.where(f < 0.0, f, f_low[short])
        growth = min(growth * growth, 2.0)
    out = np.empty_like(N)
    todo = np.arange(N.size)
    kept = np.zeros_like(N)  # the end that was kept at the last step: -1 low, 1 high
    point = high
    while todo.size:
        last, point = point, (low * f_high - high * f_low) / np.where(f_high == f_low, 1.0, f_high - f_low)
        point = np.where((point > low) & (point < high), point, 0.5 * (low + high))
        f = _excess(N, goal, point)
        below = f < 0.0
        f_high = np.where(below, np.where(kept == 1.0, 0.5 * f_high, f_high), f)
        f_low = np.where(below, f, np.where(kept == -1.0, 0.5 * f_low, f_low))
        low, high = np.where(below, point, low), np.where(below, high, point)
        kept = np.where(below, 1.0, -1.0)
        done = (f == 0.0) | (np.abs(point - last) <= 2.0**-52 * point) | (high - low <= 2.0**-51 * high)
        out[todo[done]] = point[done]
        on = ~done
        todo = todo[on]
        N, goal, low, high, f_low, f_high, kept, point = (
            column[on] for column in (N, goal, low, high, f_low, f_high, kept, point)
        )
    return out


def _polished(N: Array, p: Array, lam: Array) -> Array:
    """One Newton step for log P in log lam: a small lam is less accurate than its logit by a factor of |log lam|."""
    value, beside = _block("P", N, N * lam), _block("P", N, N * (lam * (1.0 + 2.0**-10)))
    with np.errstate(divide="ignore", invalid="ignore"):
        step = (p - value) / (value * np.log(beside / value) * 2.0**10)
    return np.asarray(np.where(np.abs(step) < 2.0**-20, lam * (1.0 + step), lam))


def separation_window(N: Any, p: Any) -> Any:
    """The lam at which P(N, lam N) = p, N > 0, 0 < p < 1."""
    shape = np.broadcast_shapes(np.shape(N), np.shape(p))
    N, p = (np.ascontiguousarray(column).ravel() for column in np.broadcast_arrays(N, p))
    N = np.clip(N, 1 / _SCALED_N, _SCALED_N)  # where the limits, p and 1/2, are reached
    out = np.full(N.shape, 0.5)
    with np.errstate(under="ignore", over="ignore"):
        for start in range(0, out.size, _BLOCK):
            part = np.arange(start, min(start + _BLOCK, out.size))
            part = part[p[part] != 0.5]
            if part.size:
                upper = p[part] > 0.5
                logit = _window(N[part], np.where(upper, 1.0 - p[part], p[part]))
                out[part] = 1.0 / (1.0 + np.exp(np.where(upper, -logit, logit)))
                part = part[out[part] < 0.01]
                out[part] = _polished(N[part], p[part], out[part])
    return out.reshape(shape)
