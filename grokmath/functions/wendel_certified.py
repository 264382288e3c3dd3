"""Enclosures of Wendel's probability P(N, d) = I_{1/2}(N - d, d) in ball arithmetic, for real N > 0 and 0 < d < N.

With p = N - d and q = d, the smaller of I_{1/2}(p, q) and I_{1/2}(q, p) = 1 - I_{1/2}(p, q) is computed directly,
the other is its complement. For p >= q (docs/proofs/wendel.md; numbers in brackets are its statements):

- the positive series 2^(-N)/(p B(p, q)) * sum_n (N)_n/((p+1)_n 2^n), about sqrt(2 N log(1/error)) terms [1];
- for large N the midpoint rule on a vertical line of I_{1/2}(p, q) = 2^(-N)/(2 pi i) * integral of s^(-p)
  (1-s)^(-q)/(s - 1/2) ds (DLMF 8.17.10) near its saddle s = p/N, with the pole in closed form: the same number of
  nodes for every N [2].

P(N, d) for integers is 2^(1-N) times a sum of binomial coefficients, which :func:`wendel_exact` forms by binary
splitting. Sources: J. G. Wendel, Math. Scand. 11 (1962) 109-111; DLMF 8.17.
"""

from __future__ import annotations

import math
from fractions import Fraction

from flint import arb, ctx, fmpz

from grokmath.certified import Scaled, ball, working_precision
from grokmath.exact import Exact, binary_exponent
from grokmath.functions.bivariate_normal_certified import log_of_complement

__all__ = ["log_wendel_ball", "wendel_arguments", "wendel_ball", "wendel_exact", "wendel_method"]

_LN2 = math.log(2)


def _tolerance(bits: int) -> float:
    """L such that truncation errors of relative size e^-L do not show at this precision."""
    return bits * _LN2 + 6


def _float(x: arb) -> float:
    """The midpoint as a float, inf where it is too large; for choices only."""
    return math.inf if binary_exponent(x) > 1020 else float(x.mid())


# Exact values


def _split(n: int, low: int, high: int) -> tuple[fmpz, fmpz, fmpz]:
    """(P, Q, T): with r_j = (n - j)/(j + 1), the product of r_j over low <= j < high is P/Q, and T/Q the sum of its
    beginnings (the empty product 1 first)."""
    if high - low <= 32:
        P, Q, T = fmpz(1), fmpz(1), fmpz(0)
        for j in range(low, high):
            T = (T + P) * (j + 1)
            P *= n - j
            Q *= j + 1
        return P, Q, T
    middle = (low + high) // 2
    P1, Q1, T1 = _split(n, low, middle)
    P2, Q2, T2 = _split(n, middle, high)
    return P1 * P2, Q1 * Q2, T1 * Q2 + P1 * T2


