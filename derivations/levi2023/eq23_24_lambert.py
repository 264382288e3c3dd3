"""(23) and (24): the times at which the late-time forms (21) and (10) reach eps/4, by Lambert's W.

With a = (1 - sqrt(lam))^2, t = 3 W(z)/(8 eta a) satisfies C exp(-a s) s^(-3/2) = eps/4 at s = 4 eta t for
z_tr = 2^(5/3) a/(3 pi^(1/3) sqrt(lam) eps^(2/3)), and C exp(-a s) s^(-3/2)/a = eps/4 for z_gen = z_tr/a^(2/3); W(z)
exp(W(z)) = z. Both forms decrease strictly, so that these are the only solutions.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import sympy as sp

from grokmath.proof import Domain, Fact, by_cases, combine, differentiate, render, rewrite, where

if __package__:
    from .eq05_08_losses import eta, s, t
    from .eq06_total_mass import lam, low
    from .eq10_late_time_losses import leading
else:
    from eq05_08_losses import eta, s, t
    from eq06_total_mass import lam, low
    from eq10_late_time_losses import leading

ID = "levi2023:23-24"
TITLE = "The grokking times of the late-time forms"

eps = sp.Symbol("eps", positive=True)
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


DERIVES = {"levi2023:23": train, "levi2023:24": derivation}

if __name__ == "__main__":
    print(render(train(), TITLE))
    print(render(derivation()))
    print(render(only_solution()))
