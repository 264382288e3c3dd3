"""Owen's T and the bivariate normal law: published tables, a second evaluator, identities, limits, contract.

The heavier sweep: python -m pytest tests/test_bivariate_normal.py -m slow
"""

from __future__ import annotations

import csv
import math
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import mpmath
import numpy as np
import pytest
import sympy
from flint import arb
from hypothesis import example, given, settings
from scipy.integrate import quad

from grokmath.certified import Scaled, ball, working_precision
from grokmath.functions.bivariate_normal import (
    bivariate_normal_cdf,
    log_bivariate_normal_cdf,
    log_owens_t,
    owens_t,
)
from grokmath.functions.bivariate_normal_certified import (
    corner_ball,
    corner_method,
    log_upper_orthant_ball,
    normal_cdf_scaled,
    owens_t_ball,
    owens_t_method,
    signed_sum,
    upper_orthant_ball,
    upper_orthant_method,
)
from grokmath.functions.bivariate_normal_quadrature import owens_t_integral, upper_orthant_integral
from grokmath.parameters import DomainError

from .strategies import correlations, log_uniform, signed

DATA = Path(__file__).parent / "data"
T_BRANCHES = {"angle", "series", "tail", "reflection to series", "reflection, tail only"}
CORNER_BRANCHES = {"angle", "obtuse", "expansion", "tail minus T", "T minus tail"}
ORTHANT_BRANCHES = {
    "angle",
    "two corners",
    "centre plus two corners",
    "centre plus angle",
    "difference of corners",
    "tail minus corners",
}
BITS = 200
ENOUGH = 168
"""Bits that are 50 digits and a little."""

FLOAT64_ERROR = 6e-15
"""The relative error that docs/bivariate_normal.md states for the float64 reading."""


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open() as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def root(rho: Fraction) -> arb:
    return ball((1 - rho) * (1 + rho)).sqrt()


def orthant(h: Fraction, k: Fraction, rho: Fraction) -> Scaled:
    return upper_orthant_ball(ball(h), ball(k), ball(rho), root(rho))


def ratio(value: Scaled, truth: Scaled) -> arb:
    return (value.log_scale - truth.log_scale).exp() * value.factor / truth.factor


# Published tables


@pytest.mark.parametrize("row", rows("owens_t_published.csv"), ids=lambda row: f"T({row['h'][:6]},{row['a'][:6]})")
def test_published_values_of_t(row: dict[str, str]) -> None:
    digits = int(row["digits"])
    published = Fraction(row["T"])
    value = owens_t(row["h"], row["a"], digits=digits + 2)
    assert abs(Fraction(value.to_decimal()) / published - 1) < Fraction(1, 10**digits)
    assert abs(owens_t(float(row["h"]), float(row["a"])) / float(published) - 1) < FLOAT64_ERROR


@pytest.mark.parametrize(
    "row", rows("bivariate_normal_published.csv"), ids=lambda row: ",".join(list(row.values())[:3])
)
def test_published_values_of_the_distribution(row: dict[str, str]) -> None:
    published = Fraction(row["probability"])
    value = bivariate_normal_cdf(row["h"], row["k"], row["rho"], digits=15)
    assert abs(Fraction(value.to_decimal()) - published) < Fraction(15, 10**8)  # as good as the table is
    assert abs(bivariate_normal_cdf(*(float(row[name]) for name in ("h", "k", "rho"))) - float(value)) < 1e-15


# The second evaluator


@given(log_uniform(-6, 3), log_uniform(-6, 4))
@settings(max_examples=50)
@example(Fraction(1), Fraction(1))
@example(Fraction(1), 1 + Fraction(1, 10**20))
@example(Fraction(1), 1 - Fraction(1, 10**20))
@example(Fraction(40), Fraction(99, 100))
@example(Fraction(17), Fraction(99, 100))
@example(Fraction(10**6), Fraction(1, 10**6))
def test_t_and_quadrature_agree(h: Fraction, a: Fraction) -> None:
    with working_precision(BITS):
        value, truth = owens_t_ball(ball(h), ball(a)), owens_t_integral(ball(h), ball(a))
        assert ratio(value, truth).contains(1)
        assert min(value.factor.rel_accuracy_bits(), truth.factor.rel_accuracy_bits()) >= 150
        assert value.factor.rel_accuracy_bits() >= ENOUGH