def wendel_exact(N: int, d: int) -> Fraction:
    """P(N, d) for integers N >= 1 and d >= 0: 2^(1-N) times the sum of binom(N-1, k) over k < d."""
    if d >= N:
        return Fraction(1)
    few = min(d, N - d)
    if few == 0:
        return Fraction(0)
    _, Q, T = _split(N - 1, 0, few)
    count = int(T // Q)
    twos = (count & -count).bit_length() - 1
    smaller = Fraction(count >> twos, 1 << (N - 1 - twos))
    return smaller if few == d else 1 - smaller


# The positive series [1]


def _series_length(p: arb, N: arb, L: float) -> float:
    """About how many terms bring the series to a relative error of e^-L."""
    slope = max(0.0, math.log(_float(2 * (p + 1) / N)))  # of the first ratios' logarithms, which fall to log(1/2)
    bend = max(0.0, _float(1 / (p + 1)) - _float(1 / N))
    root = slope + math.sqrt(slope * slope + 2 * bend * L)
    return min(2 * L / root if root > 0 else math.inf, 1e15) + L / _LN2


def _series(p: arb, q: arb, N: arb, terms: float) -> Scaled:
    """I_{1/2}(p, q) for p >= q, about, by the positive series."""
    bits = ctx.prec
    size = max(0, binary_exponent(N))
    most = max(2, round(terms * 1.2 * _series_length(p, N, _tolerance(bits))))
    floor = arb(2) ** -(bits + 6)
    with working_precision(bits + 10 + most.bit_length() + 2 * size):
        scale = (N + 1).lgamma() - (p + 1).lgamma() - (q + 1).lgamma() - N * arb.const_log2()
        term = total = arb(1)
        top, bottom = N, 2 * (p + 1)
        for _ in range(most):
            term *= top
            term /= bottom
            total += term
            top += 1
            bottom += 2
            if term < floor * total and terms == 1.0:
                break
        ratio = arb.max(top / bottom, arb(0.5))
        rest = term * ratio / (1 - ratio) if ratio < 1 else arb.pos_inf()
        total += arb(0).union(rest)
        return Scaled(scale, total * q / N)


# The line through the saddle [2]


def _line(p: arb, q: arb, N: arb, terms: float) -> Scaled:
    """I_{1/2}(p, q) for p >= q, about, and N > 2 by the midpoint rule with the pole's share in closed form."""
    bits = ctx.prec
    L = terms * _tolerance(bits)
    with working_precision(bits + 16 + max(0, binary_exponent(N))):
        c = arb.max((p / N).mid(), arb(0.5))
        b = 1 - c
        gap = c - 0.5
        width = (c * b / N).sqrt().mid()
        D = arb.min((2 * arb(L)).sqrt() * width, b / 2).mid()
        if abs(gap - D) < width / 4:  # keep the strip's sides away from the pole
            D = (gap - width / 4).mid() if gap > width / 2 else (gap + width / 4).mid()
        growth = [_exponent(p, q, c, b, v) for v in (D, -D)]
        with working_precision(64):
            rate = L + float(arb.max(*growth).abs_upper())
            h = (2 * arb.pi() * D / rate).mid()
            count = max(2, math.ceil(1.05 * float(((2 * arb(L)).sqrt() * width / h).mid())) + 2)
        log_scale = -(p * (2 * gap).log1p() + q * (-2 * gap).log1p())
        total = _node_sum(p, q, c, b, gap, h, count) * h
        share = arb(0)
        if gap < D:
            share = (-log_scale).exp() / (1 + (2 * arb.pi() * gap / h).exp())
        with working_precision(64):
            error = _line_remainder(p, q, N, c, b, gap, h, D, count, growth)
        return Scaled(log_scale, (total + arb(0, error.upper())) / (2 * arb.pi()) + share)


def _exponent(p: arb, q: arb, c: arb, b: arb, v: arb) -> arb:
    """log of ((c + v)/c)^-p ((b - v)/b)^-q for real v."""
    return -p * (v / c).log1p() - q * (-v / b).log1p()


def _node_sum(p: arb, q: arb, c: arb, b: arb, gap: arb, h: arb, count: int) -> arb:
    """Sum of 2 Re F((j + 1/2) h) over j < count."""
    half_p, half_q = p / 2, q / 2
    total = arb(0)
    for j in range(count):
        y = (j + 0.5) * h
        u, w = y / c, y / b
        size = (-half_p * (u * u).log1p() - half_q * (w * w).log1p()).exp()
        sine, cosine = (q * w.atan() - p * u.atan()).sin_cos()
        total += size * (gap * cosine + y * sine) / (gap * gap + y * y)
    return 2 * total


def _line_remainder(
    p: arb, q: arb, N: arb, c: arb, b: arb, gap: arb, h: arb, D: arb, count: int, growth: list[arb]
) -> arb:
    """Bound (4) of the proofs: the sides of the strip and the nodes left out."""
    side = (2 * arb.pi() / (N - 2)).sqrt() / ((2 * arb.pi() * D / h).exp() - 1)
    total = side * (growth[0].exp() / abs(gap + D) + growth[1].exp() / abs(gap - D))
    Y = (count + 0.5) * h
    first = (-p / 2 * (Y * Y / (c * c)).log1p() - q / 2 * (Y * Y / (b * b)).log1p()).exp()
    tail = first * (h + (1 + Y * Y) / ((N - 2) * Y))
    return (total + 2 * tail / (gap * gap + Y * Y).sqrt()).abs_upper()


# The kernels


def _use_line(p: arb, q: arb, N: arb) -> bool:
    """Whether the line is cheaper than the series: q large against the digits, and many terms."""
    if not N > 16:
        return False
    bits = ctx.prec
    L = _tolerance(bits)
    if q.mid() < 9 * L:  # the strip must have room on the side of s = 1
        return False
    node = 13 * (bits / 180) ** 1.1  # the cost of a node in terms
    return bool(_series_length(p, N, L) > node * L / 3)


def wendel_method(p: arb, q: arb) -> str:
    """The branch that :func:`wendel_ball` takes at the working precision, for tests and reports."""
    side = "P" if q.mid() <= p.mid() else "1 - P"
    large, small = (p, q) if q.mid() <= p.mid() else (q, p)
    N = p + q
    if not _use_line(large, small, N):
        return f"series {side}"
    width = (large * small / N**3).sqrt()
    inside = (large / N - 0.5) < (2 * arb(_tolerance(ctx.prec))).sqrt() * width
    return f"line {side}, pole {'inside' if inside else 'outside'}"


def _smaller(p: arb, q: arb, terms: float) -> tuple[bool, Scaled]:
    """(whether it is P, the enclosure) for the side that is computed directly."""
    direct = bool(q.mid() <= p.mid())
    if not direct:
        p, q = q, p
    # near the centre p/N - 1/2 is as small as N^(-1/2)
    with working_precision(ctx.prec + 16 + max(0, binary_exponent(p))):
        N = p + q
    return direct, (_line if _use_line(p, q, N) else _series)(p, q, N, terms)


def wendel_ball(p: arb, q: arb, *, terms: float = 1.0) -> Scaled:
    """An enclosure of I_{1/2}(p, q) = P(p + q, q) for every point of the input balls, p, q > 0.

    ``terms`` multiplies the number of terms or nodes; the enclosure holds for every value of it.
    """
    if not (p > 0 and q > 0):
        return Scaled(arb(0), arb(0.5, 0.5))
    direct, value = _smaller(p, q, terms)
    return value if direct else Scaled(arb(0), 1 - value.value())


def log_wendel_ball(p: arb, q: arb, *, terms: float = 1.0) -> arb | Scaled:
    """An enclosure of log P(p + q, q), with full relative accuracy also where P is nearly 1."""
    if not (p > 0 and q > 0):
        return arb.nan()
    direct, value = _smaller(p, q, terms)
    return value.log() if direct else log_of_complement(value)


def wendel_arguments(p: Exact, q: Exact) -> tuple[arb, arb]:
    """Balls for p and q that are so much finer than the working precision that their width does not show in P."""
    with working_precision(64):
        size = max(binary_exponent(ball(abs(p - q) + 1)), 0)
    with working_precision(ctx.prec + min(size, 400_000) + 8):
        return ball(p), ball(q)
