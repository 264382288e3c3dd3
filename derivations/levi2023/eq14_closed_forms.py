"""The losses (14) with weight decay in closed form, for every lam > 0.

H(s) = E[nu exp(-s nu)/(nu + c)] is the ridge transform. exp(-c s) V(s), V = E[nu exp(-s nu)/(nu + c)^2], has the
derivative -exp(-c s) H(s) and is 1/(p (p - q)) at s = 0, as its form in Marcum's Q has. The averages in (14) are linear
in these, in the losses without decay, and in E[c^2/(nu + c)^2] = 1 - 1/p - c/(p (p - q)). All of it is proved on p >
max(1, lam), with c(p, lam) = (p - 1)(1 - lam/p), and taken to the root p of c(p, lam) = gamma/2.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Domain,
    Fact,
    at_most_by_sign,
    by_cases,
    by_derivative,
    chain,
    change_variable,
    combine,
    differentiate,
    equation,
    instantiate,
    integral_limit,
    limit_of_equal,
    linearity,
    render,
    rewrite,
    run_in_package,
    together,
    under_integral,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from . import eq06_total_mass, eq08_train_loss, marcum_derivatives, ridge_transform
from .eq05_08_losses import over_spectrum, s
from .eq06_total_mass import atom, density, lam, nu
from .eq08_gen_loss import printed_forms
from .eq14_weight_decay import gamma
from .eq15_plateaus import decay, first_moment, outside, second_moment, weight
from .eq20_closed_slope import closed_form
from .eq20_slope import at_one, average, theta, transform_slope, weighted
from .ridge_root import P, at_root, bounds, meaning, shift
from .ridge_root import derivation as root_equation
from .ridge_transform import c as both
from .ridge_transform import p, q, sides

ID = "levi2023:14-closed"
TITLE = "The losses with weight decay in closed form"


def dual(root: sp.Expr, u: sp.Expr) -> sp.Expr:
    """G(root u; lam/root^2) in Marcum's Q."""
    ratio, time = lam / root / root, root * u
    low, high = sp.sqrt(2 * ratio * time), sp.sqrt(2 * time)
    across, back = sp.marcumq(1, low, high), sp.marcumq(1, high, low)
    edge = sp.sqrt(ratio)
    return across - (1 - back) / ratio + sp.exp(-(1 + ratio) * time) * sp.besseli(1, 2 * edge * time) / edge


def transform(c: sp.Expr, root: sp.Expr, u: sp.Expr) -> sp.Expr:
    """H(u) in Marcum's Q."""
    return sp.exp(c * u) / root * dual(root, u)


def tail(root: sp.Expr, u: sp.Expr) -> sp.Expr:
    """exp(-c u) (V(u) + u H(u)) in Marcum's Q."""
    other = lam / root
    there = root * (1 - sp.marcumq(1, sp.sqrt(2 * root * u), sp.sqrt(2 * other * u)))
    back = other * sp.marcumq(1, sp.sqrt(2 * other * u), sp.sqrt(2 * root * u))
    return (there + back) / (lam * (root - other))


def second(c: sp.Expr, root: sp.Expr, u: sp.Expr) -> sp.Expr:
    """V(u) in Marcum's Q."""
    return sp.exp(c * u) * tail(root, u) - u * transform(c, root, u)


def averages(c: sp.Expr, *, train: bool) -> sp.Expr:
    """(14) as averages over the law, its three exponentials apart."""
    if train:
        fast = weighted + over_spectrum(weight * nu**2 / (nu + c) ** 2 * sp.exp(-s * nu))
        slow = over_spectrum(weight * nu * c / (nu + c) ** 2 * sp.exp(-s * nu / 2))
        still = over_spectrum(weight * c**2 / (nu + c) ** 2)
    else:
        fast = atom + average + over_spectrum(weight * nu / (nu + c) ** 2 * sp.exp(-s * nu))
        slow = over_spectrum(weight * c / (nu + c) ** 2 * sp.exp(-s * nu / 2))
        still = atom + over_spectrum(density * c**2 / (nu + c) ** 2)
    return (sp.exp(-c * s) * fast + 2 * sp.exp(-c * s / 2) * slow + still) / 2


def closed(c: sp.Expr, root: sp.Expr, *, train: bool) -> sp.Expr:
    """(14) in Marcum's Q."""
    H, V, late_H, late_V = (f(c, root, u) for u in (s, s / 2) for f in (transform, second))
    still = 1 / (root * (root - lam / root))
    if train:
        fast = sp.exp(-c * s) * (2 * _train - 2 * c * H + c**2 * V)
        return (fast + 2 * c * sp.exp(-c * s / 2) * (late_H - c * late_V) + c**2 * still) / 2
    fast = sp.exp(-c * s) * (closed_form + H - c * V)
    return (fast + 2 * c * sp.exp(-c * s / 2) * late_V + 1 - 1 / root - c * still) / 2


