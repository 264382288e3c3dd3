"""The table of the regression paper's model: exact grokking times beside the closed forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, ClassVar

from grokmath.certified import Certified
from grokmath.exact import Exact
from grokmath.parameters import ASPECT_RATIO, POSITIVE, PROBABILITY, GrokmathError, domain_error
from grokmath.regression.linear import LinearTeacherStudent
from grokmath.tables.table import (
    FORMULA_DIGITS,
    SHOWN_RELATIVE_DIGITS,
    Cell,
    Column,
    Parameter,
    Table,
    TableModel,
    cell,
    first_digits,
    relative_error,
)

__all__ = ["COLUMNS", "FORMULAS", "GrokkingTable", "RegressionTable"]

FORMULAS = ("lambert", "leading", "uniform")
"""The closed forms beside the exact difference: (23)-(24), (11), and the uniform form (U)."""

_NEVER, _NONE, _EITHER = "certified or never", "certified or none", "certified, never or none"
_HEADS = {"lambert": ("(23)-(24)", "(23)--(24)"), "leading": ("(11)", "(11)"), "uniform": ("(U)", "(U)")}


def _formula(name: str, type_: str, description: str) -> tuple[Column, Column]:
    head, latex = _HEADS[name]
    return (
        Column(name, type_, description, head, latex, FORMULA_DIGITS),
        Column(f"{name}_relative_error", _NONE, f"{name}/delta - 1", "rel.error", "rel.~error", SHOWN_RELATIVE_DIGITS),
    )


class RegressionTable(TableModel):
    """Times of the linear teacher-student model over lam and eps, with three closed forms and their relative errors."""

    name: ClassVar[str] = "regression"
    axes: ClassVar[tuple[Parameter, ...]] = (
        Parameter("lam", "aspect ratio d_in/N_tr", ASPECT_RATIO, "0.1:0.9:0.1,1,1.0001", r"$\lambda$"),
        Parameter("eps", "tolerance of the squared error", POSITIVE, "1e-3,1e-6,1e-12", r"$\epsilon$"),
    )
    constants: ClassVar[tuple[Parameter, ...]] = (
        Parameter("eta", "learning rate", POSITIVE, "0.01"),
        Parameter("accuracy", "accuracy that defines the times, a number or erf(sqrt(2))", PROBABILITY, None),
    )
    entries: ClassVar[tuple[Column, ...]] = (
        Column("train", "certified", "time at which training reaches the accuracy", "train", r"$t_{\mathrm{tr}}$"),
        Column("gen", _NEVER, "time at which generalization reaches the accuracy", "gen", r"$t_{\mathrm{gen}}$"),
        Column("delta", _NEVER, "grokking time gen - train", "delta", r"$\Delta t$"),
        *_formula("lambert", _NONE, "gen - train by the Lambert-W forms (23) and (24)"),
        *_formula("leading", _NONE, "the leading form (11) of delta"),
        *_formula("uniform", _EITHER, "gen - train by the uniform form (U) and (23)"),
    )

    def __init__(self, constants: Mapping[str, Any]) -> None:
        super().__init__(constants)
        self._student: tuple[tuple[Exact, ...], LinearTeacherStudent] | None = None
        if self.values["accuracy"] == 1:
            remedy = "choose a value in this range"
            raise domain_error("table", "accuracy", constants.get("accuracy"), PROBABILITY.text, remedy)

    def constant_text(self, name: str) -> str:
        """See the base class; the accuracy's default is no rational number."""
        return "erf(sqrt(2))" if self.values[name] is None else super().constant_text(name)

    def title(self, digits: int) -> str:
        """See the base class."""
        level = "loss = eps/4" if self.values["accuracy"] is None else "loss = eps/(2 erfinv(accuracy)^2)"
        eta, accuracy = self.constant_text("eta"), self.constant_text("accuracy")
        return f"Grokking times at eta = {eta}: accuracy {accuracy} ({level}), {digits} proved digits"

    def _model(self, point: Mapping[str, Exact]) -> LinearTeacherStudent:
        knobs: dict[str, Any] = {name: value for name, value in point.items() if name != "eps"}
        values = tuple(knobs.values())
        if self._student is None or self._student[0] != values:
            self._student = values, LinearTeacherStudent(eta=self.values["eta"], **knobs, **self._words())
        return self._student[1]

    def _words(self) -> dict[str, Any]:
        """The model's parameters that are no numbers."""
        return {}

    def cells(self, point: Mapping[str, Exact], digits: int) -> tuple[tuple[Cell, ...], bool]:
        """See the base class."""
        model, start = self._model(point), first_digits(digits)

        @cache
        def times(method: str, n: int) -> Any:
            return model.grokking_time(eps=point["eps"], accuracy=self.values["accuracy"], method=method, digits=n)

        def delta(method: str) -> Callable[[int], Certified]:
            def value(n: int) -> Certified:
                found: Certified = times(method, n).delta
                return found

            return value

        def formula_cells(method: str) -> tuple[Cell, Cell]:
            close = times(method, start)
            both = isinstance(truth.delta, Certified) and isinstance(close.delta, Certified)
            error = (
                relative_error(delta("exact"), delta(method), start, digits, "difference")
                if both
                else Cell(None, close.reason or truth.reason)
            )
            return cell(close.delta, close.reason, digits), error

        try:
            truth = times("exact", start)
        except GrokmathError as error:
            return (Cell(None, str(error)),) * len(self.entries), False
        cells = [cell(value, truth.reason, digits) for value in (truth.train, truth.gen, truth.delta)]
        proved = True
        for formula in FORMULAS:
            try:
                cells += formula_cells(formula)
            except GrokmathError as error:
                cells += [Cell(None, str(error))] * 2
                proved = False
        return tuple(cells), proved


COLUMNS = (
    tuple(
        Column(parameter.name, parameter.type, parameter.description)
        for parameter in (*RegressionTable.axes, *RegressionTable.constants)
    )
    + RegressionTable.entries
)
"""The columns in order; ``Row.cells`` holds those from ``train`` on."""


class GrokkingTable(Table):
    """Certified grokking times of the regression model over a grid of lam and eps, with the closed forms.

    ``lam`` and ``eps`` are grids as text (see :class:`Grid`), ``eta`` an exact number, ``accuracy`` None for the
    paper's erf(sqrt 2) or an exact number between 0 and 1. The exact times have ``digits`` proved digits, and so have
    the closed forms; a relative error has five, found at a higher precision where the two agree to many digits.

    >>> table = GrokkingTable(lam="0.5,1", eps="1e-3", digits=12)
    >>> [str(row.cell("delta").value) for row in table.rows()]
    ['431.334359052', '127321244.852']
    """

    def __init__(
        self,
        lam: str | None = None,
        eps: str | None = None,
        eta: Any = None,
        *,
        accuracy: Any = None,
        digits: int = 50,
    ) -> None:
        grids = {name: text for name, text in (("lam", lam), ("eps", eps)) if text is not None}
        super().__init__(RegressionTable, grids, {"eta": eta, "accuracy": accuracy}, digits=digits)
        self.lam, self.eps = self.grids["lam"], self.grids["eps"]
        self.eta: Exact = self.model.values["eta"]

    @property
    def accuracy_text(self) -> str:
        """The accuracy that defines the times."""
        return self.model.constant_text("accuracy")
