"""The model with its knobs: readings, conventions, limits, accuracies, the best decay, bad input."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import example, given, settings
from hypothesis import strategies as st

import grokmath as gm
from grokmath import DomainError, LinearTeacherStudent
from grokmath.exact import working_precision
from grokmath.regression.accuracy import accuracy_ball, accuracy_expression, gamma_lower_ball
from grokmath.regression.knobs import CONVENTIONS, Knobs, decay_and_rate
from grokmath.testing import linear_models

from .strategies import aspect_ratios, log_uniform

ONE = Fraction(1)
# at eta = 1/4, where t = s: L_gen to 50 digits from two methods
REFERENCES = [
    ({"lam": "0.9", "weight_decay": "0.01"}, "400", "0.0049613631496525122330640271293272302164561338045486"),
    ({"lam": "0.9", "weight_decay": "0.001"}, "2000", "0.00011802605108940102515234876802481913101463772230088"),
    ({"lam": "1", "weight_decay": "0.01"}, "25", "0.10716235357428430686272818367621842293996873907944"),
    ({"lam": "2.5", "weight_decay": "0.3"}, "7", "0.40855494736886896129962698465532005573397789570906"),
    ({"lam": "0.5", "label_noise": "0.3"}, "8", "0.096849745147204230475634947722361258864642013889756"),
    ({"lam": "0.9", "label_noise": "0.3"}, "100", "0.36300042957305766791716001056784567589928792426482"),
    ({"lam": "2.5", "label_noise": "0.3"}, "10", "0.65695869116667406771180600890612694229856638257712"),
    # near the minima of noisy losses
    ({"lam": "0.9", "label_noise": "0.3"}, "14.830571852693919930996194403716", "0.22305696617"),
    ({"lam": "0.5", "label_noise": "0.1"}, "53.011634950841814368204573179298", "0.0099017441768"),
]
# the decay at which the limit of L_gen is 1e-3/4
CRITICAL = [
    ("0.1", "0.039196764111820398737376723579253"),
    ("0.5", "0.016585679487670498909589142362091"),
    ("0.9", "0.0016210849179228932124068218413627"),
    ("1", "2.000000500000125000031250007812502e-6"),
]


models = linear_models()
LOSSES = ("gen_loss", "train_loss", "log_gen_loss", "log_train_loss")


def within_last_digit(value: gm.Certified, reference: str) -> bool:
    """Whether the printed value and the reference differ by at most two units of the shorter one's last digit."""
    digits = min(value.digits, len(reference.replace(".", "").lstrip("0")))
    truth = Fraction(reference)
    return abs(Fraction(str(value)) - truth) <= 2 * abs(truth) * Fraction(10) ** (1 - digits)


@pytest.mark.parametrize(("knobs", "t", "reference"), REFERENCES)
def test_reference_values(knobs, t, reference):
    value = LinearTeacherStudent(eta="1/4", **knobs).gen_loss(t, digits=50)
    assert value.digits == 50
    assert within_last_digit(value, reference)


@pytest.mark.parametrize(("lam", "decay"), CRITICAL)
def test_the_limit_at_the_critical_decay(lam, decay):
    limit = LinearTeacherStudent(lam, weight_decay=decay).gen_limit(digits=40)
    assert abs(Fraction(str(limit)) * 4000 - 1) < Fraction(1, 10**28)


@settings(deadline=None)
@given(model=models, t=log_uniform(-3, 8))
def test_the_three_readings_agree(model, t):
    for name in LOSSES:
        value = getattr(model, name)(t, digits=30)
        assert value.digits == 30
        assert math.isclose(getattr(model, name)(float(t)), float(value), rel_tol=1e-12, abs_tol=1e-13)
    for name in ("gen_limit", "train_limit"):
        value = getattr(model, name)(digits=25)
        assert value == math.inf or value.digits == 25
        assert math.isclose(getattr(model, name)(), float(value), rel_tol=1e-15)


SYMBOLIC = [  # decays at which p and q are rational
    ("weight_decay label_noise init_scale d_out", "1/2", "3/10"),
    ("weight_decay label_noise init_scale d_out", "5/2", "9/4"),
    ("weight_decay", "1", "1"),
    ("label_noise", "1", "0"),
    ("label_noise init_scale", "1/2", "0"),
    ("init_scale d_out", "5/2", "0"),
]


