"""Beck, Levi, Bar Sinai, Figure 4: two Gaussians that are not thin along the axis of separation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import ndtr

from grokmath.classification.logistic import LogisticModel
from grokmath.figures.classification_panels import follow, median_and_error, simulated
from grokmath.figures.data import Curve, FigureData, Panel

__all__ = ["compute", "limit_ratio"]


def limit_ratio(lam: float, sigma: float, axis_std: float) -> float:
    """sigma ||S||/|b| of the flow as t -> infinity, where outputs are b (1 + sigma_A g) + S.x; 0 for sigma_A = 0.

    The direction is that of the least ||S||^2 + b^2 with all outputs <= -1. With -b = beta, sigma ||S|| = rho beta and
    s = sqrt(sigma_A^2 + rho^2), points with rho > 0 exist where (Gordon's comparison, as for the margin law)
    E[(1/beta - 1 + s g)_+^2] <= lam rho^2, that is beta >= 1/(1 + k s) with
    (1 + k^2) Phi(k) + k phi(k) = lam rho^2/s^2; rho then minimises beta^2 (1 + rho^2/sigma^2). For lam < 1/2.
    """
    if axis_std == 0:
        return 0.0

    def law(k: float, level: float) -> float:
        return float((1 + k * k) * ndtr(k) + k * np.exp(-k * k / 2) / np.sqrt(2 * np.pi)) - level

    def size(log_rho: float) -> float:
        rho = float(np.exp(log_rho))
        s = float(np.hypot(axis_std, rho))
        below = 1 + s * float(brentq(law, -40.0, 40.0, args=(lam * (rho / s) ** 2,)))
        return float(np.log1p((rho / sigma) ** 2) - 2 * np.log(below)) if below > 0 else 1e3

    grid = np.linspace(np.log(axis_std) - 6, np.log(axis_std) + 6, 400)
    best = grid[int(np.argmin([size(x) for x in grid]))]
    step = grid[1] - grid[0]
    found = minimize_scalar(size, bounds=(best - step, best + step), method="bounded", options={"xatol": 1e-8})
    return float(np.exp(found.x))


def compute(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> FigureData:
    """Losses, accuracies, bias, and the ratio that decides the accuracy, with its limit."""
    times = np.geomspace(1e-2, p["last_time"], p["times"])
    model = LogisticModel(p["lam"], p["sigma"], p["eta"])
    cases = [(f"sigma_A = {spread:g}", model, {"axis_std": spread}) for spread in p["axis_std"]]
    dynamics, runs = follow(cases, times, p, rng, tick, theory=False)
    ratios, numbers = [], {}
    for colour, (spread, run) in enumerate(zip(p["axis_std"], runs, strict=True)):
        limit = limit_ratio(p["lam"], p["sigma"], spread)
        accuracy = float(ndtr(1 / np.hypot(spread, limit))) if spread else 1.0
        last = times[times > times[-1] / 1e3]
        dynamics.line("accuracies", last, np.full(last.shape, accuracy), colour)
        middle, error = median_and_error(p["sigma"] * run.norm / np.maximum(-run.bias, 1e-300))
        shown = times > 1
        ratios.append(simulated("_", times[shown], middle[shown], error[shown], colour))
        ratios.append(Curve("_", last, np.full(last.shape, limit), colour=colour))
        numbers[f"sigma_A = {spread:g}"] = {
            "limit of sigma ||S||/|b|": limit,
            "limit of the accuracy": accuracy,
            "at the last time": [float(middle[-1]), float(median_and_error(run.gen_accuracy[:, -1:])[0][0])],
            "standard error of the ratio": float(error[-1]),
        }
    losses, accuracies, _, bias = dynamics.panels()
    ratio = Panel(
        "ratio",
        "Weight over bias",
        "$t$",
        r"$\sigma\|S\|/|b|$",
        tuple(ratios),
        xscale="log",
        yscale="log",
        legend=False,
    )
    caption = (
        f"lam = {p['lam']:g}, sigma = {p['sigma']:g}, eta = {p['eta']:g}: medians of {p['realisations']} runs at N = "
        f"{p['n_train']} (bars: standard error), each sigma_A on the same x. With a spread along the axis the "
        "direction of b alone is not the best separator: S/b tends to a constant (lines, from a Gaussian "
        "comparison; 0 at sigma_A = 0; approached like 1/log t), the accuracy to Phi(1/sqrt(sigma_A^2 + (sigma "
        "||S||/b)^2)): "
        + ", ".join(f"{part['limit of the accuracy']:.6g} ({name})" for name, part in numbers.items())
        + "; the population loss grows in the end, later than shown. At sigma_A = 0.01 nothing of it is seen."
    )
    return FigureData((losses, accuracies, ratio, bias), caption, numbers, columns=4)
