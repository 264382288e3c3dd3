"""The offset of S for two separable points, (E.4): S - M/(1 + M^2) log t and its limit, lam > 1/2, M = 2 lam - 1.

With a = -M, p = 1 - M, y = e^{p S}, r = (1 + M^2)/M and q = 1/M - 1, dt/dS = K e^{2S} (1 + M y)^q, where K = (1 +
M)^{-1/M}/c. From (M y)^q <= (1 + M y)^q <= (M y)^q e^{q/(M y)} and y^q = e^{(r - 2) S} two bounds of t follow, and t
e^{-r S} -> K M^q/r. As M = e^{-L} tends to 0 the limit is like L = log(1/M).
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    above_tangent,
    asymptotic,
    at_most,
    at_most_by_monotone_function,
    at_most_by_monotonicity,
    at_most_by_sign,
    combine,
    differentiate,
    equation,
    instantiate,
    limit_at_infinity,
    limit_by_squeeze,
    limit_of_equal,
    limit_through,
    render,
    rewrite,
    run_in_package,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from . import two_point_solution

ID = "beck2024:E4"
TITLE = "The offset of separable data"

eta, L, M, S, u, v = sp.symbols("eta L M S u v", positive=True)
e, i = sp.symbols("e i", real=True)
c = eta / 2
p, r, q = 1 - M, 1 / M + M, 1 / M - 1
y = sp.exp(p * S)
RATE = sp.exp(-sp.log(1 + M) / M) / c
OPEN = where(M < 1)
SIZE = RATE * sp.exp(q * sp.log(M))
NEAR = sp.exp(q / M * sp.exp(-p * S))
LOW = SIZE / r * (sp.exp(r * S) - 1)
HIGH = SIZE * (sp.exp(r * S) * NEAR / r + q * p / (r * M) * sp.exp(q / M) * sp.exp((r - p) * S) / (r - p))


def limit_of_offset(M: sp.Expr) -> sp.Expr:
    """The limit of S - M/(1 + M^2) log t from S_0 = b_0 = 0."""
    weight = 1 / (1 + M**2)
    return weight * (-(1 - M) * sp.log(M) + sp.log(1 + M) + M * sp.log(c * (1 + M**2) / M))


@cache
def elapsed() -> tuple[Fact, sp.Expr]:
    """dt/dS, and the time as a function of S."""
    time = two_point_solution.clock.xreplace({two_point_solution.p: 1 - M, two_point_solution.S: S})
    return differentiate(time, S, RATE * sp.exp(2 * S) * sp.exp(q * sp.log(1 + M * y)), domain=OPEN), time


@cache
def powers() -> tuple[Fact, Fact]:
    """(M y)^q <= (1 + M y)^q <= (M y)^q e^{q/(M y)}."""
    low, high = sp.log(M * y), sp.log(1 + M * y)
    less = at_most_by_monotone_function(sp.log, M * y, 1 + M * y, domain=OPEN)
    tangent = above_tangent(sp.log(1 + 1 / (M * y)), domain=OPEN)
    u, v = sp.symbols("u v", positive=True)
    product = rewrite(sp.log(u * v), sp.log(u) + sp.log(v))
    apart = instantiate(product, {u: M * y, v: 1 + 1 / (M * y)}, domain=OPEN)
    more = combine(at_most(high, low + 1 / (M * y)), [(1, tangent), (1, apart)], domain=OPEN)
    first = at_most_by_monotone_function(sp.exp, q * low, q * high, domain=OPEN, using=[less])
    return first, at_most_by_monotone_function(sp.exp, q * high, q * (low + 1 / (M * y)), domain=OPEN, using=[more])


@cache
def bounds() -> tuple[Fact, Fact]:
    """Two bounds of the time, by the signs of derivatives."""
    slope, time = elapsed()
    lower, upper = powers()
    bend = SIZE * q * p / (r * M) * sp.exp((r - p) * S)
    small = at_most_by_monotone_function(sp.exp, -p * S, sp.S.Zero, domain=OPEN)
    nearly = at_most_by_monotone_function(sp.exp, q / M * sp.exp(-p * S), q / M, domain=OPEN, using=[small])
    steps = (
        (time - LOW, slope.rhs - SIZE * sp.exp(r * S), [(RATE * sp.exp(2 * S), lower)]),
        (
            HIGH - time,
            SIZE * sp.exp(r * S) * NEAR + bend * (sp.exp(q / M) - NEAR) - slope.rhs,
            [(RATE * sp.exp(2 * S), upper), (bend, nearly)],
        ),
    )
    found = []
    for gap, value, parts in steps:
        rising = combine(at_most(0, value), parts, domain=OPEN)
        gap_slope = differentiate(gap, S, value, domain=OPEN)
        positive = at_most_by_monotonicity(gap_slope, S, 0, domain=OPEN, using=[rising])
        found.append(positive)
    return (
        combine(at_most(LOW, time), [(1, found[0])], domain=OPEN),
        combine(at_most(time, HIGH), [(1, found[1])], domain=OPEN),
    )


@cache
def scaled_time() -> Fact:
    """t e^{-r S} -> K M^q/r."""
    lower, upper = bounds()
    time, weight = lower.rhs, sp.exp(-r * S)
    e_r, e_p = (limit_at_infinity(sp.exp(-k * S), S, domain=OPEN) for k in (r, p))
    low = limit_through(SIZE / r * (1 - e), [(e, e_r)], domain=OPEN)
    rest = q * p / (r * M) * sp.exp(q / M) / (r - p)
    high = limit_through(SIZE * (sp.exp(q / M * e) / r + rest * e), [(e, e_p)], domain=OPEN)
    below = combine(at_most(low.statement.expr, time * weight), [(weight, lower)], domain=OPEN)
    above = combine(at_most(time * weight, high.statement.expr), [(weight, upper)], domain=OPEN)
    return limit_by_squeeze(below, above, low, high, domain=OPEN)


@cache
def limit() -> Fact:
    """S - log(t)/r tends to the offset, for every M < 1."""
    ratio = scaled_time()
    lower, _ = bounds()
    time = lower.rhs
    growth = at_most_by_sign(0, LOW, strict=True, domain=OPEN)
    positive = combine(at_most(0, time, strict=True), [(1, growth), (1, lower)], domain=OPEN)
    through = limit_through(-sp.log(e) / r, [(e, ratio)], domain=OPEN.with_(where(e > 0)))
    u, v = sp.symbols("u v", positive=True)
    product = rewrite(sp.log(u * v), sp.log(u) + sp.log(v))
    scaled = instantiate(product, {u: time, v: sp.exp(-r * S)}, domain=OPEN, using=[positive])
    goal = equation(S - sp.log(time) / r, through.statement.expr)
    known = combine(goal, [(-1 / r, scaled)], domain=OPEN, using=[positive])
    return limit_of_equal(through, known.lhs, limit_of_offset(M), domain=OPEN, using=[known, positive])


@cache
def derivation() -> Fact:
    """(E.4): the limit over L tends to 1."""
    near = sp.exp(-L)
    product = rewrite(sp.log(u * v), sp.log(u) + sp.log(v))
    last = instantiate(product, {u: c / near, v: 1 + near**2})
    sizes = [(e, limit_at_infinity(near, L)), (i, limit_at_infinity(1 / L, L))]
    inside = 1 + i * (sp.log(1 + e) + e * (sp.log(c) + sp.log(1 + e**2)))
    ratio = limit_through(inside / (1 + e**2), sizes, domain=where(1 + e > 0))
    return asymptotic(ratio, limit_of_offset(near), L, using=[last, instantiate(limit(), {M: near})])


DERIVES = {"beck2024:E4": derivation, "lemma:offset": limit}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
