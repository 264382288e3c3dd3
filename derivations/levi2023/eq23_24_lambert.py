"""(23) and (24): the times at which the late-time forms (21) and (10) reach eps/4, by Lambert's W.

With a = (1 - sqrt(lam))^2, t = 3 W(z)/(8 eta a) satisfies C exp(-a s) s^(-3/2) = eps/4 at s = 4 eta t for
z_tr = 2^(5/3) a/(3 pi^(1/3) sqrt(lam) eps^(2/3)), and C exp(-a s) s^(-3/2)/a = eps/4 for z_gen = z_tr/a^(2/3); W(z)
exp(W(z)) = z. Both forms decrease strictly, so that these are the only solutions.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import sympy as sp

from grokmath.proof import (
    Domain,
    Fact,
    by_cases,
    combine,
    differentiate,
    instantiate,
    render,
    rewrite,
    run_in_package,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from .eq05_08_losses import eta, s, t
from .eq06_total_mass import lam, low
from .eq10_late_time_losses import leading

ID = "levi2023:23-24"
TITLE = "The grokking times of the late-time forms"

eps, k, y = sp.symbols("eps k y", positive=True)
third = sp.Rational(1, 3)
z_train = 2 ** (5 * third) * low / (3 * sp.pi**third * sp.sqrt(lam) * eps ** (2 * third))
z_gen = 2 ** (5 * third) * low**third / (3 * sp.pi**third * sp.sqrt(lam) * eps ** (2 * third))
train_time = 3 * sp.LambertW(z_train) / (8 * eta * low)
gen_time = 3 * sp.LambertW(z_gen) / (8 * eta * low)
apart = where(sp.Ne(lam, 1))


def _both_sides(make: Callable[[Domain], Fact]) -> Fact:
    below, above = (make(where(side)) for side in (lam < 1, lam > 1))
    return by_cases(lam, 1, below, None, above, domain=apart)


@cache
def train() -> Fact:
    """(21) at the time (23) is eps/4, for lam != 1."""
    late = leading.xreplace({s: 4 * eta * train_time})
    return _both_sides(lambda side: rewrite(late, eps / 4, domain=side, note="exp(-3 W/2) = (W/z)^(3/2)"))


@cache
def derivation() -> Fact:
    """(10) at the time (24) is eps/4, for lam != 1."""
    late = leading.xreplace({s: 4 * eta * gen_time}) / low
    return _both_sides(lambda side: rewrite(late, eps / 4, domain=side, note="exp(-3 W/2) = (W/z)^(3/2)"))


@cache
def only_solution() -> Fact:
    """The form (21) decreases strictly in t: d/dt log = -4 eta a - 3/(2 t) < 0."""
    late = leading.xreplace({s: 4 * eta * t})
    slope = differentiate(late, t, -(4 * eta * low + sp.Rational(3, 2) / t) * late)
    return combine(sp.Lt(slope.lhs, 0, evaluate=False), [(1, slope)])


pi = sp.pi
train_radicand = (
    lam ** sp.Rational(3, 2) / pi
    + 1 / (pi * lam ** sp.Rational(3, 2))
    - 6 * lam / pi
    + 15 * sp.sqrt(lam) / pi
    - 6 / (pi * lam)
    + 15 / (pi * sp.sqrt(lam))
    - 20 / pi
)
gen_radicand = 1 / (pi * lam ** sp.Rational(3, 2)) + 1 / (pi * sp.sqrt(lam)) - 2 / (pi * lam)
printed_train = 2 * 2 ** (2 * third) * train_radicand**third / (3 * eps ** (2 * third))
printed_gen = 2 ** (5 * third) * gen_radicand**third / (3 * eps ** (2 * third))


def _printed(form: sp.Expr, argument: sp.Expr) -> Fact:
    """eps/4 = the form at the printed time, for lam < 1."""
    time = 3 / (8 * eta * low) * sp.LambertW(argument)
    late = form.xreplace({s: 4 * eta * t}).xreplace({t: time})
    return rewrite(eps / 4, late, domain=where(lam < 1), note="the radicand is a power of 1 - sqrt(lam)")


@cache
def printed_training_time() -> Fact:
    """(23) as it is printed."""
    return _printed(leading, printed_train)


@cache
def printed_generalization_time() -> Fact:
    """(24) as it is printed."""
    return _printed(leading / low, printed_gen)


def _log_of_square() -> Fact:
    return rewrite(sp.log(k * y**2), sp.log(k) + 2 * sp.log(y))


@cache
def leading_delay() -> Fact:
    """(24) minus (23) with log z for W(z) is (11), for lam < 1."""
    rate, side, gap = 3 / (8 * eta * low), where(lam < 1), 1 - sp.sqrt(lam)
    delay = rate * (sp.log(printed_gen) - sp.log(printed_train))
    scale = 2 ** (5 * third) / (3 * sp.pi**third * sp.sqrt(lam) * eps ** (2 * third))
    powers = [
        rewrite(printed_train, scale * gap**2, domain=side),
        instantiate(_log_of_square(), {k: scale, y: gap}, domain=side),
        rewrite(printed_gen, scale * gap ** (2 * third), domain=side),
    ]
    return rewrite(delay, -sp.log(gap) / (2 * eta * low), domain=side, using=powers)


DERIVES = {
    "levi2023:23": printed_training_time,
    "levi2023:24": printed_generalization_time,
    "levi2023:25-text": leading_delay,
    "lemma:training_time": train,
    "lemma:generalization_time": derivation,
}

if __name__ == "__main__":
    print(render(train(), TITLE))
    print(render(derivation()))
    print(render(only_solution()))
