"""Sums over the entries of a matrix that stands twice in a product: what means, sums over samples and Hessians share.

Replacing both factors Z by the matrix E_ij, which has 1 at (i, j) and 0 elsewhere, and summing over i and j is
multiplying by E[Z_ij Z_kl] for uncorrelated entries of variance 1, or summing e_i e_i.T over the unit vectors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy

from grokmath.proof.matrix_terms import Path
from grokmath.proof.matrix_words import Letter, Monomial, Word, flipped, replaced

__all__ = ["all_atoms", "atoms", "contracted", "inner", "letters", "places_of", "text"]

Add = Callable[[Any, tuple[Word, ...], Word], None]
"""Takes a term: coefficient, traces, word."""

Place = tuple[int, int]
"""(number of the trace, or -1 for the word; place in it)."""


def contracted(add: Add, factor: Any, term: Monomial, symbol: Any, places: Sequence[Place]) -> None:
    """Add the term with two factors Z replaced by the sum over E_ij in both: E_ij has 1 at (i, j), else 0.

    With A, B, P, Q the products between: tr(Z A Z.T B) gives tr A tr B, tr(Z A Z B) gives tr(A.T B), tr(Z A) tr(Z B)
    gives tr(A.T B); P Z A Z.T Q gives tr A P Q, P Z A Z Q gives P A.T Q; P Z Q tr(Z B) gives P B.T Q.
    """
    traces, word = term
    (k, i), (m, j) = sorted(places, reverse=True)  # a trace before the word
    others = tuple(trace for number, trace in enumerate(traces) if number not in (k, m))
    rows, columns = symbol.shape

    def closed(part: Word, size: Any) -> tuple[Any, tuple[Word, ...]]:
        return (sympy.S.One, (part,)) if part else (size, ())

    if k == m:
        i, j = j, i
        whole = word if k == -1 else traces[k]
        first, inside = whole[i], whole[i + 1 : j]
        same = first.flip == whole[j].flip
        # between Z and Z.T stands a matrix on the columns of Z, between Z.T and Z one on its rows
        size = rows if first.flip else columns
        if k == -1:
            before, after = whole[:i], whole[j + 1 :]
            if same:
                add(factor, others, (*before, *flipped(inside), *after))
            else:
                c, keys = closed(inside, size)
                add(factor * c, (*others, *keys), (*before, *after))
            return
        outside = whole[j + 1 :] + whole[:i]
        if same:
            c, keys = closed((*flipped(inside), *outside), rows if first.flip else columns)
        else:
            c, keys = closed(inside, size)
            other, more = closed(outside, columns if first.flip else rows)
            c, keys = c * other, (*keys, *more)
        add(factor * c, (*others, *keys), word)
        return
    around = traces[k][i + 1 :] + traces[k][:i]
    b = flipped(around) if traces[k][i].flip else around  # tr(Z.T C) = tr(Z C.T)
    if m == -1:
        letter = word[j]
        add(factor, others, replaced(word, j, b if letter.flip else flipped(b)))
        return
    around = traces[m][j + 1 :] + traces[m][:j]
    a = flipped(around) if traces[m][j].flip else around
    c, keys = closed((*flipped(a), *b), rows)
    add(factor * c, (*others, *keys), word)


def places_of(term: Monomial, symbol: Any) -> list[Place]:
    traces, word = term
    rows = [*enumerate(traces), (-1, word)]
    return [(k, i) for k, row in rows for i, letter in enumerate(row) if letter.atom == symbol]


def letters(term: Monomial) -> list[Letter]:
    traces, word = term
    return [letter for part in (*traces, word) for letter in part]


def inner(letter: Letter) -> set[Any]:
    """The symbols inside a function of a matrix, and those that a path depends on."""
    inside = {part.atom for part in atoms(letter.base)}
    if letter.kind != "symbol":
        return inside
    return set(letter.atom.free_symbols) if isinstance(letter.atom, Path) else set()


def atoms(word: Word) -> list[Letter]:
    return [part for letter in word for part in ((letter,) if letter.kind == "symbol" else atoms(letter.base))]


def all_atoms(term: Monomial) -> set[Any]:
    found: set[Any] = {letter.atom for letter in atoms(tuple(letters(term)))}
    return found | {letter.value for letter in letters(term) if letter.value is not None}


def text(word: Word) -> str:
    """The word as it is shown in refusals."""

    def one(letter: Letter) -> str:
        if letter.kind == "symbol":
            return f"{letter.atom}.T" if letter.flip else str(letter.atom)
        inner = text(letter.base)
        return f"expm({letter.value}*{inner})" if letter.kind == "exp" else f"({inner} + {letter.value}*I)**(-1)"

    return "*".join(one(letter) for letter in word)
