"""The margin of Gaussian data near lam = 1/2, from the law lam = E (kappa + z)_+^2.

kappa is the margin in units of sigma, of N points in d = lam N dimensions. The law, which is cited in `margin_series`,
in closed form, and lam - 1/2 ~ kappa sqrt(2/pi).
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    above_tangent,
    asymptotic,
    at_most,
    at_most_by_monotonicity,
    chain,
    combine,
    differentiate,
    fundamental,
    limit_at_infinity,
    limit_by_continuity,
    limit_by_squeeze,
    limit_of_equal,
    render,
    rewrite,
    run_in_package,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from .gaussian_lemmas import density, half, over, z

ID = "lemma:margin_law"
TITLE = "The margin near the edge of separability"

L = sp.Symbol("L", positive=True)
root = sp.sqrt(2 / sp.pi)


@cache
def closed() -> Fact:
    """E (L + z)_+^2 = (1 + L^2) Phi(L) + L phi(L)."""
    law = over((L + z) ** 2 * density, -L, sp.oo)
    primitive = -(1 + L**2) * sp.erfc(z / sp.sqrt(2)) / 2 - (z + 2 * L) * density
    vanishing = limit_at_infinity(primitive, z, domain=where(z > 0))
    value = fundamental(law, primitive, at_infinity=vanishing)
    form = (1 + L**2) * (1 + sp.erf(L / sp.sqrt(2))) / 2 + L * sp.exp(-(L**2) / 2) / sp.sqrt(2 * sp.pi)
    return chain(value, rewrite(value.rhs, form))


@cache
def bounds() -> tuple[Fact, Fact]:
    """L sqrt(2/pi) (1 - L^2/6) <= erf(L/sqrt 2) <= L sqrt(2/pi)."""
    error = sp.erf(L / sp.sqrt(2))
    zero = sp.S.Zero
    below = differentiate(error - root * L * (1 - L**2 / 6), L)
    tangent = above_tangent(-(L**2) / 2)
    low = at_most_by_monotonicity(below, L, zero, using=[tangent])
    over_slope = differentiate(root * L - error, L)
    concave = at_most_by_monotonicity(
        differentiate(1 - sp.exp(-(L**2) / 2), L), L, zero, note="exp(-L^2/2) is at most 1"
    )
    high = at_most_by_monotonicity(over_slope, L, zero, using=[concave])
    return low, high


@cache
def derivation() -> Fact:
    """lam - 1/2 ~ sqrt(2/pi) kappa as kappa -> 0."""
    law = closed()
    low, high = bounds()
    ratio = (law.lhs - half) / (L * root)
    rest = L**2 / 2 + L * sp.exp(-(L**2) / 2) / sp.sqrt(2 * sp.pi)
    lower = (rest + (1 + L**2) * root * L * (1 - L**2 / 6) / 2) / (L * root)
    upper = (rest + (1 + L**2) * root * L / 2) / (L * root)
    factor = (1 + L**2) / (2 * L * root)
    at_least = combine(at_most(lower, ratio), [(factor, low)], using=[law])
    at_best = combine(at_most(ratio, upper), [(factor, high)], using=[law])
    common = L / (2 * root) + sp.exp(-(L**2) / 2) / 2
    first = limit_at_zero(lower, common + (1 + L**2) * (1 - L**2 / 6) / 2)
    second = limit_at_zero(upper, common + (1 + L**2) / 2)
    limit = limit_by_squeeze(at_least, at_best, first, second, using=[law])
    return asymptotic(limit, law.lhs - half, L * root, using=[law])


def limit_at_zero(bound: sp.Expr, plain: sp.Expr) -> Fact:
    """The limit 1 of a bound, by the form of it in which its factor L has cancelled."""
    return limit_of_equal(limit_by_continuity(plain, L, 0), bound, 1)


DERIVES = {"lemma:margin_law": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
