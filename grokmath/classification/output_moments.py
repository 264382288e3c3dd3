"""Expectations over the outputs of the inseparable minimiser, by trapezoidal rules with a proved error.

With g ~ N(0, 1) and w = W(gamma e^(R g)), Lambert's W, the outputs are u = R g - w; wanted is E f(w). Two rules:

* small R: over g, where w is analytic in |Im g| < pi/R;
* other R: with v = log w and c = log gamma, R g = v + e^v - c, so that

      E f(w) = int f(w) (1 + w) phi((v + w - c)/R) dv/R,     w = e^v,

  without any special function, and entire for a polynomial f. The integrand decays like w on the left, and doubly
  exponentially in t with v = t - e^-t: the number of nodes hardly depends on R.

The error is 2 M/(e^(2 pi d/h) - 1) with M the integral of the modulus on the lines Im = +-d, bounded in closed form for
every R > 0 and c; the ends that are cut off are bounded by geometric series. Statements and proofs:
docs/proofs/minimizer_norm.md.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from flint import arb, ctx

from grokmath.exact import working_precision

_LN2 = math.log(2)
_STRIPS = tuple(math.pi / 4 * x for x in (0.1, 0.3, 0.5, 0.7, 0.8, 0.9))
_SMALLEST_DOUBLE = -4.0
"""Where log R is below, the double exponential rule would lose bits."""
_LAMBERT_COST = 3


class Integrand(NamedTuple):
    """w -> f(w) (1 + w) and a bound: |f(w) (1 + w)| <= sum_k bound[k-1] |w|**k on the strip, k = 1, 2, 3.

    ``pole`` is the Y >= 0 such that the only poles are at 1 + Y w = 0, and the bound is to be divided by
    (1 - Y rho)**order where Re w < 0, |w| <= rho.
    """

    value: Callable[[arb], arb]
    bound: tuple[arb | int, arb | int, arb | int]
    pole: arb | int = 0
    order: int = 0


class Rule(NamedTuple):
    """Nodes start + j step, 0 <= j < nodes, half-width of the strip, and whether over t (v = t - e^-t) or over g."""

    start: float
    step: float
    nodes: int
    strip: float
    double: bool


class _End(NamedTuple):
    """At an end of the rule: bounds on the terms of w**k, k = 1, 2, 3, and on the rates at which they fall beyond."""

    terms: list[arb]
    rates: list[arb]


def output_moments(R: arb, c: arb, integrands: Sequence[Integrand], *, terms: float = 1.0) -> list[arb]:
    """E f(w) for every integrand f(w) (1 + w), enclosed for all points of the balls R > 0 and c = log gamma."""
    bits = ctx.prec
    rule = choose_rule(R, c, max((abs(float(f.pole)) for f in integrands), default=0.0))
    if terms != 1.0:
        nodes = max(2, round(rule.nodes * terms))
        rule = rule._replace(step=rule.step * (rule.nodes - 1) / (nodes - 1), nodes=nodes)
    with working_precision(bits + rule.nodes.bit_length() + 8):
        rule_sum = _double_sum if rule.double else _gaussian_sum
        sums, left, right = rule_sum(R, c, rule, [f.value for f in integrands])
        errors = _errors(R, c, rule, left, right)
        return [total + _bound(f, errors, rule) for total, f in zip(sums, integrands, strict=True)]


def _double_sum(R: arb, c: arb, rule: Rule, functions: list[Callable[[arb], arb]]) -> tuple[list[arb], _End, _End]:
    """h times the sums over the nodes t of f(w) (1 + w) (1 + e^-t) phi((v + w - c)/R)/R, and both ends."""
    h = arb(rule.step)
    factor = (-h).exp()
    rate = -1 / (2 * R * R)
    norm = 1 / (R * (2 * arb.pi()).sqrt())
    sums = [arb(0)] * len(functions)
    t = arb(rule.start)
    E = (-t).exp()
    left: _End | None = None
    for _ in range(rule.nodes):
        v = t - E
        w = v.exp()
        distance = v + w - c
        weight = (1 + E) * (rate * distance * distance).exp()
        for i, function in enumerate(functions):
            sums[i] += weight * function(w)
        if left is None:
            left = _End(_powers(w, weight * norm), [k - distance / (R * R) for k in (1, 2, 3)])
            if not distance < 0:
                left = _nowhere()
        t += h
        E *= factor
    right = _End(_powers(w, weight * norm), [distance * (1 + w) / (R * R) - k for k in (1, 2, 3)])
    if not distance > 0:
        right = _nowhere()
    assert left is not None  # noqa: S101 - there are at least two nodes
    return [total * (norm * h) for total in sums], left, right


def _gaussian_sum(R: arb, c: arb, rule: Rule, functions: list[Callable[[arb], arb]]) -> tuple[list[arb], _End, _End]:
    """h times the sums over the nodes g of f(w) phi(g), and both ends, where w <= gamma e^(R g)."""
    h = arb(rule.step)
    norm = 1 / (2 * arb.pi()).sqrt()
    sums = [arb(0)] * len(functions)
    g = arb(rule.start)
    ends: list[_End] = []
    for j in range(rule.nodes):
        bound = (c + R * g).exp()
        w = bound.lambertw()
        weight = (-g * g / 2).exp()
        share = weight / (1 + w)
        for i, function in enumerate(functions):
            sums[i] += share * function(w)
        if j in (0, rule.nodes - 1):
            rates = [k * R - g for k in (1, 2, 3)] if j == 0 else [g - k * R for k in (1, 2, 3)]
            ends.append(_End(_powers(bound, weight * norm), rates))
        g += h
    return [total * (norm * h) for total in sums], ends[0], ends[1]


def _powers(w: arb, weight: arb) -> list[arb]:
    return [w * weight, w * w * weight, w**3 * weight]


def _nowhere() -> _End:
    """An end that bounds nothing: the rule stops short of the integrand's fall."""
    return _End([arb.pos_inf()] * 3, [arb(1)] * 3)


