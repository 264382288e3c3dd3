"""Grokking times with weight decay, initial scale, label noise and several outputs together, each digit proved.

Levi, Beck and Bar Sinai, "Grokking in Linear Estimators", sec. 3.1.3 and 3.3. Training and generalization reach the
accuracy where their losses fall to the threshold L* of :class:`OutputThreshold`.

- Without decay and noise the losses are (1 + alpha^2)/(2 d_out) times those of one output, in the time t/d_out: the
  threshold is rescaled, exactly, and the roots are those of ``regression.grokking_time``.
- L_tr falls in every mode. Its crossing is unique, or it never comes: the limit is compared with L* first, exactly
  where L* is an exact number, and a limit that equals L* is never reached.
- L_gen falls as well where 2 sigma^2 lam <= c/d_out. Else noise makes it rise again (and with null modes, lam > 1, fall
  once more); its turning points are isolated first, and between them it is monotone. What is returned is the first
  passage, the time at which the accuracy is lost again, and the time from which it is regained.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from flint import arb

from grokmath.certified import FLOAT_DIGITS, Certified, certify
from grokmath.exact import Exact, ball, working_precision
from grokmath.parameters import Undecidable, digits_argument, one_of, shown
from grokmath.regression.grokking_time import METHODS, GrokkingTime
from grokmath.regression.grokking_time import grokking_time as plain_grokking_time
from grokmath.regression.knob_grokking_time_crossings import Crossings
from grokmath.regression.knob_grokking_time_threshold import OutputThreshold
from grokmath.regression.knob_grokking_time_turning import TurningPoint, turning_points
from grokmath.regression.knob_losses_certified import KnobLosses
from grokmath.regression.knobs import Knobs
from grokmath.regression.late_time_forms import form_order
from grokmath.roots import FIRST_BITS, SignChange, certain_sign

__all__ = ["LossMinimum", "gen_minimum", "grokking_time"]

_NAME = "grokking_time"
_REASON_DIGITS = 6


def grokking_time(
    knobs: Knobs,
    eps: Exact,
    accuracy: Exact | None = None,
    *,
    method: str = "exact",
    order: int | None = None,
    digits: int | None = None,
) -> GrokkingTime:
    """The grokking time of the model with all its knobs, see ``LinearTeacherStudent.grokking_time``.

    ``eps`` > 0 is the tolerated squared error per output, ``accuracy`` in (0, 1) or None for erf(sqrt 2). With
    ``digits`` all times are proved; without they are those of 17 digits as doubles. Methods other than "exact" know of
    d_out and the initial scale, not of decay and noise: there they give None and a reason. Raises
    :class:`Undecidable` or :class:`PrecisionError` where the threshold is too near to a minimum of L_gen to be told
    from it, and :class:`DomainError` for an unknown method.

    >>> from fractions import Fraction
    >>> knobs = Knobs(Fraction(9, 10), Fraction(1, 100), weight_decay=Fraction(1, 1000))
    >>> print(grokking_time(knobs, Fraction(1, 1000), digits=12).delta)
    25204.0366481
    >>> noisy = Knobs(Fraction(1, 2), Fraction(1, 4), label_noise=Fraction(1, 50))
    >>> print(grokking_time(noisy, Fraction(1, 1000)).reason)
    the generalization loss has its minimum 0.000399915 at t = 122.380, and the threshold 2.5e-4 is below that
    """
    one_of(method, METHODS, "method", _NAME)
    wanted = FLOAT_DIGITS if digits is None else digits_argument(digits, _NAME)
    form_order(method, order)
    if knobs.plain:
        result = _plain(knobs, eps, accuracy, method, order, wanted)
    elif method != "exact":
        reason = f'the method "{method}" knows neither weight decay nor label noise; use method="exact"'
        result = GrokkingTime(None, None, None, reason, method)
    else:
        result = _Times(knobs, OutputThreshold(eps, accuracy, knobs.d_out), wanted).result()
    return result if digits is not None else result.to_float()


@dataclass(frozen=True, eq=False)
class LossMinimum:
    """The least generalization loss and the time at which it is reached: early stopping at its best.

    ``time`` is ``math.inf`` where the loss falls to its infimum ``loss``, the limit, without reaching it.
    """

    time: Any
    loss: Any


def gen_minimum(knobs: Knobs, *, digits: int | None = None) -> LossMinimum:
    """The minimum of L_gen over all t >= 0, and where it lies.

    With 2 sigma^2 lam <= c/d_out the loss falls at all times; else it has a minimum, the first time at which dL_gen/dt
    vanishes (for lam > 1 with decay and alpha > 0 it may fall again later: the lower of the two is returned). Without
    decay the minimum lies where (1 + alpha^2)/d_out L_tr^0(2u) = 2 sigma^2 lam [G(u) - G(2u)], u = 2 eta t/d_out, G
    and L_tr^0 the noiseless losses. With ``digits`` both numbers are proved, without they are doubles.

    >>> from fractions import Fraction
    >>> found = gen_minimum(Knobs(Fraction(9, 10), Fraction(1, 4), label_noise=Fraction(3, 10)), digits=20)
    >>> print(found.time, found.loss)
    14.830571852693919931 0.22305696617342240830
    """
    wanted = FLOAT_DIGITS if digits is None else digits_argument(digits, "gen_minimum")
    losses = KnobLosses(knobs)
    best = _lowest(losses, turning_points(losses))
    if best is None:
        found = LossMinimum(math.inf, _limit(losses, wanted))
    else:
        time = certify(lambda: best.time() / ball(knobs.rate), wanted, function="gen_minimum", method="certified root")
        found = LossMinimum(time, certify(best.loss, wanted, function="gen_minimum", method="at the certified root"))
    return found if digits is not None else LossMinimum(float(found.time), float(found.loss))


def _limit(losses: KnobLosses, digits: int) -> Certified:
    exact = losses.gen_limit_exact()
    if exact is not None:
        return Certified.from_exact(exact, digits)
    return certify(losses.gen_limit, digits, function="gen_minimum", method="limit")


def _lowest(losses: KnobLosses, turning: list[TurningPoint]) -> TurningPoint | None:
    """The minimum with the least loss; None if the limit is lower or there is no minimum."""
    minima = [turn for turn in turning if turn.minimum]
    if not minima:
        return None
    best = minima[0]
    failure = "gen_minimum: two minima of the generalization loss are too close to be told apart"
    for turn in minima[1:]:
        if _compare(turn.loss, best.loss, failure) < 0:
            best = turn
    if len(turning) % 2 == 0 and _compare(losses.gen_limit, best.loss, failure) < 0:  # it falls in the end
        return None
    return best


def _compare(one: Callable[[], arb], other: Callable[[], arb], failure: str) -> int:
    return certain_sign(lambda: one() - other(), failure, Undecidable)


def _plain(
    knobs: Knobs, eps: Exact, accuracy: Exact | None, method: str, order: int | None, digits: int
) -> GrokkingTime:
    """Without decay and noise: one output's losses, rescaled."""
    threshold = OutputThreshold(eps, accuracy, knobs.d_out, 1 / knobs.scale)
    result = plain_grokking_time(knobs.lam, knobs.rate / 2, threshold, method=method, order=order, digits=digits)
    if result.gen != math.inf or knobs.default:
        return result
    plateau = f"its plateau (1 + alpha^2)/(2 d_out) (1 - 1/lam) = {shown(knobs.scale * (1 - 1 / knobs.lam))}"
    level = _level(OutputThreshold(eps, accuracy, knobs.d_out))
    reason = f"the generalization loss stays above {plateau}, and the threshold {level} is not above that"
    return replace(result, reason=reason)


