"""Beck, Levi, Bar Sinai, Figure 16: labels that depend on the first coordinate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_expit, ndtri

from grokmath.classification.logistic import LogisticModel
from grokmath.figures.classification_panels import agreement, median_and_error, simulated
from grokmath.figures.comparison import summary
from grokmath.figures.data import Curve, FigureData, Panel
from grokmath.simulate.classification_runs import ClassificationRun, classification

__all__ = ["compute"]

Array = NDArray[np.float64]


def compute(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> FigureData:
    """Losses, accuracies and the norm for several r; markers: new points, lines: the formulas at the same states."""
    times = np.geomspace(0.1, p["last_time"], p["times"])
    model = LogisticModel(p["lam"], p["sigma"], p["eta"])
    losses: list[Curve] = []
    accuracies: list[Curve] = []
    norms: list[Curve] = []
    numbers: dict[str, Any] = {}
    seed = int(rng.integers(2**62))
    for colour, r in enumerate(p["label_fraction"]):
        size = {"n_train": p["n_train"], "realisations": p["realisations"]}
        run = classification(model, times, label_fraction=r, rng=seed, tick=tick, **size)
        accuracy, loss, spread = _measured(run, r, p, rng)
        name = f"r = {r:g}"
        accuracies.append(Curve(name, times, run.gen_accuracy.mean(axis=0), colour=colour))
        losses.append(Curve(name, times, run.gen_loss.mean(axis=0), colour=colour))
        numbers[f"accuracy, {name}"] = _compared(accuracy, run.gen_accuracy, p["test_points"])
        middle = loss.mean(axis=0)
        error = np.sqrt((spread**2).mean(axis=0) / (p["test_points"] * p["realisations"]))
        accuracies.append(simulated("_", times, accuracy.mean(axis=0), None, colour))
        losses.append(simulated("_", times, middle, error, colour))
        losses.append(Curve("_", times, run.train_loss.mean(axis=0), colour=colour, dashed=True))
        numbers[f"loss, {name}"] = agreement(middle, error, run.gen_loss.mean(axis=0))
        y, bars = median_and_error(p["sigma"] * run.norm)
        norms.append(simulated(name, times, y, bars, colour))
    panels = (
        Panel("losses", "Loss (training dashed)", "$t$", r"$\mathcal{L}$", tuple(losses), xscale="log", yscale="log",
              ylim=(p["smallest_loss"], 30)),
        Panel("accuracies", "Accuracy on new points", "$t$", r"$\mathcal{A}$", tuple(accuracies), xscale="log",
              ylim=(0.45, 1.02), legend=False),
        Panel("weight", "Weight", "$t$", r"$\sigma\|S\|$", tuple(norms), xscale="log", legend=False),
    )  # fmt: skip
    caption = (
        f"lam = {p['lam']:g}, sigma = {p['sigma']:g}, eta = {p['eta']:g}, N = {p['n_train']}, {p['realisations']} "
        f"runs on the same points; markers: means over {p['test_points']} new points a run, lines: the accuracy (52) "
        f"in Owen's T, and a quadrature of the loss, at the same states. {summary(numbers)} Scores are from the "
        "spread over the new points; half of those behind the loss are drawn at the boundary, and weighted. At r < 1 "
        "the accuracy rises late as well, but not to 1: x_1 alone separates the labels, S grows along the best "
        "separator of the set, and the population loss with it. The points of one curve share their new points."
    )
    return FigureData(panels, caption, numbers)


def _measured(
    run: ClassificationRun, r: float, p: dict[str, Any], rng: np.random.Generator
) -> tuple[Array, Array, Array]:
    """Accuracy and cross-entropy on new points, runs x times, and the spread of the latter over the points.

    The loss is from points of their own, of which every second one is moved to the boundary of the last state, and
    all are weighted by the ratio of the two densities: where few points cause the loss, plain ones would miss it.
    """
    accuracy, loss, spread = (np.empty(run.bias.shape) for _ in range(3))
    for i, (S, b) in enumerate(zip(run.weights, run.bias, strict=True)):
        norm = np.linalg.norm(S[-1])
        shift = -b[-1] / (p["sigma"] * norm)
        plain, moved = rng.standard_normal((2, p["test_points"], run.d))
        moved[::2] += shift * S[-1] / norm
        weight = 2 / (1 + np.exp(shift * (moved @ (S[-1] / norm)) - shift**2 / 2))
        losses = weight * -log_expit(_agreeing(moved, S, b, r, p["sigma"]))
        accuracy[i] = (_agreeing(plain, S, b, r, p["sigma"]) > 0).mean(axis=1)
        loss[i], spread[i] = losses.mean(axis=1), losses.std(axis=1)
    return accuracy, loss, spread


def _agreeing(Z: Array, S: Array, b: Array, r: float, sigma: float) -> Array:
    """Output times label of the points sigma Z, times x points: positive where they agree."""
    return np.where(Z[:, 0] > ndtri(1 - r), -1.0, 1.0) * (sigma * S @ Z.T + b[:, None])


def _compared(measured: Array, exact: Array, points: int) -> dict[str, Any]:
    """Means over the runs, with the binomial error of all points, where both answers occur."""
    total = points * len(measured)
    p = exact.mean(axis=0)
    error = np.sqrt((exact * (1 - exact)).mean(axis=0) / total)
    seen = total * (1 - p) > 10
    return agreement(measured.mean(axis=0)[seen], error[seen], p[seen])
