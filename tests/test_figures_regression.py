"""The figures of the regression paper and our own beside them, at sizes smaller than --quick."""

from __future__ import annotations

import csv
import functools
import io
import json
import re
from importlib import import_module

import numpy as np
import pytest

from grokmath import DomainError, LinearTeacherStudent
from grokmath.figures import FIGURES, Curve, FigureData, Map, Panel, compute, figure
from grokmath.figures.comparison import compared, departing, judged, summary, trusted, verdict
from grokmath.figures.draw import draw_figure, draw_panel, in_symbols, rendered
from grokmath.figures.grokmath_late_time_errors import printed_delays
from grokmath.figures.levi2023_5 import late_gen, late_train
from grokmath.simulate.curves import Curve as SimulatedCurve

SMALL = {
    "levi2023:1": {"d_in": 150, "lam": [0.3, 0.9, 1.5], "simulated_runs": 6, "simulated_d_in": 80, "lam_grid": 12},
    "levi2023:2": {"d_in": 100, "realisations": 4, "simulated_runs": 4, "simulated_d_in": 60, "d_out_grid": 12},
    "levi2023:3": {"d_in": 150, "simulated_runs": 6, "simulated_d_in": 80, "decay_grid": 12},
    "levi2023:4": {
        "d_in": 60,
        "realisations": [8, 6],
        "wide_realisations": 6,
        "tanh_realisations": 3,
        "data_sets": 12,
        "starts": 5,
        "wide": {"linear": [10**5], "tanh": [400]},
        "last_step": 10000,
        "times": 8,
    },
    "levi2023:5": {},
    "levi2023:6": {"d_in": 100, "realisations": 8},
    "levi2023:7": {"points": 16},
    "levi2023:8": {
        "p": 19,
        "width": 80,
        "alpha": [0.75, 0.85, 0.95],
        "steps": 1200,
        "seeds": 1,
        "d_in": 80,
        "eta": 250,
    },
    "grokmath:finite_size": {"d_in": [40, 80], "spectra": [400, 300], "starts": [5, 5], "shown": 40},
    "grokmath:late_time_errors": {"points": 16},
}
"""The figures and what makes them smaller than in their [quick] tables."""


def fresh(name: str, seed: int) -> FigureData:
    parameters = figure(name, "quick").parameters | SMALL[name]
    module = import_module(f"grokmath.figures.{name.replace(':', '_')}")
    return module.compute(parameters, np.random.default_rng(seed), lambda: None)


small = functools.cache(functools.partial(fresh, seed=5))


def test_every_figure_of_the_paper_is_there():
    assert {f"levi2023:{number}" for number in range(1, 9)} <= set(FIGURES)
    assert set(SMALL) <= set(FIGURES)


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("size", ["default", "quick", "paper"])
def test_every_parameter_file_is_read_and_changes_only_what_there_is(name: str, size: str):
    usual, wanted = figure(name), figure(name, size)
    assert wanted.shows
    assert wanted.seconds > 0
    assert set(wanted.parameters) == set(usual.parameters)


@pytest.mark.parametrize("name", SMALL)
def test_the_data_are_sane(name: str):
    data = small(name)
    assert len(data.caption) > 100
    assert not re.search(r"\bnan\b", data.caption)
    for panel in data.panels:
        assert panel.curves or panel.map
        for curve in panel.curves:
            assert curve.x.shape == curve.y.shape
            assert curve.x.ndim == 1
            assert np.isfinite(curve.x).all()
            assert np.isfinite(curve.y).any()
            assert not np.isinf(curve.y).any()
            if curve.kind == "simulation" and curve.error is not None:
                assert (curve.error >= 0).all()
        if panel.map is not None:
            assert panel.map.value.shape == (len(panel.map.y), len(panel.map.x))
    record = json.loads(data.to_json(figure=name))
    assert set(record) == {"figure", "caption", "numbers"}


@pytest.mark.parametrize("name", ["levi2023:1", "levi2023:2", "levi2023:3", "levi2023:6", "levi2023:8"])
def test_losses_and_accuracies_agree_with_the_theory(name: str):
    """|z| < 4.5 at every point, some 100 a figure, where the theory is known; d_out << d_in for the accuracy."""
    for key, entry in small(name).numbers.items():
        fails = key.startswith(("d_out = 50,", "d_out = 700,")) and key.endswith("accuracy")
        if isinstance(entry, dict) and "largest |z|" in entry and not fails and "grokking" not in key:
            assert entry["largest |z|"] < 4.5, key


