"""The report that ``print(separability(X))`` shows: the verdict, the facts of the set, and the theory beside them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from grokmath.parameters import GrokmathError

if TYPE_CHECKING:
    from grokmath.classification.separability import Separability

_SHARED = {
    "separable": ["margin", "support_vector_fraction", "limit_accuracy", "weight_slope", "bias_slope"],
    "inseparable": [
        "minimizer_norm",
        "minimal_loss",
        "positive_fraction",
        "hessian_edge",
        "relaxation_exponent",
        "limit_accuracy",
    ],
}


def report(result: Separability) -> str:
    """A few lines of text."""
    lines = [
        f"{result.N} points in {result.d} dimensions (lam = d/N = {float(result.lam):.6g}): {result.verdict}",
        f"  proof: {result.reason}" if result.separable is not None else f"  {result.reason}",
    ]
    if result.margin_bounds is not None:
        low, high = result.margin_bounds
        lines.append(f"  the largest margin M is between {low:.17g} and {high:.17g}")
    if result.separable is False:
        lines.append(f"  hull weights: ||X^T w|| <= {result.hull_residual:.1e}; {_interior(result)}")
    if result.separable is not None:
        lines += _comparison(result)
        lines += _predictions(result)
    return "\n".join(lines)


def _interior(result: Separability) -> str:
    if result.interior is None:
        return "whether the origin is interior to the hull was not decided"
    return "the origin is interior to the hull" if result.interior else "the origin is on the hull's boundary"


def facts(result: Separability) -> dict[str, float | None]:
    """The set's own values under the names that they have in ``LogisticModel``."""
    values = {name: getattr(result, name, None) for name in _SHARED[result.verdict]}
    if result.margin is not None:
        M = result.margin
        values["support_vector_fraction"] = len(result.support_vectors) / result.N
        values["weight_slope"], values["bias_slope"] = M / (1 + M * M), -1 / (1 + M * M)
    return values


def _comparison(result: Separability) -> list[str]:
    theory = _theory(result)
    lines = ["", f"  {'':24}{'this set':>14}{'Gaussian points, N -> infinity':>34}"]
    for name, value in facts(result).items():
        law = theory.get(name)
        lines.append(f"  {name:24}{_number(value):>14}{_number(law):>34}")
    return lines


def _theory(result: Separability) -> dict[str, Any]:
    """The laws at lam = d/N, where they are on the same side of lam = 1/2."""
    try:
        model = result.theory()
        if model.side == result.verdict:
            return {name: getattr(model, name)() for name in _SHARED[result.verdict]}
    except (GrokmathError, OverflowError):  # all points 0, lam beyond the model's domain, a scale beyond float64
        pass
    return {}


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.6g}"


def _predictions(result: Separability) -> list[str]:
    scores = result.gaussian
    looks = "look" if scores.looks_gaussian else "do not look"
    lines = [
        "",
        f"  predictions for new points N(0, sigma^2 I), sigma = {result.feature_std:.6g}; the points {looks} like that",
        f"  (mean {scores.mean:+.1f}, kurtosis {scores.kurtosis:+.1f}, sphericity {scores.sphericity:+.1f} standard "
        "errors)",
    ]
    if result.minimizer is not None:
        for criterion in ("exponential", "accuracy"):
            times = result.grokking_time(1e-3, criterion=criterion)
            ratio = "-" if times.log_ratio is None else f"{times.log_ratio:.4g}"
            valid = "valid" if times.equilibration > 5 else "not valid: S is still moving then"
            lines.append(
                f"  {criterion} level 1e-3: t_train = {times.train:.4g}, t_gen = {_time(times.gen)}, "
                f"log ratio {ratio} (equilibration {times.equilibration:.3g}: {valid})"
            )
    return lines


def _time(value: float) -> str:
    return "above 1e308" if math.isinf(value) else f"{value:.4g}"
