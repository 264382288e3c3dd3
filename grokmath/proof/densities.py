"""Limits of integrals of densities (Scheffe's lemma), and Stirling's formula."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

from grokmath.proof.composition import require_divergence
from grokmath.proof.convergence import is_continuous_vocabulary, open_range, single_limit
from grokmath.proof.domain import EVERYWHERE, Domain, implicit_conditions
from grokmath.proof.equations import require_interval
from grokmath.proof.facts import Fact, Tends, make_fact, normal_for, require_domain
from grokmath.proof.normal import refuse

__all__ = ["limit_by_densities", "stirling"]


def stirling(x: Any) -> Fact:
    """Gamma(x)/(sqrt(2 pi) x^(x - 1/2) e^-x) -> 1 as x -> oo, for a symbol x > 0 (DLMF 5.11.3)."""
    rule = "Stirling's formula"
    if not (x.is_Symbol and x.is_positive) or x.is_integer:
        raise refuse(rule, f"{x} is not a positive symbol")
    ratio = sympy.gamma(x) / (sympy.sqrt(2 * sympy.pi) * x ** (x - sympy.Rational(1, 2)) * sympy.exp(-x))
    return make_fact(Tends(ratio, x, sympy.oo, sympy.S.One), EVERYWHERE, rule, "DLMF 5.11.3")


def limit_by_densities(
    whole: Fact,
    pointwise: Fact,
    mass: Fact,
    low: Any,
    *,
    domain: Domain = EVERYWHERE,
    using: Sequence[Fact] = (),
    note: str = "",
) -> Fact:
    """Integral of f_n over (low, b_n) -> integral of g over (low, oo), as n -> oo, for densities f_n and g.

    ``whole``: the integral of f_n over (a_n, b_n) is 1; ``mass``: that of g over the real line is 1; ``pointwise``:
    f_n -> g as n -> oo, for every real value of the variable. Proved: f_n >= 0 on (a_n, b_n), where it is continuous,
    having a form; b_n and -a_n go to oo; ``low`` is free of n and of the variable. Then f_n, put 0 outside of its
    interval, tends to g everywhere, so that g >= 0, and the integral of |g - f_n|, which is twice that of (g - f_n)^+
    because both masses are 1, tends to 0 by dominated convergence, (g - f_n)^+ being at most g (Scheffe's lemma).
    """
    rule = "limit of densities"
    limit = pointwise.statement
    if not isinstance(limit, Tends) or limit.point != sympy.oo:
        raise refuse(rule, f"{pointwise} is not a limit at oo")
    for fact in (whole, mass):
        if not isinstance(fact.statement, sympy.Eq) or fact.rhs != 1 or not isinstance(fact.lhs, sympy.Integral):
            raise refuse(rule, f"{fact} does not say that an integral is 1")
    n, low = limit.var, sympy.S(low)
    f, v, start, stop = single_limit(whole.lhs)
    g, z, *ends = single_limit(mass.lhs)
    if ends != [-sympy.oo, sympy.oo]:
        raise refuse(rule, f"{mass.lhs} is not over the real line")
    if not v.is_real or implicit_conditions(v) or v.is_integer or v in domain.symbols or v == n:
        raise refuse(rule, f"the variable {v} does not run over all real numbers")
    if {n, v} & low.free_symbols or n in g.free_symbols or (z != v and v in g.free_symbols):
        raise refuse(rule, f"{low} or {g} depends on {n} or {v}")
    normal = normal_for(rule, domain, [whole, mass, *using])
    require_interval(normal, n, sympy.oo)
    for end in (stop, -start):
        if end != sympy.oo:
            require_divergence(normal, end, n)
    outer = normal.on(domain.without(n))
    require_domain(whole, normal)
    for fact in (pointwise, mass):
        require_domain(fact, outer)
    outer.form(low)
    if not is_continuous_vocabulary(f) or not is_continuous_vocabulary(g):
        raise refuse(rule, f"{f} or {g} has functions that are not in the vocabulary")
    inner = normal.on(open_range(domain, v, start, stop))
    if not inner.nonnegative(f):
        raise refuse(rule, f"{f} was not proved to be at least 0 where {start} < {v} < {stop}")
    if limit.expr != f and not inner.equal(limit.expr, f):
        raise refuse(rule, f"the limit given is that of {limit.expr}, not of {f}")
    g = g.xreplace({z: v})
    if limit.value != g and not outer.equal(limit.value, g):
        raise refuse(rule, f"the limit given is {limit.value}, not {g}")
    result = Tends(sympy.Integral(f, (v, low, stop)), n, sympy.oo, sympy.Integral(g, (v, low, sympy.oo)))
    return make_fact(result, domain.without(n), rule, note, [whole, pointwise, mass, *using])
