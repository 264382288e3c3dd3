"""The certified Marcum functions against two second evaluators, published tables, identities and their contract."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy
from flint import arb
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy.stats import chi2
from sympy.functions.special.bessel import marcumq

import grokmath as gm
from grokmath.certified import Scaled, ball, working_precision
from grokmath.functions.marcum_certified import (
    log_marcum_p_ball,
    log_marcum_q_ball,
    marcum_method,
    marcum_p_ball,
    marcum_q_ball,
)
from grokmath.functions.marcum_quadrature import marcum_integral, marcum_mixture

from .strategies import log_uniform

KERNELS = {"Q": marcum_q_ball, "P": marcum_p_ball}
LOG_KERNELS = {"Q": log_marcum_q_ball, "P": log_marcum_p_ball}
PUBLIC = [gm.marcum_q, gm.marcum_p, gm.log_marcum_q, gm.log_marcum_p]
BRANCHES = {"mixture Q", "mixture P"} | {
    f"saddle {side}, pole {where}, {order} order"
    for side in "QP"
    for where in ("inside", "outside")
    for order in ("integer", "real")
}
TABLES = Path(__file__).parent / "data" / "noncentral_chi_square_tables.csv"
FIFTY_DIGITS = 168


def agree(m: Fraction, a: Fraction, b: Fraction, bits: int = 232, least: int = FIFTY_DIGITS) -> str:
    """Assert that kernel and windowed mixture agree in Q, P and their logarithms to the bits named; give the branch."""
    with working_precision(bits + 150):
        reference = {side: marcum_mixture(ball(m), ball(a), ball(b), side) for side in "QP"}
    with working_precision(bits):
        point = ball(m), ball(a), ball(b)
        for side, truth in reference.items():
            value = KERNELS[side](*point).value()
            assert value.overlaps(truth)
            assert min(value.rel_accuracy_bits(), truth.rel_accuracy_bits()) >= least
            log = LOG_KERNELS[side](*point)
            log = log.value() if isinstance(log, Scaled) else log
            other = reference["P" if side == "Q" else "Q"]
            assert log.overlaps((-other).log1p() if other < 0.5 else truth.log())
            assert log.rel_accuracy_bits() >= least
        return marcum_method(*point)


@given(log_uniform(-6, 4), log_uniform(-6, 4), log_uniform(-6, 4))
@example(Fraction(1), Fraction(1), Fraction(1))
@example(Fraction(1), Fraction(100), Fraction(100))
@example(Fraction(1, 1000), Fraction(1), Fraction(1, 2))
@example(Fraction(10**4), Fraction(10), Fraction(150))
@example(Fraction(1), Fraction(10**4), Fraction(1, 10**6))
@example(Fraction(1, 3), Fraction(1, 10**6), Fraction(10**4))
def test_kernel_and_mixture_agree_on_the_whole_domain(m: Fraction, a: Fraction, b: Fraction) -> None:
    assume(a * b < 10**6)
    agree(m, a, b)


@given(log_uniform(-3, 4), log_uniform(-3, 4), st.integers(-400, 400))
@settings(max_examples=40)
@example(Fraction(10**4), Fraction(3, 10), 0)
@example(Fraction(1, 2), Fraction(100), 7)
def test_they_agree_about_the_middle_of_the_distribution(m: Fraction, a: Fraction, percent: int) -> None:
    assume(a < 300)
    spread = math.sqrt(m + a * a)
    b = Fraction(max(1e-6, math.sqrt(max(0.0, float(a * a + 2 * m) + percent / 50 * spread))))
    agree(m, a, b)


@pytest.mark.parametrize("b", [10**4, 10**4 + 3, 10**4 - 3])
def test_the_far_corner_of_the_domain(b: int) -> None:
    with working_precision(120):
        point = arb(10) ** 4, arb(10) ** 4, arb(b)
        side = "P" if b <= 10**4 else "Q"
        truth = marcum_mixture(*point, side)
    with working_precision(250):
        value = KERNELS[side](*point).value()
    assert value.overlaps(truth)
    assert truth.rel_accuracy_bits() > 60
    assert value.rel_accuracy_bits() > 220


@given(st.integers(1, 60), st.integers(0, 60), st.integers(1, 80))
@settings(max_examples=12)
@example(1, 0, 1)
@example(1, 60, 1)
def test_kernel_and_integral_of_the_density_agree(m: int, a: int, b: int) -> None:
    with working_precision(180):
        point = arb(m) / 7, arb(a) / 11, arb(b) / 13
        for side, kernel in KERNELS.items():
            value, truth = kernel(*point).value(), marcum_integral(*point, side)
            assert value.overlaps(truth)
            assert min(value.rel_accuracy_bits(), truth.rel_accuracy_bits()) > 130


@given(log_uniform(-3, 3), log_uniform(-3, 2), log_uniform(-3, 2))
@settings(max_examples=8)
@example(Fraction(1, 2), Fraction(1), Fraction(503, 25))
@example(Fraction(1, 3), Fraction(1), Fraction(100))
@example(Fraction(5, 2), Fraction(100), Fraction(1))
def test_500_digits(m: Fraction, a: Fraction, b: Fraction) -> None:
    agree(m, a, b, bits=1760, least=1664)


@pytest.mark.slow
def test_10000_digits() -> None:
    agree(Fraction(1, 3), Fraction(3), Fraction(4), bits=33_400, least=33_220)
    assert gm.marcum_q(1, 2, digits=10_000).digits == 10_000


def points(n: int, seed: int) -> Iterator[tuple[arb, arb, arb]]:
    """Points of the whole domain, with a good share about the middle and of integer and half-integer orders."""
    rng = np.random.default_rng(seed)
    while n:
        low, high = [(-3.0, 2.5), (-6.0, 4.0), (0.0, 2.0), (-1.0, 1.0)][rng.integers(4)]
        m, a, b = (float(x) for x in 10 ** rng.uniform(low, high, 3))
        kind = rng.integers(5)
        m = float(math.ceil(m)) if kind < 2 else math.ceil(m) - 0.5 if kind == 2 else m
        if rng.random() < 0.5:
            b = math.sqrt(a * a + 2 * m) * abs(1 + 0.1 * rng.normal())
        if a * b < 2e4 and b > 0:
            n -= 1
            yield arb(m), arb(a), arb(b)


def test_fewer_terms_give_wider_balls_never_wrong_ones_and_all_branches_are_reached() -> None:
    widened = 0
    reached = set()
    for point in points(200, seed=20240229):
        with working_precision(330):
            truth = {side: marcum_mixture(*point, side) for side in "QP"}
        with working_precision(140):
            reached.add(marcum_method(*point))
            for terms in (0.25, 0.5, 0.75, 1.0):
                for side, kernel in KERNELS.items():
                    value = kernel(*point, terms=terms).value()
                    assert value.contains(truth[side])
                    widened += terms < 1 and value.rel_accuracy_bits() < 100
    assert reached == BRANCHES
    assert widened > 700


def test_balls_in_give_an_enclosure_for_every_point_of_them() -> None:
    rng = np.random.default_rng(7)
    for point in points(60, seed=11):
        radius = [float(10 ** rng.uniform(-8, -0.3)) if rng.random() < 0.7 else 0.0 for _ in range(3)]
        with working_precision(100):
            balls = [x * arb(1, r) for x, r in zip(point, radius, strict=True)]
            enclosure = {side: kernel(*balls).value() for side, kernel in KERNELS.items()}
            for shift in ((1, 1, 1), (-1, -1, -1), (1, -1, 1), (0.3, 0.9, -0.5)):
                inside = [(x * (1 + 0.999 * r * s)).mid() for x, r, s in zip(point, radius, shift, strict=True)]
                for side, value in enclosure.items():
                    assert not value.is_finite() or value.overlaps(marcum_mixture(*inside, side))


def boundary(m: float, a: float, low: float, high: float, bits: int) -> tuple[float, float]:
    """Adjacent doubles b between which the branch changes."""
    with working_precision(bits):
        here = marcum_method(arb(m), arb(a), arb(low))
        while math.nextafter(low, high) != high:
            middle = (low + high) / 2
            if marcum_method(arb(m), arb(a), arb(middle)) == here:
                low = middle
            else:
                high = middle
    return low, high


@pytest.mark.parametrize(
    ("m", "a", "low", "high"),
    [
        (1, 20, 1, 15),
        (2.5, 20, 1, 15),
        (40, 6, 2, 60),
        (1, 3, 1, 5),
        (0.25, 2, 0.5, 4),
        (90, 12, 10, 19),
        (3, 60, 55, 62),
        (3, 60, 62, 90),
    ],
)
def test_branch_boundaries(m: float, a: float, low: float, high: float) -> None:
    left, right = boundary(m, a, low, high, 232)
    branches = {agree(Fraction(m), Fraction(a), Fraction(b)) for b in (left, right)}
    assert len(branches) == 2


@pytest.mark.parametrize("m", [1, Fraction(1, 1000), Fraction(5, 2), 1000, 10**6])
@pytest.mark.parametrize("a", [0, Fraction(1, 10**300), 1, 30, 10**6])
@pytest.mark.parametrize("b", [Fraction(1, 10**300), 1, 30, 10**6, 10**6 + 1])
def test_extreme_and_special_points(m: Any, a: Any, b: Any) -> None:
    """a = 0, a = b, very small and very large arguments: P and Q in agreement, the small one in all its digits."""
    p, q = gm.log_marcum_p(a, b, m, digits=30), gm.log_marcum_q(a, b, m, digits=30)
    assert p.digits == q.digits == 30
    with working_precision(150):
        assert (p.ball().exp() + q.ball().exp() - 1).contains(0)
    if a == 0 and m < 10**6:
        with working_precision(3000):
            x = ball(Fraction(b) ** 2 / 2)
            central = x.gamma_upper(ball(Fraction(m)), regularized=1)
        assert q.ball().overlaps(central.log())


def rows() -> list[dict[str, str]]:
    with TABLES.open() as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def half_unit(text: str) -> Decimal:
    return Decimal((0, (1,), Decimal(text).as_tuple().exponent)) / 2


@pytest.mark.parametrize("source", sorted({row["source"] for row in rows()}))
def test_published_tables(source: str) -> None:
    chosen = [row for row in rows() if row["source"] == source]
    assert len(chosen) >= 9
    # Marcum truncates one value; one row of Wang and Kennedy is 3.5 units of its last digit off. All else is rounded.
    slack = {"marcum_1950": 2, "wang_kennedy_1994": 8}.get(source, 1)
    for row in chosen:
        if row["m"]:
            m, a, b = row["m"], row["a"], row["b"]
        else:
            level = chi2.isf(0.05, int(row["df"])) if row["x"] == "chi2(0.05)" else row["x"]
            m, a, b = (
                sympy.Rational(row["df"]) / 2,
                sympy.sqrt(sympy.Rational(row["nc"])),
                sympy.sqrt(sympy.Rational(str(level))),
            )
        for function, text in ((gm.marcum_p, row["p"]), (gm.marcum_q, row["q"])):
            if text:
                with localcontext(prec=80):
                    distance = abs(function(a, b, m, digits=60).to_decimal() - Decimal(text))
                    assert distance <= slack * half_unit(text), (row, distance)


@given(log_uniform(-2, 3), log_uniform(-2, 2), log_uniform(-2, 2))
@settings(max_examples=40)
def test_recurrence_in_the_order(m: Fraction, a: Fraction, b: Fraction) -> None:
    """Q_(m+1) - Q_m = P_m - P_(m+1) = (b/a)^m e^(-(a^2+b^2)/2) I_m(a b)."""
    with working_precision(300):
        order, x, y = ball(m), ball(a), ball(b)
        step = (order * (y / x).log() - (x * x + y * y) / 2).exp() * (x * y).bessel_i(order)
        for kernel, sign in ((marcum_q_ball, 1), (marcum_p_ball, -1)):
            assert (sign * (kernel(order + 1, x, y).value() - kernel(order, x, y).value()) - step).contains(0)
            assert kernel(order, x, y).value().rel_accuracy_bits() > 230


@given(log_uniform(-3, 2), log_uniform(-3, 2))
@settings(max_examples=40)
def test_symmetry_of_order_one(a: Fraction, b: Fraction) -> None:
    """Q_1(a, b) + Q_1(b, a) = 1 + e^(-(a^2+b^2)/2) I_0(a b)."""
    with working_precision(250):
        x, y, one = ball(a), ball(b), arb(1)
        both = marcum_q_ball(one, x, y).value() + marcum_q_ball(one, y, x).value()
        right = 1 + (-(x * x + y * y) / 2).exp() * (x * y).bessel_i(0)
        assert both.overlaps(right)
        assert both.rel_accuracy_bits() > 200


@given(log_uniform(-3, 3), log_uniform(-3, 3))
@settings(max_examples=40)
def test_order_one_half_is_the_error_function(a: Fraction, b: Fraction) -> None:
    """2 Q_(1/2)(a, b) = erfc((b - a)/sqrt 2) + erfc((b + a)/sqrt 2)."""
    with working_precision(300):
        x, y = ball(a), ball(b)
        root = arb(2).sqrt()
        right = (((y - x) / root).erfc() + ((y + x) / root).erfc()) / 2
        left = marcum_q_ball(arb(1) / 2, x, y).value()
        assert left.overlaps(right)
        assert left.rel_accuracy_bits() > 230


@pytest.mark.parametrize("b", [1, Fraction(1, 7), 30])
def test_order_three_halves(b: Any) -> None:
    """Q_(3/2)(a, b) = Q_(1/2)(a, b) + sqrt(2/pi) e^(-(a^2+b^2)/2) sinh(a b)/a."""
    with working_precision(250):
        x, y = arb(3), ball(Fraction(b))
        step = (2 / arb.pi()).sqrt() * (-(x * x + y * y) / 2).exp() * (x * y).sinh() / x
        half, three_halves = (marcum_q_ball(arb(k) / 2, x, y).value() for k in (1, 3))
        assert (half + step).overlaps(three_halves)


# The public functions


def test_three_readings() -> None:
    b = sympy.Symbol("b", positive=True)
    m = sympy.Symbol("m", positive=True)
    assert gm.marcum_q(1, b, 2) == marcumq(2, 1, b)
    assert gm.marcum_p(1, b, "5/2") == 1 - marcumq(sympy.Rational(5, 2), 1, b)
    assert gm.log_marcum_q("0.1", b) == sympy.log(marcumq(1, sympy.Rational(1, 10), b))
    assert gm.marcum_q(0, b, m) == sympy.uppergamma(m, b**2 / 2) / sympy.gamma(m)
    assert gm.marcum_p(0, b, m) == sympy.lowergamma(m, b**2 / 2) / sympy.gamma(m)
    assert (gm.marcum_q(b, 0), gm.marcum_p(b, 0), gm.log_marcum_p(b, 0)) == (1, 0, -sympy.oo)
    assert isinstance(gm.marcum_q(1, 2), float)
    array = gm.marcum_q([1, 2, 3], [[1], ["1/3"]], digits=25)
    assert array.shape == (2, 3)
    assert array.dtype == object
    assert array[1, 2].digits == 25
    assert gm.marcum_q(np.arange(3.0), np.arange(1.0, 4.0)).shape == (3,)
    assert gm.marcum_q(sympy.sqrt(2), 3, digits=30).digits == 30


def test_the_expression_and_the_numbers_are_the_same_function() -> None:
    """SymPy's own derivative of its marcumq, d/db = -b^m a^(1-m) e^(-(a^2+b^2)/2) I_(m-1)(a b), against differences."""
    with working_precision(400):
        a, b, m, h = arb(2), arb(3), arb(5) / 2, arb(2) ** -60
        slope = (marcum_q_ball(m, a, b + h).value() - marcum_q_ball(m, a, b - h).value()) / (2 * h)
    x = sympy.Symbol("x", positive=True)
    exact = sympy.diff(gm.marcum_q(2, x, "5/2"), x).subs(x, 3)
    assert abs(float(slope) - float(exact.evalf(30))) < 1e-15


