"""What a verdict may not say: a claim wider than the fact, a function that is the model's by a theorem, an order."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sympy as sp

from grokmath.ledger import find, records
from grokmath.ledger.coverage import covers, holds_on
from grokmath.ledger.derivations import fact, judged, reaches
from grokmath.ledger.record import Identity, Inequality, Record, regime
from grokmath.ledger.tied import THEOREM_OF, measured, tied
from grokmath.proof import THEOREMS, cite_marchenko_pastur, define, rewrite, together, where

x = sp.Symbol("x", positive=True)
real = sp.Symbol("x", real=True)
whole = sp.Symbol("x", integer=True, positive=True)


def same(formula):
    return rewrite(formula, formula)


def claim(formula, *regimes):
    return Identity(formula, formula, regimes)


def record(*claims):
    return Record("levi2023:0", "0", "identity", "", "", claims)


def test_a_range_is_decided_by_its_ends_not_by_points_tried():
    """Twelve points of (0, 1001/1000) would all lie below 1."""
    known = rewrite(x, x, domain=where(x < 1))
    assert covers(known, claim(real, regime(x="0..1")))
    assert not covers(known, claim(real, regime(x="0..1001/1000")))
    assert not covers(known, claim(real, regime("", ({"x": "1"},), x="0..1")))
    assert not covers(known, claim(real, regime()))


def test_the_signs_and_integers_that_a_fact_assumes_are_conditions():
    assert not covers(same(x), claim(real, regime(x="-1/1000..1")))
    assert not covers(same(whole), claim(real, regime(x="1/2..5")))
    assert covers(same(whole), claim(real, regime(x="1..5 integer")))
    assert covers(same(real), claim(real, regime(x="-2..5")))


def test_conditions_with_logarithms_are_decided_by_balls():
    here = claim(real, regime(x="1/1000..1/2"))
    assert holds_on([(-sp.log(real) - sp.Rational(69, 100), ">")], here, here.regimes[0])
    assert not holds_on([(-sp.log(real) - sp.Rational(7, 10), ">")], here, here.regimes[0])


def test_a_condition_that_fails_at_single_points_is_one_of_generic_points():
    here = claim(real, regime(x="0..1"))
    half = real - sp.Rational(1, 2)
    assert holds_on([(half, "!=")], here, here.regimes[0])
    assert holds_on([(half**2, ">")], here, here.regimes[0])
    assert not holds_on([(half**3, ">")], here, here.regimes[0])
    at = claim(real, regime(x="1/2, 1/3"))
    assert not holds_on([(half, "!=")], at, at.regimes[0])


def test_the_side_of_a_limit_and_its_variable_are_compared():
    late = fact("levi2023:10-train")
    first = find("levi2023:10-train").claims[0]
    assert reaches(late, record(first))
    assert not reaches(late, record(replace(first, point=sp.S.Zero)))
    critical = fact("levi2023:15-train")
    (near,) = find("levi2023:15-train").claims
    assert reaches(critical, record(near))
    assert not reaches(critical, record(replace(near, side="-")))


def test_a_weak_inequality_does_not_reach_a_strict_one():
    assert not reaches(rewrite(x, x), record(Inequality(x, x, (regime(x="1..2"),))))


def test_a_loss_is_known_by_its_own_definition_and_not_by_its_name():
    """A function called L_tr that averages something else does not stand for the training loss."""
    t, eta, lam, nu = sp.symbols("t eta lam nu", positive=True)
    loss = sp.Function("L_tr")(t, eta, lam)
    right = cite_marchenko_pastur(loss, nu * sp.exp(-4 * eta * nu * t), nu, lam)
    wrong = cite_marchenko_pastur(loss, nu * sp.exp(-2 * eta * nu * t), nu, lam)
    named = define(loss, sp.exp(-t * eta * lam))
    average = find("levi2023:8-closed-train").claims[0].reference
    stated = record(Identity(average, average, (regime(lam="1/50..99/100", eta="1/1000..1/10", t="1/10..10000"),)))
    for known, expected in ((right, True), (wrong, False), (named, False)):
        assert reaches(rewrite(loss, loss, using=[known]), stated) is expected


def test_an_average_without_a_value_at_zero_is_one_up_to_lam_1():
    last, known = fact("levi2023:28-perfect"), find("levi2023:28-perfect")
    assert reaches(last, known)
    wider = [replace(part, regimes=(regime(lam="1/2..3/2", sigma="1/2..2", eta="1/100..1"),)) for part in known.claims]
    assert not reaches(last, record(*wider))


def test_no_record_with_a_function_of_the_model_is_proved_outright():
    from grokmath.ledger import vocabulary

    assert set(THEOREM_OF) <= set(vocabulary.__all__)
    assert set(THEOREM_OF.values()) <= set(THEOREMS)
    given = {entry.id: tied(entry.claims) for entry in records()}
    assert given["levi2023:14-closed"] == given["levi2023:8-closed-gen"] == ("marchenko_pastur",)
    assert given["beck2024:11-margin"] == ("gardner",)
    assert given["beck2024:16"] == ("wendel",)
    assert given["levi2023:6"] == given["levi2023:9"] == given["beck2024:3"] == ()
    closed = find("levi2023:14-closed")
    assert judged(fact(closed.id), closed).verdict == "Proved given Marchenko-Pastur"


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("beck2024:39-fixed", "Proved; order measured"),
        ("beck2024:41", "Proved; order and constant measured"),
        ("levi2023:10-train", "Proved given Marchenko-Pastur; order and constant measured"),
        ("levi2023:12-limit", "Proved"),
    ],
)
def test_order_and_constant_of_an_error_are_not_called_proved(name, verdict):
    known = find(name)
    assert judged(fact(name), known).verdict == verdict
    assert bool(measured(known.claims)) == ("measured" in verdict)


def test_each_statement_put_together_has_its_own_domain():
    low, high = rewrite(x, x, domain=where(x < 1)), rewrite(x**2, x**2, domain=where(x > 1))
    both = together(low, high)
    assert reaches(both, record(claim(real, regime(x="0..1")), claim(real**2, regime(x="1..2"))))
    assert not reaches(both, record(claim(real, regime(x="1..2"))))
