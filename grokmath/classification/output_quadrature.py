"""A second evaluator of the expectations over the minimiser's outputs, for checks: it shares nothing with the first.

Arb's certified quadrature over g of f(W(gamma e^(R g))) phi(g), with Arb's Lambert W, and an elementary bound on the
two parts cut off. The principal branch is analytic for |Im(R g)| < pi: the cost grows like R, up to about 30.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from flint import acb, arb, ctx


def output_integral(R: arb, c: arb, f: Callable[[acb], acb], degree: int) -> arb:
    """E f(w) for 0 <= f(w) <= w**degree, degree 1 or 2; the tolerance is relative to W(gamma)**degree."""
    typical = c.exp().lambertw()
    scale = typical**-degree
    depth = ctx.prec * math.log(2) + 20 + degree * max(0.0, -float(typical.log()))
    T = arb(math.ceil(math.sqrt(2 * depth) + 2 * degree * float(R) + 1))

    def integrand(g: acb, analytic: bool) -> acb:
        x = R * g + c
        if analytic and not abs(x.imag) < arb.pi():
            return acb(arb.nan())
        return f(x.exp().lambertw()) * scale * (-g * g / 2).exp()

    # w <= 1 + |c| + R |g|, so that w**2 <= 2 (1 + |c|)**2 + 2 R**2 g**2, and
    # int_T g**2 e^(-g**2/2) <= (T + 1/T) e^(-T**2/2)
    spread = 1 + abs(c)
    cut = 2 * (2 * (1 + spread**2) / T + 2 * R * R * (T + 1 / T)) * (-T * T / 2).exp() * scale
    middle = min(max(-c / R, -T), T).mid()
    total = acb.integral(integrand, acb(-T), acb(middle)).real + acb.integral(integrand, acb(middle), acb(T)).real
    return (total + arb(0, cut.upper())) / scale / (2 * arb.pi()).sqrt()
