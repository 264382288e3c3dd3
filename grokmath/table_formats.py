"""The layouts of a table: aligned text, Markdown and LaTeX for readers, CSV and JSON for programs.

Each layout makes text piece by piece, a head, one piece per row, a foot, so that rows can be written as they come. The
layouts for programs carry every column at the table's digits. Those for readers leave out the constant columns, which
their title names, and show each column to the digits that it says; column widths follow from the digits alone. All text
is ASCII.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from grokmath import __version__
from grokmath.certified import Certified
from grokmath.exact import exact_text
from grokmath.parameters import DomainError
from grokmath.tables import RELATIVE_DIGITS, Cell, Layout, Row, Table

MAX_TEXT_ROWS = 10**7
"""The longest table for readers."""

MAX_NOTES = 20
"""The most notes in a foot; reasons beyond are written out in their rows, so that memory stays bounded."""

_TIMES = ("train", "gen", "delta")
_POWER = re.compile(r"e([+-])(\d+)$")


def error_text(error: Decimal) -> str:
    """An error bound as text, 0 where the number is exact."""
    return str(error).lower() if error else "0"


def cell_text(cell: Cell, none: str = "", digits: int | None = None) -> str:
    """The number to at most ``digits`` digits, ``never``, or ``none``."""
    if isinstance(cell.value, Certified):
        value = cell.value
        return str(value if digits is None or value.digits <= digits else Certified(value.ball(), digits))
    return none if cell.value is None else "never"


class CsvLayout:
    """Comma-separated values (RFC 4180 quoting, line feeds) with a header line and a last column ``reason``."""

    def __init__(self, table: Table) -> None:
        self._columns = table.columns
        self._constant = [table.model.constant_text(parameter.name) for parameter in table.model.constants]

    def _line(self, fields: Iterable[str]) -> str:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerow(fields)
        return text.getvalue()

    def head(self) -> str:
        return self._line([*(column.name for column in self._columns), "reason"])

    def row(self, row: Row) -> str:
        parameters = [*map(exact_text, row.point.values()), *self._constant]
        return self._line([*parameters, *(cell_text(cell) for cell in row.cells), _reasons(row)])

    def foot(self) -> str:
        return ""


def _reasons(row: Row) -> str:
    return "; ".join(f"{name}: {reason}" for name, reason in row.reasons().items())


class JsonLayout:
    """One object: version, parameters, columns, and rows, one a line; every real number is a string."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._constant = {p.name: table.model.constant_text(p.name) for p in table.model.constants}
        self._started = False

    def head(self) -> str:
        table = self._table
        parameters: dict[str, Any] = {
            "model": table.model.name,
            **{name: grid.text for name, grid in table.grids.items()},
            **self._constant,
            "digits": table.digits,
            "relative_error_digits": RELATIVE_DIGITS,
            "rows": table.size,
        }
        columns = ",\n".join(f"  {json.dumps(column.record())}" for column in table.columns)
        return (
            f'{{"version": {json.dumps(__version__)},\n"parameters": {json.dumps(parameters)},\n'
            f'"columns": [\n{columns}],\n"rows": ['
        )

    def row(self, row: Row) -> str:
        record: dict[str, Any] = {name: exact_text(value) for name, value in row.point.items()} | self._constant
        record.update((name, _json_cell(cell)) for name, cell in zip(row.names, row.cells, strict=True))
        separator = ",\n" if self._started else "\n"
        self._started = True
        return f"{separator}  {json.dumps(record)}"

    def foot(self) -> str:
        return "]}\n"


def _json_cell(cell: Cell) -> dict[str, str | None]:
    if isinstance(cell.value, Certified):
        number: dict[str, str | None] = {"value": str(cell.value), "error": error_text(cell.value.error)}
        return number if cell.reason is None else {**number, "reason": cell.reason}
    return {"value": None if cell.value is None else "never", "error": None, "reason": cell.reason}


