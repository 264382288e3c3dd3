"""A second opinion on Wendel's probability: Arb's integrator on a real integral.

With t = 1/(1 + e^u) the regularized incomplete beta function at 1/2 becomes

    I_{1/2}(p, q) = 2^(-N)/B(p, q) * integral over u > 0 of e^(-(p-q) u/2) sech(u/2)^N du,  N = p + q,

whose integrand falls from 1 at u = 0. The variable is scaled by its width, and what is cut off is enclosed. Nothing
is shared with :mod:`grokmath.functions.wendel_certified` but the parameters.
"""

from __future__ import annotations

import math

from flint import acb, arb, ctx

from grokmath.certified import Scaled, working_precision

__all__ = ["wendel_integral"]


def wendel_integral(p: arb, q: arb) -> Scaled:
    """An enclosure of I_{1/2}(p, q) for p >= q > 0, exact, by quadrature."""
    bits = ctx.prec
    L = bits * math.log(2) + 6
    N, delta = p + q, (p - q) / 2
    size = max(0, len(bin(int(N.mid().floor().unique_fmpz() or 1))))
    with working_precision(bits + 2 * size + 20):
        scale = N.lgamma() - p.lgamma() - q.lgamma() - N * arb.const_log2()
        width = arb.min(1 / delta, 2 / N.sqrt()).mid() if delta > 0 else (2 / N.sqrt()).mid()

        def exponent(v: acb, analytic: bool) -> acb:
            u = width * v
            return -delta * u - N * (u / 2).cosh().log(analytic=analytic)

        end = 1.0
        while exponent(acb(end), False).real.mid() > -L:
            end *= 1.25
        integral = acb.integral(lambda v, analytic: exponent(v, analytic).exp(), acb(0), acb(end)).real * width
        U = width * end
        rest = exponent(acb(end), False).real.exp() / (delta + N / 2 * (U / 2).tanh())
        return Scaled(scale, integral + arb(0).union(rest))
