"""False statements that were once provable, each by a hypothesis that a rule did not check, and a search for more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from grokmath.proof import (
    Domain,
    Fact,
    RefusedStep,
    at_most,
    at_most_by_balls,
    at_most_by_sign,
    at_most_by_squares,
    by_coefficients,
    change_variable,
    cite_bai_silverstein,
    cite_gaussian_min_max,
    combine,
    crossing_limit,
    crossing_time,
    define,
    define_by_equation,
    define_by_flow,
    derivative_of_equal,
    differentiate,
    equation,
    gaussian_mean,
    instantiate,
    limit_at_infinity,
    limit_by_continuity,
    limit_of_equal,
    limit_on_path,
    rescaled,
    rewrite,
    split,
    steps,
    together,
    where,
)

x, y, t, p = (sp.Symbol(name, positive=True) for name in ("x", "y", "t", "p"))
r, a, b, u, w = (sp.Symbol(name, real=True) for name in ("r", "a", "b", "u", "w"))
f, g, h = (sp.Function(name) for name in ("f", "g", "h"))
ZERO, ONE = sp.S.Zero, sp.S.One


def test_definitions_in_a_circle() -> None:
    one, other = define(f(r), g(r) + 1), define(g(r), f(r))
    with pytest.raises(RefusedStep, match="circle"):
        combine(equation(0, 1), [(1, one), (1, other)])
    third = define(h(r), f(r) ** 2)
    assert {head for head, _ in combine(equation(h(r), f(r) ** 2), [(1, third)], using=[one]).definitions} == {f, h}


@pytest.mark.parametrize("assumed", ["even", "odd", "prime", "zero", "rational", "irrational"])
def test_symbols_of_which_more_is_assumed_than_the_rules_look_at(assumed: str) -> None:
    # cos(n pi) = 1 for an even n would hold for n = 3, which is an integer
    with pytest.raises(RefusedStep, match="more is assumed"):
        instantiate(define(f(r), r**2), {r: sp.Symbol("n", real=True, **{assumed: True})})


def test_a_function_that_is_declared_positive() -> None:
    with pytest.raises(RefusedStep, match="more is assumed"):
        define(sp.Function("f", positive=True)(r), sp.Integer(-1))


def test_what_premises_say_is_not_taken_to_a_larger_domain() -> None:
    narrow = where(a - x > 0)  # not empty for a > 0 only
    sign = at_most_by_sign(0, a, strict=True, domain=narrow)
    with pytest.raises(RefusedStep, match="limit of an equal"):
        limit_of_equal(limit_by_continuity(a + x, x, 0), a + x, sp.Abs(a), domain=narrow, using=[sign])


def test_bounded_functions_in_denominators_grow() -> None:
    for below in (sp.erfc(x), sp.marcumq(1, 1, x)):
        divergent = sp.Integral(sp.exp(-x) / below, (x, 1, sp.oo))
        with pytest.raises(RefusedStep):
            rewrite(divergent, divergent)


def test_a_new_variable_between_limits_in_the_wrong_order() -> None:
    v = sp.Symbol("v", real=True)  # the pole of phi lies between the limits
    whole = sp.Integral(1 / (1 + r**2) ** 2, (r, -2, 2))
    with pytest.raises(RefusedStep, match="in order"):
        change_variable(whole, v, -1 / (v - sp.Rational(1, 2)), 1, 0)


def test_divergent_integrals_that_cancel() -> None:
    divergent = sp.Integral(1 / x, (x, 0, 1))
    with pytest.raises(RefusedStep, match="denominator"):
        at_most_by_sign(divergent, divergent + 1, strict=True)
    with pytest.raises(RefusedStep, match="denominator"):
        rewrite(g(r) * divergent, 0, using=[define(g(r), ZERO)])
    with pytest.raises(RefusedStep, match="denominator"):
        split(divergent, sp.Rational(1, 2))


def test_sides_that_are_not_defined_but_cancel() -> None:
    with pytest.raises(RefusedStep, match="log"):
        at_most_by_sign(sp.log(r), sp.log(r) + 1)
    with pytest.raises(RefusedStep, match="log"):
        at_most_by_balls(sp.log(r), sp.log(r) + 1, {r: (-2, -1)})
    with pytest.raises(RefusedStep, match="root"):
        at_most_by_squares(sp.sqrt(r), sp.sqrt(1 + r**2) + r**2, using=[])


def test_roots_of_negative_factors() -> None:
    negative = where(a < 0, b < 0)
    for lower, upper in ((sp.sqrt(-a), ZERO), (sp.sqrt(a * b), ZERO), (sp.sqrt(a * b), sp.Integer(-1))):
        with pytest.raises(RefusedStep, match="not proved"):
            at_most_by_sign(lower, upper, domain=negative)
    assert at_most_by_sign(0, sp.sqrt(a * b), strict=True, domain=negative)
    assert rewrite(sp.sqrt(a * b), sp.sqrt(-a) * sp.sqrt(-b), domain=negative)
    assert rewrite(sp.sqrt(a**3 * b), -a * sp.sqrt(a * b), domain=negative)


def test_the_root_of_what_may_vanish_is_not_positive() -> None:
    with pytest.raises(RefusedStep, match="not proved"):
        at_most_by_sign(0, sp.sqrt(a), strict=True, domain=where(a > -5, a >= w**2))


def test_a_start_that_the_assumption_of_the_variable_hides() -> None:
    with pytest.raises(RefusedStep, match="denominator"):
        define_by_equation(f(x), x**-2, x, ZERO, ZERO)  # no solution has a limit at 0


def test_a_start_or_a_speed_with_symbols_that_are_not_arguments() -> None:
    with pytest.raises(RefusedStep, match="other symbols"):
        define_by_equation(f(r), ONE, r, a, ZERO)  # f(r) = r - a for every a
    s = sp.Symbol("s", real=True)
    rises = at_most_by_sign(0, p * s, strict=True, domain=where(s >= 1))
    grows = at_most_by_sign(p * s, p + p * (s - 1), domain=where(s >= 1))
    with pytest.raises(RefusedStep, match="other symbols"):
        define_by_flow(f(t), p * s, s, t, 1, rises, growth=(p, p, grows))


def test_one_function_defined_along_two_variables() -> None:
    pairs = [define_by_equation(f(x, y), ONE, var, ZERO, ZERO)[0] for var in (x, y)]  # x = f(x, y) = y
    with pytest.raises(RefusedStep, match="defined twice"):
        together(*pairs)
    nu = sp.Symbol("nu", positive=True)
    laws = [cite_bai_silverstein(f(x, y), nu**2, nu, lam) for lam in (x, y)]
    with pytest.raises(RefusedStep, match="defined twice"):
        together(*laws)


def test_an_auxiliary_problem_is_defined_by_its_citation() -> None:
    m, e, s = sp.Symbol("m", real=True), sp.Symbol("e", positive=True), sp.Symbol("s", real=True)
    law = cite_gaussian_min_max(f(m, e), g(m, e), s**2 - u**2, s, u)
    with pytest.raises(RefusedStep, match="defined twice"):
        combine(at_most(f(m, e), 0), [(1, law), (2, define(g(m, e), ZERO))])


def test_a_point_that_depends_on_the_variable_of_a_crossing() -> None:
    s, level = sp.Symbol("s", positive=True), sp.Symbol("e", positive=True)
    falls, below = sp.exp(-2 * x + s), where(level < 1)
    meaning, _ = crossing_time(
        f(s, level),
        falls,
        x,
        level,
        slope=differentiate(falls, x, -2 * falls),
        start=limit_by_continuity(falls, x, 0),
        end=limit_at_infinity(falls, x),
        domain=below,
    )
    moving = limit_by_continuity(falls, s, x)
    with pytest.raises(RefusedStep, match="depends on"):
        crossing_limit(meaning, moving, differentiate(sp.exp(-x), x), -sp.log(level), domain=below)


def test_a_point_that_depends_on_its_variable() -> None:
    with pytest.raises(RefusedStep, match="not free"):
        limit_by_continuity(r**2, r, r + 1)


def test_a_recurrence_for_positive_indices_does_not_leave_zero() -> None:
    n = sp.Symbol("n", integer=True, positive=True)
    with pytest.raises(RefusedStep, match="integer n >= 0"):
        by_coefficients(n, 2 * n, n, (n, n + 1))


def test_a_derivative_known_for_integers_only() -> None:
    n = sp.Symbol("n", integer=True)
    at_integers = instantiate(define(f(u, r), r * sp.cos(2 * sp.pi * u)), {u: n})  # r
    slope = derivative_of_equal(at_integers, differentiate(r, r, 1))
    with pytest.raises(RefusedStep, match="integer"):
        differentiate(f(sp.Rational(1, 4), r), r, 1, using=[slope])


def test_the_variable_of_a_mean_in_the_variances() -> None:
    z, xi, v = (sp.Symbol(name, real=True) for name in ("z", "xi", "v"))
    with pytest.raises(RefusedStep, match="already occurs"):
        gaussian_mean(f(), sp.Lambda(v, v), xi - z**2, {xi: (1 + z**2) ** 2}, 1 + z**2, z)


def test_a_domain_that_is_bounded_by_an_absolute_value() -> None:
    bounded = where(r > 5, 10 - sp.Abs(r - 5) > 0)  # 5 < r < 15
    limit = limit_at_infinity(1 / r, r, domain=where(r > 5))
    with pytest.raises(RefusedStep, match="unbounded"):
        limit_of_equal(limit, 1 / sp.Min(r, 15), 0, domain=bounded)


def test_limits_along_integers_are_not_limits_along_real_numbers() -> None:
    n = sp.Symbol("n", integer=True, positive=True)
    along = limit_at_infinity(1 / x, x)
    with pytest.raises(RefusedStep, match="integers"):
        rescaled(along, n, 2 * n)
    with pytest.raises(RefusedStep, match="real numbers"):
        limit_by_continuity(n, n, 1)
    assert limit_on_path(along, 1 / y, limit_by_continuity(y, y, 0))


def _forged(model: Fact) -> Fact:
    fake = object.__new__(Fact)
    for name in ("domain", "rule", "note", "premises", "kind", "definitions"):
        object.__setattr__(fake, name, getattr(model, name))
    object.__setattr__(fake, "statement", equation(f(r), r + 1))
    return fake


def test_facts_that_no_rule_made() -> None:
    true, altered = define(f(r), r), define(f(r), r)
    object.__setattr__(altered, "statement", equation(f(r), r + 1))
    for false in (_forged(true), altered):
        with pytest.raises(RefusedStep, match="not a fact"):
            combine(equation(0, 1), [(1, false), (-1, true)])
        with pytest.raises(RefusedStep, match="not a fact"):
            steps(false)


def test_conditions_of_an_unknown_kind() -> None:
    with pytest.raises(RefusedStep, match="kind"):
        Domain(((r, "<"),))


# A search for more: whatever is proved must be true at points of its domain.

NEGATIVE, REAL, POSITIVE, UNIT = a, r, x, y
_DOMAIN = where(a < 0, y < 1, r > -3, b >= r**2)
_CONTEXT = mpmath.MPContext()
_CONTEXT.dps = 40
_FUNCTIONS: dict[type, Callable[[Any], Any]] = {
    sp.exp: _CONTEXT.exp,
    sp.log: _CONTEXT.log,
    sp.cos: _CONTEXT.cos,
    sp.sin: _CONTEXT.sin,
    sp.erfc: _CONTEXT.erfc,
    sp.erf: _CONTEXT.erf,
    sp.Abs: _CONTEXT.fabs,
    sp.Max: max,
    sp.Min: min,
    sp.LambertW: _CONTEXT.lambertw,
    sp.gamma: _CONTEXT.gamma,
    sp.uppergamma: _CONTEXT.gammainc,
    sp.besseli: _CONTEXT.besseli,
}


def _number(expr: Any, point: dict[Any, Any]) -> Any:
    if expr in point:
        return point[expr]
    if expr.is_Rational:
        return _CONTEXT.mpf(int(expr.p)) / int(expr.q)
    if expr in (sp.pi, sp.E):
        return +(_CONTEXT.pi if expr == sp.pi else _CONTEXT.e)
    values = [_number(part, point) for part in expr.args]
    if expr.is_Add:
        return _CONTEXT.fsum(values)
    if expr.is_Mul:
        return _CONTEXT.fprod(values)
    if expr.is_Pow:
        return values[0] ** values[1]
    return _FUNCTIONS[type(expr)](*values)


_points = st.builds(
    lambda v, n, q, d, e: {x: v, a: -n, y: q, r: d, b: d**2 + e},
    *(
        st.builds(lambda k, m: _CONTEXT.mpf(k) / m, st.integers(low, high), st.just(64))
        for low, high in ((1, 400), (1, 400), (1, 63), (-191, 300), (0, 300))
    ),
)


def _combined(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    small = st.sampled_from([sp.Rational(n, 6) for n in (-12, -9, -6, -4, -3, -2, 2, 3, 4, 6, 8, 9, 12, 18)])
    unary = st.sampled_from([sp.exp, sp.log, sp.cos, sp.sin, sp.erfc, sp.Abs, sp.LambertW, sp.gamma])
    return st.one_of(
        st.builds(lambda one, other: one + other, parts, parts),
        st.builds(lambda one, other: one * other, parts, parts),
        st.builds(lambda one, n: one**n if one != 0 else one, parts, small),
        st.builds(lambda one, other: sp.Max(one, other) if one.is_real and other.is_real else one, parts, parts),
        st.builds(lambda function, one: function(one), unary, parts),
    )


_leaves = st.sampled_from([x, a, y, r, b, -a, 1 - y, 3 + r, b - r**2, sp.Integer(1), sp.Integer(2), -sp.S.One, sp.pi])
_expressions = st.recursive(_leaves, _combined, max_leaves=5)


def _holds(fact: Fact, point: dict[Any, Any]) -> bool:
    """Whether both sides are real numbers at the point and in the relation."""
    left, right = (_CONTEXT.mpmathify(_number(side, point)) for side in fact.statement.args)
    size = 1 + abs(left) + abs(right)
    if max(abs(_CONTEXT.im(left)), abs(_CONTEXT.im(right))) > size * _CONTEXT.mpf(10) ** -25:
        return False
    gap = _CONTEXT.re(right) - _CONTEXT.re(left)
    near = size * _CONTEXT.mpf(10) ** -25
    return bool(abs(gap) <= near if isinstance(fact.statement, sp.Eq) else gap >= -near)


def _tried(rule: Callable[..., Fact], *arguments: Any, **options: Any) -> Fact | None:
    try:
        return rule(*arguments, domain=_DOMAIN, **options)
    except RefusedStep:
        return None


@settings(deadline=None, derandomize=True)
@given(_expressions, _expressions, _points)
def test_random_inequalities_that_are_proved_hold(left: Any, right: Any, point: dict[Any, Any]) -> None:
    for lower, upper in ((left, right), (ZERO, left), (left, ZERO), (left, left + right**2)):
        for strict in (False, True):
            fact = _tried(at_most_by_sign, lower, upper, strict=strict)
            assert fact is None or _holds(fact, point), fact


@settings(deadline=None, derandomize=True)
@given(_expressions, _points, st.sampled_from([sp.expand, sp.together, sp.powdenest, sp.powsimp, sp.factor]))
def test_random_equalities_that_are_proved_hold(expr: Any, point: dict[Any, Any], change: Callable[[Any], Any]) -> None:
    for other in (change(expr), sp.powdenest(expr, force=True), sp.expand_log(expr, force=True), -expr, expr + 1):
        fact = _tried(rewrite, expr, other)
        assert fact is None or _holds(fact, point), fact
