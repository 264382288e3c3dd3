"""Random sets of points and what is exactly true of each: its minimiser, its margin, whether it is separable."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from grokmath.classification.exponential_descent import descend
from grokmath.classification.hard_margin import hard_margin

__all__ = ["Minimizers", "margins", "minimizers", "separable_fraction"]

Array = NDArray[np.float64]


class Minimizers(NamedTuple):
    """One entry for each inseparable set: ||S_inf||, the minimal loss, fraction and mean projection of the positive
    outputs; and how many sets of those drawn were separable and left out.
    """

    norm: Array
    minimal_loss: Array
    positive_fraction: Array
    positive_projection: Array
    separable: int


def minimizers(n_train: int, lam: float, realisations: int, rng: np.random.Generator) -> Minimizers:
    """Sets of N = n_train standard normal points in d = lam N dimensions, drawn ``realisations`` times."""
    d = max(1, round(lam * n_train))
    rows, separable = [], 0
    for _ in range(realisations):
        found = descend(rng.standard_normal((n_train, d)))
        if found.status != "minimum":
            separable += 1
            continue
        length = float(np.linalg.norm(found.S))
        positive = found.outputs > 0
        along = float(found.outputs[positive].mean()) / length
        rows.append([length, float(np.exp(found.log_loss)), float(positive.mean()), along])
    norm, least, fraction, projection = np.array(rows, dtype=float).reshape(-1, 4).T
    return Minimizers(norm, least, fraction, projection, separable)


def margins(n_train: int, lam: float, realisations: int, rng: np.random.Generator, sigma: float = 1.0) -> Array:
    """The margins of the separable ones of ``realisations`` sets."""
    d = max(1, round(lam * n_train))
    found = []
    for _ in range(realisations):
        X = rng.standard_normal((n_train, d))
        start = descend(X)
        if start.status != "separated":
            continue
        S, _ = hard_margin(X, np.ones(n_train), start.S)
        found.append(sigma * float((-(X @ S)).min() / np.linalg.norm(S)))
    return np.array(found)


def separable_fraction(n_train: int, d: int, realisations: int, rng: np.random.Generator) -> float:
    """The fraction of the sets that are separable from the origin."""
    return (
        sum(descend(rng.standard_normal((n_train, d))).status == "separated" for _ in range(realisations))
        / realisations
    )
