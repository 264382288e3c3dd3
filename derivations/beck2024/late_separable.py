"""Late times of separable data, (60)-(69): growth along the support vectors.

Two points at lam = 3/4, a = -1/2 and the margin M = 1/2: of S' = c(e^{-S} - a e^{a S}) the support vector's term
-a e^{a S} alone is left (60). With S = S* g, n of N points being support vectors, X = e^g solves X' = M^2 eta n/N from
X = 1, so that g = log(M^2 eta (n/N) tau + 1); then b' = -eta (n/N) e^{-g}, and t is the integral of e^{-b}.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    asymptotic,
    by_linear_equation,
    combine,
    define,
    define_by_equation,
    derivative_of_equal,
    differentiate,
    equation,
    fundamental,
    instantiate,
    limit_at_infinity,
    render,
    rewrite,
    run_in_package,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from .two_point import S, flow, lam

ID = "beck2024:62"
TITLE = "Late times of separable data"

M, eta, share, tau, x = sp.symbols("M eta share tau x", positive=True)
z = sp.Symbol("z", real=True)
X, Bias, Size, LogTime = (sp.Function(name) for name in ("X", "Bias", "Size", "LogTime"))
rate = M**2 * eta * share
g, late_g = sp.log(rate * tau + 1), sp.log(rate * tau)
quarters = sp.Rational(3, 4)


@cache
def flow_by_support_vectors() -> Fact:
    """(60): at lam = 3/4, with x = e^S."""
    a = 1 - 2 * quarters
    full, alone = 1 / x - a * x**a, -a * x**a
    left = flow(0, {lam: quarters, S: sp.log(x)})
    limit = limit_at_infinity(1 + 2 / sp.sqrt(x), x)
    return asymptotic(limit, full, alone, using=[left], note="the factor eta/2 is left out")


@cache
def growth() -> Fact:
    """X = 1 + M^2 eta (n/N) tau, where X = e^g and X' = M^2 eta n/N."""
    slope, start = define_by_equation(
        X(tau, M, eta, share), rate, tau, 0, sp.Integer(1), note="X = e^g, g' = M^2 eta (n/N) e^-g, from g = 0"
    )
    path = differentiate(1 + rate * tau, tau)
    return by_linear_equation([slope], [path], tau, 0, [sp.Integer(0), rate], limits=[start])


def _slope_is(expr: sp.Expr, value: sp.Expr, *using: Fact) -> Fact:
    """value = the derivative of expr by tau, as it is written out."""
    flow = differentiate(expr, tau, value, using=list(using))
    written = differentiate(expr, tau, sp.diff(expr, tau), using=list(using))
    return combine(equation(value, written.rhs), [(1, written), (-1, flow)])


@cache
def derivation() -> Fact:
    """(62) and (64)."""
    return _slope_is(g, rate * sp.exp(-g), growth())


@cache
def ansatz() -> Fact:
    """(61): |S| = g/M solves (60), d|S|/d tau = M eta (n/N) e^{-M |S|}."""
    return _slope_is(g / M, M * eta * share * sp.exp(-M * (g / M)), growth())


@cache
def separated() -> Fact:
    """(63): d e^g/d tau."""
    return _slope_is(sp.exp(g), rate, growth())


@cache
def bias_slope() -> Fact:
    """(65): -eta (n/N) e^-g with g = log(A tau)."""
    return rewrite(-eta * share * sp.exp(-late_g), -1 / (M**2 * tau), using=[growth()])


@cache
def bias() -> Fact:
    """(66): b = -log(tau)/M^2, from b = 0 at tau = 1."""
    return _slope_is(-sp.log(tau) / M**2, -1 / (M**2 * tau), bias_slope())


@cache
def time() -> Fact:
    """(67): the integral of e^{-b} from tau = 1."""
    path = define(Bias(tau, M), -sp.log(tau) / M**2, note="b of (66)")
    integral = sp.Integral(sp.exp(sp.log(z) / M**2), (z, 1, tau))
    power = 1 + 1 / M**2
    side = where(tau > 1)
    there = instantiate(path, {tau: z}, domain=where(z > 1))
    lapse = rewrite(sp.Integral(sp.exp(-Bias(z, M)), (z, 1, tau)), integral, domain=side, using=[there])
    known = fundamental(integral, z**power / power, domain=side, using=[bias()])
    return rewrite(integral, (tau**power - 1) / power, domain=side, using=[known, lapse])


@cache
def growth_of_size() -> Fact:
    """(68): d|S|/d tau over d log t/d tau, |S| = g/M."""
    size = define(Size(tau, M), sp.log(tau) / M, note="|S| = g/M, g = log(tau) + const")
    return _ratio(size, M / (1 + M**2))


@cache
def growth_of_bias() -> Fact:
    """(69): db/d tau over d log t/d tau."""
    return _ratio(define(Bias(tau, M), -sp.log(tau) / M**2, note="b of (66)"), -1 / (1 + M**2))


def _ratio(path: Fact, value: sp.Expr) -> Fact:
    log_time = define(LogTime(tau, M), (1 + 1 / M**2) * sp.log(tau), using=[time()], note="log t of (67) at late times")
    above, below = (
        derivative_of_equal(fact, differentiate(fact.rhs, tau, sp.diff(fact.rhs, tau))) for fact in (path, log_time)
    )
    expr = sp.diff(path.rhs, tau) / sp.diff(log_time.rhs, tau)
    ratio = rewrite(above.lhs / below.lhs, value, using=[above, below])
    return rewrite(expr, value, using=[ratio])


DERIVES = {
    "lemma:support-vector-of-two": flow_by_support_vectors,
    "beck2024:61": ansatz,
    "beck2024:62": derivation,
    "beck2024:63": separated,
    "beck2024:64": derivation,
    "beck2024:65": bias_slope,
    "beck2024:66": bias,
    "beck2024:67": time,
    "beck2024:68": growth_of_size,
    "beck2024:69": growth_of_bias,
}

if __name__ == "__main__":
    for step in dict.fromkeys(DERIVES.values()):
        print(render(step(), TITLE if step is derivation else ""))
