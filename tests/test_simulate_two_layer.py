"""Runs of two-layer networks: the steps themselves, the theory beside them, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from grokmath import DomainError
from grokmath.regression.two_layer import TwoLayerLinear
from grokmath.regression.two_layer_matrices import layer_rates
from grokmath.simulate import two_layer
from grokmath.simulate.two_layer_networks import Linear, Tanh


@pytest.fixture(autouse=True)
def _few_test_points(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grokmath.simulate.two_layer_networks.TEST_POINTS", 300)


def networks(activation: str, steps: int) -> tuple[object, object]:
    """The same network before and after some steps."""
    model = TwoLayerLinear("3/2", 12, 7, 3, eta="1/2")
    kind = Linear if activation == "linear" else Tanh
    before, after = (kind(model, 8, np.random.default_rng(4)) for _ in range(2))
    for _ in after.follow(np.array([steps])):
        pass
    return before, after


def test_a_linear_step_is_the_gradient_of_the_loss():
    """In the eigenbasis or out of it: one step is eta times the rates of eq. (40)."""
    before, after = networks("linear", 1)
    sigma = before.X.T @ before.X / 8
    T = before.T0 @ before.T1
    first, second = layer_rates(before.basis @ before.S0, before.S1, T, sigma, 0.5)
    assert before.basis @ after.S0 == pytest.approx(before.basis @ before.S0 + first, abs=1e-13)
    assert pytest.approx(before.S1 + second, abs=1e-13) == after.S1


def test_a_tanh_step_is_the_gradient_of_the_loss():
    """Against central differences of the mean squared error, weight by weight."""
    before, after = networks("tanh", 1)

    def loss(S0, S1):
        return np.mean((np.tanh(before.X @ S0) @ S1 - before.Y) ** 2)

    for name in ("S0", "S1"):
        change = getattr(after, name) - getattr(before, name)
        for index in [(0, 0), (3, 2), (6, 1)]:
            values = []
            for sign in (1, -1):
                weights = {"S0": before.S0.copy(), "S1": before.S1.copy()}
                weights[name][index] += sign * 1e-5
                values.append(loss(**weights))
            assert change[index] == pytest.approx(-0.5 * (values[0] - values[1]) / 2e-5, rel=1e-6)


def test_losses_are_those_of_the_points():
    before, _ = networks("linear", 0)
    train, gen, *accuracies = before.measure(0.01)
    D = before.basis @ before.S0 @ before.S1 - before.T0 @ before.T1
    residual = before.X @ D
    assert train == pytest.approx((residual**2).mean())
    assert gen == pytest.approx((D**2).sum() / 3)
    assert accuracies[0] == np.mean((residual**2).mean(axis=1) <= 0.01)


@pytest.mark.parametrize("activation", ["linear", "tanh"])
def test_wide_networks_agree_with_the_theory(activation: str):
    """d_out/d_h = 1/1000, and hidden values of order 1/sqrt(2 d_h), where tanh is linear."""
    model, runs = TwoLayerLinear("1/2", 30, 2000, 2, eta="1/2"), 60 if activation == "linear" else 20
    run = two_layer(model, [0, 2, 10], activation=activation, realisations=runs, eps="1e-4", rng=6)
    for name, curve in run.curves.items():
        inside = (curve.theory > 0.05) & (curve.theory < 0.95) if "accuracy" in name else slice(None)
        assert (np.abs(curve.z[inside]) < 4).all(), name
    assert (run.curves["train_loss"].detectable < 0.4).all()


def test_narrow_networks_depart_from_the_theory():
    """What the theory leaves out is of order d_out/d_h: seen at d_h = 20, by paired runs at late times."""
    late = [0, 60]
    narrow = two_layer(TwoLayerLinear("1/2", 30, 16, 4, eta="1"), late, realisations=60, rng=2)
    assert abs(narrow.curves["train_loss"].z[1]) > 3


def test_the_same_seed_gives_the_same_bits():
    for activation in ("linear", "tanh"):
        model = TwoLayerLinear("1/2", 10, 6, 2, eta="1")
        first, again, other = (
            two_layer(model, [3], activation=activation, rng=seed).curves["gen_loss"].runs for seed in (4, 4, 5)
        )
        assert (first == again).all()
        assert (first != other).all()


def test_times_and_ticks():
    ticks = []
    run = two_layer(TwoLayerLinear("0.3", 10, 6, 2), realisations=2, rng=1, tick=lambda: ticks.append(1))
    assert run.n_train == 33
    assert run.model.lam * 33 == 10
    assert run.times[0] == 0
    assert run.times[-1] == 1e4
    assert len(ticks) == 2
    one = two_layer(TwoLayerLinear("0.3", 10, 6, 2), [0], realisations=1, rng=1)
    assert np.isnan(one.curves["gen_loss"].z).all()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"activation": "relu"}, "activation"),
        ({"realisations": 0}, "realisations"),
        ({"realisations": True}, "realisations"),
        ({"times": [-1]}, "times"),
        ({"times": [0.5]}, "times"),
        ({"times": [2, 1]}, "times"),
        ({"eps": 0}, "eps"),
        ({"rng": -1}, "rng"),
    ],
)
def test_bad_arguments_are_named(arguments: dict[str, object], named: str):
    with pytest.raises(DomainError, match=named):
        two_layer(TwoLayerLinear("1/2", 10, 6, 2), **{"rng": 1, **arguments})


@pytest.mark.parametrize("activation", ["linear", "tanh"])
def test_divergence_is_named_with_a_rate_that_converges(activation: str):
    model = TwoLayerLinear("1/2", 30, 300, 2, eta="40")
    with pytest.raises(DomainError, match="at most about") as caught:
        two_layer(model, [600], activation=activation, rng=1)
    limit = float(str(caught.value).split("at most about ")[1].split()[0])
    assert limit < 40
    fine = two_layer(TwoLayerLinear("1/2", 30, 300, 2, eta=limit * 0.8), [0, 200], activation=activation, rng=1)
    assert (fine.curves["train_loss"].mean[1] < fine.curves["train_loss"].mean[0]).all()


def test_sizes_beyond_the_memory_are_refused_at_once():
    with pytest.raises(DomainError, match=r"needs .* of memory"):
        two_layer(TwoLayerLinear("1/2", 10**7, 10, 1), [0], rng=1)
