"""Whether a fact holds wherever a claim is made: the claim's regimes against the fact's conditions and assumptions.

A regime is an interval for each of some parameters, listed values for others, and critical points. On each the
conditions of the fact, and what it declares of its symbols, are proved from the ends of the intervals, by the kernel's
sign rules or in ball arithmetic on halved intervals; nothing is sampled. The variable of a limit is near its point,
from the side of the claim; sizes of matrices are any positive integers. One exception: a polynomial that may not
vanish, and does so on a set of measure zero of the intervals, is taken for covered; such a claim is one about generic
points (as a strict inequality of Jensen's is), and its record says so.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import sympy
from flint import arb

from grokmath.asymptotics import Choice, Range, Regime
from grokmath.exact import ball, working_precision

if TYPE_CHECKING:
    from grokmath.ledger.record import Claim
    from grokmath.proof import Fact

__all__ = ["covers", "holds_on", "symbols_of"]

Condition = tuple[Any, str]
_BITS, _HALVINGS = 128, 12


def symbols_of(statement: Any) -> set[Any]:
    """The free scalar symbols of a fact's statement."""
    names = ("expr", "value", "f", "g", "var")
    parts = statement.args if isinstance(statement, sympy.Basic) else [getattr(statement, n, None) for n in names]
    return {x for part in parts if part is not None for x in sympy.S(part).free_symbols if x.is_Symbol}


def covers(fact: Fact, claim: Claim) -> bool:
    """Whether the fact holds at every point of every regime of the claim, as far as that can be proved."""
    from grokmath.ledger.record import Asymptotic, Simulation
    from grokmath.proof.domain import implicit_conditions

    symbols = symbols_of(fact.statement) | fact.domain.symbols
    if isinstance(claim, Asymptotic):
        near = [x for x in symbols if x.name == str(claim.var)]
        if not all(_approached(x, claim) for x in near):
            return False
        symbols -= set(near)
    if isinstance(claim, Simulation):  # the sizes that its settings do not list are any
        listed = {name for regime in claim.regimes for name in regime.names}
        symbols -= {x for x in symbols if x.is_integer and x.is_positive and x.name not in listed}
    conditions = [*fact.domain.conditions, *(c for x in symbols for c in implicit_conditions(x))]
    whole = {x.name for x in symbols if x.is_integer}
    return all(holds_on(conditions, claim, regime, whole) for regime in claim.regimes)


def _approached(variable: Any, claim: Any) -> bool:
    """Whether a symbol with these assumptions comes as near to the point as the claim's variable does."""
    if variable.is_integer and not claim.var.is_integer:
        return False
    if claim.point == sympy.oo:
        return not variable.is_nonpositive
    if claim.point == -sympy.oo:
        return not variable.is_nonnegative
    if claim.side != "+":
        return False
    return not variable.is_nonpositive and bool(claim.point >= 0 or not variable.is_nonnegative)


def holds_on(conditions: list[Condition], claim: Claim, regime: Regime, whole: Collection[str] = ()) -> bool:
    """Whether the conditions are proved on a regime, where the symbols named in ``whole`` have to be integers."""
    sizes = dict(getattr(claim, "sizes", ()))
    for known in _parts(regime):
        if not all(_integers(name, known, sizes) for name in whole):
            return False
        if not all(_proved(condition, kind, known, sizes) for condition, kind in conditions):
            return False
    return True


def _parts(regime: Regime) -> Iterator[dict[str, Any]]:
    """The parts of a regime: a value or a range for each parameter."""
    for point in ((), *regime.critical):
        fixed = dict(point)
        listed = [
            (name, part.values if isinstance(part, Choice) else (part,))
            for name, part in regime.ranges
            if name not in fixed
        ]
        for values in itertools.product(*(values for _, values in listed)):
            yield {**fixed, **dict(zip((name for name, _ in listed), values, strict=True))}


def _integers(name: str, known: Mapping[str, Any], sizes: Mapping[str, int]) -> bool:
    value = known.get(name)
    if isinstance(value, Range):
        return value.integer
    return name in sizes if value is None else isinstance(value, Fraction | int) and Fraction(value).denominator == 1


