"""Tables of grokking times: grids of exact parameters, the rows over them, and their streaming into a file.

One file a model: :mod:`~grokmath.tables.regression`, :mod:`~grokmath.tables.two_point`,
:mod:`~grokmath.tables.logistic`; a new model is a :class:`TableModel` and an entry in ``_MODELS``.
"""

from __future__ import annotations

from importlib import import_module

from grokmath.tables.grids import MAX_ROWS, Grid, Span
from grokmath.tables.regression import COLUMNS, FORMULAS, GrokkingTable, RegressionTable
from grokmath.tables.sink import Layout, RowSink, TextStream, stream
from grokmath.tables.table import RELATIVE_DIGITS, Cell, Column, Parameter, Row, Table, TableModel

__all__ = [
    "COLUMNS",
    "FORMULAS",
    "MAX_ROWS",
    "MODELS",
    "RELATIVE_DIGITS",
    "Cell",
    "Column",
    "Grid",
    "GrokkingTable",
    "Layout",
    "Parameter",
    "RegressionTable",
    "Row",
    "RowSink",
    "Span",
    "Table",
    "TableModel",
    "TextStream",
    "stream",
    "table_model",
]

_MODELS = {
    "regression": ("regression", "RegressionTable"),
    "two-point": ("two_point", "TwoPointTable"),
    "logistic": ("logistic", "LogisticTable"),
}
MODELS = tuple(_MODELS)
"""The models that have a table."""


def table_model(name: str, *, knobs: bool = False) -> type[TableModel]:
    """The model of that name, one of ``MODELS``; the regression model with ``knobs`` has an axis for each of them."""
    file, kind = ("knobs", "KnobTable") if knobs and name == "regression" else _MODELS[name]
    model: type[TableModel] = getattr(import_module(f"grokmath.tables.{file}"), kind)
    return model
