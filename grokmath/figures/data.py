"""A figure as data: panels of curves and maps, its caption, and the numbers that compare simulation and theory."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Kind = Literal["theory", "approximation", "simulation"]


@dataclass(frozen=True, eq=False)
class Curve:
    """One curve: theory is drawn as a line, an approximation dotted, a simulation as markers with error bars.

    ``error`` is the standard error of the mean over runs. Curves with the same ``colour`` (an index into the palette)
    belong together, where an approximation of colour 0 is black; ``dashed`` marks the training side of a pair. A label
    that begins with "_" is not in the legend. ``filled``: what lies below the curve is shaded, and no line drawn.
    """

    label: str
    x: Array
    y: Array
    kind: Kind = "theory"
    error: Array | None = None
    colour: int = 0
    dashed: bool = False
    filled: bool = False


@dataclass(frozen=True, eq=False)
class Map:
    """A value over a grid of x and y; masked points (nan) are left white. ``log`` scales the colours.

    ``levels`` are drawn as contour lines, here and in the scale of the colours, whose ends are ``limits``. Where the
    value is the size of what changes sign, ``contoured`` is that, and the lines are those of +-levels.
    """

    x: Array
    y: Array
    value: Array
    label: str
    log: bool = True
    levels: tuple[float, ...] = ()
    limits: tuple[float, float] | None = None
    contoured: Array | None = None


@dataclass(frozen=True, eq=False)
class Panel:
    """One pair of axes: its name (for files), title, labels and scales, and what stands in it.

    ``legend`` False where a panel beside it has the same one.
    """

    name: str
    title: str
    xlabel: str
    ylabel: str
    curves: tuple[Curve, ...] = ()
    map: Map | None = None
    xscale: str = "linear"
    yscale: str = "linear"
    xlim: tuple[float, float] | None = None
    ylim: tuple[float, float] | None = None
    legend: bool = True


@dataclass(frozen=True, eq=False)
class FigureData:
    """A whole figure: ``numbers`` holds z-scores, detectable deviations and fits by name; the caption quotes them."""

    panels: tuple[Panel, ...]
    caption: str
    numbers: dict[str, Any] = field(default_factory=dict)
    columns: int = 3

    def to_csv(self) -> str:
        """One line a point: panel, curve, kind, x, y, error; a map's points have x, y and value as error-free z."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["panel", "curve", "kind", "x", "y", "error", "value"])
        for panel in self.panels:
            for curve in panel.curves:
                errors = [""] * len(curve.x) if curve.error is None else [repr(float(e)) for e in curve.error]
                for x, y, error in zip(curve.x, curve.y, errors, strict=True):
                    writer.writerow([panel.name, curve.label, curve.kind, repr(float(x)), repr(float(y)), error, ""])
            if panel.map is not None:
                for j, y in enumerate(panel.map.y):
                    for i, x in enumerate(panel.map.x):
                        value = repr(float(panel.map.value[j, i]))
                        row = [panel.name, panel.map.label, "map", repr(float(x)), repr(float(y)), "", value]
                        writer.writerow(row)
        return text.getvalue()

    def to_json(self, **more: Any) -> str:
        """Caption, numbers and whatever else is given, as JSON; the curves are in the CSV."""
        return json.dumps({**more, "caption": self.caption, "numbers": _plain(self.numbers)}, indent=2) + "\n"


def _plain(value: Any) -> Any:
    """The value with NumPy's types replaced and what JSON has no number for as text."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
