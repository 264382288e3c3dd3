"""The rules for integrals: true steps pass; wrong Jacobians, end points and antiderivatives are refused."""

from __future__ import annotations

import pytest
import sympy as sp

from grokmath.proof import (
    RefusedStep,
    at_most_by_monotone_function,
    at_most_by_squares,
    by_parts,
    change_variable,
    cite_marchenko_pastur,
    define,
    derivative_of_equal,
    differentiate,
    end_point,
    fundamental,
    gamma_integral,
    integral_at_most,
    integral_limit,
    limit_at_infinity,
    linearity,
    marcum_definition,
    mean_square,
    rewrite,
    split,
    symmetric,
    under_integral,
    where,
)

lam, s, x, w, a, b = sp.symbols("lam s x w a b", positive=True)
u = sp.Symbol("u", nonnegative=True)
y, theta = sp.symbols("y theta", real=True)
almost_one = 1 + sp.Rational(1, 10**20)


def integral(f, variable=y, low=0, high=1):
    return sp.Integral(f, (variable, low, high))


@pytest.mark.parametrize(
    ("f", "variable", "low", "high"),
    [
        (1 / y, y, 0, 1),
        (1 / y, y, -1, 1),
        (1 / (y - sp.Rational(1, 2)), y, 0, 1),
        (sp.exp(y), y, 0, sp.oo),
        (sp.exp(-y), y, -sp.oo, sp.oo),
        (1 / (1 + y), y, 0, sp.oo),
        (sp.sqrt(y), y, -1, 1),
        (sp.exp(-s * y**2 + lam * y**3), y, 0, sp.oo),
        (sp.besseli(0, x * y) * sp.exp(-y), y, 0, sp.oo),
        (sp.log(w), w, 0, 1),
        (w, w, -1, 1),  # w is declared positive
        (sp.Function("f")(y), y, 0, 1),
    ],
)
def test_integrals_that_are_not_proved_to_converge_are_not_spoken_of(f, variable, low, high):
    with pytest.raises(RefusedStep):
        rewrite(integral(f, variable, low, high), integral(f, variable, low, high))


def test_equal_integrals_have_one_normal_form():
    rewrite(integral(lam * sp.exp(-s * (1 + y))), lam * sp.exp(-s) * integral(sp.exp(-s * w), w))
    rewrite(sp.Integral(y, (y, 1, 0)), -integral(y))
    rewrite(integral(sp.sin(y) ** 2), integral(1 - sp.cos(y) ** 2))
    for wrong in (integral(y * almost_one), integral(y, high=2), integral(y**2)):
        with pytest.raises(RefusedStep):
            rewrite(integral(y), wrong)


def test_change_of_variable():
    bare = sp.Integral(sp.sqrt(1 - y**2), (y, -1, 1))
    fact = change_variable(bare, theta, sp.cos(theta), 0, sp.pi, sp.sin(theta) ** 2)
    assert fact.rhs == sp.Integral(sp.sin(theta) ** 2, (theta, 0, sp.pi))
    for wrong in (sp.sin(theta), almost_one * sp.sin(theta) ** 2, -(sp.sin(theta) ** 2)):
        with pytest.raises(RefusedStep, match="differ"):
            change_variable(bare, theta, sp.cos(theta), 0, sp.pi, wrong)
    for ends in ((0, sp.pi / 2), (sp.pi, 2 * sp.pi), (0, 3 * sp.pi), (0, 3)):
        with pytest.raises(RefusedStep):
            change_variable(bare, theta, sp.cos(theta), *ends)
    with pytest.raises(RefusedStep, match="one sign"):
        change_variable(sp.Integral(y, (y, 0, 1)), theta, theta**2, -1, 1)
    with pytest.raises(RefusedStep):
        change_variable(sp.Integral(y, (y, 0, 1)), theta, 1 / theta, 1, sp.oo)  # an end that is not on the list
    assert change_variable(sp.Integral(sp.exp(-y), (y, 0, sp.oo)), w, w / s, 0, sp.oo).rhs.limits == ((w, 0, sp.oo),)
    with pytest.raises(RefusedStep):
        change_variable(sp.Integral(sp.exp(-y), (y, 0, sp.oo)), theta, -theta, 0, sp.oo)


