"""Symbols, data and recurring expressions of the classification paper: the two-point model and small samples.

a = 1 - 2 lam, p = 1 + a, c = eta/2, R = sigma |S|; the two points are -1 and a; sigma = 1 unless it is written.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from grokmath.ledger.record import regime
from grokmath.ledger.vocabulary import DefiniteIntegral

lam, eta, t, tau, sigma, eps, M, R, x, u, L = sp.symbols("lam eta t tau sigma eps M R x u L", positive=True)
b, S, S0, b0, y, z = sp.symbols("b S S0 b0 y z", real=True)
c = eta / 2
a = 1 - 2 * lam
p = 1 + a
half = sp.Rational(1, 2)

points = sp.Matrix(3, 2, sp.symbols("x:6", real=True))
weights = sp.Matrix(sp.symbols("S:2", real=True))
outputs = points * weights
sample = regime(
    "three points in the plane",
    **{f"x{k}": "-2..21/10" for k in range(6)},
    S0="-2..21/10",
    S1="-2..21/10",
    b="-2..21/10",
    eta="1/100..1",
    sigma="1/10..5",
)


def minimizer(at: Any) -> Any:
    """S* = log(1/a)/(1 + a)."""
    return sp.log(1 / at) / (1 + at)


def kappa(at: Any) -> Any:
    """exp(-S*) + exp(a S*) = (1 + a) a^(-a/(1+a))."""
    return (1 + at) * at ** (-at / (1 + at))


def accuracy(bias: Any, spread: Any) -> Any:
    """(1 + erf(-b/(sqrt 2 R)))/2."""
    return (1 + sp.erf(-bias / (sp.sqrt(2) * spread))) / 2


def normal(to: Any) -> Any:
    """The standard normal law below ``to``, by quadrature."""
    return half + DefiniteIntegral(sp.Lambda(z, sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi)), sp.Integer(0), to)


def logistic(f: Any) -> Any:
    """log(1 + e^f)."""
    return sp.log(1 + sp.exp(f))


def conformal(S_at: Any, b_at: Any, slope: Any) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """(27) for a solution in conformal time: the right sides, and the derivatives that they must equal."""
    first = (c * (sp.exp(-S_at) - slope * sp.exp(slope * S_at)), sp.diff(S_at, tau))
    second = (-c * (sp.exp(-S_at) + sp.exp(slope * S_at)), sp.diff(b_at, tau))
    return first, second


def g(at: Any) -> Any:
    """e^S 2F1(1, 1/p; 1 + 1/p; a e^{pS})."""
    return sp.exp(at) * sp.hyper([1, 1 / p], [1 + 1 / p], a * sp.exp(p * at))


def bias(at: Any) -> Any:
    """b as a function of S from S_0 = b_0 = 0, lam other than 1/2."""
    return -at + sp.log((1 - a * sp.exp(p * at)) / (1 - a)) / a


def clock(at: Any) -> Any:
    """2F1 form of the time t as a function of S from S_0 = b_0 = 0, lam other than 1/2."""
    q = 2 / p

    def series(w: Any) -> Any:
        return sp.exp(2 * w) / 2 * sp.hyper([1 + 1 / a, q], [1 + q], a * sp.exp(p * w))

    return (1 - a) ** (1 / a) / c * (series(at) - series(sp.Integer(0)))
