"""The package itself: what importing it costs, what it exports, and what its files say."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import grokmath as gm

ROOT = Path(__file__).parent.parent
HEAVY = ("numpy", "sympy", "scipy", "mpmath", "flint")


def modules_after(statement: str) -> set[str]:
    """The heavy modules that are loaded after the statement, in a fresh interpreter."""
    code = f"import sys\n{statement}\nprint(*(m for m in {HEAVY!r} if m in sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(result.stdout.splitlines()[-1].split()) if result.stdout.strip() else set()


def test_importing_the_package_imports_no_heavy_module():
    assert modules_after("import grokmath") == set()
    assert modules_after("import grokmath; dir(grokmath)") == set()


def test_help_imports_no_heavy_module():
    assert modules_after("from grokmath.cli import main; main(['--help'])") == set()


def test_certified_losses_import_flint_alone():
    assert modules_after("import grokmath as gm; gm.LinearTeacherStudent('0.9').grokking_time('1e-3', digits=20)") == {
        "flint"
    }


@pytest.mark.parametrize("name", gm.__all__)
def test_every_exported_name_exists_and_is_documented(name):
    value = getattr(gm, name)
    assert value is not None
    if name != "__version__":
        assert value.__doc__
        assert name in dir(gm)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'grok'"):
        gm.grok  # noqa: B018


def test_the_version_is_said_once():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == gm.__version__
    assert f"version: {gm.__version__}" in (ROOT / "CITATION.cff").read_text()
    assert f"## {gm.__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_links_between_the_pages_lead_somewhere():
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} -> {target}"


FLOORS = [
    ["exact"],
    ["parameters", "decimals"],
    ["certified", "certified_complex"],
    ["roots"],
    ["functions"],
    ["evaluation"],
    ["asymptotics", "proof"],
    ["regression", "classification"],
    ["data_files", "ledger", "simulate"],
    ["tables"],
    ["table_formats"],
    ["figures", "testing"],
    ["quantities", "cli", "__main__"],
]


def test_imports_go_down_the_floors_only():
    floor = {name: level for level, names in enumerate(FLOORS) for name in names}
    for path in (ROOT / "grokmath").rglob("*.py"):
        room = path.relative_to(ROOT / "grokmath").parts[0].removesuffix(".py")
        if room == "__init__":
            continue
        for imported in re.findall(r"^\s*(?:from|import) grokmath\.(\w+)", path.read_text(), re.MULTILINE):
            assert floor[imported] <= floor[room], f"{path.name} imports {imported}"


def test_nothing_that_was_typed_is_evaluated_and_no_precision_is_global():
    forbidden = re.compile(
        r"\b(eval|exec|sympify|parse_expr)\(|pickle\.loads?\(|(mp|mpmath|ctx)\.dps *=|mpmath\.mp\.prec *="
    )
    for path in (ROOT / "grokmath").rglob("*.py"):
        for line in path.read_text().splitlines():
            assert not forbidden.search(line) or line.lstrip().startswith("def "), f"{path.name}: {line.strip()}"


def test_the_precision_of_balls_is_set_in_one_place():
    """``working_precision`` and ``set_precision``: an exception between two assignments left the wrong precision."""
    assigned = [
        path.name
        for path in (ROOT / "grokmath").rglob("*.py")
        if re.search(r"ctx\.prec\s*[-+*]?=[^=]", path.read_text())
    ]
    assert assigned == ["exact.py"]
