"""The linear teacher-student model of the regression paper: losses, accuracies and the grokking time.

Inputs are x ~ N(0, I) in d_in dimensions, N_tr of them are seen in training, lam = d_in/N_tr, and teacher and student
start with independent weights of squared norm 1/2. Averaged over the Marchenko-Pastur law of the training covariance
(the limit of large d_in), gradient flow at learning rate eta has the losses, with s = 4 eta t,

    L_gen(t) = E[exp(-s nu)],    L_tr(t) = E[nu exp(-s nu)] = -d L_gen/d s,

both 1 at t = 0. Their closed forms are in Bessel functions and Marcum's Q.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cached_property
from typing import Any

from flint import arb

from grokmath.certified import Certified, Scaled, certify
from grokmath.exact import Exact, ball
from grokmath.functions.laplace_certified import laplace_ball, method_name, train_ball
from grokmath.functions.readings import Argument, read, sympy_number
from grokmath.parameters import ASPECT_RATIO, NONNEGATIVE, POSITIVE, PROBABILITY, exact, is_symbolic, shown
from grokmath.regression.accuracy import LossThreshold, accuracy_ball, accuracy_expression, accuracy_float64
from grokmath.regression.grokking_time import grokking_time


class LinearTeacherStudent:
    """Levi, Beck, Bar Sinai's linear regression model, d_out = 1, without weight decay or label noise.

    ``lam`` is the aspect ratio d_in/N_tr, 0 < lam <= 1e6; ``eta`` > 0 the learning rate; both are exact numbers
    ("0.9", "9/10", Fraction, Decimal, int, SymPy rationals and real algebraic numbers; a float means its shortest
    decimal) or SymPy symbols. Times t >= 0 are gradient-flow times, in steps of gradient descent.

    Each method has three readings. With ``digits=n`` it returns a :class:`Certified` number with n proved digits (for
    an array of times, an object array of them). Without, it returns float64: relative error below 2e-15 for the losses
    (measured, not proved; t is taken as the binary number it is). If t or a parameter is a SymPy symbol, it returns a
    SymPy expression. Raises :class:`DomainError` outside these domains.

    >>> from grokmath import LinearTeacherStudent
    >>> m = LinearTeacherStudent(lam="9/10", eta="0.01")
    >>> print(m.gen_loss(250, digits=30))
    0.141406814269924416674425543493
    >>> m.gen_loss(250)
    0.14140681426992444
    >>> print(m.grokking_time(eps="1e-3", digits=10).delta)
    20481.28468
    """

    def __init__(self, lam: Any, eta: Any = "0.01") -> None:
        self.lam: Any = lam if is_symbolic(lam) else exact(lam, "lam", "LinearTeacherStudent", ASPECT_RATIO)
        self.eta: Any = eta if is_symbolic(eta) else exact(eta, "eta", "LinearTeacherStudent", POSITIVE)

    def __repr__(self) -> str:
        return f"LinearTeacherStudent(lam={shown(self.lam)}, eta={shown(self.eta)})"

    def train_loss(self, t: Any, *, digits: int | None = None) -> Any:
        """The training loss L_tr(t) = e^{-(1+lam)s} I_1(2 sqrt(lam) s)/(sqrt(lam) s), s = 4 eta t, for every lam > 0.

        This is the regularized 0F1 form of the text after eq. (8), exact for gradient flow in the limit of large d_in.
        Method with ``digits``: Arb balls, every truncation bounded. Below 10^-(10^9) it raises :class:`DomainError`
        and names :meth:`log_train_loss`.

        >>> from grokmath import LinearTeacherStudent
        >>> print(LinearTeacherStudent(lam="9/10", eta="1/4").train_loss(10, digits=20))
        0.0092141558073300333193
        """
        return self._loss("train_loss", t, digits)

    def gen_loss(self, t: Any, *, digits: int | None = None) -> Any:
        """The generalization loss L_gen(t) = E[e^{-s nu}], s = 4 eta t, for every lam > 0.

        In closed form (which the paper could not find), with Marcum's Q and x = 2 sqrt(lam) s,

            L_gen = (1 - 1/lam) Q_1(sqrt(2 lam s), sqrt(2 s)) + e^{-(1+lam)s} [I_0(x)/lam + I_1(x)/sqrt(lam)].

        It decreases to (1 - 1/lam)^+. Method with ``digits``: a backward recurrence for all I_k(x) with a proved
        truncation bound, or the uniform late-time expansion with a proved remainder. Below 10^-(10^9) it raises
        :class:`DomainError` and names :meth:`log_gen_loss`.

        >>> from grokmath import LinearTeacherStudent
        >>> print(LinearTeacherStudent(lam=1, eta="1/4").gen_loss(50, digits=20))
        0.079688532324226935321
        """
        return self._loss("gen_loss", t, digits)

    def log_train_loss(self, t: Any, *, digits: int | None = None) -> Any:
        """log L_tr(t), also where L_tr underflows.

        Relative accuracy is kept near t = 0, where it vanishes like -(1+lam) s.

        >>> from grokmath import LinearTeacherStudent
        >>> print(LinearTeacherStudent(lam="1/2", eta="1/4").log_train_loss("1e-20", digits=8))
        -1.5000000e-20
        """
        return self._loss("log_train_loss", t, digits)

    def log_gen_loss(self, t: Any, *, digits: int | None = None) -> Any:
        """log L_gen(t), also where L_gen underflows.

        Relative accuracy is kept near t = 0, where it vanishes like -s.

        >>> from grokmath import LinearTeacherStudent
        >>> print(LinearTeacherStudent(lam="1/4", eta="1/4").log_gen_loss("1e300", digits=5))
        -2.5000e+299
        """
        return self._loss("log_gen_loss", t, digits)

    def train_accuracy(self, t: Any, *, eps: Any, digits: int | None = None) -> Any:
        """The fraction of training points with squared error at most eps > 0: erf(sqrt(eps/(2 L_tr))).

        Eq. (9) without the factor 2 that stands in front of its probability.

        >>> from grokmath import LinearTeacherStudent
        >>> print(LinearTeacherStudent(lam="9/10", eta="0.01").train_accuracy(250, eps="1e-3", digits=10))
        0.2581745087
        """
        return self._accuracy("train_accuracy", t, eps, digits)

    def gen_accuracy(self, t: Any, *, eps: Any, digits: int | None = None) -> Any:
        """The probability that a new point has squared error at most eps > 0: erf(sqrt(eps/(2 L_gen))).

        Eq. (9) without the factor 2 that stands in front of its probability.
        """
        return self._accuracy("gen_accuracy", t, eps, digits)

    def grokking_time(self, eps: Any, *, accuracy: Any = None, method: str = "exact", digits: int | None = None) -> Any:
        """The times ``.train`` and ``.gen`` at which both accuracies are reached, and the grokking time ``.delta``.

        ``accuracy`` None means the paper's erf(sqrt 2) = 0.9545, where L = eps/4; else a number between 0 and 1,
        reached where L = eps/(2 erfinv(accuracy)^2). ``method`` is "exact", the certified roots; "lambert", the
        paper's (23)-(24); "leading", (11), which has only a difference; or "uniform", which holds at every lam (see
        ``grokmath.regression.late_time``). A threshold already met at t = 0 gives the time 0. For lam > 1 the
        generalization loss never falls below 1 - 1/lam: where the threshold is not above that, ``.gen`` and ``.delta``
        are ``math.inf`` and ``.reason`` says why. A closed form outside its range gives None and a reason.

        >>> from grokmath import LinearTeacherStudent
        >>> g = LinearTeacherStudent(lam=1, eta="0.01").grokking_time(eps="1e-3", digits=12)
        >>> print(g.train, g.gen)
        2706.49629174 127323951.349
        >>> LinearTeacherStudent(lam="1.5", eta="0.01").grokking_time(eps="1e-3").gen
        inf
        """
        function = "grokking_time"
        if any(is_symbolic(value) for value in (self.lam, self.eta, eps, accuracy)):
            if digits is not None:
                for name, value in (("lam", self.lam), ("eta", self.eta), ("eps", eps), ("accuracy", accuracy)):
                    if value is not None:
                        exact(value, name, function)
            from grokmath.regression.late_time_symbolic import grokking_time_expression

            return grokking_time_expression(self.lam, self.eta, eps, accuracy, method)
        level = None if accuracy is None else exact(accuracy, "accuracy", function, PROBABILITY)
        threshold = LossThreshold(exact(eps, "eps", function, POSITIVE), level)
        return grokking_time(self.lam, self.eta, threshold, method=method, digits=digits)

    def _loss(self, function: str, t: Any, digits: int | None) -> Any:
        return read(
            function,
            [Argument("t", t, NONNEGATIVE)],
            digits,
            symbolic=lambda time: self._symbolic_loss(function, time),
            certified=lambda time, n: self._certified_loss(function, time, n),
            float64=lambda time: getattr(self._float64, function)(time),
            parameters=[self.lam, self.eta],
        )

    def _accuracy(self, function: str, t: Any, eps: Any, digits: int | None) -> Any:
        loss = function.replace("accuracy", "loss")
        return read(
            function,
            [Argument("t", t, NONNEGATIVE), Argument("eps", eps, POSITIVE)],
            digits,
            symbolic=lambda time, tolerance: accuracy_expression(self._symbolic_loss(loss, time), tolerance),
            certified=lambda time, tolerance, n: self._certified_accuracy(function, time, tolerance, n),
            float64=lambda time, tolerance: accuracy_float64(getattr(self._float64, loss)(time), tolerance),
            parameters=[self.lam, self.eta],
        )

    def _kernel(self, loss: str, time: Exact) -> tuple[Callable[[], Scaled], Callable[[], str], int]:
        """A loss at an exact time as a ball, its method, and about log2(a s), the bits that exp(-a s) loses."""
        s = 4 * self.eta * time
        train = loss == "train_loss"
        kernel = train_ball if train else laplace_ball
        guard = min(max(0, self._edge_bits + _log2(s)), 40)  # from 2^40 on, the value is too small to print
        return lambda: kernel(ball(s), self.lam), lambda: method_name(ball(s), self.lam, train=train), guard

    @cached_property
    def _edge_bits(self) -> int:
        """About log2 of a = (1 - sqrt lam)^2."""
        return 2 * (_log2(1 - self.lam) - max(0, (_log2(self.lam) + 1) // 2))

    def _certified_loss(self, function: str, time: Exact, digits: int) -> Certified:
        log = function.startswith("log_")
        if time == 0:
            return Certified.from_exact(0 if log else 1, digits)
        kernel, method, guard = self._kernel(function.removeprefix("log_"), time)
        if log:
            guard = max(0, -_log2(4 * self.eta * time))  # near t = 0 the logarithm vanishes like -s
            return certify(lambda: kernel().log(), digits, function=function, method=method, guard=guard)
        return certify(kernel, digits, function=function, method=method, log_form=f"log_{function}", guard=guard)

    def _certified_accuracy(self, function: str, time: Exact, eps: Exact, digits: int) -> Certified:
        kernel, method, _ = self._kernel(function.replace("accuracy", "loss"), time)

        def accuracy() -> arb:
            return accuracy_ball(kernel().log() if time else arb(0), eps)

        return certify(accuracy, digits, function=function, method=method)

    def _symbolic_loss(self, function: str, t: Any) -> Any:
        import sympy

        from grokmath.functions.laplace_symbolic import laplace_expression, train_expression

        lam, eta = (value if is_symbolic(value) else sympy_number(value) for value in (self.lam, self.eta))
        expression = train_expression if function.endswith("train_loss") else laplace_expression
        loss = expression(4 * eta * t, lam)
        return sympy.log(loss) if function.startswith("log_") else loss

    @cached_property
    def _float64(self) -> Any:
        from grokmath.functions.laplace_float64 import LaplaceFloat64

        return LaplaceFloat64(self.lam, 4 * self.eta)


def _log2(x: Exact) -> int:
    """About log2 |x|; very negative for 0."""
    if not isinstance(x, Fraction):
        x = Fraction(float(x))
    return abs(x.numerator).bit_length() - x.denominator.bit_length() if x else -(10**9)