def test_fundamental_theorem():
    fact = fundamental(integral(sp.cos(y) ** 2), (y + sp.sin(y) * sp.cos(y)) / 2)
    assert fact.rhs == (1 + sp.sin(1) * sp.cos(1)) / 2
    for wrong in (almost_one * y**3 / 3, y**3, sp.sin(y)):
        with pytest.raises(RefusedStep, match="derivative"):
            fundamental(integral(y**2), wrong)
    with pytest.raises(RefusedStep):
        fundamental(sp.Integral(1 / y**2, (y, -1, 1)), -1 / y)  # the antiderivative is singular inside
    with pytest.raises(RefusedStep):
        fundamental(sp.Integral(1 / (2 * sp.sqrt(w)), (w, 0, 1)), sp.log(w))
    tail = sp.Integral(sp.exp(-s * y), (y, 0, sp.oo))
    with pytest.raises(RefusedStep, match="limit"):
        fundamental(tail, -sp.exp(-s * y) / s)
    zero = limit_at_infinity(-sp.exp(-s * w) / s, w)
    whole = sp.Integral(sp.exp(-s * w), (w, 0, sp.oo))
    assert fundamental(whole, -sp.exp(-s * w) / s, at_infinity=zero).rhs == 1 / s
    with pytest.raises(RefusedStep):
        fundamental(whole, 1 - sp.exp(-s * w) / s, at_infinity=zero)  # the limit of another function


def test_an_end_point_is_not_hidden_by_the_assumptions_of_the_variable():
    """log w and 1/w are not continuous at 0, although the symbol w is declared positive."""
    with pytest.raises(RefusedStep):
        fundamental(sp.Integral(1 / (1 + w), (w, 0, 1)), sp.log(1 / w + 1) + sp.log(w))
    with pytest.raises(RefusedStep):
        change_variable(sp.Integral(y, (y, 0, 1)), w, w**2 / w ** sp.Symbol("k", positive=True), 0, 1)


def test_linearity_split_symmetry_and_parts():
    wave = integral(3 * y + sp.exp(-s * y))
    assert linearity(wave, [(3, y), (1, sp.exp(-s * y))]).rhs == 3 * integral(y) + integral(sp.exp(-s * y))
    for parts in ([(3 * almost_one, y), (1, sp.exp(-s * y))], [(y, sp.S(3)), (1, sp.exp(-s * y))]):
        with pytest.raises(RefusedStep):
            linearity(wave, parts)
    with pytest.raises(RefusedStep):  # the parts do not converge
        linearity(sp.Integral(1 / (1 + w), (w, 0, 1)), [(1, 1 / w), (-1, 1 / (w * (1 + w)))])
    split(integral(y), sp.Rational(1, 3))
    for point in (0, 2, -1, x):
        with pytest.raises(RefusedStep):
            split(integral(y), point)
    assert symmetric(sp.Integral(sp.cos(theta) ** 3, (theta, 0, sp.pi))).rhs == 0
    assert symmetric(sp.Integral(y**2, (y, -1, 1))).rhs == 2 * sp.Integral(y**2, (y, 0, 1))
    with pytest.raises(RefusedStep):
        symmetric(sp.Integral(y**2 + y, (y, -1, 1)))
    with pytest.raises(RefusedStep):
        symmetric(sp.Integral(y, (y, -1, 2)))
    assert by_parts(y, sp.exp(y), y, 0, 1).lhs == sp.Integral(y * sp.exp(y), (y, 0, 1))
    with pytest.raises(RefusedStep):
        by_parts(sp.log(w), w, w, 0, 1)


