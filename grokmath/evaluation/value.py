"""Certified values of closed SymPy expressions.

An expression is evaluated along its tree in ball arithmetic, with real balls as long as values are real and complex
ones where they are not. Where a ball reaches across a branch point, and when the result proves too few digits, the
precision is raised and the tree evaluated again.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy
from flint import acb, arb

from grokmath.certified import LOG2_10, Certified, certify, working_precision
from grokmath.certified_complex import CertifiedComplex, certify_complex
from grokmath.evaluation.balls import KNOWN, Number, Unresolved, enclosure, text_of, vocabulary
from grokmath.parameters import (
    DomainError,
    PrecisionError,
    Undecidable,
    UnsupportedExpression,
    digits_argument,
    shown,
)

__all__ = ["evaluate"]

_SMALLEST_LIMIT = 300
"""The search for a sign goes to ten times the digits asked for, and to this many digits at least."""

_REMEDY = "give a SymPy expression of exact numbers, such as sympy.exp(sympy.Rational(1, 3))"


def evaluate(expr: Any, digits: int = 50) -> Certified | CertifiedComplex:
    """The value of a closed SymPy expression, with ``digits`` proved significant digits.

    Vocabulary: rational numbers, pi, E, EulerGamma, I; + * **; exp, log, sqrt, Abs, sign, acos, erf, erfc, gamma,
    uppergamma, lowergamma, besseli, besselk, marcumq, LambertW (all branches), hyper, expint, betainc and
    betainc_regularized; Python integers and fractions. Powers, logarithms and the other functions have their principal
    values, on the cuts those of mpmath. A real value gives a :class:`Certified`, a complex one a
    :class:`CertifiedComplex`, whose larger part has the digits. A rational result of SymPy's own simplification is
    returned as an exact value.

    Raises :class:`UnsupportedExpression` for anything else, naming it, for free symbols, naming them, for SymPy Floats
    and for text; :class:`Undecidable` where a value, or an argument at a branch point, is not separated from 0 at ten
    times the digits (300 at least), with the bound that was proved; :class:`DomainError` where the value is below
    10**-(10**9) or above 10**(10**9); :class:`PrecisionError` where the digits were not reached.

    >>> import sympy
    >>> print(evaluate(sympy.exp(-1000) * sympy.besseli(0, 1000), digits=30))
    0.0126172404558912565857161312899
    >>> print(evaluate(sympy.marcumq(1, sympy.sqrt(2), 100), digits=10))
    1.106652939e-2112
    >>> evaluate(sympy.log(6) - sympy.log(2) - sympy.log(3))  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    Undecidable: evaluate: the value is not separated from 0 at 500 digits: its modulus is at most 3.16E-500
    """
    digits = digits_argument(digits, "evaluate")
    expr = _checked(expr)
    if expr.is_Rational:
        return Certified.from_exact(Fraction(int(expr.p), int(expr.q)), digits)
    return _Evaluation(expr, digits).result()


def _checked(expr: Any) -> Any:
    """The expression, if all of it is in the vocabulary."""
    if isinstance(expr, int | Fraction) and not isinstance(expr, bool):
        return sympy.Rational(expr.numerator, expr.denominator)
    if not isinstance(expr, sympy.Expr):
        kind = "text" if isinstance(expr, str) else f"a {type(expr).__name__}"
        raise UnsupportedExpression(f"evaluate: {shown(expr)} is {kind}, not a SymPy expression; {_REMEDY}")
    if expr.free_symbols:
        names = ", ".join(sorted(str(symbol) for symbol in expr.free_symbols))
        raise UnsupportedExpression(
            f"evaluate: the expression has the free symbol(s) {names}; substitute exact numbers with expr.subs"
        )
    for part in sympy.preorder_traversal(expr):
        if part.is_Float:
            raise UnsupportedExpression(
                f"evaluate: {part} is a floating-point number, which is not exact; write it as a sympy.Rational"
            )
        if not isinstance(part, KNOWN):
            raise UnsupportedExpression(
                f"evaluate: {type(part).__name__} is not in the vocabulary: {', '.join(vocabulary())}"
            )
    return expr


class _Evaluation:
    """One expression, evaluated at rising precision."""

    def __init__(self, expr: Any, digits: int) -> None:
        self.expr, self.digits = expr, digits
        self.limit_digits = max(_SMALLEST_LIMIT, 10 * digits)
        self.limit = int(self.limit_digits * LOG2_10) + 1

    def result(self) -> Certified | CertifiedComplex:
        is_complex = isinstance(self._resolved(), acb)
        try:
            if is_complex:
                return certify_complex(self._acb, self.digits, function="evaluate")
            return certify(self._arb, self.digits, function="evaluate", max_bits=self.limit)
        except PrecisionError:
            with working_precision(self.limit):
                value = self._value()
            if value.contains(0):
                raise self._undecidable("the value", value) from None
            if is_complex:
                raise
        return certify(self._arb, self.digits, function="evaluate")  # not 0: more digits can be had

    def _resolved(self) -> Number:
        """The value at the lowest precision at which every branch is decided."""
        bits = 64
        while True:
            try:
                with working_precision(bits):
                    return self._value()
            except Unresolved as unresolved:
                if bits >= self.limit:
                    raise self._failure(unresolved) from None
            bits = min(2 * bits, self.limit)

    def _failure(self, unresolved: Unresolved) -> Exception:
        part = text_of(unresolved.part)
        if unresolved.distance is None:
            digits = self.limit_digits
            return PrecisionError(
                f"evaluate: {part} was not enclosed at {digits} digits: it is at or near a singularity, "
                "or its parameters are too large"
            )
        return self._undecidable(f"the distance of {part} from a branch point or pole", unresolved.distance)

    def _undecidable(self, what: str, value: Number) -> Undecidable:
        with working_precision(64):
            bound = Certified(abs(value).upper() * arb(0, 1), 1).error
        return Undecidable(
            f"evaluate: {what} is not separated from 0 at {self.limit_digits} digits: its modulus is at most {bound}"
        )

    def _value(self) -> Number:
        """The value at the working precision, real where it is known to be; of a size that can be printed."""
        value = enclosure(self.expr, {})
        if isinstance(value, acb) and self.expr.is_real and value.imag.contains(0):
            value = value.real
        size = abs(value)
        if size.upper() < arb(10) ** -(10**9):
            raise DomainError("evaluate: the value is below 10**-(10**9) or 0; evaluate its logarithm instead")
        if size.lower() > arb(10) ** (10**9):
            raise DomainError("evaluate: the value is above 10**(10**9); evaluate its logarithm instead")
        return value

    def _arb(self) -> arb:
        try:
            value = self._value()
        except Unresolved:
            return arb.nan()
        return value.real

    def _acb(self) -> acb:
        try:
            return acb(self._value())
        except Unresolved:
            return acb(arb.nan(), arb.nan())
