"""Second evaluators of the Marcum functions, which share nothing with the kernels but the definition; for checks.

- :func:`marcum_mixture`: the Poisson mixture of incomplete gamma functions over a window about its largest term. The
  gamma functions come by their own recurrence from an enclosure outside the window, the sum has proved tails on both
  sides (docs/proofs/marcum.md, Theorem 6). Any parameters; the cost grows like sqrt(a b).
- :func:`marcum_integral`: Arb's certified quadrature of the density of the non-central chi-square distribution, with
  the dominant exponential factored out and Chernoff's bound for the part cut off (Lemma 1). For m and a b up to 1000.

Each side, Q or P, is computed directly, and as a complement only where it is 1 to many digits.
"""

from __future__ import annotations

import math

from flint import acb, arb, ctx

from grokmath.certified import working_precision

__all__ = ["marcum_integral", "marcum_mixture"]

_LN2 = math.log(2)


def _tolerance() -> float:
    return ctx.prec * _LN2 + 10


def _log_delta(p: float, Y: float) -> float:
    return p * math.log(Y) - math.lgamma(p + 1)


def _lower_start(p: float, Y: float, L: float) -> int:
    """k such that Y^q/Gamma(q + 1) at q = p - k is e^-L times smaller than at p <= Y, or k so large that p - k < 1."""
    k, step = 0, 1
    most = max(0, math.ceil(p) - 1)
    while k < most and _log_delta(p - k, Y) > _log_delta(p, Y) - L:
        k, step = min(most, k + step), step + step // 4 + 1
    return k


def _upper_start(p: float, Y: float, L: float) -> int:
    """k such that Y^q/Gamma(q + 1) at q = p + k is e^-L times smaller than at p."""
    k, step = 0, 1
    while _log_delta(p + k, Y) > _log_delta(p, Y) - L or (p + k < 1.1 * Y + 1 and k < 4 * math.sqrt(L * (Y + p))):
        k, step = k + step, step + step // 4 + 1
    return k


def _foot(p: arb, Y: arb) -> arb:
    """Q(p, Y): Arb's function where p is small; below Y an enclosure that is wide but right (Lemma 7).

    Q rises with p and falls with Y. Arb is asked at exact ends alone: of balls it loses Y/log(2) bits, whatever the
    precision, where its series cancel.
    """
    if p < 40 or not p < Y:
        cancellation = 1.5 * min(float(Y), _tolerance()) + max(0.0, -3 * math.log(float(p)))
        with working_precision(ctx.prec + 40 + int(cancellation)):
            if p.is_exact() and Y.is_exact():
                return Y.gamma_upper(p, regularized=1)
            low, high = Y.upper().gamma_upper(p.lower(), regularized=1), Y.lower().gamma_upper(p.upper(), regularized=1)
            return low.union(high)
    return arb(0).union((p * Y.log() - Y - p.lgamma()).exp() / (Y - p + 1))


def marcum_mixture(m: arb, a: arb, b: arb, side: str) -> arb:
    """An enclosure of Q_m(a, b) (side "Q") or P_m(a, b) (side "P"), b > 0, by the windowed mixture."""
    X, Y = a * a / 2, b * b / 2
    L = _tolerance()
    x, y, order = float(X), float(Y), float(m)
    if (side == "Q") != (y > x + order) and _exponent(order, x, y) > 20:  # far on the side that is nearly 1
        return 1 - marcum_mixture(m, a, b, "P" if side == "Q" else "Q")
    peak = max((math.hypot(order, 2 * math.sqrt(x * y)) - order) / 2, x if (side == "Q") != (y > x + order) else 0.0)
    reach = math.sqrt(2 * L * (peak + 1))
    j0, j1 = max(0, math.floor(peak - reach)), math.ceil(peak + 1.5 * reach + L)
    if X == 0:
        j0 = j1 = 0
    gammas = _q_ladder(m, Y, j0, j1, L) if side == "Q" else _p_ladder(m, Y, j0, j1, L)
    weight = (j0 * X.log() - arb(j0 + 1).lgamma() - X).exp() if j0 else (-X).exp()
    below = gammas[0]
    total = arb(0)
    if j0:
        ratio = j0 / X * below / gammas[1]
        total += arb(0).union(weight * gammas[1] * ratio / (1 - ratio)) if ratio < 1 else arb.nan()
    for j in range(j0, j1 + 1):
        total += weight * gammas[j - j0 + 1]
        weight *= X / (j + 1)
    ratio = X / (j1 + 2) * (gammas[-1] / gammas[-2])
    if X == 0:
        return total
    first = weight * gammas[-1]
    return total + (arb(0).union(first / (1 - ratio)) if ratio < 1 else arb.nan())


