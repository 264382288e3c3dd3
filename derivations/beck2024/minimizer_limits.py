"""The norm of the inseparable minimiser, its fraction of positive outputs and its loss as lam -> 1/2.

With delta = 1/2 - lam -> 0, e = 1/R -> 0 and m = log(gamma/R) -> m_0, the mean of log z under the density
z exp(-z^2/2); R^2 delta is the integral of F, and tends to that of (log v - m_0)^2 exp(-v^2/2)/sqrt(2 pi).
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    asymptotic,
    at_most,
    at_most_by_monotone_function,
    change_variable,
    combine,
    define,
    equation,
    instantiate,
    limit_by_domination,
    limit_by_squeeze,
    limit_of_equal,
    limit_of_sum,
    limit_through,
    linearity,
    log_gamma_integral,
    render,
    run_in_package,
    symmetric,
    together,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from .gaussian_lemmas import density, half, mass, z
from .gaussian_lemmas import over as over_line
from .minimizer_integrals import c, log, mean_of_w, moment, moment_bounds, over, spread, v, wide, y
from .minimizer_integrals import mean as mean_over_line
from .minimizer_law import (
    E,
    M,
    R,
    along,
    back,
    delta,
    equations,
    gamma,
    here,
    law,
    mean_at_least,
    near,
    path,
    ranges,
    ratio,
    signs,
    vanishing,
)
from .minimizer_series import F, bounds, near_zero, p, value, weight
from .minimizer_series import wide as wide_bound

ID = "beck2024:prop3.4-law"
TITLE = "The inseparable minimiser near the edge of separability"

first, second, third, fourth, fifth = sp.symbols("first second third fourth fifth", real=True)
mean = sp.Function("mean")(delta)
m_0 = (sp.log(2) - sp.EulerGamma) / 2
Y = 2 * log - sp.log(2)
"""log of v^2/2."""


@cache
def gaussian_moment(j: int, k: int) -> Fact:
    """The integral of v^j Y^k p, times a constant: the k-th derivative of the gamma function at (j + 1)/2."""
    s = sp.Rational(j + 1, 2)
    known = log_gamma_integral(s, k, y)
    moved = change_variable(known.lhs, v, v**2 / 2, 0, sp.oo, 2 ** (1 - s) / c * v**j * Y**k * p, using=[known])
    return combine(equation(moved.rhs, known.rhs), [(1, known), (-1, moved)])


def gaussian_sum(f: sp.Expr, terms: dict[tuple[int, int], sp.Expr], total: sp.Expr) -> Fact:
    """The integral of f = sum of c v^j Y^k p is ``total``."""
    known = {at: gaussian_moment(*at) for at in terms}
    scale = {(j, k): c / 2 ** (1 - sp.Rational(j + 1, 2)) for j, k in terms}
    parts = [(scale[at] * factor, known[at].lhs.function) for at, factor in terms.items()]
    taken = linearity(over(f), parts, using=list(known.values()))
    values = [(scale[at] * factor, known[at]) for at, factor in terms.items()]
    return combine(equation(over(f), total), [(1, taken), *values])


@cache
def moment_limit(j: int, k: int) -> Fact:
    """The integral of v^j (log v)^k d tends to that of v^j (log v)^k p, for k = 0 or 1, as e -> 0 and e m -> 0."""
    e_limit, m_limit = vanishing()
    f = v**j * log**k
    through = f * c * sp.exp(-((v + first * log - second) ** 2) / 2)
    pointwise = limit_through(through, [(first, e_limit), (second, m_limit)])
    _, upper = ratio()
    height = at_most_by_monotone_function(sp.exp, sp.exp(2 * M) / 2, sp.Rational(25, 8), domain=near, using=[upper])
    h, scale = wide(j, k, weight), v**j * spread**k * p
    above, below = (here(fact) for fact in moment_bounds(j, k))
    known = [signs()[0]]
    top = h.lhs.function
    above = combine(at_most(above.lhs, top), [(1, above), (scale, height)], domain=near, using=known)
    below = combine(at_most(-top, below.rhs), [(1, below), (scale, height)], domain=near, using=known)
    return limit_by_domination(along(j, k), pointwise, h.lhs, domain=near, using=[above, below, h])


@cache
def limit_of_mean() -> tuple[Fact, Fact]:
    """What the mean of v is, I_1 + e I_0, and its limit 1/sqrt(2 pi); I_j is the integral of v^j d."""
    known = signs()[0]
    named = define(mean, along(1) + E * along(0), domain=near, using=[here(moment(1, 0)), here(moment(0, 0)), known])
    first_moment = limit_of_equal(moment_limit(1, 0), along(1), c, using=[gaussian_sum(v * p, {(1, 0): sp.S.One}, c)])
    parts = [(first, first_moment), (second, vanishing()[0]), (third, moment_limit(0, 0))]
    whole = limit_through(first + second * third, parts)
    return named, limit_of_equal(whole, mean, c, domain=near, using=[named, known])


@cache
def limit_of_ratio() -> Fact:
    """m -> m_0, as m is the quotient of J_1 + e J_0 by the mean of v; J_j is the integral of v^j log(v) d."""
    named, whole = limit_of_mean()
    balance, known = equations()[2], signs()[0]
    above = gaussian_sum(v * log * p, {(1, 1): half, (1, 0): sp.log(2) / 2}, c * m_0)
    top = limit_of_equal(moment_limit(1, 1), along(1, 1), c * m_0, using=[above])
    positive = combine(at_most(sp.Rational(1, 5), mean), [(1, mean_at_least())], domain=near, using=[named, known])
    parts = [(first, top), (second, vanishing()[0]), (third, moment_limit(0, 1)), (fourth, whole)]
    found = limit_through((first + second * third) / fourth, parts, domain=where(fourth > 0))
    solved = equation((along(1, 1) + E * along(0, 1)) / mean, M)
    solved = combine(solved, [(-1 / mean, balance), (-M / mean, named)], domain=near, using=[positive, known])
    return limit_of_equal(found, M, m_0, domain=near, using=[solved, positive, known])


@cache
def loss() -> Fact:
    """E[w]/gamma, the least loss without its bias, tends to exp(gamma_E/2)/(2 sqrt(pi)).

    It is exp(-m) times the mean of v.
    """
    named, whole = limit_of_mean()
    one, two, _ = back()
    found = limit_through(first * sp.exp(-second), [(first, whole), (second, limit_of_ratio())])
    expr = mean_over_line(sp.LambertW(gamma * sp.exp(R * z))) / gamma
    value = sp.exp(sp.EulerGamma / 2) / (2 * sp.sqrt(sp.pi))
    using = [one, two, here(mean_of_w()), named, signs()[0]]
    return limit_of_equal(found, expr, value, domain=near, using=using)


@cache
def fraction() -> Fact:
    """Phi(-gamma/R) -> Phi(-sqrt(2) exp(-gamma_E/2)), gamma_E being Euler's constant."""
    found = limit_through(sp.erfc(sp.exp(first) / sp.sqrt(2)) / 2, [(first, limit_of_ratio())])
    expr, value = sp.erfc(gamma / (sp.sqrt(2) * R)) / 2, sp.erfc(sp.exp(-sp.EulerGamma / 2)) / 2
    one, two, _ = back()
    found = limit_of_equal(found, expr, value, domain=near, using=[one, two, signs()[0]])
    ratio = limit_of_sum(expr / value, [(1 / value, found)], domain=near, using=[*law()[2:]])
    return asymptotic(ratio, expr, value, domain=near, using=[*law()[2:]])


