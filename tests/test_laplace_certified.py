"""The certified Laplace transform of the Marchenko-Pastur law against quadrature, positive series and itself."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import pytest
import sympy
from flint import arb, ctx, fmpq
from hypothesis import example, given
from hypothesis import strategies as st

from grokmath import testing as kit
from grokmath.certified import certify, working_precision
from grokmath.exact import ExactAlgebraic, ball
from grokmath.functions import laplace_certified as kernels
from grokmath.functions.laplace_certified import excess_ball, laplace_ball, method_name, train_ball
from grokmath.functions.laplace_miller import bessel_sum, fixed_point, guard_bits, miller_sum, poisson_sum
from grokmath.functions.laplace_quadrature import (
    excess_angle_ball,
    excess_series_ball,
    laplace_angle_ball,
    laplace_series_ball,
    train_angle_ball,
    train_series_ball,
)
from grokmath.functions.laplace_uniform import asymptotic_sum, smallest_x, train_sum, uniform_sum

BITS = 187
ONE = Fraction(1)
NEAR_ONE = Fraction(1, 10**12)
KERNELS = ((excess_ball, excess_angle_ball), (train_ball, train_angle_ball))
# (function, lam, s, value to 50 digits): by Arb quadrature over the law, and by closed form
REFERENCES = [
    (train_ball, "1/10", "4", "0.025097085988606794975683811331216715329843416670460"),
    (train_ball, "9/10", "10", "0.0092141558073300333192711631643738723124259137886911"),
    (train_ball, "1", "50", "0.00079488306050260505347277861976329091592501592058734"),
    (laplace_ball, "1/10", "1/2", "0.61401837229895080021263336258036515754630913222895"),
    (laplace_ball, "1/2", "8", "0.048861865941753593036426736890014840097444291182678"),
    (laplace_ball, "9/10", "400", "0.0025019601432817113122475854552978314333873197863731"),
    (laplace_ball, "1", "50", "0.079688532324226935321197636143439351202782428416275"),
    (laplace_ball, "5/2", "2", "0.62921735100943047811299543503792298782326128039238"),
    (laplace_ball, "1", "3", "0.31870889194832245956469806621849712083276589825848"),
]


def rational(x: float) -> Fraction:
    """10**x as a rational with six digits, for any x."""
    whole = math.floor(x)
    return Fraction(round(10 ** (x - whole + 6)), 10**6) * Fraction(10) ** whole


ratios = kit.aspect_ratios(smallest="1e-300", closest="1e-15")
times = kit.times(zero=False, smallest="1e-300", largest="1e310")


def random_point(rng: random.Random) -> tuple[Fraction, Fraction]:
    """Half of the points in the reach of the convergent sums, the others anywhere."""
    near = 1 + rational(rng.uniform(-12, -1))
    lam = rng.choice([ONE, rational(rng.uniform(-6, 6)), near, rational(rng.uniform(-1, 1))])
    if rng.random() < 0.5:
        return lam, rational(rng.uniform(-9, 2.5) - math.log10(lam) / 2)
    return lam, rational(rng.uniform(-20, 20))


def exactly(s: Fraction) -> arb:
    """A dyadic number near s: an exact ball."""
    return arb(fmpq(s.numerator, s.denominator)).mid()


@pytest.mark.parametrize(("kernel", "lam", "s", "digits"), REFERENCES)
def test_reference_values(kernel, lam, s, digits):
    for bits in (60, BITS, 400):
        with working_precision(bits):
            value = kernel(ball(Fraction(s)), Fraction(lam)).value()
            assert value.overlaps(ball(Fraction(digits)) * arb(1, 1e-49))
            assert value.rel_accuracy_bits() > bits - 10


@pytest.mark.parametrize(("kernel", "second"), KERNELS)
def test_truncated_sums_still_contain_the_truth_at_200_points(kernel, second):
    rng = random.Random(20230913)  # noqa: S311
    widened = 0
    for _ in range(200):
        lam, s = random_point(rng)
        bits = rng.choice([40, 90, BITS])
        with working_precision(bits):
            point = exactly(s)
            with working_precision(bits + 40):
                truth = second(point, lam)
            whole = kernel(point, lam)
            assert whole.factor.overlaps(truth.factor)
            assert whole.log_scale.overlaps(truth.log_scale)
            assert whole.factor.rel_accuracy_bits() >= bits - 6
            for terms in (0.25, 0.5, 0.75):
                fewer = kernel(point, lam, terms=terms).factor
                assert fewer.overlaps(truth.factor)
                widened += fewer.rel_accuracy_bits() < bits - 6
    assert widened > 150


@pytest.mark.parametrize("terms", [0.1, 0.25, 0.5, 0.75])
def test_a_recurrence_started_too_low_gives_a_wide_ball_not_a_wrong_one(terms):
    """At lam = 0.9, s = 400 a start at K = 137 is wrong by 6e-7."""
    with working_precision(BITS + guard_bits(BITS)):
        lam, s = ball(Fraction(9, 10)), arb(400)
        truth = excess_ball(s, Fraction(9, 10)).factor
        value = miller_sum(2 * lam.sqrt() * s, lam.sqrt(), lam * s, BITS, terms)
        assert value.overlaps(truth)
        assert value.rel_accuracy_bits() < 150


@given(lam=ratios, s=times, bits=st.sampled_from([30, 70, 130, 420]))
@example(lam=ONE, s=Fraction(10) ** 300, bits=BITS)
@example(lam=ONE, s=Fraction(1, 10**300), bits=BITS)
@example(lam=1 + NEAR_ONE, s=Fraction(10**9), bits=BITS)
@example(lam=1 - NEAR_ONE, s=Fraction(10**26), bits=BITS)
@example(lam=1 + Fraction(1, 10**300), s=Fraction(10**6), bits=BITS)
@example(lam=Fraction(1, 10**6), s=Fraction(10**4), bits=BITS)
@example(lam=Fraction(10**6), s=Fraction(1, 100), bits=BITS)
@example(lam=Fraction(1, 10**300), s=Fraction(10**152), bits=BITS)
@example(lam=Fraction(1, 10**300), s=Fraction(10**310), bits=BITS)
def test_kernels_agree_with_quadrature_on_the_whole_domain(lam, s, bits):
    with working_precision(bits):
        for kernel, second in KERNELS:
            value, other = kernel(exactly(s), lam), second(exactly(s), lam)
            assert value.factor.overlaps(other.factor)
            assert value.log_scale.overlaps(other.log_scale)
            assert min(value.factor.rel_accuracy_bits(), other.factor.rel_accuracy_bits()) >= bits - 8
        whole = laplace_ball(exactly(s), lam)
        assert whole.log_scale.is_zero() or lam <= 1
        other = laplace_angle_ball(exactly(s), lam)
        assert whole.log_scale.overlaps(other.log_scale)
        assert whole.factor.overlaps(other.factor)


@given(lam=ratios, log_x=st.floats(-10, 2.2), bits=st.sampled_from([40, BITS, 700]))
@example(lam=ONE, log_x=0.0, bits=3330)
@example(lam=Fraction(1, 2), log_x=1.0, bits=3330)
@example(lam=Fraction(10**6), log_x=2.0, bits=3330)
def test_kernels_agree_with_the_positive_series(lam, log_x, bits):
    s = rational(log_x - math.log10(2) - (math.log10(lam.numerator) - math.log10(lam.denominator)) / 2)
    with working_precision(bits):
        point = exactly(s)
        for kernel, second in (
            (excess_ball, excess_series_ball),
            (train_ball, train_series_ball),
            (laplace_ball, laplace_series_ball),
        ):
            value, other = kernel(point, lam), second(point, lam)
            assert value.factor.overlaps(other.factor)
            assert other.factor.rel_accuracy_bits() >= bits - 8


@given(lam=ratios, s=times, bits=st.integers(24, 600))
def test_precisions_are_nested(lam, s, bits):
    """Each precision has its own length of sum and its own rounding: the balls must share the true value."""
    with working_precision(bits):
        point = exactly(s)
        for kernel in (excess_ball, train_ball):
            value = kernel(point, lam)
            with working_precision(bits + 90):
                better = kernel(point, lam)
                assert value.factor.overlaps(better.factor)
                assert value.log_scale.overlaps(better.log_scale)


def test_every_branch_is_taken():
    seen = {False: set(), True: set()}
    with working_precision(BITS):
        for lam in (Fraction(1, 1000), Fraction(9, 10), ONE, Fraction(5, 2)):
            for k in range(-40, 45):
                s = arb(10) ** k
                for train in (False, True):
                    name = method_name(s, lam, train=train)
                    seen[train].add(name)
                    assert (train_ball if train else excess_ball)(s, lam).factor.rel_accuracy_bits() > BITS - 8
        seen[False].add(method_name(arb(0), ONE))
    with working_precision(1000):
        seen[False].add(method_name(arb(3), ONE))
    every = {kernels.LIMIT, kernels.POISSON, kernels.MILLER, kernels.BESSEL, kernels.UNIFORM, kernels.ASYMPTOTIC}
    assert seen[False] == every
    assert seen[True] == {kernels.MILLER, kernels.BESSEL, kernels.ASYMPTOTIC}


def beside(x: float) -> tuple[float, float, float]:
    return math.nextafter(x, -math.inf), x, math.nextafter(x, math.inf)


@pytest.mark.parametrize("lam", [Fraction(1, 1000), Fraction(9, 10), 1 - NEAR_ONE, ONE, 1 + NEAR_ONE, Fraction(40)])
@pytest.mark.parametrize("bits", [40, BITS, 390, 3330])
def test_both_methods_agree_where_the_late_expansion_takes_over(lam, bits):
    """On both sides of x = 0.42 bits + 5, one unit in the last place of a double apart."""
    for x in beside(smallest_x(bits)):
        with working_precision(bits + guard_bits(bits)):
            root, edge, X = ball(lam).sqrt(), (ball(1 - lam) / (1 + ball(lam).sqrt())) ** 2, arb(x)
            s = X / (2 * root)
            rho, low = (root, ball(lam)) if lam < 1 else (1 / root, arb(1))
            psi = miller_sum(X, arb(1) if lam == 1 else rho, low * s, bits)
            z, half_kappa = edge * s, edge / (4 * root)
            if z < X:  # the uniform form holds up to z = 2x
                late = uniform_sum(X, z, half_kappa, bits) * 2
            if lam in (Fraction(1, 1000), Fraction(40)):  # and the asymptotic form from z = 0.84 bits + 10
                assert z > 0.84 * bits + 10 or lam == 40
            if z > 0.84 * bits + 10:
                late = asymptotic_sum(X, z, half_kappa, bits) * arb.pi().sqrt() / z
            factor = late / (2 * arb.pi() * root * (root * s).sqrt())
            assert factor.overlaps(psi * ball(min(ONE, 1 / lam)))
            assert min(late.rel_accuracy_bits(), psi.rel_accuracy_bits()) >= bits - 6
            train = train_sum(X, bits) / (2 * (arb.pi() * root).sqrt() * root * s * s.sqrt())
            assert train.overlaps(miller_sum(X, None, arb(0), bits))
            assert train.rel_accuracy_bits() >= bits - 6
            assert train.overlaps(bessel_sum(X, False))
            if lam == 1:
                assert psi.overlaps(bessel_sum(X, True))


@pytest.mark.parametrize("lam", [Fraction(1, 2), 1 + NEAR_ONE, Fraction(3)])
def test_both_methods_agree_where_erfc_gives_way_to_the_series_in_1_over_z(lam):
    bits = BITS
    for edge_value in beside(0.84 * bits + 10):
        with working_precision(bits + guard_bits(bits)):
            root = ball(lam).sqrt()
            edge = (ball(1 - lam) / (1 + root)) ** 2
            z = arb(edge_value)
            X, half_kappa = 2 * root * z / edge, edge / (4 * root)
            first = uniform_sum(X, z, half_kappa, bits)
            second = asymptotic_sum(X, z, half_kappa, bits) * arb.pi().sqrt() / (2 * z)
            assert first.overlaps(second)
            assert min(first.rel_accuracy_bits(), second.rel_accuracy_bits()) >= bits - 6


def test_the_series_in_1_over_z_and_in_1_over_x_meet_at_kappa_2():
    """kappa = 2 at lam = 17 - 12 sqrt 2; rationals on both sides of it, and the number itself."""
    middle = ExactAlgebraic(17 - 12 * sympy.sqrt(2))
    below = Fraction(294372515, 10**10)
    with working_precision(BITS):
        assert below < middle < below + Fraction(1, 10**10)
        for lam in (below, middle, below + Fraction(1, 10**10)):
            for s in (arb(10) ** 4, arb(10) ** 9):
                assert method_name(s, lam) == kernels.ASYMPTOTIC
                value, other = excess_ball(s, lam), excess_angle_ball(s, lam)
                assert value.factor.overlaps(other.factor)
                assert value.factor.rel_accuracy_bits() > BITS - 8


@pytest.mark.parametrize("rho", [Fraction(1, 10**9), Fraction(1, 3), ONE])
@pytest.mark.parametrize("x", [2.0**-24, math.nextafter(2.0**-24, 0), 1e-3, 1.0, 30.0])
@pytest.mark.parametrize("bits", [50, BITS, 900])
def test_the_convergent_sums_agree(rho, x, bits):
    with working_precision(bits + guard_bits(bits) + 40):
        X, r = arb(x), ball(rho)
        poisson = poisson_sum(X, r * X / 2, X / (2 * r), bits, terms=1 if x < 1e-4 else 40)
        if x >= 2.0**-24:
            miller = miller_sum(X, r, r * X / 2, bits)
            assert miller.overlaps(poisson)
            assert miller.rel_accuracy_bits() >= bits - 6
        assert poisson.rel_accuracy_bits() >= bits - 6
        if rho == 1:
            assert poisson.overlaps(bessel_sum(X, True))


@given(
    lam=st.sampled_from([Fraction(1, 10**6), Fraction(1, 10), 1 - NEAR_ONE, ONE, Fraction(5, 2), Fraction(10**6)]),
    log_s=st.floats(-8, 8),
    log_spread=st.floats(-60, 0.5),
    where=st.floats(-1, 1),
)
@example(lam=ONE, log_s=0.0, log_spread=0.5, where=-0.3)
@example(lam=Fraction(10**6), log_s=-8.0, log_spread=0.3, where=0.0)
def test_a_wide_ball_of_s_gives_a_ball_over_all_its_points(lam, log_s, log_spread, where):
    with working_precision(90):
        middle = exactly(rational(log_s))
        wide = arb(middle, middle * arb(rational(log_spread).numerator) / rational(log_spread).denominator)
        point = (middle + arb(where) * wide.rad()).mid()
        if not (wide.contains(point) and point >= 0):
            return
        for kernel in (excess_ball, train_ball, laplace_ball):
            outer, inner = kernel(wide, lam), kernel(point, lam)
            assert outer.value().overlaps(inner.value())
            assert outer.factor.overlaps(inner.factor) or kernel is laplace_ball


def test_balls_that_touch_or_cross_zero():
    with working_precision(100):
        for lam in (Fraction(1, 3), ONE, Fraction(7, 2)):
            start = ball(min(ONE, 1 / lam))
            assert excess_ball(arb(0), lam).factor.overlaps(start)
            assert train_ball(arb(0), lam).factor == 1
            assert laplace_ball(arb(0), lam).value().contains(1)
            tiny = excess_ball(arb(0, 1e-20), lam).factor
            assert tiny.contains(start)
            assert tiny.rel_accuracy_bits() > 60
            crossing = excess_ball(arb(0.5, 1), lam).factor
            assert crossing.contains(excess_ball(arb(1.5), lam).factor)
            assert crossing.contains(start)
            # at s = -1/2 the transform is the entire continuation
            positive = laplace_ball(arb(-0.5), lam).value()
            assert positive.is_finite()
            assert positive > 1 or positive.overlaps(arb(1))
            for endless in (arb(5, arb.pos_inf()), arb.pos_inf(), arb.nan()):
                assert not excess_ball(endless, lam).factor.is_finite()


def test_values_at_zero_and_far_out_keep_their_accuracy():
    with working_precision(BITS):
        for lam in (Fraction(1, 10**300), Fraction(1, 10**6), 1 - NEAR_ONE, ONE, 1 + NEAR_ONE, Fraction(10**6)):
            for s in (arb(10) ** -400, arb(10) ** -300, arb(1), arb(10) ** 300, arb(10) ** 310, arb(10) ** 5000):
                for kernel in (excess_ball, train_ball):
                    value = kernel(s.mid(), lam)
                    assert value.factor > 0
                    assert value.factor.rel_accuracy_bits() > BITS - 8


@pytest.mark.parametrize("digits", [5, 50, 1000])
@pytest.mark.parametrize("lam", ["1/1000", "1", "1.000000000001", "5/2"])
def test_digits_are_reached_and_agree(digits, lam):
    ratio = Fraction(lam)
    for s in (Fraction(1, 10**6), Fraction(1, 3), Fraction(20), Fraction(10**4), Fraction(10**7)):
        for kernel in (laplace_ball, train_ball):
            fewer, more = (
                certify(lambda kernel=kernel, s=s: kernel(ball(s), ratio).log(), n, function="test")
                for n in (digits, digits + 20)
            )
            assert fewer.digits == digits
            assert fewer.ball().overlaps(more.ball())


def test_an_algebraic_ratio():
    root = ExactAlgebraic(sympy.sqrt(2) / 2)
    with working_precision(BITS):
        for s in (arb(1), arb(100), arb(10) ** 6):
            value, other = excess_ball(s, root), excess_angle_ball(s, root)
            assert value.factor.overlaps(other.factor)
            assert value.factor.rel_accuracy_bits() > BITS - 8


def test_an_algebraic_ratio_that_cancels_keeps_its_accuracy():
    """lam = 1 + 8e-33 and lam = 1.7e-32, as sqrt(2) minus a decimal: 1 - lam and lam are had to full accuracy."""
    near = ExactAlgebraic(sympy.sqrt(2) - sympy.Rational(4142135623730950488016887242096, 10**31))
    small = ExactAlgebraic(sympy.sqrt(2) - sympy.Rational(14142135623730950488016887242096, 10**31))
    with working_precision(60):
        for lam in (near, small):
            for k in (0, 20, 60, 70):
                s = (arb(10) ** k).mid()
                value = excess_ball(s, lam)
                with working_precision(300):
                    other = excess_angle_ball(s, lam)
                assert value.factor.overlaps(other.factor)
                assert value.factor.rel_accuracy_bits() > 52


def test_the_derivative_of_g_is_minus_the_training_loss():
    """The mean value theorem: the slope of G over [s, s + h] lies between the end values of -G'."""
    with working_precision(400):
        for lam in (Fraction(1, 5), ONE, Fraction(3)):
            for s in (arb("0.1"), arb(7), arb(500)):
                later = s * (1 + arb(2) ** -60)
                slope = (excess_ball(s, lam).value() - excess_ball(later, lam).value()) / (later - s)
                assert train_ball(later, lam).value() < slope < train_ball(s, lam).value()


