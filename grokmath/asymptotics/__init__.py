"""Checks of one's own formulas: identities, inequalities and asymptotic statements, by certified evaluation.

>>> import sympy
>>> from grokmath.asymptotics import check_identity
>>> x = sympy.Symbol("x", positive=True)
>>> result = check_identity(sympy.gamma(x + 1), x * sympy.gamma(x), {x: ("1/10", 10)}, digits=30, points=6)
>>> result.state, result.points, result.digits >= 30
('holds', 6, True)
"""

from __future__ import annotations

from grokmath.asymptotics.asymptotic import AsymptoticResult, check_asymptotic
from grokmath.asymptotics.formula import Environment, ball_function
from grokmath.asymptotics.identity import (
    IdentityResult,
    InequalityResult,
    Witness,
    check_identity,
    check_inequality,
)
from grokmath.asymptotics.regime import Choice, Range, Regime

__all__ = [
    "AsymptoticResult",
    "Choice",
    "Environment",
    "IdentityResult",
    "InequalityResult",
    "Range",
    "Regime",
    "Witness",
    "ball_function",
    "check_asymptotic",
    "check_identity",
    "check_inequality",
]
