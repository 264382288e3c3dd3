"""Beck, Levi, Bar Sinai, Figure 5: Adam near the critical point, beside gradient descent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grokmath.classification.logistic import LogisticModel
from grokmath.figures.classification_panels import follow, passage, whole_steps
from grokmath.figures.data import FigureData
from grokmath.simulate.classification_runs import ClassificationRun

__all__ = ["compute", "off_own_limit"]


def compute(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> FigureData:
    """Four panels in steps, both optimizers on the same data."""
    steps = whole_steps(p["last_step"], p["times"])
    cases: list[tuple[str, LogisticModel, dict[str, Any]]] = [
        ("Adam", LogisticModel(p["lam"], p["sigma"], p["adam_eta"]), {"dynamics": "adam"}),
        ("gradient descent", LogisticModel(p["lam"], p["sigma"], p["descent_eta"]), {"dynamics": "descent"}),
    ]
    dynamics, runs = follow(cases, steps, p, rng, tick, theory=False)
    limit = np.full(2, p["sigma"] * cases[0][1].minimizer_norm())
    dynamics.line("weight", np.array([1.0, p["last_step"]]), limit, 6)
    numbers = {}
    for (name, _, _), run in zip(cases, runs, strict=True):
        train, gen = (np.median(part, axis=0) for part in (run.train_accuracy, run.gen_accuracy))
        fitted = passage(steps, train, 0.99)
        at = int(np.searchsorted(steps, fitted)) if np.isfinite(fitted) else -1
        numbers[name] = {
            "training accuracy 0.99 at step": fitted,
            "accuracy then": float(gen[min(at, len(gen) - 1)]),
            "accuracy 0.95 at step": passage(steps, gen, 0.95),
            "||S|| at the last step beside each set's own minimiser (median)": off_own_limit(run),
        }
    caption = (
        f"lam = {p['lam']:g}, sigma = {p['sigma']:g}: Adam at step size {p['adam_eta']:g} and gradient descent at eta "
        f"= {p['descent_eta']:g} on the same data, medians of {p['realisations']} runs at N = {p['n_train']} (bars: "
        "standard error); line: the limit of sigma ||S|| at large N, the same for both. "
        + " ".join(
            f"{name[0].upper()}{name[1:]}: training fitted (0.99) at {_step(part['training accuracy 0.99 at step'])} "
            f"with accuracy {part['accuracy then']:.2f}, accuracy 0.95 at {_step(part['accuracy 0.95 at step'])}; at "
            f"the last one ||S|| is off that of each set's own minimiser by {100 * off_own_limit(run):.1g} % (median)."
            for (name, part), run in zip(numbers.items(), runs, strict=True)
        )
    )
    return FigureData(dynamics.panels("step"), caption, numbers, columns=4)


def off_own_limit(run: ClassificationRun) -> float:
    """By what part ||S|| at the last time is off that of each set's own minimiser: median over the inseparable sets."""
    return float(np.nanmedian(np.abs(run.output_std[:, -1] / run.minimizer["output_std"] - 1)))


def _step(number: float) -> str:
    return f"step {float(f'{number:.3g}'):.0f}" if np.isfinite(number) else "no step of this run"
