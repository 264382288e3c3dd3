"""The only change of sign of a function on an interval, enclosed on demand."""

from __future__ import annotations

from collections.abc import Callable

from flint import arb, ctx

from grokmath.exact import working_precision
from grokmath.parameters import PrecisionError

__all__ = ["MAX_BITS", "SignChange", "certain_sign", "middle"]

Kernel = Callable[[arb], arb]

FIRST_BITS = 64
MAX_BITS = 2**12
_STEPS = 300
_NEAR = 24


def certain_sign(value: Callable[[], arb], failure: str, error: type[Exception] = PrecisionError) -> int:
    """The sign of a value by balls of rising precision, 0 only of an exact one; else ``error(failure)``."""
    bits = FIRST_BITS
    while bits <= MAX_BITS:
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


def middle(low: arb, high: arb | None, unit: arb) -> arb:
    """A point between: twice as far where there is no end, the geometric mean of ends far apart, or the mean."""
    if high is None:
        return (4 * low).mid() if low > 0 else unit
    if high > 4 * low:
        return (low * high).sqrt().mid() if low > 0 else (high / 16).mid()
    return ((low + high) / 2).mid()


def _log2(x: arb) -> int:
    """The exponent e with 2**(e-1) <= |mid(x)| < 2**e; very negative for 0."""
    mantissa, exponent = x.mid().man_exp()
    return int(exponent) + int(abs(mantissa)).bit_length() if mantissa else -(10**18)


class SignChange:
    """The point s of (low, high) at which h changes its sign from + to -, where it is known to do so exactly once.

    ``h`` maps an exact point to a ball that contains its value, at flint's precision; it is positive on (low, s) and
    negative on (s, high). ``low`` and ``high`` are exact, or None for infinity. False position inside the bracket
    approaches s, secant steps refine it at precisions that follow its accuracy and what the balls of h lose; the
    certified signs of h on either side prove it. Raises :class:`PrecisionError` where h tells no sign.
    """

    def __init__(self, h: Kernel, low: arb, high: arb | None, unit: arb, function: str) -> None:
        self.low, self.high = low, high
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
            with working_precision(FIRST_BITS):
                self._point, self._slope = self._approach()
            self._accuracy = self._slope_accuracy = _NEAR
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
        limit = 16 * ctx.prec + 8 * MAX_BITS
        while bits <= limit:
            with working_precision(bits):
                value = self._h(u)
            if value.is_finite():
                enough = _log2(value) - 4 if not value.contains(0) else -(10**18)
                missing = _log2(value.rad()) - max(tolerance, enough) if not value.is_exact() else 0
                if missing <= 0:
                    return value
                missing = min(missing, bits)
            else:
                missing = bits
            bits += missing + 4
            self._deficit = max(self._deficit, bits - max(ctx.prec, FIRST_BITS))
        raise PrecisionError(f"{self._function}: the sign next to a crossing was not decided at {bits} bits")

    def _approach(self) -> tuple[arb, arb]:
        """A point with some 24 right bits, and the slope there: false position (Illinois)."""
        low, high = self.low, self.high
        below: arb | None = None  # h at the ends, halved where an end stays
        above: arb | None = None
        last: tuple[arb, arb] | None = None
        point = middle(low, high, self._unit)
        tolerance = -(10**9)  # the sign, until there is a slope
        for _ in range(_STEPS):
            value = self._value(point, tolerance).mid()
            if last is not None and last[0] != point:
                slope = ((value - last[1]) / (point - last[0])).mid()
                tolerance = _log2(slope) + _log2(point) - _NEAR - 8 if slope < 0 else tolerance
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
            point = middle(low, high, self._unit)
            if below is not None and above is not None and high is not None and not high > 16 * low:
                target = (low + (high - low) * below / (below - above)).mid()
                point = target if low < target < high else point
        raise PrecisionError(f"{self._function}: a crossing was not found in {_STEPS} steps")

    def _refine(self, bits: int) -> arb:
        """Secant steps until ``bits`` bits should hold, then the proof; from fewer right bits again on failure."""
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
            with working_precision(goal + 16):
                scale = _log2(self._slope) + _log2(self._point)
                value = self._value(self._point, scale - goal - 2).mid()
                if last is not None and last[0] != self._point:
                    slope = ((value - last[1]) / (self._point - last[0])).mid()
                    if slope < 0:
                        self._slope, self._slope_accuracy = slope, max(last[2] - 2, 4)
                step = (-value / self._slope).mid()
                target = (self._point + step).mid()
                if not target > self.low:
                    target = ((self.low + self._point) / 2).mid()
                elif self.high is not None and not target < self.high:
                    target = ((self.high + self._point) / 2).mid()
                step = (target - self._point).mid()
            reached = min(_log2(target) - _log2(step), goal)
            last = (self._point, value, min(reached, goal - reached))
            self._accuracy = max(min(reached + self._slope_accuracy, goal), min(self._accuracy + 1, goal), 4)
            self._point = target
        raise PrecisionError(f"{self._function}: a crossing was not enclosed to {bits} bits")

    def _prove(self, bits: int) -> arb | None:
        assert self._point is not None  # noqa: S101 - set by estimate
        with working_precision(bits + 16):
            radius = (abs(self._point) * arb(2) ** -bits).upper()
            tolerance = _log2(self._slope) + _log2(radius) - 2
            left, right = (self._point - radius).mid(), (self._point + radius).mid()
            before = left <= self.low or self._value(left, tolerance) > 0
            if before and ((self.high is not None and right >= self.high) or self._value(right, tolerance) < 0):
                return arb(self._point, radius)
        return None
