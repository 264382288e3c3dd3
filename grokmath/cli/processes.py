"""Fresh processes that leave interrupts to the first one."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from grokmath.cli.common import UsageError, shown

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

__all__ = ["fresh_processes", "jobs_option"]

_MOST_JOBS = 1024


def jobs_option(text: str | None, verb: str) -> int:
    """The number of processes that ``--jobs`` asks for; the number of cores where it is not given."""
    if text is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= _MOST_JOBS):
        raise UsageError(f"{verb}: --jobs {shown(text)} is not allowed; give an integer from 1 to {_MOST_JOBS}")
    return int(text)


def fresh_processes(jobs: int) -> ProcessPoolExecutor:
    """A pool of ``jobs`` processes, all started; an interrupt never reaches them, even while they start.

    Fresh interpreters: a fork would copy locks that other threads hold.
    """
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    ignore = (signal.SIGINT, signal.SIG_IGN)
    executor = ProcessPoolExecutor(jobs, get_context("spawn"), signal.signal, ignore)
    with _interrupts_wait():
        for _ in range(jobs):
            executor.submit(int)
    return executor


@contextmanager
def _interrupts_wait() -> Iterator[None]:
    """Interrupts are delivered after the block; processes started in it inherit that they are not."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
