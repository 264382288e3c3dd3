"""Where the losses of the model with all knobs cross a threshold, in the time u, each crossing with its proof.

L_tr falls in every mode, so it crosses once at most. L_gen is monotone between its turning points, so that the signs of
L_gen - L* at t = 0, at the turning points and in the limit tell how often it crosses, and between which of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from flint import arb, ctx

from grokmath.exact import sign, working_precision
from grokmath.parameters import Undecidable
from grokmath.regression.knob_grokking_time_limits import threshold_against_gen_limit, threshold_against_train_limit
from grokmath.regression.knob_grokking_time_threshold import Threshold
from grokmath.regression.knob_grokking_time_turning import TurningPoint, time_unit, turning_points
from grokmath.regression.knob_losses_certified import KnobLosses
from grokmath.regression.knobs import Knobs
from grokmath.roots import FIRST_BITS, MAX_BITS, SignChange, certain_sign

__all__ = ["Crossings"]

_NAME = "grokking_time"


class _Mark(NamedTuple):
    """A point between which L_gen is monotone: its time (None: infinity) and the sign of L_gen - L* there."""

    turning: TurningPoint | None
    infinite: bool
    side: int


class Crossings:
    """All crossings of one threshold by the two losses of one set of knobs (with decay or noise)."""

    def __init__(self, knobs: Knobs, threshold: Threshold) -> None:
        self.knobs, self.threshold = knobs, threshold
        self.losses = KnobLosses(knobs)

    @cached_property
    def turning(self) -> list[TurningPoint]:
        """The stationary points of L_gen."""
        return turning_points(self.losses)

    def train(self) -> SignChange | int:
        """Where L_tr falls to the threshold; 0 if it is not above it at t = 0, -1 if it stays above."""
        if self.threshold.compare(self.knobs.scale + self.knobs.noise, _NAME) >= 0:
            return 0
        if threshold_against_train_limit(self.knobs, self.threshold) <= 0:
            return -1
        h = _Base(self.losses.train_limit, self.threshold).approach(
            lambda u: self.losses.train(u).value(), turning=None, comes_from=False
        )
        if not sign(self.knobs.c) and self.knobs.lam >= 1:  # it falls to 0
            h = self._plain_log(lambda u: self.losses.train(u).log())
        return SignChange(h, arb(0), None, time_unit(self.knobs), _NAME)

    def gen(self) -> tuple[int, list[SignChange]]:
        """The sign of L_gen - L* just after t = 0, and all crossings in order: they alternate."""
        start = 1 if self.threshold.compare(self.knobs.scale, _NAME) < 0 else -1  # it falls at t = 0
        marks = [_Mark(None, False, start)]
        marks += [_Mark(turn, False, self._side(turn)) for turn in self.turning]
        limit = -threshold_against_gen_limit(self.knobs, self.threshold)
        marks.append(_Mark(None, True, limit or (-1 if len(self.turning) % 2 else 1)))  # a limit is not attained
        found = []
        for left, right in pairwise(marks):
            if left.side != right.side:
                found.append(self._between(left, right))
        return start, found

    def _side(self, turn: TurningPoint) -> int:
        kind = "minimum" if turn.minimum else "maximum"
        failure = (
            f"{_NAME}: the threshold and a {kind} of the generalization loss agree to more than {MAX_BITS // 2} bits;"
            " whether it is crossed there cannot be decided"
        )
        return certain_sign(lambda: turn.loss() - self.threshold.ball(), failure, Undecidable)

    def _between(self, left: _Mark, right: _Mark) -> SignChange:
        falling = left.side > 0
        low, high = arb(0), None
        bits = FIRST_BITS
        while left.turning or right.turning:  # ends on which the sign of L_gen - L* is certain
            low = left.turning.root.split(bits)[1] if left.turning else arb(0)
            high = right.turning.root.split(bits)[0] if right.turning else None
            with working_precision(2 * bits):
                level = self.threshold.ball()
                certain = all(
                    end is None or not end > 0 or (self.losses.gen(end).value() - level) * side > 0
                    for end, side in ((low, left.side), (high, right.side))
                )
            if certain and (high is None or low < high):
                break
            bits *= 2
            if bits > MAX_BITS:
                raise Undecidable(f"{_NAME}: a crossing next to a turning point was not separated from it")
        ends = [(mark, self._base(mark)) for mark in (left, right) if mark.turning or self._has_limit(mark)]
        if ends:
            near, base = max(ends, key=lambda end: end[1].lost)
            h = base.approach(lambda u: self.losses.gen(u).value(), near.turning, near is left)
        else:
            h = self._plain_log(lambda u: self.losses.gen(u).log(), 1 if falling else -1)
        return SignChange(h, low, high, time_unit(self.knobs), _NAME)

    def _base(self, mark: _Mark) -> _Base:
        return _Base(mark.turning.loss if mark.turning else self.losses.gen_limit, self.threshold)

    def _has_limit(self, mark: _Mark) -> bool:
        k = self.knobs
        return mark.infinite and (bool(sign(k.c)) or k.lam != 1 or not sign(k.noise))

    def _plain_log(self, log_loss: Callable[[arb], arb], direction: int = 1) -> Callable[[arb], arb]:
        return lambda u: direction * (log_loss(u) - self.threshold.ball().log())


class _Base:
    """A value that a loss comes from or goes to: its limit, or the value at a turning point."""

    def __init__(self, kernel: Callable[[], arb], threshold: Threshold) -> None:
        self._kernel, self._threshold = kernel, threshold
        self._known: dict[int, arb] = {}

    def value(self) -> arb:
        """A ball at flint's precision or a little more, so that few are computed."""
        step = 32 + (ctx.prec // 256) * 64
        bits = -(-ctx.prec // step) * step
        if bits not in self._known:
            with working_precision(bits):
                self._known[bits] = self._kernel()
        return self._known[bits]

    @cached_property
    def lost(self) -> int:
        """Bits that L* - value loses: large where L* is near."""
        lost = 0
        while True:
            guard = lost
            with working_precision(FIRST_BITS + guard):
                level = self._threshold.ball()
                gap = abs(level - self.value())
                ratio = level / gap if gap > 0 else arb.pos_inf()
                clear = ratio.is_finite()
                lost = max(0, int(float(ratio.log().mid()) / math.log(2)) + 1) if clear else 2 * guard + FIRST_BITS
            if lost <= guard:
                return guard

    def approach(
        self, loss: Callable[[arb], arb], turning: TurningPoint | None, comes_from: bool
    ) -> Callable[[arb], arb]:
        """h with the sign of the way that the loss still has to go to L*, made nearly linear in u.

        r = (L - value)/(L* - value) >= 0 falls to 0 where the loss goes to the value, and grows where it comes from it.
        h is log r or, with L* near the loss at a turning point T, sqrt(r) - 1, with -sqrt(r) beyond T, where the sign
        of h is that at T: analytic there. h has its other sign where the loss comes from the value. Where a ball does
        not tell r from 0, h encloses sqrt(r) - 1.
        """
        direction = -1 if comes_from else 1

        def side(u: arb) -> int:
            """1 before the loss comes to T (or after it has left T), -1 beyond, 0 where that is not known."""
            assert turning is not None  # noqa: S101 - for the type checker
            ahead = (turning.time() - u) * direction
            return 1 if ahead > 0 else -1 if ahead < 0 else 0

        def h(u: arb) -> arb:
            with working_precision(ctx.prec + self.lost + 8):
                base = self.value()
                ratio = (loss(u) - base) / (self._threshold.ball() - base)
                if not ratio > 0:
                    root = arb(0).union(ratio.upper().max(arb(0)).sqrt())
                elif turning is None or self.lost <= 2:
                    return direction * ratio.log()
                else:
                    root = ratio.sqrt()
                if turning is not None:
                    which = side(u)
                    root = root * which if which else root.union(-root)
                return direction * (root - 1)

        return h
