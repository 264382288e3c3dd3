"""(4), (5), (7), (36): gradient flow for given data, and the losses along it on average over the start.

The flow is that of the loss of :mod:`eq01_model`. The entries of S_0 and T are independent with mean 0 and variance
1/(2 d_in d_out), so that averages over them see the eigenvalues nu of Sigma alone.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Expm,
    Fact,
    Mean,
    Path,
    TimeDerivative,
    chain,
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

from .eq01_model import Sigma, T, X, d_in, d_out, eta, form, gradient, t
from .eq01_model import derivation as quadratic

ID = "levi2023:4"
TITLE = "Gradient flow for given data"

S_0 = sp.MatrixSymbol("S_0", d_in, d_out)
nu = sp.Symbol("nu", nonnegative=True)
s, w = sp.symbols("s w", positive=True)
path = Path("S", d_in, d_out, t, eta, S_0, T, X)
start, begin, teacher, V, W = (sp.MatrixSymbol(name, d_in, 1) for name in ("D_0", "S_0", "T", "V", "W"))
fade, late = Expm(-2 * eta * t * Sigma), Expm(-4 * eta * t * Sigma)
flow = fade * start


@cache
def motion() -> tuple[Fact, Fact]:
    """The flow's law, and S(t) - T = exp(-(2 eta/d_out) Sigma t) (S_0 - T)."""
    ((law, first),) = gradient_flow([gradient()], [path], [S_0], eta, note="dS/dt = -eta grad L_tr, from S_0")
    solution = T + Expm(-2 * eta * t / d_out * Sigma) * (S_0 - T)
    (solved,) = flow_solution([(law, first)], [solution])
    return law, solved


@cache
def derivation() -> Fact:
    """(4): for d_out = 1, D(t) = exp(-2 eta Sigma t) D_0 has the derivative -2 eta Sigma D."""
    law, solved = (instantiate_matrices(fact, {d_out: 1}) for fact in motion())
    values = {begin: start + teacher}
    law, solved = (instantiate_matrices(fact, values, note="D_0 = S_0 - T") for fact in (law, solved))
    note = "the derivative of S(t) - T"
    slope = matrix_rewrite(TimeDerivative(solved.lhs, t), -2 * eta * Sigma * flow, using=[law, solved], note=note)
    whole = matrix_rewrite(TimeDerivative(flow, t), TimeDerivative(solved.rhs, t), note="T does not move")
    return chain(whole, matrix_rewrite(TimeDerivative(solved.rhs, t), slope.rhs, using=[slope, solved]))


@cache
def along() -> Fact:
    """(5): D_0.T exp(-4 eta Sigma t) Sigma D_0 and D_0.T exp(-4 eta Sigma t) D_0."""
    solved = instantiate_matrices(motion()[1], {d_out: 1})
    solved = instantiate_matrices(solved, {begin: start + teacher})
    loss = instantiate_matrices(
        instantiate_matrices(quadratic(), {d_out: 1}), {sp.MatrixSymbol("S", d_in, 1): solved.lhs}
    )
    value = sp.Trace(start.T * late * Sigma * start)
    at_flow = form(flow, sp.S.One)
    train = matrix_rewrite(at_flow, value, using=[loss, solved], note="the training loss at S(t), see (1)")
    return together(train, matrix_rewrite(square(flow), sp.Trace(start.T * late * start), using=[solved]))


def averaged(middle: sp.Expr, f: sp.Expr, fact: Fact) -> Fact:
    """The mean of D_0.T middle D_0 over S_0 and T is the mean of f over the spectrum."""
    difference = begin - teacher
    laws = ((begin, 1 / (2 * d_in)), (teacher, 1 / (2 * d_in)))
    moved = instantiate_matrices(fact, {start: difference}, note="D_0 = S_0 - T")
    value = Mean(moved.rhs, *laws)
    trace = matrix_rewrite(value, sp.Trace(middle) / d_in, using=[moved], note="E D_0 D_0.T = I/d_in")
    spectrum = spectral_sum(middle, sp.Lambda(nu, f), Sigma)
    return chain(trace, matrix_rewrite(trace.rhs, spectrum.rhs / d_in, using=[spectrum]))


@cache
def over_starts() -> Fact:
    """(7): the losses (5) on average over S_0 and T, in the eigenvalues of Sigma."""
    train, general = along().premises
    e = sp.exp(-4 * eta * nu * t)
    simulated = rate_of_projections()
    return together(averaged(late * Sigma, nu * e, train), averaged(late, e, general), simulated)


@cache
def rate_of_projections() -> Fact:
    """D_0.T exp(-s Sigma) D_0 has the mean Tr exp(-s Sigma)/d_in over D_0 with entries of variance 1/d_in."""
    fall = Expm(-s * Sigma)
    mean = Mean(sp.Trace(start.T * fall * start), (start, 1 / d_in))
    return matrix_rewrite(mean - sp.Trace(fall) / d_in, 0)


@cache
def quadratic_forms() -> Fact:
    """(36): V.T F W for independent V, W, and V.T F V, for every matrix F."""
    F = sp.MatrixSymbol("F", d_in, d_in)
    V_, W_ = (V, w / d_in), (W, w / d_in)
    return together(
        matrix_rewrite(Mean(sp.Trace(W.T * Sigma * V), (V, 1 / d_in), (W, 1 / d_in)), 0),
        rate_of_projections(),
        matrix_rewrite(Mean(sp.Trace(V.T * F * W), V_, W_), 0),
        matrix_rewrite(Mean(sp.Trace(V.T * F * V), V_), w / d_in * sp.Trace(F)),
    )


DERIVES = {
    "levi2023:4": derivation,
    "levi2023:5": along,
    "levi2023:7": over_starts,
    "levi2023:36": quadratic_forms,
}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
    print(render(over_starts()))
