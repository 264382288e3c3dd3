"""The testing kit's strategies: their domains, regimes and shares, and how they shrink."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from grokmath import LinearTeacherStudent, TwoPointModel
from grokmath import testing as kit
from grokmath.classification.separability import separability
from grokmath.testing.rationals import decade

ONE, HALF = Fraction(1), Fraction(1, 2)


def draws(strategy, count=120):
    """What a strategy yields beside another parameter (alone, Hypothesis would not draw a value twice)."""
    found = []

    @settings(max_examples=count, phases=[Phase.generate], database=None, suppress_health_check=list(HealthCheck))
    @given(strategy, st.integers(0, 2**60))
    def collect(value, _):
        found.append(value)

    collect()
    return found


def share(values, condition):
    """The fraction of the values that fulfil the condition."""
    return sum(map(condition, values)) / len(values)


# Strategies: domains, regimes, shares


@pytest.mark.parametrize(("problem", "critical", "top"), [("regression", ONE, 10**6), ("classification", HALF, 1)])
def test_aspect_ratios_lie_in_their_regime(problem, critical, top):
    for regime, inside in {
        "under": lambda v: Fraction(1, 10**6) <= v < critical,
        "critical": lambda v: v == critical,
        "over": lambda v: critical < v <= top,
        "near_critical": lambda v: Fraction(1, 10**12) <= abs(v / critical - 1) <= Fraction(1, 5),
    }.items():
        values = draws(kit.aspect_ratios(regime, problem), 60)
        assert all(isinstance(v, Fraction) and inside(v) for v in values), regime
        if regime != "critical":
            assert len(set(values)) > 15
    near = draws(kit.aspect_ratios("near_critical", problem), 80)
    assert share(near, lambda v: v < critical) > 0.1
    assert share(near, lambda v: v > critical) > 0.1
    assert share(near, lambda v: abs(v / critical - 1) < Fraction(1, 10**6)) > 0.1
    values = draws(kit.aspect_ratios("any", problem), 200)
    assert share(values, lambda v: v == critical) > 0.02
    assert share(values, lambda v: v < critical) > 0.1
    assert share(values, lambda v: v > critical) > 0.1
    assert share(values, lambda v: 0 < abs(v / critical - 1) < Fraction(1, 100)) > 0.02
    assert share(values, lambda v: v < Fraction(1, 1000)) > 0.01


def test_bounds_of_aspect_ratios():
    values = draws(kit.aspect_ratios(smallest="1e-300", largest="3/2", closest="1e-30"), 200)
    assert all(Fraction(1, 10**300) <= v <= Fraction(3, 2) for v in values)
    assert any(v < Fraction(1, 10**100) for v in values)
    assert any(0 < abs(v - 1) < Fraction(1, 10**20) for v in values)


SCALES = [  # strategy, smallest, largest, zero among them, special points
    (kit.times(), "1e-12", "1e12", True, ()),
    (kit.times(zero=False, smallest="1e-300", largest="1e310"), "1e-300", "1e310", False, ()),
    (kit.thresholds(), "1e-12", "10", False, (4,)),
    (kit.learning_rates(), "1e-4", "1", False, (1,)),
    (kit.weight_decays(), "1e-12", "10", True, ()),
    (kit.initial_scales(), "0.01", "10", True, (1,)),
    (kit.label_noises(), "1e-4", "1", True, ()),
    (kit.label_noises(zero=False, largest=3), "1e-4", "3", False, ()),
]


@pytest.mark.parametrize(("strategy", "smallest", "largest", "zero", "special"), SCALES)
def test_scales_reach_from_end_to_end(strategy, smallest, largest, zero, special):
    values = draws(strategy, 240)
    low, high = Fraction(smallest), Fraction(largest)
    assert all(isinstance(v, Fraction) and (low <= v <= high or (zero and v == 0)) for v in values)
    assert (0 in values) == zero
    assert all(share(values, lambda v, p=p: v == p) > 0.02 for p in special)
    assert share(values, lambda v: v in (low, high)) > 0.02
    logs = [decade(v) for v in values if v]
    first, last = decade(low), decade(high)
    middle = (first + last) / 2
    assert any(first < e < middle for e in logs)
    assert any(middle < e < last for e in logs)


def test_thresholds_know_the_plateau():
    values = draws(kit.thresholds(lam=Fraction(5, 4)))
    plateau = Fraction(4, 5)
    assert share(values, lambda v: v == plateau) > 0.02
    assert share(values, lambda v: 0 < abs(v / plateau - 1) < Fraction(1, 50)) > 0.02
    assert any(v < plateau for v in values)
    assert draws(kit.thresholds(lam="1/2"), 20) == draws(kit.thresholds(), 20)


def test_digit_and_output_counts():
    digits = draws(kit.digit_counts())
    assert all(isinstance(n, int) and 5 <= n <= 5000 for n in digits)
    assert share(digits, lambda n: n <= 60) > 0.5
    assert any(n > 500 for n in digits)
    assert all(100 <= n <= 200 for n in draws(kit.digit_counts(100, 200), 50))
    outputs = draws(kit.output_counts())
    assert share(outputs, lambda n: n == 1) > 0.2
    assert share(outputs, lambda n: n > 12) > 0.1


def test_linear_models_have_every_knob():
    models = draws(kit.linear_models(), 120)
    assert all(isinstance(model, LinearTeacherStudent) for model in models)
    knobs = [model.knobs for model in models]
    assert share(knobs, lambda k: k.lam == 1) > 0.02
    for zero in ("weight_decay", "label_noise", "init_scale"):
        assert 0.02 < share(models, lambda m, zero=zero: getattr(m, zero) == 0) < 0.9
    assert share(knobs, lambda k: k.weight_decay > 0 and k.noise > 0 and k.d_out > 1) > 0.05
    assert {model.decay_convention for model in models} == {"paper", "decoupled", "summed"}
    fixed = draws(kit.linear_models("over", eta="1/4", label_noise=0, d_out=st.sampled_from([1, 7])), 20)
    assert all(m.lam > 1 and m.eta == Fraction(1, 4) and m.label_noise == 0 and m.d_out in (1, 7) for m in fixed)


def test_two_point_models():
    models = draws(kit.two_point_models(), 120)
    assert all(isinstance(model, TwoPointModel) for model in models)
    for point in (0, HALF, 1):
        assert share(models, lambda m, point=point: m.lam == point) > 0.02
    assert share(models, lambda m: m.S0 < 0) > 0.05
    assert all(model.lam < HALF for model in draws(kit.two_point_models("under", S0="S*"), 30))


@given(kit.data_matrices("separable"))
@settings(max_examples=40)
def test_separable_matrices_are_separable(X):
    assert X.dtype == np.float64
    assert separability(X).verdict == "separable"


@given(kit.data_matrices("inseparable"))
@settings(max_examples=40)
def test_inseparable_matrices_are_inseparable(X):
    assert separability(X).verdict == "inseparable"


def test_matrices_come_near_the_edge_and_degenerate():
    separable = [separability(X) for X in draws(kit.data_matrices("separable"), 40)]
    assert share(separable, lambda r: r.margin < 1e-6) > 0.05
    inseparable = [separability(X) for X in draws(kit.data_matrices("inseparable"), 40)]
    assert share(inseparable, lambda r: r.interior is False) > 0.05
    assert share(inseparable, lambda r: r.interior is True) > 0.05
    degenerate = draws(kit.data_matrices("degenerate", max_rows=5, max_columns=3), 40)
    assert all(X.shape[0] <= 5 and X.shape[1] <= 3 and np.isfinite(X).all() for X in degenerate)
    assert share(degenerate, lambda X: (X == 0).all(axis=1).any()) > 0.1
    assert share(degenerate, lambda X: len(np.unique(X, axis=0)) < len(X)) > 0.1
    assert share(degenerate, lambda X: np.linalg.matrix_rank(X) < X.shape[1]) > 0.1
    assert all(separability(X).verdict != "undecided" for X in degenerate)


# Shrinking


ANY = {"max_examples": 500, "derandomize": True, "database": None}


@pytest.mark.parametrize(
    ("strategy", "simplest"),
    [
        (kit.aspect_ratios(), ONE),
        (kit.aspect_ratios("under"), HALF),
        (kit.aspect_ratios("over"), Fraction(2)),
        (kit.aspect_ratios("under", "classification"), Fraction(1, 4)),
        (kit.times(zero=False), ONE),
        (kit.weight_decays(), ONE),
        (kit.thresholds(), ONE),
        (kit.learning_rates(), ONE),
        (kit.initial_scales(zero=False), ONE),
        (kit.rationals(-3, 5), ONE),
        (kit.rationals("0.40", "0.41"), Fraction(2, 5)),
        (kit.digit_counts(), 5),
        (kit.output_counts(), 1),
    ],
)
def test_where_everything_fails_the_simplest_number_is_found(strategy, simplest):
    assert find(strategy, lambda v: True, settings=settings(**ANY)) == simplest


@pytest.mark.parametrize(
    ("strategy", "low", "high"),
    [
        (kit.aspect_ratios(), Fraction(0), Fraction(1, 20)),
        (kit.aspect_ratios(), Fraction(5, 2), 10**6),
        (kit.aspect_ratios("over", "classification"), HALF, Fraction(9, 10)),
        (kit.aspect_ratios("near_critical"), Fraction(99, 100), ONE),
        (kit.times(), 100, 10**12),
        (kit.thresholds(), Fraction(0), Fraction(1, 100)),
        (kit.rationals("1e-300", "1e300"), 2, 10**300),
        (kit.rationals(-3, 5), -3, 0),
    ],
)
def test_shrinking_inside_a_part_of_the_domain_leaves_few_digits(strategy, low, high):
    """low < v < high: at most two digits that matter in the number, or in its distance from 1."""
    found = find(strategy, lambda v: low < v < high, settings=settings(**ANY))
    texts = [str(part).strip("-").rstrip("0") for v in (found, 1 - found) for part in v.as_integer_ratio()]
    assert min(len(texts[0]) + len(texts[1]), len(texts[2]) + len(texts[3])) <= 4, found


@given(kit.rationals(-2, 3), kit.rationals("7", "7"), kit.rationals("1e-3", "1e3"))
def test_rationals_stay_inside(u, v, w):
    assert -2 <= u <= 3
    assert v == 7
    assert Fraction(1, 1000) <= w <= 1000