@pytest.mark.parametrize("name", SMALL)
def test_the_csv_holds_every_point(name: str):
    data = small(name)
    rows = list(csv.DictReader(io.StringIO(data.to_csv())))
    curves = [curve for panel in data.panels for curve in panel.curves]
    maps = [panel.map for panel in data.panels if panel.map is not None]
    x = [float(row["x"]) for row in rows if row["kind"] != "map"]
    y = [float(row["y"]) for row in rows if row["kind"] != "map"]
    assert np.array_equal(x, np.concatenate([c.x for c in curves]) if curves else [])
    assert np.array_equal(y, np.concatenate([c.y for c in curves]) if curves else [], equal_nan=True)
    values = [float(row["value"]) for row in rows if row["kind"] == "map"]
    assert np.array_equal(values, np.concatenate([m.value.ravel() for m in maps]) if maps else [], equal_nan=True)
    errors = [float(row["error"]) for row in rows if row["error"]]
    expected = [c.error for c in curves if c.error is not None]
    assert np.array_equal(errors, np.concatenate(expected) if expected else [], equal_nan=True)


@pytest.mark.parametrize("name", SMALL)
def test_drawing_needs_no_display_and_is_labelled(name: str):
    data = small(name)
    drawing = draw_figure(data)
    for ax, panel in zip(drawing.axes, data.panels, strict=False):
        assert ax.get_title() == panel.title
        assert ax.get_xlabel()
        assert ax.get_ylabel()


def test_the_caption_stands_below_in_symbols():
    caption = small("levi2023:5").caption
    (text,) = draw_figure(small("levi2023:5")).texts
    assert " ".join(text.get_text().split()) == in_symbols(caption)
    assert "λ = 0.9, η = 0.01" in text.get_text()


@pytest.mark.parametrize("name", SMALL)
def test_no_line_of_a_caption_leaves_the_page(name: str):
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    drawing = draw_figure(small(name))
    (text,) = drawing.texts
    right = text.get_window_extent(FigureCanvasAgg(drawing).get_renderer()).x1
    assert right <= drawing.bbox.x1 - 0.05 * drawing.dpi


def test_a_filled_curve_is_shaded_from_below():
    curve = Curve("feasible", np.array([0.0, 1.0]), np.array([1.0, 2.0]), filled=True)
    ax = draw_panel(Panel("p", "title", "x", "y", (curve,), ylim=(-1, 3)))
    assert not ax.lines
    (area,) = ax.collections
    assert area.get_paths()[0].get_extents().y0 == -1


def test_when_a_late_form_holds_does_not_depend_on_the_grid():
    found = []
    for points in (100, 399):
        parameters = figure("levi2023:5").parameters | {"points": points}
        module = import_module("grokmath.figures.levi2023_5")
        found.append(module.compute(parameters, np.random.default_rng(1), lambda: None).numbers)
    for label, entry in found[0].items():
        for part, step in entry["good to a part of, from step on"].items():
            assert found[1][label]["good to a part of, from step on"][part] == pytest.approx(step, rel=0.01)


def test_a_claim_does_not_end_where_another_theory_does():
    """Figure 6: the plateaus sigma^2 of (26) and sigma^2 (1 - lam) of the theory are all seen apart."""
    p = figure("levi2023:6").parameters
    variances = np.array(p["noise_variance"])
    ends = np.sort(np.concatenate([variances, variances * (1 - p["lam"])]))
    assert (ends[1:] / ends[:-1]).min() > 1.5


def test_the_same_data_give_the_same_file():
    for suffix, name in (("pdf", "levi2023:5"), ("svg", "levi2023:7")):
        assert rendered(small(name), suffix) == rendered(small(name), suffix)


def test_the_same_seed_gives_the_same_data():
    name = "levi2023:6"
    first, again, other = small(name), fresh(name, 5), fresh(name, 6)
    assert first.to_csv() == again.to_csv()
    assert first.to_csv() != other.to_csv()
    assert compute("levi2023:5", "quick").to_csv() == compute("levi2023:5", "quick", rng=2).to_csv()


