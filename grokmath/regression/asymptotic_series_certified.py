"""The late-time series of the losses and the bounds of their remainders in ball arithmetic.

Notation and coefficients: ``asymptotic_coefficients``; x = 2 sqrt(lam) s, z = a s. All kernels take an exact lam > 0
and a ball s > 0 and read flint's precision. Proofs: docs/proofs/asymptotic_series.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from flint import arb, ctx, fmpq

from grokmath.certified import Scaled
from grokmath.exact import Exact, ball, working_precision
from grokmath.regression.asymptotic_coefficients import gen_polynomial, train_rational

__all__ = [
    "Bounds",
    "edge_ball",
    "gen_bounds_ball",
    "gen_series_ball",
    "prefactor_ball",
    "rational",
    "scaled_integrals",
    "train_bounds_ball",
    "train_series_ball",
    "uniform_bounds_ball",
    "uniform_series_ball",
]

_LN2 = math.log(2)


class Bounds(NamedTuple):
    """Balls for a lower and an upper bound."""

    lower: arb
    upper: arb


def rational(p: int, q: int = 1) -> arb:
    """p/q at flint's precision."""
    return arb(fmpq(p, q))


def _beta(k: int) -> arb:
    value = train_rational(k)
    return rational(value.numerator, value.denominator)


def edge_ball(lam: Exact) -> arb:
    """sqrt(a) = |1 - sqrt lam| without cancellation."""
    return abs(ball(1 - lam)) / (1 + ball(lam).sqrt())


def prefactor_ball(lam: Exact) -> arb:
    """C = 1/(2 sqrt(pi) lam^(3/4))."""
    root = ball(lam).sqrt()
    return 1 / (2 * (arb.pi() * root).sqrt() * root)


def scaled_integrals(make_z: Callable[[], arb], count: int, terms: float = 1.0) -> list[arb]:
    """e^z E_{k+3/2}(z) for k < count and z >= 0, E_p the exponential integral.

    Up to z of about 0.7 bits: upward, E_{p+1} = (e^{-z} - z E_p)/p from E_{3/2} = 2 (e^{-z} - sqrt(pi z) erfc sqrt z),
    at a precision that makes up for the loss, which is why z comes as a function. Beyond: downward from the enveloping
    series z e^z E_p = sum_j (-1)^j (p)_j z^{-j}, whose error is a fraction of the first term left out; ``terms``
    multiplies the number of terms used.
    """
    bits = ctx.prec
    top = count + 0.5
    z = make_z()
    if not z.is_finite():
        return [arb(0, arb.pos_inf())] * count
    if z > 0.7 * bits + 3 * top + 20:
        return _downward(z, count, bits, terms)
    size = max(0.0, float(z.upper()))
    loss = sum(max(0.0, math.log2(size / (k + 1.5))) for k in range(count) if size)
    with working_precision(bits + 16 + math.ceil(loss + 2 * math.log2(size + 2))):
        z = make_z()
        root = z.sqrt()
        values = [2 * (1 - arb.pi().sqrt() * root * z.exp() * root.erfc())]
        for k in range(count - 1):
            values.append((1 - z * values[k]) / rational(2 * k + 3, 2))
    return values


def _downward(z: arb, count: int, bits: int, terms: float) -> list[arb]:
    p = rational(2 * count + 1, 2)
    smallest = 1 / z
    ratio = float(smallest.upper())
    length, size = 0, 0.0
    while size > -(bits + 8) * _LN2 and (count + 0.5 + length) * ratio < 1:
        size += math.log((count + 0.5 + length) * ratio) if ratio > 1e-300 else -700.0
        length += 1
    total, term = arb(0), arb(1)
    for j in range(max(2, round(terms * length))):
        total += term
        term *= -(p + j) * smallest
    values = [(total + term * arb(0.5, 0.5)) * smallest]
    for k in range(count - 2, -1, -1):
        values.append((1 - rational(2 * k + 3, 2) * values[-1]) * smallest)
    return values[::-1]


def train_series_ball(s: arb, lam: Exact, order: int) -> Scaled:
    """C e^{-as} s^{-3/2} sum_{k<=order} b_k s^{-k}."""
    total = _train_sum(1 / (ball(lam).sqrt() * s), order)
    return Scaled(-(edge_ball(lam) ** 2) * s, prefactor_ball(lam) * total / (s * s.sqrt()))


