"""What all tests have: mpmath's and flint's precision left as it was, and the command line as a fixture."""

from __future__ import annotations

from collections.abc import Iterator

import mpmath
import pytest
from flint import ctx
from hypothesis import HealthCheck, settings

from grokmath import cli

from .command_line import Outcome, Run

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


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: str) -> Outcome:
        status = cli.main(list(arguments))
        return Outcome(status, *capsys.readouterr())

    return call