@pytest.mark.parametrize(("names", "ratio", "decay"), SYMBOLIC)
def test_the_symbolic_reading_evaluates_to_the_certified_one(names, ratio, decay):
    """All symbols, or only the time, at lam = 1 with the form that is valid there."""
    t, lam = sympy.symbols("t lam", positive=True)
    values = {"weight_decay": sympy.Rational(decay), "label_noise": sympy.Rational(3, 10), "init_scale": 2, "d_out": 4}
    numbers = {sympy.Symbol(name, positive=True): values[name] for name in names.split()}
    symbols = {str(symbol): symbol for symbol in numbers}
    number = sympy.Rational(ratio)
    exact = LinearTeacherStudent(ratio, eta="1/4", **{name: values[name] for name in symbols})
    general = LinearTeacherStudent(lam if number != 1 else number, eta="1/4", **symbols)
    for name in ("gen_loss", "train_loss"):
        expected = getattr(exact, name)(8, digits=40).ball()
        for expression in (
            getattr(exact, name)(t).subs(t, 8),
            getattr(general, name)(sympy.Integer(8)).subs({**numbers, lam: number}),
        ):
            assert gm.evaluate(expression, digits=20).ball().overlaps(expected)
    assert general.log_gen_loss(t) == sympy.log(general.gen_loss(t))


def test_symbolic_limits():
    lam, decay, noise = sympy.symbols("lam gamma sigma", positive=True)
    model = LinearTeacherStudent(lam, weight_decay=decay, label_noise=noise)
    numbers = {lam: sympy.Rational(3, 2), decay: sympy.Rational(1, 25), noise: sympy.Rational(1, 5)}
    exact = LinearTeacherStudent("1.5", weight_decay="0.04", label_noise="0.2")
    for name in ("gen_limit", "train_limit"):
        expected = getattr(exact, name)(digits=40).ball()
        assert gm.evaluate(getattr(model, name)().subs(numbers), digits=30).ball().overlaps(expected)
    noisy = LinearTeacherStudent(lam, label_noise=noise)
    assert sympy.simplify(noisy.gen_limit().subs(lam, sympy.Rational(1, 2)) - noise**2) == 0
    assert noisy.gen_limit().subs(lam, 1) == sympy.oo
    assert LinearTeacherStudent("0.5", label_noise=noise).train_limit() == noise**2 / 2
    assert LinearTeacherStudent("0.5", label_noise=noise).gen_limit() == noise**2
    assert LinearTeacherStudent(1, label_noise=noise).gen_limit() == sympy.oo
    assert LinearTeacherStudent(1, init_scale=noise).gen_limit() == 0
    # derivative in the decay: (c - 2 lam sigma^2) p^3/(p^2 - lam)^3 vanishes at the best one
    slope = (
        sympy.diff(model.gen_limit(), decay).subs(decay, 4 * lam * noise**2).subs({lam: 2, noise: sympy.Rational(1, 3)})
    )
    assert sympy.nsimplify(sympy.simplify(slope)) == 0


def test_at_time_zero_the_losses_are_exact():
    model = LinearTeacherStudent("0.9", d_out=4, weight_decay="0.1", init_scale=3, label_noise="0.5")
    assert model.gen_loss(0, digits=20).exact == Fraction(10, 8)
    assert model.train_loss(0, digits=20).exact == Fraction(10, 8) + Fraction(1, 4)
    assert model.gen_loss(0) == 1.25
    assert model.train_loss(0.0) == 1.5
    assert within_last_digit(model.log_gen_loss(0, digits=20), "0.22314355131420975577")
    assert LinearTeacherStudent("0.9", weight_decay=1).log_gen_loss(0, digits=5).exact == 0
    assert LinearTeacherStudent("0.9", weight_decay=1).log_gen_loss(0) == 0.0
    assert LinearTeacherStudent(sympy.Symbol("lam"), label_noise=2).train_loss(0) == 5


