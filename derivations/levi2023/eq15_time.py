"""(15): the difference between the times at which the losses reach two levels in the ratio (1 - lam)^2, lam < 1.

The levels are those of the two plateaus with weight decay. L_gen less its limit is C ~ (A/a) h where L_tr ~ A h, h =
exp(-a s) s^(-3/2), so that (1 - lam)^2 C reaches a level later than L_tr by log((1 - lam)^2/a)/a, which is 2 log(1 +
sqrt(lam))/a, in the limit of small levels, in units of 1/(4 eta).
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    asymptotic,
    at_most,
    chain,
    combine,
    crossing_inverse,
    crossing_time,
    delay_of_late_forms,
    differentiate,
    instantiate,
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

from .crossing_times import L, T_tr, gen, gen_ends, gen_slope, positive, train, train_time
from .eq05_08_losses import eta, s
from .eq06_total_mass import lam, low, root
from .eq11_delay import S, at_end, gen_between, late, late_forms, side, y

ID = "levi2023:15-time"
TITLE = "The grokking time with weight decay"

ratio = (1 - lam) ** 2
small = where(lam < 1, ratio > L)
T = sp.Function("T_gen_decay")
end = ratio * gen.xreplace(at_end)
delay = S - T_tr(lam, end)


@cache
def scaled_time() -> tuple[Fact, Fact]:
    """(1 - lam)^2 C reaches L once, at a positive time."""
    slope = differentiate(ratio * gen, s, -ratio * train, domain=side, using=[gen_slope()])
    start, stop = (limit_of_sum(ratio * gen, [(ratio, fact)], domain=side) for fact in gen_ends())
    falls = combine(at_most(0, ratio * train, strict=True), [(ratio, positive()[0])], domain=side)
    return crossing_time(T(lam, L), ratio * gen, s, L, slope=slope, start=start, end=stop, domain=small, using=[falls])


@cache
def small_levels() -> Fact:
    """The difference tends to log((1 - lam)^2/a)/a as the level tends to 0."""
    first, second = late_forms()
    second = limit_of_sum(ratio * gen / late, [(ratio, second)], domain=side)
    return delay_of_late_forms(train_time()[0], scaled_time()[0], first, second, low, -sp.Rational(3, 2), domain=small)


@cache
def along_time() -> Fact:
    """S - T_tr((1 - lam)^2 C(S)) has the same limit as S -> oo."""
    below, above = (instantiate(fact, at_end, domain=side) for fact in gen_between())
    here = [
        combine(at_most(0, end, strict=True), [(ratio, below)], domain=side),
        combine(at_most(end, ratio, strict=True), [(ratio, above)], domain=side),
    ]
    zero = limit_of_sum(end, [(ratio, rescaled(gen_ends()[1], S, S))], domain=side)
    moved = limit_on_path(small_levels(), end, zero, domain=side, using=here)
    back = instantiate(crossing_inverse(scaled_time()[0], S), {}, domain=side, using=here)
    return limit_of_equal(moved, delay, moved.statement.value, domain=side, using=[back])


@cache
def derivation() -> Fact:
    """(15): the difference is ~ log(1 + sqrt(lam))/(2 eta a)."""
    formula = sp.log(1 + root) / (2 * eta * low)
    limit = along_time()
    (written,) = limit.statement.value.atoms(sp.log)
    square = (1 + root) ** 2
    same = rewrite(written.args[0], square, domain=side, note="1 - lam = (1 - sqrt(lam))(1 + sqrt(lam))")
    power = instantiate(rewrite(sp.log(y**2), 2 * sp.log(y)), {y: 1 + root}, domain=side)
    log = chain(rewrite(written, power.lhs, domain=side, using=[same]), power)
    one = limit_of_sum(delay / (4 * eta) / formula, [(1 / (4 * eta) / formula, limit)], domain=side)
    unit = limit_of_equal(one, one.statement.expr, 1, domain=side, using=[log])
    return asymptotic(unit, delay / (4 * eta), formula, domain=side)


DERIVES = {"levi2023:15-time": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
