"""(14) and (38): the losses with weight decay gamma, from the flow (32) of one mode.

dD/dt = -2 eta (nu + gamma/2) D - eta gamma T0 from D = S0 - T0. With K = nu + gamma/2 and e = exp(-2 eta K t), the
mean of D^2 over independent S0 and T0 of variance 1/2 is [e^2 + ((nu e + gamma/2)/K)^2]/2.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    by_linear_equation,
    chain,
    cite_marchenko_pastur,
    combine,
    define_by_equation,
    derivative_of_equal,
    differentiate,
    equation,
    instantiate,
    mean_square,
    render,
    rewrite,
    run_in_package,
    together,
)

if __spec__ is None:
    run_in_package(__file__)

from .eq05_08_losses import S0, T0, eta, half, t
from .eq06_total_mass import lam, nu

ID = "levi2023:14"
TITLE = "The losses with weight decay"

gamma = sp.Symbol("gamma", positive=True)
D, M, L_tr, L_gen = (sp.Function(f"{name}_decay") for name in ("D", "M", "L_tr", "L_gen"))
K = nu + gamma / 2
fade = sp.exp(-2 * eta * K * t)
mode = D(t, nu, eta, gamma, S0, T0)
square = (fade**2 + ((nu * fade + gamma / 2) / K) ** 2) / 2


@cache
def motion() -> Fact:
    """(33) and (35): D + (gamma/2) T0/K = exp(-2 eta K t) (S0 - T0 + (gamma/2) T0/K)."""
    slope, start = _start()
    rest = gamma / 2 / K * T0
    solution = fade * (S0 - T0 + rest) - rest
    path = differentiate(solution, t)
    return by_linear_equation([slope], [path], t, 0, [-2 * eta * K, -eta * gamma * T0], limits=[start], note="(33)")


@cache
def spread() -> Fact:
    """The mean of D^2 over starts of variance 1/2."""
    note = "variances in units of 1/d; the coefficient of T0 is -(nu e + gamma/2)/K"
    return mean_square(M(t, nu, eta, gamma), motion(), {S0: half, T0: half}, square, note=note)


@cache
def train_loss() -> Fact:
    """(14) with q = nu."""
    weighted = rewrite(nu * spread().lhs, nu * square, using=[spread()])
    return cite_marchenko_pastur(L_tr(t, eta, gamma, lam), weighted.lhs, nu, lam, using=[weighted])


@cache
def derivation() -> Fact:
    """(14) with q = 1."""
    return cite_marchenko_pastur(L_gen(t, eta, gamma, lam), spread().lhs, nu, lam, using=[spread()])


def _start() -> tuple[Fact, Fact]:
    return define_by_equation(
        mode, -2 * eta * K * mode - eta * gamma * T0, t, 0, S0 - T0, note="(32) along one eigenvector, from D = S0 - T0"
    )


@cache
def flow() -> Fact:
    """(33) solves (32): -2 eta K D - eta gamma T0 is the derivative of the solution from D = D0."""
    D0 = sp.Symbol("D0", real=True)
    slope, _ = _start()
    solved = motion()
    slope_of_path = differentiate(solved.rhs, t)
    moved = derivative_of_equal(solved, slope_of_path)
    law = combine(
        equation(-2 * eta * K * solved.rhs - eta * gamma * T0, moved.rhs),
        [(1, moved), (-1, slope), (2 * eta * K, solved)],
    )
    here = instantiate(law, {S0: D0 + T0})
    rest = gamma / 2 / K * T0
    path = (D0 + rest) * fade - rest
    left = -2 * eta * K * path - eta * gamma * T0
    right = -2 * eta * K * (D0 + rest) * fade
    return chain(rewrite(left, here.lhs), here, rewrite(here.rhs, right))


@cache
def solution() -> Fact:
    """(33): it solves the flow and starts at D0."""
    D0 = sp.Symbol("D0", real=True)
    start = motion().rhs.xreplace({S0: D0 + T0, t: sp.S.Zero})
    return together(flow(), rewrite(start, D0, note="at t = 0"))


@cache
def mean_square_form() -> Fact:
    """The integrand of (14) and (38): the mean of D^2 from the coefficients of S0 and T0."""
    back = gamma / 2 / K
    plain = (-back + (back - 1) * fade) ** 2 / 2 + fade**2 / 2
    note = "half the sum of the squares of the coefficients"
    direct = mean_square(M(t, nu, eta, gamma), motion(), {S0: half, T0: half}, plain, note=note)
    form = fade**2 / 2 + (nu * fade + gamma / 2) ** 2 / (2 * K**2)
    return combine(equation(plain, form), [(1, spread()), (-1, direct)])


DERIVES = {
    "levi2023:33": solution,
    "levi2023:35": flow,
    "levi2023:38": mean_square_form,
    "levi2023:14": mean_square_form,
    "lemma:decay_mode": motion,
    "lemma:decay_loss": derivation,
    "levi2023:14-train": train_loss,
}

if __name__ == "__main__":
    print(render(train_loss(), TITLE))
    print(render(derivation()))
