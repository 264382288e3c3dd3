"""Beck, Levi, Bar Sinai, Figure 1: dynamics on both sides of the critical point, and what they lead to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import ndtr

from grokmath.classification.logistic import LogisticModel
from grokmath.figures.classification_panels import (
    Dynamics,
    agreement,
    below_half,
    median_and_error,
    passage,
    simulated,
)
from grokmath.figures.classification_sets import SCORES, against, margins, minimizers, pairs, spanned
from grokmath.figures.comparison import summary
from grokmath.figures.data import Curve, FigureData, Panel
from grokmath.simulate.classification_runs import ClassificationRun, classification

__all__ = ["compute"]


def compute(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> FigureData:
    """Four panels in time, four against lam."""
    numbers: dict[str, Any] = {}
    times = np.geomspace(0.1, p["last_time"], p["times"])
    dynamics = Dynamics()
    for colour, lam in enumerate(p["lam"]):
        model = LogisticModel(lam, p["sigma"], p["eta"])
        run = classification(model, times, n_train=p["n_train"], realisations=p["realisations"], rng=rng, tick=tick)
        dynamics.late(model, times, colour)
        dynamics.add(run, p["sigma"], f"$\\lambda$ = {lam:g}", colour)
        dynamics.compare(run, model, f"lam = {lam:g}")
        dynamics.own(run, model, colour)
    panels = (*dynamics.panels(), *_against_lam(p, rng, tick, numbers))
    against_sets = {name: numbers[name] for name in ("||S_inf||", "margin", "margin at the limiting accuracies")}
    others = {name: entry for name, entry in numbers.items() if name not in against_sets}
    numbers = dynamics.numbers | numbers
    caption = (
        f"Gradient flow at sigma = {p['sigma']:g}, eta = {p['eta']:g}, N = {p['n_train']}: medians of "
        f"{p['realisations']} runs (bars: standard error); lines: the theory with S = S_inf throughout, reached only "
        "at late times near lam = 1/2 (dotted: with S_inf and Lmin of the runs' own sets), and above 1/2 the limit of "
        "the accuracy, approached like 1/log t. "
        f"{dynamics.sentence()} Second row: geometric means of ||S_inf|| (N = {spanned(p['norm_n_train'])}, "
        f"{spanned(p['norm_realisations'])} sets) and of the margin (N = {p['margin_n_train']}, "
        f"{p['margin_realisations']} sets) at sigma = 1. {SCORES} {summary(against_sets)} The accuracy at "
        f"t = infinity of such margins (filled) and that at t = {p['last_time']:g} (open), and the ratio of the times "
        "at which the accuracies reach "
        f"{p['level']:g} for good, N = {p['time_n_train']}, {p['time_realisations']} runs; its theory is that of the "
        f"exponential loss (filled), and the cross-entropy trains later by a factor that does not grow. "
        f"{summary(others)} These laws are for N to infinity: near lam = 1/2 finite sets scatter widely and lie off "
        "them."
    )
    return FigureData(panels, caption, numbers, columns=4)


def _against_lam(
    p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object], numbers: dict[str, Any]
) -> tuple[Panel, ...]:
    below, above = below_half(p["theory_points"]), np.linspace(0.5005, 0.72, 60)
    norm = np.array([LogisticModel(float(lam)).minimizer_norm() for lam in below])
    margin = np.array([LogisticModel(float(lam)).margin() for lam in above])
    sets = pairs(minimizers, p["norm_n_train"], p["norm_lam"], p["norm_realisations"], rng, tick)
    norms = against(lambda lam: LogisticModel(lam).minimizer_norm(), *sets, "norm")
    numbers["||S_inf||"] = norms.numbers
    first = Panel(
        "norm_limit", r"Limit of the weight, $\sigma = 1$", r"$\lambda$", r"$\|S_\infty\|$",
        (Curve("theory", below, norm), simulated("sets of points", norms.lam, norms.mean, norms.error)),
        yscale="log",
    )  # fmt: skip
    sets = pairs(margins, p["margin_n_train"], p["margin_lam"], p["margin_realisations"], rng, tick)
    measured = against(lambda lam: LogisticModel(lam).margin(), *sets, "margin")
    numbers["margin"] = measured.numbers
    top = 1.3 * max(float(measured.mean.max()), LogisticModel(0.7).margin())
    second = Panel(
        "margin", r"Margin, $\sigma = 1$", r"$\lambda$", r"$M$",
        (Curve("theory", above, margin), simulated("sets of points", measured.lam, measured.mean, measured.error)),
        xlim=(0.5, 0.72), ylim=(0, top),
    )  # fmt: skip
    return first, second, *_limits(p, rng, tick, numbers)


def _limits(
    p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object], numbers: dict[str, Any]
) -> tuple[Panel, Panel]:
    times = np.geomspace(0.01, p["last_time"], 180)
    ratios: dict[str, list[list[float]]] = {"exponential": [], "logistic": []}
    reached = []
    for lam in (*p["time_lam"], *p["accuracy_lam"]):
        model = LogisticModel(lam, p["sigma"], p["eta"])
        size = {"n_train": p["time_n_train"], "realisations": p["time_realisations"]}
        run = classification(model, times, rng=rng, **size)
        reached.append([float(part) for part in median_and_error(run.gen_accuracy[:, -1])])
        if lam < 0.5:
            ratios["logistic"].append(_log_ratio(run, p["level"]))
            run = classification(model, times, loss="exponential", rng=rng, **size)
            ratios["exponential"].append(_log_ratio(run, p["level"]))
        tick()
    last, last_error = np.array(reached).T
    sets = pairs(margins, p["margin_n_train"], p["accuracy_lam"], p["margin_realisations"], rng, tick)
    measured = against(lambda lam: LogisticModel(lam).margin(), *sets, "margin")
    numbers["margin at the limiting accuracies"] = measured.numbers
    argument = 1 / (p["sigma"] ** 2 * measured.mean)
    y, error = ndtr(argument), argument * np.exp(-(argument**2) / 2) / np.sqrt(2 * np.pi)
    error = error * measured.error / measured.mean
    grid = np.concatenate([[0.0, 0.5], np.linspace(0.5002, 0.95, 200)])
    line = np.array([1.0, 1.0, *(LogisticModel(float(lam), p["sigma"]).limit_accuracy() for lam in grid[2:])])
    accuracy = Panel(
        "limit_accuracy", "Limiting accuracy", r"$\lambda$", r"$\mathcal{A}(\infty)$",
        (
            Curve("theory", grid, line),
            simulated("limit, from the margin", measured.lam, y, error),
            simulated(f"at t = {p['last_time']:.0g}", [*p["time_lam"], *p["accuracy_lam"]], last, last_error, 1, True),
        ),
        ylim=(0.45, 1.02),
    )  # fmt: skip
    eps = 1 - p["level"]
    fine = np.linspace(0.05, 0.48, p["theory_points"])
    laws = [_equilibrated(float(lam), p, eps) for lam in fine]
    here = [_equilibrated(lam, p, eps) for lam in p["time_lam"]]
    y, error = np.array(ratios["exponential"]).T
    other, other_error = np.array(ratios["logistic"]).T
    numbers["log of the time ratio"] = agreement(y, error, here, freedom=p["time_realisations"] - 1)
    time = Panel(
        "grokking_time", "Grokking time", r"$\lambda$", r"$t_{gen}/t_{tr}$",
        (
            Curve(r"theory, $S = S_\infty$", fine, np.exp(np.array(laws))),
            simulated("exponential loss", p["time_lam"], np.exp(y), np.exp(y) * error),
            simulated("cross-entropy", p["time_lam"], np.exp(other), np.exp(other) * other_error, 1, True),
        ),
        yscale="log",
    )  # fmt: skip
    return accuracy, time


def _log_ratio(run: ClassificationRun, level: float) -> list[float]:
    """log(t_gen/t_tr) for accuracies at the level for good: median over the runs, and its error."""
    pairs = zip(run.train_accuracy, run.gen_accuracy, strict=True)
    logs = [np.log(passage(run.times, gen, level) / passage(run.times, train, level)) for train, gen in pairs]
    return [float(part) for part in median_and_error(np.array(logs))]


def _equilibrated(lam: float, p: dict[str, Any], eps: float) -> float:
    model = LogisticModel(lam, p["sigma"], p["eta"])
    return float(model.grokking_time(eps, criterion="accuracy").log_ratio)
