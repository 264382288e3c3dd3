"""Error-free transformations against exact rational arithmetic."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from flint import arb, fmpq
from hypothesis import example, given
from hypothesis import strategies as st

from grokmath.exact import ball, working_precision
from grokmath.functions.double_double import Multiple, dyadic, nearest_double, split, two_prod, two_sum

moderate = st.floats(-1e140, 1e140).filter(lambda x: x == 0.0 or abs(x) > 1e-140)


def multiple(c: Fraction) -> Multiple:
    with working_precision(300):
        return Multiple(ball(c))


@given(st.floats(-1e300, 1e300), st.floats(-1e300, 1e300))
@example(1.0, 2.0**-1074)
def test_two_sum_is_exact(a: float, b: float) -> None:
    s, e = two_sum(a, b)
    assert s == a + b
    assert Fraction(s) + Fraction(e) == Fraction(a) + Fraction(b)


@given(moderate, moderate)
@example(1 + 2.0**-52, 1 - 2.0**-53)
def test_two_prod_is_exact(a: float, b: float) -> None:
    p, e = two_prod(a, b)
    assert p == a * b
    assert Fraction(p) + Fraction(e) == Fraction(a) * Fraction(b)


@given(st.floats(-(2.0**995), 2.0**995))
def test_split_gives_halves(a: float) -> None:
    high, low = split(a)
    assert high + low == a
    for half in (high, low):
        mantissa, _ = math.frexp(half)
        assert (mantissa * 2.0**26).is_integer()


def test_arrays() -> None:
    a, b = np.array([0.1, 3.7e10]), np.array([1 / 3, 2.2e-7])
    p, e = two_prod(a, b)
    for i in range(2):
        assert (p[i], e[i]) == two_prod(float(a[i]), float(b[i]))


@given(st.fractions(Fraction(1, 10**9), 10**9, max_denominator=10**9), st.integers(-600, 600), st.floats(1e-3, 1e3))
@example(Fraction(1, 3), -600, 1.1)
@example(Fraction(1, 3), 600, 1.1)
@example(Fraction(1, 3), 270, 1.1)
@example(Fraction(1, 3), 272, 1.1)
def test_products_with_a_constant(mantissa: Fraction, exponent: int, factor: float) -> None:
    """Constants from 1e-600 to 1e600, at t that bring the product near 1 where doubles can."""
    c = mantissa * Fraction(10) ** exponent
    t = factor * 10.0 ** max(-290, min(290, -exponent))
    true = c * Fraction(t)
    product = multiple(c)
    high, low = product.times_exactly(t)
    if Fraction(1, 10**200) < true < 2**90:
        assert abs(Fraction(product.times(t)) / true - 1) <= Fraction(1, 2**52)
        assert abs((Fraction(high) + Fraction(low)) / true - 1) < Fraction(1, 2**100)
    elif true > Fraction(2) ** 1024:
        assert product.times(t) == math.inf
    elif true < Fraction(2) ** -1075:
        assert product.times(t) == 0.0


@pytest.mark.parametrize("exponent", [-(10**6), -1000, 1000, 10**6])
def test_constants_far_out_of_range(exponent: int) -> None:
    product = multiple(Fraction(10) ** exponent)
    assert product.times(1.0) == (math.inf if exponent > 0 else 0.0)
    assert product.times(0.0) == 0.0


def test_the_constant_zero() -> None:
    zero = multiple(Fraction(0))
    assert zero.times(1e308) == 0.0
    assert zero.times_exactly(1e308) == (0.0, 0.0)


@given(st.fractions(), st.integers(-340, 340))
@example(Fraction(1), 0)
@example(Fraction(2**53 + 1, 2**53), 0)
@example(Fraction(0), 0)
def test_nearest_double(x: Fraction, exponent: int) -> None:
    x *= Fraction(10) ** exponent
    with working_precision(2000):
        value = nearest_double(ball(x))
    try:
        assert value == float(x)
    except OverflowError:
        assert value == (math.inf if x > 0 else -math.inf)


def test_midpoint_is_exact() -> None:
    with working_precision(200):
        third = arb(fmpq(1, 3))
        assert arb(fmpq(dyadic(third).numerator, dyadic(third).denominator)) == third.mid()
        assert dyadic(arb(2) ** 70) == 2**70
