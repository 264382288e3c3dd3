"""(9): the weight of the separating vector in the shortest convex combination with the bias direction.

S_* is the vector of least norm with S.x_i <= -1, of norm 1/M. The points theta (S_*, 0) + (1 - theta) (0, -1) satisfy
S.x_i + b <= -1; their squared norm is theta^2/M^2 + (1 - theta)^2.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    at_most_by_sign,
    combine,
    define,
    derivative_of_equal,
    differentiate,
    equation,
    instantiate,
    render,
    rewrite,
    together,
    where,
)

ID = "beck2024:9"
TITLE = "The shortest separating vector with a bias"

M = sp.Symbol("M", positive=True)
theta, away = sp.symbols("theta away", real=True)
size = sp.Function("squared_norm")
share = M**2 / (1 + M**2)


@cache
def meaning() -> Fact:
    """The squared norm of theta (S_*, 0) + (1 - theta) (0, -1), with |S_*| = 1/M."""
    return define(size(theta, M), theta**2 / M**2 + (1 - theta) ** 2, note="the two vectors are orthogonal")


@cache
def stationary() -> Fact:
    """The parts 2 theta/M^2 and 2 (1 - theta) of the slope balance at theta = M^2/(1 + M^2)."""
    written = meaning()
    slope = derivative_of_equal(written, differentiate(written.rhs, theta, 2 * theta / M**2 - 2 * (1 - theta)))
    there = rewrite(2 * share / M**2 - 2 * (1 - share), 0)
    return combine(equation(2 * share / M**2, 2 * (1 - share)), [(1, there)], using=[slope])


@cache
def derivation() -> Fact:
    """The stationary weight, the value there, and that it is the least."""
    least = instantiate(meaning(), {theta: share})
    other = instantiate(meaning(), {theta: share + away})
    value = rewrite(share**2 / M**2 + (1 - share) ** 2, 1 / (1 + M**2), using=[least])
    apart = where(sp.Ne(away, 0))
    more = at_most_by_sign(1 / (1 + M**2), other.rhs, strict=True, domain=apart, using=[other])
    return together(stationary(), value, more)


DERIVES = {"beck2024:9": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
