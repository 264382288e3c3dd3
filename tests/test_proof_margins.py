"""The cited law of the largest margin, the steps from it to the margin's series, and false steps of each kind."""

from __future__ import annotations

import importlib
from fractions import Fraction

import pytest
import sympy as sp

from grokmath.proof import RefusedStep, cite_largest_margin, combine, counts, equation, where

lam, sigma, tau = sp.symbols("lam sigma tau", positive=True)
z, free = sp.symbols("z free", real=True)
n = sp.Symbol("n", positive=True, integer=True)
M = sp.Function("M")
half = sp.Rational(1, 2)
above = where(lam > half)
series = importlib.import_module("derivations.beck2024.margin_series")


def test_the_law_and_its_sign():
    law, positive = cite_largest_margin(M(lam, sigma), lam, sigma, z, domain=above)
    kappa = M(lam, sigma) / sigma
    density = sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi)
    assert law.statement == sp.Eq(sp.Integral((kappa + z) ** 2 * density, (z, -kappa, sp.oo)), lam, evaluate=False)
    assert positive.statement == sp.Lt(0, M(lam, sigma), evaluate=False)
    assert {law.kind, positive.kind} == {"cited"}
    assert cite_largest_margin(M(lam), lam, 2, z, domain=where(lam > 1))


@pytest.mark.parametrize(
    ("application", "ratio", "spread", "variable", "domain"),
    [
        (M(lam), lam, 1, z, where(lam > 0)),  # not separable below 1/2
        (M(lam), lam, 1, z, where(lam >= half)),  # no margin at 1/2
        (M(lam), lam, 1, z, where(lam < half)),
        (M(lam), lam, 0, z, above),
        (M(lam), lam, -1, z, above),
        (M(lam, free), lam, free, z, above),  # a standard deviation that may be negative
        (M(lam), lam, lam, z, above),  # the points may not depend on the ratio
        (M(lam), lam, sigma, z, above),  # a parameter that the margin is not a function of
        (M(sigma), lam, sigma, z, above),
        (M(lam, lam), lam, 1, z, above),
        (M(2 * lam), lam, 1, z, above),
        (lam, lam, 1, z, above),
        (sp.erf(lam), lam, 1, z, above),
        (M(lam), lam, 1, z, where(lam > half, sigma > 1)),  # a condition on another symbol
        (M(lam, z), lam, 1, z, above),  # the bound variable is an argument
        (M(lam), lam, 1, sigma, above),  # not a normal variable
        (M(lam), lam, 1, n, above),
        (M(n), n, 1, z, where(n > 1)),  # the ratio is not a number of points
        (M(free), free, 1, z, where(free > half)),
        (M(lam, sigma), lam, sp.Function("g")(sigma), z, above),
    ],
)
def test_false_instances(application, ratio, spread, variable, domain):
    with pytest.raises(RefusedStep):
        cite_largest_margin(application, ratio, spread, variable, domain=domain)


def test_two_margins_of_one_name_do_not_meet():
    one, other = (cite_largest_margin(M(lam), lam, spread, z, domain=above)[0] for spread in (1, 2))
    with pytest.raises(RefusedStep, match="defined twice"):
        combine(equation(lam, lam), [(0, one), (0, other)], domain=above)


def test_the_coefficients_are_those_of_the_library():
    from grokmath.functions.gardner import series_coefficient_expression

    e = sp.Symbol("e")
    for order, c in enumerate(series.COEFFICIENTS, 1):
        assert sp.expand(c - series_coefficient_expression(order)) == 0
        assert order == 4 or series.in_margin(order).statement.value == c
    assert series.terms(e, 2) == e - sp.sqrt(2) * sp.sqrt(sp.pi) * e**2 / 4


@pytest.mark.slow
def test_the_fourth_coefficient_is_derived_too():
    assert series.in_margin(4).statement.value == series.COEFFICIENTS[3]


def test_a_wrong_coefficient_is_refused(monkeypatch):
    right = series.COEFFICIENTS
    for n in (1, 2, 3):
        wrong = (*right[: n - 1], right[n - 1] * (1 + sp.Rational(1, 10**20)), *right[n:])
        monkeypatch.setattr(series, "COEFFICIENTS", wrong)
        with pytest.raises(RefusedStep):
            series.in_margin.__wrapped__(n)


def test_the_margin_is_one_root():
    fact = series.root()
    assert fact.lhs == series.capacity(1 / series.lam)
    assert fact.rhs == series.kappa
    assert counts(fact)["cited"] == 2


def test_the_ledger_s_margin_by_its_integral():
    """The root of the integral, put into the closed form of the law."""
    from grokmath.asymptotics import check_identity
    from grokmath.ledger.record import regime
    from grokmath.ledger.vocabulary import LargestMargin

    law = series.excess(LargestMargin(lam)) / series.s
    near = {"lam": Fraction(1, 2) + Fraction(1, 2**40)}
    regimes = (regime("", (near,), lam="501/1000..7/2"),)
    assert check_identity(law, lam - half, regimes, 40).holds
    assert not check_identity(law, (lam - half) * (1 + sp.Rational(1, 10**20)), regimes, 40).holds


def test_what_is_not_the_margin_is_not_reached():
    """Points of another scale, and a limit of another function, do not reach the ledger's claim."""
    from grokmath.ledger.crossing_forms import unfolded
    from grokmath.ledger.derivations import _sides
    from grokmath.ledger.vocabulary import LargestMargin

    claim = sp.Eq(LargestMargin(lam), lam, evaluate=False)
    for spread, same in ((1, True), (2, False)):
        law, _ = cite_largest_margin(M(lam), lam, spread, z, domain=above)
        fact = combine(equation(M(lam), M(lam)), [(0, law)], domain=above)
        left = _sides(unfolded(fact))[1]
        assert (left < _sides(claim)[1]) is same
