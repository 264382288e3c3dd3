"""Beck, Levi, Bar Sinai, Figure 11: the dynamics with Adam."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grokmath.classification.logistic import LogisticModel
from grokmath.figures.classification_panels import follow, whole_steps
from grokmath.figures.data import FigureData

__all__ = ["compute"]


def compute(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> FigureData:
    """Four panels in steps; the limit of S below 1/2 is that of the flow, the way there is not."""
    steps = whole_steps(p["last_step"], p["times"])
    cases = [(f"lam = {lam:g}", LogisticModel(lam, p["sigma"], p["eta"]), {"dynamics": "adam"}) for lam in p["lam"]]
    dynamics, _ = follow(cases, steps, p, rng, tick, theory=False)
    inseparable = [(colour, model) for colour, (_, model, _) in enumerate(cases) if model.side == "inseparable"]
    for colour, model in inseparable:
        limit = np.full(2, float(model.sigma) * model.minimizer_norm())
        dynamics.line("weight", np.array([1.0, p["last_step"]]), limit, colour)
    caption = (
        f"Adam at step size {p['eta']:g}, sigma = {p['sigma']:g}: medians of {p['realisations']} runs at N = "
        f"{p['n_train']} (bars: standard error). S grows at once and overshoots its limit (lines, lam < 1/2: the "
        "minimiser does not depend on the optimizer), so that training is fitted while the accuracy stays near one "
        "half. Late, -b grows by (1 - beta_2)/2 a step, because the mean square of the gradients that it divides by "
        "cannot fall faster; the flow's grows like log t. Above 1/2 Adam's direction is not the flow's, and the margin "
        "law does not apply."
    )
    return FigureData(dynamics.panels("step"), caption, dynamics.numbers, columns=4)
