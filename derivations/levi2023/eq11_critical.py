"""The grokking time at lam = 1 is finite: t_gen ~ 4/(pi eta eps^2), where (11) predicts a divergence.

At lam = 1 the uniform form (22) is 1/sqrt(pi s), so that C(s) sqrt(pi s) -> 1. At s = T_gen, C = eps/4 = 1/x.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    asymptotic,
    at_most,
    combine,
    instantiate,
    limit_at_infinity,
    limit_by_squeeze,
    limit_of_equal,
    limit_on_path,
    limit_through,
    render,
    run_in_package,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from .crossing_times import L, T_gen, divergence, gen, gen_meaning, gen_time
from .eq05_08_losses import eta, s
from .eq06_total_mass import lam
from .eq20_slope import at_one
from .eq22_uniform_form import bounds

ID = "levi2023:11-divergence"
TITLE = "The grokking time at lam = 1"

x = sp.Symbol("x", positive=True)
y = sp.Symbol("y", real=True)
time = T_gen(sp.Integer(1), 1 / x)
loss = gen.xreplace(at_one)


@cache
def late_form() -> Fact:
    """C(s) sqrt(pi s) -> 1 as s -> oo."""
    here = [instantiate(fact, at_one) for fact in (*bounds(), gen_meaning())]
    size = sp.sqrt(sp.pi * s)
    low = combine(at_most(1 - 3 / (8 * s), loss * size), [(size, here[0])], using=[here[2]])
    high = combine(at_most(loss * size, 1), [(size, here[1])], using=[here[2]])
    return limit_by_squeeze(low, high, limit_at_infinity(low.lhs, s), limit_at_infinity(sp.Integer(1), s))


@cache
def derivation() -> Fact:
    """T_gen(1, 1/x)/(4 eta) ~ x^2/(4 pi eta) as x -> oo."""
    large, at = where(x > 1), {lam: sp.Integer(1), L: 1 / x}
    value, positive = (instantiate(fact, at, domain=large) for fact in gen_time())
    small = instantiate(divergence()[1], at_one)
    far = limit_on_path(small, 1 / x, limit_at_infinity(1 / x, x), domain=large)
    along = limit_on_path(late_form(), time, far, domain=large, using=[positive])
    square = limit_through(y**2, [(y, along)])
    share = limit_of_equal(
        square, time / (4 * eta) / (x**2 / (4 * sp.pi * eta)), 1, domain=large, using=[value, positive]
    )
    return asymptotic(share, time / (4 * eta), x**2 / (4 * sp.pi * eta), domain=large)


DERIVES = {"levi2023:11-divergence": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
