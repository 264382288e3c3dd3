"""The certified averages of ridge regression against quadrature, positive series, identities and themselves."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import pytest
import sympy
from flint import arb, ctx, fmpq
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grokmath.certified import certify, working_precision
from grokmath.exact import ExactAlgebraic, ball
from grokmath.functions import ridge_laplace_rule as rule
from grokmath.functions.laplace_certified import excess_ball, laplace_ball, train_ball
from grokmath.functions.ridge_laplace_certified import KINDS, atom_ball, ridge_ball, ridge_balls
from grokmath.functions.ridge_laplace_quadrature import ridge_angle_ball, ridge_series_ball

from .strategies import rational, ratios_of

BITS = 187
ONE = Fraction(1)
NEAR_ONE = Fraction(1, 10**12)
# (i, j), lam, c, s, value over the whole law: two or three methods agree to the digits printed
REFERENCES = [
    ((0, 1), "0.3", "0.05", "0", "1.2995563967658334088138238165705687682370432777260"),
    ((0, 1), "0.9", "0.0005", "0", "9.5425189038447237910095400692980570771402130939497"),
    ((0, 1), "1", "0.01", "0", "9.5124921972503928638486060741613027107432256564580"),
    ((0, 1), "2.5", "0.005", "0", "120.26519660101999536042986759646706866485400370788"),
    ((0, 1), "0.3", "0.05", "2", "0.41591951851434299314077605438355159030007914805429"),
    ((0, 1), "0.9", "0.005", "400", "0.25276363699716711396513581740453508241798471523330"),
    ((0, 1), "1", "0.01", "5", "7.8819167931955270665109962193154222911994501952793"),
    ((0, 1), "2.5", "0.05", "2", "12.040385060243121584822839505189774508795229506185"),
    ((0, 1), "0.5", "1e-12", "8", "0.288557346651356996711105572296343644"),
    ((0, 2), "0.5", "1e-12", "8", "1.99141380803326966010238959785564152"),
    ((0, 1), "0.9", "1e-6", "400", "0.544983670196649856347846579690288883"),
    ((0, 2), "0.9", "1e-6", "400", "132.700603028315075751914639456310462"),
    ((1, 2), "0.9", "1e-6", "400", "0.544850969593621541272094665050832572"),
    ((2, 2), "0.9", "1e-6", "400", "0.00250087030864192104084996551405309031"),
    ((0, 2), "1", "1e-6", "25", "499987531.764422149787539731257442412"),
    ((1, 2), "1.5", "1e-8", "10", "0.243025561003403885051341363420280635"),
]
# (14) of the paper, with G, W, V and A_2: lam, s, gamma, value
LOSSES = [
    ("0.9", "400", "0.01", "0.0049613631496525122330640271293272302164561338045486"),
    ("0.9", "2000", "0.001", "0.00011802605108940102515234876802481913101463772230088"),
    ("1", "25", "0.01", "0.10716235357428430686272818367621842293996873907944"),
    ("2.5", "7", "0.3", "0.40855494736886896129962698465532005573397789570906"),
]
# all knobs: lam, u, c, alpha, sigma, L_gen, L_tr (regression with decay, scale and label noise together)
KNOBS = [
    (
        ("0.5", "10", "0.0025", "2", "0.3"),
        "0.0887196414943798225139535325313661048",
        "0.0476240271314531898261844941673801313",
    ),
    (
        ("0.2", "3.5", "0.05", "0.5", "0.1"),
        "0.0131745900178135184968160478502525992",
        "0.0140539721332968379216265063326182195",
    ),
    (
        ("1", "12", "0.01", "1", "0.25"),
        "0.211118352893245581478752449306981463",
        "0.00983774139361142438472170820338782505",
    ),
    (
        ("1.6", "6", "0.02", "3", "0.2"),
        "1.60891261395351924539408359536443731",
        "0.00954108988076379968838457808416008645",
    ),
    (
        ("0.9", "200", "0.0005", "1", "0.05"),
        "0.0188432949495457818502779778241077783",
        "0.000271178115362196791949018330274638279",
    ),
    (
        ("0.5", "20", "0.000000000001", "1", "0.3"),
        "0.0861917830428352011836194834975246681",
        "0.0450833746241433027182682211558464105",
    ),
    (
        ("0.9", "300", "0.18", "0.1", "0.316"),
        "0.158866015958667773701882133112041001",
        "0.0385776151839221978404725935620202708",
    ),
]


ratios = ratios_of(-15)
decays = st.floats(-30, 3).map(rational)
times = st.one_of(st.just(Fraction(0)), st.floats(-12, 12).map(rational), st.floats(-3, 4).map(rational))
kinds = st.sampled_from(KINDS)


def random_point(rng: random.Random) -> tuple[Fraction, Fraction, Fraction]:
    """(s, c, lam); half of the points at a moderate x."""
    near = 1 + rational(rng.uniform(-12, -1))
    lam = rng.choice([ONE, rational(rng.uniform(-6, 6)), near, rational(rng.uniform(-1, 1))])
    c = rational(rng.choice([rng.uniform(-30, 3), rng.uniform(-3, 1)]))
    if rng.random() < 0.5:
        return rational(rng.uniform(-4, 2.5) - math.log10(lam) / 2), c, lam
    return rational(rng.uniform(-6, 12)), c, lam


def exactly(s: Fraction) -> arb:
    """A dyadic number near s: an exact ball."""
    return arb(fmpq(s.numerator, s.denominator)).mid()


def agrees(value: arb, text: str) -> bool:
    """Whether the ball lies within one unit of the last digit of a printed decimal."""
    places = len(text.split(".")[1])
    return abs(value - ball(Fraction(text))) < arb(10) ** -places


def whole(i: int, j: int, s: arb, c: Fraction, lam: Fraction) -> arb:
    """V_ij over the whole law."""
    value = ridge_ball(i, j, s, c, lam).value()
    return value + atom_ball(j, c, lam) if i == 0 else value


@pytest.mark.parametrize(("kind", "lam", "c", "s", "text"), REFERENCES)
def test_reference_values(kind, lam, c, s, text):
    with working_precision(BITS):
        assert agrees(whole(*kind, ball(Fraction(s)), Fraction(c), Fraction(lam)), text)


def biases(s: arb, c: Fraction, lam: Fraction) -> tuple[arb, arb]:
    """E[((c + nu e)/(nu + c))^2] at e^2 = e^{-s (nu + c)}, and the same with weight nu."""
    k = ball(c)
    half, full = (-k * s / 2).exp(), (-k * s).exp()
    at_half = {kind: whole(*kind, s / 2, c, lam) for kind in ((1, 2), (2, 2))}
    at_full = {kind: whole(*kind, s, c, lam) for kind in ((2, 2), (3, 2))}
    first = k**2 * whole(0, 2, arb(0), c, lam) + 2 * k * half * at_half[(1, 2)] + full * at_full[(2, 2)]
    second = k**2 * whole(1, 2, arb(0), c, lam) + 2 * k * half * at_half[(2, 2)] + full * at_full[(3, 2)]
    return first, second


@pytest.mark.parametrize(("lam", "s", "gamma", "text"), LOSSES)
def test_the_loss_with_weight_decay(lam, s, gamma, text):
    with working_precision(BITS):
        c, ratio, time = Fraction(gamma) / 2, Fraction(lam), ball(Fraction(s))
        loss = ((-ball(c) * time).exp() * laplace_ball(time, ratio).value() + biases(time, c, ratio)[0]) / 2
        assert agrees(loss, text)


@pytest.mark.parametrize(("knobs", "gen", "train"), KNOBS)
def test_the_losses_with_every_knob(knobs, gen, train):
    lam, u, c, alpha, sigma = (Fraction(text) for text in knobs)
    with working_precision(BITS):
        s, k = ball(2 * u), ball(c)
        half, full = (-k * s / 2).exp(), (-k * s).exp()
        first, second = biases(s, c, lam)
        noise = whole(1, 2, arb(0), c, lam) - 2 * half * whole(1, 2, s / 2, c, lam) + full * whole(1, 2, s, c, lam)
        scale, sigma2 = ball(alpha**2) / 2 * full, ball(sigma**2)
        loss = scale * laplace_ball(s, lam).value() + first / 2 + sigma2 * ball(lam) * noise
        assert agrees(loss, gen)
        loss = scale * train_ball(s, lam).value() + second / 2 + sigma2 * (ball(1 - lam) + ball(lam) * first)
        assert agrees(loss, train)


def test_fewer_nodes_give_a_wider_ball_not_a_wrong_one():
    rng = random.Random(20)  # noqa: S311
    bits, widened = 50, 0
    with working_precision(bits):
        for _ in range(200):
            s, c, lam = random_point(rng)
            point, kind = exactly(s), rng.choice(KINDS)
            truth = ridge_angle_ball(*kind, point, c, lam)
            full = ridge_balls(point, c, lam)
            assert full[kind].factor.overlaps(truth.factor)
            assert full[kind].log_scale.overlaps(truth.log_scale)
            for terms in (0.25, 0.5, 0.75):
                fewer = ridge_balls(point, c, lam, terms=terms)
                assert fewer[kind].factor.overlaps(truth.factor)
                assert all(fewer[other].factor.overlaps(full[other].factor) for other in KINDS)
                widened += fewer[kind].factor.rel_accuracy_bits() < bits
    assert widened > 400


@settings(deadline=None)
@given(kind=kinds, s=times, c=decays, lam=ratios, bits=st.sampled_from([30, 60, 100]))
@example(kind=(0, 2), s=Fraction(10**12), c=Fraction(1, 10**30), lam=ONE, bits=BITS)
@example(kind=(0, 2), s=Fraction(10**12), c=Fraction(1, 10**30), lam=1 - NEAR_ONE, bits=BITS)
@example(kind=(0, 2), s=Fraction(10**12), c=Fraction(1, 10**30), lam=1 + NEAR_ONE, bits=60)
@example(kind=(0, 1), s=Fraction(10), c=Fraction(1, 10**300), lam=ONE, bits=60)
@example(kind=(0, 2), s=Fraction(10), c=Fraction(1, 10**300), lam=Fraction(1, 2), bits=60)
@example(kind=(0, 2), s=Fraction(10**9), c=Fraction(1, 10**18), lam=1 + Fraction(1, 10**40), bits=60)
@example(kind=(3, 2), s=Fraction(10**12), c=Fraction(1000), lam=ONE, bits=60)
@example(kind=(3, 2), s=Fraction(1, 10**12), c=Fraction(1000), lam=ONE, bits=60)
@example(kind=(2, 2), s=Fraction(0), c=Fraction(1, 10**30), lam=ONE, bits=60)
@example(kind=(1, 2), s=Fraction(10), c=Fraction(10**30), lam=Fraction(10**6), bits=60)
def test_kernels_agree_with_quadrature_on_the_whole_domain(kind, s, c, lam, bits):
    with working_precision(bits):
        point = exactly(s)
        value, other = ridge_ball(*kind, point, c, lam), ridge_angle_ball(*kind, point, c, lam)
        assert value.factor.overlaps(other.factor)
        assert value.log_scale.overlaps(other.log_scale)
        assert min(value.factor.rel_accuracy_bits(), other.factor.rel_accuracy_bits()) >= bits - 8


@settings(deadline=None)
@given(lam=ratios, c=decays, log_x=st.floats(-8, 2.2), bits=st.sampled_from([40, BITS, 700]))
@example(lam=ONE, c=Fraction(1, 10**30), log_x=1.0, bits=2000)
@example(lam=Fraction(10**6), c=Fraction(1000), log_x=2.0, bits=BITS)
def test_kernels_agree_with_the_positive_series(lam, c, log_x, bits):
    s = rational(log_x - math.log10(2) - (math.log10(lam.numerator) - math.log10(lam.denominator)) / 2)
    with working_precision(bits):
        point = exactly(s)
        for kind, value in ridge_balls(point, c, lam).items():
            other = ridge_series_ball(*kind, point, c, lam)
            assert value.factor.overlaps(other.factor)
            assert value.log_scale.overlaps(other.log_scale)
            assert min(value.factor.rel_accuracy_bits(), other.factor.rel_accuracy_bits()) >= bits - 8


@settings(deadline=None)
@given(s=times, c=decays, lam=ratios, bits=st.sampled_from([60, BITS, 500]))
@example(s=Fraction(10) ** 300, c=Fraction(1, 10**30), lam=ONE, bits=BITS)
@example(s=Fraction(1, 10**300), c=Fraction(1, 10**30), lam=ONE, bits=BITS)
@example(s=Fraction(10) ** 400, c=Fraction(1, 10**300), lam=Fraction(1, 10**6), bits=BITS)
def test_the_averages_obey_their_identities(s, c, lam, bits):
    """By nu + c - nu = c: c A_1 + H = G, c A_2 + V = A_1, c V + W = H, c (H + W) + Z = L_tr; positive terms only.

    Likewise c V_21 + V_31 = V_20, c H + V_21 = V_10 = L_tr, and c W + Z = V_21.
    """
    with working_precision(bits):
        point, k = exactly(s), ball(c)
        values = {kind: value.factor for kind, value in ridge_balls(point, c, lam).items()}
        g, train = excess_ball(point, lam).factor, train_ball(point, lam).factor
        a1, a2, h, v, w, z, one, two, ratio, higher = (values[kind] for kind in KINDS)
        pairs = [(k * a1 + h, g), (k * a2 + v, a1), (k * v + w, h), (k * (h + w) + z, train)]
        pairs += [(k * ratio + higher, two), (k * h + ratio, one), (one, train), (k * w + z, ratio)]
        for left, right in pairs:
            assert left.overlaps(right)
            assert min(left.rel_accuracy_bits(), right.rel_accuracy_bits()) >= bits - 8


@settings(deadline=None)
@given(s=times, c=decays, lam=ratios, bits=st.integers(24, 600))
def test_precisions_are_nested(s, c, lam, bits):
    """Each precision has its own nodes, strip and rounding: the balls must share the true value."""
    with working_precision(bits):
        point = exactly(s)
        fewer = ridge_balls(point, c, lam)
        with working_precision(bits + 90):
            more = ridge_balls(point, c, lam)
        for kind in KINDS:
            assert fewer[kind].factor.overlaps(more[kind].factor)
            assert fewer[kind].factor.rel_accuracy_bits() >= bits - 8


def test_every_branch_is_taken(monkeypatch):
    """No, one or two poles in the strip, with all nodes or the first ones only; shifted strips, and the fallback."""
    seen, heights = set(), set()
    strip = rule.strip_about

    def spy(x, m, k, far):
        result = strip(x, m, k, far)
        eta = (2 * m / x).asinh()
        heights.add(bool(abs(result.rise - 2 * (eta / 2).sinh() ** 2) < result.rise * arb(2) ** -30))
        count = rule.plan(x, BITS)[1]
        seen.add((result.inside, count < m))
        return result

    monkeypatch.setattr(rule, "strip_about", spy)
    with working_precision(BITS):
        for lam in (Fraction(1, 1000), Fraction(1, 2), Fraction(9, 10), ONE, Fraction(5, 2)):
            for c in (Fraction(1, 10**20), Fraction(1, 10), Fraction(1000)):
                for s in (Fraction(1, 10**6), ONE, Fraction(30), Fraction(300), Fraction(10**4), Fraction(10**9)):
                    values = ridge_balls(exactly(s), c, lam)
                    assert all(value.factor.rel_accuracy_bits() >= BITS - 8 for value in values.values())
    assert seen == {(inside, cut) for inside in (0, 1, 2) for cut in (False, True)}
    assert heights == {False, True}
    monkeypatch.setattr(rule, "strip_about", lambda *arguments: None)
    with working_precision(BITS):
        for value in ridge_balls(arb(2), ONE, ONE).values():
            assert value.factor.contains(0)
            assert not value.factor < 1e-3


@pytest.mark.parametrize("lam", [Fraction(1, 1000), Fraction(9, 10), ONE, Fraction(5, 2)])
@pytest.mark.parametrize("c", [Fraction(1, 10**30), Fraction(1, 100)])
def test_the_rule_is_continuous_where_its_plan_changes(lam, c):
    """x = 2^20 +- 1 ulp, the end of the exact count of nodes, and the x at which nodes begin to be left out."""
    with working_precision(BITS):
        root = ball(lam).sqrt()
        nats = BITS * math.log(2) + 5 + 3 * math.log(BITS * math.log(2) + 1)
        cuts = set()
        for middle in (2.0**20, nats / 2):
            other = {}
            for x in (middle, math.nextafter(middle, 0), math.nextafter(middle, math.inf)):
                s = (arb(x) / (2 * root)).mid()
                m, count = rule.plan(2 * root * s, BITS)
                cuts.add(count < m)
                for kind, value in ridge_balls(s, c, lam).items():
                    assert value.factor.rel_accuracy_bits() >= BITS - 8
                    if x == middle and kind in ((0, 2), (3, 2)):
                        with working_precision(60):
                            other[kind] = ridge_angle_ball(*kind, s, c, lam).factor
                    other.setdefault(kind, value.factor)
                    assert abs(value.factor / other[kind] - 1) < arb(2) ** -46  # log V changes by at most 7/2 log x
        assert True in cuts


def test_a_pole_near_the_best_height_of_the_strip_costs_nothing():
    """c chosen so that the farther pole lies at eta, and a just beside it."""
    with working_precision(BITS):
        for s in (Fraction(1, 10**9), Fraction(1, 100), Fraction(20), Fraction(10**5)):
            point = exactly(s)
            x = 2 * point
            m, _ = rule.plan(x, BITS)
            rise = 2 * ((2 * m / x).asinh() / 2).sinh() ** 2
            c = Fraction(float(2 * rise))
            for lam in (ONE, 1 - NEAR_ONE):
                for kind, value in ridge_balls(point, c, lam).items():
                    assert value.factor.rel_accuracy_bits() >= BITS - 8
                    with working_precision(60):
                        assert value.factor.overlaps(ridge_angle_ball(*kind, point, c, lam).factor)


@settings(deadline=None)
@given(
    c=decays,
    lam=st.sampled_from([Fraction(1, 10**6), Fraction(1, 10), 1 - NEAR_ONE, ONE, Fraction(5, 2), Fraction(10**6)]),
    log_s=st.floats(-8, 8),
    log_spread=st.floats(-60, 0.5),
    where=st.floats(-1, 1),
)
def test_a_wide_ball_of_s_gives_a_ball_over_all_its_points(c, lam, log_s, log_spread, where):
    with working_precision(70):
        middle = exactly(rational(log_s))
        wide = arb(middle, middle * ball(rational(log_spread)))
        point = (middle + arb(where) * wide.rad()).mid()
        if not (wide.contains(point) and point >= 0):
            return
        outer, inner = ridge_balls(wide, c, lam), ridge_balls(point, c, lam)
        for kind in KINDS:
            assert outer[kind].factor.overlaps(inner[kind].factor)
            assert outer[kind].value().overlaps(inner[kind].value())


def test_balls_that_touch_or_cross_zero():
    with working_precision(100):
        c = Fraction(1, 100)
        for lam in (Fraction(1, 3), ONE, Fraction(7, 2)):
            start = ridge_balls(arb(0), c, lam)
            tiny, crossing = ridge_balls(arb(0, 1e-20), c, lam), ridge_balls(arb(0.5, 1), c, lam)
            for kind in KINDS:
                assert tiny[kind].factor.contains(start[kind].factor.mid())
                assert tiny[kind].factor.rel_accuracy_bits() > 50
                assert crossing[kind].factor.contains(ridge_ball(*kind, arb(1.5), c, lam).factor)
                assert crossing[kind].factor.overlaps(start[kind].factor)
            below = ridge_balls(arb(-2, 1), c, lam)
            for endless in (arb(5, arb.pos_inf()), arb.pos_inf(), arb.nan()):
                assert not ridge_ball(1, 1, endless, c, lam).factor.is_finite()
            assert all(value.factor.is_finite() for value in below.values())


def test_the_limit_at_0_is_met_by_the_rule():
    with working_precision(BITS):
        for lam in (Fraction(1, 10**6), 1 - NEAR_ONE, ONE, 1 + NEAR_ONE, Fraction(10**6)):
            for c in (Fraction(1, 10**30), ONE, Fraction(1000)):
                start, soon = ridge_balls(arb(0), c, lam), ridge_balls(exactly(Fraction(1, 10**80)), c, lam)
                for kind in KINDS:
                    assert start[kind].factor.overlaps(soon[kind].factor)
                    assert min(v[kind].factor.rel_accuracy_bits() for v in (start, soon)) > BITS


def test_algebraic_parameters():
    lam, c = ExactAlgebraic(sympy.sqrt(2) / 2), ExactAlgebraic(sympy.sqrt(3) / 1000)
    near = ExactAlgebraic(sympy.sqrt(2) - sympy.Rational(4142135623730950488016887242096, 10**31))  # 1 + 8e-33
    with working_precision(80):
        for ratio in (lam, near):
            for s in (arb(0), arb(1), arb(100), arb(10) ** 6):
                for kind, value in ridge_balls(s, c, ratio).items():
                    with working_precision(200):
                        other = ridge_ball(*kind, s, c, ratio)
                    assert value.factor.overlaps(other.factor)
                    assert value.factor.rel_accuracy_bits() > 72
        assert ridge_ball(0, 2, arb(100), c, lam).factor.overlaps(ridge_angle_ball(0, 2, arb(100), c, lam).factor)


@pytest.mark.parametrize("digits", [5, 50, 500])
def test_digits_are_reached_and_agree(digits):
    for lam, c in ((Fraction(9, 10), Fraction(1, 10**30)), (1 + NEAR_ONE, Fraction(1, 10**6))):
        for s in (Fraction(1, 3), Fraction(20), Fraction(10**4), Fraction(10**8, 3)):
            for kind in ((0, 2), (3, 2)):
                fewer, more = (
                    certify(lambda k=kind, s=s, c=c, y=lam: ridge_ball(*k, ball(s), c, y).log(), n, function="test")
                    for n in (digits, digits + 20)
                )
                assert fewer.digits == digits
                assert fewer.ball().overlaps(more.ball())


def test_precision_and_constants_are_left_alone():
    before = ctx.prec
    first = ridge_ball(0, 2, arb(3), Fraction(1, 100), Fraction(1, 2)).factor
    with working_precision(2000):
        ridge_ball(0, 2, arb(3), Fraction(1, 100), Fraction(1, 2))
    assert ctx.prec == before
    again = ridge_ball(0, 2, arb(3), Fraction(1, 100), Fraction(1, 2)).factor
    assert (first - again).contains(0)
    assert first.rad() == again.rad()
