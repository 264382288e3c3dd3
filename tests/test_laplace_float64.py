"""The float64 Laplace transform against mpmath (moments for small s, the angle integral with its exponential taken out
beyond) and against the certified kernels."""

from __future__ import annotations

import math
import pickle
import tracemalloc
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import mpmath
import numpy as np
import pytest
import sympy
from flint import arb
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grokmath.exact import ExactAlgebraic, ball, working_precision
from grokmath.functions.laplace_certified import laplace_ball, train_ball
from grokmath.functions.laplace_float64 import LaplaceFloat64
from grokmath.functions.piecewise import Piecewise
from grokmath.parameters import DomainError

LOSS_BOUND = 1e-15  # as documented
LOG_BOUND = 1.5e-15
SMALLEST_NORMAL = 2.0**-1022

MP = mpmath.mp.clone()
MP.dps = 60

TINY = Fraction(1, 10**12)
LAMS = [
    Fraction(1, 10**6),
    Fraction(1, 1000),
    Fraction(1, 10),
    Fraction(1, 2),
    Fraction(9, 10),
    Fraction(99, 100),
    Fraction(999, 1000),
    1 - TINY,
    Fraction(1),
    1 + TINY,
    Fraction(1001, 1000),
    Fraction(5, 2),
    Fraction(1000),
    Fraction(10**6),
]


class Values(NamedTuple):
    gen: Any
    train: Any
    log_gen: Any
    log_train: Any


def _mpf(x: Fraction) -> Any:
    return MP.mpf(x.numerator) / x.denominator


def _by_moments(lam: Fraction, s: Fraction) -> Values:
    """s nu < 1/4 on the whole spectrum: E[nu**k] = sum_j lam**j C(k,j) C(k,j+1)/k (Narayana)."""
    ratio, z = _mpf(lam), -_mpf(s)
    moments = [MP.fsum(ratio**j * math.comb(k, j) * math.comb(k, j + 1) for j in range(k)) / k for k in range(1, 60)]
    gen = MP.fsum(m * z ** (k + 1) / MP.factorial(k + 1) for k, m in enumerate(moments))
    train = MP.fsum(m * z**k / MP.factorial(k) for k, m in enumerate(moments[1:], 1))
    return Values(1 + gen, 1 + train, MP.log1p(gen), MP.log1p(train))


@cache
def _gauss_legendre() -> list[tuple[Any, Any]]:
    """96 nodes and weights on (-1, 1)."""
    rule = mpmath.calculus.quadrature.GaussLegendre(MP)
    return list(rule.calc_nodes(6, MP.prec + 20))


def _panels(x: Any, pole: Any) -> list[tuple[Any, Any]]:
    """Panels of (0, pi) by the scales of exp(-x phi**2/2) and, below these, of the poles at +-i pole."""
    width = 1 / MP.sqrt(x)
    cuts = [width * c for c in (2, 4, 8, 16, 30)]
    while MP.mpf(10) ** -40 * width < pole < width:
        cuts.append(pole)
        pole *= 8
    inner = sorted(cut for cut in cuts if cut < MP.pi)
    points = [MP.zero, *inner] if len(inner) == len(cuts) else [MP.zero, *inner, MP.pi]
    return list(pairwise(points))


def _by_angle(lam: Fraction, s: Fraction) -> Values:
    """exp(A) E[f(nu)] as an integral over the angle from the lower edge of the spectrum, Gauss-Legendre by panels."""
    ratio, time = _mpf(lam), _mpf(s)
    root = MP.sqrt(ratio)
    gap = _mpf(1 - lam) / (1 + root)
    x = 2 * root * time
    gen = train = MP.zero
    for low, high in _panels(x, abs(gap) / MP.sqrt(root)):
        half, middle = (high - low) / 2, (high + low) / 2
        for node, weight in _gauss_legendre():
            sine = MP.sin((middle + half * node) / 2) ** 2
            term = half * weight * MP.exp(-2 * x * sine)
            train += term * 4 * sine * (1 - sine)
            gen += term * (1 - sine) * (4 * sine / (gap**2 + 4 * root * sine))
    decay = MP.exp(-(gap**2) * time)
    gen *= 2 / MP.pi
    train *= 2 / MP.pi
    log_train = MP.log(train) - gap**2 * time
    if lam <= 1:
        return Values(gen * decay, train * decay, MP.log(gen) - gap**2 * time, log_train)
    value = _mpf(1 - 1 / lam) + gen * decay
    return Values(value, train * decay, MP.log(value), log_train)


