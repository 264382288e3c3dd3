"""Functions of a symmetric matrix in the normal form: exp(a W + b I), and (a W + b I)^-1 for W = X.T X.

W is one word in matrix symbols that equals its transpose, and a and b are scalars without matrices in them: a rate that
depends on a matrix would escape the rules for means, sums and derivatives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sympy

from grokmath.proof.matrix_contraction import text
from grokmath.proof.matrix_words import Word, flipped, inverse_letter, rate_letter
from grokmath.proof.normal import refuse

if TYPE_CHECKING:
    from grokmath.proof.matrix_forms import Matrices, Poly

__all__ = ["exponential", "inverse"]


def _affine(matrices: Matrices, argument: Any) -> tuple[Any, Word, Any, tuple[Any, Any]]:
    """(a, W, b, shape) for a matrix a W + b I with a symmetric word W; W is () for b I."""
    poly = matrices.matrix(argument)
    if poly.shape is None or poly.shape[0] != poly.shape[1]:
        raise refuse(matrices.rule, f"{argument} is not a square matrix")
    if matrices.marked(poly):
        raise refuse(matrices.rule, f"{argument} is a sum over samples")
    if any(c.free_symbols & set(matrices.hidden) for c in poly.terms.values()):
        raise refuse(matrices.rule, f"{argument} has a function of matrices as a factor")
    words = [word for _, word in poly.terms if word]
    if any(traces for traces, _ in poly.terms) or len(words) > 1:
        raise refuse(matrices.rule, f"{argument} is not a multiple of one word plus one of the identity")
    b = poly.terms.get(((), ()), sympy.S.Zero)
    if not words:
        return sympy.S.Zero, (), b, poly.shape
    if flipped(words[0]) != words[0]:
        raise refuse(matrices.rule, f"{text(words[0])} was not proved symmetric")
    if any(letter.kind != "symbol" for letter in words[0]):
        raise refuse(matrices.rule, f"{text(words[0])} has a function of a matrix in it")
    return poly.terms[((), words[0])], words[0], b, poly.shape


def exponential(matrices: Matrices, argument: Any) -> Poly:
    """exp(a W + b I) = e^b exp(a W)."""
    a, base, b, shape = _affine(matrices, argument)
    poly = matrices.zero(shape)
    factor = sympy.exp(b) if b != 0 else sympy.S.One
    matrices.add_term(poly, factor, (), rate_letter(base, matrices.canonical(a)) if base else ())
    return poly


def inverse(matrices: Matrices, argument: Any) -> Poly:
    """(a W + b I)^-1 for a W = sum of X.T X's with a > 0, b > 0: the matrix is positive definite."""
    a, base, b, shape = _affine(matrices, argument)
    half = len(base) // 2
    if not base or len(base) % 2 or flipped(base[:half]) != base[half:]:
        raise refuse(matrices.rule, f"{argument} is not a X.T X + b I")
    for coefficient in (a, b):
        matrices.normal.require((coefficient, ">"), f"{argument} is positive definite")
    poly = matrices.zero(shape)
    matrices.add_term(poly, 1 / a, (), inverse_letter(base, matrices.canonical(b / a)))
    return poly
