"""What a caption says of simulation against theory: the largest z-score and the smallest visible deviation."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtr

from grokmath.regression.linear import LinearTeacherStudent
from grokmath.simulate.curves import Curve

__all__ = ["adjusted", "compared", "departing", "judged", "summary", "trusted", "verdict"]


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


_MANY = 1e8
"""Degrees of freedom from which on Student's law is the normal one."""

WANTED = 0.03
"""The part of the curve that three standard errors should not exceed."""


def compared(
    curve: Curve, where: Any = slice(None), *, scale: float | None = None, freedom: Any = None
) -> dict[str, Any]:
    """z-scores by point, the largest of them, and the smallest deviations that would show (median and largest).

    ``where`` picks the points at which the theory claims to hold. Deviations are parts of the theory, or of ``scale``
    for what has one, such as a probability. An error measured with ``freedom`` degrees of freedom (one number, or one
    for each point) gives Student's quotients; they are turned into the normal scores of the same probability.
    """
    z = np.asarray(curve.z)[where]
    if freedom is not None:
        degrees = np.minimum(np.broadcast_to(freedom, np.shape(curve.z))[where], _MANY)
        z = np.sign(z) * -ndtri(stdtr(degrees, -np.abs(z)))
    detectable = np.asarray(curve.detectable if scale is None else 3 * curve.predicted_error / scale)[where]
    if not np.isfinite(z).any():
        return {"z": [], "points": 0}
    return {
        "z": [round(float(value), 3) for value in z],
        "largest |z|": round(float(np.nanmax(np.abs(z))), 2),
        "points": int(np.size(z)),
        "detectable deviation (median)": round(float(np.nanmedian(detectable)), 4),
        "detectable deviation (largest)": round(float(np.nanmax(detectable)), 4),
        "points with more than 3 %": int((np.round(detectable, 4) > WANTED).sum()),
    }


def departing(entry: dict[str, Any], why: str) -> dict[str, Any]:
    """The comparison, marked as one in which theory and runs are known to part, for a reason."""
    return {**entry, "departs": why}


_TOGETHER = 1e-4


def verdict(numbers: dict[str, Any]) -> dict[str, Any]:
    """All comparisons of a figure together: how many points, the bound on their |z|, and what lies beyond it.

    The bound is that which the largest of so many normal scores exceeds with a probability of at most 1e-4, whatever
    their dependence (Bonferroni). Comparisons marked by :func:`departing` are named apart, and not counted.
    """
    entries = {name: entry for name, entry in numbers.items() if isinstance(entry, dict) and "largest |z|" in entry}
    scored = {name: entry for name, entry in entries.items() if "departs" not in entry}
    points = sum(entry["points"] for entry in scored.values())
    bound = round(float(-ndtri(_TOGETHER / (2 * max(points, 1)))), 2)
    return {
        "points": points,
        "bound of |z|": bound,
        "largest |z|": max((entry["largest |z|"] for entry in scored.values()), default=None),
        "beyond the bound": [name for name, entry in scored.items() if not entry["largest |z|"] <= bound],
        "known to depart": {name: entry["departs"] for name, entry in entries.items() if "departs" in entry},
    }


def judged(numbers: dict[str, Any]) -> str:
    """The verdict as a sentence; empty where nothing is compared."""
    found = verdict(numbers)
    if not found["points"]:
        return ""
    largest = "a normal score" if found["points"] == 1 else f"the largest of {found['points']} normal scores"
    chance = f"{found['bound of |z|']:.1f}, which {largest} exceeds with a probability below 1e-4"
    beyond = found["beyond the bound"]
    known = " (without those known to part)" if found["known to depart"] else ""
    if not beyond:
        return f" All |z| together are within {chance}{known}."
    return f" Theory and runs disagree: beyond {chance}{known}, are {'; '.join(beyond)}."


_VALUES_FOR_A_CONTROL = 10


def adjusted(values: NDArray[np.float64], controls: NDArray[np.float64]) -> tuple[float, float, int]:
    """The mean of ``values`` without what the controls explain, its standard error, and the degrees of freedom of that.

    ``controls``, (values, controls), have the mean 0; one of them is taken for ten values, the first ones first.
    """
    count = min(controls.shape[1], len(values) // _VALUES_FOR_A_CONTROL)
    columns = np.column_stack([np.ones(len(values)), controls[:, :count]])
    fitted, *_ = np.linalg.lstsq(columns, values, rcond=None)
    rest = values - columns @ fitted
    freedom = len(values) - 1 - count
    covariance = np.linalg.inv(columns.T @ columns) * float(rest @ rest) / freedom
    return float(fitted[0]), float(np.sqrt(covariance[0, 0])), freedom


def summary(numbers: dict[str, Any], of: str = "", of_what: str = "the theory") -> str:
    """One sentence over all comparisons in ``numbers`` whose names contain ``of``; deviations are parts ``of_what``."""
    found = [entry for name, entry in numbers.items() if of in name and isinstance(entry, dict)]
    found = [entry for entry in found if "largest |z|" in entry]
    if not found:
        return ""
    largest = max(entry["largest |z|"] for entry in found)
    points = sum(entry["points"] for entry in found)
    middle = float(np.median([entry["detectable deviation (median)"] for entry in found]))
    worst = max(entry["detectable deviation (largest)"] for entry in found)
    over = sum(entry["points with more than 3 %"] for entry in found)
    excess = f", more than {100 * WANTED:g} % at {over} of them" if over else ""
    return (
        f"Largest |z| of {_counted(points, 'point')}: {largest:.1f}; three standard errors are "
        f"{_percent(middle)} of {of_what} (median; {_percent(worst)} at most{excess})."
    )


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _percent(part: float) -> str:
    return f"{100 * part:.0f} %" if part > 0.1 else f"{100 * part:.2g} %"
