"""Tables of grokking times: grids of exact parameters, the rows over them, and their streaming into a file.

A grid is text: numbers and ranges ``start:stop:step`` separated by commas, all exact, for example
``0.1:0.9:0.1,1,1.0001``. Its length is known without building it, and its members are made one at a time. A
:class:`GrokkingTable` computes one row per (lam, eps), lam outermost, each when it is asked for. The layouts that turn
rows into text are in :mod:`grokmath.table_formats`; :func:`stream` writes them to a :class:`RowSink` as they come.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from fractions import Fraction
from types import TracebackType
from typing import IO, Any, NamedTuple, Protocol

from flint import fmpq

from grokmath.certified import LOG2_10, Certified, working_precision
from grokmath.exact import Exact, exact_text
from grokmath.parameters import (
    ASPECT_RATIO,
    MAX_DIGITS,
    POSITIVE,
    PROBABILITY,
    REAL,
    Domain,
    DomainError,
    GrokmathError,
    digits_argument,
    domain_error,
    exact,
    parse_number,
    shown,
)
from grokmath.regression.linear import LinearTeacherStudent

MAX_ROWS = 10**12
"""The largest table: at a millisecond a row it takes thirty years, so that more can only be a slip of the pen."""

RELATIVE_DIGITS = 5
"""Significant digits of a relative error."""

FORMULAS = ("lambert", "leading", "uniform")
"""The closed forms beside the exact difference: (23)-(24), (11), and the uniform form (U)."""

_FUNCTION = "table"
_FIRST_DIGITS = 30  # fewer are not cheaper, and relative errors down to 1e-25 come at once
_REMEDY = 'write numbers and ranges start:stop:step separated by commas, such as "0.1:0.9:0.1,1,9/8"'


class Span(NamedTuple):
    """The numbers start, start + step, ... : ``size`` of them; a single number has size 1 and step 0."""

    start: Exact
    step: Exact
    size: int

    def members(self, most: int | None = None) -> Iterator[Exact]:
        """The numbers, or the first ``most`` of them."""
        size = self.size if most is None else min(self.size, most)
        return (self.start + k * self.step if k else self.start for k in range(size))

    @property
    def last(self) -> Exact:
        """The last member."""
        return self.start + (self.size - 1) * self.step if self.size > 1 else self.start


class Grid:
    """A list of exact numbers and ranges, in the order in which they are written.

    ``start:stop:step`` needs start <= stop and step > 0, and contains stop exactly when a whole number of steps leads
    there. Every member is checked against ``domain`` (by the ends of each range). Raises :class:`DomainError`.

    >>> grid = Grid("0.1:0.9:0.2,1,9/8", "lam")
    >>> grid.size, [exact_text(x) for x in grid]
    (7, ['0.1', '0.3', '0.5', '0.7', '0.9', '1', '1.125'])
    """

    def __init__(self, text: str, argument: str, domain: Domain = REAL) -> None:
        self.text = ",".join(item.strip() for item in text.split(","))
        self.spans = tuple(_span(item.strip(), argument, text, domain) for item in text.split(","))
        self.size = sum(span.size for span in self.spans)

    def __iter__(self) -> Iterator[Exact]:
        return (number for span in self.spans for number in span.members())

    @property
    def width(self) -> int:
        """About the length of the longest member's text: that of the first members and the last of each span."""
        return max(len(exact_text(x)) for span in self.spans for x in (*span.members(12), span.last))


def _span(item: str, argument: str, text: str, domain: Domain) -> Span:
    """The numbers that one item of a grid stands for."""
    if not item:
        empty = "it has an empty item" if text.strip() else "it is empty"
        raise domain_error(_FUNCTION, argument, text, "a list of numbers and ranges", f"{empty}: {_REMEDY}")
    parts = item.split(":")
    if len(parts) == 1:
        return Span(exact(item, argument, _FUNCTION, domain), Fraction(0), 1)
    if len(parts) != 3:
        raise domain_error(_FUNCTION, argument, item, "start:stop:step, three numbers", _REMEDY)
    start, stop, step = (_rational(part, f"{argument} {name}") for name, part in zip(_PARTS, parts, strict=True))
    if step <= 0:
        raise domain_error(_FUNCTION, argument, item, "start:stop:step with step > 0", "give a positive step")
    if start > stop:
        raise domain_error(_FUNCTION, argument, item, "start:stop:step with start <= stop", "swap start and stop")
    # fmpq: the common divisors of numbers with a million digits would take Fraction minutes
    length = fmpq(stop.numerator, stop.denominator) - fmpq(start.numerator, start.denominator)
    size = (length / fmpq(step.numerator, step.denominator)).floor() + 1
    if size > MAX_ROWS:
        raise domain_error(_FUNCTION, argument, item, f"at most {MAX_ROWS:.0e} members", "choose a larger step")
    span = Span(start, step, int(size))
    for end in (span.start, span.last):
        if not domain.contains(end):
            raise domain_error(
                _FUNCTION, argument, item, domain.text, f"it contains {shown(exact_text(end))}; choose other ends"
            )
    return span


