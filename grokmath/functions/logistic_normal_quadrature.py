"""A second evaluator of E log(1 + exp(R z + b)), which shares nothing with the series but the parameters; for checks.

Arb's certified quadrature of the defining integral, with the dominant exponential factored out and elementary bounds
for the two parts cut off. Its cost grows like log R; use it for R up to about 1e6.
"""

from __future__ import annotations

import itertools
import math

from flint import acb, arb, ctx

from grokmath.certified import Scaled

__all__ = ["logistic_normal_integral"]


def logistic_normal_integral(R: arb, b: arb) -> Scaled:
    """An enclosure for R > 0, b real, by quadrature over z.

    With B = -b the integral is moved to the point that carries it: to z = R + s where R**2 < B, where the integrand is
    e^(R**2/2 - B) phi(s) log(1 + e^x) e^-x with x = R**2 - B + R s and the last two factors lie below 1; else to
    z = beta + s with beta = max(B, 0)/R, where it is phi(beta) e^(-beta s - s**2/2) log(1 + e^x), x = R beta - B + R s.
    There log(1 + e^x) <= 1 + |x| for s > 0 and <= log(1 + e^(|b| + R s)) for s < 0.
    """
    B = -b
    T = arb(math.ceil(math.sqrt(2 * (ctx.prec * math.log(2) + 20)) + 1))
    norm = (2 * arb.pi()).sqrt()
    gauss = (-T * T / 2).exp()
    saddle = bool(R * R < B)
    if saddle:
        offset, scale, tilt = R * R - B, R * R / 2 - B, arb(0)
        tail = 2 * gauss / T
    else:
        beta = (B + abs(B)) / 2 / R
        offset, scale, tilt = R * beta - B, -beta * beta / 2, beta
        # to the right int (1 + offset + R s) e^(-s**2/2); to the left log(1 + e^x) e^(-beta s) <= e^(x - beta s)
        # <= 2 e^offset where B > 0 (beta <= R up to rounding), and <= log 2 + offset where B <= 0 (beta = 0)
        left = 2 * offset.exp() if B > 0 else 1 + offset
        tail = gauss * ((1 + offset + left) / T + R)

    def integrand(s: acb, analytic: bool) -> acb:
        x = R * s + offset
        if saddle:
            return _ratio(x, analytic) * (-s * s / 2).exp()
        return _log1p_exp(x, analytic) * (-s * (s / 2 + tilt)).exp()

    kink = -offset / R  # where x = 0: the integrand is analytic within pi/R of it, and further out elsewhere
    points = [acb(-T), *([acb(kink.mid())] if abs(kink) < T else []), acb(T)]
    total = arb(0).union(tail)
    for low, high in itertools.pairwise(points):
        total += acb.integral(integrand, low, high).real
    return Scaled(scale, total / norm)


def _log1p_exp(x: acb, analytic: bool) -> acb:
    """log(1 + e^x); not finite where ``analytic`` is asked for and not proved."""
    if x.real > 0:
        return x + (-x).exp().log1p()
    if x.real < 0 or abs(x.imag) < arb.pi() or not analytic:
        return x.exp().log1p()
    return acb(arb.nan())


def _ratio(x: acb, analytic: bool) -> acb:
    """log(1 + e^x)/e^x; where e^x is below the precision by |log(1 + y)/y - 1| <= |y| for |y| <= 1/2."""
    if x.real < -ctx.prec:
        error = arb(0, x.exp().abs_upper())
        return acb(1 + error, error)
    return _log1p_exp(x, analytic) * (-x).exp()
