"""Classification runs: the solver against explicit steps, identities of the flow, and the late state against theory."""

from __future__ import annotations

import time

import numpy as np
import pytest
from scipy.integrate import dblquad
from scipy.interpolate import CubicSpline
from scipy.special import ndtri

from grokmath.classification.exponential_descent import descend
from grokmath.classification.hard_margin import hard_margin
from grokmath.classification.logistic import LogisticModel
from grokmath.classification.two_point import TwoPointModel
from grokmath.functions.logistic_normal import population_loss
from grokmath.parameters import DomainError
from grokmath.simulate.classification_inputs import INPUTS, MIXTURE_CENTRE
from grokmath.simulate.classification_population import Population, discriminative_loss
from grokmath.simulate.classification_problem import ADAM
from grokmath.simulate.classification_runs import ClassificationRun, classification, draw_inputs
from grokmath.simulate.two_point_runs import two_point

SMALL = LogisticModel("0.4")


def points(model: LogisticModel, n_train: int, seed: int, inputs: str = "normal") -> np.ndarray:
    """The data of the first realisation of a run with this seed."""
    d = round(float(model.lam) * n_train)
    return draw_inputs(inputs, float(model.sigma), (n_train, d), np.random.default_rng(seed))


def test_the_late_state_is_that_of_each_set_s_own_minimiser() -> None:
    """Runs at rest: sigma ||S|| and e^-b = 1 + eta Lmin t of the set, closer than any law for many points."""
    model = LogisticModel("0.3", 5)
    for inputs in ("normal", "power-law"):
        run = classification(model, [1e6, 1e10], n_train=60, realisations=3, inputs=inputs, rng=2)
        own = run.minimizer
        assert run.output_std[:, -1] == pytest.approx(own["output_std"], rel=1e-3)
        assert run.bias[:, -1] == pytest.approx(-np.log(own["minimal_loss"] * 1e10), rel=1e-5)
    assert classification(LogisticModel("0.7"), [1.0], n_train=40, rng=2).minimizer == {}
    assert classification(model, [1.0], n_train=40, axis_std=0.1, rng=2).minimizer == {}


@pytest.mark.parametrize("loss", ["logistic", "exponential"])
def test_the_flow_is_the_limit_of_small_steps(loss: str) -> None:
    """Descent differs from the flow by a multiple of eta: half the step, half the difference."""
    flow = classification(SMALL, [10], n_train=60, loss=loss, rng=1)
    gaps = []
    for eta in (0.02, 0.01):
        model = LogisticModel("0.4", eta=str(eta))
        steps = classification(model, [round(10 / eta)], n_train=60, loss=loss, dynamics="descent", rng=1)
        gaps.append(np.linalg.norm(np.append(steps.weights - flow.weights, steps.bias - flow.bias)))
    assert gaps[1] < 0.01
    assert gaps[0] / gaps[1] == pytest.approx(2, abs=0.1)


def test_the_bias_falls_by_the_integral_of_the_loss() -> None:
    """d e^-b/dt = eta (1/N) sum e^(S.x), that is db/dt = -eta L, for the exponential loss."""
    times = np.concatenate([[0.0], np.geomspace(1e-4, 1e6, 1500)])
    run = classification(LogisticModel("0.45", 3, "0.7"), times, n_train=80, loss="exponential", rng=2)
    x = np.log1p(times)
    integral = CubicSpline(x, 0.7 * run.train_loss[0] * np.exp(x)).antiderivative()(x)
    np.testing.assert_allclose(run.bias[0], -(integral - integral[0]), rtol=1e-5, atol=1e-6)
    assert (np.diff(run.train_loss[0]) < 0).all()


def test_the_path_in_conformal_time_is_that_without_bias() -> None:
    times = np.concatenate([[0.0], np.geomspace(1e-4, 1e5, 1200)])
    model = LogisticModel("0.45", 3)
    run = classification(model, times, n_train=80, loss="exponential", rng=3)
    x = np.log1p(times)
    tau = CubicSpline(x, np.exp(run.bias[0] + x)).antiderivative()(x)
    free = classification(model, tau - tau[0], n_train=80, loss="exponential", bias=False, rng=3)
    np.testing.assert_allclose(run.weights, free.weights, atol=1e-5)
    assert (free.bias == 0).all()


def test_inseparable_points_lead_to_their_minimiser() -> None:
    """S - S_inf falls like t^-3.9 here, so that at t = 1e8 nothing is left; b follows log(eta Lmin t)."""
    model = LogisticModel("0.3", 5)
    for loss in ("logistic", "exponential"):
        run = classification(model, [1e8], n_train=200, loss=loss, rng=4)
        exact = descend(points(model, 200, 4))
        assert np.linalg.norm(run.weights[0, 0] - exact.S) < 1e-5 * np.linalg.norm(exact.S)
        assert run.bias[0, 0] == pytest.approx(-(exact.log_loss + np.log(1e8)), abs=1e-4)


