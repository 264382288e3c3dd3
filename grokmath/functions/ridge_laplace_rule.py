"""The midpoint rule over the angle for the averages of weight decay, with its poles taken out and a proved error.

With x = 2 sqrt(lam) s, k = a/(2 sqrt lam), d = c/(2 sqrt lam), mu = 1 - cos phi, this computes

    U_ij = (1/pi) int_{-pi}^{pi} sin(phi)^2 (k + mu)^(i-1) (k + d + mu)^(-j) e^{-x mu} dphi        (x > 0, d > 0).

The integrand is periodic and, but for poles at cosh theta = 1 + k and 1 + k + d on the imaginary axis, entire. So the
rule with 2M nodes errs by the aliases of order e^{-2M eta}, eta any height at which no pole lies, once the residues
below eta are put right in closed form; all nodes have positive terms, and only the first J of them, where e^{-x mu} is
not negligible, are summed: about 40 at 50 digits, for large x whatever x is. Poles that nearly meet (tiny d) give a
divided difference of one function; it is taken at a precision raised by what cancels. Nothing else cancels.

Statements and proofs: docs/proofs/ridge_laplace.md, Theorems 1 and 2.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from flint import arb, ctx

from grokmath.exact import log2, set_precision, working_precision

__all__ = [
    "BOUND_BITS",
    "Kind",
    "Scales",
    "Strip",
    "exponentials",
    "left_out",
    "node_count",
    "nodes",
    "plan",
    "residue",
    "ridge_sums",
    "strip_about",
    "strip_error",
]

Kind = tuple[int, int]
"""The pair (i, j)."""

_KINDS: tuple[Kind, ...] = ((0, 1), (0, 2), (1, 1), (1, 2), (2, 2), (3, 2), (1, 0), (2, 0), (2, 1), (3, 1))
_LN2 = math.log(2)
_LARGE = 20
"""From x = 2**_LARGE on, the number of nodes is had from the leading terms for large x."""
_PLANS = 32
"""Plans are made for steps of 1/_PLANS in log2 x."""
BOUND_BITS = 64
_STEP_BITS = 8
_SHIFTS = (0.0, 0.07, -0.07, 0.14, -0.14)
"""Changes of the height of the strip, times the height or 2, that keep it clear of two poles."""


class Scales(NamedTuple):
    """What depends on lam and c alone."""

    root: arb  # sqrt(lam)
    edge: arb  # a = (1 - sqrt lam)^2
    near: arb  # k = a/(2 sqrt lam), exactly 0 at lam = 1
    gap: arb  # d = c/(2 sqrt lam)


class _Nodes:
    """(mu, mu (2 - mu)) at phi = (2j - 1) pi/(2M), j = 1, 2, ...: sin and cos of phi/2 by rotation."""

    def __init__(self, m: int) -> None:
        self.rows: list[tuple[arb, arb]] = []
        step = arb.pi() / (4 * m)
        self.sine, self.cosine = step.sin_cos()
        self.turn_sine, self.turn_cosine = (2 * step).sin_cos()

    def upto(self, count: int) -> list[tuple[arb, arb]]:
        """The first ``count`` rows."""
        while len(self.rows) < count:
            s, c = self.sine, self.cosine
            mu, nu = 2 * s * s, 2 * c * c
            self.rows.append((mu, mu * nu))
            self.sine = s * self.turn_cosine + c * self.turn_sine
            self.cosine = c * self.turn_cosine - s * self.turn_sine
        return self.rows[:count]


@lru_cache(maxsize=64)
def nodes(m: int, bits: int) -> _Nodes:
    """The nodes at a precision of ``bits``, which the caller has set."""
    return _Nodes(m)


def _order(x: float, nats: float) -> float:
    """k with psi(k) = k asinh(k/x) - sqrt(k^2 + x^2) + x = nats, from above."""
    k = math.sqrt(2 * x * nats) + nats / 20 + 1
    while True:
        slope = math.asinh(k / x)
        step = (k * slope - math.hypot(k, x) + x - nats) / slope
        k -= step
        if abs(step) < 0.1:
            return k


def _coarse(m: int) -> int:
    """m rounded up to five bits, so that the tables of nodes serve more than one x."""
    shift = max(0, m.bit_length() - 5)
    return -(-m >> shift) << shift


def plan(x: arb, bits: int, terms: float = 1.0, power: int = 2) -> tuple[int, int]:
    """(M, J): the rule has 2M nodes over the circle, of which the J nearest to phi = 0 on either side are summed.

    ``power`` is the largest i - 1 (or 0) of the kinds.
    """
    return _plan(math.floor(_PLANS * log2(x)), bits, terms, power)


@lru_cache(maxsize=4096)
def _plan(step: int, bits: int, terms: float, power: int) -> tuple[int, int]:
    """M and J for all x between two steps of log2 x: M from the larger x, J from the smaller."""
    log_x = (step + 1) / _PLANS
    nats = bits * _LN2
    nats += 5 + (1 + power) * math.log(nats + 1)  # so much larger than U is the error, but for its exponential
    if log_x > _LARGE:
        log_m = 0.5 * (log_x + math.log2(nats / 2)) + 1e-3
        whole = max(0, math.floor(log_m) - 40)
        m = math.ceil(2.0 ** (log_m - whole)) << whole
    else:
        xf = 2.0 ** max(log_x, -900.0)
        k = _order(xf, nats)
        for _ in range(2):  # sin(phi)^2 (k + mu)^power grows like cosh(eta)^(2 + power) at the height asinh(2M/x)
            k = _order(xf, nats + (2 + power) * math.log(math.hypot(1, k / xf)))
        m = math.ceil(k / 2)
    m = _coarse(max(2, round(terms * m) if terms != 1.0 else m))
    return m, _count(m, step, nats)


def node_count(m: int, x: arb, bits: int) -> int:
    """How many of the M nodes on the half circle have e^{-x mu} above 2^-bits or so; at most M."""
    nats = bits * _LN2
    return _count(m, math.floor(_PLANS * log2(x)), nats + 5 + math.log(nats + 1))


def _count(m: int, step: int, nats: float) -> int:
    """The number of nodes with x mu <= nats for every x of a step."""
    log_ratio = math.log2(nats / 2) - step / _PLANS  # of sin(phi/2)^2 where x mu = nats
    if log_ratio >= 0:
        return m
    sine = 2.0 ** max(log_ratio / 2, -60.0)
    half = math.asin(sine) / sine
    needed: int = math.ceil(0.5 + 2 / math.pi * half * 2.0 ** (math.log2(m) + log_ratio / 2))
    return min(m, needed)


def exponentials(rows: list[tuple[arb, arb]], x: arb, m: int) -> tuple[list[arb], list[int]]:
    """e^{-x mu_j}, each to the bits that it needs (the second list), from the first half of the angles by symmetry.

    The bits fall in steps, as setting the precision costs as much as a product.
    """
    work = level = ctx.prec
    precisions = [work] * len(rows)
    if log2(x) < 1000:
        most, step = (work - BOUND_BITS) // _STEP_BITS, math.pi / (4 * m)
        steps_per_mu = 2 * float(x) / (_LN2 * _STEP_BITS)
        sines = (math.sin(j * step) for j in range(1, 2 * len(rows), 2))
        precisions = [work - _STEP_BITS * min(most, int(steps_per_mu * sine * sine)) for sine in sines]
    minus_x = -x
    values: list[arb] = []
    half = (m + 1) // 2
    opposite = (2 * minus_x).exp() if len(rows) > half else arb(0)
    with working_precision(work):
        for (mu, _), bits in zip(rows[:half], precisions, strict=False):
            if bits != level:
                set_precision(level := bits)
            values.append((minus_x * mu).exp())
        for j in range(half, len(rows)):  # mu_j + mu_{m+1-j} = 2
            if precisions[j] != level:
                set_precision(level := precisions[j])
            values.append(opposite / values[m - 1 - j])
    return values, precisions


def _node_sums(
    rows: list[tuple[arb, arb]], x: arb, near: arb, far: arb, m: int, kinds: Sequence[Kind]
) -> dict[Kind, arb]:
    """The sums of the integrand over the nodes: positive terms, from the smallest, each to the bits that it needs."""
    want = set(kinds)
    first, second, third = (0, 1) in want, (0, 2) in want, (3, 2) in want
    single, double = first or (1, 1) in want, any(j == 2 for _, j in want)
    products = third or (2, 2) in want
    whole, twice, ratio, higher = (1, 0) in want, (2, 0) in want, (2, 1) in want, (3, 1) in want
    polynomial, quotient = whole or twice, ratio or higher
    a1 = a2 = h = v = w = z = one = two = r = q = arb(0)
    work = level = ctx.prec
    factors, precisions = exponentials(rows, x, m)
    steps = zip(reversed(rows), reversed(factors), reversed(precisions), strict=True)
    with working_precision(work):
        for (mu, weight), exponential, bits in steps:
            if bits != level:
                set_precision(level := bits)
            f, root = weight * exponential, far + mu
            if polynomial:
                one += f
                if twice:
                    two += f * (near + mu)
            if single or quotient:
                f /= root
                if single:
                    h += f
                if first:
                    a1 += f / (near + mu)
                if quotient:
                    g = f * (near + mu)
                    r += g
                    if higher:
                        q += g * (near + mu)
            elif double:
                root *= root
            if double:
                f /= root
                v += f
                if second:
                    a2 += f / (near + mu)
                if products:
                    k = near + mu
                    f *= k
                    w += f
                    if third:
                        z += f * k
    return dict(zip(_KINDS, (a1, a2, h, v, w, z, one, two, r, q), strict=True))


def residue(x: arb, k: arb, m: int) -> tuple[arb, arb]:
    """R(k) = -4 pi sinh(theta) e^{xk}/(1 + e^{2M theta}), cosh theta = 1 + k, and R'(k) (0 where k = 0)."""
    if k.is_zero():
        return arb(0), arb(0)
    q = (k * (k + 2)).sqrt()
    angle = 2 * m * (k + q).log1p()
    share = 1 / (1 + (-angle).exp())
    size = -4 * arb.pi() * (x * k - angle).exp() * share
    return size * q, size * ((1 + k) / q + x * q - 2 * m * share)


