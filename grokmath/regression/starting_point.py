"""Starting points for the certified times, in plain Python floats: they save evaluations, and no digit depends on them.

A late-time model in logarithms gives the first two digits at any size of the parameters; where the numbers fit into
doubles, Newton steps on the losses themselves give a dozen more.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from flint import arb

from grokmath.exact import Exact, ball, sign
from grokmath.roots import Start

_SMALL_X = 30.0
_STEPS = 8


class StartingPoints:
    """Points near the times at which the losses reach a threshold, with the slopes of their logarithms there.

    For lam > 1 the dual problem is solved: L_gen - (1 - 1/lam) at (s, lam) is L_gen at (lam s, 1/lam) over lam, and
    L_tr is the same function of lam s.
    """

    def __init__(self, lam: Exact) -> None:
        self._stretch = lam if lam > 1 else Fraction(1)
        lam = 1 / lam if lam > 1 else lam
        self._lam = float(lam)
        self._log_lam = _log(lam)
        self._log_edge = 2 * (_log(1 - lam) - math.log1p(math.exp(self._log_lam / 2))) if lam != 1 else None
        self._edge = math.exp(self._log_edge) if self._log_edge is not None else 0.0
        self._log_prefactor = -math.log(2 * math.sqrt(math.pi)) - 0.75 * self._log_lam

    def train(self, log_threshold: float) -> Start:
        """A point near L_tr = L*, given log L*, and the slope of log L_tr."""
        surplus = self._log_prefactor - log_threshold
        u = self._late_time(surplus, -1.5, lambda z: (0.0, 0.0), surplus / 1.5, surplus)
        return self._polished(u, 1.5, log_threshold, 1 + self._lam, 1)

    def gen(self, log_threshold: float) -> Start:
        """A point near L_gen - (1 - 1/lam)^+ = L*, given log L*, and the slope of the logarithm of the left side."""
        log_threshold += _log(self._stretch)
        surplus = self._log_prefactor - log_threshold
        ceiling = surplus - self._log_edge if self._log_edge is not None else surplus
        u = self._late_time(surplus, -0.5, _log_scaled_e32, 2 * (surplus + math.log(2)), ceiling)
        return self._polished(u, 0.5, log_threshold, 1.0, 0)

    def _late_time(
        self,
        surplus: float,
        power: float,
        log_g: Callable[[float], tuple[float, float]],
        algebraic: float,
        exponential: float,
    ) -> float:
        """log s from surplus + power log s - a s + log g(a s) = 0, by Newton's method from the right."""
        u = algebraic
        if self._log_edge is not None:
            u = min(u, math.log(max(exponential, 0.5)) - self._log_edge)
        for _ in range(40):
            z = math.exp(min(u + self._log_edge, 700.0)) if self._log_edge is not None else 0.0
            value, slope = log_g(z)
            step = (surplus + power * u - z + value) / (power - z + slope)
            u -= max(-5.0, min(5.0, step))
            if abs(step) < 1e-3:
                break
        return u

    def _polished(self, u: float, power: float, log_threshold: float, rate: float, which: int) -> Start:
        """Newton steps on the loss itself where it is a double; else the point of the late-time model."""
        narrow = u + self._log_lam / 2 < math.log(1.5)  # sqrt(lam) s is small: the spectrum is narrow around 1
        s = -log_threshold / rate if narrow else math.exp(min(max(u, -700.0), 700.0))
        slope = -rate if narrow else -(self._edge + power / s)
        stretch = ball(self._stretch)
        if not 1e-6 < s < 1e100 or self._lam < 1e-100:
            point = arb(max(s, 1e-300)) if narrow else arb(u).exp()
            edge = arb(self._log_edge).exp() if self._log_edge is not None else arb(0)
            return Start(point / stretch, (arb(-rate) if narrow else -(edge + arb(power) / point)) * stretch)
        near = 0
        for _ in range(_STEPS):
            values, slopes = log_losses(s, self._lam, self._edge)
            slope = slopes[which]
            step = (values[which] - log_threshold) / slope
            s = s - step if step < 0.9 * s else s / 10
            if abs(step) < 1e-7 * s:  # the next step would be at rounding level
                near = 40
                break
        return Start(arb(s) / stretch, arb(slope) * stretch, near)


