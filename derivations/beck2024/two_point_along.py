"""(33)-(36) from the loss: along the solution S(tau) of the gradient flow (27) from S = b = 0, at every lam in (0, 1).

S(tau) is defined by the flow, S' = -eta e^{-b} dE/dS with the loss E of the two points (see two_point_flow). Along it
g(S) moves at the rate c = eta/2, so that g(S(tau)) = c tau + g(0); g increases, so that this gives S(tau), which stays
between 0 and S* for lam < 1/2; and b of (36) moves as the flow does. As functions of S they are (33)-(36).
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import Domain, Fact, instantiate, render, run_in_package, together, where

if __spec__ is None:
    run_in_package(__file__)

from . import two_point_flow, two_point_solution
from .two_point_solution import lam, p

ID = "beck2024:34"
TITLE = "The two-point model solved, along its flow"

RATE = {p: 2 - 2 * lam}
BELOW, ABOVE = where(lam < sp.Rational(1, 2)), where(lam > sp.Rational(1, 2), lam < 1)
SIDES = ((True, BELOW), (False, ABOVE))


def _in_lam(fact: Fact, domain: Domain) -> Fact:
    return instantiate(fact, RATE, domain=domain)


@cache
def derivation() -> Fact:
    """(34): g(S(tau)) = c tau + g(0), and the conformal time as a function of S."""
    along = (_in_lam(two_point_flow.inverse(low), domain) for low, domain in SIDES)
    return together(*two_point_solution.equation_34().statement.facts, *along)


@cache
def slope() -> Fact:
    """(33): g' is c over the speed, and the law and the start of S(tau), to which g is made."""
    laws = (_in_lam(fact, domain) for low, domain in SIDES for fact in two_point_flow.solution(low)[:2])
    return together(*two_point_solution.derivation().statement.facts, *laws)


@cache
def inverse() -> Fact:
    """(35): g increases, and 0 < S(tau) for all times, S(tau) < S* for lam < 1/2."""
    bounds = (_in_lam(fact, domain) for low, domain in SIDES for fact in two_point_flow.solution(low)[2:-1])
    return together(*two_point_solution.increasing().statement.facts, *bounds)


@cache
def bias() -> Fact:
    """(36): b as a function of S, and b(S(tau)) along the flow: its derivative and its start."""
    along = (_in_lam(fact, domain) for low, domain in SIDES for fact in two_point_flow.bias_along(low))
    return together(*two_point_solution.equation_36().statement.facts, *along)


DERIVES = {"beck2024:33": slope, "beck2024:34": derivation, "beck2024:35": inverse, "beck2024:36": bias}

if __name__ == "__main__":
    for step in DERIVES.values():
        print(render(step(), TITLE if step is derivation else ""))
