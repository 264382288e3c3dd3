"""Accuracy as a function of the loss, and the loss at which a given accuracy is reached (regression paper, (9), (12)).

A prediction counts as right when its squared error, averaged over the d outputs, is at most eps. The outputs' errors
are independent Gaussians of variance L, the loss, so with P the regularized lower incomplete gamma function (DLMF
8.2.4)

    A = P(d/2, d eps/(2 L)),        for one output A = P(|z| <= sqrt(eps)) = erf(sqrt(eps/(2 L))).

The paper prints a factor 2 in front of the probability at d = 1, which its own error-function form does not have, and
calls L the standard deviation; it is the variance. In (12) the arguments of its incomplete gamma function are
exchanged, and A does not tend to 1 "for any L and eps" as d grows, but to 1 where L < eps and to 0 where L > eps. The
formula needs d << d_in. The paper's threshold is A = erf(sqrt 2), for one output L = eps/4.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, ctx

from grokmath.exact import Exact, ball, sign, working_precision
from grokmath.parameters import Undecidable, shown
from grokmath.roots import certain_sign

_MOST_BITS = 2**16


def accuracy_ball(log_loss: arb, eps: Exact, d_out: int = 1) -> arb:
    """A ball for P(d/2, d eps/(2 L)), from a ball for log L."""
    log_z = ball(eps * d_out).log() - log_loss - arb(2).log()
    return (log_z / 2).exp().erf() if d_out == 1 else gamma_lower_ball(d_out, log_z)


def gamma_lower_ball(d_out: int, log_z: arb) -> arb:
    """P(d/2, z) from a ball for log z: as 1 - Q by Arb where that keeps digits, else by a positive series.

    P = z^a e^{-z}/Gamma(a + 1) sum_n z^n/((a+1) ... (a+n)), a = d/2; from the n with z < a + n + 1 on the terms fall
    faster than a geometric series, which bounds those left out.
    """
    bits = ctx.prec
    a = arb(d_out) / 2
    if log_z > 60 + math.log(d_out):  # Q < e^{-z/2}: docs/proofs/noise_kernel.md, section 7
        return 1 - arb(0).union((-log_z.exp() / 2).exp().upper())
    with working_precision(bits + 32 + 2 * d_out.bit_length()):
        z = log_z.exp()
        upper: arb = z.gamma_upper(a, 1)
        if upper < 0.99999 or not z < a:
            return 1 - upper
        total = term = arb(1)
        n = 0
        while True:
            n += 1
            term *= z / (a + n)
            total += term
            if n % 16 == 0 and term < total * arb(2) ** (-bits - 8):
                break
        ratio = z / (a + n + 1)
        total += arb(0).union((term * ratio / (1 - ratio)).upper())
        return (a * log_z - z - (a + 1).lgamma()).exp() * total


def accuracy_float64(loss: Any, eps: float, d_out: int = 1) -> Any:
    """P(d/2, d eps/(2 L)) in float64; a loss that has underflowed to 0 gives 1."""
    import numpy as np
    from scipy.special import erf, gammainc

    with np.errstate(divide="ignore", over="ignore"):
        if d_out == 1:
            result = erf(np.sqrt(eps / 2.0) / np.sqrt(loss))
        else:
            result = gammainc(0.5 * d_out, 0.5 * d_out * (np.asarray(eps) / np.asarray(loss)))
    return float(result) if np.ndim(result) == 0 else result


def accuracy_expression(loss: Any, eps: Any, d_out: Any = 1) -> Any:
    """P(d/2, d eps/(2 L)) as a SymPy expression."""
    import sympy

    if d_out == 1:
        return sympy.erf(sympy.sqrt(eps / (2 * loss)))
    half = d_out * sympy.Rational(1, 2)
    # unevaluated: SymPy would write d/2 terms, which cancel
    return sympy.lowergamma(half, half * eps / loss, evaluate=False) / sympy.gamma(half)


@dataclass(frozen=True)
class LossThreshold:
    """The loss L* at which the accuracy reaches ``level``: eps/(2 erfinv(level)^2), or exactly eps/4 for erf(sqrt
    2)."""

    eps: Exact
    level: Exact | None = None

    @property
    def exact(self) -> Exact | None:
        """L* where it is an exact number."""
        return self.eps / 4 if self.level is None else None

    def ball(self) -> arb:
        """A ball for L* at the working precision."""
        if self.level is None:
            return ball(self.eps) / 4
        extra = 32 + self._level_bits()
        with working_precision(ctx.prec + extra):
            return ball(self.eps) / (2 * ball(self.level).erfinv() ** 2)

    def _level_bits(self) -> int:
        """Bits that 1 - level needs beyond the working precision (levels such as 1 - 1e-50)."""
        if isinstance(self.level, Fraction):
            return self.level.denominator.bit_length()
        return 64

    def minus(self, other: Exact) -> arb:
        """A ball for L* - other at the working precision, exact first where both are exact."""
        return ball(self.exact - other) if self.exact is not None else self.ball() - ball(other)

    def compare(self, other: Exact, function: str) -> int:
        """-1, 0 or 1 as L* is below, equal to or above the exact number ``other``; exactly where L* is exact."""
        if self.exact is not None:
            return sign(self.exact - other)
        failure = f"{function}: the threshold and {shown(other)} agree to {_MOST_BITS} bits and cannot be told apart"
        return certain_sign(lambda: self.minus(other), failure, Undecidable, _MOST_BITS)
