"""The generalization loss is below the train loss over (1 - sqrt(lam))^2, at every time, for lam < 1.

With a = (1 - sqrt(lam))^2 the eigenvalues lie above a, so that E[nu exp(-s nu)] - a E[exp(-s nu)] = E[(nu - a) exp(-s
nu)] > 0.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import Fact, at_most, combine, linearity, positive_integral, render, run_in_package, where

if __spec__ is None:
    run_in_package(__file__)

from .eq05_08_losses import over_spectrum, s
from .eq06_total_mass import atom, density, lam, low, nu
from .eq20_slope import average, slope, weighted

ID = "levi2023:fig1"
TITLE = "The ratio of the losses at given times"

side = where(lam < 1)


@cache
def derivation() -> Fact:
    """E[exp(-s nu)] < E[nu exp(-s nu)]/a for s > 0 and lam < 1."""
    weight = (nu - low) * density * sp.exp(-s * nu)
    gap = over_spectrum(weight)
    positive = positive_integral(gap, weight, 1, domain=side)
    parts = linearity(gap, [(1, weighted.function), (-low, average.function)], domain=side)
    goal = at_most(atom + average, 1 / low * weighted, strict=True)
    return combine(goal, [(1 / low, positive), (1 / low, parts)], domain=side, using=[slope()])


DERIVES = {"levi2023:fig1": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
