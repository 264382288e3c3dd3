"""Mutated derivations: every integer plus one, every sum a difference. None may reach another statement.

A mutant is killed when a rule refuses it (or the Python around it fails). One that survives must end in the same
statement: the change did not matter, as the sign of T0 does not matter for a mean square, or a bound still holds.
"""

from __future__ import annotations

import ast
import importlib
import sys
import types
from pathlib import Path

import pytest

from grokmath.proof import RefusedStep

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "derivations" / "levi2023"
sys.path.insert(0, str(ROOT))

QUICK = ("marcum_derivatives", "bessel_integral", "eq09_accuracy", "eq14_weight_decay", "eq28_label_noise")
SLOW = (
    *(
        "eq05_08_losses",
        "eq06_total_mass",
        "eq08_gen_loss",
        "eq08_train_loss",
        "eq10_late_time_losses",
        "eq15_plateaus",
        "eq15_small_decay",
    ),
    *("eq20_slope", "eq22_uniform_form", "eq23_24_lambert", "duality", "plateau", "ridge_transform"),
)


def places(tree):
    """The integers and the sums of a module, docstrings excluded, in order."""
    for node in ast.walk(tree):
        is_integer = isinstance(node, ast.Constant) and type(node.value) is int
        if is_integer or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub)):
            yield node


def mutate(node):
    if isinstance(node, ast.Constant):
        node.value += 1
    else:
        node.op = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()


def reached(module):
    return {identifier: str(derive()) for identifier, derive in module.DERIVES.items()}


def killed_and_survived(name):
    path = FOLDER / f"{name}.py"
    truth = reached(importlib.import_module(f"derivations.levi2023.{name}"))
    killed = survived = 0
    for i in range(len(list(places(ast.parse(path.read_text()))))):
        tree = ast.parse(path.read_text())
        node = list(places(tree))[i]
        mutate(node)
        mutant = types.ModuleType(f"derivations.levi2023.{name}_mutant")
        mutant.__package__ = "derivations.levi2023"
        try:
            exec(compile(tree, str(path), "exec"), mutant.__dict__)  # noqa: S102
            found = reached(mutant)
        except (RefusedStep, ValueError, IndexError, TypeError, KeyError):
            killed += 1
            continue
        assert found == truth, f"{name}, line {node.lineno}: a mutant reaches another statement"
        survived += 1
    return killed, survived


@pytest.mark.parametrize("name", QUICK)
def test_no_mutant_of_a_derivation_reaches_another_statement(name):
    killed, survived = killed_and_survived(name)
    assert killed >= 8
    assert survived == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_no_mutant_of_a_longer_derivation_reaches_another_statement(name):
    killed, survived = killed_and_survived(name)
    assert killed > 2 * survived


def test_every_derivation_is_mutated_somewhere():
    assert {*QUICK, *SLOW} == {path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__"}
