"""The theorem of Marchenko and Pastur for a mode whose formula has no value at the eigenvalue 0, but a limit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from grokmath.proof.convergence import is_continuous_vocabulary
from grokmath.proof.domain import Domain
from grokmath.proof.facts import Fact, Tends, equation, make_fact, normal_for, require_domain
from grokmath.proof.normal import refuse
from grokmath.proof.theorems import THEOREMS, is_eigenvalue, marchenko_pastur_law

__all__ = ["cite_marchenko_pastur_by_limit"]


def cite_marchenko_pastur_by_limit(
    application: Any, mode: Any, nu: Any, lam: Any, at_zero: Fact, *, using: Sequence[Fact] = (), note: str = ""
) -> Fact:
    """The limit of the mean over the spectrum of ``mode``, which is continued to the eigenvalue 0 by its limit there.

    As :func:`~grokmath.proof.theorems.cite_marchenko_pastur`, for a ``mode`` that is proved continuous for nu > 0 only;
    ``at_zero`` says mode -> v as nu -> 0. The theorem is about the function that is ``mode`` for nu > 0 and v at 0,
    which is continuous on [0, oo); the mean counts v for each eigenvalue 0, and so does the average for the mass at 0.
    """
    rule = "cited: Marchenko-Pastur"
    if not isinstance(application, AppliedUndef) or lam not in application.args or not lam.is_positive:
        raise refuse(rule, f"{application} is not a new function of lam > 0 and parameters")
    if len(set(application.args)) < len(application.args) or nu in application.args or not is_eigenvalue(nu):
        raise refuse(rule, f"{application} is not a new function of distinct symbols")
    f = mode
    for fact in using:
        if isinstance(fact.statement, sympy.Eq) and fact.lhs == f:
            f = fact.rhs
    allowed = set(application.args) - {lam}
    if f.free_symbols - allowed - {nu} or not is_continuous_vocabulary(f):
        raise refuse(rule, f"{f} is not a known function of {nu} and of the parameters of {application}")
    y = sympy.Symbol("_x1", real=True)
    normal_for(rule, Domain(((y, ">"),)), using).form(f.xreplace({nu: y}))
    inner = normal_for(rule, Domain(((nu, ">"),)), using)
    for fact in using:
        require_domain(fact, inner)
    statement = at_zero.statement
    if not isinstance(statement, Tends) or (statement.var, statement.point) != (nu, 0):
        raise refuse(rule, f"{at_zero} is not a limit as {nu} -> 0")
    require_domain(at_zero, normal_for(rule, Domain()))
    if statement.value.free_symbols - allowed or not is_continuous_vocabulary(statement.value):
        raise refuse(rule, f"the limit {statement.value} is not a known function of the parameters of {application}")
    if statement.expr != f and not inner.equal(statement.expr, f):
        raise refuse(rule, f"the limit given is that of {statement.expr}, not of {f}")
    atom, density = marchenko_pastur_law(nu, lam)
    ends = ((1 - sympy.sqrt(lam)) ** 2, (1 + sympy.sqrt(lam)) ** 2)
    average = atom * statement.value + sympy.Integral(f * density, (nu, *ends))
    meaning = (application.func, ("mean over the spectrum, by limit", application.args, f, nu, lam, statement.value))
    words = note or THEOREMS["marchenko_pastur"].statement
    return make_fact(equation(application, average), Domain(), rule, words, [at_zero, *using], "cited", meaning)
