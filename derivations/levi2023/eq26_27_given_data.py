"""(26), (27) for given data of any size: both losses under label noise, on average over the noise and the start.

With labels y = X T + delta the residual R = X (S - T) - delta of gradient flow on |R|^2/N moves by -2 eta (X X.T/N) R.
For delta of variance sigma^2 and S_0, T of variance 1/(2d), independent, the mean training loss |R|^2/N is exactly

    (1/d) sum nu exp(-s nu) + sigma^2 (1 - d/N + (1/N) sum exp(-s nu)),    s = 4 eta t,

over the d eigenvalues nu of Sigma = X.T X/N, for every X: the residual sees those of X X.T/N, which has N - d times the
eigenvalue 0 more. |S - T|^2 falls at the rate (4 eta/N) (|R|^2 + delta.R), whose mean is known likewise. If the columns
of X are independent, D - (X.T X)^-1 X.T delta moves by -2 eta Sigma, and the mean of |D|^2 is exactly (1/d) sum exp(-s
nu) + (sigma^2/N) sum (1 - exp(-s nu/2))^2/nu.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Expm,
    Fact,
    FullRankMatrix,
    Gradient,
    Mean,
    Path,
    SpectralSum,
    TimeDerivative,
    UnitVector,
    chain,
    combine_matrices,
    define_of_matrices,
    dual_spectrum,
    equation,
    gradient_flow,
    instantiate_matrices,
    linear_flow,
    matrix_rewrite,
    render,
    run_in_package,
    spectral_sum,
    square,
    together,
)

if __spec__ is None:
    run_in_package(__file__)

from . import eq26_27_noisy_modes

ID = "levi2023:26"
TITLE = "Both losses under label noise, for given data of any size"

d, N = sp.symbols("d N", integer=True, positive=True)
i = sp.Symbol("i", integer=True)
eta, t, sigma = sp.symbols("eta t sigma", positive=True)
nu, positive = sp.Symbol("nu", nonnegative=True), sp.Symbol("nu", positive=True)
X, full = sp.MatrixSymbol("X", N, d), FullRankMatrix("X", N, d)
S, T, S_0 = (sp.MatrixSymbol(name, d, 1) for name in ("S", "T", "S_0"))
delta = sp.MatrixSymbol("delta", N, 1)
path = Path("S", d, 1, t, eta, S_0, T, X, delta)
e_i = UnitVector(N, i)
loss = sp.Sum(square((S - T).T * X.T * e_i - delta.T * e_i), (i, 1, N)) / N
dual, Sigma = X * X.T / N, X.T * X / N
LAWS = ((delta, sigma**2), (S_0, 1 / (2 * d)), (T, 1 / (2 * d)))


@cache
def model() -> Fact:
    """The training loss on the noisy labels."""
    return define_of_matrices(sp.Function("L_noisy")(S, T, X, delta), loss, note="labels X T + delta")


@cache
def gradient() -> Fact:
    """Its gradient."""
    slope = 2 * X.T * (X * (S - T) - delta) / N
    return matrix_rewrite(Gradient(model().lhs, S), slope, using=[model()])


@cache
def of_samples() -> Fact:
    """The same for the sum over the samples itself."""
    return chain(matrix_rewrite(Gradient(loss, S), Gradient(model().lhs, S), using=[model()]), gradient())


@cache
def laws() -> tuple[Fact, Fact]:
    """The flow, from S_0."""
    (pair,) = gradient_flow([gradient()], [path], [S_0], eta, note="dS/dt = -eta grad L, from S_0")
    return pair


@cache
def residual() -> Fact:
    """X (S - T) - delta along the flow."""
    return linear_flow([laws()], X * (path - T) - delta, -2 * eta * dual)


fade = Expm(-2 * eta * t * dual) * (X * (S_0 - T) - delta)
decay = sp.exp(-4 * eta * nu * t)


@cache
def over_dual() -> Fact:
    """The mean training loss, over the N eigenvalues of X X.T/N."""
    moving = residual()
    mean = Mean(square(moving.rhs) / N, *LAWS)
    f = sp.Lambda(nu, decay * (N * nu / d + sigma**2))
    value = (N / d * dual + sigma**2 * sp.Identity(N)) * Expm(-4 * eta * t * dual)
    over = spectral_sum(value, f, dual)
    trace = matrix_rewrite(mean, sp.Trace(value) / N, using=[moving])
    return chain(trace, matrix_rewrite(trace.rhs, over.rhs / N, using=[over]))


def _turned(fact: Fact) -> Fact:
    """B = A from A = B."""
    return matrix_rewrite(fact.rhs, fact.lhs, using=[fact])


@cache
def derivation() -> Fact:
    """(26): the mean training loss, over the d eigenvalues of X.T X/N."""
    whole = over_dual()
    (spectrum,) = whole.rhs.atoms(SpectralSum)
    f, late = spectrum.args[0], Expm(-4 * eta * t * Sigma)
    moved = dual_spectrum(f, X, 1 / N)
    value = (N / d * Sigma + sigma**2 * sp.Identity(d)) * late
    of_all = _turned(spectral_sum(value, f, Sigma))
    first = spectral_sum(Sigma * late, sp.Lambda(nu, nu * decay), Sigma)
    second = spectral_sum(late, sp.Lambda(nu, decay), Sigma)
    parts = N / d * sp.Trace(Sigma * late) + sigma**2 * sp.Trace(late) + (N - d) * sigma**2
    exact = first.rhs / d + sigma**2 * (1 - d / N) + sigma**2 * second.rhs / N
    over_sigma = matrix_rewrite(moved.rhs, parts, using=[of_all])
    return chain(
        whole,
        matrix_rewrite(whole.rhs, moved.rhs / N, using=[moved]),
        matrix_rewrite(moved.rhs / N, parts / N, using=[over_sigma]),
        matrix_rewrite(parts / N, exact, using=[first, second]),
    )


# the generalization loss: its rate for all data, and its value for independent columns


@cache
def rate() -> Fact:
    """d/dt |S - T|^2 = -(4 eta/N) (|R|^2 + delta.R), R the residual, as X (S - T) = R + delta."""
    moving = X * (path - T) - delta
    value = -4 * eta / N * (square(moving) + sp.Trace(delta.T * moving))
    return matrix_rewrite(sp.Derivative(square(path - T), t), value, using=[laws()[0]])


@cache
def mean_rate() -> Fact:
    """Its mean over the noise and the start, for every X: -(4 eta/N) times a sum over the spectrum of X.T X/N."""
    pull = -4 * eta / N * (square(fade) + sp.Trace(delta.T * fade))
    f = sp.Lambda(nu, N * nu / d * decay + sigma**2 * (decay - sp.exp(-2 * eta * nu * t)))
    early, late = Expm(-2 * eta * t * dual), Expm(-4 * eta * t * dual)
    value = N / d * dual * late + sigma**2 * (late - early)
    over = spectral_sum(value, f, dual)
    moved = dual_spectrum(f, X, 1 / N)
    trace = matrix_rewrite(Mean(pull, *LAWS), -4 * eta / N * sp.Trace(value), using=[residual(), rate()])
    summed = matrix_rewrite(trace.rhs, -4 * eta / N * over.rhs, using=[over])
    return chain(trace, summed, matrix_rewrite(summed.rhs, -4 * eta / N * moved.rhs, using=[moved]))


LAWS_OF_FULL = ((delta, sigma**2), (S_0, 1 / (2 * d)), (T, 1 / (2 * d)))
given = full.T * full / N
pseudo = sp.Inverse(full.T * full) * full.T * delta
error = Expm(-2 * eta * t * given) * (S_0 - T - pseudo) + pseudo


@cache
def motion() -> Fact:
    """S - T along the flow, less the least squares solution (X.T X)^-1 X.T delta."""
    law, begin = (instantiate_matrices(fact, {X: full}, note="independent columns") for fact in laws())
    there = law.lhs.args[0]
    return linear_flow([(law, begin)], there - T - pseudo, -2 * eta * given)


@cache
def generalization() -> Fact:
    """(27): the mean of |S - T|^2, over the eigenvalues of X.T X/N."""
    moving = motion()
    (there,) = moving.lhs.atoms(Path)
    along = combine_matrices(equation(there - T, error), [(1, moving)])
    mean = Mean(square(error), *LAWS_OF_FULL)
    rest = sp.Identity(d) - Expm(-2 * eta * t * given)
    late = Expm(-4 * eta * t * given)
    noise = rest * rest * sp.Inverse(given)
    parts = sp.Trace(late) / d + sigma**2 / N * sp.Trace(noise)
    trace = matrix_rewrite(mean, parts, using=[along])
    first = spectral_sum(late, sp.Lambda(nu, decay), given)
    f = (1 - sp.exp(-2 * eta * positive * t)) ** 2 / positive
    second = spectral_sum(noise, sp.Lambda(positive, f), given)
    exact = first.rhs / d + sigma**2 / N * second.rhs
    return chain(trace, matrix_rewrite(parts, exact, using=[first, second]))


@cache
def train() -> Fact:
    """(26): in the limit of large d; and the gradient, the flow of the residual and the mean for given data."""
    slope = matrix_rewrite(TimeDerivative(fade, t), -2 * eta * dual * fade, using=[residual()])
    return together(eq26_27_noisy_modes.at_s()[0], of_samples(), slope, derivation())


@cache
def general() -> Fact:
    """(27): in the limit of large d; and the flow of S - T and the mean for given data with independent columns."""
    slope = matrix_rewrite(TimeDerivative(error, t), -2 * eta / N * full.T * (full * error - delta), using=[motion()])
    return together(eq26_27_noisy_modes.at_s()[1], mean_rate(), slope, generalization())


DERIVES = {"levi2023:26": train, "levi2023:27": general}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
    print(render(generalization(), TITLE))
