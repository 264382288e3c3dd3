"""Claims about matrices of all sizes: the model, its gradients, flows and means over the start.

X holds the samples as rows, N x d_in; S and T are d_in x d_out; in two layers S_0 is d_in x d_h and S_1 d_h x d_out.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from grokmath.ledger.levi2023.forms import alpha, c, eta, gam, s, t
from grokmath.ledger.record import MatrixIdentity, regime
from grokmath.proof import (
    Expm,
    GaussianMean,
    Gradient,
    HessianTrace,
    Mean,
    OrthogonalMatrix,
    SpectralSum,
    SymmetricMatrix,
    TimeDerivative,
    UnitVector,
    square,
)

d_in, N, d_out, d_h = sp.symbols("d_in N d_out d_h", integer=True, positive=True)
i = sp.Symbol("i", integer=True)
weight = sp.Symbol("w", positive=True)
eigenvalue = sp.Symbol("nu", nonnegative=True)
e_i = UnitVector(N, i)
X = sp.MatrixSymbol("X", N, d_in)
Sigma = X.T * X / N
unit = sp.Identity(d_in)
size_d = sp.Symbol("d", integer=True, positive=True)
X_d = sp.MatrixSymbol("X", N, size_d)
Sigma_d = X_d.T * X_d / N


def _matrix(name: str, rows: Any, columns: Any) -> Any:
    return sp.MatrixSymbol(name, rows, columns)


S, T, D, D_0, bar = (_matrix(name, d_in, d_out) for name in ("S", "T", "D", "D_0", "D_bar"))
x, s_one, t_one, start, teacher, begin = (_matrix(n, d_in, 1) for n in ("x", "S", "T", "D_0", "T", "S_0"))
S_0, S_1 = _matrix("S_0", d_in, d_h), _matrix("S_1", d_h, d_out)
T_0, T_1 = _matrix("T_0", d_in, d_h), _matrix("T_1", d_h, d_out)
V, W, F = _matrix("V", d_in, 1), _matrix("W", d_in, 1), _matrix("F", d_in, d_in)
Q, M = OrthogonalMatrix("Q", d_in), SymmetricMatrix("M", d_in)

small = (("d_in", 2), ("N", 3), ("d_out", 2))
single = small[:2]
layers = (("d_in", 2), ("N", 2), ("d_out", 2), ("d_h", 2))
narrow = (("d_in", 2), ("N", 2), ("d_out", 1), ("d_h", 2))
RATE = regime(eta="1/100..1")
DECAY = regime(eta="1/100..1", gamma="1/100..1")
TIME = regime(eta="1/1000..1/10", t="1/10..10")


def samples(product: Any, outputs: Any = d_out) -> Any:
    """(1/(N d_out)) times the sum over the samples x_i of |product.T x_i|^2."""
    return sp.Sum(square(product.T * X.T * e_i), (i, 1, N)) / (N * outputs)


def form(difference: Any, outputs: Any = d_out) -> Any:
    """Tr[D.T Sigma D]/d_out."""
    return sp.Trace(difference.T * Sigma * difference) / outputs


loss = samples(S - T)
start_laws = ((S, 1 / (2 * d_in * d_out)), (T, 1 / (2 * d_in * d_out)))
start_loss = Mean(square((S - T).T * x) / d_out, (x, 1), *start_laws)
START_ON_DATA = MatrixIdentity(Mean(form(S - T), *start_laws, (X, 1)), 1 / d_out, small)
one_loss = samples(s_one - t_one, sp.S.One)
fade = Expm(-2 * eta * t * Sigma)
flow = fade * start
late = Expm(-4 * eta * t * Sigma)
penalty = gam / (2 * d_out) * square(S)

LOSS = MatrixIdentity(loss, form(S - T), small)
POPULATION = (
    MatrixIdentity(Mean(square((S - T).T * x), (x, 1)) / d_out, square(S - T) / d_out, small),
    MatrixIdentity(Mean(x * x.T, (x, 1)), unit, single),
)
ONE_LOSS = (
    MatrixIdentity(one_loss, form(s_one - t_one, sp.S.One), single),
    MatrixIdentity(Mean(square((s_one - t_one).T * x), (x, 1)), square(s_one - t_one), single),
)
GRADIENT = MatrixIdentity(Gradient(loss, S), 2 / d_out * Sigma * (S - T), small)
STEP = MatrixIdentity(
    S - T - eta * Gradient(loss + penalty, S),
    (unit - 2 * eta / d_out * Sigma) * (S - T) - eta * gam / d_out * S,
    small,
    (DECAY,),
)
PLAIN_STEP = MatrixIdentity(S - T - eta * Gradient(loss, S), (unit - 2 * eta / d_out * Sigma) * (S - T), small, (RATE,))
FLOW = MatrixIdentity(TimeDerivative(flow, t), -2 * eta * Sigma * flow, single, (TIME,))
ALONG = (
    MatrixIdentity(sp.Trace(flow.T * Sigma * flow), sp.Trace(start.T * late * Sigma * start), single, (TIME,)),
    MatrixIdentity(square(flow), sp.Trace(start.T * late * start), single, (TIME,)),
)
decayed = one_loss + gam / 2 * square(s_one)
DECAY_STEP = MatrixIdentity(
    s_one - t_one - eta * Gradient(decayed, s_one),
    s_one - t_one - 2 * eta * (Sigma + c * unit) * (s_one - t_one) - eta * gam * t_one,
    single,
    (DECAY,),
)
DECAY_FLOW = MatrixIdentity(
    -eta * Gradient(decayed, s_one),
    -2 * eta * (Sigma + c * unit) * (s_one - t_one) - eta * gam * t_one,
    single,
    (DECAY,),
)
KEPT = MatrixIdentity(square(Q * V), square(V), (("d_in", 2),))
EIGENBASIS = (
    MatrixIdentity(sp.Trace((Q * bar).T * Q * M * Q.T * Q * bar), sp.Trace(bar.T * M * bar), small),
    MatrixIdentity(square(Q * bar), square(bar), small),
)

half_variance = 1 / (2 * d_in)
both = ((begin, half_variance), (teacher, half_variance))
difference = begin - teacher
AVERAGED = (
    MatrixIdentity(
        Mean(sp.Trace(difference.T * late * Sigma * difference), *both),
        SpectralSum(sp.Lambda(eigenvalue, eigenvalue * sp.exp(-4 * eta * eigenvalue * t)), Sigma) / d_in,
        single,
        (TIME,),
    ),
    MatrixIdentity(
        Mean(sp.Trace(difference.T * late * difference), *both),
        SpectralSum(sp.Lambda(eigenvalue, sp.exp(-4 * eta * eigenvalue * t)), Sigma) / d_in,
        single,
        (TIME,),
    ),
)
scaled = alpha * begin - teacher
rescaled_start = Mean(square(scaled), *both)
SCALED = tuple(
    MatrixIdentity(
        Mean(sp.Trace(scaled.T * middle * scaled), *both),
        (1 + alpha**2) / 2 * SpectralSum(sp.Lambda(eigenvalue, f), Sigma) / d_in,
        single,
        (regime(alpha="1/10..10", eta="1/1000..1/10", t="1/10..10"),),
    )
    for middle, f in (
        (late * Sigma, eigenvalue * sp.exp(-4 * eta * eigenvalue * t)),
        (late, sp.exp(-4 * eta * eigenvalue * t)),
    )
)
MOMENTS = tuple(
    MatrixIdentity(GaussianMean(sp.Trace(Sigma_d**k) / size_d, X_d, 1), value, (("d", 2), ("N", 2)))
    for k, value in (
        (1, sp.S.One),
        (2, 1 + size_d / N + 1 / N),
        (3, 1 + 3 * size_d / N + size_d**2 / N**2 + 3 / N + 3 * size_d / N**2 + 4 / N**2),
    )
)
projections = Mean(sp.Trace(start.T * Expm(-s * Sigma) * start), (start, 1 / d_in)) - sp.Trace(Expm(-s * Sigma)) / d_in
independent = Mean(sp.Trace(W.T * Sigma * V), (V, 1 / d_in), (W, 1 / d_in))
QUADRATIC = (
    MatrixIdentity(
        Mean(sp.Trace(V.T * F * W), (V, weight / d_in), (W, weight / d_in)), sp.S.Zero, single, (regime(w="1/10..3"),)
    ),
    MatrixIdentity(
        Mean(sp.Trace(V.T * F * V), (V, weight / d_in)), weight / d_in * sp.Trace(F), single, (regime(w="1/10..3"),)
    ),
)

network = S_0 * S_1 - T
network_loss = samples(network)
gradient_0, gradient_1 = Gradient(network_loss, S_0), Gradient(network_loss, S_1)
NETWORK_LOSS = MatrixIdentity(samples(S_0 * S_1 - T_0 * T_1), form(S_0 * S_1 - T_0 * T_1), narrow)
LAYERS = (
    MatrixIdentity(-eta * gradient_0, -2 * eta / d_out * Sigma * network * S_1.T, layers, (RATE,)),
    MatrixIdentity(-eta * gradient_1, -2 * eta / d_out * S_0.T * Sigma * network, layers, (RATE,)),
)
PRODUCT_FLOW = MatrixIdentity(
    -eta * (gradient_0 * S_1 + S_0 * gradient_1),
    -2 * eta / d_out * (S_0 * S_0.T * Sigma * network + Sigma * network * S_1.T * S_1),
    layers,
    (RATE,),
)
KERNEL_FLOW = MatrixIdentity(
    -eta * (sp.Trace(S_0.T * gradient_0) + sp.Trace(S_1.T * gradient_1)),
    -4 * eta / d_out * sp.Trace((S_0 * S_1).T * Sigma * network),
    layers,
    (RATE,),
)
HESSIAN = MatrixIdentity(
    HessianTrace(network_loss, S_0, S_1),
    2 * (sp.Trace(S_0.T * Sigma * S_0) + sp.Trace(Sigma) / d_out * square(S_1)),
    layers,
)
law_0, law_1 = 1 / (2 * d_in * d_h), 1 / (2 * d_h * d_out)
weights = ((S_0, law_0), (S_1, law_1))
mean_kernel = Mean((square(S_0) + square(S_1)) / 2, *weights)
mean_rate = Mean((square(S_0) / d_in + square(S_1) / d_out) / d_out, *weights)
mean_start = Mean(square(S_0 * S_1 - T_0 * T_1), *weights, (T_0, law_0), (T_1, law_1))
RATE_OF_D = MatrixIdentity(
    Mean(S_0 * S_0.T * Sigma * D + Sigma * D * S_1.T * S_1, *weights) / d_out,
    (1 / d_out + 1 / d_in) / (2 * d_out) * Sigma * D,
    layers,
)
frozen = Expm(-eta / d_out * (1 / d_out + 1 / d_in) * t * Sigma) * D_0
slower = eta / (2 * d_out**2) * (1 + d_out / d_in)
one_layer = SpectralSum(sp.Lambda(eigenvalue, eigenvalue * sp.exp(-4 * slower * eigenvalue * t)), Sigma) / d_in
R = OrthogonalMatrix("Q", N)
white = sp.sqrt(N) * R
square_network = _matrix("S_0", N, d_h) * S_1 - _matrix("T", N, d_out)
LAZY = (
    MatrixIdentity(
        sp.Sum(square(square_network.T * white.T * e_i), (i, 1, N)) / (N * d_out),
        square(square_network) / d_out,
        (("N", 2), ("d_out", 2), ("d_h", 2)),
    ),
    MatrixIdentity(
        Mean(form(frozen), (D_0, weight / (d_in * d_out))),
        weight / d_out * one_layer,
        small,
        (regime(eta="1/1000..1/10", t="1/10..10", w="1/10..3"),),
    ),
)

K = Sigma + c * unit
relaxed = Expm(-2 * eta * t * K)
shift = c * sp.Inverse(K) * t_one
with_decay = relaxed * (s_one - t_one + shift) - shift
norms = sp.symbols("S2 T2", positive=True)
E_nu = sp.exp(-2 * eta * (eigenvalue + c) * t)
gen_decay = norms[0] * E_nu**2 + norms[1] * ((eigenvalue * E_nu + c) / (eigenvalue + c)) ** 2
sizes_of_both = ((s_one, norms[0] / d_in), (t_one, norms[1] / d_in))
DECAYED = (
    *(
        MatrixIdentity(
            Mean(sp.Trace(with_decay.T * weighting * with_decay), *sizes_of_both),
            SpectralSum(sp.Lambda(eigenvalue, factor * gen_decay), Sigma) / d_in,
            single,
            (regime(eta="1/1000..1/10", gamma="1/100..1", t="1/10..5", S2="1/10..2", T2="1/10..2"),),
        )
        for weighting, factor in ((Sigma, eigenvalue), (unit, sp.S.One))
    ),
    MatrixIdentity(Mean(square(s_one - t_one), (s_one, half_variance), (t_one, half_variance)), sp.S.One, single),
)
SOLUTION = MatrixIdentity(
    TimeDerivative(with_decay, t),
    -2 * eta * K * with_decay - eta * gam * t_one,
    single,
    (regime(eta="1/1000..1/10", gamma="1/100..1", t="1/10..5"),),
)
