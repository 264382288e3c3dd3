"""A second opinion on the two-point model: its differential equation, integrated by Taylor series of high order.

Nothing is shared with the closed forms. The equation is taken in u = log(1 + k t), with beta = b + u, in which it is
autonomous and beta stays bounded, so that t = 1e300 is 691 units away:

    dS/du = (c/(k s)) (E1 - a E2),  dbeta/du = 1 - (c/k) (E1 + E2),  dtau/du = exp(beta)/k,

E1 = exp(beta - S), E2 = exp(beta + a S). The coefficients follow from E' = E (...)', the step from their decay. The
result is good to about the digits asked for; that is an estimate, not a proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from flint import arb

from grokmath.classification.two_point_certified import Flow
from grokmath.exact import ball, working_precision
from grokmath.parameters import PrecisionError

__all__ = ["TaylorState", "integrate"]

_MAX_STEPS = 200_000


class TaylorState(NamedTuple):
    """The rescaled weight, the bias and the conformal time, as midpoints."""

    weight: arb
    bias: arb
    conformal_time: arb


def integrate(flow: Flow, log_t: arb, digits: int = 40) -> TaylorState:
    """The state at the time exp(log_t), to about ``digits`` digits, at flint precision of the result's balls."""
    bits = int(3.33 * digits) + 80
    order = digits + 12
    with working_precision(bits):
        a, s, c, b0 = ball(flow.a), ball(flow.s), ball(flow.c), ball(flow.bias0)
        s0 = -a.log() / (1 + a) if flow.weight0 is None else ball(flow.weight0)
        k = (c * b0.exp() * ((-s0).exp() + (a * s0).exp())).mid()
        end = ((log_t + k.log()).exp().log1p()).mid() if log_t + k.log() < 0 else _log1p_exp(log_t + k.log())
        weight, beta, tau, u = s0.mid(), b0.mid(), arb(0), arb(0)
        tolerance = arb(10) ** (-digits - 8)
        for _ in range(_MAX_STEPS):
            rows = _series(a, s, c, k, weight, beta, tau, order)
            step = min(_step(row, tolerance) for row in rows)
            last = not u + step < end
            h = end - u if last else step
            weight, beta, tau = (_horner(row, h).mid() for row in rows)
            if last:
                return TaylorState(weight, (beta - end).mid(), tau)
            u = (u + h).mid()
    raise PrecisionError("integrate: the time was not reached in the steps allowed")


def _log1p_exp(x: arb) -> arb:
    """log(1 + exp(x)) for x >= 0."""
    return (x + (-x).exp().log1p()).mid()


def _series(
    a: arb, s: arb, c: arb, k: arb, weight: arb, beta: arb, tau: arb, order: int
) -> tuple[list[arb], list[arb], list[arb]]:
    """The Taylor coefficients of S, beta and tau at a point."""
    w, b, t = [weight], [beta], [tau]
    e1, e2, e3 = [(beta - weight).exp()], [(beta + a * weight).exp()], [beta.exp()]
    d1: list[arb] = []  # coefficients of the derivatives of beta - S, beta + a S, beta
    d2: list[arb] = []
    d3: list[arb] = []
    for n in range(order):
        dw = c / (k * s) * (e1[n] - a * e2[n])
        db = (1 if n == 0 else 0) - c / k * (e1[n] + e2[n])
        w.append(dw / (n + 1))
        b.append(db / (n + 1))
        t.append(e3[n] / k / (n + 1))
        d1.append(db - dw)
        d2.append(db + a * dw)
        d3.append(db)
        for e, d in ((e1, d1), (e2, d2), (e3, d3)):
            e.append(sum((e[i] * d[n - i] for i in range(n + 1)), arb(0)) / (n + 1))
    return w, b, t


def _step(row: Sequence[arb], tolerance: arb) -> arb:
    """A step at which the last two terms are below the tolerance, relative to the first terms."""
    size = abs(row[0]) + abs(row[1])
    steps = []
    for n in (len(row) - 2, len(row) - 1):
        last = abs(row[n].mid())
        if last > 0:
            steps.append(((tolerance * size / last).log() / n).exp().mid())
    return min(steps) if steps else arb(1)


def _horner(row: Sequence[arb], h: arb) -> arb:
    total = arb(0)
    for coefficient in reversed(row):
        total = total * h + coefficient
    return total
