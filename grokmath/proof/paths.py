"""Limits along a path, and integrals that are proved positive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

from grokmath.proof.convergence import check_variable, leading_term, open_range, single_limit
from grokmath.proof.domain import EVERYWHERE, Domain
from grokmath.proof.equations import require_interval
from grokmath.proof.facts import Fact, Tends, at_most, make_fact, normal_for, require_domain
from grokmath.proof.normal import refuse
from grokmath.proof.terms import replace_by_facts, substitute

__all__ = ["limit_by_derivative", "limit_on_path", "positive_integral"]


def limit_on_path(
    limit: Fact,
    path: Any,
    approach: Fact,
    *,
    domain: Domain = EVERYWHERE,
    using: Sequence[Fact] = (),
    note: str = "",
) -> Fact:
    """E(P(x)) -> v as x -> q, from E(s) -> v as s -> p and P(x) -> p, with P(x) > p proved on the domain.

    ``limit`` is the first fact, ``approach`` the second; where p = oo, it is 1/P -> 0, and P > 0 is proved. E and v may
    not depend on x otherwise. Proof: E is near v on an interval (p, p + h), or (1/h, oo), and P(x) lies in it for x
    next to q.
    """
    rule = "limit along a path"
    outer_limit, inner_limit, path = limit.statement, approach.statement, sympy.S(path)
    if not isinstance(outer_limit, Tends) or not isinstance(inner_limit, Tends):
        raise refuse(rule, "two limits are needed")
    s, target, var, point = outer_limit.var, outer_limit.point, inner_limit.var, inner_limit.point
    if s.is_integer:
        raise refuse(rule, f"{limit} is a limit along integers")
    normal = normal_for(rule, domain, [limit, approach, *using])
    require_interval(normal, var, point)
    outer = normal.on(domain.without(var))
    for fact in (limit, approach):
        require_domain(fact, outer)
    expected = 1 / path if target == sympy.oo else path
    value = sympy.S.Zero if target == sympy.oo else target
    if inner_limit.expr != expected and not normal.equal(inner_limit.expr, expected):
        raise refuse(rule, f"{approach} is not about {expected}")
    if not outer.equal(inner_limit.value, value):
        raise refuse(rule, f"{path} does not tend to {target}")
    normal.require((path - value, ">"), "the path on the right side of its limit")
    spoken = outer_limit.expr.free_symbols | outer_limit.value.free_symbols | sympy.S(target).free_symbols
    if var in (spoken | limit.domain.symbols) - {s} or s in outer_limit.value.free_symbols | limit.domain.symbols:
        raise refuse(rule, f"{limit} depends on {var} or {s} beside its variable")
    moved = substitute(outer_limit.expr, {s: path}, rule)
    return make_fact(
        Tends(moved, var, point, outer_limit.value), domain.without(var), rule, note, [limit, approach, *using]
    )


def limit_by_derivative(slope: Fact, point: Any, *, domain: Domain = EVERYWHERE, note: str = "") -> Fact:
    """f -> f(point), from the right, where ``slope`` gives df/dvar on an interval that has the point inside.

    Proof: f is differentiable at the point, hence continuous.
    """
    rule = "limit of a differentiable function"
    derivative = slope.lhs if isinstance(slope.statement, sympy.Eq) else None
    if not isinstance(derivative, sympy.Derivative) or len(derivative.variables) != 1:
        raise refuse(rule, f"{slope} does not give a derivative")
    f, var, point = derivative.expr, derivative.variables[0], sympy.S(point)
    normal = normal_for(rule, domain, [slope])
    if var in point.free_symbols or not require_interval(normal, var, point):
        raise refuse(rule, f"{point} is not inside the interval of {var}")
    require_domain(slope, normal)
    value = substitute(f, {var: point}, rule)
    return make_fact(Tends(f, var, point, value), domain.without(var), rule, note, [slope])


def positive_integral(
    integral: Any,
    weight: Any,
    polynomial: Any,
    *,
    domain: Domain = EVERYWHERE,
    using: Sequence[Fact] = (),
    note: str = "",
) -> Fact:
    """0 < the integral of w P^2, with w > 0 on the open interval and P a polynomial that is not the zero polynomial.

    Proved: the integrand is w P^2; w > 0; P is a polynomial in the variable, its leading coefficient is not 0; the
    integral converges absolutely. Proof: the integrand is continuous and positive but for the zeros of P, which are
    finitely many.
    """
    rule = "positive integral"
    if not isinstance(integral, sympy.Integral):
        raise refuse(rule, f"{integral} is not an integral")
    f, x, low, high = single_limit(integral)
    normal = normal_for(rule, domain, using)
    if low != -sympy.oo and high != sympy.oo:
        normal.require((high - low, ">"), f"the limits of {integral} in order")
    check_variable(normal, x, sympy.Symbol("_x1", real=True), low, high)
    if integral not in normal.convergent:
        normal.form(integral)
    inner = normal.on(open_range(domain, x, low, high))
    weight, polynomial = sympy.S(weight), sympy.S(polynomial)
    inner.require((weight, ">"), "the weight")
    form = inner.form(polynomial)
    degree, leading = leading_term(form, x)
    if not form or degree is None or not inner.signs.nonzero(leading):
        raise refuse(rule, f"{polynomial} is not a polynomial in {x} with a leading coefficient that is not 0")
    left, right = (replace_by_facts(sympy.S(side), using, inner) for side in (f, weight * polynomial**2))
    if not inner.equal(left, right):
        raise refuse(rule, f"{f} and {weight * polynomial**2} differ by {inner.difference(left, right)}")
    return make_fact(at_most(0, integral, strict=True), domain, rule, note, using)
