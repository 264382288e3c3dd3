"""Equality by derivatives, differential equations and coefficients; limits; inequalities. True steps pass, false
ones do not.
"""

from __future__ import annotations

import pytest
import sympy as sp

from grokmath.proof import (
    Asymptotic,
    RefusedStep,
    above_tangent,
    asymptotic,
    at_most,
    at_most_by_balls,
    at_most_by_monotone_function,
    at_most_by_monotonicity,
    at_most_by_sign,
    at_most_by_squares,
    by_coefficients,
    by_derivative,
    by_linear_equation,
    combine,
    differentiate,
    fundamental,
    integral_limit,
    limit_at_infinity,
    limit_by_continuity,
    limit_by_squeeze,
    limit_of_equal,
    limit_of_sum,
    rescaled,
    rewrite,
    unique_limit,
    where,
)

lam, s, x, w, c = sp.symbols("lam s x w c", positive=True)
y, theta = sp.symbols("y theta", real=True)
n = sp.Symbol("n", integer=True, nonnegative=True)
almost_one = 1 + sp.Rational(1, 10**20)


def test_equal_derivatives_and_one_value():
    left = differentiate(sp.log(1 + x) ** 2, x)
    right = differentiate(sp.log(1 + x) ** 2 + 3 - sp.Rational(3) * (1 + x) / (1 + x), x)
    by_derivative(left, right, x, 0)
    for wrong in (sp.log(1 + x) ** 2 + 1 - almost_one, sp.log(1 + x) ** 2 * almost_one):
        with pytest.raises(RefusedStep):
            by_derivative(left, differentiate(wrong, x), x, 0)
    one, other = differentiate(sp.log(x), x), differentiate(sp.log(2 * x), x)
    with pytest.raises(RefusedStep):
        by_derivative(one, other, x, 0)  # no limit at 0
    with pytest.raises(RefusedStep):
        by_derivative(one, other, x, 1)  # log 1 is not log 2
    broken = where(sp.Ne(y, 0))
    with pytest.raises(RefusedStep, match="interval"):  # two pieces: -1/y and -1/y + sign(y) have one derivative
        by_derivative(
            differentiate(1 / y, y, domain=broken), differentiate(1 / y, y, domain=broken), y, 1, domain=broken
        )
    outside = where(y**2 > 1)
    one, other = (differentiate(sp.exp(y), y, domain=outside) for _ in range(2))
    with pytest.raises(RefusedStep, match="interval"):
        by_derivative(one, other, y, 2, domain=outside)


def test_continuity_is_asked_for_next_to_the_base_point_only():
    """1/(1 - x) is continuous at 0 from the right where x < 1; 1/x is not, and x > 0 does not hide that."""
    domain = where(x < 1)
    one, other = (differentiate(1 / (1 - x), x, domain=domain) for _ in range(2))
    by_derivative(one, other, x, 0, domain=domain)
    one, other = (differentiate(1 / x, x, domain=domain) for _ in range(2))
    with pytest.raises(RefusedStep):
        by_derivative(one, other, x, 0, domain=domain)
    one, other = (differentiate(1 / (1 - x), x, domain=domain) for _ in range(2))
    with pytest.raises(RefusedStep):
        by_derivative(one, other, x, 1, domain=domain)


def test_the_base_point_belongs_to_the_interval():
    domain = where(y > 1)
    one, other = differentiate(sp.log(y), y, domain=domain), differentiate(sp.log(y), y, domain=domain)
    by_derivative(one, other, y, 1, domain=domain)
    by_derivative(one, other, y, 2, domain=domain)
    for at in (0, sp.Rational(1, 2), -1):
        with pytest.raises(RefusedStep):
            by_derivative(one, other, y, at, domain=domain)
    below = where(y > 0, y < 1)
    one, other = (differentiate(1 / (1 - y), y, domain=below) for _ in range(2))
    with pytest.raises(RefusedStep):  # singular at the upper end
        by_derivative(one, other, y, 1, domain=below)


