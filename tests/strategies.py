"""Exact numbers drawn uniformly in their logarithm, for tests that name their exponents."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st


def log_uniform(low: float, high: float) -> st.SearchStrategy[Fraction]:
    """Exact rationals from 10**low to 10**high, uniform in their logarithm."""
    return st.floats(low, high).map(lambda e: Fraction(f"{10.0**e:.6e}"))


aspect_ratios = st.one_of(
    st.just(Fraction(1)),
    log_uniform(-6, 6).filter(lambda lam: lam <= 10**6),
    log_uniform(-12, -1).map(lambda gap: 1 - gap),
    log_uniform(-12, -1).map(lambda gap: 1 + gap),
)
