"""The Marcum functions as Poisson mixtures of incomplete gamma functions, all terms positive (Theorems 3 and 4).

The theorems and lemmas are those of docs/proofs/marcum.md. Sources: DLMF 8.7.1, 8.8.2, 8.9.2.
"""

from __future__ import annotations

import math

from flint import arb, ctx

from grokmath.certified import Scaled, working_precision
from grokmath.functions.marcum_point import Point, float_mid, log_mid, tolerance, upper_bound, within

__all__ = ["mixture_p", "mixture_q"]

_LN2 = math.log(2)


def _mixture_terms(p: Point, side_q: bool, L: float, terms: float) -> int:
    """A number of terms that reaches the tolerance, times ``terms``; the bounds hold for any."""
    X, Y, m = float_mid(p.X), float_mid(p.Y), max(float_mid(p.m), 1e-300)
    log_x, log_y = log_mid(p.X), log_mid(p.Y)

    if side_q:

        def log_term(n: float) -> float:
            q = m + n
            tail = q * (1 + log_y - math.log(q)) - Y if q < Y else 0.0
            return (n * log_x if n else 0.0) - math.lgamma(n + 1) + tail

    else:

        def log_term(n: float) -> float:
            partial = X if n >= X else (n * (1 + log_x - math.log(n)) if n else 0.0)
            return n * log_y - math.lgamma(m + n + 1) + partial

    peak = max(0.0, (float_mid(p.A) - m) / 2)
    target = log_term(math.floor(peak)) - L - 4
    low, high = math.floor(peak), math.floor(peak) + 8
    while log_term(high) > target:
        low, high = high, high + 2 * (high - math.floor(peak))
    while high - low > max(1, high // 32):
        middle = (low + high) // 2
        low, high = (middle, high) if log_term(middle) > target else (low, middle)
    return max(2, round(terms * high))


def mixture_p(p: Point, terms: float) -> Scaled:
    """P by backward recurrence from an enclosure at the top (Theorem 3)."""
    m, X, Y = p.m, p.X, p.Y
    XY = X * Y
    n = _mixture_terms(p, False, tolerance(ctx.prec), terms)
    top = m + n + 1
    M = 1 / (1 - Y / top) if top > Y else (top.lgamma() + Y - (top - 1) * Y.log()).exp()
    ratio = XY / ((n + 1) * top)
    H = M / (1 - ratio) if ratio < 1 else M * (2 * XY.sqrt()).exp()
    M, H = arb(1).union(M), arb(1).union(H)
    for j in range(n, 0, -1):
        r = Y / (m + j)
        M = 1 + r * M
        H = M + r * X * H / j
    return Scaled(m * Y.log() - X - Y - (m + 1).lgamma(), H)


def _fraction_exponent(n: int, y: float) -> float:
    """About -log of the relative error of n levels of the fraction: twice the logarithm of Laguerre's L_n(-y)."""
    x = y / (4 * n)
    return 4 * n * (math.asinh(math.sqrt(x)) + math.sqrt(x * (1 + x)) - x) if x < 1e6 else 2 * n * (1 + math.log(4 * x))


def _ladder_foot(f: arb, Y: arb, L: float, terms: float) -> arb:
    """w_f = Y^(1-f) e^Y Gamma(f, Y) for f < 2 (Lemma 5): the Stieltjes fraction, or Arb's function at small Y."""
    if f == 1:
        return arb(1)
    if not f < 2:  # from a wide ball m
        return arb.nan()
    y = float_mid(Y)
    most = 60 + int(L / 5)
    levels = next((n for n in range(2, most) if _fraction_exponent(n, y) > L), most)
    if levels < most:
        levels = max(2, round(terms * levels))
        x = 1 + arb(0).union(levels / Y)
        for k in range(levels - 1, -1, -1):
            x = 1 + (k + 1 - f) / (Y * x)
            if k:
                x = 1 + k / (Y * x)
        return 1 / x
    # Arb at the midpoints, with more bits for its cancellation, then the change over the input balls. At tiny orders
    # Arb's function is slow or loses everything, where order 0 does as well.
    f0, Y0 = f.mid(), Y.mid()
    bits, extra = ctx.prec, 30 + (int(1.5 * y) if y < L / 2 else 0) + max(0, int(-2 * log_mid(f)))
    if log_mid(f) + math.log(math.log1p(1 / y) if y > 1e-300 else -log_mid(Y)) < -ctx.prec * _LN2:
        f0, extra = arb(0), 20
    value = arb.nan()
    for _ in range(4):
        with working_precision(bits + extra):
            value = Y0.gamma_upper(f0) * (Y0 + (1 - f0) * Y0.log()).exp()
        missing = bits - max(0, value.rel_accuracy_bits())
        if missing <= 0:
            break
        extra += missing + 20
    change = upper_bound(abs(f - f0) * (1 + 2 / Y).log() + 2 * Y.rad() / Y)
    return value * (1 + within(upper_bound(change.expm1())))


def mixture_q(p: Point, terms: float) -> Scaled:
    """Q by forward sums of positive terms (Theorem 4)."""
    m, X, Y = p.m, p.X, p.Y
    L = tolerance(ctx.prec)
    XY, inverse = X * Y, 1 / Y
    n = _mixture_terms(p, True, L, terms)
    steps = max(0, math.ceil(float_mid(m)) - 1)  # f is at most 1, up to a rounding of _float
    f = m - steps
    w = _ladder_foot(f, Y, L, terms)
    for k in range(steps):
        w = 1 + (f + k) * w * inverse
    first = w
    total, c = w, arb(1)
    for j in range(n):
        q = m + j
        c = c * XY / (q * (j + 1))
        w = 1 + q * w * inverse
        total += c * w
    step, w_next = XY / ((m + n) * (n + 1)), 1 + (m + n) * w * inverse
    ratio = step * w_next / w  # of the first term left out, c step w_next, to the last one summed; it decreases
    tail = c * step * w_next / (1 - ratio) if ratio < 1 else X.exp() * (first + XY / m * (2 * XY.sqrt()).exp())
    return Scaled((m - 1) * Y.log() - X - Y - m.lgamma(), total + arb(0).union(tail))
