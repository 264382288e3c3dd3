"""Scheffe's lemma and Stirling's formula: true steps pass, each hypothesis that fails is seen."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp

from grokmath.proof import (
    RefusedStep,
    chain,
    change_variable,
    combine,
    fundamental,
    limit_at_infinity,
    limit_by_densities,
    limit_of_equal,
    linearity,
    normal_density,
    rewrite,
    stirling,
    symmetric,
    where,
)

n, x, y = sp.symbols("n x y", positive=True)
v, z = sp.symbols("v z", real=True)
k = sp.Symbol("k", positive=True, integer=True)
DENSITY = normal_density(v)


def refused(step):
    with pytest.raises(RefusedStep):
        step()


def mass():
    """The mass of the normal law is 1."""
    primitive = -sp.erfc(v / sp.sqrt(2)) / 2
    far = limit_at_infinity(primitive, v, domain=where(v > 0))
    upper = fundamental(sp.Integral(DENSITY, (v, 0, sp.oo)), primitive, at_infinity=far)
    whole = sp.Integral(DENSITY, (v, -sp.oo, sp.oo))
    return combine(sp.Eq(whole, 1, evaluate=False), [(1, symmetric(whole)), (2, upper)])


def cut(factor=1):
    """phi on (-n, n), divided by its mass there, and its limit."""
    primitive = sp.erf(v / sp.sqrt(2)) / 2
    size = sp.erf(n / sp.sqrt(2))
    part = fundamental(sp.Integral(DENSITY, (v, -n, n)), primitive)
    whole = sp.Integral(factor * DENSITY / size, (v, -n, n))
    scaled = linearity(whole, [(factor / size, DENSITY)])
    return chain(scaled, rewrite(scaled.rhs, factor, using=[part]))


def pointwise(value=1):
    """What stands for phi/erf(n/sqrt 2) -> phi: a shift of phi that vanishes in the limit."""
    f = DENSITY * (1 + sp.exp(-n)) * value
    return limit_at_infinity(f, n)


def shrinking():
    """The density e^-v (1 + e^-n) on (0, ...) in parts: see the test below."""
    f = sp.exp(-v) / (1 - sp.exp(-n))
    part = fundamental(sp.Integral(sp.exp(-v), (v, 0, n)), -sp.exp(-v))
    scaled = linearity(sp.Integral(f, (v, 0, n)), [(1 / (1 - sp.exp(-n)), sp.exp(-v))])
    return chain(scaled, rewrite(scaled.rhs, 1, using=[part]))


def moving():
    """The normal density about 1/n, on the whole line."""
    f = normal_density(v - 1 / n)
    moved = change_variable(sp.Integral(f, (v, -sp.oo, sp.oo)), z, z + 1 / n, -sp.oo, sp.oo, normal_density(z))
    return combine(sp.Eq(moved.lhs, 1, evaluate=False), [(1, moved), (1, mass())])


def moving_limit():
    from grokmath.proof import limit_through

    e = sp.Symbol("e", real=True)
    return limit_through(normal_density(v - e), [(e, limit_at_infinity(1 / n, n))])


def test_a_density_that_moves():
    fact = limit_by_densities(moving(), moving_limit(), mass(), y)
    assert fact.statement.expr == sp.Integral(normal_density(v - 1 / n), (v, y, sp.oo))
    assert fact.statement.value == sp.Integral(DENSITY, (v, y, sp.oo))
    assert limit_of_equal(fact, fact.statement.expr, sp.erfc(y / sp.sqrt(2)) / 2, using=[tail()])


def tail():
    primitive = -sp.erfc(v / sp.sqrt(2)) / 2
    far = limit_at_infinity(primitive, v, domain=where(v > 0))
    upper = fundamental(sp.Integral(DENSITY, (v, y, sp.oo)), primitive, at_infinity=far)
    return chain(upper, rewrite(upper.rhs, sp.erfc(y / sp.sqrt(2)) / 2))


def test_false_steps_are_refused():
    one, limit, unit = moving(), moving_limit(), mass()
    assert limit_by_densities(one, limit, unit, 0)
    refused(lambda: limit_by_densities(one, limit, unit, n))  # the cut moves
    refused(lambda: limit_by_densities(one, limit, unit, v))
    refused(lambda: limit_by_densities(one, pointwise(), unit, 0))  # the limit of another function
    refused(lambda: limit_by_densities(one, pointwise(2), unit, 0))
    refused(lambda: limit_by_densities(limit, limit, unit, 0))
    refused(lambda: limit_by_densities(one, one, unit, 0))
    refused(lambda: limit_by_densities(one, limit, limit, 0))
    refused(lambda: limit_by_densities(one, limit, unit, 0, domain=where(n < 5)))
    twice = combine(sp.Eq(2 * unit.lhs, 2, evaluate=False), [(2, unit)])
    refused(lambda: limit_by_densities(one, limit, twice, 0))  # mass 2, and no integral alone
    refused(lambda: limit_by_densities(cut(2), limit, unit, 0))
    refused(lambda: limit_by_densities(one, limit, moving(), 0))  # a limit that depends on n


def test_an_interval_that_does_not_grow_is_refused():
    """(0, n) does not exhaust the line: mass may come from where the density has no limit."""
    unit = fundamental(
        sp.Integral(sp.exp(-v), (v, 0, sp.oo)), -sp.exp(-v), at_infinity=limit_at_infinity(-sp.exp(-v), v)
    )
    one = chain(unit, rewrite(unit.rhs, 1))
    refused(lambda: limit_by_densities(shrinking(), moving_limit(), one, 0))
    refused(lambda: limit_by_densities(shrinking(), moving_limit(), mass(), 0))


def test_a_function_of_both_signs_is_refused():
    """phi (1 + v/n) on the line has mass 1 and the limit phi, but is negative where v < -n."""
    f = DENSITY * (1 + v / n)
    odd = symmetric(sp.Integral(v * DENSITY, (v, -sp.oo, sp.oo)))
    parts = linearity(sp.Integral(f, (v, -sp.oo, sp.oo)), [(1, DENSITY), (1 / n, v * DENSITY)])
    one = combine(sp.Eq(parts.lhs, 1, evaluate=False), [(1, parts), (1, mass()), (1 / n, odd)])
    limit = limit_at_infinity(f, n)
    assert limit.statement.value == DENSITY
    refused(lambda: limit_by_densities(one, limit, mass(), 0))


def test_stirling():
    fact = stirling(x)
    assert fact.statement.value == 1
    context = mpmath.MPContext()
    ratio = sp.lambdify(x, fact.statement.expr, "mpmath")
    for at in (20, 400):
        assert abs(context.mpf(ratio(context.mpf(at))) - 1 - context.mpf(1) / (12 * at)) < 1 / at**2
    for other in (k, v, sp.S(3), x + 1):
        refused(lambda other=other: stirling(other))
