"""What a caption says of simulation against theory: the largest z-score and the smallest visible deviation."""

from __future__ import annotations

from typing import Any

import numpy as np

from grokmath.simulate.curves import Curve

__all__ = ["compared", "summary"]


def compared(curve: Curve, where: Any = slice(None)) -> dict[str, Any]:
    """z-scores by point, the largest of them, and the median of the smallest deviations that would show.

    ``where`` picks the points at which the theory claims to hold.
    """
    z = np.asarray(curve.z)[where]
    detectable = np.asarray(curve.detectable)[where]
    return {
        "z": [round(float(value), 3) for value in z],
        "largest |z|": round(float(np.nanmax(np.abs(z))), 2),
        "points": int(np.size(z)),
        "detectable deviation (median)": round(float(np.nanmedian(detectable)), 4),
    }


def summary(numbers: dict[str, Any]) -> str:
    """One sentence over all comparisons in ``numbers``."""
    found = [entry for entry in numbers.values() if isinstance(entry, dict) and "largest |z|" in entry]
    if not found:
        return ""
    largest = max(entry["largest |z|"] for entry in found)
    points = sum(entry["points"] for entry in found)
    detectable = float(np.median([entry["detectable deviation (median)"] for entry in found]))
    return (
        f"Largest |z| of {points} points: {largest:.1f}; three standard errors are {100 * detectable:.2g} % (median)."
    )