def _corrections(
    s: arb, scales: Callable[[int], Scales], m: int, kinds: Sequence[Kind], both: bool, guard: int
) -> dict[Kind, arb]:
    """What the residues of the poles in the strip add to U, times pi; ``both``: not the nearer pole alone."""
    with working_precision(ctx.prec + guard):
        p = scales(guard)
        x, d, zero = 2 * p.root * s, p.gap, arb(0)
        first = residue(x, p.near, m)[0] if any(i == 0 for i, _ in kinds) else zero
        if both:
            value, slope = residue(x, p.near + d, m)
            quotient = (first - value) / d
            parts = quotient, (quotient + slope) / d, value, -slope, value + d * slope, -d * (2 * value + d * slope)
        else:
            parts = first / d, first / d**2, zero, zero, zero, zero
    return dict(zip(_KINDS, (*parts, zero, zero, -d * parts[2], d * d * parts[2]), strict=True))


class Strip(NamedTuple):
    """A height eta with the poles below it and their distances; every field an upper or a lower bound as it needs."""

    growth: arb  # e^{x (cosh eta - 1)} times the kernel's bound 1/(e^{2 M eta} - 1)
    sinh2: arb  # sinh(eta)^2
    rise: arb  # cosh(eta) - 1
    near: arb  # |rise - k|
    far: arb  # |rise - k - d|
    inside: int  # how many of the two poles lie below


