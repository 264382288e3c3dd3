"""False statements that were once provable: what cancels when a fact is used, limits at points that a variable does not
reach, derivatives taken for others, ends that may lie inside.
"""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

from grokmath.proof import (
    Domain,
    Fact,
    Mean,
    RefusedStep,
    at_most_by_monotonicity,
    at_most_by_sign,
    by_cases,
    by_values,
    chain,
    change_variable,
    change_variable_by_limits,
    crossing_order,
    crossing_time,
    define,
    define_by_equation,
    derivative_of_equal,
    differentiate,
    equation,
    instantiate,
    limit_at_infinity,
    limit_by_continuity,
    limit_of_equal,
    limit_of_sum,
    matrix_rewrite,
    rescaled,
    rewrite,
    unique_limit,
    where,
)
from grokmath.proof.normal import Normal

x, t, p = (sp.Symbol(name, positive=True) for name in ("x", "t", "p"))
r, a, b, c = (sp.Symbol(name, real=True) for name in ("r", "a", "b", "c"))
least = sp.Symbol("least", nonnegative=True)
below = sp.Symbol("below", negative=True)
f, g, h, m = (sp.Function(name) for name in ("f", "g", "h", "m"))


def test_a_start_that_may_lie_inside_the_interval() -> None:
    # x - least >= 0 at x = least and increasing, but x may be below least
    slope = differentiate(x - least, x, 1)
    with pytest.raises(RefusedStep, match="lower end"):
        at_most_by_monotonicity(slope, x, least)
    beyond = where(x > least)
    assert at_most_by_monotonicity(slope, x, least, strict=True, domain=beyond).lhs == 0


def _product(application: Any, factor: Any) -> Fact:
    """A function that is the factor times r (r - 1)."""
    return define(application, factor * r * (r - 1))


def test_what_cancels_when_facts_are_put_in_must_be_defined() -> None:
    # 0/0 at r = 0: m/g would be every number there, and 1 = 0
    domain = where(r * (r - 1) >= 0, r * (1 - r) >= 0)
    below_line = _product(g(r), sp.S.One)
    above = define(m(r), r * (r - 1))
    cases = {n: rewrite(m(n), 0 * a, using=[instantiate(above, {r: n})]) for n in (0, 1)}
    any_multiple = by_values(equation(m(r), a * r * (r - 1)), r, cases, domain=domain)
    for sides in ((a, m(r) / g(r)), (m(r) / g(r), a)):
        with pytest.raises(RefusedStep, match="denominator"):
            rewrite(*sides, domain=domain, using=[any_multiple, below_line])
    multiple = _product(h(r, a), a)
    for size in (1, sp.Symbol("n", integer=True, positive=True)):
        trace = sp.Trace(sp.MatrixSymbol("A", size, size))
        with pytest.raises(RefusedStep, match="denominator"):
            matrix_rewrite(trace * h(r, a) / g(r), trace * a, using=[multiple, below_line])


def test_an_exponent_that_is_put_in_needs_a_positive_base() -> None:
    zeros = define(f(r), 0 * r), define(g(r), 0 * r)
    with pytest.raises(RefusedStep, match="base"):
        rewrite(f(r) ** g(r), 1, using=[zeros[1], zeros[0]])


def test_what_cancels_at_the_point_between_two_cases_must_be_defined() -> None:
    inner, outer = define(f(r), r), define(g(r), r)
    cases = [rewrite(r * f(r) / g(r), r, domain=side, using=[inner, outer]) for side in (where(r < 0), where(r > 0))]
    with pytest.raises(RefusedStep, match="denominator"):  # r f/g at r = 0
        by_cases(r, 0, cases[0], rewrite(0, 0), cases[1])


def test_the_root_of_a_square_has_no_derivative_at_0() -> None:
    # f = r^2 has f' = g sqrt(f), g = 2 sign(r), so that the root in the chain rule cancels: |r|' would be g/2
    square, sign = define(f(r), r**2), define(g(r), 2 * r / sp.Abs(r), domain=where(sp.Ne(r, 0)))
    sides = 2 * r, g(r) * sp.sqrt(f(r))
    cases = [rewrite(*sides, domain=side, using=[sign, square]) for side in (where(r < 0), where(r > 0))]
    at = rewrite(0, g(0) * sp.sqrt(f(0)), using=[instantiate(square, {r: 0})])
    slope = derivative_of_equal(square, differentiate(r**2, r, 2 * r))
    slope = chain(slope, by_cases(r, 0, cases[0], at, cases[1]))
    positive = at_most_by_sign(0, f(r), using=[square])
    with pytest.raises(RefusedStep, match="root"):
        differentiate(sp.sqrt(f(r)), r, using=[slope, positive])


def test_a_second_derivative_is_not_taken_for_the_first() -> None:
    first = derivative_of_equal(define(f(r), r**3), differentiate(r**3, r, 3 * r**2))
    second = derivative_of_equal(first, differentiate(3 * r**2, r, 6 * r))
    with pytest.raises(RefusedStep, match="no fact gives"):
        differentiate(f(2 * r), r, using=[second])
    assert differentiate(f(2 * r), r, 24 * r**2, using=[first]).rhs == 24 * r**2


def test_limits_where_the_sign_of_the_variable_excludes_the_point() -> None:
    # |r|/r -> 1, and |below|/below = -1 by SymPy: 1 = -1
    one = limit_at_infinity(sp.Abs(r) / r, r, domain=where(r > 0))
    for limit in (one, limit_by_continuity(sp.Abs(r), r, 0)):
        with pytest.raises(RefusedStep, match="not next to"):
            rescaled(limit, below, below)
    for variable, point in ((below, 2), (below, 0), (below, p), (x, -1), (least, -1), (x, a)):
        with pytest.raises(RefusedStep, match="next to"):
            limit_by_continuity(variable, variable, point)
    with pytest.raises(RefusedStep, match="not next to"):
        define_by_equation(f(below), f(below), below, 0, 1)
    assert limit_by_continuity(below, below, -1).statement.value == -1
    assert rescaled(one, x, x).statement.value == 1


