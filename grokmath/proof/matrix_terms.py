"""Vocabulary of statements about matrices, beside SymPy's own symbols, sums, products, transposes, traces, inverses.

All matrices are real. Sizes are positive integers or symbols that are declared so; a statement holds for all of them.
``Trace`` makes a scalar; the squared Frobenius norm of A is ``square(A)`` = Trace(A.T A). A sum over samples is SymPy's
``Sum`` with the rows of the data as X.T e_i, e_i = ``UnitVector(N, i)``.
"""

from __future__ import annotations

from typing import Any

import sympy

__all__ = [
    "Expm",
    "FullRankMatrix",
    "GaussianMean",
    "Gradient",
    "HessianTrace",
    "Largest",
    "Mean",
    "OrthogonalMatrix",
    "Path",
    "SampleSum",
    "SpectralSum",
    "SymmetricMatrix",
    "TimeDerivative",
    "UnitVector",
    "all_symbols",
    "matrix_parts",
    "square",
]


def square(matrix: Any) -> Any:
    """The squared Frobenius norm |A|^2 = Trace(A.T A)."""
    return sympy.Trace(matrix.T * matrix)


class _Unevaluated:
    """SymPy evaluates the factors of a product, sums in them too; inside these heads all stays as it was written."""

    def doit(self, **_: Any) -> Any:
        """The expression itself."""
        return self


class _Matrix(_Unevaluated, sympy.MatrixExpr):
    """A matrix expression whose transpose stays a transpose."""

    def _eval_transpose(self) -> Any:
        return sympy.Transpose(self)


class OrthogonalMatrix(sympy.MatrixSymbol):
    """A square matrix symbol Q with Q.T Q = Q Q.T = I."""

    def __new__(cls, name: Any, size: Any, other: Any = None) -> Any:
        return super().__new__(cls, name, size, size)


class SymmetricMatrix(sympy.MatrixSymbol):
    """A square matrix symbol M with M.T = M."""

    def __new__(cls, name: Any, size: Any, other: Any = None) -> Any:
        return super().__new__(cls, name, size, size)


class FullRankMatrix(sympy.MatrixSymbol):
    """A matrix symbol X with linearly independent columns: X.T X is invertible."""


class UnitVector(_Matrix):
    """The i-th column of the N x N identity matrix, i = 1, ..., N."""

    def __new__(cls, size: Any, index: Any) -> Any:
        return sympy.Basic.__new__(cls, sympy.S(size), sympy.S(index))

    @property
    def shape(self) -> Any:
        """(N, 1)."""
        return (self.args[0], sympy.S.One)

    def _sympystr(self, printer: Any) -> str:
        return f"e_{printer._print(self.args[1])}"

    def _latex(self, printer: Any, **_: Any) -> str:
        return f"e_{{{printer._print(self.args[1])}}}"


class SampleSum(_Matrix):
    """The sum of a matrix that depends on i over i = 1, ..., N; of scalars it is SymPy's ``Sum``."""

    def __new__(cls, matrix: Any, index: Any, last: Any) -> Any:
        return sympy.Basic.__new__(cls, matrix, index, sympy.S(last))

    @property
    def shape(self) -> Any:
        """That of the summand."""
        return self.args[0].shape

    @property
    def free_symbols(self) -> set[Any]:
        """Those of the summand and of N, without i."""
        return (set(self.args[0].free_symbols) - {self.args[1]}) | set(self.args[2].free_symbols)

    def _sympystr(self, printer: Any) -> str:
        inside, index, last = (printer._print(part) for part in self.args)
        return f"Sum({inside}, ({index}, 1, {last}))"

    def _latex(self, printer: Any, **_: Any) -> str:
        inside, index, last = (printer._print(part) for part in self.args)
        return rf"\sum_{{{index}=1}}^{{{last}}} {inside}"


class Expm(_Matrix):
    """The exponential of a square matrix."""

    def __new__(cls, matrix: Any) -> Any:
        return sympy.Basic.__new__(cls, matrix)

    @property
    def shape(self) -> Any:
        """That of the matrix."""
        return self.args[0].shape

    def _sympystr(self, printer: Any) -> str:
        return f"expm({printer._print(self.args[0])})"

    def _latex(self, printer: Any, **_: Any) -> str:
        return f"e^{{{printer._print(self.args[0])}}}"


