"""Integrals over a half-line by limits at the ends: true steps pass, each hypothesis that fails is seen."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp

from grokmath.proof import (
    RefusedStep,
    at_most_by_sign,
    change_variable_by_limits,
    complete_gamma,
    fundamental_by_limits,
    lambert_inverse,
    lambert_log,
    limit_at_infinity,
    limit_by_continuity,
    limit_by_squeeze,
    limit_of_equal,
    log_gamma_integral,
    normal_density,
    where,
)

v, a, b, t = sp.symbols("v a b t", positive=True)
z, x = sp.symbols("z x", real=True)
k = sp.Symbol("k", positive=True, integer=True)
half = sp.Rational(1, 2)
MP = mpmath.MPContext()


def over(f, low=sp.S.Zero, high=sp.oo, variable=v):
    return sp.Integral(f, (variable, low, high))


def refused(step):
    with pytest.raises(RefusedStep):
        step()


def at_zero(f):
    return limit_by_continuity(f, v, 0)


def at_infinity(f):
    return limit_at_infinity(f, v)


def test_a_primitive_with_limits_at_both_ends():
    """exp(-1/v)/v^2 has the primitive exp(-1/v), whose limits are known by squeezing; the integrand is positive."""
    F = sp.exp(-v)
    fact = fundamental_by_limits(over(sp.exp(-v)), -F, at_zero(-F), at_infinity(-F))
    assert fact.statement == sp.Eq(over(sp.exp(-v)), 1, evaluate=False)
    root = sp.sqrt(v) * sp.exp(-v)
    integrand = sp.exp(-v) / (2 * sp.sqrt(v)) - root  # changes its sign, and 1/sqrt(v) is not continuous at 0
    bound = at_most_by_sign(0, root), at_zero(root), at_infinity(root)
    refused(lambda: fundamental_by_limits(over(integrand), root, bound[1], bound[2]))
    known = complete_gamma(half, sp.S.One, v)
    # of one sign, it needs no test of convergence
    primitive = -sp.exp(-sp.sqrt(v))
    found = fundamental_by_limits(
        over(sp.exp(-sp.sqrt(v)) / (2 * sp.sqrt(v))), primitive, at_zero(primitive), squeezed_root()
    )
    assert found.rhs == 1
    assert known.lhs != found.lhs


def squeezed_root():
    """-exp(-sqrt v) -> 0 as v -> oo."""
    below = at_most_by_sign(-sp.exp(-sp.sqrt(v)), 0)
    from grokmath.proof import above_tangent, at_most, combine

    above = combine(
        at_most(-1 / (1 + sp.sqrt(v)), -sp.exp(-sp.sqrt(v))),
        [(sp.exp(-sp.sqrt(v)) / (1 + sp.sqrt(v)), above_tangent(sp.sqrt(v)))],
    )
    return limit_by_squeeze(above, below, at_infinity(-1 / (1 + sp.sqrt(v))), at_infinity(sp.S.Zero))


def test_false_steps_of_the_fundamental_theorem():
    F = -sp.exp(-v)
    lower, upper = at_zero(F), at_infinity(F)
    whole = over(sp.exp(-v))
    assert fundamental_by_limits(whole, F, lower, upper)
    refused(lambda: fundamental_by_limits(over(sp.exp(-v) * (1 + sp.Rational(1, 10**20))), F, lower, upper))
    refused(lambda: fundamental_by_limits(whole, F + 1, lower, upper))  # limits of another function
    refused(lambda: fundamental_by_limits(whole, F, upper, lower))
    refused(lambda: fundamental_by_limits(whole, F, lower, lower))
    refused(lambda: fundamental_by_limits(whole, F, lower, at_most_by_sign(0, v)))
    refused(lambda: fundamental_by_limits(over(sp.exp(-v), sp.S.One), F, lower, upper))  # the limit is at 0
    refused(lambda: fundamental_by_limits(over(sp.exp(-v), sp.S.Zero, 1), F, lower, upper))
    refused(lambda: fundamental_by_limits(over(sp.exp(z), -sp.oo, sp.oo, z), F, lower, upper))
    refused(lambda: fundamental_by_limits(whole, F, lower, upper, domain=where(v > 1)))
    refused(lambda: fundamental_by_limits(sp.exp(-v), F, lower, upper))
    g = sp.Function("g")
    refused(lambda: fundamental_by_limits(over(g(v)), g(v), lower, upper))


def test_an_integral_that_does_not_converge_absolutely_is_refused():
    """sin(v)/v has limits at 1 and oo, and a derivative that is not integrable absolutely."""
    F = sp.sin(v) / v
    slope = sp.cos(v) / v - sp.sin(v) / v**2
    lower, upper = limit_by_continuity(F, v, 1), at_infinity(F)
    refused(lambda: fundamental_by_limits(over(slope, sp.S.One), F, lower, upper))
    # a pole inside
    G = 1 / (v - 1)
    refused(lambda: fundamental_by_limits(over(-1 / (v - 1) ** 2), G, limit_by_continuity(G, v, 0), at_infinity(G)))


def ends_of(phi, low):
    """1/phi -> 0 at both ends, for phi = v - 1/v, from the quotient v/(v^2 - 1)."""
    plain = v / (v**2 - 1)
    near = limit_by_continuity(plain, v, 0, domain=where(v < 1))
    far = limit_at_infinity(plain, v, domain=where(v > 1))
    return (
        limit_of_equal(near, 1 / phi, 0, domain=where(v < 1)),
        limit_of_equal(far, 1 / phi, 0, domain=where(v > 1)),
    )


def test_a_change_of_variable_from_the_half_line_to_the_line():
    phi = v - 1 / v
    lower, upper = ends_of(phi, 0)
    normal = over(normal_density(z), -sp.oo, sp.oo, z)
    result = (1 + 1 / v**2) * normal_density(phi)
    fact = change_variable_by_limits(normal, v, phi, 0, lower, upper, result)
    assert fact.rhs == over(result)
    assert abs(MP.quad(lambda s: (1 + 1 / s**2) * MP.npdf(s - 1 / s), [0, 1, 4, 20]) - 1) < 1e-12
    step = change_variable_by_limits
    refused(lambda: step(normal, v, phi, 0, lower, upper, result * (1 + sp.Rational(1, 10**20))))
    refused(lambda: step(normal, v, phi, 0, upper, lower))
    refused(lambda: step(normal, v, phi, 0, lower, lower))
    refused(lambda: step(normal, v, phi, 1, lower, upper))  # the limit is at 0
    refused(lambda: step(normal, v, -phi, 0, lower, upper))  # decreasing
    refused(lambda: step(normal, v, phi + a, 0, lower, upper))  # the limits of another function
    half_line = over(normal_density(z), sp.S.Zero, sp.oo, z)
    refused(lambda: step(half_line, v, phi, 0, lower, upper))  # the end 0 is not one of phi
    refused(lambda: step(normal, z, phi.xreplace({v: z}), 0, lower, upper))
    refused(lambda: step(normal, v, phi, 0, lower, upper, domain=where(v > 2)))
    refused(lambda: step(normal, v, phi, -sp.oo, lower, upper))
    refused(lambda: step(over(1 / z, -sp.oo, sp.oo, z), v, phi, 0, lower, upper))
    refused(lambda: step(over(v * normal_density(z), -sp.oo, sp.oo, z), v, phi, 0, lower, upper))
    g = sp.Function("g")
    refused(lambda: step(normal, v, phi + g(v), 0, lower, upper))
    refused(lambda: step(normal_density(z), v, phi, 0, lower, upper))


def test_finite_ends_and_turning_functions():
    whole = over(sp.exp(-t), sp.S.One, sp.oo, t)
    phi = 1 + v + v**2
    far = limit_at_infinity(1 / phi, v)
    start = limit_by_continuity(phi, v, 0)
    fact = change_variable_by_limits(whole, v, phi, 0, start, far)
    assert fact.rhs == over(sp.exp(-phi) * (1 + 2 * v))
    refused(lambda: change_variable_by_limits(over(sp.exp(-t), 2, sp.oo, t), v, phi, 0, start, far))
    turning = 1 - v + v**2
    start, far = limit_by_continuity(turning, v, 0), limit_at_infinity(1 / turning, v)
    refused(lambda: change_variable_by_limits(whole, v, turning, 0, start, far))


@pytest.mark.parametrize("k", [0, 1, 2])
@pytest.mark.parametrize("twice", range(1, 8))
def test_moments_of_a_logarithm(twice, k):
    s = sp.Rational(twice, 2)
    fact = log_gamma_integral(s, k, v)
    assert fact.kind == "definition"
    assert fact.lhs == over(v ** (s - 1) * sp.exp(-v) * sp.log(v) ** k)
    exact = MP.diff(MP.gamma, MP.mpf(twice) / 2, k)
    assert abs(MP.mpf(str(sp.N(fact.rhs, 20))) - exact) < 1e-8 * (1 + abs(exact))
    power = MP.mpf(twice) / 2 - 1
    direct = MP.quad(lambda y: MP.exp((power + 1) * y - MP.exp(y)) * y**k, [-60, -10, 0, 2, 5])
    assert abs(direct - exact) < 1e-8 * (1 + abs(exact))


@pytest.mark.parametrize(
    ("s", "power", "variable"),
    [
        (0, 1, v),
        (-half, 1, v),
        (sp.Rational(1, 3), 1, v),
        (a, 1, v),
        (sp.pi, 1, v),
        (1000, 1, v),
        (1, 3, v),
        (1, -1, v),
        (1, True, v),
        (1, sp.Integer(1), v),
        (1, 1, k),
        (1, 1, sp.Symbol("q", negative=True)),
        (1, 1, sp.Symbol("q")),
        (1, 1, v + 1),
    ],
)
def test_moments_that_are_not_known(s, power, variable):
    refused(lambda: log_gamma_integral(s, power, variable))


def test_lambert_as_an_inverse():
    z_at = v * sp.exp(v)
    assert lambert_inverse(z_at, v).statement == sp.Eq(sp.LambertW(z_at), v, evaluate=False)
    assert lambert_inverse(sp.exp(a + sp.log(a)), a)
    assert lambert_inverse(x * sp.exp(x), x, domain=where(x >= 0))
    refused(lambda: lambert_inverse(x * sp.exp(x), x))  # below -1 the principal branch is another number
    refused(lambda: lambert_inverse(x * sp.exp(x), x, domain=where(x > -1)))
    refused(lambda: lambert_inverse(z_at, v + sp.Rational(1, 10**20)))
    refused(lambda: lambert_inverse(v * sp.exp(2 * v), v))


def test_the_logarithm_of_lambert_s_function():
    fact = lambert_log(a)
    assert fact.statement == sp.Eq(sp.log(sp.LambertW(a)), sp.log(a) - sp.LambertW(a), evaluate=False)
    for value in (0.01, 1, 50):
        w = MP.lambertw(value)
        assert abs(MP.log(w) - MP.log(value) + w) < 1e-12
    refused(lambda: lambert_log(x))
    refused(lambda: lambert_log(x, domain=where(x >= 0)))
    refused(lambda: lambert_log(sp.E))  # SymPy has a value for it
    assert lambert_log(x, domain=where(x > 0))
