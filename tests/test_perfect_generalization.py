"""Proposition 3.1 along trajectories: necessary, not sufficient for the loss, and what is."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grokmath import LogisticModel
from grokmath.certified import ball, working_precision
from grokmath.classification.perfect_generalization import perfect_generalization
from grokmath.functions.logistic_normal import log_population_loss, population_accuracy, population_loss
from grokmath.functions.mills_certified import mills_excess
from grokmath.parameters import DomainError


def test_the_proposition_is_not_sufficient_for_the_loss():
    """R = s, b = -s (log s)**(1/4): at s = 1e16 the accuracy is 0.9931 and E X_+ = 2.2e13."""
    s = np.geomspace(1e2, 1e16, 40)
    check = perfect_generalization(s, -s * np.log(s) ** 0.25)
    assert (check.necessary, check.sufficient) == (True, False)
    assert round(float(check.accuracy[-1]), 4) == 0.9931
    assert math.exp(check.log_excess[-1]) == pytest.approx(2.2e13, rel=0.02)
    assert check.log_loss[-1] == pytest.approx(check.log_excess[-1], rel=1e-10)
    assert "not the loss" in check.verdict


def test_the_boundary_lies_where_the_bias_is_the_root_of_the_logarithm():
    """b = -s sqrt(c log s): E X_+ ~ s^(1 - c/2) falls for c > 2 and grows for c < 2, while r -> infinity for both."""
    s = np.geomspace(1e4, 1e60, 40)
    for c, sufficient in ((1.5, False), (1.9, False), (2.2, True), (3.0, True)):
        check = perfect_generalization(s, -s * np.sqrt(c * np.log(s)))
        assert check.necessary
        assert check.sufficient == sufficient
        slope = (check.log_excess[-1] - check.log_excess[-2]) / math.log(s[-1] / s[-2])
        assert slope == pytest.approx(1 - c / 2, abs=0.02)
        assert (check.log_loss[-1] < check.log_loss[-20]) == sufficient


def test_trajectories_of_the_three_kinds():
    log_t = np.linspace(1, 300, 60)
    inseparable = perfect_generalization(np.full(60, 2.07), -log_t)
    assert inseparable.sufficient
    assert "tends to 0" in inseparable.verdict
    separable = perfect_generalization(0.4 * log_t, -0.8 * log_t)
    assert not separable.necessary
    assert "|b|/R does not grow" in separable.verdict
    assert "b does not fall" in perfect_generalization(1 / log_t, np.full(60, -1.0)).verdict
    assert not perfect_generalization(1 / log_t, log_t).necessary  # everything answered 1
    frozen = perfect_generalization(np.zeros(60), -log_t)  # R = 0: the accuracy is 1 throughout
    assert frozen.sufficient
    assert float(frozen.accuracy.min()) == 1.0
    assert np.isneginf(frozen.log_excess).all()


@pytest.mark.parametrize(("lam", "generalizes"), [("0.3", True), ("0.45", True), ("0.55", False), ("0.9", False)])
def test_the_late_trajectories_of_the_model(lam, generalizes):
    """Proposition 3.2: S -> S_inf and b = -log t inseparable; slopes M/(1+M^2), -1/(1+M^2) separable."""
    log_t = np.linspace(50, 500, 40)
    model = LogisticModel(lam)
    if generalizes:
        check = perfect_generalization(np.full(40, model.minimizer_norm()), -log_t)
    else:
        slopes = model.weight_slope(), model.bias_slope()
        check = perfect_generalization(slopes[0] * log_t, slopes[1] * log_t)
        assert check.accuracy[-1] == pytest.approx(model.limit_accuracy(), rel=1e-12)
    assert check.necessary == check.sufficient == generalizes


@given(st.floats(-2, 3).map(lambda x: 10**x), st.floats(-300, 3))
@settings(max_examples=40)
def test_the_columns_are_the_population_quantities(R, b):
    check = perfect_generalization([R] * 3, [b] * 3)
    assert check.accuracy[0] == population_accuracy(R, b)
    assert check.log_loss[0] == log_population_loss(R, b)
    assert check.ratio[0] == -b / R
    with working_precision(120):  # E X_+ = R phi(r) (1 - r m(r))
        exact = [ball(Fraction(x)) for x in (R, b)]
        r = -exact[1] / exact[0]
        log = exact[0].log() - r * r / 2 - (2 * ball(Fraction(1)).pi()).log() / 2 + mills_excess(r).log()
    assert check.log_excess[0] == pytest.approx(float(log), rel=1e-13, abs=1e-13)
    assert math.exp(check.log_excess[0]) <= population_loss(R, b) * (1 + 1e-14)


@given(st.floats(0.5, 60), st.floats(-200, -1))
@settings(max_examples=60)
def test_the_loss_is_the_excess_and_a_remainder_that_vanishes(R, b):
    """0 <= L - E X_+ <= e^-|b|/2 + log(2) Phi(-r/2): section 5 of docs/proofs/logistic_normal.md."""
    check = perfect_generalization([R] * 3, [b] * 3)
    remainder = population_loss(R, b) - math.exp(check.log_excess[0])
    r = -b / R
    bound = math.exp(b / 2) + math.log(2) * 0.5 * math.erfc(r / 2 / math.sqrt(2))
    assert -1e-13 * math.exp(check.log_excess[0]) <= remainder <= bound


def test_the_part_that_is_looked_at():
    log_t = np.linspace(1, 40, 40)
    b = np.where(log_t < 20, 1.0, -log_t)  # falls in the last half only
    assert perfect_generalization(np.ones(40), b).sufficient
    assert not perfect_generalization(np.ones(40), b, part=1.0).necessary
    assert "over the last 3 points" in perfect_generalization(np.ones(40), b, part=0.01).verdict


def test_bad_trajectories():
    with pytest.raises(DomainError, match="one length"):
        perfect_generalization([1.0, 2.0, 3.0], [1.0, 2.0])
    with pytest.raises(DomainError, match="one length"):
        perfect_generalization([1.0, 2.0], [1.0, 2.0])
    with pytest.raises(DomainError, match="one length"):
        perfect_generalization(np.ones((3, 3)), np.ones((3, 3)))
    with pytest.raises(DomainError, match="part"):
        perfect_generalization([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], part=0)
    with pytest.raises(DomainError, match="R = "):
        perfect_generalization([1.0, -2.0, 3.0], [1.0, 2.0, 3.0])
    with pytest.raises(DomainError, match="b = "):
        perfect_generalization([1.0, 2.0, 3.0], [1.0, math.nan, 3.0])