def test_a_panel_draws_on_given_axes_or_its_own():
    panel = Panel("a", "title", "x", "y", (Curve("one", np.arange(1.0, 4), np.arange(1.0, 4)),), xscale="log")
    ax = draw_panel(panel)
    assert draw_panel(panel, ax) is ax
    with_map = Panel("m", "t", "x", "y", map=Map(np.arange(3.0), np.arange(2.0), np.full((2, 3), np.nan), "v", False))
    assert len(draw_panel(with_map).figure.axes) == 2


@pytest.mark.parametrize("name", ["levi2023:9", "levi", "", "grokmath:1"])
def test_unknown_figures_are_named(name: str):
    with pytest.raises(DomainError, match="there is no figure"):
        figure(name)
    with pytest.raises(DomainError, match="size"):
        figure("levi2023:1", "huge")


# What single figures say.


def test_the_largest_delay_is_at_26_outputs():
    largest = small("levi2023:2").numbers["largest delay"]
    assert largest["d_out"] == 26
    assert largest["steps"] == pytest.approx(72024.6, abs=0.1)


def test_accuracies_of_many_outputs_depart_from_the_formula_and_the_figure_says_so():
    data = small("levi2023:2")
    worst = max(data.numbers[f"d_out = 50, {side}_accuracy"].get("largest |z|", 0) for side in ("train", "gen"))
    assert worst > 5
    assert f"{worst:.1f} at d_out = 50" in data.caption


def test_the_critical_decays_are_the_certified_ones():
    critical = small("levi2023:3").numbers["critical weight decay"]
    assert critical["0.9"] == pytest.approx(0.0016210849179228932, rel=1e-12)
    assert critical["0.1"] == pytest.approx(0.039196764111820399, rel=1e-12)


def test_the_runs_with_label_noise_reject_the_printed_formulas():
    numbers = small("levi2023:6").numbers
    for key, entry in numbers.items():
        if key.endswith("loss"):
            assert abs(entry["z of the paper's claim at the last step"]) > 15, key
            assert abs(entry["z of the corrected theory at the last step"]) < 4.5, key
    assert numbers["largest noise variance with perfect generalization"] == pytest.approx(2.5e-3 / 9)


def test_the_white_regions_of_the_phase_diagrams():
    """White exactly beyond the critical decay, at accuracy 0.95, and nowhere below lam = 1 without decay."""
    from grokmath.regression.critical_values import critical_weight_decay

    panels = {panel.name: panel.map for panel in small("levi2023:7").panels}
    chart = panels["gamma_lam"]
    for lam, row in zip(chart.y, chart.value, strict=True):
        edge = float(critical_weight_decay(float(lam), "1e-3", accuracy="0.95"))
        clear = np.abs(chart.x / edge - 1) > 1e-6 if edge else np.ones(chart.x.shape, bool)
        assert np.array_equal(np.isnan(row)[clear], (chart.x >= edge)[clear])
    outputs = panels["d_out_lam"]
    assert np.isfinite(outputs.value[outputs.y < 1]).all()
    assert np.isnan(outputs.value[outputs.y > 1.01, 0]).all()


def test_the_late_forms_are_those_of_the_paper():
    """(22) is the integral of (21) (the paper's (20)); both errors fall like 3/(16 sqrt(lam) s)."""
    from scipy.integrate import quad

    for lam, s in ((0.5, 3.0), (0.9, 40.0), (0.9, 2000.0)):
        integral = quad(lambda x, lam=lam: float(late_train(np.array(x), lam)), s, np.inf, epsabs=0, epsrel=1e-11)[0]
        assert float(late_gen(np.array(s), lam)) == pytest.approx(integral, rel=1e-7)
    exact = LinearTeacherStudent("9/10", "1/4").train_loss(1e4)
    assert float(late_train(np.array(1e4), 0.9)) / exact - 1 == pytest.approx(3 / (16 * 0.9**0.5 * 1e4), rel=1e-2)


def test_the_mapped_forms_are_the_library_s():
    for lam, eps in (("0.3", "1e-3"), ("0.9", "1e-12"), ("0.5", "1e-30")):
        model = LinearTeacherStudent(lam, "1/4")
        found = printed_delays(np.array(float(lam)), np.array(float(eps)))
        assert float(found["(10)"]) == pytest.approx(model.grokking_time(eps, method="lambert").delta, rel=1e-9)
        assert float(found["(11)"]) == pytest.approx(model.grokking_time(eps, method="leading").delta, rel=1e-12)
    assert np.isnan(printed_delays(np.array(0.9), np.array(1e-3))["(25)"])  # complex in Figure 1's own setting


