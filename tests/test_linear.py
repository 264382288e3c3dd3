"""The linear teacher-student model: losses and accuracies in their three readings."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import example, given

import grokmath as gm
from grokmath import DomainError, LinearTeacherStudent
from grokmath import testing as kit

aspect_ratios = kit.aspect_ratios()
times = kit.times(zero=False, smallest="1e-9")

REFERENCES = [  # at eta = 1/4, where t = s; 50 digits from Arb quadrature over the Marchenko-Pastur law
    ("train_loss", "0.1", "4", "0.025097085988606794975683811331216715329843416670460"),
    ("train_loss", "0.9", "10", "0.0092141558073300333192711631643738723124259137886911"),
    ("train_loss", "1", "50", "0.00079488306050260505347277861976329091592501592058734"),
    ("gen_loss", "0.1", "0.5", "0.61401837229895080021263336258036515754630913222895"),
    ("gen_loss", "0.5", "8", "0.048861865941753593036426736890014840097444291182678"),
    ("gen_loss", "0.9", "400", "0.0025019601432817113122475854552978314333873197863731"),
    ("gen_loss", "1", "50", "0.079688532324226935321197636143439351202782428416275"),
    ("gen_loss", "2.5", "2", "0.62921735100943047811299543503792298782326128039238"),
    ("gen_loss", "1", "3", "0.31870889194832245956469806621849712083276589825848"),
]


def within_last_digit(value: gm.Certified, reference: str) -> bool:
    """Whether the printed value and the reference differ by at most two units of the shorter one's last digit."""
    digits = min(value.digits, len(reference.replace(".", "").lstrip("0")))
    truth = Fraction(reference)
    return abs(Fraction(str(value)) - truth) <= 2 * abs(truth) * Fraction(10) ** (1 - digits)


@given(lam=aspect_ratios, t=kit.times(zero=False, smallest="1e-6", largest="1e6"))
@example(lam=Fraction(1), t=Fraction(1))
@example(lam=Fraction(5, 2), t=Fraction(1, 10))
def test_the_generalization_loss_falls_by_four_eta_times_the_training_loss(lam, t):
    """dL_gen/dt = -4 eta L_tr, by the mean value theorem: the slope between two times lies between its end values."""
    model = LinearTeacherStudent(lam, eta="1/4")
    later = t * (1 + Fraction(5, 10**8))
    exponent = (1 - math.sqrt(lam)) ** 2 * float(t)
    digits = 40 + int(exponent / math.log(10)) if lam > 1 else 60  # the drop is that far below the plateau
    if digits > 3000:
        return
    drop = model.gen_loss(t, digits=digits) - model.gen_loss(later, digits=digits)
    assert model.train_loss(later, digits=30) < drop / (later - t) < model.train_loss(t, digits=30)


@given(lam=aspect_ratios, t=times)
@example(lam=Fraction(1), t=Fraction(1))
@example(lam=Fraction(10**6), t=Fraction(1, 10**9))
def test_duality_between_lam_and_its_inverse(lam, t):
    """L_gen(s; lam) = 1 - 1/lam + L_gen(lam s; 1/lam)/lam, where the side above 1 is evaluated by quadrature."""
    from grokmath.certified import working_precision
    from grokmath.exact import ball
    from grokmath.functions.laplace_quadrature import laplace_angle_ball

    value = LinearTeacherStudent(lam, eta="1/4").log_gen_loss(t, digits=30)
    with working_precision(200):
        other = laplace_angle_ball(ball(t), lam).log()
        assert value.ball().overlaps(other)


@given(lam=aspect_ratios, t=times)
def test_losses_decrease_and_the_training_loss_is_below(lam, t):
    model = LinearTeacherStudent(lam, eta="1/4")
    early, late = (model.log_gen_loss(time, digits=20).ball() for time in (t, 2 * t))
    assert late < early or (lam > 1 and late.overlaps(early))  # above lam = 1 both may be at the plateau
    assert early < 0
    assert model.log_train_loss(2 * t, digits=20) < model.log_train_loss(t, digits=20)
    assert model.log_train_loss(t, digits=20) < model.log_gen_loss(t, digits=20)


