"""Second evaluators of the Marchenko-Pastur averages of ridge regression, for checks.

They share nothing with the rule of ``ridge_laplace_rule`` but the law:

- the *angle* form is Arb's adaptive certified quadrature, with the logarithm of the angle as its variable, so that
  poles as near to 0 as sqrt(c) = 10^-15 or |1 - lam| = 10^-100 cost little; for every s, c and lam. exp(-a s) is
  factored out, since the quadrature works to an absolute tolerance;
- the *series* form sums the positive series over Bessel functions I_k(2 sqrt(lam) s). Its cost grows like x.

Both give the continuous part as ``Scaled(-a s, factor)``. Bounds of the parts left out: docs/proofs/ridge_laplace.md,
section 5.
"""

from __future__ import annotations

import math

from flint import acb, arb, ctx

from grokmath.certified import Scaled
from grokmath.exact import Exact, ball, log2, sign, working_precision
from grokmath.functions.laplace_miller import power_of_two

__all__ = ["ridge_angle_ball", "ridge_series_ball"]

_LN2 = math.log(2)


def ridge_angle_ball(i: int, j: int, s: arb, c: Exact, lam: Exact) -> Scaled:
    """V_ij = (2 sqrt lam)^(i-1-j) (2/pi) int_0^pi sin(phi)^2 (k + mu)^(i-1) (k + d + mu)^-j e^{-x mu} dphi e^{-as}.

    mu = 1 - cos phi, x = 2 sqrt(lam) s, k = a/(2 sqrt lam), d = c/(2 sqrt lam).
    """
    bits = ctx.prec
    with working_precision(bits + 30):
        root = ball(lam).sqrt()
        edge = (ball(1 - lam) / (1 + root)) ** 2
        x, k, d = 2 * root * s, edge / (2 * root), ball(c) / (2 * root)
        far = k + d
        log_x = max(0.0, log2(x.upper()))
        # beyond phi = end, e^{-x mu} <= e^{-2x (phi/pi)^2} <= e^{-rest}
        rest = arb((bits + 30 + 4 * log_x) * _LN2)
        end = arb.pi()
        if rest < 2 * x:
            end = (arb.pi() * (rest / (2 * x)).sqrt()).mid()
        # below phi = start, sin(phi)^2/(k + mu) <= min(2, phi^2/k)
        typical = min(-log_x, log2(far), 0.0)
        cubic = i > 0 or log2(k) > typical
        start = power_of_two(math.floor(typical / 2 - (bits + 20) / (3 if cubic else 1)))
        length = -(end / start).log().mid()

        def integrand(t: acb, analytic: bool) -> acb:
            phi = end * (t * length).exp()
            mu = 2 * (phi / 2).sin() ** 2
            return phi * mu * (2 - mu) * (k + mu) ** (i - 1) / (far + mu) ** j * (-x * mu).exp()

        total = acb.integral(integrand, 1, 0, rel_tol=power_of_two(-bits - 8), abs_tol=power_of_two(-(10**6))).real
        total *= length
        first = end * length.exp()
        if i == 0:
            below = 2 * first if k.is_zero() or k < first**2 else first**3 / (3 * k)
        else:
            below = first**3 / 3 * (k + first**2 / 2) ** (i - 1)
        total += arb(0).union((below / far**j).upper())
        if rest < 2 * x:
            mu = 2 * (end / 2).sin() ** 2
            largest = 1 / (k + mu) if i == 0 else (k + 2) ** (i - 1)
            total += arb(0).union(
                (arb.pi() * largest / (far + mu) ** j * (-2 * x * (end / arb.pi()) ** 2).exp()).upper()
            )
        return Scaled(-edge * s, 2 / arb.pi() * total * (2 * root) ** (i - 1 - j))


