"""The largest margin of Gaussian points: the capacity of the perceptron, cited."""

from __future__ import annotations

from typing import Any

import sympy

from grokmath.proof.convergence import is_continuous_vocabulary
from grokmath.proof.domain import EVERYWHERE, Domain, implicit_conditions
from grokmath.proof.facts import Fact, at_most, equation, make_fact
from grokmath.proof.gaussian import normal_density
from grokmath.proof.normal import normal_form, refuse
from grokmath.proof.rewriting import require_application
from grokmath.proof.theorems import THEOREMS

__all__ = ["cite_largest_margin"]

MEANING = "largest margin of Gaussian points"


def cite_largest_margin(
    application: Any, lam: Any, spread: Any, z: Any, *, domain: Domain = EVERYWHERE, note: str = ""
) -> tuple[Fact, Fact]:
    """lam = the integral of (M/spread + z)^2 exp(-z^2/2)/sqrt(2 pi) over z > -M/spread, and 0 < M.

    ``application`` = M(..., lam, ...) is a new function of the symbol lam > 0 and of those in ``spread``: the limit in
    probability of the largest margin, max over unit vectors w of the least w.x_i, of N independent points whose d
    components are independent normal variables of mean 0 and standard deviation ``spread``, as N -> oo with d/N -> lam.
    Proved: lam > 1/2 and spread > 0 on the domain. The theorem is stated for spread = 1; the margin of spread x_i is
    spread times that of x_i. As E(kappa + z)_+^2 is continuous in kappa and increases strictly, from 1/2 at kappa = 0
    to oo, it takes the value lam > 1/2 at one kappa > 0; every smaller number is a margin of the points with a
    probability that tends to 1, every larger one with a probability that tends to 0, so that kappa is the limit.
    """
    rule = f"cited: {THEOREMS['gardner'].name}"
    spread = sympy.S(spread)
    if not (lam.is_Symbol and lam.is_positive) or lam.is_integer or lam in spread.free_symbols:
        raise refuse(rule, f"{lam} is not a symbol for a positive ratio that {spread} is free of")
    require_application(rule, application, spread)
    if lam not in application.args or domain.symbols - set(application.args):
        raise refuse(rule, f"{application} is not a function of {lam} and of the symbols of {domain}")
    if not (z.is_Symbol and z.is_real) or z.is_integer or implicit_conditions(z) or z in application.args:
        raise refuse(rule, f"{z} is not a new symbol that runs over all real numbers")
    if not is_continuous_vocabulary(spread):
        raise refuse(rule, f"{spread} has functions that are not in the vocabulary")
    normal = normal_form(domain, rule)
    normal.require((lam - sympy.Rational(1, 2), ">"), "separable points")
    normal.require((spread, ">"), "the standard deviation")
    kappa = application / spread
    mean = sympy.Integral((kappa + z) ** 2 * normal_density(z), (z, -kappa, sympy.oo))
    meaning = (application.func, (MEANING, application.args, lam, spread))
    text = note or THEOREMS["gardner"].statement
    law = make_fact(equation(mean, lam), domain, rule, text, (), "cited", meaning)
    return law, make_fact(at_most(0, application, strict=True), domain, rule, text, (), "cited", meaning)
