"""Training runs of the logistic model on real data, beside what the theory says of their late state.

N points x with coordinates of standard deviation sigma, f(x) = S.x + b, loss the mean of log(1 + e^f) (or e^f) where
every label is -1. The flow is followed in log(1 + t) by SciPy's stiff solver, so that times up to 1e300 cost no more
than their logarithm; descent and Adam take their steps one by one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from grokmath.classification.exponential_descent import Descent, descend
from grokmath.classification.logistic import LogisticModel
from grokmath.functions.marchenko_pastur_sampling import generator
from grokmath.parameters import NONNEGATIVE, Domain, domain_error, float_argument
from grokmath.simulate.classification_inputs import INPUTS, draw_inputs, input_law
from grokmath.simulate.classification_population import Population
from grokmath.simulate.classification_problem import Problem
from grokmath.simulate.curves import Curve
from grokmath.simulate.memory import require_memory
from grokmath.simulate.times import increasing_times

__all__ = ["DYNAMICS", "INPUTS", "LOSSES", "ClassificationRun", "classification", "draw_inputs"]

Array = NDArray[np.float64]
_FUNCTION = "simulate.classification"
LOSSES = ("logistic", "exponential")
DYNAMICS = ("flow", "descent", "adam")
_FRACTION = Domain("0 < label_fraction <= 1", Fraction(0), Fraction(1), low_open=True)


@dataclass(frozen=True, eq=False)
class ClassificationRun:
    """What :func:`classification` returns; every curve has shape (realisations, times).

    ``train_loss``, ``train_accuracy``; ``gen_loss`` (population cross-entropy) and ``gen_accuracy``; ``norm`` = ||S||,
    ``bias``, ``margin`` = min(-y S.x)/||S||; ``output_std``, the standard deviation of f on new points over sigma,
    which is ||S|| for inputs alike in all directions. ``weights`` has S itself, (realisations, times, d).

    ``minimizer`` has what every set of its own leads to where lam < 1/2, one entry a realisation, nan for a set that
    is separable: "output_std", "minimal_loss" and "outputs" (S.x of all points) at S_inf, from Newton's method. It is
    empty above 1/2, for labels that are not all -1 and for a spread along the axis.

    ``late`` sets the last state beside the theory of t = infinity, as a :class:`~grokmath.simulate.curves.Curve` whose
    spread is the one measured over the realisations (nan for one): "norm" (``output_std`` against ||S_inf||, lam <
    1/2), or "gen_accuracy" and "margin" (lam > 1/2; flow and descent, inputs alike in all directions). Two biases are
    not in its error: what the last time lacks to infinity, of order t^-theta or 1/log t, and the finite size: the mean
    of ||S_inf|| is above the law's value as lam -> 1/2, because single sets that are nearly separable dominate it (the
    median is not), and a set that is separable by chance below 1/2 has no minimiser at all.
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
    output_std: Array
    weights: Array
    minimizer: dict[str, Array]
    late: dict[str, Curve]


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
    label_fraction: Any = 1,
    axis_std: Any = 0,
    start_std: Any = 0,
    start_bias: Any = 0,
    rng: Any = None,
    tick: Callable[[], object] | None = None,
) -> ClassificationRun:
    """Train ``realisations`` models on N = ``n_train`` points in d = lam N (rounded) dimensions.

    ``times``: for the flow any t >= 0, by default 41 from 1e-2 to 1e6; for "descent" and "adam" (beta_1 = 0.9, beta_2 =
    0.999, step eta) integers, by default up to 1e4. ``loss``: "logistic" or "exponential". ``inputs``: "normal",
    "uniform", "rademacher", "power-law", "mixture", see :mod:`grokmath.simulate.classification_inputs`. ``bias=False``
    keeps b at its start. ``label_fraction`` r < 1: labels -1 where x_1 > sigma Phi^-1(1 - r), else 1 (appendix I;
    normal inputs). ``axis_std`` = sigma_A > 0: f = S.x + b (1 + sigma_A g), g ~ N(0, 1) for each point, the two
    Gaussians of (45) with a spread along their axis (Section 5). ``start_std``: ||S(0)|| in the mean square;
    ``start_bias``: b(0).

    ``rng`` is an int, a SeedSequence or a Generator; the same seed gives the same numbers on one machine. ``tick`` is
    called after each run. The generalization curves are population values at the state reached, exact for Gaussian
    inputs. Raises :class:`DomainError` for bad input or a size beyond the memory, and :class:`PrecisionError` where the
    solver gives up; warns where descent is unstable. Cost of the flow: some 100 factorizations of order d + 1.

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
    at = increasing_times(_FUNCTION, times, flow=dynamics == "flow", last=(1e6, 1e4), count=(41, 30))
    law, sigma = input_law(inputs, _FUNCTION), float(model.sigma)
    fraction = float(float_argument(label_fraction, "label_fraction", _FUNCTION, _FRACTION))
    spread = float(float_argument(axis_std, "axis_std", _FUNCTION, NONNEGATIVE))
    if fraction < 1 and (inputs != "normal" or spread > 0):
        remedy = "take inputs='normal' and axis_std=0, or label_fraction=1"
        raise domain_error(_FUNCTION, "label_fraction", label_fraction, "1 with other inputs", remedy)
    scale = float(float_argument(start_std, "start_std", _FUNCTION, NONNEGATIVE))
    b0 = float(float_argument(start_bias, "start_bias", _FUNCTION))
    N, d = int(n_train), max(1, round(float(model.lam) * int(n_train)))
    solver = 9.0 * d if dynamics == "flow" else 0.0  # history and factors
    need = (d + 1) * (2.0 * N + solver + len(at) * int(realisations)) + 2.0 * N * len(at)
    require_memory(_FUNCTION, need, f"n_train = {N}, d = {d}")
    random = generator(rng, _FUNCTION)
    states, facts, minima = [], [], []
    alike = bias and fraction == 1 and spread == 0
    for _ in range(int(realisations)):
        X = sigma * law.draw(random, (N, d))
        axis = 1 + spread * random.standard_normal(N)  # drawn in any case: one seed, one X
        rows = np.column_stack([X, float(bias) * axis])
        if fraction < 1:
            rows[X[:, 0] <= sigma * ndtri(1 - fraction)] *= -1
        start = np.append(scale / math.sqrt(d) * random.standard_normal(d), b0)
        problem = Problem(rows, float(model.eta), loss == "exponential")
        state = problem.flow(start, at) if dynamics == "flow" else problem.steps(start, at, dynamics == "adam")
        states.append(state)
        facts.append(problem.facts(state))
        if alike and model.side == "inseparable":
            minima.append(descend(X))
        if tick is not None:
            tick()
    S, b = np.array(states)[..., :-1], np.array(states)[..., -1]
    population = Population(law, sigma, fraction, spread)
    run = ClassificationRun(
        at,
        d,
        N,
        gen_loss=population.loss(S, b),
        gen_accuracy=population.accuracy(S, b),
        norm=np.linalg.norm(S, axis=-1),
        bias=b,
        output_std=population.output_std(S, b) / sigma,
        weights=S,
        minimizer=_minimizer(minima, population, sigma),
        late={},
        **{name: np.array([fact[name] for fact in facts]) for name in facts[0]},
    )
    if alike:
        run.late.update(_late(model, run, limit_known=dynamics != "adam" and law.isotropic))
    return run


def _minimizer(minima: list[Descent], population: Population, sigma: float) -> dict[str, Array]:
    if not minima:
        return {}
    reached = np.array([found.status == "minimum" for found in minima])
    std = population.output_std(np.array([found.S for found in minima]), np.zeros(len(minima))) / sigma
    least = np.exp([found.log_loss for found in minima])
    outputs = np.array([found.outputs for found in minima])
    return {
        "output_std": np.where(reached, std, np.nan),
        "minimal_loss": np.where(reached, least, np.nan),
        "outputs": np.where(reached[:, None], outputs, np.nan),
    }


def _late(model: LogisticModel, run: ClassificationRun, *, limit_known: bool) -> dict[str, Curve]:
    """The last state beside that of t = infinity; which separating direction is reached depends on the optimizer."""
    pairs: dict[str, tuple[Array, float]] = {}
    if model.side == "inseparable":
        pairs["norm"] = (run.output_std[:, -1:], model.minimizer_norm())
    elif model.side == "separable" and limit_known:
        pairs["gen_accuracy"] = (run.gen_accuracy[:, -1:], model.limit_accuracy())
        pairs["margin"] = (run.margin[:, -1:], model.margin())
    return {
        name: Curve(runs, np.array([theory]), runs.std(axis=0, ddof=1) if len(runs) > 1 else np.array([np.nan]))
        for name, (runs, theory) in pairs.items()
    }
