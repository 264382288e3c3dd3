"""A pull of the two-point model near a given time, in plain double precision, to start the certified inversion from.

It integrates the dwell on the panels of ``two_point_dwell`` with twelve nodes each, to about ten digits. No certified
digit depends on it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from flint import arb

from grokmath.classification.two_point_rule import rule

if TYPE_CHECKING:
    from grokmath.classification.two_point_certified import FlowBalls

__all__ = ["start"]

_STEPS = 60
_PANELS = 60
_STEEP = 14.0
_SMALL = 2e-6
"""A step of this size leaves an error of its square."""
_RULE: list[tuple[float, float]] = []


class _Floats(NamedTuple):
    a: float
    p: float
    s: float
    offset: float
    x0: float
    zeta0: float
    w0: float
    rate: float
    weight_rate: float


def start(balls: FlowBalls, log_target: arb, conformal: bool) -> float | None:
    """A pull V with log t(V) (or log tau) near ``log_target``; None where doubles do not reach."""
    if not _RULE:
        _RULE.extend((float(y), float(weight)) for y, weight in rule(12, 64))
    try:
        s = 0.0 if conformal else float(balls.s)
        offset = float((balls.s / balls.c).log() - balls.a * balls.s0 - (arb(0) if conformal else balls.b0))
        a, p, x0, zeta0, w0 = (float(x) for x in (balls.a, balls.p, balls.x0, balls.zeta0, balls.w0))
        flow = _Floats(a, p, s, offset, x0, zeta0, w0, rate=s * p, weight_rate=s - a)
        found = _invert(flow, float(log_target))
    except (OverflowError, ValueError, ZeroDivisionError):
        return None
    return found if found is not None and 1e-290 < found < 1e290 else None


def _invert(flow: _Floats, target: float) -> float | None:
    """Newton's method in V below the zero and in log V above it, inside a bracket."""
    low, high = 0.0, math.inf
    early = target - flow.offset
    late = flow.s + flow.a * flow.a if flow.a < 0 else flow.rate
    v = math.exp(early) if early < 0 or not late else math.log1p(late * math.exp(min(early, 600.0))) / late
    for _ in range(_STEPS):
        log, dwell = _log_time(flow, v)
        residual = log - target
        if not math.isfinite(residual):
            return None
        if residual < 0:
            low = v
            new = v - residual * dwell
        else:
            high = v
            new = v * math.exp(-residual * dwell / v)
        if abs(new - v) < _SMALL * v:
            return new
        if not low < new < high:
            new = 2 * v if high == math.inf else math.sqrt(low * high) if low else high / 16
        v = new
    return None


def _log_time(flow: _Floats, v: float) -> tuple[float, float]:
    dwell = _dwell(flow, v)
    return flow.offset + math.log(dwell) + flow.weight_rate * _gain(flow, v) + flow.rate * v, dwell


def _gain(flow: _Floats, v: float) -> float:
    if not flow.p:
        return 2 * v
    reach = -math.expm1(-flow.a * flow.p * v) / flow.a if flow.a else flow.p * v
    grown = flow.zeta0 * reach
    if abs(grown) < 0.5:
        return math.log1p(grown) / flow.p
    return math.log(math.exp(-flow.a * flow.p * v) + flow.x0 * reach) / flow.p


def _dwell(flow: _Floats, v: float) -> float:
    """The dwell, as in ``two_point_dwell``."""
    a, p, s = flow.a, flow.p, flow.s
    base, beta = s + a * a, s - a
    if not p:
        return -math.expm1(-2 * beta * v) / (2 * beta)
    total, weight = 0.0, 1.0
    for _ in range(_PANELS):
        reach = -math.expm1(-a * p * v) / a if a else p * v
        x, w = flow.x0 / (math.exp(-a * p * v) + flow.x0 * reach), flow.w0 * math.exp(-a * p * v)
        zeta = w * x if a > 0 else x - a
        slope = base + beta * x
        if a > 0 and (w < 0.4 if w > 0 else 1 - w < 1.6):
            part, end, below = _pull_panel(flow, v, w, x, slope)
        else:
            part, end, below = _weight_panel(flow, v, _gain(flow, v), x, zeta, slope)
        total += weight * part
        weight *= end
        v = below
        if not v or weight * v < 1e-12 * total:
            return total
    return total


def _pull_panel(flow: _Floats, v: float, w: float, x: float, slope: float) -> tuple[float, float, float]:
    d, power, width = flow.a * flow.p, (flow.s - flow.a) / flow.p, v
    log_ratio = math.log(abs(flow.w0)) - d * v + math.log(x / flow.a) if flow.w0 else -math.inf
    ratio = math.copysign(math.exp(log_ratio), w)
    if flow.w0:
        far = d * v - math.log(abs(flow.w0))
        width = min(v, (far - math.log(2.0 if w > 0 else 1.0)) / d, 0.6 * (math.log1p(abs(ratio)) - log_ratio) / d)
    if slope > 0:
        width = min(width, _STEEP / slope)

    def f(h: float) -> float:
        u = ratio * math.expm1(d * h) if d * h < 30 else math.copysign(math.exp(log_ratio + d * h), w)
        return math.exp(-flow.rate * h + power * math.log1p(-u))

    part = width * sum(weight * f(width * y) for y, weight in _RULE)
    return part, f(width), v - width if width < v else 0.0


def _weight_panel(
    flow: _Floats, v: float, gain: float, x: float, zeta: float, slope: float
) -> tuple[float, float, float]:
    a, p, s = flow.a, flow.p, flow.s
    size, whole = abs(zeta), abs(gain)
    above, late = a > 0 and zeta <= 0, a < 0 and -a / x > 20
    eta = x / a if above or late else a / x
    rate = (s + a * a) / abs(a) if above or late else 1 + s
    step = p if late else -p
    width = min(whole, 4 / p)
    if eta > 0:
        width = min(width, -3 * math.log(eta) / p)
    if late:
        width = min(width, -0.6 * math.log(-eta) / p)
    if slope > 0:
        width = min(width, _STEEP * size / slope)
    factor = eta / (1 - eta)
    small = abs(a) < 1e-12 and not above and not late
    power = s / x if small else 1 + s / a

    def f(k: float) -> float:
        grown = math.expm1(step * k)
        return math.exp((power * grown if small else -power * math.log1p(-factor * grown)) - rate * k)

    part = width / size * sum(weight * f(width * y) for y, weight in _RULE)
    if width == whole:
        return part, 0.0, 0.0
    left = gain + width if above else gain - width
    below = _pull(flow, left)
    reach = -math.expm1(-a * p * below) / a if a else p * below
    x_below = flow.x0 / (math.exp(-a * p * below) + flow.x0 * reach)
    zeta_below = flow.w0 * math.exp(-a * p * below) * x_below
    return part, f(width) * abs(zeta_below) / size, below


def _pull(flow: _Floats, gain: float) -> float:
    ratio = math.expm1(flow.p * gain) / flow.zeta0
    if not flow.a:
        return ratio
    grown = -flow.a * ratio
    if abs(grown) < 0.5:
        return -math.log1p(grown) / (flow.a * flow.p)
    return -math.log((1 - flow.a / flow.x0 * math.exp(flow.p * gain)) / flow.w0) / (flow.a * flow.p)
