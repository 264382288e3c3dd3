"""A formula at an exact point: what a check evaluates.

A side of a statement is a SymPy expression in the vocabulary of :func:`grokmath.evaluate`, which may also hold
functions with a proved evaluator of their own (:func:`ball_function`), or a Python callable that takes its parameters
by keyword, with ``digits``, and returns a Certified number. Symbols take exact values; those declared integer are
substituted, so that an order such as that of a Bessel function is seen to be an integer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import sympy
from flint import acb, arb, ctx
from sympy.core.function import AppliedUndef

from grokmath import evaluation
from grokmath.asymptotics.regime import misfit
from grokmath.certified import LOG2_10, Certified
from grokmath.certified_complex import CertifiedComplex
from grokmath.exact import Exact, ExactAlgebraic, ball, exact_text, from_sympy_number
from grokmath.parameters import DomainError, PrecisionError, Undecidable, UnsupportedExpression, shown

__all__ = ["Environment", "Number", "Side", "ball_function", "checked", "enclose", "point_text", "to_sympy"]

Number = arb | acb
Side = Any
"""A SymPy expression, an exact number, or a callable with keyword parameters and ``digits``."""


Evaluator = Callable[["Environment", tuple[Any, ...]], Number]
_EVALUATORS: dict[str, Evaluator] = {}


def ball_function(name: str, evaluator: Evaluator) -> Any:
    """A real-valued SymPy function symbol with its own proved evaluator.

    ``evaluator`` takes the environment and the function's arguments and returns a ball that contains the value at
    flint's working precision; it may ask the environment for the exact value of an argument or for its ball.
    """
    _EVALUATORS[name] = evaluator
    return sympy.Function(name, real=True)


def checked(*sides: Side) -> None:
    """Raise :class:`UnsupportedExpression`, naming it, for what no side may hold; callables pass."""
    known = (*evaluation.KNOWN, sympy.Symbol)
    for side in sides:
        if isinstance(side, str) or not (isinstance(side, sympy.Expr | int | Fraction) or callable(side)):
            raise UnsupportedExpression(
                f"check: {shown(side)} is no SymPy expression and no callable; give one of these"
            )
        if not isinstance(side, sympy.Expr):
            continue
        parts = sympy.preorder_traversal(side)
        for part in parts:
            if isinstance(part, AppliedUndef) and part.func.__name__ in _EVALUATORS:
                parts.skip()
            elif part.is_Float:
                raise UnsupportedExpression(f"check: {part} is a floating-point number; write it as a sympy.Rational")
            elif not isinstance(part, known):
                name = part.func.__name__ if isinstance(part, AppliedUndef) else type(part).__name__
                raise UnsupportedExpression(
                    f"check: {name} is not in the vocabulary: {', '.join(evaluation.vocabulary())}"
                )


class Environment:
    """Exact values of symbols by name, and enclosures of expressions in them at flint's working precision."""

    def __init__(self, values: Mapping[str, Exact]) -> None:
        self.values = dict(values)
        self._fitting: set[Any] = set()
        self._memos: dict[int, dict[Any, Number]] = {}

    def exact(self, expr: Any) -> Exact:
        """The exact value of an expression; :class:`UnsupportedExpression` where it is not algebraic."""
        free = {symbol: to_sympy(self._value(symbol)) for symbol in expr.free_symbols}
        number = from_sympy_number(expr.xreplace(free))
        if number is None:
            raise UnsupportedExpression(f"check: {expr} has no exact algebraic value at {point_text(self.values)}")
        return number

    def ball(self, expr: Any) -> Number:
        """An enclosure of the value; not finite where the precision does not suffice or the value is undefined."""
        memo = self._memos.setdefault(ctx.prec, {})
        expr = sympy.S(expr) if isinstance(expr, int) else expr
        integers = {symbol: to_sympy(self._value(symbol)) for symbol in expr.free_symbols if symbol.is_integer}
        expr = expr.xreplace(integers) if integers else expr
        for symbol in expr.free_symbols:
            if symbol not in memo:
                memo[symbol] = ball(self._value(symbol))
        for node in sorted(expr.atoms(AppliedUndef), key=lambda node: node.count_ops()):
            if node not in memo:
                memo[node] = _EVALUATORS[node.func.__name__](self, node.args)
        return evaluation.enclosure(expr, memo)

    def real(self, expr: Any) -> arb:
        """The same for a value that is known to be real."""
        value = self.ball(expr)
        if isinstance(value, acb):
            raise DomainError(f"check: {expr} is complex at {point_text(self.values)}")
        return value

    def _value(self, symbol: Any) -> Exact:
        """The symbol's value, which must be what the symbol is declared to be: SymPy has used that already."""
        if symbol.name not in self.values:
            raise UnsupportedExpression(f"check: the domain gives no value for the symbol {symbol}")
        value = self.values[symbol.name]
        if symbol not in self._fitting:
            if wrong := misfit(symbol, value):
                raise UnsupportedExpression(f"check: the domain gives {wrong}; declare it otherwise")
            self._fitting.add(symbol)
        return value


def enclose(side: Side, environment: Environment, digits: int) -> Number:
    """A ball for a side at the working precision; nan where it is not resolved there or not defined."""
    try:
        if isinstance(side, sympy.Basic):
            return environment.ball(side)
        if callable(side):
            return _called(side, environment, digits)
        return ball(side)
    except (evaluation.Unresolved, DomainError, Undecidable, PrecisionError, ZeroDivisionError):
        return arb.nan()


def _called(side: Callable[..., Any], environment: Environment, digits: int) -> Number:
    value = side(**environment.values, digits=max(digits, int(ctx.prec / LOG2_10)))
    if isinstance(value, CertifiedComplex):
        return acb(value.real.ball(), value.imag.ball())
    if isinstance(value, Certified):
        return ball(value.exact) if value.exact is not None else value.ball()
    if isinstance(value, sympy.Basic):
        return environment.ball(value)
    raise UnsupportedExpression(f"check: the callable returned a {type(value).__name__}, not a Certified number")


def to_sympy(x: Exact) -> Any:
    """An exact number as a SymPy number."""
    return x.expr if isinstance(x, ExactAlgebraic) else sympy.Rational(x.numerator, x.denominator)


def point_text(values: Mapping[str, Exact]) -> str:
    """The parameters of a point, as an answer shows them."""
    return ", ".join(f"{name} = {exact_text(value)}" for name, value in values.items())
