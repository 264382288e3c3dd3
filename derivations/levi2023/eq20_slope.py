"""(20): dL_gen/dt = -4 eta L_tr, for every lam > 0.

The s-derivative of E[exp(-s nu)] is -E[nu exp(-s nu)]. For lam != 1 the density is continuous on its closed support;
at lam = 1 it is infinite at nu = 0, and the angle of nu = 2 - 2 cos(theta) removes that.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    by_cases,
    chain,
    change_variable,
    define,
    derivative_of_equal,
    differentiate,
    instantiate,
    render,
    rewrite,
    run_in_package,
    under_integral,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from .eq05_08_losses import L_gen, L_tr, eta, gen_loss, over_spectrum, s, t, train_loss
from .eq06_total_mass import atom, density, lam, nu

ID = "levi2023:20"
TITLE = "The generalization loss decreases at the rate of the train loss"

theta = sp.Symbol("theta", real=True)
G = sp.Function("G")
average = over_spectrum(sp.exp(-s * nu) * density)
weighted = over_spectrum(sp.exp(-s * nu) * (density * nu))
at_one = {lam: sp.Integer(1)}


@cache
def angle_form() -> Fact:
    """At lam = 1: the average as an integral over an angle."""
    smooth = (1 + sp.cos(theta)) / sp.pi * sp.exp(-2 * s * (1 - sp.cos(theta)))
    return change_variable(average.xreplace(at_one), theta, 2 - 2 * sp.cos(theta), 0, sp.pi, smooth)


@cache
def slope() -> Fact:
    """d/ds of the integral of exp(-s nu) over the density = minus that of nu exp(-s nu), for s > 0 and lam > 0."""
    sides = []
    for side in (lam < 1, lam > 1):
        inside = under_integral(average, s, domain=where(side))
        sides.append(chain(inside, rewrite(inside.rhs, -weighted, domain=where(side))))
    angle = angle_form()
    inside = derivative_of_equal(angle, under_integral(angle.rhs, s))
    back = change_variable(weighted.xreplace(at_one), theta, 2 - 2 * sp.cos(theta), 0, sp.pi)
    middle = chain(inside, rewrite(inside.rhs, -weighted.xreplace(at_one), using=[back], note="the same angle in both"))
    return by_cases(lam, 1, sides[0], middle, sides[1])


@cache
def transform_slope() -> tuple[Fact, Fact]:
    """G(s, lam) = (1 - 1/lam)^+ + average, and its derivative by s."""
    law = slope()
    meaning = define(G(s, lam), atom + average, using=[law], note="the Laplace transform of the spectrum")
    return meaning, derivative_of_equal(meaning, differentiate(atom + average, s, -weighted, using=[law]))


@cache
def derivation() -> Fact:
    """(20) in t: dL_gen/dt = -4 eta L_tr."""
    meaning, by_s = transform_slope()
    here = instantiate(meaning, {s: 4 * eta * t})
    loss = rewrite(L_gen(t, eta, lam), G(4 * eta * t, lam), using=[gen_loss(), here], note="s = 4 eta t")
    by_t = differentiate(
        G(4 * eta * t, lam), t, -4 * eta * L_tr(t, eta, lam), using=[by_s, train_loss()], note="chain rule"
    )
    return derivative_of_equal(loss, by_t)


DERIVES = {"lemma:slope_of_loss": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
