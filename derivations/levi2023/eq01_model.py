"""(1)-(3), (13), (29)-(32), (34): losses, gradients and steps of gradient descent, for data and weights of any size.

The samples x_i = X.T e_i are the rows of X, N x d_in, and Sigma = X.T X/N. The student S and the teacher T are d_in x
d_out matrices, with D = S - T, and L_tr(S, T, X) is the mean over samples of |S.T x - T.T x|^2/d_out.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    Gradient,
    Mean,
    OrthogonalMatrix,
    SymmetricMatrix,
    UnitVector,
    chain,
    define_of_matrices,
    instantiate_matrices,
    matrix_rewrite,
    render,
    square,
    together,
)

ID = "levi2023:1"
TITLE = "The losses and their gradients, for matrices of any size"

d_in, N, d_out = sp.symbols("d_in N d_out", integer=True, positive=True)
i = sp.Symbol("i", integer=True)
t, eta, gamma = sp.symbols("t eta gamma", positive=True)
X = sp.MatrixSymbol("X", N, d_in)
S, T = (sp.MatrixSymbol(name, d_in, d_out) for name in ("S", "T"))
x = sp.MatrixSymbol("x", d_in, 1)
e_i = UnitVector(N, i)
Sigma = X.T * X / N
unit = sp.Identity(d_in)
train = sp.Function("L_tr")(S, T, X)
general = sp.Function("L_gen")(S, T)
samples = sp.Sum(square((S - T).T * X.T * e_i), (i, 1, N)) / (N * d_out)


def form(difference: sp.Expr, outputs: sp.Expr = d_out) -> sp.Expr:
    """Tr[D.T Sigma D]/d_out."""
    return sp.Trace(difference.T * Sigma * difference) / outputs


@cache
def model() -> Fact:
    """The training loss, as a sum over the samples."""
    return define_of_matrices(train, samples, note="the squared error of S.T x for T.T x, a sample and an output")


@cache
def derivation() -> Fact:
    """(1): the sum over the samples is Tr[D.T Sigma D]/d_out."""
    return chain(matrix_rewrite(samples, train, using=[model()]), matrix_rewrite(train, form(S - T), using=[model()]))


@cache
def population() -> Fact:
    """(2): for x with uncorrelated components of variance 1, E x x.T = I and L_gen = |D|^2/d_out."""
    mean = Mean(square((S - T).T * x), (x, 1)) / d_out
    meaning = define_of_matrices(general, mean, note="the squared error of a new sample, on average")
    value = matrix_rewrite(general, square(S - T) / d_out, using=[meaning])
    return together(
        chain(matrix_rewrite(mean, general, using=[meaning]), value),
        matrix_rewrite(Mean(x * x.T, (x, 1)), unit, note="Sigma_gen"),
    )


@cache
def gradient() -> Fact:
    """(3), left: the gradient is (2/d_out) Sigma D."""
    return matrix_rewrite(Gradient(train, S), 2 / d_out * Sigma * (S - T), using=[model()])


@cache
def of_samples() -> Fact:
    """The same for the sum over samples itself."""
    return chain(matrix_rewrite(Gradient(samples, S), Gradient(train, S), using=[model()]), gradient())


@cache
def step() -> Fact:
    """(3), right: a step down the gradient of L_tr + gamma |S|^2/(2 d_out)."""
    loss = samples + gamma / (2 * d_out) * square(S)
    after = S - T - eta * Gradient(loss, S)
    written = (unit - 2 * eta / d_out * Sigma) * (S - T) - eta * gamma / d_out * S
    penalty = matrix_rewrite(
        Gradient(loss, S), 2 / d_out * Sigma * (S - T) + gamma / d_out * S, note="the penalty adds gamma S/d_out"
    )
    return together(of_samples(), matrix_rewrite(after, written, using=[penalty], note="S = D + T"))


@cache
def plain_step() -> Fact:
    """(30): the step without decay."""
    after = S - T - eta * Gradient(samples, S)
    return matrix_rewrite(after, (unit - 2 * eta / d_out * Sigma) * (S - T), using=[of_samples()])


def one(fact: Fact) -> Fact:
    """The fact at d_out = 1."""
    return instantiate_matrices(fact, {d_out: 1})


@cache
def both_losses() -> Fact:
    """(29)."""
    first, second = population().premises
    return together(derivation(), first, second)


@cache
def one_output() -> Fact:
    """(31), and the generalization loss beside it: D.T Sigma D and |D|^2 for d_out = 1."""
    return together(one(derivation()), one(population().premises[0]))


@cache
def decay() -> Fact:
    """(32): minus eta times the gradient of L_tr + gamma |S|^2/2, for d_out = 1."""
    s, teacher = (sp.MatrixSymbol(name, d_in, 1) for name in ("S", "T"))
    loss = one(of_samples()).lhs.args[0] + gamma / 2 * square(s)
    force = -2 * eta * (Sigma + gamma / 2 * unit) * (s - teacher) - eta * gamma * teacher
    whole = matrix_rewrite(
        Gradient(loss, s), Gradient(one(of_samples()).lhs.args[0], s) + gamma * s, note="the penalty adds gamma S"
    )
    return matrix_rewrite(-eta * whole.lhs, force, using=[whole, one(of_samples())], note="S = D + T")


@cache
def decay_step() -> Fact:
    """(13): D_{t+1} = D_t - 2 eta (Sigma + gamma/2) D_t - eta gamma T."""
    s, teacher = (sp.MatrixSymbol(name, d_in, 1) for name in ("S", "T"))
    force = decay().rhs
    moved = s - teacher + decay().lhs
    written = s - teacher - 2 * eta * (Sigma + gamma / 2 * unit) * (s - teacher) - eta * gamma * teacher
    return chain(
        matrix_rewrite(moved, s - teacher + force, using=[decay()]), matrix_rewrite(s - teacher + force, written)
    )


@cache
def eigenbasis() -> Fact:
    """(34): for Sigma = Q M Q.T, D.T Sigma D and |D|^2 in the components D_bar = Q.T D along the eigenvectors."""
    Q, M = OrthogonalMatrix("Q", d_in), SymmetricMatrix("M", d_in)
    bar = sp.MatrixSymbol("D_bar", d_in, d_out)
    whole = Q * bar
    turned = matrix_rewrite(sp.Trace(whole.T * Q * M * Q.T * whole), sp.Trace(bar.T * M * bar), note="Q.T Q = I")
    return together(turned, matrix_rewrite(square(whole), square(bar), note="Q.T Q = I"))


DERIVES = {
    "levi2023:1": derivation,
    "levi2023:2": population,
    "levi2023:3": step,
    "levi2023:13": decay_step,
    "levi2023:29": both_losses,
    "levi2023:30": plain_step,
    "levi2023:31": one_output,
    "levi2023:32": decay,
    "levi2023:34": eigenbasis,
}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
    print(render(step()))
