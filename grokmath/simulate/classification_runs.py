"""Training runs of the logistic model on real data, beside what the theory says of their late state.

N points x with independent coordinates of standard deviation sigma, one label, f(x) = S.x + b, loss the mean of
log(1 + e^f) (or e^f). The flow is followed in log(1 + t) by SciPy's stiff solver, so that times up to 1e300 cost no
more than their logarithm; descent and Adam take their steps one by one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.special import expit, log_expit, ndtr

import grokmath
from grokmath.classification.logistic import LogisticModel
from grokmath.functions.marchenko_pastur_sampling import generator
from grokmath.parameters import NONNEGATIVE, PrecisionError, domain_error, float_argument
from grokmath.simulate.curves import Curve

__all__ = ["INPUTS", "ClassificationRun", "classification", "draw_inputs"]

Array = NDArray[np.float64]
_FUNCTION = "simulate.classification"
LOSSES = ("logistic", "exponential")
DYNAMICS = ("flow", "descent", "adam")

INPUTS: dict[str, Callable[[np.random.Generator, tuple[int, int]], Array]] = {
    "normal": lambda random, shape: random.standard_normal(shape),
    "uniform": lambda random, shape: random.uniform(-math.sqrt(3), math.sqrt(3), shape),
    "rademacher": lambda random, shape: random.choice(np.array([-1.0, 1.0]), shape),
}
"""Laws of one coordinate, each of mean 0 and variance 1."""


@dataclass(frozen=True, eq=False)
class ClassificationRun:
    """What :func:`classification` returns; every curve has shape (realisations, times).

    ``train_loss``, ``train_accuracy``, ``gen_loss`` (population cross-entropy of the exact Gaussian), ``gen_accuracy``,
    ``norm`` = ||S||, ``bias``, ``margin`` = min(-S.x)/||S||; ``late`` maps "norm" (lam < 1/2) or "gen_accuracy" and
    "margin" (lam > 1/2) at the last time to a :class:`~grokmath.simulate.curves.Curve` with the theory of t = infinity,
    whose spread is the one measured.
    """

    times: Array
    d: int
    n_train: int
    train_loss: Array
    train_accuracy: Array
    gen_loss: Array
    gen_accuracy: Array
    norm: Array
    bias: Array
    margin: Array
    late: dict[str, Curve]


def draw_inputs(inputs: str, sigma: float, shape: tuple[int, int], random: np.random.Generator) -> Array:
    """N x d points with independent coordinates of standard deviation ``sigma``."""
    if inputs not in INPUTS:
        raise domain_error(_FUNCTION, "inputs", inputs, " | ".join(INPUTS), "choose one of these")
    return sigma * INPUTS[inputs](random, shape)


def classification(
    model: LogisticModel,
    times: Any = None,
    *,
    n_train: int = 2000,
    realisations: int = 1,
    loss: str = "logistic",
    dynamics: str = "flow",
    inputs: str = "normal",
    bias: bool = True,
    start_std: float = 0.0,
    start_bias: float = 0.0,
    rng: Any = None,
    tick: Callable[[], object] | None = None,
) -> ClassificationRun:
    """Train ``realisations`` models on N = ``n_train`` points in d = lam N (rounded) dimensions.

    ``times``: for the flow any t >= 0, by default 41 from 1e-2 to 1e6; for "descent" and "adam" (beta_1 = 0.9, beta_2 =
    0.999, step eta) integers. ``loss`` is "logistic" or "exponential", ``inputs`` the law of the coordinates ("normal",
    "uniform", "rademacher"), ``start_std`` the standard deviation of ||S(0)||'s entries times sqrt(d), ``start_bias``
    b(0). ``rng`` is an int, a SeedSequence or a Generator; the same seed gives the same numbers on one machine. The
    generalization curves are the population values for Gaussian points at the state reached, exact. Raises
    :class:`DomainError` for bad input and :class:`PrecisionError` where the solver gives up.

    >>> run = classification(LogisticModel("0.7"), [1e5], n_train=100, rng=1)
    >>> bool(run.train_accuracy[0, 0] == 1.0)
    True
    """
    for name, value, allowed in (("loss", loss, LOSSES), ("dynamics", dynamics, DYNAMICS)):
        if value not in allowed:
            raise domain_error(_FUNCTION, name, value, " | ".join(allowed), "choose one of these")
    for name, count in (("n_train", n_train), ("realisations", realisations)):
        if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 1:
            raise domain_error(_FUNCTION, name, count, "an integer >= 1", "count them")
    at = _times(times, dynamics)
    scale = float(float_argument(start_std, "start_std", _FUNCTION, NONNEGATIVE))
    d = max(1, round(float(model.lam) * int(n_train)))
    sigma, eta = float(model.sigma), float(model.eta)
    random = generator(rng, _FUNCTION)
    states, facts = [], []
    for _ in range(int(realisations)):
        X = draw_inputs(inputs, sigma, (int(n_train), d), random)
        start = np.append(scale / math.sqrt(d) * random.standard_normal(d), float(start_bias))
        problem = _Problem(X, eta, loss == "exponential", bias)
        state = problem.flow(start, at) if dynamics == "flow" else problem.steps(start, at, dynamics == "adam")
        states.append(state)
        facts.append(problem.facts(state))
        if tick is not None:
            tick()
    columns = {name: np.array([fact[name] for fact in facts]) for name in facts[0]}
    norm = np.array([np.linalg.norm(state[:, :-1], axis=1) for state in states])
    b = np.array([state[:, -1] for state in states])
    with np.errstate(divide="ignore", invalid="ignore"):
        accuracy = np.where(norm > 0, ndtr(-b / (sigma * norm)), (np.sign(-b) + 1) / 2)
    population = np.asarray(grokmath.population_loss(sigma * norm, b))
    late = _late(model, norm[:, -1:], accuracy[:, -1:], columns["margin"][:, -1:]) if bias else {}
    return ClassificationRun(
        at, d, int(n_train), gen_loss=population, gen_accuracy=accuracy, norm=norm, bias=b, late=late, **columns
    )


def _times(times: Any, dynamics: str) -> Array:
    if times is None:
        return np.geomspace(1e-2, 1e6, 41) if dynamics == "flow" else np.unique(np.round(np.geomspace(1, 1e4, 30)))
    at = np.atleast_1d(np.asarray(float_argument(times, "times", _FUNCTION, NONNEGATIVE), dtype=float))
    whole = dynamics == "flow" or (at == np.floor(at)).all()
    if at.ndim != 1 or not at.size or not whole or (np.diff(at) <= 0).any():
        wanted = "an increasing sequence of times" + ("" if dynamics == "flow" else ", each a whole number of steps")
        raise domain_error(_FUNCTION, "times", times, wanted, "sort them, each once")
    return at


def _late(model: LogisticModel, norm: Array, accuracy: Array, margin: Array) -> dict[str, Curve]:
    """The state of t = infinity beside the last one."""
    pairs: dict[str, tuple[Array, float]] = {}
    if model.side == "inseparable":
        pairs["norm"] = (norm, model.minimizer_norm())
    elif model.side == "separable":
        pairs["gen_accuracy"] = (accuracy, model.limit_accuracy())
        pairs["margin"] = (margin, model.margin())
    return {
        name: Curve(runs, np.array([theory]), runs.std(axis=0, ddof=1) if len(runs) > 1 else np.array([np.nan]))
        for name, (runs, theory) in pairs.items()
    }


class _Problem:
    """One data set and its gradient field; the state is (S, b)."""

    def __init__(self, X: Array, eta: float, exponential: bool, bias: bool) -> None:
        self.X = np.column_stack([X, np.full(len(X), float(bias))])
        self.eta, self.exponential = eta, exponential

    def pull(self, state: Array) -> Array:
        """Minus eta times the gradient of the loss."""
        f = self.X @ state
        weight = np.exp(f) if self.exponential else expit(f)
        return np.asarray(-self.eta / len(self.X) * (weight @ self.X))

    def flow(self, start: Array, times: Array) -> Array:
        """The states at the times, in x = log(1 + t): d state/dx = (1 + t) pull."""
        x = np.log1p(times)

        def field(x: float, state: Array) -> Array:
            return math.exp(x) * self.pull(state)

        def jacobian(x: float, state: Array) -> Array:
            f = self.X @ state
            weight = np.exp(f) if self.exponential else expit(f) * expit(-f)
            return np.asarray(-math.exp(x) * self.eta / len(self.X) * (self.X.T * weight) @ self.X)

        if x[-1] == 0:
            return start[None, :].copy()
        solution = solve_ivp(
            field, (0.0, x[-1]), start, method="BDF", t_eval=x, jac=jacobian, rtol=1e-7, atol=1e-9, first_step=1e-6
        )
        if not solution.success:
            raise PrecisionError(f"{_FUNCTION}: the solver stopped at t = {math.expm1(solution.t[-1]):.3g}")
        return np.asarray(solution.y.T)

    def steps(self, start: Array, times: Array, adam: bool) -> Array:
        """The states after whole steps of gradient descent, or of Adam with step size eta."""
        state, states, done = start.copy(), [], 0
        first, second = np.zeros_like(start), np.zeros_like(start)
        for time in times:
            for now in range(done + 1, int(time) + 1):
                step = self.pull(state)
                if adam:
                    gradient = -step / self.eta
                    first = 0.9 * first + 0.1 * gradient
                    second = 0.999 * second + 0.001 * gradient**2
                    root = np.sqrt(second / (1 - 0.999**now)) + 1e-8
                    step = -self.eta * first / (1 - 0.9**now) / root
                state = state + step
            done = int(time)
            states.append(state)
        return np.array(states)

    def facts(self, states: Array) -> dict[str, Array]:
        """Training loss and accuracy, and the margin of the direction S, at each state."""
        f = states @ self.X.T
        loss = np.exp(f) if self.exponential else -log_expit(-f)
        norm = np.linalg.norm(states[:, :-1], axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            margin = np.where(norm > 0, (-(states[:, :-1] @ self.X[:, :-1].T)).min(axis=1) / norm, 0.0)
        return {"train_loss": loss.mean(axis=1), "train_accuracy": (f < 0).mean(axis=1), "margin": margin}
