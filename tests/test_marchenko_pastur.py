"""The Marchenko-Pastur law: three readings of each quantity, a second evaluator for each, and the critical points."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy
from flint import acb, arb
from hypothesis import example, given, settings
from hypothesis import strategies as st

import grokmath as gm
from grokmath import DomainError, MarchenkoPastur
from grokmath.exact import ball, working_precision
from grokmath.functions import marchenko_pastur_float64 as float64_module
from grokmath.functions.marchenko_pastur_certified import INSIDE, moment_ball, place
from grokmath.functions.marchenko_pastur_quadrature import cdf_quadrature, expectation_quadrature

from .strategies import log_uniform

FLOAT_TOLERANCE = 1e-14
"""What the float64 reading promises, relative."""


ratios = st.one_of(
    st.just(Fraction(1)),
    log_uniform(-6, 6).filter(lambda lam: lam <= 10**6),
    log_uniform(-12, -1).map(lambda gap: 1 - gap),
    log_uniform(-12, -1).map(lambda gap: 1 + gap),
)
# A point inside the support: how far from which edge, as a part of the width.
parts = st.tuples(st.booleans(), st.one_of(log_uniform(-30, -0.31), log_uniform(-2, -0.31)))


def edges(lam: Fraction) -> tuple[Fraction, Fraction]:
    """The edges, to about 200 bits."""
    with working_precision(400):
        root = ball(lam).sqrt()
        low, high = ((ball(1 - lam) / (1 + root)) ** 2).mid().man_exp(), ((1 + root) ** 2).mid().man_exp()
    return tuple(Fraction(int(m)) * Fraction(2) ** int(e) for m, e in (low, high))


def point(lam: Fraction, part: tuple[bool, Fraction]) -> Fraction:
    low, high = edges(lam)
    upper, distance = part
    x = high - (high - low) * distance if upper else low + (high - low) * distance
    assert place(x, lam) == INSIDE
    return x


def complex_number(real: Fraction, imaginary: Fraction) -> sympy.Expr:
    parts_ = (sympy.Rational(part.numerator, part.denominator) for part in (real, imaginary))
    return sum((unit * part for unit, part in zip((1, sympy.I), parts_, strict=True)), sympy.Integer(0))


def relative_error(value: float, certified: gm.Certified) -> float:
    truth = certified.ball()
    with working_precision(200):
        return 0.0 if truth == 0 and value == 0 else float(abs((ball(Fraction(value)) - truth) / truth))


# Density and distribution function.


@given(ratios, parts)
@example(Fraction(1), (False, Fraction(1, 10**30)))
@example(Fraction(1), (True, Fraction(1, 10**30)))
@example(Fraction(10**6), (False, Fraction(1, 10**20)))
@example(Fraction(1, 10**6), (False, Fraction(1, 2)))
@example(1 + Fraction(1, 10**12), (False, Fraction(1, 10**26)))
def test_distribution_agrees_with_quadrature(lam, part):
    x = point(lam, part)
    law = MarchenkoPastur(lam)
    cdf, sf = law.cdf(x, digits=30), law.sf(x, digits=30)
    near_high = x > 1 + lam
    with working_precision(250):
        mass = cdf_quadrature(x, lam, upper=near_high)
        assert mass.rel_accuracy_bits() > 100
        atom = 1 - 1 / ball(lam) if lam > 1 else arb(0)
        near, far = (mass, 1 - mass) if near_high else (mass + atom, 1 - mass - atom)
        assert (sf if near_high else cdf).ball().overlaps(near)
        assert (cdf if near_high else sf).ball().overlaps(far)


@given(ratios, parts)
def test_the_density_is_the_boundary_value_of_the_stieltjes_transform(lam, part):
    """pdf(x) = Im m(x + i0)/pi; at distance y from a point at distance d from the edges this holds to O(y/d)."""
    x = point(lam, part)
    low, high = edges(lam)
    nearest = min(x - low, high - x, x)
    y = nearest / 10**25
    law = MarchenkoPastur(lam)
    density = law.pdf(x, digits=25)
    m = law.stieltjes(complex_number(x, y), digits=60)
    with working_precision(300):
        assert abs(m.imag.ball() / arb.pi() / density.ball() - 1) < arb("1e-20")


@pytest.mark.parametrize("lam", ["1e-6", "0.04", "0.05", "0.3", "0.9", "1", "1.001", "24", "26", "1e6"])
def test_float64_accuracy_and_branches(lam):
    """Both edges, the middle, and the boundaries between the methods, +- 1 ulp, at the double that x is."""
    law = MarchenkoPastur(lam)
    exact = Fraction(lam)
    low, high = (float(edge) for edge in edges(exact))
    rng = np.random.default_rng(3)
    width = high - low
    joints = [low, high, 1 + float(exact), float((1 - exact) ** 2 / (1 + exact))]
    x = np.concatenate(
        [
            low + width * 10.0 ** rng.uniform(-15, 0, 40),
            high - width * 10.0 ** rng.uniform(-15, 0, 40),
            rng.uniform(low, high, 40),
            *([joint, np.nextafter(joint, 0), np.nextafter(joint, 9e9)] for joint in joints),
        ]
    )
    x = x[x > 0]
    for name in ("pdf", "cdf", "sf"):
        values = getattr(law, name)(x)
        assert isinstance(values, np.ndarray)
        for point_, value in zip(x, values, strict=True):
            certified = getattr(law, name)(Fraction(point_), digits=20)
            assert relative_error(float(value), certified) < FLOAT_TOLERANCE, (name, point_)
            assert getattr(law, name)(float(point_)) == value


def test_every_float64_method_is_reached(monkeypatch):
    reached = set()
    gauss = float64_module._gauss

    def spy(end, denominator):
        reached.add(f"{denominator(np.array([0.5]))[0]:.6f}")
        return gauss(end, denominator)

    monkeypatch.setattr(float64_module, "_gauss", spy)
    small, large = MarchenkoPastur("1/36"), MarchenkoPastur("1/4")
    for x in ("0.7", "0.97", "1.2"):  # forms 1, 3, 4
        small.cdf(float(x))
    assert len(reached) == 3
    reached.clear()
    large.cdf(0.9)  # form 2 needs no quadrature
    assert not reached


def test_distribution_outside_the_support_and_at_its_edges():
    for lam, atom in (("1/4", 0), ("1", 0), ("4", Fraction(3, 4))):
        law = MarchenkoPastur(lam)
        low, high = law.support
        for x, cdf in ((-1, 0), (Fraction(-1, 10**9), 0), (0, atom), (low, atom), (high, 1), (high + 1, 1)):
            assert law.cdf(x, digits=10).exact == cdf
            assert law.sf(x, digits=10).exact == 1 - cdf
            assert law.cdf(float(x)) == cdf
            assert law.sf(float(x)) == 1 - cdf
            if x != 0:
                assert law.pdf(x, digits=10).exact == 0
                assert law.pdf(float(x)) == 0
    assert MarchenkoPastur(4).pdf(0, digits=3).exact == 0


def test_density_at_zero():
    assert MarchenkoPastur(1).pdf(0) == math.inf
    assert MarchenkoPastur(1).pdf(-1.0) == 0
    assert MarchenkoPastur("0.999999999999").pdf(0) == 0
    assert MarchenkoPastur(1 - Fraction(1, 10**400)).pdf(0) == 0
    x = sympy.Symbol("x", real=True)
    assert MarchenkoPastur(1).pdf(x).subs(x, 0) == sympy.oo
    assert MarchenkoPastur(sympy.Symbol("lam")).pdf(0).subs("lam", 1) == sympy.oo
    with pytest.raises(DomainError, match="infinite"):
        MarchenkoPastur(1).pdf(0, digits=10)
    # Next to it the density is finite, and so is the float64 reading at the smallest double.
    assert MarchenkoPastur(1).pdf(5e-324) == pytest.approx(1 / (math.pi * math.sqrt(5e-324)), rel=1e-14)


@pytest.mark.parametrize(("lam", "x"), [("0.5", "1"), ("0.9", "0.01"), ("2.5", "6"), ("1", "3")])
def test_distribution_against_mpmath_s_integral_of_the_density(lam, x):
    context = mpmath.MPContext()
    context.dps = 40
    ratio, end = context.mpf(lam), context.mpf(x)
    low, high = ((1 - context.sqrt(ratio)) ** 2, (1 + context.sqrt(ratio)) ** 2)

    def density(nu):
        return context.sqrt((high - nu) * (nu - low)) / (2 * context.pi * ratio * nu)

    law = MarchenkoPastur(lam)
    assert abs(law.pdf(x, digits=35).to_decimal() - Decimal(context.nstr(density(end), 36))) < Decimal("1e-33")
    mass = context.quad(density, [low, end]) + max(0, 1 - 1 / ratio)
    assert abs(law.cdf(x, digits=30).to_decimal() - Decimal(context.nstr(mass, 32))) < Decimal("1e-18")


def test_lam_one_closed_form():
    """At lam = 1: F(x) = (2 arcsin(sqrt(x)/2) + sqrt(x (4 - x))/2)/pi."""
    law = MarchenkoPastur(1)
    for x in ("1e-40", "0.5", "2", "3.999"):
        q = sympy.Rational(x)
        angle = sympy.pi / 2 - sympy.acos(sympy.sqrt(q) / 2)
        expected = gm.evaluate((2 * angle + sympy.sqrt(q * (4 - q)) / 2) / sympy.pi, digits=40)
        assert law.cdf(x, digits=40) - expected < Fraction(1, 10**35)
        assert abs(float(law.cdf(x, digits=40)) / float(expected) - 1) < 1e-15


def test_tails_keep_relative_accuracy_at_any_distance():
    for exponent in (50, 1000):
        x = Fraction(1, 4) + Fraction(1, 10**exponent)  # edge 1/4 at lam = 1/4
        value = MarchenkoPastur("1/4").cdf(x, digits=30)
        # F is proportional to (x - 1/4)**(3/2) in the limit: a distance four times as large has 8 times the mass.
        other = MarchenkoPastur("1/4").cdf(Fraction(1, 4) + Fraction(4, 10**exponent), digits=30)
        assert abs(float(other / value) - 8) < 1e-10
        upper = Fraction(9, 4) - Fraction(1, 10**exponent)
        assert MarchenkoPastur("1/4").sf(upper, digits=30).digits == 30


# The symbolic reading.


def test_symbolic_readings_evaluate_to_the_certified_ones():
    x, lam = sympy.symbols("x lam", positive=True)
    symbolic = MarchenkoPastur(lam)
    for value, points in (("1/2", ("1/10", "1", "2.9")), ("5/2", ("0.4", "3", "6.6")), ("1", ("0.01", "3.9"))):
        ratio = sympy.Rational(value)
        for place_ in points:
            at = {x: sympy.Rational(place_), lam: ratio}
            for name in ("pdf", "cdf", "sf"):
                expected = getattr(MarchenkoPastur(value), name)(place_, digits=30)
                for expression in (getattr(symbolic, name)(x), getattr(MarchenkoPastur(value), name)(x)):
                    assert str(gm.evaluate(expression.subs(at), digits=30))[:28] == str(expected)[:28]


def test_the_symbolic_density_is_the_derivative_of_the_distribution():
    x, lam = sympy.symbols("x lam", positive=True)
    law = MarchenkoPastur(lam)
    derivative = sympy.diff(law.cdf(x).args[-1].expr, x)
    for ratio, place_ in (("1/2", "1/10"), ("1/2", "2"), ("5/2", "0.4"), ("5/2", "6")):
        at = {x: sympy.Rational(place_), lam: sympy.Rational(ratio)}
        difference = gm.evaluate(derivative.subs(at), digits=40) - MarchenkoPastur(ratio).pdf(place_, digits=40)
        assert abs(float(difference.ball().abs_upper())) < 1e-38


def test_atom_and_support():
    lam = sympy.Symbol("lam", positive=True)
    assert MarchenkoPastur("2.5").atom == sympy.Rational(3, 5)
    assert MarchenkoPastur("0.5").atom == 0
    assert MarchenkoPastur(1).atom == 0
    assert MarchenkoPastur(lam).atom.subs(lam, 4) == sympy.Rational(3, 4)
    assert MarchenkoPastur("9/4").support == (sympy.Rational(1, 4), sympy.Rational(25, 4))
    assert MarchenkoPastur(sympy.sqrt(2)).atom == 1 - 1 / sympy.sqrt(2)


def test_algebraic_ratio():
    law = MarchenkoPastur(sympy.sqrt(2) / 2)
    near = MarchenkoPastur("0.70710678118654752440084436210484903928")
    for name, x in (("pdf", "0.9"), ("cdf", "0.9"), ("sf", "2"), ("stieltjes", "-1"), ("laplace", "3")):
        exact, rounded = (getattr(m, name)(x, digits=30) for m in (law, near))
        assert str(exact)[:29] == str(rounded)[:29]
    assert abs(law.moment(3, digits=20).ball() - near.moment(3, digits=20).ball()) < 1e-19
    assert law.cdf(0.9) == pytest.approx(near.cdf(0.9), rel=1e-15)


# Moments.


def test_moments_are_narayana_polynomials():
    lam = sympy.Symbol("lam")
    law = MarchenkoPastur(lam)
    assert [law.moment(k) for k in (0, 1, 2)] == [1, 1, 1 + lam]
    assert sympy.expand(law.moment(4) - (1 + 6 * lam + 6 * lam**2 + lam**3)) == 0
    assert law.moment(-1) == 1 / (1 - lam)
    assert sympy.simplify(law.moment(-3) - (1 + lam) / (1 - lam) ** 5) == 0
    catalan = [MarchenkoPastur(1).moment(k, digits=20).exact for k in range(12)]
    assert catalan == [math.comb(2 * k, k) // (k + 1) for k in range(12)]


@settings(max_examples=40)
@given(ratios, st.integers(-12, 30))
def test_moments_agree_with_quadrature(lam, k):
    if k < 0 and lam > Fraction(99, 100):
        lam = lam / (lam + 1)  # quadrature next to the pole of nu**k is slow
    value = MarchenkoPastur(lam).moment(k, digits=25)
    low, high = edges(lam)
    with working_precision(200):
        scale = ball(high if k >= 0 else low)
        expected = expectation_quadrature(lambda nu: (nu / acb(scale)) ** k if k else acb(1), lam).real * scale**k
        assert expected.overlaps(value.ball())
        assert expected.rel_accuracy_bits() > 60
    assert relative_error(MarchenkoPastur(lam).moment(k), value) < 2e-16


def test_large_moments():
    law = MarchenkoPastur("9/10")
    exact = law.moment(500, digits=40)
    assert exact.exact is not None
    with working_precision(400):
        assert moment_ball(500, Fraction(9, 10)).overlaps(ball(exact.exact))
    assert law.moment(20_000, digits=10).exact is None
    assert law.moment(2000) == math.inf
    assert law.moment(-2000) == math.inf
    assert MarchenkoPastur("1e-300").moment(5) == 1
    np.testing.assert_array_equal(law.moment([0, 1, 2]), [1.0, 1.0, 1.9])
    assert [str(value) for value in law.moment(np.array([1, 2]), digits=3)] == ["1.00", "1.90"]


@pytest.mark.parametrize("k", [1.0, "2", True, None, 100_001, -100_001])
def test_bad_orders(k):
    with pytest.raises(DomainError, match="moment"):
        MarchenkoPastur("0.5").moment(k)


@pytest.mark.parametrize("lam", ["1", "2.5"])
def test_infinite_moments(lam):
    for digits in (None, 10):
        with pytest.raises(DomainError, match="infinite"):
            MarchenkoPastur(lam).moment(-1, digits=digits)


# The Stieltjes transform.

real_points = st.tuples(st.sampled_from(["below", "above", "negative"]), log_uniform(-8, 6))


@given(ratios, real_points)
@example(Fraction(1), ("below", Fraction(1, 10**20)))
@example(Fraction(4), ("below", Fraction(1, 2)))
def test_stieltjes_at_real_points(lam, where):
    side, distance = where
    low, high = edges(lam)
    z = (
        -distance
        if side == "negative"
        else high + distance
        if side == "above"
        else low - low * distance / (1 + distance)
    )
    if z == 0 and lam >= 1:
        z = Fraction(-1)
    law = MarchenkoPastur(lam)
    value = law.stieltjes(z, digits=30)
    with working_precision(200):
        m, ratio, at = value.ball(), ball(lam), ball(z)
        terms = (ratio * at * m * m, (at + ratio - 1) * m, arb(1))
        assert abs(sum(terms, arb(0))) <= sum((abs(term) for term in terms), arb(0)) * arb("1e-28")
        if at < 0 or (lam < 1 and side == "below"):  # below the whole spectrum
            assert m > 0
        if side == "above":
            assert m < 0
    number = float(z)
    reference = law.stieltjes(Fraction(number), digits=20) if place(Fraction(number), lam) != INSIDE else None
    if reference is not None and number != 0:
        assert relative_error(law.stieltjes(number), reference) < FLOAT_TOLERANCE


@given(ratios.filter(lambda lam: abs(lam - 1) > 1e-3 or lam == 1), st.floats(-3, 9), log_uniform(-3, 3), st.booleans())
def test_stieltjes_at_complex_points_agrees_with_quadrature(lam, x, y, sign):
    law = MarchenkoPastur(lam)
    real, imaginary = Fraction(round(x, 3)), -y if sign else y
    value = law.stieltjes(complex_number(real, imaginary), digits=20)
    with working_precision(150):
        at = acb(ball(real), ball(imaginary))
        expected = expectation_quadrature(lambda nu: at / (nu - at), lam) / at
        assert expected.overlaps(acb(value.real.ball(), value.imag.ball()))
        assert expected.rel_accuracy_bits() > 60
    number = complex(float(real), float(imaginary))
    at_number = law.stieltjes(complex_number(Fraction(number.real), Fraction(number.imag)), digits=20)
    got = law.stieltjes(number)
    assert abs(got - complex(at_number)) <= FLOAT_TOLERANCE * abs(got)


def test_stieltjes_special_values():
    assert MarchenkoPastur("1/2").stieltjes(0, digits=20).ball() == 2
    assert MarchenkoPastur("1/2").stieltjes(0.0) == 2.0
    big = MarchenkoPastur("5/2").stieltjes("1e30", digits=20)
    assert abs(float(big) * 1e30 + 1) < 1e-15
    atom = MarchenkoPastur("5/2").stieltjes("-1e-30", digits=20)  # the pole -atom/z
    assert abs(float(atom) * 1e-30 - 0.6) < 1e-15
    at_edge = MarchenkoPastur("1/4").stieltjes("1/4", digits=20)  # E[1/(nu - nu_-)] = 1/(sqrt(lam) (1 - sqrt(lam)))
    assert abs(float(at_edge) - 4) < 1e-15
    assert MarchenkoPastur("1/4").stieltjes(0.25) == 4
    z = sympy.Symbol("z")
    for law in (MarchenkoPastur("1/2"), MarchenkoPastur(sympy.Symbol("lam"))):
        expression = law.stieltjes(z).subs({"lam": sympy.Rational(1, 2), z: -1 + sympy.I / 3})
        expected = MarchenkoPastur("1/2").stieltjes(-1 + sympy.I / 3, digits=20)
        assert abs(complex(gm.evaluate(expression, digits=20)) - complex(expected)) < 1e-15
    assert isinstance(MarchenkoPastur("1/2").stieltjes(1j), complex)
    values = MarchenkoPastur("1/2").stieltjes(np.array([1j, -1.0, 10.0]))
    assert values.dtype == np.complex128
    assert values[1] == MarchenkoPastur("1/2").stieltjes(-1.0)


@pytest.mark.parametrize(("lam", "z"), [("1/2", 1), ("1", 0), ("1", 2), ("5/2", 0), ("5/2", 2)])
def test_stieltjes_on_the_spectrum(lam, z):
    with pytest.raises(DomainError, match="pole at 0"):
        MarchenkoPastur(lam).stieltjes(z, digits=10)
    with pytest.raises(DomainError, match="pole at 0"):
        MarchenkoPastur(lam).stieltjes(float(z))


# The Laplace transform.


@given(ratios.filter(lambda lam: abs(lam - 1) > 1e-4 or lam == 1), log_uniform(-6, 2.5))
def test_laplace_agrees_with_quadrature(lam, s):
    value = MarchenkoPastur(lam).laplace(s, digits=25)
    low, _ = edges(lam)
    with working_precision(200):
        edge = arb(0) if lam > 1 else ball(low)
        decay = -ball(s) * edge  # exp(-s nu_-) is factored out: the quadrature's tolerance is absolute
        expected = expectation_quadrature(lambda nu: (-ball(s) * (nu - edge)).exp(), lam).real * decay.exp()
        assert expected.overlaps(value.ball())
        assert expected.rel_accuracy_bits() > 90
    at_double = MarchenkoPastur(lam).laplace(Fraction(float(s)), digits=20)
    assert relative_error(MarchenkoPastur(lam).laplace(float(s)), at_double) < FLOAT_TOLERANCE


def test_laplace_readings():
    s = sympy.Symbol("s", positive=True)
    assert MarchenkoPastur("1/2").laplace(0, digits=10).exact == 1
    assert MarchenkoPastur("1/2").laplace(0.0) == 1
    expression = MarchenkoPastur("1/2").laplace(s)
    assert expression.has(sympy.marcumq)
    expected = MarchenkoPastur("1/2").laplace(8, digits=30)
    assert str(gm.evaluate(expression.subs(s, 8), digits=30)) == str(expected)
    assert MarchenkoPastur("1/2").laplace(np.array([0.0, 8.0])).shape == (2,)
    for bad in (-1, "-1e-3", math.nan):
        with pytest.raises(DomainError, match="laplace"):
            MarchenkoPastur("1/2").laplace(bad)
