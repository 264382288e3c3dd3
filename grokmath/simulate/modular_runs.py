"""Training runs of modular addition as in the regression paper's appendix G.

A network x -> W_2 (W_1 x/sqrt(2p))^2/d_h, squares entry by entry, learns the one-hot vector of (n + m) mod p from the
pair of one-hot vectors of n and m; all weights start as standard normal numbers (mean-field scaling), and full-batch
gradient descent lowers the squared error summed over the p outputs and averaged over the training pairs. There is no
theory of this network beside the runs; what the paper compares is the linear model (``modular_aspect_ratio``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from grokmath.functions.marchenko_pastur_sampling import generator
from grokmath.parameters import POSITIVE, domain_error, float_argument
from grokmath.simulate.memory import require_memory

__all__ = ["ModularRun", "modular"]

Array = NDArray[np.float64]
_FUNCTION = "simulate.modular"
_LARGEST = 10**6


@dataclass(frozen=True, eq=False)
class ModularRun:
    """What :func:`modular` returns: curves over ``times`` (in steps) of one run.

    ``n_train`` of the p^2 pairs were seen; ``lam`` = 2p/n_train is the paper's aspect ratio. Losses are means over the
    outputs too, as accuracies are fractions of pairs; those of generalization are over all unseen pairs.
    """

    p: int
    n_train: int
    lam: float
    times: Array
    train_loss: Array
    gen_loss: Array
    train_accuracy: Array
    gen_accuracy: Array

    def reached(self, accuracy: float = 0.95) -> tuple[float, float]:
        """The times at which training and generalization first have the accuracy, linear between records.

        ``inf`` where that does not happen.
        """
        return _first(self.times, self.train_accuracy, accuracy), _first(self.times, self.gen_accuracy, accuracy)


def _first(times: Array, path: Array, level: float) -> float:
    above = np.flatnonzero(path >= level)
    if not above.size:
        return float("inf")
    i = int(above[0])
    if i == 0:
        return float(times[0])
    return float(times[i - 1] + (level - path[i - 1]) / (path[i] - path[i - 1]) * (times[i] - times[i - 1]))


def modular(
    p: int = 48,
    alpha: Any = 0.5,
    *,
    width: int = 400,
    eta: Any = 500,
    steps: int = 6000,
    every: int = 25,
    until: float | None = None,
    rng: Any = None,
    tick: Callable[[], object] | None = None,
) -> ModularRun:
    """Train one network of ``width`` hidden units on a random fraction ``alpha`` of the p^2 pairs.

    0 < alpha < 1, so that at least one pair is seen and one is not; ``eta`` > 0 is the learning rate of the squared
    error summed over the outputs (that of a mean over the outputs is p times as large); the curves have a point
    ``every`` so many steps, after each of which ``tick`` is called. ``until`` ends the run at the record at which both
    accuracies have reached it, before ``steps``. An accuracy is the fraction of pairs whose largest output is the right
    one. Arithmetic is in single precision. ``rng``: the same seed, the same numbers on one machine. Cost: about 12
    alpha p^3 width operations a step, 10 to 20 ms for p = 48 and width 400.

    Raises :class:`DomainError` for bad input, for sizes that the machine's memory cannot hold, and where descent
    diverges, naming the learning rate that is stable at the last good weights (their curvature grows in training).

    >>> run = modular(7, 0.8, width=50, eta=50, steps=200, rng=1)
    >>> run.n_train, float(run.train_accuracy[-1]) > float(run.train_accuracy[0])
    (39, True)
    """
    for name, count in (("p", p), ("width", width), ("steps", steps), ("every", every)):
        low = 2 if name == "p" else 1
        if isinstance(count, bool) or not isinstance(count, int | np.integer) or not low <= count <= _LARGEST**2:
            raise domain_error(_FUNCTION, name, count, f"an integer >= {low}", "count them")
    fraction = float(float_argument(alpha, "alpha", _FUNCTION, POSITIVE))
    rate = float(float_argument(eta, "eta", _FUNCTION, POSITIVE))
    p, width = int(p), int(width)
    n_train = round(fraction * p * p)
    if not 1 <= n_train < p * p:
        wanted = f"between 1/p^2 and 1 - 1/p^2 for p = {p}"
        raise domain_error(_FUNCTION, "alpha", fraction, wanted, "see some of the pairs and not all")
    doubles = 0.5 * (4.0 * p * p * width + 3.0 * p**3 + 4.0 * p * width) + 3.0 * p * p
    doubles += 15.0 * (steps / every)  # rows of Python's numbers
    require_memory(_FUNCTION, doubles, f"p = {p} with width = {width}, {steps} steps")
    random = generator(rng, _FUNCTION)
    network = _Network(p, width, n_train, rate, random)
    times, rows = [], []
    for step in range(int(steps) + 1):
        record = step % every == 0 or step == steps
        facts = network.step(record)
        if facts is None:
            continue
        times.append(step)
        rows.append(facts)
        if tick is not None:
            tick()
        if until is not None and min(facts[2], facts[3]) >= until:
            break
    table = np.array(rows)
    return ModularRun(p, n_train, 2 * p / n_train, np.array(times, dtype=float), *table.T)


class _Network:
    """Weights W (2p x d_h) and V (d_h x p) with their data, in single precision."""

    def __init__(self, p: int, width: int, n_train: int, eta: float, random: np.random.Generator) -> None:
        self.p, self.width, self.eta = p, width, eta
        chosen = random.permutation(p * p)
        self.seen, self.unseen = np.sort(chosen[:n_train]), np.sort(chosen[n_train:])
        self.X, self.unseen_X = self._inputs(self.seen), self._inputs(self.unseen)
        self.X_T = self.X.T.tocsr()
        self.target, self.unseen_target = ((pairs // p + pairs % p) % p for pairs in (self.seen, self.unseen))
        self.W = random.standard_normal((2 * p, width)).astype(np.float32)
        self.V = random.standard_normal((width, p)).astype(np.float32)
        self.good = self.W.copy(), self.V.copy()

    def _inputs(self, pairs: NDArray[np.intp]) -> Any:
        """One-hot pairs over sqrt(2p), as a sparse matrix."""
        n, m = np.divmod(pairs, self.p)
        columns = np.column_stack([n, self.p + m]).reshape(-1)
        values = np.full(columns.size, (2 * self.p) ** -0.5, dtype=np.float32)
        rows = np.repeat(np.arange(pairs.size), 2)
        return sparse.csr_matrix((values, (rows, columns)), shape=(pairs.size, 2 * self.p))

    def step(self, record: bool) -> tuple[float, float, float, float] | None:
        """One step; what is recorded is the state before it."""
        with np.errstate(over="ignore", invalid="ignore"):
            hidden = self.X @ self.W
            squares = hidden * hidden
            output = squares @ self.V / np.float32(self.width)
            facts = None
            if record:
                unseen = self.unseen_X @ self.W
                unseen *= unseen
                test = self._facts(unseen @ self.V / np.float32(self.width), self.unseen_target)
                train = self._facts(output.copy(), self.target)
                facts = train[0], test[0], train[1], test[1]
                if not np.isfinite(facts[:2]).all():
                    raise self._diverged()
                if facts[0] <= 2 / self.p:  # a network that answers 0 to all has 1/p
                    self.good = self.W.copy(), self.V.copy()
            output[np.arange(self.seen.size), self.target] -= 1
            output *= np.float32(2 * self.eta / (self.seen.size * self.width))
            back = output @ self.V.T
            back *= hidden
            back *= 2
            self.V -= squares.T @ output
            self.W -= self.X_T @ back
        return facts

    def _facts(self, output: Any, target: NDArray[np.intp]) -> tuple[float, float]:
        """Mean squared error over points and outputs, and accuracy; ``output`` is used up."""
        accuracy = float(np.mean(output.argmax(axis=1) == target))
        output[np.arange(target.size), target] -= 1
        return float(np.mean(output.astype(np.float64) ** 2)), accuracy

    def _diverged(self) -> Exception:
        """The limit is 2 over the largest eigenvalue of the tangent kernel at the last good weights (power method)."""
        W, V = self.good
        random = np.random.default_rng(0)
        hidden = self.X @ W
        squares = hidden * hidden
        vector = random.standard_normal((self.seen.size, self.p)).astype(np.float32)
        top = 1.0
        for _ in range(60):
            back = 2 * (vector @ V.T) * hidden
            image = (squares @ (squares.T @ vector) + 2 * hidden * (self.X @ (self.X_T @ back)) @ V) / self.width**2
            top = float(np.linalg.norm(image)) * 2 / self.seen.size
            vector = image / np.linalg.norm(image)
        wanted = f"at most about {2 / top:.4g} to be stable at the weights reached; descent diverged"
        return domain_error(_FUNCTION, "eta", self.eta, wanted, "lower it")
