"""The testing kit on true formulas, its options, and what it refuses."""

from __future__ import annotations

import doctest
import pickle
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
import sympy
from hypothesis import strategies as st

import grokmath as gm
from grokmath import DomainError, LinearTeacherStudent, UnsupportedExpression
from grokmath import testing as kit
from grokmath.testing import Refuted, assert_asymptotic, assert_identity

from .formulas import a, b, dual, gamma, gen_loss, lam, s, t, train_plateau, x

ROOT = Path(__file__).parent.parent


# True statements pass


def closed_forms():
    model = LinearTeacherStudent(lam, eta="1/4")
    return model.gen_loss(s), model.train_loss(s)


def test_duality_holds():
    result = assert_identity(
        gen_loss, dual, {lam: kit.aspect_ratios("over", largest=1000), t: kit.times(largest="1e5")}
    )
    assert result.holds
    assert result.digits >= 60
    assert result.points > 50


def test_the_closed_form_has_the_training_loss_for_its_derivative():
    loss, slope = closed_forms()
    where = {lam: kit.aspect_ratios(smallest="1/100", largest=4), s: kit.rationals("1e-3", 10)}
    assert assert_identity(-sympy.diff(loss, s), slope, where, max_examples=30).holds
    assert assert_identity(loss, gen_loss_in_s, where, max_examples=30).holds


def gen_loss_in_s(lam, s, digits):
    return gen_loss(lam, s, digits)


def test_marcum_and_lambert():
    r = kit.rationals("1e-3", 30)
    both = sympy.marcumq(1, a, b) + sympy.marcumq(1, b, a)
    right = 1 + sympy.exp(-(a**2 + b**2) / 2) * sympy.besseli(0, a * b)
    assert assert_identity(both, right, {a: r, b: r}, digits=80).digits >= 80
    w = sympy.LambertW(x)
    assert assert_identity(w * sympy.exp(w), x, {x: kit.rationals("1e-30", "1e30")}).holds
    assert assert_identity(w, lambda x, digits: gm.lambert_w(x, digits=digits), {x: (0, 10)}, max_examples=30).holds


def test_models_as_parameters():
    def falls(model, t, digits):
        return model.gen_loss(t, digits=digits)

    def logarithm(model, t, digits):
        log = model.log_gen_loss(t, digits=digits + 12)
        return gm.Certified(log.ball().exp(), digits)

    where = {"model": kit.linear_models("under"), "t": (0, 50)}
    assert assert_identity(falls, logarithm, where, digits=30, max_examples=25).holds


def test_an_identity_without_parameters_and_one_of_numbers():
    assert assert_identity(sympy.gamma(sympy.Rational(1, 2)), sympy.sqrt(sympy.pi), {}).points == 1
    assert assert_identity(Fraction(1, 2), sympy.Rational(2, 4), {}).holds
    assert assert_identity(sympy.log(x**2), 2 * sympy.log(x), {x: [2, "3/2", sympy.sqrt(2)]}).points == 3


def test_an_interval_of_a_whole_number_holds_whole_numbers():
    n = sympy.Symbol("n", integer=True, positive=True)
    result = assert_identity(sympy.gamma(n + 1), n * sympy.gamma(n), {n: (1, 9)}, max_examples=30)
    assert result.holds
    assert result.points <= 9


def test_the_corrected_plateau_holds():
    where = {lam: kit.aspect_ratios("under", smallest="1/100", closest="1/50")}
    result = assert_asymptotic(train_plateau, gamma**2 / (8 * (1 - lam)), gamma, 0, where, order=1, max_examples=6)
    assert result.holds
    assert len(result.measurements) >= 3


def test_runs_are_the_same_unless_a_seed_is_given():
    def points(**options):
        seen = []

        def record(x, digits):
            seen.append(x)
            return gm.evaluate(sympy.Rational(x.numerator, x.denominator), digits=digits)

        assert_identity(record, x, {x: kit.rationals(1, 9)}, max_examples=20, **options)
        return seen

    assert points() == points()
    assert points(seed=1) == points(seed=1)
    assert points(seed=1) != points(seed=2)


