"""Grokking times: certified roots, the paper's closed forms, and the thresholds that are met at once or never."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
import sympy
from hypothesis import example, given
from hypothesis import strategies as st

import grokmath as gm
from grokmath import LinearTeacherStudent

from .strategies import aspect_ratios, log_uniform

EXACT = [  # lam, eps, grokking time at eta = 0.01
    ("0.1", "1e-3", "23.26803162"),
    ("0.1", "1e-6", "30.57906894"),
    ("0.1", "1e-12", "35.37689876"),
    ("0.1", "1e-100", "40.02740966"),
    ("0.1", "1e-1000", "40.59027275"),
    ("0.5", "1e-3", "431.3343591"),
    ("0.5", "1e-6", "577.0635429"),
    ("0.5", "1e-12", "651.3859088"),
    ("0.5", "1e-100", "708.9169797"),
    ("0.5", "1e-1000", "715.0408208"),
    ("0.9", "1e-3", "20481.28468"),
    ("0.9", "1e-6", "42649.07994"),
    ("0.9", "1e-12", "51321.18748"),
    ("0.9", "1e-100", "55933.89611"),
    ("0.9", "1e-1000", "56342.73744"),
]


@pytest.mark.parametrize(("lam", "eps", "delta"), EXACT)
def test_table_of_exact_grokking_times(lam, eps, delta):
    found = LinearTeacherStudent(lam, eta="0.01").grokking_time(eps, digits=10)
    assert str(found.delta) == delta


ROOTS = [  # lam, eps, attribute, s = 4 eta t
    ("0.1", "1e-3", "train", "10.928579992468117024252862108166302883845790153706"),
    ("0.5", "1e-3", "train", "29.002842245765408562985552564169036843611781620602"),
    ("0.9", "1e-3", "train", "96.338527251557006339082504482201154727723139430206"),
    ("0.5", "1e-6", "train", "89.831126811034638826134050084324010349840066221105"),
    ("0.1", "1e-3", "gen", "11.859301257187478768237881087117"),
    ("0.5", "1e-3", "gen", "46.256216607833616304798417656643"),
    ("0.9", "1e-3", "gen", "915.58991442814846550118502932833"),
    ("0.9", "1e-12", "train", "5647.5647982938031196607554135078"),
    ("0.9", "1e-12", "gen", "7700.4122974779273145391339424233"),
    ("0.99", "1e-3", "train", "108.60725347560541348845870578551"),
    ("0.99", "1e-3", "gen", "40091.657793504658870607670550623"),
]


@pytest.mark.parametrize(("lam", "eps", "which", "s"), ROOTS)
def test_roots_at_reference_points(lam, eps, which, s):
    digits = len(s) - 1
    found = LinearTeacherStudent(lam, eta="1/4").grokking_time(eps, digits=digits)
    assert str(getattr(found, which)) == s


@given(lam=aspect_ratios, eps=log_uniform(-30, 0.6))
@example(lam=Fraction(1), eps=Fraction(1, 1000))
@example(lam=Fraction(10001, 10000), eps=Fraction(1, 1000))
@example(lam=Fraction(1, 10**6), eps=Fraction(1, 1000))
@example(lam=Fraction(10**6), eps=4 - Fraction(1, 10**9))
def test_the_losses_cross_the_threshold_at_the_certified_times(lam, eps):
    model = LinearTeacherStudent(lam, eta="1/4")
    found = model.grokking_time(eps, digits=30)
    level = eps / 4
    for which, log_loss in (("train", model.log_train_loss), ("gen", model.log_gen_loss)):
        time = getattr(found, which)
        if time == math.inf:
            assert which == "gen"
            assert 1 - 1 / lam >= level
            assert "plateau" in found.reason
            continue
        middle, width = Fraction(str(time)), Fraction(time.error)
        target = gm.evaluate(sympy.log(sympy.Rational(level.numerator, level.denominator)), digits=60)
        assert log_loss(middle + width, digits=60) < target < log_loss(middle - width, digits=60)
    if found.gen != math.inf:
        assert found.delta > 0
        assert (found.gen - found.train).ball().overlaps(found.delta.ball())


def test_at_lam_one_the_grokking_time_is_finite():
    found = LinearTeacherStudent(1, eta="0.01").grokking_time("1e-3", digits=30)
    uniform = LinearTeacherStudent(1, eta="0.01").grokking_time("1e-3", method="uniform", digits=30)
    assert str(found.gen).startswith("127323951.3")
    assert abs(float(uniform.gen) - 4 / (math.pi * 0.01 * 1e-6)) < 1e-4
    assert abs(float(found.gen / uniform.gen) - 1) < 1e-7


NEAR_ONE = [
    ("0.95", "7.2591e+4"),
    ("0.99", "9.9958e+5"),
    ("0.999", "2.02335e+7"),
    ("0.9999", "9.0024e+7"),
    ("1", "1.27321e+8"),
    ("1.0001", "2.0720e+8"),
    ("1.0002", "5.0522e+8"),
    ("1.00024", "1.3302e+9"),
]


@pytest.mark.parametrize(("lam", "delta"), NEAR_ONE)
def test_the_grokking_time_grows_through_lam_one(lam, delta):
    found = LinearTeacherStudent(lam, eta="0.01").grokking_time("1e-3", digits=20)
    assert abs(float(found.delta) / float(delta) - 1) < 5e-5


def test_a_threshold_equal_to_the_plateau_is_never_reached():
    critical = 1 / (1 - Fraction(1, 4000))  # 1 - 1/lam = eps/4
    never = LinearTeacherStudent(critical).grokking_time("1e-3", digits=10)
    assert never.gen == never.delta == math.inf
    assert "2.5e-4 is not above that" in never.reason
    assert LinearTeacherStudent(critical).grokking_time("1e-3").gen == math.inf
    algebraic = LinearTeacherStudent(sympy.sqrt(2)).grokking_time(4 * (1 - 1 / sympy.sqrt(2)), digits=10)
    assert algebraic.gen == math.inf


def test_the_generalization_time_diverges_like_a_logarithm_at_the_critical_ratio():
    """t_gen ~ log(1/(lam_c - lam)) / (4 eta (sqrt(lam_c) - 1)^2) with lam_c = 1/(1 - eps/4)."""
    critical = 1 / (1 - Fraction(1, 40))
    near, nearer = (
        LinearTeacherStudent(critical - Fraction(1, 10**k), eta="1/4").grokking_time("0.1", digits=10).gen
        for k in (100, 200)
    )
    slope = float(nearer - near) / (100 * math.log(10) / (math.sqrt(critical) - 1) ** 2)
    assert 0.98 < slope < 1


@pytest.mark.parametrize("method", ["exact", "lambert", "leading", "uniform"])
@pytest.mark.parametrize("eps", [4, 5, "1e300"])
def test_thresholds_met_at_time_zero_are_met_at_once(method, eps):
    found = LinearTeacherStudent("0.5").grokking_time(eps, method=method, digits=10)
    if method == "exact":
        assert found.train.exact == found.gen.exact == found.delta.exact == 0
    else:
        assert found.delta is None
        assert "at t = 0" in found.reason


def test_a_threshold_just_below_one_is_met_almost_at_once():
    found = LinearTeacherStudent("0.5", eta="1/4").grokking_time(4 - Fraction(4, 10**40), digits=20)
    assert str(found.train) == "6.6666666666666666667e-41"
    assert str(found.gen) == "1.0000000000000000000e-40"


CLOSED_FORMS = [  # lam, eps, method, relative error against the exact grokking time
    ("0.1", "1e-3", "leading", 0.747),
    ("0.5", "1e-3", "leading", 0.659),
    ("0.9", "1e-3", "leading", 1.753),
    ("0.9", "1e-1000", "leading", 7.67e-4),
    ("0.1", "1e-3", "lambert", 0.370),
    ("0.5", "1e-6", "lambert", 0.0581),
    ("0.9", "1e-12", "lambert", 0.0118),
    ("0.1", "1e-3", "uniform", -0.017),
    ("0.5", "1e-3", "uniform", -1.4e-3),
    ("0.9", "1e-3", "uniform", -8.4e-5),
    ("0.99", "1e-3", "uniform", -1.5e-6),
    ("1.0001", "1e-3", "uniform", -5.3e-10),
]


@pytest.mark.parametrize(("lam", "eps", "method", "error"), CLOSED_FORMS)
def test_errors_of_the_closed_forms(lam, eps, method, error):
    model = LinearTeacherStudent(lam, eta="0.01")
    found, exact = (model.grokking_time(eps, method=which, digits=25).delta for which in (method, "exact"))
    measured = float(found / exact - 1)
    assert abs(measured / error - 1) < 0.06
    assert math.copysign(1, measured) == math.copysign(1, error)


@pytest.mark.parametrize("lam", ["1", "1.0001"])
@pytest.mark.parametrize("method", ["lambert", "leading"])
def test_the_paper_s_forms_do_not_exist_from_lam_one_on(lam, method):
    found = LinearTeacherStudent(lam).grokking_time("1e-3", method=method, digits=10)
    assert found.delta is None
    assert "lam < 1" in found.reason


def test_another_accuracy_moves_the_threshold():
    model = LinearTeacherStudent("0.9", eta="0.01")
    found = model.grokking_time("1e-3", accuracy="0.95", digits=12)
    assert f"{float(found.delta):.0f}" == "20281"
    same = model.grokking_time("1e-3", accuracy=Fraction(9544997361036416, 10**16), digits=12)
    assert abs(float(same.delta) - 20481.28468) < 1e-3
    reached = model.gen_accuracy(str(found.gen), eps="1e-3")
    assert abs(reached - 0.95) < 1e-9
    sharp = model.grokking_time("1e-3", accuracy=1 - Fraction(1, 10**60), digits=12)
    assert sharp.gen > found.gen


def test_the_float_reading_is_the_rounded_certified_one():
    model = LinearTeacherStudent("0.3", eta="0.01")
    floats, certified = model.grokking_time("1e-3"), model.grokking_time("1e-3", digits=30)
    for which in ("train", "gen", "delta"):
        assert getattr(floats, which) == float(getattr(certified, which))


def test_the_symbolic_closed_forms_evaluate_to_the_certified_ones():
    lam, eta, eps = sympy.symbols("lam eta eps", positive=True)
    for method in ("lambert", "leading"):
        symbolic = LinearTeacherStudent(lam, eta=eta).grokking_time(eps, method=method).delta
        value = symbolic.subs({lam: sympy.Rational(9, 10), eta: sympy.Rational(1, 100), eps: sympy.Rational(1, 1000)})
        certified = LinearTeacherStudent("0.9", eta="0.01").grokking_time("1e-3", method=method, digits=40).delta
        assert gm.evaluate(value, digits=40).ball().overlaps(certified.ball())
    with pytest.raises(gm.UnsupportedExpression, match="no closed form"):
        LinearTeacherStudent(lam).grokking_time("1e-3")


@pytest.mark.parametrize("digits", [1, 5, 1000])
@pytest.mark.parametrize(("lam", "eps"), [("1e-6", "1e-3"), ("1", "1e-300"), ("0.9", "1e-100000"), ("1e6", "3.999999")])
def test_extreme_roots_have_the_digits_asked_for(lam, eps, digits):
    found = LinearTeacherStudent(lam).grokking_time(eps, digits=digits)
    for value in (found.train, found.gen, found.delta):
        assert value == math.inf or value.digits == digits


@pytest.mark.slow
def test_five_thousand_digits():
    found = LinearTeacherStudent("0.9").grokking_time("1e-3", digits=5000)
    short = LinearTeacherStudent("0.9").grokking_time("1e-3", digits=50)
    assert abs(found.delta - Fraction(str(short.delta))) < Fraction(1, 10**44)


@given(st.sampled_from(["0.1", "0.5", "0.9", "1", "1.0001"]), log_uniform(-9, -1))
def test_times_scale_with_the_inverse_learning_rate(lam, eta):
    found, unit = (LinearTeacherStudent(lam, eta=rate).grokking_time("1e-3", digits=20) for rate in (eta, Fraction(1)))
    assert (found.gen * eta).ball().overlaps(unit.gen.ball())


@pytest.mark.parametrize("noise", ["1e1000", "1e5000", "1e20000"])
def test_huge_label_noise_has_its_minimum_next_to_the_start(noise):
    """It raised PrecisionError: with noise sigma the loss turns near t = 1/(2 eta lam sigma^2)."""
    model = LinearTeacherStudent("0.5", label_noise=noise)
    least = model.gen_minimum(digits=8)
    assert float(least.time * Fraction(noise) ** 2) == pytest.approx(100)
    assert float(least.loss) == pytest.approx(1)
    found = model.grokking_time("1e-3", digits=8)
    assert (found.train, found.gen) == (math.inf, math.inf)
    assert "stays above its limit about 5e+" in found.reason or noise == "1e1000"
