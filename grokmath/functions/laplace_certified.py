"""The Laplace transform of the Marchenko-Pastur law and its derivative in ball arithmetic, at every lam and s.

G(s; lam) = E[exp(-s nu)], nu distributed by the Marchenko-Pastur law of ratio lam = d/N (with its atom 1 - 1/lam at 0
for lam > 1), is the generalization loss of the regression paper at s = 4 eta t; -G' = E[nu exp(-s nu)] is its training
loss. G - (1 - 1/lam)^+ and -G' decay like exp(-a s), a = (1 - sqrt lam)^2, which is kept apart: both kernels return
``Scaled(-a s, factor)``. With x = 2 sqrt(lam) s and z = a s the factor comes from

- x < 2^-24: a positive double series in Poisson weights;
- x <= 0.42 bits + 5: a backward (Miller) recurrence for the Bessel functions I_k(x);
- beyond: the late-time expansion that is uniform in lam, with erfc sqrt z where z <= 0.84 bits + 10, and a series in
  1/z or 1/x where z is larger;
- where the sum reduces to I_0 and I_1 (-G', and lam = 1): Arb's own Bessel functions at high precision, at every x.

lam > 1 needs no duality: the factor depends on lam through x, z and a prefactor, all symmetric under lam -> 1/lam.
Every truncation and every rounding is bounded; the proofs are in docs/proofs/laplace.md.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from flint import arb, ctx, fmpq

from grokmath.certified import Scaled
from grokmath.exact import Exact, ball, log2, sign, working_precision
from grokmath.functions.laplace_miller import (
    SMALLEST_LOG,
    InsufficientPrecision,
    bessel_sum,
    guard_bits,
    miller_sum,
    poisson_sum,
)
from grokmath.functions.laplace_uniform import asymptotic_sum, smallest_x, train_sum, uniform_sum

__all__ = ["excess_ball", "laplace_ball", "method_name", "train_ball"]

_EXPONENT_BITS = 32
"""Extra bits for the product a s, so that exponents up to 10^9 do not cost a second evaluation."""

_BESSEL_BITS = 400
"""Above this precision Arb's Bessel functions, written in C, beat sums in Python."""

LIMIT = "value at s = 0"
POISSON = "Poisson series"
BESSEL = "Bessel functions"
MILLER = "Miller recurrence"
UNIFORM = "uniform expansion"
ASYMPTOTIC = "asymptotic expansion"


class _Constants(NamedTuple):
    """What depends on lam alone."""

    root: arb  # sqrt(lam)
    edge: arb  # a = (1 - sqrt lam)^2
    half_kappa: arb  # a/(4 sqrt lam)
    rho: arb  # min(sqrt lam, 1/sqrt lam)
    low: arb  # min(1, lam)
    high: arb  # max(1, lam)
    mass: arb  # min(1, 1/lam), the mass of the continuous part
    plateau: arb  # (1 - 1/lam)^+
    side: int  # the sign of lam - 1


def _accurate(x: Exact, bits: int) -> arb:
    """A ball of nearly full relative accuracy for x other than 0, also where an algebraic number cancels."""
    extra = 0
    while True:
        with working_precision(bits + extra):
            value = ball(x)
        if value.rel_accuracy_bits() >= bits - 4:
            return value
        extra = 2 * extra + 64


@lru_cache(maxsize=64)
def _constants(lam: Exact, bits: int) -> _Constants:
    """The constants at a precision of ``bits``; 1 - lam is exact, so a is accurate also at lam = 1 + 1e-100."""
    with working_precision(bits):
        one = arb(1)
        if isinstance(lam, Fraction):
            p, q = lam.numerator, lam.denominator
            side = (p > q) - (p < q)
            value, difference = arb(fmpq(p, q)), arb(fmpq(q - p, q))
        else:
            side = sign(lam - 1)
            value, difference = _accurate(lam, bits), _accurate(1 - lam, bits) if side else arb(0)
        if side == 0:
            return _Constants(one, arb(0), arb(0), one, one, one, one, arb(0), 0)
        root = value.sqrt()
        gap = difference / (1 + root)
        edge = gap * gap
        half_kappa = edge / (4 * root)
        if side < 0:
            return _Constants(root, edge, half_kappa, root, value, one, one, arb(0), -1)
        return _Constants(root, edge, half_kappa, 1 / root, one, value, 1 / value, -difference / value, 1)


def excess_ball(s: arb, lam: Exact, *, terms: float = 1.0) -> Scaled:
    """G(s; lam) - (1 - 1/lam)^+ = exp(-a s) * factor for every point s >= 0 of the ball; lam > 0 exact.

    ``terms`` multiplies the number of terms of whatever sum is used; the ball contains the truth for every value.

    >>> from fractions import Fraction
    >>> from grokmath.certified import working_precision
    >>> with working_precision(120):
    ...     print(excess_ball(arb(8), Fraction(1, 2)).value().str(25, radius=False))
    0.04886186594175359303642674
    """
    return _evaluate(s, lam, terms, False)


def train_ball(s: arb, lam: Exact, *, terms: float = 1.0) -> Scaled:
    """-G'(s; lam) = E[nu e^{-s nu}] = e^{-(1+lam)s} I_1(2 sqrt(lam) s)/(sqrt(lam) s) = exp(-a s) * factor.

    >>> from fractions import Fraction
    >>> from grokmath.certified import working_precision
    >>> with working_precision(120):
    ...     print(train_ball(arb(10), Fraction(9, 10)).value().str(25, radius=False))
    0.009214155807330033319271163
    """
    return _evaluate(s, lam, terms, True)


