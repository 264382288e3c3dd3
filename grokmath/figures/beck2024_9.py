"""Beck, Levi, Bar Sinai, Figure 9: the grokking time of the two-point model against log 1/(1 - 2 lam)."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from grokmath.classification.two_point import TwoPointModel
from grokmath.figures.classification_panels import simulated
from grokmath.figures.data import Curve, FigureData, Panel
from grokmath.figures.style import power
from grokmath.simulate.two_point_runs import two_point

__all__ = ["compute"]

_DIFFERS = "largest difference of log(t_gen/t_tr), solver and exact"
_HOLDS = "1 - 2 lam at which the paper's sqrt(log ratio) is within 10 %"


def compute(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> FigureData:
    """Left: the law (39); centre: the paper's error; right: the law (41) in conformal time. Nothing is random."""
    gaps = np.geomspace(p["smallest_gap"], p["largest_gap"], p["points"])
    chosen = np.geomspace(2 * p["smallest_gap"], p["largest_gap"], p["simulated_points"])
    x = -np.log(gaps)
    law, errors, conformal = [], [], []
    numbers: dict[str, Any] = {}
    for colour, case in enumerate(p["cases"]):
        label = f"$\\sigma$ = {case['sigma']}, $\\epsilon$ = {power(float(case['eps']))}"
        models = [TwoPointModel(_lam(gap), 1, case["sigma"]) for gap in gaps]
        ratio = np.array([model.grokking_time(case["eps"]).log_ratio for model in models], dtype=float)
        delta = np.array([model.conformal_grokking_time(case["eps"]).delta for model in models], dtype=float)
        law.append(Curve(label, x, np.sqrt(ratio), colour=colour))
        errors.append(Curve(label, gaps, x / np.sqrt(2 * ratio) - 1, colour=colour))
        conformal.append(Curve(label, x, np.sqrt(delta), colour=colour))
        tick()
        measured = [_measured(TwoPointModel(_lam(gap), 1, case["sigma"]), case["eps"]) for gap in chosen]
        law.append(simulated("_", -np.log(chosen), np.sqrt(measured), None, colour))
        exact = [TwoPointModel(_lam(gap), 1, case["sigma"]).grokking_time(case["eps"]).log_ratio for gap in chosen]
        numbers[f"sigma = {case['sigma']}, eps = {case['eps']}"] = {
            _DIFFERS: float(np.max(np.abs(np.subtract(measured, exact)))),
            _HOLDS: _range(gaps, x / np.sqrt(2 * ratio) - 1),
        }
        tick()
    paper = x / np.sqrt(2)
    quasi = [TwoPointModel(_lam(gap)).grokking_time("1e-4", method="quasi-static").log_ratio for gap in gaps]
    law += [
        Curve("paper (39)", x, paper, "approximation"),
        Curve("S at rest", x, np.sqrt(quasi), colour=6, dashed=True),
    ]
    errors.append(Curve("_", gaps, np.zeros(gaps.shape), "approximation"))
    conformal.append(Curve("paper (41)", x, x, "approximation"))
    horizontal = r"$\log\,1/(1-2\lambda)$"
    panels = (
        Panel("law", "Grokking time", horizontal, r"$\sqrt{\log(t_{gen}/t_{tr})}$", tuple(law)),
        Panel(
            "error", "Relative error of (39)", r"$1-2\lambda$", "(39)/exact $-$ 1", tuple(errors), xscale="log",
            legend=False,
        ),
        Panel("conformal", "In conformal time", horizontal, r"$\sqrt{\tau_{gen}-\tau_{tr}}$", tuple(conformal),
              legend=False),
    )  # fmt: skip
    worst = max(part[_DIFFERS] for part in numbers.values())
    caption = (
        "Two-point model, times at which the exponential losses reach eps: exact (lines) and from a numerical "
        f"solution of the flow (markers; differ by at most {worst:.1g} in log(t_gen/t_tr)). Dotted: the paper's (39) "
        "and (41). (39) needs S at rest before t_gen, sigma^2 (1 - 2 lam) |b_gen| >> 1: at sigma = 1 and fixed eps "
        "the exact ratio stays finite at lam = 1/2, and the line is left the sooner the larger eps. It is within 10 % "
        f"{'; '.join(f'{part[_HOLDS]} ({name})' for name, part in numbers.items())}. Dashed: the "
        "closed form with S at rest, S*^2/2 + log(2/kappa)."
    )
    return FigureData(panels, caption, numbers)


def _lam(gap: float) -> Fraction:
    return (1 - Fraction(float(gap))) / 2


def _range(gaps: Any, error: Any) -> str:
    inside = gaps[np.abs(error) <= 0.1]
    return f"for 1 - 2 lam from {inside.min():.3g} to {inside.max():.3g}" if inside.size else "nowhere"


def _measured(model: TwoPointModel, eps: str) -> float:
    """log(t_gen/t_tr) from the numerical flow: the last passages of both losses, interpolated in log t."""
    reached = model.grokking_time(eps)
    times = np.geomspace(float(reached.train) / 3, float(reached.gen) * 3, 4000)
    run = two_point(model, times)
    level, x = np.log(float(eps)), np.log(times)
    passages = []
    for name in ("log_train_loss", "log_gen_loss"):
        y = run.curves[name]
        last = int(np.flatnonzero(y > level)[-1])
        share = (y[last] - level) / (y[last] - y[last + 1])
        passages.append(x[last] + share * (x[last + 1] - x[last]))
    return float(passages[1] - passages[0])
