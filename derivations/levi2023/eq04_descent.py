"""Gradient descent and the flow, (3) and (4): (1 - 2 eta nu)^(x/eta) ~ exp(-2 nu x) as eta -> 0, at the time x = eta t.

With u = 2 eta nu < 1, -u/(1 - u) <= log(1 - u) <= -u, so that the quotient lies between exp(-2 nu x u/(1 - u)) and 1.
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
    combine,
    limit_by_continuity,
    limit_by_squeeze,
    render,
    where,
)

ID = "levi2023:4-descent"
TITLE = "Gradient descent at a small learning rate"

eta, nu, x = sp.symbols("eta nu x", positive=True)
kept = 1 - 2 * eta * nu
stable = where(kept > 0)
descent, flow = kept ** (x / eta), sp.exp(-2 * nu * x)


@cache
def quotient() -> Fact:
    """descent/flow -> 1 as eta -> 0."""
    log = sp.log(kept)
    above, below = above_tangent(log, domain=stable), above_tangent(-log, domain=stable)
    least = -2 * nu * x / kept
    high = combine(at_most(x / eta * log, -2 * nu * x), [(x / eta, above)], domain=stable)
    low = combine(at_most(least, x / eta * log), [(x / eta, below)], domain=stable)
    top = at_most_by_monotone_function(sp.exp, x / eta * log, -2 * nu * x, domain=stable, using=[high])
    bottom = at_most_by_monotone_function(sp.exp, least, x / eta * log, domain=stable, using=[low])
    under = combine(at_most(descent / flow, 1), [(1 / flow, top)], domain=stable)
    over = combine(at_most(sp.exp(least) / flow, descent / flow), [(1 / flow, bottom)], domain=stable)
    ends = limit_by_continuity(over.lhs, eta, 0, domain=stable), limit_by_continuity(sp.S.One, eta, 0, domain=stable)
    return limit_by_squeeze(over, under, *ends, domain=stable)


@cache
def derivation() -> Fact:
    """(1 - 2 eta nu)^(x/eta) ~ exp(-2 nu x) as eta -> 0."""
    return asymptotic(quotient(), descent, flow, domain=stable)


DERIVES = {"levi2023:4-descent": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
