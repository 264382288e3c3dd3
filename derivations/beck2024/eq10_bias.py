"""What the scale of the features does to the bias: the two points -1 and 0 (lam = 1/2), their feature times sigma.

The loss is E = e^b (e^{-sigma S} + 1)/2. In conformal time, d tau = e^b dt, gradient flow from S = b = 0 is

    S' = c sigma e^{-sigma S},   b' = -c (e^{-sigma S} + 1),   c = eta/2.

Its one solution is sigma S = log(1 + c sigma^2 tau) and b = -log(1 + c sigma^2 tau)/sigma^2 - c tau: the equation of b
has the form that it has for sigma = 1, with another S. For sigma > 1 the bias falls less.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    at_most,
    at_most_by_monotone_function,
    at_most_by_monotonicity,
    at_most_by_sign,
    by_derivative,
    by_flow,
    combine,
    define,
    define_by_equation,
    define_by_flow,
    derivative_of_equal,
    differentiate,
    equation,
    render,
    together,
    where,
)

ID = "beck2024:10-bias"
TITLE = "The scale of the features and the bias"

eta, sigma, tau = sp.symbols("eta sigma tau", positive=True)
S, b, s = sp.symbols("S b s", real=True)
c = eta / 2
E, Weight, Bias = (sp.Function(name) for name in ("E", "Weight", "Bias"))
loss = sp.exp(b) * (sp.exp(-sigma * S) + 1) / 2
weight, bias = Weight(tau, eta, sigma), Bias(tau, eta, sigma)
growth = 1 + c * sigma**2 * tau
weight_closed, bias_closed = sp.log(growth) / sigma, -sp.log(growth) / sigma**2 - c * tau


@cache
def meaning() -> Fact:
    """The exponential loss of the two points."""
    return define(E(S, b, sigma), loss, note="(1/2) sum of exp(S sigma x_i + b) over x_1 = -1, x_2 = 0")


def _speed(var: sp.Symbol, speed: sp.Expr) -> Fact:
    """-eta dE/dvar e^{-b} = speed."""
    by_rule = derivative_of_equal(meaning(), differentiate(loss, var, -sp.exp(b) * speed / eta))
    written = derivative_of_equal(meaning(), differentiate(loss, var, sp.diff(loss, var)))
    descent = -eta * sp.diff(loss, var) / sp.exp(b)
    return combine(equation(descent, speed), [(-eta * sp.exp(-b), by_rule), (eta * sp.exp(-b), written)])


@cache
def speeds() -> tuple[Fact, Fact]:
    """S' and b' of gradient flow in conformal time."""
    return _speed(S, c * sigma * sp.exp(-sigma * S)), _speed(b, -c * (sp.exp(-sigma * S) + 1))


@cache
def weight_along() -> Fact:
    """S = log(1 + c sigma^2 tau)/sigma along the flow from S = 0."""
    model, speed = speeds()[0], c * sigma * sp.exp(-sigma * s)
    early = where(s >= 0)
    positive = at_most_by_sign(0, speed, strict=True, domain=early, using=[model])
    fade = at_most_by_monotone_function(sp.exp, -sigma * s, sp.S.Zero, domain=early)
    bound = combine(at_most(speed, c * sigma), [(c * sigma, fade)], domain=early)
    facts = define_by_flow(weight, speed, s, tau, 0, positive, growth=(c * sigma, 0, bound))
    known = differentiate(weight_closed, tau, c * sigma / growth)
    return by_flow(facts[0], known, tau, 0, speed, s, limits=[facts[1]])


@cache
def bias_along() -> Fact:
    """b = -log(1 + c sigma^2 tau)/sigma^2 - c tau along the same flow."""
    speed = -c * (sp.exp(-sigma * weight_closed) + 1)
    slope, start = define_by_equation(bias, speed, tau, 0, sp.S.Zero, note="b' = -eta dE/db e^{-b} at that S")
    path = differentiate(bias_closed, tau, speed)
    return by_derivative(slope, path, tau, 0, limits=[start], using=[weight_along(), speeds()[1]])


@cache
def equation_along() -> Fact:
    """b' = -c (e^{-sigma S} + 1) along the flow."""
    closed = derivative_of_equal(bias_along(), differentiate(bias_closed, tau, -c * (1 + 1 / growth)))
    goal = equation(sp.Derivative(bias, tau), -c * (sp.exp(-sigma * weight) + 1))
    return combine(goal, [(1, closed)], using=[weight_along()])


@cache
def derivation() -> Fact:
    """The equation of b with that S, and that b is above what it is for sigma = 1."""
    written = derivative_of_equal(bias_along(), differentiate(bias_closed, tau, sp.diff(bias_closed, tau)))
    goal = equation(-c * (1 + 1 / growth), written.rhs)
    same = combine(goal, [(-1, equation_along()), (1, written)], using=[weight_along()])
    return together(same, above())


@cache
def above() -> Fact:
    """b at sigma > 1 is above b at sigma = 1: the difference starts at 0 and rises."""
    side = where(sigma > 1)
    plain = bias_closed.xreplace({sigma: sp.S.One})
    slope = differentiate(bias_closed - plain, tau, c / (1 + c * tau) - c / growth, domain=side)
    gap = at_most_by_monotonicity(slope, tau, 0, strict=True, domain=side, using=[bias_along()])
    return combine(at_most(plain, bias_closed, strict=True), [(1, gap)], domain=side)


DERIVES = {"beck2024:10-bias": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
