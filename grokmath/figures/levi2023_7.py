"""Levi, Beck, Bar Sinai, Figure 7: phase diagrams of the grokking time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grokmath.figures.data import Array, Curve, FigureData, Map, Panel
from grokmath.figures.regression_panels import number
from grokmath.regression.critical_values import critical_weight_decay
from grokmath.regression.grokking_times import grokking_times

__all__ = ["compute"]


def compute(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> FigureData:
    """Three maps: (gamma, d_out), (gamma, lam), (d_out, lam); white where generalization is never reached."""
    n = p["points"]
    gamma = np.geomspace(p["gamma"][0], p["gamma"][1], n)
    lam = np.linspace(p["lam"][0], p["lam"][1], n)
    outputs = np.unique(np.round(np.geomspace(1, p["largest_d_out"], n)))
    common = {"eta": p["eta"], "accuracy": p["accuracy"]}
    eps = p["eps"]
    maps = {
        "gamma_d_out": (gamma, outputs, {"lam": p["lam_left"], "weight_decay": gamma, "d_out": outputs[:, None]}),
        "gamma_lam": (gamma, lam, {"weight_decay": gamma, "lam": lam[:, None]}),
        "d_out_lam": (outputs, lam, {"d_out": outputs, "lam": lam[:, None]}),
    }
    labels = {"gamma": r"$\gamma$", "lam": r"$\lambda$", "d_out": r"$d_{out}$"}
    axes = {"gamma_d_out": ("gamma", "d_out"), "gamma_lam": ("gamma", "lam"), "d_out_lam": ("d_out", "lam")}
    titles = {
        "gamma_d_out": f"$\\lambda$ = {p['lam_left']:g}",
        "gamma_lam": r"$d_{out}$ = 1",
        "d_out_lam": r"$\gamma$ = 0",
    }
    panels, numbers = [], {}
    for name, (x, y, values) in maps.items():
        at: dict[str, Any] = dict(values)
        found = grokking_times(at.pop("lam"), eps, **common, **at)
        delta = np.where(np.isfinite(found.delta), found.delta, np.nan)
        never = found.never_generalizes
        numbers[name] = {
            "never": round(float(np.mean(never)), 4),
            "at once": round(float(np.mean(found.delta == 0)), 4),
            "shortest": float(np.nanmin(delta)),
            "longest": float(np.nanmax(delta)),
        }
        edge = _edge(p, lam) if name == "gamma_lam" else ()
        horizontal, vertical = axes[name]
        panels.append(
            Panel(
                name,
                titles[name],
                labels[horizontal],
                labels[vertical],
                edge,
                Map(x, y, delta, r"$\Delta t$ (steps)", levels=tuple(p["contours"]), limits=tuple(p["limits"])),
                xscale="log",
                yscale="log" if vertical == "d_out" else "linear",
                xlim=(x[0], x[-1]),
                ylim=(y[0], y[-1]),
            )
        )
        tick()
    share = ", ".join(f"{100 * entry['never']:.0f} %" for entry in numbers.values())
    caption = (
        f"Grokking time at accuracy {p['accuracy']:g}, eta = {p['eta']:g}, eps = {eps:g}, from "
        "the exact losses; white: "
        f"the accuracy of generalization never reaches {p['accuracy']:g} ({share} of the maps, from left to right). "
        "Dotted line in the middle: the certified critical decay gamma_c(lam), which the "
        "border of the white region has "
        f"to follow. Near that border the time diverges; colours end at {p['limits'][1]:.0e} "
        "steps. Nothing is simulated."
    )
    return FigureData(tuple(panels), caption, numbers)


def _edge(p: dict[str, Any], lam: Array) -> tuple[Curve, ...]:
    top = min(1.0, lam[-1])
    inside = top - (top - lam[0]) * np.geomspace(1e-3, 1, 60)
    accuracy, eps = number(p["accuracy"]), number(p["eps"])
    ends = np.array([float(critical_weight_decay(float(x), eps, accuracy=accuracy)) for x in inside])
    return (Curve(r"$\gamma_c(\lambda)$", ends, inside, "approximation"),)
