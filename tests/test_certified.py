"""Certified numbers: what they print is proved, what they decide is proved, and nothing global changes."""

from __future__ import annotations

import copy
import pickle
import threading
from decimal import Decimal, localcontext
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy
from flint import arb, ctx, fmpq
from hypothesis import example, given
from hypothesis import strategies as st

from grokmath import Certified, DomainError, PrecisionError, Undecidable
from grokmath.certified import Scaled, certify, certify_double
from grokmath.exact import ball, working_precision

rationals = st.builds(
    lambda p, q, e: Fraction(p, q) * Fraction(10) ** e,
    st.integers(-(10**30), 10**30),
    st.integers(1, 10**30),
    st.integers(-400, 400),
)
digit_counts = st.sampled_from([1, 2, 5, 17, 50, 1000])


def printed(x: Certified) -> Fraction:
    return Fraction(Decimal(str(x)))


def certified(x: Fraction, digits: int) -> Certified:
    return certify(lambda: arb(fmpq(x.numerator, x.denominator)), digits, function="test")


@given(rationals, digit_counts)
@example(Fraction(0), 50)
@example(Fraction(999_999, 10**6), 3)
@example(Fraction(1, 2), 1)
@example(Fraction(95, 100), 1)
@example(Fraction(10**20), 5)
def test_the_printed_decimal_is_within_its_bound_and_one_unit_of_the_last_digit(x, digits):
    result = certified(x, digits)
    assert abs(printed(result) - x) <= Fraction(result.error)
    mantissa = str(result).lstrip("-").split("e")[0]
    if x:
        assert len(mantissa.replace(".", "").lstrip("0")) == digits == result.digits
        _, shown, exponent = Decimal(str(result)).as_tuple()
        assert Fraction(result.error) <= Fraction(10) ** exponent
        assert len(shown) == digits


@given(rationals, rationals, st.sampled_from(["+", "-", "*", "/"]))
@example(Fraction(1, 3), Fraction(1, 3), "-")
def test_arithmetic_carries_the_ball_along(x, y, operation):
    if operation == "/" and y == 0:
        return
    operate = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b}[
        operation
    ]
    result = operate(certified(x, 30), certified(y, 30))
    truth = operate(x, y)
    assert abs((printed(result) if result.digits else 0) - truth) <= Fraction(result.error)
    mixed = operate(certified(x, 30), y)
    assert abs((printed(mixed) if mixed.digits else 0) - truth) <= Fraction(mixed.error)


@given(st.integers(-5, 5), rationals)
def test_integer_powers(n, x):
    if x == 0 and n < 0:
        return
    result = certified(x, 30) ** n
    assert abs(printed(result) - x**n) <= Fraction(result.error)


def root_two(digits: int = 50) -> Certified:
    return certify(lambda: arb(2).sqrt(), digits, function="root_two")


def test_a_comparison_that_the_balls_do_not_decide_raises():
    x, y = root_two(), root_two(30)
    assert x < 2
    assert x > Fraction(14142, 10000)
    assert x != 1
    assert x < float("inf")
    for undecided in (lambda: x < y, lambda: x == y, lambda: x >= y, lambda: bool(x - y)):
        with pytest.raises(Undecidable, match="overlap"):
            undecided()


def test_a_difference_that_cancels_shows_a_bound_and_no_digit():
    difference = root_two() - root_two()
    assert difference.digits == 0
    assert str(difference).startswith("0 +/- ")


def test_exact_values_compare_exactly():
    half = Certified.from_exact(Fraction(1, 2), 10)
    assert half == Fraction(1, 2)
    assert half.exact == Fraction(1, 2)
    assert half + half == 1
    assert str(half) == "0.5000000000"
    assert not Certified.from_exact(0, 5)


def test_certified_numbers_are_unhashable_and_survive_pickling():
    x = root_two()
    with pytest.raises(TypeError, match="unhashable"):
        hash(x)
    for other in (pickle.loads(pickle.dumps(x)), copy.deepcopy(x)):  # noqa: S301 - our own bytes
        assert (str(other), other.error, other.method) == (str(x), x.error, x.method)