class Path(_Matrix):
    """A matrix that depends on the time t and other arguments, as a definition says: ``Path("S", d, n, t, ...)``."""

    def __new__(cls, name: Any, rows: Any, columns: Any, *arguments: Any) -> Any:
        return sympy.Basic.__new__(
            cls, sympy.Symbol(str(name), real=True), sympy.S(rows), sympy.S(columns), *(sympy.S(a) for a in arguments)
        )

    @property
    def shape(self) -> Any:
        """(rows, columns)."""
        return self.args[1:3]

    @property
    def name(self) -> str:
        """The name of the function."""
        return str(self.args[0])

    @property
    def arguments(self) -> tuple[Any, ...]:
        """The time and the other arguments."""
        return tuple(self.args[3:])

    @property
    def free_symbols(self) -> set[Any]:
        """Those of the arguments."""
        return set().union(*(argument.free_symbols for argument in self.arguments))

    def _sympystr(self, printer: Any) -> str:
        return f"{self.name}({', '.join(printer._print(a) for a in self.arguments)})"

    def _latex(self, printer: Any, **_: Any) -> str:
        return f"{self.name}({', '.join(printer._print(a) for a in self.arguments)})"


class TimeDerivative(_Matrix):
    """d/dt of a matrix that depends on the scalar t."""

    def __new__(cls, matrix: Any, time: Any) -> Any:
        return sympy.Basic.__new__(cls, matrix, time)

    @property
    def shape(self) -> Any:
        """That of the matrix."""
        return self.args[0].shape

    def _sympystr(self, printer: Any) -> str:
        return f"d/d{self.args[1]}[{printer._print(self.args[0])}]"

    def _latex(self, printer: Any, **_: Any) -> str:
        return rf"\frac{{d}}{{d{self.args[1]}}}\left[{printer._print(self.args[0])}\right]"


class Gradient(_Matrix):
    """The gradient of a scalar f by a matrix S, at S: the G with d/de f(S + e H) at 0 = Trace(G.T H) for all H."""

    def __new__(cls, scalar: Any, symbol: Any) -> Any:
        return sympy.Basic.__new__(cls, sympy.S(scalar), symbol)

    @property
    def shape(self) -> Any:
        """That of the symbol."""
        return self.args[1].shape

    def _sympystr(self, printer: Any) -> str:
        return f"grad_{self.args[1]}[{printer._print(self.args[0])}]"

    def _latex(self, printer: Any, **_: Any) -> str:
        return rf"\nabla_{{{printer._print(self.args[1])}}}\left[{printer._print(self.args[0])}\right]"


class HessianTrace(_Unevaluated, sympy.Expr):
    """The sum of the second derivatives of a scalar f by each entry of each of the matrix symbols."""

    def __new__(cls, scalar: Any, *symbols: Any) -> Any:
        return sympy.Basic.__new__(cls, sympy.S(scalar), *symbols)

    def _sympystr(self, printer: Any) -> str:
        names = ", ".join(str(symbol) for symbol in self.args[1:])
        return f"TrHess_({names})[{printer._print(self.args[0])}]"

    def _latex(self, printer: Any, **_: Any) -> str:
        names = ",".join(printer._print(symbol) for symbol in self.args[1:])
        return rf"\operatorname{{Tr}}\nabla^2_{{{names}}}\left[{printer._print(self.args[0])}\right]"


class _Mean:
    """What the scalar and the matrix mean share: the bound symbols."""

    args: tuple[Any, ...]

    @property
    def laws(self) -> tuple[tuple[Any, Any], ...]:
        """(matrix symbol, variance of its entries)."""
        return tuple((law[0], law[1]) for law in self.args[1:])

    @property
    def free_symbols(self) -> set[Any]:
        """Those of the argument and of the variances, without the random matrices."""
        inside = set(self.args[0].free_symbols) - {symbol for symbol, _ in self.laws}
        return inside.union(*(variance.free_symbols for _, variance in self.laws))

    def _sympystr(self, printer: Any) -> str:
        return f"E_({', '.join(str(symbol) for symbol, _ in self.laws)})[{printer._print(self.args[0])}]"

    def _latex(self, printer: Any, **_: Any) -> str:
        names = ",".join(printer._print(symbol) for symbol, _ in self.laws)
        return rf"\mathbb{{E}}_{{{names}}}\left[{printer._print(self.args[0])}\right]"


class _ScalarMean(_Unevaluated, _Mean, sympy.Expr):
    def __new__(cls, argument: Any, *laws: Any) -> Any:
        return sympy.Basic.__new__(cls, argument, *(sympy.Tuple(*law) for law in laws))


class _MatrixMean(_Mean, _Matrix):
    def __new__(cls, argument: Any, *laws: Any) -> Any:
        return sympy.Basic.__new__(cls, argument, *(sympy.Tuple(*law) for law in laws))

    @property
    def shape(self) -> Any:
        """That of the argument."""
        return self.args[0].shape


