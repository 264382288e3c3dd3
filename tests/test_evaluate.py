"""Certified values of closed expressions: every head against mpmath, values that are exactly 0, and what is refused."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import mpmath
import pytest
import sympy
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from sympy import (
    I,
    LambertW,
    Rational,
    besseli,
    besselk,
    betainc,
    betainc_regularized,
    erf,
    erfc,
    exp,
    expint,
    gamma,
    hyper,
    log,
    lowergamma,
    marcumq,
    pi,
    sqrt,
    uppergamma,
)

import grokmath as gm
from grokmath import DomainError, PrecisionError, Undecidable, UnsupportedExpression
from grokmath.evaluation.gauss import gauss_series
from grokmath.exact import ball, working_precision

DIGITS = 60
R = Rational


def context() -> mpmath.MPContext:
    own = mpmath.MPContext()
    own.dps = DIGITS + 30
    return own


MP = context()


def number(x: Any) -> Any:
    """An exact SymPy number as mpmath's."""
    real, imaginary = sympy.S(x).as_real_imag()
    return MP.mpf(real.p) / real.q if imaginary == 0 else MP.mpc(number(real), number(imaginary))


def middle(value: gm.Certified | gm.CertifiedComplex) -> Any:
    """The value as printed, as mpmath's."""
    if isinstance(value, gm.Certified):
        return MP.mpf(str(value))
    return MP.mpc(*(MP.mpf(str(part)) if part.digits else 0 for part in (value.real, value.imag)))


def assert_agrees(expression: Any, expected: Any, digits: int = DIGITS) -> None:
    value = gm.evaluate(expression, digits=digits)
    assert abs(middle(value) - expected) <= abs(expected) * MP.mpf(10) ** (1 - digits)
    if isinstance(value, gm.Certified):
        assert abs(MP.im(expected)) <= abs(expected) * MP.mpf(10) ** -DIGITS


# (SymPy's head, mpmath's function, argument lists): inside the domain, on cuts, at special points, complex.
THIRD, HALF = R(1, 3), R(1, 2)
CASES: list[tuple[Any, Any, list[tuple[Any, ...]]]] = [
    (exp, MP.exp, [(THIRD,), (-100,), (R(1, 10**20),), (1 + 2 * I,), (-I / 3,)]),
    (log, MP.log, [(THIRD,), (R(7, 2),), (1 + R(1, 10**30),), (-R(5, 3),), (1 + I,), (-1 - I / 10**10,)]),
    (sqrt, MP.sqrt, [(R(7, 3),), (-R(7, 3),), (1 + I,), (-1 - I,)]),
    (sympy.Abs, abs, [(R(-7, 3),), (3 + 4 * I / 7,)]),
    (sympy.acos, MP.acos, [(THIRD,), (-R(99, 100),), (R(1, 10**20),), (R(5, 2),), (-R(5, 2),), (1 + I,)]),
    (erf, MP.erf, [(THIRD,), (R(1, 10**20),), (-7,), (1 + I,)]),
    (erfc, MP.erfc, [(THIRD,), (30,), (-7,), (1 + I,)]),
    (gamma, MP.gamma, [(THIRD,), (R(-7, 3),), (R(301, 3),), (1 + I,)]),
    (
        uppergamma,
        MP.gammainc,
        [
            (THIRD, R(5, 2)),
            (THIRD, 200),
            (-R(3, 2) + THIRD, HALF),
            (THIRD, -2),
            (R(7, 3), -R(1, 7)),
            (1 + I, 2 + I),
            (0, 3),
        ],
    ),
    (
        lowergamma,
        lambda s, z: MP.gammainc(s, 0, z),
        [(THIRD, R(5, 2)), (R(5, 3), R(1, 10**10)), (R(5, 3), -2), (3 + I, 2 + I), (R(100, 3), 200)],
    ),
    (
        besseli,
        MP.besseli,
        [
            (0, R(1, 3)),
            (1, 200),
            (-3, 2),
            (R(1, 3), 5),
            (R(-1, 3), 5),
            (THIRD, -2),
            (3, -2),
            (2, 1 + I),
            (R(201, 2), 3),
        ],
    ),
    (besselk, MP.besselk, [(0, R(1, 3)), (1, 200), (R(1, 3), 5), (THIRD, -2), (2, 1 + I), (2, R(1, 10**10))]),
    (
        LambertW,
        MP.lambertw,
        [
            (THIRD,),
            (-R(36, 100),),
            (-R(36, 100), -1),
            (-R(1, 10), 1),
            (-2,),
            (3, -1),
            (3, 4),
            (1 + I, -2),
            (-R(1, 10**50), -1),
        ],
    ),
    (
        expint,
        MP.expint,
        [(1, THIRD), (1, 100), (THIRD, 2), (R(-5, 2), 2), (R(7, 2), R(1, 10**10)), (1, -1), (R(3, 2), -1), (2, 1 + I)],
    ),
    (
        betainc,
        MP.betainc,
        [
            (2, 3, R(1, 10), R(9, 10)),
            (HALF, THIRD, 0, THIRD),
            (HALF, THIRD, THIRD, 1),
            (2, 3, 0, 1),
            (2, HALF, 0, R(3, 2)),
        ],
    ),
    (
        betainc_regularized,
        lambda a, b, x, y: MP.betainc(a, b, x, y, regularized=True),
        [(2, 3, R(1, 10), R(9, 10)), (HALF, THIRD, 0, R(1, 10**10)), (100, R(301, 3), 0, R(1, 5)), (2, 3, 0, 1)],
    ),
]


