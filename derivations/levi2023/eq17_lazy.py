"""Text after (17): what a small learning rate does to h. One weight in each layer, equal at the start.

The network of :mod:`eq17_two_layers` with d_in = d_h = d_out = 1 and data of second moment ``variance``: the flow from
the product ``weight`` is solved in closed form, and the product tends to the teacher's, ``target``, for every eta.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    Gradient,
    Path,
    at_most_by_sign,
    flow_solution,
    gradient_flow,
    instantiate_matrices,
    limit_at_infinity,
    limit_by_squeeze,
    matrix_rewrite,
    render,
    run_in_package,
    square,
    together,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from .eq17_two_layers import N, X, d_h, d_in, d_out, eta, model, t

ID = "levi2023:17-lazy"
TITLE = "The flow of two scalar layers"

weight, target, variance = sp.symbols("weight target variance", positive=True)
one = sp.Identity(1)
S_0, S_1 = (sp.MatrixSymbol(name, 1, 1) for name in ("S_0", "S_1"))
paths = [Path(f"S_{k}", 1, 1, t, eta, weight, target, variance) for k in (0, 1)]
fade = sp.exp(-4 * eta * variance * target * t)
logistic = target * weight / (weight + (target - weight) * fade)
below = where(weight < target)


@cache
def loss() -> Fact:
    """The loss is variance (S_0 S_1 - target)^2."""
    small = instantiate_matrices(model(), {N: 1, d_in: 1, d_h: 1, d_out: 1}, note="all sizes 1")
    data, teacher = sp.MatrixSymbol(X.name, 1, 1), sp.MatrixSymbol("T", 1, 1)
    meaning = instantiate_matrices(small, {data: sp.sqrt(variance) * one, teacher: target * one})
    return matrix_rewrite(meaning.lhs, variance * square(S_0 * S_1 - target * one), using=[meaning])


@cache
def product() -> Fact:
    """S_0 S_1 along the flow."""
    known = loss()
    error = S_0 * S_1 - target * one
    slopes = [
        matrix_rewrite(Gradient(known.lhs, S_0), 2 * variance * error * S_1.T, using=[known]),
        matrix_rewrite(Gradient(known.lhs, S_1), 2 * variance * S_0.T * error, using=[known]),
    ]
    laws = gradient_flow(slopes, paths, [sp.sqrt(weight) * one] * 2, eta, note="both layers start at sqrt(weight)")
    solved = flow_solution(laws, [sp.sqrt(logistic) * one] * 2, domain=below)
    return matrix_rewrite(sp.Trace(paths[0] * paths[1]), logistic, domain=below, using=solved)


@cache
def derivation() -> Fact:
    """The product, and its limit."""
    gap = target * (target - weight) / weight * fade
    limit = limit_by_squeeze(
        at_most_by_sign(target - gap, logistic, domain=below),
        at_most_by_sign(logistic, target, domain=below),
        limit_at_infinity(target - gap, t, domain=below),
        limit_at_infinity(target, t, domain=below),
        domain=below,
    )
    return together(product(), limit)


DERIVES = {"levi2023:17-lazy": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
