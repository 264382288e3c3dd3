"""The ledger of the regression paper: complete, well formed, and with the verdicts that are pinned here."""

from __future__ import annotations

import doctest
import json
import pickle
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import sympy

from grokmath.asymptotics import Range
from grokmath.ledger import PAPERS, find, records
from grokmath.ledger.record import Identity, regime
from grokmath.ledger.report import SCHEMA, counts, exit_status, run, select, show, show_json, table, to_json
from grokmath.ledger.verdict import Derivation, check_claim, check_record
from grokmath.parameters import DomainError

DIGITS = 20
PRINTED = {"Agrees": 49, "Definition": 6, "Refuted": 41, "not printed": 9}
CORRECTED = {"Agrees": 51}
ACCEPTED = {"Agrees": 99, "Definition": 6}


@pytest.fixture(scope="module")
def results():
    return run(["levi2023"], DIGITS)


def test_every_numbered_equation_has_a_record():
    numbers = {int(n) for record in records("levi2023") for n in re.findall(r"^levi2023:(\d+)", record.id)}
    assert numbers == set(range(1, 45))


@pytest.mark.parametrize("paper", PAPERS)
def test_records_are_well_formed(paper):
    ids = [record.id for record in records(paper)]
    assert len(set(ids)) == len(ids)
    for record in records(paper):
        assert record.source == paper
        assert record.title
        assert record.latex
        assert record.section
        if record.kind == "definition":
            assert not record.claims
            continue
        assert record.claims
        assert bool(record.reconstruction) == (paper == "beck2024")
        for claim in (*record.printed, *record.corrected):
            assert claim.statement is not None
            for part in claim.regimes:
                points = part.points(5)
                assert len(points) >= 5 or not any(isinstance(values, Range) for _, values in part.ranges), record.id
                for critical in part.critical:
                    assert any(dict(critical).items() <= point.items() for point in points), record.id


def test_the_counts_of_verdicts_are_pinned(results):
    assert counts(results) == {"printed": PRINTED, "corrected": CORRECTED, "accepted": ACCEPTED}
    assert exit_status(results) == 0


def test_every_wrong_printed_form_is_refuted_with_a_witness(results):
    for result in results:
        record = find(result.id)
        if record.corrected and record.printed and result.printed == "Refuted":
            refuted = [claim for claim in result.printed_claims if claim.verdict == "Refuted"]
            assert all(re.search(r"against|tends to|grows like|z = |order is", claim.evidence) for claim in refuted)
    by_id = {result.id: result for result in results}
    wrong = "9 9-variance 10-regime 11-divergence 12-gamma 12-limit 15-train 15-gen 15-over 17-D 17-h 18 26 27 28 37"
    assert {by_id[f"levi2023:{name}"].printed for name in wrong.split()} == {"Refuted"}
    right = "1 3 4 5 6 7 8 10-train 10-gen 11 12-loss 12-accuracy 13 14 19 20 21 22 23 24 25 29 30 32 33 34 35 36 38 40"
    assert {by_id[f"levi2023:{name}"].printed for name in right.split()} == {"Agrees"}


def test_a_misprint_says_what_it_is():
    assert {record.id for record in records("levi2023") if record.typo} >= {
        f"levi2023:{name}" for name in ("5-sphere", "9-variance", "12-gamma", "16", "25-text", "39", "43", "fig3")
    }


def test_the_table_and_the_json_say_the_same(results):
    text = table(results)
    assert "levi2023:10-train" in text
    assert text.splitlines()[-1] == f"{len(results)} records, {len(results)} pass"
    export = json.loads(json.dumps(to_json(results, DIGITS)))
    assert export["schema"] == SCHEMA
    assert export["counts"]["printed"] == PRINTED
    assert [entry["id"] for entry in export["records"]] == [result.id for result in results]
    keys = "id source section kind title printed corrected variables typo notes reconstruction derivation result"
    assert all(set(entry) == set(keys.split()) for entry in export["records"])


def test_show_prints_both_forms_and_the_witness():
    text = show("levi2023:9", 30)
    for part in (
        "printed",
        "Refuted: at L = 1",
        "corrected",
        " digits agree at 5 points",
        "variables",
        "arXiv:2310.16441",
    ):
        assert part in text
    one = show_json("levi2023:9", 30)
    assert (one["schema"], one["result"]["printed"]["verdict"]) == ("grokmath-record-1", "Refuted")


def test_selection_and_its_errors():
    assert select(["levi2023:9", "levi2023:9"]) == ["levi2023:9"]
    assert len(select()) == len(records())
    with pytest.raises(DomainError, match="did you mean levi2023:10-train"):
        select(["levi2023:10-trian"])
    with pytest.raises(DomainError, match="no paper"):
        select(["levi"])
    with pytest.raises(DomainError, match="digits"):
        run(["levi2023:9"], "many")


def test_progress_executor_and_pickling():
    seen = []
    with ThreadPoolExecutor(1) as executor:
        found = run(["levi2023:9", "levi2023:44"], DIGITS, executor=executor, progress=seen.append)
    assert [result.id for result in seen] == ["levi2023:9", "levi2023:44"]
    assert pickle.loads(pickle.dumps(found))[0].printed == "Refuted"  # noqa: S301 - results travel between processes


def test_a_derivation_makes_it_proved_and_a_failed_one_fails():
    def passed(name):
        return Derivation(True, 7, 0, 0, True)

    assert check_record(find("levi2023:20"), DIGITS, derive=passed).printed == "Proved"
    assert check_record(find("levi2023:9"), DIGITS, derive=passed).corrected == "Proved"
    partly = check_record(find("levi2023:20"), DIGITS, derive=lambda name: Derivation(True, 6, 0, 1))
    assert partly.printed == "Agrees"
    failed = check_record(find("levi2023:20"), DIGITS, derive=lambda name: Derivation(False, 6, 0, 0))
    assert not failed.passes
    assert exit_status([failed]) == 1


def test_a_regime_with_too_few_points_is_undecided():
    x = sympy.Symbol("x", positive=True)
    for few in ((), (regime(x="1..3 integer"),), (regime(x="1..9"), regime(x="1..4 integer"))):
        found = check_claim(Identity(x, x, few))
        assert (found.verdict, found.evidence) == ("Undecided", "a regime yields too few points")
        record = replace(find("levi2023:9"), printed=(), corrected=(Identity(x, x, few),))
        assert not check_record(record).passes
    assert check_claim(Identity(x, x, (regime(x="1..5 integer"),))).points == 5
    assert check_claim(Identity(x, x, (regime(x="1, 2, 3"),))).points == 3


def test_evidence_of_an_asymptotic_claim_says_that_it_is_extrapolated():
    record = find("levi2023:11-divergence")
    printed, corrected = (check_claim(claim, 20).evidence for claim in (*record.printed, *record.corrected))
    assert re.search(r"; extrapolated from values up to lam [\d.]+e-\d+ off 1$", printed)
    assert re.search(r"; extrapolated from values up to x = [\d.e+]+$", corrected)


def test_the_examples_of_the_page_run():
    page = Path(__file__).parent.parent / "docs" / "ledger.md"
    result = doctest.testfile(str(page), module_relative=False)
    assert (result.failed, result.attempted > 8) == (0, True)


@pytest.mark.slow
def test_verdicts_at_sixty_digits():
    found = run(["levi2023"], 60)
    assert counts(found) == {"printed": PRINTED, "corrected": CORRECTED, "accepted": ACCEPTED}
    assert min(result.digits for result in found if result.digits) >= 60
    assert Counter(result.passes for result in found) == {True: len(records("levi2023"))}
