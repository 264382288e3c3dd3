"""Where the two losses of the two-point model cross a threshold, as certified pulls V.

In V the losses are elementary, h_train = b + log((exp(-S) + exp(a S))/2) and h_gen = b + S**2/2 (logarithms), and with
x = exp(-p S), zeta = x - a

    h_train' = -s (1 + x) - zeta**2/(1 + x) < 0,    h_gen' = (S - s) zeta - s p.

The training loss falls strictly. h_gen has at most two turning points for lam <= 1/2 and three above: with y = S - s
and B = exp(-p s) they are the zeros of f(y) - s p, f = y (B exp(-p y) - a), y > 0, and f turns where
(1 - p y) exp(1 - p y) = a e/B, that is at y = (1 - W(a e/B))/p with Lambert's W. Above the minimiser there is none
(Lemmas 9 and 10 of docs/proofs/two_point.md).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

from flint import arb, ctx

from grokmath.classification.two_point_certified import Flow
from grokmath.exact import Exact, ball, working_precision
from grokmath.parameters import PrecisionError
from grokmath.roots import certain_sign

__all__ = ["Crossing", "gen_crossings", "log_gen_loss", "log_train_loss", "train_crossing"]

_FIRST_BITS = 64
_MAX_BITS = 2**13
_STEPS = 400
_NAME = "grokking_time"

Kernel = Callable[[arb], arb]


class Crossing:
    """The zero of a function that is monotone between two points of opposite sign, enclosed on demand.

    ``h`` and its derivative map balls to balls. Newton's method inside the bracket approaches the zero; then the mean
    value form maps an interval into itself, which proves that the zero lies there.
    """

    def __init__(self, h: Kernel, slope: Kernel, low: arb, high: arb, rising: bool) -> None:
        self._h, self._slope, self._low, self._high, self.rising = h, slope, low, high, rising
        self._point: arb | None = None
        self._proved: tuple[int, arb] | None = None

    def enclose(self) -> arb:
        """A ball of relative radius about 2**-precision that contains the zero, at flint's precision."""
        bits = ctx.prec
        if self._proved is None or self._proved[0] < bits:
            self._proved = bits, self._refine(bits)
        return self._proved[1]

    def _refine(self, bits: int) -> arb:
        extra = 16
        while extra <= _MAX_BITS:
            with working_precision(bits + extra):
                point = self._approach(bits)
                if point is not None:
                    self._point = point
                    radius = (abs(point) * arb(2) ** (-bits - 1)).upper()
                    around = arb(point, radius)
                    image = point - self._h(point) / self._slope(around)
                    if around.contains_interior(image) and self._low <= around.lower() and around.upper() <= self._high:
                        return image
            extra *= 2
        raise PrecisionError(f"{_NAME}: a crossing of the threshold was not enclosed to {bits} bits")

    def _approach(self, bits: int) -> arb | None:
        low, high = self._low, self._high
        point = self._point if self._point is not None else self._middle(low, high)
        for _ in range(_STEPS):
            value, slope = self._h(point), self._slope(point)
            if not value.is_finite():
                return None
            if value.contains(0):
                return point
            if (value > 0) == self.rising:
                high = point
            else:
                low = point
            target = (point - value / slope).mid()
            if not (target.is_finite() and low < target < high):
                target = self._middle(low, high)
            if abs(target - point) < abs(point) * arb(2) ** (-bits // 2 - 8):
                point = target
                value, slope = self._h(point), self._slope(point)
                return (point - value / slope).mid()
            point = target
        return None

    @staticmethod
    def _middle(low: arb, high: arb) -> arb:
        if low > 0 and high > 4 * low:
            return (low * high).sqrt().mid()
        return ((low + high) / 2).mid() if low > 0 or high < 2**-20 else (high / 2**10).mid()


@dataclass(frozen=True)
class _Point:
    """A ball with the certified sign of h on it; None stands for infinity."""

    at: arb | None
    sign: int


def log_train_loss(flow: Flow, v: arb) -> arb:
    """log L_tr at the pull V."""
    balls = flow.balls()
    state = balls.state(v)
    # the larger exponential taken out
    larger = state.weight * balls.a if state.weight > 0 else -state.weight
    return state.bias + larger + ((-abs(state.weight) * balls.p).exp() / 2 + arb(0.5)).log()


def log_gen_loss(flow: Flow, v: arb) -> arb:
    """log L_gen at the pull V, the exponential loss of the population."""
    state = flow.balls().state(v)
    return state.bias + state.weight * state.weight / 2


def _train_slope(flow: Flow, v: arb) -> arb:
    balls = flow.balls()
    x = balls.x(v)
    zeta = _zeta(flow, v)
    return -balls.s * (1 + x) - zeta * zeta / (1 + x)  # python-flint's ball**2 is nan for a ball around 0


def _gen_slope(flow: Flow, v: arb) -> arb:
    balls = flow.balls()
    state = balls.state(v)
    return (state.weight - balls.s) * _zeta(flow, v) - balls.rate


def _zeta(flow: Flow, v: arb) -> arb:
    """x - a: a sum for a < 0, where w x is a product of a huge and a tiny ball; w x for a > 0, where x - a cancels."""
    balls = flow.balls()
    return balls.x(v) - balls.a if flow.a < 0 else balls.w(v) * balls.x(v)


def train_crossing(flow: Flow, eps: Exact) -> Crossing | None:
    """Where L_tr falls to eps; None if it is not above eps at t = 0."""
    h = _excess(log_train_loss, flow, eps)
    start = _certain_sign(lambda: h(arb(0)), _tie(flow, eps, train=True))
    if start <= 0:
        return None
    crossings = _between(h, lambda v: _train_slope(flow, v), [_Point(arb(0), start), _Point(None, -1)])
    return crossings[0]


def gen_crossings(flow: Flow, eps: Exact) -> tuple[int, list[Crossing]]:
    """The sign of L_gen - eps at t = 0, and all crossings in order of time."""
    h = _excess(log_gen_loss, flow, eps)
    start = _certain_sign(lambda: h(arb(0)), _tie(flow, eps, train=False))
    slope: Kernel = lambda v: _gen_slope(flow, v)  # noqa: E731
    turnings = _turning_points(flow)
    points = [_Point(arb(0), start or _sign_after_a_tie(flow))]
    for turning in turnings:
        points.append(_Point(turning(), 1) if _touches(flow, eps) else _sign_at(h, turning))
    points.append(_Point(None, 1 if flow.a < 0 else -1))
    return start, _between(h, slope, points)


def _sign_after_a_tie(flow: Flow) -> int:
    """The sign of h_gen just after t = 0 where it is 0 there."""
    if flow.a == -1 and flow.weight0 == flow.s:  # h_gen = (S - s)**2/2
        return 1
    return _certain_sign(lambda: _gen_slope(flow, arb(0)))


def _touches(flow: Flow, eps: Exact) -> bool:
    """Whether L_gen is eps at its turning point S = s (lam = 1), where it is least."""
    if flow.a != -1 or flow.weight0 is None or eps != 1:
        return False
    return bool(flow.bias0 + flow.s * flow.weight0 == flow.s * flow.s / 2)


def _excess(log_loss: Callable[[Flow, arb], arb], flow: Flow, eps: Exact) -> Kernel:
    return lambda v: log_loss(flow, v) - ball(eps).log()


def _tie(flow: Flow, eps: Exact, *, train: bool) -> bool:
    """Whether the loss at t = 0 is eps; by Lindemann's theorem this needs eps = 1 and a vanishing exponent."""
    if eps != 1 or flow.weight0 is None:
        return False
    if train:
        return (flow.weight0 == 0 and flow.bias0 == 0) or (flow.a == -1 and flow.bias0 == flow.weight0)
    return bool(flow.bias0 + flow.weight0 * flow.weight0 / 2 == 0)


def _certain_sign(kernel: Callable[[], arb], zero: bool = False) -> int:
    if zero:
        return 0
    failure = f"{_NAME}: the threshold was not told from a value of the loss at {_MAX_BITS} bits"
    return certain_sign(kernel, failure, most=_MAX_BITS)


def _between(h: Kernel, slope: Kernel, points: list[_Point]) -> list[Crossing]:
    """One crossing between each pair of consecutive points with opposite signs."""
    crossings = []
    for left, right in itertools.pairwise(points):
        if left.sign == right.sign:
            continue
        assert left.at is not None  # noqa: S101 - only the last point is infinite
        low = left.at.upper()
        high = right.at.lower() if right.at is not None else _beyond(h, low, right.sign)
        crossings.append(Crossing(h, slope, low, high, rising=right.sign > 0))
    return crossings


def _beyond(h: Kernel, low: arb, sign: int) -> arb:
    """A point above ``low`` where h has its final sign, well beyond its last zero."""
    with working_precision(_FIRST_BITS):
        high = 2 * low + 1
        for _ in range(_MAX_BITS):
            if h(high) * sign > 0:
                return (2 * high).mid()  # the zero may be next to high itself
            high *= 2
    raise PrecisionError(f"{_NAME}: no change of sign was found")


def _sign_at(h: Kernel, turning: Callable[[], arb]) -> _Point:
    bits = _FIRST_BITS
    while bits <= _MAX_BITS:
        with working_precision(bits):
            at = turning()
            value = h(at)
            if value > 0 or value < 0:
                return _Point(at, 1 if value > 0 else -1)
        bits *= 2
    raise PrecisionError(f"{_NAME}: the threshold was not told from a turning value of L_gen at {_MAX_BITS} bits")


def _turning_points(flow: Flow) -> list[Callable[[], arb]]:
    """The pulls at which L_gen turns, in order of time."""
    if flow.weight0 is None:
        return []
    if flow.a > 0 and _certain_sign(lambda: flow.balls().zeta0, flow.a == 1 and flow.weight0 == 0) <= 0:
        return []
    start = flow.weight0

    def gain(height: Crossing | None) -> Callable[[], arb]:
        return lambda: flow.balls().s + (arb(0) if height is None else height.enclose()) - ball(start)

    def pull(growth: Callable[[], arb]) -> Callable[[], arb]:
        return lambda: flow.balls().pull(growth())

    if flow.a == -1:
        return [pull(gain(None))] if flow.s > start else []
    heights: list[Crossing | None] = [*_turning_heights(flow)]
    return [pull(growth) for growth in map(gain, heights) if _certain_sign(growth) > 0]


def _turning_heights(flow: Flow) -> list[Crossing]:
    """The zeros y > 0 of f(y) - s p in increasing order."""

    def scale() -> arb:
        balls = flow.balls()
        return (-balls.p * balls.s).exp()

    def h(y: arb) -> arb:
        balls = flow.balls()
        return y * (scale() * (-balls.p * y).exp() - balls.a) - balls.rate

    def slope(y: arb) -> arb:
        balls = flow.balls()
        return scale() * (-balls.p * y).exp() * (1 - balls.p * y) - balls.a

    def turn(branch: int) -> Callable[[], arb]:
        def at() -> arb:
            balls = flow.balls()
            argument = balls.a * arb.const_e() / scale()
            return (1 - argument.lambertw(branch)) / balls.p

        return at

    def excess() -> arb:  # of the argument of W over -1/e
        return flow.balls().a * arb.const_e() / scale() + arb(-1).exp()

    points = [_Point(arb(0), -1)]
    if flow.a >= 0:
        with working_precision(_FIRST_BITS):
            if not turn(0)() > 0:  # f falls from the start
                return []
        points.append(_sign_at(h, turn(0)))
    elif _certain_sign(excess) > 0:
        points += [_sign_at(h, turn(0)), _sign_at(h, turn(-1))]
    points.append(_Point(None, 1 if flow.a < 0 else -1))
    return _between(h, slope, points)
