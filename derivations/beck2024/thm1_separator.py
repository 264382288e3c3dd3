"""Theorem 1, (5): gradient descent on separable data converges to the hard-margin solution in direction.

The weights and the bias are one vector w = (S, b), and a sample of label -1 is -(x, 1) times it. For the two points -1
and a = 1 - 2 lam, lam > 1/2, of margin M = 2 lam - 1, the vector of least norm with S x + b <= -1 at both of them is
(M, -1)/(1 + M^2): the point a alone supports it. The theorem is cited; that this is the vector is proved.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import Fact, cite_soudry, render, together, where

ID = "beck2024:thm1"
TITLE = "Convergence to the hard-margin solution"

lam = sp.Symbol("lam", positive=True)
t = sp.Symbol("t", positive=True, integer=True)
S, b = (sp.Function(name)(t, lam) for name in ("S", "b"))
M = 2 * lam - 1


@cache
def derivation() -> Fact:
    """S(t)/log t -> M/(1 + M^2) and b(t)/log t -> -1/(1 + M^2)."""
    points = ((1, -1), (M, -1))
    separator = (M / (1 + M**2), -1 / (1 + M**2))
    weights = (0, 1 / (1 + M**2))
    both = cite_soudry((S, b), t, points, separator, weights, domain=where(2 * lam > 1, lam <= 1))
    return together(*both)


DERIVES = {"beck2024:thm1": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
