"""(52)-(59): the accuracy when the labels depend on the first coordinate.

x_1 = sigma z and the rest of the output, which is independent of it, give f = S_1 x_1 + b + sigma |S_perp| w with
standard normal z and w. In units of its spread, f < 0 where rho z + sqrt(1 - rho^2) w < k, with k = -b/(sigma |S|) and
rho = S_1/|S|; the label is -1 where z > h = theta/sigma. The accuracy is P(z > h, f < 0) + P(z < h, f > 0).
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Domain,
    Fact,
    combine,
    define,
    equation,
    joint_gaussian_probability,
    linearity,
    render,
    rewrite,
    run_in_package,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from .gaussian_lemmas import (
    correlated,
    density,
    error,
    h,
    half,
    halves,
    k,
    mass,
    mean_of_error,
    over,
    rho,
    root,
    signed,
    tail,
    z,
)

ID = "beck2024:52"
TITLE = "The accuracy with discriminative labels"

w = sp.Symbol("w", real=True)
P_above, P_below, U, A = (sp.Function(name) for name in ("P_above", "P_below", "U", "A"))
names = (h, k, rho)
negative = sp.erfc((rho * z - k) / (sp.sqrt(2) * root)) / 2
positive = sp.erfc((k - rho * z) / (sp.sqrt(2) * root)) / 2
closed = sp.erfc(h / sp.sqrt(2)) / 2 + sp.erfc(k / sp.sqrt(2)) / 2


def above(f: sp.Expr) -> sp.Integral:
    """The integral of f over z > h."""
    return over(f, h, sp.oo)


def below(f: sp.Expr) -> sp.Integral:
    """The integral of f over z < h."""
    return over(f, -sp.oo, h)


@cache
def probabilities() -> tuple[Fact, Fact, Fact, Fact]:
    """What the accuracy is, its two parts, and P(z > h, f > 0), each as an integral over z."""
    excess = rho * z + root * w - k
    first = joint_gaussian_probability(
        P_above(*names), excess, z, w, h, sp.oo, domain=correlated, note="label -1, negative output"
    )
    second = joint_gaussian_probability(
        P_below(*names), -excess, z, w, -sp.oo, h, domain=correlated, note="label 1, positive output"
    )
    orthant = joint_gaussian_probability(
        U(*names), -excess, z, w, h, sp.oo, domain=correlated, note="P(X > h, Y > k) for the pair X = z, Y"
    )
    total = define(A(*names), P_above(*names) + P_below(*names), domain=correlated, note="(53)")
    return total, first, second, orthant


@cache
def in_parts() -> tuple[Fact, Fact, Fact]:
    """The three integrals in those of the density and of the density times the error function."""
    parts = (half, density), (half, density * error)
    minus = linearity(above(density * negative), [parts[0], (-half, density * error)], domain=correlated)
    plus = linearity(below(density * positive), parts, domain=correlated)
    orthant = linearity(above(density * positive), parts, domain=correlated)
    return minus, plus, orthant


@cache
def two_integrals() -> Fact:
    """(57): the closed form Phi(h) + Phi(k) - 2 Phi_2(h, k; rho), in upper tails, against the two means over z."""
    total, first, second, orthant = probabilities()
    minus, plus, both = in_parts()
    split_mass, split_error = halves(True), halves(False)
    integrals = above(density * negative) + below(density * positive)
    accuracy = combine(equation(A(*names), integrals), [(1, total), (1, first), (1, second)], domain=correlated)
    value = combine(
        equation(closed - 2 * U(*names), A(*names)),
        [
            (-2, orthant),
            (-1, accuracy),
            (-2, both),
            (-1, minus),
            (-1, plus),
            (half, split_mass),
            (half, split_error),
            (-half, mass()),
            (-half, mean_of_error()),
            (-1, tail()),
        ],
        domain=correlated,
        note="the closed form of the accuracy",
    )
    goal = closed - 2 * above(density * positive)
    return combine(equation(goal, integrals), [(1, value), (1, accuracy), (2, orthant)], domain=correlated)


@cache
def error_functions() -> Fact:
    """(58): the same in error functions."""
    known = two_integrals()
    signs = above(density * ((1 - error) / 2)) + below(density * ((1 + error) / 2))
    parts = (half, density), (half, density * error)
    minus = linearity(above(density * ((1 - error) / 2)), [parts[0], (-half, density * error)], domain=correlated)
    plus = linearity(below(density * ((1 + error) / 2)), parts, domain=correlated)
    old_minus, old_plus, _ = in_parts()
    return combine(
        equation(known.lhs, signs),
        [(1, known), (1, old_minus), (1, old_plus), (-1, minus), (-1, plus)],
        domain=correlated,
    )


@cache
def derivation() -> Fact:
    """(52) and (59): 1/2 plus half the mean of sgn(h - z) times the error function."""
    known = two_integrals()
    minus, plus, _ = in_parts()
    printed = half + half * (below(density * error) - above(density * error))
    return combine(
        equation(known.lhs, printed),
        [(1, known), (1, minus), (1, plus), (-half, halves(True)), (half, mass())],
        domain=correlated,
    )


@cache
def sampled() -> Fact:
    """(53): the sum of the two probabilities is the closed form; the same statement as (57)."""
    return two_integrals()


S1, x1, b, S2 = sp.symbols("S1 x1 b S2", real=True)
sigma = sp.Symbol("sigma", positive=True)


@cache
def conditional() -> Fact:
    """(56): the output given x_1 has mean m = S_1 x_1 + b and spread sigma S_2; its mass below 0."""
    middle, spread = S1 * x1 + b, sigma * S2
    law = sp.exp(-((z - middle) ** 2) / (2 * spread**2)) / sp.sqrt(2 * sp.pi * spread**2)
    primitive = sp.erf((z - middle) / (sp.sqrt(2) * spread)) / 2
    wide = where(S2 > 0)
    goal = (1 - sp.erf(middle / (sp.sqrt(2) * spread))) / 2
    return signed(over(law, middle, sp.S.Zero), primitive, b, -S1 * x1, goal, wide)


@cache
def share() -> Fact:
    """(55): the share of the label -1 is the mass of x_1 above theta = sigma h, erfc(h/sqrt 2)/2."""
    first = sp.exp(-(z**2) / (2 * sigma**2)) / sp.sqrt(2 * sp.pi * sigma**2)
    primitive, goal = sp.erf(z / (sp.sqrt(2) * sigma)) / 2, sp.erfc(h / sp.sqrt(2)) / 2
    return signed(over(first, sp.S.Zero, sigma * h), primitive, h, sp.S.Zero, goal, Domain(), -1)


@cache
def given_the_first() -> Fact:
    """(54): the joint normal density of x_1 and the output is that of x_1 times that of the output given x_1."""
    wide, shift = where(S2 > 0), z - b
    square = (S1**2 + S2**2) * x1**2 - 2 * S1 * x1 * shift + shift**2
    joint = sp.exp(-square / (2 * sigma**2 * S2**2)) / (2 * sp.pi * sigma**2 * S2)
    first = sp.exp(-(x1**2) / (2 * sigma**2)) / sp.sqrt(2 * sp.pi * sigma**2)
    spread = sigma * S2
    law = sp.exp(-((z - S1 * x1 - b) ** 2) / (2 * spread**2)) / sp.sqrt(2 * sp.pi * spread**2)
    return rewrite(joint, first * law, domain=wide)


DERIVES = {
    "beck2024:52": derivation,
    "beck2024:53": sampled,
    "beck2024:54": given_the_first,
    "beck2024:55": share,
    "beck2024:56": conditional,
    "beck2024:57": two_integrals,
    "beck2024:58": error_functions,
    "beck2024:59": derivation,
}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
    print(render(error_functions()))
    print(render(conditional()))
