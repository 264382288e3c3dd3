"""Asymptotic statements, measured: exact ~ claimed as a variable tends to a point.

The relative error e = claimed/exact - 1 is enclosed at points u_k = u_0 2^k of u = var (at infinity) or of
1/|var - point|. Richardson's extrapolation, in powers of 1/u or of 1/sqrt(u), gives the limit of the ratio
claimed/exact, the order p and the constant C of e ~ C u^-p; the distance of its last two columns, times ten, is taken
for its error. It is trusted only where the ratio approaches its limit like a power (successive differences fall by
2^q, q at least 1/4 and itself settling geometrically), so that logarithms are not taken for limits. The values behind
it are proved; the extrapolation is evidence and no proof.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import sympy
from flint import arb, fmpq

from grokmath.asymptotics.formula import Environment, Number, Side, checked, enclose, point_text
from grokmath.asymptotics.identity import State
from grokmath.asymptotics.regime import Regime, as_regimes
from grokmath.certified import LOG2_10
from grokmath.exact import Exact, working_precision
from grokmath.parameters import DomainError, digits_argument, exact

__all__ = ["AsymptoticResult", "Measurement", "check_asymptotic", "measure"]

_NAME = "check_asymptotic"
_LEVELS = 10
_SAFETY = 10
_LEAST_POWER = 0.25
_SMALL_PARTS = 4
"""Orders are recognised as fractions with denominators up to this."""


@dataclass(frozen=True)
class Measurement:
    """What was seen along one approach to the limit, at one point of the other parameters.

    ``limit`` is that of claimed/exact, with ``limit_error``; e ~ ``constant`` * u^-``order``; ``table`` holds
    (u, e) in print. ``order`` is None where e vanished to the digits of the evaluation.
    """

    state: State
    point: tuple[tuple[str, Exact], ...]
    limit: str
    limit_error: float
    order: Fraction | None
    order_error: float
    constant: str
    constant_error: float
    table: tuple[tuple[str, str], ...]
    reason: str


@dataclass(frozen=True)
class AsymptoticResult:
    """The answer of :func:`check_asymptotic`, one :class:`Measurement` for each point of the other parameters."""

    state: State
    variable: str
    toward: str
    measurements: tuple[Measurement, ...]
    candidate: str | None = None
    kind: str = "relative"
    reason: str = ""

    @property
    def holds(self) -> bool:
        """Whether the statement was supported at every point."""
        return self.state == "holds"

    @property
    def deciding(self) -> Measurement | None:
        """The first measurement that has the state of the whole."""
        return next((m for m in self.measurements if m.state == self.state), None)

    def __str__(self) -> str:
        m = self.deciding
        if m is None:
            return f"{self.state}: {self.reason}"
        where = f" at {point_text(dict(m.point))}" if m.point else ""
        if self.state != "holds":
            return f"{self.state}{where}: {m.reason}"
        if m.order is None:
            return f"holds at {len(self.measurements)} points: the {self.kind} error vanishes to all digits evaluated"
        gauge = _gauge(self.variable, self.toward, m.order)
        known = f"({self.candidate})*{gauge}, as stated; here " if self.candidate else ""
        constant = f"{m.constant} +/- {m.constant_error:.1g}"
        return f"holds at {len(self.measurements)} points; {self.kind} error ~ {known}({constant})*{gauge}{where}"

    def table(self) -> str:
        """The evidence: for each point the errors along the approach, the limit, order and constant."""
        lines = []
        for m in self.measurements:
            order = "none" if m.order is None else f"{m.order} +/- {m.order_error:.1g}"
            lines.append(f"{point_text(dict(m.point)) or 'no other parameters'}: {m.state}; {m.reason}")
            lines.append(f"  ratio -> {m.limit} +/- {m.limit_error:.1g}; order {order}; constant {m.constant}")
            lines += [f"  {self.variable} = {u}: {self.kind} error {e}" for u, e in m.table]
        return "\n".join(lines)


def _gauge(variable: str, toward: str, order: Fraction) -> str:
    base = variable if toward == "oo" else (variable if toward == "0" else f"|{variable} - {toward}|")
    power = -order if toward == "oo" else order
    return base if power == 1 else f"{base}**({power})"


def check_asymptotic(
    exact_value: Side,
    claimed: Side,
    var: Any,
    point: Any,
    domain: Any = (),
    *,
    points: int = 3,
    order: Any = None,
    constant: Any = None,
    start: int = 2**20,
    levels: int = _LEVELS,
    side: str = "+",
    kind: str = "relative",
    digits: int = 60,
    tolerance: float = 1e-8,
    critical: Sequence[Mapping[Any, Any]] = (),
) -> AsymptoticResult:
    """Whether claimed/exact_value tends to 1 as ``var`` tends to ``point``, and how fast.

    ``exact_value`` and ``claimed`` are SymPy expressions in the vocabulary of :func:`grokmath.evaluate` or callables,
    as for :func:`grokmath.asymptotics.check_identity`; ``point`` is ``sympy.oo`` or an exact number, approached from
    the ``side`` "+" or "-". ``domain`` gives the other parameters. The approach starts at u = ``start``, u = var or
    1/|var - point|, and doubles u ``levels`` - 1 times. ``order`` and ``constant``, an expression in the other
    parameters, are checked if they are given: a constant is never guessed, only measured or recognised. With
    ``kind="absolute"`` the error is claimed - exact_value, for limits that are 0.

    It holds where the ratio tends to 1 within ``tolerance`` (and within the error of the extrapolation), the errors
    shrink, and order and constant are those given. It is refuted where the ratio tends to something else, or does not
    settle at all, or order or constant differ, by a hundred times the error of the extrapolation. Otherwise it is
    undecided: so are laws whose corrections are logarithmic, unless the tolerance is widened or another variable is
    used in which they are powers.

    >>> import sympy
    >>> x = sympy.Symbol("x", positive=True)
    >>> stirling = x * sympy.log(x) - x + sympy.log(2 * sympy.pi / x) / 2
    >>> result = check_asymptotic(sympy.gamma(x), sympy.exp(stirling), x, sympy.oo, constant="-1/12")
    >>> print(result.state, result.measurements[0].order)
    holds 1
    """
    digits = digits_argument(digits, _NAME)
    checked(exact_value, claimed)
    name = str(var)
    toward = "oo" if point == sympy.oo else str(point)
    at = None if point == sympy.oo else exact(point, "point", _NAME)
    if side not in ("+", "-") or kind not in ("relative", "absolute"):
        raise DomainError(f"{_NAME}: side is '+' or '-' and kind 'relative' or 'absolute'; choose one of these")
    candidate = _candidate(constant)
    p = None if order is None else Fraction(str(exact(order, "order", _NAME)))
    approach = _Approach(name, at, 1 if side == "+" else -1, start, levels, kind, digits)
    found = []
    regimes = (Regime(()),) if domain == () else as_regimes(domain, critical)
    for regime in regimes:
        for values in regime.points(points if regime.ranges else 1):
            found.append(_against(measure(exact_value, claimed, values, approach, tolerance), p, candidate))
    if not found:
        return AsymptoticResult("undecided", name, toward, (), None, kind, "the domain yields no points")
    states = {m.state for m in found}
    state: State = "refuted" if "refuted" in states else "undecided" if "undecided" in states else "holds"
    shown = str(candidate) if candidate is not None else None
    return AsymptoticResult(state, name, toward, tuple(found), shown, kind)


def _candidate(constant: Any) -> Any:
    if constant is None or isinstance(constant, sympy.Expr):
        return constant
    number = exact(constant, "constant", _NAME)
    return sympy.Rational(number.numerator, number.denominator) if isinstance(number, Fraction) else number.expr


@dataclass(frozen=True)
class _Approach:
    """How the variable tends to its limit."""

    name: str
    at: Exact | None
    sign: int
    start: int
    levels: int
    kind: str
    digits: int

    def values(self) -> list[tuple[int, Exact]]:
        """u_k and the value of the variable there."""
        sizes = [self.start * 2**k for k in range(self.levels)]
        if self.at is None:
            return [(u, Fraction(u)) for u in sizes]
        return [(u, self.at + Fraction(self.sign, u)) for u in sizes]


def measure(
    exact_value: Side, claimed: Side, values: Mapping[str, Exact], approach: _Approach, tolerance: float
) -> Measurement:
    """The errors along one approach, and what extrapolation makes of them."""
    points = approach.values()
    bits = int(approach.digits * LOG2_10) + 16
    errors: list[arb] = []
    for _, x in points:
        error = _error(exact_value, claimed, {**values, approach.name: x}, approach, bits)
        if error is None:
            reason = f"not resolved or not real at {approach.name} = {float(x):.6g}"
            nothing = Measurement("undecided", tuple(values.items()), "?", 1.0, None, 1.0, "?", 1.0, (), reason)
            complex_valued = error is None and _is_complex(exact_value, claimed, {**values, approach.name: x}, approach)
            return replace(nothing, state="refuted", reason="a side is complex") if complex_valued else nothing
        errors.append(error)
    with working_precision(2 * bits + 64):
        return _judged(errors, [u for u, _ in points], values, approach, tolerance)


def _sides(exact_value: Side, claimed: Side, values: Mapping[str, Exact], digits: int) -> tuple[Number, Number]:
    environment = Environment(values)
    return enclose(exact_value, environment, digits), enclose(claimed, environment, digits)


def _is_complex(exact_value: Side, claimed: Side, values: Mapping[str, Exact], approach: _Approach) -> bool:
    with working_precision(256):
        true, given = _sides(exact_value, claimed, values, approach.digits)
        return any(not isinstance(x, arb) and x.is_finite() and not x.imag.contains(0) for x in (true, given))


def _error(exact_value: Side, claimed: Side, values: Mapping[str, Exact], approach: _Approach, bits: int) -> arb | None:
    """The error at one point, to ``bits`` bits of itself; 0 where it is below 2**-(bits + 8)."""
    precision = bits + 64
    while precision < 12 * bits + 4096:
        with working_precision(precision):
            true, given = _sides(exact_value, claimed, values, approach.digits)
            if true.is_finite() and given.is_finite():
                if not isinstance(true, arb) or not isinstance(given, arb):
                    return None
                error = (given - true) if approach.kind == "absolute" else (given - true) / true
                if error.is_finite():
                    if error.is_zero() or error.rel_accuracy_bits() >= bits:
                        return error
                    if abs(error).upper() < arb(2) ** (-bits - 8):
                        return arb(0)
                    if error.rel_accuracy_bits() > 0:
                        precision += bits - error.rel_accuracy_bits()
        precision += precision // 3
    return None


def _judged(
    errors: list[arb], sizes: list[int], values: Mapping[str, Exact], approach: _Approach, tolerance: float
) -> Measurement:
    point = tuple(values.items())
    table = tuple(
        (str(u) if approach.at is None else f"1/{u} off", _plain(e, 12)) for u, e in zip(sizes, errors, strict=True)
    )
    last, count = abs(errors[-1]), len(errors)
    floor = arb(10) ** -approach.digits
    base = 0 if approach.kind == "absolute" else 1
    if last < floor and (errors[-2].is_zero() or last <= abs(errors[-2])):
        reason = f"the error is below 10**-{approach.digits} and shrinks"
        return Measurement("holds", point, str(base), float(floor), None, 0.0, "0", 0.0, table, reason)
    if any(e.is_zero() for e in errors):
        return Measurement("undecided", point, "?", 1.0, None, 1.0, "?", 1.0, table, "errors vanish and come back")
    local = [(abs(errors[k] / errors[k + 1])).log() / arb.const_log2() for k in range(count - 1)]
    ratios = [base + e for e in errors]
    settles = _settles(ratios, arb(10) ** -max(approach.digits, 15))
    limit, limit_error = _extrapolated(ratios) if settles else (ratios[-1], float("inf"))
    slope, slope_error = _extrapolated(local) if settles else (local[-1], abs(float((local[-1] - local[-2]).mid())))
    shrinking = all(abs(errors[k + 1]) < abs(errors[k]) for k in range(count // 2, count - 1))
    off = float(abs(limit - base).mid())
    order = Fraction(float(slope.mid())).limit_denominator(_SMALL_PARTS)
    known = settles and abs(float(slope.mid()) - float(order)) <= max(slope_error, 1e-9)
    constant, constant_error = errors[-1] * arb(sizes[-1]) ** slope.mid(), float("inf")
    if known and order > 0:
        power = arb(fmpq(order.numerator, order.denominator))
        constant, constant_error = _extrapolated([e * arb(u) ** power for e, u in zip(errors, sizes, strict=True)])
    growth = -float(local[-1].mid())
    state: State
    if not shrinking and growth > _LEAST_POWER:
        state, reason = "refuted", f"the error grows like u**{growth:.4g}"
    elif limit_error < off / 100:
        state, what = "refuted", "difference" if approach.kind == "absolute" else "ratio"
        reason = f"the {what} tends to {_plain(limit, 25)} +/- {limit_error:.1g}"
    elif shrinking and off <= tolerance and (limit_error <= tolerance or not settles):
        state, reason = "holds", f"the error shrinks like u**-({float(slope.mid()):.6g} +/- {slope_error:.1g})"
    else:
        state, reason = "undecided", f"the last error is {_plain(errors[-1], 3)}, and no power law is seen"
    shown = order if known else Fraction(f"{float(slope.mid()):.6g}")
    return Measurement(
        state,
        point,
        _plain(limit, 25),
        limit_error,
        shown,
        slope_error,
        _plain(constant, 12),
        constant_error,
        table,
        reason,
    )


def _plain(value: Number, digits: int) -> str:
    """The middle of a ball in print."""
    return str(value.mid().str(digits, radius=False))


def _settles(ratios: list[arb], floor: arb) -> bool:
    """Whether the sequence approaches its limit like a power of u, or no longer moves by more than ``floor``."""
    gaps = [abs(ratios[k + 1] - ratios[k]) for k in range(len(ratios) - 1)]
    if gaps[-1].upper() < floor:
        return True
    if any(gap.contains(0) for gap in gaps):
        return False
    falls = [float((gaps[k] / gaps[k + 1]).log().mid()) / math.log(2) for k in range(len(gaps) - 1)]
    if gaps[-1].upper() < arb(10) ** -30 and falls[-1] > 2:  # faster than any power
        return True
    # with powers alone, falls[k] tends to q geometrically; with logarithms like 1/k
    steps = [abs(falls[k + 1] - falls[k]) for k in range(len(falls) - 1)]
    geometric = steps[-1] <= 1.2 * 2 ** (-(len(steps) - 1) / 2) * steps[0] or steps[-1] < 1e-12
    return min(falls[-2:]) > _LEAST_POWER and geometric


def _extrapolated(sequence: list[arb]) -> tuple[arb, float]:
    """The limit by Richardson's extrapolation in powers of 1/u, or of 1/sqrt(u), whichever settles better."""
    best: tuple[arb, float] | None = None
    for step in (fmpq(1), fmpq(1, 2)):
        row, previous = list(sequence), sequence[-2]
        for j in range(1, len(sequence)):
            weight = arb(2) ** (arb(step) * j)
            previous, row = row[-1], [(weight * row[k + 1] - row[k]) / (weight - 1) for k in range(len(row) - 1)]
            error = float(_SAFETY * abs(row[-1] - previous).upper() + row[-1].rad())
            if best is None or error < best[1]:
                best = (row[-1].mid(), error)
    assert best is not None  # noqa: S101 - there are two values at least
    return arb(best[0]), best[1]


def _against(m: Measurement, order: Fraction | None, candidate: Any) -> Measurement:
    """The measurement, held against the order and the constant that the caller states."""
    if m.state != "holds" or (order is None and candidate is None):
        return m
    if m.order is None:
        return m
    if order is not None and m.order != order:
        return replace(
            m, state="refuted" if m.order_error < 0.01 else "undecided", reason=f"the order is {m.order}, not {order}"
        )
    if candidate is None:
        return m
    with working_precision(256):
        stated = Environment(dict(m.point)).ball(candidate)
        measured = arb(m.constant)
        off = float(abs(stated - measured).upper())
        size = float(abs(measured).upper())
    if off <= 100 * m.constant_error + 1e-10 * size and m.constant_error < 1e-3 * size:
        return m
    state: State = "refuted" if off > 100 * m.constant_error + 1e-10 * size else "undecided"
    return replace(
        m, state=state, reason=f"the constant is {m.constant} +/- {m.constant_error:.1g}, not {_plain(stated, 12)}"
    )