def test_conversions():
    x = root_two(30)
    assert float(x) == 2**0.5
    assert str(x.to_decimal()) == str(x)
    assert sympy.sympify(x) == sympy.Float(str(x), 30)
    assert sympy.sympify(Certified.from_exact(Fraction(1, 3), 5)) == sympy.Rational(1, 3)
    context = mpmath.mp.clone()
    context.dps = 30
    with mpmath.workdps(30):
        assert abs(mpmath.mpmathify(x) - mpmath.sqrt(2)) < mpmath.mpf(10) ** -29
    assert np.array([x, x], dtype=object).sum() > 2.8


def test_formatting_shows_no_unproved_digit():
    assert f"{root_two(10):.4f}" == "1.4142"
    with pytest.raises(PrecisionError, match="proved digits"):
        f"{root_two(10):.30f}"


def test_a_value_below_every_decimal_names_its_logarithm():
    with pytest.raises(DomainError, match="use log_gen_loss"):
        certify(lambda: Scaled(arb(-3) * 10**9, arb(1)), 20, function="gen_loss", log_form="log_gen_loss")
    assert str(certify(lambda: Scaled(arb(-2) * 10**9, arb(1)), 5, function="f")).endswith("e-868588964")


def test_digits_that_cannot_be_reached_are_reported():
    def vague() -> arb:
        return arb(1, "1e-10")

    with pytest.raises(PrecisionError, match=r"vague: 50 digits were not reached; 9 were"):
        certify(vague, 50, function="vague")


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_precision_comes_back_when_a_kernel_raises(error):
    def kernel() -> arb:
        raise error

    before = ctx.prec
    with pytest.raises(error):
        certify(kernel, 50, function="f")
    assert ctx.prec == before
    assert threading.Thread(target=lambda: None).start() is None
    assert_lock_is_free()


def assert_lock_is_free():
    done = []

    def other_thread():
        with working_precision(100):
            done.append(ctx.prec)

    thread = threading.Thread(target=other_thread)
    thread.start()
    thread.join(5)
    assert done == [100]


def test_two_threads_at_different_digits_do_not_disturb_each_other():
    results: dict[int, set[str]] = {20: set(), 200: set()}

    def work(digits: int) -> None:
        for _ in range(200):
            results[digits].add(str(root_two(digits)))

    threads = [threading.Thread(target=work, args=(digits,)) for digits in results]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with localcontext() as context:
        context.prec = 260
        truth = Decimal(2).sqrt()
        for digits, texts in results.items():
            assert len(texts) == 1
            assert abs(Decimal(texts.pop()) - truth) < Decimal(10) ** (1 - digits)


def test_the_ball_of_an_algebraic_number_contains_it():
    from grokmath.parameters import exact

    with working_precision(200):
        x = ball(exact(sympy.sqrt(2) + sympy.cbrt(3), "x", "f"))
        assert x.overlaps(arb(2).sqrt() + arb(3).root(3))
        assert x.rel_accuracy_bits() > 190


@pytest.mark.parametrize(("base", "exponent"), [(2, 10**12), ("1/3", -(10**12)), (-2, 10**9), (2, 10**3)])
def test_an_exact_power_of_any_size_returns_at_once(base, exponent):
    """2**(10**12) was begun as an integer of 10**12 bits."""
    power = Certified.from_exact(Fraction(base), 10) ** exponent
    assert power.digits == 10
    assert (power.exact is not None) == (abs(exponent) <= 10**5)


def test_what_is_above_the_largest_decimal_says_so():
    """It could not be printed: str raised decimal.InvalidOperation."""
    with pytest.raises(DomainError, match=r"above 10\*\*\(10\*\*9\).*use log_f"):
        certify(lambda: Scaled(arb(10) ** 20, arb(1)), 10, function="f", log_form="log_f")


def test_logarithms_too_small_to_print_are_not_told_to_ask_for_their_logarithms():
    with pytest.raises(DomainError, match="it is 0 to that many places"):
        certify(lambda: Scaled(-(arb(10) ** 20), arb(1)), 10, function="log_f")


def test_doubles_of_certified_values_underflow_to_0():
    assert certify_double(lambda: Scaled(-(arb(10) ** 20), arb(1)), function="f") == 0.0
    assert certify_double(lambda: arb(1) / 3, function="f") == 1 / 3