def _q_ladder(m: arb, Y: arb, j0: int, j1: int, L: float) -> list[arb]:
    """Q(m + j, Y) for j0 - 1 <= j <= j1 + 1 (the first a dummy where j0 = 0), upwards: all terms positive."""
    order, y = float(m), float(Y)
    low = max(order + j0 - 1, min(order, 1.0))
    start = j0 - 1 - _lower_start(low, y, L) if j0 else -_lower_start(order, y, L)
    p = m + start
    q = _foot(p, Y)
    delta = (p * Y.log() - Y - (p + 1).lgamma()).exp()
    out = [] if j0 else [arb(0)]
    for j in range(start, j1 + 2):
        if j >= j0 - 1 and (j0 or j >= 0):
            out.append(q)
        q += delta
        delta *= Y / (m + (j + 1))
    return out


def _p_ladder(m: arb, Y: arb, j0: int, j1: int, L: float) -> list[arb]:
    """P(m + j, Y) for j0 - 1 <= j <= j1 + 1 (the first a dummy where j0 = 0), downwards: all terms positive."""
    top = j1 + 1 + _upper_start(float(m) + j1 + 1, float(Y), L)
    p = m + top
    delta = (p * Y.log() - Y - (p + 1).lgamma()).exp()
    series = (p + 1) / (p + 1 - Y) if p + 1 > Y else Y.exp()
    value = delta * arb(1).union(series)
    out = []
    for j in range(top, j0 - 2, -1):
        if j <= j1 + 1 and (j0 or j >= 0):
            out.append(value)
        delta *= (m + j) / Y
        value += delta
    if not j0:
        out.append(arb(0))
    return out[::-1]


def _exponent(m: float, X: float, Y: float) -> float:
    """E with Q (above the mean) or P (below) at most e^-E, by Chernoff's inequality."""
    A = math.hypot(m, 2 * math.sqrt(X * Y))
    return X + Y - A + m * (math.log(m + A) - math.log(2 * Y))


def _cut(m: arb, X: arb, Y: arb, side: str, L: float) -> float:
    """The v at which the integral over w = Y e^v may be cut."""
    order, x, y = float(m), float(X), float(Y)
    sign = 1 if side == "Q" else -1
    mean = math.log((x + order) / y)
    base = max(0.0, _exponent(order, x, y)) if sign * mean < 0 else 0.0
    v = step = 0.01
    while sign * (sign * v - mean) < 0 or _exponent(order, x, y * math.exp(sign * v)) < base + L:
        step *= 1.3
        v += step
    return sign * v


def marcum_integral(m: arb, a: arb, b: arb, side: str) -> arb:
    """An enclosure of Q_m(a, b) (side "Q") or P_m(a, b) (side "P"), b > 0, by integrating the density."""
    X, Y = a * a / 2, b * b / 2
    if side == "P" and m < 0.5:  # P_m = P_(m+1) + (b/a)^m e^(-X-Y) I_m(a b): the density of order m is too sharp at 0
        step = (m * Y.log() - X - Y).exp() * (X * Y).hypgeom_0f1(m + 1, regularized=True)
        return marcum_integral(m + 1, a, b, side) + step
    if (side == "Q") != (X + m < Y) and _exponent(float(m), float(X), float(Y)) > 20:
        return 1 - marcum_integral(m, a, b, "P" if side == "Q" else "Q")
    L = _tolerance()
    end = arb(_cut(m, X, Y, side, L))
    sign = 1 if side == "Q" else -1
    mean = math.log((float(X) + float(m)) / float(Y))
    shift = arb(max(0.0, _exponent(float(m), float(X), float(Y))) if sign * mean < 0 else 0.0)
    log_Y = Y.log()

    def density(v: acb, _: bool) -> acb:
        w = (v + log_Y).exp()
        return ((v + log_Y) * m - w - X + shift).exp() * (X * w).hypgeom_0f1(m, regularized=True)

    integral = acb.integral(density, acb(0), acb(end)).real * sign
    W = Y * end.exp()
    A = (m * m + 4 * X * W).sqrt()
    rest = (A - X - W - m * ((m + A) / (2 * W)).log() + shift).exp()
    return (integral + arb(0).union(rest)) * (-shift).exp()
