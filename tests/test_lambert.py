"""Lambert's W: both real branches next to the branch point, the complex branches, and enclosures of balls."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy
from flint import arb
from hypothesis import example, given
from hypothesis import strategies as st

import grokmath as gm
from grokmath import DomainError, lambert_w
from grokmath.exact import ball, working_precision
from grokmath.functions.lambert import lambert_w_ball

FLOAT_TOLERANCE = 1e-15
EDGE = -0.3678794411714423  # the smallest double above -1/e


def _edge() -> Fraction:
    """-1/e to 400 digits, from its series."""
    total, term = Fraction(0), Fraction(1)
    for k in range(1, 260):
        total += term
        term /= -k
    return -Fraction(int(total * 10**400), 10**400)


MINUS_1_OVER_E = _edge()


def context() -> mpmath.MPContext:
    own = mpmath.MPContext()
    own.dps = 80
    return own


# Distances from the branch point, from 1e-300 up.
distances = st.floats(-300, -0.5).map(lambda e: Fraction(10) ** int(e) * Fraction(f"{10 ** (e - int(e)):.6f}"))


@given(distances, st.sampled_from([0, -1]))
@example(Fraction(1, 10**300), 0)
@example(Fraction(1, 10**300), -1)
def test_the_defining_equation_next_to_the_branch_point(distance, branch):
    x = MINUS_1_OVER_E + distance
    w = lambert_w(x, branch, digits=60)
    with working_precision(2200):
        value = w.ball()
        assert (value * value.exp()).overlaps(ball(x))
        if distance > Fraction(1, 10**110):  # else W + 1 is below the last digit
            assert value > -1 if branch == 0 else value < -1
    assert w.digits == 60


@given(st.floats(-300, 300), st.booleans(), st.sampled_from([0, -1]))
def test_real_branches_against_mpmath(exponent, negative, branch):
    x = Fraction(f"{'-' if negative or branch else ''}{10 ** (exponent - int(exponent)):.6f}e{int(exponent)}")
    if x < Fraction(-367, 1000):
        x = x % 1 * Fraction(36, 100) - Fraction(361, 1000)
    if branch == -1 and x >= 0:
        x = Fraction(-1, 7)
    own = context()
    expected = own.lambertw(own.mpf(x.numerator) / x.denominator, branch)
    value = lambert_w(x, branch, digits=50)
    assert abs(own.mpf(str(value)) - expected.real) <= abs(expected) * own.mpf(10) ** -49


def test_float64_against_certified_values():
    rng = np.random.default_rng(11)
    near = EDGE + np.concatenate([[0.0], 10.0 ** rng.uniform(-16, -0.45, 250)])
    joint = EDGE + 0.3**2 / (2 * math.e)  # where the series begins to be used
    near = np.concatenate([near, [np.nextafter(joint, 0), joint, np.nextafter(joint, -1)]])
    small = -(10.0 ** rng.uniform(-323, -1, 150))
    large = 10.0 ** rng.uniform(-323, 308.2, 150)
    for branch, points in ((0, near), (-1, near[near < 0]), (0, small), (-1, small), (0, large)):
        values = lambert_w(points, branch)
        for x, value in zip(points, values, strict=True):
            certified = lambert_w(Fraction(x), branch, digits=20).ball()
            with working_precision(200):
                error = abs((ball(Fraction(value)) - certified) / certified)
            # A subnormal result is the nearest one or its neighbour.
            assert error < FLOAT_TOLERANCE or abs(value) < 1e-307, (branch, x)
            assert lambert_w(float(x), branch) == value


def test_special_values():
    assert lambert_w(0, digits=10).exact == 0
    assert lambert_w(0.0) == 0.0
    assert lambert_w(math.e) == pytest.approx(1, rel=1e-15)
    omega = "0.56714329040978387299996866221035554975381578718651"
    assert abs(lambert_w(1, digits=50).to_decimal() - Decimal(omega)) < Decimal("1.1e-50")
    x = sympy.Symbol("x")
    assert lambert_w(x) == sympy.LambertW(x)
    assert lambert_w(x, -1) == sympy.LambertW(x, -1)
    assert lambert_w(sympy.Rational(1, 3)) == lambert_w(1 / 3)
    assert str(lambert_w("1e-100000", digits=3)) == "1.00e-100000"
    assert float(lambert_w("1e100000", digits=20)) == pytest.approx(math.log(10) * 100_000 - math.log(230246.2))


@given(
    st.fractions(-5, 5, max_denominator=1000), st.fractions(-5, 5, max_denominator=1000), st.sampled_from(range(-3, 4))
)
@example(Fraction(-2), Fraction(0), 0)
@example(Fraction(-2), Fraction(0), 1)
@example(Fraction(-1, 10), Fraction(0), 1)
@example(Fraction(1, 10), Fraction(0), -1)
def test_complex_branches_against_mpmath(real, imaginary, branch):
    own = context()
    if real == imaginary == 0:
        real = Fraction(1)
    point = own.mpc(own.mpf(real.numerator) / real.denominator, own.mpf(imaginary.numerator) / imaginary.denominator)
    z = sympy.Rational(real.numerator, real.denominator) + sympy.I * sympy.Rational(
        imaginary.numerator, imaginary.denominator
    )
    value = lambert_w(z, branch, digits=30)
    expected = own.lambertw(point, branch)
    if isinstance(value, gm.Certified):
        assert expected.imag == 0
        got = own.mpc(own.mpf(str(value)))
    else:
        with working_precision(200):
            got = own.mpc(*(own.mpf(part.ball().mid().str(60, radius=False)) for part in (value.real, value.imag)))
    assert abs(got - expected) <= abs(expected) * own.mpf(10) ** -28


def test_below_the_branch_point_values_are_complex():
    assert isinstance(lambert_w(MINUS_1_OVER_E - Fraction(1, 10**399), digits=10), gm.CertifiedComplex)
    assert isinstance(lambert_w(MINUS_1_OVER_E + Fraction(1, 10**399), digits=10), gm.Certified)
    assert isinstance(lambert_w(-1, -1, digits=10), gm.CertifiedComplex)


def test_enclosures_of_balls_across_the_branch_point():
    """W at random points of a ball lies in the ball's image, for balls on both sides of -1/e, and far from it."""
    random_ = np.random.default_rng(2)
    own = context()
    for branch in (0, -1):
        for _ in range(200):
            centre = -0.3678794411714423 + int(random_.choice([-1, 1])) * 10 ** random_.uniform(-25, -1)
            radius = abs(centre - EDGE) * 10 ** random_.uniform(-1, 1) + 10 ** random_.uniform(-25, -2)
            with working_precision(120):
                image = lambert_w_ball(arb(centre, radius), branch)
            for part in (-1.0, -0.7, 0.0, 0.31, 0.9, 1.0):
                x = own.mpf(centre) + own.mpf(radius) * part
                if x < -own.exp(-1) or (branch == -1 and x >= 0):
                    continue
                w = own.lambertw(x, branch).real
                with working_precision(300):
                    assert image.overlaps(arb(own.nstr(w, 60)))


