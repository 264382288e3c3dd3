"""Levi, Beck, Bar Sinai, Figure 6: label noise; the paper's claim, the corrected theory, and runs that decide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grokmath.figures.comparison import compared, summary
from grokmath.figures.data import Curve, FigureData, Panel
from grokmath.figures.regression_panels import CONTROLS, known, number, runs_of
from grokmath.figures.style import power
from grokmath.regression.linear import LinearTeacherStudent

__all__ = ["compute"]

_TITLES = {
    "train_loss": ("Training loss", r"$\mathcal{L}_{tr}$"),
    "gen_loss": ("Generalization loss", r"$\mathcal{L}_{gen}$"),
    "train_accuracy": ("Training accuracy", r"$\mathcal{A}_{tr}$"),
    "gen_accuracy": ("Generalization accuracy", r"$\mathcal{A}_{gen}$"),
}


def compute(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> FigureData:
    """Four panels: both losses and both accuracies; lines are the corrected theory, dots what (26)-(27) say."""
    lam, eta, eps = number(p["lam"]), number(p["eta"]), p["eps"]
    times = np.unique(np.rint(np.geomspace(1, p["last_step"], p["times"])))
    fine = np.geomspace(1, p["last_step"], 300)
    curves: dict[str, list[Curve]] = {name: [] for name in _TITLES}
    numbers: dict[str, Any] = {}
    for colour, variance in enumerate(p["noise_variance"], start=1):
        sigma = number(f"{variance**0.5:.6g}")
        model = LinearTeacherStudent(lam, eta, label_noise=sigma)
        run = runs_of(model, times, p, rng, tick)
        paper = LinearTeacherStudent(run.model.lam, eta, label_noise=sigma, noise_model="paper")
        for name, curve in run.curves.items():
            more = {} if name.endswith("loss") else {"eps": eps}
            exact, claimed = (getattr(m, name)(fine, **more) for m in (run.model, paper))
            label = f"$\\sigma^2$ = {power(variance)}"
            curves[name].append(Curve(label, fine, exact, colour=colour))
            if name.startswith("train"):
                curves[name].append(Curve(f"(26), {label}", fine, claimed, "approximation", colour=colour))
            elif variance == p["noise_variance"][-1]:  # the claim for L_gen does not depend on the noise
                curves[name].append(Curve("(27), any $\\sigma^2$", fine, claimed, "approximation"))
            curves[name].append(Curve("_", times, curve.mean, "simulation", curve.measured_error, colour=colour))
            entry = compared(curve, known(run, name))
            if not more:
                error = float(curve.predicted_error[-1])
                entry["z of the paper's claim at the last step"] = float(
                    (curve.mean[-1] - float(getattr(paper, name)(times[-1]))) / error
                )
                entry["z of the corrected theory at the last step"] = float(curve.z[-1])
            numbers[f"sigma^2 = {variance:g}, {name}"] = entry
    limit = eps / 4 * (1 - float(lam)) / float(lam)
    numbers["largest noise variance with perfect generalization"] = limit
    panels = tuple(
        Panel(
            name,
            title,
            "step",
            label,
            tuple(curves[name]),
            xscale="log",
            yscale="log" if name.endswith("loss") else "linear",
            ylim=(p["smallest_loss"], 2) if name.endswith("loss") else (-0.03, 1.03),
        )
        for name, (title, label) in _TITLES.items()
    )
    claims = [entry["z of the paper's claim at the last step"] for name, entry in numbers.items() if "loss" in name]
    caption = (
        f"Gradient descent with noise on the training labels, lam = {float(lam):g}, eta = {float(eta):g}, d_in = "
        f"{p['d_in']}, eps = {eps:g}: means over {p['realisations']} data sets with "
        f"{p['starts']} starts each (markers; "
        f"bars: standard error). {CONTROLS} "
        "Lines: the exact theory, in which the noise is learnt, L_tr tends to sigma^2 (1 - lam) "
        "and L_gen turns and rises to sigma^2 lam/(1 - lam). Dotted: the paper's (26)-(27), "
        "sigma^2 more in L_tr and no "
        f"effect on L_gen. The runs decide: at the last step the claim is off by {min(map(abs, claims)):.0f} to "
        f"{max(map(abs, claims)):.0f} standard errors. Exact theory, losses: {summary(numbers, 'loss')} Accuracies: "
        f"{summary(numbers, 'accuracy')} Perfect test accuracy for good needs sigma^2 < eps (1 - lam)/(4 lam) = "
        f"{limit:.3g}."
    )
    return FigureData(panels, caption, numbers, columns=2)
