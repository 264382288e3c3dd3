"""Exact numbers in: what is read, as what, and how everything else is refused."""

from __future__ import annotations

import math
import time
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import example, given
from hypothesis import strategies as st

from grokmath.parameters import (
    ASPECT_RATIO,
    NONNEGATIVE,
    POSITIVE,
    DomainError,
    array_argument,
    digits_argument,
    exact,
    float_argument,
    is_symbolic,
    one_of,
    parse_number,
    shown,
)

READINGS = [
    ("0.9", Fraction(9, 10)),
    ("9/10", Fraction(9, 10)),
    (" 18 / 20 ", Fraction(9, 10)),
    ("1e-3", Fraction(1, 1000)),
    (".5", Fraction(1, 2)),
    ("5.", Fraction(5)),
    ("+2.50E+2", Fraction(250)),
    ("-1/3", Fraction(-1, 3)),
    (0.1, Fraction(1, 10)),
    (np.float64(0.1), Fraction(1, 10)),
    (np.float32(0.1), Fraction(1, 10)),
    (np.int64(7), Fraction(7)),
    (3, Fraction(3)),
    (Decimal("0.25"), Fraction(1, 4)),
    (sympy.Rational(2, 7), Fraction(2, 7)),
    (1e300, Fraction(10) ** 300),
]


@pytest.mark.parametrize(("value", "number"), READINGS)
def test_each_kind_of_number_is_read_exactly(value, number):
    assert exact(value, "lam", "f") == number


NO_NUMBERS = [
    "",
    " ",
    "pi",
    "1e",
    "e5",
    "1.2.3",
    "1_000",
    "0x10",
    "１",
    "nan",
    "inf",
    "-inf",
    "1/0",
    "1/-2",
    "1/2/3",
    "1e999999999",
    "1e100001",
    "1e9999999999999",
    "1.5/2",
    "__import__('os')",
    "9" * 20_001,
    float("nan"),
    float("inf"),
    -math.inf,
    1j,
    True,
    None,
    [],
    {},
    Decimal("NaN"),
    Decimal("1e300000000"),
    np.float64("nan"),
    sympy.Symbol("x"),
    sympy.pi,
    sympy.oo,
    10 ** (10**7),
    "1 2",
]


@pytest.mark.parametrize(
    "value", NO_NUMBERS, ids=lambda value: repr(value)[:20] if not isinstance(value, int) else "huge"
)
def test_what_is_no_number_is_refused_at_once_in_one_sentence(value):
    start = time.perf_counter()
    with pytest.raises(DomainError) as caught:
        exact(value, "lam", "gen_loss", POSITIVE)
    assert time.perf_counter() - start < 2
    message = str(caught.value)
    assert message.startswith("gen_loss: lam = ")
    assert "needed: a number > 0" in message
    assert "\n" not in message
    assert len(message) < 400


@pytest.mark.parametrize(
    ("value", "domain"),
    [(0, POSITIVE), ("-1", POSITIVE), ("-1e-9", NONNEGATIVE), (0, ASPECT_RATIO), ("1000001", ASPECT_RATIO)],
)
def test_a_number_outside_its_domain_is_refused(value, domain):
    with pytest.raises(DomainError, match="choose a value in this range"):
        exact(value, "lam", "f", domain)


def test_a_number_with_the_largest_exponent_is_built_quickly():
    start = time.perf_counter()
    assert exact("1e-100000", "eps", "f").denominator == 10**100_000
    assert time.perf_counter() - start < 5


def test_ten_thousand_digits_go_in():
    digits = "1." + "37" * 5000
    assert exact(digits, "t", "f") == 1 + Fraction(37, 99) * (1 - Fraction(1, 100**5000))


@given(st.fractions())
@example(Fraction(0))
def test_fractions_survive_the_trip_through_text(number):
    assert parse_number(str(number)) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
@example(5e-324)
@example(-0.0)
def test_a_float_means_its_shortest_decimal(x):
    number = exact(x, "x", "f")
    assert number == Fraction(repr(x))
    assert float(number) == x


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_decimals_survive_the_trip_through_text(number):
    assert exact(str(number), "x", "f") == Fraction(number)


