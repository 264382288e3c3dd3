"""Mutated derivations: every integer plus one, every sum a difference. None may prove what is false.

A mutant is refused when a rule refuses it (or the Python around it fails). One that is not may survive, which is to end
in the same statements or in some of them: the change did not matter, as the sign of T0 does not matter for a mean
square, or a bound still holds. Or it may end elsewhere, as a change in the model's definition does: then the ledger
must not take what it states elsewhere for a claim of the record (the same statement under other conditions is one,
where the ledger finds that they cover the claim). In both cases every step that the mutant has and the derivation has
not must stand up to numbers, wherever these can be had: what survives has proved something true in another way.
"""

from __future__ import annotations

import ast
import importlib
import sys
import types
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from grokmath.ledger import records
from grokmath.ledger.derivations import reaches
from grokmath.proof import Fact, RefusedStep, Together, steps

from .numbers_of_facts import REFUTED, GivenUp, content, judged, new_steps, time_limit

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

QUICK = (
    *("levi2023.marcum_derivatives", "levi2023.bessel_integral", "levi2023.eq09_accuracy"),
    *("levi2023.eq14_weight_decay", "levi2023.eq28_label_noise", "beck2024.eq04_accuracy"),
)
ALL = {f"{path.parent.name}.{path.stem}" for path in (ROOT / "derivations").glob("*/*.py") if path.stem != "__init__"}
SLOW = sorted(ALL - {*QUICK})
SECONDS = 60
BESIDE = {
    "beck2024.gaussian_lemmas": [("halves", True), ("halves", False)],
    "beck2024.margin_series": [("in_margin", 4)],
    "levi2023.eq10_late_time_losses": [("train_bounds", 2)],
}
"""Steps with an argument of which another module, or a test, asks for a value that the module itself does not."""


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


def parts(fact):
    return fact.statement.facts if isinstance(fact.statement, Together) else (fact,)


def claims_of(identifier):
    """The record with this ID, once for each of its claims, with that alone."""
    return [replace(r, corrected=(claim,)) for r in records() if r.id == identifier for claim in r.claims]


def bound_by(statement):
    """The names that a statement at the top of a module gives."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        yield statement.name
    elif not isinstance(statement, ast.Import | ast.ImportFrom):
        yield from (x.id for x in ast.walk(statement) if isinstance(x, ast.Name) and isinstance(x.ctx, ast.Store))


def resting_on(tree, changed):
    """The names of a module that rest on what a statement at its top gives, by however many steps."""
    reads = [
        (set(bound_by(part)), {x.id for x in ast.walk(part) if isinstance(x, ast.Name) and isinstance(x.ctx, ast.Load)})
        for part in tree.body
    ]
    found = set(bound_by(changed))
    while True:
        more = set().union(*(names for names, read in reads if read & found)) - found
        if not more:
            return found
        found |= more


def facts_in(result):
    """The facts that a function of a derivation gives: one, or several."""
    if isinstance(result, Fact):
        yield result
    elif isinstance(result, tuple | list):
        for part in result:
            yield from facts_in(part)


def asked(name, tree, changed=None):
    """The keys of ``DERIVES``, the steps without arguments, and what other modules ask for; given a statement at the
    top of the module, those of them that rest on it.
    """
    (derives,) = (x for x in tree.body if isinstance(x, ast.Assign) and "DERIVES" in bound_by(x))
    touched = None if changed in (None, derives) else resting_on(tree, changed)
    for key, value in zip(derives.value.keys, derives.value.values, strict=True):
        if touched is None or touched & {x.id for x in ast.walk(value) if isinstance(x, ast.Name)}:
            yield ast.literal_eval(key)
    for step in tree.body:
        if isinstance(step, ast.FunctionDef) and (touched is None or step.name in touched):
            is_step = any(isinstance(x, ast.Name) and x.id == "cache" for x in step.decorator_list)
            if is_step and len(step.args.args) == len(step.args.defaults):
                yield (step.name,)
            yield from (what for what in BESIDE.get(name, ()) if what[0] == step.name)


def run(module, what):
    """The facts of one thing asked for."""
    return list(facts_in(module.DERIVES[what]() if isinstance(what, str) else getattr(module, what[0])(*what[1:])))


def mutants(name):
    """Every mutant of a module: the place changed, and the facts that it makes of all that rests on it.

    A word stands for these where a rule (or the Python around it) fails, or has found no proof for a minute. What does
    not rest on the change is taken from the module itself.
    """
    path = ROOT / "derivations" / f"{name.replace('.', '/')}.py"
    module = importlib.import_module(f"derivations.{name}")
    for i in range(len(list(places(ast.parse(path.read_text()))))):
        tree = ast.parse(path.read_text())
        node = list(places(tree))[i]
        mutate(node)
        top = next(part for part in tree.body if any(inner is node for inner in ast.walk(part)))
        mutant = types.ModuleType(f"derivations.{name}_mutant")
        mutant.__package__, mutant.__spec__ = f"derivations.{path.parent.name}", module.__spec__
        try:
            exec(compile(tree, str(path), "exec"), mutant.__dict__)  # noqa: S102
            for kept in set(vars(module)) - resting_on(tree, top) - {"__name__", "DERIVES"}:
                setattr(mutant, kept, getattr(module, kept))
            with time_limit(SECONDS):
                found = {what: run(mutant, what) for what in asked(name, tree, top)}
        except (RefusedStep, ValueError, IndexError, TypeError, KeyError, AttributeError):
            found = "refused"
        except GivenUp:
            found = "given up"
        yield node, found


def outcomes(name):
    """How many mutants of a module are refused, survive, and end elsewhere."""
    module = importlib.import_module(f"derivations.{name}")
    proved = {what: run(module, what) for what in asked(name, ast.parse(Path(module.__file__).read_text()))}
    truth = {what: {str(part): part for fact in facts for part in parts(fact)} for what, facts in proved.items()}
    known = {content(step) for facts in proved.values() for fact in facts for step in steps(fact)}
    tally = Counter()
    for node, found in mutants(name):
        if isinstance(found, str):
            tally[found] += 1
            continue
        where = f"{name}, line {node.lineno}: a mutant"
        for step in new_steps([fact for facts in found.values() for fact in facts], known):
            assert judged(step) != REFUTED, f"{where} has a step that numbers refute: {step}"
        ends = {what: [part for fact in facts for part in parts(fact)] for what, facts in found.items()}
        elsewhere = [(what, end) for what in ends for end in ends[what] if str(end) not in truth[what]]
        for what, end in elsewhere:
            same = str(end.statement) in {str(one.statement) for one in truth[what].values()}
            counts = not same and any(reaches(end, one) for one in claims_of(what))
            assert not counts, f"{where} counts as a proof of {what}: {end}"
        tally["elsewhere" if elsewhere else "survived"] += 1
    return tally


@pytest.mark.parametrize("name", QUICK)
def test_no_mutant_of_a_derivation_proves_what_is_false(name):
    tally = outcomes(name)
    assert tally["refused"] >= 8
    assert tally["refused"] > 2 * (tally["survived"] + tally["elsewhere"])
    assert not tally["given up"]


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_no_mutant_of_a_longer_derivation_proves_what_is_false(name):
    tally = outcomes(name)
    assert tally["refused"] > tally["survived"] + tally["elsewhere"] + tally["given up"]
