"""Flows, limits through continuous functions, hypergeometric series, logarithms, powers: true steps, and false ones."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from grokmath.proof import (
    Domain,
    RefusedStep,
    Tends,
    above_tangent,
    at_most,
    at_most_by_monotone_function,
    at_most_by_sign,
    by_flow,
    combine,
    define_by_flow,
    differentiate,
    equation,
    limit_at_infinity,
    limit_by_continuity,
    limit_through,
    rewrite,
    where,
)
from grokmath.proof.normal import normal_form

t, k, x, L = sp.symbols("t k x L", positive=True)
s, e, i, z = sp.symbols("s e i z", real=True)
p, q = sp.symbols("p q", positive=True)
y = sp.Function("y")(t, k)
SOME = sp.Rational(1, 10**20)


def logistic(slack=0, end=1):
    """y' = k y (1 - y) from 1/2."""
    start = sp.Rational(1, 2)
    positive = at_most_by_sign(0, k * s * (1 - s), strict=True, domain=where(s >= start, s < 1))
    return define_by_flow(y, k * s * (1 - s) + slack, s, t, start, positive, end=end)


def test_a_trapped_flow():
    slope, start, low, high = logistic()
    assert slope.statement == equation(sp.Derivative(y, t), k * y * (1 - y))
    assert start.statement == Tends(y, t, 0, sp.Rational(1, 2))
    assert low.statement == at_most(sp.Rational(1, 2), y, strict=True)
    assert high.statement == at_most(y, 1, strict=True)
    assert all(fact.kind == "definition" for fact in (slope, start, low, high))


def test_uniqueness_gives_the_logistic_function():
    slope, start, low, high = logistic()
    path = 1 / (1 + sp.exp(-k * t))
    known = differentiate(path, t, k * path * (1 - path))
    assert by_flow(slope, known, t, 0, k * s * (1 - s), s, limits=[start]).statement == equation(y, path)
    inside = by_flow(slope, known, t, 0, k * s * (1 - s), s, between=(0, 1), limits=[start], using=[low, high])
    assert inside.statement == equation(y, path)


@pytest.mark.parametrize(
    "call",
    [
        lambda: logistic(slack=SOME),  # the positive fact is about another speed
        lambda: logistic(end=2),  # the speed does not vanish there, nor was it proved positive
        lambda: logistic(end=sp.oo),  # no bound of the growth
        lambda: logistic(end=sp.Rational(1, 2)),  # the start is the end
        lambda: logistic(end=t),  # the end moves
    ],
)
def test_false_traps_are_refused(call):
    with pytest.raises(RefusedStep):
        call()


def upward(speed, growth, fact=None, value=0, application=y):
    early = where(s >= value)
    positive = fact or at_most_by_sign(0, speed, strict=True, domain=early)
    A, B, bound = growth
    return define_by_flow(application, speed, s, t, value, positive, growth=(A, B, bound))


def test_a_flow_with_linear_growth():
    early = where(s >= 0)
    bound = at_most_by_sign(k * (1 + s), k + k * s, domain=early)
    slope, start, _low = upward(k * (1 + s), (k, k, bound))
    known = differentiate(sp.exp(k * t) - 1, t, k * sp.exp(k * t))
    assert by_flow(slope, known, t, 0, k * (1 + s), s, limits=[start]).rhs == sp.exp(k * t) - 1


def test_flows_that_end_or_are_not_unique_are_refused():
    early = where(s >= 0)
    square = at_most_by_sign(k * (1 + s**2), k * (1 + s**2), domain=early)
    for constants in ((k, k), (k * (1 + s**2), 0), (k, k * s), (k, -k)):
        with pytest.raises(RefusedStep):  # y' = k (1 + y^2) is tan(k t), which ends
            upward(k * (1 + s**2), (*constants, square))
    root = sp.sqrt(s)
    bound = at_most_by_sign(root, 1 + s, domain=early, using=[_root_bound()])
    positive = at_most_by_sign(0, root, strict=True, domain=where(s > 0))
    with pytest.raises(RefusedStep):  # y' = sqrt(y) from 0 has many solutions
        upward(root, (1, 1, bound), positive)


def _root_bound():
    above = at_most_by_sign(0, (sp.sqrt(s) - 1) ** 2, domain=where(s >= 0))
    return combine(at_most(sp.sqrt(s), 1 + s), [(sp.Rational(1, 2), above)], domain=where(s >= 0))


def test_the_state_is_a_symbol_of_its_own():
    positive = at_most_by_sign(0, k * (1 - s), strict=True, domain=where(s >= 0, s < 1))
    for application, speed, state, value in (
        (y, k * (1 - s), s, t),
        (sp.Function("y")(t, s), k * (1 - s), s, 0),
        (y, k * (1 - x), x, 0),
        (y, k * (1 - s), s, x),
        (y, sp.Function("F")(s), s, 0),
    ):
        with pytest.raises(RefusedStep):
            define_by_flow(application, speed, state, t, value, positive, end=sp.Integer(1))


