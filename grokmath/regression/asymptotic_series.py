"""The asymptotic series of the two losses at late times, to any order, and proved bounds of their remainders.

With s = 4 eta t, a = (1 - sqrt lam)^2 and C = 1/(2 sqrt(pi) lam^(3/4)), for every lam > 0,

    L_tr                  ~ C e^(-a s) s^(-3/2)   [1 + b_1/s + b_2/s^2 + ...]
    L_gen - (1 - 1/lam)^+ ~ C e^(-a s) s^(-3/2)/a [1 + g_1/s + g_2/s^2 + ...]      for lam other than 1
                          ~ C sum_k b_k s^(-1/2-k) E_(k+3/2)(a s)                  uniform in a, lam = 1 included

as s -> infinity. The leading terms of the first two are eq. (10) of the regression paper (which has no plateau and
needs lam < 1 for the second), that of the third is its eq. (22). The series diverge; the error of each truncation is
bounded here, above and below, at every s > 0, not only asymptotically.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from grokmath.exact import Exact, ball
from grokmath.functions.readings import Argument, read, sympy_number
from grokmath.parameters import ASPECT_RATIO, POSITIVE, DomainError, domain_error, exact, is_symbolic
from grokmath.regression.asymptotic_coefficients import gen_polynomial, order_argument, train_rational

__all__ = [
    "RemainderBounds",
    "gen_loss_series",
    "gen_remainder_bounds",
    "gen_series_coefficient",
    "train_loss_series",
    "train_remainder_bounds",
    "train_series_coefficient",
]


@dataclass(frozen=True, eq=False)
class RemainderBounds:
    """``lower`` <= (loss - series)/(leading term of the series) <= ``upper``.

    The leading term is the series of order 0 without the plateau. Certified numbers, SymPy expressions, or, in float64,
    doubles rounded outward, so that they bound too.
    """

    lower: Any
    upper: Any


def train_series_coefficient(k: int, lam: Any) -> Any:
    """b_k, the coefficient of s^(-k) in the series of L_tr, as a SymPy expression: beta_k lam^(-k/2).

    beta_0 = 1, beta_(k+1) = beta_k (2k - 1)(2k + 3)/(16 (k + 1)). ``lam`` is an exact number or a symbol, k an integer
    from 0 to 200.

    >>> from sympy import Symbol
    >>> from grokmath.regression.asymptotic_series import train_series_coefficient
    >>> train_series_coefficient(2, Symbol("lam", positive=True))
    -15/(512*lam)
    """
    import sympy

    k = order_argument(k, "train_series_coefficient")
    return sympy_number(train_rational(k)) / sympy.sqrt(_lam_expression(lam, "train_series_coefficient")) ** k


def gen_series_coefficient(k: int, lam: Any) -> Any:
    """g_k, the coefficient of s^(-k) in the series of L_gen: g_k = b_k - ((k + 1/2)/a) g_(k-1), g_0 = 1.

    A SymPy expression, a polynomial in 1/a and 1/sqrt(lam); not defined at lam = 1, where a = 0 (:class:`DomainError`).

    >>> from sympy import Rational, Symbol
    >>> from grokmath.regression.asymptotic_series import gen_series_coefficient
    >>> gen_series_coefficient(2, Rational(1, 4))
    8145/128
    """
    import sympy

    name = "gen_series_coefficient"
    k = order_argument(k, name)
    _away_from_one(lam, name)
    lam = _lam_expression(lam, name)
    root = sympy.sqrt(lam)
    a = sympy.expand((1 - root) ** 2) if lam.is_number else (1 - root) ** 2
    terms = [sympy_number(c) / (root**j * a ** (k - j)) for j, c in enumerate(gen_polynomial(k))]
    total = sympy.Add(*terms)
    return sympy.radsimp(total) if lam.is_number else total


def train_loss_series(order: int, lam: Any, s: Any, *, digits: int | None = None) -> Any:
    """The series of the training loss, C e^(-a s) s^(-3/2) sum_(k<=order) b_k s^(-k).

    Domain: 0 < lam <= 1e6, s = 4 eta t > 0, 0 <= order <= 200. A free symbol gives the SymPy expression, ``digits`` a
    certified value of the truncated series (not of the loss: see :func:`train_remainder_bounds`), numbers a float64.
    Order 0 is eq. (21) of the regression paper.

    >>> from sympy import Symbol
    >>> from grokmath.regression.asymptotic_series import train_loss_series
    >>> train_loss_series(1, 1, Symbol("s", positive=True))
    (1 - 3/(16*s))/(2*sqrt(pi)*s**(3/2))
    >>> print(train_loss_series(3, "1/2", 10000, digits=12))
    1.28941053229e-379
    """
    name = "train_loss_series"
    return _read_series(name, order, lam, s, digits, "train")


def gen_loss_series(order: int, lam: Any, s: Any, *, uniform: bool = False, digits: int | None = None) -> Any:
    """The series of the generalization loss, (1 - 1/lam)^+ + C e^(-a s) s^(-3/2)/a sum_(k<=order) g_k s^(-k).

    ``uniform=True`` gives (1 - 1/lam)^+ + C sum_(k<=order) b_k s^(-1/2-k) E_(k+3/2)(a s), which needs only sqrt(lam) s
    to be large, where the plain series needs a s to be large too; it holds at lam = 1, where the plain one does not
    exist (:class:`DomainError`). Domain and readings as for :func:`train_loss_series`; the plateau of a symbolic lam is
    Max(0, 1 - 1/lam).

    >>> from sympy import Symbol
    >>> from grokmath.regression.asymptotic_series import gen_loss_series
    >>> gen_loss_series(1, 1, Symbol("s", positive=True), uniform=True)
    (2 - 1/(8*s))/(2*sqrt(pi)*sqrt(s))
    >>> gen_loss_series(2, "0.5", 1000.0)
    9.51969240172156e-42
    """
    name = "gen_loss_series"
    if not uniform:
        _away_from_one(lam, name)
    return _read_series(name, order, lam, s, digits, "uniform" if uniform else "gen")


def train_remainder_bounds(order: int, lam: Any, s: Any, *, digits: int | None = None) -> RemainderBounds:
    """Proved bounds of the relative remainder [L_tr - series]/(C e^(-a s) s^(-3/2)), at every s > 0 and lam > 0.

    With n = order + 1, x = 2 sqrt(lam) s and Q(p, z) = Gamma(p, z)/Gamma(p), its negative lies between
    |b_n| s^(-n) (1 - Q(n + 3/2, 2x)) - delta_n and |b_n| s^(-n) (2 + 2n Q(n + 3/2, x)) + delta_n, where
    delta_n = Gamma(n + 1/2, 2x)/(2^(n-1) Gamma(3/2) x^(n-1)) is of order e^(-2x). For x > n + 3 the larger bound
    exceeds the true remainder by a factor of 1.6 to 4.5, near 2 for large x; for x < n it is useless, as is the series.

    Readings: Certified with ``digits``; SymPy for symbols; else doubles rounded outward. s is a scalar.

    >>> from grokmath.regression.asymptotic_series import train_remainder_bounds
    >>> found = train_remainder_bounds(1, "1/2", 100, digits=4)
    >>> print(found.lower, found.upper)
    -1.172e-5 -5.859e-6
    """
    return _read_bounds("train_remainder_bounds", order, lam, s, digits, "train")


def gen_remainder_bounds(
    order: int, lam: Any, s: Any, *, uniform: bool = False, digits: int | None = None
) -> RemainderBounds:
    """Proved bounds of the relative remainder of :func:`gen_loss_series`, at every s > 0.

    For the uniform series they are two-sided and as sharp as those of :func:`train_remainder_bounds`. For the plain one
    they are +- the number s^(-n) {sum_(k<n) |b_k| (k + 3/2)_(n-k) a^(k-n) + |b_n| (2 + 2n Q)} + delta_n, much too large
    for a s << 1, where the plain series is useless.

    >>> from grokmath.regression.asymptotic_series import gen_remainder_bounds
    >>> found = gen_remainder_bounds(0, 1, 100, uniform=True, digits=4)
    >>> print(found.lower, found.upper)
    -0.001250 -0.0006250
    """
    name = "gen_remainder_bounds"
    if not uniform:
        _away_from_one(lam, name)
    return _read_bounds(name, order, lam, s, digits, "uniform" if uniform else "gen")


def _lam(lam: Any, function: str) -> Any:
    return lam if is_symbolic(lam) else exact(lam, "lam", function, ASPECT_RATIO)


def _lam_expression(lam: Any, function: str) -> Any:
    lam = _lam(lam, function)
    return lam if is_symbolic(lam) else sympy_number(lam)


def _away_from_one(lam: Any, function: str) -> None:
    if not is_symbolic(lam) and exact(lam, "lam", function, ASPECT_RATIO) == 1:
        raise domain_error(
            function, "lam", lam, "lam other than 1, where a = 0", "the uniform series (uniform=True) holds there"
        )


def _read_series(function: str, order: Any, lam: Any, s: Any, digits: int | None, kind: str) -> Any:
    order, lam = order_argument(order, function), _lam(lam, function)
    return read(
        function,
        [Argument("s", s, POSITIVE)],
        digits,
        symbolic=lambda time: _series_expression(order, lam, time, kind),
        certified=lambda time, n: _certified_series(function, order, lam, time, kind, n),
        float64=lambda time: _float64(order, lam, kind)(time),
        parameters=[lam],
    )


def _series_expression(order: int, lam: Any, s: Any, kind: str) -> Any:
    import sympy

    lam = lam if is_symbolic(lam) else sympy_number(lam)
    root = sympy.sqrt(lam)
    a = (1 - root) ** 2
    C = 1 / (2 * sympy.sqrt(sympy.pi) * root * sympy.sqrt(root))
    plateau = 0 if kind == "train" else sympy.Max(0, 1 - 1 / lam)
    orders = range(order + 1)
    if kind == "uniform":
        terms = [train_series_coefficient(k, lam) * s ** (-k) * _expint(k, a * s) for k in orders]
        return plateau + C / sympy.sqrt(s) * sympy.Add(*terms)
    coefficient = train_series_coefficient if kind == "train" else gen_series_coefficient
    terms = [coefficient(k, lam) * s ** (-k) for k in orders]
    scale = C * sympy.exp(-a * s) * s ** sympy.Rational(-3, 2)
    return plateau + (scale if kind == "train" else scale / a) * sympy.Add(*terms)


def _expint(k: int, z: Any) -> Any:
    """E_{k+3/2}(z), with its value 1/(k + 1/2) at z = 0."""
    import sympy

    return sympy.Rational(2, 2 * k + 1) if z.is_zero else sympy.expint(k + sympy.Rational(3, 2), z)


def _certified_series(function: str, order: int, lam: Exact, s: Exact, kind: str, digits: int) -> Any:
    from flint import arb

    from grokmath.certified import Scaled, certify
    from grokmath.regression import asymptotic_series_certified as kernels

    series = {
        "train": kernels.train_series_ball,
        "gen": kernels.gen_series_ball,
        "uniform": kernels.uniform_series_ball,
    }

    def kernel() -> Scaled:
        value = series[kind](ball(s), lam, order)
        if kind == "train" or lam <= 1:
            return value
        return Scaled(arb(0), ball(lam - 1) / ball(lam) + value.value())

    return certify(kernel, digits, function=function, method=f"{kind} series, order {order}", guard=_exponent_bits(s))


def _exponent_bits(s: Exact) -> int:
    """About log2 of s, up to 40: the bits that e^{-a s} may lose."""
    size = s.numerator.bit_length() - s.denominator.bit_length() if isinstance(s, Fraction) else 40
    return min(max(0, size), 40)


def _float64(order: int, lam: Exact, kind: str) -> Callable[[Any], Any]:
    from grokmath.regression.asymptotic_series_float64 import SeriesFloat64

    reading: Callable[[Any], Any] = getattr(SeriesFloat64(lam, order), kind)
    return reading


def _read_bounds(function: str, order: Any, lam: Any, s: Any, digits: int | None, kind: str) -> RemainderBounds:
    order, lam = order_argument(order, function), _lam(lam, function)
    if is_symbolic(lam) or is_symbolic(s):
        if digits is not None:
            for name, value in (("lam", lam), ("s", s)):
                exact(value, name, function)
        s = s if is_symbolic(s) else sympy_number(exact(s, "s", function, POSITIVE))
        return _bounds_expression(order, lam, s, kind)
    s = exact(s, "s", function, POSITIVE)
    if digits is None:
        return _outward(function, order, lam, s, kind)
    from grokmath.certified import certify

    sides = (certify(_side(order, lam, s, kind, i), digits, function=function, method=f"{kind} bounds") for i in (0, 1))
    return RemainderBounds(*sides)


def _side(order: int, lam: Exact, s: Exact, kind: str, index: int) -> Callable[[], Any]:
    from grokmath.regression import asymptotic_series_certified as kernels

    bounds = {
        "train": kernels.train_bounds_ball,
        "gen": kernels.gen_bounds_ball,
        "uniform": kernels.uniform_bounds_ball,
    }
    return lambda: bounds[kind](ball(s), lam, order)[index]


def _outward(function: str, order: int, lam: Exact, s: Exact, kind: str) -> RemainderBounds:
    """The bounds as doubles, rounded away from the remainder."""
    from grokmath.exact import working_precision

    with working_precision(128):
        low, high = (_side(order, lam, s, kind, i)() for i in (0, 1))
        if not (low.is_finite() and high.is_finite()):
            raise DomainError(f"{function}: the bounds are out of range at s = {s}; ask for digits")
        lower = math.nextafter(float(low.lower()), -math.inf)
        return RemainderBounds(lower, math.nextafter(float(high.upper()), math.inf))


def _bounds_expression(order: int, lam: Any, s: Any, kind: str) -> RemainderBounds:
    import sympy

    lam = lam if is_symbolic(lam) else sympy_number(lam)
    n, half = order + 1, sympy.Rational(1, 2)
    a, x = (1 - sympy.sqrt(lam)) ** 2, 2 * sympy.sqrt(lam) * s
    p = n + 3 * half

    def q(z: Any) -> Any:
        return sympy.uppergamma(p, z) / sympy.gamma(p)

    delta = sympy.uppergamma(p - 1, 2 * x) / (2 ** (n - 1) * sympy.gamma(3 * half) * x ** (n - 1))
    term = -train_series_coefficient(n, lam) * s ** (-n)
    if kind == "gen":
        sizes = [abs(train_rational(k)) for k in range(n)]
        total = sympy.Add(
            *(
                sympy_number(b) / sympy.sqrt(lam) ** k * sympy.rf(k + 3 * half, n - k) * a ** (k - n) * s ** (-n)
                for k, b in enumerate(sizes)
            )
        )
        bound = total + term * (2 + 2 * n * q(x)) + delta
        return RemainderBounds(-bound, bound)
    if kind == "uniform":
        term *= _expint(n, a * s) / _expint(0, a * s)
    return RemainderBounds(-(term * (2 + 2 * n * q(x)) + delta), -(term * (1 - q(2 * x)) - delta))
