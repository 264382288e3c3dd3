"""Where a statement is claimed to hold: exact intervals, critical points, and a deterministic sample of both.

Points are the critical ones first, then a Halton sequence mapped to the intervals and rounded to short decimals, so
that a failing point can be read and typed; it goes on until every combination of listed values was tried. Nothing is
random.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext
from fractions import Fraction
from typing import Any

import sympy

from grokmath.exact import Exact, ExactAlgebraic, exact_text
from grokmath.parameters import DomainError, domain_error, exact, shown

__all__ = ["Choice", "Range", "Regime", "as_regimes", "misfit", "points_argument"]

_NAME = "domain"
_MOST_LISTED = 200
_DECLARED = ("positive", "negative", "zero", "integer", "even", "odd", "rational", "real")
_SPAN = 20
"""An interval of positive numbers that is wider than this factor is sampled by decades."""
_GOLDEN = (math.sqrt(5) - 1) / 2
_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61)


@dataclass(frozen=True)
class Range:
    """The open interval low < x < high of a real parameter, or the integers low, ..., high.

    ``log`` samples the logarithm; by default where the interval is positive and spans more than a factor of 20.
    The ends are rational numbers, in text too; :class:`DomainError` for others, and where nothing lies between.

    >>> from grokmath import Range
    >>> Range("1/10", 1).at(Fraction(1, 2))
    Fraction(11, 20)
    """

    low: Fraction
    high: Fraction
    integer: bool = False
    log: bool | None = None

    def __post_init__(self) -> None:
        for name in ("low", "high"):
            end = exact(getattr(self, name), name, _NAME)
            if not isinstance(end, Fraction):
                raise domain_error(_NAME, name, end, "a rational number", "give one near it")
            object.__setattr__(self, name, end)
        if not self.low < self.high:
            raise DomainError(f"{_NAME}: the interval ({self.low}, {self.high}) is empty; give low < high")
        if self.integer and math.ceil(self.low) > math.floor(self.high):
            raise DomainError(f"{_NAME}: no integer lies between {self.low} and {self.high}; give a wider range")

    def at(self, u: Fraction) -> Exact:
        """The point at the fraction 0 < u < 1 of the interval, rounded to few digits."""
        if self.integer:
            first = math.ceil(self.low)
            return Fraction(first + int(u * (math.floor(self.high) - first + 1)))
        log = self.log if self.log is not None else self.low > 0 and self.high > _SPAN * self.low
        x = self._by_decades(u) if log else self.low + u * (self.high - self.low)
        places = 3
        while not self.low < (value := _rounded(x, places)) < self.high:
            places += 1 + places // 8
        return value

    def _by_decades(self, u: Fraction) -> Fraction:
        """low (high/low)^u, to the accuracy of a double."""
        low, high = (math.log10(end.numerator) - math.log10(end.denominator) for end in (self.low, self.high))
        exponent, rest = divmod(low + float(u) * (high - low), 1)
        x = Fraction(10**rest) * Fraction(10) ** int(exponent)
        return x if self.low < x < self.high else self.low + u * (self.high - self.low)


def _rounded(x: Fraction, places: int) -> Fraction:
    """x to so many significant digits."""
    if x == 0:
        return x
    with localcontext(Context(prec=places, Emax=MAX_EMAX, Emin=MIN_EMIN)):
        return Fraction(Decimal(x.numerator) / Decimal(x.denominator))


@dataclass(frozen=True)
class Choice:
    """Finitely many exact values, in text too.

    >>> from grokmath import Choice
    >>> Choice(("1/2", 1, "3/2")).values
    (Fraction(1, 2), Fraction(1, 1), Fraction(3, 2))
    """

    values: tuple[Exact, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", tuple(exact(value, "values", _NAME) for value in self.values))

    def at(self, u: Fraction) -> Exact:
        """The value number floor(u n)."""
        return self.values[int(u * len(self.values))]


@dataclass(frozen=True)
class Regime:
    """A named part of a domain: a range for each parameter, and critical points that are always tried.

    >>> from grokmath import Choice, Range, Regime
    >>> above = Regime((("lam", Choice((2, 3))), ("s", Range("1/10", 10))), name="lam > 1")
    >>> [point["lam"] for point in above.points(4)]
    [Fraction(3, 1), Fraction(2, 1), Fraction(3, 1), Fraction(2, 1)]
    """

    ranges: tuple[tuple[str, Range | Choice], ...]
    critical: tuple[tuple[tuple[str, Exact], ...], ...] = ()
    name: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters."""
        return tuple(name for name, _ in self.ranges)

    def points(self, count: int) -> list[dict[str, Exact]]:
        """At least ``count`` exact points where the regime has so many, the critical ones first.

        A critical point that names some parameters only takes the others from the sequence. Every combination of
        listed values is among the points, up to two hundred combinations, which are then spread over all of them.
        """
        listed = {name: part.values for name, part in self.ranges if isinstance(part, Choice)}
        wanted = _combinations(list(listed.values()))
        if len(listed) == len(self.ranges):
            points = [dict(zip(listed, values, strict=True)) for values in wanted]
            critical = [{**points[0], **dict(point)} for point in self.critical]
            return [*critical, *(point for point in points if point not in critical)]
        sequence = self._sequence()
        found: list[dict[str, Exact]] = [{**next(sequence), **dict(point)} for point in self.critical]
        missing = set(wanted) - {tuple(point[name] for name in listed) for point in found}
        for _ in range(20 * count):
            if len(found) >= count:
                break
            point = next(sequence)
            if point not in found:
                found.append(point)
                missing.discard(tuple(point[name] for name in listed))
        left = [values for values in wanted if values in missing]
        return [*found, *({**next(sequence), **dict(zip(listed, values, strict=True))} for values in left)]

    def unrounded(self) -> dict[str, Exact]:
        """A point of many digits, at which what is periodic does not return to where it is at short decimals."""
        point: dict[str, Exact] = {}
        for k, (name, part) in enumerate(self.ranges, 1):
            u = Fraction(math.modf(k * _GOLDEN)[0])
            plain = isinstance(part, Range) and not part.integer
            point[name] = part.low + u * (part.high - part.low) if isinstance(part, Range) and plain else part.at(u)
        return point

    def _sequence(self) -> Iterator[dict[str, Exact]]:
        if len(self.ranges) > len(_PRIMES):
            raise DomainError(f"{_NAME}: {len(self.ranges)} parameters are more than {len(_PRIMES)}; fix some of them")
        k = 0
        while True:
            k += 1
            yield {name: part.at(_radical(k, base)) for (name, part), base in zip(self.ranges, _PRIMES, strict=False)}


