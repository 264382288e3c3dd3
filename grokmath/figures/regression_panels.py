"""The left and centre panels that figures of the linear model share: losses and accuracies in time, with runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from grokmath.figures.comparison import adjusted, compared, trusted
from grokmath.figures.data import Array, Curve, Panel
from grokmath.regression.finite_size import FiniteSize
from grokmath.regression.linear import LinearTeacherStudent
from grokmath.simulate.curves import Curve as SimulatedCurve
from grokmath.simulate.regression_runs import RegressionRun, regression, side_by_side

__all__ = [
    "CONTROLS",
    "Case",
    "SimulatedTimes",
    "delay_entry",
    "known",
    "loss_panels",
    "number",
    "runs_of",
    "simulated_times",
]


CONTROLS = (
    "Taken out is what trace, log-determinant and inverse trace of each data set, whose means are exactly known, "
    "explain of the scatter of losses and times."
)
"""What captions say of :mod:`grokmath.simulate.spectral_controls`."""


@dataclass(frozen=True)
class Case:
    """One model of a panel: its label, and starts per data set; ``name`` is its key in the numbers."""

    name: str
    label: str
    model: LinearTeacherStudent
    colour: int
    starts: int


def number(value: Any) -> Fraction:
    """A number of a parameter file, as the decimal it is written as."""
    return Fraction(str(value))


def loss_panels(
    cases: list[Case], p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]
) -> tuple[tuple[Panel, Panel], dict[str, Any]]:
    """Losses and accuracies of the cases: closed forms as lines, runs as markers; z-scores where they are trusted.

    ``p`` has d_in, eps, last_step, times (how many), smallest_loss.
    """
    times = np.unique(np.rint(np.geomspace(1, p["last_step"], p["times"])))
    fine = np.geomspace(1, p["last_step"], 400)
    losses: list[Curve] = []
    accuracies: list[Curve] = []
    numbers: dict[str, Any] = {}
    for case in cases:
        run = runs_of(case.model, times, {**p, "starts": case.starts}, rng, tick)
        for name, curve in run.curves.items():
            side, _, quantity = name.partition("_")
            dashed = side == "train"
            target = losses if quantity == "loss" else accuracies
            exact = getattr(run.model, name)
            y = exact(fine) if quantity == "loss" else exact(fine, eps=p["eps"])
            target.append(Curve("_" if dashed else case.label, fine, y, colour=case.colour, dashed=dashed))
            shown = curve.mean > p["smallest_loss"] if quantity == "loss" else np.ones(times.shape, bool)
            marks = Curve(
                "_", times[shown], curve.mean[shown], "simulation", curve.measured_error[shown], case.colour, dashed
            )
            target.append(marks)
            numbers[f"{case.name}, {name}"] = compared(curve, known(run, name, p["smallest_loss"]))
    limits = (p["smallest_loss"], 2)
    left = Panel(
        "losses",
        "Loss (training dashed)",
        "step",
        r"$\mathcal{L}$",
        tuple(losses),
        xscale="log",
        yscale="log",
        ylim=limits,
    )
    centre = Panel(
        "accuracies",
        "Accuracy (training dashed)",
        "step",
        r"$\mathcal{A}$",
        tuple(accuracies),
        xscale="log",
        ylim=(-0.03, 1.03),
        legend=False,
    )
    return (left, centre), numbers


def runs_of(
    model: LinearTeacherStudent, times: Any, p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]
) -> RegressionRun:
    """Runs with accuracies in the size that the parameters d_in, realisations, starts and eps state."""
    size = {name: p[name] for name in ("d_in", "realisations", "starts", "eps")}
    return regression(model, times, **size, controlled=True, rng=rng, tick=tick)


def known(run: RegressionRun, name: str, smallest_loss: float = 0.0) -> Any:
    """Where the theory of finitely many inputs holds; an accuracy must also not be 0 or 1."""
    side, _, quantity = name.partition("_")
    curve = run.curves[name]
    holds = trusted(run.model, run.d_in, run.times, side)
    if quantity == "loss":
        return holds & (curve.theory > smallest_loss)
    return holds & (curve.theory > 0.05) & (curve.theory < 0.95)


class SimulatedTimes(NamedTuple):
    """Times of passage of each run (train, gen), as the theory of infinitely many inputs has them, and predictions.

    ``mean`` and ``spread`` are those of one run, train and gen, by :class:`FiniteSize`; ``controls`` as in
    :class:`RegressionRun`.
    """

    train: Array
    gen: Array
    theory: tuple[float, float]
    mean: tuple[float, float]
    spread: tuple[float, float]
    controls: Array

    @property
    def delta(self) -> Array:
        """gen - train of each run."""
        return self.gen - self.train


def simulated_times(
    model: LinearTeacherStudent,
    eps: float,
    *,
    d_in: int,
    runs: int,
    rng: np.random.Generator,
    accuracy: Any = None,
    starts: int = 1,
) -> SimulatedTimes:
    """When each of ``runs`` runs of the flow passes the two thresholds, by interpolation in log L and log t.

    With ``starts`` > 1 the loss that passes is the mean over so many teachers and starts on the same data, which
    scatters less. A run that does not reach the threshold within eight times the time of the theory has the time inf.
    """
    reached = model.grokking_time(number(eps), accuracy=accuracy)
    theory = float(reached.train), float(reached.gen)
    level = float(model.gen_loss(theory[1]))
    times = np.geomspace(theory[0] / 8, theory[1] * 8, 150)
    run = regression(model, times, d_in=d_in, realisations=runs, starts=starts, descent=False, rng=rng)
    passages = []
    for name in ("train_loss", "gen_loss"):
        paths = np.minimum.accumulate(run.curves[name].runs, axis=1)
        found = [np.interp(-np.log(level), -np.log(path), np.log(times), right=np.inf) for path in paths]
        passages.append(np.exp(np.array(found)))
    exact = run.model.grokking_time(number(eps), accuracy=accuracy)
    at = float(exact.train), float(exact.gen)
    finite = FiniteSize(side_by_side(run.model, starts), d_in)
    predicted = [finite.time_spread(time, name) for time, name in zip(at, ("train", "gen"), strict=True)]
    mean = at[0] + predicted[0].shift, at[1] + predicted[1].shift
    return SimulatedTimes(passages[0], passages[1], at, mean, (predicted[0].spread, predicted[1].spread), run.controls)


def delay_entry(times: SimulatedTimes) -> tuple[float, float, dict[str, Any]]:
    """Mean and standard error of the runs' delays, and their comparison with the prediction for that d_in.

    The standard error is measured: the predicted one is of first order only. What the spectra's controls explain of
    the delays is taken out. A run that never generalizes is left out of the mean, and counted.
    """
    finite = np.isfinite(times.delta)
    delta, controls = times.delta[finite], times.controls[finite, ::-1]  # the inverse trace says most
    mean, error, freedom = adjusted(delta, controls if finite.all() else controls[:, :0])
    expected = times.mean[1] - times.mean[0]
    curve = SimulatedCurve(np.array([[mean]]), np.array([expected]), np.array([error]))
    entry = {
        "mean": mean,
        "standard error": error,
        "theory at this size": expected,
        "theory": times.theory[1] - times.theory[0],
        "runs that were too late": int((~finite).sum()),
        **compared(curve, freedom=freedom),
    }
    return mean, error, entry
