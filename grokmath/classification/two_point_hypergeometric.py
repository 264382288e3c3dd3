"""The dwell of the two-point model by Gauss's hypergeometric function, where its parameters are moderate.

From S to S0, with k, rate, eta, E as in ``two_point_dwell``, q = rate/p and Q(k) = (1 - eta exp(-p k))/(1 - eta),

    zeta D = int_0^K exp(-rate k) Q(k)**-E dk = F(eta) - exp(-rate K) Q(K)**-E F(eta exp(-p K)),
    F(eta) = (1 - eta) 2F1(1, 1 + q - E; 1 + q; eta)/rate = 2F1(1, E; 1 + q; eta/(eta - 1))/rate.

The first form is taken for a > 0, where 0 < eta < 1, the second for a < 0, where eta < 0. Arb encloses the functions.
It is asked only for rational parameters that are small and not near (though they may be in) a case of coinciding
exponents, and where the difference of the two parts loses at most a bit; elsewhere quadrature is as fast.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from flint import arb, ctx

from grokmath.exact import binary_exponent, working_precision

if TYPE_CHECKING:
    from grokmath.classification.two_point_certified import FlowBalls

__all__ = ["Hypergeometric"]

_LARGEST = 40
_NEAR = Fraction(1, 10**9)
_SMALLEST_W = 2.0**-40
"""Beyond, the bits that are lost would cost more than the series or the panels."""
_SMALLEST_LOSS = -0.7
"""log of exp(-rate K) Q(K)**-E at most: below, the two parts differ by a factor of about two."""


class _Parameters(NamedTuple):
    """rate, E, and 2F1(1, b; c; .) with the differences that are integers."""

    rate: Fraction
    power: Fraction
    b: Fraction
    c: Fraction
    integers: dict[str, bool]
    lost: int
    """Bits that Arb loses where differences are near integers."""


class Hypergeometric:
    """The dwell of one flow for V on one side of S*; ``parameters`` is None where quadrature is better."""

    def __init__(self, balls: FlowBalls, conformal: bool) -> None:
        self.balls = balls
        a, s = balls.flow.a, balls.flow.s
        self.parameters = None
        if isinstance(a, Fraction) and isinstance(s, Fraction) and a not in (0, -1) and not balls.zeta0.contains(0):
            self.above = a > 0 and bool(balls.zeta0 < 0)
            self.parameters = _parameters(a, Fraction(0) if conformal else s, self.above)

    def value(self, v: arb) -> arb | None:
        """D(V), V > 0; None where quadrature is better."""
        found = self.parameters
        if found is None:
            return None
        # near S*, and late in the separable case, the argument is near 1 and loses bits
        w = self.balls.w(v) if self.balls.flow.a > 0 else 1 / self.balls.w(v)
        if not abs(w) > _SMALLEST_W:
            return None
        lost = found.lost + max(0, -binary_exponent(w))
        bits = ctx.prec
        with working_precision(bits + lost + 8):
            total = self._value(self.balls.flow.balls(), found, v)
        return None if total is None or total.rel_accuracy_bits() < bits // 2 else total

    def _value(self, balls: FlowBalls, found: _Parameters, v: arb) -> arb | None:
        a, state = balls.a, balls.state(v)
        rate, power = _ball(found.rate), _ball(found.power)
        whole = abs(state.gain)
        ratio = balls.w0 / state.w
        if self.above:
            ratio *= (-balls.p * whole).exp()
        log_end = -rate * whole - power * ratio.log()
        if not log_end < _SMALLEST_LOSS:
            return None
        zeta = state.w * balls.x(v)
        total = self._part(found, a, rate, balls.x(v), zeta)
        if log_end > -math.log(2) * (ctx.prec + 8):
            total -= log_end.exp() * self._part(found, a, rate, balls.x0, balls.zeta0)
        else:  # what is left out is positive, and at most exp(log_end)/least by lemmas 2 (ii) and 6
            least = rate if balls.flow.a > 0 else rate.min((rate - 1 + a * a) / -a)
            total -= log_end.exp() / least * arb(0.5, 0.5)
        return arb(total / abs(zeta))

    def _part(self, found: _Parameters, a: arb, rate: arb, x: arb, zeta: arb) -> arb:
        b, c = _ball(found.b), _ball(found.c)
        if self.balls.flow.a < 0:
            return arb((-a / zeta).hypgeom_2f1(arb(1), b, c, **found.integers) / rate)
        eta, left = (x / a, -zeta / a) if self.above else (a / x, zeta / x)
        return arb(left * eta.hypgeom_2f1(arb(1), b, c, **found.integers) / rate)


def _parameters(a: Fraction, s: Fraction, above: bool) -> _Parameters | None:
    p = 1 + a
    rate = (s + a * a) / a if above else 1 + s
    power, c = 1 + s / a, 1 + rate / p
    b = power if a < 0 else c - power
    if not (c <= _LARGEST and abs(b) <= c):
        return None
    integers, lost = {}, 0
    for name, difference in (("ab", 1 - b), ("ac", 1 - c), ("bc", b - c), ("abc", c - 1 - b)):
        away = abs(difference - round(difference))
        if 0 < away < _NEAR:
            return None
        integers[name] = away == 0
        lost = max(lost, -math.frexp(away)[1] if away else 0)
    return _Parameters(rate, power, b, c, integers, lost)


def _ball(x: Fraction) -> arb:
    return arb(x.numerator) / x.denominator
