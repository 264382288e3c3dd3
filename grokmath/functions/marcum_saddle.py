"""The Marcum functions by the trapezoidal rule on the circle through the saddle point (Theorem 2 of the proofs).

Q = e^(-X-Y)/(2 pi i) * integral of e^(X/z + Y z) z^(-m) dz/(1 - z), with the pole at z = 1 in closed form. The bounds
are those of docs/proofs/marcum.md, quoted by their numbers.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from flint import acb, arb, ctx

from grokmath.certified import Scaled, working_precision
from grokmath.functions.marcum_point import (
    UNIT,
    Point,
    float_mid,
    log_mid,
    point_of,
    saddle_exponent,
    tolerance,
    upper_bound,
    within,
)

__all__ = ["Rule", "is_integer", "saddle_rule", "saddle_sum"]

_LN2 = math.log(2)


class Rule(NamedTuple):
    """2 M nodes in all, of which the J with |theta| smallest are used on either side; half-width d of the strip."""

    M: arb
    J: int
    d: arb


def saddle_rule(p: Point, L: float, terms: float) -> Rule:
    """The numbers of nodes, times ``terms``, and the strip that suits them."""
    if log_mid(p.A) > 30:  # cosh d - 1 = d^2/2 to all purposes; M has 60 bits and a power of two
        half = (p.A.mid() * (L / 2 * (1 + 1e-6))).sqrt()
        shift = max(0, int(log_mid(half) / _LN2) - 60)
        M = arb((max(1, round(terms * math.exp(log_mid(half) - shift * _LN2))), shift))
        return Rule(M, max(1, math.ceil(terms * L / math.pi + 1)), (2 * M / p.A).mid())
    A, m = float_mid(p.A), float_mid(p.m)
    d = math.sqrt(2 * L / A)
    for _ in range(4):  # Newton for the least N(d) = (L + phi(d))/d
        sinh, cosh1 = math.sinh(d), math.cosh(d) - 1
        phi, slope = A * cosh1 + m * (sinh - d), A * sinh + m * cosh1
        d = max(d / 2, d - (d * slope - phi - L) / (d * (A * (cosh1 + 1) + m * sinh)))
    N = (L + A * (math.cosh(d) - 1) + m * (math.sinh(d) - d)) / d
    half_nodes = max(1, round(terms * math.ceil(N / 2)))
    if terms != 1.0:  # about the strip that minimises phi(d) - N d for these nodes
        d = min(d, 2 * half_nodes / A)
    sine = math.sqrt(L / (2 * A))
    used = math.ceil(2 * math.asin(sine) * half_nodes / math.pi + 0.5) if sine < 1 else half_nodes
    return Rule(arb(half_nodes), max(1, min(half_nodes, used)), arb(d))


def is_integer(m: arb) -> bool:
    return bool(m.is_exact() and m.is_integer())


def _remainder(p: Point, s0: arb, excess: arb, rule: Rule) -> arb:
    """Bound (8) of the proofs: the sides of the strip, the branch cut, the nodes left out; ``excess`` is s0 - 1."""
    A, m, (M, J, d) = p.A, p.m, rule
    N = 2 * M
    total = _side(p, N, d) * s0 * (1 / abs((-d).expm1() - excess) + 1 / abs(d.expm1() - excess))
    if not is_integer(m):
        growth = (arb.max(arb(0), 2 * m - N) * d).exp() * d
        rays = (1 / (2 * A)).exp() * (2 * arb.pi() / A).sqrt()
        total += (-2 * A).exp() * arb.min(arb(1), s0) * (growth + rays) / arb.pi()
    if J < M:
        h = arb.pi() / M
        sine, cosine = ((2 * J + 1) / (4 * M)).sin_cos_pi()  # of theta_J/2
        c = 2 * sine * sine
        ratio = -(-A * h * sine * cosine).expm1()
        total += (-A * c).exp() / ratio / M * s0 / (excess * excess + 2 * s0 * c).sqrt()
    return upper_bound(total)


def _side(p: Point, N: arb, d: arb) -> arb:
    """Bound (7): the mean of |g| on either side of the strip, times 1/(e^(N d) - 1)."""
    A = p.A
    if d > 0.01:
        sinh, cosh = d.sinh_cosh()
        phi = A * (cosh - 1) + p.m * (sinh - d)
    else:  # without cancellation: cosh d - 1 <= d^2 cosh(d)/2 and sinh d - d <= d^3 cosh(d)/6
        phi = d * d * d.cosh() * (3 * A + p.m * d) / 6
    width = (arb.pi() * d.exp() / (8 * A)).sqrt()
    return (phi - N * d).exp() * arb.min(arb(1), width) / (1 - (-N * d).exp())


def _node_sum(p: Point, s0: arb, excess: arb, rule: Rule) -> arb:
    """(1/N) times the sum of Re(g K) over the nodes used, divided by s0; see (5) of the proofs."""
    m, A, M = p.m, p.A, rule.M
    sine, cosine = (1 / (2 * M)).sin_cos_pi()
    z = acb(cosine, sine)  # e^(i theta) by rotation
    turn = z * z
    theta = arb.pi() / (2 * M)
    step = 2 * theta
    square, twice = excess * excess, 2 * s0
    total = arb(0)
    for _ in range(rule.J):
        c1, s = z.real - 1, z.imag
        psi_s, psi_c = (m * (s - theta)).sin_cos()
        total += (A * c1).exp() * ((c1 - excess) * psi_c - s * psi_s) / (square - twice * c1)
        theta += step
        z *= turn
    return total / M


def saddle_sum(p: Point, side_q: bool, terms: float) -> Scaled:
    """Q or P by the trapezoidal rule: Theorem 2, with t = ln s0 < 0 on the Q side and > 0 on the P side."""
    bits, size = ctx.prec, max(0.0, log_mid(p.A))
    rule = saddle_rule(p, tolerance(bits) + size / 2, terms)
    extra = 12 + int(size / _LN2)
    with working_precision(bits + min(extra, 4 * bits + 4000)):
        p = point_of(p.m, p.a, p.b)
        m, a, b, A = p.m, p.a, p.b, p.A
        s0 = (m + A) / (b * b)
        excess, t = s0 - 1, s0.log()
        E = saddle_exponent(m, a, b, A, t)
        crude = Scaled(-E if (t < 0 if side_q else t > 0) else arb(0), UNIT)  # Chernoff's bound, Lemma 1 (b)
        if extra > 4 * bits + 4000:
            return crude  # rather than a precision out of proportion
        reach, margin = abs(t).mid(), (arb(0.5) * A.rsqrt()).mid()
        if abs(reach - rule.d) < margin:  # keep the strip's sides away from the pole
            rule = rule._replace(d=(reach + margin).mid())
        inside = reach < rule.d
        if not (abs(t) < rule.d if inside else abs(t) > rule.d):
            return crude  # a ball so wide that the pole is on no certain side
        factor = s0 * _node_sum(p, s0, excess, rule)
        if not side_q:
            factor, t = -factor, -t
        if inside:
            factor += E.exp() / (1 + (-2 * rule.M * t).exp())
    with working_precision(64):
        bound = _remainder(p, s0, excess, rule)
    factor += within(bound)
    return Scaled(-E, factor) if factor.is_finite() and factor.rad() < 1 else crude
