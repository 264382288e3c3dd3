"""The command line: ``grokmath table``, ``grokmath eval`` and the other verbs, one file each.

Numbers on the command line are exact: text is matched against a grammar and nothing is evaluated. Exit status: 0, done;
1, a number could not be proved to the digits asked for, or a closed form has no value there; 2, bad input or an output
that cannot be written, with one line on stderr; 130, interrupted. Everything heavy is imported after the arguments are
read.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from grokmath import __version__
from grokmath.cli import figure, ledger, separability, simulate
from grokmath.cli.common import UsageError, drop_output, nearest, say, shown
from grokmath.cli.evaluate import PARAMETERS, evaluate
from grokmath.cli.options import KNOBS, MODELS, SWEEPS, Option
from grokmath.cli.table import FORMATS, tabulate
from grokmath.quantities import QUANTITIES, flag

__all__ = ["main"]

_DIGITS = "50"
_DEFAULT = " (default: %(default)s)"

_DESCRIPTION = "The theory of grokking in solvable linear models, with proved digits."
_TABLE_HELP = "certified grokking times over a grid of parameters"
_EVAL_HELP = "one quantity to any number of proved digits"
_TABLE_EPILOG = """
A grid is a list of numbers and ranges start:stop:step separated by commas;
decimals and fractions are exact, and stop is included when it is hit exactly.
Beside the exact times stand the closed forms that the model has, with their
relative errors. With -o the rows go to FILE.partial, which is renamed to FILE
when it is complete."""


def _formatter(prog: str) -> argparse.HelpFormatter:
    """argparse's formatter; asked for the width of the terminal, it would import half the archive modules."""
    try:
        columns = os.get_terminal_size().columns
    except (OSError, ValueError):
        columns = 0
    return argparse.RawDescriptionHelpFormatter(prog, width=min(columns or 80, 120) - 2)


class _Parser(argparse.ArgumentParser):
    """An ArgumentParser that raises instead of printing its usage, and does not guess abbreviations."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=_formatter, **options)

    def error(self, message: str) -> NoReturn:
        raise UsageError(message)

    def _print_message(self, message: str, file: Any = None) -> None:
        (file or sys.stdout).write(message)  # argparse would pass over a failure to write


def _parser() -> _Parser:
    parser = _Parser(prog="grokmath", description=_DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"grokmath {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="COMMAND")
    for add, _ in _VERBS.values():
        add(verbs)
    return parser


def _add_eval(verbs: Any) -> None:
    epilog = "\n".join(["quantities:", *(q.described(name, "  ") for name, q in QUANTITIES.items())])
    usage = "grokmath eval QUANTITY --NAME VALUE ... [--digits DIGITS] [--json]\n       grokmath eval --list [--json]"
    one = verbs.add_parser("eval", usage=usage, help=_EVAL_HELP, description=_EVAL_HELP + ".", epilog=epilog)
    one.add_argument("quantity", nargs="?", metavar="QUANTITY", help="what to compute, see below")
    one.add_argument("--digits", default=_DIGITS, help="proved significant digits, 1 to 10000" + _DEFAULT)
    one.add_argument("--json", action="store_true", help="value, error bound, method and exact parameters as JSON")
    one.add_argument("--list", action="store_true", help="say which quantities there are")
    for name in PARAMETERS:
        _add(one, name)


def _add_table(verbs: Any) -> None:
    usage = "grokmath table [--model MODEL] [--NAME VALUE ...] [--digits DIGITS] [--format FORMAT] [-o FILE]"
    epilog = "\n".join(["parameters:", *(_described(model) for model in MODELS)]) + "\n" + _TABLE_EPILOG
    table = verbs.add_parser("table", usage=usage, help=_TABLE_HELP, description=_TABLE_HELP + ".", epilog=epilog)
    table.add_argument("--model", default="regression", help=", ".join(MODELS) + _DEFAULT)
    for name in dict.fromkeys(option.name for options in (*MODELS.values(), KNOBS) for option in options):
        _add(table, name)
    sweeps = ", ".join(name.replace("_", "-") for name in SWEEPS)
    table.add_argument("--vary", metavar="NAME", help=f"sweep one parameter of the regression model: {sweeps}")
    table.add_argument("--digits", default=_DIGITS, help="proved significant digits, 1 to 10000" + _DEFAULT)
    table.add_argument(
        "--format", metavar="FORMAT", help=f"{', '.join(FORMATS)} (default: by the suffix of FILE, else text)"
    )
    table.add_argument("--json", action="store_true", help="the same as --format json")
    table.add_argument("-o", "--output", metavar="FILE", help="write to FILE instead of standard output")


def _add(parser: argparse.ArgumentParser, name: str) -> None:
    """A parameter, with dashes or underscores as one likes; help says it elsewhere."""
    parser.add_argument(*dict.fromkeys((flag(name), f"--{name}")), dest=name, help=argparse.SUPPRESS)


def _described(model: str) -> str:
    """The model's options, one a line."""
    return "\n".join([f"  --model {model}", *map(_line, MODELS[model]), *_knob_lines(model)])


