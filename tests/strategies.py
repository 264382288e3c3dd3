"""Exact parameters for the package's own tests, from the testing kit: aspect ratios, and ranges named by exponents."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from grokmath import testing

aspect_ratios = testing.aspect_ratios()


def log_uniform(low: float, high: float) -> st.SearchStrategy[Fraction]:
    """Exact rationals from 10**low to 10**high, every decade as likely as another."""
    return testing.rationals(*(Fraction(f"{10.0**end:.6e}") for end in (low, high)))
