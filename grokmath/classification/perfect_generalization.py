"""Does a trajectory generalize perfectly? Proposition 3.1 as a check, with the condition that it leaves out.

Along a trajectory (R, b), R = sigma ||S||, with r = -b/R:

* the accuracy Phi(r) tends to 1 if and only if r -> infinity;
* the cross-entropy loss tends to 0 only if b -> -infinity and r -> infinity (the proposition). That is not sufficient:
  with R = s, b = -s (log s)**(1/4) the accuracy tends to 1 and the loss to infinity;
* given both, the loss tends to 0 if and only if E X_+ = R [phi(r) - r Phi(-r)] -> 0, X ~ N(b, R**2), that is
  R phi(r)/r**2 -> 0. For log(1 + e^X) = X_+ + log(1 + e^-|X|), and E log(1 + e^-|X|) -> 0 as soon as b -> -infinity and
  r -> infinity, because |X| < |b|/2 has a probability of at most Phi(-r/2).

A finite trajectory proves no limit: what is reported is whether each quantity moves monotonically over its last part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from grokmath.parameters import NONNEGATIVE, REAL, domain_error, float_argument

__all__ = ["PerfectGeneralization", "perfect_generalization"]


@dataclass(frozen=True, eq=False)
class PerfectGeneralization:
    """Arrays along the trajectory, and what their last part does.

    ``ratio`` = -b/R, ``accuracy``, ``log_error`` and ``log_loss`` (cross-entropy), ``log_excess`` = log E X_+.
    ``necessary``: b falls and the ratio grows to the end of the trajectory; ``sufficient``: so does
    log E X_+ fall, which together with the former drives the loss to 0. ``verdict`` says the same in a sentence.
    """

    ratio: Any
    accuracy: Any
    log_error: Any
    log_loss: Any
    log_excess: Any
    necessary: bool
    sufficient: bool
    verdict: str


def perfect_generalization(R: Any, b: Any, *, part: float = 0.5) -> PerfectGeneralization:
    """Check Proposition 3.1 along a trajectory of R = sigma ||S|| >= 0 and b, arrays of one length, at least 3.

    ``part`` is the fraction of the trajectory, counted from its end, over which monotonicity is asked for.

    >>> import numpy as np
    >>> s = np.geomspace(1e2, 1e16, 50)
    >>> check = perfect_generalization(s, -s * np.log(s) ** 0.25)
    >>> check.necessary, check.sufficient, round(float(check.accuracy[-1]), 4)
    (True, False, 0.9931)
    >>> perfect_generalization(2 + 0 * s, -np.log(s)).verdict
    'the loss tends to 0: b falls, |b|/R grows and E X_+ falls over the last 25 points'
    """
    import numpy as np

    from grokmath.functions import logistic_normal_float64 as kernels

    name = "perfect_generalization"
    norms = np.atleast_1d(float_argument(R, "R", name, NONNEGATIVE))
    biases = np.atleast_1d(float_argument(b, "b", name, REAL))
    if norms.ndim != 1 or norms.shape != biases.shape or norms.size < 3:
        shapes = f"{norms.shape} and {biases.shape}"
        raise domain_error(name, "R, b", shapes, "arrays of one length >= 3", "give R and b at the same times")
    if not 0 < part <= 1:
        raise domain_error(name, "part", part, "0 < part <= 1", "choose the fraction of the trajectory to look at")
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = np.where(norms > 0, -biases / norms, -np.sign(biases) * np.inf)
    log_excess = kernels.log_excess(norms, biases)
    last = max(3, round(part * norms.size))
    falls = _falling(biases[-last:]) and bool(biases[-1] < 0)
    grows = _falling(-ratio[-last:]) or bool(np.isposinf(ratio[-last:]).all())
    shrinks = _falling(log_excess[-last:]) or bool(np.isneginf(log_excess[-last:]).all())
    necessary = falls and grows
    return PerfectGeneralization(
        ratio,
        kernels.tail(norms, -biases),
        kernels.log_tail(norms, biases),
        kernels.log_loss(norms, biases),
        log_excess,
        necessary,
        necessary and shrinks,
        _verdict(falls, grows, shrinks, last),
    )


def _falling(x: Any) -> bool:
    return bool((x[1:] < x[:-1]).all())


def _verdict(falls: bool, grows: bool, shrinks: bool, last: int) -> str:
    over = f"over the last {last} points"
    if not falls:
        return f"no perfect generalization: b does not fall towards -infinity {over}"
    if not grows:
        return f"no perfect generalization: |b|/R does not grow {over}"
    if not shrinks:
        return f"the accuracy tends to 1 but not the loss to 0: b falls and |b|/R grows, E X_+ does not fall {over}"
    return f"the loss tends to 0: b falls, |b|/R grows and E X_+ falls {over}"