def test_linear_equations_need_the_whole_initial_jet():
    cosh = [differentiate(sp.cosh(x), x), differentiate(sp.sinh(x), x)]
    exponential = sp.exp(x) / 2 + sp.exp(-x) / 2
    slope = differentiate(exponential, x)
    by_linear_equation(cosh, [slope, differentiate(slope.rhs, x)], x, 0, [1, 0, 0])
    for wrong in (sp.exp(x), exponential * almost_one, sp.cosh(x) + sp.sinh(x) / 10**20):
        slope = differentiate(wrong, x)
        with pytest.raises(RefusedStep):
            by_linear_equation(cosh, [slope, differentiate(slope.rhs, x)], x, 0, [1, 0, 0])
    with pytest.raises(RefusedStep, match="in the equation"):
        by_linear_equation(cosh, cosh, x, 0, [almost_one, 0, 0])
    for few in ([], cosh[:1]):
        with pytest.raises(RefusedStep):
            by_linear_equation(few, cosh, x, 0, [1, 0, 0])
    with pytest.raises(RefusedStep):
        by_linear_equation([], [], x, 0, [1])


def test_equations_that_are_singular_in_the_interval_are_refused():
    """y' = 3 y/x has the solutions C x^3, all with value 0 at 0."""
    cubic = [differentiate(y**3, y)]
    with pytest.raises(RefusedStep):
        by_linear_equation(cubic, [differentiate(2 * y**3, y)], y, 0, [3 / y, 0])
    with pytest.raises(RefusedStep):
        by_linear_equation([differentiate(x**3, x)], [differentiate(2 * x**3, x)], x, 0, [3 / x, 0])
    pair = [differentiate(x**2, x), differentiate(2 * x, x)]
    double = [differentiate(2 * x**2, x), differentiate(4 * x, x)]
    for k in (-1, -2, 0):  # a singular point whose index has the wrong sign
        with pytest.raises(RefusedStep):
            by_linear_equation(pair, double, x, 0, [0, (1 + k) / x, 0], singular=k)


def test_the_regular_singular_point():
    """I_0 and its second solution K_0: only the bounded one is determined by its value."""
    first = [differentiate(sp.besseli(0, x), x), differentiate(sp.besseli(1, x), x)]
    same = [differentiate(sp.besseli(0, x) * 1, x), differentiate(sp.besseli(1, x), x)]
    by_linear_equation(first, same, x, 0, [1, 0, 0], singular=1)
    slope = differentiate(sp.besseli(0, x) * almost_one, x)
    with pytest.raises(RefusedStep, match="at x = 0"):
        by_linear_equation(first, [slope, differentiate(slope.rhs, x)], x, 0, [1, 0, 0], singular=1)
    slope = differentiate(1 / x, x)  # y'' = -(2/x) y': unbounded at 0
    bad = [slope, differentiate(slope.rhs, x)]
    with pytest.raises(RefusedStep):
        by_linear_equation(bad, bad, x, 0, [0, 0, 0], singular=2)


def test_coefficients():
    """binomial(2n, n) and 4^n (1/2)_n/n! obey one recurrence of first order."""
    left = sp.binomial(2 * n, n)
    right = 4**n * sp.gamma(n + sp.Rational(1, 2)) / (sp.sqrt(sp.pi) * sp.factorial(n))
    recurrence = (n + 1, 2 * (2 * n + 1))
    by_coefficients(left, right, n, recurrence)
    with pytest.raises(RefusedStep, match="n = 0"):
        by_coefficients(left, right * almost_one, n, recurrence)
    with pytest.raises(RefusedStep, match="recurrence"):
        by_coefficients(left, right, n, (n + 1, 2 * (2 * n + 1) * almost_one))
    with pytest.raises(RefusedStep, match="leading"):
        by_coefficients(left * n, right * n, n, (n * (n + 1), 2 * (2 * n + 1) * (n + 1)))
    with pytest.raises(RefusedStep):
        by_coefficients(left, right, x, recurrence)
    with pytest.raises(RefusedStep, match="restricts"):
        by_coefficients(left, right, n, recurrence, domain=where(n >= 5))
    # order 2 with a wrong second value
    with pytest.raises(RefusedStep, match="n = 1"):
        by_coefficients(1 + n * 0 + sp.Integer(0), 1 + (1 - (-1) ** n), n, (1, 1), order=2)