def test_separable_points_lead_to_their_margin() -> None:
    """The direction is reached like 1/log t: twice the logarithm, half the gap."""
    model = LogisticModel("0.9")
    X = points(model, 100, 5)
    S, _ = hard_margin(X, np.ones(100), descend(X).S)
    M = float((-(X @ S)).min() / np.linalg.norm(S))
    run = classification(model, [1e150, 1e300], n_train=100, rng=5)
    gaps = 1 - run.margin[0] / M
    assert 0 < gaps[1] < 10 / np.log(1e300)
    assert gaps[0] / gaps[1] == pytest.approx(2, abs=0.05)
    slope = np.diff(run.bias[0]) / np.log(1e150)
    assert slope[0] == pytest.approx(-1 / (1 + M * M), rel=0.01)


def test_late_states_stand_beside_the_laws() -> None:
    below = classification(LogisticModel("0.3", 5), [1e8], n_train=200, realisations=12, rng=6).late
    assert set(below) == {"norm"}
    assert abs(below["norm"].z[0]) < 4
    assert below["norm"].detectable[0] < 0.2
    above = classification(LogisticModel("0.9"), [1e300], n_train=60, realisations=8, rng=6).late
    assert set(above) == {"margin", "gen_accuracy"}
    assert abs(above["margin"].z[0]) < 5
    single = classification(LogisticModel("0.3"), [1e3], n_train=50, rng=6).late["norm"]
    assert np.isnan(single.z[0])
    assert not classification(LogisticModel("0.5"), [1e3], n_train=50, rng=6).late


def test_same_seed_same_numbers() -> None:
    runs = [classification(SMALL, [1, 100], n_train=60, realisations=2, rng=seed) for seed in (7, 7, 8)]
    assert (runs[0].weights == runs[1].weights).all()
    assert (runs[0].weights != runs[2].weights).any()
    assert (runs[0].weights[0] != runs[0].weights[1]).any()
    spread = classification(SMALL, [1, 100], n_train=60, realisations=2, axis_std=1e-9, rng=7)
    np.testing.assert_allclose(spread.weights, runs[0].weights, atol=1e-6)


def measured(run: ClassificationRun, model: LogisticModel, inputs: str, r: float, axis: float) -> tuple[float, float]:
    """Accuracy and loss on 40,000 new points, as z-scores of the population values."""
    random, n = np.random.default_rng(9), 40000
    X = draw_inputs(inputs, float(model.sigma), (n, run.d), random)
    f = X @ run.weights[0, -1] + run.bias[0, -1] * (1 + axis * random.standard_normal(n))
    y = np.where(X[:, 0] > float(model.sigma) * ndtri(1 - r), -1.0, 1.0)
    right, loss = y * f > 0, np.log1p(np.exp(-y * f))
    accuracy = float(run.gen_accuracy[0, -1])
    z = float((right.mean() - accuracy) / np.sqrt(accuracy * (1 - accuracy) / n))
    return z, float((loss.mean() - run.gen_loss[0, -1]) / (loss.std() / np.sqrt(n)))


@pytest.mark.parametrize(
    ("inputs", "r", "axis"),
    [
        ("normal", 1, 0),
        ("power-law", 1, 0),
        ("mixture", 1, 0),
        ("normal", 0.9, 0),
        ("normal", 0.5, 0),
        ("normal", 1, 0.3),
    ],
)
def test_population_values_against_new_points(inputs: str, r: float, axis: float) -> None:
    model = LogisticModel("0.4", 3)
    run = classification(model, [30], n_train=100, inputs=inputs, label_fraction=r, axis_std=axis, rng=10)
    assert all(abs(z) < 4 for z in measured(run, model, inputs, r, axis))
    if r < 1:
        assert run.train_accuracy[0, -1] > run.gen_accuracy[0, -1]


def test_discriminative_loss_against_two_dimensional_quadrature() -> None:
    along, across, b, r = 1.3, 0.8, -0.4, 0.7

    def integrand(h: float, g: float) -> float:
        y = -1.0 if g > ndtri(1 - r) else 1.0
        return float(np.log1p(np.exp(-y * (along * g + across * h + b))) * np.exp(-(g * g + h * h) / 2) / (2 * np.pi))

    cut = float(ndtri(1 - r))
    reference = sum(dblquad(integrand, low, high, -9, 9)[0] for low, high in ((-9, cut), (cut, 9)))
    value = discriminative_loss(r, np.array([along]), np.array([across]), np.array([b]))
    np.testing.assert_allclose(value, reference, rtol=1e-7)
    one = discriminative_loss(1.0, np.array([along]), np.array([across]), np.array([b]))
    np.testing.assert_allclose(one, population_loss(np.hypot(along, across), b), rtol=1e-12)


def test_population_at_rest() -> None:
    population = Population(INPUTS["normal"], 1.0, 1.0, 0.0)
    b = np.array([-1.0, 0.0, 1.0])
    np.testing.assert_array_equal(population.accuracy(np.zeros((3, 2)), b), [1, 0.5, 0])
    np.testing.assert_allclose(population.loss(np.zeros((3, 2)), b), np.log1p(np.exp(b)), rtol=1e-12)


