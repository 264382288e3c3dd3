"""Statistics of the spectrum whose means are known exactly, and what they take out of the losses' scatter."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from grokmath import LinearTeacherStudent
from grokmath.figures.regression_panels import delay_entry, simulated_times
from grokmath.simulate import regression
from grokmath.simulate.spectral_controls import deviations, explained


@pytest.mark.parametrize(("d_in", "n_train"), [(20, 30), (30, 20), (5, 60)])
def test_the_deviations_have_mean_zero(d_in: int, n_train: int) -> None:
    random, found = np.random.default_rng(1), []
    for _ in range(1500):
        X = random.standard_normal((n_train, d_in))
        found.append(deviations(np.linalg.eigvalsh(X.T @ X / n_train), d_in, n_train))
    off = np.array(found)
    assert np.abs(off.mean(axis=0) / (off.std(axis=0) / 1500**0.5)).max() < 4


def test_none_where_the_inverse_trace_has_no_moments() -> None:
    assert deviations(np.ones(20), 20, 25).size == 0
    model = LinearTeacherStudent(Fraction(20, 25))
    assert explained(model, 20, "gen", np.array([1.0]), descent=True) is None
    run = regression(model, [0, 10], d_in=20, realisations=2, controlled=True, rng=1)
    assert run.controls.shape == (2, 0)


@pytest.mark.parametrize("lam", ["1/2", "9/5"])
def test_controlled_losses_have_the_same_mean_and_less_spread(lam: str) -> None:
    """The spread left is the one predicted, and over many runs of the spectrum alone far below the raw one."""
    model, times = LinearTeacherStudent(lam, eta="1/100"), [10, 100, 300]
    raw, controlled = (
        regression(model, times, d_in=100, realisations=150, starts=400, controlled=on, rng=2) for on in (False, True)
    )
    for name, curve in controlled.curves.items():
        before = raw.curves[name]
        assert np.abs(curve.z).max() < 4
        assert curve.measured_error == pytest.approx(curve.predicted_error, rel=0.25)
        assert (curve.spread <= before.spread).all()
        assert np.abs(curve.mean - before.mean).max() < 4 * np.abs(before.predicted_error).max()
    late = [run.curves["train_loss"].spread[-1] for run in (controlled, raw)]
    assert late[0] < 0.6 * late[1]


def test_controlled_delays_scatter_less_about_the_same_mean() -> None:
    found = simulated_times(
        LinearTeacherStudent("7/10"), 1e-2, d_in=100, runs=40, starts=40, rng=np.random.default_rng(3)
    )
    mean, error, entry = delay_entry(found)
    raw = float(found.delta.std(ddof=1)) / 40**0.5
    assert error < 0.7 * raw
    assert abs(mean - found.delta.mean()) < 4 * raw
    assert entry["runs that were too late"] == 0
