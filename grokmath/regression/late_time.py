"""The paper's closed forms for the times at which the losses reach a threshold L*, and the uniform form beside them.

With s = 4 eta t, a = (1 - sqrt lam)^2 and C = 1/(2 sqrt(pi) lam^(3/4)), the late-time losses (regression paper, eq.
(10)) are L_tr ~ C e^(-a s) s^(-3/2) and, for lam < 1, L_gen ~ L_tr / a. Solved for L = L*:

- Lambert form, (23)-(24):  s_tr = (3/(2a)) W((2/3) a (C/L*)^(2/3)),  s_gen = (3/(2a)) W((2/3) a (C/(a L*))^(2/3));
- leading form, (11):       s_gen - s_tr ~ -2 log(1 - sqrt lam)/a, whatever L*;
- uniform form, any lam:    L_gen - (1 - 1/lam)^+ ~ C s^(-1/2) E_{3/2}(a s) with the exponential integral E_{3/2}.
  At lam = 1 it gives s_gen = 1/(pi L*^2). It drops a term -3/(16 sqrt(lam) s), and nothing of order 1/(a s), which is
  what makes (24) and (11) poor; t_tr is taken from (23).
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from flint import arb

from grokmath.certified import Scaled
from grokmath.exact import Exact, ball, sign
from grokmath.functions.lambert import lambert_w_ball


def edge_ball(lam: Exact) -> arb:
    """sqrt(a) = |1 - sqrt lam| without cancellation."""
    return abs(ball(1 - lam)) / (1 + ball(lam).sqrt())


def prefactor_ball(lam: Exact) -> arb:
    """C = 1/(2 sqrt(pi) lam^(3/4))."""
    root = ball(lam).sqrt()
    return 1 / (2 * (arb.pi() * root).sqrt() * root)


def lambert_train_ball(lam: Exact, threshold: arb) -> arb:
    """s_tr of (23); at lam = 1 its limit (C/L*)^(2/3)."""
    scale = (prefactor_ball(lam) / threshold) ** (arb(2) / 3)
    if lam == 1:
        return scale
    a = edge_ball(lam) ** 2
    return 3 * lambert_w_ball(2 * a * scale / 3, 0) / (2 * a)


def lambert_gen_ball(lam: Exact, threshold: arb) -> arb:
    """s_gen of (24), for lam < 1."""
    a = edge_ball(lam) ** 2
    scale = (prefactor_ball(lam) / (a * threshold)) ** (arb(2) / 3)
    return 3 * lambert_w_ball(2 * a * scale / 3, 0) / (2 * a)


def leading_ball(lam: Exact) -> arb:
    """s_gen - s_tr of (11), for lam < 1."""
    edge = edge_ball(lam)
    return -2 * edge.log() / edge**2


def uniform_excess_ball(s: arb, lam: Exact) -> Scaled:
    """C s^(-1/2) E_{3/2}(a s), the uniform late-time form of L_gen - (1 - 1/lam)^+."""
    if lam == 1:
        return Scaled(arb(0), 2 * prefactor_ball(lam) / s.sqrt())
    z = edge_ball(lam) ** 2 * s
    return Scaled(-z, prefactor_ball(lam) / s.sqrt() * z.exp() * z.expint(arb(3) / 2))


class LateTimeGuess:
    """Starting points, in double precision and in logarithms, for the certified roots: no digit depends on them."""

    def __init__(self, lam: Exact) -> None:
        self.dual = lam > 1  # L_gen - (1 - 1/lam) at (s, lam) is (1/lam) L_gen at (lam s, 1/lam)
        self.lam = 1 / lam if self.dual else lam
        self.stretch = lam if self.dual else Fraction(1)
        self.log_lam = _log(self.lam)
        self.log_edge = 2 * _log(1 - self.lam) - 2 * math.log1p(math.exp(self.log_lam / 2)) if self.lam != 1 else None
        self.log_prefactor = -math.log(2 * math.sqrt(math.pi)) - 0.75 * self.log_lam

    def train(self, log_threshold: float) -> tuple[arb, arb]:
        """A point near L_tr = L* and the slope of log L_tr there."""
        surplus = self.log_prefactor - log_threshold
        u = self._solve(lambda z: (surplus, -1.5, 0.0, 0.0), surplus / 1.5, surplus)
        return self._point(u, 1.5, log_threshold, math.exp(self.log_lam) + 1)

    def gen(self, log_threshold: float) -> tuple[arb, arb]:
        """A point near L_gen - (1 - 1/lam)^+ = L*, and the slope of its logarithm there."""
        log_threshold += _log(self.stretch)
        surplus = self.log_prefactor - log_threshold

        def model(z: float) -> tuple[float, float, float, float]:  # e^z E_{3/2}(z) ~ 1/(z + 1/2 + z/(z + 3/2))
            width = z + 0.5 + z / (z + 1.5)
            return surplus, -0.5, -math.log(width), -z * (1 + 1.5 / (z + 1.5) ** 2) / width

        ceiling = surplus - self.log_edge if self.log_edge is not None else surplus
        u = self._solve(model, 2 * (surplus + math.log(2)), ceiling)
        return self._point(u, 0.5, log_threshold, 1.0)

    def _solve(self, model: Any, algebraic: float, exponential: float) -> float:
        """log s of surplus + power log s - a s + log g(a s) = 0 by Newton's method from the right."""
        u = algebraic
        if self.log_edge is not None:
            u = min(u, math.log(max(exponential, 0.5)) - self.log_edge)
        for _ in range(40):
            z = math.exp(min(u + self.log_edge, 700.0)) if self.log_edge is not None else 0.0
            surplus, power, log_g, slope_g = model(z)
            step = (surplus + power * u - z + log_g) / (power - z + slope_g)
            u -= max(-5.0, min(5.0, step))
            if abs(step) < 1e-10:
                break
        return u

    def _point(self, u: float, power: float, log_threshold: float, rate: float) -> tuple[arb, arb]:
        stretch = ball(self.stretch)
        if u + self.log_lam / 2 < math.log(1.5):  # sqrt(lam) s is small: the spectrum is narrow around 1
            s = arb(max(-log_threshold, 1e-300)) / arb(rate)
            return s / stretch, -arb(rate) * stretch
        s = arb(u).exp()
        edge = arb(self.log_edge).exp() if self.log_edge is not None else arb(0)
        return s / stretch, -(edge + arb(power) / s) * stretch


def _log(x: Exact) -> float:
    """log |x| of an exact number of any size, as a float."""
    value = abs(ball(x)).log() if sign(x) else arb(0)
    return float(value)
