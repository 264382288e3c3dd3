"""Critical weight decays, aspect ratios and label noises: reference values, and the limit of the loss on both sides."""

from __future__ import annotations

import inspect
import math
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import grokmath as gm
from grokmath.regression.critical_values import (
    critical_label_noise,
    critical_weight_decay,
    largest_label_noise,
    weight_decay_window,
)
from grokmath.regression.critical_values_ratio import (
    aspect_ratio_windows,
    critical_aspect_ratio,
    temporary_label_noise,
)
from grokmath.regression.knob_grokking_time import gen_minimum, grokking_time
from grokmath.regression.knob_grokking_time_limits import threshold_against_gen_limit
from grokmath.regression.knob_grokking_time_threshold import OutputThreshold
from grokmath.regression.knobs import Knobs

from .strategies import log_uniform

EPS = Fraction(1, 1000)


def reached(eps, lam, decay=0, noise=0, alpha=1, d_out=1, accuracy=None, convention="paper"):
    """Whether L_gen(inf) < L*, decided from the limit itself."""
    values = [Fraction(x) for x in (decay, alpha, noise)]
    knobs = Knobs(Fraction(lam), Fraction(1), d_out, *values, convention)
    return threshold_against_gen_limit(knobs, OutputThreshold(Fraction(eps), accuracy, d_out)) > 0


def either_side(value):
    """Exact numbers a little below and above a double."""
    return Fraction(value) * (1 - Fraction(1, 10**9)), Fraction(value) * (1 + Fraction(1, 10**9))


GAMMA = [
    ("0.1", "0.039196764111820398737376723579253"),
    ("0.5", "0.016585679487670498909589142362091"),
    ("0.9", "0.0016210849179228932124068218413627"),
    ("1", "2.0000005000001250000312500078125e-6"),
]


@pytest.mark.parametrize(("lam", "gamma"), GAMMA)
def test_critical_weight_decay(lam, gamma):
    digits = len(gamma.split("e")[0].replace(".", "").lstrip("0"))
    assert str(critical_weight_decay(lam, "1e-3", digits=digits)) == gamma
    assert critical_weight_decay(lam, "1e-3") == pytest.approx(float(gamma), rel=1e-15)


@pytest.mark.parametrize(
    ("lam", "sigma", "low", "high"),
    [
        ("0.9", "0.06", "0.00412429637595457252632875413147", "0.0301475970754812983163731617645"),
        ("1.02", "0.02", "1.519e-4", "9.380e-3"),
    ],
)
def test_a_window_of_decay_with_noise(lam, sigma, low, high):
    window = weight_decay_window(lam, "0.1", label_noise=sigma, digits=30)
    for value, wanted in zip(window, (low, high), strict=True):
        digits = len(wanted.split("e")[0].replace(".", "").lstrip("0"))
        assert float(value) == pytest.approx(float(wanted), rel=0.51 * 10.0 ** (1 - min(digits, 15)))
    if digits > 20:
        assert (str(window.low), str(window.high)) == (low, high)


def test_critical_aspect_ratios():
    assert str(critical_aspect_ratio("1e-3", weight_decay="0.002", digits=30)) == "0.884129989855059974367475387753"
    assert str(critical_aspect_ratio("1e-3", digits=20)) == str(gm.evaluate(sympy.Rational(4000, 3999), digits=20))
    with_scale = critical_aspect_ratio("0.1", init_scale=3, digits=20)
    assert str(with_scale) == str(gm.evaluate(1 / (1 - sympy.Rational(1, 20) / 10), digits=20))
    noisy = critical_aspect_ratio("0.1", label_noise="0.1", digits=20)
    assert str(noisy) == str(gm.evaluate(sympy.Rational(25, 35), digits=20))
    # the limit of no decay from above forgets the initial scale
    tiny = critical_aspect_ratio("0.1", weight_decay="1e-30", init_scale=9, digits=12)
    assert str(tiny) == str(gm.evaluate(1 / (1 - sympy.Rational(1, 20)), digits=12))


