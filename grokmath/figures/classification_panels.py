"""What the classification figures share: middles over runs, passages through a level, panels of a run in time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from grokmath.classification.logistic import LogisticModel
from grokmath.figures.classification_sets import minimizers
from grokmath.figures.comparison import compared
from grokmath.figures.data import Curve, Kind, Panel
from grokmath.functions.logistic_normal import population_accuracy, population_loss
from grokmath.simulate.classification_runs import ClassificationRun, classification
from grokmath.simulate.curves import Curve as SimulatedCurve

__all__ = [
    "CAPTION",
    "Dynamics",
    "agreement",
    "below_half",
    "follow",
    "late_theory",
    "mean_and_error",
    "median_and_error",
    "passage",
    "scatter",
    "simulated",
    "whole_steps",
]

Array = NDArray[np.float64]


_SMALL_SAMPLE = (1.196, 1.495, 1.363, 1.206, 1.200, 1.140, 1.129, 1.107)
"""By how much the median absolute deviation of 2 to 9 normal values is too small (Croux and Rousseeuw, 1992)."""


def median_and_error(runs: Array) -> tuple[Array, Array]:
    """The median over the first axis and its standard error, from the median absolute deviation.

    Sets that are separable by chance, whose weight grows without limit, move neither.
    """
    n, middle = len(runs), np.median(runs, axis=0)
    correction = _SMALL_SAMPLE[n - 2] if 2 <= n <= 9 else n / (n - 0.8)
    with np.errstate(invalid="ignore"):  # inf - inf where the median itself is infinite: it has no error
        deviation = 1.4826 * correction * np.median(np.abs(runs - middle), axis=0)
    return np.asarray(middle), np.asarray(1.2533 * deviation / np.sqrt(n))


_SETS_FOR_THE_SCATTER = 40


@cache
def scatter(n_train: int, lam: float) -> float:
    """By how much log ||S_inf|| scatters from set to set of N = n_train standard normal points, lam < 1/2.

    Half the distance between the quantiles at 16 and 84 % of 40 inseparable sets, a standard deviation that heavy tails
    do not move; within some 15 %. The same each time it is called.
    """
    norms = minimizers(n_train, lam, _SETS_FOR_THE_SCATTER, np.random.default_rng(0)).norm
    low, high = np.quantile(np.log(norms), ndtr([-1.0, 1.0]))
    return float(high - low) / 2


def below_half(count: int) -> Array:
    """Values of lam below 1/2, two thirds of them evenly spaced, the others closer and closer to it."""
    near = count // 3
    return np.concatenate([np.linspace(0.03, 0.45, count - near), 0.5 - np.geomspace(0.047, 0.003, near)])


def mean_and_error(runs: Array) -> tuple[Array, Array]:
    """The mean over the first axis and its standard error."""
    return np.asarray(runs.mean(axis=0)), np.asarray(runs.std(axis=0, ddof=1) / np.sqrt(len(runs)))


def agreement(
    measured: Any, error: Any, theory: Any, *, scale: float | None = None, freedom: int | None = None
) -> dict[str, Any]:
    """What :func:`grokmath.figures.comparison.compared` says of means or medians with their standard errors."""
    y, bars, line = (np.atleast_1d(np.asarray(part, dtype=float)) for part in (measured, error, theory))
    return compared(SimulatedCurve(y[None, :], line, bars), scale=scale, freedom=freedom)


def simulated(label: str, x: Any, y: Any, error: Any = None, colour: int = 0, dashed: bool = False) -> Curve:
    """Markers; what is not finite is left out."""
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    keep = np.isfinite(y)
    bars = None if error is None else np.nan_to_num(np.asarray(error, dtype=float)[keep])
    return Curve(label, x[keep], y[keep], "simulation", bars, colour, dashed)


def whole_steps(last: float, count: int) -> Array:
    """About ``count`` whole numbers from 1 to ``last``, evenly spaced in the logarithm."""
    return np.unique(np.round(np.geomspace(1.0, float(last), count)).astype(np.float64))


def passage(times: Array, curve: Array, level: float) -> float:
    """When a curve is at or above the level for good, interpolated in log t; inf if it is not at the end."""
    below = np.flatnonzero(curve < level)
    if not below.size:
        return float(times[0])
    last = int(below[-1])
    if last == len(times) - 1:
        return float("inf")
    share = (level - curve[last]) / (curve[last + 1] - curve[last])
    return float(times[last] * (times[last + 1] / times[last]) ** share)


def late_theory(model: LogisticModel, times: Array, start_bias: float = 0.0) -> dict[str, Array]:
    """The curves of a run with S = S_inf throughout, lam < 1/2: e^-b = e^-b0 + eta Lmin t (exponential loss).

    For the cross-entropy loss they hold at late times. ``train_loss`` is that of the exponential loss.
    """
    return _late(model, model.minimizer_norm(), model.minimal_loss(), times, start_bias)


def _late(model: LogisticModel, norm: Any, least: Any, times: Array, start_bias: float = 0.0) -> dict[str, Array]:
    """The same for the norm and the minimal loss of one set, or as columns of several."""
    R = float(model.sigma) * norm
    b = -np.log(np.exp(-start_bias) + float(model.eta) * least * times)
    return {
        "train_loss": least * np.exp(b),
        "gen_loss": np.asarray(population_loss(R, b)),
        "gen_accuracy": np.asarray(population_accuracy(R, b)),
        "norm": R / float(model.sigma) * np.ones(times.shape),
        "bias": b,
    }


_REST = 0.01
"""t^-theta below which S counts as at rest."""

_SYMBOLS = {"lam": r"$\lambda$", "sigma_A": r"$\sigma_A$", "sigma": r"$\sigma$", "||S(0)||": r"$\|S(0)\|$"}


def legend(name: str) -> str:
    """The legend of a case such as "sigma = 3"."""
    symbol, _, value = name.partition(" = ")
    return f"{_SYMBOLS.get(symbol, symbol)} = {value}" if value else name


class Dynamics:
    """Panels of runs in time: losses, accuracies, sigma ||S|| and -b, with the theory of late times as lines.

    ``average`` is "median" or "mean" over the runs. ``smallest_loss`` ends the axis of the losses.
    """

    def __init__(self, smallest_loss: float = 1e-6, average: str = "median") -> None:
        self.smallest_loss = smallest_loss
        self.average = median_and_error if average == "median" else mean_and_error
        self.curves: dict[str, list[Curve]] = {"losses": [], "accuracies": [], "weight": [], "bias": []}
        self.numbers: dict[str, Any] = {}

    def add(self, run: ClassificationRun, sigma: float, label: str, colour: int, *, spread: bool = False) -> None:
        """The markers of a run; ``spread`` takes the standard deviation of the outputs in place of sigma ||S||."""
        for panel, runs, dashed in (
            ("losses", run.gen_loss, False),
            ("losses", run.train_loss, True),
            ("accuracies", run.gen_accuracy, False),
            ("accuracies", run.train_accuracy, True),
            ("weight", sigma * (run.output_std if spread else run.norm), False),
            ("bias", -run.bias, False),
        ):
            y, error = self.average(runs) if len(runs) > 1 else (runs[0], None)
            self.curves[panel].append(simulated("_" if dashed else label, run.times, y, error, colour, dashed))

    def line(self, panel: str, x: Array, y: Array, colour: int, kind: Kind = "theory", label: str = "_") -> None:
        """One line of theory."""
        self.curves[panel].append(Curve(label, x, y, kind, colour=colour))

    def late(self, model: LogisticModel, times: Array, colour: int, label: str = "_", start_bias: float = 0.0) -> None:
        """The lines of :func:`late_theory`, or for lam > 1/2 the limit of the accuracy."""
        x = np.geomspace(times[0], times[-1], 200)
        if model.side == "inseparable":
            found = late_theory(model, x, start_bias)
            x_late = x > 10 / (float(model.eta) * model.minimal_loss())
            for panel, y in (("losses", found["gen_loss"]), ("accuracies", found["gen_accuracy"])):
                self.line(panel, x[x_late], y[x_late], colour, label=label)
            self.line("weight", x, float(model.sigma) * found["norm"], colour, label=label)
            self.line("bias", x[x_late], -found["bias"][x_late], colour, label=label)
        elif model.side == "separable":
            last = x[x > times[-1] / 1e3]
            self.line("accuracies", last, np.full(last.shape, model.limit_accuracy()), colour, label=label)

    def own(self, run: ClassificationRun, model: LogisticModel, colour: int, label: str = "_") -> None:
        """The late theory of each run's own set, the median over the runs, dotted; for normal inputs.

        A set that is separable has an infinite norm, which never generalizes; beyond half of such nothing is drawn.
        """
        found = ~np.isnan(run.minimizer.get("output_std", np.array([np.nan])))
        if found.mean() <= 0.5:
            return
        norm, least = (run.minimizer[name][found, None] for name in ("output_std", "minimal_loss"))
        x = np.geomspace(run.times[0], run.times[-1], 100)
        x = x[x > 10 / (float(model.eta) * model.minimal_loss())]
        lost = np.full((int((~found).sum()), len(x)), np.inf)
        extreme = {"gen_loss": lost, "gen_accuracy": -lost, "norm": lost, "bias": lost}
        curves = _late(model, norm, least, x)
        late = {name: np.median(np.vstack([curves[name], rest]), axis=0) for name, rest in extreme.items()}
        for panel, y in (("losses", late["gen_loss"]), ("accuracies", late["gen_accuracy"]),
                         ("weight", float(model.sigma) * late["norm"]), ("bias", -late["bias"])):  # fmt: skip
            self.line(panel, x, y, colour, "approximation", label)

    def compare(self, run: ClassificationRun, model: LogisticModel, name: str) -> None:
        """||S|| and b at the last time beside the theory of late times on each run's own set, lam < 1/2.

        Only where S has come to rest: its distance from S_inf falls like t^-theta. How far the sets of these few runs
        are from the law for N to infinity is noted, and not scored: that takes many sets, of two sizes. Half a dozen
        runs may lie close together by chance; the error of their median is from the scatter of other sets as large.
        """
        if model.side != "inseparable" or len(run.norm) < 2:
            return
        remains = float(np.exp(-model.relaxation_exponent() * np.log1p(float(model.eta) * run.times[-1])))
        if remains > _REST:
            self.numbers[f"{name}: S is not at rest at the last time"] = {"t^-theta": remains}
            return
        own = run.minimizer
        alone = -np.log(1 + float(model.eta) * own["minimal_loss"] * run.times[-1])
        norm = np.abs(run.output_std[:, -1] / own["output_std"] - 1)
        bias = np.abs(run.bias[:, -1] / alone - 1)
        self.numbers[f"{name}: beside each set's own minimiser"] = {
            "deviation of the norm (median)": float(np.nanmedian(norm)),
            "deviation of the bias (median)": float(np.nanmedian(bias)),
        }
        law = late_theory(model, run.times[-1:])
        middle = float(np.median(run.output_std[:, -1] / law["norm"]))
        error = 1.2533 * middle * scatter(run.n_train, float(model.lam)) / float(np.sqrt(len(run.norm)))
        self.numbers[f"{name}: beside the law of large N"] = {
            "deviation of the norm (median)": middle - 1,
            "its standard error": error,
            "deviation of the bias (median)": float(np.median(run.bias[:, -1] / law["bias"])) - 1,
        }

    def sentence(self) -> str:
        """What the last time says of the theory on each run's own set, and how far these are from the large-N law."""
        own = [entry for name, entry in self.numbers.items() if name.endswith("own minimiser")]
        if not own:
            return "No run has come to rest at the last time, and none is scored."
        norm, bias = (max(entry[f"deviation of the {part} (median)"] for entry in own) for part in ("norm", "bias"))
        laws = [entry for name, entry in self.numbers.items() if name.endswith("law of large N")]
        off = max(laws, key=lambda entry: abs(entry["deviation of the norm (median)"]))
        part, error = 100 * off["deviation of the norm (median)"], 100 * off["its standard error"]
        return (
            f"At the last time, where S is at rest: beside the minimiser of each run's own set ||S|| is off by "
            f"{100 * norm:.1g} % and b by {100 * bias:.1g} % (medians over the runs, the largest of all cases). The "
            f"sets of so few runs are off the law for N to infinity by {part:+.0f} +- {error:.0f} % in ||S|| (median, "
            "the largest; its standard error from the scatter of many sets as large); "
            "many sets of two sizes are compared with it in Figures 1, 7 and 10."
        )

    def panels(
        self, time: str = "$t$", lowest_accuracy: float = 0.45, weight: str = r"$\sigma\|S\|$"
    ) -> tuple[Panel, ...]:
        """Losses, accuracies, weight and bias; the last two have the legend of the first."""
        highest = max(float(np.max(curve.y)) for curve in self.curves["losses"] if len(curve.y))
        losses, accuracies, weights, bias = (tuple(curves) for curves in self.curves.values())
        small = self.smallest_loss
        return (
            Panel("losses", "Loss (training open)", time, r"$\mathcal{L}$", losses, xscale="log", yscale="log",
                  ylim=(small, 3 * highest)),
            Panel("accuracies", "Accuracy (training open)", time, r"$\mathcal{A}$", accuracies, xscale="log",
                  ylim=(lowest_accuracy, 1.02), legend=False),
            Panel("weight", "Weight", time, weight, weights, xscale="log", legend=False),
            Panel("bias", "Bias", time, r"$-b$", bias, xscale="log", legend=False),
        )  # fmt: skip


