"""The Marcum functions in double precision, vectorised.

Definition and domain: :mod:`grokmath.functions.marcum`; m > 0, a >= 0, b >= 0 finite, exact as the doubles they are.

Method. The smaller one of Q and P is computed as e^(-E) H with E in double-double
(:mod:`grokmath.functions.marcum_exponent_float64`), the other as its complement. With X = a^2/2, Y = b^2/2,
A = sqrt(m^2 + a^2 b^2):

1. A >= 30: the rule of the certified kernel (docs/proofs/marcum.md, section 2) in the variable v with
   2 A sin(theta/2)^2 = v^2, whose weights e^(-v^2) are constants: 13 to 15 midpoint nodes of step 0.41 to 0.47, and
   the pole at s0 e^(i theta) = 1 in closed form where it lies in the strip. The branch cut of a real order is below
   e^(-60).
2. A < 30, Q the smaller, Y >= 0.8: Q = e^(-X-Y) Y^(m-1)/Gamma(m) sum_j (X Y)^j/(j! (m)_j) w_(m+j), where
   w_p = Y^(1-p) e^Y Gamma(p, Y) comes upward by w_(p+1) = 1 + (p/Y) w_p from its continued fraction at 0 < p <= 1.
3. A < 30, Q the smaller, Y < 0.8: Q = e^(-X) sum_j X^j/j! Q(m + j, Y), with Q(m, Y) = 1 - Y^m/Gamma(1 + m) (1 - ...)
   arranged without cancellation as m tends to 0.
4. A < 30, P the smaller: P = e^(-X-Y) Y^m/Gamma(m + 1) sum_j (X Y)^j/(j! (m+1)_j) M_(m+j), downward with
   M_p = 1 + Y/(p + 1) M_(p+1).

All terms of 2, 3 and 4 are positive.

Accuracy: measured, not proved, at 144,000 random points over m from 0.01 to 1e4 and a, b from 1e-6 to 1e4, for values
in [1e-300, 1]: relative error at most 1.9e-15 in Q and P and 2.5e-15 in their logarithms (these also far below 1e-300).
The worst region is A just below 30 about the middle of the distribution, such as m = 0.5, a = 5.2, b = 5.4; the median
error is 1e-16. The tests hold every function to 5e-15, at orders from 1e-10 to 1e12 as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from grokmath.functions import marcum_exponent_float64 as exponents
from grokmath.functions.double_double import two_prod

__all__ = ["log_marcum_p", "log_marcum_q", "marcum_p", "marcum_q"]

Array = Any
_Parts = tuple[Array, Array, Array, Array]
"""Whether the side computed is Q, E high, E low, H."""
_Method = Callable[[Array, Array, Array], _Parts]

_CHUNK = 8192
_TILE = 512
_SWITCH = 30.0
_SMALL = 0.8
_EULER = 0.5772156649015329

# (largest A, step, nodes, terms of the phase's series)
_BANDS = (
    (60.0, 0.41, 15, 18),
    (150.0, 0.42, 15, 11),
    (1e3, 0.44, 14, 8),
    (1e5, 0.46, 14, 5),
    (np.inf, 0.47, 13, 3),
)
# theta - sin(theta) = y^3 sum of _PHASE[k] y^(2k), y = sin(theta/2)
_PHASE = [4 * math.comb(2 * k, k) / 4**k / (2 * k + 3) for k in range(18)]


# 1. The saddle circle


def _saddle(band: int) -> _Method:
    """The method for A below the limit of the band; it gives (E high, E low, H) of the side with the sign of log s0."""
    _, step, nodes, terms = _BANDS[band]

    def method(m: Array, a: Array, b: Array) -> _Parts:
        E, t, A = exponents.saddle_exponent(m, a, b)
        return t < 0, *E, _circle(m, A, t, E[0], step, nodes, terms)

    return method


def _circle(m: Array, A: Array, t: Array, E: Array, step: float, nodes: int, terms: int) -> Array:
    """H by the midpoint rule in v; t = log s0."""
    H = np.empty_like(m)
    v = (np.arange(nodes) + 0.5)[:, None] * step
    weight = np.exp(-v * v) * (step / np.pi)
    for start in range(0, m.size, _TILE):
        part = slice(start, start + _TILE)
        H[part] = _circle_tile(m[part], A[part], t[part], v, weight, terms)
    # The pole lies at v = i reach; its residue counts below the line on which |integrand| e^(-2 pi Im v/step) is least.
    half = 0.5 * np.clip(t, -5.0, 5.0)
    reach = np.sqrt(2 * A) * np.abs(np.sinh(half))
    inside = np.flatnonzero(reach * np.maximum(0.9, 1 - m / A * np.tanh(half)) < np.pi / step)
    H[inside] += np.exp(E[inside]) / (1 + np.exp(2 * np.pi / step * reach[inside]))
    return H


def _circle_tile(m: Array, A: Array, t: Array, v: Array, weight: Array, terms: int) -> Array:
    """The sum over the nodes, one row each."""
    inverse = 0.5 / A
    y2 = (v * v) * inverse
    y = v * np.sqrt(inverse)
    half_cosine = np.sqrt(1 - y2)
    phase = np.full_like(y2, 0.5 * _PHASE[terms - 1])
    for k in range(terms - 2, -1, -1):
        phase *= y2
        phase += 0.5 * _PHASE[k]
    phase *= y2
    phase *= y * m
    tangent = np.tan(phase)  # of half the phase: one tangent costs less than a sine and a cosine
    square = tangent * tangent
    tau = np.abs(t)
    u, gap = np.exp(-tau), -np.expm1(-tau)
    on_q = t < 0
    sign = np.where(on_q, 1.0, -u)
    y2 *= 2
    numerator = (gap - y2 * sign) * (1 - square)
    y *= half_cosine
    y *= tangent
    y *= 4 * sign
    numerator += y
    y2 *= 2 * u
    y2 += gap * gap
    y2 *= half_cosine
    square += 1
    y2 *= square
    numerator /= y2
    numerator *= weight
    return numerator.sum(axis=0) * (np.where(on_q, u, 1.0) * np.sqrt(2 / A))


# 2 to 4. The Poisson mixture


def _rounded_product(m: Array, a: Array, b: Array) -> tuple[Array, Array, Array]:
    """X Y, an m' such that m' + j is exact for the j that count, and the correction of a mixture's sum for both.

    A sum over (X Y)^j/(j! (m+1)_j) whose mean index is k = (A - m)/2 changes by k times the relative error of X Y, and
    by log((m + k + 1/2)/(m + 1/2)) times the change of m, about.
    """
    high, low = two_prod(0.5 * a, b)
    XY, error = two_prod(high, high)
    relative = np.where(XY > 1e-200, (error + 2 * high * low) / np.maximum(XY, 1e-200), 0.0)
    k = XY / (0.5 * m + np.sqrt(0.25 * m * m + XY))
    above = m + 2 * k + 8
    grid = (m + above) - above
    return XY, grid, 1 + (k * relative - (m - grid) * np.log1p(k / (m + 0.5)))


def _mixture_p(m: Array, a: Array, b: Array) -> _Parts:
    """P downward."""
    E, C = exponents.mixture_exponent(m, a, b)
    XY, grid, correction = _rounded_product(m, a, b)
    Y = 0.5 * b * b
    n = int(16 + 2.0 * np.sqrt(XY.max()) + 1.1 * Y.max())
    extra = int(4 + Y.max() / 2)
    H = _downward(XY.item(), grid.item(), Y.item(), n, extra) if m.size == 1 else _downward(XY, grid, Y, n, extra)
    return np.False_, *E, H * (correction * C)


def _downward(XY: Any, m: Any, Y: Any, n: int, extra: int) -> Any:
    """sum_j (X Y)^j/(j! (m+1)_j) M_(m+j), for arrays or floats (with which a single point is faster)."""
    M = 1.0 + 0.0 * Y
    for j in range(n + extra, n, -1):
        M *= Y
        M /= m + j
        M += 1
    H = 1.0 * M
    for j in range(n, 0, -1):
        p = m + j
        M *= Y
        M /= p
        M += 1
        p *= j
        H *= XY
        H /= p
        H += M
    return H


def _fraction(f: Any, inverse: Any, levels: int) -> Any:
    """w_f = Y^(1-f) e^Y Gamma(f, Y) for 0 < f <= 1 by its continued fraction in 1/Y, all terms positive."""
    x = 1.0 + 0.0 * f
    for k in range(levels, 0, -1):
        x = inverse / x
        x *= k
        x += 1
        x = (k - f) * inverse / x
        x += 1
    return 1 / x


def _mixture_q(m: Array, a: Array, b: Array) -> _Parts:
    """Q upward, for Y >= 0.8."""
    E, C = exponents.mixture_exponent(m, a, b)
    XY, grid, correction = _rounded_product(m, a, b)
    Y = 0.5 * b * b
    X = float((0.5 * a * a).max())
    n = int(18 + max(2.0 * np.sqrt(XY.max()), X + 8 * np.sqrt(X)))
    inverse = 1 / Y
    steps = np.ceil(m) - 1
    f = m - steps
    levels = 0 if (f == 1).all() else next(count for least, count in _LEVELS if least <= Y.min())
    if m.size == 1:
        w = _ladder(f.item(), inverse.item(), steps.item(), levels)
        total = _upward(XY.item(), m.item(), grid.item(), inverse.item(), w, n)
    else:
        total = _upward(XY, m, grid, inverse, _ladder(f, inverse, steps, levels), n)
    return np.True_, *E, total * (m * inverse) * (correction * C)


def _ladder(f: Any, inverse: Any, steps: Any, levels: int) -> Any:
    """w_m, m = f + steps, upward from w_f."""
    w = _fraction(f, inverse, levels)
    if isinstance(steps, float):
        for k in range(int(steps)):
            w = 1 + (f + k) * inverse * w
        return w
    for k in range(int(steps.max())):
        w = np.where(k < steps, 1 + (f + k) * inverse * w, w)
    return w


def _upward(XY: Any, m: Any, grid: Any, inverse: Any, w: Any, n: int) -> Any:
    """sum_j (X Y)^j/(j! (m)_j) w_(m+j), for arrays or floats."""
    total, c = 1.0 * w, 1.0 + 0.0 * m
    for j in range(n):
        q = grid + j if j else 1.0 * m
        w *= q
        w *= inverse
        w += 1
        q *= j + 1
        c *= XY
        c /= q
        total += c * w
    return total


def _log_gamma_ratio(m: Array) -> Array:
    """log(Gamma(1 + m))/m for 0 < m <= 1, by DLMF 5.7.3."""
    total = np.zeros_like(m)
    for k in range(len(_ZETA1) + 1, 1, -1):
        total = _ZETA1[k - 2] / k - total * m
    return (1 - _EULER) - np.log1p(m) / m + m * total


def _zeta_minus_one(k: float) -> float:
    """zeta(k) - 1 by direct summation and Euler and Maclaurin's tail."""
    n = 60.0
    series = 1 / (k - 1) + 0.5 / n + k / (12 * n**2) - k * (k + 1) * (k + 2) / (720 * n**4)
    series += k * (k + 1) * (k + 2) * (k + 3) * (k + 4) / (30240 * n**6)
    return float(series * n ** (1 - k) + sum(j**-k for j in range(59, 1, -1)))


