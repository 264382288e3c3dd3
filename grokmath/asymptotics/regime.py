"""Where a statement is claimed to hold: exact intervals, critical points, and a deterministic sample of both.

Points are the critical ones first, then a Halton sequence mapped to the intervals and rounded to short decimals, so
that a failing point can be read and typed. Nothing is random.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from grokmath.exact import Exact
from grokmath.parameters import DomainError, exact, shown

__all__ = ["Choice", "Range", "Regime", "as_regimes"]

_NAME = "domain"
_MOST_LISTED = 100
_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61)


@dataclass(frozen=True)
class Range:
    """The open interval low < x < high of a real parameter, or the integers low, ..., high.

    ``log`` samples the logarithm; by default where the interval is positive and spans more than a factor of 20.
    """

    low: Fraction
    high: Fraction
    integer: bool = False
    log: bool | None = None

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise DomainError(f"{_NAME}: the interval ({self.low}, {self.high}) is empty; give low < high")

    def at(self, u: Fraction) -> Exact:
        """The point at the fraction 0 < u < 1 of the interval, rounded to few digits."""
        if self.integer:
            first = math.ceil(self.low)
            return Fraction(first + int(u * (math.floor(self.high) - first + 1)))
        low, high = float(self.low), float(self.high)
        log = self.log if self.log is not None else low > 0 and high > 20 * low
        for places in range(3, 18):
            x = low * math.exp(float(u) * math.log(high / low)) if log else low + float(u) * (high - low)
            value = Fraction(f"{x:.{places}g}")
            if self.low < value < self.high:
                return value
        return (self.low + self.high) / 2


@dataclass(frozen=True)
class Choice:
    """Finitely many exact values."""

    values: tuple[Exact, ...]

    def at(self, u: Fraction) -> Exact:
        """The value number floor(u n)."""
        return self.values[int(u * len(self.values))]


@dataclass(frozen=True)
class Regime:
    """A named part of a domain: a range for each parameter, and critical points that are always tried."""

    ranges: tuple[tuple[str, Range | Choice], ...]
    critical: tuple[tuple[tuple[str, Exact], ...], ...] = ()
    name: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters."""
        return tuple(name for name, _ in self.ranges)

    def points(self, count: int) -> list[dict[str, Exact]]:
        """At least ``count`` exact points where the regime has so many, the critical ones first.

        A critical point that names some parameters only takes the others from the sequence. Where all parameters are
        lists, all their combinations are taken, up to a hundred.
        """
        if self.ranges and all(isinstance(part, Choice) for _, part in self.ranges):
            return self._listed()
        sequence = self._sequence()
        found: list[dict[str, Exact]] = [{**next(sequence), **dict(point)} for point in self.critical]
        for _ in range(20 * count):
            if len(found) >= count:
                break
            point = next(sequence)
            if point not in found:
                found.append(point)
        return found

    def _listed(self) -> list[dict[str, Exact]]:
        names = self.names
        lists = [part.values for _, part in self.ranges if isinstance(part, Choice)]
        combinations = [dict(zip(names, values, strict=True)) for values in itertools.product(*lists)][:_MOST_LISTED]
        critical = [{**combinations[0], **dict(point)} for point in self.critical]
        return [*critical, *(point for point in combinations if point not in critical)]

    def _sequence(self) -> Iterator[dict[str, Exact]]:
        if len(self.ranges) > len(_PRIMES):
            raise DomainError(f"{_NAME}: {len(self.ranges)} parameters are more than {len(_PRIMES)}; fix some of them")
        k = 0
        while True:
            k += 1
            yield {name: part.at(_radical(k, base)) for (name, part), base in zip(self.ranges, _PRIMES, strict=False)}


def _radical(k: int, base: int) -> Fraction:
    """The radical inverse of k: its digits in the base, mirrored at the point."""
    value, scale = Fraction(0), Fraction(1)
    while k:
        k, digit = divmod(k, base)
        scale /= base
        value += digit * scale
    return value


def _end(given: Any, name: str) -> Fraction:
    """An end of an interval; an algebraic one is rounded, as the ends of open intervals are not tried."""
    value = exact(given, name, _NAME)
    return value if isinstance(value, Fraction) else Fraction(float(value))


def _part(name: str, given: Any) -> Range | Choice:
    if isinstance(given, Range | Choice):
        return given
    if isinstance(given, list):
        return Choice(tuple(exact(value, name, _NAME) for value in given))
    if isinstance(given, tuple) and len(given) == 2:
        return Range(_end(given[0], name), _end(given[1], name))
    if type(given).__name__ == "Interval" and hasattr(given, "left_open"):
        return Range(_end(given.start, name), _end(given.end, name))
    if isinstance(given, list | tuple | dict | set):
        raise DomainError(f"{_NAME}: {name} = {shown(given)} is no range; give (low, high) or a list of exact values")
    return Choice((exact(given, name, _NAME),))


def as_regimes(domain: Any, critical: Sequence[Mapping[Any, Any]] = ()) -> tuple[Regime, ...]:
    """What a caller gave as a domain: a Regime, several, or a mapping of symbols or names to ranges.

    A range is (low, high), a list of exact values, one exact value, a SymPy ``Interval`` (whose closed ends become
    critical points), a :class:`Range` or a :class:`Choice`.
    """
    if isinstance(domain, Regime):
        return (domain,)
    if isinstance(domain, Mapping):
        ranges = tuple((str(name), _part(str(name), given)) for name, given in domain.items())
        points = [tuple((str(name), exact(value, str(name), _NAME)) for name, value in p.items()) for p in critical]
        for name, given in domain.items():
            for end, is_open in (("start", "left_open"), ("end", "right_open")):
                if hasattr(given, is_open) and not getattr(given, is_open):
                    points.append(((str(name), exact(getattr(given, end), str(name), _NAME)),))
        return (Regime(ranges, tuple(points)),)
    regimes = tuple(domain)
    if not regimes or not all(isinstance(regime, Regime) for regime in regimes):
        raise DomainError(f"{_NAME}: give a mapping of symbols to ranges, a Regime, or several")
    return regimes
