"""Two integrals of exp(x cos theta) over (0, pi) in modified Bessel functions (DLMF 10.32), by their differential
equation.

J(x) = integral of sin(theta)^2 exp(x cos theta) solves x y'' + 3 y' - x y = 0, because the combination is the
integral of the derivative of sin(theta)^3 exp(x cos theta). So does I_0 - I_2, and only one solution is bounded at x
= 0 with its derivative.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    by_linear_equation,
    chain,
    combine,
    differentiate,
    equation,
    fundamental,
    instantiate,
    integral_limit,
    linearity,
    render,
    rewrite,
    under_integral,
)

ID = "lemma:bessel_integral"
TITLE = "The integral of sin(theta)^2 exp(x cos theta) over (0, pi)"

x = sp.Symbol("x", positive=True)
theta = sp.Symbol("theta", real=True)


def over_half_circle(f: sp.Expr) -> sp.Integral:
    """The integral over 0 < theta < pi."""
    return sp.Integral(f, (theta, 0, sp.pi))


@cache
def derivation() -> Fact:
    """Integral of sin(theta)^2 exp(x cos theta) over (0, pi) = pi I_1(x)/x, for x > 0."""
    sine, cosine = sp.sin(theta), sp.cos(theta)
    wave = sp.exp(x * cosine)
    j, dj, ddj = (over_half_circle(sine**2 * cosine**k * wave) for k in range(3))
    first = under_integral(j, x, note="J'")
    second = under_integral(dj, x, note="J''")
    whole = over_half_circle((3 * cosine * sine**2 - x * sine**4) * wave)
    zero = fundamental(whole, sine**3 * wave)
    parts = linearity(whole, [(3, dj.function), (-x, j.function), (x, ddj.function)])
    bent = combine(equation(ddj, j - 3 / x * dj), [(-1 / x, parts), (1 / x, zero)], note="the equation for J")
    second = chain(second, bent)

    y = sp.pi / 2 * (sp.besseli(0, x) - sp.besseli(2, x))
    slope = differentiate(y, x)
    curve = differentiate(slope.rhs, x)
    start = fundamental(over_half_circle(sine**2), (theta - sine * cosine) / 2)
    solved = by_linear_equation(
        [first, second],
        [slope, curve],
        x,
        0,
        [1, 0, 0],
        singular=3,
        limits=[integral_limit(j, x, 0), integral_limit(dj, x, 0)],
        using=[start],
        note="x y'' + 3 y' - x y = 0 has one solution that is bounded at 0 with its derivative and is pi/2 there",
    )
    return chain(solved, rewrite(y, sp.pi * sp.besseli(1, x) / x, note="I_0 - I_2 = 2 I_1/x, DLMF 10.29.1"))


def at(value: sp.Expr) -> Fact:
    """The integral at another argument, which must be positive."""
    return instantiate(derivation(), {x: value})


DERIVES = {"lemma:bessel_integral": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
