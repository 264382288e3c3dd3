"""Beck, Levi, Bar Sinai, Figure 1: dynamics on both sides of the critical point, and what they lead to."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from grokmath.classification.logistic import LogisticModel
from grokmath.figures.classification_panels import (
    Dynamics,
    agreement,
    below_half,
    median_and_error,
    passage,
    simulated,
)
from grokmath.figures.classification_sets import (
    SCORES,
    Law,
    Minimizers,
    against,
    margins,
    minimizers,
    pairs,
    spanned,
)
from grokmath.figures.comparison import departing, summary
from grokmath.figures.data import Array, Curve, FigureData, Panel
from grokmath.simulate.classification_runs import ClassificationRun, classification

__all__ = ["compute"]

_WHY = "S is still on its way to S_inf when the training set is fitted"


def compute(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> FigureData:
    """Four panels in time, four against lam."""
    numbers: dict[str, Any] = {}
    times = np.geomspace(0.1, p["last_time"], p["times"])
    dynamics = Dynamics()
    for colour, lam in enumerate(p["lam"]):
        model = LogisticModel(lam, p["sigma"], p["eta"])
        run = classification(model, times, n_train=p["n_train"], realisations=p["realisations"], rng=rng, tick=tick)
        dynamics.late(model, times, colour)
        dynamics.add(run, p["sigma"], f"$\\lambda$ = {lam:g}", colour)
        dynamics.compare(run, model, f"lam = {lam:g}")
        dynamics.own(run, model, colour)
    below, sets = _below(p, rng, tick, numbers)
    above, measured = _above(p, rng, tick, numbers)
    panels = (*dynamics.panels(), below, above, *_limits(p, sets, measured, rng, tick, numbers))
    laws = {name: entry for name, entry in numbers.items() if "runs" not in name}
    runs = numbers["runs: log of the time ratio beside each set at rest"]
    numbers = dynamics.numbers | numbers
    caption = (
        f"Gradient flow at sigma = {p['sigma']:g}, eta = {p['eta']:g}, N = {p['n_train']}: medians of "
        f"{p['realisations']} runs (bars: standard error); lines: the theory with S = S_inf throughout, reached only "
        f"at late times near lam = 1/2 (dotted, black for lam = {p['lam'][0]:g}: with S_inf and Lmin of the runs' own "
        "sets), and above 1/2 the limit of the accuracy, approached like 1/log t. "
        f"{dynamics.sentence()} Second row: geometric means of ||S_inf|| (N = {spanned(p['norm_n_train'])}, "
        f"{spanned(p['norm_realisations'])} sets) and of the margin (N = {spanned(p['margin_n_train'])}, "
        f"{spanned(p['margin_realisations'])} sets) at sigma = 1 (filled: at that N; open: the limit of large N). The "
        f"accuracy at t = infinity of such margins (filled) and that at t = {p['last_time']:g} (open), and the ratio "
        f"of the times at which the accuracies reach {p['level']:g} for good: medians of {p['time_realisations']} runs "
        f"at N = {p['time_n_train']}; its theory, with S = S_inf, is that of the exponential loss (filled), and the "
        "cross-entropy trains later by a factor that does not grow. "
        f"{SCORES} ||S_inf||, Lmin, margin, and the logarithm of the time ratio of the same sets at rest: "
        f"{summary(laws)} Beside its own set at rest, that logarithm of a run is off by "
        f"{_percents(runs['deviations'])} %, medians for each lam: {_WHY}, the more so near lam = 1/2."
    )
    return FigureData(panels, caption, numbers, columns=4)


def _percents(parts: list[float]) -> str:
    return ", ".join(f"{100 * part:+.2g}" for part in parts)


def _markers(found: Law) -> tuple[Curve, Curve]:
    return (
        simulated("sets of N points", found.lam, found.mean, found.error),
        simulated("limit of large N", found.lam, found.limit, found.limit_error, 3, True),
    )


def _below(
    p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object], numbers: dict[str, Any]
) -> tuple[Panel, tuple[list[Any], list[Any]]]:
    """||S_inf|| against lam < 1/2, and the sets."""
    fine = below_half(p["theory_points"])
    draw = partial(minimizers, level=p["level"])
    sets = pairs(draw, p["norm_n_train"], p["norm_lam"], p["norm_realisations"], rng, tick)
    norms = against(lambda lam: LogisticModel(lam).minimizer_norm(), *sets, "norm")
    numbers["||S_inf||"] = norms.numbers
    numbers["Lmin"] = against(lambda lam: LogisticModel(lam).minimal_loss(), *sets, "minimal_loss").numbers
    panel = Panel(
        "norm_limit", r"Limit of the weight, $\sigma = 1$", r"$\lambda$", r"$\|S_\infty\|$",
        (
            Curve("theory", fine, np.array([LogisticModel(float(lam)).minimizer_norm() for lam in fine])),
            *_markers(norms),
        ),
        yscale="log",
    )  # fmt: skip
    return panel, sets


def _above(
    p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object], numbers: dict[str, Any]
) -> tuple[Panel, Law]:
    """The margin against lam > 1/2."""
    last = min(max(p["margin_lam"]) + 0.03, 1.0)
    fine = np.linspace(0.5005, last, 60)
    sets = pairs(margins, p["margin_n_train"], p["margin_lam"], p["margin_realisations"], rng, tick)
    measured = against(lambda lam: LogisticModel(lam).margin(), *sets, "margin")
    numbers["margin"] = measured.numbers
    panel = Panel(
        "margin", r"Margin, $\sigma = 1$", r"$\lambda$", r"$M$",
        (Curve("theory", fine, np.array([LogisticModel(float(lam)).margin() for lam in fine])), *_markers(measured)),
        xlim=(0.5, last), ylim=(0, 1.1 * LogisticModel(last).margin()),
    )  # fmt: skip
    return panel, measured


def _limits(
    p: dict[str, Any],
    sets: tuple[list[Any], list[Any]],
    margin: Law,
    rng: np.random.Generator,
    tick: Callable[[], object],
    numbers: dict[str, Any],
) -> tuple[Panel, Panel]:
    """The limiting accuracy and the time ratio against lam."""
    times = np.geomspace(0.01, p["last_time"], p["time_points"])
    size = {"n_train": p["time_n_train"], "realisations": p["time_realisations"]}
    reached, ratios, others, off = [], [], [], []
    for lam in (*p["time_lam"], *p["accuracy_lam"]):
        model = LogisticModel(lam, p["sigma"], p["eta"])
        run = classification(model, times, rng=rng, **size)
        reached.append([float(part) for part in median_and_error(run.gen_accuracy[:, -1])])
        if lam < 0.5:
            others.append(median_and_error(_log_ratios(run, p["level"])))
            run = classification(model, times, loss="exponential", rng=rng, **size)
            found = _log_ratios(run, p["level"])
            ratios.append(median_and_error(found))
            own = found / _at_rest(run, p) - 1
            own = own[np.isfinite(own)]
            off.append([*median_and_error(own), len(own) - 1])
        tick()
    off_by, off_error, freedom = np.array(off, dtype=float).T
    entry = agreement(1 + off_by, off_error, np.ones(len(off_by)), freedom=freedom)
    entry["deviations"] = [round(float(part), 4) for part in off_by]
    numbers["runs: log of the time ratio beside each set at rest"] = departing(entry, _WHY)
    return _accuracy_panel(p, margin, np.array(reached)), _time_panel(
        p, sets, np.array(ratios), np.array(others), numbers
    )


def _accuracy_panel(p: dict[str, Any], margin: Law, reached: Array) -> Panel:
    argument = 1 / (p["sigma"] ** 2 * margin.mean)
    error = argument * np.exp(-(argument**2) / 2) / np.sqrt(2 * np.pi) * margin.error / margin.mean
    grid = np.concatenate([[0.0, 0.5], np.linspace(0.5002, 0.95, 200)])
    line = np.array([1.0, 1.0, *(LogisticModel(float(lam), p["sigma"]).limit_accuracy() for lam in grid[2:])])
    lam = [*p["time_lam"], *p["accuracy_lam"]]
    return Panel(
        "limit_accuracy", "Limiting accuracy", r"$\lambda$", r"$\mathcal{A}(\infty)$",
        (
            Curve("theory", grid, line),
            simulated("limit, from the margin", margin.lam, ndtr(argument), error),
            simulated(f"at t = {p['last_time']:.0g}", lam, reached[:, 0], reached[:, 1], 1, True),
        ),
        ylim=(0.45, 1.02),
    )  # fmt: skip


def _time_panel(
    p: dict[str, Any], sets: tuple[list[Any], list[Any]], ratios: Array, others: Array, numbers: dict[str, Any]
) -> Panel:
    fine = np.linspace(0.05, 0.48, p["theory_points"])
    rest = against(partial(_law, p=p), *sets, _log_ratios_at_rest, geometric=False)
    numbers["log of the time ratio at rest"] = rest.numbers
    (y, error), (other, other_error) = ratios.T, others.T
    limit = np.exp(rest.limit)
    return Panel(
        "grokking_time", "Grokking time", r"$\lambda$", r"$t_{gen}/t_{tr}$",
        (
            Curve(r"theory, $S = S_\infty$", fine, np.exp([_law(float(lam), p) for lam in fine])),
            simulated("sets at rest, large N", rest.lam, limit, limit * rest.limit_error, 3, True),
            simulated("exponential loss", p["time_lam"], np.exp(y), np.exp(y) * error),
            simulated("cross-entropy", p["time_lam"], np.exp(other), np.exp(other) * other_error, 1, True),
        ),
        yscale="log",
    )  # fmt: skip


def _log_ratios(run: ClassificationRun, level: float) -> Array:
    """log(t_gen/t_tr) of each run for accuracies at the level for good.

    The training accuracy is a multiple of 1/N: it is there in the middle of the step that takes it there.
    """
    train_level = level - 0.5 / run.n_train
    pairs = zip(run.train_accuracy, run.gen_accuracy, strict=True)
    return np.array(
        [np.log(passage(run.times, gen, level) / passage(run.times, train, train_level)) for train, gen in pairs]
    )


def _at_rest(run: ClassificationRun, p: dict[str, Any]) -> Array:
    """The same if S rested at the S_inf of the run's own set, from e^-b = 1 + eta Lmin t; nan where there is none."""
    wrong = int((1 - p["level"]) * run.n_train + 1e-9)  # as many points may be
    train = -np.sort(-run.minimizer["outputs"], axis=1)[:, wrong]
    return _log_ratio(p["sigma"] * run.minimizer["output_std"], train, p["level"])


def _log_ratios_at_rest(sets: Minimizers) -> Array:
    return _log_ratio(sets.norm, sets.quantile, sets.level)


def _log_ratio(R: Array, train: Array, level: float) -> Array:
    """Of the times at which -b is ``train`` and z R, where e^-b - 1 is proportional to t."""
    return np.asarray(np.log(np.expm1(ndtri(level) * R) / np.expm1(train)))


def _law(lam: Any, p: dict[str, Any]) -> float:
    model = LogisticModel(lam, p["sigma"], p["eta"])
    return float(model.grokking_time(1 - p["level"], criterion="accuracy").log_ratio)
