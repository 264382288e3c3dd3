"""One training set of the logistic model and its dynamics: the flow by a stiff solver, descent and Adam step by step.

The state is (S, b). A point has the row -y (x, 1), so that every output y f(x) is minus the row times the state, and
the loss is the mean of l(u) over u = row . state, l(u) = log(1 + e^u) or e^u: with all labels -1 the row is (x, 1).
"""

from __future__ import annotations

import math
import warnings

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.special import expit, log_expit

from grokmath.parameters import PrecisionError

__all__ = ["ADAM", "Problem"]

Array = NDArray[np.float64]
_FUNCTION = "simulate.classification"

ADAM = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-8}
"""The constants of Kingma and Ba."""


class Problem:
    """The rows (N x (d + 1)), the learning rate, and which of the two losses."""

    def __init__(self, rows: Array, eta: float, exponential: bool) -> None:
        self.rows, self.eta, self.exponential = rows, eta, exponential

    def pull(self, state: Array) -> Array:
        """Minus eta times the gradient of the loss."""
        u = self.rows @ state
        weight = np.exp(u) if self.exponential else expit(u)
        return np.asarray(-self.eta / len(self.rows) * (weight @ self.rows))

    def flow(self, start: Array, times: Array) -> Array:
        """The states at the times, in x = log(1 + t): d state/dx = (1 + t) pull."""
        x = np.log1p(times)

        def field(x: float, state: Array) -> Array:
            return math.exp(x) * self.pull(state)

        def jacobian(x: float, state: Array) -> Array:
            u = self.rows @ state
            weight = np.exp(u) if self.exponential else expit(u) * expit(-u)
            return np.asarray(-math.exp(x) * self.eta / len(self.rows) * (self.rows.T * weight) @ self.rows)

        if x[-1] == 0:
            return start[None, :].copy()
        with np.errstate(over="ignore", invalid="ignore"):  # a rejected trial step of the solver may overflow
            solution = solve_ivp(
                field,
                (0.0, x[-1]),
                start,
                method="BDF",
                t_eval=x,
                jac=jacobian,
                rtol=1e-7,
                atol=1e-9,
                first_step=min(1e-6, x[-1]),
            )
        if not solution.success:
            reached = math.expm1(solution.t[-1]) if len(solution.t) else 0.0
            raise PrecisionError(f"{_FUNCTION}: the solver stopped at t = {reached:.3g}")
        return np.asarray(solution.y.T)

    def largest_rate(self) -> float:
        """The learning rate up to which descent is stable from S = b = 0: 2 over the largest curvature of the loss.

        For the cross-entropy loss, whose second derivative is at most 1/4, it holds everywhere.
        """
        curvature = float(np.linalg.norm(self.rows, 2)) ** 2 / len(self.rows)
        return 2 / (curvature if self.exponential else curvature / 4)

    def steps(self, start: Array, times: Array, adam: bool) -> Array:
        """The states after whole steps of gradient descent, or of Adam with step size eta."""
        if not adam and self.eta > self.largest_rate():
            warnings.warn(
                f"{_FUNCTION}: eta = {self.eta:g} is above {self.largest_rate():.4g}, up to which gradient descent is "
                "stable on this data",
                stacklevel=4,
            )
        state, states, done = start.copy(), [], 0
        first, second = np.zeros_like(start), np.zeros_like(start)
        beta_1, beta_2, epsilon = ADAM.values()
        for time in times:
            for now in range(done + 1, int(time) + 1):
                step = self.pull(state)
                if adam:
                    gradient = -step / self.eta
                    first = beta_1 * first + (1 - beta_1) * gradient
                    second = beta_2 * second + (1 - beta_2) * gradient**2
                    root = np.sqrt(second / (1 - beta_2**now)) + epsilon
                    step = -self.eta * first / (1 - beta_1**now) / root
                state = state + step
            done = int(time)
            states.append(state)
        return np.array(states)

    def facts(self, states: Array) -> dict[str, Array]:
        """Training loss and accuracy, and the margin of the direction S, at each state."""
        u = states @ self.rows.T
        with np.errstate(over="ignore"):
            loss = np.exp(u) if self.exponential else -log_expit(-u)
        norm = np.linalg.norm(states[:, :-1], axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            margin = np.where(norm > 0, (-(states[:, :-1] @ self.rows[:, :-1].T)).min(axis=1) / norm, 0.0)
        return {"train_loss": loss.mean(axis=1), "train_accuracy": (u < 0).mean(axis=1), "margin": margin}
