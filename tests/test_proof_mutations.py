"""Mutated derivations: every integer plus one, every sum a difference. None may prove what is false.

A mutant is refused when a rule refuses it (or the Python around it fails). One that is not may survive, which is to end
in the same statement: the change did not matter, as the sign of T0 does not matter for a mean square, or a bound still
holds. Or it may end elsewhere, as a change in the model's definition does: then the ledger must not take what it states
elsewhere for a claim of the record (the same statement under other conditions is one, where the ledger finds that they
cover the claim), and that must stand up to numbers wherever both sides can be had by quadrature.
"""

from __future__ import annotations

import ast
import importlib
import itertools
import signal
import sys
import types
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import sympy as sp

from grokmath.ledger import records
from grokmath.ledger.derivations import reaches
from grokmath.proof import RefusedStep, Together

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

QUICK = (
    *("levi2023.marcum_derivatives", "levi2023.bessel_integral", "levi2023.eq09_accuracy"),
    *("levi2023.eq14_weight_decay", "levi2023.eq28_label_noise", "beck2024.eq04_accuracy"),
)
ALL = {f"{path.parent.name}.{path.stem}" for path in (ROOT / "derivations").glob("*/*.py") if path.stem != "__init__"}
SLOW = sorted(ALL - {*QUICK})
VALUES = [sp.Rational(text) for text in ("3/4", "5/3", "2/5", "7/3", "1/7", "-4/3")]


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


def unfolded(expression, definitions):
    """The expression with every function symbol replaced by what it stands for."""
    for _ in range(4):
        for applied, meaning in definitions:
            head = getattr(applied, "func", None)
            if isinstance(head, sp.core.function.UndefinedFunction) and all(x.is_Symbol for x in applied.args):
                expression = expression.replace(
                    head, lambda *given, a=applied, m=meaning: m.xreplace(dict(zip(a.args, given, strict=True)))
                )
    return expression


def points(fact):
    """Up to two points of the fact's domain."""
    symbols = sorted(
        fact.statement.free_symbols | {x for c, _ in fact.domain.conditions for x in c.free_symbols}, key=str
    )
    choices = itertools.islice(itertools.product(VALUES, repeat=len(symbols)), 0, 6000, 7)
    found = []
    for values in choices:
        at = dict(zip(symbols, values, strict=True))
        declared = all((x.is_positive is not True or v > 0) and not x.is_integer for x, v in at.items())
        if declared and all(holds(condition.xreplace(at), kind) for condition, kind in fact.domain.conditions):
            found.append(at)
        if len(found) == 2:
            break
    return found


def holds(value, kind):
    relation = {">": value > 0, ">=": value >= 0, "!=": sp.Ne(value, 0)}[kind]
    return relation == sp.true


def is_false(fact):
    """Whether numbers refute an equation or an inequality between quantities that can be had by quadrature."""
    statement = fact.statement
    if not isinstance(statement, sp.Equality | sp.StrictLessThan | sp.LessThan) or not hasattr(statement.lhs, "evalf"):
        return False
    for at in points(fact):
        signal.signal(signal.SIGALRM, stop)
        signal.alarm(10)
        try:
            left, right = (
                complex(unfolded(side, fact.definitions).xreplace(at).doit(integrals=False).evalf(15))
                for side in (statement.lhs, statement.rhs)
            )
        except (TypeError, ValueError, ArithmeticError, NotImplementedError, AttributeError, TimeoutError):
            return False
        finally:
            signal.alarm(0)
        slack = 1e-6 * max(abs(left), abs(right), 1e-3)
        wrong = left.real > right.real + slack if not isinstance(statement, sp.Equality) else abs(left - right) > slack
        if wrong:
            return True
    return False


def claims_of(identifier):
    """The record with this ID, once for each of its claims, with that alone."""
    return [replace(r, corrected=(claim,)) for r in records() if r.id == identifier for claim in r.claims]


def stop(*_):
    raise TimeoutError


def outcomes(name):
    """How many mutants of a module are refused, survive, and end elsewhere."""
    path = ROOT / "derivations" / f"{name.replace('.', '/')}.py"
    module = importlib.import_module(f"derivations.{name}")
    truth = {identifier: {str(part): part for part in parts(run())} for identifier, run in module.DERIVES.items()}
    tally = Counter()
    for i in range(len(list(places(ast.parse(path.read_text()))))):
        tree = ast.parse(path.read_text())
        node = list(places(tree))[i]
        mutate(node)
        mutant = types.ModuleType(f"derivations.{name}_mutant")
        mutant.__package__ = f"derivations.{path.parent.name}"
        try:
            exec(compile(tree, str(path), "exec"), mutant.__dict__)  # noqa: S102
            found = {identifier: derive() for identifier, derive in mutant.DERIVES.items()}
        except (RefusedStep, ValueError, IndexError, TypeError, KeyError, AttributeError):
            tally["refused"] += 1
            continue
        changed = [
            (identifier, part)
            for identifier, fact in found.items()
            if identifier in truth
            for part in parts(fact)
            if str(part) not in truth[identifier]
        ]
        for identifier, part in changed:
            where = f"{name}, line {node.lineno}, {identifier}: a mutant"
            if str(part.statement) not in {str(same.statement) for same in truth[identifier].values()}:
                assert not any(reaches(part, one) for one in claims_of(identifier)), f"{where} counts as proved: {part}"
            assert not is_false(part), f"{where} proves what is false: {part}"
        tally["elsewhere" if changed else "survived"] += 1
    return tally


@pytest.mark.parametrize("name", QUICK)
def test_no_mutant_of_a_derivation_proves_what_is_false(name):
    tally = outcomes(name)
    assert tally["refused"] >= 8
    assert tally["refused"] > 2 * (tally["survived"] + tally["elsewhere"])


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_no_mutant_of_a_longer_derivation_proves_what_is_false(name):
    tally = outcomes(name)
    assert tally["refused"] > tally["survived"] + tally["elsewhere"]


def test_a_false_equation_would_be_noticed():
    """The numbers that judge a mutant's end do refute a false end."""
    from grokmath.proof import Domain, rewrite

    x = sp.Symbol("x", positive=True)
    fact = rewrite((x + 1) ** 2, x**2 + 2 * x + 1, domain=Domain())
    assert not is_false(fact)
    wrong = types.SimpleNamespace(
        statement=sp.Eq((x + 1) ** 2, x**2 + 3 * x + 1), domain=Domain(), definitions=frozenset()
    )
    assert is_false(wrong)
