"""Discriminative labels: the paper's integral, limits, symmetries, tails, float64 and the contract."""

from __future__ import annotations

import itertools
import math
from decimal import Decimal
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy
from flint import arb
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grokmath import population_accuracy
from grokmath.certified import ball, working_precision
from grokmath.classification.discriminative import (
    discriminative_accuracy,
    discriminative_error,
    log_discriminative_accuracy,
    log_discriminative_error,
)
from grokmath.functions.bivariate_normal import owens_t
from grokmath.parameters import DomainError

from .strategies import log_uniform, signed

ALL = (discriminative_accuracy, discriminative_error, log_discriminative_accuracy, log_discriminative_error)


REAL = st.one_of(st.just(Fraction(0)), signed(-4, 2))
LABELS = st.one_of(
    st.fractions(Fraction(1, 100), Fraction(99, 100), max_denominator=100),
    log_uniform(-40, -2),
    log_uniform(-40, -2).map(lambda x: 1 - x),
)


def of_the_paper(mp: mpmath.MPContext, r: str, S_1: str, S_perp: str, b: str, sigma: str) -> mpmath.mpf:
    """Eq. (52): 1/2 + 1/2 int Du sgn(theta - sigma u) erf((sigma S_1 u + b)/(sqrt 2 sigma S_perp))."""
    r, S_1, S_perp, b, sigma = (mp.mpf(x) for x in (r, S_1, S_perp, b, sigma))
    h = -mp.sqrt(2) * mp.erfinv(2 * r - 1)

    def integrand(u: mpmath.mpf) -> mpmath.mpf:
        return mp.npdf(u) * mp.erf((sigma * S_1 * u + b) / (mp.sqrt(2) * sigma * S_perp))

    kinks = [-b / (sigma * S_1)] if S_1 else []
    points = sorted([-16, h, 16, *(x for x in kinks if abs(x) < 16)])
    pieces = [(-1 if low >= h else 1) * mp.quad(integrand, [low, high]) for low, high in itertools.pairwise(points)]
    return (1 + sum(pieces)) / 2


@pytest.mark.parametrize(
    ("r", "S_1", "S_perp", "b", "sigma"),
    [
        ("0.8", "-2", "1", "-0.5", "1"),
        ("0.5", "-1", "0.5", "0", "1"),
        ("0.25", "0.75", "1.5", "0.4", "2"),
        ("0.95", "-0.3", "2", "-3", "0.5"),
        ("0.02", "1", "0.2", "1", "3"),
        ("0.7", "0", "1", "-0.25", "1"),
    ],
)
def test_the_integral_of_the_paper(r, S_1, S_perp, b, sigma):
    mp = mpmath.MPContext()
    mp.dps = 45
    expected = of_the_paper(mp, r, S_1, S_perp, b, sigma)
    accuracy = discriminative_accuracy(r, S_1, S_perp, b, feature_std=sigma, digits=35)
    error = discriminative_error(r, S_1, S_perp, b, feature_std=sigma, digits=35)
    assert abs(mp.mpf(str(accuracy)) - expected) < mp.mpf(10) ** -33
    assert abs(mp.mpf(str(error)) - (1 - expected)) < mp.mpf(10) ** -33
    floats = [float(x) for x in (r, S_1, S_perp, b)]
    assert discriminative_accuracy(*floats, feature_std=float(sigma)) == pytest.approx(float(expected), rel=4e-15)


def test_random_points_in_five_dimensions():
    """A million points: four standard errors, the least deviation that would be seen, are below 0.4 % of A."""
    rng = np.random.default_rng(3)
    sigma, S, b, r = 1.5, np.array([-0.8, 0.5, 0.0, -0.4, 0.2]), -0.3, 0.6
    A = discriminative_accuracy(r, S[0], np.linalg.norm(S[1:]), b, feature_std=sigma)
    x = sigma * rng.standard_normal((10**6, 5))
    theta = sigma * float(sympy.sqrt(2) * sympy.erfinv(1 - 2 * r))
    right = (x[:, 0] > theta) == (x @ S + b < 0)
    standard_error = math.sqrt(A * (1 - A) / 10**6)
    assert 4 * standard_error < 0.004 * A
    assert abs(right.mean() - A) < 4 * standard_error
    assert np.mean(x[:, 0] > theta) == pytest.approx(r, abs=0.002)


# Closed forms, limits, symmetries


def test_the_limit_of_one_label_is_the_first_model():
    """r = 1 reproduces eq. (4): the reference value, and r -> 1."""
    value = discriminative_accuracy(1, 0, "1.3", "-1.2", digits=15)
    assert value.to_decimal() == Decimal("0.822016440133134")
    for S_1, S_perp, b in ((1, "1/2", "-1/5"), (-3, 4, 2), (0, "1.3", "-1.2")):
        size = sympy.sqrt(sympy.Rational(S_1) ** 2 + sympy.Rational(S_perp) ** 2)
        expected = population_accuracy(size, b, digits=25)
        assert discriminative_accuracy(1, S_1, S_perp, b, digits=25).ball().overlaps(expected.ball())
        beside = discriminative_accuracy(1 - Fraction(1, 10**40), S_1, S_perp, b, digits=25)
        assert abs(beside - expected) < Fraction(2, 10**25)
        assert discriminative_error(0, S_1, S_perp, b, digits=25).ball().overlaps(expected.ball())


