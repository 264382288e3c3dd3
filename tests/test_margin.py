"""The margin law: reference values, inverse, series, the separable side's limits, and its double-precision version."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import example, given

from grokmath.certified import working_precision
from grokmath.classification.margin import limit_accuracy, limit_error, log_limit_error
from grokmath.exact import ball
from grokmath.functions import gardner_float64
from grokmath.functions.gardner import (
    inverse_margin_law,
    margin_law,
    near_critical_margin,
    series_coefficient_expression,
)
from grokmath.functions.gardner_certified import excess_law_ball
from grokmath.functions.gardner_quadrature import margin_law_integral
from grokmath.parameters import DomainError, UnsupportedExpression

from .strategies import log_uniform

HALF = Fraction(1, 2)

ACCURACY = [  # 38 printed digits
    ("0.55", "1.0000000000000000000000000000000000000"),
    ("0.6", "0.99999999999999999524278212973070893916"),
    ("0.7", "0.99999754313905955926219226601734662259"),
    ("0.8", "0.99935859620410556730572062256677509213"),
    ("0.9", "0.99443128198589267308352184538025308603"),
    ("1", "0.98319404662623061336187956643066445115"),
    ("1.5", "0.89815484442887276875392170298483565484"),
]
KAPPA = [
    ("0.55", "0.06035"),
    ("0.6", "0.11655"),
    ("0.7", "0.21889"),
    ("0.8", "0.31058"),
    ("1", "0.47066"),
    ("1.5", "0.78672"),
]


@given(kappa=log_uniform(-30, 6))
@example(kappa=Fraction(1, 10**300))
@example(kappa=Fraction(10**150))
def test_the_inverse_undoes_the_law(kappa):
    """With lam between the law at kappa (1 -+ 1e-40), by the certified law, the inverse lies between these."""
    digits = 120 if kappa < 1 else 60
    shift = Fraction(1, 10**40)
    lam = Fraction(str(margin_law(kappa, digits=digits + 340 * (kappa < Fraction(1, 10**40)))))
    root = inverse_margin_law(lam, digits=45)
    assert kappa * (1 - shift) < root < kappa * (1 + shift)


@given(excess=log_uniform(-60, 8))
@example(excess=HALF)
@example(excess=Fraction(1, 2**60))
def test_the_law_undoes_the_inverse_without_loss_near_one_half(excess):
    kappa = inverse_margin_law(HALF + excess, digits=60)
    with working_precision(240):
        assert excess_law_ball(kappa.ball()).contains(ball(excess))
        assert (excess_law_ball(kappa.ball()) / ball(excess)).rel_accuracy_bits() > 190


@given(lam=log_uniform(-30, 6).map(lambda d: HALF + d))
def test_the_margin_increases(lam):
    assert inverse_margin_law(lam, digits=30) < inverse_margin_law(lam + (lam - HALF) / 10**6, digits=30)


@pytest.mark.parametrize(("lam", "reference"), KAPPA)
def test_reference_margins(lam, reference):
    assert round(float(inverse_margin_law(lam, digits=20)), 5) == float(reference)


@pytest.mark.parametrize(("lam", "reference"), ACCURACY)
def test_reference_accuracies(lam, reference):
    assert str(limit_accuracy(lam, digits=38)) == reference


@given(kappa=log_uniform(-12, 4))
@example(kappa=Fraction(0))
@example(kappa=Fraction(14))  # the left end of the integral moves from -kappa to -T near here
def test_the_law_is_the_second_moment_of_the_positive_part(kappa):
    """The second evaluator: quadrature of E (kappa + z)_+**2."""
    with working_precision(140):
        value, integral = excess_law_ball(ball(kappa)) + ball(HALF), margin_law_integral(ball(kappa))
        assert value.overlaps(integral)
        assert (value / integral).rel_accuracy_bits() > 100


# The series.


def test_the_first_coefficients():
    pi = sympy.pi
    expected = [1, -sympy.sqrt(2 * pi) / 4, pi / 4 - sympy.Rational(1, 6)]
    for n, value in enumerate(expected, start=1):
        assert sympy.simplify(series_coefficient_expression(n) - value) == 0


def test_the_series_solves_the_law_exactly():
    """Order by order in SymPy: law(series(e)) - e = O(e**7)."""
    e = sympy.Symbol("e")
    s = sympy.sqrt(sympy.pi / 2)
    kappa = sum(series_coefficient_expression(n) * e**n for n in range(1, 7))
    k = sympy.Symbol("k")
    law = (margin_law(k) - sympy.Rational(1, 2)) * s
    taylor = sum(sympy.diff(law, k, n).subs(k, 0) / sympy.factorial(n) * k**n for n in range(1, 7))
    composed = sympy.expand(sympy.expand(taylor.subs(k, kappa)))
    for n in range(1, 7):
        assert sympy.simplify(composed.coeff(e, n) - (1 if n == 1 else 0)) == 0


@pytest.mark.parametrize("delta", [Fraction(1, 100), Fraction(1, 20), Fraction(1, 5)])
def test_the_series_against_the_certified_inverse(delta):
    """Its coefficients in delta grow like 2**n (the nearest singularity is at lam = 0)."""
    exact = inverse_margin_law(HALF + delta, digits=60)
    for order in (1, 3, 6, 12, 25):
        error = abs(near_critical_margin(HALF + delta, order, digits=60) - exact)
        assert error < (2 * delta) ** (order + 1)
        assert error > (2 * delta) ** (order + 1) / 10**4


def test_reference_values_of_the_series():
    assert round(float(near_critical_margin("0.51", digits=20)), 10) == 0.0124359244
    assert round(float(inverse_margin_law("0.51", digits=20)), 10) == 0.0124359072
    points = np.array([0.5, 0.51, 0.6])
    assert near_critical_margin(points, 8) == pytest.approx(inverse_margin_law(points), abs=1e-7)
    d = sympy.Symbol("d", positive=True)
    value = near_critical_margin(HALF + d, 5).subs(d, sympy.Rational(1, 100)).evalf(30)
    assert abs(value - sympy.Float(str(near_critical_margin("0.51", 5, digits=30)), 30)) < sympy.Float("1e-28")


# Readings, domains.


def test_exact_values_and_expressions():
    assert margin_law(0, digits=10).exact == HALF
    assert inverse_margin_law(HALF, digits=10).exact == 0
    assert near_critical_margin("1/2", digits=10).exact == 0
    assert inverse_margin_law(0.5) == 0.0
    k = sympy.Symbol("k", positive=True)
    value = margin_law(k).subs(k, sympy.Rational(1, 3)).evalf(30)
    assert abs(value - sympy.Float(str(margin_law("1/3", digits=30)), 30)) < sympy.Float("1e-28")
    for call in (inverse_margin_law, limit_accuracy):
        with pytest.raises(UnsupportedExpression, match="margin_law"):
            call(sympy.Symbol("lam"))


@pytest.mark.parametrize("lam", ["0.49", Fraction(1, 3), 0, -1, "nan"])
def test_the_wrong_side_of_one_half(lam):
    with pytest.raises(DomainError, match="lam >= 1/2, where the points are separable"):
        inverse_margin_law(lam, digits=10)


@pytest.mark.parametrize("order", [0, 101, 2.5, True])
def test_bad_orders(order):
    with pytest.raises(DomainError, match="order"):
        near_critical_margin("0.6", order)


def test_negative_margins_are_refused():
    with pytest.raises(DomainError, match="kappa = -1"):
        margin_law(-1, digits=10)


def test_float64_against_certified():
    rng = np.random.default_rng(11)
    worst = 0.0
    for _ in range(250):
        lam = 0.5 + 10 ** rng.uniform(-15, 6)
        if lam == 0.5:
            continue
        exact = inverse_margin_law(Fraction(lam), digits=25)
        worst = max(worst, abs(float(exact / Fraction(float(gardner_float64.inverse_margin_law(lam))) - 1)))
    assert worst < 1e-15
    for kappa in (1e-9, 0.3, 2.0, 40.0):
        assert abs(float(margin_law(Fraction(kappa), digits=25) / Fraction(margin_law(kappa)) - 1)) < 5e-16
    assert inverse_margin_law(np.array([0.5, 1e300])) == pytest.approx([0.0, 1e150])


def test_the_accuracy_falls_from_one_over_a_million_points():
    accuracy = limit_accuracy(np.linspace(0.5, 2.0, 10**6))
    assert accuracy[0] == 1.0
    assert (np.diff(accuracy) <= 0).all()


# Limits.


def test_the_error_and_its_logarithm():
    assert limit_accuracy("0.3", digits=5).exact == 1
    assert limit_error("0.5", digits=5).exact == 0
    for lam, sigma in [("0.501", 1), ("0.7", "1/2"), ("3", 2)]:
        error, log = limit_error(lam, sigma, digits=30), log_limit_error(lam, sigma, digits=30)
        with working_precision(140):
            assert error.ball().log().overlaps(log.ball())
    with pytest.raises(DomainError, match="log_limit_error"):
        limit_error(HALF + Fraction(1, 10**6), digits=5)
    with pytest.raises(DomainError, match="lam > 1/2"):
        log_limit_error("0.4", digits=5)
    with pytest.raises(DomainError, match="lam > 1/2"):
        log_limit_error([0.4, 0.6])
    delta = Fraction(1, 10**9)
    leading = float(log_limit_error(HALF + delta, digits=20)) * math.pi * float(delta) ** 2
    assert leading == pytest.approx(-1.0, abs=1e-8)  # 1 - A = exp(-1/(pi delta**2) (1 + O(delta)))


def test_scaling_in_sigma():
    """The accuracy depends on sigma**2 kappa alone."""
    kappa = inverse_margin_law("0.8", digits=40)
    lam = Fraction(str(margin_law(Fraction(str(kappa)) * 4, digits=60)))
    gap = limit_accuracy(lam, digits=30) - limit_accuracy("0.8", 2, digits=30)
    assert abs(gap) < Fraction(1, 10**28)


def test_arrays():
    lam = np.array([0.3, 0.5, 0.6, 2.0])
    assert limit_accuracy(lam) == pytest.approx([1.0, 1.0, 1.0, float(limit_accuracy(2, digits=17))], rel=1e-15)
    assert limit_error(lam)[2] == pytest.approx(float(limit_error(Fraction(0.6), digits=17)), rel=1e-13)
    objects = limit_accuracy(["0.6", "1"], digits=38)
    assert [str(x) for x in objects] == [ACCURACY[1][1], ACCURACY[5][1]]
