"""Wendel's probability: definition, second evaluator, identities, tails, approximations, window, float64.

The heavier sweep and the timing: python -m pytest tests/test_wendel.py -m slow
"""

from __future__ import annotations

import itertools
import math
import time
from fractions import Fraction
from math import comb

import mpmath
import numpy as np
import pytest
import sympy
from flint import arb
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from grokmath.certified import Scaled, ball, working_precision
from grokmath.functions import wendel_float64 as float64
from grokmath.functions.wendel import (
    log_wendel_probability,
    separation_window,
    wendel_approximation_error,
    wendel_complement,
    wendel_probability,
    wendel_probability_exact,
)
from grokmath.functions.wendel_certified import log_wendel_ball, wendel_ball, wendel_method
from grokmath.functions.wendel_quadrature import wendel_integral
from grokmath.parameters import DomainError, UnsupportedExpression

from .strategies import log_uniform

BITS = 200
FLOAT64_ERROR = 4e-15
"""The relative error that docs/wendel.md states for P and 1 - P down to 1e-300."""


def by_sum(N: int, d: int) -> Fraction:
    """Wendel's sum as it stands."""
    return Fraction(sum(comb(N - 1, k) for k in range(min(d, N))), 2 ** (N - 1))


PLACES = st.one_of(
    st.fractions(Fraction(1, 1000), Fraction(999, 1000), max_denominator=1000),
    st.builds(lambda x, s: Fraction(1, 2) + s * x, log_uniform(-12, -1), st.sampled_from([-1, 1])),
    log_uniform(-6, -2),
    log_uniform(-6, -2).map(lambda x: 1 - x),
)


def ratio(x: Scaled, y: Scaled) -> arb:
    return (x.log_scale - y.log_scale).exp() * x.factor / y.factor


# The definition


@given(st.integers(1, 400), st.integers(0, 420))
@example(1, 1)
@example(2, 1)
@example(400, 200)
def test_fractions(N, d):
    exact = by_sum(N, d)
    assert wendel_probability_exact(N, d) == exact
    assert wendel_probability(N, d, digits=12).exact == exact
    assert wendel_complement(N, d, digits=12).exact == 1 - exact
    assert wendel_probability(N, d) == pytest.approx(float(exact), rel=FLOAT64_ERROR)
    if 0 < d < N:
        with working_precision(BITS):
            value = wendel_ball(arb(N - d), arb(d))
            assert (value.value() - ball(exact)).contains(0)
            assert value.factor.rel_accuracy_bits() > BITS - 10


def test_a_fraction_at_a_million_points_agrees_with_the_certified_value():
    exact = wendel_probability_exact(10**5, 49_900)
    assert abs(wendel_probability(10**5, 49_900, digits=60) - exact) < Fraction(1, 10**59)


@given(log_uniform(1, 9), PLACES)
@settings(max_examples=40)
@example(Fraction(1), Fraction(1, 2))
@example(Fraction(2), Fraction(1, 1000))
@example(Fraction(10**8), Fraction(1, 2) - Fraction(1, 10**4))
@example(Fraction(10**7), Fraction(3, 10))
def test_series_and_line_agree_with_quadrature(N, lam):
    with working_precision(BITS):
        p, q = ball(N * max(lam, 1 - lam)).mid(), ball(N * min(lam, 1 - lam)).mid()
        value = wendel_ball(p, q)
        assert value.factor.rel_accuracy_bits() > BITS - 24
        with working_precision(120):
            truth = wendel_integral(p, q)
        assert truth.factor.rel_accuracy_bits() > 80
        assert ratio(value, truth).contains(1)
        log, log_other = log_wendel_ball(p, q), log_wendel_ball(q, p)
        assert log.overlaps(truth.log())
        if isinstance(log_other, arb):
            assert log_other.overlaps((-truth.value()).log1p())


def test_every_branch_is_reached_and_fewer_terms_keep_the_value():
    seen, widened = set(), 0
    with working_precision(BITS):
        for N in ("7", "300", "1e5", "1e9"):
            for lam in ("0.5", "0.4999", "0.49", "0.1", "0.7", "0.50001"):
                p, q = (ball(Fraction(N) * x).mid() for x in (1 - Fraction(lam), Fraction(lam)))
                seen.add(wendel_method(p, q))
                flip = q.mid() > p.mid()
                with working_precision(90):
                    truth = wendel_integral(q, p) if flip else wendel_integral(p, q)
                    expected = 1 - truth.value() if flip else truth.value()
                for terms in (0.25, 0.5, 0.75, 1.0):
                    value = wendel_ball(p, q, terms=terms)
                    assert value.value().overlaps(expected)
                    widened += terms < 1 and value.factor.rel_accuracy_bits() < BITS - 40
    assert {"series P", "series 1 - P", "line P, pole inside", "line P, pole outside"} <= seen
    assert any(name.startswith("line 1 - P") for name in seen)
    assert widened > 40


