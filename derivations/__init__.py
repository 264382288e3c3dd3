"""Executable derivations: each module derives one printed equation, or a group of them, step by checked step."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

__all__ = ["catalogue"]


def catalogue(paper: str) -> dict[str, Callable[[], Any]]:
    """For each ID that the derivations of a paper ("levi2023") reach, the function that derives it, to its last fact.

    The package may stand at the top of a checkout or inside another package: modules are found next to this file.
    """
    folder = import_module(f".{paper}", __name__)
    found: dict[str, Callable[[], Any]] = {}
    for part in sorted(iter_modules(folder.__path__), key=lambda part: part.name):
        module = import_module(f".{paper}.{part.name}", __name__)
        for identifier, derive in module.DERIVES.items():
            if identifier in found:
                raise ValueError(f"catalogue: {identifier} is derived in two modules, the second being {part.name}")
            found[identifier] = derive
    return found
