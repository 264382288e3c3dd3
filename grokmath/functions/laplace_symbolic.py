"""The two losses of the linear teacher-student model as SymPy expressions: G(s) = E[exp(-s nu)] and -G'(s).

nu follows the Marchenko-Pastur law of ratio lam, s = 4 eta t. With Marcum's Q (SymPy's marcumq(m, a, b)) and the
modified Bessel functions I_0, I_1 at x = 2 sqrt(lam) s,

    G(s)   = (1 - 1/lam) Q_1(sqrt(2 lam s), sqrt(2 s)) + exp(-(1+lam) s) [I_0(x)/lam + I_1(x)/sqrt(lam)]
    -G'(s) = exp(-(1+lam) s) I_1(x)/(sqrt(lam) s)

for every lam > 0, s > 0. Proof of the first: d/ds Q_1 = exp(-(1+lam) s) [sqrt(lam) I_1(x) - I_0(x)] along the ray, so
that the derivative of the right side is -exp(-(1+lam) s) [I_0(x) - I_2(x)], which is the second by I_0 - I_2 =
2 I_1/x; both sides are 1 at s = 0. The second is eq. (19) of Levi, Beck and Bar Sinai, "Grokking in Linear Estimators".
SymPy's own differentiation of marcumq gives the same; its limits and series of besseli are not used anywhere.
"""

from __future__ import annotations

from typing import Any

import sympy

__all__ = ["laplace_expression", "train_expression"]


def laplace_expression(s: Any, lam: Any) -> Any:
    """G(s) = E[exp(-s nu)] in exp, sqrt, besseli and marcumq; without marcumq at lam = 1; 1 at s = 0.

    ``s`` and ``lam`` are SymPy expressions or Python integers; numbers must be exact.

    >>> s = sympy.Symbol("s", positive=True)
    >>> laplace_expression(s, 1)
    (besseli(0, 2*s) + besseli(1, 2*s))*exp(-2*s)
    >>> laplace_expression(0, sympy.Symbol("lam"))
    1
    """
    s, lam = _expressions(s, lam)
    if s.is_zero:
        return sympy.Integer(1)
    root = sympy.sqrt(lam)
    x = 2 * root * s
    bessel = sympy.exp(-(1 + lam) * s) * (sympy.besseli(0, x) / lam + sympy.besseli(1, x) / root)
    if lam == 1:
        return bessel
    return (1 - 1 / lam) * sympy.marcumq(1, sympy.sqrt(2 * lam * s), sympy.sqrt(2 * s)) + bessel


def train_expression(s: Any, lam: Any) -> Any:
    """-G'(s) = E[nu exp(-s nu)] in exp, sqrt and besseli; 1 at s = 0.

    >>> train_expression(sympy.Symbol("s", positive=True), sympy.Rational(1, 4))
    2*exp(-5*s/4)*besseli(1, s)/s
    """
    s, lam = _expressions(s, lam)
    if s.is_zero:
        return sympy.Integer(1)
    root = sympy.sqrt(lam)
    return sympy.exp(-(1 + lam) * s) * sympy.besseli(1, 2 * root * s) / (root * s)


def _expressions(*values: Any) -> Any:
    return (value if isinstance(value, sympy.Basic) else sympy.Integer(value) for value in values)
