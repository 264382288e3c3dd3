"""Beck, Levi, Bar Sinai, Figure 3: the two-point problem's geometry, and where its grokking is large."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from grokmath.classification.two_point import TwoPointModel
from grokmath.figures.classification_panels import simulated
from grokmath.figures.data import Curve, FigureData, Map, Panel
from grokmath.figures.style import power
from grokmath.simulate.two_point_runs import two_point

__all__ = ["compute"]


def compute(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> FigureData:
    """Left and centre: the feasible region of S x_i + b <= -1; right: the map. Nothing is random."""
    numbers: dict[str, Any] = {}
    geometry = tuple(_geometry(lam, numbers) for lam in p["lam"])
    gaps = np.geomspace(p["smallest_gap"], 0.5, p["grid"])
    sigmas = np.geomspace(p["smallest_sigma"], p["largest_sigma"], p["grid"])
    value = np.empty((len(gaps), len(sigmas)))
    for j, gap in enumerate(gaps):
        for i, sigma in enumerate(sigmas):
            model = TwoPointModel((1 - Fraction(float(gap))) / 2, 1, Fraction(float(sigma)))
            value[j, i] = float(model.grokking_time(p["eps"]).log_ratio)
        tick()
    numbers["log(t_gen/t_tr), smallest and largest"] = [float(value.min()), float(value.max())]
    contents = Map(sigmas, gaps, value, r"$\log(t_{gen}/t_{tr})$", log=False, levels=(1.0, 2.0, 5.0, 10.0, 15.0, 20.0))
    # S is at rest before t_gen where sigma^2 (1 - 2 lam) |b_gen| > 1
    edge = np.array([1 / np.sqrt(float(TwoPointModel((1 - Fraction(float(g))) / 2).validity(p["eps"]))) for g in gaps])
    inside = (edge >= sigmas[0]) & (edge <= sigmas[-1])
    time_map = Panel(
        "map", f"Grokking time, $\\epsilon$ = {power(float(p['eps']))}", r"$\sigma$", r"$1-2\lambda$",
        (Curve(r"$\sigma^2(1-2\lambda)|b_{gen}|=1$", edge[inside], gaps[inside], "approximation"),),
        map=contents, xscale="log", yscale="log", xlim=(sigmas[0], sigmas[-1]), ylim=(gaps[0], gaps[-1]), legend=False,
    )  # fmt: skip
    caption = (
        "Left and centre: weights (S, b) with S x_i + b <= -1 for the points -1 and 1 - 2 lam lie below both lines "
        "(shaded); the one nearest to the origin (diamond) is (0, -1) below 1/2 and (M, -1)/(1 + M^2), M = 2 lam - 1, "
        "above; triangles: the flow at t = 3.5 to 1e280, whose logarithms double, divided by the smaller of its two "
        "margins: it comes to the nearest weights like 1/log t. Right: log of t_gen/t_tr "
        f"at which the exponential losses reach eps = {p['eps']}, exact; it is large only where 1 - 2 lam is small "
        "and sigma is large, to the right of the dotted line sigma^2 (1 - 2 lam) |b_gen| = 1, beyond which S is at "
        "rest before t_gen."
    )
    return FigureData((*geometry, time_map), caption, numbers)


def _geometry(lam: float, numbers: dict[str, Any]) -> Panel:
    a = 1 - 2 * lam
    S = np.array([-0.6, 0.0, 1.6])  # the lines meet at 0
    M = max(0.0, -a)
    best = np.array([M, -1.0]) / (1 + M * M)
    run = two_point(TwoPointModel(Fraction(str(lam))), 10 ** (280 / 2.0 ** np.arange(9, -1, -1)))
    weight, bias = run.curves["weight"], run.curves["bias"]
    margin = np.minimum(weight - bias, -a * weight - bias)
    numbers[f"lam = {lam:g}"] = {
        "nearest weights": best.tolist(),
        "flow at the last time": [float(weight[-1] / margin[-1]), float(bias[-1] / margin[-1])],
    }
    curves = (
        Curve(r"$x_1 = -1$", S, S - 1),
        Curve(f"$x_2 = {a:g}$", S, -a * S - 1, colour=1),
        Curve("feasible", S, np.minimum(S, -a * S) - 1, colour=5, filled=True),
        simulated("flow", weight / margin, bias / margin, None, 2),
        simulated("nearest", best[:1], best[1:], None, 3),
        simulated("origin", [0.0], [0.0], None, 6),
    )
    side = "inseparable" if lam < 0.5 else "separable"
    return Panel(
        f"geometry_{side}", f"$\\lambda$ = {lam:g}, {side}", "$S$", "$b$", curves, xlim=(-0.6, 1.6), ylim=(-1.7, 0.6)
    )
