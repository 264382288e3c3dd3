"""Levi, Beck, Bar Sinai, Figure 1: losses and accuracies in time, and the grokking time against lam."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grokmath.figures.comparison import summary
from grokmath.figures.data import Curve, FigureData, Panel
from grokmath.figures.regression_panels import CONTROLS, Case, delay_entry, loss_panels, number, simulated_times
from grokmath.figures.style import power
from grokmath.regression.grokking_times import grokking_times
from grokmath.regression.linear import LinearTeacherStudent

__all__ = ["compute"]


def compute(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> FigureData:
    """Left: losses; centre: accuracies; right: the grokking time."""
    eta = number(p["eta"])
    cases = [
        Case(
            f"lam = {lam:g}",
            f"$\\lambda$ = {lam:g}",
            LinearTeacherStudent(number(lam), eta),
            colour,
            p["starts"],
        )
        for colour, lam in enumerate(p["lam"])
    ]
    (left, centre), numbers = loss_panels(cases, p, rng, tick)
    right, right_numbers = _right(p, rng, tick)
    numbers |= right_numbers
    caption = (
        f"Gradient descent at eta = {p['eta']:g}, d_in = {p['d_in']}: markers are means over {p['realisations']} data "
        f"sets with {p['starts']} starts each (bars: standard error), lines the closed forms for infinitely many "
        f"inputs; tolerance eps = {p['eps']:g}. z-scores are against the theory to order 1/d_in, where that holds. "
        f"{CONTROLS} "
        f"Losses: {summary(numbers, 'loss')} Accuracies: {summary(numbers, 'accuracy')} Right: the grokking time for "
        f"eps = {' and '.join(f'{eps:g}' for eps in p['eps_right'])}; dotted, the paper's leading form (11), which has "
        "no eps and diverges at lam = 1, where the exact time is finite; above 1 there is none. Markers: means of "
        f"{p['simulated_runs']} data sets at d_in = {p['simulated_d_in']} with {p['simulated_starts']} starts "
        f"each, eps = {p['eps_right'][0]:g}; "
        f"{summary(numbers, 'grokking time')}"
    )
    return FigureData((left, centre, right), caption, numbers)


def _right(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> tuple[Panel, dict[str, Any]]:
    lam = np.linspace(0.05, 1.2, p["lam_grid"])
    curves, numbers = [], {}
    for colour, eps in enumerate(p["eps_right"]):
        delta = grokking_times(lam, eps, p["eta"]).delta
        curves.append(
            Curve(f"$\\epsilon$ = {power(eps)}", lam, np.where(np.isinf(delta), np.nan, delta), colour=colour)
        )
    below = lam[lam < 1]
    leading = -np.log1p(-np.sqrt(below)) / (2 * p["eta"] * (1 - np.sqrt(below)) ** 2)
    curves.append(Curve("Eq. (11)", below, leading, "approximation"))
    middle, error = [], []
    for value in p["simulated_lam"]:
        model = LinearTeacherStudent(number(value), number(p["eta"]))
        size = {"d_in": p["simulated_d_in"], "runs": p["simulated_runs"], "starts": p["simulated_starts"]}
        found = simulated_times(model, p["eps_right"][0], **size, rng=rng)
        mean, deviation, numbers[f"grokking time at lam = {value:g}"] = delay_entry(found)
        middle.append(mean)
        error.append(deviation)
        tick()
    points = np.array(p["simulated_lam"])
    curves.append(Curve("simulation", points, np.array(middle), "simulation", np.array(error)))
    title = "Grokking time"
    return Panel("grokking_time", title, r"$\lambda$", r"$\Delta t$ (steps)", tuple(curves), yscale="log"), numbers
