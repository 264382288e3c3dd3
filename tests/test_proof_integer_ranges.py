"""A statement for the integers of an interval, and false steps."""

from __future__ import annotations

import pytest
import sympy as sp

from grokmath.proof import (
    Domain,
    RefusedStep,
    at_most,
    at_most_by_sign,
    by_integers,
    limit_at_infinity,
    where,
)

n, m = (sp.Symbol(name, integer=True) for name in "nm")
x = sp.Symbol("x", real=True)


def between(low, high, var=n):
    return Domain(((var - low, ">="), (high - var, ">=")))


def holds(low, high, rhs=3):
    """n (n - 1) <= 3 for low <= n <= high, where this is proved."""
    return at_most_by_sign(n * (n - 1), rhs, domain=between(low, high))


def gap(var, low=0, high=1):
    """0 <= (var - 1)(var - 2), which holds at no number between 1 and 2."""
    return at_most_by_sign(0, (var - 1) * (var - 2), domain=between(low, high, var))


small = at_most(n * (n - 1), 3)
PIECES = [(-1, 0, holds(-1, 0)), (1, 1, holds(1, 1)), (2, 2, holds(2, 2))]


def test_pieces_without_the_reals_between_them():
    fact = by_integers(small, n, PIECES, domain=between(-1, 2))
    assert fact.statement == small
    assert by_integers(small, n, PIECES, domain=between(-1, 1))  # more than the domain is covered
    assert by_integers(gap(n).statement, n, [(0, 1, gap(n, 0, 1)), (2, 3, gap(n, 2, 3))], domain=between(0, 3))
    wider = at_most_by_sign(n * (n - 1), 3, domain=between(sp.Rational(3, 2), sp.Rational(9, 4)))
    assert by_integers(small, n, [*PIECES[:2], (2, 2, wider)], domain=between(-1, 2))
    with pytest.raises(RefusedStep):  # for real numbers the statement is false
        gap(n, 0, 3)


@pytest.mark.parametrize(
    "step",
    [
        lambda: by_integers(small, n, PIECES, domain=between(-1, 3)),
        lambda: by_integers(small, n, PIECES, domain=between(-2, 2)),
        lambda: by_integers(small, n, PIECES),
        lambda: by_integers(small, n, [PIECES[0], PIECES[2]], domain=between(-1, 2)),  # 1 is missing
        lambda: by_integers(small, n, PIECES[::-1], domain=between(-1, 2)),
        lambda: by_integers(small, n, [], domain=between(-1, 2)),
        lambda: by_integers(small, n, [*PIECES[:2], (2, 2, holds(1, 1))], domain=between(-1, 2)),
        lambda: by_integers(small, n, [(-1, 0, PIECES[0][2]), (1, 2, holds(1, 1))], domain=between(-1, 2)),
        lambda: by_integers(small, n, [*PIECES[:2], (2, 2, holds(2, 2, 4))], domain=between(-1, 2)),
        lambda: by_integers(at_most(n * (n - 1), 2, strict=True), n, PIECES, domain=between(-1, 2)),
        lambda: by_integers(small, m, PIECES, domain=between(-1, 2, m)),
        lambda: by_integers(  # x is any real number between 0 and 3
            gap(x).statement, x, [(0, 1, gap(x, 0, 1)), (2, 3, gap(x, 2, 3))], domain=between(0, 3, x)
        ),
        lambda: by_integers(small, n, [(-1, -2, PIECES[0][2]), *PIECES], domain=between(-1, 2)),
        lambda: by_integers(small, n, [(-1, sp.Rational(1, 2), PIECES[0][2])], domain=between(-1, 0)),
        lambda: by_integers(small, n, [(-1, 0.0, PIECES[0][2])], domain=between(-1, 0)),
        lambda: by_integers(small, n, [(0, True, holds(0, 1))], domain=between(0, 1)),
        lambda: by_integers(
            limit_at_infinity(1 / x, x).statement, n, [(0, 0, limit_at_infinity(1 / x, x))], domain=between(0, 0)
        ),
    ],
)
def test_false_steps_are_refused(step):
    with pytest.raises(RefusedStep):
        step()


def test_a_fact_with_more_conditions_does_not_cover_a_piece():
    narrow = at_most_by_sign(x * n, x, domain=between(0, 1).with_(where(x > 0)))
    goal = at_most(x * n, x)
    assert by_integers(goal, n, [(0, 1, narrow)], domain=between(0, 1).with_(where(x > 1)))
    with pytest.raises(RefusedStep):
        by_integers(goal, n, [(0, 1, narrow)], domain=between(0, 1))
