"""The linear model beside a two-layer network, and means of networks from few of them, by levels.

A lazy network follows its linear model: D = S_0 S_1 - T of its own start, on its own data, decays by (1 - rate_2 nu)^t
in each eigenmode of Sigma = X^T X/N_tr. Most of what scatters from run to run is in both. So the mean difference of a
few pairs, and the mean of the linear models alone over many data sets and starts, which cost one eigendecomposition
each, together are the network's mean. In the same way the mean of tanh networks comes from pairs with the linear
networks that start from the same layers. No theory enters these means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from grokmath.regression.linear import LinearTeacherStudent
from grokmath.regression.two_layer import TwoLayerLinear
from grokmath.simulate.regression_runs import regression

__all__ = ["Mean", "linear_means", "linear_model", "linear_path", "raised"]

Array = NDArray[np.float64]


def linear_model(model: TwoLayerLinear) -> tuple[LinearTeacherStudent, Fraction]:
    """The linear model of a lazy network, and its losses' unit: L = unit * L1, L1 that of the linear model."""
    linear = LinearTeacherStudent(model.lam, model.d_out * model.rescaled_eta, d_out=model.d_out)
    return linear, Fraction(1, 2 * model.d_h)


def linear_path(model: TwoLayerLinear, nu: Array, start: Array, times: Array) -> Iterator[Array]:
    """D of the linear model in the eigenmodes of Sigma, from the ``start`` D_0 there, after ``times`` steps."""
    decay = 1 - float(linear_model(model)[0].knobs.rate) * nu
    for time in times:
        with np.errstate(over="ignore", under="ignore"):
            yield decay[:, None] ** time * start


class Mean(NamedTuple):
    """A mean in time, its standard error, and the degrees of freedom of that error (inf where it is predicted)."""

    value: Array
    error: Array
    freedom: Array


def linear_means(
    model: TwoLayerLinear,
    times: Any,
    *,
    realisations: int,
    starts: int,
    eps: float | None,
    rng: Any,
    tick: Callable[[], object] | None = None,
) -> dict[str, Mean]:
    """Means of the linear model in the network's units, over ``realisations`` data sets with ``starts`` starts each.

    As in :func:`regression`, what trace, log-determinant and inverse trace of the spectra explain is taken out, and
    the errors are predicted.
    """
    linear, unit = linear_model(model)
    tolerance = None if eps is None else Fraction(str(eps)) / unit
    size: dict[str, Any] = {"d_in": model.d_in, "realisations": realisations, "starts": starts, "eps": tolerance}
    run = regression(linear, times, **size, controlled=True, rng=rng, tick=tick)
    means = {}
    for name, curve in run.curves.items():
        scale = float(unit) if name.endswith("loss") else 1.0
        freedom = np.full(curve.theory.shape, np.inf)
        means[name] = Mean(scale * curve.mean, scale * curve.predicted_error, freedom)
    return means


def raised(base: Mean, lower: Array, upper: Array) -> Mean:
    """The mean of what ``upper`` are runs of, from the mean of their pairs ``lower``; runs x times.

    The degrees of freedom are those of Welch and Satterthwaite.
    """
    change, count = upper - lower, len(upper)
    variance = change.var(axis=0, ddof=1) / count
    total = variance + base.error**2
    with np.errstate(divide="ignore", invalid="ignore"):
        spent = variance**2 / (count - 1) + base.error**4 / base.freedom
        freedom = np.where(spent > 0, total**2 / spent, np.inf)
    return Mean(base.value + change.mean(axis=0), np.sqrt(total), freedom)
