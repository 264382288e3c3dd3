"""Training runs beside the theory, knob by knob and all together: z-scores against the predicted spread.

Each case draws real Gaussian data, teacher, start and noise, and takes discrete steps; the theory is the exact discrete
one with its 1/d_in term. The smallest deviation that would show, three standard errors, is at most 3 % of each curve.
"""

from __future__ import annotations

import numpy as np
import pytest

from grokmath import DomainError, LinearTeacherStudent
from grokmath.simulate import RegressionRun, regression
from grokmath.simulate.regression_runs import descend, draw_problem

ALL = {"weight_decay": "1/10", "init_scale": 2, "label_noise": "3/10"}
CASES = {
    "plain": ({"lam": "1/2", "eta": "1/20"}, 120, 800, [0, 1, 10, 20]),
    "critical": ({"lam": "1", "eta": "1/20"}, 100, 600, [0, 1, 10, 20]),
    "over": ({"lam": "3/2", "eta": "1/20"}, 120, 600, [0, 1, 5, 10]),
    "outputs": ({"lam": "1/2", "eta": "1/10", "d_out": 5}, 120, 200, [0, 1, 10, 100]),
    "decay": ({"lam": "9/10", "eta": "1/20", "weight_decay": "1/100", "d_out": 3}, 120, 520, [0, 1, 10, 100, 500]),
    "decoupled": (
        {"lam": "9/10", "eta": "1/20", "weight_decay": "1/100", "d_out": 4, "decay_convention": "decoupled"},
        120,
        320,
        [0, 10, 100, 500],
    ),
    "summed": (
        {"lam": "9/10", "eta": "1/40", "weight_decay": "1/100", "d_out": 4, "decay_convention": "summed"},
        120,
        300,
        [0, 10, 100],
    ),
    "small start": ({"lam": "1/2", "eta": "1/20", "init_scale": "1/10", "d_out": 4}, 100, 200, [0, 1, 10, 100]),
    "large start": ({"lam": "3/2", "eta": "1/20", "init_scale": 3, "d_out": 4}, 100, 240, [0, 1, 10, 80]),
    "noise": ({"lam": "1/2", "eta": "1/20", "label_noise": "3/10", "d_out": 3}, 100, 300, [0, 1, 10, 100, 3000]),
    "noise above one": ({"lam": "3/2", "eta": "1/20", "label_noise": "1/5", "d_out": 3}, 100, 300, [0, 1, 10, 40]),
    "all": ({"lam": "1", "eta": "1/10", "d_out": 4, **ALL}, 100, 300, [0, 1, 10, 100, 500]),
    "all, below one": ({"lam": "1/2", "eta": "1/10", "d_out": 4, **ALL}, 100, 200, [0, 1, 10, 100, 500]),
    "all, above one": ({"lam": "3/2", "eta": "1/10", "d_out": 4, **ALL}, 120, 240, [0, 1, 10, 50]),
}


def run(name: str) -> RegressionRun:
    knobs, d_in, realisations, times = CASES[name]
    return regression(LinearTeacherStudent(**knobs), times, d_in=d_in, realisations=realisations, rng=len(name))


@pytest.mark.parametrize("name", CASES)
def test_losses_agree_with_the_theory(name: str) -> None:
    for loss, curve in run(name).curves.items():
        assert (np.abs(curve.z) < 4).all(), loss
        assert (curve.detectable <= 0.03).all(), loss
        assert (np.abs(curve.measured_error / curve.predicted_error - 1) < 0.2).all(), loss


def test_accuracies_agree_with_the_theory() -> None:
    """Where the accuracy is between 0.05 and 0.95, at d_out = 1 and at d_out = 4 (with its shape correction)."""
    for d_out, realisations in ((1, 500), (4, 200)):
        model = LinearTeacherStudent("1/2", "1/20", d_out=d_out, label_noise="1/10")
        times = [0, 2 * d_out, 20 * d_out]
        curves = regression(model, times, d_in=120, realisations=realisations, eps="0.05", rng=2).curves
        for name in ("train_accuracy", "gen_accuracy"):
            inside = (curves[name].theory > 0.05) & (curves[name].theory < 0.95)
            assert inside.sum() >= 2
            assert (np.abs(curves[name].z[inside]) < 4).all()
            assert (curves[name].detectable[inside] <= 0.06).all()


