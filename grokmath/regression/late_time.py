"""The paper's closed forms for the times at which the losses reach a threshold L*, and the uniform form beside them.

With s = 4 eta t, a = (1 - sqrt lam)^2 and C = 1/(2 sqrt(pi) lam^(3/4)), the late-time losses (regression paper, eq.
(10)) are L_tr ~ C e^(-a s) s^(-3/2) and, for lam < 1, L_gen ~ L_tr / a. Solved for L = L*:

- Lambert form, (23)-(24):  s_tr = (3/(2a)) W((2/3) a (C/L*)^(2/3)),  s_gen = (3/(2a)) W((2/3) a (C/(a L*))^(2/3));
- leading form, (11):       s_gen - s_tr ~ -2 log(1 - sqrt lam)/a, whatever L*;
- uniform form, any lam:    L_gen - (1 - 1/lam)^+ ~ C s^(-1/2) E_{3/2}(a s) with the exponential integral E_{3/2}.
  At lam = 1 it gives s_gen = 1/(pi L*^2). It drops a term -3/(16 sqrt(lam) s), and nothing of order 1/(a s), which is
  what makes (24) and (11) poor; t_tr is taken from (23).
"""

from __future__ import annotations

from flint import arb, ctx

from grokmath.certified import Scaled
from grokmath.exact import Exact, ball, working_precision
from grokmath.functions.lambert import lambert_w_ball


def edge_ball(lam: Exact) -> arb:
    """sqrt(a) = |1 - sqrt lam| without cancellation."""
    return abs(ball(1 - lam)) / (1 + ball(lam).sqrt())


def prefactor_ball(lam: Exact) -> arb:
    """C = 1/(2 sqrt(pi) lam^(3/4))."""
    root = ball(lam).sqrt()
    return 1 / (2 * (arb.pi() * root).sqrt() * root)


def lambert_train_ball(lam: Exact, threshold: arb) -> arb:
    """s_tr of (23); at lam = 1 its limit (C/L*)^(2/3)."""
    scale = (prefactor_ball(lam) / threshold) ** (arb(2) / 3)
    if lam == 1:
        return scale
    a = edge_ball(lam) ** 2
    return 3 * lambert_w_ball(2 * a * scale / 3, 0) / (2 * a)


def lambert_gen_ball(lam: Exact, threshold: arb) -> arb:
    """s_gen of (24), for lam < 1."""
    a = edge_ball(lam) ** 2
    scale = (prefactor_ball(lam) / (a * threshold)) ** (arb(2) / 3)
    return 3 * lambert_w_ball(2 * a * scale / 3, 0) / (2 * a)


def leading_ball(lam: Exact) -> arb:
    """s_gen - s_tr of (11), for lam < 1."""
    edge = edge_ball(lam)
    return -2 * edge.log() / edge**2


def uniform_excess_ball(s: arb, lam: Exact) -> Scaled:
    """C s^(-1/2) E_{3/2}(a s), the uniform late-time form of L_gen - (1 - 1/lam)^+."""
    if lam == 1:
        return Scaled(arb(0), 2 * prefactor_ball(lam) / s.sqrt())
    z = edge_ball(lam) ** 2 * s
    with working_precision(ctx.prec + 8 + 2 * max(0, int(z.log().mid().ceil().unique_fmpz() or 0))):
        root = (edge_ball(lam) ** 2 * s).sqrt()
        scaled = 2 * (1 - arb.pi().sqrt() * root * (root * root).exp() * root.erfc())  # e^z E_{3/2}(z)
    return Scaled(-z, prefactor_ball(lam) / s.sqrt() * scaled)