@pytest.mark.parametrize(
    ("head", "function", "arguments"),
    [pytest.param(head, f, a, id=f"{getattr(head, '__name__', head)}{a}") for head, f, rows in CASES for a in rows],
)
def test_every_function_against_mpmath(head, function, arguments):
    arguments = tuple(sympy.S(a) for a in arguments)
    expected = function(*(int(a) if a.is_Integer else number(a) for a in arguments))
    plain = head in (sqrt, betainc_regularized)  # these take no evaluate=False
    assert_agrees(head(*arguments) if plain else head(*arguments, evaluate=False), expected)


@pytest.mark.parametrize(
    ("upper", "lower", "z"),
    [
        ([], [HALF], R(7, 3)),
        ([HALF], [THIRD], -50),
        ([HALF], [THIRD, 2], 100),
        ([HALF, 1], [THIRD], R(9, 10)),
        ([HALF, 1], [THIRD], R(999, 1000)),
        ([HALF, THIRD], [2], 1),
        ([HALF, 1], [THIRD], -100),  # outside |z| < 1, by continuation
        ([1, 1], [2], R(3, 2)),  # on the cut
        ([HALF, 1], [THIRD], 2 + 3 * I),
        ([HALF], [], -5),
        ([HALF], [], 5),
        ([HALF, 1, THIRD], [2, 3], R(1, 2)),
        ([-3, 1, THIRD], [2, 3], 7),  # a polynomial
        ([-3, HALF], [], 7),
    ],
)
def test_hyper_against_mpmath(upper, lower, z):
    expression = hyper(upper, lower, z)
    a, b = ([int(x) if sympy.S(x).is_Integer else number(x) for x in row] for row in (upper, lower))
    assert_agrees(expression, MP.hyper(a, b, number(z)))


