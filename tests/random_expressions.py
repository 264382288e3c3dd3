"""Random expressions of the kernel's vocabulary, points of a domain, and values as balls that contain the true ones."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import flint
import sympy as sp

from grokmath.proof import Domain

arb = flint.arb
MODEST = 10**4
"""Arguments of functions are not larger."""
X, Y, Z = sp.Symbol("x", positive=True), sp.Symbol("y", real=True), sp.Symbol("z", nonnegative=True)
W = sp.Symbol("w", negative=True)
N = sp.Symbol("n", integer=True, nonnegative=True)
SYMBOLS = [X, Y, Z, W, N]
half = sp.Rational(1, 2)
NUMBERS = [half * k for k in (2, 4, -2, 1, 3, -1, -3)] + [sp.Rational(1, 3), sp.Rational(5, 3)]
POINTS = [*map(sp.Integer, range(-4, 6)), *(sp.Rational(k, 4) for k in (-2, 1, 2, 6)), sp.Rational(1, 64)]
EXPONENTS = [half * k for k in (-4, -3, -2, -1, 1, 3, 4, 6)] + [sp.Rational(1, 3)]
BALLS: dict[Any, Callable[..., Any]] = {
    sp.exp: lambda u: u.exp(),
    sp.log: lambda u: u.log(),
    sp.sin: lambda u: u.sin(),
    sp.cos: lambda u: u.cos(),
    sp.erf: lambda u: u.erf(),
    sp.erfc: lambda u: u.erfc(),
    sp.Abs: abs,
    sp.Max: lambda *parts: max_of(parts),
    sp.gamma: lambda u: u.gamma(),
    sp.LambertW: lambda u: u.lambertw(),
    sp.besseli: lambda n, u: u.bessel_i(n),
    sp.uppergamma: lambda s, u: u.gamma_upper(s),
    sp.factorial: lambda u: (u + 1).gamma(),
}
UNARY = [head for head in BALLS if head not in (sp.Max, sp.besseli, sp.uppergamma, sp.factorial)]


class Undefined(Exception):
    """The expression has no real value at the point: this is certain."""


class Unknown(Exception):
    """What the value is cannot be told."""


def max_of(parts: Any) -> Any:
    first, *others = parts
    for other in others:
        first = first.max(other)
    return first


def ball(expr: Any, at: dict[Any, Any]) -> Any:
    """A ball that contains the value, with the kernel's conventions on roots and powers."""
    if expr.is_Rational:
        return arb(flint.fmpq(int(expr.p), int(expr.q)))
    if expr in at:
        return at[expr]
    constants = {sp.pi: arb.pi, sp.E: arb.const_e, sp.EulerGamma: arb.const_euler}
    if expr in constants:
        return constants[expr]()
    if isinstance(expr, sp.hyper):
        upper, lower = ([ball(part, at) for part in parts] for parts in expr.args[:2])
        return finite(ball(expr.args[2], at).hypgeom(upper, lower))
    parts = [ball(part, at) for part in expr.args]
    if expr.is_Add:
        return sum(parts, arb(0))
    if expr.is_Mul:
        value = arb(1)
        for part in parts:
            value *= part
        return value
    if expr.is_Pow:
        return finite(power(parts[0], parts[1], expr))
    if type(expr) not in BALLS:
        raise Unknown(expr)
    u = parts[-1]
    pole = isinstance(expr, sp.gamma) and u.is_exact() and u.is_integer() and u <= 0
    if pole or (isinstance(expr, sp.log) and u <= 0) or (isinstance(expr, sp.LambertW) and u * arb.const_e() < -1):
        raise Undefined(expr)
    if any(part.abs_upper() > MODEST or part.rad() > 1 for part in parts) and not isinstance(
        expr, sp.log | sp.Abs | sp.Max
    ):
        raise Unknown(expr)
    return finite(BALLS[type(expr)](*parts))


def power(base: Any, exponent: Any, expr: Any) -> Any:
    whole = expr.exp.is_Integer
    if (base < 0 and not whole and expr.base != -1) or (base == 0 and not (expr.exp.is_Rational and exponent > 0)):
        raise Undefined(expr)
    if whole:
        value = arb(1)
        for _ in range(min(abs(int(expr.exp)), MODEST)):
            value *= base
        return value if expr.exp > 0 else 1 / value
    if expr.base == -1:
        return arb(1 if exponent.unique_fmpz() % 2 == 0 else -1)
    if base == 0:
        return arb(0)
    if not base > 0 or (base.log() * exponent).abs_upper() > MODEST**2:
        raise Unknown(expr)
    return (base.log() * exponent).exp()


def finite(value: Any) -> Any:
    if not value.is_finite():
        raise Unknown(value)
    return value


def simple(dice: random.Random, symbols: Any = SYMBOLS) -> Any:
    total = dice.choice(symbols)
    for _ in range(dice.randint(0, 2)):
        part = dice.choice([*symbols, *NUMBERS])
        total = dice.choice([total + part, total - part, total * part, total**2])
    return total


def composed(dice: random.Random, depth: int) -> Any:
    if depth == 0:
        return simple(dice)
    one, other = composed(dice, depth - 1), composed(dice, depth - 1)
    c = dice.choice([X, half, sp.S.One, sp.Integer(2), X + 1])
    makers: list[Callable[[], Any]] = [
        lambda: one + other,
        lambda: one * other,
        lambda: one / other,
        lambda: one ** dice.choice(EXPONENTS),
        lambda: one ** simple(dice),
        lambda: sp.Max(one, other),
        lambda: sp.besseli(dice.randint(-2, 3), one),
        lambda: sp.uppergamma(dice.choice([1, 2, half, X, Z + 1]), one),
        lambda: sp.hyper([-dice.randint(0, 3), simple(dice)], [c], one),
        lambda: sp.hyper([simple(dice), c], [c + 1], one),
        lambda: sp.hyper([], [dice.randint(1, 3)], one),
        *[lambda: dice.choice(UNARY)(one)] * 7,
    ]
    return dice.choice(makers)()


def points(dice: random.Random, symbols: set[Any], domain: Domain, tries: int = 60) -> Iterator[dict[Any, Any]]:
    """Points of the domain, its edge included, where its conditions are rational numbers."""
    for _ in range(tries):
        exact = {symbol: dice.choice(POINTS) for symbol in sorted(symbols, key=str)}
        declared = [(symbol, kind) for symbol in exact for kind in ("positive", "negative", "nonnegative", "integer")]
        if any(getattr(s, f"is_{kind}") and not getattr(exact[s], f"is_{kind}") for s, kind in declared):
            continue
        held = [(condition.xreplace(exact), kind) for condition, kind in domain.conditions]
        if all(c.is_Rational and (c > 0 or (c == 0 and kind == ">=") or (c < 0 and kind == "!=")) for c, kind in held):
            yield {symbol: ball(value, {}) for symbol, value in exact.items()}
