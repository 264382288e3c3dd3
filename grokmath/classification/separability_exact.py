"""The separability of few points in exact rational arithmetic: one linear programme says everything.

    max sum s_i    under    x_i.S + s_i <= 0,  0 <= s_i <= 1,  S free.

Weak separators, S with x_i.S <= 0 for all i, can be scaled up and added, so that at the optimum s_i = 1 for every row
that any of them separates strictly, and s_i = 0 for the others. All 1: separable. All 0: the origin is in the hull's
relative interior. Else it is on the boundary, in the relative interior of the hull of the rows with s_i = 0. The dual
solution y >= 0 has X^T y = 0, and y_i >= 1 exactly on these rows. The simplex method with Bland's rule, which cannot
cycle.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, fmpq

from grokmath.exact import working_precision


@dataclass(frozen=True, eq=False)
class ExactVerdict:
    """``strict``: for each row whether some weak separator has S.x < 0 there; S, one that has it for all of these.

    ``weights`` >= 0 with X^T w = 0, positive exactly on the other rows. S and weights are lists of rationals.
    """

    strict: list[bool]
    S: list[fmpq]
    weights: list[fmpq]


def exact_verdict(X: Any) -> ExactVerdict:
    """Decide for a dense matrix of doubles."""
    N, d = X.shape
    rows = [[fmpq(*float(x).as_integer_ratio()) for x in row] for row in X]
    tableau, basis = _solved(rows, N, d)
    columns = 2 * d + N
    values = [fmpq(0)] * (columns + 2 * N)
    for i, variable in enumerate(basis):
        values[variable] = tableau[i][-1]
    S = [values[j] - values[d + j] for j in range(d)]
    strict = [values[2 * d + i] > 0 for i in range(N)]
    weights = [-tableau[-1][columns + i] for i in range(N)]
    return ExactVerdict(strict, S, weights)


def rounded(values: list[fmpq]) -> Any:
    """The rationals over the largest of them, as doubles."""
    size = max(abs(v) for v in values)
    return np.array([float(Fraction(int((v / size).p), int((v / size).q))) if v else 0.0 for v in values])


def exact_margin(X: Any, S: Any) -> float:
    """min -x.S/||S||, rounded down, for S of rationals or doubles."""
    exact = [s if isinstance(s, fmpq) else fmpq(*float(s).as_integer_ratio()) for s in S]
    products = [
        sum((fmpq(*float(x).as_integer_ratio()) * s for x, s in zip(row, exact, strict=True)), fmpq(0)) for row in X
    ]
    square = max(products) ** 2 / sum((s * s for s in exact), fmpq(0))
    with working_precision(64):
        return float(arb(square).sqrt().lower()) * (1 - 2.0**-52)


def _solved(rows: list[list[fmpq]], N: int, d: int) -> tuple[list[list[fmpq]], list[int]]:
    """The optimal tableau; columns S+, S-, s, the slacks of both groups of constraints, and the right-hand side."""
    zero, one = fmpq(0), fmpq(1)
    tableau = []
    for i, row in enumerate(rows):
        unit = [one if k == i else zero for k in range(N)]
        tableau.append([*row, *(-x for x in row), *unit, *unit, *([zero] * N), zero])
    for i in range(N):
        unit = [one if k == i else zero for k in range(N)]
        tableau.append([*([zero] * (2 * d)), *unit, *([zero] * N), *unit, one])
    tableau.append([*([zero] * (2 * d)), *([one] * N), *([zero] * (2 * N)), zero])
    basis = [2 * d + N + i for i in range(2 * N)]
    while True:
        entering = next((j for j, cost in enumerate(tableau[-1][:-1]) if cost > 0), None)
        if entering is None:
            return tableau, basis
        ratios = [(r[-1] / r[entering], basis[i], i) for i, r in enumerate(tableau[:-1]) if r[entering] > 0]
        _, _, leaving = min(ratios)
        pivot = tableau[leaving][entering]
        tableau[leaving] = [x / pivot if x else x for x in tableau[leaving]]
        for i, row in enumerate(tableau):
            factor = row[entering]
            if i != leaving and factor:
                tableau[i] = [x - factor * y if y else x for x, y in zip(row, tableau[leaving], strict=True)]
        basis[leaving] = entering