@cache
def reference(lam: Fraction, rate: Fraction, t: float) -> Values:
    s = rate * Fraction(t)
    return _by_moments(lam, s) if 16 * s * max(lam, 1) < 1 else _by_angle(lam, s)


@cache
def law(lam: Fraction, rate: Fraction = Fraction(1)) -> LaplaceFloat64:
    return LaplaceFloat64(lam, rate)


def pieces(f: LaplaceFloat64) -> dict[str, Piecewise]:
    return {
        "gen": f._generalization.value,
        "train": f._training.value,
        "log_gen": f._generalization.log,
        "log_train": f._training.log,
    }


def relative_error(value: float, true: Any) -> float:
    if true == 0:
        return 0.0 if value == 0 else math.inf
    return float(abs((MP.mpf(value) - true) / true))


def check(lam: Fraction, rate: Fraction, t: float) -> None:
    """All four functions at t, scalar and vectorised, against the reference."""
    f, true = law(lam, rate), reference(lam, rate, t)
    with np.errstate(all="raise"):
        for name, function, exact, bound in (
            ("gen", f.gen_loss, true.gen, LOSS_BOUND),
            ("train", f.train_loss, true.train, LOSS_BOUND),
            ("log_gen", f.log_gen_loss, true.log_gen, LOG_BOUND),
            ("log_train", f.log_train_loss, true.log_train, LOG_BOUND),
        ):
            for value in (function(t), float(function(np.array([t]))[0])):
                if exact != 0 and abs(exact) < SMALLEST_NORMAL:
                    assert abs(value - exact) <= SMALLEST_NORMAL
                else:
                    error = relative_error(value, exact)
                    assert error < bound, (name, float(lam), float(rate), t, value, error)


PUBLISHED_GEN = [
    ("1/10", "1/2", "0.61401837229895080021263336258036515754630913222895"),
    ("1/2", "8", "0.048861865941753593036426736890014840097444291182678"),
    ("9/10", "400", "0.0025019601432817113122475854552978314333873197863731"),
    ("1", "50", "0.079688532324226935321197636143439351202782428416275"),
    ("5/2", "2", "0.62921735100943047811299543503792298782326128039238"),
]
PUBLISHED_TRAIN = [
    ("1/10", "4", "0.025097085988606794975683811331216715329843416670460"),
    ("9/10", "10", "0.0092141558073300333192711631643738723124259137886911"),
    ("1", "50", "0.00079488306050260505347277861976329091592501592058734"),
]
"""(lam, s, value to 50 digits), from two methods that agree to 70."""


@pytest.mark.parametrize(("lam", "s", "printed"), PUBLISHED_GEN)
def test_published_generalization_losses(lam: str, s: str, printed: str) -> None:
    true, ratio, t = MP.mpf(printed), Fraction(lam), float(Fraction(s))
    assert relative_error(law(ratio).gen_loss(t), true) < LOSS_BOUND
    assert relative_error(law(ratio).log_gen_loss(t), MP.log(true)) < LOG_BOUND
    assert abs(reference(ratio, Fraction(1), t).gen / true - 1) < MP.mpf(10) ** -48


@pytest.mark.parametrize(("lam", "s", "printed"), PUBLISHED_TRAIN)
def test_published_training_losses(lam: str, s: str, printed: str) -> None:
    true, ratio, t = MP.mpf(printed), Fraction(lam), float(Fraction(s))
    assert relative_error(law(ratio).train_loss(t), true) < LOSS_BOUND
    assert relative_error(law(ratio).log_train_loss(t), MP.log(true)) < LOG_BOUND
    assert abs(reference(ratio, Fraction(1), t).train / true - 1) < MP.mpf(10) ** -48


