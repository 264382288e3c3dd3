"""``grokmath eval``: every quantity, as text and as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pytest
import sympy

import grokmath as gm
from grokmath.quantities import QUANTITIES

from .command_line import LOSS, TIME, Run


def test_list_is_the_registry(run: Run) -> None:
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
def test_values(command: str, value: str, run: Run) -> None:
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
def test_quantities_of_several_parts_or_kinds(name: str, run: Run) -> None:
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
def test_every_quantity_prints_what_python_gives(name: str, run: Run) -> None:
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


def test_json_has_the_exact_parameters(run: Run) -> None:
    record = json.loads(run("eval", "gen-loss", "--lam", "90/100", "--eta", "1e-2", "--t", "1/3", "--json").out)
    knobs = {"d_out": "1", "weight_decay": "0", "init_scale": "1", "label_noise": "0"}
    words = {"decay_convention": "paper", "noise_model": "exact"}
    assert record["parameters"] == {"lam": "0.9", "eta": "0.01", "t": "1/3", **knobs, **words}
    assert Decimal(0) < Decimal(record["error"]) < Decimal("1e-49")


def test_a_complex_value(run: Run) -> None:
    plain = run("eval", "lambert-w", "--x", "-1", "--digits", "10")
    record = json.loads(run("eval", "lambert-w", "--x", "-1", "--digits", "10", "--json").out)
    assert (plain.status, plain.err) == (0, "")
    assert record["value"] == plain.out.strip() == f"{record['real']} + {record['imag']}*I"
    assert record["real"].startswith("-0.318131505")
    assert record["imag"].startswith("1.33723570")


def test_options_come_in_any_order(run: Run) -> None:
    first = run("eval", "gen-loss", "--lam", "0.9", "--eta", "0.01", "--t", "250", "--digits", "20")
    second = run("eval", "--digits=20", "--t=250", "--eta=0.01", "--lam=0.9", "gen-loss")
    assert first == second
    assert first.out == "0.14140681426992441667\n"


def test_grokking_time_that_never_comes(run: Run) -> None:
    status, out, err = run(*TIME, "--lam", "1.5", "--digits", "8")
    assert (status, err) == (0, "")
    lines = [line.split(maxsplit=1) for line in out.splitlines()]
    assert [line[0] for line in lines] == ["train", "gen", "delta", "reason"]
    assert lines[1][1] == lines[2][1] == "never"
    assert "plateau" in lines[3][1]
    record = json.loads(run(*TIME, "--lam", "1.5", "--json").out)
    assert record["gen"] == {"value": "never", "error": None}
    assert "plateau" in record["reason"]


def test_closed_form_outside_its_range_has_status_1(run: Run) -> None:
    status, out, err = run(*TIME, "--lam", "1", "--method", "leading")
    assert (status, err) == (1, "")
    assert out.splitlines()[2].split() == ["delta", "none"]
    assert "lam" in out.splitlines()[3]
    status, out, _ = run(*TIME, "--lam", "1", "--method", "leading", "--json")
    assert status == 1
    assert json.loads(out)["delta"] == {"value": None, "error": None}
    status, out, _ = run(*TIME, "--lam", "0.9", "--method", "leading", "--digits", "10")
    assert (status, out) == (0, "delta  56385.93850\n")


def test_unreached_precision_has_status_1(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for failure in (gm.PrecisionError, gm.Undecidable):

        def fail(**_: object) -> None:
            raise failure("gen_loss: 50 digits were not reached")  # noqa: B023 - called in this turn of the loop

        monkeypatch.setitem(QUANTITIES, "gen-loss", QUANTITIES["gen-loss"]._replace(compute=fail))
        assert run(*LOSS, "--t", "1") == (1, "", "grokmath: gen_loss: 50 digits were not reached\n")


def test_interrupted_eval(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setitem(QUANTITIES, "gen-loss", QUANTITIES["gen-loss"]._replace(compute=interrupt))
    assert run(*LOSS, "--t", "1") == (130, "", "grokmath: interrupted\n")


def test_an_infinite_number_is_not_called_never(run: Run) -> None:
    for arguments in (["critical-weight-decay", "--lam", "0.9", "--eps", "4"], ["gen-limit", "--lam", "1"]):
        noise = ["--label-noise", "0.1"] if "gen-limit" in arguments else []
        assert run("eval", *arguments, *noise).out == "inf\n"
        assert json.loads(run("eval", *arguments, *noise, "--json").out)["value"] == "inf"
    assert run("eval", "weight-decay-window", "--lam", "0.9", "--eps", "4").out == "low   0\nhigh  inf\n"


def test_a_window_that_is_empty_says_so(run: Run) -> None:
    found = run("eval", "weight-decay-window", "--lam", "0.9", "--eps", "0.1", "--label-noise", "1")
    assert found.status == 1
    assert "reason no weight decay" in found.out
