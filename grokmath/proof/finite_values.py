"""One statement for a symbol that takes finitely many values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy

from grokmath.proof.domain import EVERYWHERE, Domain
from grokmath.proof.facts import Fact, make_fact, normal_for, require_domain
from grokmath.proof.normal import normal_form, refuse
from grokmath.proof.rewriting import _same, statement_at
from grokmath.proof.terms import substitute

__all__ = ["by_values"]


def by_values(
    statement: Any, var: Any, cases: Mapping[Any, Fact], *, domain: Domain = EVERYWHERE, note: str = ""
) -> Fact:
    """``statement`` on a domain where var is one of finitely many numbers, from a fact for each of these.

    ``cases`` maps each value v, free of var, to the fact that the statement is at var = v, on the domain at var = v.
    Proved: with P = the product of var - v over the values, P >= 0 and P <= 0 on the domain. So P = 0, a factor is 0,
    and var is one of the values.
    """
    rule = "finitely many values"
    if not isinstance(statement, sympy.Eq | sympy.Le | sympy.Lt) or statement.has(sympy.Derivative):
        raise refuse(rule, f"{statement} is not an equality or inequality without derivatives")
    if not (var.is_Symbol and var.is_real) or not cases:
        raise refuse(rule, f"{var} is not a real symbol, or there is no case")
    values = [sympy.S(value) for value in cases]
    if any(not value.is_real or var in value.free_symbols for value in values):
        raise refuse(rule, f"the values {values} are not real, or depend on {var}")
    normal = normal_form(domain, rule)
    product = sympy.Mul(*(var - value for value in values))
    normal.form(product)
    for sign in (1, -1):
        normal.require((sign * product, ">="), f"{var} is one of {values}")
    for value, fact in zip(values, cases.values(), strict=True):
        conditions = ((substitute(e, {var: value}, rule), kind) for e, kind in domain.conditions)
        there = Domain(tuple((e, kind) for e, kind in conditions if e.free_symbols))  # fewer conditions, more to prove
        inside = normal_for(rule, there, [fact])
        require_domain(fact, inside)
        expected = statement_at(statement, {var: value}, inside)
        if not _same(expected, fact.statement, inside):
            raise refuse(rule, f"at {var} = {value} the statement is {expected}, not {fact}")
    words = note or f"{var} is one of {', '.join(map(str, values))}"
    return make_fact(statement, domain, rule, words, list(cases.values()))