@given(log_uniform(0, 6), PLACES, log_uniform(-9, -2))
@settings(max_examples=40)
def test_wide_balls_contain_the_values_at_their_points(N, lam, radius):
    with working_precision(120):
        p, q = ball(N * (1 - lam)), ball(N * lam)
        wide = [arb(x.mid(), (x * ball(radius)).upper()) for x in (p, q)]
        value, log = wendel_ball(*wide).value(), log_wendel_ball(*wide)
        for s, t in itertools.product((-1, 0, 1), repeat=2):
            point = wendel_ball(p.mid() * (1 + s * ball(radius) / 2), q.mid() * (1 + t * ball(radius) / 2))
            assert not value.is_finite() or value.overlaps(point.value())
            if isinstance(log, arb) and log.is_finite():
                assert log.overlaps(point.log())


# Identities, for real d


@given(log_uniform(0, 7), PLACES)
def test_symmetry(N, lam):
    d = N * lam
    total = wendel_probability(N, d, digits=30) + wendel_probability(N, N - d, digits=30)
    assert abs(total - 1) <= Fraction(2, 10**29)
    complement, mirrored = wendel_complement(N, d, digits=30), wendel_probability(N, N - d, digits=30)
    assert complement.ball().overlaps(mirrored.ball())
    with working_precision(BITS):
        log = log_wendel_probability(N, d, digits=30)
        assert log.ball().overlaps(wendel_probability(N, d, digits=40).ball().log())


@given(log_uniform(0, 6), PLACES)
@example(Fraction(5), Fraction(1, 2))
def test_one_more_point(N, lam):
    """P(N, d) = [P(N - 1, d) + P(N - 1, d - 1)]/2 for real d too (DLMF 8.17.11)."""
    N = N + 3
    d = 1 + (N - 2) * lam  # so that 1 < d < N - 1
    with working_precision(BITS + 60):
        parts = [wendel_ball(ball(N - 1 - x), ball(x)).value() for x in (d, d - 1)]
        assert ((parts[0] + parts[1]) / 2).overlaps(wendel_ball(ball(N - d), ball(d)).value())


@pytest.mark.parametrize(
    ("N", "d"), [("7", "2.5"), ("0.3", "0.1"), ("100", "40.125"), ("0.001", "0.0004"), ("250", "249")]
)
def test_real_dimensions_against_mpmath(N, d):
    mp = mpmath.MPContext()
    mp.dps = 60
    expected = mp.betainc(mp.mpf(N) - mp.mpf(d), mp.mpf(d), 0, mp.mpf(1) / 2, regularized=True)
    value = wendel_probability(N, d, digits=40)
    assert abs(mp.mpf(str(value)) / expected - 1) < mp.mpf(10) ** -38


def test_between_integers_the_probability_rises():
    N = 41
    d = np.linspace(0, N, 4101)
    values = wendel_probability(float(N), d)
    assert (np.diff(values) >= 0).all()
    assert values[2000] == pytest.approx(float(by_sum(N, 20)), rel=FLOAT64_ERROR)
    assert values[0] == 0.0
    assert values[-1] == 1.0


@pytest.mark.parametrize(("N", "d"), [(5.5, 2.2), (30.0, 11.3), (1.7, 0.2), (400.0, 190.0)])
def test_the_real_integral_behind_the_expansions(N, d):
    """Statement 5 (a) of the proofs: P = 1/2 + (1/pi) int_0^(pi/2) cos^(N-1) v sin((2d - N) v)/sin v dv."""
    integral, _ = quad(lambda v: math.cos(v) ** (N - 1) * math.sin((2 * d - N) * v) / math.sin(v), 0, math.pi / 2)
    assert 0.5 + integral / math.pi == pytest.approx(wendel_probability(N, d), rel=1e-10)


# Tails


