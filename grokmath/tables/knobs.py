"""The table of the regression model with all its knobs: outputs, weight decay, initial scale, label noise."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, ClassVar

from grokmath.exact import Exact
from grokmath.parameters import NONNEGATIVE, Domain, GrokmathError, domain_error
from grokmath.regression.knobs import CONVENTIONS
from grokmath.tables.grids import Grid
from grokmath.tables.regression import RegressionTable
from grokmath.tables.table import Cell, Column, Parameter, cell

__all__ = ["KNOBS", "KnobTable"]

_OUTPUTS = Domain("integers >= 1", Fraction(1))
_LOST = "time at which test accuracy is lost again, where label noise lets it"

KNOBS = ("d_out", "weight_decay", "init_scale", "label_noise")
"""The axes beyond lam and eps."""


class KnobTable(RegressionTable):
    """Times of the linear teacher-student model over lam, eps and the four knobs; no closed forms beside them."""

    axes: ClassVar[tuple[Parameter, ...]] = (
        RegressionTable.axes[0]._replace(default="0.9"),
        RegressionTable.axes[1]._replace(default="1e-3"),
        Parameter("d_out", "number of outputs", _OUTPUTS, "1", r"$d_{\mathrm{out}}$"),
        Parameter("weight_decay", "weight decay gamma", NONNEGATIVE, "0", r"$\gamma$"),
        Parameter("init_scale", "scale alpha of the initial weights", NONNEGATIVE, "1", r"$\alpha$"),
        Parameter("label_noise", "standard deviation of the labels' noise", NONNEGATIVE, "0", r"$\sigma$"),
    )
    constants: ClassVar[tuple[Parameter, ...]] = (
        *RegressionTable.constants,
        Parameter("decay_convention", "what weight decay means at d_out > 1", CONVENTIONS, "paper", type="word"),
    )
    entries: ClassVar[tuple[Column, ...]] = (
        *RegressionTable.entries[:3],
        Column("lost", "certified, never or none", _LOST, "lost", r"$t_{\mathrm{lost}}$"),
    )

    def title(self, digits: int) -> str:
        """See the base class."""
        eta, accuracy, decay = (self.constant_text(name) for name in ("eta", "accuracy", "decay_convention"))
        return (
            f"Grokking times at eta = {eta}: accuracy {accuracy}, weight decay as in {decay!r}, {digits} proved digits"
        )

    def check(self, grids: Mapping[str, Grid]) -> None:
        """See the base class: outputs are counted."""
        for number in (x for span in grids["d_out"].spans for x in (span.start, span.step)):
            if not isinstance(number, Fraction) or number.denominator != 1:
                raise domain_error(
                    "table", "d_out", grids["d_out"].text, _OUTPUTS.text, "choose whole numbers and steps"
                )

    def cells(self, point: Mapping[str, Exact], digits: int) -> tuple[tuple[Cell, ...], bool]:
        """See the base class."""
        try:
            found = self._model(point).grokking_time(point["eps"], accuracy=self.values["accuracy"], digits=digits)
        except GrokmathError as error:
            return (Cell(None, str(error)),) * len(self.entries), False
        times = [cell(value, found.reason, digits) for value in (found.train, found.gen, found.delta)]
        return (*times, cell(found.lost, None, digits)), True

    def _words(self) -> dict[str, Any]:
        return {"decay_convention": self.values["decay_convention"]}
