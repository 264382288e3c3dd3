"""The train loss in closed form for every lam > 0: L_tr = exp(-(1+lam)s) I_1(2 sqrt(lam) s)/(sqrt(lam) s), s = 4 eta t.

The mass at nu = 0 does not count, as nu exp(-s nu) vanishes there. In the continuous part nu = 1 + lam - 2 sqrt(lam)
cos(theta) turns the average into the integral of sin(theta)^2 exp(x cos theta), which is a Bessel function.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import Fact, chain, change_variable, instantiate, render, rewrite, run_in_package

if __spec__ is None:
    run_in_package(__file__)

from . import bessel_integral
from .eq05_08_losses import eta, over_spectrum, s, t, train_loss
from .eq06_total_mass import density, lam, nu, root

ID = "levi2023:8-train"
TITLE = "The train loss in closed form"

theta = bessel_integral.theta
closed_form = sp.exp(-(1 + lam) * s) * sp.besseli(1, 2 * root * s) / (root * s)


@cache
def transform() -> Fact:
    """Integral of nu exp(-s nu) over the density = exp(-(1+lam)s) I_1(2 sqrt(lam) s)/(sqrt(lam) s), for s > 0."""
    average = over_spectrum(nu * sp.exp(-s * nu) * density)
    bare = over_spectrum(sp.exp(-s * nu) * (density * nu))
    angle = change_variable(bare, theta, 1 + lam - 2 * root * sp.cos(theta), 0, sp.pi)
    bessel = bessel_integral.at(2 * root * s)
    ring = 2 / sp.pi * sp.exp(-(1 + lam) * s) * bessel.lhs
    return chain(
        rewrite(average, bare, note="nu cancels"),
        angle,
        rewrite(angle.rhs, ring, note="(nu_+ - nu)(nu - nu_-) = 4 lam sin(theta)^2"),
        rewrite(ring, closed_form, using=[bessel]),
    )


@cache
def derivation() -> Fact:
    """(8) and the closed form after it, in t."""
    here = instantiate(transform(), {s: 4 * eta * t})
    loss = train_loss()
    return chain(loss, rewrite(loss.rhs, here.rhs, using=[here], note="the mass at 0 has weight nu = 0"))


@cache
def regularized() -> Fact:
    """(19): L_tr = exp(-4 eta (1+lam) t) 0F1(; 2; 16 eta^2 t^2 lam), for every lam > 0."""
    loss = derivation()
    series = sp.exp(-4 * eta * (1 + lam) * t) * sp.hyper([], [2], 16 * eta**2 * t**2 * lam)
    return chain(loss, rewrite(loss.rhs, series, note="I_1(x) = (x/2) 0F1(; 2; x^2/4), DLMF 10.39.9"))


DERIVES = {"levi2023:8-closed-train": regularized, "levi2023:19": regularized, "lemma:train_loss": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
