"""The testing kit: its strategies' domains and shares, its shrinking, and its assertions on true and wrong formulas."""

from __future__ import annotations

import doctest
import functools
import os
import pickle
import runpy
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import sympy
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

import grokmath as gm
from grokmath import DomainError, LinearTeacherStudent, TwoPointModel, Undecidable, UnsupportedExpression
from grokmath import testing as kit
from grokmath.classification.separability import separability
from grokmath.testing import NotDecided, Refuted, assert_asymptotic, assert_identity
from grokmath.testing.rationals import decade

ROOT = Path(__file__).parent.parent
ONE, HALF = Fraction(1), Fraction(1, 2)
lam, eta, eps, t, s, gamma = sympy.symbols("lam eta eps t s gamma", positive=True)
a, b, x, L = sympy.symbols("a b x L", positive=True)


def draws(strategy, count=120):
    """What a strategy yields beside another parameter (alone, Hypothesis would not draw a value twice)."""
    found = []

    @settings(max_examples=count, phases=[Phase.generate], database=None, suppress_health_check=list(HealthCheck))
    @given(strategy, st.integers(0, 2**60))
    def collect(value, _):
        found.append(value)

    collect()
    return found


def share(values, condition):
    """The fraction of the values that fulfil the condition."""
    return sum(map(condition, values)) / len(values)


def fails_alone(code, tmp_path):
    """The exception's name and message of the code as a file of its own, in a fresh interpreter."""
    path = tmp_path / "test_pasted.py"
    path.write_text(code)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(path)]
    result = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path, check=False)
    assert result.returncode == 1, result.stderr
    return result.stderr


# Strategies: domains, regimes, shares


@pytest.mark.parametrize(("problem", "critical", "top"), [("regression", ONE, 10**6), ("classification", HALF, 1)])
def test_aspect_ratios_lie_in_their_regime(problem, critical, top):
    for regime, inside in {
        "under": lambda v: Fraction(1, 10**6) <= v < critical,
        "critical": lambda v: v == critical,
        "over": lambda v: critical < v <= top,
        "near_critical": lambda v: Fraction(1, 10**12) <= abs(v / critical - 1) <= Fraction(1, 5),
    }.items():
        values = draws(kit.aspect_ratios(regime, problem), 60)
        assert all(isinstance(v, Fraction) and inside(v) for v in values), regime
        if regime != "critical":
            assert len(set(values)) > 15
    near = draws(kit.aspect_ratios("near_critical", problem), 80)
    assert share(near, lambda v: v < critical) > 0.1
    assert share(near, lambda v: v > critical) > 0.1
    assert share(near, lambda v: abs(v / critical - 1) < Fraction(1, 10**6)) > 0.1
    values = draws(kit.aspect_ratios("any", problem), 200)
    assert share(values, lambda v: v == critical) > 0.02
    assert share(values, lambda v: v < critical) > 0.1
    assert share(values, lambda v: v > critical) > 0.1
    assert share(values, lambda v: 0 < abs(v / critical - 1) < Fraction(1, 100)) > 0.02
    assert share(values, lambda v: v < Fraction(1, 1000)) > 0.01


def test_bounds_of_aspect_ratios():
    values = draws(kit.aspect_ratios(smallest="1e-300", largest="3/2", closest="1e-30"), 200)
    assert all(Fraction(1, 10**300) <= v <= Fraction(3, 2) for v in values)
    assert any(v < Fraction(1, 10**100) for v in values)
    assert any(0 < abs(v - 1) < Fraction(1, 10**20) for v in values)


SCALES = [  # strategy, smallest, largest, zero among them, special points
    (kit.times(), "1e-12", "1e12", True, ()),
    (kit.times(zero=False, smallest="1e-300", largest="1e310"), "1e-300", "1e310", False, ()),
    (kit.thresholds(), "1e-12", "10", False, (4,)),
    (kit.learning_rates(), "1e-4", "1", False, (1,)),
    (kit.weight_decays(), "1e-12", "10", True, ()),
    (kit.initial_scales(), "0.01", "10", True, (1,)),
    (kit.label_noises(), "1e-4", "1", True, ()),
    (kit.label_noises(zero=False, largest=3), "1e-4", "3", False, ()),
]


