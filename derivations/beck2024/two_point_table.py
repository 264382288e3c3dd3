"""Table 1 for the two points: late times below, at and above lam = 1/2, with proposition 3.5 and (12).

Below 1/2, S stays at S* = log(1/a)/p and b = -log(1 + kappa c t). At 1/2, with c t = w e^w by (31), S = log(1 + w)
and -b = w + log(1 + w) are bounded by logarithms of c t. Above 1/2, at lam = 3/4, time as a function of x = e^S is a
polynomial in sqrt(x), and the slopes in log t follow.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    asymptotic,
    at_most,
    at_most_by_monotone_function,
    at_most_by_monotonicity,
    chain,
    combine,
    differentiate,
    equation,
    instantiate,
    limit_at_infinity,
    limit_of_equal,
    limit_through,
    render,
    rewrite,
    run_in_package,
    together,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from . import two_point, two_point_solution
from .two_point_times import IN_P, INSIDE, a_p, bias_slope, fixed_point, kappa, minimizer

ID = "beck2024:table1-inseparable"
TITLE = "Table 1 for the two points"

lam, eta, t, sigma, x, w = sp.symbols("lam eta t sigma x w", positive=True)
p = sp.Symbol("p", positive=True)
i = sp.Symbol("i", real=True)
c, half = eta / 2, sp.Rational(1, 2)
RATE = {p: 2 - 2 * lam}


@cache
def derivation() -> Fact:
    """lam < 1/2: the fixed point of S, the path of b, and kappa."""
    rest, total = fixed_point()
    return together(rest, bias_slope(), total)


@cache
def relaxation() -> Fact:
    """Proposition 3.5: the derivative of the speed of S (times sigma^2) at S*."""
    S = two_point.S
    vector = c * sigma**2 * (sp.exp(-S) - a_p * sp.exp(a_p * S))
    slope = differentiate(vector, S, sp.diff(vector, S), domain=IN_P)
    at_star = slope.rhs.xreplace({S: minimizer(a_p)})
    known = rewrite(at_star, -c * sigma**2 * a_p * kappa(a_p), domain=IN_P, using=[slope])
    return instantiate(known, RATE, domain=INSIDE)


@cache
def critical() -> Fact:
    """lam = 1/2: with w = W(c t), c t = w e^w, by 0 < w e^w - e^w + 1, which increases from 0."""
    W = sp.LambertW(c * t)
    whole = w * sp.exp(w)
    slope = differentiate(whole - sp.exp(w) + 1, w, whole)
    positive = at_most_by_monotonicity(slope, w, 0, strict=True)
    growth = at_most_by_monotone_function(sp.log, sp.exp(w), 1 + whole, strict=True, using=[positive])
    below = at_most_by_monotone_function(sp.log, w, 1 + w, strict=True)
    upper = at_most_by_monotone_function(sp.log, 1 + w, 1 + sp.log(1 + whole), strict=True, using=[growth])
    logarithm = rewrite(sp.log(whole), sp.log(w) + w)
    lower = chain(logarithm, combine(at_most(sp.log(w) + w, w + sp.log(1 + w), strict=True), [(1, below)]))
    steep = at_most_by_monotone_function(sp.log, sp.exp(w) * (1 + w), 1 + 2 * whole, strict=True, using=[positive])
    steep = chain(rewrite(w + sp.log(1 + w), steep.lhs), steep)
    at_W = {w: W}
    goals = (
        (sp.log(1 + W), sp.log(1 + sp.log(1 + c * t)), upper),
        (sp.log(c * t), W + sp.log(1 + W), lower),
        (W + sp.log(1 + W), sp.log(1 + 2 * c * t), steep),
    )
    exact = two_point.physical().statement.facts
    return together(
        *(
            combine(at_most(low, high, strict=True), [(1, instantiate(fact, at_W))], using=list(exact))
            for low, high, fact in goals
        )
    )


def series(at: sp.Expr) -> sp.Expr:
    """The time at x = e^S for lam = 3/4, up to a factor and a constant."""
    return at**2 * sp.hyper([-1, 4], [5], -sp.sqrt(at) / 2) / 2


lapse = series(x) - series(sp.Integer(1))
fraction = sp.Rational(1, 5) + i / 2 - sp.Rational(7, 10) * i**5
"""``lapse``/x^(5/2), i standing for x^(-1/2)."""
NEAR = where(1 + 2 * i > 0, fraction > 0)


@cache
def _time() -> Fact:
    """The time as a function of x = e^S at lam = 3/4."""
    other = two_point_solution
    return instantiate(other.time_of(False), {other.p: half, other.S: sp.log(x)}, domain=where(x > 1))


def _inverse_root() -> list[tuple[sp.Symbol, Fact]]:
    return [(i, limit_at_infinity(1 / sp.sqrt(x), x))]


@cache
def slopes() -> Fact:
    """lam > 1/2: dS/dlog t and db/dlog t at lam = 3/4, and dS/dlog t at lam = 1, where S = log(1 + 2 eta t)/2."""
    frame = 9 * x * (sp.sqrt(x) / 3 + sp.Rational(2, 3)) ** 2
    size = 4 / frame * lapse * (1 / x + 1 / (2 * sp.sqrt(x)))
    bias = -4 / frame * lapse * (1 / x + 1 / sp.sqrt(x))
    to_size = limit_through(5 * fraction / (1 + 2 * i), _inverse_root(), domain=NEAR)
    to_bias = limit_through(5 * (1 + i) * fraction / (1 + 2 * i) ** 2, _inverse_root(), domain=NEAR)
    large = where(x > 1)
    return together(
        asymptotic(to_size, size, sp.Rational(2, 5), domain=large, using=[_time()]),
        asymptotic(to_bias, bias, -sp.Rational(4, 5), domain=large, using=[_time()]),
        _slope_at_one(),
    )


@cache
def _slope_at_one() -> Fact:
    """S = -b = log(1 + 2 eta t)/2 solves S' = eta e^{b - S}, (27) at lam = 1 in time."""
    S_at = sp.log(1 + 2 * eta * t) / 2
    flow = two_point.flow(0, {two_point.lam: 1, two_point.S: S_at, two_point.b: -S_at})
    speed = differentiate(S_at, t, sp.exp(-S_at) * flow.rhs)
    limit = limit_through(2 * eta / (i + 2 * eta), [(i, limit_at_infinity(1 / t, t))], domain=where(i + 2 * eta > 0))
    return asymptotic(limit, sp.diff(S_at, t) * t, half, using=[speed, flow])


