"""The duality G(s; lam) = 1 - 1/lam + G(lam s; 1/lam)/lam of the generalization loss, for every lam > 0.

nu = lam mu maps the continuous spectrum of ratio 1/lam to that of ratio lam; the transposed data matrix has the same
non-zero singular values.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import Fact, by_cases, change_variable, instantiate, render, rewrite, run_in_package, where

if __spec__ is None:
    run_in_package(__file__)

from .eq05_08_losses import s
from .eq06_total_mass import lam
from .eq20_slope import G, average, transform_slope

ID = "levi2023:duality"
TITLE = "Duality between the ratios lam and 1/lam"

mu = sp.Symbol("mu", nonnegative=True)
dual = {lam: 1 / lam, s: lam * s}
ends = [(1 - 1 / sp.sqrt(lam)) ** 2, (1 + 1 / sp.sqrt(lam)) ** 2]


@cache
def derivation() -> Fact:
    """G(s, lam) = 1 - 1/lam + G(lam s, 1/lam)/lam."""
    meaning, _ = transform_slope()
    other = instantiate(meaning, dual)
    scaled = change_variable(average, mu, lam * mu, *ends, using=[meaning])
    goal = G(s, lam), 1 - 1 / lam + G(lam * s, 1 / lam) / lam
    sides = [
        rewrite(*goal, domain=where(side), using=[meaning, other, scaled], note="one of the two laws has a mass at 0")
        for side in (lam < 1, lam > 1)
    ]
    one = {lam: sp.Integer(1)}
    middle = rewrite(*(side.xreplace(one) for side in goal))
    return by_cases(lam, 1, sides[0], middle, sides[1])


DERIVES = {"levi2023:8-duality": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
