"""The dwell's quadrature and series with too few terms, and the bounds of its integrands."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from flint import acb, arb, ctx
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grokmath.classification import two_point_dwell
from grokmath.classification.two_point_certified import Flow
from grokmath.classification.two_point_dwell import Dwell, _ellipse, _PullPanel, _WeightPanel
from grokmath.exact import working_precision

HALF = Fraction(1, 2)
_LAM = st.one_of(
    st.sampled_from([Fraction(0), HALF]),
    st.fractions(0, 1, max_denominator=200),
    st.integers(1, 9).flatmap(lambda k: st.sampled_from([HALF - Fraction(1, 10**k), HALF + Fraction(1, 10**k)])),
    st.integers(1, 9).map(lambda k: 1 - Fraction(1, 10**k)),
)
_S = st.integers(-20, 20).map(lambda k: Fraction(round(10 ** (k / 10) * 1000), 1000))
_START = st.fractions(-3, 4, max_denominator=10)
_PULL = st.integers(-30, 25).map(lambda k: Fraction(round(10 ** (k / 10) * 10**6), 10**6))


def reference(flow: Flow, v: Fraction, conformal: bool) -> arb:
    """D(V) by Arb's adaptive quadrature of its definition in V, at 60 digits: nothing is shared but g."""
    with working_precision(260):
        balls = flow.balls()
        s = arb(0) if conformal else balls.s
        top = arb(v.numerator) / v.denominator

        def g(x: acb) -> acb:
            a, p = acb(balls.a), acb(balls.p)
            reach = p * x if flow.a == 0 else -(-a * p * x).expm1() / a
            gain = 2 * x if flow.a == -1 else (1 + balls.zeta0 * reach).log() / p
            return (s - balls.a) * gain + s * p * x

        here = g(acb(top))
        steep = max(1.0, float(abs(balls.slope(top, conformal=conformal)).upper()))
        low, total = top, arb(0)
        width = arb(1 / steep)
        for _ in range(60):  # panels that double, from V downwards
            below = low - width
            last = not below > 0
            below = arb(0) if last else below
            total += acb.integral(lambda x, _: (g(x) - here).exp(), below, low).real
            low, width = below, 2 * width
            if last:
                return total
    raise AssertionError("too many panels")


@settings(max_examples=40)
@given(lam=_LAM, s=_S, S0=_START, v=_PULL, conformal=st.booleans(), terms=st.sampled_from([0.25, 0.5, 0.75, 1.0]))
@example(Fraction(3, 10), Fraction(1), Fraction(3), Fraction(5), False, 0.25)
@example(Fraction(3, 10), Fraction(1), Fraction(0), Fraction(60), False, 0.25)
@example(Fraction(3, 10), Fraction(1), Fraction(0), Fraction(60), False, 1.0)
@example(HALF, Fraction(1), Fraction(0), Fraction(10), False, 0.25)
@example(Fraction(9, 10), Fraction(1), Fraction(0), Fraction(20), False, 0.25)
@example(Fraction(9, 10), Fraction(10), Fraction(-3), Fraction(5), True, 0.5)
def test_with_fewer_terms_the_ball_still_contains_the_dwell(lam, s, S0, v, conformal, terms):
    a = 1 - 2 * lam
    if S0 == 0 and a == 1:
        return
    flow = Flow(a, s, HALF, S0, Fraction(0))
    truth = reference(flow, v, conformal)
    assert truth.rel_accuracy_bits() > 100
    for bits in (64, 200):
        with working_precision(bits):
            value = flow.balls().dwell(arb(v.numerator) / v.denominator, conformal=conformal, terms=terms)
        with working_precision(260):
            assert value.overlaps(truth) or not value.is_finite()
            if terms == 1.0:
                assert value.rel_accuracy_bits() > bits - 12 - max(0, math.log2(float(s) + 1))


