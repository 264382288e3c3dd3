"""The two-point model from S = b = 0: its one solution, and (33)-(36) along it.

S' = c (e^{-S} - a e^{a S}), S(0) = 0, has one solution for all tau (continuously differentiable speed; for lam < 1/2 it
is trapped below S*, where the speed vanishes, for lam > 1/2 the speed is bounded). Along it g(S) = c tau + g(0), b of
(36) solves b' = -c (e^{-S} + e^{a S}), and the time as a function of S solves t' = e^{-b}. At lam = 1/2, 1 and 0
the solution is that of (30), (32) and (28).
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Domain,
    Fact,
    at_most,
    at_most_by_monotone_function,
    at_most_by_sign,
    by_derivative,
    by_flow,
    combine,
    define_by_flow,
    differentiate,
    limit_through,
    render,
    run_in_package,
    together,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from . import two_point, two_point_solution
from .two_point_solution import a, bias, c, clock, eta, g, p

ID = "beck2024:34"
TITLE = "The flow of the two-point model"

tau = sp.Symbol("tau", positive=True)
s = sp.Symbol("s", real=True)
Size = sp.Function("Size")
size = Size(tau, p, eta)
star = sp.log(1 / a) / p
LOW, HIGH = where(p > 1, p < 2), where(p > 0, p < 1)


def _at_most_one(exponent: sp.Expr, domain: Domain) -> Fact:
    return at_most_by_monotone_function(sp.exp, exponent, sp.Integer(0), domain=domain)


@cache
def solution(low: bool) -> tuple[Fact, ...]:
    """S: its derivative, its start, 0 < S, and for lam < 1/2 S < S*; last, that a e^{p S} < 1."""
    model = two_point.flow(0, {two_point.lam: 1 - p / 2, two_point.S: s}, where(p < 2))
    speed = model.rhs
    if not low:
        early = HIGH.and_((s, ">="))
        positive = at_most_by_sign(0, speed, strict=True, domain=early, using=[model])
        parts = [(c, _at_most_one(-s, early)), (-c * a, _at_most_one(a * s, early))]
        bound = combine(at_most(speed, c * (1 - a)), parts, domain=early)
        facts = define_by_flow(size, speed, s, tau, 0, positive, growth=(c * (1 - a), 0, bound), domain=HIGH)
        below = at_most_by_sign(a * sp.exp(p * size), 1, strict=True, domain=HIGH)
        return (*facts, below)
    early = LOW.and_((s, ">="), (star - s, ">"))
    power = at_most_by_monotone_function(sp.exp, p * s, sp.log(1 / a), strict=True, domain=early)
    positive = combine(at_most(0, speed, strict=True), [(a * c * sp.exp(-s), power)], domain=early, using=[model])
    facts = define_by_flow(size, speed, s, tau, 0, positive, end=star, domain=LOW)
    power = at_most_by_monotone_function(sp.exp, p * size, sp.log(1 / a), strict=True, domain=LOW, using=[facts[3]])
    return (*facts, combine(at_most(a * sp.exp(p * size), 1, strict=True), [(a, power)], domain=LOW))


def _start(expr: sp.Expr, facts: tuple[Fact, ...], domain: Domain) -> Fact:
    """The limit of an expression in s as tau -> 0."""
    near = domain.with_(where(1 - a * sp.exp(p * s) > 0))
    return limit_through(expr, [(s, facts[1])], domain=near)


@cache
def inverse(low: bool) -> Fact:
    """(34): g(S) = c tau + g(0)."""
    domain, facts = (LOW, solution(True)) if low else (HIGH, solution(False))
    along = differentiate(g(size), tau, c, domain=domain, using=[facts[0], facts[-1]])
    line = differentiate(c * tau + g(sp.Integer(0)), tau, c, domain=domain)
    start = _start(g(s), facts, domain)
    return by_derivative(along, line, tau, 0, domain=domain, limits=[start], using=[facts[-1]])


@cache
def bias_along(low: bool) -> tuple[Fact, Fact]:
    """(36): the derivative of b along the solution, and its start."""
    domain, facts = (LOW, solution(True)) if low else (HIGH, solution(False))
    value = -c * (sp.exp(-size) + sp.exp(a * size))
    slope = differentiate(bias(size), tau, value, domain=domain, using=[facts[0], facts[-1]])
    return slope, _start(bias(s), facts, domain)


@cache
def time_along(low: bool) -> tuple[Fact, Fact]:
    """The derivative of the time along the solution, e^{-b}, and its start."""
    domain, facts = (LOW, solution(True)) if low else (HIGH, solution(False))
    at = clock.xreplace({two_point_solution.S: size})
    slope = differentiate(at, tau, sp.exp(-bias(size)), domain=domain, using=[facts[0], facts[-1]])
    return slope, _start(clock.xreplace({two_point_solution.S: s}), facts, domain)


@cache
def derivation() -> Fact:
    """(34), (36) and the time along the solution of (27)."""
    found = [inverse(low) for low in (True, False)]
    for part in (bias_along, time_along):
        found += [fact for low in (True, False) for fact in part(low)]
    return together(*found, note="each for lam < 1/2 and for lam > 1/2")


@cache
def unique() -> Fact:
    """(30), (32) and (28) are the solutions of (27) at lam = 1/2 and 1 from S = 0, and at lam = 0 from S_0 > 0."""
    found = []
    for slope, rate in ((sp.Integer(0), c), (sp.Integer(-1), eta)):
        model = two_point.flow(0, {two_point.lam: (1 - slope) / 2, two_point.S: s})
        at_s = model.rhs
        name = sp.Function("Half" if slope == 0 else "One")(tau, eta)
        early = where(s >= 0)
        positive = at_most_by_sign(0, at_s, strict=True, domain=early, using=[model])
        bound = combine(at_most(at_s, rate), [(rate, _at_most_one(-s, early))], domain=early)
        facts = define_by_flow(name, at_s, s, tau, 0, positive, growth=(rate, 0, bound))
        known = differentiate(sp.log(1 + rate * tau), tau, rate / (1 + rate * tau))
        found.append(by_flow(facts[0], known, tau, 0, at_s, s, limits=[facts[1]]))
    return together(*found, balanced())


def balanced() -> Fact:
    """(28) is the solution at lam = 0 from S_0 > 0: -S rises from -S_0 and is trapped below 0."""
    S0, domain = two_point.S0, where(two_point.S0 > 0)
    fall = c * (sp.exp(-s) - sp.exp(s))
    early = domain.and_((s + S0, ">="), (-s, ">"))
    order = at_most_by_monotone_function(sp.exp, 2 * s, sp.S.Zero, strict=True, domain=early)
    positive = combine(at_most(0, fall, strict=True), [(c * sp.exp(-s), order)], domain=early)
    name = sp.Function("Balanced")(tau, eta, S0)
    facts = define_by_flow(name, fall, s, tau, -S0, positive, end=sp.S.Zero, domain=domain)
    first = (sp.exp(S0) - 1) / (sp.exp(S0) + 1)
    decayed = sp.exp(-eta * tau) * first
    path = -sp.log((1 + decayed) / (1 - decayed))
    known = differentiate(path, tau, c * (sp.exp(-path) - sp.exp(path)), domain=domain)
    return by_flow(facts[0], known, tau, 0, fall, s, domain=domain, limits=[facts[1]])


DERIVES = {"lemma:two-point-flow": derivation, "lemma:two-point-unique": unique}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
    print(render(unique()))
