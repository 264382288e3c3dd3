"""Equality of functions of one variable: by their derivatives, by a linear differential equation, by their
coefficients.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import sympy

from grokmath.proof.convergence import is_continuous_vocabulary, require_continuous_from
from grokmath.proof.domain import EVERYWHERE, Domain
from grokmath.proof.facts import Fact, Tends, equation, make_fact, normal_for, require_domain
from grokmath.proof.forms import Form, expression
from grokmath.proof.normal import Normal, normal_form, refuse
from grokmath.proof.terms import replace_by_facts, require_open, substitute

__all__ = ["by_coefficients", "by_derivative", "by_linear_equation", "require_interval", "value_at"]


def require_interval(normal: Normal, var: Any, at: Any) -> bool:
    """Refuse unless the values of var in the domain form an open interval that has ``at`` in it or as an end.

    Returns whether ``at`` lies inside.
    """
    require_open(normal.rule, normal.domain, var)
    at, inside = sympy.S(at), True
    if var in at.free_symbols:
        raise refuse(normal.rule, f"the point {at} depends on {var}")
    outer = normal.on(normal.domain.without(var))
    about = [(c, kind) for c, kind in normal.domain.conditions if var in c.free_symbols]
    punctured = var.is_nonzero and not (var.is_positive or var.is_negative)
    if punctured or any(kind == "!=" for _, kind in about):
        raise refuse(normal.rule, f"the values of {var} where {normal.domain} may not be an interval")
    conditions = [c for c, _ in about]
    if var.is_positive or var.is_negative:
        conditions.append(var if var.is_positive else -var)
    for condition in conditions:
        form = normal.form(condition)  # found when only the conditions before it were known: it holds on an interval
        if not _is_affine(form, var):
            raise refuse(normal.rule, f"the condition on {var} in {normal.domain} does not describe an interval")
        slope, rest = _line(form, var)
        if at == sympy.oo:
            outer.require((slope, ">"), f"{var} is unbounded above in the domain")
            inside = False
            continue
        there = rest + slope * at
        outer.require((there, ">="), f"{var} = {at} belongs to the interval or is an end of it")
        if not outer.positive(there):
            outer.require((slope, ">"), f"{var} = {at} is the lower end of the interval")
            inside = False
    return inside and at != sympy.oo


def _is_affine(form: Form, var: Any) -> bool:
    for monomial in form:
        parts = [(atom, e) for atom, e in monomial if var in atom.free_symbols]
        if parts and parts != [(var, Fraction(1))]:
            return False
    return True


def _line(form: Form, var: Any) -> tuple[Any, Any]:
    """(a, b) of a form that is a var + b."""
    key = (var, Fraction(1))
    slope = expression({monomial - {key}: c for monomial, c in form.items() if key in monomial})
    return slope, expression({monomial: c for monomial, c in form.items() if key not in monomial})


def value_at(expr: Any, var: Any, at: Any, normal: Normal, limits: Sequence[Fact], inside: bool) -> Any:
    """The limit of the expression as var -> at in the domain: its value there, if it is continuous; else by a given
    limit.
    """
    outer = normal.on(normal.domain.without(var))
    for fact in limits:
        statement = fact.statement
        if isinstance(statement, Tends) and statement.expr == expr and statement.var == var and statement.point == at:
            require_domain(fact, outer)
            return statement.value
    if inside:  # differentiable there, hence continuous
        return substitute(expr, {var: at}, normal.rule)
    if at == sympy.oo:
        raise refuse(normal.rule, f"the limit of {expr} as {var} -> oo was not given")
    if not is_continuous_vocabulary(expr):
        raise refuse(normal.rule, f"the limit of {expr} as {var} -> {at} was not given")
    require_continuous_from(normal, expr, var, at)
    return substitute(expr, {var: at}, normal.rule)


def _derivative_fact(rule: str, fact: Fact, var: Any, normal: Normal) -> tuple[Any, Any]:
    """(function, derivative) of a fact d function/dvar = derivative that holds on the domain."""
    if not isinstance(fact.statement, sympy.Eq) or not isinstance(fact.lhs, sympy.Derivative):
        raise refuse(rule, f"{fact} does not give a derivative")
    if fact.lhs.variables != (var,):
        raise refuse(rule, f"{fact} does not give a first derivative by {var}")
    require_domain(fact, normal)
    return fact.lhs.expr, fact.rhs


def by_derivative(
    left: Fact,
    right: Fact,
    var: Any,
    at: Any,
    *,
    domain: Domain = EVERYWHERE,
    limits: Sequence[Fact] = (),
    using: Sequence[Fact] = (),
    note: str = "",
) -> Fact:
    """f = g on an interval of var, from f' = g' there and f = g at one point (in it, an end of it, or oo).

    ``left`` and ``right`` are the facts on f' and g'. At an end both sides must be proved continuous, or their
    limits be given as facts in ``limits``.
    """
    rule = "equal derivatives and one value"
    at = sympy.S(at)
    normal = normal_for(rule, domain, [*using, left, right, *limits])
    inside = require_interval(normal, var, at)
    (f, df), (g, dg) = (_derivative_fact(rule, fact, var, normal) for fact in (left, right))
    slopes = [replace_by_facts(side, using, normal) for side in (df, dg)]
    if not normal.equal(*slopes):
        raise refuse(rule, f"the derivatives of {f} and {g} differ by {normal.difference(*slopes)}")
    outer = normal.on(domain.without(var))
    values = [replace_by_facts(value_at(side, var, at, normal, limits, inside), using, outer) for side in (f, g)]
    if not outer.equal(*values):
        raise refuse(rule, f"at {var} = {at} the sides are {values[0]} and {values[1]}, which differ")
    return make_fact(equation(f, g), domain, rule, note or f"equal at {var} = {at}", [left, right, *limits, *using])


def by_linear_equation(
    left: Sequence[Fact],
    right: Sequence[Fact],
    var: Any,
    at: Any,
    coefficients: Sequence[Any],
    *,
    domain: Domain = EVERYWHERE,
    singular: Any = None,
    limits: Sequence[Fact] = (),
    using: Sequence[Fact] = (),
    note: str = "",
) -> Fact:
    """f = g, as both solve y^(n) = c_0 y + c_1 y' + ... + c_(n-1) y^(n-1) + c_n, and agree in the first n of these
    at ``at``.

    ``left``: the facts on f', f'', ..., each on the derivative of the right side of the one before; ``right``: the
    same for g; ``coefficients``: c_0, ..., c_n, proved continuous on the interval of var, ``at`` included (leading
    coefficient 1).

    ``singular`` = k, for n = 2: the equation is y'' = -(k/(var - at)) y' + c_0 y + c_1 y' + c_2 with k > 0 free of
    var. Then f and g need only agree at ``at``, with f' and g' bounded there (given by their limits). Proof: w = f -
    g has (v^k w')' = v^k (c_0 w + c_1 w') with v = var - at, and v^k w' -> 0, so that |w'| <= v max(|c_0 w| + |c_1
    w'|), whence w = 0 near ``at`` by Gronwall.
    """
    rule = "linear equation and initial values"
    at, n = sympy.S(at), len(left)
    premises = [*left, *right, *limits, *using]
    normal = normal_for(rule, domain, premises)
    inside = require_interval(normal, var, at)
    if n < 1 or at == sympy.oo or len(right) != n or len(coefficients) != n + 1 or (singular is not None and n != 2):
        raise refuse(rule, "the numbers of derivatives and coefficients do not fit together")
    outer = normal.on(domain.without(var))
    coefficients = [sympy.S(c) for c in coefficients]
    for c in coefficients[:n]:
        _require_coefficient(normal, c, var, at, inside)
    chains = [_chain(rule, facts, var, normal) for facts in (left, right)]
    for chain in chains:
        total = sympy.Add(*(c * y for c, y in zip(coefficients, [*chain[:-1], sympy.S.One], strict=True)))
        if singular is not None:
            outer.require((sympy.S(singular), ">"), "the index of the singular point")
            if var in sympy.S(singular).free_symbols:
                raise refuse(rule, f"{singular} depends on {var}")
            total -= sympy.S(singular) / (var - at) * chain[1]
        sides = [replace_by_facts(side, using, normal) for side in (chain[-1], total)]
        if not normal.equal(*sides):
            raise refuse(rule, f"{chain[0]} leaves {normal.difference(*sides)} in the equation")
    for k in range(n):
        values = [value_at(chain[k], var, at, normal, limits, inside) for chain in chains]
        values = [replace_by_facts(value, using, outer) for value in values]
        for value in values:
            outer.form(value)
        if not (singular is not None and k == 1) and not outer.equal(*values):
            raise refuse(rule, f"at {var} = {at}, {chains[0][k]} is {values[0]} and {chains[1][k]} is {values[1]}")
    return make_fact(equation(chains[0][0], chains[1][0]), domain, rule, note, premises)


def _require_coefficient(normal: Normal, c: Any, var: Any, at: Any, inside: bool) -> None:
    if not is_continuous_vocabulary(c):
        raise refuse(normal.rule, f"the coefficient {c} was not proved continuous")
    normal.form(c)
    if not inside:
        require_continuous_from(normal, c, var, at)


def _chain(rule: str, facts: Sequence[Fact], var: Any, normal: Normal) -> list[Any]:
    """[f, f', f'', ...] from the facts on f', on the derivative of its right side, and so on."""
    chain: list[Any] = []
    for fact in facts:
        f, slope = _derivative_fact(rule, fact, var, normal)
        if chain and not (f == chain[-1] or normal.equal(f, chain[-1])):
            raise refuse(rule, f"{fact} does not go on from {chain[-1]}")
        chain = [*chain, slope] if chain else [f, slope]
    return chain


def by_coefficients(
    left: Any,
    right: Any,
    n: Any,
    recurrence: tuple[Any, Any],
    order: int = 1,
    *,
    domain: Domain = EVERYWHERE,
    note: str = "",
) -> Fact:
    """a(n) = b(n) for all integers n >= 0, as both obey y(n + order) p(n) = q(n) y(n) with p not 0, and agree at n =
    0, ..., order - 1.

    ``recurrence`` = (p, q), expressions in n; the recurrence is proved for symbolic n >= 0. Equality of two
    absolutely convergent power series with these coefficients follows.
    """
    rule = "equal coefficients"
    if not (n.is_integer and n.is_nonnegative) or n.is_positive or order < 1:  # n > 0 would hide the step from 0
        raise refuse(rule, f"{n} is not declared as an integer n >= 0")
    if n in domain.symbols:
        raise refuse(rule, f"the domain {domain} restricts {n}, which runs over all integers >= 0")
    left, right, p, q = (sympy.S(part) for part in (left, right, *recurrence))
    normal = normal_form(domain, rule)
    normal.require((p, "!="), "the leading coefficient of the recurrence")
    for side in (left, right):
        if not is_continuous_vocabulary(side):
            raise refuse(rule, f"{side} has functions that are not in the vocabulary")
        ahead = substitute(side, {n: n + order}, rule)
        if not normal.equal(ahead * p, q * side):
            raise refuse(rule, f"{side} leaves {normal.difference(ahead * p, q * side)} in the recurrence")
    for k in range(order):
        outer = normal_form(domain.without(n), rule)
        values = [substitute(side, {n: sympy.Integer(k)}, rule) for side in (left, right)]
        if not outer.equal(*values):
            raise refuse(rule, f"at {n} = {k} the sides are {values[0]} and {values[1]}, which differ")
    return make_fact(equation(left, right), domain, rule, note, ())
