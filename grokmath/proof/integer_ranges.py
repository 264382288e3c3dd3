"""One statement for the integers of an interval, from facts that cover it piece by piece."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import sympy

from grokmath.proof.domain import EVERYWHERE, Domain
from grokmath.proof.facts import Fact, make_fact, normal_for, require_domain
from grokmath.proof.normal import normal_form, refuse
from grokmath.proof.rewriting import _same

__all__ = ["by_integers"]


def by_integers(
    statement: Any, var: Any, pieces: Sequence[tuple[int, int, Fact]], *, domain: Domain = EVERYWHERE, note: str = ""
) -> Fact:
    """``statement`` on a domain where var is an integer between the first and the last number of the pieces.

    Each piece (low, high, fact) has the statement as a fact where low <= var <= high; the next one begins at high + 1.
    Proved: var, declared an integer, lies between the ends. An integer there is in one of the pieces, as there is none
    between high and high + 1.
    """
    rule = "cases of an integer"
    if not isinstance(statement, sympy.Eq | sympy.Le | sympy.Lt) or statement.has(sympy.Derivative):
        raise refuse(rule, f"{statement} is not an equality or inequality without derivatives")
    if not (var.is_Symbol and var.is_integer) or not pieces:
        raise refuse(rule, f"{var} is not declared an integer, or there is no piece")
    numbers = [end for low, high, _ in pieces for end in (low, high)]
    if any(type(end) is not int for end in numbers) or any(low > high for low, high, _ in pieces):
        raise refuse(rule, f"the ends {numbers} are not integers in order")
    for before, after in pairwise(pieces):
        if after[0] != before[1] + 1:
            raise refuse(rule, f"the piece that begins at {after[0]} does not follow that which ends at {before[1]}")
    normal = normal_form(domain, rule)
    normal.require((var - numbers[0], ">="), f"{var} is at least {numbers[0]}")
    normal.require((numbers[-1] - var, ">="), f"{var} is at most {numbers[-1]}")
    for low, high, fact in pieces:
        inside = normal_for(rule, domain.and_((var - low, ">="), (high - var, ">=")), [fact])
        require_domain(fact, inside)
        if not _same(statement, fact.statement, inside):
            raise refuse(rule, f"{fact} does not say {statement}")
    words = note or f"{var} = {numbers[0]}, ..., {numbers[-1]}"
    return make_fact(statement, domain, rule, words, [fact for _, _, fact in pieces])
