"""Grokking times over arrays of parameters: the certified times of the model, masks and shapes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grokmath import DomainError, LinearTeacherStudent
from grokmath.regression.grokking_times import grokking_times

KNOBS = {"d_out": 1, "weight_decay": 0.0, "init_scale": 1.0, "label_noise": 0.0}


def certified(lam: float, eps: float, **knobs: float) -> tuple[float, float]:
    times = LinearTeacherStudent(lam, 0.01, **knobs).grokking_time(eps)
    return float(times.train), float(times.gen)


def close(found: float, true: float) -> bool:
    """Equal to 1e-8; a time too late for the nodes, u = 0.02 t > 5e15, is not a number."""
    if math.isnan(found):
        return 5e15 < 0.02 * true < math.inf
    return found == true or abs(found / true - 1) < 1e-8


@given(
    st.floats(-3, 2).map(lambda x: float(f"{10**x:.6g}")),
    st.floats(-9, -0.3).map(lambda x: float(f"{10**x:.6g}")),
)
@example(1.0, 1e-3)
@example(1.0001, 1e-3)
@example(1.00025, 1e-3)
@example(0.5, 4.0)
@example(0.5, 5.0)
def test_plain_times_are_the_certified_ones(lam: float, eps: float) -> None:
    found = grokking_times(lam, eps)
    train, gen = certified(lam, eps)
    assert close(float(found.train), train)
    assert close(float(found.gen), gen)


@pytest.mark.parametrize(
    ("lam", "eps", "knobs"),
    [
        (0.9, 1e-3, {"weight_decay": 1e-3}),
        (0.9, 1e-3, {"weight_decay": 1.6e-3}),
        (0.9, 1e-3, {"weight_decay": 1.7e-3}),
        (0.5, 1e-3, {"d_out": 7, "weight_decay": 1e-3}),
        (0.9, 1e-3, {"d_out": 26}),
        (0.9, 1e-3, {"d_out": 1073}),
        (0.9, 1e-3, {"init_scale": 10.0}),
        (0.9, 1e-3, {"init_scale": 0.0}),
        (0.5, 1e-3, {"label_noise": 0.015}),
        (0.5, 1e-3, {"label_noise": 0.0158}),
        (0.5, 1e-3, {"label_noise": 0.02}),
        (1.2, 0.1, {"weight_decay": 6e-3, "init_scale": 2.0}),
        (0.7, 0.05, {"d_out": 3, "weight_decay": 0.02, "init_scale": 2.0, "label_noise": 0.05}),
        (1.0, 0.05, {"weight_decay": 0.001, "label_noise": 0.01}),
    ],
)
def test_every_knob_gives_the_certified_times(lam: float, eps: float, knobs: dict[str, float]) -> None:
    found = grokking_times(lam, eps, **knobs)
    train, gen = certified(lam, eps, **knobs)
    assert close(float(found.train), train)
    assert close(float(found.gen), gen)


def test_initial_scales_of_the_paper_s_remark() -> None:
    """The infinite theory at lam = 0.9, eps = 1e-3: the delay grows with the initial scale, although (11) does not."""
    delays = grokking_times(0.9, 1e-3, init_scale=[0.5, 1, 2, 5, 10]).delta
    assert delays.round(0).tolist() == [18144, 20481, 24905, 31853, 36292]


def test_outputs_of_the_paper_s_figure() -> None:
    delays = grokking_times(0.9, 1e-3, d_out=[1, 2, 5, 10, 20, 26, 50], accuracy=0.95).delta
    assert delays.round(0).tolist() == [20281, 31200, 49300, 62818, 71259, 72025, 66529]


def test_never_is_a_mask_and_an_infinity() -> None:
    times = grokking_times([0.5, 1.5], 1e-3)
    assert times.never_generalizes.tolist() == [False, True]
    assert times.never_trained.tolist() == [False, False]
    assert math.isinf(times.delta[1])
    noisy = grokking_times(0.5, 1e-3, label_noise=1.0)
    assert bool(noisy.never_trained)
    assert bool(noisy.never_generalizes)


def test_thresholds_met_at_once_give_zero() -> None:
    times = grokking_times(0.5, [4.0, 100.0])
    assert times.train.tolist() == times.gen.tolist() == times.delta.tolist() == [0, 0]


def test_the_noise_that_only_just_stops_generalization() -> None:
    """lam = 1/2, eps = 1e-3: the valley of the loss touches the threshold at sigma = 0.01581235806..."""
    times = grokking_times(0.5, 1e-3, label_noise=[0.0158123580, 0.0158123581])
    assert times.never_generalizes.tolist() == [False, True]


def test_arguments_broadcast() -> None:
    times = grokking_times(np.array([0.3, 0.6])[:, None], 1e-3, weight_decay=np.array([0.0, 1e-4, 1e-2]))
    assert times.train.shape == times.gen.shape == times.delta.shape == (2, 3)
    assert times.never_generalizes.tolist() == [[False, False, False], [False, False, False]]
    assert grokking_times(np.empty((0, 3)), 1e-3).delta.shape == (0, 3)


def test_the_learning_rate_only_rescales_time() -> None:
    slow, fast = grokking_times(0.9, 1e-3, eta=[1e-3, 0.1]).gen
    assert slow / fast == pytest.approx(100, rel=1e-13)


def test_a_time_beyond_the_nodes_is_not_a_number() -> None:
    """At lam = 1 the loss falls like t^(-1/2): eps = 1e-12 needs u = 1e24."""
    assert math.isnan(grokking_times(1.0, 1e-12).gen)


@pytest.mark.parametrize(
    "bad",
    [
        {"d_out": 0},
        {"d_out": 2.5},
        {"weight_decay": -1e-3},
        {"label_noise": -1},
        {"init_scale": math.inf},
        {"init_scale": math.nan},
        {"eta": 0},
        {"lam": 0},
        {"eps": 0},
        {"accuracy": 1},
        {"decay_convention": "other"},
    ],
)
def test_bad_arguments_are_named(bad: dict[str, object]) -> None:
    with pytest.raises(DomainError, match=next(iter(bad))):
        grokking_times(**{"lam": 0.5, "eps": 1e-3, **bad})


@pytest.mark.parametrize("word", [np.array(["paper", "summed"]), None, 1, ["paper"]])
def test_a_convention_that_is_no_word_is_refused(word):
    with pytest.raises(DomainError, match="decay_convention"):
        grokking_times(0.9, 1e-3, decay_convention=word)


@pytest.mark.parametrize("decay", [0, "1e-3"])
@pytest.mark.parametrize("word", [np.array(["exact", "lambert"]), None, 1, ["exact"]])
def test_a_method_that_is_no_word_is_refused(decay, word):
    with pytest.raises(DomainError, match="method"):
        LinearTeacherStudent(0.9, weight_decay=decay).grokking_time(1e-3, method=word)


@pytest.mark.parametrize(
    "knobs",
    [{"lam": 5e-324}, {"eta": 1e300}, {"weight_decay": 1e200}, {"label_noise": 1e200}, {"d_out": 1e15}, {"d_out": 1.5}],
)
def test_knobs_whose_squares_are_no_doubles_are_refused_and_warn_of_nothing(knobs):
    name = next(iter(knobs))
    with pytest.raises(DomainError, match=f"grokking_times: {name} = "):
        grokking_times(**{"lam": 0.5, "eps": 1e-3, **knobs})


def test_the_ends_of_the_domain_are_inside():
    for knobs in ({"lam": 1e-20}, {"eta": 1e-250}, {"init_scale": 1e100}, {"accuracy": 1e-300}):
        assert np.isfinite(grokking_times(**{"lam": 0.5, "eps": 1e-3, **knobs}).train)


def test_shapes_that_do_not_broadcast_are_a_domain_error():
    with pytest.raises(DomainError, match="shapes that broadcast"):
        grokking_times([0.1, 0.2], [1e-3, 1e-2, 1e-1])