def test_constants_and_arithmetic_against_mpmath():
    assert_agrees(pi**sympy.E + sympy.EulerGamma, MP.pi**MP.e + MP.euler)
    assert_agrees((1 + sqrt(2)) ** 100 / pi**7, (1 + MP.sqrt(2)) ** 100 / MP.pi**7)
    assert_agrees((-8) ** R(1, 3), MP.mpc(-8) ** (MP.mpf(1) / 3))
    assert_agrees((-pi) ** sqrt(2), MP.mpc(-MP.pi) ** MP.sqrt(2))
    assert_agrees((1 + I) ** -7, MP.mpc(1, 1) ** -7)
    assert_agrees((2 + I) ** (1 + I), MP.mpc(2, 1) ** MP.mpc(1, 1))
    assert_agrees(1 / (pi - 3) ** 20, 1 / (MP.pi - 3) ** 20)
    assert_agrees(sympy.sign(pi - 4) * 3, MP.mpf(-3))
    assert_agrees(sympy.sign(3 + 4 * I * pi), MP.mpc(3, 4 * MP.pi) / abs(MP.mpc(3, 4 * MP.pi)))


@given(
    st.fractions(Fraction(1, 10), 5, max_denominator=50),
    st.fractions(Fraction(1, 10), 20, max_denominator=50),
    st.fractions(Fraction(1, 10), 20, max_denominator=50),
)
@example(Fraction(1), Fraction(3), Fraction(3))
def test_marcumq_against_a_series_in_mpmath(m, a, b):
    """Q = sum over n of the Poisson weights of a**2/2 times Gamma(m + n, b**2/2)/Gamma(m + n), all terms positive."""
    m, a, b = (R(x.numerator, x.denominator) for x in (m, a, b))
    order, x, y = number(m), number(a) ** 2 / 2, number(b) ** 2 / 2
    upper = MP.gammainc(order, y, regularized=True)
    step = MP.exp(-y) * y**order / MP.gamma(order + 1)
    weight, total, n = MP.exp(-x), MP.mpf(0), 0
    while n < x or weight > MP.mpf(10) ** -(2 * DIGITS) * total:
        total += weight * upper
        n += 1
        upper, step, weight = upper + step, step * y / (order + n), weight * x / n
    assert_agrees(marcumq(m, a, b, evaluate=False), total, 50)


def test_values_of_any_size():
    assert str(gm.evaluate(exp(-(10**8)), digits=20)) == "6.4517096928217660088e-43429449"
    assert_agrees(
        exp(-(10**12)) * besseli(0, 10**12), MP.besseli(0, MP.mpf(10) ** 12) * MP.exp(-(MP.mpf(10) ** 12)), 40
    )
    assert_agrees(log(exp(-(10**12)) * besseli(1, R(1, 3))), MP.log(MP.besseli(1, MP.mpf(1) / 3)) - 10**12)
    assert_agrees(log(erfc(10**6)), MP.log(MP.erfc(10**6)))
    assert_agrees(log(1 + R(1, 10**400)), MP.mpf("1e-400"))
    for small in (exp(-(10**12)), exp(-(10**100)), erfc(10**6)):
        with pytest.raises(DomainError, match="logarithm"):
            gm.evaluate(small)
    with pytest.raises(DomainError, match="logarithm"):
        gm.evaluate(exp(10**12))
    with pytest.raises(DomainError, match="range"):
        gm.evaluate(exp(10**100))


def test_cancellation_is_seen_through():
    assert_agrees(exp(pi * sqrt(163)) - 262537412640768744, MP.exp(MP.pi * MP.sqrt(163)) - 262537412640768744)
    tiny = sqrt(10**100 + 1) - 10**50
    assert_agrees(tiny, MP.mpf(1) / (MP.sqrt(MP.mpf(10) ** 100 + 1) + MP.mpf(10) ** 50), 40)
    deep = sqrt(10**400 + 1) - 10**200  # 5e-201, a difference of numbers of 201 digits
    assert gm.evaluate(deep, digits=50).digits == 50
    with pytest.raises(Undecidable):
        gm.evaluate(deep, digits=1)  # the search ends at ten times the digits, or at 1000 bits


