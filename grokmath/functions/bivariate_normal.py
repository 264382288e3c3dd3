"""Owen's T function and the distribution function of the bivariate normal law, and their logarithms.

Definitions.

    T(h, a)         = 1/(2 pi) * integral over 0 < x < a of exp(-h^2 (1 + x^2)/2)/(1 + x^2)
    Phi_2(h, k; rho) = P(X <= h, Y <= k) for standard normal X and Y of correlation rho

T(h, a) is even in h, odd in a, and for a > 0 the probability that X > h and 0 < Y < a X for independent X, Y and h >
0. It is defined for all real h and a; Phi_2 for all real h and k and -1 <= rho <= 1, the singular ends included:
Phi_2(h, k; 1) = Phi(min(h, k)) and Phi_2(h, k; -1) = max(0, Phi(h) + Phi(k) - 1).

Readings (chosen by the input, see :mod:`grokmath.functions.readings`): an argument with a free SymPy symbol gives a
SymPy expression, in elementary functions and erf where there is such a form, else the defining integral;
``digits=n`` gives a :class:`~grokmath.certified.Certified`; numbers alone give float64.

Method and error bounds: :mod:`grokmath.functions.bivariate_normal_certified` (proved,
docs/proofs/bivariate_normal.md) and :mod:`grokmath.functions.bivariate_normal_float64` (measured,
docs/bivariate_normal.md). Every tail keeps its relative accuracy. Sources: D. B. Owen, Ann. Math. Statist. 27 (1956)
1075-1090; M. Patefield and D. Tandy, J. Stat. Softw. 5 (2000), no. 5; National Bureau of Standards, Applied
Mathematics Series 50 (1959).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from grokmath.exact import Exact, ball, sign, working_precision
from grokmath.functions.readings import Argument, plain, read
from grokmath.parameters import POSITIVE, Domain, domain_error

__all__ = ["bivariate_normal_cdf", "log_bivariate_normal_cdf", "log_owens_t", "owens_t"]

CORRELATION = Domain("-1 <= rho <= 1", Fraction(-1), Fraction(1))


def owens_t(h: Any, a: Any, *, digits: int | None = None) -> Any:
    """Owen's T(h, a) for real h and a.

    Where |T| is below 10**-(10**9) the certified reading raises :class:`~grokmath.parameters.DomainError`; use
    :func:`log_owens_t` there.

    >>> from grokmath.functions.bivariate_normal import owens_t
    >>> print(owens_t(2, "1/2", digits=30))
    0.00862507798552150713113488319155
    >>> print(owens_t(200, -3, digits=10))
    -1.285882106e-8689
    >>> round(owens_t(2.0, 0.5), 12)
    0.008625077986
    >>> from sympy import Symbol
    >>> owens_t(0, Symbol("a"))
    atan(a)/(2*pi)
    """
    return _read_t("owens_t", h, a, digits)


def log_owens_t(h: Any, a: Any, *, digits: int | None = None) -> Any:
    """The natural logarithm of T(h, a), a > 0, also where T is far below any decimal.

    >>> from grokmath.functions.bivariate_normal import log_owens_t
    >>> print(log_owens_t(10**6, "1e-6", digits=20))
    -500000000015.80931142
    """
    return _read_t("log_owens_t", h, a, digits)


def bivariate_normal_cdf(h: Any, k: Any, rho: Any, *, digits: int | None = None) -> Any:
    """Phi_2(h, k; rho) = P(X <= h, Y <= k) for standard normal X, Y of correlation rho, -1 <= rho <= 1.

    Where it is below 10**-(10**9) but not 0 the certified reading raises :class:`~grokmath.parameters.DomainError`; use
    :func:`log_bivariate_normal_cdf` there.

    >>> from grokmath.functions.bivariate_normal import bivariate_normal_cdf
    >>> print(bivariate_normal_cdf(1, "-0.5", "0.25", digits=30))
    0.279511236988292831398198304785
    >>> print(bivariate_normal_cdf(-30, -40, "-0.9", digits=15))
    4.49234696032291e-5332
    >>> bivariate_normal_cdf(0, 0, "1/2", digits=5).exact
    Fraction(1, 3)
    >>> bivariate_normal_cdf(0.0, 0.0, 0.0)
    0.25
    """
    return _read_cdf("bivariate_normal_cdf", h, k, rho, digits)


def log_bivariate_normal_cdf(h: Any, k: Any, rho: Any, *, digits: int | None = None) -> Any:
    """The natural logarithm of Phi_2(h, k; rho), to full relative accuracy also where Phi_2 is nearly 1.

    At rho = -1 and h + k <= 0 the probability is 0: with digits that raises, in float64 it is -inf.

    >>> from grokmath.functions.bivariate_normal import log_bivariate_normal_cdf
    >>> print(log_bivariate_normal_cdf(-10**8, -10**8, "1/2", digits=25))
    -6666666666666704.391133969
    >>> print(log_bivariate_normal_cdf(40, 50, 0, digits=10))
    -3.655893541e-350
    """
    return _read_cdf("log_bivariate_normal_cdf", h, k, rho, digits)


# Owen's T


def _read_t(function: str, h: Any, a: Any, digits: int | None) -> Any:
    def float64(h: Any, a: Any) -> Any:
        from grokmath.functions import owens_t_float64

        return plain(getattr(owens_t_float64, function)(h, a))

    arguments = [Argument("h", h), Argument("a", a, POSITIVE) if function.startswith("log") else Argument("a", a)]
    return read(
        function,
        arguments,
        digits,
        symbolic=lambda h, a: _log_if(function, _t_expression(h, a)),
        certified=lambda h, a, n: _certified_t(function, h, a, n),
        float64=float64,
    )


def _log_if(function: str, value: Any) -> Any:
    import sympy

    return sympy.log(value) if function.startswith("log") else value


def _t_expression(h: Any, a: Any) -> Any:
    """T(h, a) in SymPy's terms."""
    import sympy

    if a == 0:
        return sympy.S.Zero
    if h == 0:
        return sympy.atan(a) / (2 * sympy.pi)
    if a in (1, -1):
        return a * (1 - sympy.erf(h / sympy.sqrt(2)) ** 2) / 8
    x = sympy.Dummy("x")
    return sympy.Integral(sympy.exp(-(h**2) * (1 + x**2) / 2) / (1 + x**2), (x, 0, a)) / (2 * sympy.pi)


