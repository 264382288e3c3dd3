"""The generalization loss in closed form, for every lam > 0:

L_gen = (1 - 1/lam) Q_1(sqrt(2 lam s), sqrt(2 s)) + exp(-(1+lam)s) [I_0(x)/lam + I_1(x)/sqrt(lam)], x = 2 sqrt(lam)
s, s = 4 eta t.

Both sides are 1 at s = 0, and the derivative of both is minus the train loss.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Domain,
    Fact,
    by_cases,
    by_derivative,
    chain,
    combine,
    differentiate,
    equation,
    fundamental,
    instantiate,
    integral_limit,
    limit_of_equal,
    render,
    rewrite,
    run_in_package,
    together,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from . import eq06_total_mass, eq08_train_loss, marcum_derivatives
from .eq05_08_losses import eta, gen_loss, s, t
from .eq06_total_mass import atom, lam, root
from .eq20_slope import angle_form, at_one, average, slope, theta

ID = "levi2023:8-gen"
TITLE = "The generalization loss in closed form"

x = 2 * root * s
ray = sp.exp(-(1 + lam) * s)
bessel_part = ray * (sp.besseli(0, x) / lam + sp.besseli(1, x) / root)
across, back = sp.marcumq(1, sp.sqrt(2 * lam * s), sp.sqrt(2 * s)), sp.marcumq(1, sp.sqrt(2 * s), sp.sqrt(2 * lam * s))
closed_form = (1 - 1 / lam) * sp.marcumq(1, sp.sqrt(2 * lam * s), sp.sqrt(2 * s)) + bessel_part


@cache
def closed_slope() -> Fact:
    """The derivative of the closed form is minus the train loss."""
    partial = [marcum_derivatives.by_noncentrality(), marcum_derivatives.by_threshold()]
    return differentiate(
        closed_form - atom,
        s,
        -eq08_train_loss.closed_form,
        using=partial,
        note="along the ray (sqrt(2 lam s), sqrt(2 s))",
    )


@cache
def transform() -> Fact:
    """The integral of exp(-s nu) over the density, plus (1 - 1/lam)^+, is the closed form, for s > 0."""
    by_s = chain(slope(), rewrite(slope().rhs, -eq08_train_loss.closed_form, using=[eq08_train_loss.transform()]))
    sides = [_one_side(by_s, where(side)) for side in (lam < 1, lam > 1)]
    equal = by_cases(lam, 1, sides[0], _critical(by_s), sides[1])
    return combine(equation(atom + average, closed_form), [(1, equal)])


@cache
def _one_side(by_s: Fact, side: Domain) -> Fact:
    return by_derivative(
        by_s,
        closed_slope(),
        s,
        0,
        domain=side,
        limits=[integral_limit(average, s, 0, domain=side)],
        using=[eq06_total_mass.derivation()],
    )


@cache
def _critical(by_s: Fact) -> Fact:
    """lam = 1, where the density is infinite at 0: the start by the angle."""
    angle = angle_form()
    whole = fundamental(sp.Integral((1 + sp.cos(theta)) / sp.pi, (theta, 0, sp.pi)), (theta + sp.sin(theta)) / sp.pi)
    start = limit_of_equal(integral_limit(angle.rhs, s, 0), angle.lhs, 1, using=[angle, whole])
    left, right = (instantiate(fact, at_one) for fact in (by_s, closed_slope()))
    return by_derivative(left, right, s, 0, limits=[start])


@cache
def derivation() -> Fact:
    """The closed form of (8) in t."""
    here = instantiate(transform(), {s: 4 * eta * t})
    return chain(gen_loss(), here)


@cache
def reflection() -> Fact:
    """Q_1(sqrt(2 lam s), sqrt(2 s)) + Q_1(sqrt(2 s), sqrt(2 lam s)) = 1 + exp(-(1+lam) s) I_0(x)."""
    partial = [marcum_derivatives.by_noncentrality(), marcum_derivatives.by_threshold()]
    both, known = across + back, 1 + ray * sp.besseli(0, x)
    slope_of_known = ray * (2 * root * sp.besseli(1, x) - (1 + lam) * sp.besseli(0, x))
    left = differentiate(both, s, slope_of_known, using=partial)
    return by_derivative(left, differentiate(known, s, slope_of_known), s, 0)


@cache
def printed_forms() -> Fact:
    """E[exp(-s nu)] with both arguments of Marcum's Q, and its dual form."""
    other = combine(equation(back, 1 + ray * sp.besseli(0, x) - across), [(1, reflection())])
    first = across - (1 - back) / lam + ray * sp.besseli(1, x) / root
    inner = sp.exp(-(1 + 1 / lam) * (lam * s)) * sp.besseli(1, x) / (1 / root)
    second = 1 - 1 / lam + (back - (1 - across) * lam + inner) / lam
    return together(*(chain(transform(), rewrite(closed_form, form, using=[other])) for form in (first, second)))


DERIVES = {"levi2023:8-closed-gen": printed_forms, "lemma:gen_loss": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
