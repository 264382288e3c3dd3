"""The testing kit on wrong formulas, each caught with code that fails alone, and on what is not decided."""

from __future__ import annotations

import functools
import os
import runpy
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
import sympy

import grokmath as gm
from grokmath import LinearTeacherStudent, Undecidable
from grokmath import testing as kit
from grokmath.testing import NotDecided, Refuted, assert_asymptotic, assert_identity

from .formulas import L, delta, eps, eta, gamma, gen_loss, lam, train_plateau, x

ROOT = Path(__file__).parent.parent
ONE, HALF = Fraction(1), Fraction(1, 2)


def fails_alone(code, tmp_path):
    """The exception's name and message of the code as a file of its own, in a fresh interpreter."""
    path = tmp_path / "test_pasted.py"
    path.write_text(code)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(path)]
    result = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path, check=False)
    assert result.returncode == 1, result.stderr
    return result.stderr


def caught(statement, tmp_path, kind=Refuted):
    """The exception, whose code is run as a script and must raise the same one."""
    with pytest.raises(kind) as raised:
        statement()
    error = raised.value
    assert type(error) is kind
    assert error.code in str(error)
    path = tmp_path / "test_pasted.py"
    path.write_text(error.code)
    with pytest.raises(kind) as again:
        runpy.run_path(str(path), run_name="__main__")
    assert type(again.value) is kind
    first, second = (str(e).split("(points tried")[0] for e in (error, again.value))
    assert first == second
    return error


def test_the_factor_two_in_equation_9(tmp_path):
    """A = 2 Pr(|z| <= sqrt eps) is twice too large; Pr = erf(sqrt(eps/(2L))) is right."""
    probability = sympy.lowergamma(HALF.numerator / sympy.Integer(2), eps / (2 * L)) / sympy.sqrt(sympy.pi)
    where = {eps: kit.thresholds(), L: kit.rationals("1e-6", 1)}
    assert assert_identity(sympy.erf(sympy.sqrt(eps / (2 * L))), probability, where).holds
    error = caught(
        lambda: assert_identity(sympy.erf(sympy.sqrt(eps / (2 * L))), 2 * probability, where, max_examples=20), tmp_path
    )
    assert error.point == {"eps": 1, "L": 1}

    def printed(lam, t, eps, digits):
        return 2 * LinearTeacherStudent(lam).gen_accuracy(t, eps=eps, digits=digits)

    def true(lam, t, eps, digits):
        return LinearTeacherStudent(lam).gen_accuracy(t, eps=eps, digits=digits)

    where = {"lam": kit.aspect_ratios(), "t": kit.times(largest=100), "eps": kit.thresholds()}
    error = caught(lambda: assert_identity(true, printed, where), tmp_path)
    assert error.point["lam"] == 1


def test_the_plateau_of_equation_15(tmp_path):
    where = {lam: kit.aspect_ratios("under", closest="1/100")}
    error = caught(lambda: assert_asymptotic(train_plateau, gamma**2 / (4 * (1 - lam)), gamma, 0, where), tmp_path)
    assert error.point == {"lam": HALF}
    assert "Refuted: the asymptotic statement is refuted at lam = 0.5" in fails_alone(error.code, tmp_path)
    assert "the ratio tends to 2.000" in str(error)


def test_equation_11_is_not_exact(tmp_path):
    printed = -sympy.log(1 - sympy.sqrt(lam)) / (2 * eta * (1 - sympy.sqrt(lam)) ** 2)
    ratios = kit.aspect_ratios("under", smallest="1/100", closest="1/100")
    where = {lam: ratios, eta: kit.learning_rates(), eps: kit.thresholds(largest=1)}
    error = caught(lambda: assert_identity(delta, printed, where, digits=30), tmp_path)
    assert error.point == {"lam": HALF, "eta": 1, "eps": 1}


def test_a_slip_in_the_fiftieth_digit(tmp_path):
    off = sympy.exp(x) * (1 + sympy.Rational(1, 10**50))
    error = caught(lambda: assert_identity(sympy.exp(x), off, {x: kit.rationals(1, 2)}), tmp_path)
    left, right = (line.strip()[6:60] for line in str(error).splitlines()[1:3])
    assert left != right
    assert assert_identity(sympy.exp(x), off, {x: kit.rationals(1, 2)}, digits=30).holds


