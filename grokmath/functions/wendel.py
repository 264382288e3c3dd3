"""Wendel's probability that points are linearly separable from the origin, and the window in which it passes 1/2.

Definition. N points drawn independently from a law that is symmetric about the origin and has points in general
position (such as any centred Gaussian in d dimensions) lie on one side of some hyperplane through the origin with
probability

    P(N, d) = 2^(1-N) * sum over 0 <= k < d of binom(N-1, k) = I_{1/2}(N - d, d)

(classification paper, eq. (14)). The regularized incomplete beta function continues it to real N > 0 and d >= 0,
with P = 0 at d = 0 and P = 1 for d >= N. Symmetry: P(N, d) + P(N, N - d) = 1, so P = 1/2 at d = N/2.

Readings (chosen by the input, see :mod:`grokmath.functions.readings`): an argument with a free SymPy symbol gives a
SymPy expression; ``digits=n`` gives a :class:`~grokmath.certified.Certified`, whose ``.exact`` is the Fraction for
integers up to N = 1000; numbers alone give float64. :func:`wendel_probability_exact` gives the Fraction itself, up
to N = 10^6.

Method and error bounds: :mod:`grokmath.functions.wendel_certified` (proved, docs/proofs/wendel.md) and
:mod:`grokmath.functions.wendel_float64` (measured, docs/wendel.md). The smaller of P and 1 - P is always computed
directly. Sources: J. G. Wendel, Math. Scand. 11 (1962) 109-111; T. M. Cover, IEEE Trans. EC-14 (1965) 326-334.
"""

from __future__ import annotations

import numbers
from fractions import Fraction
from typing import Any

from grokmath.exact import Exact
from grokmath.functions import wendel_approximations as approximations
from grokmath.functions.readings import Argument, plain, read
from grokmath.parameters import NONNEGATIVE, POSITIVE, PROBABILITY, Domain, UnsupportedExpression, domain_error, one_of

__all__ = [
    "log_wendel_probability",
    "separation_window",
    "wendel_approximation_error",
    "wendel_complement",
    "wendel_probability",
    "wendel_probability_exact",
]

_HALF = Fraction(1, 2)
_LEAST_DOUBLE = 1e-300
_EXACT_BY_THE_WAY = 1000
_EXACT_LARGEST = 10**6
_MORE_THAN_ONE = Domain("a number > 1", Fraction(1), low_open=True)


def wendel_probability(N: Any, d: Any, *, method: str = "exact", digits: int | None = None) -> Any:
    """The probability P(N, d) that N points in d dimensions are linearly separable from the origin.

    Domain: N > 0, d >= 0, real. ``method`` is "exact" or one of the approximations "erf" (the classification paper's
    (15)), "normal", "first", "second" (N > 1) and "saddle" (N > 1, 1/2 <= d <= N - 1/2), whose formulas stand in
    :mod:`grokmath.functions.wendel_approximations`; with digits, the approximation's value is what is certified.
    Largest absolute errors over d: 0.125/N, 0.027/N, 0.028/N^2, 0.026/N^3, 0.030/N^2. In the left tail, where the
    others are of no use, "saddle" keeps a relative error of -0.005/N, -0.024/N, -0.25/N at d/N = 0.4, 0.3, 0.1, and of
    -7 % at d = 1; :func:`wendel_approximation_error` has it for any N and d.

    >>> from grokmath.functions.wendel import wendel_probability
    >>> wendel_probability(20, 8, digits=10).exact
    Fraction(11773, 65536)
    >>> print(wendel_probability(10**15, 5 * 10**14 - 10**7, digits=30))
    0.263544628432768949606762724322
    >>> wendel_probability(400.0, [120, 200, 280])
    array([2.28602272e-16, 5.00000000e-01, 1.00000000e+00])
    >>> print(wendel_probability(400, 120, method="saddle", digits=10))
    2.285885716e-16
    >>> from sympy import Symbol
    >>> wendel_probability(Symbol("N"), 3)
    betainc_regularized(N - 3, 3, 0, 1/2)
    """
    function = "wendel_probability"
    if method == "exact":
        return _read(function, N, d, digits)
    _check_method(method, function)

    def certified(N: Exact, d: Exact, digits: int) -> Any:
        from grokmath.certified import certify

        _check_saddle(function, method, bool(abs(2 * d - N) > N - 1), d)
        return certify(lambda: approximations.ball_form(N, d, method), digits, function=function, method=method)

    def float64(N: Any, d: Any) -> Any:
        import numpy as np

        N, d = np.asarray(N), np.asarray(d)
        outside = np.abs(2.0 * d - N) > N - 1.0
        _check_saddle(function, method, bool(outside.any()), d)
        return plain(approximations.float64_form(N, d, method))

    return read(
        function,
        _arguments(N, d, method),
        digits,
        symbolic=lambda N, d: approximations.expression(N, d, method),
        certified=certified,
        float64=float64,
    )


