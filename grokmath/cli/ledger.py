"""``grokmath verify``, ``grokmath show`` and ``grokmath derive``: the ledger of both papers and its derivations."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from grokmath.cli.common import UsageError, digits_option, say, shown
from grokmath.cli.processes import fresh_processes, jobs_option
from grokmath.cli.progress import progress

if TYPE_CHECKING:
    from concurrent.futures import Executor

__all__ = ["add_derive", "add_show", "add_verify", "derive", "show", "verify"]

_VERIFY = "check the papers' equations: verdicts on the printed and the corrected forms"
_SHOW = "one equation of the ledger: printed, corrected, why, the evidence, how to cite"
_DERIVE = "the derivation of an equation, step by step, each with the rule that checked it"
_FORMATS = ("text", "markdown", "latex")
_DIGITS = "60"
_WORTH_A_PROCESS = 16
"""So many records are worth the two seconds that starting a process takes."""


def add_verify(verbs: Any) -> None:
    """Add the options of ``verify``."""
    parser = verbs.add_parser("verify", help=_VERIFY, description=_VERIFY + ".")
    parser.add_argument("names", nargs="*", metavar="PAPER|ID", help="levi2023, beck2024 or IDs (default: everything)")
    parser.add_argument("--jobs", metavar="N", help="processes to use (default: the number of cores)")
    parser.add_argument("--mutants", action="store_true", help="change every claim, and say which changes are refuted")
    _add_common(parser)


def add_show(verbs: Any) -> None:
    """Add the options of ``show``."""
    parser = verbs.add_parser("show", help=_SHOW, description=_SHOW + ".")
    parser.add_argument("id", nargs="?", metavar="ID", help="such as levi2023:15-gen")
    _add_common(parser)


def add_derive(verbs: Any) -> None:
    """Add the options of ``derive``."""
    parser = verbs.add_parser("derive", help=_DERIVE, description=_DERIVE + ".")
    parser.add_argument("id", nargs="?", metavar="ID", help="such as levi2023:10-train")
    parser.add_argument("--format", default="text", help=f"{', '.join(_FORMATS)} (default: %(default)s)")
    parser.add_argument("--list", action="store_true", help="say what is derived")
    parser.add_argument("--counts", action="store_true", help="with --list: in how many steps of which kind (minutes)")
    parser.add_argument("--json", action="store_true", help="the steps as JSON")


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--digits", default=_DIGITS, help="digits to which balls must agree (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="the records and the verdicts as JSON (docs/ledger.md)")


def _no_extra(verb: str, extra: list[str]) -> None:
    if extra:
        raise UsageError(f"{verb}: there is no option {shown(extra[0])} ('grokmath {verb} --help' lists the options)")


def verify(options: argparse.Namespace, extra: list[str]) -> int:
    """Run ``verify``: 1 where an accepted form is refuted or undecided, a derivation's step fails or a mutant lives."""
    _no_extra("verify", extra)
    digits = digits_option(options.digits)
    from grokmath.ledger import mutation, report
    from grokmath.ledger.derivations import derive as run_derivation

    names = report.select(options.names)
    with progress("verify", "record", len(names)) as tick, _workers(_jobs(options.jobs, len(names))) as executor:
        if options.mutants:
            kills = mutation.run(names, executor=executor, progress=lambda _: tick())
            text, export, status = mutation.table(kills), mutation.to_json(kills), mutation.exit_status(kills)
        else:
            results = report.run(names, digits, derive=run_derivation, executor=executor, progress=lambda _: tick())
            text, export, status = report.table(results), report.to_json(results, digits), report.exit_status(results)
    _print(export if options.json else text)
    return status


def _print(what: Any) -> None:
    if not isinstance(what, str):
        import json

        what = json.dumps(what, indent=1)
    print(what)


def _jobs(text: str | None, records: int) -> int:
    """The number of processes; where none is given, no more than there is enough to do for."""
    return min(jobs_option(text, "verify"), records if text else 1 + records // _WORTH_A_PROCESS)


@contextmanager
def _workers(jobs: int) -> Iterator[Executor | None]:
    """A pool of processes, or None for one; they end with the block, at once where it is left by an exception."""
    if jobs == 1:
        yield None
        return
    from multiprocessing import active_children

    executor = fresh_processes(jobs)
    try:
        yield executor
    except BaseException:  # nothing is cancelled: Python 3.11 cannot say of a cancelled task that its process is gone
        for worker in active_children():
            worker.terminate()
        raise
    finally:
        executor.shutdown()


def show(options: argparse.Namespace, extra: list[str]) -> int:
    """Run ``show``."""
    _no_extra("show", extra)
    if options.id is None:
        raise UsageError("show: no ID given; 'grokmath verify' lists them all")
    digits = digits_option(options.digits)
    from grokmath.ledger import report
    from grokmath.ledger.derivations import derive as run_derivation

    said = report.show_json if options.json else report.show
    _print(said(options.id, digits, run_derivation))
    return 0


def derive(options: argparse.Namespace, extra: list[str]) -> int:
    """Run ``derive``: 1 where a step is refused."""
    _no_extra("derive", extra)
    if options.format not in _FORMATS:
        from grokmath.cli.common import nearest

        hint = nearest(options.format, _FORMATS)
        raise UsageError(f"derive: there is no format {shown(options.format)}{hint} ({', '.join(_FORMATS)})")
    if options.counts and not options.list:
        raise UsageError("derive: --counts is an option of --list")
    if options.list:
        return _list(options.json, options.counts)
    if options.id is None:
        raise UsageError("derive: no ID given; 'grokmath derive --list' says what is derived")
    from grokmath.ledger.derivations import entry
    from grokmath.proof import render

    title, last = entry(options.id).title, entry(options.id).run()
    _print(_steps(options.id, title, last) if options.json else render(last, title, options.format).removesuffix("\n"))
    return 0


def _steps(identifier: str, title: str, last: Any) -> dict[str, Any]:
    from grokmath import __version__
    from grokmath.proof import counts, steps

    ordered = steps(last)
    number = {id(step): k for k, step in enumerate(ordered, 1)}
    return {
        "id": identifier,
        "title": title,
        "version": __version__,
        "counts": counts(last),
        "steps": [
            {
                "number": number[id(step)],
                "statement": str(step),
                "rule": step.rule,
                "kind": step.kind,
                "premises": [number[id(premise)] for premise in step.premises],
                "note": step.note,
            }
            for step in ordered
        ],
    }


def _list(as_json: bool, counted: bool) -> int:
    from grokmath.ledger.derivations import entries, outcome

    listed, tallies = entries(), {}
    if counted:
        with progress("derive", "record", len(listed)) as tick:
            for name in listed:
                tallies[name] = outcome(name)
                tick()
    numbers = {name: {kind: getattr(t, kind) for kind in _KINDS} for name, t in tallies.items()}
    if as_json:
        _print([{"id": name, "title": entry.title, **numbers.get(name, {})} for name, entry in listed.items()])
    for name, entry in () if as_json else listed.items():
        steps = ", ".join(f"{number} {kind}" for kind, number in numbers.get(name, {}).items())
        print(f"{name:28} {steps:38} {entry.title}" if counted else f"{name:28} {entry.title}")
    failed = [name for name, tally in tallies.items() if not tally.passed]
    if failed:
        say(f"derive: a step is refused in {', '.join(failed)}")
    return int(bool(failed))


_KINDS = ("proved", "cited", "numerical")
"""Kinds of steps."""