def test_double_descent_makes_a_second_window():
    first, second = aspect_ratio_windows("0.1", label_noise="0.005", digits=9)
    assert (str(first[0]), str(first[1])) == ("0", "0.999000999")
    assert (str(second[0]), str(second[1])) == ("1.00104351", "1.02457187")
    limit = 1 - math.sqrt(1 - 0.025)  # sigma up to which there is one
    assert limit == pytest.approx(0.012579, abs=5e-7)
    assert len(aspect_ratio_windows("0.1", label_noise=str(limit * 0.999999))) == 2
    assert len(aspect_ratio_windows("0.1", label_noise=str(limit * 1.000001))) == 1
    assert len(aspect_ratio_windows("0.1", label_noise="0.005", weight_decay="1e-9")) == 2
    assert len(aspect_ratio_windows("0.1", label_noise="0.005", weight_decay="1e-6")) == 1
    assert len(aspect_ratio_windows("0.1", label_noise="0.005", weight_decay="1e-2")) == 1


def test_critical_label_noises():
    assert str(critical_label_noise("1/2", "1e-3", digits=30)) == "0.0158113883008418966599944677222"
    assert str(largest_label_noise("0.9", "0.1", digits=32)) == "0.065113486175072403576959614692243"
    found = temporary_label_noise("1/2", "1e-3", eta="1/4", digits=32)
    assert str(found.label_noise) == "0.015812358063103557688747816445537"
    assert str(temporary_label_noise("1/2", "1e-3", eta="1/4", digits=15).time) == "132.972434897795"
    assert critical_label_noise("0.5", "1e-3") < found.label_noise
    assert temporary_label_noise("1/2", "1e-3", eta="1/4").time == pytest.approx(132.972434897795, rel=1e-14)


def test_the_best_decay_at_the_largest_noise_touches_the_threshold():
    sigma = Fraction(str(largest_label_noise("0.9", "0.1", digits=40)))
    best = Knobs(Fraction(9, 10), Fraction(1), 1, 4 * Fraction(9, 10) * sigma**2, Fraction(0), sigma)
    assert abs(gen_minimum(best, digits=40).loss - Fraction(1, 40)) < Fraction(1, 10**38)
    below, above = (weight_decay_window("0.9", "0.1", label_noise=x) for x in either_side(sigma))
    assert below.high - below.low < 1e-4
    assert above is None


def test_where_there_is_no_critical_value():
    assert critical_weight_decay("1.5", "1e-3") == 0.0
    assert str(critical_weight_decay("1.5", "1e-3", digits=5)) == "0"
    assert critical_weight_decay("0.5", "2") == math.inf
    assert critical_weight_decay("0.5", "0.1", label_noise=3) == 0.0
    assert weight_decay_window("0.5", "0.1", label_noise=3) is None
    assert weight_decay_window("0.5", "2", label_noise=3).low > 0
    assert weight_decay_window("0.5", "3", label_noise=3).high == math.inf
    assert largest_label_noise("1.5", "0.1") == 0.0
    assert largest_label_noise("0.5", "2") == math.inf
    assert critical_label_noise("1.5", "0.1") == 0.0
    assert critical_label_noise(1, "0.1") == 0.0
    assert critical_aspect_ratio("4") == math.inf
    assert critical_aspect_ratio("0.01", weight_decay="1") == 0.0
    assert aspect_ratio_windows("2", weight_decay="1", label_noise="0.1")[-1][1] == math.inf
    assert temporary_label_noise("1.5", "0.1") == (0.0, None)
    assert temporary_label_noise("0.5", "4") == (math.inf, 0.0)


def test_noise_that_is_reached_for_a_while_only_needs_little_decay():
    """With 2 lam sigma_c^2 <= c the loss falls at all times even at sigma_c: nothing is temporary."""
    strong = temporary_label_noise("0.5", "0.1", weight_decay="0.1", digits=20)
    assert strong.time == math.inf
    assert str(strong.label_noise) == str(critical_label_noise("0.5", "0.1", weight_decay="0.1", digits=20))
    weak = temporary_label_noise("0.5", "0.1", weight_decay="0.01", digits=20)
    assert weak.time < math.inf
    assert weak.label_noise > critical_label_noise("0.5", "0.1", weight_decay="0.01", digits=20)
    with pytest.raises(gm.DomainError, match="turn more than once"):
        temporary_label_noise("1.01", "0.1", weight_decay="0.01")


