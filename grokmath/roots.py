"""The point at which a function changes its sign, enclosed: signs decided by balls on either side prove it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from flint import arb, ctx

from grokmath.exact import binary_exponent, working_precision
from grokmath.parameters import PrecisionError

__all__ = ["FIRST_BITS", "MAX_BITS", "DecreasingRoot", "SignChange", "Start", "certain_sign"]

Kernel = Callable[[arb], arb]

FIRST_BITS = 64
MAX_BITS = 2**12
_STEPS = 400
_NEAR = 24
_MOST_BITS = 2**20
_GUARD = 16
_LONGEST_STRIDE = 2**20


class Start(NamedTuple):
    """Where to look for a zero: a point, the slope there, and how many bits of both are probably right."""

    point: arb
    slope: arb
    bits: int = 0


def certain_sign(
    value: Callable[[], arb], failure: str, error: type[Exception] = PrecisionError, most: int = MAX_BITS
) -> int:
    """The sign of a value by balls of rising precision, 0 only of an exact one; else ``error(failure)``."""
    bits = FIRST_BITS
    while bits <= most:
        with working_precision(bits):
            x = value()
            if x > 0:
                return 1
            if x < 0:
                return -1
            if x.is_zero():
                return 0
        bits *= 2
    raise error(failure)


def _middle(low: arb, high: arb | None, unit: arb, stride: int) -> arb:
    """A point between: ``stride`` bits further where an end is not known, the geometric mean of ends far apart, or the
    mean."""
    if high is None:
        return (low * arb(2) ** stride).mid() if low > 0 else unit
    if high > 4 * low:
        return (low * high).sqrt().mid() if low > 0 else (high * arb(2) ** (-2 * stride)).mid()
    return ((low + high) / 2).mid()


class SignChange:
    """The point s of (low, high) at which h changes its sign from + to -, where it is known to do so exactly once.

    ``h`` maps an exact point to a ball that contains its value, at flint's precision; it is positive on (low, s) and
    negative on (s, high). ``low`` and ``high`` are exact, or None for infinity; ``unit`` is a point to begin with where
    they tell nothing. False position inside the bracket approaches s, secant steps refine it at precisions that follow
    its accuracy and what the balls of h lose; the certified signs of h on either side prove it, and keep every step
    between them. Raises :class:`PrecisionError` where h tells no sign.
    """

    def __init__(self, h: Kernel, low: arb, high: arb | None, unit: arb, function: str) -> None:
        self.low, self.high = low, high
        self._left, self._right = low, high  # the nearest points whose signs are certain
        self._h, self._unit, self._function = h, unit, function
        self._point: arb | None = None
        self._slope = arb(0)
        self._accuracy = self._slope_accuracy = self._deficit = 0
        self._proved: tuple[int, arb] | None = None

    def enclose(self) -> arb:
        """A ball of relative radius about 2**-precision that contains s, at flint's precision."""
        bits = ctx.prec
        if self._proved is None or self._proved[0] < bits:
            self.estimate()
            self._proved = bits, self._refine(bits)
        return self._proved[1]

    def estimate(self) -> arb:
        """A point near s, not proved."""
        if self._point is None:
            self._approach()
        assert self._point is not None  # noqa: S101 - set by _approach
        return self._point

    def split(self, bits: int) -> tuple[arb, arb]:
        """Exact points on either side of s, with certified signs, about 2**-bits apart relatively."""
        with working_precision(bits):
            inside = self.enclose()
        with working_precision(bits + 16):
            right = inside.upper()
            return max(self.low, inside.lower()), right if self.high is None else min(self.high, right)

    def _value(self, u: arb, tolerance: int) -> arb:
        """h(u) with a radius below 2**tolerance, or a quarter of its value; of rising precision."""
        bits = max(ctx.prec, FIRST_BITS) + self._deficit
        limit = 16 * ctx.prec + 8 * MAX_BITS + self._deficit + 2 * abs(binary_exponent(u))  # 1 - e^-u at a tiny u
        while bits <= limit:
            with working_precision(bits):
                value = self._h(u)
            if value.is_finite():
                enough = binary_exponent(value) - 4 if not value.contains(0) else -(10**18)
                missing = binary_exponent(value.rad()) - max(tolerance, enough) if not value.is_exact() else 0
                if missing <= 0:
                    return value
                missing = min(missing, bits)
            else:
                missing = bits
            bits += missing + 4
            self._deficit = max(self._deficit, bits - max(ctx.prec, FIRST_BITS))
        raise PrecisionError(f"{self._function}: the sign next to a crossing was not decided at {bits} bits")

    def _approach(self) -> None:
        """A point with some 24 right bits, and the slope there: false position (Illinois)."""
        with working_precision(FIRST_BITS):
            self._point, self._slope = self._false_position()
        self._accuracy = self._slope_accuracy = _NEAR

    def _false_position(self) -> tuple[arb, arb]:
        low, high = self.low, self.high
        below: arb | None = None  # h at the ends, halved where an end stays
        above: arb | None = None
        last: tuple[arb, arb] | None = None
        stride = 2  # doubled each time, to reach any exponent
        point = _middle(low, high, self._unit, stride)
        scale = -(10**9)  # of the slope; the sign decides until there is one
        for _ in range(_STEPS):
            value = self._value(point, scale + binary_exponent(point) - _NEAR - 8).mid()
            if last is not None and last[0] != point:
                slope = ((value - last[1]) / (point - last[0])).mid()
                scale = binary_exponent(slope) if slope < 0 else scale
                if slope < 0 and abs(value) < abs(slope * point) * arb(2) ** -_NEAR:
                    target = (point - value / slope).mid()
                    inside = target > self.low and (self.high is None or target < self.high)
                    return target if inside else point, slope
            same = last is not None and (last[1] > 0) == (value > 0)
            if value > 0:
                above = above / 2 if above is not None and same else above
                low, below = point, value
            else:
                below = below / 2 if below is not None and same else below
                high, above = point, value
            last = (point, value)
            stride = min(2 * stride, _LONGEST_STRIDE) if high is None or not low > 0 else stride
            point = _middle(low, high, self._unit, stride)
            if below is not None and above is not None and high is not None and not high > 16 * low:
                target = (low + (high - low) * below / (below - above)).mid()
                point = target if low < target < high else point
        raise PrecisionError(f"{self._function}: a crossing was not found in {_STEPS} steps")

    def _refine(self, bits: int) -> arb:
        """Secant steps until ``bits`` bits should hold, then the proof; from fewer right bits again on failure.

        A value at twice the bits that are right makes the next chord as accurate as the point is.
        """
        last: tuple[arb, arb, int] | None = None
        for _ in range(_STEPS):
            assert self._point is not None  # noqa: S101 - set by estimate
            if self._accuracy >= bits + 2:
                proved = self._prove(bits)
                if proved is not None:
                    return proved
                self._accuracy, self._slope_accuracy = max(self._accuracy // 2, 4), max(self._slope_accuracy // 2, 4)
                last = None
            goal = min(bits + 2, 2 * self._accuracy)
            with working_precision(goal + _GUARD):
                scale = binary_exponent(self._slope) + binary_exponent(self._point)
                ball = self._value(self._point, scale - goal - 2)
                self._keep_between(ball)
                value = ball.mid()
                if last is not None and last[0] != self._point:
                    slope = ((value - last[1]) / (self._point - last[0])).mid()
                    if slope < 0:
                        self._slope, self._slope_accuracy = slope, max(last[2] - 2, 4)
                target = (self._point - value / self._slope).mid()
                if not target > self._left:
                    target = ((self._left + self._point) / 2).mid()
                elif self._right is not None and not target < self._right:
                    target = ((self._right + self._point) / 2).mid()
                step = (target - self._point).mid()
            reached = min(binary_exponent(target) - binary_exponent(step), goal)
            last = (self._point, value, min(reached, goal - reached))
            self._accuracy = max(min(reached + self._slope_accuracy, goal), min(self._accuracy + 1, goal), 4)
            self._point = target
        raise PrecisionError(f"{self._function}: a crossing was not enclosed to {bits} bits")

    def _keep_between(self, value: arb) -> None:
        """The point of this value as an end of the bracket, if its sign is certain."""
        assert self._point is not None  # noqa: S101 - set by estimate
        if value > 0:
            self._left = max(self._left, self._point)
        elif value < 0:
            self._right = self._point if self._right is None else min(self._right, self._point)

    def _prove(self, bits: int) -> arb | None:
        assert self._point is not None  # noqa: S101 - set by estimate
        with working_precision(bits + _GUARD):
            radius = (abs(self._point) * arb(2) ** -bits).upper()
            tolerance = binary_exponent(self._slope) + binary_exponent(radius) - 2
            left, right = (self._point - radius).mid(), (self._point + radius).mid()
            before = left <= self.low or self._value(left, tolerance) > 0
            if before and ((self.high is not None and right >= self.high) or self._value(right, tolerance) < 0):
                return arb(self._point, radius)
        return None


class DecreasingRoot(SignChange):
    """The zero s > 0 of a continuous, strictly decreasing function h on [0, inf) with h(0) > 0, refined on demand.

    ``start`` returns a point near the zero and the slope there (both approximate: they cost or save steps, never
    correctness), from which the secant method approaches the zero, inside a bracket unless the start is near.
    """

    def __init__(self, h: Kernel, start: Callable[[], Start], function: str) -> None:
        super().__init__(h, arb(0), None, arb(1), function)
        self._start = start

    def _approach(self) -> None:
        """From the start to about half of the first precision."""
        bits = FIRST_BITS
        while True:
            with working_precision(bits):
                if self._approach_at(bits):
                    return
            bits *= 2
            if bits > _MOST_BITS:
                raise PrecisionError(f"{self._function}: no zero was found at {bits // 2} bits")

    def _approach_at(self, bits: int) -> bool:
        point, slope, near = self._start()
        if near >= _NEAR - 4 and slope < 0:
            return self._settle(point.mid(), slope.mid(), near, near)
        low, high = arb(0), None
        last: tuple[arb, arb] | None = None
        for _ in range(_STEPS):
            point = point.mid()
            value = self._h(point)
            if not value.is_finite() or not value.mid():
                return False
            if value > 0:
                low = point
            elif value < 0:
                high = point
            else:  # the ball straddles 0: as near as this precision tells
                return self._settle(point, slope, bits // 2, bits // 4 if last is not None else 4)
            value = value.mid()
            if last is not None and last[0] != point:
                slope = ((value - last[1]) / (point - last[0])).mid()
            last = (point, value)
            step = (-value / slope).mid() if slope < 0 else arb(0)
            target = point + step
            inside = target > low and (high is None or target < high)
            if not inside or not step:
                target = (low + high) / 2 if high is not None else 2 * point
                step = target - point
            near = binary_exponent(target) - binary_exponent(step)
            point = target
            if near > bits // 3:
                return self._settle(point.mid(), slope, near, near // 2)
        if high is None:
            raise PrecisionError(f"{self._function}: no zero was found, there is no change of sign up to {low.str(5)}")
        return False

    def _settle(self, point: arb, slope: arb, accuracy: int, slope_accuracy: int) -> bool:
        """Take the point and the slope, if it can be one; |h'| s falls short of the terms of h by the deficit."""
        self._point, self._slope = point, slope
        self._accuracy, self._slope_accuracy = accuracy, max(slope_accuracy, 4)
        self._deficit = max(0, -(binary_exponent(slope) + binary_exponent(point)))
        return slope < 0
