"""Convergent sums for the Laplace transform of the Marchenko-Pastur law, each with a proved error.

With rho <= 1 the smaller of sqrt(lam) and 1/sqrt(lam), x = 2 sqrt(lam) s and alpha = rho x/2, all of them compute

    Psi(x, rho) = (2/x) e^{-x} sum_{k>=1} k rho^(k-1) I_k(x),      0 < Psi <= 1,

which is e^{a s} (G - plateau) max(1, lam), a = (1 - sqrt lam)^2; Psi(x, 0) = (2/x) e^{-x} I_1(x) is e^{a s} L_tr, and
Psi(x, 1) = e^{-x} (I_0 + I_1)(x).

- :func:`miller_sum`: backward recurrence over the I_k of even order, in integers with a proved bound of every rounding.
- :func:`poisson_sum`: the positive double series in Poisson weights, for tiny x.
- :func:`bessel_sum`: Arb's own Bessel functions, for rho = 0 and rho = 1.

Statements and proofs: docs/proofs/laplace.md. Everything runs at flint's precision, which the caller sets to exceed
``bits`` (the accuracy wanted) by :func:`guard_bits`.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

from flint import arb, ctx, fmpz

from grokmath.exact import log2

_LN2 = math.log(2)
_INT_BITS = 500
"""Up to this size Python's integers are faster than FLINT's."""
SMALLEST_LOG = -24
"""miller_sum takes x >= 2**-24; below, poisson_sum needs a handful of terms."""


class InsufficientPrecision(ArithmeticError):
    """An input ball is too wide to be a fixed-point constant; the kernels then return the trivial enclosure."""


def guard_bits(bits: int) -> int:
    """What the working precision must exceed ``bits`` by, for constants to be exact to one unit in fixed point."""
    return 3 * bits.bit_length() + 24


def fixed_point(value: arb, w: int) -> int:
    """n with n - 1 <= 2**w v <= n + 2 for every v in the ball."""
    mantissa, exponent = value.mid().man_exp()
    m, shift = int(mantissa), int(exponent) + w
    if m.bit_length() + shift > value.rel_accuracy_bits():  # the radius exceeds one unit
        raise InsufficientPrecision
    return m << shift if shift >= 0 else m >> -shift


@lru_cache(maxsize=256)
def power_of_two(n: int) -> arb:
    """2**n, exactly."""
    return arb(2) ** n


def integer_type(bits: int) -> Any:
    """The faster integers of this size."""
    return int if bits <= _INT_BITS else fmpz


def _chernoff(k: float, x: float) -> float:
    """psi(k) = k asinh(k/x) - sqrt(k^2 + x^2) + x; e^{-x} sum_{j>=k} I_j(x) <= e^{-psi(k)}."""
    return k * math.asinh(k / x) - math.hypot(k, x) + x


def _start(x: float, nats: float, tilt: float = 0.0) -> float:
    """k with psi(k) + tilt k = nats, from above: Newton's method on a convex function."""
    k = min(math.sqrt(2 * x * nats) + nats / 20 + 1, nats / tilt if tilt > 0 else math.inf)
    while True:
        slope = math.asinh(k / x) + tilt
        step = (k * slope - math.hypot(k, x) + x - nats) / slope
        k -= step
        if abs(step) < 0.5:
            return k


def _even(k: float, most: int | None = None) -> int:
    n = max(2, 2 * math.ceil(k / 2))
    return n if most is None else min(n, most)


