"""The losses of gradient flow, from the equation of motion of one mode to the Marchenko-Pastur averages (5) and (8).

In the eigenbasis of Sigma the flow (4) is dD/dt = -2 eta nu D for the component D of S - T along an eigenvector of
eigenvalue nu, from D = S0 - T0. The components S0 and T0 are independent with mean 0 and variance 1/(2d), and
independent of Sigma. The mean of the losses sum nu_i D_i^2 and sum D_i^2 over S0 and T0 is therefore the mean over
the spectrum of nu M and M, where M is the mean of D^2 for starts of variance 1/2.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    by_linear_equation,
    cite_marchenko_pastur,
    combine,
    define_by_equation,
    differentiate,
    equation,
    mean_square,
    render,
    rewrite,
    run_in_package,
)

if __spec__ is None:
    run_in_package(__file__)

from .eq06_total_mass import high, lam, low, nu

ID = "levi2023:8"
TITLE = "The losses as Marchenko-Pastur averages"

t, eta, s = sp.symbols("t eta s", positive=True)
S0, T0 = sp.symbols("S0 T0", real=True)
D, M, L_tr, L_gen = (sp.Function(name) for name in ("D", "M", "L_tr", "L_gen"))

mode = D(t, nu, eta, S0, T0)
half = sp.Rational(1, 2)


def over_spectrum(f: sp.Expr) -> sp.Integral:
    """The integral over the continuous part of the spectrum."""
    return sp.Integral(f, (nu, low, high))


@cache
def motion() -> Fact:
    """(4): D = (S0 - T0) exp(-2 eta nu t)."""
    slope, start = define_by_equation(
        mode, -2 * eta * nu * mode, t, 0, S0 - T0, note="gradient flow along one eigenvector, from D = S0 - T0"
    )
    solution = (S0 - T0) * sp.exp(-2 * eta * nu * t)
    return by_linear_equation(
        [slope], [differentiate(solution, t)], t, 0, [-2 * eta * nu, 0], limits=[start], note="(4) in the eigenbasis"
    )


@cache
def spread() -> Fact:
    """M = exp(-4 eta nu t), the mean of D^2 over starts of variance 1/2."""
    return mean_square(M(t, nu, eta), motion(), {S0: half, T0: half}, sp.exp(-4 * eta * nu * t), note=_UNITS)


_UNITS = "variances in units of 1/d: S0 and T0 have 1/(2d), and there are d modes"


@cache
def train_loss() -> Fact:
    """(8), left: L_tr = E[nu exp(-4 eta nu t)]."""
    weighted = rewrite(
        nu * M(t, nu, eta), nu * sp.exp(-4 * eta * nu * t), using=[spread()], note="a mode's part in (5)"
    )
    return cite_marchenko_pastur(L_tr(t, eta, lam), weighted.lhs, nu, lam, using=[weighted])


@cache
def gen_loss() -> Fact:
    """(8), right: L_gen = E[exp(-4 eta nu t)]."""
    return cite_marchenko_pastur(L_gen(t, eta, lam), M(t, nu, eta), nu, lam, using=[spread()])


@cache
def scaled_start() -> Fact:
    """A student that starts at alpha S0: the losses are (1 + alpha^2)/2 times those of alpha = 1."""
    alpha = sp.Symbol("alpha", positive=True)
    wide, A, L = (sp.Function(name) for name in ("D_alpha", "M_alpha", "L_alpha"))
    moved = wide(t, nu, eta, alpha, S0, T0)
    value = alpha * S0 - T0
    slope, start = define_by_equation(moved, -2 * eta * nu * moved, t, 0, value, note="gradient flow from alpha S0")
    path = differentiate(value * sp.exp(-2 * eta * nu * t), t)
    solved = by_linear_equation([slope], [path], t, 0, [-2 * eta * nu, 0], limits=[start])
    size = (1 + alpha**2) / 2 * sp.exp(-4 * eta * nu * t)
    square = mean_square(A(t, nu, eta, alpha), solved, {S0: half, T0: half}, size, note=_UNITS)
    loss = cite_marchenko_pastur(L(t, eta, alpha, lam), square.lhs, nu, lam, using=[square])
    factor = (1 + alpha**2) / 2
    return combine(equation(loss.lhs, factor * L_gen(t, eta, lam)), [(1, loss), (-factor, gen_loss())])


@cache
def derivation() -> Fact:
    """L_gen = (1 - 1/lam)^+ + integral of exp(-4 eta nu t) over the density; :func:`train_loss` is the other half."""
    return gen_loss()


DERIVES = {
    "lemma:one_mode": motion,
    "lemma:mean_of_a_mode": spread,
    "levi2023:8-gen": gen_loss,
    "levi2023:8-train": train_loss,
    "lemma:scaled_start": scaled_start,
}

if __name__ == "__main__":
    print(render(train_loss(), TITLE))
    print(render(derivation()))
