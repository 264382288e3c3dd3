"""Beck, Levi, Bar Sinai, Figure 8: training and generalization loss of the two-point model in time."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from grokmath.classification.two_point import TwoPointModel
from grokmath.figures.classification_panels import simulated
from grokmath.figures.data import Curve, FigureData, Panel
from grokmath.simulate.two_point_runs import two_point

__all__ = ["compute"]


def compute(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> FigureData:
    """One panel of losses for each sigma, one of the weights; nothing is random."""
    eta = p["eta"]
    steps = np.unique(np.round(np.geomspace(2, p["last_time"] / eta, p["times"])))
    fine = np.geomspace(1, p["last_time"] / eta, 300)
    panels, weights, numbers, worst = [], [], {}, 0.0
    for sigma in p["sigma"]:
        curves, top = [], 0.0
        for colour, lam in enumerate(p["lam"]):
            model = TwoPointModel(Fraction(str(lam)), str(eta), sigma)
            run = two_point(model, steps, dynamics="descent")
            numbers[f"lam = {lam:g}, sigma = {sigma:g}: largest difference of descent and flow"] = run.difference
            worst = max(worst, *run.difference.values())
            for name, dashed in (("log_gen_loss", False), ("log_train_loss", True)):
                line = np.exp(np.asarray(getattr(model, name)(fine)))
                top = max(top, float(line.max()))
                label = "_" if dashed else f"$\\lambda$ = {lam:g}"
                curves.append(Curve(label, eta * fine, line, colour=colour, dashed=dashed))
                curves.append(simulated("_", eta * steps, np.exp(run.curves[name]), None, colour, dashed))
            if sigma == p["sigma"][-1]:
                weights.append(Curve("_", eta * fine, np.asarray(model.weight(fine)), colour=colour))
                weights.append(simulated("_", eta * steps, run.curves["weight"], None, colour))
            tick()
        panels.append(
            Panel(
                f"losses_sigma_{sigma:g}",
                f"Losses, $\\sigma$ = {sigma:g} (training dashed)",
                r"$\eta t$",
                r"$\mathcal{L}$",
                tuple(curves),
                xscale="log",
                yscale="log",
                ylim=(3e-4, min(1e4, 3 * top)),
            )
        )
    panels.append(
        Panel(
            "weight",
            f"Weight, $\\sigma$ = {p['sigma'][-1]:g}",
            r"$\eta t$",
            r"$\sigma S$",
            tuple(weights),
            xscale="log",
            legend=False,
        )
    )
    caption = (
        "Exponential losses of the two points -1 and 1 - 2 lam: exact solution of the flow (lines) and gradient "
        f"descent at eta = {eta:g} (markers; open: training). Descent differs from the flow by a multiple of eta, in "
        f"logarithms of the losses, weight and bias by at most {worst:.2g}. The generalization loss e^(b + S^2/2) is "
        "not monotone near lam = 1/2 at large sigma, and diverges above."
    )
    return FigureData(tuple(panels), caption, numbers)
