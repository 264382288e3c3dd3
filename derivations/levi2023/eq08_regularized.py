"""The regularized function 0F1 in a Bessel function of any order (DLMF 10.39.9), from the two defining series.

Both z^((1 - a)/2) I_{a-1}(2 sqrt(z)) and 0F1(; a; z)/Gamma(a) are the sum of z^n/(n! Gamma(a + n)), for a, z > 0.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import Fact, combine_series, defining_series, equal_series, render

ID = "levi2023:8-regularized"
TITLE = "The regularized confluent hypergeometric function"

order, arg = sp.symbols("order arg", positive=True)
n = sp.Symbol("n", integer=True, nonnegative=True)
bessel, series = sp.besseli(order - 1, 2 * sp.sqrt(arg)), sp.hyper([], [order], arg)
term = arg**n / (sp.factorial(n) * sp.gamma(order + n))


@cache
def derivation() -> Fact:
    """z^((1 - a)/2) I_{a-1}(2 sqrt(z)) = 0F1(; a; z)/Gamma(a)."""
    sides = []
    for function, factor in ((bessel, arg ** ((1 - order) / 2)), (series, 1 / sp.gamma(order))):
        sides.append(combine_series(factor * function, [(factor, defining_series(function, n))], term))
    return equal_series(*sides)


DERIVES = {"levi2023:8-regularized": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
