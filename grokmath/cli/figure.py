"""``grokmath figure``: a figure of the papers, or all of them, as a drawing, as data and as numbers."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from grokmath import __version__
from grokmath.cli.common import UsageError, say, shown
from grokmath.cli.output import OutputFile

__all__ = ["add_parser", "progress", "run", "seed_option"]

_SUFFIXES = ("pdf", "png", "svg")
_HELP = "reproduce a figure of the papers: simulation beside theory"
_USAGE = """grokmath figure NAME [-o FILE] [--data FILE] [--json FILE] [--quick | --paper-size] [--seed N]
       grokmath figure all -o DIR [--quick | --paper-size] [--seed N]
       grokmath figure --list"""
_EPILOG = """\
NAME is such as levi2023:1; FILE ends in .pdf, .png or .svg. 'all' writes
every figure to DIR as PDF, CSV and JSON, and goes on where one fails."""


def add_parser(verbs: Any) -> None:
    """Add the verb's options."""
    parser = verbs.add_parser("figure", usage=_USAGE, help=_HELP, description=_HELP + ".", epilog=_EPILOG)
    parser.add_argument("figure", nargs="?", metavar="NAME", help="which figure, or 'all'")
    parser.add_argument("-o", "--output", metavar="FILE", help="where the drawing goes; its suffix is the format")
    parser.add_argument("--data", metavar="FILE", help="every point as CSV: panel, curve, kind, x, y, error, value")
    parser.add_argument("--json", metavar="FILE", help="caption, z-scores and parameters as JSON")
    parser.add_argument("--quick", action="store_true", help="a smaller run that shows the same")
    parser.add_argument("--paper-size", action="store_true", help="the size of the paper's experiment")
    parser.add_argument("--seed", default="1", help="seed of the simulations (default: %(default)s)")
    parser.add_argument("--list", action="store_true", help="say which figures there are and how long they take")


def run(options: argparse.Namespace, extra: list[str]) -> int:
    """Run the verb; the exit status: 1 where a figure of 'all' failed."""
    if extra:
        raise UsageError(f"figure: there is no option {shown(extra[0])} ('grokmath figure --help' lists the options)")
    if options.list:
        return _list()
    if options.figure is None:
        raise UsageError("figure: no figure given; 'grokmath figure --list' says which there are")
    if options.quick and options.paper_size:
        raise UsageError("figure: --quick contradicts --paper-size")
    size = "quick" if options.quick else "paper" if options.paper_size else "default"
    seed = seed_option(options.seed, "figure")
    if options.figure == "all":
        return _all(options, size, seed)
    return _one(options, size, seed)


def seed_option(text: str, verb: str) -> int:
    """The seed as an integer >= 0."""
    if not (text.isascii() and text.isdigit() and len(text) <= 40):
        raise UsageError(f"{verb}: --seed {shown(text)} is not allowed; give a whole number >= 0")
    return int(text)


def _list() -> int:
    from grokmath.figures.registry import FIGURES, figure

    for name in FIGURES:
        usual, quick = figure(name), figure(name, "quick")
        print(f"{name:26} {_duration(usual.seconds):>7} (quick {_duration(quick.seconds):>5})  {usual.shows}")
    return 0


def _duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.0f} h"


def _one(options: argparse.Namespace, size: str, seed: int) -> int:
    from grokmath.figures.registry import figure

    wanted = figure(options.figure, size)
    if not (options.output or options.data or options.json):
        raise UsageError("figure: nothing to write; give -o FILE, --data FILE or --json FILE")
    suffix = _suffix(options.output) if options.output is not None else ""
    paths = {"drawing": options.output, "data": options.data, "numbers": options.json}
    given = {kind: path for kind, path in paths.items() if path is not None}
    if len({os.path.realpath(path) for path in given.values()}) < len(given):
        raise UsageError("figure: the files of -o, --data and --json must differ")
    with ExitStack() as stack:
        files = {kind: stack.enter_context(OutputFile(path, "figure")) for kind, path in given.items()}
        if wanted.seconds >= 10:
            say(f"{wanted.name}: about {_duration(wanted.seconds)}")
        with progress(wanted.name) as tick:
            caption = _write(wanted, size, seed, suffix, files, tick)
    print(caption)
    return 0


def _suffix(path: str) -> str:
    suffix = os.path.splitext(path)[1].lower().removeprefix(".")
    if suffix not in _SUFFIXES:
        ending = f"the suffix {shown('.' + suffix)}" if suffix else "no suffix"
        raise UsageError(f"figure: {shown(path)} has {ending}; give a file that ends in .pdf, .png or .svg")
    _need_matplotlib()
    return suffix


def _need_matplotlib() -> None:
    from importlib.util import find_spec

    if find_spec("matplotlib") is None:
        raise UsageError("figure: drawing needs Matplotlib: pip install grokmath[figures] (--data and --json do not)")


def _write(
    wanted: Any, size: str, seed: int, suffix: str, files: dict[str, OutputFile], tick: Callable[[], object]
) -> str:
    """Compute the figure, write what was asked for, and return the caption."""
    from grokmath.figures.registry import compute

    data = compute(wanted.name, size, rng=seed, tick=tick)
    if "drawing" in files:
        from grokmath.figures.draw import rendered

        files["drawing"].commit(rendered(data, suffix))
    if "data" in files:
        files["data"].commit(data.to_csv().encode())
    if "numbers" in files:
        record = {"figure": wanted.name, "size": size, "seed": seed, "parameters": wanted.parameters}
        files["numbers"].commit(data.to_json(**record, version=__version__).encode())
    return data.caption


def _all(options: argparse.Namespace, size: str, seed: int) -> int:
    from grokmath.figures.registry import FIGURES, figure

    if options.data is not None or options.json is not None:
        raise UsageError("figure: all: -o DIR takes every file; leave --data and --json out")
    if not options.output:
        raise UsageError("figure: all needs -o DIR")
    _need_matplotlib()
    folder = options.output
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise UsageError(f"figure: cannot write {shown(folder)}: {error.strerror or error}") from None
    wanted = [figure(name, size) for name in FIGURES]
    say(f"{len(wanted)} figures, about {_duration(sum(entry.seconds for entry in wanted))}")
    failed = 0
    for entry in wanted:
        stem = os.path.join(folder, entry.name.replace(":", "_"))
        kinds = {"drawing": "pdf", "data": "csv", "numbers": "json"}
        try:
            with ExitStack() as stack, progress(entry.name) as tick:
                files = {k: stack.enter_context(OutputFile(f"{stem}.{end}", "figure")) for k, end in kinds.items()}
                _write(entry, size, seed, "pdf", files, tick)
        except UsageError:
            raise  # the directory cannot be written: no other figure will fare better
        except Exception as error:
            failed += 1
            say(f"{entry.name}: {error if str(error) else type(error).__name__}")
        else:
            print(f"{stem}.pdf")
            sys.stdout.flush()
    if failed:
        say(f"{failed} of {len(wanted)} figures failed")
    return int(failed > 0)


@contextmanager
def progress(name: str) -> Iterator[Callable[[], object]]:
    """A count of what is done, on stderr where that is a terminal; what to call after each part."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda: None
        return
    from tqdm import tqdm

    columns, lines = os.get_terminal_size(sys.stderr.fileno())
    shape = {"ncols": min(columns or 80, 120), "nrows": lines or 24}  # some terminals do not know their size
    with tqdm(desc=name, unit="part", file=sys.stderr, leave=False, **shape) as bar:
        yield bar.update
