"""``grokmath table``: certified grokking times over a grid of parameters."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any

from grokmath.cli.common import UsageError, digits_option, drop_output, nearest, say, shown
from grokmath.cli.options import FIXED, KNOBS, MODELS, SWEEPS
from grokmath.cli.progress import beside_the_count, progress
from grokmath.quantities import flag

__all__ = ["FORMATS", "tabulate"]

FORMATS = ("text", "csv", "json", "latex", "markdown")
_ALWAYS = ("lam", "sigma", "eps")
_SUFFIXES = {".csv": "csv", ".json": "json", ".tex": "latex", ".md": "markdown"}


def tabulate(options: argparse.Namespace, extra: list[str]) -> int:
    """Run the verb; the exit status."""
    if extra:
        raise UsageError(f"table: there is no option {shown(extra[0])} ('grokmath table --help' lists the options)")
    style = _format(options)
    given = _given(options)
    from grokmath.table_formats import layout
    from grokmath.tables import Table, stream, table_model

    knobs = any(option.name in given for option in KNOBS)
    table = Table(table_model(options.model, knobs=knobs), given, given, digits=digits_option(options.digits))
    shape = layout(style, table)
    with _sink(options.output) as sink:
        rows = "1 row" if table.size == 1 else f"{table.size} rows"
        shown_grids = {name: grid for name, grid in table.grids.items() if name in _ALWAYS or grid.size > 1}
        sizes = " x ".join(f"{grid.size} {name}" for name, grid in shown_grids.items())
        say(f"{rows} ({sizes}), {table.digits} digits")
        try:
            with progress("table", "row", table.size) as tick:
                unproved = stream(table, shape, sink, tick)
        except KeyboardInterrupt:
            say(f"interrupted: {_done(sink, table.size)}")
            return 130
        except BrokenPipeError:
            raise
        except OSError as error:
            say(f"cannot write: {error.strerror or error}; {_done(sink, table.size)}")
            drop_output()
            return 2
    if unproved:
        say(f"{unproved} of {table.size} rows have entries that could not be proved; the rows say why")
    return int(unproved > 0)


def _given(options: argparse.Namespace) -> dict[str, str]:
    """The model's parameters that were given; the others have defaults."""
    if options.model not in MODELS:
        known = ", ".join(MODELS)
        raise UsageError(
            f"table: there is no model {shown(options.model)}{nearest(options.model, list(MODELS))} ({known})"
        )
    takes = [*MODELS[options.model], *(KNOBS if options.model == "regression" else ())]
    names = [option.name for option in takes]
    every = dict.fromkeys(option.name for model in (*MODELS.values(), KNOBS) for option in model)
    given = {name: text for name in every if (text := getattr(options, name)) is not None}
    superfluous = [flag(name) for name in given if name not in names]
    if superfluous:
        known = " ".join(flag(name) for name in names)
        raise UsageError(f"table: --model {options.model} does not take {' '.join(superfluous)}; it takes {known}")
    return given if options.vary is None else {**_sweep(options.model, options.vary), **given}


def _sweep(model: str, vary: str) -> dict[str, str]:
    """The grids of ``--vary``."""
    names = [name.replace("_", "-") for name in SWEEPS]
    if model != "regression":
        raise UsageError(f"table: --vary is for --model regression; with --model {model} give a grid, as in --lam GRID")
    name = vary.replace("-", "_")
    if name not in SWEEPS:
        raise UsageError(f"table: --vary takes no {shown(vary)}{nearest(vary, names)} ({', '.join(names)})")
    return {**FIXED, name: SWEEPS[name]}


def _format(options: argparse.Namespace) -> str:
    style: str | None = options.format
    if options.json:
        if style not in (None, "json"):
            raise UsageError(f"table: --json contradicts --format {shown(style or '')}")
        return "json"
    if style is None:
        return _SUFFIXES.get(os.path.splitext(options.output or "")[1].lower(), "text")
    if style not in FORMATS:
        raise UsageError(f"table: there is no format {shown(style)}{nearest(style, FORMATS)} ({', '.join(FORMATS)})")
    return style


def _sink(path: str | None) -> Any:
    from grokmath.tables import RowSink

    if path == "":
        raise UsageError("table: -o needs the name of a file")
    try:
        return RowSink(None if path == "-" else path, _Terminal())
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"table: cannot write {shown(path or '-')}: {reason}") from None


def _done(sink: Any, size: int) -> str:
    return f"{sink.rows} of {size} rows {'written' if sink.writing is None else f'kept in {sink.writing}'}"


class _Terminal:
    """Standard output, with the progress bar put aside while a row is printed on the same terminal."""

    def write(self, text: str) -> None:
        with beside_the_count(sys.stdout):
            sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()