@settings(max_examples=15, deadline=None)
@given(
    lam=log_uniform(-1.5, -0.05), eps=log_uniform(-4, -0.5), d_out=st.sampled_from([1, 1, 3]), alpha=st.integers(0, 3)
)
def test_up_to_the_temporary_noise_the_threshold_is_reached(lam, eps, d_out, alpha):
    assume(d_out * float(eps) < 0.5)
    sigma, time = temporary_label_noise(lam, eps, eta="1/4", d_out=d_out, init_scale=alpha)
    below, above = (
        grokking_time(Knobs(lam, Fraction(1, 4), d_out, Fraction(0), Fraction(alpha), noise), eps)
        for noise in either_side(sigma)
    )
    assert below.gen < time < below.lost < math.inf
    assert above.gen == math.inf


LAMS = st.one_of(log_uniform(-3, 1), log_uniform(-3, -1).map(lambda x: 1 + x), st.just(Fraction(1)))


@settings(deadline=None)
@given(lam=LAMS, eps=log_uniform(-5, 0.8), noise=st.one_of(st.just(Fraction(0)), log_uniform(-3, 0.5)))
@example(lam=Fraction(1), eps=Fraction(2), noise=Fraction(0))
@example(lam=Fraction(1, 2), eps=Fraction(2), noise=Fraction(1))
@example(lam=Fraction(102, 100), eps=Fraction(1, 10), noise=Fraction(2, 100))
@example(lam=Fraction(1, 2), eps=Fraction(1, 10), noise=Fraction(1, 2**10))
def test_the_limit_passes_the_threshold_at_the_ends_of_the_window(lam, eps, noise):
    window = weight_decay_window(lam, eps, label_noise=noise)
    probes = [Fraction(10) ** k for k in range(-9, 5)]
    if window is None:
        assert not any(reached(eps, lam, gamma, noise) for gamma in probes)
        return
    low, high = window
    assert low < high
    for gamma in probes:
        if abs(gamma / Fraction(low or 1) - 1) > 1e-9 and (high == math.inf or abs(gamma / Fraction(high) - 1) > 1e-9):
            assert reached(eps, lam, gamma, noise) == (low < gamma < high)
    if low > 0:
        below, above = either_side(low)
        assert not reached(eps, lam, below, noise)
        assert reached(eps, lam, above, noise) or high < low * (1 + 1e-8)
    if high < math.inf:
        below, above = either_side(high)
        assert reached(eps, lam, below, noise) or high < low * (1 + 1e-8)
        assert not reached(eps, lam, above, noise)


@settings(deadline=None)
@given(
    eps=log_uniform(-4, 1),
    decay=st.one_of(st.just(Fraction(0)), log_uniform(-6, 1)),
    noise=st.one_of(st.just(Fraction(0)), log_uniform(-3, 0.5)),
    alpha=st.integers(0, 4),
)
@example(eps=Fraction(1, 10), decay=Fraction(0), noise=Fraction(1, 200), alpha=1)
@example(eps=Fraction(1, 10), decay=Fraction(1, 10**6), noise=Fraction(1, 200), alpha=1)
@example(eps=Fraction(4), decay=Fraction(0), noise=Fraction(1, 2), alpha=1)
@example(eps=Fraction(4), decay=Fraction(0), noise=Fraction(1), alpha=1)
@example(eps=Fraction(2), decay=Fraction(1, 2), noise=Fraction(1, 3), alpha=1)
def test_the_limit_passes_the_threshold_at_the_ends_of_the_aspect_ratio_windows(eps, decay, noise, alpha):
    windows = aspect_ratio_windows(eps, weight_decay=decay, label_noise=noise, init_scale=alpha)
    ends = [end for window in windows for end in window]
    assert ends == sorted(ends)
    probes = (
        [Fraction(10) ** k for k in range(-5, 6)] + [Fraction(k, 20) for k in range(15, 30)] + [Fraction(1001, 1000)]
    )
    for lam in probes:
        if any(0 < end < math.inf and abs(float(lam) / end - 1) < 1e-9 for end in ends):
            continue
        assert reached(eps, lam, decay, noise, alpha) == any(low < lam < high for low, high in windows)
    for low, high in windows:
        if low > 0 and low * (1 + 1e-8) < high:
            below, above = either_side(low)
            assert (reached(eps, below, decay, noise, alpha), reached(eps, above, decay, noise, alpha)) == (False, True)


