"""Differential and algebraic identities of Owen's T and of the bivariate normal law, over the whole domain.

The heavier sweep: python -m pytest tests/test_bivariate_normal_identities.py -m slow
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from flint import arb
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grokmath.certified import Scaled, ball, working_precision
from grokmath.functions.bivariate_normal import bivariate_normal_cdf, log_bivariate_normal_cdf, log_owens_t, owens_t
from grokmath.functions.bivariate_normal_certified import (
    corner_ball,
    log_of_complement,
    normal_cdf_scaled,
    owens_t_ball,
    signed_sum,
    upper_orthant_ball,
    upper_orthant_method,
)
from grokmath.functions.bivariate_normal_quadrature import upper_orthant_integral

from .strategies import correlations, log_uniform, signed

DATA = Path(__file__).parent / "data"
BITS = 200
STEP_BITS = 300


def orthant(h: Fraction, k: Fraction, rho: Fraction, terms: float = 1.0) -> Scaled:
    """P(X > h, Y > k) at the working precision."""
    return upper_orthant_ball(ball(h), ball(k), ball(rho), ball((1 - rho) * (1 + rho)).sqrt(), terms=terms)


def slope(f: Callable[[arb], Scaled], x: arb) -> Scaled:
    """(f(x (1 + e)) - f(x))/(x e) for e = 2**-STEP_BITS: the derivative up to a relative error of about e."""
    e = arb(2) ** -STEP_BITS
    with working_precision(3 * STEP_BITS):
        top, bottom = f(x * (1 + e)), f(x)
        change = signed_sum([(1, top), (-1, bottom)])
        return Scaled(change.log_scale, change.factor / (x * e))


def agree(x: Scaled, y: Scaled, bits: int) -> bool:
    """Whether two values are equal to a relative 2**-bits, their balls included."""
    with working_precision(3 * STEP_BITS):
        return bool(abs((x.log_scale - y.log_scale).exp() * x.factor / y.factor - 1) < arb(2) ** -bits)


# Derivatives: they see every branch, and a term left out of any


@given(signed(-3, 2), signed(-3, 2))
@example(Fraction(1), Fraction(1))
@example(Fraction(30), Fraction(1, 2))
@example(Fraction(1, 100), Fraction(50))
@example(Fraction(12), Fraction(3))
def test_the_derivatives_of_t(h, a):
    """dT/da = e^(-h^2 (1 + a^2)/2)/(2 pi (1 + a^2)), dT/dh = -phi(h) erf(a h/sqrt 2)/2."""
    with working_precision(3 * STEP_BITS):
        H, A = ball(h).mid(), ball(a).mid()
        by_a = Scaled(-H * H * (1 + A * A) / 2, 1 / (2 * arb.pi() * (1 + A * A)))
        by_h = Scaled(-H * H / 2, -((A * H / arb(2).sqrt()).erf()) / 2 / (2 * arb.pi()).sqrt())
    if h * h * a * a < 60:  # beyond, the change is below the digits of T
        assert agree(slope(lambda x: owens_t_ball(H, x), A), by_a, 60)
    assert agree(slope(lambda x: owens_t_ball(x, A), H), by_h, 60)


@given(signed(-2, 1), signed(-2, 1), correlations(-6))
@settings(max_examples=100)
@example(Fraction(2), Fraction(-1), Fraction(-1, 2))
@example(Fraction(-2), Fraction(-1), Fraction(-999, 1000))
@example(Fraction(2, 3), Fraction(2, 21), Fraction(1, 7))  # k = rho h
@example(Fraction(7), Fraction(7), Fraction(999999, 1000000))
def test_the_derivatives_of_the_quadrant(h, k, rho):
    """By rho the density of the pair at (h, k) (Plackett); by h -phi(h) Q((k - rho h)/c)."""
    with working_precision(3 * STEP_BITS):
        H, K, r = ball(h).mid(), ball(k).mid(), ball(rho).mid()
        c = ((1 - r) * (1 + r)).sqrt()
        exponent = (H * H - 2 * r * H * K + K * K) / (2 * c * c)
        density = Scaled(-exponent, 1 / (2 * arb.pi() * c))
        tail = normal_cdf_scaled((r * H - K) / c)
        by_h = Scaled(-H * H / 2 + tail.log_scale, -tail.factor / (2 * arb.pi()).sqrt())
        P = upper_orthant_ball(H, K, r, c).log()
    if rho and -exponent > P - 60:
        found = slope(lambda x: upper_orthant_ball(H, K, x, ((1 - x) * (1 + x)).sqrt()), r)
        assert agree(found, density, 60)
    if by_h.log() > P - 60 if by_h.factor > 0 else (by_h.log_scale + (-by_h.factor).log()) > P - 60:
        assert agree(slope(lambda x: upper_orthant_ball(x, K, r, c), H), by_h, 60)


# Algebraic identities


@given(signed(-3, 1), signed(-3, 1), correlations(-12))
@example(Fraction(1), Fraction(-1), Fraction(-1, 2))
@example(Fraction(3), Fraction(3), Fraction(9, 10))
def test_owens_reduction_of_the_bivariate_law(h, k, rho):
    """Phi(h) + Phi(k) - 2 Phi_2(h, k) = 2 T(h, (k - rho h)/(h c)) + 2 T(k, (h - rho k)/(k c)) + [h k < 0]."""
    with working_precision(BITS + 150):
        H, K, r = ball(h), ball(k), ball(rho)
        c = ball((1 - rho) * (1 + rho)).sqrt()
        left = (
            normal_cdf_scaled(H).value() + normal_cdf_scaled(K).value() - 2 * upper_orthant_ball(-H, -K, r, c).value()
        )
        right = 2 * owens_t_ball(H, (K - r * H) / (H * c)).value()
        right += 2 * owens_t_ball(K, (H - r * K) / (K * c)).value() + (h * k < 0)
        assert abs(left - right) < arb(2) ** -BITS


@given(signed(-3, 2), correlations())
def test_equal_arguments_and_an_argument_zero(h, rho):
    """Phi_2(h, h) = Phi(h) - 2 T(h, sqrt((1-rho)/(1+rho))); Phi_2(h, 0) = Phi(h)/2 + T(h, rho/sqrt(1-rho^2))."""
    with working_precision(BITS + 150):
        H, r = ball(h), ball(rho)
        c = ball((1 - rho) * (1 + rho)).sqrt()
        normal = normal_cdf_scaled(H).value()
        equal = normal - 2 * owens_t_ball(H, (ball(1 - rho) / ball(1 + rho)).sqrt()).value()
        zero = normal / 2 + owens_t_ball(H, r / c).value()
        assert abs(upper_orthant_ball(-H, -H, r, c).value() - equal) < arb(2) ** -BITS
        assert abs(upper_orthant_ball(-H, arb(0), r, c).value() - zero) < arb(2) ** -BITS


@given(log_uniform(-8, 8))
def test_the_values_at_h_zero_at_a_one_and_at_the_origin(x):
    with working_precision(BITS):
        assert owens_t(0, x, digits=50).ball().overlaps(ball(x).atan() / (2 * arb.pi()))
        Q = normal_cdf_scaled(-ball(x))
        one = Scaled(Q.log_scale, Q.factor * (1 - Q.value()) / 2)
        assert agree(owens_t_ball(ball(x), arb(1)), one, 160)
        rho = x / (1 + x) * (-1) ** x.numerator
        assert bivariate_normal_cdf(0, 0, rho, digits=50).ball().overlaps(arb(0.25) + ball(rho).asin() / (2 * arb.pi()))


@pytest.mark.parametrize("row", list(csv.DictReader(
    line for line in (DATA / "bivariate_normal_genz.csv").read_text().splitlines() if not line.startswith("#")
)), ids=lambda row: ",".join(list(row.values())[:3]))  # fmt: skip
def test_values_of_genz(row):
    h, k, rho, published = (row[name] for name in ("h", "k", "rho", "probability"))
    value = float(bivariate_normal_cdf(-Fraction(h), -Fraction(k), rho, digits=20))
    assert abs(value - float(published)) < 1e-16
    assert bivariate_normal_cdf(-float(h), -float(k), float(rho)) == pytest.approx(value, rel=6e-15)


# Singular and nearly singular correlations, and lines on which a ball cannot tell a sign


@given(log_uniform(-2, 1), st.integers(2, 40), st.integers(-39, 39))
@example(Fraction(2, 3), 7, 1)
@example(Fraction(1, 3), 5, -1)
def test_where_k_is_rho_times_h(h, n, m):
    """There (k - rho h)/c is 0 exactly, though no ball of it has a sign."""
    rho = Fraction(m, n) if abs(m) < n else Fraction(1, n)
    for x in (h, -h):
        value = bivariate_normal_cdf(x, rho * x, rho, digits=30)
        mirrored = bivariate_normal_cdf(x, -rho * x, -rho, digits=30)
        with working_precision(BITS):  # P(X <= x, Y <= k) + P(X <= x, -Y <= -k) = Phi(x)
            assert (value + mirrored).ball().overlaps(normal_cdf_scaled(ball(x)).value())
        beside = bivariate_normal_cdf(x, rho * x + Fraction(1, 10**40), rho, digits=30)
        assert abs(value - beside) < Fraction(2, 10**30)
        assert bivariate_normal_cdf(float(x), float(rho * x), float(rho)) == pytest.approx(float(value), rel=1e-14)


@pytest.mark.parametrize("exponent", [30, 60, 1000])
@pytest.mark.parametrize("h", ["-8", "-1/3", "2", "9"])
def test_correlations_next_to_one(exponent, h):
    """Phi(h) - Phi_2(h, h; 1 - e) = phi(h) sqrt(e/pi) (1 + O(e)), and P(X <= h, Y <= -h) -> 0 like it at e - 1."""
    e = Fraction(1, 10**exponent)
    with working_precision(10 * exponent + BITS):
        H = ball(Fraction(h))
        leading = (-H * H / 2).exp() / (2 * arb.pi()).sqrt() * (ball(e) / arb.pi()).sqrt()
        gap = normal_cdf_scaled(H).value() - orthant(-Fraction(h), -Fraction(h), 1 - e).value()
        sliver = orthant(-Fraction(h), Fraction(h), e - 1).value()
        for value in (gap, sliver):
            assert abs(value / leading - 1) < 100 * ball(e)
    assert (
        bivariate_normal_cdf(h, "20", 1 - e, digits=20)
        .ball()
        .overlaps(bivariate_normal_cdf(h, "20", 1, digits=20).ball())
    )


@given(log_uniform(-3, 1), log_uniform(-3, 1), correlations(-25))
@example(Fraction(1), Fraction(1), -1 + Fraction(1, 10**25))
def test_the_difference_of_corners_loses_no_more_than_is_proved(h, k, rho):
    """Statement 5 (e): P(X > h, Y > -k) >= (theta/pi) L, L = C(h, g1) or Q(h)."""
    with working_precision(BITS + 100):
        H, K, r = ball(h), ball(-k), ball(rho)
        c = ball((1 - rho) * (1 + rho)).sqrt()
        g = (K - r * H) / c
        P = upper_orthant_ball(H, K, r, c)
        leading = corner_ball(H, g) if g > 0 else normal_cdf_scaled(-H)
        theta = (-r).acos()
        assert P.log() - leading.log() > (theta / arb.pi()).log() - arb(2) ** -100
        method = upper_orthant_method(H, K, r, c)
        assert method == ("difference of corners" if g > 0 else "tail minus corners")


def test_fewer_terms_in_quadrants_keep_the_value():
    rng = np.random.default_rng(7)
    widened = 0
    for _ in range(40):
        h, k = (Fraction(f"{x:.3f}") for x in rng.normal(size=2) * 3)
        rho = Fraction(f"{rng.uniform(-0.99, 0.99):.3f}")
        with working_precision(BITS):
            short = [orthant(h, k, rho, terms=terms) for terms in (0.25, 0.5, 0.75)]
        with working_precision(90):
            c = ball((1 - rho) * (1 + rho)).sqrt()
            truth = upper_orthant_integral(ball(h), ball(k), ball(rho), c).value()
            assert truth.rel_accuracy_bits() > 40
        for value in short:
            assert value.value().overlaps(truth)
            widened += value.factor.rel_accuracy_bits() < 150
    assert widened > 40


# Wide balls, and logarithms beyond every decimal


def test_balls_too_wide_for_their_digits_still_contain_the_values():
    with working_precision(100):
        for h, a in ((arb(0, 10**6), arb(0.5, 0.5)), (arb(1, 10**8), arb(0.9)), (arb(3, 4), arb(2, 3))):
            value = owens_t_ball(h, a).value()
            for x in (h.mid(), h.upper(), h.lower()):
                for y in (a.mid(), a.upper(), a.lower()):
                    assert not value.is_finite() or value.overlaps(owens_t_ball(x, y).value())
        whole = log_of_complement(Scaled(arb(-(2**41), 2**41), arb(0.9)))
        assert isinstance(whole, arb)
        assert not whole.is_finite() or whole.contains((-arb(0.9)).log1p())
        far = log_of_complement(Scaled(arb(-(2**45)), arb(0.9)))
        assert isinstance(far, Scaled)


@given(log_uniform(3, 60), log_uniform(3, 60), correlations(-6))
@settings(max_examples=30)
def test_logarithms_of_quadrants_far_out(h, k, rho):
    """log P(X < -h, Y < -k) is -1/2 of the squared distance of the quadrant, up to a logarithm."""
    log = log_bivariate_normal_cdf(-h, -k, rho, digits=12)
    corner = rho * max(h, k) < min(h, k)
    distance = (h * h - 2 * rho * h * k + k * k) / (1 - rho * rho) if corner else max(h, k) ** 2
    excess = -log - distance / 2
    assert 0 < float(excess / (distance / 2)) + 1e-9 < 1e-3
    single = log_owens_t(h, k, digits=12)
    assert 0 < float((-single - h * h / 2) / (h * h / 2)) + 1e-9 < 1e-3


@pytest.mark.slow
def test_quadrature_over_many_random_quadrants():
    """A thousand random quadrants and balls of every width: about two minutes."""
    rng = np.random.default_rng(11)
    for _ in range(1000):
        h, k = (
            Fraction(f"{s * 10**x:.6e}") for s, x in zip(rng.choice([-1, 1], 2), rng.uniform(-4, 1.3, 2), strict=True)
        )
        near = Fraction(f"{10 ** rng.uniform(-4, 0):.6e}")
        rho = (1 - near) * int(rng.choice([-1, 1]))
        with working_precision(110):
            c = ball((1 - rho) * (1 + rho)).sqrt()
            truth = upper_orthant_integral(ball(h), ball(k), ball(rho), c)
        with working_precision(BITS + 100):
            value = orthant(h, k, rho)
            assert ((value.log_scale - truth.log_scale).exp() * value.factor / truth.factor).contains(1)
            assert value.factor.rel_accuracy_bits() > BITS