_train = sp.exp(-(1 + lam) * s) * sp.besseli(1, 2 * sp.sqrt(lam) * s) / (sp.sqrt(lam) * s)
first_average = over_spectrum(weight / (nu + decay) * sp.exp(-s * nu))
second_average = over_spectrum(weight / (nu + decay) ** 2 * sp.exp(-s * nu))


@cache
def above_zero() -> Fact:
    """0 < (p - 1)(1 - lam/p)."""
    return at_most_by_sign(0, decay, strict=True, domain=outside)


@cache
def dual_closed() -> Fact:
    """G(p s, lam/p^2) in Marcum's Q."""
    at = {lam: lam / p**2, s: p * s}
    here, form = (
        instantiate(f, at, domain=outside) for f in (transform_slope()[0], printed_forms().statement.facts[0])
    )
    return chain(here, combine(equation(here.rhs, dual(p, s)), [(1, form)], domain=outside))


@cache
def first_closed() -> Fact:
    """H(s) in Marcum's Q."""
    known = instantiate(ridge_transform.derivation(), {q: lam / p}, domain=outside)
    grow = sp.exp(decay * s)
    return combine(
        equation(first_average, transform(decay, p, s)),
        [(grow, known), (grow / p, dual_closed())],
        domain=outside,
        using=[above_zero()],
    )


@cache
def second_closed() -> Fact:
    """V(s) in Marcum's Q."""
    given = [above_zero()]
    faded = over_spectrum(weight / (nu + decay) ** 2 * sp.exp(-s * (nu + decay)))
    slope = -weight / (nu + decay) * sp.exp(-s * (nu + decay))
    inside = under_integral(faded, s, slope, domain=outside, using=given)
    fall = -dual(p, s) / p
    known = [(-sp.exp(-decay * s), first_closed())]
    left = chain(inside, combine(equation(inside.rhs, fall), known, domain=outside, using=given))
    partial = [marcum_derivatives.by_noncentrality(), marcum_derivatives.by_threshold()]
    form = tail(p, s) - s / p * dual(p, s)
    right = differentiate(form, s, fall, domain=outside, using=partial)
    two = sp.Integral(
        ridge_transform.weight / (nu + both) ** 2 * sp.exp(-s * (nu + both)),
        (nu, ridge_transform.low, ridge_transform.high),
    )
    start = instantiate(integral_limit(two, s, 0, domain=sides), {q: lam / p}, domain=outside)
    moment = combine(
        equation(start.statement.value, 1 / (p**2 - lam)), [(1, second_moment())], domain=outside, using=given
    )
    start = limit_of_equal(start, faded, 1 / (p**2 - lam), domain=outside, using=[moment, *given])
    equal = by_derivative(left, right, s, 0, domain=outside, limits=[start])
    goal = equation(second_average, second(decay, p, s))
    return combine(goal, [(sp.exp(decay * s), equal)], domain=outside, using=given)


@cache
def _on_angle(plateau: sp.Integral, positive: Fact | None) -> Fact:
    """At lam = 1, E[c^2/(nu + c)^2] as an integral over an angle, in which nothing is infinite."""
    one = plateau.xreplace(at_one)
    angle = 2 - 2 * sp.cos(theta)
    smooth = one.function.xreplace({nu: angle}) / density.xreplace(at_one).xreplace({nu: angle})
    given = [] if positive is None else [positive]
    domain = positive.domain if positive is not None else where()
    return change_variable(
        one, theta, angle, 0, sp.pi, smooth * (1 + sp.cos(theta)) / sp.pi, domain=domain, using=given
    )


@cache
def still() -> Fact:
    """(1 - 1/lam)^+ + E[c^2/(nu + c)^2] over the continuous part = 1 - 1/p - c/(p^2 - lam)."""
    plateau = over_spectrum(density * decay**2 / (nu + decay) ** 2)
    pieces = [(sp.Integer(1), density), (-1, weight / (nu + decay)), (-decay, weight / (nu + decay) ** 2)]
    goal = equation(atom + plateau, 1 - 1 / p - decay / (p**2 - lam))
    known = [eq06_total_mass.derivation(), first_moment(), second_moment()]

    def case(put: dict[sp.Symbol, sp.Expr], side: Domain, more: list[Fact]) -> Fact:
        positive, mass, first, second = (instantiate(f, put, domain=side) for f in (above_zero(), *known))
        shown = [(sp.S(m).xreplace(put), f.xreplace(put)) for m, f in pieces]
        parts = linearity(
            plateau.xreplace(put), shown, domain=side, using=[positive, mass, *more], note="partial fractions"
        )
        sides = equation(*(part.xreplace(put) for part in goal.args))
        factor = decay.xreplace(put)
        return combine(
            sides, [(1, parts), (1, mass), (-1, first), (-factor, second)], domain=side, using=[positive, *more]
        )

    at = where(p > 1)
    positive = instantiate(above_zero(), at_one, domain=at)
    middle = case(at_one, at, [_on_angle(plateau, positive)])
    sides = [case({}, outside.with_(where(side)), []) for side in (lam < 1, lam > 1)]
    return by_cases(lam, 1, sides[0], middle, sides[1], domain=outside)


