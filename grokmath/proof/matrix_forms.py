"""The normal form of matrix and scalar expressions with matrices: polynomials in words and traces.

The coefficients are scalars for the kernel's own normal form (:mod:`grokmath.proof.normal`), which proves their
denominators non-zero. Two expressions are equal if for each word the difference of the coefficients, polynomials in
the traces, vanishes there. Sizes are checked at every sum, product and trace.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from grokmath.proof.facts import Fact, normal_for
from grokmath.proof.matrix_calculus import gradient, time_derivative
from grokmath.proof.matrix_contraction import all_atoms, contracted, inner, letters, places_of, text
from grokmath.proof.matrix_functions import exponential, inverse, require_spectrum
from grokmath.proof.matrix_terms import (
    MEANS,
    Expm,
    Gradient,
    HessianTrace,
    Path,
    SampleSum,
    SpectralSum,
    TimeDerivative,
    UnitVector,
    all_symbols,
    matrix_parts,
)
from grokmath.proof.matrix_words import (
    Letter,
    Monomial,
    Word,
    flipped,
    monomials,
)
from grokmath.proof.normal import Normal, refuse
from grokmath.proof.terms import require_open

__all__ = ["Matrices", "Poly"]

_SYMBOL = sympy.MatrixSymbol | UnitVector | Path


@dataclass
class Poly:
    """A sum of coefficient * traces * word. ``shape`` is None for a scalar, whose words are all ()."""

    shape: tuple[Any, Any] | None
    terms: dict[Monomial, Any] = field(default_factory=dict)

    def put(self, coefficient: Any, traces: tuple[Word, ...], word: Word) -> None:
        """Add a term that is in normal form."""
        key = (traces, word)
        total = self.terms.get(key, sympy.S.Zero) + coefficient
        if total == 0:
            self.terms.pop(key, None)
        else:
            self.terms[key] = total


class Matrices:
    """The normal form of one step: on a domain, with facts on derivatives of paths."""

    def __init__(self, rule: str, domain: Any, using: Sequence[Fact] = ()) -> None:
        scalar = [fact for fact in using if not isinstance(fact.statement, sympy.Basic) or not _has(fact.statement)]
        self.rule, self.domain = rule, domain
        self.normal: Normal = normal_for(rule, domain, scalar)
        self.rates = {
            fact.lhs: fact.rhs
            for fact in using
            if isinstance(fact.statement, sympy.Eq) and isinstance(fact.lhs, TimeDerivative)
        }
        self._opaque: dict[Any, Any] = {}
        self.hidden: dict[Any, set[Any]] = {}
        self.traces: dict[Any, Word] = {}
        self.markers: set[Any] = set()

    # equality

    def equal(self, left: Any, right: Any) -> bool:
        """Whether two expressions, both scalars or both matrices of one shape, are proved equal."""
        return not self.difference(left, right)

    def difference(self, left: Any, right: Any) -> str:
        """What is left of left - right, in words; empty if they are proved equal."""
        return self.remainder(self.form(left), self.form(right))

    def remainder(self, one: Poly, other: Poly) -> str:
        """The same for two forms."""
        if (one.shape is None) != (other.shape is None) or (one.shape is not None and one.shape != other.shape):
            raise refuse(self.rule, f"sizes {one.shape} and {other.shape} are not the same")
        rest = self.scaled_sum([(sympy.S.One, one), (sympy.S.NegativeOne, other)])
        by_word: dict[Word, list[Any]] = {}
        for (traces, word), c in rest.terms.items():
            by_word.setdefault(word, []).append(c * sympy.Mul(*(self._trace_symbol(trace) for trace in traces)))
        left = [
            f"{c} times {text(w) or 'I'}" for w, parts in by_word.items() if (c := self._nonzero(parts)) is not None
        ]
        return "; ".join(left)

    def _nonzero(self, parts: Iterable[Any]) -> Any:
        total = sympy.Add(*parts)
        if self.normal.equal(total, sympy.S.Zero):
            return None
        return self.normal.difference(total, sympy.S.Zero)

    def _trace_symbol(self, trace: Word) -> Any:
        inside = all_atoms(((trace,), ()))
        symbols = set().union(inside, *(all_symbols(part) for part in inside))
        symbol = self.opaque(("trace", trace), f"tr({text(trace)})", symbols)
        self.traces[symbol] = trace
        return symbol

    def opaque(self, key: Any, name: str, symbols: set[Any]) -> Any:
        """A real symbol that stands for a scalar of which nothing is known but what it depends on."""
        if key not in self._opaque:
            symbol = sympy.Dummy(name, real=True)
            self._opaque[key] = symbol
            self.hidden[symbol] = symbols
        return self._opaque[key]

    def depends(self, coefficient: Any, symbol: Any) -> bool:
        """Whether a coefficient may depend on a matrix symbol or a scalar, also through what stands for something."""
        free = coefficient.free_symbols
        return symbol in free or any(symbol in self.hidden[part] for part in free if part in self.hidden)

    # forms

    def canonical(self, scalar: Any) -> Any:
        """The canonical expression of a scalar without matrices."""
        return self.normal.canonical(scalar)

    def form(self, expr: Any) -> Poly:
        """The normal form."""
        expr = sympy.S(expr)
        if isinstance(expr, sympy.MatrixExpr):
            return self.matrix(expr)
        return self._scalar(expr)

    def scaled_sum(self, parts: Iterable[tuple[Any, Poly]]) -> Poly:
        """A linear combination of forms of one shape."""
        parts = list(parts)
        total = Poly(parts[0][1].shape)
        for factor, poly in parts:
            if poly.shape != total.shape:
                raise refuse(self.rule, f"a sum of the sizes {total.shape} and {poly.shape}")
            for (traces, word), c in poly.terms.items():
                total.put(factor * c, traces, word)
        return total

    def product(self, one: Poly, other: Poly) -> Poly:
        """A product of two matrices, of two scalars, or of a scalar and a matrix."""
        if self.marked(one) and self.marked(other):
            raise refuse(self.rule, "a product of two sums over samples")
        if one.shape and other.shape:
            if one.shape[1] != other.shape[0]:
                raise refuse(self.rule, f"a product of the sizes {one.shape} and {other.shape}")
            shape: Any = (one.shape[0], other.shape[1])
        else:
            shape = one.shape or other.shape
        result = Poly(shape)
        for (traces, word), c in one.terms.items():
            for (more, tail), k in other.terms.items():
                self.add_term(result, c * k, (*traces, *more), (*word, *tail))
        return result

    def add_term(self, poly: Poly, factor: Any, traces: tuple[Word, ...], word: Word) -> None:
        """Add a term in any form."""
        for c, keys, rest in monomials(factor, traces, word, self.canonical):
            poly.put(c, keys, rest)

    def marked(self, poly: Poly) -> bool:
        """Whether a sum over samples stands for itself in a form."""
        return any(self.markers & c.free_symbols for c in poly.terms.values())

    def plain(self, poly: Poly) -> Any:
        """A scalar form as an expression in symbols for its traces."""
        return sympy.Add(*(c * sympy.Mul(*map(self._trace_symbol, traces)) for (traces, _), c in poly.terms.items()))

    def _function(self, expr: Any) -> Poly:
        """exp, log and powers of what has traces."""
        forms = [self._scalar(part) for part in expr.args]
        if any(self.marked(form) for form in forms):
            raise refuse(self.rule, f"{expr} is a function of a sum over samples")
        value = expr.func(*map(self.plain, forms))
        self.normal.form(value)
        return Poly(None, {((), ()): value})

    def _scalar(self, expr: Any) -> Poly:
        if not matrix_parts(expr):
            self.normal.form(expr)
            return Poly(None, {((), ()): expr} if expr != 0 else {})
        if expr.is_Add:
            return self.scaled_sum((sympy.S.One, self._scalar(part)) for part in expr.args)
        if expr.is_Mul:
            total = Poly(None, {((), ()): sympy.S.One})
            for part in expr.args:
                total = self.product(total, self._scalar(part))
            return total
        if expr.is_Pow and expr.exp.is_Integer and expr.exp > 0:
            base = self._scalar(expr.base)
            total = base
            for _ in range(int(expr.exp) - 1):
                total = self.product(total, base)
            return total
        if isinstance(expr, sympy.Trace):
            return self.trace(self.matrix(expr.arg))
        if isinstance(expr, sympy.Sum):
            if len(expr.limits) != 1 or expr.limits[0][1] != 1:
                raise refuse(self.rule, f"{expr} is not a sum over i = 1, ..., N")
            return self._sum(expr.function, expr.limits[0][0], expr.limits[0][2])
        if isinstance(expr, sympy.exp | sympy.log | sympy.Pow):
            return self._function(expr)
        if isinstance(expr, sympy.Derivative):
            return self._derivative(expr)
        if isinstance(expr, HessianTrace):
            return self._hessian_trace(expr)
        if isinstance(expr, MEANS):
            return self._mean(expr)
        if isinstance(expr, AppliedUndef | SpectralSum):
            if isinstance(expr, SpectralSum):
                require_spectrum(self, *expr.args)
            else:
                for argument in expr.args:
                    self.form(argument)
            symbol = self.opaque(expr, str(expr), all_symbols(expr))
            return Poly(None, {((), ()): symbol})
        raise refuse(self.rule, f"{type(expr).__name__} in {expr} is not in the vocabulary of proofs about matrices")

    def trace(self, poly: Poly) -> Poly:
        """The trace of a square matrix."""
        if poly.shape is None or poly.shape[0] != poly.shape[1]:
            raise refuse(self.rule, f"a trace of the size {poly.shape}")
        result = Poly(None)
        for (traces, word), c in poly.terms.items():
            if word:
                self.add_term(result, c, (*traces, word), ())
            else:
                self.add_term(result, c * poly.shape[0], traces, ())
        return result

    def matrix(self, expr: Any) -> Poly:
        """The normal form of a matrix."""
        shape = tuple(sympy.S(size) for size in expr.shape)
        for size in shape:
            if not (size.is_integer and size.is_positive):
                raise refuse(self.rule, f"the size {size} of {expr} is not declared a positive integer")
            self.normal.form(size)
        if isinstance(expr, _SYMBOL):
            return self._one(shape, (Letter("symbol", expr, False, *shape),))
        if isinstance(expr, sympy.Identity):
            return self._one(shape, ())
        if isinstance(expr, sympy.ZeroMatrix):
            return Poly(shape)
        if isinstance(expr, sympy.MatAdd):
            return self.scaled_sum((sympy.S.One, self.matrix(part)) for part in expr.args)
        if isinstance(expr, sympy.MatMul):
            total = self.form(expr.args[0])
            for part in expr.args[1:]:
                total = self.product(total, self.form(part))
            return total
        if isinstance(expr, sympy.Transpose):
            return self.transpose(self.matrix(expr.arg))
        if isinstance(expr, sympy.Inverse):
            return inverse(self, expr.arg)
        if isinstance(expr, sympy.MatPow) and expr.exp.is_Integer and expr.exp != 0:
            total = base = self.matrix(expr.base) if expr.exp > 0 else inverse(self, expr.base)
            for _ in range(abs(int(expr.exp)) - 1):
                total = self.product(total, base)
            return total
        if isinstance(expr, Expm):
            return exponential(self, expr.args[0])
        if isinstance(expr, SampleSum):
            return self._sum(*expr.args)
        if isinstance(expr, TimeDerivative):
            matrix, time = expr.args
            if not time.is_Symbol or time.is_integer:
                raise refuse(self.rule, f"{time} is not a time")
            require_open(self.rule, self.domain, time)
            return time_derivative(self, self.matrix(matrix), time)
        if isinstance(expr, Gradient):
            return self._gradient(expr)
        if isinstance(expr, MEANS):
            return self._mean(expr)
        raise refuse(self.rule, f"{type(expr).__name__} in {expr} is not in the vocabulary of proofs about matrices")

    def _one(self, shape: Any, word: Word) -> Poly:
        poly = Poly(shape)
        self.add_term(poly, sympy.S.One, (), word)
        return poly

    def zero(self, shape: Any) -> Poly:
        """The matrix 0 of a size, to add terms to."""
        return Poly(shape)

    def transpose(self, poly: Poly) -> Poly:
        """The transpose of a matrix."""
        assert poly.shape is not None  # noqa: S101 - for the types
        result = Poly((poly.shape[1], poly.shape[0]))
        for (traces, word), c in poly.terms.items():
            self.add_term(result, c, traces, flipped(word))
        return result

    # sums over samples, means, derivatives

    def _sum(self, summand: Any, index: Any, last: Any) -> Poly:
        """The sum over i = 1, ..., N: N times a term without i; for one quadratic in e_i the sum of e_i e_i.T is I; any
        other term stands for its sum, with a marker as a factor: sums are equal if their summands are, for each i.
        """
        plain = [sympy.Symbol(index.name, integer=True, **sign) for sign in ({}, {"positive": True})]
        if index not in plain or not (last.is_integer and last.is_positive):
            raise refuse(self.rule, f"not a sum over i = 1, ..., N: {index} up to {last}")
        if index in all_symbols(last) or index in self.domain.symbols:
            raise refuse(self.rule, f"the index {index} is not a new symbol")
        bound = sympy.Symbol("_i", integer=True, positive=True)
        if any(bound in part.free_symbols or part == bound for part in sympy.preorder_traversal(summand)):
            raise refuse(self.rule, f"the name {bound} is reserved")
        vector = UnitVector(last, bound)
        poly = self.form(summand.xreplace({index: bound}))
        if self.marked(poly):
            raise refuse(self.rule, "a sum over samples in a sum over samples")
        result = Poly(poly.shape)
        for term, c in poly.terms.items():
            others = {part for part in all_atoms(term) if bound in all_symbols(part)} - {vector}
            inside = any(vector in inner(letter) for letter in letters(term))
            hidden = others or inside or self.depends(c, bound)
            places = places_of(term, vector)
            if not places and not hidden:
                result.put(c * last, *term)
            elif len(places) == 2 and not hidden:
                contracted(partial(self.add_term, result), c, term, vector, places)
            else:
                marker = self.opaque(("sum", last), f"sum_{last}", all_symbols(last))
                self.markers.add(marker)
                result.put(c * marker, *term)
        return result

    def _derivative(self, expr: Any) -> Poly:
        """The first derivative of a scalar by a scalar symbol."""
        if len(expr.args) != 2 or expr.args[1][1] != 1 or expr.args[1][0].is_integer:
            raise refuse(self.rule, f"{expr} is not a first derivative")
        variable = expr.args[1][0]
        require_open(self.rule, self.domain, variable)
        return time_derivative(self, self._scalar(expr.args[0]), variable)

    def _mean(self, expr: Any) -> Poly:
        poly = self.form(expr.args[0])
        names = [symbol for symbol, _ in expr.laws]
        for symbol in names:  # before terms of mean 0 in one of them are left out
            if any(len(places_of(term, symbol)) > 2 for term in poly.terms):
                raise refuse(self.rule, f"a mean of degree above 2 in {symbol}; second moments alone are known")
        for symbol, variance in expr.laws:
            if type(symbol) is not sympy.MatrixSymbol or names.count(symbol) > 1 or set(names) & all_symbols(variance):
                raise refuse(self.rule, f"{symbol} is not one of several random matrices, each with its variance")
            self.normal.require((variance, ">="), f"the variance of {symbol}")
            poly = self.averaged(poly, symbol, variance)
        return poly

    def averaged(self, poly: Poly, symbol: Any, variance: Any) -> Poly:
        """The mean over a matrix with uncorrelated entries of mean 0 and one variance."""
        result = Poly(poly.shape)
        for term, c in poly.terms.items():
            if self.depends(c, symbol) or any(symbol in inner(letter) for letter in letters(term)):
                raise refuse(self.rule, f"what is averaged is not a polynomial in {symbol}")
            places = places_of(term, symbol)
            if not places:
                result.put(c, *term)
            elif len(places) == 2:
                contracted(partial(self.add_term, result), c * variance, term, symbol, places)
        return result

    def _gradient(self, expr: Any) -> Poly:
        scalar, symbol = expr.args
        return gradient(self, self._scalar(scalar), symbol)

    def _hessian_trace(self, expr: Any) -> Poly:
        poly = self._scalar(expr.args[0])
        total = Poly(None)
        for symbol in expr.args[1:]:
            self.require_polynomial(poly, symbol)
            for term, c in poly.terms.items():
                places = places_of(term, symbol)
                for i, one in enumerate(places):
                    for other in places[i + 1 :]:  # the second derivative takes each pair of factors twice
                        contracted(partial(self.add_term, total), 2 * c, term, symbol, [one, other])
        if len(set(expr.args[1:])) < len(expr.args) - 1:
            raise refuse(self.rule, f"{expr} names a matrix twice")
        return total

    def require_free(self, symbol: Any) -> None:
        """Refuse unless the entries of a matrix symbol are free."""
        if type(symbol) is not sympy.MatrixSymbol:
            raise refuse(self.rule, f"{symbol} is not a matrix symbol whose entries are free")

    def require_polynomial(self, poly: Poly, symbol: Any) -> None:
        """Refuse unless the form is a polynomial in the entries of the symbol, which is an unrestricted matrix."""
        self.require_free(symbol)
        for term, c in poly.terms.items():
            if self.depends(c, symbol) or any(symbol in inner(letter) for letter in letters(term)):
                raise refuse(self.rule, f"not a polynomial in {symbol}")


def _has(statement: Any) -> bool:
    return any(matrix_parts(part) for part in statement.args)