ZEROS = [
    log(6) - log(2) - log(3),
    sqrt(5 + 2 * sqrt(6)) - sqrt(2) - sqrt(3),
    sympy.Add(sympy.Mul(sqrt(2), sqrt(3), evaluate=False), -sqrt(6), evaluate=False),
    besseli(0, 3) - besseli(2, 3) - R(2, 3) * besseli(1, 3),
    gamma(R(1, 3)) * gamma(R(2, 3)) - 2 * pi / sqrt(3),
    LambertW(2) * exp(LambertW(2)) - 2,
    erf(1) + erfc(1) - 1,
]


@pytest.mark.parametrize("zero", ZEROS)
def test_zeros_are_undecidable_with_a_bound(zero):
    with pytest.raises(
        Undecidable, match=r"not separated from 0 at 500 digits: its modulus is at most \d.*E-(49|50)\d"
    ):
        gm.evaluate(zero)
    with pytest.raises(Undecidable, match=r"1500 digits"):
        gm.evaluate(zero, digits=150)


ZERO = log(6) - log(2) - log(3)


@pytest.mark.parametrize(
    "expression",
    [
        log(ZERO),
        sqrt(ZERO),
        ZERO ** R(-1, 2),
        1 / ZERO,
        sympy.sign(ZERO),
        besselk(1, ZERO),
        LambertW(ZERO - exp(-1)),
        LambertW(ZERO, -1),
        uppergamma(R(1, 3), ZERO),
        expint(2, ZERO),
        hyper([1, 1], [2], 1 + ZERO),
        betainc(HALF, HALF, 0, ZERO),
        marcumq(1, ZERO, 2),
        pi + I * ZERO * log(ZERO),
    ],
)
def test_undecided_arguments_at_branch_points_and_poles(expression):
    with pytest.raises(Undecidable, match="branch point or pole"):
        gm.evaluate(expression, digits=20)


def test_entire_functions_do_not_mind():
    assert gm.evaluate(besseli(0, ZERO), digits=20).ball().contains(1)
    assert gm.evaluate(exp(ZERO), digits=20).ball().contains(1)
    assert gm.evaluate(sympy.Abs(ZERO) + 1, digits=20).ball().contains(1)


def test_poles_are_refused():
    with pytest.raises(gm.PrecisionError, match="singularity"):
        gm.evaluate(gamma(ZERO), digits=20)
    with pytest.raises(gm.PrecisionError, match="singularity"):
        gm.evaluate(betainc(2, -1, 0, 1, evaluate=False), digits=20)
    with pytest.raises(DomainError, match="at 0"):
        gm.evaluate(betainc(-1, 2, 0, HALF), digits=20)


def test_exact_and_real_and_complex_results():
    assert gm.evaluate(R(1, 3) + 1, digits=10).exact == Fraction(4, 3)
    assert gm.evaluate(sympy.Integer(0)).exact == 0
    assert gm.evaluate(3, digits=5).exact == 3
    assert gm.evaluate(Fraction(1, 3), digits=5).exact == Fraction(1, 3)
    assert str(gm.evaluate(pi)) == "3.1415926535897932384626433832795028841971693993751"
    assert isinstance(gm.evaluate(sqrt(-2) * sqrt(-3) * pi), gm.Certified)
    assert isinstance(gm.evaluate(log(-3)), gm.CertifiedComplex)
    value = gm.evaluate(exp(I * pi / 5) + exp(-I * pi / 5), digits=30)  # real, which the tree does not show
    assert str(value.real) == "1.61803398874989484820458683437"
    assert value.imag.ball().contains(0)


