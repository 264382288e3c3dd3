"""The losses under label noise at late times, lam < 1: neither "at least sigma^2" nor "driven to 0".

L_tr = E[nu exp(-s nu)] + sigma^2 (1 - lam + lam E[exp(-s nu)]) stays above sigma^2 (1 - lam) and tends to it. The noise
term of L_gen, E[(1 - exp(-s nu/2))^2/nu], is at most E[1/nu] and at least (1 - 2 exp(-nu_- s/2)) E[1/nu]; E[1/nu] =
1/(1 - lam) is the limit c -> 0 of E[1/(nu + c)] = 1/(p - lam), c = (p - 1)(1 - lam/p).
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    at_most,
    at_most_by_monotone_function,
    at_most_by_sign,
    combine,
    equation,
    integral_at_most,
    integral_limit,
    limit_at_infinity,
    limit_by_continuity,
    limit_by_squeeze,
    limit_of_equal,
    limit_of_sum,
    linearity,
    render,
    run_in_package,
    together,
    unique_limit,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from . import eq06_total_mass, eq08_train_loss, plateau
from .eq05_08_losses import over_spectrum, s
from .eq06_total_mass import atom, density, high, lam, low, nu
from .eq15_plateaus import decay, first_moment, weight
from .eq20_slope import average, weighted
from .eq27_noise_kernel import drive, under
from .ridge_transform import p

ID = "levi2023:28-perfect"
TITLE = "The losses under label noise at late times"

sigma = sp.Symbol("sigma", positive=True)
beyond = where(lam < 1, p > 1)
inverse = over_spectrum(1 / nu * density)
train_loss = weighted + sigma**2 * (1 - lam + lam * (atom + average))
gen_loss = atom + average + sigma**2 * lam * drive


@cache
def inverse_mean() -> Fact:
    """E[1/nu] = 1/(1 - lam) for lam < 1."""
    shifted = over_spectrum(density / (nu + decay))
    positive = at_most_by_sign(0, decay, strict=True, domain=beyond)
    parts = linearity(
        shifted,
        [(1 / decay, density), (-1 / decay, weight / (nu + decay))],
        domain=beyond,
        using=[positive],
        note="partial fractions in nu",
    )
    value = combine(
        equation(shifted, 1 / (p - lam)),
        [(1, parts), (1 / decay, eq06_total_mass.derivation()), (-1 / decay, first_moment())],
        domain=beyond,
        using=[positive],
    )
    right = limit_by_continuity(1 / (p - lam), p, 1, domain=beyond)
    right = limit_of_equal(right, shifted, right.statement.value, domain=beyond, using=[value, positive])
    left = integral_limit(shifted, p, 1, domain=beyond)
    return unique_limit(left, right, domain=under)


@cache
def noise_limit() -> Fact:
    """E[(1 - exp(-s nu/2))^2/nu] -> 1/(1 - lam)."""
    fade = sp.exp(-s * low / 2)
    inside = under.and_((nu - low, ">"), (high - nu, ">"))
    slower = at_most_by_monotone_function(sp.exp, -s * nu / 2, -s * low / 2, domain=inside)
    above = integral_at_most(drive, inverse, domain=under)
    least = over_spectrum((1 - 2 * fade) / nu * density)
    order = combine(at_most(1 - 2 * fade, (1 - sp.exp(-s * nu / 2)) ** 2), [(2, slower)], domain=inside)
    below = integral_at_most(least, drive, domain=under, using=[order])
    parts = linearity(least, [(1 - 2 * fade, density / nu)], domain=under)
    known, value = inverse_mean(), 1 / (1 - lam)
    below = combine(
        at_most((1 - 2 * fade) * value, drive), [(1, below), (-1, parts), (-(1 - 2 * fade), known)], domain=under
    )
    above = combine(at_most(drive, value), [(1, above), (1, known)], domain=under)
    ends = limit_at_infinity(below.lhs, s, domain=under), limit_at_infinity(value, s, domain=under)
    return limit_by_squeeze(below, above, *ends, domain=under)


@cache
def derivation() -> Fact:
    """L_gen -> sigma^2 lam/(1 - lam), for lam < 1."""
    parts = [(1, plateau.spectrum_limit()), (sigma**2 * lam, noise_limit())]
    total = limit_of_sum(gen_loss, parts, domain=under)
    return limit_of_equal(total, gen_loss, sigma**2 * lam / (1 - lam), domain=under)


@cache
def bound() -> Fact:
    """L_tr -> sigma^2 (1 - lam) from above, for lam < 1."""
    closed = eq08_train_loss.transform()
    fall = limit_at_infinity(closed.rhs, s, domain=under)
    zero = limit_of_equal(fall, weighted, 0, domain=under, using=[closed])
    floor = limit_at_infinity(sigma**2 * (1 - lam), s, domain=under)
    parts = [(1, zero), (1, floor), (sigma**2 * lam, plateau.spectrum_limit())]
    limit = limit_of_equal(
        limit_of_sum(train_loss, parts, domain=under), train_loss, sigma**2 * (1 - lam), domain=under
    )
    rest = integral_at_most(0, average, domain=under)
    above = combine(
        at_most(sigma**2 * (1 - lam), train_loss, strict=True), [(-1, closed), (sigma**2 * lam, rest)], domain=under
    )
    return together(limit, above)


DERIVES = {"levi2023:28-perfect": derivation, "levi2023:28-bound": bound, "lemma:inverse_mean": inverse_mean}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
    print(render(bound()))
