"""The two-point model solved, (33)-(36): conformal time, bias and time as functions of S, from S_0 = b_0 = 0.

With p = 2(1 - lam) the points are -1 and a = p - 1, and S' = c e^{-S} (1 - z), z = a e^{p S}, c = eta/2, by (27).
Where z < 1, that is below S* = log(1/a)/p for lam < 1/2 and everywhere for lam > 1/2, the speed is positive, and
tau = integral of dx over the speed. For lam < 1/2 the integrals are taken in y = e^{p x}. The antiderivatives are

    g(S)/c,                    g = e^S 2F1(1, 1/p; 1 + 1/p; z),
    -S + log(1 - z)/a          for b' = -c e^{-S} (1 + e^{p S}),
    e^{2S} 2F1(1 + 1/a, 2/p; 1 + 2/p; z)/2, up to a constant, for the time, dt = e^{-b} d tau.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Domain,
    Fact,
    above_tangent,
    at_most,
    at_most_by_sign,
    change_variable,
    combine,
    differentiate,
    equation,
    fundamental,
    instantiate,
    render,
    rewrite,
    run_in_package,
    together,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from . import two_point

ID = "beck2024:33"
TITLE = "The two-point model solved"

lam, eta, theta, x, y, S = sp.symbols("lam eta theta x y S", positive=True)
p = sp.Symbol("p", nonnegative=True)
c, a = eta / 2, p - 1
SPEEDS = speed, bias_speed = c * (sp.exp(-x) - a * sp.exp(a * x)), -c * (sp.exp(-x) + sp.exp(a * x))
BELOW, ABOVE = where(theta < 1, lam < sp.Rational(1, 2)), where(lam > sp.Rational(1, 2), lam < 1)
ABOVE_ALL = where(lam > sp.Rational(1, 2), lam <= 1)
slope_lam = 1 - 2 * lam
reached = theta * (sp.log(1 / slope_lam) / (2 - 2 * lam))


def g(at: sp.Expr) -> sp.Expr:
    """e^S 2F1(1, 1/p; 1 + 1/p; z)."""
    return sp.exp(at) * sp.hyper([1, 1 / p], [1 + 1 / p], a * sp.exp(p * at))


def bias(at: sp.Expr) -> sp.Expr:
    """b as a function of S."""
    return -at + sp.log((1 - a * sp.exp(p * at)) / (1 - a)) / a


def series(at: sp.Expr) -> sp.Expr:
    """The time as a function of S, up to a factor and a constant."""
    return sp.exp(2 * at) / 2 * sp.hyper([1 + 1 / a, 2 / p], [1 + 2 / p], a * sp.exp(p * at))


travel = sp.Integral(1 / speed, (x, 0, S))
fall = sp.Integral(bias_speed / speed, (x, 0, S))
elapsed = sp.Integral(sp.exp(-bias(x)) / speed, (x, 0, S))
clock = (1 - a) ** (1 / a) / c * (series(S) - series(sp.Integer(0)))

LOW = where(p > 1, p < 2, 1 - a * sp.exp(p * S) > 0)
HIGH, HIGH_ALL = where(p > 0, p < 1), where(p < 1)
z, power = a * y, y ** (1 / p)


@cache
def slope(domain: Domain) -> Fact:
    """(33): g' = c over the speed, with g' written out by the series' own derivative."""
    at_S = speed.xreplace({x: S})
    by_rule = differentiate(g(S), S, c / at_S, domain=domain)
    written = differentiate(g(S), S, sp.diff(g(S), S), domain=domain)
    parts = [(1, written), (-1, by_rule)]
    return combine(equation(c / at_S, written.rhs), parts, domain=domain, using=_model(where(p < 2)))


@cache
def _model(domain: Domain) -> list[Fact]:
    """(27) at x: the speeds that the integrands are made of are those of the model."""
    flows = (two_point.flow(n, {two_point.lam: 1 - p / 2, two_point.S: x}, domain) for n in (0, 1))
    return [rewrite(fact.lhs, at, domain=domain, using=[fact]) for fact, at in zip(flows, SPEEDS, strict=True)]


