"""Second evaluators of the losses with all knobs, for checks: the modes themselves, averaged by certified quadrature.

For a mode nu, with K = nu + c, e = e^{-uK} and h = (c + nu e)/K (h = e without decay), the mode's losses are

    gen:   (alpha^2 e^2 + h^2)/(2d) + sigma^2 lam nu (1 - e)^2/K^2,
    train: nu (alpha^2 e^2 + h^2)/(2d) + sigma^2 lam h^2,    and sigma^2 (1 - lam)^+ beside the average;

the atom at 0 that the law has for lam > 1 adds (1 - 1/lam) (alpha^2 e^{-2cu} + 1)/(2d) to the first. No closed form,
no midpoint rule and none of the averages V_ij enters.
"""

from __future__ import annotations

from flint import acb, arb, ctx

from grokmath.exact import ball, sign, working_precision
from grokmath.functions.noise_kernel_quadrature import angle_average
from grokmath.regression.knobs import Knobs

__all__ = ["gen_angle_ball", "train_angle_ball"]


class _Modes:
    """A mode's e and h."""

    def __init__(self, u: arb, knobs: Knobs) -> None:
        self.u, self.c, self.decays = u, ball(knobs.c), sign(knobs.c) > 0

    def __call__(self, nu: acb) -> tuple[acb, acb, acb]:
        k = nu + self.c
        e = (-self.u * k).exp()
        return k, e, (self.c + nu * e) / k if self.decays else e


def gen_angle_ball(u: arb, knobs: Knobs, smallest: float = -64.0) -> arb:
    """L_gen at u > 0; ``smallest`` is about log2 of the result and bears on the accuracy alone."""
    bits = ctx.prec
    with working_precision(bits + 40):
        modes, half = _Modes(u, knobs), 1 / arb(2 * knobs.d_out)
        alpha2, noise = ball(knobs.alpha_squared), ball(knobs.noise * knobs.lam)

        def mode(nu: acb) -> acb:
            k, e, h = modes(nu)
            value = half * (alpha2 * e * e + h * h)
            return value + noise * nu * ((1 - e) / k) ** 2 if sign(knobs.noise) else value

        most = half * (1 + alpha2) + noise * ball(4 * (1 + knobs.lam)) * u * u
        value = angle_average(mode, knobs.lam, most, smallest)
        if knobs.lam > 1:
            value += ball(1 - 1 / knobs.lam) * half * (alpha2 * (-2 * modes.c * u).exp() + 1)
        return value


def train_angle_ball(u: arb, knobs: Knobs, smallest: float = -64.0) -> arb:
    """L_tr at u > 0, likewise."""
    bits = ctx.prec
    with working_precision(bits + 40):
        modes, half = _Modes(u, knobs), 1 / arb(2 * knobs.d_out)
        alpha2, noise = ball(knobs.alpha_squared), ball(knobs.noise * knobs.lam)

        def mode(nu: acb) -> acb:
            _, e, h = modes(nu)
            return half * nu * (alpha2 * e * e + h * h) + noise * h * h

        most = ball(4 * (1 + knobs.lam)) * half * (1 + alpha2) + noise
        value = angle_average(mode, knobs.lam, most, smallest)
        return value + ball(knobs.noise * (1 - knobs.lam)) if knobs.lam < 1 else value
