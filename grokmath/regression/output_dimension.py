"""How the grokking time depends on the number of outputs: where it is largest, where it vanishes, where it begins.

With d outputs (and the loss averaged over them, neither decay nor noise) the thresholds are met at d/(4 eta) times the
zeros s of G(s) = M_d and L_tr(s) = M_d, G and L_tr the losses of one output, where

    M_d = d^2 eps/((1 + alpha^2) x_d),    P(d/2, x_d) = A

(Levi, Beck and Bar Sinai, "Grokking in Linear Estimators", sec. 3.3.1; ``OutputThreshold``). The time to compare is d
[s_gen(M_d) - s_tr(M_d)]/(4 eta): it first grows with d, as learning slows down, and falls to 0 where M_d reaches 1.

All searches are exhaustive, but not one by one. A sum of more squares is larger, so x_d grows with d, and d1 <= d <= d2
implies x_d1 <= x_d <= x_d2: a condition or a bound at the ends of a block holds for all of it. Blocks are halved until
each is decided; and beyond some d the Laurent-Massart bound 2 x_d <= d + 2 sqrt(d r) + 2 r, r = -log(1 - A), settles
all. Proofs: docs/proofs/grokking_time.md.
"""

from __future__ import annotations

import heapq
import math
from fractions import Fraction
from typing import Any, NamedTuple

from flint import arb, fmpz

from grokmath.certified import FLOAT_DIGITS, Certified, certify
from grokmath.exact import Exact, ball, sign, working_precision
from grokmath.functions.double_double import dyadic
from grokmath.parameters import (
    ASPECT_RATIO,
    NONNEGATIVE,
    POSITIVE,
    PROBABILITY,
    PrecisionError,
    Undecidable,
    digits_argument,
    domain_error,
    exact,
)
from grokmath.regression.grokking_time import gen_root, train_root
from grokmath.regression.knob_grokking_time_threshold import OutputThreshold
from grokmath.regression.knobs import LARGEST_D_OUT
from grokmath.roots import DecreasingRoot, certain_sign

__all__ = ["LargestGrokkingTime", "d_out_met_at_once", "largest_grokking_time", "smallest_generalizing_d_out"]

_BITS = 48
_BLOCKS = 20_000


class LargestGrokkingTime(NamedTuple):
    """The number of outputs with the largest grokking time, and that time."""

    d_out: int
    time: Any


def d_out_met_at_once(eps: Any, *, accuracy: Any = None, init_scale: Any = 1) -> int:
    """The least d_out from which on both accuracies are reached at t = 0: there, and for every larger d_out.

    There the loss at t = 0, (1 + alpha^2)/(2 d_out), is not above L*; about (1 + alpha^2)/(2 eps). It does not depend
    on lam. Exact; raises :class:`DomainError` where it is above 10^9.

    >>> d_out_met_at_once("1e-3"), d_out_met_at_once("1e-3", accuracy="0.95")
    (1075, 1073)
    """
    return _Outputs("d_out_met_at_once", Fraction(1), eps, accuracy, init_scale).met_at_once()


def smallest_generalizing_d_out(lam: Any, eps: Any, *, accuracy: Any = None, init_scale: Any = 1) -> int:
    """The least d_out at which test accuracy is ever reached: where the plateau of L_gen is below L*.

    1 for lam <= 1. For lam > 1 the condition is (1 - 1/lam) < M_d; equality is not enough. Exact; raises
    :class:`DomainError` where it is above 10^9.

    >>> smallest_generalizing_d_out("1.5", "1e-3", accuracy="0.95")
    375
    """
    return _Outputs("smallest_generalizing_d_out", lam, eps, accuracy, init_scale).smallest()


