"""The convex Gaussian min-max theorem, cited."""

from __future__ import annotations

from typing import Any

import sympy

from grokmath.proof.convergence import is_continuous_vocabulary
from grokmath.proof.domain import EVERYWHERE, Domain, implicit_conditions
from grokmath.proof.facts import Fact, at_most, make_fact
from grokmath.proof.normal import normal_form, refuse
from grokmath.proof.rewriting import require_application
from grokmath.proof.terms import derivative
from grokmath.proof.theorems import THEOREMS

__all__ = ["cite_gaussian_min_max"]


def cite_gaussian_min_max(
    primary: Any, auxiliary: Any, psi: Any, s: Any, u: Any, *, domain: Domain = EVERYWHERE, note: str = ""
) -> Fact:
    """P(|PO - m| > e) <= 2 P(|AO - m| >= e), for all real m and e > 0.

    PO = min over s in S of max over u in U of u.G s + psi(a.s, b.u) and AO = min max of |s| g.u + |u| h.s + psi(a.s,
    b.u): S and U compact and convex, a and b fixed vectors, G, g and h of independent standard normal entries.
    ``primary`` and ``auxiliary`` are new functions of the same parameters, two of which are m and e, named "m" (real)
    and "e" (positive); ``psi`` is an expression in two symbols that stand for a.s and b.u and in the parameters.
    Proved: psi and its second derivatives are continuous for all real values of the two; psi is convex in the first and
    concave in the second, by the signs of these derivatives. So (s, u) -> psi(a.s, b.u) is continuous and
    convex-concave, as the theorem asks.
    """
    rule = "cited: Convex Gaussian min-max theorem"
    psi = sympy.S(psi)
    for symbol in (s, u):
        if not (symbol.is_Symbol and symbol.is_real) or implicit_conditions(symbol) or symbol.is_integer:
            raise refuse(rule, f"{symbol} does not run over all real numbers")
        if symbol in domain.symbols:
            raise refuse(rule, f"the domain {domain} speaks of {symbol}")
    if s == u or not is_continuous_vocabulary(psi):
        raise refuse(rule, f"{psi} is not a known function of two variables")
    names = {argument.name: argument for argument in primary.args}
    m, e = names.get("m"), names.get("e")
    if (
        m is None
        or e is None
        or not e.is_positive
        or implicit_conditions(m)
        or {m, e} & (psi.free_symbols | domain.symbols)
    ):
        raise refuse(rule, f"{primary} has no level m, real, and distance e, positive, among its arguments")
    for application in (primary, auxiliary):
        require_application(rule, application, sympy.Add(*(psi.free_symbols - {s, u}), m, e))
    if primary.args != auxiliary.args or primary.func == auxiliary.func:
        raise refuse(rule, f"{primary} and {auxiliary} are not two functions of the same parameters")
    normal = normal_form(domain, rule)
    normal.form(psi)
    for symbol, sign in ((s, 1), (u, -1)):
        curvature = derivative(derivative(psi, symbol, normal), symbol, normal)
        normal.require((sign * curvature, ">="), f"the curvature of {psi} in {symbol}")
    words = ("probability of an auxiliary problem", primary.args, psi, s, u)
    meaning = (auxiliary.func, words), (primary.func, (f"of the primary one of {auxiliary.func}", *words))
    statement = at_most(primary, 2 * auxiliary)
    return make_fact(statement, domain, rule, note or THEOREMS["gaussian_min_max"].statement, (), "cited", *meaning)
