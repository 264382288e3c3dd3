"""The two-point model against its differential equation in every regime, at its edges, and with bad input."""

from __future__ import annotations

import doctest
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from flint import arb
from hypothesis import example, given, settings
from hypothesis import strategies as st

import grokmath as gm
from grokmath.classification.two_point import TwoPointModel
from grokmath.classification.two_point_taylor import AT_REST, integrate
from grokmath.exact import ball, working_precision
from grokmath.parameters import DomainError, UnsupportedExpression

HALF = Fraction(1, 2)
TINY = Fraction(1, 10**40)


def agree(value, reference: arb, digits: int) -> bool:
    """To so many significant digits; where the reference is at rest at 0, to that."""
    with working_precision(2000):
        if reference.is_zero():
            return bool(abs(value.ball()) < arb(10) ** -AT_REST)
        return bool(abs(value.ball() - reference) <= abs(reference) * arb(10) ** -digits)


def against_the_equation(model: TwoPointModel, log_t: Fraction, digits: int = 30) -> None:
    with working_precision(2000):
        state = integrate(model._flow, ball(log_t), digits + 8)
    for name, reference in state._asdict().items():
        assert agree(getattr(model, name)(log_t=log_t, digits=digits + 10), reference, digits), name


# --- the equation of motion

_LAM = st.one_of(
    st.sampled_from([Fraction(0), HALF, Fraction(1)]),
    st.fractions(0, 1, max_denominator=1000),
    st.integers(1, 12).flatmap(lambda k: st.sampled_from([HALF - Fraction(1, 10**k), HALF + Fraction(1, 10**k)])),
    st.integers(1, 12).flatmap(lambda k: st.sampled_from([Fraction(1, 10**k), 1 - Fraction(1, 10**k)])),
)
_SIGMA = st.integers(-20, 20).map(lambda k: Fraction(round(10 ** (k / 20) * 100), 100))
_START = st.fractions(-3, 5, max_denominator=20)
_BIAS = st.fractions(-3, 3, max_denominator=20)
_LOG_T = st.one_of(st.integers(-40, 60), st.integers(60, 700)).map(Fraction)


@settings(max_examples=30)
@given(lam=_LAM, eta=st.sampled_from([Fraction(1), Fraction(3, 100)]), sigma=_SIGMA, S0=_START, b0=_BIAS, log_t=_LOG_T)
@example(Fraction(0), Fraction(1), Fraction(1), Fraction(0), Fraction(0), Fraction(10))
@example(Fraction(0), Fraction(1), Fraction(1), Fraction(3, 2), Fraction(1), Fraction(20))
@example(Fraction(0), Fraction(1), Fraction(9), Fraction(1), Fraction(1), Fraction(1))  # the weight is 1.7e-75
@example(Fraction(0), Fraction(1), Fraction(9), Fraction(1), Fraction(1), Fraction(40))  # and 1e-1000 or so
@example(Fraction(3, 10), Fraction(1), Fraction(1), Fraction(3), Fraction(0), Fraction(690))
@example(HALF, Fraction(1), Fraction(1), Fraction(0), Fraction(0), Fraction(690))
@example(HALF, Fraction(1), Fraction(1, 10), Fraction(2), Fraction(0), Fraction(60))
@example(HALF - TINY, Fraction(1), Fraction(1), Fraction(1), Fraction(0), Fraction(100))
@example(HALF + TINY, Fraction(1), Fraction(1), Fraction(1), Fraction(0), Fraction(100))
@example(Fraction(7, 10), Fraction(1), Fraction(5), Fraction(-2), Fraction(1), Fraction(300))
@example(1 - TINY, Fraction(1), Fraction(1), Fraction(1), Fraction(-1), Fraction(50))
@example(Fraction(1), Fraction(2), Fraction(1, 3), Fraction(1), Fraction(-1), Fraction(50))
def test_state_and_conformal_time_solve_the_equation(lam, eta, sigma, S0, b0, log_t):
    against_the_equation(TwoPointModel(lam, eta, sigma, S0, b0), log_t)


