"""The maximum of the grokking time over the number of outputs: what its derivation covers, and what it does not."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sympy as sp

from grokmath.ledger import find
from grokmath.ledger.derivations import fact, reaches
from grokmath.ledger.record import regime

ID = "levi2023:12-maximum"
AT = {"lam": "9/10", "eps": "1/1000"}


def with_claims(*claims):
    return replace(find(ID), printed=claims, corrected=())


def test_every_number_of_outputs_but_26_is_covered():
    fewer, more = find(ID).claims
    assert reaches(fact(ID), find(ID))
    assert reaches(fact(ID), with_claims(replace(more, regimes=(regime(**AT, d="30..900 integer"),))))
    assert reaches(fact(ID), with_claims(replace(fewer, regimes=(regime(**AT, d="25"),))))


@pytest.mark.parametrize(
    "at",
    [
        {**AT, "d": "26..1074 integer"},
        {**AT, "d": "27..1075 integer"},
        {**AT, "d": "20..30 integer"},
        {**AT, "d": "26"},
        {**AT, "d": "27..30"},
        {**AT, "d": "30", "lam": "89/100"},
        {**AT, "d": "30", "eps": "1/1001"},
        {**AT, "d": "30", "lam": "8/10..9/10"},
    ],
)
def test_elsewhere_nothing_is_claimed(at):
    for claim in find(ID).claims:
        assert not reaches(fact(ID), with_claims(replace(claim, regimes=(regime(**at),))))


def test_other_statements_are_not_reached():
    claim = find(ID).claims[1]
    assert not reaches(fact(ID), with_claims(replace(claim, less=claim.more, more=claim.less)))
    assert not reaches(fact(ID), with_claims(replace(claim, more=claim.more * (1 - sp.Rational(1, 10**20)))))
    d = next(symbol for symbol in claim.less.free_symbols if symbol.name == "d")
    assert not reaches(fact(ID), with_claims(replace(claim, more=claim.less.xreplace({d: sp.Integer(27)}))))
