"""(16) and proposition 3.3: the probability of separability becomes a step at lam = 1/2.

The probability that N points in d = lam N dimensions are separable from the origin is I_{1/2}(N - d, d) (appendix A),
the mass that the beta law of parameters N - d and d has below 1/2. Its mean is 1 - lam and its variance
lam (1 - lam)/(N + 1), so that for lam < 1/2 Chebyshev's inequality bounds this mass by
lam (1 - lam)/((N + 1) (1/2 - lam)^2). For lam > 1/2 the complement is the same with 1 - lam for lam. (16) is the limit
of this, proposition 3.3 the bound at every N.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    at_most,
    at_most_by_sign,
    beta_integral,
    chain,
    combine,
    equation,
    instantiate,
    integral_at_most,
    limit_at_infinity,
    limit_by_squeeze,
    limit_of_sum,
    linearity,
    render,
    rewrite,
    split,
    symmetric,
    together,
    where,
)

ID = "beck2024:16"
TITLE = "The probability of separability in the limit of many points"

n, lam = sp.symbols("n lam", positive=True)
u = sp.Symbol("u", real=True)
half = sp.Rational(1, 2)
p, q, mean = n * (1 - lam), n * lam, 1 - lam
weight = u ** (p - 1) * (1 - u) ** (q - 1)
below = where(lam < half)


def over(f: sp.Expr, low: sp.Expr, high: sp.Expr) -> sp.Integral:
    """The integral of f over u."""
    return sp.Integral(f, (u, low, high))


def share(first: sp.Expr, second: sp.Expr) -> sp.Expr:
    """I_{1/2}: the part of Euler's integral below 1/2."""
    f = u ** (first - 1) * (1 - u) ** (second - 1)
    return sp.gamma(first + second) / (sp.gamma(first) * sp.gamma(second)) * over(f, sp.S.Zero, half)


@cache
def spread() -> Fact:
    """The integral of the density times (u - mean)^2, from three beta integrals."""
    moments = [beta_integral(p + k, q, u, domain=below) for k in range(3)]
    whole = over(weight * (u - mean) ** 2, 0, 1)
    parts = [(mean**2, moments[0].lhs.function), (-2 * mean, moments[1].lhs.function), (1, moments[2].lhs.function)]
    taken = linearity(whole, parts, domain=below, using=moments)
    value = sp.gamma(p) * sp.gamma(q) / sp.gamma(n) * lam * (1 - lam) / (n + 1)
    summed = rewrite(taken.rhs, value, domain=below, using=moments, note="the variance of the beta law")
    return chain(taken, summed)


@cache
def chebyshev() -> tuple[Fact, Fact]:
    """0 <= I_{1/2}(n (1 - lam), n lam) <= lam (1 - lam)/((n + 1) (1/2 - lam)^2)."""
    total = beta_integral(p, q, u, domain=below)
    low = split(total.lhs, half, domain=below, using=[total])
    square = split(spread().lhs, half, domain=below, using=[spread()])
    rest = integral_at_most(0, over(weight * (u - mean) ** 2, half, 1), domain=below, using=[square])
    left = over(weight, sp.S.Zero, half)
    far = linearity(
        over(weight * (half - mean) ** 2, 0, half), [((half - mean) ** 2, weight)], domain=below, using=[low]
    )
    near = integral_at_most(far.lhs, over(weight * (u - mean) ** 2, 0, half), domain=below, using=[far, square])
    least = integral_at_most(0, left, domain=below, using=[low])
    factor = sp.gamma(n) / (sp.gamma(p) * sp.gamma(q))
    bound = lam * (1 - lam) / ((n + 1) * (half - lam) ** 2)
    goal = share(p, q)
    scale = factor / (half - lam) ** 2
    parts = [(scale, near), (scale, rest), (-scale, square), (scale, spread()), (-scale, far)]
    upper = combine(at_most(goal, bound), parts, domain=below, note="Chebyshev's inequality")
    return combine(at_most(0, goal), [(factor, least)], domain=below), upper


@cache
def inseparable() -> Fact:
    """lam < 1/2: the probability tends to 0."""
    lower, upper = chebyshev()
    return limit_by_squeeze(
        lower,
        upper,
        limit_at_infinity(sp.S.Zero, n, domain=below),
        limit_at_infinity(upper.rhs, n, domain=below),
        domain=below,
    )


@cache
def separable() -> Fact:
    """lam > 1/2: the probability tends to 1."""
    above = where(lam > half, lam < 1)
    mirrored = instantiate(inseparable(), {lam: 1 - lam}, domain=above)
    one = limit_at_infinity(sp.S.One, n, domain=above)
    return limit_of_sum(1 - share(q, p), [(1, one), (-1, mirrored)], domain=above)


@cache
def balanced() -> Fact:
    """N = 2 d: exactly 1/2."""
    total = beta_integral(n, n, u)
    halves = split(total.lhs, half, using=[total])
    folded = symmetric(total.lhs, using=[total])
    factor = sp.gamma(2 * n) / sp.gamma(n) ** 2
    return combine(equation(half, share(n, n)), [(factor, halves), (-factor / 2, folded), (-factor / 2, total)])


@cache
def derivation() -> Fact:
    """(16): both sides of the step, and its middle."""
    return together(inseparable(), separable(), balanced())


@cache
def at_any_size() -> Fact:
    """I_{1/2}(n (1 - lam), n lam) < lam (1 - lam)/(n (1/2 - lam)^2) for lam < 1/2."""
    upper = chebyshev()[1]
    wider = at_most_by_sign(upper.rhs, lam * (1 - lam) / (n * (lam - half) ** 2), strict=True, domain=below)
    return chain(upper, wider)


@cache
def proposition() -> Fact:
    """Proposition 3.3: the bound at every n, and its mirror image for lam > 1/2."""
    above = where(lam > half, lam < 1)
    mirrored = instantiate(at_any_size(), {lam: 1 - lam}, domain=above)
    far = combine(at_most(1 - mirrored.rhs, 1 - mirrored.lhs, strict=True), [(1, mirrored)], domain=above)
    goal = at_most(1 - lam * (1 - lam) / (n * (lam - half) ** 2), far.rhs, strict=True)
    return together(at_any_size(), combine(goal, [(1, far)], domain=above))


DERIVES = {"beck2024:16": derivation, "beck2024:prop3.3": proposition}

if __name__ == "__main__":
    print(render(inseparable(), TITLE))
    print(render(separable()))
    print(render(balanced()))