@pytest.mark.parametrize("offset", ["0", "1e-6", "-1e-6", "1e-25", "-1e-25"])
@pytest.mark.parametrize("lam", ["0.3", "0.49", "1/100"])
def test_both_sides_of_the_minimiser(lam, offset):
    """S0 = S* + offset, to 60 digits of S*."""
    minimizer = Fraction(str(TwoPointModel(lam).minimizer(digits=60)))
    model = TwoPointModel(lam, S0=minimizer + Fraction(offset), b0="1/3")
    for log_t in (-2, 5, 40):
        against_the_equation(model, Fraction(log_t))


@pytest.mark.parametrize("lam", ["0", "0.3", "0.499"])
@pytest.mark.parametrize("sigma", ["1/2", "3"])
def test_at_the_minimiser_the_weight_stays_and_the_bias_is_a_logarithm(lam, sigma):
    """exp(-b) = exp(-b0) + kappa c t and tau = log(1 + kappa c exp(b0) t)/(kappa c)."""
    model = TwoPointModel(lam, sigma=sigma, S0="S*", b0="1/4")
    with working_precision(300):
        rate = model.kappa(digits=60).ball() / 2
        for log_t in (-50, 0, 9, 700):
            assert agree(model.weight(log_t=log_t, digits=50), model.minimizer(digits=60).ball(), 49)
            grown = ((-arb(0.25)).exp() + rate * arb(log_t).exp()).log()
            assert agree(model.bias(log_t=log_t, digits=50), -grown, 49)
            assert agree(model.conformal_time(log_t=log_t, digits=50), (grown + 0.25) / rate, 45)
        assert model.weight_gap(log_t=3, digits=20).exact == 0


@settings(max_examples=40)
@given(lam=_LAM, sigma=_SIGMA, S0=_START, b0=_BIAS, log_t=_LOG_T)
@example(Fraction(0), Fraction(1), Fraction(1), Fraction(0), Fraction(30))
@example(Fraction(3, 10), Fraction(1), Fraction(1), Fraction(0), Fraction(690))
@example(HALF, Fraction(1), Fraction(1), Fraction(0), Fraction(690))
def test_inverse_functions(lam, sigma, S0, b0, log_t):
    """Just below and above the weight at a time, the times at the weight enclose that time."""
    model = TwoPointModel(lam, sigma=sigma, S0=S0, b0=b0)
    theta = sigma * sigma * (1 - 2 * lam)
    digits = 120 + int(max(theta * log_t / 2, 0))  # enough to tell S from S*
    if digits > 500:
        return
    weight = model.weight(log_t=log_t, digits=digits)
    if weight.exact is not None or abs(weight - S0) < 1e-80:  # at rest
        return
    middle, step = Fraction(str(weight)), Fraction(weight.error)
    ends = []
    for S in (middle - step, middle + step):
        try:
            ends.append(Fraction(str(model.log_time_at_weight(S, digits=digits + 40))))
        except DomainError:  # beyond the limit of the weight, which is within 120 digits
            return
    assert min(ends) <= log_t <= max(ends)
    tau = model.log_conformal_time(log_t=log_t, digits=30)
    with working_precision(300):
        assert agree(model.conformal_time_at_weight(middle, digits=40), tau.ball().exp(), 25)
    assert agree(model.bias_at_weight(middle, digits=40), model.bias(log_t=log_t, digits=60).ball(), 25)
    state = model.at_conformal_time(Fraction(str(model.conformal_time(log_t=log_t, digits=60))), digits=30)
    gap = abs(state.weight - weight)
    assert gap < Fraction(1, 10**20)


# --- edges


