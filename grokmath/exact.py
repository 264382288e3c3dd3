"""Exact real numbers and their enclosures by balls, and the lock and precision that all ball arithmetic runs under.

An exact number is a ``Fraction`` or, for algebraic SymPy numbers such as sqrt(2), an :class:`ExactAlgebraic`.
python-flint keeps its precision in one global context that threads share; :class:`working_precision` takes a
re-entrant lock, sets it, and puts back what the caller had, whatever happens in between.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from fractions import Fraction
from typing import Any

from flint import arb, ctx, fmpq, fmpz

_LOCK = threading.RLock()


def working_precision(bits: int) -> AbstractContextManager[Any]:
    """``with working_precision(bits):`` runs its block at that flint precision, alone among threads.

    Blocks nest. The old precision comes back also when the block raises or is interrupted. Inside another block this
    is flint's own compiled manager, which no interrupt can split; the outermost block is a generator, which gives back
    the caller's precision and the lock even where the interrupt hits its exit, when it is collected.
    """
    return ctx.workprec(bits) if _is_held() else _outermost(bits)


def set_precision(bits: int) -> None:
    """Another precision for the rest of the innermost ``working_precision`` block, whose end puts back the old one.

    For loops whose terms need fewer and fewer bits: a block for each step would cost three times as much. A function
    that uses it opens a block of its own, so that whoever calls it finds the precision unchanged, come what may.
    """
    ctx.prec = bits


_is_held: Callable[[], bool] = getattr(_LOCK, "_is_owned")  # noqa: B009 - as threading.Condition asks it


@contextmanager
def _outermost(bits: int) -> Iterator[None]:
    with _LOCK, ctx.workprec(bits):
        yield


def ball(x: Exact | int) -> arb:
    """A ball at the working precision that contains the exact number ``x``."""
    if isinstance(x, ExactAlgebraic):
        return _algebraic_ball(x.expr)
    return arb(fmpq(x.numerator, x.denominator))


def _algebraic_ball(expr: Any) -> arb:
    """Ball arithmetic along the expression's tree; ``from_sympy_number`` made sure that roots have positive bases."""
    if expr.is_Rational:
        return arb(fmpq(int(expr.p), int(expr.q)))
    parts = [_algebraic_ball(part) for part in expr.args]
    if expr.is_Add:
        return sum(parts, arb(0))
    if expr.is_Mul:
        product = arb(1)
        for part in parts:
            product *= part
        return product
    power = expr.args[1]
    return parts[0] ** fmpq(int(power.p), int(power.q)) if not power.is_Integer else parts[0] ** int(power)


def binary_exponent(x: arb) -> int:
    """The e with 2**(e-1) <= |mid(x)| < 2**e, also beyond the range of floats; very negative for 0."""
    mantissa, exponent = x.mid().man_exp()
    return int(exponent) + int(abs(mantissa)).bit_length() if mantissa else -(10**18)


def log2(x: arb) -> float:
    """log2 |mid(x)| to about 1e-9, for any exponent; -inf for 0."""
    f = abs(float(x))
    if 1e-300 < f < 1e300:
        return math.log2(f)
    mantissa, exponent = x.mid().man_exp()
    m = abs(int(mantissa))
    if m == 0:
        return -math.inf
    cut = max(0, m.bit_length() - 60)
    return math.log2(m >> cut) + cut + int(exponent)