def test_false_uniqueness_is_refused():
    slope, start, low, high = logistic()
    speed = k * s * (1 - s)
    path = 1 / (1 + sp.exp(-k * t))
    known = differentiate(path, t, k * path * (1 - path))
    shifted = 1 / (1 + 2 * sp.exp(-k * t))  # another start
    other = differentiate(shifted, t, k * shifted * (1 - shifted))
    slower = 1 / (1 + sp.exp(-k * t / 2))  # another speed
    third = differentiate(slower, t, k * slower * (1 - slower) / 2)
    for right in (other, third):
        with pytest.raises(RefusedStep):
            by_flow(slope, right, t, 0, speed, s, limits=[start])
    with pytest.raises(RefusedStep):  # the start was not given
        by_flow(slope, known, t, 0, speed, s)
    with pytest.raises(RefusedStep):  # an interval without the start
        by_flow(slope, known, t, 0, speed, s, between=(sp.Rational(1, 2), 1), limits=[start], using=[low, high])
    with pytest.raises(RefusedStep):  # another speed than that of both
        by_flow(slope, known, t, 0, speed + SOME, s, limits=[start])
    with pytest.raises(RefusedStep):
        by_flow(slope, known, t, sp.oo, speed, s, limits=[start])


def test_a_speed_that_is_not_lipschitz_gives_no_uniqueness():
    one, two = t**2 / 4, t**2 / 4
    left, right = (differentiate(f, t, t / 2) for f in (one, two))
    with pytest.raises(RefusedStep):
        by_flow(left, right, t, 0, sp.sqrt(s), s, between=(0, sp.oo))
    with pytest.raises(RefusedStep):
        by_flow(left, right, t, 0, sp.sqrt(s), s)


# limits through continuous functions

SMALL = limit_at_infinity(sp.exp(-L), L)
INVERSE = limit_at_infinity(1 / L, L)


def test_a_limit_through_a_function():
    found = limit_through(sp.log(1 + e) + k / (1 + i), [(e, SMALL), (i, INVERSE)], domain=where(1 + e > 0, 1 + i > 0))
    assert found.statement == Tends(sp.log(1 + sp.exp(-L)) + k / (1 + 1 / L), L, sp.oo, k)
    assert found.domain == Domain()


@pytest.mark.parametrize(
    ("function", "parts", "domain"),
    [
        (1 / e, [(e, SMALL)], where(sp.Ne(e, 0))),  # the limit is outside
        (sp.sqrt(e), [(e, SMALL)], where(e >= 0)),  # not an open set
        (sp.log(1 + e), [(e, SMALL)], Domain()),  # not defined everywhere
        (1 / (1 + e), [(e, SMALL)], where(1 + e > 0, x * e > 0)),
        (e + L, [(e, SMALL)], Domain()),  # the variable itself
        (e + i, [(e, SMALL), (i, limit_by_continuity(x, x, 0))], Domain()),  # limits at other points
        (x, [(x, SMALL)], Domain()),  # a symbol with an assumption
        (sp.Function("f")(e), [(e, SMALL)], Domain()),
        (e, [], Domain()),
        (sp.Abs(e) / e, [(e, SMALL)], where(sp.Ne(e, 0))),
    ],
)
def test_false_limits_through_functions_are_refused(function, parts, domain):
    with pytest.raises(RefusedStep):
        limit_through(function, parts, domain=domain)


# hypergeometric series

BELOW_ONE = where(z < 1, sp.Ne(z, 0))


def gauss(a, b, at=z):
    return sp.hyper([a, b], [b + 1], at)


def test_the_derivative_of_a_series():
    known = differentiate(z**2 * gauss(p, 2), z, 2 * z * (1 - z) ** (-p), domain=where(z < 1, z > 0, sp.Ne(p, 1)))
    assert known.rhs == 2 * z * (1 - z) ** (-p)
    raised = sp.hyper([p + 1, q + 1], [q + 2], z)
    direct = differentiate(gauss(p, q), z, p * q / (q + 1) * raised, domain=BELOW_ONE)
    assert direct.lhs == sp.Derivative(gauss(p, q), z)


@pytest.mark.parametrize(
    ("left", "right", "domain"),
    [
        (gauss(p + 1, q + 1), (q + 1) / (p * z) * ((1 - z) ** (-p) - gauss(p, q)), BELOW_ONE),
        (gauss(1 + p, 1 + 1 / q), (1 + 1 / q) / (p * z) * ((1 - z) ** (-p) - gauss(p, 1 / q)), BELOW_ONE),
        (sp.hyper([-1, 4], [5], z), 1 - 4 * z / 5, Domain()),
        (sp.hyper([-2, p], [q], z), 1 - 2 * p * z / q + p * (p + 1) * z**2 / (q * (q + 1)), Domain()),
    ],
)
def test_laws_of_series(left, right, domain):
    rewrite(left, right, domain=domain)
    with pytest.raises(RefusedStep):
        rewrite(left, right * (1 + SOME), domain=domain)


