"""The command line: bad input, help, what it imports, and how it fails."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import grokmath as gm
from grokmath.quantities import QUANTITIES

from .command_line import COMMAND, LOSS, SMALL, TIME, Run, process

BAD = [
    [],
    [""],
    ["--foo"],
    ["tabel"],
    ["verified"],
    ["-1"],
    # grids
    ["table", "--lam", ""],
    ["table", "--eps", ""],
    ["table", "--lam", "0:1:0"],
    ["table", "--lam", "0.1:0.9:0"],
    ["table", "--lam", "0.9:0.1:0.1"],
    ["table", "--lam", "0.1:0.9:-0.1"],
    ["table", "--lam", "0:1:1e-300"],
    ["table", "--lam", "1e-300:1:1e-300"],
    ["table", "--lam", "1e-9:1:1e-9"],
    ["table", "--lam", "1e-9:1:1e-9", "--format", "latex"],
    ["table", "--lam", "1:1000000:1e-6", "--eps", "1:1000000:1e-6", "--format", "csv"],
    ["table", "--lam", "0.1,,0.2"],
    ["table", "--lam", "0.1:0.2"],
    ["table", "--lam", "1/0"],
    ["table", "--lam", "-0.1:0.9:0.1"],
    ["table", "--lam", "0"],
    ["table", "--lam", "1000001"],
    ["table", "--lam", "nan"],
    ["table", "--lam", "-inf"],
    ["table", "--lam", "1+1j"],
    ["table", "--lam", "__import__('os').system('true')"],
    ["table", "--lam", "0.5\n0.6"],
    ["table", "--lam", "\x1b[31m"],
    ["table", "--lam", "9" * 30_000],
    ["table", "--eps", "1e999999999"],
    ["table", "--eps", "1e-999999999"],
    ["table", "--eps", "0"],
    ["table", "--eps", "-1e-3"],
    # the other options of table
    ["table", "--model", "three-point"],
    ["table", "--model", ""],
    ["table", "--model"],
    ["table", "--sigma", "1"],
    ["table", "--model", "two-point", "--accuracy", "0.9"],
    ["table", "--model", "two-point", "--lam", "1.1"],
    ["table", "--model", "two-point", "--lam", "-0.1"],
    ["table", "--model", "two-point", "--sigma", "0"],
    ["table", "--model", "two-point", "--sigma", "1e200"],
    ["table", "--model", "two-point", "--S0", "1e9"],
    ["table", "--model", "two-point", "--S0", "S*"],
    ["table", "--model", "two-point", "--b0", "nan"],
    ["table", "--model", "logistic", "--eps", "1"],
    ["table", "--model", "logistic", "--criterion", "loss"],
    ["table", "--model", "logistic", "--lam", "0"],
    ["table", "--eta", "0"],
    ["table", "--eta", "-1"],
    ["table", "--eta", "0.01,0.02"],
    ["table", "--eta", ""],
    ["table", "--accuracy", "0"],
    ["table", "--accuracy", "1"],
    ["table", "--accuracy", "-0.5"],
    ["table", "--accuracy", "erf(sqrt(2))"],
    ["table", "--digits", "0"],
    ["table", "--digits", "-3"],
    ["table", "--digits", "2.5"],
    ["table", "--digits", "1000000000"],
    ["table", "--digits", "9" * 5000],
    ["table", "--digits", "--5"],
    ["table", "--digits", "fifty"],
    ["table", "--digits", ""],
    ["table", "--format", "xls"],
    ["table", "--format", ""],
    ["table", "--format", "csv", "--json"],
    ["table", "--lam"],
    ["table", "-o"],
    ["table", "--foo", "3"],
    ["table", "--dig", "5"],
    ["table", "extra"],
    ["table", "-o", ""],
    ["table", "-o", "/nonexistent/directory/table.csv"],
    ["table", "-o", os.getcwd()],
    # eval
    ["eval"],
    ["eval", ""],
    ["eval", "no-such-thing"],
    ["eval", "x" * 100_000],
    ["eval", "--lam", "0.9"],
    ["eval", "gen-loss"],
    [*LOSS],
    [*LOSS, "--t"],
    [*LOSS, "--t", "1", "--x", "2"],
    [*LOSS, "--t", "1", "--foo", "2"],
    [*LOSS, "--t", "1", "extra"],
    [*LOSS, "--t", "-1e-3"],
    [*LOSS, "--t=-1e-3"],
    [*LOSS, "--t", "-1"],
    [*LOSS, "--t", "nan"],
    [*LOSS, "--t", "inf"],
    [*LOSS, "--t", "-inf"],
    [*LOSS, "--t", "1e999999999"],
    [*LOSS, "--t", "2 + 3"],
    [*LOSS, "--t", "1j"],
    [*LOSS, "--t", ""],
    [*LOSS, "--t", "1", "--digits", "0"],
    [*LOSS, "--t", "1", "--digits", "-3"],
    [*LOSS, "--t", "1", "--digits", "2.5"],
    [*LOSS, "--t", "1", "--digits", "1000000000"],
    ["eval", "gen-loss", "--lam", "0", "--eta", "1", "--t", "1"],
    ["eval", "gen-loss", "--lam", "-1", "--eta", "1", "--t", "1"],
    ["eval", "gen-loss", "--lam", "1/0", "--eta", "1", "--t", "1"],
    ["eval", "gen-loss", "--lam", "1", "--eta", "0", "--t", "1"],
    ["eval", "gen-accuracy", "--lam", "1", "--eta", "1", "--t", "1", "--eps", "0"],
    [*TIME, "--lam", "1", "--method", "magic"],
    [*TIME, "--lam", "1", "--accuracy", "2"],
    ["eval", "two-point-weight", "--lam", "0.3"],
    ["eval", "two-point-weight", "--lam", "0.3", "--t", "1", "--log_t", "0"],
    ["eval", "two-point-weight", "--lam", "1.5", "--t", "1"],
    ["eval", "two-point-weight", "--lam", "0.3", "--t", "-1"],
    ["eval", "two-point-weight", "--lam", "0.3", "--t", "1", "--sigma", "0"],
    ["eval", "two-point-time-at-weight", "--lam", "0.3", "--S", "1"],
    ["eval", "two-point-minimizer", "--lam", "0.5"],
    ["eval", "two-point-grokking-time", "--lam", "0.3", "--eps", "1e-3", "--method", "lambert"],
    ["eval", "logistic-grokking-time", "--lam", "0.6", "--eps", "1e-3"],
    ["eval", "logistic-grokking-time", "--lam", "0.4", "--eps", "1e-3", "--criterion", "loss"],
    ["eval", "marcum-q", "--a", "-1", "--b", "1"],
    ["eval", "marcum-q", "--a", "1", "--b", "1", "--m", "0"],
    ["eval", "lambert-w", "--x", "-inf"],
    ["eval", "lambert-w", "--x", "0", "--branch", "-1"],
    ["eval", "lambert-w", "--x", "1", "--branch", "1/2"],
    ["eval", "lambert-w", "--x", "1", "--branch", "1e1000"],
    ["eval", "marchenko-pastur-pdf", "--lam", "0", "--x", "1"],
    ["eval", "marchenko-pastur-moment", "--lam", "1", "--k", "2.5"],
    ["eval", "marchenko-pastur-moment", "--lam", "1", "--k", "1e1000000"],
]


def _name(arguments: list[str]) -> str:
    return " ".join(arguments)[:70].encode("unicode_escape").decode()


@pytest.mark.parametrize("arguments", BAD, ids=_name)
def test_bad_input_is_one_line_and_status_2(arguments: list[str], run: Run) -> None:
    start = time.perf_counter()
    status, out, err = run(*arguments)
    assert status == 2
    assert out == ""
    assert err.count("\n") == 1
    assert err.endswith("\n")
    assert err.startswith("grokmath: ")
    assert "usage" not in err
    assert "fault" not in err
    assert err.rstrip("\n").isprintable()
    assert len(err) < 1000
    assert time.perf_counter() - start < 5


def test_bad_input_in_a_process_leaves_no_traceback() -> None:
    for arguments in (["eval", "gen-loss", "--lam", "0.9", "--eta", "1", "--t", "-1e-3"], ["table", "--lam", "0:1:0"]):
        result = process(*arguments)
        assert (result.returncode, result.stdout) == (2, "")
        assert result.stderr.startswith("grokmath: ")
        assert result.stderr.count("\n") == 1


def test_messages_name_value_domain_and_remedy(run: Run) -> None:
    err = run(*LOSS, "--t", "-1e-3").err.rstrip("\n")
    assert err == "grokmath: gen_loss: t = '-1e-3' is not allowed (needed: a number >= 0); choose a value in this range"
    assert "did you mean 'grokking-time'?" in run("eval", "groking-time").err
    assert "did you mean 'gen-loss'?" in run("eval", "gen_loss").err
    assert "did you mean 'table'?" in run("tabel").err
    assert "did you mean 'latex'?" in run("table", "--format", "latx").err
    err = run("eval", "gen-loss", "--lam", "0.9", "--x", "1", "--foo=2").err
    assert "lacks --t and does not take --x '--foo=2'" in err
    assert "its options are --lam LAM --t T [--eta ETA] [--d-out D_OUT]" in err


@pytest.mark.parametrize("arguments", [["--help"], ["table", "--help"], ["eval", "--help"], ["-h"]])
def test_help(arguments: list[str], run: Run) -> None:
    status, out, err = run(*arguments)
    assert (status, err) == (0, "")
    assert out.startswith("usage: grokmath")


def test_version(run: Run) -> None:
    assert run("--version") == (0, f"grokmath {gm.__version__}\n", "")


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from grokmath.cli import main;"
        "main(['--help']); main(['table', '--help']); main(['eval', '--list']);"
        "heavy = {'numpy', 'scipy', 'sympy', 'mpmath', 'flint', 'tqdm'} & set(sys.modules); sys.exit(len(heavy))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=60)


def test_table_imports_flint_alone() -> None:
    code = (
        f"import sys; from grokmath.cli import main; main({SMALL!r});"
        "heavy = {'numpy', 'scipy', 'sympy', 'mpmath', 'tqdm'} & set(sys.modules); sys.exit(len(heavy))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=60)


def test_a_fault_is_one_line_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError("two\nlines")

    monkeypatch.setitem(QUANTITIES, "gen-loss", QUANTITIES["gen-loss"]._replace(compute=fail))
    status, out, err = run(*LOSS, "--t", "1")
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert "RuntimeError" in err


@pytest.mark.parametrize("arguments", [SMALL, ["--help"], ["eval", "--list"]], ids=lambda arguments: arguments[-1])
def test_an_output_that_fails_is_one_line(arguments: list[str], tmp_path: Path) -> None:
    """The shell allows no file to grow: every write fails, also the last one at the end of the process."""
    script = ["sh", "-c", 'ulimit -f 0; exec "$@"', "sh"]
    with (tmp_path / "out").open("w") as out:
        result = subprocess.run(
            [*script, *COMMAND, *arguments], stdout=out, stderr=subprocess.PIPE, text=True, timeout=60, check=False
        )
    assert result.returncode == 2
    assert result.stderr.splitlines()[-1].startswith("grokmath: cannot write: File too large")
    assert "Exception" not in result.stderr
    path = tmp_path / "table"
    result = subprocess.run(
        [*script, *COMMAND, *SMALL, "-o", str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert result.returncode == 2
    line = f"grokmath: cannot write: File too large; 0 of 1 rows kept in {path}.partial"
    assert result.stderr.splitlines()[-1] == line


@pytest.mark.parametrize(
    "arguments",
    [
        ["eval", "gen-loss", "--lam=0.4", "--t=--"],
        ["eval", "gen-loss", "--lam=0.4", "--t=1", "--digits=--"],
        ["table", "--lam=--"],
        ["table", "--format=--"],
        ["table", "-o", "--output=--"],
        ["separability", "points.npy", "--eta=--"],
        ["simulate", "two-point", "--lam=--"],
        ["figure", "levi2023:1", "--data=--"],
    ],
)
def test_two_dashes_for_a_value_are_bad_input_and_no_fault(run: Run, arguments: list[str]) -> None:
    """argparse reads --name=-- as an empty list."""
    status, out, err = run(*arguments)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "fault" not in err


def test_a_file_name_with_a_null_is_bad_input_and_no_fault(run: Run) -> None:
    assert run(*SMALL, "-o", "a\0b") == (2, "", "grokmath: table: cannot write 'a\\x00b': embedded null byte\n")


@pytest.mark.parametrize("digits", ["1.5", "nan", "", "9" * 50])
def test_bad_digits_of_every_quantity_are_bad_input(run: Run, digits: str) -> None:
    """optimal-weight-decay multiplied them."""
    status, _, err = run("eval", "optimal-weight-decay", "--lam=0.4", "--label-noise=0.1", f"--digits={digits}")
    assert status == 2
    assert "digits = " in err
