"""``grokmath simulate``: training runs beside the theory, as CSV or JSON."""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from contextlib import ExitStack
from fractions import Fraction
from typing import Any

from grokmath import __version__
from grokmath.cli.common import UsageError, nearest, say, shown
from grokmath.cli.figure import seed_option
from grokmath.cli.options import Option
from grokmath.cli.output import OutputFile
from grokmath.cli.progress import progress
from grokmath.quantities import flag

__all__ = ["SIMULATIONS", "add_parser", "run"]

_HELP = "training runs beside the theory, with a z-score at every point"
_USAGE = "grokmath simulate KIND [--NAME VALUE ...] [--seed N] [--format csv|json] [-o FILE]"
_EPILOG = """
Times are a list of numbers and ranges start:stop:step separated by commas.
Columns: curve, t, mean and standard_error over the runs, theory,
predicted_error (of the mean, by the theory), z; empty where there is none.
With predicted_error z rests on it, else on standard_error; for regression it
is given while the theory of finitely many inputs holds: until single
eigenvalues decide, and for accuracies from 0.05 to 0.95."""

_LAM = Option("lam", "0.9", "aspect ratio d_in/N_tr")
_ETA = Option("eta", "0.01", "learning rate")
_EPS = Option("eps", "", "tolerance that adds the accuracies (default: none)")
_RUNS = Option("realisations", "4", "independent runs")
_TIMES = Option("times", "", "when to look, in steps (default: log-spaced)", True)

SIMULATIONS: dict[str, tuple[Option, ...]] = {
    "regression": (
        _LAM,
        _ETA,
        Option("d_in", "1000", "inputs"),
        Option("d_out", "1", "outputs"),
        Option("weight_decay", "0", "weight decay gamma"),
        Option("init_scale", "1", "scale alpha of the start"),
        Option("label_noise", "0", "standard deviation of the labels' noise"),
        Option("decay_convention", "paper", "paper, decoupled or summed"),
        _EPS,
        _RUNS._replace(help="data sets"),
        Option("starts", "1", "teachers and starts for each data set"),
        Option("dynamics", "descent", "descent or flow"),
        _TIMES,
    ),
    "two-layer": (
        _LAM,
        Option("eta", "1", "learning rate"),
        Option("d_in", "200", "inputs"),
        Option("d_h", "200", "hidden units"),
        Option("d_out", "5", "outputs"),
        Option("activation", "linear", "linear or tanh"),
        _EPS,
        _RUNS._replace(default="6"),
        Option("times", "0,1:9:1,10:90:10,100:1000:100", "when to look, in steps", True),
    ),
    "classification": (
        Option("lam", "0.4", "aspect ratio d/N"),
        Option("sigma", "5", "standard deviation of the features"),
        Option("eta", "1", "learning rate"),
        Option("n_train", "500", "training points N"),
        Option("loss", "logistic", "logistic or exponential"),
        Option("dynamics", "flow", "flow, descent or adam"),
        Option("inputs", "normal", "normal, uniform, rademacher, power-law or mixture"),
        Option("label_fraction", "1", "fraction of the points with the label -1"),
        Option("axis_std", "0", "spread of the two classes along their axis"),
        Option("start_std", "0", "norm of the initial weight"),
        Option("start_bias", "0", "initial bias"),
        _RUNS,
        _TIMES,
    ),
    "two-point": (
        Option("lam", "0.4", "aspect ratio"),
        Option("sigma", "1", "standard deviation of the features"),
        Option("eta", "1", "learning rate"),
        Option("S0", "0", "initial weight"),
        Option("b0", "0", "initial bias"),
        Option("dynamics", "flow", "flow or descent"),
        _TIMES,
    ),
    "modular": (
        Option("p", "48", "the modulus"),
        Option("alpha", "0.5", "fraction of the pairs that is seen"),
        Option("width", "400", "hidden units"),
        Option("eta", "500", "learning rate"),
        Option("steps", "6000", "steps at most"),
        Option("every", "25", "steps from one record to the next"),
        Option("until", "", "accuracy at which the run ends (default: none)"),
    ),
}
"""The simulations and their options."""

