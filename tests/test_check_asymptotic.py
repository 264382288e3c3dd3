"""check_asymptotic: measured orders and constants, wrong laws refuted, logarithms undecided; the page of examples."""

from __future__ import annotations

import doctest
import re
from fractions import Fraction
from pathlib import Path

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import grokmath as gm
from grokmath.asymptotics import check_asymptotic
from grokmath.certified import certify
from grokmath.exact import ball
from grokmath.parameters import DomainError, UnsupportedExpression

x = sp.Symbol("x", positive=True)
lam, s = sp.symbols("lam s", positive=True)
a = (1 - sp.sqrt(lam)) ** 2
TRAIN = sp.exp(-(1 + lam) * s) * sp.besseli(1, 2 * sp.sqrt(lam) * s) / (sp.sqrt(lam) * s)
LATE = sp.exp(-a * s) / (2 * sp.sqrt(sp.pi) * lam ** sp.Rational(3, 4) * s ** sp.Rational(3, 2))
STIRLING = sp.exp(x * sp.log(x) - x + sp.log(2 * sp.pi / x) / 2)


def test_order_and_constant_are_measured():
    result = check_asymptotic(sp.gamma(x), STIRLING, x, sp.oo)
    m = result.measurements[0]
    assert result.holds
    assert m.order == 1
    assert abs(float(m.constant) + 1 / 12) < 1e-10
    assert m.constant_error < 1e-30
    assert result.candidate is None
    assert result.table().count("x = ") == 10


def test_a_constant_is_recognised_when_it_is_offered_and_only_then():
    right = check_asymptotic(TRAIN, LATE, s, sp.oo, {lam: ("1/10", 3)}, constant=3 / (16 * sp.sqrt(lam)), order=1)
    assert right.holds
    assert "(3/(16*sqrt(lam)))*s**(-1), as stated" in str(right)
    wrong = check_asymptotic(TRAIN, LATE, s, sp.oo, {lam: ("1/10", 3)}, constant=3 / (15 * sp.sqrt(lam)))
    assert wrong.state == "refuted"
    assert "not" in str(wrong)
    assert check_asymptotic(TRAIN, LATE, s, sp.oo, {lam: "1/2"}, order=2).state == "refuted"


@given(st.integers(4, 40))
@settings(max_examples=6)
def test_a_wrong_prefactor_is_refuted(k):
    result = check_asymptotic(TRAIN, LATE * (1 + sp.Rational(1, 10**k)), s, sp.oo, {lam: "1/2"})
    assert result.state == "refuted"
    assert "the ratio tends to 1.000" in str(result)


@pytest.mark.parametrize("factor", [s, 1 / s, sp.sqrt(s), sp.Integer(-1), sp.Integer(2)])
def test_a_wrong_law_is_refuted(factor):
    assert check_asymptotic(TRAIN, LATE * factor, s, sp.oo, {lam: "1/2"}).state == "refuted"


@pytest.mark.parametrize("claimed", [sp.log(x), sp.log(x) + sp.log(sp.log(x)) / 2, 2 * sp.log(x)])
def test_logarithmic_corrections_are_undecided_and_not_extrapolated(claimed):
    result = check_asymptotic(sp.log(x) + sp.log(sp.log(x)), claimed, x, sp.oo)
    assert result.state == "undecided"
    assert not result.holds


def test_a_wider_tolerance_accepts_a_slow_law():
    exact = x + sp.sqrt(x) * sp.log(x)
    assert check_asymptotic(exact, x, x, sp.oo).state == "undecided"
    assert check_asymptotic(exact, x, x, sp.oo, tolerance=1e-2).holds


def test_a_slow_approach_to_almost_one_does_not_hold():
    """1 + 1e-9 (1 + 1/log x) shrinks, is within 1e-8 of 1, and does not tend to 1."""
    for slow in (sp.log(x), sp.log(sp.log(x))):
        almost = x * (1 + sp.Rational(1, 10**9) * (1 + 1 / slow))
        assert check_asymptotic(x, almost, x, sp.oo).state == "undecided"


@pytest.mark.parametrize("order", ["1/4", "1/3", "2/3", "3/4", "7/5"])
def test_a_true_law_with_an_odd_power_is_not_refuted(order):
    """Columns of Richardson's scheme that repeat one another's error were taken for convergence."""
    p = sp.Rational(order)
    result = check_asymptotic(x, x + x ** (1 - p), x, sp.oo)
    assert result.holds or (order == "1/4" and result.state == "undecided")
    assert check_asymptotic(x, 1001 * (x + x ** (1 - p)) / 1000, x, sp.oo).state != "holds"


def test_terms_that_vanish_at_whole_numbers_do_not_hide():
    r = sp.Symbol("r", real=True)
    assert not check_asymptotic(r, r * sp.Abs((-1) ** (2 * r) + 1) / 2, r, sp.oo).holds
    n = sp.Symbol("n", integer=True, positive=True)
    assert check_asymptotic(n, n * sp.Abs((-1) ** (2 * n) + 1) / 2 + 1, n, sp.oo).holds


