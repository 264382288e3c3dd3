"""What label noise adds to the generalization loss, in ball arithmetic: a semicircle average without poles.

For nu distributed by the Marchenko-Pastur law of ratio lam > 0, c >= 0, u >= 0 and K = nu + c,

    N(u; c, lam) = E[nu ((1 - e^{-uK})/K)^2],

which sigma^2 lam multiplies in the loss (Levi, Beck and Bar Sinai, "Grokking in Linear Estimators", appendix C, with
the dynamics put right). At c = 0 it is 2 K_0(u) - K_0(2u), K_0(u) = int_0^u G. N increases from u^2 - ... to
V_12(0) = 1/(p (p - q)), which is infinite at lam = 1, c = 0, where N grows like sqrt(u).

Method. nu times the law is a semicircle law, so that with x = 2 sqrt(lam) u, k = (a + c)/(2 sqrt lam), mu = 1 - cos phi

    N = (2 sqrt lam)^-2 (2/pi) int_0^pi sin(phi)^2 ((1 - e^{-x(k + mu)})/(k + mu))^2 dphi,

whose integrand is periodic and entire: the midpoint rule over the angle errs by aliases alone. Few nodes: the positive
sum of all, by expm1. Many: the sum over all nodes of sin^2/(k + mu)^2 in closed form less the sum over those where
e^{-x(k + mu)} is not negligible; a handful of bits cancel. It holds uniformly through lam = 1 and c = 0, for u from
10^-100000 up. Proofs: docs/proofs/noise_kernel.md.
"""

from __future__ import annotations

import math
from functools import lru_cache

from flint import arb, ctx

from grokmath.exact import Exact, set_precision, sign, working_precision
from grokmath.functions.ridge_laplace_certified import accurate
from grokmath.functions.ridge_laplace_rule import exponentials, left_out, node_count, nodes, plan

__all__ = ["all_nodes", "noise_ball", "noise_error", "semicircle"]

_GUARD_BITS = 32
_EXPONENT_BITS = 40
_BOUND_BITS = 64
_LN2 = math.log(2)


@lru_cache(maxsize=128)
def _constants(c: Exact, lam: Exact, bits: int) -> tuple[arb, arb]:
    """2 sqrt(lam) and k, exactly 0 where lam = 1 and c = 0."""
    with working_precision(bits):
        root = accurate(lam, bits).sqrt()
        gap = 1 - lam
        edge = (accurate(gap, bits) / (1 + root)) ** 2 if sign(gap) else arb(0)
        return 2 * root, (edge + accurate(c, bits)) / (2 * root) if sign(c) else edge / (2 * root)


def noise_ball(u: arb, c: Exact, lam: Exact, *, terms: float = 1.0) -> arb:
    """N(u; c, lam) for every point u >= 0 of the ball; c >= 0 and lam > 0 are exact.

    ``terms`` multiplies the number of nodes of the rule; the ball contains the truth for every value.

    >>> from fractions import Fraction
    >>> with working_precision(100):
    ...     for lam in (Fraction(1, 2), Fraction(1)):
    ...         print(noise_ball(arb(4), Fraction(0), lam).str(20, radius=False))
    1.0663973156766808320
    0.86804824668547850237
    """
    if not u.is_finite():
        return arb(0, arb.pos_inf())
    if u.is_exact():
        return _at(u, c, lam, terms) if u > 0 else arb(0)
    mid, radius = u.mid(), u.rad()
    low, high = (mid - radius).lower(), (mid + radius).upper()
    if low > 0:
        spread = radius / low
        if spread < 0.125:  # N increases and N/u^2 decreases
            return _at(mid, c, lam, terms) * arb(1, 3 * spread)
    return (_at(low, c, lam, terms) if low > 0 else arb(0)).union(_at(high, c, lam, terms) if high > 0 else arb(0))