def _errors(R: arb, c: arb, rule: Rule, left: _End, right: _End) -> list[arb]:
    """Bounds, for f(w) (1 + w) = w**k, k = 1, 2, 3, on what the finite rule lacks: discretisation and both ends."""
    h = arb(rule.step)
    squeeze = 2 / ((2 * arb.pi() * arb(rule.strip) / h).exp() - 1)
    out = []
    for k, modulus in enumerate(strip_integrals(R, c, rule)):
        error = modulus * squeeze
        for end in (left, right):
            rate = end.rates[k]
            error += h * end.terms[k] / ((h * rate).exp() - 1) if rate > 0 else arb.pos_inf()
        out.append(error)
    return out


def strip_integrals(R: arb, c: arb, rule: Rule) -> list[arb]:
    """Upper bounds on the integrals of the modulus of the integrand w**k over Im = +-strip, k = 1, 2, 3."""
    y = arb(rule.strip)
    if not rule.double:
        if not y * R < arb.pi() / 2:
            return [arb.pos_inf()] * 3
        return [(y * y / 2 + k * c + k * k * R * R / 2).exp() for k in (1, 2, 3)]
    a, sine, cosine, T = (2 * y).cos(), y.sin(), y.cos(), y.tan()
    m = (abs(c) - c) / 2
    K = (y * y - m * m + (m + y * T) ** 2 / (1 - T * T)).max((y + sine) ** 2)
    K += 2 * (y + sine) ** 2 / a + 2 * sine + 2 * (c - 1).exp() + 2 * m
    factor = (K / (2 * R * R)).exp() / (cosine * R * (2 * arb.pi()).sqrt())
    return [factor * (arb(k) / 2).gamma() / 2 * (4 * R * R / a) ** (arb(k) / 2) for k in (1, 2, 3)]


def left_reach(strip: float) -> float:
    """sup |w| over the points of the double exponential strip with Re w < 0."""
    E = (math.pi / 2 - strip) / math.sin(strip)
    return math.exp(-E * math.cos(strip)) / E


def _bound(f: Integrand, errors: Sequence[arb], rule: Rule) -> arb:
    """The ball [-e, e] of the integrand's own error."""
    present = [(b, e) for b, e in zip(f.bound, errors, strict=True) if not (isinstance(b, int) and b == 0)]
    total = sum((b * e for b, e in present), arb(0))
    if f.order and rule.double:
        y = arb(rule.strip)
        E = (arb.pi() / 2 - y) / y.sin()
        gap = 1 - abs(arb(f.pole)) * (-E * y.cos()).exp() / E
        total = total / gap**f.order if gap > 0 else arb.pos_inf()
    return arb(0, total.upper()) if total.is_finite() else arb.nan()


