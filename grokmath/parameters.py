"""Exact numbers in, their domains, and the exceptions: what may enter a formula.

A parameter given together with ``digits`` is an exact number. Accepted are ``int``, ``Fraction``, ``Decimal``, text
such as ``"0.9"``, ``"9/10"`` or ``"1e-3"``, SymPy rationals and real algebraic SymPy numbers such as ``sqrt(2)``, and
Python or NumPy floats, which are read as their shortest decimal (0.1 means 1/10). Text is matched against a grammar,
and its length and exponent are bounded before any number is built: no input can hang or be evaluated as code.
"""

from __future__ import annotations

import math
import numbers
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from grokmath.exact import Exact, ExactAlgebraic, exact_text, from_sympy_number

MAX_TEXT = 20_000
"""Longest text, in characters, that is read as a number."""

MAX_EXPONENT = 100_000
"""Largest decimal exponent of an exact number, either way."""

MAX_DIGITS = 10_000
"""Largest number of significant digits that can be asked for."""

_MAX_BITS = 4 * (MAX_EXPONENT + MAX_TEXT)
_DECIMAL = re.compile(r"([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d{1,9}))?", re.ASCII)
_RATIO = re.compile(r"([+-]?)(\d+)\s*/\s*(\d+)", re.ASCII)


class GrokmathError(Exception):
    """Base class of every exception that grokmath raises on purpose."""


class DomainError(GrokmathError, ValueError):
    """An argument lies outside the domain of the function it was given to."""


class PrecisionError(GrokmathError, ArithmeticError):
    """The digits asked for were not reached within the precision allowed."""


class Undecidable(GrokmathError, ArithmeticError):
    """Two values whose error balls overlap were compared, or a value could not be separated from 0."""


class UnsupportedExpression(GrokmathError, TypeError):
    """An expression uses something outside grokmath's vocabulary."""


@dataclass(frozen=True)
class Domain:
    """An interval of the reals, with the words that describe it in an error message."""

    text: str
    low: Fraction | None = None
    high: Fraction | None = None
    low_open: bool = False
    high_open: bool = False

    def contains(self, x: Any) -> bool:
        """Whether the exact number or float lies in the domain."""
        if self.low is not None and (x < self.low or (self.low_open and x == self.low)):
            return False
        if self.high is None:
            return True
        return bool(x < self.high if self.high_open else x <= self.high)


REAL = Domain("a real number")
POSITIVE = Domain("a number > 0", Fraction(0), low_open=True)
NONNEGATIVE = Domain("a number >= 0", Fraction(0))
ASPECT_RATIO = Domain("0 < lam <= 1e6", Fraction(0), Fraction(10**6), low_open=True)
PROBABILITY = Domain("0 < value < 1", Fraction(0), Fraction(1), low_open=True, high_open=True)


def shown(value: Any) -> str:
    """The value as an error message shows it, cut to a readable length."""
    if isinstance(value, int | Fraction | ExactAlgebraic) and not isinstance(value, bool):
        text = exact_text(Fraction(value) if isinstance(value, int) else value) if _is_short(value) else _size(value)
    else:
        text = " ".join(repr(value).split())  # arrays have lines
    return text if len(text) <= 60 else text[:57] + "..."


def _is_short(value: int | Fraction | ExactAlgebraic) -> bool:
    return isinstance(value, ExactAlgebraic) or _bits(value) <= 10_000


def _bits(value: int | Fraction) -> int:
    return max(abs(value.numerator).bit_length(), value.denominator.bit_length())


def _size(value: Any) -> str:
    """A few figures of a number that is too long to show, and its length."""
    log = math.log10(abs(value.numerator)) - math.log10(value.denominator)
    figures = f"{'-' if value < 0 else ''}{10 ** (log - math.floor(log)):.3g}e{math.floor(log):+d}"
    return f"about {figures} ({int(_bits(value) * 0.30103) + 1} digits)"


def domain_error(function: str, argument: str, value: Any, domain: str, remedy: str) -> DomainError:
    """The one form of a DomainError: function, argument, value, domain and remedy in one sentence."""
    return DomainError(f"{function}: {argument} = {shown(value)} is not allowed (needed: {domain}); {remedy}")


def one_of(value: Any, words: Sequence[str], argument: str, function: str) -> str:
    """The value, if it is one of the words; else :class:`DomainError` with all of them."""
    if not isinstance(value, str) or value not in words:
        raise domain_error(function, argument, value, " | ".join(words), "choose one of these")
    return value


def _integer(digits: str) -> int:
    """The integer that a string of decimal digits denotes, of any length (Python's own reader stops at 4300 digits)."""
    if len(digits) <= 4000:
        return int(digits)
    from flint import fmpz

    return int(fmpz(digits))


def parse_number(text: str) -> Fraction | None:
    """The number that a decimal, an integer or a fraction p/q in text denotes; None when it is none, or too large.

    >>> parse_number("9/10"), parse_number("1e-3"), parse_number("pi"), parse_number("1e999999999")
    (Fraction(9, 10), Fraction(1, 1000), None, None)
    """
    text = text.strip()
    if len(text) > MAX_TEXT:
        return None
    ratio = _RATIO.fullmatch(text)
    if ratio:
        minus, top, bottom = ratio.groups()
        q = _integer(bottom)
        return None if q == 0 else Fraction(-_integer(top) if minus == "-" else _integer(top), q)
    decimal = _DECIMAL.fullmatch(text)
    if not decimal:
        return None
    minus, whole, part, bare, exponent = decimal.groups()
    part = part or bare or ""
    power = int(exponent or 0)
    if abs(power) > MAX_EXPONENT:
        return None
    mantissa = _integer((whole or "") + part)
    power -= len(part)
    value = Fraction(mantissa * 10**power) if power >= 0 else Fraction(mantissa, 10**-power)
    return -value if minus == "-" else value