def _combinations(lists: list[tuple[Exact, ...]]) -> list[tuple[Exact, ...]]:
    """The combinations of listed values; of very many, some hundred that run through each list evenly."""
    size = math.prod(len(values) for values in lists)
    if size <= _MOST_LISTED:
        return list(itertools.product(*lists))
    rows = (
        tuple(values[int(_radical(k, base) * len(values))] for values, base in zip(lists, _PRIMES, strict=False))
        for k in range(1, _MOST_LISTED + 1)
    )
    longest = max(map(len, lists))
    cycled = (tuple(values[k % len(values)] for values in lists) for k in range(longest))
    return list(dict.fromkeys([*rows, *cycled]))


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


def _part(key: Any, given: Any) -> Range | Choice:
    name, integer = str(key), bool(getattr(key, "is_integer", False))
    if isinstance(given, Range | Choice):
        return given
    if isinstance(given, list) and given:
        return Choice(tuple(exact(value, name, _NAME) for value in given))
    if isinstance(given, tuple) and len(given) == 2:
        return Range(_end(given[0], name), _end(given[1], name), integer)
    if type(given).__name__ == "Interval" and hasattr(given, "left_open"):
        return Range(_end(given.start, name), _end(given.end, name), integer)
    if isinstance(given, list | tuple | dict | set):
        raise DomainError(f"{_NAME}: {name} = {shown(given)} is no range; give (low, high) or a list of exact values")
    return Choice((exact(given, name, _NAME),))


def as_regimes(domain: Any, critical: Sequence[Mapping[Any, Any]] = ()) -> tuple[Regime, ...]:
    """What a caller gave as a domain: a Regime, several, or a mapping of symbols or names to ranges.

    A range is (low, high), a list of exact values, one exact value, a SymPy ``Interval`` (whose closed ends become
    critical points), a :class:`Range` or a :class:`Choice`. For a symbol that is declared an integer the range is that
    of the integers from low to high. Without parameters give ``{}`` or ``()``.
    """
    if isinstance(domain, Regime):
        return (domain,)
    if isinstance(domain, Mapping):
        ranges = tuple((str(name), _part(name, given)) for name, given in domain.items())
        for symbol, (_, part) in zip(domain, ranges, strict=True):
            ends = part.values if isinstance(part, Choice) else [part.at(Fraction(k, 64)) for k in (1, 63)]
            if wrong := next(filter(None, (misfit(symbol, value) for value in ends)), ""):
                raise DomainError(f"{_NAME}: {wrong}; declare it otherwise, or give another domain")
        points = [tuple((str(name), exact(value, str(name), _NAME)) for name, value in p.items()) for p in critical]
        unknown = {name for point in points for name, _ in point} - {name for name, _ in ranges}
        if unknown:
            raise DomainError(f"{_NAME}: critical points name {', '.join(sorted(unknown))}; give that a range as well")
        for name, given in domain.items():
            for end, is_open in (("start", "left_open"), ("end", "right_open")):
                if hasattr(given, is_open) and not getattr(given, is_open):
                    points.append(((str(name), exact(getattr(given, end), str(name), _NAME)),))
        return (Regime(ranges, tuple(points)),)
    regimes = domain if isinstance(domain, Sequence) and not isinstance(domain, str) else (None,)
    if regimes == ():
        return (Regime(()),)
    if not regimes or not all(isinstance(regime, Regime) for regime in regimes):
        raise DomainError(f"{_NAME}: give a mapping of symbols to ranges, a Regime, or several")
    return tuple(regimes)


def misfit(symbol: Any, value: Exact) -> str:
    """How a value is not what its symbol is declared to be, which SymPy has used already; empty where it is that."""
    number = value.expr if isinstance(value, ExactAlgebraic) else sympy.Rational(value.numerator, value.denominator)
    for kind in _DECLARED:
        declared, actual = getattr(symbol, f"is_{kind}", None), getattr(number, f"is_{kind}")
        if declared is not None and actual is not None and declared != actual:
            return f"{symbol} = {exact_text(value)}, and the symbol is declared {'' if declared else 'not '}{kind}"
    return ""


def points_argument(points: Any, function: str) -> int:
    """How many points to try: an integer from 1 up."""
    if isinstance(points, bool) or not isinstance(points, int) or points < 1:
        raise DomainError(f"{function}: points = {shown(points)} is not allowed (needed: an integer >= 1)")
    return points
