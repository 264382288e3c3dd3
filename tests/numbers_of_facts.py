"""What numbers say of a fact: both sides at two points of its domain, its functions replaced by what they stand for.

The functions are had from their definitions by other means than the kernel's: linear equations solved by exponentials,
means and probabilities as integrals over normal variables or over the law of Marchenko and Pastur. A limit is looked at
along three values of its variable. Nothing here proves a fact; a false one is refuted.
"""

from __future__ import annotations

import random
import signal
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import mpmath
import sympy as sp
from sympy.core.function import AppliedUndef

from grokmath.proof import Asymptotic, Fact, Tends, steps

AGREES, REFUTED, NOT_JUDGED = "agrees", "refuted", "not judged"
VALUES = [sp.Rational(text) for text in ("3/4", "5/3", "2/5", "7/3", "1/7", "9/8", "17/4", "-4/3", "-1/3", "1/40")]
INTEGERS = [sp.Integer(n) for n in (2, 3, 1, 5, -1)]
POINTS, TRIES, SECONDS = 2, 1000, 3


class GivenUp(BaseException):
    """The time allowed is over; not an Exception, which SymPy might take for one of its own."""


_TROUBLE = (TypeError, ValueError, ArithmeticError, AttributeError, NameError, RuntimeError, GivenUp)


def judged(fact: Fact) -> str:
    """Whether numbers agree with an equation, an inequality or a limit, refute it, or cannot be had."""
    try:
        with time_limit(SECONDS):
            found = [_at(fact, place) for place in _points(fact)]
    except _TROUBLE:
        return NOT_JUDGED
    if False in found:
        return REFUTED
    return AGREES if True in found else NOT_JUDGED


def content(fact: Fact) -> tuple[Any, ...]:
    """What a fact says: two steps with the same content say the same."""
    return fact.statement, fact.domain, fact.definitions


def new_steps(facts: list[Fact], known: Container[tuple[Any, ...]]) -> list[Fact]:
    """The steps behind the facts whose content is not known, each once; facts put together are judged one by one."""
    found = {content(step): step for fact in facts for step in steps(fact) if step.rule != "together"}
    return [step for said, step in found.items() if said not in known]


def _at(fact: Fact, at: dict[Any, Any]) -> bool | None:
    """Whether the statement holds at the point, to the accuracy of quadrature; None where that cannot be told."""
    statement = fact.statement
    if isinstance(statement, Tends | Asymptotic):
        return _approaches(fact, at)
    if not isinstance(statement, sp.Equality | sp.StrictLessThan | sp.LessThan):
        return None
    left, right = (_number(side, fact, at) for side in statement.args)
    slack = 1e-6 * max(abs(left), abs(right), 1e-3)
    if isinstance(statement, sp.Equality):
        return abs(left - right) <= slack
    return None if abs(left.imag) + abs(right.imag) > slack else left.real <= right.real + slack


def _approaches(fact: Fact, at: dict[Any, Any]) -> bool | None:
    """Whether the distance from the limit shrinks along three values of the variable, or settles along these and along
    three that are much further; None for neither: where parameters are extreme, the limit may not be near yet.
    """
    statement = fact.statement
    is_limit = isinstance(statement, Tends)
    expr, value = (statement.expr, statement.value) if is_limit else (statement.f / statement.g, sp.S.One)
    if value in (sp.oo, -sp.oo):
        return None
    for further in (1, 4096):
        path = [sp.S(x).xreplace(at) for x in _path(fact, further)]
        gaps = [abs(_number(expr - value, fact, {**at, statement.var: x})) for x in path]
        if gaps[-1] <= max(0.9 * max(gaps[:-1]), 1e-3 * (1 + abs(_number(value, fact, at)))):
            return True
        if abs(gaps[-1] - gaps[-2]) > 0.1 * gaps[-1]:
            return None
    return False


def _path(fact: Any, further: int = 1) -> list[Any]:
    """Three values of the variable of a limit, ever nearer to where it goes; not far where there is quadrature."""
    statement = fact.statement
    sides = [statement.expr] if isinstance(statement, Tends) else [statement.f, statement.g]
    quadrature = any(unfolded(side, fact.definitions).has(sp.Integral) for side in sides)
    sizes = [further * sp.Integer(size) if quadrature else further * sp.Integer(size) ** 3 for size in (10, 40, 160)]
    return sizes if statement.point == sp.oo else [statement.point + 1 / size for size in sizes]