@pytest.mark.parametrize("x", ["1/7", "2", "33", "1000"])
def test_reference_against_bessel_functions(x: str) -> None:
    """lam = 1: G = exp(-2s)(I_0 + I_1)(2s), -G' = exp(-2s) I_1(2s)/s."""
    s = Fraction(x) / 2
    z = _mpf(2 * s)
    true = reference(Fraction(1), s, 1.0)
    assert abs(true.gen / (MP.exp(-z) * (MP.besseli(0, z) + MP.besseli(1, z))) - 1) < MP.mpf(10) ** -45
    assert abs(true.train / (2 * MP.exp(-z) * MP.besseli(1, z) / z) - 1) < MP.mpf(10) ** -45


def samples(lam: Fraction, rate: Fraction) -> list[float]:
    """Every boundary between rules with its two neighbours, and a point inside each rule that has one."""
    points = [0.0]
    for f in pieces(law(lam, rate)).values():
        edges = [edge for edge in f.edges if edge < 1e300]
        for low, high in zip([1e-3 * edges[0], *edges], [*edges, 1e3 * edges[-1]], strict=True):
            points.append(math.sqrt(low) * math.sqrt(high))
        for edge in edges:
            points += [math.nextafter(edge, 0.0), edge, math.nextafter(edge, math.inf)]
    return sorted(set(points))


BOUNDARY_CASES = [
    (Fraction(1, 1000), Fraction(1)),
    (Fraction(1, 2), Fraction(1, 25)),
    (Fraction(999, 1000), Fraction(7, 3)),
    (1 - TINY, Fraction(1)),
    (Fraction(1), Fraction(1, 25)),
    (1 + TINY, Fraction(1)),
    (Fraction(5, 2), Fraction(1, 25)),
    (Fraction(1000), Fraction(1)),
]


@pytest.mark.parametrize(("lam", "rate"), BOUNDARY_CASES)
def test_at_and_between_the_boundaries_of_the_rules(lam: Fraction, rate: Fraction) -> None:
    for t in samples(lam, rate):
        check(lam, rate, t)


def test_every_rule_is_reached() -> None:
    reached, there_are = set(), set()
    for lam, rate in BOUNDARY_CASES:
        for name, f in pieces(law(lam, rate)).items():
            there_are |= {(name, lam > 1, k) for k in range(len(f.rules))}
            reached |= {(name, lam > 1, f.index(t)) for t in samples(lam, rate)}
    assert reached == there_are


decades = st.builds(
    lambda mantissa, k: Fraction(mantissa, 1000) * Fraction(10) ** k, st.integers(100, 999), st.integers(-5, 6)
)
near_one = st.builds(lambda k, n: 1 + Fraction(k, 10**n), st.integers(-99, 99), st.integers(3, 16))
lams = st.one_of(st.sampled_from(LAMS), decades, near_one)
rates = st.builds(Fraction, st.integers(1, 10**6), st.integers(1, 10**6))
times = st.one_of(
    st.builds(lambda u: 10.0**u, st.floats(-300, 300)), st.builds(lambda u: 10.0**u, st.floats(-4, 8)), st.just(0.0)
)


@given(lams, rates, times)
@example(Fraction(1), Fraction(1), 1e300)
@example(1 - TINY, Fraction(1), 1e300)
@example(1 + TINY, Fraction(1), 1e300)
@example(Fraction(1, 2), Fraction(1), 1e-300)
@example(Fraction(1, 2), Fraction(1), 1484.0)  # the losses are near the smallest normal double
def test_against_the_reference(lam: Fraction, rate: Fraction, t: float) -> None:
    check(lam, rate, t)


