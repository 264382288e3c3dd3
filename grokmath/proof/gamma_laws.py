"""Euler's integrals of the gamma functions, complete and incomplete, for orders that may be symbols."""

from __future__ import annotations

from typing import Any

import sympy

from grokmath.proof.convergence import is_continuous_vocabulary
from grokmath.proof.domain import EVERYWHERE, Domain, implicit_conditions
from grokmath.proof.facts import Fact, equation, make_fact
from grokmath.proof.normal import Normal, normal_form, refuse

__all__ = ["complete_gamma", "lower_gamma", "upper_gamma"]


def complete_gamma(s: Any, x: Any, w: Any, *, domain: Domain = EVERYWHERE) -> Fact:
    """Integral of w^(s-1) exp(-x w) over (0, oo) = Gamma(s) x^(-s), for s > 0 and x > 0 (DLMF 5.9.1).

    It converges absolutely: the integrand is at most w^(s-1) near 0, and decays exponentially.
    """
    rule = "law of the gamma function"
    _parameters(rule, w, domain, s, x).require((x, ">"), "the rate of decay")
    integral = sympy.Integral(w ** (s - 1) * sympy.exp(-x * w), (w, 0, sympy.oo))
    statement = equation(integral, sympy.gamma(s) * sympy.S(x) ** (-s))
    return make_fact(statement, domain, rule, "Euler's integral, rescaled", (), "definition")


def upper_gamma(s: Any, z: Any, w: Any, *, domain: Domain = EVERYWHERE) -> Fact:
    """Integral of w^(s-1) exp(-w) over (z, oo) = Gamma(s, z), for s > 0 and z > 0 (DLMF 8.2.2)."""
    rule = "law of the incomplete gamma function"
    _parameters(rule, w, domain, s, z).require((z, ">"), "the lower limit")
    integral = sympy.Integral(w ** (s - 1) * sympy.exp(-w), (w, z, sympy.oo))
    return make_fact(equation(integral, sympy.uppergamma(s, z)), domain, rule, "its definition", (), "definition")


def lower_gamma(s: Any, z: Any, w: Any, *, domain: Domain = EVERYWHERE) -> Fact:
    """Integral of w^(s-1) exp(-w) over (0, z) = Gamma(s) - Gamma(s, z), for s > 0 and z > 0 (DLMF 8.2.1, 8.2.3)."""
    rule = "law of the incomplete gamma function"
    _parameters(rule, w, domain, s, z).require((z, ">"), "the upper limit")
    integral = sympy.Integral(w ** (s - 1) * sympy.exp(-w), (w, 0, z))
    value = sympy.gamma(s) - sympy.uppergamma(s, z)
    return make_fact(equation(integral, value), domain, rule, "the whole integral less the rest", (), "definition")


def _parameters(rule: str, w: Any, domain: Domain, s: Any, other: Any) -> Normal:
    """The normal form, after w is seen to be a new variable on (0, oo) and the order to be positive."""
    s, other = sympy.S(s), sympy.S(other)
    if not (w.is_Symbol and w.is_real) or w.is_integer or implicit_conditions(w) not in ([], [(w, ">")], [(w, ">=")]):
        raise refuse(rule, f"{w} does not run over the positive numbers")
    if w in s.free_symbols | other.free_symbols | domain.symbols:
        raise refuse(rule, f"the variable of integration {w} is not a new symbol")
    for part in (s, other):
        if not is_continuous_vocabulary(part):
            raise refuse(rule, f"{part} has functions that are not in the vocabulary")
    normal = normal_form(domain, rule)
    normal.require((s, ">"), "the order")
    return normal