def ridge_series_ball(i: int, j: int, s: arb, c: Exact, lam: Exact) -> Scaled:
    """V_ij, s > 0, as (2/x) e^{-x} sum_k k beta_k I_k(x), beta_k the sine coefficients of sin(phi) nu^(i-1)/(nu + c)^j.

    The coefficients of (0,1), (0,2), (1,1), (1,2) are positive; those with i > 1 are had from these by subtraction, at
    a precision raised by what cancels. lam > 1 goes by nu = lam nu', lam' = 1/lam.
    """
    bits = ctx.prec
    log_x = log2(s) + log2(ball(lam)) / 2 + 1
    if log_x > 12:
        raise ValueError(f"the series needs about x = 2 sqrt(lam) s terms, here 2**{log_x:.0f}")
    log_c, log_s = log2(ball(c)), log2(s)
    if lam > 1:
        log_c, log_s = log_c - log2(ball(lam)), log_s + log2(ball(lam))
    loss = 4 * max(0.0, log_c, log_c + log_s) if i > 1 else 0.0
    with working_precision(bits + 60 + math.ceil(loss)):
        if lam <= 1:
            return _series((i, j), s, c, lam, bits + 60 + loss)
        log_scale, factor = _series((i, j), s * ball(lam), c / lam, 1 / lam, bits + 60 + loss)
        return Scaled(log_scale, factor * ball(lam) ** (i - j - 1))


def _series(kind: tuple[int, int], s: arb, c: Exact, lam: Exact, bits: float) -> Scaled:
    """The series for lam <= 1, with a tail of about 2**-bits."""
    y, k = ball(lam), ball(c)
    gap = ball(1 - lam) if sign(1 - lam) else arb(0)
    root = y.sqrt()
    x, edge = 2 * root * s, (gap / (1 + root)) ** 2
    width = (gap * gap + 2 * k * (1 + y) + k * k).sqrt()  # p - q
    above = (gap + k + width) / 2  # p - lam
    p = y + above
    n = _last(2.0 ** max(log2(x), -900.0), (bits + 60) * _LN2)
    bessel = _bessel(x, n)
    sums = [arb(0)] * 4
    power = arb(1)  # (root/p)^(m-1)
    bracket, inner, up = arb(1), arb(0), arb(1)  # [m] = sum_{l<m} p^l, sum_{l<m} [l], p^(m-1)
    for m in range(1, n + 1):
        term = m * bessel[m] * power
        sums[0] += term * bracket
        sums[1] += term * (inner + m / width)
        sums[2] += term
        sums[3] += term * m
        power *= root / p
        inner += bracket
        up *= p
        bracket += up
    # beyond n: the coefficients without their constants are at most m^2 (1 + 1/width), and the ratio of m^3 I_m falls
    ratio = (arb(n + 2) / (n + 1)) ** 3 * x / (2 * (n + 2))
    rest = arb(0).union((arb(n + 1) ** 3 * bessel[n + 1] / (1 - ratio) * (1 + 1 / width)).upper())
    scale = 2 / x * (-x).exp()
    a1, a2, h, v = ((total + rest) * scale for total in sums)
    h, v = h / p, v / (p * width)
    second = ((1 + y) * bessel[1] - 2 * root * bessel[2]) * scale  # sin(phi) nu has two coefficients
    values = {
        (0, 1): a1 / above,
        (0, 2): a2 * p / above**2,
        (1, 1): h,
        (1, 2): v,
        (2, 2): h - k * v,
        (3, 2): bessel[1] * scale - 2 * k * h + k * k * v,
        (1, 0): bessel[1] * scale,
        (2, 0): second,
        (2, 1): bessel[1] * scale - k * h,
        (3, 1): second - k * (bessel[1] * scale - k * h),
    }
    return Scaled(-edge * s, values[kind])


def _last(x: float, nats: float) -> int:
    """An n with I_n(x) about e^{-nats} I_0(x)."""
    n = x + 4
    while n * math.asinh(n / x) - math.hypot(n, x) + x < nats:
        n *= 1.05
    return math.ceil(n)


def _bessel(x: arb, n: int) -> list[arb]:
    """I_0(x), ..., I_{n+1}(x): two by Arb, the others by the backward recurrence, whose terms are positive."""
    values = [x.bessel_i(arb(n + 1)), x.bessel_i(arb(n))]
    for m in range(n, 0, -1):
        values.append(values[-2] + 2 * m / x * values[-1])
    return values[::-1]
