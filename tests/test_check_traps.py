"""Statements that are false and once passed: they hold at the points that a check tried."""

from __future__ import annotations

import pytest
import sympy as sp

from grokmath.asymptotics import Range, check_asymptotic, check_identity
from grokmath.parameters import DomainError

x = sp.Symbol("x", positive=True)
n = sp.Symbol("n", integer=True, positive=True)
TURNS = sp.exp(2000 * sp.I * sp.pi * x)
"""1 at all decimals of three places."""


@pytest.mark.parametrize(("left", "right"), [(TURNS, 1), (2 + TURNS, 3), (x, x * TURNS)])
def test_a_period_that_short_decimals_meet_at_one_phase(left: sp.Expr, right: sp.Expr) -> None:
    result = check_identity(left, right, {x: ("1/10", 1)}, digits=20)
    assert result.state == "refuted"
    assert result.witness is not None
    assert (1000 * dict(result.witness.point)["x"]).denominator > 1


def test_a_true_identity_with_a_period_holds() -> None:
    halves = sp.exp(sp.I * sp.pi * x) ** 2, sp.exp(2 * sp.I * sp.pi * x)
    assert check_identity(*halves, {x: (1, 10)}, digits=20).holds


@pytest.mark.parametrize("exact", [sp.S.One, 1 + 1 / n])
def test_a_law_for_even_integers_only(exact: sp.Expr) -> None:
    parity = (1 + (-1) ** n) / 2
    assert check_asymptotic(exact, parity, n, sp.oo, digits=20).state == "undecided"
    shrinking = 1 + (-1) ** n / n**2
    assert check_asymptotic(sp.S.One, shrinking, n, sp.oo, digits=20).holds


def test_a_range_of_integers_that_has_none() -> None:
    with pytest.raises(DomainError, match="no integer"):
        Range(sp.Rational(1, 2), sp.Rational(3, 4), integer=True)
    with pytest.raises(DomainError, match="no integer"):
        check_identity(n, n**2, {n: ("1/2", "3/4")})