@pytest.mark.parametrize(("strategy", "smallest", "largest", "zero", "special"), SCALES)
def test_scales_reach_from_end_to_end(strategy, smallest, largest, zero, special):
    values = draws(strategy, 240)
    low, high = Fraction(smallest), Fraction(largest)
    assert all(isinstance(v, Fraction) and (low <= v <= high or (zero and v == 0)) for v in values)
    assert (0 in values) == zero
    assert all(share(values, lambda v, p=p: v == p) > 0.02 for p in special)
    assert share(values, lambda v: v in (low, high)) > 0.02
    logs = [decade(v) for v in values if v]
    first, last = decade(low), decade(high)
    middle = (first + last) / 2
    assert any(first < e < middle for e in logs)
    assert any(middle < e < last for e in logs)


def test_thresholds_know_the_plateau():
    values = draws(kit.thresholds(lam=Fraction(5, 4)))
    plateau = Fraction(4, 5)
    assert share(values, lambda v: v == plateau) > 0.02
    assert share(values, lambda v: 0 < abs(v / plateau - 1) < Fraction(1, 50)) > 0.02
    assert any(v < plateau for v in values)
    assert draws(kit.thresholds(lam="1/2"), 20) == draws(kit.thresholds(), 20)


def test_digit_and_output_counts():
    digits = draws(kit.digit_counts())
    assert all(isinstance(n, int) and 5 <= n <= 5000 for n in digits)
    assert share(digits, lambda n: n <= 60) > 0.5
    assert any(n > 500 for n in digits)
    assert all(100 <= n <= 200 for n in draws(kit.digit_counts(100, 200), 50))
    outputs = draws(kit.output_counts())
    assert share(outputs, lambda n: n == 1) > 0.2
    assert share(outputs, lambda n: n > 12) > 0.1


def test_linear_models_have_every_knob():
    models = draws(kit.linear_models(), 120)
    assert all(isinstance(model, LinearTeacherStudent) for model in models)
    knobs = [model.knobs for model in models]
    assert share(knobs, lambda k: k.lam == 1) > 0.02
    for zero in ("weight_decay", "label_noise", "init_scale"):
        assert 0.02 < share(models, lambda m, zero=zero: getattr(m, zero) == 0) < 0.9
    assert share(knobs, lambda k: k.weight_decay > 0 and k.noise > 0 and k.d_out > 1) > 0.05
    assert {model.decay_convention for model in models} == {"paper", "decoupled", "summed"}
    fixed = draws(kit.linear_models("over", eta="1/4", label_noise=0, d_out=st.sampled_from([1, 7])), 20)
    assert all(m.lam > 1 and m.eta == Fraction(1, 4) and m.label_noise == 0 and m.d_out in (1, 7) for m in fixed)


def test_two_point_models():
    models = draws(kit.two_point_models(), 120)
    assert all(isinstance(model, TwoPointModel) for model in models)
    for point in (0, HALF, 1):
        assert share(models, lambda m, point=point: m.lam == point) > 0.02
    assert share(models, lambda m: m.S0 < 0) > 0.05
    assert all(model.lam < HALF for model in draws(kit.two_point_models("under", S0="S*"), 30))


@given(kit.data_matrices("separable"))
@settings(max_examples=40)
def test_separable_matrices_are_separable(X):
    assert X.dtype == np.float64
    assert separability(X).verdict == "separable"


@given(kit.data_matrices("inseparable"))
@settings(max_examples=40)
def test_inseparable_matrices_are_inseparable(X):
    assert separability(X).verdict == "inseparable"


