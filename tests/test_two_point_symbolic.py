"""The closed forms of the two-point model as SymPy expressions against certified values."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import grokmath as gm
from grokmath.classification.two_point import TwoPointModel
from grokmath.parameters import GrokmathError, UnsupportedExpression

T, S, TAU, LAM, SIGMA, ETA, B0 = sympy.symbols("t S tau lam sigma eta b_0", positive=True)
POINT = sympy.Rational(7, 3)


def value(expression, digits: int = 40):
    assert not expression.free_symbols
    return gm.evaluate(expression.rewrite(sympy.log).rewrite(sympy.exp), digits=digits)  # hyperbolic functions


def close(expression, certified, digits: int = 30) -> bool:
    found = value(expression)
    return bool(abs(found - certified) <= Fraction(1, 10**digits) * (1 + abs(certified)))


EXPLICIT = [
    {"lam": "1/2", "S0": "1/3", "b0": "-1/2", "eta": 3},
    {"lam": "1/2", "S0": 0, "b0": 0},
    {"lam": 1, "sigma": "2", "S0": "1/4", "b0": 1},
    {"lam": 0, "S0": "3/2", "b0": "1/5"},
    {"lam": 0, "S0": 0, "b0": "1/5"},
    {"lam": "0.3", "sigma": 2, "S0": "S*", "b0": "1/5"},
]


@pytest.mark.parametrize("parameters", EXPLICIT, ids=str)
@pytest.mark.parametrize(
    "name",
    [
        "weight",
        "bias",
        "conformal_time",
        "log_conformal_time",
        "train_loss",
        "gen_loss",
        "log_gen_loss",
        "gen_accuracy",
    ],
)
def test_functions_of_time(parameters, name):
    model = TwoPointModel(**parameters)
    expression = getattr(model, name)(T)
    assert T in expression.free_symbols or parameters["lam"] in (0, "0.3")
    if name == "gen_accuracy" and parameters == EXPLICIT[4]:
        return  # S = 0: b/|S|
    assert close(expression.subs(T, POINT), getattr(model, name)(POINT, digits=40))


@pytest.mark.parametrize("parameters", EXPLICIT, ids=str)
def test_functions_of_conformal_time(parameters):
    model = TwoPointModel(**parameters)
    expressions, certified = model.at_conformal_time(TAU), model.at_conformal_time(POINT, digits=40)
    for expression, number in zip(expressions, certified, strict=True):
        assert close(sympy.sympify(expression).subs(TAU, POINT), number)


@settings(max_examples=30)
@given(
    lam=st.sampled_from(["0", "1/10", "3/10", "9/20", "1/2", "11/20", "7/10", "9/10", "1"]),
    sigma=st.sampled_from(["1/2", "1", "2"]),
    S0=st.fractions(-1, 4, max_denominator=6),
    b0=st.fractions(-1, 1, max_denominator=5),
    ahead=st.fractions(Fraction(1, 10), 1, max_denominator=10),
)
def test_functions_of_the_weight(lam, sigma, S0, b0, ahead):
    """The hypergeometric forms, on both sides of S*."""
    model = TwoPointModel(lam, sigma=sigma, S0=S0, b0=b0)
    weight = S0 + ahead
    if model.lam < Fraction(1, 2):
        minimizer = Fraction(str(model.minimizer(digits=20))).limit_denominator(1000)
        weight = S0 + ahead * Fraction(9, 10) * (minimizer - S0)
        if abs(weight - S0) < Fraction(1, 100):
            return
    weight = weight.limit_denominator(10**6)
    for name in ("bias_at_weight", "log_time_at_weight", "conformal_time_at_weight"):
        expression = getattr(model, name)(S).subs(S, sympy.Rational(weight.numerator, weight.denominator))
        number = getattr(model, name)(weight, digits=40)
        try:
            assert close(expression, number, 25)
        except GrokmathError as error:  # the evaluator does not know every hypergeometric function
            assert "hyper" in str(error)  # noqa: PT017


def test_the_printed_forms():
    assert TwoPointModel("1/2").weight(T) == sympy.log(sympy.LambertW(T / 2) + 1)
    assert TwoPointModel(1, eta=ETA).at_conformal_time(TAU).weight == sympy.log(ETA * TAU + 1)
    model = TwoPointModel(LAM, sigma=SIGMA)
    assert sympy.simplify(model.minimizer() - sympy.log(1 / (1 - 2 * LAM)) / (2 - 2 * LAM)) == 0
    assert sympy.simplify(model.relaxation_exponent() - SIGMA**2 * (1 - 2 * LAM)) == 0
    paper = TwoPointModel(LAM).grokking_time("1e-4", method="paper")
    assert sympy.simplify(paper.log_ratio - sympy.log(1 / (1 - 2 * LAM)) ** 2 / 2) == 0
    assert sympy.simplify(TwoPointModel(LAM, eta=ETA).conformal_grokking_time(S, method="paper").delta * ETA
                          - sympy.log(1 / (1 - 2 * LAM)) ** 2) == 0  # fmt: skip


@pytest.mark.parametrize("method", ["quasi-static", "paper"])
def test_grokking_times_in_symbols(method):
    symbolic = TwoPointModel(LAM, eta=ETA, b0=B0)
    numbers = TwoPointModel("0.45", eta="1/5", b0="1/2")
    point = {LAM: sympy.Rational(9, 20), ETA: sympy.Rational(1, 5), B0: sympy.Rational(1, 2)}
    for name in ("grokking_time", "conformal_grokking_time"):
        expressions = getattr(symbolic, name)("1e-4", method=method)
        certified = getattr(numbers, name)("1e-4", method=method, digits=40)
        for part in ("train", "gen", "delta"):
            assert close(sympy.sympify(getattr(expressions, part)).subs(point), getattr(certified, part))
    assert close(symbolic.validity("1e-4").subs(point), numbers.validity("1e-4", digits=40))
    assert close(symbolic.kappa().subs(point), numbers.kappa(digits=40))


@pytest.mark.parametrize("lam", ["0", "0.3", "1/2", "0.7", "1"])
def test_limits_in_symbols(lam):
    symbolic, numbers = TwoPointModel(lam, eta=ETA, b0=B0).limits(), TwoPointModel(lam, eta="1/5", b0="1/2")
    point = {ETA: sympy.Rational(1, 5), B0: sympy.Rational(1, 2)}
    for expression, number in zip(symbolic, numbers.limits(digits=40), strict=True):
        if number != float("inf"):
            assert close(sympy.sympify(expression).subs(point), number)


@pytest.mark.parametrize(
    "call",
    [
        lambda: TwoPointModel("0.3").weight(T),
        lambda: TwoPointModel("1/2", sigma=2).bias(T),
        lambda: TwoPointModel("0.7").at_conformal_time(TAU),
        lambda: TwoPointModel(LAM).grokking_time("1e-3"),
        lambda: TwoPointModel(LAM).limits(),
        lambda: TwoPointModel(0, sigma=2, S0=1).weight(T),
    ],
)
def test_what_has_no_closed_form_says_what_to_ask_instead(call):
    with pytest.raises(UnsupportedExpression, match="; "):
        call()
