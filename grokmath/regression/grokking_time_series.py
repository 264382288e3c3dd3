"""The expansion of the times at which the losses reach a threshold L*, to any order, with exact coefficients.

In s = 4 eta t, with a = (1 - sqrt lam)^2, C = 1/(2 sqrt(pi) lam^(3/4)), r = a/sqrt(lam) and L_gen reduced by its
plateau (1 - 1/lam)^+, the late-time series of the losses (``asymptotic_series``) turn L = L* into

    a s + (3/2) log(a s) - log(sum_k p_k (a s)^(-k)) = Y,   Y_tr = log(C a^(3/2)/L*),   Y_gen = Y_tr - log a,

where p_k = a^k b_k (training) or a^k g_k (generalization) is a polynomial in r. Let X + (3/2) log X = Y, which is
X = (3/2) W((2/3) exp(2 Y/3)), the Lambert forms (23) and (24) of the regression paper. Then

    a s = X + xi_1/X + xi_2/X^2 + ...

with xi_k polynomials in r: h = a s - X solves h + (3/2) log(1 + h/X) = sum_k l_k (X + h)^(-k), where sum_k l_k y^k =
log(sum_k p_k y^k), and the coefficient of X^(-m) on the right needs h to the order m - 1 alone. With X = X_tr in both
and l = -log a, the same algorithm gives the difference, a (s_gen - s_tr) = l + delta_1/X + delta_2/X^2 + ...

The series are asymptotic for a s >> 1, not convergent; their best truncation is near order + 3/2 = a s.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

from grokmath.parameters import one_of
from grokmath.regression.asymptotic_coefficients import gen_polynomial, order_argument, train_rational

__all__ = ["MAX_TIME_ORDER", "expansion", "grokking_time_coefficients", "series_polynomials"]

MAX_TIME_ORDER = 30
"""The largest order of the expansion of a time."""

_DELTA_ORDER = 20
_KINDS = ("train", "gen", "delta")


def series_polynomials(kind: str, order: int) -> list[tuple[Fraction, ...]]:
    """p_1, ..., p_order for "train" or "gen": polynomials in r, the coefficient of 1 first."""
    if kind == "train":
        return [(Fraction(0),) * k + (train_rational(k),) for k in range(1, order + 1)]
    return [gen_polynomial(k) for k in range(1, order + 1)]


def expansion(p: Sequence[Any], shift: Any, number: Callable[[Fraction], Any]) -> list[Any]:
    """h_0, ..., h_n of h = sum_m h_m y^m from p_1, ..., p_n, over any ring that contains the rationals.

    h + (3/2) log(1 + y h) = shift + sum_k l_k y^k (1 + y h)^(-k), so that h_0 = ``shift``; ``number`` makes ring
    elements of fractions.

    >>> [str(x) for x in expansion([Fraction(1), Fraction(0)], Fraction(0), Fraction)]
    ['0', '1', '-2']
    """
    n = len(p)
    logs: list[Any] = []  # l_1, l_2, ...: k l_k = k p_k - sum_j j l_j p_(k-j)
    for k in range(1, n + 1):
        total = number(Fraction(k)) * p[k - 1]
        for j in range(1, k):
            total -= number(Fraction(j)) * logs[j - 1] * p[k - j - 1]
        logs.append(total * number(Fraction(1, k)))
    h = [shift]
    w = [number(Fraction(1)), shift]  # 1 + y h
    powers: list[list[Any]] = [[number(Fraction(1))] for _ in range(n)]  # powers[k-1] is (1 + y h)^(-k)
    log_w: list[Any] = [number(Fraction(0))]
    for m in range(1, n + 1):
        total = number(Fraction(m)) * w[m]
        for j in range(1, m):
            total -= number(Fraction(j)) * log_w[j] * w[m - j]
        log_w.append(total * number(Fraction(1, m)))
        value = number(Fraction(-3, 2)) * log_w[m]
        for k in range(1, m + 1):
            value += logs[k - 1] * _power_coefficient(powers[k - 1], w, k, m - k, number)
        h.append(value)
        w.append(value)
    return h


def _power_coefficient(row: list[Any], w: list[Any], k: int, m: int, number: Callable[[Fraction], Any]) -> Any:
    """The coefficient of y^m in w^(-k), w_0 = 1; ``row`` holds those before and is extended."""
    while len(row) <= m:
        i = len(row)
        total = number(Fraction(0))
        for j in range(1, i + 1):
            total += number(Fraction((1 - k) * j - i, i)) * w[j] * row[i - j]
        row.append(total)
    return row[m]


def grokking_time_coefficients(kind: str, order: int) -> tuple[Any, ...]:
    """The coefficients of 1/X, ..., 1/X^order in a s, as SymPy expressions.

    ``kind`` is "train" or "gen": xi_k of the training or the generalization time, polynomials in r = a/sqrt(lam); or
    "delta": the coefficients of a (s_gen - s_tr) - l in powers of 1/X_tr, polynomials in r and l = -log a. The symbols
    are SymPy's Symbol("r") and Symbol("l"). ``order`` is at most 30, for "delta" at most 20; :class:`DomainError`
    otherwise.

    >>> from grokmath.regression.grokking_time_series import grokking_time_coefficients
    >>> grokking_time_coefficients("gen", 2)
    (-3*r/16 - 3/2, -3*r**2/64 + 15*r/32 + 39/8)
    >>> grokking_time_coefficients("delta", 1)
    (-3*l/2 - 3/2,)
    """
    function = "grokking_time_coefficients"
    one_of(kind, _KINDS, "kind", function)
    n = order_argument(order, function, _DELTA_ORDER if kind == "delta" else MAX_TIME_ORDER)
    return _expressions(kind, n)


@lru_cache(maxsize=64)
def _expressions(kind: str, order: int) -> tuple[Any, ...]:
    from sympy import QQ, Symbol
    from sympy.polys.rings import ring

    R, l, r = ring([Symbol("l"), Symbol("r")], QQ)  # noqa: E741 - the l of the formulas

    def number(x: Fraction) -> Any:
        return R(QQ(x.numerator, x.denominator))

    def coefficients(which: str, shift: Any) -> list[Any]:
        rows = series_polynomials(which, order)
        p = [sum((number(c) * r**j for j, c in enumerate(row)), R(0)) for row in rows]
        return expansion(p, shift, number)[1:]

    if kind == "delta":
        pairs = zip(coefficients("gen", l), coefficients("train", R(0)), strict=True)
        return tuple((late - early).as_expr() for late, early in pairs)
    return tuple(value.as_expr() for value in coefficients(kind, R(0)))
