"""Integrals over a half-line or the real line by limits at the ends: the fundamental theorem, a change of variable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

from grokmath.proof.convergence import check_variable, is_continuous_vocabulary, open_range, single_limit
from grokmath.proof.domain import EVERYWHERE, Domain, RefusedStep
from grokmath.proof.domination import require_measurable
from grokmath.proof.facts import Fact, Tends, equation, make_fact, normal_for, require_domain
from grokmath.proof.normal import Normal, refuse
from grokmath.proof.terms import derivative, replace_by_facts, substitute

__all__ = ["change_variable_by_limits", "fundamental_by_limits"]


def fundamental_by_limits(
    integral: Any,
    antiderivative: Any,
    lower: Fact,
    upper: Fact,
    *,
    domain: Domain = EVERYWHERE,
    using: Sequence[Fact] = (),
    note: str = "",
) -> Fact:
    """Integral of f over (a, oo) = q - p, where F' = f on the open interval, F -> p at a (``lower``) and F -> q at oo
    (``upper``).

    Proved: F' = f, and f is continuous in the variable; the integral converges absolutely, by the kernel's test or a
    fact of ``using``, or because f has one sign on the interval: then the integrals over compact parts, F(t) - F(s),
    are monotone and bounded.
    """
    rule = "fundamental theorem with limits"
    if not isinstance(integral, sympy.Integral):
        raise refuse(rule, f"{integral} is not an integral")
    f, x, low, high = single_limit(integral)
    F = sympy.S(antiderivative)
    if low == -sympy.oo or high != sympy.oo:
        raise refuse(rule, f"{integral} is not over a half-line (a, oo)")
    normal = normal_for(rule, domain, using)
    check_variable(normal, x, sympy.Symbol("_x1", real=True), low, high)
    inner = normal_for(rule, open_range(domain, x, low, high), using)
    require_measurable(inner, f, x)
    require_measurable(inner, F, x)
    slope = derivative(F, x, inner)
    if not inner.equal(slope, f):
        raise refuse(rule, f"the derivative of {F} differs from {f} by {inner.difference(slope, f)}")
    values = [_limit(normal, fact, F, x, end) for fact, end in ((lower, low), (upper, high))]
    if integral not in normal.convergent and not inner.nonnegative(f) and not inner.nonnegative(-f):
        normal.form(integral)
    return make_fact(
        equation(integral, values[1] - values[0]), domain, rule, note or f"antiderivative {F}", [lower, upper, *using]
    )


def change_variable_by_limits(
    integral: Any,
    y: Any,
    phi: Any,
    low: Any,
    lower: Fact,
    upper: Fact,
    result: Any = None,
    *,
    domain: Domain = EVERYWHERE,
    using: Sequence[Fact] = (),
    note: str = "",
) -> Fact:
    """Integral of f(x) over (a, b) = integral of f(phi(y)) phi'(y) over (low, oo); ``result`` is another form of that
    integrand.

    Proved: phi and phi' have forms and phi' > 0 for y > low, so that phi is continuously differentiable and increases
    strictly. Its limits at the ends are a and b: ``lower`` (as y -> low) and ``upper`` (as y -> oo) say phi -> the end
    where that is finite, and 1/phi -> 0 where it is not: then |phi| -> oo, and as phi increases, phi -> -oo at the
    lower end and phi -> oo at the upper one. So phi maps (low, oo) onto (a, b), one to one. One of the integrals
    converges absolutely, by the kernel's test or a fact of ``using``, hence both.
    """
    rule = "change of variable with limits"
    if not isinstance(integral, sympy.Integral):
        raise refuse(rule, f"{integral} is not an integral")
    f, x, *ends = single_limit(integral)
    phi, low = sympy.S(phi), sympy.S(low)
    if x in phi.free_symbols or not is_continuous_vocabulary(phi):
        raise refuse(rule, f"{phi} is not an expression in {y}")
    if y in integral.free_symbols or y == x or low in (sympy.oo, -sympy.oo):
        raise refuse(rule, f"the new variable {y} already occurs in {integral}, or {low} is infinite")
    normal = normal_for(rule, domain, using)
    for symbol, (start, stop) in ((x, ends), (y, (low, sympy.oo))):
        if start == sympy.oo or stop == -sympy.oo:
            raise refuse(rule, f"the limits {start} and {stop} are not in order")
        if start != -sympy.oo and stop != sympy.oo:
            normal.require((stop - start, ">"), f"the limits {start} and {stop} in order")
        check_variable(normal, symbol, sympy.Symbol("_x1", real=True), start, stop)
    inner = normal_for(rule, open_range(domain, y, low, sympy.oo), using)
    inner.form(phi)
    slope = derivative(phi, y, inner)
    inner.require((slope, ">"), f"the derivative of {phi}")
    for fact, end, old in ((lower, low, ends[0]), (upper, sympy.oo, ends[1])):
        infinite = old in (sympy.oo, -sympy.oo)
        value = _limit(normal, fact, 1 / phi if infinite else phi, y, end)
        if not normal.equal(value, sympy.S.Zero if infinite else old):
            raise refuse(rule, f"{phi} was not shown to go to {old} as {y} -> {end}")
    if integral not in normal.convergent:  # not only what is left of it with phi put in
        old = sympy.Symbol("_x0", real=True)
        normal.on(open_range(domain, old, *ends)).form(f.xreplace({x: old}))
    integrand = substitute(f, {x: phi}, rule) * slope
    if result is not None:
        left, right = (replace_by_facts(side, using, inner) for side in (integrand, sympy.S(result)))
        if not inner.equal(left, right):
            raise refuse(rule, f"{integrand} and {result} differ by {inner.difference(left, right)}")
        integrand = sympy.S(result)
    new = sympy.Integral(integrand, (y, low, sympy.oo))
    if not {integral, new} & normal.convergent:
        try:
            normal.form(new)
        except RefusedStep:
            normal.form(integral)
    return make_fact(equation(integral, new), domain, rule, note or f"{x} = {phi}", [lower, upper, *using])


def _limit(normal: Normal, fact: Fact, expr: Any, x: Any, end: Any) -> Any:
    """The value of the limit of the expression as x -> end that the fact gives; the expressions are the same."""
    statement = fact.statement
    if not isinstance(statement, Tends) or (statement.var, statement.point) != (x, end):
        raise refuse(normal.rule, f"{fact} is not a limit as {x} -> {end}")
    require_domain(fact, normal)
    if statement.expr != expr:
        raise refuse(normal.rule, f"the limit given is that of {statement.expr}, not of {expr}")
    if x in sympy.S(statement.value).free_symbols:
        raise refuse(normal.rule, f"the limit {statement.value} depends on {x}")
    return statement.value
