"""Beck, Levi, Bar Sinai, Figure 14: the dynamics with the exponential loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grokmath.classification.logistic import LogisticModel
from grokmath.figures.classification_panels import CAPTION, follow
from grokmath.figures.data import FigureData

__all__ = ["compute"]


def compute(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> FigureData:
    """Four panels in time; the generalization loss is the population's cross-entropy, to compare with Figure 1."""
    times = np.geomspace(1e-2, p["last_time"], p["times"])
    cases = [(f"lam = {lam:g}", LogisticModel(lam, p["sigma"], p["eta"]), {"loss": "exponential"}) for lam in p["lam"]]
    dynamics, _ = follow(cases, times, p, rng, tick)
    caption = (
        f"Gradient flow on the exponential loss, sigma = {p['sigma']:g}, eta = {p['eta']:g}. {CAPTION.format(**p)} "
        "The training loss is the exponential one, the generalization loss the population's cross-entropy. "
        f"{dynamics.sentence()} Grokking is as with cross-entropy."
    )
    return FigureData(dynamics.panels(), caption, dynamics.numbers, columns=4)
