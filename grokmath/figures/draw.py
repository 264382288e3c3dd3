"""Panels onto Matplotlib axes. Needs the extra ``figures`` (matplotlib)."""

from __future__ import annotations

import re
import textwrap
from typing import Any

import numpy as np

from grokmath.figures.data import Curve, FigureData, Map, Panel
from grokmath.figures.style import (
    CAPTION_LETTERS,
    CAPTION_LINE,
    CAPTION_MARGIN,
    CAPTION_SIZE,
    COLOUR_MAP,
    COLOURS,
    MARKERS,
    PANEL_SIZE,
    RC,
)

__all__ = ["draw_figure", "draw_panel", "in_symbols", "rendered"]

_GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "eps": "ε", "eta": "η", "theta": "θ", "lam": "λ",
    "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ",
}  # fmt: skip


def draw_panel(panel: Panel, ax: Any = None) -> Any:
    """Draw one panel and return its axes; ``ax`` None makes a figure of its own.

    Scales are set before the curves, so that error bars at 0 do not upset a logarithmic axis.
    """
    import matplotlib as mpl

    with mpl.rc_context(RC):
        if ax is None:
            from matplotlib.figure import Figure

            ax = Figure(figsize=PANEL_SIZE).subplots()
        ax.set_xscale(panel.xscale)
        ax.set_yscale(panel.yscale)
        if panel.map is not None:
            _draw_map(panel.map, ax)
        for curve in panel.curves:
            _draw_curve(curve, panel, ax)
        ax.set_xlabel(panel.xlabel)
        ax.set_ylabel(panel.ylabel)
        ax.set_title(panel.title)
        if panel.xlim:
            ax.set_xlim(*panel.xlim)
        if panel.ylim:
            ax.set_ylim(*panel.ylim)
        for axis, scale in ((ax.xaxis, panel.xscale), (ax.yaxis, panel.yscale)):
            if scale == "log":
                _log_ticks(axis)
        if panel.xscale == "linear":
            ax.locator_params(axis="x", nbins=7)
        if panel.legend and any(not curve.label.startswith("_") for curve in panel.curves):
            ax.legend(loc="best" if panel.map is None else "upper right")
    return ax


def draw_figure(data: FigureData) -> Any:
    """All panels of a figure above its caption, as a Matplotlib Figure, which needs no display."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    columns = min(data.columns, len(data.panels))
    rows = -(-len(data.panels) // columns)
    width, height = PANEL_SIZE[0] * columns, PANEL_SIZE[1] * rows
    text = _wrapped(in_symbols(data.caption), width)
    below = CAPTION_LINE * (text.count("\n") + 2)
    with mpl.rc_context(RC):
        drawing = Figure(figsize=(width, height + below))
        drawing.set_layout_engine("constrained", rect=(0, below / (height + below), 1, height / (height + below)))
        place = CAPTION_MARGIN / width, 0.5 * CAPTION_LINE / (height + below)
        drawing.text(*place, text, fontsize=CAPTION_SIZE, linespacing=1.25, va="bottom", parse_math=False)
        axes = np.atleast_1d(drawing.subplots(rows, columns)).reshape(-1)
        for ax, panel in zip(axes, data.panels, strict=False):
            draw_panel(panel, ax)
        for ax in axes[len(data.panels) :]:
            ax.set_axis_off()
    return drawing


def _wrapped(caption: str, width: float) -> str:
    """The caption in lines of at most ``width`` inches less its margins: letters differ, so lines are measured."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    page = Figure(figsize=(width, 1), dpi=100)  # at few dots letters are a little wider
    canvas: Any = FigureCanvasAgg(page)
    renderer = canvas.get_renderer()
    text = page.text(0, 0, "", fontsize=CAPTION_SIZE, parse_math=False)
    room = page.dpi * (width - 2 * CAPTION_MARGIN)
    for letters in range(round(1.1 * CAPTION_LETTERS * width), 10, -2):
        text.set_text(textwrap.fill(caption, letters))
        if text.get_window_extent(renderer).width <= room:
            break
    return str(text.get_text())


