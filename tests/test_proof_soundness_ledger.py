"""Records that derivations of something else once reached: functions by a name that claims use, captured symbols."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import sympy as sp

import grokmath.ledger
from grokmath.ledger import derivations, find
from grokmath.ledger.crossing_forms import _unfold
from grokmath.ledger.derivations import reaches
from grokmath.ledger.record import Identity, Record, regime
from grokmath.ledger.vocabulary import LargestMargin
from grokmath.proof import Together, define, instantiate

lam, level, k = (sp.Symbol(name, positive=True) for name in ("lam", "level", "k"))


def _record(*claims: Identity) -> Record:
    return Record("beck2024:none", "", "identity", "", "", printed=claims)


@pytest.mark.parametrize("name", sorted(derivations._COMPARED))
def test_a_function_by_the_name_under_which_values_are_compared(name: str) -> None:
    record = _record(Identity(LargestMargin(lam), lam**2, (regime(lam="3/5..2"),)))
    assert not reaches(instantiate(define(sp.Function(name)(lam, k), k * lam**2), {k: 1}), record)


def test_the_names_of_comparison_are_all_known() -> None:
    # the plain function symbols that the ledger makes, but the one that a record names
    made = set()
    for path in Path(grokmath.ledger.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "Function" and not node.keywords:
                made |= {part.value for part in node.args if isinstance(part, ast.Constant)}
    assert made == derivations._COMPARED | set(derivations._NAMED)


def test_a_probability_of_separability_that_is_none() -> None:
    claims = tuple(claim for claim in find("beck2024:14").claims if getattr(claim, "mean", None) is not None)
    (n,) = claims[0].formula.free_symbols
    d = sp.Symbol("d", integer=True, positive=True)
    own = instantiate(define(sp.Function("P_separable")(n, d), claims[0].formula), {d: 2})
    assert not reaches(own, _record(*claims))
    derived = derivations.fact("beck2024:14")
    assert isinstance(derived.statement, Together)
    assert reaches(derived, _record(*claims))


def test_a_symbol_of_the_name_of_a_bound_variable_is_not_captured() -> None:
    # T(level, k) is the time at which k times a transform is the level; at k = nu, nu does not go under the integral
    nu, s = (sp.Symbol(name, positive=True) for name in ("nu", "s"))
    T = sp.Function("T")
    for f in (
        sp.Integral(k * sp.exp(-nu), (nu, 0, 1)),
        sp.Integral(s * sp.Integral(k * nu, (nu, 0, s)), (s, 0, 1)),
    ):
        variable = sp.Symbol("time", positive=True)
        meanings = {T: ("crossing time", (level, k), f * variable, variable, level)}
        written = _unfold(T(level, nu), meanings)
        assert written.free_symbols == {level, nu, sp.Symbol("_u")}
        assert _unfold(T(level, k), meanings).xreplace({k: nu}) == written
