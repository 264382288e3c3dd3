"""The table of the two-point model of classification: exact grokking times beside the closed log ratios."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from typing import Any, ClassVar

from grokmath.certified import Certified
from grokmath.classification.two_point import TwoPointModel
from grokmath.classification.two_point_readings import SIGMA
from grokmath.exact import Exact
from grokmath.parameters import POSITIVE, REAL, Domain, GrokmathError
from grokmath.tables.table import (
    FORMULA_DIGITS,
    SHOWN_RELATIVE_DIGITS,
    Cell,
    Column,
    Parameter,
    TableModel,
    cell,
    first_digits,
    relative_error,
)

__all__ = ["TwoPointTable"]

FORMULAS = {"quasi_static": "quasi-static", "paper": "paper"}

_NEVER, _NONE, _ALL = "certified or never", "certified or none", "certified, never or none"


def _formula(name: str, description: str, head: str, latex: str) -> tuple[Column, Column]:
    relative = f"{name}/log_ratio - 1"
    return (
        Column(name, _NONE, description, head, latex, FORMULA_DIGITS),
        Column(f"{name}_relative_error", _NONE, relative, "rel.error", "rel.~error", SHOWN_RELATIVE_DIGITS),
    )


class TwoPointTable(TableModel):
    """Times at which the exponential losses fall to eps for good, and log(t_gen/t_tr) by three methods."""

    name: ClassVar[str] = "two-point"
    axes: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "lam", "aspect ratio d/N", Domain("0 <= lam <= 1", Fraction(0), Fraction(1)), "0.1:0.4:0.1,0.45,0.475,0.5",
            r"$\lambda$",
        ),
        Parameter("sigma", "standard deviation of the features", SIGMA, "1", r"$\sigma$"),
        Parameter("eps", "level that the losses reach", POSITIVE, "1e-2,1e-4,1e-8", r"$\epsilon$"),
    )  # fmt: skip
    constants: ClassVar[tuple[Parameter, ...]] = (
        Parameter("eta", "learning rate", POSITIVE, "1"),
        Parameter("S0", "initial weight", REAL, "0"),
        Parameter("b0", "initial bias", REAL, "0"),
    )
    entries: ClassVar[tuple[Column, ...]] = (
        Column("train", _ALL, "time at which the training loss reaches eps", "train", r"$t_{\mathrm{tr}}$"),
        Column("gen", _ALL, "time from which the population loss stays below eps", "gen", r"$t_{\mathrm{gen}}$"),
        Column("delta", _ALL, "grokking time gen - train", "delta", r"$\Delta t$"),
        Column(
            "log_ratio", _ALL, "log(gen/train)", "log ratio", r"$\log\frac{t_{\mathrm{gen}}}{t_{\mathrm{tr}}}$",
            FORMULA_DIGITS,
        ),
        *_formula("quasi_static", "log(gen/train) with the weight at its minimiser", "quasi-static", "quasi-static"),
        *_formula("paper", "log(gen/train) by the paper's (39)", "(39)", "(39)"),
        Column(
            "validity", _NONE, "sigma^2 (1 - 2 lam) |b_gen|: the closed forms hold where this is large", "validity",
            "validity", SHOWN_RELATIVE_DIGITS,
        ),
    )  # fmt: skip

    def __init__(self, constants: Mapping[str, Any]) -> None:
        super().__init__(constants)
        TwoPointModel(0, **self.values)  # the bounds of S0 and b0
        self._model: TwoPointModel | None = None

    def title(self, digits: int) -> str:
        """See the base class."""
        eta, S0, b0 = (self.constant_text(name) for name in ("eta", "S0", "b0"))
        return f"Two-point model at eta = {eta}, S0 = {S0}, b0 = {b0}: losses equal to eps, {digits} proved digits"

    def cells(self, point: Mapping[str, Exact], digits: int) -> tuple[tuple[Cell, ...], bool]:
        """See the base class."""
        start = first_digits(digits)

        @cache
        def model() -> TwoPointModel:
            return TwoPointModel(point["lam"], sigma=point["sigma"], **self.values)

        @cache
        def times(method: str, n: int) -> Any:
            return model().grokking_time(point["eps"], method=method, digits=n)

        def log_ratio(method: str) -> Callable[[int], Certified]:
            def value(n: int) -> Certified:
                found: Certified = times(method, n).log_ratio
                return found

            return value

        def formula_cells(method: str) -> tuple[Cell, Cell]:
            close = times(method, start)
            if isinstance(truth.log_ratio, Certified) and isinstance(close.log_ratio, Certified):
                error = relative_error(log_ratio("exact"), log_ratio(method), start, digits, "log ratio")
            else:
                why = close.reason if close.log_ratio is None else truth.reason
                error = Cell(None, why or "there is no exact log ratio to compare with")
            return cell(close.log_ratio, None if close.log_ratio is not None else close.reason, digits), error

        try:
            truth = times("exact", start)
        except GrokmathError as error:
            return (Cell(None, str(error)),) * len(self.entries), False
        # a finite time may carry a reason too: that L_gen was below eps before
        cells = [
            cell(value, truth.reason, digits)._replace(reason=truth.reason if name != "train" else None)
            for name, value in (("train", truth.train), ("gen", truth.gen), ("delta", truth.delta))
        ]
        cells.append(_log_ratio_cell(truth, digits))
        proved = True
        for method in FORMULAS.values():
            try:
                cells += formula_cells(method)
            except GrokmathError as error:
                cells += [Cell(None, str(error))] * 2
                proved = False
        if point["lam"] > Fraction(1, 2):
            cells.append(Cell(None, "the weight has no finite limit at lam > 1/2, which this form needs"))
        else:
            cells.append(cell(model().validity(point["eps"], digits=digits), None, digits))
        return tuple(cells), proved


def _log_ratio_cell(truth: Any, digits: int) -> Cell:
    if isinstance(truth.log_ratio, Certified):
        return cell(truth.log_ratio, None, digits)
    if truth.log_ratio == float("inf") and truth.gen == float("inf"):
        return Cell(truth.log_ratio, truth.reason)
    return Cell(None, truth.reason)
