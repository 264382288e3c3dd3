"""Grids, rows, layouts and streaming of the tables of grokking times."""

from __future__ import annotations

import csv
import io
import json
import math
import os
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from flint import arb
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grokmath.certified import Certified
from grokmath.exact import exact_text, working_precision
from grokmath.parameters import ASPECT_RATIO, DomainError, PrecisionError, parse_number
from grokmath.regression.linear import LinearTeacherStudent
from grokmath.table_formats import LAYOUTS, MAX_NOTES, layout
from grokmath.tables import COLUMNS, MAX_ROWS, Grid, GrokkingTable, Row, RowSink, Table, stream
from grokmath.tables.table import relative_error

NAMES = [column.name for column in COLUMNS]


def rendered(table: Table, style: str) -> str:
    text = io.StringIO()
    stream(table, layout(style, table), RowSink(None, text))
    return text.getvalue()


def cells(table: GrokkingTable) -> list[dict[str, object]]:
    return [dict(zip(NAMES[4:], row.cells, strict=True)) for row in table.rows()]


# --- exact numbers as text


@given(st.fractions())
@example(Fraction(-5, 4))
@example(Fraction(1, 2**40))
@example(Fraction(1, 5**40))
@example(Fraction(0))
def test_exact_text_reads_back_as_the_same_number(x: Fraction) -> None:
    assert parse_number(exact_text(x)) == x


@pytest.mark.parametrize("exponent", [-5000, 5000])
@pytest.mark.parametrize("odd", [1, 7**6000, 3 * 5**20], ids=["1", "7**6000", "3 * 5**20"])
def test_exact_text_of_very_long_numbers(odd: int, exponent: int) -> None:
    for x in (Fraction(10) ** exponent * odd, Fraction(10) ** exponent / odd, Fraction(10) ** (20 * exponent)):
        assert parse_number(exact_text(x)) == x


@given(st.integers(-(10**20), 10**20), st.integers(-40, 40))
def test_exact_text_of_a_decimal_is_a_decimal(mantissa: int, exponent: int) -> None:
    text = exact_text(Fraction(mantissa) * Fraction(10) ** exponent)
    assert "/" not in text
    assert Decimal(text) == Decimal(mantissa).scaleb(exponent)


@pytest.mark.parametrize(
    ("x", "text"),
    [("0.1", "0.1"), ("10/20", "0.5"), ("1e-3", "0.001"), ("1e-4", "1e-4"), ("1.5e-7", "1.5e-7"), ("2/6", "1/3"),
     ("1e15", "1000000000000000"), ("1e16", "1e+16"), ("123.450", "123.45")],
)  # fmt: skip
def test_exact_text_is_short(x: str, text: str) -> None:
    assert exact_text(Fraction(x)) == text


# --- grids

_POSITIVE = st.fractions(min_value=Fraction(1, 1000), max_value=1000, max_denominator=1000)


@st.composite
def _number_texts(draw: st.DrawFn) -> tuple[str, Fraction]:
    x = draw(_POSITIVE)
    as_decimal = Fraction(round(x * 1000), 1000)
    form = draw(st.sampled_from(["fraction", "decimal", "scientific", "short"]))
    if form == "fraction":
        return f"{x.numerator}/{x.denominator}", x
    if form == "short":
        return exact_text(x), x
    if form == "decimal":
        return f"{float(as_decimal):.3f}", as_decimal
    return f"{as_decimal.numerator * (1000 // as_decimal.denominator)}e-3", as_decimal


@st.composite
def _items(draw: st.DrawFn) -> tuple[str, list[Fraction]]:
    first = draw(_number_texts())
    if draw(st.booleans()):
        return first[0], [first[1]]
    step_text, step = draw(_number_texts())
    members = draw(st.integers(1, 25))
    if draw(st.booleans()):  # a stop that is hit exactly
        stop = first[1] + (members - 1) * step
        stop_text = exact_text(stop)
    else:
        stop_text, extra = draw(_number_texts())
        stop = first[1] + min(extra, 25 * step)
        stop_text = exact_text(stop)
    reference, x = [], first[1]
    while x <= stop:
        reference.append(x)
        x += step
    return f"{first[0]}:{stop_text}:{step_text}", reference