@cache
def integral() -> Fact:
    """The integral of F is R^2 delta: those of p, d and (v + e) L d are 1/2, 1/2 - delta and 0."""
    whole = combine(equation(over(p), half), [(-half, symmetric(over_line(density))), (half, mass())])
    masses, _, balance = equations()
    parts = [(1, here(value())), (1 / E**2, whole), (-1 / E**2, masses), (1 / E, balance)]
    goal = equation(over(F).xreplace(path), R**2 * delta)
    return combine(goal, parts, domain=near, using=[back()[0], signs()[0]])


C = sp.pi**2 / 16 + sp.log(2) ** 2 / 2


def constant(f: sp.Expr) -> Fact:
    """The integral of f = p ((Y + gamma_E)^2 (v^2 + 1)/8 - (Y + gamma_E)/2) is C."""
    eighth, euler = sp.Rational(1, 8), sp.EulerGamma
    terms = {(j, k): a * eighth for j in (0, 2) for k, a in ((2, sp.S.One), (1, 2 * euler), (0, euler**2))}
    terms[0, 1] -= half
    terms[0, 0] -= euler / 2
    return gaussian_sum(f, terms, C)


@cache
def limit_of_integral() -> Fact:
    """The integral of F tends to C, by dominated convergence."""
    ends = [(first, vanishing()[0]), (second, limit_of_ratio())]
    low, high = (here(fact) for fact in near_zero())
    at = {E: first, M: second}
    lower, upper = (limit_through(side.xreplace(at), ends) for side in (low.lhs, high.rhs))
    pointwise = limit_by_squeeze(low, high, lower, upper, domain=near)
    given = [signs()[0], *ranges()[:3], ratio()[1]]
    above, below = (instantiate(fact, path, domain=near, using=given) for fact in bounds())
    whole, h = over(F).xreplace(path), wide_bound()
    found = limit_by_domination(whole, pointwise, h.lhs, domain=near, using=[above, below, h, signs()[0]])
    value = constant(pointwise.statement.value)
    return limit_of_equal(found, R**2 * delta, C, domain=near, using=[value, integral()])


@cache
def growth() -> Fact:
    """R ~ sqrt(C/delta)."""
    found = limit_through(sp.sqrt(first / C), [(first, limit_of_integral())], domain=where(first > 0))
    target = sp.sqrt(C / delta)
    ratio = limit_of_equal(found, R / target, 1, domain=near, using=[law()[2]])
    return asymptotic(ratio, R, target, domain=near, using=[law()[2]])


@cache
def derivation() -> Fact:
    """The laws of the norm, of the fraction of positive outputs, and of the least loss."""
    return together(growth(), fraction(), loss())


DERIVES = {"beck2024:prop3.4-law": growth, "beck2024:E1-fraction": fraction, "lemma:minimizer_limits": derivation}


if __name__ == "__main__":
    print(render(derivation(), TITLE))
