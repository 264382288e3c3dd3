"""Beck, Levi, Bar Sinai, Figure 2: with the bias S follows the same path as without, in conformal time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.interpolate import CubicSpline

from grokmath.classification.logistic import LogisticModel
from grokmath.figures.classification_panels import simulated
from grokmath.figures.data import Curve, FigureData, Panel
from grokmath.simulate.classification_runs import classification

__all__ = ["compute"]

_FINE = 1200


def compute(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> FigureData:
    """Left: physical time; centre: conformal time; right: the distance in conformal time, for both losses."""
    model = LogisticModel(p["lam"], p["sigma"], p["eta"])
    times = np.concatenate([[0.0], np.geomspace(1e-4, p["last_time"], _FINE)])
    seed = int(rng.integers(2**62))
    size = {"n_train": p["n_train"], "rng": seed}
    run = classification(model, times, loss="exponential", **size)
    tick()
    tau = _conformal(times, run.bias[0])
    free = classification(model, tau, loss="exponential", bias=False, **size)
    tick()
    same_clock = classification(model, times, loss="exponential", bias=False, **size)
    other = classification(model, times, **size)
    other_tau = _conformal(times, other.bias[0])
    other_free = classification(model, other_tau, loss="exponential", bias=False, **size)
    tick()
    physical, conformal = [], []
    at = np.unique(np.linspace(1, len(times) - 1, 24).astype(int))
    ranks = np.rint(np.linspace(run.d - 1, 0, p["components"])).astype(int)
    for colour, i in enumerate(np.argsort(run.weights[0, -1])[ranks]):
        with_bias, without = run.weights[0, :, i], free.weights[0, :, i]
        label = f"$S_{{{i + 1}}}$"
        physical.append(Curve(f"{label}, no bias", times[1:], same_clock.weights[0, 1:, i], colour=colour))
        physical.append(simulated("_", times[at], with_bias[at], None, colour))
        conformal.append(Curve(label, tau[1:], without[1:], colour=colour))
        conformal.append(simulated("_", tau[at], with_bias[at], None, colour))
    scale = np.linalg.norm(run.weights[0, -1])
    distance = np.linalg.norm(run.weights[0] - free.weights[0], axis=1) / scale
    other_distance = np.linalg.norm(other.weights[0] - other_free.weights[0], axis=1) / scale
    numbers = {
        "largest distance, exponential loss": float(distance.max()),
        "largest distance, cross-entropy": float(other_distance.max()),
        "last distance, cross-entropy": float(other_distance[-1]),
        "conformal time at the end": float(tau[-1]),
    }
    panels = (
        Panel("physical", "Physical time", "$t$", "components of $S$", tuple(physical), xscale="log"),
        Panel("conformal", "Conformal time", r"$\tau$", "components of $S$", tuple(conformal), xscale="log",
              legend=False),
        Panel(
            "distance", "Distance of the two paths", "$t$", r"$\|S(\tau)-S_{free}(\tau)\|/\|S_\infty\|$",
            (
                simulated("exponential loss", times[at], distance[at]),
                simulated("cross-entropy", times[at], other_distance[at], None, 1),
            ),
            xscale="log", yscale="log",
        ),
    )  # fmt: skip
    caption = (
        f"One set of N = {p['n_train']} points, lam = {p['lam']:g}, sigma = {p['sigma']:g}, eta = {p['eta']:g}; "
        f"{p['components']} components of S, from the largest to the smallest, on the exponential loss, with bias "
        "(markers) and without (lines). "
        "At the same t they differ; at tau, the integral of e^b, they agree within "
        f"{numbers['largest distance, exponential loss']:.1g} of ||S_inf||, the accuracy of the solver and of the "
        "integral. Cross-entropy does not follow that path at first, and joins its end: distance "
        f"{numbers['largest distance, cross-entropy']:.2g} at most, {numbers['last distance, cross-entropy']:.1g} at "
        "last."
    )
    return FigureData(panels, caption, numbers)


def _conformal(times: Any, bias: Any) -> Any:
    """tau(t), the integral of e^b, by a cubic spline of the integrand in log(1 + t)."""
    x = np.log1p(times)
    tau = CubicSpline(x, np.exp(bias + x)).antiderivative()(x)
    return tau - tau[0]
