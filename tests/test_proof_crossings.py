"""Crossing times, limits along paths, positive integrals and gamma laws: true steps pass, each false hypothesis is
refused.
"""

from __future__ import annotations

import dataclasses

import pytest
import sympy as sp

from grokmath.proof import (
    Domain,
    RefusedStep,
    Tends,
    at_most_by_sign,
    complete_gamma,
    crossing_diverges,
    crossing_inverse,
    crossing_limit,
    crossing_order,
    crossing_time,
    define,
    delay_decreases,
    delay_of_late_forms,
    derivative_of_equal,
    differentiate,
    instantiate,
    limit_at_infinity,
    limit_by_continuity,
    limit_of_equal,
    limit_on_path,
    lower_gamma,
    positive_integral,
    rewrite,
    upper_gamma,
    where,
)

x, k, L, p, n, w = sp.symbols("x k L p n w", positive=True)
a, b = sp.symbols("a b", positive=True)
c, u = sp.symbols("c u", real=True)
T, U, P = (sp.Function(name) for name in ("T", "U", "P"))
fall = sp.exp(-k * x)
below_one = where(L < 1)


def crossing(f=fall, time=None, domain=below_one, level=L, var=x, **changed):
    """exp(-k x) = L has one solution, for L < 1; parts can be changed."""
    facts = {
        "slope": differentiate(f, var),
        "start": limit_by_continuity(f, var, 0),
        "end": limit_at_infinity(f, var),
    }
    facts.update(changed)
    return crossing_time(T(k, L) if time is None else time, f, var, level, domain=domain, **facts)


def refused(step):
    with pytest.raises(RefusedStep):
        step()


def test_a_crossing_time_is_a_solution_and_positive():
    value, positive = crossing()
    assert value.statement == sp.Eq(sp.exp(-k * T(k, L)), L, evaluate=False)
    assert positive.statement == sp.Lt(0, T(k, L), evaluate=False)
    assert value.kind == positive.kind == "definition"


def test_what_defines_no_crossing_time():
    refused(lambda: crossing(domain=Domain()))  # levels above the start
    refused(lambda: crossing(fall + 1))  # levels below the end
    refused(lambda: crossing(fall * (1 - x) + x * fall * 2))  # it rises first
    refused(lambda: crossing(1 - fall))  # it rises
    refused(lambda: crossing(fall, T(L)))  # k is forgotten
    refused(lambda: crossing(fall, T(k, L, x)))
    refused(lambda: crossing(fall, T(k, k)))
    refused(lambda: crossing(domain=below_one.and_((x, ">"))))
    refused(lambda: crossing(slope=differentiate(2 * fall, x)))
    refused(lambda: crossing(slope=rewrite(fall, fall)))
    refused(lambda: crossing(start=limit_by_continuity(fall, x, 1)))
    refused(lambda: crossing(start=limit_at_infinity(fall, x)))
    refused(lambda: crossing(end=limit_at_infinity(fall / 2, x)))
    real = sp.Symbol("x", real=True)  # an interval that reaches below 0 is no harm, one that does not reach 0 is
    assert crossing(sp.exp(-k * real), var=real)
    late = differentiate(fall, x, domain=where(x > 1))
    refused(lambda: crossing(slope=late))
    negative = sp.Symbol("x", negative=True)
    refused(lambda: crossing(sp.exp(-k * negative), var=negative))


def test_one_symbol_is_one_crossing_time():
    one = crossing()[0]
    other = crossing(fall / 2, domain=where(sp.Rational(1, 2) > L))[0]
    with pytest.raises(RefusedStep, match="defined twice"):
        rewrite(T(k, L), T(k, L), domain=where(sp.Rational(1, 2) > L), using=[one, other])