def test_derivatives_of_integrals():
    wave = sp.Integral(sp.exp(x * sp.cos(theta)), (theta, 0, sp.pi))
    assert under_integral(wave, x).rhs == sp.Integral(sp.cos(theta) * sp.exp(x * sp.cos(theta)), (theta, 0, sp.pi))
    with pytest.raises(RefusedStep, match="not"):
        under_integral(wave, x, almost_one * sp.cos(theta) * sp.exp(x * sp.cos(theta)))
    with pytest.raises(RefusedStep, match="limit"):
        under_integral(sp.Integral(y * x, (y, 0, x)), x)
    with pytest.raises(RefusedStep, match="open"):
        under_integral(sp.Integral(sp.exp(-u * w), (w, 0, 1)), u)
    with pytest.raises(RefusedStep):
        under_integral(sp.Integral(sp.sqrt(y - theta), (theta, 0, 1)), y, domain=where(y > 0))
    with pytest.raises(RefusedStep):  # the decay is lost as theta -> 0
        under_integral(sp.Integral(sp.exp(-(theta**2) * w), (w, 0, sp.oo)), theta)
    assert end_point(sp.Integral(sp.exp(-w), (w, x, sp.oo)), x).rhs == -sp.exp(-x)
    assert end_point(sp.Integral(sp.exp(-w), (w, 0, x)), x).rhs == sp.exp(-x)
    with pytest.raises(RefusedStep):
        end_point(sp.Integral(sp.exp(-w * x), (w, 0, x)), x)


def test_limits_of_integrals():
    fact = integral_limit(sp.Integral(sp.exp(-s * y), (y, 0, 1)), s, 0)
    assert fact.statement.value == sp.Integral(1, (y, 0, 1))
    with pytest.raises(RefusedStep):  # 1/s is not continuous at 0
        integral_limit(sp.Integral(sp.exp(-y / s), (y, 0, 1)), s, 0)
    with pytest.raises(RefusedStep):  # a unit mass that stays away from the limit 0
        integral_limit(sp.Integral(s * sp.exp(-s * w), (w, 0, sp.oo)), s, 0)


def test_monotonicity_of_integrals():
    lower = at_most_by_squares(sp.sqrt(2 - w), sp.sqrt(2), domain=where(w < 2))
    left, right = (sp.Integral(f * sp.exp(-x * w), (w, 0, 2)) for f in (sp.sqrt(2 - w), sp.sqrt(2)))
    assert integral_at_most(left, right, using=[lower]).lhs == left
    with pytest.raises(RefusedStep):
        integral_at_most(right, left, using=[lower])
    with pytest.raises(RefusedStep):
        integral_at_most(sp.Integral(sp.sqrt(2 - w), (w, 0, 1)), sp.Integral(sp.sqrt(2), (w, 0, 2)), using=[lower])
    with pytest.raises(RefusedStep):
        integral_at_most(sp.Integral(y, (y, -1, 1)), 0)
    slower = at_most_by_monotone_function(sp.exp, -s * y, -s, domain=where(y > 1))
    with pytest.raises(RefusedStep):  # the bound does not hold on (0, 2)
        integral_at_most(sp.Integral(sp.exp(-s * y), (y, 0, 2)), sp.Integral(sp.exp(-s), (y, 0, 2)), using=[slower])


def test_laws_and_the_chain_rule():
    q = marcum_definition(a, b, x)
    by_b = derivative_of_equal(q, end_point(q.rhs, b))
    square = differentiate(
        sp.marcumq(1, a, b**2), b, -2 * b**3 * sp.exp(-(a**2 + b**4) / 2) * sp.besseli(0, a * b**2), using=[by_b]
    )
    assert square.lhs == sp.Derivative(sp.marcumq(1, a, b**2), b)
    with pytest.raises(RefusedStep):
        differentiate(sp.marcumq(1, a, b**2), b, by_b.rhs.subs(b, b**2), using=[by_b])  # without the inner derivative
    with pytest.raises(RefusedStep, match="no fact"):
        differentiate(sp.marcumq(1, b, 2 * b), b, using=[by_b])
    assert gamma_integral(sp.Rational(3, 2), x, w).rhs == sp.sqrt(sp.pi) / 2 / x ** sp.Rational(3, 2)
    for p, rate in ((sp.Rational(1, 2), x), (sp.Rational(3, 2), y), (-1, x), (s, x)):
        with pytest.raises(RefusedStep):
            gamma_integral(p, rate, w)


