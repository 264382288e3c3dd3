"""A second opinion on Owen's T and on bivariate normal probabilities: Arb's integrator on their defining integrals.

    T(h, a) = e^(-h^2/2)/(2 pi) * integral over 0 < x < a of e^(-h^2 x^2/2)/(1 + x^2)
    P(X > h, Y > k) = integral over x > h of phi(x) Q((k - rho x)/c),  c = sqrt(1 - rho^2)

Nothing is shared with :mod:`grokmath.functions.bivariate_normal_certified` but the parameters. The integrator
works to an absolute tolerance, so the largest value of each integrand is factored out first, and the variable is
scaled by its width. What is cut off is enclosed.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from flint import acb, arb, ctx

from grokmath.certified import Scaled, working_precision

__all__ = ["owens_t_integral", "upper_orthant_integral"]

_LN2 = math.log(2)


def _tolerance() -> float:
    return ctx.prec * _LN2 + 6


def _integral(f: Callable[[acb], acb], low: arb, high: arb) -> arb:
    """The integral of the real function f over (low, high), exact numbers, by way of (0, 1)."""
    width = high - low

    def unit(y: acb, _: bool) -> acb:
        return f(low + width * y)

    return acb.integral(unit, acb(0), acb(1)).real * width


def owens_t_integral(h: arb, a: arb) -> Scaled:
    """An enclosure of T(h, a), h >= 0 and a > 0 exact, by quadrature."""
    L = _tolerance()
    end = a
    rest = arb(0)
    if h * h * a * a / 2 > L:
        end = ((2 * arb(L)).sqrt() / h).mid()
        Z = (h * end) ** 2 / 2
        rest = arb(0).union((-Z).exp() / (h * h * end * (1 + end * end)))

    def integrand(x: acb) -> acb:
        return (-(x * x) * (h * h) / 2).exp() / (1 + x * x)

    total = arb(0)
    low, high = arb(0), arb(0)
    while high < end:  # pieces [0, 1/4], [1/4, 1/2], [1/2, 1], ... of one over the distance to the poles at +-i
        high = arb.min(end, arb.max(arb(0.25), 2 * low) if end > 0.25 else end).mid()
        total += _integral(integrand, low, high)
        low = high
    return Scaled(-h * h / 2, (total + rest) / (2 * arb.pi()))


def _log_tail(z: arb) -> arb:
    """log Q(z)."""
    with working_precision(ctx.prec + 20):
        return ((z / arb(2).sqrt()).erfc() / 2).log()


def upper_orthant_integral(h: arb, k: arb, rho: arb, c: arb) -> Scaled:
    """An enclosure of P(X > h, Y > k), all parameters narrow, by quadrature over x > h; slow where c < 1e-4."""
    bits = ctx.prec
    size = float(arb.log((h * h + k * k) / (c * c) + 1).abs_upper()) / _LN2
    with working_precision(bits + int(size) + 20):
        return _upper_orthant(h, k, rho, c, bits * _LN2 + 6)


def _upper_orthant(h: arb, k: arb, rho: arb, c: arb, L: float) -> Scaled:
    def log_integrand(x: arb) -> arb:
        return -x * x / 2 + _log_tail((k - rho * x) / c)

    start, step, top = h.mid(), c / 4 / (1 + abs(h)), log_integrand(h)
    x, peak = start, start
    while True:  # the integrand is log-concave: walk until it has fallen by e^-L below the largest value met
        x = (x + step).mid()
        value = log_integrand(x)
        if value.mid() > top.mid():
            top, peak = value, x
        elif value.mid() < top.mid() - L:
            break
        step *= 1.2
    scale = top.mid()

    def integrand(x: acb) -> acb:
        return (-(x * x) / 2 - scale).exp() * ((k - rho * x) / (c * arb(2).sqrt())).erfc() / 2

    total = arb(0)
    for low, high in ((start, peak), (peak, x)):
        if high > low:
            total += _integral(integrand, low, high)
    end = (x / arb(2).sqrt()).erfc() / 2
    if rho <= 0:
        end *= ((k - rho * x) / (c * arb(2).sqrt())).erfc() / 2
    root = (2 * arb.pi()).sqrt()
    first = 2 * h.rad() * arb(0, 1) * (top - scale).exp()  # the start may be off by the ball's radius
    return Scaled(scale, (total + first) / root + arb(0).union(end * (-scale).exp()))
