"""What ``grokmath eval`` can compute, as data: one entry a quantity.

Parameters have the names that they have in Python and are handed on as the text that was typed, which the library reads
and checks; only integers are converted before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import grokmath


class Quantity(NamedTuple):
    """What ``grokmath eval`` can compute: the call, the parameters needed, those with a default, and a line of help."""

    compute: Callable[..., Any]
    needed: tuple[str, ...]
    optional: dict[str, str | None]
    help: str

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
        needed = [f"--{name} {name.upper()}" for name in self.needed]
        return " ".join(needed + [f"[--{name} {name.upper()}]" for name in self.optional])


def _model(reading: str) -> Callable[..., Any]:
    def compute(*, lam: str, eta: str, **arguments: Any) -> Any:
        from grokmath.regression.linear import LinearTeacherStudent

        return getattr(LinearTeacherStudent(lam=lam, eta=eta), reading)(**arguments)

    return compute


def _law(reading: str) -> Callable[..., Any]:
    def compute(*, lam: str, **arguments: Any) -> Any:
        from grokmath.functions.marchenko_pastur import MarchenkoPastur

        return getattr(MarchenkoPastur(lam), reading)(**arguments)

    return compute


def _logistic(reading: str) -> Callable[..., Any]:
    def compute(*, lam: str, sigma: str, **arguments: Any) -> Any:
        from grokmath.classification.logistic import LogisticModel

        return getattr(LogisticModel(lam, sigma=sigma), reading)(**arguments)

    return compute


def _function(name: str) -> Callable[..., Any]:
    return lambda **arguments: getattr(grokmath, name)(**arguments)


_TIME = ("lam", "eta", "t")
_POPULATION = ("R", "b")
_SIGMA: dict[str, str | None] = {"sigma": "1"}
_MARCUM: tuple[tuple[str, ...], dict[str, str | None]] = ("a", "b"), {"m": "1"}

QUANTITIES = {
    "train-loss": Quantity(_model("train_loss"), _TIME, {}, "training loss L_tr(t)"),
    "gen-loss": Quantity(_model("gen_loss"), _TIME, {}, "generalization loss L_gen(t)"),
    "log-train-loss": Quantity(_model("log_train_loss"), _TIME, {}, "natural logarithm of L_tr(t)"),
    "log-gen-loss": Quantity(_model("log_gen_loss"), _TIME, {}, "natural logarithm of L_gen(t)"),
    "train-accuracy": Quantity(_model("train_accuracy"), (*_TIME, "eps"), {}, "training accuracy at time t"),
    "gen-accuracy": Quantity(_model("gen_accuracy"), (*_TIME, "eps"), {}, "generalization accuracy at time t"),
    "grokking-time": Quantity(
        _model("grokking_time"),
        ("lam", "eta", "eps"),
        {"accuracy": None, "method": "exact"},
        "when both reach the accuracy (erf(sqrt(2)) if not given), and the difference;\n"
        "method: exact, lambert, leading or uniform",
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
}
"""What ``grokmath eval`` knows; a new quantity is one entry."""

INTEGERS = frozenset({"branch", "k", "order"})
"""Parameters that are integers."""

WORDS = frozenset({"method"})
"""Parameters that are no numbers."""
