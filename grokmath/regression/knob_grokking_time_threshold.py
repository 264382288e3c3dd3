"""The loss at which a given accuracy is reached, for any number of outputs.

With d outputs a prediction counts as right when its mean squared error over the outputs, |z|^2/d, is at most eps. The
errors z of the outputs are independent Gaussians of variance L each, so the accuracy is P(d/2, d eps/(2 L)), P the
regularized lower incomplete gamma function (Levi, Beck and Bar Sinai, "Grokking in Linear Estimators", eq. (12); DLMF
8.2.4), and the accuracy A is reached where

    L = L* = d eps/(2 x),    P(d/2, x) = A.

For one output that is eps/(2 erfinv(A)^2), and eps/4 for the paper's A = erf(sqrt 2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from statistics import NormalDist
from typing import Protocol

from flint import arb, ctx

from grokmath.exact import Exact, ball, sign, working_precision
from grokmath.parameters import Undecidable, shown
from grokmath.regression.accuracy import LossThreshold
from grokmath.roots import DecreasingRoot, Start, certain_sign

__all__ = ["OutputThreshold", "Threshold"]

_NAME = "grokking_time"
_MAX_BITS = 2**14
_PAPER = 0.9544997361036416


class Threshold(Protocol):
    """A loss, exact or enclosed to any precision."""

    @property
    def exact(self) -> Exact | None: ...

    def ball(self) -> arb: ...

    def minus(self, other: Exact) -> arb: ...

    def compare(self, other: Exact, function: str) -> int: ...


@dataclass(frozen=True)
class OutputThreshold:
    """``factor`` times the loss L* at which ``d_out`` outputs reach the accuracy ``level`` (None: erf(sqrt 2)).

    >>> OutputThreshold(Fraction(1, 1000)).exact
    Fraction(1, 4000)
    >>> with working_precision(80):
    ...     print(OutputThreshold(Fraction(1, 1000), Fraction(19, 20), 10).ball().str(15, radius=False))
    0.000546238008076407
    """

    eps: Exact
    level: Exact | None = None
    d_out: int = 1
    factor: Exact = Fraction(1)

    @property
    def exact(self) -> Exact | None:
        """The loss where it is an exact number."""
        return self.factor * self.eps / 4 if self.level is None and self.d_out == 1 else None

    def ball(self) -> arb:
        """A ball for the loss at the working precision."""
        if self.exact is not None:
            return ball(self.exact)
        if self.d_out == 1:
            return LossThreshold(self.factor * self.eps, self.level).ball()
        return ball(self.factor * self.eps * self.d_out / 2) / self.quantile()

    def quantile(self) -> arb:
        """A ball for x, P(d_out/2, x) = level."""
        return self._root.enclose()

    def minus(self, other: Exact) -> arb:
        """A ball for the loss minus ``other``, exact first where both are exact."""
        return ball(self.exact - other) if self.exact is not None else self.ball() - ball(other)

    def compare(self, other: Exact, function: str) -> int:
        """-1, 0 or 1 as the loss is below, equal to or above the exact number ``other``; exactly where it is exact.

        Raises :class:`Undecidable` where the two agree to thousands of bits.
        """
        if self.exact is not None:
            return sign(self.exact - other)
        failure = f"{function}: the threshold and {shown(other)} agree to {_MAX_BITS} bits and cannot be told apart"
        return certain_sign(lambda: self.minus(other), failure, Undecidable, _MAX_BITS)

    @cached_property
    def _root(self) -> DecreasingRoot:
        """x as the zero of log(A/P) or, for A >= 1/2, of log(Q/(1 - A)); both decrease in x."""
        a = Fraction(self.d_out, 2)
        level = self.level
        lower = level is not None and level < Fraction(1, 2)

        def h(x: arb) -> arb:
            if lower:
                assert level is not None  # noqa: S101 - for the type checker
                return ball(level).log() - _lower(a, x).log()
            rest = ball(1 - level) if level is not None else arb(2).sqrt().erfc()
            return x.gamma_upper(ball(a), regularized=1).log() - rest.log()

        def start() -> Start:
            x, shape = arb(_starting_point(a, level)), ball(a)
            tail = _lower(a, x) if lower else x.gamma_upper(shape, regularized=1)
            slope = -((shape - 1) * x.log() - x - shape.lgamma()).exp() / tail
            return Start(x, slope if slope.is_finite() else arb(-1))

        return DecreasingRoot(h, start, _NAME)


def _lower(a: Fraction, x: arb) -> arb:
    """P(a, x); from Q(a, x) where a is large, which Arb has much faster."""
    if a <= 20:
        return x.gamma_lower(ball(a), regularized=1)
    bits = ctx.prec
    with working_precision(2 * bits):
        return 1 - x.gamma_upper(ball(a), regularized=1)


def _starting_point(a: Fraction, level: Exact | None) -> float:
    """A point near x: Wilson and Hilferty's cube of a normal quantile, or the leading power for a small level."""
    shape, chance = float(a), _PAPER if level is None else float(level)
    inside = min(max(chance, 1e-300), 1 - 2**-53)
    cube = 1 - 1 / (9 * shape) + NormalDist().inv_cdf(inside) / math.sqrt(9 * shape)
    if cube > 0.2:
        return shape * cube**3
    with working_precision(64):  # P(a, x) ~ x^a/Gamma(a + 1)
        log = (ball(level).log() if level is not None else arb(0)) + (ball(a) + 1).lgamma()
        return max(float((log / ball(a)).exp()), 1e-290)
