"""Wendel's probability against random points, of Gaussian and of other symmetric laws."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.optimize import linprog

from grokmath.functions.wendel import wendel_probability


def in_an_open_half_space(points: np.ndarray) -> np.ndarray:
    """For sets (sets, N, d) in general position, whether all points of a set are on one side of a hyperplane through 0.

    If they are, the hyperplane can be turned until it contains d - 1 of them.
    """
    _, N, d = points.shape
    found = np.zeros(len(points), dtype=bool)
    for chosen in itertools.combinations(range(N), d - 1):
        rows = points[:, chosen, :]
        minors = [np.linalg.det(np.delete(rows, j, axis=2)) if d > 2 else np.delete(rows, j, axis=2)[:, 0, 0]
                  for j in range(d)]  # fmt: skip
        normal = np.stack([(-1) ** j * minor for j, minor in enumerate(minors)], axis=1)
        others = [i for i in range(N) if i not in chosen]
        sides = np.einsum("snd,sd->sn", points[:, others, :], normal)
        found |= (sides > 0).all(axis=1) | (sides < 0).all(axis=1)
    return found


@pytest.mark.parametrize(("N", "d"), [(5, 2), (6, 3), (7, 4)])
def test_random_points(N, d):
    """Gaussian sets: four standard errors, the least deviation that would be seen, are below 2.5 % of P."""
    P = wendel_probability(N, d)
    sets = round(28_000 * (1 - P) / P)
    points = np.random.default_rng([N, d]).standard_normal((sets, N, d))
    separable = in_an_open_half_space(points)
    standard_error = math.sqrt(P * (1 - P) / sets)
    assert 4 * standard_error < 0.025 * P
    assert abs(separable.mean() - P) < 4 * standard_error
    for found, X in zip(separable[:25], points, strict=False):  # the same by linear programming: S.x >= 1 for all x
        assert found == linprog(np.zeros(d), A_ub=-X, b_ub=-np.ones(N), bounds=(None, None)).success


def test_the_law_of_the_points_does_not_matter():
    """Uniform on a sphere, a mixture of scales, and Cauchy components: one probability."""
    rng = np.random.default_rng(5)
    P, sets = wendel_probability(6, 3), 30_000
    normal = rng.standard_normal((sets, 6, 3))
    for points in (
        normal / np.linalg.norm(normal, axis=2, keepdims=True),
        normal * np.array([1.0, 100.0, 0.01]),
        rng.standard_cauchy((sets, 6, 3)),
    ):
        assert abs(in_an_open_half_space(points).mean() - P) < 4 * math.sqrt(P * (1 - P) / sets)