def strip_about(x: arb, m: int, k: arb, far: arb) -> Strip | None:
    """The strip about the best height asinh(2M/x) that keeps clear of both poles; None if none does."""
    height = (2 * m / x).asinh().mid()
    unit = height if height < 2 else arb(2)
    best: tuple[arb, arb, arb] | None = None
    for shift in _SHIFTS:
        eta = (height + unit * shift).mid()
        rise = 2 * (eta / 2).sinh() ** 2
        room = min((abs(rise - k) / (rise + k)).lower(), (abs(rise - far) / (rise + far)).lower())
        if best is None or room > best[0]:
            best = room, eta, rise
        if room > 0.05:
            break
    if best is None or not best[0] > 0:
        return None
    _, eta, rise = best
    growth = (x * rise - 2 * m * eta).exp() / (1 - (-2 * m * eta).exp())
    inside = int(bool(k < rise)) + int(bool(far < rise))
    return Strip(growth, rise * (rise + 2), rise, abs(rise - k), abs(rise - far), inside)


def strip_error(kind: Kind, x: arb, k: arb, strip: Strip) -> arb:
    """A bound of |E|/pi = (2/pi) int_top |f kernel| (Theorem 1)."""
    i, j = kind
    big_x = x * (1 + strip.rise)
    size, s2 = k + strip.rise, strip.sinh2
    if big_x < 2:
        total = 2 * arb.pi() * (1 + s2)
        if i > 1:
            total *= (size + 2) ** (i - 1)
    else:
        v = arb.pi() ** 2 / (4 * big_x)  # the variance of the Gaussian that bounds e^{X (cos t - 1)}
        if i <= 1:
            total = s2 + v
        elif i == 2:
            total = s2 * size + (size + s2 / 2) * v + 1.5 * v**2
        else:
            total = s2 * size**2 + (size**2 + s2 * size) * v + 3 * (size + s2 / 4) * v**2 + 3.75 * v**3
        total *= (2 * arb.pi() * v).sqrt()
    if i == 0:
        total /= strip.near
    return 2 / arb.pi() * strip.growth * total / strip.far**j