@settings(max_examples=60)
@given(
    lam=_LAM,
    s=_S,
    S0=_START,
    v=_PULL,
    fraction=st.sampled_from([0.1, 0.5, 1.0]),
    rho=st.sampled_from([1.2, 2.0, 4.0, 9.0]),
)
@example(Fraction(9, 10), Fraction(1, 10), Fraction(0), Fraction(3), 1.0, 4.0)
@example(Fraction(3, 10), Fraction(1), Fraction(3), Fraction(2), 1.0, 4.0)
@example(Fraction(3, 10), Fraction(1), Fraction(0), Fraction(30), 1.0, 2.0)
def test_lemmas_2_and_3_bound_the_integrand_on_the_ellipse(lam, s, S0, v, fraction, rho):
    """|f| at 40 points of the ellipse against the bound."""
    a = 1 - 2 * lam
    if a == -1 or (S0 == 0 and a == 1):
        return
    flow = Flow(a, s, HALF, S0, Fraction(0))
    with working_precision(128):
        dwell = Dwell(flow.balls(), False, 1.0)
        panel = dwell._panel(dwell.top(arb(v.numerator) / v.denominator))
        width = (panel.longest * fraction).mid()
        before, half = _ellipse(width, arb(rho))
        log = panel.log_largest(two_point_dwell._BALLS, panel.parameters(arb(1)), width, before, half)
        if log is None:
            return
        for k in range(40):
            angle = arb(2 * math.pi * k / 40)
            point = acb(width / 2 + (width / 2 + before) * angle.cos(), half * angle.sin())
            assert (_log_f(panel, point) - log).real < arb(2) ** -90


def _log_f(panel, point: acb) -> acb:
    dwell = panel.dwell
    if isinstance(panel, _PullPanel):
        return -panel.rate * point + panel.power * (1 - panel.ratio * ((panel.d * point).exp() - 1)).log()
    assert isinstance(panel, _WeightPanel)
    if dwell.sign == 0:
        return -panel.rate * point + panel.product * ((-point).exp() - 1)
    grown = (panel.step * point).exp() - 1
    return -panel.rate * point - panel.power * (1 - panel.factor * grown).log()


@pytest.mark.parametrize("lam", ["0.3", "0.5", "0.8"])
def test_a_wide_ball_of_pulls_gives_a_ball_that_contains_both_ends(lam):
    flow = Flow(1 - 2 * Fraction(lam), Fraction(1), HALF, Fraction(1), Fraction(0))
    with working_precision(120):
        wide = flow.balls().dwell(arb(2, 0.01))
        for v in (1.99, 2.0, 2.01):
            assert wide.contains(flow.balls().dwell(arb(v))) or not wide.is_finite()
    assert ctx.prec == 61


@settings(max_examples=60)
@given(
    lam=st.fractions(0, 1, max_denominator=40),
    ratio=st.fractions(Fraction(1, 6), 6, max_denominator=6),
    shift=st.sampled_from([Fraction(0), Fraction(1, 10**3), Fraction(1, 10**12)]),
    S0=_START,
    v=_PULL,
    conformal=st.booleans(),
)
@example(Fraction(3, 10), Fraction(1), Fraction(0), Fraction(3), Fraction(8), False)
@example(Fraction(3, 10), Fraction(2), Fraction(1, 10**12), Fraction(0), Fraction(8), False)
@example(Fraction(0), Fraction(1), Fraction(0), Fraction(3), Fraction(10), False)
@example(Fraction(7, 10), Fraction(1, 20), Fraction(0), Fraction(0), Fraction(300), False)
def test_hypergeometric_functions_and_panels_agree(lam, ratio, shift, S0, v, conformal):
    """Also where s/a is an integer, or near one. More nodes than needed leave the hypergeometric functions aside."""
    a = 1 - 2 * lam
    if a == 0 or (S0 == 0 and a == 1):
        return
    flow = Flow(a, abs(a) * ratio + shift, HALF, S0, Fraction(0))
    with working_precision(200):
        balls, pull = flow.balls(), arb(v.numerator) / v.denominator
        closed, panels = (Dwell(balls, conformal, terms).value(pull) for terms in (1.0, 1.25))
        assert closed.overlaps(panels)
        assert closed.rel_accuracy_bits() > 160
