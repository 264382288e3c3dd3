"""Population losses and accuracy: the certified series against quadrature, limits, float64."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy
from flint import arb
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grokmath.certified import Certified, working_precision
from grokmath.exact import ball
from grokmath.functions import logistic_normal as ln
from grokmath.functions import logistic_normal_float64 as float64
from grokmath.functions.logistic_normal_certified import logistic_normal_ball, normal_cdf_scaled
from grokmath.functions.logistic_normal_quadrature import logistic_normal_integral
from grokmath.functions.mills_certified import mills, mills_excess
from grokmath.parameters import DomainError

from .strategies import log_uniform

BITS = 128


def random_points(count: int, seed: int) -> list[tuple[Fraction, Fraction]]:
    """R and b over the whole domain of the quadrature, near the saddle's change of side more often."""
    rng = np.random.default_rng(seed)
    points = []
    for _ in range(count):
        R = Fraction(f"{10 ** rng.uniform(-3, 4):.6e}")
        b = Fraction(f"{rng.choice([-1, -1, 1]) * 10 ** rng.uniform(-2, 4):.6e}")
        if rng.random() < 0.4:
            b = -R * R * Fraction(f"{rng.uniform(0.2, 5):.6f}")
        points.append((R, b))
    return points


@settings(max_examples=40)
@given(R=log_uniform(-3, 5), b=st.tuples(log_uniform(-3, 5), st.sampled_from([-1, 1])).map(lambda p: p[0] * p[1]))
@example(R=Fraction(1), b=Fraction(0))
@example(R=Fraction(2), b=Fraction(-4))  # |b|/R = R: the dominant exponential changes
@example(R=Fraction(2), b=Fraction(-4) + Fraction(1, 10**40))
@example(R=Fraction(2), b=Fraction(-4) - Fraction(1, 10**40))
@example(R=Fraction(10**6), b=Fraction(-1))
def test_the_series_agrees_with_quadrature(R, b):
    with working_precision(BITS):
        series, integral = logistic_normal_ball(ball(R), ball(b)), logistic_normal_integral(ball(R), ball(b))
        left, right = series.log(), integral.log()
        assert left.overlaps(right)
        value = series.factor / integral.factor * (series.log_scale - integral.log_scale).exp()
        assert abs(value - 1) < arb(10) ** -25


@pytest.mark.parametrize("terms", [0.25, 0.5, 0.75])
def test_too_few_terms_give_wide_balls_and_never_wrong_ones(terms):
    """Against quadrature; and the balls are as narrow as the error of that many terms allows."""
    bits = 80
    for R, b in random_points(70, seed=round(100 * terms)):
        with working_precision(bits):
            short = logistic_normal_ball(ball(R), ball(b), terms=terms).log()
            assert short.overlaps(logistic_normal_integral(ball(R), ball(b)).log())
            rounding = abs(short) * arb(2) ** (10 - bits)  # of the exponent
            assert short.rad() < arb(2) ** (10 - round(bits * terms)) + rounding


def test_every_branch_of_the_series_is_reached():
    """R**2 < |b| and above, k R below and above |b|/R, Mills' ratio by erfc and by its expansion, b of either sign."""
    for R, b in [(1, -9), (9, -9), (10**9, -3), (3, 5)]:
        value = ln.log_population_loss(R, b, digits=60)
        coarse = ln.log_population_loss(R, b, digits=20)
        assert value.digits == 60
        assert value.ball().overlaps(coarse.ball())


def test_mills_ratio_across_its_methods():
    with working_precision(120):
        for x in map(Fraction, (0, "1/7", 30, 1023, 1025, 10**9, 10**300)):
            value, excess = mills(ball(x)), mills_excess(ball(x))
            assert value.rel_accuracy_bits() > 100
            assert excess.rel_accuracy_bits() > 100
            with working_precision(2400):
                exact = 1 - ball(x) * mills(ball(x))
                assert excess.overlaps(exact)
        for x in (Fraction(1, 3), Fraction(5), Fraction(2000)):  # an interval's image contains its points' images
            wide = ball(x) + arb(0, "0.1")
            for y in (x - Fraction(1, 11), x, x + Fraction(1, 11)):
                assert mills(wide).overlaps(mills(ball(y)))
                assert mills_excess(wide).contains(mills_excess(ball(y)))


