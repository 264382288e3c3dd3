"""What a caption says of simulation against theory: the largest z-score and the smallest visible deviation."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from grokmath.regression.linear import LinearTeacherStudent
from grokmath.simulate.curves import Curve

__all__ = ["compared", "summary", "trusted"]


def trusted(model: LinearTeacherStudent, d_in: int, times: Any, loss: str, latest: float = 0.1) -> NDArray[np.bool_]:
    """The times at which the mean of finitely many inputs is known to order 1/d_in, to 0.1 %.

    Single eigenvalues at the lower edge decide the loss from s (1 - sqrt lam)^(4/3) sqrt(lam) d_in^(-2/3) of order 1
    on, s = 4 eta t/d_out (and from s of order d_in^2 at lam = 1); what the theory leaves out is 0.6 times the third
    power of that. Near its limit a loss no longer depends on them.
    """
    knobs = model.knobs
    lam, t = float(knobs.lam), np.asarray(times, dtype=float)
    s = 2 * float(knobs.rate) * t
    edge = s * max(abs(1 - lam**0.5) ** (4 / 3) * lam**0.5 * d_in ** (-2 / 3), d_in**-2.0)
    value, limit = getattr(model, f"{loss}_loss")(t), float(getattr(model, f"{loss}_limit")())
    return np.asarray((edge <= latest) | (np.abs(value - limit) < 0.05 * limit))


def compared(curve: Curve, where: Any = slice(None)) -> dict[str, Any]:
    """z-scores by point, the largest of them, and the smallest deviations that would show (median and largest).

    ``where`` picks the points at which the theory claims to hold.
    """
    z = np.asarray(curve.z)[where]
    detectable = np.asarray(curve.detectable)[where]
    if not np.isfinite(z).any():
        return {"z": [], "points": 0}
    return {
        "z": [round(float(value), 3) for value in z],
        "largest |z|": round(float(np.nanmax(np.abs(z))), 2),
        "points": int(np.size(z)),
        "detectable deviation (median)": round(float(np.nanmedian(detectable)), 4),
        "detectable deviation (largest)": round(float(np.nanmax(detectable)), 4),
    }


def summary(numbers: dict[str, Any], of: str = "") -> str:
    """One sentence over all comparisons in ``numbers`` whose names contain ``of``."""
    found = [entry for name, entry in numbers.items() if of in name and isinstance(entry, dict)]
    found = [entry for entry in found if "largest |z|" in entry]
    if not found:
        return ""
    largest = max(entry["largest |z|"] for entry in found)
    points = sum(entry["points"] for entry in found)
    middle = float(np.median([entry["detectable deviation (median)"] for entry in found]))
    worst = max(entry["detectable deviation (largest)"] for entry in found)
    return (
        f"Largest |z| of {points} points: {largest:.1f}; three standard errors are {100 * middle:.2g} % of the theory "
        f"(median; {100 * worst:.2g} % at most)."
    )
