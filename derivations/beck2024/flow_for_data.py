"""(2), (7), (8), (10), (17), (42), (43), (47)-(51): gradients and flows of the two losses, for data of any size.

The samples x_i = X.T e_i are the rows of X, N x d; all labels are -1 and f_i = S.x_i + b. The losses are the means over
the samples of log(1 + exp f_i) and of exp f_i; S and b move against their gradients, dS/dt = -eta grad_S L and db/dt =
-eta dL/db.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    Gradient,
    SampleSum,
    UnitVector,
    define_of_matrices,
    instantiate_matrices,
    matrix_rewrite,
    render,
    together,
)

ID = "beck2024:7"
TITLE = "Gradient flow of the classification losses, for data of any size"

d, N = sp.symbols("d N", integer=True, positive=True)
i = sp.Symbol("i", integer=True)
b = sp.Symbol("b", real=True)
eta, sigma = sp.symbols("eta sigma", positive=True)
X, S = sp.MatrixSymbol("X", N, d), sp.MatrixSymbol("S", d, 1)
x_i = X.T * UnitVector(N, i)
logistic, exponential = (sp.Function(name)(S, b, X) for name in ("L_logistic", "L_exponential"))


def output(weights: sp.Expr, sample: sp.Expr) -> sp.Expr:
    """S.x."""
    return sp.Trace(weights.T * sample)


def mean(term: sp.Expr) -> sp.Expr:
    """(1/N) times the sum over the samples."""
    if isinstance(term, sp.MatrixExpr):
        return SampleSum(term, i, N) / N
    return sp.Sum(term, (i, 1, N)) / N


f_i = output(S, x_i) + b
pull, free = mean(sp.exp(output(S, x_i)) * x_i), mean(sp.exp(output(S, x_i)))


@cache
def model() -> Fact:
    """(1): the logistic loss."""
    return define_of_matrices(logistic, mean(sp.log(1 + sp.exp(f_i))), note="log(1 + exp f), averaged over the samples")


@cache
def exponential_model() -> Fact:
    """The exponential loss."""
    return define_of_matrices(exponential, mean(sp.exp(f_i)), note="exp f, averaged over the samples")


def slopes(meaning: Fact, by_weights: sp.Expr, by_bias: sp.Expr) -> tuple[Fact, Fact]:
    """The gradient by S and the derivative by b of a loss, as it is defined."""
    return (
        matrix_rewrite(Gradient(meaning.rhs, S), by_weights, using=[], note=f"of {meaning.lhs.func}"),
        matrix_rewrite(sp.Derivative(meaning.rhs, b), by_bias, note=f"of {meaning.lhs.func}"),
    )


def stated(lhs: sp.Expr, rhs: sp.Expr, slope: Fact, meaning: Fact, note: str = "") -> Fact:
    """lhs = rhs, the slope of the loss being put in."""
    return matrix_rewrite(lhs, rhs, using=[meaning, slope], note=note)


@cache
def steps_of_descent() -> Fact:
    """(2): a step of gradient descent, with l'(f) = 1/(1 + exp(-f))."""
    share = 1 / (1 + sp.exp(-f_i))
    meaning = model()
    by_weights, by_bias = slopes(meaning, mean(share * x_i), mean(share))
    return together(
        stated(S - eta * by_weights.lhs, S - eta * mean(share * x_i), by_weights, meaning),
        stated(b - eta * by_bias.lhs, b - eta * mean(share), by_bias, meaning),
    )


@cache
def exponential_slopes() -> tuple[Fact, Fact]:
    """Those of the exponential loss."""
    return slopes(exponential_model(), sp.exp(b) * pull, sp.exp(b) * free)


@cache
def derivation() -> Fact:
    """(7): dS/dt and db/dt for the exponential loss."""
    by_weights, by_bias = exponential_slopes()
    meaning = exponential_model()
    return together(
        stated(-eta * by_weights.lhs, -eta * sp.exp(b) * pull, by_weights, meaning),
        stated(-eta * by_bias.lhs, -eta * sp.exp(b) * free, by_bias, meaning),
    )


@cache
def conformal() -> Fact:
    """(8): in the time tau with d tau = exp(b) dt, S follows the flow of the loss without bias."""
    by_weights, by_bias = exponential_slopes()
    meaning = exponential_model()
    without = instantiate_matrices(by_weights, {b: 0}, note="b = 0")
    return together(
        stated(-eta * sp.exp(-b) * by_weights.lhs, -eta * pull, by_weights, meaning, "dS/d tau = exp(-b) dS/dt"),
        matrix_rewrite(-eta * Gradient(free, S), -eta * pull, using=[without]),
        stated(-eta * sp.exp(-b) * by_bias.lhs, -eta * free, by_bias, meaning, "db/d tau = exp(-b) db/dt"),
    )


