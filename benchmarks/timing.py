"""Shared by the benchmarks: cold timing of one call, and ratios."""

from __future__ import annotations

import functools
import gc
import math
import time
from collections.abc import Callable, Iterable


def package_caches() -> list[functools._lru_cache_wrapper]:
    """Every functools cache of the package that has been imported so far."""
    caches = (item for item in gc.get_objects() if isinstance(item, functools._lru_cache_wrapper))
    return [cache for cache in caches if str(cache.__module__).startswith("grokmath")]


def cold(call: Callable[[], object], repeats: int = 7) -> float:
    """The median time in seconds of one call that pays for its own constants: caches are cleared before each."""
    call()  # so that its modules are imported
    caches = package_caches()
    times = []
    for _ in range(repeats):
        for cache in caches:
            cache.cache_clear()
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return sorted(times)[len(times) // 2]


def geometric_mean(values: Iterable[float]) -> float:
    """exp of the mean logarithm."""
    logs = [math.log(value) for value in values]
    return math.exp(sum(logs) / len(logs))
