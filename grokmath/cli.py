"""The command line: ``grokmath table`` and ``grokmath eval``.

Numbers on the command line are exact: text is matched against a grammar and nothing is evaluated. Exit status: 0, done;
1, a number could not be proved to the digits asked for, or a closed form has no value there; 2, bad input or an output
that cannot be written, with one line on stderr; 130, interrupted. Everything heavy is imported after the arguments are
read.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NoReturn

from grokmath import __version__
from grokmath.quantities import INTEGERS, QUANTITIES, WORDS, Quantity

FORMATS = ("text", "csv", "json", "latex", "markdown")
_SUFFIXES = {".csv": "csv", ".json": "json", ".tex": "latex", ".md": "markdown"}
_DIGITS = "50"
_LAM = "0.1:0.9:0.1,1,1.0001"

_DESCRIPTION = "The theory of grokking in solvable linear models, with proved digits."
_TABLE_HELP = "certified grokking times over a grid of lam and eps"
_EVAL_HELP = "one quantity to any number of proved digits"
_TABLE_EPILOG = """\
A grid is a list of numbers and ranges start:stop:step separated by commas;
decimals and fractions are exact, and stop is included when it is hit exactly.
Beside the exact difference stand the paper's forms (23)-(24) and (11) and the
uniform form (U), with their relative errors. With -o the rows go to
FILE.partial, which is renamed to FILE when it is complete."""

_PARAMETERS = tuple(dict.fromkeys(name for quantity in QUANTITIES.values() for name in quantity.parameters))


class UsageError(Exception):
    """The arguments are not a command: one sentence."""


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
    table = verbs.add_parser("table", help=_TABLE_HELP, description=_TABLE_HELP + ".", epilog=_TABLE_EPILOG)
    default = " (default: %(default)s)"
    table.add_argument("--lam", metavar="GRID", default=_LAM, help="aspect ratios d_in/N_tr" + default)
    table.add_argument("--eps", metavar="GRID", default="1e-3,1e-6,1e-12", help="tolerances" + default)
    table.add_argument("--eta", default="0.01", help="learning rate" + default)
    table.add_argument("--accuracy", help="accuracy that defines the times (default: erf(sqrt(2)), a loss of eps/4)")
    table.add_argument("--digits", default=_DIGITS, help="proved significant digits, 1 to 10000" + default)
    table.add_argument(
        "--format", metavar="FORMAT", help=f"{', '.join(FORMATS)} (default: by the suffix of FILE, else text)"
    )
    table.add_argument("--json", action="store_true", help="the same as --format json")
    table.add_argument("-o", "--output", metavar="FILE", help="write to FILE instead of standard output")
    epilog = "\n".join(["quantities:", *(q.described(name, "  ") for name, q in QUANTITIES.items())])
    usage = "grokmath eval QUANTITY --NAME VALUE ... [--digits DIGITS] [--json]\n       grokmath eval --list [--json]"
    evaluate = verbs.add_parser("eval", usage=usage, help=_EVAL_HELP, description=_EVAL_HELP + ".", epilog=epilog)
    evaluate.add_argument("quantity", nargs="?", metavar="QUANTITY", help="what to compute, see below")
    evaluate.add_argument("--digits", default=_DIGITS, help="proved significant digits, 1 to 10000" + default)
    evaluate.add_argument("--json", action="store_true", help="value, error bound, method and exact parameters as JSON")
    evaluate.add_argument("--list", action="store_true", help="say which quantities there are")
    for name in _PARAMETERS:
        evaluate.add_argument(f"--{name}", help=argparse.SUPPRESS)
    return parser


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


def _nearest(word: str, words: Sequence[str]) -> str:
    """``; did you mean ...?`` where one of the words is near."""
    import difflib

    near = difflib.get_close_matches(word[:100].replace("_", "-"), words, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")


def _parse(arguments: list[str]) -> tuple[argparse.Namespace, list[str]]:
    verbs = ("eval", "table")
    first = arguments[0] if arguments else ""
    if not arguments:
        raise UsageError("no command given; try 'grokmath table', 'grokmath eval --list' or 'grokmath --help'")
    if not first.startswith("-") and first not in verbs:
        raise UsageError(f"there is no command {_shown(first)}{_nearest(first, verbs)} (commands: {', '.join(verbs)})")
    return _parser().parse_known_args(_join_values(arguments))


def _digits(text: str) -> Any:
    """The digits as an integer where the text is one; else the text, which the library refuses by name."""
    figures = text[1:] if text[:1] in ("+", "-") else text
    return int(text) if figures.isascii() and figures.isdigit() and len(text) < 20 else text


# --- eval -----------------------------------------------------------------------------------------------------------


def _eval(options: argparse.Namespace, extra: list[str]) -> int:
    if options.list:
        return _list(options.json)
    name = options.quantity
    if name is None:
        raise UsageError("eval: no quantity given; 'grokmath eval --list' says what there is")
    if name not in QUANTITIES:
        raise UsageError(
            f"eval: there is no quantity {_shown(name)}{_nearest(name, list(QUANTITIES))} "
            "('grokmath eval --list' says what there is)"
        )
    quantity = QUANTITIES[name]
    given = {key: value for key, value in vars(options).items() if key in _PARAMETERS and value is not None}
    _check_options(name, quantity, given, extra)
    arguments: dict[str, Any] = {key: value for key, value in quantity.optional.items() if value is not None} | given
    digits = _digits(options.digits)
    for key in INTEGERS & arguments.keys():
        arguments[key] = _integer(arguments[key], key, name)
    result = quantity.compute(**arguments, digits=digits)
    return _print_result(name, quantity, arguments, digits, result, options.json)


def _check_options(name: str, quantity: Quantity, given: dict[str, str], extra: list[str]) -> None:
    missing = [key for key in quantity.needed if key not in given]
    superfluous = [f"--{key}" for key in given if key not in quantity.parameters] + [_shown(text) for text in extra]
    if missing or superfluous:
        problem = f"lacks {' '.join(f'--{key}' for key in missing)}" if missing else ""
        problem += " and " if missing and superfluous else ""
        problem += f"does not take {' '.join(superfluous[:5])}" if superfluous else ""
        raise UsageError(f"eval: {name} {problem}; its options are {quantity.usage()} [--digits DIGITS] [--json]")


def _integer(text: str, argument: str, function: str) -> int:
    from grokmath.parameters import domain_error, parse_number

    number = parse_number(text)
    if number is None or number.denominator != 1 or abs(number) > 10**18:
        raise domain_error(function, argument, text, "an integer of modulus at most 10^18", "give a whole number")
    return int(number)


def _list(as_json: bool) -> int:
    if as_json:
        import json

        records = [
            {"quantity": name, "needed": q.needed, "optional": q.optional, "help": q.help.replace("\n", " ")}
            for name, q in QUANTITIES.items()
        ]
        print(json.dumps(records, indent=1))
    else:
        for name, quantity in QUANTITIES.items():
            print(quantity.described(name, ""))
    return 0


def _print_result(
    name: str, quantity: Quantity, arguments: dict[str, Any], digits: int, result: Any, as_json: bool
) -> int:
    """Print the number, or for the grokking time its three numbers; 1 where a closed form has none, else 0."""
    parts: dict[str, Any] = (
        {part: getattr(result, part) for part in ("train", "gen", "delta")} if hasattr(result, "delta") else {}
    )
    missing = bool(parts) and all(value is None for value in parts.values())
    if as_json:
        import json

        parameters = _exact_parameters(quantity, arguments)
        record: dict[str, Any] = {"quantity": name, "parameters": parameters, "digits": digits}
        if parts:
            record |= {part: _json_number(value) for part, value in parts.items()}
            record |= {"method": result.method, "reason": result.reason}
        else:
            record |= {**_json_number(result), "method": getattr(result, "method", None)}
        print(json.dumps({**record, "version": __version__}))
    elif parts:
        for part, value in parts.items():
            if value is not None or missing:
                print(f"{part:5}  {_text(value)}")
        if result.reason is not None:
            print(f"reason {result.reason}")
    else:
        print(result)
    return int(missing)


def _text(value: Any) -> str:
    return "none" if value is None else "never" if isinstance(value, float) else str(value)


def _json_number(value: Any) -> dict[str, str | None]:
    from grokmath.table_formats import error_text

    if value is None or isinstance(value, float):
        return {"value": None if value is None else "never", "error": None}
    parts = {"real": str(value.real), "imag": str(value.imag)} if hasattr(value, "imag") else {}
    return {"value": str(value), "error": error_text(value.error), **parts}


def _exact_parameters(quantity: Quantity, arguments: dict[str, Any]) -> dict[str, str]:
    from grokmath.exact import exact_text
    from grokmath.parameters import parse_number

    texts: dict[str, str] = {}
    for key in quantity.parameters:
        value = arguments.get(key)
        number = None if key in WORDS or value is None else parse_number(str(value))
        default = "erf(sqrt(2))" if key == "accuracy" and value is None else str(value)
        texts[key] = default if number is None else exact_text(number)
    return texts


# --- table ----------------------------------------------------------------------------------------------------------


def _table(options: argparse.Namespace, extra: list[str]) -> int:
    if extra:
        raise UsageError(f"table: there is no option {_shown(extra[0])} ('grokmath table --help' lists the options)")
    style = _format(options)
    from grokmath.table_formats import layout
    from grokmath.tables import GrokkingTable, stream

    table = GrokkingTable(
        options.lam, options.eps, options.eta, accuracy=options.accuracy, digits=_digits(options.digits)
    )
    shape = layout(style, table)
    terminal = _Terminal()
    with _sink(options.output, terminal) as sink:
        rows = "1 row" if table.size == 1 else f"{table.size} rows"
        _say(f"{rows} ({table.lam.size} lam x {table.eps.size} eps), {table.digits} digits")
        try:
            with _progress(table.size, terminal) as tick:
                unproved = stream(table, shape, sink, tick)
        except KeyboardInterrupt:
            _say(f"interrupted: {_done(sink, table.size)}")
            return 130
        except BrokenPipeError:
            raise
        except OSError as error:
            _say(f"cannot write: {error.strerror or error}; {_done(sink, table.size)}")
            _drop_output()
            return 2
    if unproved:
        _say(f"{unproved} of {table.size} rows have entries that could not be proved; the rows say why")
    return int(unproved > 0)


def _format(options: argparse.Namespace) -> str:
    style: str | None = options.format
    if options.json:
        if style not in (None, "json"):
            raise UsageError(f"table: --json contradicts --format {_shown(style or '')}")
        return "json"
    if style is None:
        return _SUFFIXES.get(os.path.splitext(options.output or "")[1].lower(), "text")
    if style not in FORMATS:
        raise UsageError(f"table: there is no format {_shown(style)}{_nearest(style, FORMATS)} ({', '.join(FORMATS)})")
    return style


def _sink(path: str | None, terminal: _Terminal) -> Any:
    from grokmath.tables import RowSink

    if path == "":
        raise UsageError("table: -o needs the name of a file")
    try:
        return RowSink(None if path == "-" else path, terminal)
    except OSError as error:
        raise UsageError(f"table: cannot write {_shown(path or '-')}: {error.strerror or error}") from None


def _done(sink: Any, size: int) -> str:
    return f"{sink.rows} of {size} rows {'written' if sink.writing is None else f'kept in {sink.writing}'}"


class _Terminal:
    """Standard output, with the progress bar put aside while a row is printed on the same terminal."""

    def __init__(self) -> None:
        self.bar: Any = None

    def write(self, text: str) -> None:
        if self.bar is None:
            sys.stdout.write(text)
        else:
            with self.bar.external_write_mode(file=sys.stdout):
                sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()


@contextmanager
def _progress(size: int, terminal: _Terminal) -> Iterator[Callable[[], object] | None]:
    """A progress bar on stderr where that is a terminal; what to call after each row."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm

    columns, lines = os.get_terminal_size(sys.stderr.fileno())
    shape = {"ncols": min(columns or 80, 120), "nrows": lines or 24}  # some terminals do not know their size
    with tqdm(total=size, unit="row", file=sys.stderr, leave=False, **shape) as bar:
        terminal.bar = bar
        try:
            yield bar.update
        finally:
            terminal.bar = None