def test_order_and_inverse():
    value, _ = crossing()
    before, after = crossing_order(value, p)
    early = instantiate(before, {L: sp.Rational(1, 8), k: sp.Integer(1), p: sp.Integer(2)}, using=[less()])
    assert early.statement == sp.Lt(2, T(1, sp.Rational(1, 8)), evaluate=False)
    refused(lambda: instantiate(after, {L: sp.Rational(1, 8), k: sp.Integer(1), p: sp.Integer(2)}))
    refused(lambda: crossing_order(rewrite(value.lhs, L, domain=below_one, using=[value]), p))
    for point in (k, L, c, sp.Symbol("p", positive=True, integer=True), sp.Integer(1)):
        refused(lambda point=point: crossing_order(value, point))
        refused(lambda point=point: crossing_inverse(value, point))
    back = crossing_inverse(value, p)
    assert back.statement == sp.Eq(T(k, sp.exp(-k * p)), p, evaluate=False)
    assert (1 - sp.exp(-k * p), ">") in back.domain.conditions


def less():
    """exp(-2) > 1/8."""
    from grokmath.proof import at_most_by_balls

    return at_most_by_balls(sp.Rational(1, 8), sp.exp(-2), {})


def test_small_levels_take_for_ever():
    value, _ = crossing()
    end = limit_at_infinity(fall, x)
    assert crossing_diverges(value, end, domain=below_one).statement == Tends(1 / T(k, L), L, 0, 0)
    refused(lambda: crossing_diverges(value, end))  # the domain of the level
    refused(lambda: crossing_diverges(value, end, domain=where(L < 1, sp.Rational(1, 2) < L)))
    refused(lambda: crossing_diverges(value, limit_at_infinity(fall / 2, x), domain=below_one))
    lifted = crossing(fall + 1, domain=where(L < 2, L > 1))[0]
    refused(lambda: crossing_diverges(lifted, limit_at_infinity(fall + 1, x), domain=where(L < 2, L > 1)))


def test_limit_in_a_parameter():
    f = sp.exp(-x * (1 + k))
    value = crossing(f)[0]
    pointwise = limit_by_continuity(f, k, 0)
    slope = differentiate(sp.exp(-x), x)
    found = crossing_limit(value, pointwise, slope, -sp.log(L), domain=below_one, using=[negative_log()])
    assert found.statement == Tends(T(k, L), k, 0, -sp.log(L))
    refused(lambda: crossing_limit(value, pointwise, slope, -2 * sp.log(L), domain=below_one, using=[negative_log()]))
    refused(lambda: crossing_limit(value, pointwise, differentiate(sp.exp(x), x), -sp.log(L), domain=below_one))
    refused(lambda: crossing_limit(value, limit_by_continuity(f / 2, k, 0), slope, -sp.log(L), domain=below_one))
    refused(lambda: crossing_limit(value, limit_by_continuity(f, x, 0), slope, -sp.log(L), domain=below_one))
    once = limit_by_continuity(f, k, 0, domain=where(x < 1))
    refused(lambda: crossing_limit(value, once, slope, -sp.log(L), domain=below_one, using=[negative_log()]))


def negative_log():
    """0 < -log L for L < 1."""
    from grokmath.proof import above_tangent, at_most, combine

    tangent = above_tangent(sp.log(L))
    return combine(at_most(0, -sp.log(L), strict=True), [(1, tangent)], domain=below_one)


def named(name, body, at=x):
    return define(sp.Function(name)(at, k), body)