_PARTS = ("start", "stop", "step")


def _rational(text: str, argument: str) -> Fraction:
    number = parse_number(text)
    if number is None:
        raise domain_error(_FUNCTION, argument, text, REAL.text, _REMEDY)
    return number


class Column(NamedTuple):
    """A column of the table: its name, the type of its entries, and what it is."""

    name: str
    type: str
    description: str


COLUMNS = (
    Column("lam", "exact", "aspect ratio d_in/N_tr"),
    Column("eps", "exact", "tolerance of the squared error"),
    Column("eta", "exact", "learning rate"),
    Column("accuracy", "exact", "accuracy that defines the times, a number or erf(sqrt(2))"),
    Column("train", "certified", "time at which training reaches the accuracy"),
    Column("gen", "certified or never", "time at which generalization reaches the accuracy"),
    Column("delta", "certified or never", "grokking time gen - train"),
    Column("lambert", "certified or none", "gen - train by the Lambert-W forms (23) and (24)"),
    Column("lambert_relative_error", "certified or none", "lambert/delta - 1"),
    Column("leading", "certified or none", "the leading form (11) of delta"),
    Column("leading_relative_error", "certified or none", "leading/delta - 1"),
    Column("uniform", "certified, never or none", "gen - train by the uniform form (U) and (23)"),
    Column("uniform_relative_error", "certified or none", "uniform/delta - 1"),
)
"""The columns in order; ``Row.cells`` holds those from ``train`` on."""


class Cell(NamedTuple):
    """An entry: a Certified, math.inf for never, or None where there is no number; then ``reason`` says why."""

    value: Certified | float | None
    reason: str | None = None


class Row(NamedTuple):
    """One (lam, eps) with its entries; ``proved`` is False where digits could not be proved."""

    lam: Exact
    eps: Exact
    cells: tuple[Cell, ...]
    proved: bool = True

    def reasons(self) -> dict[str, str]:
        """Why entries are not numbers, by column; a reason that several columns share stands at the first."""
        first: dict[str, str] = {}
        for column, cell in zip(COLUMNS[4:], self.cells, strict=True):
            if cell.reason is not None:
                first.setdefault(cell.reason, column.name)
        return {name: reason for reason, name in first.items()}


class GrokkingTable:
    """Certified grokking times over a grid of lam and eps, with the closed forms and their relative errors.

    ``lam`` and ``eps`` are grids as text (see :class:`Grid`), ``eta`` an exact number, ``accuracy`` None for the
    paper's erf(sqrt 2) or an exact number between 0 and 1. The exact times have ``digits`` proved digits, and so have
    the closed forms; a relative error has five, found at a higher precision where the two agree to many digits.

    >>> table = GrokkingTable(lam="0.5,1", eps="1e-3", digits=12)
    >>> [str(row.cells[2].value) for row in table.rows()]
    ['431.334359052', '127321244.852']
    """

    def __init__(
        self,
        lam: str = "0.1:0.9:0.1,1,1.0001",
        eps: str = "1e-3,1e-6,1e-12",
        eta: Any = "0.01",
        *,
        accuracy: Any = None,
        digits: int = 50,
    ) -> None:
        self.lam = Grid(lam, "lam", ASPECT_RATIO)
        self.eps = Grid(eps, "eps", POSITIVE)
        self.eta = exact(eta, "eta", _FUNCTION, POSITIVE)
        self.accuracy = None if accuracy is None else exact(accuracy, "accuracy", _FUNCTION, PROBABILITY)
        self.digits = digits_argument(digits, _FUNCTION)
        self.size = self.lam.size * self.eps.size
        if self.accuracy == 1:
            raise domain_error(_FUNCTION, "accuracy", accuracy, PROBABILITY.text, "choose a value in this range")
        if self.size > MAX_ROWS:
            raise DomainError(
                f"{_FUNCTION}: {self.lam.size} values of lam times {self.eps.size} of eps are more than "
                f"{MAX_ROWS:.0e} rows; choose larger steps"
            )

    @property
    def accuracy_text(self) -> str:
        """The accuracy that defines the times."""
        return "erf(sqrt(2))" if self.accuracy is None else exact_text(self.accuracy)

    def rows(self) -> Iterator[Row]:
        """The rows, lam outermost, each computed when it is asked for."""
        for lam in self.lam:
            model = LinearTeacherStudent(lam=lam, eta=self.eta)
            for eps in self.eps:
                yield self._row(model, lam, eps)

    def _time(self, model: Any, eps: Exact, method: str, digits: int) -> Any:
        return model.grokking_time(eps=eps, accuracy=self.accuracy, method=method, digits=digits)

    def _row(self, model: Any, lam: Exact, eps: Exact) -> Row:
        digits = max(self.digits, _FIRST_DIGITS)
        try:
            truth = self._time(model, eps, "exact", digits)
            cells = [self._cell(value, truth.reason) for value in (truth.train, truth.gen, truth.delta)]
        except GrokmathError as error:
            return Row(lam, eps, (Cell(None, str(error)),) * (len(COLUMNS) - 4), proved=False)
        proved = True
        for formula in FORMULAS:
            try:
                approximate = self._time(model, eps, formula, digits)
                cell = self._cell(approximate.delta, approximate.reason)
                relative = self._relative_error(model, eps, formula, truth, approximate)
            except GrokmathError as error:
                cell = relative = Cell(None, str(error))
                proved = False
            cells += (cell, relative)
        return Row(lam, eps, tuple(cells), proved)

    def _cell(self, value: Any, reason: str | None) -> Cell:
        if not isinstance(value, Certified):
            return Cell(value, reason)
        if value.digits > self.digits:
            value = Certified(value.ball(), self.digits, exact=value.exact, method=value.method)
        return Cell(value)

    def _relative_error(self, model: Any, eps: Exact, formula: str, true: Any, close: Any) -> Cell:
        """close.delta/true.delta - 1 to five digits; both come again with more digits while they agree too closely."""
        if not (isinstance(true.delta, Certified) and isinstance(close.delta, Certified)):
            return Cell(None, close.reason or true.reason)
        if true.delta.exact == 0:
            return Cell(None, "the exact difference is 0")
        most = min(MAX_DIGITS, max(1000, 4 * self.digits))
        digits = true.delta.digits
        while True:
            with working_precision(int(digits * LOG2_10) + 64):
                error = Certified(close.delta.ball() / true.delta.ball() - 1, RELATIVE_DIGITS)
            if error.digits == RELATIVE_DIGITS:
                return Cell(error)
            if digits >= most:
                return Cell(None, f"its modulus is below {error.error}")
            digits = min(most, 2 * digits)
            true = self._time(model, eps, "exact", digits)
            close = self._time(model, eps, formula, digits)