@settings(deadline=None)
@given(
    lam=LAMS,
    eps=log_uniform(-4, 0.5),
    decay=st.one_of(st.just(Fraction(0)), log_uniform(-5, 1)),
    d_out=st.sampled_from([1, 2, 5]),
    convention=st.sampled_from(["paper", "decoupled", "summed"]),
)
def test_the_limit_passes_the_threshold_at_the_critical_noise(lam, eps, decay, d_out, convention):
    sigma = critical_label_noise(lam, eps, weight_decay=decay, d_out=d_out, decay_convention=convention)
    if sigma == 0:
        assert not reached(eps, lam, decay, Fraction(1, 10**9), d_out=d_out, convention=convention)
        return
    below, above = (reached(eps, lam, decay, x, d_out=d_out, convention=convention) for x in either_side(sigma))
    assert below
    assert not above
    if decay:
        assert sigma <= largest_label_noise(lam, eps, d_out=d_out) * (1 + 1e-14)


@given(lam=log_uniform(-3, -0.01), d_out=st.integers(2, 9), accuracy=st.one_of(st.none(), log_uniform(-2, -0.01)))
def test_conventions_of_decay_and_outputs(lam, d_out, accuracy):
    options = {"d_out": d_out, "accuracy": accuracy}
    paper, decoupled, summed = (
        critical_weight_decay(lam, "1e-3", decay_convention=name, **options)
        for name in ("paper", "decoupled", "summed")
    )
    assert paper == summed
    assert paper in (0, math.inf) or paper == pytest.approx(decoupled * d_out, rel=1e-14)
    if 0 < paper < math.inf:
        below, above = (reached(EPS, lam, x, 0, 1, d_out, accuracy) for x in either_side(paper))
        assert below
        assert not above


def test_the_symbolic_reading():
    lam, eps, gamma, sigma, alpha = sympy.symbols("lam eps gamma sigma alpha", positive=True)
    point = {
        lam: sympy.Rational(9, 10),
        eps: sympy.Rational(1, 10),
        sigma: sympy.Rational(6, 100),
        gamma: sympy.Rational(1, 1000),
    }
    cases = [
        (
            critical_weight_decay(lam, eps, label_noise=sigma),
            critical_weight_decay("0.9", "0.1", label_noise="0.06", digits=30),
        ),
        (critical_label_noise(lam, eps), critical_label_noise("0.9", "0.1", digits=30)),
        (
            critical_label_noise(lam, eps, weight_decay=gamma),
            critical_label_noise("0.9", "0.1", weight_decay="0.001", digits=30),
        ),
        (largest_label_noise(lam, eps), largest_label_noise("0.9", "0.1", digits=30)),
        (largest_label_noise(lam, eps, accuracy="0.9"), largest_label_noise("0.9", "0.1", accuracy="0.9", digits=30)),
    ]
    for expression, certified in cases:
        if expression.has(sympy.erfinv):  # not in the vocabulary of evaluate
            assert float(expression.subs(point)) == pytest.approx(float(certified), rel=1e-13)
        else:
            assert gm.evaluate(expression.subs(point), digits=30).ball().overlaps(certified.ball())
    above = critical_label_noise(lam, eps, init_scale=alpha).subs({**point, lam: sympy.Rational(101, 100), alpha: 1})
    number = critical_label_noise("1.01", "0.1", digits=30)
    assert gm.evaluate(sympy.sqrt(sympy.nsimplify(above**2)), digits=30).ball().overlaps(number.ball())
    # printed leading order of gamma_c, corrected: sqrt(2 eps (1 - lam)^3)
    leading = sympy.limit(critical_weight_decay(sympy.Rational(1, 2), eps) / sympy.sqrt(eps), eps, 0)
    assert sympy.simplify(leading - sympy.sqrt(2 * sympy.Rational(1, 8))) == 0
    with pytest.raises(gm.UnsupportedExpression, match="d_out = 1"):
        critical_weight_decay(lam, eps, d_out=3)


def test_arrays_of_aspect_ratios():
    lam = np.array([[0.1, 0.5], [0.9, 1.5]])
    values = critical_weight_decay(lam, "1e-3")
    assert values.shape == (2, 2)
    assert values[0, 1] == critical_weight_decay("0.5", "1e-3")
    assert values[1, 1] == 0
    objects = critical_label_noise(["0.1", "0.5"], "1e-3", digits=20)
    assert [value.digits for value in objects] == [20, 20]


