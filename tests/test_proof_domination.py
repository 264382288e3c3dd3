"""Domination: convergence and limits under the integral sign, and false steps of each kind."""

from __future__ import annotations

import pytest
import sympy as sp

from grokmath.proof import (
    RefusedStep,
    above_tangent,
    at_most,
    at_most_by_sign,
    combine,
    complete_gamma,
    dominated,
    instantiate,
    integral_at_most,
    limit_at_infinity,
    limit_by_continuity,
    limit_by_domination,
    linearity,
    where,
)

v, x, delta = sp.symbols("v x delta", positive=True)
z, w = sp.symbols("z w", real=True)
g = sp.Function("g")
decay = sp.exp(-v)


def over(f, low=sp.S.Zero, high=sp.oo, variable=v):
    return sp.Integral(f, (variable, low, high))


def refused(step):
    with pytest.raises(RefusedStep):
        step()


def logarithm():
    """|log v| exp(-v) <= (v + 2/sqrt(v)) exp(-v), from above and from below."""
    wide = v + 2 / sp.sqrt(v)
    above = combine(at_most(sp.log(v) * decay, wide * decay), [(decay, above_tangent(sp.log(v)))])
    below = combine(at_most(-wide * decay, sp.log(v) * decay), [(2 * decay, above_tangent(-sp.log(v) / 2))])
    return above, below


def test_an_integral_with_a_logarithm_converges():
    above, below = logarithm()
    root = complete_gamma(sp.Rational(1, 2), sp.S.One, v)
    both = dominated(over(decay / sp.sqrt(v)), root.lhs, using=[root])
    bound = over((v + 2 / sp.sqrt(v)) * decay)
    total = linearity(bound, [(1, v * decay), (2, decay / sp.sqrt(v))], using=[both])
    fact = dominated(over(sp.log(v) * decay), bound, using=[above, below, total])
    assert fact.statement == sp.Le(over(sp.log(v) * decay), bound, evaluate=False)
    refused(lambda: integral_at_most(over(sp.log(v) * decay), bound, using=[total, above]))  # not known before
    assert integral_at_most(over(sp.log(v) * decay), bound, using=[total, above, fact])
    refused(lambda: dominated(over(sp.log(v) * decay), bound, using=[above, total]))  # only from above
    refused(lambda: dominated(over(sp.log(v) * decay), bound, using=[below, total]))
    refused(lambda: dominated(over(sp.log(v) * decay), bound, using=[above, below]))  # no bound that converges
    refused(lambda: dominated(over(sp.log(v) / v * decay), bound, using=[above, below, total]))


@pytest.mark.parametrize(
    ("f", "h"),
    [
        (over(1 / v), over(decay / v)),  # the bound does not converge
        (over(decay), over(decay / 2)),  # nor is it one
        (over(-decay), over(decay / 2)),
        (over((v - 1) * decay), over(decay)),
        (over(decay), over(decay, sp.S.One)),  # another interval
        (over(decay, sp.S.One, 2), over(decay, sp.S.One, 3)),
        (over(g(v) * decay), over(g(v) * decay)),  # nothing is known of g
        (over(decay / (1 + g(v) ** 2)), over(decay)),  # is it measurable?
        (over(decay / (1 + sp.Integral(sp.exp(-w), (w, v, sp.oo)) ** 2)), over(decay)),
        (over(decay, variable=z), over(decay)),
        (over(sp.exp(-(z**2)) / 2, -sp.oo, sp.oo, v), over(sp.exp(-(z**2)), -sp.oo, sp.oo, v)),  # v > 0
        (over(decay, sp.oo, sp.S.Zero), over(decay, sp.oo, sp.S.Zero)),
        (decay, over(decay)),
        (over(decay), decay),
        (over(sp.log(v - 1) * 0 + decay / (v - 1)), over(decay)),  # not defined on the interval
    ],
)
def test_false_bounds(f, h):
    refused(lambda: dominated(f, h))


