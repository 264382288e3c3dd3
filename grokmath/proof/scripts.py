"""Derivations that are started by their path."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import NoReturn

__all__ = ["run_in_package"]


def run_in_package(file: str) -> NoReturn:
    """Run the script at this path as the module of a package that it is, so that relative imports work, and exit.

    A derivation calls it where its ``__spec__`` is None, which says that it was started by its path.
    """
    path = Path(file).resolve()
    names = [path.stem]
    folder = path.parent
    while (folder / "__init__.py").is_file():
        names.insert(0, folder.name)
        folder = folder.parent
    sys.path[0] = str(folder)  # in place of the script's own folder
    runpy.run_module(".".join(names), run_name="__main__", alter_sys=True)
    raise SystemExit