def test_far_tails_and_complements():
    assert str(wendel_complement(10**6, 6 * 10**5, digits=20)) == str(wendel_probability(10**6, 4 * 10**5, digits=20))
    assert wendel_probability(400, 120, digits=20).exact == by_sum(400, 120)
    assert float(wendel_probability(400, 120, digits=20)) == pytest.approx(2.29e-16, rel=2e-3)
    with pytest.raises(DomainError, match=r"log_wendel_probability for"):
        wendel_probability(10**11, 10**10, digits=10)
    with pytest.raises(DomainError, match=r"log_wendel_probability\(N, N - d\)"):
        wendel_complement(10**11, 9 * 10**10, digits=10)
    with pytest.raises(DomainError, match=r"log_wendel_probability\(N, N - d\)"):
        log_wendel_probability(10**100, 7 * 10**99, digits=10)
    with pytest.raises(DomainError, match="no logarithm"):
        log_wendel_probability(10, 0, digits=10)
    assert log_wendel_probability(10, 10, digits=10).exact == 0
    assert log_wendel_probability(10.0, 0.0) == -math.inf


@pytest.mark.parametrize("exponent", [3, 6, 15, 100])
def test_the_logarithm_follows_the_entropy(exponent):
    """log P = -N (log 2 - H(lam)) - log(2 pi N lam (1-lam))/2 + log(lam/(1 - 2 lam)) + o(1), lam < 1/2."""
    N, lam = 10**exponent, Fraction(3, 10)
    log = log_wendel_probability(N, N * lam, digits=exponent + 20)
    with working_precision(4 * exponent + BITS):
        p = ball(lam)
        entropy = -p * p.log() - (1 - p) * (1 - p).log()
        size = (2 * arb.pi() * N * p * (1 - p)).log() / 2
        expected = N * (entropy - arb(2).log()) - size + (2 * p * (1 - p) / (1 - 2 * p)).log()
        assert abs(log.ball() - expected) < arb(10) / N + arb("1e-19")


# Approximations


def test_the_corrections_are_those_of_the_generating_operator():
    """Statement 5 (b): the operators' first three orders, applied to Phi, and those that the library has."""
    D, x, e = sympy.symbols("D x e")
    z = D * e
    log_cosh = sympy.series(sympy.log(sympy.cosh(z)), e, 0, 10).removeO()
    operator = sympy.series(sympy.exp(sympy.expand(log_cosh / e**2 - D**2 / 2)) * z / sympy.sinh(z), e, 0, 7)
    operator = sympy.expand(operator.removeO())
    phi = sympy.exp(-(x**2) / 2)
    found = []
    for order in (2, 4, 6):
        terms = sympy.Poly(operator.coeff(e, order), D).terms()
        value = sum(a * sympy.diff(phi, x, m - 1) for (m,), a in terms)
        found.append(sympy.expand(sympy.simplify(value / phi)))
    assert found[0] == sympy.expand((x**3 - x) / 12)
    assert found[1] == sympy.expand((-171 * x - 33 * x**3 + 53 * x**5 - 5 * x**7) / 1440)
    third = 20925 * x - 52485 * x**3 - 390 * x**5 + 7278 * x**7 - 1043 * x**9 + 35 * x**11
    assert found[2] == sympy.expand(third / 362880)
    N, d = sympy.symbols("N d", positive=True)
    forms = {name: wendel_probability(N, d, method=name) for name in ("normal", "first", "second")}
    n = N - 1
    point = (2 * d - N) / sympy.sqrt(n)
    density = sympy.exp(-(point**2) / 2) / sympy.sqrt(2 * sympy.pi)
    for name, before, order in (("first", "normal", 1), ("second", "first", 2)):
        added = density * found[order - 1].subs(x, point) / n**order
        difference = (forms[name] - forms[before] - added).subs({N: 37, d: 14})
        assert abs(sympy.N(difference, 30)) < 1e-28


@pytest.mark.parametrize(
    ("method", "power", "constant"),
    [("erf", 1, 0.1251), ("normal", 1, 0.0272), ("first", 2, 0.0278), ("second", 3, 0.0257)],
)
def test_the_error_is_the_next_term(method, power, constant):
    """Largest absolute errors over d tend to constant/N**power, the largest value of the next term."""
    for N, within in ((100, 0.06), (400, 0.02), (1600, 0.01)):
        d = np.linspace(0.5, N - 0.5, 4001)
        error = np.abs(wendel_probability(float(N), d, method=method) - wendel_probability(float(N), d)).max()
        assert error * N**power == pytest.approx(constant, rel=within)


