"""(12), left: the loss of d_out outputs is 1/d_out times the sum of one-output losses at the rate eta/d_out.

Written out for d_in = d_out = 2. The flow of (3), dD/dt = -(2 eta/d_out) Sigma D, acts on each column of D by itself,
with the rate eta/d_out of one output: D(t) = P(t) D(0) with P(t) = exp(-tau Sigma), tau = 2 (eta/d_out) t,

    P = (e_- + e_+)/2 - (e_- - e_+)/(2 r) (Sigma - m),   e_+- = exp(-tau (m +- r)),   2 m = Tr(Sigma),

r^2 = m^2 - det Sigma.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import Domain, Fact, differentiate, instantiate, render, rewrite, together

ID = "levi2023:12-loss"
TITLE = "The loss of several outputs"

t, eta = sp.symbols("t eta", positive=True)
u, v, w = sp.symbols("u v w", real=True)
entries = sp.symbols("p:4", real=True)
Sigma = sp.Matrix([[u, w], [w, v]])
start = sp.Matrix(2, 2, sp.symbols("D:4", real=True))
apart = Domain((((u - v) ** 2 / 4 + w**2, ">"),))


def propagator(tau: sp.Expr) -> sp.Matrix:
    """exp(-tau Sigma)."""
    m, r = (u + v) / 2, sp.sqrt((u - v) ** 2 / 4 + w**2)
    up, down = sp.exp(-tau * (m - r)), sp.exp(-tau * (m + r))
    return (up + down) / 2 * sp.eye(2) - (up - down) / (2 * r) * (Sigma - m * sp.eye(2))


@cache
def solution() -> tuple[Fact, ...]:
    """dP/dt = -2 (eta/2) Sigma P, entry by entry, and P = 1 at t = 0."""
    P = propagator(eta * t)
    slopes = -eta * Sigma * P
    moving = [differentiate(P[k], t, slopes[k], domain=apart, note="(3) with d_out = 2") for k in range(4)]
    still = propagator(sp.S.Zero)
    return (*moving, *(rewrite(still[k], sp.eye(2)[k], domain=apart) for k in range(4)))


@cache
def derivation() -> Fact:
    """Tr[D^T Sigma D]/2 = the sum over the columns of the quadratic forms, halved, for D = P D(0)."""
    P = sp.Matrix(2, 2, entries)
    D = P * start
    whole = (D.T * Sigma * D).trace() / 2
    columns = sum(((P * start[:, k]).T * Sigma * P * start[:, k])[0] for k in (0, 1)) / 2
    by_columns = rewrite(whole, columns, note="the columns of D do not mix")
    here = instantiate(by_columns, dict(zip(entries, propagator(eta * t), strict=True)), domain=apart)
    return together(*solution(), here)


DERIVES = {"levi2023:12-loss": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
