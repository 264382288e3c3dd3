"""The generalization loss at late times: L_gen -> (1 - 1/lam)^+, for every lam > 0.

For lam != 1 the continuous part is at most exp(-nu_- s) times its mass. At lam = 1 it is at most 1/sqrt(pi s).
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Domain,
    Fact,
    at_most,
    at_most_by_monotone_function,
    at_most_by_sign,
    at_most_by_squares,
    by_cases,
    chain,
    change_variable,
    combine,
    fundamental,
    integral_at_most,
    limit_at_infinity,
    limit_by_squeeze,
    limit_of_equal,
    limit_of_sum,
    render,
    rescaled,
    run_in_package,
    together,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from . import eq06_total_mass
from .eq05_08_losses import L_gen, eta, gen_loss, over_spectrum, s, t
from .eq06_total_mass import atom, density, lam, low, nu
from .eq10_late_time_losses import train_vanishes
from .eq20_slope import G, at_one, average, slope, transform_slope

ID = "levi2023:plateau"
TITLE = "The plateau (1 - 1/lam)^+ of the generalization loss"

y = sp.Symbol("y", nonnegative=True)


@cache
def vanishing(side: Domain) -> Fact:
    """The continuous part tends to 0 as s -> oo, on one side of lam = 1."""
    slower = at_most_by_monotone_function(sp.exp, -s * nu, -s * low, domain=side.and_((nu - low, ">")))
    bound = integral_at_most(average, over_spectrum(density * sp.exp(-s * low)), domain=side, using=[slower])
    decay = sp.exp(-s * low)
    bound = combine(
        at_most(average, decay * (1 - atom)), [(1, bound), (decay, eq06_total_mass.derivation())], domain=side
    )
    positive = integral_at_most(0, average, domain=side)
    zero = limit_at_infinity(sp.Integer(0), s, domain=side)
    return limit_by_squeeze(positive, bound, zero, limit_at_infinity(bound.rhs, s, domain=side), domain=side)


@cache
def vanishing_at_one() -> Fact:
    """At lam = 1 the average is at most 1/sqrt(pi s)."""
    integrand = sp.sqrt(4 - y**2) / sp.pi * sp.exp(-s * y**2)
    root = change_variable(average.xreplace(at_one), y, y**2, 0, 2, integrand)
    wider = at_most_by_squares(sp.sqrt(4 - y**2), 2, domain=Domain(((2 - y, ">"),)))
    gauss = 2 / sp.pi * sp.exp(-s * y**2)
    bound = integral_at_most(root.rhs, sp.Integral(gauss, (y, 0, 2)), using=[wider])
    primitive = sp.erf(sp.sqrt(s) * y) / sp.sqrt(sp.pi * s)
    whole = fundamental(bound.rhs, primitive)
    below = at_most_by_sign(whole.rhs, 1 / sp.sqrt(sp.pi * s), note="erf < 1")
    bound = chain(root, bound, whole, below)
    positive = integral_at_most(0, average.xreplace(at_one), using=[root])
    zero = limit_at_infinity(sp.Integer(0), s)
    return limit_by_squeeze(positive, bound, zero, limit_at_infinity(bound.rhs, s))


@cache
def spectrum_limit() -> Fact:
    """(1 - 1/lam)^+ + average -> (1 - 1/lam)^+ as s -> oo, for every lam > 0."""
    sides = [vanishing(where(side)) for side in (lam < 1, lam > 1)]
    continuous = by_cases(lam, 1, sides[0], vanishing_at_one(), sides[1])
    constant = limit_at_infinity(atom, s)
    return limit_of_sum(atom + average, [(1, constant), (1, continuous)], using=[slope()])


@cache
def transform_limit() -> Fact:
    """G(s, lam) -> (1 - 1/lam)^+ as s -> oo."""
    meaning, _ = transform_slope()
    return limit_of_equal(spectrum_limit(), G(s, lam), atom, using=[meaning])


@cache
def derivation() -> Fact:
    """L_gen -> (1 - 1/lam)^+ as t -> oo."""
    in_time = rescaled(spectrum_limit(), t, 4 * eta * t)
    return limit_of_equal(in_time, L_gen(t, eta, lam), atom, using=[gen_loss()])


@cache
def over() -> Fact:
    """L_gen -> 1 - 1/lam for lam > 1."""
    return limit_of_equal(derivation(), L_gen(t, eta, lam), 1 - 1 / lam, domain=where(lam > 1))


@cache
def vanish() -> Fact:
    """L_gen -> 0 for lam < 1, and L_tr -> 0 for every lam."""
    return together(limit_of_equal(derivation(), L_gen(t, eta, lam), 0, domain=where(lam < 1)), train_vanishes())


DERIVES = {"levi2023:8-plateau": over, "levi2023:18-over": over, "levi2023:8-vanish": vanish}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
