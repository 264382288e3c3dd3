"""Marcum's Q of higher order in the normal form: reduced to Q_1, and refused where the law does not hold."""

from __future__ import annotations

import pytest
import sympy as sp

from grokmath import evaluate
from grokmath.proof import RefusedStep, rewrite

a, b, s, lam = sp.symbols("a b s lam", positive=True)
z = sp.Symbol("z", nonnegative=True)
order = sp.Symbol("m", integer=True, positive=True)
half = sp.Rational(1, 2)
wave = sp.exp(-(a**2 + b**2) / 2)


def step(k):
    return (b / a) ** k * wave * sp.besseli(k, a * b)


def test_the_order_is_reduced():
    for m in (2, 3, 5):
        assert rewrite(sp.marcumq(m, a, b), sp.marcumq(1, a, b) + sum(step(k) for k in range(1, m)))
    low, high = sp.sqrt(2 * lam * s), sp.sqrt(2 * s)
    edge = sp.exp(-(1 + lam) * s) * sp.besseli(1, 2 * sp.sqrt(lam) * s) / sp.sqrt(lam)
    assert rewrite(sp.marcumq(2, low, high) - sp.marcumq(1, low, high), edge)


@pytest.mark.parametrize("m", [2, 3, 5])
def test_the_reduced_form_is_the_function(m):
    """Against the certified evaluator, which does not use the recurrence."""
    at = {a: sp.Rational(7, 5), b: sp.Rational(9, 4)}
    whole = evaluate(sp.marcumq(m, a, b).xreplace(at), 30)
    parts = evaluate((sp.marcumq(1, a, b) + sum(step(k) for k in range(1, m))).xreplace(at), 30)
    assert whole.digits == parts.digits == 30
    assert str(whole) == str(parts)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (sp.marcumq(2, a, b), sp.marcumq(1, a, b)),
        (sp.marcumq(2, a, b), sp.marcumq(1, a, b) + step(1) * (1 + sp.Rational(1, 10**20))),
        (sp.marcumq(2, a, b), sp.marcumq(1, a, b) + (a / b) * wave * sp.besseli(1, a * b)),
        (sp.marcumq(3, a, b), sp.marcumq(1, a, b) + step(1)),
        (sp.marcumq(2, b, a), sp.marcumq(1, b, a) + step(1)),
        (sp.marcumq(2, z, b), sp.marcumq(2, z, b)),  # the first argument may vanish
        (sp.marcumq(2, -a, b), sp.marcumq(2, -a, b)),
        (sp.marcumq(0, a, b), sp.marcumq(0, a, b)),
        (sp.marcumq(half, a, b), sp.marcumq(half, a, b)),
        (sp.marcumq(order, a, b), sp.marcumq(order, a, b)),
    ],
)
def test_false_steps_are_refused(left, right):
    with pytest.raises(RefusedStep):
        rewrite(left, right)
