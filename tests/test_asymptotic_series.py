"""The late-time series of the losses: coefficients, readings, and the proved bounds of their remainders."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy
from flint import arb
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import grokmath as gm
from grokmath import DomainError, LinearTeacherStudent
from grokmath.exact import ball, working_precision
from grokmath.functions.laplace_certified import excess_ball, train_ball
from grokmath.functions.laplace_quadrature import excess_angle_ball, train_angle_ball
from grokmath.regression.asymptotic_series import (
    gen_loss_series,
    gen_remainder_bounds,
    gen_series_coefficient,
    train_loss_series,
    train_remainder_bounds,
    train_series_coefficient,
)
from grokmath.regression.asymptotic_series_certified import (
    gen_bounds_ball,
    gen_series_ball,
    scaled_integrals,
    train_bounds_ball,
    train_series_ball,
    uniform_bounds_ball,
    uniform_series_ball,
)
from grokmath.regression.asymptotic_series_float64 import scaled_integral

from .strategies import aspect_ratios, log_uniform

lam_symbol, s_symbol = sympy.symbols("lam s", positive=True)
ONE = Fraction(1)


def test_the_first_coefficients_are_the_known_ones():
    R = sympy.Rational
    root, a = sympy.sqrt(lam_symbol), (1 - sympy.sqrt(lam_symbol)) ** 2
    train = [1, -R(3, 16) / root, -R(15, 512) / root**2, -R(105, 8192) / root**3, -R(4725, 524288) / root**4]
    gen = [
        1,
        -R(3, 2) / a - R(3, 16) / root,
        R(15, 4) / a**2 + R(15, 32) / (a * root) - R(15, 512) / root**2,
        -R(105, 8) / a**3 - R(105, 64) / (a**2 * root) + R(105, 1024) / (a * root**2) - R(105, 8192) / root**3,
    ]
    for k, value in enumerate(train):
        assert sympy.simplify(train_series_coefficient(k, lam_symbol) - value) == 0
    for k, value in enumerate(gen):
        assert sympy.simplify(gen_series_coefficient(k, lam_symbol) - value) == 0


@given(k=st.integers(1, 40))
def test_the_coefficients_are_those_of_hankel_s_expansion_of_the_bessel_function(k):
    """b_k (2 sqrt lam)^k = (-1)^k prod_j (4 - (2j - 1)^2)/(k! 8^k)."""
    product = math.prod(4 - (2 * j - 1) ** 2 for j in range(1, k + 1))
    hankel = sympy.Rational((-1) ** k * product, math.factorial(k) * 8**k)
    assert train_series_coefficient(k, 1) * 2**k == hankel


@given(k=st.integers(1, 30), lam=st.sampled_from(["1/4", "9", "9/16"]))
def test_the_recurrence_between_the_two_series(k, lam):
    """d/ds of the series of L_gen is minus the series of L_tr: g_k = b_k - ((k + 1/2)/a) g_(k-1)."""
    a = (1 - sympy.sqrt(sympy.Rational(lam))) ** 2
    right = train_series_coefficient(k, lam) - (k + sympy.Rational(1, 2)) / a * gen_series_coefficient(k - 1, lam)
    assert gen_series_coefficient(k, lam) == right


def test_at_an_exact_algebraic_ratio_the_coefficients_are_exact():
    found = gen_series_coefficient(1, sympy.sqrt(2))
    a = (1 - sympy.sqrt(sympy.sqrt(2))) ** 2
    assert (
        abs(sympy.N(found - (-sympy.Rational(3, 2) / a - sympy.Rational(3, 16) / 2 ** sympy.Rational(1, 4)), 40))
        < 1e-35
    )


TRUNCATION = [  # relative errors after 0, 1, 2, 3 corrections
    ("train", "0.5", 10**4, "2.65e-5 5.9e-10 3.6e-14 3.6e-18"),
    ("gen", "0.5", 10**4, "1.77e-3 -5.2e-6 2.1e-8 -1.1e-10"),
    ("train", "0.9", 2 * 10**5, "9.9e-7 8.1e-13 1.9e-18 7e-24"),
    ("gen", "0.9", 2 * 10**5, "2.8e-3 -1.35e-5 8.9e-8 -7.6e-10"),
]


@pytest.mark.parametrize(("kind", "lam", "s", "printed"), TRUNCATION)
def test_truncation_errors_at_reference_points(kind, lam, s, printed):
    series, loss = (train_series_ball, train_ball) if kind == "train" else (gen_series_ball, excess_ball)
    with working_precision(400):
        for order, text in enumerate(printed.split()):
            error = float(series(arb(s), Fraction(lam), order).factor / loss(arb(s), Fraction(lam)).factor - 1)
            mantissa, _, exponent = text.partition("e")
            places = len(mantissa.partition(".")[2])
            assert abs(error - float(text)) <= 0.5000001 * 10.0 ** (int(exponent) - places)


# The remainder bounds.

KINDS = {
    "train": (train_bounds_ball, train_series_ball, train_ball, train_angle_ball),
    "uniform": (uniform_bounds_ball, uniform_series_ball, excess_ball, excess_angle_ball),
    "gen": (gen_bounds_ball, gen_series_ball, excess_ball, excess_angle_ball),
}


@settings(max_examples=150)
@given(
    kind=st.sampled_from(sorted(KINDS)),
    lam=aspect_ratios,
    x=log_uniform(-3, 6),
    order=st.integers(0, 30),
    angle=st.booleans(),
)
@example(kind="uniform", lam=ONE, x=Fraction(20), order=3, angle=True)
@example(kind="train", lam=ONE, x=Fraction(20), order=3, angle=True)
@example(kind="uniform", lam=1 + Fraction(1, 10**100), x=Fraction(50), order=2, angle=False)
@example(kind="gen", lam=1 - Fraction(1, 10**30), x=Fraction(50), order=2, angle=False)
@example(kind="uniform", lam=Fraction(10**6), x=Fraction(10**5), order=5, angle=False)
@example(kind="gen", lam=Fraction(1, 10**6), x=Fraction(1, 1000), order=10, angle=False)
def test_the_true_remainder_lies_within_the_bounds(kind, lam, x, order, angle):
    """At every lam and s, early times included; the loss comes from the kernel or from quadrature."""
    assume(not (kind == "gen" and lam == 1))
    angle = angle and x <= 10**4 and order <= 6
    bounds, series, kernel, quadrature = KINDS[kind]
    n = order + 1
    with working_precision(int(200 + n * (8 + max(0.0, math.log2(x))))):
        s = x_to_s(x, lam)
        found = bounds(s, lam, order)
        leading = series(s, lam, 0).factor
        remainder = ((quadrature if angle else kernel)(s, lam).factor - series(s, lam, order).factor) / leading
        assert found.lower < remainder < found.upper


def x_to_s(x: Fraction, lam: Fraction) -> arb:
    """A point s with 2 sqrt(lam) s near x."""
    return (ball(x) / (2 * ball(lam).sqrt())).mid()


def ratio(kind: str, lam: Fraction, x: Fraction, order: int) -> tuple[float, float]:
    """Bound over true remainder: the outer and the inner one."""
    bounds, series, kernel, _ = KINDS[kind]
    with working_precision(1000):
        s = x_to_s(x, lam)
        found = bounds(s, lam, order)
        remainder = (kernel(s, lam).factor - series(s, lam, order).factor) / series(s, lam, 0).factor
        size = abs(remainder)
        ends = abs(found.lower), abs(found.upper)
        return float(max(ends, key=float) / size), float(min(ends, key=float) / size)


@given(
    kind=st.sampled_from(["train", "uniform"]), lam=aspect_ratios, excess=log_uniform(0.5, 6), order=st.integers(0, 8)
)
@example(kind="uniform", lam=ONE, excess=Fraction(4), order=8)
def test_the_bounds_are_not_vacuous_where_the_series_is_useful(kind, lam, excess, order):
    """For x > n + 3 the outer bound is within a factor of 4.5 of the truth, the inner one within a factor of 2."""
    outer, inner = ratio(kind, lam, order + 4 + excess, order)
    assert 1 < outer < 4.5
    assert 0.5 < inner < 1


@given(lam=aspect_ratios, z=log_uniform(0.3, 6), order=st.integers(0, 3))
def test_the_bound_of_the_plain_series_is_not_vacuous_at_late_times(lam, z, order):
    """For a s > 2 and x > n + 3, within a factor of 10, but where the leading two parts of the remainder cancel."""
    assume(lam != 1)
    edge = (1 - math.sqrt(lam)) ** 2
    x = Fraction(z) * Fraction(2 * math.sqrt(lam) / edge)
    n = order + 1
    assume(n + 3 < x < 10**12)
    outer, _ = ratio("gen", lam, x, order)
    g = float(gen_bound_without_cancellation(lam, n))
    assert 1 < outer < 10 / g


def gen_bound_without_cancellation(lam: Fraction, n: int) -> float:
    """|g_n| over the sum of the moduli of its terms."""
    from grokmath.regression.asymptotic_coefficients import gen_polynomial

    r = (1 - math.sqrt(lam)) ** 2 / math.sqrt(lam)
    terms = [float(c) * r**j for j, c in enumerate(gen_polynomial(n))]
    return abs(sum(terms)) / sum(abs(t) for t in terms)


@given(lam=aspect_ratios, x=log_uniform(0.5, 4), order=st.integers(0, 6), uniform=st.booleans())
def test_the_float_bounds_contain_the_certified_ones(lam, x, order, uniform):
    assume(uniform or lam != 1)
    s = Fraction(f"{float(x) / (2 * math.sqrt(lam)):.6e}")
    found = gen_remainder_bounds(order, lam, s, uniform=uniform)
    certified = gen_remainder_bounds(order, lam, s, uniform=uniform, digits=30)
    width = abs(found.lower) + abs(found.upper)
    assert Fraction(found.lower) <= certified.lower <= Fraction(found.lower) + Fraction(width) / 10**14
    assert Fraction(found.upper) - Fraction(width) / 10**14 <= certified.upper <= Fraction(found.upper)


# The exponential integrals.


@given(z=log_uniform(-12, 9), k=st.integers(0, 12), terms=st.sampled_from([0.25, 0.5, 0.75, 1.0]))
@example(z=Fraction(0), k=3, terms=1.0)
def test_exponential_integrals(z, k, terms):
    """Against an independent evaluator, with fewer terms too."""
    with working_precision(160):
        found = scaled_integrals(lambda: ball(z), k + 1, terms)[k]
        if z == 0:
            assert found.overlaps(ball(Fraction(2, 2 * k + 1)))
            return
        context = mpmath.MPContext()
        context.prec = 300
        point = context.mpf(z.numerator) / z.denominator
        # U(1, 2 - p, z) = e^z E_p(z), DLMF 8.19.1 and 13.6.6
        truth = context.hyperu(1, context.mpf(1) / 2 - k, point)
        man, exp = int(truth.man), int(truth.exp)
        assert abs(found.mid() - arb(man) * arb(2) ** exp) < abs(found.rad()) + found * arb(2) ** -150
        if terms == 1.0:
            assert found.rel_accuracy_bits() > 150


@given(z=log_uniform(-12, 6), k=st.integers(0, 8))
def test_exponential_integrals_in_float64(z, k):
    with working_precision(160):
        truth = float(scaled_integrals(lambda: ball(Fraction(float(z))), k + 1)[k])
    assert math.isclose(float(scaled_integral(float(z), k)), truth, rel_tol=3e-15)


# The three readings.


@given(
    lam=aspect_ratios, x=log_uniform(1.4, 8), order=st.integers(0, 6), kind=st.sampled_from(["train", "gen", "uniform"])
)
@example(lam=Fraction(2, 5), x=Fraction(10**6), order=2, kind="uniform")
def test_float64_against_certified(lam, x, order, kind):
    """2e-15 of the largest term, above the plateau if there is one, wherever the value is a normal double."""
    assume(not (kind == "gen" and lam == 1))
    s = float(x) / (2 * math.sqrt(lam))
    series = {"train": train_loss_series, "gen": gen_loss_series, "uniform": gen_loss_series}[kind]
    options = {"uniform": True} if kind == "uniform" else {}
    rate = float((1 - lam) ** 2) / (1 + math.sqrt(lam)) ** 2 * s
    assume(rate < 650 or (lam > 1 and kind != "train"))
    if kind == "gen":
        assume(rate > 2 * order + 3)  # where the terms fall
    truth = series(order, lam, Fraction(s), digits=25, **options)
    found = series(order, lam, s, **options)
    assert math.isclose(found, float(truth), rel_tol=2e-15)
    array = series(order, lam, np.array([[s, 2 * s]]), **options)
    assert array.shape == (1, 2)
    assert array[0, 0] == found


@pytest.mark.parametrize("lam", ["1/2", "1", "5/2"])
@pytest.mark.parametrize("kind", ["train", "gen", "uniform"])
def test_the_expressions_evaluate_to_the_certified_values(lam, kind):
    if lam == "1" and kind == "gen":
        with pytest.raises(DomainError, match="uniform=True"):
            gen_loss_series(2, 1, 10)
        return
    series = train_loss_series if kind == "train" else gen_loss_series
    options = {"uniform": True} if kind == "uniform" else {}
    expression = series(2, lam, s_symbol, **options)
    number = series(2, lam, 30, digits=25, **options)
    assert abs(sympy.N(expression.subs(s_symbol, 30), 40) / sympy.Float(str(number), 40) - 1) < 1e-23
    both = series(2, lam_symbol, s_symbol, **options)
    if kind != "uniform" or lam != "1":
        value = sympy.N(both.subs({lam_symbol: sympy.Rational(lam), s_symbol: 30}), 40)
        assert abs(value / sympy.Float(str(number), 40) - 1) < 1e-23


@pytest.mark.parametrize("kind", ["train", "gen", "uniform"])
def test_the_expressions_of_the_bounds(kind):
    bounds = train_remainder_bounds if kind == "train" else gen_remainder_bounds
    options = {"uniform": True} if kind == "uniform" else {}
    expression = bounds(2, "5/2", s_symbol, **options)
    number = bounds(2, "5/2", 30, digits=25, **options)
    for side in ("lower", "upper"):
        value = sympy.N(getattr(expression, side).subs(s_symbol, 30), 40)
        assert abs(value / sympy.Float(str(getattr(number, side)), 40) - 1) < 1e-23


def test_the_loss_is_the_series_plus_the_leading_term_times_the_remainder():
    model = LinearTeacherStudent("2.5", eta="1/4")
    bounds = gen_remainder_bounds(3, "2.5", 40, uniform=True, digits=30)
    series = gen_loss_series(3, "2.5", 40, uniform=True, digits=40)
    leading = gen_loss_series(0, "2.5", 40, uniform=True, digits=40) - Fraction(3, 5)
    loss = model.gen_loss(40, digits=40)
    assert series + leading * bounds.lower < loss < series + leading * bounds.upper


def test_the_train_series_above_lam_one_is_the_dual_one():
    """L_tr is a function of lam s and 1/lam alone."""
    direct = train_loss_series(4, "5/2", 20, digits=30)
    dual = train_loss_series(4, "2/5", 50, digits=30)
    assert direct.ball().overlaps(dual.ball())
    direct = gen_loss_series(4, "5/2", 20, uniform=True, digits=30) - Fraction(3, 5)
    dual = gen_loss_series(4, "2/5", 50, uniform=True, digits=30) * Fraction(2, 5)
    assert direct.ball().overlaps(dual.ball())


BAD = [
    (lambda: train_loss_series(-1, "1/2", 10), "order"),
    (lambda: train_loss_series(201, "1/2", 10), "order"),
    (lambda: train_loss_series(1.5, "1/2", 10), "order"),
    (lambda: train_loss_series(True, "1/2", 10), "order"),
    (lambda: train_loss_series(1, 0, 10), "lam"),
    (lambda: train_loss_series(1, "nan", 10), "lam"),
    (lambda: train_loss_series(1, "1/2", 0), "s"),
    (lambda: train_loss_series(1, "1/2", -1.0), "s"),
    (lambda: train_loss_series(1, "1/2", "0", digits=5), "s"),
    (lambda: gen_loss_series(1, 1, 10), "lam"),
    (lambda: gen_loss_series(1, "1.0", 10, digits=5), "lam"),
    (lambda: gen_remainder_bounds(1, 1, 10), "lam"),
    (lambda: gen_remainder_bounds(1, "1/2", 0), "s"),
    (lambda: gen_remainder_bounds(1, "1/2", s_symbol, digits=5), "s"),
    (lambda: train_remainder_bounds(1, "1/2", 10, digits=0), "digits"),
    (lambda: train_loss_series(1, lam_symbol, 10, digits=5), "lam"),
    (lambda: gen_series_coefficient(2, 1), "lam"),
    (lambda: train_series_coefficient(-2, 1), "order"),
]


@pytest.mark.parametrize(("call", "argument"), BAD)
def test_bad_input_is_refused_in_one_sentence_that_names_it(call, argument):
    with pytest.raises(DomainError, match=rf": {argument} = .*needed:"):
        call()


def test_a_value_too_small_for_a_decimal_is_refused():
    with pytest.raises(gm.DomainError):
        train_loss_series(1, "1/2", "1e20", digits=5)
    assert train_loss_series(1, "1/2", 1e20) == 0.0


def test_series_next_to_s_0_are_infinite_and_never_nan():
    """Without warnings, which the tests take for errors."""
    for order in (0, 1, 2, 5):
        values = np.array([train_loss_series(order, "0.4", 5e-324), train_loss_series(order, 5e-324, 100.0)])
        more = [gen_loss_series(order, "0.4", 5e-324, uniform=uniform) for uniform in (False, True)]
        assert not np.isnan([*values, *more]).any()
    assert train_loss_series(3, "0.4", np.array([100.0, 5e-324]))[0] == train_loss_series(3, "0.4", 100.0)
