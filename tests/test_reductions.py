"""Appendices F.1 and H: both problems trained step by step, and the maps between their parameters."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from grokmath.classification.logistic import LogisticModel
from grokmath.classification.margin import limit_accuracy
from grokmath.classification.reductions import (
    one_label_points,
    one_label_problem,
    one_label_weights,
    two_gaussians_problem,
    two_gaussians_weights,
    unit_variance_problem,
)
from grokmath.classification.separability import separability
from grokmath.parameters import DomainError

positive = st.fractions(Fraction(1, 1000), 1000, max_denominator=10**6)
SLOPES = {"logistic": lambda f: 1 / (1 + np.exp(-f)), "exponential": np.exp}


@pytest.mark.parametrize("loss", SLOPES)
@pytest.mark.parametrize("mu", [1.0, 0.3, 4.0])
def test_two_gaussians_and_one_label_train_alike(loss, mu):
    """1000 steps of gradient descent of both problems, each in its own variables, from a random start."""
    slope = SLOPES[loss]
    rng = np.random.default_rng(1)
    N, d, sigma, eta = 40, 12, 2.0, 0.05 / max(1.0, mu) ** 2
    y, z = rng.choice([-1.0, 1.0], N), sigma * rng.standard_normal((N, d))
    x = np.column_stack([y * mu, z])
    S = 0.1 * rng.standard_normal(d + 1)
    problem = one_label_problem(mu, sigma, eta)
    points = one_label_points(z, y, mu)
    T, b = one_label_weights(S, mu)
    assert points.std() == pytest.approx(problem.sigma, rel=0.1)
    for _ in range(1000):
        assert points @ T + b == pytest.approx(-y * (x @ S), abs=1e-10)  # the outputs
        S = S + eta / N * (slope(-y * (x @ S)) * y) @ x
        weights = slope(points @ T + b)
        T, b = T - problem.eta / N * weights @ points, b - problem.eta * weights.mean()
    assert two_gaussians_weights(T, b, mu) == pytest.approx(S, abs=1e-10)
    assert np.linalg.norm(S) > 0.5


def test_inputs_of_any_scale_train_like_unit_inputs():
    """(42), (43): the outputs of both problems after every step, with the rates and the start that the map gives."""
    rng = np.random.default_rng(2)
    N, d, sigma, eta = 30, 10, 5.0, 0.002
    unit = rng.standard_normal((N, d))
    points = sigma * unit
    problem = unit_variance_problem(sigma, eta)
    S, b = 0.01 * rng.standard_normal(d), 0.2
    T, c = problem.weight_scale * S, b
    for _ in range(2000):
        assert unit @ T + c == pytest.approx(points @ S + b, abs=1e-9)
        weights, same = np.exp(points @ S + b), np.exp(unit @ T + c)
        S, b = S - eta / N * weights @ points, b - eta * weights.mean()
        T, c = T - problem.weight_rate / N * same @ unit, c - problem.bias_rate * same.mean()
    assert np.abs(T - sigma * S).max() < 1e-9


def test_margin_and_accuracy_scale_as_in_44():
    rng = np.random.default_rng(3)
    unit = rng.standard_normal((60, 50))
    one, five = separability(unit, feature_std=1), separability(5 * unit, feature_std=5)
    assert five.margin == pytest.approx(5 * one.margin, rel=1e-8)
    assert five.limit_accuracy < one.limit_accuracy
    assert limit_accuracy("0.8", 2) < limit_accuracy("0.8")
    inside = rng.standard_normal((100, 10))
    small, large = separability(inside, feature_std=1), separability(5 * inside, feature_std=5)
    assert large.minimizer_norm * 5 == pytest.approx(small.minimizer_norm, rel=1e-10)
    assert large.relaxation_exponent == pytest.approx(25 * small.relaxation_exponent, rel=1e-9)
    rate = unit_variance_problem(5).weight_rate
    assert rate == 25


def test_the_model_of_two_gaussians():
    problem = one_label_problem(2, 6, "1/4", digits=20)
    model = LogisticModel("0.4", *(part.exact for part in problem))
    assert (model.sigma, model.eta) == (3, 1)


@given(mu=positive, sigma=positive, eta=positive)
def test_the_maps_are_inverse(mu, sigma, eta):
    there = one_label_problem(mu, sigma, eta, digits=20)
    back = two_gaussians_problem(mu, there.sigma.exact, there.eta.exact, digits=20)
    assert (back.sigma.exact, back.eta.exact) == (sigma, eta)
    floats = one_label_problem(float(mu), float(sigma), float(eta))
    assert floats == pytest.approx((float(sigma / mu), float(eta * mu**2)), rel=1e-15)
    exact = unit_variance_problem(sigma, eta, digits=10)
    assert [part.exact for part in exact] == [eta * sigma**2, eta, sigma]


def test_weights_and_arrays_of_weights():
    rng = np.random.default_rng(4)
    S = rng.standard_normal((7, 5))
    T, b = one_label_weights(S, 3)
    assert T.shape == (7, 4)
    assert b.shape == (7,)
    assert two_gaussians_weights(T, b, 3) == pytest.approx(S)
    row, bias = one_label_weights(S[0], 3)
    assert isinstance(bias, float)
    assert row == pytest.approx(T[0])


def test_symbols():
    mu, sigma, eta = sympy.symbols("mu sigma eta", positive=True)
    there = one_label_problem(mu, sigma, eta)
    back = two_gaussians_problem(mu, *there)
    assert [sympy.simplify(part) for part in back] == [sigma, eta]
    assert one_label_problem(sympy.sqrt(2), 1, 1, digits=5).eta.exact == 2
    assert unit_variance_problem(sigma, eta) == (eta * sigma**2, eta, sigma)


def test_bad_input():
    for call in (one_label_problem, two_gaussians_problem):
        with pytest.raises(DomainError, match="mu = 0"):
            call(0)
        with pytest.raises(DomainError, match="eta"):
            call(1, 1, -1)
    with pytest.raises(DomainError, match="sigma"):
        unit_variance_problem("nan")
    with pytest.raises(DomainError, match="labels"):
        one_label_points(np.eye(3), [1, 1])
    with pytest.raises(DomainError, match="labels"):
        one_label_points(np.eye(2), [1, 0])
    with pytest.raises(DomainError, match="components"):
        one_label_weights([1.0])
    with pytest.raises(DomainError, match="one bias"):
        two_gaussians_weights([1.0, 2.0], [1.0])
    with pytest.raises(DomainError, match="mu"):
        one_label_weights([1.0, 2.0], -1)
