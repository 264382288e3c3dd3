"""The spread of the grokking time from run to run, and its prediction, over the number of inputs."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

from grokmath.figures.comparison import compared, summary
from grokmath.figures.data import Array, Curve, FigureData, Panel
from grokmath.figures.regression_panels import number
from grokmath.regression.delay_spread import DelayLaw, delay_law
from grokmath.regression.linear import LinearTeacherStudent
from grokmath.simulate.curves import Curve as SimulatedCurve
from grokmath.simulate.passage_runs import passages

__all__ = ["compute"]


class _Size(NamedTuple):
    """Of one d_in: delays in steps (spectra x starts), their mean and spread with standard errors, and the law."""

    delays: Array
    mean: tuple[float, float]
    spread: tuple[float, float]
    law: DelayLaw


def compute(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> FigureData:
    """Left: quantiles of the delay against d_in; centre: its spread; right: its distribution at the smallest d_in."""
    lam, unit = float(p["lam"]), 4 * float(p["eta"])  # of s
    model = LinearTeacherStudent(number(lam), number(p["eta"]))
    exact = model.grokking_time(number(p["eps"]))
    train, gen = (unit * float(time) for time in (exact.train, exact.gen))
    delay = (gen - train) / unit
    numbers: dict[str, Any] = {"delay of the infinite theory": delay}
    sizes, found = np.array(p["d_in"], dtype=float), []
    for d_in, spectra, starts in zip(p["d_in"], p["spectra"], p["starts"], strict=True):
        size = _size(model, p["eps"], unit, d_in, spectra, starts, rng)
        for name, (measured, error), expected in (
            ("spread", size.spread, size.law.spread),
            ("mean", size.mean, size.law.mean),
        ):
            curve = SimulatedCurve(np.array([[measured]]), np.array([expected]) / unit, np.array([error]))
            numbers[f"d_in = {d_in}, {name}"] = {
                "measured": measured,
                "standard error": error,
                "prediction": expected / unit,
                **compared(curve, freedom=spectra - 1),
            }
        numbers[f"d_in = {d_in}, spread"]["first-order prediction"] = size.law.first_order / unit
        found.append(size)
        tick()
    dense = np.geomspace(sizes[0] * 0.8, sizes[-1] * 1.25, 60)
    laws = [delay_law(lam, train, gen, float(d)) for d in dense]
    quantiles = []
    for colour, level in enumerate(p["quantiles"]):
        line = np.array([law.quantile(float(ndtri(level))) for law in laws]) / unit
        marks = np.array([np.quantile(size.delays, level) for size in found])
        quantiles.append(Curve(f"{100 * level:g} %", dense, line, colour=colour))
        quantiles.append(Curve("_", sizes, marks, "simulation", colour=colour))
    spread, error = np.array([size.spread for size in found]).T
    middle = [
        Curve("second order", dense, np.array([law.spread for law in laws]) / unit / delay),
        Curve("first order", dense, np.array([law.first_order for law in laws]) / unit / delay, "approximation"),
        Curve("simulation", sizes, spread / delay, "simulation", error / delay, colour=1),
    ]
    step = r"$\Delta t$ (steps)"
    panels = (
        Panel("quantiles", "Quantiles of the grokking time", r"$d_{in}$", step, tuple(quantiles), xscale="log"),
        Panel("spread", "Its relative spread", r"$d_{in}$", r"$\mathrm{sd}(\Delta t)/\Delta t$", tuple(middle),
              xscale="log", yscale="log"),
        _distribution(found[p["d_in"].index(p["shown"])], p["shown"], unit, step),
    )  # fmt: skip
    runs = ", ".join(str(size.delays.size) for size in found)
    first = found[0].law.first_order / unit / found[0].spread[0] - 1
    caption = (
        f"Grokking times of {runs} runs at d_in = {', '.join(str(d) for d in p['d_in'])}, lam = {lam:g}, eta = "
        f"{p['eta']:g}, eps = {p['eps']:g} (markers), and the prediction for one run with d_in inputs: mean and spread "
        "to second order in 1/d_in, with the skewness of leading order (lines). Drawn are the spectra, by a bidiagonal "
        "matrix of the same law, and the starts' projections, which is all that a run depends on. "
        f"{summary(numbers)} Standard errors are over the spectra. First order alone (dotted) overestimates the spread "
        f"at d_in = {p['d_in'][0]} by {100 * first:.0f} %."
    )
    return FigureData(panels, caption, numbers)


def _size(
    model: LinearTeacherStudent, eps: float, unit: float, d_in: int, spectra: int, starts: int, rng: np.random.Generator
) -> _Size:
    run = passages(model, number(eps), d_in=d_in, spectra=spectra, starts=starts, rng=rng)
    lam = float(Fraction(d_in, max(1, round(d_in / float(model.lam)))))
    delays = run.delay / unit
    mean = float(delays.mean())
    squares = ((delays - mean) ** 2).mean(axis=1)  # starts on one spectrum are not independent of one another
    spread = float(np.sqrt(squares.mean() * delays.size / (delays.size - 1)))
    errors = [float(part.std(ddof=1)) / spectra**0.5 for part in (delays.mean(axis=1), squares)]
    law = delay_law(lam, *run.theory, d_in)
    return _Size(delays, (mean, errors[0]), (spread, errors[1] / (2 * spread)), law)


def _distribution(size: _Size, d_in: int, unit: float, label: str) -> Panel:
    part = np.linspace(0.01, 0.99, 50)
    fine = np.linspace(-3.2, 3.2, 200)
    line = np.array([size.law.quantile(float(z)) for z in fine]) / unit
    normal = (size.law.mean + size.law.spread * fine) / unit
    curves = (
        Curve("with its skewness", line, ndtr(fine)),
        Curve("normal", normal, ndtr(fine), "approximation"),
        Curve("simulation", np.quantile(size.delays, part), part, "simulation", colour=1),
    )
    return Panel("distribution", f"Its distribution at $d_{{in}}$ = {d_in}", label, "share of runs", curves)
