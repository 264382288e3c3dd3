"""What ``grokmath eval`` can compute, as data: one entry a quantity.

Parameters have the names that they have in Python and are handed on as the text that was typed, which the library reads
and checks; only integers are converted before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import grokmath


class Quantity(NamedTuple):
    """What ``grokmath eval`` can compute: the call, the parameters needed, those with a default, and a line of help.

    ``parts`` are the attributes to print where the result is no number.
    """

    compute: Callable[..., Any]
    needed: tuple[str, ...]
    optional: dict[str, str | None]
    help: str
    parts: tuple[str, ...] = ()

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of all parameters, those needed first."""
        return (*self.needed, *self.optional)

    def described(self, name: str, indent: str) -> str:
        """The quantity's name and parameters on one line, its help on the next, indented."""
        lines = "\n".join(f"{indent}    {line}" for line in self.help.splitlines())
        return f"{indent}{name} {self.usage()}\n{lines}"

    def usage(self) -> str:
        """The parameters as one would type them."""
        needed = [f"{flag(name)} {name.upper()}" for name in self.needed]
        return " ".join(needed + [f"[{flag(name)} {name.upper()}]" for name in self.optional])


def flag(name: str) -> str:
    """A parameter's name as it is typed: ``--weight-decay`` for weight_decay."""
    return f"--{name.replace('_', '-')}"


def _model(reading: str, *parts: str) -> Callable[..., Any]:
    """A method of the regression model; ``parts`` picks an attribute of what it returns."""

    def compute(*, lam: str, eta: str = "0.01", **arguments: Any) -> Any:
        from grokmath.regression.linear import LinearTeacherStudent

        knobs = {name: arguments.pop(name) for name in _KNOBS if name in arguments}
        found = getattr(LinearTeacherStudent(lam, eta, **knobs), reading)(**arguments)
        for part in parts:
            found = getattr(found, part)
        return found

    return compute


def _law(reading: str) -> Callable[..., Any]:
    def compute(*, lam: str, **arguments: Any) -> Any:
        from grokmath.functions.marchenko_pastur import MarchenkoPastur

        return getattr(MarchenkoPastur(lam), reading)(**arguments)

    return compute


def _logistic(reading: str) -> Callable[..., Any]:
    def compute(*, lam: str, sigma: str, eta: str = "1", **arguments: Any) -> Any:
        from grokmath.classification.logistic import LogisticModel

        return getattr(LogisticModel(lam, sigma=sigma, eta=eta), reading)(**arguments)

    return compute


def _two_point(reading: str) -> Callable[..., Any]:
    def compute(*, lam: str, digits: int, **arguments: Any) -> Any:
        from grokmath.classification.two_point import TwoPointModel

        parameters = {key: arguments.pop(key) for key in _TWO_POINT if key in arguments}
        return getattr(TwoPointModel(lam, **parameters), reading)(**arguments, digits=digits)

    return compute


def _function(name: str) -> Callable[..., Any]:
    return lambda **arguments: getattr(grokmath, name)(**arguments)


_TIME = ("lam", "eta", "t")
_KNOBS: dict[str, str | None] = {
    "d_out": "1",
    "weight_decay": "0",
    "init_scale": "1",
    "label_noise": "0",
    "decay_convention": "paper",
    "noise_model": "exact",
}
_POPULATION = ("R", "b")
_SIGMA: dict[str, str | None] = {"sigma": "1"}
_TWO_POINT: dict[str, str | None] = {"eta": "1", "sigma": "1", "S0": "0", "b0": "0"}
_AT_TIME: dict[str, str | None] = {"t": None, "log_t": None, **_TWO_POINT}
_TIMES = ("train", "gen", "delta")
_MARCUM: tuple[tuple[str, ...], dict[str, str | None]] = ("a", "b"), {"m": "1"}

