"""Limits through continuous functions of several variables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

from grokmath.proof.convergence import is_continuous_vocabulary
from grokmath.proof.domain import EVERYWHERE, Domain, implicit_conditions
from grokmath.proof.facts import Fact, Tends, make_fact, normal_for, require_domain
from grokmath.proof.normal import refuse
from grokmath.proof.terms import substitute

__all__ = ["limit_through"]


def limit_through(
    function: Any,
    parts: Sequence[tuple[Any, Fact]],
    *,
    domain: Domain = EVERYWHERE,
    using: Sequence[Fact] = (),
    note: str = "",
) -> Fact:
    """phi(f_1, ..., f_n) -> phi(v_1, ..., v_n), from f_i -> v_i at one point, phi continuous at (v_1, ..., v_n).

    ``function`` is phi as an expression in symbols y_i, declared real and no more, and in parameters; ``parts`` are
    the pairs (y_i, fact that f_i -> v_i). The conditions of ``domain`` on the y_i are strict (> or !=) and in known
    functions, and hold at the v_i; phi has a normal form on the domain. Proof: a function that has a form is
    continuous on the domain; for fixed parameters the domain is open in the y_i, as strict conditions in continuous
    functions are, and (v_1, ..., v_n) is in it, so that (f_1, ..., f_n) is too, next to the point.
    """
    rule = "limit of a continuous function"
    phi, symbols = sympy.S(function), [y for y, _ in parts]
    if not parts or not all(isinstance(fact.statement, Tends) for _, fact in parts):
        raise refuse(rule, "limits of the arguments are needed")
    limits = [fact.statement for _, fact in parts]
    var, point = limits[0].var, limits[0].point
    if any((limit.var, limit.point) != (var, point) for limit in limits):
        raise refuse(rule, "the arguments have no limits at one point")
    for y in symbols:
        if not y.is_Symbol or not y.is_real or y.is_integer or implicit_conditions(y) or symbols.count(y) > 1:
            raise refuse(rule, f"{y} does not run over all real numbers")
    spoken = set().union(*(limit.expr.free_symbols | limit.value.free_symbols for limit in limits)) | {var}
    spoken |= sympy.S(point).free_symbols
    if spoken & set(symbols) or var in phi.free_symbols | domain.symbols:
        raise refuse(rule, f"the arguments of {phi} and the variable {var} are not kept apart")
    if not is_continuous_vocabulary(phi):
        raise refuse(rule, f"{phi} was not proved continuous")
    about = [(expr, kind) for expr, kind in domain.conditions if expr.free_symbols & set(symbols)]
    for expr, kind in about:
        if kind == ">=" or not is_continuous_vocabulary(expr):
            raise refuse(rule, f"the condition {expr} {kind} 0 does not describe an open set")
    facts = [fact for _, fact in parts]
    normal = normal_for(rule, domain, using)
    normal.form(phi)
    outer_domain = Domain(tuple(c for c in domain.conditions if c not in about))
    outer = normal_for(rule, outer_domain, [*facts, *using])
    at = {y: limit.value for y, limit in zip(symbols, limits, strict=True)}
    for expr, kind in about:
        outer.require((substitute(expr, at, rule), kind), "the domain at the limits of the arguments")
    for fact in facts:
        require_domain(fact, outer)
    moved = substitute(phi, {y: limit.expr for y, limit in zip(symbols, limits, strict=True)}, rule)
    value = substitute(phi, at, rule)
    return make_fact(Tends(moved, var, point, value), outer_domain, rule, note, [*facts, *using])
