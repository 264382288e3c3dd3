"""The partial derivatives of Marcum's Q_1(a, b), from its defining integral.

Q_1(a, b) = integral of x exp(-(x^2 + a^2)/2) I_0(a x) over (b, oo). The derivative by b is the integrand at b; the
one by a is the integral of d/dx [-x exp(-(x^2 + a^2)/2) I_1(a x)].
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    chain,
    derivative_of_equal,
    end_point,
    fundamental,
    limit_at_infinity,
    marcum_definition,
    render,
    rewrite,
    under_integral,
)

ID = "lemma:marcum_derivatives"
TITLE = "The derivatives of Marcum's Q"

a, b, x = sp.symbols("a b x", positive=True)
weight = sp.exp(-(a**2 + b**2) / 2)


@cache
def by_threshold() -> Fact:
    """dQ_1/db = -b exp(-(a^2 + b^2)/2) I_0(a b), for a, b > 0."""
    integral = marcum_definition(a, b, x)
    slope = derivative_of_equal(integral, end_point(integral.rhs, b))
    return chain(slope, rewrite(slope.rhs, -b * weight * sp.besseli(0, a * b)))


@cache
def by_noncentrality() -> Fact:
    """dQ_1/da = b exp(-(a^2 + b^2)/2) I_1(a b), for a, b > 0."""
    integral = marcum_definition(a, b, x)
    slope = derivative_of_equal(integral, under_integral(integral.rhs, a))
    primitive = -x * sp.exp(-(x**2 + a**2) / 2) * sp.besseli(1, a * x)
    end = limit_at_infinity(primitive, x)
    inside = fundamental(slope.rhs, primitive, at_infinity=end)
    return chain(slope, inside, rewrite(inside.rhs, b * weight * sp.besseli(1, a * b)))


@cache
def derivation() -> Fact:
    """The derivative by a; :func:`by_threshold` is the other."""
    return by_noncentrality()


DERIVES = {"lemma:marcum_derivatives": derivation, "lemma:marcum_threshold": by_threshold}

if __name__ == "__main__":
    print(render(by_threshold(), TITLE))
    print(render(derivation()))