def largest_grokking_time(
    lam: Any, eps: Any, *, eta: Any = "0.01", accuracy: Any = None, init_scale: Any = 1, digits: int | None = None
) -> LargestGrokkingTime:
    """The d_out with the largest grokking time, and that time, among all d_out >= 1 at which it is finite.

    The maximum is proved to be the global one; the time has ``digits`` proved digits, or is a double. The least such
    d_out where the time is 0 for all. The cost grows like the square root of the d_out found; raises
    :class:`PrecisionError` beyond 20,000 blocks and :class:`Undecidable` where two times agree to thousands of bits.

    >>> found = largest_grokking_time("0.9", "1e-3", accuracy="0.95", digits=10)
    >>> print(found.d_out, found.time)
    26 72024.63178
    """
    function = "largest_grokking_time"
    wanted = FLOAT_DIGITS if digits is None else digits_argument(digits, function)
    rate = exact(eta, "eta", function, POSITIVE)
    outputs = _Outputs(function, lam, eps, accuracy, init_scale)
    best = outputs.largest()
    if best.root is None:
        time: Any = Certified.from_exact(0, wanted)
    else:
        scale = best.d_out / (4 * rate)
        time = certify(lambda: best.span() * ball(scale), wanted, function=function, method="certified roots", guard=16)
    return LargestGrokkingTime(best.d_out, time if digits is not None else float(time))


class _Span:
    """s_gen - s_tr at one d_out."""

    def __init__(self, d_out: int, lam: Exact, threshold: OutputThreshold, met: bool) -> None:
        self.d_out = d_out
        self.root: tuple[DecreasingRoot, DecreasingRoot] | None = None
        if not met:
            self.root = gen_root(lam, threshold), train_root(lam, threshold)

    def span(self) -> arb:
        """A ball at the working precision."""
        if self.root is None:
            return arb(0)
        return self.root[0].enclose() - self.root[1].enclose()

    def time(self) -> arb:
        """4 eta times the grokking time."""
        return self.span() * self.d_out