@given(signed(-4, 1), signed(-4, 1), correlations(-6))
@settings(max_examples=50)
@example(Fraction(0), Fraction(1), Fraction(1, 2))
@example(Fraction(0), Fraction(-1), Fraction(1, 2))
@example(Fraction(1), Fraction(1, 2), Fraction(1, 2))
@example(Fraction(2), Fraction(-1), Fraction(-1, 2))
@example(Fraction(-3), Fraction(3), Fraction(-1) + Fraction(1, 10**30))
@example(Fraction(30), Fraction(30), Fraction(-99, 100))
@example(Fraction(1, 10**20), Fraction(1, 10**21), Fraction(-9, 10))
@example(Fraction(-1, 10**20), Fraction(-1, 10**21), Fraction(-9, 10))
def test_orthant_and_quadrature_agree(h: Fraction, k: Fraction, rho: Fraction) -> None:
    with working_precision(BITS + 150):
        value = orthant(h, k, rho)
        assert value.factor.rel_accuracy_bits() >= ENOUGH
    with working_precision(110):
        truth = upper_orthant_integral(ball(h), ball(k), ball(rho), root(rho))
        assert ratio(value, truth).contains(1)
        assert truth.factor.rel_accuracy_bits() >= 30


def test_fewer_terms_widen_the_ball_and_keep_the_value() -> None:
    rng = np.random.default_rng(1)
    with working_precision(BITS):
        widened = 0
        for _ in range(100):
            h, a, g = (arb(10 ** rng.uniform(-2, 1.3)) for _ in range(3))
            truth = owens_t_integral(h, a)
            corner = signed_sum([(1, owens_t_integral(g, h / g)), (-1, _half_erf_tail(h, g))])
            for terms in (0.25, 0.5, 0.75):
                value, wedge = owens_t_ball(h, a, terms=terms), corner_ball(h, g, terms=terms)
                assert ratio(value, truth).contains(1)
                assert ratio(wedge, corner).contains(1)
                widened += value.factor.rel_accuracy_bits() < 100
        assert widened > 50


def _half_erf_tail(h: arb, g: arb) -> Scaled:
    """Q(g) erf(h/sqrt 2)/2: what T(g, h/g) exceeds the corner by."""
    tail = normal_cdf_scaled(-g)
    return Scaled(tail.log_scale, tail.factor * (h / arb(2).sqrt()).erf() / 2)


@given(signed(-3, 1), signed(-3, 1), correlations(), log_uniform(-12, -2))
@settings(max_examples=30)
def test_wide_balls_contain_the_values_at_their_points(
    h: Fraction, k: Fraction, rho: Fraction, radius: Fraction
) -> None:
    with working_precision(BITS):
        points = [orthant(h * (1 + s * radius), k * (1 - s * radius), rho) for s in (-1, 0, 1)]
        wide = [arb(ball(x).mid(), (abs(ball(x)) * ball(radius)).upper()) for x in (h, k)]
        value = upper_orthant_ball(*wide, ball(rho), root(rho)).value()
        for point in points:
            assert value.overlaps(point.value())
        logs = log_upper_orthant_ball(*wide, ball(rho), root(rho))
        if isinstance(logs, arb) and logs.is_finite():
            for point in points:
                assert logs.overlaps(point.log())


# Branches


def test_every_branch_is_reached_at_fifty_digits() -> None:
    with working_precision(BITS):
        seen = {owens_t_method(arb(h), arb(a)) for h in (0, 1, 10, 40) for a in (0.5, 0.999, 1.5, 10)}
        assert seen == T_BRANCHES
        seen = {corner_method(arb(h), arb(g)) for h in (0, 1, 5) for g in (-1, 0.5, 3, 30)}
        assert seen == CORNER_BRANCHES
        points = [(0, 0), (1, 2), (-1, -2), (2, -1), (1, -2), (-1, 2)]
        found = {upper_orthant_method(arb(h), arb(k), arb(-0.75), arb(7).sqrt() / 4) for h, k in points}
        assert found == ORTHANT_BRANCHES - {"centre plus angle"}  # which h, k < 0 exclude


# Identities


