"""Claims about data of any size: X holds the samples x_i as rows, N x d; all labels are -1, f_i = S.x_i + b."""

from __future__ import annotations

from typing import Any

import sympy as sp

from grokmath.ledger.beck2024.forms import b, eta, sigma
from grokmath.ledger.record import MatrixIdentity, regime
from grokmath.proof import Gradient, SampleSum, UnitVector

d, N = sp.symbols("d N", integer=True, positive=True)
i = sp.Symbol("i", integer=True)
X, S = sp.MatrixSymbol("X", N, d), sp.MatrixSymbol("S", d, 1)
x_i = X.T * UnitVector(N, i)
sizes = (("d", 2), ("N", 3))
STEP = regime(eta="1/100..1", b="-2..21/10")
SCALED = regime(eta="1/100..1", sigma="1/10..5", b="-2..21/10")


def output(weights: Any, sample: Any) -> Any:
    """S.x."""
    return sp.Trace(weights.T * sample)


def mean(term: Any) -> Any:
    """(1/N) times the sum over the samples."""
    if isinstance(term, sp.MatrixExpr):
        return SampleSum(term, i, N) / N
    return sp.Sum(term, (i, 1, N)) / N


f_i = output(S, x_i) + b
logistic = mean(sp.log(1 + sp.exp(f_i)))
exponential = mean(sp.exp(f_i))
free = mean(sp.exp(output(S, x_i)))
share = 1 / (1 + sp.exp(-f_i))
pull = mean(sp.exp(output(S, x_i)) * x_i)
LOGISTIC_STEP = (
    MatrixIdentity(S - eta * Gradient(logistic, S), S - eta * mean(share * x_i), sizes, (STEP,)),
    MatrixIdentity(b - eta * sp.Derivative(logistic, b), b - eta * mean(share), sizes, (STEP,)),
)
FLOW = (
    MatrixIdentity(-eta * Gradient(exponential, S), -eta * sp.exp(b) * pull, sizes, (STEP,)),
    MatrixIdentity(-eta * sp.Derivative(exponential, b), -eta * sp.exp(b) * free, sizes, (STEP,)),
)
CONFORMAL = (
    MatrixIdentity(-eta * sp.exp(-b) * Gradient(exponential, S), -eta * pull, sizes, (STEP,)),
    MatrixIdentity(-eta * Gradient(free, S), -eta * pull, sizes, (STEP,)),
    MatrixIdentity(-eta * sp.exp(-b) * sp.Derivative(exponential, b), -eta * free, sizes, (STEP,)),
)
GROWTH = (MatrixIdentity(sp.exp(-b) * eta * sp.Derivative(exponential, b), eta * free, sizes, (STEP,)),)
narrow = x_i / sigma
RESCALED = (
    MatrixIdentity(
        -sigma * eta * Gradient(exponential, S),
        -(sigma**2) * eta * mean(sp.exp(output(sigma * S, narrow) + b) * narrow),
        sizes,
        (SCALED,),
    ),
    MatrixIdentity(
        -eta * sp.Derivative(exponential, b), -eta * mean(sp.exp(output(sigma * S, narrow) + b)), sizes, (SCALED,)
    ),
)
wide = mean(sp.exp(sigma * output(S, x_i) + b))
WIDE = MatrixIdentity(
    -eta * Gradient(wide, S), -eta * sigma * mean(sp.exp(sigma * output(S, x_i) + b) * x_i), sizes, (SCALED,)
)
WIDE_RESCALED = MatrixIdentity(
    -sigma * eta * Gradient(wide, S),
    -eta * sigma**2 * mean(sp.exp(output(sigma * S, x_i) + b) * x_i),
    sizes,
    (SCALED,),
)
mu = sp.Symbol("mu", positive=True)
first = sp.Symbol("S1", real=True)
Z = sp.MatrixSymbol("Z", N, d)
z_i = Z.T * UnitVector(N, i)
shifted = mean(sp.log(1 + sp.exp(mu * first + output(S, z_i))))
pushed = 1 / (1 + sp.exp(-mu * first - output(S, z_i)))
reduced = 1 / (1 + sp.exp(-output(mu * S, z_i / mu) - mu * first))
MU = regime(eta="1/100..1", mu="1/10..3", S1="-2..21/10")
PERPENDICULAR = (
    MatrixIdentity(-eta * Gradient(shifted, S), -eta * mean(pushed * z_i), sizes, (MU,)),
    MatrixIdentity(-eta * sp.Derivative(shifted, first), -eta * mean(mu * pushed), sizes, (MU,)),
)
REDUCED_WEIGHTS = MatrixIdentity(
    -mu * eta * Gradient(shifted, S), -eta * mu**2 * mean(reduced * (z_i / mu)), sizes, (MU,)
)
REDUCED_FIRST = MatrixIdentity(-mu * eta * sp.Derivative(shifted, first), -eta * mu**2 * mean(reduced), sizes, (MU,))