@cache
def growth() -> Fact:
    """(17): d exp(-b)/dt = -exp(-b) db/dt is eta times the mean of exp(S.x_i)."""
    by_bias = exponential_slopes()[1]
    return stated(sp.exp(-b) * eta * by_bias.lhs, eta * free, by_bias, exponential_model())


@cache
def rescaled() -> Fact:
    """(10): for sigma S and x_i/sigma."""
    by_weights, by_bias = exponential_slopes()
    meaning = exponential_model()
    narrow = x_i / sigma
    weight = sp.exp(output(sigma * S, narrow) + b)
    return together(
        stated(-sigma * eta * by_weights.lhs, -(sigma**2) * eta * mean(weight * narrow), by_weights, meaning),
        stated(-eta * by_bias.lhs, -eta * mean(weight), by_bias, meaning),
    )


@cache
def wide_slope() -> Fact:
    """The gradient for the samples sigma x_i."""
    wide = mean(sp.exp(sigma * output(S, x_i) + b))
    meaning = instantiate_matrices(exponential_model(), {X: sigma * X}, note="samples sigma x_i")
    value = sigma * mean(sp.exp(sigma * output(S, x_i) + b) * x_i)
    whole = matrix_rewrite(wide, meaning.lhs, using=[meaning])
    return matrix_rewrite(Gradient(wide, S), value, using=[whole, meaning])


@cache
def wide_flow() -> Fact:
    """(42)."""
    slope = wide_slope()
    return matrix_rewrite(-eta * slope.lhs, -eta * slope.rhs, using=[slope])


@cache
def wide_rescaled() -> Fact:
    """(43): the flow of sigma S."""
    slope = wide_slope()
    value = -eta * sigma**2 * mean(sp.exp(output(sigma * S, x_i) + b) * x_i)
    return matrix_rewrite(-sigma * eta * slope.lhs, value, using=[slope])


mu = sp.Symbol("mu", positive=True)
first = sp.Symbol("S1", real=True)
Z = sp.MatrixSymbol("Z", N, d)
z_i = Z.T * UnitVector(N, i)


@cache
def first_weight() -> tuple[Fact, Fact]:
    """The slopes of the logistic loss of samples (mu, z_i), no bias: mu S1 has the place of b."""
    shifted = mean(sp.log(1 + sp.exp(mu * first + output(S, z_i))))
    share = 1 / (1 + sp.exp(-mu * first - output(S, z_i)))
    meaning = instantiate_matrices(model(), {X: Z, b: mu * first}, note="f_i = mu S1 + S.z_i")
    whole = matrix_rewrite(shifted, meaning.lhs, using=[meaning])
    return (
        matrix_rewrite(Gradient(shifted, S), mean(share * z_i), using=[whole, meaning]),
        matrix_rewrite(sp.Derivative(shifted, first), mean(mu * share), using=[whole, meaning]),
    )


@cache
def perpendicular() -> Fact:
    """(47): the flow of the weights beside the first, and of the first."""
    rest, of_first = first_weight()
    return together(
        matrix_rewrite(-eta * rest.lhs, -eta * rest.rhs, using=[rest]),
        matrix_rewrite(-eta * of_first.lhs, -eta * of_first.rhs, using=[of_first]),
    )


@cache
def reduced() -> tuple[Fact, Fact]:
    """(48)-(51): mu S and mu S1 move like the weights and the bias of samples z_i/mu, at the rate eta mu^2."""
    rest, of_first = first_weight()
    share = 1 / (1 + sp.exp(-output(mu * S, z_i / mu) - mu * first))
    return (
        matrix_rewrite(-mu * eta * rest.lhs, -eta * mu**2 * mean(share * (z_i / mu)), using=[rest]),
        matrix_rewrite(-mu * eta * of_first.lhs, -eta * mu**2 * mean(share), using=[of_first]),
    )


@cache
def both_reduced() -> Fact:
    """(48)."""
    return together(*reduced())


@cache
def reduced_weights() -> Fact:
    """(50)."""
    return reduced()[0]


@cache
def reduced_bias() -> Fact:
    """(49), (51)."""
    return reduced()[1]


DERIVES = {
    "beck2024:2": steps_of_descent,
    "beck2024:7": derivation,
    "beck2024:8": conformal,
    "beck2024:10": rescaled,
    "beck2024:17": growth,
    "beck2024:42": wide_flow,
    "beck2024:43": wide_rescaled,
    "beck2024:47": perpendicular,
    "beck2024:48": both_reduced,
    "beck2024:49": reduced_bias,
    "beck2024:50": reduced_weights,
    "beck2024:51": reduced_bias,
}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
    print(render(conformal()))