def test_limits_from_the_list_of_scales():
    fact = limit_at_infinity(3 + s**5 * sp.exp(-c * s) - 1 / s + sp.erfc(c * s) * s, s)
    assert fact.statement.value == 3
    for expr in (
        s,
        sp.exp(s - c * s),
        sp.exp(-y * s),
        sp.sin(s),
        s * sp.exp(-1 / s),
        sp.log(s) / s,
        sp.exp(-s) * sp.besseli(1, s),
    ):
        with pytest.raises(RefusedStep):
            limit_at_infinity(expr, s)
    assert limit_by_continuity(sp.exp(-s) / (1 + s), s, 0).statement.value == 1
    with pytest.raises(RefusedStep):
        limit_by_continuity(sp.exp(-1 / s), s, 0)
    with pytest.raises(RefusedStep):
        limit_at_infinity(1 / y, y, domain=where(y > 0, y < 1))


def test_squeezing():
    lower = at_most_by_sign(1 - 1 / s, 1 - 1 / (1 + s))
    upper = at_most_by_sign(1 - 1 / (1 + s), 1)
    low, one = limit_at_infinity(1 - 1 / s, s), limit_at_infinity(sp.Integer(1), s)
    limit = limit_by_squeeze(lower, upper, low, one)
    assert limit.statement.value == 1
    assert isinstance(asymptotic(limit, s, s + 1).statement, Asymptotic)
    two = limit_at_infinity(2 + 1 / s, s)
    with pytest.raises(RefusedStep):
        limit_by_squeeze(lower, upper, low, two)
    with pytest.raises(RefusedStep):
        limit_by_squeeze(lower, upper, limit_at_infinity(almost_one - 1 / s, s), one)
    for f, g in ((s, s * almost_one + 1), (s + 1, s), (s, 2 * s)):
        with pytest.raises(RefusedStep):
            asymptotic(limit, f, g)
    total = limit_of_sum(3 - 3 / (1 + s) + 1 / s, [(3, limit), (1, limit_at_infinity(1 / s, s))])
    assert total.statement.value == 3
    with pytest.raises(RefusedStep):
        limit_of_sum(3 - 3 / (1 + s), [(3 * almost_one, limit)])
    with pytest.raises(RefusedStep):
        limit_of_sum(s - s / (1 + s), [(s, limit)])
    with pytest.raises(RefusedStep):
        limit_of_equal(limit, 1 - 1 / (1 + s), almost_one)
    assert rescaled(limit, x, 3 * c * x).statement.point == sp.oo
    same = unique_limit(limit, limit_of_equal(limit, limit.statement.expr, sp.Integer(3) - 2))
    assert same.rhs == 1
    with pytest.raises(RefusedStep):
        unique_limit(limit, one)
    with pytest.raises(RefusedStep):
        unique_limit(limit, limit, domain=where(s > 1))
    for bad in (-x, x**2, x + 1, y * x):
        with pytest.raises(RefusedStep):
            rescaled(limit, x, bad)


def test_inequalities():
    at_most_by_squares(1 - w / 2, sp.sqrt(1 - w / 2), domain=where(w < 2))
    with pytest.raises(RefusedStep):
        at_most_by_squares(sp.sqrt(1 - w / 2), 1 - w / 2, domain=where(w < 2))
    with pytest.raises(RefusedStep):  # the right side is negative
        at_most_by_squares(x, -2 * x)
    at_most_by_monotone_function(sp.erfc, x, x + 1)
    with pytest.raises(RefusedStep):
        at_most_by_monotone_function(sp.exp, x, x - 1)
    with pytest.raises(RefusedStep):
        at_most_by_monotone_function(sp.sin, x, x + 1)
    tangent = above_tangent(-x)
    combine(at_most(1 - x, sp.exp(-x)), [(1, tangent)])
    rising = differentiate(x - sp.log(1 + x), x)
    assert at_most_by_monotonicity(rising, x, 0).rhs == x - sp.log(1 + x)
    for f in (sp.log(1 + x) - x, x - sp.log(1 + x) - sp.Rational(1, 10**20)):
        with pytest.raises(RefusedStep):
            at_most_by_monotonicity(differentiate(f, x), x, 0)
    falling = differentiate(sp.exp(-c * x) / x, x)
    end = limit_at_infinity(sp.exp(-c * x) / x, x)
    assert isinstance(at_most_by_monotonicity(falling, x, sp.oo, strict=True, limits=[end]).statement, sp.Lt)
    flat = differentiate(sp.Integer(1) - x / x + 0 * x, x)
    with pytest.raises(RefusedStep):
        at_most_by_monotonicity(flat, x, 0, strict=True)
    lifted = differentiate(sp.exp(-c * x) - 1, x)
    with pytest.raises(RefusedStep):
        at_most_by_monotonicity(lifted, x, sp.oo, limits=[limit_at_infinity(sp.exp(-c * x) - 1, x)])