def wendel_complement(N: Any, d: Any, *, digits: int | None = None) -> Any:
    """The probability 1 - P(N, d) that the points are not separable, without cancellation where it is small.

    >>> from grokmath.functions.wendel import wendel_complement
    >>> print(wendel_complement(10**6, 6 * 10**5, digits=20))
    3.5365464211282891798e-8748
    >>> wendel_complement(400, 280.0)
    2.286022720092142e-16
    """
    return _read("wendel_complement", N, d, digits)


def log_wendel_probability(N: Any, d: Any, *, digits: int | None = None) -> Any:
    """The natural logarithm of P(N, d), to full relative accuracy in both tails; d > 0 with digits, -inf at d = 0.

    >>> from grokmath.functions.wendel import log_wendel_probability
    >>> print(log_wendel_probability(10**100, "3e99", digits=40))
    -8.228287850505184639156115826079588261461e+98
    >>> print(log_wendel_probability(400, 390, digits=15))
    -5.11264059580170e-103
    """
    return _read("log_wendel_probability", N, d, digits)


def wendel_probability_exact(N: int, d: int) -> Fraction:
    """P(N, d) as a Fraction, for integers 1 <= N <= 10**6 and d >= 0.

    >>> from grokmath.functions.wendel import wendel_probability_exact
    >>> wendel_probability_exact(10, 4)
    Fraction(65, 256)
    """
    function = "wendel_probability_exact"
    for name, value, least in (("N", N, 1), ("d", d, 0)):
        whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
        if not whole or value < least or (name == "N" and value > _EXACT_LARGEST):
            wanted = f"an integer >= {least}" + (f" and <= {_EXACT_LARGEST}" if name == "N" else "")
            raise domain_error(function, name, value, wanted, "for other numbers use wendel_probability with digits")
    from grokmath.functions.wendel_certified import wendel_exact

    return wendel_exact(int(N), int(d))


def wendel_approximation_error(N: Any, d: Any, method: str, *, digits: int | None = None) -> Any:
    """The relative error (approximation - P)/P of a ``method`` of :func:`wendel_probability`, 0 < d < N.

    >>> from grokmath.functions.wendel import wendel_approximation_error
    >>> [print(m, wendel_approximation_error(400, 120, m, digits=3)) for m in ("erf", "first", "second", "saddle")]
    erf 1.72
    first -0.647
    second 0.141
    saddle -5.99e-5
    [None, None, None, None]
    """
    function = "wendel_approximation_error"
    _check_method(method, function)

    def symbolic(N: Any, d: Any) -> Any:
        return approximations.expression(N, d, method) / _expression("wendel_probability", N, d) - 1

    def certified(N: Exact, d: Exact, digits: int) -> Any:
        from grokmath.certified import certify
        from grokmath.functions.wendel_certified import wendel_arguments, wendel_ball

        _check_saddle(function, method, bool(abs(2 * d - N) > N - 1), d)
        _check_inside(function, bool(d >= N), d)

        def kernel() -> Any:
            top, bottom = approximations.ball_form(N, d, method), wendel_ball(*wendel_arguments(N - d, d))
            return (top.log_scale - bottom.log_scale).exp() * top.factor / bottom.factor - 1

        return certify(kernel, digits, function=function, method="quotient of balls")

    def float64(N: Any, d: Any) -> Any:
        import numpy as np

        from grokmath.functions.wendel_float64 import wendel_probability as probability

        N, d = np.asarray(N), np.asarray(d)
        _check_saddle(function, method, bool((np.abs(2.0 * d - N) > N - 1.0).any()), d)
        _check_inside(function, bool((d >= N).any()), d)
        return plain(approximations.float64_form(N, d, method) / probability(N, d) - 1.0)

    arguments = _arguments(N, d, method)
    arguments[1] = arguments[1]._replace(domain=POSITIVE)
    return read(function, arguments, digits, symbolic=symbolic, certified=certified, float64=float64)


