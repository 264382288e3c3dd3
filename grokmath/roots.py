"""The zero of a strictly decreasing function, enclosed by a certified change of sign."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from flint import arb, ctx

from grokmath.exact import working_precision
from grokmath.parameters import PrecisionError

_FIRST_BITS = 64
_STEPS = 400
_NEAR = 20


class Start(NamedTuple):
    """Where to look for a zero: a point, the slope there, and how many bits of both are probably right."""

    point: arb
    slope: arb
    bits: int = 0


def _log2(x: arb) -> int:
    """The exponent e with 2**(e-1) <= |mid(x)| < 2**e; very negative for 0."""
    mantissa, exponent = x.mid().man_exp()
    return int(exponent) + int(abs(mantissa)).bit_length() if mantissa else -(10**18)


class DecreasingRoot:
    """The zero s > 0 of a continuous, strictly decreasing function h on [0, inf) with h(0) > 0, refined on demand.

    ``h`` maps a ball to a ball that contains its values, at flint's precision. ``start`` returns a point near the zero
    and the slope there (both approximate: they cost or save steps, never correctness). The zero is approached by the
    secant method, inside a bracket unless the start is near, at precisions that follow its accuracy; then h > 0 on the
    left and h < 0 on the right of the result, decided by balls, prove it, and monotonicity makes it the only one.
    """

    def __init__(self, h: Callable[[arb], arb], start: Callable[[], Start], function: str) -> None:
        self._h = h
        self._start = start
        self._function = function
        self._point: arb | None = None
        self._slope = arb(0)
        self._accuracy = 0
        self._slope_accuracy = 0
        self._proved: tuple[int, arb] | None = None

    def enclose(self) -> arb:
        """A ball of relative radius about 2**-precision that contains the zero, at flint's precision."""
        bits = ctx.prec
        if self._proved is None or self._proved[0] < bits:
            self.estimate()
            self._refine(bits)
        assert self._proved is not None  # noqa: S101 - set by _refine
        return self._proved[1]

    def estimate(self) -> arb:
        """A point near the zero, not proved."""
        if self._point is None:
            self._approach()
        assert self._point is not None  # noqa: S101 - set by _approach
        return self._point

    def _approach(self) -> None:
        """From the start to about half of the first precision, inside a bracket."""
        bits = _FIRST_BITS
        while True:
            with working_precision(bits):
                if self._approach_at(bits):
                    return
            bits *= 2
            if bits > 2**20:
                raise PrecisionError(f"{self._function}: no zero was found at {bits // 2} bits")

    def _approach_at(self, bits: int) -> bool:
        point, slope, near = self._start()
        if near >= _NEAR and slope < 0:
            self._point, self._slope, self._accuracy, self._slope_accuracy = point.mid(), slope, near, near
            return True
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
                return self._settle(point, slope, bits // 2, last is not None)
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
            near = _log2(target) - _log2(step)
            point = target
            if near > bits // 3:
                return self._settle(point.mid(), slope, near, True)
        if high is None:
            raise PrecisionError(f"{self._function}: no zero was found, there is no change of sign up to {low.str(5)}")
        return False

    def _settle(self, point: arb, slope: arb, accuracy: int, trusted: bool) -> bool:
        self._point, self._slope, self._accuracy = point, slope, accuracy
        self._slope_accuracy = max(accuracy // 2, 4) if trusted else 4
        return slope < 0

    def _refine(self, bits: int) -> None:
        """Secant steps at rising precision until ``bits`` bits should hold, then the proof; more of both on failure."""
        extra = 8
        while extra < 2**18:
            point = self._polish(bits, extra)
            with working_precision(bits + self._guard() + extra):
                radius = abs(point) * arb(2) ** -bits
                left, right = self._h(point - radius), self._h(point + radius)
                if left > 0 and right < 0:
                    self._proved = (bits, arb(point, radius.upper()))
                    return
            if left < 0 or right > 0:  # the point was not as near as estimated
                self._accuracy = max(self._accuracy // 2, 4)
                self._slope_accuracy = max(self._slope_accuracy // 2, 4)
            extra *= 2
        raise PrecisionError(f"{self._function}: the zero was not enclosed to {bits} bits")

    def _polish(self, bits: int, extra: int) -> arb:
        """Secant steps: a value at twice the bits that are right makes the next chord as accurate as the point is."""
        assert self._point is not None  # noqa: S101 - set by _approach
        last: tuple[arb, arb, int] | None = None
        for _ in range(_STEPS):
            if self._accuracy >= bits + 2:
                break
            goal = min(bits + 2, 2 * self._accuracy)
            with working_precision(goal + self._guard() + extra):
                value = self._h(self._point).mid()
                if last is not None and last[0] != self._point:
                    self._slope = ((value - last[1]) / (self._point - last[0])).mid()
                    self._slope_accuracy = max(last[2] - 2, 4)
                step = (-value / self._slope).mid()
                target = (self._point + step).mid()
            reached = min(_log2(target) - _log2(step), goal)
            last = (self._point, value, min(reached, goal - reached))
            self._accuracy = max(min(reached + self._slope_accuracy, goal), self._accuracy + 1)
            self._point = target
        return self._point

    def _guard(self) -> int:
        """Bits by which |h'| s falls short of the size of the terms of h: what the point must gain on the value."""
        assert self._point is not None  # noqa: S101
        return max(0, -(_log2(self._slope) + _log2(self._point))) + 8
