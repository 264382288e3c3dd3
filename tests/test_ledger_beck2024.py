"""The ledger of the classification paper: complete, its reconstructions marked, and with the verdicts pinned here."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from grokmath.ledger import records
from grokmath.ledger.report import counts, exit_status, run, show

DIGITS = 30
PRINTED = {"Agrees": 75, "Definition": 6, "Refuted": 6, "not printed": 3}
CORRECTED = {"Agrees": 10}
ACCEPTED = {"Agrees": 84, "Definition": 6}


@pytest.fixture(scope="module")
def results():
    return run(["beck2024"], DIGITS)


def test_every_numbered_equation_proposition_and_table_has_a_record():
    ids = {record.id for record in records("beck2024")}
    numbers = {int(n) for name in ids for n in re.findall(r"^beck2024:(\d+)", name)}
    # (5) is theorem 1 itself
    assert numbers | {5} == set(range(1, 70))
    for name in ("prop3.1", "prop3.3", "prop3.4", "prop3.5", "thm1", "def2", "defD"):
        assert f"beck2024:{name}" in ids
    assert sum(name.startswith("beck2024:table1") for name in ids) == 3
    assert sum(name.startswith("beck2024:prop3.2") for name in ids) == 2


def test_every_record_says_how_sure_its_reconstruction_is():
    found = Counter(record.reconstruction for record in records("beck2024"))
    assert set(found) == {"certain", "likely", "guess"}
    assert "our reconstruction: likely" in show("beck2024:38", 20)


def test_the_counts_of_verdicts_are_pinned(results):
    assert counts(results) == {"printed": PRINTED, "corrected": CORRECTED, "accepted": ACCEPTED}
    assert exit_status(results) == 0


def test_which_printed_forms_are_refuted(results):
    refuted = {result.id for result in results if result.printed == "Refuted"}
    assert refuted == {
        f"beck2024:{name}" for name in ("prop3.1-converse", "10-bias", "11-margin", "26-logistic", "38", "39-fixed")
    }


@pytest.mark.slow
def test_verdicts_at_sixty_digits():
    found = run(["beck2024"], 60)
    assert counts(found) == {"printed": PRINTED, "corrected": CORRECTED, "accepted": ACCEPTED}
    assert min(result.digits for result in found if result.digits) >= 60
