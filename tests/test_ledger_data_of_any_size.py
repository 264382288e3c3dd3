"""Claims that are inequalities for data of any size, and solutions of flows: their checks, and what reaches them."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sympy as sp
from flint import arb

from grokmath.asymptotics.formula import Environment
from grokmath.certified import working_precision
from grokmath.ledger import find
from grokmath.ledger.beck2024 import groups
from grokmath.ledger.derivations import fact, reaches
from grokmath.ledger.explicit import written_out
from grokmath.ledger.flow_values import FlowValue
from grokmath.ledger.record import MatrixInequality
from grokmath.ledger.verdict import check_claim

x = sp.Symbol("x", positive=True)
ALL = (
    groups.ABOVE_TANGENT,
    groups.JENSEN,
    groups.RATIO,
    groups.SPREAD,
    groups.NORM,
    groups.DRIVEN,
    *groups.LOGISTIC[1:],
)


@pytest.mark.parametrize("claim", ALL)
def test_true_inequalities_agree_and_reversed_ones_are_refuted(claim):
    assert check_claim(claim, 30, 5).verdict == "Agrees"
    assert check_claim(replace(claim, less=claim.more, more=claim.less), 30, 5).verdict == "Refuted"


def test_the_largest_is_written_out():
    claim = MatrixInequality(groups.gap, groups.gap + 1, (("d", 1), ("n", 2), ("m", 2)))
    (scalar,) = written_out(claim)
    values = {"X11": 1, "X21": 4, "Y11": 3, "Y21": -2, "S11": 2}
    at = {symbol: sp.Integer(values[symbol.name]) for symbol in scalar.less.free_symbols}
    assert scalar.less.xreplace(at) == 4  # 2 (3 - 1)


def test_what_a_derivation_reaches_of_inequalities():
    record, last = find("beck2024:25"), fact("beck2024:25")
    old, general = record.printed
    assert reaches(last, record)
    for wrong in (
        replace(general, strict=True),
        replace(general, less=2 * general.less),
        replace(general, less=general.more, more=general.less),
        replace(general, more=general.more + sp.Rational(1, 10**20)),
    ):
        assert not reaches(last, replace(record, printed=(old, wrong)))
    strict = find("beck2024:26")
    assert not reaches(fact("beck2024:26"), replace(strict, printed=(replace(strict.printed[1], strict=False),)))


def test_the_value_of_a_flow():
    """y' = -y + 2 from 0 is 2 (1 - exp(-t)), y' = exp(-y) is log(1 + t)."""
    cases = (
        (FlowValue(sp.Lambda(x, 2 - x), 0, 2, 3), 2 * (1 - sp.exp(-3))),
        (FlowValue(sp.Lambda(x, sp.exp(-x)), 0, sp.oo, 5), sp.log(6)),
        (FlowValue(sp.Lambda(x, x), 1, sp.oo, 2), sp.exp(2)),
    )
    with working_precision(200):
        environment = Environment({})
        for value, exact in cases:
            assert environment.real(value).overlaps(environment.real(exact))
            assert environment.real(value).rad() < arb(10) ** -50


def test_what_a_derivation_reaches_of_flows():
    record, last = find("beck2024:34"), fact("beck2024:34")
    assert reaches(last, record)
    along = record.printed[-1]
    (flow,) = along.reference.atoms(FlowValue)
    f, start, end, time = flow.args
    for wrong in (
        FlowValue(sp.Lambda(f.variables, 2 * f.expr), start, end, time),
        FlowValue(f, start + 1, end, time),
        FlowValue(f, start, end, 2 * time),
    ):
        changed = replace(along, reference=along.reference.xreplace({flow: wrong}))
        assert not reaches(last, replace(record, printed=(*record.printed[:-1], changed)))
