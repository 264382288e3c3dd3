"""The certified zero of a decreasing function."""

from __future__ import annotations

from fractions import Fraction

import pytest
from flint import arb, ctx
from hypothesis import example, given
from hypothesis import strategies as st

from grokmath import PrecisionError
from grokmath.exact import ball, working_precision
from grokmath.roots import DecreasingRoot, SignChange, Start

log_uniform = st.floats(-300, 300).map(lambda e: Fraction(repr(10.0**e)))


@given(log_uniform, st.sampled_from([30, 190, 2000]), st.floats(-6, 6))
@example(Fraction(1), 190, 0.0)
def test_the_zero_of_a_power_law_is_enclosed_from_any_start(zero, bits, miss):
    def h(s: arb) -> arb:
        return ball(zero).log() - s.log()

    def start() -> Start:
        point = ball(zero) * arb(10) ** arb(miss)
        return Start(point, -1 / point)

    with working_precision(bits):
        root = DecreasingRoot(h, start, "test").enclose()
        assert root.contains(ball(zero).mid()) or root.overlaps(ball(zero))
        assert root.rel_accuracy_bits() >= bits - 2


def test_a_wrong_slope_costs_steps_and_no_digit():
    def h(s: arb) -> arb:
        return 10 - s - s.exp()

    for slope in (-1, -1000, -(10**-6), 5):
        with working_precision(300):
            root = DecreasingRoot(h, lambda slope=slope: Start(arb(0.5), arb(slope)), "test").enclose()
            assert h(root.lower()) > 0
            assert h(root.upper()) < 0


def test_refinement_goes_on_from_where_it_was():
    calls = []

    def h(s: arb) -> arb:
        calls.append(ctx.prec)
        return 30 - s - 3 * (s + 1).log() / 2

    root = DecreasingRoot(h, lambda: Start(arb(20), arb(-1)), "test")
    with working_precision(190):
        root.enclose()
    first = len(calls)
    with working_precision(380):
        root.enclose()
    assert len(calls) - first <= 5
    with working_precision(190):
        root.enclose()
    assert len(calls) - first <= 5


def test_a_start_that_claims_too_much_costs_steps_and_no_digit():
    def h(s: arb) -> arb:
        return 10 - s - s.exp()

    for point, slope in ((2, -1), ("2.07", -9), (3, -20)):
        with working_precision(300):
            root = DecreasingRoot(h, lambda p=point, k=slope: Start(arb(p), arb(k), 40), "test").enclose()
            assert h(root.lower()) > 0
            assert h(root.upper()) < 0


def test_a_function_without_zero_is_refused():
    with pytest.raises(PrecisionError, match="no zero"), working_precision(100):
        DecreasingRoot(lambda s: arb(1) + (-s).exp(), lambda: Start(arb(1), arb(-1)), "test").enclose()


@pytest.mark.parametrize("bits", [0, 40])
def test_balls_without_a_sign_do_not_send_the_point_away(bits):
    """h loses 1443 bits: its centre is noise until the precision is above that."""

    def h(s: arb) -> arb:
        huge = arb(1000).exp()
        return 2 - s + (huge / s * s - huge)

    def start() -> Start:
        return Start(arb(2.0000001), arb(-1), bits)

    with working_precision(200):
        root = DecreasingRoot(h, start, "test").enclose()
        assert root.contains(2)
        assert root.rel_accuracy_bits() > 190


@pytest.mark.parametrize("slope", ["-1e-30", "-1e30", "-1"])
def test_a_slope_that_is_far_off_does_not_leave_the_bracket(slope):
    visited = []

    def h(s: arb) -> arb:
        visited.append(s)
        return 5 - s

    change = SignChange(h, arb(4), arb(6), arb(1), "test")
    change._point, change._slope, change._accuracy, change._slope_accuracy = arb(4.5), arb(slope), 30, 30
    with working_precision(200):
        assert change.enclose().contains(5)
    assert all(4 <= s <= 6 for s in visited)


@pytest.mark.parametrize("exponent", [-5000, -601, -3, 3, 601, 5000])
def test_a_change_of_sign_at_any_exponent_is_found(exponent):
    """Steps of a constant factor gave up at 10**-600 after some hundreds of evaluations."""
    calls = []

    def h(s: arb) -> arb:
        calls.append(s)
        return arb(10) ** exponent - s

    with working_precision(100):
        root = SignChange(h, arb(0), None, arb(1), "test").enclose()
        assert root.overlaps(arb(10) ** exponent)
    assert len(calls) < 80


@pytest.mark.parametrize("exponent", [2000, 10_000, 100_000])
def test_a_zero_next_to_0_was_taken_to_be_where_the_ball_said_nothing(exponent):
    """The tolerance went with the point before: at a far smaller one the ball straddled 0 and passed for a zero."""
    goal = Fraction(1, 10**exponent)
    root = SignChange(lambda u: ball(goal) + (-u).exp() - 1, arb(0), None, arb(1), "test")
    with working_precision(60):
        assert root.enclose().overlaps(ball(goal))
