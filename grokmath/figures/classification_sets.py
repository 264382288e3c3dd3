"""Random sets of points and what is exactly true of each: its minimiser, its margin, whether it is separable.

**Controls.** Most of what scatters from set to set is a function of u = P 1, the projection of (1, ..., 1) onto the
columns of X (N x d), and of u the law is known: u = B + sqrt(B (1 - B)) w with B of Beta(d/2, (N - d)/2) and, by
rotations about (1, ..., 1), w of the uniform law on the sphere of radius sqrt(N) orthogonal to it. So B - d/N, the mean
of w^3 and the mean of w^4 less 3 (N - 1)/(N + 1) have expectation 0, and so have the square of the first less its
variance and its product with the second; a regression on them takes their part out of the error and leaves the mean
alone, up to a bias of the order of its own square.

**Size.** The laws are those of N to infinity, and means differ from them by the order 1/N: a set of N and one of N/2
points give the limit without it.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from grokmath.classification.exponential_descent import descend
from grokmath.classification.hard_margin import hard_margin
from grokmath.figures.comparison import adjusted, compared
from grokmath.functions.wendel import wendel_probability
from grokmath.simulate.curves import Curve

__all__ = [
    "SCORES",
    "Law",
    "Margins",
    "Minimizers",
    "against",
    "margins",
    "minimizers",
    "pairs",
    "separable_fraction",
    "spanned",
]

Array = NDArray[np.float64]
_SELDOM = 1e-3
SCORES = (
    "Scores: of the limit of large N, from sets of N and N/2 points, where less than one set in a thousand is on the "
    "other side of separability."
)
"""What captions say of :func:`against`."""


class Minimizers(NamedTuple):
    """One entry for each inseparable set: ||S_inf||, the minimal loss, fraction and mean projection of the positive
    outputs, the controls (sets x 5); N and d; and how many sets of those drawn were separable and left out.
    ``quantile`` is that of the outputs at ``level``: with -b there, such a part of the points has its right label.
    """

    norm: Array
    minimal_loss: Array
    positive_fraction: Array
    positive_projection: Array
    controls: Array
    n_train: int
    d: int
    separable: int
    quantile: Array
    level: float


class Margins(NamedTuple):
    """The margin of each separable set, the controls (sets x 5), N and d."""

    margin: Array
    controls: Array
    n_train: int
    d: int


def _controls(X: Array) -> list[float]:
    N, d = X.shape
    u = X @ np.linalg.solve(X.T @ X, X.sum(axis=0))
    B = float(u.mean())
    w = (u - B) / np.sqrt(B * (1 - B))
    off, third, fourth = B - d / N, float((w**3).mean()), float((w**4).mean()) - 3 * (N - 1) / (N + 1)
    return [off, third, fourth, off**2 - d / N * (1 - d / N) / (N / 2 + 1), off * third]


def minimizers(
    n_train: int, lam: float, realisations: int, rng: np.random.Generator, level: float = 0.99
) -> Minimizers:
    """Sets of N = n_train standard normal points in d = lam N dimensions, drawn ``realisations`` times.

    The quantile is Hazen's, whose mean is nearly that of many points.
    """
    d = max(1, round(lam * n_train))
    rows, separable = [], 0
    for _ in range(realisations):
        X = rng.standard_normal((n_train, d))
        found = descend(X)
        if found.status != "minimum":
            separable += 1
            continue
        length = float(np.linalg.norm(found.S))
        positive = found.outputs > 0
        along = float(found.outputs[positive].mean()) / length
        quantile = float(np.quantile(found.outputs, level, method="hazen"))
        least = float(np.exp(found.log_loss))
        rows.append([length, least, float(positive.mean()), along, quantile, *_controls(X)])
    table = np.array(rows, dtype=float).reshape(-1, 10)
    norms, losses, fraction, projection, quantiles = table[:, :5].T
    return Minimizers(norms, losses, fraction, projection, table[:, 5:], n_train, d, separable, quantiles, level)


def margins(n_train: int, lam: float, realisations: int, rng: np.random.Generator) -> Margins:
    """The margins of the separable ones of ``realisations`` sets of standard normal points."""
    d = max(1, round(lam * n_train))
    rows = []
    for _ in range(realisations):
        X = rng.standard_normal((n_train, d))
        start = descend(X)
        if start.status != "separated":
            continue
        S, _ = hard_margin(X, np.ones(n_train), start.S)
        rows.append([float((-(X @ S)).min() / np.linalg.norm(S)), *_controls(X)])
    table = np.array(rows, dtype=float).reshape(-1, 6)
    return Margins(table[:, 0], table[:, 1:], n_train, d)


def pairs(
    draw: Callable[[int, float, int, np.random.Generator], Any],
    n_train: int | list[int],
    lam: list[float],
    sets: int | list[int],
    rng: np.random.Generator,
    tick: Callable[[], object],
) -> tuple[list[Any], list[Any]]:
    """For each lam, ``sets`` of N = ``n_train`` points and twice as many of N/2, by :func:`minimizers` or so.

    Both are one number, or one for each lam: away from 1/2 small sets do, and many of them say more in the same time.
    """
    large, small = [], []
    for value, N, count in zip(
        lam, *(np.broadcast_to(part, len(lam)).tolist() for part in (n_train, sets)), strict=True
    ):
        large.append(draw(N, value, count, rng))
        small.append(draw(N // 2, value, 2 * count, rng))
        tick()
    return large, small


def spanned(values: int | list[int]) -> str:
    """One number, or the range of several, for captions."""
    found = np.atleast_1d(values)
    return f"{found.min()}" if found.min() == found.max() else f"{found.min()} to {found.max()}"


def separable_fraction(n_train: int, d: int, realisations: int, rng: np.random.Generator) -> float:
    """The fraction of the sets that are separable from the origin."""
    return (
        sum(descend(rng.standard_normal((n_train, d))).status == "separated" for _ in range(realisations))
        / realisations
    )


class Law(NamedTuple):
    """Markers beside a law: at each lam mean and standard error over sets of N points, and the comparison's numbers.

    ``limit`` and ``limit_error`` are what the sets say of large N, nan where that is not compared.
    """

    lam: Array
    mean: Array
    error: Array
    numbers: dict[str, Any]
    limit: Array
    limit_error: Array


def against(
    law: Callable[[Fraction], float],
    large: list[Any],
    small: list[Any],
    quantity: str | Callable[[Any], Array],
    *,
    geometric: bool = True,
) -> Law:
    """Means of a quantity of sets of N points beside its law, and what N and about N/2 points say of the limit.

    The means are geometric: a weight scatters by a factor, and where the law tends to 0 a difference would say nothing.
    With ``geometric`` False they are plain means, and deviations mean/law - 1. ``quantity`` is a field of the sets, or
    a function of them. Each deviation log(mean/law) is taken at the set's own d/N; twice that of the large sets less
    that of the small ones (in general: weights that remove 1/N) is free of the order 1/N. It is compared where less
    than one set in a thousand is on the other side of separability: where such sets are left out, what remains is no
    fair sample.
    """
    lam, mean, error, laws, deviation, uncertainty, fair, freedom = [], [], [], [], [], [], [], []
    for pair in zip(large, small, strict=True):
        logs, theory = [], []
        big, little = pair
        share = float(wendel_probability(float(little.n_train), float(little.d)))
        whole = min(share, 1 - share) < _SELDOM  # else sets are left out, and the controls' means are not 0
        for sets in pair:
            controls = sets.controls if whole else sets.controls[:, :0]
            theory.append(law(Fraction(sets.d, sets.n_train)))
            values = quantity(sets) if callable(quantity) else getattr(sets, quantity)
            logs.append(adjusted(np.log(values / theory[-1]) if geometric else values / theory[-1] - 1, controls))
        weight = big.n_train / (big.n_train - little.n_train)
        off = [value for value, *_ in logs]
        lam.append(big.d / big.n_train)
        laws.append(theory[0])
        mean.append(theory[0] * (float(np.exp(off[0])) if geometric else 1 + off[0]))
        error.append((mean[-1] if geometric else abs(theory[0])) * logs[0][1])
        deviation.append(weight * off[0] + (1 - weight) * off[1])
        uncertainty.append(float(np.hypot(weight * logs[0][1], (1 - weight) * logs[1][1])))
        fair.append(whole)
        freedom.append(min(degrees for *_, degrees in logs))
    curve = Curve(1 + np.array([deviation]), np.ones(len(lam)), np.array(uncertainty))
    numbers = compared(curve, np.array(fair), freedom=min(freedom))
    numbers["deviations"] = [round(float(value), 4) for value in deviation]
    numbers["compared"] = fair
    ratio = np.exp(deviation) if geometric else 1 + np.array(deviation)
    limit = np.where(fair, np.array(laws) * ratio, np.nan)
    limit_error = (limit if geometric else np.where(fair, np.abs(laws), np.nan)) * np.array(uncertainty)
    return Law(np.array(lam), np.array(mean), np.array(error), numbers, limit, limit_error)
