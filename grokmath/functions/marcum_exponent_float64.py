"""The exponents of the Marcum functions in double-double arithmetic, vectorised.

A value e^(-E) keeps 15 digits only if E keeps 18, and the terms of E cancel; so E is computed to about 30 digits as an
unevaluated sum of two doubles. IEEE doubles rounded to nearest are all that is needed.

Pairs (high, low) stand for high + low. Errors are relative to the largest term of a sum, below 2**-98.
"""

from __future__ import annotations

from decimal import Context, Decimal
from functools import cache
from typing import Any

import numpy as np

from grokmath.functions.double_double import two_prod, two_sum

Array = Any
Pair = tuple[Array, Array]

_ROOT_TWO_PI = 2.5066282746310005
_CENTRE = 128
_FIRST, _LAST = 88, 184
SHIFT = 9.0
"""Stirling's series is used at m + SHIFT, where it is exact to 1e-18."""
_LARGE = 1e300
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400, 43867 / 244188)


def add(x: Pair, y: Pair) -> Pair:
    """x + y."""
    s, e = two_sum(x[0], y[0])
    return two_sum(s, e + (x[1] + y[1]))


def add_double(x: Pair, y: Array) -> Pair:
    """x + y for a double y."""
    s, e = two_sum(x[0], y)
    return two_sum(s, e + x[1])


def times(x: Pair, y: Array) -> Pair:
    """x y for a double y."""
    p, e = two_prod(x[0], y)
    return two_sum(p, e + x[1] * y)


def square(x: Pair) -> Pair:
    """x**2."""
    p, e = two_prod(x[0], x[0])
    return two_sum(p, e + 2 * x[0] * x[1])


def divide(x: Pair, y: Pair) -> Pair:
    """x/y."""
    q = x[0] / y[0]
    p, e = two_prod(q, y[0])
    return two_sum(q, ((x[0] - p) - e + x[1] - q * y[1]) / y[0])


def root(x: Pair) -> Pair:
    """The square root of x > 0."""
    r = np.sqrt(x[0])
    p, e = two_prod(r, r)
    return two_sum(r, ((x[0] - p) - e + x[1]) / (2 * r))


@cache
def _logarithms() -> tuple[Array, Array, float, float]:
    """log(i/128) for the table as high and low parts, and log 2 as a part of 40 bits and the rest."""
    context = Context(prec=60)
    exact = [context.ln(context.divide(i, _CENTRE)) for i in range(_FIRST, _LAST + 1)]
    high = np.array([float(x) for x in exact])
    low = np.array([float(context.subtract(x, Decimal(h))) for x, h in zip(exact, high.tolist(), strict=True)])
    two = context.ln(2)
    short = int(context.multiply(two, 2**40)) / 2**40
    return high, low, short, float(context.subtract(two, Decimal(short)))


def logarithm(x: Pair, exponent: Array | int = 0) -> Pair:
    """log(2**exponent x) for x > 0, by a table of log(i/128) and the series of log(1 + r), |r| < 1/170.

    It keeps its relative accuracy at x = 1.
    """
    table_high, table_low, two_high, two_low = _logarithms()
    f, e = np.frexp(x[0])
    small = f < 0.7071
    f = np.where(small, 2 * f, f)
    e = e - small
    index = np.rint(f * _CENTRE)
    centre = index / _CENTRE
    rest = x[1] * (f / x[0])
    r = divide(two_sum(f - centre, rest), (centre, 0.0))
    h = r[0]
    series = 1 / 7 - h * (1 / 8 - h * (1 / 9 - h / 10))
    series = h * h * h * (1 / 3 - h * (1 / 4 - h * (1 / 5 - h * (1 / 6 - h * series))))
    quadratic = square(r)
    e = e + exponent
    at = index.astype(np.intp) - _FIRST
    result = add((table_high[at], table_low[at]), (e * two_high, e * two_low))
    result = add(result, r)
    return add(result, (-0.5 * quadratic[0], series - 0.5 * quadratic[1]))