def test_parameters_and_other_names():
    fact = dominated(over(decay * sp.cos(x * v)), over(sp.exp(-w), variable=w))
    assert fact.lhs == over(decay * sp.cos(x * v))
    refused(lambda: dominated(over(decay * v**0, variable=v), over(sp.exp(-w) + v, variable=w)))
    total = linearity(over((1 + w**2) * decay), [(1 + w**2, decay)])
    total = instantiate(total, {w: g(x)})
    squares = [instantiate(at_most_by_sign(0, z**2), {z: g(x) + sign}) for sign in (1, -1)]
    assert dominated(over(g(x) * decay), total.lhs, using=[total, *squares])
    refused(lambda: dominated(over(2 * g(x) ** 2 * decay), total.lhs, using=[total, *squares]))


def pointwise(f, *conditions):
    return limit_by_continuity(f, delta, 0, domain=where(*conditions))


def test_dominated_convergence():
    f = sp.exp(-v) * sp.cos(delta / v)
    start = pointwise(f)
    fact = limit_by_domination(over(f), start, over(decay))
    assert fact.statement.expr == over(f)
    assert fact.statement.value == over(decay)
    assert (fact.statement.var, fact.statement.point) == (delta, 0)
    far = limit_at_infinity(sp.exp(-delta * v), delta)
    below = over(sp.exp(-v - delta * v))
    refused(lambda: limit_by_domination(below, far, over(decay)))  # the limit is of another function
    far = limit_at_infinity(sp.exp(-delta * v) * decay, delta)
    assert limit_by_domination(over(sp.exp(-delta * v) * decay), far, over(decay)).statement.value == over(sp.S.Zero)


def test_mass_that_escapes_is_refused():
    """exp(-v/delta)/delta -> 0 for each v > 0, and its integral is 1."""
    s = sp.Symbol("s", positive=True)
    escaping = s * sp.exp(-s * v)
    to_zero = limit_at_infinity(escaping, s)
    for h in (decay, 1 / v, decay / v, escaping, sp.exp(-v / 100) * 10**6, sp.S.One):
        refused(lambda h=h: limit_by_domination(over(escaping), to_zero, over(h)))
    moving = sp.exp(-((v - s) ** 2))
    refused(lambda: limit_by_domination(over(moving), limit_at_infinity(moving, s), over(decay)))


def test_false_limits_under_the_integral():
    f = decay * sp.cos(delta / v)
    start = pointwise(f)
    whole, h = over(f), over(decay)
    assert limit_by_domination(whole, start, h)
    refused(lambda: limit_by_domination(whole, start, over(decay / 2)))
    refused(lambda: limit_by_domination(whole, start, over(decay * (1 + delta))))  # a bound that moves
    refused(lambda: limit_by_domination(over(f, delta), start, over(decay, delta)))  # an interval that moves
    refused(lambda: limit_by_domination(over(f, sp.S.Zero, 1), start, h))
    refused(lambda: limit_by_domination(whole, start, h, domain=where(delta > 1)))  # away from the point
    refused(lambda: limit_by_domination(whole, start, h, domain=where(v > 1)))
    refused(lambda: limit_by_domination(whole, at_most_by_sign(0, v), h))  # no limit
    refused(lambda: limit_by_domination(f, start, h))
    refused(lambda: limit_by_domination(whole, start, decay))
    refused(lambda: limit_by_domination(over(f, variable=delta), start, h))
    part = pointwise(f, v > 1)
    refused(lambda: limit_by_domination(whole, part, h))  # nothing is known for v < 1
    assert limit_by_domination(over(f, sp.S.One), part, over(decay, sp.S.One))
    other = pointwise(2 * f)
    refused(lambda: limit_by_domination(whole, other, h))
    moved = pointwise(f * (1 + x))
    refused(lambda: limit_by_domination(over(f * (1 + x)), moved, h))  # x is any positive number
    assert limit_by_domination(over(f * (1 + x)), moved, over((1 + x) * decay))