def _is_sympy(value: Any) -> bool:
    """Whether the value is a SymPy number or expression; relations, sets and matrices are none."""
    sympy = sys.modules.get("sympy")
    return sympy is not None and isinstance(value, sympy.Expr) and not value.is_Matrix


def is_symbolic(value: Any) -> bool:
    """Whether the value is a SymPy expression with a free symbol."""
    return _is_sympy(value) and bool(value.free_symbols)


def _read(value: Any) -> Exact | None:
    """The exact number that the value denotes, or None."""
    if isinstance(value, ExactAlgebraic):
        return value
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        return parse_number(value)
    if _is_sympy(value):
        return from_sympy_number(value)
    if isinstance(value, Decimal):
        if not value.is_finite() or abs(value.adjusted()) > MAX_EXPONENT or len(value.as_tuple().digits) > MAX_TEXT:
            return None
        return Fraction(value)
    if isinstance(value, numbers.Rational):  # int, Fraction, NumPy integers
        p, q = int(value.numerator), int(value.denominator)
        return None if max(p.bit_length(), q.bit_length()) > _MAX_BITS else Fraction(p, q)
    exact = getattr(value, "exact", None)  # an exact Certified
    if isinstance(exact, Fraction | ExactAlgebraic):
        return exact
    if isinstance(value, numbers.Real):  # float and NumPy floats, by their shortest decimal
        return parse_number(str(value)) if math.isfinite(value) else None
    return None


def exact(value: Any, argument: str, function: str, domain: Domain = REAL) -> Exact:
    """The exact number that ``value`` denotes, checked against ``domain``.

    Raises :class:`DomainError`, which names the function, the argument, the value, the domain and the remedy.

    >>> exact("0.9", "lam", "gen_loss"), exact(0.1, "eta", "gen_loss")
    (Fraction(9, 10), Fraction(1, 10))
    """
    number = _read(value)
    if number is None:
        if is_symbolic(value):
            remedy = "substitute a number, or leave digits out where there is a symbolic form"
        elif hasattr(value, "digits") and hasattr(value, "error"):
            remedy = "a certified value is not exact: give str(value) to mean its printed decimal"
        else:
            remedy = (
                'give a number such as 0.9, "9/10" or "1e-3" '
                f"(at most {MAX_TEXT} characters, |exponent| <= {MAX_EXPONENT})"
            )
        raise domain_error(function, argument, value, domain.text, remedy)
    if not domain.contains(number):
        raise domain_error(function, argument, value, domain.text, "choose a value in this range")
    return number


def digits_argument(digits: Any, function: str) -> int:
    """The number of significant digits asked for: an integer from 1 to 10,000."""
    whole = isinstance(digits, numbers.Integral) and not isinstance(digits, bool)
    if not whole or not 1 <= int(digits) <= MAX_DIGITS:
        wanted = f"an integer from 1 to {MAX_DIGITS}"
        raise domain_error(function, "digits", digits, wanted, "ask for a whole number of digits in this range")
    return int(digits)


def float_argument(value: Any, argument: str, function: str, domain: Domain = REAL) -> Any:
    """The value as float64: a Python float for a scalar, an ndarray for an array; finite, real and in ``domain``.

    A double stays the binary number that it is; text, fractions and decimals are rounded to the nearest double.
    """
    if isinstance(value, float):  # np.float64 too
        if math.isfinite(value) and domain.contains(value):
            return float(value)
        raise domain_error(function, argument, value, domain.text + ", finite", "choose a value in this range")
    text = isinstance(value, str | bytes)  # a string of NumPy's is an array too
    if not text and (hasattr(value, "__array__") or isinstance(value, list | tuple)):
        return _float_array(value, argument, function, domain)
    number = exact(value, argument, function, domain)
    try:
        return float(number)
    except OverflowError:
        wanted = "below 1.8e308 in float64"
        raise domain_error(function, argument, value, wanted, "ask for digits to go beyond") from None


def _float_array(value: Any, argument: str, function: str, domain: Domain) -> Any:
    import numpy as np

    array = array_argument(value, argument, function, domain.text)
    if array.dtype == object or array.dtype.kind in "US":
        flat = [float_argument(item, argument, function, domain) for item in array.ravel()]
        return np.array(flat, dtype=np.float64).reshape(array.shape)
    if array.dtype.kind not in "iuf":
        raise domain_error(function, argument, value, domain.text, f"give real numbers, not {array.dtype}")
    result = array.astype(np.float64)
    bad = ~np.isfinite(result)
    if domain.low is not None:
        bad |= result <= float(domain.low) if domain.low_open else result < float(domain.low)
    if domain.high is not None:
        bad |= result >= float(domain.high) if domain.high_open else result > float(domain.high)
    if bad.any():
        first = float(result[bad].flat[0])
        raise domain_error(function, argument, first, domain.text + ", finite", "choose values in this range")
    return float(result) if array.ndim == 0 else result


def array_argument(value: Any, argument: str, function: str, wanted: str = "a real number") -> Any:
    """The value as a NumPy array; :class:`DomainError` where its rows differ in length."""
    import numpy as np

    try:
        return np.asarray(value)
    except ValueError:
        raise domain_error(function, argument, value, wanted, "give rows of one length") from None


def is_array(value: Any) -> bool:
    """Whether the value is an array or sequence of numbers rather than one number."""
    if isinstance(value, list | tuple):
        return True
    return getattr(value, "ndim", 0) > 0
