"""Levi, Beck, Bar Sinai, Figure 2: several outputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grokmath.figures.comparison import departing, summary
from grokmath.figures.data import Curve, FigureData, Panel
from grokmath.figures.regression_panels import CONTROLS, Case, delay_entry, loss_panels, number, simulated_times
from grokmath.regression.grokking_times import grokking_times
from grokmath.regression.linear import LinearTeacherStudent

__all__ = ["compute"]


def compute(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> FigureData:
    """Left: losses; centre: accuracies; right: the grokking time against d_out."""
    lam, eta = number(p["lam"]), number(p["eta"])
    cases = [
        Case(
            f"d_out = {outputs}",
            f"$d_{{out}}$ = {outputs}",
            LinearTeacherStudent(lam, eta, d_out=outputs),
            colour,
            max(1, p["starts"] // outputs),
        )
        for colour, outputs in enumerate(p["d_out"])
    ]
    (left, centre), numbers = loss_panels(cases, p, rng, tick)
    for name, entry in numbers.items():
        if name.endswith("accuracy") and not name.startswith("d_out = 1,") and "largest |z|" in entry:
            numbers[name] = departing(entry, "(12) takes the errors of all outputs as equal")
    right, right_numbers = _right(p, rng, tick)
    numbers |= right_numbers
    caption = (
        f"Gradient descent at eta = {p['eta']:g}, d_in = {p['d_in']}, lam = {p['lam']:g}: means over "
        f"{p['realisations']} data sets (markers; bars: standard error) against the closed forms (lines); eps = "
        f"{p['eps']:g}. {CONTROLS} Losses: {summary(numbers, 'loss')} Accuracies: "
        f"{summary(numbers, 'accuracy')} The accuracy (12) "
        "takes the errors of all outputs as equal; where d_out is not small against d_in they are not, and the "
        f"simulated accuracy departs from it: {_departure(p, numbers)}. Right: the grokking time at accuracy "
        f"{p['accuracy']:g}; it is largest at d_out = {numbers['largest delay']['d_out']} for "
        f"lam = {p['lam']:g}, and 0 "
        f"where the loss starts below the threshold. Markers: means of {p['simulated_runs']} data sets at d_in = "
        f"{p['simulated_d_in']}; {summary(numbers, 'grokking time')}"
    )
    return FigureData((left, centre, right), caption, numbers)


def _departure(p: dict[str, Any], numbers: dict[str, Any]) -> str:
    parts = []
    for outputs in p["d_out"]:
        entry = [numbers[f"d_out = {outputs}, {side}_accuracy"] for side in ("train", "gen")]
        parts.append(f"|z| up to {max(e.get('largest |z|', 0.0) for e in entry):.1f} at d_out = {outputs}")
    return ", ".join(parts)


def _right(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> tuple[Panel, dict[str, Any]]:
    outputs = np.unique(np.rint(np.geomspace(1, p["largest_d_out"], p["d_out_grid"])))
    curves: list[Curve] = []
    numbers: dict[str, Any] = {}
    for colour, lam in enumerate(p["lam_right"]):
        delta = grokking_times(lam, p["eps"], p["eta"], d_out=outputs, accuracy=p["accuracy"]).delta
        curves.append(Curve(f"$\\lambda$ = {lam:g}", outputs, np.where(delta > 0, delta, np.nan), colour=colour))
        if lam == p["lam"]:
            every = np.arange(1, int(p["largest_d_out"]) + 1)
            delays = grokking_times(lam, p["eps"], p["eta"], d_out=every[:200], accuracy=p["accuracy"]).delta
            best = int(np.argmax(delays))
            numbers["largest delay"] = {"d_out": int(every[best]), "steps": float(delays[best])}
        points, middle, error = p["simulated_d_out"], [], []
        for value in points:
            model = LinearTeacherStudent(number(lam), number(p["eta"]), d_out=value)
            found = simulated_times(
                model,
                p["eps"],
                d_in=p["simulated_d_in"],
                runs=p["simulated_runs"],
                starts=max(1, p["simulated_starts"] // value),
                rng=rng,
                accuracy=number(p["accuracy"]),
            )
            mean, deviation, entry = delay_entry(found)
            numbers[f"grokking time at lam = {lam:g}, d_out = {value}"] = entry
            middle.append(mean)
            error.append(deviation)
            tick()
        x = np.array(points, dtype=float)
        curves.append(Curve("_", x, np.array(middle), "simulation", np.array(error), colour=colour))
    panel = Panel(
        "grokking_time",
        "Grokking time",
        r"$d_{out}$",
        r"$\Delta t$ (steps)",
        tuple(curves),
        xscale="log",
        yscale="log",
    )
    return panel, numbers