def test_the_delay_of_two_late_forms():
    g = fall / (1 + x)
    f = fall / (2 * (1 + x))
    sooner = crossing(f, T(k, L), where(sp.Rational(1, 2) > L))[0]
    later = crossing(g, U(k, L), below_one)[0]
    limits = [limit_at_infinity(sp.S(factor) * x / (1 + x) + 0, x) for factor in ()]
    h = fall / x
    one = limit_of_equal(limit_at_infinity(1 - 1 / (1 + x), x), g / h, 1)
    half = limit_of_equal(limit_at_infinity((1 - 1 / (1 + x)) / 2, x), f / h, sp.Rational(1, 2))
    assert not limits
    domain = where(sp.Rational(1, 2) > L)
    found = delay_of_late_forms(sooner, later, half, one, k, -1, domain=domain)
    assert found.statement == Tends(U(k, L) - T(k, L), L, 0, sp.log(2) / k)
    refused(lambda: delay_of_late_forms(sooner, later, one, half, k, -1, domain=domain))
    refused(lambda: delay_of_late_forms(sooner, later, half, one, 2 * k, -1, domain=domain))
    refused(lambda: delay_of_late_forms(sooner, later, half, one, k, 1, domain=domain))
    refused(lambda: delay_of_late_forms(sooner, later, half, one, -k, -1, domain=domain))
    refused(lambda: delay_of_late_forms(sooner, later, half, one, k, -1))
    refused(lambda: delay_of_late_forms(sooner, later, half, one, k, L, domain=domain))
    away = where(sp.Rational(1, 2) > L, sp.Rational(1, 4) < L)
    refused(lambda: delay_of_late_forms(sooner, later, half, one, k, -1, domain=away))
    other = crossing(g, U(k, a), where(a < 1), a)[0]
    refused(lambda: delay_of_late_forms(sooner, other, half, one, k, -1, domain=domain))


def test_the_delay_at_two_levels():
    """f = exp(-2 x) and g = exp(-x): the delay is -log(level)/2."""
    f, g = sp.exp(-2 * x), sp.exp(-x)
    sooner, later = crossing(f, T(L))[0], crossing(g, U(L))[0]
    slopes = differentiate(f, x), differentiate(g, x)
    q, rate = sp.Function("q"), sp.Function("r")
    slow, fast = define(q(x), 1 + 0 * x), define(rate(x), 2 + 0 * x)
    falling = derivative_of_equal(slow, differentiate(sp.Integer(1), x))
    order, rates = at_most_by_sign(f, g, strict=True), at_most_by_sign(q(x), rate(x), strict=True, using=[slow, fast])
    domain = where(a < b, b < 1)

    def step(**changed):
        parts = {"slopes": slopes, "falling": falling, "order": order, "rates": rates, "levels": (a, b)}
        parts.update(changed)
        where_ = parts.pop("domain", domain)
        return delay_decreases(sooner, later, *parts.values(), domain=where_, using=[slow, fast])

    assert step().statement == sp.Lt(U(b) - T(b), U(a) - T(a), evaluate=False)
    refused(lambda: step(levels=(b, a)))
    refused(lambda: step(levels=(a, a)))
    refused(lambda: step(levels=(a, x)))
    refused(lambda: step(domain=where(a < b)))
    refused(lambda: step(slopes=slopes[::-1]))
    refused(lambda: step(order=at_most_by_sign(f, 2 * g, strict=True)))
    refused(lambda: step(order=at_most_by_sign(f, g)))
    refused(lambda: step(rates=at_most_by_sign(sp.Integer(1), sp.Integer(3), strict=True)))
    refused(lambda: step(falling=differentiate(x, x)))
    refused(lambda: delay_decreases(later, sooner, slopes[::-1], falling, order, rates, (a, b), domain=domain))


def test_a_limit_along_a_path():
    far = limit_at_infinity(1 / (1 + x), x)
    small = limit_at_infinity(1 / (k * p), p)
    assert limit_on_path(far, k * p, small).statement == Tends(1 / (1 + k * p), p, sp.oo, 0)
    near = limit_by_continuity(sp.exp(x), x, 0)
    assert limit_on_path(near, 1 / p, limit_at_infinity(1 / p, p)).statement == Tends(sp.exp(1 / p), p, sp.oo, 1)
    refused(lambda: limit_on_path(far, 1 / p, limit_at_infinity(1 / p, p)))
    refused(lambda: limit_on_path(far, 2 * p, limit_at_infinity(1 / p, p)))
    refused(lambda: limit_on_path(near, -1 / p, limit_at_infinity(-1 / p, p)))  # from the wrong side
    refused(lambda: limit_on_path(near, 1 + 1 / p, limit_at_infinity(1 + 1 / p, p)))
    refused(lambda: limit_on_path(limit_at_infinity(p / (p + x), x), p, limit_at_infinity(1 / p, p)))  # not uniform
    refused(lambda: limit_on_path(rewrite(x, x), p, limit_at_infinity(1 / p, p)))