class _Outputs:
    """One lam, eps, accuracy and initial scale, over all d_out."""

    def __init__(self, function: str, lam: Any, eps: Any, accuracy: Any, init_scale: Any) -> None:
        self.function = function
        self.lam = exact(lam, "lam", function, ASPECT_RATIO)
        self.eps = exact(eps, "eps", function, POSITIVE)
        self.level = None if accuracy is None else exact(accuracy, "accuracy", function, PROBABILITY)
        alpha = exact(init_scale, "init_scale", function, NONNEGATIVE)
        self.start: Exact = 1 + alpha * alpha
        self.plateau: Exact = 1 - 1 / self.lam if self.lam > 1 else Fraction(0)
        self._quantiles: dict[int, arb] = {}

    def threshold(self, d: int) -> OutputThreshold:
        """M_d."""
        return OutputThreshold(self.eps, self.level, d, 2 * d / self.start)

    def quantile(self, d: int) -> arb:
        """A ball for x_d, to a few digits."""
        if d not in self._quantiles:
            with working_precision(_BITS):
                x = arb(2) if d == 1 and self.level is None else self.threshold(d).quantile()
            self._quantiles[d] = x
        return self._quantiles[d]

    def met(self, d: int) -> bool:
        """Whether both thresholds are met at t = 0."""
        return self.threshold(d).compare(Fraction(1), self.function) >= 0

    def met_at_once(self) -> int:
        """Downwards: d is met; so are all d' < d with d'^2 eps >= (1 + alpha^2) x_d, as x_d' <= x_d."""
        least = self._all_met_from()
        while least > 1 and self.met(least - 1):
            with working_precision(_BITS):
                bound = (self.quantile(least - 1) * ball(self.start) / ball(self.eps)).sqrt()
                least = max(1, min(least - 1, _integer(bound.upper().ceil())))
        return least

    def smallest(self) -> int:
        """Upwards: d fails; so do all d' > d with d'^2 eps <= (1 + alpha^2) (1 - 1/lam) x_d, as x_d' >= x_d."""
        d = 1
        while not self.reached(d):
            with working_precision(_BITS):
                bound = (self.quantile(d) * ball(self.start * self.plateau) / ball(self.eps)).sqrt()
                d = self._checked(max(d + 1, _integer(bound.lower().floor()) + 1))
        return d

    def reached(self, d: int) -> bool:
        """Whether L_gen ever falls to the threshold."""
        return not sign(self.plateau) or self.threshold(d).compare(self.plateau, self.function) > 0

    def _checked(self, d: int) -> int:
        if d > LARGEST_D_OUT:
            remedy = f"the d_out asked for is above {LARGEST_D_OUT}; take a larger one"
            raise domain_error(self.function, "eps", self.eps, "a larger tolerance", remedy)
        return d

    def _all_met_from(self) -> int:
        """Some d from which on all are met: eps d^2 >= (1 + alpha^2)(d + 2 sqrt(d r) + 2 r)/2, whose ratio grows."""
        d = 2
        while True:
            with working_precision(64):
                rest = ball(1 - self.level) if self.level is not None else arb(2).sqrt().erfc()
                r = -rest.log()
                if ball(self.eps) * d * d >= ball(self.start) * (d + 2 * (d * r).sqrt() + 2 * r) / 2:
                    return d
            d = self._checked(2 * d)

    # The largest time

    def largest(self) -> _Span:
        """By halving blocks, the one with the largest bound first, until no bound exceeds the best time found."""
        low, high = self.smallest(), self.met_at_once() - 1
        if low > high:
            return self._span(low)
        best = self._climb(low, high)
        blocks = [(-math.inf, low, high)]
        for _ in range(_BLOCKS):
            if not blocks:
                return best
            bound, first, last = heapq.heappop(blocks)
            if -bound <= self._floor(best):
                return best
            if first == last:
                if first != best.d_out and self.reached(first):
                    best = self._larger(best, self._span(first))
                continue
            half = (first + last) // 2
            for part in ((first, half), (half + 1, last)):
                heapq.heappush(blocks, (-self._bound(*part), *part))
        raise PrecisionError(f"{self.function}: the maximum was not proved within {_BLOCKS} blocks; take a larger eps")

    def _span(self, d: int) -> _Span:
        return _Span(d, self.lam, self.threshold(d), self.met(d))

    def _floor(self, span: _Span) -> float:
        with working_precision(_BITS):
            return math.nextafter(float(span.time().lower()), 0)

    def _climb(self, low: int, high: int) -> _Span:
        """A good candidate: golden section in log d, as if there were one maximum; no result depends on it."""
        known: dict[int, float] = {}

        def value(d: int) -> float:
            if d not in known:
                known[d] = self._floor(self._span(d)) if self.reached(d) else 0.0
            return known[d]

        left, right = math.log(low), math.log(high + 1)
        while right - left > 0.5 / math.exp(right):
            inner, outer = left + 0.382 * (right - left), left + 0.618 * (right - left)
            d, e = (min(high, max(low, round(math.exp(x)))) for x in (inner, outer))
            if d == e:
                break
            left, right = (inner, right) if value(d) < value(e) else (left, outer)
        value(min(high, max(low, round(math.exp((left + right) / 2)))))
        return self._span(max(known, key=lambda d: known[d]))

    def _bound(self, first: int, last: int) -> float:
        """An upper bound of 4 eta times the grokking time for first <= d <= last."""
        with working_precision(_BITS):
            scale = ball(self.eps / self.start)
            least = dyadic((scale * first * first / self.quantile(last)).lower())
            most = dyadic((scale * last * last / self.quantile(first)).upper())
            if least >= 1:
                return 0.0
            if least <= self.plateau:
                return math.inf
            total = gen_root(self.lam, OutputThreshold(4 * least)).enclose() * last
            if most < 1:
                total -= train_root(self.lam, OutputThreshold(4 * most)).enclose() * last
            return math.nextafter(float(total.upper()), math.inf)

    def _larger(self, one: _Span, other: _Span) -> _Span:
        """The one of the two with the larger time."""
        with working_precision(_BITS):
            difference = other.time() - one.time()
        if not difference.contains(0):
            return other if difference > 0 else one
        failure = f"{self.function}: the times at d_out = {one.d_out} and {other.d_out} agree to thousands of bits"
        return other if certain_sign(lambda: other.time() - one.time(), failure, Undecidable) > 0 else one


def _integer(x: arb) -> int:
    whole = x.unique_fmpz()
    return int(whole if whole is not None else fmpz(0))