def _train_sum(v: arb, order: int) -> arb:
    """sum_k beta_k v^k, v = 1/(sqrt(lam) s)."""
    total = arb(0)
    for k in range(order, -1, -1):
        total = total * v + _beta(k)
    return total


def gen_series_ball(s: arb, lam: Exact, order: int) -> Scaled:
    """C e^{-as} s^{-3/2}/a sum_{k<=order} g_k s^{-k}, lam other than 1; the plateau is not included."""
    a = edge_ball(lam) ** 2
    r = a / ball(lam).sqrt()
    z = a * s
    total = arb(0)
    for k in range(order, -1, -1):
        coefficient = arb(0)
        for c in reversed(gen_polynomial(k)):
            coefficient = coefficient * r + rational(c.numerator, c.denominator)
        total = total / z + coefficient
    return Scaled(-z, prefactor_ball(lam) * total / (z * s.sqrt()))


def uniform_series_ball(s: arb, lam: Exact, order: int, terms: float = 1.0) -> Scaled:
    """C sum_{k<=order} b_k s^{-1/2-k} E_{k+3/2}(as), every lam > 0; the plateau is not included."""
    integrals = scaled_integrals(lambda: edge_ball(lam) ** 2 * s, order + 1, terms)
    v = 1 / (ball(lam).sqrt() * s)
    total = arb(0)
    for k in range(order, -1, -1):
        total = total * v + _beta(k) * integrals[k]
    return Scaled(-(edge_ball(lam) ** 2) * s, prefactor_ball(lam) * total / s.sqrt())


class _Tails(NamedTuple):
    """The ingredients of the bounds for n terms."""

    term: arb  # |b_n| s^-n
    low: arb  # 1 - Q(n + 3/2, 2x)
    high: arb  # 2 + 2n Q(n + 3/2, x)
    delta: arb  # Gamma(n + 1/2, 2x)/(2^(n-1) Gamma(3/2) x^(n-1))


def _tails(s: arb, lam: Exact, n: int) -> _Tails:
    root = ball(lam).sqrt()
    x = 2 * root * s
    p = rational(2 * n + 3, 2)
    term = -_beta(n) / (root * s) ** n
    delta = 2 * (2 * x).gamma_upper(p - 1) / (arb.pi().sqrt() * (2 * x) ** (n - 1))
    return _Tails(
        term,
        (2 * x).gamma_lower(p, regularized=1),
        2 + 2 * n * x.gamma_upper(p, regularized=1),
        delta,
    )


def train_bounds_ball(s: arb, lam: Exact, order: int) -> Bounds:
    """Bounds of [L_tr - series]/(C e^{-as} s^{-3/2}) for the series with ``order`` corrections (Lemma 1)."""
    tails = _tails(s, lam, order + 1)
    return Bounds(-(tails.term * tails.high + tails.delta), -(tails.term * tails.low - tails.delta))


def uniform_bounds_ball(s: arb, lam: Exact, order: int) -> Bounds:
    """Bounds of [L_gen - plateau - uniform series]/(C s^{-1/2} E_{3/2}(as)) (Lemma 2)."""
    n = order + 1
    tails = _tails(s, lam, n)
    integrals = scaled_integrals(lambda: edge_ball(lam) ** 2 * s, n + 1)
    term = tails.term * integrals[n] / integrals[0]
    return Bounds(-(term * tails.high + tails.delta), -(term * tails.low - tails.delta))


def gen_bounds_ball(s: arb, lam: Exact, order: int) -> Bounds:
    """Bounds of [L_gen - plateau - series]/(C e^{-as} s^{-3/2}/a), lam other than 1 (Corollary 4)."""
    n = order + 1
    tails = _tails(s, lam, n)
    root = ball(lam).sqrt()
    a, v = edge_ball(lam) ** 2, 1 / (root * s)
    z = a * s
    total, power = tails.term * tails.high + tails.delta, arb(1)
    for k in range(n - 1, -1, -1):  # |b_k| (k + 3/2)_{n-k} a^{k-n} s^{-n}
        power *= rational(2 * k + 3, 2) / z
        total += abs(_beta(k)) * v**k * power
    return Bounds(-total, total)