@pytest.mark.parametrize("digits", [0, -3, 2.5, 10**9, "50", None, True, float("nan")])
def test_digits_must_be_a_whole_number_in_range(digits):
    with pytest.raises(DomainError, match="an integer from 1 to 10000"):
        digits_argument(digits, "gen_loss")


def test_algebraic_numbers_have_exact_signs_and_arithmetic():
    root = exact(sympy.sqrt(2), "lam", "f", ASPECT_RATIO)
    assert root * root == 2
    assert root > Fraction(141421356, 10**8)
    assert root < Fraction(141421357, 10**8)
    assert root < exact(sympy.sqrt(2) + sympy.Rational(1, 10**200), "x", "f")
    hidden_zero = exact(sympy.sqrt(2) * sympy.sqrt(3) - sympy.sqrt(6), "x", "f")
    assert hidden_zero == 0
    nested = exact(sympy.sqrt(5 + 2 * sympy.sqrt(6)) - sympy.sqrt(2) - sympy.sqrt(3), "x", "f")
    assert nested == 0
    assert float(root) == math.sqrt(2)


def test_symbols_are_told_from_numbers():
    assert is_symbolic(sympy.Symbol("t"))
    assert not is_symbolic(sympy.Rational(1, 2))
    assert not is_symbolic(3)


def test_the_float_reading_keeps_doubles_and_checks_arrays():
    assert float_argument("1/3", "t", "f") == 1 / 3
    assert float_argument(np.float64(0.1), "t", "f", NONNEGATIVE) == 0.1
    array = float_argument([[0, 1], [2, 3]], "t", "f", NONNEGATIVE)
    assert array.dtype == np.float64
    assert array.shape == (2, 2)
    for bad in (
        np.array([1.0, np.nan]),
        np.array([np.inf]),
        np.array([1j]),
        np.array([-1.0]),
        1e400,
        "1e400",
        -1.0,
        np.nan,
    ):
        with pytest.raises(DomainError, match="f: t = "):
            float_argument(bad, "t", "f", NONNEGATIVE)


@pytest.mark.parametrize("value", [np.array(["a"]), np.array([b"1"]), np.array([None, "a"], dtype=object)])
def test_arrays_of_strings_that_are_no_numbers_do_not_recur_for_ever(value):
    with pytest.raises(DomainError, match=r"x = .* is not allowed"):
        float_argument(value, "x", "f")


def test_arrays_of_numbers_in_text_are_read():
    assert float_argument(np.array(["0.5", "1/4"]), "x", "f").tolist() == [0.5, 0.25]


def test_ragged_rows_are_a_domain_error():
    for read in (float_argument, array_argument):
        with pytest.raises(DomainError, match="give rows of one length"):
            read([[1], [1, 2]], "x", "f")


def test_relations_and_matrices_are_no_symbolic_numbers():
    x = sympy.Symbol("x")
    for value in (sympy.Eq(x, 1), sympy.ImmutableMatrix([x, 1]), sympy.Matrix([x]), sympy.Interval(0, x)):
        assert not is_symbolic(value)
        with pytest.raises(DomainError):
            exact(value, "x", "f")


def test_a_message_is_one_line_and_shows_the_size_of_a_long_number():
    for value in (np.zeros((2, 2)), sympy.Matrix([1, 2]), "1\n2"):
        with pytest.raises(DomainError) as caught:
            exact(value, "x", "f")
        assert "\n" not in str(caught.value)
    assert shown(-5 * Fraction(10) ** 9999) == "about -5e+9999 (10000 digits)"
    assert shown(Fraction(1, 10**5000)) == "about 1e-5000 (5001 digits)"


@pytest.mark.parametrize("value", ["c", None, 1, ["a"], np.array(["a", "b"])])
def test_a_word_that_is_none_of_those_allowed_is_refused_with_all_of_them(value):
    with pytest.raises(DomainError, match=r"method = .* is not allowed \(needed: a \| b\); choose one of these"):
        one_of(value, ("a", "b"), "method", "f")
    assert one_of("b", ("a", "b"), "method", "f") == "b"