def test_matrices_come_near_the_edge_and_degenerate():
    separable = [separability(X) for X in draws(kit.data_matrices("separable"), 40)]
    assert share(separable, lambda r: r.margin < 1e-6) > 0.05
    inseparable = [separability(X) for X in draws(kit.data_matrices("inseparable"), 40)]
    assert share(inseparable, lambda r: r.interior is False) > 0.05
    assert share(inseparable, lambda r: r.interior is True) > 0.05
    degenerate = draws(kit.data_matrices("degenerate", max_rows=5, max_columns=3), 40)
    assert all(X.shape[0] <= 5 and X.shape[1] <= 3 and np.isfinite(X).all() for X in degenerate)
    assert share(degenerate, lambda X: (X == 0).all(axis=1).any()) > 0.1
    assert share(degenerate, lambda X: len(np.unique(X, axis=0)) < len(X)) > 0.1
    assert share(degenerate, lambda X: np.linalg.matrix_rank(X) < X.shape[1]) > 0.1
    assert all(separability(X).verdict != "undecided" for X in degenerate)


# Shrinking


ANY = {"max_examples": 500, "derandomize": True, "database": None}


@pytest.mark.parametrize(
    ("strategy", "simplest"),
    [
        (kit.aspect_ratios(), ONE),
        (kit.aspect_ratios("under"), HALF),
        (kit.aspect_ratios("over"), Fraction(2)),
        (kit.aspect_ratios("under", "classification"), Fraction(1, 4)),
        (kit.times(zero=False), ONE),
        (kit.weight_decays(), ONE),
        (kit.thresholds(), ONE),
        (kit.learning_rates(), ONE),
        (kit.initial_scales(zero=False), ONE),
        (kit.rationals(-3, 5), ONE),
        (kit.rationals("0.40", "0.41"), Fraction(2, 5)),
        (kit.digit_counts(), 5),
        (kit.output_counts(), 1),
    ],
)
def test_where_everything_fails_the_simplest_number_is_found(strategy, simplest):
    assert find(strategy, lambda v: True, settings=settings(**ANY)) == simplest


@pytest.mark.parametrize(
    ("strategy", "low", "high"),
    [
        (kit.aspect_ratios(), Fraction(0), Fraction(1, 20)),
        (kit.aspect_ratios(), Fraction(5, 2), 10**6),
        (kit.aspect_ratios("over", "classification"), HALF, Fraction(9, 10)),
        (kit.aspect_ratios("near_critical"), Fraction(99, 100), ONE),
        (kit.times(), 100, 10**12),
        (kit.thresholds(), Fraction(0), Fraction(1, 100)),
        (kit.rationals("1e-300", "1e300"), 2, 10**300),
        (kit.rationals(-3, 5), -3, 0),
    ],
)
def test_shrinking_inside_a_part_of_the_domain_leaves_few_digits(strategy, low, high):
    """low < v < high: at most two digits that matter in the number, or in its distance from 1."""
    found = find(strategy, lambda v: low < v < high, settings=settings(**ANY))
    texts = [str(part).strip("-").rstrip("0") for v in (found, 1 - found) for part in v.as_integer_ratio()]
    assert min(len(texts[0]) + len(texts[1]), len(texts[2]) + len(texts[3])) <= 4, found


@given(kit.rationals(-2, 3), kit.rationals("7", "7"), kit.rationals("1e-3", "1e3"))
def test_rationals_stay_inside(u, v, w):
    assert -2 <= u <= 3
    assert v == 7
    assert Fraction(1, 1000) <= w <= 1000


# True statements pass


def gen_loss(lam, t, digits):
    return LinearTeacherStudent(lam, eta="1/4").gen_loss(t, digits=digits)


def dual(lam, t, digits):
    return 1 - 1 / lam + gen_loss(1 / lam, lam * t, digits + 10) / lam


def train_plateau(lam, gamma, digits):
    return LinearTeacherStudent(lam, weight_decay=gamma).train_limit(digits=digits)