# The choice of nodes, in double precision: it costs or saves nodes, never correctness.


def choose_rule(R: arb, c: arb, pole: float) -> Rule:
    """The cheaper rule at the working precision."""
    return _choose_rule(round(float(R.mid().log()), 6), round(float(c.mid()), 6), pole, ctx.prec)


@functools.lru_cache(maxsize=256)
def _choose_rule(log_R: float, c: float, pole: float, bits: int) -> Rule:
    depth = bits * _LN2 + 8
    gaussian = _gaussian_rule(log_R, depth) if log_R < 0 else None
    if gaussian is not None and log_R < _SMALLEST_DOUBLE:
        return gaussian
    double = _double_rule(log_R, c, pole, depth)
    if gaussian is not None and _LAMBERT_COST * gaussian.nodes < double.nodes:
        return gaussian
    return double


def _gaussian_rule(log_R: float, depth: float) -> Rule:
    R = math.exp(log_R)
    half = math.sqrt(2 * depth) + 3 * R
    widest = 1.5 / R if log_R > -600 else math.inf
    step, strip = max(
        (2 * math.pi * y / (depth + y * y / 2 + 5 * R * R + 1), y)
        for y in (min(half * x, widest) for x in (0.25, 0.5, 0.75, 1.0))
    )
    nodes = 2 * math.ceil(half / step) + 1
    return Rule(-(nodes - 1) / 2 * step, step, nodes, strip, False)


def _double_rule(log_R: float, c: float, pole: float, depth: float) -> Rule:
    low, high = (_unfolded(v) for v in _ends(log_R, c, depth))
    step, strip = max(_step(log_R, c, pole, y, depth) for y in _STRIPS)
    return Rule(low, step, max(8, math.ceil((high - low) / step) + 1), strip, True)


def _step(log_R: float, c: float, pole: float, y: float, depth: float) -> tuple[float, float]:
    if pole * left_reach(y) > 0.5:
        return 0.0, y
    with working_precision(64):
        bounds = strip_integrals(arb(log_R).exp(), arb(c), Rule(0.0, 1.0, 2, y, True))
        excess = max(float(b.log()) - min(k * c, k * log_R) for k, b in enumerate(bounds, start=1))
    return 2 * math.pi * y / (depth + max(excess, 0.0) + 1), y


def _ends(log_R: float, c: float, depth: float) -> tuple[float, float]:
    """The v at which w (on the left) and w**3 (on the right) times the density are e^-depth of their largest values."""

    def height(v: float, k: int) -> float:
        g = (v - c) * math.exp(-log_R) + math.exp(min(v - log_R, 300.0))
        return k * v - g * g / 2

    def falls(v: float) -> bool:  # w**3 times the density: (v + w - c)(1 + w) > 3 R**2
        w = math.exp(min(v, 700.0))
        distance = v + w - c
        return distance > 0 and math.log(distance) + math.log1p(w) > math.log(3) + 2 * log_R

    peak = _first(lambda v: not falls(v), c, -1.0) if falls(c) else _first(falls, c, 1.0)
    low = _first(lambda v: height(v, 1) < height(peak, 1) - depth, peak, -1.0)
    high = _first(lambda v: height(v, 3) < height(peak, 3) - depth, peak, 1.0)
    return low, high


def _first(beyond: Callable[[float], bool], start: float, direction: float) -> float:
    """A point near the first from ``start`` on at which ``beyond`` holds."""
    reach = 1e-6
    while not beyond(start + direction * reach) and reach < 1e9:
        reach *= 2
    low, high = 0.0, reach
    for _ in range(30):
        middle = (low + high) / 2
        if beyond(start + direction * middle):
            high = middle
        else:
            low = middle
    return start + direction * high


def _unfolded(v: float) -> float:
    """The t with t - e^-t = v, by Newton's method."""
    t = v if v > 0 else -math.log(1 - v)
    for _ in range(6):
        E = math.exp(-t)
        t -= (t - E - v) / (1 + E)
    return t