def _number(expr: Any, fact: Fact, at: dict[Any, Any]) -> complex:
    """The expression at a point: to 15 digits, integrals by quadrature at two precisions that must agree."""
    inside = unfolded(expr, fact.definitions)
    if inside.atoms(AppliedUndef):
        raise TypeError("a function whose meaning is not written out")
    inside = inside.xreplace(at) if not inside.has(sp.Derivative) else inside.doit(integrals=False).xreplace(at)
    inside = inside.replace(sp.marcumq, _marcum)
    values = []
    for digits in (15, 30) if inside.has(sp.Integral) else (15,):
        with mpmath.workdps(digits):
            values.append(complex(_without_integrals(inside).evalf(digits)))
    value = values[-1]
    if value != value or abs(value) == float("inf") or abs(value - values[0]) > 1e-9 * (1e-3 + abs(value)):
        raise ArithmeticError("no number, or one that the accuracy of quadrature does not reach")
    return value


def _without_integrals(expr: Any) -> Any:
    """The expression, of no free symbols, with every integral as a number."""
    if isinstance(expr, sp.Integral):
        return sp.sympify(_compiled(expr, ())())
    return expr.func(*map(_without_integrals, expr.args)) if expr.has(sp.Integral) else expr


def _compiled(expr: Any, variables: tuple[Any, ...]) -> Callable[..., Any]:
    """A function of the variables, with quadrature for the integrals."""
    inner: dict[str, Any] = {}

    def stands_for(integral: Any) -> Any:
        f, ((x, low, high),) = integral.function, integral.limits
        y = sp.Dummy("y", real=True)
        ends, inside = (
            [_compiled(end, variables) for end in (low, high)],
            _compiled(f.xreplace({x: y}), (*variables, y)),
        )
        name = f"integral_{len(inner)}"
        inner[name] = lambda *at: _quadrature(lambda value: inside(*at, value), [end(*at) for end in ends])
        return sp.Function(name)(*variables)

    def swap(part: Any) -> Any:
        if isinstance(part, sp.Integral):
            return stands_for(part)
        return part.func(*map(swap, part.args)) if part.has(sp.Integral) else part

    plain = swap(expr)
    return sp.lambdify(variables, plain, [inner, "mpmath"])


def _quadrature(f: Callable[[Any], Any], ends: list[Any]) -> Any:
    value, error = mpmath.quad(f, ends, error=True)
    if not error <= 1e-7 * (1e-3 + abs(value)):
        raise ArithmeticError("no accurate quadrature")
    return value


def _marcum(m: Any, a: Any, b: Any) -> Any:
    """Marcum's Q as an integral, a > 0."""
    x = sp.Dummy("x", positive=True)
    inside = x**m * a ** (1 - m) * sp.exp(-(x**2 + a**2) / 2) * sp.besseli(m - 1, a * x)
    return 1 - sp.Integral(inside, (x, 0, b)) if m.is_integer and m > 0 else sp.nan


def _points(fact: Fact) -> Iterator[dict[Any, Any]]:
    """Points of the fact's domain; those of a limit have its variable's other symbols only."""
    statement = fact.statement
    is_limit = isinstance(statement, Tends | Asymptotic)
    sides = [statement.expr, statement.value] if isinstance(statement, Tends) else None
    sides = [statement.f, statement.g] if isinstance(statement, Asymptotic) else sides or list(statement.args)
    free = set().union(*(side.free_symbols for side in sides)) | fact.domain.symbols
    if any(not getattr(symbol, "is_Symbol", False) or not symbol.is_commutative for symbol in free):
        raise TypeError("not a statement about scalars")
    symbols = sorted(free - ({statement.var} if is_limit else set()), key=str)
    path = [{statement.var: x} for x in _path(fact)] if is_limit else [{}]
    dice, found = random.Random(str(fact)), 0  # noqa: S311 - points to look at
    values = {symbol: _values(symbol, fact) for symbol in symbols}
    for _ in range(TRIES if symbols else 1):
        at = {symbol: dice.choice(dice.choice(values[symbol])) for symbol in symbols}
        if all(_is_declared(symbol, value) for symbol, value in at.items()) and all(
            _holds(unfolded(condition, fact.definitions).xreplace(step).xreplace(at), kind)
            for condition, kind in fact.domain.conditions
            for step in path
        ):
            yield at
            found += 1
            if found == (POINTS if symbols else 1):
                return


def _values(symbol: Any, fact: Fact) -> list[list[Any]]:
    """Values to try for a symbol: of everyday size, and beside and between the ends that conditions set it."""
    if symbol.is_integer:
        return [INTEGERS]
    ends = sorted(
        -condition.coeff(symbol, 0) / condition.coeff(symbol, 1)
        for condition, _ in fact.domain.conditions
        if condition.free_symbols == {symbol} and condition.is_polynomial(symbol) and sp.degree(condition, symbol) == 1
    )
    between = [(low + high) / 2 for low, high in pairwise(ends)]
    beside = [end * factor for end in ends for factor in (1, sp.Rational(29, 30), sp.Rational(31, 30))]
    return [VALUES, beside + between] if ends else [VALUES]


