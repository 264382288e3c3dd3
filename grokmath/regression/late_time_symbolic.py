"""The closed forms of the grokking time as SymPy expressions: (11), (23) and (24), with L* = eps/4."""

from __future__ import annotations

from typing import Any

from grokmath.functions.readings import sympy_number
from grokmath.parameters import POSITIVE, UnsupportedExpression, domain_error, exact, is_symbolic
from grokmath.regression.grokking_time import METHODS, GrokkingTime


def grokking_time_expression(lam: Any, eta: Any, eps: Any, accuracy: Any, method: str) -> GrokkingTime:
    """The times as expressions in lam, eta, eps (any of them may be a number).

    Only the closed forms have one: ``method`` "lambert" gives :math:`t = 3 W(z)/(8 eta a)` with a = (1 - sqrt lam)^2,
    valid for lam < 1, and "leading" gives the difference alone. The exact times and the uniform form are inverses
    without closed form.

    >>> import sympy
    >>> lam, eta = sympy.symbols("lam eta", positive=True)
    >>> grokking_time_expression(lam, eta, "1e-3", None, "leading").delta
    -log(1 - sqrt(lam))/(2*eta*(1 - sqrt(lam))**2)
    """
    import sympy

    if method not in METHODS:
        raise domain_error("grokking_time", "method", method, " | ".join(METHODS), "choose one of these")
    if method not in ("lambert", "leading"):
        raise UnsupportedExpression(
            f"grokking_time: method '{method}' has no closed form in symbols; choose 'lambert' or 'leading'"
        )
    if accuracy is not None:
        raise UnsupportedExpression(
            "grokking_time: only the accuracy erf(sqrt 2) has a closed form in symbols; leave accuracy out"
        )
    lam, eta, eps = (_expression(value, name) for value, name in ((lam, "lam"), (eta, "eta"), (eps, "eps")))
    edge = 1 - sympy.sqrt(lam)
    if method == "leading":
        return GrokkingTime(None, None, -sympy.log(edge) / (2 * eta * edge**2), None, method)
    constant = sympy.Rational(2) ** sympy.Rational(5, 3) / (3 * sympy.cbrt(sympy.pi) * sympy.sqrt(lam))
    third = sympy.Rational(1, 3)
    train, gen = (
        3 * sympy.LambertW(constant * edge**power * eps ** (-2 * third)) / (8 * eta * edge**2)
        for power in (2, 2 * third)
    )
    return GrokkingTime(train, gen, gen - train, None, method)


def _expression(value: Any, name: str) -> Any:
    if is_symbolic(value):
        return value
    return sympy_number(exact(value, name, "grokking_time", POSITIVE))
