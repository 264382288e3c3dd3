"""The mean losses at finite size, to order 1/d, for lam other than 1: what one data set adds to d times (8) on average.

By the theorem of Bai and Silverstein the sum of f over the spectrum exceeds d times its Marchenko-Pastur average by

    m(f) = (f(nu_-) + f(nu_+))/4 - <f>/2,    <f> = (1/pi) integral of f(1 + lam - 2 sqrt(lam) cos(theta)) over (0, pi),

in the mean of the limit law. With x = 2 sqrt(lam) s the integrals of exp(x cos(theta)) and cos(theta) exp(x cos(theta))
are pi I_0(x) and pi I_1(x), so that

    m_gen = (exp(-s nu_-) + exp(-s nu_+))/4 - exp(-(1+lam) s) I_0(x)/2,
    m_tr = (nu_- exp(-s nu_-) + nu_+ exp(-s nu_+))/4 - exp(-(1+lam) s) [(1 + lam) I_0(x) - 2 sqrt(lam) I_1(x)]/2.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Domain,
    Fact,
    by_derivative,
    by_parts,
    chain,
    change_variable,
    cite_bai_silverstein,
    combine,
    differentiate,
    equation,
    fundamental,
    instantiate,
    integral_limit,
    linearity,
    render,
    rewrite,
    run_in_package,
    together,
    under_integral,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from . import bessel_integral
from .bessel_integral import over_half_circle, theta, x
from .eq05_08_losses import s
from .eq06_total_mass import high, lam, low, nu, root

ID = "lemma:finite_size_mean"
TITLE = "The mean losses to order 1/d"

under, over = where(lam < 1), where(lam > 1)
m_gen, m_tr = sp.Function("m_gen"), sp.Function("m_tr")
argument, ray = 2 * root * s, sp.exp(-(1 + lam) * s)
bessel = [sp.besseli(k, argument) for k in range(2)]
gen_form = (sp.exp(-s * low) + sp.exp(-s * high)) / 4 - ray * bessel[0] / 2
train_form = (low * sp.exp(-s * low) + high * sp.exp(-s * high)) / 4 - ray * (
    (1 + lam) * bessel[0] - 2 * root * bessel[1]
) / 2


@cache
def circles() -> tuple[Fact, Fact]:
    """The integrals of exp(x cos) and cos exp(x cos) over (0, pi): pi I_0(x) and pi I_1(x)."""
    wave = sp.exp(x * sp.cos(theta))
    turned = by_parts(wave, sp.sin(theta), theta, 0, sp.pi)
    turned = chain(turned, rewrite(turned.rhs, x * bessel_integral.derivation().lhs))
    first = chain(turned, rewrite(turned.rhs, sp.pi * sp.besseli(1, x), using=[bessel_integral.derivation()]))
    first = combine(equation(over_half_circle(sp.cos(theta) * wave), first.rhs), [(1, first)])
    whole = over_half_circle(wave)
    slope = under_integral(whole, x)
    slope = chain(slope, combine(equation(slope.rhs, sp.pi * sp.besseli(1, x)), [(1, first)]))
    start = fundamental(over_half_circle(sp.Integer(1)), theta)
    known = differentiate(sp.pi * sp.besseli(0, x), x)
    zeroth = by_derivative(slope, known, x, 0, limits=[integral_limit(whole, x, 0)], using=[start])
    return zeroth, first


@cache
def gen_law(side: Domain) -> Fact:
    """m_gen by the theorem."""
    return cite_bai_silverstein(m_gen(s, lam), sp.exp(-s * nu), nu, lam, above=side is over)


@cache
def train_law(side: Domain) -> Fact:
    """m_tr by the theorem."""
    return cite_bai_silverstein(m_tr(s, lam), nu * sp.exp(-s * nu), nu, lam, above=side is over)


@cache
def gen(side: Domain = under) -> Fact:
    """m_gen in closed form, on one side of lam = 1."""
    law = gen_law(side)
    arcsine = _integral(law)
    zeroth = instantiate(circles()[0], {x: argument})
    angle = change_variable(
        arcsine,
        theta,
        1 + lam - 2 * root * sp.cos(theta),
        0,
        sp.pi,
        ray * zeroth.lhs.function,
        domain=side,
        using=[law],
    )
    out = linearity(angle.rhs, [(ray, zeroth.lhs.function)], domain=side)
    half = 1 / (2 * sp.pi)
    return combine(
        equation(law.lhs, gen_form), [(1, law), (-half, angle), (-half, out), (-half * ray, zeroth)], domain=side
    )


@cache
def train(side: Domain = under) -> Fact:
    """m_tr in closed form, on one side of lam = 1."""
    law = train_law(side)
    arcsine = _integral(law)
    zeroth, first = (instantiate(fact, {x: argument}) for fact in circles())
    distance = 1 + lam - 2 * root * sp.cos(theta)
    angle = change_variable(
        arcsine, theta, distance, 0, sp.pi, ray * distance * zeroth.lhs.function, domain=side, using=[law]
    )
    weights = (1 + lam) * ray, -2 * root * ray
    out = linearity(angle.rhs, [(weights[0], zeroth.lhs.function), (weights[1], first.lhs.function)], domain=side)
    half = 1 / (2 * sp.pi)
    steps = [(1, law), (-half, angle), (-half, out), (-half * weights[0], zeroth), (-half * weights[1], first)]
    return combine(equation(law.lhs, train_form), steps, domain=side)


def _integral(law: Fact) -> sp.Integral:
    """The one integral of the theorem."""
    (found,) = law.rhs.atoms(sp.Integral)
    return found


@cache
def derivation() -> Fact:
    """Both corrections, on both sides of lam = 1."""
    return together(*(law(side) for side in (under, over) for law in (gen, train)))


DERIVES = {"lemma:finite_size_mean": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
