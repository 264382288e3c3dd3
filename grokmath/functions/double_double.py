"""Error-free transformations, and the product of an exact constant with a double to twice the working precision.

The functions take Python floats and NumPy arrays alike. They need IEEE 754 doubles rounded to nearest and nothing more:
no extended precision and no fused multiply-add.

References: T. J. Dekker, Numer. Math. 18 (1971) 224-242; D. E. Knuth, The Art of Computer Programming 2, section 4.2.2.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flint import arb

_SPLITTER = 2.0**27 + 1.0
_FOLDED = 900
"""Constants between 2**-900 and 2**900 carry their power of two themselves."""
_LARGEST_SHIFT = 2200
"""A product with 2**2200 or 2**-2200 overflows or underflows for every double but 0."""


def two_sum(a: Any, b: Any) -> tuple[Any, Any]:
    """(s, e) with s = fl(a + b) and s + e = a + b exactly, in any order of magnitude of a and b (Knuth).

    >>> two_sum(1.0, 2.0**-60)
    (1.0, 8.673617379884035e-19)
    """
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


def split(a: Any) -> tuple[Any, Any]:
    """(high, low) of at most 26 bits each with high + low = a exactly, for abs(a) < 2**996 (Veltkamp)."""
    t = _SPLITTER * a
    high = t - (t - a)
    return high, a - high


def two_prod(a: Any, b: Any) -> tuple[Any, Any]:
    """(p, e) with p = fl(a b) and p + e = a b exactly (Dekker).

    For abs(a), abs(b) < 2**996 and 2**-967 < abs(a b) < 2**1021. Below that range the bits of e underflow; it is then
    wrong by a few times 2**-1074.

    >>> p, e = two_prod(0.1, 0.1)
    >>> Fraction(p) + Fraction(e) == Fraction(0.1) ** 2
    True
    """
    p = a * b
    a_high, a_low = split(a)
    b_high, b_low = split(b)
    return p, ((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low


def dyadic(x: arb) -> Fraction:
    """The midpoint of a ball, exactly."""
    mantissa, exponent = (int(part) for part in x.mid().man_exp())
    return Fraction(mantissa << exponent) if exponent >= 0 else Fraction(mantissa, 1 << -exponent)


def nearest_double(x: arb) -> float:
    """The midpoint of a ball rounded to the nearest double; an infinity or 0 where it is out of range."""
    mantissa, exponent = (int(part) for part in x.mid().man_exp())
    if mantissa == 0:
        return 0.0
    top = exponent + mantissa.bit_length()
    if top > 1024 or top < -1075:
        size = math.inf if top > 0 else 0.0
        return size if mantissa > 0 else -size
    try:
        return float(dyadic(x))
    except OverflowError:
        return math.inf if mantissa > 0 else -math.inf


class Multiple:
    """t -> c t for a constant c >= 0 that is held to about 106 bits, whatever its exponent.

    ``c`` is (high + low) * 2**shift. The power of two is applied to t first, so that the product overflows or
    underflows only where c t itself does.
    """

    __slots__ = ("_powers", "high", "low")

    def __init__(self, c: arb) -> None:
        """The constant is the midpoint of the ball, which must be known to 110 bits or more."""
        mantissa, exponent = (int(part) for part in c.mid().man_exp())
        self.high = self.low = 0.0
        self._powers: tuple[float, ...] = ()
        if mantissa == 0:
            return
        size = mantissa.bit_length()
        unit = Fraction(mantissa, 1 << (size - 1))  # in [1, 2)
        self.high = float(unit)
        self.low = float(unit - Fraction(self.high))
        shift = exponent + size - 1
        if abs(shift) <= _FOLDED:
            self.high = math.ldexp(self.high, shift)
            self.low = math.ldexp(self.low, shift)
        else:  # as three factors, because 2**shift need not be a double
            shift = max(-_LARGEST_SHIFT, min(_LARGEST_SHIFT, shift))
            self._powers = tuple(2.0 ** ((shift + i) // 3) for i in range(3))

    def shifted(self, t: Any) -> Any:
        """The t' with c t = (high + low) t'."""
        for power in self._powers:
            t = t * power
        return t

    def times(self, t: Any) -> Any:
        """The product c t with a relative error of at most 2**-52."""
        return self.high * self.shifted(t)

    def times_exactly(self, t: Any) -> tuple[Any, Any]:
        """The product c t as an unevaluated sum of two doubles with a relative error below 2**-100, for c t < 2**90."""
        if self.high == 0.0:
            return 0.0 * t, 0.0 * t  # t may be too large to be split
        t = self.shifted(t)
        product, error = two_prod(self.high, t)
        return product, error + self.low * t
