"""The Marchenko-Pastur averages of ridge regression (weight decay) in ball arithmetic, at every lam, c and s.

For nu distributed by the Marchenko-Pastur law of ratio lam > 0, c > 0 and s >= 0 these are

    V_ij(s; c, lam) = E[nu^i e^{-s nu}/(nu + c)^j],   (i, j) one of (0,1), (0,2), (1,1), (1,2), (2,2), (3,2),
                                                                    (1,0), (2,0), (2,1), (3,1),

from which the losses with weight decay gamma = 2c are made (Levi, Beck and Bar Sinai, "Grokking in Linear Estimators",
eqs. (14) and (38), s = 4 eta t). The kernels give the *continuous* part of the law: for lam > 1 the atom 1 - 1/lam at 0
adds (1 - 1/lam) c^-j where i = 0 (:func:`atom_ball`) and nothing elsewhere. The continuous part decays like exp(-a s),
a = (1 - sqrt lam)^2, which is kept apart: the kernels return ``Scaled(-a s, factor)``.

Method. s = 0: algebra in the larger root p of p + q = 1 + lam + c, pq = lam, without cancellation. s > 0: one rule for
all of them, the midpoint rule over the angle with its two poles taken out (``ridge_laplace_rule``). All terms are
positive, nothing is lost as c -> 0 or lam -> 1, and s = 10^12 costs what s = 100 does. The factor depends on lam
through quantities that are symmetric under lam -> 1/lam and a power of lam, so lam > 1 is no special case.

Every truncation and every rounding is bounded; the proofs are in docs/proofs/ridge_laplace.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

from flint import arb, ctx

from grokmath.certified import Scaled
from grokmath.exact import Exact, ball, sign, working_precision
from grokmath.functions.ridge_laplace_rule import Kind, Scales, ridge_sums

__all__ = ["KINDS", "Kind", "accurate", "atom_ball", "ridge_ball", "ridge_balls", "scales_of"]

KINDS: tuple[Kind, ...] = ((0, 1), (0, 2), (1, 1), (1, 2), (2, 2), (3, 2), (1, 0), (2, 0), (2, 1), (3, 1))
"""The pairs (i, j); the first six are A_1, A_2, H, V, W and Z in the notation of the theory."""

_GUARD_BITS = 24
"""Bits of the working precision beyond those wanted and their length."""

_EXPONENT_BITS = 40
"""Extra bits of the constants, for the product a s."""


def accurate(x: Exact, bits: int) -> arb:
    """A ball of nearly full relative accuracy, also where an algebraic number cancels."""
    extra = 0
    while True:
        with working_precision(bits + extra):
            value = ball(x)
        if isinstance(x, Fraction) or value.rel_accuracy_bits() >= bits - 4:
            return value
        extra = 2 * extra + 64


@lru_cache(maxsize=128)
def scales_of(c: Exact, lam: Exact, bits: int) -> Scales:
    """The constants at a precision of ``bits``; 1 - lam is exact, so a is accurate also at lam = 1 + 1e-100."""
    with working_precision(bits):
        root = accurate(lam, bits).sqrt()
        difference = 1 - lam
        edge = arb(0) if sign(difference) == 0 else (accurate(difference, bits) / (1 + root)) ** 2
        return Scales(root, edge, edge / (2 * root), accurate(c, bits) / (2 * root))


def ridge_balls(
    s: arb, c: Exact, lam: Exact, *, kinds: Sequence[Kind] = KINDS, terms: float = 1.0
) -> dict[Kind, Scaled]:
    """V_ij(s; c, lam) over the continuous part of the law for each (i, j) of ``kinds``, from one sweep.

    Each is ``Scaled``: exp(-a s) * factor for every point s >= 0 of the ball; c > 0 and lam > 0 are exact. ``terms``
    multiplies the number of nodes of the rule; the ball contains the truth for every value.

    >>> from fractions import Fraction
    >>> from grokmath.certified import working_precision
    >>> with working_precision(120):
    ...     values = ridge_balls(arb(400), Fraction(1, 10**6), Fraction(9, 10), kinds=[(1, 2), (2, 2)])
    ...     for value in values.values():
    ...         print(value.value().str(25, radius=False))
    0.5448509695936215412720947
    0.002500870308641921040849966
    """
    return _Averages(c, lam, tuple(kinds), terms).over(s)


def ridge_ball(i: int, j: int, s: arb, c: Exact, lam: Exact, *, terms: float = 1.0) -> Scaled:
    """V_ij(s; c, lam) = E[nu^i e^{-s nu}/(nu + c)^j] over the continuous part: exp(-a s) * factor.

    >>> from fractions import Fraction
    >>> from grokmath.certified import working_precision
    >>> with working_precision(120):
    ...     print(ridge_ball(0, 2, arb(25), Fraction(1, 10**6), Fraction(1)).value().str(25, radius=False))
    499987531.7644221497875397
    """
    return ridge_balls(s, c, lam, kinds=((i, j),), terms=terms)[(i, j)]


def atom_ball(j: int, c: Exact, lam: Exact) -> arb:
    """(1 - 1/lam)^+ c^-j, which the atom at 0 adds to V_0j; the atom adds nothing to V_ij with i > 0.

    >>> from fractions import Fraction
    >>> atom_ball(1, Fraction(1, 4), Fraction(2)), atom_ball(1, Fraction(1, 4), Fraction(1, 2))
    (2.00000000000000, 0)
    """
    bits = ctx.prec
    excess = lam - 1
    if sign(excess) <= 0:
        return arb(0)
    return accurate(excess, bits) / accurate(lam, bits) / accurate(c, bits) ** j


class _Averages:
    """The averages of some kinds at one c and lam, at flint's precision."""

    def __init__(self, c: Exact, lam: Exact, kinds: tuple[Kind, ...], terms: float) -> None:
        self.c, self.lam, self.kinds, self.terms = c, lam, kinds, terms
        self.bits = ctx.prec
        self.work = self.bits + self.bits.bit_length() + _GUARD_BITS
        self.scales = scales_of(c, lam, self.work + _EXPONENT_BITS)

    def over(self, s: arb) -> dict[Kind, Scaled]:
        """The averages over a ball of s."""
        with working_precision(self.work + _EXPONENT_BITS):
            log_scale = -self.scales.edge * s
        with working_precision(self.work):
            return {kind: Scaled(log_scale, f) for kind, f in zip(self.kinds, self.factors(s), strict=True)}

    def refined(self, extra: int) -> Scales:
        """The constants to ``extra`` bits more."""
        return scales_of(self.c, self.lam, self.work + _EXPONENT_BITS + extra) if extra else self.scales

    def factors(self, s: arb) -> list[arb]:
        """The factors over a ball of s: from one or two exact points, by monotonicity.

        Each factor f = E[(...) e^{-s(nu - a)}] decreases; -f'/f is at most 4 sqrt(lam), and at most 7/(2s) (Lemma 3).
        """
        if not s.is_finite():
            return [arb(0, arb.pos_inf()) for _ in self.kinds]
        if s.is_exact() and s >= 0:
            return self.at(s)
        mid, radius = s.mid(), s.rad()
        low = (mid - radius).lower()
        if low > 0:
            spread = radius / low
            if spread < 0.125:  # (1 + t)^(7/2) <= 1 + 5t
                return [value * arb(1, 5 * spread) for value in self.at(mid)]
        left = self.at(low if low > 0 else arb(0))
        if low < 0:
            most = (-4 * self.scales.root * low).exp().union(arb(1))
            left = [value * most for value in left]
        high = (mid + radius).upper()
        if not high > 0:
            return left
        return [before.union(after) for before, after in zip(left, self.at(high), strict=True)]

    def at(self, s: arb) -> list[arb]:
        """The factors at an exact s >= 0."""
        if s == 0:
            limits = _limits(self.c, self.lam, self.work)
            return [limits[kind] for kind in self.kinds]
        values = []
        for (i, j), value in zip(
            self.kinds, ridge_sums(s, self.refined, self.kinds, self.bits, self.terms), strict=True
        ):
            value *= (2 * self.scales.root) ** (i - 1 - j)
            if not (value > 0 and value.is_finite()):
                # true, if not sharp: the factor decreases from its value at 0
                value = arb(0).union(_limits(self.c, self.lam, self.work)[(i, j)])
            values.append(value)
        return values


