"""Beck, Levi, Bar Sinai, Figure 10: the dynamics for several scales of the inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grokmath.classification.logistic import LogisticModel
from grokmath.figures.classification_panels import CAPTION, follow
from grokmath.figures.classification_sets import SCORES, against, minimizers, pairs
from grokmath.figures.comparison import summary
from grokmath.figures.data import FigureData

__all__ = ["compute"]


def compute(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> FigureData:
    """Four panels in time; sigma ||S|| has one limit for all sigma."""
    times = np.geomspace(1e-2, p["last_time"], p["times"])
    cases: list[tuple[str, LogisticModel, dict[str, Any]]] = [
        (f"sigma = {sigma:g}", LogisticModel(p["lam"], sigma, p["eta"]), {}) for sigma in p["sigma"]
    ]
    dynamics, _ = follow(cases, times, p, rng, tick)
    slow = LogisticModel(p["lam"], p["sigma"][0], p["eta"]).relaxation_exponent()
    fast = LogisticModel(p["lam"], p["sigma"][-1], p["eta"]).relaxation_exponent()
    caption = (
        f"lam = {p['lam']:g}, eta = {p['eta']:g}. {CAPTION.format(**p)} S approaches S_inf like t^(-sigma^2 theta), "
        f"with the exponent {slow:.3f} at sigma = {p['sigma'][0]:g} and {fast:.3g} at sigma = {p['sigma'][-1]:g}: at "
        "the smallest sigma it is still on its way at the last time, and the theory does not hold there yet. "
        f"{dynamics.sentence()}"
    )
    laws = _laws(p, rng, tick) if p["sets"] else {}
    if laws:
        caption += (
            f" At this lam: {p['sets']} sets of N = {p['sets_n_train']} and twice as many of half the size. {SCORES} "
            f"||S_inf|| and Lmin: {summary(laws)}"
        )
    return FigureData(dynamics.panels(), caption, dynamics.numbers | laws, columns=4)


def _laws(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> dict[str, Any]:
    """||S_inf|| and the minimal loss of many sets, at the lam of Figures 12, 13 and 15 too, beside their laws."""
    sets = pairs(minimizers, p["sets_n_train"], [p["lam"]], p["sets"], rng, tick)
    return {
        "||S_inf|| of many sets": against(lambda lam: LogisticModel(lam).minimizer_norm(), *sets, "norm").numbers,
        "Lmin of many sets": against(lambda lam: LogisticModel(lam).minimal_loss(), *sets, "minimal_loss").numbers,
    }
