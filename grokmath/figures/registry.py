"""Which figures there are, their parameter files, and how one is computed.

A figure named "levi2023:1" has its parameters in ``parameters/levi2023_1.toml`` and is computed by the module
``levi2023_1``: ``compute(parameters, rng, tick) -> FigureData``. The file's top says what the figure shows and the
paper's parameters; its tables ``[quick]`` and ``[paper]`` change some of them for a fast look and for the paper's own
size.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module, resources
from typing import Any, NamedTuple

from grokmath.figures.comparison import judged
from grokmath.figures.data import FigureData
from grokmath.functions.marchenko_pastur_sampling import generator
from grokmath.parameters import DomainError

__all__ = ["FIGURES", "SIZES", "Figure", "compute", "figure"]

SIZES = ("default", "quick", "paper")


class Figure(NamedTuple):
    """A figure's name, what it shows, how long it takes, and its parameters in one size."""

    name: str
    shows: str
    seconds: float
    parameters: dict[str, Any]


def _names() -> tuple[str, ...]:
    folder = resources.files("grokmath.figures").joinpath("parameters")
    stems = [file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml")]
    return tuple(sorted((stem.replace("_", ":", 1) for stem in stems), key=_order))


def _order(name: str) -> tuple[bool, str, int, str]:
    """The papers first, their figures by number, then our own by name."""
    source, _, number = name.partition(":")
    return source == "grokmath", source, int(number) if number.isdecimal() else 0, number


FIGURES = _names()
"""The names of all figures."""


def figure(name: str, size: str = "default") -> Figure:
    """What a figure shows and its parameters; :class:`DomainError` for a name that is none."""
    if size not in SIZES:
        raise DomainError(f"figure: size = {size!r} is not allowed (allowed: {', '.join(SIZES)}); choose one of these")
    if name not in FIGURES:
        import difflib

        near = difflib.get_close_matches(str(name)[:60], FIGURES, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise DomainError(f"figure: there is no figure {str(name)[:60]!r}{hint} (grokmath figure --list names all)")
    file = resources.files("grokmath.figures").joinpath("parameters", f"{name.replace(':', '_')}.toml")
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    changes = content.pop("quick", {}), content.pop("paper", {})
    content.update({"default": {}, "quick": changes[0], "paper": changes[1]}[size])
    return Figure(name, content.pop("shows"), float(content.pop("seconds")), content)


def compute(name: str, size: str = "default", *, rng: Any = 1, tick: Callable[[], object] | None = None) -> FigureData:
    """Compute a figure's data. ``rng`` is an int, a SeedSequence or a Generator; ``tick`` is called now and then."""
    wanted = figure(name, size)
    module = import_module(f"grokmath.figures.{name.replace(':', '_')}")
    result = module.compute(wanted.parameters, generator(rng, "figure"), tick or (lambda: None))
    assert isinstance(result, FigureData)  # noqa: S101 - the contract of the figure modules
    return replace(result, caption=result.caption + judged(result.numbers))