# --- the frame ------------------------------------------------------------------------------------------------------


def _say(text: str) -> None:
    """One line on stderr, whatever the text quotes."""
    if sys.stderr is None:
        return
    line = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
    with suppress(OSError):
        print(f"grokmath: {line}", file=sys.stderr, flush=True)


def _drop_output() -> None:
    """Nothing more goes to a standard output that cannot be written, also not at the end of the process."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(arguments: list[str]) -> int:
    try:
        options, extra = _parse(arguments)
    except SystemExit as stop:  # --help and --version
        return int(stop.code or 0)
    if options.verb is None:
        raise UsageError(f"there is no option {_shown(extra[0])} ('grokmath --help' lists the options)")
    return _eval(options, extra) if options.verb == "eval" else _table(options, extra)


def _take_interrupts() -> None:
    """A shell starts background commands with SIGINT ignored; a long table should still end well when it is sent."""
    import signal

    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


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
        _say(str(error))
        return 2
    except KeyboardInterrupt:
        _say("interrupted")
        return 130
    except BrokenPipeError:  # the reader has seen enough
        _drop_output()
        return 0
    except Exception as error:
        return _failure(error)


def _failure(error: Exception) -> int:
    """Say what went wrong in one line; the exit status."""
    from grokmath.parameters import GrokmathError, PrecisionError, Undecidable

    if isinstance(error, GrokmathError):
        _say(str(error))
        return 1 if isinstance(error, PrecisionError | Undecidable) else 2
    if isinstance(error, OSError):
        _say(f"cannot write: {error.strerror or error}")
        _drop_output()
        return 2
    if sys.flags.dev_mode:
        raise error
    _say(f"a fault of grokmath itself, {type(error).__name__}: {error} (python -X dev -m grokmath ... shows where)")
    return 1
