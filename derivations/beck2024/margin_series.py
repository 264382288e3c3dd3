"""The margin of Gaussian data as a function of lam: its law, its uniqueness, and its series at lam = 1/2.

kappa(lam) is the limit in probability of the largest margin of N standard Gaussian points in d dimensions, d/N -> lam >
1/2; the law lam = E (kappa + z)_+^2 is cited. With s = sqrt(pi/2) and e = s (lam - 1/2) it reads

    e = kappa + (s/2) kappa^2 + kappa^3/6 + r kappa^4,    -kappa/120 <= r <= 0,

from which kappa = e - (s/2) e^2 + (s^2/2 - 1/6) e^3 + (5 s/12 - 5 s^3/8) e^4 + ... by inverting the series.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    above_tangent,
    asymptotic,
    at_most,
    at_most_by_monotonicity,
    at_most_by_sign,
    at_most_by_squares,
    chain,
    cite_largest_margin,
    combine,
    crossing_inverse,
    crossing_time,
    differentiate,
    equation,
    instantiate,
    limit_at_infinity,
    limit_by_continuity,
    limit_by_squeeze,
    limit_of_equal,
    limit_of_sum,
    limit_on_path,
    limit_through,
    render,
    rewrite,
    run_in_package,
    together,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from . import margin_law
from .gaussian_lemmas import half, z
from .margin_law import L, closed

ID = "beck2024:11-margin"
TITLE = "The margin of Gaussian data near lam = 1/2"

lam = sp.Symbol("lam", positive=True)
k, r = sp.symbols("k r", real=True)
s = sp.sqrt(sp.pi / 2)
kappa = sp.Function("kappa")(lam)
above = where(lam > half)
second = s / 2
COEFFICIENTS = (sp.S.One, -second, 2 * second**2 - sp.Rational(1, 6), second * (sp.Rational(5, 6) - 5 * second**2))
"""Those of e, e^2, e^3 and e^4 in kappa."""


@cache
def law() -> tuple[Fact, Fact]:
    """E (kappa + z)_+^2 = lam in closed form, and 0 < kappa."""
    cited, separable = cite_largest_margin(kappa, lam, 1, z, domain=above)
    form = instantiate(closed(), {L: kappa}, domain=above, using=[separable])
    return combine(equation(form.rhs, lam), [(-1, form), (1, cited)], domain=above, using=[separable]), separable


def excess(at: sp.Expr) -> sp.Expr:
    """s (E (at + z)_+^2 - 1/2), in closed form."""
    form = (1 + at**2) * (1 + sp.erf(at / sp.sqrt(2))) / 2 + at * sp.exp(-(at**2) / 2) / sp.sqrt(2 * sp.pi)
    return s * form - s / 2


@cache
def bounds() -> tuple[Fact, Fact]:
    """-L^5/120 <= e - L - (s/2) L^2 - L^3/6 <= 0, as the third derivative of e is between 1 - L^2/2 and 1."""
    normal, error = sp.exp(-(L**2) / 2), s * (1 + sp.erf(L / sp.sqrt(2)))
    first = (1 + s * L + L**2 / 2 - normal - L * error, s + L - error, 1 - normal)
    below = (L + second * L**2 + L**3 / 6 - excess(L), *first)
    above_it = tuple(rest - gap for rest, gap in zip((L**5 / 120, L**4 / 24, L**3 / 6, L**2 / 2), below, strict=True))
    return not_negative(above_it), not_negative(below)


@cache
def positive() -> Fact:
    """0 < e, as de/dL = exp(-L^2/2) + s L (1 + erf(L/sqrt 2)) is positive."""
    growth = sp.exp(-(L**2) / 2) + s * L * (1 + sp.erf(L / sp.sqrt(2)))
    return at_most_by_monotonicity(differentiate(excess(L), L, growth), L, 0, strict=True)


def not_negative(derivatives: Sequence[sp.Expr]) -> Fact:
    """0 <= f from 0 <= d^3 f/dL^3, where f and its first two derivatives vanish at 0."""
    known = at_most_by_sign(0, derivatives[-1], using=[above_tangent(-(L**2) / 2)])
    for order in (2, 1, 0):
        slope = differentiate(derivatives[order], L, derivatives[order + 1])
        known = at_most_by_monotonicity(slope, L, 0, using=[known])
    return known


@cache
def rest() -> Fact:
    """r = (e - L - (s/2) L^2 - L^3/6)/L^4 -> 0 as L -> 0."""
    low, high = bounds()
    ratio = (excess(L) - L - second * L**2 - L**3 / 6) / L**4
    at_least = combine(at_most(-L / 120, ratio), [(1 / L**4, low)])
    at_best = combine(at_most(ratio, 0), [(1 / L**4, high)])
    return limit_by_squeeze(at_least, at_best, limit_by_continuity(-L / 120, L, 0), limit_by_continuity(0, L, 0))


def terms(e: sp.Expr, order: int) -> sp.Expr:
    """The sum of the first terms of the series in e."""
    return sp.Add(*(c * e ** (j + 1) for j, c in enumerate(COEFFICIENTS[:order])))


@cache
def in_margin(n: int) -> Fact:
    """(L - the terms before)/e^n -> the coefficient of e^n, n = 1, ..., 4, as L -> 0."""
    e, quotient = excess(L), 1 + second * k + k**2 / 6 + r * k**3
    numerator = sp.expand(k - terms(k * quotient, n - 1))
    divided = sp.Add(*(numerator.coeff(k, j) * k ** (j - n) for j in range(n, 4 * n)))
    near = limit_by_continuity(L, L, 0)
    limit = limit_through(divided / quotient**n, [(k, near), (r, rest())], domain=where(quotient > 0))
    return limit_of_equal(limit, (L - terms(e, n - 1)) / e**n, COEFFICIENTS[n - 1], using=[positive()])


@cache
def vanishing() -> Fact:
    """kappa -> 0 as lam -> 1/2, as kappa^2/2 <= lam - 1/2."""
    meaning, separable = law()
    bound = sp.sqrt(2 * (lam - half))
    squares = combine(at_most(kappa**2, 2 * lam - 1), [(2, meaning)], domain=above, using=[separable])
    upper = at_most_by_squares(kappa, bound, domain=above, using=[squares])
    zero, end = limit_by_continuity(0, lam, half), limit_by_continuity(bound, lam, half, domain=where(lam >= half))
    return limit_by_squeeze(separable, upper, zero, end, domain=above)


e = s * (lam - half)


@cache
def in_ratio(n: int) -> Fact:
    """kappa - the terms before ~ the n-th term in e = s (lam - 1/2), as lam -> 1/2."""
    meaning, separable = law()
    moved = limit_on_path(in_margin(n), kappa, vanishing(), domain=above, using=[separable])
    before, term = terms(e, n - 1), COEFFICIENTS[n - 1] * e**n
    known = instantiate(positive(), {L: kappa}, domain=above, using=[separable])
    named = limit_of_equal(moved, (kappa - before) / e**n, COEFFICIENTS[n - 1], domain=above, using=[meaning, known])
    ratio = limit_of_sum((kappa - before) / term, [(1 / COEFFICIENTS[n - 1], named)], domain=above)
    return asymptotic(ratio, kappa - before, term, domain=above)


@cache
def derivation() -> Fact:
    """lam - 1/2 in the margin, and three terms of the margin in lam."""
    return together(margin_law.derivation(), *(in_ratio(n) for n in (1, 2, 3)))


p, a = sp.symbols("p a", positive=True)
capacity = sp.Function("capacity_margin")


@cache
def root() -> Fact:
    """kappa(lam) is the only p > 0 with 1/E (p + z)_+^2 = 1/lam: the capacity 1/E (p + z)_+^2 falls from 2 to 0."""
    meaning, separable = law()
    at_p = instantiate(closed(), {L: p}).rhs
    by_p = -2 * (p * (1 + sp.erf(p / sp.sqrt(2))) / 2 + sp.exp(-(p**2) / 2) / sp.sqrt(2 * sp.pi)) / at_p**2
    below = where(a < 2)
    start = limit_by_continuity(1 / at_p, p, 0)
    square = at_most_by_sign(1 / at_p, 2 / (1 + p**2), domain=where(p > 0))
    zero, end = (limit_at_infinity(side, p) for side in (sp.S.Zero, 2 / (1 + p**2)))
    end = limit_by_squeeze(at_most_by_sign(0, 1 / at_p), square, zero, end)
    falling = differentiate(1 / at_p, p, by_p)
    place, _ = crossing_time(capacity(a), 1 / at_p, p, a, slope=falling, start=start, end=end, domain=below)
    inverse = instantiate(crossing_inverse(place, L), {L: kappa}, domain=above, using=[meaning, separable])
    return chain(rewrite(capacity(1 / lam), inverse.lhs, domain=above, using=[meaning]), inverse)


DERIVES = {"beck2024:11-margin": derivation, "lemma:margin_root": root}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
