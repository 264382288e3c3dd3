"""The threshold of the accuracy for d outputs: the x with Gamma(d/2, x)/Gamma(d/2) = erfc(sqrt(2)), and bounds for it.

A sample counts as correct if |z|^2/d <= eps, so that the accuracy is erf(sqrt(2)) where the loss is d eps/(2 x). For
0 < r, exp(-w) <= exp((r - 1) x - r w) where (1 - r)(w - x) >= 0; over w > x, r < 1, and over w < x, r > 1, this gives

    Gamma(d/2, x)/Gamma(d/2) <= exp((r - 1) x) r^(-d/2),   1 - Gamma(d/2, x)/Gamma(d/2) <= the same.

At x = k d/2, r = 1/k the right side is (k e^(1-k))^(d/2), which falls as d grows.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    at_most,
    at_most_by_balls,
    at_most_by_monotone_function,
    at_most_by_sign,
    combine,
    complete_gamma,
    crossing_order,
    crossing_time,
    differentiate,
    instantiate,
    integral_at_most,
    limit_at_infinity,
    limit_by_continuity,
    limit_by_squeeze,
    linearity,
    lower_gamma,
    render,
    split,
    upper_gamma,
    where,
)

ID = "lemma:chi_threshold"
TITLE = "The threshold for d outputs"

d, x, r, w, q, p = sp.symbols("d x r w q p", positive=True)
X = sp.Function("X")
share = sp.uppergamma(d / 2, x) / sp.gamma(d / 2)
bound = sp.exp((r - 1) * x) * r ** (-d / 2)
missed, met = sp.erfc(sp.sqrt(2)), sp.erf(sp.sqrt(2))
threshold = X(d, missed)
most = 980


@cache
def tail(above: bool) -> Fact:
    """Gamma(d/2, x)/Gamma(d/2), or 1 less that, is at most exp((r - 1) x) r^(-d/2)."""
    ends, side = ((x, sp.oo), where(r < 1)) if above else ((0, x), where(r > 1))
    inside = side.with_(where(w > x if above else w < x))
    known = upper_gamma(d / 2, x, w) if above else lower_gamma(d / 2, x, w)
    whole = complete_gamma(d / 2, r, w)
    parts = split(whole.lhs, x, using=[whole])
    lift, weight = sp.exp((r - 1) * x), w ** (d / 2 - 1)
    slower = at_most_by_monotone_function(sp.exp, -w, (r - 1) * x - r * w, domain=inside)
    pointwise = combine(at_most(weight * sp.exp(-w), lift * whole.lhs.function), [(weight, slower)], domain=inside)
    pieces = [sp.Integral(whole.lhs.function, (w, *limits)) for limits in ((0, x), (x, sp.oo))]
    lost, kept = pieces if above else reversed(pieces)
    ours, raised = known.lhs, sp.Integral(lift * kept.function, (w, *ends))
    lifted = linearity(raised, [(lift, kept.function)], using=[parts])
    smaller = integral_at_most(ours, raised, domain=side, using=[known, lifted, pointwise])
    positive = integral_at_most(0, lost, using=[parts])
    m = 1 / sp.gamma(d / 2)
    steps = [(m, smaller), (m, lifted), (m * lift, positive), (-m * lift, parts), (m * lift, whole), (-m, known)]
    return combine(at_most(share if above else 1 - share, bound), steps, domain=side)


@cache
def meaning() -> tuple[Fact, Fact]:
    """X(d, q), the x at which Gamma(d/2, x)/Gamma(d/2) = q, for 0 < q < 1 and d >= 1."""
    side = where(d >= 1)
    slope = differentiate(share, x, -(x ** (d / 2 - 1)) * sp.exp(-x) / sp.gamma(d / 2))
    half = instantiate(tail(True), {r: sp.Rational(1, 2)})
    least = at_most_by_sign(0, share)
    zero = limit_by_squeeze(least, half, limit_at_infinity(sp.S.Zero, x), limit_at_infinity(half.rhs, x))
    start = limit_by_continuity(share, x, 0, domain=side)
    domain = side.with_(where(q < 1))
    return crossing_time(X(d, q), share, x, q, slope=slope, start=start, end=zero, domain=domain)


@cache
def large() -> Fact:
    """d^2/2000 < X(d, erfc(sqrt(2))) for 1 <= d <= 980: the loss d^2/(2000 X) is below 1."""
    ratio = d / 1000
    here = {x: ratio * d / 2, r: 1 / ratio}
    side = where(d >= 1, d <= most)
    little = instantiate(tail(False), here, domain=side)
    small = at_most_by_balls((ratio * sp.exp(1 - ratio)) ** (d / 2), met, {d: (1, most)})
    gap = combine(at_most(0, share.xreplace(here) - missed, strict=True), [(1, little), (1, small)], domain=side)
    return instantiate(crossing_order(meaning()[0], p)[0], {p: here[x], q: missed}, domain=side, using=[gap])


@cache
def derivation() -> Fact:
    """Gamma(d/2, X)/Gamma(d/2) = q."""
    return meaning()[0]


DERIVES = {"lemma:chi_threshold": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
