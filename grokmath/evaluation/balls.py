"""Enclosures of closed expressions: one table from SymPy's heads to functions of balls, and the walk along the tree.

Before a function with a branch point is applied to a real ball, the ball must lie on one side of it, or
:class:`Unresolved` is raised. Every ball function encloses its truncation errors (Arb, and the Marcum Q of this
package).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy
from flint import acb, arb, fmpq

from grokmath.evaluation.gauss import gauss_series
from grokmath.parameters import DomainError, UnsupportedExpression, shown

__all__ = ["KNOWN", "Number", "Unresolved", "enclosure", "text_of", "vocabulary"]

Number = arb | acb
"""A real or a complex ball."""


class Unresolved(Exception):
    """At the present precision a ball reaches across a branch point or a pole: ``distance`` from it is around 0."""

    def __init__(self, part: Any, distance: Number | None = None) -> None:
        self.part = part
        self.distance = distance


def text_of(part: Any) -> str:
    """The expression as an error message shows it."""
    return shown(str(part))[1:-1]


def vocabulary() -> list[str]:
    """What :func:`evaluate` knows: numbers, operations and the names of functions.

    >>> "marcumq" in vocabulary()
    True
    """
    functions = sorted(head.__name__ for head in (*_FUNCTIONS, sympy.hyper))
    return ["rational numbers", *(str(constant) for constant in _CONSTANTS), "+", "*", "**", *functions]


def enclosure(expr: Any, memo: dict[Any, Number]) -> Number:
    """A ball for the expression at the working precision; common parts are computed once."""
    if expr.is_Rational:
        return arb(fmpq(int(expr.p), int(expr.q)))
    value = memo.get(expr)
    if value is None:
        value = memo[expr] = _fresh(expr, memo)
    return value


def _fresh(expr: Any, memo: dict[Any, Number]) -> Number:
    constant = _CONSTANTS.get(expr)
    if constant is not None:
        return constant()
    if isinstance(expr, sympy.hyper):
        upper, lower, z = expr.args
        return _hyper(
            expr, [enclosure(a, memo) for a in upper], [enclosure(b, memo) for b in lower], enclosure(z, memo)
        )
    if isinstance(expr, sympy.Pow) and expr.exp.is_Integer:
        return _finite(expr, _integer_power(expr, enclosure(expr.base, memo), int(expr.exp)))
    parts = [enclosure(part, memo) for part in expr.args]
    if isinstance(expr, sympy.Add):
        return _real_if_exact(sum(parts, arb(0)))
    if isinstance(expr, sympy.Mul):
        product: Number = arb(1)
        for part in parts:
            product = product * part
        return _real_if_exact(product)
    function = _power if isinstance(expr, sympy.Pow) else _FUNCTIONS[type(expr)]
    return _finite(expr, function(expr, *parts))


def _finite(expr: Any, value: Number) -> Number:
    if not value.is_finite():
        raise Unresolved(expr)
    return _real_if_exact(value)


def _real_if_exact(value: Number) -> Number:
    """The real part of a complex ball whose imaginary part is exactly 0; other balls as they are."""
    return value.real if isinstance(value, acb) and value.imag.is_zero() else value


def _decided(expr: Any, x: Number, point: int = 0) -> Number:
    """A ball that a function with a branch point may be applied to: not across it, if real."""
    distance = x - point
    if isinstance(x, arb) and distance.contains(0) and not distance.is_zero():
        raise Unresolved(expr, distance)
    return x


def _real_first(function: Callable[..., Number], *arguments: Number) -> Number:
    """The function of real balls where all arguments are real and Arb gives a value, else of complex balls."""
    if all(isinstance(argument, arb) for argument in arguments):
        value = function(*arguments)
        if value.is_finite():
            return value
    return function(*(acb(argument) for argument in arguments))


def _integer_power(expr: Any, base: Number, n: int) -> Number:
    if n < 0 and base.contains(0):
        raise Unresolved(expr.base, base)
    return base**n


def _power(expr: Any, base: Number, exponent: Number) -> Number:
    base = _decided(expr.base, base)
    half = sympy.Rational(1, 2)
    if expr.exp in (half, -half):
        root = base.sqrt() if isinstance(base, acb) or base >= 0 else acb(base).sqrt()
        return root if expr.exp == half else 1 / root
    if isinstance(base, arb) and isinstance(exponent, arb) and base >= 0:
        return base**exponent
    return acb(base) ** acb(exponent)


def _exp(expr: Any, x: Number) -> Number:
    value = x.exp()
    if not value.is_finite():
        raise DomainError(f"evaluate: {text_of(expr)} is beyond the range of Arb; simplify it, or use its log")
    return value


def _log(expr: Any, x: Number) -> Number:
    _decided(expr.args[0], x)
    return x.log() if isinstance(x, acb) or x > 0 else acb(x).log()


def _sign(expr: Any, x: Number) -> Number:
    if x.contains(0):
        raise Unresolved(expr.args[0], x)
    return arb(x.sgn()) if isinstance(x, arb) else x / abs(x)


def _lambert(expr: Any, x: Number, branch: Number | None = None) -> Number:
    k = 0 if len(expr.args) == 1 else expr.args[1]
    if not (k == 0 or getattr(k, "is_Integer", False)):
        raise UnsupportedExpression(f"evaluate: the branch {text_of(k)} of LambertW is not an integer")
    k = int(k)
    if isinstance(x, arb):
        from_edge = x + arb(-1).exp()
        if k in (0, -1):
            if from_edge.contains(0):
                raise Unresolved(f"{expr.args[0]} + exp(-1)", from_edge)
            if from_edge > 0 and (k == 0 or x < 0):
                return x.lambertw(k)
        if k:
            _decided(expr.args[0], x)
    return acb(x).lambertw(k)


def _marcumq(expr: Any, m: Number, a: Number, b: Number) -> Number:
    from grokmath.functions.marcum_certified import marcum_q_ball

    balls: list[arb] = []
    for part, value in zip(expr.args, (m, a, b), strict=True):
        if isinstance(value, acb) or value < 0 or (not balls and value <= 0):
            needed = "real m > 0, a >= 0, b >= 0 in marcumq(m, a, b)"
            raise DomainError(f"evaluate: {text_of(expr)} is not allowed (needed: {needed})")
        _decided(part, value)
        balls.append(value)
    return marcum_q_ball(*balls).value()


def _hyper(expr: Any, upper: Sequence[Number], lower: Sequence[Number], z: Number) -> Number:
    p, q = len(upper), len(lower)
    terminates = any(a.is_Integer and a <= 0 for a in expr.args[0])
    if not terminates and p > q + 1:
        raise UnsupportedExpression(
            f"evaluate: hyper with p = {p} upper, q = {q} lower parameters (needed: p <= q + 1)"
        )
    if not terminates and p == q + 1:
        if p >= 3 and abs(z) >= 1:
            raise UnsupportedExpression("evaluate: hyper with p = q + 1 >= 3 is known for |z| < 1 only")
        z = _decided(expr.args[2], z, 1)
    if (p, q) == (2, 1) and not terminates:
        return _finite(expr, _gauss(expr, upper[0], upper[1], lower[0], z))
    return _finite(expr, _real_first(lambda z, *ab: z.hypgeom(list(ab[:p]), list(ab[p:])), z, *upper, *lower))


def _gauss(expr: Any, a: Number, b: Number, c: Number, z: Number) -> Number:
    """2F1(a, b; c; z): by its series where parameters are large, else by Arb, told which differences are integers.

    Where a - b or a + b - c is an integer, one of the connection formulas (DLMF 15.8) is a limit. Balls around 5/9 and
    14/9 cannot say so, and the general formula divides by a ball that contains 0; Arb takes the limit where a flag says
    that the difference is an integer, namely the one that is nearest to the difference's centre. The flag is set only
    where the difference of the exact parameters is an Integer of SymPy, and the ball of the difference, which contains
    it, is narrower than 1: then the nearest integer to the centre, which is less than 1/2 away, is this one.
    """
    if isinstance(a, arb) and isinstance(b, arb) and isinstance(c, arb) and isinstance(z, arb):
        value = gauss_series(a, b, c, z)
        if value is not None:
            return value
    (ea, eb), (ec,) = expr.args[0], expr.args[1]
    flags = {}
    differences = {
        "ab": (ea - eb, a - b),
        "ac": (ea - ec, a - c),
        "bc": (eb - ec, b - c),
        "abc": (ea + eb - ec, a + b - c),
    }
    for name, (difference, ball) in differences.items():
        if difference.is_Integer or sympy.expand(difference).is_Integer:
            if not acb(ball).real.rad() < 0.25:
                raise Unresolved(expr)
            flags[name] = True
    return _real_first(lambda z, a, b, c: z.hypgeom_2f1(a, b, c, **flags), z, a, b, c)


def _method(name: str, *, cut: bool = False, cut_at_integers: bool = True) -> Callable[..., Number]:
    """Arb's x.name(order) for SymPy's f(order, x) or f(x).

    ``cut``: it has a branch point at x = 0; ``cut_at_integers``: also where the order is an integer.
    """

    def function(expr: Any, *arguments: Number) -> Number:
        *order, x = arguments
        if cut and (cut_at_integers or not expr.args[0].is_Integer):
            _decided(expr.args[-1], x)
        return _real_first(lambda x, *order: getattr(x, name)(*order), x, *order)

    return function


def _beta(regularized: bool) -> Callable[..., Number]:
    def function(expr: Any, a: Number, b: Number, x1: Number, x2: Number) -> Number:
        value: Number = arb(0)
        for sign, x, part in ((-1, x1, expr.args[2]), (1, x2, expr.args[3])):
            if part == 0 and not a.real > 0:
                raise DomainError(f"evaluate: {text_of(expr)} diverges at 0 (needed there: a > 0)")
            if part != 0:
                _decided(part, _decided(part, x), 1)
                value = value + sign * _real_first(lambda x, a, b: x.beta_lower(a, b, regularized), x, a, b)
        return value

    return function


def _acos(expr: Any, x: Number) -> Number:
    if isinstance(x, arb):
        _decided(expr.args[0], _decided(expr.args[0], x, 1), -1)
    return _real_first(lambda x: x.acos(), x)


_CONSTANTS: dict[Any, Callable[[], Number]] = {
    sympy.pi: arb.pi,
    sympy.E: arb.const_e,
    sympy.EulerGamma: arb.const_euler,
    sympy.I: lambda: acb(0, 1),
}

_STRUCTURE = (sympy.Rational, sympy.Add, sympy.Mul, sympy.Pow, sympy.hyper, sympy.Tuple)

_FUNCTIONS: dict[type, Callable[..., Number]] = {
    sympy.exp: _exp,
    sympy.log: _log,
    sympy.Abs: lambda expr, x: abs(x),
    sympy.sign: _sign,
    sympy.acos: _acos,
    sympy.erf: _method("erf"),
    sympy.erfc: _method("erfc"),
    sympy.gamma: _method("gamma"),
    sympy.uppergamma: _method("gamma_upper", cut=True),
    sympy.lowergamma: _method("gamma_lower", cut=True),
    sympy.besseli: _method("bessel_i", cut=True, cut_at_integers=False),
    sympy.besselk: _method("bessel_k", cut=True),
    sympy.expint: _method("expint", cut=True),
    sympy.marcumq: _marcumq,
    sympy.LambertW: _lambert,
    sympy.betainc: _beta(regularized=False),
    sympy.betainc_regularized: _beta(regularized=True),
}

KNOWN = (*map(type, _CONSTANTS), *_FUNCTIONS, *_STRUCTURE)
"""The classes that an expression may be built of."""
