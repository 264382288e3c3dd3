"""A student that starts at alpha S_0: both losses are (1 + alpha^2)/2 times those of alpha = 1, on average.

The average is over S_0 and T. The flow of alpha S_0 - T is that of (4), and the entries of alpha S_0 - T have the
variance alpha^2/(2 d_in) + 1/(2 d_in).
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    Mean,
    chain,
    instantiate_matrices,
    matrix_rewrite,
    render,
    run_in_package,
    spectral_sum,
    square,
    together,
)

if __spec__ is None:
    run_in_package(__file__)

from .eq01_model import Sigma, d_in, eta, t
from .eq04_07_flow import along, begin, late, nu, start, teacher

ID = "levi2023:11-start-loss"
TITLE = "The losses after a rescaled start"

alpha = sp.Symbol("alpha", positive=True)
scaled = alpha * begin - teacher
laws = ((begin, 1 / (2 * d_in)), (teacher, 1 / (2 * d_in)))
factor = (1 + alpha**2) / 2


def _averaged(middle: sp.Expr, f: sp.Expr, fact: Fact) -> Fact:
    moved = instantiate_matrices(fact, {start: scaled}, note="D_0 = alpha S_0 - T")
    trace = matrix_rewrite(Mean(moved.rhs, *laws), factor * sp.Trace(middle) / d_in, using=[moved])
    spectrum = spectral_sum(middle, sp.Lambda(nu, f), Sigma)
    return chain(trace, matrix_rewrite(trace.rhs, factor * spectrum.rhs / d_in, using=[spectrum]))


@cache
def derivation() -> Fact:
    """Both losses at all times, and the loss at the start."""
    train, general = along().premises
    e = sp.exp(-4 * eta * nu * t)
    begins = matrix_rewrite(Mean(square(scaled), *laws), factor)
    return together(_averaged(late * Sigma, nu * e, train), _averaged(late, e, general), begins)


DERIVES = {"levi2023:11-start-loss": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
