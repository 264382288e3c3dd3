"""Statements about matrices of any size, written out at given sizes: scalar identities, entry by entry.

This evaluator shares nothing with the normal form of the proofs: derivatives are SymPy's by each entry, sums run over
the samples, a mean is the value at 0 and half the second derivatives by the random entries times their variance, and
exponentials and eigenvalues of 2 x 2 matrices are in closed form.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from grokmath.asymptotics import Range, Regime
from grokmath.ledger.record import Identity, Inequality, MatrixIdentity, MatrixInequality
from grokmath.parameters import DomainError
from grokmath.proof import (
    Expm,
    GaussianMean,
    Gradient,
    HessianTrace,
    Largest,
    OrthogonalMatrix,
    SampleSum,
    SpectralSum,
    SymmetricMatrix,
    TimeDerivative,
    UnitVector,
)
from grokmath.proof.matrix_terms import MEANS

__all__ = ["written_out"]

_MOST = 4
"""So many entries of a matrix equation are checked: the corners first."""
_LOW, _HIGH = -2, sp.Rational(21, 10)


def written_out(claim: MatrixIdentity | MatrixInequality) -> tuple[Identity | Inequality, ...]:
    """The claim at its sizes: an identity for each entry (four of them where there are more), or an inequality."""
    explicit = _Explicit(dict(claim.sizes))
    if isinstance(claim, MatrixInequality):
        less, more = explicit.value(claim.less), explicit.value(claim.more)
        return (Inequality(less, more, tuple(_with_entries(regime, explicit) for regime in claim.regimes)),)
    left, right = explicit.value(claim.reference), explicit.value(claim.formula)
    regimes = tuple(_with_entries(regime, explicit) for regime in claim.regimes)
    if not isinstance(left, sp.MatrixBase):
        return (Identity(left, right, regimes),)
    if not isinstance(right, sp.MatrixBase) or left.shape != right.shape:
        raise DomainError(f"ledger: the sides of {claim.statement} do not have one size")
    rows, columns = left.shape
    places = [(i, j) for i in range(rows) for j in range(columns)]
    places.sort(key=lambda place: (place[0] not in (0, rows - 1), place[1] not in (0, columns - 1), place))
    return tuple(Identity(left[place], right[place], regimes) for place in places[:_MOST])


def _with_entries(regime: Regime, explicit: _Explicit) -> Regime:
    entries = Range(_fraction(_LOW), _fraction(_HIGH))
    return Regime((*((name, entries) for name in sorted(explicit.names)), *regime.ranges), regime.critical, regime.name)


def _fraction(value: Any) -> Any:
    from fractions import Fraction

    value = sp.Rational(value)
    return Fraction(int(value.p), int(value.q))


class _Explicit:
    """Values of expressions at given sizes, in symbols for the entries."""

    def __init__(self, sizes: dict[str, int]) -> None:
        self.sizes = sizes
        self.names: set[str] = set()
        self._kept: dict[Any, Any] | None = None
        self._rules: dict[type, Callable[[Any], Any]] = {
            sp.Trace: lambda e: self.value(e.arg).trace(),
            sp.Transpose: lambda e: self.value(e.arg).T,
            sp.Inverse: lambda e: self._keep(self.value(e.arg).inv()),
            sp.Identity: lambda e: sp.eye(self.size(e.shape[0])),
            sp.ZeroMatrix: lambda e: sp.zeros(*map(self.size, e.shape)),
            sp.Sum: lambda e: self._sum(e.function, *e.limits[0]),
            SampleSum: lambda e: self._sum(e.args[0], e.args[1], sp.S.One, e.args[2]),
            sp.Derivative: lambda e: sp.diff(self.value(e.args[0]), e.args[1][0]),
            Expm: self._exponential,
            TimeDerivative: lambda e: self.value(e.args[0]).diff(e.args[1]),
            Gradient: self._gradient,
            HessianTrace: self._hessian,
            SpectralSum: self._spectral,
            UnitVector: self._unit,
            Largest: self._largest,
            GaussianMean: self._gaussian_mean,
        }

    def size(self, size: Any) -> int:
        """A size as a number."""
        return int(self.scalar(size))

    def scalar(self, expr: Any) -> Any:
        """A scalar expression with its sizes put in."""
        known = {symbol: self.sizes[symbol.name] for symbol in expr.free_symbols if symbol.name in self.sizes}
        return sp.S(expr).xreplace({symbol: sp.Integer(size) for symbol, size in known.items()})

    def value(self, expr: Any) -> Any:
        """A scalar, or an explicit matrix."""
        rule = self._rules.get(type(expr))
        if rule is not None:
            return rule(expr)
        if isinstance(expr, MEANS):
            return self._mean(expr)
        if isinstance(expr, sp.MatrixSymbol):
            return self._entries(expr)
        if isinstance(expr, sp.MatPow):
            return self.value(expr.base) ** int(expr.exp)
        if isinstance(expr, sp.Add | sp.Mul):
            total = self.value(expr.args[0])
            for part in expr.args[1:]:
                value = self.value(part)
                total = total + value if isinstance(expr, sp.Add) else total * value
            return total
        if isinstance(expr, sp.MatrixExpr):
            raise DomainError(f"ledger: {type(expr).__name__} cannot be written out")
        if not expr.args:
            return self.scalar(expr)
        return expr.func(*(self.value(part) for part in expr.args))

    def _entries(self, symbol: Any) -> Any:
        rows, columns = map(self.size, symbol.shape)
        if isinstance(symbol, OrthogonalMatrix):
            if rows != 2:
                raise DomainError("ledger: orthogonal matrices are written out at size 2")
            half = self._symbol(f"{symbol.name}11")  # the rotation by the angle 2 arctan of it
            return sp.Matrix([[1 - half**2, -2 * half], [2 * half, 1 - half**2]]) / (1 + half**2)

        def entry(i: int, j: int) -> Any:
            if isinstance(symbol, SymmetricMatrix) and i > j:
                i, j = j, i
            return self._symbol(f"{symbol.name}{i + 1}{j + 1}")

        return sp.Matrix(rows, columns, entry)

    def _symbol(self, name: str) -> Any:
        self.names.add(name)
        return sp.Symbol(name, real=True)

    def _unit(self, expr: Any) -> Any:
        index, size = int(self.scalar(expr.args[1])), self.size(expr.args[0])
        return sp.Matrix(size, 1, lambda i, _: sp.Integer(int(i == index - 1)))

    def _sum(self, summand: Any, index: Any, first: Any, last: Any) -> Any:
        return _added([self.value(_at(summand, index, k)) for k in range(int(first), self.size(last) + 1)])

    def _gaussian_mean(self, expr: Any) -> Any:
        """Moment by moment: E x^(2k) = (2k - 1)!! v^k for each entry."""
        before = set(self.names)
        entries = list(self._entries(expr.args[1]))
        polynomial = sp.Poly(self.value(expr.args[0]), *entries)
        variance = self.scalar(expr.args[2])
        self.names -= {entry.name for entry in entries} - before
        return sp.Add(
            *(
                factor * sp.Mul(*(sp.factorial2(power - 1) * variance ** (power // 2) for power in powers))
                for powers, factor in polynomial.terms()
                if not any(power % 2 for power in powers)
            )
        )

    def _largest(self, expr: Any) -> Any:
        values = [expr.args[0]]
        for index, last in expr.indices:
            values = [_at(value, index, k) for value in values for k in range(1, self.size(last) + 1)]
        largest, *others = map(self.value, values)
        for value in others:
            largest = (largest + value + sp.Abs(largest - value)) / 2
        return largest

    def _exponential(self, expr: Any) -> Any:
        """exp(m + R) = e^m (cosh r + R sinh r/r) for R of trace 0, R^2 = r^2, at size 2."""
        matrix = self.value(expr.args[0])
        if matrix.shape == (1, 1):
            return matrix.applyfunc(sp.exp)
        if matrix.shape != (2, 2):
            raise DomainError("ledger: exponentials are written out at sizes 1 and 2")
        mean = matrix.trace() / 2
        rest = matrix - mean * sp.eye(2)
        radius = sp.sqrt(rest[0, 0] ** 2 + rest[0, 1] * rest[1, 0])
        up, down = sp.exp(mean + radius), sp.exp(mean - radius)
        return self._keep((up + down) / 2 * sp.eye(2) + (up - down) / (2 * radius) * rest)

    def _keep(self, matrix: Any) -> Any:
        """Inside a mean: symbols for the entries, which do not depend on the random ones."""
        if self._kept is None:
            return matrix
        names = matrix.applyfunc(lambda entry: sp.Dummy(real=True))
        self._kept.update(zip(names, matrix, strict=True))
        return names

    def _gradient(self, expr: Any) -> Any:
        scalar, entries = self.value(expr.args[0]), self._entries(expr.args[1])
        return entries.applyfunc(lambda entry: sp.diff(scalar, entry))

    def _hessian(self, expr: Any) -> Any:
        scalar = self.value(expr.args[0])
        return sp.Add(*(sp.diff(scalar, entry, 2) for symbol in expr.args[1:] for entry in self._entries(symbol)))

    def _spectral(self, expr: Any) -> Any:
        matrix = self.value(expr.args[1])
        if matrix.shape == (1, 1):
            return self.scalar_function(expr.args[0])(matrix[0])
        if matrix.shape != (2, 2):
            raise DomainError("ledger: eigenvalues are written out at sizes 1 and 2")
        radius = sp.sqrt((matrix[0, 0] - matrix[1, 1]) ** 2 / 4 + matrix[0, 1] ** 2)
        f = self.scalar_function(expr.args[0])
        return f(matrix.trace() / 2 + radius) + f(matrix.trace() / 2 - radius)

    def scalar_function(self, f: Any) -> Callable[[Any], Any]:
        """A ``Lambda`` with the sizes put in."""
        (nu,) = f.variables
        body = self.scalar(f.expr)
        return lambda x: body.xreplace({nu: x})

    def _mean(self, expr: Any) -> Any:
        before, outer = set(self.names), self._kept
        random = {entry for symbol, _ in expr.laws for entry in self._entries(symbol)}
        self._kept = {} if outer is None else outer
        total = self.value(expr.args[0])
        kept, self._kept = self._kept, outer
        if any(value.free_symbols & random for value in kept.values()):
            raise DomainError(f"ledger: {expr} has a random matrix in a function")
        for symbol, variance in expr.laws:
            entries = list(self._entries(symbol))
            zero = dict.fromkeys(entries, sp.S.Zero)
            half = self.scalar(variance) / 2
            total = _added([_at_zero(total, zero)] + [half * _at_zero(_second(total, e), zero) for e in entries])
            names = {entry.name for entry in entries}
            self.names -= names - before
        return total if outer is not None else total.xreplace(kept)


def _second(value: Any, entry: Any) -> Any:
    return value.diff(entry, 2) if isinstance(value, sp.MatrixBase) else sp.diff(value, entry, 2)


def _at_zero(value: Any, zero: Any) -> Any:
    return value.xreplace(zero)


def _added(parts: list[Any]) -> Any:
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def _at(expr: Any, index: Any, k: int) -> Any:
    return expr.xreplace({index: sp.Integer(k)})
