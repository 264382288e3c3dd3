"""Autonomous differential equations of first order: functions that they define, and uniqueness of their solutions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

from grokmath.proof.convergence import closed_range, is_continuous_vocabulary, open_range
from grokmath.proof.domain import EVERYWHERE, Domain, implicit_conditions
from grokmath.proof.equations import require_interval, value_at
from grokmath.proof.facts import Fact, Tends, at_most, equation, make_fact, normal_for, require_domain
from grokmath.proof.normal import Normal, normal_form, refuse
from grokmath.proof.rewriting import require_application
from grokmath.proof.terms import derivative, replace_by_facts, substitute

__all__ = ["by_flow", "define_by_flow"]


def define_by_flow(
    application: Any,
    speed: Any,
    state: Any,
    var: Any,
    value: Any,
    positive: Fact,
    *,
    end: Any = sympy.oo,
    growth: tuple[Any, Any, Fact] | None = None,
    domain: Domain = EVERYWHERE,
    note: str = "",
) -> tuple[Fact, ...]:
    """y with dy/dvar = F(y) for var > 0 and y -> ``value`` as var -> 0: a solution that rises for ever.

    ``speed`` is F as an expression in the real symbol ``state`` and in parameters; ``positive`` says 0 < F for value
    <= state < end. F and F' have normal forms for value <= state <= end. Either ``end`` is finite, value < end and
    F(end) = 0; or it is oo, and ``growth`` = (A, B, fact) says F <= A + B (state - value) there, with A and B not
    negative. Returns the facts on dy/dvar, on the limit at 0, that value < y and, for a finite end, that y < end.

    Proof: F is continuously differentiable, so that a solution exists and goes on as long as it stays in a compact
    part of the range, and is unique (Picard-Lindelof). It increases, as F > 0. A finite end is a solution itself
    and is not reached, by uniqueness; with linear growth y - value <= (A/B)(exp(B var) - 1) (Gronwall), or A var.
    """
    rule = "definition by a flow"
    speed, value, end = sympy.S(speed), sympy.S(value), sympy.S(end)
    require_application(rule, application, value)
    if speed.free_symbols - {state} - set(application.args):
        raise refuse(rule, f"the speed {speed} has other symbols than {state} and {application}")
    if var.is_integer or implicit_conditions(var) not in ([], [(var, ">")], [(var, ">=")]):
        raise refuse(rule, f"{var} does not run over the positive numbers")
    _require_state(rule, state, [application, value, domain], var)
    if var not in application.args or var in speed.free_symbols | value.free_symbols | domain.symbols:
        raise refuse(rule, f"{speed} or {value} depends on {var}, or {application} does not")
    if end != sympy.oo and end.free_symbols - set(application.args) | ({var} & end.free_symbols):
        raise refuse(rule, f"the end {end} has other symbols than {application}")
    normal = normal_for(rule, domain)
    normal.form(value)
    _require_differentiable(normal.on(closed_range(domain, state, value, end)), speed, state)
    reach = domain.and_((state - value, ">="), *([(end - state, ">")] if end != sympy.oo else []))
    inner = normal_for(rule, reach, [positive])
    require_domain(positive, inner)
    if not isinstance(positive.statement, sympy.Lt) or positive.lhs != 0 or not inner.equal(positive.rhs, speed):
        raise refuse(rule, f"{positive} does not say that {speed} is positive")
    premises = [positive]
    if end != sympy.oo:
        normal.require((end - value, ">"), "the start below the end")
        if not normal.equal(substitute(speed, {state: end}, rule), 0):
            raise refuse(rule, f"{speed} was not proved to vanish at {end}")
    else:
        premises.append(_require_growth(normal, inner, speed, state, value, growth))
    meaning = (application.func, (application.args, speed, state, value, var))
    later = domain.and_(*(() if var.is_positive else ((var, ">"),)))
    slope = equation(sympy.Derivative(application, var), substitute(speed, {state: application}, rule))
    start = Tends(application, var, sympy.S.Zero, value)
    bounds = [at_most(value, application, strict=True)]
    bounds += [at_most(application, end, strict=True)] if end != sympy.oo else []
    return tuple(
        make_fact(statement, where, rule, note, premises, "definition", meaning, differentiable=True)
        for statement, where in ((slope, later), (start, domain), *((bound, later) for bound in bounds))
    )


def _require_state(rule: str, state: Any, apart: Sequence[Any], var: Any) -> None:
    if not state.is_Symbol or not state.is_real or state.is_integer or implicit_conditions(state) or state == var:
        raise refuse(rule, f"{state} does not run over all real numbers")
    for part in apart:
        if state in (part.symbols if isinstance(part, Domain) else part.free_symbols):
            raise refuse(rule, f"{state} occurs in {part}")


def _require_differentiable(normal: Normal, speed: Any, state: Any) -> None:
    """Refuse unless the speed and its derivative have forms, hence are continuous, on the domain of ``normal``."""
    if not is_continuous_vocabulary(speed):
        raise refuse(normal.rule, f"{speed} was not proved continuous")
    slope = derivative(speed, state, normal)
    if not is_continuous_vocabulary(slope):
        raise refuse(normal.rule, f"the derivative {slope} was not proved continuous")
    for part in (speed, slope):
        normal.form(part)


def _require_growth(
    normal: Normal, inner: Normal, speed: Any, state: Any, value: Any, growth: tuple[Any, Any, Fact] | None
) -> Fact:
    if growth is None:
        raise refuse(normal.rule, "the growth of the speed was not bounded")
    constant, rate, fact = growth
    for part in (constant, rate):
        if state in sympy.S(part).free_symbols or not is_continuous_vocabulary(sympy.S(part)):
            raise refuse(normal.rule, f"{part} is not a constant of the bound")
        normal.require((sympy.S(part), ">="), "a constant of the bound")
    require_domain(fact, inner)
    bound = constant + rate * (state - value)
    known = isinstance(fact.statement, sympy.Le | sympy.Lt)
    if not known or not inner.equal(fact.lhs, speed) or not inner.equal(fact.rhs, bound):
        raise refuse(normal.rule, f"{fact} does not say that {speed} is at most {bound}")
    return fact


def by_flow(
    left: Fact,
    right: Fact,
    var: Any,
    at: Any,
    speed: Any,
    state: Any,
    *,
    between: tuple[Any, Any] = (-sympy.oo, sympy.oo),
    domain: Domain = EVERYWHERE,
    limits: Sequence[Fact] = (),
    using: Sequence[Fact] = (),
    note: str = "",
) -> Fact:
    """f = g, as both solve y' = F(y) on an interval of var and tend to one value at its lower end ``at``.

    ``left`` and ``right`` are the facts on f' and g'; ``speed`` is F in the symbol ``state``. F and F' have normal
    forms on the open interval ``between``; f, g and their common value at the end are proved to lie in it. Proof: F
    is locally Lipschitz there, so that f = g next to the end, and the first point beyond which they differed would be
    another start of the same kind (Picard-Lindelof).
    """
    rule = "uniqueness of a flow"
    at, speed = sympy.S(at), sympy.S(speed)
    premises = [left, right, *limits, *using]
    normal = normal_for(rule, domain, premises)
    if at == sympy.oo or require_interval(normal, var, at):
        raise refuse(rule, f"{at} is not the lower end of the interval")
    outer = normal.on(domain.without(var))
    low, high = (sympy.S(end) for end in between)
    for end in (low, high):
        if end not in (sympy.oo, -sympy.oo) and ({var, state} & end.free_symbols or not is_continuous_vocabulary(end)):
            raise refuse(rule, f"{end} is not a fixed end of the interval")
    _require_state(rule, state, [domain, at], var)
    if var in speed.free_symbols:
        raise refuse(rule, f"{speed} depends on {var}")
    _require_differentiable(normal_form(open_range(outer.domain, state, low, high), rule), speed, state)
    sides, values = [], []
    for fact in (left, right):
        if not isinstance(fact.statement, sympy.Eq) or not isinstance(fact.lhs, sympy.Derivative):
            raise refuse(rule, f"{fact} does not give a derivative")
        if fact.lhs.variables != (var,):
            raise refuse(rule, f"{fact} does not give a first derivative by {var}")
        require_domain(fact, normal)
        f = fact.lhs.expr
        if state in f.free_symbols:
            raise refuse(rule, f"{state} occurs in {f}")
        slope = replace_by_facts(fact.rhs, using, normal)
        expected = replace_by_facts(substitute(speed, {state: f}, rule), using, normal)
        if not normal.equal(slope, expected):
            raise refuse(rule, f"the derivative of {f} differs from {speed} by {normal.difference(slope, expected)}")
        value = replace_by_facts(value_at(f, var, at, normal, limits, False), using, outer)
        for place, point in ((normal, f), (outer, value)):
            _require_between(place, point, low, high)
        sides.append(f)
        values.append(value)
    if not outer.equal(*values):
        raise refuse(rule, f"at {var} = {at} the sides are {values[0]} and {values[1]}, which differ")
    return make_fact(equation(*sides), domain, rule, note, premises)


def _require_between(normal: Normal, point: Any, low: Any, high: Any) -> None:
    if low != -sympy.oo:
        normal.require((point - low, ">"), f"the lower end of the interval below {point}")
    if high != sympy.oo:
        normal.require((high - point, ">"), f"the upper end of the interval above {point}")
