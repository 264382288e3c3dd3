"""Enclosures of the generalized Marcum functions Q_m(a, b) and P_m(a, b) = 1 - Q_m(a, b) in ball arithmetic.

Definition: with X = a^2/2, Y = b^2/2, Q_m(a, b) is the probability that a Gamma(m + N) variable exceeds Y, where N is
Poisson(X); that is, the survival function of the non-central chi-square distribution with 2m degrees of freedom and
non-centrality a^2 at b^2. Domain: m > 0, a >= 0, b >= 0, real.

Method. The smaller of P and Q is computed directly, the other is its complement. With A = sqrt(m^2 + a^2 b^2):

- large A: the trapezoidal rule on the circle through the saddle point of
  Q = e^(-X-Y)/(2 pi i) * integral of e^(X/z + Y z) z^(-m) dz/(1 - z), with the pole at z = 1 in closed form;
- small A: the Poisson mixture of incomplete gamma functions, all terms positive, on the P or on the Q side.

Error: every truncation is bounded a posteriori, for the number of terms really used (docs/proofs/marcum.md, whose
statements are quoted below by their numbers). Sources: DLMF 8.7.1, 8.8.2, 8.9.2; Gil, Segura and Temme, ACM Trans.
Math. Software 40 (2014) 20.
"""

from __future__ import annotations

import math

from flint import arb, ctx

from grokmath.certified import Scaled, working_precision
from grokmath.functions.marcum_mixture import mixture_p, mixture_q
from grokmath.functions.marcum_point import UNIT, Point, float_mid, log_mid, point_of, saddle_exponent, tolerance
from grokmath.functions.marcum_saddle import is_integer, saddle_rule, saddle_sum

__all__ = [
    "guard_bits",
    "log_marcum_p_ball",
    "log_marcum_q_ball",
    "marcum_method",
    "marcum_p_ball",
    "marcum_q_ball",
]

_LN2 = math.log(2)


# The choice of the method


def _q_is_smaller(p: Point) -> bool:
    """Whether Q is the smaller side, about: Y beyond an estimate of the median of Gamma(m + N). A choice, no claim."""
    mean, Y = p.m.mid() + p.X.mid(), p.Y.mid()
    if mean > 2:
        return bool(mean < Y)
    shape = float_mid(mean)
    if shape < 1e-3:
        return True
    return log_mid(Y) > (math.log(shape) - _LN2 / shape if shape < 1.5 else math.log(shape - 1 / 3))


def _use_saddle(p: Point, bits: int) -> bool:
    """Where the branch cut's share e^(-2A) is below the tolerance, and nodes cost less than terms."""
    L = tolerance(bits)
    # Below L/2 the cut's share shows. With the bits a node (exponential, sine, cosine) grows dearer than a term.
    dear = math.exp(0.8 * math.log(bits / 200))
    return float_mid(p.A) > L * max(0.7, min(1.2 * dear, 10.0))


def marcum_method(m: arb, a: arb, b: arb) -> str:
    """The branch that the kernels take at the working precision, for tests and reports."""
    p = point_of(m, a, b)
    side = "Q" if _q_is_smaller(p) else "P"
    if not _use_saddle(p, ctx.prec):
        return f"mixture {side}"
    t = log_mid(p.m + p.A) - 2 * log_mid(p.b)
    rule = saddle_rule(p, tolerance(ctx.prec), 1.0)
    inside = "inside" if abs(t) < float_mid(rule.d) else "outside"
    return f"saddle {side}, pole {inside}, {'integer' if is_integer(m) else 'real'} order"


# The kernels


