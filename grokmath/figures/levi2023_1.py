"""Levi, Beck, Bar Sinai, Figure 1: losses and accuracies in time, and the grokking time against lam."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from grokmath.figures.comparison import compared, summary
from grokmath.figures.data import Curve, FigureData, Panel
from grokmath.regression.grokking_times import grokking_times
from grokmath.regression.linear import LinearTeacherStudent
from grokmath.simulate.regression_runs import regression

__all__ = ["compute"]


def compute(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> FigureData:
    """Left: losses; centre: accuracies; right: the grokking time."""
    times = np.unique(np.round(np.geomspace(1, p["last_step"], p["times"])))
    fine = np.geomspace(1, p["last_step"], 400)
    losses: list[Curve] = []
    accuracies: list[Curve] = []
    numbers: dict[str, Any] = {}
    for colour, lam in enumerate(p["lam"]):
        model = LinearTeacherStudent(lam, p["eta"])
        run = regression(model, times, d_in=p["d_in"], realisations=p["realisations"], eps=p["eps"], rng=rng, tick=tick)
        for name, curve in run.curves.items():
            train, loss = name.startswith("train"), name.endswith("loss")
            label = f"$\\lambda$ = {lam:g}" if not train else "_"
            exact = run.model.train_loss if train else run.model.gen_loss
            y = exact(fine) if loss else getattr(run.model, name)(fine, eps=p["eps"])
            target = losses if loss else accuracies
            target.append(Curve(label, fine, y, colour=colour, dashed=train))
            target.append(
                Curve("_", times, curve.mean, "simulation", curve.measured_error, colour=colour, dashed=train)
            )
            if loss:
                numbers[f"lam = {lam:g}, {name}"] = compared(curve, curve.theory > p["smallest_loss"])
    right, right_numbers = _right(p, rng, tick)
    numbers.update(right_numbers)
    panels = (
        Panel(
            "losses",
            "Loss (training dashed)",
            "step",
            r"$\mathcal{L}$",
            tuple(losses),
            xscale="log",
            yscale="log",
            ylim=(p["smallest_loss"], 2),
        ),
        Panel("accuracies", "Accuracy (training dashed)", "step", r"$\mathcal{A}$", tuple(accuracies), xscale="log"),
        right,
    )
    caption = (
        f"Gradient descent at eta = {p['eta']:g}, d_in = {p['d_in']}, {p['realisations']} runs (markers; bars: "
        f"standard error) against the closed forms (lines). {summary(numbers)} Right: the grokking time for eps = "
        f"{' and '.join(f'{eps:g}' for eps in p['eps_right'])}; dotted, the paper's leading form (11), which has "
        "no eps and diverges at lam = 1, where the exact time is finite. The simulated times are medians of "
        f"{p['simulated_runs']} runs at d_in = {p['simulated_d_in']}."
    )
    return FigureData(panels, caption, numbers)


def _right(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> tuple[Panel, dict[str, Any]]:
    lam = np.linspace(0.05, 1.2, p["lam_grid"])
    curves, numbers = [], {}
    for colour, eps in enumerate(p["eps_right"]):
        delta = grokking_times(lam, eps, p["eta"]).delta
        curves.append(Curve(f"$\\epsilon$ = {eps:g}", lam, np.where(np.isinf(delta), np.nan, delta), colour=colour))
    below = lam[lam < 1]
    leading = -np.log1p(-np.sqrt(below)) / (2 * p["eta"] * (1 - np.sqrt(below)) ** 2)
    curves.append(Curve("Eq. (11)", below, leading, "approximation"))
    eps = p["eps_right"][0]
    middle, error = [], []
    for value in p["simulated_lam"]:
        delays = _delays(value, eps, p, rng)
        middle.append(float(np.median(delays)))
        error.append(1.2533 * float(np.std(delays, ddof=1)) / np.sqrt(len(delays)))
        numbers[f"grokking time at lam = {value:g}"] = {"median": middle[-1], "standard error": error[-1]}
        tick()
    points = np.array(p["simulated_lam"])
    curves.append(Curve("simulation", points, np.array(middle), "simulation", np.array(error)))
    title = "Grokking time"
    return Panel("grokking_time", title, r"$\lambda$", r"$\Delta t$", tuple(curves), yscale="log"), numbers


def _delays(lam: float, eps: float, p: dict[str, Any], rng: np.random.Generator) -> np.ndarray[Any, Any]:
    """The simulated differences of the two passages through eps/4, by interpolation in log L and log t."""
    model = LinearTeacherStudent(Fraction(str(lam)), p["eta"])
    reached = model.grokking_time(eps)
    times = np.unique(np.round(np.geomspace(float(reached.train) / 4, float(reached.gen) * 6, 120)))
    run = regression(model, times, d_in=p["simulated_d_in"], realisations=p["simulated_runs"], rng=rng)
    level, x = np.log(eps / 4), np.log(times)
    passages = [
        [np.exp(np.interp(-level, -np.log(path), x)) for path in run.curves[name].runs]
        for name in ("train_loss", "gen_loss")
    ]
    return np.array(passages[1]) - np.array(passages[0])
