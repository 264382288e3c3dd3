"""The Marchenko-Pastur law as SymPy expressions; ``lam`` and the argument are SymPy numbers, symbols or expressions."""

from __future__ import annotations

from typing import Any

import sympy

from grokmath.functions.laplace_symbolic import laplace_expression as laplace

__all__ = ["atom", "cdf", "edges", "laplace", "moment", "pdf", "sf", "stieltjes"]


def atom(lam: Any) -> Any:
    """max(0, 1 - 1/lam)."""
    return sympy.Max(0, 1 - 1 / lam)


def edges(lam: Any) -> tuple[Any, Any]:
    """((1 - sqrt(lam))**2, (1 + sqrt(lam))**2)."""
    root = sympy.sqrt(lam)
    return (1 - root) ** 2, (1 + root) ** 2


def _root(x: Any, lam: Any) -> Any:
    return sympy.sqrt(4 * lam - (x - 1 - lam) ** 2)


def pdf(x: Any, lam: Any) -> Any:
    """The density, 0 outside the support, infinite at x = 0 for lam = 1."""
    low, high = edges(lam)
    return sympy.Piecewise(
        (_root(x, lam) / (2 * sympy.pi * lam * x), sympy.And(x > low, x < high)),
        (sympy.oo, sympy.And(sympy.Eq(x, 0), sympy.Eq(lam, 1))),
        (0, True),
    )


def cdf(x: Any, lam: Any) -> Any:
    """P(nu <= x), atom included; the angles are phi and chi of marchenko_pastur_certified.cdf_ball."""
    low, high = edges(lam)
    phi = sympy.acos((1 + lam - x) / (2 * sympy.sqrt(lam)))
    chi = sympy.acos(((1 - lam) ** 2 - (1 + lam) * x) / (2 * sympy.sqrt(lam) * x))
    mass = ((1 + lam) * phi + _root(x, lam) - sympy.Abs(1 - lam) * chi) / (2 * sympy.pi * lam)
    return sympy.Piecewise(
        (0, x < 0),
        (1, x >= high),
        (atom(lam), x <= low),
        (atom(lam) + mass, True),
    )


def sf(x: Any, lam: Any) -> Any:
    """P(nu > x) = 1 - cdf(x)."""
    return sympy.piecewise_fold(1 - cdf(x, lam))


def moment(k: int, lam: Any) -> Any:
    """E[nu**k]: a Narayana polynomial for k >= 0, over a power of 1 - lam for k < 0 (lam < 1)."""
    if k < 0:
        return moment(-k - 1, lam) / (1 - lam) ** (-2 * k - 1)
    if k == 0:
        return sympy.Integer(1)
    return sum(
        (sympy.binomial(k, j) * sympy.binomial(k - 1, j) / (j + 1) * lam**j for j in range(k)), start=sympy.Integer(0)
    )


def stieltjes(z: Any, lam: Any) -> Any:
    """E[1/(nu - z)] off the spectrum, with principal square roots, in the form that is regular at z = 0 for lam < 1."""
    low, high = edges(lam)
    return 2 / (1 - lam - z - sympy.sqrt(z - low) * sympy.sqrt(z - high))
