"""(25): the difference of (24) and (23) with log z - log log z for Lambert's W(z); and the size of its arguments.

z_gen = k (1 - sqrt(lam))^(2/3) and z_tr = k (1 - sqrt(lam))^2 with k = 2^(5/3)/(3 pi^(1/3) sqrt(lam) eps^(2/3)), so
that log z_tr = log z_gen + log((1 - sqrt(lam))^(4/3)). It needs log z_tr > 0. In the setting of figure 1, lam = 9/10
and eps = 1/1000, z_tr < 21/100; for eps <= 10^-7 and lam <= 4/5, z_tr > 1.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    at_most,
    at_most_by_balls,
    at_most_by_monotone_function,
    at_most_by_sign,
    combine,
    instantiate,
    render,
    rewrite,
    run_in_package,
    together,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from .eq05_08_losses import eta
from .eq06_total_mass import lam, low, root
from .eq23_24_lambert import eps, k, printed_gen, printed_train, third, y

ID = "levi2023:25"
TITLE = "The grokking time by iterated logarithms"

side = where(lam < 1)
gap = 1 - root
scale = 2 ** (5 * third) / (3 * sp.pi**third * root * eps ** (2 * third))
rate = 3 / (8 * eta * low)
inner = sp.log(2 * (2 - 2 * root) ** (2 * third) / (3 * sp.pi**third * root * eps ** (2 * third)))
printed = sp.log(1 / gap) / (2 * eta * low) + rate * sp.log(1 + sp.log(gap ** (4 * third)) / inner)
train_log = sp.log(scale) + 2 * sp.log(gap)
large = side.and_((train_log, ">"))


@cache
def arguments() -> tuple[Fact, Fact]:
    """(z_tr, z_gen) as printed = k (1 - sqrt(lam))^2, k (1 - sqrt(lam))^(2/3)."""
    train = rewrite(printed_train, scale * gap**2, domain=side, note="the radicand is (1 - sqrt(lam))^6/(pi lam^(3/2))")
    return train, rewrite(printed_gen, scale * gap ** (2 * third), domain=side)


@cache
def _logarithms() -> list[Fact]:
    """log z_tr, log z_gen, and the logarithms in (25), by log k and log(1 - sqrt(lam))."""
    square = rewrite(sp.log(k * y**2), sp.log(k) + 2 * sp.log(y))
    power = rewrite(sp.log(k * y ** (2 * third)), sp.log(k) + 2 * third * sp.log(y))
    single = rewrite(sp.log(y ** (4 * third)), 4 * third * sp.log(y))
    here = {k: scale, y: gap}
    known = [instantiate(fact, here, domain=side) for fact in (square, power)]
    train, gen = arguments()
    logs = [
        rewrite(sp.log(argument.lhs), known[i].rhs, domain=side, using=[argument, known[i]])
        for i, argument in enumerate((train, gen))
    ]
    same = rewrite(inner.args[0], scale * gap ** (2 * third), domain=side)
    return [
        *logs,
        rewrite(inner, known[1].rhs, domain=side, using=[same, known[1]]),
        instantiate(single, {y: gap}, domain=side),
        rewrite(sp.log(1 / gap), -sp.log(gap), domain=side),
    ]


@cache
def derivation() -> Fact:
    """(25): the difference of the iterated logarithms, where log z_tr > 0."""
    train, gen, middle, quarter, inverse = _logarithms()
    small = combine(
        at_most(0, gen.rhs, strict=True),
        [(1, at_most_by_sign(0, train_log, strict=True, domain=large)), (4 * third, _below_one())],
        domain=large,
    )
    ratio = train_log / gen.rhs
    quotient = rewrite(1 + sp.log(gap ** (4 * third)) / inner, ratio, domain=large, using=[quarter, middle, small])
    logs = _log_of_quotient(train_log, gen.rhs, small)
    approximation = [sp.log(z) - sp.log(sp.log(z)) for z in (printed_gen, printed_train)]
    return rewrite(
        rate * (approximation[0] - approximation[1]),
        printed,
        domain=large,
        using=[train, gen, quotient, logs, inverse, small],
    )


def _below_one() -> Fact:
    """0 <= -log(1 - sqrt(lam))."""
    return at_most_by_monotone_function(sp.log, gap, sp.Integer(1), domain=side)


def _log_of_quotient(top: sp.Expr, bottom: sp.Expr, positive: Fact) -> Fact:
    v = sp.Symbol("v", positive=True)
    law = rewrite(sp.log(k / v), sp.log(k) - sp.log(v))
    return instantiate(law, {k: top, v: bottom}, domain=large, using=[positive])


@cache
def not_large() -> Fact:
    """z_tr < 21/100 about lam = 9/10, eps = 1/1000."""
    tiny = sp.Rational(1, 10**6)
    box = {lam: (sp.Rational(9, 10) - tiny, sp.Rational(9, 10) + tiny)}
    box |= {eps: (sp.Rational(1, 1000) - tiny, sp.Rational(1, 1000) + tiny)}
    below = at_most_by_balls(scale * gap**2, sp.Rational(21, 100), box)
    train, _ = arguments()
    goal = at_most(printed_train, sp.Rational(21, 100), strict=True)
    return combine(goal, [(1, below), (1, train)], domain=below.domain)


@cache
def at_last_large() -> Fact:
    """z_tr > 1 for lam <= 4/5 and eps <= 10^-7."""
    small = where(lam <= sp.Rational(4, 5), eps <= sp.Rational(1, 10**7))
    above = at_most_by_sign(1, scale * gap**2, strict=True, domain=small)
    train, _ = arguments()
    return combine(at_most(1, printed_train, strict=True), [(1, above), (-1, train)], domain=small)


@cache
def sizes() -> Fact:
    """Both statements on the size of z_tr."""
    return together(not_large(), at_last_large())


DERIVES = {"levi2023:25": derivation, "levi2023:24-large": sizes}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
    print(render(sizes()))