def mixture_exponent(m: Array, a: Array, b: Array) -> tuple[Pair, Array]:
    """(E, C) with Y^m e^(-X-Y)/Gamma(m + 1) = C e^(-E), X = a^2/2, Y = b^2/2.

    With x = m + 9, Stirling's series gives Gamma(x) = sqrt(2 pi) x^(x - 1/2) e^(-x + series), hence
    E = X + Y - x + m log(x/Y) and C = (m + 1)...(m + 8) x^(-17/2) e^(-series)/sqrt(2 pi).
    """
    fb, eb = (b, 0) if b.min() > 1e-70 and b.max() < 1e70 else np.frexp(b)
    x = two_sum(m, SHIFT)
    log = logarithm(divide((2 * x[0], 2 * x[1]), two_prod(fb, fb)), -2 * eb)
    X, Y = two_prod(a, a), two_prod(b, b)
    E = add(add((0.5 * X[0], 0.5 * X[1]), (-x[0], -x[1])), (0.5 * Y[0], 0.5 * Y[1]))
    x2, x2_low = two_prod(x[0], x[0])
    series = np.full_like(x2, _STIRLING[-1])
    for c in _STIRLING[-2::-1]:
        series /= x2
        series += c
    inverse = 1 / x[0]
    square = m * (m + SHIFT)
    C = ((square + 8) / x2) * ((square + 14) / x2) * ((square + 18) / x2) * ((square + 20) / x2)
    C *= np.sqrt(inverse) * (np.exp(-series * inverse) / _ROOT_TWO_PI)
    C *= 1 - (8.5 * x[1] * inverse + 4 * x2_low / x2)
    return _finite_or_infinite(add(E, times(log, m))), C


def _finite_or_infinite(E: Pair) -> Pair:
    """inf for an exponent of which a square overflowed."""
    finite = np.isfinite(E[0])
    return (E[0], E[1]) if finite.all() else (np.where(finite, E[0], np.inf), np.where(finite, E[1], 0.0))


def saddle_exponent(m: Array, a: Array, b: Array) -> tuple[Pair, Array, Array]:
    """(E, log s0, A): E = (b - a)^2/2 - m^2/(A + a b) + m log s0, s0 = (m + A)/b^2, A^2 = m^2 + a^2 b^2."""
    shift: Array | int = 0
    order, fa, fb, ea, eb = m, a, b, shift, shift
    largest, smallest = max(m.max(), a.max(), b.max()), min(m.min(), a.min(), b.min())
    extreme = largest > 1e12 or smallest < 1e-70
    if extreme:  # take powers of two out, so that no square overflows or underflows
        (fa, ea), (fb, eb) = np.frexp(a), np.frexp(b)
        shift = np.maximum(np.frexp(m)[1], np.where(a > 0, ea + eb, -5000))
        order = np.ldexp(m, -shift)
    product = two_prod(fa, fb)
    if extreme:
        scale = ea + eb - shift
        product = (np.ldexp(product[0], scale), np.ldexp(product[1], scale))
    order2 = two_prod(order, order)
    A = root(add(order2, square(product)))
    ratio = divide(order2, add(A, product))
    t = logarithm(divide(add_double(A, order), two_prod(fb, fb)), shift - 2 * eb)
    if extreme:
        ratio = (np.ldexp(ratio[0], shift), np.ldexp(ratio[1], shift))
        A = (np.minimum(np.ldexp(A[0], shift), _LARGE), A[1])
        # where log s0 = log(a/b) + asinh(m/(a b)) is so small that the pair does not know it
        tiny = (m / np.maximum(a * b, m) < 1e-16) & (abs(b - a) < 0.5 * b)
        t = (np.where(tiny, np.log1p((a - b) / b) + m / b / a, t[0]), np.where(tiny, 0.0, t[1]))
    half = square(two_sum(b, -a))
    E = add((0.5 * half[0], 0.5 * half[1]), times(t, m))
    return _finite_or_infinite(add(E, (-ratio[0], -ratio[1]))), t[0] + t[1], A[0]