@pytest.mark.parametrize(
    ("expression", "named"),
    [
        (sympy.zeta(3), "zeta"),
        (sympy.sin(1), "sin"),
        (sympy.Catalan, "Catalan"),
        (sympy.oo, "Infinity"),
        (sympy.zoo, "ComplexInfinity"),
        (sympy.nan, "NaN"),
        (sympy.loggamma(R(1, 3)), "loggamma"),
        (sympy.Integral(exp(sympy.Symbol("t")), (sympy.Symbol("t"), 0, 1)), "Integral"),
        (sympy.Symbol("x") + sympy.Symbol("y"), "x, y"),
        (sympy.Function("f")(1), "f"),
        (sympy.Float("0.1") * pi, "Rational"),
        (sympy.exp(sympy.Float("2.5"), evaluate=False), "Rational"),
        ("pi", "text"),
        (1.5, "float"),
        (None, "NoneType"),
        (True, "bool"),
        (sympy.true, "BooleanTrue"),
        (hyper([1, 1], [], 2), "p <= q"),
        (hyper([1, 1, 1], [2, 2], 3), "< 1"),
        (LambertW(2, HALF), "integer"),
    ],
)
def test_what_is_not_in_the_vocabulary_is_named(expression, named):
    with pytest.raises(UnsupportedExpression, match=named):
        gm.evaluate(expression)


@pytest.mark.parametrize("arguments", [(-1, 2, 3), (1, -2, 3), (1, 2, -3), (0, 2, 3), (1, I, 3)])
def test_marcumq_outside_its_domain(arguments):
    with pytest.raises(DomainError, match="marcumq"):
        gm.evaluate(marcumq(*arguments, evaluate=False))


@pytest.mark.parametrize("digits", [0, -3, 2.5, 10**9, True])
def test_bad_digits(digits):
    with pytest.raises(DomainError, match="digits"):
        gm.evaluate(pi, digits=digits)


def test_many_digits():
    value = gm.evaluate(exp(1) + pi, digits=10_000)
    assert value.digits == 10_000
    assert Decimal(str(value)[:42]) == Decimal("5.8598744820488384738229308546321653819544")


def test_the_vocabulary_is_complete_in_these_tests():
    tested = {head.__name__ for head, _, _ in CASES} | {"hyper", "marcumq", "sign"}
    from grokmath.evaluation import vocabulary

    operations = {"rational numbers", "pi", "E", "EulerGamma", "I", "+", "*", "**"}
    assert set(vocabulary()) - operations == tested - {"sqrt"}


def test_precision_inside_does_not_depend_on_the_caller():
    with working_precision(20):
        first = str(gm.evaluate(erfc(7), digits=40))
    with working_precision(2000):
        assert str(gm.evaluate(erfc(7), digits=40)) == first


_NINTHS = [
    # the difference that is an integer: c - a - b, a - b, c - a with a transformation by 1 - z, 1/z, 1/(1 - z), 1 - 1/z
    ([Rational(5, 9), 1], [Rational(14, 9)], Rational(4, 5)),
    ([Rational(5, 9), 1], [Rational(14, 9)], Rational(99, 100)),
    ([Rational(5, 9), 1], [Rational(14, 9)], Rational(4)),
    ([Rational(1, 3), Rational(1, 3)], [Rational(1, 7)], Rational(-8)),
    ([Rational(1, 3), Rational(4, 3)], [Rational(1, 7)], Rational(5)),
    ([Rational(1, 3), Rational(13, 3)], [Rational(10, 3)], Rational(5)),
    ([Rational(1, 3), Rational(4, 3)], [Rational(10, 3)], Rational(-7, 2)),
    ([Rational(4, 7), Rational(2, 7)], [Rational(-15, 7)], Rational(6, 5)),
    ([Rational(-17, 11), Rational(-72, 11)], [Rational(-28, 11)], Rational(101, 100)),
    ([Rational(1, 3), Rational(2, 7)], [Rational(-2, 3)], Rational(-9)),
]


@pytest.mark.parametrize(("upper", "lower", "z"), _NINTHS)
def test_hyper_with_inexact_parameters_that_differ_by_an_integer(upper, lower, z):
    """Balls around 5/9 and 14/9 do not show that they differ by 1; the connection formula then divided by 0."""
    assert_agrees(hyper(upper, lower, z), MP.hyp2f1(*(number(x) for x in (*upper, *lower, z))), 30)


