"""Limits and asymptotic statements: by continuity, from a closed list of scales, by squeezing, and their algebra."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import sympy

from grokmath.proof.convergence import leading_term, require_continuous_from, require_reached
from grokmath.proof.domain import EVERYWHERE, Domain
from grokmath.proof.equations import require_interval
from grokmath.proof.facts import Asymptotic, Fact, Tends, equation, make_fact, normal_for, require_domain
from grokmath.proof.forms import Form, Monomial, add, expression, form_of_sum, scale
from grokmath.proof.normal import Normal, normal_form, refuse
from grokmath.proof.terms import replace_by_facts, substitute

__all__ = [
    "asymptotic",
    "limit_at_infinity",
    "limit_by_continuity",
    "limit_by_squeeze",
    "limit_of_equal",
    "limit_of_sum",
    "power_degree",
    "rescaled",
    "unique_limit",
]


def limit_by_continuity(expr: Any, var: Any, point: Any, *, domain: Domain = EVERYWHERE, note: str = "") -> Fact:
    """expr -> its value at var = point, from the right, as it is continuous for var >= point."""
    rule = "limit by continuity"
    normal, expr, point = normal_form(domain, rule), sympy.S(expr), sympy.S(point)
    if var.is_integer or point in (sympy.oo, -sympy.oo):
        raise refuse(rule, f"{var} does not tend to {point} through real numbers from the right")
    require_continuous_from(normal, expr, var, point)
    value = substitute(expr, {var: point}, rule)
    return make_fact(Tends(expr, var, point, value), domain.without(var), rule, note)


def limit_at_infinity(
    expr: Any, var: Any, *, domain: Domain = EVERYWHERE, using: Sequence[Fact] = (), note: str = ""
) -> Fact:
    """The limit as var -> oo of a sum whose terms are free of var or tend to 0 by a closed list of scales.

    The scales: var^-k, exp(-c var^m), erfc of what goes to oo (erfc z <= exp(-z^2) for z >= 0), I_n (at most exp z)
    and powers of polynomials in var, with factors that are bounded (sin, cos, erfc, marcumq).
    """
    rule = "limit at infinity"
    normal = normal_for(rule, domain, using)
    require_interval(normal, var, sympy.oo)
    form = normal.form(replace_by_facts(expr, using, normal))
    value: Form = {}
    for monomial, c in form.items():
        if any(var in atom.free_symbols for atom, _ in monomial):
            _require_vanishing(normal, monomial, var)
        else:
            value = add(value, {monomial: c})
    return make_fact(Tends(expr, var, sympy.oo, expression(value)), domain.without(var), rule, note, using)


def _require_vanishing(normal: Normal, monomial: Monomial, var: Any) -> None:
    exponent: Form = {}
    order = Fraction(0)
    for atom, e in monomial:
        if var not in atom.free_symbols or isinstance(atom, sympy.cos | sympy.sin | sympy.marcumq):
            if e < 0 and var in atom.free_symbols:
                raise refuse(normal.rule, f"{atom} in a denominator is not a known scale")
            continue
        inside = form_of_sum(atom)
        if atom == var:
            order += e
        elif isinstance(atom, sympy.exp):
            exponent = add(exponent, scale(normal.form(atom.args[0]), e))
        elif isinstance(atom, sympy.erfc) and e > 0:
            normal.require((atom.args[0], ">="), f"the argument of {atom}")
            exponent = add(exponent, scale(normal.form(-(atom.args[0] ** 2)), e))
        elif isinstance(atom, sympy.besseli) and e == 1:  # |I_n(z)| <= exp(z)
            normal.require((atom.args[1], ">="), f"the argument of {atom}")
            exponent = add(exponent, normal.form(atom.args[1]))
        elif inside is not None:
            degree, coefficient = power_degree(inside, var)
            if degree is None or not normal.signs.nonzero(coefficient):
                raise refuse(normal.rule, f"the growth of {atom} is not known")
            order += degree * e
        else:
            raise refuse(normal.rule, f"{atom} is not a known scale")
    power, leading = leading_term(exponent, var)
    decays = power is not None and power > 0 and normal.signs.positive(scale(leading, -1))
    bounded = power == 0 or (power == 1 and normal.signs.nonnegative(scale(leading, -1)))
    if not decays and not (bounded and order < 0):
        raise refuse(normal.rule, f"{expression({monomial: Fraction(1)})} was not proved to tend to 0 as {var} -> oo")


def power_degree(form: Form, var: Any) -> tuple[Fraction | None, Form]:
    """(degree, leading coefficient) of a sum of powers of var, fractional ones included."""
    parts: dict[Fraction, Form] = {}
    for monomial, c in form.items():
        rest = frozenset(pair for pair in monomial if pair[0] != var)
        if any(var in atom.free_symbols for atom, _ in rest):
            return None, {}
        e = dict(monomial).get(var, Fraction(0))
        parts[e] = add(parts.get(e, {}), {rest: c})
    degree = max(parts)
    return degree, parts[degree]


def limit_by_squeeze(
    lower: Fact,
    upper: Fact,
    low_limit: Fact,
    high_limit: Fact,
    *,
    domain: Domain = EVERYWHERE,
    using: Sequence[Fact] = (),
    note: str = "",
) -> Fact:
    """f -> v, from A <= f, f <= B, A -> v, B -> v. The inequalities hold on the whole domain, which reaches to the
    point.
    """
    rule = "limit by squeezing"
    premises = [lower, upper, low_limit, high_limit, *using]
    first, second = low_limit.statement, high_limit.statement
    if (
        not isinstance(first, Tends)
        or not isinstance(second, Tends)
        or (first.var, first.point) != (second.var, second.point)
    ):
        raise refuse(rule, "the bounds have no limits at one point")
    normal = normal_for(rule, domain, premises)
    var, point = first.var, first.point
    require_interval(normal, var, point)
    outer = normal.on(domain.without(var))
    for fact in (lower, upper):
        if not isinstance(fact.statement, sympy.Le | sympy.Lt | sympy.Eq):
            raise refuse(rule, f"{fact} is not an inequality")
        require_domain(fact, normal)
    for fact in (low_limit, high_limit):
        require_domain(fact, outer)
    f = lower.rhs
    if f != upper.lhs and not normal.equal(f, upper.lhs):
        raise refuse(rule, f"the bounds are not those of one expression: {f} and {upper.lhs}")
    for bound, limit in ((lower.lhs, first), (upper.rhs, second)):
        if bound != limit.expr and not normal.equal(bound, limit.expr):
            raise refuse(rule, f"the limit given is that of {limit.expr}, not of the bound {bound}")
    if not outer.equal(first.value, second.value):
        raise refuse(rule, f"the bounds have the limits {first.value} and {second.value}")
    return make_fact(Tends(f, var, point, first.value), domain.without(var), rule, note, premises)


def limit_of_equal(
    limit: Fact, expr: Any, value: Any, *, domain: Domain = EVERYWHERE, using: Sequence[Fact] = (), note: str = ""
) -> Fact:
    """expr -> value, where another expression, which is equal on the domain, has this limit."""
    rule = "limit of an equal expression"
    statement = limit.statement
    if not isinstance(statement, Tends):
        raise refuse(rule, f"{limit} is not a limit")
    normal = normal_for(rule, domain, [limit, *using])
    require_interval(normal, statement.var, statement.point)
    outer = normal.on(domain.without(statement.var))
    require_domain(limit, outer)
    for place, left, right in ((normal, expr, statement.expr), (outer, value, statement.value)):
        left, right = (replace_by_facts(sympy.S(side), using, place) for side in (left, right))
        if left != right and not place.equal(left, right):
            raise refuse(rule, f"{left} is not {right}")
    result = Tends(expr, statement.var, statement.point, sympy.S(value))
    return make_fact(result, domain.without(statement.var), rule, note, [limit, *using])


def unique_limit(one: Fact, other: Fact, *, domain: Domain = EVERYWHERE, note: str = "") -> Fact:
    """From f -> u and f -> v at one point: u = v. The domain must leave room for the variable next to the point."""
    rule = "uniqueness of the limit"
    first, second = one.statement, other.statement
    if not isinstance(first, Tends) or not isinstance(second, Tends):
        raise refuse(rule, "two limits are needed")
    if (first.expr, first.var, first.point) != (second.expr, second.var, second.point):
        raise refuse(rule, f"{one} and {other} are not limits of one expression at one point")
    if first.var in domain.symbols:
        raise refuse(rule, f"the domain {domain} speaks of {first.var}")
    normal = normal_for(rule, domain, [one, other])
    for fact in (one, other):
        require_domain(fact, normal)
    return make_fact(equation(first.value, second.value), domain, rule, note, [one, other])


def limit_of_sum(
    expr: Any,
    parts: Sequence[tuple[Any, Fact]],
    *,
    domain: Domain = EVERYWHERE,
    using: Sequence[Fact] = (),
    note: str = "",
) -> Fact:
    """expr = sum of c_i f_i tends to the sum of c_i v_i, where f_i -> v_i and the c_i are free of the variable."""
    rule = "limit of a sum"
    facts = [fact for _, fact in parts]
    if not facts or not all(isinstance(fact.statement, Tends) for fact in facts):
        raise refuse(rule, "limits of the parts are needed")
    statements = [fact.statement for fact in facts]
    var, point = statements[0].var, statements[0].point
    if any((one.var, one.point) != (var, point) for one in statements):
        raise refuse(rule, "the parts have no limits at one point")
    normal = normal_for(rule, domain, [*facts, *using])
    require_interval(normal, var, point)
    outer = normal.on(domain.without(var))
    for c, fact in parts:
        require_domain(fact, outer)
        if var in sympy.S(c).free_symbols:
            raise refuse(rule, f"the factor {c} depends on {var}")
        outer.form(sympy.S(c))
    total = sympy.Add(*(c * one.expr for (c, _), one in zip(parts, statements, strict=True)))
    left, right = (replace_by_facts(sympy.S(side), using, normal) for side in (expr, total))
    if left != right and not normal.equal(left, right):
        raise refuse(rule, f"{expr} differs from {total} by {normal.difference(left, right)}")
    value = sympy.Add(*(c * one.value for (c, _), one in zip(parts, statements, strict=True)))
    return make_fact(Tends(expr, var, point, value), domain.without(var), rule, note, [*facts, *using])


def rescaled(limit: Fact, var: Any, expr: Any, *, domain: Domain = EVERYWHERE, note: str = "") -> Fact:
    """The same limit in a new variable: the old one is c times ``var``, c > 0; the point is 0 or oo."""
    rule = "new variable in a limit"
    statement = limit.statement
    normal = normal_form(domain, rule)
    factor = sympy.S(expr).xreplace({var: sympy.S.One})
    if not isinstance(statement, Tends | Asymptotic) or statement.point not in (0, sympy.oo):
        raise refuse(rule, f"{limit} is not a limit at 0 or oo")
    if var in factor.free_symbols or not normal.equal(expr, factor * var) or var in limit.domain.symbols:
        raise refuse(rule, f"{expr} is not a multiple of {var}")
    outer = normal.on(domain.without(var))
    require_reached(outer, var, statement.point)
    outer.require((factor, ">"), f"the factor of {var}")
    spoken = statement.expr if isinstance(statement, Tends) else statement.f + statement.g
    if var != statement.var and var in spoken.free_symbols:
        raise refuse(rule, f"{var} already occurs in {limit}")
    require_domain(limit, outer)
    old = statement.var
    if old.is_integer or var.is_integer:
        raise refuse(rule, f"{old} or {var} runs over integers")
    if isinstance(statement, Tends):
        if old in statement.value.free_symbols:
            raise refuse(rule, f"the limit {statement.value} depends on {old}")
        result: Any = Tends(substitute(statement.expr, {old: expr}, rule), var, statement.point, statement.value)
    else:
        f, g = (substitute(side, {old: expr}, rule) for side in (statement.f, statement.g))
        result = Asymptotic(f, g, var, statement.point)
    return make_fact(result, domain.without(var), rule, note, [limit])


def asymptotic(
    limit: Fact, f: Any, g: Any, *, domain: Domain = EVERYWHERE, using: Sequence[Fact] = (), note: str = ""
) -> Fact:
    """f ~ g, from the limit 1 of an expression that is f/g on the domain, where g is proved not to vanish."""
    rule = "asymptotic equality"
    statement = limit.statement
    if not isinstance(statement, Tends):
        raise refuse(rule, f"{limit} is not a limit")
    normal = normal_for(rule, domain, [limit, *using])
    require_interval(normal, statement.var, statement.point)
    outer = normal.on(domain.without(statement.var))
    require_domain(limit, outer)
    if not outer.equal(statement.value, 1):
        raise refuse(rule, f"{limit} is not a limit 1")
    normal.require((replace_by_facts(sympy.S(g), using, normal), "!="), "the right side")
    left, right = (replace_by_facts(sympy.S(side), using, normal) for side in (f / g, statement.expr))
    if not normal.equal(left, right):
        raise refuse(rule, f"({f})/({g}) differs from {statement.expr} by {normal.difference(left, right)}")
    result = Asymptotic(f, g, statement.var, statement.point)
    return make_fact(result, domain.without(statement.var), rule, note, [limit, *using])