def test_errors_at_a_hundred_and_four_hundred_points():
    """Reference values: largest errors over integer d to two digits, and relative errors in two tails."""
    largest = {
        "erf": (1.26e-3, 3.13e-4),
        "normal": (2.7e-4, 6.8e-5),
        "first": (2.8e-6, 1.7e-7),
        "second": (2.6e-8, 4.0e-10),
    }
    for method, expected in largest.items():
        for N, error in zip((100, 400), expected, strict=True):
            d = np.arange(1, N)
            found = np.abs(wendel_probability(float(N), d, method=method) - wendel_probability(float(N), d)).max()
            assert found == pytest.approx(error, rel=0.05)
    tails = {
        120: {"erf": 1.72, "first": -0.65, "second": 0.14},
        160: {"erf": 0.078, "first": -6e-4, "second": -2e-6},
    }
    for d, expected in tails.items():
        for method, error in expected.items():
            found = float(wendel_approximation_error(400, d, method, digits=15))
            assert found == pytest.approx(error, rel=0.25 if abs(error) < 1e-2 else 0.02)
            assert wendel_approximation_error(400.0, float(d), method) == pytest.approx(found, abs=3e-14, rel=1e-9)


@pytest.mark.parametrize(("lam", "constant"), [("0.4", -0.005), ("0.3", -0.024), ("0.1", -0.25)])
def test_the_saddle_point_form_has_a_relative_error_of_order_one_over_n(lam, constant):
    for N in (1000, 100_000, 10**7):
        error = wendel_approximation_error(N, N * Fraction(lam), "saddle", digits=6)
        assert float(error * N) == pytest.approx(constant, rel=0.06)
    assert float(wendel_approximation_error(400, 1, "saddle", digits=3)) == pytest.approx(-0.07, abs=0.01)


def test_approximations_are_certified_and_their_domain_is_kept():
    for method in ("erf", "normal", "first", "second", "saddle"):
        for d in ("100", "199.5", "200", "200.001", "300"):
            certified = float(wendel_probability(400, d, method=method, digits=18))
            assert wendel_probability(400.0, float(d), method=method) == pytest.approx(certified, rel=1e-12, abs=1e-30)
    assert wendel_probability(400, "0.5", method="saddle", digits=10).digits == 10
    with pytest.raises(DomainError, match="saddle-point form"):
        wendel_probability(400, "0.25", method="saddle", digits=10)
    with pytest.raises(DomainError, match="saddle-point form"):
        wendel_probability(400.0, [3.0, 399.9], method="saddle")
    with pytest.raises(DomainError, match=r"needed: exact \| erf"):
        wendel_probability(400, 3, method="edgeworth")
    with pytest.raises(DomainError, match="0 < d < N"):
        wendel_approximation_error(10, 10, "erf", digits=5)


# The separation window


@given(
    log_uniform(0, 12),
    st.one_of(st.fractions(Fraction(1, 100), Fraction(99, 100), max_denominator=1000), log_uniform(-40, -2)),
)
@settings(max_examples=40)
@example(Fraction(1, 3), Fraction(1, 7))
@example(Fraction(10**15), Fraction(1, 10))
def test_the_window_inverts_the_probability(N, p):
    lam = separation_window(N, p, digits=25)
    mirrored = separation_window(N, 1 - p, digits=25)
    assert abs(lam + mirrored - 1) < Fraction(2, 10**24)
    if p == Fraction(1, 2):
        return
    radius = ball(Fraction(1, 10**23))
    with working_precision(BITS + 60):
        middle = lam.ball()
        low, high = (
            wendel_ball(ball(N) * (1 - x), ball(N) * x) for x in (middle * (1 - radius), middle * (1 + radius))
        )
        assert low.log() < ball(p).log() < high.log()
    assert separation_window(float(N), float(p)) == pytest.approx(float(lam), rel=1e-13)


def test_the_window_narrows_like_one_over_root_n():
    for N in (10**4, 10**8, 10**12):
        lam = separation_window(N, "0.9", digits=20)
        with working_precision(BITS):
            quantile = -arb(2).sqrt() * ball(Fraction("0.2")).erfcinv() * -1
            assert abs((lam.ball() - 0.5) * 2 * arb(N).sqrt() / quantile - 1) < arb(2) / N
    assert separation_window(5, "1/2", digits=10).exact == Fraction(1, 2)
    with pytest.raises(UnsupportedExpression, match="closed form"):
        separation_window(sympy.Symbol("N"), "1/3")
    with pytest.raises(DomainError, match="p = "):
        separation_window(10, 1, digits=5)


