"""(6) is a probability law: the mass of its continuous part is min(1, 1/lam).

For lam < 1, nu = 1 + lam - 2 sqrt(lam) cos(theta) leaves the integral of sin(theta)^2/(1 + r^2 - 2 r cos(theta)), r
= sqrt(lam), which the Poisson kernel gives: the integral of (1 - r^2)/(1 + r^2 - 2 r cos(theta)) over (0, pi) is pi
for every r < 1, as its derivative by r is the integral of d/dtheta [2 sin(theta)/(1 + r^2 - 2 r cos(theta))]. For
lam > 1, nu = lam mu leads back to 1/lam.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    by_cases,
    by_derivative,
    chain,
    change_variable,
    combine,
    differentiate,
    equation,
    fundamental,
    instantiate,
    integral_limit,
    limit_by_continuity,
    limit_of_sum,
    linearity,
    render,
    rewrite,
    together,
    under_integral,
    where,
)

ID = "levi2023:6"
TITLE = "The Marchenko-Pastur law has mass 1"

lam, r = sp.symbols("lam r", positive=True)
nu, mu = sp.symbols("nu mu", nonnegative=True)
theta = sp.Symbol("theta", real=True)
root = sp.sqrt(lam)
low, high = (1 - root) ** 2, (1 + root) ** 2
density = sp.sqrt((high - nu) * (nu - low)) / (2 * sp.pi * lam * nu)
atom = sp.Max(0, 1 - 1 / lam)
mass = sp.Integral(density, (nu, low, high))
distance = 1 + r**2 - 2 * r * sp.cos(theta)
below_one = where(r < 1)


def around(f: sp.Expr) -> sp.Integral:
    """The integral over 0 < theta < pi."""
    return sp.Integral(f, (theta, 0, sp.pi))


@cache
def poisson() -> Fact:
    """The integral of (1 - r^2)/(1 + r^2 - 2 r cos(theta)) is pi, for r < 1."""
    kernel = around((1 - r**2) / distance)
    turn = under_integral(kernel, r, domain=below_one)
    still = chain(turn, fundamental(turn.rhs, 2 * sp.sin(theta) / distance, domain=below_one))
    left = differentiate(kernel + r, r, 1, domain=below_one, using=[still])
    right = differentiate(sp.pi + r, r, domain=below_one)
    whole = fundamental(around(sp.Integer(1)), theta)
    start = limit_of_sum(
        kernel + r, [(1, _kernel_start(kernel)), (1, limit_by_continuity(r, r, 0))], domain=below_one, using=[still]
    )
    equal = by_derivative(left, right, r, 0, domain=below_one, limits=[start], using=[whole])
    return combine(equation(kernel, sp.pi), [(1, equal)], domain=below_one)


def _kernel_start(kernel: sp.Integral) -> Fact:
    """The kernel tends to the integral of 1 as r -> 0."""
    return integral_limit(kernel, r, 0, domain=below_one)


@cache
def under() -> Fact:
    """Mass 1 for lam < 1."""
    side = where(lam < 1)
    angle = change_variable(mass, theta, 1 + lam - 2 * root * sp.cos(theta), 0, sp.pi, domain=side)
    wave = around(sp.sin(theta) ** 2 / distance)
    parts = linearity(
        wave,
        [
            (-(1 - r**2) / (4 * r**2), (1 - r**2) / distance),
            ((1 + r**2) / (4 * r**2), sp.Integer(1)),
            (1 / (2 * r), sp.cos(theta)),
        ],
        domain=below_one,
        note="division of sin(theta)^2 by the denominator",
    )
    flat = fundamental(around(sp.Integer(1)), theta)
    odd = fundamental(around(sp.cos(theta)), sp.sin(theta))
    half = chain(parts, rewrite(parts.rhs, sp.pi / 2, domain=below_one, using=[poisson(), flat, odd]))
    here = instantiate(half, {r: root}, domain=side)
    return chain(
        angle,
        rewrite(angle.rhs, 2 / sp.pi * here.lhs, domain=side),
        rewrite(2 / sp.pi * here.lhs, 1, domain=side, using=[here]),
    )


@cache
def critical() -> Fact:
    """Mass 1 at lam = 1."""
    one = mass.xreplace({lam: sp.Integer(1)})
    angle = change_variable(one, theta, 2 - 2 * sp.cos(theta), 0, sp.pi, (1 + sp.cos(theta)) / sp.pi)
    return chain(angle, fundamental(angle.rhs, (theta + sp.sin(theta)) / sp.pi))


@cache
def over() -> Fact:
    """Mass 1/lam for lam > 1, from that of 1/lam."""
    side = where(lam > 1)
    ends = (1 - 1 / root) ** 2, (1 + 1 / root) ** 2
    scaled = change_variable(mass, mu, lam * mu, *ends, domain=side)
    dual = instantiate(under(), {lam: 1 / lam}, domain=side)
    back = combine(equation(scaled.rhs, 1 / lam), [(1 / lam, dual)], domain=side)
    return chain(scaled, back)


@cache
def derivation() -> Fact:
    """The integral of the density is 1 - (1 - 1/lam)^+, for every lam > 0."""
    sides = [
        combine(equation(mass, 1 - atom), [(1, fact)], domain=where(side))
        for fact, side in ((under(), lam < 1), (over(), lam > 1))
    ]
    return by_cases(lam, 1, sides[0], critical(), sides[1])


@cache
def mean() -> Fact:
    """E[nu] = 1 for every lam > 0."""
    weighted = sp.Integral(density * nu, (nu, low, high))
    angle = change_variable(
        weighted, theta, 1 + lam - 2 * root * sp.cos(theta), 0, sp.pi, 2 / sp.pi * sp.sin(theta) ** 2
    )
    return chain(angle, fundamental(angle.rhs, (theta - sp.sin(theta) * sp.cos(theta)) / sp.pi))


@cache
def moments() -> Fact:
    """Mass 1 for lam < 1 and 1/lam for lam > 1, mean 1."""
    return together(under(), over(), mean())


DERIVES = {"levi2023:6": moments, "lemma:total_mass": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