@given(
    st.fractions(min_value=-3, max_value=3, max_denominator=7),
    st.fractions(min_value=sp.Rational(1, 9), max_value=3, max_denominator=9),
    st.fractions(min_value=-5, max_value=sp.Rational(9, 10), max_denominator=20),
)
def test_the_laws_of_series_agree_with_their_values(a, b, at):
    """The form of 2F1(a + 1, b + 1; b + 2; z) against its value."""
    a, b, at = (sp.Rational(v.numerator, v.denominator) for v in (a, b, at))
    expr = gauss(a + 1, b + 1, at)
    try:
        value = normal_form(Domain(), "test").canonical(expr)
    except RefusedStep:
        return
    context = mpmath.MPContext()
    context.dps = 30
    exact = context.hyp2f1(*(context.mpf(v.p) / v.q for v in (a + 1, b + 1, b + 2, at)))
    shown = sp.lambdify([], value, modules=[{"hyper": lambda u, v, w: context.hyper(list(u), list(v), w)}, context])()
    assert abs(context.mpf(shown) - exact) < context.mpf(10) ** -12 * (1 + abs(exact))


@pytest.mark.parametrize(
    ("expr", "domain"),
    [
        (gauss(p, q), Domain()),  # the cut
        (gauss(p, q), where(z <= 1)),
        (gauss(p, e), where(z < 1)),  # the sign of the parameter
        (sp.hyper([p, q], [p + q], z), where(z < 1)),
        (sp.hyper([-2, p], [e], z), Domain()),
        (sp.hyper([1, 1, 1], [2, 2], z), where(z < 1)),
    ],
)
def test_series_outside_their_domain_are_refused(expr, domain):
    with pytest.raises(RefusedStep):
        rewrite(expr, expr, domain=domain)


# logarithms and powers


@pytest.mark.parametrize(
    ("left", "right", "domain"),
    [
        (sp.exp(p * sp.log(1 + x)), (1 + x) ** p, Domain()),
        (sp.exp(-sp.log((1 + x) / (2 - p)) / p), ((1 + x) ** (-1 / p)) * (2 - p) ** (1 / p), where(p < 2)),
        (sp.log((1 + x) ** p / (1 - p)), p * sp.log(1 + x) - sp.log(1 - p), where(p < 1)),
        (sp.log(2 - 2 * p), sp.log(2) + sp.log(1 - p), where(p < 1)),
        (sp.log(x + x * k), sp.log(x) + sp.log(1 + k), Domain()),
        (sp.log(1 / (p - 1)), -sp.log(p - 1), where(p > 1)),
        ((1 / (p - 1)) ** q, (p - 1) ** (-q), where(p > 1)),
        ((2 - 2 * p) ** q, 2**q * (1 - p) ** q, where(p < 1)),
    ],
)
def test_laws_of_logarithms_and_powers(left, right, domain):
    rewrite(left, right, domain=domain)
    with pytest.raises(RefusedStep):
        rewrite(left, right + SOME, domain=domain)


@pytest.mark.parametrize(
    ("left", "right", "domain"),
    [
        (sp.log((1 - x) * (1 - k)), sp.log(1 - x) + sp.log(1 - k), where((1 - x) * (1 - k) > 0)),  # both negative
        (sp.exp(p * sp.log(s)), s**p, Domain()),
        (((1 - x) ** 2) ** p, (1 - x) ** (2 * p), Domain()),
        (sp.log(x + s * x), sp.log(x) + sp.log(1 + s), Domain()),
        (sp.log((1 - x) / (1 - k)), sp.log(1 - x) - sp.log(1 - k), where((1 - x) / (1 - k) > 0, sp.Ne(k, 1))),
    ],
)
def test_false_laws_of_logarithms_are_refused(left, right, domain):
    with pytest.raises(RefusedStep):
        rewrite(left, right, domain=domain)


def test_ranges_of_logarithms_and_powers():
    at_most_by_sign(sp.log(x), 0, strict=True, domain=where(x < 1))
    at_most_by_sign(0, sp.log(1 + x), strict=True)
    at_most_by_sign((1 + x) ** (-p), 1, strict=True)
    at_most_by_sign(1, (1 + x) ** p, strict=True)
    at_most_by_sign(x**p, 1, strict=True, domain=where(x < 1))
    for low, high in ((sp.log(x), 0), (0, sp.log(x)), ((1 + x) ** s, 1), (1, (1 + x) ** s), (1, x**p)):
        with pytest.raises(RefusedStep):
            at_most_by_sign(low, high, strict=True)


# strict inequalities


def test_strict_tangents_and_monotone_functions():
    assert above_tangent(x, strict=True).statement == at_most(1 + x, sp.exp(x), strict=True)
    assert above_tangent(s, strict=True, domain=where(sp.Ne(s, 0))).statement == at_most(1 + s, sp.exp(s), strict=True)
    with pytest.raises(RefusedStep):
        above_tangent(s, strict=True)
    known = at_most_by_monotone_function(sp.erfc, x, 2 * x, strict=True)
    assert known.statement == at_most(sp.erfc(2 * x), sp.erfc(x), strict=True)
    for low, high in ((x, x), (s, x), (2 * x, x)):
        with pytest.raises(RefusedStep):
            at_most_by_monotone_function(sp.exp, low, high, strict=True)