def test_a_factor_of_an_integral_that_may_vanish_is_not_divided_by() -> None:
    # the limit was r * Integral(x + x^2/r), which SymPy takes for 0 at r = 0
    integral = sp.Integral(r * x + x**2, (x, 0, 1))
    limit = instantiate(limit_at_infinity(integral + sp.exp(-t), t), {r: 0})
    third = sp.Integral(x**2, (x, 0, 1))
    assert limit_of_equal(limit, limit.statement.expr, third).statement.value == third
    taken_out = r * sp.Integral(x + x**2, (x, 0, 1))
    assert rewrite(sp.Integral(r * x + r * x**2, (x, 0, 1)), taken_out).rhs == taken_out


def test_a_crossing_time_in_the_function_of_another_is_not_taken_for_it() -> None:
    # T of exp(-a t) needs a > 0; it stands in the function that S is the crossing time of, for every a
    T, S, level, other = sp.Function("T"), sp.Function("S"), *sp.symbols("level other", positive=True)
    domain = where(a > 0)
    fall = sp.exp(-a * t)
    slope = differentiate(fall, t, domain=domain)
    ends = limit_by_continuity(fall, t, 0), limit_at_infinity(fall, t, domain=domain)
    first, _ = crossing_time(
        T(level, a), fall, t, level, slope=slope, start=ends[0], end=ends[1], domain=where(a > 0, level < 1)
    )
    factor = 1 + T(other, a) ** 2
    second = sp.exp(-t) * factor
    limits = limit_by_continuity(sp.exp(-t), t, 0), limit_at_infinity(sp.exp(-t), t)
    start, end = (limit_of_sum(second, [(factor, limit)]) for limit in limits)
    meaning, _ = crossing_time(
        S(level, a, other),
        second,
        t,
        level,
        slope=differentiate(second, t),
        start=limit_of_equal(start, second, factor),
        end=limit_of_equal(end, second, 0),
        domain=where(level < 1),
        using=[instantiate(first, {level: other}, domain=where(a > 0, other < 1))],
    )
    before, after = crossing_order(meaning, p)
    assert before.rhs == after.lhs == S(level, a, other)


def test_the_logarithm_of_a_difference_of_exponentials_is_not_in_the_list() -> None:
    integral = sp.Integral(sp.exp(-(x**2)) * sp.log(sp.exp(x) - sp.Rational(1, 2)), (x, 1, sp.oo))
    with pytest.raises(RefusedStep, match="growth"):
        rewrite(integral, integral)


def test_the_mean_of_a_third_power_need_not_exist() -> None:
    n = sp.Symbol("n", integer=True, positive=True)
    one, other = (sp.MatrixSymbol(name, n, n) for name in "AB")
    mean = Mean(sp.Trace(one) * sp.Trace(other) ** 3, (one, sp.S.One), (other, sp.S.One))
    with pytest.raises(RefusedStep, match="degree above 2"):
        matrix_rewrite(mean, 0)


def test_an_integrand_without_a_value_before_the_change_of_variable() -> None:
    # log of a negative number: with r = -exp(p) SymPy makes a real number of it
    inside = (sp.log(r) - sp.log(-r)) ** 2
    with pytest.raises(RefusedStep):
        change_variable(sp.Integral(inside, (r, -2, -1)), a, -sp.exp(a), 0, sp.log(2))
    start, end = limit_by_continuity(-sp.exp(-a), a, 0), limit_at_infinity(-sp.exp(-a), a)
    with pytest.raises(RefusedStep, match="log"):
        change_variable_by_limits(sp.Integral(inside, (r, -1, 0)), a, -sp.exp(-a), 0, start, end)


def test_facts_that_were_altered_inside() -> None:
    limit, domain = limit_by_continuity(t, t, 0), where(r > 0)
    object.__setattr__(limit.statement, "value", sp.S.One)
    with pytest.raises(RefusedStep, match="not a fact"):
        unique_limit(limit, limit_by_continuity(t, t, 0))
    narrow = rewrite(sp.Abs(r), r, domain=domain)
    object.__setattr__(domain, "conditions", ())
    with pytest.raises(RefusedStep, match="not a fact"):
        chain(narrow, domain=Domain())
    renamed = rewrite(r, r)
    object.__setattr__(renamed, "rule", "definition of a crossing time")
    with pytest.raises(RefusedStep, match="not a fact"):
        instantiate(renamed, {r: 0})


def test_a_condition_that_says_nothing_is_no_accident() -> None:
    assert rewrite(sp.sqrt(x**2 + 1) ** 2, x**2 + 1, domain=Domain(((r - r, ">="),))).rhs == x**2 + 1


def test_a_bessel_function_at_a_difference_that_may_vanish() -> None:
    # SymPy writes I_3(1 - erfc) with the quotient (1 - erfc)^3/(erfc - 1)^3, which has no value at 0
    form = Normal(Domain()).canonical(sp.besseli(3, sp.erf(least)))
    assert form == -sp.besseli(3, sp.erfc(least) - 1)
    assert at_most_by_sign(sp.besseli(1, -x), 0, strict=True)
    assert at_most_by_sign(sp.besseli(1, x - 1), 0, strict=True, domain=where(x < 1))
    with pytest.raises(RefusedStep):
        at_most_by_sign(sp.besseli(1, r), 0)
