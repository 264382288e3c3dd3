"""Training runs of the two-layer network of the regression paper (section 4), linear or tanh, beside the lazy theory.

Full-batch gradient descent, step by step. The linear network is followed in the eigenbasis of X^T X/N_tr, where a step
costs d_in d_h d_out operations and is exactly the step on the data; the tanh network on the data themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc

from grokmath.functions.marchenko_pastur_sampling import generator
from grokmath.parameters import POSITIVE, domain_error, float_argument
from grokmath.regression.finite_size import FiniteSize
from grokmath.regression.linear import LinearTeacherStudent
from grokmath.regression.two_layer import TwoLayerLinear
from grokmath.simulate.curves import Curve
from grokmath.simulate.memory import require_memory

__all__ = ["ACTIVATIONS", "TwoLayerRun", "two_layer"]

Array = NDArray[np.float64]
ACTIVATIONS = ("linear", "tanh")
_FUNCTION = "simulate.two_layer"
_TEST_POINTS = 2000


@dataclass(frozen=True, eq=False)
class TwoLayerRun:
    """What :func:`two_layer` returns: times (in steps), the model at the actual aspect ratio, and the curves.

    ``curves`` is as in :class:`~grokmath.simulate.regression_runs.RegressionRun`; its spread is the one measured.
    """

    times: Array
    model: TwoLayerLinear
    n_train: int
    activation: str
    curves: dict[str, Curve]


def two_layer(
    model: TwoLayerLinear,
    times: Any = None,
    *,
    activation: str = "linear",
    realisations: int = 2,
    eps: Any = None,
    rng: Any = None,
    tick: Callable[[], object] | None = None,
) -> TwoLayerRun:
    """Train ``realisations`` networks d_in - d_h - d_out with teachers of the same kind, by gradient descent.

    ``activation`` is that of the hidden layer of student and teacher, "linear" or "tanh". N_tr is d_in/lam rounded.
    ``times`` are whole steps, by default 20 from 1 to 1e4 and 0. ``eps`` adds the accuracies. The theory is
    ``TwoLayerLinear``'s, of order 1/d_in and for whole steps; for tanh it is the same, which the paper claims for wide
    layers. It leaves out what is of order d_out/d_h. The generalization loss is exact for the linear network, a mean
    over 2000 fresh points for tanh; accuracies are fractions of points. z-scores rest on the spread over the runs, of
    which two are the fewest and ten give a fair error. ``rng``: the same seed, the same numbers on one machine.
    ``tick`` is called after each run. Raises :class:`DomainError` for bad input, for sizes that do not fit into the
    machine's memory, and where descent diverges, naming a learning rate at which it does not.

    >>> run = two_layer(TwoLayerLinear("1/2", 20, 2000, 2, eta="1/10"), [0, 20], realisations=12, rng=1)
    >>> bool(abs(run.curves["gen_loss"].z).max() < 5)
    True
    """
    if activation not in ACTIVATIONS:
        raise domain_error(_FUNCTION, "activation", activation, " | ".join(ACTIVATIONS), "choose one of these")
    if isinstance(realisations, bool) or not isinstance(realisations, int | np.integer) or realisations < 1:
        raise domain_error(_FUNCTION, "realisations", realisations, "an integer >= 1", "count the runs")
    at = _times(times)
    tolerance = None if eps is None else float(float_argument(eps, "eps", _FUNCTION, POSITIVE))
    d_in, d_h, d_out = model.d_in, model.d_h, model.d_out
    n_train = max(1, round(d_in / float(model.lam)))
    doubles = (2.0 * n_train + 5 * d_in) * d_in + 6.0 * d_in * d_h
    doubles += 5.0 * n_train * d_h + _TEST_POINTS * (d_in + 3.0 * d_h) if activation == "tanh" else 0.0
    require_memory(_FUNCTION, doubles, f"{d_in}-{d_h}-{d_out} with N_tr = {n_train}")
    model = TwoLayerLinear(Fraction(d_in, n_train), d_in, d_h, d_out, eta=model.eta)
    random = generator(rng, _FUNCTION)
    names = ["train_loss", "gen_loss"] + ([] if tolerance is None else ["train_accuracy", "gen_accuracy"])
    rows: list[list[list[float]]] = []
    for _ in range(int(realisations)):
        network = (_Linear if activation == "linear" else _Tanh)(model, n_train, random)
        rows.append([network.measure(tolerance) for _ in network.follow(at)])
        if tick is not None:
            tick()
    runs = np.array(rows)  # realisations x times x names
    theory = _theory(model, at, tolerance)
    curves = {}
    for i, name in enumerate(names):
        paths = runs[:, :, i]
        spread = paths.std(axis=0, ddof=1) if len(paths) > 1 else np.full(at.shape, np.nan)
        curves[name] = Curve(paths, theory[name], spread)
    return TwoLayerRun(at, model, n_train, activation, curves)


def _times(times: Any) -> Array:
    if times is None:
        return np.concatenate([[0.0], np.unique(np.round(np.geomspace(1, 1e4, 20)))])
    at = np.atleast_1d(np.asarray(float_argument(times, "times", _FUNCTION), dtype=float))
    if at.ndim != 1 or (at < 0).any() or (at != np.floor(at)).any() or (np.diff(at) < 0).any():
        raise domain_error(_FUNCTION, "times", times, "integers >= 0 in increasing order", "round and sort them")
    return at


def _theory(model: TwoLayerLinear, times: Array, eps: float | None) -> dict[str, Array]:
    """The linear model at the rescaled rate, for whole steps and to order 1/d_in."""
    finite = FiniteSize(LinearTeacherStudent(model.lam, model.rescaled_eta), model.d_in, descent=True)
    scale = float(model.initial_loss)
    theory = {name: scale * np.asarray(getattr(finite, name)(times)) for name in ("train_loss", "gen_loss")}
    if eps is not None:
        for side in ("train", "gen"):
            loss = np.maximum(theory[f"{side}_loss"], 1e-300)
            theory[f"{side}_accuracy"] = np.asarray(gammainc(model.d_out / 2, model.d_out * eps / (2 * loss)))
    return theory


class _Network:
    """Teacher, student and data of one run; subclasses say how a step is taken and what is measured."""

    def __init__(self, model: TwoLayerLinear, n_train: int, random: np.random.Generator) -> None:
        self.model = model
        self.rate = 2 * float(model.eta) / model.d_out
        first, second = (model.d_in, model.d_h), (model.d_h, model.d_out)
        inner, outer = (2 * model.d_in * model.d_h) ** -0.5, (2 * model.d_out * model.d_h) ** -0.5
        self.X = random.standard_normal((n_train, model.d_in))
        self.T0, self.S0 = (inner * random.standard_normal(first) for _ in range(2))
        self.T1, self.S1 = (outer * random.standard_normal(second) for _ in range(2))
        self.random = random

    def follow(self, times: Array) -> Iterator[None]:
        """Stop at each of the times."""
        done = 0
        for time in times:
            with np.errstate(over="ignore", invalid="ignore"):
                for _ in range(int(time) - done):
                    self.step()
            done = int(time)
            if not np.abs(self.S1).max() < 1e6:
                raise self._diverged()
            yield

    def _diverged(self) -> Exception:
        top = float(np.linalg.norm(self.X, 2)) ** 2 / len(self.X)
        kernel = float(np.linalg.norm(self.T0, 2)) ** 2 + float(np.linalg.norm(self.T1, 2)) ** 2  # as the start's
        limit = self.model.d_out / (top * kernel)
        wanted = f"at most about {limit:.4g} for these data and widths, where descent starts to converge"
        return domain_error(_FUNCTION, "eta", str(self.model.eta), wanted, "lower it")

    def step(self) -> None:
        raise NotImplementedError

    def measure(self, eps: float | None) -> list[float]:
        raise NotImplementedError


def _measures(train: Array, gen: Array, eps: float) -> list[float]:
    return [float(np.mean((error**2).mean(axis=1) <= eps)) for error in (train, gen)]


class _Linear(_Network):
    def __init__(self, model: TwoLayerLinear, n_train: int, random: np.random.Generator) -> None:
        super().__init__(model, n_train, random)
        nu, self.basis = np.linalg.eigh(self.X.T @ self.X / n_train)
        nu[: max(0, model.d_in - n_train)] = 0.0
        self.nu = np.maximum(nu, 0.0)
        self.T = self.basis.T @ (self.T0 @ self.T1)
        self.S0 = self.basis.T @ self.S0
        self.test = random.standard_normal((_TEST_POINTS, model.d_in))

    def step(self) -> None:
        pull = self.rate * self.nu[:, None] * (self.S0 @ self.S1 - self.T)
        change = self.S0.T @ pull
        self.S0 -= pull @ self.S1.T
        self.S1 -= change

    def measure(self, eps: float | None) -> list[float]:
        D = self.S0 @ self.S1 - self.T
        modes = (D**2).sum(axis=1)
        losses = [float(self.nu @ modes) / self.model.d_out, float(modes.sum()) / self.model.d_out]
        if eps is None:
            return losses
        D = self.basis @ D
        return losses + _measures(self.X @ D, self.test @ D, eps)


class _Tanh(_Network):
    def __init__(self, model: TwoLayerLinear, n_train: int, random: np.random.Generator) -> None:
        super().__init__(model, n_train, random)
        self.Y = np.tanh(self.X @ self.T0) @ self.T1
        self.test = random.standard_normal((_TEST_POINTS, model.d_in))
        self.test_Y = np.tanh(self.test @ self.T0) @ self.T1

    def step(self) -> None:
        hidden = np.tanh(self.X @ self.S0)
        error = (self.rate / len(self.X)) * (hidden @ self.S1 - self.Y)
        change = hidden.T @ error
        back = error @ self.S1.T
        hidden *= hidden
        back *= 1 - hidden
        self.S0 -= self.X.T @ back
        self.S1 -= change

    def measure(self, eps: float | None) -> list[float]:
        train, gen = (np.tanh(x @ self.S0) @ self.S1 - y for x, y in ((self.X, self.Y), (self.test, self.test_Y)))
        losses = [float((error**2).mean()) for error in (train, gen)]
        return losses if eps is None else losses + _measures(train, gen, eps)
