"""Beck, Levi, Bar Sinai, Figure 6: how many sets are separable, and how many outputs are positive at S_inf."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grokmath.classification.critical import critical_positive_fraction
from grokmath.classification.logistic import LogisticModel
from grokmath.figures.classification_panels import agreement, below_half, simulated
from grokmath.figures.classification_sets import SCORES, against, minimizers, pairs, separable_fraction, spanned
from grokmath.figures.comparison import summary
from grokmath.figures.data import Curve, FigureData, Panel
from grokmath.functions.wendel import wendel_probability

__all__ = ["compute"]


def compute(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> FigureData:
    """Left: fraction of positive outputs; right: fraction of separable sets."""
    numbers: dict[str, Any] = {}
    panels = (_positive(p, rng, tick, numbers), _separable(p, rng, tick, numbers))
    left_out = ", ".join(f"{lam:g}: {n}" for lam, n in numbers["separable sets left out"].items())
    caption = (
        f"Left: the fraction of the points with S_inf.x > 0, N = {spanned(p['n_train'])}, geometric mean over the "
        f"inseparable ones of {spanned(p['sets'])} sets (bars: standard error). It tends to "
        f"{critical_positive_fraction():.4f}, dotted, and not to 0. {SCORES} {summary(numbers, 'positive')} "
        f"Right: the fraction of separable sets among {p['separable_sets']} against Wendel's probability, exact for "
        "every N (bars: binomial). "
        f"{summary(numbers, 'separable fraction', 'probability 1')} The paper leaves out separable sets below 1/2, as "
        f"is done here; among those drawn for the left panel they were: {left_out}."
    )
    return FigureData(panels, caption, numbers, columns=2)


def _positive(
    p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object], numbers: dict[str, Any]
) -> Panel:
    large, small = pairs(minimizers, p["n_train"], p["lam"], p["sets"], rng, tick)
    found = against(lambda lam: LogisticModel(lam).positive_fraction(), large, small, "positive_fraction")
    numbers["positive fraction"] = found.numbers
    numbers["separable sets left out"] = {lam: sets.separable for lam, sets in zip(p["lam"], large, strict=True)}
    fine = below_half(p["theory_points"])
    line = np.array([LogisticModel(float(lam)).positive_fraction() for lam in fine])
    critical = np.full(2, critical_positive_fraction())
    return Panel(
        "positive_fraction", "Fraction of positive outputs", r"$\lambda$", r"$P(S_\infty\cdot x > 0)$",
        (
            Curve("theory", fine, line),
            Curve("limit at 1/2", np.array([0.0, 0.5]), critical, "approximation"),
            simulated("sets of points", found.lam, found.mean, found.error, 1),
        ),
        ylim=(0, 0.5),
    )  # fmt: skip


def _separable(
    p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object], numbers: dict[str, Any]
) -> Panel:
    curves, sets = [], p["separable_sets"]
    for colour, n_train in enumerate(p["separable_n_train"]):
        d = np.array([round(lam * n_train) for lam in p["separable_lam"]])
        found = np.array([separable_fraction(n_train, int(k), sets, rng) for k in d])
        exact = np.asarray(wendel_probability(float(n_train), d.astype(float)))
        error = np.sqrt(exact * (1 - exact) / sets)
        visible = sets * np.minimum(exact, 1 - exact) >= 5  # below, the score is not nearly normal
        if visible.any():
            numbers[f"separable fraction, N = {n_train}"] = agreement(
                found[visible], error[visible], exact[visible], scale=1.0
            )
        x = np.linspace(min(d) / n_train, max(d) / n_train, 120)
        line = np.asarray(wendel_probability(float(n_train), x * n_train))
        curves += [
            Curve(f"N = {n_train}", x, line, colour=colour),
            simulated("_", d / n_train, found, error, colour),
        ]
        tick()
    return Panel(
        "separable_fraction", "Separable sets", r"$\lambda$", "P(separable)", tuple(curves), ylim=(-0.03, 1.03)
    )