def follow(
    cases: Iterable[tuple[str, LogisticModel, dict[str, Any]]],
    times: Array,
    p: dict[str, Any],
    rng: np.random.Generator,
    tick: Callable[[], object],
    *,
    theory: bool = True,
    spread: bool = False,
) -> tuple[Dynamics, list[ClassificationRun]]:
    """Runs of several cases, each a name, a model and options of :func:`classification`, in one set of panels.

    All cases start from the same random numbers, so that at one lam they train on the same data.

    ``p`` has n_train, realisations and smallest_loss. ``theory`` adds the lines of late times; where the limit is the
    same for all cases, black lines of the first stand for all.
    """
    dynamics, runs = Dynamics(p["smallest_loss"]), []
    listed = list(cases)
    alike = len(listed) > 1 and len({(model.lam, model.eta) for _, model, _ in listed}) == 1
    seed = int(rng.integers(2**62))
    for colour, (name, model, options) in enumerate(listed):
        size = {"n_train": p["n_train"], "realisations": p["realisations"]}
        run = classification(model, times, rng=seed, tick=tick, **size, **options)
        dynamics.add(run, float(model.sigma), legend(name), colour, spread=spread)
        if theory:
            if not alike:
                dynamics.late(model, times, colour)
            elif colour == 0:
                dynamics.late(model, times, 6, "late theory, large N")
            dynamics.compare(run, model, name)
            if options.get("inputs", "normal") == "normal" and (colour == 0 or not alike):
                dynamics.own(run, model, 0 if alike else colour, "late theory, own sets" if alike else "_")
        runs.append(run)
    return dynamics, runs


CAPTION = (
    "Medians of {realisations} runs at N = {n_train} (bars: standard error); lines: the theory of late times, S = "
    "S_inf and e^-b = 1 + eta Lmin t; dotted: the same with S_inf and Lmin of the runs' own sets."
)
"""What the captions of such figures have in common."""
