"""The two-point model at eta = sigma = 1: closed forms at points where the equations of motion were integrated."""

from __future__ import annotations

from fractions import Fraction

import pytest

from grokmath.classification.two_point import TwoPointModel

AT_WEIGHT = [  # quantity, lam, S0, b0, S, value
    ("bias_at_weight", "0.3", "0.0", "0.0", "0.5", "-3.3162576505895593877539230349510610194"),
    ("conformal_time_at_weight", "0.45", "0.0", "0.0", "1.5", "10.355943927381483967756214149448396764"),
    ("time_at_weight", "0.45", "0.0", "0.0", "1.5", "3493.4630439545983718988169194976695779"),
    ("bias_at_weight", "0.1", "0.0", "0.0", "0.1", "-2.0440982852950548177807743345145962027"),
    ("conformal_time_at_weight", "0.7", "0.0", "0.0", "2.0", "6.7838470585388425837470566996440837994"),
    ("time_at_weight", "0.7", "0.0", "0.0", "2.0", "67.396390141204299958534065318541351361"),
    ("bias_at_weight", "0.9", "0.25", "-0.5", "3.0", "-3.6111323320769097518503944584630824926"),
    ("conformal_time_at_weight", "0.5", "0.3", "-0.1", "1.2", "3.9405162303210887710940462325472739794"),
    ("time_at_weight", "0.5", "0.3", "-0.1", "1.2", "26.676284654257904621112124861909499208"),
    ("bias_at_weight", "1", "0.2", "0.1", "1.7", "-1.4"),
]
WEIGHTS = [  # lam, t, S(t)
    ("0.3", "100.0", "0.56091814153086407044100589883936098027"),
    ("0.45", "1000000.0", "1.7933481303715895177881358862643614701"),
    ("0.7", "1000000.0", "5.6023398048411193183905722410231967189"),
    ("1/2", "10.0", "0.84446155555000742026075723083725130485"),
    ("1/2", "1.0e+30", "4.1777977378114886848248841532888319007"),
]


def agree(value, reference: str) -> bool:
    """Within one unit of the reference's last digit."""
    unit = Fraction(1, 10 ** len(reference.partition(".")[2]))
    return abs(value - Fraction(reference)) <= unit


@pytest.mark.parametrize(("name", "lam", "S0", "b0", "S", "reference"), AT_WEIGHT)
def test_times_and_biases_at_a_weight(name, lam, S0, b0, S, reference):
    model = TwoPointModel(lam, S0=S0, b0=b0)
    assert agree(getattr(model, name)(S, digits=45), reference)


@pytest.mark.parametrize(("lam", "t", "reference"), WEIGHTS)
def test_weights_at_a_time(lam, t, reference):
    model = TwoPointModel(lam)
    assert agree(model.weight(t, digits=45), reference)
    assert abs(model.weight(float(t)) / float(reference) - 1) < 1e-14


@pytest.mark.parametrize("lam", ["0", "0.3", "1/2", "0.500000000001", "0.7", "1"])
@pytest.mark.parametrize("t", ["1e-3", "1", "1e6", "1e300"])
def test_the_time_at_the_weight_is_the_time(lam, t):
    model = TwoPointModel(lam)
    S = model.weight(t, digits=200)  # S* - S is 1e-120 at lam = 0.3, t = 1e300
    if lam == "0":
        assert S == 0  # the symmetric point stays
        return
    middle, width = Fraction(str(S)), Fraction(S.error)
    before, after = (model.time_at_weight(middle + d, digits=400) for d in (-width, width))
    assert before < Fraction(t)
    assert after > Fraction(t)