@lru_cache(maxsize=32)
def _limits(c: Exact, lam: Exact, bits: int) -> dict[Kind, arb]:
    """V_ij(0; c, lam) over the continuous part, for lam <= 1 in p, R = p - q, p - lam and p - 1 (Theorem 4).

    For lam > 1 that part is 1/lam of the law of lam' = 1/lam with nu = lam nu', c = lam c'.
    """
    with working_precision(bits):
        side = sign(lam - 1)
        y, k = accurate(lam, bits), accurate(c, bits)
        gap = accurate(abs(1 - lam), bits) if side else arb(0)
        scale = arb(1)
        if side > 0:
            scale, y, k, gap = y, 1 / y, k / y, gap / y
        root = (gap * gap + 2 * k * (1 + y) + k * k).sqrt()  # R
        above = (gap + k + root) / 2  # p - lam
        p = y + above
        excess = k * p / above if sign(c) else arb(0)  # p - 1
        slope = 1 / (p * root)  # 1/(p^2 - lam)
        g = gap + (1 + y) * excess  # (1 + lam) p - 2 lam
        h = p + y * excess  # (1 + lam) p - lam
        values = {
            (0, 1): 1 / above,
            (0, 2): p / (above * above * root),
            (1, 1): 1 / p,
            (1, 2): slope,
            (2, 2): g / p * slope,
            (3, 2): (y * excess * above + h * g) / (p * p) * slope,
            (1, 0): arb(1),
            (2, 0): 1 + y,
            (2, 1): h / p**2,
            (3, 1): (y * p**2 + h * h) / p**3,
        }
        if side <= 0:
            return values
        return {(i, j): value * scale ** (i - j - 1) for (i, j), value in values.items()}
