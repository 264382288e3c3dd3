"""Beck, Levi, Bar Sinai, Figure 7: ||S_inf||, the margin and the mean positive projection against theory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import ndtr, wrightomega

from grokmath.classification.logistic import LogisticModel
from grokmath.figures.classification_panels import below_half, simulated
from grokmath.figures.classification_sets import SCORES, Law, against, margins, minimizers, pairs, spanned
from grokmath.figures.comparison import summary
from grokmath.figures.data import Curve, FigureData, Panel

__all__ = ["compute", "positive_projection"]

_NODES = 400


def positive_projection(model: LogisticModel) -> float:
    """The mean of S_inf.x/(sigma ||S_inf||) over the points where it is positive, in the limit N -> infinity.

    The outputs are R g - w with w = W(gamma e^(R g)), positive for g > gamma/R; Gauss-Legendre nodes in g from there
    to 12.
    """
    R, gamma = float(model.sigma) * model.minimizer_norm(), model.gamma()
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    low, high = gamma / R, max(12.0, gamma / R + 12.0)
    g = low + (high - low) / 2 * (nodes + 1)
    density = (high - low) / 2 * weights * np.exp(-g * g / 2) / np.sqrt(2 * np.pi)
    outputs = R * g - np.real(wrightomega(np.log(gamma) + R * g))
    return float((density * outputs).sum() / ndtr(-low) / R)


def compute(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> FigureData:
    """Three panels against lam."""
    sets = pairs(minimizers, p["n_train"], p["lam"], p["sets"], rng, tick)
    margin = pairs(margins, p["margin_n_train"], p["margin_lam"], p["margin_sets"], rng, tick)
    fine = below_half(p["theory_points"])
    models = [LogisticModel(float(lam)) for lam in fine]
    numbers: dict[str, Any] = {}

    norms = against(lambda lam: LogisticModel(lam).minimizer_norm(), *sets, "norm")
    numbers["||S_inf||"] = norms.numbers
    star = -np.log1p(-2 * fine) / (2 * (1 - fine))
    norm = Panel(
        "norm", "Limit of the weight", r"$\lambda$", r"$\|S_\infty\|$",
        (
            Curve("theory", fine, np.array([model.minimizer_norm() for model in models])),
            Curve("two points, $S_*$", fine, star, "approximation"),
            *_markers(norms),
        ),
        yscale="log",
    )  # fmt: skip

    above = np.linspace(0.5005, 0.66, 50)
    measured = against(lambda lam: LogisticModel(lam).margin(), *margin, "margin")
    numbers["margin"] = measured.numbers
    second = Panel(
        "margin", "Margin", r"$\lambda$", r"$M$",
        (
            Curve("theory", above, np.array([LogisticModel(float(lam)).margin() for lam in above])),
            Curve(r"two points, $2\lambda - 1$", above, 2 * above - 1, "approximation"),
            *_markers(measured),
        ),
    )  # fmt: skip

    along = against(lambda lam: positive_projection(LogisticModel(lam)), *sets, "positive_projection")
    numbers["positive projection"] = along.numbers
    third = Panel(
        "positive_projection", "Mean positive projection", r"$\lambda$", r"$E[\hat S\cdot x\,|\,\hat S\cdot x > 0]$",
        (
            Curve("theory", fine, np.array([positive_projection(model) for model in models])),
            Curve(r"two points, $1 - 2\lambda$", fine, 1 - 2 * fine, "approximation"),
            *_markers(along),
        ),
    )  # fmt: skip
    caption = (
        f"Geometric means over {spanned(p['sets'])} sets at N = {spanned(p['n_train'])} (inseparable ones; sigma = 1) "
        f"and, for the margin, {spanned(p['margin_sets'])} separable ones at N = {spanned(p['margin_n_train'])}; bars: "
        f"standard error. Filled: at that N, off the line near 1/2; open: the limit of large N. {SCORES} "
        f"{summary(numbers)} Dotted: the two-point model, which has the same critical "
        "point but not the same laws: ||S_inf|| diverges like (1/2 - lam)^(-1/2), not logarithmically, the margin "
        "starts with "
        "the slope sqrt(pi/2) and not 2, and the projection vanishes like a square root, not linearly."
    )
    return FigureData((norm, second, third), caption, numbers)


def _markers(found: Law) -> tuple[Curve, Curve]:
    return (
        simulated("sets of N points", found.lam, found.mean, found.error, 1),
        simulated("limit of large N", found.lam, found.limit, found.limit_error, 3, True),
    )
