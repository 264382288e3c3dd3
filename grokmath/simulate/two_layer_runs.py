"""Training runs of the two-layer network of the regression paper (section 4), linear or tanh, beside the lazy theory.

Full-batch gradient descent, step by step. The linear network is followed in the eigenbasis of X^T X/N_tr, where a step
costs d_in d_h d_out operations and is exactly the step on the data, and as one of at most d_in + d_out hidden units,
however wide it is (:mod:`grokmath.simulate.two_layer_networks`); the tanh network on the data themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grokmath.functions.marchenko_pastur_sampling import generator
from grokmath.parameters import POSITIVE, domain_error, float_argument
from grokmath.regression.finite_size import FiniteSize
from grokmath.regression.two_layer import TwoLayerLinear
from grokmath.simulate import two_layer_networks as networks
from grokmath.simulate.curves import Curve
from grokmath.simulate.memory import require_memory
from grokmath.simulate.regression_runs import accuracy_theory
from grokmath.simulate.two_layer_lazy import linear_model

__all__ = ["ACTIVATIONS", "TwoLayerRun", "lazy_theory", "two_layer"]

Array = NDArray[np.float64]
ACTIVATIONS = tuple(networks.NETWORKS)
_FUNCTION = "simulate.two_layer"


@dataclass(frozen=True, eq=False)
class TwoLayerRun:
    """What :func:`two_layer` returns: times (in steps), the model at the actual aspect ratio, and the curves.

    ``curves`` is as in :class:`~grokmath.simulate.regression_runs.RegressionRun`; its spread is the one measured.
    ``linear_model`` has what the linear model does from the start of each run, on its data (realisations x times), and
    ``linear_network`` what the linear network does, where that was asked for; names as in ``curves``.
    """

    times: Array
    model: TwoLayerLinear
    n_train: int
    activation: str
    curves: dict[str, Curve]
    linear_model: dict[str, Array]
    linear_network: dict[str, Array]


def two_layer(
    model: TwoLayerLinear,
    times: Any = None,
    *,
    activation: str = "linear",
    realisations: int = 2,
    eps: Any = None,
    beside: bool = False,
    rng: Any = None,
    tick: Callable[[], object] | None = None,
) -> TwoLayerRun:
    """Train ``realisations`` networks d_in - d_h - d_out with teachers of the same kind, by gradient descent.

    ``activation`` is that of the hidden layer of student and teacher, "linear" or "tanh". N_tr is d_in/lam rounded.
    ``times`` are whole steps, by default 20 from 1 to 1e4 and 0. ``eps`` adds the accuracies. The theory is
    ``TwoLayerLinear``'s, of order 1/d_in and for whole steps; for tanh it is the same, which the paper claims for wide
    layers. It leaves out what is of order d_out/d_h. The generalization loss is exact for the linear network, a mean
    over 2000 fresh points for tanh; accuracies are fractions of points. z-scores rest on the spread over the runs, of
    which two are the fewest and ten give a fair error. Linear networks of any width cost no more than those of d_in +
    d_out hidden units, whose law is the same. ``beside`` follows, for each tanh network, the linear one with the same
    start as well. ``rng``: the same seed, the same numbers on one machine. ``tick`` is called after each run. Raises
    :class:`DomainError` for bad input, for sizes that do not fit into the machine's memory, and where descent diverges,
    naming a learning rate at which it does not.

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
    doubles = (2.0 * n_train + 5 * d_in) * d_in
    doubles += 6.0 * d_in * (min(d_h, d_in + d_out) if activation == "linear" else d_h)
    doubles += 5.0 * n_train * d_h + networks.TEST_POINTS * (d_in + 3.0 * d_h) if activation == "tanh" else 0.0
    doubles += 4.0 * d_out * (min(d_h, d_in + d_out) + d_in + n_train)
    require_memory(_FUNCTION, doubles, f"{d_in}-{d_h}-{d_out} with N_tr = {n_train}")
    model = TwoLayerLinear(Fraction(d_in, n_train), d_in, d_h, d_out, eta=model.eta)
    random = generator(rng, _FUNCTION)
    names = ["train_loss", "gen_loss"] + ([] if tolerance is None else ["train_accuracy", "gen_accuracy"])
    rows: dict[str, list[list[list[float]]]] = {"runs": [], "model": [], "network": []}
    for _ in range(int(realisations)):
        network = networks.NETWORKS[activation](model, n_train, random)
        other = network.linearised() if beside and activation != "linear" else None
        rows["runs"].append([network.measure(tolerance) for _ in network.follow(at)])
        rows["model"].append(network.measure_linear_model(at, tolerance))
        if other is not None:
            rows["network"].append([other.measure(tolerance) for _ in other.follow(at)])
        if tick is not None:
            tick()
    found = {
        key: dict(zip(names, np.moveaxis(np.array(part), 2, 0), strict=True)) for key, part in rows.items() if part
    }
    theory = lazy_theory(model, at, tolerance)
    curves = {}
    for name, paths in found["runs"].items():
        spread = paths.std(axis=0, ddof=1) if len(paths) > 1 else np.full(at.shape, np.nan)
        curves[name] = Curve(paths, theory[name], spread)
    return TwoLayerRun(at, model, n_train, activation, curves, found["model"], found.get("network", {}))


def _times(times: Any) -> Array:
    if times is None:
        return np.concatenate([[0.0], np.unique(np.round(np.geomspace(1, 1e4, 20)))])
    at = np.atleast_1d(np.asarray(float_argument(times, "times", _FUNCTION), dtype=float))
    if at.ndim != 1 or (at < 0).any() or (at != np.floor(at)).any() or (np.diff(at) < 0).any():
        raise domain_error(_FUNCTION, "times", times, "integers >= 0 in increasing order", "round and sort them")
    return at


def lazy_theory(model: TwoLayerLinear, times: Any, eps: float | None = None) -> dict[str, Array]:
    """The linear model at the rescaled rate, for whole steps and to order 1/d_in: losses and, with ``eps``, accuracies.

    The names are those of :attr:`TwoLayerRun.curves`; lam is d_in/N_tr.
    """
    linear, unit = linear_model(model)
    n_train = max(1, round(model.d_in / float(model.lam)))
    finite = FiniteSize(linear, model.d_in, descent=True)
    theory = {}
    for side, points in (("train", n_train), ("gen", networks.TEST_POINTS)):
        loss = np.asarray(getattr(finite, f"{side}_loss")(times))
        theory[f"{side}_loss"] = float(unit) * loss
        if eps is not None:
            spread = np.asarray(getattr(finite, f"{side}_loss_spread")(times))
            curve, tolerance = Curve(loss[None, :], loss, spread), eps / float(unit)
            known = accuracy_theory(curve, spread, linear, tolerance, points, 1, sampled=side == "train")
            theory[f"{side}_accuracy"] = known[0]
    return theory