@cache
def offset() -> Fact:
    """(E.4) at M = 1/2: the limit of S - (2/5) log t, with the constant."""
    time = 8 / (9 * eta) * lapse
    limit = limit_through(-sp.log(8 * fraction / (9 * eta)) * 2 / 5, _inverse_root(), domain=NEAR)
    u, v = sp.symbols("u v", positive=True)
    product = rewrite(sp.log(u * v), sp.log(u) + sp.log(v))
    large = where(x > 1)
    scaled = instantiate(
        product, {u: x ** sp.Rational(5, 2), v: 8 * fraction.xreplace({i: 1 / sp.sqrt(x)}) / (9 * eta)}, domain=large
    )
    goal = equation(sp.log(x) - 2 * sp.log(time) / 5, limit.statement.expr)
    known = combine(goal, [(-sp.Rational(2, 5), scaled)], domain=large, using=[_time()])
    value = 2 * sp.log(5 * eta / 4) / 5 + 2 * sp.log(2) / 5 + 4 * sp.log(sp.Rational(3, 2)) / 5
    return limit_of_equal(limit, known.lhs, value, domain=large, using=[known])


@cache
def summary() -> Fact:
    """(12): the rest point, the bounds and the slopes."""
    return together(fixed_point()[0], *critical().statement.facts, *slopes().statement.facts[:2])


DERIVES = {
    "beck2024:12": summary,
    "beck2024:table1-inseparable": derivation,
    "beck2024:table1-critical": critical,
    "beck2024:table1-separable": slopes,
    "beck2024:prop3.5": relaxation,
    "beck2024:E4-constant": offset,
}

if __name__ == "__main__":
    for step in dict.fromkeys(DERIVES.values()):
        print(render(step(), TITLE if step is derivation else ""))
