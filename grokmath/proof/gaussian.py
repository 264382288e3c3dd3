"""Averages and probabilities over independent normal variables, as integrals over one of them.

What these rules say is what a mean and a probability are: they introduce a new function symbol (kind "definition") and
write it as an integral with the density exp(-z^2/2)/sqrt(2 pi), after checking what makes the two the same: that the
argument is a constant plus a linear combination of the variables, and that its spread is the root of the sum of the
squared coefficients times the variances. (A sum of independent normal variables is normal, and means and variances
add; in particular w.x for a vector x of independent normal components of variance v is |w| sqrt(v) z, in any
dimension: the law is invariant under rotations.)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy

from grokmath.proof.convergence import is_continuous_vocabulary
from grokmath.proof.domain import EVERYWHERE, Domain, implicit_conditions
from grokmath.proof.facts import Fact, equation, make_fact
from grokmath.proof.normal import Normal, normal_form, refuse
from grokmath.proof.rewriting import require_application
from grokmath.proof.terms import substitute

__all__ = ["gaussian_mean", "gaussian_probability", "joint_gaussian_probability", "normal_density"]


def normal_density(z: Any) -> Any:
    """exp(-z^2/2)/sqrt(2 pi)."""
    return sympy.exp(-(z**2) / 2) / sympy.sqrt(2 * sympy.pi)


def gaussian_mean(
    application: Any,
    function: Any,
    output: Any,
    variances: Mapping[Any, Any],
    spread: Any,
    z: Any,
    *,
    domain: Domain = EVERYWHERE,
    note: str = "",
) -> Fact:
    """M(...) = integral over the real line of function(m + spread z) exp(-z^2/2)/sqrt(2 pi): the mean of
    function(output).

    ``output`` is m plus a linear combination of the keys of ``variances``, independent normal variables of mean 0 with
    the given variances (of which none may be negative); ``function`` is a ``sympy.Lambda`` of one variable. Proved:
    linearity; spread > 0 and spread^2 = sum of a_i^2 v_i; absolute convergence, by the kernel's test. M is a new
    function of the other symbols; that it is called a mean is its definition.
    """
    rule = "mean over independent normal variables"
    middle = _law(rule, output, variances, spread, domain)
    if not isinstance(function, sympy.Lambda) or len(function.variables) != 1:
        raise refuse(rule, f"{function} is not a Lambda of one variable")
    _require_new_variable(rule, z, (output, spread), variances, domain)
    y, inside = function.variables[0], function.expr
    if inside.free_symbols & (set(variances) | {z}):
        raise refuse(rule, f"{function} depends on what is averaged over")
    integrand = substitute(inside, {y: middle + spread * z}, rule) * normal_density(z)
    average = sympy.Integral(integrand, (z, -sympy.oo, sympy.oo))
    normal_form(domain, rule).form(average)
    return _meaning(rule, application, average, ("mean", function, output, variances), variances, domain, note)


def gaussian_probability(
    application: Any,
    output: Any,
    variances: Mapping[Any, Any],
    spread: Any,
    z: Any,
    *,
    domain: Domain = EVERYWHERE,
    note: str = "",
) -> Fact:
    """P(...) = integral of exp(-z^2/2)/sqrt(2 pi) over z < -m/spread: the probability that ``output`` < 0.

    ``output`` = m + sum of a_i xi_i over independent normal variables xi_i of mean 0 and the given variances; proved as
    in :func:`gaussian_mean`.
    """
    rule = "probability under independent normal variables"
    middle = _law(rule, output, variances, spread, domain)
    _require_new_variable(rule, z, (output, spread), variances, domain)
    mass = sympy.Integral(normal_density(z), (z, -sympy.oo, -middle / sympy.S(spread)))
    normal_form(domain, rule).form(mass)
    return _meaning(rule, application, mass, ("probability", output, variances), variances, domain, note)


def joint_gaussian_probability(
    application: Any,
    output: Any,
    z: Any,
    w: Any,
    low: Any,
    high: Any,
    *,
    domain: Domain = EVERYWHERE,
    note: str = "",
) -> Fact:
    """P(...) = integral over low < z < high of exp(-z^2/2)/sqrt(2 pi) erfc((m + a z)/(sqrt(2) c))/2: the probability
    that low < z < high and ``output`` < 0.

    z and w are independent standard normal variables and ``output`` = m + a z + c w with c > 0 (or c < 0, then -c
    stands for c: -w has the law of w), all of which is proved, as is low < high. Given z, the output is negative where
    w < -(m + a z)/c, which has probability erfc((m + a z)/(sqrt(2) c))/2 (DLMF 7.2.2); the mean of that over z, by
    independence (Fubini's theorem for a bounded function).
    """
    rule = "probability under two independent normal variables"
    low, high, output = sympy.S(low), sympy.S(high), sympy.S(output)
    factors = _factors(rule, output, {z: sympy.S.One, w: sympy.S.One}, domain)
    if {z, w} & (low.free_symbols | high.free_symbols):
        raise refuse(rule, f"the limits {low} and {high} depend on the variables")
    normal = normal_form(domain, rule)
    if low == sympy.oo or high == -sympy.oo:
        raise refuse(rule, f"the limits {low} and {high} are not in order")
    if low != -sympy.oo and high != sympy.oo:
        normal.require((high - low, ">"), "the limits in order")
    size = -factors[w] if normal.positive(-factors[w]) else factors[w]
    normal.require((size, ">"), f"the factor of {w} or its opposite")
    given = substitute(output, {w: sympy.S.Zero}, rule) / (sympy.sqrt(2) * size)
    mass = sympy.Integral(normal_density(z) * sympy.erfc(given) / 2, (z, low, high))
    normal.form(mass)
    variances = {z: sympy.S.One, w: sympy.S.One}
    meaning = ("joint probability", output, z, w, low, high)
    return _meaning(rule, application, mass, meaning, variances, domain, note)


def _meaning(
    rule: str, application: Any, body: Any, what: Any, variances: Mapping[Any, Any], domain: Domain, note: str
) -> Fact:
    require_application(rule, application, body)
    if set(variances) & set(application.args):
        raise refuse(rule, f"{application} depends on what is averaged over")
    described = tuple(tuple(part.items()) if isinstance(part, Mapping) else part for part in what)
    meaning = (application.func, (*described, application.args))
    return make_fact(equation(application, body), domain, rule, note, (), "definition", meaning)


def _law(rule: str, output: Any, variances: Mapping[Any, Any], spread: Any, domain: Domain) -> Any:
    """The mean of the output, after its spread was proved."""
    output, spread = sympy.S(output), sympy.S(spread)
    factors = _factors(rule, output, variances, domain)
    normal = normal_form(domain, rule)
    for symbol, variance in variances.items():
        normal.require((sympy.S(variance), ">="), f"the variance of {symbol}")
    normal.require((spread, ">"), "the spread")
    variance = sympy.Add(*(factors[symbol] ** 2 * v for symbol, v in variances.items()))
    if not normal.equal(spread**2, variance):
        raise refuse(rule, f"the variance {variance} is not the square of {spread}")
    return substitute(output, dict.fromkeys(variances, sympy.S.Zero), rule)


def _factors(rule: str, output: Any, variances: Mapping[Any, Any], domain: Domain) -> dict[Any, Any]:
    """The coefficient of each variable, after the output was proved linear in them."""
    if not variances:
        raise refuse(rule, "no variable is given")
    for symbol in variances:
        free = symbol.is_Symbol and symbol.is_real and not symbol.is_integer and symbol not in domain.symbols
        if not free or implicit_conditions(symbol):
            raise refuse(rule, f"{symbol} does not run over all real numbers")
        if any(symbol in sympy.S(variance).free_symbols for variance in variances.values()):
            raise refuse(rule, f"a variance depends on {symbol}")
    if not is_continuous_vocabulary(output):
        raise refuse(rule, f"{output} has functions that are not in the vocabulary")
    zero = dict.fromkeys(variances, sympy.S.Zero)
    middle = substitute(output, zero, rule)
    factors = {s: substitute(output, {**zero, s: sympy.S.One}, rule) - middle for s in variances}
    normal = normal_form(domain, rule)
    total = middle + sympy.Add(*(factor * symbol for symbol, factor in factors.items()))
    if not _equal(normal, output, total):
        raise refuse(rule, f"{output} is not linear in {', '.join(map(str, variances))}")
    return factors


def _equal(normal: Normal, left: Any, right: Any) -> bool:
    return left == right or normal.equal(left, right)


def _require_new_variable(rule: str, z: Any, used: Any, variances: Mapping[Any, Any], domain: Domain) -> None:
    if not (z.is_Symbol and z.is_real) or implicit_conditions(z) or z.is_integer:
        raise refuse(rule, f"{z} does not run over all real numbers")
    outside = set().union(*(sympy.S(part).free_symbols for part in (*used, *variances.values()))) - set(variances)
    if z in outside | domain.symbols:
        raise refuse(rule, f"the variable {z} of the integral already occurs")
