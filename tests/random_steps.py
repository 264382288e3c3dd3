"""Random applications of the rules: what they are given is often no case for them, and most are refused."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import sympy as sp

import grokmath.proof as kernel
from grokmath.proof import Domain, Fact, equation

from .random_expressions import N, X, Y, Z, composed, half

T, V = sp.Symbol("t", positive=True), sp.Symbol("v", real=True)
ENDS = [sp.S.Zero, sp.S.One, sp.oo, -sp.oo, X, X + 1, Y]


def inner(dice: random.Random, s: Any) -> Any:
    p = dice.choice([X, Y, Z, sp.Integer(2)])
    return dice.choice([s, s + 1, 2 * s, 1 - s, -s, s**2, 1 / s, sp.sqrt(s), s + p, s * p, (s - 1) ** 2, s**2 * p])


def function(dice: random.Random, s: Any) -> Any:
    u, v = inner(dice, s), inner(dice, s)
    heads = [sp.exp, sp.log, sp.sin, sp.Abs, sp.erf, sp.erfc, sp.sqrt, sp.LambertW, sp.cos]
    f = dice.choice(
        [u, v * u, u / v, u * sp.exp(-s), u * sp.exp(-(s**2)), sp.log(1 + sp.exp(u)), *[h(u) for h in heads]]
    )
    return dice.choice([f, f, f * v, f + v, f * sp.exp(-X * s)])


def integral(dice: random.Random, s: Any) -> Any:
    return sp.Integral(function(dice, s), (s, dice.choice(ENDS), dice.choice(ENDS)))


def on(dice: random.Random, *symbols: Any) -> Domain:
    c = dice.choice([X - 1, 1 - X, Y, 1 - Y, *symbols, *(1 - s for s in symbols), *(s - X for s in symbols)])
    return Domain(((c, dice.choice([">", ">=", "!="])),) * dice.randint(0, 1))


def positive(dice: random.Random) -> Any:
    return dice.choice([X, X + 1, X / 2, Z + 1, half, sp.S.One, X * (X + 1), 1 / X, Z, Y, X - half, sp.exp(Y)])


def rewritten(dice: random.Random) -> Fact:
    e = composed(dice, 1)
    forced = [sp.powdenest, sp.expand_log, sp.logcombine, sp.powsimp]
    change = dice.choice(
        [sp.expand, sp.factor, sp.cancel, sp.simplify, *(lambda q, f=f: f(q, force=True) for f in forced)]
    )
    return kernel.rewrite(e, change(e), domain=on(dice))


def by_primitive(dice: random.Random) -> Fact:
    f, low, high = function(dice, T), dice.choice(ENDS), dice.choice(ENDS)
    far = kernel.limit_at_infinity(f, T) if high == sp.oo else None
    whole = sp.Integral(sp.diff(f, T), (T, low, high))
    if far and low == 0 and dice.random() < half:
        return kernel.fundamental_by_limits(whole, f, kernel.limit_by_continuity(f, T, 0), far)
    return kernel.fundamental(whole, f, at_infinity=far)


MAPS = [
    (2 * V + 1, 0, 1, 1, 3),
    (X * V, 0, sp.oo, 0, sp.oo),
    (V + Y, -sp.oo, sp.oo, -sp.oo, sp.oo),
    (-V, 0, 1, 0, -1),
    (V**2 + 1, 0, sp.oo, 1, sp.oo),
    (V**2, 0, X, 0, X**2),
    (V**2, -1, 1, 1, 1),
    (sp.exp(V), 0, 1, 1, sp.E),
    (1 / V, 1, 2, 1, half),
    (-sp.exp(-V), 0, sp.oo, -1, 0),
    (sp.sqrt(V) + Z, 1, 4, 1 + Z, 2 + Z),
]
"""phi, the interval of its argument, and what it takes at the ends."""


def moved(dice: random.Random) -> Fact:
    s = sp.Symbol("s", real=True)
    phi, low, high, *ends = dice.choice(MAPS)
    if dice.random() < 0.2:
        ends[dice.randrange(2)] = dice.choice(ENDS)
    f = dice.choice([function(dice, s), s**2, sp.Abs(s), s + X, sp.cos(s)]) * dice.choice([sp.exp(-(s**2)), sp.exp(-s)])
    part = sp.Integral(f, (s, *ends))
    if high != sp.oo or low != 0:
        return kernel.change_variable(part, V, phi, low, high, domain=on(dice))
    far = kernel.limit_at_infinity(1 / phi if ends[1] == sp.oo else phi, V, domain=Domain(((V, ">"),)))
    return kernel.change_variable_by_limits(part, V, phi, low, kernel.limit_by_continuity(phi, V, low), far)


def dominated(dice: random.Random) -> Fact:
    part = integral(dice, T)
    f, ends = part.function, part.limits[0][1:]
    bound = sp.Integral(dice.choice([sp.Abs(f), f + 1, f * (1 + X), sp.exp(-T), abs(f) + sp.exp(-T)]), (T, *ends))
    if dice.random() < half:
        return kernel.dominated(part, bound, domain=on(dice))
    e = sp.Symbol("e", positive=True)
    whole = sp.Integral(f.xreplace({X: e, Y: e}), part.limits[0])
    return kernel.limit_by_domination(
        whole, kernel.limit_by_continuity(whole.function, e, 0), bound, domain=on(dice, e)
    )


def gaussian(dice: random.Random) -> Fact:
    a, b, xi, eta, f, z = sp.symbols("a b xi eta f z", real=True)
    c, d = (dice.choice([a, X, 1, -2, a * X, X - 1, 0]) for _ in range(2))
    output = dice.choice([b, 0, a]) + c * xi + d * eta + dice.choice([0, 0, 0, 0, xi * eta, xi**2])
    sizes = {xi: dice.choice([1, X, X**2, a**2, a]), eta: dice.choice([1, X**2, 0])}
    variance = sp.expand(c**2 * sizes[xi] + d**2 * sizes[eta])
    spread = dice.choice([sp.sqrt(variance), -sp.sqrt(variance), sp.sqrt(sp.factor(variance)), c])
    domain = dice.choice([Domain(), Domain(((a, ">"),)), Domain(((a, "!="),)), Domain(((X - 1, ">"),))])
    head = sp.Function("M")(a, b, X)
    g = dice.choice([f**2, sp.exp(f), f, sp.cos(f), sp.log(1 + sp.exp(f)), f**3 - a * f, sp.Abs(f)])
    which = dice.randint(0, 2)
    if which == 0:
        return kernel.gaussian_mean(head, sp.Lambda(f, g), output, sizes, spread, z, domain=domain)
    if which == 1:
        return kernel.gaussian_probability(head, output, sizes, spread, z, domain=domain)
    low, high = dice.choice([-sp.oo, 0, a]), dice.choice([sp.oo, 1, a + X])
    return kernel.joint_gaussian_probability(head, output, xi, eta, low, high, domain=domain)


def series_of(dice: random.Random) -> Fact:
    u = dice.choice([X, X / 2, X**2, 2 * sp.sqrt(X), Z + half])
    b, c = (dice.choice([sp.S.One, half, X, X + 1, sp.Integer(2)]) for _ in range(2))
    values = [sp.exp(u), sp.cosh(u), sp.sinh(u), sp.besseli(dice.choice([0, 1, half, X]), u), sp.hyper([b], [c], u)]
    values += [sp.hyper([], [c], u), sp.hyper([b, c], [c + 1], u)]
    return kernel.defining_series(dice.choice(values), N, domain=Domain(((1 - X, ">"),)))


def expanded(dice: random.Random) -> Fact:
    z = sp.Symbol("z", real=True)
    u = dice.choice([z, 1 + z, 2 - z, X + z, z**2 + z, (1 + z) / (1 - z), X * z - 1, z - z**3])
    v = dice.choice([1 + z, 2 + X * z, sp.exp(z), 1 / (1 + z)])
    f = dice.choice(
        [sp.exp(u), sp.log(u), sp.sqrt(u), u**-2, u**3, u * v, v / u, sp.log(v) * sp.exp(u), sp.sqrt(u * v)]
    )
    terms = sp.series(f, z, 0, 4).removeO()
    wanted = [sp.simplify(terms.coeff(z, k)) for k in range(4)]
    if dice.random() < 0.2:
        wanted[dice.randrange(4)] += sp.Rational(1, 1000)
    return kernel.expansion_through(f, z, [], wanted, T, domain=on(dice))


def cases(dice: random.Random) -> Fact:
    k, low = sp.Symbol("k", integer=True), dice.randint(-3, 2)
    ends = [low, low + dice.randint(0, 2), low + dice.randint(2, 4)]
    p = dice.choice([k * (k - 1), k**2 - 2 * k, k**3 - k, (k - 1) * (k - 2) * (k - 3)])
    left, right = dice.sample([p, sp.Integer(dice.randint(-4, 6)), k + 1], 2)
    strict = dice.random() < half
    pieces = []
    for start, stop in ((ends[0], ends[1]), (ends[1] + dice.choice([0, 1, 1, 1]), ends[2])):
        domain = Domain(((k - start, ">="), (stop - k, ">=")))
        pieces.append((start, stop, kernel.at_most_by_sign(left, right, strict=strict, domain=domain)))
    whole = Domain(((k - ends[0], ">="), (ends[2] - k, ">=")))
    return kernel.by_integers(pieces[0][2].statement, k, pieces, domain=whole)


def values(dice: random.Random) -> Fact:
    at = dice.sample([sp.S.Zero, sp.S.One, sp.Integer(-1), sp.Integer(2), X], 2)
    p = sp.Mul(*(Y - v for v in at))
    f = function(dice, Y)
    left, right = dice.choice(
        [(f, f), (f * p, 0), (Y**2, Y), (Y**3, Y), (sp.Abs(Y), Y**2), (p / (Y - 1), 0), (f, f + p)]
    )
    facts = {v: kernel.rewrite(*(sp.S(e).xreplace({Y: v}) for e in (left, right))) for v in at}
    return kernel.by_values(equation(left, right), Y, facts, domain=Domain(((p, ">="), (-p, ">="))))


def under_sign(dice: random.Random) -> Fact:
    part = integral(dice, dice.choice([T, V]))
    s, p = part.limits[0][0], dice.choice([X, Y, Z])
    c = dice.choice([X, Y, half])
    return dice.choice(
        [
            lambda: kernel.split(part, dice.choice(ENDS), domain=on(dice)),
            lambda: kernel.under_integral(part, p, domain=on(dice)),
            lambda: kernel.integral_limit(part, p, dice.choice([0, 1]), domain=on(dice)),
            lambda: kernel.linearity(sp.Integral(c * part.function + s, part.limits[0]), [(c, part.function), (1, s)]),
            lambda: kernel.limit_at_infinity(function(dice, s), s, domain=on(dice, s)),
            lambda: kernel.limit_by_continuity(function(dice, s), s, dice.choice([0, 1, X, Y]), domain=on(dice, s)),
            lambda: kernel.limit_at_infinity(part, X, domain=on(dice)),
        ]
    )()


def ordered(dice: random.Random) -> Fact:
    sides = function(dice, T), function(dice, T)
    return kernel.at_most_by_sign(*sides, strict=dice.random() < half, domain=on(dice, T))


def gamma_law(dice: random.Random) -> Fact:
    law = dice.choice([kernel.complete_gamma, kernel.upper_gamma, kernel.lower_gamma, kernel.beta_integral])
    return law(positive(dice), positive(dice), T, domain=on(dice))


def log_moment(dice: random.Random) -> Fact:
    return kernel.log_gamma_integral(half * dice.randint(0, 12), dice.randint(0, 2), T)


FAMILIES: dict[str, tuple[Callable[[random.Random], Fact], int, int]] = {
    "rewriting": (rewritten, 150, 50),
    "signs": (ordered, 400, 10),
    "primitives": (by_primitive, 200, 10),
    "changes of variable": (moved, 150, 15),
    "integrals and limits": (under_sign, 200, 20),
    "domination": (dominated, 500, 5),
    "gamma and beta laws": (gamma_law, 60, 15),
    "logarithmic moments": (log_moment, 30, 15),
    "normal variables": (gaussian, 100, 10),
    "expansions": (expanded, 30, 10),
    "integers": (cases, 150, 15),
    "finitely many values": (values, 150, 40),
}
"""Rule, how often it is tried, and how many of the facts must be judged."""
