"""Euler's beta integral."""

from __future__ import annotations

from typing import Any

import sympy

from grokmath.proof.convergence import is_continuous_vocabulary
from grokmath.proof.domain import EVERYWHERE, Domain, implicit_conditions
from grokmath.proof.facts import Fact, equation, make_fact
from grokmath.proof.normal import normal_form, refuse

__all__ = ["beta_integral"]


def beta_integral(p: Any, q: Any, u: Any, *, domain: Domain = EVERYWHERE) -> Fact:
    """Integral of u^(p-1) (1-u)^(q-1) over (0, 1) = Gamma(p) Gamma(q)/Gamma(p+q), for p > 0 and q > 0 (DLMF 5.12.1).

    It converges absolutely: the integrand is at most a constant times u^(p-1) near 0 and (1-u)^(q-1) near 1.
    """
    rule = "law of the beta function"
    p, q = sympy.S(p), sympy.S(q)
    if not (u.is_Symbol and u.is_real) or u.is_integer or implicit_conditions(u) not in ([], [(u, ">")], [(u, ">=")]):
        raise refuse(rule, f"{u} does not run over the interval from 0 to 1")
    if u in p.free_symbols | q.free_symbols | domain.symbols:
        raise refuse(rule, f"the variable of integration {u} is not a new symbol")
    normal = normal_form(domain, rule)
    for part in (p, q):
        if not is_continuous_vocabulary(part):
            raise refuse(rule, f"{part} has functions that are not in the vocabulary")
        normal.require((part, ">"), "a parameter")
    value = sympy.gamma(p) * sympy.gamma(q) / sympy.gamma(p + q)
    normal.form(value)
    integral = sympy.Integral(u ** (p - 1) * (1 - u) ** (q - 1), (u, 0, 1))
    return make_fact(equation(integral, value), domain, rule, "Euler's integral of the first kind", (), "definition")
