"""The critical point lam = 1/2 seen from below: how ||S_inf|| diverges, and what stays finite.

With delta = 1/2 - lam and R = sigma ||S_inf||,

    R = sqrt(C/delta) + rho_1 + rho_2 sqrt(delta/C) + ...,    C = pi**2/16 + (log 2)**2/2,    rho_1 = -0.4708...,

a power law, where the two-point model has log(1/(2 delta)). At delta -> 0 the minimal loss tends to
e^(gamma_E/2)/(2 sqrt pi), gamma/R to sqrt 2 e^(-gamma_E/2), and the fraction of positive outputs to
Phi(-sqrt 2 e^(-gamma_E/2)); gamma_E is Euler's constant. All follow from the equations of
:mod:`grokmath.classification.minimizer_norm`, whose derivation is heuristic, by the expansion of
:mod:`grokmath.classification.critical_expansion`.

Every constant has a float (no ``digits``) and a certified reading; :func:`critical_expressions` has them in SymPy.
"""

from __future__ import annotations

import numbers
from collections.abc import Callable
from fractions import Fraction
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Any

from flint import arb, ctx

from grokmath.certified import FLOAT_DIGITS, certify
from grokmath.exact import Exact, ball, working_precision
from grokmath.functions.readings import Argument, plain, read
from grokmath.parameters import Domain, digits_argument, domain_error

if TYPE_CHECKING:
    from grokmath.classification.critical_expansion import Expansion

__all__ = [
    "critical_expressions",
    "critical_gamma_ratio",
    "critical_loss",
    "critical_positive_fraction",
    "near_critical_norm",
    "norm_divergence_constant",
    "norm_expansion",
]

MAX_ORDER = 30
"""The expansion is asymptotic; its terms are of no use beyond this."""

_HALF = Fraction(1, 2)
_INSEPARABLE = Domain("0 < lam < 1/2, where the points are inseparable", Fraction(0), _HALF, True, True)


def norm_divergence_constant(*, digits: int | None = None) -> Any:
    """C = pi**2/16 + (log 2)**2/2, the limit of R**2 (1/2 - lam) as lam -> 1/2 from below.

    >>> print(norm_divergence_constant(digits=30))
    0.857076782027185626010706950656
    """

    def kernel() -> arb:
        return arb.pi() ** 2 / 16 + arb.const_log2() ** 2 / 2

    return _constant("norm_divergence_constant", kernel, digits)


def critical_loss(*, digits: int | None = None) -> Any:
    """The minimal loss at criticality, e^(gamma_E/2)/(2 sqrt pi).

    >>> critical_loss()
    0.3764747530232103
    """

    def kernel() -> arb:
        return (arb.const_euler() / 2).exp() / (2 * arb.const_sqrt_pi())

    return _constant("critical_loss", kernel, digits)


def critical_gamma_ratio(*, digits: int | None = None) -> Any:
    """The limit of gamma/R, sqrt 2 e^(-gamma_E/2).

    >>> critical_gamma_ratio()
    1.0596787093896765
    """
    return _constant("critical_gamma_ratio", _gamma_ratio, digits)


def critical_positive_fraction(*, digits: int | None = None) -> Any:
    """The fraction of positive outputs at criticality, Phi(-sqrt 2 e^(-gamma_E/2)); it does not go to 0.

    >>> print(critical_positive_fraction(digits=20))
    0.14464539596612035228
    """
    return _constant("critical_positive_fraction", lambda: (_gamma_ratio() / _sqrt2()).erfc() / 2, digits)


def norm_expansion(order: int = 3, *, digits: int | None = None) -> list[Any]:
    """The first ``order`` coefficients of R in delta**(-1/2), delta**0, delta**(1/2), ..., delta = 1/2 - lam.

    1 <= order <= 30.

    >>> [round(c, 10) for c in norm_expansion(3)]
    [0.9257844144, -0.4708182844, -1.3890339318]
    """
    n = _order("norm_expansion", order)
    return [_constant("norm_expansion", partial(_coefficient, j, n), digits, guard=8 * n) for j in range(n)]