def delta(lam, eta, eps, digits):
    return LinearTeacherStudent(lam, eta).grokking_time(eps, digits=digits).delta


def closed_forms():
    model = LinearTeacherStudent(lam, eta="1/4")
    return model.gen_loss(s), model.train_loss(s)


def test_duality_holds():
    result = assert_identity(
        gen_loss, dual, {lam: kit.aspect_ratios("over", largest=1000), t: kit.times(largest="1e5")}
    )
    assert result.holds
    assert result.digits >= 60
    assert result.points > 50


def test_the_closed_form_has_the_training_loss_for_its_derivative():
    loss, slope = closed_forms()
    where = {lam: kit.aspect_ratios(smallest="1/100", largest=4), s: kit.rationals("1e-3", 10)}
    assert assert_identity(-sympy.diff(loss, s), slope, where, max_examples=30).holds
    assert assert_identity(loss, gen_loss_in_s, where, max_examples=30).holds


def gen_loss_in_s(lam, s, digits):
    return gen_loss(lam, s, digits)


def test_marcum_and_lambert():
    r = kit.rationals("1e-3", 30)
    both = sympy.marcumq(1, a, b) + sympy.marcumq(1, b, a)
    right = 1 + sympy.exp(-(a**2 + b**2) / 2) * sympy.besseli(0, a * b)
    assert assert_identity(both, right, {a: r, b: r}, digits=80).digits >= 80
    w = sympy.LambertW(x)
    assert assert_identity(w * sympy.exp(w), x, {x: kit.rationals("1e-30", "1e30")}).holds
    assert assert_identity(w, lambda x, digits: gm.lambert_w(x, digits=digits), {x: (0, 10)}, max_examples=30).holds


def test_models_as_parameters():
    def falls(model, t, digits):
        return model.gen_loss(t, digits=digits)

    def logarithm(model, t, digits):
        log = model.log_gen_loss(t, digits=digits + 12)
        return gm.Certified(log.ball().exp(), digits)

    where = {"model": kit.linear_models("under"), "t": (0, 50)}
    assert assert_identity(falls, logarithm, where, digits=30, max_examples=25).holds


def test_an_identity_without_parameters_and_one_of_numbers():
    assert assert_identity(sympy.gamma(sympy.Rational(1, 2)), sympy.sqrt(sympy.pi), {}).points == 1
    assert assert_identity(Fraction(1, 2), sympy.Rational(2, 4), {}).holds
    assert assert_identity(sympy.log(x**2), 2 * sympy.log(x), {x: [2, "3/2", sympy.sqrt(2)]}).points == 3


def test_an_interval_of_a_whole_number_holds_whole_numbers():
    n = sympy.Symbol("n", integer=True, positive=True)
    result = assert_identity(sympy.gamma(n + 1), n * sympy.gamma(n), {n: (1, 9)}, max_examples=30)
    assert result.holds
    assert result.points <= 9


def test_the_corrected_plateau_holds():
    where = {lam: kit.aspect_ratios("under", smallest="1/100", closest="1/50")}
    result = assert_asymptotic(train_plateau, gamma**2 / (8 * (1 - lam)), gamma, 0, where, order=1, max_examples=6)
    assert result.holds
    assert len(result.measurements) >= 3


# Wrong formulas are caught


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


def test_runs_are_the_same_unless_a_seed_is_given():
    def points(**options):
        seen = []

        def record(x, digits):
            seen.append(x)
            return gm.evaluate(sympy.Rational(x.numerator, x.denominator), digits=digits)

        assert_identity(record, x, {x: kit.rationals(1, 9)}, max_examples=20, **options)
        return seen

    assert points() == points()
    assert points(seed=1) == points(seed=1)
    assert points(seed=1) != points(seed=2)


