"""The certified root lam of P(N, lam N) = p, by a change of sign in the logit of lam."""

from __future__ import annotations

import math

from flint import arb, ctx

from grokmath.certified import ball, working_precision
from grokmath.exact import Exact, binary_exponent
from grokmath.functions.wendel_certified import log_wendel_ball
from grokmath.roots import DecreasingRoot, Start

__all__ = ["WindowRoot"]


class WindowRoot:
    """The root for p < 1/2 in the variable t >= 0 with lam = 1/(1 + e^t); that for 1 - p is its mirror image.

    log P(N, N/(1 + e^t)) - log p is continuous and strictly decreasing in t, positive at t = 0 and unbounded below, so
    that :class:`~grokmath.roots.DecreasingRoot` applies. Both lam and 1 - 2 lam get full relative accuracy.
    """

    def __init__(self, N: Exact, p: Exact, function: str) -> None:
        self._N = N
        self._p = p
        with working_precision(64):
            self._size = max(0, binary_exponent(ball(N)))
        self._root = DecreasingRoot(self._excess, self._start, function)

    def lam(self, mirrored: bool) -> arb:
        """A ball for lam, or for its mirror image 1 - lam, at flint's precision."""
        t = self._root.enclose()
        return 1 / (1 + (-t if mirrored else t).exp())

    def _excess(self, t: arb) -> arb:
        with working_precision(ctx.prec + self._size + 16):
            N = ball(self._N)
            p, q = N / (1 + (-t).exp()), N / (1 + t.exp())
        value = log_wendel_ball(p, q)
        return (value if isinstance(value, arb) else value.value()) - ball(self._p).log()

    def _start(self) -> Start:
        """A root of Chernoff's bound, or of the form 2^-N N lam that P takes far out."""
        depth = -ball(self._p).log()
        ratio = float(arb.min(depth / ball(self._N), arb(1e6)).mid())
        if ratio < 0.6:
            near = arb.max(depth - arb(0.6), arb(1) / 64)  # P is about e^-E/2 near the centre
            point = 2 * (2 * near / (ball(self._N) * (1 + ratio / 2))).sqrt()
        else:
            point = depth - math.log(2) * ball(self._N) + 1
        point = arb.max(point, arb(2) ** -(self._size // 2 + 60)).mid()
        step = point / 2**12
        slope = ((self._excess(point + step) - self._excess(point)) / step).mid()
        return Start(point, slope)