@given(st.lists(_items(), min_size=1, max_size=4), st.sampled_from([",", ", ", " ,"]))
def test_grid_has_the_members_of_the_reference(items: list[tuple[str, list[Fraction]]], comma: str) -> None:
    grid = Grid(comma.join(text for text, _ in items), "lam")
    reference = [x for _, members in items for x in members]
    assert list(grid) == reference
    assert grid.size == len(reference)
    assert list(grid) == reference, "a grid can be run through again"


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("0.1:0.3:0.1", "0.1 0.2 0.3"),
        ("0.1:0.35:0.1", "0.1 0.2 0.3"),
        ("1/3:1:1/3", "1/3 2/3 1"),
        ("0.1:0.1:5", "0.1"),
        ("3,1,2,1", "3 1 2 1"),
        (" 1 , 2:3:1 ", "1 2 3"),
        ("1e-3:1e-3:1e-300", "1e-3"),
        (".5,5.,+7", "0.5 5 7"),
    ],
)
def test_grid_examples(text: str, members: str) -> None:
    assert list(Grid(text, "lam")) == [Fraction(member) for member in members.split()]


@pytest.mark.parametrize(
    "text",
    ["", " ", ",", "1,", ",1", "1,,2", "1:2", "1:2:3:4", ":", "::", "1::1", "0.9:0.1:0.1", "0.1:0.9:0", "0.1:0.9:-0.1",
     "0.9:0.1:-0.1", "1:nan:1", "1:inf:1", "nan", "-inf", "x", "1/0", "1:1/0:1", "1e999999999", "1:2:1e999999999",
     "0x10", "1_000", "__import__('os')", "1+1", "1;2", "0", "-1", "0:1:0.1", "1:2000000:1", "1000001", "1j", "٣"],
)  # fmt: skip
def test_bad_grids_are_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(DomainError, match=r"table: .*lam.* is not allowed \(needed: .*\); ") as raised:
        Grid(text, "lam", ASPECT_RATIO)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "text",
    ["0:1:1e-300", "1:2:1e-12", "1e-100000:1e6:123e-100000", "123456789e-99999:1e6:1.1e-100000", "1:1e100000:1"],
)
def test_a_grid_too_long_to_count_is_refused_at_once(text: str) -> None:
    with pytest.raises(DomainError, match=r"at most 1e\+12 members"):
        Grid(text, "eps")


def test_the_longest_grid_is_not_built() -> None:
    grid = Grid(f"1:{MAX_ROWS}:1", "eps")
    assert grid.size == MAX_ROWS
    assert next(iter(grid)) == 1
    assert grid.spans[0].last == MAX_ROWS
    assert grid.width == len(exact_text(Fraction(MAX_ROWS)))


# --- rows


def test_default_table_is_the_documented_one() -> None:
    table = GrokkingTable()
    assert table.size == 33
    assert table.digits == 50
    assert list(table.lam) == [Fraction(k, 10) for k in range(1, 11)] + [Fraction("1.0001")]
    assert list(table.eps) == [Fraction(1, 10**k) for k in (3, 6, 12)]
    assert table.eta == Fraction(1, 100)


def test_rows_hold_the_model_s_times_and_the_certified_relative_errors() -> None:
    table = GrokkingTable("0.1,0.5,0.9", "1e-3,1e-12", digits=25)
    rows = list(table.rows())
    assert [(row.lam, row.eps) for row in rows] == [(lam, eps) for lam in table.lam for eps in table.eps]
    for row in rows:
        entry = dict(zip(NAMES[4:], row.cells, strict=True))
        model = LinearTeacherStudent(lam=row.lam, eta="0.01")
        exact = model.grokking_time(eps=row.eps, digits=40)
        for name in ("train", "gen", "delta"):
            assert str(entry[name].value) == str(Certified(getattr(exact, name).ball(), 25))
        for formula in ("lambert", "leading", "uniform"):
            close = model.grokking_time(eps=row.eps, method=formula, digits=40).delta
            assert str(entry[formula].value) == str(Certified(close.ball(), 25))
            error = entry[f"{formula}_relative_error"].value
            assert error.digits == 5
            reference = close.to_decimal() / exact.delta.to_decimal() - 1
            assert abs(error.to_decimal() - reference) <= error.error + Decimal("1e-20")
        assert row.reasons() == {}
        assert row.proved


def test_published_differences() -> None:
    """Exact differences and (11) of the regression paper's setting, eta = 0.01, to the digits known."""
    delta = {("0.1", "1e-3"): "23.26803162", ("0.5", "1e-6"): "577.0635429", ("0.9", "1e-3"): "20481.28468"}
    leading = {"0.1": "40.65179187", "0.5": "715.7000636", "0.9": "56385.9385"}
    for (lam, eps), known in delta.items():
        (entry,) = cells(GrokkingTable(lam, eps, digits=10))
        assert str(entry["delta"].value) == known
        assert str(entry["leading"].value).startswith(leading[lam])


