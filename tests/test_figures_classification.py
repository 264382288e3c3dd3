"""The classification paper's figures at a small size: sane data, bounded z-scores, the same seed the same data."""

from __future__ import annotations

import csv
import io
import json
import re
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import lambertw, ndtr

from grokmath.classification.hard_margin import hard_margin
from grokmath.classification.logistic import LogisticModel
from grokmath.figures.beck2024_1 import _at_rest, _law, _log_ratios, _log_ratios_at_rest
from grokmath.figures.beck2024_4 import limit_ratio
from grokmath.figures.beck2024_7 import positive_projection
from grokmath.figures.classification_panels import agreement, median_and_error, passage, scatter
from grokmath.figures.classification_sets import Minimizers, against, minimizers
from grokmath.figures.comparison import adjusted
from grokmath.figures.data import FigureData
from grokmath.figures.draw import draw_figure
from grokmath.figures.registry import figure
from grokmath.simulate.classification_runs import classification

TINY: dict[str, dict[str, Any]] = {
    "beck2024:1": {
        "n_train": 100, "realisations": 3, "times": 15, "norm_n_train": 100, "norm_lam": [0.2, 0.4],
        "norm_realisations": 8, "margin_n_train": 100, "margin_lam": [0.6, 0.65], "margin_realisations": 6,
        "time_n_train": 60, "time_lam": [0.2], "accuracy_lam": [0.8], "time_realisations": 4,
        "time_points": 150, "theory_points": 6,
    },
    "beck2024:2": {"n_train": 80, "lam": 0.3},
    "beck2024:3": {"grid": 5},
    "beck2024:4": {"n_train": 100, "realisations": 3, "axis_std": [0, 0.1], "times": 13},
    "beck2024:5": {"n_train": 80, "lam": 0.35, "realisations": 3, "last_step": 3000},
    "beck2024:6": {
        "separable_n_train": [40], "separable_sets": 60, "n_train": 150, "lam": [0.2, 0.4], "sets": 15,
        "theory_points": 6,
    },
    "beck2024:7": {
        "n_train": 150, "lam": [0.2, 0.4], "sets": 15, "margin_lam": [0.6], "margin_sets": 8, "theory_points": 6,
    },
    "beck2024:8": {"lam": [0.48, 0.52], "last_time": 50},
    "beck2024:9": {
        "points": 4, "simulated_points": 2,
        "cases": [{"sigma": 1, "eps": "1e-4"}, {"sigma": 10, "eps": "1e-4"}],
    },
    "beck2024:10": {
        "n_train": 100, "realisations": 4, "sigma": [1, 10], "times": 15, "lam": 0.2, "sets": 60, "sets_n_train": 160,
    },
    "beck2024:11": {"n_train": 80, "realisations": 3, "lam": [0.4, 0.52], "last_step": 1500},
    "beck2024:12": {"n_train": 100, "realisations": 4, "start_std": [0, 2], "times": 15},
    "beck2024:13": {"n_train": 100, "realisations": 4, "start_bias": [-3, 3], "times": 15},
    "beck2024:14": {"n_train": 100, "realisations": 4, "lam": [0.4, 0.52], "times": 15},
    "beck2024:15": {"n_train": 100, "realisations": 4, "times": 15},
    "beck2024:16": {"n_train": 100, "realisations": 3, "times": 9, "label_fraction": [1, 0.9]},
    "grokmath:critical_norm": {"n_train": [150], "delta": [0.2, 0.1], "sets": 15, "theory_points": 6},
}  # fmt: skip


def computed(name: str, seed: int) -> FigureData:
    module = import_module(f"grokmath.figures.{name.replace(':', '_')}")
    parameters = figure(name, "quick").parameters | TINY[name]
    data = module.compute(parameters, np.random.default_rng(seed), lambda: None)
    assert isinstance(data, FigureData)
    return data


@cache
def tiny(name: str) -> FigureData:
    return computed(name, 1)


@pytest.mark.parametrize("name", list(TINY))
def test_data_are_sane(name: str) -> None:
    data = tiny(name)
    names = [panel.name for panel in data.panels]
    assert len(names) == len(set(names)) >= 2
    for panel in data.panels:
        assert panel.curves
        assert panel.xlabel
        assert panel.ylabel
        assert not panel.legend or any(not curve.label.startswith("_") for curve in panel.curves)
        for curve in panel.curves:
            assert curve.x.shape == curve.y.shape == (len(curve.x),)
            assert np.isfinite(curve.x).all()
            assert np.isfinite(curve.y).all()
            assert curve.error is None or ((curve.error >= 0).all() and curve.error.shape == curve.y.shape)
    assert not set(re.split(r"[^A-Za-z_|]+", data.caption)) & {"nan", "inf", "None"}
    rows = list(csv.reader(io.StringIO(data.to_csv())))
    points = sum(len(curve.x) for panel in data.panels for curve in panel.curves)
    assert len(rows) >= points + 1
    assert json.loads(data.to_json())["caption"] == data.caption