def test_inequalities_by_balls():
    box = {y: (0, 1)}
    at_most_by_balls(sp.besseli(1, y), sp.besseli(0, y), box)
    at_most_by_balls(sp.Rational(1, 20), sp.exp(-y) + y - 1 + sp.Rational(1, 10), box)
    for lhs, rhs in (
        (sp.besseli(0, y), sp.besseli(1, y)),
        (sp.Integer(0), y),
        (sp.Rational(9, 10), sp.exp(-y)),
        (0, x),
    ):
        with pytest.raises(RefusedStep):
            at_most_by_balls(lhs, rhs, box, pieces=20)


def test_known_wrong_answers_of_sympy_are_not_facts():
    """limit(sqrt(x) exp(-x) I_1(x)) is 1/sqrt(2 pi); SymPy gives sqrt(pi/2). Its Hankel series of I_n has wrong
    signs.
    """
    scaled = sp.sqrt(s) * sp.exp(-s) * sp.besseli(1, s)
    with pytest.raises(RefusedStep):
        limit_at_infinity(scaled, s)
    wrong = limit_at_infinity(sp.sqrt(sp.pi / 2) + 0 / s, s)
    with pytest.raises(RefusedStep):
        limit_of_equal(wrong, scaled, sp.sqrt(sp.pi / 2))
    hankel = sp.exp(s) / sp.sqrt(2 * sp.pi * s) * (1 + 3 / (8 * s))  # the sign of the correction is wrong
    with pytest.raises(RefusedStep):
        at_most_by_balls(hankel, sp.besseli(1, s), {s: (20, sp.Rational(2001, 100))}, pieces=16)
    with pytest.raises(RefusedStep):
        rewrite(sp.besseli(1, s), hankel)
    edge = sp.LambertW(x - sp.exp(-1))
    with pytest.raises(RefusedStep):  # the branch point: not defined for all x > 0 by what is proved
        rewrite(edge, -1 + sp.sqrt(2 * sp.E * x))
    moment = sp.Symbol("m", integer=True, nonnegative=True)
    narayana = sp.binomial(2 * moment, moment) / (moment + 1)  # the moments at lam = 1, which rsolve gives as 0
    recurrence = (moment + 2, 2 * (2 * moment + 1))
    by_coefficients(narayana, narayana, moment, recurrence)
    with pytest.raises(RefusedStep):
        by_coefficients(narayana, sp.Integer(0), moment, recurrence)
    with pytest.raises(RefusedStep):  # a sum of exponentials of unknown order
        limit_at_infinity((sp.exp(-lam * s) + sp.exp(-c * s)) / sp.exp(-lam * s), s)


def test_a_limit_of_an_integral_gives_a_value():
    start = integral_limit(sp.Integral(sp.exp(-x * y), (y, 0, 1)), x, 0)
    one = fundamental(sp.Integral(1, (y, 0, 1)), y)
    assert limit_of_equal(start, sp.Integral(sp.exp(-x * y), (y, 0, 1)), 1, using=[one]).statement.value == 1
    with pytest.raises(RefusedStep):
        limit_of_equal(start, sp.Integral(sp.exp(-x * y), (y, 0, 1)), almost_one, using=[one])