def guard_bits(m: arb, a: arb, b: arb, *, log: bool = False) -> int:
    """About the bits that the parameters' conditioning takes from the relative accuracy of Q and P, or of their logs.

    With E the saddle's exponent, dE/dm = ln s0, dE/dX = 1 - 1/s0, dE/dY = 1 - s0; at s0 = 1 the second order counts.
    """
    if not b > 0:
        return 0
    size = max(0.0, log_mid((1 + a) * (1 + b) + m) / _LN2)
    if size > 20_000:
        return 0
    with working_precision(64 + int(size)):
        p = point_of(m, a, b)
        s0 = (m + p.A) / (b * b)
        slopes = arb.max(abs(m * s0.log()), 2 * arb.max(p.X * abs(1 - 1 / s0), p.Y * abs(1 - s0)))
        slope = log_mid(slopes.abs_upper()) / _LN2
        E = log_mid(saddle_exponent(m, a, b, p.A, s0.log()).abs_upper()) / _LN2
    if log:
        slope -= max(0.0, E)
    elif E > 33:  # not printable, or 1 to all digits
        return 0
    return 8 + int(max(slope, size / 2, 0.0))


def _smaller(m: arb, a: arb, b: arb, terms: float) -> tuple[bool, Scaled]:
    """(whether it is Q, the enclosure) for the side that is computed directly."""
    p = point_of(m, a, b)
    side_q = _q_is_smaller(p)
    if _use_saddle(p, ctx.prec):
        return side_q, saddle_sum(p, side_q, terms)
    value = mixture_q(p, terms) if side_q else mixture_p(p, terms)
    finite = value.log_scale.is_finite() and value.factor.is_finite()
    return side_q, value if finite else Scaled(arb(0), UNIT)


def _in_domain(m: arb, a: arb, b: arb) -> bool:
    """Whether every point of the balls has m > 0 and b > 0; elsewhere a probability is all that is known."""
    return m > 0 and b > 0 and m.is_finite() and a.is_finite() and b.is_finite()


def _kernel(m: arb, a: arb, b: arb, want_q: bool, terms: float) -> Scaled:
    if b == 0:
        return Scaled(arb(0), arb(1) if want_q else arb(0))
    if not _in_domain(m, a, b):
        return Scaled(arb(0), UNIT)
    is_q, value = _smaller(m, a, b, terms)
    return value if is_q == want_q else Scaled(arb(0), 1 - value.value())


def _log_kernel(m: arb, a: arb, b: arb, want_q: bool, terms: float) -> arb | Scaled:
    if not _in_domain(m, a, b):
        return arb(0) if b == 0 and want_q else arb.nan()
    is_q, value = _smaller(m, a, b, terms)
    if is_q == want_q:
        return value.log()
    if value.log_scale > -(2**40):
        return (-value.value()).log1p()
    return Scaled(value.log_scale, -value.factor * (1 + arb(0).union((value.log_scale / 2).exp())))


def marcum_q_ball(m: arb, a: arb, b: arb, *, terms: float = 1.0) -> Scaled:
    """An enclosure of Q_m(a, b) for every point of the input balls, m > 0, a >= 0, b >= 0.

    ``terms`` multiplies the numbers of nodes and terms; the enclosure holds for every value of it.
    """
    return _kernel(m, a, b, True, terms)


def marcum_p_ball(m: arb, a: arb, b: arb, *, terms: float = 1.0) -> Scaled:
    """An enclosure of P_m(a, b) = 1 - Q_m(a, b) for every point of the input balls, m > 0, a >= 0, b >= 0.

    ``terms`` multiplies the numbers of nodes and terms; the enclosure holds for every value of it.
    """
    return _kernel(m, a, b, False, terms)


def log_marcum_q_ball(m: arb, a: arb, b: arb, *, terms: float = 1.0) -> arb | Scaled:
    """An enclosure of log Q_m(a, b), relatively sharp also where Q is nearly 1; as a negative Scaled where tiny."""
    return _log_kernel(m, a, b, True, terms)


def log_marcum_p_ball(m: arb, a: arb, b: arb, *, terms: float = 1.0) -> arb | Scaled:
    """An enclosure of log P_m(a, b), relatively sharp also where P is nearly 1; as a negative Scaled where tiny."""
    return _log_kernel(m, a, b, False, terms)