@pytest.mark.parametrize("name", list(TINY))
def test_scores_are_bounded(name: str) -> None:
    """A few runs of small sets: scores beyond 6 would mean a wrong theory or a wrong error."""
    for what, entry in tiny(name).numbers.items():
        if isinstance(entry, dict) and "largest |z|" in entry:
            assert entry["largest |z|"] < 6, what
            assert entry["points"] >= 1


def test_figures_draw_without_a_warning() -> None:
    for name in TINY:
        drawing = draw_figure(tiny(name))
        assert len(drawing.axes) >= len(tiny(name).panels)


@pytest.mark.parametrize("name", ["beck2024:12", "beck2024:16"])
def test_same_seed_same_data(name: str) -> None:
    assert computed(name, 1).to_csv() == tiny(name).to_csv()
    assert computed(name, 2).to_csv() != tiny(name).to_csv()


def test_each_figure_has_three_sizes() -> None:
    for name in TINY:
        default, quick = figure(name), figure(name, "quick")
        assert set(quick.parameters) == set(default.parameters) == set(figure(name, "paper").parameters)
        assert quick.seconds <= default.seconds


def test_conformal_time() -> None:
    numbers = tiny("beck2024:2").numbers
    assert numbers["largest distance, exponential loss"] < 1e-5
    assert numbers["last distance, cross-entropy"] < 0.1 * numbers["largest distance, cross-entropy"]


def test_the_flow_goes_to_the_nearest_weights() -> None:
    """Within the constant over log t of the law of late times."""
    for name, entry in tiny("beck2024:3").numbers.items():
        if name.startswith("lam"):
            gap = np.subtract(entry["nearest weights"], entry["flow at the last time"])
            assert np.abs(gap).max() < 2 / np.log(1e280)


def test_the_components_of_the_path_are_apart() -> None:
    """Of two alike one curve would hide the other."""
    panel = tiny("beck2024:2").panels[0]
    ends = sorted(float(curve.y[-1]) for curve in panel.curves if curve.kind == "theory")
    assert len(ends) == 4
    assert min(np.diff(ends)) > 0.02 * (ends[-1] - ends[0])


def test_adam_and_descent_lead_to_each_set_s_own_minimiser() -> None:
    """What the line of large N does not show: runs of one set each are beside their own limit."""
    for entry in tiny("beck2024:5").numbers.values():
        assert entry["||S|| at the last step beside each set's own minimiser (median)"] < 0.05
    distances = tiny("beck2024:11").numbers
    assert [name.split(":")[0] for name in distances] == ["lam = 0.4"]  # above 1/2 there is none
    assert max(distances.values()) < 0.05


def test_two_point_figures_agree_with_the_solver() -> None:
    for entry in tiny("beck2024:9").numbers.values():
        assert entry["largest difference of log(t_gen/t_tr), solver and exact"] < 1e-6
    for name, entry in tiny("beck2024:8").numbers.items():
        assert entry["weight"] < 0.1, name


def test_the_ratio_of_weight_and_bias_against_sets() -> None:
    """The direction of the least norm of real sets, their bias column 1 + sigma_A g, beside the Gaussian comparison."""
    lam, sigma, axis, N = 0.2, 5.0, 0.15, 400
    random, ratios = np.random.default_rng(3), []
    for _ in range(24):
        d = round(lam * N)
        rows = np.column_stack([sigma * random.standard_normal((N, d)), 1 + axis * random.standard_normal(N)])
        start = np.append(np.zeros(d), -1.0)
        if not (rows @ start < 0).all():
            continue
        S, _ = hard_margin(rows, np.ones(N), start)
        ratios.append(sigma * np.linalg.norm(S[:-1]) / abs(S[-1]))
    error = np.std(ratios, ddof=1) / np.sqrt(len(ratios))
    assert len(ratios) > 20
    assert abs(np.mean(ratios) - limit_ratio(lam, sigma, axis)) < 4 * error
    assert error < 0.03 * np.mean(ratios)
    assert limit_ratio(lam, sigma, 0) == 0


@pytest.mark.parametrize("lam", ["0.1", "0.3", "0.45", "0.495"])
def test_positive_projection_against_another_quadrature(lam: str) -> None:
    model = LogisticModel(lam)
    R, gamma = model.minimizer_norm(), model.gamma()

    def integrand(g: float) -> float:
        return float((R * g - np.real(lambertw(gamma * np.exp(R * g)))) * np.exp(-g * g / 2) / np.sqrt(2 * np.pi))

    value = quad(integrand, gamma / R, 8, epsabs=1e-13, epsrel=1e-11)[0] / ndtr(-gamma / R) / R
    assert positive_projection(model) == pytest.approx(value, rel=1e-7)


def test_passage() -> None:
    times = np.array([1.0, 10.0, 100.0, 1000.0])
    assert passage(times, np.array([0.0, 0.5, 0.0, 1.0]), 0.5) == pytest.approx(10**2.5)
    assert passage(times, np.array([1.0, 1.0, 1.0, 1.0]), 0.5) == 1
    assert passage(times, np.array([0.0, 1.0, 1.0, 0.0]), 0.5) == np.inf