def near_critical_norm(lam: Any, order: int = 2, *, digits: int | None = None) -> Any:
    """The first ``order`` terms of R = sigma ||S_inf|| near criticality, without the rest: the divergence law.

    The expansion is asymptotic in sqrt(1/2 - lam); orders 1 to 30, in SymPy 1 to 4 (exact coefficients).

    >>> print(near_critical_norm("0.49", digits=10), near_critical_norm("0.49", order=6, digits=10))
    8.787025860 8.648950486
    >>> from sympy import Symbol
    >>> near_critical_norm(Symbol("lam"), order=1)
    sqrt(log(2)**2/2 + pi**2/16)*sqrt(1/(1/2 - lam))
    """
    n = _order("near_critical_norm", order)
    return read(
        "near_critical_norm",
        [Argument("lam", lam, _INSEPARABLE)],
        digits,
        symbolic=lambda lam: _norm_expression(lam, n),
        certified=lambda lam, digits: _certified_norm(lam, n, digits),
        float64=lambda lam: plain(_float64_norm(lam, n)),
    )


def critical_expressions() -> dict[str, Any]:
    """The constants of this module as SymPy expressions, and rho_1, the next term of the divergence law.

    >>> critical_expressions()["norm_divergence_constant"]
    log(2)**2/2 + pi**2/16
    """
    import sympy

    ratio = sympy.sqrt(2) * sympy.exp(-sympy.EulerGamma / 2)
    return {
        "norm_divergence_constant": sympy.pi**2 / 16 + sympy.log(2) ** 2 / 2,
        "norm_offset": _exact_expansion(2).norm[1],
        "critical_loss": sympy.exp(sympy.EulerGamma / 2) / (2 * sympy.sqrt(sympy.pi)),
        "critical_gamma_ratio": ratio,
        "critical_positive_fraction": sympy.erfc(ratio / sympy.sqrt(2)) / 2,
    }


def _constant(function: str, kernel: Callable[[], arb], digits: int | None, guard: int = 0) -> Any:
    wanted = FLOAT_DIGITS if digits is None else digits_argument(digits, function)
    value = certify(kernel, wanted, function=function, guard=guard)
    return float(value) if digits is None else value


def _order(function: str, order: Any, most: int = MAX_ORDER) -> int:
    if isinstance(order, bool) or not isinstance(order, numbers.Integral) or not 1 <= int(order) <= most:
        raise domain_error(function, "order", order, f"an integer from 1 to {most}", "choose an order in this range")
    return int(order)


def _gamma_ratio() -> arb:
    return _sqrt2() * (-arb.const_euler() / 2).exp()


def _sqrt2() -> arb:
    return arb(2).sqrt()


def _expansion(order: int) -> Expansion:
    return _ball_expansion(max(order, 2), ctx.prec)


@lru_cache(maxsize=16)
def _ball_expansion(order: int, bits: int) -> Expansion:
    from grokmath.classification.critical_expansion import ball_ring, expand

    with working_precision(bits):
        return expand(ball_ring(), order)


def _coefficient(j: int, order: int) -> arb:
    """The coefficient of delta**((j-1)/2)."""
    expansion = _expansion(order)
    scale: arb = 1 / arb(expansion.constant).sqrt()
    return arb(expansion.norm[j] * scale ** (j - 1))


def _certified_norm(lam: Exact, order: int, digits: int) -> Any:
    delta = _HALF - lam

    def kernel() -> arb:
        expansion = _expansion(order)
        u = (ball(delta) / expansion.constant).sqrt()
        total: arb = 1 / u
        for j, c in enumerate(expansion.norm[1:order]):
            total += c * u**j
        return total

    return certify(kernel, digits, function="near_critical_norm", guard=8 * order)


def _float64_norm(lam: Any, order: int) -> Any:
    import numpy as np

    root = np.sqrt(0.5 - np.asarray(lam, dtype=np.float64))
    first, *rest = norm_expansion(order)
    total = np.zeros_like(root)
    for c in reversed(rest):
        total = total * root + c
    return first / root + total


@cache
def _exact_expansion(order: int) -> Expansion:
    from grokmath.classification.critical_expansion import expand, sympy_ring

    return expand(sympy_ring(), order)


def _norm_expression(lam: Any, order: int) -> Any:
    import sympy

    _order("near_critical_norm", order, 4)
    expansion = _exact_expansion(max(order, 2))
    delta = sympy.Rational(1, 2) - lam
    C = critical_expressions()["norm_divergence_constant"]
    rest = (c * sympy.sqrt(delta / C) ** j for j, c in enumerate(expansion.norm[1:order]))
    return sympy.Add(sympy.sqrt(C / delta), *rest)
