"""The averages of ridge regression that a loss takes at u and at 2u, and the noise kernel, from one sweep of one rule.

With V_ij(s) = E[nu^i e^{-s nu}/(nu + c)^j] over the continuous part of the Marchenko-Pastur law and N the noise kernel
(``ridge_laplace_certified``, ``noise_kernel_certified``) the generalization loss needs V_12(u), V_22(2u) and N(u), the
training loss V_22(u) and V_32(2u), with noise also V_12(u) and V_22(2u). All are sums over the same nodes, planned for
2u, of one weight times e^{-x mu} or its square, so that one exponential and one division to a node serve them all.

The bounds are those of docs/proofs/ridge_laplace.md (Theorems 1 and 2, at x and at 2x, over one strip) and of
docs/proofs/noise_kernel.md. Nothing here is new but the sharing.
"""

from __future__ import annotations

from typing import NamedTuple

from flint import arb, ctx

from grokmath.exact import Exact, set_precision, working_precision
from grokmath.functions.noise_kernel_certified import all_nodes, noise_ball, noise_error, semicircle
from grokmath.functions.ridge_laplace_certified import ridge_balls, scales_of
from grokmath.functions.ridge_laplace_rule import (
    BOUND_BITS,
    Kind,
    Scales,
    Strip,
    exponentials,
    left_out,
    node_count,
    nodes,
    plan,
    residue,
    strip_about,
    strip_error,
)

__all__ = ["Pair", "ridge_pair"]

_GUARD_BITS = 28
_EXPONENT_BITS = 40


class Pair(NamedTuple):
    """Balls of the values themselves, exponentials included; 0 where not asked for."""

    v12: arb  # e^{-cu} V_12(u)
    v22: arb  # e^{-cu} V_22(u)
    w22: arb  # e^{-2cu} V_22(2u)
    w32: arb  # e^{-2cu} V_32(2u)
    noise: arb  # N(u)


def ridge_pair(
    u: arb,
    c: Exact,
    lam: Exact,
    *,
    gen: bool = False,
    train: bool = False,
    noise: bool = False,
    terms: float = 1.0,
) -> Pair:
    """``gen``: v12 and w22; ``train``: v22 and w32; ``noise``: N; for every point u >= 0 of the ball, c > 0.

    >>> from fractions import Fraction
    >>> with working_precision(100):
    ...     pair = ridge_pair(arb(200), Fraction(1, 10**6), Fraction(9, 10), gen=True)
    ...     print((pair.w22 * (arb(1) / 2500).exp()).str(20, radius=False))
    0.0025008703086419210408
    """
    bits = ctx.prec
    if u > 0 and u.is_finite():
        low = (u.mid() - u.rad()).lower()
        spread = u.rad() / low
        if spread < 0.0625:
            with working_precision(bits + bits.bit_length() + _GUARD_BITS):
                return _near(u, spread, c, lam, (gen, train, noise), bits, terms)
    return _apart(u, c, lam, gen, train, noise, terms)


def _apart(u: arb, c: Exact, lam: Exact, gen: bool, train: bool, noise: bool, terms: float) -> Pair:
    """One average at a time: for u = 0 and for wide balls."""
    scale = scales_of(c, lam, ctx.prec + _EXPONENT_BITS)
    decay = (-2 * scale.root * scale.gap * u).exp()
    first: tuple[Kind, ...] = ((1, 2),) * gen + ((2, 2),) * train
    second: tuple[Kind, ...] = ((2, 2),) * gen + ((3, 2),) * train
    once = ridge_balls(u, c, lam, kinds=first, terms=terms) if first else {}
    twice = ridge_balls(2 * u, c, lam, kinds=second, terms=terms) if second else {}
    return Pair(
        decay * once[(1, 2)].value() if gen else arb(0),
        decay * once[(2, 2)].value() if train else arb(0),
        decay * decay * twice[(2, 2)].value() if gen else arb(0),
        decay * decay * twice[(3, 2)].value() if train else arb(0),
        noise_ball(u, c, lam, terms=terms) if noise else arb(0),
    )


