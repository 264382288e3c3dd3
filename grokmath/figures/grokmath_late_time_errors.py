"""Where the printed closed forms of the grokking time hold: maps of their errors over lam and eps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import lambertw

from grokmath.figures.data import Array, FigureData, Map, Panel
from grokmath.regression.grokking_times import grokking_times

__all__ = ["compute", "printed_delays"]


def printed_delays(lam: Array, eps: Array) -> dict[str, Array]:
    """4 eta times the delay by (10) solved for both times ((23)-(24)), by (11) and by (25), for lam < 1.

    nan where a form has no real value.
    """
    root = np.sqrt(lam)
    a = (1 - root) ** 2
    prefactor = 1 / (2 * np.sqrt(np.pi) * lam**0.75)
    z_train = 2 / 3 * a * (4 * prefactor / eps) ** (2 / 3)
    z_gen = 2 / 3 * a * (4 * prefactor / (a * eps)) ** (2 / 3)
    lambert = 3 / (2 * a) * (lambertw(z_gen) - lambertw(z_train)).real
    leading = -2 * np.log(1 - root) / a * np.ones_like(eps)
    with np.errstate(divide="ignore", invalid="ignore"):
        iterated = 3 / (2 * a) * (np.log(z_gen / z_train) - np.log(np.log(z_gen) / np.log(z_train)))
        iterated = np.where((z_train > 1) & (z_gen > 1), iterated, np.nan)
    return {"(10)": lambert, "(11)": leading, "(25)": iterated}


def compute(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> FigureData:
    """One map a formula; white where it is complex, contours at the levels."""
    lam = np.linspace(p["lam"][0], p["lam"][1], p["points"])
    eps = np.geomspace(p["eps"][0], p["eps"][1], p["points"])
    grid = np.meshgrid(lam, eps)
    exact = grokking_times(grid[0], grid[1], 0.25).delta  # at eta = 1/4 a step is one unit of 4 eta t
    tick()
    titles = {
        "(10)": "(10), solved: (23)-(24)",
        "(11)": "(11), the leading form",
        "(25)": "(25), with its logarithm; white: complex",
    }
    panels, numbers = [], {}
    for name, form in printed_delays(*grid).items():
        signed = form / exact - 1
        error = np.abs(signed)
        numbers[name] = {
            **{f"share of the map within {level:g}": _share(error, level) for level in p["levels"]},
            "no real value": round(float(np.mean(np.isnan(form))), 4),
            "largest error": float(np.nanmax(error)),
        }
        content = Map(
            lam, eps, np.clip(error, 1e-4, None), "|relative error|", levels=tuple(p["levels"]), limits=(1e-3, 10),
            contoured=signed,
        )  # fmt: skip
        panels.append(
            Panel(
                f"error_{name[1:-1]}",
                titles[name],
                r"$\lambda$",
                r"$\epsilon$",
                map=content,
                yscale="log",
                xlim=(lam[0], lam[-1]),
                ylim=(eps[0], eps[-1]),
            )
        )
    one, ten = min(p["levels"]), max(p["levels"])
    shares = "; ".join(
        f"{name}: {100 * numbers[name][f'share of the map within {ten:g}']:.0f} % and "
        f"{100 * numbers[name][f'share of the map within {one:g}']:.0f} %"
        for name in numbers
    )
    caption = (
        "Relative error of the printed closed forms of the grokking time against the exact one, over lam and eps, with "
        f"contours at {100 * ten:g} % and {100 * one:g} %. Share of the map within "
        f"{100 * ten:g} % and {100 * one:g} %: "
        f"{shares}. (25) has no real value in {100 * numbers['(25)']['no real value']:.0f} % "
        "of the map, the setting of "
        "the paper's Figure 1 (lam = 0.9, eps = 1e-3) included. Narrow valleys of small error are changes of sign, not "
        "regions where a form holds. Nothing is simulated."
    )
    return FigureData(tuple(panels), caption, numbers)


def _share(error: Array, level: float) -> float:
    with np.errstate(invalid="ignore"):
        return round(float(np.mean(error <= level)), 4)
