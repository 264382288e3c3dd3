"""A table of grokking times: a model's row function over a grid of its parameters.

A :class:`TableModel` says which parameters it takes, which columns a row has, and computes the entries of one row. A
:class:`Table` runs through the grids of its parameters, the first outermost, and computes each row when it is asked
for. The layouts that turn rows into text are in :mod:`grokmath.table_formats`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, NamedTuple

from grokmath.certified import LOG2_10, Certified, working_precision
from grokmath.exact import Exact, exact_text
from grokmath.parameters import MAX_DIGITS, Domain, DomainError, digits_argument, exact, one_of
from grokmath.tables.grids import MAX_ROWS, Grid

__all__ = [
    "FORMULA_DIGITS",
    "RELATIVE_DIGITS",
    "SHOWN_RELATIVE_DIGITS",
    "Cell",
    "Column",
    "Parameter",
    "Row",
    "Table",
    "TableModel",
    "cell",
    "first_digits",
    "relative_error",
]

RELATIVE_DIGITS = 5
"""Significant digits of a relative error."""

FORMULA_DIGITS = 10
"""Digits of a closed form in the layouts for readers: its error shows well before."""

SHOWN_RELATIVE_DIGITS = 3
"""Digits of a relative error in the layouts for readers."""

_FUNCTION = "table"
_FIRST_DIGITS = 30  # fewer are not cheaper, and relative errors down to 1e-25 come at once


class Parameter(NamedTuple):
    """A parameter of a model: its name, what it is, its domain (or the words allowed), its default, its LaTeX head."""

    name: str
    description: str
    domain: Domain | tuple[str, ...]
    default: str | None
    latex: str = ""
    type: str = "exact"


class Column(NamedTuple):
    """A column: its name, the type of its entries, what it is, and how it is shown to readers.

    ``head`` and ``latex`` are its heads, ``shown`` the digits shown at most (None: all of the table's).
    """

    name: str
    type: str
    description: str
    head: str = ""
    latex: str = ""
    shown: int | None = None

    def record(self) -> dict[str, str]:
        """What the layouts for programs say about the column."""
        return {"name": self.name, "type": self.type, "description": self.description}


class Cell(NamedTuple):
    """An entry: a Certified, math.inf for never, or None where there is no number; ``reason`` says why, or warns."""

    value: Certified | float | None
    reason: str | None = None


class Row(NamedTuple):
    """One point of the grid with its entries; ``proved`` is False where digits could not be proved."""

    point: Mapping[str, Exact]
    names: tuple[str, ...]
    cells: tuple[Cell, ...]
    proved: bool = True

    @property
    def lam(self) -> Exact:
        """The aspect ratio."""
        return self.point["lam"]

    @property
    def eps(self) -> Exact:
        """The tolerance."""
        return self.point["eps"]

    def cell(self, name: str) -> Cell:
        """The entry of that column."""
        return self.cells[self.names.index(name)]

    def reasons(self) -> dict[str, str]:
        """What entries have a reason for, by column; a reason that several columns share stands at the first."""
        first: dict[str, str] = {}
        for name, cell in zip(self.names, self.cells, strict=True):
            if cell.reason is not None:
                first.setdefault(cell.reason, name)
        return {name: reason for reason, name in first.items()}


class TableModel(ABC):
    """What a table is made of: ``axes`` are parameters with a grid, then ``constants``; ``entries`` are columns.

    An instance holds the values of the constants, exact numbers, words, or None where there is no default.
    """

    name: ClassVar[str]
    axes: ClassVar[tuple[Parameter, ...]]
    constants: ClassVar[tuple[Parameter, ...]]
    entries: ClassVar[tuple[Column, ...]]

    def __init__(self, constants: Mapping[str, Any]) -> None:
        self.values: dict[str, Any] = {}
        for parameter in self.constants:
            given = constants.get(parameter.name)
            value = parameter.default if given is None else given
            self.values[parameter.name] = None if value is None else _constant(parameter, value)

    def check(self, grids: Mapping[str, Grid]) -> None:
        """Raise :class:`DomainError` for a grid with members that its domain does not tell apart."""
        del grids

    @abstractmethod
    def cells(self, point: Mapping[str, Exact], digits: int) -> tuple[tuple[Cell, ...], bool]:
        """The entries of one row to that many digits, and whether all that exist were proved."""

    @abstractmethod
    def title(self, digits: int) -> str:
        """One line of ASCII: what the table is."""

    def constant_text(self, name: str) -> str:
        """The constant as text that reads back as itself."""
        value = self.values[name]
        return value if isinstance(value, str) else exact_text(value)


def _constant(parameter: Parameter, value: Any) -> Any:
    if isinstance(parameter.domain, Domain):
        return exact(value, parameter.name, _FUNCTION, parameter.domain)
    return one_of(value, parameter.domain, parameter.name, _FUNCTION)


class Table:
    """A model's table over grids given as text (see :class:`Grid`), the first axis outermost.

    Numbers have ``digits`` proved digits, relative errors five.

    >>> from grokmath.tables import table_model
    >>> table = Table(table_model("two-point"), {"lam": "0.45,1/2", "eps": "1e-4"}, digits=12)
    >>> [str(row.cell("log_ratio").value) for row in table.rows()]
    ['1.78578121668', '3.40795823236']
    """

    def __init__(
        self,
        model: type[TableModel],
        grids: Mapping[str, str] | None = None,
        constants: Mapping[str, Any] | None = None,
        *,
        digits: int = 50,
    ) -> None:
        given = grids or {}
        self.grids: dict[str, Grid] = {}
        for axis in model.axes:
            assert isinstance(axis.domain, Domain)  # noqa: S101 - axes are numbers
            text = given.get(axis.name)
            self.grids[axis.name] = Grid(axis.default or "" if text is None else text, axis.name, axis.domain)
        self.model = model(constants or {})
        self.model.check(self.grids)
        self.digits = digits_argument(digits, _FUNCTION)
        self.size = math.prod(grid.size for grid in self.grids.values())
        if self.size > MAX_ROWS:
            sizes = " times ".join(f"{grid.size} values of {name}" for name, grid in self.grids.items())
            raise DomainError(f"{_FUNCTION}: {sizes} are more than {MAX_ROWS:.0e} rows; choose larger steps")

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns in order: axes, constants, entries."""
        parameters = (*self.model.axes, *self.model.constants)
        return (*(Column(p.name, p.type, p.description) for p in parameters), *self.model.entries)

    def rows(self) -> Iterator[Row]:
        """The rows, each computed when it is asked for."""
        names = tuple(column.name for column in self.model.entries)
        for point in self._points(list(self.grids.items())):
            cells, proved = self.model.cells(point, self.digits)
            yield Row(point, names, cells, proved)

    def _points(self, grids: list[tuple[str, Grid]]) -> Iterator[dict[str, Exact]]:
        if not grids:
            yield {}
            return
        (name, grid), rest = grids[0], grids[1:]
        for value in grid:
            for point in self._points(rest):
                yield {name: value, **point}


def first_digits(digits: int) -> int:
    """With how many digits to begin where relative errors will be taken."""
    return max(digits, _FIRST_DIGITS)


def cell(value: Any, reason: str | None, digits: int) -> Cell:
    """A result as an entry with at most so many digits."""
    if not isinstance(value, Certified):
        return Cell(value, reason)
    if value.digits > digits:
        value = Certified(value.ball(), digits, exact=value.exact, method=value.method)
    return Cell(value)


def relative_error(
    true: Callable[[int], Certified], close: Callable[[int], Certified], start: int, digits: int, difference: str
) -> Cell:
    """close/true - 1 to five digits; both come again with more digits while they agree too closely.

    ``start`` is the number of digits to begin with, ``digits`` that of the table, ``difference`` the truth's name.
    """
    if true(start).exact == 0:
        return Cell(None, f"the exact {difference} is 0")
    most = min(MAX_DIGITS, max(1000, 4 * digits))
    known = start
    while True:
        numerator, denominator = close(known), true(known)
        with working_precision(int(known * LOG2_10) + 64):
            error = Certified(numerator.ball() / denominator.ball() - 1, RELATIVE_DIGITS)
        if error.digits == RELATIVE_DIGITS or (error.digits and known >= most):
            return Cell(error)
        if known >= most:
            return Cell(None, f"its modulus is below {error.error}")
        known = min(most, 2 * known)
