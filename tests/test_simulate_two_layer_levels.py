"""Narrow copies of wide networks, the linear model beside each run, and means by levels."""

from __future__ import annotations

import numpy as np
import pytest

from grokmath.regression.two_layer import TwoLayerLinear
from grokmath.simulate import two_layer
from grokmath.simulate.two_layer_lazy import Mean, linear_means, raised
from grokmath.simulate.two_layer_networks import Tanh, drawn_layers, narrowed
from grokmath.simulate.two_layer_runs import lazy_theory


@pytest.fixture(autouse=True)
def _few_test_points(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grokmath.simulate.two_layer_networks.TEST_POINTS", 300)


@pytest.mark.parametrize("d_h", [16, 40, 700])
def test_a_narrow_copy_has_the_same_trajectory(d_h: int):
    """12 + 3 rows: the copy has 15 hidden units, whatever d_h is; D agrees at each of 300 steps, to their rounding."""
    model = TwoLayerLinear("3/2", 12, d_h, 3, eta="2")
    drawn = Tanh(model, 8, np.random.default_rng(4))
    copy = drawn.linearised()
    assert copy.S0.shape == (12, 15)
    S0, S1, T = drawn.basis.T @ drawn.S0, drawn.S1.copy(), drawn.basis.T @ drawn.T0 @ drawn.T1
    start = S0 @ S1 - T
    assert np.abs(copy.S0 @ copy.S1 - copy.T - start).max() < 1e-14
    for _ in range(300):
        pull = drawn.rate * drawn.nu[:, None] * (S0 @ S1 - T)
        S0, S1 = S0 - pull @ S1.T, S1 - S0.T @ pull
        copy.step()
        assert np.abs(copy.S0 @ copy.S1 - copy.T - (S0 @ S1 - T)).max() < 300 * 1e-14
    moved = np.abs(S0 @ S1 - T - start).max()
    assert moved > 0.5 * np.abs(start).max()  # there was something to follow


def test_narrowed_layers_keep_their_products():
    random = np.random.default_rng(1)
    first, second = random.standard_normal((6, 50)), random.standard_normal((50, 2))
    narrow = narrowed(first, second)
    assert narrow[0].shape == (6, 8)
    for wide, small in ((first @ second, narrow[0] @ narrow[1]), (first @ first.T, narrow[0] @ narrow[0].T),
                        (second.T @ second, narrow[1].T @ narrow[1])):  # fmt: skip
        assert small == pytest.approx(wide, abs=1e-12)
    same = narrowed(first[:, :5], second[:5])
    assert (same[0] == first[:, :5]).all()
    assert (same[1] == second[:5]).all()


def test_drawn_copies_have_the_law_of_wide_networks():
    """First, second and third moments of W W^T (a Wishart matrix with d_h degrees of freedom), by z-scores."""
    model, random, count = TwoLayerLinear("1/2", 3, 9, 2), np.random.default_rng(2), 6000
    found: dict[bool, list[np.ndarray]] = {True: [], False: []}
    for narrow, rows in found.items():
        for _ in range(count):
            first, second = drawn_layers(model, random, narrow=narrow)
            assert first.shape == ((3, 5) if narrow else (3, 9))
            W = np.vstack([first / (2 * 3 * 9) ** -0.5, second.T / (2 * 2 * 9) ** -0.5])
            G = W @ W.T
            upper = G[np.triu_indices(5)]
            rows.append(np.concatenate([upper, upper**2, upper**3, [np.linalg.slogdet(G)[1], (G[:3, 3:] ** 2).sum()]]))
    means, errors = (
        [np.mean(rows, axis=0) for rows in found.values()],
        [np.var(rows, axis=0) for rows in found.values()],
    )
    z = (means[0] - means[1]) / np.sqrt((errors[0] + errors[1]) / count)
    assert np.abs(z).max() < 4.5


def test_means_by_levels_are_those_of_the_networks():
    """d_h = 24: where the lazy theory fails, plain means over many runs and means by levels agree."""
    model, times = TwoLayerLinear("1/2", 24, 24, 3, eta="2"), [0, 5, 20, 60]
    plain = two_layer(model, times, realisations=400, rng=1)
    few = two_layer(model, times, realisations=60, rng=2)
    base = linear_means(model, times, realisations=60, starts=20, eps=None, rng=3)
    for name, curve in few.curves.items():
        mean = raised(base[name], few.linear_model[name], curve.runs)
        error = plain.curves[name].measured_error
        assert (np.abs(mean.value - plain.curves[name].mean) < 4 * np.hypot(error, mean.error)).all(), name
        assert (mean.error < curve.measured_error).all()
        assert mean.error[0] < 0.3 * curve.measured_error[0]
    late = plain.curves["train_loss"]
    assert late.z[-1] > 4


@pytest.mark.parametrize("activation", ["linear", "tanh"])
def test_very_wide_networks_agree_with_the_theory_within_three_per_cent(activation: str):
    model, times = TwoLayerLinear("1/2", 40, 10**6 if activation == "linear" else 1000, 2, eta="2"), [0, 2, 5]
    run = two_layer(model, times, realisations=30 if activation == "linear" else 100, eps="1e-6", rng=4)
    base = linear_means(model, times, realisations=60, starts=60, eps=1e-6, rng=5)
    means = {name: raised(base[name], run.linear_model[name], curve.runs) for name, curve in run.curves.items()}
    if activation == "tanh":
        run = two_layer(model, times, activation="tanh", realisations=4, eps="1e-6", beside=True, rng=6)
        means = {name: raised(means[name], run.linear_network[name], curve.runs) for name, curve in run.curves.items()}
    for name in ("train_loss", "gen_loss"):
        mean, theory = means[name], run.curves[name].theory
        assert (np.abs(mean.value - theory) < 4 * mean.error).all(), name
        assert (3 * mean.error < 0.03 * theory).all(), name


def test_tanh_networks_follow_the_linear_ones_beside_them():
    model = TwoLayerLinear("1/2", 20, 600, 2, eta="1")
    run = two_layer(model, [0, 10], activation="tanh", realisations=3, eps="1e-5", beside=True, rng=7)
    for name, curve in run.curves.items():
        assert run.linear_network[name] == pytest.approx(curve.runs, rel=0.05, abs=0.02), name
    assert two_layer(model, [0], activation="tanh", realisations=2, rng=7).linear_network == {}
    assert two_layer(model, [0], realisations=2, beside=True, rng=7).linear_network == {}


def test_the_linear_model_starts_where_the_network_does():
    run = two_layer(TwoLayerLinear("3/2", 12, 10**5, 3, eta="1"), [0, 1, 30], realisations=3, rng=8)
    for name, curve in run.curves.items():
        assert run.linear_model[name][:, 0] == pytest.approx(curve.runs[:, 0], rel=1e-12)
        assert run.linear_model[name] == pytest.approx(curve.runs, rel=0.05)
        assert lazy_theory(run.model, [0, 1, 30])[name] == pytest.approx(curve.theory)


def test_the_error_of_a_raised_mean():
    """Errors add in squares; the degrees of freedom are the pairs' where these decide, and many where the base does."""
    random = np.random.default_rng(9)
    lower = random.standard_normal((5, 1))
    upper = lower + 1 + 0.1 * random.standard_normal((5, 1))
    exact, inexact = (Mean(np.array([2.0]), np.array([error]), np.array([np.inf])) for error in (0.0, 10.0))
    change = (upper - lower)[:, 0]
    found = raised(exact, lower, upper)
    assert found.value == pytest.approx(2 + change.mean())
    assert found.error == pytest.approx(change.std(ddof=1) / 5**0.5)
    assert found.freedom == pytest.approx(4)
    assert raised(inexact, lower, upper).freedom[0] > 1e6
    again = raised(found, lower, upper)
    assert again.error == pytest.approx(found.error * 2**0.5)
    assert again.freedom == pytest.approx(8)
    assert raised(exact, lower, lower).freedom[0] == np.inf
