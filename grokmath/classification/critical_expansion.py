"""The expansion of ||S_inf|| at the critical point, to any order, in ball arithmetic or exactly in SymPy.

With eps = 1/R and m = log(gamma/R) the two equations of the minimiser are, after w = R y,

    lam = int_0^inf phi(y + eps (log y - m)) dy,
    lam = int_0^inf (y**2 + eps y) phi(y + eps (log y - m)) dy,

whose Taylor coefficients in eps are Mellin transforms: with mu_n(s) = int_0^inf y**(s-1) phi^(n)(y) dy,

    int_0^inf y**(s-1) phi(y + eps (log y - m)) dy = sum_n eps**n [x**n] e**(-m x) mu_n(s + x).

Their difference determines m = m_0 + m_1 eps + ..., and then 1/2 - lam = sum_{n>=2} d_n eps**n with d_2 = C. The
coefficients lie in the ring of log 2, Euler's constant, zeta(k) and sqrt(2 pi); one code serves SymPy and balls.
The expansion is asymptotic: the n-th derivative in eps of the integrands is integrable for every n.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

Series = list[Any]


class Ring(NamedTuple):
    """The constants that coefficients are made of, and how sums are put in order."""

    log2: Any
    euler: Any
    zeta: Callable[[int], Any]
    root: Any
    """sqrt(2 pi)."""
    rational: Callable[[Fraction], Any]
    tidy: Callable[[Any], Any]


class Expansion(NamedTuple):
    """m_0, m_1, ... of log(gamma/R) in eps = 1/R; C = d_2; and rho_0 = 1, rho_1, ... of R = sum rho_j u**(j-1), where
    u = sqrt(delta/C), delta = 1/2 - lam."""

    log_ratio: Series
    constant: Any
    norm: Series


def ball_ring() -> Ring:
    """Coefficients as balls at flint's precision."""
    from flint import arb, fmpq

    return Ring(
        arb.const_log2(),
        arb.const_euler(),
        lambda k: arb(k).zeta(),
        (2 * arb.pi()).sqrt(),
        lambda q: arb(fmpq(q.numerator, q.denominator)),
        lambda x: x,
    )


def sympy_ring() -> Ring:
    """Exact coefficients."""
    import sympy

    return Ring(
        sympy.log(2),
        sympy.EulerGamma,
        lambda k: sympy.zeta(k),
        sympy.sqrt(2 * sympy.pi),
        lambda q: sympy.Rational(q.numerator, q.denominator),
        sympy.expand,
    )


def expand(ring: Ring, order: int) -> Expansion:
    """The first ``order`` terms of the expansion of R, order >= 1."""
    N = order + 1  # the last power of eps needed of 1/2 - lam
    zero = ring.rational(Fraction(0))
    first = [_taylor(ring, 1, n) for n in range(N + 1)]
    second = [_taylor(ring, 3, n) for n in range(N + 1)]
    mixed = [_taylor(ring, 2, n) for n in range(N)]
    m: Series = []
    for k in range(N):  # eps**(k+1) of the difference is linear in m_k, with the factor phi(0) = 1/sqrt(2 pi)
        powers = _powers(ring, [*m, zero], k + 1)
        excess = _second(ring, second, mixed, powers, k + 1)[-1] - _at(ring, first, powers, k + 1)[-1]
        m.append(ring.tidy(-excess * ring.root))
    lam = _at(ring, first, _powers(ring, m, N), N)
    d = [ring.tidy(-x) for x in lam]
    C = d[2]
    return Expansion(m, C, _inverted(ring, [ring.tidy(x / C) for x in d[2:]]))


def _taylor(ring: Ring, s: int, n: int) -> Series:
    """[x**n] e**(-m x) mu_n(s + x) as a polynomial in m: the coefficients of 1, m, ..., m**n."""
    mu = _mellin(ring, s, n)
    return [mu[n - j] * ring.rational(Fraction((-1) ** j, math.factorial(j))) for j in range(n + 1)]