def _certified_t(function: str, h: Exact, a: Exact, digits: int) -> Any:
    from grokmath.certified import Certified, certify
    from grokmath.functions import bivariate_normal_certified as kernels

    log = function.startswith("log")
    if not log and (a == 0 or (h == 0 and abs(a) == 1)):
        return Certified.from_exact(Fraction(sign(a), 8), digits)

    def kernel() -> Any:
        value = kernels.owens_t_ball(ball(h), ball(a))
        return value.log() if log else value

    with working_precision(64):
        guard = 0 if log else kernels.normal_guard_bits(ball(h))
    method = "positive series or normal tail"
    log_form = None if log else "log_owens_t"
    return certify(kernel, digits, function=function, method=method, log_form=log_form, guard=guard)


# The bivariate normal distribution


def _read_cdf(function: str, h: Any, k: Any, rho: Any, digits: int | None) -> Any:
    def float64(h: Any, k: Any, rho: Any) -> Any:
        from grokmath.functions import bivariate_normal_float64

        return plain(getattr(bivariate_normal_float64, function)(h, k, rho))

    return read(
        function,
        [Argument("h", h), Argument("k", k), Argument("rho", rho, CORRELATION)],
        digits,
        symbolic=lambda h, k, rho: _log_if(function, cdf_expression(h, k, rho)),
        certified=lambda h, k, rho, n: _certified_cdf(function, h, k, rho, n),
        float64=float64,
    )


def cdf_expression(h: Any, k: Any, rho: Any) -> Any:
    """Phi_2(h, k; rho) in SymPy's terms."""
    import sympy

    def normal(x: Any) -> Any:
        return (1 + sympy.erf(x / sympy.sqrt(2))) / 2

    if rho == 0:
        return normal(h) * normal(k)
    if rho == 1:
        return normal(sympy.Min(h, k))
    if rho == -1:
        return sympy.Max(0, normal(h) + normal(k) - 1)
    if h == 0 and k == 0:
        return sympy.Rational(1, 4) + sympy.asin(rho) / (2 * sympy.pi)
    x = sympy.Dummy("x")
    density = sympy.exp(-(x**2) / 2) / sympy.sqrt(2 * sympy.pi)
    return sympy.Integral(density * normal((k - rho * x) / sympy.sqrt(1 - rho**2)), (x, -sympy.oo, h))


def _exact_cdf(h: Exact, k: Exact, rho: Exact) -> Fraction | None:
    """The value where it is a known rational number."""
    if rho == -1 and h + k <= 0:
        return Fraction(0)
    if rho == 1 and min(h, k) == 0:
        return Fraction(1, 2)
    if h == 0 and k == 0:
        known = {Fraction(-1, 2): Fraction(1, 6), Fraction(0): Fraction(1, 4), Fraction(1, 2): Fraction(1, 3)}
        return known.get(rho) if isinstance(rho, Fraction) else None
    return None


def _certified_cdf(function: str, h: Exact, k: Exact, rho: Exact, digits: int) -> Any:
    from grokmath.certified import Certified, certify
    from grokmath.functions import bivariate_normal_certified as kernels

    log = function.startswith("log")
    value = _exact_cdf(h, k, rho)
    if value is not None and not log:
        return Certified.from_exact(value, digits)
    if value == 0:
        remedy = "the probability is 0 there and has no logarithm: choose h + k > 0 or rho > -1"
        raise domain_error(function, "rho", rho, "a number > -1", remedy)
    if abs(rho) == 1:
        kernel, guard = _singular_kernel(h, k, rho, log)
    else:
        square = (1 - rho) * (1 + rho)
        upper = kernels.log_upper_orthant_ball if log else kernels.upper_orthant_ball

        def kernel() -> Any:
            return upper(ball(-h), ball(-k), ball(rho), ball(square).sqrt())

        with working_precision(64):
            guard = kernels.orthant_guard_bits(ball(h), ball(k), ball(square).sqrt())
    log_form = None if log else "log_bivariate_normal_cdf"
    method = "corners by series and expansions"
    return certify(kernel, digits, function=function, method=method, log_form=log_form, guard=guard)


def _singular_kernel(h: Exact, k: Exact, rho: Exact, log: bool) -> tuple[Callable[[], Any], int]:
    """The kernel for rho = 1 or -1, where X = Y or X = -Y, and its guard bits."""
    from grokmath.functions import bivariate_normal_certified as kernels

    least = min(h, k)
    if rho == 1:
        with working_precision(64):
            guard = kernels.normal_guard_bits(ball(least))
        return (lambda: (kernels.log_normal_cdf if log else kernels.normal_cdf_scaled)(ball(least))), guard
    with working_precision(64):
        guard = kernels.normal_guard_bits(ball(least)) + kernels.gap_bits(ball(h + k))

    def kernel() -> Any:
        if not log:
            return kernels.normal_interval_scaled(ball(-k), ball(h))
        return kernels.log_normal_interval(ball(-k), ball(h))

    return kernel, guard
