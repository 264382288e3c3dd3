"""The equations of the inseparable minimiser, cited, as integrals over v; the ranges of their unknowns near lam = 1/2.

With delta = 1/2 - lam, gamma the scale in w = W(gamma exp(R z)), e = 1/R, m = log(gamma/R) and a = W(gamma)/R: for
0 < delta < 1/10, 1/5 <= exp(m) <= 5/2 and e <= 25/4; and e -> 0 as delta -> 0.
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
    at_most_by_squares,
    cite_inseparable_minimizer,
    combine,
    define,
    equation,
    instantiate,
    integral_at_most,
    lambert_log,
    limit_by_continuity,
    limit_by_squeeze,
    limit_of_sum,
    render,
    rewrite,
    run_in_package,
    together,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from . import minimizer_growth
from .gaussian_lemmas import half, z
from .minimizer_growth import room
from .minimizer_integrals import (
    c,
    d,
    e,
    first_moment,
    log,
    m,
    mean_of_square,
    mean_of_weight,
    moment,
    over,
    stationary,
    tangents,
    v,
    whole_mass,
    y,
)

ID = "lemma:minimizer_law"
TITLE = "The unknowns of the inseparable minimiser near lam = 1/2"

lam, delta = sp.symbols("lam delta", positive=True)
norm, scale = sp.Function("R"), sp.Function("scale")
near = where(delta < sp.Rational(1, 10))
at_lam = half - delta
R, gamma = norm(at_lam), scale(at_lam)
E, M, A = sp.Function("e")(delta), sp.Function("m")(delta), sp.Function("a")(delta)
path = {e: E, m: M}
most = sp.Rational(25, 4)
K = 20 * sp.exp(29) / c


@cache
def law() -> tuple[Fact, ...]:
    """The two equations, and 0 < R, 0 < gamma, at lam = 1/2 - delta."""
    cited = cite_inseparable_minimizer(norm(lam), scale(lam), lam, z, domain=where(lam < half))
    return tuple(instantiate(fact, {lam: at_lam}, domain=near) for fact in cited)


@cache
def unknowns() -> tuple[Fact, Fact, Fact]:
    """What e, m and a are."""
    signs = law()[2:]
    bodies = {E: 1 / R, M: sp.log(gamma / R), A: sp.LambertW(gamma) / R}
    return tuple(define(name, body, domain=near, using=signs) for name, body in bodies.items())


@cache
def signs() -> tuple[Fact, Fact]:
    """0 < e and 0 < a."""
    using = [*unknowns(), *law()[2:]]
    return tuple(at_most_by_sign(0, name, strict=True, domain=near, using=using) for name in (E, A))


@cache
def back() -> tuple[Fact, Fact, Fact]:
    """R = 1/e, gamma = exp(m)/e and m = log a + a/e."""
    using = [*unknowns(), *law()[2:]]
    one = rewrite(R, 1 / E, domain=near, using=using)
    two = rewrite(gamma, sp.exp(M) / E, domain=near, using=using)
    logarithm = lambert_log(gamma, domain=near, using=law()[2:])
    return one, two, combine(equation(M, sp.log(A) + A / E), [(-1, logarithm)], domain=near, using=using)


def here(fact: Fact) -> Fact:
    """A fact on e and m at e(delta) and m(delta)."""
    return instantiate(fact, path, domain=near, using=[signs()[0]])


def along(j: int, k: int = 0) -> sp.Integral:
    """The integral of v^j (log v)^k d along the path."""
    return over(v**j * log**k * d).xreplace(path)


@cache
def equations() -> tuple[Fact, Fact, Fact]:
    """I_0 = lam, I_2 + e I_1 = lam, and m (I_1 + e I_0) = J_1 + e J_0: integrals of v^j d and of v^j log(v) d."""
    one, two, _ = back()
    first, second = law()[:2]
    given = [one, two, *signs()]
    masses = combine(equation(along(0), at_lam), [(1, first), (-1, here(mean_of_weight()))], domain=near, using=given)
    square = equation(along(2) + E * along(1), at_lam)
    squares = combine(square, [(E**2, second), (-(E**2), here(mean_of_square()))], domain=near, using=given)
    goal = equation(M * (along(1) + E * along(0)), along(1, 1) + E * along(0, 1))
    parts = [(-1 / E, here(stationary())), (1 / E, squares), (-1 / E, masses)]
    return masses, squares, combine(goal, parts, domain=near, using=[signs()[0]])


@cache
def mean_at_least() -> Fact:
    """1/5 <= I_1 + e I_0, the mean of v = e w."""
    masses, *_ = equations()
    goal = at_most(sp.Rational(1, 5), along(1) + E * along(0))
    parts = [(1, here(first_moment())), (-1 - E, masses)]
    return combine(goal, parts, domain=near, using=[signs()[0]])


@cache
def mean_at_most() -> Fact:
    """I_1 + e I_0 <= exp(m), as log u >= 1 - 1/u for u = v exp(-m)."""
    _, below = tangents()
    parts = [(1, here(below)), (sp.exp(M), here(whole_mass())), (-1, equations()[2])]
    return combine(at_most(along(1) + E * along(0), sp.exp(M)), parts, domain=near, using=[signs()[0]])


@cache
def ratio() -> tuple[Fact, Fact]:
    """1/5 <= exp(m) <= 5/2: by the bounds of the mean of v, and by log u <= u - 1 for u = v exp(-m)."""
    _, squares, balance = equations()
    above, _ = tangents()
    using, mean = [signs()[0]], mean_at_least()
    lower = combine(at_most(sp.Rational(1, 5), sp.exp(M)), [(1, mean), (1, mean_at_most())], domain=near, using=using)
    high = at_most(sp.exp(M), sp.Rational(5, 2))
    parts = [(5 * sp.exp(M), mean), (5 * sp.exp(M), here(above)), (5 * sp.exp(M), balance), (5, squares)]
    return lower, combine(high, parts, domain=near, using=using)


@cache
def ranges() -> tuple[Fact, ...]:
    """e <= 25/4, as e lam <= I_1 + e I_0 <= exp(m) <= 5/2 and 2/5 <= lam; m <= 3/2, -4 <= m and a <= 5/2."""
    masses, *_ = equations()
    positive_e, positive_a = signs()
    *_, split_m = back()
    lower, upper = ratio()
    given = [positive_e, positive_a]
    first = integral_at_most(0, along(1), domain=near, using=[here(moment(1, 0)), positive_e])
    parts = [(1 / at_lam, mean_at_most()), (1 / at_lam, upper), (1 / at_lam, first), (-E / at_lam, masses)]
    largest = combine(at_most(E, most), parts, domain=near, using=given)
    high = combine(at_most(M, sp.Rational(3, 2)), [(1, upper), (1, above_tangent(M))], domain=near)
    inverse = combine(at_most(sp.exp(-M), 5), [(5 * sp.exp(-M), lower)], domain=near)
    low = combine(at_most(-4, M), [(1, inverse), (1, above_tangent(-M))], domain=near)
    logs = combine(at_most(sp.log(A), M), [(-1, split_m)], domain=near, using=given)
    order = at_most_by_monotone_function(sp.exp, sp.log(A), M, domain=near, using=[logs, *given])
    return (
        largest,
        high,
        low,
        combine(at_most(A, sp.Rational(5, 2)), [(1, order), (1, upper)], domain=near, using=given),
    )


@cache
def small_a() -> Fact:
    """a <= (K delta)^(1/4), as a^3 exp(-(a/2 + e)^2/2)/(8 sqrt(2 pi)) <= delta and a/2 + e <= 15/2."""
    masses, squares, _ = equations()
    *_, split_m = back()
    largest, *_, width = ranges()
    given = list(signs())
    growth = instantiate(minimizer_growth.derivation(), {e: E, minimizer_growth.a: A}, domain=near, using=given)
    left, size = room.xreplace({e: E, minimizer_growth.a: A}), A / 2 + E
    parts = [(1, growth), (-2, masses), (1, squares)]
    small = combine(at_most(left, delta), parts, domain=near, using=[split_m, *given])
    sizes = combine(at_most(size, sp.Rational(15, 2)), [(1, largest), (half, width)], domain=near)
    sizes = combine(
        at_most(size**2, sp.Rational(225, 4)), [(size + sp.Rational(15, 2), sizes)], domain=near, using=given
    )
    decay = at_most_by_monotone_function(sp.exp, -29, -(size**2) / 2, domain=near, using=[sizes])
    factor = 8 * sp.exp(29) / c
    parts = [(factor * A, small), (sp.exp(29) * A**4, decay), (factor * delta, width)]
    fourth = combine(at_most(A**4, K * delta), parts, domain=near, using=given)
    second = at_most_by_squares(A**2, sp.sqrt(K * delta), domain=near, using=[fourth])
    return at_most_by_squares(A, (K * delta) ** sp.Rational(1, 4), domain=near, using=[second])


@cache
def vanishing() -> tuple[Fact, Fact]:
    """e -> 0 and e m -> 0 as delta -> 0, as 1 <= 5 a + a/e, hence e <= 129 a/4."""
    lower, _ = ratio()
    largest, high, low, _ = ranges()
    *_, split_m = back()
    given = list(signs())
    deep = at_most_by_monotone_function(sp.log, sp.Rational(1, 5), sp.exp(M), domain=near, using=[lower])
    tangent = instantiate(above_tangent(sp.log(5 * y)), {y: A}, domain=near, using=given)
    goal = at_most(E, sp.Rational(129, 4) * A)
    bounded = combine(goal, [(E, deep), (E, tangent), (E, split_m), (5 * A, largest)], domain=near, using=given)
    end = sp.Rational(129, 4) * (K * delta) ** sp.Rational(1, 4)
    bounded = combine(at_most(E, end), [(1, bounded), (sp.Rational(129, 4), small_a())], domain=near)
    zero = limit_by_continuity(sp.S.Zero, delta, 0)
    positive = combine(at_most(0, E), [(1, given[0])], domain=near)
    e_limit = limit_by_squeeze(positive, bounded, zero, limit_by_continuity(end, delta, 0), domain=near)
    above = combine(at_most(E * M, E * sp.Rational(3, 2)), [(E, high)], domain=near, using=given)
    below = combine(at_most(-4 * E, E * M), [(E, low)], domain=near, using=given)
    ends = [limit_of_sum(factor * E, [(factor, e_limit)], domain=near) for factor in (-4, sp.Rational(3, 2))]
    return e_limit, limit_by_squeeze(below, above, *ends, domain=near)


@cache
def derivation() -> Fact:
    """The ranges of e, m and a, and the limits of e and e m."""
    return together(*ratio(), *ranges(), *vanishing())


DERIVES = {"lemma:minimizer_law": derivation}


if __name__ == "__main__":
    print(render(derivation(), TITLE))
