"""How the figures look: colours that colour-blind readers can tell apart (Okabe and Ito), sizes, lines and markers."""

from __future__ import annotations

from typing import Any

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
COLOUR_MAP = "viridis"
PANEL_SIZE = (3.6, 2.9)
CAPTION_SIZE = 7
CAPTION_LETTERS = 20
"""Letters of a caption that fit into an inch, about."""
CAPTION_MARGIN = 0.1
"""Inches left and right of a caption."""
CAPTION_LINE = 0.128
"""Inches from one line of a caption to the next."""

RC: Any = {
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.labelsize": 9,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "lines.linewidth": 1.4,
    "lines.markersize": 3.2,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.constrained_layout.use": True,
    "savefig.dpi": 200,
    "svg.hashsalt": "grokmath",
    "pdf.fonttype": 42,
}


def power(value: float) -> str:
    r"""A number for a legend, with a power of ten below 0.01 and above 1000.

    >>> print(power(0.5), power(1e-5), power(3e-7))
    0.5 $10^{-5}$ $3\cdot10^{-7}$
    """
    text = f"{value:e}"
    mantissa, exponent = float(text.split("e")[0]), int(text.split("e")[1])
    if -2 <= exponent <= 3:
        return f"{value:g}"
    factor = "" if mantissa == 1 else f"{mantissa:g}\\cdot"
    return f"${factor}10^{{{exponent}}}$"
