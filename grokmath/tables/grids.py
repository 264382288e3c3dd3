"""Grids of exact parameters as text: numbers and ranges ``start:stop:step`` separated by commas.

All numbers are exact, for example ``0.1:0.9:0.1,1,1.0001``. A grid's length is known without building it, and its
members are made one at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from flint import fmpq

from grokmath.exact import Exact, exact_text
from grokmath.parameters import REAL, Domain, domain_error, exact, parse_number, shown

__all__ = ["MAX_ROWS", "Grid", "Span"]

MAX_ROWS = 10**12
"""The largest table: at a millisecond a row it takes thirty years, so that more can only be a slip of the pen."""

_FUNCTION = "table"
_REMEDY = 'write numbers and ranges start:stop:step separated by commas, such as "0.1:0.9:0.1,1,9/8"'


class Span(NamedTuple):
    """The numbers start, start + step, ... : ``size`` of them; a single number has size 1 and step 0."""

    start: Exact
    step: Exact
    size: int

    def members(self, most: int | None = None) -> Iterator[Exact]:
        """The numbers, or the first ``most`` of them."""
        size = self.size if most is None else min(self.size, most)
        return (self.start + k * self.step if k else self.start for k in range(size))

    @property
    def last(self) -> Exact:
        """The last member."""
        return self.start + (self.size - 1) * self.step if self.size > 1 else self.start


class Grid:
    """A list of exact numbers and ranges, in the order in which they are written.

    ``start:stop:step`` needs start <= stop and step > 0, and contains stop exactly when a whole number of steps leads
    there. Every member is checked against ``domain`` (by the ends of each range). Raises :class:`DomainError`.

    >>> grid = Grid("0.1:0.9:0.2,1,9/8", "lam")
    >>> grid.size, [exact_text(x) for x in grid]
    (7, ['0.1', '0.3', '0.5', '0.7', '0.9', '1', '1.125'])
    """

    def __init__(self, text: str, argument: str, domain: Domain = REAL) -> None:
        self.text = ",".join(item.strip() for item in text.split(","))
        self.spans = tuple(_span(item.strip(), argument, text, domain) for item in text.split(","))
        self.size = sum(span.size for span in self.spans)

    def __iter__(self) -> Iterator[Exact]:
        return (number for span in self.spans for number in span.members())

    @property
    def width(self) -> int:
        """About the length of the longest member's text: that of the first members and the last of each span."""
        return max(len(exact_text(x)) for span in self.spans for x in (*span.members(12), span.last))


def _span(item: str, argument: str, text: str, domain: Domain) -> Span:
    """The numbers that one item of a grid stands for."""
    if not item:
        empty = "it has an empty item" if text.strip() else "it is empty"
        raise domain_error(_FUNCTION, argument, text, "a list of numbers and ranges", f"{empty}: {_REMEDY}")
    parts = item.split(":")
    if len(parts) == 1:
        return Span(exact(item, argument, _FUNCTION, domain), Fraction(0), 1)
    if len(parts) != 3:
        raise domain_error(_FUNCTION, argument, item, "start:stop:step, three numbers", _REMEDY)
    start, stop, step = (_rational(part, f"{argument} {name}") for name, part in zip(_PARTS, parts, strict=True))
    if step <= 0:
        raise domain_error(_FUNCTION, argument, item, "start:stop:step with step > 0", "give a positive step")
    if start > stop:
        raise domain_error(_FUNCTION, argument, item, "start:stop:step with start <= stop", "swap start and stop")
    # fmpq: the common divisors of numbers with a million digits would take Fraction minutes
    length = fmpq(stop.numerator, stop.denominator) - fmpq(start.numerator, start.denominator)
    size = (length / fmpq(step.numerator, step.denominator)).floor() + 1
    if size > MAX_ROWS:
        raise domain_error(_FUNCTION, argument, item, f"at most {MAX_ROWS:.0e} members", "choose a larger step")
    span = Span(start, step, int(size))
    for end in (span.start, span.last):
        if not domain.contains(end):
            raise domain_error(
                _FUNCTION, argument, item, domain.text, f"it contains {shown(exact_text(end))}; choose other ends"
            )
    return span


_PARTS = ("start", "stop", "step")


def _rational(text: str, argument: str) -> Fraction:
    number = parse_number(text)
    if number is None:
        raise domain_error(_FUNCTION, argument, text, REAL.text, _REMEDY)
    return number
