"""Certified complex numbers: two certified parts, and the loop that proves their digits."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from flint import arb

from grokmath.certified import LOG2_10, Certified
from grokmath.decimals import WIDE, round_ball
from grokmath.exact import working_precision
from grokmath.parameters import PrecisionError, digits_argument

__all__ = ["CertifiedComplex", "certify_complex"]


class CertifiedComplex:
    """A complex number whose real and imaginary parts are each within ``error`` of the printed ones.

    ``digits`` counts the significant digits proved of the larger part.

    >>> from grokmath import lambert_w
    >>> w = lambert_w(-1, digits=10)
    >>> print(w, w.imag.digits, w.error < 1e-9)
    -0.3181315052 + 1.337235701*I 10 True
    """

    __slots__ = ("imag", "real")

    def __init__(self, real: Certified, imag: Certified) -> None:
        self.real = real
        self.imag = imag

    @property
    def digits(self) -> int:
        """How many significant digits are proved of the part of larger modulus."""
        return max(self.real.digits, self.imag.digits)

    @property
    def error(self) -> Decimal:
        """A bound on the modulus of printed minus true."""
        return WIDE.add(self.real.error, self.imag.error)

    def __eq__(self, other: object) -> bool:  # which also makes it unhashable
        if isinstance(other, CertifiedComplex | complex):
            return self.real == other.real and self.imag == other.imag
        return self.real == other and self.imag == 0

    def __complex__(self) -> complex:
        return complex(float(self.real), float(self.imag))

    def __str__(self) -> str:
        real, imag = (str(part) if part.digits else f"({part})" for part in (self.real, self.imag))
        return f"{real} - {imag[1:]}*I" if imag.startswith("-") else f"{real} + {imag}*I"

    def __repr__(self) -> str:
        return f"CertifiedComplex({str(self)!r}, error={self.error})"

    def _mpmath_(self, prec: int, rounding: str) -> Any:
        import mpmath

        parts = (part._mpmath_(prec, rounding)._mpf_ for part in (self.real, self.imag))
        return mpmath.mp.make_mpc(tuple(parts))

    def _sympy_(self) -> Any:
        import sympy

        return self.real._sympy_() + sympy.I * self.imag._sympy_()


def _enough(real: arb, imag: arb, digits: int) -> bool:
    """Whether the larger part has the digits, and the other no larger an error than they allow."""
    larger, other = (real, imag) if abs(real.mid()) >= abs(imag.mid()) else (imag, real)
    allowed = abs(larger).lower() * arb(10) ** -digits
    return round_ball(larger, digits) is not None and bool(other.rad() <= allowed)


def certify_complex(
    kernel: Callable[[], Any], digits: int, *, function: str, method: str | None = None
) -> CertifiedComplex:
    """As :func:`certify` for a kernel that returns an ``acb``: the larger part gets ``digits`` digits.

    The smaller part is printed to the digits that the same absolute error proves.
    """
    digits = digits_argument(digits, function)
    needed = int(digits * LOG2_10) + 5
    bits = needed + 16
    limit = 10 * needed + 20_000
    while True:
        with working_precision(bits):
            value = kernel()
            parts = (value.real, value.imag)
            if value.is_finite() and _enough(*parts, digits):
                real, imag = (Certified(part, digits, method=method) for part in parts)
                return CertifiedComplex(real, imag)
        if bits >= limit:
            raise PrecisionError(f"{function}: {digits} digits were not reached at {bits} bits")
        bits = min(limit, 2 * bits)
