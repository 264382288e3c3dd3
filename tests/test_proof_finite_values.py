"""A statement from finitely many values of a symbol, and false steps."""

from __future__ import annotations

import pytest
import sympy as sp

from grokmath.proof import (
    RefusedStep,
    at_most,
    at_most_by_sign,
    by_cases,
    by_values,
    combine,
    define,
    differentiate,
    equation,
    fundamental,
    instantiate,
    limit_at_infinity,
    rewrite,
    where,
)

s, x = sp.symbols("s x", real=True)
p = sp.Symbol("p", positive=True)
SIGNS = where(s**2 - 1 >= 0, s**2 - 1 <= 0)
even = equation(s**4 * x, s**2 * x)


def at(value, domain=None):
    return rewrite(value**4 * x, value**2 * x, domain=domain or where())


def test_every_value_is_a_case():
    fact = by_values(even, s, {1: at(sp.Integer(1)), -1: at(sp.Integer(-1))}, domain=SIGNS)
    assert fact.statement == even
    assert fact.domain == SIGNS
    bound = at_most(s, 2)
    facts = {v: at_most_by_sign(v, 2) for v in (0, 1)}
    assert by_values(bound, s, facts, domain=where(s * (s - 1) >= 0, s * (s - 1) <= 0)).statement == bound
    extra = {1: at(sp.Integer(1)), -1: at(sp.Integer(-1)), 0: at(sp.Integer(0))}
    cubic = where(s * (s**2 - 1) >= 0, s * (s**2 - 1) <= 0)
    assert by_values(even, s, extra, domain=cubic)


def test_the_case_s_own_domain_at_the_value():
    domain = SIGNS.with_(where(x + s > 1))
    inverse = equation(s, s)
    weak = SIGNS.with_(where(x + s > 0))
    with pytest.raises(RefusedStep):  # x > 0 is needed, and is not given at s = 1 by x + s > 0
        by_values(inverse, s, {v: rewrite(sp.Integer(v), v, domain=where(x > 0)) for v in (1, -1)}, domain=weak)
    cases = {v: rewrite(sp.sqrt(x**2) * v, x * v, domain=where(x > 0)) for v in (1, -1)}
    assert by_values(equation(sp.sqrt(x**2) * s, x * s), s, cases, domain=domain)


@pytest.mark.parametrize(
    "step",
    [
        lambda: by_values(even, s, {1: at(sp.Integer(1))}, domain=SIGNS),  # a value is missing
        lambda: by_values(even, s, {1: at(sp.Integer(1)), -1: at(sp.Integer(-1))}),  # s may be any number
        lambda: by_values(even, s, {1: at(sp.Integer(1)), -1: at(sp.Integer(-1))}, domain=where(s**2 - 1 >= 0)),
        lambda: by_values(even, s, {1: at(sp.Integer(1)), -1: at(sp.Integer(-1))}, domain=where(s**2 - 1 <= 0)),
        lambda: by_values(even, s, {1: at(sp.Integer(1)), 2: at(sp.Integer(1))}, domain=SIGNS),
        lambda: by_values(even, s, {}, domain=SIGNS),
        lambda: by_values(equation(s * x, x), s, {1: rewrite(x, x), -1: rewrite(x, x)}, domain=SIGNS),  # -x is not x
        lambda: by_values(at_most(s, 0), s, {1: at_most_by_sign(0, 1), -1: at_most_by_sign(-1, 0)}, domain=SIGNS),
        lambda: by_values(equation(s, x), s, {x: rewrite(x, x)}, domain=where(s - x >= 0)),
        lambda: by_values(equation(s, s), s, {s: rewrite(s, s)}),  # a value that depends on the symbol
        lambda: by_values(even, s, {sp.I: at(sp.Integer(1)), 1: at(sp.Integer(1))}, domain=SIGNS),
        lambda: by_values(even, 2 * s, {1: at(sp.Integer(1)), -1: at(sp.Integer(-1))}, domain=SIGNS),
        lambda: by_values(differentiate(s**2, s).statement, s, {1: rewrite(2, 2), -1: rewrite(2, 2)}, domain=SIGNS),
        lambda: by_values(
            even, s, {1: at(sp.Integer(1), where(x > 0)), -1: at(sp.Integer(-1))}, domain=SIGNS
        ),  # a case on less than the domain
    ],
)
def test_false_steps(step):
    with pytest.raises(RefusedStep):
        step()


def test_what_cancels_must_exist():
    """0 times an integral is 0 for SymPy, and no statement about the integral."""
    t = sp.Symbol("t", real=True)
    rate = sp.Integral(sp.exp(-(s**2) * t), (t, 0, sp.oo))  # diverges at s = 0
    goal = equation(s**3 * rate, s)

    def side(domain):
        vanishing = limit_at_infinity(-sp.exp(-(s**2) * t) / s**2, t, domain=domain)
        value = fundamental(rate, -sp.exp(-(s**2) * t) / s**2, at_infinity=vanishing, domain=domain)
        return combine(goal, [(s**3, value)], domain=domain)

    below, above, at_zero = side(where(s < 0)), side(where(s > 0)), rewrite(sp.S.Zero, 0)
    with pytest.raises(RefusedStep):
        by_cases(s, 0, below, at_zero, above)
    cubic = where(s * (s**2 - 1) >= 0, s * (s**2 - 1) <= 0)
    one, other = (instantiate(fact, {s: v}) for fact, v in ((above, 1), (below, -1)))
    with pytest.raises(RefusedStep):
        by_values(goal, s, {0: at_zero, 1: one, -1: other}, domain=cubic)
    assert by_values(goal, s, {1: one, -1: other}, domain=SIGNS).statement == goal


def test_definitions_are_carried():
    f = sp.Function("f")
    one, other = define(f(p), p), define(f(p), 2 * p)
    cases = {1: rewrite(f(p), p, using=[one]), -1: rewrite(f(p), 2 * p, using=[other])}
    with pytest.raises(RefusedStep):
        by_values(equation(f(p), p * (3 - s) / 2), s, cases, domain=SIGNS)