def test_hyper_with_irrational_parameters_that_differ_by_an_integer():
    root = sqrt(2)
    expected = MP.hyp2f1(MP.sqrt(2), MP.mpf(1) / 3, MP.sqrt(2) + MP.mpf(4) / 3, MP.mpf(9) / 10)
    assert_agrees(hyper([root, THIRD], [root + Rational(4, 3)], Rational(9, 10)), expected, 25)


def test_hyper_with_huge_parameters_takes_no_wrong_integer():
    """At 64 bits the difference of 10**30 + 1/3 and 10**30 - 2/3 is a ball over many integers: none is chosen."""
    big = sympy.Integer(10) ** 10 + THIRD
    # Pfaff's transformation and the series in 1/c: 1/(1 - z) + z/(c (1 - z)**2) + ...
    value = middle(gm.evaluate(hyper([1, big - 1], [big], R(-3)), 20))
    assert abs(value - (MP.mpf(1) / 4 + MP.mpf(3) / 16 / 10**10)) < MP.mpf(10) ** -19
    huge = sympy.Integer(10) ** 30 + THIRD
    value = middle(gm.evaluate(hyper([1, huge - 1], [huge], R(-3)), 45))
    assert abs(value - (MP.mpf(1) / 4 + MP.mpf(3) / 16 / huge)) < MP.mpf(10) ** -44
    with pytest.raises(PrecisionError, match="not enclosed"):
        gm.evaluate(hyper([R(1, 7), huge - 1], [R(3, 7)], R(-3)), 20)


@pytest.mark.parametrize(
    ("upper", "lower", "z"),
    [
        ([1, 10**15 - R(2, 3)], [10**15 + R(1, 3)], R(-3)),
        ([R(1, 3), R(1, 2)], [10**15], R(1, 2)),
        ([R(1, 2), 10**15 + R(1, 3)], [10**15], R(1, 2)),
        ([10**15 + R(1, 3), R(1, 2)], [10**15], R(-1, 2)),
        ([R(-101, 3), R(1, 2)], [R(-1000, 7)], R(3, 5)),
        ([R(1001, 3), R(1, 2)], [R(7, 5)], R(1, 2)),
        ([R(1, 3), -R(1001, 3)], [R(1, 7)], R(-7)),
        ([R(1, 2), R(1, 3)], [1000], R(-3)),
    ],
)
def test_hyper_with_large_parameters_took_for_ever_or_found_no_value(upper, lower, z):
    """Arb counts terms in proportion to the precision, which large parameters exceed."""
    expected = MP.hyp2f1(*(number(sympy.Rational(x)) for x in (*upper, *lower, z)))
    assert_agrees(hyper(upper, lower, z), expected, 30)


@given(
    *(st.fractions(-60, 60, max_denominator=30) for _ in range(3)),
    st.fractions(-4, Fraction(3, 4), max_denominator=20),
)
@settings(max_examples=30)
def test_the_series_and_arb_agree_about_gauss_function(a, b, c, z):
    """Both enclose 2F1 where a parameter is beyond 32; no argument is near a branch point."""
    assume(max(abs(x) for x in (a, b, c)) > 32 and not (c.denominator == 1 and c <= 0))
    with working_precision(300):
        point = [ball(x) for x in (a, b, c, z)]
        series = gauss_series(*point)
        known = point[3].hypgeom_2f1(*point[:3])
    if series is not None and known.is_finite():
        assert series.overlaps(known)
        assert series.rel_accuracy_bits() > 60


def test_smaller_part_of_a_complex_value_has_the_error_that_the_digits_of_the_larger_allow():
    """The digits of one part were taken for those of the value; the other's ball was 10**5 times wider."""
    value = gm.evaluate(hyper([R(-17, 11), R(-72, 11)], [R(-28, 11)], R(101, 100)), 30)
    assert max(value.real.error, value.imag.error) <= abs(Decimal(str(value.imag))) * Decimal(10) ** -29
    assert str(value.real) == "2.98649301267404181910254951825e-12"