_ZETA1 = [_zeta_minus_one(float(_k)) for _k in range(2, 60)]


def _mixture_q_small(m: Array, a: Array, b: Array) -> _Parts:
    """Q itself for Y < 0.8, where m < 2 on this side."""
    X, Y = 0.5 * a * a, 0.5 * b * b
    f = np.where(m > 1, m - 1, m)
    alpha = f * (2 * np.log(b) - np.log(2.0) - _log_gamma_ratio(f))
    tail = np.zeros_like(f)
    for k in range(18, 0, -1):  # sum over k >= 1 of (-1)^(k-1) Y^k/(k! (f + k))
        tail = Y / k * (1 / (f + k) - tail)
    power = np.exp(alpha)
    q = -np.expm1(alpha) + power * f * tail
    delta = power * np.exp(-Y)
    q = np.where(m > 1, q + delta, q)
    delta = np.where(m > 1, delta * Y / m, delta)
    x, total = np.exp(-X), np.zeros_like(m)
    for j in range(int(24 + 3 * X.max())):
        total += x * q
        q = q + delta
        delta = delta * Y / (m + j + 1)
        x = x * X / (j + 1)
    return np.True_, np.zeros_like(m), np.zeros_like(m), total


def _q_is_smaller(m: Array, X: Array, Y: Array, b: Array) -> Array:
    """Whether Y lies beyond the median of Gamma(m + N), N Poisson(X), about: from P = e^(-X) Y^m, or from the mean."""
    mean = m + X
    atom = (m < 1) & (X < 0.7) & (m * (2 * np.log(b) - np.log(2.0)) > X - 0.7)
    low = np.maximum(mean, 1e-3)
    median = np.where(mean < 1.5, low * np.exp2(-1 / low), np.where(mean < 2, mean - 1 / 3, mean))
    return atom | (median < Y)


