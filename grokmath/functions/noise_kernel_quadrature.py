"""Second evaluator of the noise kernel, and of any average of modes over the Marchenko-Pastur law, for checks.

Arb's adaptive certified quadrature over the logarithm of the angle phi, nu = a + 4 sqrt(lam) sin(phi/2)^2, with the
weight (2/pi) sin(phi)^2/nu: it shares nothing with the midpoint rules but the law. Modes are functions of a complex nu.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from flint import acb, arb, ctx

from grokmath.exact import Exact, ball, log2, sign, working_precision
from grokmath.functions.laplace_miller import power_of_two

__all__ = ["angle_average", "noise_angle_ball"]

_LARGEST_LOSS = 20_000
"""Bits of cancellation that are paid for before the answer is allowed to be wide."""


def angle_average(mode: Callable[[acb], acb], lam: Exact, most: arb, smallest: float) -> arb:
    """E[mode(nu)] over the continuous part of the law: (2/pi) int_0^pi sin(phi)^2/nu mode(nu) dphi.

    ``mode`` is analytic near the spectrum and |mode| <= ``most`` on it; ``smallest`` is about log2 of the result. What
    is left out near phi = 0 is bounded by sin(phi)^2/nu <= pi^2/(4 sqrt lam).
    """
    bits = ctx.prec
    root = ball(lam).sqrt()
    edge = (ball(1 - lam) / (1 + root)) ** 2 if sign(1 - lam) else arb(0)
    start = power_of_two(math.floor(min(0.0, smallest - log2(most) + min(0.0, log2(root))) - bits - 8))
    length = (arb.pi() / start).log()

    def integrand(t: acb, analytic: bool) -> acb:
        phi = start * (t * length).exp()
        half = (phi / 2).sin() ** 2
        nu = edge + 4 * root * half
        # sin(phi)^2/nu, written so that nothing is divided by 0 at lam = 1
        weight = (1 - half) / root if edge.is_zero() else 4 * half * (1 - half) / nu
        return phi * weight * mode(nu)

    total = acb.integral(integrand, 0, 1, rel_tol=power_of_two(-bits), abs_tol=power_of_two(-(10**6))).real * length
    return 2 / arb.pi() * (total + arb(0, (start * arb.pi() ** 2 / (4 * root) * most).upper()))


def noise_angle_ball(u: arb, c: Exact, lam: Exact) -> arb:
    """N(u) = E[nu ((1 - e^{-uK})/K)^2], K = nu + c, u > 0."""
    bits = ctx.prec
    loss = max(0.0, -2 * log2(u)) + max(0.0, -2 * log2(ball(1 + lam)))
    size = min(2 * log2(u), -log2(ball(1 + lam + c)) * 2 - 2)
    with working_precision(bits + 40 + min(_LARGEST_LOSS, math.ceil(loss))):
        decay = ball(c)

        def mode(nu: acb) -> acb:
            k = nu + decay
            return nu * ((1 - (-u * k).exp()) / k) ** 2

        return angle_average(mode, lam, ball(4 * (1 + lam)) * u * u, size)
