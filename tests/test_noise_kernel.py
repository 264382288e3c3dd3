"""What label noise adds to the loss: the certified and the float64 kernel against quadrature, closed forms, limits."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import numpy as np
import pytest
from flint import arb
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grokmath.exact import ball, working_precision
from grokmath.functions import noise_kernel_certified as kernel
from grokmath.functions.laplace_certified import excess_ball
from grokmath.functions.noise_kernel_certified import all_nodes, noise_ball
from grokmath.functions.noise_kernel_float64 import NoiseFloat64
from grokmath.functions.noise_kernel_quadrature import noise_angle_ball
from grokmath.functions.ridge_laplace_certified import ridge_ball

BITS = 187
ONE, ZERO = Fraction(1), Fraction(0)
NEAR_ONE = Fraction(1, 10**12)
REQUIRED = 3e-14


def rational(x: float) -> Fraction:
    """10**x as a rational with six digits, for any x."""
    whole = math.floor(x)
    return Fraction(round(10 ** (x - whole + 6)), 10**6) * Fraction(10) ** whole


def exactly(u: Fraction) -> arb:
    """The nearest exact ball."""
    return ball(u).mid()


ratios = st.one_of(
    st.floats(-6, 6).map(rational),
    st.floats(-1, 1).map(rational),
    st.tuples(st.floats(-40, -0.5), st.sampled_from([-1, 1])).map(lambda pair: 1 + pair[1] * rational(pair[0])),
    st.just(ONE),
)
decays = st.one_of(st.just(ZERO), st.floats(-40, 3).map(rational))
times = st.floats(-12, 12).map(rational)


@settings(deadline=None, max_examples=60)
@given(u=times, c=decays, lam=ratios, bits=st.sampled_from([30, 60, 100]))
@example(u=Fraction(10**12), c=ZERO, lam=ONE, bits=BITS)
@example(u=Fraction(1, 10**12), c=ZERO, lam=ONE, bits=BITS)
@example(u=Fraction(10**12), c=ZERO, lam=1 + NEAR_ONE, bits=60)
@example(u=Fraction(10**12), c=Fraction(1, 10**30), lam=1 - NEAR_ONE, bits=60)
@example(u=Fraction(10**9), c=Fraction(1000), lam=Fraction(10**6), bits=60)
@example(u=Fraction(1, 100), c=Fraction(1000), lam=Fraction(1, 10**6), bits=60)
def test_the_kernel_agrees_with_quadrature_on_the_whole_domain(u, c, lam, bits):
    with working_precision(bits):
        value, other = noise_ball(exactly(u), c, lam), noise_angle_ball(exactly(u), c, lam)
        assert value.overlaps(other)
        assert min(value.rel_accuracy_bits(), other.rel_accuracy_bits()) >= bits - 8


@settings(deadline=None)
@given(
    u=st.floats(-300, 300).map(rational),
    c=st.floats(-30, 3).map(rational),
    lam=ratios,
    bits=st.sampled_from([60, BITS]),
)
def test_with_decay_it_is_what_the_averages_give(u, c, lam, bits):
    """V(0) - 2 e^{-cu} V(u) + e^{-2cu} V(2u), V = V_12, at a precision raised by what cancels there."""
    with working_precision(bits):
        point = exactly(u)
        value = noise_ball(point, c, lam)
        loss = 0 if value.abs_lower() == 0 else int(2 * max(0.0, -math.log2(10) * math.log10(u) + 10)) + 200
    with working_precision(bits + loss):
        once = (-ball(c) * point).exp()
        start, first, second = (ridge_ball(1, 2, s, c, lam).value() for s in (arb(0), point, 2 * point))
        other = start - 2 * once * first + once * once * second
    assert value.overlaps(other)
    with working_precision(bits):
        assert value.rel_accuracy_bits() >= bits - 8


@settings(deadline=None)
@given(u=st.floats(-2, 6).map(rational))
@example(u=Fraction(50))
def test_without_decay_at_lam_one_it_is_elementary_in_bessel_functions(u):
    """2 K(u) - K(2u), K(u) = 2u e^{-2u} (I_0 + I_1)(2u) + (e^{-2u} I_0(2u) - 1)/2."""

    def integral(v: arb) -> arb:
        zero, one = ((2 * v).bessel_i(arb(n), scaled=True) for n in (0, 1))
        return 2 * v * (zero + one) + (zero - 1) / 2

    with working_precision(BITS):
        point = exactly(u)
        value = noise_ball(point, ZERO, ONE)
        with working_precision(BITS + 60):
            assert value.overlaps(2 * integral(point) - integral(2 * point))


@settings(deadline=None)
@given(u=st.floats(-3, 4).map(rational), lam=ratios)
def test_without_decay_its_second_derivative_is_that_of_the_integral_of_the_loss(u, lam):
    """N' = 2 (G(u) - G(2u)): by the mean value theorem, G falling and N' of either monotony between its bounds."""
    decayed = int(3 * (1 - math.sqrt(lam)) ** 2 * u)  # bits by which N has come near to its limit
    if decayed > 4000:
        return
    with working_precision(140 + decayed):
        point, width = exactly(u), exactly(u / 10**9)
        rise = (noise_ball(point + width, ZERO, lam) - noise_ball(point, ZERO, lam)) / width
        here, there = (
            (excess_ball(point + shift, lam).value(), excess_ball(2 * (point + shift), lam).value())
            for shift in (arb(0), width)
        )
        assert rise < 2 * (here[0] - there[1])
        assert rise > 2 * (there[0] - here[1])


@settings(deadline=None)
@given(u=times, c=decays, lam=ratios, factor=st.floats(-3, 1).map(rational))
def test_it_increases_and_falls_against_the_square_of_time(u, c, lam, factor):
    with working_precision(300):
        point, later = exactly(u), exactly(u * (1 + factor))
        before, after = noise_ball(point, c, lam), noise_ball(later, c, lam)
        assert before < after or before.overlaps(after)
        assert after / (later * later) < before / (point * point)
        assert before < point * point


@settings(deadline=None)
@given(u=times, c=decays, lam=ratios)
def test_duality(u, c, lam):
    """nu times the law for lam is nu times that for 1/lam, scaled: N(u; c, lam) = N(lam u; c/lam, 1/lam)/lam^2."""
    with working_precision(100):
        value, other = noise_ball(exactly(u), c, lam), noise_ball(ball(lam) * exactly(u), c / lam, 1 / lam)
        assert (value * ball(lam)).overlaps(other / ball(lam))


@settings(deadline=None)
@given(lam=st.one_of(st.floats(-6, -0.01).map(rational), st.floats(0.01, 6).map(rational)))
def test_limits(lam):
    """u^2 at first; without decay 1/(1 - lam) at last below lam = 1, and 1/(lam (lam - 1)) above."""
    with working_precision(100):
        early = noise_ball(arb(2) ** -60, ZERO, lam) * arb(2) ** 120
        assert abs(early - 1) < ball(1 + lam) * arb(2) ** -59
        edge = (1 - math.sqrt(lam)) ** 2
        late = noise_ball(arb(200 / edge), ZERO, lam)
        assert late.overlaps(1 / ball(1 - lam) if lam < 1 else 1 / ball(lam * (lam - 1)))
        assert noise_ball(arb(0), ZERO, lam) == 0


@pytest.mark.parametrize("power", [13, 60, 300, 1000, 100_000])
def test_it_grows_like_the_square_root_of_time_at_lam_one(power):
    """N/sqrt(u) tends to (4 - 2 sqrt 2)/sqrt(pi) at lam = 1, c = 0, with a relative error of the order of 1/sqrt(u)."""
    with working_precision(100):
        u = (arb(10) ** power).mid()
        ratio = noise_ball(u, ZERO, ONE) / (4 - 2 * arb(2).sqrt()) * (arb.pi() / u).sqrt()
        assert ratio.rel_accuracy_bits() > 80
        assert abs(ratio - 1) < 2 / u.sqrt() + arb(2) ** -80


def test_fewer_nodes_give_a_wider_ball_not_a_wrong_one():
    rng = random.Random(7)  # noqa: S311
    bits, widened = 50, 0
    with working_precision(bits):
        for _ in range(50):
            lam = rng.choice([ONE, 1 + NEAR_ONE, Fraction(9, 10), Fraction(5, 2), rational(rng.uniform(-6, 6))])
            c = rng.choice([ZERO, rational(rng.uniform(-30, 3))])
            u = exactly(rational(rng.uniform(-8, 10)))
            truth = noise_angle_ball(u, c, lam)
            for terms in (0.25, 0.5, 0.75):
                fewer = noise_ball(u, c, lam, terms=terms)
                assert fewer.overlaps(truth)
                widened += fewer.rel_accuracy_bits() < bits
    assert widened > 60


@settings(deadline=None)
@given(u=times, c=decays, lam=ratios, spread=st.floats(-20, 0.5).map(rational))
def test_balls_of_time_contain_the_values_at_their_points(u, c, lam, spread):
    with working_precision(80):
        wide = noise_ball(arb(exactly(u), exactly(u * spread)), c, lam)
        for place in (-1, Fraction(-1, 3), 0, Fraction(1, 2), 1):
            time = u * (1 + place * spread * Fraction(999, 1000))
            if time > 0:
                assert wide.contains(noise_ball(exactly(time), c, lam).mid())


@pytest.mark.parametrize("m", [2, 3, 7, 40])
@pytest.mark.parametrize("k", [Fraction(0), Fraction(1, 10**30), Fraction(1, 100), Fraction(1), Fraction(10**6)])
def test_the_sum_over_all_nodes(m, k):
    with working_precision(BITS):
        far, total = ball(k), arb(0)
        for j in range(1, m + 1):
            phi = arb.pi() * (2 * j - 1) / (2 * m)
            total += (phi.sin() / (far + 2 * (phi / 2).sin() ** 2)) ** 2
        value = all_nodes(far, m)
        assert value.overlaps(2 * total / m)
        assert value.rel_accuracy_bits() > BITS - 30


def test_every_branch_is_taken(monkeypatch):
    """All nodes, the first ones only, and the limit alone."""
    seen = set()
    whole, count = kernel.all_nodes, kernel.node_count

    def spy(k, m):
        seen.add("limit" if m is None else "sum")
        return whole(k, m)

    def counts(m, x, bits):
        result = count(m, x, bits)
        seen.add("all" if result == m else "first")
        return result

    monkeypatch.setattr(kernel, "all_nodes", spy)
    monkeypatch.setattr(kernel, "node_count", counts)
    with working_precision(BITS):
        for u in (Fraction(1, 100), Fraction(10), Fraction(1000)):
            for lam in (ONE, Fraction(1, 100)):
                noise_ball(ball(u).mid(), ZERO, lam)
    assert seen == {"limit", "sum", "all", "first"}


@settings(deadline=None)
@given(u=st.lists(st.floats(-12, 12).map(lambda x: 10.0**x), min_size=1, max_size=4), c=decays, lam=ratios)
@example(u=[40.0, 20.0, 19.99999, 20.000001], c=ZERO, lam=ONE)
@example(u=[1e12, 1e-12], c=Fraction(1, 10**30), lam=ONE)
@example(u=[1e12, 1.0], c=Fraction(1000), lam=Fraction(10**6))
def test_double_precision_on_the_whole_domain(u, c, lam):
    values = NoiseFloat64(lam, c)(u)
    with working_precision(90):
        for time, value in zip(u, values, strict=True):
            assert abs(arb(float(value)) / noise_ball(arb(time), c, lam) - 1) < REQUIRED


@pytest.mark.parametrize("lam", [Fraction(1, 10**6), Fraction(1, 2), ONE, 1 + NEAR_ONE, Fraction(10**6)])
@pytest.mark.parametrize("c", [ZERO, Fraction(1, 10**300), Fraction(1)])
def test_every_finite_time_gives_a_finite_double(lam, c):
    t = np.concatenate([[0.0, 5e-324, 1.7e308], 10.0 ** np.linspace(-307, 308, 200)])
    values = NoiseFloat64(lam, c, Fraction(1, 50))(t)
    assert np.isfinite(values).all()
    assert values[0] == 0
    assert NoiseFloat64(lam, c)(1.0).shape == ()
    assert NoiseFloat64(lam, c)(np.ones((2, 3))).shape == (2, 3)
