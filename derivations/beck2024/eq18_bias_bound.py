"""(18) for the two points: exp(-b) < 1 + eta t, so that the conformal time exceeds log(1 + eta t)/eta.

From S = b = 0 the mean of exp(S x_i), which is the growth of exp(-b) over eta, is at most its value C = 1 at the start.
At lam = 1/2 with w = W(c t), c = eta/2, one has c t = w e^w, e^{-b} = (1 + w) e^w by (31), and c tau = w; elsewhere b,
the time and the conformal time are those of (34) and (36) as functions of S.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Domain,
    Fact,
    above_tangent,
    at_most,
    at_most_by_monotone_function,
    at_most_by_monotonicity,
    combine,
    differentiate,
    instantiate,
    limit_by_continuity,
    limit_through,
    render,
    run_in_package,
    together,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from . import two_point
from .two_point_solution import (
    S,
    a,
    at_places,
    bias,
    bias_of,
    c,
    clock,
    conformal_time,
    eta,
    g,
    p,
    speed,
    time_of,
    x,
)

ID = "beck2024:18"
TITLE = "The bound on exp(-b)"

t, w = sp.symbols("t w", positive=True)
s = sp.Symbol("s", real=True)
W = sp.LambertW(c * t)
LOW, HIGH = where(p > 1, p < 2, sp.log(1 / a) / p - S > 0), where(p > 0, p < 1)
pace = speed.xreplace({x: S})
tau = (g(S) - g(sp.Integer(0))) / c


@cache
def at_half() -> tuple[Fact, Fact]:
    """(1 + w) e^w < 1 + 2 w e^w, as 1 - w < e^{-w}; log(1 + 2 w e^w) < 2 w, as 2 w < e^w - e^{-w}."""
    tangent = above_tangent(-w, strict=True)
    first = combine(at_most((1 + w) * sp.exp(w), 1 + 2 * w * sp.exp(w), strict=True), [(sp.exp(w), tangent)])
    gap = sp.exp(w) - sp.exp(-w) - 2 * w
    odd = at_most_by_monotonicity(differentiate(gap, w, sp.exp(w) + sp.exp(-w) - 2), w, 0, strict=True)
    below = combine(at_most(1 + 2 * w * sp.exp(w), sp.exp(2 * w), strict=True), [(sp.exp(w), odd)])
    second = at_most_by_monotone_function(sp.log, below.lhs, below.rhs, strict=True, using=[below])
    exact = list(two_point.physical().statement.facts)
    first, second = (instantiate(fact, {w: W}) for fact in (first, second))
    return (
        combine(at_most((1 + W) * sp.exp(W), 1 + eta * t, strict=True), [(1, first)], using=exact),
        combine(at_most(sp.log(1 + eta * t) / eta, W / c, strict=True), [(1 / eta, second)], using=exact),
    )


@cache
def lighter(low: bool) -> tuple[Fact, ...]:
    """e^{-S} + e^{a S} < 2 for S > 0 (below S*, if lam < 1/2), and what is needed for it."""
    domain = LOW if low else HIGH
    fall = differentiate(2 - sp.exp(-S) - sp.exp(a * S), S, sp.exp(-S) - a * sp.exp(a * S), domain=domain)
    known: list[Fact] = []
    if low:
        power = at_most_by_monotone_function(sp.exp, p * S, sp.log(1 / a), strict=True, domain=domain)
        known.append(combine(at_most(a * sp.exp(p * S), 1, strict=True), [(a, power)], domain=domain))
        known.append(combine(at_most(0, fall.rhs, strict=True), [(sp.exp(-S), known[0])], domain=domain))
    return at_most_by_monotonicity(fall, S, 0, strict=True, domain=domain, using=known), *known


def _increasing(gap: sp.Expr, slope: sp.Expr, low: bool, known: tuple[Fact, ...], near: Domain) -> Fact:
    """0 < gap, which has this positive derivative by S and is 0 at S = 0."""
    domain = LOW if low else HIGH
    here = (where(p > 1, p < 2, 1 - a * sp.exp(p * s) > 0) if low else HIGH).with_(near)
    start = limit_through(gap.xreplace({S: s}), [(s, limit_by_continuity(S, S, 0))], domain=here)
    rise = differentiate(gap, S, slope, domain=domain, using=known)
    return at_most_by_monotonicity(rise, S, 0, strict=True, domain=domain, limits=[start], using=known)


@cache
def in_size(low: bool) -> tuple[Fact, Fact]:
    """e^{-b} < 1 + eta t and log(1 + eta t)/eta < tau, all functions of S."""
    domain, known = LOW if low else HIGH, lighter(low)
    growth, lapse = sp.exp(-bias(S)), 1 + eta * clock
    slope = growth * c * (2 - sp.exp(-S) - sp.exp(a * S)) / pace
    gap = _increasing(lapse - growth, slope, low, known, where())
    model = (bias_of(low), time_of(low), conformal_time(low))
    first = combine(at_most(growth, lapse, strict=True), [(1, gap)], domain=domain, using=(*known, *model))
    positive = combine(at_most(0, lapse, strict=True), [(1, first)], domain=domain, using=known)
    slope, known = (1 - growth / lapse) / pace, (*known, gap, positive)
    later = _increasing(tau - sp.log(lapse) / eta, slope, low, known, where(lapse.xreplace({S: s}) > 0))
    second = combine(
        at_most(sp.log(lapse) / eta, tau, strict=True), [(1, later)], domain=domain, using=(*known, *model)
    )
    return first, second


@cache
def derivation() -> Fact:
    """The bounds at lam = 1/2, below and above."""
    found = list(at_half())
    for low, high in zip(in_size(True), in_size(False), strict=True):
        found.extend(at_places(low, high).statement.facts)
    return together(*found)


DERIVES = {"beck2024:18": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