def test_exact_values() -> None:
    assert gm.marcum_q(3, 0, digits=20).exact == 1
    assert gm.marcum_p(3, 0, digits=20).exact == 0
    assert gm.log_marcum_q(3, 0, 7, digits=20).exact == 0


def test_values_far_below_any_double() -> None:
    q = gm.marcum_q(1, 6800, digits=40)
    assert str(q).endswith("e-10037938")
    with working_precision(250):
        assert q.ball().overlaps(marcum_mixture(arb(1), arb(1), arb(6800), "Q"))
    with pytest.raises(gm.DomainError, match="log_marcum_q"):
        gm.marcum_q(1, 10**6, digits=10)
    with pytest.raises(gm.DomainError, match="log_marcum_p"):
        gm.marcum_p(10**6, 1, digits=10)
    assert str(gm.log_marcum_q(1, 10**6, digits=12)) == "-499999000008"
    assert str(gm.marcum_q("1e100000", 1, digits=20)) == "1." + 19 * "0"


@pytest.mark.parametrize("function", PUBLIC)
@pytest.mark.parametrize("digits", [None, 20])
@pytest.mark.parametrize(
    ("a", "b", "m", "name"),
    [
        (1, 2, 0, "m"),
        (1, 2, -1, "m"),
        (-1, 2, 1, "a"),
        (1, "-1e-3", 1, "b"),
        (math.nan, 2, 1, "a"),
        (1, math.inf, 1, "b"),
        (1, 2, 1j, "m"),
        ("one", 2, 1, "a"),
        (1, "1e999999999", 1, "b"),
        (1, 2, "1/0", "m"),
        (1, True, 1, "b"),
        ([1.0, -2.0], 2, 1, "a"),
    ],
)
def test_bad_arguments_get_one_sentence(function: Any, digits: int | None, a: Any, b: Any, m: Any, name: str) -> None:
    with pytest.raises(gm.DomainError) as caught:
        function(a, b, m, digits=digits)
    message = str(caught.value)
    assert message.startswith(f"{function.__name__}: {name} = ")
    assert "needed:" in message
    assert "\n" not in message


def test_bad_digits_and_symbols_with_digits() -> None:
    for digits in (0, -3, 2.5, 10**9):
        with pytest.raises(gm.DomainError, match="digits"):
            gm.marcum_q(1, 2, digits=digits)
    with pytest.raises(gm.DomainError, match="leave digits out"):
        gm.marcum_q(1, sympy.Symbol("b"), digits=10)
    with pytest.raises(gm.DomainError, match="no logarithm"):
        gm.log_marcum_p(1, 0, digits=10)