def proved(lam: Fraction, rate: Fraction, t: float) -> tuple[arb, arb, arb, arb]:
    """The four values by the certified kernels; more bits where a loss near 1 costs its logarithm digits."""
    with working_precision(160):
        s = ball(rate * Fraction(t))
        gen, train = laplace_ball(s, lam), train_ball(s, lam)
        values = (gen.value(), train.value(), gen.log(), train.log())
        assert all(value.rel_accuracy_bits() > 80 for value in values)
        return values


def check_against_proved(lam: Fraction, rate: Fraction, points: list[float]) -> None:
    functions = pieces(law(lam, rate))
    arrays = {name: f(np.array(points)) for name, f in functions.items()}
    for i, t in enumerate(points):
        for name, true in zip(functions, proved(lam, rate, t), strict=True):
            if not abs(true) < SMALLEST_NORMAL:
                with working_precision(160):
                    errors = [float(abs(arb(x) / true - 1)) for x in (float(arrays[name][i]), functions[name](t))]
                assert max(errors) < (LOG_BOUND if "log" in name else LOSS_BOUND), (name, lam, rate, t, errors)


wide_times = st.builds(lambda u: 10.0**u, st.floats(-12, 12))


@settings(max_examples=300)
@given(lams, rates, st.lists(wide_times, min_size=1, max_size=10))
def test_against_proved_values(lam: Fraction, rate: Fraction, points: list[float]) -> None:
    check_against_proved(lam, rate, points)


@pytest.mark.slow
@pytest.mark.parametrize("lam", LAMS)
def test_sweep_against_proved_values(lam: Fraction) -> None:
    """Ten thousand points over all the rules."""
    generator = np.random.default_rng(5)
    rate = Fraction(1, 25)
    edges = [edge for f in pieces(law(lam, rate)).values() for edge in f.edges if edge < 1e300]
    points = np.exp(generator.uniform(math.log(1e-2 * min(edges)), math.log(10 * max(edges)), 10_000))
    check_against_proved(lam, rate, [float(t) for t in points])


@pytest.mark.parametrize(
    ("lam", "rate"),
    [
        (Fraction(1), Fraction(10) ** 290),
        (Fraction(1), Fraction(10) ** -290),
        (Fraction(5, 2), Fraction(10) ** -290),
        (1 + Fraction(1, 10**100), Fraction(1)),
        (1 - Fraction(1, 10**160), Fraction(10) ** 200),
        (Fraction(1, 10**100), Fraction(1)),
        (1 - Fraction(1, 10**1000), Fraction(1, 10**1000)),
    ],
)
def test_extreme_parameters(lam: Fraction, rate: Fraction) -> None:
    for t in (0.0, 5e-324, 1e-300, 1e-10, 1.0, 1e10, 1e150, 1e290, 1.7e308):
        f, true = law(lam, rate), reference(lam, rate, t)
        if all(abs(value) < 1.7e308 for value in true):
            check(lam, rate, t)
        else:  # a logarithm that no double can hold
            assert f.log_gen_loss(t) == f.log_train_loss(t) == -math.inf


def test_limits() -> None:
    f = law(Fraction(1, 2))
    assert (f.gen_loss(0.0), f.train_loss(0.0), f.log_gen_loss(0.0), f.log_train_loss(0.0)) == (1.0, 1.0, 0.0, 0.0)
    assert math.copysign(1.0, f.log_gen_loss(0.0)) == math.copysign(1.0, f.log_train_loss(0.0)) == 1.0
    assert f.gen_loss(1e300) == f.train_loss(1e300) == 0.0
    assert law(Fraction(5, 2)).gen_loss(1e300) == 0.6
    assert law(Fraction(5, 2)).log_gen_loss(1e300) == math.log(0.6)


def test_algebraic_ratio() -> None:
    """lam = 1/sqrt(2), and one so close to 1 that its constants need more bits than most."""
    t = np.geomspace(1e-3, 1e3, 50)
    nearby = Fraction(math.isqrt(5 * 10**99), 10**50)
    close = LaplaceFloat64(nearby).gen_loss(t)
    np.testing.assert_allclose(LaplaceFloat64(ExactAlgebraic(sympy.sqrt(2) / 2)).gen_loss(t), close, rtol=1e-15)

    ratio = ExactAlgebraic(sympy.sqrt(1 - sympy.Rational(1, 10**120)))
    nearby = Fraction(math.isqrt(10**600 - 10**480), 10**300)
    for s in (1.0, 1e240, 1e242):
        assert LaplaceFloat64(ratio).gen_loss(s) == pytest.approx(LaplaceFloat64(nearby).gen_loss(s), rel=1e-15)