@settings(max_examples=25)
@given(sigma=_SIGMA, S0=_START, b0=_BIAS, log_t=st.integers(-20, 100).map(Fraction))
def test_continuity_across_one_half(sigma, S0, b0, log_t):
    """dS/dlam is below 1e12 here, so that values at 1/2 - 1e-40, 1/2 and 1/2 + 1e-40 agree to 28 decimals."""
    values = [
        Fraction(str(TwoPointModel(lam, sigma=sigma, S0=S0, b0=b0).weight(log_t=log_t, digits=60)))
        for lam in (HALF - TINY, HALF, HALF + TINY)
    ]
    assert abs(values[0] - values[1]) < Fraction(1, 10**28)
    assert abs(values[2] - values[1]) < Fraction(1, 10**28)
    below, middle, above = values
    assert abs(above - 2 * middle + below) < Fraction(1, 10**50), "and the differences are of first order"


@pytest.mark.parametrize("lam", ["0.3", "0.45"])
@pytest.mark.parametrize("log_t", [1, 10, 50])
def test_continuity_across_the_minimiser(lam, log_t):
    """S(t) - S* is proportional to S0 - S* near S*, from both sides, with a factor below 1."""
    minimizer = Fraction(str(TwoPointModel(lam).minimizer(digits=90)))
    gaps = [TwoPointModel(lam, S0=minimizer + d).weight_gap(log_t=log_t, digits=20) for d in (-TINY, TINY)]
    assert gaps[0] > 0 > gaps[1]
    assert gaps[0] < TINY
    assert abs(gaps[0] / -gaps[1] - 1) < 1e-15
    rest = TwoPointModel(lam, S0="S*").bias(log_t=log_t, digits=60)
    assert abs(TwoPointModel(lam, S0=minimizer + TINY).bias(log_t=log_t, digits=60) - rest) < 1e-38


