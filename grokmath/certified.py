"""Certified numbers, and the loop that raises the precision until their digits are proved.

A :class:`Certified` prints a decimal of n significant digits that is within one unit of its last digit from the true
value; ``.error`` bounds the distance. The proof is the ball behind it: an Arb enclosure that includes rounding and, by
the bounds that each evaluator states, every truncation.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple

from flint import arb

from grokmath.decimals import Rounded, decimal_text, round_ball, upper_decimal
from grokmath.exact import Exact, ExactAlgebraic, ball, working_precision
from grokmath.parameters import DomainError, PrecisionError, Undecidable, digits_argument, is_symbolic
from grokmath.parameters import exact as read_exact

__all__ = ["FLOAT_DIGITS", "LOG2_10", "Certified", "Scaled", "ball", "certify", "certify_double", "working_precision"]

LOG2_10 = math.log2(10)
FLOAT_DIGITS = 17
"""Digits after which a proved number, rounded, is the nearest double or its neighbour."""
_LARGEST_POWER = 10**6
"""Bits of an exact power; larger ones are known by their balls."""
_SMALLEST_LOG = -(10**9)
"""Plain forms print values down to 10**-(10**9); below that only logarithms are printed."""
_LOG_OF_ZERO = -(10**6)
"""No factor of a :class:`Scaled` brings what is below this back to the range of doubles."""


class Scaled(NamedTuple):
    """The value exp(log_scale) * factor, kept apart so that neither overflows nor loses relative accuracy."""

    log_scale: arb
    factor: arb

    def log(self) -> arb:
        """A ball for the logarithm of the value (factor > 0)."""
        return self.log_scale + self.factor.log()

    def value(self) -> arb:
        """A ball for the value itself."""
        return self.log_scale.exp() * self.factor


def _ball_parts(value: arb) -> tuple[tuple[int, int], tuple[int, int]]:
    mid, rad = value.mid().man_exp(), value.rad().man_exp()
    return (int(mid[0]), int(mid[1])), (int(rad[0]), int(rad[1]))


def _power(x: Any, y: Any) -> Any:
    """x**y; of exact numbers only where the result has a size that one can work with."""
    if isinstance(x, Fraction):
        bits = max(x.numerator.bit_length(), x.denominator.bit_length())
        if not isinstance(y, Fraction) or y.denominator != 1 or abs(y) * bits > _LARGEST_POWER:
            return None
    return x**y


def _unpickle(
    parts: tuple[tuple[int, int], tuple[int, int]], digits: int, exact: Exact | None, method: str | None
) -> Certified:
    return Certified(arb(parts[0], arb(parts[1])), digits, exact=exact, method=method)


class Certified:
    """A real number with ``digits`` proved significant digits.

    ``str`` prints the decimal, which is within one unit of its last digit from the true value; ``error`` is a bound on
    that distance; ``exact`` is the number itself where it is known exactly (else None); ``method`` names how it was
    computed. ``+ - * / **`` and ``abs`` carry the ball along, and the result prints as many digits as it proves (a
    difference that is not separated from 0 prints ``0 +/- bound``). Order comparisons and ``==`` are decided by the
    balls; where these overlap they raise :class:`Undecidable`. Certified numbers are unhashable, can be pickled, and
    convert by ``float``, ``to_decimal()``, mpmath's ``mpmathify`` and SymPy's ``sympify``.

    >>> import grokmath as gm
    >>> x = gm.LinearTeacherStudent(lam="1/2", eta="1/4").train_loss(2, digits=20)
    >>> print(x, x.error < 1e-20)
    0.11923171924314849789 True
    """

    __slots__ = ("_ball", "_method", "_rounded", "exact")

    def __init__(
        self,
        value: arb,
        digits: int,
        *,
        exact: Exact | None = None,
        method: str | Callable[[], str] | None = None,
        rounded: Rounded | None = None,
    ) -> None:
        """The ball ``value`` printed to ``digits`` digits or the most that it proves; ``rounded`` if already known."""
        self._ball = value
        self._rounded = rounded or round_ball(value, digits)
        self.exact = exact
        self._method = method
        best = digits
        while self._rounded is None and best > 1:
            best = min(best - 1, int(max(value.rel_accuracy_bits(), 0) / LOG2_10) + 1)
            self._rounded = round_ball(value, best) if best else None

    @classmethod
    def from_exact(cls, x: Exact | int, digits: int, *, method: str | None = "exact") -> Certified:
        """The exact number ``x``, printed to ``digits`` digits."""
        x = Fraction(x) if isinstance(x, int) else x
        with working_precision(int(digits * LOG2_10) + 32):
            return cls(ball(x), digits, exact=x, method=method)

    @property
    def method(self) -> str | None:
        """How the number was computed."""
        if callable(self._method):
            self._method = self._method()
        return self._method

    @property
    def digits(self) -> int:
        """How many significant digits are proved."""
        return self._rounded.digits if self._rounded else 0

    @property
    def error(self) -> Decimal:
        """A bound on |printed - true|."""
        if self._rounded is None:
            return self._absolute_bound()
        return upper_decimal(self._rounded.error, self._rounded.error_exponent)

    def _absolute_bound(self) -> Decimal:
        """A bound on |true| for a ball that proves no digit."""
        mid, rad, exponent = (int(part) for part in self._ball.mid_rad_10exp(3))
        return upper_decimal(abs(mid) + rad, exponent)

    def __str__(self) -> str:
        return decimal_text(self._rounded) if self._rounded else f"0 +/- {self._absolute_bound()}"

    def __repr__(self) -> str:
        return f"Certified({str(self)!r}, error={self.error})"

    def __format__(self, spec: str) -> str:
        if not spec:
            return str(self)
        text = format(self.to_decimal(), spec)
        shown = re.sub(r"[eE].*$|[^0-9]", "", text).lstrip("0")
        if self.exact is None and len(shown) > self.digits:
            raise PrecisionError(f"Certified: the format {spec!r} shows more than the {self.digits} proved digits")
        return text

    def to_decimal(self) -> Decimal:
        """The printed decimal as a ``decimal.Decimal``, without rounding."""
        return Decimal(str(self) if self._rounded else 0)

    def ball(self) -> arb:
        """The enclosure behind the number, as a python-flint ``arb`` that contains the true value."""
        return self._ball

    def __float__(self) -> float:
        return float(self._ball)

    def __reduce__(self) -> tuple[Any, ...]:
        if self._rounded is None:
            raise TypeError("Certified: a ball that proves no digit cannot be pickled")
        return (_unpickle, (_ball_parts(self._ball), self.digits, self.exact, self.method))

    def _mpmath_(self, prec: int, rounding: str) -> Any:
        import mpmath
        from mpmath import libmp

        mantissa, exponent = self._ball.mid().man_exp()
        return mpmath.mp.make_mpf(libmp.from_man_exp(int(mantissa), int(exponent), prec, rounding))

    def _sympy_(self) -> Any:
        import sympy

        if isinstance(self.exact, Fraction):
            return sympy.Rational(self.exact.numerator, self.exact.denominator)
        if isinstance(self.exact, ExactAlgebraic):
            return self.exact.expr
        return sympy.Float(str(self), self.digits)

    def _operand(self, other: Any) -> tuple[arb, int, Exact | None] | None:
        """The other operand's ball, digits (0 where it is exact) and exact value; None if it is no real number."""
        if isinstance(other, Certified):
            return other._ball, (0 if other.exact is not None else other.digits), other.exact
        if isinstance(other, bool | str) or is_symbolic(other) or hasattr(other, "_mpmath_") or hasattr(other, "_mpf_"):
            return None
        try:
            number = read_exact(other, "operand", "Certified")
        except DomainError:
            return None
        return ball(number), 0, number

    def _combine(self, other: Any, operation: Callable[[Any, Any], Any], swap: bool = False) -> Any:
        with working_precision(int((self.digits + getattr(other, "digits", 0)) * LOG2_10) + 64):
            operand = self._operand(other)
            if operand is None:
                return NotImplemented
            theirs, their_digits, their_exact = operand
            result = operation(theirs, self._ball) if swap else operation(self._ball, theirs)
        exact: Any = None
        if self.exact is not None and their_exact is not None:
            pair = (their_exact, self.exact) if swap else (self.exact, their_exact)
            try:
                exact = operation(*pair)
            except (TypeError, ZeroDivisionError):
                exact = None
            exact = exact if isinstance(exact, Fraction | ExactAlgebraic) else None
        mine = 0 if self.exact is not None else self.digits
        known = [d for d in (mine, their_digits) if d]
        return Certified(result, min(known) if known else max(self.digits, 1), exact=exact)

    def __add__(self, other: Any) -> Any:
        return self._combine(other, lambda x, y: x + y)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return self._combine(other, lambda x, y: x - y)

    def __rsub__(self, other: Any) -> Any:
        return self._combine(other, lambda x, y: x - y, swap=True)

    def __mul__(self, other: Any) -> Any:
        return self._combine(other, lambda x, y: x * y)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        return self._combine(other, lambda x, y: x / y)

    def __rtruediv__(self, other: Any) -> Any:
        return self._combine(other, lambda x, y: x / y, swap=True)

    def __pow__(self, other: Any) -> Any:
        if isinstance(other, int) and not isinstance(other, bool):  # integer powers of negative balls too
            with working_precision(int(self.digits * LOG2_10) + 64 + other.bit_length()):
                result = (self._ball if self.exact is None else ball(self.exact)) ** other
            known = isinstance(self.exact, Fraction) and (self.exact or other >= 0)
            exact = _power(self.exact, Fraction(other)) if known else None
            return Certified(result, max(self.digits, 1), exact=exact)
        return self._combine(other, _power)

    def __rpow__(self, other: Any) -> Any:
        return self._combine(other, _power, swap=True)

    def __neg__(self) -> Certified:
        exact = None if self.exact is None else -self.exact
        return Certified(-self._ball, max(self.digits, 1), exact=exact, method=self._method)

    def __pos__(self) -> Certified:
        return self

    def __abs__(self) -> Certified:
        exact: Any = None if self.exact is None else abs(self.exact)
        with working_precision(max(int(self.digits * LOG2_10) + 64, self._ball.bits())):
            return Certified(abs(self._ball), max(self.digits, 1), exact=exact, method=self._method)

    def _order(self, other: Any, symbol: str) -> int | None:
        """-1, 0 or 1 as self is less than, equal to or greater than other; None if other is no real number."""
        if other is self:
            return 0
        with working_precision(int(self.digits * LOG2_10) + 64):
            if isinstance(other, float) and math.isinf(other):
                return -1 if other > 0 else 1
            operand = self._operand(other)
            if operand is None:
                return None
            theirs, _, their_exact = operand
            if self.exact is not None and their_exact is not None:
                return (self.exact > their_exact) - (self.exact < their_exact)
            if self._ball < theirs:
                return -1
            if self._ball > theirs:
                return 1
        raise Undecidable(
            f"Certified: {self} {symbol} {other} is undecided, the error balls overlap; compute both to more digits"
        )

    def __lt__(self, other: Any) -> bool:
        order = self._order(other, "<")
        return NotImplemented if order is None else order < 0

    def __le__(self, other: Any) -> bool:
        order = self._order(other, "<=")
        return NotImplemented if order is None else order <= 0

    def __gt__(self, other: Any) -> bool:
        order = self._order(other, ">")
        return NotImplemented if order is None else order > 0

    def __ge__(self, other: Any) -> bool:
        order = self._order(other, ">=")
        return NotImplemented if order is None else order >= 0

    def __eq__(self, other: object) -> bool:  # which also makes it unhashable
        order = self._order(other, "==")
        return NotImplemented if order is None else order == 0

    def __bool__(self) -> bool:
        return self != 0


