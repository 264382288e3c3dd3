"""The float64 Marcum functions against the certified ones: relative error at most 5e-15, over the whole domain."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flint import arb
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import ncx2

import grokmath as gm
from grokmath.certified import Scaled, working_precision
from grokmath.functions import marcum_certified as certified
from grokmath.functions import marcum_float64 as float64

REQUIRED = 5e-15
FUNCTIONS: dict[Callable[..., Any], Callable[..., arb | Scaled]] = {
    gm.marcum_q: certified.marcum_q_ball,
    gm.marcum_p: certified.marcum_p_ball,
    gm.log_marcum_q: certified.log_marcum_q_ball,
    gm.log_marcum_p: certified.log_marcum_p_ball,
}


def truth(function: Callable[..., Any], m: float, a: float, b: float) -> arb | None:
    """The value at these binary numbers to 20 digits or more; None where a double hardly holds it (below 1e-300)."""
    with working_precision(200):
        value = FUNCTIONS[function](arb(m), arb(a), arb(b))
        if isinstance(value, Scaled):
            if value.log_scale < -5000:
                return None
            value = value.value()
        assert value.rel_accuracy_bits() > 70
        return value if abs(value) > 1e-300 else None


def error(x: float, value: arb) -> float:
    with working_precision(200):
        return float(abs((arb(x) - value) / value).abs_upper())


def worst(m: Any, a: Any, b: Any) -> float:
    """The largest relative error of the four functions over the points."""
    largest = 0.0
    for function in FUNCTIONS:
        result = function(a, b, m)
        assert not np.isnan(result).any()
        for x, *point in zip(result.tolist(), m.tolist(), a.tolist(), b.tolist(), strict=True):
            value = truth(function, *point)
            if value is None:
                assert abs(x) < 1.1e-300
            else:
                largest = max(largest, error(x, value))
    return largest


def sample(region: str, n: int, seed: int) -> tuple[Any, Any, Any]:
    """Points (m, a, b): log-uniform over the region, or about the middle of the distribution."""
    rng = np.random.default_rng(seed)
    low, high = {"whole": (-2, 4), "small": (-6, 1), "order one": (-1, 1.3), "switch": (0.5, 1.5), "tiny": (-2, 0)}[
        region.removesuffix(", middle")
    ]
    m, a, b = 10 ** rng.uniform(max(low, -2), high, n), 10 ** rng.uniform(low, high, n), 10 ** rng.uniform(low, high, n)
    integer = rng.random(n) < 0.25
    m[integer] = np.ceil(m[integer])
    if region.endswith("middle"):
        spread = rng.normal(size=n) * rng.choice([1, 5, 15], n)
        b = np.sqrt(np.abs(a * a + 2 * m + 2 * np.sqrt(m + 2 * a * a) * spread))
    return m, a, b


@pytest.mark.parametrize("suffix", ["", ", middle"])
@pytest.mark.parametrize("region", ["whole", "small", "order one", "switch", "tiny"])
def test_relative_error(region: str, suffix: str) -> None:
    assert worst(*sample(region + suffix, 150, seed=1)) < REQUIRED


@pytest.mark.slow
@pytest.mark.parametrize("region", ["whole", "small", "order one", "switch", "tiny"])
def test_relative_error_at_many_points(region: str) -> None:
    """The figures of the module's docstring."""
    assert max(worst(*sample(region + suffix, 4000, seed=2)) for suffix in ("", ", middle")) < 3e-15


positive = st.floats(-2, 4).map(lambda e: float(10.0**e))


@given(positive, positive, positive)
@settings(max_examples=150)
@example(0.01, 1e4, 1e4)
@example(1e4, 1e4, 1e4)
@example(1e4, 1e4, math.sqrt(1e8 + 2e4))
@example(1.0, 1e4, 1e4 - 37)
@example(3.0, 1e-2, 1e-2)
def test_relative_error_over_the_whole_domain(m: float, a: float, b: float) -> None:
    assert worst(np.array([m]), np.array([a]), np.array([b])) < REQUIRED


def neighbours(x: float) -> list[float]:
    return [math.nextafter(x, 0), x, math.nextafter(x, math.inf)]


@pytest.mark.parametrize("A", [30.0, 60.0, 150.0, 1e3, 1e5])
@pytest.mark.parametrize("order", [1.0, 0.999, 0.3, 1e-3])
def test_at_the_boundaries_of_the_bands(A: float, order: float) -> None:
    m = np.array(neighbours(A * order) * 3)
    b = np.array([1.0, 9.0, 25.0] * 3)
    a = np.repeat([A * math.sqrt(1 - order * order)] * 3, 3) / b
    assert worst(m, a, b) < REQUIRED
    assert worst(m, a, np.sqrt(a * a + 2 * m)) < REQUIRED


@pytest.mark.parametrize("Y", [0.8, 1.5, 4.0, 12.0, 50.0])
@pytest.mark.parametrize("m", [0.01, 0.3, 1.0, math.nextafter(1, 2), 1.2, 2.0, 7.5, 29.9])
def test_at_the_boundaries_of_the_mixtures(Y: float, m: float) -> None:
    b = np.array([x for y in neighbours(2 * Y) for x in neighbours(math.sqrt(y))])
    for a in (0.0, 1e-3, 0.9, math.sqrt(max(0.0, 2 * Y - 2 * m)), 4.0):
        assert worst(np.full_like(b, m), np.full_like(b, a), b) < REQUIRED


def test_all_methods_are_reached() -> None:
    m, a, b = (
        np.concatenate(x) for x in zip(*(sample(r, 400, 5) for r in ("whole", "order one, middle")), strict=True)
    )
    m, a, b = np.append(m, [1.0, 1.0]), np.append(a, [0.1, 1.0]), np.append(b, [1.2, 20.0])
    assert set(float64._region(m, a, b)) == set(range(len(float64._METHODS)))


