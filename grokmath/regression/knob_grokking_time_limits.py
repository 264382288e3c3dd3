"""Thresholds against the limits of the losses, decided exactly where the threshold is an exact number.

With c > 0 and p the larger root of p^2 = S p - lam, S = 1 + lam + c, both limits are rational in p, so that "limit -
threshold" has the sign of some B p + D with exact B and D: of U + V sqrt(R^2), R^2 = S^2 - 4 lam. That is a matter of
signs and squares. Without decay the limits are rational in the parameters.
"""

from __future__ import annotations

from fractions import Fraction

from grokmath.exact import Exact, sign
from grokmath.parameters import Undecidable
from grokmath.regression.knob_grokking_time_threshold import Threshold
from grokmath.regression.knob_losses_certified import KnobLosses
from grokmath.regression.knobs import Knobs
from grokmath.roots import certain_sign

__all__ = ["surd_sign", "threshold_against_gen_limit", "threshold_against_train_limit"]

_NAME = "grokking_time"


def surd_sign(u: Exact, v: Exact, radicand: Exact) -> int:
    """The sign of u + v sqrt(radicand), radicand >= 0, exactly.

    >>> surd_sign(Fraction(-3), Fraction(2), Fraction(2)), surd_sign(Fraction(-3), Fraction(1), Fraction(9))
    (-1, 0)
    """
    first, second = sign(u), sign(v) if sign(radicand) else 0
    if first * second >= 0:
        return first or second
    return first * sign(u * u - v * v * radicand)


def threshold_against_gen_limit(knobs: Knobs, threshold: Threshold) -> int:
    """-1, 0 or 1 as the threshold is below, equal to or above the limit of L_gen for t -> infinity."""
    if sign(knobs.c) == 0 and sign(knobs.noise) and knobs.lam == 1:
        return -1  # the limit is infinite
    losses = KnobLosses(knobs)
    if sign(knobs.c) == 0:
        limit = losses.gen_limit_exact()
        assert limit is not None  # noqa: S101 - for the type checker
        return threshold.compare(limit, _NAME)
    if threshold.exact is None:
        return certain_sign(lambda: threshold.ball() - losses.gen_limit(), _alike("generalization"), Undecidable)
    level = knobs.d_out * threshold.exact
    noise = knobs.d_out * knobs.noise
    return -_sign_at_root(knobs, Fraction(1, 2) - level, Fraction(-1), Fraction(1, 2) + (noise + level) * knobs.lam)


def threshold_against_train_limit(knobs: Knobs, threshold: Threshold) -> int:
    """-1, 0 or 1 as the threshold is below, equal to or above the limit of L_tr for t -> infinity."""
    losses = KnobLosses(knobs)
    if sign(knobs.c) == 0:
        limit = losses.train_limit_exact()
        assert limit is not None  # noqa: S101 - for the type checker
        return threshold.compare(limit, _NAME)
    if threshold.exact is None:
        return certain_sign(lambda: threshold.ball() - losses.train_limit(), _alike("training"), Undecidable)
    lam, c = knobs.lam, knobs.c
    level = knobs.d_out * threshold.exact
    noise = knobs.d_out * knobs.noise
    return -_sign_at_root(knobs, noise - level, -2 * noise * lam, c * c / 2 + noise * lam * lam + level * lam)


def _sign_at_root(knobs: Knobs, second: Exact, first: Exact, constant: Exact) -> int:
    """The sign of second p^2 + first p + constant."""
    total = 1 + knobs.lam + knobs.c
    slope = second * total + first
    return surd_sign(slope * total / 2 + constant - second * knobs.lam, slope / 2, total * total - 4 * knobs.lam)


def _alike(which: str) -> str:
    return f"{_NAME}: the threshold and the limit of the {which} loss are too close to be told apart"
