"""Times at which strictly decreasing functions cross a level: definition, order, limits, and delays between two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import sympy

from grokmath.proof.domain import EVERYWHERE, Domain, implicit_conditions
from grokmath.proof.equations import require_interval
from grokmath.proof.facts import Fact, Tends, at_most, equation, make_fact, normal_for, require_domain
from grokmath.proof.normal import Normal, refuse
from grokmath.proof.rewriting import require_application
from grokmath.proof.terms import replace_by_facts, substitute

__all__ = [
    "crossing_diverges",
    "crossing_inverse",
    "crossing_limit",
    "crossing_order",
    "crossing_time",
    "delay_decreases",
    "delay_of_late_forms",
]

_RULE = "definition of a crossing time"
MEANING = "crossing time"


class _Crossing(NamedTuple):
    """T(...) with f(T) = level: the application, f, its variable and the symbol of the level."""

    time: Any
    f: Any
    var: Any
    level: Any

    def at(self, place: Any) -> Any:
        return substitute(self.f, {self.var: place}, _RULE)


def crossing_time(
    application: Any,
    f: Any,
    var: Any,
    level: Any,
    *,
    slope: Fact,
    start: Fact,
    end: Fact,
    domain: Domain = EVERYWHERE,
    using: Sequence[Fact] = (),
    note: str = "",
) -> tuple[Fact, Fact]:
    """T(..., level, ...): the only var > 0 at which f = level. Returns f(T) = level and 0 < T.

    ``slope`` gives df/dvar, which is proved negative for all var > 0; ``start`` and ``end`` are the limits of f as var
    -> 0 and var -> oo, proved to be above and below the level. Proof: f is continuous on (0, oo), takes values on both
    sides of the level, hence the level itself (intermediate values), and decreases strictly, hence takes it once.
    """
    f = sympy.S(f)
    require_application(_RULE, application, sympy.S.Zero)
    others = f.free_symbols - {var}
    if level not in application.args or level in f.free_symbols or var in application.args or var in domain.symbols:
        raise refuse(_RULE, f"{application} is not a function of {level} and of the parameters of {f}")
    if others - set(application.args):
        raise refuse(_RULE, f"{f} has other symbols than {application} and {var}")
    normal = normal_for(_RULE, domain, [start, end, *using])
    _require_falling(_RULE, f, var, slope, domain, using)
    for fact, point, sign, words in ((start, sympy.S.Zero, 1, "start"), (end, sympy.oo, -1, "end")):
        value = _limit_of(_RULE, fact, f, var, point, normal)
        normal.require((sign * (value - level), ">"), f"the level between the limits, at the {words}")
    meaning = (application.func, (MEANING, application.args, f, var, level))
    premises = [slope, start, end, *using]
    value_fact = equation(substitute(f, {var: application}, _RULE), level)
    return (
        make_fact(value_fact, domain, _RULE, note, premises, "definition", meaning),
        make_fact(at_most(0, application, strict=True), domain, _RULE, note, premises, "definition", meaning),
    )


def _require_falling(
    rule: str, f: Any, var: Any, slope: Fact, domain: Domain, using: Sequence[Fact]
) -> tuple[Normal, Any]:
    """The normal form for var > 0, and df/dvar, which is proved negative there."""
    if not var.is_Symbol or not var.is_real or var.is_integer:
        raise refuse(rule, f"{var} does not run over the positive numbers")
    if implicit_conditions(var) not in ([], [(var, ">")], [(var, ">=")]):
        raise refuse(rule, f"{var} does not run over the positive numbers")
    inner = normal_for(rule, domain.and_((var, ">")), [slope, *using])
    derivative = slope.lhs if isinstance(slope.statement, sympy.Eq) else None
    if not isinstance(derivative, sympy.Derivative) or derivative.variables != (var,) or derivative.expr != f:
        raise refuse(rule, f"{slope} does not give the derivative of {f} by {var}")
    require_domain(slope, inner)
    inner.require((-replace_by_facts(slope.rhs, using, inner), ">"), f"{f} decreases")
    return inner, slope.rhs


def _limit_of(rule: str, fact: Fact, f: Any, var: Any, point: Any, outer: Normal) -> Any:
    """The value of a given limit of f."""
    statement = fact.statement
    if not isinstance(statement, Tends) or (statement.expr, statement.var, statement.point) != (f, var, point):
        raise refuse(rule, f"{fact} is not the limit of {f} as {var} -> {point}")
    require_domain(fact, outer)
    outer.form(statement.value)
    return statement.value


def _crossing(rule: str, meaning: Fact) -> _Crossing:
    """What is crossed, from the fact f(T) = level of a definition."""
    if meaning.rule == _RULE and isinstance(meaning.statement, sympy.Eq):
        for head, words in meaning.definitions:
            if words[0] == MEANING and words[4] == meaning.rhs:
                _, arguments, f, var, level = words
                crossing = _Crossing(head(*arguments), f, var, level)
                if crossing.at(crossing.time) == meaning.lhs:  # f may have other crossing times in it
                    return crossing
    raise refuse(rule, f"{meaning} does not define a crossing time")


def crossing_order(meaning: Fact, point: Any, *, note: str = "") -> tuple[Fact, Fact]:
    """point < T where f(point) > level, and T < point where f(point) < level, for a new symbol ``point`` > 0.

    Proof: f decreases strictly on (0, oo), where both points lie, and f(T) = level.
    """
    rule = "order of crossing times"
    crossing = _crossing(rule, meaning)
    if not point.is_Symbol or not point.is_positive or point.is_integer or point in crossing.time.args:
        raise refuse(rule, f"{point} is not a new symbol for a positive number")
    gap = crossing.at(point) - crossing.level
    before = at_most(point, crossing.time, strict=True), meaning.domain.and_((gap, ">"))
    after = at_most(crossing.time, point, strict=True), meaning.domain.and_((-gap, ">"))
    first, second = (make_fact(statement, domain, rule, note, [meaning]) for statement, domain in (before, after))
    return first, second


def crossing_inverse(meaning: Fact, point: Any, *, note: str = "") -> Fact:
    """T(..., f(point), ...) = point for a new symbol ``point`` > 0, where the level f(point) has a crossing time.

    Proof: point is a place at which f takes that value, and there is only one.
    """
    rule = "crossing time of a value"
    crossing = _crossing(rule, meaning)
    if not point.is_Symbol or not point.is_positive or point.is_integer or point in crossing.time.args:
        raise refuse(rule, f"{point} is not a new symbol for a positive number")
    if crossing.level.is_integer:
        raise refuse(rule, f"the level {crossing.level} is an integer")
    at = {crossing.level: crossing.at(point)}
    conditions = [*meaning.domain.conditions, *implicit_conditions(crossing.level)]
    domain = Domain(tuple((substitute(condition, at, rule), kind) for condition, kind in conditions))
    return make_fact(equation(substitute(crossing.time, at, rule), point), domain, rule, note, [meaning])


def crossing_diverges(meaning: Fact, end: Fact, *, domain: Domain = EVERYWHERE, note: str = "") -> Fact:
    """1/T -> 0 as the level -> 0, where f -> 0 as var -> oo.

    Proof: f decreases strictly to 0, so that f(p) > 0 for each p > 0, and T > p as soon as the level is below f(p).
    """
    rule = "crossing time of a small level"
    crossing = _crossing(rule, meaning)
    normal = normal_for(rule, domain, [meaning, end])
    require_interval(normal, crossing.level, sympy.S.Zero)
    require_domain(meaning, normal)
    outer = normal.on(domain.without(crossing.level))
    if not outer.equal(_limit_of(rule, end, crossing.f, crossing.var, sympy.oo, outer), 0):
        raise refuse(rule, f"{end} is not a limit 0")
    statement = Tends(1 / crossing.time, crossing.level, sympy.S.Zero, sympy.S.Zero)
    return make_fact(statement, domain.without(crossing.level), rule, note, [meaning, end])


def crossing_limit(
    meaning: Fact,
    pointwise: Fact,
    slope: Fact,
    target: Any,
    *,
    domain: Domain = EVERYWHERE,
    using: Sequence[Fact] = (),
    note: str = "",
) -> Fact:
    """T -> t as a parameter x -> q, from f -> phi for each var > 0, phi decreasing strictly, phi(t) = level, t > 0.

    ``pointwise`` is the limit of f in the parameter, ``slope`` gives dphi/dvar, proved negative for var > 0. Proof: for
    0 < h < t, phi(t - h) > level > phi(t + h); next to q the same holds of f, hence t - h < T < t + h.
    """
    rule = "limit of a crossing time"
    crossing, statement, target = _crossing(rule, meaning), pointwise.statement, sympy.S(target)
    if not isinstance(statement, Tends) or statement.expr != crossing.f:
        raise refuse(rule, f"{pointwise} is not a limit of {crossing.f}")
    parameter, phi, var = statement.var, statement.value, crossing.var
    if parameter in (crossing.level, var) or parameter not in crossing.time.args:
        raise refuse(rule, f"{parameter} is not a parameter of {crossing.time}")
    point = sympy.S(statement.point)
    if parameter in phi.free_symbols | target.free_symbols or {parameter, var} & point.free_symbols:
        raise refuse(rule, f"{phi}, {target} or {point} depends on {parameter}, or {point} on {var}")
    if var in target.free_symbols | domain.symbols:
        raise refuse(rule, f"{phi} or {target} depends on {parameter} or {var}")
    normal = normal_for(rule, domain, [meaning, *using])
    require_interval(normal, parameter, statement.point)
    require_domain(meaning, normal)
    outside = domain.without(parameter)
    inner, _ = _require_falling(rule, phi, var, slope, outside, using)
    require_domain(pointwise, inner)
    outer = normal_for(rule, outside, using)
    outer.require((target, ">"), "the limit of the time")
    there = replace_by_facts(substitute(phi, {var: target}, rule), using, outer)
    if not outer.equal(there, crossing.level):
        raise refuse(rule, f"{phi} at {target} is not {crossing.level}")
    result = Tends(crossing.time, parameter, statement.point, target)
    return make_fact(result, outside, rule, note, [meaning, pointwise, slope, *using])


def delay_of_late_forms(
    first: Fact,
    second: Fact,
    first_limit: Fact,
    second_limit: Fact,
    rate: Any,
    power: Any,
    *,
    domain: Domain = EVERYWHERE,
    using: Sequence[Fact] = (),
    note: str = "",
) -> Fact:
    """T_g - T_f -> log(B/A)/r as the level -> 0, where f/h -> A > 0 and g/h -> B > 0 with h = exp(-r var) var^m, r > 0.

    ``first`` and ``second`` define T_f and T_g. Proof: both functions tend to 0, hence both times to oo. For each real
    u, g(x + u)/f(x) -> (B/A) exp(-r u) as x -> oo. If u > log(B/A)/r this is < 1, so that g(T_f + u) < level and
    T_g < T_f + u for small levels; if u < log(B/A)/r, T_g > T_f + u.
    """
    rule = "delay of late forms"
    f, g = _crossing(rule, first), _crossing(rule, second)
    rate, power = sympy.S(rate), sympy.S(power)
    if (f.var, f.level) != (g.var, g.level) or f.var in domain.symbols:
        raise refuse(rule, f"{f.time} and {g.time} have not one variable and one level")
    if {f.var, f.level} & (rate.free_symbols | power.free_symbols):
        raise refuse(rule, f"the rate {rate} or the power {power} is not constant")
    normal = normal_for(rule, domain, [first, second, *using])
    require_interval(normal, f.level, sympy.S.Zero)
    for fact in (first, second):
        require_domain(fact, normal)
    outside = domain.without(f.level)
    outer = normal_for(rule, outside, using)
    inner = normal_for(rule, outside.and_((f.var, ">")), [first_limit, second_limit, *using])
    outer.require((rate, ">"), "the rate")
    outer.form(power)
    late = sympy.exp(-rate * f.var) * f.var**power
    values = []
    for crossing, fact in ((f, first_limit), (g, second_limit)):
        statement = fact.statement
        if not isinstance(statement, Tends) or (statement.var, statement.point) != (f.var, sympy.oo):
            raise refuse(rule, f"{fact} is not a limit as {f.var} -> oo")
        require_domain(fact, outer)
        sides = (replace_by_facts(sympy.S(side), using, inner) for side in (statement.expr * late, crossing.f))
        if not inner.equal(*sides):
            raise refuse(rule, f"{statement.expr} is not {crossing.f} over {late}")
        outer.require((statement.value, ">"), f"the limit of {statement.expr}")
        values.append(statement.value)
    result = Tends(g.time - f.time, f.level, sympy.S.Zero, sympy.log(values[1] / values[0]) / rate)
    return make_fact(result, outside, rule, note, [first, second, first_limit, second_limit, *using])


def delay_decreases(
    sooner: Fact,
    later: Fact,
    slopes: tuple[Fact, Fact],
    falling: Fact,
    order: Fact,
    rates: Fact,
    levels: tuple[Any, Any],
    *,
    domain: Domain = EVERYWHERE,
    using: Sequence[Fact] = (),
    note: str = "",
) -> Fact:
    """T_g(y) - T_f(y) < T_g(x) - T_f(x) for two levels 0 < x < y, new symbols ``levels`` = (x, y).

    ``sooner`` and ``later`` define T_f and T_g; ``slopes`` give f' and g'. ``order``: f < g. ``rates``: q < p with p =
    -f'/f and q = -g'/g, which is proved. ``falling`` gives dq/dvar, which is proved not positive. All for var > 0.
    Proof: for levels e between x and y, f and g being differentiable with f', g' < 0, d(T_g - T_f)/de = (1/p(T_f) -
    1/q(T_g))/e; T_f < T_g as f < g, and q(T_g) <= q(T_f) < p(T_f), so that the difference decreases strictly in e.
    """
    rule = "delay at two levels"
    f, g, (x, y) = _crossing(rule, sooner), _crossing(rule, later), levels
    if (f.var, f.level) != (g.var, g.level) or f.var in domain.symbols:
        raise refuse(rule, f"{f.time} and {g.time} have not one variable and one level")
    for symbol in levels:
        known = f.f.free_symbols | g.f.free_symbols | {*f.time.args, *g.time.args} - {f.level}
        if not symbol.is_Symbol or not symbol.is_real or symbol in known | {f.var} or x == y:
            raise refuse(rule, f"{symbol} is not a new symbol for a level")
    outer = normal_for(rule, domain, using)
    outer.require((x, ">"), "the lower level")
    outer.require((y - x, ">"), "the order of the levels")
    for level in levels:
        for condition, kind in (*sooner.domain.conditions, *later.domain.conditions, *implicit_conditions(f.level)):
            outer.require((substitute(condition, {f.level: level}, rule), kind), f"the crossing at {level}")
    fixed = Domain(tuple(c for c in domain.conditions if not {x, y} & c[0].free_symbols))
    inner = normal_for(rule, fixed.and_((f.var, ">")), [*slopes, falling, order, rates, *using])
    (_, df), (_, dg) = (
        _require_falling(rule, crossing.f, f.var, slope, fixed, using)
        for crossing, slope in zip((f, g), slopes, strict=True)
    )
    for fact, sides in ((order, (f.f, g.f)), (rates, None)):
        if not isinstance(fact.statement, sympy.Lt) or sides not in (None, (fact.lhs, fact.rhs)):
            raise refuse(rule, f"{fact} is not the strict inequality that is needed")
        require_domain(fact, inner)
    q, p = rates.lhs, rates.rhs
    for quotient, function, slope in ((p, f.f, df), (q, g.f, dg)):
        left, right = (replace_by_facts(sympy.S(side), using, inner) for side in (quotient * function, -slope))
        if not inner.equal(left, right):
            raise refuse(rule, f"{quotient} is not the rate of {function}: {inner.difference(left, right)}")
    if not isinstance(falling.statement, sympy.Eq) or falling.lhs != sympy.Derivative(q, f.var):
        raise refuse(rule, f"{falling} is not the derivative of {q}")
    require_domain(falling, inner)
    inner.require((-replace_by_facts(falling.rhs, using, inner), ">="), f"{q} does not increase")
    delays = [substitute(g.time - f.time, {f.level: level}, rule) for level in (y, x)]
    premises = [sooner, later, *slopes, falling, order, rates, *using]
    return make_fact(at_most(*delays, strict=True), domain, rule, note, premises)
