"""(45), (46): a label y = 1 or -1 is absorbed in the data, and in a normal variable z of mean 0: y z has the law of z.

The loss of the sample (y mu, z) of label y is that of (mu, y z), as y^2 = 1.
The density of y z at x is that of z at x/y = y x, and P(y z < x) = P(z < x).
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    by_values,
    change_variable,
    define,
    equation,
    instantiate,
    normal_density,
    render,
    rewrite,
    together,
    where,
)

ID = "beck2024:46"
TITLE = "Labels absorbed in normal data"

z, w, x1, sign = sp.symbols("z w x1 sign", real=True)
first, u = sp.symbols("S1 u", real=True)
sigma, mu = sp.symbols("sigma mu", positive=True)
single = sp.Function("loss_of_sample")
density = sp.Function("density_of_z")
LABEL = where((sign - 1) * (sign + 1) >= 0, (sign - 1) * (sign + 1) <= 0)


@cache
def meaning() -> Fact:
    """The density of a normal variable of mean 0 and standard deviation sigma."""
    return define(density(z, sigma), sp.exp(-(z**2) / (2 * sigma**2)) / sp.sqrt(2 * sp.pi * sigma**2))


@cache
def labelled() -> Fact:
    """The density at z and at sign z."""
    at_z = meaning().rhs
    goal = equation(at_z, at_z.xreplace({z: sign * z}))
    one, other = (rewrite(at_z, at_z.xreplace({z: y * z}), using=[meaning()]) for y in (1, -1))
    return by_values(goal, sign, {1: one, -1: other}, domain=LABEL)


@cache
def below() -> Fact:
    """P(-z < x1) = P(z < x1) for a standard normal z."""
    mass = sp.Integral(normal_density(z), (z, -x1, sp.oo))
    return change_variable(mass, w, -w, -sp.oo, x1, normal_density(w))


@cache
def derivation() -> Fact:
    """Both."""
    return together(labelled(), below())


@cache
def sample() -> Fact:
    """(45): the logistic loss l(-y S.x) of x = (y mu, z), u = S.z beside the first weight."""
    loss = define(single(u, first, mu, sign), sp.log(1 + sp.exp(-sign * (sign * mu * first + u))), note="l(-y S.x)")
    absorbed = sp.log(1 + sp.exp(-(mu * first + sign * u)))
    cases = {
        y: rewrite(loss.rhs.xreplace({sign: y}), absorbed.xreplace({sign: y}), using=[instantiate(loss, {sign: y})])
        for y in (sp.Integer(1), sp.Integer(-1))
    }
    return by_values(equation(loss.rhs, absorbed), sign, cases, domain=LABEL)


DERIVES = {"beck2024:45": sample, "beck2024:46": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
