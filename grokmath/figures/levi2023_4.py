"""Levi, Beck, Bar Sinai, Figure 4: two-layer networks, linear and tanh."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from grokmath.figures.comparison import compared, departing, summary, trusted
from grokmath.figures.data import Array, Curve, FigureData, Panel
from grokmath.figures.regression_panels import number
from grokmath.regression.linear import LinearTeacherStudent
from grokmath.regression.two_layer import TwoLayerLinear
from grokmath.simulate.curves import Curve as SimulatedCurve
from grokmath.simulate.two_layer_lazy import Mean, linear_means, raised
from grokmath.simulate.two_layer_runs import ACTIVATIONS, TwoLayerRun, lazy_theory, two_layer

__all__ = ["compute"]

_WHY = "the theory leaves out the order d_out/d_h"


class _Found(NamedTuple):
    """Means over networks of one width and activation by curve, and one of the runs' records."""

    run: TwoLayerRun
    means: dict[str, Mean]


def compute(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> FigureData:
    """Losses and accuracies of linear and tanh networks; right: losses over the theory, very wide networks too."""
    unit = p["eta"] / p["paper_eta"]  # of the time axis: steps of the paper's size
    times = np.unique(np.rint(np.geomspace(1, round(p["last_step"] / unit), p["times"])))
    fine = np.unique(np.rint(np.geomspace(1, times[-1], 200)))
    panels: dict[str, list[Curve]] = {
        f"{a}_{part}": [] for part in ("losses", "accuracies", "ratio") for a in ACTIVATIONS
    }
    numbers: dict[str, Any] = {}
    for (activation, width), found in _networks(p, times, rng, tick).items():
        run, shown = found.run, width in p["d_h"]
        colour = p["d_h"].index(width) if shown else 2
        lines = lazy_theory(run.model, fine, _tolerance(p, width))
        for name, mean in found.means.items():
            side, _, quantity = name.partition("_")
            dashed = side == "train"
            if shown:
                y, label = lines[name], "_" if dashed else _label(width)
                target = panels[f"{activation}_{'losses' if quantity == 'loss' else 'accuracies'}"]
                target.append(Curve(label, fine * unit, y, colour=colour, dashed=dashed))
                target.append(Curve("_", times * unit, mean.value, "simulation", mean.error, colour, dashed))
            entry, known = _compared(p, run, name, mean, times * unit)
            if shown:
                entry = departing(entry, _WHY)
            numbers[f"{activation}, d_h = {width}, {name}"] = entry
            if quantity == "loss":
                x, theory = times[known] * unit, run.curves[name].theory[known]
                ratio, bars = mean.value[known] / theory, mean.error[known] / theory
                label = "_" if dashed else _label(width)
                panels[f"{activation}_ratio"].append(Curve(label, x, ratio, "simulation", bars, colour, dashed))
        if activation == "linear" and shown:
            printed = LinearTeacherStudent(run.model.lam, number(p["eta"]) / (2 * p["d_out"] ** 2))
            y = printed.gen_loss(fine) * float(run.model.initial_difference)
            label = "_" if colour else "(18), test"
            panels["linear_losses"].append(Curve(label, fine * unit, y, "approximation", colour=colour or 5))
    ends = times[[0, -1]] * unit
    for activation in ACTIVATIONS:
        panels[f"{activation}_ratio"].append(Curve("theory", ends, np.ones(2), colour=6))
    order = ("linear_losses", "tanh_losses", "linear_ratio", "linear_accuracies", "tanh_accuracies", "tanh_ratio")
    return FigureData(tuple(_panel(name, panels[name], p) for name in order), _caption(p, numbers), numbers)


def _networks(
    p: dict[str, Any], times: Array, rng: np.random.Generator, tick: Callable[[], object]
) -> dict[tuple[str, int], _Found]:
    """Means over networks of each activation and width, by levels: linear model, linear networks, tanh networks."""
    found: dict[tuple[str, int], _Found] = {}
    widths = {activation: [*p["d_h"], *p["wide"].get(activation, [])] for activation in ACTIVATIONS}
    for width in dict.fromkeys(widths["linear"] + widths["tanh"]):
        model = TwoLayerLinear(number(p["lam"]), p["d_in"], width, p["d_out"], eta=number(p["eta"]))
        more: dict[str, Any] = {"eps": _tolerance(p, width), "rng": rng, "tick": tick}
        shown = width in p["d_h"]
        count = p["realisations"][p["d_h"].index(width)] if shown else p["wide_realisations"]
        run = two_layer(model, times, realisations=count, **more)
        base = linear_means(run.model, times, realisations=p["data_sets"], starts=p["starts"], **more)
        means = {name: raised(base[name], run.linear_model[name], run.curves[name].runs) for name in base}
        found["linear", width] = _Found(run, means)
        if width in widths["tanh"]:
            count = p["tanh_realisations"] if shown else p["wide_tanh_realisations"]
            run = two_layer(model, times, activation="tanh", realisations=count, beside=True, **more)
            means = {name: raised(means[name], run.linear_network[name], run.curves[name].runs) for name in base}
            found["tanh", width] = _Found(run, means)
    return {(a, width): found[a, width] for a in ACTIVATIONS for width in widths[a]}


def _tolerance(p: dict[str, Any], width: int) -> float:
    """eps; for very wide networks the same part of the loss at the start as at the largest d_h shown."""
    return float(p["eps"] * min(1.0, max(p["d_h"]) / width))


def _label(width: int) -> str:
    exponent = round(np.log10(width))
    return f"$d_h$ = {width}" if width < 10**4 or width != 10**exponent else f"$d_h$ = $10^{exponent}$"


def _compared(p: dict[str, Any], run: TwoLayerRun, name: str, mean: Mean, time: Array) -> tuple[dict[str, Any], Any]:
    """The comparison, and the points at which the theory of finitely many inputs is known."""
    side, _, quantity = name.partition("_")
    theory = run.curves[name].theory
    linear = LinearTeacherStudent(run.model.lam, run.model.rescaled_eta)
    known = trusted(linear, p["d_in"], run.times, side) & (time >= p["first_compared"])
    if quantity == "accuracy":
        known &= (theory > 0.05) & (theory < 0.95)
    entry = compared(SimulatedCurve(mean.value[None, :], theory, mean.error), known, freedom=mean.freedom)
    if known.any():
        entry["largest deviation"] = round(float(np.abs(mean.value / theory - 1)[known].max()), 4)
    return entry, known


def _panel(name: str, curves: list[Curve], p: dict[str, Any]) -> Panel:
    activation, part = name.split("_")
    title, label, limits = {
        "losses": ("loss (training open)", r"$\mathcal{L}$", (p["smallest_loss"], 0.05)),
        "accuracies": ("accuracy (training open)", r"$\mathcal{A}$", (-0.03, 1.03)),
        "ratio": ("loss over the lazy theory", r"$\mathcal{L}/\mathcal{L}_{lazy}$", None),
    }[part]
    scale = "log" if part == "losses" else "linear"
    x = f"steps of $\\eta$ = {p['paper_eta']:g}"
    legend = part != "accuracies"
    return Panel(
        name, f"{activation}: {title}", x, label, tuple(curves), xscale="log", yscale=scale, ylim=limits, legend=legend
    )


def _caption(p: dict[str, Any], numbers: dict[str, Any]) -> str:
    narrow = {name: entry for name, entry in numbers.items() if "departs" in entry}
    wide = {name: entry for name, entry in numbers.items() if name not in narrow}
    parts = ", ".join(f"{100 * _worst(narrow, width):.0f} % at d_h = {width}" for width in p["d_h"])
    widths = " and ".join(
        f"d_h = {width:,} ({activation})" for activation in ACTIVATIONS for width in p["wide"].get(activation, [])
    )
    return (
        f"Networks {p['d_in']}-d_h-{p['d_out']} at lam = {p['lam']:g}, full-batch descent with eta = {p['eta']:g} "
        f"(time in units of the paper's eta = {p['paper_eta']:g}, of which the flow is independent), "
        f"eps = {p['eps']:g}: markers, means with standard errors; lines, the lazy theory L = L1(eta_2)/(2 d_h d_out), "
        "for whole steps and d_in inputs. Dotted: (18) as printed for the test loss (the upper one at d_h = "
        f"{min(p['d_h'])}), without the 1/d_out in front and the factor 1 + d_out/d_in of the rate. Means are "
        f"taken by levels: the linear model over {p['data_sets']} data sets with {p['starts']} starts each, what "
        f"{' and '.join(str(count) for count in p['realisations'])} linear networks ({p['wide_realisations']} very "
        f"wide ones) differ from theirs, and what {p['tanh_realisations']} tanh networks "
        f"({p['wide_tanh_realisations']} wide ones) differ from linear ones with the same layers. The theory is that "
        f"of wide layers; {widths} test it (eps d_h as at d_h = {max(p['d_h'])}): {summary(wide)} What it leaves out, "
        f"of order d_out/d_h, is what the paper's widths depart by: {parts} (losses, at most). There: {summary(narrow)}"
    )


def _worst(entries: dict[str, Any], width: int) -> float:
    found = [entry for name, entry in entries.items() if f"= {width}, " in name and name.endswith("loss")]
    return max(float(entry.get("largest deviation", 0.0)) for entry in found)
