"""The two-point model in double precision, vectorised over the time.

The pull V of ``two_point_certified`` is found by Newton's method from log t(V), whose slope is 1/D(V); D is integrated
on the panels of ``two_point_dwell``, with twenty Gauss-Legendre nodes each and widths at which these leave less than a
rounding error.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from flint import arb
from numpy.typing import NDArray

from grokmath.classification.two_point_certified import Flow
from grokmath.classification.two_point_rule import rule
from grokmath.exact import working_precision

__all__ = ["FloatState", "TwoPointFloat64"]

Array = NDArray[np.float64]

_RULE = tuple((float(y), float(weight)) for y, weight in rule(20, 128))  # NumPy's weights are good to 7e-14 only
_PANELS = 400
_STEPS = 80
_STEEP = 12.0
_CHUNK = 8192
_GRID = 257
_DONE = 2e-6
"""A step of this size in log t leaves an error of its cube."""
_TINY = 1e-18
_LN2_HIGH = float.fromhex("0x1.62e42fefa0000p-1")
_LN2_LOW = float.fromhex("0x1.cf79abc9e3b3ap-40")


class FloatState(NamedTuple):
    """The rescaled weight S, the bias b, the log of |w| and the sign of w = 1 - a exp(p S), at the pull V."""

    pull: Array
    weight: Array
    bias: Array
    log_w: Array
    sign_w: float


class _Offset(NamedTuple):
    """The value mantissa * 2**exponent, and its logarithm."""

    log: float
    mantissa: float
    exponent: float

    @classmethod
    def of(cls, log: arb) -> _Offset:
        """exp(log), both parts as accurate as doubles are."""
        exponent = int(float(log / arb(2).log()))
        return cls(float(log), float((log - exponent * arb(2).log()).exp()), float(exponent))


class _Target(NamedTuple):
    """Times as mantissa * 2**exponent and as their logarithms."""

    log: Array
    mantissa: Array
    exponent: Array

    @classmethod
    def of_time(cls, t: Array) -> _Target:
        """From t > 0."""
        mantissa, exponent = np.frexp(t)
        return cls(np.log(t), mantissa, exponent.astype(np.float64))

    @classmethod
    def of_log(cls, log: Array) -> _Target:
        """From log t; ln 2 is taken off in two parts, the first of which times the exponent is exact."""
        exponent = np.rint(log / _LN2_HIGH)
        return cls(log, np.exp((log - exponent * _LN2_HIGH) - exponent * _LN2_LOW), exponent)

    def part(self, index: Any) -> _Target:
        """The elements of an index array or slice."""
        return _Target(*(x[index] for x in self))


class TwoPointFloat64:
    """The flow in doubles; ``reliable`` tells whether its parameters are within their range."""

    def __init__(self, flow: Flow) -> None:
        with working_precision(1200):
            balls = flow.balls()
            parts = (balls.a, balls.p, balls.s, balls.s0, balls.b0, balls.x0, balls.zeta0, balls.rate)
            self.a, self.p, self.s, self.s0, self.b0, self.x0, self.zeta0, self.rate = (float(x) for x in parts)
            offset = (balls.s / balls.c).log() - balls.a * balls.s0
            self.offset, self.conformal_offset = _Offset.of(offset - balls.b0), _Offset.of(offset)
            self.gap_rate = float(balls.s - balls.a)
            self.sign_w = float(np.sign(self.zeta0))
            self.start = _two_parts(balls.s0)
            self.minimizer = _two_parts(-balls.a.log() / balls.p) if flow.a > 0 else (0.0, 0.0)
            self.log_w0 = -np.inf if balls.zeta0.is_zero() else float(abs(balls.w0).log())
        sizes = [self.s, self.x0, 1.0 if self.a == 0 else abs(self.a), 1.0 if self.p == 0 else self.p]
        limits = [abs(self.s0) < 200, abs(self.b0) < 1e6, self.log_w0 == -np.inf or abs(self.log_w0) < 1e5]
        self.reliable = all(1e-100 < size < 1e100 for size in sizes) and all(limits)

    # The state.

    def state(self, v: Array) -> FloatState:
        """Weight, bias and w at the pull V."""
        gain = self.gain(v)
        log_w = self.log_w0 - self.a * self.p * v
        weight = self.s0 + gain
        if self.a > 0:  # where S* is small, S0 + (S - S0) cancels, but S* - (S* - S) does not
            near = log_w < np.log(0.5)
            gap = np.log1p(-self.sign_w * np.exp(np.where(near, log_w, -1.0))) / self.p
            near &= self.minimizer[0] + np.abs(gap) < abs(self.s0) + np.abs(gain)
            weight = np.where(near, self.minimizer[0] + (self.minimizer[1] + gap), weight)
        return FloatState(v, weight, self.b0 - self.s * gain - self.rate * v, log_w, self.sign_w)

    def gain(self, v: Array) -> Array:
        """S - S0."""
        if self.p == 0:
            return np.asarray(2 * v)
        reach = self._reach(v)
        grown = self.zeta0 * reach
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            value = np.where(np.abs(grown) < 0.5, np.log1p(grown), self._log_ratio(v)) / self.p
            return np.asarray(np.where(np.abs(grown) < 1e-17, self.zeta0 * (reach / self.p), value))

    def _reach(self, v: Array) -> Array:
        with np.errstate(over="ignore"):
            if self.a == 0:
                return np.asarray(self.p * v)
            step = self.a * self.p * v
            return np.asarray(np.where(np.abs(step) < 1e-17, self.p * v, -np.expm1(-step) / self.a))

    def _log_ratio(self, v: Array) -> Array:
        """p (S - S0), by a sum of positive terms."""
        if self.a >= 0:
            return np.asarray(np.log(np.exp(-self.a * self.p * v) + self.x0 * self._reach(v)))
        growth = -self.a * self.p * v  # exp(growth) taken out
        return np.asarray(growth + np.log(1 - self.x0 * np.expm1(-growth) / -self.a))

    def pull(self, gain: Array) -> Array:
        """The inverse of ``gain``."""
        with np.errstate(all="ignore"):
            w = 1 - self.a / self.x0 * np.exp(self.p * gain)
            return self._pull(gain, w)

    def pull_at_weight(self, weight: Array) -> Array:
        """The pull at which the weight is S; nan or negative where it does not pass S."""
        with np.errstate(all="ignore"):
            if self.a > 0:
                w = -np.expm1(self.p * ((weight - self.minimizer[0]) - self.minimizer[1]))
            else:
                w = 1 - self.a * np.exp(self.p * weight)
            return self._pull(self.from_start(weight), w)

    def from_start(self, weight: Array) -> Array:
        """S - S0 for S as the binary number it is."""
        return np.asarray((weight - self.start[0]) - self.start[1])

    def _pull(self, gain: Array, w: Array) -> Array:
        if self.p == 0:
            return np.asarray(gain / 2)
        ratio = np.expm1(self.p * gain) / self.zeta0
        if self.a == 0:
            return np.asarray(ratio)
        grown = -self.a * ratio
        large = np.log(w * self.sign_w) - self.log_w0
        return np.asarray(-np.where(np.abs(grown) < 0.5, np.log1p(grown), large) / (self.a * self.p))

    # The clocks.

    def log_time(self, v: Array, *, conformal: bool = False) -> Array:
        """log t, or log tau if ``conformal``, at V > 0."""
        offset = self.conformal_offset if conformal else self.offset
        flat = np.ravel(v)
        log = offset.log + np.log(_Dwell(self, conformal).value(flat)) + self._growth(flat, conformal)
        return np.asarray(log.reshape(np.shape(v)))

    def _growth(self, v: Array, conformal: bool) -> Array:
        """log t - log D without its value at V = 0."""
        gain = self.gain(v)
        return np.asarray(-self.a * gain if conformal else self.gap_rate * gain + self.rate * v)

    def pull_at_time(self, t: Any, *, conformal: bool = False) -> Array:
        """The pull at the times t >= 0 (or tau); nan where it was not found."""
        flat = np.asarray(t, dtype=np.float64).ravel()
        found = np.zeros_like(flat)
        found[flat > 0] = self._pull_at(_Target.of_time(flat[flat > 0]), conformal)
        return found.reshape(np.shape(t))

    def pull_at_log(self, log_t: Any, *, conformal: bool = False) -> Array:
        """The pull at the logarithms of times; nan where it was not found."""
        flat = np.asarray(log_t, dtype=np.float64).ravel()
        return self._pull_at(_Target.of_log(flat), conformal).reshape(np.shape(log_t))

    def _pull_at(self, target: _Target, conformal: bool) -> Array:
        with np.errstate(all="ignore"):
            if target.log.size > 4 * _GRID:
                return self._by_grid(target, conformal)
            return self._newton(target, self._guess(target.log, conformal), conformal)

    def _guess(self, target: Array, conformal: bool) -> Array:
        early = target - (self.conformal_offset if conformal else self.offset).log
        s = 0.0 if conformal else self.s
        late = s + self.a * self.a if self.a < 0 else s * self.p
        if late == 0:
            return np.asarray(np.exp(np.minimum(early, 600.0)))
        return np.asarray(np.where(early < 600, np.log1p(late * np.exp(np.minimum(early, 600.0))), early) / late)

    def _by_grid(self, target: _Target, conformal: bool) -> Array:
        """Starts by Hermite interpolation of log V in log t on a grid, then Newton's method, in chunks."""
        from scipy.interpolate import CubicHermiteSpline

        ends = target.part(np.array([target.log.argmin(), target.log.argmax()]))
        low, high = np.log(self._newton(ends, self._guess(ends.log, conformal), conformal))
        if high - low > 1e-6:
            log_v = np.linspace(low, high, _GRID + 8 * int(high - low))
            grid = np.exp(log_v)
            log = self.log_time(grid, conformal=conformal)
            if np.all(np.diff(log) > 0):
                spline = CubicHermiteSpline(log, log_v, _Dwell(self, conformal).value(grid) / grid)
                slices = [slice(k, k + _CHUNK) for k in range(0, target.log.size, _CHUNK)]
                parts = (target.part(s) for s in slices)
                return np.concatenate([self._newton(part, np.exp(spline(part.log)), conformal) for part in parts])
        return self._newton(target, self._guess(target.log, conformal), conformal)

    def _residual(self, target: _Target, v: Array, dwell: Array, conformal: bool) -> Array:
        """log t - log t(V); powers of two are taken off first, so that nothing is lost where t is very small."""
        offset = self.conformal_offset if conformal else self.offset
        mantissa, exponent = np.frexp(dwell)
        ratio = np.log(target.mantissa / (mantissa * offset.mantissa))
        twos = target.exponent - (exponent + offset.exponent)
        return np.asarray(ratio + twos * np.log(2.0) - self._growth(v, conformal))

    def _newton(self, target: _Target, start: Array, conformal: bool) -> Array:
        """Newton's method with the second derivative, in V below the zero and in log V above it, inside a bracket."""
        v, found = start.copy(), np.full_like(start, np.nan)
        low, high = np.zeros_like(v), np.full_like(v, np.inf)
        active = np.arange(v.size)
        for _ in range(_STEPS):
            here = v[active]
            dwell = _Dwell(self, conformal).value(here)
            delta = self._residual(target.part(active), here, dwell, conformal)
            bad = ~np.isfinite(delta) | ~(dwell > 0)
            below = delta > 0
            low[active[below]], high[active[~below]] = here[below], here[~below]
            bend = dwell * (1 - self.slope(here, conformal) * dwell)
            near = here + dwell * delta + 0.5 * bend * delta * delta
            far = np.where(below, here + dwell * delta, here * np.exp(delta * dwell / here))
            new = np.where(np.abs(delta) < 0.1, near, far)
            bottom, top = low[active], high[active]
            middle = np.where(np.isinf(top), 2 * here, np.where(bottom > 0, np.sqrt(bottom) * np.sqrt(top), top / 16))
            done = (np.abs(delta) < _DONE) & ~bad
            # near the end the bracket is as wide as the rounding errors
            new = np.where(done | ((new > bottom) & (new < top)), new, middle)
            found[active[done]] = new[done]
            v[active] = new
            active = active[~done & ~bad]
            if active.size == 0:
                break
        return found

    def slope(self, v: Array, conformal: bool) -> Array:
        """g'(V)."""
        s = 0.0 if conformal else self.s
        return np.asarray(s + self.a * self.a + (s - self.a) * self.x(v))

    def x(self, v: Array) -> Array:
        """exp(-p S)."""
        return np.asarray(np.ones_like(v) if self.p == 0 else self.x0 * np.exp(-self._log_ratio(v)))


