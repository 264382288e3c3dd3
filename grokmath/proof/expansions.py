"""Expansions in powers of 1/var as var -> oo, through functions that are analytic at the limits of their arguments."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import sympy

from grokmath.proof.domain import EVERYWHERE, Domain, implicit_conditions
from grokmath.proof.equations import require_interval
from grokmath.proof.facts import Fact, Tends, make_fact, normal_for, require_domain
from grokmath.proof.forms import Form, add, constant, expression, multiply, scale, subtract, vanishes
from grokmath.proof.normal import Normal, refuse
from grokmath.proof.terms import substitute

__all__ = ["Expanded", "expansion", "expansion_through"]

Series = list[Form]
"""The coefficients of z^0, ..., z^N of a power series."""


class Expanded(NamedTuple):
    """An argument: its symbol, what it is as a function of var, its coefficients, and the fact that these are so."""

    symbol: Any
    function: Any
    coefficients: tuple[Any, ...]
    fact: Fact


def expansion(function: Any, coefficients: Sequence[Any], var: Any) -> Any:
    """var^N (f - c_0 - c_1/var - ... - c_N/var^N), which tends to 0 where f has these coefficients."""
    terms = (c * sympy.Pow(var, -k) for k, c in enumerate(coefficients))
    return var ** (len(coefficients) - 1) * (function - sympy.Add(*terms))


def expansion_through(
    function: Any,
    z: Any,
    parts: Sequence[Expanded],
    coefficients: Sequence[Any],
    var: Any,
    *,
    domain: Domain = EVERYWHERE,
    using: Sequence[Fact] = (),
    note: str = "",
) -> Fact:
    """phi(f_1, ..., f_n, 1/var) = d_0 + d_1/var + ... + d_N/var^N + o(var^-N), from the same for the f_i.

    ``function`` is phi in the symbols y_i of ``parts``, z and parameters; ``coefficients`` are d_0, ..., d_N. The fact
    is that :func:`expansion` of it tends to 0 as var -> oo. phi is built of sums, products, integer powers of what is
    proved not to be 0 at y_i = c_i0, z = 0 (non-negative ones of anything), rational powers and logarithms of what is
    proved positive there, and exponentials: it is analytic at that point, hence Lipschitz near it. So phi may be taken
    at the polynomials P_i(z) = sum of c_ik z^k, k <= N, with an error o(var^-N); and the Taylor coefficients of
    phi(P_1(z), ..., P_n(z), z), found by arithmetic with power series, are proved to be the d_k.
    """
    rule = "expansion through an analytic function"
    phi, wanted = sympy.S(function), [sympy.S(d) for d in coefficients]
    order = len(wanted) - 1
    if order < 0:
        raise refuse(rule, "no coefficient is given")
    symbols = [part.symbol for part in parts]
    for y in (*symbols, z):
        if not y.is_Symbol or not y.is_real or y.is_integer or implicit_conditions(y) or (*symbols, z).count(y) > 1:
            raise refuse(rule, f"{y} does not run over all real numbers")
    given = {c for part in parts for c in part.coefficients} | set(wanted)
    spoken = set().union(*(part.function.free_symbols for part in parts)) | {var}
    fixed = domain.symbols.union(*(sympy.S(c).free_symbols for c in given))
    if (spoken | fixed) & {*symbols, z} or var in fixed | phi.free_symbols:
        raise refuse(rule, f"the arguments of {phi}, its parameters and the variable {var} are not kept apart")
    normal = normal_for(rule, domain, [*using, *(part.fact for part in parts)])
    require_interval(normal, var, sympy.oo)
    for part in parts:
        _require_expansion(normal, part, var, order)
    path = {part.symbol: [normal.form(sympy.S(c)) for c in part.coefficients][: order + 1] for part in parts}
    path[z] = [constant(1 if k == 1 else 0) for k in range(order + 1)]
    try:
        found = _series(normal, phi, path, order)
    except OverflowError as error:
        raise refuse(rule, f"the series of {phi} needs {error}") from None
    for k, (value, d) in enumerate(zip(found, wanted, strict=True)):
        rest = subtract(value, normal.form(d))
        if not vanishes(rest):
            raise refuse(rule, f"the coefficient of {var}^-{k} is not {d}: {expression(rest)} is left over")
    whole = substitute(phi, {**{part.symbol: part.function for part in parts}, z: 1 / var}, rule)
    statement = Tends(expansion(whole, wanted, var), var, sympy.oo, sympy.S.Zero)
    return make_fact(statement, domain, rule, note, [*(part.fact for part in parts), *using])


def _require_expansion(normal: Normal, part: Expanded, var: Any, order: int) -> None:
    """Refuse unless the fact is the expansion of the argument, with these coefficients, to the order at least."""
    statement = part.fact.statement
    known = Tends(expansion(part.function, part.coefficients, var), var, sympy.oo, sympy.S.Zero)
    if len(part.coefficients) <= order or statement != known:
        raise refuse(normal.rule, f"{part.fact} is not an expansion of {part.function} to order {order}")
    require_domain(part.fact, normal)


def _series(normal: Normal, expr: Any, path: dict[Any, Series], order: int) -> Series:
    """The coefficients of an expression along the path; it is analytic at its start."""
    if expr in path:
        return path[expr]
    if not expr.free_symbols & set(path):
        return [normal.form(expr), *({} for _ in range(order))]
    if expr.is_Add or expr.is_Mul:
        first, *others = (_series(normal, part, path, order) for part in expr.args)
        for other in others:
            first = [add(a, b) for a, b in zip(first, other, strict=True)] if expr.is_Add else _product(first, other)
        return first
    if expr.is_Pow and expr.exp.is_Rational:
        base, exponent = _series(normal, expr.base, path, order), Fraction(int(expr.exp.p), int(expr.exp.q))
        return _power(normal, base, exponent)
    if isinstance(expr, sympy.exp):
        return _exponential(normal, _series(normal, expr.args[0], path, order))
    if isinstance(expr, sympy.log):
        return _logarithm(normal, _series(normal, expr.args[0], path, order))
    raise refuse(normal.rule, f"{expr} is not taken for analytic")


def _product(left: Series, right: Series) -> Series:
    return [add({}, *(multiply(left[j], right[k - j]) for j in range(k + 1))) for k in range(len(left))]


def _power(normal: Normal, base: Series, exponent: Fraction) -> Series:
    """p = b^c by b p' = c b' p: k b_0 p_k = sum over j = 1, ..., k of (j c - (k - j)) b_j p_(k-j)."""
    if exponent.denominator == 1 and exponent >= 0:
        result: Series = [constant(1), *({} for _ in base[1:])]
        for _ in range(int(exponent)):
            result = _product(result, base)
        return result
    start = expression(base[0])
    normal.require((start, "!=" if exponent.denominator == 1 else ">"), "the base of a power at the limit")
    inverse = normal.inverse(base[0])
    powers = [normal.form(start ** sympy.Rational(exponent.numerator, exponent.denominator))]
    for k in range(1, len(base)):
        terms = (scale(multiply(base[j], powers[k - j]), j * exponent - (k - j)) for j in range(1, k + 1))
        powers.append(scale(multiply(inverse, add({}, *terms)), Fraction(1, k)))
    return powers


def _exponential(normal: Normal, u: Series) -> Series:
    """e = exp(u) by e' = u' e."""
    result = [normal.form(sympy.exp(expression(u[0])))]
    for k in range(1, len(u)):
        terms = (scale(multiply(u[j], result[k - j]), Fraction(j, k)) for j in range(1, k + 1))
        result.append(add({}, *terms))
    return result


def _logarithm(normal: Normal, base: Series) -> Series:
    """l = log(b) by b l' = b'."""
    start = expression(base[0])
    normal.require((start, ">"), "the argument of a logarithm at the limit")
    inverse = normal.inverse(base[0])
    result = [normal.form(sympy.log(start))]
    for k in range(1, len(base)):
        terms = (scale(multiply(result[j], base[k - j]), Fraction(-j, k)) for j in range(1, k))
        result.append(multiply(inverse, add(base[k], *terms)))
    return result
