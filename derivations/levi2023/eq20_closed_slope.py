"""(20) for the closed form: its derivative is -4 eta times the average that is the train loss.

The derivative as the table writes it has Q_2 in it, which Q_2 = Q_1 + (b/a) exp(-(a^2 + b^2)/2) I_1(a b) removes.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Fact,
    combine,
    derivative_of_equal,
    differentiate,
    equation,
    instantiate,
    render,
    run_in_package,
)

if __spec__ is None:
    run_in_package(__file__)

from . import marcum_derivatives
from .eq05_08_losses import L_tr, eta, gen_loss, s, t
from .eq06_total_mass import lam, root
from .eq08_gen_loss import across, back, printed_forms, ray, x
from .eq20_slope import derivation as slope_of_loss

ID = "levi2023:20"
TITLE = "The slope of the closed form of the generalization loss"

in_time = {s: 4 * eta * t}
closed_form = across - (1 - back) / lam + ray * sp.besseli(1, x) / root


@cache
def derivation() -> Fact:
    """-4 eta L_tr is the derivative of the closed form by t, written out."""
    closed = closed_form.xreplace(in_time)
    equal = instantiate(printed_forms().statement.facts[0], in_time)
    loss = combine(equation(gen_loss().lhs, closed), [(1, gen_loss()), (1, equal)])
    partial = [marcum_derivatives.by_noncentrality(), marcum_derivatives.by_threshold()]
    written = differentiate(closed, t, sp.diff(closed, t), using=partial)
    falls = derivative_of_equal(loss, written)
    return combine(equation(-4 * eta * L_tr(t, eta, lam), written.rhs), [(1, falls), (-1, slope_of_loss())])


DERIVES = {"levi2023:20": derivation}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
