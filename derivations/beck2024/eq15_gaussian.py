"""(15): the probability of separability is that of a normal variable, in the limit of many points.

N = n^2 points in d dimensions, 2 d - N = -y n: I_{1/2}(N - d, d) is the mass that the beta law of parameters
p = (n^2 + y n)/2 and q = (n^2 - y n)/2 has below 1/2. In v = n (1 - 2 u) its density tends to the normal one about -y,
by Stirling's formula and the logarithm's tangent, and so does the mass where v > 0.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    above_tangent,
    asymptotic,
    at_most,
    beta_integral,
    chain,
    change_variable,
    combine,
    equation,
    instantiate,
    limit_along,
    limit_at_infinity,
    limit_by_densities,
    limit_by_squeeze,
    limit_of_equal,
    limit_of_sum,
    limit_through,
    linearity,
    normal_density,
    render,
    rewrite,
    run_in_package,
    split,
    stirling,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from .gaussian_lemmas import h as bound
from .gaussian_lemmas import half, mass, tail, z

ID = "beck2024:15"
TITLE = "The Gaussian approximation of the probability of separability"

n, y, x = sp.symbols("n y x", positive=True)
u, v, w = sp.symbols("u v w", real=True)
p, q = (n**2 + y * n) / 2, (n**2 - y * n) / 2
wide = where(n > y)
near = where(n > w, n > -w)


def logs(at: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """log(1 - at/n) and log(1 + at/n)."""
    return sp.log(1 - at / n), sp.log(1 + at / n)


@cache
def single(sign: int) -> Fact:
    """n log(1 - w/n) -> -w, and n log(1 + w/n) -> w."""
    log = logs(w)[0 if sign < 0 else 1]
    s = sign * w
    tangents = above_tangent(log, domain=near), above_tangent(-log, domain=near)
    upper = combine(at_most(n * log, s), [(n, tangents[0])], domain=near)
    low = s - w**2 / (n + s)
    lower = combine(at_most(low, n * log), [(n, tangents[1])], domain=near)
    limits = (limit_at_infinity(side, n, domain=near) for side in (low, s))
    return limit_by_squeeze(lower, upper, *limits, domain=near)


@cache
def double(power: int) -> Fact:
    """n^k (log(1 - w/n) + log(1 + w/n)) -> -w^2 for k = 2, and -> 0 for k = 0."""
    both = sp.Add(*logs(w))
    tangents = above_tangent(both, domain=near), above_tangent(-both, domain=near)
    scale = n**power
    high = -(w**2) * scale / n**2
    low = high - w**4 * scale / (n**2 * (n**2 - w**2))
    upper = combine(at_most(scale * both, high), [(scale, tangents[0])], domain=near)
    lower = combine(at_most(low, scale * both), [(scale, tangents[1])], domain=near)
    limits = (limit_at_infinity(side, n, domain=near) for side in (low, high))
    return limit_by_squeeze(lower, upper, *limits, domain=near)


def exponent(at: sp.Expr, first: sp.Expr, second: sp.Expr) -> sp.Expr:
    """first log(1 - at/n) + second log(1 + at/n)."""
    minus, plus = logs(at)
    return first * minus + second * plus


@cache
def of_density() -> Fact:
    """(p - 1) log(1 - v/n) + (q - 1) log(1 + v/n) -> -v^2/2 - y v."""
    parts = [(half, double(2)), (y / 2, single(-1)), (-y / 2, single(1)), (-1, double(0))]
    total = limit_of_sum(exponent(w, p - 1, q - 1), parts, domain=near)
    return instantiate(total, {w: v})


@cache
def of_factor() -> Fact:
    """(q - 1/2) log(1 - y/n) + (p - 1/2) log(1 + y/n) -> y^2/2."""
    parts = [(half, double(2)), (-y / 2, single(-1)), (y / 2, single(1)), (-half, double(0))]
    total = limit_of_sum(exponent(w, q - half, p - half), parts, domain=near)
    return instantiate(total, {w: y})


def powers(at: sp.Expr) -> sp.Expr:
    """u^(p - 1) (1 - u)^(q - 1) at u = (1 - at/n)/2."""
    return ((1 - at / n) / 2) ** (p - 1) * ((1 + at / n) / 2) ** (q - 1)


factor = sp.gamma(n**2) / (sp.gamma(p) * sp.gamma(q))
density = factor * powers(v) / (2 * n)


@cache
def integrals() -> tuple[Fact, Fact]:
    """The density of v has mass 1, and its part where v > 0 is the beta law's below 1/2."""
    total = beta_integral(p, q, u, domain=wide)
    halves = split(total.lhs, half, domain=wide, using=[total])
    phi = (1 - v / n) / 2
    moved = change_variable(total.lhs, v, phi, -n, n, powers(v) / (2 * n), domain=wide, using=[total])
    part = sp.Integral(total.lhs.function, (u, sp.S.Zero, half))
    right = change_variable(part, v, phi, sp.S.Zero, n, powers(v) / (2 * n), domain=wide, using=[halves])
    whole = sp.Integral(density, (v, -n, n))
    scaled = linearity(whole, [(factor, powers(v) / (2 * n))], domain=wide, using=[moved])
    one = combine(equation(whole, 1), [(1, scaled), (-factor, moved), (factor, total)], domain=wide)
    upper = sp.Integral(density, (v, sp.S.Zero, n))
    lifted = linearity(upper, [(factor, powers(v) / (2 * n))], domain=wide, using=[right])
    return one, combine(equation(upper, factor * part), [(1, lifted), (-factor, right)], domain=wide)


@cache
def pointwise() -> Fact:
    """The density of v tends to the normal one about -y."""
    ratio = stirling(x)
    ahead = [limit_along(ratio, n, at, domain=wide) for at in (n**2, p, q)]
    r, s, t, e, f = sp.symbols("r s t e f", real=True)
    phi = r / (s * t) * sp.exp(e - f) / sp.sqrt(2 * sp.pi)
    parts = [(r, ahead[0]), (s, ahead[1]), (t, ahead[2]), (e, of_density()), (f, of_factor())]
    limit = limit_through(phi, parts, domain=where(s > 0, t > 0))
    inside = where(n > y, n > v, n > -v)
    return limit_of_equal(limit, density, normal_density(v + y), domain=inside)


@cache
def derivation() -> Fact:
    """I_{1/2}(p, q) ~ Phi(-y)."""
    one, part = integrals()
    shifted = sp.Integral(normal_density(v + y), (v, -sp.oo, sp.oo))
    moved = change_variable(shifted, z, z - y, -sp.oo, sp.oo, normal_density(z))
    unit = combine(equation(shifted, 1), [(1, moved), (1, mass())])
    limit = limit_by_densities(one, pointwise(), unit, 0, domain=wide)
    upper = change_variable(limit.statement.value, z, z - y, y, sp.oo, normal_density(z))
    value = chain(upper, instantiate(tail(), {bound: y}))
    normal = (1 + sp.erf(-y / sp.sqrt(2))) / 2
    closed = chain(value, rewrite(value.rhs, normal))
    share = limit_of_equal(limit, part.rhs, normal, domain=wide, using=[part, closed])
    ratio = limit_of_sum(part.rhs / normal, [(1 / normal, share)], domain=wide, using=[part])
    return asymptotic(ratio, part.rhs, normal, domain=wide, using=[part])


DERIVES = {"beck2024:15": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
