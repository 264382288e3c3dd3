"""Late-time expansions of the Laplace transform of the Marchenko-Pastur law, uniform in lam, with proved remainders.

With x = 2 sqrt(lam) s, z = a s, kappa = z/x (a = (1 - sqrt lam)^2) and sqrt(1 - y) = sum_k d_k y^k,

    e^{as} (G - plateau) = (1/(pi lam^{3/4} sqrt(s))) S,     S = sum_{k<n} d_k (2x)^{-k} Y_k(z) - remainder,
    Y_k(z) = int_0^inf v^{k+1/2} e^{-v}/(z + v) dv = Gamma(k + 3/2) e^z E_{k+3/2}(z).

The recurrence Y_{k+1} = Gamma(k + 3/2) - z Y_k turns S into a polynomial in 1/x (times erfc where z is moderate, in
1/z where it is large), whose coefficients obey first-order recurrences that never lose digits. All of it is done in
integers with a proved bound of every rounding. Statements and proofs: docs/proofs/laplace.md, Theorems 5 to 7.
"""

from __future__ import annotations

import math

from flint import arb

from grokmath.exact import log2
from grokmath.functions.laplace_miller import fixed_point, integer_type, power_of_two

_LOG2_E = math.log2(math.e)


def smallest_x(bits: int) -> float:
    """From this x on, the expansions reach ``bits``: their best truncation has an error of about e^{-2x}."""
    return 0.42 * bits + 5


def _trunk(n: float, log_u: float) -> float:
    """log2 of 10 (n/e)^n u^(1-n), a bound of 6 (1/2)_n u^(1-n), with room for its own rounding."""
    return n * (math.log2(n) - _LOG2_E) - (n - 1) * log_u + 3.33 + n * 1e-9


def _length(log_u: float, bits: int, terms: float) -> int:
    """The n at which the bound of the truncation falls below 2**-bits, times ``terms``, from 2 to u/2 (u >= 4)."""
    most = 2.0 ** min(log_u - 1, 60.0)
    n = max(2.0, (bits + 4) / log_u)
    while n < most:  # Newton's method on a convex decreasing function, from the left
        step = (_trunk(n, log_u) + bits) / (log_u - math.log2(n))
        n += step
        if step < 0.5:
            break
    return int(max(2, min(round(terms * math.ceil(n)), math.floor(most))))


def _units(log_bound: float, w: int) -> int:
    """An integer above 2**(log_bound + w)."""
    return 1 << max(0, math.ceil(log_bound + w))


def _binomials(n: int, w: int) -> list[int]:
    """2**w c_j for 1 <= j < n, c_j = |binom(1/2, j)|, each from below to within j units; entry 0 is 2**w."""
    c = integer_type(w)(1 << (w - 1))
    row = [2 * c, c]
    for j in range(1, n - 1):
        c = c * (2 * j - 1) // (2 * j + 2)
        row.append(c)
    return row


def _horner(coefficients: list[int], inverse: int, w: int) -> int:
    """sum_j C_j prod_{1<i<=j} (2i-1)/(2u), for C_1, C_2, ... with |C_j| <= 2 units and inverse = 1/(2u), u >= 2n."""
    h = coefficients[0] * 0
    for j in range(len(coefficients), 0, -1):
        h = coefficients[j - 1] + ((2 * j + 1) * h * inverse >> w)
    return h


def _rounding(n: int) -> int:
    """Units of error of _horner over n coefficients that are each within 2n^2 + 4n units."""
    return 5 * (n + 5) ** 2


def _tail(x: float) -> float:
    """log2 of 4 sqrt(x) e^{-2x}: the part of the expansion beyond the support."""
    return 2 + 0.5 * math.log2(x) - 2 * x * _LOG2_E * (1 - 1e-9)


