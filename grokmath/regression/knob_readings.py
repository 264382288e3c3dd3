"""The certified and float64 readings of the losses and accuracies with any knobs, for the model in ``linear``."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from typing import Any

from flint import arb

from grokmath.certified import Certified, Scaled, certify
from grokmath.exact import Exact, ball, sign
from grokmath.regression.accuracy import accuracy_ball
from grokmath.regression.knob_losses_certified import KnobLosses
from grokmath.regression.knobs import Knobs
from grokmath.regression.plain_readings import log2_of

__all__ = ["KnobReadings"]


class KnobReadings:
    """The readings at exact knobs; ``paper_noise`` adds sigma^2 to the training loss and nothing else, as (26)-(27)."""

    def __init__(self, knobs: Knobs, paper_noise: bool = False) -> None:
        self.knobs = knobs
        self._added: Exact | None = None
        if paper_noise and sign(knobs.noise):
            self._added = knobs.noise
            self.knobs = Knobs(
                knobs.lam,
                knobs.eta,
                knobs.d_out,
                knobs.weight_decay,
                knobs.init_scale,
                decay_convention=knobs.decay_convention,
            )
        self.losses = KnobLosses(self.knobs)

    def start(self, train: bool) -> Exact:
        """The loss at t = 0."""
        noise = self.knobs.noise if self._added is None else self._added
        value: Exact = self.knobs.scale + noise if train else self.knobs.scale
        return value

    def kernel(self, loss: str, time: Exact) -> tuple[Callable[[], Scaled], int]:
        """A loss at an exact time as a ball, and about how many bits it loses."""
        u = self.knobs.rate * time
        train = loss == "train_loss"
        method, added = (self.losses.train if train else self.losses.gen), self._added if train else None
        exponent = max(0, log2_of(u) + max(self._edge_bits, log2_of(self.knobs.c)) + 1)
        tends_to_zero = self.knobs.plain or (train and not sign(self.knobs.c) and self.knobs.lam >= 1)
        guard = min(exponent, 40 if tends_to_zero and added is None else 8)

        def value() -> Scaled:
            scaled = method(ball(u))
            return scaled if added is None else Scaled(arb(0), scaled.value() + ball(added))

        return value, guard

    @cached_property
    def _edge_bits(self) -> int:
        """About log2 of a = (1 - sqrt lam)^2."""
        return 2 * (log2_of(1 - self.knobs.lam) - max(0, (log2_of(self.knobs.lam) + 1) // 2))

    def certified_loss(self, function: str, time: Exact, digits: int) -> Certified:
        """A loss or its logarithm."""
        log, loss = function.startswith("log_"), function.removeprefix("log_")
        if time == 0:
            start = self.start(loss == "train_loss")
            if not log:
                return Certified.from_exact(start, digits)
            if start == 1:
                return Certified.from_exact(0, digits)
            guard = max(0, -log2_of(start - 1))
            return certify(lambda: ball(start).log(), digits, function=function, method="closed form", guard=guard)
        kernel, guard = self.kernel(loss, time)
        method = self._method
        if log:
            if self.start(loss == "train_loss") == 1:
                guard = max(0, -log2_of(self.knobs.rate * time))
            return certify(lambda: kernel().log(), digits, function=function, method=method, guard=guard)
        return certify(kernel, digits, function=function, method=method, log_form=f"log_{function}", guard=guard)

    @property
    def _method(self) -> str:
        if self.knobs.plain:
            return "the loss without knobs, rescaled"
        return "midpoint rule over the angle" if sign(self.knobs.c) else "closed form and midpoint rule over the angle"

    def certified_accuracy(self, function: str, time: Exact, eps: Exact, digits: int) -> Certified:
        """An accuracy."""
        loss = function.replace("accuracy", "loss")
        outputs = self.knobs.d_out
        if time == 0:
            start = self.start(loss == "train_loss")
            kernel: Callable[[], Scaled] = lambda: Scaled(ball(start).log(), arb(1))  # noqa: E731
        else:
            kernel, _ = self.kernel(loss, time)

        def accuracy() -> arb:
            return accuracy_ball(kernel().log(), eps, outputs)

        method = "error function" if outputs == 1 else "incomplete gamma function"
        return certify(accuracy, digits, function=function, method=method, guard=outputs.bit_length())

    def certified_limit(self, function: str, digits: int) -> Any:
        """gen_limit or train_limit; infinite where it is."""
        train = function == "train_limit"
        exact = self.losses.train_limit_exact() if train else self.losses.gen_limit_exact()
        added = self._added if train else None
        if exact is not None:
            return Certified.from_exact(exact if added is None else exact + added, digits)
        if not sign(self.knobs.c):
            return math.inf

        def limit() -> arb:
            value = self.losses.train_limit() if train else self.losses.gen_limit()
            return value if added is None else value + ball(added)

        return certify(limit, digits, function=function, method="closed form")

    @cached_property
    def _float64(self) -> Any:
        from grokmath.regression.knob_losses_float64 import KnobLossesFloat64

        return KnobLossesFloat64(self.knobs)

    def float64_loss(self, function: str, time: Any) -> Any:
        """A loss or its logarithm."""
        if self._added is None or not function.endswith("train_loss"):
            return getattr(self._float64, function)(time)
        import numpy as np

        total = self._float64.train_loss(time) + float(self._added)
        if not function.startswith("log_"):
            return total
        result = np.log(total)
        return float(result) if np.ndim(result) == 0 else result
