"""(8) and its first correction: the mean losses for data of size d, to order 1/d, for lam other than 1.

In the limit d -> oo at fixed s = 4 eta t both losses are averages over the law of Marchenko and Pastur. By the theorem
of Bai and Silverstein the mean over the data exceeds them by m/d, with m from :mod:`finite_size_mean`. At s = 0 the
mean losses are known at every d and N: L_gen = mean of tr exp(-s Sigma)/d has the derivatives (-1)^k E tr(Sigma^k)/d.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Domain,
    Fact,
    combine,
    equation,
    gaussian_moment,
    instantiate,
    render,
    run_in_package,
    together,
)

if __spec__ is None:
    run_in_package(__file__)

from .eq05_08_losses import eta, gen_loss, s, t, train_loss
from .finite_size_mean import gen, gen_law, over, train, train_law, under

ID = "levi2023:8-size"
TITLE = "The losses as averages, and their means to order 1/d"

d = sp.Symbol("d", integer=True, positive=True)
at_s = {t: s / (4 * eta)}


@cache
def limits() -> tuple[Fact, Fact]:
    """The averages (8) at s = 4 eta t."""
    return instantiate(train_loss(), at_s), instantiate(gen_loss(), at_s)


@cache
def to_first_order(side: Domain, size: int, *, of_train: bool) -> Fact:
    """L + m/d at d = ``size``: as the theorem has it, and in closed form."""
    loss = limits()[0 if of_train else 1]
    law, closed = (train_law(side), train(side)) if of_train else (gen_law(side), gen(side))
    goal = equation(loss.rhs + law.rhs / d, loss.rhs + closed.rhs / d)
    total = loss.lhs + law.lhs / d
    written = combine(equation(total, goal.lhs), [(1, loss), (1 / d, law)], domain=side)
    solved = combine(equation(total, goal.rhs), [(1, loss), (1 / d, closed)], domain=side)
    return instantiate(combine(goal, [(1, solved), (-1, written)], domain=side), {d: sp.Integer(size)}, domain=side)


N = sp.Symbol("N", integer=True, positive=True)
X = sp.MatrixSymbol("X", N, d)
Sigma = X.T * X / N
MOMENTS = (sp.S.One, 1 + d / N + 1 / N, 1 + 3 * d / N + d**2 / N**2 + 3 / N + 3 * d / N**2 + 4 / N**2)
"""The means of tr(Sigma^k)/d over Gaussian data, k = 1, 2, 3."""


@cache
def moment(k: int) -> Fact:
    """The mean of tr(Sigma^k)/d, for every d and N: (-1)^k times the k-th derivative of the mean of L_gen at s = 0."""
    return gaussian_moment(sp.Trace(Sigma**k) / d, X, 1, MOMENTS[k - 1], note="Wick's rule")


@cache
def derivation() -> Fact:
    """Both losses at d = 96 on both sides of lam = 1, to order 1/d; and the first derivatives at s = 0, exactly."""
    first = (to_first_order(side, 96, of_train=which) for side in (under, over) for which in (True, False))
    return together(*first, *(moment(k) for k in (1, 2, 3)))


DERIVES = {"levi2023:8-size": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
