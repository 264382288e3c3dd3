"""When runs of the flow pass a loss, by the thousand: only the spectrum and the start's projections are drawn.

The losses of a plain run with one output are L_gen = (1/d_in) sum z_i^2 e^{-s nu_i} and L_tr = (1/d_in) sum nu_i z_i^2
e^{-s nu_i}, s = 4 eta t, with the eigenvalues nu of X^T X/N_tr and z standard normal, independent of them. The law of
the eigenvalues of a Gaussian X is that of B B^T/N_tr for a bidiagonal B with independent entries (Dumitriu and Edelman,
J. Math. Phys. 43 (2002) 5830): chi variables with n, n - 1, ..., n - k + 1 degrees of freedom on the diagonal and k -
1, ..., 1 below it, k = min(d_in, N_tr), n = max(d_in, N_tr). That costs k^2 operations instead of k^3.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigvalsh_tridiagonal

from grokmath.functions.marchenko_pastur_sampling import generator
from grokmath.parameters import PrecisionError, domain_error
from grokmath.regression.finite_size import model_knobs
from grokmath.regression.linear import LinearTeacherStudent
from grokmath.simulate.memory import require_memory

__all__ = ["Passages", "passages", "spectrum"]

Array = NDArray[np.float64]
_FUNCTION = "simulate.passages"
_STEPS = 500
_SETTLED = 1e-10


class Passages(NamedTuple):
    """Times of passage in s = 4 eta t, spectra x starts; inf for a run that never passes.

    ``theory`` has the two of infinitely many inputs, train and gen.
    """

    train: Array
    gen: Array
    theory: tuple[float, float]

    @property
    def delay(self) -> Array:
        """gen - train of each run."""
        return self.gen - self.train


def spectrum(d_in: int, n_train: int, random: np.random.Generator) -> Array:
    """The eigenvalues of X^T X/N_tr, in increasing order, for a Gaussian X of n_train rows and d_in columns."""
    k, n = sorted((d_in, n_train))
    diagonal = random.chisquare(n - np.arange(k, dtype=float))
    below = random.chisquare(np.arange(k - 1, 0, -1, dtype=float))
    main = diagonal.copy()
    main[1:] += below
    nu = np.maximum(eigvalsh_tridiagonal(main, np.sqrt(diagonal[:-1] * below)), 0.0) / n_train
    return np.concatenate([np.zeros(d_in - k), nu])


def passages(
    model: LinearTeacherStudent, eps: Any, *, d_in: int, spectra: int, starts: int, rng: Any = None
) -> Passages:
    """When ``spectra`` times ``starts`` runs pass the loss at which the infinite theory has the accuracy of ``eps``.

    ``starts`` runs share each spectrum. The model is plain, with one output; else :class:`DomainError`.

    >>> run = passages(LinearTeacherStudent("1/2", "1/4"), "1e-2", d_in=50, spectra=40, starts=5, rng=1)
    >>> run.delay.shape, bool(abs(run.delay.mean() / (run.theory[1] - run.theory[0]) - 1) < 0.2)
    ((40, 5), True)
    """
    knobs = model_knobs(model, _FUNCTION)
    if not knobs.plain or knobs.d_out != 1:
        raise domain_error(_FUNCTION, "model", str(model), "a plain one with one output", "take simulate.regression")
    for name, count in (("d_in", d_in), ("spectra", spectra), ("starts", starts)):
        if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 1:
            raise domain_error(_FUNCTION, name, count, "an integer >= 1", "count them")
    n_train = max(1, round(d_in / float(knobs.lam)))
    require_memory(_FUNCTION, 6.0 * d_in * starts + 2.0 * spectra * starts, f"d_in = {d_in}, {starts} starts")
    model = model.replace(lam=Fraction(d_in, n_train))
    times = model.grokking_time(eps)
    level = float(model.train_loss(float(times.train)))
    train, gen = (2 * float(model.knobs.rate) * float(time) for time in (times.train, times.gen))
    random = generator(rng, _FUNCTION)
    found = np.empty((2, spectra, starts))
    for j in range(spectra):
        nu = spectrum(d_in, n_train, random)
        weights = random.standard_normal((starts, d_in)) ** 2
        found[0, j] = _passage(nu, nu * weights, level, train)
        found[1, j] = _passage(nu, weights, level, gen)
    return Passages(found[0], found[1], (train, gen))


def _passage(nu: Array, weights: Array, level: float, guess: float) -> Array:
    """The s >= 0 at which the means of weights e^{-s nu} are ``level``, by Newton's method on their logarithms.

    These are convex and falling, so that from the second step on it approaches from the left.
    """
    never = (weights * (nu == 0)).mean(axis=1) >= level
    s = np.full(len(weights), guess)
    s = s if np.isfinite(s).all() else np.zeros(len(weights))
    for _ in range(_STEPS):
        parts = weights * np.exp(-s[:, None] * nu)
        loss = parts.mean(axis=1)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            step = np.log(loss / level) * loss * len(nu) / (parts @ nu)
        moved = np.where(never, s, np.maximum(s + step, 0.0))
        settled = np.abs(moved - s) <= _SETTLED * moved
        s = moved
        if settled.all():
            return np.where(never, np.inf, s)
    raise PrecisionError(f"{_FUNCTION}: a time of passage was not found in {_STEPS} steps")
