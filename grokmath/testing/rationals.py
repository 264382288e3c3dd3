"""Exact rational numbers as Hypothesis draws and shrinks them: few digits, every size, simple ones first.

A number is drawn as a small fraction, from a list that begins with the simplest, or as a decimal exponent and up to
four digits, which come from one integer in reverse: shrinking makes it small and so takes the last digits away first.
What is left of a counterexample is the part that matters: 1, 1/2, 3, 0.01.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

from hypothesis import strategies as st

from grokmath.parameters import DomainError, exact

__all__ = ["between", "decade", "end", "rationals"]

_PLACES = 3
_KINDS = st.integers(0, 15)
_POINTS = 12
"""Of the kinds of numbers, this and the next are the points that matter; the two after them are ends."""
_SMALL = 12
"""Numerators and denominators of small fractions."""
_SPAN = 20
"""An interval of positive numbers that is wider than this factor is sampled by decades."""
_MODERATE = (Fraction(1, 10**4), Fraction(10**4))


def end(value: Any, name: str, function: str) -> Fraction:
    """An end of a range, as a Fraction; :class:`DomainError` for anything that is not rational."""
    number = exact(value, name, function)
    if not isinstance(number, Fraction):
        raise DomainError(f"{function}: {name} = {number} is not allowed (needed: a rational number); round it")
    return number


def rationals(low: Any, high: Any) -> st.SearchStrategy[Fraction]:
    """Exact rationals low <= x <= high, shrinking towards small numerators and denominators.

    Where 0 < low and high > 20 low, every decade is as likely as another, and 10^-4 to 10^4 gets a share of its own;
    otherwise the interval is sampled uniformly. The ends are drawn now and then.

    >>> from grokmath.testing import rationals
    >>> from hypothesis import find
    >>> find(rationals("1e-300", "1e300"), lambda x: x > 2), find(rationals(-3, 5), lambda x: x < 0)
    (Fraction(3, 1), Fraction(-1, 1))
    """
    a, b = end(low, "low", "rationals"), end(high, "high", "rationals")
    if not a <= b:
        raise DomainError(f"rationals: low = {a} and high = {b} are not allowed (needed: low <= high); swap them")
    if a == b:
        return st.just(a)
    return between(a, b)


def between(low: Fraction, high: Fraction, points: tuple[Fraction, ...] = ()) -> st.SearchStrategy[Fraction]:
    """The same for two Fractions low < high; ``points`` are drawn about every seventh time."""
    return (_by_decades if low > 0 and high > _SPAN * low else _uniform)(low, high, points)


@st.composite
def _by_decades(draw: st.DrawFn, low: Fraction, high: Fraction, points: tuple[Fraction, ...]) -> Fraction:
    """A small fraction, a moderate number, any number, a point or, seldom, an end."""
    kind = draw(_KINDS)
    simple = _simplest(low, high)
    if kind < 4 and simple:
        return draw(st.sampled_from(simple))
    digits = draw(st.integers(0, 9 * 10**_PLACES - 1))
    inner = max(low, _MODERATE[0]), min(high, _MODERATE[1])
    a, b = inner if kind < 7 and inner[0] < inner[1] else (low, high)
    exponent = draw(st.sampled_from(sorted(range(decade(a), decade(b) + 1), key=abs)))  # integers() keeps near 0
    if kind >= _POINTS:
        return _special(kind, digits, points, low, high)
    x = (digits % 9 + 1 + _mirrored(digits // 9)) * Fraction(10) ** exponent
    return min(max(x, a), b)


@st.composite
def _uniform(draw: st.DrawFn, low: Fraction, high: Fraction, points: tuple[Fraction, ...]) -> Fraction:
    """A small fraction, or low + (high - low) 0.dddd, or a point or, seldom, an end."""
    kind = draw(_KINDS)
    simple = _simplest(low, high)
    if kind < 6 and simple:
        return draw(st.sampled_from(simple))
    digits = draw(st.integers(0, 10 ** (_PLACES + 1) - 1))
    return _special(kind, digits, points, low, high) if kind >= _POINTS else low + (high - low) * _mirrored(digits)


def _special(kind: int, digits: int, points: tuple[Fraction, ...], low: Fraction, high: Fraction) -> Fraction:
    if points and kind < _POINTS + 2:
        return points[digits % len(points)]
    return (low, high)[kind % 2]


def _mirrored(n: int) -> Fraction:
    """0.cba for n = abc: a small n gives few digits."""
    return Fraction(int(str(n)[::-1]), 10 ** len(str(n)))


@cache
def _simplest(low: Fraction, high: Fraction) -> tuple[Fraction, ...]:
    """The fractions of the interval with numerator and denominator up to 12, the simplest first."""
    found = {Fraction(p, q) for q in range(1, _SMALL + 1) for p in range(-_SMALL, _SMALL + 1)}
    order = [x for x in found if low <= x <= high]
    return tuple(sorted(order, key=lambda x: (x == 0, abs(x.numerator) + x.denominator, x < 0, x)))


def decade(x: Fraction) -> int:
    """The e with 10**e <= x < 10**(e+1), x > 0.

    >>> [decade(Fraction(x)) for x in ("0.1", "0.999", "1", "1e300")]
    [-1, -1, 0, 300]
    """
    guess = len(str(x.numerator)) - len(str(x.denominator))
    return guess if Fraction(10) ** guess <= x else guess - 1