def test_an_oscillating_correction_is_not_said_to_grow():
    """x + sin x ~ x is true, though errors go up and down; its constant is none."""

    def oscillating(x, digits):
        return certify(lambda: ball(x) + ball(x).sin(), digits, function="test")

    assert check_asymptotic(oscillating, x, x, sp.oo).state != "refuted"
    assert not check_asymptotic(oscillating, x, x, sp.oo, order=1, constant=1).holds


def test_an_order_that_cannot_be_measured_does_not_hold():
    """Both sides the same: a stated error of 3/x is not there."""
    for stated in ({"order": 1}, {"constant": 3}, {"order": 1, "constant": 3}):
        assert check_asymptotic(x, x, x, sp.oo, **stated).state == "undecided"
    assert check_asymptotic(x, x, x, sp.oo).holds


@pytest.mark.parametrize("factor", ["1.01", "1.0001", "1.000001"])
def test_a_badly_measured_constant_is_not_confirmed(factor):
    claimed = x + 1 + sp.log(x) / x
    stated = sp.Rational(factor)
    assert not check_asymptotic(x, claimed, x, sp.oo, order=1, constant=stated, tolerance=1e-3).holds


def test_finite_points_from_either_side():
    for side in ("+", "-"):
        result = check_asymptotic(sp.exp(x) - sp.E, sp.E * (x - 1), x, 1, side=side, order=1)
        assert result.holds
        sign = 1 if side == "+" else -1
        assert abs(float(result.measurements[0].constant) + sign / 2) < 1e-9
    assert check_asymptotic(sp.log(1 + x), x, x, 0, constant="1/2").holds


def test_half_integer_orders():
    result = check_asymptotic(x + sp.sqrt(x), x, x, sp.oo, constant=-1)
    assert (result.state, result.measurements[0].order) == ("holds", Fraction(1, 2))


def test_limits_by_the_absolute_error():
    assert check_asymptotic(sp.exp(-x), sp.Integer(0), x, sp.oo, kind="absolute").holds
    assert check_asymptotic(1 / x, sp.Integer(0), x, sp.oo, kind="absolute").measurements[0].order == 1
    moved = check_asymptotic(sp.exp(-x), sp.Rational(1, 10**20), x, sp.oo, kind="absolute")
    assert moved.state == "refuted"
    assert "1.000000000000000000000000e-20" in str(moved)


def test_an_exact_formula_has_no_order():
    result = check_asymptotic(x + 1, 1 + x, x, sp.oo)
    assert result.holds
    assert result.measurements[0].order is None


def test_complex_and_undefined_sides_do_not_hold():
    assert check_asymptotic(sp.log(x), sp.log(-x), x, sp.oo).state == "refuted"


def test_callables_and_the_uniform_form():
    def gen(lam, s, digits):
        return gm.LinearTeacherStudent(lam, eta="1/4").gen_loss(s, digits=digits)

    uniform = lam ** sp.Rational(-3, 4) * (sp.exp(-a * s) / sp.sqrt(sp.pi * s) - sp.sqrt(a) * sp.erfc(sp.sqrt(a * s)))
    result = check_asymptotic(gen, uniform, s, sp.oo, {lam: ["1/2", 1]}, order=1)
    assert result.holds
    assert float(result.measurements[1].constant) == 0.0625
    above = check_asymptotic(gen, uniform, s, sp.oo, {lam: "3/2"})
    assert above.state == "refuted"


def test_bad_arguments_raise():
    with pytest.raises(DomainError, match="side"):
        check_asymptotic(x, x, x, sp.oo, side="left")
    with pytest.raises(DomainError, match="point"):
        check_asymptotic(x, x, x, "somewhere")
    with pytest.raises(UnsupportedExpression):
        check_asymptotic(sp.zeta(x), x, x, sp.oo)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"levels": 2}, "levels = 2"),
        ({"start": 0}, "start = 0"),
        ({"start": 1.5}, "start = 1.5"),
        ({"tolerance": -1}, "tolerance = -1"),
        ({"points": 0}, "points = 0"),
        ({"digits": 0}, "digits"),
        ({"domain": {x: (1, 2), s: 1}}, "is the variable of the limit"),
        ({"domain": {s: (1, 2)}, "critical": [{lam: 1}]}, "critical points name lam"),
    ],
)
def test_bad_options_are_named(options, words):
    with pytest.raises(DomainError, match=re.escape(words)):
        check_asymptotic(x * s, x * s + 1, x, sp.oo, options.pop("domain", {s: (1, 2)}), **options)


def test_a_variable_that_no_side_has_is_refused():
    with pytest.raises(DomainError, match="neither side depends on s"):
        check_asymptotic(x, x, s, sp.oo, {x: (1, 2)})


def test_the_examples_of_the_page_run():
    page = Path(__file__).parent.parent / "docs" / "check_formulas.md"
    result = doctest.testfile(str(page), module_relative=False)
    assert result.attempted > 20
    assert result.failed == 0
