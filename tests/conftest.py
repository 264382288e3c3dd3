"""Every test leaves mpmath's and flint's precision as it found them."""

from __future__ import annotations

from collections.abc import Iterator

import mpmath
import pytest
from flint import ctx
from hypothesis import HealthCheck, settings

settings.register_profile(
    "grokmath", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], max_examples=60
)
settings.load_profile("grokmath")


@pytest.fixture(autouse=True)
def _precision_is_left_alone() -> Iterator[None]:
    mpmath.mp.dps, ctx.prec = 17, 61
    yield
    assert (mpmath.mp.dps, ctx.prec) == (17, 61)
    mpmath.mp.dps, ctx.prec = 15, 53
