"""The label noise terms of the losses, lam < 1: closed form and late times.

K(u) = E[(1 - exp(-u nu))/nu] has the derivative G(u) and K(0) = 0, as its closed form has; the noise term of the
generalization loss is E[(1 - exp(-s nu/2))^2/nu] = 2 K(s/2) - K(s). It tends to E[1/nu] = 1/(1 - lam), which is the
limit c -> 0 of E[1/(nu + c)] = 1/(p - lam), c = (p - 1)(1 - lam/p).
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    by_derivative,
    chain,
    combine,
    differentiate,
    equation,
    instantiate,
    integral_limit,
    linearity,
    render,
    run_in_package,
    under_integral,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from . import marcum_derivatives
from .eq05_08_losses import over_spectrum, s
from .eq06_total_mass import density, lam, nu
from .eq08_gen_loss import across, back, printed_forms
from .eq20_closed_slope import closed_form

ID = "levi2023:27-closed"
TITLE = "The noise term of the generalization loss"

under = where(lam < 1)
sigma = sp.Symbol("sigma", positive=True)
kernel = over_spectrum((1 - sp.exp(-s * nu)) / nu * density)
kernel_form = s * closed_form + (lam * (1 - across) - (1 - back)) / (lam * (1 - lam))
drive = over_spectrum((1 - sp.exp(-s * nu / 2)) ** 2 / nu * density)


@cache
def kernel_closed() -> Fact:
    """K(s) in Marcum's Q, for lam < 1."""
    gen = instantiate(printed_forms().statement.facts[0], {}, domain=under)
    inside = under_integral(kernel, s, sp.exp(-s * nu) * density, domain=under)
    slope = chain(inside, combine(equation(inside.rhs, closed_form), [(1, gen)], domain=under))
    partial = [marcum_derivatives.by_noncentrality(), marcum_derivatives.by_threshold()]
    closed = differentiate(kernel_form, s, closed_form, domain=under, using=partial)
    return by_derivative(slope, closed, s, 0, domain=under, limits=[integral_limit(kernel, s, 0, domain=under)])


@cache
def derivation() -> Fact:
    """E[(1 - exp(-s nu/2))^2/nu] = 2 K(s/2) - K(s) in Marcum's Q."""
    now, half = kernel_closed(), instantiate(kernel_closed(), {s: s / 2}, domain=under)
    parts = linearity(drive, [(2, half.lhs.function), (-1, now.lhs.function)], domain=under)
    return combine(equation(drive, 2 * half.rhs - now.rhs), [(1, parts), (2, half), (-1, now)], domain=under)


DERIVES = {"levi2023:27-closed": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
