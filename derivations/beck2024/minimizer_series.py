"""The integrand of the minimiser's law: bounds of it for all v, and next to e = 0 for each v.

F = (p - (1 + e L (v + e)) d)/e^2 with p the normal density at v. With t = e L (v + e L/2), d exp(t) = p, and so
F = d ((exp(t) - 1 - t)/e^2 + L^2/2 - L).
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    above_tangent,
    at_most,
    at_most_by_monotone_function,
    at_most_by_monotonicity,
    at_most_by_sign,
    by_cases,
    combine,
    differentiate,
    instantiate,
    linearity,
    render,
    run_in_package,
    together,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from .minimizer_integrals import L, below_bound, c, d, e, half, log, log_bounds, m, majorant, moment, over, q, v, y

ID = "lemma:minimizer_series"
TITLE = "The integrand of the inseparable minimiser for a large norm"

p = c * sp.exp(-(v**2) / 2)
tau = L * (v + e * L / 2)
F = (p - (1 + e * L * (v + e)) * d) / e**2
box = where(e <= sp.Rational(25, 4), m <= 4, m >= -4, sp.exp(m) <= sp.Rational(5, 2))
weight = c * sp.exp(sp.Rational(25, 8))
root = v ** sp.Rational(-1, 8)
square = 2 * (v + 8 * root) ** 2 + 32
"""At least L^2 on the box."""

size = 4 * square * v**2 + 40 * square**2 + square + half
"""weight size exp(-v^2/2) is at least |F| on the box."""


def whole_line(low: Fact, high: Fact) -> Fact:
    """A statement on a real q from those on q = -y and q = y, y > 0; at 0 both sides are equal."""
    below = instantiate(low, {y: -q}, domain=where(q < 0))
    above = instantiate(high, {y: q}, domain=where(q > 0))
    at = at_most_by_sign(*(side.xreplace({q: sp.S.Zero}) for side in above.statement.args))
    return by_cases(q, 0, below, at, above)


@cache
def exponential() -> Fact:
    """exp(q) - 1 - q <= q^2 (1 + exp(q)), as (1 - q) exp(q) <= 1 and 1 + q <= exp(q)."""

    def goal(u: sp.Expr) -> sp.Basic:
        return at_most(sp.exp(u) - 1 - u, u**2 * (1 + sp.exp(u)))

    high = combine(goal(y), [((1 + y) * sp.exp(y), above_tangent(-y))])
    low = combine(goal(-y), [(sp.exp(-y), above_tangent(y)), (y, above_tangent(-y))])
    return whole_line(low, high)


@cache
def taylor() -> tuple[Fact, Fact]:
    """q^2/2 + q^3/6 <= exp(q) - 1 - q <= q^2/2 + q^3 exp(q)/6."""
    found = []
    for sign in (-1, 1):
        u = sign * y
        short = 1 + u + u**2 / 2
        rest = 1 - sp.exp(-u) * (short + u**3 / 6)
        slope = differentiate(rest, y, y**3 * sp.exp(-u) / 6)
        lower = at_most_by_monotonicity(slope, y, 0)
        rest = u**3 / 6 + sp.exp(-u) * short - 1
        one = above_tangent(y)
        slope = differentiate(rest, y, y**2 / 2 * sign * (1 - sp.exp(-u)))
        upper = at_most_by_monotonicity(slope, y, 0, using=[one])
        middle = sp.exp(u) - 1 - u
        lower = combine(at_most(u**2 / 2 + u**3 / 6, middle), [(sp.exp(u), lower)])
        found.append((lower, combine(at_most(middle, u**2 / 2 + u**3 * sp.exp(u) / 6), [(sp.exp(u), upper)])))
    (low_left, high_left), (low_right, high_right) = found
    return whole_line(low_left, low_right), whole_line(high_left, high_right)


def squared(u: sp.Expr) -> Fact:
    """0 <= u^2."""
    return instantiate(at_most_by_sign(0, q**2), {q: u})


@cache
def pieces() -> tuple[Fact, ...]:
    """On the box: d <= h, p <= h, L^2 <= square, L^4 <= square^2 and (t/e)^2 <= 2 L^2 v^2 + e^2 L^4/2.

    Here h is weight exp(-v^2/2).
    """
    h, wide = weight * sp.exp(-(v**2) / 2), v + 8 * root
    height = at_most_by_monotone_function(sp.exp, sp.exp(2 * m) / 2, sp.Rational(25, 8), domain=box)
    first = combine(at_most(d, h), [(1, below_bound()), (p, height)], domain=box)
    second = combine(at_most(p, h), [(p, at_most_by_monotone_function(sp.exp, 0, sp.Rational(25, 8)))])
    under, over_it = log_bounds(8)
    logs = combine(at_most(log**2, wide**2), [(wide + log, over_it)], using=[under])
    level = at_most_by_sign(m**2, 16, domain=box)
    third = combine(at_most(L**2, square), [(2, logs), (2, level), (1, squared(log + m))], domain=box)
    fourth = combine(at_most(L**4, square**2), [(L**2 + square, third)], domain=box)
    goal = at_most(tau**2, 2 * L**2 * v**2 + e**2 * L**4 / 2)
    return first, second, third, fourth, combine(goal, [(1, squared(L * (v - e * L / 2)))])


@cache
def bounds() -> tuple[Fact, Fact]:
    """F <= h and -h <= F on the box, for h = weight size exp(-v^2/2)."""
    h = weight * sp.exp(-(v**2) / 2)
    first, second, third, fourth, fifth = pieces()
    t, twice = e * tau, 2 * L**2 * v**2 + e**2 * L**4 / 2
    steps = at_most_by_sign(e**2, 40, domain=box)
    upper = instantiate(exponential(), {q: t})
    rest = [(L**2 + half, first), (h, third)]
    parts = [(d / e**2, upper), (d + p, fifth), (twice, first), (twice, second), (4 * h * v**2, third)]
    parts += [(h * e**2, fourth), (h * square**2, steps), (d / 2, squared(L + 1)), *rest]
    known = [combine(at_most(0, twice), [(2, squared(L * v)), (half, squared(e * L**2))]), squared(L)]
    above = combine(at_most(F, h * size), parts, domain=box, using=known)
    lower = instantiate(above_tangent(q), {q: t})
    parts = [(d / e**2, lower), (d / 2, squared(L - 1)), (d, squared(L)), *rest]
    return above, combine(at_most(-h * size, F), parts, domain=box, using=known)


@cache
def near_zero() -> tuple[Fact, Fact]:
    """d (tau^2/2 + e tau^3/6 + L^2/2 - L) <= F <= d (tau^2/2 + L^2/2 - L) + e tau^3 p/6."""
    low, high = (instantiate(fact, {q: e * tau}) for fact in taylor())
    most = tau**2 / 2 + L**2 / 2 - L
    least = d * (most + e * tau**3 / 6)
    lower = combine(at_most(least, F), [(d / e**2, low)])
    return lower, combine(at_most(F, d * most + e * tau**3 / 6 * p), [(d / e**2, high)])


@cache
def wide() -> Fact:
    """The integral of h converges."""
    terms = (term.as_independent(v) for term in sp.expand(size).args)
    return majorant(weight, {power.as_base_exp()[1] if power != 1 else sp.S.Zero: factor for factor, power in terms})


@cache
def value() -> Fact:
    """The integral of F, from those of p, d, v d, log(v) d and v log(v) d."""
    terms = [(1 / e**2, p), ((e * m - 1 / e) / e, d), (m / e, v * d), (-sp.S.One, log * d), (-1 / e, v * log * d)]
    return linearity(over(F), terms, using=[moment(0, 0), moment(1, 0), moment(0, 1), moment(1, 1)])


@cache
def derivation() -> Fact:
    """All bounds of F, and what its integral is."""
    return together(*bounds(), *near_zero(), value())


DERIVES = {"lemma:minimizer_series": derivation}


if __name__ == "__main__":
    print(render(derivation(), TITLE))