@pytest.mark.parametrize(("name", "lam", "s", "reference"), REFERENCES)
def test_reference_values(name, lam, s, reference):
    value = getattr(LinearTeacherStudent(lam, eta="1/4"), name)(s, digits=50)
    assert value.digits == 50
    assert within_last_digit(value, reference)


@pytest.mark.parametrize("lam", ["1e-6", "1/2", "1", "2.5", "1e6"])
def test_at_time_zero_every_loss_is_one(lam):
    model = LinearTeacherStudent(lam)
    for loss in (model.gen_loss, model.train_loss):
        assert loss(0, digits=30).exact == 1
        assert loss(0) == 1.0
        assert loss(sympy.Integer(0)) == 1.0
    assert model.log_gen_loss(0, digits=5).exact == 0
    assert model.log_train_loss(0.0) == 0.0
    assert math.isclose(model.gen_accuracy(0, eps="1e-3"), math.erf(math.sqrt(5e-4)), rel_tol=4e-16)


@pytest.mark.parametrize("digits", [1, 5, 50, 500])
@pytest.mark.parametrize("lam", ["1e-6", "0.5", "1", "1.0000001", "1e6"])
@pytest.mark.parametrize("t", ["1e-300", "1", "1e4", "1e300"])
def test_the_whole_domain_gives_the_digits_asked_for(lam, t, digits):
    model = LinearTeacherStudent(lam)
    for log_loss in (model.log_gen_loss, model.log_train_loss):
        value = log_loss(t, digits=digits)
        assert value.digits == digits


def test_a_loss_of_ten_to_minus_a_hundred_thousand_keeps_its_digits():
    model = LinearTeacherStudent("1/4", eta="1/4")  # a = 1/4
    t = 921_000
    value, log = model.gen_loss(t, digits=50), model.log_gen_loss(t, digits=60)
    assert str(value).endswith("e-100006") or "e-1000" in str(value)
    context = mpmath.mp.clone()
    context.dps = 60
    assert abs(context.log(context.mpf(str(value))) - context.mpf(str(log))) < context.mpf(10) ** -48


def test_a_loss_too_small_to_print_names_its_logarithm():
    with pytest.raises(DomainError, match="use log_gen_loss"):
        LinearTeacherStudent("1/4").gen_loss("1e300", digits=10)
    with pytest.raises(DomainError, match="use log_train_loss"):
        LinearTeacherStudent("1/4").train_loss("1e300", digits=10)


def test_ten_thousand_digits_round_trip_through_text():
    model = LinearTeacherStudent("9/10")
    value = model.gen_loss(250, digits=10_000)
    again = gm.parameters.parse_number(str(value))
    assert again is not None
    assert len(str(value).replace("0.", "", 1)) == 10_000
    assert abs(again - gm.parameters.parse_number(str(model.gen_loss(250, digits=9000)))) < Fraction(1, 10**9000)


def test_the_symbolic_reading_evaluates_to_the_certified_one():
    t, lam = sympy.symbols("t lam", positive=True)
    model = LinearTeacherStudent(lam="1/2", eta="1/4")
    symbolic = LinearTeacherStudent(lam=lam, eta="1/4")
    for name in ("gen_loss", "train_loss", "log_gen_loss", "log_train_loss"):
        expected = getattr(model, name)(8, digits=40)
        for expression in (
            getattr(model, name)(t).subs(t, 8),
            getattr(symbolic, name)(t).subs({t: 8, lam: sympy.Rational(1, 2)}),
            getattr(symbolic, name)(8).subs(lam, sympy.Rational(1, 2)),
        ):
            assert gm.evaluate(expression, digits=40).ball().overlaps(expected.ball())
    assert model.gen_accuracy(t, eps="1/100").has(sympy.erf)