def test_positive_integrals():
    def over(f):
        return sp.Integral(f, (u, 0, 1))

    square = positive_integral(over(sp.exp(-u) * (u - c) ** 2), sp.exp(-u), u - c)
    assert square.statement == sp.Lt(0, over(sp.exp(-u) * (u - c) ** 2), evaluate=False)
    refused(lambda: positive_integral(over(sp.exp(-u) * (u - c) ** 2), sp.exp(-u), u + c))
    refused(lambda: positive_integral(over(sp.exp(-u) * (u - c) ** 2), -sp.exp(-u), u - c))
    refused(lambda: positive_integral(over(0 * u), sp.exp(-u), sp.Integer(0)))
    refused(lambda: positive_integral(over(c**2 * sp.exp(-u)), sp.exp(-u), c))  # c may be 0
    refused(lambda: positive_integral(over((u - 1) * u**2), u - 1, u))
    refused(lambda: positive_integral(sp.Integral(u**2, (u, 1, 0)), sp.Integer(1), u))
    refused(lambda: positive_integral(over(sp.sin(u) ** 2), sp.Integer(1), sp.sin(u)))  # no polynomial
    refused(lambda: positive_integral(over(1 / u), 1 / u, sp.Integer(1)))  # divergent


def test_gamma_laws():
    whole = complete_gamma(n, k, w)
    assert whole.statement == sp.Eq(
        sp.Integral(w ** (n - 1) * sp.exp(-k * w), (w, 0, sp.oo)), sp.gamma(n) * k ** (-n), evaluate=False
    )
    parts = lower_gamma(n, k, w).rhs + upper_gamma(n, k, w).rhs
    assert rewrite(parts, sp.gamma(n))
    assert upper_gamma(sp.Integer(1), k, w).rhs == sp.uppergamma(1, k)
    for law in (complete_gamma, lower_gamma, upper_gamma):
        refused(lambda law=law: law(c, k, w))
        refused(lambda law=law: law(n - 1, k, w))
        refused(lambda law=law: law(n, c, w))
        refused(lambda law=law: law(n, k, n))
        refused(lambda law=law: law(n, k, sp.Symbol("w", negative=True)))
        refused(lambda law=law: law(n, k, sp.Symbol("w", integer=True, positive=True)))
        refused(lambda law=law: law(n, k, w, domain=where(w > 1)))
        refused(lambda law=law: law(sp.Function("f")(k) ** 2 + 1, k, w))
    refused(lambda: rewrite(sp.uppergamma(c, k), sp.uppergamma(c, k)))
    refused(lambda: rewrite(sp.uppergamma(n, c), sp.uppergamma(n, c)))


def test_gamma_laws_agree_with_quadrature():
    import mpmath

    context = mpmath.MPContext()
    for order in (0.5, 2.25, 7.0):
        for law in (lower_gamma, upper_gamma):
            fact = law(n, sp.Rational(3, 2), w)
            at = {n: sp.Rational(order)}
            (_, low, high), f = fact.lhs.limits[0], sp.lambdify(w, fact.lhs.function.xreplace(at), "mpmath")
            ends = [context.inf if end == sp.oo else context.mpf(float(end)) for end in (low, high)]
            value = context.mpf(sp.N(fact.rhs.xreplace(at), 20))
            assert abs(context.quad(f, ends) / value - 1) < 1e-6


def test_meanings_cannot_be_made_up():
    value, _ = crossing()
    with pytest.raises(RefusedStep):
        dataclasses.replace(value, rule="definition of a crossing time", token=None)
    assert P(k) not in dict(value.definitions)