# Bad use


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: assert_identity(x, x, {}), UnsupportedExpression, "lhs has the symbol"),
        (lambda: assert_identity("x", x, {x: (0, 1)}), UnsupportedExpression, "no SymPy expression and no callable"),
        (lambda: assert_identity(0.5 * x, x, {x: (0, 1)}), UnsupportedExpression, "sympy.Rational"),
        (lambda: assert_identity(sympy.sin(x), x, {x: (0, 1)}), UnsupportedExpression, "vocabulary"),
        (lambda: assert_identity(x, x, [x]), DomainError, "mapping"),
        (lambda: assert_identity(x, x, {x: (1, 0)}), DomainError, "low < high"),
        (lambda: assert_identity(x, x, {x: "one"}), DomainError, "x = 'one'"),
        (lambda: assert_identity(x, x, {x: kit.times}), DomainError, "call it"),
        (lambda: assert_identity(x, x, {x: st.floats(1, 2)}), DomainError, "parameters are exact"),
        (lambda: assert_identity(x, x, {x: (0, 1)}, digits=0), DomainError, "digits"),
        (lambda: assert_identity(x, x, {x: (0, 1)}, max_examples=0), DomainError, "max_examples"),
        (lambda: assert_identity(x, x, {x: (0, 1)}, examples=[{}]), DomainError, "not complete"),
        (lambda: assert_identity(lambda y, digits: x, x, {x: (0, 1)}), DomainError, "cannot be called"),
        (lambda: assert_identity(lambda x, digits: 0.5, x, {x: (0, 1)}), UnsupportedExpression, "returned a float"),
        (
            lambda: assert_identity(x, x, {x: kit.times().filter(lambda v: False)}, max_examples=3),
            DomainError,
            "no points",
        ),
        (lambda: assert_asymptotic(x, x, x, 0, {x: (0, 1)}), DomainError, "leave it out"),
        (lambda: assert_asymptotic(x, x, x, 0, {}, orders=1), DomainError, "orders"),
        (lambda: kit.aspect_ratios("below"), DomainError, "regime = 'below'"),
        (lambda: kit.aspect_ratios(problem="ranking"), DomainError, "problem = 'ranking'"),
        (lambda: kit.aspect_ratios(smallest=2), DomainError, "no room"),
        (lambda: kit.aspect_ratios(largest="1e7"), DomainError, "largest"),
        (lambda: kit.times(smallest=0), DomainError, "smallest = 0"),
        (lambda: kit.times(smallest=2, largest=1), DomainError, "empty"),
        (lambda: kit.rationals(2, 1), DomainError, "low <= high"),
        (lambda: kit.rationals(0, sympy.sqrt(2)), DomainError, "rational"),
        (lambda: kit.digit_counts(0), DomainError, "smallest"),
        (lambda: kit.output_counts(0), DomainError, "largest"),
        (lambda: kit.linear_models(lambda_=1), DomainError, "lambda_"),
        (lambda: kit.data_matrices("nearly"), DomainError, "kind"),
        (lambda: kit.data_matrices(max_rows=1), DomainError, "max_rows"),
    ],
)
def test_bad_use_is_refused_with_help(call, error, words):
    with pytest.raises(error, match=words) as raised:
        call()
    assert not isinstance(raised.value, AssertionError)


# The module


def test_exceptions_pickle():
    with pytest.raises(Refuted) as raised:
        assert_identity(x, x + 1, {x: (0, 1)})
    again = pickle.loads(pickle.dumps(raised.value))  # noqa: S301
    assert (str(again), again.point, again.code) == (str(raised.value), raised.value.point, raised.value.code)


def test_hypothesis_is_imported_by_the_kit_alone():
    code = "import grokmath, sys; dir(grokmath); assert 'hypothesis' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT).returncode == 0
    code = "import sys; sys.modules['hypothesis'] = None; import grokmath.testing"
    result = subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT, capture_output=True, text=True)
    assert "pip install 'grokmath[testing]'" in result.stderr


def test_the_examples_of_the_page():
    failures, examples = doctest.testfile(str(ROOT / "docs" / "testing.md"), module_relative=False)
    assert failures == 0
    assert examples > 10