def _fractions(factor: sp.Expr, u: sp.Expr, *coefficients: sp.Expr) -> Fact:
    """The average of ``factor`` times nu exp(-u nu) by partial fractions in nu + c, from the coefficients of 1, 1/(nu +
    c) and 1/(nu + c)^2.
    """
    given = [above_zero()]
    integral = over_spectrum(weight * factor * sp.exp(-u * nu))
    parts = [(m, weight / (nu + decay) ** k * sp.exp(-u * nu)) for k, m in enumerate(coefficients) if m != 0]
    return linearity(integral, parts, domain=outside, using=given, note="partial fractions")


@cache
def _train_parts() -> list[tuple[sp.Expr, Fact]]:
    H, V = first_closed(), second_closed()
    late_H, late_V = (instantiate(f, {s: s / 2}, domain=outside) for f in (H, V))
    fade, slow = sp.exp(-decay * s), sp.exp(-decay * s / 2)
    square = _fractions(nu**2 / (nu + decay) ** 2, s, sp.Integer(1), -2 * decay, decay**2)
    cross = _fractions(nu / (nu + decay) ** 2, s / 2, sp.Integer(0), sp.Integer(1), -decay)
    known = [(fade, eq08_train_loss.transform()), (-fade * decay, H), (fade * decay**2 / 2, V), (fade / 2, square)]
    known += [(slow * decay, cross), (slow * decay, late_H), (-slow * decay**2, late_V)]
    return [*known, (decay**2 / 2, second_moment())]


@cache
def _gen_parts() -> list[tuple[sp.Expr, Fact]]:
    H, V = first_closed(), second_closed()
    fade, slow = sp.exp(-decay * s), sp.exp(-decay * s / 2)
    square = _fractions(nu / (nu + decay) ** 2, s, sp.Integer(0), sp.Integer(1), -decay)
    known = [(fade / 2, printed_forms().statement.facts[0]), (fade / 2, square), (fade / 2, H), (-fade * decay / 2, V)]
    return [*known, (slow * decay, instantiate(V, {s: s / 2}, domain=outside)), (sp.Rational(1, 2), still())]


@cache
def at_symbol(train: bool) -> Fact:
    """(14) in Marcum's Q, with c(p, lam)."""
    goal = equation(averages(shift, train=train), closed(shift, p, train=train))
    known = _train_parts() if train else _gen_parts()
    return combine(goal, known, domain=outside, using=[meaning(), above_zero()])


@cache
def convergent() -> Fact:
    """E[c^2/(nu + c)^2] over the continuous part is finite, at lam = 1 too."""
    plateau = over_spectrum(density * (gamma / 2) ** 2 / (nu + gamma / 2) ** 2)
    same = equation(plateau, plateau)
    middle = combine(equation(*(part.xreplace(at_one) for part in same.args)), [(0, _on_angle(plateau, None))])
    sides = [combine(same, [], domain=where(side)) for side in (lam < 1, lam > 1)]
    return by_cases(lam, 1, sides[0], middle, sides[1], note="it converges absolutely")


@cache
def _arguments() -> list[Fact]:
    """The arguments of the Bessel functions do not depend on gamma."""
    written = [(2 * sp.sqrt(lam / P / P) * (P * u), 2 * sp.sqrt(lam) * u) for u in (s, s / 2)]
    return [rewrite(*sides, using=bounds()) for sides in written]


@cache
def at_gamma(train: bool) -> Fact:
    """(14) in Marcum's Q, with gamma."""
    goal = equation(averages(gamma / 2, train=train), closed(gamma / 2, P, train=train))
    apart = at_root(at_most_by_sign(0, p**2 - lam, strict=True, domain=outside))
    given = [root_equation(), *bounds(), apart, *_arguments(), *([] if train else [convergent()])]
    return combine(goal, [(1, at_root(at_symbol(train)))], using=given, note="c(p, lam) = gamma/2")


@cache
def derivation() -> Fact:
    """Both losses (14) in closed form, for every lam > 0."""
    return together(at_gamma(False), at_gamma(True))


DERIVES = {"levi2023:14-closed": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
