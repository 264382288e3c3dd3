"""The ledger's checks can fail: every changed claim is refuted."""

from __future__ import annotations

from collections import Counter

import pytest

from grokmath.ledger import find, records
from grokmath.ledger.mutation import mutants, survivors
from grokmath.ledger.record import Asymptotic

ALL = [mutant for record in records() for mutant in mutants(record)]
QUICK = [mutant for mutant in ALL if not isinstance(mutant.claim, Asymptotic)]


def test_every_claim_has_mutants_and_definitions_have_none():
    mutated = Counter(mutant.record for mutant in ALL)
    for record in records():
        expected = 0 if record.kind == "definition" else len(record.claims)
        assert mutated[record.id] >= expected, record.id
    assert len(ALL) > 600


def test_mutants_differ_from_their_claims_and_among_themselves():
    for record in records():
        found = [mutant.claim for mutant in mutants(record)]
        assert all(claim not in record.claims for claim in found)


def test_quick_mutants_are_refuted():
    alive = [(mutant.record, mutant.change) for mutant in QUICK if not mutant.killed()]
    assert alive == []


@pytest.mark.parametrize("name", ["levi2023:11", "levi2023:25-order", "levi2023:12-limit", "beck2024:39"])
def test_asymptotic_mutants_are_refuted(name):
    _, alive = survivors([find(name)])
    assert [(mutant.record, mutant.change) for mutant in alive] == []


@pytest.mark.slow
def test_every_mutant_is_refuted():
    total, alive = survivors(records())
    assert [(mutant.record, mutant.change) for mutant in alive] == []
    assert total == len(ALL)