REQUIRED = [  # |b| at which the cross-entropy loss and the error equal eps, from an independent solution
    (2, "0.01", "6.491", "4.653"),
    (5, "0.01", "13.462", "11.632"),
    (5, "1e-6", "25.860", "23.767"),
    (10, "0.01", "27.682", "23.263"),
    (10, "1e-6", "49.715", "47.534"),
    (20, "0.01", "58.729", "46.527"),
    (20, "1e-6", "100.685", "95.068"),
    (40, "0.01", "124.875", "93.054"),
    (40, "1e-6", "205.821", "190.137"),
]


@pytest.mark.parametrize(("R", "eps", "loss_bias", "error_bias"), REQUIRED)
def test_reference_biases(R, eps, loss_bias, error_bias):
    half = Fraction(1, 2000)  # half a unit of the last digit printed
    for function, bias in ((ln.population_loss, loss_bias), (ln.population_error, error_bias)):
        level = Fraction(eps)
        assert function(R, -Fraction(bias) - half, digits=10) < level < function(R, -Fraction(bias) + half, digits=10)


def test_values_far_beyond_doubles():
    value = ln.population_loss(3, -3000, digits=30)
    assert float(ln.log_population_loss(3, -3000)) == pytest.approx(-3000 + 4.5, rel=1e-15)
    assert value.to_decimal().adjusted() == -1301
    assert abs(ln.log_population_loss(3, -3000, digits=40) - Fraction(-2995.5)) < Fraction(1, 10**30)
    with pytest.raises(DomainError, match="log_population_loss"):
        ln.population_loss(1, -(10**11), digits=10)
    assert ln.log_population_loss(1, -(10**400), digits=410).digits == 410
    large = ln.population_loss(10**300, 1, digits=20)  # R phi(0)
    assert abs(large / 10**300 * Fraction(math.sqrt(2 * math.pi)) - 1) < Fraction(1, 10**15)


def test_the_loss_near_one_keeps_the_digits_of_its_logarithm():
    """The loss is 1 at some b near 0.48 for R = 1: its logarithm vanishes there."""
    low, high = Fraction(0), Fraction(1)
    for _ in range(60):
        middle = (low + high) / 2
        if ln.population_loss(1, middle, digits=30) < 1:
            low = middle
        else:
            high = middle
    value = ln.log_population_loss(1, low, digits=20)
    assert value.digits == 20
    assert -Fraction(1, 10**17) < value < 0


def test_the_logarithm_of_an_error_near_one_is_minus_the_accuracy():
    for R, b in ((1, 20), (3, 10**5), (Fraction(1, 8), 4)):
        log = ln.log_population_error(R, b, digits=20)
        with working_precision(200):
            small = normal_cdf_scaled(-ball(Fraction(b)) / ball(Fraction(R)))
            if small.log_scale > -(2**40):
                assert log.ball().overlaps((-small.value()).log1p())
        assert ln.log_population_error(float(R), float(b)) == pytest.approx(float(log), rel=1e-14, abs=1e-300)
    with pytest.raises(DomainError, match=r"log_population_error\(R, -b\)"):
        ln.log_population_error(1, 10**10, digits=10)


def test_reflection_and_limits():
    for R, b in [(Fraction(1, 3), Fraction(2)), (Fraction(7), Fraction(11)), (Fraction(50), Fraction(3))]:
        difference = ln.population_loss(R, b, digits=40) - ln.population_loss(R, -b, digits=40)
        assert abs(difference - b) < Fraction(1, 10**35)  # log(1 + e^x) - log(1 + e^-x) = x
    nearly = ln.population_loss(Fraction(1, 10**40), 0, digits=30)
    assert ln.population_loss(0, 0, digits=30).ball().overlaps(nearly.ball())
    assert ln.population_loss(0, -5) == pytest.approx(math.log1p(math.exp(-5)), rel=4e-16)
    assert ln.population_accuracy(0, -5, digits=5).exact == 1
    assert ln.population_error(0, 0, digits=5).exact == Fraction(1, 2)
    assert ln.population_error(0, -1) == 0.0
    with pytest.raises(DomainError, match="logarithm"):
        ln.log_population_error(0, -1, digits=5)


def test_the_derivative_by_b_is_the_mean_sigmoid():
    """Against mpmath: L(b + h) - L(b) lies between h times the mean sigmoid at both ends (it increases with b)."""
    mp = mpmath.MPContext()
    mp.dps = 30
    R, b, h = 2, Fraction(-3), Fraction(1, 10**6)
    slope = (ln.population_loss(R, b + h, digits=40) - ln.population_loss(R, b, digits=40)) / h

    def mean_sigmoid(x: Fraction) -> mpmath.mpf:
        return mp.quad(lambda z: mp.npdf(z) / (1 + mp.exp(-R * z - mp.mpf(x.numerator) / x.denominator)), [-15, 0, 15])

    assert mean_sigmoid(b) < mp.mpf(str(slope)) < mean_sigmoid(b + h)


