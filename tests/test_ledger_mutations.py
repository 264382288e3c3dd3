"""The ledger's checks can fail: every changed claim is refuted."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from grokmath.ledger import find, mutation, records
from grokmath.ledger.mutation import Kills, exit_status, killed, mutants, run, table, to_json
from grokmath.ledger.record import Asymptotic
from grokmath.ledger.verdict import ClaimResult


@cache
def everything():
    return [mutant for record in records() for mutant in mutants(record)]


def test_every_claim_has_mutants_and_definitions_have_none():
    mutated = Counter(mutant.record for mutant in everything())
    for record in records():
        expected = 0 if record.kind == "definition" else len(record.claims)
        assert mutated[record.id] >= expected, record.id
    assert sum(mutated.values()) > 650


def test_mutants_differ_from_their_claims_and_among_themselves():
    for record in records():
        found = [mutant.claim for mutant in mutants(record)]
        assert all(claim not in record.claims for claim in found)


def test_smallest_changes_and_every_fourth_of_the_others_are_refuted():
    cheap = [mutant for mutant in everything() if not isinstance(mutant.claim, Asymptotic)]
    small = [mutant for mutant in cheap if "1e-20" in mutant.change]
    others = [mutant for mutant in cheap if "1e-20" not in mutant.change]
    assert [(mutant.record, mutant.change) for mutant in (*small, *others[::4]) if not mutant.killed()] == []


@pytest.mark.parametrize(
    "name", ["levi2023:11", "levi2023:25-order", "levi2023:12-limit", "beck2024:39", "beck2024:60"]
)
def test_asymptotic_mutants_are_refuted(name):
    assert killed(name).passes


def test_a_record_that_claims_something_and_has_no_mutants_fails():
    assert not Kills("levi2023:9", (), ()).passes
    assert Kills("levi2023:16", (), ()).passes
    assert find("levi2023:16").kind == "definition"
    assert "no mutants: levi2023:9" in table([Kills("levi2023:9", (), ())])


def test_a_check_that_nothing_can_fail_is_reported(monkeypatch):
    monkeypatch.setattr(mutation, "check_claim", lambda *_: ClaimResult("Agrees", 60, 5, ""))
    seen = []
    found = run(["levi2023:9", "levi2023:16", "beck2024:24"], progress=seen.append)
    assert seen == found
    assert [(len(each.alive), each.total) for each in found] == [(3, 3), (0, 0), (2, 2)]
    assert exit_status(found) == 1
    text = table(found)
    assert "not refuted: levi2023:9, sign" in text
    assert text.splitlines()[-1] == "3 records, 5 mutants, 0 refuted, 5 not"
    export = to_json(found)
    assert export["passes"] is False
    assert export["changes"]["sign"] == {"mutants": 1, "refuted": 0}
    assert export["records"][2]["not_refuted"] == 2 * ["extremum crossed"]


@pytest.mark.slow
def test_every_mutant_is_refuted():
    found = run([record.id for record in records()])
    assert [(each.id, each.alive) for each in found if not each.passes] == []
    assert sum(each.total for each in found) == len(everything())
