"""Tables of the two classification models: rows against the models, edges, and layouts."""

from __future__ import annotations

import csv
import io
import json
import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from grokmath.certified import Certified
from grokmath.classification.logistic import LogisticModel
from grokmath.classification.two_point import TwoPointModel
from grokmath.parameters import DomainError, PrecisionError
from grokmath.table_formats import LAYOUTS, layout
from grokmath.tables import MODELS, RowSink, Table, stream, table_model


def rendered(table: Table, style: str) -> str:
    text = io.StringIO()
    stream(table, layout(style, table), RowSink(None, text))
    return text.getvalue()


def two_point(lam: str, eps: str, digits: int = 20, sigma: str = "1", **constants: object) -> Table:
    return Table(table_model("two-point"), {"lam": lam, "eps": eps, "sigma": sigma}, constants, digits=digits)


def logistic(lam: str, eps: str, digits: int = 12, sigma: str = "10", **constants: object) -> Table:
    return Table(table_model("logistic"), {"lam": lam, "eps": eps, "sigma": sigma}, constants, digits=digits)


@pytest.mark.parametrize("name", MODELS)
def test_every_model_has_a_default_table_of_which_the_first_row_is_proved(name: str) -> None:
    table = Table(table_model(name), digits=5)
    assert table.size > 10
    row = next(table.rows())
    assert row.proved
    assert len(row.cells) == len(table.model.entries)
    assert table.columns[0].name == "lam"


def test_two_point_rows_hold_the_models_times() -> None:
    table = two_point("0.3,0.45,1/2", "1e-2,1e-4", sigma="1,2", eta="1/10", S0="1/3", b0="-1/2")
    rows = list(table.rows())
    assert [tuple(row.point) for row in rows] == [("lam", "sigma", "eps")] * 12
    assert rows[0].point == {"lam": Fraction(3, 10), "sigma": 1, "eps": Fraction(1, 100)}
    for row in rows:
        model = TwoPointModel(row.lam, "1/10", row.point["sigma"], "1/3", "-1/2")
        exact = model.grokking_time(row.eps, digits=30)
        for name in ("train", "gen", "delta", "log_ratio"):
            assert str(row.cell(name).value) == str(Certified(getattr(exact, name).ball(), 20))
        assert row.proved
        for name, method in (("quasi_static", "quasi-static"), ("paper", "paper")):
            close = model.grokking_time(row.eps, method=method, digits=30).log_ratio
            if close is None:
                assert "lam = 1/2" in row.cell(name).reason
                continue
            assert str(row.cell(name).value) == str(Certified(close.ball(), 20))
            error = row.cell(f"{name}_relative_error").value
            reference = close.to_decimal() / exact.log_ratio.to_decimal() - 1
            assert abs(error.to_decimal() - reference) <= error.error + Decimal("1e-20")
        assert str(row.cell("validity").value) == str(model.validity(row.eps, digits=20))


def test_two_point_rows_at_the_edges() -> None:
    zero, one, above = two_point("0,1,0.7", "1e-3").rows()
    assert [str(zero.cell(name).value) for name in ("delta", "log_ratio")] == ["0", "0"]
    assert zero.cell("paper_relative_error").reason == "the exact log ratio is 0"
    for row in (one, above):
        assert row.cell("gen").value == row.cell("delta").value == row.cell("log_ratio").value == math.inf
        assert "without bound" in row.reasons()["gen"]
        assert row.cell("validity").value is None
        assert isinstance(row.cell("train").value, Certified)
        assert row.proved
    (met,) = two_point("0.3", "2").rows()
    assert str(met.cell("gen").value) == "0"
    assert met.cell("log_ratio").value is None
    assert "at t = 0" in met.reasons()["gen"]
    rising = next(two_point("0.4", "1", S0="6", b0="-19").rows())
    assert rising.proved


def test_the_closed_form_agrees_where_validity_is_large() -> None:
    """sigma = 100: the relative error is below e^-validity, far below the digits of the table."""
    (row,) = two_point("0.3", "1e-40", digits=8, sigma="100").rows()
    assert row.cell("validity").value > 1000
    error = row.cell("quasi_static_relative_error")
    assert error.value is not None
    assert abs(error.value) < Fraction(1, 10**30)


