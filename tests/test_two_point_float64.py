"""The two-point model in doubles against certified values, and its speed."""

from __future__ import annotations

import math
import time
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grokmath.classification.two_point import TwoPointModel
from grokmath.parameters import DomainError

UNIT = 4e-15
"""The accuracy that docs/two_point_model.md states, relative to the sizes named there."""

_LAM = st.one_of(
    st.sampled_from([0.0, 0.5, 1.0]),
    st.floats(0, 1),
    st.floats(-12, -1).flatmap(lambda k: st.sampled_from([0.5 - 10**k, 0.5 + 10**k, 10**k, 1 - 10**k])),
)
_SIGMA = st.floats(-1, 1).map(lambda k: 10**k)
_START = st.one_of(st.just(0.0), st.floats(-3, 5))
_BIAS = st.one_of(st.just(0.0), st.floats(-3, 3))
_TIME = st.one_of(st.floats(-300, 300).map(lambda k: {"t": 10**k}), st.floats(-700, 5000).map(lambda k: {"log_t": k}))


def both(model: TwoPointModel, name: str, time: dict[str, float]) -> tuple[float, float]:
    exact = {key: Fraction(value) for key, value in time.items()}
    return getattr(model, name)(**time), float(getattr(model, name)(**exact, digits=20))


@settings(max_examples=80)
@given(lam=_LAM, sigma=_SIGMA, S0=_START, b0=_BIAS, time=_TIME)
@example(2.6e-8, 0.33, -2.4, 0.0, {"t": 2e101})
@example(0.0, 1.0, 1.0, 0.0, {"t": 1e30})
@example(0.5, 1.0, 0.0, 0.0, {"t": 1e300})
@example(0.45, 1.0, 0.0, 0.0, {"t": 1e6})
@example(1 - 1e-12, 0.1, 0.0, 0.0, {"log_t": 5000.0})
def test_weight_and_bias(lam, sigma, S0, b0, time):
    model = TwoPointModel(Fraction(lam), sigma=Fraction(sigma), S0=Fraction(S0), b0=Fraction(b0))
    weight, reference = both(model, "weight", time)
    size = min(abs(S0), model.minimizer()) if 2 * Fraction(lam) < 1 else abs(S0)
    tiny = 1e-15 * abs(math.log(abs(reference))) if reference else 0.0
    assert abs(weight - reference) <= (UNIT + tiny) * abs(reference) + UNIT * size
    bias, reference = both(model, "bias", time)
    assert abs(bias - reference) <= UNIT * (abs(reference) + abs(b0))


@settings(max_examples=40)
@given(lam=_LAM, sigma=_SIGMA, S0=_START, b0=_BIAS, time=_TIME)
@example(1.0, 0.17, 3.5, 0.0, {"log_t": 1787.5})
def test_losses_conformal_time_and_error(lam, sigma, S0, b0, time):
    model = TwoPointModel(Fraction(lam), sigma=Fraction(sigma), S0=Fraction(S0), b0=Fraction(b0))
    for name in ("train_loss", "gen_loss", "conformal_time"):
        log, reference = both(model, f"log_{name}", time)
        S, b = model.weight(**time), model.bias(**time)
        size = 1 + abs(reference) + abs(b) + abs(b0) + S * S + abs(S0) * (1 + abs(S))
        assert abs(log - reference) <= UNIT * size
        try:
            value, reference = both(model, name, time)
        except (DomainError, OverflowError):
            continue
        if 1e-290 < reference < 1e290:
            assert abs(value / reference - 1) <= 2 * UNIT * size
    assert 0 <= model.gen_error(**time) <= 1
    assert abs(model.gen_error(**time) + model.gen_accuracy(**time) - 1) < 1e-15


@settings(max_examples=40)
@given(lam=_LAM, sigma=_SIGMA, S0=_START, b0=_BIAS, fraction=st.floats(0.01, 0.99))
def test_as_functions_of_the_weight(lam, sigma, S0, b0, fraction):
    model = TwoPointModel(Fraction(lam), sigma=Fraction(sigma), S0=Fraction(S0), b0=Fraction(b0))
    end = float(model.minimizer()) if 2 * Fraction(lam) < 1 else S0 + 6
    S = S0 + fraction * (min(max(end, S0 - 6), S0 + 6) - S0)
    if abs(S - S0) < 1e-3:
        return
    for name in ("log_time_at_weight", "bias_at_weight", "conformal_time_at_weight"):
        value, reference = getattr(model, name)(S), float(getattr(model, name)(Fraction(S), digits=20))
        slack = abs(S0 / (S - S0)) + (abs(S / (end - S)) if end != S else 0) + abs(math.log(abs(reference) + 1e-300))
        assert abs(value - reference) <= 4 * UNIT * (abs(reference) + abs(b0)) * (1 + slack) * (1 + sigma**-2)


def test_extreme_parameters_fall_back_on_certified_values():
    model = TwoPointModel("0.3", sigma="1e60")
    assert model.weight(1.0) == float(TwoPointModel("0.3", sigma="1e60").weight(1, digits=20))
    far = TwoPointModel("0.3", S0=1000)
    assert far.weight(1e6) == float(far.weight(10**6, digits=20))


def test_a_million_times():
    model = TwoPointModel("0.45")
    t = np.geomspace(1e-6, 1e12, 10**6)
    start = time.process_time()
    weight = model.weight(t)
    assert time.process_time() - start < 20
    assert weight.shape == t.shape
    assert np.all(np.diff(weight) >= -1e-15)
    for k in (0, 333_333, 999_999):
        assert weight[k] == pytest.approx(float(model.weight(Fraction(float(t[k])), digits=20)), rel=UNIT)