def test_the_time_ratio_of_sets_at_rest() -> None:
    """Of runs, within what S still has to go; of many sets, the law's, where 5 % of its logarithm would show."""
    p = figure("beck2024:1", "quick").parameters | {"level": 0.95}
    model = LogisticModel("0.2", p["sigma"], p["eta"])
    times = np.geomspace(0.01, 1e4, 600)
    run = classification(model, times, n_train=200, realisations=6, loss="exponential", rng=9)
    assert _log_ratios(run, 0.95) == pytest.approx(_at_rest(run, p), rel=0.1)
    sets = [minimizers(N, 0.2, count, np.random.default_rng(10), 0.95) for N, count in ((200, 500), (100, 1000))]
    found = against(lambda lam: _law(lam, p), [sets[0]], [sets[1]], _log_ratios_at_rest, geometric=False)
    assert found.numbers["largest |z|"] < 4
    assert found.numbers["detectable deviation (largest)"] < 0.05
    assert found.limit == pytest.approx(_law(0.2, p), rel=0.05)
    assert found.limit_error == pytest.approx(
        found.numbers["detectable deviation (largest)"] / 3 * _law(0.2, p), rel=1e-2
    )


def test_the_scatter_of_sets_as_large() -> None:
    """Of 40 sets, so within three errors of 15 %, beside many others; where half a dozen would be off by more."""
    logs = np.log(minimizers(200, 0.3, 300, np.random.default_rng(6)).norm)
    assert scatter(200, 0.3) == pytest.approx(logs.std(ddof=1), rel=0.45)


def test_an_infinite_median_has_no_error() -> None:
    middle, error = median_and_error(np.array([[1.0, 1.0], [2.0, np.inf], [np.inf, np.inf]]))
    assert middle.tolist() == [2.0, np.inf]
    assert np.isfinite(error[0])
    assert np.isnan(error[1])


def test_median_and_its_error() -> None:
    """Over many samples of nine normal values the error is unbiased and is that of the median, within 5 %."""
    sample = np.random.default_rng(4).standard_normal((9, 20000))
    middle, error = median_and_error(sample)
    assert error.mean() == pytest.approx(middle.std(), rel=0.05)
    one = agreement(1.1, 0.1, 1.0)
    assert one["largest |z|"] == 1.0
    assert one["detectable deviation (median)"] == 0.3


def test_the_controls_have_mean_zero_and_take_the_scatter_out() -> None:
    """Their laws are known for every N; they explain most of what log ||S_inf|| scatters."""
    sets = minimizers(120, 0.3, 200, np.random.default_rng(6))
    assert sets.separable == 0
    z = sets.controls.mean(axis=0) / (sets.controls.std(axis=0, ddof=1) / np.sqrt(200))
    assert np.abs(z).max() < 4
    logs = np.log(sets.norm)
    mean, error, freedom = adjusted(logs, sets.controls)
    assert freedom == 194
    raw = logs.std(ddof=1) / np.sqrt(200)
    assert error < 0.5 * raw
    assert abs(mean - logs.mean()) < 4 * raw
    assert adjusted(logs[:8], sets.controls[:8])[0] == pytest.approx(logs[:8].mean())


def test_the_error_of_an_adjusted_mean_is_that_over_many_samples() -> None:
    random = np.random.default_rng(7)
    found = []
    for _ in range(600):
        controls = random.standard_normal((40, 3))
        found.append(adjusted(controls @ [2.0, 1.0, -1.0] + random.standard_normal(40) + 5, controls))
    means, errors, _ = np.array(found).T
    assert means.mean() == pytest.approx(5, abs=4 * means.std() / np.sqrt(600))
    assert errors.mean() == pytest.approx(means.std(), rel=0.1)


def test_markers_are_plain_means_where_sets_are_left_out() -> None:
    """There the controls, whose means are 0 over all sets, would shift what is drawn."""
    random = np.random.default_rng(2)
    large, small = minimizers(60, 0.45, 60, random), minimizers(30, 0.45, 60, random)
    assert large.separable > 0
    found = against(lambda lam: LogisticModel(lam).minimizer_norm(), [large], [small], "norm")
    assert found.numbers["compared"] == [False]
    assert found.mean[0] == pytest.approx(np.exp(np.log(large.norm).mean()), rel=1e-12)
    assert np.isnan(found.limit[0])


def test_two_sizes_give_the_limit() -> None:
    """A mean that is off by 3/N in its logarithm: the deviation of the limit is 0, with the errors of both sizes."""
    random = np.random.default_rng(8)

    def sets(n_train: int, d: int) -> Minimizers:
        norm = 2 * np.exp(3 / n_train + 1e-9 * random.standard_normal(50))
        return Minimizers(norm, norm, norm, norm, random.standard_normal((50, 5)), n_train, d, 0, norm, 0.99)

    found = against(lambda lam: 2.0, [sets(400, 100), sets(400, 196)], [sets(200, 50), sets(200, 98)], "norm")
    assert found.numbers["deviations"] == [0, 0]
    assert found.numbers["compared"] == [True, False]
    assert found.mean == pytest.approx(2 * np.exp(3 / 400), rel=1e-8)
    assert found.numbers["points"] == 1
