"""Below the threshold of (15), lam < 1: for gamma above gamma_c the plateau of the generalization loss exceeds eps/4.

The plateau is f(p) = (p - 1)^2/(2 (p^2 - lam)) at the root p of (p - 1)(1 - lam/p) = gamma/2, and f increases. It is
eps/4 at p = N/D, D = 1 - eps/2, N = 1 + sqrt((1 - lam D) eps/2), and there gamma is gamma_c = 2 (N - D)(N - lam D)/(N
D).
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    at_most,
    at_most_by_sign,
    chain,
    combine,
    equation,
    instantiate,
    render,
    rewrite,
    run_in_package,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from .eq06_total_mass import lam
from .eq14_weight_decay import gamma
from .eq15_both_plateaus import gen_plateau, gen_value
from .ridge_root import P, at_root, bounds
from .ridge_transform import p

ID = "levi2023:15-below"
TITLE = "Weight decay beyond the threshold"

eps, p0 = sp.symbols("eps p_0", positive=True)
D = 1 - eps / 2
N = 1 + sp.sqrt(eps / 2 * (1 - lam * D))
regime = where(lam < 1, eps < 2)
beyond = where(lam < 1, eps < 2, gamma * N * D > 2 * (N - D) * (N - lam * D))


def level(root: sp.Expr) -> sp.Expr:
    """The plateau at a root."""
    return (root - 1) ** 2 / (2 * (root**2 - lam))


@cache
def increasing() -> Fact:
    """f(p_0) < f(p) for 1 < p_0 < p."""
    domain = where(lam < 1, p0 > 1, p > 1, p > p0)
    order = at_most_by_sign(p0, p, strict=True, domain=domain)
    slope = ((p - 1) * (p0 - lam) + (p0 - 1) * (p - lam)) / (2 * (p**2 - lam) * (p0**2 - lam))
    return combine(at_most(level(p0), level(p), strict=True), [(slope, order)], domain=domain)


@cache
def larger_root() -> Fact:
    """N/D < p for gamma > gamma_c."""
    apart = at_root(at_most_by_sign(0, p * N - lam * D, strict=True, domain=regime.with_(where(p > 1))))
    given = at_most_by_sign(2 * (N - D) * (N - lam * D), gamma * N * D, strict=True, domain=beyond)
    factor = P / (2 * D * (P * N - lam * D))
    goal = at_most(N / D, P, strict=True)
    return combine(goal, [(factor, given)], domain=beyond, using=[*bounds(), apart])


@cache
def at_threshold() -> Fact:
    """f(N/D) = eps/4."""
    return rewrite(eps / 4, level(N / D), domain=regime, note="(p - 1)^2 = (eps/2)(p^2 - lam) at p = N/D")


@cache
def derivation() -> Fact:
    """eps/4 < the plateau, for gamma > gamma_c."""
    above = instantiate(increasing(), {p0: N / D, p: P}, domain=beyond, using=[larger_root(), *bounds()])
    value = gen_value()
    apart = at_root(at_most_by_sign(0, p**2 - lam, strict=True, domain=where(lam < 1, p > 1)))
    form = combine(
        equation(level(P), gen_plateau), [(-sp.Rational(1, 2), value)], domain=beyond, using=[*bounds(), apart]
    )
    return chain(at_threshold(), above, form)


DERIVES = {"levi2023:15-below": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