def _at(u: arb, c: Exact, lam: Exact, terms: float) -> arb:
    """N at an exact u > 0."""
    bits = ctx.prec
    work = bits + bits.bit_length() + _GUARD_BITS
    with working_precision(work):
        width, k = _constants(c, lam, work + _EXPONENT_BITS)
        x = width * u
        value = semicircle(x, k, bits, terms) / (width * width)
        if value > 0 and value.is_finite():
            return value
        return arb(0).union(u * u)  # true, if not sharp: (1 - e^{-uK})/K <= u and E[nu] = 1


def semicircle(x: arb, k: arb, bits: int, terms: float) -> arb:
    """(2/pi) int_0^pi sin(phi)^2 ((1 - e^{-x(k + mu)})/(k + mu))^2 dphi."""
    work = ctx.prec
    m = plan(2 * x, bits, terms)[0]
    if k * x > (work + 8) * _LN2:
        return all_nodes(k, None) * (1 - arb(0).union((2 * (-k * x).exp()).upper()))
    count = node_count(m, x, bits)
    rows = nodes(m, work).upto(count)
    total = arb(0)
    if count == m:
        for mu, weight in reversed(rows):
            far = k + mu
            total += weight * ((-x * far).expm1() / far) ** 2
        total = 2 * total / m
    else:
        decay, level = (-x * k).exp(), work
        values, precisions = exponentials(rows, x, m)
        steps = zip(reversed(rows), reversed(values), reversed(precisions), strict=True)
        with working_precision(work):
            for (mu, weight), value, precision in steps:
                if precision != level:
                    set_precision(level := precision)
                e = value * decay
                total += weight * (e * (2 - e)) / (k + mu) ** 2
        rest = 2 * left_out((1, 2), x, k, k, rows[-1][0]) * decay
        total = all_nodes(k, m) - 2 * total / m - arb(0).union(rest.upper())
    return total + arb(0, noise_error(x, k, m).upper())


def all_nodes(k: arb, m: int | None) -> arb:
    """(2/M) sum_{j=1}^M sin(phi_j)^2/(k + mu_j)^2 over all nodes; ``m`` None: its limit (2/pi) int, for k > 0.

    With cosh theta = 1 + k it is 2 [coth theta tanh(M theta) + M sech(M theta)^2 - 1].
    """
    if k.is_zero():
        return arb(2 * (2 * m - 1)) if m else arb.pos_inf()
    q = (k * (k + 2)).sqrt()
    grown = 1 + k + q  # e^theta
    beyond = 1 / (grown * q)  # coth theta - 1
    if m is None:
        return 2 * beyond
    angle = 2 * m * (k + q).log1p()
    if angle < 2:
        t = (angle / 2).tanh()
        return 2 * (t * (1 + k) / q + m * (1 - t * t) - 1)
    y = (-angle).exp()
    return 2 * (beyond - (1 + beyond) * 2 * y / (1 + y) + 4 * m * y / (1 + y) ** 2)


def noise_error(x: arb, k: arb, m: int) -> arb:
    """A bound of the aliases: (2/pi) times the integral over Im(phi) = eta, whatever eta."""
    with working_precision(_BOUND_BITS):
        eta = (m / x).asinh().mid()
        rise = 2 * (eta / 2).sinh() ** 2  # cosh(eta) - 1
        s2 = rise * (rise + 2)
        square = x * x
        away = 2 / (rise - k) ** 2
        if away < square:
            square = away
        most = 2 * arb.pi() * (arb(0.5) + s2)
        reach = arb.pi() / (2 * square).root(4)  # beyond, 2/|k + mu|^2 is the better bound
        flat = 8 * reach * (reach * reach + s2) / 3
        flat = flat if flat < most else most
        v = arb.pi() ** 2 / (8 * x * (1 + rise))
        narrow = (2 * arb.pi() * v).sqrt() * (s2 + v)
        angle = 2 * m * eta
        share = 1 / (1 - (-angle).exp())
        grown = (2 * x * (rise - k) - angle).exp() * (narrow if narrow < most else most)
        return 2 / arb.pi() * share * square * (flat * (-angle).exp() + grown)
