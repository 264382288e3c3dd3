"""Claims about label noise for given data of any size: the flow, and both losses on average over noise and start.

The labels are X T + delta; delta has entries of variance sigma^2, S_0 and T of variance 1/(2d), all independent. The
averages are exact for each data matrix X, N x d, and every d and N; those of (27) for independent columns (d <= N).
"""

from __future__ import annotations

import sympy as sp

from grokmath.ledger.levi2023.forms import eta, sigma, t
from grokmath.ledger.record import MatrixIdentity, regime
from grokmath.proof import Expm, FullRankMatrix, Gradient, Mean, SpectralSum, TimeDerivative, UnitVector, square

d, N = sp.symbols("d N", integer=True, positive=True)
i = sp.Symbol("i", integer=True)
nu, positive = sp.Symbol("nu", nonnegative=True), sp.Symbol("nu", positive=True)
X, full = sp.MatrixSymbol("X", N, d), FullRankMatrix("X", N, d)
S, T, S_0 = (sp.MatrixSymbol(name, d, 1) for name in ("S", "T", "S_0"))
delta = sp.MatrixSymbol("delta", N, 1)
e_i = UnitVector(N, i)
LAWS = ((delta, sigma**2), (S_0, 1 / (2 * d)), (T, 1 / (2 * d)))
small, wide = (("d", 1), ("N", 2)), (("d", 2), ("N", 2))
TIME = regime(eta="1/1000..1/10", t="1/10..10")
NOISY = regime(eta="1/1000..1/10", t="1/10..10", sigma="1/10..1")
decay = sp.exp(-4 * eta * nu * t)

loss = sp.Sum(square((S - T).T * X.T * e_i - delta.T * e_i), (i, 1, N)) / N
dual, Sigma, given = X * X.T / N, X.T * X / N, full.T * full / N
residual = Expm(-2 * eta * t * dual) * (X * (S_0 - T) - delta)
GRADIENT = MatrixIdentity(Gradient(loss, S), 2 * X.T * (X * (S - T) - delta) / N, wide)
RESIDUAL = MatrixIdentity(TimeDerivative(residual, t), -2 * eta * dual * residual, small, (TIME,))
TRAIN = MatrixIdentity(
    Mean(square(residual) / N, *LAWS),
    SpectralSum(sp.Lambda(nu, nu * decay), Sigma) / d
    + sigma**2 * (1 - d / N)
    + sigma**2 * SpectralSum(sp.Lambda(nu, decay), Sigma) / N,
    small,
    (NOISY,),
)
"""E |X (S - T) - delta|^2/N."""
RATE = MatrixIdentity(
    Mean(-4 * eta / N * (square(residual) + sp.Trace(delta.T * residual)), *LAWS),
    -4
    * eta
    / N
    * SpectralSum(sp.Lambda(nu, N * nu / d * decay + sigma**2 * (decay - sp.exp(-2 * eta * nu * t))), Sigma),
    small,
    (NOISY,),
)
"""E of the time derivative of |S - T|^2, where X (S - T) = R + delta with the residual R."""
pseudo = sp.Inverse(full.T * full) * full.T * delta
error = Expm(-2 * eta * t * given) * (S_0 - T - pseudo) + pseudo
ERROR = MatrixIdentity(TimeDerivative(error, t), -2 * eta / N * full.T * (full * error - delta), small, (TIME,))
GENERALIZATION = MatrixIdentity(
    Mean(square(error), *LAWS),
    SpectralSum(sp.Lambda(nu, decay), given) / d
    + sigma**2 / N * SpectralSum(sp.Lambda(positive, (1 - sp.exp(-2 * eta * positive * t)) ** 2 / positive), given),
    wide,
    (NOISY,),
)
"""E |S - T|^2."""
