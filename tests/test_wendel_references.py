"""Wendel's probability against its sum, its symmetry, and values in the far tail."""

from __future__ import annotations

import math
from fractions import Fraction
from math import comb

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grokmath.functions.wendel import (
    log_wendel_probability,
    separation_window,
    wendel_complement,
    wendel_probability,
    wendel_probability_exact,
)


def by_sum(N: int, d: int) -> Fraction:
    """2^-(N-1) times the number of sign patterns that d dimensions can give N points, halved."""
    return Fraction(sum(comb(N - 1, k) for k in range(min(d, N))), 2 ** (N - 1))


@given(st.integers(1, 300), st.integers(1, 300))
@example(400, 200)
@example(2, 1)
@example(7, 7)
def test_the_probability_is_the_binomial_sum(N, d):
    exact = by_sum(N, d)
    assert wendel_probability_exact(N, d) == exact
    certified = wendel_probability(N, d, digits=40)
    assert abs(certified - exact) <= Fraction(certified.error)
    assert wendel_probability(N, d) == pytest.approx(float(exact), rel=1e-13)


@given(st.integers(2, 10**6), st.data())
def test_a_set_and_its_dual_add_to_one(N, data):
    d = data.draw(st.integers(1, N - 1))
    total = wendel_probability(N, d, digits=40) + wendel_probability(N, N - d, digits=40)
    assert abs(total - 1) <= Fraction(1, 10**38)
    complement = wendel_complement(N, d, digits=40)
    assert complement.ball().overlaps(wendel_probability(N, N - d, digits=40).ball())


def test_at_twice_as_many_points_as_dimensions_the_probability_is_one_half():
    for d in (1, 10, 10**9, 10**15):
        assert abs(wendel_probability(2 * d, d, digits=30) - Fraction(1, 2)) <= Fraction(1, 10**30)


def test_the_far_tail_has_a_logarithm():
    assert wendel_probability(400, 120) == pytest.approx(float(by_sum(400, 120)), rel=1e-13)
    log = log_wendel_probability(10**15, 10**14, digits=20)
    entropy = -0.1 * math.log(0.1) - 0.9 * math.log(0.9)  # log P ~ N (entropy - log 2), up to a logarithm of N
    assert float(log) == pytest.approx(1e15 * (entropy - math.log(2)), rel=1e-12)


@pytest.mark.parametrize("p", ["1e-6", "0.5", "0.9"])
def test_the_separation_window_is_where_the_probability_is_p(p):
    lam = separation_window(400, p, digits=30)
    width = 2 * Fraction(lam.error) + Fraction(1, 10**28)
    middle = Fraction(str(lam))
    below, above = (wendel_probability(400, 400 * (middle + d), digits=40) for d in (-width, width))
    assert below < Fraction(p)
    assert above > Fraction(p)