def log_losses(s: float, lam: float, edge: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """log L_gen and log L_tr for lam <= 1, to about 1e-14, and their slopes in s (that of L_tr from Bessel ratios).

    A backward recurrence for I_k(x) for x = 2 sqrt(lam) s < 30, the uniform expansion in exponential integrals beyond.
    """
    root = math.sqrt(lam)
    x, z = 2 * root * s, edge * s
    if x < _SMALL_X:
        i0, i1, total = _bessel_sums(x, root)
        gen, train = total / (lam * s), 2 * i1 / x
        curvature = 1 + lam + 2 / s - 2 * root * i0 / i1
    else:
        gen, train, ratio = _uniform_sums(x, z)
        gen /= math.sqrt(2 * math.pi * x) * root
        train /= math.sqrt(2 * math.pi * x) * root * s
        curvature = edge + ratio / s
    return (math.log(gen) - z, math.log(train) - z), (-train / gen, -curvature)


def _bessel_sums(x: float, root: float) -> tuple[float, float, float]:
    """e^{-x} times I_0(x), I_1(x) and sum_k k lam^{k/2} I_k(x)."""
    k = int(18 + 9 * math.sqrt(x))
    above, here, weighted, rest, two = 0.0, 1.0, 0.0, 0.0, 2 / x
    while k:
        product = k * two * here
        weighted = (weighted + product) * root
        rest += here
        above, here = here, above + product
        k -= 1
    norm = here + 2 * rest
    return here / norm, above / norm, weighted * x / (2 * norm)


def _uniform_sums(x: float, z: float) -> tuple[float, float, float]:
    """sqrt(2 pi x) e^z times the tail sum and L_tr, scaled by s^0 and s^1, and -s (log(L_tr e^z))'."""
    terms = [1.0]
    for k in range(10):
        ratio = (2 * k - 1) * (2 * k + 3) / (8 * (k + 1) * x)
        terms.append(terms[-1] * ratio)
    integrals = _scaled_integrals(z, len(terms))
    gen = sum(t * e for t, e in zip(terms, integrals, strict=True))
    train = sum(terms)
    slope = sum((k + 1.5) * t for k, t in enumerate(terms)) / train
    return gen, train, slope


def _scaled_integrals(z: float, n: int) -> list[float]:
    """e^z E_{k+3/2}(z) for k < n: by recurrence, upward from k = 0 or downward from a continued fraction."""
    values = [0.0] * n
    if z < 6:
        root = math.sqrt(z)
        values[0] = 2 * (1 - math.sqrt(math.pi) * root * math.exp(z) * math.erfc(root))
        for k in range(n - 1):
            values[k + 1] = (1 - z * values[k]) / (k + 1.5)
        return values
    p, tail = n + 0.5, 0.0
    for j in range(60, 0, -1):  # 1/(z + p - 1 p/(z + p + 2 - 2 (p + 1)/(...)))
        tail = j * (p + j - 1) / (z + p + 2 * j - tail)
    values[-1] = 1 / (z + p - tail)
    for k in range(n - 2, -1, -1):
        values[k] = (1 - (k + 1.5) * values[k + 1]) / z
    return values


def _log_scaled_e32(z: float) -> tuple[float, float]:
    """log of 1/(z + 1/2 + z/(z + 3/2)), near e^z E_{3/2}(z), and its derivative in log z."""
    width = z + 0.5 + z / (z + 1.5)
    return -math.log(width), -z * (1 + 1.5 / (z + 1.5) ** 2) / width


def _log(x: Exact) -> float:
    """log |x| of an exact number of any size."""
    return float(abs(ball(x)).log()) if sign(x) else 0.0
