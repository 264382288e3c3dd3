"""Closed forms of the times at which the losses reach a threshold L*: the paper's, and what improves on them, as balls.

With s = 4 eta t, a = (1 - sqrt lam)^2 and C = 1/(2 sqrt(pi) lam^(3/4)), the late-time losses (regression paper, eq.
(10)) are L_tr ~ C e^(-a s) s^(-3/2) and, for lam < 1, L_gen ~ L_tr / a. Solved for L = L*:

- Lambert form, (23)-(24):  s_tr = (3/(2a)) W(z_tr), s_gen = (3/(2a)) W(z_gen) with z_tr = (2/3) a (C/L*)^(2/3) and
  z_gen = (2/3) a (C/(a L*))^(2/3);
- iterated logarithm, (25): W(z) replaced by log z - log log z, real for z > 1 (the text before (25) says W ~ log z,
  which would give (11) alone);
- leading form, (11):       s_gen - s_tr ~ -2 log(1 - sqrt lam)/a, whatever L*;
- series form:              a s = X + xi_1/X + ... + xi_K/X^K, X = (3/2) W(z), see ``grokking_time_series``; K = 0 is
  the Lambert form. With L_gen reduced by its plateau it holds above lam = 1 too;
- uniform form, any lam:    L_gen - (1 - 1/lam)^+ = C sum_(k<=K) b_k s^(-1/2-k) E_(k+3/2)(a s) with exponential
  integrals E_p, and L_tr = C e^(-a s) s^(-3/2) sum_(k<=K) b_k s^(-k), see ``asymptotic_series``. At lam = 1 and K = 0
  it gives s_gen = 1/(pi L*^2). It needs sqrt(lam) s >> 1, and not a s >> 1, which is what makes (24) and (11) poor.
"""

from __future__ import annotations

from fractions import Fraction

from flint import arb

from grokmath.certified import Scaled
from grokmath.exact import Exact, ball
from grokmath.functions.lambert import lambert_w_ball
from grokmath.regression.asymptotic_series_certified import (
    edge_ball,
    prefactor_ball,
    rational,
    train_series_ball,
    uniform_series_ball,
)
from grokmath.regression.grokking_time_series import expansion, series_polynomials

__all__ = [
    "edge_ball",
    "iterated_log_ball",
    "lambert_argument_ball",
    "lambert_gen_ball",
    "lambert_train_ball",
    "leading_ball",
    "prefactor_ball",
    "series_time_ball",
    "uniform_excess_ball",
    "uniform_train_ball",
]


def lambert_argument_ball(lam: Exact, threshold: arb, kind: str) -> arb:
    """z_tr (``kind`` "train") or z_gen ("gen"), the argument of W; lam other than 1."""
    a = edge_ball(lam) ** 2
    level = threshold if kind == "train" else a * threshold
    return 2 * a * (prefactor_ball(lam) / level) ** (arb(2) / 3) / 3


def lambert_train_ball(lam: Exact, threshold: arb) -> arb:
    """s_tr of (23); at lam = 1 its limit (C/L*)^(2/3)."""
    if lam == 1:
        return (prefactor_ball(lam) / threshold) ** (arb(2) / 3)
    return 3 * lambert_w_ball(lambert_argument_ball(lam, threshold, "train"), 0) / (2 * edge_ball(lam) ** 2)


def lambert_gen_ball(lam: Exact, threshold: arb) -> arb:
    """s_gen of (24), for lam < 1."""
    return 3 * lambert_w_ball(lambert_argument_ball(lam, threshold, "gen"), 0) / (2 * edge_ball(lam) ** 2)


def iterated_log_ball(lam: Exact, threshold: arb, kind: str) -> arb:
    """s_tr or s_gen with log z - log log z for W(z), for lam < 1 and z > 1; their difference is (25)."""
    log = lambert_argument_ball(lam, threshold, kind).log()
    return 3 * (log - log.log()) / (2 * edge_ball(lam) ** 2)


def leading_ball(lam: Exact) -> arb:
    """s_gen - s_tr of (11), for lam < 1."""
    edge = edge_ball(lam)
    return -2 * edge.log() / edge**2


def series_time_ball(lam: Exact, threshold: arb, kind: str, order: int) -> arb:
    """s = (X + xi_1/X + ... + xi_order/X^order)/a for L_tr or L_gen - (1 - 1/lam)^+ = threshold, lam other than 1."""
    a = edge_ball(lam) ** 2
    r = a / ball(lam).sqrt()
    X = 3 * lambert_w_ball(lambert_argument_ball(lam, threshold, kind), 0) / 2
    p = []
    for row in series_polynomials(kind, order):
        value = arb(0)
        for c in reversed(row):
            value = value * r + _number(c)
        p.append(value)
    total = arb(0)
    for coefficient in reversed(expansion(p, arb(0), _number)):
        total = total / X + coefficient
    return (X + total) / a


def _number(x: Fraction) -> arb:
    return rational(x.numerator, x.denominator)


def uniform_excess_ball(s: arb, lam: Exact, order: int = 0) -> Scaled:
    """C sum_(k<=order) b_k s^(-1/2-k) E_{k+3/2}(a s), the uniform late-time form of L_gen - (1 - 1/lam)^+."""
    return uniform_series_ball(s, lam, order)


def uniform_train_ball(s: arb, lam: Exact, order: int = 0) -> Scaled:
    """C e^(-a s) s^(-3/2) sum_(k<=order) b_k s^(-k), the form of L_tr that goes with it."""
    return train_series_ball(s, lam, order)
