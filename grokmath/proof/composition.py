"""A limit at infinity along another variable that goes to infinity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

from grokmath.proof.domain import EVERYWHERE, Domain
from grokmath.proof.equations import require_interval
from grokmath.proof.facts import Fact, Tends, make_fact, normal_for, require_domain
from grokmath.proof.limits import power_degree
from grokmath.proof.normal import Normal, refuse
from grokmath.proof.terms import substitute

__all__ = ["limit_along", "require_divergence"]


def limit_along(
    limit: Fact, var: Any, expr: Any, *, domain: Domain = EVERYWHERE, using: Sequence[Fact] = (), note: str = ""
) -> Fact:
    """From f(v) -> L as v -> oo: f(expr) -> L as var -> oo, where expr is proved to go to oo.

    Proved to go to oo: a sum of powers of var whose highest one is positive and has a positive coefficient; log and exp
    of what goes to oo; these times a positive factor and plus a term that are free of var. For every C the values of
    expr exceed C from some var on, which is all that the limit of f asks of v; L is free of v.
    """
    rule = "limit along another variable"
    statement = limit.statement
    if not isinstance(statement, Tends) or statement.point != sympy.oo:
        raise refuse(rule, f"{limit} is not a limit at oo")
    old, expr = statement.var, sympy.S(expr)
    if old in sympy.S(statement.value).free_symbols or old.is_integer:
        raise refuse(rule, f"the limit {statement.value} depends on {old}, or {old} is an integer")
    if var != old and (var in statement.expr.free_symbols or var in limit.domain.symbols):
        raise refuse(rule, f"{var} already occurs in {limit}")
    normal = normal_for(rule, domain, using)
    require_interval(normal, var, sympy.oo)
    normal.form(expr)
    require_divergence(normal, expr, var)
    require_domain(limit, normal.on(domain.without(var)))
    result = Tends(substitute(statement.expr, {old: expr}, rule), var, sympy.oo, statement.value)
    return make_fact(result, domain.without(var), rule, note, [limit, *using])


def require_divergence(normal: Normal, expr: Any, var: Any) -> None:
    """Refuse unless expr -> oo as var -> oo."""
    rest = expr.as_independent(var, as_Add=True)[1]
    factor, core = rest.as_independent(var, as_Add=False)
    normal.require((factor, ">"), f"the factor of {core}")
    if isinstance(core, sympy.log | sympy.exp):
        require_divergence(normal, core.args[0], var)
        return
    degree, leading = power_degree(normal.form(core), var)
    if degree is None or degree <= 0 or not normal.signs.positive(leading):
        raise refuse(normal.rule, f"{core} was not proved to go to oo as {var} -> oo")