def uniform_sum(x: arb, z: arb, half_kappa: arb, bits: int, terms: float = 1.0) -> arb:
    """S for 0 <= z <= 2x, half_kappa = z/(2x) (Theorem 5): S = D_0 Y_0(z) + (sqrt(pi)/(4x)) sum_j D_j prod (2i-1)/(4x).

    D_j = sum_{k>=j} d_k (-kappa/2)^{k-j}, and Y_0(z) = sqrt(pi) - pi sqrt(z) e^z erfc(sqrt z).
    """
    log_u = min(1000.0, log2(x) + 1)
    n = _length(log_u, bits, terms)
    w = bits + 2 * (n + 5).bit_length() + 6
    c = _binomials(n, w)
    kappa = 0 if half_kappa.is_zero() else integer_type(w)(fixed_point(half_kappa, w))
    D0 = c[0]
    del c[0]  # now c[j-1] is -d_j, and becomes -D_j
    if kappa:
        D = c[-1]
        for j in range(n - 3, -1, -1):
            D = c[j] - (kappa * D >> w)
            c[j] = D
        D0 += kappa * D >> w
    h = _horner(c, integer_type(w)(fixed_point(1 / (4 * x), w)), w)
    pi = arb.pi()
    root_pi = pi.sqrt()
    y0 = root_pi
    if not z.is_zero():
        root = z.sqrt()
        y0 -= pi * root * z.exp() * root.erfc()
    unit = power_of_two(-w)
    s = arb(D0, 2 * n * n + 4 * n + 4) * unit * y0 - root_pi / (4 * x) * (arb(h, _rounding(n)) * unit)
    # |remainder| <= Gamma(n + 1/2) (2x)^-n min(1, (n + 1/2)/z) + sqrt(2/x) e^{-2x}
    zf = float(z)
    bound = n * (math.log2(n) - _LOG2_E - log_u) + _LOG2_E + n * 1e-9 + 1e-6
    if zf > n + 0.5:
        bound += math.log2((n + 0.5) / zf) + 1e-6
    beyond = 0.5 * (1 - log_u) + 0.5 - 2.0**log_u * _LOG2_E * (1 - 1e-9) + 1e-6
    return s + arb(0, power_of_two(math.ceil(max(bound, beyond)) + 1))


def asymptotic_sum(x: arb, z: arb, half_kappa: arb, bits: int, terms: float = 1.0) -> arb:
    """(2z/sqrt(pi)) S for z >= 10 (Theorem 6): sum_{j>=1} C_j prod_{1<i<=j} (2i-1)/(2u), u = min(z, 2x), C_1 = 1.

    For kappa <= 2, C_j = (-1)^{j-1} sum_{k<j} d_k (-kappa/2)^k; beyond, the same over (kappa/2)^{j-1}.
    """
    near = half_kappa < 1
    log_u = min(1000.0, log2(z) if near else log2(x) + 1)
    n = _length(log_u, bits, terms)
    w = bits + 2 * (n + 5).bit_length() + 6
    c = _binomials(n, w)
    number = integer_type(w)
    one = c[0]
    row = [one]
    if near:
        kappa, partial = number(fixed_point(half_kappa, w)), one
        step = kappa >> 1  # d_j (-kappa/2)^j
        for j in range(1, n):
            if j > 1:
                step = -(kappa * (step * (2 * j - 3) // (2 * j)) >> w)
            partial += step
            row.append(-partial if j % 2 else partial)
    else:
        inverse, H = number(fixed_point(1 / half_kappa, w)), one
        for j in range(1, n):
            H = -c[j] - (H * inverse >> w)
            row.append(H)
    h = _horner(row, number(fixed_point(1 / (2 * z if near else 4 * x), w)), w)
    bound = max(_trunk(n, log_u), _tail(float(x) if log2(x) < 1000 else 1e300)) + 1
    return arb(h, _rounding(n) + _units(bound, w)) * power_of_two(-w)


def train_sum(x: arb, bits: int, terms: float = 1.0) -> arb:
    """2 sqrt(pi) lam^{3/4} s^{3/2} e^{as} L_tr = sum_{k>=0} d_k prod_{i<=k} (2i+1)/(4x) (Theorem 7)."""
    log_u = min(1000.0, log2(x) + 1)
    n = _length(log_u, bits, terms)
    w = bits + 2 * (n + 5).bit_length() + 6
    c = _binomials(n, w)
    row = [c[0], *(-value for value in c[1:])]
    h = _horner(row, integer_type(w)(fixed_point(1 / (4 * x), w)), w)
    bound = max(_trunk(n, log_u), _tail(float(x) if log_u < 1000 else 1e300)) + 1
    return arb(h, _rounding(n) + _units(bound, w)) * power_of_two(-w)