def _level(threshold: OutputThreshold) -> str:
    """The threshold as a reason shows it."""
    return shown(threshold.exact) if threshold.exact is not None else _few(threshold.ball)


def _few(kernel: Callable[[], arb]) -> str:
    return str(certify(kernel, _REASON_DIGITS, function=_NAME))


class _Times:
    """The times of one set of knobs with decay or noise."""

    def __init__(self, knobs: Knobs, threshold: OutputThreshold, digits: int) -> None:
        self.knobs, self.threshold, self.digits = knobs, threshold, digits
        self.crossings = Crossings(knobs, threshold)

    def result(self) -> GrokkingTime:
        train_root, (start, gen_roots) = self.crossings.train(), self.crossings.gen()
        reached = start < 0 or bool(gen_roots)
        trained = train_root != -1
        roots = (
            train_root if isinstance(train_root, SignChange) else None,
            gen_roots[0] if start > 0 and gen_roots else None,
        )
        delta: Any = None
        if trained and reached:
            delta = self._difference(*roots)  # first, as it needs the most bits of both
        elif trained != reached:
            delta = math.inf if trained else -math.inf
        train = (self._time(roots[0]) if roots[0] else self._zero) if trained else math.inf
        later: list[Any] = [self._time(root) for root in gen_roots]
        gen = (later.pop(0) if start > 0 else self._zero) if reached else math.inf
        reasons = ([] if trained else [self._train_reason()]) + ([] if reached else [self._gen_reason()])
        lost, regained = ([*later, math.inf, math.inf][:2]) if reached else (None, None)
        if lost == math.inf:
            regained = None
        return GrokkingTime(train, gen, delta, "; ".join(reasons) or None, "exact", lost, regained)

    @property
    def _zero(self) -> Certified:
        return Certified.from_exact(0, self.digits)

    def _certify(self, kernel: Callable[[], arb], guard: int = 0) -> Certified:
        return certify(kernel, self.digits, function=_NAME, method="certified root", guard=guard)

    def _time(self, root: SignChange) -> Certified:
        return self._certify(lambda: root.enclose() / ball(self.knobs.rate))

    def _difference(self, train: SignChange | None, gen: SignChange | None) -> Certified:
        """t_gen - t_tr, where either may be 0; it is negative where noise keeps the training loss up."""
        if train is None and gen is None:
            return self._zero
        if gen is None:
            assert train is not None  # noqa: S101 - for the type checker
            return -self._time(train)
        if train is None:
            return self._time(gen)
        with working_precision(FIRST_BITS):
            larger, gap = gen.estimate(), abs(gen.estimate() - train.estimate())
            ratio = larger / gap
            guard = max(0, int(float(ratio.log()) / math.log(2)) + 1) if gap > 0 else 0
        rate = self.knobs.rate
        return self._certify(lambda: (gen.enclose() - train.enclose()) / ball(rate), guard)

    def _train_reason(self) -> str:
        limit = self.crossings.losses.train_limit_exact()
        value = shown(limit) if limit is not None else _few(self.crossings.losses.train_limit)
        return self._not_above("training", value)

    def _gen_reason(self) -> str:
        losses = self.crossings.losses
        lowest = _lowest(losses, self.crossings.turning)
        if lowest is None:
            exact = losses.gen_limit_exact()
            return self._not_above("generalization", shown(exact) if exact is not None else _few(losses.gen_limit))
        value, time = _few(lowest.loss), _few(lambda: lowest.time() / ball(self.knobs.rate))
        level = _level(self.threshold)
        return f"the generalization loss has its minimum {value} at t = {time}, and the threshold {level} is below that"

    def _not_above(self, which: str, limit: str) -> str:
        level = _level(self.threshold)
        return f"the {which} loss stays above its limit {limit}, and the threshold {level} is not above that"