def laplace_ball(s: arb, lam: Exact, *, terms: float = 1.0) -> Scaled:
    """G(s; lam) = E[e^{-s nu}], atom included: for lam > 1 log_scale is 0 and the plateau 1 - 1/lam is added.

    >>> from fractions import Fraction
    >>> from grokmath.certified import working_precision
    >>> with working_precision(120):
    ...     print(laplace_ball(arb(2), Fraction(5, 2)).value().str(25, radius=False))
    0.6292173510094304781129954
    """
    bits = ctx.prec
    work = bits + guard_bits(bits) + _EXPONENT_BITS
    with working_precision(work):
        c = _constants(lam, work)
        excess = Scaled(-c.edge * s, _factor(s, c, bits, terms, False))
        return excess if c.side <= 0 else Scaled(arb(0), c.plateau + excess.value())


def method_name(s: arb, lam: Exact, *, train: bool = False) -> str:
    """The name of the method that excess_ball (or train_ball) takes at s and lam, at flint's precision.

    >>> from fractions import Fraction
    >>> from grokmath.certified import working_precision
    >>> with working_precision(190):
    ...     [method_name(arb(s), Fraction(9, 10)) for s in (1, 100, 10**6)]
    ['Miller recurrence', 'uniform expansion', 'asymptotic expansion']
    """
    bits = ctx.prec
    c = _constants(lam, bits + guard_bits(bits) + _EXPONENT_BITS)
    mid = s.mid()
    if not mid > 0:
        return LIMIT
    return _method(2 * c.root * mid, c, bits, train)


def _method(x: arb, c: _Constants, bits: int, train: bool) -> str:
    log_x = log2(x)
    reduced = train or c.side == 0  # the sum is a combination of I_0 and I_1
    if reduced and (bits > _BESSEL_BITS or (train and log_x < 1)):
        return BESSEL
    threshold = smallest_x(bits)
    if log_x < SMALLEST_LOG:
        return POISSON
    if log_x < 60 and float(x) <= threshold:
        return MILLER
    if train:
        return ASYMPTOTIC
    z = 2 * c.half_kappa * x
    return UNIFORM if z < 2 * threshold else ASYMPTOTIC


def _evaluate(s: arb, lam: Exact, terms: float, train: bool) -> Scaled:
    bits = ctx.prec
    work = bits + guard_bits(bits) + _EXPONENT_BITS
    with working_precision(work):
        c = _constants(lam, work)
        return Scaled(-c.edge * s, _factor(s, c, bits, terms, train))


def _factor(s: arb, c: _Constants, bits: int, terms: float, train: bool) -> arb:
    """e^{as} times the excess, or -G', over a ball of s: from one or two exact points, by monotonicity.

    The factor f = E[(...) e^{-s(nu - a)}] decreases; -f'/f is at most 4 sqrt(lam), and at most 3/(2s) (Lemma 2).
    """
    if not s.is_finite():
        return arb(0, arb.pos_inf())
    if s.is_exact() and s >= 0:
        return _at(s, c, bits, terms, train)
    mid, radius = s.mid(), s.rad()
    low = (mid - radius).lower()
    if low > 0:
        spread = radius / low
        if spread < 0.5:  # (1 + d)^(3/2) <= 1 + 2d
            return _at(mid, c, bits, terms, train) * arb(1, 2 * spread)
    left = _at(low, c, bits, terms, train) if low > 0 else _at(arb(0), c, bits, terms, train)
    if low < 0:
        left *= (-4 * c.root * low).exp().union(arb(1))
    high = (mid + radius).upper()
    if not high > 0:
        return left
    return left.union(_at(high, c, bits, terms, train))


def _at(s: arb, c: _Constants, bits: int, terms: float, train: bool) -> arb:
    """The factor at an exact s >= 0."""
    top = arb(1) if train else c.mass
    if s == 0:
        return top
    x = 2 * c.root * s
    method = _method(x, c, bits, train)
    try:
        value = _by_method(method, s, x, c, bits, terms, train)
    except InsufficientPrecision:
        value = arb(0, arb.pos_inf())
    if value > 0 and value.is_finite():
        return value
    return arb(0).union(top)  # true, if not sharp: the factor decreases from its value at 0


def _by_method(method: str, s: arb, x: arb, c: _Constants, bits: int, terms: float, train: bool) -> arb:
    if method in (UNIFORM, ASYMPTOTIC):
        scale = arb.pi() * c.root * (c.root * s).sqrt()  # pi lam^(3/4) sqrt(s)
        if method == UNIFORM:
            return uniform_sum(x, c.edge * s, c.half_kappa, bits, terms) / scale
        scale *= 2 / arb.pi().sqrt()
        if train:
            return train_sum(x, bits, terms) / (scale * s)
        z = c.edge * s
        return asymptotic_sum(x, z, c.half_kappa, bits, terms) / (scale * z)
    if method == BESSEL:
        psi = bessel_sum(x, not train)
    elif method == POISSON:
        psi = poisson_sum(x, c.low * s, c.high * s, bits, terms)
    else:
        psi = miller_sum(x, None if train else c.rho, c.low * s, bits, terms)
    return psi if train else psi * c.mass