@given(signed(-6, 3), log_uniform(-6, 6))
@example(Fraction(0), Fraction(1))
@example(Fraction(10**5), Fraction(1, 10**5))
@example(Fraction(12), Fraction(1))
def test_identities_of_t(h: Fraction, a: Fraction) -> None:
    with working_precision(BITS):
        H, A = ball(h), ball(a)
        T = owens_t_ball(H, A)
        assert ratio(owens_t_ball(-H, A), T).contains(1)
        minus = owens_t_ball(H, -A)
        assert (minus.log_scale - T.log_scale).contains(0)
        assert (minus.factor + T.factor).contains(0)
        low, lower = normal_cdf_scaled(-abs(H)), normal_cdf_scaled(-abs(A * H))
        both = Scaled(low.log_scale + lower.log_scale, low.factor * lower.factor)
        # T(h, a) + T(a h, 1/a) = Q(h)/2 + Q(a h)/2 - Q(h) Q(a h)
        left = signed_sum([(1, T), (1, owens_t_ball(A * H, 1 / A))])
        right = signed_sum([(1, _half(low)), (1, _half(lower)), (-1, both)])
        assert ratio(left, right).contains(1)
        # T(h, 1) = Q(h) (1 - Q(h))/2
        one = Scaled(low.log_scale, low.factor * (1 - low.value()) / 2)
        assert ratio(owens_t_ball(H, arb(1)), one).contains(1)
        assert T.factor.rel_accuracy_bits() >= ENOUGH


def _half(value: Scaled) -> Scaled:
    return Scaled(value.log_scale, value.factor / 2)


@given(log_uniform(-8, 3), log_uniform(-8, 3))
@example(Fraction(1), Fraction(1))
@example(Fraction(10**6), Fraction(1))
def test_two_corners_make_a_quadrant(h: Fraction, g: Fraction) -> None:
    with working_precision(BITS):
        H, G = ball(h), ball(g)
        first, second = corner_ball(H, G), corner_ball(G, H)
        tails = normal_cdf_scaled(-H), normal_cdf_scaled(-G)
        quadrant = Scaled(tails[0].log_scale + tails[1].log_scale, tails[0].factor * tails[1].factor)
        assert ratio(signed_sum([(1, first), (1, second)]), quadrant).contains(1)
        assert min(first.factor.rel_accuracy_bits(), second.factor.rel_accuracy_bits()) >= ENOUGH
        reflected = signed_sum([(1, first), (1, corner_ball(H, -G))])  # C(h, g) + C(h, -g) = Q(h)
        assert ratio(reflected, tails[0]).contains(1)


@given(signed(-4, 2), signed(-4, 2), correlations(-5))
@settings(max_examples=40)
@example(Fraction(0), Fraction(0), Fraction(-1, 2))
@example(Fraction(1), Fraction(-1), Fraction(-1) + Fraction(1, 10**20))
def test_identities_of_the_distribution(h: Fraction, k: Fraction, rho: Fraction) -> None:
    value = bivariate_normal_cdf(h, k, rho, digits=30)
    assert _near(value, bivariate_normal_cdf(k, h, rho, digits=30), 30)
    with working_precision(BITS + 150):
        # P(X > h, Y > k) + P(X > h, Y < k) = P(X > h)
        parts = signed_sum([(1, orthant(h, k, rho)), (1, orthant(h, -k, -rho))])
        assert ratio(parts, normal_cdf_scaled(ball(-h))).contains(1)
    both = bivariate_normal_cdf(-h, -k, rho, digits=30)
    normal = [_normal(x) for x in (h, k)]
    total = float(value) - float(both) - (normal[0] + normal[1] - 1)  # Phi_2(h, k) - Phi_2(-h, -k)
    assert abs(total) < 1e-15


def _near(x: object, y: object, digits: int) -> bool:
    a, b = Fraction(Decimal(str(x))), Fraction(Decimal(str(y)))
    return abs(a - b) <= 2 * abs(a) * Fraction(10, 10**digits)


def _normal(x: Fraction) -> float:
    return 0.5 * math.erfc(-float(x) / math.sqrt(2))


