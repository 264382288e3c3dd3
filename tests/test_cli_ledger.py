"""``grokmath verify | show | derive``: what they print, as text and as JSON, and how they refuse."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace

import pytest

from grokmath.cli.ledger import _workers
from grokmath.ledger import derivations, report
from grokmath.ledger.verdict import Derivation, in_order

from .command_line import Run

SOME = ("levi2023:9", "levi2023:19", "levi2023:16", "beck2024:24", "beck2024:30")


def test_verify_names_verdicts_and_counts_them(run: Run) -> None:
    status, out, err = run("verify", "levi2023:19", "levi2023:15-gen", "--digits", "30")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].split()[:4] == ["ID", "states", "printed", "corrected"]
    assert "Refuted" in next(line for line in lines if line.startswith("levi2023:15-gen"))
    assert lines[-1] == "2 records, 2 pass"


def timeless(text: str) -> str:
    return re.sub(r"[ \d.]+$|(?<=seconds\": )[\d.]+", "", text, flags=re.MULTILINE)


def test_two_processes_say_what_one_says(run: Run) -> None:
    for options in (("--json",), ("--mutants",)):
        alone = run("verify", *SOME, "--digits", "30", "--jobs", "1", *options)
        together = run("verify", *SOME, "--digits", "30", "--jobs", "2", *options)
        assert (alone[0], timeless(alone[1]), alone[2]) == (together[0], timeless(together[1]), together[2])
        assert alone[0] == 0


def test_a_refuted_form_and_a_refused_step_exit_with_1(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    checked = report.verify

    def refuted(*arguments: object, **options: object) -> list[object]:
        return [replace(result, printed="Refuted", corrected=None) for result in checked(*arguments, **options)]

    monkeypatch.setattr(derivations, "derive", lambda name: Derivation(False, 6, 0, 0))
    status, out, _ = run("verify", "levi2023:19", "--digits", "20", "--jobs", "1")
    assert (status, out.splitlines()[-1]) == (1, "1 records, 0 pass; not: levi2023:19")
    monkeypatch.setattr(derivations, "derive", lambda name: None)
    monkeypatch.setattr(report, "verify", refuted)
    status, out, _ = run("verify", "levi2023:19", "--digits", "20", "--jobs", "1", "--json")
    assert (status, json.loads(out)["passes"]) == (1, False)


@pytest.mark.skipif(os.name != "posix", reason="signals to a group of processes")
def test_an_interrupt_ends_all_processes_with_one_line() -> None:
    command = [sys.executable, "-m", "grokmath", "verify", "--jobs", "2"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    until = time.monotonic() + 120
    while members(process.pid) < 4 and time.monotonic() < until:
        time.sleep(0.1)  # itself, a pool of two, and what keeps track of their resources
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "grokmath: interrupted\n")
    until = time.monotonic() + 20
    while members(process.pid) and time.monotonic() < until:
        time.sleep(0.1)
    assert members(process.pid) == 0


def members(group: int) -> int:
    """How many processes there are in a group."""
    listed = subprocess.run(["ps", "-e", "-o", "pgid="], capture_output=True, text=True, check=True)  # noqa: S607
    return listed.stdout.split().count(str(group))


@pytest.mark.skipif(os.name != "posix", reason="a process is ended by a signal")
def test_a_worker_that_dies_or_raises_is_one_error_and_leaves_nothing_behind() -> None:
    """The first error is what is raised: nothing that comes of ending the pool replaces it (as in Python 3.11)."""
    for fails, error in ((kill_oneself, BrokenProcessPool), (raise_fault, ZeroDivisionError)):
        with pytest.raises(error) as caught, _workers(2) as executor:
            list(in_order(fails, [str(k) for k in range(40)], executor))
        assert caught.type is error
        assert not multiprocessing.active_children()


def kill_oneself(_: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def raise_fault(_: str) -> float:
    return 1 / 0


def test_verify_as_json_carries_the_records(run: Run) -> None:
    status, out, _ = run("verify", "levi2023:9", "--digits", "30", "--json")
    export = json.loads(out)
    assert status == 0
    assert export["schema"] == "grokmath-ledger-1"
    assert export["passes"] is True
    (record,) = export["records"]
    assert (record["id"], record["source"]) == ("levi2023:9", "levi2023")
    assert record["result"]["derivation"]["numerical"] == 0


def test_show_says_what_is_wrong_and_how_it_is_known(run: Run) -> None:
    status, out, _ = run("show", "levi2023:15-gen", "--digits", "20")
    assert status == 0
    assert "the ratio tends to 2.0000" in out
    assert "arXiv:2310.16441" in out


@pytest.mark.parametrize(
    ("style", "start"), [("text", "The train loss"), ("markdown", "# The"), ("latex", r"\section*")]
)
def test_derive_in_three_formats(style: str, start: str, run: Run) -> None:
    status, out, _ = run("derive", "levi2023:19", "--format", style)
    assert status == 0
    assert out.startswith(start)
    assert "besseli" in out or "I_{1}" in out or "0F1" in out or "{}_{0}F_{1}" in out


def test_derive_as_json_is_a_graph_of_steps(run: Run) -> None:
    _, out, _ = run("derive", "levi2023:19", "--json")
    record = json.loads(out)
    assert record["counts"]["numerical"] == 0
    for step in record["steps"]:
        assert step["rule"]
        assert all(premise < step["number"] for premise in step["premises"])


def test_the_list_of_derivations_runs_none_of_them(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    tallied = derivations.outcome
    monkeypatch.setattr(derivations, "outcome", lambda name: pytest.fail(f"{name} was run"))
    status, out, _ = run("derive", "--list")
    listed = dict(line.split(maxsplit=1) for line in out.splitlines())
    assert status == 0
    assert listed["levi2023:10-gen"] == derivations.entry("levi2023:10-gen").title
    assert {record["id"] for record in json.loads(run("derive", "--list", "--json")[1])} == listed.keys()
    some = {name: derivations.entry(name) for name in ("levi2023:19", "lemma:bessel_integral")}
    monkeypatch.setattr(derivations, "outcome", lambda name: replace(tallied(name), passed=name == "levi2023:19"))
    monkeypatch.setattr(derivations, "entries", lambda naming="": {k: v for k, v in some.items() if naming in f'"{k}"'})
    status, out, err = run("derive", "--list", "--counts")
    assert (status, err) == (1, "grokmath: derive: a step is refused in lemma:bessel_integral\n")
    assert re.match(r"levi2023:19 +[1-9]\d* proved, \d+ cited, 0 numerical ", out)
    assert json.loads(run("derive", "--list", "--counts", "--json")[1])[0]["numerical"] == 0


def test_one_record_is_shown_without_the_others() -> None:
    """Building every expression of the ledger takes seconds; `show` takes the module that its record stands in."""
    said = "import sys; from grokmath import cli; cli.main(['show', 'levi2023:19']); print(*sys.modules, sep='\\n')"
    out = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True).stdout
    sections = {
        line for line in out.splitlines() if re.fullmatch(r"grokmath\.ledger\.\w+\.(section|appendix)_\w+", line)
    }
    assert sections == {"grokmath.ledger.levi2023.appendix_b"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["verify", "levi2024"], "no paper and no ID"),
        (["verify", "levi2023:99"], "did you mean"),
        (["verify", "levi2023:9", "--digits", "0"], "digits"),
        (["verify", "levi2023:9", "--fast"], "--fast"),
        (["verify", "levi2023:9", "--jobs", "0"], "--jobs '0'"),
        (["verify", "levi2023:9", "--jobs", "two"], "--jobs 'two'"),
        (["show"], "no ID given"),
        (["show", "beck:1"], "there is no record"),
        (["derive"], "no ID given"),
        (["derive", "levi2023:19", "--counts"], "--counts"),
        (["derive", "levi2023:16"], "there is no derivation"),
        (["derive", "levi2023:19", "--format", "word"], "text, markdown, latex"),
    ],
)
def test_bad_input_is_one_line(arguments: list[str], said: str, run: Run) -> None:
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert said in err