@settings(deadline=None)
@given(t=log_uniform(-2, 6), lam=aspect_ratios, decay=log_uniform(-6, 0), outputs=st.sampled_from([2, 10, 100]))
def test_conventions_are_each_other_with_other_parameters(t, lam, decay, outputs):
    knobs = {"d_out": outputs, "init_scale": 2, "label_noise": "0.1"}
    paper = LinearTeacherStudent(lam, "1/10", weight_decay=decay * outputs, **knobs)
    decoupled = LinearTeacherStudent(lam, "1/10", weight_decay=decay, decay_convention="decoupled", **knobs)
    assert paper.gen_loss(t, digits=30).ball().overlaps(decoupled.gen_loss(t, digits=30).ball())
    summed = LinearTeacherStudent(lam, "1/10", weight_decay=decay, decay_convention="summed", **knobs)
    slower = LinearTeacherStudent(lam, "1/10", weight_decay=decay, **knobs)
    assert summed.train_loss(t, digits=30).ball().overlaps(slower.train_loss(t * outputs, digits=30).ball())


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_each_convention_is_what_its_gradient_descent_does(convention):
    """Explicit descent on a small problem: in the eigenbasis S - S_inf shrinks by 1 - rate (nu + c) in each step."""
    rng = np.random.default_rng(3)
    d, n, outputs, eta, gamma = 6, 9, 4, 0.05, 0.3
    X, T = rng.normal(size=(n, d)), rng.normal(size=(d, outputs))
    noise = 0.4 * rng.normal(size=(n, outputs))
    S = start = rng.normal(size=(d, outputs))
    covariance, pull = X.T @ X / n, X.T @ noise / n
    for _ in range(40):
        gradient = 2 * (covariance @ (S - T) - pull)
        if convention == "summed":
            S = S - eta * (gradient + gamma * S)
        elif convention == "paper":
            S = S - eta / outputs * (gradient + gamma * S)
        else:
            S = S - eta / outputs * gradient - eta * gamma * S
    c, rate = (float(v) for v in decay_and_rate(Fraction(1, 20), outputs, Fraction(3, 10), convention))
    nu, V = np.linalg.eigh(covariance)
    end = (V.T @ (covariance @ T + pull)) / (nu + c)[:, None]
    theory = end + (1 - rate * (nu + c))[:, None] ** 40 * (V.T @ start - end)
    np.testing.assert_allclose(V.T @ S, theory, rtol=1e-12, atol=1e-13)


def test_the_best_decay_is_the_best():
    """c* = 2 lam sigma^2 d, with the least limit; nothing is lower, at any time, for alpha = 0."""
    for lam, noise, reference in (
        ("0.9", "0.3", "0.15149126809853482071379700612344"),
        ("1.5", "0.2", "0.21828852398892612335640130795516"),
    ):
        model = LinearTeacherStudent(lam, label_noise=noise)
        best = model.optimal_weight_decay(digits=40)
        assert best.weight_decay.exact == 4 * Fraction(lam) * Fraction(noise) ** 2
        assert within_last_digit(best.gen_limit, reference)
        assert math.isclose(model.optimal_weight_decay().gen_limit, float(best.gen_limit), rel_tol=1e-15)
        for factor in ("0.9", "0.999", "1.001", "1.1"):
            other = model.replace(weight_decay=best.weight_decay.exact * Fraction(factor))
            assert other.gen_limit(digits=30) > best.gen_limit
            early = other.replace(init_scale=0)
            for t in (10, 100, 1000, 10_000):
                assert early.gen_loss(t, digits=30) > best.gen_limit
    for convention in CONVENTIONS:
        model = LinearTeacherStudent("0.7", d_out=5, label_noise="0.2", decay_convention=convention)
        best = model.optimal_weight_decay(digits=30)
        there = model.replace(weight_decay=best.weight_decay.exact)
        assert there.gen_loss_decreases
        assert there.knobs.overfitting == 0
        assert not model.replace(weight_decay=best.weight_decay.exact * Fraction("0.99")).gen_loss_decreases
        assert there.gen_limit(digits=30).ball().overlaps(best.gen_limit.ball())
    lam, sigma = sympy.symbols("lam sigma", positive=True)
    assert LinearTeacherStudent(lam, label_noise=sigma).optimal_weight_decay().weight_decay == 4 * lam * sigma**2
    quiet = LinearTeacherStudent("2.5").optimal_weight_decay(digits=10)
    assert quiet.weight_decay.exact == 0
    assert quiet.gen_limit.exact == Fraction(3, 10)


def test_the_minimum_of_the_model_is_where_its_loss_says():
    model = LinearTeacherStudent("0.9", "1/4", label_noise="0.3")
    least = model.gen_minimum(digits=25)
    assert within_last_digit(least.time, "14.830571852693919930996194403716")
    assert within_last_digit(least.loss, "0.22305696617")
    for factor in ("0.99", "1.01"):
        assert model.gen_loss(Fraction(str(least.time)) * Fraction(factor), digits=25) > least.loss
    with pytest.raises(DomainError, match="noise_model"):
        model.replace(noise_model="paper").gen_minimum()


