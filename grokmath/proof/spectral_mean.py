"""The mean of linear spectral statistics at finite size, cited from Bai and Silverstein."""

from __future__ import annotations

from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from grokmath.proof.convergence import closed_range
from grokmath.proof.domain import Domain
from grokmath.proof.facts import Fact, equation, make_fact
from grokmath.proof.normal import normal_form, refuse
from grokmath.proof.theorems import THEOREMS, is_eigenvalue

__all__ = ["cite_bai_silverstein"]

_ENTIRE = (sympy.exp, sympy.sin, sympy.cos, sympy.sinh, sympy.cosh)


def cite_bai_silverstein(
    application: Any, mode: Any, nu: Any, lam: Any, *, above: bool = False, note: str = ""
) -> Fact:
    """m(..., lam, ...) = (f(nu_-) + f(nu_+))/4 - (1/(2 pi)) integral of f(nu)/sqrt((nu_+ - nu)(nu - nu_-)), on lam < 1,
    or on lam > 1 if ``above``.

    m is a new function symbol for the mean of the limit law of sum f(nu_i) - d times the Marchenko-Pastur average of f
    at lam = d/N, for real Gaussian data; f = ``mode`` may have the symbols of ``application`` other than lam. It is
    analytic about the spectrum: built from nu and parameters by sums, products, integer powers and entire functions,
    with denominators that are proved not to vanish for nu_- <= nu <= nu_+, hence in a neighbourhood.

    For lam > 1, f must be defined at nu = 0 too. There the theorem is used for the N eigenvalues mu = nu/lam of
    X X^T/d, whose ratio is 1/lam, and for f(lam mu). The d - N eigenvalues 0 contribute (d - N) f(0) to the sum, and d
    (1 - N/d) f(0) to d times the average; d times the rest of it is N times the average of f(lam mu) at the ratio N/d,
    with nu = lam mu. Hence the difference is that of f(lam mu), and with nu = lam mu its mean has the same form.
    """
    rule = "cited: Mean of linear spectral statistics"
    f = sympy.S(mode)
    if not isinstance(application, AppliedUndef) or lam not in application.args or not lam.is_positive:
        raise refuse(rule, f"{application} is not a new function of lam > 0 and parameters")
    arguments = application.args
    if len(set(arguments)) < len(arguments) or nu in arguments or not all(part.is_Symbol for part in arguments):
        raise refuse(rule, f"{application} is not a new function of distinct symbols")
    if not is_eigenvalue(nu) or f.free_symbols - (set(arguments) - {lam}) - {nu} or not _is_analytic(f, nu):
        raise refuse(rule, f"{f} is not a known analytic function of {nu} and of the parameters of {application}")
    root = sympy.sqrt(lam)
    low, high = (1 - root) ** 2, (1 + root) ** 2
    domain = Domain(((lam - 1 if above else 1 - lam, ">"),))
    y = sympy.Symbol("_x1", real=True)
    normal_form(closed_range(domain, y, low, high), rule).form(f.xreplace({nu: y}))
    if above:
        normal_form(domain, rule).form(f.xreplace({nu: sympy.S.Zero}))
    edges = (f.xreplace({nu: low}) + f.xreplace({nu: high})) / 4
    arcsine = sympy.Integral(f / sympy.sqrt((high - nu) * (nu - low)), (nu, low, high))
    meaning = (application.func, ("mean of a spectral statistic", arguments, f, nu, lam))
    statement = equation(application, edges - arcsine / (2 * sympy.pi))
    words = note or THEOREMS["bai_silverstein"].statement
    return make_fact(statement, domain, rule, words, (), "cited", meaning)


def _is_analytic(f: Any, nu: Any) -> bool:
    """Whether f is built from nu by sums, products, integer powers and entire functions."""
    if nu not in f.free_symbols or f == nu:
        return True
    if f.is_Pow and not f.exp.is_Integer:
        return False
    return (f.is_Add or f.is_Mul or f.is_Pow or isinstance(f, _ENTIRE)) and all(_is_analytic(g, nu) for g in f.args)