def test_the_printed_noise_formula_is_refuted() -> None:
    """(26) has L_tr + sigma^2, and L_gen without noise: 100 standard errors away from the runs at late times."""
    curves = run("noise").curves
    printed = LinearTeacherStudent("1/2", "1/20", label_noise="3/10", d_out=3, noise_model="paper")
    for name in ("train_loss", "gen_loss"):
        curve = curves[name]
        late = float(getattr(printed, name)(3000))
        assert abs(curve.mean[-1] - late) > 50 * curve.predicted_error[-1]


def test_modes_are_the_explicit_steps() -> None:
    """One explicit descent loop with every knob, against the same draw in its eigenbasis."""
    model = LinearTeacherStudent("3/2", "1/10", d_out=3, decay_convention="decoupled", **ALL)
    d_in, n_train, steps = 30, 20, 57
    problem = draw_problem(model, d_in, n_train, np.random.default_rng(9))
    error = descend(model, problem, steps) - problem.teacher
    curves = regression(model, [steps], d_in=d_in, rng=9).curves
    gen = (error**2).sum() / 3
    train = ((problem.X @ error - problem.noise) ** 2).sum() / (3 * n_train)
    assert curves["gen_loss"].runs[0, 0] == pytest.approx(gen, rel=1e-12)
    assert curves["train_loss"].runs[0, 0] == pytest.approx(train, rel=1e-12)


def test_small_learning_rates_give_the_flow() -> None:
    model = LinearTeacherStudent("1/2", "1e-4")
    descent = regression(model, [10_000], d_in=50, rng=3).curves["gen_loss"].runs
    flow = regression(model, [10_000], d_in=50, rng=3, descent=False).curves["gen_loss"].runs
    assert descent == pytest.approx(flow, rel=2e-3)
    assert (descent != flow).all()


def test_the_same_seed_gives_the_same_bits() -> None:
    model = LinearTeacherStudent("1/2")
    first, again, other = (regression(model, [10], d_in=20, rng=seed).curves["gen_loss"].runs for seed in (4, 4, 5))
    assert (first == again).all()
    assert (first != other).all()


def test_the_actual_aspect_ratio_is_that_of_integers() -> None:
    result = regression(LinearTeacherStudent("9/10"), [0], d_in=100, rng=1)
    assert result.n_train == 111
    assert result.model.lam * 111 == 100


def test_late_losses_fall_below_rounding() -> None:
    """Without noise and decay the error's limit is 0 exactly, and not the rounding error of a difference."""
    late = regression(LinearTeacherStudent("1/10"), [0, 20_000, 10**6], d_in=40, realisations=3, rng=1)
    for curve in late.curves.values():
        assert (curve.mean[1] > 0).all()
        assert curve.mean[1] < 1e-60
        assert curve.mean[2] == curve.theory[2] == curve.z[2] == 0


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"d_in": 0}, "d_in"),
        ({"d_in": 2.5}, "d_in"),
        ({"realisations": 0}, "realisations"),
        ({"times": [-1]}, "times"),
        ({"times": [0.5]}, "times"),
        ({"eps": 0}, "eps"),
        ({"rng": -1}, "rng"),
    ],
)
def test_bad_arguments_are_named(arguments: dict[str, object], named: str) -> None:
    with pytest.raises(DomainError, match=named):
        regression(LinearTeacherStudent("1/2"), **{"d_in": 10, "rng": 1, **arguments})


def test_a_learning_rate_beyond_stability_is_named_with_its_limit() -> None:
    with pytest.raises(DomainError, match="descent converges"):
        regression(LinearTeacherStudent("1/2", "1/2"), [10], d_in=50, rng=1)
    regression(LinearTeacherStudent("1/2", "1/2"), [10], d_in=50, rng=1, descent=False)
