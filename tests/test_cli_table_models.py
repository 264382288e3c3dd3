"""``grokmath table`` for each model, and the regression model's knobs."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction

import pytest

import grokmath as gm

from .command_line import Run


def test_the_options_shown_are_those_of_the_models() -> None:
    from grokmath.cli.options import MODELS as OPTIONS
    from grokmath.tables import MODELS, table_model

    assert tuple(OPTIONS) == MODELS
    for name in MODELS:
        model = table_model(name)
        parameters = (*model.axes, *model.constants)
        assert [option.name for option in OPTIONS[name]] == [parameter.name for parameter in parameters]
        assert [option.is_grid for option in OPTIONS[name]] == [parameter in model.axes for parameter in parameters]
        for option, parameter in zip(OPTIONS[name], parameters, strict=True):
            assert option.default == (parameter.default or "erf(sqrt(2))")


def test_two_point_table(run: Run) -> None:
    arguments = ["table", "--model", "two-point", "--lam", "0.45,1/2,0.7", "--eps", "1e-4", "--digits", "12"]
    status, out, err = run(*arguments, "--format", "csv")
    assert (status, err) == (0, "grokmath: 3 rows (3 lam x 1 sigma x 1 eps), 12 digits\n")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [row["log_ratio"] for row in rows] == ["1.78578121668", "3.40795823236", "never"]
    assert [row["quasi_static"] for row in rows] == ["2.57937807101", "", ""]
    assert "without bound" in rows[2]["reason"]
    for style in ("text", "json", "latex", "markdown"):
        status, out, _ = run(*arguments, "--format", style)
        assert status == 0
        assert "never" in out
        assert out.isascii()


def test_logistic_table_warns_where_the_weights_are_not_at_rest(run: Run) -> None:
    arguments = ["table", "--model", "logistic", "--lam", "0.45,1/2,0.7", "--eps", "1e-6", "--digits", "8"]
    status, out, _ = run(*arguments, "--sigma", "1,10", "--json")
    assert status == 0
    record = json.loads(out)
    assert record["parameters"]["criterion"] == "exponential"
    early, rest, critical, _, separable, _ = record["rows"]
    assert rest["log_ratio"]["value"] == "6.2371563"
    assert rest["equilibration"]["value"] == "74.061213"
    assert "reason" not in rest["equilibration"]
    assert "not at rest" in early["equilibration"]["reason"]
    assert critical["gen"]["value"] is None
    assert separable["gen"]["value"] == "never"
    status, out, _ = run(*arguments, "--criterion", "accuracy", "--sigma", "1")
    assert status == 0
    assert "come to rest" in out


# --- the regression model's knobs


def test_vary_sweeps_one_knob(run: Run) -> None:
    from grokmath.cli.options import SWEEPS

    for name, grid in SWEEPS.items():
        status, out, err = run("table", "--vary", name.replace("_", "-"), "--digits", "6", "--format", "csv")
        assert status == 0
        rows = list(csv.DictReader(io.StringIO(out)))
        assert err.startswith(f"grokmath: {len(rows)} rows (")
        if ":" not in grid:
            assert [Fraction(row[name]) for row in rows] == [Fraction(value) for value in grid.split(",")]
        fixed = {other: value for other, value in {"lam": "0.9", "eps": "0.001"}.items() if other != name}
        assert all(row[other] == value for row in rows for other, value in fixed.items())


def test_a_table_of_knobs_is_what_python_gives(run: Run) -> None:
    knobs = ["--d-out", "1,3", "--weight-decay", "0.001", "--init-scale", "2", "--label-noise", "0.001"]
    out = run("table", "--lam", "0.5", "--eps", "0.01", *knobs, "--digits", "12", "--format", "csv").out
    for row, d_out in zip(csv.DictReader(io.StringIO(out)), (1, 3), strict=True):
        model = gm.LinearTeacherStudent(
            "0.5", "0.01", d_out=d_out, weight_decay="0.001", init_scale=2, label_noise="0.001"
        )
        times = model.grokking_time("0.01", digits=12)
        assert (row["train"], row["gen"], row["delta"]) == (str(times.train), str(times.gen), str(times.delta))
        assert row["decay_convention"] == "paper"


def test_never_has_its_reason_beside_it(run: Run) -> None:
    out = run("table", "--weight-decay", "0.002", "--digits", "6").out
    assert "stays above its limit 0.000359960" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["table", "--d-out", "0"], "d_out"),
        (["table", "--d-out", "1:2:0.5"], "d_out"),
        (["table", "--weight-decay", "-1"], "weight_decay"),
        (["table", "--label-noise", "-1e-3"], "label_noise"),
        (["table", "--init-scale", "inf"], "init_scale"),
        (["table", "--decay-convention", "other"], "decay_convention"),
        (["table", "--vary", "gamma"], "lam, eps, d-out, weight-decay, init-scale, label-noise"),
        (["table", "--model", "two-point", "--vary", "lam"], "--lam GRID"),
        (["table", "--model", "logistic", "--d-out", "2"], "does not take --d-out"),
        (["eval", "gen-loss", "--lam", "1", "--eta", "1", "--t", "1", "--d-out", "2.5"], "d_out"),
        (["eval", "gen-loss", "--lam", "1", "--eta", "1", "--t", "1", "--weight-decay", "-1"], "weight_decay"),
        (["eval", "gen-loss", "--lam", "1", "--eta", "1", "--t", "1", "--init-scale", "nan"], "init_scale"),
        (["eval", "gen-loss", "--lam", "1", "--eta", "1", "--t", "1", "--noise-model", "printed"], "noise_model"),
    ],
)
def test_bad_knobs_are_one_line(arguments: list[str], said: str, run: Run) -> None:
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert said in err
