"""Solutions of autonomous flows as functions of the vocabulary, and how those of a derivation are compared with them.

FlowValue(F, start, end, t) is y(t), where dy/dt = F(y) and y(0) = start; F, a ``sympy.Lambda``, is positive from the
start up to ``end``, where it vanishes, or everywhere for end = oo. It is evaluated as the y at which the integral of
1/F from the start is t, by quadrature and a certified change of sign: no solution in closed form is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import sympy
from flint import arb, ctx

from grokmath.asymptotics.formula import Environment, ball_function
from grokmath.exact import working_precision
from grokmath.ledger.vocabulary import DefiniteIntegral
from grokmath.roots import SignChange

__all__ = ["FlowValue", "flow_of", "flow_value"]

_STATE = sympy.Symbol("=_state")
_FLOW = sympy.Function("flow")


def _value(at: Environment, arguments: tuple[Any, ...]) -> arb:
    """y = start + v, or start + (end - start) v/(1 + v), for the v > 0 at which the time is t."""
    f, start, end, time = arguments
    endless = end == sympy.oo
    x, v = f.variables[0], sympy.Symbol("v of the flow", positive=True)
    place = start + (v if endless else (end - start) * v / (1 + v))
    lapse = DefiniteIntegral(sympy.Lambda(x, 1 / f.expr), start, place)

    def rest(point: arb) -> arb:
        mantissa, exponent = point.man_exp()
        exact = Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
        return at.real(time) - Environment({**at.values, v.name: exact}).real(lapse)

    with working_precision(ctx.prec + 20):
        found = SignChange(rest, arb(0), None, arb(1), "FlowValue").enclose()
        return at.real(start) + (found if endless else at.real(end - start) * found / (1 + found))


FlowValue = ball_function("FlowValue", _value)


def flow_value(f: Any, start: Any, _end: Any, time: Any) -> Any:
    """FlowValue as it is compared: the end only says where to look for the value."""
    return _FLOW(f.expr.xreplace({f.variables[0]: _STATE}), start, time)


def flow_of(applied: Any, definitions: Mapping[Any, Any]) -> Any:
    """A value of a function that the rule ``define_by_flow`` introduced, as it is compared; None for another."""
    words = definitions.get(applied.func)
    if words is None or len(words) != 5 or not isinstance(words[0], tuple):
        return None
    arguments, speed, state, value, var = words
    if state in arguments or var not in arguments:
        return None
    given = dict(zip(arguments, applied.args, strict=True))
    return _FLOW(speed.xreplace({**given, state: sympy.Symbol("_state")}), value.xreplace(given), given[var])
