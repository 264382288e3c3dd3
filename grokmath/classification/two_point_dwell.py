"""The dwell D(V) of the two-point model: Gauss-Legendre quadrature with a proved error bound.

D(V) = int_0^V exp(g(V') - g(V)) dV' is computed from V downwards, panel by panel, until the rest is below the
precision. With x = exp(-p S), zeta = x - a, z = a/x, w = 1 - z, E = 1 + s/a at the top of a panel, the integrand is

* in the weight, with k = S - S' and D = (1/zeta) int f dk: f = exp(-(1+s) k) ((1 - z exp(-p k))/w)**-E, or the same
  function written with 1/z, f = exp(-(s/a + a)(-k)) ((1 - exp(p k)/z)/(1 - 1/z))**-E, used above the minimiser (where
  k < 0) and late in the separable case;
* in the pull, with h = V - V' and D = int f dh: f = exp(-s p h) (1 - zeta (exp(a p h) - 1)/a)**((s-a)/p), used near
  the minimiser, where f in the weight is nearly singular.

A bound of |f| on an ellipse around the panel gives the quadrature's error (lemmas 1 to 6 of docs/proofs/two_point.md).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from flint import arb, ctx

from grokmath.classification.two_point_hypergeometric import Hypergeometric
from grokmath.classification.two_point_rule import log2_of, log2_upper, moment, quadrature
from grokmath.exact import working_precision

if TYPE_CHECKING:
    from grokmath.classification.two_point_certified import FlowBalls

__all__ = ["Dwell"]

_LOG2 = math.log(2)
_NEAR = 0.6
"""From z or 1/z = 0.6 up to 1 a panel is in the pull, and reaches down to 0.5."""
_LATE = math.exp(3)
"""In the separable case the form with 1/z is used where |z| is above this, down to |z|**0.15."""
_SMALL = 2**-6
_ELLIPSES = tuple(1.12 * 1.27**k for k in range(36))
_SHRINK = 0.7
_LEAST = 1e-250
_FROM_0_TO_1 = arb(0.5, 0.5)


class _Top(NamedTuple):
    """The state at the top of a panel: the pull, x = exp(-p S), w = 1 - a/x, zeta = x - a = w x."""

    v: arb
    x: arb
    w: arb
    zeta: arb


class Dwell:
    """The quadrature at the working precision; ``terms`` scales its numbers of nodes."""

    def __init__(self, balls: FlowBalls, conformal: bool, terms: float) -> None:
        self.balls, self.conformal, self.terms = balls, conformal, terms
        self.a, self.p = balls.a, balls.p
        self.s = arb(0) if conformal else balls.s
        self.sign = (balls.flow.a > 0) - (balls.flow.a < 0)
        self.base = self.s + self.a * self.a
        self.beta = self.s - self.a
        self.bits = ctx.prec + 4

    def value(self, v: arb) -> arb:
        """D(V), V > 0."""
        if self.balls.flow.a == -1:
            slope = 2 * self.beta
            return -(-slope * v).expm1() / slope
        closed = Hypergeometric(self.balls, self.conformal) if self.terms == 1.0 else None
        total, weight, need = arb(0), arb(1), float(self.bits)
        while True:
            if not v > 0:  # a ball that is too wide for its panel
                return arb.nan()
            top = self.top(v)
            if self.sign > 0 and top.zeta.is_zero():  # at the minimiser the integrand is an exponential
                rate = self.s * self.p
                return total + weight * (v if rate.is_zero() else -(-rate * v).expm1() / rate)
            if self.sign > 0 and top.w.contains(0):  # more precision is needed to know on which side this is
                return arb.nan()
            rest = closed.value(v) if closed is not None else None
            if rest is not None:
                return total + weight * rest
            panel = self._panel(top)
            part, end, below = panel.closed(need) or panel.integrate(*panel.choose(need))
            total += weight * part
            if below is None:
                return total
            v, weight = below, weight * end
            left = weight * self._bound(v)
            need = self.bits + min(log2_upper(left / total), 32)
            if need <= 0:
                return total + left * _FROM_0_TO_1

    def top(self, v: arb) -> _Top:
        """The state at the pull V."""
        x, w = self.balls.x(v), self.balls.w(v)
        return _Top(v, x, w, w * x)

    def _bound(self, v: arb) -> arb:
        """An upper bound of D(V): g' is linear in x, which is monotone in V, so it is least at one of the ends."""
        top = self.top(v)
        least = (self.base + self.beta * top.x).min(self.base + self.beta * self.balls.x0)
        bound = v.min(1 / least) if least > 0 else v * (-least * v).exp()
        if self.sign >= 0 and top.zeta > 0:  # Lemma 6 of docs/proofs/two_point.md
            bound = bound.min(1 / ((1 + self.s) * top.zeta))
        return arb(bound.upper())

    def _panel(self, top: _Top) -> _Panel:
        if self.sign > 0 and (top.w < 1 - _NEAR if top.w > 0 else 1 - top.w < 1 / _NEAR):
            return _PullPanel(self, top)
        return _WeightPanel(self, top)


