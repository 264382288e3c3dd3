"""(28), corrected: one mode of the flow under label noise.

With y = T x + delta the gradient along an eigenvector of eigenvalue nu is nu D - xi, xi the mode's share of X^T
delta/N, so that dD/dt = -2 eta (nu D - xi). The solution from D_0 is exp(-2 eta nu t) D_0 + (1 - exp(-2 eta nu t))
xi/nu; printed is exp(-4 eta Sigma) D_0.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    by_linear_equation,
    combine,
    define_by_equation,
    derivative_of_equal,
    differentiate,
    equation,
    render,
)

ID = "levi2023:28"
TITLE = "The flow under label noise"

t, eta, nu = sp.symbols("t eta nu", positive=True)
start, xi = sp.symbols("D_0 xi", real=True)
D = sp.Function("D_noise")
mode = D(t, nu, eta, start, xi)
fade = sp.exp(-2 * eta * nu * t)
solution = fade * start + (1 - fade) * xi / nu


@cache
def motion() -> tuple[Fact, Fact]:
    """The flow of the mode, and its solution."""
    slope, begin = define_by_equation(
        mode, -2 * eta * (nu * mode - xi), t, 0, start, note="gradient flow on the noisy data, from D = D_0"
    )
    path = differentiate(solution, t)
    solved = by_linear_equation([slope], [path], t, 0, [-2 * eta * nu, 2 * eta * xi], limits=[begin])
    return slope, solved


@cache
def derivation() -> Fact:
    """-2 eta (nu D - xi) is the derivative of the solution."""
    slope, solved = motion()
    written = -2 * eta * nu * fade * start + 2 * eta * fade * xi
    moved = derivative_of_equal(solved, differentiate(solution, t, written))
    law = -2 * eta * (nu * solution - xi)
    return combine(equation(law, written), [(1, moved), (-1, slope), (2 * eta * nu, solved)])


DERIVES = {"levi2023:28": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
