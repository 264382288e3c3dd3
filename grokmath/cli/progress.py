"""A count of what is done, on a terminal only."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["beside_the_count", "progress"]


@contextmanager
def progress(name: str, unit: str = "part", total: int | None = None) -> Iterator[Callable[[], object]]:
    """A count of what is done, on stderr where that is a terminal; what to call after each part."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda: None
        return
    from tqdm import tqdm

    columns, lines = os.get_terminal_size(sys.stderr.fileno())
    shape = {"ncols": min(columns or 80, 120), "nrows": lines or 24}  # some terminals do not know their size
    with tqdm(desc=name, unit=unit, total=total, file=sys.stderr, leave=False, **shape) as bar:
        yield bar.update


@contextmanager
def beside_the_count(file: Any = None) -> Iterator[None]:
    """Lines written here, to ``file`` or stderr, do not run into the count of :func:`progress`."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield
        return
    from tqdm import tqdm

    with tqdm.external_write_mode(file=file or sys.stderr):
        yield
