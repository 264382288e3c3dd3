"""(17), (18), (39)-(42): two linear layers of any size: gradients, flow of D and h, Hessian, means at the start.

L is the mean over samples of |S_1.T S_0.T x - T.T x|^2/d_out, with T = T_0 T_1 the teacher's product, and D = S_0 S_1 -
T. Along the flow, each layer moves against its gradient: dS_k/dt = -eta grad_k L. At the start the entries of S_0 and
T_0 have variance 1/(2 d_in d_h), those of S_1 and T_1 variance 1/(2 d_h d_out).
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Expm,
    Fact,
    Gradient,
    HessianTrace,
    Mean,
    OrthogonalMatrix,
    SpectralSum,
    chain,
    define_of_matrices,
    instantiate_matrices,
    matrix_rewrite,
    render,
    run_in_package,
    spectral_sum,
    square,
    together,
)

if __spec__ is None:
    run_in_package(__file__)

from .eq01_model import N, Sigma, T, X, d_in, d_out, e_i, eta, form, i, t

ID = "levi2023:17-D"
TITLE = "Two linear layers, for matrices of any size"

d_h = sp.Symbol("d_h", integer=True, positive=True)
w = sp.Symbol("w", positive=True)
nu = sp.Symbol("nu", nonnegative=True)
S_0, S_1 = sp.MatrixSymbol("S_0", d_in, d_h), sp.MatrixSymbol("S_1", d_h, d_out)
T_0, T_1 = sp.MatrixSymbol("T_0", d_in, d_h), sp.MatrixSymbol("T_1", d_h, d_out)
D, D_0 = sp.MatrixSymbol("D", d_in, d_out), sp.MatrixSymbol("D_0", d_in, d_out)
network = S_0 * S_1 - T
loss = sp.Function("L_two")(S_0, S_1, T, X)
samples = sp.Sum(square(network.T * X.T * e_i), (i, 1, N)) / (N * d_out)
law_0, law_1 = 1 / (2 * d_in * d_h), 1 / (2 * d_h * d_out)
weights = ((S_0, law_0), (S_1, law_1))
slope_0, slope_1 = Gradient(samples, S_0), Gradient(samples, S_1)


@cache
def model() -> Fact:
    """The training loss of the network, as a sum over the samples."""
    return define_of_matrices(loss, samples, note="the squared error of S_1.T S_0.T x for T.T x")


@cache
def quadratic_form() -> Fact:
    """(39): with T = T_0 T_1, the sum over the samples is Tr[D.T Sigma D]/d_out."""
    return at_teacher(S_0 * S_1 - T_0 * T_1, X, {T: T_0 * T_1}, "the teacher has two layers, too")


def at_teacher(difference: sp.Expr, data: sp.Expr, values: dict[sp.Expr, sp.Expr], note: str) -> Fact:
    """The sum over samples is Tr[D.T Sigma D]/d_out, at other values of T and of the data."""
    meaning = instantiate_matrices(model(), values, note=note)
    written = sp.Sum(square(difference.T * data.T * e_i), (i, 1, N)) / (N * d_out)
    value = sp.Trace(difference.T * data.T * data / N * difference) / d_out
    summed = matrix_rewrite(written, meaning.lhs, using=[meaning])
    return chain(summed, matrix_rewrite(meaning.lhs, value, using=[meaning]))


@cache
def gradients() -> tuple[Fact, Fact]:
    """(40): the gradients by the two layers."""
    found = []
    for layer, value in ((S_0, Sigma * network * S_1.T), (S_1, S_0.T * Sigma * network)):
        slope = matrix_rewrite(Gradient(loss, layer), 2 / d_out * value, using=[model()])
        found.append(chain(matrix_rewrite(Gradient(samples, layer), Gradient(loss, layer), using=[model()]), slope))
    return found[0], found[1]


@cache
def layers() -> Fact:
    """(40): dS_0/dt and dS_1/dt."""
    first, second = gradients()
    return together(
        matrix_rewrite(-eta * slope_0, -2 * eta / d_out * Sigma * network * S_1.T, using=[first]),
        matrix_rewrite(-eta * slope_1, -2 * eta / d_out * S_0.T * Sigma * network, using=[second]),
    )


@cache
def derivation() -> Fact:
    """(17), left: dD/dt = dS_0/dt S_1 + S_0 dS_1/dt."""
    value = -2 * eta / d_out * (S_0 * S_0.T * Sigma * network + Sigma * network * S_1.T * S_1)
    note = "the product rule on S_0 S_1, with dS_k/dt = -eta grad_k L"
    return matrix_rewrite(-eta * (slope_0 * S_1 + S_0 * slope_1), value, using=gradients(), note=note)


@cache
def kernel() -> Fact:
    """(17), right: dh/dt for h = (|S_0|^2 + |S_1|^2)/2, that is Tr[S_0.T dS_0/dt + S_1.T dS_1/dt]."""
    h = (square(S_0) + square(S_1)) / 2
    inner = [
        matrix_rewrite(Gradient(h, layer), layer, note="so that dh/dt is the sum of Tr[S_k.T dS_k/dt]")
        for layer in (S_0, S_1)
    ]
    moved = -eta * (sp.Trace(S_0.T * slope_0) + sp.Trace(S_1.T * slope_1))
    value = -4 * eta / d_out * sp.Trace((S_0 * S_1).T * Sigma * network)
    return matrix_rewrite(moved, value, using=[*gradients(), *inner], note="S_0 S_1 = T + D")


@cache
def both() -> Fact:
    """(41), as (17)."""
    return together(derivation(), kernel())


@cache
def hessian() -> Fact:
    """(41): the trace of the Hessian."""
    value = 2 * (sp.Trace(S_0.T * Sigma * S_0) + sp.Trace(Sigma) / d_out * square(S_1))
    trace = matrix_rewrite(HessianTrace(loss, S_0, S_1), value, using=[model()])
    return chain(matrix_rewrite(HessianTrace(samples, S_0, S_1), trace.lhs, using=[model()]), trace)


@cache
def start_of_kernel() -> Fact:
    """The mean of h at the start is 1/2, for all sizes."""
    return matrix_rewrite(Mean((square(S_0) + square(S_1)) / 2, *weights), sp.Rational(1, 2))


@cache
def start_of_difference() -> Fact:
    """The mean of |D_0|^2 is 1/(2 d_h)."""
    mean = Mean(square(S_0 * S_1 - T_0 * T_1), *weights, (T_0, law_0), (T_1, law_1))
    return matrix_rewrite(mean, 1 / (2 * d_h))


@cache
def mean_rate() -> Fact:
    """The rate of D over 2 eta: its mean over the weights of the start, at given D."""
    rate = (1 / d_out + 1 / d_in) / (2 * d_out)
    scalar = Mean((square(S_0) / d_in + square(S_1) / d_out) / d_out, *weights)
    moved = Mean(S_0 * S_0.T * Sigma * D + Sigma * D * S_1.T * S_1, *weights) / d_out
    note = "E S_0 S_0.T = I/(2 d_in), E S_1.T S_1 = I/(2 d_out)"
    return together(matrix_rewrite(scalar, rate), matrix_rewrite(moved, rate * Sigma * D, note=note))


@cache
def lazy() -> Fact:
    """(18): the loss for white data at the start, and on average over D_0 along dD/dt = -2 eta (mean rate) Sigma D."""
    white = sp.sqrt(N) * OrthogonalMatrix("Q", N)
    values = {S_0: sp.MatrixSymbol("S_0", N, d_h), T: sp.MatrixSymbol("T", N, d_out), X: white, d_in: N}
    difference = values[S_0] * S_1 - values[T]
    summed = at_teacher(difference, white, values, "white data: X.T X = N I")
    begin = chain(summed, matrix_rewrite(summed.rhs, square(difference) / d_out))
    frozen = Expm(-eta / d_out * (1 / d_out + 1 / d_in) * t * Sigma) * D_0
    rate = eta / (2 * d_out**2) * (1 + d_out / d_in)
    f = sp.Lambda(nu, nu * sp.exp(-4 * rate * nu * t))
    middle = Expm(-4 * rate * t * Sigma) * Sigma
    mean = Mean(form(frozen), (D_0, w / (d_in * d_out)))
    trace = matrix_rewrite(mean, w / (d_in * d_out) * sp.Trace(middle), note="E D_0 D_0.T = w I/d_in")
    spectrum = spectral_sum(middle, f, Sigma)
    value = w / d_out * (SpectralSum(f, Sigma) / d_in)
    along = chain(trace, matrix_rewrite(trace.rhs, value, using=[spectrum]))
    return together(begin, along)


DERIVES = {
    "levi2023:17-D": derivation,
    "levi2023:17-h": kernel,
    "levi2023:17-rate": mean_rate,
    "levi2023:17-start": start_of_kernel,
    "levi2023:18": lazy,
    "levi2023:18-start": start_of_difference,
    "levi2023:39": quadratic_form,
    "levi2023:40": layers,
    "levi2023:41": both,
    "levi2023:41-hessian": hessian,
    "levi2023:42-loss": lazy,
}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
    print(render(kernel()))
