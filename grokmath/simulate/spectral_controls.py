"""What three statistics of a data set's spectrum explain of its losses: control variates with exactly known means.

Late losses scatter from one data set to the next by the spectrum of X^T X/N_tr. Its trace, log-determinant and inverse
trace, over the k = min(d_in, N_tr) eigenvalues nu that are not 0, are known in the mean for Gaussian data of every size
(n = max(d_in, N_tr)):

    E sum nu = d_in,    E sum log nu = sum_{i<k} psi((n - i)/2) + k log(2/N_tr),    E sum 1/nu = N_tr k/(n - k - 1).

Whatever multiple of their deviations is taken out of a loss, its mean stays; the multiples that take out most come from
the covariance of linear statistics (:mod:`grokmath.functions.marchenko_pastur_averages`), not from the runs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma

from grokmath.functions.marchenko_pastur_averages import MarchenkoPasturNodes
from grokmath.regression.finite_size import mode_losses
from grokmath.regression.linear import LinearTeacherStudent

__all__ = ["deviations", "explained"]

Array = NDArray[np.float64]
_FEWEST_BETWEEN = 8
"""|N_tr - d_in| from which on the fourth moment of 1/nu is finite."""
_LOOSEST_EDGE = 0.2
"""The relative spread of the smallest eigenvalue up to which the covariances for large sizes serve."""


def deviations(nu: Array, d_in: int, n_train: int) -> Array:
    """Trace, log-determinant and inverse trace less their means; none where |N_tr - d_in| < 8."""
    k, n = sorted((d_in, n_train))
    if n - k < _FEWEST_BETWEEN:
        return np.empty(0)
    own = np.sort(nu)[-k:]
    log_mean = float(digamma((n - np.arange(k)) / 2).sum()) + k * np.log(2 / n_train)
    means = (d_in, log_mean, n_train * k / (n - k - 1))
    return np.array([own.sum(), np.log(own).sum(), (1 / own).sum()], np.float64) - np.array(means, np.float64)


def explained(
    model: LinearTeacherStudent, d_in: int, loss: str, times: Array, *, descent: bool
) -> tuple[Array, Array] | None:
    """What to take out of a loss ("train" or "gen") for each deviation, (times, 3), and the variance that goes with it.

    To first order in 1/d_in; None where the smallest eigenvalue scatters by more than a fifth of itself.
    """
    lam = float(model.knobs.lam)
    k, n = sorted((float(d_in), d_in / lam))
    edge = n**0.5 - k**0.5
    if n - k < _FEWEST_BETWEEN or (k**-0.5 - n**-0.5) ** (1 / 3) > _LOOSEST_EDGE * edge:
        return None
    modes = mode_losses(model, descent=descent, function="simulate.regression")
    nodes = MarchenkoPasturNodes(lam, 4 * modes.rate * float(times.max()))
    statistics = np.array([nodes.nu, np.log(nodes.nu), 1 / nodes.nu])
    value = modes.train if loss == "train" else modes.gen
    f = value(modes.mode(nodes.nu, times[:, None])) / d_in
    shared = nodes.covariance(f[:, None, :], statistics)
    parts: Array = np.asarray(np.linalg.solve(nodes.covariance(statistics[:, None, :], statistics), shared.T).T, float)
    return parts, np.asarray((parts * shared).sum(axis=1), np.float64)
