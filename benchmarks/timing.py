"""Shared by the benchmarks: cold timing of one call, and ratios."""

from __future__ import annotations

import functools
import gc
import math
import time
from collections.abc import Callable, Iterable

Call = Callable[[], object]


def package_caches() -> list[functools._lru_cache_wrapper]:
    """Every functools cache of the package that has been imported so far."""
    caches = (item for item in gc.get_objects() if isinstance(item, functools._lru_cache_wrapper))
    return [cache for cache in caches if str(cache.__module__).startswith("grokmath")]


def _once(call: Call, caches: list[functools._lru_cache_wrapper]) -> float:
    for cache in caches:
        cache.cache_clear()
    start = time.process_time()
    call()
    return time.process_time() - start


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def cold(call: Call, repeats: int = 9) -> float:
    """The median CPU time in seconds of one call that pays for its own constants: caches are cleared before each.

    CPU time, because a call is shorter than the time slice that another process may take in its middle.
    """
    call()  # so that its modules are imported
    caches = package_caches()
    return _median([_once(call, caches) for _ in range(repeats)])


def cold_ratio(first: Call, second: Call, repeats: int = 15) -> tuple[float, float, float]:
    """Medians of both calls' CPU times and of their ratio; taken in turn, both see the same machine."""
    first(), second()
    caches = package_caches()
    pairs = [(_once(first, caches), _once(second, caches)) for _ in range(repeats)]
    return _median([a for a, _ in pairs]), _median([b for _, b in pairs]), _median([a / b for a, b in pairs])


def paired_ratio(first: Call, second: Call, repeats: int = 15) -> tuple[float, float, float]:
    """The same with whatever caches the calls have filled before."""
    first(), second()
    pairs = [(_once(first, []), _once(second, [])) for _ in range(repeats)]
    return _median([a for a, _ in pairs]), _median([b for _, b in pairs]), _median([a / b for a, b in pairs])


def geometric_mean(values: Iterable[float]) -> float:
    """exp of the mean logarithm."""
    logs = [math.log(value) for value in values]
    return math.exp(sum(logs) / len(logs))


def fastest(call: Call, repeats: int = 3) -> float:
    """The least wall time in seconds of a few runs, for calls much longer than a time slice."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)
