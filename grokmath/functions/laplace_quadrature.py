"""Second evaluators of the Laplace transform of the Marchenko-Pastur law, for checks.

They share nothing with the kernels of ``laplace_certified`` but the law itself:

- the *angle* forms integrate over the angle of nu = 1 + lam - 2 sqrt(lam) cos(phi), weight (2/pi) sin(phi)^2/nu, with
  Arb's certified quadrature, for every s and lam. exp(-a s), a = (1 - sqrt lam)^2, is factored out, since the
  quadrature works to an absolute tolerance, and the interval is cut to where the rest is not yet negligible;
- the *series* forms sum the exponential series about the centre 1 + lam of the spectrum. The moments there are computed
  from Catalan numbers and all terms are positive. The cost grows like x = 2 sqrt(lam) s.

Each returns ``Scaled``: a logarithm -a s and a factor. Bounds of the parts left out: docs/proofs/laplace.md, section 6.
"""

from __future__ import annotations

import math

from flint import acb, arb, ctx

from grokmath.certified import Scaled
from grokmath.exact import Exact, ball, log2, working_precision
from grokmath.functions.laplace_miller import power_of_two

__all__ = [
    "excess_angle_ball",
    "excess_series_ball",
    "laplace_angle_ball",
    "laplace_series_ball",
    "train_angle_ball",
    "train_series_ball",
]

_LN2 = math.log(2)


def excess_angle_ball(s: arb, lam: Exact) -> Scaled:
    """G(s; lam) - (1 - 1/lam)^+ by quadrature: (2/(pi sqrt lam)) int_0^pi (1 - S) S/(S + a/(4 sqrt lam)) e^{-2xS} dphi.

    Here S = sin(phi/2)^2.
    """
    return _angle(s, lam, False)


def train_angle_ball(s: arb, lam: Exact) -> Scaled:
    """E[nu e^{-s nu}] by quadrature: (8/pi) int_0^pi S (1 - S) e^{-2xS} dphi, S = sin(phi/2)^2."""
    return _angle(s, lam, True)


def laplace_angle_ball(s: arb, lam: Exact) -> Scaled:
    """G(s; lam) = E[e^{-s nu}], atom included, by quadrature."""
    return _with_plateau(excess_angle_ball(s, lam), lam)


def excess_series_ball(s: arb, lam: Exact) -> Scaled:
    """G(s; lam) - (1 - 1/lam)^+ = e^{-(1+lam)s} sum_n D_n s^n/n!, D_n = E[(1 + lam - nu)^n] over the continuous part.

    As the density times nu has Catalan moments about 1 + lam, D_{n+1} = (1 + lam) D_n - [n even] Cat_{n/2} lam^{n/2}.
    """
    return _series(s, lam, False)


def train_series_ball(s: arb, lam: Exact) -> Scaled:
    """E[nu e^{-s nu}] = e^{-(1+lam)s} sum_m Cat_m (lam s^2)^m/(2m)!."""
    return _series(s, lam, True)


def laplace_series_ball(s: arb, lam: Exact) -> Scaled:
    """G(s; lam) = E[e^{-s nu}], atom included, by the positive series."""
    return _with_plateau(excess_series_ball(s, lam), lam)


def _with_plateau(excess: Scaled, lam: Exact) -> Scaled:
    return excess if lam <= 1 else Scaled(arb(0), ball(lam - 1) / ball(lam) + excess.value())


def _edge(lam: Exact) -> tuple[arb, arb]:
    """sqrt(lam) and a = (1 - sqrt lam)^2."""
    root = ball(lam).sqrt()
    return root, (ball(1 - lam) / (1 + root)) ** 2


def _angle(s: arb, lam: Exact, train: bool) -> Scaled:
    bits = ctx.prec
    with working_precision(bits + 20):
        root, edge = _edge(lam)
        x = 2 * root * s
        log_x = max(0.0, log2(x.upper()))
        log_z = max(0.0, log2((edge * s).upper()))
        pole = edge / (4 * root)
        # beyond phi = end, e^{-2xS} <= e^{-2x (phi/pi)^2} <= e^{-rest}
        rest = arb((bits + 20 + 1.5 * log_x + log_z) * _LN2)
        end = arb.pi()
        if rest < 2 * x:
            end = (arb.pi() * (rest / (2 * x)).sqrt()).mid()
        smooth = pole < power_of_two(-2 * bits - 60)

        def integrand(t: acb, analytic: bool) -> acb:
            S = (t * end / 2).sin() ** 2
            value = (1 - S) * (-2 * x * S).exp()
            if train:
                return 4 * S * value
            return value if smooth else value * S / (S + pole)

        integral = acb.integral(integrand, 0, 1, rel_tol=power_of_two(-bits), abs_tol=power_of_two(-(10**6))).real
        total = integral * end
        if rest < 2 * x:
            total += arb(0, 4 * arb.pi() * (-2 * x * (end / arb.pi()) ** 2).exp().upper())
        if smooth and not train:  # S/(S+pole) was replaced by 1
            total -= arb(0).union(5 * pole.upper().sqrt())
        return Scaled(-edge * s, total * 2 / arb.pi() / (1 if train else root))


def _terms(x: float, bits: int) -> int:
    """How many terms of e^x = sum x^n/n! leave 2**-bits of it."""
    n = x + 10
    while n * (math.log(n / x) - 1) + x < bits * _LN2:
        n += math.sqrt(x) + 5
    return math.ceil(n)


def _series(s: arb, lam: Exact, train: bool) -> Scaled:
    bits = ctx.prec
    log_x = log2(s) + log2(ball(lam)) / 2 + 1
    if log_x > 20:
        raise ValueError(f"the series needs about x = 2 sqrt(lam) s terms, here 2**{log_x:.0f}")
    n = _terms(2.0 ** max(log_x, -60), bits + 40)
    loss = n * max(0.0, log2(ball(1 + lam)) - log2(ball(lam)) / 2 - 1)  # (1+lam)^n cancels down to (2 sqrt lam)^n
    with working_precision(bits + 40 + math.ceil(loss)):
        root, edge = _edge(lam)
        x, y = 2 * root * s, ball(lam)
        total, power = arb(0), arb(1)  # power = s^k/k!
        moment, catalan = 1 / y if lam > 1 else arb(1), arb(1)
        centre = ball(1 + lam)
        for k in range(n):
            if not train:
                total += moment * power
                moment *= centre
            if k % 2 == 0:
                m = k // 2
                if train:
                    total += catalan * power
                else:
                    moment -= catalan
                catalan *= y * (2 * (2 * m + 1)) / (m + 2)
            power *= s / (k + 1)
        left_out = x**n / arb(n).fac() / (1 - x / (n + 1))  # D_k <= (2 sqrt lam)^k, also Cat_m lam^m for k = 2m
        return Scaled(-edge * s, (total + arb(0).union(left_out.upper())) * (-x).exp())
