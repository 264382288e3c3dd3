"""The command line: what it prints, where, and its exit status."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import pytest
import sympy

import grokmath as gm
from grokmath import cli
from grokmath.quantities import QUANTITIES

COMMAND = [sys.executable, "-m", "grokmath"]
SMALL = ["table", "--lam", "0.5", "--eps", "1e-3", "--digits", "5"]


class Outcome(NamedTuple):
    status: int
    out: str
    err: str


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    def call(*arguments: str) -> Outcome:
        status = cli.main(list(arguments))
        return Outcome(status, *capsys.readouterr())

    return call


def process(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=60, **options)  # type: ignore[call-overload,no-any-return]


# --- bad input

LOSS = ["eval", "gen-loss", "--lam", "0.9", "--eta", "0.01"]
TIME = ["eval", "grokking-time", "--eta", "0.01", "--eps", "1e-3"]

BAD = [
    [],
    [""],
    ["--foo"],
    ["tabel"],
    ["verified"],
    ["-1"],
    # grids
    ["table", "--lam", ""],
    ["table", "--eps", ""],
    ["table", "--lam", "0:1:0"],
    ["table", "--lam", "0.1:0.9:0"],
    ["table", "--lam", "0.9:0.1:0.1"],
    ["table", "--lam", "0.1:0.9:-0.1"],
    ["table", "--lam", "0:1:1e-300"],
    ["table", "--lam", "1e-300:1:1e-300"],
    ["table", "--lam", "1e-9:1:1e-9"],
    ["table", "--lam", "1e-9:1:1e-9", "--format", "latex"],
    ["table", "--lam", "1:1000000:1e-6", "--eps", "1:1000000:1e-6", "--format", "csv"],
    ["table", "--lam", "0.1,,0.2"],
    ["table", "--lam", "0.1:0.2"],
    ["table", "--lam", "1/0"],
    ["table", "--lam", "-0.1:0.9:0.1"],
    ["table", "--lam", "0"],
    ["table", "--lam", "1000001"],
    ["table", "--lam", "nan"],
    ["table", "--lam", "-inf"],
    ["table", "--lam", "1+1j"],
    ["table", "--lam", "__import__('os').system('true')"],
    ["table", "--lam", "0.5\n0.6"],
    ["table", "--lam", "\x1b[31m"],
    ["table", "--lam", "9" * 30_000],
    ["table", "--eps", "1e999999999"],
    ["table", "--eps", "1e-999999999"],
    ["table", "--eps", "0"],
    ["table", "--eps", "-1e-3"],
    # the other options of table
    ["table", "--model", "three-point"],
    ["table", "--model", ""],
    ["table", "--model"],
    ["table", "--sigma", "1"],
    ["table", "--model", "two-point", "--accuracy", "0.9"],
    ["table", "--model", "two-point", "--lam", "1.1"],
    ["table", "--model", "two-point", "--lam", "-0.1"],
    ["table", "--model", "two-point", "--sigma", "0"],
    ["table", "--model", "two-point", "--sigma", "1e200"],
    ["table", "--model", "two-point", "--S0", "1e9"],
    ["table", "--model", "two-point", "--S0", "S*"],
    ["table", "--model", "two-point", "--b0", "nan"],
    ["table", "--model", "logistic", "--eps", "1"],
    ["table", "--model", "logistic", "--criterion", "loss"],
    ["table", "--model", "logistic", "--lam", "0"],
    ["table", "--eta", "0"],
    ["table", "--eta", "-1"],
    ["table", "--eta", "0.01,0.02"],
    ["table", "--eta", ""],
    ["table", "--accuracy", "0"],
    ["table", "--accuracy", "1"],
    ["table", "--accuracy", "-0.5"],
    ["table", "--accuracy", "erf(sqrt(2))"],
    ["table", "--digits", "0"],
    ["table", "--digits", "-3"],
    ["table", "--digits", "2.5"],
    ["table", "--digits", "1000000000"],
    ["table", "--digits", "9" * 5000],
    ["table", "--digits", "--5"],
    ["table", "--digits", "fifty"],
    ["table", "--digits", ""],
    ["table", "--format", "xls"],
    ["table", "--format", ""],
    ["table", "--format", "csv", "--json"],
    ["table", "--lam"],
    ["table", "-o"],
    ["table", "--foo", "3"],
    ["table", "--dig", "5"],
    ["table", "extra"],
    ["table", "-o", ""],
    ["table", "-o", "/nonexistent/directory/table.csv"],
    ["table", "-o", os.getcwd()],
    # eval
    ["eval"],
    ["eval", ""],
    ["eval", "no-such-thing"],
    ["eval", "x" * 100_000],
    ["eval", "--lam", "0.9"],
    ["eval", "gen-loss"],
    [*LOSS],
    [*LOSS, "--t"],
    [*LOSS, "--t", "1", "--x", "2"],
    [*LOSS, "--t", "1", "--foo", "2"],
    [*LOSS, "--t", "1", "extra"],
    [*LOSS, "--t", "-1e-3"],
    [*LOSS, "--t=-1e-3"],
    [*LOSS, "--t", "-1"],
    [*LOSS, "--t", "nan"],
    [*LOSS, "--t", "inf"],
    [*LOSS, "--t", "-inf"],
    [*LOSS, "--t", "1e999999999"],
    [*LOSS, "--t", "2 + 3"],
    [*LOSS, "--t", "1j"],
    [*LOSS, "--t", ""],
    [*LOSS, "--t", "1", "--digits", "0"],
    [*LOSS, "--t", "1", "--digits", "-3"],
    [*LOSS, "--t", "1", "--digits", "2.5"],
    [*LOSS, "--t", "1", "--digits", "1000000000"],
    ["eval", "gen-loss", "--lam", "0", "--eta", "1", "--t", "1"],
    ["eval", "gen-loss", "--lam", "-1", "--eta", "1", "--t", "1"],
    ["eval", "gen-loss", "--lam", "1/0", "--eta", "1", "--t", "1"],
    ["eval", "gen-loss", "--lam", "1", "--eta", "0", "--t", "1"],
    ["eval", "gen-accuracy", "--lam", "1", "--eta", "1", "--t", "1", "--eps", "0"],
    [*TIME, "--lam", "1", "--method", "magic"],
    [*TIME, "--lam", "1", "--accuracy", "2"],
    ["eval", "two-point-weight", "--lam", "0.3"],
    ["eval", "two-point-weight", "--lam", "0.3", "--t", "1", "--log_t", "0"],
    ["eval", "two-point-weight", "--lam", "1.5", "--t", "1"],
    ["eval", "two-point-weight", "--lam", "0.3", "--t", "-1"],
    ["eval", "two-point-weight", "--lam", "0.3", "--t", "1", "--sigma", "0"],
    ["eval", "two-point-time-at-weight", "--lam", "0.3", "--S", "1"],
    ["eval", "two-point-minimizer", "--lam", "0.5"],
    ["eval", "two-point-grokking-time", "--lam", "0.3", "--eps", "1e-3", "--method", "lambert"],
    ["eval", "logistic-grokking-time", "--lam", "0.6", "--eps", "1e-3"],
    ["eval", "logistic-grokking-time", "--lam", "0.4", "--eps", "1e-3", "--criterion", "loss"],
    ["eval", "marcum-q", "--a", "-1", "--b", "1"],
    ["eval", "marcum-q", "--a", "1", "--b", "1", "--m", "0"],
    ["eval", "lambert-w", "--x", "-inf"],
    ["eval", "lambert-w", "--x", "0", "--branch", "-1"],
    ["eval", "lambert-w", "--x", "1", "--branch", "1/2"],
    ["eval", "lambert-w", "--x", "1", "--branch", "1e1000"],
    ["eval", "marchenko-pastur-pdf", "--lam", "0", "--x", "1"],
    ["eval", "marchenko-pastur-moment", "--lam", "1", "--k", "2.5"],
    ["eval", "marchenko-pastur-moment", "--lam", "1", "--k", "1e1000000"],
]


def _name(arguments: list[str]) -> str:
    return " ".join(arguments)[:70].encode("unicode_escape").decode()


@pytest.mark.parametrize("arguments", BAD, ids=_name)
def test_bad_input_is_one_line_and_status_2(arguments: list[str], run: Callable[..., Outcome]) -> None:
    start = time.perf_counter()
    status, out, err = run(*arguments)
    assert status == 2
    assert out == ""
    assert err.count("\n") == 1
    assert err.endswith("\n")
    assert err.startswith("grokmath: ")
    assert "usage" not in err
    assert "fault" not in err
    assert err.rstrip("\n").isprintable()
    assert len(err) < 1000
    assert time.perf_counter() - start < 5


def test_bad_input_in_a_process_leaves_no_traceback() -> None:
    for arguments in (["eval", "gen-loss", "--lam", "0.9", "--eta", "1", "--t", "-1e-3"], ["table", "--lam", "0:1:0"]):
        result = process(*arguments)
        assert (result.returncode, result.stdout) == (2, "")
        assert result.stderr.startswith("grokmath: ")
        assert result.stderr.count("\n") == 1


def test_messages_name_value_domain_and_remedy(run: Callable[..., Outcome]) -> None:
    err = run(*LOSS, "--t", "-1e-3").err.rstrip("\n")
    assert err == "grokmath: gen_loss: t = '-1e-3' is not allowed (needed: a number >= 0); choose a value in this range"
    assert "did you mean 'grokking-time'?" in run("eval", "groking-time").err
    assert "did you mean 'gen-loss'?" in run("eval", "gen_loss").err
    assert "did you mean 'table'?" in run("tabel").err
    assert "did you mean 'latex'?" in run("table", "--format", "latx").err
    err = run("eval", "gen-loss", "--lam", "0.9", "--x", "1", "--foo=2").err
    assert "lacks --t and does not take --x '--foo=2'" in err
    assert "its options are --lam LAM --t T [--eta ETA] [--d-out D_OUT]" in err


# --- help and version


@pytest.mark.parametrize("arguments", [["--help"], ["table", "--help"], ["eval", "--help"], ["-h"]])
def test_help(arguments: list[str], run: Callable[..., Outcome]) -> None:
    status, out, err = run(*arguments)
    assert (status, err) == (0, "")
    assert out.startswith("usage: grokmath")


def test_version(run: Callable[..., Outcome]) -> None:
    assert run("--version") == (0, f"grokmath {gm.__version__}\n", "")


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from grokmath.cli import main;"
        "main(['--help']); main(['table', '--help']); main(['eval', '--list']);"
        "heavy = {'numpy', 'scipy', 'sympy', 'mpmath', 'flint', 'tqdm'} & set(sys.modules); sys.exit(len(heavy))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=60)


def test_table_imports_flint_alone() -> None:
    code = (
        f"import sys; from grokmath.cli import main; main({SMALL!r});"
        "heavy = {'numpy', 'scipy', 'sympy', 'mpmath', 'tqdm'} & set(sys.modules); sys.exit(len(heavy))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=60)


# --- eval


def test_list_is_the_registry(run: Callable[..., Outcome]) -> None:
    out = run("eval", "--list").out
    assert [line.split()[0] for line in out.splitlines() if line[0] != " "] == list(QUANTITIES)
    records = json.loads(run("eval", "--list", "--json").out)
    assert [record["quantity"] for record in records] == list(QUANTITIES)
    for record in records:
        quantity = QUANTITIES[record["quantity"]]
        assert (record["needed"], record["optional"]) == (list(quantity.needed), quantity.optional)
        assert record["help"]


VALUES = [
    # tests of the wiring: closed values, and one published digit string each for the rest
    ("train-loss --lam 0.9 --eta 0.01 --t 0", "1.0000000000"),
    ("gen-loss --lam 9/10 --eta 0.01 --t 250", "0.14140681427"),
    ("log-train-loss --lam 1 --eta 1 --t 0", "0"),
    ("log-gen-loss --lam 1 --eta 1 --t 0", "0"),
    ("marcum-q --a 0 --b 2", "0.13533528324"),
    ("marcum-p --a 0 --b 2 --m 1", "0.86466471676"),
    ("log-marcum-q --a 0 --b 2", "-2.0000000000"),
    ("lambert-w --x 1", "0.56714329041"),
    ("lambert-w --x -0.1 --branch -1", "-3.5771520640"),
    ("marchenko-pastur-pdf --lam 1 --x 1", "0.27566444771"),
    ("marchenko-pastur-cdf --lam 2 --x 0", "0.50000000000"),
    ("marchenko-pastur-moment --lam 0.5 --k 2", "1.5000000000"),
]


@pytest.mark.parametrize(("command", "value"), VALUES)
def test_values(command: str, value: str, run: Callable[..., Outcome]) -> None:
    status, out, err = run("eval", *command.split(), "--digits", "11")
    assert (status, out, err) == (0, value + "\n", "")


SERIES = {"order": "2", "lam": "1.5", "s": "40"}
DIRECT: dict[str, tuple[dict[str, str], Callable[[], object]]] = {
    # what the table of names below does not reach by a rule: the options, and the same in Python
    "gen-minimum": (
        {"lam": "0.9", "eta": "1/4", "label_noise": "0.3"},
        lambda: gm.LinearTeacherStudent("0.9", "1/4", label_noise="0.3").gen_minimum(digits=50),
    ),
    "train-limit": (
        {"lam": "0.9", "weight_decay": "0.1"},
        lambda: gm.LinearTeacherStudent("0.9", weight_decay="0.1").train_limit(digits=50),
    ),
    "gen-limit": (
        {"lam": "1.5", "weight_decay": "0.1"},
        lambda: gm.LinearTeacherStudent("1.5", weight_decay="0.1").gen_limit(digits=50),
    ),
    "optimal-weight-decay": (
        {"lam": "0.9", "label_noise": "0.3"},
        lambda: gm.LinearTeacherStudent("0.9", label_noise="0.3").optimal_weight_decay(digits=50).weight_decay,
    ),
    "weight-decay-window": (
        {"lam": "0.9", "eps": "0.1", "label_noise": "0.06"},
        lambda: gm.weight_decay_window("0.9", "0.1", label_noise="0.06", digits=50),
    ),
    "temporary-label-noise": (
        {"lam": "0.5", "eps": "1e-3"},
        lambda: gm.temporary_label_noise("0.5", "1e-3", digits=50),
    ),
    "largest-grokking-time": (
        {"lam": "0.9", "eps": "1e-2"},
        lambda: gm.largest_grokking_time("0.9", "1e-2", digits=50),
    ),
    "outputs-met-at-once": ({"eps": "1e-2", "accuracy": "0.95"}, lambda: 122),
    "smallest-generalizing-outputs": ({"lam": "1.1", "eps": "1e-3", "accuracy": "0.95"}, lambda: 112),
    "two-layer-train-loss": (
        {"lam": "0.9", "d_in": "100", "d_h": "50", "d_out": "2", "t": "10"},
        lambda: gm.TwoLayerLinear("0.9", 100, 50, 2).train_loss(10, digits=50),
    ),
    "two-layer-gen-loss": (
        {"lam": "0.9", "d_in": "100", "d_h": "50", "d_out": "2", "t": "10"},
        lambda: gm.TwoLayerLinear("0.9", 100, 50, 2).gen_loss(10, digits=50),
    ),
    "two-layer-grokking-time": (
        {"lam": "0.9", "d_in": "100", "d_h": "50", "d_out": "2", "eps": "1e-4"},
        lambda: gm.TwoLayerLinear("0.9", 100, 50, 2).grokking_time("1e-4", digits=50),
    ),
    "modular-aspect-ratio": ({"alpha": "1/3", "p": "48"}, lambda: gm.modular_aspect_ratio("1/3", 48, digits=50)),
    "modular-training-fraction": (
        {"lam": "1/3", "p": "48"},
        lambda: gm.modular_training_fraction("1/3", 48, digits=50),
    ),
    "two-layer-train-accuracy": (
        {"lam": "0.9", "d_in": "100", "d_h": "50", "d_out": "2", "t": "10", "eps": "1e-3"},
        lambda: gm.TwoLayerLinear("0.9", 100, 50, 2).train_accuracy(10, eps="1e-3", digits=50),
    ),
    "two-layer-gen-accuracy": (
        {"lam": "0.9", "d_in": "100", "d_h": "50", "d_out": "2", "t": "10", "eps": "1e-3", "eta": "1"},
        lambda: gm.TwoLayerLinear("0.9", 100, 50, 2, 1).gen_accuracy(10, eps="1e-3", digits=50),
    ),
    "train-loss-series": (SERIES, lambda: gm.train_loss_series(2, "1.5", "40", digits=50)),
    "gen-loss-series": (SERIES, lambda: gm.gen_loss_series(2, "1.5", "40", digits=50)),
    "uniform-gen-loss-series": (SERIES, lambda: gm.gen_loss_series(2, "1.5", "40", uniform=True, digits=50)),
    "train-remainder-bounds": (SERIES, lambda: gm.train_remainder_bounds(2, "1.5", "40", digits=50)),
    "gen-remainder-bounds": (SERIES, lambda: gm.gen_remainder_bounds(2, "1.5", "40", digits=50)),
    "uniform-gen-remainder-bounds": (
        SERIES,
        lambda: gm.gen_remainder_bounds(2, "1.5", "40", uniform=True, digits=50),
    ),
    "bivariate-normal-cdf": (
        {"h": "0.5", "k": "-1", "rho": "1/3"},
        lambda: gm.bivariate_normal_cdf("0.5", -1, "1/3", digits=50),
    ),
    "log-bivariate-normal-cdf": (
        {"h": "0.5", "k": "-1", "rho": "1/3"},
        lambda: gm.log_bivariate_normal_cdf("0.5", -1, "1/3", digits=50),
    ),
    "wendel-approximation-error": (
        {"N": "100", "d": "40", "method": "second"},
        lambda: gm.wendel_approximation_error(100, 40, "second", digits=50),
    ),
    "wendel-probability-exact": ({"N": "10", "d": "3"}, lambda: Fraction(23, 256)),
    "one-label-problem": ({"mu": "2", "sigma": "3"}, lambda: gm.one_label_problem(2, 3, digits=50)),
    "two-gaussians-problem": ({"mu": "2", "sigma": "3"}, lambda: gm.two_gaussians_problem(2, 3, digits=50)),
    "unit-variance-problem": ({"sigma": "3"}, lambda: gm.unit_variance_problem(3, digits=50)),
    "near-critical-norm": ({"lam": "0.49"}, lambda: gm.near_critical_norm("0.49", digits=50)),
    "critical-gamma-ratio": ({}, lambda: gm.evaluate(sympy.sqrt(2) * sympy.exp(-sympy.EulerGamma / 2), digits=50)),
}


@pytest.mark.parametrize("name", list(DIRECT))
def test_quantities_of_several_parts_or_kinds(name: str, run: Callable[..., Outcome]) -> None:
    given, expected = DIRECT[name]
    options = [text for key, value in given.items() for text in (f"--{key.replace('_', '-')}", value)]
    plain = run("eval", name, *options)
    record = json.loads(run("eval", name, *options, "--json").out)
    assert (plain.status, plain.err) == (0, "")
    value = expected()
    parts = QUANTITIES[name].parts
    if parts:
        found = {part: getattr(value, part) for part in parts}
        lines = dict(line.split() for line in plain.out.splitlines())
        assert lines == {part: "never" if number == math.inf else str(number) for part, number in found.items()}
        assert {part: record[part]["value"] for part in parts} == lines
    else:
        assert plain.out == f"{value}\n"
        assert record["value"] == str(value)
    assert set(record["parameters"]) == set(QUANTITIES[name].parameters)


@pytest.mark.parametrize("name", [name for name in QUANTITIES if name not in DIRECT])
def test_every_quantity_prints_what_python_gives(name: str, run: Callable[..., Outcome]) -> None:
    sample = {"lam": "0.9", "eta": "0.01", "t": "250", "eps": "1e-3", "a": "1.5", "b": "2", "x": "0.5", "k": "3"}
    sample |= {"R": "2", "kappa": "0.5", "N": "100", "d": "40", "S": "0.25", "h": "0.5", "p": "0.3", "r": "0.9"}
    sample |= {"S_1": "1", "S_perp": "2"}
    sample |= {"tau": "3"}
    inseparable = ("minimizer-norm", "minimal-loss", "positive-fraction", "relaxation-exponent")
    inseparable += ("hessian-edge", "gamma", "log-time-ratio")
    if name in inseparable or name.startswith(("two-point", "logistic")):
        sample["lam"] = "0.4"
    quantity = QUANTITIES[name]
    arguments = {key: sample[key] for key in quantity.needed}
    if "t" in quantity.optional:
        arguments["t"] = sample["t"]
    options = [text for key, value in arguments.items() for text in (f"--{key}", value)]
    plain = run("eval", name, *options)
    record = json.loads(run("eval", name, *options, "--json").out)
    assert (plain.status, plain.err) == (0, "")
    assert record["quantity"] == name
    assert record["digits"] == 50
    assert record["version"] == gm.__version__
    assert set(record["parameters"]) == set(quantity.parameters)
    if quantity.parts:
        lines = dict(line.split() for line in plain.out.splitlines())
        told = {part: record[part]["value"] for part in quantity.parts}
        assert {part: value for part, value in told.items() if value is not None} == lines
        assert record.get("reason") is None
        assert record["parameters"].get("accuracy", "erf(sqrt(2))") == "erf(sqrt(2))"
        if name != "grokking-time":
            model: object = gm.TwoPointModel("0.4") if name.startswith("two") else gm.LogisticModel("0.4")
            method = name.removeprefix("two-point-").removeprefix("logistic-").replace("-", "_")
            given = [value for key, value in arguments.items() if key != "lam"]
            expected = getattr(model, method)(*given, digits=50)
            assert lines == {part: str(getattr(expected, part)) for part in quantity.parts}
        return
    assert record["value"] == plain.out.strip()
    assert Decimal(record["error"]) >= 0
    head, _, tail = name.partition("pastur-")
    if tail:
        direct = getattr(gm.MarchenkoPastur("0.9"), tail)
        expected = direct(3 if tail == "moment" else "0.5", digits=50)
    elif name.startswith("two-point-"):
        reading = getattr(gm.TwoPointModel("0.4"), name.removeprefix("two-point-").replace("-", "_"))
        expected = reading(**{key: value for key, value in arguments.items() if key != "lam"}, digits=50)
    elif name.endswith(("-loss", "-accuracy")) and "eta" in quantity.optional:
        model = gm.LinearTeacherStudent(lam="0.9", eta="0.01")
        rest = {key: value for key, value in arguments.items() if key != "lam"}
        expected = getattr(model, head.replace("-", "_"))(**rest, digits=50)
    elif "sigma" in quantity.optional:
        expected = getattr(gm.LogisticModel(**arguments), name.replace("-", "_"))(digits=50)
    else:
        expected = getattr(gm, head.replace("-", "_"))(**arguments, digits=50)
    assert record["value"] == str(expected)
    assert Decimal(record["error"]) == expected.error


def test_json_has_the_exact_parameters(run: Callable[..., Outcome]) -> None:
    record = json.loads(run("eval", "gen-loss", "--lam", "90/100", "--eta", "1e-2", "--t", "1/3", "--json").out)
    knobs = {"d_out": "1", "weight_decay": "0", "init_scale": "1", "label_noise": "0"}
    words = {"decay_convention": "paper", "noise_model": "exact"}
    assert record["parameters"] == {"lam": "0.9", "eta": "0.01", "t": "1/3", **knobs, **words}
    assert Decimal(0) < Decimal(record["error"]) < Decimal("1e-49")


def test_a_complex_value(run: Callable[..., Outcome]) -> None:
    plain = run("eval", "lambert-w", "--x", "-1", "--digits", "10")
    record = json.loads(run("eval", "lambert-w", "--x", "-1", "--digits", "10", "--json").out)
    assert (plain.status, plain.err) == (0, "")
    assert record["value"] == plain.out.strip() == f"{record['real']} + {record['imag']}*I"
    assert record["real"].startswith("-0.318131505")
    assert record["imag"].startswith("1.33723570")


def test_options_come_in_any_order(run: Callable[..., Outcome]) -> None:
    first = run("eval", "gen-loss", "--lam", "0.9", "--eta", "0.01", "--t", "250", "--digits", "20")
    second = run("eval", "--digits=20", "--t=250", "--eta=0.01", "--lam=0.9", "gen-loss")
    assert first == second
    assert first.out == "0.14140681426992441667\n"


def test_grokking_time_that_never_comes(run: Callable[..., Outcome]) -> None:
    status, out, err = run(*TIME, "--lam", "1.5", "--digits", "8")
    assert (status, err) == (0, "")
    lines = [line.split(maxsplit=1) for line in out.splitlines()]
    assert [line[0] for line in lines] == ["train", "gen", "delta", "reason"]
    assert lines[1][1] == lines[2][1] == "never"
    assert "plateau" in lines[3][1]
    record = json.loads(run(*TIME, "--lam", "1.5", "--json").out)
    assert record["gen"] == {"value": "never", "error": None}
    assert "plateau" in record["reason"]


def test_closed_form_outside_its_range_has_status_1(run: Callable[..., Outcome]) -> None:
    status, out, err = run(*TIME, "--lam", "1", "--method", "leading")
    assert (status, err) == (1, "")
    assert out.splitlines()[2].split() == ["delta", "none"]
    assert "lam" in out.splitlines()[3]
    status, out, _ = run(*TIME, "--lam", "1", "--method", "leading", "--json")
    assert status == 1
    assert json.loads(out)["delta"] == {"value": None, "error": None}
    status, out, _ = run(*TIME, "--lam", "0.9", "--method", "leading", "--digits", "10")
    assert (status, out) == (0, "delta  56385.93850\n")


def test_unreached_precision_has_status_1(run: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch) -> None:
    for failure in (gm.PrecisionError, gm.Undecidable):

        def fail(**_: object) -> None:
            raise failure("gen_loss: 50 digits were not reached")  # noqa: B023 - called in this turn of the loop

        monkeypatch.setitem(QUANTITIES, "gen-loss", QUANTITIES["gen-loss"]._replace(compute=fail))
        assert run(*LOSS, "--t", "1") == (1, "", "grokmath: gen_loss: 50 digits were not reached\n")


def test_a_fault_is_one_line_too(run: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError("two\nlines")

    monkeypatch.setitem(QUANTITIES, "gen-loss", QUANTITIES["gen-loss"]._replace(compute=fail))
    status, out, err = run(*LOSS, "--t", "1")
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert "RuntimeError" in err


def test_interrupted_eval(run: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setitem(QUANTITIES, "gen-loss", QUANTITIES["gen-loss"]._replace(compute=interrupt))
    assert run(*LOSS, "--t", "1") == (130, "", "grokmath: interrupted\n")


# --- table


def test_table_says_its_rows_before_it_starts(run: Callable[..., Outcome]) -> None:
    status, out, err = run("table", "--lam", "0.5,1", "--eps", "1e-3:3e-3:1e-3", "--digits", "5")
    assert (status, err) == (0, "grokmath: 6 rows (2 lam x 3 eps), 5 digits\n")
    assert len(out.split("\n\n")[1].splitlines()) == 8
    assert run(*SMALL).err == "grokmath: 1 row (1 lam x 1 eps), 5 digits\n"


def test_default_table(run: Callable[..., Outcome]) -> None:
    status, out, err = run("table", "--format", "csv")
    records = list(csv.DictReader(io.StringIO(out)))
    assert status == 0
    assert err == "grokmath: 33 rows (11 lam x 3 eps), 50 digits\n"
    assert len(records) == 33
    assert [record["delta"] for record in records].count("never") == 2
    assert all("plateau" in record["reason"] for record in records if record["delta"] == "never")
    by_key = {(record["lam"], record["eps"]): record for record in records}
    known = {("0.1", "0.001"): "23.26803162", ("0.5", "1e-12"): "651.3859088", ("0.9", "1e-6"): "42649.07994"}
    for key, digits in known.items():
        assert abs(Decimal(by_key[key]["delta"]) / Decimal(digits) - 1) < Decimal("1e-9")
    assert all(len(record["train"].replace(".", "").lstrip("0")) == 50 for record in records)


@pytest.mark.parametrize(
    ("options", "start"),
    [
        (["--format", "text"], "Grokking times"),
        (["--format", "csv"], "lam,eps,"),
        (["--format", "json"], "{"),
        (["--json"], "{"),
        (["--format", "latex"], "% Grokking times"),
        (["--format", "markdown"], "Grokking times"),
    ],
)
def test_formats_to_standard_output_and_to_a_file(
    options: list[str], start: str, run: Callable[..., Outcome], tmp_path: Path
) -> None:
    printed = run(*SMALL, *options)
    assert printed.status == 0
    assert printed.out.startswith(start)
    path = tmp_path / "table.any"
    assert run(*SMALL, *options, "-o", str(path)) == (0, "", printed.err)
    assert path.read_text() == printed.out
    assert list(tmp_path.iterdir()) == [path]
    assert run(*SMALL, *options, "-o", "-").out == printed.out


def test_suffix_chooses_the_format(run: Callable[..., Outcome], tmp_path: Path) -> None:
    starts = {"csv": "lam,", "json": "{", "tex": "%", "md": "Grokking", "txt": "Grokking", "CSV": "lam,"}
    for suffix, start in starts.items():
        path = tmp_path / f"table.{suffix}"
        assert run(*SMALL, "-o", str(path)).status == 0
        assert path.read_text().startswith(start)
    path = tmp_path / "table.csv"
    run(*SMALL, "--format", "json", "-o", str(path))
    json.loads(path.read_text())


def test_accuracy_reaches_the_table(run: Callable[..., Outcome]) -> None:
    (row,) = json.loads(run(*SMALL, "--accuracy", "0.95", "--json").out)["rows"]
    expected = gm.LinearTeacherStudent(lam="0.5", eta="0.01").grokking_time(eps="1e-3", accuracy="0.95", digits=5)
    assert row["accuracy"] == "0.95"
    assert row["delta"]["value"] == str(expected.delta)


def test_nothing_is_computed_before_the_output_is_open(
    run: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unexpected(*_: object, **__: object) -> None:
        raise AssertionError

    from grokmath.regression.linear import LinearTeacherStudent

    monkeypatch.setattr(LinearTeacherStudent, "grokking_time", unexpected)
    assert run("table", "-o", "/nonexistent/table.csv").status == 2


def test_a_row_without_proof_has_status_1(run: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch) -> None:
    from grokmath.regression.linear import LinearTeacherStudent

    def fail(*_: object, **__: object) -> None:
        raise gm.PrecisionError("grokking_time: 5 digits were not reached")

    monkeypatch.setattr(LinearTeacherStudent, "grokking_time", fail)
    status, out, err = run(*SMALL)
    assert status == 1
    assert "not reached" in out
    assert "1 of 1 rows" in err


def test_interrupted_table_in_process(
    run: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from grokmath.regression.linear import LinearTeacherStudent

    original = LinearTeacherStudent.grokking_time

    def interrupting(self: LinearTeacherStudent, eps: object, **options: object) -> object:
        if str(self.lam) == "7/10":
            raise KeyboardInterrupt
        return original(self, eps, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(LinearTeacherStudent, "grokking_time", interrupting)
    path = tmp_path / "t.csv"
    status, out, err = run("table", "--digits", "5", "--eps", "1e-3", "-o", str(path))
    assert (status, out) == (130, "")
    assert err.splitlines()[1] == f"grokmath: interrupted: 6 of 11 rows kept in {path}.partial"
    assert len(path.with_name("t.csv.partial").read_text().splitlines()) == 7
    assert not path.exists()
    status, out, err = run("table", "--digits", "5", "--eps", "1e-3", "--format", "csv")
    assert status == 130
    assert len(out.splitlines()) == 7
    assert err.splitlines()[1] == "grokmath: interrupted: 6 of 11 rows written"


# --- processes


def _wait_for_rows(path: Path, rows: int) -> None:
    for _ in range(600):
        if path.exists() and len(path.read_text().splitlines()) > rows:
            return
        time.sleep(0.05)
    pytest.fail("no rows came")


@pytest.mark.parametrize("ignored", [False, True])
def test_sigint_keeps_the_rows(ignored: bool, tmp_path: Path) -> None:
    """Also where the shell started the command in the background, with SIGINT ignored."""
    path = tmp_path / "long.csv"
    partial = tmp_path / "long.csv.partial"
    arguments = ["table", "--lam", "0.1:0.9:0.00001", "--digits", "50", "-o", str(path)]
    before = signal.signal(signal.SIGINT, signal.SIG_IGN) if ignored else None
    try:
        child = subprocess.Popen([*COMMAND, *arguments], stderr=subprocess.PIPE, text=True)
    finally:
        if before is not None:
            signal.signal(signal.SIGINT, before)
    _wait_for_rows(partial, 5)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=30)
    assert child.returncode == 130
    assert "Traceback" not in err
    rows = list(csv.DictReader(io.StringIO(partial.read_text())))
    assert err.splitlines()[-1] == f"grokmath: interrupted: {len(rows)} of 240003 rows kept in {partial}"
    assert all(Decimal(row["train"]) > 0 for row in rows)
    assert not path.exists()


def test_a_closed_pipe_ends_quietly() -> None:
    for arguments in (["table", "--lam", "0.1:0.9:0.0001", "--digits", "5"], ["eval", "--help"]):
        child = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.readline()
        child.stdout.close()
        err = child.stderr.read()
        child.stderr.close()
        assert child.wait(timeout=60) == 0
        assert err.count("\n") == (arguments[0] == "table")


@pytest.mark.parametrize("arguments", [SMALL, ["--help"], ["eval", "--list"]], ids=lambda arguments: arguments[-1])
def test_an_output_that_fails_is_one_line(arguments: list[str], tmp_path: Path) -> None:
    """The shell allows no file to grow: every write fails, also the last one at the end of the process."""
    script = ["sh", "-c", 'ulimit -f 0; exec "$@"', "sh"]
    with (tmp_path / "out").open("w") as out:
        result = subprocess.run(
            [*script, *COMMAND, *arguments], stdout=out, stderr=subprocess.PIPE, text=True, timeout=60, check=False
        )
    assert result.returncode == 2
    assert result.stderr.splitlines()[-1].startswith("grokmath: cannot write: File too large")
    assert "Exception" not in result.stderr
    path = tmp_path / "table"
    result = subprocess.run(
        [*script, *COMMAND, *SMALL, "-o", str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert result.returncode == 2
    line = f"grokmath: cannot write: File too large; 0 of 1 rows kept in {path}.partial"
    assert result.stderr.splitlines()[-1] == line


def _on_a_terminal(arguments: list[str], both: bool) -> tuple[int, str, str]:
    """Run with stderr (and stdout, if ``both``) on a pseudo-terminal: the status, what it showed, and stdout."""
    leader, follower = pty.openpty()
    child = subprocess.Popen([*COMMAND, *arguments], stderr=follower, stdout=follower if both else subprocess.PIPE)
    os.close(follower)
    shown = b""
    while True:
        try:
            piece = os.read(leader, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(leader)
    out = child.communicate(timeout=60)[0] or b""
    return child.returncode, shown.decode(), out.decode()


def test_progress_bar_on_a_terminal_only() -> None:
    arguments = ["table", "--lam", "0.1:0.9:0.1", "--eps", "1e-3", "--digits", "5", "--format", "csv"]
    plain = process(*arguments)
    assert "row/s" not in plain.stderr
    status, shown, out = _on_a_terminal(arguments, both=False)
    assert status == 0
    assert "%|" in shown
    assert "row/s" in shown
    assert out == plain.stdout
    status, shown, _ = _on_a_terminal(arguments, both=True)
    assert status == 0
    for line in plain.stdout.splitlines():
        assert line in shown


# --- tables of the other models


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


def test_two_point_table(run: Callable[..., Outcome]) -> None:
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


def test_logistic_table_warns_where_the_weights_are_not_at_rest(run: Callable[..., Outcome]) -> None:
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


def test_vary_sweeps_one_knob(run: Callable[..., Outcome]) -> None:
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


def test_a_table_of_knobs_is_what_python_gives(run: Callable[..., Outcome]) -> None:
    knobs = ["--d-out", "1,3", "--weight-decay", "0.001", "--init-scale", "2", "--label-noise", "0.001"]
    out = run("table", "--lam", "0.5", "--eps", "0.01", *knobs, "--digits", "12", "--format", "csv").out
    for row, d_out in zip(csv.DictReader(io.StringIO(out)), (1, 3), strict=True):
        model = gm.LinearTeacherStudent(
            "0.5", "0.01", d_out=d_out, weight_decay="0.001", init_scale=2, label_noise="0.001"
        )
        times = model.grokking_time("0.01", digits=12)
        assert (row["train"], row["gen"], row["delta"]) == (str(times.train), str(times.gen), str(times.delta))
        assert row["decay_convention"] == "paper"


def test_never_has_its_reason_beside_it(run: Callable[..., Outcome]) -> None:
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
def test_bad_knobs_are_one_line(arguments: list[str], said: str, run: Callable[..., Outcome]) -> None:
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert said in err


# --- a user's own points


def test_separability_of_a_file(run: Callable[..., Outcome], tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text("1,0\n-1,1\n-1,-1\n")
    status, out, err = run("separability", str(path))
    assert (status, err) == (0, "")
    assert "inseparable" in out.splitlines()[0]
    record = json.loads(run("separability", str(path), "--json").out)
    assert (record["verdict"], record["N"], record["d"], record["lam"]) == ("inseparable", 3, 2, "2/3")
    path.write_text("1,0\n1,1\n")
    record = json.loads(run("separability", str(path), "--json").out)
    assert record["verdict"] == "separable"
    assert record["margin"] == pytest.approx(1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "no file given"),
        (["none.csv"], "No such file"),
        (["words.csv"], "not a matrix of numbers"),
        (["points.csv", "--eta", "0"], "eta"),
        (["points.csv", "--eta", "fast"], "eta"),
        (["points.csv", "--feature-std", "-1"], "feature_std"),
        (["points.csv", "--sigma", "1"], "--sigma"),
        (["points.xls"], "convert it"),
    ],
)
def test_bad_points_are_one_line(
    arguments: list[str],
    said: str,
    run: Callable[..., Outcome],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "words.csv").write_text("1,2\n3,x\n")
    (tmp_path / "points.csv").write_text("1,2\n3,4\n")
    (tmp_path / "points.xls").write_text("1,2\n")
    status, out, err = run("separability", *arguments)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert said in err


def test_an_infinite_number_is_not_called_never(run: Callable[..., Outcome]) -> None:
    for arguments in (["critical-weight-decay", "--lam", "0.9", "--eps", "4"], ["gen-limit", "--lam", "1"]):
        noise = ["--label-noise", "0.1"] if "gen-limit" in arguments else []
        assert run("eval", *arguments, *noise).out == "inf\n"
        assert json.loads(run("eval", *arguments, *noise, "--json").out)["value"] == "inf"
    assert run("eval", "weight-decay-window", "--lam", "0.9", "--eps", "4").out == "low   0\nhigh  inf\n"


def test_a_window_that_is_empty_says_so(run: Callable[..., Outcome]) -> None:
    found = run("eval", "weight-decay-window", "--lam", "0.9", "--eps", "0.1", "--label-noise", "1")
    assert found.status == 1
    assert "reason no weight decay" in found.out
