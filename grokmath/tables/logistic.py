"""The table of the full classification model: grokking times once the weights have come to rest."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, ClassVar

from grokmath.certified import Certified
from grokmath.classification.equilibrated import CRITERIA
from grokmath.classification.logistic import LogisticModel
from grokmath.exact import Exact
from grokmath.parameters import ASPECT_RATIO, POSITIVE, Domain, DomainError, GrokmathError
from grokmath.tables.table import FORMULA_DIGITS, SHOWN_RELATIVE_DIGITS, Cell, Column, Parameter, TableModel, cell

__all__ = ["AT_REST", "LogisticTable"]

AT_REST = 3
"""The equilibration below which a row warns: the weights still lack e^-3, five per cent, of their way to rest."""

_HALF = Fraction(1, 2)
_LEVEL = Domain("0 < eps < 1", Fraction(0), Fraction(1), low_open=True, high_open=True)
_ALL, _NONE = "certified, never or none", "certified or none"
_NOT_AT_REST = f"below {AT_REST}: the weights are not at rest at gen, and the times of this row do not hold"
_SEPARABLE = "the weights do not come to rest for lam > 1/2"
_CRITICAL = "the weights do not come to rest at lam = 1/2"


class LogisticTable(TableModel):
    """Times at which training and generalization meet the criterion, for lam < 1/2 and weights at rest."""

    name: ClassVar[str] = "logistic"
    axes: ClassVar[tuple[Parameter, ...]] = (
        Parameter("lam", "aspect ratio d/N", ASPECT_RATIO, "0.1:0.4:0.1,0.45,0.475,0.49", r"$\lambda$"),
        Parameter("sigma", "standard deviation of the features", POSITIVE, "10", r"$\sigma$"),
        Parameter(
            "eps", "level of the criterion", _LEVEL, "1e-2,1e-6",
            r"$\epsilon$",
        ),
    )  # fmt: skip
    constants: ClassVar[tuple[Parameter, ...]] = (
        Parameter("eta", "learning rate", POSITIVE, "1"),
        Parameter("criterion", "what is equal to eps", CRITERIA, "exponential", type="word"),
    )
    entries: ClassVar[tuple[Column, ...]] = (
        Column("train", _ALL, "time at which training meets the criterion", "train", r"$t_{\mathrm{tr}}$"),
        Column("gen", _ALL, "time at which generalization meets it", "gen", r"$t_{\mathrm{gen}}$"),
        Column("delta", _ALL, "grokking time gen - train", "delta", r"$\Delta t$"),
        Column(
            "log_ratio", _ALL, "log(gen/train)", "log ratio", r"$\log\frac{t_{\mathrm{gen}}}{t_{\mathrm{tr}}}$",
            FORMULA_DIGITS,
        ),
        Column("bias", _NONE, "-b at which generalization meets the criterion", "-b", "$-b$", FORMULA_DIGITS),
        Column(
            "equilibration", _NONE, "sigma^2 theta (-b): the weights lack exp(-equilibration) of their way to rest",
            "equilibration", "equilibration", SHOWN_RELATIVE_DIGITS,
        ),
    )  # fmt: skip

    def __init__(self, constants: Mapping[str, Any]) -> None:
        super().__init__(constants)
        self._kept: tuple[tuple[Exact, Exact], LogisticModel] | None = None

    def title(self, digits: int) -> str:
        """See the base class."""
        what = {"exponential": "exponential losses equal to eps", "accuracy": "accuracies equal to 1 - eps"}
        criterion = what.get(self.values["criterion"], "training loss and population cross-entropy equal to eps")
        return (
            f"Full classification model with weights at rest, eta = {self.constant_text('eta')}: {criterion}, "
            f"{digits} proved digits"
        )

    def _model(self, lam: Exact, sigma: Exact) -> LogisticModel:
        if self._kept is None or self._kept[0] != (lam, sigma):
            self._kept = (lam, sigma), LogisticModel(lam, sigma=sigma, eta=self.values["eta"])
        return self._kept[1]

    def cells(self, point: Mapping[str, Exact], digits: int) -> tuple[tuple[Cell, ...], bool]:
        """See the base class."""
        model = self._model(point["lam"], point["sigma"])
        try:
            if point["lam"] >= _HALF:
                return self._separable(model, point["eps"]), True
            times = model.grokking_time(point["eps"], criterion=self.values["criterion"], digits=digits)
        except GrokmathError as error:
            return (Cell(None, str(error)),) * len(self.entries), False
        values = (times.train, times.gen, times.delta, times.log_ratio, times.bias, times.equilibration)
        cells = [cell(value, times.reason if value is None else None, digits) for value in values]
        if (
            isinstance(times.equilibration, Certified)
            and times.gen is not None
            and float(times.equilibration) < AT_REST
        ):
            cells[-1] = cells[-1]._replace(reason=_NOT_AT_REST)
        return tuple(cells), True

    def _separable(self, model: LogisticModel, eps: Exact) -> tuple[Cell, ...]:
        """Above 1/2 a loss of the population never stays below eps, and an accuracy of 1 - eps only if its limit is."""
        if model.lam == _HALF:
            return (Cell(None, _CRITICAL),) * len(self.entries)
        never = Cell(math.inf, "the population's loss grows without bound for lam > 1/2")
        if self.values["criterion"] == "accuracy":
            if _is_below(model, eps):
                return (Cell(None, _SEPARABLE),) * len(self.entries)
            never = Cell(math.inf, "the accuracy's limit is below 1 - eps")
        none = Cell(None, _SEPARABLE)
        return (none, never, never, never, none, none)


def _is_below(model: LogisticModel, eps: Exact) -> bool:
    """Whether the limiting error is below eps."""
    try:
        return bool(model.limit_error(digits=20) < eps)
    except DomainError:  # below 10^-(10^9)
        return True