def in_symbols(caption: str) -> str:
    """The caption with Greek letters for their names.

    >>> in_symbols("lam = 0.9 +- 0.1, sigma_A, sigma^2 and S* at (lam - lam*)^-2; a flame")
    'λ = 0.9 ± 0.1, σ_A, σ^2 and S* at (λ - λ*)^-2; a flame'
    """
    names = "|".join(_GREEK)
    found = re.sub(rf"(?<![A-Za-z_])({names})(?![A-Za-z])", lambda match: _GREEK[match[1]], caption)
    return found.replace("+-", "±")


def rendered(data: FigureData, suffix: str) -> bytes:
    """The drawing as the content of a file: ``suffix`` "pdf", "png" or "svg". The same data give the same bytes."""
    import io

    import matplotlib as mpl

    content = io.BytesIO()
    date = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}.get(suffix, {})
    drawing = draw_figure(data)
    with mpl.rc_context(RC):
        drawing.savefig(content, format=suffix, metadata=date)
    return content.getvalue()


def _log_ticks(axis: Any) -> None:
    """Labels at powers of ten only, or at 1, 2, 5 times these where the axis has hardly more than one of them.

    Over many decades there are no small ticks: they would be most of the drawing's time.
    """
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator

    low, high = axis.get_view_interval()
    axis.set_minor_formatter(NullFormatter())
    if min(low, high) > 0 and max(low, high) / min(low, high) > 1e4:
        axis.set_minor_locator(NullLocator())
    elif min(low, high) > 0 and max(low, high) / min(low, high) < 50:
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def _draw_curve(curve: Curve, panel: Panel, ax: Any) -> None:
    colour = COLOURS[curve.colour % len(COLOURS)]
    if curve.kind == "simulation":
        face = "none" if curve.dashed else colour
        marker = MARKERS[curve.colour % len(MARKERS)]
        style: dict[str, Any] = {"linestyle": "none", "marker": marker, "color": colour, "markerfacecolor": face}
        error = None if curve.error is None else np.array(curve.error)
        if error is not None and panel.yscale == "log":  # a bar that reaches 0 would leave the axis
            error = np.array([np.minimum(error, 0.9 * np.abs(curve.y)), error])
        ax.errorbar(curve.x, curve.y, yerr=error, elinewidth=0.8, capsize=0, label=curve.label, **style)
        return
    if curve.filled:
        bottom = panel.ylim[0] if panel.ylim else float(np.min(curve.y))
        ax.fill_between(curve.x, bottom, curve.y, color=colour, alpha=0.2, linewidth=0, label=curve.label)
        return
    line = "--" if curve.dashed else ":" if curve.kind == "approximation" else "-"
    shade = "black" if curve.kind == "approximation" and not curve.colour else colour
    ax.plot(curve.x, curve.y, linestyle=line, color=shade, label=curve.label)


def _draw_map(content: Map, ax: Any) -> None:
    from matplotlib.colors import LogNorm, Normalize

    value = np.ma.masked_invalid(content.value)
    if content.log:
        value = np.ma.masked_less_equal(value, 0)
    low, high = content.limits or (None, None)
    norm = (LogNorm if content.log else Normalize)(vmin=low, vmax=high)
    mesh = ax.pcolormesh(content.x, content.y, value, cmap=COLOUR_MAP, norm=norm, shading="nearest", rasterized=True)
    bar = ax.figure.colorbar(mesh, ax=ax, label=content.label)
    if not content.levels:
        return
    field = value if content.contoured is None else np.ma.masked_invalid(content.contoured)
    # white over a darker line is seen on every colour
    for shade, width in (("black", 1.8), ("white", 1.0)):
        with np.errstate(invalid="ignore"):
            ax.contour(content.x, content.y, field, levels=_signed(content), colors=shade, linewidths=width,
                       linestyles="solid")  # fmt: skip
        bar.ax.hlines(sorted(content.levels), *bar.ax.get_xlim(), colors=shade, linewidths=width)


def _signed(content: Map) -> list[float]:
    levels = set(content.levels) if content.contoured is None else {s * x for x in content.levels for s in (-1, 1)}
    return sorted(levels)