def test_formulas_outside_their_range_have_no_value_and_a_reason() -> None:
    for entry in cells(GrokkingTable("1,1.0001", "1e-3", digits=8)):
        for name in ("lambert", "lambert_relative_error", "leading", "leading_relative_error"):
            assert entry[name].value is None
            assert "lam" in entry[name].reason
        assert isinstance(entry["uniform"].value, Certified)
        assert abs(entry["uniform_relative_error"].value) < Decimal("1e-6")


def test_never_is_decided_exactly_at_the_plateau() -> None:
    """At lam = 8/7 the plateau 1 - 1/lam is 1/8, the threshold of eps = 1/2: approached, never reached."""
    beyond = f"1/2,{Fraction(1, 2) + Fraction(1, 10**30)}"
    at, above = cells(GrokkingTable("8/7", beyond, digits=8))
    for name in ("gen", "delta"):
        assert at[name].value == math.inf
        assert "plateau" in at[name].reason
        assert isinstance(above[name].value, Certified)
    assert isinstance(at["train"].value, Certified)
    assert at["uniform"].value == math.inf
    assert at["uniform_relative_error"].value is None


def test_a_threshold_met_at_once_gives_zero_and_no_relative_error() -> None:
    for entry in cells(GrokkingTable("0.5,1,3", "4,5", digits=8)):
        assert [str(entry[name].value) for name in ("train", "gen", "delta")] == ["0", "0", "0"]
        assert all(entry[name].value is None and entry[name].reason for name in NAMES[7:])


def test_another_accuracy_moves_the_threshold() -> None:
    """A = 0.95 is L = eps/3.841...: reached a little earlier than eps/4."""
    (paper,) = cells(GrokkingTable("0.5", "1e-3", digits=8))
    (level,) = cells(GrokkingTable("0.5", "1e-3", accuracy="0.95", digits=8))
    assert level["gen"].value < paper["gen"].value
    assert GrokkingTable(accuracy="95/100").accuracy_text == "0.95"
    with pytest.raises(DomainError, match="accuracy"):
        GrokkingTable(accuracy=1)


def test_relative_errors_below_the_digits_are_found_at_a_higher_precision() -> None:
    """At lam = 1 both asymptotic times are 1/(32 eta) early, to order 1/t_tr: for eps = 1e-40 that leaves 1e-109."""
    (entry,) = cells(GrokkingTable("1", "1e-40", digits=5))
    error = entry["uniform_relative_error"].value
    assert error.digits == 5
    assert Decimal("1e-110") < abs(error.to_decimal()) < Decimal("1e-108")
    assert entry["uniform"].value.digits == 5
    (entry,) = cells(GrokkingTable("1", "1e-600", digits=5))
    assert entry["uniform_relative_error"].value is None
    assert entry["uniform_relative_error"].reason.startswith("its modulus is below ")


def test_a_row_that_cannot_be_proved_says_so_and_the_table_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    original = LinearTeacherStudent.grokking_time

    def failing(self: LinearTeacherStudent, eps: Fraction, **options: object) -> object:
        if self.lam == Fraction(1, 2) and options["method"] == "exact":
            raise PrecisionError("grokking_time: 5 digits were not reached")
        if self.lam == Fraction(3, 5) and options["method"] == "uniform":
            raise PrecisionError("grokking_time: no uniform")
        return original(self, eps, **options)

    monkeypatch.setattr(LinearTeacherStudent, "grokking_time", failing)
    table = GrokkingTable("0.4:0.6:0.1", "1e-3", digits=5)
    good, bad, partly = table.rows()
    assert (good.proved, bad.proved, partly.proved) == (True, False, False)
    assert bad.reasons() == {"train": "grokking_time: 5 digits were not reached"}
    assert partly.reasons() == {"uniform": "grokking_time: no uniform"}
    for style in LAYOUTS:
        text = io.StringIO()
        assert stream(table, layout(style, table), RowSink(None, text)) == 2
        assert "not reached" in text.getvalue()


@pytest.mark.parametrize("digits", [0, -3, 2.5, 10**9, True, "50"])
def test_bad_digits(digits: Any) -> None:
    with pytest.raises(DomainError, match="digits"):
        GrokkingTable(digits=digits)


def test_too_many_rows() -> None:
    with pytest.raises(DomainError, match="rows"):
        GrokkingTable(f"1:{10**6}:1", f"1:{10**7}:1")
    table = GrokkingTable("0.1:1:1e-6", "1:100:1", digits=5)
    for style in ("text", "latex", "markdown"):
        with pytest.raises(DomainError, match=f"rows are too many for the format {style}"):
            layout(style, table)
    for style in ("csv", "json"):
        assert layout(style, table).head()