def miller_sum(x: arb, rho: arb | None, alpha: arb, bits: int, terms: float = 1.0) -> arb:
    """Psi(x, rho), x >= 2**-24, by backward recurrence from an even order K (Theorem 3); ``rho`` None means 0.

    The Bessel functions of odd order are eliminated: with F_k proportional to I_k for even k, u_k = v_k + u_{k+2},
    v_k = (4k/x^2) F_k and F_{k-2} = F_k + (k-1) u_k; the sum is sum_k rho^(k-2) [(k-1) u_k + alpha v_k], normalised by
    F_0 + 2 sum F_k = cosh x. Where rho^k is already negligible the sum is left out until k = K1.
    """
    top = math.floor(log2(x)) + 1  # 2**(top-1) <= x < 2**top
    xf = float(x)
    X = int(xf) + 1
    unit = rho is not None and rho == 1
    full = rho is not None and not unit
    log_rho = log2(rho) if rho is not None and full else 0.0
    r = 2.0**log_rho if full else float(unit)
    size = min(1.0, 0.8 / (math.sqrt(xf) * (r + (1 - r) ** 2 * xf))) if xf > 1 else 1.0  # about Psi
    nats = bits * _LN2
    k0 = _start(xf, nats)
    extra = math.log(8 * max((2 + 4 * k0 / xf) / size, k0 + 2 + 2 * xf / k0))
    K = _even(terms * (k0 + extra / math.asinh(k0 / xf)))
    K1 = _even(terms * _start(xf, nats + extra, -log_rho * _LN2), K) if full else 0
    w = max(2 * K.bit_length() + 3, bits + 2 + 2 * top)  # makes C >= 2**(bits+4), and 4 K^2 units of R below 1/2
    room = bits + 3 + math.log2((2 * K * xf + K * K) / size + X * (6 * X + K * K) + 4)
    F_K = 1 << max(0, math.ceil(room - _chernoff(K, xf) / _LN2))

    number = integer_type(math.ceil(room))
    C = number(fixed_point(4 / (x * x), w))
    R = number(max(0, fixed_point(rho * rho, w) - 1) if rho is not None and full else 0)  # from below
    f, u, n, odd, even = number(F_K), number(0), number(0), number(0), number(0)
    blocks = 1 if number is int else min(16, K // 32) + 1
    slack, omitted, k, size_k = 0, 0, K, K.bit_length()
    while k > 0:
        stop = 2 * ((k - K // blocks) // 2) if k - K // blocks > 1 else 0
        if stop < K1 < k:
            stop = K1
        v_bits = w
        if stop:  # constants need no more bits than the integers they multiply
            v_bits = min(w, f.bit_length() + size_k + 4 + int((k - stop) * math.log2(2 * k / xf + 1)))
        Ci, Ri, steps = C >> (w - v_bits), R >> (w - v_bits), (k - stop) // 2
        kC, twice = k * Ci, 2 * Ci
        if k > K1:
            for j in range(k - 1, k - 1 - 2 * steps, -2):
                n += f
                u += kC * f >> v_bits
                f += j * u
                kC -= twice
            if stop == K1:
                omitted = int(f + X * u)
        else:
            for j in range(k - 1, k - 1 - 2 * steps, -2):
                n += f
                v = kC * f >> v_bits
                u += v
                d = j * u
                odd = (odd * Ri >> v_bits) + d
                even = (even * Ri >> v_bits) + v
                f += d
                kC -= twice
        if v_bits < w:
            slack = max(slack, f.bit_length() + size_k - v_bits)
        k = stop

    eps = 2 << slack  # bounds the error of each v, and of each step of the two sums
    q = ((5 * K << (1 - top)) if top <= 1 else 5 * K >> (top - 1)) + 1  # >= 5K/x
    if full:
        P = F_K * (2 + q) + eps * (K * X + K * K + K)
        if omitted:
            P += (omitted >> max(0, int(-K1 * log_rho) - 1)) + 1
        total = arb(odd, P) + alpha * even
    elif unit:
        total = arb(f, 2 * F_K + eps * X * K) + alpha * u
    else:
        total = arb(u, F_K * q + eps * K)
    Q = F_K * (2 * X // (K + 1) + K + 3) + eps * X * (X * (2 + size_k) + K * K + K)
    error = arb(1, power_of_two(-bits - 1))  # of x and rho as fixed-point numbers
    psi: arb = total / arb(f + 2 * n, Q) * (1 + (-2 * x).exp()) * error / 2
    return psi


def poisson_sum(x: arb, alpha: arb, beta: arb, bits: int, terms: float = 1.0) -> arb:
    """Psi = e^{-x}/alpha sum_{i>j>=0} (i-j) alpha^i/i! beta^j/j!, alpha beta = x^2/4, alpha <= beta (Theorem 4).

    The sum over j is a second cumulative sum. Its product with alpha^i/i! is log-concave in i, so the tail is at most a
    geometric series with the last ratio computed. Meant for x < 2**-24; right for every x.
    """
    n = max(2, round(terms * (2 + math.ceil(bits / max(1.0, -log2(x))))))
    a = b = inner = outer = total = last = arb(1)
    term = last
    for i in range(1, n):
        b *= beta / i
        inner += b
        outer += inner
        a *= alpha / (i + 1)
        last, term = term, a * outer
        total += term
    return (-x).exp() * (total + _geometric_tail(last, term))


def _geometric_tail(before: arb, last: arb) -> arb:
    """An enclosure of the sum of the terms after ``last`` of a positive log-concave sequence."""
    ratio = last / before
    if not ratio < 1:
        return arb(0, arb.pos_inf())
    return arb(0).union(last * ratio / (1 - ratio))


def bessel_sum(x: arb, unit: bool) -> arb:
    """Psi(x, 0) = (2/x) e^{-x} I_1(x), or Psi(x, 1) = e^{-x} (I_0 + I_1)(x), by Arb's own functions, at every x."""
    if x > ctx.prec:  # Arb takes the asymptotic expansion from about here
        first = x.bessel_i(arb(1), scaled=True)
        return first + x.bessel_i(arb(0), scaled=True) if unit else 2 * first / x
    q = x * x / 4
    value = q.hypgeom_0f1(arb(2))
    if unit:
        value = q.hypgeom_0f1(arb(1)) + x * value / 2
    return (-x).exp() * value
