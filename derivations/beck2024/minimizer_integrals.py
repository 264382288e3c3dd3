"""Integrals over v > 0 with the density of x = v + e (log v - m): they converge, and what they are for any e > 0 and m.

For w = W(exp(m + g/e)/e) and v = e w one has g = v + e (log v - m) = x, so that a mean over a standard normal g is an
integral over v with the weight (1 + e/v) exp(-x^2/2)/sqrt(2 pi).
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    above_tangent,
    at_most,
    at_most_by_monotone_function,
    at_most_by_sign,
    by_cases,
    chain,
    change_variable,
    change_variable_by_limits,
    combine,
    complete_gamma,
    dominated,
    equation,
    fundamental,
    fundamental_by_limits,
    instantiate,
    integral_at_most,
    lambert_inverse,
    limit_along,
    limit_at_infinity,
    limit_by_continuity,
    limit_by_squeeze,
    limit_of_equal,
    limit_of_sum,
    limit_on_path,
    limit_through,
    linearity,
    render,
    run_in_package,
    split,
    together,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from .gaussian_lemmas import density, half, mass, z

ID = "lemma:minimizer_integrals"
TITLE = "The integrals of the inseparable minimiser"

v, e, y, t = sp.symbols("v e y t", positive=True)
m, q = sp.symbols("m q", real=True)
log = sp.log(v)
L = log - m
x = v + e * L
c = 1 / sp.sqrt(2 * sp.pi)
d = c * sp.exp(-(x**2) / 2)
bound = c * sp.exp((sp.exp(2 * m) - v**2) / 2)
"""At least d, for all v."""

spread = v + 2 / sp.sqrt(v)
"""At least |log v|."""


def over(f: sp.Expr, low: sp.Expr = sp.S.Zero, high: sp.Expr = sp.oo) -> sp.Integral:
    """The integral over v."""
    return sp.Integral(f, (v, low, high))


@cache
def power(p: sp.Rational) -> Fact:
    """The integral of v^p exp(-v^2/2), p > -1, converges: it is at most twice itself, a value of the gamma function."""
    known = complete_gamma((p + 1) / 2, half, y)
    moved = change_variable(known.lhs, v, v**2, 0, sp.oo, 2 * v**p * sp.exp(-(v**2) / 2), using=[known])
    return dominated(over(v**p * sp.exp(-(v**2) / 2)), moved.rhs, using=[moved])


@cache
def log_bounds(n: int = 2) -> tuple[Fact, Fact]:
    """-(v + n v^(-1/n)) <= log v <= v + n v^(-1/n)."""
    wide = v + n * v ** sp.Rational(-1, n)
    over_it = combine(at_most(log, wide), [(1, above_tangent(log))])
    under = combine(at_most(-wide, log), [(n, above_tangent(-log / n))])
    return under, over_it


@cache
def below_bound() -> Fact:
    """d <= bound, as v^2 - exp(2 m) <= x^2: for v > exp(m) because log v > m, else because v^2 <= exp(2 m)."""
    goal = at_most(v**2 - sp.exp(2 * m), x**2)
    after, before = where(v > sp.exp(m)), where(v < sp.exp(m))
    larger = at_most_by_monotone_function(sp.log, sp.exp(m), v, strict=True, domain=after)
    grown = at_most_by_sign(v**2 - sp.exp(2 * m), (v + e * y) ** 2)
    grown = instantiate(grown, {y: L}, domain=after, using=[larger])
    small = at_most_by_sign(v**2, sp.exp(2 * m), domain=before)
    square = instantiate(at_most_by_sign(0, q**2), {q: x})
    low = combine(goal, [(1, small), (1, square)], domain=before)
    at = instantiate(square, {v: sp.exp(m)})
    at = combine(at_most(sp.S.Zero, at.rhs), [(1, at)])
    squares = by_cases(v, sp.exp(m), low, at, grown)
    exponents = at_most_by_monotone_function(sp.exp, -(x**2) / 2, (sp.exp(2 * m) - v**2) / 2, using=[squares])
    return combine(at_most(d, bound), [(c, exponents)])


def majorant(weight: sp.Expr, terms: dict[sp.Rational, sp.Expr]) -> Fact:
    """The integral of weight (sum of c_p v^p) exp(-v^2/2) converges, p > -1."""
    normal = sp.exp(-(v**2) / 2)
    parts = [(weight * factor, v**p * normal) for p, factor in terms.items()]
    known = [power(sp.S(p)) for p in terms if not sp.S(p).is_Integer]
    return linearity(
        over(weight * sp.Add(*(factor * v**p for p, factor in terms.items())) * normal), parts, using=known
    )


@cache
def moment_bounds(j: int, k: int) -> tuple[Fact, Fact]:
    """The absolute value of v^j (log v)^k d is at most v^j spread^k bound: from above and from below, k = 0 or 1."""
    under, over_it = log_bounds()
    f, h = v**j * log**k * d, v**j * spread**k * bound
    both = [(v**j * spread**k, below_bound())]
    above = combine(at_most(f, h), [*both, *([(v**j * d, over_it)] if k else [])])
    return above, combine(at_most(-h, f), [*both, (v**j * d, under)] if k else [(1, at_most_by_sign(-h, f))])


def wide(j: int, k: int, weight: sp.Expr) -> Fact:
    """The integral of weight v^j spread^k exp(-v^2/2) converges, k = 0 or 1."""
    return majorant(weight, {sp.S(j + 1): sp.S.One, j - half: sp.S(2)} if k else {sp.S(j): sp.S.One})


@cache
def moment(j: int, k: int) -> Fact:
    """The integral of v^j (log v)^k d converges, k = 0 or 1."""
    known = wide(j, k, c * sp.exp(sp.exp(2 * m) / 2))
    return dominated(over(v**j * log**k * d), known.lhs, using=[*moment_bounds(j, k), known])


@cache
def density_at_most() -> Fact:
    """d <= 1/sqrt(2 pi)."""
    return combine(at_most(d, c), [(c, at_most_by_monotone_function(sp.exp, -(x**2) / 2, 0))])


def parts_of(*terms: tuple[sp.Expr, int, int]) -> Fact:
    """The integral of d times the sum of c v^j (log v)^k, from those of v^j (log v)^k d."""
    total = sp.Add(*(factor * v**j * log**k for factor, j, k in terms))
    parts = [(factor, v**j * log**k * d) for factor, j, k in terms]
    return linearity(over(total * d), parts, using=[moment(j, k) for _, j, k in terms])


@cache
def stationary() -> Fact:
    """The integral of (x (v + e) - 1) d is 0, as -v d has the derivative (x (v + e) - 1) d and vanishes at both ends.

    Written out, it is the sum of integrals of d, v d, v^2 d, d log v and v d log v.
    """
    whole = parts_of((-1 - e**2 * m, 0, 0), (e - e * m, 1, 0), (sp.S.One, 2, 0), (e, 1, 1), (e**2, 0, 1))
    low, zero = at_most_by_sign(0, v * d), limit_by_continuity(0, v, 0)
    near = combine(at_most(v * d, v * c), [(v, density_at_most())])
    far = combine(at_most(v * d, v * bound), [(v, below_bound())])
    lower = limit_by_squeeze(low, near, zero, limit_by_continuity(v * c, v, 0))
    upper = limit_by_squeeze(low, far, limit_at_infinity(sp.S.Zero, v), limit_at_infinity(v * bound, v))
    ends = [limit_of_sum(-v * d, [(-1, end)]) for end in (lower, upper)]
    value = fundamental_by_limits(whole.lhs, -v * d, *ends, using=[whole])
    return combine(equation(whole.rhs, 0), [(-1, whole), (1, value)])


@cache
def ends_of_x() -> tuple[Fact, Fact]:
    """1/x -> 0 as v -> 0, where x < 0, and as v -> oo, where x > v."""
    grows = limit_along(limit_at_infinity(1 / t, t), t, sp.log(t), domain=where(t > 1))
    log_grows = limit_on_path(grows, 1 / v, limit_by_continuity(v, v, 0), domain=where(v < 1))
    first, second = sp.symbols("first second", real=True)
    quotient = first / ((second - e * m) * first - e)
    room = where(e - (second - e * m) * first > 0)
    start = limit_through(quotient, [(first, log_grows), (second, limit_by_continuity(v, v, 0))], domain=room)
    near = where(v < 1, v < sp.exp(m - 1), v < e)
    deep = at_most_by_monotone_function(sp.log, v, sp.exp(m - 1), strict=True, domain=near)
    low = combine(at_most(x, 0, strict=True), [(e, deep)], domain=near)
    negative = at_most_by_monotone_function(sp.log, v, 1, strict=True, domain=near)
    lower = limit_of_equal(start, 1 / x, 0, domain=near, using=[low, negative])
    far = where(v > sp.exp(m))
    larger = at_most_by_monotone_function(sp.log, sp.exp(m), v, strict=True, domain=far)
    high = combine(at_most(v, x), [(e, larger)], domain=far)
    inverse = combine(at_most(1 / x, 1 / v), [(1 / (v * x), high)], domain=far, using=[high])
    positive = at_most_by_sign(0, 1 / x, domain=far, using=[high])
    zero = limit_at_infinity(sp.S.Zero, v)
    return lower, limit_by_squeeze(positive, inverse, zero, limit_at_infinity(1 / v, v), domain=far, using=[high])


w = sp.LambertW(sp.exp(m) / e * sp.exp(z / e))


def mean(f: sp.Expr) -> sp.Integral:
    """The mean of f over a standard normal z."""
    return sp.Integral(f * density, (z, -sp.oo, sp.oo))


@cache
def mean_of_weight() -> Fact:
    """E[w/(1 + w)] is the integral of d, as w = v/e and dz = (1 + e/v) dv."""
    at_x = lambert_inverse(w.args[0].xreplace({z: x}), v / e)
    return change_variable_by_limits(mean(w / (1 + w)), v, x, 0, *ends_of_x(), d, using=[at_x, moment(0, 0)])


@cache
def mean_of_square() -> Fact:
    """E[w^2] is the integral of v^2 d and v d."""
    at_x = lambert_inverse(w.args[0].xreplace({z: x}), v / e)
    sides = parts_of((1 / e**2, 2, 0), (1 / e, 1, 0))
    moved = change_variable_by_limits(mean(w**2), v, x, 0, *ends_of_x(), sides.lhs.function, using=[at_x, sides])
    return chain(moved, sides)


@cache
def mean_of_w() -> Fact:
    """E[w] is the integral of v d and d."""
    at_x = lambert_inverse(w.args[0].xreplace({z: x}), v / e)
    sides = parts_of((1 / e, 1, 0), (sp.S.One, 0, 0))
    moved = change_variable_by_limits(mean(w), v, x, 0, *ends_of_x(), sides.lhs.function, using=[at_x, sides])
    return chain(moved, sides)


@cache
def whole_mass() -> Fact:
    """The integral of (1 + e/v) d is 1; that of d/v converges."""
    moved = change_variable_by_limits(mean(sp.S.One), v, x, 0, *ends_of_x(), (1 + e / v) * d)
    less = at_most_by_sign(d / v, (1 + e / v) * d / e)
    scaled = linearity(over((1 + e / v) * d / e), [(1 / e, (1 + e / v) * d)], using=[moved])
    part = dominated(over(d / v), scaled.lhs, using=[scaled, less])
    sides = linearity(moved.rhs, [(1, d), (e, d / v)], using=[moved, part, moment(0, 0)])
    return combine(equation(sides.rhs, 1), [(-1, sides), (-1, moved), (1, mass())])


@cache
def first_moment() -> Fact:
    """The integral of (1 - v) d is at most 1/(2 sqrt(2 pi)), as (1 - v) d <= (1 - v)/sqrt(2 pi) for v < 1."""
    sides = parts_of((sp.S.One, 0, 0), (-sp.S.One, 1, 0))
    pieces = split(sides.lhs, 1, using=[sides])
    f, low, high = (1 - v) * d, where(v < 1), where(v > 1)
    under = combine(at_most(f, (1 - v) * c), [(1 - v, density_at_most())], domain=low)
    block = over((1 - v) * c, sp.S.Zero, sp.S.One)
    first = integral_at_most(over(f, sp.S.Zero, sp.S.One), block, using=[pieces, under])
    area = fundamental(block, c * (v - v**2 / 2))
    rest = integral_at_most(over(f, sp.S.One), 0, using=[pieces, at_most_by_sign(f, 0, domain=high)])
    return combine(at_most(sides.rhs, c / 2), [(-1, sides), (1, pieces), (1, first), (1, area), (1, rest)])


@cache
def tangents() -> tuple[Fact, Fact]:
    """0 <= the integrals of (v + e) (v exp(-m) - 1 - L) d and of (v + e) (exp(m)/v - 1 + L) d, L = log v - m.

    Both are integrals of (v + e) d times what exp(u) exceeds 1 + u by, u = L or -L.
    """
    less, more = sp.exp(-m), sp.exp(m)
    first = parts_of((-e + e * m, 0, 0), (e * less - 1 + m, 1, 0), (less, 2, 0), (-e, 0, 1), (-sp.S.One, 1, 1))
    terms = [(e * more, 1 / v), (more - e - e * m, sp.S.One), (-1 - m, v), (e, log), (sp.S.One, v * log)]
    known = [whole_mass(), moment(0, 0), moment(1, 0), moment(0, 1), moment(1, 1)]
    second = linearity(over(sp.Add(*(a * f for a, f in terms)) * d), [(a, f * d) for a, f in terms], using=known)

    def positive(whole: Fact, u: sp.Expr) -> Fact:
        above = combine(at_most(0, whole.lhs.function), [((v + e) * d, above_tangent(u))])
        total = integral_at_most(0, whole.lhs, using=[whole, above])
        return combine(at_most(0, whole.rhs), [(1, total), (1, whole)])

    return positive(first, L), positive(second, -L)


@cache
def derivation() -> Fact:
    """The means E[w/(1 + w)] and E[w^2], the whole mass, and what partial integration gives."""
    return together(mean_of_weight(), mean_of_square(), whole_mass(), stationary(), first_moment(), *tangents())


DERIVES = {"lemma:minimizer_integrals": derivation}


if __name__ == "__main__":
    print(render(derivation(), TITLE))
