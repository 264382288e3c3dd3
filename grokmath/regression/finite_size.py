"""Mean and spread of one training run with finitely many inputs: what the infinite theory leaves out, to first order.

One run with d_in inputs has the loss L = sum_i f(nu_i) chi^2_i/(d_in d_out) (f from :mod:`mode_losses`, chi^2_i with
d_out degrees of freedom from teacher, start and noise). Hence, m and the covariance of the spectrum as in
:mod:`grokmath.functions.marchenko_pastur_averages`,

    E L      = E[f] + m(f)/d_in + O(1/d_in^2),
    Cov(L,M) = 2/(d_in d_out) {E[f g] + m(f g)/d_in} + Cov_spectrum(f, g)/d_in^2 + ...,

where f g stands for the d_out-fold: f and g as they are defined, each with its 1/d_out. The central limit behind it is
for real Gaussian data. It fails for late times, 2 u >> d_in^{2/3}, when single eigenvalues decide.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from grokmath.functions.marchenko_pastur_averages import MarchenkoPasturNodes
from grokmath.functions.readings import Argument, plain, read
from grokmath.parameters import NONNEGATIVE, DomainError, domain_error, float_argument, one_of
from grokmath.regression.knobs import Knobs
from grokmath.regression.linear import LinearTeacherStudent
from grokmath.regression.mode_losses import ModeLosses

__all__ = ["FiniteSize", "TimeSpread", "mode_losses", "model_knobs"]

Array = NDArray[np.float64]
_MOST_VALUES = 4_000_000
_STEEPEST = 1e10
"""Largest s = 4 u; its rule has a million nodes."""


class TimeSpread(NamedTuple):
    """Mean shift against the infinite theory and standard deviation of one run's time."""

    shift: float
    spread: float


def model_knobs(model: LinearTeacherStudent, function: str) -> Knobs:
    """The knobs of a numeric model with the exact dynamics of label noise."""
    if not isinstance(model, LinearTeacherStudent):
        raise domain_error(function, "model", model, "a LinearTeacherStudent", "make one of the parameters")
    if model.noise_model != "exact":
        raise domain_error(
            function, "noise_model", model.noise_model, '"exact"', "the paper's (26)-(27) are no dynamics"
        )
    return model.knobs


def mode_losses(model: LinearTeacherStudent, *, descent: bool = False, function: str = "mode_losses") -> ModeLosses:
    """The mode functions of a numeric model; ``descent`` for steps of size 1 instead of the flow."""
    knobs = model_knobs(model, function)
    return ModeLosses(
        float(knobs.lam),
        rate=float(knobs.rate),
        c=float(knobs.c),
        alpha_squared=float(knobs.alpha_squared),
        noise=float(knobs.noise),
        d_out=knobs.d_out,
        descent=descent,
    )


