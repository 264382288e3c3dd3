"""Derivatives of forms: by a matrix symbol, and by a scalar on which they depend."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from grokmath.proof.matrix_contraction import inner, places_of, text
from grokmath.proof.matrix_terms import TimeDerivative
from grokmath.proof.matrix_words import Word, flipped, replaced
from grokmath.proof.normal import refuse
from grokmath.proof.terms import derivative

if TYPE_CHECKING:
    from grokmath.proof.matrix_forms import Matrices, Poly

__all__ = ["gradient", "time_derivative"]


def time_derivative(matrices: Matrices, poly: Poly, time: Any) -> Poly:
    """d/dt of a form, by the product rule; of a path by the fact on it."""
    result = type(poly)(poly.shape)
    for (traces, word), c in poly.terms.items():
        slope = derivative(c, time, matrices.normal)
        matrices.normal.form(slope)
        matrices.add_term(result, slope, traces, word)
        for part in c.free_symbols & set(matrices.hidden):
            if time not in matrices.hidden[part]:
                continue
            if part not in matrices.traces:
                raise refuse(matrices.rule, f"{c} depends on {time} in a way that is not known")
            chained = derivative(c, part, matrices.normal)
            matrices.normal.form(chained)
            for factor, keys, moved in _moved(matrices, matrices.traces[part], time):
                matrices.add_term(result, chained * factor, (*traces, *keys, moved), word)
        for k, trace in enumerate(traces):
            others = traces[:k] + traces[k + 1 :]
            for factor, keys, moved in _moved(matrices, trace, time):
                matrices.add_term(result, c * factor, (*others, *keys, moved), word)
        for factor, keys, moved in _moved(matrices, word, time):
            matrices.add_term(result, c * factor, (*traces, *keys), moved)
    return result


def _moved(matrices: Matrices, word: Word, time: Any) -> Iterable[tuple[Any, tuple[Word, ...], Word]]:
    """The terms of the derivative of a word."""
    for k, letter in enumerate(word):
        if letter.kind != "symbol" and any(time in part.free_symbols for part in inner(letter)):
            raise refuse(matrices.rule, f"{text((letter,))} is a function of a matrix that depends on {time}")
        if letter.kind != "symbol":
            slope = derivative(letter.value, time, matrices.normal)
            matrices.normal.form(slope)
            if letter.kind == "exp" and slope != 0:
                yield slope, (), replaced(word, k, (*letter.base, letter))
            elif slope != 0:
                yield -slope, (), replaced(word, k, (letter, letter))
        elif time in letter.atom.free_symbols:
            rate = matrices.rates.get(TimeDerivative(letter.atom, time))
            if rate is None:
                raise refuse(matrices.rule, f"no fact gives the derivative of {letter.atom} by {time}")
            poly = matrices.matrix(rate)
            for (keys, part), c in (matrices.transpose(poly) if letter.flip else poly).terms.items():
                if not part and len(word) == 1:
                    raise refuse(matrices.rule, f"the derivative of {letter.atom} has a multiple of the identity")
                yield c, keys, replaced(word, k, part)


def gradient(matrices: Matrices, poly: Poly, symbol: Any) -> Poly:
    """The gradient of a scalar form: each factor S of each trace in turn, tr(S R) having the gradient R.T; functions of
    traces by the chain rule.
    """
    matrices.require_free(symbol)
    result = type(poly)(tuple(symbol.shape))
    for (traces, _), c in poly.terms.items():
        for k, trace in enumerate(traces):
            _trace_slope(matrices, result, c, traces[:k] + traces[k + 1 :], trace, symbol)
        for part in c.free_symbols & set(matrices.hidden):
            if symbol in matrices.hidden[part] and part not in matrices.traces:
                raise refuse(matrices.rule, f"{part} is not a polynomial in {symbol} or a known function of one")
            if symbol in matrices.hidden[part]:
                chained = derivative(c, part, matrices.normal)
                matrices.normal.form(chained)
                _trace_slope(matrices, result, chained, traces, matrices.traces[part], symbol)
    return result


def _trace_slope(
    matrices: Matrices, result: Poly, factor: Any, others: tuple[Word, ...], trace: Word, symbol: Any
) -> None:
    """Add factor * other traces * the gradient of a trace."""
    if any(symbol in inner(letter) for letter in trace):
        raise refuse(matrices.rule, f"{text(trace)} is not a polynomial in {symbol}")
    for _, place in places_of(((trace,), ()), symbol):
        rest = trace[place + 1 :] + trace[:place]
        matrices.add_term(result, factor, others, rest if trace[place].flip else flipped(rest))