# The choice of the method: regions in the order of _METHODS, so that the elements of one call need like work

_LEVELS = ((50.0, 5), (12.0, 12), (4.0, 26), (1.5, 66), (0.0, 120))
_P_WORK = (10.0, 30.0)
_METHODS: tuple[_Method, ...] = (
    *(_saddle(band) for band in range(len(_BANDS))),
    *(_mixture_p for _ in range(len(_P_WORK) + 1)),
    *(_mixture_q for _ in _LEVELS),
    _mixture_q_small,
)


def _region(m: Array, a: Array, b: Array) -> Array:
    """The index into _METHODS of each element."""
    ab, Y = a * b, 0.5 * b * b
    A = np.hypot(m, ab)
    region = np.searchsorted([upper for upper, *_ in _BANDS[:-1]], A, side="right")
    small = np.flatnonzero(A < _SWITCH)
    if small.size:
        m, a, b, ab, Y = m[small], a[small], b[small], ab[small], Y[small]
        on_q = _q_is_smaller(m, 0.5 * a * a, Y, b)
        on_p = len(_BANDS) + np.searchsorted(_P_WORK, ab + 1.1 * Y, side="right")
        level = np.searchsorted([least for least, _ in _LEVELS[-2::-1]], Y, side="right")
        first_q = len(_BANDS) + len(_P_WORK) + 1
        region[small] = np.where(on_q, np.where(Y < _SMALL, len(_METHODS) - 1, first_q + level), on_p)
    return region


