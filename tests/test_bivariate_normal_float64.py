"""Owen's T and the bivariate normal law in float64: measured against certified values over the whole domain.

The heavier sweep: python -m pytest tests/test_bivariate_normal_float64.py -m slow
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grokmath.functions import bivariate_normal_float64 as float64
from grokmath.functions import owens_t_float64 as owen
from grokmath.functions.bivariate_normal import (
    bivariate_normal_cdf,
    log_bivariate_normal_cdf,
    log_owens_t,
    owens_t,
)

FLOAT64_ERROR = 6e-15
"""The relative error that docs/bivariate_normal.md states."""


def _certified_float(h: float, k: float, rho: float, log: bool = False) -> float:
    function = log_bivariate_normal_cdf if log else bivariate_normal_cdf
    return float(function(Fraction(h), Fraction(k), Fraction(rho), digits=18))


FLOATS = st.builds(lambda sign, x: sign * 10**x, st.sampled_from([-1.0, 1.0]), st.floats(-6, 1.55))
RHO_FLOATS = st.one_of(
    st.floats(-0.999, 0.999), st.builds(lambda s, x: s * (1 - 10**x), FLOATS.map(np.sign), st.floats(-15, 0))
)


@given(st.floats(-6, 1.55).map(lambda x: 10**x), st.floats(-8, 8).map(lambda x: 10**x))
@settings(max_examples=150)
@example(0.0, 1.0)
@example(1.0, 1.0)
@example(1.0, math.nextafter(1.0, 2.0))
@example(1.0, math.nextafter(1.0, 0.0))
@example(37.0, 0.2)
@example(5e-324, 1e308)
def test_t_in_float64(h: float, a: float) -> None:
    truth = owens_t(Fraction(h), Fraction(a), digits=18)
    if truth > Fraction(1, 10**300):
        assert owens_t(h, a) == pytest.approx(float(truth), rel=FLOAT64_ERROR)
        assert owens_t(-h, -a) == -owens_t(h, a)
    log = float(log_owens_t(Fraction(h), Fraction(a), digits=18))
    assert log_owens_t(h, a) == pytest.approx(log, rel=FLOAT64_ERROR)


@given(FLOATS, FLOATS, RHO_FLOATS)
@settings(max_examples=150)
@example(0.0, 0.0, -0.5)
@example(0.0, -1.0, 0.5)
@example(-1.0, 0.0, -0.999999)
@example(1.0, -1.0, -0.9999999999999)
@example(-1.0, 1.0000001, -0.9999999999999)
@example(-0.01, 0.05, -1 + 1e-10)
@example(10.0, -9.0, -0.5)
@example(-1e-9, -1e-12, -1 + 1e-15)
def test_the_distribution_in_float64(h: float, k: float, rho: float) -> None:
    value = bivariate_normal_cdf(h, k, rho)
    log = _certified_float(h, k, rho, log=True)
    if log > -690:
        assert value == pytest.approx(_certified_float(h, k, rho), rel=FLOAT64_ERROR)
    assert log_bivariate_normal_cdf(h, k, rho) == pytest.approx(log, rel=FLOAT64_ERROR)


def test_float64_at_the_ends_of_its_range() -> None:
    assert bivariate_normal_cdf(1e300, 1e300, 0.5) == 1.0
    assert bivariate_normal_cdf(-1e300, 1e300, 0.5) == 0.0
    assert log_bivariate_normal_cdf(-1e300, 0.0, 0.5) == -math.inf
    assert log_bivariate_normal_cdf(1.0, -1.0, -1.0) == -math.inf
    assert log_owens_t(1e200, 1.0) == -math.inf
    assert owens_t(0.0, 1e308) == 0.25
    shapes = bivariate_normal_cdf(np.zeros((2, 1)), np.zeros(3), [0.0, 1.0, -1.0])
    assert shapes.tolist() == [[0.25, 0.5, 0.0]] * 2
    assert isinstance(bivariate_normal_cdf(0.0, 0.0, 0.0), float)
    many = np.linspace(-3, 3, 40_001)
    assert np.array_equal(owens_t(many, 0.5), np.array([*owens_t(many[:7], 0.5), *owens_t(many[7:], 0.5)]))


def test_the_rules_have_no_error_of_their_own() -> None:
    """Twice the nodes change nothing beyond rounding: the tolerance is 16 units of the last place."""
    rng = np.random.default_rng(2)
    h, k = rng.normal(size=2000) * 4, rng.normal(size=2000) * 4
    rho = np.clip(rng.uniform(-1.2, 1.2, 2000), -0.9999, 0.9999)
    base = float64.bivariate_normal_cdf(h, k, rho)
    with pytest.MonkeyPatch.context() as patch:
        for module, name in ((owen, "_EVEN_NODES"), (owen, "_CORNER_NODES"), (float64, "_WEDGE_NODES")):
            patch.setattr(module, name, 2 * getattr(module, name))
        finer = float64.bivariate_normal_cdf(h, k, rho)
    seen = finer > 1e-300
    assert np.abs(base[seen] / finer[seen] - 1).max() < 16 * 2.0**-52


EXTREMES = np.array([0.0, 5e-324, 1e-300, 1e-9, 0.3, 1.0, 8.3, 37.6, 1e8, 1e139, 1e300])
SIGNED = np.concatenate([-EXTREMES[::-1], EXTREMES])


def test_no_nan_on_a_grid_of_extremes() -> None:
    T = owens_t(SIGNED[:, None], SIGNED)
    assert not np.isnan(T).any()
    assert (np.abs(T) <= 0.25).all()
    assert np.array_equal(T, -T[:, ::-1])
    assert np.array_equal(T, T[::-1])
    logs = log_owens_t(SIGNED[:, None], EXTREMES[1:])
    assert not np.isnan(logs).any()
    rho = np.array([-1.0, np.nextafter(-1.0, 0.0), -0.5, -1e-300, 0.0, 0.7, np.nextafter(1.0, 0.0), 1.0])
    for function, high in ((bivariate_normal_cdf, 1.0), (log_bivariate_normal_cdf, 0.0)):
        values = function(SIGNED[:, None, None], SIGNED[:, None], rho)
        assert not np.isnan(values).any()
        assert (values <= high + 1e-15).all()
        assert np.allclose(values, values.transpose(1, 0, 2), rtol=1e-13, atol=0.0)


def test_the_singular_correlations() -> None:
    rng = np.random.default_rng(4)
    for h, k in rng.normal(size=(50, 2)) * 3:
        for rho in (-1.0, 1.0):
            certified = float(bivariate_normal_cdf(Fraction(h), Fraction(k), int(rho), digits=17))
            assert bivariate_normal_cdf(h, k, rho) == pytest.approx(certified, rel=FLOAT64_ERROR, abs=1e-320)


@pytest.mark.slow
def test_many_random_points() -> None:
    """Five thousand points each: a minute."""
    rng = np.random.default_rng(6)
    n = 5000
    h, a = 10 ** rng.uniform(-6, 1.55, n), 10 ** rng.uniform(-8, 8, n)
    x, y = (rng.choice([-1.0, 1.0], n) * 10 ** rng.uniform(-4, 1.5, n) for _ in range(2))
    y = np.where(rng.uniform(size=n) < 0.3, -x * (1 + 10 ** rng.uniform(-12, 0, n)), y)
    near = rng.choice([-1.0, 1.0], n) * (1 - 10 ** rng.uniform(-15, -1, n))
    rho = np.where(rng.uniform(size=n) < 0.5, rng.uniform(-1, 1, n), near)
    measured = log_owens_t(h, a), log_bivariate_normal_cdf(x, y, rho)
    plain = owens_t(h, a), bivariate_normal_cdf(x, y, rho)
    for i in range(n):
        points = [(Fraction(h[i]), Fraction(a[i])), (Fraction(x[i]), Fraction(y[i]), Fraction(rho[i]))]
        for j, function in enumerate((log_owens_t, log_bivariate_normal_cdf)):
            certified = function(*points[j], digits=19)
            assert measured[j][i] == pytest.approx(float(certified), rel=FLOAT64_ERROR)
            if certified > -690:
                value = (owens_t, bivariate_normal_cdf)[j](*points[j], digits=18)
                assert plain[j][i] == pytest.approx(float(value), rel=FLOAT64_ERROR)
