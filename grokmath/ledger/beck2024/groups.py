"""Claims about two groups of points of any number and dimension, appendix D: x_i, i <= n, and y_j, j <= m.

The rows of X are the points of the group that almost every convex combination rests on (n = d in the paper), those of Y
the others (m = N - d). A and B are the sums of their weights, exp(S.x) or l'(S.x + b), and eps = (B + slack A)/(A + B)
with 0 < slack < 1 stands for any number above the share B/(A + B) of the others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from grokmath.ledger.beck2024.forms import b, eta
from grokmath.ledger.record import MatrixIdentity, MatrixInequality, regime
from grokmath.proof import Gradient, Largest, SampleSum, UnitVector, square

d, n, m = sp.symbols("d n m", integer=True, positive=True)
i, j = sp.symbols("i j", integer=True, positive=True)
X, Y = sp.MatrixSymbol("X", n, d), sp.MatrixSymbol("Y", m, d)
S, V, weights = sp.MatrixSymbol("S", d, 1), sp.MatrixSymbol("V", d, 1), sp.MatrixSymbol("A", n, 1)
x_i, y_j = X.T * UnitVector(n, i), Y.T * UnitVector(m, j)
slack = sp.Symbol("slack", positive=True)
one_group, two_groups = (("d", 2), ("n", 3)), (("d", 2), ("n", 2), ("m", 2))
ABOVE = regime(slack="1/100..99/100")
SHIFTED = regime(b="-2..21/10")
SHIFTED_ABOVE = regime(slack="1/100..99/100", b="-2..21/10")


def output(sample: Any) -> Any:
    """S.x."""
    return sp.Trace(S.T * sample)


def over(points: str, term: Any) -> Any:
    """The sum over a group, "X" or "Y"."""
    return sp.Sum(term, (i, 1, n) if points == "X" else (j, 1, m))


reach = sp.sqrt(square(S)) * Largest(sp.sqrt(square(x_i - y_j)), (i, n), (j, m))
"""|S| D, D the largest distance of a point of the one group from one of the other."""


def share(A: Any, B: Any) -> Any:
    """eps."""
    return (B + slack * A) / (A + B)


def sums(weight: Callable[[Any], Any]) -> tuple[Any, Any]:
    """A and B."""
    return over("X", weight(output(x_i))), over("Y", weight(output(y_j)))


def logistic(f: Any) -> Any:
    """l'(f + b)."""
    return 1 / (1 + sp.exp(-f - b))


def ratio(A: Any, B: Any) -> MatrixInequality:
    """(23): the ratio of the weights."""
    eps = share(A, B)
    return MatrixInequality(B / A, eps / (1 - eps), two_groups, (ABOVE,), strict=True)


def spread(A: Any, B: Any, *where: Any) -> MatrixInequality:
    """(25): its lower bound."""
    return MatrixInequality(m / n * sp.exp(-reach), B / A, two_groups, where or (regime(),))


def norm(A: Any, B: Any, where: Any) -> MatrixInequality:
    """(26): the lower bound of |S| D."""
    eps = share(A, B)
    return MatrixInequality(sp.log(m * (1 - eps) / (n * eps)), reach, two_groups, (where,), strict=True)


FLOW_OF_BOTH = MatrixIdentity(
    -eta * Gradient((over("X", sp.exp(output(x_i))) + over("Y", sp.exp(output(y_j)))) / (n + m), S),
    -eta / (n + m) * (SampleSum(sp.exp(output(x_i)) * x_i, i, n) + SampleSum(sp.exp(output(y_j)) * y_j, j, m)),
    two_groups,
    (regime(eta="1/100..1"),),
)
gap = Largest(sp.Trace(S.T * (y_j - x_i)), (i, n), (j, m))
loss = over("X", sp.exp(output(x_i))) / n
moved = over("X", sp.exp(output(x_i) + sp.Trace(V.T * x_i))) / n
ABOVE_TANGENT = MatrixInequality(loss + sp.Trace(V.T * Gradient(loss, S)), moved, one_group)
STATIONARY = MatrixIdentity(SampleSum(sp.exp(output(x_i)) * x_i, i, n), n * Gradient(loss, S), one_group)
WEIGHTED = MatrixIdentity(
    over("X", sp.exp(output(x_i)) * sp.Trace(V.T * x_i)) / over("X", sp.exp(output(x_i))),
    sp.Trace(V.T * Gradient(loss, S)) / loss,
    one_group,
)
REPRESENTED = MatrixIdentity(
    over("X", sp.Trace(weights.T * UnitVector(n, i)) * output(x_i)), sp.Trace(S.T * X.T * weights), one_group
)
mean_of_others = SampleSum(y_j, j, m) / m
JENSEN = MatrixInequality(sp.exp(output(mean_of_others)), over("Y", sp.exp(output(y_j))) / m, (("d", 2), ("m", 3)))
A, B = sums(sp.exp)
DRIVEN = MatrixInequality(B / A, m / n * sp.exp(gap), two_groups)
RATIO, SPREAD, NORM = ratio(A, B), spread(A, B), norm(A, B, ABOVE)
logistic_loss = over("X", sp.log(1 + sp.exp(output(x_i) + b)))
P, Q = sums(logistic)
LOGISTIC = (
    MatrixIdentity(Gradient(logistic_loss, S), SampleSum(logistic(output(x_i)) * x_i, i, n), one_group, (SHIFTED,)),
    spread(P, Q, SHIFTED),
    norm(P, Q, SHIFTED_ABOVE),
)