def test_a_symbol_with_digits_is_refused():
    t = sympy.Symbol("t", positive=True)
    with pytest.raises(DomainError, match="leave digits out"):
        LinearTeacherStudent("1/2").gen_loss(t, digits=10)
    with pytest.raises(DomainError, match="leave digits out"):
        LinearTeacherStudent(t).gen_loss(1, digits=10)


def test_arrays_give_arrays():
    model = LinearTeacherStudent("0.9")
    t = np.geomspace(1, 1e6, 12).reshape(3, 4)
    floats = model.gen_loss(t)
    certified = model.gen_loss(t, digits=25)
    assert floats.shape == certified.shape == (3, 4)
    assert certified.dtype == object
    np.testing.assert_allclose(floats, certified.astype(float), rtol=1e-14)
    assert model.gen_accuracy(t, eps=1e-3).shape == (3, 4)
    assert model.train_loss([0, 1, 2]).shape == (3,)


@given(lam=aspect_ratios, t=kit.times(zero=False, smallest="1e-6", largest="1e8"), eps=kit.thresholds())
def test_accuracy_is_the_error_function_of_the_loss(lam, t, eps):
    model = LinearTeacherStudent(lam, eta="1/4")
    context = mpmath.mp.clone()
    context.dps = 50
    for accuracy, log_loss in ((model.gen_accuracy, model.log_gen_loss), (model.train_accuracy, model.log_train_loss)):
        value = accuracy(t, eps=eps, digits=30)
        loss = context.exp(context.mpf(str(log_loss(t, digits=50))))
        truth = context.erf(context.sqrt(context.mpf(eps.numerator) / eps.denominator / (2 * loss))) if loss else 1
        assert abs(context.mpf(str(value)) - truth) <= truth * context.mpf(10) ** -29
        assert math.isclose(accuracy(float(t), eps=float(eps)), float(value), rel_tol=1e-13)


BAD = [
    (lambda m: LinearTeacherStudent(0), "lam"),
    (lambda m: LinearTeacherStudent("-0.5"), "lam"),
    (lambda m: LinearTeacherStudent("1000001"), "lam"),
    (lambda m: LinearTeacherStudent("nan"), "lam"),
    (lambda m: LinearTeacherStudent("0.5", eta=0), "eta"),
    (lambda m: LinearTeacherStudent("0.5", eta=1j), "eta"),
    (lambda m: m.gen_loss(-1), "t"),
    (lambda m: m.gen_loss("-1e-3", digits=5), "t"),
    (lambda m: m.gen_loss(float("inf")), "t"),
    (lambda m: m.gen_loss(np.array([1.0, np.nan])), "t"),
    (lambda m: m.train_loss("import os", digits=10), "t"),
    (lambda m: m.gen_accuracy(1, eps=0), "eps"),
    (lambda m: m.gen_accuracy(1, eps="-1", digits=5), "eps"),
    (lambda m: m.grokking_time(0), "eps"),
    (lambda m: m.grokking_time("1e999999999"), "eps"),
    (lambda m: m.grokking_time("1e-3", accuracy=1), "accuracy"),
    (lambda m: m.grokking_time("1e-3", accuracy=0), "accuracy"),
    (lambda m: m.grokking_time("1e-3", method="guess"), "method"),
    (lambda m: m.gen_loss(1, digits=0), "digits"),
    (lambda m: m.gen_loss(1, digits=2.5), "digits"),
    (lambda m: m.gen_loss(1, digits=10**9), "digits"),
    (lambda m: m.grokking_time("1e-3", digits=-3), "digits"),
]


@pytest.mark.parametrize(("call", "argument"), BAD)
def test_bad_input_is_refused_in_one_sentence_that_names_it(call, argument):
    with pytest.raises(DomainError) as caught:
        call(LinearTeacherStudent("0.5"))
    message = str(caught.value)
    assert f": {argument} = " in message
    assert "needed:" in message
    assert "\n" not in message
