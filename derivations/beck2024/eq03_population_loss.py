"""(3): the population loss is a function of sigma |S| and b alone, and what the reflection of the data says about it.

The output S.x + b of a sample x with independent normal components of variance sigma^2 is b + |S| xi, where xi is the
component of x along S, normal with variance sigma^2 whatever the dimension. As log(1 + e^f) = f + log(1 + e^-f), the
loss at b is b plus the loss at -b.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    at_most,
    at_most_by_monotone_function,
    at_most_by_sign,
    by_derivative,
    change_variable,
    combine,
    differentiate,
    equation,
    fundamental,
    gaussian_mean,
    instantiate,
    integral_at_most,
    linearity,
    render,
    run_in_package,
    split,
    symmetric,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from .gaussian_lemmas import density, mass, over, tail, y, z
from .gaussian_lemmas import h as bound

ID = "beck2024:3"
TITLE = "The population loss as a function of sigma |S| and b"

R, norm, sigma = sp.symbols("R norm sigma", positive=True)
b, xi, f = sp.symbols("b xi f", real=True)
L = sp.Function("L_gen")


def loss(output: sp.Expr) -> sp.Expr:
    """log(1 + e^f)."""
    return sp.log(1 + sp.exp(output))


@cache
def definition() -> Fact:
    """L_gen(b, sigma, |S|) = E log(1 + exp(sigma |S| z + b))."""
    output = b + norm * xi
    return gaussian_mean(
        L(b, sigma, norm), sp.Lambda(f, loss(f)), output, {xi: sigma**2}, sigma * norm, z, note="the mean of (1)"
    )


@cache
def reflection() -> Fact:
    """log(1 + e^f) = f + log(1 + e^-f)."""
    value = sp.exp(f) / (1 + sp.exp(f))
    left = differentiate(loss(f), f, value)
    right = differentiate(f + loss(-f), f, value)
    return by_derivative(left, right, f, 0, note="both are log 2 at 0")


@cache
def population() -> Fact:
    """E log(1 + e^{R z + b}) = b + E log(1 + e^{R z - b})."""
    output = R * z + b
    here = instantiate(reflection(), {f: output})
    whole, mirrored = over(loss(output) * density), over(loss(-output) * density)
    odd = over(z * density)
    parts = [(R, z * density), (b, density), (1, loss(-output) * density)]
    apart = linearity(whole, parts, using=[here])
    turned = change_variable(mirrored, y, -y, -sp.oo, sp.oo)
    goal = equation(whole, b + over(loss(R * z - b) * density))
    return combine(goal, [(1, apart), (R, symmetric(odd)), (b, mass()), (1, turned)])


@cache
def derivation() -> Fact:
    """L_gen(b) = b + L_gen(-b), from its definition."""
    known, meaning = population(), instantiate(definition(), {sigma: sp.S.One, norm: R})
    opposite = instantiate(meaning, {b: -b})
    goal = equation(L(b, 1, R), b + L(-b, 1, R))
    named = combine(goal, [(1, meaning), (1, known), (-1, opposite)])
    return combine(known.statement, [(1, named), (-1, meaning), (1, opposite)])


@cache
def lower_bound() -> Fact:
    """log(1 + e^b)/2 < L_gen: where z > 0 the output exceeds b, and where z > -1 it exceeds b - R."""
    output, zero, one = R * z + b, sp.S.Zero, sp.S.One
    whole = over(loss(output) * density)
    first = split(whole, zero)
    left = over(loss(output) * density, -sp.oo, zero)
    second = split(left, -one, using=[first])
    far = integral_at_most(zero, over(loss(output) * density, -sp.oo, -one), using=[second])
    above, taken = [], []
    for level, low, high, inside in ((b - R, -one, zero, where(z > -1, z < 0)), (b, zero, sp.oo, where(z > 0))):
        risen = at_most_by_monotone_function(sp.exp, level, output, domain=inside)
        more = at_most_by_monotone_function(sp.log, 1 + risen.lhs, 1 + risen.rhs, domain=inside, using=[risen])
        least, part = over(loss(level) * density, low, high), over(loss(output) * density, low, high)
        above.append(integral_at_most(least, part, using=[more]))
        taken.append(linearity(least, [(loss(level), density)]))
    near = fundamental(over(density, -one, zero), sp.erf(z / sp.sqrt(2)) / 2)
    half_mass = instantiate(tail(), {bound: zero})
    weight = sp.erf(1 / sp.sqrt(2)) / 2
    parts = [
        (-1, first),
        (-1, second),
        (1, far),
        (1, above[0]),
        (1, above[1]),
        (1, taken[0]),
        (1, taken[1]),
        (-loss(b - R), near),
        (-loss(b), half_mass),
    ]
    total = combine(at_most(loss(b) / 2 + weight * loss(b - R), whole), parts)
    least = at_most_by_sign(0, weight * loss(b - R), strict=True)
    return combine(at_most(loss(b) / 2, whole, strict=True), [(1, total), (1, least)])


DERIVES = {"beck2024:3": derivation, "lemma:population_loss_bound": lower_bound}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
