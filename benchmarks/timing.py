"""Shared by the benchmarks: cold timing of one call, and ratios."""

from __future__ import annotations

import functools
import gc
import math
import time
from collections.abc import Callable, Iterable


def clear_caches() -> None:
    """Empty every functools cache of the package, so that a call pays for its own constants."""
    for item in gc.get_objects():
        if isinstance(item, functools._lru_cache_wrapper) and str(item.__module__).startswith("grokmath"):
            item.cache_clear()


def cold(call: Callable[[], object], repeats: int = 7) -> float:
    """The median time in seconds of one call, caches cleared before each."""
    times = []
    for _ in range(repeats):
        clear_caches()
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return sorted(times)[len(times) // 2]


def geometric_mean(values: Iterable[float]) -> float:
    """exp of the mean logarithm."""
    logs = [math.log(value) for value in values]
    return math.exp(sum(logs) / len(logs))
