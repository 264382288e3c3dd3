"""Where the generalization loss turns: all its stationary points, isolated with proof.

dL_gen/du = up - down, where up and down are Laplace transforms of positive measures, so that log up and log down are
convex and falling. The signed measure of the difference tells how often it can vanish (Descartes' rule for Laplace
transforms): never without overfitting (2 sigma^2 lam <= c/d), and exactly once in the cases of :func:`turns_once`. In
the others, all with decay and a scale alpha > 0 and lam above or near 1, values of log up and log down at a few points
enclose their difference in between to second order, by chords and their continuations: that isolates all its zeros up
to a time from which on its sign is known. Proofs: docs/proofs/grokking_time.md.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from flint import arb, ctx

from grokmath.exact import ball, sign, working_precision
from grokmath.parameters import PrecisionError
from grokmath.regression.knob_grokking_time_limits import surd_sign
from grokmath.regression.knob_losses_certified import KnobLosses
from grokmath.regression.knobs import Knobs
from grokmath.roots import FIRST_BITS, SignChange

__all__ = ["TurningPoint", "isolated", "time_unit", "turning_points", "turns_once"]

_NAME = "grokking_time"
_EVALUATIONS = 4000
_SMALLEST_STEP = -40


def time_unit(knobs: Knobs) -> arb:
    """1/((1 + sqrt lam)^2 + c): the fastest mode's time, a point to start from."""
    with working_precision(FIRST_BITS):
        return (1 / ((1 + ball(knobs.lam).sqrt()) ** 2 + ball(knobs.c))).mid()


def has_null_decay(knobs: Knobs) -> bool:
    """Whether modes without data (lam > 1) forget their start: the slope then has a term of its own, e^{-2cu}."""
    return bool(knobs.lam > 1) and sign(knobs.c) > 0 and sign(knobs.alpha_squared) > 0


def turns_once(knobs: Knobs) -> bool:
    """Whether overfitting (2 sigma^2 lam > c/d) is known to make exactly one stationary point.

    With a = (1 - sqrt lam)^2 and b = (1 + sqrt lam)^2 it is known for alpha = 0 or c = 0; for lam <= 1 where c alpha <=
    a sqrt(1 + alpha^2) or 2a + c >= b; and for lam > 1 where c >= b.
    """
    if sign(knobs.c) == 0 or sign(knobs.alpha_squared) == 0:
        return True
    with working_precision(2 * FIRST_BITS):
        c, root = ball(knobs.c), ball(knobs.lam).sqrt()
        far = (1 + root) ** 2
        if knobs.lam > 1:
            return bool(c > far)
        a = (ball(1 - knobs.lam) / (1 + root)) ** 2
        alpha_squared = ball(knobs.alpha_squared)
        return bool(c * alpha_squared.sqrt() < a * (1 + alpha_squared).sqrt()) or bool(2 * a + c > far)


