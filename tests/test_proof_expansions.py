"""Expansions in 1/x through analytic functions, against SymPy's series, and false steps."""

from __future__ import annotations

import importlib

import mpmath
import pytest
import sympy as sp

from grokmath.proof import (
    Expanded,
    RefusedStep,
    Tends,
    expansion,
    expansion_through,
    instantiate,
    limit_at_infinity,
    where,
)

S, lam = sp.symbols("S lam", positive=True)
u, v, z = sp.symbols("u v z", real=True)
m = sp.Symbol("m", integer=True, positive=True)
half = sp.Rational(1, 2)


def taylor(function, order):
    """The coefficients of a function of z, by SymPy."""
    series = sp.series(function, z, 0, order + 1).removeO()
    return [sp.simplify(series.coeff(z, k)) for k in range(order + 1)]


def known(function, order, symbol=u):
    """A function of 1/S as an argument."""
    coefficients = tuple(taylor(function, order))
    fact = expansion_through(function, z, [], coefficients, S)
    return Expanded(symbol, function.xreplace({z: 1 / S}), coefficients, fact)


SHARE = known(z / (1 - 2 * z), 4)
RATE = known(sp.exp(-3 * z), 4, v)


@pytest.mark.parametrize(
    "function",
    [
        sp.exp(z),
        sp.log(1 + z),
        sp.sqrt(4 + z),
        (2 - z) ** -3,
        (1 + z) ** sp.Rational(-2, 3),
        (z - z**2) ** 3,
        sp.exp(z / (1 + z)) * sp.log(2 + z) - (3 - z) ** (-half),
        (z - 1) ** -1,
        sp.log(lam + z),
        sp.exp(lam * z) / (lam - z),
    ],
)
def test_taylor_coefficients(function):
    fact = expansion_through(function, z, [], taylor(function, 5), S)
    assert fact.statement == Tends(
        expansion(function.xreplace({z: 1 / S}), taylor(function, 5), S), S, sp.oo, sp.S.Zero
    )
    for k in range(6):
        wrong = taylor(function, 5)
        wrong[k] += sp.Rational(1, 10**20)
        with pytest.raises(RefusedStep):
            expansion_through(function, z, [], wrong, S)


def test_through_functions_of_which_only_the_expansion_is_known():
    phi = sp.log(1 + u) * v + z * sp.sqrt(v) / (1 - u)
    at = {u: z / (1 - 2 * z), v: sp.exp(-3 * z)}
    for order in range(5):  # the arguments are known to order 4
        values = taylor(phi.xreplace(at), order)
        fact = expansion_through(phi, z, [SHARE, RATE], values, S)
        whole = phi.xreplace({u: SHARE.function, v: RATE.function, z: 1 / S})
        assert fact.statement == Tends(expansion(whole, values, S), S, sp.oo, sp.S.Zero)


def test_conditions_on_parameters_are_used():
    side = where(lam < 1)
    values = [sp.log(1 - lam), -1 / (1 - lam)]
    fact = expansion_through(sp.log(1 - lam - z), z, [], values, S, domain=side)
    assert fact.domain == side
    there = {lam: half}
    argument = Expanded(u, fact.statement.expr, (sp.S.Zero,), fact)
    with pytest.raises(RefusedStep):  # the fact speaks of lam < 1 only
        expansion_through(1 + u, z, [argument], [1], S)
    assert instantiate(fact, there).statement.value == 0