# --- layouts

MIXED = ("0.5,1,8/7", "1/2,1e-6,5")


def test_csv_reads_back() -> None:
    table = GrokkingTable(*MIXED, digits=30)
    records = list(csv.DictReader(io.StringIO(rendered(table, "csv"))))
    assert list(records[0]) == [*NAMES, "reason"]
    for record, row in zip(records, table.rows(), strict=True):
        assert (parse_number(record["lam"]), parse_number(record["eps"])) == (row.lam, row.eps)
        assert (record["eta"], record["accuracy"]) == ("0.01", "erf(sqrt(2))")
        for name, cell in zip(NAMES[4:], row.cells, strict=True):
            if isinstance(cell.value, Certified):
                assert record[name] == str(cell.value)
                assert Decimal(record[name]) == cell.value.to_decimal()
            else:
                assert record[name] == ("" if cell.value is None else "never")
                assert cell.reason in record["reason"]


def test_json_reads_back() -> None:
    table = GrokkingTable(*MIXED, accuracy="0.95", digits=30)
    record = json.loads(rendered(table, "json"))
    assert list(record) == ["version", "parameters", "columns", "rows"]
    assert record["parameters"] == {
        "model": "regression", "lam": "0.5,1,8/7", "eps": "1/2,1e-6,5", "eta": "0.01", "accuracy": "0.95", "digits": 30,
        "relative_error_digits": 5, "rows": 9,
    }  # fmt: skip
    assert [column["name"] for column in record["columns"]] == NAMES
    for entry, row in zip(record["rows"], table.rows(), strict=True):
        assert list(entry) == NAMES
        assert (parse_number(entry["lam"]), parse_number(entry["eps"])) == (row.lam, row.eps)
        for name, cell in zip(NAMES[4:], row.cells, strict=True):
            if isinstance(cell.value, Certified):
                assert Decimal(entry[name]["value"]) == cell.value.to_decimal()
                assert Decimal(entry[name]["error"]) == cell.value.error
                assert cell.value.exact is not None or Decimal(entry[name]["error"]) > 0
            else:
                value = None if cell.value is None else "never"
                assert entry[name] == {"value": value, "error": None, "reason": cell.reason}
                assert cell.reason


def test_text_columns_stand_under_their_heads() -> None:
    table = GrokkingTable(*MIXED, digits=30)
    lines = rendered(table, "text").splitlines()
    assert "eta = 0.01" in lines[0]
    rule = lines[3]
    starts = [k for k in range(len(rule)) if rule[k] == "-" and (k == 0 or rule[k - 1] == " ")]
    assert len(starts) == 11
    for line in lines[4:13]:
        for start in starts:
            assert line[start] != " "
            assert start == 0 or line[start - 1] == " "
    assert lines[13] == ""
    assert lines[14].startswith("[1] ")
    assert any("never" in line and "plateau" in line for line in lines)


def test_text_digits() -> None:
    (fields,) = (line.split() for line in rendered(GrokkingTable("0.9", "1e-3", digits=30), "text").splitlines()[4:])
    sizes = [len(field.lstrip("-").replace(".", "").lstrip("0").split("e")[0]) for field in fields[2:]]
    assert sizes == [30, 30, 30, 10, 3, 10, 3, 10, 3]


def test_markdown_is_a_pipe_table() -> None:
    lines = rendered(GrokkingTable(*MIXED, digits=12), "markdown").splitlines()
    assert all(line.count("|") == 13 for line in lines[2:13])
    assert set(lines[3]) == {"|", "-"}
    assert lines[14].startswith("- [1] ")


def test_latex_is_a_tabular() -> None:
    lines = rendered(GrokkingTable(*MIXED, digits=12), "latex").splitlines()
    assert lines[2] == r"\begin{tabular}{lllllllllll}"
    rows = lines[lines.index(r"\midrule") + 1 : lines.index(r"\bottomrule")]
    assert len(rows) == 9
    for row in rows:
        body = row.split(r" \\")[0]
        assert body.count("&") == 10
        assert body.count("$") % 2 == 0
        assert "e-" not in body
    assert any(r"\times10^{-" in row for row in rows)
    assert lines[lines.index(r"\bottomrule") + 1] == r"\end{tabular}"


