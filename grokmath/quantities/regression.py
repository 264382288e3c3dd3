"""The quantities of the regression paper."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import grokmath
from grokmath.quantities.quantity import Options, Quantity, function

_TIME = ("lam", "t")
_TIMES = ("train", "gen", "delta")
_OUTPUTS: Options = {"d_out": "1", "decay_convention": "paper"}
_KNOBS: Options = {
    "d_out": "1",
    "weight_decay": "0",
    "init_scale": "1",
    "label_noise": "0",
    "decay_convention": "paper",
    "noise_model": "exact",
}
_ETA: Options = {"eta": "0.01"}
_ALL: Options = {**_ETA, **_KNOBS}
_LEVEL: Options = {"accuracy": None, **_OUTPUTS}
_LAYERS = ("lam", "d_in", "d_h", "d_out")
_WIDTHS = ("d_in", "d_h", "d_out")
_SERIES = ("order", "lam", "s")


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


def _two_layer(reading: str) -> Callable[..., Any]:
    def compute(*, lam: str, d_in: int, d_h: int, d_out: int, eta: str, **arguments: Any) -> Any:
        return getattr(grokmath.TwoLayerLinear(lam, d_in, d_h, d_out, eta), reading)(**arguments)

    return compute


def _window(**arguments: Any) -> Any:
    """The window, or why there is none."""
    found = grokmath.weight_decay_window(**arguments)
    reason = "no weight decay lets the generalization loss end below the threshold"
    return SimpleNamespace(low=None, high=None, reason=reason) if found is None else found


def _count(name: str) -> Callable[..., Any]:
    """A public function that gives an integer, of which every digit is known."""
    return lambda digits, **arguments: getattr(grokmath, name)(**arguments)


REGRESSION = {
    "train-loss": Quantity(_model("train_loss"), _TIME, _ALL, "training loss L_tr(t)"),
    "gen-loss": Quantity(_model("gen_loss"), _TIME, _ALL, "generalization loss L_gen(t)"),
    "log-train-loss": Quantity(_model("log_train_loss"), _TIME, _ALL, "natural logarithm of L_tr(t)"),
    "log-gen-loss": Quantity(_model("log_gen_loss"), _TIME, _ALL, "natural logarithm of L_gen(t)"),
    "train-accuracy": Quantity(_model("train_accuracy"), (*_TIME, "eps"), _ALL, "training accuracy at time t"),
    "gen-accuracy": Quantity(_model("gen_accuracy"), (*_TIME, "eps"), _ALL, "generalization accuracy at time t"),
    "train-limit": Quantity(_model("train_limit"), ("lam",), _KNOBS, "training loss as t tends to infinity"),
    "gen-limit": Quantity(_model("gen_limit"), ("lam",), _KNOBS, "generalization loss as t tends to infinity"),
    "gen-minimum": Quantity(
        _model("gen_minimum"),
        ("lam",),
        _ALL,
        "the least generalization loss, and when it is reached (never, where it falls at all times)",
        ("time", "loss"),
    ),
    "optimal-weight-decay": Quantity(
        _model("optimal_weight_decay", "weight_decay"),
        ("lam", "label_noise"),
        {name: value for name, value in _KNOBS.items() if name in ("d_out", "decay_convention")},
        "the weight decay with the least generalization loss in the end",
    ),
    "grokking-time": Quantity(
        _model("grokking_time"),
        ("lam", "eps"),
        {**_ETA, "accuracy": None, "method": "exact", "order": None, **_KNOBS},
        "when both reach the accuracy (erf(sqrt(2)) if not given), and the difference;\n"
        "method: exact, lambert, iterated-log, leading, series or uniform (these two take an order)",
        (*_TIMES, "lost", "regained"),
        ("order",),
    ),
    "critical-weight-decay": Quantity(
        function("critical_weight_decay"),
        ("lam", "eps"),
        {"label_noise": "0", **_LEVEL},
        "the weight decay from which on the accuracy is not reached for good",
    ),
    "weight-decay-window": Quantity(
        _window,
        ("lam", "eps"),
        {"label_noise": "0", **_LEVEL},
        "the weight decays with which the accuracy is reached for good",
        ("low", "high"),
    ),
    "critical-label-noise": Quantity(
        function("critical_label_noise"),
        ("lam", "eps"),
        {"weight_decay": "0", "init_scale": "1", **_LEVEL},
        "the label noise from which on the accuracy is not reached for good",
    ),
    "temporary-label-noise": Quantity(
        function("temporary_label_noise"),
        ("lam", "eps"),
        {**_ETA, "weight_decay": "0", "init_scale": "1", **_LEVEL},
        "the label noise from which on it is not even reached for a while, and when it is last",
        ("label_noise", "time"),
    ),
    "largest-label-noise": Quantity(
        function("largest_label_noise"),
        ("lam", "eps"),
        {"d_out": "1", "accuracy": None},
        "the label noise from which on no weight decay lets the accuracy be reached for good",
    ),
    "critical-aspect-ratio": Quantity(
        function("critical_aspect_ratio"),
        ("eps",),
        {"weight_decay": "0", "init_scale": "1", "label_noise": "0", **_LEVEL},
        "the aspect ratio from which on the accuracy is not reached for good",
    ),
    "largest-grokking-time": Quantity(
        function("largest_grokking_time"),
        ("lam", "eps"),
        {**_ETA, "init_scale": "1", "accuracy": None},
        "the number of outputs with the largest grokking time, and that time",
        ("d_out", "time"),
    ),
    "outputs-met-at-once": Quantity(
        _count("d_out_met_at_once"),
        ("eps",),
        {"init_scale": "1", "accuracy": None},
        "the number of outputs from which on both accuracies are reached at t = 0",
    ),
    "smallest-generalizing-outputs": Quantity(
        _count("smallest_generalizing_d_out"),
        ("lam", "eps"),
        {"init_scale": "1", "accuracy": None},
        "the least number of outputs at which the accuracy is ever reached",
    ),
    "two-layer-train-loss": Quantity(
        _two_layer("train_loss"),
        (*_LAYERS, "t"),
        _ETA,
        "training loss of the two-layer linear network",
        integers=_WIDTHS,
    ),
    "two-layer-gen-loss": Quantity(
        _two_layer("gen_loss"),
        (*_LAYERS, "t"),
        _ETA,
        "generalization loss of the two-layer linear network",
        integers=_WIDTHS,
    ),
    "two-layer-train-accuracy": Quantity(
        _two_layer("train_accuracy"),
        (*_LAYERS, "t", "eps"),
        _ETA,
        "training accuracy of the two-layer linear network",
        integers=_WIDTHS,
    ),
    "two-layer-gen-accuracy": Quantity(
        _two_layer("gen_accuracy"),
        (*_LAYERS, "t", "eps"),
        _ETA,
        "generalization accuracy of the two-layer linear network",
        integers=_WIDTHS,
    ),
    "two-layer-grokking-time": Quantity(
        _two_layer("grokking_time"),
        (*_LAYERS, "eps"),
        {**_ETA, "accuracy": None},
        "when both accuracies are reached by the two-layer linear network, and the difference",
        _TIMES,
        _WIDTHS,
    ),
    "modular-aspect-ratio": Quantity(
        function("modular_aspect_ratio"),
        ("alpha", "p"),
        {},
        "2/(alpha p), modular addition's aspect ratio",
        integers=("p",),
    ),
    "modular-training-fraction": Quantity(
        function("modular_training_fraction"),
        ("lam", "p"),
        {},
        "2/(lam p), the fraction of modular addition's pairs that gives the aspect ratio lam",
        integers=("p",),
    ),
    "train-loss-series": Quantity(
        function("train_loss_series"),
        _SERIES,
        {},
        "late-time series of the training loss at s = 4 eta t with that many corrections; order 0 is (21)",
        integers=("order",),
    ),
    "gen-loss-series": Quantity(
        function("gen_loss_series"),
        _SERIES,
        {},
        "late-time series of the generalization loss; order 0 is (10)",
        integers=("order",),
    ),
    "uniform-gen-loss-series": Quantity(
        partial(function("gen_loss_series"), uniform=True),
        _SERIES,
        {},
        "the same in exponential integrals, uniform through lam = 1; order 0 is (22)",
        integers=("order",),
    ),
    "train-remainder-bounds": Quantity(
        function("train_remainder_bounds"),
        _SERIES,
        {},
        "proved bounds of (loss - series)/(leading term)",
        ("lower", "upper"),
        ("order",),
    ),
    "gen-remainder-bounds": Quantity(
        function("gen_remainder_bounds"),
        _SERIES,
        {},
        "the same for gen-loss-series",
        ("lower", "upper"),
        ("order",),
    ),
    "uniform-gen-remainder-bounds": Quantity(
        partial(function("gen_remainder_bounds"), uniform=True),
        _SERIES,
        {},
        "the same for uniform-gen-loss-series",
        ("lower", "upper"),
        ("order",),
    ),
}
"""Entries of the registry."""
