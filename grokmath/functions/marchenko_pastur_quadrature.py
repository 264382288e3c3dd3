"""Second evaluators of the Marchenko-Pastur law: Arb quadrature in the angle form.

With nu = 1 + lam - 2 sqrt(lam) cos(phi) the density becomes (2/pi) sin(phi)**2/nu on 0 < phi < pi, analytic in a strip.
It shares no formula with the closed forms. acb.integral encloses its error; it works to an absolute tolerance, so
integrands are scaled to a result of order 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import acb, arb, ctx

from grokmath.exact import Exact, ball
from grokmath.functions.marchenko_pastur_certified import discriminant

__all__ = ["cdf_quadrature", "expectation_quadrature"]


def _nu(phi: acb, lam: Exact, upper: bool) -> acb:
    """nu at the angle phi from the lower or from the upper edge."""
    root = ball(lam).sqrt()
    half = (phi / 2).sin()
    if upper:
        return (1 + root) ** 2 - 4 * root * half * half
    return (ball(1 - lam) / (1 + root)) ** 2 + 4 * root * half * half


def _weight(phi: acb, lam: Exact, upper: bool) -> acb:
    """(2/pi) sin(phi)**2/nu; at lam = 1 the 0/0 at the lower edge is cancelled by hand."""
    if lam == 1:
        half = (phi / 2).sin() if upper else (phi / 2).cos()
        return 2 * half * half / arb.pi()
    sine = phi.sin()
    return 2 * sine * sine / (arb.pi() * _nu(phi, lam, upper))


def _integral(f: Callable[[acb, Any], acb], end: arb) -> acb:
    """The integral from 0 to end, to an absolute error of about 2**-precision."""
    return acb.integral(f, acb(0), acb(end), abs_tol=arb(2) ** -ctx.prec, eval_limit=10**7)


def expectation_quadrature(f: Callable[[acb], acb], lam: Exact) -> acb:
    """E[f(nu)] for a function analytic near the support, the atom at 0 included; f should be of order 1."""
    value = _integral(lambda phi, _: f(_nu(phi, lam, False)) * _weight(phi, lam, False), arb.pi())
    return value + ball(lam - 1) / ball(lam) * f(acb(0)) if lam > 1 else value


def cdf_quadrature(x: Exact, lam: Exact, *, upper: bool = False) -> arb:
    """The mass of the density on (nu_-, x) or, if ``upper``, on (x, nu_+); x inside the support.

    The part with the smaller range of angles, phi < phi_0 from one edge, is integrated over u = phi/phi_0, divided by
    its order, which is phi_0**3/x or phi_0**3; the total is min(1, 1/lam).
    """
    near_high = x > 1 + lam
    if near_high != upper:
        return (1 / ball(lam) if lam > 1 else arb(1)) - cdf_quadrature(x, lam, upper=near_high)
    end = arb.atan2(ball(discriminant(x, lam)).sqrt(), abs(ball(x - 1 - lam)))
    scale = end**3 if upper else end**3 / ball(x)
    return _integral(lambda u, _: _weight(end * u, lam, upper) * end / scale, arb(1)).real * scale
