"""Exact parameters for the package's own tests, from the testing kit: ranges named by exponents, and what is made of
them."""

from __future__ import annotations

import math
from fractions import Fraction

from hypothesis import strategies as st

from grokmath import testing

aspect_ratios = testing.aspect_ratios()


def log_uniform(low: float, high: float) -> st.SearchStrategy[Fraction]:
    """Exact rationals from 10**low to 10**high, every decade as likely as another."""
    return testing.rationals(*(Fraction(f"{10.0**end:.6e}") for end in (low, high)))


def signed(low: float, high: float) -> st.SearchStrategy[Fraction]:
    """The same with either sign."""
    return st.builds(lambda sign, x: sign * x, st.sampled_from([-1, 1]), log_uniform(low, high))


def correlations(nearest: int = -30) -> st.SearchStrategy[Fraction]:
    """Correlations inside (-1, 1), also very near to its ends, to 10**nearest, and to 0."""
    near = log_uniform(nearest, -1e-4).map(lambda x: 1 - x)
    return st.one_of(near, near.map(lambda x: -x), signed(-12, -1e-4), st.just(Fraction(0)))


def rational(x: float) -> Fraction:
    """10**x as a rational with six digits, for any x."""
    whole = math.floor(x)
    return Fraction(round(10 ** (x - whole + 6)), 10**6) * Fraction(10) ** whole


def ratios_of(nearest: int) -> st.SearchStrategy[Fraction]:
    """Aspect ratios from 1e-6 to 1e6, of order 1, down to 10**nearest from 1, and 1; uniform in their logarithms."""
    return st.one_of(
        st.floats(-6, 6).map(rational),
        st.floats(-1, 1).map(rational),
        st.tuples(st.floats(nearest, -0.5), st.sampled_from([-1, 1])).map(lambda pair: 1 + pair[1] * rational(pair[0])),
        st.just(Fraction(1)),
    )
