"""Every figure of both papers, and some of our own: computed as data, drawn in one style, one command each."""

from grokmath.figures.data import Curve, FigureData, Map, Panel
from grokmath.figures.registry import FIGURES, Figure, compute, figure

__all__ = ["FIGURES", "Curve", "Figure", "FigureData", "Map", "Panel", "compute", "figure"]
