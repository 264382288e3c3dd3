"""The two-layer linear network of the regression paper (sections 4.1 and F) in the regime where it trains lazily.

Student x -> S_1^T S_0^T x and teacher x -> T_1^T T_0^T x have d_in inputs, d_h hidden units and d_out outputs; S_0, T_0
have independent entries N(0, 1/(2 d_in d_h)), S_1, T_1 have N(0, 1/(2 d_out d_h)); the loss is averaged over the
outputs. With D = S_0 S_1 - T_0 T_1 the gradient flow is dD/dt = -(2 eta/d_out) [S_0 S_0^T Sigma D + Sigma D S_1^T S_1].
For d_out << d_h the kernels stay at their values at the start, S_1^T S_1 near 1/(2 d_out) and, for what it contributes,
S_0 S_0^T at its mean 1/(2 d_in), so that

    L(t) = L^(1)(eta_2, t)/(2 d_h d_out),      eta_2 = eta/(2 d_out^2) (1 + d_out/d_in),

for both losses, L^(1) the losses of the linear model with one output; 1/(2 d_h) is the mean of |D_0|^2.

The paper's (18) and (42) print L = |D_0|^2 L^(1)(eta/(2 d_out^2)): the 1/d_out in front and the factor 1 + d_out/d_in
of the rate are missing (if L^(1) is read as (12), the 1/d_out is there, but once too often in the rate). Its reason for
leaving h = (|S_0|^2 + |S_1|^2)/2 alone, a small learning rate, is none: in gradient flow eta only sets the unit of
time. Nor is the network free of the null space at lam > 1: the plateau (1 - 1/lam)/(2 d_h d_out) remains.
"""

from __future__ import annotations

import dataclasses
import math
import numbers
from collections.abc import Callable
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

from grokmath.certified import Certified, Scaled, certify
from grokmath.exact import Exact, ball, sign
from grokmath.functions.readings import Argument, read, sympy_number
from grokmath.parameters import (
    ASPECT_RATIO,
    NONNEGATIVE,
    POSITIVE,
    PROBABILITY,
    UnsupportedExpression,
    digits_argument,
    domain_error,
    exact,
    is_symbolic,
    shown,
)
from grokmath.regression.accuracy import accuracy_ball, accuracy_expression, accuracy_float64
from grokmath.regression.grokking_time import GrokkingTime, grokking_time
from grokmath.regression.knob_grokking_time_threshold import OutputThreshold
from grokmath.regression.plain_readings import PlainReadings

__all__ = ["TwoLayerLinear", "Validity"]

_LARGEST_WIDTH = 10**9


class Validity(NamedTuple):
    """The small parameters of the lazy regime; the theory holds as all of them tend to 0.

    ``outputs_per_hidden`` = d_out/d_h: the rate of each mode is off by a relative amount of this order, and a loss by
    this times the logarithm that it has fallen by, and more at late times. ``outputs_per_input`` = d_out/d_in enters
    the accuracy, which takes the errors of the outputs as independent with equal variances; in the losses it is
    accounted for. ``per_input`` = 1/d_in is the size of the corrections to the limit of large d_in.
    """

    outputs_per_hidden: Fraction
    outputs_per_input: Fraction
    per_input: Fraction