# Bad use


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: assert_identity(x, x, {}), UnsupportedExpression, "lhs has the symbol"),
        (lambda: assert_identity("x", x, {x: (0, 1)}), UnsupportedExpression, "no SymPy expression and no callable"),
        (lambda: assert_identity(0.5 * x, x, {x: (0, 1)}), UnsupportedExpression, "sympy.Rational"),
        (lambda: assert_identity(sympy.sin(x), x, {x: (0, 1)}), UnsupportedExpression, "vocabulary"),
        (lambda: assert_identity(x, x, [x]), DomainError, "mapping"),
        (lambda: assert_identity(x, x, {x: (1, 0)}), DomainError, "low < high"),
        (lambda: assert_identity(x, x, {x: "one"}), DomainError, "x = 'one'"),
        (lambda: assert_identity(x, x, {x: kit.times}), DomainError, "call it"),
        (lambda: assert_identity(x, x, {x: st.floats(1, 2)}), DomainError, "parameters are exact"),
        (lambda: assert_identity(x, x, {x: (0, 1)}, digits=0), DomainError, "digits"),
        (lambda: assert_identity(x, x, {x: (0, 1)}, max_examples=0), DomainError, "max_examples"),
        (lambda: assert_identity(x, x, {x: (0, 1)}, examples=[{}]), DomainError, "not complete"),
        (lambda: assert_identity(lambda y, digits: x, x, {x: (0, 1)}), DomainError, "cannot be called"),
        (lambda: assert_identity(lambda x, digits: 0.5, x, {x: (0, 1)}), UnsupportedExpression, "returned a float"),
        (
            lambda: assert_identity(x, x, {x: kit.times().filter(lambda v: False)}, max_examples=3),
            DomainError,
            "no points",
        ),
        (lambda: assert_asymptotic(x, x, x, 0, {x: (0, 1)}), DomainError, "leave it out"),
        (lambda: assert_asymptotic(x, x, x, 0, {}, orders=1), DomainError, "orders"),
        (lambda: kit.aspect_ratios("below"), DomainError, "regime = 'below'"),
        (lambda: kit.aspect_ratios(problem="ranking"), DomainError, "problem = 'ranking'"),
        (lambda: kit.aspect_ratios(smallest=2), DomainError, "no room"),
        (lambda: kit.aspect_ratios(largest="1e7"), DomainError, "largest"),
        (lambda: kit.times(smallest=0), DomainError, "smallest = 0"),
        (lambda: kit.times(smallest=2, largest=1), DomainError, "empty"),
        (lambda: kit.rationals(2, 1), DomainError, "low <= high"),
        (lambda: kit.rationals(0, sympy.sqrt(2)), DomainError, "rational"),
        (lambda: kit.digit_counts(0), DomainError, "smallest"),
        (lambda: kit.output_counts(0), DomainError, "largest"),
        (lambda: kit.linear_models(lambda_=1), DomainError, "lambda_"),
        (lambda: kit.data_matrices("nearly"), DomainError, "kind"),
        (lambda: kit.data_matrices(max_rows=1), DomainError, "max_rows"),
    ],
)
def test_bad_use_is_refused_with_help(call, error, words):
    with pytest.raises(error, match=words) as raised:
        call()
    assert not isinstance(raised.value, AssertionError)


# The module


def test_exceptions_pickle():
    with pytest.raises(Refuted) as raised:
        assert_identity(x, x + 1, {x: (0, 1)})
    again = pickle.loads(pickle.dumps(raised.value))  # noqa: S301
    assert (str(again), again.point, again.code) == (str(raised.value), raised.value.point, raised.value.code)


def test_hypothesis_is_imported_by_the_kit_alone():
    code = "import grokmath, sys; dir(grokmath); assert 'hypothesis' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT).returncode == 0
    code = "import sys; sys.modules['hypothesis'] = None; import grokmath.testing"
    result = subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT, capture_output=True, text=True)
    assert "pip install 'grokmath[testing]'" in result.stderr


def test_the_examples_of_the_page():
    failures, examples = doctest.testfile(str(ROOT / "docs" / "testing.md"), module_relative=False)
    assert failures == 0
    assert examples > 10
