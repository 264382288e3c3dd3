"""``grokmath figure`` and ``grokmath simulate``: what they write, and one line for what cannot be done."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from grokmath import DomainError
from grokmath.cli import figure as cli_figure
from grokmath.cli import main
from grokmath.cli.simulate import SIMULATIONS
from grokmath.figures import FIGURES, FigureData

FAST = "levi2023:5"


def errors(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line that a command with bad input says, after checking the status."""
    assert main(list(arguments)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("grokmath: ")
    assert err.count("\n") == 1
    return err


@pytest.mark.parametrize(("suffix", "start"), [("pdf", b"%PDF"), ("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_a_figure_is_drawn_in_each_format(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], suffix: str, start: bytes
):
    file = tmp_path / f"figure.{suffix}"
    assert main(["figure", FAST, "--quick", "-o", str(file)]) == 0
    assert file.read_bytes().startswith(start)
    assert "exact losses" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == [file]


def test_data_and_numbers_need_no_drawing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    data, numbers = tmp_path / "a.csv", tmp_path / "a.json"
    assert main(["figure", FAST, "--quick", "--seed", "3", "--data", str(data), "--json", str(numbers)]) == 0
    rows = list(csv.DictReader(io.StringIO(data.read_text())))
    assert {row["panel"] for row in rows} == {"losses", "errors"}
    record = json.loads(numbers.read_text())
    assert record["figure"] == FAST
    assert record["size"] == "quick"
    assert record["seed"] == 3
    assert record["parameters"]["points"] == 150
    assert "caption" in record
    assert record["numbers"]


def test_without_matplotlib_it_says_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "matplotlib" else find_spec(name))
    assert "pip install grokmath[figures]" in errors(capsys, "figure", FAST, "-o", str(tmp_path / "a.pdf"))
    assert "pip install grokmath[figures]" in errors(capsys, "figure", "all", "-o", str(tmp_path))
    assert not list(tmp_path.iterdir())


def test_the_list_names_every_figure(capsys: pytest.CaptureFixture[str]):
    assert main(["figure", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(FIGURES)
    assert all("(quick" in line and ", paper" in line for line in lines)


def test_all_writes_three_files_each_and_goes_on_over_failures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    from grokmath.figures import registry

    usual = registry.compute

    def compute(name: str, size: str, **more: object) -> FigureData:
        if name == "levi2023:1":
            raise RuntimeError("no luck")
        return usual(FAST, size, **more)

    monkeypatch.setattr(registry, "FIGURES", ("levi2023:1", FAST, "levi2023:6"))
    monkeypatch.setattr(registry, "compute", compute)
    folder = tmp_path / "new" / "folder"
    assert main(["figure", "all", "--quick", "--jobs", "1", "-o", str(folder)]) == 1
    names = {f"levi2023_{number}.{suffix}" for number in (5, 6) for suffix in ("pdf", "csv", "json")}
    assert {path.name for path in folder.iterdir()} == names
    out, err = capsys.readouterr()
    assert "3 figures, 1 at a time, about 22 s" in err  # 7, 1 and 2 s, and 4 s of loading and drawing each
    assert len(out.splitlines()) == 2
    assert "levi2023:1: no luck" in err
    assert "1 of 3 figures failed" in err
    monkeypatch.setattr(registry, "FIGURES", (FAST,))
    assert main(["figure", "all", "--quick", "--jobs", "1", "-o", str(folder)]) == 0


def test_figures_in_processes_of_their_own_have_the_same_bits_and_fail_alone(tmp_path: Path):
    found = dict(cli_figure._computed([FAST, "levi2023:9"], "quick", 1, 2))
    assert isinstance(found["levi2023:9"], DomainError)
    assert found[FAST] == cli_figure._contents(FAST, "quick", 1, "pdf")[1]


def test_numbers_carry_the_verdict(tmp_path: Path):
    numbers = tmp_path / "a.json"
    assert main(["figure", "levi2023:6", "--quick", "--json", str(numbers)]) == 0
    found = json.loads(numbers.read_text())["verdict"]
    assert found["points"] > 100
    assert found["largest |z|"] < found["bound of |z|"] < 6
    assert found["beyond the bound"] == []


def test_an_existing_file_survives_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from grokmath.figures import registry

    def compute(*_: object, **__: object) -> FigureData:
        raise KeyboardInterrupt

    file = tmp_path / "figure.pdf"
    file.write_text("old")
    monkeypatch.setattr(registry, "compute", compute)
    assert main(["figure", FAST, "-o", str(file)]) == 130
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_run_that_is_ended_leaves_no_partial_file(tmp_path: Path, name: str):
    command = [sys.executable, "-m", "grokmath", "figure", "levi2023:1", "-o", str(tmp_path / "a.pdf")]
    default = signal.getsignal(signal.SIGHUP)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr
            assert process.stderr.readline().startswith("grokmath: levi2023:1: about ")
            assert [path.name for path in tmp_path.iterdir()] == ["a.pdf.partial"]
            process.send_signal(getattr(signal, name))
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    if name == "SIGHUP" and default is signal.SIG_IGN:  # under nohup
        return
    assert (process.returncode, out, err) == (130, "", "grokmath: interrupted\n")
    assert not list(tmp_path.iterdir())


def test_a_directory_or_a_file_in_its_place_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder, file = tmp_path / "folder.pdf", tmp_path / "file"
    folder.mkdir()
    file.touch()
    for path in (str(folder), f"{tmp_path}/"):
        assert "is a directory; name a file in it" in errors(capsys, "figure", FAST, "-o", path)
    assert "is a directory" in errors(capsys, "figure", FAST, "--data", str(folder)).lower()
    assert "is a file; -o needs a directory" in errors(capsys, "figure", "all", "-o", str(file))
    assert "Is a directory" in errors(capsys, "simulate", "two-point", "-o", f"{tmp_path}/")


def test_times_at_which_the_theory_does_not_hold_have_no_score(capsys: pytest.CaptureFixture[str]):
    """Single eigenvalues decide there: the loss differs from the theory by many powers of ten, as it should."""
    assert main(["simulate", "regression", "--lam", "0.5", "--d-in", "60", "--eps", "1e-3"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    scored = [row for row in rows if row["z"]]
    assert len(scored) > 20
    assert max(abs(float(row["z"])) for row in scored) < 5
    assert all(not row["z"] for row in rows if row["curve"] == "gen_loss" and float(row["t"]) > 1e4)


BAD_FIGURES = [
    (("figure",), "no figure given"),
    (("figure", "levi2023:11"), "did you mean 'levi2023:1'"),
    (("figure", FAST), "nothing to write"),
    (("figure", FAST, "-o", ""), "nothing to write"),
    (("figure", FAST, "-o", "figure"), "no suffix"),
    (("figure", FAST, "-o", "figure.jpg"), "the suffix '.jpg'"),
    (("figure", FAST, "-o", "/no/such/folder/a.pdf"), "cannot write '/no/such/folder/a.pdf'"),
    (("figure", FAST, "--data", "/no/such/folder/a.csv"), "cannot write"),
    (("figure", FAST, "--data", "a.json", "--json", "./a.json"), "must differ"),
    (("figure", FAST, "-o", "a.pdf", "--seed", "-1"), "--seed '-1'"),
    (("figure", FAST, "-o", "a.pdf", "--seed", "one"), "--seed 'one'"),
    (("figure", FAST, "-o", "a.pdf", "--seed", 41 * "1"), "at most 40 digits"),
    (("figure", FAST, "-o", "a.pdf", "--quick", "--paper-size"), "contradicts"),
    (("figure", FAST, "-o", "a.pdf", "--fast"), "there is no option '--fast'"),
    (("figure", FAST, "levi2023:6", "-o", "a.pdf"), "'levi2023:6' is one too many"),
    (("figure", "all"), "needs -o DIR"),
    (("figure", "all", "-o", "a", "--jobs", "0"), "--jobs '0'"),
    (("figure", "all", "-o", "a", "--jobs", "two"), "--jobs 'two'"),
    (("figure", FAST, "-o", "a.pdf", "--jobs", "2"), "--jobs goes with 'all'"),
    (("figure", "all", "-o", "a", "--data", "b"), "leave --data"),
    (("figure", "all", "-o", "/proc/no"), "cannot write '/proc/no'"),
]


SIMULATED = {
    "regression": ["--d-in", "40", "--times", "0,10:30:10", "--eps", "0.1", "--label-noise", "0.1"],
    "two-layer": ["--d-in", "20", "--d_h", "30", "--d-out", "2", "--times", "0,5"],
    "classification": ["--n-train", "40", "--realisations", "2", "--times", "1,10"],
    "two-point": ["--times", "1,10"],
    "modular": ["--p", "5", "--alpha", "0.8", "--width", "10", "--eta", "5", "--steps", "20", "--every", "10"],
}


@pytest.mark.parametrize("kind", SIMULATIONS)
def test_every_simulation_writes_its_curves(tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str):
    assert main(["simulate", kind, *SIMULATED[kind]]) == 0
    printed = capsys.readouterr().out
    rows = list(csv.DictReader(io.StringIO(printed)))
    assert {"train_loss", "log_train_loss"} & {row["curve"] for row in rows}
    if kind in ("regression", "two-layer"):
        for row in rows:
            mean, theory = float(row["mean"]), float(row["theory"])
            error = float(row["predicted_error"] or row["standard_error"])
            if row["z"] not in ("", "0.0"):
                assert float(row["z"]) == pytest.approx((mean - theory) / error)
    file = tmp_path / "curves.json"
    assert main(["simulate", kind, *SIMULATED[kind], "-o", str(file)]) == 0
    record = json.loads(file.read_text())
    assert record["simulation"] == kind
    assert record["seed"] == 1
    assert sum(len(curve["t"]) for curve in record["curves"].values()) == len(rows)
    assert main(["simulate", kind, *SIMULATED[kind], "--seed", "1"]) == 0
    assert capsys.readouterr().out == printed


BAD_SIMULATIONS = [
    (("simulate",), "no simulation given"),
    (("simulate", "regresion"), "did you mean 'regression'"),
    (("simulate", "regression", "--sigma", "1"), "does not take --sigma"),
    (("simulate", "regression", "--d-in", "10000000"), "PB of memory"),
    (("simulate", "modular", "--p", "100000"), "of memory"),
    (("simulate", "two-layer", "--d-in", "10000000"), "of memory"),
    (("simulate", "regression", "--realisations", "1000000000"), "TB of memory"),
    (("simulate", "modular", "--p", "5", "--steps", "100000000000"), "GB of memory"),
    (("simulate", "regression", "--d-in", "30", "--eta", "1"), "where descent converges"),
    (("simulate", "two-point", "--eta", "100", "--sigma", "30", "--dynamics", "descent"), "at most 0.004271"),
    (("simulate", "regression", "--lam", "-1"), "lam = '-1'"),
    (("simulate", "regression", "--d-in", "2.5"), "d_in = '2.5'"),
    (("simulate", "regression", "--times", "1,x"), "times"),
    (("simulate", "regression", "--times", "0:1e9:1"), "at most 100000"),
    (("simulate", "regression", "--times", "0.5"), "times"),
    (("simulate", "regression", "--dynamics", "adam"), "dynamics"),
    (("simulate", "two-layer", "--activation", "relu"), "activation"),
    (("simulate", "modular", "--until", "x"), "until = 'x'"),
    (("simulate", "regression", "--seed", "1.5"), "--seed '1.5'"),
    (("simulate", "regression", "--format", "jsn"), "did you mean 'json'"),
    (("simulate", "regression", "-o", "a.xlsx"), "there is no suffix 'xlsx'"),
    (("simulate", "regression", "-o", "/no/such/folder/a.csv"), "cannot write"),
    (("simulate", "regression", "--frob", "1"), "there is no option '--frob'"),
    (("simulate", "regression", "--lam", ""), "--lam needs a value (default: 0.9)"),
    (("simulate", "two-layer", "--d-out", " "), "--d-out needs a value (default: 5)"),
    (("simulate", "regression", "--dynamics", ""), "--dynamics needs a value"),
    (("simulate", "regression", "--times", "1,1e400"), "at most 1e12"),
    (("simulate", "regression", "--dynamics", "flow", "--times", "1e400"), "at most 1e300"),
    (("simulate", "two-point", "--times", "1:1e301:1e301,1e308"), "at most 1e300"),
    (("simulate", "regression", "--init-scale", "1e100"), "a size from 1e-50 to 1e50"),
    (("simulate", "regression", "--lam", "1e-400"), "a size from 1e-50 to 1e50"),
    (("simulate", "two-point", "--b0", "1e9"), "b0 = '1000000000'"),
    (("simulate", "two-layer", "--d-out", "1e9"), "TB of memory"),
    (("simulate", "modular", "--until", "1e400"), "an accuracy from 0 to 1"),
]


@pytest.mark.parametrize(("arguments", "said"), BAD_FIGURES + BAD_SIMULATIONS)
def test_bad_commands(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    said: str,
):
    monkeypatch.chdir(tmp_path)
    assert said in errors(capsys, *arguments)
    assert not list(tmp_path.iterdir())


def test_descent_beyond_stability_is_warned_of_in_one_line(capsys: pytest.CaptureFixture[str]):
    size = ["--eta", "100", "--dynamics", "descent", "--times", "1,10"]
    assert main(["simulate", "classification", "--n-train", "40", *size]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("curve,t,mean")
    assert err.startswith("grokmath: simulate.classification: eta = 100 is above")
    assert err.count("\n") == 1
    assert main(["simulate", "two-point", *size]) == 0
    assert "eta = 100 is above 1.631" in capsys.readouterr().err


def test_a_disk_that_is_full_is_said(capsys: pytest.CaptureFixture[str]):
    if not Path("/dev/full").exists():
        return
    assert "cannot write" in errors(capsys, "figure", FAST, "--quick", "--data", "/dev/full")


def test_drawing_loads_no_interface():
    """The figures are drawn without pyplot, whose interface a machine may lack."""
    code = (
        "import sys\nfrom grokmath.figures import compute\nfrom grokmath.figures.draw import rendered\n"
        f"rendered(compute({FAST!r}, 'quick'), 'png')\nprint('matplotlib.pyplot' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["False"]
