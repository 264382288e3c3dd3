"""The losses with all knobs in ball arithmetic: references, quadrature over the modes, reductions, slopes, limits."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from flint import arb
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grokmath.exact import ball, working_precision
from grokmath.functions.laplace_certified import laplace_ball, train_ball
from grokmath.functions.ridge_laplace_certified import ridge_balls
from grokmath.functions.ridge_laplace_pair import ridge_pair
from grokmath.regression.knob_losses_certified import KnobLosses
from grokmath.regression.knob_losses_quadrature import gen_angle_ball, train_angle_ball
from grokmath.regression.knobs import CONVENTIONS, Knobs

BITS = 187
ONE, ZERO, HALF = Fraction(1), Fraction(0), Fraction(1, 2)
NEAR_ONE = Fraction(1, 10**12)

# lam, u, c, alpha, sigma: two methods agree to the digits printed
REFERENCES = [
    ("0.5 10 0.0025 2 0.3", "0.0887196414943798225139535325313661048", "0.0476240271314531898261844941673801313"),
    ("0.2 3.5 0.05 0.5 0.1", "0.0131745900178135184968160478502525992", "0.0140539721332968379216265063326182195"),
    ("1 12 0.01 1 0.25", "0.211118352893245581478752449306981463", "0.00983774139361142438472170820338782505"),
    ("1.6 6 0.02 3 0.2", "1.60891261395351924539408359536443731", "0.00954108988076379968838457808416008645"),
    ("0.9 200 0.0005 1 0.05", "0.0188432949495457818502779778241077783", "0.000271178115362196791949018330274638279"),
    (
        "0.5 20 1e-12 1 0.3",
        "0.0861917830428352011836194834975246681",
        "0.0450833746241433027182682211558464105",
    ),
    ("0.9 300 0.18 0.1 0.316", "0.158866015958667773701882133112041001", "0.0385776151839221978404725935620202708"),
]


def rational(x: float) -> Fraction:
    """10**x as a rational with six digits, for any x."""
    whole = math.floor(x)
    return Fraction(round(10 ** (x - whole + 6)), 10**6) * Fraction(10) ** whole


def exactly(u: Fraction) -> arb:
    """The nearest exact ball."""
    return ball(u).mid()


def knobs_of(lam, c=ZERO, alpha=ONE, sigma=ZERO, d_out=1) -> Knobs:
    """The knobs with u = t."""
    return Knobs(Fraction(lam), HALF * d_out, d_out, 2 * Fraction(c), Fraction(alpha), Fraction(sigma))


def agrees(value: arb, text: str) -> bool:
    """Whether the ball lies within one unit of the last digit of a printed decimal."""
    return abs(value - ball(Fraction(text))) < arb(10) ** -len(text.split(".")[1])


ratios = st.one_of(
    st.floats(-6, 6).map(rational),
    st.floats(-1, 1).map(rational),
    st.tuples(st.floats(-30, -0.5), st.sampled_from([-1, 1])).map(lambda pair: 1 + pair[1] * rational(pair[0])),
    st.just(ONE),
)
times = st.one_of(st.floats(-9, 12).map(rational), st.floats(-1, 4).map(rational))
decays = st.one_of(st.just(ZERO), st.floats(-30, 3).map(rational))
scales = st.one_of(st.just(ZERO), st.just(ONE), st.floats(-3, 2).map(rational))
noises = st.one_of(st.just(ZERO), st.floats(-6, 1).map(rational))
any_knobs = st.builds(
    Knobs,
    ratios,
    st.just(Fraction(1, 2)),
    st.sampled_from([1, 2, 10, 1000]),
    decays,
    scales,
    noises,
    st.sampled_from(CONVENTIONS),
)


@pytest.mark.parametrize(("given_knobs", "gen", "train"), REFERENCES)
def test_reference_values(given_knobs, gen, train):
    lam, u, c, alpha, sigma = (Fraction(text) for text in given_knobs.split())
    losses = KnobLosses(knobs_of(lam, c, alpha, sigma))
    with working_precision(BITS):
        for value, text in ((losses.gen(ball(u)), gen), (losses.train(ball(u)), train)):
            assert agrees(value.value(), text)
            assert value.value().rel_accuracy_bits() > BITS - 12


@settings(deadline=None, max_examples=25)
@given(knobs=any_knobs, u=times)
@example(knobs=Knobs(ONE, HALF, 1, Fraction(1, 10**30), ONE, ONE), u=Fraction(10**12))
@example(knobs=Knobs(1 + NEAR_ONE, HALF, 3, Fraction(1, 10**9), ONE, ONE, "decoupled"), u=Fraction(10**6))
@example(knobs=Knobs(Fraction(10**6), HALF, 1, Fraction(1000), ZERO, ONE), u=Fraction(1, 10**6))
@example(knobs=Knobs(Fraction(5, 2), HALF, 1, ZERO, ONE, Fraction(1, 3)), u=Fraction(30))
def test_both_losses_are_the_average_of_their_modes(knobs, u):
    """Certified quadrature over the law, of the modes themselves, at points where the loss is not below 2^-400."""
    with working_precision(70):
        point, losses = exactly(u), KnobLosses(knobs)
        for value, other in ((losses.gen(point), gen_angle_ball), (losses.train(point), train_angle_ball)):
            size = float((value.log() / arb(2).log()).mid())
            if size < -400:
                continue
            assert value.value().overlaps(other(point, knobs, size))
            assert value.value().rel_accuracy_bits() > 50


@settings(deadline=None)
@given(knobs=any_knobs, u=times, bits=st.sampled_from([40, BITS, 500]))
@example(knobs=Knobs(ONE, HALF, 1, Fraction(1, 10**30), ONE, ONE), u=Fraction(10**12), bits=BITS)
@example(knobs=Knobs(ONE, HALF, 1, Fraction(1, 10**300), ONE, ONE), u=Fraction(1, 10**300), bits=BITS)
def test_no_digit_is_lost_anywhere(knobs, u, bits):
    """As all terms are positive; up to the digits that the exponentials take from a time that is rounded."""
    with working_precision(bits):
        losses, point = KnobLosses(knobs), exactly(u)
        for value in (losses.gen(point), losses.train(point)):
            assert value.factor > 0
            assert value.factor.rel_accuracy_bits() > bits - 24


@settings(deadline=None)
@given(lam=ratios, u=times, alpha=scales, d_out=st.sampled_from([1, 7, 10**9]))
def test_without_decay_and_noise_they_are_the_plain_losses_rescaled(lam, u, alpha, d_out):
    knobs = knobs_of(lam, ZERO, alpha, ZERO, d_out)
    with working_precision(100):
        point, losses = exactly(u), KnobLosses(knobs)
        log_scale = (ball(1 + alpha * alpha) / (2 * d_out)).log()
        assert knobs.plain
        assert losses.gen(point).log().overlaps(log_scale + laplace_ball(2 * point, lam).log())
        assert losses.train(point).log().overlaps(log_scale + train_ball(2 * point, lam).log())


@settings(deadline=None)
@given(lam=ratios, u=st.floats(-3, 3).map(rational), alpha=scales, which=st.sampled_from(["decay", "noise"]))
def test_tiny_knobs_tend_to_none(lam, u, alpha, which):
    """|L(c) - L(0)| <= c (...) and sigma^2 (...), with explicit constants from the modes."""
    tiny = Fraction(1, 10**60)
    knobs = knobs_of(lam, tiny if which == "decay" else ZERO, alpha, ZERO if which == "decay" else tiny)
    with working_precision(400):
        point, losses, plain = exactly(u), KnobLosses(knobs), KnobLosses(knobs_of(lam, ZERO, alpha))
        size = (1 + ball(alpha)) ** 2 * (1 + point) ** 2 * ball(4 * (1 + lam)) * ball(tiny)
        assert abs(losses.gen(point).value() - plain.gen(point).value()) < size
        assert abs(losses.train(point).value() - plain.train(point).value()) < size * ball(4 * (1 + lam))


@settings(deadline=None)
@given(
    root=st.floats(0.01, 3).map(rational), c=decays, u=times, alpha=scales, sigma=noises, d_out=st.sampled_from([1, 5])
)
def test_duality_between_lam_and_its_inverse(root, c, u, alpha, sigma, d_out):
    """The nonzero modes for lam = r^2 > 1 are lam times those for 1/lam; the null modes are the atom."""
    lam = root * root
    if lam > 10**6:
        return
    with working_precision(150):
        point, above = exactly(u), KnobLosses(knobs_of(lam, c, alpha, sigma, d_out))
        below = KnobLosses(knobs_of(1 / lam, c / lam, alpha, sigma * root, d_out))
        later = ball(lam) * point
        null = ball(1 - 1 / lam) * (ball(alpha) ** 2 * (-2 * ball(c) * point).exp() + 1) / (2 * d_out)
        assert above.gen(point).value().overlaps(null + below.gen(later).value() / ball(lam))
        assert below.train(later).value().overlaps(above.train(point).value() + ball(sigma * sigma * (lam - 1)))


@settings(deadline=None)
@given(knobs=any_knobs, u=times, factor=st.floats(-9, 1).map(rational))
def test_monotony_in_time(knobs, u, factor):
    """L_tr always falls, and what the teacher and the start give to L_gen; what the noise gives rises."""
    with working_precision(250):
        point, later, losses = exactly(u), exactly(u * (1 + factor)), KnobLosses(knobs)
        assert not losses.train(later).log() > losses.train(point).log()
        assert not losses.gen_falling(later) > losses.gen_falling(point)
        assert not losses.gen_rising(later) < losses.gen_rising(point)
        if knobs.overfitting <= 0:
            assert not losses.gen(later).log() > losses.gen(point).log()


@settings(deadline=None)
@given(knobs=any_knobs, u=times, log_step=st.floats(-12, 0.5))
@example(knobs=Knobs(Fraction(5, 2), HALF, 2, Fraction(1, 100), Fraction(3), Fraction(1, 10)), u=ONE, log_step=-3.0)
def test_slopes_enclose_divided_differences(knobs, u, log_step):
    """By the mean value theorem, with both parts of the slope decreasing: the certified derivative of L_gen."""
    with working_precision(400):
        step = u * rational(log_step)
        point, later, losses = exactly(u), exactly(u + step), KnobLosses(knobs)
        width = later - point
        rise = (losses.gen(later).value() - losses.gen(point).value()) / width
        (up, down), (up_later, down_later) = losses.gen_slope_parts(point), losses.gen_slope_parts(later)
        assert up >= 0
        assert down > 0
        assert not rise > up - down_later
        assert not rise < up_later - down
        fall = (losses.train(later).value() - losses.train(point).value()) / width
        assert losses.train_slope(point) < 0
        assert not fall < losses.train_slope(point)  # convex in time: each mode is a sum of falling exponentials
        assert not fall > losses.train_slope(later)


@settings(deadline=None)
@given(knobs=any_knobs, u=st.floats(-3, 3).map(rational))
def test_slopes_are_sharp(knobs, u):
    """They agree with a symmetric difference to the digits that it has: relative error below step^2 (...)."""
    with working_precision(900):
        point, step, losses = exactly(u), exactly(u * Fraction(1, 10**40)), KnobLosses(knobs)
        after, before = point + step, point - step
        up, down = losses.gen_slope_parts(point)
        slope = (losses.gen(after).value() - losses.gen(before).value()) / (2 * step)
        assert abs(slope - (up - down)) < (up + down + arb(2) ** -300) * arb(10) ** -60
        slope = (losses.train(after).value() - losses.train(before).value()) / (2 * step)
        assert abs(slope - losses.train_slope(point)) < (abs(slope) + arb(2) ** -300) * arb(10) ** -60


@settings(deadline=None)
@given(lam=ratios, u=times, alpha=scales, d_out=st.sampled_from([1, 6]))
def test_the_generalization_loss_falls_by_the_training_loss(lam, u, alpha, d_out):
    """dL_gen/du = -2 L_tr without decay and noise, that is -4 eta/d_out L_tr in time; with them it does not hold."""
    with working_precision(100):
        losses = KnobLosses(knobs_of(lam, ZERO, alpha, ZERO, d_out))
        up, down = losses.gen_slope_parts(exactly(u))
        assert up == 0
        assert down.overlaps(2 * losses.train(exactly(u)).value())
        wrong = KnobLosses(knobs_of(Fraction(1, 2), Fraction(1, 10), alpha, ZERO, d_out))
        up, down = wrong.gen_slope_parts(arb(1))
        assert not (down - up).overlaps(2 * wrong.train(arb(1)).value())


@settings(deadline=None)
@given(knobs=any_knobs)
@example(knobs=Knobs(Fraction(5, 2), HALF, 1, Fraction(1, 10**6), Fraction(3), Fraction(1, 10)))
@example(knobs=Knobs(Fraction(5, 2), HALF, 1, ZERO, Fraction(3), Fraction(1, 10)))
def test_limits(knobs):
    """At u = 0 the exact values; late, the limits, from both closed forms."""
    losses = KnobLosses(knobs)
    edge = (1 - math.sqrt(knobs.lam)) ** 2
    with working_precision(120):
        assert losses.gen(arb(0)).value().overlaps(ball(knobs.scale))
        assert losses.train(arb(0)).value().overlaps(ball(knobs.scale + knobs.noise))
        exact = losses.gen_limit_exact()
        if not (knobs.c > 0 or edge > 1e-20):
            if exact is None:
                assert losses.gen_limit() == arb.pos_inf()
            return
        # with e^{-uK} <= e^{-100} in every mode, the null ones too, at most 3 e^{-100} times what there is remains
        slowest = ball(knobs.c) if knobs.c > 0 and knobs.lam > 1 else ball(knobs.c) + arb(edge) * 0.999
        late = (100 / slowest).upper()
        with working_precision(250):
            for value, limit in ((losses.gen(late), losses.gen_limit()), (losses.train(late), losses.train_limit())):
                whole = 2 * ball(1 + knobs.lam) * (ball(knobs.scale + knobs.noise) + abs(limit))
                assert abs(value.value() - limit) < 3 * arb(-100).exp() * whole
        if knobs.c > 0:
            total = 1 + ball(knobs.lam) + ball(knobs.c)
            with working_precision(600):
                p = (total + (total**2 - 4 * ball(knobs.lam)).sqrt()) / 2
                slope = 1 / (p * p - ball(knobs.lam))
                bias, noise, half = (p - 1) ** 2 * slope, ball(knobs.noise), 1 / arb(2 * knobs.d_out)
                lam = ball(knobs.lam)
                gen = bias * half + noise * lam * slope
                train = ball(knobs.c) ** 2 * slope * half + noise * (1 - lam + lam * bias)
            assert losses.gen_limit().overlaps(gen)
            assert losses.train_limit().overlaps(train)
            assert losses.gen_limit().rel_accuracy_bits() > 100
            assert losses.train_limit().rel_accuracy_bits() > 100


@settings(deadline=None)
@given(
    u=times,
    c=st.floats(-40, 3).map(rational),
    lam=ratios,
    want=st.tuples(st.booleans(), st.booleans(), st.booleans()),
    terms=st.sampled_from([1.0, 1.0, 0.25, 0.5, 0.75]),
)
@example(u=Fraction(1, 3), c=Fraction(1, 10**20), lam=ONE, want=(True, True, True), terms=1.0)
@example(u=Fraction(10**12), c=Fraction(1, 10**30), lam=ONE, want=(True, True, True), terms=0.25)
def test_one_sweep_gives_what_single_averages_do(u, c, lam, want, terms):
    gen, train, noise = want
    with working_precision(100):
        point, decay = exactly(u), (-ball(c) * exactly(u)).exp()
        pair = ridge_pair(point, c, lam, gen=gen, train=train, noise=noise, terms=terms)
        once, twice = (
            {kind: value.value() for kind, value in ridge_balls(s, c, lam, kinds=((1, 2), (2, 2), (3, 2))).items()}
            for s in (point, 2 * point)
        )
        assert not gen or pair.v12.overlaps(decay * once[(1, 2)])
        assert not gen or pair.w22.overlaps(decay * decay * twice[(2, 2)])
        assert not train or pair.v22.overlaps(decay * once[(2, 2)])
        assert not train or pair.w32.overlaps(decay * decay * twice[(3, 2)])
        if noise:
            start = ridge_balls(arb(0), c, lam, kinds=((1, 2),))[(1, 2)].value()
            assert pair.noise.overlaps(start - 2 * decay * once[(1, 2)] + decay * decay * twice[(1, 2)])


@settings(deadline=None)
@given(knobs=any_knobs, u=times, spread=st.floats(-20, 0.3).map(rational))
def test_balls_of_time_contain_the_values_at_their_points(knobs, u, spread):
    with working_precision(80):
        losses = KnobLosses(knobs)
        wide = arb(exactly(u), exactly(u * spread))
        gen, train, slope = losses.gen(wide).value(), losses.train(wide).value(), losses.gen_slope_parts(wide)
        for place in (-1, Fraction(-1, 3), 0, Fraction(1, 2), 1):
            time = exactly(u * (1 + place * spread * Fraction(999, 1000)))
            if time >= 0:
                assert gen.overlaps(losses.gen(time).value())
                assert train.overlaps(losses.train(time).value())
                assert all(part.overlaps(at) for part, at in zip(slope, losses.gen_slope_parts(time), strict=True))
