"""The two-point model followed numerically, step by step or by an ordinary solver, beside its exact solution."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.special import ndtr

from grokmath.classification.two_point import TwoPointModel
from grokmath.parameters import DomainError, PrecisionError, domain_error, is_symbolic
from grokmath.simulate.times import increasing_times

__all__ = ["TwoPointRun", "two_point"]

Array = NDArray[np.float64]
_FUNCTION = "simulate.two_point"
DYNAMICS = ("flow", "descent")
_FAR = 1e300
_CURVES = ("weight", "bias", "log_train_loss", "log_gen_loss", "gen_accuracy")


@dataclass(frozen=True, eq=False)
class TwoPointRun:
    """What :func:`two_point` returns: ``curves`` and ``theory`` by name, and their largest ``difference``.

    Names: "weight" (the rescaled S), "bias", "log_train_loss", "log_gen_loss" (the losses are exponential) and
    "gen_accuracy".
    """

    times: Array
    model: TwoPointModel
    curves: dict[str, Array]
    theory: dict[str, Array]
    difference: dict[str, float]


def two_point(model: TwoPointModel, times: Any = None, *, dynamics: str = "flow") -> TwoPointRun:
    """Follow the model to the ``times`` and set the exact solution beside it.

    "flow": SciPy's implicit solver in log(1 + t), to a tolerance of 1e-10; any t >= 0, by default 41 from 1e-2 to 1e8.
    "descent": explicit steps of size 1 at learning rate eta, integers, by default 25 up to 1e5; it differs from the
    flow by O(eta), and a rate beyond stability at the start is warned of. The numerical run knows the two points and
    the loss, and nothing of the solution. Raises :class:`DomainError` for bad input or symbols, and where descent
    diverges.

    >>> run = two_point(TwoPointModel("0.45"), [1, 1e6])
    >>> run.difference["weight"] < 1e-7
    True
    """
    if dynamics not in DYNAMICS:
        raise domain_error(_FUNCTION, "dynamics", dynamics, " | ".join(DYNAMICS), "choose one of these")
    if any(is_symbolic(value) for value in (model.lam, model.eta, model.sigma, model.S0, model.b0)):
        raise DomainError(f"{_FUNCTION}: a run needs numbers for all parameters; give them instead of symbols")
    at = increasing_times(_FUNCTION, times, flow=dynamics == "flow", last=(1e8, 1e5), count=(41, 25))
    start = np.array([float(model.weight(0.0)), float(model.bias(0.0))])
    states = _flow(model, start, at) if dynamics == "flow" else _descent(model, start, at)
    S, b = states[:, 0], states[:, 1]
    outputs = _outputs(model, S, b)
    with np.errstate(divide="ignore", invalid="ignore"):
        accuracy = np.where(S != 0, ndtr(-b / np.abs(S)), (np.sign(-b) + 1) / 2)
    curves = {
        "weight": S,
        "bias": b,
        "log_train_loss": np.logaddexp(*outputs) - math.log(2),
        "log_gen_loss": b + S * S / 2,
        "gen_accuracy": accuracy,
    }
    theory = {name: np.asarray(getattr(model, name)(at)) for name in _CURVES}
    difference = {name: float(np.max(np.abs(curves[name] - theory[name]))) for name in _CURVES}
    return TwoPointRun(at, model, curves, theory, difference)


def _outputs(model: TwoPointModel, S: Any, b: Any) -> tuple[Any, Any]:
    """f at the points -1 and 1 - 2 lam."""
    return b - S, b + (1 - 2 * float(model.lam)) * S


def _pull(model: TwoPointModel, S: float, b: float, log_factor: float) -> tuple[float, float]:
    """Minus eta times the gradient of the mean of e^f, times e^log_factor; the rescaled weight moves sigma^2 faster."""
    a, rate = 1 - 2 * float(model.lam), float(model.eta) / 2
    first, second = (rate * math.exp(f + log_factor) for f in _outputs(model, S, b))
    return float(model.sigma) ** 2 * (first - a * second), -(first + second)


def _flow(model: TwoPointModel, start: Array, times: Array) -> Array:
    x = np.log1p(times)
    if x[-1] == 0:
        return start[None, :].copy()

    def field(x: float, state: Array) -> tuple[float, float]:
        try:
            return _pull(model, float(state[0]), float(state[1]), x)
        except OverflowError:  # a step on trial, which the solver refuses for its error
            return _FAR, _FAR

    _require_numbers(model, start)
    with np.errstate(over="ignore", invalid="ignore"):
        solution = solve_ivp(
            field, (0.0, x[-1]), start, method="Radau", t_eval=x, rtol=1e-10, atol=1e-12, first_step=min(1e-6, x[-1])
        )
    if not solution.success:
        reached = math.expm1(solution.t[-1]) if len(solution.t) else 0.0
        raise PrecisionError(f"{_FUNCTION}: the solver stopped at t = {reached:.3g}")
    return np.asarray(solution.y.T)


def _require_numbers(model: TwoPointModel, start: Array) -> None:
    """The flow at the start must have floating-point numbers."""
    try:
        _pull(model, float(start[0]), float(start[1]), 0.0)
    except OverflowError:
        remedy = "start nearer to 0"
        raise domain_error(_FUNCTION, "b0", str(model.b0), "with S0 such that no output is above 700", remedy) from None


def _largest_rate(model: TwoPointModel, S: float, b: float) -> float:
    """The learning rate up to which descent is stable at (S, b): 2 over the largest curvature of the loss."""
    sigma, a = float(model.sigma), 1 - 2 * float(model.lam)
    rows = np.array([[-sigma, 1.0], [sigma * a, 1.0]])
    logs = np.array(_outputs(model, S, b)) / 2
    with np.errstate(over="ignore"):
        return float(4 * np.exp(-2 * logs.max()) / np.linalg.norm(rows * np.exp(logs - logs.max())[:, None], 2) ** 2)


def _descent(model: TwoPointModel, start: Array, times: Array) -> Array:
    S, b = (float(value) for value in start)
    done, states, limit = 0, [], _largest_rate(model, *start)
    if float(model.eta) > limit:
        warnings.warn(
            f"{_FUNCTION}: eta = {float(model.eta):g} is above {limit:.4g}, up to which gradient descent is stable at "
            "the start",
            stacklevel=3,
        )
    for time in times:
        for _ in range(done, int(time)):
            try:
                change = _pull(model, S, b, 0.0)
            except OverflowError:
                wanted = f"at most {limit:.4g}, where descent is stable at the start; it diverged"
                raise domain_error(_FUNCTION, "eta", str(model.eta), wanted, "lower it") from None
            S, b = S + change[0], b + change[1]
        done = int(time)
        states.append((S, b))
    return np.array(states)
