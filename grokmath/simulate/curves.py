"""A simulated curve beside its theory: mean over runs, standard error, z-scores, and what it could have detected."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Curve:
    """``runs`` (realisations x times), the ``theory`` at the same times, and the predicted ``spread`` of one run."""

    runs: Array
    theory: Array
    spread: Array

    @property
    def mean(self) -> Array:
        """The mean over the runs."""
        return np.asarray(self.runs.mean(axis=0))

    @property
    def predicted_error(self) -> Array:
        """The standard error of the mean, from the predicted spread."""
        return np.asarray(self.spread / np.sqrt(len(self.runs)))

    @property
    def measured_error(self) -> Array:
        """The standard error of the mean, from the spread over the runs; needs two runs or more."""
        if len(self.runs) < 2:
            return np.full(self.theory.shape, np.nan)
        return np.asarray(self.runs.std(axis=0, ddof=1) / np.sqrt(len(self.runs)))

    @property
    def z(self) -> Array:
        """(mean - theory)/predicted error; 0 where both are exact and equal."""
        difference = self.mean - self.theory
        exact = (self.predicted_error == 0) & (difference == 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.where(exact, 0.0, difference / self.predicted_error))

    @property
    def detectable(self) -> Array:
        """The smallest relative deviation that would show as three standard errors."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(3 * self.predicted_error / np.abs(self.theory))