class TwoLayerLinear:
    """The two-layer linear network with d_in inputs, d_h hidden units and d_out outputs, lam = d_in/N_tr.

    0 < lam <= 1e6 and ``eta`` > 0 are exact numbers or SymPy symbols, the three widths integers from 1 to 1e9. The
    readings are those of ``LinearTeacherStudent``: ``digits=n`` gives :class:`Certified` numbers of the formulas above,
    numbers alone float64, a symbol a SymPy expression. :meth:`validity` tells how far the formulas can be trusted.

    >>> from grokmath.regression.two_layer import TwoLayerLinear
    >>> m = TwoLayerLinear(lam="9/10", d_in=200, d_h=200, d_out=5, eta="0.1")
    >>> print(m.gen_loss(0, digits=10).exact, m.rescaled_eta)
    1/2000 41/20000
    >>> print(m.gen_loss(100, digits=12))
    0.000278021433860
    """

    def __init__(self, lam: Any, d_in: int, d_h: int, d_out: int, eta: Any = "0.01") -> None:
        name = "TwoLayerLinear"
        self.lam: Any = lam if is_symbolic(lam) else exact(lam, "lam", name, ASPECT_RATIO)
        self.eta: Any = eta if is_symbolic(eta) else exact(eta, "eta", name, POSITIVE)
        self.d_in, self.d_h, self.d_out = (
            _width(value, argument) for value, argument in ((d_in, "d_in"), (d_h, "d_h"), (d_out, "d_out"))
        )

    def __repr__(self) -> str:
        widths = f"d_in={self.d_in}, d_h={self.d_h}, d_out={self.d_out}"
        return f"TwoLayerLinear(lam={shown(self.lam)}, {widths}, eta={shown(self.eta)})"

    @property
    def initial_difference(self) -> Fraction:
        """E|D_0|^2 = 1/(2 d_h), the mean squared norm of S_0 S_1 - T at t = 0."""
        return Fraction(1, 2 * self.d_h)

    @property
    def initial_loss(self) -> Fraction:
        """The losses at t = 0: 1/(2 d_h d_out)."""
        return Fraction(1, 2 * self.d_h * self.d_out)

    @property
    def hidden_norm(self) -> Fraction:
        """The mean of h = (|S_0|^2 + |S_1|^2)/2 at t = 0: 1/2, whatever the widths."""
        return Fraction(1, 2)

    @property
    def rescaled_eta(self) -> Any:
        """eta_2 = eta/(2 d_out^2) (1 + d_out/d_in), the learning rate of the linear model that behaves alike."""
        factor = Fraction(self.d_in + self.d_out, 2 * self.d_out**2 * self.d_in)
        return self.eta * (sympy_number(factor) if is_symbolic(self.eta) else factor)

    def validity(self) -> Validity:
        """The small parameters on which the theory rests, and their values; see :class:`Validity`."""
        return Validity(Fraction(self.d_out, self.d_h), Fraction(self.d_out, self.d_in), Fraction(1, self.d_in))

    def plateau(self) -> Any:
        """The limit of the generalization loss: (1 - 1/lam)/(2 d_h d_out) for lam > 1, else 0; exact."""
        if is_symbolic(self.lam):
            import sympy

            return sympy.Max(0, 1 - 1 / self.lam) * sympy_number(self.initial_loss)
        return (1 - 1 / self.lam) * self.initial_loss if self.lam > 1 else Fraction(0)

    def train_loss(self, t: Any, *, digits: int | None = None) -> Any:
        """The training loss at time t >= 0: E[nu e^{-s nu}]/(2 d_h d_out), s = 4 eta_2 t."""
        return self._loss("train_loss", t, digits)

    def gen_loss(self, t: Any, *, digits: int | None = None) -> Any:
        """The generalization loss at time t >= 0: E[e^{-s nu}]/(2 d_h d_out), s = 4 eta_2 t, atom included."""
        return self._loss("gen_loss", t, digits)

    def log_train_loss(self, t: Any, *, digits: int | None = None) -> Any:
        """The logarithm of the training loss, also where that underflows."""
        return self._loss("log_train_loss", t, digits)

    def log_gen_loss(self, t: Any, *, digits: int | None = None) -> Any:
        """The logarithm of the generalization loss, also where that underflows."""
        return self._loss("log_gen_loss", t, digits)

    def train_accuracy(self, t: Any, *, eps: Any, digits: int | None = None) -> Any:
        """The fraction of training points whose squared error, averaged over the outputs, is at most eps > 0.

        P(d_out/2, d_out eps/(2 L)), P the regularized lower incomplete gamma function (eq. (12)).
        """
        return self._accuracy("train_loss", t, eps, digits)

    def gen_accuracy(self, t: Any, *, eps: Any, digits: int | None = None) -> Any:
        """The same of a new point, with the generalization loss.

        >>> from grokmath.regression.two_layer import TwoLayerLinear
        >>> m = TwoLayerLinear(lam="9/10", d_in=200, d_h=200, d_out=5, eta="0.1")
        >>> print(m.gen_accuracy(300, eps="1e-4", digits=10))
        0.3110835394
        """
        return self._accuracy("gen_loss", t, eps, digits)

    def grokking_time(
        self,
        eps: Any,
        *,
        accuracy: Any = None,
        method: str = "exact",
        order: int | None = None,
        digits: int | None = None,
    ) -> Any:
        """When both accuracies are reached, and the time between; as ``LinearTeacherStudent.grokking_time``.

        The accuracy (None: erf(sqrt 2)) is reached at the loss L* = d_out eps/(2 x), P(d_out/2, x) = accuracy, where
        the linear model at eta_2 has the loss 2 d_h d_out L*. Symbols raise :class:`UnsupportedExpression`.

        >>> from grokmath.regression.two_layer import TwoLayerLinear
        >>> m = TwoLayerLinear(lam="9/10", d_in=1000, d_h=200, d_out=5, eta="0.01")
        >>> print(m.grokking_time("1e-4", digits=8).delta)
        21987.550
        """
        name = "grokking_time"
        if any(is_symbolic(value) for value in (self.lam, self.eta, eps, accuracy)):
            if digits is not None:
                exact(next(v for v in (self.lam, self.eta, eps, accuracy) if is_symbolic(v)), "parameters", name)
            raise UnsupportedExpression(f"{name}: the two-layer network has no closed form in symbols; give numbers")
        level = None if accuracy is None else exact(accuracy, "accuracy", name, PROBABILITY)
        tolerance = exact(eps, "eps", name, POSITIVE)
        threshold: Any = OutputThreshold(tolerance, level, self.d_out, 1 / self.initial_loss)
        found: GrokkingTime = grokking_time(
            self.lam, self.rescaled_eta, threshold, method=method, order=order, digits=digits
        )
        if found.gen != math.inf:
            return found
        reason = f"the generalization loss stays above its plateau (1 - 1/lam)/(2 d_h d_out) = {shown(self.plateau())}"
        return dataclasses.replace(found, reason=f"{reason}, and the threshold is not above that")

    def _loss(self, function: str, t: Any, digits: int | None) -> Any:
        return read(
            function,
            [Argument("t", t, NONNEGATIVE)],
            digits,
            symbolic=lambda time: self._expression(function, time),
            certified=lambda time, n: self._certified_loss(function, time, n),
            float64=lambda time: self._float64_loss(function, time),
            parameters=[self.lam, self.eta],
        )

    def _accuracy(self, loss: str, t: Any, eps: Any, digits: int | None) -> Any:
        return read(
            loss.replace("loss", "accuracy"),
            [Argument("t", t, NONNEGATIVE), Argument("eps", eps, POSITIVE)],
            digits,
            symbolic=lambda time, tolerance: accuracy_expression(self._expression(loss, time), tolerance, self.d_out),
            certified=lambda time, tolerance, n: self._certified_accuracy(loss, time, tolerance, n),
            float64=lambda time, tolerance: accuracy_float64(self._float64_loss(loss, time), tolerance, self.d_out),
            parameters=[self.lam, self.eta],
        )

    @cached_property
    def _readings(self) -> PlainReadings:
        return PlainReadings(self.lam, self.rescaled_eta)

    def _kernel(self, loss: str, time: Exact) -> tuple[Callable[[], Scaled], int]:
        kernel, _, guard = self._readings.kernel(loss, time)

        def scaled() -> Scaled:
            value = kernel()
            return Scaled(value.log_scale, value.factor * ball(self.initial_loss))

        return scaled, guard

    def _certified_loss(self, function: str, time: Exact, digits: int) -> Certified:
        log = function.startswith("log_")
        digits = digits_argument(digits, function)
        if sign(time) == 0 and not log:
            return Certified.from_exact(self.initial_loss, digits)
        method = "two layers as one"
        if sign(time) == 0:
            return certify(lambda: ball(self.initial_loss).log(), digits, function=function, method=method)
        kernel, guard = self._kernel(function.removeprefix("log_"), time)
        if log:
            return certify(lambda: kernel().log(), digits, function=function, method=method)
        return certify(kernel, digits, function=function, method=method, log_form=f"log_{function}", guard=guard)

    def _certified_accuracy(self, loss: str, time: Exact, eps: Exact, digits: int) -> Certified:
        kernel, _ = self._kernel(loss, time) if sign(time) else (None, 0)

        def accuracy() -> Any:
            log = ball(self.initial_loss).log() if kernel is None else kernel().log()
            return accuracy_ball(log, eps, self.d_out)

        return certify(accuracy, digits, function=loss.replace("loss", "accuracy"), method="two layers as one")

    def _float64_loss(self, function: str, time: Any) -> Any:
        value = self._readings.float64_loss(function, time)
        if function.startswith("log_"):
            return value - math.log(2 * self.d_h * self.d_out)
        return value / (2 * self.d_h * self.d_out)

    def _expression(self, function: str, t: Any) -> Any:
        import sympy

        from grokmath.functions.laplace_symbolic import laplace_expression, train_expression

        lam, eta = (v if is_symbolic(v) else sympy_number(v) for v in (self.lam, self.rescaled_eta))
        expression = train_expression if function.endswith("train_loss") else laplace_expression
        loss = expression(4 * eta * t, lam) * sympy_number(self.initial_loss)
        return sympy.log(loss) if function.startswith("log_") else loss


def _width(value: Any, argument: str) -> int:
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not whole or not 1 <= int(value) <= _LARGEST_WIDTH:
        wanted = f"an integer from 1 to {_LARGEST_WIDTH}"
        raise domain_error("TwoLayerLinear", argument, value, wanted, "give a whole number of units")
    return int(value)
