"""Two-layer networks that take steps of gradient descent: linear ones of any width, and tanh.

**Narrower copies.** Stack the layers of a linear network as W = [S_0; S_1^T], of d_in + d_out rows and d_h columns. A
step of gradient descent is W <- (1 - A) W with A = rate [[0, P], [P^T, 0]], P = Sigma (S_0 S_1 - T), and S_0 S_1 is a
block of W W^T. So whatever has the same W W^T has the same losses for ever, and the triangular factor of W W^T is a
network of only d_in + d_out hidden units with the training curve of the wide one. For standard normal W that factor L
is drawn without W (Bartlett): L_jj^2 of the chi-square law with d_h - j degrees of freedom, j = 0, 1, ..., and standard
normal entries below.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from grokmath.parameters import domain_error
from grokmath.regression.two_layer import TwoLayerLinear
from grokmath.simulate.two_layer_lazy import linear_path

__all__ = ["NETWORKS", "TEST_POINTS", "Linear", "Network", "Tanh", "drawn_layers", "narrowed"]

Array = NDArray[np.float64]
TEST_POINTS = 2000


def drawn_layers(model: TwoLayerLinear, random: np.random.Generator, *, narrow: bool) -> tuple[Array, Array]:
    """First and second layer with entries of variance 1/(2 d_in d_h) and 1/(2 d_out d_h).

    ``narrow`` draws a copy with d_in + d_out hidden units where that is fewer, which has the law of the same W W^T.
    """
    rows, d_in, d_h = model.d_in + model.d_out, model.d_in, model.d_h
    if narrow and d_h > rows:
        W = np.tril(random.standard_normal((rows, rows)), -1)
        np.fill_diagonal(W, np.sqrt(random.chisquare(d_h - np.arange(rows, dtype=float))))
        first, second = W[model.d_out :], W[: model.d_out].T
    else:
        first, second = random.standard_normal((d_in, d_h)), random.standard_normal((d_h, model.d_out))
    return (2 * d_in * d_h) ** -0.5 * first, (2 * model.d_out * d_h) ** -0.5 * second


def narrowed(first: Array, second: Array) -> tuple[Array, Array]:
    """Layers with at most d_in + d_out hidden units that have the same W W^T."""
    W = np.vstack([first, second.T])
    if W.shape[1] <= W.shape[0]:
        return first.copy(), second.copy()
    factor = np.asarray(np.linalg.qr(W.T, mode="r")).T
    return np.ascontiguousarray(factor[: len(first)]), np.ascontiguousarray(factor[len(first) :].T)


class Network:
    """Teacher, student and data of one run; subclasses say how a step is taken and what is measured.

    ``start`` is D = S_0 S_1 - T_0 T_1 at first, in the eigenbasis of Sigma = X^T X/N_tr.
    """

    narrow = False
    """Whether a narrower network of the same law may stand for a wide one."""
    sampled = False
    """Whether the generalization loss is that of the test points, and not of all."""

    def __init__(self, model: TwoLayerLinear, n_train: int, random: np.random.Generator) -> None:
        self.model = model
        self.rate = 2 * float(model.eta) / model.d_out
        self.X = random.standard_normal((n_train, model.d_in))
        (self.T0, self.T1), (self.S0, self.S1) = (drawn_layers(model, random, narrow=self.narrow) for _ in range(2))
        nu, self.basis = np.linalg.eigh(self.X.T @ self.X / n_train)
        nu[: max(0, model.d_in - n_train)] = 0.0
        self.nu = np.maximum(nu, 0.0)
        self.start = self.basis.T @ (self.S0 @ self.S1 - self.T0 @ self.T1)
        self.test = random.standard_normal((TEST_POINTS, model.d_in))

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
        return domain_error("simulate.two_layer", "eta", str(self.model.eta), wanted, "lower it")

    def step(self) -> None:
        """One step of full-batch gradient descent."""
        raise NotImplementedError

    def measure(self, eps: float | None) -> list[float]:
        """Training and generalization loss and, with ``eps``, the two accuracies."""
        raise NotImplementedError

    def measure_map(self, D: Array, eps: float | None) -> list[float]:
        """The same for a linear map that is off by D, given in the eigenbasis."""
        modes = (D**2).sum(axis=1)
        losses = [float(self.nu @ modes) / self.model.d_out, float(modes.sum()) / self.model.d_out]
        if eps is None and not self.sampled:
            return losses
        D = self.basis @ D
        gen = self.test @ D
        if self.sampled:
            losses[1] = float((gen**2).mean())
        return losses if eps is None else losses + _accuracies(self.X @ D, gen, eps)

    def measure_linear_model(self, times: Array, eps: float | None) -> list[list[float]]:
        """What the linear model does from this start on these data, at each of the times."""
        return [self.measure_map(D, eps) for D in linear_path(self.model, self.nu, self.start, times)]

    def linearised(self) -> Linear:
        """The linear network with the same layers, on the same data and test points; before the first step."""
        other = Linear.__new__(Linear)
        other.sampled = self.sampled
        other.model, other.rate, other.X, other.test = self.model, self.rate, self.X, self.test
        other.nu, other.basis, other.start = self.nu, self.basis, self.start
        other.T0, other.T1 = narrowed(self.T0, self.T1)
        first, other.S1 = narrowed(self.S0, self.S1)
        other.rotate(first)
        return other


def _accuracies(train: Array, gen: Array, eps: float) -> list[float]:
    return [float(np.mean((error**2).mean(axis=1) <= eps)) for error in (train, gen)]


class Linear(Network):
    """The linear network, with the first layer in the eigenbasis of Sigma."""

    narrow = True
    T: Array

    def __init__(self, model: TwoLayerLinear, n_train: int, random: np.random.Generator) -> None:
        super().__init__(model, n_train, random)
        self.rotate(self.S0)

    def rotate(self, first: Array) -> None:
        """Set teacher and first layer in the eigenbasis."""
        self.T, self.S0 = self.basis.T @ (self.T0 @ self.T1), self.basis.T @ first

    def step(self) -> None:
        pull = self.rate * self.nu[:, None] * (self.S0 @ self.S1 - self.T)
        change = self.S0.T @ pull
        self.S0 -= pull @ self.S1.T
        self.S1 -= change

    def measure(self, eps: float | None) -> list[float]:
        return self.measure_map(self.S0 @ self.S1 - self.T, eps)


class Tanh(Network):
    """The network with tanh between the layers, of student and teacher."""

    sampled = True

    def __init__(self, model: TwoLayerLinear, n_train: int, random: np.random.Generator) -> None:
        super().__init__(model, n_train, random)
        self.Y = np.tanh(self.X @ self.T0) @ self.T1
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
        return losses if eps is None else losses + _accuracies(train, gen, eps)


NETWORKS: dict[str, type[Network]] = {"linear": Linear, "tanh": Tanh}
"""By the activation of the hidden layer."""
