"""The pages under docs/ do what they say: their examples run as printed, the names they use are there."""

import doctest
import re
import runpy
import shlex
from pathlib import Path

import pytest

import grokmath as gm
from grokmath.cli import main
from grokmath.quantities import QUANTITIES
from grokmath.quantities.regression import REGRESSION as REGRESSION_QUANTITIES
from grokmath.regression import two_layer_matrices

DOCS = Path(__file__).parents[1] / "docs"
PAGES = {str(path.relative_to(DOCS)): path.read_text(encoding="utf-8") for path in sorted(DOCS.rglob("*.md"))}
REGRESSION = (
    "knobs",
    "losses",
    "grokking_time",
    "critical_values",
    "asymptotic_series",
    "two_layer",
    "modular_addition",
    "finite_size",
    "phase_diagrams",
)
MODELS = (gm.LinearTeacherStudent, gm.TwoLayerLinear, gm.FiniteSize)
ELSEWHERE = {"ledger.md", "testing.md"}
"""Pages whose slower examples run in tests of their own."""
FITTED = {"predict"}
"""Methods of a result that no class of the public surface has."""


@pytest.mark.parametrize("page", [page for page, text in PAGES.items() if ">>> " in text and page not in ELSEWHERE])
def test_examples_run_as_printed(page: str) -> None:
    failures, tried = doctest.testfile(str(DOCS / page), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert failures == 0
    assert tried > 0


@pytest.mark.parametrize("name", REGRESSION)
def test_every_page_of_the_regression_model_has_an_example(name: str) -> None:
    assert ">>> " in PAGES[f"{name}.md"]


@pytest.mark.parametrize("name", REGRESSION)
def test_functions_and_modules_that_a_page_names_are_there(name: str) -> None:
    text = PAGES[f"{name}.md"]
    for call in re.findall(r"`([A-Za-z_]+)\(", text) + re.findall(r"`\.([a-z_]+)\(", text):
        owners = [owner for owner in (gm, *MODELS, two_layer_matrices) if hasattr(owner, call)]
        assert owners or call in FITTED, call
    for dotted in re.findall(r"`grokmath((?:\.[a-z_]+)+)", text):
        owner: object = gm
        module = Path(gm.__file__).parent.joinpath(*dotted.strip(".").split("."))
        if module.with_suffix(".py").exists() or module.is_dir():
            continue
        for part in dotted.strip(".").split("."):
            owner = getattr(owner, part)


@pytest.mark.parametrize("page", list(PAGES))
def test_links_between_pages_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", PAGES[page]):
        assert (DOCS / page).parent.joinpath(target).exists(), target
    for target in re.findall(r"`(tests/[a-z_0-9]+\.py)`", PAGES[page]):
        assert DOCS.parent.joinpath(target).exists(), target


PROGRAMS = re.findall(r"```python\n(.*?)```", PAGES["tables.md"], re.DOTALL)


def test_there_are_programs_to_run() -> None:
    assert len(PROGRAMS) == 2


@pytest.mark.parametrize("program", PROGRAMS)
def test_programs_on_the_page_of_tables_run(
    program: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "program.py"
    file.write_text(program, encoding="utf-8")
    runpy.run_path(str(file), run_name="__main__")
    assert capsys.readouterr().out.count("\n") >= 6


SESSIONS = [
    (page, command, output)
    for page in ("command_line.md", "tables.md")
    for block in re.findall(r"```\n(\$ .*?)```", PAGES[page], re.DOTALL)
    for command, output in re.findall(r"^\$ grokmath (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
]


def test_there_are_command_lines_to_run() -> None:
    assert len(SESSIONS) >= 5


@pytest.mark.parametrize(("page", "command", "output"), SESSIONS, ids=[command for _, command, _ in SESSIONS])
def test_command_lines_print_what_the_page_says(
    page: str,
    command: str,
    output: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    status = main(shlex.split(command))
    printed = capsys.readouterr()
    if not output:
        assert status == 0
    elif output.startswith("grokmath: "):
        assert (status, printed.err) == (2, output)
    else:
        assert printed.out == output


def test_the_page_of_the_command_line_names_every_quantity_of_the_regression_model() -> None:
    text = PAGES["command_line.md"]
    assert [name for name in REGRESSION_QUANTITIES if f"`{name}`" not in text] == []
    for name in re.findall(r"eval ([a-z][a-z-]*) ", text):
        assert name in QUANTITIES, name