def left_out(kind: Kind, x: arb, k: arb, far: arb, mu: arb) -> arb:
    """A bound of (2/M) sum of the integrand over the nodes beyond mu (Theorem 2)."""
    i, j = kind
    if not x * mu >= 5:
        return arb.pos_inf()
    return arb(2).sqrt() * 4 / (arb.pi() * x) * mu.sqrt() * (k + mu) ** (i - 1) / (far + mu) ** j * (-x * mu).exp()


def ridge_sums(
    s: arb, scales: Callable[[int], Scales], kinds: Sequence[Kind], bits: int, terms: float = 1.0
) -> list[arb]:
    """U_ij for each (i, j) of ``kinds`` at an exact s > 0; ``scales(g)`` gives the constants to g bits more than 0.

    ``terms`` multiplies M, and J with it; every ball contains the truth for every value.
    """
    work = ctx.prec
    p = scales(0)
    x, far = 2 * p.root * s, p.near + p.gap
    m, count = plan(x, bits, terms, max(0, *(i - 1 for i, _ in kinds)))
    rows = nodes(m, work).upto(count)
    sums = _node_sums(rows, x, p.near, far, m, kinds)
    with working_precision(BOUND_BITS):
        strip = strip_about(x, m, p.near, far)
        if strip is None:
            return [arb.nan()] * len(kinds)
        errors = [strip_error(kind, x, p.near, strip).upper() for kind in kinds]
        beyond = [left_out(kind, x, p.near, far, rows[-1][0]).upper() if count < m else arb(0) for kind in kinds]
    guard = 0
    if strip.inside == 2 and any(i == 0 for i, _ in kinds):
        guard = 16 + math.ceil(2 * max(0.0, min(0.0, log2(strip.rise)) - log2(p.gap)))
    corrections = _corrections(s, scales, m, kinds, strip.inside == 2, guard) if strip.inside else {}
    values = []
    for kind, error, rest in zip(kinds, errors, beyond, strict=True):
        value = 2 * sums[kind] / m + arb(0, error)
        if count < m:
            value += arb(0).union(rest)
        if strip.inside:
            value += corrections[kind] / arb.pi()
        values.append(value)
    return values
