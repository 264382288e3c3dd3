"""The linear teacher-student model of the regression paper: losses, accuracies and the grokking time.

Inputs are x ~ N(0, I) in d_in dimensions, N_tr of them are seen in training, lam = d_in/N_tr, and teacher and student
start with independent weights of squared norm 1/2. Averaged over the Marchenko-Pastur law of the training covariance
(the limit of large d_in), gradient flow at learning rate eta has the losses, with s = 4 eta t,

    L_gen(t) = E[exp(-s nu)],    L_tr(t) = E[nu exp(-s nu)] = -d L_gen/d s,

both 1 at t = 0. Their closed forms are in Bessel functions and Marcum's Q. The knobs (number of outputs, weight decay,
initial scale, label noise) change modes one by one; with all of them the losses are in ``knob_losses_certified``.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

from grokmath.functions.readings import Argument, read
from grokmath.parameters import (
    NONNEGATIVE,
    POSITIVE,
    PROBABILITY,
    digits_argument,
    domain_error,
    exact,
    is_symbolic,
    one_of,
    shown,
)
from grokmath.regression.accuracy import LossThreshold, accuracy_float64
from grokmath.regression.grokking_time import grokking_time
from grokmath.regression.knobs import Knobs, read_knobs

_DEFAULTS = {"d_out": 1, "weight_decay": 0, "init_scale": 1, "label_noise": 0, "decay_convention": "paper"}
_NOISE_MODELS = ("exact", "paper")


class OptimalDecay(NamedTuple):
    """The weight decay with the smallest limit of L_gen, and that limit."""

    weight_decay: Any
    gen_limit: Any


class LinearTeacherStudent:
    """Levi, Beck, Bar Sinai's linear regression model, with any number of outputs, weight decay and label noise.

    ``lam`` is the aspect ratio d_in/N_tr, 0 < lam <= 1e6; ``eta`` > 0 the learning rate. The knobs: ``d_out`` outputs
    (an integer from 1 to 10^9); ``weight_decay`` gamma >= 0; ``init_scale`` alpha >= 0, which multiplies the student's
    initial weights; ``label_noise`` sigma >= 0, the standard deviation of the noise on each output's labels;
    ``decay_convention`` "paper", "decoupled" or "summed" says what gamma means at d_out > 1
    (``grokmath.regression.knobs``). All are exact numbers ("0.9", "9/10", Fraction, Decimal, int, SymPy rationals and
    real algebraic numbers; a float means its shortest decimal) or SymPy symbols. Times t >= 0 are gradient-flow times,
    in steps of gradient descent.

    ``noise_model="paper"`` gives the paper's (26)-(27) for label noise, for comparison: L_tr + sigma^2, and L_gen
    unchanged. They are wrong: the noise is learnt. In truth L_tr tends to sigma^2 (1 - lam)^+, not sigma^2, and L_gen
    to sigma^2 lam/(1 - lam) more than without noise for lam < 1, sigma^2/(lam - 1) for lam > 1; at lam = 0.9, sigma =
    0.3 that is 0.81 where the paper has 0.

    Each method has three readings. With ``digits=n`` it returns a :class:`Certified` number with n proved digits (for
    an array of times, an object array of them). Without, it returns float64: relative error below 2e-15 for the losses
    without noise and 2e-14 with it (measured, not proved; t is taken as the binary number it is). If t or a parameter
    is a SymPy symbol, it returns a SymPy expression. Raises :class:`DomainError` outside these domains.

    >>> from grokmath import LinearTeacherStudent
    >>> m = LinearTeacherStudent(lam="9/10", eta="0.01")
    >>> print(m.gen_loss(250, digits=30))
    0.141406814269924416674425543493
    >>> m.gen_loss(250)
    0.14140681426992444
    >>> print(m.grokking_time(eps="1e-3", digits=10).delta)
    20481.28468
    >>> m = LinearTeacherStudent("1/2", "1/2", weight_decay="0.005", init_scale=2, label_noise="0.3")
    >>> print(m.gen_loss(10, digits=30), m.gen_limit(digits=10))
    0.0887196414943798225139535325314 0.08826380474
    """

    def __init__(
        self,
        lam: Any,
        eta: Any = "0.01",
        *,
        d_out: Any = 1,
        weight_decay: Any = 0,
        init_scale: Any = 1,
        label_noise: Any = 0,
        decay_convention: str = "paper",
        noise_model: str = "exact",
    ) -> None:
        name = "LinearTeacherStudent"
        knobs = read_knobs(name, lam, eta, d_out, weight_decay, init_scale, label_noise, decay_convention)
        one_of(noise_model, _NOISE_MODELS, "noise_model", name)
        self.lam: Any = knobs["lam"]
        self.eta: Any = knobs["eta"]
        self.d_out: Any = knobs["d_out"]
        self.weight_decay: Any = knobs["weight_decay"]
        self.init_scale: Any = knobs["init_scale"]
        self.label_noise: Any = knobs["label_noise"]
        self.decay_convention = decay_convention
        self.noise_model = noise_model
        self._given = knobs

    def __repr__(self) -> str:
        parts = [f"lam={shown(self.lam)}", f"eta={shown(self.eta)}"]
        parts += [
            f"{name}={shown(self._given[name])}" for name, value in _DEFAULTS.items() if self._given[name] != value
        ]
        if self.noise_model != "exact":
            parts.append(f"noise_model={self.noise_model!r}")
        return f"LinearTeacherStudent({', '.join(parts)})"

    @cached_property
    def knobs(self) -> Knobs:
        """All parameters as exact numbers, with what follows from them; a symbol among them raises."""
        for name, value in self._given.items():
            if name != "decay_convention":
                exact(value, name, "LinearTeacherStudent")
        return Knobs(**self._given)

    def replace(self, **changes: Any) -> LinearTeacherStudent:
        """The same model with some parameters changed, by their names in the constructor.

        >>> from grokmath import LinearTeacherStudent
        >>> LinearTeacherStudent("0.9", weight_decay="0.001").replace(lam="0.5", d_out=3)
        LinearTeacherStudent(lam=0.5, eta=0.01, d_out=3, weight_decay=0.001)
        """
        return LinearTeacherStudent(**{**self._given, "noise_model": self.noise_model, **changes})

    def train_loss(self, t: Any, *, digits: int | None = None) -> Any:
        """The training loss; without knobs L_tr(t) = e^{-(1+lam)s} I_1(2 sqrt(lam) s)/(sqrt(lam) s), s = 4 eta t.

        This is the regularized 0F1 form of the text after eq. (8), exact for gradient flow in the limit of large d_in.
        With knobs see ``grokmath.regression.knob_losses_certified``. Method with ``digits``: Arb balls, every
        truncation bounded. Below 10^-(10^9) it raises :class:`DomainError` and names :meth:`log_train_loss`.

        >>> from grokmath import LinearTeacherStudent
        >>> print(LinearTeacherStudent(lam="9/10", eta="1/4").train_loss(10, digits=20))
        0.0092141558073300333193
        """
        return self._loss("train_loss", t, digits)

    def gen_loss(self, t: Any, *, digits: int | None = None) -> Any:
        """The generalization loss; without knobs L_gen(t) = E[e^{-s nu}], s = 4 eta t, for every lam > 0.

        Without knobs, in closed form (which the paper could not find), with Marcum's Q and x = 2 sqrt(lam) s,

            L_gen = (1 - 1/lam) Q_1(sqrt(2 lam s), sqrt(2 s)) + e^{-(1+lam)s} [I_0(x)/lam + I_1(x)/sqrt(lam)].

        It decreases to (1 - 1/lam)^+. Method with ``digits``: a backward recurrence for all I_k(x) with a proved
        truncation bound, or the uniform late-time expansion with a proved remainder; with knobs, a midpoint rule with
        proved aliases. Below 10^-(10^9) it raises :class:`DomainError` and names :meth:`log_gen_loss`.

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
        """The fraction of training points with squared error at most eps > 0: erf(sqrt(eps/(2 L_tr))) for one output.

        Eq. (9) without the factor 2 that stands in front of its probability. For d outputs the squared error is the
        mean over them and the accuracy P(d/2, d eps/(2 L_tr)), the regularized lower incomplete gamma function: (12).

        >>> from grokmath import LinearTeacherStudent
        >>> print(LinearTeacherStudent(lam="9/10", eta="0.01").train_accuracy(250, eps="1e-3", digits=10))
        0.2581745087
        """
        return self._accuracy("train_accuracy", t, eps, digits)

    def gen_accuracy(self, t: Any, *, eps: Any, digits: int | None = None) -> Any:
        """The probability that a new point has squared error at most eps > 0: erf(sqrt(eps/(2 L_gen))) for one output.

        See :meth:`train_accuracy`. The target is the teacher's output, without noise.

        >>> from grokmath import LinearTeacherStudent
        >>> model = LinearTeacherStudent("0.9", d_out=7, weight_decay="1e-3")
        >>> print(model.gen_accuracy(5000, eps="0.01", digits=10))
        0.6071865170
        """
        return self._accuracy("gen_accuracy", t, eps, digits)

    def gen_limit(self, *, digits: int | None = None) -> Any:
        """L_gen as t -> infinity: [(p-1)^2/(2 d_out) + sigma^2 lam]/(p^2 - lam), p > 1 the root of p + lam/p = 1+lam+c.

        2c is the decay that a mode feels (gamma at d_out = 1). Without decay it is sigma^2 lam/(1 - lam) for lam < 1
        and (1 + alpha^2)/(2 d_out) (1 - 1/lam) + sigma^2/(lam - 1) for lam > 1; at lam = 1 with noise L_gen grows
        without bound and this is ``math.inf``.

        >>> from grokmath import LinearTeacherStudent
        >>> LinearTeacherStudent("0.9", label_noise="0.3").gen_limit(digits=5).exact
        Fraction(81, 100)
        """
        return self._limit("gen_limit", digits)

    def train_limit(self, *, digits: int | None = None) -> Any:
        """L_tr as t -> infinity: c^2/(2 d_out (p^2 - lam)) + sigma^2 [1 - lam + lam (p-1)^2/(p^2 - lam)].

        Without decay it is sigma^2 (1 - lam)^+: see :meth:`gen_limit`.

        >>> from grokmath import LinearTeacherStudent
        >>> print(LinearTeacherStudent("0.5", weight_decay="0.2").train_limit(digits=10))
        0.005690449676
        """
        return self._limit("train_limit", digits)

    def optimal_weight_decay(self, *, digits: int | None = None) -> OptimalDecay:
        """The weight decay at which L_gen has its smallest limit, c = 2 lam sigma^2 d_out, and that limit.

        It is the Bayes ridge: the limit, (1 - 1/p)/(2 d_out), is the smallest L_gen over all decays *and* times when
        alpha = 0. At this decay and beyond it L_gen falls at all times (:attr:`gen_loss_decreases`). The model's own
        decay does not enter.

        >>> from grokmath import LinearTeacherStudent
        >>> best = LinearTeacherStudent("0.9", label_noise="0.3").optimal_weight_decay(digits=20)
        >>> print(best.weight_decay.exact, best.gen_limit)
        81/250 0.15149126809853482071
        """
        wanted = None if digits is None else digits_argument(digits, "optimal_weight_decay")
        c = 2 * self.lam * self.label_noise**2 * self.d_out
        decay = 2 * c / self.d_out if self.decay_convention == "decoupled" else 2 * c
        best = LinearTeacherStudent(
            self.lam,
            self.eta,
            d_out=self.d_out,
            weight_decay=decay,
            init_scale=0,  # what is forgotten at c > 0, and the infimum over c where there is no noise
            label_noise=self.label_noise,
            decay_convention=self.decay_convention,
        )
        shown_decay: Any = best.weight_decay
        if not is_symbolic(shown_decay):
            from grokmath.certified import Certified

            certified = Certified.from_exact(shown_decay, wanted or 25)
            shown_decay = float(certified) if wanted is None else certified
        return OptimalDecay(shown_decay, best.gen_limit(digits=wanted))

    @property
    def gen_loss_decreases(self) -> bool:
        """Whether c >= 2 lam sigma^2 d_out, so that every mode of L_gen falls at all times: early stopping is useless.

        Otherwise L_gen rises at last if lam <= 1, alpha = 0, or there is no decay; for lam > 1 with decay the null
        modes of the initial weights may outlast the rise. The training loss falls at all times, whatever the knobs.
        """
        return self.knobs.overfitting <= 0

    def gen_minimum(self, *, digits: int | None = None) -> Any:
        """The smallest L_gen, ``.loss``, and when it is reached, ``.time``, infinite where it is the limit.

        >>> from grokmath import LinearTeacherStudent
        >>> print(LinearTeacherStudent("0.5", eta="1/4", label_noise="0.1").gen_minimum(digits=12).time)
        53.0116349508
        """
        from grokmath.regression.knob_grokking_time import gen_minimum

        self._needs_exact_noise("gen_minimum")
        return gen_minimum(self.knobs, digits=digits)

    def grokking_time(
        self,
        eps: Any,
        *,
        accuracy: Any = None,
        method: str = "exact",
        order: int | None = None,
        digits: int | None = None,
    ) -> Any:
        """The times ``.train`` and ``.gen`` at which both accuracies are reached, and the grokking time ``.delta``.

        ``accuracy`` None means the paper's erf(sqrt 2) = 0.9545, where L = eps/4; else a number between 0 and 1,
        reached where L = eps/(2 erfinv(accuracy)^2). ``method`` is "exact", the certified roots; "lambert", the
        paper's (23)-(24); "iterated-log", (25); "leading", (11), which has only a difference; "series" with ``order``
        corrections in 1/X to (23)-(24); or "uniform", also with ``order`` corrections, which holds at every lam (see
        ``grokmath.regression.late_time``). A threshold already met at t = 0 gives the time 0. Where a loss never
        falls to the threshold (the plateau 1 - 1/lam, weight decay, noise), the time is ``math.inf`` and ``.reason``
        says why. With label noise ``.gen`` is the first passage, ``.lost`` the time at which the accuracy is lost
        again and ``.regained`` that at which it comes back. A closed form outside its range, and every closed form
        with decay or noise, gives None and a reason.

        >>> from grokmath import LinearTeacherStudent
        >>> g = LinearTeacherStudent(lam=1, eta="0.01").grokking_time(eps="1e-3", digits=12)
        >>> print(g.train, g.gen)
        2706.49629174 127323951.349
        >>> LinearTeacherStudent(lam="1.5", eta="0.01").grokking_time(eps="1e-3").gen
        inf
        """
        function = "grokking_time"
        if not self._is_plain:
            return self._knob_grokking_time(eps, accuracy, method, order, digits)
        if any(is_symbolic(value) for value in (self.lam, self.eta, eps, accuracy)):
            if digits is not None:
                for name, value in (("lam", self.lam), ("eta", self.eta), ("eps", eps), ("accuracy", accuracy)):
                    if value is not None:
                        exact(value, name, function)
            from grokmath.regression.late_time_symbolic import grokking_time_expression

            return grokking_time_expression(self.lam, self.eta, eps, accuracy, method, order)
        level = None if accuracy is None else exact(accuracy, "accuracy", function, PROBABILITY)
        threshold = LossThreshold(exact(eps, "eps", function, POSITIVE), level)
        return grokking_time(self.lam, self.eta, threshold, method=method, order=order, digits=digits)

    def _knob_grokking_time(self, eps: Any, accuracy: Any, method: str, order: int | None, digits: int | None) -> Any:
        from grokmath.regression.knob_grokking_time import grokking_time as knob_grokking_time

        function = "grokking_time"
        self._needs_exact_noise(function)
        level = None if accuracy is None else exact(accuracy, "accuracy", function, PROBABILITY)
        tolerance = exact(eps, "eps", function, POSITIVE)
        return knob_grokking_time(self.knobs, tolerance, level, method=method, order=order, digits=digits)

    def _needs_exact_noise(self, function: str) -> None:
        if self.noise_model != "exact":
            remedy = "the printed formulas serve to compare losses; leave noise_model out"
            raise domain_error(function, "noise_model", self.noise_model, '"exact"', remedy)

    # Readings

    @cached_property
    def _parameters(self) -> list[Any]:
        return [self._given[name] for name in ("lam", "eta", "d_out", "weight_decay", "init_scale", "label_noise")]

    @cached_property
    def _is_plain(self) -> bool:
        """No knob but lam and eta."""
        return all(self._given[name] == value for name, value in _DEFAULTS.items() if name != "decay_convention")

    @cached_property
    def _readings(self) -> Any:
        if self._is_plain:
            from grokmath.regression.plain_readings import PlainReadings

            return PlainReadings(self.lam, self.eta)
        from grokmath.regression.knob_readings import KnobReadings

        return KnobReadings(self.knobs, self.noise_model == "paper")

    @cached_property
    def _expressions(self) -> Any:
        from grokmath.regression.symbolic_readings import SymbolicReadings

        return SymbolicReadings(self._given, self._is_plain, self.noise_model == "paper")

    def _loss(self, function: str, t: Any, digits: int | None) -> Any:
        return read(
            function,
            [Argument("t", t, NONNEGATIVE)],
            digits,
            symbolic=lambda time: self._expressions.loss(function, time),
            certified=lambda time, n: self._readings.certified_loss(function, time, n),
            float64=lambda time: self._readings.float64_loss(function, time),
            parameters=self._parameters,
        )

    def _accuracy(self, function: str, t: Any, eps: Any, digits: int | None) -> Any:
        loss = function.replace("accuracy", "loss")
        return read(
            function,
            [Argument("t", t, NONNEGATIVE), Argument("eps", eps, POSITIVE)],
            digits,
            symbolic=lambda time, tolerance: self._expressions.accuracy(loss, time, tolerance),
            certified=lambda time, tolerance, n: self._readings.certified_accuracy(function, time, tolerance, n),
            float64=lambda time, tolerance: accuracy_float64(
                self._readings.float64_loss(loss, time), tolerance, self.d_out
            ),
            parameters=self._parameters,
        )

    def _limit(self, function: str, digits: int | None) -> Any:
        return read(
            function,
            [],
            digits,
            symbolic=lambda: self._expressions.limit(function),
            certified=lambda n: self._readings.certified_limit(function, n),
            float64=lambda: float(self._readings.certified_limit(function, 20)),
            parameters=self._parameters,
        )
