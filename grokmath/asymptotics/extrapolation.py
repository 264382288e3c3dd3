"""Limits of sequences s_k at u_k = u_0 2^k: whether one settles like a power of u, and to what.

A sequence s + c_1 u^-p1 + c_2 u^-p2 + ... is extrapolated in three ways: by Richardson's scheme in powers of 1/u, the
same in powers of 1/sqrt(u), and by Wynn's epsilon algorithm, which removes powers that nobody named. Of all columns the
one is taken whose last two elements are nearest to each other, and ten times their distance for its error. (The
distance of two columns is no measure: where the powers are not those of the scheme, late columns repeat the error of
early ones. In a column that still has an error E u^-p the last two elements differ by (2^p - 1) E u^-p.) It is an
estimate and no bound.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from flint import arb, fmpq

__all__ = ["LEAST_POWER", "extrapolated", "settles"]

_SAFETY = 10
LEAST_POWER = 0.25
"""A sequence that approaches its limit more slowly than u to minus this does not settle."""


def settles(sequence: list[arb], floor: arb) -> bool:
    """Whether the sequence approaches its limit like a power of u, or no longer moves by more than ``floor``."""
    gaps = [abs(sequence[k + 1] - sequence[k]) for k in range(len(sequence) - 1)]
    if gaps[-1].upper() < floor:
        return True
    if any(gap.contains(0) for gap in gaps):
        return False
    falls = [float((gaps[k] / gaps[k + 1]).log().mid()) / math.log(2) for k in range(len(gaps) - 1)]
    if gaps[-1].upper() < arb(10) ** -30 and falls[-1] > 2:  # faster than any power
        return True
    # with powers alone, falls[k] tends to q geometrically; with logarithms like 1/k
    steps = [abs(falls[k + 1] - falls[k]) for k in range(len(falls) - 1)]
    geometric = steps[-1] <= 1.2 * 2 ** (-(len(steps) - 1) / 2) * steps[0] or steps[-1] < 1e-12
    return min(falls[-2:]) > LEAST_POWER and geometric


def extrapolated(sequence: list[arb]) -> tuple[arb, float]:
    """The limit of a sequence that settles, and ten times what the last step moved it."""
    best = (sequence[-1], math.inf)
    for column in (*_richardson(sequence, fmpq(1)), *_richardson(sequence, fmpq(1, 2)), *_wynn(sequence)):
        moved = abs(column[-1] - column[-2])
        error = float(_SAFETY * moved.upper() + column[-1].rad()) if moved.is_finite() else math.inf
        if error < best[1]:
            best = (column[-1], error)
    return arb(best[0].mid()), best[1]


def _richardson(sequence: list[arb], step: fmpq) -> Iterator[list[arb]]:
    """Columns of the scheme for powers of u^-step, down to two elements."""
    column, j = sequence, 0
    while len(column) > 1:
        yield column
        j += 1
        weight = arb(2) ** (arb(step) * j)
        column = [(weight * column[k + 1] - column[k]) / (weight - 1) for k in range(len(column) - 1)]


def _wynn(sequence: list[arb]) -> Iterator[list[arb]]:
    """The even columns of the epsilon algorithm, down to two elements."""
    before, column = [arb(0)] * (len(sequence) + 1), sequence
    while len(column) > 1:
        yield column
        for _ in range(2):
            following = [before[k + 1] + 1 / (column[k + 1] - column[k]) for k in range(len(column) - 1)]
            before, column = column, following
