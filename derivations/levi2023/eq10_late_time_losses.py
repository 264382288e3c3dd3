"""(10) and (21): the losses at late times, with explicit bounds for all times.

With C = 1/(2 sqrt(pi) lam^(3/4)), a = (1 - sqrt(lam))^2 and s = 4 eta t, for every s > 0:

    1 - 3/(8 r s) <= L_tr/(C exp(-a s) s^(-3/2)) <= 1,                                           r = sqrt(lam),
    1 - 3/(8 r s) - 3/(2 a s) <= a (L_gen - (1 - 1/lam)^+)/(C exp(-a s) s^(-3/2)) <= 1,          lam != 1,

and to the next order 1 - 3/(16 r s) - 15/(128 lam s^2) <= L_tr/(...) <= 1 - 3/(16 r s) + 15/(1024 lam s^2).

Both losses are integrals over 0 < w < 2 of sqrt(w (2 - w)) exp(-2 r s w), nu = a + 2 r w. Polynomial bounds of the
integrand that have the right sign for w > 2 turn them into gamma functions.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Domain,
    Fact,
    asymptotic,
    at_most,
    at_most_by_sign,
    at_most_by_squares,
    by_cases,
    chain,
    change_variable,
    combine,
    gamma_integral,
    instantiate,
    integral_at_most,
    limit_at_infinity,
    limit_by_squeeze,
    limit_of_equal,
    linearity,
    render,
    rescaled,
    rewrite,
    run_in_package,
    split,
    together,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from . import eq08_train_loss
from .eq05_08_losses import L_gen, L_tr, eta, gen_loss, over_spectrum, s, t
from .eq06_total_mass import atom, density, lam, low, nu, root
from .eq20_slope import average

ID = "levi2023:10"
TITLE = "The losses at late times, with bounds"

w = sp.Symbol("w", positive=True)
inside = Domain(((2 - w, ">"),))
decay = sp.exp(-2 * root * s * w)
scale = 2 / sp.pi * sp.exp(-low * s)
leading = sp.exp(-low * s) / (2 * sp.sqrt(sp.pi) * lam ** sp.Rational(3, 4) * s ** sp.Rational(3, 2))
L = eq08_train_loss.closed_form
nowhere = Domain()


def over_edge(f: sp.Expr) -> sp.Integral:
    """The integral of f exp(-2 sqrt(lam) s w) over 0 < w < 2."""
    return sp.Integral(f * decay, (w, 0, 2))


@cache
def moment_sum(polynomial: sp.Poly, domain: Domain) -> Fact:
    """scale times the integral of sqrt(2 w) P(w) exp(-2 r s w) over (0, oo), by gamma functions: C exp(-a s)
    s^(-3/2) times a sum.
    """
    whole = sp.Integral(sp.sqrt(2 * w) * polynomial.as_expr() * decay, (w, 0, sp.oo))
    terms = [(sp.sqrt(2) * c, w ** (k + sp.Rational(1, 2)) * decay) for (k,), c in reversed(polynomial.terms())]
    parts = linearity(whole, terms, domain=domain)
    gammas = [
        (sp.sqrt(2) * c, gamma_integral(k + sp.Rational(3, 2), 2 * root * s, w))
        for (k,), c in reversed(polynomial.terms())
    ]
    relative = sum(
        c * sp.gamma(k + sp.Rational(3, 2)) / sp.gamma(sp.Rational(3, 2)) / (2 * root * s) ** k
        for (k,), c in polynomial.terms()
    )
    goal = sp.Eq(scale * whole, leading * sp.expand(relative), evaluate=False)
    return combine(goal, [(scale, parts), *((scale * c, fact) for c, fact in gammas)], domain=domain)


@cache
def upper(
    f: sp.Expr, polynomial: sp.Poly, given: Fact, domain: Domain = nowhere, beyond: tuple[Fact, ...] = ()
) -> Fact:
    """scale times the integral of f is at most that of sqrt(2 w) P(w) over (0, oo), as f <= sqrt(2 w) P and P >= 0
    beyond 2.
    """
    return _bound(f, polynomial, given, domain, 1, beyond)


@cache
def lower(
    f: sp.Expr, polynomial: sp.Poly, given: Fact, domain: Domain = nowhere, beyond: tuple[Fact, ...] = ()
) -> Fact:
    """The same from below, as f >= sqrt(2 w) P, and P <= 0 beyond 2."""
    return _bound(f, polynomial, given, domain, -1, beyond)


def _bound(
    f: sp.Expr, polynomial: sp.Poly, given: Fact, domain: Domain, sign: int, beyond: tuple[Fact, ...] = ()
) -> Fact:
    g = sp.sqrt(2 * w) * polynomial.as_expr()
    ours, theirs, tail = over_edge(f), over_edge(g), sp.Integral(g * decay, (w, 2, sp.oo))
    divided = split(sp.Integral(g * decay, (w, 0, sp.oo)), 2, domain=domain)
    pair, rest = ((ours, theirs), (0, tail)) if sign > 0 else ((theirs, ours), (tail, 0))
    near, far = (
        integral_at_most(*pair, domain=domain, using=[given]),
        integral_at_most(*rest, domain=domain, using=beyond),
    )
    gamma = moment_sum(polynomial, domain)
    sides = (scale * ours, gamma.rhs) if sign > 0 else (gamma.rhs, scale * ours)
    return combine(
        at_most(*sides), [(scale, near), (scale, far), (-sign * scale, divided), (sign, gamma)], domain=domain
    )


@cache
def edge_form() -> Fact:
    """L_tr = scale times the integral of sqrt(w (2 - w)) exp(-2 r s w) over (0, 2)."""
    bare = over_spectrum(sp.exp(-s * nu) * (density * nu))
    edge = change_variable(bare, w, low + 2 * root * w, 0, 2)
    form = rewrite(edge.rhs, scale * over_edge(sp.sqrt(w * (2 - w))), note="(nu_+ - nu)(nu - nu_-) = 4 lam w (2 - w)")
    return chain(form_of_loss(), edge, form)


@cache
def form_of_loss() -> Fact:
    """The closed form of the train loss as the integral over the spectrum."""
    known = eq08_train_loss.transform()
    return rewrite(L, known.lhs, using=[known])


def _train(polynomial: sp.Expr, sign: int) -> Fact:
    """L_tr against sqrt(2 w) P(w): sqrt(1 - w/2) <= P or >= P on (0, 2) is shown by squares."""
    rooted = sp.sqrt(2) * polynomial
    pair = (sp.sqrt(2 - w), rooted) if sign > 0 else (rooted, sp.sqrt(2 - w))
    given = at_most_by_squares(*pair, domain=inside)
    bound = (upper if sign > 0 else lower)(sp.sqrt(w * (2 - w)), sp.Poly(polynomial, w), given)
    return chain(edge_form(), bound) if sign > 0 else chain(bound, _reversed(edge_form()))


def _reversed(fact: Fact) -> Fact:
    return combine(sp.Eq(fact.rhs, fact.lhs, evaluate=False), [(-1, fact)])


@cache
def train_bounds(order: int = 1) -> tuple[Fact, Fact]:
    """(lower, upper) for L_tr, with relative remainder of order 1/s (order 1) or 1/s^2 (order 2)."""
    half = w / 2
    below, above = {1: (1 - half, sp.Integer(1)), 2: (1 - half / 2 - half**2 / 2, (1 - half / 4) ** 2)}[order]
    return _train(below, -1), _train(above, 1)


@cache
def edge_of_gen(side: Domain) -> Fact:
    """The continuous part of L_gen = scale times the integral of sqrt(w (2 - w))/nu exp(-2 r s w) over (0, 2)."""
    edge = change_variable(average, w, low + 2 * root * w, 0, 2, domain=side)
    f = sp.sqrt(w * (2 - w)) / (low + 2 * root * w)
    return chain(edge, rewrite(edge.rhs, scale * over_edge(f), domain=side))


@cache
def gen_bounds(side: Domain) -> tuple[Fact, Fact]:
    """(lower, upper) for the continuous part of L_gen, on one side of lam = 1."""
    f = sp.sqrt(w * (2 - w)) / (low + 2 * root * w)
    form = edge_of_gen(side)
    here = side.with_(inside)
    under = at_most_by_squares(sp.sqrt(2 - w), sp.sqrt(2), domain=inside)
    over = at_most_by_squares(sp.sqrt(2) * (1 - w / 2), sp.sqrt(2 - w), domain=inside)
    high = combine(at_most(sp.sqrt(2 - w) / (low + 2 * root * w), sp.sqrt(2) / low), [(1 / low, under)], domain=here)
    polynomial = (1 - w / 2 - 2 * root * w / low) / low
    deep = combine(
        at_most(sp.sqrt(2) * polynomial, sp.sqrt(2 - w) / (low + 2 * root * w)),
        [(1 / (low + 2 * root * w), over)],
        domain=here,
    )
    above = _gen(f, 1 / low, high, side, 1)
    below = _gen(f, polynomial, deep, side, -1)
    back = combine(sp.Eq(form.rhs, form.lhs, evaluate=False), [(-1, form)], domain=side)
    return chain(below, back), chain(form, above)


def _gen(f: sp.Expr, polynomial: sp.Expr, given: Fact, side: Domain, sign: int) -> Fact:
    return (upper if sign > 0 else lower)(f, sp.Poly(polynomial, w), given, side)


@cache
def relative_limit() -> Fact:
    """L_tr/leading -> 1 as s -> oo."""
    below, above = train_bounds()
    low_side = combine(at_most(below.lhs / leading, L / leading), [(1 / leading, below)])
    high_side = combine(at_most(L / leading, 1), [(1 / leading, above)])
    ends = limit_at_infinity(low_side.lhs, s), limit_at_infinity(sp.Integer(1), s)
    return limit_by_squeeze(low_side, high_side, *ends)


@cache
def train_vanishes() -> Fact:
    """L_tr -> 0 as t -> oo, for every lam > 0."""
    _, above = train_bounds()
    below = at_most_by_sign(0, L, note="I_1 > 0")
    ends = limit_at_infinity(sp.Integer(0), s), limit_at_infinity(leading, s, note="exp(-a s) <= 1")
    limit = rescaled(limit_by_squeeze(below, above, *ends), t, 4 * eta * t)
    return limit_of_equal(limit, L_tr(t, eta, lam), 0, using=[eq08_train_loss.derivation()])


@cache
def gen_relative_limit(side: Domain) -> Fact:
    """a (L_gen - (1 - 1/lam)^+)/leading -> 1 as s -> oo, on one side of lam = 1."""
    below, above = gen_bounds(side)
    ratio = low / leading
    low_side = combine(at_most(sp.expand(below.lhs * ratio), average * ratio), [(ratio, below)], domain=side)
    high_side = combine(at_most(average * ratio, 1), [(ratio, above)], domain=side)
    ends = limit_at_infinity(low_side.lhs, s, domain=side), limit_at_infinity(sp.Integer(1), s, domain=side)
    return limit_by_squeeze(low_side, high_side, *ends, domain=side)


@cache
def gen_derivation() -> Fact:
    """(10), right: L_gen - (1 - 1/lam)^+ ~ (21)/a as t -> oo, for every lam != 1."""
    apart = where(sp.Ne(lam, 1))
    limit = by_cases(
        lam, 1, *(gen_relative_limit(where(lam < 1)), None, gen_relative_limit(where(lam > 1))), domain=apart
    )
    in_time = rescaled(limit, t, 4 * eta * t, domain=apart)
    late = leading.xreplace({s: 4 * eta * t}) / low
    return asymptotic(in_time, L_gen(t, eta, lam) - atom, late, domain=apart, using=[gen_loss()])


@cache
def derivation() -> Fact:
    """(21): L_tr ~ exp(-4 eta a t)/(16 sqrt(pi) lam^(3/4) (eta t)^(3/2)) as t -> oo, for every lam > 0."""
    in_time = rescaled(relative_limit(), t, 4 * eta * t)
    late = leading.xreplace({s: 4 * eta * t})
    return asymptotic(in_time, L_tr(t, eta, lam), late, using=[eq08_train_loss.derivation()])


@cache
def gen_claims() -> Fact:
    """(10), right: L_gen ~ (21)/a for lam < 1, and what it exceeds its plateau by for lam > 1."""
    late = leading.xreplace({s: 4 * eta * t}) / low
    side = where(lam < 1)
    in_time = rescaled(gen_relative_limit(side), t, 4 * eta * t, domain=side)
    below = asymptotic(in_time, L_gen(t, eta, lam), late, domain=side, using=[gen_loss()])
    return together(below, gen_derivation())


@cache
def regime() -> Fact:
    """The form holds for eta t >> 1/sqrt(lam): along eta t = x/sqrt(lam), as x -> oo."""
    x = sp.Symbol("x", positive=True)
    at = {t: x / root / eta}
    here = instantiate(eq08_train_loss.derivation(), at)
    late = leading.xreplace({s: 4 * eta * t}).xreplace(at)
    scaled = rescaled(relative_limit(), x, 4 * x / root)
    return asymptotic(scaled, L_tr(x / root / eta, eta, lam), late, using=[here])


DERIVES = {
    "levi2023:10-regime": regime,
    "levi2023:10-train": derivation,
    "levi2023:21": derivation,
    "levi2023:10-gen": gen_claims,
    "levi2023:8-vanish-train": train_vanishes,
}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
    print(render(gen_derivation()))