def test_logistic_rows_hold_the_models_times() -> None:
    for criterion in ("exponential", "accuracy", "cross-entropy"):
        table = logistic("0.2,0.45", "1e-3", sigma="1,10", criterion=criterion, eta="1/2")
        for row in table.rows():
            model = LogisticModel(row.lam, sigma=row.point["sigma"], eta="1/2")
            times = model.grokking_time(row.eps, criterion=criterion, digits=12)
            for name in ("train", "gen", "delta", "log_ratio", "bias", "equilibration"):
                assert str(row.cell(name).value) == str(getattr(times, name))
            warned = row.cell("equilibration").reason is not None
            assert warned == (times.equilibration < 3)
        assert criterion in rendered(table, "csv")


def test_logistic_rows_above_and_at_one_half() -> None:
    at, above = logistic("1/2,0.7", "1e-3").rows()
    assert all(cell.value is None and "1/2" in cell.reason for cell in at.cells)
    assert above.cell("gen").value == math.inf
    assert above.cell("train").value is None
    reached, never = logistic("0.7", "1e-3", sigma="1,10", criterion="accuracy").rows()
    assert reached.cell("gen").value is None, "its limit is above 1 - eps, but no law gives the time"
    assert never.cell("gen").value == math.inf
    assert "limit" in never.reasons()["gen"]
    (certain,) = logistic("0.5000001", "1e-3", sigma="1", criterion="accuracy").rows()
    assert certain.cell("gen").value is None, "the limiting error is below 10^-(10^9)"


@pytest.mark.parametrize("style", list(LAYOUTS))
@pytest.mark.parametrize("name", ["two-point", "logistic"])
def test_layouts(style: str, name: str) -> None:
    table = {"two-point": two_point, "logistic": logistic}[name]("0.4,1/2,0.7", "1e-3,1e-4", digits=7)
    text = rendered(table, style)
    assert text.isascii()
    assert text.endswith("\n")
    names = [column.name for column in table.columns]
    if style == "csv":
        records = list(csv.DictReader(io.StringIO(text)))
        assert list(records[0]) == [*names, "reason"]
        assert len(records) == 6
    elif style == "json":
        record = json.loads(text)
        assert record["parameters"]["model"] == name
        assert [column["name"] for column in record["columns"]] == names
        assert all(list(row) == names for row in record["rows"])
    elif style == "markdown":
        lines = [line for line in text.splitlines() if line.startswith("|")]
        assert len({line.count("|") for line in lines}) == 1
        assert len(lines) == 8
    elif style == "latex":
        rows = text[text.index(r"\midrule") : text.index(r"\bottomrule")].splitlines()[1:]
        columns = len(table.grids) + len(table.model.entries)
        assert all(row.split(r" \\")[0].count("&") == columns - 1 for row in rows)
        assert f"{{{'l' * columns}}}" in text
    else:
        assert "never" in text
        assert len(text.splitlines()) >= 10


def test_a_row_that_cannot_be_proved_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    original = TwoPointModel.grokking_time

    def failing(self: TwoPointModel, eps: Fraction, **options: Any) -> object:
        if self.lam == Fraction(1, 5) or (self.lam == Fraction(2, 5) and options["method"] == "paper"):
            raise PrecisionError("grokking_time: not reached")
        return original(self, eps, **options)

    monkeypatch.setattr(TwoPointModel, "grokking_time", failing)
    good, bad, partly = two_point("0.3,0.2,0.4", "1e-3", digits=5).rows()
    assert (good.proved, bad.proved, partly.proved) == (True, False, False)
    assert bad.reasons() == {"train": "grokking_time: not reached"}
    assert partly.reasons() == {"paper": "grokking_time: not reached"}


@pytest.mark.parametrize(
    ("name", "grids", "constants"),
    [
        ("two-point", {"lam": "1.01"}, {}),
        ("two-point", {"sigma": "1e101"}, {}),
        ("two-point", {"eps": "0"}, {}),
        ("two-point", {}, {"S0": "1e5"}),
        ("two-point", {}, {"b0": "1e13"}),
        ("two-point", {}, {"eta": 0}),
        ("logistic", {"eps": "1"}, {}),
        ("logistic", {"lam": "0"}, {}),
        ("logistic", {}, {"criterion": "loss"}),
        ("regression", {}, {"accuracy": 1}),
        ("two-point", {"lam": "0:1:1e-6", "eps": "1:1000000:1", "sigma": "1:1000:1"}, {}),
    ],
)
def test_bad_parameters(name: str, grids: dict[str, str], constants: dict[str, object]) -> None:
    with pytest.raises(DomainError, match=r"; ") as raised:
        Table(table_model(name), grids, constants)
    assert "\n" not in str(raised.value)
