"""Balls as decimals: the digits of a ball that are proved, and bounds rounded upwards."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import NamedTuple

from flint import arb

from grokmath.exact import integer_text

__all__ = ["WIDE", "Rounded", "decimal_text", "round_ball", "upper_decimal"]

WIDE = Context(prec=50, Emax=10**17, Emin=-(10**17))
"""A decimal context for bounds of any exponent."""


class Rounded(NamedTuple):
    """mantissa * 10**exponent with ``digits`` digits, within error * 10**error_exponent of every point of a ball."""

    mantissa: int
    exponent: int
    digits: int
    error: int
    error_exponent: int


def round_ball(value: arb, digits: int) -> Rounded | None:
    """The ball rounded to ``digits`` significant digits, or None where one unit of the last digit is not proved."""
    if not value.is_finite():
        return None
    mid, rad, exponent = (int(part) for part in value.mid_rad_10exp(digits + 3))
    if mid == 0:
        return Rounded(0, 0, digits, 0, 0) if rad == 0 else None
    size = len(integer_text(abs(mid)))
    cut = size - digits
    if cut <= 0:  # an exact value with fewer digits than asked for: pad
        mid *= 10**-cut
        rad *= 10**-cut
        return Rounded(mid, exponent + cut, digits, rad, exponent + cut) if rad <= 1 else None
    unit = 10**cut
    mantissa = (2 * abs(mid) + unit) // (2 * unit)
    error = abs(mantissa * unit - abs(mid)) + rad
    if error > unit:
        return None
    if mantissa == 10**digits:
        mantissa //= 10
        cut += 1
    return Rounded(-mantissa if mid < 0 else mantissa, exponent + cut, digits, error, exponent)


def decimal_text(rounded: Rounded) -> str:
    """Positional notation near 1, scientific notation elsewhere."""
    if rounded.mantissa == 0:
        return "0"
    digits = integer_text(abs(rounded.mantissa))
    minus = "-" if rounded.mantissa < 0 else ""
    point = len(digits) + rounded.exponent  # the value is 0.DIGITS * 10**point
    if -4 < point <= 0:
        return f"{minus}0.{'0' * -point}{digits}"
    if 0 < point <= max(21, len(digits)) and point <= 60:
        if point >= len(digits):
            if point > len(digits):  # trailing zeros would look proved
                return _scientific(minus, digits, point)
            return minus + digits
        return f"{minus}{digits[:point]}.{digits[point:]}"
    return _scientific(minus, digits, point)


def _scientific(minus: str, digits: str, point: int) -> str:
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{minus}{digits[0]}{fraction}e{point - 1:+d}"


def upper_decimal(n: int, exponent: int) -> Decimal:
    """A three-digit decimal that is at least n * 10**exponent."""
    text = integer_text(n)
    cut = len(text) - 3
    if cut > 0 and text[3:].strip("0"):
        return Decimal(int(text[:3]) + 1).scaleb(exponent + cut, WIDE)
    return Decimal(int(text[:3])).scaleb(exponent + max(cut, 0), WIDE)