def test_the_printed_noise_model_and_how_wrong_it_is():
    """(26): L_tr + sigma^2 and L_gen as without noise; in truth L_tr -> sigma^2 (1 - lam) and L_gen keeps a floor."""
    knobs = {"lam": "0.9", "eta": "1/4", "label_noise": "0.3"}
    printed, true = LinearTeacherStudent(noise_model="paper", **knobs), LinearTeacherStudent(**knobs)
    plain = LinearTeacherStudent("0.9", eta="1/4")
    for t in ("3", "500"):
        assert printed.gen_loss(t, digits=30).ball().overlaps(plain.gen_loss(t, digits=30).ball())
        difference = printed.train_loss(t, digits=30) - plain.train_loss(t, digits=30)
        assert difference.ball().overlaps(gm.Certified.from_exact(Fraction(9, 100), 30).ball())
        assert true.train_loss(t, digits=30) < printed.train_loss(t, digits=30)
        assert true.gen_loss(t, digits=30) > printed.gen_loss(t, digits=30)
    assert printed.gen_limit(digits=10).exact == 0
    assert true.gen_limit(digits=10).exact == Fraction(81, 100)
    assert printed.train_limit(digits=10).exact == Fraction(9, 100)
    assert true.train_limit(digits=10).exact == Fraction(9, 1000)
    assert printed.train_loss(0, digits=5).exact == Fraction(109, 100)
    assert math.isclose(printed.train_loss(500.0), float(printed.train_loss(500, digits=20)), rel_tol=1e-14)
    assert math.isclose(printed.log_train_loss(500.0), float(printed.log_train_loss(500, digits=20)), rel_tol=1e-14)
    t = sympy.Symbol("t", positive=True)
    assert (
        gm.evaluate(printed.train_loss(t).subs(t, 3), digits=20)
        .ball()
        .overlaps(printed.train_loss(3, digits=20).ball())
    )
    with pytest.raises(DomainError, match="noise_model"):
        printed.grokking_time("1e-3")


@settings(deadline=None)
@given(outputs=st.sampled_from([2, 3, 7, 26, 1000]), ratio=log_uniform(-2, 2), digits=st.sampled_from([10, 40]))
@example(outputs=1073, ratio=ONE, digits=30)
def test_the_incomplete_gamma_function(outputs, ratio, digits):
    context = mpmath.mp.clone()
    context.dps = digits + 40
    half = context.mpf(outputs) / 2
    truth = context.gammainc(half, 0, half * context.mpf(ratio.numerator) / ratio.denominator, regularized=True)
    if truth < context.mpf(10) ** -200:
        return
    with working_precision(int(3.4 * digits) + 20):
        z = gm.certified.ball(ratio * outputs / 2)
        value = gamma_lower_ball(outputs, z.log())
        assert value.rel_accuracy_bits() > 3.3 * digits
        assert abs(context.mpf(value.str(digits + 20, radius=False)) / truth - 1) < context.mpf(10) ** (2 - digits)


def test_accuracy_with_several_outputs():
    model = LinearTeacherStudent("0.9", d_out=7, weight_decay="1e-3", init_scale=2)
    with working_precision(200):
        value = accuracy_ball(gm.certified.ball(Fraction(7, 10_000)).log(), Fraction(1, 1000), 7)
        reference = gm.certified.ball(Fraction("0.81142653248654993044011226679895685167171394512739"))
        assert abs(value - reference) < 1e-49
    context = mpmath.mp.clone()
    context.dps = 40
    for name in ("gen", "train"):
        for t in (10, 5000, 200_000):
            loss = context.mpf(str(getattr(model, f"{name}_loss")(t, digits=40)))
            for eps in ("0.1", "0.001"):
                truth = context.gammainc(3.5, 0, context.mpf("3.5") * context.mpf(eps) / loss, regularized=True)
                accuracy = getattr(model, f"{name}_accuracy")
                value = accuracy(t, eps=eps, digits=25)
                assert abs(context.mpf(str(value)) / truth - 1) < context.mpf(10) ** -23
                assert math.isclose(accuracy(float(t), eps=float(eps)), float(truth), rel_tol=1e-12)
    assert model.gen_accuracy([1.0, 10.0], eps=0.1).shape == (2,)
    assert model.gen_accuracy(0, eps=1, digits=10).digits == 10
    loss = sympy.Symbol("L", positive=True)
    expression = accuracy_expression(loss, sympy.Rational(1, 1000), 7)
    assert expression.has(sympy.lowergamma)
    value = gm.evaluate(expression.subs(loss, sympy.Rational(7, 10_000)), digits=45)
    assert within_last_digit(value, "0.81142653248654993044011226679895685167171394512739")
    assert model.gen_accuracy(sympy.Symbol("t", positive=True), eps="1/10").has(sympy.lowergamma)
    # the accuracy does not tend to 1 with the number of outputs: it is a step at L = eps
    for outputs, low, high in ((1, 0.5, 0.9), (100, 0.1, 1.0), (10_000, 1e-9, 1.0)):
        below, above = (LinearTeacherStudent(1, d_out=outputs, init_scale=0) for _ in range(2))
        start = Fraction(1, 2 * outputs)
        assert below.gen_accuracy(0, eps=2 * start) >= high - 0.1
        assert above.gen_accuracy(0, eps=start / 2) <= low + 0.05