def test_notes_stay_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    original = LinearTeacherStudent.grokking_time
    calls = iter(range(10**6))

    def failing(self: LinearTeacherStudent, eps: Fraction, **options: object) -> object:
        if options["method"] == "lambert":
            raise PrecisionError(f"failure {next(calls)}")
        return original(self, eps, **options)

    monkeypatch.setattr(LinearTeacherStudent, "grokking_time", failing)
    text = rendered(GrokkingTable("0.5", f"1:{MAX_NOTES + 5}:1", digits=3), "text")
    rows, foot = text.split("\n\n")[1:]
    assert len(foot.splitlines()) == MAX_NOTES
    assert "failure" in rows


@pytest.mark.parametrize("style", list(LAYOUTS))
def test_every_layout_is_ascii_and_ends_its_last_line(style: str) -> None:
    text = rendered(GrokkingTable(*MIXED, digits=3), style)
    assert text.isascii()
    assert text.endswith("\n")


def test_a_relative_error_of_few_digits_was_called_smaller_than_it_is() -> None:
    """1.25e-998 at the most digits tried proves some of its digits, whose error was given as its bound."""

    def close(digits: int) -> Certified:
        with working_precision(3400):
            return Certified((1 + arb("1.25") * arb(10) ** -998) * arb(1, arb(10) ** -digits), digits)

    one = Certified.from_exact(1, 1000)
    found = relative_error(lambda digits: one, close, 30, 5, "time").value
    assert isinstance(found, Certified)
    assert 0 < found.digits < 5
    with working_precision(3400):
        assert found.ball().overlaps(arb("1.25") * arb(10) ** -998)
    none = relative_error(
        lambda digits: one, lambda digits: Certified(arb(1, arb(10) ** -digits), digits), 30, 5, "time"
    )
    assert none.value is None
    assert none.reason is not None
    assert "modulus is below" in none.reason


# --- streaming


class Interrupting(GrokkingTable):
    """A table that is interrupted after two rows."""

    def rows(self) -> Iterator[Row]:
        for count, row in enumerate(super().rows()):
            if count == 2:
                raise KeyboardInterrupt
            yield row


def test_rows_come_one_at_a_time_and_the_file_is_named_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    partial = tmp_path / "table.csv.partial"
    table = GrokkingTable("0.5:0.7:0.1", "1e-3", digits=5)
    seen = []

    def tick() -> None:
        seen.append(len(partial.read_text().splitlines()))
        assert not path.exists()

    with RowSink(str(path)) as sink:
        assert stream(table, layout("csv", table), sink, tick) == 0
    assert seen == [2, 3, 4]
    assert sink.rows == 3
    assert not partial.exists()
    assert path.read_text() == rendered(table, "csv")


@pytest.mark.parametrize("style", list(LAYOUTS))
def test_an_interrupted_table_is_kept_and_readable(style: str, tmp_path: Path) -> None:
    path = tmp_path / "table"
    path.write_text("what was there before")
    table = Interrupting("0.5:0.7:0.1", "1e-3", digits=5)
    with RowSink(str(path)) as sink, pytest.raises(KeyboardInterrupt):
        stream(table, layout(style, table), sink)
    assert sink.rows == 2
    assert path.read_text() == "what was there before"
    text = (tmp_path / "table.partial").read_text()
    shorter = rendered(GrokkingTable("0.5:0.6:0.1", "1e-3", digits=5), style)
    assert text == shorter.replace("0.5:0.6", "0.5:0.7").replace('"rows": 2', '"rows": 3')


def test_a_link_is_followed_and_a_device_is_written_directly(tmp_path: Path) -> None:
    target = tmp_path / "target.csv"
    link = tmp_path / "link.csv"
    target.write_text("old")
    link.symlink_to(target)
    with RowSink(str(link)) as sink:
        sink.write_row("new\n")
        sink.commit()
    assert link.is_symlink()
    assert target.read_text() == "new\n"
    with RowSink(os.devnull) as sink:
        sink.write_row("row\n")
        sink.commit()
    assert not os.path.isfile(os.devnull)


@pytest.mark.parametrize("path", ["", "missing/table.csv", "file/table.csv"])
def test_a_path_that_cannot_be_written_is_refused_when_opened(path: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file, not a directory")
    with pytest.raises(OSError, match=r"directory|Directory"):
        RowSink(str(tmp_path / path))


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 60), st.sampled_from(["0.3", "1", "1.5"]), st.sampled_from(["1e-3", "1e-9"]))
def test_machine_formats_agree_at_any_digits(digits: int, lam: str, eps: str) -> None:
    table = GrokkingTable(lam, eps, digits=digits)
    (record,) = csv.DictReader(io.StringIO(rendered(table, "csv")))
    (entry,) = json.loads(rendered(table, "json"))["rows"]
    for name in NAMES[4:]:
        assert record[name] == (entry[name]["value"] or "")