def _mellin(ring: Ring, s: int, n: int) -> Series:
    """The Taylor coefficients up to x**n of mu_n(s + x).

    It is (-1)**n (s+x-1)...(s+x-n) 2**((r+x-3)/2) Gamma((r+x)/2)/sqrt(pi), r = s - n. Here 2**(x/2) Gamma((r+x)/2) is
    2**(x/2) times Gamma(1 + x/2) or Gamma((1 + x)/2) and linear factors; poles at x = 0 cancel.
    """
    r = s - n
    top = [Fraction(s - i) for i in range(1, n + 1)]  # a + x
    halves: list[Fraction] = []  # a + x/2
    below: list[Fraction] = []
    if r % 2 == 0:
        halves = [Fraction(i) for i in range(1, r // 2)]
        below = [Fraction(-i) for i in range(-r // 2 + 1)]
    else:
        halves = [Fraction(2 * i + 1, 2) for i in range(r // 2)]
        below = [Fraction(1, 2) - i for i in range(1, -(r // 2) + 1)]
    rational = _rational_factor(top, halves, below, n)
    sign = Fraction((-1) ** n)
    if r % 2 == 0:
        scale = ring.rational(sign * Fraction(2) ** (r // 2 - 1)) / ring.root
        slope = (ring.log2 - ring.euler) * ring.rational(Fraction(1, 2))
    else:
        scale = ring.rational(sign * Fraction(2) ** (r // 2 - 1))
        slope = -(ring.log2 + ring.euler) * ring.rational(Fraction(1, 2))
    logarithm = [ring.rational(Fraction(0)), slope]
    for k in range(2, n + 1):
        weight = Fraction((-1) ** k, k * 2**k) * (1 if r % 2 == 0 else 2**k - 1)
        logarithm.append(ring.zeta(k) * ring.rational(weight))
    factor = [ring.rational(q) for q in rational]
    return [ring.tidy(scale * x) for x in _product(ring, factor, _exponential(ring, logarithm, n), n)]


def _rational_factor(top: list[Fraction], halves: list[Fraction], below: list[Fraction], n: int) -> list[Fraction]:
    """The series to x**n of prod (a + x) prod (a + x/2)/prod (a + x/2) over ``top``, ``halves`` and ``below``.

    A factor x above and a factor x/2 below cancel to 2.
    """
    pole = Fraction(0) in below
    series = [Fraction(2 if pole else 1)] + [Fraction(0)] * n
    if pole:
        below = [a for a in below if a]
        top = list(top)
        top.remove(Fraction(0))
    for a, slope in [(a, Fraction(1)) for a in top] + [(a, Fraction(1, 2)) for a in halves]:
        series = [a * x + slope * (series[i - 1] if i else 0) for i, x in enumerate(series)]
    for a in below:
        for i in range(n + 1):
            series[i] = (series[i] - (series[i - 1] / 2 if i else 0)) / a
    return series


def _exponential(ring: Ring, logarithm: Series, n: int) -> Series:
    out = [ring.rational(Fraction(1))]
    for k in range(1, n + 1):
        total = sum((logarithm[j] * out[k - j] * j for j in range(1, k + 1)), ring.rational(Fraction(0)))
        out.append(ring.tidy(total * ring.rational(Fraction(1, k))))
    return out


def _product(ring: Ring, a: Series, b: Series, n: int) -> Series:
    zero = ring.rational(Fraction(0))
    return [
        ring.tidy(sum((a[i] * b[k - i] for i in range(k + 1) if i < len(a) and k - i < len(b)), zero))
        for k in range(n + 1)
    ]


def _powers(ring: Ring, m: Series, n: int) -> list[Series]:
    """1, m, ..., m**n to eps**n."""
    out = [[ring.rational(Fraction(1))]]
    for _ in range(n):
        out.append(_product(ring, out[-1], m, n))
    return out


def _at(ring: Ring, polynomials: list[Series], powers: list[Series], n: int) -> Series:
    """sum_k eps**k p_k(m(eps)) to eps**n, from the powers of m."""
    out = [ring.rational(Fraction(0))] * (n + 1)
    for k, p in enumerate(polynomials[: n + 1]):
        for c, power in zip(p, powers, strict=False):
            for i, x in enumerate(power[: n - k + 1]):
                out[i + k] = out[i + k] + c * x
    return [ring.tidy(x) for x in out]


def _second(ring: Ring, second: list[Series], mixed: list[Series], powers: list[Series], n: int) -> Series:
    """E[w**2]/R**2 to eps**n."""
    shifted = [ring.rational(Fraction(0)), *_at(ring, mixed, powers, n - 1)]
    return [x + y for x, y in zip(_at(ring, second, powers, n), shifted, strict=True)]


def _inverted(ring: Ring, e: Series) -> Series:
    """The coefficients of u/eps in powers of u, where u**2 = eps**2 sum e_k eps**k, e_0 = 1.

    By Lagrange's inversion: with u = eps h(eps), 1/eps = (1/u) sum_j rho_j u**j, rho_1 = -[x] (1/h) (the logarithmic
    case of the formula aside) and in general rho_j = [x**j] h**(1-j)/(1 - j) for j other than 1.
    """
    n = len(e) - 1
    out = [ring.rational(Fraction(1))]
    for j in range(1, n + 1):
        if j == 1:  # the limit: [x] log h
            out.append(ring.tidy(e[1] * ring.rational(Fraction(1, 2))))
            continue
        power = _power(ring, e, Fraction(1 - j, 2), j)
        out.append(ring.tidy(power[j] * ring.rational(Fraction(1, 1 - j))))
    return out


def _power(ring: Ring, e: Series, exponent: Fraction, n: int) -> Series:
    """(sum e_k x**k)**exponent to x**n for e_0 = 1, by Miller's recurrence."""
    out = [ring.rational(Fraction(1))]
    for k in range(1, n + 1):
        total = ring.rational(Fraction(0))
        for j in range(1, k + 1):
            total = total + e[j] * out[k - j] * ring.rational((exponent * j - k + j) / k)
        out.append(ring.tidy(total))
    return out
