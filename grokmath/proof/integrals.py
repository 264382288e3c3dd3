"""Rules for integrals over one interval, which in every fact converge absolutely."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

from grokmath.proof.convergence import (
    check_variable,
    is_continuous_vocabulary,
    open_range,
    require_continuous,
    require_convergence,
    right_of,
    single_limit,
)
from grokmath.proof.domain import EVERYWHERE, Domain, RefusedStep
from grokmath.proof.facts import Fact, Tends, at_most, equation, make_fact, normal_for, require_domain
from grokmath.proof.normal import Normal, normal_form, refuse
from grokmath.proof.terms import derivative, partial_parts, replace_by_facts, require_open, substitute

__all__ = [
    "by_parts",
    "change_variable",
    "end_point",
    "fundamental",
    "integral_at_most",
    "integral_limit",
    "linearity",
    "split",
    "symmetric",
    "under_integral",
]


def _parts(rule: str, integral: Any) -> tuple[Any, Any, Any, Any]:
    if not isinstance(integral, sympy.Integral):
        raise refuse(rule, f"{integral} is not an integral")
    return single_limit(integral)


def _ordered(normal: Normal, integral: Any, x: Any, low: Any, high: Any) -> None:
    if low != -sympy.oo and high != sympy.oo:
        normal.require((high - low, ">"), f"the limits of {integral} in order")
    check_variable(normal, x, sympy.Symbol("_x1", real=True), low, high)


def change_variable(
    integral: Any,
    y: Any,
    phi: Any,
    low: Any,
    high: Any,
    result: Any = None,
    *,
    domain: Domain = EVERYWHERE,
    using: Sequence[Fact] = (),
    note: str = "",
) -> Fact:
    """Integral of f(x) over x = integral of f(phi(y)) |phi'(y)| over low < y < high; ``result`` is another form of
    that integrand.

    Proved: phi' is defined and of one sign on the open interval; phi is continuous at the finite ends and takes the
    old limits there; an infinite end goes to an infinite end (phi affine in y, or a positive power of y). One of the
    integrals converges absolutely, hence both.
    """
    rule = "change of variable"
    f, x, old_low, old_high = _parts(rule, integral)
    phi, low, high = sympy.S(phi), sympy.S(low), sympy.S(high)
    if x in phi.free_symbols or not is_continuous_vocabulary(phi):
        raise refuse(rule, f"{phi} is not an expression in {y}")
    if y in integral.free_symbols or y == x:
        raise refuse(rule, f"the new variable {y} already occurs in {integral}")
    normal = normal_for(rule, domain, using)
    inner = normal.on(open_range(domain, y, low, high))
    if low == sympy.oo or high == -sympy.oo:
        raise refuse(rule, f"the new limits {low} and {high} are not in order")
    _ordered(normal, integral, y, low, high)
    slope = derivative(phi, y, inner)
    sign = inner.signs.sign(inner.form(slope))
    if not sign:
        raise refuse(rule, f"the derivative {slope} of {phi} was not proved to have one sign on the interval")
    old_ends = (old_low, old_high) if sign > 0 else (old_high, old_low)
    for end, old_end in zip((low, high), old_ends, strict=True):
        _check_end(normal, inner, phi, y, end, old_end, (low, high))
    inner.form(phi)
    check_variable(normal, x, sympy.Symbol("_x1", real=True), old_low, old_high)
    for part in partial_parts(f):  # each exists at phi(y): SymPy may cancel what is singular in f(phi(y))
        if integral not in normal.convergent:
            inner.form(substitute(part, {x: phi}, rule))
    integrand = substitute(f, {x: phi}, rule) * sign * slope
    if result is not None:
        left, right = (replace_by_facts(side, using, inner) for side in (integrand, sympy.S(result)))
        if not inner.equal(left, right):
            raise refuse(rule, f"{integrand} and {result} differ by {inner.difference(left, right)}")
        integrand = sympy.S(result)
    new = sympy.Integral(integrand, (y, low, high))
    if integral not in normal.convergent:
        try:
            normal.form(new)
        except RefusedStep:
            normal.form(integral)
    else:
        _ordered(normal, integral, x, old_low, old_high)
    return make_fact(equation(integral, new), domain, rule, note or f"{x} = {phi}", using)


def _check_end(normal: Normal, inner: Normal, phi: Any, y: Any, end: Any, old_end: Any, ends: tuple[Any, Any]) -> None:
    if end in (sympy.oo, -sympy.oo):
        _check_infinite_end(normal, inner, phi, y, end, old_end)
        return
    if old_end in (sympy.oo, -sympy.oo):
        raise refuse(normal.rule, f"{phi} at {y} = {end} is not shown to be infinite")
    low, high = ends
    require_continuous(normal, phi, y, low, high)
    value = substitute(phi, {y: end}, normal.rule)
    if not normal.equal(value, old_end):
        raise refuse(normal.rule, f"{phi} at {y} = {end} is {value}, not the limit {old_end}")


def _check_infinite_end(normal: Normal, inner: Normal, phi: Any, y: Any, end: Any, old_end: Any) -> None:
    if old_end not in (sympy.oo, -sympy.oo):
        raise refuse(normal.rule, f"{phi} is not shown to go to {old_end} as {y} -> {end}")
    slope = derivative(phi, y, inner)
    if y not in slope.free_symbols:  # affine: the sign of the slope, proved before, decides
        up = normal.positive(slope)
        if (old_end == sympy.oo) != (up == (end == sympy.oo)):
            raise refuse(normal.rule, f"{phi} does not go to {old_end} as {y} -> {end}")
        return
    constant, rest = phi.as_independent(y, as_Add=True)
    factor, core = rest.as_independent(y, as_Add=False)
    grows = core.is_Pow and core.base == y and core.exp.is_positive and end == sympy.oo
    if not grows or y in constant.free_symbols or not normal.positive(factor) or old_end != sympy.oo:
        raise refuse(normal.rule, f"{phi} is not shown to go to {old_end} as {y} -> {end}")


def linearity(
    integral: Any,
    parts: Sequence[tuple[Any, Any]],
    *,
    domain: Domain = EVERYWHERE,
    using: Sequence[Fact] = (),
    note: str = "",
) -> Fact:
    """Integral of f = sum of c_i times the integrals of f_i, where f = sum c_i f_i and each of them converges
    absolutely.
    """
    rule = "linearity"
    f, x, low, high = _parts(rule, integral)
    normal = normal_for(rule, domain, using)
    _ordered(normal, integral, x, low, high)
    inner = normal.on(open_range(domain, x, low, high))
    if any(x in sympy.S(c).free_symbols for c, _ in parts):
        raise refuse(rule, f"a factor that contains {x} cannot be taken out of the integral")
    total = sympy.Add(*(c * g for c, g in parts))
    left, right = (replace_by_facts(side, using, inner) for side in (f, total))
    if not inner.equal(left, right):
        raise refuse(rule, f"{f} and {total} differ by {inner.difference(left, right)}")
    pieces = [(sympy.S(c), sympy.Integral(g, (x, low, high))) for c, g in parts]
    for c, piece in pieces:
        normal.form(c)
        if sympy.S(piece.function) != 0:
            normal.form(replace_by_facts(piece, using, normal))
    return make_fact(equation(integral, sympy.Add(*(c * piece for c, piece in pieces))), domain, rule, note, using)


def split(
    integral: Any, point: Any, *, domain: Domain = EVERYWHERE, using: Sequence[Fact] = (), note: str = ""
) -> Fact:
    """Integral over (a, b) = integral over (a, point) + integral over (point, b), for a < point < b."""
    rule = "split"
    f, x, low, high = _parts(rule, integral)
    normal = normal_for(rule, domain, using)
    _ordered(normal, integral, x, low, high)
    if integral not in normal.convergent:
        normal.form(integral)
    if low != -sympy.oo:
        normal.require((point - low, ">"), "the point of division inside the interval")
    if high != sympy.oo:
        normal.require((high - point, ">"), "the point of division inside the interval")
    whole = sympy.Integral(f, (x, low, point)) + sympy.Integral(f, (x, point, high))
    return make_fact(equation(integral, whole), domain, rule, note, using)


def symmetric(integral: Any, *, domain: Domain = EVERYWHERE, using: Sequence[Fact] = (), note: str = "") -> Fact:
    """An integral over (m - h, m + h): 0 for an integrand that is odd about the middle m, twice that over (m, m + h)
    for an even one.
    """
    rule = "symmetry"
    f, x, low, high = _parts(rule, integral)
    normal = normal_for(rule, domain, using)
    if integral not in normal.convergent:
        normal.form(integral)
    _ordered(normal, integral, x, low, high)
    infinite = low == -sympy.oo and high == sympy.oo
    if not infinite and (low == -sympy.oo or high == sympy.oo):
        raise refuse(rule, f"{integral} is not over a symmetric range")
    middle = sympy.Integer(0) if infinite else (low + high) / 2
    inner = normal.on(open_range(domain, x, low, high))
    mirrored = substitute(f, {x: 2 * middle - x}, rule)
    if inner.equal(f, -mirrored):
        return make_fact(equation(integral, 0), domain, rule, note or "odd integrand", using)
    if inner.equal(f, mirrored):
        half = 2 * sympy.Integral(f, (x, middle, high))
        return make_fact(equation(integral, half), domain, rule, note or "even integrand", using)
    raise refuse(rule, f"{f} was not proved to be even or odd about {middle}")


def fundamental(
    integral: Any,
    antiderivative: Any,
    *,
    domain: Domain = EVERYWHERE,
    at_infinity: Fact | None = None,
    using: Sequence[Fact] = (),
    note: str = "",
) -> Fact:
    """Integral of f over (a, b) = F(b) - F(a), where F' = f on (a, b) and F is continuous on [a, b].

    For b = oo the limit of F is a :class:`~grokmath.proof.facts.Tends` fact, ``at_infinity``.
    """
    rule = "fundamental theorem"
    f, x, low, high = _parts(rule, integral)
    F = sympy.S(antiderivative)
    normal = normal_for(rule, domain, using)
    _ordered(normal, integral, x, low, high)
    if integral not in normal.convergent:
        normal.form(integral)
    inner = normal.on(open_range(domain, x, low, high))
    inner.form(F)
    slopes = [fact for fact in using if isinstance(fact.statement, sympy.Eq)]
    slope = derivative(F, x, inner, slopes)
    if not inner.equal(slope, f):
        raise refuse(rule, f"the derivative of {F} differs from {f} by {inner.difference(slope, f)}")
    if low == -sympy.oo:
        raise refuse(rule, "the lower limit is infinite")
    require_continuous(normal, F, x, low, high)
    premises = list(using)
    if high == sympy.oo:
        upper = _limit_value(rule, at_infinity, F, x, normal)
        premises += [] if at_infinity is None else [at_infinity]
    else:
        upper = substitute(F, {x: high}, rule)
    return make_fact(
        equation(integral, upper - substitute(F, {x: low}, rule)), domain, rule, note or f"antiderivative {F}", premises
    )


def _limit_value(rule: str, fact: Fact | None, F: Any, x: Any, normal: Normal) -> Any:
    statement = fact.statement if fact is not None else None
    if fact is None or not isinstance(statement, Tends) or statement.point != sympy.oo or statement.var != x:
        raise refuse(rule, f"the limit of {F} as {x} -> oo was not given as a fact")
    require_domain(fact, normal)
    if not normal.on(open_range(normal.domain, x, sympy.S.Zero, sympy.oo)).equal(statement.expr, F):
        raise refuse(rule, f"the limit given is that of {statement.expr}, not of {F}")
    return statement.value


def by_parts(
    u: Any,
    v: Any,
    x: Any,
    low: Any,
    high: Any,
    *,
    domain: Domain = EVERYWHERE,
    using: Sequence[Fact] = (),
    note: str = "",
) -> Fact:
    """Integral of u v' over (a, b), finite = u(b) v(b) - u(a) v(a) - integral of u' v; u v continuous on [a, b]."""
    rule = "integration by parts"
    u, v, low, high = (sympy.S(part) for part in (u, v, low, high))
    normal = normal_for(rule, domain, using)
    inner = normal.on(open_range(domain, x, low, high))
    du, dv = (derivative(part, x, inner) for part in (u, v))
    left, right = (sympy.Integral(part, (x, low, high)) for part in (u * dv, du * v))
    _ordered(normal, left, x, low, high)
    if sympy.oo in (low, high) or -sympy.oo in (low, high):
        raise refuse(rule, "the interval is not finite")
    require_continuous(normal, u * v, x, low, high)
    for part in (left, right):
        normal.form(part)
    boundary = substitute(u * v, {x: high}, rule) - substitute(u * v, {x: low}, rule)
    return make_fact(equation(left, boundary - right), domain, rule, note, using)


def under_integral(
    integral: Any,
    var: Any,
    result: Any = None,
    *,
    domain: Domain = EVERYWHERE,
    using: Sequence[Fact] = (),
    note: str = "",
) -> Fact:
    """d/dvar of an integral with limits free of var = integral of the derivative of the integrand, or of ``result``,
    which is proved to be equal to it.

    Proved: integrand and derivative are continuous in both variables on the closed range, the domain being open in
    var; on an infinite range the derivative decays exponentially, locally uniformly in var. (Dominated convergence.)
    """
    rule = "derivative under the integral sign"
    f, x, low, high = _parts(rule, integral)
    if var in low.free_symbols | high.free_symbols:
        raise refuse(rule, f"a limit of {integral} depends on {var}")
    require_open(rule, domain, var)
    normal = normal_for(rule, domain, using)
    _ordered(normal, integral, x, low, high)
    y = sympy.Symbol("_x1", real=True)
    f = f.xreplace({x: y})
    slope = derivative(f, var, normal.on(open_range(domain, y, low, high)))
    for part in (f, slope):
        require_convergence(normal, part, y, low, high, var)
    new = slope.xreplace({y: x})
    if result is not None:
        inner = normal.on(open_range(domain, y, low, high))
        if not inner.equal(slope, sympy.S(result).xreplace({x: y})):
            raise refuse(rule, f"the derivative of the integrand of {integral} is {new}, not {result}")
        new = sympy.S(result)
    moved = sympy.Integral(new, (x, low, high))
    return make_fact(equation(sympy.Derivative(integral, var), moved), domain, rule, note, using, differentiable=True)


def end_point(
    integral: Any, var: Any, *, domain: Domain = EVERYWHERE, using: Sequence[Fact] = (), note: str = ""
) -> Fact:
    """d/dvar of an integral whose upper (lower) limit is var, and whose integrand is free of it: plus (minus) the
    integrand there.
    """
    rule = "derivative by a limit of integration"
    f, x, low, high = _parts(rule, integral)
    others = f.free_symbols | (high.free_symbols if low == var else low.free_symbols)
    if var not in (low, high) or var in others:
        raise refuse(rule, f"{var} is not just one limit of {integral}")
    require_open(rule, domain, var)
    normal = normal_for(rule, domain, using)
    _ordered(normal, integral, x, low, high)
    y = sympy.Symbol("_x1", real=True)
    require_convergence(normal, f.xreplace({x: y}), y, low, high)
    value = substitute(f, {x: var}, rule)
    result = -value if low == var else value
    return make_fact(equation(sympy.Derivative(integral, var), result), domain, rule, note, using, differentiable=True)


def integral_limit(
    integral: Any, var: Any, point: Any, *, domain: Domain = EVERYWHERE, using: Sequence[Fact] = (), note: str = ""
) -> Fact:
    """The integral tends to its value at var = point as var -> point from the right, for an integrand that is
    continuous there.
    """
    rule = "limit under the integral sign"
    f, x, low, high = _parts(rule, integral)
    if var in low.free_symbols | high.free_symbols:
        raise refuse(rule, f"a limit of {integral} depends on {var}")
    if x in sympy.S(point).free_symbols | {var}:
        raise refuse(rule, f"the bound variable {x} of {integral} is used outside")
    real = sympy.Symbol(f"_{var}", real=True)
    here = normal_form(domain, rule)
    normal = here.on(right_of(here, var, real, sympy.S(point)))
    _ordered(normal, integral, x, low, high)
    y = sympy.Symbol("_x1", real=True)
    at_real = f.xreplace({x: y, var: real})
    require_convergence(normal, at_real, y, low, high, real)
    value = sympy.Integral(substitute(f, {var: sympy.S(point)}, rule), (x, low, high))
    return make_fact(Tends(integral, var, sympy.S(point), value), domain.without(var), rule, note, using)


def integral_at_most(
    lower: Any, upper: Any, *, domain: Domain = EVERYWHERE, using: Sequence[Fact] = (), note: str = ""
) -> Fact:
    """Integral of f <= integral of g over the same interval, as f <= g there; ``upper`` or ``lower`` may be 0.

    f <= g is proved by its sign, or is an inequality among the facts used, which hold on the open range.
    """
    rule = "monotonicity of the integral"
    lower, upper = sympy.S(lower), sympy.S(upper)
    model = lower if isinstance(lower, sympy.Integral) else upper
    _, x, low, high = _parts(rule, model)
    sides = []
    for side in (lower, upper):
        if side == 0:
            sides.append(sympy.S.Zero)
            continue
        f, other, *limits = _parts(rule, side)
        if limits != [low, high]:
            raise refuse(rule, f"{lower} and {upper} are not over the same interval")
        if x in side.free_symbols:
            raise refuse(rule, f"the bound variable {x} of {model} is free in {side}")
        sides.append(substitute(f, {other: x}, rule))
    normal = normal_for(rule, domain, using)
    _ordered(normal, model, x, low, high)
    for side in (lower, upper):
        if side != 0 and side not in normal.convergent:
            normal.form(side)
    inner = normal_for(rule, open_range(domain, x, low, high), using)
    if not inner.nonnegative(sides[1] - sides[0]):
        raise refuse(rule, f"{sides[0]} <= {sides[1]} was not proved on the interval")
    return make_fact(at_most(lower, upper), domain, rule, note, using)
