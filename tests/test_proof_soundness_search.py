"""A search for false steps: random expressions and random applications of rules, looked at in points of the domain.

Numbers are balls that contain the true values: two that do not meet are different. Where balls are too wide, a value is
out of reach or an integral is too hard for quadrature, nothing is judged; the judged ones are counted.
"""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
import sympy as sp
from sympy.core.function import AppliedUndef

import grokmath.proof as kernel
from grokmath.exact import working_precision
from grokmath.proof import Domain, Fact, RefusedStep
from grokmath.proof.forms import expression, scale
from grokmath.proof.normal import Normal

from .numbers_of_facts import AGREES, NOT_JUDGED, REFUTED, GivenUp, judged, time_limit
from .random_expressions import N, Undefined, Unknown, X, Z, arb, ball, composed, points, simple
from .random_steps import FAMILIES, series_of

BITS, STEPS = 500, (-90, -120)
"""The working precision, and the steps of difference quotients as powers of 2."""


def judged_forms(expr: Any, domain: Domain, dice: random.Random) -> int:
    """In how many points the normal form, its sign and the derivative were judged; 0 where the kernel refuses."""
    normal = Normal(domain)
    try:
        form = normal.form(expr)
    except (RefusedStep, RecursionError):
        return 0
    variables = sorted((s for s in expr.free_symbols if not s.is_integer), key=str)
    try:
        slope = kernel.differentiate(expr, variables[0], domain=domain).rhs if variables else None
    except (RefusedStep, RecursionError):
        slope = None
    signs = {(n, kind): normal.signs.proves(scale(form, n), kind == ">") for n in (1, -1) for kind in (">", ">=")}
    count = 0
    for at in points(dice, expr.free_symbols | domain.symbols, domain):
        where = f"{expr} where {domain.conditions} at {at}"
        try:
            value, other = ball(expr, at), ball(expression(form), at)
        except Unknown:
            continue
        except Undefined as error:
            raise AssertionError(f"not defined: {where}: {error}") from None
        assert value.overlaps(other), f"another value: {where}"
        for (sign, kind), proved in signs.items():
            assert not proved or not (sign * value < 0 or (value == 0 and kind == ">")), f"another sign: {where}"
        if slope is not None:
            assert slope_agrees(expr, variables[0], slope, at), f"another slope: {where}"
        count += value.rel_accuracy_bits() > 60
    return count


def slope_agrees(expr: Any, variable: Any, slope: Any, at: dict[Any, Any]) -> bool:
    """Whether two difference quotients that agree agree with the slope; True where that is not known."""
    try:
        ends = [[ball(expr, {**at, variable: at[variable] + k * arb(2) ** n}) for k in (-1, 1)] for n in STEPS]
        near, nearer = ((high - low) * arb(2) ** (-1 - n) for n, (low, high) in zip(STEPS, ends, strict=True))
        steep = ball(slope, at)
    except (Unknown, Undefined):
        return True
    size = arb(2) ** -20 * (1 + abs(nearer))
    return not (abs(near - nearer) < size / 16 and abs(nearer - steep) > size)


def by_balls(fact: Fact, dice: random.Random) -> str:
    """What balls say of an equality or inequality, in points of its domain."""
    found = NOT_JUDGED
    for at in points(dice, fact.statement.free_symbols | fact.domain.symbols, fact.domain):
        try:
            left, right = (ball(side, at) for side in fact.statement.args)
        except Unknown:
            continue
        except Undefined:
            return REFUTED
        false = {sp.Eq: not left.overlaps(right), sp.Le: left > right, sp.Lt: left >= right}
        if false[type(fact.statement)]:
            return REFUTED
        found = AGREES
    return found


def verdict(fact: Fact, dice: random.Random) -> str:
    """By balls where there are neither integrals nor limits, else by quadrature and along paths."""
    statement = fact.statement
    if isinstance(statement, sp.Basic) and not statement.has(sp.Integral, sp.Derivative, AppliedUndef):
        with working_precision(BITS):
            return by_balls(fact, dice)
    return judged(fact)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_random_forms_signs_and_derivatives(seed: int) -> None:
    dice, count = random.Random(seed), 0  # noqa: S311 - a search, no secret
    for _ in range(250):
        kinds = [dice.choice([">", ">=", "!="]) for _ in range(dice.randint(0, 2))]
        domain = Domain(tuple((simple(dice), kind) for kind in kinds))
        try:
            expr = composed(dice, dice.choice([1, 1, 1, 2, 2]))
        except (ValueError, TypeError):  # SymPy compares real numbers only
            continue
        if expr.is_finite is not False and len(str(expr)) < 100 and not expr.has(sp.I, sp.zoo, sp.nan, sp.oo):
            try:
                with working_precision(BITS), time_limit(1):
                    count += judged_forms(expr, domain, dice)
            except GivenUp:
                continue
    assert count > 1000


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_random_steps(family: str) -> None:
    dice, tally = random.Random(family), Counter[str]()  # noqa: S311 - a search, no secret
    rule, tries, enough = FAMILIES[family]
    for _ in range(tries):
        try:
            with time_limit(1):
                fact = rule(dice)
        except (RefusedStep, RecursionError, GivenUp, TypeError, ValueError):
            continue
        found = verdict(fact, dice)
        assert found != REFUTED, f"false: {fact} where {fact.domain}"
        tally[found] += 1
    assert tally[AGREES] >= enough, tally


@pytest.mark.slow
def test_random_series_have_the_values_of_their_functions() -> None:
    dice, count = random.Random(0), 0  # noqa: S311 - a search, no secret
    for _ in range(40):
        try:
            fact = series_of(dice)
        except RefusedStep:
            continue
        function, term = fact.statement.args
        total = sp.Add(*(term.xreplace({N: sp.Integer(k)}) for k in range(40)))
        with working_precision(BITS):
            for at in points(dice, {X, Z}, fact.domain):
                try:
                    value, rest = ball(function, at), ball(function - total, at)
                except Unknown:
                    continue
                assert not abs(rest) > abs(value) * arb(2) ** -20, f"{fact} at {at}"
                count += 1
    assert count > 100


@pytest.mark.parametrize("dimension", range(1, 7))
def test_probabilities_of_separability_by_counting_regions(dimension: int) -> None:
    """Cover's recursion C(N + 1, d) = C(N, d) + C(N, d - 1) for the regions that N hyperplanes cut out."""
    regions, many = [0] + [2] * dimension, sp.Symbol("many", integer=True, positive=True)
    law, of_any = (kernel.cite_wendel(sp.Function("P")(n, dimension)).rhs for n in (sp.Integer(1), many))
    assert law == 1
    for number in range(1, 20):
        value = kernel.cite_wendel(sp.Function("P")(number, dimension)).rhs
        assert value == of_any.xreplace({many: sp.Integer(number)}) == sp.Rational(regions[-1], 2**number)
        regions = [0, *(after + before for before, after in pairwise(regions))]
