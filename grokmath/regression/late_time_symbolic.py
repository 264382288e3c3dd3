"""The closed forms of the grokking time as SymPy expressions, L* = eps/4: (11), (23)-(25) and the series in 1/X."""

from __future__ import annotations

from typing import Any

from grokmath.functions.readings import sympy_number
from grokmath.parameters import POSITIVE, UnsupportedExpression, exact, is_symbolic, one_of
from grokmath.regression.grokking_time import GrokkingTime
from grokmath.regression.grokking_time_series import grokking_time_coefficients
from grokmath.regression.late_time_forms import CLOSED_FORMS, form_order

_NAME = "grokking_time"
_SYMBOLIC = ("lambert", "iterated-log", "leading", "series")


def grokking_time_expression(
    lam: Any, eta: Any, eps: Any, accuracy: Any, method: str, order: int | None = None
) -> GrokkingTime:
    """The times as expressions in lam, eta, eps (any of them may be a number), valid for lam < 1.

    Only the closed forms have one: with a = (1 - sqrt lam)^2 and z the argument of W in (23) or (24), ``method``
    "lambert" gives t = 3 W(z)/(8 eta a), "iterated-log" puts log z - log log z for W(z), which is (25) and real for
    z > 1, "series" gives t = (X + sum_(k<=order) xi_k/X^k)/(4 eta a) with X = (3/2) W(z), and "leading" the difference
    (11) alone. The exact times and the uniform forms are inverses without closed form.

    >>> import sympy
    >>> lam, eta = sympy.symbols("lam eta", positive=True)
    >>> grokking_time_expression(lam, eta, "1e-3", None, "leading").delta
    -log(1 - sqrt(lam))/(2*eta*(1 - sqrt(lam))**2)
    """
    import sympy

    one_of(method, ("exact", *CLOSED_FORMS), "method", _NAME)
    if method not in _SYMBOLIC:
        raise UnsupportedExpression(
            f"grokking_time: method '{method}' has no closed form in symbols; choose one of {', '.join(_SYMBOLIC)}"
        )
    corrections = form_order(method, order)
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
    train, gen = (constant * edge**power * eps ** (-2 * third) for power in (2, 2 * third))
    if method == "iterated-log":
        train, gen = (3 * (sympy.log(z) - sympy.log(sympy.log(z))) / (8 * eta * edge**2) for z in (train, gen))
        return GrokkingTime(train, gen, gen - train, None, method)
    times = []
    for z, kind in ((train, "train"), (gen, "gen")):
        X = 3 * sympy.LambertW(z) / 2
        r = edge**2 / sympy.sqrt(lam)
        terms = [c.subs("r", r) / X**k for k, c in enumerate(grokking_time_coefficients(kind, corrections), 1)]
        times.append(sympy.Add(X, *terms) / (4 * eta * edge**2))
    return GrokkingTime(times[0], times[1], times[1] - times[0], None, method)


def _expression(value: Any, name: str) -> Any:
    if is_symbolic(value):
        return value
    return sympy_number(exact(value, name, _NAME, POSITIVE))