@pytest.mark.parametrize(
    ("f", "var"),
    [(sp.Abs(y), y), (sp.sqrt(y), y), (sp.log(y), y), (1 / y, y), (y ** sp.Rational(1, 3), y), (sp.sqrt(u), u)],
)
def test_functions_that_are_not_differentiable_everywhere_are_refused(f, var):
    with pytest.raises(RefusedStep):
        differentiate(f, var)


def test_wrong_derivatives_are_refused():
    for f, slope in (
        (sp.exp(-s * w**2), -2 * s * w * sp.exp(-s * w**2)),
        (sp.besseli(0, s * w), s * sp.besseli(1, s * w)),
    ):
        differentiate(f, w, slope)
        for wrong in (slope * almost_one, -slope, slope / s):
            with pytest.raises(RefusedStep):
                differentiate(f, w, wrong)


def test_means_over_starts():
    p, q = sp.symbols("p q", real=True)
    f, m = sp.Function("path"), sp.Function("mean")
    path = define(f(s, p, q), sp.exp(-s) * p - 2 * q)
    fact = mean_square(m(s, lam), path, {p: lam, q: sp.Rational(1, 2)}, sp.exp(-2 * s) * lam + 2)
    assert fact.kind == "definition"
    for variances, result in (
        ({p: lam, q: sp.Rational(1, 2)}, (sp.exp(-2 * s) * lam + 2) * almost_one),
        ({p: lam, q: sp.Rational(1, 2)}, (sp.exp(-s) * lam - 2) ** 2),
        ({p: lam}, sp.exp(-2 * s) * lam),  # q is left over
        ({}, sp.Integer(0)),
    ):
        with pytest.raises(RefusedStep):
            mean_square(m(s, lam), path, variances, result)
    for body in (p**2 + q, p * q, p + q + 1, sp.exp(p) - 1):
        curved = define(sp.Function("curved")(s, p, q), body)
        with pytest.raises(RefusedStep):
            mean_square(m(s), curved, {p: 1, q: 1}, sp.Integer(2))
    half_line = define(sp.Function("half_line")(s, x), s * x)
    with pytest.raises(RefusedStep, match="all real"):
        mean_square(m(s), half_line, {x: 1}, s**2)
    upward = rewrite(sp.Abs(p), p, domain=where(p > 0))
    with pytest.raises(RefusedStep, match="all real"):
        mean_square(m(s), upward, {p: 1}, sp.Integer(1))
    with pytest.raises(RefusedStep):
        mean_square(m(s, p), path, {p: 1, q: 1}, sp.exp(-2 * s) + 4)


def test_cited_theorems_check_their_instances():
    f = sp.Function("loss")
    nu = sp.Symbol("nu", nonnegative=True)
    fact = cite_marchenko_pastur(f(s, lam), sp.exp(-s * nu), nu, lam)
    assert fact.kind == "cited"
    for mode in (1 / nu, sp.log(nu), sp.exp(-x * nu), lam * nu, sp.Function("g")(nu)):
        with pytest.raises(RefusedStep):
            cite_marchenko_pastur(f(s, lam), mode, nu, lam)
    with pytest.raises(RefusedStep):
        cite_marchenko_pastur(f(s), sp.exp(-s * nu), nu, lam)
    with pytest.raises(RefusedStep):
        cite_marchenko_pastur(f(s, y), sp.exp(-s * nu), nu, y)
    meaning = define(f(s, lam), s * lam)
    with pytest.raises(RefusedStep, match="defined twice"):
        rewrite(x, x, using=[fact, meaning])


def test_what_is_singular_in_the_old_variable_is_not_cancelled_in_the_new_one():
    """log(x^2)/log(x), which has no value at x = 1, is 2 for SymPy at x = exp(y)."""
    f, low = sp.log(w**2) / sp.log(w), sp.Rational(1, 2)
    assert f.xreplace({w: sp.exp(y)}) == 2
    change_variable(integral(f, w, sp.E, sp.exp(2)), y, sp.exp(y), 1, 2)
    with pytest.raises(RefusedStep, match="the denominator y"):
        change_variable(integral(f, w, low, 2), y, sp.exp(y), sp.log(low), sp.log(2))
