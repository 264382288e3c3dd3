"""What the tests of the command line share: running it in this process or in one of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import NamedTuple

COMMAND = [sys.executable, "-m", "grokmath"]
SMALL = ["table", "--lam", "0.5", "--eps", "1e-3", "--digits", "5"]
LOSS = ["eval", "gen-loss", "--lam", "0.9", "--eta", "0.01"]
TIME = ["eval", "grokking-time", "--eta", "0.01", "--eps", "1e-3"]


class Outcome(NamedTuple):
    """Exit status, standard output and standard error."""

    status: int
    out: str
    err: str


Run = Callable[..., Outcome]
"""The fixture ``run``: the command line with these arguments, in this process."""


def process(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own."""
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=60, check=False)
