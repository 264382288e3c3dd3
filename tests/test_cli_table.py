"""``grokmath table``: rows, formats, files, interrupts and the progress bar."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import signal
import subprocess
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import grokmath as gm

from .command_line import COMMAND, SMALL, Run, process


def test_table_says_its_rows_before_it_starts(run: Run) -> None:
    status, out, err = run("table", "--lam", "0.5,1", "--eps", "1e-3:3e-3:1e-3", "--digits", "5")
    assert (status, err) == (0, "grokmath: 6 rows (2 lam x 3 eps), 5 digits\n")
    assert len(out.split("\n\n")[1].splitlines()) == 8
    assert run(*SMALL).err == "grokmath: 1 row (1 lam x 1 eps), 5 digits\n"


def test_default_table(run: Run) -> None:
    status, out, err = run("table", "--format", "csv")
    records = list(csv.DictReader(io.StringIO(out)))
    assert status == 0
    assert err == "grokmath: 33 rows (11 lam x 3 eps), 50 digits\n"
    assert len(records) == 33
    assert [record["delta"] for record in records].count("never") == 2
    assert all("plateau" in record["reason"] for record in records if record["delta"] == "never")
    by_key = {(record["lam"], record["eps"]): record for record in records}
    known = {("0.1", "0.001"): "23.26803162", ("0.5", "1e-12"): "651.3859088", ("0.9", "1e-6"): "42649.07994"}
    for key, digits in known.items():
        assert abs(Decimal(by_key[key]["delta"]) / Decimal(digits) - 1) < Decimal("1e-9")
    assert all(len(record["train"].replace(".", "").lstrip("0")) == 50 for record in records)


@pytest.mark.parametrize(
    ("options", "start"),
    [
        (["--format", "text"], "Grokking times"),
        (["--format", "csv"], "lam,eps,"),
        (["--format", "json"], "{"),
        (["--json"], "{"),
        (["--format", "latex"], "% Grokking times"),
        (["--format", "markdown"], "Grokking times"),
    ],
)
def test_formats_to_standard_output_and_to_a_file(options: list[str], start: str, run: Run, tmp_path: Path) -> None:
    printed = run(*SMALL, *options)
    assert printed.status == 0
    assert printed.out.startswith(start)
    path = tmp_path / "table.any"
    assert run(*SMALL, *options, "-o", str(path)) == (0, "", printed.err)
    assert path.read_text() == printed.out
    assert list(tmp_path.iterdir()) == [path]
    assert run(*SMALL, *options, "-o", "-").out == printed.out


def test_suffix_chooses_the_format(run: Run, tmp_path: Path) -> None:
    starts = {"csv": "lam,", "json": "{", "tex": "%", "md": "Grokking", "txt": "Grokking", "CSV": "lam,"}
    for suffix, start in starts.items():
        path = tmp_path / f"table.{suffix}"
        assert run(*SMALL, "-o", str(path)).status == 0
        assert path.read_text().startswith(start)
    path = tmp_path / "table.csv"
    run(*SMALL, "--format", "json", "-o", str(path))
    json.loads(path.read_text())


def test_accuracy_reaches_the_table(run: Run) -> None:
    (row,) = json.loads(run(*SMALL, "--accuracy", "0.95", "--json").out)["rows"]
    expected = gm.LinearTeacherStudent(lam="0.5", eta="0.01").grokking_time(eps="1e-3", accuracy="0.95", digits=5)
    assert row["accuracy"] == "0.95"
    assert row["delta"]["value"] == str(expected.delta)


def test_nothing_is_computed_before_the_output_is_open(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def unexpected(*_: object, **__: object) -> None:
        raise AssertionError

    from grokmath.regression.linear import LinearTeacherStudent

    monkeypatch.setattr(LinearTeacherStudent, "grokking_time", unexpected)
    assert run("table", "-o", "/nonexistent/table.csv").status == 2


def test_a_row_without_proof_has_status_1(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from grokmath.regression.linear import LinearTeacherStudent

    def fail(*_: object, **__: object) -> None:
        raise gm.PrecisionError("grokking_time: 5 digits were not reached")

    monkeypatch.setattr(LinearTeacherStudent, "grokking_time", fail)
    status, out, err = run(*SMALL)
    assert status == 1
    assert "not reached" in out
    assert "1 of 1 rows" in err


def test_interrupted_table_in_process(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from grokmath.regression.linear import LinearTeacherStudent

    original = LinearTeacherStudent.grokking_time

    def interrupting(self: LinearTeacherStudent, eps: object, **options: Any) -> object:
        if str(self.lam) == "7/10":
            raise KeyboardInterrupt
        return original(self, eps, **options)

    monkeypatch.setattr(LinearTeacherStudent, "grokking_time", interrupting)
    path = tmp_path / "t.csv"
    status, out, err = run("table", "--digits", "5", "--eps", "1e-3", "-o", str(path))
    assert (status, out) == (130, "")
    assert err.splitlines()[1] == f"grokmath: interrupted: 6 of 11 rows kept in {path}.partial"
    assert len(path.with_name("t.csv.partial").read_text().splitlines()) == 7
    assert not path.exists()
    status, out, err = run("table", "--digits", "5", "--eps", "1e-3", "--format", "csv")
    assert status == 130
    assert len(out.splitlines()) == 7
    assert err.splitlines()[1] == "grokmath: interrupted: 6 of 11 rows written"


# --- processes


def _wait_for_rows(path: Path, rows: int) -> None:
    for _ in range(600):
        if path.exists() and len(path.read_text().splitlines()) > rows:
            return
        time.sleep(0.05)
    pytest.fail("no rows came")


@pytest.mark.parametrize("ignored", [False, True])
def test_sigint_keeps_the_rows(ignored: bool, tmp_path: Path) -> None:
    """Also where the shell started the command in the background, with SIGINT ignored."""
    path = tmp_path / "long.csv"
    partial = tmp_path / "long.csv.partial"
    arguments = ["table", "--lam", "0.1:0.9:0.00001", "--digits", "50", "-o", str(path)]
    before = signal.signal(signal.SIGINT, signal.SIG_IGN) if ignored else None
    try:
        child = subprocess.Popen([*COMMAND, *arguments], stderr=subprocess.PIPE, text=True)
    finally:
        if before is not None:
            signal.signal(signal.SIGINT, before)
    _wait_for_rows(partial, 5)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=30)
    assert child.returncode == 130
    assert "Traceback" not in err
    rows = list(csv.DictReader(io.StringIO(partial.read_text())))
    assert err.splitlines()[-1] == f"grokmath: interrupted: {len(rows)} of 240003 rows kept in {partial}"
    assert all(Decimal(row["train"]) > 0 for row in rows)
    assert not path.exists()


def test_a_closed_pipe_ends_quietly() -> None:
    for arguments in (["table", "--lam", "0.1:0.9:0.0001", "--digits", "5"], ["eval", "--help"]):
        child = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.readline()
        child.stdout.close()
        err = child.stderr.read()
        child.stderr.close()
        assert child.wait(timeout=60) == 0
        assert err.count("\n") == (arguments[0] == "table")


def _on_a_terminal(arguments: list[str], both: bool) -> tuple[int, str, str]:
    """Run with stderr (and stdout, if ``both``) on a pseudo-terminal: the status, what it showed, and stdout."""
    leader, follower = pty.openpty()
    child = subprocess.Popen([*COMMAND, *arguments], stderr=follower, stdout=follower if both else subprocess.PIPE)
    os.close(follower)
    shown = b""
    while True:
        try:
            piece = os.read(leader, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(leader)
    out = child.communicate(timeout=60)[0] or b""
    return child.returncode, shown.decode(), out.decode()


def test_progress_bar_on_a_terminal_only() -> None:
    arguments = ["table", "--lam", "0.1:0.9:0.1", "--eps", "1e-3", "--digits", "5", "--format", "csv"]
    plain = process(*arguments)
    assert "row/s" not in plain.stderr
    status, shown, out = _on_a_terminal(arguments, both=False)
    assert status == 0
    assert "%|" in shown
    assert "row/s" in shown
    assert out == plain.stdout
    status, shown, _ = _on_a_terminal(arguments, both=True)
    assert status == 0
    for line in plain.stdout.splitlines():
        assert line in shown
