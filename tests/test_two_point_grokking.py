"""Grokking times of the two-point model: reference values, their definition, closed forms, and when these hold."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grokmath.classification.two_point import TwoPointModel

HALF = Fraction(1, 2)

LOG_RATIOS = [  # lam, eps, sigma**2, exact log(t_gen/t_tr)
    ("0.4", "1e-4", 1, "0.98112663309882986071494503301238673217"),
    ("0.45", "1e-4", 1, "1.7857812166804940091800234727219071464"),
    ("0.45", "1e-2", 100, "2.593240169176381553461566436441502587"),
    ("0.45", "1e-4", 100, "2.5795155913293208885953435838968916886"),
    ("0.475", "1e-4", 100, "4.5718971009771860148813666860826192197"),
    ("0.49", "1e-4", 100, "7.9516514016450360595656460799526894452"),
    ("0.45", "1e-2", 1, "1.17476"),
    ("0.45", "1e-8", 1, "2.29411"),
    ("0.475", "1e-2", 1, "1.50873"),
    ("0.475", "1e-4", 1, "2.44249"),
    ("0.475", "1e-8", 1, "3.41240"),
    ("0.49", "1e-2", 1, "1.76090"),
    ("0.49", "1e-4", 1, "2.97311"),
    ("0.49", "1e-8", 1, "4.40864"),
    ("0.5", "1e-2", 1, "1.95763"),
    ("0.5", "1e-4", 1, "3.40796"),
    ("0.5", "1e-8", 1, "5.28457"),
    ("0.5", "1e-64", 1, "13.43949"),
]
QUASI_STATIC = [
    ("0.3", "0.30905838414776836261859029207395224394"),
    ("0.45", "2.5793780710116981188268784562614848502"),
    ("0.49", "7.9514652070400036431159854597537421145"),
]


def agree(value, reference: str) -> bool:
    unit = Fraction(1, 10 ** len(reference.partition(".")[2]))
    return bool(abs(value - Fraction(reference)) <= unit)


@pytest.mark.parametrize(("lam", "eps", "square", "reference"), LOG_RATIOS)
def test_reference_values(lam, eps, square, reference):
    model = TwoPointModel(lam, sigma=math.isqrt(square))
    result = model.grokking_time(eps, digits=45)
    assert agree(result.log_ratio, reference)
    assert abs(model.grokking_time(eps).log_ratio - float(result.log_ratio)) < 1e-14
    assert result.reason is None
    assert abs(result.gen - result.train - result.delta) < result.gen * Fraction(1, 10**40)


@pytest.mark.parametrize(("lam", "reference"), QUASI_STATIC)
def test_quasi_static_reference_values(lam, reference):
    result = TwoPointModel(lam).grokking_time("1e-4", method="quasi-static", digits=45)
    assert agree(result.log_ratio, reference)
    assert abs(result.train - 10**4) < Fraction(1, 10**38)


@pytest.mark.parametrize(("lam", "value"), [("0.4", "1.29515"), ("0.45", "2.65095"), ("0.49", "7.65196")])
def test_the_papers_log_ratio(lam, value):
    result = TwoPointModel(lam).grokking_time("1e-4", method="paper", digits=30)
    assert abs(result.log_ratio - Fraction(value)) < Fraction(5, 10**6)
    assert abs(result.gen / result.train - 2 * result.ratio) < Fraction(1, 10**20), (
        "(37), (38) have log 2, (39) has not"
    )
    conformal = TwoPointModel(lam).conformal_grokking_time("1e-4", method="paper", digits=30)
    assert abs(conformal.delta - 2 * result.log_ratio) < Fraction(1, 10**25)


@settings(max_examples=25)
@given(
    lam=st.one_of(st.fractions(0, 1, max_denominator=100), st.sampled_from([HALF, HALF - Fraction(1, 10**9)])),
    sigma=st.sampled_from([HALF, Fraction(1), Fraction(3)]),
    S0=st.fractions(-2, 4, max_denominator=5),
    b0=st.fractions(-2, 4, max_denominator=5),
    k=st.integers(0, 20),
)
def test_the_losses_at_the_times_are_eps(lam, sigma, S0, b0, k):
    eps = Fraction(1, 2**k) * Fraction(9, 8)
    model = TwoPointModel(lam, sigma=sigma, S0=S0, b0=b0)
    result = model.grokking_time(eps, digits=40)
    context = mpmath.MPContext()
    context.dps = 40
    log_eps = context.log(context.mpf(eps.numerator) / eps.denominator)
    pairs = [("log_train_loss", result.log_train)]
    pairs += [("log_gen_loss", time) for time in ([result.log_gen] if result.gen != math.inf else [])]
    for name, log_t in pairs:
        if isinstance(log_t, float):  # met at t = 0, or never
            assert log_t in (-math.inf, math.inf)
            continue
        loss = getattr(model, name)(log_t=Fraction(str(log_t)), digits=30)
        assert abs(context.mpf(str(loss)) - log_eps) < 1e-25
    for before, after in pairwise(result.crossings):
        assert before < after
    if lam > HALF:
        assert (result.gen, result.delta, result.log_ratio) == (math.inf,) * 3
        assert "without bound" in result.reason
    elif not isinstance(result.log_gen, float):
        assert str(result.gen) == str(result.crossings[-1])


@settings(max_examples=20)
@given(
    lam=st.fractions(0, 1, max_denominator=50),
    S0=st.fractions(-3, 4, max_denominator=5),
    b0=st.fractions(-5, 2, max_denominator=5),
    sigma=st.sampled_from([HALF, Fraction(1), Fraction(3)]),
    eps=st.sampled_from(["1e-3", "1/10", "1", "3"]),
)
def test_every_crossing_is_found(lam, S0, b0, sigma, eps):
    """The signs of L_gen - eps on a grid of times change exactly at the crossings."""
    import numpy as np

    model = TwoPointModel(lam, sigma=sigma, S0=S0, b0=b0)
    crossings = [float(t) for t in model.grokking_time(eps).crossings]
    log_t = np.linspace(-12, 60, 400)
    excess = model.log_gen_loss(log_t=log_t) - math.log(float(Fraction(eps)))
    signs = np.sign(excess[np.abs(excess) > 1e-9])
    changes = int(np.count_nonzero(np.diff(signs)))
    inside = [t for t in crossings if math.exp(-11) < t < math.exp(59)]
    assert changes <= len(crossings)
    assert changes >= len(inside) - 2 * sum(b / a < 1.5 for a, b in pairwise(inside))
    assert (changes - len(inside)) % 2 == 0 or len(inside) != len(crossings)


def test_conformal_times_are_the_conformal_times_of_the_times():
    for lam in ("0.3", "1/2"):
        model = TwoPointModel(lam, S0="1/5", b0="1/2")
        exact, conformal = model.grokking_time("1e-5", digits=40), model.conformal_grokking_time("1e-5", digits=30)
        for time, tau in ((exact.train, conformal.train), (exact.gen, conformal.gen)):
            assert abs(model.conformal_time(Fraction(str(time)), digits=40) - tau) < Fraction(1, 10**25)
        assert abs(conformal.gen - conformal.train - conformal.delta) < Fraction(1, 10**25)


def test_the_limits_do_not_commute():
    """At fixed lam < 1/2 the exact ratio tends to the quasi-static one as eps -> 0 or sigma -> infinity; at fixed eps
    it tends to the finite value at lam = 1/2, where the closed forms diverge, and validity tends to 0."""
    model = TwoPointModel("0.4")
    quasi = model.grokking_time("1e-4", method="quasi-static").log_ratio
    gaps = [abs(model.grokking_time(f"1e-{k}").log_ratio - quasi) for k in (4, 16, 64)]
    assert gaps[0] > 10 * gaps[1] > 100 * gaps[2]
    validities = [model.validity(f"1e-{k}") for k in (4, 16, 64)]
    assert validities == sorted(validities)
    at_half = TwoPointModel("1/2").grokking_time("1e-4", digits=30).log_ratio
    near = TwoPointModel(HALF - Fraction(1, 10**12)).grokking_time("1e-4", digits=30).log_ratio
    assert abs(at_half - near) < 1e-10
    assert TwoPointModel("1/2").validity("1e-4") == 0
    assert TwoPointModel(HALF - Fraction(1, 10**12)).validity("1e-4") < 1e-8
    for k in (4, 8, 12):
        model = TwoPointModel(HALF - Fraction(1, 10**k))
        assert model.grokking_time("1e-4", method="quasi-static").log_ratio > 20


@settings(max_examples=30)
@given(
    lam=st.fractions(Fraction(1, 20), Fraction(49, 100), max_denominator=100),
    sigma=st.integers(1, 30),
    k=st.integers(2, 60),
)
def test_validity_bounds_the_error_of_the_quasi_static_ratio(lam, sigma, k):
    """What S still lacks is S* exp(-validity) at most, by which S^2/2 and b err: checked with a factor of 3."""
    model = TwoPointModel(lam, sigma=sigma)
    eps = Fraction(1, 10**k)
    exact = model.grokking_time(eps).log_ratio
    quasi = model.grokking_time(eps, method="quasi-static").log_ratio
    S, validity = model.minimizer(), model.validity(eps)
    equilibration = 3 * S * (1 + S) * math.exp(-validity)
    # and t = 0 instead of exp(-b) = 0: relative errors of order eps, and of t by the time that S needs, of order S*/s
    assert abs(exact - quasi) <= equilibration + 3 * (1 + S) ** 2 * float(eps) * math.exp(S)


def test_closed_forms_at_and_above_one_half_say_why_they_have_no_value():
    for lam in ("1/2", "0.7"):
        for method in ("quasi-static", "paper"):
            result = TwoPointModel(lam).grokking_time("1e-4", method=method, digits=10)
            assert result.train is result.gen is result.delta is None
            assert "no finite limit" in result.reason
            assert TwoPointModel(lam).conformal_grokking_time("1e-4", method=method).delta is None


def test_thresholds_that_are_met_at_once_and_touched():
    met = TwoPointModel("0.3").grokking_time(1, digits=10)
    assert [str(x) for x in (met.train, met.gen, met.delta)] == ["0", "0", "0"]
    assert "at t = 0" in met.reason
    same = TwoPointModel(0, b0=1).grokking_time("1e-3", digits=10)
    assert (str(same.delta), same.ratio.exact) == ("0", 1)
    touched = TwoPointModel(1, b0="1/2").grokking_time(1, digits=10)  # L_gen is least at S = 1, where it is 1
    assert touched.crossings == ()
    twice = TwoPointModel(1, b0="1/2").grokking_time("1.01", digits=10)
    assert [str(t) for t in twice.crossings] == ["1.386709118", "2.668012867"]
    assert TwoPointModel(1, S0=1, b0="-1/2").grokking_time(1, digits=10).crossings == ()
    assert TwoPointModel("0.6", sigma="1/2").grokking_time("1/2", digits=10).crossings[1] > 10**318


def test_a_time_too_large_to_print_has_its_logarithm():
    model = TwoPointModel(HALF - Fraction(1, 10**40000))
    result = model.grokking_time("1e-4", method="quasi-static", digits=10)
    assert result.gen is result.delta is None
    assert "logarithm" in result.reason
    assert abs(result.log_ratio / (Fraction(str(model.minimizer(digits=20))) ** 2 / 2) - 1) < 1e-6


# --- what went wrong once


@pytest.mark.parametrize("exponent", [12, 19, 20, 40, 80])
@pytest.mark.parametrize("digits", [None, 12])
def test_lam_just_above_one_half_had_no_grokking_time(exponent, digits):
    """L_gen rises above eps again at a pull of 10**(2 exponent), which was not found; the answer is known: never."""
    times = TwoPointModel(Fraction(1, 2) + Fraction(1, 10**exponent)).grokking_time("1e-4", digits=digits)
    at_half = TwoPointModel("1/2").grokking_time("1e-4")
    assert times.gen == math.inf
    assert float(times.train) == pytest.approx(at_half.train, rel=1e-10)
    assert float(times.crossings[0]) == pytest.approx(at_half.gen, rel=1e-9)
    assert times.crossings[1:] == (None,)


def test_times_that_agree_to_millions_of_digits_took_for_ever():
    """At lam = 0 S falls below 10**-436000, and the times differ in its fourth power."""
    times = TwoPointModel(0, sigma=1000, S0="1/3", b0=1000).grokking_time("1e-3", digits=6)
    assert str(times.train) == str(times.gen) == "1000.00"
    assert times.delta is None
    assert times.log_ratio is None
    assert "not told from 1" in times.reason
    conformal = TwoPointModel(0, sigma=1000, S0="1/3", b0=1000).conformal_grokking_time("1e-3", digits=6)
    assert conformal.delta is None
    assert "not told from 1" in conformal.reason


def test_a_difference_of_times_far_below_their_size_is_still_told():
    times = TwoPointModel(0, sigma=4, S0="1/10").grokking_time("1e-4", digits=6)
    assert 0 < times.delta < Fraction(1, 10**200)
