"""A second opinion on the two-point model: its differential equation, integrated by Taylor series of high order.

Nothing is shared with the closed forms. The equation is taken in u = log(1 + k t), with beta = b + u, in which it is
autonomous and beta stays bounded, so that t = 1e300 is 691 units away:

    dS/du = r F,   F = E1 - a E2,   dbeta/du = 1 - (c/k) (E1 + E2),   dtau/du = exp(beta)/k,   r = c/(k s),

E1 = exp(beta - S), E2 = exp(beta + a S). For a > 0 the force F cancels near the minimiser, and is carried along by its
own equation dF/du = F (dbeta/du - r (E1 + a**2 E2)), which is stable as beta is bounded; else it is a sum of positive
terms, taken anew at each step. The coefficients follow from E' = E (...)', the step from their decay.

One integration has an absolute accuracy. The digits that are lost where a result is small are seen in its size, and it
is repeated with so many more; at lam = 0, where the minimiser is 0, the weight is read from the force, which loses
none. That is an estimate of the accuracy, not a proof.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from flint import arb

from grokmath.classification.two_point_certified import Flow
from grokmath.exact import ball, binary_exponent, working_precision
from grokmath.parameters import PrecisionError

__all__ = ["AT_REST", "TaylorState", "integrate"]

_MAX_STEPS = 200_000

AT_REST = 200
"""Below 10**-AT_REST the distance of the weight from the minimiser is taken for 0."""


class TaylorState(NamedTuple):
    """The rescaled weight, the bias and the conformal time, as midpoints."""

    weight: arb
    bias: arb
    conformal_time: arb


def integrate(flow: Flow, log_t: arb, digits: int = 40) -> TaylorState:
    """The state at the time exp(log_t), each part to about ``digits`` significant digits.

    A weight below 10**-AT_REST at lam = 0 is given as 0.
    """
    decimals = digits
    while True:
        state = _integrate(flow, log_t, decimals)
        small = state[1:] if flow.a == 1 else state
        needed = digits + max(_zeros(x) for x in small)
        if decimals >= needed:
            return state
        decimals = needed


def _zeros(x: arb) -> int:
    """How many zeros stand after the point; 0 for 0 itself and for what is not below 1."""
    size = binary_exponent(x)
    return math.ceil(-size * math.log10(2)) if size < 0 and not x.is_zero() else 0


class _Point(NamedTuple):
    """The state at a point of the way."""

    weight: arb
    beta: arb
    tau: arb
    force: arb


def _integrate(flow: Flow, log_t: arb, digits: int) -> TaylorState:
    """The state with an error of about 10**-digits."""
    bits = int(3.33 * digits) + 80
    order = digits + 12
    with working_precision(bits):
        a, s, c, b0 = ball(flow.a), ball(flow.s), ball(flow.c), ball(flow.bias0)
        s0 = -a.log() / (1 + a) if flow.weight0 is None else ball(flow.weight0)
        k = (c * b0.exp() * ((-s0).exp() + (a * s0).exp())).mid()
        end = ((log_t + k.log()).exp().log1p()).mid() if log_t + k.log() < 0 else _log1p_exp(log_t + k.log())
        force = arb(0) if flow.weight0 is None else _force(a, s0, b0)
        point, u = _Point(s0.mid(), b0.mid(), arb(0), force), arb(0)
        tolerance, rest = arb(10) ** (-digits - 8), arb(10) ** (-AT_REST - 20)
        for _ in range(_MAX_STEPS):
            if flow.a <= 0:
                point = point._replace(force=_force(a, point.weight, point.beta))
            elif abs(point.force) < rest:
                point = point._replace(force=arb(0))
            rows = _series(a, s, c, k, point, order)
            step = min(_step(row, tolerance) for row in rows)
            last = not u + step < end
            h = end - u if last else step
            point = _Point(*(_horner(row, h).mid() for row in rows))
            if last:
                weight = -(point.force * (-point.beta).exp() / 2).asinh().mid() if flow.a == 1 else point.weight
                return TaylorState(weight, (point.beta - end).mid(), point.tau)
            u = (u + h).mid()
    raise PrecisionError("integrate: the time was not reached in the steps allowed")


def _force(a: arb, weight: arb, beta: arb) -> arb:
    """E1 - a E2."""
    return ((beta - weight).exp() - a * (beta + a * weight).exp()).mid()


def _log1p_exp(x: arb) -> arb:
    """log(1 + exp(x)) for x >= 0."""
    return (x + (-x).exp().log1p()).mid()


def _series(a: arb, s: arb, c: arb, k: arb, point: _Point, order: int) -> tuple[list[arb], ...]:
    """The Taylor coefficients of S, beta, tau and F at a point."""
    w, b, t, f = ([x] for x in point)
    e1, e2 = [(point.beta - point.weight).exp()], [(point.beta + a * point.weight).exp()]
    e3 = [point.beta.exp()]
    rates: tuple[list[arb], ...] = ([], [], [], [])  # of the derivatives of the logarithms of E1, E2, exp(beta), F
    for n in range(order):
        dw = c / (k * s) * f[n]
        db = (1 if n == 0 else 0) - c / k * (e1[n] + e2[n])
        w.append(dw / (n + 1))
        b.append(db / (n + 1))
        t.append(e3[n] / k / (n + 1))
        for rate, value in zip(
            rates, (db - dw, db + a * dw, db, db - c / (k * s) * (e1[n] + a * a * e2[n])), strict=True
        ):
            rate.append(value)
        for e, rate in zip((e1, e2, e3, f), rates, strict=True):
            e.append(sum((e[i] * rate[n - i] for i in range(n + 1)), arb(0)) / (n + 1))
    return w, b, t, f


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
