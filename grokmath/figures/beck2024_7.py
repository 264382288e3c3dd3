"""Beck, Levi, Bar Sinai, Figure 7: ||S_inf||, the margin and the mean positive projection against theory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import ndtr, wrightomega

from grokmath.classification.logistic import LogisticModel
from grokmath.figures.classification_panels import agreement, mean_and_error, median_and_error, simulated
from grokmath.figures.classification_sets import margins, minimizers
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


def _grid(count: int) -> Any:
    """Values of lam, two thirds of them evenly spaced, the others closer and closer to 1/2."""
    near = count // 3
    return np.concatenate([np.linspace(0.03, 0.45, count - near), 0.5 - np.geomspace(0.047, 0.003, near)])


def compute(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> FigureData:
    """Three panels against lam."""
    found = []
    for lam in p["lam"]:
        found.append(minimizers(p["n_train"], lam, p["sets"], rng))
        tick()
    margin = []
    for lam in p["margin_lam"]:
        margin.append(margins(p["margin_n_train"], lam, p["margin_sets"], rng))
        tick()
    fine = _grid(p["theory_points"])
    models = [LogisticModel(float(lam)) for lam in fine]
    here = [LogisticModel(lam) for lam in p["lam"]]
    numbers: dict[str, Any] = {}

    middle, error = np.array([median_and_error(one.norm) for one in found], dtype=float).T
    numbers["||S_inf||"] = agreement(middle, error, [model.minimizer_norm() for model in here])
    star = -np.log1p(-2 * fine) / (2 * (1 - fine))
    norm = Panel(
        "norm", "Limit of the weight", r"$\lambda$", r"$\|S_\infty\|$",
        (
            Curve("theory", fine, np.array([model.minimizer_norm() for model in models])),
            Curve("two points, $S_*$", fine, star, "approximation"),
            simulated("sets of points", p["lam"], middle, error, 1),
        ),
        yscale="log",
    )  # fmt: skip

    above = np.linspace(0.5005, 0.66, 50)
    middle, error = np.array([mean_and_error(one) for one in margin], dtype=float).T
    numbers["margin"] = agreement(middle, error, [LogisticModel(lam).margin() for lam in p["margin_lam"]])
    second = Panel(
        "margin", "Margin", r"$\lambda$", "M",
        (
            Curve("theory", above, np.array([LogisticModel(float(lam)).margin() for lam in above])),
            Curve(r"two points, $2\lambda - 1$", above, 2 * above - 1, "approximation"),
            simulated("sets of points", p["margin_lam"], middle, error, 1),
        ),
    )  # fmt: skip

    middle, error = np.array([mean_and_error(one.positive_projection) for one in found], dtype=float).T
    numbers["positive projection"] = agreement(middle, error, [positive_projection(model) for model in here])
    third = Panel(
        "positive_projection", "Mean positive projection", r"$\lambda$", r"$E[\hat S\cdot x\,|\,\hat S\cdot x > 0]$",
        (
            Curve("theory", fine, np.array([positive_projection(model) for model in models])),
            Curve(r"two points, $1 - 2\lambda$", fine, 1 - 2 * fine, "approximation"),
            simulated("sets of points", p["lam"], middle, error, 1),
        ),
    )  # fmt: skip
    caption = (
        f"Medians of ||S_inf|| and means of the positive projection over the inseparable ones of {p['sets']} sets at N "
        f"= {p['n_train']}; means of the margin over {p['margin_sets']} sets at N = {p['margin_n_train']}; sigma = 1, "
        f"bars: standard error. {summary(numbers)} Dotted: the two-point model, which has the same critical point but "
        "not the same laws: ||S_inf|| diverges like (1/2 - lam)^(-1/2), not logarithmically, the margin starts with "
        "the slope sqrt(pi/2) and not 2, and the projection vanishes like a square root, not linearly."
    )
    return FigureData((norm, second, third), caption, numbers)
