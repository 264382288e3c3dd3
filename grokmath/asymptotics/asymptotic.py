"""Asymptotic statements, measured: exact ~ claimed as a variable tends to a point.

The relative error e = claimed/exact - 1 is enclosed at points u_k = u_0 2^k of u = var (at infinity) or of
1/|var - point|. Extrapolation (:mod:`grokmath.asymptotics.extrapolation`) gives the limit of the ratio claimed/exact,
the order p and the constant C of e ~ C u^-p, each with an estimate of its error. It is trusted only where the ratio
approaches its limit like a power (successive differences fall by 2^q, q at least 1/4 and itself settling
geometrically), so that logarithms are not taken for limits. The values behind it are proved; the extrapolation is
evidence and no proof.

u_0 is about 1.4 times the start asked for, and no whole number: terms that vanish at whole numbers or at powers of two
do not hide from it. The points are dyadic, so that balls of them are exact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import sympy
from flint import arb, fmpq

from grokmath.asymptotics.extrapolation import LEAST_POWER, extrapolated, settles
from grokmath.asymptotics.formula import Environment, Number, Side, checked, enclose, point_text
from grokmath.asymptotics.identity import State
from grokmath.asymptotics.regime import Regime, as_regimes, points_argument
from grokmath.certified import LOG2_10
from grokmath.exact import Exact, ball, working_precision
from grokmath.parameters import DomainError, digits_argument, exact, shown

__all__ = ["AsymptoticResult", "Measurement", "check_asymptotic", "measure"]

_NAME = "check_asymptotic"
_LEVELS = 10
_FEWEST_LEVELS = 5
_OFF = Fraction(round(1.37 * 2**32) | 1, 2**32)
_TOLERANCE = 1e-8
_ORDER_ERROR = 0.01
_SURE = 1e-6
"""A constant is compared where a hundred times its error is below this, relative to it."""
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
    tolerance: float | None = None,
    critical: Sequence[Mapping[Any, Any]] = (),
) -> AsymptoticResult:
    """Whether claimed/exact_value tends to 1 as ``var`` tends to ``point``, and how fast.

    ``exact_value`` and ``claimed`` are SymPy expressions in the vocabulary of :func:`grokmath.evaluate` or callables,
    as for :func:`grokmath.asymptotics.check_identity`; ``point`` is ``sympy.oo`` or an exact number, approached from
    the ``side`` "+" or "-". ``domain`` gives the other parameters. The approach starts near u = 1.4 ``start``, u = var
    or 1/|var - point| (at u = ``start`` where ``var`` is declared an integer), and doubles u ``levels`` - 1 times.
    ``order`` and ``constant``, an expression in the other parameters, are checked if they are given: a constant is
    never guessed, only measured or recognised. With ``kind="absolute"`` the error is claimed - exact_value, for limits
    that are 0.

    It holds where the ratio settles to 1 within ``tolerance`` (1e-8, and within the error of the extrapolation), the
    errors shrink, and order and constant are those given. It is refuted where the ratio settles to something else, or
    grows like a power, or order or constant differ, by a hundred times the error of the extrapolation. Otherwise it is
    undecided: so are laws whose corrections are logarithmic, unless another variable is used in which they are powers.
    Where a ``tolerance`` is given, a ratio that does not settle is accepted within it, if the errors shrink.

    All of this is measured at finitely many points: what only shows beyond the last of them is not seen.

    >>> import sympy
    >>> x = sympy.Symbol("x", positive=True)
    >>> stirling = x * sympy.log(x) - x + sympy.log(2 * sympy.pi / x) / 2
    >>> result = check_asymptotic(sympy.gamma(x), sympy.exp(stirling), x, sympy.oo, constant="-1/12")
    >>> print(result.state, result.measurements[0].order)
    holds 1
    """
    digits, points = digits_argument(digits, _NAME), points_argument(points, _NAME)
    checked(exact_value, claimed)
    name = str(var)
    toward = "oo" if point == sympy.oo else str(point)
    at = None if point == sympy.oo else exact(point, "point", _NAME)
    if side not in ("+", "-") or kind not in ("relative", "absolute"):
        raise DomainError(f"{_NAME}: side is '+' or '-' and kind 'relative' or 'absolute'; choose one of these")
    for option, value, least in (("start", start, 1), ("levels", levels, _FEWEST_LEVELS)):
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise DomainError(f"{_NAME}: {option} = {shown(value)} is not allowed (needed: an integer >= {least})")
    if tolerance is not None and not tolerance > 0:
        raise DomainError(f"{_NAME}: tolerance = {tolerance} is not allowed (needed: a number > 0)")
    candidate = _candidate(constant)
    p = None if order is None else Fraction(str(exact(order, "order", _NAME)))
    integers = bool(getattr(var, "is_integer", False))
    approach = _Approach(name, at, 1 if side == "+" else -1, start, levels, kind, digits, integers)
    found = []
    regimes = as_regimes(domain, critical)
    _check_variable(name, (exact_value, claimed), regimes)
    for regime in regimes:
        for values in regime.points(points if regime.ranges else 1):
            found.append(_against(measure(exact_value, claimed, values, approach, tolerance), p, candidate))
    if not found:
        return AsymptoticResult("undecided", name, toward, (), None, kind, "the domain yields no points")
    states = {m.state for m in found}
    state: State = "refuted" if "refuted" in states else "undecided" if "undecided" in states else "holds"
    stated = str(candidate) if candidate is not None else None
    return AsymptoticResult(state, name, toward, tuple(found), stated, kind)


def _check_variable(name: str, sides: tuple[Side, Side], regimes: Sequence[Regime]) -> None:
    if any(name in regime.names for regime in regimes):
        raise DomainError(
            f"{_NAME}: {name} is the variable of the limit and has a range too; leave it out of the domain"
        )
    seen = (
        isinstance(side, sympy.Basic) and all(name != symbol.name for symbol in side.free_symbols) for side in sides
    )
    if all(seen):
        raise DomainError(f"{_NAME}: neither side depends on {name}; name the variable that tends to the point")


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
    integers: bool

    def values(self) -> list[tuple[Fraction, Exact]]:
        """u_k and the value of the variable there."""
        if self.at is not None:
            steps = [_OFF / (2 * self.start * 2**k) for k in range(self.levels)]
            return [(1 / step, self.at + self.sign * step) for step in steps]
        first = Fraction(self.start) if self.integers else self.start + _OFF * (self.start // 4 + 1)
        return [(first * 2**k, first * 2**k) for k in range(self.levels)]


def measure(
    exact_value: Side, claimed: Side, values: Mapping[str, Exact], approach: _Approach, tolerance: float | None
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
        judged = _judged(errors, [u for u, _ in points], values, approach, tolerance)
    if approach.integers and judged.state == "holds":  # the integers tried are the start times powers of 2, all even
        following = _error(exact_value, claimed, {**values, approach.name: points[-1][1] + 1}, approach, bits)
        most = 2 * abs(errors[-1]) + arb(10) ** -approach.digits
        if following is None or not abs(following) < most:
            shown = "no number" if following is None else _plain(following, 3)
            return replace(judged, state="undecided", reason=f"the error at the next integer is {shown}")
    return judged


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
    errors: list[arb], sizes: list[Fraction], values: Mapping[str, Exact], approach: _Approach, tolerance: float | None
) -> Measurement:
    point = tuple(values.items())
    table = tuple(
        (_plain(ball(u), 12) if approach.at is None else f"{_plain(ball(1 / u), 12)} off", _plain(e, 12))
        for u, e in zip(sizes, errors, strict=True)
    )
    last = abs(errors[-1])
    floor = arb(10) ** -approach.digits
    base = 0 if approach.kind == "absolute" else 1
    if last < floor and (errors[-2].is_zero() or last <= abs(errors[-2])):
        reason = f"the error is below 10**-{approach.digits} and shrinks"
        return Measurement("holds", point, str(base), float(floor), None, 0.0, "0", 0.0, table, reason)
    if any(e.is_zero() for e in errors):
        return Measurement("undecided", point, "?", 1.0, None, 1.0, "?", 1.0, table, "errors vanish and come back")
    local = [(abs(errors[k] / errors[k + 1])).log() / arb.const_log2() for k in range(len(errors) - 1)]
    ratios = [base + e for e in errors]
    settled = settles(ratios, arb(10) ** -max(approach.digits, 15))
    limit, limit_error = extrapolated(ratios) if settled else (ratios[-1], float("inf"))
    slope, slope_error = extrapolated(local) if settled else (local[-1], abs(float((local[-1] - local[-2]).mid())))
    shrinking = all(step > 0 for step in local[len(errors) // 2 :])
    off = float(abs(limit - base).mid())
    order = Fraction(float(slope.mid())).limit_denominator(_SMALL_PARTS)
    known = settled and abs(float(slope.mid()) - float(order)) <= max(slope_error, 1e-9)
    constant, constant_error = errors[-1] * ball(sizes[-1]) ** slope.mid(), float("inf")
    if known and order > 0:
        power = arb(fmpq(order.numerator, order.denominator))
        constant, constant_error = extrapolated([e * ball(u) ** power for e, u in zip(errors, sizes, strict=True)])
    growth = min(-float(step.mid()) for step in local[-3:])
    accepted = tolerance or _TOLERANCE
    state: State
    if not settled and growth > LEAST_POWER:
        state, reason = "refuted", f"the error grows like u**{growth:.4g}"
    elif limit_error < off / 100:
        state, what = "refuted", "difference" if approach.kind == "absolute" else "ratio"
        reason = f"the {what} tends to {_plain(limit, 25)} +/- {limit_error:.1g}"
    elif shrinking and off <= accepted and (limit_error <= accepted if settled else tolerance is not None):
        state, reason = "holds", f"the error shrinks like u**-({float(slope.mid()):.6g} +/- {slope_error:.1g})"
    else:
        state, reason = "undecided", f"the last error is {_plain(errors[-1], 3)}, and no power law is seen"
    shown_order = order if known else Fraction(f"{float(slope.mid()):.6g}")
    return Measurement(
        state,
        point,
        _plain(limit, 25),
        limit_error,
        shown_order,
        slope_error,
        _plain(constant, 12),
        constant_error,
        table,
        reason,
    )


def _plain(value: Number, digits: int) -> str:
    """The middle of a ball in print."""
    return str(value.mid().str(digits, radius=False))


def _against(m: Measurement, order: Fraction | None, candidate: Any) -> Measurement:
    """The measurement, held against the order and the constant that the caller states."""
    if m.state != "holds" or (order is None and candidate is None):
        return m
    if m.order is None:
        reason = f"no order can be measured, as {m.reason}; start earlier"
        return replace(m, state="undecided", reason=reason)
    if order is not None and (m.order != order or m.order_error > _ORDER_ERROR):
        reason = f"the order is {m.order} +/- {m.order_error:.1g}, not {order}"
        return replace(m, state="refuted" if m.order_error < _ORDER_ERROR else "undecided", reason=reason)
    if candidate is None:
        return m
    with working_precision(256):
        stated = Environment(dict(m.point)).ball(candidate)
        measured = arb(m.constant)
        off = float(abs(stated - measured).upper())
        size = float(abs(measured).upper())
    unsure = 100 * m.constant_error + 1e-10 * size
    if off <= unsure <= _SURE * size:
        return m
    state: State = "refuted" if off > unsure else "undecided"
    return replace(
        m, state=state, reason=f"the constant is {m.constant} +/- {m.constant_error:.1g}, not {_plain(stated, 12)}"
    )
