"""Crossing times, unfolded by definition: those of the vocabulary, and those that a derivation defines.

``crossing(f, level)`` stands for the only u > 0 at which f, an expression in u, takes the value ``level``. TrainTime
and GenTime are the crossing times of L_tr and of the continuous part of L_gen, Delay(lam, S, k) is S less the time at
which L_tr is k times what the continuous part of L_gen is at S. ChiThreshold(d) is the x at which
Gamma(d/2, x)/Gamma(d/2), 1 less the regularized lower function, is erfc(sqrt(2)) = 1 - erf(sqrt(2)).
In a derivation the functions T(...) that the rule
``crossing_time`` defines are such times, of functions that were defined before. LargestMargin(lam) is what the rule
``cite_largest_margin`` introduces for points of standard deviation 1; MinimizerNorm(lam) is the R of
``cite_inseparable_minimizer``, and PositiveFraction(lam) the mass erfc(gamma/(sqrt(2) R))/2 of the normal law above
gamma/R.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sympy
from sympy.core.function import AppliedUndef

from grokmath.ledger.vocabulary import (
    ChiThreshold,
    Delay,
    ExcessMP,
    GenTime,
    LargestMargin,
    MeanMP,
    MinimizerNorm,
    PositiveFraction,
    TrainTime,
)

if TYPE_CHECKING:
    from grokmath.proof import Fact

__all__ = ["CROSSINGS", "unfolded"]

_U = sympy.Symbol("=_u")
_NU = sympy.Symbol("_nu")
_CROSSING = sympy.Function("crossing")
_MARGIN = sympy.Function("margin")
_MINIMIZER = {
    "norm of the inseparable minimiser": sympy.Function("norm of the minimiser"),
    "scale of the inseparable minimiser": sympy.Function("scale of the minimiser"),
}
_KINDS = ("crossing time", "largest margin of Gaussian points", *_MINIMIZER)


def _train_time(lam: Any, level: Any) -> Any:
    return _CROSSING(MeanMP(sympy.Lambda(_NU, _NU), lam, _U), level)


def _gen_time(lam: Any, level: Any) -> Any:
    return _CROSSING(ExcessMP(lam, _U), level)


def _delay(lam: Any, s: Any, factor: Any) -> Any:
    return s - _train_time(lam, factor * ExcessMP(lam, s))


def _chi_threshold(d: Any) -> Any:
    return _CROSSING(sympy.uppergamma(d / 2, _U) / sympy.gamma(d / 2), sympy.erfc(sympy.sqrt(2)))


def _largest_margin(lam: Any) -> Any:
    return _MARGIN(lam, sympy.S.One)


def _minimizer_norm(lam: Any) -> Any:
    norm, _ = _MINIMIZER.values()
    return norm(lam)


def _positive_fraction(lam: Any) -> Any:
    norm, scale = (function(lam) for function in _MINIMIZER.values())
    return sympy.erfc(scale / (sympy.sqrt(2) * norm)) / 2


CROSSINGS: dict[Any, Callable[..., Any]] = {
    Delay: _delay,
    TrainTime: _train_time,
    GenTime: _gen_time,
    LargestMargin: _largest_margin,
    ChiThreshold: _chi_threshold,
    MinimizerNorm: _minimizer_norm,
    PositiveFraction: _positive_fraction,
}
"""The functions of the vocabulary, to be unfolded before the averages are, in an expression with renamed symbols."""


def unfolded(fact: Fact) -> Any:
    """The statement of a fact with its crossing times, and the functions that they are made of, unfolded."""
    meanings = dict(fact.definitions)
    crossing = {head for head, words in meanings.items() if isinstance(words[0], str) and words[0] in _KINDS}
    statement = fact.statement
    names = [name for name in ("expr", "value", "f", "g") if hasattr(statement, name)]
    parts = statement.args if isinstance(statement, sympy.Basic) else [getattr(statement, name) for name in names]
    if not crossing or not any(part.has(*crossing) for part in parts):
        return statement
    written = [_unfold(part, meanings) for part in parts]
    if isinstance(statement, sympy.Basic):
        return statement.func(*written, evaluate=False)
    return replace(statement, **dict(zip(names, written, strict=True)))


def _unfold(expression: Any, meanings: dict[Any, Any]) -> Any:
    """The expression with defined functions replaced by what defines them, from the outside in."""
    values: dict[Any, Any] = {}
    for applied in expression.atoms(AppliedUndef):
        words = meanings.get(applied.func)
        if words is None:
            continue
        if len(words) == 2:
            arguments, body = words
            body = _plain(body)
            values[applied] = _unfold(body.xreplace(dict(zip(arguments, applied.args, strict=True))), meanings)
        elif words[0] == "crossing time":
            _, arguments, f, var, level = words
            at = dict(zip(arguments, applied.args, strict=True))
            here = _plain(f).xreplace({**{k: v for k, v in at.items() if k != level}, var: sympy.Symbol("_u")})
            values[applied] = _CROSSING(_unfold(here, meanings), _unfold(at[level], meanings))
        elif words[0] == "largest margin of Gaussian points":
            _, arguments, lam, spread = words
            at = dict(zip(arguments, applied.args, strict=True))
            values[applied] = _MARGIN(*(_unfold(part.xreplace(at), meanings) for part in (lam, spread)))
        elif words[0] in _MINIMIZER:
            _, arguments, lam = words
            at = dict(zip(arguments, applied.args, strict=True))
            values[applied] = _MINIMIZER[words[0]](_unfold(lam.xreplace(at), meanings))
    return expression.xreplace(values)


def _plain(expression: Any) -> Any:
    """The expression with bound variables that have no assumptions and names of their own: a substitution leaves the
    forms of its integrals alone, and none of them captures a symbol that comes in.
    """
    integrals = {}
    for part in expression.atoms(sympy.Integral):
        ((x, low, high),) = part.limits
        inside = _plain(part.function)
        bound = sympy.Symbol(_NU.name + "'" * len(inside.find(sympy.Integral)))
        integrals[part] = sympy.Integral(inside.xreplace({x: bound}), (bound, _plain(low), _plain(high)))
    return expression.xreplace(integrals)