QUANTITIES = {
    "train-loss": Quantity(_model("train_loss"), _TIME, _KNOBS, "training loss L_tr(t)"),
    "gen-loss": Quantity(_model("gen_loss"), _TIME, _KNOBS, "generalization loss L_gen(t)"),
    "log-train-loss": Quantity(_model("log_train_loss"), _TIME, _KNOBS, "natural logarithm of L_tr(t)"),
    "log-gen-loss": Quantity(_model("log_gen_loss"), _TIME, _KNOBS, "natural logarithm of L_gen(t)"),
    "train-accuracy": Quantity(_model("train_accuracy"), (*_TIME, "eps"), _KNOBS, "training accuracy at time t"),
    "gen-accuracy": Quantity(_model("gen_accuracy"), (*_TIME, "eps"), _KNOBS, "generalization accuracy at time t"),
    "train-limit": Quantity(_model("train_limit"), ("lam",), _KNOBS, "training loss as t tends to infinity"),
    "gen-limit": Quantity(_model("gen_limit"), ("lam",), _KNOBS, "generalization loss as t tends to infinity"),
    "optimal-weight-decay": Quantity(
        _model("optimal_weight_decay", "weight_decay"),
        ("lam", "label_noise"),
        {name: value for name, value in _KNOBS.items() if name in ("d_out", "decay_convention")},
        "the weight decay with the least generalization loss in the end",
    ),
    "grokking-time": Quantity(
        _model("grokking_time"),
        ("lam", "eta", "eps"),
        {"accuracy": None, "method": "exact", **_KNOBS},
        "when both reach the accuracy (erf(sqrt(2)) if not given), and the difference;\n"
        "method: exact, lambert, iterated-log, leading, series or uniform",
        (*_TIMES, "lost", "regained"),
    ),
    "marcum-q": Quantity(_function("marcum_q"), *_MARCUM, "Marcum's Q_m(a, b)"),
    "marcum-p": Quantity(_function("marcum_p"), *_MARCUM, "P_m(a, b) = 1 - Q_m(a, b), without cancellation"),
    "log-marcum-q": Quantity(_function("log_marcum_q"), *_MARCUM, "natural logarithm of Q_m(a, b)"),
    "log-marcum-p": Quantity(_function("log_marcum_p"), *_MARCUM, "natural logarithm of P_m(a, b)"),
    "lambert-w": Quantity(_function("lambert_w"), ("x",), {"branch": "0"}, "Lambert's W_k(x), k the branch"),
    "marchenko-pastur-pdf": Quantity(_law("pdf"), ("lam", "x"), {}, "density of the Marchenko-Pastur law at x"),
    "marchenko-pastur-cdf": Quantity(_law("cdf"), ("lam", "x"), {}, "distribution function, the atom at 0 included"),
    "marchenko-pastur-moment": Quantity(_law("moment"), ("lam", "k"), {}, "k-th moment"),
    "population-loss": Quantity(
        _function("population_loss"), _POPULATION, {}, "population cross-entropy loss E log(1 + exp(R z + b))"
    ),
    "log-population-loss": Quantity(_function("log_population_loss"), _POPULATION, {}, "its natural logarithm"),
    "population-exponential-loss": Quantity(
        _function("population_exponential_loss"), _POPULATION, {}, "population exponential loss exp(b + R^2/2)"
    ),
    "population-accuracy": Quantity(_function("population_accuracy"), _POPULATION, {}, "population accuracy Phi(-b/R)"),
    "population-error": Quantity(_function("population_error"), _POPULATION, {}, "1 - accuracy, without cancellation"),
    "log-population-error": Quantity(_function("log_population_error"), _POPULATION, {}, "its natural logarithm"),
    "wendel-probability": Quantity(
        _function("wendel_probability"), ("N", "d"), {}, "probability that N points in d dimensions are separable"
    ),
    "wendel-complement": Quantity(_function("wendel_complement"), ("N", "d"), {}, "1 - it, without cancellation"),
    "log-wendel-probability": Quantity(_function("log_wendel_probability"), ("N", "d"), {}, "its natural logarithm"),
    "margin-law": Quantity(_function("margin_law"), ("kappa",), {}, "aspect ratio at which the margin is kappa"),
    "inverse-margin-law": Quantity(
        _function("inverse_margin_law"), ("lam",), {}, "margin kappa at the aspect ratio lam"
    ),
    "near-critical-margin": Quantity(
        _function("near_critical_margin"), ("lam",), {"order": "3"}, "first terms of kappa in lam - 1/2"
    ),
    "margin": Quantity(_logistic("margin"), ("lam",), _SIGMA, "margin of the logistic model, lam > 1/2"),
    "limit-accuracy": Quantity(_logistic("limit_accuracy"), ("lam",), _SIGMA, "accuracy as t tends to infinity"),
    "limit-error": Quantity(_logistic("limit_error"), ("lam",), _SIGMA, "1 - limiting accuracy"),
    "support-vector-fraction": Quantity(
        _logistic("support_vector_fraction"), ("lam",), _SIGMA, "fraction of support vectors, lam > 1/2"
    ),
    "minimizer-norm": Quantity(_logistic("minimizer_norm"), ("lam",), _SIGMA, "norm of S_inf, lam < 1/2"),
    "minimal-loss": Quantity(_logistic("minimal_loss"), ("lam",), _SIGMA, "least exponential loss, lam < 1/2"),
    "positive-fraction": Quantity(
        _logistic("positive_fraction"), ("lam",), _SIGMA, "fraction of positive outputs at S_inf, lam < 1/2"
    ),
    "relaxation-exponent": Quantity(
        _logistic("relaxation_exponent"), ("lam",), _SIGMA, "exponent of the relaxation in time, lam < 1/2"
    ),
    "logistic-grokking-time": Quantity(
        _logistic("grokking_time"),
        ("lam", "eps"),
        {**_SIGMA, "eta": "1", "criterion": "exponential"},
        "when training and generalization reach eps with the weights at rest, lam < 1/2; holds where\n"
        "equilibration is large; criterion: exponential, accuracy or cross-entropy",
        (*_TIMES, "log_ratio", "equilibration"),
    ),
    **{
        f"two-point-{name.replace('_', '-')}": Quantity(_two_point(name), ("lam",), _AT_TIME, text)
        for name, text in {
            "weight": "two-point model: the rescaled weight S at the time t, or exp(log_t)",
            "bias": "two-point model: the bias b",
            "conformal_time": "two-point model: the conformal time, int exp(b) dt",
            "train_loss": "two-point model: the exponential training loss",
            "gen_loss": "two-point model: the exponential loss of the population",
            "log_train_loss": "two-point model: natural logarithm of the training loss",
            "log_gen_loss": "two-point model: natural logarithm of the population loss",
            "train_accuracy": "two-point model: the training accuracy",
            "gen_accuracy": "two-point model: the accuracy on the population, Phi(-b/|S|)",
            "gen_error": "two-point model: 1 - accuracy, without cancellation",
            "log_gen_error": "two-point model: natural logarithm of the error",
            "weight_gap": "two-point model: S* - S, lam < 1/2",
        }.items()
    },
    **{
        f"two-point-{name.replace('_', '-')}": Quantity(_two_point(name), ("lam", "S"), _TWO_POINT, text)
        for name, text in {
            "time_at_weight": "two-point model: the time at which the weight is S",
            "log_time_at_weight": "two-point model: its natural logarithm",
            "conformal_time_at_weight": "two-point model: the conformal time at which the weight is S",
            "bias_at_weight": "two-point model: the bias when the weight is S",
        }.items()
    },
    "two-point-minimizer": Quantity(_two_point("minimizer"), ("lam",), {}, "two-point model: S*, lam < 1/2"),
    "two-point-kappa": Quantity(_two_point("kappa"), ("lam",), {}, "two-point model: kappa of b = -log(kappa eta t/2)"),
    "two-point-relaxation-exponent": Quantity(
        _two_point("relaxation_exponent"), ("lam",), _SIGMA, "two-point model: exponent of S* - S in time, lam <= 1/2"
    ),
    "two-point-validity": Quantity(
        _two_point("validity"),
        ("lam", "eps"),
        _SIGMA,
        "two-point model: where large, the closed times hold",
    ),
    "two-point-grokking-time": Quantity(
        _two_point("grokking_time"),
        ("lam", "eps"),
        {**_TWO_POINT, "method": "exact"},
        "two-point model: when the losses reach eps for good, and the log of the times' ratio;\n"
        "method: exact, quasi-static or paper",
        (*_TIMES, "log_ratio"),
    ),
    "two-point-conformal-grokking-time": Quantity(
        _two_point("conformal_grokking_time"),
        ("lam", "eps"),
        {**_TWO_POINT, "method": "exact"},
        "two-point model: the same in conformal time; method: exact, quasi-static or paper",
        _TIMES,
    ),
}
"""What ``grokmath eval`` knows; a new quantity is one entry."""

INTEGERS = frozenset({"branch", "k", "order"})
"""Parameters that are integers."""

WORDS = frozenset({"method", "criterion", "decay_convention", "noise_model"})
"""Parameters that are no numbers."""
