"""The rational numbers behind the late-time expansions of the losses, and the coefficients they make.

With r = a/sqrt(lam), a = (1 - sqrt lam)^2, C = 1/(2 sqrt(pi) lam^(3/4)) and any number of terms

    L_tr                  ~ C e^(-a s) s^(-3/2)   sum_k b_k s^(-k),    b_k = beta_k lam^(-k/2),
    L_gen - (1 - 1/lam)^+ ~ C e^(-a s) s^(-3/2)/a sum_k g_k s^(-k),    g_k = b_k - ((k + 1/2)/a) g_(k-1),  g_0 = 1,

beta_0 = 1 and beta_(k+1) = beta_k (2k - 1)(2k + 3)/(16 (k + 1)): all beta_k but the first are negative. a^k b_k =
beta_k r^k and a^k g_k = sum_j (-1)^(k-j) (j + 3/2)_(k-j) beta_j r^j are polynomials in r with rational coefficients.
"""

from __future__ import annotations

import numbers
from fractions import Fraction
from functools import lru_cache
from typing import Any

from grokmath.parameters import domain_error

__all__ = ["MAX_ORDER", "gen_polynomial", "order_argument", "train_rational"]

MAX_ORDER = 200
"""The largest number of corrections that can be asked for."""


def order_argument(order: Any, function: str, largest: int = MAX_ORDER) -> int:
    """The number of corrections beyond the leading term: an integer from 0 to ``largest``."""
    whole = isinstance(order, numbers.Integral) and not isinstance(order, bool)
    if not whole or not 0 <= int(order) <= largest:
        wanted = f"an integer from 0 to {largest}"
        raise domain_error(function, "order", order, wanted, "choose an order in this range")
    return int(order)


@lru_cache(maxsize=1024)
def train_rational(k: int) -> Fraction:
    """beta_k.

    >>> [str(train_rational(k)) for k in range(5)]
    ['1', '-3/16', '-15/512', '-105/8192', '-4725/524288']
    """
    value = Fraction(1)
    for j in range(k):
        value *= Fraction((2 * j - 1) * (2 * j + 3), 16 * (j + 1))
    return value


@lru_cache(maxsize=1024)
def gen_polynomial(k: int) -> tuple[Fraction, ...]:
    """a^k g_k as a polynomial in r = a/sqrt(lam), the coefficient of 1 first.

    >>> [str(c) for c in gen_polynomial(2)]
    ['15/4', '15/32', '-15/512']
    """
    row: list[Fraction] = [Fraction(1)]
    for n in range(1, k + 1):
        row = [-(n + Fraction(1, 2)) * c for c in row]
        row.append(train_rational(n))
    return tuple(row)