def _near(u: arb, spread: arb, c: Exact, lam: Exact, want: tuple[bool, bool, bool], bits: int, terms: float) -> Pair:
    """At the midpoint, and the spread by monotonicity (Lemma 3, N/u^2 decreasing); the exponentials over the ball."""
    work = ctx.prec
    p = scales_of(c, lam, work + _EXPONENT_BITS)
    pair = _at(u.mid(), p, want, bits, terms)
    with working_precision(work + _EXPONENT_BITS):
        decay = (-(p.edge + 2 * p.root * p.gap) * u).exp()
    less = arb(1, 5 * spread)
    width = 2 * p.root
    once, twice = decay * less, decay * decay * less
    return Pair(
        pair.v12 * once / (width * width),
        pair.v22 * once / width,
        pair.w22 * twice / width,
        pair.w32 * twice,
        pair.noise / (width * width) * arb(1, 3 * spread),
    )


def _at(u: arb, p: Scales, want: tuple[bool, bool, bool], bits: int, terms: float) -> Pair:
    """The factors U_12, U_22 at x, U_22, U_32 at 2x, and (2 sqrt lam)^2 N, at an exact u > 0."""
    gen, train, noise = want
    work = ctx.prec
    x, far = 2 * p.root * u, p.near + p.gap
    m = plan(2 * x, bits, terms, 2 if train else 1)[0]
    count = node_count(m, x, bits)
    rows = nodes(m, work).upto(count)
    factors, precisions = exponentials(rows, x, m)
    near = p.near
    decay = (-x * far).exp() if noise else arb(0)  # of the mode at mu = 0
    apart = bool(noise and x < 1)  # 1 - e would cancel
    direct = noise and not apart and count == m  # the terms of the noise do not fall with e^{-x mu}
    v12 = v22 = w22 = w32 = total = arb(0)
    level = work
    steps = zip(reversed(rows), reversed(factors), reversed(precisions), strict=True)
    with working_precision(work):
        for (mu, weight), once, precision in steps:
            if precision != level and not direct:
                set_precision(level := precision)
            root = far + mu
            f = weight / (root * root)
            g = f * once
            size = near + mu
            if gen:
                v12 += g
                w22 += g * once * size
            if train:
                g *= size
                v22 += g
                w32 += g * once * size
            if noise and not apart:
                e = once * decay
                total += f * (1 - e) ** 2 if direct else f * (e * (2 - e))
    with working_precision(BOUND_BITS):
        strip = strip_about(2 * x, m, near, far)
    left = rows[-1][0] if count < m else None
    if strip is None:
        nothing = arb.nan()
        return Pair(nothing, nothing, nothing, nothing, nothing)
    values = [arb(0)] * 4
    kinds: list[tuple[int, Kind, arb, int]] = []
    if gen:
        kinds += [(0, (1, 2), v12, 1), (2, (2, 2), w22, 2)]
    if train:
        kinds += [(1, (2, 2), v22, 1), (3, (3, 2), w32, 2)]
    added = [_residues(n * x, far, p.gap, m) if strip.inside == 2 else None for n in (1, 2)]
    for place, kind, sums, n in kinds:
        value = 2 * sums / m + _bounds(kind, n, x, near, far, strip, m, left)
        extra = added[n - 1]
        if extra is not None:
            value += extra[kind[0] - 1]
        values[place] = value
    loss = arb(0)
    if apart:
        loss = semicircle(x, far, bits, terms)
    elif noise:
        if direct:
            loss = 2 * total / m
        else:
            rest = 2 * left_out((1, 2), x, far, far, rows[-1][0]) * decay
            loss = all_nodes(far, m) - 2 * total / m - arb(0).union(rest.upper())
        loss += arb(0, noise_error(x, far, m).upper())
    return Pair(values[0], values[1], values[2], values[3], loss)


def _residues(x: arb, far: arb, gap: arb, m: int) -> tuple[arb, arb, arb]:
    """What the poles add to U_12, U_22, U_32."""
    value, slope = residue(x, far, m)
    pi = arb.pi()
    return -slope / pi, (value + gap * slope) / pi, -gap * (2 * value + gap * slope) / pi


def _bounds(kind: Kind, n: int, x: arb, near: arb, far: arb, strip: Strip, m: int, left: arb | None) -> arb:
    """The aliases and the nodes left out, of the average at n x, n = 1 or 2; the strip was made for 2x."""
    with working_precision(BOUND_BITS):
        if n == 1:
            strip = strip._replace(growth=strip.growth * (-x * strip.rise).exp())
        bound = arb(0, strip_error(kind, n * x, near, strip).upper())
        if left is not None:
            bound += arb(0).union(left_out(kind, n * x, near, far, left).upper())
        return bound