_INTEGERS = frozenset(("d_in", "d_h", "d_out", "realisations", "starts", "n_train", "p", "width", "steps", "every"))
_COLUMNS = ("curve", "t", "mean", "standard_error", "theory", "predicted_error", "z")
_MOST_TIMES = 100_000
_LAST_STEP = 10**12
_LAST_TIME = 10**300
_RANGE = Fraction(1, 10**50), 10**50
"""Sizes of numbers whose powers, as they occur in the runs, are floating-point numbers."""

Row = tuple[str, float, float, float, float, float, float]


def add_parser(verbs: Any) -> None:
    """Add the verb's options."""
    described = []
    for kind, options in SIMULATIONS.items():
        described.append(f"  {kind}")
        for option in options:
            default = f" (default: {option.default})" if option.default else ""
            described.append(f"    {f'{flag(option.name)} {option.metavar}':26} {option.help}{default}")
    epilog = "\n".join(["kinds and their options:", *described]) + "\n" + _EPILOG
    parser = verbs.add_parser("simulate", usage=_USAGE, help=_HELP, description=_HELP + ".", epilog=epilog)
    parser.add_argument("kind", nargs="?", metavar="KIND", help=", ".join(SIMULATIONS))
    for name in dict.fromkeys(option.name for options in SIMULATIONS.values() for option in options):
        parser.add_argument(*dict.fromkeys((flag(name), f"--{name}")), dest=name, help=argparse.SUPPRESS)
    parser.add_argument("--seed", default="1", help="seed of the runs (default: %(default)s)")
    parser.add_argument("--format", metavar="FORMAT", help="csv or json (default: by the suffix of FILE, else csv)")
    parser.add_argument("-o", "--output", metavar="FILE", help="write to FILE instead of standard output")


def run(options: argparse.Namespace, extra: list[str]) -> int:
    """Run the verb; the exit status."""
    if extra:
        raise UsageError(f"simulate: there is no option {shown(extra[0])} ('grokmath simulate --help' lists them)")
    kind = options.kind
    if kind is None:
        raise UsageError(f"simulate: no simulation given ({', '.join(SIMULATIONS)})")
    if kind not in SIMULATIONS:
        raise UsageError(
            f"simulate: there is no simulation {shown(kind)}{nearest(kind, list(SIMULATIONS))} "
            f"({', '.join(SIMULATIONS)})"
        )
    style = _format(options)
    seed = seed_option(options.seed, "simulate")
    values = _values(kind, options)
    flows = kind in ("classification", "two-point", "regression") and values["dynamics"] == "flow"
    last = _LAST_TIME if flows else _LAST_STEP
    arguments = {name: _argument(name, text, last) for name, text in values.items() if text}
    with ExitStack() as stack:
        file = stack.enter_context(OutputFile(options.output, "simulate")) if options.output else None
        with progress(kind) as tick:
            rows = _simulate(kind, arguments, seed, tick)
        record = {
            "simulation": kind,
            "parameters": {n: v or None for n, v in values.items()},
            "seed": seed,
            "version": __version__,
        }
        content = _csv(rows) if style == "csv" else _json(rows, record)
        if file is None:
            sys.stdout.write(content)
        else:
            file.commit(content.encode())
    return 0


def _format(options: argparse.Namespace) -> str:
    suffix = os.path.splitext(options.output or "")[1].lower().removeprefix(".")
    style: str = options.format or suffix or "csv"
    if style not in ("csv", "json"):
        what = "format" if options.format else "suffix"
        raise UsageError(f"simulate: there is no {what} {shown(style)}{nearest(style, ('csv', 'json'))} (csv, json)")
    if options.output == "":
        raise UsageError("simulate: -o needs the name of a file")
    return style


