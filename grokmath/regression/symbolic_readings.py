"""The regression model's losses, accuracies and limits as SymPy expressions, which symbols among the arguments give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy

from grokmath.functions.laplace_symbolic import laplace_expression, train_expression
from grokmath.functions.readings import sympy_number
from grokmath.parameters import is_symbolic
from grokmath.regression.accuracy import accuracy_expression
from grokmath.regression.knob_losses_symbolic import (
    SymbolicKnobs,
    gen_expression,
    gen_limit_expression,
    train_expression_of,
    train_limit_expression,
)
from grokmath.regression.knobs import decay_and_rate

__all__ = ["SymbolicReadings"]


class SymbolicReadings:
    """The model with these parameters, by their names; ``plain``: no knob but lam and eta.

    ``paper_noise``: the paper's (26)-(27) for label noise in place of the exact losses.
    """

    def __init__(self, given: Mapping[str, Any], plain: bool, paper_noise: bool) -> None:
        self._given, self._plain, self._paper_noise = given, plain, paper_noise

    def loss(self, function: str, t: Any) -> Any:
        """A loss at the time t, or its logarithm, by the name of the model's method."""
        train = function.endswith("train_loss")
        if self._plain:
            s = 4 * self._number("eta") * t
            loss = (train_expression if train else laplace_expression)(s, self._number("lam"))
        else:
            knobs, rate = self._knobs()
            loss = (train_expression_of if train else gen_expression)(rate * t, knobs) + self._added(train)
        return sympy.log(loss) if function.startswith("log_") else loss

    def accuracy(self, loss: str, t: Any, eps: Any) -> Any:
        """The accuracy that goes with the loss of this name."""
        return accuracy_expression(self.loss(loss, t), eps, self._number("d_out"))

    def limit(self, function: str) -> Any:
        """``train_limit`` or ``gen_limit``."""
        train = function == "train_limit"
        knobs, _ = self._knobs()
        return (train_limit_expression if train else gen_limit_expression)(knobs) + self._added(train)

    def _number(self, name: str) -> Any:
        value = self._given[name]
        return value if is_symbolic(value) else sympy_number(value)

    def _knobs(self) -> tuple[SymbolicKnobs, Any]:
        """What the losses depend on, and u/t."""
        outputs, decay = self._number("d_out"), self._number("weight_decay")
        c, rate = decay_and_rate(self._number("eta"), outputs, decay, self._given["decay_convention"])
        noise = sympy.Integer(0) if self._paper_noise else self._number("label_noise")
        return SymbolicKnobs(self._number("lam"), c, outputs, self._number("init_scale") ** 2, noise**2), rate

    def _added(self, train: bool) -> Any:
        """What the paper's (26) adds to the training loss."""
        return self._number("label_noise") ** 2 if train and self._paper_noise else 0