class _Numbers(NamedTuple):
    """The functions that the bounds need, for floats or for balls."""

    log: Callable[[Any], Any]
    log1p: Callable[[Any], Any]
    expm1: Callable[[Any], Any]
    log_cos: Callable[[Any], Any]
    most: Callable[[Any, Any], Any]
    least: Callable[[Any, Any], Any]


_FLOATS = _Numbers(math.log, math.log1p, math.expm1, lambda x: math.log(math.cos(x)), max, min)
_BALLS = _Numbers(
    lambda x: x.log(),
    lambda x: x.log1p(),
    lambda x: x.expm1(),
    lambda x: x.cos().log(),
    lambda x, y: x.max(y),
    lambda x, y: x.min(y),
)


_Result = tuple[arb, arb, arb | None]


class _Panel:
    """One panel: how wide it is, with how many nodes and which ellipse, its integral and its error."""

    slope: arb
    """Minus the logarithmic derivative of the integrand at the top."""
    longest: arb
    """How wide the panel may be."""

    def __init__(self, dwell: Dwell, top: _Top) -> None:
        self.dwell, self.top = dwell, top

    def parameters(self, unit: arb) -> tuple[arb, ...]:
        """What the integrand depends on, lengths in this unit; the slope is the first."""
        raise NotImplementedError

    def log_largest(self, m: _Numbers, parameters: Any, width: Any, before: Any, half_height: Any) -> Any:
        """The log of a bound of |f| on an ellipse; None without one.

        Its foci are 0 and ``width``; it reaches ``before`` beyond them and ``half_height`` to both sides.
        """
        raise NotImplementedError

    def closed(self, need: float) -> _Result | None:
        """The result for a panel with something better than quadrature, if there is one."""
        return None

    def integrate(self, width: arb, nodes: int, rho: float) -> _Result:
        """The integral over the panel, the weight of what is below it, and the pull there (None at V = 0)."""
        raise NotImplementedError

    def choose(self, need: float) -> tuple[arb, int, float]:
        """The widest panel for which about need/2 nodes promise ``need`` bits: width, nodes and ellipse.

        The choice is made in floats; no bound rests on it.
        """
        longest = self.longest
        if self.slope > 0:
            window = 1.1 * need * _LOG2 / self.slope
            if window < longest:
                longest = window.mid()
        parameters = tuple(map(_float, self.parameters(longest)))
        # rules of many nodes are dear to make: beyond a few hundred, more panels are cheaper
        most = min(need / 2 + 8, 10 * math.sqrt(need) + 40)
        fraction = 1.0
        while True:
            nodes, rho = _ellipse_and_nodes(self, parameters, fraction, need)
            if nodes <= most:
                break
            if not all(map(math.isfinite, parameters)) or fraction < 1e-9:
                nodes, rho = most, 4.0
                break
            fraction *= _SHRINK
        width = longest if fraction == 1.0 else (longest * fraction).mid()
        grain = max(8, 2 ** (int(nodes).bit_length() - 3))  # few different numbers, so that rules are shared
        return width, max(2, round(grain * math.ceil(nodes / grain) * self.dwell.terms)), rho

    def error(self, width: arb, nodes: int, rho: float) -> arb:
        """Lemma 1 of docs/proofs/two_point.md, for the integral of f over [0, 1] in k/width."""
        with working_precision(64):
            exact_rho = arb(rho)
            largest = self.log_largest(_BALLS, self.parameters(arb(1)), width, *_ellipse(width, exact_rho))
            if largest is None:
                return arb(0, arb.pos_inf())
            error = (largest - 2 * nodes * exact_rho.log()).exp() * 32 / 15 / (1 - exact_rho**-2)
            return arb(0, error.upper())


def _float(x: arb) -> float:
    """The nearest double, but no underflow to 0: the bounds divide by small lengths or take their logarithms."""
    value = float(x)
    return value if abs(value) > _LEAST or x.is_zero() else math.copysign(_LEAST, float(x.sgn()))


