"""Modular addition: the mapping to an aspect ratio, and the fit of a divergence with its uncertainty."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2 as chi_squared
from scipy.stats import kstest

from grokmath import DomainError
from grokmath.regression.modular_addition import fit_divergence, modular_aspect_ratio, modular_training_fraction

from .strategies import log_uniform

moduli = st.integers(2, 10**6)


def test_the_paper_s_range():
    assert str(modular_aspect_ratio("0.5", 48, digits=3)) == "0.0833"
    assert str(modular_aspect_ratio("0.9", 48, digits=3)) == "0.0463"


@given(alpha=log_uniform(-6, 0), p=moduli)
def test_the_mapping_counts_inputs_and_pairs_and_is_inverted(alpha, p):
    lam = modular_aspect_ratio(alpha, p, digits=20)
    assert lam.exact == Fraction(2 * p) / (alpha * p**2)
    assert modular_training_fraction(lam, p, digits=20).exact == alpha
    assert math.isclose(modular_aspect_ratio(float(alpha), p), float(lam), rel_tol=1e-15)
    symbol = sympy.Symbol("alpha", positive=True)
    assert modular_training_fraction(modular_aspect_ratio(symbol, p), p) == symbol


def test_arrays():
    lams = modular_aspect_ratio(np.array([0.5, 0.9]), 48)
    assert np.allclose(modular_training_fraction(lams, 48), [0.5, 0.9], rtol=1e-15)


@given(
    critical=st.floats(0.05, 5),
    amplitude=st.floats(1e-6, 1e6),
    gap=st.floats(0.01, 0.5),
    above=st.booleans(),
    n=st.integers(3, 12),
)
def test_exact_times_give_the_exact_parameters(critical, amplitude, gap, above, n):
    lams = critical * (1 + (1 if above else -1) * gap * np.linspace(0.1, 1, n))
    times = amplitude / (lams - critical) ** 2
    for uncertainties in (None, 0.01 * times, 1e-3 * times.min()):
        fit = fit_divergence(lams, times, uncertainties)
        assert abs(fit.critical - critical) < 1e-6 * gap * critical
        assert abs(fit.amplitude / amplitude - 1) < 1e-5
        assert fit.degrees_of_freedom == n - 2
        assert np.allclose(fit.predict(lams), times, rtol=1e-5)


@pytest.mark.parametrize("relative", [0.02, 0.1])
@pytest.mark.parametrize("known", [True, False])
def test_the_uncertainties_cover_the_truth(relative, known):
    """Over 400 sets of ten times the pulls (estimate - truth)/error have mean 0 and spread 1.

    With n = 400 the mean is known to 0.05 and the spread to 0.035. Where the size of the errors is estimated, from 8
    degrees of freedom, the pulls follow Student's law, of spread sqrt(8/6). Skewness adds a mean of the order of the
    relative error of lam* - lam, here below 0.2.
    """
    rng = np.random.default_rng(11)
    lams = np.linspace(0.045, 0.085, 10)
    truth = np.array([0.1, 3.0])
    times = truth[1] / (lams - truth[0]) ** 2
    pulls, sums = [], []
    for _ in range(400):
        sigma = relative * times
        noise = rng.standard_normal(10)
        measured = times + sigma * noise if known else times * np.exp(relative * noise)
        fit = fit_divergence(lams, measured, sigma if known else None)
        pulls.append([(fit.critical - 0.1) / fit.critical_error, (fit.amplitude - 3) / fit.amplitude_error])
        sums.append(fit.chi2 if known else fit.chi2 / relative**2)
        correlation = fit.covariance[0, 1] / (fit.critical_error * fit.amplitude_error)
        assert 0.8 < correlation < 1  # a larger lam* goes with a larger C
    spread = 1.0 if known else math.sqrt(8 / 6)
    assert (np.abs(np.mean(pulls, axis=0)) < 0.2 + 4 * 0.05 * spread).all()
    assert (np.abs(np.std(pulls, axis=0) / spread - 1) < 0.25).all()
    assert kstest(sums, chi_squared(8).cdf).pvalue > 1e-3


def test_the_p_value_is_that_of_chi_squared():
    rng = np.random.default_rng(12)
    lams = np.linspace(0.5, 0.9, 8)
    times = (lams - 1) ** -2.0
    fit = fit_divergence(lams, times * (1 + 0.01 * rng.standard_normal(8)), 0.01 * times)
    assert math.isclose(fit.p_value, chi_squared(6).sf(fit.chi2), rel_tol=1e-12)
    wrong = fit_divergence(lams, 1 / (1 - lams), 0.01 / (1 - lams))  # another power
    assert wrong.p_value < 1e-6
    assert fit_divergence(lams, times).p_value is None


@given(unit=log_uniform(-6, 6), length=log_uniform(-3, 3))
def test_the_fit_does_not_depend_on_the_units(unit, length):
    lams, times = np.array([0.5, 0.6, 0.7, 0.8]), np.array([4.2, 6.0, 11.5, 24.0])
    sigma = np.array([0.3, 0.3, 0.5, 2.0])
    plain = fit_divergence(lams, times, sigma)
    u, v = float(unit), float(length)
    scaled = fit_divergence(v * lams, u * times, u * sigma)
    assert math.isclose(scaled.critical, v * plain.critical, rel_tol=1e-6)
    assert math.isclose(scaled.amplitude, u * v**2 * plain.amplitude, rel_tol=1e-6)
    assert math.isclose(scaled.critical_error, v * plain.critical_error, rel_tol=1e-5)
    assert math.isclose(scaled.chi2, plain.chi2, rel_tol=1e-6)


def test_the_fit_is_the_least_squares_one():
    """The gradient of chi2 vanishes at the estimate and grows away from it as the covariance says."""
    lams, times = np.array([0.5, 0.6, 0.7, 0.8]), np.array([4.2, 6.0, 11.5, 24.0])
    sigma = np.array([0.3, 0.3, 0.5, 2.0])
    fit = fit_divergence(lams, times, sigma)

    def chi2(critical, amplitude):
        return np.sum(((times - amplitude / (lams - critical) ** 2) / sigma) ** 2)

    assert math.isclose(chi2(fit.critical, fit.amplitude), fit.chi2, rel_tol=1e-9)
    for direction in ((1.0, 0.0), (0.0, 1.0), (0.7, 0.7)):
        step = 1e-3 * np.array(direction) * (fit.critical_error, fit.amplitude_error)
        up = chi2(fit.critical + step[0], fit.amplitude + step[1])
        down = chi2(fit.critical - step[0], fit.amplitude - step[1])
        assert up > fit.chi2
        assert down > fit.chi2
        assert abs(up - down) < 0.2 * (up + down - 2 * fit.chi2)


GOOD = ([0.5, 0.6, 0.7], [4.0, 6.0, 11.0])
BAD = [
    (lambda: modular_aspect_ratio(0, 48), ": alpha = "),
    (lambda: modular_aspect_ratio("1.5", 48, digits=4), ": alpha = "),
    (lambda: modular_aspect_ratio("0.5", 1), ": p = "),
    (lambda: modular_aspect_ratio("0.5", 48.5), ": p = "),
    (lambda: modular_training_fraction("0.01", 48), ": lam = "),
    (lambda: fit_divergence([0.5, 0.6], [1.0, 2.0]), "at least three different"),
    (lambda: fit_divergence([0.5, 0.6, 0.6], [1.0, 2.0, 2.0]), "at least three different"),
    (lambda: fit_divergence([0.5, 0.6, 0.7], [1.0, 2.0]), "differ in length"),
    (lambda: fit_divergence(0.5, 1.0), ": lams = "),
    (lambda: fit_divergence(GOOD[0], [1.0, -2.0, 3.0]), ": times = "),
    (lambda: fit_divergence(GOOD[0], [1.0, math.nan, 3.0]), ": times = "),
    (lambda: fit_divergence(GOOD[0], [1.0, math.inf, 3.0]), ": times = "),
    (lambda: fit_divergence(*GOOD, 0), ": uncertainties = "),
    (lambda: fit_divergence(*GOOD, [0.1, 0.2]), "2 uncertainties for 3 times"),
    (lambda: fit_divergence([[0.5, 0.6], [0.7, 0.8]], [[1.0, 2.0], [3.0, 4.0]]), ": lams = "),
    (lambda: fit_divergence(GOOD[0], [5.0, 5.0, 5.0]), "no fit"),
    (lambda: fit_divergence([0.5, 0.6, 0.7, 0.8], [1.0, 9.0, 9.0, 1.0]), "no fit"),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_bad_input_is_refused_in_one_sentence(call, message):
    with pytest.raises(DomainError) as caught:
        call()
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
