"""Beck, Levi, Bar Sinai, Figure 15: the dynamics for three laws of the inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grokmath.classification.logistic import LogisticModel
from grokmath.figures.classification_panels import CAPTION, follow
from grokmath.figures.data import FigureData

__all__ = ["compute"]


def compute(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> FigureData:
    """Four panels in time, the weight as the spread of the outputs, which has one limit for all three."""
    times = np.geomspace(1e-2, p["last_time"], p["times"])
    model = LogisticModel(p["lam"], p["sigma"], p["eta"])
    cases = [(inputs, model, {"inputs": inputs}) for inputs in p["inputs"]]
    dynamics, _ = follow(cases, times, p, rng, tick, spread=True)
    caption = (
        f"lam = {p['lam']:g}, sigma = {p['sigma']:g}, eta = {p['eta']:g}; third panel: the standard deviation of S.x. "
        f"{CAPTION.format(**p)} A linear change of the inputs leaves the minimiser's outputs alone: normal and "
        "power-law inputs have one limit in each set (dotted: of these); the mixture draws sets of its own, with "
        "the same limit at large N. Along directions of small variance it is reached later. "
        f"{dynamics.sentence()}"
    )
    return FigureData(dynamics.panels(weight=r"std of $S\cdot x$"), caption, dynamics.numbers, columns=4)