@settings(deadline=None, max_examples=40)
@given(
    model=models, t=st.sampled_from(["0", "1e-300", "1e-6", "1", "1e4", "1e300"]), digits=st.sampled_from([1, 50, 300])
)
def test_the_whole_domain_gives_the_digits_asked_for(model, t, digits):
    for name in ("log_gen_loss", "log_train_loss"):
        value = getattr(model, name)(t, digits=digits)
        assert value.digits == digits


def test_a_vanishing_training_loss_names_its_logarithm():
    model = LinearTeacherStudent("4", eta="1/4", label_noise="0.1")
    with pytest.raises(DomainError, match="use log_train_loss"):
        model.train_loss("1e300", digits=10)
    assert model.log_train_loss("1e300", digits=10) < -(10**299)


def test_the_model_shows_and_changes_its_knobs():
    model = LinearTeacherStudent("0.9", d_out=3, weight_decay="1e-3", decay_convention="decoupled", noise_model="paper")
    shown = "lam=0.9, eta=0.01, d_out=3, weight_decay=0.001, decay_convention='decoupled', noise_model='paper'"
    assert repr(model) == f"LinearTeacherStudent({shown})"
    assert repr(model.replace(lam="0.5")) == repr(model).replace("0.9", "0.5")
    assert model.knobs == Knobs(Fraction(9, 10), Fraction(1, 100), 3, Fraction(1, 1000), decay_convention="decoupled")
    assert model.knobs.c == Fraction(3, 2000)
    with pytest.raises(DomainError, match="substitute a number"):
        _ = LinearTeacherStudent("0.9", weight_decay=sympy.Symbol("g")).knobs


BAD = [
    ({"weight_decay": -1}, "weight_decay"),
    ({"weight_decay": "-1e-30"}, "weight_decay"),
    ({"weight_decay": float("nan")}, "weight_decay"),
    ({"label_noise": "-0.1"}, "label_noise"),
    ({"label_noise": float("inf")}, "label_noise"),
    ({"label_noise": 1j}, "label_noise"),
    ({"init_scale": float("inf")}, "init_scale"),
    ({"init_scale": float("nan")}, "init_scale"),
    ({"init_scale": -1}, "init_scale"),
    ({"init_scale": "one"}, "init_scale"),
    ({"d_out": 0}, "d_out"),
    ({"d_out": -3}, "d_out"),
    ({"d_out": 2.5}, "d_out"),
    ({"d_out": "5/2"}, "d_out"),
    ({"d_out": True}, "d_out"),
    ({"d_out": 10**10}, "d_out"),
    ({"d_out": sympy.sqrt(2)}, "d_out"),
    ({"decay_convention": "pytorch"}, "decay_convention"),
    ({"decay_convention": None}, "decay_convention"),
    ({"noise_model": "wrong"}, "noise_model"),
    ({"noise_model": ["exact"]}, "noise_model"),
]


@pytest.mark.parametrize(("knobs", "argument"), BAD)
def test_bad_input_is_refused_in_one_sentence_that_names_it(knobs, argument):
    with pytest.raises(DomainError) as caught:
        LinearTeacherStudent("0.5", **knobs)
    message = str(caught.value)
    assert f": {argument} = " in message
    assert "needed:" in message
    assert "\n" not in message


def test_a_symbol_with_digits_is_refused():
    gamma = sympy.Symbol("gamma", positive=True)
    for model in (LinearTeacherStudent("0.5", weight_decay=gamma), LinearTeacherStudent("0.5", d_out=gamma)):
        for call in (lambda m: m.gen_loss(1, digits=5), lambda m: m.gen_limit(digits=5)):
            with pytest.raises(DomainError, match="leave digits out"):
                call(model)


def test_the_best_decay_checks_its_digits_and_may_lie_beyond_doubles() -> None:
    model = LinearTeacherStudent("0.9", label_noise="1e1000")
    for digits in (0, 1.5, "5", True):
        with pytest.raises(DomainError, match="optimal_weight_decay: digits"):
            model.optimal_weight_decay(digits=digits)
    assert model.optimal_weight_decay().weight_decay == math.inf
    assert model.optimal_weight_decay(digits=3).weight_decay.exact == Fraction(36, 10) * Fraction(10) ** 2000
