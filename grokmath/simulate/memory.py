"""Whether a run fits into this machine's memory, asked before anything is allocated."""

from __future__ import annotations

import os

from grokmath.parameters import DomainError

__all__ = ["machine_memory", "require_memory"]

_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB")


def machine_memory() -> int | None:
    """The machine's memory in bytes; None where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def require_memory(function: str, doubles: float, what: str) -> None:
    """Raise :class:`DomainError` if ``doubles`` numbers of 8 bytes are more than the machine has; ``what`` names them.

    >>> require_memory("simulate.regression", 1e6, "d_in = 1000")
    >>> require_memory("simulate.regression", 1e15, "d_in = 10^7")
    Traceback (most recent call last):
    ...
    grokmath.parameters.DomainError: simulate.regression: d_in = 10^7 needs 8 PB of memory, and this machine has ...
    """
    needed, present = 8 * doubles, machine_memory()
    if present is not None and needed > present:
        raise DomainError(
            f"{function}: {what} needs {_size(needed)} of memory, and this machine has {_size(present)}; "
            "choose a smaller size"
        )


def _size(size: float) -> str:
    unit = 0
    while size >= 1000 and unit < len(_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size:.3g} {_UNITS[unit]}"
