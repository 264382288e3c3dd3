"""The converse of proposition 3.1 fails for the loss: along b = -q R, q = (log R)^{1/4}, L_gen does not become small.

As log(1 + e^f) >= f, the loss exceeds the mean of R (z - q) over q < z < q + 5, and what is left of it is at least
log 2 times the mass beyond q + 5.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    at_most,
    at_most_by_monotone_function,
    at_most_by_sign,
    change_variable,
    combine,
    instantiate,
    integral_at_most,
    linearity,
    render,
    rewrite,
    run_in_package,
    split,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from .eq03_population_loss import R, loss
from .gaussian_lemmas import density, h, over, tail, z

ID = "beck2024:prop3.1-converse"
TITLE = "The loss along b = -R (log R)^(1/4)"

q, u = sp.symbols("q u", positive=True)
output = R * z - R * q
WIDTH = sp.Integer(5)


@cache
def bound() -> Fact:
    """R times the integral of u exp(-(u + q)^2/2)/sqrt(2 pi) over (0, 5) < L_gen at b = -q R."""
    whole, infinite = over(loss(output) * density), sp.oo
    first = split(whole, q)
    beyond = over(loss(output) * density, q, infinite)
    second = split(beyond, q + WIDTH, using=[first])
    left = integral_at_most(sp.S.Zero, over(loss(output) * density, -infinite, q), using=[first])
    inside = where(z > q)
    above = at_most_by_monotone_function(sp.log, sp.exp(output), 1 + sp.exp(output), domain=inside)
    linear = over(output * density, q, q + WIDTH)
    middle = integral_at_most(linear, over(loss(output) * density, q, q + WIDTH), using=[above])
    unit = at_most_by_monotone_function(sp.exp, sp.S.Zero, output, domain=inside)
    level = at_most_by_monotone_function(sp.log, sp.Integer(2), 1 + sp.exp(output), domain=inside, using=[unit])
    far = over(sp.log(2) * density, q + WIDTH, infinite)
    last = integral_at_most(far, over(loss(output) * density, q + WIDTH, infinite), using=[level, second])
    mass = instantiate(tail(), {h: q + WIDTH})
    taken = linearity(far, [(sp.log(2), density)])
    positive = at_most_by_sign(0, sp.log(2) * mass.rhs, strict=True)
    shifted = u * sp.exp(-((u + q) ** 2) / 2)
    moved = change_variable(linear, u, u + q, sp.S.Zero, WIDTH, R * shifted / sp.sqrt(2 * sp.pi))
    near = rewrite(linear, R * sp.Integral(shifted, (u, 0, WIDTH)) / sp.sqrt(2 * sp.pi), using=[moved])
    goal = at_most(near.rhs, whole, strict=True)
    parts = [(-1, first), (-1, second), (1, left), (1, middle), (1, last), (-1, taken), (-sp.log(2), mass)]
    return combine(goal, [*parts, (1, positive), (-1, near)])


@cache
def derivation() -> Fact:
    """At q = (log R)^{1/4}."""
    return instantiate(bound(), {q: sp.log(R) ** sp.Rational(1, 4)}, domain=where(R > 1))


DERIVES = {"beck2024:prop3.1-converse": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