def _ellipse_and_nodes(panel: _Panel, parameters: tuple[float, ...], width: float, need: float) -> tuple[float, float]:
    """The least number of nodes over the ellipses, and the ellipse."""
    wanted = need * _LOG2 + math.log(max(1.0, parameters[0] * width)) + 1.5
    best, at = math.inf, _ELLIPSES[0]
    for rho in _ELLIPSES:
        try:
            largest = panel.log_largest(_FLOATS, parameters, width, *_ellipse(width, rho))
        except (OverflowError, ValueError):
            largest = None
        if largest is None:
            break
        nodes = (largest + wanted) / (2 * math.log(rho))
        if not nodes <= best:
            break
        best, at = nodes, rho
    return best, at


def _ellipse(width: Any, rho: Any) -> tuple[Any, Any]:
    """How far the ellipse with foci 0 and ``width`` reaches beyond them, and half its height."""
    return width * ((rho + 1 / rho) / 2 - 1) / 2, width * (rho - 1 / rho) / 4


class _WeightPanel(_Panel):
    """A panel in the weight: f = exp(-rate k) (1 - factor (exp(step k) - 1))**-power, step = -p or p, k >= 0."""

    def __init__(self, dwell: Dwell, top: _Top) -> None:
        super().__init__(dwell, top)
        a, s, p = dwell.a, dwell.s, dwell.p
        self.above = dwell.sign > 0 and not top.w > 0
        self.late = dwell.sign < 0 and bool(top.w > 1 + _LATE)
        self.gain = dwell.balls.gain(top.v)
        self.longest = self.whole = -self.gain if self.above else self.gain
        self.size = abs(top.zeta)
        self.slope = (dwell.base + dwell.beta * top.x) / self.size
        if self.late:
            reach = 0.85 * (-a / top.x).log() / p
            self.longest = reach.mid() if reach < self.whole else self.whole
        if self.above or self.late:
            self.rate, self.eta = dwell.base / abs(a), top.x / a
        else:
            self.rate, self.eta = 1 + s, a / top.x
        self.step = p if self.late else -p
        self.factor = self.eta / (1 - self.eta)
        self.power = 1 + s / a if dwell.sign else arb(0)
        self.product = self.power * self.factor if dwell.sign else s / top.x

    def parameters(self, unit: arb) -> tuple[arb, ...]:
        """Slope, rate, p, power, p times power times factor (its limit at a = 0), factor, eta."""
        p = self.dwell.p * unit
        return self.slope * unit, self.rate * unit, p, self.power, p * self.product, self.factor, self.eta

    def log_largest(self, m: _Numbers, parameters: Any, width: Any, before: Any, half_height: Any) -> Any:
        """Lemma 2 of docs/proofs/two_point.md."""
        _, rate, p, power, product, factor, eta = parameters
        step = p * before
        grown = m.expm1(step)
        if self.late:
            ratio = -eta * (m.expm1(p * (width + before)) + 1)
            if not ratio < 1:
                return None
            both = (-power * (m.log1p(sign * ratio) - m.log1p(-eta)) for sign in (1, -1))
            return rate * before + m.most(*both)
        ratio = -factor * grown
        if not ratio > -1:
            return None
        bend = (1 if step == 0 else grown / step) * (1 if ratio == 0 else m.log1p(ratio) / ratio)
        log = rate * before + product * before * bend
        if self.dwell.sign >= 0:
            return log
        angle = p * half_height / 2
        if angle < 1.5:
            return log - m.most(power, 0) * m.log_cos(angle)
        ratio = -eta * (grown + 1)
        if not ratio < 1:
            return None
        return m.most(log, rate * before - power * (m.log1p(-ratio) - m.log1p(-eta)))

    def integrate(self, width: arb, nodes: int, rho: float) -> _Result:
        """See the base class."""
        rate, step, sign = self.rate * width, self.step * width, self.dwell.sign
        power, factor = (-self.power, -self.factor) if sign else (self.product, arb(1))

        def f(y: arb) -> arb:
            grown = factor * (step * y).expm1()
            return (power * (grown.log1p() if sign else grown) - rate * y).exp()

        part = width / self.size * (quadrature(f, nodes) + self.error(width, nodes, rho))
        if width is self.whole:
            return part, arb(0), None
        below = self.dwell.balls.pull(self.gain + width if self.above else self.gain - width)
        # f is the ratio of exp(g)/zeta at the two ends
        return part, f(arb(1)) * abs(self.dwell.top(below).zeta) / self.size, below


