"""The losses with all knobs as SymPy expressions in exp, sqrt, besseli and marcumq, for symbolic and exact parameters.

With p > q the roots of p + q = 1 + lam + c, p q = lam, and G, L_0 the losses without knobs (``laplace_symbolic``),

    H(s) = E[nu e^{-s nu}/K]   = (e^{cs}/p) G(ps; q/p),
    V(s) = E[nu e^{-s nu}/K^2]
         = (e^{cs}/(lam (p - q))) [p (1 - Q_1(sqrt(2ps), sqrt(2qs))) + q Q_1(sqrt(2qs), sqrt(2ps))] - s H(s),
    W = E[nu^2 e^{-s nu}/K^2] = H - c V,     Z = E[nu^3 e^{-s nu}/K^2] = L_0 - c H - c W,

for K = nu + c, every lam > 0 and c > 0. Proof: the exponential tilt e^{cs} turns H into a Laplace transform of a
Marchenko-Pastur law of ratio q/p, and V = -dH/dc. Without decay the noise needs only K_0(u) = int_0^u G, in closed form
too. The expressions lose digits to cancellation as c -> 0, which the certified reading does not; they say what is
computed. Where c is a symbol they hold for c > 0, where lam is a symbol and c = 0, for lam other than 1.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import sympy

from grokmath.functions.laplace_symbolic import laplace_expression, train_expression

__all__ = ["SymbolicKnobs", "gen_expression", "gen_limit_expression", "train_expression_of", "train_limit_expression"]


class SymbolicKnobs(NamedTuple):
    """What the losses depend on, as SymPy expressions: see ``knobs``."""

    lam: Any
    c: Any
    d_out: Any
    alpha_squared: Any
    noise: Any

    @property
    def half(self) -> Any:
        """1/(2 d)."""
        return sympy.Rational(1, 2) / self.d_out

    @property
    def roots(self) -> tuple[Any, Any]:
        """p and q."""
        total = 1 + self.lam + self.c
        width = sympy.sqrt(total**2 - 4 * self.lam)
        return (total + width) / 2, (total - width) / 2


def ridge_h(s: Any, lam: Any, c: Any) -> Any:
    """H(s)."""
    p, q = SymbolicKnobs(lam, c, 1, 1, 0).roots
    if s.is_zero:
        return 1 / p
    return sympy.exp(c * s) / p * laplace_expression(p * s, q / p)


def ridge_v(s: Any, lam: Any, c: Any) -> Any:
    """V(s)."""
    p, q = SymbolicKnobs(lam, c, 1, 1, 0).roots
    if s.is_zero:
        return 1 / (p * (p - q))
    low, high = sympy.sqrt(2 * q * s), sympy.sqrt(2 * p * s)
    inner = p * (1 - sympy.marcumq(1, high, low)) + q * sympy.marcumq(1, low, high)
    return sympy.exp(c * s) / (lam * (p - q)) * inner - s * ridge_h(s, lam, c)


def integral_of_g(u: Any, lam: Any) -> Any:
    """K_0(u) = int_0^u G(s; lam) ds, without decay."""
    if u.is_zero:
        return sympy.Integer(0)
    if lam == 1:
        zero, one = sympy.besseli(0, 2 * u), sympy.besseli(1, 2 * u)
        return 2 * u * sympy.exp(-2 * u) * (zero + one) + (sympy.exp(-2 * u) * zero - 1) / 2
    low, high = sympy.sqrt(2 * lam * u), sympy.sqrt(2 * u)
    ends = lam * (1 - sympy.marcumq(1, low, high)) - (1 - sympy.marcumq(1, high, low))
    return u * laplace_expression(u, lam) + ends / (lam * (1 - lam))


def noise_expression(u: Any, lam: Any, c: Any) -> Any:
    """N(u) = E[nu (1 - e^{-uK})^2/K^2]."""
    if c.is_zero:
        return 2 * integral_of_g(u, lam) - integral_of_g(2 * u, lam)
    once, twice = sympy.exp(-c * u), sympy.exp(-2 * c * u)
    return ridge_v(sympy.Integer(0), lam, c) - 2 * once * ridge_v(u, lam, c) + twice * ridge_v(2 * u, lam, c)


def bias_expression(u: Any, lam: Any, c: Any) -> Any:
    """2B(u) = E[((c + nu e)/K)^2]."""
    if c.is_zero:
        return laplace_expression(2 * u, lam)
    p = SymbolicKnobs(lam, c, 1, 1, 0).roots[0]
    w = ridge_h(2 * u, lam, c) - c * ridge_v(2 * u, lam, c)
    limit = (p - 1) ** 2 / (p**2 - lam)
    return limit + 2 * c * sympy.exp(-c * u) * ridge_v(u, lam, c) + sympy.exp(-2 * c * u) * w


def gen_expression(u: Any, knobs: SymbolicKnobs) -> Any:
    """L_gen at u = rate t.

    >>> lam, u = sympy.Rational(1, 2), sympy.Symbol("u", positive=True)
    >>> gen_expression(sympy.Integer(0), SymbolicKnobs(lam, sympy.Rational(1, 10), 1, 4, u))
    5/2
    """
    lam, c = knobs.lam, knobs.c
    if u.is_zero:
        return (1 + knobs.alpha_squared) * knobs.half
    start = knobs.alpha_squared * sympy.exp(-2 * c * u) * laplace_expression(2 * u, lam)
    loss = (start + bias_expression(u, lam, c)) * knobs.half
    return loss if knobs.noise.is_zero else loss + knobs.noise * lam * noise_expression(u, lam, c)


def train_expression_of(u: Any, knobs: SymbolicKnobs) -> Any:
    """L_tr at u = rate t."""
    lam, c = knobs.lam, knobs.c
    if u.is_zero:
        return (1 + knobs.alpha_squared) * knobs.half + knobs.noise
    first = train_expression(2 * u, lam)
    bias = first
    if not c.is_zero:
        w = ridge_h(u, lam, c) - c * ridge_v(u, lam, c)
        h = ridge_h(2 * u, lam, c)
        z = first - c * h - c * (h - c * ridge_v(2 * u, lam, c))
        v = ridge_v(sympy.Integer(0), lam, c)
        bias = c**2 * v + 2 * c * sympy.exp(-c * u) * w + sympy.exp(-2 * c * u) * z
    loss = (knobs.alpha_squared * sympy.exp(-2 * c * u) * first + bias) * knobs.half
    if knobs.noise.is_zero:
        return loss
    return loss + knobs.noise * (1 - lam + lam * bias_expression(u, lam, c))


def gen_limit_expression(knobs: SymbolicKnobs) -> Any:
    """L_gen as t -> infinity, with p written out; where c = 0 and lam is a symbol, a Piecewise in lam."""
    lam, p = knobs.lam, knobs.roots[0]
    if not knobs.c.is_zero:
        return ((p - 1) ** 2 * knobs.half + knobs.noise * lam) / (p**2 - lam)
    below = knobs.noise * lam / (1 - lam)
    above = (1 + knobs.alpha_squared) * knobs.half * (1 - 1 / lam) + knobs.noise / (lam - 1)
    if lam == 1:
        return sympy.Integer(0) if knobs.noise.is_zero else sympy.oo * knobs.noise
    if lam.is_number:
        return below if lam < 1 else above
    if knobs.noise.is_zero:
        return sympy.Piecewise((sympy.Integer(0), lam <= 1), (above, True))
    return sympy.Piecewise((below, lam < 1), (above, lam > 1), (sympy.oo, True))


def train_limit_expression(knobs: SymbolicKnobs) -> Any:
    """L_tr as t -> infinity."""
    lam, p = knobs.lam, knobs.roots[0]
    if not knobs.c.is_zero:
        noise = knobs.noise * (1 - lam + lam * (p - 1) ** 2 / (p**2 - lam))
        return knobs.c**2 * knobs.half / (p**2 - lam) + noise
    return knobs.noise * sympy.Max(0, 1 - lam)