def _is_declared(symbol: Any, value: Any) -> bool:
    refused = (
        (symbol.is_positive and value <= 0)
        or (symbol.is_negative and value >= 0)
        or (symbol.is_nonnegative and value < 0)
        or (symbol.is_nonpositive and value > 0)
    )
    return not refused


def _holds(value: Any, kind: str) -> bool:
    relation = {">": value > 0, ">=": value >= 0, "!=": sp.Ne(value, 0)}[kind]
    return bool(relation == sp.true)


def unfolded(expression: Any, definitions: Any) -> Any:
    """The expression with every function symbol replaced by what it stands for, where that can be written out."""
    written = {head: found for head, words in definitions if (found := _written_out(head, words)) is not None}
    for _ in range(6):
        heads = [head for head in written if expression.has(head)]
        if not heads:
            break
        for head in heads:
            arguments, meaning = written[head]
            expression = expression.replace(head, sp.Lambda(arguments, meaning))
    return expression


def _written_out(head: Any, words: Any) -> tuple[Any, Any] | None:
    """The arguments of a function and its value in them."""
    if not isinstance(head, sp.core.function.UndefinedFunction):
        return None
    match words:
        case (tuple() as arguments, meaning):
            return _named(arguments, meaning)
        case (tuple() as arguments, slope, var, start, value) if var in arguments:
            return _named(arguments, _solution(head(*arguments), slope, var, start, value))
        case ("mean", function, output, variances, arguments):
            return _named(arguments, _mean(function, output, variances))
        case ("probability", output, variances, arguments):
            return _named(arguments, _probability(output, variances))
        case ("joint probability", output, z, w, low, high, arguments):
            given = _probability(output, ((w, sp.S.One),))
            return _named(arguments, sp.Integral(given * _normal(z), (z, low, high)))
        case ("mean square", tuple() as arguments, body, variances):
            none = dict.fromkeys((symbol for symbol, _ in variances), sp.S.Zero)
            squares = (body.xreplace({**none, symbol: sp.S.One}) ** 2 * size for symbol, size in variances)
            return _named(arguments, sp.Add(*squares))
        case ("mean over the spectrum", tuple() as arguments, f, nu, lam):
            return _named(arguments, _spectral(f, nu, lam, f.xreplace({nu: sp.S.Zero})))
        case ("mean over the spectrum, by limit", tuple() as arguments, f, nu, lam, at_zero):
            return _named(arguments, _spectral(f, nu, lam, at_zero))
    return None


_Z = sp.Symbol("_z", real=True)


def _named(arguments: Any, meaning: Any) -> tuple[Any, Any] | None:
    return (arguments, meaning) if all(part.is_Symbol for part in arguments) else None


def _normal(z: Any) -> Any:
    return sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi)


def _solution(value_at: Any, slope: Any, var: Any, start: Any, value: Any) -> Any:
    """The solution of f' = A + B f for a constant B, from its value at the start."""
    mark, x = sp.Dummy("f"), sp.Dummy("x", real=True)
    marked = slope.xreplace({value_at: mark})
    free, rate = marked.xreplace({mark: sp.S.Zero}), sp.diff(marked, mark)
    if var in rate.free_symbols or rate.has(mark):
        return value_at
    grown = sp.exp(rate * (var - start))
    if var not in free.free_symbols:
        return value * grown + free * ((grown - 1) / rate if rate != 0 else var - start)
    return value * grown + sp.Integral(free.xreplace({var: x}) * sp.exp(rate * (var - x)), (x, start, var))


def _law(output: Any, variances: Any) -> tuple[Any, Any]:
    """Mean and variance of a linear function of independent variables."""
    middle = output.xreplace(dict.fromkeys((symbol for symbol, _ in variances), sp.S.Zero))
    return middle, sp.Add(*(sp.diff(output, symbol) ** 2 * size for symbol, size in variances))


def _mean(function: Any, output: Any, variances: Any) -> Any:
    middle, variance = _law(output, variances)
    return sp.Integral(function(middle + sp.sqrt(variance) * _Z) * _normal(_Z), (_Z, -sp.oo, sp.oo))


def _probability(output: Any, variances: Any) -> Any:
    middle, variance = _law(output, variances)
    return sp.erfc(middle / sp.sqrt(2 * variance)) / 2


def _spectral(f: Any, nu: Any, lam: Any, at_zero: Any) -> Any:
    """The atom and the integral, in the angle that makes the density smooth at both edges."""
    angle = sp.Dummy("angle", real=True)
    place = 1 + lam - 2 * sp.sqrt(lam) * sp.cos(angle)
    inside = f.xreplace({nu: place}) * 2 * sp.sin(angle) ** 2 / (sp.pi * place)
    return sp.Max(0, 1 - 1 / lam) * at_zero + sp.Integral(inside, (angle, 0, sp.pi))


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise :class:`GivenUp` when this process has worked for so long, whatever the clock on the wall says."""

    def stop(*_: Any) -> None:
        raise GivenUp

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