def separation_window(N: Any, p: Any, *, digits: int | None = None) -> Any:
    """The real lam = d/N at which N points are separable with probability p, that is P(N, lam N) = p; 0 < p < 1.

    It increases with p through 1/2 at p = 1/2, and lam(1 - p) = 1 - lam(p); about 1/2 + Phi^-1(p)/(2 sqrt N).
    With digits the root is proved by a change of sign of log P - log p in the logit of lam.

    >>> from grokmath.functions.wendel import separation_window
    >>> print(separation_window(400, "0.9", digits=30))
    0.531994440202742618525104962033
    >>> separation_window(100, [0.05, 0.5, 0.95])
    array([0.41828672, 0.5       , 0.58171328])
    """
    function = "separation_window"

    def symbolic(N: Any, p: Any) -> Any:
        if p == _HALF:
            import sympy

            return sympy.Rational(1, 2)
        raise UnsupportedExpression(f"{function}: the root has no closed form in N and p; give numbers")

    def float64(N: Any, p: Any) -> Any:
        import numpy as np

        from grokmath.functions import wendel_float64

        if (np.asarray(p) < _LEAST_DOUBLE).any():
            raise domain_error(function, "p", float(np.min(p)), f"p >= {_LEAST_DOUBLE} in float64", "ask for digits")
        return plain(wendel_float64.separation_window(N, p))

    arguments = [Argument("N", N, POSITIVE), Argument("p", p, PROBABILITY)]
    return read(function, arguments, digits, symbolic=symbolic, certified=_certified_window, float64=float64)


def _certified_window(N: Exact, p: Exact, digits: int) -> Any:
    from grokmath.certified import Certified, certify
    from grokmath.functions.wendel_window import WindowRoot

    if p == _HALF:
        return Certified.from_exact(_HALF, digits)
    root = WindowRoot(N, min(p, 1 - p), "separation_window")
    return certify(lambda: root.lam(p > _HALF), digits, function="separation_window", method="certified root")


# The readings


def _arguments(N: Any, d: Any, method: str) -> list[Argument]:
    return [Argument("N", N, POSITIVE if method == "erf" else _MORE_THAN_ONE), Argument("d", d, NONNEGATIVE)]


def _check_method(method: str, function: str) -> None:
    exact = () if function == "wendel_approximation_error" else ("exact",)
    one_of(method, (*exact, *approximations.METHODS), "method", function)


def _check_saddle(function: str, method: str, outside: bool, d: Any) -> None:
    if method == "saddle" and outside:
        remedy = "use another method there; the exact value costs as little"
        raise domain_error(function, "d", d, "1/2 <= d <= N - 1/2 for the saddle-point form", remedy)


def _check_inside(function: str, outside: bool, d: Any) -> None:
    if outside:
        raise domain_error(function, "d", d, "0 < d < N", "P is 0 or 1 elsewhere, exactly")


def _read(function: str, N: Any, d: Any, digits: int | None) -> Any:
    def float64(N: Any, d: Any) -> Any:
        from grokmath.functions import wendel_float64

        return plain(getattr(wendel_float64, function)(N, d))

    return read(
        function,
        [Argument("N", N, POSITIVE), Argument("d", d, NONNEGATIVE)],
        digits,
        symbolic=lambda N, d: _expression(function, N, d),
        certified=lambda N, d, n: _certified(function, N, d, n),
        float64=float64,
    )


def _expression(function: str, N: Any, d: Any) -> Any:
    """The defining SymPy expression."""
    import sympy

    p, q = (d, N - d) if function == "wendel_complement" else (N - d, d)
    if p == q:
        value: Any = sympy.Rational(1, 2)
    elif 0 in (p, q):
        value = sympy.S.Zero if q == 0 else sympy.S.One
    else:
        value = sympy.betainc_regularized(p, q, 0, sympy.Rational(1, 2))
    return sympy.log(value) if function.startswith("log") else value


def _exact_value(N: Exact, d: Exact) -> Fraction | None:
    """P where it is a rational number that is cheap to write down."""
    if d == 0 or d >= N:
        return Fraction(int(d != 0))
    if 2 * d == N:
        return Fraction(1, 2)
    if not (isinstance(N, Fraction) and isinstance(d, Fraction) and N.denominator == d.denominator == 1):
        return None
    if N > _EXACT_BY_THE_WAY:
        return None
    from grokmath.functions.wendel_certified import wendel_exact

    return wendel_exact(N.numerator, d.numerator)


def _certified(function: str, N: Exact, d: Exact, digits: int) -> Any:
    from grokmath.certified import Certified, certify
    from grokmath.functions import wendel_certified as kernels

    log = function.startswith("log")
    exact = _exact_value(N, d)
    if log and exact == 0:
        raise domain_error(function, "d", 0, "a number > 0", "P is 0 there and has no logarithm: choose d > 0")
    if log and exact == 1:
        return Certified.from_exact(0, digits)
    if exact is not None and not log:
        return Certified.from_exact(1 - exact if function == "wendel_complement" else exact, digits)
    p, q = (d, N - d) if function == "wendel_complement" else (N - d, d)
    kernel = kernels.log_wendel_ball if log else kernels.wendel_ball
    return certify(
        lambda: kernel(*kernels.wendel_arguments(p, q)),
        digits,
        function=function,
        method="positive series or saddle line",
        log_form="log_wendel_probability" if function == "wendel_probability" else "log_wendel_probability(N, N - d)",
    )
