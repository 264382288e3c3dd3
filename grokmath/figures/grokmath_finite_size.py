"""The spread of the grokking time from run to run, and its prediction, over the number of inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from grokmath.figures.comparison import compared, departing, summary
from grokmath.figures.data import Curve, FigureData, Panel
from grokmath.figures.regression_panels import SimulatedTimes, number, simulated_times
from grokmath.functions.marchenko_pastur_averages import MarchenkoPasturNodes
from grokmath.regression.linear import LinearTeacherStudent
from grokmath.simulate.curves import Curve as SimulatedCurve

__all__ = ["compute", "delay_spread"]

_FIRST_ORDER = 400
"""The number of inputs from which on the first order of the spread is taken for the whole."""


def delay_spread(lam: float, train: float, gen: float, d_in: float) -> float:
    """The standard deviation of the delay of one run, in units of s = 4 eta t, to first order (delta method).

    ``train`` and ``gen`` are the passages of the infinite theory in these units. A time is off by dL_gen/m_1 and
    dL_tr/m_2, m_k = E[nu^k e^{-s nu}] at its own s, so the delay is off by the linear statistic of e^{-s_gen nu}/m_1 -
    nu e^{-s_tr nu}/m_2.
    """
    nodes = MarchenkoPasturNodes(lam, 2 * gen)
    zero = np.zeros(())

    def average(power: int, s: float) -> float:
        return float(nodes.average(nodes.nu**power * np.exp(-s * nodes.nu), zero))

    slopes = average(1, gen), average(2, train)

    def h(nu: Any) -> Any:
        return np.exp(-gen * nu) / slopes[0] - nu * np.exp(-train * nu) / slopes[1]

    lower, upper = (np.asarray(h(edge) ** 2) for edge in nodes.edges)
    square = float(nodes.average(h(nodes.nu) ** 2, np.asarray(h(0.0) ** 2)))
    square += float(nodes.mean_term(h(nodes.nu) ** 2, lower, upper)) / d_in
    spectrum = float(nodes.covariance(h(nodes.nu), h(nodes.nu)))
    return float((2 * square / d_in + spectrum / d_in**2) ** 0.5)


def compute(p: dict[str, Any], rng: np.random.Generator, tick: Callable[[], object]) -> FigureData:
    """Left: quantiles of the delay against d_in; centre: its spread; right: its distribution at the largest d_in."""
    lam, eta, eps = p["lam"], p["eta"], p["eps"]
    model = LinearTeacherStudent(number(lam), number(eta))
    found: dict[int, SimulatedTimes] = {}
    for d_in in p["d_in"]:
        found[d_in] = simulated_times(model, eps, d_in=d_in, runs=p["runs"], rng=rng)
        tick()
    sizes = np.array(p["d_in"], dtype=float)
    dense = np.geomspace(sizes[0] * 0.8, sizes[-1] * 1.25, 30)
    exact = model.grokking_time(number(eps))
    train, gen = (4 * eta * float(time) for time in (exact.train, exact.gen))
    predicted = np.array([delay_spread(lam, train, gen, d) for d in dense]) / (4 * eta)
    at_sizes = np.array([delay_spread(lam, train, gen, d) for d in p["d_in"]]) / (4 * eta)
    delay = (gen - train) / (4 * eta)
    numbers: dict[str, Any] = {"delay of the infinite theory": delay}
    spread, error = [], []
    for d_in, expected in zip(p["d_in"], at_sizes, strict=True):
        delta = found[d_in].delta
        delta = delta[np.isfinite(delta)]
        spread.append(float(delta.std(ddof=1)))
        centred = (delta - delta.mean()) / spread[-1]
        error.append(spread[-1] * float(np.sqrt(max(np.mean(centred**4) - 1, 0.5) / (4 * delta.size))))
        mean = found[d_in].mean[1] - found[d_in].mean[0]
        z_mean = (float(delta.mean()) - mean) / (spread[-1] / delta.size**0.5)
        numbers[f"d_in = {d_in}, spread"] = {
            "measured": spread[-1],
            "standard error": error[-1],
            "first-order prediction": float(expected),
            "z of the mean": z_mean,
            **compared(SimulatedCurve(np.array([spread[-1:]]), np.array([expected]), np.array(error[-1:]))),
        }
        if d_in < _FIRST_ORDER:
            name = f"d_in = {d_in}, spread"
            numbers[name] = departing(numbers[name], "the prediction is of first order in 1/d_in")
    quantiles = []
    for colour, level in enumerate(p["quantiles"]):
        label = f"{100 * level:g} %"
        measured = np.array([np.quantile(found[d].delta, level) for d in p["d_in"]])
        normal = delay + ndtri(level) * predicted
        quantiles.append(Curve(label, dense, np.where(normal > 0, normal, np.nan), colour=colour))
        quantiles.append(Curve("_", sizes, measured, "simulation", colour=colour))
    middle = [
        Curve("first order", dense, predicted / delay),
        Curve("simulation", sizes, np.array(spread) / delay, "simulation", np.array(error) / delay, colour=1),
    ]
    last = found[p["d_in"][-1]].delta
    part = np.linspace(0.01, 0.99, 50)
    steps, share = np.quantile(last[np.isfinite(last)], part), part * float(np.isfinite(last).mean())
    x = np.linspace(delay - 4 * at_sizes[-1], delay + 4.5 * at_sizes[-1], 200)
    law = [
        Curve("normal, first order", x, ndtr((x - delay) / at_sizes[-1])),
        Curve("simulation", steps, share, "simulation", colour=1),
    ]
    step = r"$\Delta t$ (steps)"
    panels = (
        Panel("quantiles", "Quantiles of the grokking time", r"$d_{in}$", step, tuple(quantiles), xscale="log"),
        Panel(
            "spread",
            "Its relative spread",
            r"$d_{in}$",
            r"$\mathrm{sd}(\Delta t)/\Delta t$",
            tuple(middle),
            xscale="log",
            yscale="log",
        ),
        Panel("distribution", f"Its distribution at $d_{{in}}$ = {p['d_in'][-1]}", step, "share of runs", tuple(law)),
    )
    caption = (
        f"Grokking times of {p['runs']} runs for each d_in, lam = {lam:g}, eta = {eta:g}, eps = {eps:g} (markers), and "
        "the prediction from the theory of one run with d_in inputs: a normal law around the infinite theory with the "
        f"spread of first order in 1/d_in (lines). Spreads: {summary(numbers, 'spread')} First order is an "
        f"overestimate, by {_excess(p['d_in'][0], numbers)} at d_in = {p['d_in'][0]} and "
        f"{_excess(p['d_in'][-1], numbers)} at d_in = {p['d_in'][-1]}; it leaves out the skewness too."
    )
    return FigureData(panels, caption, numbers)


def _excess(d_in: int, numbers: dict[str, Any]) -> str:
    entry = numbers[f"d_in = {d_in}, spread"]
    ratio = entry["first-order prediction"] / entry["measured"] - 1
    return f"{100 * ratio:.0f} +- {100 * entry['standard error'] / entry['measured']:.0f} %"
