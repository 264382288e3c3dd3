"""What both methods of the Marcum kernels need of a point: its parameters, bounds, and floats to choose by."""

from __future__ import annotations

import math
from typing import NamedTuple

from flint import arb

from grokmath.exact import log2

__all__ = ["UNIT", "Point", "float_mid", "log_mid", "point_of", "saddle_exponent", "tolerance", "upper_bound", "within"]

_LN2 = math.log(2)
UNIT = arb(0.5, 0.5)
"""The ball [0, 1]."""


class Point(NamedTuple):
    """Balls for the parameters and what both methods need of them; a and b are kept for cancellation-free forms."""

    m: arb
    a: arb
    b: arb
    X: arb
    Y: arb
    A: arb


def point_of(m: arb, a: arb, b: arb) -> Point:
    X, Y, ab = (a * a / 2).nonnegative_part(), b * b / 2, (a * b).nonnegative_part()
    return Point(m, a, b, X, Y, (m * m + ab * ab).sqrt())


def log_mid(x: arb) -> float:
    """The natural logarithm of the midpoint as a float, for choices only; also where the midpoint is no float."""
    return log2(x) * _LN2 if x.mid() > 0 else -math.inf


def float_mid(x: arb) -> float:
    """The midpoint as a float, inf where it is too large; for choices only."""
    log = log_mid(x)
    if log > 700:
        return math.inf
    return float(x.mid()) if log > -700 else 0.0


def upper_bound(x: arb) -> arb:
    """An exact upper bound of |x|; inf where there is none."""
    bound = x.abs_upper()
    return bound if bound.is_finite() else arb.pos_inf()


def within(radius: arb) -> arb:
    """The ball [-radius, radius]."""
    return arb(0, radius) if radius.is_finite() else arb.nan()


def saddle_exponent(m: arb, a: arb, b: arb, A: arb, t: arb) -> arb:
    """The saddle's exponent E, (1) of the proofs. Squares are products: in python-flint, [0 +/- r]**2 is nan."""
    difference = b - a
    return difference * difference / 2 - m * m / (A + a * b) + m * t


def tolerance(bits: int) -> float:
    """L such that truncation errors of relative size e^-L do not show at this precision."""
    return bits * _LN2 + 6
