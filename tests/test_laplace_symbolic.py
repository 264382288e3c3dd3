"""The symbolic losses: the derivative that links them, SymPy's rules that this rests on, and the certified values."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from hypothesis import assume, example, given
from hypothesis import strategies as st

import grokmath as gm
from grokmath.functions.laplace_symbolic import laplace_expression, train_expression

from .strategies import log_uniform

s = sympy.Symbol("s", positive=True)
lam = sympy.Symbol("lam", positive=True)


def reduced(expression: sympy.Expr) -> sympy.Expr:
    """Marcum functions of order 2 and Bessel functions of order 2 or -1 by those of order 0 and 1 (exact identities).

    Q_2(a, b) = Q_1(a, b) + (b/a) exp(-(a**2 + b**2)/2) I_1(a b), I_2(x) = I_0(x) - (2/x) I_1(x), I_-1 = I_1.
    """

    def marcum(m, a, b):
        if m != 2:
            return sympy.marcumq(m, a, b)
        return sympy.marcumq(1, a, b) + b / a * sympy.exp(-(a**2 + b**2) / 2) * sympy.besseli(1, a * b)

    def bessel(n, x):
        if n == 2:
            return sympy.besseli(0, x) - 2 / x * sympy.besseli(1, x)
        return sympy.besseli(abs(n), x)

    return expression.replace(sympy.marcumq, marcum).replace(sympy.besseli, bessel)


@pytest.mark.parametrize("ratio", [lam, sympy.Integer(1), sympy.Rational(1, 4), sympy.Rational(5, 2), sympy.sqrt(2)])
def test_the_training_loss_is_minus_the_derivative(ratio):
    difference = reduced(sympy.diff(laplace_expression(s, ratio), s) + train_expression(s, ratio))
    assert sympy.simplify(sympy.expand(difference)) == 0


@given(log_uniform(-1, 1), log_uniform(-1, 1), st.sampled_from([1, 2, Fraction(3, 2)]))
def test_sympy_s_derivatives_of_marcum_s_q_are_right(a, b, m):
    """Against central differences of the certified Q: their error is h**2 times a third derivative."""
    h = Fraction(1, 10**12)
    A, B = sympy.symbols("A B")
    order = sympy.Rational(Fraction(m).numerator, Fraction(m).denominator)
    for variable, before, after in ((A, (a - h, b), (a + h, b)), (B, (a, b - h), (a, b + h))):
        slope = gm.marcum_q(*after, m=m, digits=40) - gm.marcum_q(*before, m=m, digits=40)
        at = {A: sympy.Rational(a.numerator, a.denominator), B: sympy.Rational(b.numerator, b.denominator)}
        derivative = gm.evaluate(sympy.diff(sympy.marcumq(order, A, B), variable).subs(at), digits=30)
        difference = slope.ball() / (2 * float(h)) - derivative.ball()
        assert abs(difference) < 1e-15


@given(log_uniform(-6, 6).filter(lambda x: x <= 10**6), log_uniform(-6, 4))
@example(Fraction(1), Fraction(3))
@example(Fraction(1), Fraction(10**8))
@example(1 + Fraction(1, 10**10), Fraction(10))
@example(Fraction(9, 10), Fraction(20_000))
def test_expressions_have_the_certified_values(ratio, time):
    assume(ratio * time <= 10**9)  # beyond, the training loss may lie below 10^-(10^9), which has no decimal
    exact_ratio = sympy.Rational(ratio.numerator, ratio.denominator)
    exact_time = sympy.Rational(time.numerator, time.denominator)
    law = gm.MarchenkoPastur(ratio)
    value = law.laplace(time, digits=30)
    train = gm.LinearTeacherStudent(ratio, Fraction(1, 4)).train_loss(time, digits=30)
    for expression, expected in ((laplace_expression, value), (train_expression, train)):
        for form in (expression(s, exact_ratio).subs(s, exact_time), expression(exact_time, exact_ratio)):
            assert gm.evaluate(form, digits=30).ball().overlaps(expected.ball())
    general = laplace_expression(s, lam).subs({s: exact_time, lam: exact_ratio})
    assert gm.evaluate(general, digits=30).ball().overlaps(value.ball())


def test_time_zero_and_ratio_one():
    for ratio in (lam, 1, sympy.Rational(1, 2), sympy.Integer(3)):
        assert laplace_expression(0, ratio) == 1
        assert train_expression(0, ratio) == 1
        assert laplace_expression(sympy.Integer(0), ratio) == 1
    assert laplace_expression(s, lam).subs(s, 0) == 1  # the general form is right there too
    assert not laplace_expression(s, 1).has(sympy.marcumq)
    assert sympy.simplify(laplace_expression(s, lam).subs(lam, 1) - laplace_expression(s, 1)) == 0
    assert laplace_expression(s, lam).free_symbols == {s, lam}


def test_a_value_from_quadrature():
    """E[exp(-s nu)] to 50 digits from Arb's integral over the law."""
    value = gm.evaluate(laplace_expression(sympy.Integer(400), sympy.Rational(9, 10)), digits=48)
    expected = "0.0025019601432817113122475854552978314333873197863731"
    assert abs(Fraction(str(value)) - Fraction(expected)) <= Fraction(1, 10**50)
