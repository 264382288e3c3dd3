"""Inequalities: by sign, by squares, by monotonicity, by balls over a compact box."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import sympy
from flint import acb, arb, fmpq

from grokmath.evaluation import Unresolved, enclosure
from grokmath.exact import working_precision
from grokmath.proof.convergence import is_continuous_vocabulary
from grokmath.proof.domain import EVERYWHERE, Domain
from grokmath.proof.equations import require_interval, value_at
from grokmath.proof.facts import Fact, at_most, make_fact, normal_for, require_domain
from grokmath.proof.forms import subtract
from grokmath.proof.normal import normal_form, refuse
from grokmath.proof.terms import replace_by_facts

__all__ = [
    "above_tangent",
    "at_most_by_balls",
    "at_most_by_monotone_function",
    "at_most_by_monotonicity",
    "at_most_by_sign",
    "at_most_by_squares",
]


def at_most_by_sign(
    lhs: Any, rhs: Any, *, strict: bool = False, domain: Domain = EVERYWHERE, using: Sequence[Fact] = (), note: str = ""
) -> Fact:
    """lhs <= rhs (or <), as rhs - lhs is proved not negative (or positive) by polynomial arithmetic."""
    rule = "inequality by sign"
    normal = normal_for(rule, domain, using)
    left, right = (replace_by_facts(sympy.S(side), using, normal) for side in (lhs, rhs))
    if not normal.signs.proves(subtract(normal.form(right), normal.form(left)), strict):
        raise refuse(rule, f"{lhs} {'<' if strict else '<='} {rhs} was not proved where {domain}")
    return make_fact(at_most(lhs, rhs, strict=strict), domain, rule, note, using)


def at_most_by_squares(
    lhs: Any, rhs: Any, *, domain: Domain = EVERYWHERE, using: Sequence[Fact] = (), note: str = ""
) -> Fact:
    """lhs <= rhs, as rhs >= 0 and rhs^2 - lhs^2 >= 0."""
    rule = "inequality by squares"
    normal = normal_for(rule, domain, using)
    normal.require((sympy.S(rhs), ">="), "the right side")
    normal.form(sympy.S(lhs))
    normal.require((sympy.S(rhs) ** 2 - sympy.S(lhs) ** 2, ">="), "the difference of the squares")
    return make_fact(at_most(lhs, rhs), domain, rule, note, using)


def at_most_by_monotonicity(
    slope: Fact,
    var: Any,
    at: Any,
    *,
    strict: bool = False,
    domain: Domain = EVERYWHERE,
    limits: Sequence[Fact] = (),
    using: Sequence[Fact] = (),
    note: str = "",
) -> Fact:
    """0 <= f on an interval of var (0 < f, if ``strict``). ``slope`` is the fact on f'.

    At a finite ``at``, the lower end: f' >= 0 and f(at) >= 0. At ``at`` = oo: f' <= 0 and the limit of f there is >=
    0. For 0 < f the derivative does not vanish.
    """
    rule = "inequality by monotonicity"
    at = sympy.S(at)
    normal = normal_for(rule, domain, [slope, *limits, *using])
    inside = require_interval(normal, var, at)
    if inside or not isinstance(slope.lhs, sympy.Derivative) or slope.lhs.variables != (var,):
        raise refuse(rule, f"{slope} is not the derivative by {var}, or {at} is not an end of the interval")
    if not isinstance(slope.statement, sympy.Eq):
        raise refuse(rule, f"{slope} is not an equality")
    require_domain(slope, normal)
    f, df = slope.lhs.expr, replace_by_facts(slope.rhs, using, normal)
    normal.require((-df if at == sympy.oo else df, ">" if strict else ">="), "the sign of the derivative")
    if at != sympy.oo:  # an end that is not proved to lie inside may do so
        normal.require((var - at, ">="), f"{at} is the lower end of the interval")
    outer = normal.on(domain.without(var))
    outer.require((value_at(f, var, at, normal, limits, inside), ">="), f"the value at {var} = {at}")
    return make_fact(at_most(0, f, strict=strict), domain, rule, note, [slope, *limits, *using])


_INCREASING = (sympy.exp, sympy.log, sympy.erf)


def at_most_by_monotone_function(
    function: Any,
    u: Any,
    v: Any,
    *,
    strict: bool = False,
    domain: Domain = EVERYWHERE,
    using: Sequence[Fact] = (),
    note: str = "",
) -> Fact:
    """function(u) <= function(v) for an increasing function (exp, log, erf), >= for the decreasing erfc, as u <= v
    is proved; with < throughout, if ``strict``: these functions are strictly monotone.
    """
    rule = "monotone function"
    normal = normal_for(rule, domain, using)
    if function not in (*_INCREASING, sympy.erfc):
        raise refuse(rule, f"{function} is not in the list of monotone functions")
    normal.require((sympy.S(v) - u, ">" if strict else ">="), "the order of the arguments")
    sides = [function(u), function(v)]
    for side in sides:
        normal.form(side)
    if function is sympy.erfc:
        sides.reverse()
    return make_fact(at_most(*sides, strict=strict), domain, rule, note, using)


def above_tangent(u: Any, *, strict: bool = False, domain: Domain = EVERYWHERE, note: str = "") -> Fact:
    """1 + u <= exp(u) for real u (DLMF 4.5.7); 1 + u < exp(u), if ``strict``, for u that is proved not 0."""
    rule = "exponential above its tangent"
    normal = normal_form(domain, rule)
    normal.form(u)
    if strict:
        normal.require((sympy.S(u), "!="), "the point of contact")
    return make_fact(at_most(1 + u, sympy.exp(u), strict=strict), domain, rule, note)


def at_most_by_balls(
    lhs: Any, rhs: Any, box: Mapping[Any, tuple[Any, Any]], *, pieces: int = 4096, note: str = ""
) -> Fact:
    """lhs < rhs for all real values of the symbols in closed rational intervals, by ball arithmetic on a subdivision
    of the box.
    """
    rule = "inequality by balls"
    lhs, rhs = sympy.S(lhs), sympy.S(rhs)
    conditions = []
    for symbol, (low, high) in box.items():
        low, high = sympy.Rational(low), sympy.Rational(high)
        if not low < high or not symbol.is_real or symbol.is_integer:
            raise refuse(rule, f"the interval [{low}, {high}] of {symbol} is not one of real numbers")
        conditions += [(symbol - low, ">="), (high - symbol, ">=")]
    domain = Domain(tuple(conditions))
    if (lhs - rhs).free_symbols - set(box) or not is_continuous_vocabulary(lhs - rhs):
        raise refuse(rule, f"{lhs} < {rhs} has symbols without an interval, or functions outside the vocabulary")
    for side in (lhs, rhs):
        normal_form(domain, rule).form(side)
    intervals = [tuple(Fraction(str(sympy.Rational(end))) for end in ends) for ends in box.values()]
    _prove_positive(rule, rhs - lhs, list(box), intervals, pieces)
    return make_fact(at_most(lhs, rhs, strict=True), domain, rule, note)


def _prove_positive(rule: str, expr: Any, symbols: list[Any], box: list[tuple[Any, ...]], pieces: int) -> None:
    waiting, done = [box], 0
    while waiting:
        part = waiting.pop()
        done += 1
        if done > pieces:
            raise refuse(rule, f"{expr} > 0 was not proved on {part} within {pieces} pieces")
        value = _enclosure(expr, dict(zip(symbols, part, strict=True)))
        if value is not None and value > 0:
            continue
        if value is not None and value <= 0:
            raise refuse(rule, f"{expr} is not positive on {part}")
        halves = [((low, (low + high) / 2), ((low + high) / 2, high)) for low, high in part]
        waiting += [list(choice) for choice in itertools.product(*halves)]


def _enclosure(expr: Any, box: dict[Any, Any]) -> arb | None:
    """A ball that contains the expression on the box; None where the balls do not decide a branch."""
    with working_precision(128):
        values: dict[Any, arb | acb] = {}
        for symbol, (low, high) in box.items():
            ends = [arb(fmpq(end.numerator, end.denominator)) for end in (low, high)]
            values[symbol] = ends[0].union(ends[1])
        try:
            value = enclosure(expr, values)
        except Unresolved:
            return None
        except KeyError as error:
            raise refuse("inequality by balls", f"no ball arithmetic is known for {error} in {expr}") from None
    return value if isinstance(value, arb) and value.is_finite() else None
