"""Every step of every derivation against numbers: the kernel's facts evaluated by means that it does not use."""

from __future__ import annotations

import importlib
import types
from collections import Counter

import pytest
import sympy as sp

from grokmath.proof import Domain, Tends, define, gaussian_mean, rewrite

from .numbers_of_facts import AGREES, NOT_JUDGED, REFUTED, content, judged, new_steps
from .test_proof_mutations import ALL

QUICK = ("levi2023.eq09_accuracy", "levi2023.eq14_weight_decay", "levi2023.eq28_label_noise", "beck2024.appendix_d")
SEEN = set()
"""What was judged already: modules share steps."""
x = sp.Symbol("x", positive=True)
b, z, xi, f = sp.symbols("b z xi f", real=True)


def verdicts(name):
    """How many steps of a module's derivations numbers agree with, refute, and do not judge."""
    module = importlib.import_module(f"derivations.{name}")
    tally = Counter()
    for step in new_steps([run() for run in module.DERIVES.values()], SEEN):
        SEEN.add(content(step))
        verdict = judged(step)
        assert verdict != REFUTED, f"{name}: numbers refute {step}"
        tally[verdict] += 1
    return tally


@pytest.mark.parametrize("name", QUICK)
def test_numbers_refute_no_step(name):
    tally = verdicts(name)
    assert tally[AGREES] >= 2 * tally[NOT_JUDGED]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(ALL - {*QUICK}))
def test_numbers_refute_no_step_of_a_longer_derivation(name):
    verdicts(name)


def altered(fact, statement):
    """What a wrong fact would look like."""
    return types.SimpleNamespace(statement=statement, domain=fact.domain, definitions=fact.definitions)


def test_a_false_equation_is_refuted():
    fact = rewrite((x + 1) ** 2, x**2 + 2 * x + 1, domain=Domain())
    assert judged(fact) == AGREES
    assert judged(altered(fact, sp.Eq((x + 1) ** 2, x**2 + 3 * x + 1))) == REFUTED


def test_functions_stand_for_what_they_are_defined_as():
    twice, mean = sp.Function("twice"), sp.Function("mean")
    fact = define(twice(x), 2 * x)
    assert judged(fact) == AGREES
    assert judged(altered(fact, sp.Eq(twice(x), 3 * x))) == REFUTED
    fact = gaussian_mean(mean(x, b), sp.Lambda(f, sp.exp(f)), b + x * xi, {xi: sp.S.One}, x, z)
    assert judged(fact) == AGREES
    assert judged(altered(fact, sp.Eq(mean(x, b), sp.exp(b + x**2 / 2)))) == AGREES
    assert judged(altered(fact, sp.Eq(mean(x, b), sp.exp(b + x**2)))) == REFUTED


def test_false_bounds_and_limits_are_refuted():
    fact = rewrite(x, x)
    assert judged(altered(fact, sp.Lt(sp.exp(-x), 1 / (1 + x)))) == AGREES
    assert judged(altered(fact, sp.Lt(1 / (1 + x), sp.exp(-x)))) == REFUTED
    assert judged(altered(fact, Tends(sp.sin(x) / x, x, sp.S.Zero, sp.S.One))) == AGREES
    assert judged(altered(fact, Tends(sp.sin(x) / x, x, sp.S.Zero, sp.Rational(4, 3)))) == REFUTED
    assert judged(altered(fact, Tends(1 / sp.log(x), x, sp.oo, sp.S.Zero))) == AGREES
