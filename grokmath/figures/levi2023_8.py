"""Levi, Beck, Bar Sinai, Figure 8: modular addition beside the linear task."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grokmath.figures.comparison import compared, summary
from grokmath.figures.data import Curve, FigureData, Panel
from grokmath.figures.regression_panels import known, number, runs_of
from grokmath.parameters import DomainError
from grokmath.regression.linear import LinearTeacherStudent
from grokmath.regression.modular_addition import DivergenceFit, fit_divergence
from grokmath.simulate.modular_runs import ModularRun, modular

__all__ = ["compute"]


def compute(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> FigureData:
    """Left and centre: accuracy against training loss, linear and modular; right: grokking time against lam."""
    left, numbers = _linear(p, rng, tick)
    runs = {
        alpha: [
            modular(
                p["p"],
                alpha,
                width=p["width"],
                eta=p["eta"],
                steps=p["steps"],
                every=p["every"],
                until=p["until"],
                rng=rng,
                tick=tick,
            )
            for _ in range(p["seeds"])
        ]
        for alpha in p["alpha"]
    }
    centre = []
    for colour, (alpha, several) in enumerate(runs.items()):
        run = several[0]
        for dashed, y in ((True, run.train_accuracy), (False, run.gen_accuracy)):
            label = "_" if dashed else f"$\\alpha$ = {alpha:g}"
            shown = slice(None, None, max(1, len(y) // p["marks"]))
            x = run.train_loss[shown]
            centre.append(Curve(label, x, y[shown], "simulation", colour=colour, dashed=dashed))
    right, fit = _delays(runs, p, numbers)
    panels = (
        Panel(
            "linear",
            "Linear task (training dashed)",
            r"$\mathcal{L}_{tr}$",
            r"$\mathcal{A}$",
            tuple(left),
            xscale="log",
            xlim=(1, p["smallest_loss"]),
            ylim=(-0.03, 1.03),
        ),
        Panel(
            "modular",
            f"Modular addition, p = {p['p']} (training hollow)",
            r"$\mathcal{L}_{tr}$",
            r"$\mathcal{A}$",
            tuple(centre),
            xscale="log",
            xlim=(1.3 * max(run.train_loss[0] for several in runs.values() for run in several), _last(runs)),
            ylim=(-0.03, 1.03),
        ),
        Panel(
            "grokking_time",
            "Grokking time, modular addition",
            r"$\lambda = 2/(\alpha p)$",
            r"$\Delta t$ (steps)",
            tuple(right),
            yscale="log",
        ),
    )
    return FigureData(panels, _caption(p, numbers, fit), numbers)


def _last(runs: dict[float, list[ModularRun]]) -> float:
    return 0.8 * min(float(several[0].train_loss.min()) for several in runs.values())


def _linear(
    p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]
) -> tuple[list[Curve], dict[str, Any]]:
    """Both accuracies of the linear task against the training loss."""
    curves: list[Curve] = []
    numbers: dict[str, Any] = {}
    eps = p["eps"]
    for colour, lam in enumerate(p["lam"]):
        model = LinearTeacherStudent(number(lam), number(p["linear_eta"]))
        last = float(model.grokking_time(number(eps)).gen) * 2
        times = np.unique(np.rint(np.geomspace(1, last, p["times"])))
        run = runs_of(model, times, p, rng, tick)
        fine = np.geomspace(0.1, 10 * last, 300)
        loss = run.model.train_loss(fine)
        for side in ("train", "gen"):
            dashed, curve = side == "train", run.curves[f"{side}_accuracy"]
            label = "_" if dashed else f"$\\lambda$ = {lam:g}"
            y = getattr(run.model, f"{side}_accuracy")(fine, eps=eps)
            curves.append(Curve(label, loss, y, colour=colour, dashed=dashed))
            x = run.curves["train_loss"].mean
            curves.append(Curve("_", x, curve.mean, "simulation", curve.measured_error, colour=colour, dashed=dashed))
            numbers[f"linear, lam = {lam:g}, {side}_accuracy"] = compared(curve, known(run, f"{side}_accuracy"))
    return curves, numbers


def _delays(
    runs: dict[float, list[ModularRun]], p: dict[str, Any], numbers: dict[str, Any]
) -> tuple[list[Curve], DivergenceFit | None]:
    """The grokking times of the modular task with the fitted law; a set that never generalized is left out."""
    x, y, error = [], [], []
    for alpha, several in runs.items():
        times = [run.reached(p["accuracy"]) for run in several]
        delta = np.array([gen - train for train, gen in times if np.isfinite(gen)])
        entry: dict[str, Any] = {"lam": several[0].lam, "times (train, gen)": times}
        numbers[f"modular, alpha = {alpha:g}"] = entry
        if delta.size and (delta > 0).all():
            x.append(several[0].lam)
            y.append(float(delta.mean()))
            error.append(float(delta.std(ddof=1) / delta.size**0.5) if delta.size > 1 else 0.0)
    points = np.array(x), np.array(y)
    curves = [Curve("simulation", *points, "simulation", np.array(error) if any(error) else None)]
    try:
        fit = fit_divergence(*points)
    except DomainError as reason:
        numbers["fit"] = str(reason)
        return curves, None
    lam = np.linspace(0.97 * min(x), min(1.03 * max(x), fit.critical - 0.02 * (fit.critical - max(x))), 100)
    curves.append(Curve(r"$C\,(\lambda - \lambda^*)^{-2}$", lam, fit.predict(lam), "approximation"))
    numbers["fit"] = {
        "lam*": fit.critical,
        "lam* standard error": fit.critical_error,
        "C": fit.amplitude,
        "C standard error": fit.amplitude_error,
        "rms residual of log": (fit.chi2 / max(1, fit.degrees_of_freedom)) ** 0.5,
    }
    return curves, fit


def _never(p: dict[str, Any], numbers: dict[str, Any]) -> str:
    late = []
    for alpha in p["alpha"]:
        times = numbers[f"modular, alpha = {alpha:g}"]["times (train, gen)"]
        missed = sum(not np.isfinite(gen) for _, gen in times)
        if missed:
            late.append(f"{missed} of {len(times)} at alpha = {alpha:g}")
    if not late:
        return ""
    return f"Some runs did not generalize within {p['steps']} steps and have no time: {', '.join(late)}. "


def _caption(p: dict[str, Any], numbers: dict[str, Any], fit: DivergenceFit | None) -> str:
    law = (
        "they have no fit C (lam - lam*)^-2"
        if fit is None
        else f"dotted, the fit C (lam - lam*)^-2 with lam* = {fit.critical:.4f} +- {fit.critical_error:.4f}, which the "
        f"times follow to {100 * numbers['fit']['rms residual of log']:.0f} % (a description; one-hot pairs have no "
        "Marchenko-Pastur law)"
    )
    return (
        f"Left: linear task, eps = {p['eps']:g}, d_in = {p['d_in']}: accuracies against the training loss, closed form "
        f"(lines) and means over {p['realisations']} data sets with {p['starts']} starts (markers). "
        f"{summary(numbers, 'linear')} Centre: modular addition, p = {p['p']}, width "
        f"{p['width']}, quadratic activation, "
        f"mean-field scaling, eta = {p['eta']:g}, one run for each fraction alpha of pairs seen; there is no theory of "
        f"this network. {_never(p, numbers)}Right: its grokking times at accuracy "
        f"{p['accuracy']:g} (runs for each alpha: {p['seeds']}); {law}."
    )
