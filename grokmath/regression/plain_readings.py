"""The certified and float64 readings of the losses and accuracies without knobs, for the model in ``linear``."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cached_property
from typing import Any

from flint import arb

from grokmath.certified import Certified, Scaled, certify
from grokmath.exact import Exact, ball
from grokmath.functions.laplace_certified import laplace_ball, method_name, train_ball
from grokmath.regression.accuracy import accuracy_ball

__all__ = ["PlainReadings", "log2_of"]


class PlainReadings:
    """The readings at an exact lam and eta."""

    def __init__(self, lam: Exact, eta: Exact) -> None:
        self.lam, self.eta = lam, eta

    def kernel(self, loss: str, time: Exact) -> tuple[Callable[[], Scaled], Callable[[], str], int]:
        """A loss at an exact time as a ball, its method, and about log2(a s), the bits that exp(-a s) loses."""
        s = 4 * self.eta * time
        train = loss == "train_loss"
        kernel = train_ball if train else laplace_ball
        guard = min(max(0, self._edge_bits + log2_of(s)), 40)  # from 2^40 on, the value is too small to print
        return lambda: kernel(ball(s), self.lam), lambda: method_name(ball(s), self.lam, train=train), guard

    @cached_property
    def _edge_bits(self) -> int:
        """About log2 of a = (1 - sqrt lam)^2."""
        return 2 * (log2_of(1 - self.lam) - max(0, (log2_of(self.lam) + 1) // 2))

    def certified_loss(self, function: str, time: Exact, digits: int) -> Certified:
        """A loss or its logarithm."""
        log = function.startswith("log_")
        if time == 0:
            return Certified.from_exact(0 if log else 1, digits)
        kernel, method, guard = self.kernel(function.removeprefix("log_"), time)
        if log:
            guard = max(0, -log2_of(4 * self.eta * time))  # near t = 0 the logarithm vanishes like -s
            return certify(lambda: kernel().log(), digits, function=function, method=method, guard=guard)
        return certify(kernel, digits, function=function, method=method, log_form=f"log_{function}", guard=guard)

    def certified_accuracy(self, function: str, time: Exact, eps: Exact, digits: int) -> Certified:
        """An accuracy."""
        kernel, method, _ = self.kernel(function.replace("accuracy", "loss"), time)

        def accuracy() -> arb:
            return accuracy_ball(kernel().log() if time else arb(0), eps)

        return certify(accuracy, digits, function=function, method=method)

    def certified_limit(self, function: str, digits: int) -> Certified:
        """gen_limit, (1 - 1/lam)^+, or train_limit, 0."""
        above = function == "gen_limit" and self.lam > 1
        return Certified.from_exact(1 - 1 / self.lam if above else 0, digits)

    def float64_loss(self, function: str, time: Any) -> Any:
        """A loss or its logarithm."""
        return getattr(self._float64, function)(time)

    @cached_property
    def _float64(self) -> Any:
        from grokmath.functions.laplace_float64 import LaplaceFloat64

        return LaplaceFloat64(self.lam, 4 * self.eta)


def log2_of(x: Exact) -> int:
    """About log2 |x|; very negative for 0."""
    if not isinstance(x, Fraction):
        x = Fraction(float(x))
    return abs(x.numerator).bit_length() - x.denominator.bit_length() if x else -(10**9)
