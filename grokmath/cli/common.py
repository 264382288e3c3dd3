"""What the verbs of the command line share: errors, messages, and the reading of options."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

__all__ = ["UsageError", "digits_option", "drop_output", "nearest", "say", "shown"]


class UsageError(Exception):
    """The arguments are not a command: one sentence."""


def nearest(word: str, words: Sequence[str]) -> str:
    """``; did you mean ...?`` where one of the words is near."""
    import difflib

    near = difflib.get_close_matches(word[:100].replace("_", "-"), words, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def shown(text: str) -> str:
    """The text quoted, and cut where it is long."""
    return repr(text if len(text) <= 60 else text[:57] + "...")


def digits_option(text: str) -> Any:
    """The digits as an integer where the text is one; else the text, which the library refuses by name."""
    figures = text[1:] if text[:1] in ("+", "-") else text
    return int(text) if figures.isascii() and figures.isdigit() and len(text) < 20 else text


def say(text: str) -> None:
    """One line on stderr, whatever the text quotes."""
    if sys.stderr is None:
        return
    line = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
    with suppress(OSError):
        print(f"grokmath: {line}", file=sys.stderr, flush=True)


def drop_output() -> None:
    """Nothing more goes to a standard output that cannot be written, also not at the end of the process."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