@given(REAL, log_uniform(-6, 6))
@example(Fraction(-1), Fraction(1, 10**6))
def test_half_of_each_label_and_no_bias(S_1, S_perp):
    """At r = 1/2, b = 0 the error is the angle between S and -e_1 over pi."""
    with working_precision(200):
        angle = arb.atan2(ball(S_perp), -ball(S_1)) if S_1 else arb.pi() / 2
        error = discriminative_error("1/2", S_1, S_perp, 0, digits=30)
        assert error.ball().overlaps(angle / arb.pi())
    assert discriminative_error(0.5, float(S_1), float(S_perp), 0.0) == pytest.approx(float(error), rel=4e-15)


@given(LABELS, REAL, log_uniform(-3, 3), REAL, log_uniform(-2, 2))
@settings(max_examples=50)
def test_symmetries_and_scales(r, S_1, S_perp, b, sigma):
    A = discriminative_accuracy(r, S_1, S_perp, b, feature_std=sigma, digits=25)
    # x -> -x and both labels exchanged; S, b -> -S, -b exchanges right and wrong; scales
    for other in (
        discriminative_accuracy(1 - r, S_1, S_perp, -b, feature_std=sigma, digits=25),
        discriminative_error(r, -S_1, S_perp, -b, feature_std=sigma, digits=25),
        discriminative_accuracy(r, 7 * S_1, 7 * S_perp, 7 * b, feature_std=sigma, digits=25),
        discriminative_accuracy(r, S_1, S_perp, b / sigma, digits=25),
    ):
        assert A.ball().overlaps(other.ball())
    total = A + discriminative_error(r, S_1, S_perp, b, feature_std=sigma, digits=25)
    assert abs(total - 1) < Fraction(2, 10**24)


@given(st.fractions(Fraction(1, 50), Fraction(49, 50), max_denominator=100), REAL, log_uniform(-1, 1), REAL)
@settings(max_examples=30)
def test_owens_form(r, S_1, S_perp, b):
    """2 T(h, (k - rho h)/(h c)) + 2 T(k, (h - rho k)/(k c)) + [h k < 0] with h, k of either sign, not 0."""
    if r == Fraction(1, 2) or not b:
        return
    mp = mpmath.MPContext()
    mp.dps = 40
    h = mp.sqrt(2) * mp.erfinv(1 - 2 * mp.mpf(r.numerator) / r.denominator)
    one, across, bias = (mp.mpf(x.numerator) / x.denominator for x in (S_1, S_perp, b))
    size = mp.sqrt(one**2 + across**2)
    k, rho, c = -bias / size, one / size, across / size
    parts = [(h, (k - rho * h) / (h * c)), (k, (h - rho * k) / (k * c))]
    terms = [owens_t(*(Fraction(mp.nstr(x, 38)) for x in part), digits=25) for part in parts]
    value = 2 * (terms[0] + terms[1]) + int(h * k < 0)
    assert abs(value - discriminative_accuracy(r, S_1, S_perp, b, digits=25)) < Fraction(1, 10**22)


def test_exact_values_and_degenerate_classifiers():
    assert [discriminative_accuracy("1/3", 0, 0, b, digits=9).exact for b in (-1, 0, 1)] == [
        Fraction(1, 3), Fraction(1, 2), Fraction(2, 3)]  # fmt: skip
    assert discriminative_accuracy(1, -3, 1, 0, digits=9).exact == Fraction(1, 2)
    assert discriminative_accuracy("1/3", 0, 5, 0, digits=9).exact == Fraction(1, 2)
    assert [discriminative_accuracy("1/2", S_1, 0, 0, digits=9).exact for S_1 in (-2, 2)] == [1, 0]
    assert discriminative_accuracy([1 / 3] * 3, 0.0, 0.0, [-1.0, 0.0, 1.0]).tolist() == [1 / 3, 0.5, 1 - 1 / 3]
    assert log_discriminative_accuracy("1/2", -1, 0, 0, digits=9).exact == 0
    with pytest.raises(DomainError, match="logarithm does not exist"):
        log_discriminative_error("1/2", -1, 0, 0, digits=9)


@pytest.mark.parametrize("S_1", [-2, 3])
def test_a_classifier_along_the_axis_is_a_limit(S_1):
    """S_perp = 0: the answer depends on x_1 alone."""
    for r, b in (("0.3", 2), ("0.7", "-0.1"), ("1e-20", 1)):
        line = discriminative_accuracy(r, S_1, 0, b, digits=20)
        beside = discriminative_accuracy(r, S_1, "1e-60", b, digits=20)
        assert abs(line - beside) < Fraction(2, 10**20)
        assert discriminative_accuracy(float(r), float(S_1), 0.0, float(b)) == pytest.approx(float(line), rel=1e-14)


