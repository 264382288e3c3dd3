"""Words in matrix symbols: the products and traces that the normal form of matrices is made of.

A word is a product of letters. A letter is a symbol or its transpose, or a function of a symmetric word W: the
exponential exp(tau W), or the inverse (W + c I)^-1. Two products come to one form by what holds for all matrices:
Q.T Q = I for orthogonal Q; functions of one W commute with W and with one another, exponentials add their rates, and
W (W + c I)^-1 = I - c (W + c I)^-1; a part of size 1 x 1 is its own trace; a trace may be rotated and transposed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import sympy

from grokmath.proof.matrix_terms import OrthogonalMatrix, SymmetricMatrix

__all__ = [
    "Letter",
    "Monomial",
    "Word",
    "flipped",
    "inverse_letter",
    "monomials",
    "rate_letter",
    "replaced",
]


@dataclass(frozen=True)
class Letter:
    """A factor of a word. ``kind``: "symbol", "exp" (of ``value * base``) or "inverse" (of ``base + value``)."""

    kind: str
    atom: Any
    flip: bool
    rows: Any
    columns: Any
    base: tuple[Letter, ...] = ()
    value: Any = None

    @property
    def key(self) -> str:
        """By which letters are sorted."""
        inner = ".".join(letter.key for letter in self.base)
        return f"{self.kind}:{self.atom}:{inner}:{self.value}:{'T' if self.flip else ''}"


Word = tuple[Letter, ...]
Monomial = tuple[tuple[Word, ...], Word]
"""Traces, sorted, and the matrix word; () is the identity."""
Canonical = Callable[[Any], Any]
Terms = list[tuple[Any, tuple[Word, ...], Word]]


def _turn(letter: Letter) -> Letter:
    """The transposed letter."""
    if letter.kind != "symbol" or isinstance(letter.atom, SymmetricMatrix):
        return letter
    return Letter("symbol", letter.atom, not letter.flip, letter.columns, letter.rows)


def flipped(word: Word) -> Word:
    """The transposed word."""
    return tuple(_turn(letter) for letter in reversed(word))


def rate_letter(base: Word, rate: Any) -> Word:
    """exp(rate W) as a word; exp of a conjugate is the conjugate of exp."""
    core, left = _core(base)
    size = core[0].rows
    return (*left, Letter("exp", None, False, size, size, core, rate), *flipped(left))


def inverse_letter(base: Word, shift: Any) -> Word:
    """(W + shift I)^-1 as a word."""
    core, left = _core(base)
    size = core[0].rows
    return (*left, Letter("inverse", None, False, size, size, core, shift), *flipped(left))


def _core(base: Word) -> tuple[Word, Word]:
    """W = Q U Q.T with orthogonal Q: (U, Q)."""
    left: Word = ()
    while len(base) > 2 and _orthogonal(base[0]) and base[-1] == _turn(base[0]):
        left, base = (*left, base[0]), base[1:-1]
    return base, left


def _orthogonal(letter: Letter) -> bool:
    return letter.kind == "symbol" and isinstance(letter.atom, OrthogonalMatrix)


def _cancelled(word: Word) -> Word:
    """Without neighbours Q.T Q and Q Q.T."""
    kept: list[Letter] = []
    for letter in word:
        if kept and _orthogonal(letter) and kept[-1] == _turn(letter):
            kept.pop()
        else:
            kept.append(letter)
    return tuple(kept)


def _run(word: Word, k: int) -> tuple[int, int, int, list[Letter]]:
    """The longest product of functions of one W about the function at k: its ends, the number of Ws, the functions."""
    base = word[k].base
    m = len(base)
    low, high, count, found = k, k + 1, 0, [word[k]]
    while True:
        if low > 0 and word[low - 1].base == base and word[low - 1].kind != "symbol":
            low, found = low - 1, [word[low - 1], *found]
        elif low >= m and word[low - m : low] == base:
            low, count = low - m, count + 1
        else:
            break
    while high < len(word):
        if word[high].base == base and word[high].kind != "symbol":
            high, found = high + 1, [*found, word[high]]
        elif word[high : high + m] == base:
            high, count = high + m, count + 1
        else:
            break
    return low, high, count, found


def _block(count: int, found: list[Letter], canonical: Canonical) -> Iterator[tuple[Any, Word]]:
    """W^count times functions of W, as a sum: at most one exponential, inverses in order, powers of W without
    inverses.
    """
    base = found[0].base
    rate = canonical(sympy.Add(*(letter.value for letter in found if letter.kind == "exp")))
    size = found[0].rows
    head = () if rate == 0 else (Letter("exp", None, False, size, size, base, rate),)
    inverses = sorted((letter for letter in found if letter.kind == "inverse"), key=lambda letter: letter.key)
    pending = [(sympy.S.One, count, tuple(inverses))]
    while pending:
        factor, power, rest = pending.pop()
        if power and rest:  # W (W + c)^-1 = 1 - c (W + c)^-1
            pending.append((factor, power - 1, rest[1:]))
            pending.append((-factor * rest[0].value, power - 1, rest))
        else:
            yield factor, (*head, *rest, *base * power)


def _ordered(word: Word, canonical: Canonical) -> Iterator[tuple[Any, Word]]:
    """The word with its functions brought to order."""
    word = _cancelled(word)
    k = next((i for i, letter in enumerate(word) if letter.kind != "symbol"), None)
    if k is None:
        yield sympy.S.One, word
        return
    low, high, count, found = _run(word, k)
    for tail_factor, tail in _ordered(word[high:], canonical):
        for factor, block in _block(count, found, canonical):
            yield tail_factor * factor, (*word[:low], *block, *tail)


def _cyclic_start(word: Word) -> Word:
    """A rotation in which no product of functions of one W, and no Q.T Q, goes round the end."""
    word = _cancelled(word)
    while len(word) > 1 and _orthogonal(word[0]) and word[-1] == _turn(word[0]):
        word = word[1:-1]
    k = next((i for i, letter in enumerate(word) if letter.kind != "symbol"), None)
    if k is None:
        return word
    word = word[k:] + word[:k]
    base, m = word[0].base, len(word[0].base)
    for _ in range(len(word)):
        if word[-1].kind != "symbol" and word[-1].base == base:
            word = (word[-1], *word[:-1])
        elif len(word) > m and word[-m:] == base:
            word = word[-m:] + word[:-m]
        else:
            break
    return word


def _trace_key(word: Word) -> Word:
    """The first of all rotations of the word and of its transpose."""
    turns = [w[i:] + w[:i] for w in (word, flipped(word)) for i in range(max(1, len(word)))]
    return min(turns, key=lambda w: [letter.key for letter in w])


def _segments(word: Word) -> list[Word]:
    """A closed word cut where the size is 1: the trace is the product of the traces of the parts."""
    cuts = [i for i, letter in enumerate(word) if letter.rows == 1]
    if len(cuts) < 2:
        return [word[cuts[0] :] + word[: cuts[0]]] if cuts else [word]
    turned = word[cuts[0] :] + word[: cuts[0]]
    places = [i for i, letter in enumerate(turned) if letter.rows == 1] + [len(turned)]
    return [turned[i:j] for i, j in pairwise(places)]


def _matrix_segments(word: Word) -> tuple[list[Word], Word]:
    """A word with its inner 1 x 1 parts taken out."""
    places = [i for i, letter in enumerate(word) if letter.rows == 1]
    if word and word[-1].columns == 1:
        places.append(len(word))
    if len(places) < 2:
        return [], word
    parts = [word[i:j] for i, j in pairwise(places)]
    return parts, word[: places[0]] + word[places[-1] :]


def monomials(factor: Any, traces: tuple[Word, ...], word: Word, canonical: Canonical) -> Terms:
    """factor * product of traces * word in normal form: a sum of such terms. No trace is that of the identity."""
    done: Terms = []
    for c, ordered in _ordered(word, canonical):
        parts, rest = _matrix_segments(ordered)
        closed: Terms = [(factor * c, (), rest)]
        for trace in (*traces, *parts):
            closed = [(a * b, (*before, *keys), w) for a, before, w in closed for b, keys in _trace(trace, canonical)]
        done.extend((a, tuple(sorted(keys, key=_word_key)), w) for a, keys, w in closed)
    return done


def _word_key(word: Word) -> list[str]:
    return [letter.key for letter in word]


def _trace(word: Word, canonical: Canonical) -> Iterator[tuple[Any, tuple[Word, ...]]]:
    """The trace of a word as a sum of products of canonical traces; the trace of the identity is its size."""
    size = word[0].rows
    for factor, ordered in _ordered(_cyclic_start(word), canonical):
        if not ordered:
            yield factor * size, ()
        else:
            yield factor, tuple(_trace_key(part) for part in _segments(ordered))


def replaced(word: Word, place: int, by: Word) -> Word:
    """The word with the letter at a place replaced."""
    return (*word[:place], *by, *word[place + 1 :])
