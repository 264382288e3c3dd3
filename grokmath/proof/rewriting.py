"""Definitions, exact rewriting, instantiation, and combination of equalities and inequalities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from grokmath.proof.convergence import is_continuous_vocabulary, require_continuous_from
from grokmath.proof.domain import EVERYWHERE, Domain, implicit_conditions
from grokmath.proof.facts import (
    Asymptotic,
    Fact,
    Tends,
    at_most,
    equation,
    make_fact,
    normal_for,
    require_domain,
)
from grokmath.proof.forms import add, constant, expression, multiply, scale, subtract, vanishes
from grokmath.proof.matrix_terms import matrix_parts
from grokmath.proof.normal import Normal, normal_form, refuse
from grokmath.proof.terms import partial_parts, replace_by_facts, substitute

__all__ = [
    "by_cases",
    "chain",
    "combine",
    "define",
    "define_by_equation",
    "instantiate",
    "require_application",
    "rewrite",
]


def define(
    application: Any, body: Any, *, domain: Domain = EVERYWHERE, using: Sequence[Fact] = (), note: str = ""
) -> Fact:
    """f(x, y, ...) = body, for a new function symbol f of distinct symbols.

    The body must be defined on the domain and have no other free symbols. Two different definitions of one symbol
    cannot meet in a derivation.
    """
    rule = "definition"
    require_application(rule, application, body)
    body = sympy.S(body)
    if body.has(application.func):
        raise refuse(rule, f"{application} occurs in its own definition")
    normal = normal_for(rule, domain, using)
    normal.form(replace_by_facts(body, using, normal))
    meaning = (application.func, (application.args, body))
    return make_fact(equation(application, body), domain, rule, note, using, "definition", meaning)


def define_by_equation(
    application: Any, slope: Any, var: Any, start: Any, value: Any, *, domain: Domain = EVERYWHERE, note: str = ""
) -> tuple[Fact, Fact]:
    """f with df/dvar = slope and f -> value as var -> start: one linear equation of first order, which has one
    solution.

    ``slope`` must be A + B f(...), with A and B continuous for all var >= start. Returns the two facts.
    """
    rule = "definition"
    slope, start, value = sympy.S(slope), sympy.S(start), sympy.S(value)
    require_application(rule, application, slope)
    if start.free_symbols - set(application.args) or var in start.free_symbols or var.is_integer:
        raise refuse(rule, f"the start {start} has other symbols than {application}, or {var} is an integer")
    normal = normal_form(domain.and_((var - start, ">=")), rule)
    mark = sympy.Dummy("f", real=True)
    marked = sympy.S(slope).xreplace({application: mark})
    free = marked.xreplace({mark: sympy.S.Zero})
    linear = marked.xreplace({mark: sympy.S.One}) - free
    if linear.has(mark) or not all(is_continuous_vocabulary(part) for part in (linear, free, value)):
        raise refuse(rule, f"{slope} is not linear in {application} with continuous coefficients")
    if not normal.equal(marked, free + linear * mark):
        raise refuse(rule, f"{slope} is not linear in {application}")
    for part in (linear, free):  # an assumption of the variable must not hide the start
        require_continuous_from(normal_form(domain, rule), part, var, start)
    normal_form(domain.without(var), rule).form(value)
    if value.free_symbols - set(application.args) or var in value.free_symbols or application.args.count(var) != 1:
        raise refuse(rule, f"the value {value} at the start has other symbols than {application}")
    meaning = (application.func, (application.args, slope, var, start, value))
    return (
        make_fact(
            equation(sympy.Derivative(application, var), slope),
            domain.and_((var - start, ">")),
            rule,
            note,
            (),
            "definition",
            meaning,
            differentiable=True,
        ),
        make_fact(
            Tends(application, var, sympy.S(start), sympy.S(value)),
            domain.without(var),
            rule,
            note,
            (),
            "definition",
            meaning,
            differentiable=True,
        ),
    )


def require_application(rule: str, application: Any, body: Any) -> None:
    """Refuse what is not an undefined function of distinct symbols that are all the symbols of the body."""
    if not isinstance(application, AppliedUndef) or len(set(application.args)) < len(application.args):
        raise refuse(rule, f"{application} is not a new function of distinct symbols")
    if not all(argument.is_Symbol for argument in application.args):
        raise refuse(rule, f"{application} is not a new function of distinct symbols")
    other = sympy.S(body).free_symbols - set(application.args)
    if other:
        raise refuse(rule, f"the definition of {application} has the other symbols {sorted(map(str, other))}")


def rewrite(lhs: Any, rhs: Any, *, domain: Domain = EVERYWHERE, using: Sequence[Fact] = (), note: str = "") -> Fact:
    """lhs = rhs by the normal form, after the equalities in ``using`` have replaced their left sides by their right
    ones.

    Facts are used once each, in the order given, in lhs, in rhs, and under integral signs for the values of the
    bound variable.
    """
    rule = "rewrite"
    lhs, rhs = sympy.S(lhs), sympy.S(rhs)
    normal = normal_for(rule, domain, using)
    left, right = (replace_by_facts(side, using, normal) for side in (lhs, rhs))
    difference = subtract(normal.form(left), normal.form(right))
    if not vanishes(difference):
        raise refuse(rule, f"{lhs} and {rhs} differ by {expression(difference)}, which did not reduce to 0")
    return make_fact(equation(lhs, rhs), domain, rule, note, using)


def instantiate(
    fact: Fact, values: Mapping[Any, Any], *, domain: Domain = EVERYWHERE, using: Sequence[Fact] = (), note: str = ""
) -> Fact:
    """The fact at the given values of its symbols; its domain there is proved on the new domain."""
    rule = "instantiate"
    values = {symbol: sympy.S(value) for symbol, value in values.items()}
    normal = normal_for(rule, domain, using)
    for symbol, value in values.items():
        if not symbol.is_Symbol:
            raise refuse(rule, f"{symbol} is not a symbol")
        if symbol.is_integer and not value.is_integer:
            raise refuse(rule, f"{value} was not proved to be an integer, as {symbol} is")
        normal.form(value)
        for condition, kind in implicit_conditions(symbol):
            normal.require((substitute(condition, {symbol: value}), kind), f"the assumption on {symbol} at {value}")
    for condition, kind in fact.domain.conditions:
        normal.require((substitute(condition, values), kind), f"the domain of {fact}")
    return make_fact(
        _substituted(rule, fact.statement, values), domain, rule, note, (fact, *using), differentiable=True
    )


def _substituted(rule: str, statement: Any, values: Mapping[Any, Any]) -> Any:
    if isinstance(statement, sympy.Basic) and any(matrix_parts(side) for side in statement.args):
        raise refuse(rule, f"{statement} is about matrices; sizes are symbols too: use instantiate_matrices")
    if isinstance(statement, Tends | Asymptotic):
        var = statement.var
        if var in values or any(var in value.free_symbols for value in values.values()):
            raise refuse(rule, f"the variable {var} of a limit cannot be replaced here")
        first, second = (
            (statement.expr, statement.value) if isinstance(statement, Tends) else (statement.f, statement.g)
        )
        first, second = substitute(first, values, rule), substitute(second, values, rule)
        point = substitute(statement.point, values, rule)
        if isinstance(statement, Tends):
            return Tends(first, var, point, second)
        return Asymptotic(first, second, var, point)
    lhs, rhs = (substitute(side, values, rule) for side in statement.args)
    return statement.func(lhs, rhs, evaluate=False)


def chain(*facts: Fact, domain: Domain | None = None, note: str = "") -> Fact:
    """From A = B and B = C, A = C; with <= or < among them the corresponding inequality. Middle sides must be equal."""
    rule = "chain"
    facts = (
        tuple(fact for fact in facts if not isinstance(fact.statement, sympy.Eq) or fact.lhs != fact.rhs) or facts[:1]
    )
    if len(facts) == 1 and domain is None:
        return facts[0]
    if domain is None:
        domain = Domain().with_(facts[0].domain)
        for fact in facts[1:]:
            domain = domain.with_(fact.domain)
    normal = normal_for(rule, domain, facts)
    for fact in facts:
        if not isinstance(fact.statement, sympy.Eq | sympy.Le | sympy.Lt):
            raise refuse(rule, f"{fact} is neither an equality nor an inequality")
        require_domain(fact, normal)
    for before, after in pairwise(facts):
        if before.rhs != after.lhs and not normal.equal(before.rhs, after.lhs):
            raise refuse(rule, f"{before.rhs} is not {after.lhs}")
    kinds = {type(fact.statement) for fact in facts}
    lhs, rhs = facts[0].lhs, facts[-1].rhs
    if kinds == {sympy.Eq}:
        return make_fact(equation(lhs, rhs), domain, rule, note, facts)
    return make_fact(at_most(lhs, rhs, strict=sympy.Lt in kinds), domain, rule, note, facts)


def combine(
    goal: Any,
    parts: Sequence[tuple[Any, Fact]],
    *,
    domain: Domain = EVERYWHERE,
    using: Sequence[Fact] = (),
    note: str = "",
) -> Fact:
    """``goal`` (an unevaluated Eq, Le or Lt) as a combination of facts.

    For A <= B: (B - A) - sum m_i (B_i - A_i) is proved not negative, the m_i of inequalities are too; those of
    equalities are arbitrary. For A = B all facts are equalities and what is left is 0. The facts of ``using`` are
    used as in :func:`rewrite`.
    """
    rule = "combine"
    facts = [fact for _, fact in parts]
    normal = normal_for(rule, domain, [*using, *facts])
    rest = subtract(*(normal.form(replace_by_facts(side, using, normal)) for side in (goal.args[1], goal.args[0])))
    is_strict = False
    for m, fact in parts:
        require_domain(fact, normal)
        if isinstance(fact.statement, sympy.Le | sympy.Lt):
            normal.require((sympy.S(m), ">="), f"the multiplier of {fact}")
            is_strict |= isinstance(fact.statement, sympy.Lt) and normal.positive(sympy.S(m))
        elif not isinstance(fact.statement, sympy.Eq):
            raise refuse(rule, f"{fact} is neither an equality nor an inequality")
        sides = [normal.form(replace_by_facts(side, using, normal)) for side in (fact.rhs, fact.lhs)]
        rest = add(rest, scale(multiply(normal.form(sympy.S(m)), subtract(*sides)), -1))
    if isinstance(goal, sympy.Eq):
        proved = vanishes(rest) and all(isinstance(fact.statement, sympy.Eq) for fact in facts)
    elif isinstance(goal, sympy.Le | sympy.Lt):
        needed = isinstance(goal, sympy.Lt) and not is_strict
        proved = (vanishes(rest) and not needed) or normal.signs.proves(add(rest, constant(0)), needed)
    else:
        raise refuse(rule, f"{goal} is neither an equality nor an inequality")
    if not proved:
        raise refuse(rule, f"{goal} was not reached: {expression(rest)} is left over")
    return make_fact(goal, domain, rule, note, (*using, *facts))


def by_cases(
    var: Any, point: Any, below: Fact, at: Fact | None, above: Fact, *, domain: Domain = EVERYWHERE, note: str = ""
) -> Fact:
    """One statement, proved where var < point, where var > point, and (with the point put in) at var = point.

    ``at`` may be None where the domain excludes the point.
    """
    rule = "cases"
    point = sympy.S(point)
    statement = below.statement
    if statement != above.statement:
        raise refuse(rule, f"{below} and {above} are not one statement")
    for fact, condition in ((below, (point - var, ">")), (above, (var - point, ">"))):
        require_domain(fact, normal_form(domain.and_(condition), rule))
    if at is None:
        normal_form(domain, rule).require((var - point, "!="), f"{var} is not {point}")
        return make_fact(
            statement, domain, rule, note or f"{var} < {point}, {var} > {point}", [below, above], differentiable=True
        )
    there = Domain(tuple((substitute(e, {var: point}, rule), kind) for e, kind in domain.conditions))
    normal = normal_for(rule, there, [at])
    require_domain(at, normal)
    expected = statement_at(statement, {var: point}, normal)
    if not _same(expected, at.statement, normal):
        raise refuse(rule, f"at {var} = {point} the statement is {expected}, not {at}")
    words = note or f"{var} < {point}, {var} = {point}, {var} > {point}"
    return make_fact(statement, domain, rule, words, [below, at, above], differentiable=True)


def statement_at(statement: Any, values: Mapping[Any, Any], normal: Normal) -> Any:
    """The statement at the values; integrals that cancel in it (0 times an integral) are proved to converge there."""
    result = _substituted(normal.rule, statement, values)
    kept = set().union(*(partial_parts(side) for side in _sides(result)))
    for part in set().union(*(side.atoms(sympy.Derivative) | partial_parts(side) for side in _sides(statement))):
        there = substitute(part, values, normal.rule)
        if isinstance(part, sympy.Derivative):
            if not any(side.has(there) for side in _sides(result)):
                raise refuse(normal.rule, f"{there} is lost in {result}")
        elif there not in kept:
            normal.form(there)
    return result


def _sides(statement: Any) -> tuple[Any, ...]:
    if isinstance(statement, Tends):
        return statement.expr, statement.value
    return (statement.f, statement.g) if isinstance(statement, Asymptotic) else statement.args


def _same(one: Any, other: Any, normal: Normal) -> bool:
    """Whether two statements are equal, their sides up to the normal form; those about limits by structure."""
    if one == other:
        return True
    if type(one) is not type(other) or isinstance(one, Tends | Asymptotic):
        return False
    return all(a == b or normal.equal(a, b) for a, b in zip(one.args, other.args, strict=True))