class Layout(Protocol):
    """What turns a table into text: a head, one piece per row, and a foot."""

    def head(self) -> str: ...
    def row(self, row: Row) -> str: ...
    def foot(self) -> str: ...


class TextStream(Protocol):
    """What an open text stream must do to take rows."""

    def write(self, text: str, /) -> object: ...
    def flush(self) -> None: ...


class RowSink:
    """Where the rows go: FILE.partial, which :meth:`commit` renames to FILE, or an open stream.

    A FILE that exists and is no regular file (a pipe, a device) is written directly. Each row is flushed, so that an
    interrupted run leaves the rows that it had; ``rows`` counts them. Opening raises OSError where it cannot write.
    """

    def __init__(self, path: str | None, stream: TextStream | None = None) -> None:
        self.rows = 0
        self.writing: str | None = None
        self._final: str | None = None
        self._stream: TextStream = stream or sys.stdout
        self._file: IO[str] | None = None
        if path is None:
            return
        final = os.path.realpath(path) if os.path.islink(path) else path
        if os.path.isdir(final):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        if os.path.exists(final) and not os.access(final, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        if os.path.exists(final) and not os.path.isfile(final):
            self.writing = final
        else:
            self._final = final
            self.writing = final + ".partial"
        self._stream = self._file = open(self.writing, "w", encoding="ascii", newline="")  # noqa: SIM115

    def __enter__(self) -> RowSink:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            with suppress(OSError):  # rows are flushed one by one; what cannot be written has been reported
                self._file.close()

    def write(self, text: str) -> None:
        """Write and flush."""
        self._stream.write(text)
        self._stream.flush()

    def write_row(self, text: str) -> None:
        """Write, flush and count."""
        self.write(text)
        self.rows += 1

    def commit(self) -> None:
        """Close the file and give it its name."""
        if self._file is not None:
            self._file.close()
        if self.writing is not None and self._final is not None:
            os.replace(self.writing, self._final)
            self.writing = self._final


def stream(table: GrokkingTable, layout: Layout, sink: RowSink, tick: Callable[[], object] | None = None) -> int:
    """Write the table to the sink as its rows come, and commit it; the number of rows with entries left unproved.

    ``tick`` is called after each row. An interrupted table gets its foot too, so that what is there can be read.
    """
    unproved = 0
    sink.write(layout.head())
    try:
        for row in table.rows():
            sink.write_row(layout.row(row))
            unproved += not row.proved
            if tick is not None:
                tick()
    except KeyboardInterrupt:
        with suppress(OSError):
            sink.write(layout.foot())
        raise
    sink.write(layout.foot())
    sink.commit()
    return unproved
