"""What the Gaussian and combinatorial functions of the vocabulary stand for, as integrals: their definitions.

A derivation that ends at such an integral ends at the claim that names the function (``reaches``). phi is the density
exp(-z^2/2)/sqrt(2 pi).

======================  ==============================================================================================
PopulationLoss(R, b)    integral of log(1 + exp(R z + b)) phi(z) over the real line
PositivePart(kappa)     integral of (kappa + z)^2 phi(z) over z > -kappa
NormalMean(f, a, c)     integral of f(z) phi(z) over a < z < c
UpperOrthant(h, k, r)   integral of P(Y > k given X = z) phi(z) over z > h; Y is normal, of mean r z, variance 1 - r^2
BetaHalf(p, q)          Gamma(p + q)/(Gamma(p) Gamma(q)) times the integral of u^(p-1) (1 - u)^(q-1) over 0 < u < 1/2
======================  ==============================================================================================
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy

from grokmath.ledger.vocabulary import BetaHalf, NormalMean, PopulationLoss, PositivePart, UpperOrthant

__all__ = ["WRITTEN_OUT"]

_Z = sympy.Symbol("_z")
_DENSITY = sympy.exp(-(_Z**2) / 2) / sympy.sqrt(2 * sympy.pi)


def _population(R: Any, b: Any) -> Any:
    return sympy.Integral(sympy.log(1 + sympy.exp(R * _Z + b)) * _DENSITY, (_Z, -sympy.oo, sympy.oo))


def _positive_part(kappa: Any) -> Any:
    return sympy.Integral((kappa + _Z) ** 2 * _DENSITY, (_Z, -kappa, sympy.oo))


def _normal_mean(f: Any, low: Any, high: Any) -> Any:
    return sympy.Integral(f(_Z) * _DENSITY, (_Z, low, high))


def _orthant(h: Any, k: Any, rho: Any) -> Any:
    above = sympy.erfc((k - rho * _Z) / (sympy.sqrt(2) * sympy.sqrt(1 - rho**2))) / 2
    return sympy.Integral(above * _DENSITY, (_Z, h, sympy.oo))


def _beta_half(p: Any, q: Any) -> Any:
    mass = sympy.Integral(_Z ** (p - 1) * (1 - _Z) ** (q - 1), (_Z, sympy.S.Zero, sympy.Rational(1, 2)))
    return sympy.gamma(p + q) / (sympy.gamma(p) * sympy.gamma(q)) * mass


WRITTEN_OUT: dict[Any, Callable[..., Any]] = {
    PopulationLoss: _population,
    PositivePart: _positive_part,
    NormalMean: _normal_mean,
    UpperOrthant: _orthant,
    BetaHalf: _beta_half,
}
"""Function by function; the bound variable is renumbered by who asks."""
