"""Integrals under an integrable bound: absolute convergence, and limits under the integral sign."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from grokmath.proof.convergence import check_variable, open_range, single_limit
from grokmath.proof.domain import EVERYWHERE, Domain
from grokmath.proof.equations import require_interval
from grokmath.proof.facts import Fact, Tends, at_most, make_fact, normal_for, require_domain
from grokmath.proof.normal import Normal, refuse

__all__ = ["dominated", "limit_by_domination", "require_measurable"]


def require_measurable(normal: Normal, f: Any, x: Any) -> None:
    """Refuse unless f has a form on the domain of ``normal`` and its undefined functions, integrals and derivatives are
    free of x: with the other symbols fixed these are numbers, and f is continuous in x.
    """
    for part in sympy.S(f).atoms(AppliedUndef, sympy.Derivative, sympy.Integral, sympy.Sum):
        if x in part.atoms(sympy.Symbol):
            raise refuse(normal.rule, f"{part} in {f} was not proved continuous in {x}")
    normal.form(f)


def dominated(
    integral: Any, bound: Any, *, domain: Domain = EVERYWHERE, using: Sequence[Fact] = (), note: str = ""
) -> Fact:
    """Integral of f <= integral of h over the same interval, from -h <= f <= h; that of f converges absolutely.

    ``bound`` is the integral of h; it converges by the kernel's test, or stands in a fact of ``using``. Proved: f and
    h are continuous in the variable on the open interval, and f <= h, -f <= h there, by sign with the inequalities of
    ``using``. So f is measurable, and the integral of |f| is at most that of h.
    """
    rule = "domination"
    for part in (integral, bound):
        if not isinstance(part, sympy.Integral):
            raise refuse(rule, f"{part} is not an integral")
    f, x, low, high = single_limit(integral)
    h, other, *ends = single_limit(bound)
    if ends != [low, high] or (other != x and x in h.free_symbols):
        raise refuse(rule, f"{integral} and {bound} are not over one interval")
    h = h.xreplace({other: x})
    normal = _ordered(rule, x, low, high, domain, using)
    if bound not in normal.convergent:
        normal.form(bound)
    _require_bound(rule, f, h, x, low, high, domain, using)
    return make_fact(at_most(integral, bound), domain, rule, note or f"at most {h}", using)


def limit_by_domination(
    integral: Any,
    pointwise: Fact,
    bound: Any,
    *,
    domain: Domain = EVERYWHERE,
    using: Sequence[Fact] = (),
    note: str = "",
) -> Fact:
    """Integral of f -> integral of F over a fixed interval, from f -> F at each point of it and -h <= f <= h.

    ``pointwise`` says f -> F as var -> point for the values of the variable of integration in the open interval;
    ``bound`` is the integral of h, as in :func:`dominated`. Proved: f is continuous in the variable of integration
    for each value of var; the interval and h are free of var; |f| <= h for all values of var in the domain, which
    reaches to the point. Then F, a limit of measurable functions with |F| <= h, is integrable, and the integrals
    converge, along each sequence of values of var that tends to the point (dominated convergence).
    """
    rule = "dominated convergence"
    limit = pointwise.statement
    if not isinstance(limit, Tends):
        raise refuse(rule, f"{pointwise} is not a limit")
    for part in (integral, bound):
        if not isinstance(part, sympy.Integral):
            raise refuse(rule, f"{part} is not an integral")
    var, point = limit.var, limit.point
    f, x, low, high = single_limit(integral)
    h, other, *ends = single_limit(bound)
    if ends != [low, high] or (other != x and x in h.free_symbols):
        raise refuse(rule, f"{integral} and {bound} are not over one interval")
    h = h.xreplace({other: x})
    if x == var or x in domain.symbols | sympy.S(point).free_symbols:
        raise refuse(rule, f"the bound variable {x} of {integral} is used outside")
    if var in h.free_symbols | low.free_symbols | high.free_symbols:
        raise refuse(rule, f"the bound {h} or the interval depends on {var}")
    if var in sympy.S(limit.value).free_symbols:
        raise refuse(rule, f"the limit {limit.value} depends on {var}")
    normal = _ordered(rule, x, low, high, domain, [pointwise, *using])
    require_interval(normal, var, point)
    outer_domain = domain.without(var)
    outer = normal_for(rule, outer_domain, using)
    _ordered(rule, x, low, high, outer_domain, using)
    if bound not in outer.convergent:
        outer.form(bound)
    require_domain(pointwise, outer.on(open_range(outer_domain, x, low, high)))
    inner = normal_for(rule, open_range(domain, x, low, high), using)
    if limit.expr != f and not inner.equal(limit.expr, f):
        raise refuse(rule, f"the limit given is that of {limit.expr}, not of {f}")
    _require_bound(rule, f, h, x, low, high, domain, using)
    value = sympy.Integral(limit.value, (x, low, high))
    return make_fact(
        Tends(integral, var, point, value), outer_domain, rule, note or f"at most {h}", [pointwise, *using]
    )


def _ordered(rule: str, x: Any, low: Any, high: Any, domain: Domain, using: Sequence[Fact]) -> Normal:
    """The normal form on the domain, after the variable was seen to run over an interval that is not empty."""
    if low == sympy.oo or high == -sympy.oo:
        raise refuse(rule, f"the limits {low} and {high} are not in order")
    normal = normal_for(rule, domain, using)
    if low != -sympy.oo and high != sympy.oo:
        normal.require((high - low, ">"), f"the limits {low} and {high} in order")
    check_variable(normal, x, sympy.Symbol("_x1", real=True), low, high)
    return normal


def _require_bound(
    rule: str, f: Any, h: Any, x: Any, low: Any, high: Any, domain: Domain, using: Sequence[Fact]
) -> None:
    inner = normal_for(rule, open_range(domain, x, low, high), using)
    for part in (f, h):
        require_measurable(inner, part, x)
    for side in (f, -f):
        if not inner.nonnegative(h - side):
            raise refuse(rule, f"{side} <= {h} was not proved on the interval")
