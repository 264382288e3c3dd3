"""Levi, Beck, Bar Sinai, Figure 5: the late-time approximations (10), (21), (22) against the exact losses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import erfc, erfcx

from grokmath.figures.data import Array, Curve, FigureData, Panel
from grokmath.figures.regression_panels import number
from grokmath.regression.linear import LinearTeacherStudent

__all__ = ["compute", "late_gen", "late_train"]


def late_train(s: Array, lam: float) -> Array:
    """(21): e^{-a s}/(2 sqrt(pi) lam^{3/4} s^{3/2}), s = 4 eta t, a = (1 - sqrt lam)^2."""
    a = (1 - lam**0.5) ** 2
    return np.asarray(np.exp(-a * s) / (2 * np.sqrt(np.pi) * lam**0.75 * s**1.5))


def late_gen(s: Array, lam: float) -> Array:
    """(22): lam^{-3/4} [e^{-a s}/sqrt(pi s) - sqrt(a) erfc(sqrt(a s))], for lam < 1."""
    a = (1 - lam**0.5) ** 2
    x = a * s
    # erfc underflows for large x, where erfcx = e^x erfc does not; what cancels costs a factor 2x of the precision
    near = np.exp(-x) / np.sqrt(np.pi * s) - a**0.5 * erfc(np.sqrt(x))
    far = np.exp(-x) / np.sqrt(np.pi * s) * (1 - np.sqrt(np.pi * x) * erfcx(np.sqrt(x)))
    return np.asarray(lam**-0.75 * np.where(x < 1, near, far))


def compute(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> FigureData:
    """Left: the losses and their approximations; right: approximation/exact - 1. Nothing is simulated."""
    lam = float(p["lam"])
    model = LinearTeacherStudent(number(p["lam"]), number(p["eta"]))
    t = np.geomspace(p["first_step"], p["last_step"], p["points"])
    s = 4 * p["eta"] * t
    train, gen = model.train_loss(t), model.gen_loss(t)
    tick()
    forms = {
        r"$\mathcal{L}_{tr}$, (21)": (late_train(s, lam), train, 5),
        r"$\mathcal{L}_{gen}$, (22)": (late_gen(s, lam), gen, 4),
        r"$\mathcal{L}_{gen}$, (10)": (late_train(s, lam) / (1 - lam**0.5) ** 2, gen, 2),
    }
    left = [
        Curve(r"$\mathcal{L}_{tr}$, exact", t, train, colour=1),
        Curve(r"$\mathcal{L}_{gen}$, exact", t, gen, colour=0),
    ]
    right = []
    numbers: dict[str, Any] = {}
    for label, (form, exact, colour) in forms.items():
        left.append(Curve(label, t, form, "approximation", colour=colour))
        off = form / exact - 1
        right.append(Curve(label, t, np.abs(off), colour=colour))
        within = {f"{part:g}": _from(t, np.abs(off), part) for part in (0.1, 0.01)}
        numbers[label] = {"good to a part of, from step on": within, "at the last step": float(off[-1])}
    marks = [Curve("_", t[[0, -1]], np.full(2, level), "approximation") for level in (0.1, 0.01)]
    panels = (
        Panel(
            "losses",
            "Exact and late-time losses",
            "step",
            r"$\mathcal{L}$",
            tuple(left),
            xscale="log",
            yscale="log",
            ylim=(p["smallest_loss"], 10),
        ),
        Panel(
            "errors",
            "Relative error of the approximation",
            "step",
            "|approximation/exact - 1|",
            tuple(right + marks),
            xscale="log",
            yscale="log",
            ylim=(1e-5, 300),
        ),
    )
    caption = (
        f"lam = {lam:g}, eta = {p['eta']:g}: the exact losses (8) in closed form (lines) and the late-time forms (21), "
        "(22) and (10) (dotted). (21) and (22) need 8 sqrt(lam) eta t >> 1; (10) for L_gen needs 4 eta t (1 - sqrt "
        "lam)^2 >> 3/2 besides, which the paper does not say: "
        + "; ".join(f"{name.split(', ')[1]} is good to {_sentence(n)}" for name, n in numbers.items())
        + ". Right, dotted: 10 % and 1 %. Nothing is simulated here."
    )
    return FigureData(panels, caption, numbers, columns=2)


def _from(t: Array, off: Array, part: float) -> float:
    """From which step on the error stays below ``part``, interpolated in logarithms; inf if from none."""
    bad = np.flatnonzero(off >= part)
    if not bad.size:
        return float(t[0])
    last = bad[-1]
    if last + 1 == len(t):
        return float(np.inf)
    share = np.log(off[last] / part) / np.log(off[last] / off[last + 1])
    return float(t[last] * (t[last + 1] / t[last]) ** share)


def _sentence(entry: dict[str, Any]) -> str:
    parts = []
    for part, step in entry["good to a part of, from step on"].items():
        when = f"from step {float(f'{step:.2g}'):.0f} on" if np.isfinite(step) else "nowhere in this range"
        parts.append(f"{100 * float(part):g} % {when}")
    return " and ".join(parts)