@pytest.mark.parametrize("inputs", list(INPUTS))
def test_input_laws(inputs: str) -> None:
    """Mean 0 and the stated second moments, within five standard errors."""
    X = draw_inputs(inputs, 2.0, (20000, 6), np.random.default_rng(11))
    law = INPUTS[inputs]
    second = 4 * (np.diag(law.deviations(6) ** 2) + np.outer(law.centre(6), law.centre(6)))
    assert (np.abs(X.mean(axis=0)) < 5 * X.std(axis=0) / np.sqrt(20000)).all()
    size = np.sqrt(np.outer(np.diag(second), np.diag(second)))
    np.testing.assert_allclose(X.T @ X / 20000 / size, second / size, atol=5 * 1.5 / np.sqrt(20000))
    assert np.linalg.norm(INPUTS["mixture"].centre(6)) == pytest.approx(MIXTURE_CENTRE)


def test_adam_steps() -> None:
    """The first step is eta in each coordinate; late, -b grows by (1 - beta_2)/2 a step."""
    first = classification(LogisticModel("0.4", 2, "0.01"), [1], n_train=50, dynamics="adam", rng=12)
    np.testing.assert_allclose(np.abs(first.weights), 0.01, rtol=1e-5)
    assert first.bias[0, 0] == pytest.approx(-0.01)
    late = classification(LogisticModel("0.3", 2, "0.01"), [8000, 12000], n_train=50, dynamics="adam", rng=12)
    assert np.diff(late.bias[0])[0] / 4000 == pytest.approx(-(1 - ADAM["beta_2"]) / 2, rel=0.02)


def test_starts() -> None:
    run = classification(SMALL, [0, 1e-9], n_train=400, start_std=2, start_bias=-1, rng=13)
    assert run.bias[0, 0] == pytest.approx(-1, abs=1e-12)
    assert run.norm[0, 0] == pytest.approx(2, abs=0.5)
    steps = classification(SMALL, [0], n_train=60, dynamics="descent", start_bias=2, rng=13)
    assert steps.bias[0, 0] == 2


def test_an_unstable_rate_is_named() -> None:
    with pytest.warns(UserWarning, match=r"eta = 5 is above [\d.]+, up to which gradient descent is stable"):
        classification(LogisticModel("0.4", 2, 5), [3], n_train=60, dynamics="descent", rng=14)


@pytest.mark.parametrize(
    "options",
    [
        {"loss": "square"},
        {"dynamics": "sgd"},
        {"inputs": "cauchy"},
        {"n_train": 0},
        {"n_train": 10**9},
        {"realisations": 1.5},
        {"times": [2, 1]},
        {"times": [-1]},
        {"times": [1.5], "dynamics": "descent"},
        {"label_fraction": 0},
        {"label_fraction": 0.5, "inputs": "mixture"},
        {"axis_std": -1},
        {"rng": -1},
    ],
)
def test_bad_input(options: dict[str, object]) -> None:
    with pytest.raises(DomainError):
        classification(SMALL, **({"n_train": 20} | options))


def test_ticks() -> None:
    seen: list[int] = []
    classification(SMALL, [1], n_train=20, realisations=3, rng=1, tick=lambda: seen.append(1))
    assert len(seen) == 3


@pytest.mark.parametrize("lam", ["0", "0.3", "0.45", "1/2", "0.7", "1"])
def test_the_two_point_solver_agrees_with_the_solution(lam: str) -> None:
    """The solver works to 1e-10; the losses multiply that by up to S = 10."""
    run = two_point(TwoPointModel(lam, "0.3", 2, "0.2", "-0.5"))
    assert max(run.difference.values()) < 1e-7


def test_two_point_descent_differs_by_a_multiple_of_the_step() -> None:
    gaps = [
        two_point(TwoPointModel("0.45", eta), [round(50 / float(eta))], dynamics="descent").difference["weight"]
        for eta in ("0.1", "0.05")
    ]
    assert gaps[0] < 0.01
    assert gaps[0] / gaps[1] == pytest.approx(2, abs=0.1)


def test_a_trial_step_of_the_solver_may_overflow() -> None:
    """A large sigma sends the solver's first guesses far away; it refuses them, and arrives."""
    for sigma in ("1e6", "1e40"):
        assert two_point(TwoPointModel("0.45", 1, sigma), [1, 10]).difference["log_gen_loss"] < 1e-7


def test_two_point_bad_input() -> None:
    import sympy

    with pytest.raises(DomainError, match="b0"):
        two_point(TwoPointModel("0.4", b0=10**9), [1])
    with pytest.raises(DomainError):
        two_point(TwoPointModel("0.4"), [1], dynamics="adam")
    with pytest.raises(DomainError):
        two_point(TwoPointModel("0.4"), [2, 1])
    with pytest.raises(DomainError):
        two_point(TwoPointModel("0.4"), [0.5], dynamics="descent")
    with pytest.raises(DomainError):
        two_point(TwoPointModel(sympy.Symbol("lam")))


@pytest.mark.slow
def test_two_thousand_points_take_less_than_a_minute() -> None:
    started = time.process_time()
    classification(LogisticModel("0.48", 5), np.geomspace(1e-2, 1e8, 41), n_train=2000, rng=1)
    assert time.process_time() - started < 60
