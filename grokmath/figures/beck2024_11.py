"""Beck, Levi, Bar Sinai, Figure 11: the dynamics with Adam."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grokmath.classification.logistic import LogisticModel
from grokmath.figures.beck2024_5 import off_own_limit
from grokmath.figures.classification_panels import follow, passage, whole_steps
from grokmath.figures.data import FigureData
from grokmath.simulate.classification_runs import ClassificationRun

__all__ = ["compute"]


def compute(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> FigureData:
    """Four panels in steps; the limit of S below 1/2 is that of the flow, the way there is not."""
    steps = whole_steps(p["last_step"], p["times"])
    cases = [(f"lam = {lam:g}", LogisticModel(lam, p["sigma"], p["eta"]), {"dynamics": "adam"}) for lam in p["lam"]]
    dynamics, runs = follow(cases, steps, p, rng, tick, theory=False)
    inseparable = [(colour, model) for colour, (_, model, _) in enumerate(cases) if model.side == "inseparable"]
    for colour, model in inseparable:
        limit = np.full(2, float(model.sigma) * model.minimizer_norm())
        dynamics.line("weight", np.array([1.0, p["last_step"]]), limit, colour)
        name = f"lam = {float(model.lam):g}: ||S|| at the last step beside each set's own minimiser (median)"
        dynamics.numbers[name] = off_own_limit(runs[colour])
    off = ", ".join(f"{100 * value:.1g} % ({name.split(':')[0]})" for name, value in dynamics.numbers.items())
    fitted = ", ".join(f"{_when_fitted(run):.2f} ({name})" for (name, *_), run in zip(cases, runs, strict=True))
    caption = (
        f"Adam at step size {p['eta']:g}, sigma = {p['sigma']:g}: medians of {p['realisations']} runs at N = "
        f"{p['n_train']} (bars: standard error). S grows at once and overshoots its limit (lines: of large N, lam < "
        "1/2: the minimiser does not depend on the optimizer; at the last step ||S|| is off that of each set's own by "
        f"{off}, medians), so that training is fitted early: the accuracy when that of training reaches 0.99 is "
        f"{fitted}. Late, -b grows by (1 - beta_2)/2 a step, because the mean square of the gradients that it divides "
        "by cannot fall faster; the flow's grows like log t. Above 1/2 Adam's direction is not the flow's, and the "
        "margin law does not apply."
    )
    return FigureData(dynamics.panels("step"), caption, dynamics.numbers, columns=4)


def _when_fitted(run: ClassificationRun) -> float:
    """The median accuracy when that of training is at 0.99 for good, or at the last step."""
    train, gen = (np.median(part, axis=0) for part in (run.train_accuracy, run.gen_accuracy))
    return float(np.interp(passage(run.times, train, 0.99), run.times, gen))
