"""The equations of the inseparable minimiser, cited."""

from __future__ import annotations

from typing import Any, NamedTuple

import sympy
from sympy.core.function import AppliedUndef

from grokmath.proof.domain import EVERYWHERE, Domain, implicit_conditions
from grokmath.proof.facts import Fact, at_most, equation, make_fact
from grokmath.proof.gaussian import normal_density
from grokmath.proof.normal import normal_form, refuse
from grokmath.proof.theorems import THEOREMS

__all__ = ["NORM", "SCALE", "MinimizerLaw", "cite_inseparable_minimizer"]

NORM = "norm of the inseparable minimiser"
SCALE = "scale of the inseparable minimiser"


class MinimizerLaw(NamedTuple):
    """E[w/(1 + w)] = lam, E[w^2] = lam R^2, 0 < R and 0 < gamma."""

    mass: Fact
    square: Fact
    norm: Fact
    scale: Fact


def cite_inseparable_minimizer(
    norm: Any, scale: Any, lam: Any, g: Any, *, domain: Domain = EVERYWHERE, note: str = ""
) -> MinimizerLaw:
    """E[w/(1 + w)] = lam and E[w^2] = lam R^2 for w = W(gamma exp(R g)), g standard normal; 0 < R and 0 < gamma.

    ``norm`` = R(lam) and ``scale`` = gamma(lam) are new functions of the symbol lam > 0 alone, the solution of these
    two equations; the means are integrals over g, which converge absolutely: 0 < w <= gamma exp(R g). Cited: that there
    is a solution for 0 < lam < 1/2, which is proved of the domain, and that R is what the name says. (At most one
    exists: docs/proofs/minimizer_norm.md.)
    """
    theorem = THEOREMS["minimizer_law"]
    rule = f"cited: {theorem.name}"
    for application in (norm, scale):
        if not isinstance(application, AppliedUndef) or application.args != (lam,):
            raise refuse(rule, f"{application} is not a new function of {lam}")
    if norm.func == scale.func or norm.func.name == scale.func.name:
        raise refuse(rule, f"{norm} and {scale} are not two functions")
    if not (lam.is_Symbol and lam.is_positive) or lam.is_integer:
        raise refuse(rule, f"{lam} is not a symbol for a positive ratio")
    if domain.symbols - {lam}:
        raise refuse(rule, f"{domain} has other symbols than {lam}")
    if not (g.is_Symbol and g.is_real) or g.is_integer or implicit_conditions(g) or g == lam:
        raise refuse(rule, f"{g} is not a new symbol that runs over all real numbers")
    normal_form(domain, rule).require((sympy.Rational(1, 2) - lam, ">"), "inseparable points")
    w = sympy.LambertW(scale * sympy.exp(norm * g))
    first, second = (sympy.Integral(f * normal_density(g), (g, -sympy.oo, sympy.oo)) for f in (w / (1 + w), w**2))
    meaning = (norm.func, (NORM, norm.args, lam)), (scale.func, (SCALE, scale.args, lam))
    text = note or theorem.statement
    statements = (
        equation(first, lam),
        equation(second, lam * norm**2),
        at_most(0, norm, strict=True),
        at_most(0, scale, strict=True),
    )
    return MinimizerLaw(*(make_fact(s, domain, rule, text, (), "cited", *meaning) for s in statements))