def test_a_slip_in_a_corner_shrinks_to_its_edge(tmp_path):
    """Wrong for t >= 12345 at lam > 1 only."""
    threshold = Fraction(12345)

    def claimed(lam, t, digits):
        value = LinearTeacherStudent(lam).log_gen_loss(t, digits=digits)
        return value if t < threshold or lam <= 1 else value * Fraction(1001, 1000)

    def true(lam, t, digits):
        return LinearTeacherStudent(lam).log_gen_loss(t, digits=digits)

    where = {"lam": kit.aspect_ratios(), "t": kit.times()}
    error = caught(lambda: assert_identity(true, claimed, where, max_examples=200), tmp_path)
    assert error.point["lam"] == 2
    assert error.point["t"] in (20_000, 100_000)
    assert "threshold = Fraction(12345)" in error.code


def test_models_are_written_out(tmp_path):
    noise = "label_noise"
    error = caught(
        lambda: assert_identity(
            lambda model, t, digits: model.log_gen_loss(t, digits=digits),
            lambda model, t, digits: model.replace(**{noise: 0}).log_gen_loss(t, digits=digits),
            {"model": kit.linear_models("over"), "t": kit.times(largest=1000)},
        ),
        tmp_path,
    )
    assert "model = LinearTeacherStudent(lam=2, eta=1, label_noise=1), t = 1:" in str(error)
    assert "label_noise=Fraction(1)" in error.code
    assert "noise = 'label_noise'" in error.code
    two = caught(
        lambda: assert_identity(
            lambda model, digits: model.weight(1, digits=digits),
            lambda model, digits: model.weight(2, digits=digits),
            {"model": kit.two_point_models("critical")},
        ),
        tmp_path,
    )
    assert "gm.TwoPointModel(lam=Fraction(1, 2), eta=Fraction(1)" in two.code


def test_methods_partials_and_odd_symbols(tmp_path):
    model = LinearTeacherStudent("1/3", eta="1/4")
    error = caught(
        lambda: assert_identity(model.gen_loss, model.train_loss, {"t": kit.times(zero=False, largest=9)}), tmp_path
    )
    assert "lhs = gm.LinearTeacherStudent(lam=Fraction(1, 3), eta=Fraction(1, 4)).gen_loss" in error.code
    half = functools.partial(gen_loss, lam=HALF)
    caught(lambda: assert_identity(half, functools.partial(half, lam=ONE), {"t": (1, 9)}), tmp_path)
    odd = sympy.Symbol("lambda", positive=True)
    n = sympy.Symbol("\\nu_0", integer=True)
    left = sympy.besseli(n, odd) * odd ** sympy.Rational(-3, 2)
    error = caught(lambda: assert_identity(left, left + sympy.E ** (-odd), {odd: (1, 5), n: [0, 1, 2]}), tmp_path)
    assert "lambda_ = Symbol('lambda', positive=True)" in error.code


def test_examples_come_first(tmp_path):
    wrong = sympy.Abs(x - 7) + x - 7
    where = {x: kit.rationals(7, 9)}
    assert assert_identity(wrong, 2 * (x - 7), where).holds
    error = caught(lambda: assert_identity(wrong, 2 * (x - 7), where, examples=[{x: 3}]), tmp_path)
    assert error.point == {"x": 3}


# Undecided does not pass


def test_undecided_raises_and_says_how_far_it_came(tmp_path):
    nothing = sympy.erf(x) + sympy.erfc(x) - 1
    error = caught(lambda: assert_identity(nothing, 0, {x: kit.rationals(1, 5)}, max_examples=5), tmp_path, NotDecided)
    assert isinstance(error, Undecidable)
    assert "NotDecided: the identity is undecided" in fails_alone(error.code, tmp_path)
    assert "0 of 60 digits were reached" in str(error)
    assert "undecided, which does not pass" in str(error)

    def rounded(x, digits):
        return gm.evaluate(sympy.exp(sympy.Rational(x.numerator, x.denominator)), digits=20)

    error = caught(lambda: assert_identity(sympy.exp(x), rounded, {x: (1, 2)}, max_examples=5), tmp_path, NotDecided)
    assert any(f"{n} of 60 digits were reached" in str(error) for n in range(19, 30))
    error = caught(lambda: assert_identity(gen_loss, gen_loss, {"lam": ["1/4"], "t": ["1e12"]}), tmp_path, NotDecided)
    assert "use log_gen_loss" in str(error)
    logs = assert_asymptotic, sympy.log(x), sympy.log(x) + 1, x, sympy.oo, {}
    caught(lambda: logs[0](*logs[1:]), tmp_path, NotDecided)


def test_a_refutation_is_preferred_to_an_undecided_point():
    """The first is undecided at x = 2 and wrong elsewhere."""
    with pytest.raises(Refuted) as raised:
        assert_identity(sympy.log(x - 2), sympy.log(x - 2) + 1, {x: [2, 3]})
    assert not isinstance(raised.value, NotDecided)
    assert raised.value.point == {"x": 3}
