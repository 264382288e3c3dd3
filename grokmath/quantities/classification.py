"""The quantities of the classification paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grokmath
from grokmath.quantities.quantity import Options, Quantity, function

_POPULATION = ("R", "b")
_LABELS = ("r", "S_1", "S_perp", "b")
_FEATURES: Options = {"feature_std": "1"}
_SIGMA: Options = {"sigma": "1"}
_TWO_POINT: Options = {"eta": "1", "sigma": "1", "S0": "0", "b0": "0"}
_AT_TIME: Options = {"t": None, "log_t": None, **_TWO_POINT}
_TIMES = ("train", "gen", "delta")


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


def _critical(name: str) -> Callable[..., Any]:
    def compute(**arguments: Any) -> Any:
        from grokmath.classification import critical

        return getattr(critical, name)(**arguments)

    return compute


CLASSIFICATION = {
    "population-loss": Quantity(
        function("population_loss"), _POPULATION, {}, "population cross-entropy loss E log(1 + exp(R z + b))"
    ),
    "log-population-loss": Quantity(function("log_population_loss"), _POPULATION, {}, "its natural logarithm"),
    "population-exponential-loss": Quantity(
        function("population_exponential_loss"), _POPULATION, {}, "population exponential loss exp(b + R^2/2)"
    ),
    "population-accuracy": Quantity(function("population_accuracy"), _POPULATION, {}, "population accuracy Phi(-b/R)"),
    "population-error": Quantity(function("population_error"), _POPULATION, {}, "1 - accuracy, without cancellation"),
    "log-population-error": Quantity(function("log_population_error"), _POPULATION, {}, "its natural logarithm"),
    "wendel-probability": Quantity(
        function("wendel_probability"),
        ("N", "d"),
        {"method": "exact"},
        "probability that N points in d dimensions are separable;\nmethod: exact, erf, normal, first, second or saddle",
    ),
    "wendel-probability-exact": Quantity(
        lambda digits, **arguments: grokmath.wendel_probability_exact(**arguments),
        ("N", "d"),
        {},
        "the same as a fraction, N and d integers",
        integers=("N", "d"),
    ),
    "wendel-complement": Quantity(function("wendel_complement"), ("N", "d"), {}, "1 - it, without cancellation"),
    "log-wendel-probability": Quantity(function("log_wendel_probability"), ("N", "d"), {}, "its natural logarithm"),
    "margin-law": Quantity(function("margin_law"), ("kappa",), {}, "aspect ratio at which the margin is kappa"),
    "inverse-margin-law": Quantity(
        function("inverse_margin_law"), ("lam",), {}, "margin kappa at the aspect ratio lam"
    ),
    "near-critical-margin": Quantity(
        function("near_critical_margin"),
        ("lam",),
        {"order": "3"},
        "first terms of kappa in lam - 1/2",
        integers=("order",),
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
    "hessian-edge": Quantity(
        _logistic("hessian_edge"), ("lam",), _SIGMA, "least eigenvalue of the Hessian at S_inf, lam < 1/2"
    ),
    "gamma": Quantity(_logistic("gamma"), ("lam",), _SIGMA, "gamma of the equations of ||S_inf||, lam < 1/2"),
    "log-time-ratio": Quantity(
        _logistic("log_time_ratio"), ("lam",), _SIGMA, "limit of log(t_gen/t_train) as eps tends to 0, lam < 1/2"
    ),
    "log-limit-error": Quantity(
        _logistic("log_limit_error"), ("lam",), _SIGMA, "natural logarithm of 1 - limiting accuracy, lam > 1/2"
    ),
    "weight-slope": Quantity(_logistic("weight_slope"), ("lam",), _SIGMA, "slope of ||S|| in log t"),
    "bias-slope": Quantity(_logistic("bias_slope"), ("lam",), _SIGMA, "slope of b in log t"),
    "loss-growth": Quantity(
        _logistic("loss_growth"), ("lam",), _SIGMA, "limit of the population loss over log t, lam > 1/2"
    ),
    "log-loss-growth": Quantity(_logistic("log_loss_growth"), ("lam",), _SIGMA, "its natural logarithm"),
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
    "two-point-at-conformal-time": Quantity(
        _two_point("at_conformal_time"),
        ("lam", "tau"),
        _TWO_POINT,
        "two-point model: weight and bias at the conformal time tau",
        ("weight", "bias"),
    ),
    "two-point-limits": Quantity(
        _two_point("limits"),
        ("lam",),
        _TWO_POINT,
        "two-point model: what weight and bias tend to: slopes in log t and offsets, and the accuracy",
        ("weight", "weight_slope", "weight_offset", "bias_slope", "bias_offset", "gen_accuracy"),
    ),
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
    "separation-window": Quantity(
        function("separation_window"), ("N", "p"), {}, "lam at which N points are separable with probability p"
    ),
    "wendel-approximation-error": Quantity(
        function("wendel_approximation_error"),
        ("N", "d", "method"),
        {},
        "relative error of an approximation; method: erf (the paper's), normal, first, second or saddle",
    ),
    "discriminative-accuracy": Quantity(
        function("discriminative_accuracy"), _LABELS, _FEATURES, "accuracy with a fraction r labelled -1 by x_1"
    ),
    "discriminative-error": Quantity(
        function("discriminative_error"), _LABELS, _FEATURES, "1 - it, without cancellation"
    ),
    "log-discriminative-accuracy": Quantity(
        function("log_discriminative_accuracy"), _LABELS, _FEATURES, "natural logarithm of the accuracy"
    ),
    "log-discriminative-error": Quantity(
        function("log_discriminative_error"), _LABELS, _FEATURES, "natural logarithm of the error"
    ),
    "one-label-problem": Quantity(
        function("one_label_problem"),
        ("mu",),
        {"sigma": "1", "eta": "1"},
        "the one-label problem that two Gaussians at +-mu reduce to",
        ("sigma", "eta"),
    ),
    "two-gaussians-problem": Quantity(
        function("two_gaussians_problem"),
        ("mu",),
        {"sigma": "1", "eta": "1"},
        "the problem of two Gaussians at +-mu that reduces to a one-label problem",
        ("sigma", "eta"),
    ),
    "unit-variance-problem": Quantity(
        function("unit_variance_problem"),
        ("sigma",),
        {"eta": "1"},
        "the problem on points of unit variance with the same outputs",
        ("weight_rate", "bias_rate", "weight_scale"),
    ),
    "near-critical-norm": Quantity(
        _critical("near_critical_norm"),
        ("lam",),
        {"order": "2"},
        "first terms of sigma ||S_inf|| near lam = 1/2",
        integers=("order",),
    ),
    "norm-divergence-constant": Quantity(
        _critical("norm_divergence_constant"), (), {}, "C, the limit of sigma^2 ||S_inf||^2 (1/2 - lam)"
    ),
    "critical-loss": Quantity(_critical("critical_loss"), (), {}, "the minimal loss at lam = 1/2"),
    "critical-positive-fraction": Quantity(
        _critical("critical_positive_fraction"), (), {}, "the fraction of positive outputs at lam = 1/2"
    ),
    "critical-gamma-ratio": Quantity(_critical("critical_gamma_ratio"), (), {}, "the limit of gamma/R at lam = 1/2"),
}
"""Entries of the registry."""
