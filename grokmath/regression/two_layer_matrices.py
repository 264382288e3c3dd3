"""The two-layer linear network as matrices: its exact gradient flow, and how the norm of its layers moves.

The network is x -> S_1^T S_0^T x with S_0 (d_in x d_h), S_1 (d_h x d_out), the teacher's end-to-end map T (d_in x
d_out), the training covariance Sigma (d_in x d_in), D = S_0 S_1 - T, and the loss L = Tr[D^T Sigma D]/d_out. Its
gradient flow (regression paper, eq. (40)) is

    dS_0/dt = -(2 eta/d_out) Sigma D S_1^T,    dS_1/dt = -(2 eta/d_out) S_0^T Sigma D,

and from it follow, exactly,

    dD/dt = -(2 eta/d_out) [S_0 S_0^T Sigma D + Sigma D S_1^T S_1],
    dh/dt = -(4 eta/d_out) Tr[(T + D)^T Sigma D],    h = (|S_0|^2 + |S_1|^2)/2.

The paper's (17) and (41) print the second as -8 eta (T + D)^T Sigma D, a matrix: the trace and the factor 1/(2 d_out)
are missing. Its h is not half the trace of the Hessian, as stated after (41); that trace is 2 [Tr(S_0^T Sigma S_0) +
Tr(Sigma) |S_1|^2/d_out].
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from grokmath.parameters import DomainError, domain_error

__all__ = ["difference_rate", "hidden_norm", "hidden_norm_rate", "layer_rates"]

_Matrix = NDArray[np.float64]


def hidden_norm(S0: Any, S1: Any) -> float:
    """h = (|S_0|^2 + |S_1|^2)/2, squared Frobenius norms; 1/2 on average at the start, for any widths.

    >>> hidden_norm([[1.0, 2.0]], [[2.0], [0.0]])
    4.5
    """
    first, second = _matrix(S0, "S0", "hidden_norm"), _matrix(S1, "S1", "hidden_norm")
    return float(np.sum(first**2) + np.sum(second**2)) / 2


def layer_rates(S0: Any, S1: Any, T: Any, Sigma: Any, eta: float) -> tuple[_Matrix, _Matrix]:
    """dS_0/dt and dS_1/dt of the gradient flow, eq. (40)."""
    first, second, pull, rate = _flow(S0, S1, T, Sigma, eta, "layer_rates")
    return -rate * pull @ second.T, -rate * first.T @ pull


def difference_rate(S0: Any, S1: Any, T: Any, Sigma: Any, eta: float) -> _Matrix:
    """dD/dt = -(2 eta/d_out) [S_0 S_0^T Sigma D + Sigma D S_1^T S_1], D = S_0 S_1 - T."""
    first, second, pull, rate = _flow(S0, S1, T, Sigma, eta, "difference_rate")
    return np.asarray(-rate * (first @ (first.T @ pull) + pull @ (second.T @ second)))


def hidden_norm_rate(S0: Any, S1: Any, T: Any, Sigma: Any, eta: float) -> float:
    """dh/dt = -(4 eta/d_out) Tr[(T + D)^T Sigma D], D = S_0 S_1 - T, for matrices of the shapes named above.

    eta > 0. Raises :class:`DomainError` where the shapes do not fit or an entry is not finite.

    >>> hidden_norm_rate([[1.0]], [[2.0]], [[1.0]], [[1.0]], 0.5)
    -4.0
    """
    first, second, pull, rate = _flow(S0, S1, T, Sigma, eta, "hidden_norm_rate")
    return float(-2 * rate * np.sum((first @ second) * pull))


def _flow(S0: Any, S1: Any, T: Any, Sigma: Any, eta: float, function: str) -> tuple[_Matrix, _Matrix, _Matrix, float]:
    """S_0, S_1, Sigma D and 2 eta/d_out."""
    first, second, teacher, covariance = (
        _matrix(value, name, function) for value, name in ((S0, "S0"), (S1, "S1"), (T, "T"), (Sigma, "Sigma"))
    )
    d_in, d_out = teacher.shape
    wanted = ((d_in, first.shape[1]), (first.shape[1], d_out), (d_in, d_in))
    if (first.shape, second.shape, covariance.shape) != wanted:
        shapes = f"S0 {first.shape}, S1 {second.shape}, T {teacher.shape}, Sigma {covariance.shape}"
        raise DomainError(
            f"{function}: the shapes do not fit: {shapes} (needed: d_in x d_h, d_h x d_out, d_in x d_out, d_in x d_in)"
        )
    if not (np.isfinite(eta) and eta > 0):
        raise domain_error(function, "eta", eta, "a number > 0", "choose a positive learning rate")
    return first, second, covariance @ (first @ second - teacher), 2 * float(eta) / d_out


def _matrix(value: Any, name: str, function: str) -> _Matrix:
    matrix = np.asarray(value, dtype=np.float64)
    if matrix.ndim != 2 or not matrix.size or not np.isfinite(matrix).all():
        raise domain_error(function, name, matrix.shape, "a matrix of finite numbers", "give a two-dimensional array")
    return matrix
