"""Two laws of Lambert's function on the half-line where it is the inverse of u exp(u)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

from grokmath.proof.domain import EVERYWHERE, Domain
from grokmath.proof.facts import Fact, equation, make_fact, normal_for
from grokmath.proof.normal import refuse

__all__ = ["lambert_inverse", "lambert_log"]


def lambert_inverse(z: Any, u: Any, *, domain: Domain = EVERYWHERE, using: Sequence[Fact] = (), note: str = "") -> Fact:
    """W(z) = u, for u >= 0 and z = u exp(u), both of which are proved (DLMF 4.13.1).

    u -> u exp(u) increases strictly from 0 on u >= 0, and W(z), z >= 0, is the only number there that it takes to z.
    """
    rule = "Lambert's function as an inverse"
    z, u = sympy.S(z), sympy.S(u)
    normal = normal_for(rule, domain, using)
    normal.require((u, ">="), "the value")
    if not normal.equal(z, u * sympy.exp(u)):
        raise refuse(rule, f"{z} differs from {u} exp({u}) by {normal.difference(z, u * sympy.exp(u))}")
    return make_fact(equation(sympy.LambertW(z), u), domain, rule, note, using)


def lambert_log(z: Any, *, domain: Domain = EVERYWHERE, using: Sequence[Fact] = (), note: str = "") -> Fact:
    """log W(z) = log z - W(z), for z > 0: the logarithm of W exp(W) = z (DLMF 4.13.1), in which both factors are
    positive.
    """
    rule = "logarithm of Lambert's function"
    z = sympy.S(z)
    normal = normal_for(rule, domain, using)
    normal.require((z, ">"), "the argument")
    value = sympy.LambertW(z)
    if not isinstance(value, sympy.LambertW) or len(value.args) != 1:
        raise refuse(rule, f"{value} is not a value of Lambert's function that is left as it is")
    return make_fact(equation(sympy.log(value), sympy.log(z) - value), domain, rule, note, using)