def _line(option: Option) -> str:
    return f"    {f'{flag(option.name)} {option.metavar}':28} {option.help} (default: {option.default})"


def _knob_lines(model: str) -> list[str]:
    if model != "regression":
        return []
    return [
        "   and, in place of the closed forms, the knobs (--vary sweeps one, at lam = 0.9, eps = 1e-3)",
        *map(_line, KNOBS),
    ]


def _join_values(arguments: Sequence[str]) -> list[str]:
    """``--t -1e-3`` as ``--t=-1e-3``, so that a negative number is not taken for an option."""
    joined: list[str] = []
    for argument in arguments:
        negative = argument[:1] == "-" and argument[1:2] not in ("", "-") and argument not in ("-h", "-o")
        previous = joined[-1] if joined else ""
        if negative and previous[:2] == "--" and "=" not in previous and previous[2:] not in _FLAGS:
            joined[-1] = f"{previous}={argument}"
        else:
            joined.append(argument)
    return joined


_FLAGS = {"", "json", "list", "help", "version"}


_VERBS: dict[str, tuple[Callable[[Any], None], Callable[[argparse.Namespace, list[str]], int]]] = {
    "table": (_add_table, tabulate),
    "eval": (_add_eval, evaluate),
    "verify": (ledger.add_verify, ledger.verify),
    "show": (ledger.add_show, ledger.show),
    "derive": (ledger.add_derive, ledger.derive),
    "separability": (separability.add_parser, separability.run),
    "figure": (figure.add_parser, figure.run),
    "simulate": (simulate.add_parser, simulate.run),
}
"""How each verb's options are added to the parser, and what runs it."""


def _parse(arguments: list[str]) -> tuple[argparse.Namespace, list[str]]:
    verbs = tuple(_VERBS)
    first = arguments[0] if arguments else ""
    if not arguments:
        raise UsageError("no command given; try 'grokmath table', 'grokmath eval --list' or 'grokmath --help'")
    if not first.startswith("-") and first not in verbs:
        raise UsageError(f"there is no command {shown(first)}{nearest(first, verbs)} (commands: {', '.join(verbs)})")
    options, extra = _parser().parse_known_args(_join_values(arguments))
    for name, value in vars(options).items():
        if value == [] and name != "names":  # how argparse reads --name=--
            raise UsageError(f"{first}: {flag(name)} needs a value, and '--' is none")
    return options, extra


def _run(arguments: list[str]) -> int:
    try:
        options, extra = _parse(arguments)
    except SystemExit as stop:  # --help and --version
        return int(stop.code or 0)
    if options.verb is None:
        raise UsageError(f"there is no option {shown(extra[0])} ('grokmath --help' lists the options)")
    return _VERBS[options.verb][1](options, extra)


def _take_interrupts() -> None:
    """A shell starts background commands with SIGINT ignored; a long table should still end well when it is sent.

    A request to terminate, or the end of the terminal, is an interrupt too, so that no partial file stays behind.
    """
    import signal

    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:  # nohup has the latter ignored
            signal.signal(number, signal.default_int_handler)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line on ``argv`` (default: the process's arguments); the exit status."""
    try:
        if argv is None:
            _take_interrupts()
        if sys.stdout is None:
            raise UsageError("standard output is closed")
        status = _run(list(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
        return status
    except UsageError as error:
        say(str(error))
        return 2
    except KeyboardInterrupt:
        say("interrupted")
        return 130
    except BrokenPipeError:  # the reader has seen enough
        drop_output()
        return 0
    except Exception as error:
        return _failure(error)


def _failure(error: Exception) -> int:
    """Say what went wrong in one line; the exit status."""
    from grokmath.parameters import GrokmathError, PrecisionError, Undecidable

    if isinstance(error, GrokmathError):
        say(str(error))
        return 1 if isinstance(error, PrecisionError | Undecidable) else 2
    if isinstance(error, OSError):
        say(f"cannot write: {error.strerror or error}")
        drop_output()
        return 2
    if sys.flags.dev_mode:
        raise error
    say(f"a fault of grokmath itself, {type(error).__name__}: {error} (python -X dev -m grokmath ... shows where)")
    return 1
