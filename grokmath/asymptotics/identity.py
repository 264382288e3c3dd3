"""Identities and inequalities, decided point by point by ball arithmetic.

At an exact point both sides are enclosed at rising precision. Disjoint balls disprove the identity there; balls that
agree to the digits asked for support it. What is neither is undecided, and never counts as holding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sympy
from flint import acb, arb

from grokmath.asymptotics.formula import Environment, Number, Side, checked, enclose, point_text
from grokmath.asymptotics.regime import as_regimes, points_argument
from grokmath.certified import LOG2_10
from grokmath.exact import Exact, working_precision
from grokmath.parameters import DomainError, digits_argument

__all__ = [
    "Comparison",
    "IdentityResult",
    "InequalityResult",
    "State",
    "Witness",
    "check_identity",
    "check_inequality",
    "compare",
    "printed",
]

State = Literal["holds", "refuted", "undecided"]


@dataclass(frozen=True)
class Witness:
    """Exact parameters at which the two sides have disjoint enclosures, printed as ``value +/- bound``."""

    point: tuple[tuple[str, Exact], ...]
    left: str
    right: str

    def __str__(self) -> str:
        return f"at {point_text(dict(self.point)) or 'the only point'}: {self.left} against {self.right}"


@dataclass(frozen=True)
class Comparison:
    """Both sides at one point: whether they agree, to how many digits, and their enclosures in print."""

    state: State
    digits: int
    witness: Witness


@dataclass(frozen=True)
class IdentityResult:
    """The answer of :func:`check_identity`.

    ``points`` were tried; at each of them ``digits`` significant digits at least agree, if it holds; ``witness`` is a
    point where it does not, or where it was left open.
    """

    state: State
    points: int
    digits: int
    witness: Witness | None = None
    reason: str = ""

    @property
    def holds(self) -> bool:
        """Whether the identity was supported at every point."""
        return self.state == "holds"

    def __str__(self) -> str:
        if self.holds:
            return f"holds: {self.digits} digits agree at {self.points} points"
        return f"{self.state}: {self.witness or self.reason}"


@dataclass(frozen=True)
class InequalityResult:
    """The answer of :func:`check_inequality`: decided at ``points`` points, or a witness against it."""

    state: State
    points: int
    witness: Witness | None = None
    reason: str = ""

    @property
    def holds(self) -> bool:
        """Whether the inequality was proved at every point tried."""
        return self.state == "holds"

    def __str__(self) -> str:
        if self.holds:
            return f"holds at {self.points} points"
        return f"{self.state}: {self.witness or self.reason}"


def check_identity(
    lhs: Side,
    rhs: Side,
    domain: Any,
    digits: int = 60,
    points: int = 8,
    *,
    critical: Sequence[Mapping[Any, Any]] = (),
) -> IdentityResult:
    """Whether lhs = rhs on a domain, as far as exact points can tell.

    ``lhs`` and ``rhs`` are SymPy expressions in the vocabulary of :func:`grokmath.evaluate`, or callables that take
    their parameters and ``digits`` by keyword and return a Certified number. ``domain`` maps each symbol (or name) to
    (low, high), to a list of exact values or to one; or it is a Regime, or several. ``critical`` lists points that are
    tried first. ``points`` are tried in each regime, by a fixed low-discrepancy sequence of short decimals; where a
    side has powers of I or of negative numbers in it, which are periodic, one of many digits may refute beside them.

    The answer holds only if at every point both enclosures agree to ``digits`` significant digits: strong evidence, no
    proof. It is refuted by one point whose enclosures are disjoint: that is a proof. Anything else is undecided.
    :class:`UnsupportedExpression` for an expression outside the vocabulary, :class:`DomainError` for a bad domain.

    >>> import sympy
    >>> s = sympy.Symbol("s", positive=True)
    >>> wrong = check_identity(sympy.besseli(1, s), sympy.besseli(0, s) - 1 / s, {s: (1, 100)})
    >>> print(wrong.state, len(wrong.witness.point))
    refuted 1
    """
    digits = digits_argument(digits, "check_identity")
    points = points_argument(points, "check_identity")
    checked(lhs, rhs)
    tried, agreed, open_point = 0, 10**9, None
    for regime in as_regimes(domain, critical):
        for values in regime.points(points):
            result = compare(lhs, rhs, values, digits)
            tried += 1
            if result.state == "refuted":
                return IdentityResult("refuted", tried, result.digits, result.witness)
            if result.state == "undecided":
                open_point = open_point or result
            agreed = min(agreed, result.digits)
        if not open_point and (_is_periodic(lhs) or _is_periodic(rhs)):
            result = compare(lhs, rhs, regime.unrounded(), digits)
            if result.state == "refuted":
                return IdentityResult("refuted", tried, result.digits, result.witness)
    if not tried:
        return IdentityResult("undecided", 0, 0, None, "the domain yields no points")
    if open_point:
        return IdentityResult("undecided", tried, open_point.digits, open_point.witness, "not resolved")
    return IdentityResult("holds", tried, agreed)


def _is_periodic(side: Side) -> bool:
    """Whether a side has something periodic in it, which short decimals may all meet at one phase."""
    if not isinstance(side, sympy.Basic):
        return False
    return side.has(sympy.I) or any(power.base.is_negative for power in side.atoms(sympy.Pow))


def check_inequality(
    lhs: Side, rhs: Side, domain: Any, points: int = 8, *, critical: Sequence[Mapping[Any, Any]] = (), digits: int = 60
) -> InequalityResult:
    """Whether lhs < rhs at the points of a domain, each decided by disjoint balls; equality is refuted or undecided.

    Arguments as for :func:`check_identity`; ``digits`` bounds the precision that is spent on a point.

    >>> import sympy
    >>> from grokmath import check_inequality
    >>> x = sympy.Symbol("x", positive=True)
    >>> print(check_inequality(sympy.log(1 + x), x, {x: ("1e-6", 100)}))
    holds at 8 points
    >>> check_inequality(x, x**2, {x: (0, 2)}).state
    'refuted'
    """
    digits = digits_argument(digits, "check_inequality")
    points = points_argument(points, "check_inequality")
    checked(lhs, rhs)
    tried, open_point = 0, None
    for regime in as_regimes(domain, critical):
        for values in regime.points(points):
            tried += 1
            state, witness = _ordered(lhs, rhs, values, digits)
            if state == "refuted":
                return InequalityResult("refuted", tried, witness)
            if state == "undecided":
                open_point = open_point or witness
    if not tried:
        return InequalityResult("undecided", 0, None, "the domain yields no points")
    if open_point:
        return InequalityResult("undecided", tried, open_point)
    return InequalityResult("holds", tried)


def compare(lhs: Side, rhs: Side, values: Mapping[str, Exact], digits: int) -> Comparison:
    """Both sides at one point, at a precision that rises until they are disjoint or agree to the digits."""
    environment = Environment(values)
    needed = int(digits * LOG2_10) + 8
    bits, limit = needed + 24, 10 * needed + 256
    best = 0
    while True:
        with working_precision(bits):
            left, right = enclose(lhs, environment, digits), enclose(rhs, environment, digits)
            difference = left - right
            if difference.is_finite():
                if not difference.contains(0):
                    return Comparison("refuted", best, _witness(values, left, right))
                accuracy = _agreement(left, right, difference)
                best = max(best, min(int(accuracy / LOG2_10), 10**6))
                if best >= digits:
                    return Comparison("holds", best, _witness(values, left, right))
                missing = needed - accuracy
            else:
                missing = bits
            if bits >= limit:
                return Comparison("undecided", best, _witness(values, left, right))
        bits = min(limit, bits + max(int(missing), bits // 8) + 16)


def _agreement(left: Number, right: Number, difference: Number) -> float:
    """-log2 of the relative size of the largest possible difference."""
    size = arb.max(abs(left).lower(), abs(right).lower())
    gap = abs(difference).upper()
    if gap == 0:
        return 1e9 if size > 0 or (_is_zero(left) and _is_zero(right)) else 0.0
    if not size > 0:
        return 0.0
    return max(0.0, -float((gap / size).log() / arb.const_log2()))


def _is_zero(value: Number) -> bool:
    return bool(value.is_zero())


def _ordered(lhs: Side, rhs: Side, values: Mapping[str, Exact], digits: int) -> tuple[State, Witness]:
    environment = Environment(values)
    bits, limit = 96, 10 * (int(digits * LOG2_10) + 32)
    while True:
        with working_precision(bits):
            left, right = enclose(lhs, environment, digits), enclose(rhs, environment, digits)
            witness = _witness(values, left, right)
            if isinstance(left, acb) or isinstance(right, acb):
                raise DomainError(f"check_inequality: a side is complex at {point_text(values)}; it has no order")
            if left < right:
                return "holds", witness
            if left > right or (left - right).is_zero():
                return "refuted", witness
        if bits >= limit:
            return "undecided", witness
        bits = min(2 * bits, limit)


def _witness(values: Mapping[str, Exact], left: Number, right: Number) -> Witness:
    return Witness(tuple(values.items()), printed(left), printed(right))


def printed(value: Number, digits: int = 40) -> str:
    """A ball as text, its radius in brackets as Arb prints it."""
    if not value.is_finite():
        return "not defined or not resolved"
    return str(value.str(digits))