class ExactAlgebraic:
    """A real algebraic number, held as the SymPy expression it was given as (rationals, +, *, rational powers).

    It supports the arithmetic and the order that formulas need of an exact parameter; signs are decided by ball
    arithmetic and, at zero, by the minimal polynomial.
    """

    __slots__ = ("expr",)

    def __init__(self, expr: Any) -> None:
        self.expr = expr

    def __repr__(self) -> str:
        return str(self.expr)

    def __reduce__(self) -> tuple[Any, ...]:
        return (ExactAlgebraic, (self.expr,))

    def __hash__(self) -> int:
        return hash(self.expr)

    def sign(self) -> int:
        """-1, 0 or 1."""
        tested = False
        bits = 64
        while True:
            with working_precision(bits):
                value = ball(self)
                if value > 0:
                    return 1
                if value < 0:
                    return -1
            if not tested:
                import sympy

                x = sympy.Symbol("x")
                if sympy.minimal_polynomial(self.expr, x) == x:
                    return 0
                tested = True
            bits *= 2

    @staticmethod
    def _expr(other: Any) -> Any:
        import sympy

        if isinstance(other, ExactAlgebraic):
            return other.expr
        if isinstance(other, int | Fraction):
            return sympy.Rational(other.numerator, other.denominator)
        return None

    def _combine(self, other: Any, operation: Any) -> Any:
        expr = self._expr(other)
        if expr is None:
            return NotImplemented
        return from_sympy_number(operation(self.expr, expr))

    def __add__(self, other: Any) -> Any:
        return self._combine(other, lambda x, y: x + y)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return self._combine(other, lambda x, y: x - y)

    def __rsub__(self, other: Any) -> Any:
        return self._combine(other, lambda x, y: y - x)

    def __mul__(self, other: Any) -> Any:
        return self._combine(other, lambda x, y: x * y)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        return self._combine(other, lambda x, y: x / y)

    def __rtruediv__(self, other: Any) -> Any:
        return self._combine(other, lambda x, y: y / x)

    def __neg__(self) -> ExactAlgebraic:
        return ExactAlgebraic(-self.expr)

    def __abs__(self) -> ExactAlgebraic:
        return -self if self.sign() < 0 else self

    def _compare(self, other: Any) -> int | None:
        difference = self - other
        return None if difference is NotImplemented else sign(difference)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, int | Fraction | ExactAlgebraic):
            return NotImplemented
        return self._compare(other) == 0

    def __lt__(self, other: Any) -> bool:
        order = self._compare(other)
        return NotImplemented if order is None else order < 0

    def __le__(self, other: Any) -> bool:
        order = self._compare(other)
        return NotImplemented if order is None else order <= 0

    def __gt__(self, other: Any) -> bool:
        order = self._compare(other)
        return NotImplemented if order is None else order > 0

    def __ge__(self, other: Any) -> bool:
        order = self._compare(other)
        return NotImplemented if order is None else order >= 0

    def __float__(self) -> float:
        with working_precision(128):
            return float(ball(self))


Exact = Fraction | ExactAlgebraic
"""An exact real number."""


def sign(x: Exact | int) -> int:
    """The sign of an exact number: -1, 0 or 1."""
    return x.sign() if isinstance(x, ExactAlgebraic) else (x > 0) - (x < 0)


def from_sympy_number(expr: Any) -> Exact | None:
    """A SymPy rational or real algebraic number as an exact number; None for anything else."""
    if expr.is_Rational:
        return Fraction(int(expr.p), int(expr.q))
    return ExactAlgebraic(expr) if _is_algebraic(expr) else None


def _is_algebraic(expr: Any) -> bool:
    if expr.is_Rational:
        return True
    if expr.is_Add or expr.is_Mul:
        return all(_is_algebraic(part) for part in expr.args)
    if expr.is_Pow:
        base, power = expr.args
        return bool(power.is_Rational and _is_algebraic(base) and (power.is_Integer or base.is_positive))
    return False


def integer_text(n: int) -> str:
    """The decimal digits of an integer of any length."""
    if n.bit_length() <= 13_000:
        return str(n)
    return str(fmpz(n))


def exact_text(x: Exact) -> str:
    """The exact number as text that reads back as itself (up to 20,000 characters): a decimal, or else a fraction.

    >>> from fractions import Fraction
    >>> [exact_text(Fraction(x)) for x in ("9/10", "1e-12", "1/3", "7")]
    ['0.9', '1e-12', '1/3', '7']
    """
    if isinstance(x, ExactAlgebraic):
        return str(x)
    p, q = x.numerator, x.denominator
    twos = (q & -q).bit_length() - 1
    odd = q >> twos
    fives = round((odd.bit_length() - 0.5) / math.log2(5)) if odd > 1 else 0
    if int(fmpz(5) ** fives) != odd:
        return f"{integer_text(p)}/{integer_text(q)}"
    places = max(twos, fives)
    mantissa = int(fmpz(abs(p)) * fmpz(5) ** (places - fives) * (fmpz(1) << (places - twos)))
    digits = integer_text(mantissa)
    stripped = digits.rstrip("0") or "0"
    exponent = len(digits) - len(stripped) - places
    return ("-" if p < 0 else "") + _decimal_text(stripped, exponent)


def _decimal_text(digits: str, exponent: int) -> str:
    """digits * 10**exponent, positional where that is short."""
    point = len(digits) + exponent
    if exponent >= 0:
        if point <= 16:
            return digits + "0" * exponent
    elif point > 0:
        return f"{digits[:point]}.{digits[point:]}"
    elif point > -3:
        return f"0.{'0' * -point}{digits}"
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{fraction}e{point - 1:+d}"