def test_an_enclosure_next_to_the_branch_point_is_tight():
    with working_precision(200):
        edge = ball(MINUS_1_OVER_E)
        for branch in (0, -1):
            image = lambert_w_ball(edge + arb(0, 1e-30), branch)
            assert image.contains(-1)
            assert image.rad() < 3e-15  # sqrt(2 e 1e-30) = 2.3e-15
            assert not lambert_w_ball(edge + arb(1e-20, 1e-25), branch).contains(-1)


@pytest.mark.parametrize(
    ("x", "branch"),
    [
        ("x", 0),
        (math.nan, 0),
        (math.inf, 0),
        (None, 0),
        (-1.0, 0),
        (0.0, -1),
        (1.0, -1),
        (1j, 0),
        (1.0, 1),
        (1, 0.5),
        (1, "0"),
    ],
)
def test_bad_input(x, branch):
    with pytest.raises(DomainError, match="lambert_w"):
        lambert_w(x, branch)


def test_bad_input_with_digits():
    for branch in (-1, 2):
        with pytest.raises(DomainError, match="infinity"):
            lambert_w(0, branch, digits=10)
    with pytest.raises(DomainError, match="digits"):
        lambert_w(1, digits=0)
    with pytest.raises(DomainError, match="substitute"):
        lambert_w(sympy.Symbol("x"), digits=10)
    with pytest.raises(DomainError, match="digits"):
        lambert_w(np.array([1.0, -1.0]))


def test_arrays():
    values = lambert_w(["0.1", "1"], digits=12)
    assert values.dtype == object
    assert str(values[1]) == "0.567143290410"
    assert lambert_w(np.ones((2, 3))).shape == (2, 3)
    assert isinstance(lambert_w(np.array(1.0)), float)


def test_ragged_rows_are_a_domain_error_here_and_in_the_law_of_marchenko_and_pastur():
    law = gm.MarchenkoPastur("0.4")
    for function in (lambert_w, law.moment, law.stieltjes, law.pdf):
        with pytest.raises(DomainError, match="rows of one length"):
            function([[1], [1, 2]])