def test_rate_beyond_doubles() -> None:
    for lam, rate in ((Fraction(1), Fraction(10) ** 301), (Fraction(10), Fraction(10) ** 300)):
        with pytest.raises(DomainError, match=r"LaplaceFloat64: rate = .*ask for digits"):
            LaplaceFloat64(lam, rate)


FUNCTIONS = ["gen_loss", "train_loss", "log_gen_loss", "log_train_loss"]


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("lam", [Fraction(1, 2), Fraction(1), Fraction(5, 2)])
def test_shapes_and_types(name: str, lam: Fraction) -> None:
    function = getattr(law(lam), name)
    t = np.geomspace(1e-3, 1e4, 24)
    expected = function(t)
    assert type(expected) is np.ndarray
    assert expected.dtype == np.float64
    assert not np.shares_memory(expected, t)

    cube = function(t.reshape(2, 3, 4))
    np.testing.assert_array_equal(cube, expected.reshape(2, 3, 4))
    np.testing.assert_array_equal(function(t.reshape(4, 6).T), expected.reshape(4, 6).T)
    np.testing.assert_array_equal(function(t[::-2]), expected[::-2])
    np.testing.assert_array_equal(function(np.broadcast_to(t[3], (2, 2))), np.full((2, 2), expected[3]))
    np.testing.assert_array_equal(function(list(t)), expected)
    np.testing.assert_array_equal(function(t.astype(">f8")), expected)
    assert function(np.empty((0, 3))).shape == (0, 3)
    zero_dimensional = function(np.array(t[3]))
    assert type(zero_dimensional) is np.ndarray
    assert zero_dimensional.shape == ()
    assert zero_dimensional == expected[3]

    whole = np.arange(5)
    np.testing.assert_array_equal(function(whole), function(whole.astype(np.float64)))
    single = t.astype(np.float32)
    np.testing.assert_array_equal(function(single), function(single.astype(np.float64)))
    for scalar in (3, 3.0, np.float64(3), np.float32(3), np.int64(3)):
        assert type(function(scalar)) is float
        assert function(scalar) == function(3.0)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_blocks_change_nothing(name: str) -> None:
    """Shuffled points, in more than one block, get what they get alone, up to the last bits of exp."""
    function = getattr(law(Fraction(9, 10)), name)
    t = np.geomspace(1e-6, 1e8, 70_001)
    shuffled = np.random.default_rng(3).permutation(t.size)
    np.testing.assert_allclose(function(t[shuffled]), function(t)[shuffled], rtol=1e-15, atol=1e-307)
    alone = [function(float(x)) for x in t[::100]]
    np.testing.assert_allclose(function(t)[::100], alone, rtol=1e-15, atol=1e-307)


def test_memory_beside_the_result_is_small() -> None:
    t = np.geomspace(1e-6, 1e8, 2_000_000)
    np.random.default_rng(3).shuffle(t)
    f = law(Fraction(9, 10))
    tracemalloc.start()
    try:
        result = f.gen_loss(t)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < result.nbytes + 8e6


def test_error_state_of_numpy_is_left_alone() -> None:
    with np.errstate(all="raise"):
        before = np.geterr()
        law(Fraction(1, 2)).gen_loss(np.array([0.0, 1.0, 1e3, 1e6, 1e300]))
        assert np.geterr() == before


def test_pickles() -> None:
    f = LaplaceFloat64(Fraction(1, 3), Fraction(2, 7))
    assert pickle.loads(pickle.dumps(f)).gen_loss(5.0) == f.gen_loss(5.0)  # noqa: S301 - our own bytes