# Tails


def test_tails_and_their_logarithms():
    error = discriminative_error("1/2", -1, "1e-30", 0, digits=15)
    assert error.to_decimal() == Decimal("3.18309886183791e-31")
    assert discriminative_accuracy("1/2", 1, "1e-300", 0, digits=12).to_decimal().adjusted() == -301
    assert (
        log_discriminative_error("1/2", -1, "1e-30", 0, digits=20)
        .ball()
        .overlaps(discriminative_error("1/2", -1, "1e-30", 0, digits=25).ball().log())
    )
    small = log_discriminative_accuracy("1/2", -1, "1e-30", 0, digits=15)
    assert float(small) == pytest.approx(-1 / math.pi * 1e-30, rel=1e-14)
    with pytest.raises(DomainError, match="log_discriminative_accuracy"):
        discriminative_accuracy(1, 0, 1, 10**6, digits=10)
    assert float(log_discriminative_accuracy(1, 0, 1, 10**6, digits=20)) == pytest.approx(-500000000014.73444909)
    far = log_discriminative_accuracy("1e-40", 0, 1, -30, digits=15)  # almost all labelled 1, all answered -1
    assert float(far) == pytest.approx(math.log(1e-40), rel=1e-12)


# Float64


@given(
    st.one_of(st.floats(1e-3, 0.999), st.floats(-15, -3).map(lambda x: 10**x)),
    st.floats(-5, 5),
    st.floats(-3, 1).map(lambda x: 10**x),
    st.floats(-20, 20),
)
@settings(max_examples=80)
@example(0.5, -1.0, 1e-9, 0.0)
@example(0.3, 2.0, 1e-3, -1.0)
@example(0.5, 0.0, 1.0, -8.0)
def test_float64(r, S_1, S_perp, b):
    k = b / math.hypot(S_1, S_perp)
    tolerance = 4e-15 * (1 + k * k)
    for function in ALL:
        truth = float(function(*(Fraction(x) for x in (r, S_1, S_perp, b)), digits=18))
        scale = 1e-300 if not function.__name__.startswith("log") else 0.0
        if abs(truth) > scale:
            assert function(r, S_1, S_perp, b) == pytest.approx(truth, rel=tolerance)


def test_float64_at_its_ends_has_no_nan():
    r = np.array([0.0, 5e-324, 1e-300, 0.5, 1 - 2**-53, 1.0])
    S_1 = np.array([-1e300, -1.0, 0.0, 1e-300, 1e300])[:, None]
    S_perp = np.array([0.0, 1e-300, 1.0, 1e300])[:, None, None]
    b = np.array([-1e300, -1.0, 0.0, 1e-300, 1e300])[:, None, None, None]
    for function in ALL:
        values = function(r, S_1, S_perp, b)
        assert values.shape == (5, 4, 5, 6)
        assert not np.isnan(values).any()
        if not function.__name__.startswith("log"):
            assert ((values >= 0) & (values <= 1 + 1e-15)).all()
    assert isinstance(discriminative_accuracy(0.5, 1.0, 1.0, 0.0), float)


# Readings and the contract


def test_the_symbolic_reading():
    r, S_1, S_perp, b = sympy.symbols("r S_1 S_perp b", real=True)
    general = discriminative_accuracy(r, S_1, S_perp, b)
    assert general.free_symbols == {r, S_1, S_perp, b}
    one = discriminative_accuracy(1, S_1, S_perp, b).subs(
        {S_1: 0, S_perp: sympy.Rational("1.3"), b: sympy.Rational("-1.2")}
    )
    assert str(one.evalf(15)) == "0.822016440133134"
    across = discriminative_accuracy(r, 0, 1, b).subs({r: sympy.Rational(3, 10), b: 2})
    expected = float(discriminative_accuracy("0.3", 0, 1, 2, digits=20))
    assert float(across.evalf(20)) == pytest.approx(expected, rel=1e-14)
    error = discriminative_error(r, 0, 1, b) + discriminative_accuracy(r, 0, 1, b)
    assert sympy.simplify(error) == 1
    assert log_discriminative_error(r, 0, 1, b) == sympy.log(discriminative_error(r, 0, 1, b))


def test_what_lies_outside_the_domain_is_refused():
    for arguments, name in (
        ((-0.1, 0, 1, 0), "r"),
        (("1.1", 0, 1, 0), "r"),
        (("1/2", 0, -1, 0), "S_perp"),
        (("1/2", math.nan, 1, 0), "S_1"),
        (("1/2", 0, 1, math.inf), "b"),
    ):
        with pytest.raises(DomainError, match=f"discriminative_accuracy: {name} = "):
            discriminative_accuracy(*arguments)
    with pytest.raises(DomainError, match="feature_std = "):
        discriminative_accuracy("1/2", 0, 1, 0, feature_std=0, digits=5)
    array = discriminative_accuracy(["0.2", "0.4"], -1, ["1", "2"], 0, digits=12)
    assert array.shape == (2,)
    assert array[1].digits == 12
