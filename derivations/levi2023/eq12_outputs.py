"""(12): the accuracy for several outputs, the function Gamma(a, z) in it, and its limit as the outputs grow in number.

A sample is classified correctly if |z|^2/d <= eps, where the d components of z are independent normal variables of
variance L. |z|/sqrt(L) has the density 2 y^(d-1) exp(-y^2/2)/(2^(d/2) Gamma(d/2)), and w = y^2/2 turns its integral
over y < sqrt(d eps/L) into Gamma(d/2) - Gamma(d/2, d eps/(2 L)).

With d = 2n, exp(-w) <= exp(c x - (1 + c) w) for w < x, c > 0 and for w > x, c < 0. At x = n/2, 1 + c = exp(1/2) (L =
2 eps) and at x = 2n, 1 + c = exp(-1/2) (L = eps/2) this gives

    A <= exp(-n (1 - exp(1/2)/2)),      1 - A <= exp(-n (3/2 - 2 exp(-1/2))).
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Domain,
    Fact,
    at_most,
    at_most_by_monotone_function,
    at_most_by_sign,
    change_variable,
    combine,
    complete_gamma,
    define,
    equation,
    integral_at_most,
    limit_at_infinity,
    limit_by_squeeze,
    linearity,
    lower_gamma,
    render,
    split,
    together,
    upper_gamma,
)

ID = "levi2023:12"
TITLE = "The accuracy for several outputs"

d, eps, L, n, w, y = sp.symbols("d eps L n w y", positive=True)
whole, order = sp.Symbol("n", integer=True, positive=True), sp.Symbol("arg", positive=True)
half = sp.Rational(1, 2)
A = sp.Function("A")
chi = 2 * y ** (d - 1) * sp.exp(-(y**2) / 2) / (2 ** (d / 2) * sp.gamma(d / 2))


@cache
def gamma_function() -> Fact:
    """Gamma(n, z) = Gamma(n) less the integral of exp(-t) t^(n-1) over (0, z)."""
    below = lower_gamma(whole, order, y)
    return combine(equation(sp.gamma(whole) - below.lhs, sp.uppergamma(whole, order)), [(-1, below)])


@cache
def derivation() -> Fact:
    """P(|z|^2/d <= eps) = 1 - Gamma(d/2, d eps/(2 L))/Gamma(d/2)."""
    below = lower_gamma(d / 2, d * eps / (2 * L), w)
    radius, factor = sp.sqrt(d * eps / L), 2 ** (1 - d / 2)
    scaled = change_variable(
        below.lhs, y, y**2 / 2, 0, radius, factor * y ** (d - 1) * sp.exp(-(y**2) / 2), using=[below]
    )
    probability = sp.Integral(chi, (y, 0, radius))
    meaning = define(A(d, eps, L), probability, using=[_radial(probability, scaled)], note="P(|z|^2/d <= eps)")
    value = 1 - sp.uppergamma(d / 2, d * eps / (2 * L)) / sp.gamma(d / 2)
    radial, share = _radial(probability, scaled), 1 / sp.gamma(d / 2)
    closed = combine(equation(A(d, eps, L), value), [(1, meaning), (1, radial), (-share, scaled), (share, below)])
    return combine(equation(probability, value), [(1, closed), (-1, meaning)])


def _radial(probability: sp.Integral, scaled: Fact) -> Fact:
    """The factor 1/Gamma(d/2) before the integral."""
    return linearity(probability, [(1 / sp.gamma(d / 2), scaled.rhs.function)], using=[scaled])


def _tail(x: sp.Expr, rate: sp.Expr, known: Fact, below: bool) -> Fact:
    """The integral of w^(n-1) exp(-w) over one side of x is at most exp((rate - 1) x) rate^(-n) Gamma(n)."""
    ends = (0, x) if below else (x, sp.oo)
    side = Domain(((x - w if below else w - x, ">"),))
    whole_line = complete_gamma(n, rate, w)
    parts = split(whole_line.lhs, x, using=[whole_line])
    lift = sp.exp((rate - 1) * x)
    slower = at_most_by_monotone_function(sp.exp, -w, (rate - 1) * x - rate * w, domain=side)
    weighted = w ** (n - 1)
    pointwise = combine(
        at_most(weighted * sp.exp(-w), lift * weighted * sp.exp(-rate * w)), [(weighted, slower)], domain=side
    )
    near, far = (sp.Integral(whole_line.lhs.function, (w, *limits)) for limits in ((0, x), (x, sp.oo)))
    kept, lost = (near, far) if below else (far, near)
    positive = integral_at_most(0, lost, using=[parts])
    ours = sp.Integral(weighted * sp.exp(-w), (w, *ends))
    raised = sp.Integral(lift * kept.function, (w, *ends))
    lifted = linearity(raised, [(lift, kept.function)], using=[parts])
    bound = integral_at_most(ours, raised, using=[known, lifted, pointwise])
    most = lift * whole_line.rhs
    return combine(
        at_most(ours, most),
        [(1, bound), (1, lifted), (lift, positive), (-lift, parts), (lift, whole_line)],
    )


@cache
def too_large() -> Fact:
    """At L = 2 eps: A -> 0."""
    known = lower_gamma(n, n / 2, w)
    bound = _tail(n / 2, sp.exp(half), known, True)
    accuracy = 1 - sp.uppergamma(n, n / 2) / sp.gamma(n)
    above = combine(at_most(accuracy, bound.rhs / sp.gamma(n)), [(1 / sp.gamma(n), bound), (-1 / sp.gamma(n), known)])
    least = combine(at_most(0, accuracy), [(1 / sp.gamma(n), _positive(known)), (1 / sp.gamma(n), known)])
    return limit_by_squeeze(least, above, limit_at_infinity(sp.Integer(0), n), limit_at_infinity(above.rhs, n))


@cache
def small_enough() -> Fact:
    """At L = eps/2: A -> 1."""
    known = upper_gamma(n, 2 * n, w)
    bound = _tail(2 * n, sp.exp(-half), known, False)
    accuracy = 1 - sp.uppergamma(n, 2 * n) / sp.gamma(n)
    below = combine(
        at_most(1 - bound.rhs / sp.gamma(n), accuracy), [(1 / sp.gamma(n), bound), (-1 / sp.gamma(n), known)]
    )
    most = at_most_by_sign(accuracy, 1)
    return limit_by_squeeze(below, most, limit_at_infinity(below.lhs, n), limit_at_infinity(sp.Integer(1), n))


def _positive(known: Fact) -> Fact:
    return integral_at_most(0, known.lhs, using=[known])


@cache
def limits() -> Fact:
    """A -> 0 at L = 2 eps and A -> 1 at L = eps/2, as d = 2n -> oo."""
    return together(too_large(), small_enough())


DERIVES = {
    "levi2023:12-accuracy": derivation,
    "levi2023:42-accuracy": derivation,
    "levi2023:12-gamma": gamma_function,
    "levi2023:12-limit": limits,
}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
    print(render(limits()))
