"""Gauss-Legendre rules in balls, and small helpers of the two-point model's dwell."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

from flint import arb, ctx

from grokmath.exact import working_precision

__all__ = ["log2_of", "log2_upper", "moment", "quadrature", "rule"]

_HUGE = 10**15


def moment(delta: arb, width: arb, here: arb, there: arb) -> arb:
    """The integral of here exp(delta h) over [0, width], there = here exp(delta width)."""
    step = delta * width
    if abs(step) > 1:
        return (there - here) / delta
    if step.contains(0):  # |(exp(y) - 1)/y - 1| <= |y| for |y| <= 1
        return here * width * (1 + arb(0, abs(step).upper())) if abs(step) < 1 else arb.nan()
    return here * step.expm1() / delta


def quadrature(f: Callable[[arb], arb], nodes: int) -> arb:
    """The Gauss-Legendre sum of f over [0, 1]; its error is not included."""
    total = arb(0)
    for y, weight in rule(nodes, 64 * math.ceil((ctx.prec + 8) / 64)):
        total += weight * f(y)
    return total


@functools.lru_cache(maxsize=128)
def rule(n: int, bits: int) -> tuple[tuple[arb, arb], ...]:
    """Gauss-Legendre nodes and weights on [0, 1]."""
    with working_precision(bits):
        pairs = []
        for k in range((n + 1) // 2):
            x, weight = arb.legendre_p_root(n, k, weight=True)
            pairs.append(((1 + x) / 2, weight / 2))
            if 2 * k + 1 != n:
                pairs.append(((1 - x) / 2, weight / 2))
        return tuple(pairs)


def log2_of(x: arb) -> float:
    """log2 |x|, at most -1/2, also below the range of floats."""
    mantissa, exponent = x.mid().man_exp()
    size = abs(int(mantissa))
    return min(math.log2(size) + _clamped(exponent), -0.5) if size else -_HUGE


def log2_upper(x: arb) -> float:
    """About log2 of a positive ball's upper end, also outside the range of floats; 0 for a ball without bounds."""
    if not x.is_finite():
        return 0.0
    mantissa, exponent = x.upper().man_exp()
    return float(int(mantissa).bit_length() + _clamped(exponent)) if mantissa else -_HUGE


def _clamped(exponent: Any) -> int:
    return max(-_HUGE, min(_HUGE, int(exponent)))
