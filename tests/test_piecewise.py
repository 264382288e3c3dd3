"""Rules by intervals: the edges, the two readings, the blocks."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from grokmath.functions.piecewise import SCALAR, VECTOR, Piecewise, horner


def test_edges_belong_to_the_upper_rule_and_stay_in_order() -> None:
    f = Piecewise([lambda t, m: 0.0, lambda t, m: 1.0, lambda t, m: 2.0, lambda t, m: 3.0], [1.0, 0.5, 2.0])
    assert f.edges == (1.0, 1.0, 2.0)  # rule 1 has no points
    t = np.array([0.0, math.nextafter(1.0, 0.0), 1.0, math.nextafter(2.0, 0.0), 2.0, 1e308])
    np.testing.assert_array_equal(f(t), [0.0, 0.0, 2.0, 2.0, 3.0, 3.0])
    assert [f(float(x)) for x in t] == list(f(t))


def test_rules_see_only_their_points() -> None:
    def root(t: Any, m: Any) -> Any:
        assert np.min(np.asarray(t)) >= 1.0
        return m.sqrt(t)

    f = Piecewise([lambda t, m: t, root], [1.0])
    t = np.random.default_rng(1).uniform(0.0, 4.0, 100_000)
    np.testing.assert_array_equal(f(t), np.where(t < 1.0, t, np.sqrt(np.maximum(t, 1.0))))


@pytest.mark.parametrize("name", ["exp", "log", "log1p", "sqrt"])
def test_the_two_readings_agree(name: str) -> None:
    x = np.geomspace(1e-3, 1e2, 100)
    scalar = [getattr(SCALAR, name)(float(value)) for value in x]
    np.testing.assert_allclose(getattr(VECTOR, name)(x), scalar, rtol=5e-16)
    assert SCALAR.maximum(1.0, 2.0) == VECTOR.maximum(1.0, 2.0) == 2.0
    assert SCALAR.where(True, 1.0, 2.0) == VECTOR.where(True, 1.0, 2.0) == 1.0


def test_horner() -> None:
    assert horner((1.0, 2.0, 3.0), 2.0) == 17.0
    assert horner((1.0, 2.0), 2.0) == 5.0
