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
    cite_marchenko_pastur,
    define_by_equation,
    differentiate,
    mean_square,
    render,
    rewrite,
)

if __package__:
    from .eq05_08_losses import S0, T0, eta, half, t
    from .eq06_total_mass import lam, nu
else:
    from eq05_08_losses import S0, T0, eta, half, t
    from eq06_total_mass import lam, nu

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
    slope, start = define_by_equation(
        mode, -2 * eta * K * mode - eta * gamma * T0, t, 0, S0 - T0, note="(32) along one eigenvector, from D = S0 - T0"
    )
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


DERIVES = {
    "levi2023:33": motion,
    "levi2023:35": motion,
    "levi2023:38": derivation,
    "levi2023:14": derivation,
    "levi2023:14-train": train_loss,
}

if __name__ == "__main__":
    print(render(train_loss(), TITLE))
    print(render(derivation()))
