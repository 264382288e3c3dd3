"""``grokmath figure``: a figure of the papers, or all of them, as a drawing, as data and as numbers."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

from grokmath import __version__
from grokmath.cli.common import UsageError, say, shown
from grokmath.cli.output import OutputFile
from grokmath.cli.processes import jobs_option
from grokmath.cli.progress import beside_the_count, progress

__all__ = ["add_parser", "run", "seed_option"]

_AROUND = 4.0
"""Seconds that loading and drawing add to a figure's own time."""
_SUFFIXES = ("pdf", "png", "svg")
_HELP = "reproduce a figure of the papers: simulation beside theory"
_USAGE = """grokmath figure NAME [-o FILE] [--data FILE] [--json FILE] [--quick | --paper-size] [--seed N]
       grokmath figure all -o DIR [--quick | --paper-size] [--seed N] [--jobs N]
       grokmath figure --list"""
_EPILOG = """\
NAME is such as levi2023:1; FILE ends in .pdf, .png or .svg. 'all' writes
every figure to DIR as PDF, CSV and JSON, several at a time, and goes on
where one fails."""


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
    parser.add_argument("--jobs", metavar="N", help="with 'all': figures at a time (default: one for each core)")
    parser.add_argument("--list", action="store_true", help="say which figures there are and how long one core takes")


def run(options: argparse.Namespace, extra: list[str]) -> int:
    """Run the verb; the exit status: 1 where a figure of 'all' failed."""
    if extra and not extra[0].startswith("-"):
        raise UsageError(f"figure: {shown(extra[0])} is one too many; give one figure at a time, or 'all'")
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
    _one_thread_each()
    if options.figure == "all":
        return _all(options, size, seed)
    if options.jobs is not None:
        raise UsageError("figure: --jobs goes with 'all'; a figure is computed in one process")
    return _one(options, size, seed)


def seed_option(text: str, verb: str) -> int:
    """The seed as an integer >= 0."""
    if not (text.isascii() and text.isdigit() and len(text) <= 40):
        raise UsageError(f"{verb}: --seed {shown(text)} is not allowed; give a whole number >= 0 of at most 40 digits")
    return int(text)


def _list() -> int:
    from grokmath.figures.registry import FIGURES, figure

    for name in FIGURES:
        usual, quick, paper = (figure(name, size).seconds for size in ("default", "quick", "paper"))
        sizes = f"(quick {_duration(quick):>5}, paper {_duration(paper):>6})"
        print(f"{name:26} {_duration(usual):>7} {sizes}  {figure(name).shows}")
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
            caption, contents = _contents(wanted.name, size, seed, suffix, tick)
        for kind, file in files.items():
            file.commit(contents[kind])
    print(caption)
    return 0


def _suffix(path: str) -> str:
    if os.path.isdir(path):
        raise UsageError(f"figure: {shown(path)} is a directory; name a file in it that ends in .pdf, .png or .svg")
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


def _one_thread_each() -> None:
    """Linear algebra in one thread: so a figure has the same bits alone and beside others, and cores are for figures.

    It takes effect where NumPy is not imported yet, and leaves alone what the user has set.
    """
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")


def _contents(
    name: str, size: str, seed: int, suffix: str, tick: Callable[[], object] | None = None
) -> tuple[str, dict[str, bytes]]:
    """Compute the figure: its caption, and the drawing (for a ``suffix``), data and numbers as contents of files."""
    from grokmath.figures.comparison import verdict
    from grokmath.figures.registry import compute, figure

    data = compute(name, size, rng=seed, tick=tick)
    record = {"figure": name, "size": size, "seed": seed, "parameters": figure(name, size).parameters}
    numbers = data.to_json(**record, version=__version__, verdict=verdict(data.numbers))
    contents = {"data": data.to_csv().encode(), "numbers": numbers.encode()}
    if suffix:
        from grokmath.figures.draw import rendered

        contents["drawing"] = rendered(data, suffix)
    return data.caption, contents


def _all(options: argparse.Namespace, size: str, seed: int) -> int:
    from grokmath.figures.registry import FIGURES, figure

    if options.data is not None or options.json is not None:
        raise UsageError("figure: all: -o DIR takes every file; leave --data and --json out")
    if not options.output:
        raise UsageError("figure: all needs -o DIR")
    _need_matplotlib()
    jobs = min(jobs_option(options.jobs, "figure"), len(FIGURES))
    folder = options.output
    try:
        os.makedirs(folder, exist_ok=True)
    except FileExistsError:
        raise UsageError(f"figure: all: {shown(folder)} is a file; -o needs a directory") from None
    except OSError as error:
        raise UsageError(f"figure: cannot write {shown(folder)}: {error.strerror or error}") from None
    wanted = sorted((figure(name, size) for name in FIGURES), key=lambda entry: -entry.seconds if jobs > 1 else 0)
    for entry in wanted:  # said before anything is computed
        with ExitStack() as stack:
            _open(stack, folder, entry.name)
    times = [entry.seconds + _AROUND for entry in wanted]
    say(f"{len(wanted)} figures, {jobs} at a time, about {_duration(max(sum(times) / jobs, *times))}")
    failed = 0
    with progress("figures", "figure", len(wanted)) as tick:
        for name, found in _computed([entry.name for entry in wanted], size, seed, jobs):
            if isinstance(found, dict):
                with ExitStack() as stack:
                    for kind, file in _open(stack, folder, name).items():
                        file.commit(found[kind])
                with beside_the_count():
                    print(_stem(folder, name) + ".pdf", flush=True)
            else:
                failed += 1
                with beside_the_count():
                    say(f"{name}: {found if str(found) else type(found).__name__}")
            tick()
    if failed:
        say(f"{failed} of {len(wanted)} figures failed")
    return int(failed > 0)


def _stem(folder: str, name: str) -> str:
    return os.path.join(folder, name.replace(":", "_"))


def _open(stack: ExitStack, folder: str, name: str) -> dict[str, OutputFile]:
    kinds = {"drawing": "pdf", "data": "csv", "numbers": "json"}
    stem = _stem(folder, name)
    return {kind: stack.enter_context(OutputFile(f"{stem}.{end}", "figure")) for kind, end in kinds.items()}


def _computed(
    names: list[str], size: str, seed: int, jobs: int
) -> Iterator[tuple[str, dict[str, bytes] | BaseException]]:
    """The contents of each figure's files, or why there are none, as they are done."""
    if jobs == 1:
        for name in names:
            try:
                found: dict[str, bytes] | BaseException = _contents(name, size, seed, "pdf")[1]
            except Exception as error:
                found = error
            yield name, found
        return
    from concurrent.futures import ThreadPoolExecutor, as_completed
    from multiprocessing import active_children

    with ThreadPoolExecutor(jobs) as pool:
        futures = {pool.submit(_apart, name, size, seed): name for name in names}
        try:
            for future in as_completed(futures):
                yield futures[future], future.exception() or future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for child in active_children():
                child.terminate()
            raise


def _apart(name: str, size: str, seed: int) -> dict[str, bytes]:
    """The figure in a process of its own: one that the system ends, for want of memory say, takes no other with it."""
    from concurrent.futures.process import BrokenProcessPool

    from grokmath.cli.processes import fresh_processes

    with fresh_processes(1) as process:
        try:
            return process.submit(_contents, name, size, seed, "pdf").result()[1]
        except BrokenProcessPool:
            raise RuntimeError("its process was ended from outside, for want of memory perhaps") from None
