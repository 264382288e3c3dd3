"""A second evaluator of the margin law, for checks: Arb's certified quadrature of E (kappa + z)_+**2."""

from __future__ import annotations

import math

from flint import acb, arb, ctx

__all__ = ["margin_law_integral"]


def margin_law_integral(kappa: arb) -> arb:
    """(1 + kappa**2) Phi(kappa) + kappa phi(kappa) as int_0^inf u**2 phi(u - kappa) du, for kappa >= 0.

    Beyond kappa + T the integral of (kappa + z)**2 <= 2 kappa**2 + 2 z**2 is at most (2 kappa**2/T + 2 T + 2/T) phi(T).
    """
    T = arb(math.ceil(math.sqrt(2 * (ctx.prec * math.log(2) + 10))))
    norm = (2 * arb.pi()).sqrt()

    def integrand(z: acb, _: bool) -> acb:
        return (z + kappa) ** 2 * (-z * z / 2).exp()

    low = -kappa if kappa < T else -T  # what is left out below is at most int_(z > T) (kappa + z)**2 phi(z)
    total = acb.integral(integrand, acb(low), acb(T)).real
    tail = (2 * kappa * kappa / T + 2 * T + 2 / T) * (-T * T / 2).exp()
    return (total + arb(0).union(2 * tail)) / norm
