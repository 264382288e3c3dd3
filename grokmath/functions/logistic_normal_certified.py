"""E log(1 + exp(R z + b)), z standard normal, in ball arithmetic: an alternating series of Mills' ratios.

With B = |b|, beta = B/R, X ~ N(-B, R**2) and m = Mills' ratio,

    E log(1 + e^(R z + b)) = max(b, 0) + G,
    G = E X_+ + sum_{k>=1} (-1)**(k-1) a_k,    a_k = E exp(-k |X|)/k = phi(beta) [m(k R - beta) + m(k R + beta)]/k,

where E X_+ = R phi(beta) (1 - beta m(beta)). All a_k > 0 are moments of one positive measure on [0, 1], so that the
acceleration of Cohen, Rodriguez Villegas and Zagier has a proved relative error 1/T_n(3), T_n(3) ~ (3 + sqrt 8)**n/2,
for every R > 0 and b (docs/proofs/logistic_normal.md). The dominant exponential e^L, L = R**2/2 - B where beta > R and
-beta**2/2 elsewhere, is kept apart.
"""

from __future__ import annotations

import math

from flint import arb, ctx, fmpz

from grokmath.certified import Scaled
from grokmath.functions.mills_certified import mills, mills_excess, normal_cdf, normal_density

_RATE = math.log2(3 + math.sqrt(8))


def logistic_normal_ball(R: arb, b: arb, *, terms: float = 1.0) -> Scaled:
    """The value for every R > 0 and b of the balls; ``terms`` scales the number of terms, truncation included."""
    G = _side(R, abs(b), terms)
    if b < 0:
        return G
    return Scaled(arb(0), (b + abs(b)) / 2 + G.value())


def logistic_ball(b: arb) -> Scaled:
    """The value log(1 + exp(b)) at R = 0."""
    if b < 0:
        return Scaled(b, b.exp().log1p() * (-b).exp())
    return Scaled(arb(0), (b + abs(b)) / 2 + (-abs(b)).exp().log1p())


def normal_cdf_scaled(x: arb) -> Scaled:
    """Phi(x), to full relative accuracy for every x."""
    if x < 0:
        return Scaled(-x * x / 2, mills(-x) / (2 * arb.pi()).sqrt())
    return Scaled(arb(0), normal_cdf(x))


def _side(R: arb, B: arb, terms: float) -> Scaled:
    """G for B >= 0."""
    beta = B / R
    if beta > R:
        scale = R * R / 2 - B
        peak = normal_density(beta - R)  # phi(beta)/e^scale
    else:
        scale = -beta * beta / 2
        peak = 1 / (2 * arb.pi()).sqrt()
    n = max(2, round(((ctx.prec + 2) / _RATE + 1) * terms))
    total = R * peak * mills_excess(beta) + _alternating_sum(
        [(_inner(k, R, B, beta, peak) + peak * mills(k * R + beta)) / k for k in range(1, n + 1)]
    )
    return Scaled(scale, total)


def _inner(k: int, R: arb, B: arb, beta: arb, peak: arb) -> arb:
    """phi(beta) m(k R - beta)/e^scale, with the growing part of m taken into the exponent where its argument is < 0."""
    x = k * R - beta
    if x.mid() >= 0:
        return peak * mills(x)
    return (-(k - 1) * (B - (k + 1) * R * R / 2)).exp() * normal_cdf(-x)


def _alternating_sum(a: list[arb]) -> arb:
    """sum (-1)**k a_k over all k >= 0 from the first n of the moments a_k of a positive measure on [0, 1].

    The weights are the partial sums of the coefficients of T_n(1 - 2x), over d = T_n(3); the relative error is at most
    1/d (Cohen, Rodriguez Villegas, Zagier, Exp. Math. 9 (2000) 3-12, algorithm 1).
    """
    n = len(a)
    d = _chebyshev_at_three(n)
    coefficient, weight = fmpz(-1), -d
    total = arb(0)
    for k in range(n):
        weight = coefficient - weight
        total += weight * a[k]
        coefficient = coefficient * (2 * (k + n) * (k - n)) // ((2 * k + 1) * (k + 1))
    return total / d * (1 + arb(0, (arb(1) / (d - 1)).upper()))


def _chebyshev_at_three(n: int) -> fmpz:
    before, value = fmpz(1), fmpz(3)
    for _ in range(n - 1):
        before, value = value, 6 * value - before
    return value