FALSE = [
    lambda: expansion_through(sp.log(z), z, [], [0], S),
    lambda: expansion_through(1 / z, z, [], [0], S),
    lambda: expansion_through(sp.sqrt(z), z, [], [0], S),
    lambda: expansion_through(sp.sqrt(z - 1), z, [], [0], S),
    lambda: expansion_through(sp.log(lam - 1 + z), z, [], [sp.log(lam - 1)], S),
    lambda: expansion_through(sp.Abs(z), z, [], [0, 1], S),
    lambda: expansion_through(sp.Max(z, 0), z, [], [0, 1], S),
    lambda: expansion_through(2**z, z, [], [1], S),
    lambda: expansion_through(sp.Function("f")(z), z, [], [sp.Function("f")(0)], S),
    lambda: expansion_through(sp.besseli(0, z), z, [], [1], S),
    lambda: expansion_through(1 + z, z, [], [], S),
    lambda: expansion_through(1 + z, z, [], [1 + 1 / S], S),  # a coefficient that varies
    lambda: expansion_through(S * z, z, [], [1], S),
    lambda: expansion_through(1 + z, z, [], [1, 1], m),
    lambda: expansion_through(1 + z, z, [], [1, 1], sp.Symbol("w", negative=True)),
    lambda: expansion_through(1 + z, z, [], [1, 1], S, domain=where(S < 1)),
    lambda: expansion_through(1 + lam, lam, [], [1, 1], S),  # lam is positive, 1/S will do; it is no free symbol
    lambda: expansion_through(1 + z, z, [], [1 + z], S),
    lambda: expansion_through(u, z, [SHARE._replace(coefficients=(0, 1, 2, 4, 9))], [0, 1, 2, 4], S),
    lambda: expansion_through(u, z, [SHARE._replace(function=2 / S)], [0, 1, 2, 4], S),
    lambda: expansion_through(u, z, [SHARE._replace(function=2 / S)], [0, 2], S),
    lambda: expansion_through(u, z, [SHARE], taylor(z / (1 - 2 * z), 5), S),  # known to order 4 only
    lambda: expansion_through(u, z, [SHARE, RATE._replace(symbol=u)], [0, 1], S),
    lambda: expansion_through(z, z, [SHARE._replace(symbol=z)], [0, 1], S),
    lambda: expansion_through(u, z, [SHARE._replace(symbol=lam)], [0, 1], S),
    lambda: expansion_through(u, z, [SHARE._replace(fact=limit_at_infinity(1 / S, S))], [0, 1], S),
    lambda: expansion_through(1 / u, z, [SHARE], [0], S),
    lambda: expansion_through(sp.log(v - 1), z, [RATE], [0], S),
    lambda: expansion_through(sp.log(1 - lam - z), z, [], [sp.log(1 - lam)], S),
]


@pytest.mark.parametrize("step", FALSE)
def test_false_steps_are_refused(step):
    with pytest.raises(RefusedStep):
        step()


def test_the_series_of_the_delay_has_the_delay_s_values():
    """At lam = 1/4: S^n times what the series to order n - 1 leaves tends to d_n, n = 3 and 4."""
    module = importlib.import_module("derivations.levi2023.eq25_series")
    context = mpmath.MPContext()
    context.dps = 40
    at = {module.low: sp.Rational(1, 4), module.root: half, sp.Symbol("lam", positive=True): sp.Rational(1, 4)}
    d = [context.mpf(str(sp.N(c.subs(at), 40))) for c in module.coefficients(4)]
    a = context.mpf(1) / 4

    def train(s, shift=0):
        return context.exp(a * shift - 5 * s / 4) * context.besseli(1, s) * 2 / s

    for n in (3, 4):
        rests = []
        for s in (400, 1600):
            gen = context.quad(lambda t, s=s: train(s + t, s), [0, 5, 20, 60, 150, 400])
            time = context.findroot(lambda t, s=s, gen=gen: context.log(train(t, s) / gen), s - context.log(4) * 4)
            rests.append((a * (s - time) - sum(d[k] / context.mpf(s) ** k for k in range(n))) * context.mpf(s) ** n)
        assert abs(rests[1] / d[n] - 1) < 0.02
        assert abs(rests[1] - d[n]) < abs(rests[0] - d[n]) / 3


def test_coefficients_beyond_the_order_must_be_defined_too():
    # log(b)/S is an expansion by its own coefficients; it has no value for b < 0
    b = sp.Symbol("b", real=True)
    function, coefficients = sp.log(b) / S, (sp.S.Zero, sp.log(b))
    fact = limit_at_infinity(expansion(function, coefficients, S), S)
    argument = Expanded(u, function, coefficients, fact)
    with pytest.raises(RefusedStep, match="argument of log"):
        expansion_through(u, z, [argument], [sp.S.Zero], S)
    assert expansion_through(u, z, [argument], [sp.S.Zero], S, domain=where(b > 0))
