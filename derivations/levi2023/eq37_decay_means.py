"""(33), (37): the flow with weight decay for all data at once, and its losses on average over the start.

With K = Sigma + (gamma/2) I and E = exp(-2 eta K t), D(t) = E [S_0 - T + (gamma/2) K^-1 T] - (gamma/2) K^-1 T. The
entries of S_0 and of T are independent with mean 0; S2 and T2 are the means of |S_0|^2 and |T|^2.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Expm,
    Fact,
    Gradient,
    Mean,
    Path,
    chain,
    define_of_matrices,
    flow_solution,
    gradient_flow,
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

from .eq01_model import N, Sigma, X, d_in, e_i, eta, gamma, i, t, unit

ID = "levi2023:37"
TITLE = "Weight decay, for data of any size"

nu = sp.Symbol("nu", nonnegative=True)
S2, T2 = sp.symbols("S2 T2", positive=True)
S, T, S_0 = (sp.MatrixSymbol(name, d_in, 1) for name in ("S", "T", "S_0"))
loss = sp.Function("L_decay")(S, T, X, gamma)
path = Path("S_decay", d_in, 1, t, eta, gamma, S_0, T, X)
K = Sigma + gamma / 2 * unit
E = Expm(-2 * eta * t * K)
shift = gamma / 2 * sp.Inverse(K) * T


def solution(start: sp.Expr) -> sp.Expr:
    """(33), from D(0) = start - T."""
    return E * (start - T + shift) - shift


@cache
def motion() -> Fact:
    """(33): S(t) - T for the flow of L_tr + gamma |S|^2/2, one output."""
    body = sp.Sum(square((S - T).T * X.T * e_i), (i, 1, N)) / N + gamma / 2 * square(S)
    meaning = define_of_matrices(loss, body, note="the training loss and the penalty")
    slope = matrix_rewrite(Gradient(loss, S), 2 * Sigma * (S - T) + gamma * S, using=[meaning])
    (laws,) = gradient_flow([slope], [path], [S_0], eta, note="(32)")
    (solved,) = flow_solution([laws], [T + solution(S_0)], note="(33)")
    return matrix_rewrite(path - T, solution(S_0), using=[solved])


def averaged(weighting: sp.Expr, factor: sp.Expr) -> Fact:
    """The mean over S_0 and T of D.T weighting D, in the eigenvalues of Sigma."""
    solved = instantiate_matrices(motion(), {S_0: S}, note="S for S_0")
    moved = solution(S)
    fade = sp.exp(-2 * eta * (nu + gamma / 2) * t)
    f = factor * (S2 * fade**2 + T2 * ((nu * fade + gamma / 2) / (nu + gamma / 2)) ** 2)
    back = E - unit
    middle = S2 * E * E + T2 * (gamma / 2 * back * sp.Inverse(K) - E) * (gamma / 2 * back * sp.Inverse(K) - E)
    mean = Mean(sp.Trace(moved.T * weighting * moved), (S, S2 / d_in), (T, T2 / d_in))
    note = "the coefficients of S and T in D; E S S.T = S2 I/d_in, E T T.T = T2 I/d_in"
    trace = matrix_rewrite(mean, sp.Trace(weighting * middle) / d_in, using=[solved], note=note)
    spectrum = spectral_sum(weighting * middle, sp.Lambda(nu, f), Sigma)
    return chain(trace, matrix_rewrite(trace.rhs, spectrum.rhs / d_in, using=[spectrum]))


@cache
def derivation() -> Fact:
    """(37): both losses, and their value 1 at the start for S2 = T2 = 1/2."""
    half = 1 / (2 * d_in)
    start = matrix_rewrite(Mean(square(S - T), (S, half), (T, half)), 1, note="|S_0|^2 + |T|^2 on average")
    return together(averaged(Sigma, nu), averaged(unit, sp.S.One), start)


DERIVES = {"levi2023:37": derivation, "lemma:decay_of_all_modes": motion}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
