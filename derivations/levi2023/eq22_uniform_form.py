"""(22): the late-time form of the generalization loss that is uniform in lam, lam = 1 included, with bounds for all
times.

With F(s) = lam^(-3/4) [exp(-a s)/sqrt(pi s) - sqrt(a) erfc(sqrt(a s))], a = (1 - sqrt(lam))^2, s = 4 eta t,

    F(s) (1 - 3/(8 sqrt(lam) s)) <= L_gen - (1 - 1/lam)^+ <= F(s).

F is the integral of (21) over (s, oo): F' = -(21). The differences of the sides vanish at infinity, and their
derivatives have one sign by the bounds of the train loss.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Domain,
    Fact,
    asymptotic,
    at_most,
    at_most_by_monotonicity,
    by_cases,
    combine,
    differentiate,
    equation,
    instantiate,
    limit_at_infinity,
    limit_by_squeeze,
    limit_of_sum,
    render,
    rescaled,
    rewrite,
    run_in_package,
    together,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from . import eq08_train_loss, plateau
from .eq05_08_losses import L_gen, eta, gen_loss, s, t
from .eq06_total_mass import atom, lam, low, root
from .eq10_late_time_losses import L, leading, train_bounds
from .eq20_slope import at_one, average, slope

ID = "levi2023:22"
TITLE = "The uniform late-time form of the generalization loss"

edge = sp.Abs(1 - root)
F = (sp.exp(-low * s) / sp.sqrt(sp.pi * s) - edge * sp.erfc(edge * sp.sqrt(s))) / lam ** sp.Rational(3, 4)
shrunk = F * (1 - 3 / (8 * root * s))


@cache
def _pair(side: Domain | None) -> tuple[Fact, Fact]:
    """(upper, lower) for the continuous part, for lam on one side of 1; at lam = 1 for None."""
    put = at_one if side is None else {lam: lam}
    domain = Domain() if side is None else side
    form, factor, lead, loss, continuous = (e.xreplace(put) for e in (F, 1 - 3 / (8 * root * s), leading, L, average))
    known = [instantiate(fact, put, domain=domain) for fact in (slope(), eq08_train_loss.transform(), *train_bounds())]
    by_s, closed, below, above = known
    vanishing = plateau.vanishing_at_one() if side is None else plateau.vanishing(side)
    positive = _positive(put, domain)

    def vanishing_gap(sign: int, bound: sp.Expr) -> Fact:
        parts = [(sign, limit_at_infinity(bound, s, domain=domain)), (-sign, vanishing)]
        return limit_of_sum(sign * (bound - continuous), parts, domain=domain, using=[by_s])

    over = differentiate(form - continuous, s, loss - lead, domain=domain, using=[by_s, closed])
    upper = at_most_by_monotonicity(over, s, sp.oo, domain=domain, limits=[vanishing_gap(1, form)], using=[above, by_s])
    steep = 3 / (8 * root.xreplace(put) * s**2)
    under = differentiate(
        continuous - form * factor, s, lead * factor - loss - form * steep, domain=domain, using=[by_s, closed]
    )
    falling = combine(at_most(0, -under.rhs), [(1, below), (steep, positive)], domain=domain)
    lower = at_most_by_monotonicity(
        under, s, sp.oo, domain=domain, limits=[vanishing_gap(-1, form * factor)], using=[falling, by_s]
    )
    return upper, lower


def _positive(put: dict[sp.Symbol, sp.Expr], domain: Domain) -> Fact:
    """0 < F: it falls strictly, to 0."""
    form, lead = F.xreplace(put), leading.xreplace(put)
    zero = limit_at_infinity(form, s, domain=domain)
    fall = differentiate(form, s, -lead, domain=domain, note="F' = -(21)")
    return at_most_by_monotonicity(fall, s, sp.oo, strict=True, domain=domain, limits=[zero])


@cache
def positive() -> Fact:
    """0 < F for every lam > 0."""
    return by_cases(
        lam,
        1,
        _positive({}, where(lam < 1)),
        _positive(at_one, Domain()),
        _positive({}, where(lam > 1)),
    )


@cache
def slope_of_form() -> Fact:
    """dF/ds = -(21), for every lam > 0."""
    sides = [differentiate(F, s, -leading, domain=where(side)) for side in (lam < 1, lam > 1)]
    return by_cases(lam, 1, sides[0], differentiate(F.xreplace(at_one), s, -leading.xreplace(at_one)), sides[1])


@cache
def asymptotic_form() -> Fact:
    """L_gen - (1 - 1/lam)^+ ~ (22) as t -> oo, for every lam > 0."""
    below, above = bounds()
    low_side = combine(at_most(1 - 3 / (8 * root * s), average / F), [(1 / F, below)], using=[positive()])
    high_side = combine(at_most(average / F, 1), [(1 / F, above)], using=[positive()])
    ends = limit_at_infinity(low_side.lhs, s), limit_at_infinity(sp.Integer(1), s)
    limit = limit_by_squeeze(low_side, high_side, *ends, using=[positive()])
    in_time = rescaled(limit, t, 4 * eta * t)
    late = F.xreplace({s: 4 * eta * t})
    return asymptotic(
        in_time, L_gen(t, eta, lam) - atom, late, using=[gen_loss(), instantiate(positive(), {s: 4 * eta * t})]
    )


@cache
def bounds() -> tuple[Fact, Fact]:
    """(lower, upper): F (1 - 3/(8 sqrt(lam) s)) <= continuous part <= F, for every lam > 0."""
    pairs = [_pair(where(lam < 1)), _pair(None), _pair(where(lam > 1))]
    above, below = (by_cases(lam, 1, *(pair[k] for pair in pairs)) for k in range(2))
    return combine(at_most(shrunk, average), [(1, below)]), combine(at_most(average, F), [(1, above)])


@cache
def derivation() -> Fact:
    """The upper bound in t: L_gen - (1 - 1/lam)^+ <= (22); :func:`bounds` has the lower one."""
    _, above = bounds()
    here = instantiate(above, {s: 4 * eta * t})
    gap = F.xreplace({s: 4 * eta * t})
    return combine(at_most(L_gen(t, eta, lam) - atom, gap), [(1, here), (1, gen_loss())])


def _printed(gap: sp.Expr) -> sp.Expr:
    """The printed form (22) in t, with ``gap`` for 1 - sqrt(lam)."""
    first = sp.sqrt(eta * t) * sp.exp(-4 * eta * gap**2 * t) / (2 * sp.sqrt(sp.pi) * eta * t * lam ** sp.Rational(3, 4))
    tail = gap * sp.uppergamma(sp.Rational(1, 2), 4 * eta * t * gap**2)
    return first - tail / (sp.sqrt(sp.pi) * lam ** sp.Rational(3, 4))


@cache
def slope_of_printed() -> Fact:
    """The derivative of (22) by t is -4 eta times (21), for lam < 1."""
    side, printed = where(lam < 1), _printed(1 - root)
    by_s = instantiate(slope_of_form(), {}, domain=side)
    late = leading.xreplace({s: 4 * eta * t})
    falls = differentiate(printed, t, -4 * eta * late, domain=side, using=[by_s])
    written = differentiate(printed, t, sp.diff(printed, t), domain=side)
    return combine(equation(-4 * eta * late, written.rhs), [(1, written), (-1, falls)], domain=side)


@cache
def _ratio_limit() -> Fact:
    below, above = bounds()
    low_side = combine(at_most(1 - 3 / (8 * root * s), average / F), [(1 / F, below)], using=[positive()])
    high_side = combine(at_most(average / F, 1), [(1 / F, above)], using=[positive()])
    ends = limit_at_infinity(low_side.lhs, s), limit_at_infinity(sp.Integer(1), s)
    return rescaled(limit_by_squeeze(low_side, high_side, *ends, using=[positive()]), t, 4 * eta * t)


def _as_printed(side: Domain, gap: sp.Expr, loss: sp.Expr) -> Fact:
    given = [gen_loss(), instantiate(positive(), {s: 4 * eta * t})]
    late = F.xreplace({s: 4 * eta * t})
    same = rewrite(_printed(gap), late, domain=side)
    above_zero = combine(at_most(0, _printed(gap), strict=True), [(1, given[1]), (1, same)], domain=side)
    return asymptotic(_ratio_limit(), loss, _printed(gap), domain=side, using=[*given, above_zero])


@cache
def under() -> Fact:
    """(22): its derivative, and L_gen ~ (22) for lam < 1."""
    side = where(lam < 1)
    return together(slope_of_printed(), _as_printed(side, 1 - root, L_gen(t, eta, lam)))


@cache
def over() -> Fact:
    """L_gen - (1 - 1/lam) ~ (22) with sqrt(lam) - 1, for lam > 1."""
    return _as_printed(where(lam > 1), root - 1, L_gen(t, eta, lam) - atom)


@cache
def in_spectrum() -> Fact:
    """L_gen ~ F as s -> oo, for every lam <= 1."""
    below, above = bounds()
    side = where(lam <= 1)
    low_side = combine(at_most(1 - 3 / (8 * root * s), average / F), [(1 / F, below)], using=[positive()])
    high_side = combine(at_most(average / F, 1), [(1 / F, above)], using=[positive()])
    ends = limit_at_infinity(low_side.lhs, s), limit_at_infinity(sp.Integer(1), s)
    limit = limit_by_squeeze(low_side, high_side, *ends, using=[positive()])
    return asymptotic(limit, atom + average, F, domain=side, using=[positive(), slope()])


DERIVES = {
    "levi2023:11-uniform": in_spectrum,
    "levi2023:22": under,
    "levi2023:22-over": over,
    "lemma:uniform_form": asymptotic_form,
}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