class TurningPoint:
    """A stationary point of L_gen, and the loss there."""

    def __init__(self, losses: KnobLosses, low: arb, high: arb | None, minimum: bool) -> None:
        self._losses, self.minimum = losses, minimum
        self.root = SignChange(self._h, low, high, time_unit(losses.knobs), _NAME)

    def _h(self, u: arb) -> arb:
        up, down = self._losses.gen_slope_parts(u)
        if not (up > 0 and down > 0):
            return arb.nan()
        return (down / up).log() if self.minimum else (up / down).log()

    def time(self) -> arb:
        """A ball for the time u at flint's precision."""
        return self.root.enclose()

    def loss(self) -> arb:
        """A ball for L_gen there, at flint's precision: the time needs half as many digits, as the slope vanishes."""
        with working_precision(ctx.prec // 2 + 16):
            u = self.root.enclose()
        point, radius = u.mid(), u.rad()
        (up, down), (up_end, down_end) = (
            self._losses.gen_slope_parts((point + shift).mid()) for shift in (-2 * radius, 2 * radius)
        )
        steepest = abs(up_end - down).max(abs(up - down_end))
        return self._losses.gen(point).value() + arb(0, (radius * steepest).upper())


def turning_points(losses: KnobLosses) -> list[TurningPoint]:
    """All stationary points of L_gen in order; the first is a minimum, and minima and maxima alternate."""
    knobs = losses.knobs
    if sign(knobs.overfitting) <= 0:
        return []
    if turns_once(knobs):
        return [TurningPoint(losses, arb(0), None, True)]
    return [TurningPoint(losses, low, high, k % 2 == 0) for k, (low, high) in enumerate(isolated(losses))]


class _Sample(NamedTuple):
    """log up and log down at an exact point."""

    at: arb
    up: arb
    down: arb

    def gap(self) -> arb:
        return self.up - self.down


class _Sweep:
    """One passage over (0, inf) from left to right at flint's precision."""

    def __init__(self, losses: KnobLosses) -> None:
        self.losses, self.left = losses, _EVALUATIONS
        knobs = losses.knobs
        root = ball(knobs.lam).sqrt()
        edge = (ball(1 - knobs.lam) / (1 + root)) ** 2 + ball(knobs.c)  # a + c
        self.null = has_null_decay(knobs)
        self.slowest = 2 * (ball(knobs.c) if self.null else edge)  # exponents in ``down`` are at least this
        self.falls = self.null and surd_sign(1 + knobs.lam - knobs.c, Fraction(-2), knobs.lam) >= 0  # a >= c
        if self.null:
            self.null_log = (ball(knobs.alpha_squared * knobs.c * (1 - 1 / knobs.lam)) / knobs.d_out).log()

    def sample(self, u: arb) -> _Sample | None:
        """None where the precision does not tell."""
        self.left -= 1
        if self.left < 0:
            raise PrecisionError(
                f"{_NAME}: the turning points of the generalization loss were not isolated near u = {u.str(5)}"
                f" within {_EVALUATIONS} evaluations; the slope nearly vanishes there without a change of sign"
            )
        up, down = self.losses.gen_slope_parts(u)
        sample = _Sample(u, up.log(), down.log())
        gap = sample.gap()
        return sample if gap.is_finite() and not gap.contains(0) else None

    def ends(self, before: _Sample, now: _Sample) -> bool:
        """Whether the slope keeps its sign from ``now`` on."""
        if now.gap() > 0:
            steepness = (before.up - now.up) / (now.at - before.at)  # at least -(log up)' from here on
            return bool(steepness <= self.slowest)
        return self.falls and bool(now.up < self.null_log - self.slowest * now.at)

    def run(self) -> list[tuple[arb, arb]] | None:
        """Intervals with exactly one zero of the slope each; between them there is none. None: too little precision."""
        found: list[tuple[arb, arb]] = []
        before: _Sample | None = None
        now = self.sample(arb(0))
        step = time_unit(self.losses.knobs) / 4
        if now is None:
            return None
        while before is None or not self.ends(before, now):
            if step < now.at * arb(2) ** _SMALLEST_STEP:
                self.left = 0
            after, beyond = self.sample((now.at + step).mid()), self.sample((now.at + 2 * step).mid())
            if after is None or beyond is None:
                if step < now.at / 2**20:
                    return None
                step = (step * 0.375).mid()
                continue
            verdict = _between(before, now, after, beyond)
            if verdict is None:
                step = (step / 4).mid()
                continue
            if verdict:
                found.append((now.at, after.at))
            before, now, step = now, after, (2 * step).mid()
        return found


def _between(before: _Sample | None, now: _Sample, after: _Sample, beyond: _Sample) -> bool | None:
    """Whether log up - log down has a zero between ``now`` and ``after``; then it is the only one. None: not known."""
    side = 1 if now.gap() > 0 else -1
    changed = (after.gap() > 0) != (side > 0)
    if not changed:
        if side > 0 and after.up > now.down:
            return False
        if side < 0 and now.up < after.down:
            return False
    if before is None:
        return None
    width = after.at - now.at
    up_left, down_left = ((y - x) / (now.at - before.at) for x, y in ((before.up, now.up), (before.down, now.down)))
    up_right, down_right = (
        (y - x) / (beyond.at - after.at) for x, y in ((after.up, beyond.up), (after.down, beyond.down))
    )
    # the slopes of the convex log up and log down in between lie between those of the chords on either side
    if up_left - down_right > 0 or up_right - down_left < 0:
        return changed
    if changed:
        return None
    # a chord of the one against the continued chords of the other: second order in the width
    chord, other = (now.down, after.down) if side > 0 else (now.up, after.up)
    if side > 0:
        left, right, start, end = up_left, up_right, now.up, after.up
    else:
        left, right, start, end = down_left, down_right, now.down, after.down
    # lower bound of the convex function: max of start + left t and end - right (width - t); they meet at t
    if not right > left:  # as good as straight
        return False if start + left * width > other else None
    meet = (end - start - right * width) / (left - right)
    meet = arb(0).max(width.min(meet))
    return False if start + left * meet > chord + (other - chord) * meet / width else None


def isolated(losses: KnobLosses) -> list[tuple[arb, arb]]:
    """By the sweep: intervals with exactly one stationary point each, and none elsewhere (2 sigma^2 lam > c/d).

    Without decay at lam = 1 the sweep has no end, and the theorem serves.
    """
    bits = FIRST_BITS
    while bits <= 2**11:
        with working_precision(bits):
            found = _Sweep(losses).run()
        if found is not None:
            return found
        bits *= 2
    raise PrecisionError(
        f"{_NAME}: the turning points of the generalization loss were not isolated at {bits // 2} bits"
    )