def test_the_modular_task_has_delays_and_a_law():
    numbers = small("levi2023:8").numbers
    delays = []
    for alpha in (0.75, 0.85, 0.95):
        ((train, gen),) = numbers[f"modular, alpha = {alpha:g}"]["times (train, gen)"]
        delays.append(gen - train)
    assert delays[0] > delays[1] > delays[2] > 0
    assert numbers["fit"]["lam*"] > 2 / (0.75 * 19)


def test_mean_and_spread_over_runs_are_those_predicted():
    """To second order in 1/d_in, where the first is off by a third."""
    numbers = small("grokmath:finite_size").numbers
    for d_in in (40, 80):
        spread, mean = (numbers[f"d_in = {d_in}, {name}"] for name in ("spread", "mean"))
        assert spread["largest |z|"] < 4
        assert mean["largest |z|"] < 4
        assert spread["first-order prediction"] > 1.15 * spread["prediction"]


def test_wide_networks_are_scored_and_narrow_ones_depart():
    numbers = small("levi2023:4").numbers
    for name, entry in numbers.items():
        assert ("departs" in entry) == ("d_h = 50," in name or "d_h = 200," in name)
        if "departs" not in entry and entry["points"]:
            assert entry["largest |z|"] < 4.5, name
    assert numbers["linear, d_h = 100000, gen_loss"]["detectable deviation (median)"] < 0.1


# What captions are made of.


def test_comparisons():
    runs = np.array([[1.0, 2.0, 3.0], [1.2, 2.0, 3.0]])
    curve = SimulatedCurve(runs, np.array([1.0, 2.0, 2.5]), np.array([0.1, 0.2, 0.1]))
    entry = compared(curve, np.array([True, True, False]))
    assert entry["points"] == 2
    assert entry["largest |z|"] == pytest.approx(1.41)
    assert compared(curve, np.zeros(3, bool)) == {"z": [], "points": 0}
    assert "Largest |z| of 2 points: 1.4" in summary({"a": entry, "b": {"x": 1}})
    assert summary({"b": {"x": 1}}) == ""
    assert entry["points with more than 3 %"] == 2
    assert "more than 3 % at 2 of them" in summary({"a": entry})
    absolute = compared(curve, np.array([True, True, False]), scale=100.0)
    assert absolute["detectable deviation (largest)"] == pytest.approx(3 * 0.2 / 2**0.5 / 100, abs=1e-4)


def test_student_s_quotients_become_normal_scores():
    """Five degrees of freedom: 2.5706 has the two-sided probability 5 %, as 1.96 has for a normal score."""
    curve = SimulatedCurve(np.array([[1.0 + 2.570582, 1.0 - 2.570582]]), np.ones(2), np.ones(2))
    assert compared(curve, freedom=5)["z"] == pytest.approx([1.96, -1.96], abs=1e-3)


def test_the_verdict_finds_what_lies_beyond():
    def entry(z: float, points: int = 50) -> dict[str, object]:
        return {"largest |z|": z, "points": points}

    fine = verdict({"a": entry(3.0), "b": entry(4.8), "limit": 3.0})
    assert fine["points"] == 100
    assert fine["bound of |z|"] == pytest.approx(4.89, abs=0.01)
    assert fine["beyond the bound"] == []
    assert verdict({"a": entry(3.0), "b": entry(5.0)})["beyond the bound"] == ["b"]
    assert verdict({"a": entry(float("nan"))})["beyond the bound"] == ["a"]
    known = {"a": entry(3.0), "b": departing(entry(50.0), "it is of first order")}
    assert verdict(known)["beyond the bound"] == []
    assert verdict(known)["known to depart"] == {"b": "it is of first order"}
    assert verdict(known)["points"] == 50
    assert "beyond" in judged({"a": entry(9.0)})
    assert judged({}) == ""


def test_where_finite_size_theory_is_trusted():
    model = LinearTeacherStudent("9/10")
    times = np.array([1, 1e3, 1e6])
    assert trusted(model, 1000, times, "gen").tolist() == [True, True, False]
    assert trusted(LinearTeacherStudent("3/2"), 1000, times, "gen").all()  # at the plateau again