@given(signed(-2, 1), signed(-2, 1))
@settings(max_examples=20)
def test_limits_in_the_correlation(h: Fraction, k: Fraction) -> None:
    near = Fraction(1, 10**60)
    least, beside = (bivariate_normal_cdf(h, k, rho, digits=25) for rho in (1, 1 - near))
    assert abs(Fraction(least.to_decimal()) - Fraction(beside.to_decimal())) < Fraction(1, 10**24)
    strip = bivariate_normal_cdf(h, k, -1, digits=25)
    if strip.exact == 0:
        assert log_bivariate_normal_cdf(h, k, near - 1, digits=5) < (-1 if h + k == 0 else -(10**20))
    else:
        beside = bivariate_normal_cdf(h, k, near - 1, digits=25)
        assert abs(Fraction(strip.to_decimal()) - Fraction(beside.to_decimal())) < Fraction(1, 10**24)
    product = bivariate_normal_cdf(h, 0, 0, digits=25) * bivariate_normal_cdf(0, k, 0, digits=25) * 4
    assert product.ball().overlaps(bivariate_normal_cdf(h, k, 0, digits=25).ball())


def test_exact_values() -> None:
    assert owens_t(0, -1, digits=5).exact == Fraction(-1, 8)
    assert owens_t(3, 0, digits=5).exact == 0
    values = {rho: bivariate_normal_cdf(0, 0, rho, digits=5).exact for rho in (-1, "-1/2", 0, "1/2", 1)}
    assert list(values.values()) == [Fraction(n, 12) for n in (0, 2, 3, 4, 6)]
    assert bivariate_normal_cdf(3, -3, -1, digits=5).exact == 0
    assert bivariate_normal_cdf(3, 0, 1, digits=5).exact == Fraction(1, 2)
    assert str(owens_t(0, 2, digits=20)) == str(sympy.N(sympy.atan(2) / (2 * sympy.pi), 20))


# Far tails and logarithms


def test_far_tails_have_digits_and_logarithms_have_no_floor() -> None:
    mp = mpmath.MPContext()
    mp.dps = 60
    expected = mp.erfc(10**4 / mp.sqrt(2)) / 4  # T(h, 2) = Q(h)/2 to all these digits
    assert abs(mp.mpf(str(owens_t(10**4, 2, digits=30))) / expected - 1) < mp.mpf(10) ** -29
    with pytest.raises(DomainError, match="use log_owens_t"):
        owens_t(10**5, 2, digits=10)
    # log T(h, 2) = log(Q(h)/2) to all digits, log Q(h) = -h^2/2 - log(h sqrt(2 pi)) - 1/h^2 + ...
    expected = -(mp.mpf(10) ** 40) / 2 - mp.log(10**20) - mp.log(2 * mp.pi) / 2 - mp.log(2)
    assert abs(mp.mpf(str(log_owens_t(10**20, 2, digits=55))) - expected) < mp.mpf(10) ** -14
    with pytest.raises(DomainError, match="use log_bivariate_normal_cdf"):
        bivariate_normal_cdf(-(10**5), 0, "1/2", digits=10)
    assert float(log_bivariate_normal_cdf(-(10**5), 10**5, "1/2", digits=20)) == pytest.approx(
        -5000000012.431864, 1e-14
    )
    assert log_bivariate_normal_cdf(-1, 5, 1, digits=15).to_decimal() == Decimal("-1.84102164500926")


@given(log_uniform(0, 3), log_uniform(0, 3), correlations())
@settings(max_examples=25)
@example(Fraction(10**4), Fraction(2 * 10**4), Fraction(1, 3))
def test_the_logarithm_near_one_is_minus_the_complement(h: Fraction, k: Fraction, rho: Fraction) -> None:
    log = log_bivariate_normal_cdf(h, k, rho, digits=20)
    with working_precision(200):
        tails = [normal_cdf_scaled(ball(-x)) for x in (h, k)]
        rest = signed_sum([(1, tails[0]), (1, tails[1]), (-1, orthant(h, k, rho))])
        if rest.log_scale > -40:
            assert log.ball().overlaps((-rest.value()).log1p())
        else:
            assert (log.ball() / rest.value() + 1).abs_upper() < arb("1e-15")


# Readings and the contract


