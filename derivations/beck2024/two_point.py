"""The two-point model: its flow (27), (29), and the solutions (28), (30), (31) and (32).

The points are -1 and a = 1 - 2 lam, both with label -1; the exponential loss is E = e^b (e^{-S} + e^{a S})/2. In
conformal time, d tau = e^b dt, gradient flow is S' = c (e^{-S} - a e^{a S}), b' = -c (e^{-S} + e^{a S}), c = eta/2.
It becomes linear for X = e^S at lam = 1/2 (X' = c) and at lam = 1 (X' = eta), and for X = tanh(S/2) at lam = 0 (X' =
-eta X). At lam = 1/2, t = tau e^{c tau}, which Lambert's W inverts.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Domain,
    Fact,
    by_linear_equation,
    chain,
    combine,
    define,
    define_by_equation,
    derivative_of_equal,
    differentiate,
    equation,
    fundamental,
    instantiate,
    render,
    rewrite,
    together,
    where,
)

ID = "beck2024:27"
TITLE = "The two-point model"

lam, eta, tau, t, x = sp.symbols("lam eta tau t x", positive=True)
S, b, S0, b0 = sp.symbols("S b S0 b0", real=True)
a, c = 1 - 2 * lam, eta / 2
E, X, Time = (sp.Function(name) for name in ("E", "X", "Time"))
loss = sp.exp(b) * (sp.exp(-S) + sp.exp(a * S)) / 2


def speeds(at: sp.Expr, slope: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """The right sides of (27)."""
    return c * (sp.exp(-at) - slope * sp.exp(slope * at)), -c * (sp.exp(-at) + sp.exp(slope * at))


@cache
def meaning() -> Fact:
    """The exponential loss of the two points."""
    return define(E(S, b, lam), loss, note="(1/2) sum of exp(S x_i + b) over x_1 = -1, x_2 = 1 - 2 lam")


@cache
def derivation() -> Fact:
    """(27): minus eta times the gradient of the loss, divided by e^b for conformal time."""
    return together(*_gradients())


@cache
def at_half() -> Fact:
    """(29): (27) at lam = 1/2."""
    return together(*(instantiate(fact, {lam: sp.Rational(1, 2)}) for fact in _gradients()))


def flow(which: int, values: dict[sp.Symbol, sp.Expr], domain: Domain | None = None) -> Fact:
    """The first (S') or second (b') equation of (27) at the given lam, S and b."""
    return instantiate(_gradients()[which], values, domain=domain or where())


@cache
def _gradients() -> tuple[Fact, ...]:
    return tuple(_gradient(var, speed) for var, speed in zip((S, b), speeds(S, a), strict=True))


def _gradient(var: sp.Symbol, speed: sp.Expr) -> Fact:
    """-eta dE/dvar e^{-b} is the speed of (27)."""
    by_rule = derivative_of_equal(meaning(), differentiate(loss, var, -sp.exp(b) * speed / eta))
    written = derivative_of_equal(meaning(), differentiate(loss, var, sp.diff(loss, var)))
    descent = -eta * sp.diff(loss, var) / sp.exp(b)
    return combine(equation(descent, speed), [(-eta * sp.exp(-b), by_rule), (eta * sp.exp(-b), written)])


@cache
def linear(rate: sp.Expr) -> Fact:
    """X = e^S with X' = rate, from X = 1."""
    slope, start = define_by_equation(X(tau, eta), rate, tau, 0, sp.Integer(1), note="X = e^S, from S = 0")
    path = differentiate(1 + rate * tau, tau)
    return by_linear_equation([slope], [path], tau, 0, [sp.Integer(0), rate], limits=[start])


def _solves(
    S_at: sp.Expr, b_at: sp.Expr, slope: sp.Expr, using: list[Fact], domain: Domain, start: tuple[Fact, ...] = ()
) -> Fact:
    """Both derivatives by tau are the speeds of (27) at the solution, and what is said of its start."""
    claims = []
    for at, speed in zip((S_at, b_at), speeds(S_at, slope), strict=True):
        by_flow = differentiate(at, tau, speed, domain=domain, using=using)
        written = differentiate(at, tau, sp.diff(at, tau), domain=domain, using=using)
        claims.append(combine(equation(speed, written.rhs), [(1, written), (-1, by_flow)], domain=domain))
    return together(*claims, *start)


@cache
def marginal() -> Fact:
    """(30): lam = 1/2."""
    growth = 1 + c * tau
    return _solves(sp.log(growth), -sp.log(growth) - c * tau, sp.Integer(0), [linear(c)], where())


@cache
def separable() -> Fact:
    """(32): lam = 1."""
    growth = 1 + eta * tau
    return _solves(sp.log(growth), -sp.log(growth), sp.Integer(-1), [linear(eta)], where())


@cache
def balanced() -> Fact:
    """(28): lam = 0, from S_0 > 0."""
    first = (sp.exp(S0) - 1) / (sp.exp(S0) + 1)
    moved = X(tau, eta, S0)
    slope, start = define_by_equation(moved, -eta * moved, tau, 0, first, note="X = tanh(S/2)")
    path = differentiate(sp.exp(-eta * tau) * first, tau)
    solved = by_linear_equation([slope], [path], tau, 0, [-eta, sp.Integer(0)], limits=[start])
    decayed = sp.exp(-eta * tau) * first
    S_at = sp.log((1 + decayed) / (1 - decayed))
    b_at = b0 + sp.log((sp.exp(S_at) - sp.exp(-S_at)) / (sp.exp(S0) - sp.exp(-S0)))
    domain, now = where(S0 > 0), {tau: sp.S.Zero}
    unit = rewrite(sp.exp((b_at - b0).xreplace(now)), 1, domain=domain, note="sinh S = sinh S_0 at the start")
    start = (
        rewrite(S_at.xreplace(now), S0, domain=domain),
        rewrite(b_at.xreplace(now), b0, domain=domain, using=[unit]),
    )
    return _solves(S_at, b_at, sp.Integer(1), [solved], domain, start)


@cache
def clock() -> Fact:
    """t = tau e^{c tau} at lam = 1/2: the integral of e^{-b} over conformal time."""
    speed = (1 + c * x) * sp.exp(c * x)
    lapse = define(Time(tau, eta), sp.Integral(speed, (x, 0, tau)), note="dt = e^{-b} d tau with b of (30)")
    return chain(lapse, fundamental(lapse.rhs, x * sp.exp(c * x)))


@cache
def physical() -> Fact:
    """(31): lam = 1/2 in time; c tau = W(c t)."""
    W = sp.LambertW(c * t)
    inverse = rewrite(W / c * sp.exp(c * (W / c)), t, note="tau = W(c t)/c solves tau e^{c tau} = t")
    S_at, b_at = sp.log(1 + W), -W - sp.log(1 + W)
    speed = c * sp.exp(b_at - S_at), -c * sp.exp(b_at) * (1 + sp.exp(-S_at))
    claims = []
    for at, value in zip((S_at, b_at), speed, strict=True):
        by_flow = differentiate(at, t, value, using=[inverse, clock(), *marginal().premises])
        written = differentiate(at, t, sp.diff(at, t))
        claims.append(combine(equation(value, written.rhs), [(1, written), (-1, by_flow)]))
    return together(*claims)


DERIVES = {
    "beck2024:27": derivation,
    "beck2024:28": balanced,
    "beck2024:29": at_half,
    "beck2024:30": marginal,
    "beck2024:31": physical,
    "beck2024:32": separable,
}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
    print(render(physical()))