def _values(kind: str, options: argparse.Namespace) -> dict[str, str]:
    takes = {option.name: option.default for option in SIMULATIONS[kind]}
    every = dict.fromkeys(option.name for choices in SIMULATIONS.values() for option in choices)
    given = {name: text for name in every if (text := getattr(options, name)) is not None}
    superfluous = [flag(name) for name in given if name not in takes]
    if superfluous:
        names = " ".join(flag(name) for name in takes)
        raise UsageError(f"simulate: {kind} does not take {' '.join(superfluous)}; it takes {names}")
    empty = [flag(name) for name, text in given.items() if not text.strip() and takes[name]]
    if empty:
        raise UsageError(f"simulate: {empty[0]} needs a value (default: {takes[empty[0][2:].replace('-', '_')]})")
    return takes | given


def _argument(name: str, text: str, last: int) -> Any:
    """The option's value: an integer, an array of times, or the text, which the library reads."""
    from grokmath.parameters import NONNEGATIVE, domain_error, parse_number

    if name == "times":
        from grokmath.tables.grids import Grid

        grid = Grid(text, "times", NONNEGATIVE)
        if grid.size > _MOST_TIMES:
            raise domain_error("simulate", "times", text, f"at most {_MOST_TIMES} of them", "take larger steps")
        import numpy as np

        if max(span.last for span in grid.spans) > last:
            raise domain_error("simulate", "times", text, f"at most 1e{len(str(last)) - 1}", "take earlier times")
        return np.array([float(time) for time in grid])
    if name in _INTEGERS or name == "until":
        number = parse_number(text)
        if name == "until" and number is not None and not 0 <= number <= 1:
            raise domain_error("simulate", name, text, "an accuracy from 0 to 1", f"give {flag(name)} one")
        whole = number is not None and number.denominator == 1 and abs(number) < 10**15
        if number is None or (name in _INTEGERS and not whole):
            wanted = "a number" if name == "until" else "a whole number"
            raise domain_error("simulate", name, text, wanted, f"give {flag(name)} a number")
        return int(number) if name in _INTEGERS else float(number)
    number = parse_number(text)
    if number and not _RANGE[0] <= abs(number) <= _RANGE[1]:
        remedy = "runs are computed in floating-point numbers: rescale it"
        raise domain_error("simulate", name, text, "0, or a size from 1e-50 to 1e50", remedy)
    return text


def _simulate(kind: str, given: dict[str, Any], seed: int, tick: Any) -> list[Row]:
    simulator = {
        "regression": _regression,
        "two-layer": _two_layer,
        "classification": _classification,
        "two-point": _two_point,
        "modular": _modular,
    }[kind]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        rows = simulator(given, seed, tick)
    for warning in caught[:1]:  # each run of several says the same of its own data
        say(str(warning.message))
    return rows


def _pick(given: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: given[name] for name in names if name in given}


def _regression(given: dict[str, Any], seed: int, tick: Any) -> list[Row]:
    from grokmath.figures.regression_panels import known
    from grokmath.parameters import domain_error
    from grokmath.regression.linear import LinearTeacherStudent
    from grokmath.simulate.regression_runs import regression

    dynamics = given.pop("dynamics")
    if dynamics not in ("descent", "flow"):
        raise domain_error("simulate.regression", "dynamics", dynamics, "descent | flow", "choose one of these")
    names = ("lam", "eta", "d_out", "weight_decay", "init_scale", "label_noise", "decay_convention")
    model = LinearTeacherStudent(**_pick(given, *names))
    more = _pick(given, "d_in", "eps", "realisations", "starts")
    found = regression(model, given.get("times"), descent=dynamics == "descent", rng=seed, tick=tick, **more)
    return _compared(
        found.times, found.curves, predicted=True, holds={name: known(found, name) for name in found.curves}
    )


def _two_layer(given: dict[str, Any], seed: int, tick: Any) -> list[Row]:
    from grokmath.regression.two_layer import TwoLayerLinear
    from grokmath.simulate.two_layer_runs import two_layer

    model = TwoLayerLinear(**_pick(given, "lam", "eta", "d_in", "d_h", "d_out"))
    more = _pick(given, "eps", "realisations", "activation")
    found = two_layer(model, given.get("times"), rng=seed, tick=tick, **more)
    return _compared(found.times, found.curves, predicted=False)


