"""The times at which the losses reach a level, in units of 1/(4 eta): T_tr(lam, L) and T_gen(lam, L).

C(s) is the continuous part of L_gen, and W(s) = -C'(s) = L_tr. Both decrease strictly, from min(1, 1/lam) and 1 to 0.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    at_most,
    by_cases,
    combine,
    crossing_diverges,
    crossing_time,
    define,
    derivative_of_equal,
    fundamental,
    integral_limit,
    limit_at_infinity,
    limit_by_squeeze,
    limit_of_equal,
    positive_integral,
    render,
    rewrite,
    run_in_package,
    under_integral,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from . import eq06_total_mass, eq08_train_loss, plateau
from .eq05_08_losses import over_spectrum, s
from .eq06_total_mass import atom, density, lam, nu
from .eq10_late_time_losses import leading, train_bounds
from .eq20_slope import angle_form, at_one, average, slope, theta, weighted

ID = "lemma:crossing_times"
TITLE = "The times at which the losses reach a level"

L = sp.Symbol("L", positive=True)
C, W, V, T_gen, T_tr = (sp.Function(name) for name in ("C", "W", "V", "T_gen", "T_tr"))
gen, train, curve = C(s, lam), W(s, lam), V(s, lam)
times_nu = density * nu
second = over_spectrum(sp.exp(-s * nu) * (times_nu * nu))


@cache
def train_meaning() -> Fact:
    """W: the average of nu exp(-s nu)."""
    return define(train, weighted, note="L_tr at s = 4 eta t")


@cache
def curve_meaning() -> Fact:
    """V: the average of nu^2 exp(-s nu)."""
    return define(curve, second)


@cache
def gen_meaning() -> Fact:
    """C: the continuous part of the average of exp(-s nu)."""
    return define(gen, average, using=[slope()], note="L_gen - (1 - 1/lam)^+ at s = 4 eta t")


@cache
def positive() -> tuple[Fact, Fact]:
    """0 < W and 0 < V, for every lam > 0."""
    weights = sp.exp(-s * nu) * times_nu, sp.exp(-s * nu) * times_nu * nu
    facts = []
    for meaning, weight in zip((train_meaning(), curve_meaning()), weights, strict=True):
        area = positive_integral(meaning.rhs, weight, 1)
        facts.append(combine(at_most(0, meaning.lhs, strict=True), [(1, area), (-1, meaning)]))
    return facts[0], facts[1]


@cache
def gen_slope() -> Fact:
    """dC/ds = -W."""
    by_s = derivative_of_equal(gen_meaning(), slope())
    goal = sp.Eq(by_s.lhs, -train, evaluate=False)
    return combine(goal, [(1, by_s), (1, train_meaning())])


@cache
def train_slope() -> Fact:
    """dW/ds = -V."""
    inside = under_integral(weighted, s, -second.function)
    by_s = derivative_of_equal(train_meaning(), inside)
    return combine(sp.Eq(by_s.lhs, -curve, evaluate=False), [(1, by_s), (1, curve_meaning())])


@cache
def train_ends() -> tuple[Fact, Fact]:
    """W -> 1 as s -> 0, W -> 0 as s -> oo."""
    start = limit_of_equal(integral_limit(weighted, s, 0), train, 1, using=[train_meaning(), eq06_total_mass.mean()])
    _, above = train_bounds()
    closed = eq08_train_loss.transform()
    high = combine(at_most(train, leading), [(1, above), (1, closed), (1, train_meaning())])
    low = combine(at_most(0, train), [(1, positive()[0])])
    zero = limit_at_infinity(sp.Integer(0), s)
    return start, limit_by_squeeze(low, high, zero, limit_at_infinity(leading, s))


@cache
def gen_ends() -> tuple[Fact, Fact]:
    """C -> 1 - (1 - 1/lam)^+ as s -> 0, C -> 0 as s -> oo."""
    meaning = gen_meaning()
    sides = [
        limit_of_equal(
            integral_limit(average, s, 0, domain=where(side)),
            gen,
            1 - atom,
            domain=where(side),
            using=[meaning, eq06_total_mass.derivation()],
        )
        for side in (lam < 1, lam > 1)
    ]
    angle = angle_form()
    whole = fundamental(sp.Integral((1 + sp.cos(theta)) / sp.pi, (theta, 0, sp.pi)), (theta + sp.sin(theta)) / sp.pi)
    here = rewrite(gen.xreplace(at_one), angle.rhs, using=[_at_one(meaning), angle])
    critical = limit_of_equal(integral_limit(angle.rhs, s, 0), here.lhs, 1, using=[here, whole])
    start = by_cases(lam, 1, sides[0], critical, sides[1])
    spread = [plateau.vanishing(where(side)) for side in (lam < 1, lam > 1)]
    end = by_cases(lam, 1, spread[0], plateau.vanishing_at_one(), spread[1])
    return start, limit_of_equal(end, gen, 0, using=[meaning])


def _at_one(meaning: Fact) -> Fact:
    from grokmath.proof import instantiate

    return instantiate(meaning, at_one)


@cache
def train_time() -> tuple[Fact, Fact]:
    """W(T_tr, lam) = L, and T_tr > 0, for L < 1."""
    start, end = train_ends()
    return crossing_time(
        T_tr(lam, L), train, s, L, slope=train_slope(), start=start, end=end, domain=where(L < 1), using=positive()
    )


@cache
def gen_time() -> tuple[Fact, Fact]:
    """C(T_gen, lam) = L, and T_gen > 0, for L < 1 - (1 - 1/lam)^+."""
    start, end = gen_ends()
    reachable = where(1 - atom > L)
    return crossing_time(
        T_gen(lam, L), gen, s, L, slope=gen_slope(), start=start, end=end, domain=reachable, using=positive()
    )


@cache
def divergence() -> tuple[Fact, Fact]:
    """1/T_tr -> 0 and 1/T_gen -> 0 as L -> 0; the second for lam <= 1."""
    train_fact = crossing_diverges(train_time()[0], train_ends()[1], domain=where(L < 1))
    gen_fact = crossing_diverges(gen_time()[0], gen_ends()[1], domain=where(L < 1, lam <= 1))
    return train_fact, gen_fact


@cache
def derivation() -> Fact:
    """C(T_gen, lam) = L."""
    return gen_time()[0]


DERIVES = {"lemma:crossing_times": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