def test_fixed_point_refuses_balls_that_are_too_wide():
    from grokmath.functions.laplace_miller import InsufficientPrecision

    assert fixed_point(arb(3) / 4, 10) == 768
    assert fixed_point(arb(0), 10) == 0
    assert abs(fixed_point(arb(1) / 3, 40) - 2**40 // 3) <= 2
    with pytest.raises(InsufficientPrecision):
        fixed_point(arb(1, 0.01), 30)


def test_precision_and_constants_are_left_alone():
    before = ctx.prec
    first = excess_ball(arb(3), Fraction(1, 2)).factor
    with working_precision(2000):
        excess_ball(arb(3), Fraction(1, 2))
    assert ctx.prec == before
    again = excess_ball(arb(3), Fraction(1, 2)).factor
    assert (first - again).contains(0)
    assert first.rad() == again.rad()


@pytest.mark.slow
@pytest.mark.parametrize("lam", [Fraction(9, 10), ONE])
def test_ten_thousand_digits_by_two_methods(lam):
    bits = 33_250
    x = smallest_x(bits)
    with working_precision(bits + guard_bits(bits)):
        root, edge, X = ball(lam).sqrt(), (ball(1 - lam) / (1 + ball(lam).sqrt())) ** 2, arb(x)
        s = X / (2 * root)
        psi = miller_sum(X, arb(1) if lam == 1 else root, ball(lam) * s, bits)
        late = uniform_sum(X, edge * s, edge / (4 * root), bits) / (arb.pi() * root * (root * s).sqrt())
        assert late.overlaps(psi)
        assert min(late.rel_accuracy_bits(), psi.rel_accuracy_bits()) >= bits - 6
    with working_precision(bits):
        point = arb(2)
        value, other = excess_ball(point, lam), excess_series_ball(point, lam)
        assert value.factor.overlaps(other.factor)
        assert min(value.factor.rel_accuracy_bits(), other.factor.rel_accuracy_bits()) >= bits - 8