def _classification(given: dict[str, Any], seed: int, tick: Any) -> list[Row]:
    from grokmath.classification.logistic import LogisticModel
    from grokmath.simulate.classification_runs import classification

    model = LogisticModel(**_pick(given, "lam", "sigma", "eta"))
    names = ("n_train", "loss", "dynamics", "inputs", "label_fraction", "axis_std", "start_std", "start_bias")
    more = _pick(given, *names, "realisations")
    found = classification(model, given.get("times"), rng=seed, tick=tick, **more)
    curves = ("train_loss", "gen_loss", "train_accuracy", "gen_accuracy", "norm", "bias", "margin")
    rows = [row for name in curves for row in _plain(name, found.times, getattr(found, name))]
    late = {f"{name} at t = inf": curve for name, curve in found.late.items()}
    return rows + _compared(found.times[-1:], late, predicted=False)


def _two_point(given: dict[str, Any], seed: int, tick: Any) -> list[Row]:
    from grokmath.classification.two_point import TwoPointModel
    from grokmath.simulate.two_point_runs import two_point

    model = TwoPointModel(**_pick(given, "lam", "sigma", "eta", "S0", "b0"))
    found = two_point(model, given.get("times"), **_pick(given, "dynamics"))
    nan = float("nan")
    return [
        (name, float(t), float(y), nan, float(theory), nan, nan)
        for name, curve in found.curves.items()
        for t, y, theory in zip(found.times, curve, found.theory[name], strict=True)
    ]


def _modular(given: dict[str, Any], seed: int, tick: Any) -> list[Row]:
    from grokmath.simulate.modular_runs import modular

    found = modular(given.pop("p"), given.pop("alpha"), rng=seed, tick=tick, **given)
    names = ("train_loss", "gen_loss", "train_accuracy", "gen_accuracy")
    return [row for name in names for row in _plain(name, found.times, getattr(found, name)[None, :])]


def _plain(name: str, times: Any, runs: Any) -> list[Row]:
    """A curve without theory, (realisations, times)."""
    nan = float("nan")
    error = runs.std(axis=0, ddof=1) / len(runs) ** 0.5 if len(runs) > 1 else [nan] * len(times)
    points = zip(times, runs.mean(axis=0), error, strict=True)
    return [(name, float(t), float(y), float(e), nan, nan, nan) for t, y, e in points]


def _compared(times: Any, curves: dict[str, Any], *, predicted: bool, holds: dict[str, Any] | None = None) -> list[Row]:
    """Curves beside their theory; ``holds`` says by name at which times it claims to hold, and z is given."""
    rows: list[Row] = []
    nan = float("nan")
    for name, curve in curves.items():
        errors = curve.predicted_error if predicted else [nan] * len(times)
        z = curve.z if holds is None else [z if held else nan for z, held in zip(curve.z, holds[name], strict=True)]
        points = zip(times, curve.mean, curve.measured_error, curve.theory, errors, z, strict=True)
        rows += [(name, float(t), float(y), float(e), float(f), float(p), float(z)) for t, y, e, f, p, z in points]
    return rows


def _csv(rows: list[Row]) -> str:
    import math

    lines = [",".join(_COLUMNS)]
    for row in rows:
        lines.append(",".join([row[0], *("" if math.isnan(value) else repr(value) for value in row[1:])]))
    return "\n".join(lines) + "\n"


def _json(rows: list[Row], record: dict[str, Any]) -> str:
    import json
    import math

    def number(value: float) -> float | str | None:
        return None if math.isnan(value) else value if math.isfinite(value) else str(value)

    curves: dict[str, dict[str, list[Any]]] = {}
    for row in rows:
        curve = curves.setdefault(row[0], {column: [] for column in _COLUMNS[1:]})
        for column, value in zip(_COLUMNS[1:], row[1:], strict=True):
            curve[column].append(number(value))
    return json.dumps({**record, "curves": curves}, indent=1) + "\n"