class FiniteSize:
    """A model with ``d_in`` inputs: mean losses to order 1/d_in and the spread from run to run, in float64.

    ``model`` is a numeric :class:`LinearTeacherStudent`, ``d_in`` the number of inputs (an integer >= 1; d_in/lam
    should be near an integer, the number of training points). ``descent=True`` evaluates discrete gradient descent
    exactly (times are then integers), which the flow only approximates. Times are in steps. The terms of order 1/d_in
    are proved for linear statistics of real Gaussian data; what is left out is of order 1/d_in^2 and grows like
    (2 u)^{3/2}: expect a few per cent where 2 u (1 - sqrt lam)^{4/3} sqrt(lam) d_in^{-2/3} reaches 0.3.

    >>> from grokmath import FiniteSize, LinearTeacherStudent
    >>> run = FiniteSize(LinearTeacherStudent(lam="1/2", eta="1/4"), d_in=100)
    >>> round(run.gen_loss(10), 4), round(run.gen_loss_spread(10), 4)
    (0.0337, 0.0119)
    """

    def __init__(self, model: LinearTeacherStudent, d_in: int, *, descent: bool = False) -> None:
        if isinstance(d_in, bool) or not isinstance(d_in, int | np.integer) or d_in < 1:
            raise domain_error("FiniteSize", "d_in", d_in, "an integer >= 1", "count the inputs")
        self.model, self.d_in, self.descent = model, int(d_in), descent
        self._modes = mode_losses(model, descent=descent, function="FiniteSize")

    def gen_loss(self, t: Any) -> Any:
        """The mean generalization loss, to order 1/d_in."""
        return self._mean("gen_loss", t)

    def train_loss(self, t: Any) -> Any:
        """The mean training loss, to order 1/d_in."""
        return self._mean("train_loss", t)

    def gen_loss_spread(self, t: Any) -> Any:
        """The standard deviation of one run's generalization loss, to leading order and the next."""
        return self._spread("gen_loss_spread", t)

    def train_loss_spread(self, t: Any) -> Any:
        """The standard deviation of one run's training loss, to leading order and the next."""
        return self._spread("train_loss_spread", t)

    def time_spread(self, t: float, loss: str) -> TimeSpread:
        """Shift and spread of the time at which a loss ("train" or "gen") reaches its infinite-size value at ``t``.

        By the delta method to second order, for the flow: with D = L - L_inf at the time u of the infinite theory, the
        time is off by -D/L' - (L'' D^2/(2 L'^2) - D' D/L')/L'. First-order spreads are off by up to 20 % where the
        curve bends within a spread (a (2u)^{3/2} not small against d_in). At a point where the loss is not falling
        there is no such time, and :class:`DomainError` is raised.
        """
        function = "FiniteSize.time_spread"
        one_of(loss, ("train", "gen"), "loss", function)
        if self.descent:
            raise DomainError(f"{function}: it is made for the flow; leave descent=False")
        time = float_argument(t, "t", function, NONNEGATIVE)
        if np.ndim(time):
            raise domain_error(function, "t", t, "one time", "ask for one at a time")
        nodes = self._nodes(time, function)
        modes = self._modes
        value, slopes = (modes.train, modes.train_slopes) if loss == "train" else (modes.gen, modes.gen_slopes)
        at = [
            modes.mode(nu, time) for nu in (nodes.nu, np.zeros(1), np.array(nodes.edges[:1]), np.array(nodes.edges[1:]))
        ]
        f = [value(mode) for mode in at]
        f1, f2 = (list(column) for column in zip(*(slopes(mode) for mode in at), strict=True))
        first, second = (float(nodes.average(g[0], g[1][0])) for g in (f1, f2))
        if not first < 0:
            raise domain_error(function, "t", t, "a time at which the loss falls", "choose an earlier time")
        mean = float(nodes.mean_term(f[0], f[2][0], f[3][0])) / self.d_in
        variance = self._covariance(nodes, f, f)
        mixed = self._covariance(nodes, f, f1)
        shift = -mean / first - (second * variance / (2 * first**2) - mixed / first) / first
        return TimeSpread(float(shift) / modes.rate, math.sqrt(variance) / -first / modes.rate)

    def _nodes(self, latest: float, function: str) -> MarchenkoPasturNodes:
        last = _STEEPEST / (4 * self._modes.rate)
        if latest > last:
            remedy = "ask for an earlier one: the terms of order 1/d_in mean nothing so late"
            raise domain_error(function, "t", latest, f"times up to {last:.3g}", remedy)
        return MarchenkoPasturNodes(self._modes.lam, 4 * self._modes.rate * latest)

    def _mean(self, function: str, t: Any) -> Any:
        value = self._modes.gen if function == "gen_loss" else self._modes.train
        floor = 0.0 if function == "gen_loss" else self._modes.noise_floor

        def mean(nodes: MarchenkoPasturNodes, times: Array) -> Array:
            f = self._values(value, nodes, times)
            return nodes.average(f[0], f[1]) + nodes.mean_term(f[0], f[2], f[3]) / self.d_in + floor

        return self._read(function, t, mean)

    def _spread(self, function: str, t: Any) -> Any:
        gen = function.startswith("gen")

        def spread(nodes: MarchenkoPasturNodes, times: Array) -> Array:
            f = self._values(self._modes.gen if gen else self._modes.train, nodes, times)
            variance = self._covariance(nodes, f, f)
            if not gen:  # the noise that no mode carries; the atom of lam > 1 takes it back
                floor = self._modes.noise**2 * self._modes.lam * (1 - self._modes.lam)
                variance = variance + 2 * floor / (self.d_in * self._modes.d_out)
            return np.asarray(np.sqrt(variance))

        return self._read(function, t, spread)

    def _covariance(self, nodes: MarchenkoPasturNodes, f: list[Array], g: list[Array]) -> Any:
        product = [a * b for a, b in zip(f, g, strict=True)]
        at_zero, lower, upper = (value[0] if value.ndim == 1 and value.size == 1 else value for value in product[1:])
        start = nodes.average(product[0], at_zero) + nodes.mean_term(product[0], lower, upper) / self.d_in
        spectrum = nodes.covariance(f[0], g[0]) / self.d_in**2
        return 2 * start / (self.d_in * self._modes.d_out) + spectrum

    def _values(self, value: Any, nodes: MarchenkoPasturNodes, times: Array) -> list[Array]:
        """A mode function at the nodes, at 0 and at the two edges, times along the first axis."""
        points: tuple[Any, ...] = (nodes.nu, 0.0, *nodes.edges)
        on_nodes = value(self._modes.mode(nodes.nu, times[:, None]))
        return [on_nodes, *(value(self._modes.mode(point, times)) for point in points[1:])]

    def _read(self, function: str, t: Any, compute: Any) -> Any:
        def float64(times: Any) -> Any:
            times = np.asarray(times, dtype=float)
            flat = times.reshape(-1)
            if self.descent and (flat != np.floor(flat)).any():
                raise DomainError(f"FiniteSize.{function}: descent takes whole steps; give integer times")
            out = np.empty(flat.shape)
            if flat.size:
                nodes = self._nodes(float(flat.max()), f"FiniteSize.{function}")
                chunk = max(1, _MOST_VALUES // nodes.size)
                for start in range(0, flat.size, chunk):
                    out[start : start + chunk] = compute(nodes, flat[start : start + chunk])
            return plain(out.reshape(times.shape))

        def refuse(*_: Any) -> Any:
            raise DomainError(f"FiniteSize.{function}: it has a float64 reading only; give numbers, and no digits")

        argument = Argument("t", t, NONNEGATIVE)
        return read(f"FiniteSize.{function}", [argument], None, symbolic=refuse, certified=refuse, float64=float64)
