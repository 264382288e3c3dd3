"""The Marchenko-Pastur law: random draws, and what is accepted and refused as input."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy

from grokmath import DomainError, MarchenkoPastur

# Sampling.


@pytest.mark.parametrize("lam", ["1e-3", "0.14", "0.15", "0.9", "1", "2.5", "30"])
def test_samples_follow_the_distribution(lam):
    """sup |F_n - F| <= 0.0232 with probability 1 - 1e-9 for n = 20000 (Dvoretzky, Kiefer, Wolfowitz, Massart)."""
    law = MarchenkoPastur(lam)
    n = 20_000
    x = np.sort(law.rvs(n, rng=12345))
    assert x.shape == (n,)
    f = law.cdf(x)
    below = np.searchsorted(x, x, side="left") / n  # the atom makes ties
    upto = np.searchsorted(x, x, side="right") / n
    before = np.where(x == 0, 0.0, f)
    assert max(np.abs(f - upto).max(), np.abs(before - below).max()) < math.sqrt(math.log(2e9) / (2 * n))
    assert (x == 0).any() == (Fraction(lam) > 1)


def test_seeds_and_shapes():
    law = MarchenkoPastur("2.5")
    first = law.rvs((3, 4), rng=7)
    np.testing.assert_array_equal(first, law.rvs((3, 4), rng=7))
    np.testing.assert_array_equal(first, law.rvs((3, 4), rng=np.random.SeedSequence(7)))
    np.testing.assert_array_equal(first, law.rvs((3, 4), rng=np.random.default_rng(7)))
    assert not np.array_equal(first, law.rvs((3, 4), rng=8))
    generator = np.random.default_rng(7)
    assert not np.array_equal(law.rvs(50, rng=generator), law.rvs(50, rng=generator))  # a Generator moves on
    assert isinstance(law.rvs(rng=1), float)
    assert law.rvs(0, rng=1).shape == (0,)
    assert law.rvs().__class__ is float
    for rng in (-1, "1", 1.5, True):
        with pytest.raises(DomainError, match="rng"):
            law.rvs(3, rng=rng)
    for size in (-1, 2.5, "3", (2, -1)):
        with pytest.raises(DomainError, match="size"):
            law.rvs(size, rng=1)
    with pytest.raises(DomainError, match="lam"):
        MarchenkoPastur(sympy.Symbol("lam")).rvs(3, rng=1)


# Input.


@pytest.mark.parametrize("lam", [0, -1, "1000001", "x", math.nan, math.inf, 1j, None, "1/0", "1e999999999"])
def test_bad_ratios(lam):
    with pytest.raises(DomainError, match="lam"):
        MarchenkoPastur(lam)


def test_bad_points():
    law = MarchenkoPastur("1/2")
    for x in ("x", math.nan, math.inf, 1j, None):
        with pytest.raises(DomainError, match=r"MarchenkoPastur\.cdf: x"):
            law.cdf(x)
    with pytest.raises(DomainError, match="digits"):
        law.cdf(1, digits=0)
    with pytest.raises(DomainError, match="lam"):
        MarchenkoPastur(sympy.Symbol("lam")).cdf(1, digits=10)
    with pytest.raises(DomainError, match="x"):
        law.cdf(sympy.Symbol("x"), digits=10)
    with pytest.raises(DomainError, match="1e-300"):
        MarchenkoPastur("1e-301").pdf(1.0)
    assert str(MarchenkoPastur("1e-1000").cdf(1, digits=5)) == "0.50000"


def test_arrays():
    law = MarchenkoPastur("1/2")
    certified = law.cdf([["0.5", 1], [2, 3]], digits=12)
    assert certified.shape == (2, 2)
    assert certified.dtype == object
    assert str(certified[0, 1]) == str(law.cdf(1, digits=12))
    assert isinstance(law.cdf(np.float64(1)), float)
    assert isinstance(law.cdf(np.array(1.0)), float)
    assert law.pdf(np.ones((2, 3))).shape == (2, 3)
    assert law.pdf(np.ones(0)).shape == (0,)
