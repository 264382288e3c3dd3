"""E[nu/(nu + theta)] in closed form: the transform of the busy period of a queue M/M/1, for every lam > 0.

Arrivals at the rate lam, service at the rate 1. It is 1/p for the root p > max(1, lam) of (p - 1)(1 - lam/p) = theta,
and the Laplace transform of the train loss (``ridge_transform.busy_period``).
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import Fact, combine, equation, instantiate, render, run_in_package

if __spec__ is None:
    run_in_package(__file__)

from .eq05_08_losses import over_spectrum
from .eq06_total_mass import lam, nu
from .eq14_closed_forms import above_zero
from .eq14_weight_decay import gamma
from .eq15_plateaus import first_moment, outside, weight
from .ridge_root import at_root, bounds, meaning, r, shift
from .ridge_root import derivation as root_equation
from .ridge_transform import p

ID = "levi2023:8-busy-period"
TITLE = "The transform of the busy period"

eta = sp.Symbol("eta", positive=True)


@cache
def derivation() -> Fact:
    """E[nu/(nu + eta)] = 2/(1 + lam + eta + sqrt((1 + lam + eta)^2 - 4 lam)); eta stands for theta."""
    named = over_spectrum(weight / (nu + shift))
    given = [meaning(), above_zero()]
    symbol = combine(equation(named, 1 / p), [(1, first_moment())], domain=outside, using=given)
    here = [root_equation(), *bounds()]
    value = equation(over_spectrum(weight / (nu + gamma / 2)), 2 / (1 + lam + gamma / 2 + r))
    return instantiate(combine(value, [(1, at_root(symbol))], using=here), {gamma: 2 * eta})


DERIVES = {"levi2023:8-busy-period": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
