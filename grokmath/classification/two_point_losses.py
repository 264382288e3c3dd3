"""What can be read off the state of the two-point model: in balls, in doubles and as SymPy expressions.

With outputs f1 = b - S and f2 = b + a S on the two training points, both of which are right when negative,

    L_tr = (exp(f1) + exp(f2))/2,    L_gen = exp(b + S**2/2),    accuracies Theta(-f) and Phi(-b/|S|).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flint import arb

from grokmath.certified import Scaled
from grokmath.classification.two_point_certified import Flow
from grokmath.classification.two_point_crossings import log_gen_loss, log_train_loss
from grokmath.exact import sign

if TYPE_CHECKING:
    from grokmath.classification.two_point_float64 import FloatState, TwoPointFloat64

__all__ = ["BALLS", "expression", "float64", "train_accuracy_at_start"]


def _log_conformal(flow: Flow, v: arb) -> arb:
    return flow.balls().log_time(v, conformal=True)[0]


def _weight_gap(flow: Flow, v: arb) -> arb:
    balls = flow.balls()
    w = balls.w(v)
    if abs(w) < 0.5:
        return -(-w).log1p() / balls.p
    return -balls.a.log() / balls.p - balls.state(v).weight


def _train_accuracy(flow: Flow, v: arb) -> arb:
    state = flow.balls().state(v)
    total = arb(0)
    for output in (state.bias - state.weight, state.bias + flow.balls().a * state.weight):
        if output < 0:
            total += 1
        elif not output > 0:
            return arb.nan()
    return total / 2


def train_accuracy_at_start(flow: Flow) -> arb:
    """The training accuracy at t = 0, where outputs may be exactly 0; these count one half."""
    if flow.weight0 is None:
        return _train_accuracy(flow, arb(0))
    outputs = (flow.bias0 - flow.weight0, flow.bias0 + flow.a * flow.weight0)
    return arb(sum(1 - sign(output) for output in outputs)) / 4


def _gen_error(flow: Flow, v: arb) -> Scaled:
    """Phi(b/|S|) with the leading exponential apart."""
    state = flow.balls().state(v)
    size = abs(state.weight)
    if size.is_zero():
        if state.bias.is_zero():
            return Scaled(arb(0), arb(0.5))
        return Scaled(arb(0), arb(0) if state.bias < 0 else arb(1))
    if not size > 0:
        return Scaled(arb(0), arb.nan())
    x = -state.bias / size / arb(2).sqrt()
    if x > 4:
        square = x * x
        return Scaled(-square, square.hypgeom_u(arb(0.5), arb(0.5)) / (2 * arb.pi().sqrt()))
    return Scaled(arb(0), x.erfc() / 2)


def _gen_accuracy(flow: Flow, v: arb) -> arb:
    state = flow.balls().state(v)
    size = abs(state.weight)
    if not size > 0:
        return 1 - _gen_error(flow, v).value()
    return (state.bias / size / arb(2).sqrt()).erfc() / 2


BALLS: dict[str, Callable[[Flow, arb], arb | Scaled]] = {
    "weight": lambda flow, v: flow.balls().state(v).weight,
    "bias": lambda flow, v: flow.balls().state(v).bias,
    "weight_gap": _weight_gap,
    "conformal_time": lambda flow, v: Scaled(_log_conformal(flow, v), arb(1)),
    "log_conformal_time": _log_conformal,
    "train_loss": lambda flow, v: Scaled(log_train_loss(flow, v), arb(1)),
    "log_train_loss": log_train_loss,
    "gen_loss": lambda flow, v: Scaled(log_gen_loss(flow, v), arb(1)),
    "log_gen_loss": log_gen_loss,
    "train_accuracy": _train_accuracy,
    "gen_accuracy": _gen_accuracy,
    "gen_error": _gen_error,
    "log_gen_error": lambda flow, v: _gen_error(flow, v).log(),
}
"""Each quantity as a ball from the pull."""


def float64(name: str, flow: TwoPointFloat64, state: FloatState) -> Any:
    """The quantity in doubles; nan where a double cannot hold the way to it."""
    import numpy as np
    from scipy import special

    s, b = state.weight, state.bias
    with np.errstate(all="ignore"):
        if name == "weight":
            return s
        if name == "bias":
            return b
        if name == "weight_gap":
            near = -np.log1p(-state.sign_w * np.exp(np.minimum(state.log_w, -0.1))) / flow.p
            return np.where(state.log_w < np.log(0.5), near, (flow.minimizer[0] - s) + flow.minimizer[1])
        if name.endswith("conformal_time"):
            later = state.pull > 0
            log = np.where(later, flow.log_time(np.where(later, state.pull, 1.0), conformal=True), -np.inf)
            log = np.where(np.isnan(state.pull), np.nan, log)
            return log if name.startswith("log") else np.exp(log)
        if name == "train_accuracy":
            return (np.heaviside(s - b, 0.5) + np.heaviside(-b - flow.a * s, 0.5)) / 2
        if name in ("gen_accuracy", "gen_error", "log_gen_error"):
            ratio = np.where((s == 0) & (b == 0), 0.0, b / np.abs(s))
            if name == "gen_accuracy":
                return special.ndtr(-ratio)
            return special.ndtr(ratio) if name == "gen_error" else special.log_ndtr(ratio)
        if name.endswith("gen_loss"):
            log = b + s * s / 2
        else:
            log = b + np.maximum(-s, flow.a * s) + np.log1p(np.exp(-flow.p * np.abs(s))) - np.log(2.0)
        return log if name.startswith("log") else np.exp(log)


def expression(name: str, a: Any, weight: Any, bias: Any, minimizer: Any) -> Any:
    """The quantity as a SymPy expression in S and b."""
    import sympy

    half = sympy.Rational(1, 2)
    outputs = (bias - weight, bias + a * weight)
    if name == "weight":
        return weight
    if name == "bias":
        return bias
    if name == "weight_gap":
        return minimizer - weight
    if name.endswith("train_loss"):
        loss = (sympy.exp(outputs[0]) + sympy.exp(outputs[1])) / 2
    elif name.endswith("gen_loss"):
        loss = sympy.exp(bias + weight**2 / 2)
        if name.startswith("log"):
            return bias + weight**2 / 2
    elif name == "train_accuracy":
        return sum(sympy.Heaviside(-output, half) for output in outputs) / 2
    else:
        x = bias / sympy.Abs(weight) / sympy.sqrt(2)
        loss = sympy.erfc(x if name == "gen_accuracy" else -x) / 2
    return sympy.log(loss) if name.startswith("log") else loss