# Float64


@given(st.floats(-2, 12), st.floats(-38, 38))
@settings(max_examples=200)
@example(2.0, 0.0)
@example(math.log10(127.99), -5.0)
@example(math.log10(128.01), -5.0)
def test_float64(log_N, w):
    """Points spread over the window: d = N/2 + w sqrt(N)/2, as far as it reaches."""
    N = 10.0**log_N
    d = 0.5 * (N + w * math.sqrt(N))
    if not 0 < d < N:
        d = N / (2 + abs(w))
    pairs = [(wendel_probability, 1e-300), (wendel_complement, 1e-300), (log_wendel_probability, 0.0)]
    for function, least in pairs:
        truth = float(function(Fraction(N), Fraction(d), digits=19))
        if abs(truth) > least:
            assert function(N, d) == pytest.approx(truth, rel=FLOAT64_ERROR)


def test_float64_at_the_ends():
    assert wendel_probability([1e300, 1e300, 1e-300], [1e299, 9e299, 5e-301]).tolist() == pytest.approx(
        [0.0, 1.0, 0.5], rel=FLOAT64_ERROR
    )
    assert log_wendel_probability(1e300, 3e299) == pytest.approx(-8.22828785050518e298, rel=1e-14)
    assert wendel_probability(np.full((2, 3), 10.0), np.arange(3)).shape == (2, 3)
    assert not np.isnan(
        wendel_probability(10.0 ** np.linspace(-300, 300, 601)[:, None], np.logspace(-300, 300, 61))
    ).any()
    assert isinstance(wendel_probability(10.0, 3.0), float)
    for N, d in ((0, 1), (-1, 1), (5, -1), (math.nan, 1), (5, math.inf)):
        with pytest.raises(DomainError):
            wendel_probability(N, d)


def test_a_block_does_not_matter():
    d = np.linspace(0, 400, 40_001)
    whole = float64.wendel_probability(400.0, d)
    assert np.array_equal(whole[20_000:20_100], float64.wendel_probability(400.0, d[20_000:20_100]))


@pytest.mark.slow
@pytest.mark.parametrize("N", [30.0, 100.0, 400.0, 1e4, 1e9])
def test_a_million_points_take_less_than_a_second(N):
    """In process time, the best of three, on an idle core."""
    d = N * np.random.default_rng(0).uniform(size=10**6)
    times = []
    for _ in range(3):
        start = time.process_time()
        wendel_probability(N, d)
        times.append(time.process_time() - start)
    assert min(times) < 1.0


@pytest.mark.slow
def test_float64_over_many_random_points():
    """Twenty thousand points: about a minute."""
    rng = np.random.default_rng(8)
    N = 10 ** rng.uniform(-2, 12, 20_000)
    d = N * np.clip(0.5 + rng.uniform(-19, 19, N.size) / np.sqrt(N), 1e-3, 1 - 1e-3)
    measured = wendel_probability(N, d)
    for n, x, value in zip(N, d, measured, strict=True):
        truth = float(wendel_probability(Fraction(n), Fraction(x), digits=18))
        if truth > 1e-300:
            assert value == pytest.approx(truth, rel=FLOAT64_ERROR)


@pytest.mark.parametrize("d", [5e-324, 1e-300, 1e-100, 1e-20, 1e-16])
@pytest.mark.parametrize("N", [1e-300, 0.5, 20.0, 1e5, 1e300])
def test_dimensions_next_to_0_give_no_nan(N, d):
    """1 - P was nan for d below 1e-16 N, P and its logarithm for subnormal d."""
    if not d < N:
        return
    exact = Fraction(N), Fraction(d)
    assert wendel_complement(N, d) == pytest.approx(float(wendel_complement(*exact, digits=17)), rel=4e-15)
    assert wendel_probability(N, d) <= wendel_probability(N, 2 * d)
    log = float(log_wendel_probability(*exact, digits=17))
    assert log_wendel_probability(N, d) == pytest.approx(log, rel=4e-15)


def test_windows_at_the_ends_of_the_doubles():
    assert separation_window(1e308, 0.3) == 0.5
    assert separation_window(5e-324, 0.3) == pytest.approx(0.3, rel=5e-15)
    with pytest.raises(DomainError, match="p = 5e-324"):
        separation_window(20.0, 5e-324)