def _in_power(integral: sp.Integral, integrand: sp.Expr, antiderivative: sp.Expr, result: sp.Expr) -> Fact:
    """The integral for lam < 1/2, in y = e^{p x}."""
    moved = change_variable(integral, y, sp.log(y) / p, 1, sp.exp(p * S), integrand, domain=LOW)
    known = fundamental(moved.rhs, antiderivative, domain=LOW)
    return rewrite(integral, result, domain=LOW, using=[moved, known, *_model(where(p < 2))])


def _directly(integral: sp.Integral, antiderivative: sp.Expr, result: sp.Expr, domain: Domain) -> Fact:
    """The integral for lam > 1/2."""
    known = fundamental(integral, antiderivative, domain=domain)
    return rewrite(integral, result, domain=domain, using=[known, *_model(where(p < 2))])


@cache
def conformal_time(low: bool) -> Fact:
    """(34): conformal time from 0 to S."""
    result = (g(S) - g(sp.Integer(0))) / c
    if not low:
        return _directly(travel, g(x) / c, result, HIGH)
    series_y = power * sp.hyper([1, 1 / p], [1 + 1 / p], z)
    return _in_power(travel, power / (c * p * y * (1 - z)), series_y / c, result)


@cache
def bias_of(low: bool) -> Fact:
    """(36): b as a function of S."""
    if not low:
        return _directly(fall, bias(x), bias(S), HIGH_ALL)
    return _in_power(fall, -(1 + y) / (p * y * (1 - z)), -sp.log(y) / p + sp.log(1 - z) / a, bias(S))


@cache
def time_of(low: bool) -> Fact:
    """The time as a function of S."""
    scale = (1 - a) ** (1 / a) / c
    if not low:
        return _directly(elapsed, series(x) * scale, clock, HIGH)
    integrand = power**2 * (1 - a) ** (1 / a) * (1 - z) ** (-1 / a) / (c * p * y * (1 - z))
    series_y = power**2 / 2 * sp.hyper([1 + 1 / a, 2 / p], [1 + 2 / p], z)
    return _in_power(elapsed, integrand, series_y * scale, clock)


@cache
def before_fixed_point() -> Fact:
    """a e^{p S} < 1 at S = theta S*, theta < 1: the exponent u = (1 - theta) log(1/a) is positive."""
    inverse = sp.log(1 / slope_lam)
    known = above_tangent((1 - theta) * inverse, domain=BELOW)
    goal = at_most(slope_lam * sp.exp(theta * inverse), 1, strict=True)
    return combine(goal, [(slope_lam * sp.exp(theta * inverse), known)], domain=BELOW)


def at_places(low: Fact, high: Fact, above: Domain = ABOVE) -> Fact:
    """A statement in p at p = 2 (1 - lam): at S = theta S* for lam < 1/2, at S = theta for lam > 1/2."""
    rate = 2 - 2 * lam
    below = instantiate(low, {p: rate, S: reached}, domain=BELOW, using=[before_fixed_point()])
    return together(below, instantiate(high, {p: rate, S: theta}, domain=above))


@cache
def derivation() -> Fact:
    """(33)."""
    return at_places(slope(LOW), slope(HIGH))


@cache
def increasing() -> Fact:
    """(35): 0 < g', so that g has an inverse."""
    return at_places(*(_positive_slope(domain) for domain in (LOW, HIGH)))


def _positive_slope(domain: Domain) -> Fact:
    known = slope(domain)
    positive = at_most_by_sign(0, known.lhs, strict=True, domain=domain)
    return combine(at_most(0, known.rhs, strict=True), [(1, positive), (1, known)], domain=domain)


@cache
def equation_34() -> Fact:
    """(34)."""
    return at_places(conformal_time(True), conformal_time(False))


@cache
def equation_36() -> Fact:
    """(36)."""
    return at_places(bias_of(True), bias_of(False), ABOVE_ALL)


@cache
def equation_36_time() -> Fact:
    """The time."""
    return at_places(time_of(True), time_of(False))


DERIVES = {
    "lemma:slope-of-g": derivation,
    "lemma:g-increases": increasing,
    "lemma:conformal-time": equation_34,
    "lemma:bias-of-size": equation_36,
    "beck2024:36-time": equation_36_time,
}

if __name__ == "__main__":
    for step in dict.fromkeys(DERIVES.values()):
        print(render(step(), TITLE if step is derivation else ""))
