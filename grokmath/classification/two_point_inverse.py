"""The pull V at a given time or conformal time of the two-point model, certified.

log t(V) increases strictly with slope 1/D(V), so a change of sign of log t(V) - log t between m - r and m + r encloses
the pull. A start in double precision gives m; around it V is a solution of the polynomial system

    dV/dl = D,   dD/dl = D (1 - g' D),   dx/dl = -p x (x - a) D,   g' = s + a**2 + (s - a) x,   l = log t,

whose Taylor polynomial with Lagrange's remainder, taken over the interval that was proved, gives all further digits
from one evaluation of D (Lemma 8 of docs/proofs/two_point.md).
"""

from __future__ import annotations

import math
from collections.abc import Callable

from flint import arb, ctx

from grokmath.classification.two_point_certified import Flow, FlowBalls
from grokmath.classification.two_point_start import start
from grokmath.exact import binary_exponent, working_precision
from grokmath.parameters import PrecisionError

__all__ = ["PullAt"]

_ORDER = 8
_START_BITS = 36
_FIRST_BITS = 64
_STEPS = 200


class PullAt:
    """The pull at which log t, or log tau if ``conformal``, is ``log_target()``, enclosed on demand."""

    def __init__(self, flow: Flow, log_target: Callable[[], arb], function: str, *, conformal: bool = False) -> None:
        self._flow, self._target, self._function, self._conformal = flow, log_target, function, conformal
        self._point: arb | None = None
        self._accuracy = 0
        self._proved: tuple[int, arb] | None = None

    def enclose(self) -> arb:
        """A ball of relative radius about 2**-precision that contains the pull, at flint's precision."""
        bits = ctx.prec
        if self._proved is None or self._proved[0] < bits:
            self._proved = bits, self._refine(bits)
        return self._proved[1]

    def _refine(self, bits: int) -> arb:
        extra = 12
        while extra < 2**16:
            if self._point is None:
                self._approach()
            goal = bits + 4 if _ORDER * self._accuracy >= bits else _ORDER * self._accuracy
            with working_precision(goal + extra):
                ball = self._step()
            accuracy = ball.rel_accuracy_bits() if ball is not None else -1
            if ball is not None and accuracy > self._accuracy:
                self._point, self._accuracy = ball.mid(), accuracy
                if accuracy >= bits:
                    return ball
                if goal < bits and accuracy > goal // 2:
                    continue
            elif ball is None:
                self._nearer()
            extra *= 2
        raise PrecisionError(f"{self._function}: the time was not inverted to {bits} bits")

    def _residual(self, balls: FlowBalls, point: arb) -> tuple[arb, arb]:
        """log t(V) - log t and D at the point V."""
        log, dwell = balls.log_time(point, conformal=self._conformal)
        return log - self._target(), dwell

    def _step(self) -> arb | None:
        """An enclosure of the pull from the point, or None where the point is not near enough to prove one."""
        balls, point = self._flow.balls(), self._point
        assert point is not None  # noqa: S101
        residual, dwell = self._residual(balls, point)
        delta = -residual
        if not (delta.is_finite() and dwell.is_finite()):
            return None
        size = abs(delta).upper()
        r = arb((2 * size * dwell + point * arb(2) ** -ctx.prec).upper())  # not 0 where the point is the pull itself
        if not r < point:
            return None
        near = arb(point, r)
        slope = abs(balls.slope(near, conformal=self._conformal)).upper()
        most = (dwell + r) * (slope * r).exp()
        # d log t/dV >= 1/most on near: log t(V) - log t changes sign within
        if not size * most < r:
            return None
        around = dwell + arb(0, (r * (1 + slope * most)).upper())
        order = self._order(size)
        series = self._taylor(balls, dwell, balls.x(point), order)
        with working_precision(min(ctx.prec, 64)):
            last = self._taylor(balls, around, balls.x(near), order)[-1]
        total = arb(0)
        for coefficient in reversed(series[:-1]):
            total = (total + coefficient) * delta
        rest = last
        for _ in range(order):  # python-flint's ball**n is nan for a ball around 0
            rest *= delta
        return point + total + rest

    def _order(self, size: arb) -> int:
        """The order at which the remainder is below the precision, at most a few."""
        bits = -binary_exponent(size)
        return min(_ORDER, max(1, math.ceil((ctx.prec + 4) / bits))) if bits > 8 else 2

    def _taylor(self, balls: FlowBalls, dwell: arb, x: arb, order: int) -> list[arb]:
        """The coefficients of delta, ..., delta**order of V as a function of log t."""
        a, p = balls.a, balls.p
        s = arb(0) if self._conformal else balls.s
        base, beta = s + a * a, s - a
        d, xs, shifted, products, rests, pulls = [dwell], [x], [x - a], [], [], [dwell]
        for k in range(order - 1):
            products.append(sum((d[i] * xs[k - i] for i in range(k + 1)), arb(0)))
            rests.append((1 if k == 0 else 0) - base * d[k] - beta * products[k])
            d.append(sum((d[i] * rests[k - i] for i in range(k + 1)), arb(0)) / (k + 1))
            xs.append(-p * sum((products[i] * shifted[k - i] for i in range(k + 1)), arb(0)) / (k + 1))
            shifted.append(xs[-1])
            pulls.append(d[-1] / (k + 2))
        return pulls

    def _approach(self) -> None:
        """A start in double precision; outside its range, Newton's method with balls from the leading behaviour."""
        with working_precision(_FIRST_BITS):
            balls, target = self._flow.balls(), self._target()
            guess = start(balls, target, self._conformal)
        if guess is not None:
            self._point, self._accuracy = arb(guess), _START_BITS
            return
        self._point = arb(1)
        self._nearer()

    def _nearer(self) -> None:
        """Newton's method in V below the zero and in log V above it, inside a bracket."""
        bits = _FIRST_BITS
        while bits <= 2**14:
            with working_precision(bits):
                balls = self._flow.balls()
                assert self._point is not None  # noqa: S101
                point, low, high = self._point.mid(), arb(0), arb.pos_inf()
                for _ in range(_STEPS):
                    residual, dwell = (x.mid() for x in self._residual(balls, point))
                    if not (residual.is_finite() and dwell > 0):
                        break
                    if residual < 0:
                        low, target = point, point - residual * dwell
                    else:
                        high, target = point, point * (-residual * dwell / point).exp()
                    target = target.mid()
                    near = binary_exponent(point) - binary_exponent(target - point)
                    if near > bits // 3:
                        self._point, self._accuracy = target, min(2 * near, bits) - 16
                        return
                    if not low < target < high:
                        middle = high / 2**20 if low.is_zero() else (low * high).sqrt()
                        target = middle if high.is_finite() else 2 * point
                    point = target.mid()
            bits *= 2
        raise PrecisionError(f"{self._function}: no pull was found for this time")