def _proved(condition: Any, kind: str, known: Mapping[str, Any], sizes: Mapping[str, int]) -> bool:
    """Whether one condition is proved on one part of a regime."""
    from grokmath.proof.domain import Domain, RefusedStep
    from grokmath.proof.normal import normal_form

    values, bounds = {}, []
    for symbol in condition.free_symbols:
        value = known.get(symbol.name)
        plain = sympy.Symbol(f"{symbol.name} in the claim", real=True)
        if isinstance(value, Range):
            closed = ">=" if value.integer else ">"
            bounds += [(plain - _rational(value.low), closed), (_rational(value.high) - plain, closed)]
        elif value is None and symbol.name in sizes:
            bounds.append((plain - 1, ">="))
        elif isinstance(value, Fraction | int):
            plain = _rational(value)
        else:
            return False
        values[symbol] = plain
    here = condition.xreplace(values)
    if not here.free_symbols:
        return bool({">": here > 0, ">=": here >= 0, "!=": sympy.Ne(here, 0)}[kind] == sympy.true)
    normal = normal_form(Domain(tuple(bounds)), "coverage")

    def proved(kind: str) -> bool:
        try:
            normal.require((here, kind), "the domain of the fact")
        except RefusedStep:
            return False
        return True

    if proved(kind):
        return True
    ranges = {values[x]: known[x.name] for x in condition.free_symbols if isinstance(known.get(x.name), Range)}
    if here.free_symbols - set(ranges):
        return False
    if kind != "!=" and _positive(here, {x: (part.low, part.high) for x, part in ranges.items()}, _HALVINGS):
        return True
    generic = here.is_polynomial() and sympy.expand(here) != 0 and not any(part.integer for part in ranges.values())
    return generic and (kind == "!=" or (kind == ">" and _is_squares(here)))


def _is_squares(expr: Any) -> bool:
    """Whether an expression is a sum of squares with positive factors, as it is written."""
    for term in sympy.Add.make_args(expr):
        factor, rest = term.as_coeff_Mul()
        if not factor > 0 or not all(part.is_Pow and part.exp.is_even for part in sympy.Mul.make_args(rest)):
            return False
    return True


def _positive(condition: Any, box: dict[Any, tuple[Fraction, Fraction]], halvings: int) -> bool:
    """Whether an expression is proved positive on a closed box, by balls on its halves."""
    with working_precision(_BITS):
        value = _ball(condition, {x: ball(low).union(ball(high)) for x, (low, high) in box.items()})
    if value is not None and value > 0:
        return True
    if halvings == 0 or not box:
        return False
    widest = max(box, key=lambda x: (box[x][1] - box[x][0]) / (abs(box[x][0]) + abs(box[x][1])))
    low, high = box[widest]
    middle = Fraction(math.sqrt(low * high)) if 0 < 4 * low < high else (low + high) / 2
    halves = [(low, middle), (middle, high)]
    return all(_positive(condition, {**box, widest: half}, halvings - 1) for half in halves)


def _ball(expr: Any, at: Mapping[Any, arb]) -> arb | None:
    """A ball that contains the values of an expression of powers, exp and log; None where it may have none."""
    if expr in at:
        return at[expr]
    if expr.is_Rational:
        return ball(Fraction(int(expr.p), int(expr.q)))
    if expr is sympy.pi:
        return arb.pi()
    parts = [_ball(part, at) for part in expr.args]
    if not parts or any(part is None for part in parts):
        return None
    known = [part for part in parts if part is not None]
    value: arb | None = None
    if isinstance(expr, sympy.Add):
        value = sum(known, arb(0))
    elif isinstance(expr, sympy.Mul):
        value = arb(1)
        for part in known:
            value = value * part
    elif isinstance(expr, sympy.Pow) and known[0] > 0:
        value = known[0] ** known[1]
    elif isinstance(expr, sympy.exp):
        value = known[0].exp()
    elif isinstance(expr, sympy.log) and known[0] > 0:
        value = known[0].log()
    return value if value is not None and value.is_finite() else None


def _rational(value: Fraction | int) -> Any:
    value = Fraction(value)
    return sympy.Rational(value.numerator, value.denominator)