def _smaller(m: Array, a: Array, b: Array) -> _Parts:
    """The parts of the smaller side, about, at every element, b > 0."""
    on_q = np.empty(m.shape, dtype=bool)
    parts = np.empty((3, m.size))
    region = _region(m, a, b).astype(np.int8)
    for index, method in enumerate(_METHODS):
        members = np.flatnonzero(region == index)
        for start in range(0, members.size, _CHUNK):
            at = members[start : start + _CHUNK]
            on_q[at], *parts[:, at] = method(m[at], a[at], b[at])
    return on_q, *parts


# The four functions


def _value(high: Array, low: Array, H: Array) -> Array:
    """e^(-high - low) H, where e^(-high) alone may underflow."""
    factor = H * (1 - low)
    half = np.exp(-0.5 * high)
    return np.where(high < 600, np.exp(-high) * factor, half * (half * factor))


def _evaluate(m: Any, a: Any, b: Any, want_q: bool, log: bool) -> Any:
    m, a, b = np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in (m, a, b)))
    shape = m.shape
    m, a, b = (x.ravel() for x in (m, a, b))
    with np.errstate(all="ignore"):
        zero = b == 0
        is_q, high, low, H = _smaller(m, a, np.where(zero, 1.0, b))
        direct = is_q == want_q
        result = value = _value(high, low, H)
        if log:
            logarithm = np.where(value > 1e-290, np.log(value), np.log(np.maximum(H, 1e-320)) - low - high)
            result = np.where(direct, logarithm, np.log1p(-value))
        else:
            result = np.where(direct, value, 1 - value)
    result[zero] = (0.0 if log else 1.0) if want_q else (-np.inf if log else 0.0)
    result += 0.0  # no negative zeros
    return result.reshape(shape) if shape else float(result[0])


def marcum_q(m: Any, a: Any, b: Any) -> Any:
    """Q_m(a, b); a float for scalars, else an array of the broadcast shape. Underflows to 0 below 5e-324."""
    return _evaluate(m, a, b, True, False)


def marcum_p(m: Any, a: Any, b: Any) -> Any:
    """P_m(a, b) = 1 - Q_m(a, b); 0 at b = 0."""
    return _evaluate(m, a, b, False, False)


def log_marcum_q(m: Any, a: Any, b: Any) -> Any:
    """log Q_m(a, b); it does not underflow."""
    return _evaluate(m, a, b, True, True)


def log_marcum_p(m: Any, a: Any, b: Any) -> Any:
    """log P_m(a, b); -inf at b = 0."""
    return _evaluate(m, a, b, False, True)
