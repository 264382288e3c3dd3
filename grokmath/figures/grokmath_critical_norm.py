"""How ||S_inf|| diverges at lam = 1/2: a power law with the constant C, and what finite sets show of it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

from grokmath.classification.critical import near_critical_norm, norm_divergence_constant
from grokmath.classification.logistic import LogisticModel
from grokmath.figures.classification_panels import simulated
from grokmath.figures.classification_sets import Minimizers, against, minimizers, spanned
from grokmath.figures.comparison import adjusted, summary
from grokmath.figures.data import Curve, FigureData, Panel

__all__ = ["compute"]


def compute(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> FigureData:
    """Left: R^2 delta; right: R, with the two-point model's logarithm."""
    half = p["theory_points"] // 2  # where the runs are, R^2 delta bends
    delta = np.concatenate([np.geomspace(p["smallest_delta"], 0.01, half)[:-1], np.geomspace(0.01, 0.45, half)])
    R = np.array([LogisticModel(Fraction(1, 2) - Fraction(float(x))).minimizer_norm() for x in delta])
    C = norm_divergence_constant()
    left = [Curve("theory", delta, R**2 * delta), Curve("C", delta, np.full(delta.shape, C), "approximation")]
    near = delta[delta < 0.1]
    for colour, order in enumerate(p["orders"], start=1):
        series = np.asarray(near_critical_norm(0.5 - near, order=order))
        left.append(Curve(f"{order} terms", near, series**2 * near, "approximation", colour=colour))
    star = -np.log(2 * delta) / (1 + 2 * delta)
    right = [
        Curve("theory", delta, R),
        Curve(r"$\sqrt{C/\delta}$", delta, np.sqrt(C / delta), "approximation"),
        Curve("two points, $S_*$", delta, star, "approximation", colour=1),
    ]
    numbers: dict[str, Any] = {"C": C}
    drawn: dict[int, list[Minimizers]] = {}
    counts = np.broadcast_to(p["sets"], len(p["n_train"])).tolist()  # one number, or one for each N
    for colour, (n_train, count) in enumerate(zip(p["n_train"], counts, strict=True), start=4):
        drawn[n_train] = []
        for gap in p["delta"]:
            drawn[n_train].append(minimizers(n_train, 0.5 - gap, count, rng))
            tick()
        sets = drawn[n_train]
        # where separable sets are left out the controls' means are not 0
        known = [one.controls if one.separable == 0 else one.controls[:, :0] for one in sets]
        logs = np.array([adjusted(np.log(one.norm), part) for one, part in zip(sets, known, strict=True)]).T
        gaps, middle = np.array([0.5 - one.d / one.n_train for one in sets]), np.exp(logs[0])
        label = f"N = {n_train}"
        left.append(simulated(label, gaps, middle**2 * gaps, 2 * middle**2 * gaps * logs[1], colour))
        right.append(simulated(label, gaps, middle, middle * logs[1], colour))
        numbers[f"separable sets left out, N = {n_train}"] = {
            gap: one.separable for gap, one in zip(p["delta"], sets, strict=True)
        }
    for small, large in pairwise(p["n_train"]):
        found = against(lambda lam: LogisticModel(lam).minimizer_norm(), drawn[large], drawn[small], "norm")
        numbers[f"R, N = {small} and {large}"] = found.numbers
    panels = (
        Panel(
            "constant", r"$R^2\delta$ tends to $C$", r"$\delta = 1/2 - \lambda$", r"$R^2\delta$", tuple(left),
            xscale="log", ylim=(0, 1.3),
        ),
        Panel(
            "norm", "A power law, not a logarithm", r"$\delta = 1/2 - \lambda$", r"$R = \sigma\|S_\infty\|$",
            tuple(right), xscale="log", yscale="log",
        ),
    )  # fmt: skip
    caption = (
        "R = sigma ||S_inf|| of Gaussian points (line: the equations of the minimiser; markers: geometric means over "
        f"{spanned(p['sets'])} sets, bars: standard error) and its law sqrt(C/delta), C = pi^2/16 + (log 2)^2/2 = "
        f"{C:.6f}; "
        "dotted in colour: the first terms of the expansion in sqrt(delta). The two-point model grows only like "
        f"log(1/(2 delta)). Scores: of the limit of large N, from each N and the one before it, where less than one "
        f"set in a thousand is separable. {summary(numbers)} Sets whose sqrt(N) delta is below about 1 are off the "
        "law, and separable sets, which have no minimiser, are left out."
    )
    return FigureData(panels, caption, numbers, columns=2)