def test_values_near_the_smallest_and_logarithms_below_any_double() -> None:
    assert worst(np.full(8, 1.5), np.full(8, 2.0), np.linspace(38.0, 39.3, 8)) < REQUIRED
    for a, b, m in ((1.0, 1e4, 1.0), (1e4, 1e-3, 0.5), (3.0, 500.0, 1e4), (1e4, 1.0, 1e4), (1e-3, 900.0, 2.5)):
        for function, kernel in list(FUNCTIONS.items())[2:]:
            with working_precision(200):
                value = kernel(arb(m), arb(a), arb(b))
                if not isinstance(value, Scaled) and abs(value) > 1e-300:
                    assert error(function(a, b, m), value) < REQUIRED
    assert gm.marcum_q(1.0, 60.0) == 0.0


@pytest.mark.parametrize("m", [1e-3, 1e-10, 1e5, 1e12])
def test_orders_beyond_the_domain_claimed(m: float) -> None:
    rng = np.random.default_rng(3)
    a, b = 10 ** rng.uniform(-3, 4, 60), 10 ** rng.uniform(-3, 4, 60)
    b[:30] = np.sqrt(a[:30] ** 2 + 2 * m * (1 + 0.01 * rng.normal(size=30)))
    assert worst(np.full(60, m), a, b) < REQUIRED


@pytest.mark.parametrize("x", [0.0, 5e-324, 1e-200, 1e150, 1e300])
@pytest.mark.parametrize("y", [0.0, 5e-324, 1e-200, 1e150, 1e300])
@pytest.mark.parametrize("m", [1e-300, 0.5, 1.0, 45.0, 1e300])
def test_extreme_arguments_give_probabilities_without_a_warning(m: float, x: float, y: float) -> None:
    with np.errstate(all="raise"):
        p, q, log_p, log_q = (f(x, y, m) for f in (gm.marcum_p, gm.marcum_q, gm.log_marcum_p, gm.log_marcum_q))
    assert 0 <= p <= 1
    assert 0 <= q <= 1
    assert p + q == 1
    assert max(log_p, log_q) <= 0
    assert abs(math.exp(log_p) - p) < 1e-12


def test_special_values_shapes_and_types() -> None:
    assert gm.marcum_q(3.0, 0.0) == 1.0
    assert gm.marcum_p(3.0, 0.0) == gm.log_marcum_q(3.0, 0.0) == 0.0
    assert gm.log_marcum_p(3.0, 0.0) == -math.inf
    assert abs(gm.marcum_q(0.0, 2.0) - math.exp(-2.0)) < 1e-16
    assert isinstance(gm.marcum_q(1, "2.5"), float)
    grid = gm.marcum_q(np.linspace(0, 5, 4)[:, None], [1.0, 2.0, 3.0], m=2.5)
    assert grid.shape == (4, 3)
    assert grid[2, 1] == gm.marcum_q(float(np.linspace(0, 5, 4)[2]), 2.0, 2.5)
    assert gm.marcum_q(np.empty((0, 3)), 1.0).shape == (0, 3)


def test_scipy_agrees_where_it_is_good() -> None:
    """ncx2.sf loses digits as its arguments grow and as the tail deepens: 1e-12 up to 1e4, down to 1e-200."""
    rng = np.random.default_rng(8)
    m, a = 10 ** rng.uniform(-1, 2, 300), 10 ** rng.uniform(-2, 2, 300)
    b = np.sqrt(np.abs(a * a + 2 * m + 2 * np.sqrt(m + 2 * a * a) * rng.normal(size=300) * 3))
    q, theirs = gm.marcum_q(a, b, m), ncx2.sf(b * b, 2 * m, a * a)
    good = theirs > 1e-200
    assert good.sum() > 250
    assert np.abs(q / theirs - 1)[good].max() < 1e-12


@pytest.mark.parametrize(
    ("function", "scipy_function", "a", "b", "m", "scipy_error"),
    [
        (gm.marcum_q, ncx2.sf, 5.0, 40.0, 1.0, 1e-7),  # 3e-268, scipy is wrong by 1e-6
        (gm.marcum_q, ncx2.sf, 100.0, 130.0, 2.5, 0.9),  # 8e-198, scipy gives 0
        (gm.marcum_q, ncx2.sf, 1000.0, 1030.0, 50.0, 0.9),  # 2e-197, scipy gives 0
        (gm.marcum_p, ncx2.cdf, 30.0, 5.0, 1.0, 0.9),  # 1e-138, scipy gives 0
        (gm.marcum_p, ncx2.cdf, 40.0, 3.0, 1.0, 0.9),  # 2e-300, scipy gives 0
        (gm.marcum_p, ncx2.cdf, 1000.0, 990.0, 7.3, 1e-13),  # 7e-24
    ],
)
def test_where_scipy_fails_and_this_holds(
    function: Any, scipy_function: Any, a: float, b: float, m: float, scipy_error: float
) -> None:
    value = truth(function, m, a, b)
    assert value is not None
    assert error(function(a, b, m), value) < 1e-15
    with np.errstate(all="ignore"):
        assert error(float(scipy_function(b * b, 2 * m, a * a)), value) > scipy_error


def test_an_order_below_the_normal_doubles_is_refused_and_gives_no_nan() -> None:
    for function in (gm.marcum_q, gm.marcum_p, gm.log_marcum_q, gm.log_marcum_p):
        with pytest.raises(gm.DomainError, match="m = 5e-324"):
            function(1.0, 2.0, [1.0, 5e-324])
    assert gm.marcum_q(1.0, 2.0, 1e-307) == pytest.approx(gm.marcum_q(1.0, 2.0, 1e-20))
