"""Fresh processes that leave interrupts to the first one."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

__all__ = ["fresh_processes"]


def fresh_processes(jobs: int) -> ProcessPoolExecutor:
    """A pool of ``jobs`` processes, all started; an interrupt never reaches them, even while they start.

    Fresh interpreters: a fork would copy locks that other threads hold.
    """
    ignore = (signal.SIGINT, signal.SIG_IGN)
    executor = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), signal.signal, ignore)
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