def test_symbols_give_expressions_that_evaluate_to_the_same() -> None:
    h, k, a, rho = sympy.symbols("h k a rho", real=True)
    T = owens_t(h, a).subs({h: sympy.Rational(3, 2), a: sympy.Rational(2, 3)})
    assert abs(Decimal(str(T.evalf(15))) - owens_t("1.5", "2/3", digits=20).to_decimal()) < Decimal("1e-14")
    P = bivariate_normal_cdf(h, k, rho).subs({h: 1, k: sympy.Rational(-1, 2), rho: sympy.Rational(1, 3)})
    (variable, low, high) = P.limits[0]
    assert (low, high) == (-sympy.oo, 1)
    integral, _ = quad(sympy.lambdify(variable, P.function), -12, 1, epsabs=1e-14)
    assert integral == pytest.approx(float(bivariate_normal_cdf(1, "-1/2", "1/3", digits=20)), rel=1e-13)
    assert sympy.simplify(owens_t(h, 1) - (1 - sympy.erf(h / sympy.sqrt(2)) ** 2) / 8) == 0
    assert owens_t(h, 0) == 0
    assert log_owens_t(0, a) == sympy.log(sympy.atan(a) / (2 * sympy.pi))
    assert bivariate_normal_cdf(h, k, 1) == (1 + sympy.erf(sympy.Min(h, k) / sympy.sqrt(2))) / 2
    assert bivariate_normal_cdf(h, k, -1).subs({h: -1, k: 1}) == 0
    assert bivariate_normal_cdf(0, 0, rho) == sympy.Rational(1, 4) + sympy.asin(rho) / (2 * sympy.pi)
    product = bivariate_normal_cdf(h, k, 0)
    assert product.has(sympy.erf)
    assert not product.has(sympy.Integral)


def test_exact_algebraic_arguments() -> None:
    value = bivariate_normal_cdf(sympy.sqrt(2) / 2, sympy.sqrt(2) / 2, "1/2", digits=20)
    with working_precision(120):
        x = -(arb(2).sqrt()) / 2
        assert value.ball().overlaps(upper_orthant_ball(x, x, arb(0.5), arb(3).sqrt() / 2).value())
    array = owens_t([1, "1/2"], ["1/3", sympy.sqrt(3)], digits=12)
    assert array.shape == (2,)
    assert array[1].digits == 12


def test_what_lies_outside_the_domain_is_refused() -> None:
    for rho in ("1.0000001", -2, 1.5, [0.5, -1.5]):
        with pytest.raises(DomainError, match="rho"):
            bivariate_normal_cdf(0, 0, rho)
    with pytest.raises(DomainError, match="no logarithm"):
        log_bivariate_normal_cdf(1, -1, -1, digits=10)
    with pytest.raises(DomainError, match="a = 0"):
        log_owens_t(1, 0, digits=10)
    with pytest.raises(DomainError, match="finite"):
        owens_t(math.inf, 1.0)
    with pytest.raises(DomainError, match="leave digits out"):
        owens_t(sympy.Symbol("h"), 1, digits=10)


def test_tiny_and_nearly_singular_arguments() -> None:
    tiny = Fraction(1, 10**3000)
    assert str(bivariate_normal_cdf(tiny, -tiny, 0, digits=10)) == "0.2500000000"
    # P(-h < X < h) at rho = -1 is 2 h phi(0); the wedge arccos(-rho)/(2 pi) is what rho = -1 + h^2/2 adds, h/(2 pi)
    value = bivariate_normal_cdf(tiny, tiny, tiny**2 / 2 - 1, digits=10)
    with working_precision(100):
        density = 1 / (2 * arb.pi()).sqrt()
        ratio = value.ball() / ball(tiny)
        assert 2 * density / 2 < ratio < 2 * density + arb(0.5)
    assert value.digits == 10


def test_a_thousand_digits_of_an_identity() -> None:
    value = owens_t(3, 1, digits=1000)
    with working_precision(3500):
        Q = normal_cdf_scaled(arb(-3)).value()
        assert value.ball().overlaps(Q * (1 - Q) / 2)
    assert value.digits == 1000


@pytest.mark.slow
def test_ten_thousand_digits() -> None:
    value = bivariate_normal_cdf(1, -2, "1/3", digits=10_000)
    other = bivariate_normal_cdf(1, 2, "-1/3", digits=10_000)
    with working_precision(33_300):
        assert (value.ball() + other.ball()).overlaps(normal_cdf_scaled(arb(1)).value())
    assert value.digits == 10_000
