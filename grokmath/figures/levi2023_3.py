"""Levi, Beck, Bar Sinai, Figure 3: weight decay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grokmath.figures.comparison import summary
from grokmath.figures.data import Curve, FigureData, Panel
from grokmath.figures.regression_panels import CONTROLS, Case, delay_entry, loss_panels, number, simulated_times
from grokmath.figures.style import power
from grokmath.regression.critical_values import critical_weight_decay
from grokmath.regression.grokking_times import grokking_times
from grokmath.regression.linear import LinearTeacherStudent

__all__ = ["compute"]


def compute(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> FigureData:
    """Left: losses; centre: accuracies; right: the grokking time against the decay."""
    lam, eta = number(p["lam"]), number(p["eta"])
    cases = [
        Case(
            f"gamma = {decay:g}",
            f"$\\gamma$ = {power(decay)}",
            LinearTeacherStudent(lam, eta, weight_decay=number(decay)),
            colour,
            p["starts"],
        )
        for colour, decay in enumerate(p["weight_decay"])
    ]
    (left, centre), numbers = loss_panels(cases, p, rng, tick)
    right, right_numbers = _right(p, rng, tick)
    numbers |= right_numbers
    critical = numbers["critical weight decay"]
    caption = (
        f"Gradient descent at eta = {p['eta']:g}, d_in = {p['d_in']}, lam = {p['lam']:g}: means over "
        f"{p['realisations']} data sets with {p['starts']} starts each (markers; bars: standard error) against (14) in "
        f"closed form (lines); eps = {p['eps']:g}. z-scores are against the theory to order 1/d_in, where that holds. "
        f"{CONTROLS} "
        f"Losses: {summary(numbers, 'loss')} Accuracies: {summary(numbers, 'accuracy')} Right: the grokking time grows "
        "with the decay, contrary to the text after (15), up to gamma_c (dotted), beyond which generalization is never "
        f"reached: {', '.join(f'{value:.3g} at lam = {name}' for name, value in critical.items())}. The text's limit, "
        "(15) equal to eps/4, is sqrt(eps (1 - lam)^3), smaller by about sqrt 2 because (15) has twice the plateau. "
        f"Markers: means of {p['simulated_runs']} data sets at d_in = {p['simulated_d_in']} with "
        f"{p['simulated_starts']} starts each; "
        f"{summary(numbers, 'grokking time')}"
    )
    return FigureData((left, centre, right), caption, numbers)


def _right(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> tuple[Panel, dict[str, Any]]:
    curves: list[Curve] = []
    critical: dict[str, float] = {}
    numbers: dict[str, Any] = {"critical weight decay": critical}
    top = 0.0
    for colour, lam in enumerate(p["lam_right"]):
        end = critical[f"{lam:g}"] = float(critical_weight_decay(number(lam), number(p["eps"])))
        near = end * (1 - np.geomspace(0.5, 1e-6, p["decay_grid"] // 2))  # the divergence, to within 1e-6
        decay = np.unique(np.concatenate([np.geomspace(1e-6, end / 2, p["decay_grid"]), near]))
        delta = grokking_times(lam, p["eps"], p["eta"], weight_decay=decay).delta
        curves.append(Curve(f"$\\lambda$ = {lam:g}", decay, np.where(np.isinf(delta), np.nan, delta), colour=colour))
        top = max(top, float(np.nanmax(delta[np.isfinite(delta)])))
        x, middle, error = [], [], []
        for part in p["simulated_parts"]:
            found = simulated_times(
                LinearTeacherStudent(number(lam), number(p["eta"]), weight_decay=number(f"{part * end:.3g}")),
                p["eps"],
                d_in=p["simulated_d_in"],
                runs=p["simulated_runs"],
                starts=p["simulated_starts"],
                rng=rng,
            )
            mean, deviation, entry = delay_entry(found)
            numbers[f"grokking time at lam = {lam:g}, gamma = {part:g} gamma_c"] = entry
            x.append(part * end)
            middle.append(mean)
            error.append(deviation)
            tick()
        curves.append(Curve("_", np.array(x), np.array(middle), "simulation", np.array(error), colour=colour))
    low = 0.006 * min(float(np.nanmin(curve.y)) for curve in curves)
    for colour, end in enumerate(critical.values()):
        label = r"$\gamma_c$, never beyond" if colour == 0 else "_"
        ends = np.array([end, end])
        curves.append(Curve(label, ends, np.array([low, 1.5 * top]), "approximation", colour=colour or 0))
    panel = Panel(
        "grokking_time",
        "Grokking time",
        r"$\gamma$",
        r"$\Delta t$ (steps)",
        tuple(curves),
        xscale="log",
        yscale="log",
        ylim=(low, 1.5 * top),
    )
    return panel, numbers
