"""check_identity and check_inequality: what holds, what is refuted with a witness, and what stays undecided."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

import grokmath as gm
from grokmath.asymptotics import Choice, Environment, Range, Regime, ball_function, check_identity, check_inequality
from grokmath.certified import working_precision
from grokmath.parameters import DomainError, UnsupportedExpression

x, y = sp.symbols("x y", positive=True)
lam, s = sp.symbols("lam s", positive=True)
root = sp.sqrt(lam)
TRAIN = sp.exp(-(1 + lam) * s) * sp.besseli(1, 2 * root * s) / (root * s)


def test_a_true_identity_agrees_to_the_digits_asked_for():
    result = check_identity(sp.gamma(x + 1), x * sp.gamma(x), {x: ("1/10", 20)}, digits=75, points=9)
    assert result.holds
    assert result.digits >= 75
    assert result.points == 9
    assert str(result) == f"holds: {result.digits} digits agree at 9 points"


@given(st.integers(5, 55))
@settings(max_examples=12)
def test_a_change_in_any_digit_within_reach_is_refuted_with_disjoint_balls(k):
    changed = x * sp.gamma(x) * (1 + sp.Rational(1, 10**k))
    result = check_identity(sp.gamma(x + 1), changed, {x: ("1/10", 20)})
    assert result.state == "refuted"
    (name, value), witness = result.witness.point[0], result.witness
    assert name == "x"
    with working_precision(400):
        point = arb(value.numerator) / value.denominator
        assert (point + 1).gamma() < point * point.gamma() * (1 + arb(10) ** -k)
    assert "against" in str(witness)


def test_what_is_not_resolved_is_undecided_and_never_holds():
    zero = sp.log(6) - sp.log(2) - sp.log(3)
    result = check_identity(zero * x, 2 * zero * x, {x: (1, 2)}, points=2)
    assert (result.state, result.holds) == ("undecided", False)
    undefined = check_identity(1 / (x - 1), 1 / (x - 1), {x: [1]})
    assert undefined.state == "undecided"
    assert "not defined" in str(undefined)


def test_exact_equality_agrees_also_at_zero():
    assert check_identity(x - x**2, x * (1 - x), {x: [1, 2]}).holds
    assert check_identity(sp.Integer(1), x**0, {}).points == 1


def test_complex_sides_are_compared_as_complex_numbers():
    assert check_identity(sp.sqrt(-x) ** 3, -sp.I * x * sp.sqrt(x), {x: (1, 2)}).holds
    assert check_identity(sp.log(-x), sp.log(x), {x: (1, 2)}).state == "refuted"


def test_callables_are_checked_against_expressions():
    def loss(lam, s, digits):
        return gm.LinearTeacherStudent(lam, eta="1/4").train_loss(s, digits=digits)

    domain = {lam: ("1/10", 5), s: (1, 1000)}
    assert check_identity(loss, TRAIN, domain, critical=[{lam: 1}]).holds
    assert check_identity(loss, TRAIN * sp.sqrt(lam), domain, critical=[{lam: 1}]).state == "refuted"


def test_critical_points_come_first_and_closed_ends_are_tried():
    regime = Regime((("x", Range(Fraction(0), Fraction(1))),), ((("x", Fraction(1, 3)),),))
    assert regime.points(3)[0] == {"x": Fraction(1, 3)}
    wrong_at_one = sp.Abs(x - 1) + x  # equals 1 below 1
    assert check_identity(sp.Integer(1), wrong_at_one, {x: sp.Interval(sp.Rational(1, 2), 3)}).state == "refuted"


@given(st.fractions("1/1000", 10), st.fractions("1/1000", 1000), st.integers(1, 40))
@settings(max_examples=25)
def test_points_are_inside_distinct_and_the_same_every_time(low, width, count):
    regime = Regime((("x", Range(low, low + width)), ("n", Range(Fraction(1), Fraction(7), integer=True))))
    points = regime.points(count)
    assert points == regime.points(count)
    assert len(points) == count
    for point in points:
        assert low < point["x"] < low + width
        assert point["n"].denominator == 1
        assert 1 <= point["n"] <= 7
    assert all(points.count(point) == 1 for point in points)


@pytest.mark.parametrize(("low", "high"), [("1", "1.000000000000000000000000000001"), ("1e-1000", 1), (1, "1e400")])
def test_points_of_extreme_intervals_are_distinct_and_inside(low, high):
    part = Range(Fraction(low), Fraction(high))
    points = Regime((("x", part),)).points(20)
    assert len({point["x"] for point in points}) == 20
    assert all(part.low < point["x"] < part.high for point in points)


def test_every_combination_of_listed_values_is_tried():
    """Values far down a list, and the last ones of many combinations, were passed over."""
    many = {x: list(range(1, 31)), y: list(range(1, 21))}
    assert check_identity(sp.Abs(x - 29), 29 - x, many).state == "refuted"
    assert check_identity(sp.Abs(x - 19), 19 - x, {x: list(range(1, 21)), y: (1, 2)}).state == "refuted"
    regime = Regime((("x", Choice(tuple(map(Fraction, range(9))))), ("y", Range(Fraction(1), Fraction(2)))))
    assert {point["x"] for point in regime.points(3)} == set(range(9))


def test_a_symbol_that_is_not_what_it_is_declared_to_be_is_refused():
    """SymPy has sqrt(x**2) = x for a positive x, whatever the domain says."""
    with pytest.raises(DomainError, match="declared positive"):
        check_identity(sp.sqrt(x**2), x, {x: (-3, -1)})
    with pytest.raises(UnsupportedExpression, match="declared positive"):
        check_identity(sp.sqrt(x**2), x, Regime((("x", Range(Fraction(-3), Fraction(-1))),)))
    n = sp.Symbol("n", integer=True)
    with pytest.raises(DomainError, match="declared integer"):
        check_identity((-1) ** (2 * n), n / n, {n: ["1/2"]})
    assert check_identity(sp.gamma(n + 1), n * sp.gamma(n), {n: (1, 9)}).holds


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"points": 0}, "points = 0"),
        ({"points": "8"}, "points = '8'"),
        ({"critical": [{"xx": 1}]}, "critical points name xx"),
    ],
)
def test_bad_options_are_named(options, words):
    for check in (check_identity, check_inequality):
        with pytest.raises(DomainError, match=words):
            check(x, x + 1, {x: (1, 2)}, **options)


@pytest.mark.parametrize(
    ("lhs", "rhs", "domain"),
    [
        (sp.gamma(x + 1), x * sp.gamma(x) * (1 + sp.Rational(1, 10**55)), {x: (1, 9)}),
        (sp.exp(-(10**9) * x), sp.exp(-(10**9) * x) * (1 + sp.Rational(1, 10**30)), {x: (1, 2)}),
        (sp.exp(sp.exp(x)), 2 * sp.exp(sp.exp(x)), {x: (50, 100)}),
        (sp.exp(sp.pi * sp.sqrt(163)), sp.Integer(262537412640768744), {}),
        (sp.sqrt(s - 3) * sp.sqrt(s - 4), sp.sqrt((s - 3) * (s - 4)), {s: (1, 5)}),
        (sp.Abs(1 - x), 1 - x, {x: ("1/10", 3)}),
        (sp.erf(x), sp.Integer(1), {x: (5, 10)}),
    ],
    ids=["1e-55", "tiny values", "tower", "near integer", "branch", "above 1 only", "exponentially near"],
)
def test_wrong_formulas_of_every_kind_are_refuted(lhs, rhs, domain):
    assert check_identity(lhs, rhs, domain).state == "refuted"


def test_no_parameters_may_be_said_in_two_ways():
    assert check_identity(sp.exp(1), sp.E, ()).holds
    assert check_identity(sp.exp(1), sp.E, {}).holds


def test_a_short_list_of_values_yields_no_more_points_than_it_has():
    assert len(Regime((("x", Choice((Fraction(1), Fraction(2)))),)).points(5)) == 2


def test_integer_symbols_are_substituted():
    n = sp.Symbol("n", integer=True, positive=True)
    recurrence = sp.besseli(n - 1, x) - sp.besseli(n + 1, x)
    domain = Regime((("n", Range(Fraction(1), Fraction(9), integer=True)), ("x", Range(Fraction(1), Fraction(50)))))
    assert check_identity(recurrence, 2 * n / x * sp.besseli(n, x), domain).holds


def test_a_function_with_its_own_evaluator():
    cube = ball_function("TestCube", lambda at, arguments: at.real(arguments[0]) ** 3)
    assert check_identity(cube(x + 1), (x + 1) ** 3, {x: (1, 5)}).holds
    with working_precision(64):
        assert Environment({"x": Fraction(2)}).exact(x / 3) == Fraction(2, 3)


@pytest.mark.parametrize(
    "lhs",
    [sp.zeta(x), sp.Function("f")(x), sp.Float(0.5) * x, "x + 1", None],
    ids=["zeta", "undefined function", "Float", "text", "None"],
)
def test_what_is_outside_the_vocabulary_raises(lhs):
    with pytest.raises(UnsupportedExpression):
        check_identity(lhs, x, {x: (1, 2)})


def test_a_symbol_without_a_range_and_bad_domains_raise():
    with pytest.raises(UnsupportedExpression, match="no value for the symbol y"):
        check_identity(x + y, y + x + 0 * y, {x: (1, 2)})
    for domain in ({x: (2, 1)}, {x: {"low": 1}}, {x: ("1", "pi")}, [], [3]):
        with pytest.raises(DomainError):
            check_identity(x, x, domain)
    with pytest.raises(DomainError, match="digits"):
        check_identity(x, x, {x: (1, 2)}, digits=0)


def test_inequalities_are_decided_by_balls():
    assert check_inequality(sp.log(1 + x), x, {x: ("1/1000000", 100)}).holds
    result = check_inequality(sp.exp(x), 1 + x + x**2, {x: ("1/10", 5)}, critical=[{x: 2}])
    assert result.state == "refuted"
    assert check_inequality(x, x, {x: [1]}).state == "refuted"
    assert check_inequality(sp.log(6), sp.log(2) + sp.log(3) + 0 * x, {x: [1]}, digits=20).state == "undecided"
    with pytest.raises(DomainError, match="complex"):
        check_inequality(sp.log(-x), x, {x: (1, 2)})


def test_ends_and_values_of_domains_may_be_text_and_are_checked() -> None:
    """Range("1/10", 1) raised TypeError."""
    assert Range("1/10", 1) == Range(Fraction(1, 10), Fraction(1))
    assert Choice(("0.5", 1)).values == (Fraction(1, 2), Fraction(1))
    for low in ("a", None, sp.sqrt(2), float("nan")):
        with pytest.raises(DomainError, match="domain: low = "):
            Range(low, 3)
    with pytest.raises(DomainError, match="domain: values = "):
        Choice(("one",))
