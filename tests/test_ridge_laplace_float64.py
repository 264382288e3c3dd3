"""The averages of ridge regression in double precision against the certified kernels."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from flint import arb
from hypothesis import example, given
from hypothesis import strategies as st

from grokmath.certified import working_precision
from grokmath.functions.ridge_laplace_certified import ridge_balls
from grokmath.functions.ridge_laplace_float64 import KINDS, RidgeFloat64

from .strategies import rational, ratios_of

REQUIRED = 4e-15
ONE = Fraction(1)


ratios = ratios_of(-15)
times = st.one_of(st.just(0.0), st.floats(-12, 12).map(lambda x: 10.0**x), st.floats(-1, 4).map(lambda x: 10.0**x))


def check(s, c, lam):
    """Compare at each s; how many values were above the subnormal range."""
    values = RidgeFloat64(lam, c)(s)
    compared = 0
    with working_precision(90):
        for n, time in enumerate(s):
            for kind, truth in ridge_balls(arb(float(time)), c, lam, kinds=KINDS).items():
                value = float(values[kind][n])
                if truth.log() < -707:
                    assert 0 <= value < 1e-305
                    continue
                assert abs(arb(value) / truth.value() - 1) < REQUIRED
                compared += 1
    return compared


@given(s=st.lists(times, min_size=1, max_size=4), c=st.floats(-30, 3).map(rational), lam=ratios)
@example(s=[0.0, 1e12], c=Fraction(1, 10**30), lam=ONE)
@example(s=[0.0, 1e12], c=Fraction(1000), lam=ONE)
@example(s=[0.0, 1e5], c=Fraction(1, 10**30), lam=1 + Fraction(1, 10**12))
@example(s=[0.0, 1e-5, 1.0], c=Fraction(1, 10**9), lam=Fraction(10**6))
@example(s=[1e-5, 1.0, 1e6], c=Fraction(1, 10**9), lam=Fraction(1, 10**6))
def test_the_whole_domain(s, c, lam):
    check(s, c, lam)


@pytest.mark.parametrize("lam", [Fraction(1, 2), Fraction(9, 10), ONE, Fraction(5, 2)])
@pytest.mark.parametrize("c", [Fraction(1, 10**20), Fraction(1, 100), Fraction(3)])
def test_branch_boundaries(lam, c):
    """x = 20, the pole leaving the strip in either rule, and the end of the exponential."""
    root = math.sqrt(lam)
    pole = (float(c) + (1 - root) ** 2) / (2 * root)
    middle = [20 / (2 * root), 52 / (2 * root * math.sqrt(pole * (pole + 2))) if pole else 1.0]
    middle.append((math.pi / 0.43) ** 2 / (2 * root * pole) if pole else 1.0)
    s = [side for value in middle for side in (math.nextafter(value, 0), value, math.nextafter(value, math.inf))]
    assert check(s, c, lam) > 0
    if lam != ONE:
        dead = 800 / (1 - root) ** 2
        assert check([0.8 * dead, dead, 2 * dead], c, lam) > 0


def test_shapes_and_kinds():
    averages = RidgeFloat64(Fraction(1, 2), Fraction(1, 10))
    values = averages(np.linspace(0, 60, 12).reshape(3, 4), kinds=[(1, 2), (3, 2)])
    assert set(values) == {(1, 2), (3, 2)}
    assert all(value.shape == (3, 4) for value in values.values())
    assert averages(2.0)[(1, 1)].shape == ()
    assert np.all(np.diff(averages(np.linspace(0, 300, 3000))[(1, 2)]) < 0)
