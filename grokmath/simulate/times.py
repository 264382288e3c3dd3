"""When a run is looked at."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from grokmath.parameters import NONNEGATIVE, domain_error, float_argument

__all__ = ["increasing_times"]


def increasing_times(
    function: str, times: Any, *, flow: bool, last: tuple[float, float], count: tuple[int, int]
) -> NDArray[np.float64]:
    """``times`` as an increasing array, of whole steps unless for the ``flow``.

    By default evenly spaced in the logarithm: ``last`` and ``count`` are those of the flow, from 1e-2 on, and of steps,
    from 1 on. Raises :class:`DomainError` naming ``function``.
    """
    if times is None:
        return (
            np.geomspace(1e-2, last[0], count[0]) if flow else np.unique(np.round(np.geomspace(1, last[1], count[1])))
        )
    at = np.atleast_1d(np.asarray(float_argument(times, "times", function, NONNEGATIVE), dtype=float))
    whole = flow or (at == np.floor(at)).all()
    if at.ndim != 1 or not at.size or not whole or (np.diff(at) <= 0).any():
        wanted = "an increasing sequence of times" + ("" if flow else ", each a whole number of steps")
        raise domain_error(function, "times", times, wanted, "sort them, each once")
    return at
