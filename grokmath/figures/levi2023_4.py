"""Levi, Beck, Bar Sinai, Figure 4: two-layer networks, linear and tanh."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grokmath.figures.comparison import compared, summary, trusted
from grokmath.figures.data import Curve, FigureData, Panel
from grokmath.figures.regression_panels import number
from grokmath.regression.linear import LinearTeacherStudent
from grokmath.regression.two_layer import TwoLayerLinear
from grokmath.simulate.two_layer_runs import ACTIVATIONS, two_layer

__all__ = ["compute"]


def compute(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> FigureData:
    """Top: losses, bottom: accuracies; left: linear, right: tanh."""
    unit = p["eta"] / p["paper_eta"]  # of the time axis: steps of the paper's size
    last = round(p["last_step"] / unit)
    times = np.unique(np.rint(np.geomspace(1, last, p["times"])))
    fine = np.geomspace(0.3, last, 300)
    losses: dict[str, list[Curve]] = {name: [] for name in ACTIVATIONS}
    accuracies: dict[str, list[Curve]] = {name: [] for name in ACTIVATIONS}
    numbers: dict[str, Any] = {}
    for activation in ACTIVATIONS:
        for colour, width in enumerate(p["d_h"]):
            model = TwoLayerLinear(number(p["lam"]), p["d_in"], width, p["d_out"], eta=number(p["eta"]))
            run = two_layer(
                model,
                times,
                activation=activation,
                realisations=p["realisations"],
                eps=p["eps"],
                rng=rng,
                tick=tick,
            )
            one = LinearTeacherStudent(run.model.lam, run.model.rescaled_eta)
            for name, curve in run.curves.items():
                side, _, quantity = name.partition("_")
                dashed = side == "train"
                exact = getattr(run.model, name)
                y = exact(fine) if quantity == "loss" else exact(fine, eps=p["eps"])
                target = (losses if quantity == "loss" else accuracies)[activation]
                label = "_" if dashed else f"$d_h$ = {width}"
                target.append(Curve(label, fine * unit, y, colour=colour, dashed=dashed))
                marks = Curve(
                    "_", times * unit, curve.mean, "simulation", curve.measured_error, colour=colour, dashed=dashed
                )
                target.append(marks)
                known = trusted(one, p["d_in"], times, side) & (times * unit >= p["first_compared"])
                if quantity == "accuracy":
                    known &= (curve.theory > 0.05) & (curve.theory < 0.95)
                entry = compared(curve, known, freedom=p["realisations"] - 1)
                if known.any():
                    off = (curve.mean / curve.theory - 1)[known]
                    entry["largest deviation"] = round(float(np.abs(off).max()), 4)
                numbers[f"{activation}, d_h = {width}, {name}"] = entry
            if activation == "linear":
                printed = LinearTeacherStudent(run.model.lam, number(p["eta"]) / (2 * p["d_out"] ** 2))
                y = printed.gen_loss(fine) * float(model.initial_difference)
                losses[activation].append(
                    Curve("_" if colour else "(18), test", fine * unit, y, "approximation", colour=colour or 5)
                )
    panels = [
        _panel(f"{name}_losses", f"{name}: loss (training dashed)", r"$\mathcal{L}$", losses[name], p)
        for name in ACTIVATIONS
    ]
    panels += [
        _panel(f"{name}_accuracies", f"{name}: accuracy (training dashed)", r"$\mathcal{A}$", accuracies[name], p)
        for name in ACTIVATIONS
    ]
    return FigureData(tuple(panels), _caption(p, numbers), numbers, columns=2)


def _panel(name: str, title: str, label: str, curves: list[Curve], p: dict[str, Any]) -> Panel:
    loss = name.endswith("losses")
    limits = (p["smallest_loss"], 0.05) if loss else (-0.03, 1.03)
    x = f"steps of $\\eta$ = {p['paper_eta']:g}"
    scale = "log" if loss else "linear"
    return Panel(name, title, x, label, tuple(curves), xscale="log", yscale=scale, ylim=limits, legend=loss)


def _caption(p: dict[str, Any], numbers: dict[str, Any]) -> str:
    worst = {
        width: max(
            e.get("largest deviation", 0.0) for name, e in numbers.items() if f"= {width}, " in name and "loss" in name
        )
        for width in p["d_h"]
    }
    parts = ", ".join(f"{100 * value:.0f} % at d_h = {width}" for width, value in worst.items())
    return (
        f"Networks {p['d_in']}-d_h-{p['d_out']} at lam = {p['lam']:g}, full-batch descent with "
        f"eta = {p['eta']:g} (time "
        f"in units of the paper's eta = {p['paper_eta']:g}, of which the flow is independent), "
        f"eps = {p['eps']:g}: means "
        f"of {p['realisations']} runs (markers; bars: standard error) against the lazy theory (lines), L = "
        "L1(eta_2)/(2 d_h d_out). Dotted: (18) as printed, without the 1/d_out in front and the factor 1 + d_out/d_in "
        "of the rate. The theory leaves out what is of order d_out/d_h and grows in time; the largest deviation of a "
        f"mean loss from it is {parts}. Linear: {summary(numbers, 'linear')} tanh: {summary(numbers, 'tanh')} "
        "z-scores rest on the measured spread over the runs."
    )