def _two_parts(x: arb) -> tuple[float, float]:
    """x as a sum of two doubles."""
    high = float(x)
    return high, float(x - high)


class _Top(NamedTuple):
    """The state at the top of the panels."""

    v: Array
    gain: Array
    x: Array
    log_w: Array
    zeta: Array
    slope: Array


class _Dwell:
    """The dwell for an array of pulls."""

    def __init__(self, flow: TwoPointFloat64, conformal: bool) -> None:
        self.flow, self.conformal = flow, conformal
        self.s = 0.0 if conformal else flow.s
        self.base, self.beta = self.s + flow.a * flow.a, self.s - flow.a

    def value(self, v: Array) -> Array:
        """D(V)."""
        flow = self.flow
        if flow.p == 0:
            rate = 2 * self.beta
            return np.asarray(-np.expm1(-rate * v) / rate)
        if flow.zeta0 == 0:
            rate = self.s * flow.p
            return np.asarray(-np.expm1(-rate * v) / rate if rate else v)
        total, weight, rest = np.zeros_like(v), np.ones_like(v), v.copy()
        active = np.arange(v.size)
        for _ in range(_PANELS):
            top = self._top(rest[active])
            part, end, below = self._panel(top)
            total[active] += weight[active] * part
            weight[active] *= end
            rest[active] = below
            steepness = top.slope if self.beta >= 0 else (1 + self.s) * np.abs(top.zeta)
            longest = np.where(steepness > 0, np.minimum(below, 1 / steepness), below)
            active = active[weight[active] * longest > _TINY * total[active]]
            if active.size == 0:
                return total
        total[active] = np.nan
        return total

    def _top(self, v: Array) -> _Top:
        flow = self.flow
        x = flow.x(v)
        log_w = flow.log_w0 - flow.a * flow.p * v
        zeta = flow.sign_w * np.exp(log_w + np.log(x)) if flow.a > 0 else x - flow.a
        return _Top(v, flow.gain(v), x, log_w, zeta, self.base + self.beta * x)

    def _panel(self, top: _Top) -> tuple[Array, Array, Array]:
        a = self.flow.a
        if not a > 0:
            return self._weight_panel(top)
        near = top.log_w < np.log(0.4) if self.flow.sign_w > 0 else top.log_w < np.log(0.6)
        if near.all():
            return self._pull_panel(top)
        if not near.any():
            return self._weight_panel(top)
        part, end, below = np.empty_like(top.v), np.empty_like(top.v), np.empty_like(top.v)
        for mask, panel in ((near, self._pull_panel), (~near, self._weight_panel)):
            part[mask], end[mask], below[mask] = panel(_Top(*(x[mask] for x in top)))
        return part, end, below

    def _pull_panel(self, top: _Top) -> tuple[Array, Array, Array]:
        flow = self.flow
        d, power, rate = flow.a * flow.p, self.beta / flow.p, self.s * flow.p
        log_ratio = top.log_w + np.log(top.x / flow.a)
        width = np.minimum(top.v, (np.log(0.5 if flow.sign_w > 0 else 1.0) - top.log_w) / d)
        width = np.minimum(width, 0.5 * (np.log1p(np.exp(log_ratio)) - log_ratio) / d)
        width = np.where(top.slope > 0, np.minimum(width, _STEEP / np.abs(top.slope)), width)

        def f(h: Array) -> Array:
            grown = log_ratio + d * h
            u = np.where(d * h < 1, np.exp(log_ratio) * np.expm1(d * h), np.exp(grown) - np.exp(log_ratio))
            return np.asarray(np.exp(-rate * h + power * np.log1p(-flow.sign_w * u)))

        part = width * sum(weight * f(width * y) for y, weight in _RULE)
        return part, f(width), np.where(width < top.v, top.v - width, 0.0)

    def _weight_panel(self, top: _Top) -> tuple[Array, Array, Array]:
        flow = self.flow
        a, p, s = flow.a, flow.p, self.s
        above = a > 0 and flow.sign_w < 0
        late = (a < 0) & (-a > 20 * top.x) if not above else np.zeros(top.v.shape, bool)
        flip = late | above
        eta = np.zeros_like(top.x) if a == 0 else np.where(flip, top.x / a if a else 0.0, a / top.x)
        rate = np.where(flip, self.base / abs(a) if a else 0.0, 1 + s)
        step = np.where(late, p, -p)
        size, whole = np.abs(top.zeta), np.abs(top.gain)
        width = np.minimum(whole, 2.5 / p)
        if a > 0:
            width = np.minimum(width, -1.2 * np.log(eta) / p)
        else:
            longer = np.maximum(2.5, -0.5 * np.log(np.maximum(-eta, 1e-300))) / p
            width = np.where(late, np.minimum(whole, longer), width)
        width = np.where(top.slope > 0, np.minimum(width, _STEEP * size / np.abs(top.slope)), width)
        factor = eta / (1 - eta)
        power = 1 + s / a if a else 0.0

        def f(k: Array) -> Array:
            grown = np.expm1(step * k)
            if a == 0:
                return np.asarray(np.exp(s / top.x * grown - rate * k))
            return np.asarray(np.exp(-power * np.log1p(-factor * grown) - rate * k))

        part = width / size * sum(weight * f(width * y) for y, weight in _RULE)
        left = np.where(width < whole, top.gain + width if above else top.gain - width, 0.0)
        below = np.where(width < whole, flow.pull(left), 0.0)
        return part, f(width) * np.abs(self._top(below).zeta) / size, below
