"""Grokking times with decay, initial scale, noise and several outputs: certified crossings, never, lost and regained.

The second opinion is an average over the modes of the model itself, by a rule in the angle, in double precision; it
shares nothing with the closed forms.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy.special import gammaincinv

import grokmath as gm
from grokmath.exact import ball, working_precision
from grokmath.regression.critical_values import critical_weight_decay
from grokmath.regression.grokking_time import GrokkingTime
from grokmath.regression.knob_grokking_time import gen_minimum, grokking_time
from grokmath.regression.knob_grokking_time_limits import surd_sign
from grokmath.regression.knob_grokking_time_threshold import OutputThreshold
from grokmath.regression.knob_grokking_time_turning import isolated, turning_points, turns_once
from grokmath.regression.knob_losses_certified import KnobLosses
from grokmath.regression.knobs import Knobs
from grokmath.regression.mode_losses import ModeLosses
from grokmath.roots import SignChange

from .strategies import log_uniform

EPS = Fraction(1, 1000)
LEVEL = 1 - math.erfc(math.sqrt(2))


def knobs(lam, decay=0, alpha=1, noise=0, d_out=1, eta="1/4", convention="paper"):
    return Knobs(Fraction(lam), Fraction(eta), d_out, Fraction(decay), Fraction(alpha), Fraction(noise), convention)


def mode_losses(setting, times, nodes=3000):
    """(L_gen, L_tr) at an array of times u, by the midpoint rule over phi = pi g^2, nu = a + 4 sqrt(lam) sin(phi/2)^2.

    The rule's error is O(nodes^-2) of the slowest mode's share: below 1e-4 of the losses at the points used here.
    """
    lam = float(setting.lam)
    grid = (np.arange(nodes) + 0.5) / nodes
    phi = np.pi * grid**2
    nu = (1 - math.sqrt(lam)) ** 2 + 4 * math.sqrt(lam) * np.sin(phi / 2) ** 2
    weight = 2 / np.pi * np.sin(phi) ** 2 / nu * 2 * np.pi * grid / nodes
    nu, weight = np.append(nu, 0.0), np.append(weight, max(0.0, 1 - 1 / lam))
    modes = ModeLosses(
        lam,
        c=float(setting.c),
        alpha_squared=float(setting.alpha_squared),
        noise=float(setting.noise),
        d_out=setting.d_out,
    )
    states = [modes.mode(nu, u) for u in times]
    gen = np.array([modes.gen(mode) @ weight for mode in states])
    return gen, np.array([modes.train(mode) @ weight for mode in states]) + modes.noise_floor


DECAY = [("1e-7", "20481"), ("1e-4", "20660"), ("1e-3", "25204"), ("1.5e-3", "38367")]


@pytest.mark.parametrize(("gamma", "delta"), DECAY)
def test_the_grokking_time_grows_with_decay(gamma, delta):
    assert f"{float(grokking_time(knobs('0.9', gamma, eta='0.01'), EPS).delta):.0f}" == delta


@pytest.mark.parametrize(
    ("alpha", "delta"), [("0.5", "18144"), ("1", "20481"), ("2", "24905"), ("5", "31853"), ("10", "36292")]
)
def test_the_grokking_time_grows_with_the_initial_scale(alpha, delta):
    assert f"{grokking_time(knobs('0.9', alpha=alpha, eta='0.01'), EPS).delta:.0f}" == delta


OUTPUTS = [(1, "20281"), (2, "31200"), (5, "49300"), (10, "62818"), (20, "71259"), (26, "72025"), (50, "66529")]


@pytest.mark.parametrize(("d_out", "delta"), OUTPUTS)
def test_the_grokking_time_at_several_outputs(d_out, delta):
    found = grokking_time(knobs("0.9", d_out=d_out, eta="0.01"), EPS, Fraction(19, 20))
    assert f"{found.delta:.0f}" == delta
    assert found.lost == math.inf


def test_twenty_six_outputs_at_the_papers_accuracy():
    assert f"{grokking_time(knobs('0.9', d_out=26, eta='0.01'), EPS).delta:.1f}" == "72697.3"


MINIMA = [  # lam, sigma, alpha, s = 2u, L_gen
    ("0.9", "0.3", "1", "14.830571852693919930996194403716", "0.22305696617"),
    ("0.5", "0.1", "1", "53.011634950841814368204573179298", "0.0099017441768"),
    ("0.5", "0.001", "2", "280.70352416641367971420820493739", None),
]


@pytest.mark.parametrize(("lam", "sigma", "alpha", "s", "loss"), MINIMA)
def test_optimal_stopping_without_decay(lam, sigma, alpha, s, loss):
    found = gen_minimum(knobs(lam, alpha=alpha, noise=sigma), digits=len(s) - 1)  # at eta = 1/4, t = s
    assert str(found.time) == s
    if loss is not None:
        assert str(found.loss).startswith(loss[:-1])
        assert abs(float(found.loss) - float(loss)) < 2 * 10.0 ** -len(loss.split(".")[1])


@pytest.mark.parametrize(("lam", "sigma"), [("0.9", "0.3"), ("1.5", "0.2")])
def test_at_the_best_decay_the_loss_falls_to_the_bayes_risk_and_stopping_is_of_no_use(lam, sigma):
    loss = {"0.9": "0.15149126809853482071379700612344", "1.5": "0.21828852398892612335640130795516"}[lam]
    found = gen_minimum(knobs(lam, 4 * Fraction(lam) * Fraction(sigma) ** 2, noise=sigma), digits=32)
    assert found.time == math.inf
    assert str(found.loss) == loss
    less = gen_minimum(
        knobs(lam, 4 * Fraction(lam) * Fraction(sigma) ** 2 * Fraction(99, 100), alpha=0, noise=sigma), digits=32
    )
    assert less.loss > found.loss
    assert less.time < math.inf


def test_null_modes_give_a_grokking_time_without_a_power_law():
    """lam > 1, alpha > 0, 2c < a + c: u ~ log[alpha^2 (1 - 1/lam)/(2 delta)]/(2c), delta = L* - L_gen(inf)."""
    setting = knobs("1.2", "0.006", "2")
    with working_precision(200):
        limit = float(KnobLosses(setting).gen_limit())
    delta = 1e-4 * limit
    found = grokking_time(setting, Fraction(4 * (limit + delta)))
    u = float(found.gen * setting.rate)
    law = math.log(4 * (1 - 1 / 1.2) / (2 * delta)) / (2 * 0.003)
    assert abs(u / law - 1) < 1e-6
    assert abs(u - 1765.266433) < 1e-3


LOSS_TIMES = [(4, "144.28"), (8, "342.508")]


@pytest.mark.parametrize(("k", "s"), LOSS_TIMES)
def test_the_time_at_which_accuracy_is_lost_diverges_at_the_critical_noise(k, s):
    """lam = 1/2, eps = 1e-3, sigma^2 = sigma_c^2 (1 + 10^-k): the first passage stays finite."""
    critical = EPS / 4  # sigma_c^2 = L* (1 - lam)/lam
    root = math.isqrt(int(critical * (1 + Fraction(1, 10**k)) * 10**80))
    found = grokking_time(knobs("1/2", noise=Fraction(root, 10**40)), EPS, digits=12)
    assert abs(float(found.lost) - float(s)) <= 0.5 * 10.0 ** -len(s.split(".")[1])
    assert found.gen < 133


@pytest.mark.parametrize(("k", "u"), [(4, "95.015"), (8, "183.691"), (12, "275.637"), (20, "463.591")])
def test_the_grokking_time_diverges_at_the_critical_decay(k, u):
    gamma = Fraction("0.016585679487670498909589142362091") * (1 - Fraction(1, 10**k))
    setting = knobs("1/2", gamma)
    assert abs(float(grokking_time(setting, EPS, digits=15).gen * setting.rate) - float(u)) <= 5e-4


# Limits, ties and the ends of the domain


def test_a_threshold_at_the_limit_is_never_reached_and_one_above_it_is():
    setting = knobs("1/2", "3/2")  # p = 2, L_gen(inf) = 1/7
    never = grokking_time(setting, Fraction(4, 7), digits=10)
    assert never.gen == never.delta == math.inf
    assert never.lost is None
    assert "limit 0.142857, and the threshold 1/7 is not above that" in never.reason
    late = grokking_time(setting, Fraction(4, 7) * (1 + Fraction(1, 10**60)), digits=10)
    assert late.gen < math.inf
    assert late.reason is None


def test_a_training_loss_that_stays_above_the_threshold():
    setting = knobs("1/2", noise="1/10")  # L_tr falls to sigma^2 (1 - lam) = 1/200
    never = grokking_time(setting, Fraction(4, 200), digits=10)
    assert never.train == math.inf
    assert "training loss stays above its limit 0.005, and the threshold 0.005 is not" in never.reason
    assert never.delta is None
    reached = grokking_time(setting, Fraction(4, 200) + Fraction(1, 10**12), digits=10)
    assert reached.train < math.inf
    warm = grokking_time(knobs("1/10", noise="1/5"), Fraction("0.06"), digits=10)  # L_gen below, L_tr above
    assert (warm.train, warm.delta) == (math.inf, -math.inf)
    assert warm.gen < warm.lost == math.inf


def test_thresholds_met_at_once():
    both = grokking_time(knobs("1/2", "1/10", noise="1/10"), Fraction(5), digits=10)
    assert (str(both.train), str(both.gen), str(both.delta)) == ("0", "0", "0")
    late = grokking_time(knobs("1/2", noise="1"), Fraction(4), digits=10)  # L_gen(0) = 1, L_tr(0) = 2, L_gen(inf) = 1
    assert str(late.gen) == "0"
    assert late.lost == math.inf
    assert late.delta.ball().overlaps((-late.train).ball())
    assert late.delta < 0
    lost = grokking_time(knobs("1/2", noise="3/2"), Fraction(4), digits=10)
    assert str(lost.gen) == "0"
    assert 0 < lost.lost < math.inf
    assert grokking_time(knobs("1/2", d_out=1075), EPS).delta == 0.0
    assert grokking_time(knobs("1/2", d_out=1074), EPS).delta > 0.0


def test_lost_and_regained_where_null_modes_forget():
    """The loss turns three times: down, up, down and, in the end, up by a hair."""
    setting = knobs("1.1523", "0.01205", "0.2185", "0.1257", eta="1/2")
    turning = turning_points(KnobLosses(setting))
    with working_precision(80):
        losses = [float(point.loss()) for point in turning]
    assert [point.minimum for point in turning] == [True, False, True]
    assert losses[1] > losses[2] > losses[0]
    between = Fraction(losses[2]) + Fraction(1, 10**9)
    found = grokking_time(setting, 4 * between, digits=15)
    assert found.gen < found.lost < found.regained < math.inf
    assert grokking_time(setting, 4 * Fraction("0.13743"), digits=15).lost == math.inf
    assert gen_minimum(setting).time == pytest.approx(19.26, abs=0.01)


def test_near_a_minimum_the_threshold_is_decided_or_declared_undecidable():
    setting = knobs("1/2", noise="1/50")
    level = 4 * Fraction(str(gen_minimum(setting, digits=60).loss))
    deep, short = (grokking_time(setting, level * (1 + sign * Fraction(1, 10**40)), digits=15) for sign in (1, -1))
    assert deep.gen < deep.lost < math.inf
    assert deep.lost - deep.gen < Fraction(1, 10**16) * Fraction(str(deep.gen)) * 100
    assert short.gen == math.inf
    assert "minimum 0.000399915 at t = 122.380" in short.reason
    exact = 4 * Fraction(str(gen_minimum(setting, digits=1300).loss))
    with pytest.raises(gm.Undecidable, match="minimum of the generalization loss agree"):
        grokking_time(setting, exact)


@pytest.mark.parametrize("sigma", ["1e-20", "1e-3"])
def test_at_lam_one_noise_without_decay_loses_the_accuracy_however_late(sigma):
    found = grokking_time(knobs(1, noise=sigma), Fraction(1, 2), digits=15)
    assert found.gen < found.lost < math.inf
    assert found.regained == math.inf


def test_methods_other_than_exact_know_of_outputs_and_scale_alone():
    with pytest.raises(gm.DomainError, match="method"):
        grokking_time(knobs("0.9"), EPS, method="guess")
    none = grokking_time(knobs("0.9", "1e-3"), EPS, method="lambert", digits=10)
    assert none.delta is None
    assert "weight decay nor label noise" in none.reason
    for method in ("lambert", "uniform"):
        found = grokking_time(knobs("0.9", alpha=3, d_out=10), EPS, method=method)
        near = grokking_time(knobs("0.9", alpha=3, d_out=10), EPS)
        assert found.delta == pytest.approx(near.delta, rel={"lambert": 0.25, "uniform": 1e-3}[method])
        assert found.lost is None
    leading = grokking_time(knobs("0.9", d_out=10), EPS, method="leading").delta
    assert leading == pytest.approx(10 * grokking_time(knobs("0.9"), EPS, method="leading").delta, rel=1e-14)


def test_the_plateau_of_a_rescaled_model_is_named():
    found = grokking_time(knobs("3/2", alpha=2, d_out=5), EPS)
    assert found.gen == math.inf
    assert "plateau (1 + alpha^2)/(2 d_out) (1 - 1/lam) = 1/6, and the threshold 0.000441936 is not" in found.reason


# Properties


SETTINGS = st.builds(
    knobs,
    lam=st.one_of(
        log_uniform(-2, -0.05), log_uniform(-3, -1).map(lambda x: 1 + x), log_uniform(0.05, 1), st.just(Fraction(1))
    ),
    decay=st.one_of(st.just(0), log_uniform(-4, 1)),
    alpha=st.one_of(st.just(0), log_uniform(-1, 1.5)),
    noise=st.one_of(st.just(0), log_uniform(-3, 1)),
    d_out=st.sampled_from([1, 1, 2, 7]),
    eta=st.just(Fraction(1, 2)),
)


def crossing_level(setting, share):
    """A tolerance whose threshold L_gen crosses, by its value at some time."""
    gen, _ = mode_losses(setting, [10.0 ** (6 * share - 3)])
    return Fraction(float(gen[0]) * 2 * gammaincinv(setting.d_out / 2, LEVEL) / setting.d_out)


@settings(max_examples=30)
@given(setting=SETTINGS, share=st.floats(0, 1))
@example(setting=knobs("1.1523", "0.01205", "0.2185", "0.1257", eta="1/2"), share=0.9)
@example(setting=knobs(1, "1/10", 20, 5, eta="1/2"), share=0.5)
@example(setting=knobs(4, 2, 1, 1, eta="1/2"), share=0.5)  # c = a
@example(setting=knobs("1.000001", "1/1000", 1, "1/10", eta="1/2"), share=0.7)
def test_first_passage_and_loss_agree_with_an_average_over_modes(setting, share):
    eps = crossing_level(setting, share)
    try:
        found = grokking_time(setting, eps)
    except gm.Undecidable:
        assume(False)
    level = float(eps) * setting.d_out / (2 * gammaincinv(setting.d_out / 2, LEVEL))
    u_of_t = float(setting.rate)
    times = np.concatenate([[0.0], np.geomspace(1e-4, 1e4, 60)])
    gen, train = mode_losses(setting, times)
    slack = 1e-3
    gen_u, lost_u, train_u = (math.inf if t is None else t * u_of_t for t in (found.gen, found.lost, found.train))
    # before the first passage the loss is above the threshold, between it and the loss of accuracy below
    assert (gen[times < gen_u * (1 - 1e-9)] > level * (1 - slack)).all()
    held = (times > gen_u) & (times < (lost_u if found.lost is not None else 0))
    assert (gen[held] < level * (1 + slack)).all()
    assert (train[times < train_u * (1 - 1e-9)] > level * (1 - slack)).all()
    assert (train[times > train_u] < level * (1 + slack)).all()
    for time, losses in ((gen_u, 0), (train_u, 1), (lost_u, 0)):
        if 0 < time < 1e4:
            assert mode_losses(setting, [time])[losses][0] == pytest.approx(level, rel=slack)


@settings(max_examples=20)
@given(setting=SETTINGS)
@example(setting=knobs("1.1523", "0.01205", "0.2185", "0.1257"))
def test_turning_points_are_where_the_slope_changes_its_sign(setting):
    turning = turning_points(KnobLosses(setting))
    assert not (turns_once(setting) and len(turning) > 1)
    times = np.geomspace(1e-4, 1e4, 100)
    gen, _ = mode_losses(setting, times)
    steps = np.diff(gen)
    signs = np.sign(steps[np.abs(steps) > 1e-6 * gen[1:]])
    assert (np.diff(signs) != 0).sum() <= len(turning)
    minimum = gen_minimum(setting)
    assert minimum.loss <= gen.min() * (1 + 1e-3)
    for k, point in enumerate(turning):
        assert point.minimum == (k % 2 == 0)
        with working_precision(60):
            u = point.time().mid()
            before, after = (
                KnobLosses(setting).gen_slope_parts((u * Fraction(f).numerator) / Fraction(f).denominator)
                for f in (0.999, 1.001)
            )
        side = 1 if point.minimum else -1
        assert side * (after[0] - after[1]) > 0
        assert side * (before[0] - before[1]) < 0


@settings(max_examples=40)
@given(lam=log_uniform(-2, -0.02), share=st.floats(0.01, 0.9), ratio=st.sampled_from(["0.1", "0.999", "1.001", "9"]))
def test_the_threshold_is_reached_below_the_critical_decay_alone(lam, share, ratio):
    eps = Fraction(share) / 4
    gamma = Fraction(critical_weight_decay(lam, eps)) * Fraction(ratio)
    reached = Fraction(ratio) < 1
    found = grokking_time(knobs(lam, gamma), eps, digits=12)
    assert (found.gen < math.inf) == reached
    assert (found.reason is None) == reached


@settings(max_examples=15)
@given(lam=st.one_of(log_uniform(-1, -0.02), st.just(Fraction(1))), which=st.sampled_from(["decay", "noise"]))
def test_tiny_knobs_change_little(lam, which):
    plain = grokking_time(knobs(lam), EPS, digits=15)
    tiny = grokking_time(knobs(lam, **{which: "1e-30"}), EPS, digits=15)
    for name in ("train", "gen", "delta"):
        assert float(getattr(tiny, name)) == pytest.approx(float(getattr(plain, name)), rel=1e-9)


@settings(max_examples=40)
@given(setting=SETTINGS)
@example(setting=knobs("1/2", noise="1/50"))
@example(setting=knobs("9/10", "1/10", 0, 1))
@example(setting=knobs("3/2", noise=1))
@example(setting=knobs(2, 20, 3, 5))
def test_the_sweep_finds_the_one_turning_point_where_the_theorem_has_it(setting):
    """Two proofs of the same: Descartes' rule, and enclosures of the slope's two parts on all of (0, inf)."""
    assume(setting.overfitting > 0 and turns_once(setting))
    assume(setting.c > 0 or setting.lam != 1)  # there the sweep has no end
    losses = KnobLosses(setting)
    ((low, high),) = isolated(losses)
    (turn,) = turning_points(losses)
    with working_precision(60):
        assert turn.time() > low
        assert turn.time() < high


@settings(max_examples=10)
@given(d_out=st.integers(1, 50), gamma=log_uniform(-5, -3))
def test_conventions_of_decay_at_several_outputs(d_out, gamma):
    paper = grokking_time(knobs("0.9", gamma * d_out, d_out=d_out), EPS, digits=12)
    decoupled = grokking_time(knobs("0.9", gamma, d_out=d_out, convention="decoupled"), EPS, digits=12)
    summed = grokking_time(knobs("0.9", gamma * d_out, d_out=d_out, convention="summed"), EPS, digits=12)
    for name in ("train", "gen"):
        first, second, third = (getattr(found, name) for found in (paper, decoupled, summed))
        assert first == math.inf == second or first.ball().overlaps(second.ball())
        assert first == math.inf == third or first.ball().overlaps((third * d_out).ball())


def test_the_float_reading_is_the_rounded_certified_one():
    setting = knobs("0.9", "1e-3", 2, "0.001", 3)
    floats, certified = grokking_time(setting, EPS), grokking_time(setting, EPS, digits=30)
    assert isinstance(certified, GrokkingTime)
    for which in ("train", "gen", "delta"):
        assert getattr(floats, which) == float(getattr(certified, which))
        assert getattr(certified, which).digits == 30
    least, precise = gen_minimum(setting), gen_minimum(setting, digits=30)
    assert (least.time, least.loss) == (float(precise.time), float(precise.loss))


# The parts


@given(
    d_out=st.integers(1, 2000),
    level=st.one_of(st.none(), log_uniform(-8, -0.01), log_uniform(-12, -1).map(lambda x: 1 - x)),
)
@example(d_out=1, level=None)
@example(d_out=10**9, level=None)
@example(d_out=41, level=Fraction(1, 10**30))
def test_the_quantile_of_the_accuracy(d_out, level):
    with working_precision(100):
        threshold = OutputThreshold(Fraction(1), level, d_out)
        x = ball(Fraction(d_out)) / (2 * threshold.ball())
    target = LEVEL if level is None else float(level)
    assume(target < 1 - 1e-9)
    assert float(x) == pytest.approx(gammaincinv(d_out / 2, target), rel=1e-6 / (1 - target) * 1e-3 + 1e-9)


def test_one_output_at_the_papers_accuracy_is_exact():
    assert OutputThreshold(EPS).exact == EPS / 4
    assert OutputThreshold(EPS, None, 2).exact is None
    assert OutputThreshold(Fraction(4)).compare(Fraction(1), "f") == 0
    with working_precision(100):
        near = OutputThreshold(EPS, None, 2).ball()
        exact = ball(EPS) / -ball(Fraction(2)).sqrt().erfc().log()
    assert near.overlaps(exact)


def test_a_threshold_that_cannot_be_told_from_a_number():
    with working_precision(2**15):
        root = OutputThreshold(EPS, None, 2).ball().mid()
    mantissa, exponent = (int(x) for x in root.man_exp())
    with pytest.raises(gm.Undecidable, match="cannot be told apart"):
        OutputThreshold(EPS, None, 2).compare(Fraction(mantissa) * Fraction(2) ** exponent, "f")


@given(u=st.fractions(-9, 9, max_denominator=9), v=st.fractions(-9, 9, max_denominator=9), r=st.integers(0, 9))
def test_signs_of_surds(u, v, r):
    value = float(u) + float(v) * math.sqrt(r)
    sign = surd_sign(u, v, Fraction(r))
    if abs(value) > 1e-9:
        assert sign == (1 if value > 0 else -1)
    else:
        assert sign == (0 if u * u == v * v * r else sign)


def test_a_function_that_tells_no_sign_is_refused():
    with working_precision(64):
        change = SignChange(
            lambda u: u * 0 + ball(Fraction(0)).union(ball(Fraction(1))),
            ball(Fraction(0)),
            None,
            ball(Fraction(1)),
            "f",
        )
        with pytest.raises(gm.PrecisionError, match="f: "):
            change.enclose()


@pytest.mark.parametrize("root", [Fraction(1, 3), Fraction(1), Fraction(10**30), Fraction(1, 10**30)])
def test_a_sign_change_is_enclosed_at_rising_precision(root):
    with working_precision(64):
        change = SignChange(lambda u: ball(root) * ball(root) - u * u, ball(Fraction(0)), None, ball(Fraction(1)), "f")
        assert change.enclose().contains(ball(root).mid()) or change.enclose().overlaps(ball(root))
    with working_precision(1000):
        assert change.enclose().overlaps(ball(root))
        assert change.enclose().rel_accuracy_bits() > 990
