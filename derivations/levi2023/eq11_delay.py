"""(11): the grokking time difference tends to log(1/a)/a as eps -> 0, in units of 1/(4 eta), for lam < 1.

W ~ A h and C ~ (A/a) h for h = exp(-a s) s^(-3/2), so that the later time exceeds the earlier one by log(1/a)/a in the
limit of small levels. With S the later time itself, of the level C(S), S - T_tr(C(S)) has the same limit as S -> oo.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    asymptotic,
    at_most,
    at_most_by_monotonicity,
    combine,
    crossing_inverse,
    delay_of_late_forms,
    differentiate,
    instantiate,
    limit_by_continuity,
    limit_of_equal,
    limit_of_sum,
    limit_on_path,
    render,
    rescaled,
    rewrite,
    run_in_package,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from . import eq08_train_loss
from .crossing_times import (
    L,
    T_tr,
    gen,
    gen_ends,
    gen_meaning,
    gen_slope,
    gen_time,
    positive,
    train,
    train_meaning,
    train_time,
)
from .eq05_08_losses import eta, s
from .eq06_total_mass import lam, low, root
from .eq10_late_time_losses import gen_relative_limit, relative_limit

ID = "levi2023:11"
TITLE = "The grokking time difference at small thresholds"

side = where(lam < 1)
S, y = sp.symbols("S y", positive=True)
gap = 1 - root
late = sp.exp(-low * s) / s ** sp.Rational(3, 2)
factor = 1 / (2 * sp.sqrt(sp.pi) * lam ** sp.Rational(3, 4))
at_end = {s: S}
gen_end, delay = gen.xreplace(at_end), S - T_tr(lam, gen.xreplace(at_end))


@cache
def late_forms() -> tuple[Fact, Fact]:
    """W/h -> A and C/h -> A/a."""
    closed = eq08_train_loss.transform()
    train_limit = limit_of_sum(
        train / late, [(factor, relative_limit())], domain=side, using=[train_meaning(), closed], note="(21)"
    )
    gen_limit = limit_of_sum(
        gen / late, [(factor / low, gen_relative_limit(side))], domain=side, using=[gen_meaning()], note="(10)"
    )
    return train_limit, limit_of_equal(gen_limit, gen / late, factor / low, domain=side)


@cache
def small_levels() -> Fact:
    """T_gen - T_tr -> log(1/a)/a as L -> 0."""
    return delay_of_late_forms(
        train_time()[0],
        gen_time()[0],
        *late_forms(),
        low,
        -sp.Rational(3, 2),
        domain=where(lam < 1, L < 1),
    )


@cache
def gen_between() -> tuple[Fact, Fact]:
    """0 < C < 1 for lam < 1 and s > 0."""
    start, end = gen_ends()
    below = at_most_by_monotonicity(gen_slope(), s, sp.oo, strict=True, limits=[end], using=[positive()[0]])
    rise = differentiate(1 - gen, s, train, using=[gen_slope()])
    zero = limit_of_sum(1 - gen, [(1, limit_by_continuity(sp.Integer(1), s, 0)), (-1, start)], domain=side)
    above = at_most_by_monotonicity(rise, s, 0, strict=True, domain=side, limits=[zero], using=[positive()[0]])
    return below, combine(at_most(gen, 1, strict=True), [(1, above)], domain=side)


@cache
def along_time() -> Fact:
    """S - T_tr(C(S)) -> log(1/a)/a as S -> oo."""
    here = [instantiate(fact, at_end, domain=side) for fact in gen_between()]
    moved = limit_on_path(small_levels(), gen_end, rescaled(gen_ends()[1], S, S), domain=side, using=here)
    back = instantiate(crossing_inverse(gen_time()[0], S), {}, domain=side, using=here)
    return limit_of_equal(moved, delay, moved.statement.value, domain=side, using=[back])


@cache
def derivation() -> Fact:
    """(11): the difference is ~ -log(1 - sqrt(lam))/(2 eta a)."""
    formula = -sp.log(gap) / (2 * eta * low)
    power = instantiate(rewrite(sp.log(y ** (-2)), -2 * sp.log(y)), {y: gap}, domain=side)
    limit = along_time()
    one = limit_of_sum(delay / (4 * eta) / formula, [(1 / (4 * eta) / formula, limit)], domain=side)
    unit = limit_of_equal(one, one.statement.expr, 1, domain=side, using=[power])
    return asymptotic(unit, delay / (4 * eta), formula, domain=side)


DERIVES = {"levi2023:11": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
