"""Accuracy as a function of the loss, and the loss at which a given accuracy is reached (regression paper, eq. (9)).

A prediction counts as right when its squared error is at most eps. The error z is Gaussian with variance L, the loss,
so

    A = P(|z| <= sqrt(eps)) = erf(sqrt(eps / (2 L))).

The paper prints a factor 2 in front of the probability, which its own error-function form does not have, and calls L
the standard deviation; it is the variance. The paper's threshold is A = erf(sqrt 2), that is L = eps/4.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, ctx

from grokmath.exact import Exact, ball, sign, working_precision
from grokmath.parameters import Undecidable


def accuracy_ball(log_loss: arb, eps: Exact) -> arb:
    """A ball for erf(sqrt(eps/(2 L))), from a ball for log L."""
    return ((ball(eps).log() - log_loss - arb(2).log()) / 2).exp().erf()


def accuracy_float64(loss: Any, eps: float) -> Any:
    """erf(sqrt(eps/(2 L))) in float64; a loss that has underflowed to 0 gives 1."""
    import numpy as np
    from scipy.special import erf

    with np.errstate(divide="ignore", over="ignore"):
        result = erf(np.sqrt(eps / 2.0) / np.sqrt(loss))
    return float(result) if np.ndim(result) == 0 else result


def accuracy_expression(loss: Any, eps: Any) -> Any:
    """erf(sqrt(eps/(2 L))) as a SymPy expression."""
    import sympy

    return sympy.erf(sympy.sqrt(eps / (2 * loss)))


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
        bits = 64
        while bits <= 2**16:
            with working_precision(bits):
                difference = self.minus(other)
                if difference > 0:
                    return 1
                if difference < 0:
                    return -1
            bits *= 2
        raise Undecidable(f"{function}: the threshold and {other} agree to {bits // 2} bits and cannot be told apart")