BAD = [
    (critical_weight_decay, ("0", "1e-3"), {}, "lam"),
    (critical_weight_decay, ("0.5", "-1"), {}, "eps"),
    (critical_weight_decay, ("0.5", "1e-3"), {"d_out": 2.5}, "d_out"),
    (critical_weight_decay, ("0.5", "1e-3"), {"accuracy": 1}, "accuracy"),
    (critical_weight_decay, ("0.5", "1e-3"), {"decay_convention": "other"}, "decay_convention"),
    (critical_weight_decay, ("0.5", "1e-3"), {"digits": 0}, "digits"),
    (weight_decay_window, ("0.5", "1e-3"), {"label_noise": -1}, "label_noise"),
    (weight_decay_window, (sympy.Symbol("x"), "1e-3"), {}, "lam"),
    (weight_decay_window, ("0.5", "1e-3"), {"label_noise": sympy.Symbol("x")}, "label_noise"),
    (critical_label_noise, ("0.5", "1e-3"), {"weight_decay": "-1"}, "weight_decay"),
    (critical_label_noise, ("0.5", "1e-3"), {"init_scale": math.inf}, "init_scale"),
    (largest_label_noise, ("0.5", "x"), {}, "eps"),
    (aspect_ratio_windows, ("0",), {}, "eps"),
    (aspect_ratio_windows, ("1",), {"label_noise": sympy.Symbol("x")}, "label_noise"),
    (critical_aspect_ratio, ("1",), {"d_out": 0}, "d_out"),
    (temporary_label_noise, ("0.5", "1"), {"eta": 0}, "eta"),
    (temporary_label_noise, ("2e6", "1"), {}, "lam"),
]


@pytest.mark.parametrize(("function", "arguments", "options", "name"), BAD)
def test_bad_input_names_the_argument(function, arguments, options, name):
    with pytest.raises(gm.DomainError, match=name):
        function(*arguments, **options)


def test_a_threshold_at_an_extremum_of_the_limit_is_undecidable():
    """Without decay the second window closes at sigma = sqrt(A) - sqrt(A - M): decided exactly where M is."""
    eps = 4 * (1 - Fraction(16, 25))  # A = 1, sqrt(A - M) = 4/5
    assert len(aspect_ratio_windows(eps, label_noise="1/5")) == 1
    assert len(aspect_ratio_windows(eps, label_noise="0.199999")) == 2


@pytest.mark.parametrize("accuracy", [None, "0.95"])
@pytest.mark.parametrize("d_out", [1, 5])
def test_the_window_of_decay_at_lam_one_is_decided_for_several_outputs(d_out, accuracy):
    """At lam = 1 without noise the lower root is 1 exactly, where p starts, whatever the threshold."""
    window = gm.weight_decay_window(1, "1e-3", d_out=d_out, accuracy=accuracy, digits=15)
    assert window.low.exact == 0
    assert str(window.high) == str(gm.critical_weight_decay(1, "1e-3", d_out=d_out, accuracy=accuracy, digits=15))
    after = gm.LinearTeacherStudent(1, d_out=d_out, weight_decay=float(window.high) * 1.01).grokking_time(
        "1e-3", accuracy=accuracy
    )
    before = gm.LinearTeacherStudent(1, d_out=d_out, weight_decay=float(window.high) * 0.99).grokking_time(
        "1e-3", accuracy=accuracy
    )
    assert math.isinf(after.gen)
    assert math.isfinite(before.gen)


@pytest.mark.parametrize("name", ["d_out", "weight_decay", "init_scale", "label_noise", "accuracy"])
@pytest.mark.parametrize(
    "function", [weight_decay_window, temporary_label_noise, aspect_ratio_windows, critical_aspect_ratio]
)
def test_symbols_where_cases_go_by_order_are_refused_by_name(function, name):
    """They raised AttributeError or TypeError from inside."""
    takes = inspect.signature(function).parameters
    if name not in takes:
        return
    given = {"lam": "1/2"} if "lam" in takes else {}
    with pytest.raises(gm.DomainError, match=f"{function.__name__}: {name} = x is not allowed"):
        function(**given, eps="1e-3", **{name: sympy.Symbol("x", positive=True)})