def Mean(argument: Any, *laws: tuple[Any, Any]) -> Any:  # noqa: N802 - stands for the classes above
    """The mean over independent random matrices, given as (symbol, variance): uncorrelated entries of mean 0."""
    if isinstance(argument, sympy.MatrixExpr):
        return _MatrixMean(argument, *laws)
    return _ScalarMean(sympy.S(argument), *laws)


class SpectralSum(_Unevaluated, sympy.Expr):
    """The sum of f(nu) over the eigenvalues of a symmetric matrix, with multiplicity; f is a ``Lambda``."""

    def __new__(cls, f: Any, matrix: Any) -> Any:
        return sympy.Basic.__new__(cls, f, matrix)

    def _sympystr(self, printer: Any) -> str:
        (nu,) = self.args[0].variables
        return f"Sum_(eigenvalues {nu} of {printer._print(self.args[1])})[{printer._print(self.args[0].expr)}]"

    def _latex(self, printer: Any, **_: Any) -> str:
        (nu,) = self.args[0].variables
        inside = printer._print(self.args[0].expr)
        return rf"\sum_{{{printer._print(nu)}\in\operatorname{{spec}}({printer._print(self.args[1])})}} {inside}"


class Largest(_Unevaluated, sympy.Expr):
    """The largest of f(i, j, ...) over i = 1, ..., N, j = 1, ..., M, ...: ``Largest(f, (i, N), (j, M))``."""

    def __new__(cls, body: Any, *indices: Any) -> Any:
        return sympy.Basic.__new__(cls, sympy.S(body), *(sympy.Tuple(*pair) for pair in indices))

    @property
    def indices(self) -> tuple[tuple[Any, Any], ...]:
        """(index, number of samples)."""
        return tuple((pair[0], pair[1]) for pair in self.args[1:])

    @property
    def bound_symbols_of_samples(self) -> set[Any]:
        """The indices, which no rule replaces."""
        return {index for index, _ in self.indices}

    @property
    def free_symbols(self) -> set[Any]:
        """Those of the body and of the numbers of samples, without the indices."""
        numbers = set().union(*(last.free_symbols for _, last in self.indices))
        return (set(self.args[0].free_symbols) - {index for index, _ in self.indices}) | numbers

    def _sympystr(self, printer: Any) -> str:
        ranges = ", ".join(f"{i} <= {last}" for i, last in self.indices)
        return f"Largest({printer._print(self.args[0])}, {ranges})"

    def _latex(self, printer: Any, **_: Any) -> str:
        ranges = r",\,".join(rf"{printer._print(i)}\le {printer._print(last)}" for i, last in self.indices)
        return rf"\max_{{{ranges}}} {printer._print(self.args[0])}"


class GaussianMean(_Unevaluated, sympy.Expr):
    """The mean of a number over a matrix X of independent normal entries of mean 0: ``GaussianMean(f, X, v)``."""

    def __new__(cls, argument: Any, symbol: Any, variance: Any) -> Any:
        return sympy.Basic.__new__(cls, sympy.S(argument), symbol, sympy.S(variance))

    @property
    def bound_symbols_of_samples(self) -> set[Any]:
        """The random matrix, which no rule replaces."""
        return {self.args[1]}

    @property
    def free_symbols(self) -> set[Any]:
        """Those of the argument and of the variance, without the random matrix, and those of its size."""
        sizes = set().union(*(size.free_symbols for size in self.args[1].shape))
        return (set(self.args[0].free_symbols) - {self.args[1]}) | set(self.args[2].free_symbols) | sizes

    def _sympystr(self, printer: Any) -> str:
        return f"E_(normal {self.args[1]})[{printer._print(self.args[0])}]"

    def _latex(self, printer: Any, **_: Any) -> str:
        return rf"\mathbb{{E}}_{{{printer._print(self.args[1])}}}\left[{printer._print(self.args[0])}\right]"


MEANS = (_ScalarMean, _MatrixMean)
"""The classes that :func:`Mean` makes."""
_HEADS = (sympy.MatrixExpr, sympy.Trace, HessianTrace, SpectralSum, *MEANS)


def matrix_parts(expr: Any) -> bool:
    """Whether matrices occur in the expression."""
    return isinstance(expr, _HEADS) or any(matrix_parts(part) for part in getattr(expr, "args", ()))


def all_symbols(expr: Any) -> set[Any]:
    """The free symbols, with the symbols in sizes of matrices."""
    found = set(expr.free_symbols)
    for part in sympy.preorder_traversal(expr):
        if isinstance(part, sympy.MatrixExpr):
            found |= set().union(*(sympy.S(size).free_symbols for size in part.shape))
    return found
