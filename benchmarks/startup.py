"""Whole processes: import, --help and the default table, in units of a bare interpreter; the table's peak memory."""

from __future__ import annotations

import resource
import subprocess
import sys
import time

COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "import grokmath": ["-c", "import grokmath"],
    "grokmath --help": ["-m", "grokmath", "--help"],
    "grokmath table": ["-m", "grokmath", "table"],
}


def seconds(arguments: list[str], repeats: int = 7) -> float:
    """The median wall time of a fresh process, after one run that is not counted."""
    times = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
        times.append(time.perf_counter() - start)
    return sorted(times[1:])[repeats // 2]


def main() -> None:
    """Print seconds and ratios."""
    base = seconds(COMMANDS["python -c pass"])
    for name, arguments in COMMANDS.items():
        taken = seconds(arguments)
        print(f"{name:16} {taken:6.3f} s   {taken / base:5.1f} times a bare interpreter")
    print(f"peak memory of the largest of these: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()
