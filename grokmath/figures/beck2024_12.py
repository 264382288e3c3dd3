"""Beck, Levi, Bar Sinai, Figure 12: the dynamics from several initial weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grokmath.classification.logistic import LogisticModel
from grokmath.figures.classification_panels import CAPTION, follow
from grokmath.figures.data import FigureData

__all__ = ["compute"]


def compute(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> FigureData:
    """Four panels in time; the late theory is the same for all."""
    times = np.geomspace(1e-2, p["last_time"], p["times"])
    model = LogisticModel(p["lam"], p["sigma"], p["eta"])
    cases = [(f"||S(0)|| = {size:g}", model, {"start_std": size}) for size in p["start_std"]]
    dynamics, _ = follow(cases, times, p, rng, tick)
    caption = (
        f"lam = {p['lam']:g}, sigma = {p['sigma']:g}, eta = {p['eta']:g}, b(0) = 0, S(0) of random direction. "
        f"{CAPTION.format(**p)} The start is forgotten, after a time that grows with ||S(0)||. "
        f"{dynamics.sentence()}"
    )
    return FigureData(dynamics.panels(), caption, dynamics.numbers, columns=4)