@settings(max_examples=25)
@given(lam=_LAM, S0=_START, b0=_BIAS, log_t=st.integers(-20, 100), k=st.integers(1, 8), m=st.integers(1, 8))
def test_scaling_in_eta_and_sigma(lam, S0, b0, log_t, k, m):
    """The learning rate only scales the time."""
    eta, t = Fraction(k, m), Fraction(10) ** (log_t // 3)
    one, scaled = TwoPointModel(lam, S0=S0, b0=b0), TwoPointModel(lam, eta=eta, S0=S0, b0=b0)
    assert scaled.weight(t, digits=40) - one.weight(eta * t, digits=40) in _nothing(36)
    assert scaled.bias(t, digits=40) - one.bias(eta * t, digits=40) in _nothing(36)


@settings(max_examples=25)
@given(lam=_LAM, sigma=_SIGMA, S0=_START, b0=_BIAS, log_t=st.integers(-20, 100))
def test_the_orbit_does_not_know_sigma_but_for_the_bias(lam, sigma, S0, b0, log_t):
    """In conformal time c tau/s the weight is the same for every sigma, and the bias gains scale with s."""
    tau = Fraction(10) ** (log_t // 30)
    square = sigma * sigma
    one = TwoPointModel(lam, S0=S0, b0=b0).at_conformal_time(tau, digits=40)
    scaled = TwoPointModel(lam, sigma=sigma, S0=S0, b0=b0).at_conformal_time(tau / square, digits=40)
    assert scaled.weight - one.weight in _nothing(36)
    assert (scaled.bias - b0) * square - (one.bias - b0) in _nothing(30)


class _nothing:  # noqa: N801 - reads as a set of numbers
    def __init__(self, digits: int) -> None:
        self.bound = Fraction(1, 10**digits)

    def __contains__(self, x) -> bool:
        return bool(abs(x) <= self.bound)


def test_the_start():
    model = TwoPointModel("0.3", S0="1/2", b0="-2")
    assert model.weight(0, digits=20).exact == HALF
    assert model.bias(0, digits=20).exact == -2
    assert model.conformal_time(0, digits=20).exact == 0
    assert (model.weight(0), model.bias(0), model.conformal_time(0)) == (0.5, -2.0, 0.0)
    assert model.log_conformal_time(0) == -math.inf
    with pytest.raises(DomainError, match="t > 0"):
        model.log_conformal_time(0, digits=20)
    assert model.time_at_weight(HALF, digits=20).exact == 0
    assert str(model.train_loss(0, digits=20)) == str(gm.evaluate(_train_at_start(), digits=20))
    state = model.at_conformal_time(0, digits=20)
    assert (state.weight.exact, state.bias.exact) == (HALF, -2)
    resting = TwoPointModel("0.3", S0="S*")
    assert resting.weight(0, digits=30) - resting.minimizer(digits=30) in _nothing(28)


def _train_at_start():
    import sympy

    return (sympy.exp(sympy.Rational(-5, 2)) + sympy.exp(sympy.Rational(-9, 5))) / 2


@pytest.mark.parametrize("lam", ["0", "1e-30", "0.3", "0.4999", "1/2", "0.5001", "0.7", "1"])
@pytest.mark.parametrize("S0", ["0", "2", "-3"])
def test_times_beyond_any_decimal(lam, S0):
    """log t = 1e12; weight and bias follow the law of late times, and t = 1e300 is its logarithm."""
    model = TwoPointModel(lam, S0=S0)
    law = model.limits(digits=30)
    log_t = 10**12
    weight, bias = model.weight(log_t=log_t, digits=30), model.bias(log_t=log_t, digits=30)
    if lam == "1/2":
        assert abs(weight - (math.log(log_t) + law.weight_offset)) < 1e-10
    elif lam not in ("0.4999", "0.5001"):
        assert abs(weight - (law.weight_slope * log_t + law.weight_offset)) < 1e-11
        assert abs(bias - (law.bias_slope * log_t + law.bias_offset)) < 1e-10
    assert model.weight("1e300", digits=25) - model.weight(log_t=gm_log_1e300(), digits=25) in _nothing(20)


def gm_log_1e300() -> Fraction:
    import sympy

    return Fraction(str(gm.evaluate(300 * sympy.log(10), digits=60)))


@pytest.mark.parametrize(
    ("lam", "sigma"), [("0.3", 2), ("0.7", 2), pytest.param("1/2", 1, marks=pytest.mark.slow)], ids=str
)
def test_five_and_two_thousand_digits(lam, sigma):
    model = TwoPointModel(lam, sigma=sigma, S0="1/3")
    long = model.weight(1000, digits=2000)
    assert long.digits == 2000
    for digits in (1, 5, 50, 500):
        short = model.weight(1000, digits=digits)
        assert short.digits == digits
        assert abs(short.to_decimal() - long.to_decimal()) <= short.error + long.error


def test_tiny_times_keep_all_digits():
    """S = S0 + (c/s) exp(b0) (exp(-S0) - a exp(a S0)) t + O(t**2)."""
    t = Fraction(1, 10**200)
    weight = TwoPointModel("0.3").weight(t, digits=30)
    assert abs(weight / t - Fraction(3, 10)) < 1e-28
    assert TwoPointModel("0.3").weight(1e-300) == pytest.approx(0.3e-300, rel=1e-15)


def test_huge_and_tiny_sigma():
    """sigma = 1e100: the weight is at rest at once; sigma = 1e-100: it does not move before the bias falls."""
    fast, slow = TwoPointModel("0.3", sigma="1e100"), TwoPointModel("0.3", sigma="1e-100")
    assert fast.weight_gap(1, digits=5) < Fraction(1, 10**100)
    assert abs(fast.bias(1, digits=20) + math.log1p(float(fast.kappa()) / 2)) < 1e-12
    assert abs(slow.bias(1, digits=20) + math.log(2)) < 1e-15
    assert slow.weight(1, digits=20) < Fraction(1, 10**199)


# --- losses and accuracies


@settings(max_examples=30)
@given(lam=_LAM, sigma=_SIGMA, S0=_START, b0=_BIAS, log_t=st.integers(-20, 300))
@example(Fraction(7, 10), Fraction(1), Fraction(0), Fraction(0), 300)
def test_losses_and_accuracies_follow_from_the_state(lam, sigma, S0, b0, log_t):
    import mpmath

    model = TwoPointModel(lam, sigma=sigma, S0=S0, b0=b0)
    context = mpmath.MPContext()
    context.dps = 60

    def number(name):
        return context.mpf(str(getattr(model, name)(log_t=log_t, digits=50)))

    S, b, a = number("weight"), number("bias"), context.mpf(1) - 2 * context.mpf(lam.numerator) / lam.denominator
    log_train = b + context.log((context.exp(-S) + context.exp(a * S)) / 2)
    assert abs(number("log_train_loss") - log_train) < 1e-40 * (1 + abs(log_train))
    assert abs(number("train_loss") / context.exp(log_train) - 1) < 1e-40
    assert abs(number("log_gen_loss") - (b + S * S / 2)) < 1e-40 * (1 + abs(b))
    assert abs(number("gen_loss") / context.exp(b + S * S / 2) - 1) < 1e-40
    right = ((b - S < 0) + (b + a * S < 0)) / 2
    assert float(number("train_accuracy")) == right
    x = b / abs(S) / context.sqrt(2) if S else context.inf
    if abs(x) < 1000:
        assert abs(number("gen_error") / (context.erfc(-x) / 2) - 1) < 1e-30 * (1 + x * x)
        assert abs(number("log_gen_error") - context.log(context.erfc(-x) / 2)) < 1e-30 * (1 + x * x)
        assert abs(number("gen_accuracy") + number("gen_error") - 1) < 1e-45
    assert number("log_conformal_time") == pytest.approx(context.log(number("conformal_time")), rel=1e-20)


def test_accuracy_at_the_start_counts_an_output_of_zero_one_half():
    assert TwoPointModel("0.3").train_accuracy(0, digits=5).exact == HALF
    assert TwoPointModel("0.3", S0=1, b0=1).train_accuracy(0, digits=5).exact == Fraction(1, 4)
    assert str(TwoPointModel("0.3").gen_accuracy(0, digits=5)) == "0.50000"
    assert TwoPointModel("0.3").train_accuracy(0) == 0.5


def test_the_weight_that_stays_zero():
    """At lam = 0, S0 = 0 the points are symmetric: the error is exactly 0 or 1, and has no logarithm."""
    model = TwoPointModel(0)
    assert model.weight(10, digits=20).exact == 0
    assert str(model.gen_error(10, digits=20)) == "0"
    assert float(model.gen_accuracy(10, digits=20)) == 1
    with pytest.raises(DomainError, match="use gen_error"):
        model.log_gen_error(10, digits=20)
    assert model.log_gen_error(10) == -math.inf


def test_monotone():
    for lam, S0 in (("0.3", 0), ("0.3", 3), ("1/2", 0), ("0.7", -2)):
        model = TwoPointModel(lam, S0=S0)
        t = 10.0 ** np.arange(-8, 30)
        weight, bias, loss = model.weight(t), model.bias(t), model.log_train_loss(t)
        sign = 1 if S0 < 3 else -1
        assert np.all(np.diff(weight) * sign >= 0)
        assert np.all(np.diff(bias) < 0)
        assert np.all(np.diff(loss) < 0)


# --- the law of late times


def test_reference_values_of_the_limits():
    law = TwoPointModel("0.525").limits(digits=12)
    assert str(law.weight_offset) == "3.00248371342"
    assert abs(TwoPointModel("0.7").limits(digits=20).weight_slope - Fraction(4, 10) / (1 + Fraction(16, 100))) < 1e-18
    assert str(TwoPointModel(1).limits(digits=20).gen_accuracy) == str(gm.population_accuracy(1, -1, digits=20))
    for lam, slope_w, slope_b in (("0.7", 0.344828, -0.862069), ("0.9", 0.487805, -0.609756)):
        law = TwoPointModel(lam).limits()
        assert (law.weight_slope, law.bias_slope) == (
            pytest.approx(slope_w, abs=5e-7),
            pytest.approx(slope_b, abs=5e-7),
        )
    assert TwoPointModel("0.3").limits().weight == pytest.approx(0.654493, abs=5e-7)
    assert TwoPointModel("0.45").limits().weight == pytest.approx(2.093259, abs=5e-7)


@pytest.mark.parametrize("lam", ["0.1", "0.3", "0.45"])
@pytest.mark.parametrize("sigma", ["1/2", "1", "2"])
def test_relaxation_exponent(lam, sigma):
    """log of the gap against log t, over the last decade of 1000."""
    model = TwoPointModel(lam, sigma=sigma)
    theta = model.relaxation_exponent(digits=20).exact
    late, later = (model.weight_gap(log_t=k, digits=30).to_decimal().ln() for k in (10**4, 10**4 + 1))
    assert abs(float(late - later) - float(theta)) < 1e-9


# --- the page


def test_the_examples_of_the_page():
    page = Path(__file__).parent.parent / "docs" / "two_point_model.md"
    failures, examples = doctest.testfile(str(page), module_relative=False)
    assert failures == 0
    assert examples > 10


# --- input


@pytest.mark.parametrize(
    ("parameters", "argument"),
    [
        ({"lam": "-1e-9"}, "lam"),
        ({"lam": "1.0001"}, "lam"),
        ({"lam": "nan"}, "lam"),
        ({"lam": math.nan}, "lam"),
        ({"lam": math.inf}, "lam"),
        ({"lam": None}, "lam"),
        ({"lam": [0.3, 0.4]}, "lam"),
        ({"lam": 1j}, "lam"),
        ({"lam": True}, "lam"),
        ({"lam": "0.3", "sigma": 0}, "sigma"),
        ({"lam": "0.3", "sigma": "-1"}, "sigma"),
        ({"lam": "0.3", "sigma": "1e101"}, "sigma"),
        ({"lam": "0.3", "eta": 0}, "eta"),
        ({"lam": "0.3", "eta": math.inf}, "eta"),
        ({"lam": "0.3", "S0": "1e5"}, "S0"),
        ({"lam": "0.3", "S0": "s"}, "S0"),
        ({"lam": "0.5", "S0": "S*"}, "S0"),
        ({"lam": "0.3", "b0": math.nan}, "b0"),
        ({"lam": "0.3", "b0": "1e13"}, "b0"),
    ],
)
def test_bad_parameters(parameters, argument):
    with pytest.raises(DomainError, match=rf"TwoPointModel: {argument} = .*\(needed: .*\); ") as raised:
        TwoPointModel(**parameters)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("digits", [None, 10])
@pytest.mark.parametrize("t", [-1, "-1e-9", math.nan, math.inf, "x", "1e9999999", None])
def test_bad_times(t, digits):
    model = TwoPointModel("0.3")
    for name in ("weight", "bias", "train_loss", "gen_error", "conformal_time"):
        with pytest.raises(DomainError, match="t = "):
            getattr(model, name)(t, digits=digits)
    with pytest.raises(DomainError):
        model.at_conformal_time(t, digits=digits)


def test_more_bad_input():
    model = TwoPointModel("0.3")
    for call in (
        lambda: model.weight(1, log_t=0),
        lambda: model.weight(log_t="1e13", digits=5),
        lambda: model.weight(log_t=math.inf),
        lambda: model.weight(1, digits=0),
        lambda: model.weight(1, digits=2.5),
        lambda: model.time_at_weight(1, digits=10),  # beyond S* = 0.654
        lambda: model.time_at_weight(-1),
        lambda: model.time_at_weight(math.nan),
        lambda: TwoPointModel("0.3", S0="S*").time_at_weight(1, digits=10),
        lambda: TwoPointModel("0.6").minimizer(),
        lambda: TwoPointModel("0.6").kappa(),
        lambda: TwoPointModel("0.6").relaxation_exponent(),
        lambda: TwoPointModel("1/2").weight_gap(1),
        lambda: TwoPointModel("0.6").validity("1e-3"),
        lambda: model.grokking_time(0),
        lambda: model.grokking_time("1e-3", method="best"),
        lambda: model.grokking_time(-1, digits=5),
        lambda: model.log_time_at_weight(0, digits=5),
    ):
        with pytest.raises(DomainError, match="; ") as raised:
            call()
        assert "\n" not in str(raised.value)


def test_a_symbol_with_digits_is_refused():
    import sympy

    t = sympy.Symbol("t", positive=True)
    with pytest.raises(DomainError):
        TwoPointModel("1/2").weight(t, digits=10)
    with pytest.raises(DomainError):
        TwoPointModel(sympy.Symbol("lam")).weight(1, digits=10)
    with pytest.raises(UnsupportedExpression, match="time_at_weight"):
        TwoPointModel("0.3").weight(t)


def test_arrays_of_times():
    model = TwoPointModel("0.45")
    t = np.array([[0.0, 1.0, 1e6]])
    assert model.weight(t).shape == (1, 3)
    assert isinstance(model.weight(1.0), float)
    certified = model.weight(t, digits=20)
    assert certified.shape == (1, 3)
    assert [str(x)[:12] for x in certified.ravel()] == ["0", str(model.weight(1, digits=20))[:12], "1.7933481303"]
    assert model.weight(np.array([])).shape == (0,)
    states = model.at_conformal_time(np.array([0.0, 1.0, 2.0]))
    assert states.weight.shape == states.bias.shape == (3,)


# --- what went wrong once


@pytest.mark.parametrize("t", ["1e-17", "1e-20", "1e-300", "1e-1000"])
def test_very_early_times_next_to_the_minimiser_took_for_ever(t):
    """The panel's bound lost 1 - exp(-d h) to rounding, and panels shrank to nothing."""
    model = TwoPointModel("0.3", S0="1/3", b0=-1)
    time = Fraction(t)
    rate = (math.exp(-1 - 1 / 3) - 0.4 * math.exp(-1 + 0.4 / 3)) / 2  # dS/dt at t = 0
    with working_precision(4000):
        moved = (model.weight(time, digits=1050).ball() - arb(1) / 3) / ball(time)
        assert float(moved.mid()) == pytest.approx(rate, rel=1e-12)


def test_a_tiny_pull_beside_a_large_exponent_took_for_ever():
    """sigma = 1/1000 and b0 = -1000: the pull is 1e-439 and underflows in doubles."""
    model = TwoPointModel("0.3", sigma="1e-3", S0="1/3", b0=-1000)
    assert model.weight(100.0) == pytest.approx(1 / 3, rel=1e-15)
    assert str(model.weight(100, digits=12)) == "0.333333333333"


def test_state_of_the_separable_side_where_exponentials_overflow():
    """At a pull of 1e60 exp(-a p V) is beyond any ball; S is still about -a p V/p, and zeta is -a."""
    model = TwoPointModel(HALF + Fraction(1, 10**20))
    with working_precision(300):
        v = arb(10) ** 60
        state = model._flow.balls().state(v)
        assert abs(state.weight / (arb(2) * arb(10) ** 40) - 1) < arb(10) ** -30


def test_late_and_early_forms_of_the_separable_state_agree():
    model = TwoPointModel("0.7", S0="-1/2")
    with working_precision(400):
        balls = model._flow.balls()
        for v in (arb(266.0), arb(267.0), arb(300.0)):  # -a p V is 64 at 266.7
            grown = (balls._ratio(v)).log() / balls.p
            assert abs(balls.gain(v) - grown) < arb(10) ** -100
            assert abs(balls.x(v) - balls.x0 / balls._ratio(v)) < arb(10) ** -100
