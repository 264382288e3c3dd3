"""Functions of a symmetric matrix in the normal form: exp(a W + b I), and (a W + b I)^-1 for W = X.T X.

W is one word in matrix symbols that equals its transpose, and a and b are scalars without matrices in them: a rate that
depends on a matrix would escape the rules for means, sums and derivatives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sympy

from grokmath.proof.matrix_contraction import text
from grokmath.proof.matrix_terms import FullRankMatrix
from grokmath.proof.matrix_words import Word, flipped, inverse_letter, rate_letter
from grokmath.proof.normal import refuse

if TYPE_CHECKING:
    from grokmath.proof.matrix_forms import Matrices, Poly

__all__ = ["exponential", "inverse", "is_full_gram", "require_spectrum"]


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


def is_full_gram(base: Word) -> bool:
    """Whether a symmetric word is X.T X of a symbol with independent columns."""
    return len(base) == 2 and isinstance(base[1].atom, FullRankMatrix) and not base[1].flip and base[0].flip


def inverse(matrices: Matrices, argument: Any) -> Poly:
    """(a W + b I)^-1 for W = X.T X with a > 0, b > 0, or b >= 0 for independent columns: it is positive definite."""
    a, base, b, shape = _affine(matrices, argument)
    half = len(base) // 2
    if not base or len(base) % 2 or flipped(base[:half]) != base[half:]:
        raise refuse(matrices.rule, f"{argument} is not a X.T X + b I")
    for coefficient, sign in ((a, ">"), (b, ">=" if is_full_gram(base) else ">")):
        matrices.normal.require((coefficient, sign), f"{argument} is positive definite")
    poly = matrices.zero(shape)
    matrices.add_term(poly, 1 / a, (), inverse_letter(base, matrices.canonical(b / a)))
    return poly


def require_spectrum(matrices: Matrices, f: Any, symmetric: Any) -> None:
    """Refuse a sum of f over eigenvalues unless the matrix is symmetric, its eigenvalues have the sign that is declared
    of the symbol, and f is defined at all numbers of that sign.
    """
    poly = matrices.matrix(symmetric)
    if matrices.remainder(poly, matrices.transpose(poly)):
        raise refuse(matrices.rule, f"{symmetric} was not proved symmetric")
    (nu,) = f.variables
    if f.expr == nu:  # SymPy has its own symbol for the identity
        return
    if not nu.is_real or nu.is_integer or nu.is_nonpositive or (nu.is_nonzero and not nu.is_positive):
        raise refuse(matrices.rule, f"{nu} does not run over all real or all non-negative numbers")
    if nu.is_nonnegative:
        for (traces, word), c in poly.terms.items():
            half = len(word) // 2
            gram = is_full_gram(word) if nu.is_positive else flipped(word[:half]) == word[half:]
            if traces or not gram:
                raise refuse(matrices.rule, f"{symmetric} was not proved positive, as {nu} has it")
            matrices.normal.require((c, ">" if nu.is_positive else ">="), f"the factor of {symmetric}")
    matrices.normal.form(f.expr.xreplace({nu: sympy.Dummy("nu", **nu.assumptions0)}))
