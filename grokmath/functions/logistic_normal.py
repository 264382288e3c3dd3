"""Population losses and accuracy of a linear classifier on Gaussian inputs whose labels are all -1.

For f(x) = S.x + b and x ~ N(0, sigma**2 I), f is distributed as R z + b with R = sigma ||S|| and z ~ N(0, 1). Then the
cross-entropy loss is E log(1 + exp(R z + b)), the exponential loss exp(b + R**2/2), and the accuracy
P(f < 0) = Phi(-b/R) (classification paper, eqs. (3), (4)). Everything depends on R >= 0 and b alone.

Readings (chosen by the input, see :mod:`grokmath.functions.readings`): a free SymPy symbol gives a SymPy expression
(the cross-entropy loss has no closed form: its defining integral); ``digits=n`` gives a
:class:`~grokmath.certified.Certified`; numbers alone give float64. Conventions at R = 0: the loss is log(1 + e^b), the
accuracy 1, 1/2, 0 for b < 0, b = 0, b > 0.

Method and error bounds: :mod:`grokmath.functions.logistic_normal_certified` (proved, docs/proofs/logistic_normal.md)
and :mod:`grokmath.functions.logistic_normal_float64` (measured: relative error below 5e-15 for the losses and 2e-15 for
the error where they are above 1e-300; the logarithm of a loss near 1 has that absolute error).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from grokmath.exact import Exact, ball, sign
from grokmath.functions.readings import Argument, read
from grokmath.parameters import NONNEGATIVE, domain_error

__all__ = [
    "log_population_error",
    "log_population_exponential_loss",
    "log_population_loss",
    "population_accuracy",
    "population_error",
    "population_exponential_loss",
    "population_loss",
]


def population_loss(R: Any, b: Any, *, digits: int | None = None) -> Any:
    """The population cross-entropy loss E log(1 + exp(R z + b)), z ~ N(0, 1), for R >= 0 and real b.

    Below 10^-(10^9) the certified reading raises :class:`~grokmath.parameters.DomainError`; use
    :func:`log_population_loss` there.

    >>> import grokmath.functions.logistic_normal as ln
    >>> print(ln.population_loss(10, "-49.715", digits=20))
    9.9988652981734705387e-7
    >>> print(ln.population_loss(0, 0, digits=10))
    0.6931471806
    >>> round(ln.population_loss(1.0, 0.0), 12)
    0.806059183347
    """
    return _read("population_loss", R, b, digits)


def log_population_loss(R: Any, b: Any, *, digits: int | None = None) -> Any:
    """The natural logarithm of the population cross-entropy loss, also where the loss is 1e-1000 or 10^-(10^100).

    >>> from grokmath.functions.logistic_normal import log_population_loss
    >>> print(log_population_loss(2, -10**40, digits=45))
    -9999999999999999999999999999999999999998.00000
    """
    return _read("log_population_loss", R, b, digits)


def population_exponential_loss(R: Any, b: Any, *, digits: int | None = None) -> Any:
    """The population exponential loss E exp(R z + b) = exp(b + R**2/2).

    It stands for the cross-entropy loss where b + R**2 < 0 and both are small; elsewhere it is far above it.

    >>> from sympy import symbols
    >>> from grokmath.functions.logistic_normal import population_exponential_loss
    >>> population_exponential_loss(*symbols("R b"))
    exp(R**2/2 + b)
    """
    return _read("population_exponential_loss", R, b, digits)


def log_population_exponential_loss(R: Any, b: Any, *, digits: int | None = None) -> Any:
    """Its logarithm b + R**2/2, which is exact for exact R and b.

    >>> from grokmath import log_population_exponential_loss
    >>> log_population_exponential_loss("1e10", -1, digits=5).exact
    Fraction(49999999999999999999, 1)
    """
    return _read("log_population_exponential_loss", R, b, digits)


def population_accuracy(R: Any, b: Any, *, digits: int | None = None) -> Any:
    """The population accuracy Phi(-b/R) (eq. (4)).

    >>> from grokmath.functions.logistic_normal import population_accuracy
    >>> print(population_accuracy(1, -1, digits=20))
    0.84134474606854294859
    """
    return _read("population_accuracy", R, b, digits)


def population_error(R: Any, b: Any, *, digits: int | None = None) -> Any:
    """The population error Phi(b/R) = 1 - accuracy, without cancellation where it is small.

    >>> from grokmath.functions.logistic_normal import population_error
    >>> print(population_error(1, -100, digits=10))
    1.344179077e-2174
    """
    return _read("population_error", R, b, digits)


def log_population_error(R: Any, b: Any, *, digits: int | None = None) -> Any:
    """The natural logarithm of the population error Phi(b/R), to full relative accuracy in both tails.

    >>> from grokmath.functions.logistic_normal import log_population_error
    >>> print(log_population_error(1, -10**6, digits=20), log_population_error(1, 100, digits=10))
    -500000000014.73444909 -1.344179077e-2174
    """
    return _read("log_population_error", R, b, digits)


def _read(function: str, R: Any, b: Any, digits: int | None) -> Any:
    def float64(R: Any, b: Any) -> Any:
        return _FLOAT64[function](R, b)

    return read(
        function,
        [Argument("R", R, NONNEGATIVE), Argument("b", b)],
        digits,
        symbolic=lambda R, b: _symbolic(function, R, b),
        certified=lambda R, b, n: _certified(function, R, b, n),
        float64=float64,
    )


def _symbolic(function: str, R: Any, b: Any) -> Any:
    import sympy

    if function.startswith("log_"):
        if function == "log_population_exponential_loss":
            return b + R**2 / 2
        return sympy.log(_symbolic(function.removeprefix("log_"), R, b))
    if function == "population_exponential_loss":
        return sympy.exp(b + R**2 / 2)
    if function == "population_loss":
        z = sympy.Dummy("z", real=True)
        density = sympy.exp(-(z**2) / 2) / sympy.sqrt(2 * sympy.pi)
        return sympy.Integral(sympy.log(1 + sympy.exp(R * z + b)) * density, (z, -sympy.oo, sympy.oo))
    tilt = b if function == "population_accuracy" else -b
    if R == 0:
        return (1 - sympy.sign(tilt)) / 2
    return sympy.erfc(tilt / (sympy.sqrt(2) * R)) / 2


def _certified(function: str, R: Exact, b: Exact, digits: int) -> Any:
    from grokmath.certified import Certified, Scaled, certify
    from grokmath.functions import logistic_normal_certified as kernels

    log, plain = function.startswith("log_"), function.removeprefix("log_")
    if plain == "population_exponential_loss":
        exponent = b + R * R / 2
        if log or sign(exponent) == 0:
            return Certified.from_exact(exponent if log else 1, digits)

        def kernel() -> Any:
            return Scaled(ball(exponent), ball(1))
    elif plain == "population_loss":

        def kernel() -> Any:
            return kernels.logistic_normal_ball(ball(R), ball(b)) if sign(R) else kernels.logistic_ball(ball(b))
    else:
        x = -b if plain == "population_accuracy" else b
        if sign(R) == 0 or sign(b) == 0:
            value = Fraction(sign(x) + 1, 2)
            if not log or value == 1:
                return Certified.from_exact(0 if log else value, digits)
            if value == 0:
                remedy = "the error is exactly 0 there and has no logarithm: choose R > 0"
                raise domain_error(function, "R", 0, "R > 0 where b < 0", remedy)
            return certify(lambda: -ball(Fraction(2)).log(), digits, function=function)

        def kernel() -> Any:
            return kernels.normal_cdf_scaled(ball(x) / ball(R))

        if log:
            from grokmath.functions.bivariate_normal_certified import log_normal_cdf

            remedy = "log_population_error(R, -b)"  # the logarithm of minus this value, about
            return certify(lambda: log_normal_cdf(ball(x) / ball(R)), digits, function=function, log_form=remedy)
    if log:
        return certify(lambda: _log(kernel()), digits, function=function)
    guard = _guard(plain, R, b)
    return certify(kernel, digits, function=function, log_form=_LOG_FORMS.get(function), guard=guard)


def _log(value: Any) -> Any:
    return value.log()


_LOG_FORMS = {
    "population_loss": "log_population_loss",
    "population_exponential_loss": "log_population_exponential_loss",
    "population_error": "log_population_error",
    "population_accuracy": "log_population_error with -b",
}


def _guard(function: str, R: Exact, b: Exact) -> int:
    """About log2 of the exponent of the dominant exponential: the bits that it loses."""
    if function == "population_exponential_loss":
        return max(0, _log2(b), 2 * _log2(R))
    ratio = 2 * (_log2(b) - _log2(R)) if sign(R) else 0
    if function == "population_loss" and sign(b + R * R) < 0:
        ratio = max(_log2(b), 2 * _log2(R))
    return max(0, min(ratio, 64))  # certify finds out about more


def _log2(x: Exact) -> int:
    """About log2 |x|; 0 for 0."""
    if not isinstance(x, Fraction):
        x = Fraction(float(x))
    return int(x.numerator.bit_length() - x.denominator.bit_length())


def _exponential_loss(R: Any, b: Any) -> Any:
    import numpy as np

    from grokmath.functions.double_double import two_prod, two_sum

    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        square, error = two_prod(np.asarray(R, dtype=np.float64), 0.5 * np.asarray(R, dtype=np.float64))
        top, rest = two_sum(square, np.asarray(b, dtype=np.float64))
        value = np.exp(top)
        rest = np.where(np.isfinite(rest + error), rest + error, 0.0)
        return (value + np.where(np.isfinite(value), value * rest, 0.0))[()]


def _of(module_function: str, swap: bool = False) -> Callable[[Any, Any], Any]:
    def call(R: Any, b: Any) -> Any:
        from grokmath.functions import logistic_normal_float64
        from grokmath.functions.readings import plain

        return plain(getattr(logistic_normal_float64, module_function)(R, -b if swap else b))

    return call


def _exponent(R: Any, b: Any) -> Any:
    return b + R * R / 2


_FLOAT64: dict[str, Callable[[Any, Any], Any]] = {
    "population_loss": _of("loss"),
    "log_population_loss": _of("log_loss"),
    "population_exponential_loss": lambda R, b: _plain(_exponential_loss(R, b)),
    "log_population_exponential_loss": _exponent,
    "population_accuracy": _of("tail", swap=True),
    "population_error": _of("tail"),
    "log_population_error": _of("log_tail"),
}


def _plain(value: Any) -> Any:
    from grokmath.functions.readings import plain

    return plain(value)