def _within_reach(value: Scaled, function: str, log_form: str | None) -> None:
    """Raise :class:`DomainError` where the value has no decimal here."""
    if value.log_scale > -_SMALLEST_LOG * arb(10).log():
        remedy = f"use {log_form} for its logarithm" if log_form else "ask for its logarithm"
        raise DomainError(f"{function}: the value is above 10**(10**9) and cannot be printed as a decimal; {remedy}")
    if value.log_scale < _SMALLEST_LOG * arb(10).log():
        remedy = "it is 0 to that many places" if function.startswith("log_") else "ask for its logarithm"
        remedy = f"use {log_form} for its logarithm" if log_form else remedy
        raise DomainError(f"{function}: the value is below 10**-(10**9) and cannot be printed as a decimal; {remedy}")


def _at_precision(bits: int, method: Callable[[], str]) -> str:
    with working_precision(bits):
        return method()


def certify(
    kernel: Callable[[], arb | Scaled],
    digits: int,
    *,
    function: str,
    method: str | Callable[[], str] | None = None,
    log_form: str | None = None,
    guard: int = 0,
    max_bits: int | None = None,
) -> Certified:
    """The kernel's value with ``digits`` proved digits: the working precision rises until its ball proves them.

    ``kernel`` takes no argument, reads flint's precision, and returns an enclosure as ``arb`` or :class:`Scaled`;
    ``method`` is its name, or a function that tells it when it is asked for. ``guard`` is the number of
    bits that the caller expects to lose. Raises :class:`PrecisionError`, saying how many digits were reached, when
    ``max_bits`` (default: ten times the digits and 20000 bits) is not enough, and :class:`DomainError` naming
    ``log_form`` when a Scaled value is too small to print.
    """
    digits = digits_argument(digits, function)
    needed = int(digits * LOG2_10) + 5
    bits = needed + 16 + guard
    limit = max_bits or 10 * needed + 20_000 + 2 * guard
    best = 0
    while True:
        with working_precision(bits):
            value = kernel()
            if isinstance(value, Scaled):
                _within_reach(value, function, log_form)
                value = value.value()
            rounded = round_ball(value, digits)
            if rounded is not None:
                name = partial(_at_precision, bits, method) if callable(method) else method
                return Certified(value, digits, method=name, rounded=rounded)
            accuracy = value.rel_accuracy_bits() if value.is_finite() else -bits
        best = max(best, int(accuracy / LOG2_10))
        if bits >= limit:
            raise PrecisionError(f"{function}: {digits} digits were not reached; {best} were, at {bits} bits")
        missing = needed + 8 - max(accuracy, -bits)
        bits = min(limit, bits + max(missing, bits // 8))


def certify_double(kernel: Callable[[], arb | Scaled], *, function: str, guard: int = 0) -> float:
    """The kernel's value as a double: proved digits, rounded; 0 far below the range of doubles."""

    def near() -> arb | Scaled:
        value = kernel()
        return arb(0) if isinstance(value, Scaled) and value.log_scale < _LOG_OF_ZERO else value

    return float(certify(near, FLOAT_DIGITS, function=function, guard=guard))
