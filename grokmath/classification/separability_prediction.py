"""What the theory says about training on a given set of points, and whether the points look as it supposes.

New points are supposed to be N(0, sigma**2 I). Then the accuracy and the times follow from facts of the training set:
the margin M, or R = sigma ||S_inf|| and the minimal loss. Nothing else of the theory's limit of large N enters.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.optimize import brentq
from scipy.special import ndtri

from grokmath.classification.equilibrated import CRITERIA, EquilibratedTimes
from grokmath.classification.separability_data import Points, gram, shifted
from grokmath.functions import logistic_normal_float64
from grokmath.parameters import one_of


@dataclass(frozen=True)
class GaussianScores:
    """How far the entries are from N(0, sigma**2), in standard errors of Gaussian data of the same size.

    ``mean``: the mean of all entries; ``kurtosis``: their excess kurtosis; ``sphericity``: the spread of the
    eigenvalues of X^T X beyond that of independent entries (Ledoit and Wolf's U, Ann. Statist. 30 (2002) 1081).
    """

    mean: float
    kurtosis: float
    sphericity: float

    @property
    def looks_gaussian(self) -> bool:
        """Whether no score is beyond 4 standard errors."""
        return max(abs(self.mean), abs(self.kurtosis), abs(self.sphericity)) < 4


def gaussian_scores(points: Points) -> GaussianScores:
    """The three scores; nan where all entries are zero."""
    X = points.X
    N, d = points.shape
    values = X.data if sp.issparse(X) else X.ravel()
    count = N * d
    square = float(values @ values) / count
    if square == 0:
        return GaussianScores(math.nan, math.nan, math.nan)
    mean = float(values.sum()) / math.sqrt(count * square)
    kurtosis = (float((values**2) @ (values**2)) / count / square**2 - 3) / math.sqrt(24 / count)
    moments = gram(X, np.ones(N)) / (N * square)
    spread = float((moments * moments).sum()) / d - 2 * float(np.trace(moments)) / d + 1
    return GaussianScores(mean, kurtosis, (N * spread - d - 1) / 2)


def root_mean_square(points: Points) -> float:
    """The standard deviation of the entries about 0."""
    values = points.X.data if sp.issparse(points.X) else points.X.ravel()
    return shifted(math.sqrt(float(values @ values) / (points.shape[0] * points.shape[1])), points.exponent)


def instance_times(
    R: float, log_loss: float, outputs: Any, exponent: float, eta: float, eps: float, criterion: str
) -> EquilibratedTimes:
    """The times of :mod:`grokmath.classification.equilibrated` for one set's R, minimal loss and outputs."""
    one_of(criterion, CRITERIA, "criterion", "grokking_time")
    log_eps = math.log(eps)
    if criterion == "accuracy":
        train = max(0.0, _train_bias(outputs, eps))
        gen = max(0.0, -float(ndtri(eps)) * R)
    else:
        train = max(0.0, log_loss - log_eps)
        gen = max(0.0, R * R / 2 - log_eps if criterion == "exponential" else _cross_entropy_bias(R, log_eps))
    log_rate = math.log(eta) + log_loss
    times = [_expm1(bias, log_rate) for bias in (train, gen)]
    logs = [_log_expm1(bias) - log_rate if bias > 0 else -math.inf for bias in (train, gen)]
    reason = None
    if gen == 0:
        reason = "generalization meets the criterion at t = 0"
    elif train == 0:
        reason = "training meets the criterion at t = 0"
    log_gen = logs[1] if gen > 0 else None
    log_ratio = logs[1] - logs[0] if gen > 0 and train > 0 else None
    delta = times[1] - times[0] if math.isfinite(times[1]) else times[1]
    equilibration = exponent * gen if gen > 0 else 0.0
    return EquilibratedTimes(times[0], times[1], delta, log_gen, log_ratio, gen, equilibration, criterion, reason)


def _train_bias(outputs: Any, eps: float) -> float:
    """The least -b at which at most a fraction eps of the outputs S.x + b is positive."""
    ordered = np.sort(outputs)[::-1]
    allowed = math.floor(eps * len(ordered) * (1 + 1e-12))
    return float(ordered[allowed]) if allowed < len(ordered) else 0.0


def _cross_entropy_bias(R: float, log_eps: float) -> float:
    """-b where the population cross-entropy loss is eps; 0 where it is below at b = 0."""

    def excess(bias: float) -> float:
        return float(logistic_normal_float64.log_loss(R, -bias)) - log_eps

    if excess(0.0) <= 0:
        return 0.0
    high = R * R / 2 - log_eps + 1
    return float(brentq(excess, 0.0, high, xtol=1e-14 * high, rtol=1e-14))


def _expm1(bias: float, log_rate: float) -> float:
    log = bias - log_rate
    return math.inf if log > 709 else math.expm1(bias) * math.exp(-log_rate) if bias < 700 else math.exp(log)


def _log_expm1(bias: float) -> float:
    return bias + math.log(-math.expm1(-bias))
