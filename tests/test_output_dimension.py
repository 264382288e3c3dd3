"""The number of outputs with the largest grokking time, with none, and with any: against exhaustive search."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.special import gammaincinv

import grokmath as gm
from grokmath.regression.knob_grokking_time import grokking_time
from grokmath.regression.knobs import Knobs
from grokmath.regression.output_dimension import (
    d_out_met_at_once,
    largest_grokking_time,
    smallest_generalizing_d_out,
)

from .strategies import log_uniform

PAPER = 1 - math.erfc(math.sqrt(2))


def times(lam, eps, d_outs, accuracy=None, alpha=1):
    """Grokking times at eta = 0.01, one d_out at a time."""
    eps, level = Fraction(eps), None if accuracy is None else Fraction(accuracy)
    models = [Knobs(Fraction(lam), Fraction(1, 100), d, init_scale=Fraction(alpha)) for d in d_outs]
    return [grokking_time(model, eps, level).delta for model in models]


LARGEST = [  # lam, accuracy, d_out
    ("0.9", None, 26, "72697.3"),
    ("0.9", "0.95", 26, "72024.6"),
    ("0.5", None, 147, None),
    ("0.5", "0.95", 147, None),
    ("0.1", None, 341, None),
    ("0.1", "0.95", 340, None),
]


@pytest.mark.parametrize(("lam", "accuracy", "d_out", "time"), LARGEST)
def test_the_largest_grokking_time(lam, accuracy, d_out, time):
    found = largest_grokking_time(lam, "1e-3", accuracy=accuracy, digits=12)
    assert found.d_out == d_out
    if time is not None:
        assert f"{float(found.time):.1f}" == time
    before, here, after = times(lam, "1e-3", [d_out - 1, d_out, d_out + 1], accuracy)
    assert here == pytest.approx(float(found.time), rel=1e-11)
    assert here > before
    assert here > after


@settings(max_examples=6)
@given(
    lam=log_uniform(-1.5, 0.2), accuracy=st.one_of(st.none(), st.sampled_from(["0.3", "0.99"])), alpha=st.integers(0, 2)
)
@example(lam=Fraction(11, 10), accuracy=None, alpha=1)
@example(lam=Fraction(1), accuracy="1e-6", alpha=1)
def test_the_maximum_is_that_of_an_exhaustive_search(lam, accuracy, alpha):
    found = largest_grokking_time(lam, "0.02", accuracy=accuracy, init_scale=alpha)
    last = d_out_met_at_once("0.02", accuracy=accuracy, init_scale=alpha)
    values = np.array(times(lam, "0.02", range(1, last + 1), accuracy, alpha))
    assert values[-1] == 0
    finite = np.where(np.isfinite(values), values, -1)
    assert int(np.argmax(finite)) + 1 == found.d_out
    assert finite.max() == pytest.approx(found.time, rel=1e-12)
    first = smallest_generalizing_d_out(lam, "0.02", accuracy=accuracy, init_scale=alpha)
    assert int(np.argmax(np.isfinite(values))) + 1 == first


MET = [("1e-3", "0.95", 1073), ("1e-2", "0.95", 122), ("1e-3", None, 1075), ("1e-2", None, 123)]


@pytest.mark.parametrize(("eps", "accuracy", "d_out"), MET)
def test_both_thresholds_met_at_once(eps, accuracy, d_out):
    assert d_out_met_at_once(eps, accuracy=accuracy) == d_out
    assert times("0.5", eps, [d_out], accuracy) == [0]
    assert times("0.5", eps, [d_out - 1], accuracy)[0] > 0


GENERALIZING = [("1.1", 112), ("1.5", 375), ("2.5", 656)]


@pytest.mark.parametrize(("lam", "d_out"), GENERALIZING)
def test_the_least_number_of_outputs_that_generalizes(lam, d_out):
    assert smallest_generalizing_d_out(lam, "1e-3", accuracy="0.95") == d_out
    never, late = times(lam, "1e-3", [d_out - 1, d_out], "0.95")
    assert never == math.inf
    assert late < math.inf
    assert smallest_generalizing_d_out(1, "1e-9") == 1


@settings(max_examples=40)
@given(eps=log_uniform(-3.5, 1), accuracy=st.one_of(st.none(), log_uniform(-6, -0.01)), alpha=st.integers(0, 3))
@example(eps=Fraction(4), accuracy=None, alpha=1)  # met by one output, with equality
@example(eps=4 - Fraction(1, 10**9), accuracy=None, alpha=1)
def test_met_at_once_against_the_condition_itself(eps, accuracy, alpha):
    found = d_out_met_at_once(eps, accuracy=accuracy, init_scale=alpha)
    level = PAPER if accuracy is None else float(accuracy)
    d = np.arange(1, int(found * 1.5) + 10)
    surplus = d * d * float(eps) / ((1 + alpha**2) * gammaincinv(d / 2, level)) - 1
    assert (surplus[found - 1 :] > -1e-7).all()
    assert found == 1 or surplus[found - 2] < 1e-7
    if eps == 4:
        assert found == 1


def test_thresholds_met_by_every_number_of_outputs():
    assert largest_grokking_time("0.9", 10) == (1, 0.0)
    assert str(largest_grokking_time("0.9", 10, digits=5).time) == "0"


def test_large_numbers_of_outputs():
    assert d_out_met_at_once("1e-8", accuracy="0.95") == 100023261
    with pytest.raises(gm.DomainError, match="d_out asked for is above"):
        d_out_met_at_once("1e-10")
    with pytest.raises(gm.DomainError, match="d_out asked for is above"):
        smallest_generalizing_d_out("1.5", "1e-12")


@pytest.mark.slow
def test_the_largest_grokking_time_at_small_tolerance():
    """The number of outputs scales nearly like 1/eps: 26, 266, 2746 at lam = 0.9."""
    found = largest_grokking_time("0.9", "1e-5")
    assert found.d_out == 2746
    before, here, after = times("0.9", "1e-5", [2745, 2746, 2747])
    assert here == pytest.approx(found.time, rel=1e-14)
    assert here > max(before, after)


BAD = [
    (largest_grokking_time, ("0", "1e-3"), {}, "lam"),
    (largest_grokking_time, ("0.5", "0"), {}, "eps"),
    (largest_grokking_time, ("0.5", "1"), {"eta": 0}, "eta"),
    (largest_grokking_time, ("0.5", "1"), {"digits": 0}, "digits"),
    (d_out_met_at_once, ("1",), {"accuracy": 1}, "accuracy"),
    (smallest_generalizing_d_out, ("0.5", "1"), {"init_scale": -1}, "init_scale"),
]


@pytest.mark.parametrize(("function", "arguments", "options", "name"), BAD)
def test_bad_input_names_the_argument(function, arguments, options, name):
    with pytest.raises(gm.DomainError, match=name):
        function(*arguments, **options)
