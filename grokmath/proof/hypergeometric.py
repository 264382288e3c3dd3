"""The hypergeometric series that the normal form knows: finite ones, 0F1 and 2F1(a, b; b + 1; z)."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import sympy

from grokmath.proof.domain import RefusedStep
from grokmath.proof.forms import ONE, Form, add, atom_form, constant, expression, multiply, scale, subtract

if TYPE_CHECKING:
    from grokmath.proof.normal import Normal

__all__ = ["series_form"]


def series_form(normal: Normal, upper: Any, lower: Any, z: Any) -> Form:
    """0F1(; n + 1; z) in Bessel functions, finite series, and 2F1(a, b; b + 1; z) for z < 1; no other series."""
    if any(a.is_Integer and a <= 0 for a in upper):
        return _finite_series(normal, upper, lower, z)
    if len(upper) == 2 and len(lower) == 1:
        return _gauss(normal, upper, lower[0], z)
    if len(upper) or len(lower) != 1 or not lower[0].is_Integer or lower[0] < 1:
        raise RefusedStep(f"rewrite: hyper({upper}, {lower}, {z}) is not 0F1 with a positive integer parameter")
    n = lower[0] - 1  # n! z^(-n/2) I_n(2 sqrt(z)) for z > 0, DLMF 10.39.9
    normal.require((z, ">"), f"the argument of hyper({upper}, {lower}, {z})")
    return normal.form(sympy.factorial(n) * z ** (-n / 2) * sympy.besseli(n, 2 * sympy.sqrt(z)))


def _finite_series(normal: Normal, upper: Any, lower: Any, z: Any) -> Form:
    """The sum of (a_1)_k .../((c_1)_k ... k!) z^k up to k = m, where -m is among the a_i (DLMF 16.2.4), c_i > 0."""
    for c in lower:
        normal.require((c, ">"), f"a lower parameter of hyper({upper}, {lower}, {z})")
    last = min(-int(a) for a in upper if a.is_Integer and a <= 0)
    argument = normal.form(z)
    term, total = constant(1), constant(1)
    for k in range(last):
        term = scale(multiply(term, argument), Fraction(1, k + 1))
        for a in upper:
            term = multiply(term, normal.form(a + k))
        for c in lower:
            term = multiply(term, normal.inverse(normal.form(c + k)))
        total = add(total, term)
    return total


def _gauss(normal: Normal, upper: Any, c: Any, z: Any) -> Form:
    """2F1(a, b; b + 1; z) for b > 0 and z < 1, an atom once the whole number in b is taken down.

    By 2F1(a + 1, b + 1; b + 2; z) = (b + 1)((1 - z)^(-a) - 2F1(a, b; b + 1; z))/(a z), z and a not 0. Proof: the n-th
    coefficients of b F + z F', F = 2F1(a, b; b + 1; z), are (b + n)(a)_n b/((b + n) n!), those of b (1 - z)^(-a); and
    F' = (a b/(b + 1)) 2F1(a + 1, b + 1; b + 2; z) (DLMF 15.5.1). Both sides are analytic for z < 1.
    """
    shown = f"hyper({upper}, ({c},), {z})"
    later = [i for i in (1, 0) if not subtract(normal.form(c), add(normal.form(upper[i]), constant(1)))]
    if not later:
        raise RefusedStep(f"rewrite: {shown} is not 2F1(a, b; b + 1; z)")
    a, b, argument = normal.form(upper[1 - later[0]]), normal.form(upper[later[0]]), normal.form(z)
    normal.require((upper[later[0]], ">"), f"a parameter of {shown}")
    normal.require((1 - z, ">"), f"the argument of {shown} below 1")
    if not argument:
        return constant(1)
    factor, total = constant(1), constant(0)
    one = constant(1)
    while b.get(ONE, Fraction(0)) >= 1 and normal.signs.positive(subtract(b, one)):
        below = multiply(subtract(a, one), argument)
        if not normal.signs.nonzero(below):
            break
        factor = multiply(factor, multiply(b, normal.inverse(below)))
        a, b = subtract(a, one), subtract(b, one)
        total = add(total, multiply(factor, normal.form((1 - z) ** (-expression(a)))))
        factor = scale(factor, -1)
    above, last = expression(a), expression(b)
    series = sympy.hyper([above, last], [expression(add(b, one))], expression(argument))
    return add(total, multiply(factor, atom_form(series)))
