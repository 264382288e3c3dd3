"""``grokmath separability``: a user's own points."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .command_line import Run


def test_separability_of_a_file(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text("1,0\n-1,1\n-1,-1\n")
    status, out, err = run("separability", str(path))
    assert (status, err) == (0, "")
    assert "inseparable" in out.splitlines()[0]
    record = json.loads(run("separability", str(path), "--json").out)
    assert (record["verdict"], record["N"], record["d"], record["lam"]) == ("inseparable", 3, 2, "2/3")
    path.write_text("1,0\n1,1\n")
    record = json.loads(run("separability", str(path), "--json").out)
    assert record["verdict"] == "separable"
    assert record["margin"] == pytest.approx(1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "no file given"),
        (["none.csv"], "No such file"),
        (["words.csv"], "not a matrix of numbers"),
        (["points.csv", "--eta", "0"], "eta"),
        (["points.csv", "--eta", "fast"], "eta"),
        (["points.csv", "--feature-std", "-1"], "feature_std"),
        (["points.csv", "--sigma", "1"], "--sigma"),
        (["points.xls"], "convert it"),
    ],
)
def test_bad_points_are_one_line(
    arguments: list[str],
    said: str,
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "words.csv").write_text("1,2\n3,x\n")
    (tmp_path / "points.csv").write_text("1,2\n3,4\n")
    (tmp_path / "points.xls").write_text("1,2\n")
    status, out, err = run("separability", *arguments)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert said in err


@pytest.mark.parametrize("option", ["feature-std", "eta"])
def test_a_number_beyond_doubles_is_bad_input_and_no_fault(run: Run, tmp_path: Path, option: str) -> None:
    file = tmp_path / "points.csv"
    file.write_text("1,2\n-1,3\n")
    status, _, err = run("separability", str(file), f"--{option}=1e400")
    assert status == 2
    assert f"{option.replace('-', '_')} = " in err


def test_messages_about_files_quote_their_names_and_give_no_advice_on_numpy(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("1,2\n3\n")
    assert run("separability", str(file)).err.endswith("the number of columns changed from 2 to 1 at row 2\n")
    assert "file = ''" in run("separability", "").err
