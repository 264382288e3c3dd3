"""Beck, Levi, Bar Sinai, Figure 13: the dynamics from several initial biases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grokmath.classification.logistic import LogisticModel
from grokmath.figures.classification_panels import CAPTION, follow
from grokmath.figures.data import FigureData

__all__ = ["compute"]


def compute(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> FigureData:
    """Four panels in time; the late theory with b(0) = 0 is the asymptote of all."""
    times = np.geomspace(1e-2, p["last_time"], p["times"])
    model = LogisticModel(p["lam"], p["sigma"], p["eta"])
    cases = [(f"b(0) = {bias:g}", model, {"start_bias": bias}) for bias in p["start_bias"]]
    dynamics, _ = follow(cases, times, p, rng, tick)
    caption = (
        f"lam = {p['lam']:g}, sigma = {p['sigma']:g}, eta = {p['eta']:g}, S(0) = 0. {CAPTION.format(**p)} A negative "
        "b(0) starts with full accuracy, of which S takes a part while b hardly moves; later e^-b forgets its start. "
        f"{dynamics.sentence()}"
    )
    return FigureData(dynamics.panels(lowest_accuracy=-0.02), caption, dynamics.numbers, columns=4)