def test_float64_against_certified():
    worst = {"loss": 0.0, "tail": 0.0, "exponential": 0.0}
    rng = np.random.default_rng(5)
    for _ in range(300):
        R = 10 ** rng.uniform(-6, 5)
        b = -R * 10 ** rng.uniform(-2, 1.5) if rng.random() < 0.5 else rng.choice([-1, 1]) * 10 ** rng.uniform(-4, 2.8)
        with working_precision(200):
            exact_R, exact_b = ball(Fraction(R)), ball(Fraction(b))
            pairs = {
                "loss": (float64.loss(R, b), logistic_normal_ball(exact_R, exact_b)),
                "tail": (float64.tail(R, b), normal_cdf_scaled(exact_b / exact_R)),
            }
            for name, (value, scaled) in pairs.items():
                if float(scaled.log()) > -690:
                    worst[name] = max(worst[name], abs(float(ball(Fraction(float(value))) / scaled.value() - 1)))
            exponent = exact_b + exact_R**2 / 2
            if abs(exponent) < 690:
                ratio = ball(Fraction(ln.population_exponential_loss(R, b))) / exponent.exp()
                worst["exponential"] = max(worst["exponential"], abs(float(ratio - 1)))
    assert worst["loss"] < 5e-15
    assert worst["tail"] < 2e-15
    assert worst["exponential"] < 1e-15


def test_float64_shapes_and_extremes():
    R = np.array([[0.0], [1.0]])
    b = np.array([-800.0, 0.0, 3.0])
    assert ln.population_loss(R, b).shape == (2, 3)
    assert isinstance(ln.population_loss(1.0, 2.0), float)
    assert ln.log_population_loss(1e-200, -1e200) == -1e200
    assert ln.population_loss(1e300, 0.0) == pytest.approx(1e300 / math.sqrt(2 * math.pi), rel=1e-15)
    assert ln.log_population_loss(0.0, -800.0) == -800.0
    assert ln.population_accuracy(2.0, -3.0) == pytest.approx(0.9331927987311419, rel=1e-15)
    assert ln.log_population_error(1.0, -1e10) == pytest.approx(-5e19, rel=1e-15)


def test_symbolic_readings():
    R, b = sympy.symbols("R b", real=True)
    assert ln.population_exponential_loss(R, b) == sympy.exp(b + R**2 / 2)
    assert ln.log_population_exponential_loss(R, 1) == R**2 / 2 + 1
    accuracy = ln.population_accuracy(R, b).subs({R: 2, b: -3})
    certified = sympy.Float(str(ln.population_accuracy(2, -3, digits=30)), 30)
    assert abs(accuracy.evalf(30) - certified) < sympy.Float("1e-28")
    integral = ln.population_loss(R, -2)
    assert integral.free_symbols == {R}
    numeric = integral.subs(R, 1).evalf(20)
    assert abs(numeric - sympy.Float(str(ln.population_loss(1, -2, digits=20)), 20)) < sympy.Float("1e-18")
    with pytest.raises(DomainError):
        ln.population_loss(R, b, digits=10)


@pytest.mark.parametrize("R", [-1, "-1e-9", math.nan, math.inf, "x"])
def test_bad_input(R):
    with pytest.raises(DomainError, match=r"population_loss: R = "):
        ln.population_loss(R, 0, digits=10)


def test_exact_exponents():
    assert ln.log_population_exponential_loss("1/2", "-1", digits=5).exact == Fraction(-7, 8)
    assert ln.population_exponential_loss(2, -2, digits=5).exact == 1
    assert isinstance(ln.population_exponential_loss(2, -3, digits=5), Certified)


@pytest.mark.parametrize("R", [5e-324, 1e-308, 1e-300, 1e-160])
def test_a_tiny_width_gives_the_limits_and_no_nan(R):
    assert [ln.population_accuracy(R, b) for b in (-1.0, 0.0, 1.0)] == [1.0, 0.5, 0.0]
    assert [ln.population_error(R, b) for b in (-1.0, 0.0, 1.0)] == [0.0, 0.5, 1.0]
    assert ln.log_population_error(R, -1.0) == -math.inf
    assert ln.population_accuracy([R, 1.0], [-1.0, 0.0]).tolist() == [1.0, 0.5]
