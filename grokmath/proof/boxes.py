"""Polynomials with rational coefficients on boxes: a proof that one is positive, by Moebius maps and halving.

Each interval is the image of (0, oo) by a Moebius map (or a shift, if it is unbounded). If all coefficients of the
image of the polynomial, times a power of the denominators, are positive, the polynomial is not negative on the
closed box; it is positive where, on each face that belongs to the box, some term does not vanish.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

import sympy

__all__ = ["Polynomial", "Range", "positive_on_box", "root_range"]

Polynomial = dict[tuple[int, ...], Fraction]
"""Coefficients by exponents."""


class Range(NamedTuple):
    """An interval with rational ends; None is an infinite end. Open ends are not attained."""

    low: Fraction | None = None
    high: Fraction | None = None
    low_open: bool = True
    high_open: bool = True

    @property
    def positive(self) -> bool:
        return self.low is not None and (self.low > 0 or (self.low == 0 and self.low_open))

    @property
    def not_negative(self) -> bool:
        return self.low is not None and self.low >= 0


def root_range(reach: Range, n: int) -> Range:
    """An enclosure of the range of x^(1/n) for x >= 0."""
    low = _root(max(reach.low or Fraction(0), Fraction(0)), n, up=False)
    high = None if reach.high is None else _root(max(reach.high, Fraction(0)), n, up=True)
    return Range(low, high, reach.low is not None and reach.low >= 0 and reach.low_open, reach.high_open)


def _root(x: Fraction, n: int, up: bool) -> Fraction:
    """x^(1/n) where it is rational with a small denominator, else a bound for it to 40 bits."""
    p, exact_p = sympy.integer_nthroot(x.numerator, n)
    q, exact_q = sympy.integer_nthroot(x.denominator, n)
    if exact_p and exact_q:
        return Fraction(int(p), int(q))
    scaled, _ = sympy.integer_nthroot((x.numerator << (40 * n)) // x.denominator, n)
    return Fraction(int(scaled) + (1 if up else 0), 1 << 40)


def positive_on_box(polynomial: Polynomial, box: list[Range], strict: bool, halvings: int) -> bool:
    """Whether the polynomial is positive (not negative, if not strict) at every point of the box. False proves
    nothing.
    """
    if any(_value(polynomial, [_sample(reach, k) for reach in box]) < 0 for k in (2, 16)):
        return False
    image, degrees = polynomial, []
    for i, reach in enumerate(box):
        degrees.append(max(row[i] for row in image))
        image = _moebius(image, i, degrees[i], reach)
        if not image:
            return not strict
    if all(c > 0 for c in image.values()):
        return not strict or _faces(image, degrees, box)
    if halvings == 0 or len(box) > 4:
        return False
    return any(
        all(positive_on_box(polynomial, half, strict, halvings - 1) for half in halves)
        for halves in _halved(box, degrees)
    )


def _sample(reach: Range, k: int) -> Fraction:
    """A point of the range, its low end plus 1/k of it."""
    if reach.low is not None:
        return reach.low + (Fraction(1) if reach.high is None else reach.high - reach.low) / k
    return reach.high - 1 if reach.high is not None else Fraction(0)


def _value(polynomial: Polynomial, point: list[Fraction]) -> Fraction:
    total = Fraction(0)
    for row, c in polynomial.items():
        for x, n in zip(point, row, strict=True):
            c *= x**n
        total += c
    return total


def _halved(box: list[Range], degrees: list[int]) -> Iterator[list[list[Range]]]:
    widest = max(range(len(box)), key=lambda i: degrees[i])
    reach = box[widest]
    if reach.low is not None and reach.high is not None:
        middle = (reach.low + reach.high) / 2
    elif reach.low is not None:
        middle = 2 * reach.low if reach.low > 0 else reach.low + 1
    elif reach.high is not None:
        middle = reach.high - 1
    else:
        return
    parts = [reach._replace(high=middle, high_open=False), reach._replace(low=middle, low_open=False)]
    yield [[*box[:widest], part, *box[widest + 1 :]] for part in parts]


def _moebius(polynomial: Polynomial, i: int, degree: int, reach: Range) -> Polynomial:
    """The polynomial with (low + high w)/(1 + w) for its i-th variable, times (1 + w)^degree; low + w or high - w if
    unbounded.
    """
    if reach.low == 0 and reach.high is None:
        return polynomial
    result: Polynomial = {}
    images = {n: _image(reach, n, degree) for n in {row[i] for row in polynomial}}
    for row, c in polynomial.items():
        for k, d in images[row[i]]:
            key = (*row[:i], k, *row[i + 1 :])
            result[key] = result.get(key, Fraction(0)) + c * d
    return {row: c for row, c in result.items() if c}


def _image(reach: Range, n: int, degree: int) -> list[tuple[int, Fraction]]:
    """The coefficients, by exponent, of the image of x^n, times (1 + w)^degree on a bounded range."""
    if reach.low is not None and reach.high is not None:
        image = _convolve(_binomial(reach.low, reach.high, n), _binomial(Fraction(1), Fraction(1), degree - n))
    elif reach.low is not None:
        image = _binomial(reach.low, Fraction(1), n)
    else:
        image = _binomial(reach.high or Fraction(0), Fraction(-1), n)
    return [(k, c) for k, c in enumerate(image) if c]


def _binomial(a: Fraction, b: Fraction, n: int) -> list[Fraction]:
    result = [Fraction(1)]
    for _ in range(n):
        result = _convolve(result, [a, b])
    return result


def _convolve(left: list[Fraction], right: list[Fraction]) -> list[Fraction]:
    result = [Fraction(0)] * (len(left) + len(right) - 1)
    for i, a in enumerate(left):
        for j, b in enumerate(right):
            result[i + j] += a * b
    return result


def _faces(image: Polynomial, degrees: list[int], box: list[Range]) -> bool:
    """Whether, on every face of the box that belongs to it, some term is positive."""
    choices = [
        [
            "inside",
            *(["low"] if not r.low_open and r.low is not None else []),
            *(["high"] if not r.high_open and r.high is not None else []),
        ]
        for r in box
    ]
    for face in itertools.product(*choices):
        if not any(all(_survives(row[i], degrees[i], box[i], side) for i, side in enumerate(face)) for row in image):
            return False
    return True


def _survives(exponent: int, degree: int, reach: Range, side: str) -> bool:
    if side == "inside":
        return True
    at_zero = side == "low" or reach.low is None  # w = 0 is the low end, or the high one of (-oo, high]
    return exponent == 0 if at_zero else exponent == degree