class _ReaderLayout:
    """What the layouts for readers share: which digits they show, and their fixed widths."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._notes: dict[str, int] = {}
        entries = table.model.entries
        self._digits = [table.digits if c.shown is None else min(c.shown, table.digits) for c in entries]
        # the number, a point, and three zeros before it or a short exponent behind it
        widths = [max(3, len(name), grid.width) for name, grid in table.grids.items()]
        self._widths = widths + [max(digits + 6, len(c.head)) for digits, c in zip(self._digits, entries, strict=True)]
        self._heads = [*table.grids, *(column.head for column in entries)]

    def _fields(self, row: Row, none: str) -> list[str]:
        cells = (cell_text(cell, none, digits) for cell, digits in zip(row.cells, self._digits, strict=True))
        return [*map(exact_text, row.point.values()), *cells]

    def _row_notes(self, row: Row) -> str:
        """Why there is no time, in words; why a closed form has no value, as the number of a note in the foot."""
        words, numbers = [], []
        for name, reason in row.reasons().items():
            note = f"{name}: {reason}"
            if name not in _TIMES and (note in self._notes or len(self._notes) < MAX_NOTES):
                numbers.append(f"[{self._notes.setdefault(note, len(self._notes) + 1)}]")
            else:
                words.append(note)
        return "; ".join(words + [" ".join(numbers)] * bool(numbers))

    def _foot_notes(self, mark: str = "") -> str:
        return "".join(f"{mark}[{number}] {note}\n" for note, number in self._notes.items())

    def _title(self) -> str:
        return self._table.model.title(self._table.digits)


class TextLayout(_ReaderLayout):
    """Columns padded with blanks; ``-`` stands for no number, and the notes say why."""

    def _line(self, fields: Iterable[str]) -> str:
        padded = (field.ljust(width) for field, width in zip(fields, self._widths, strict=True))
        return "  ".join(padded)

    def head(self) -> str:
        rule = "  ".join("-" * width for width in self._widths)
        return f"{self._title()}\n\n{self._line(self._heads).rstrip()}\n{rule}\n"

    def row(self, row: Row) -> str:
        return f"{self._line(self._fields(row, '-'))}  {self._row_notes(row)}".rstrip() + "\n"

    def foot(self) -> str:
        return f"\n{self._foot_notes()}" if self._notes else ""


class MarkdownLayout(_ReaderLayout):
    """A pipe table with a column of notes."""

    def _line(self, fields: Iterable[str], notes: str) -> str:
        padded = (field.ljust(width) for field, width in zip(fields, self._widths, strict=True))
        return f"| {' | '.join(padded)} | {notes} |\n"

    def head(self) -> str:
        rule = "|".join("-" * (width + 2) for width in self._widths)
        return f"{self._title()}\n\n{self._line(self._heads, 'notes')}|{rule}|-------|\n"

    def row(self, row: Row) -> str:
        return self._line(self._fields(row, "-"), self._row_notes(row).replace("|", "\\|"))

    def foot(self) -> str:
        return f"\n{self._foot_notes('- ')}" if self._notes else ""


class LatexLayout(_ReaderLayout):
    r"""A ``tabular`` with the rules of the booktabs package; the notes are comments behind the rows."""

    def head(self) -> str:
        model = self._table.model
        heads = [*(axis.latex for axis in model.axes), *(column.latex for column in model.entries)]
        return (
            f"% {self._title()}; grokmath {__version__}\n% needs \\usepackage{{booktabs}}\n"
            f"\\begin{{tabular}}{{{'l' * len(heads)}}}\n\\toprule\n{' & '.join(heads)} \\\\\n\\midrule\n"
        )

    def row(self, row: Row) -> str:
        fields = [_latex_number(field) for field in self._fields(row, "--")]
        padded = (field.ljust(width + 2) for field, width in zip(fields, self._widths, strict=True))
        notes = self._row_notes(row)
        return f"{' & '.join(padded)} \\\\{f' % {notes}' if notes else ''}\n"

    def foot(self) -> str:
        return f"\\bottomrule\n\\end{{tabular}}\n{self._foot_notes('% ')}"


def _latex_number(text: str) -> str:
    if not text[-1].isdigit():
        return text
    power = _POWER.search(text)
    if power is None:
        return f"${text}$"
    mantissa = text[: power.start()]
    scale = f"10^{{{power[1].lstrip('+')}{power[2]}}}"
    return f"${scale}$" if mantissa == "1" else f"${mantissa}\\times{scale}$"


LAYOUTS: dict[str, type[TextLayout | CsvLayout | JsonLayout | LatexLayout | MarkdownLayout]] = {
    "text": TextLayout,
    "csv": CsvLayout,
    "json": JsonLayout,
    "latex": LatexLayout,
    "markdown": MarkdownLayout,
}


def layout(name: str, table: Table) -> Layout:
    """The layout of that name for the table; :class:`DomainError` where the table is too long to be read."""
    kind = LAYOUTS[name]
    if issubclass(kind, _ReaderLayout) and table.size > MAX_TEXT_ROWS:
        raise DomainError(
            f"table: {table.size} rows are too many for the format {name} (needed: at most {MAX_TEXT_ROWS}); "
            "choose csv or json, or larger steps"
        )
    return kind(table)
