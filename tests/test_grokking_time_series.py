"""Closed forms of the grokking time: the paper's, the series in 1/X to any order, and the uniform forms."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest
import sympy
from hypothesis import example, given
from hypothesis import strategies as st

import grokmath as gm
from grokmath import DomainError, LinearTeacherStudent
from grokmath.certified import certify
from grokmath.exact import ball, working_precision
from grokmath.regression.accuracy import LossThreshold
from grokmath.regression.asymptotic_series_certified import edge_ball, scaled_integrals
from grokmath.regression.grokking_time_series import expansion, grokking_time_coefficients, series_polynomials
from grokmath.regression.late_time import (
    lambert_argument_ball,
    leading_ball,
    uniform_excess_ball,
    uniform_train_ball,
)
from grokmath.regression.late_time_forms import CLOSED_FORMS, ORDERED_FORMS, LateTimes, late_times
from grokmath.regression.late_time_symbolic import grokking_time_expression

from .strategies import aspect_ratios, log_uniform

r, l = sympy.symbols("r l")  # noqa: E741
half = sympy.Rational


def closed_form(method: str, lam: Fraction, eps: Fraction, order: int | None = None) -> LateTimes:
    plateau = 1 - 1 / lam if lam > 1 else Fraction(0)
    return late_times(method, lam, LossThreshold(eps), plateau, never=eps / 4 <= plateau, order=order)


def error(method: str, lam: str, eps: str, order: int | None = None) -> float | None:
    """The relative error of s_gen - s_tr, or None where the form does not exist."""
    form = closed_form(method, Fraction(lam), Fraction(eps), order)
    if form.reason:
        assert form.train is form.gen is form.delta is None
        return None
    if form.delta is not None:
        value = certify(form.delta.enclose, 40, function="test")
    else:
        value = certify(lambda: form.gen.enclose() - form.train.enclose(), 40, function="test")
    exact = LinearTeacherStudent(lam, eta="1/4").grokking_time(eps, digits=40).delta
    return float(value / exact - 1)


def agrees(measured: float, printed: str) -> bool:
    """Whether a number rounds to the printed one, within half a unit of its last digit."""
    mantissa, _, exponent = printed.lower().partition("e")
    places = len(mantissa.partition(".")[2])
    return abs(measured - float(printed)) <= 0.5000001 * 10.0 ** (int(exponent or 0) - places)


# The paper's closed forms: relative errors in per cent of (11), (25), and (23)-(24).

PAPER = [
    ("0.1", "1e-3", "74.7", "39.2", "37.0"),
    ("0.1", "1e-6", "32.9", "19.0", "17.3"),
    ("0.1", "1e-12", "14.9", "8.78", "8.14"),
    ("0.1", "1e-100", "1.56", "0.900", "0.882"),
    ("0.1", "1e-1000", "0.152", "0.0863", None),
    ("0.5", "1e-3", "65.9", "8.97", "13.7"),
    ("0.5", "1e-6", "24.0", "7.63", "5.81"),
    ("0.5", "1e-12", "9.87", "3.33", "2.62"),
    ("0.5", "1e-100", "0.957", "0.292", "0.274"),
    ("0.5", "1e-1000", "0.0922", "0.0269", None),
    ("0.9", "1e-3", "175", "complex", "11.8"),
    ("0.9", "1e-6", "32.2", "4.10", "3.01"),
    ("0.9", "1e-12", "9.87", "2.07", "1.18"),
    ("0.9", "1e-100", "0.808", "0.133", "0.114"),
    ("0.9", "1e-1000", "0.0767", "0.0113", None),
]


@pytest.mark.parametrize(("lam", "eps", "leading", "iterated", "lambert"), PAPER)
def test_errors_of_the_paper_s_closed_forms(lam, eps, leading, iterated, lambert):
    assert agrees(100 * error("leading", lam, eps), leading)
    if iterated == "complex":
        assert error("iterated-log", lam, eps) is None
    else:
        assert agrees(100 * error("iterated-log", lam, eps), iterated)
    if lambert is not None:
        assert agrees(100 * error("lambert", lam, eps), lambert)


LEADING_LAW = [  # (11)'s relative error times log(1/eps) tends to (3/2)(1 + 1/l), l = -2 log(1 - sqrt lam)
    ("0.1", ["5.16", "4.55", "4.12", "3.59", "3.490"], "3.473"),
    ("0.5", ["4.55", "3.32", "2.73", "2.20", "2.123"], "2.111"),
    ("0.9", ["12.1", "4.45", "2.73", "1.86", "1.766"], "1.753"),
]


@pytest.mark.parametrize(("lam", "products", "limit"), LEADING_LAW)
def test_the_error_of_the_leading_form_falls_like_one_over_the_logarithm(lam, products, limit):
    for eps, product in zip(("1e-3", "1e-6", "1e-12", "1e-100", "1e-1000"), products, strict=True):
        assert agrees(error("leading", lam, eps) * -math.log(10) * int(eps[2:]), product)
    assert agrees(1.5 * (1 + 1 / (-2 * math.log(1 - math.sqrt(float(lam))))), limit)


LEADING = [  # lam, exact grokking time at eps = 1e-3 and eta = 0.01, (11), their ratio
    ("0.9", "2.0481e4", "5.6386e4", "2.753"),
    ("0.95", "7.2591e4", "2.8669e5", "3.949"),
    ("0.99", "9.9958e5", "1.0539e7", "10.54"),
    ("0.999", "2.02335e7", "1.51937e9", "75.09"),
    ("0.9999", "9.00241e7", "1.98059e11", "2200"),
    ("1", "1.27321245e8", None, None),
    ("1.0001", "2.07200e8", None, None),
    ("1.0002", "5.05218e8", None, None),
    ("1.00024", "1.33022e9", None, None),
]


@pytest.mark.parametrize(("lam", "exact", "leading", "ratio"), LEADING)
def test_the_leading_form_diverges_at_lam_one_and_the_grokking_time_does_not(lam, exact, leading, ratio):
    delta = LinearTeacherStudent(lam, eta="0.01").grokking_time("1e-3", digits=20).delta
    assert agrees(float(delta), exact)
    if leading is None:
        assert closed_form("leading", Fraction(lam), Fraction(1, 1000)).reason
        return
    with working_precision(100):
        value = float(leading_ball(Fraction(lam)) * 25)
    assert agrees(value, leading)
    assert agrees(value / float(delta), ratio)


def test_the_iterated_logarithm_is_equation_25():
    """log z_gen - log log z_gen - (same at z_tr), written as the paper prints it."""
    for lam, eps in ((0.5, 1e-3), (0.1, 1e-6), (0.9, 1e-12)):
        edge = 1 - math.sqrt(lam)
        denominator = math.log(2 * (2 * edge) ** (2 / 3) / (3 * math.pi ** (1 / 3) * math.sqrt(lam) * eps ** (2 / 3)))
        printed = -math.log(edge) / (2 * edge**2)
        printed += 3 / (8 * edge**2) * math.log(1 + math.log(edge ** (4 / 3)) / denominator)
        form = closed_form("iterated-log", Fraction(str(lam)), Fraction(str(eps)))
        with working_precision(80):
            found = float((form.gen.enclose() - form.train.enclose()) / 4)
        assert math.isclose(found, printed, rel_tol=1e-12)


def test_where_the_iterated_logarithm_would_be_complex_there_is_none():
    form = closed_form("iterated-log", Fraction("0.9"), Fraction(1, 1000))
    assert "logarithm of a negative number" in form.reason
    with working_precision(60):
        assert agrees(float(lambert_argument_ball(Fraction("0.9"), ball(Fraction(1, 4000)), "train")), "0.2006")
    assert "needs lam < 1" in closed_form("iterated-log", Fraction(1), Fraction(1, 1000)).reason


# The series in 1/X.

COEFFICIENTS = {
    "train": [
        -3 * r / 16,
        9 * r / 32 - 3 * r**2 / 64,
        -27 * r / 64 + 9 * r**2 / 256 - 21 * r**3 / 1024,
        81 * r / 128 + 27 * r**2 / 1024 + 9 * r**3 / 2048 - 27 * r**4 / 2048,
    ],
    "gen": [
        -half(3, 2) - 3 * r / 16,
        half(39, 8) + 15 * r / 32 - 3 * r**2 / 64,
        -half(291, 16) - 123 * r / 64 + 33 * r**2 / 256 - 21 * r**3 / 1024,
        half(5355, 64) + 621 * r / 64 - 639 * r**2 / 1024 + 135 * r**3 / 2048 - 27 * r**4 / 2048,
    ],
    "delta": [
        -half(3, 2) * (1 + l),
        3 * l**2 / 4 + l * (half(15, 4) + 3 * r / 16) + half(39, 8) + 3 * r / 16,
        -(l**3) / 2
        - l**2 * (half(39, 8) + 3 * r / 16)
        + l * (-half(123, 8) - 39 * r / 32 + 3 * r**2 / 32)
        - half(291, 16)
        - 3 * r / 2
        + 3 * r**2 / 32,
        3 * l**4 / 8
        + l**3 * (half(45, 8) + 3 * r / 16)
        + l**2 * (half(243, 8) + 135 * r / 64 - 9 * r**2 / 64)
        + l * (half(621, 8) + 243 * r / 32 - 135 * r**2 / 256 + 63 * r**3 / 1024)
        + half(5355, 64)
        + 1161 * r / 128
        - 333 * r**2 / 512
        + 63 * r**3 / 1024,
    ],
}


@pytest.mark.parametrize("kind", ["train", "gen", "delta"])
def test_the_first_coefficients_are_the_known_ones(kind):
    found = grokking_time_coefficients(kind, 4)
    assert all(sympy.expand(a - b) == 0 for a, b in zip(found, COEFFICIENTS[kind], strict=True))
    assert grokking_time_coefficients(kind, 7)[:4] == found


@given(kind=st.sampled_from(["train", "gen"]), value=log_uniform(-3, 3), order=st.integers(0, 12))
def test_the_expansion_solves_its_equation_to_its_order(kind, value, order):
    """h + (3/2) log(1 + y h) - log P(y/(1 + y h)) = O(y^(n+1)), P the polynomial of the loss, at y -> 0."""
    p = [sum(c * value**j for j, c in enumerate(row)) for row in series_polynomials(kind, order)]
    coefficients = expansion(p, Fraction(0), Fraction)
    size = max((float(abs(c)) ** (1 / k) for k, c in enumerate(p, 1)), default=1.0)
    with working_precision(4000):
        y = ball(Fraction(1, 10**60)) / (1 + size)
        h = sum((ball(c) * y**j for j, c in enumerate(coefficients)), 0 * y)
        w = 1 + y * h
        P = 1 + sum((ball(c) * (y / w) ** k for k, c in enumerate(p, 1)), 0 * y)
        residual = h + ball(Fraction(3, 2)) * w.log() - P.log()
        assert abs(residual) < ball(Fraction(1, 10**30)) * (y * (1 + size)) ** order


EXPANSIONS = [  # lam, eps, orders 0 to 4 of the series, U_0 to U_3
    ("0.1", "1e-3", "0.37 -0.22 0.14 -0.11 0.095", "-1.7e-2 -1.8e-3 -3.5e-4 -9.9e-5"),
    ("0.1", "1e-6", "0.17 -0.050 0.016 -0.0063 0.0029", "-4.3e-3 -1.9e-4 -1.7e-5 -2.1e-6"),
    ("0.1", "1e-12", "0.081 -0.011 1.8e-3 -3.4e-4 7.5e-5", "-1.0e-3 -2.0e-5 -8.2e-7 -4.8e-8"),
    ("0.1", "1e-100", "8.8e-3 -1.4e-4 2.4e-6 -5.0e-8 1.2e-9", "-1.3e-5 -2.6e-8 -1.1e-10 -7.1e-13"),
    ("0.5", "1e-3", "0.14 -0.10 0.084 -0.085 0.10", "-1.4e-3 -2.0e-5 -5.3e-7 -2.0e-8"),
    ("0.5", "1e-6", "0.058 -0.019 6.8e-3 -3.0e-3 1.6e-3", "-2.9e-4 -1.4e-6 -1.2e-8 -1.6e-10"),
    ("0.5", "1e-12", "0.026 -3.8e-3 6.1e-4 -1.2e-4 2.9e-5", "-6.0e-5 -1.1e-7 -4.1e-10 -2.2e-12"),
    ("0.5", "1e-100", "2.7e-3 -4.0e-5 6.8e-7 -1.4e-8 3.5e-10", "-6.5e-7 -1.1e-10 -4.0e-14 -2.1e-17"),
    ("0.9", "1e-3", "0.12 -0.14 0.17 -0.24 0.33", "-8.4e-5 -2.3e-7 -1.1e-9 -8.8e-12"),
    ("0.9", "1e-6", "0.030 -0.012 5.2e-3 -2.8e-3 1.8e-3", "-1.3e-5 -2.6e-9 -1.1e-12 -6.6e-16"),
    ("0.9", "1e-12", "0.012 -1.9e-3 3.3e-4 -7.2e-5 1.9e-5", "-1.6e-6 -8.4e-11 -9.0e-15 -1.4e-18"),
    ("0.9", "1e-100", "1.1e-3 -1.7e-5 2.9e-7 -6.0e-9 1.5e-10", "-1.3e-8 -5.1e-14 -4.3e-19 -5.2e-24"),
    ("0.99", "1e-3", "0.31 -0.81 1.0", "-1.5e-6 -4.6e-9 -1.9e-11 -1.2e-13"),
    ("0.999", "1e-3", "1.4", "-3.1e-8 -2.2e-10 -9.1e-13 -5.9e-15"),
    ("0.02", "1e-3", "1.0 -0.69 0.30 -0.26 0.18", "-0.18 -0.064 -0.031 -0.014"),
]


@pytest.mark.parametrize(("lam", "eps", "series", "uniform"), EXPANSIONS)
def test_errors_of_the_expansions(lam, eps, series, uniform):
    for method, printed in (("series", series), ("uniform", uniform)):
        for order, text in enumerate(printed.split()):
            assert agrees(error(method, lam, eps, order), text), (method, order)


TRAIN = [  # relative errors of the training time alone at lam = 1/2, eps = 1e-6
    ("series", "3.2e-4 -6.1e-5 1.2e-5 -2.4e-6 4.7e-7"),
    ("uniform", "3.2e-4 8.0e-7 5.5e-9 6.1e-11"),
]


@pytest.mark.parametrize(("method", "printed"), TRAIN)
def test_errors_of_the_training_time(method, printed):
    exact = LinearTeacherStudent("1/2", eta="1/4").grokking_time("1e-6", digits=30).train
    for order, text in enumerate(printed.split()):
        form = closed_form(method, Fraction(1, 2), Fraction(1, 10**6), order)
        value = certify(form.train.enclose, 30, function="test")
        assert agrees(float(value / exact - 1), text)


def test_the_series_of_order_zero_is_the_lambert_form():
    for lam in (Fraction(1, 10), Fraction(9, 10)):
        series, lambert = (closed_form(method, lam, Fraction(1, 1000)) for method in ("series", "lambert"))
        with working_precision(120):
            assert series.train.enclose().overlaps(lambert.train.enclose())
            assert series.gen.enclose().overlaps(lambert.gen.enclose())


def test_the_series_of_the_difference_is_the_difference_of_the_series():
    """Its terms beyond the order are of the size of the next one."""
    lam, eps = Fraction(1, 2), Fraction(1, 10**1000)
    form = closed_form("series", lam, eps, 20)
    with working_precision(300):
        a, root = edge_ball(lam) ** 2, ball(lam).sqrt()
        X = 3 * lambert_argument_ball(lam, ball(eps / 4), "train").lambertw() / 2
        exact = a * (form.gen.enclose() - form.train.enclose())
        rate, log_edge = a / root, -a.log()
        total, errors = log_edge, []
        for k, c in enumerate(grokking_time_coefficients("delta", 8), 1):
            polynomial = sympy.Poly(c, r, l)
            total += (
                sum(
                    (ball(Fraction(int(q.p), int(q.q))) * rate**i * log_edge**j for (i, j), q in polynomial.terms()),
                    0 * X,
                )
                / X**k
            )
            errors.append(abs(float(total - exact)))
    assert all(after < before / 50 for before, after in itertools.pairwise(errors))


# The uniform forms.


@given(lam=aspect_ratios, eps=log_uniform(-30, 0.3), order=st.integers(0, 6))
@example(lam=Fraction(1), eps=Fraction(1, 1000), order=3)
@example(lam=Fraction(10001, 10000), eps=Fraction(1, 1000), order=3)
@example(lam=Fraction(10**6), eps=Fraction(1, 1000), order=2)
@example(lam=Fraction(1, 10**6), eps=Fraction(1), order=2)
def test_the_uniform_forms_reach_the_threshold_on_their_falling_side(lam, eps, order):
    form = closed_form("uniform", lam, eps, order)
    plateau = 1 - 1 / lam if lam > 1 else Fraction(0)
    if form.reason:
        assert "stays below the threshold" in form.reason
        assert order > 0
        return
    assert (form.gen is None) == (eps / 4 <= plateau)
    times = [(form.train, uniform_train_ball, Fraction(0))]
    if form.gen is not None:
        times.append((form.gen, uniform_excess_ball, plateau))
    for time, loss, floor in times:
        with working_precision(120):
            s = time.enclose().mid()
            for sign in (1, -1):  # the loss crosses from above
                with working_precision(400):
                    near = s * ball(1 - sign * Fraction(1, 2**60))
                    assert sign * (loss(near, lam, order).log() - ball(eps / 4 - floor).log()) > 0


@given(lam=st.one_of(st.just(Fraction(1)), log_uniform(-1, 1)), eps=log_uniform(-12, -1))
def test_the_uniform_forms_improve_with_their_order_where_x_is_large(lam, eps):
    plateau = 1 - 1 / lam if lam > 1 else Fraction(0)
    if eps / 4 <= plateau:
        return
    exact = LinearTeacherStudent(lam, eta="1/4").grokking_time(eps, digits=150)
    x = 2 * math.sqrt(lam) * float(exact.train)
    if x < 12:
        return
    errors = []
    for order in range(4):
        form = closed_form("uniform", lam, eps, order)
        gen = certify(form.gen.enclose, 150, function="test")
        errors.append(abs(float(gen / exact.gen - 1)))
    assert errors == sorted(errors, reverse=True)
    assert errors[3] < 2 * x**-4


FIRST_CORRECTION = [  # lam, relative error of s_gen from the uniform form of order 0, and with its first correction
    ("0.5", "-9.4e-4", "-6.9e-6"),
    ("0.9", "-4.8e-5", "-1.3e-8"),
]


@pytest.mark.parametrize(("lam", "before", "after"), FIRST_CORRECTION)
def test_one_newton_step_from_order_zero_gives_most_of_order_one(lam, before, after):
    """s + b_1 e^(a s) E_{5/2}(a s) at the root s of order 0, eps = 1e-3."""
    exact = LinearTeacherStudent(lam, eta="1/4").grokking_time("1e-3", digits=30).gen
    with working_precision(150):
        s = closed_form("uniform", Fraction(lam), Fraction(1, 1000)).gen.enclose()
        root = ball(Fraction(lam)).sqrt()
        integral = scaled_integrals(lambda: edge_ball(Fraction(lam)) ** 2 * s, 2)[1]
        better = s - ball(Fraction(3, 16)) / root * integral
        errors = [float(value / exact.ball() - 1) for value in (s, better)]
    assert agrees(abs(errors[0]), before.strip("-"))
    assert agrees(abs(errors[1]), after.strip("-"))


def test_a_uniform_form_below_the_threshold_is_said_to_be():
    form = closed_form("uniform", Fraction(1, 10**4), Fraction(1, 2), 3)
    assert form.train is form.gen is None
    assert "sqrt(lam) s is too small" in form.reason


# Readings and input.


@pytest.mark.parametrize(("method", "order"), [("lambert", None), ("iterated-log", None), ("series", 0), ("series", 4)])
def test_the_symbolic_forms_evaluate_to_the_certified_ones(method, order):
    lam, eta, eps = sympy.symbols("lam eta eps", positive=True)
    at = {lam: sympy.Rational(1, 2), eta: sympy.Rational(1, 4), eps: sympy.Rational(1, 1000)}
    found = grokking_time_expression(lam, eta, eps, None, method, order)
    form = closed_form(method, Fraction(1, 2), Fraction(1, 1000), order)
    for which in ("train", "gen"):
        value = gm.evaluate(getattr(found, which).subs(at), digits=40)
        with working_precision(150):
            assert value.ball().overlaps(getattr(form, which).enclose())


def test_forms_without_an_expression_say_so():
    lam = sympy.Symbol("lam", positive=True)
    for method in ("exact", "uniform"):
        with pytest.raises(gm.UnsupportedExpression, match="no closed form"):
            grokking_time_expression(lam, 1, "1e-3", None, method)
    with pytest.raises(gm.UnsupportedExpression, match="leave accuracy out"):
        grokking_time_expression(lam, 1, "1e-3", "0.9", "series")


BAD = [
    (lambda: closed_form("guess", Fraction(1, 2), Fraction(1, 10)), "method"),
    (lambda: closed_form("exact", Fraction(1, 2), Fraction(1, 10)), "method"),
    (lambda: closed_form("lambert", Fraction(1, 2), Fraction(1, 10), 1), "order"),
    (lambda: closed_form("series", Fraction(1, 2), Fraction(1, 10), -1), "order"),
    (lambda: closed_form("uniform", Fraction(1, 2), Fraction(1, 10), 31), "order"),
    (lambda: closed_form("uniform", Fraction(1, 2), Fraction(1, 10), 1.5), "order"),
    (lambda: grokking_time_expression(sympy.Symbol("x"), 1, 1, None, "guess"), "method"),
    (lambda: grokking_time_expression(sympy.Symbol("x"), 1, 1, None, "leading", 2), "order"),
    (lambda: grokking_time_coefficients("test", 2), "kind"),
    (lambda: grokking_time_coefficients("gen", True), "order"),
    (lambda: grokking_time_coefficients("delta", 21), "order"),
]


@pytest.mark.parametrize(("call", "argument"), BAD)
def test_bad_input_is_refused_in_one_sentence_that_names_it(call, argument):
    with pytest.raises(DomainError, match=rf": {argument} = .*needed:"):
        call()


def test_every_closed_form_has_a_name_and_a_method():
    for method in CLOSED_FORMS:
        assert closed_form(method, Fraction(1, 2), Fraction(1, 1000)).method


@pytest.mark.parametrize("method", CLOSED_FORMS)
def test_the_model_takes_every_closed_form(method):
    order = 2 if method in ORDERED_FORMS else None
    found = LinearTeacherStudent("1/2", eta="1/4").grokking_time("1e-3", method=method, order=order, digits=20)
    assert found.method == method
    form = closed_form(method, Fraction(1, 2), Fraction(1, 1000), order)
    with working_precision(100):
        delta = form.delta.enclose() if form.delta else form.gen.enclose() - form.train.enclose()
        assert found.delta.ball().overlaps(delta)
    with pytest.raises(DomainError, match=": order = "):
        LinearTeacherStudent("1/2").grokking_time(5, method=method, order=-1)