class _PullPanel(_Panel):
    """A panel in the pull, near the minimiser: f = exp(-rate h) (1 - ratio (exp(d h) - 1))**power, d = a p."""

    def __init__(self, dwell: Dwell, top: _Top) -> None:
        super().__init__(dwell, top)
        self.d = dwell.a * dwell.p
        self.rate = dwell.s * dwell.p
        self.power = dwell.beta / dwell.p
        self.ratio = top.zeta / dwell.a
        self.slope = dwell.base + dwell.beta * top.x
        self.log_ratio = abs(self.ratio).log()
        # where w has grown to 1/2, or to -1, a panel in the weight takes over
        cap = ((arb(0.5) if top.w > 0 else arb(1)) / abs(top.w)).log() / self.d
        cap = cap.min(0.9 * (1 / abs(self.ratio)).log1p() / self.d)
        self.longest = cap.mid() if cap < top.v else top.v

    def parameters(self, unit: arb) -> tuple[arb, ...]:
        """Slope, rate, d, power, log of the ratio's modulus."""
        return self.slope * unit, self.rate * unit, self.d * unit, self.power, self.log_ratio

    def closed(self, need: float) -> _Result | None:
        """Very near the minimiser an exponential, near it the binomial series in w exp(d h)."""
        if self.top.w > _SMALL or self.top.w < -_SMALL:
            return None
        return self._flat(need) or self._series(need)

    def _flat(self, need: float) -> _Result | None:
        """Lemma 4 of docs/proofs/two_point.md: while |u| is small, (1 - u)**power is 1 to within the bits needed."""
        log_small = -need * _LOG2 - abs(self.power).log1p()
        room = (log_small - self.log_ratio) / self.d
        v = self.top.v
        if not room * self.rate > 4 and not room > v / 4:
            return None
        width = v if room > v else room.mid()
        power = abs(self.power) * -(-((self.log_ratio + self.d * width).exp())).log1p()
        spread = 1 + arb(0, power.expm1().upper())
        total = width if self.rate.is_zero() else -(-self.rate * width).expm1() / self.rate
        end = (-self.rate * width).exp() * spread
        return total * spread, end, None if width is v else v - width

    def _series(self, need: float) -> _Result | None:
        """Lemma 5 of docs/proofs/two_point.md, for (1 - w exp(d h))**power, until |w exp(d h)| is about 1/2."""
        v, w, d, rate, power = self.top.v, self.top.w, self.d, self.rate, self.power
        if not abs(power) < need / 8:
            return None
        room = (0.5 / abs(w)).log() / d
        width = v if room > v else room.mid()
        far = w * (d * width).exp()
        decay = (-rate * width).exp()
        lost = float((rate * width).min(arb(need))) / _LOG2
        bits = need + float(abs(power)) + 8
        count = max((bits - lost) / -log2_of(far), bits / -log2_of(w), float(power)) + 2
        count = max(2, round(count * self.dwell.terms), math.ceil(float(power)))
        total, coefficient, here, there = arb(0), arb(1), arb(1), decay
        for k in range(count):
            total += coefficient * moment(k * d - rate, width, here, there)
            coefficient *= (k - power) / (k + 1)
            here *= w
            there *= far
        total += arb(0, (abs(coefficient) * width * abs(here).max(abs(there)) / (1 - abs(far))).upper())
        scale = (-power * (-w).log1p()).exp()
        return total * scale, decay * (power * (-far).log1p()).exp() * scale, None if width is v else v - width

    def log_largest(self, m: _Numbers, parameters: Any, width: Any, before: Any, half_height: Any) -> Any:
        """Lemma 3 of docs/proofs/two_point.md."""
        slope, rate, d, power, log_ratio = parameters
        far = d * (width + before)
        log_delta = log_ratio + far + m.log(-m.expm1(-far))
        if not log_delta < 0:
            return None
        delta = m.expm1(log_delta) + 1
        curve = (m.expm1(log_ratio + far) + 1) * far * far / 2
        bend = m.least(delta, curve) + delta * delta / (2 * (1 - delta))
        first = m.most(slope * before, -slope * (width + before)) + m.most(power, -power) * bend
        second = rate * before + m.most(power * m.log1p(delta), power * m.log1p(-delta))
        return m.least(first, second)

    def integrate(self, width: arb, nodes: int, rho: float) -> _Result:
        """See the base class."""
        v = self.top.v
        rate, step, power, factor = -self.rate * width, self.d * width, self.power, -self.ratio

        def f(y: arb) -> arb:
            return (rate * y + power * (factor * (step * y).expm1()).log1p()).exp()

        part = width * (quadrature(f, nodes) + self.error(width, nodes, rho))
        return (part, arb(0), None) if width is v else (part, f(arb(1)), v - width)
