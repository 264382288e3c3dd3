"""Euler's integral with powers of a logarithm: the derivatives of the gamma function at multiples of 1/2."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy

from grokmath.proof.domain import EVERYWHERE, implicit_conditions
from grokmath.proof.facts import Fact, equation, make_fact
from grokmath.proof.normal import refuse

__all__ = ["log_gamma_integral"]

_MOST = 200


def log_gamma_integral(s: Any, k: int, w: Any) -> Fact:
    """Integral of w^(s-1) exp(-w) log(w)^k over (0, oo) = the k-th derivative of Gamma at s, for k = 0, 1, 2 and
    s = 1/2, 1, 3/2, ... (DLMF 5.9.19).

    With psi = Gamma'/Gamma these are Gamma, Gamma psi and Gamma (psi^2 + psi'). They are written out by psi(1) =
    -gamma, psi'(1) = pi^2/6 (DLMF 5.4.12), psi(1/2) = -gamma - 2 log 2, psi'(1/2) = pi^2/2 (5.4.13), psi(s + 1) =
    psi(s) + 1/s (5.5.2) and the derivative of that. The integral converges absolutely: next to 0, |log w|^k is at most
    a multiple of w^(-s/2). The derivative may be taken under the integral sign, as w^(s-1) exp(-w) |log w|^k is
    bounded, for s in a compact part of (0, oo), by an integrable function.
    """
    rule = "law of the derivatives of the gamma function"
    s = sympy.S(s)
    if not s.is_Rational or (2 * s).q != 1 or not 0 < s <= _MOST:
        raise refuse(rule, f"{s} is not a positive multiple of 1/2, at most {_MOST}")
    if type(k) is not int or k not in (0, 1, 2):
        raise refuse(rule, f"the power {k} of the logarithm is not 0, 1 or 2")
    if not (w.is_Symbol and w.is_real) or w.is_integer or implicit_conditions(w) not in ([], [(w, ">")], [(w, ">=")]):
        raise refuse(rule, f"{w} does not run over the positive numbers")
    whole = s.q == 1
    start = Fraction(1) if whole else Fraction(1, 2)
    value = sympy.S.One if whole else sympy.sqrt(sympy.pi)
    psi = -sympy.EulerGamma - (0 if whole else 2 * sympy.log(2))
    slope = sympy.pi**2 / (6 if whole else 2)
    while start < Fraction(int(s.p), int(s.q)):
        at = sympy.Rational(start.numerator, start.denominator)
        value, psi, slope = at * value, psi + 1 / at, slope - 1 / at**2
        start += 1
    factor = (sympy.S.One, psi, psi**2 + slope)[k]
    integral = sympy.Integral(w ** (s - 1) * sympy.exp(-w) * sympy.log(w) ** k, (w, 0, sympy.oo))
    return make_fact(equation(integral, value * factor), EVERYWHERE, rule, "DLMF 5.9.19", (), "definition")
