"""The losses with all knobs in double precision against the certified ones."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from flint import arb
from hypothesis import example, given, settings
from hypothesis import strategies as st

import grokmath as gm
from grokmath.exact import ball, working_precision
from grokmath.regression.knob_losses_certified import KnobLosses
from grokmath.regression.knob_losses_float64 import KnobLossesFloat64
from grokmath.regression.knobs import CONVENTIONS, Knobs

from .strategies import rational, ratios_of

REQUIRED_GEN = 3e-14
REQUIRED_TRAIN = 4e-15
ONE, ZERO = Fraction(1), Fraction(0)


ratios = ratios_of(-30)
any_knobs = st.builds(
    Knobs,
    ratios,
    st.floats(-3, 2).map(rational),
    st.sampled_from([1, 2, 10, 1000]),
    st.one_of(st.just(ZERO), st.floats(-30, 3).map(rational)),
    st.one_of(st.just(ZERO), st.just(ONE), st.floats(-3, 2).map(rational)),
    st.one_of(st.just(ZERO), st.floats(-6, 1).map(rational)),
    st.sampled_from(CONVENTIONS),
)
times = st.one_of(st.just(0.0), st.floats(-12, 12).map(lambda x: 10.0**x), st.floats(-1, 4).map(lambda x: 10.0**x))


@settings(deadline=None)
@given(knobs=any_knobs, t=st.lists(times, min_size=1, max_size=4))
@example(knobs=Knobs(ONE, ONE, 1, Fraction(1, 10**30), ONE, ONE), t=[1e12, 1.0])
@example(knobs=Knobs(ONE, ONE, 1, ZERO, ONE, ONE), t=[1e12, 10.0, 9.999, 10.001])
@example(knobs=Knobs(Fraction(5, 2), ONE, 1, ZERO, ONE, ONE), t=[1e12, 1e3, 30.0])
@example(knobs=Knobs(Fraction(10**6), ONE, 1, Fraction(1000), ONE, ONE), t=[1e-9, 1e-5, 1.0])
def test_losses_on_the_whole_domain(knobs, t):
    fast, losses = KnobLossesFloat64(knobs), KnobLosses(knobs)
    gen, train = fast.gen_loss(t), fast.train_loss(t)
    log_gen, log_train = fast.log_gen_loss(t), fast.log_train_loss(t)
    with working_precision(120):
        for n, time in enumerate(t):
            u = ball(knobs.rate * Fraction(time))
            rows = (
                (losses.gen(u), gen[n], log_gen[n], REQUIRED_GEN),
                (losses.train(u), train[n], log_train[n], REQUIRED_TRAIN),
            )
            for truth, value, log, required in rows:
                exact_log = truth.log()
                if exact_log > -690:
                    assert abs(arb(float(value)) / truth.value() - 1) < required
                else:
                    assert 0 <= value < 1e-299
                assert abs(arb(float(log)) - exact_log) < required * (1 + abs(exact_log))


@settings(deadline=None)
@given(knobs=any_knobs, t=st.floats(-9, -1).map(lambda x: 10.0**x))
@example(knobs=Knobs(Fraction(1, 2), ONE, 1, Fraction(1, 100), ONE, Fraction(1, 10)), t=1e-6)
@example(knobs=Knobs(Fraction(5, 2), ONE, 1, ZERO, ONE, Fraction(1, 10)), t=1e-6)
def test_logarithms_keep_their_relative_accuracy_where_the_loss_starts_at_one(knobs, t):
    """Early on log L is the small number -(1 + ...) u; t times the largest rate is kept below 1/2."""
    knobs = Knobs(knobs.lam, knobs.eta, 1, knobs.weight_decay, ONE, knobs.label_noise)
    with working_precision(200):
        u = ball(knobs.rate * Fraction(t))
        if not u * ball((1 + knobs.c) * 4 * (1 + knobs.lam) * (1 + knobs.noise * knobs.lam)) < 0.25:
            return
        truth = KnobLosses(knobs).gen(u).log()
        value = KnobLossesFloat64(knobs).log_gen_loss(t)
        assert abs(arb(value) / truth - 1) < 2e-14
        if knobs.label_noise == 0:
            truth, value = KnobLosses(knobs).train(u).log(), KnobLossesFloat64(knobs).log_train_loss(t)
            assert abs(arb(value) / truth - 1) < 2e-14


@pytest.mark.parametrize("lam", [Fraction(1, 10**6), Fraction(1, 2), ONE, Fraction(3, 2), Fraction(10**6)])
@pytest.mark.parametrize("decay", [ZERO, Fraction(1, 10**30), Fraction(1, 100), Fraction(1000)])
@pytest.mark.parametrize("noise", [ZERO, Fraction(1, 10)])
def test_every_finite_time_gives_a_number(lam, decay, noise):
    t = np.concatenate([[0.0, 5e-324, 1.7e308], 10.0 ** np.linspace(-307, 308, 150)])
    losses = KnobLossesFloat64(Knobs(lam, Fraction(1, 100), 3, decay, Fraction(2), noise))
    for name in ("gen_loss", "train_loss"):
        values = getattr(losses, name)(t)
        assert np.isfinite(values).all()
        assert (values >= 0).all()
    logs = losses.log_gen_loss(t)
    assert not np.isnan(logs).any()
    assert not np.isnan(losses.log_train_loss(t)).any()
    assert np.allclose(losses.gen_loss(t[t < 1e-20]), 5 / 6)


@pytest.mark.parametrize("name", ["weight_decay", "init_scale", "label_noise"])
@pytest.mark.parametrize("value", ["1e-1000", "1e1000"])
def test_knobs_out_of_the_range_of_doubles_are_refused(name, value):
    model = gm.LinearTeacherStudent("1/2", **{name: value})
    with pytest.raises(gm.DomainError, match=f"{name} = .*ask for digits"):
        model.gen_loss(1.0)
    assert model.log_gen_loss(1, digits=10).digits == 10


def test_shapes():
    losses = KnobLossesFloat64(Knobs(Fraction(1, 2), ONE, 1, Fraction(1, 10), ONE, ONE))
    assert isinstance(losses.gen_loss(1.0), float)
    assert losses.train_loss(np.ones((2, 3))).shape == (2, 3)
    assert losses.log_gen_loss([1.0, 2.0]).shape == (2,)


def test_log_train_loss_does_not_cancel_where_a_noisy_start_falls_through_one():
    """L_tr falls from 6104 to 1.456: log1p(L(0) - 1 - deficit) lost four digits here."""
    model = gm.LinearTeacherStudent("3.103", "1/4", d_out=2, init_scale=0, label_noise="78.129")
    for t in (15.692, 15.0, 17.5):
        truth = float(model.log_train_loss(Fraction(t), digits=20))
        assert abs(model.log_train_loss(t) - truth) < 2e-15
