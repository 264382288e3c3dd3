"""Runs of modular addition: the steps themselves, what is recorded, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from grokmath import DomainError, LinearTeacherStudent
from grokmath.simulate import ModularRun, modular, regression
from grokmath.simulate.memory import machine_memory, require_memory
from grokmath.simulate.modular_runs import _Network


def dense(network: _Network) -> tuple[np.ndarray, np.ndarray]:
    """One-hot inputs and targets of the training pairs, written out."""
    p = network.p
    inputs, targets = np.zeros((network.seen.size, 2 * p)), np.zeros((network.seen.size, p))
    for row, pair in enumerate(network.seen):
        n, m = divmod(int(pair), p)
        inputs[row, n] = inputs[row, p + m] = 1
        targets[row, (n + m) % p] = 1
    return inputs, targets


def forward(W: np.ndarray, V: np.ndarray, inputs: np.ndarray, p: int, width: int) -> np.ndarray:
    """Eq. (43) with squares: (1/d_h) sum_k V_kq (sum_j W_jk x_j/sqrt(d_in))^2."""
    return ((inputs / np.sqrt(2 * p)) @ W) ** 2 @ V / width


def test_a_step_is_the_gradient_of_the_summed_squared_error():
    """Against central differences in double precision of (1/N) sum over pairs and outputs of the squared error."""
    p, width, eta = 5, 8, 3.0
    before = _Network(p, width, 17, eta, np.random.default_rng(3))
    after = _Network(p, width, 17, eta, np.random.default_rng(3))
    facts = after.step(True)
    inputs, targets = dense(before)
    W, V = before.W.astype(float), before.V.astype(float)

    def loss(W, V):
        return np.mean(((forward(W, V, inputs, p, width) - targets) ** 2).sum(axis=1))

    assert facts is not None
    assert facts[0] == pytest.approx(loss(W, V) / p, rel=1e-5)
    for name, weights in (("W", W), ("V", V)):
        change = getattr(after, name) - getattr(before, name)
        for index in [(0, 0), (2, 3), (7, 4) if name == "V" else (9, 5)]:
            values = []
            for sign in (1, -1):
                moved = {"W": W.copy(), "V": V.copy()}
                moved[name][index] += sign * 1e-5
                values.append(loss(**moved))
            gradient = (values[0] - values[1]) / 2e-5
            assert change[index] == pytest.approx(-eta * gradient, rel=1e-3, abs=1e-6)
        assert weights.shape == getattr(after, name).shape


def test_seen_and_unseen_pairs_are_all_pairs():
    network = _Network(7, 4, 20, 1.0, np.random.default_rng(1))
    assert sorted([*network.seen, *network.unseen]) == list(range(49))
    assert network.seen.size == 20
    assert network.target.tolist() == [(pair // 7 + pair % 7) % 7 for pair in network.seen]


def test_the_network_groks():
    """Training accuracy first, generalization later, both complete; more pairs, a smaller delay."""
    delays = []
    for alpha in (0.75, 0.95):
        run = modular(19, alpha, width=80, eta=250, steps=1500, until=0.99, rng=5)
        train, gen = run.reached()
        assert train < gen < run.times[-1]
        assert min(run.train_accuracy[-1], run.gen_accuracy[-1]) >= 0.99
        assert run.lam == pytest.approx(2 / (alpha * 19), rel=0.01)
        delays.append(gen - train)
    assert delays[0] > delays[1]


def test_what_is_recorded():
    ticks = []
    run = modular(7, 0.8, width=30, eta=20, steps=30, every=7, rng=1, tick=lambda: ticks.append(1))
    assert run.times.tolist() == [0, 7, 14, 21, 28, 30]
    assert len(ticks) == 6
    assert run.n_train == 39
    assert run.lam == 14 / 39
    for curve in (run.train_loss, run.gen_loss, run.train_accuracy, run.gen_accuracy):
        assert curve.shape == run.times.shape
    assert run.train_loss[0] == pytest.approx(1 / 7, rel=0.2)  # a network near 0 has 1/p


def test_times_of_passage_are_linear_between_records():
    levels = np.array([0.2, 0.4, 0.8, 1.0])
    run = ModularRun(7, 39, 0.3, np.arange(4.0) * 10, levels, levels, levels, levels / 2)
    assert run.reached(0.5) == (pytest.approx(12.5), 30.0)
    assert run.reached(0.1) == (0.0, 0.0)
    assert run.reached(0.9)[1] == np.inf


def test_the_same_seed_gives_the_same_bits():
    first, again, other = (modular(7, 0.6, width=20, eta=20, steps=20, rng=seed) for seed in (1, 1, 2))
    assert (first.gen_loss == again.gen_loss).all()
    assert (first.gen_loss != other.gen_loss).any()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"p": 1}, "p"),
        ({"p": 7.0}, "p"),
        ({"alpha": 0}, "alpha"),
        ({"alpha": 1}, "alpha"),
        ({"alpha": 1e-3}, "alpha"),
        ({"width": 0}, "width"),
        ({"eta": -1}, "eta"),
        ({"steps": 0}, "steps"),
        ({"every": 0}, "every"),
        ({"rng": "seed"}, "rng"),
    ],
)
def test_bad_arguments_are_named(arguments: dict[str, object], named: str):
    with pytest.raises(DomainError, match=f"modular: {named} = "):
        modular(**{"p": 7, "alpha": 0.5, "width": 10, "steps": 5, "rng": 1, **arguments})


def test_divergence_is_named_with_a_rate_that_converges():
    with pytest.raises(DomainError, match="descent diverged") as caught:
        modular(11, 0.8, width=50, eta=1e5, steps=200, rng=1)
    limit = float(str(caught.value).split("at most about ")[1].split()[0])
    assert limit < 1e5
    run = modular(11, 0.8, width=50, eta=limit / 20, steps=200, rng=1)  # the curvature grows as features are learnt
    assert run.train_loss[-1] < run.train_loss[0]


# The memory, asked before anything is allocated; and several starts on the same data.


def test_sizes_beyond_the_memory_are_refused_at_once():
    with pytest.raises(DomainError, match=r"p = 100000 .* needs .* of memory, and this machine has"):
        modular(100_000, 0.5, rng=1)
    with pytest.raises(DomainError, match=r"d_in = 10000000 .* needs .* PB of memory"):
        regression(LinearTeacherStudent("1/2"), [1], d_in=10**7, rng=1)


def test_what_the_memory_check_says(monkeypatch: pytest.MonkeyPatch):
    assert (machine_memory() or 1) > 0
    monkeypatch.setattr("grokmath.simulate.memory.machine_memory", lambda: 8_000_000)
    require_memory("f", 1_000_000, "it")
    with pytest.raises(DomainError, match=r"f: it needs 8\.8 MB of memory, and this machine has 8 MB"):
        require_memory("f", 1_100_000, "it")
    monkeypatch.setattr("grokmath.simulate.memory.machine_memory", lambda: None)
    require_memory("f", 1e30, "it")


@pytest.mark.parametrize(
    "knobs",
    [
        {"lam": "1/2"},
        {"lam": "9/10", "weight_decay": "1/100", "d_out": 2, "decay_convention": "decoupled"},
        {"lam": "3/2", "label_noise": "3/10", "d_out": 2, "decay_convention": "summed"},
    ],
)
def test_several_starts_on_the_same_data(knobs: dict[str, object], monkeypatch: pytest.MonkeyPatch):
    """The mean over starts keeps the theory and has the predicted, smaller spread; accuracies too."""
    monkeypatch.setattr("grokmath.simulate.regression_runs._TEST_POINTS", 300)
    model = LinearTeacherStudent(eta="1/40", **knobs)
    times = [0, 10, 100]
    run = regression(model, times, d_in=60, realisations=150, starts=10, eps="0.3", rng=3)
    single = regression(model, times, d_in=60, realisations=2, eps="0.3", rng=3)
    for name, curve in run.curves.items():
        loss = "loss" in name
        inside = np.full(3, True) if loss else (curve.theory > 0.05) & (curve.theory < 0.95)
        assert inside.any()
        assert (np.abs(curve.z[inside]) < 4).all(), name
        assert (np.abs(curve.measured_error[inside] / curve.predicted_error[inside] - 1) < 0.25).all(), name
        assert curve.theory == pytest.approx(single.curves[name].theory)
        assert (curve.spread < single.curves[name].spread)[inside].all()
