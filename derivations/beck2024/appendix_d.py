"""Almost separable data, appendix D: (19)-(26) for the two points and for small groups of outputs.

For groups of any size see :mod:`almost_separable`.

At the minimum of the mean of e^{S x_i} the data balance with the weights e^{S x_i}; these are the weights of a convex
representation of the origin. Jensen's inequality is the tangent of exp at the mean; a group within the diameter D of
another one weighs at least e^{-|S| D} as much. For the logistic loss the weights are l'(f) = 1/(1 + e^{-f}).
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    above_tangent,
    at_most,
    at_most_by_monotone_function,
    at_most_by_sign,
    combine,
    define,
    derivative_of_equal,
    differentiate,
    instantiate,
    render,
    rewrite,
    run_in_package,
    together,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from .two_point_times import IN_P, INSIDE, a_p, fixed_point, kappa, lam, minimizer, p

ID = "beck2024:20"
TITLE = "Almost separable data"

eps, light, norm, D, u = sp.symbols("eps light norm D u", positive=True)
away, f = sp.symbols("away f", real=True)
values = sp.symbols("y1:5", real=True)
places = sp.symbols("r1:5", positive=True)
RATE = {p: 2 - 2 * lam}
star = minimizer(a_p)
first, second = sp.exp(-star), sp.exp(a_p * star)
share = a_p / (1 + a_p)


def _in_lam(fact: Fact) -> Fact:
    return instantiate(fact, RATE, domain=INSIDE)


@cache
def derivation() -> Fact:
    """(20): the sum of e^{S x_i} x_i is 0 at S*, as S' = 0 there."""
    return fixed_point()[0]


@cache
def least() -> Fact:
    """(19): at every S* + away the mean exceeds its value at S*, by two tangents of exp."""
    domain = IN_P.with_(where(sp.Ne(away, 0)))
    down = above_tangent(-away, strict=True, domain=domain)
    up = above_tangent(a_p * away, domain=domain)
    goal = at_most(kappa(a_p), sp.exp(-(star + away)) + sp.exp(a_p * (star + away)), strict=True)
    known = combine(goal, [(first, down), (second, up)], domain=domain)
    return instantiate(known, RATE, domain=INSIDE.with_(where(sp.Ne(away, 0))))


@cache
def weights() -> Fact:
    """(21): the weights of -1 and a."""
    total = first + second
    one = rewrite(first / total, share, domain=IN_P, using=[fixed_point()[1]])
    other = rewrite(second / total, 1 / (1 + a_p), domain=IN_P)
    return together(_in_lam(one), _in_lam(other))


@cache
def representation() -> Fact:
    """(22): with the weight ``share`` + away of -1 the sum is -(1 + a) away."""
    weight = share + away
    sum_of = rewrite(-weight + a_p * (1 - weight), -(1 + a_p) * away, domain=IN_P)
    at_lam = _in_lam(sum_of)
    return rewrite(at_lam.lhs, away * (2 * lam - 2), domain=INSIDE, using=[at_lam])


@cache
def bound_is_attained() -> Fact:
    """(26): for N = 2, d = 1, eps = a/(1 + a) and D = 1 + a the bound is S*."""
    bound = sp.log((1 - share) / share) / (1 + a_p)
    return _in_lam(rewrite(star, bound, domain=IN_P))


@cache
def ratio() -> Fact:
    """(23): the other points weigh eps light, the d points 1 - eps light."""
    other = define(sp.Function("Other")(eps, light), eps * light, note="the weight of the points i > d, light < 1")
    goal = eps * light / (1 - eps * light), eps / (1 - eps)
    return at_most_by_sign(*goal, strict=True, domain=where(eps < 1, light < 1), using=[other])


@cache
def jensen() -> Fact:
    """(24): four outputs that are not all equal to their mean; e^{y_i} >= e^m (1 + y_i - m), with > for the first."""
    mean = sum(values) / 4
    domain = where(sp.Ne(values[0] - mean, 0))
    tangents = [above_tangent(v - mean, strict=v == values[0], domain=domain) for v in values]
    goal = at_most(sp.exp(mean), sum(sp.exp(v) for v in values) / 4, strict=True)
    return combine(goal, [(sp.exp(mean) / 4, tangent) for tangent in tangents], domain=domain)


@cache
def diameter() -> Fact:
    """(25): two points in each group, on a line of length D."""
    domain = where(*(r < 1 for r in places))
    outputs = [norm * (D * r) for r in places]
    longest = norm * D
    above = [at_most_by_sign(1, sp.exp(out), strict=True, domain=domain) for out in outputs[:2]]
    below = [at_most_by_monotone_function(sp.exp, out, longest, strict=True, domain=domain) for out in outputs[2:]]
    numerator, denominator = (sp.exp(o) + sp.exp(v) for o, v in (outputs[:2], outputs[2:]))
    inverse = sp.exp(-longest)
    product = combine(
        at_most(inverse * denominator, numerator, strict=True),
        [*((1, fact) for fact in above), *((inverse, fact) for fact in below)],
        domain=domain,
    )
    goal = at_most(inverse, numerator / denominator, strict=True)
    return combine(goal, [(1 / denominator, product)], domain=domain)


@cache
def logistic() -> Fact:
    """The repair for the logistic loss: l'(-u) > e^{-u} l'(0)."""
    loss = define(sp.Function("l")(f), sp.log(1 + sp.exp(f)), note="the loss of one sample")
    slope = derivative_of_equal(loss, differentiate(loss.rhs, f, 1 / (1 + sp.exp(-f))))
    value = instantiate(rewrite(slope.rhs, 1 / (1 + sp.exp(-f)), using=[slope]), {f: -u}, note="l'(-u)")
    return at_most_by_sign(sp.exp(-u) / 2, value.rhs, strict=True, using=[value])


DERIVES = {
    "lemma:two-points-weights": weights,
    "lemma:two-points-least": least,
    "lemma:two-points-balance": derivation,
    "lemma:two-points-representation": representation,
    "lemma:two-points-bound": bound_is_attained,
    "lemma:ratio-of-weights": ratio,
    "lemma:jensen-for-four": jensen,
    "lemma:two-and-two-on-a-line": diameter,
    "lemma:logistic-weight": logistic,
}

if __name__ == "__main__":
    for step in dict.fromkeys(DERIVES.values()):
        print(render(step(), TITLE if step is derivation else ""))
