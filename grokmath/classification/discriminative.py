"""Accuracy when the labels discriminate: a fraction r of the points is labelled -1, by their first coordinate.

A point x ~ N(0, sigma^2 I) has the label -1 where x_1 > theta, theta = sigma Phi^-1(1 - r), and 1 elsewhere; the
classifier answers -1 where S.x + b < 0 (classification paper, appendix I). With S_1 the component of S along the
first axis, S_perp the length of the rest, ||S|| the length of S and

    h = theta/sigma = Phi^-1(1 - r),    k = -b/(sigma ||S||),    rho = S_1/||S||,

the accuracy (52)-(59) is, with Phi_2 the bivariate normal distribution function of correlation rho,

    A = Phi(h) + Phi(k) - 2 Phi_2(h, k; rho) = Phi_2(h, -k; -rho) + Phi_2(-h, k; -rho).

The second form has no cancellation and is what is computed; the error 1 - A is Phi_2(h, k; rho) + Phi_2(-h, -k;
rho). At r = 1 all labels are -1 and A = Phi(k), eq. (4). Conventions: S_perp = 0 is the limit rho = 1 or -1; at S =
0 the accuracy is r for b < 0, 1 - r for b > 0 and 1/2 for b = 0.

Readings (chosen by the input, see :mod:`grokmath.functions.readings`): a free SymPy symbol gives a SymPy expression,
``digits=n`` a :class:`~grokmath.certified.Certified`, numbers alone float64 (relative error of order 1e-15 (1 +
k^2)). Error bounds: docs/proofs/bivariate_normal.md.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from grokmath.exact import Exact, ball, sign, working_precision
from grokmath.functions.readings import Argument, plain, read
from grokmath.parameters import NONNEGATIVE, POSITIVE, Domain, domain_error

if TYPE_CHECKING:
    from flint import arb

    from grokmath.certified import Scaled

__all__ = [
    "discriminative_accuracy",
    "discriminative_error",
    "log_discriminative_accuracy",
    "log_discriminative_error",
]

_FRACTION = Domain("0 <= r <= 1", Fraction(0), Fraction(1))


def discriminative_accuracy(
    r: Any, S_1: Any, S_perp: Any, b: Any, *, feature_std: Any = 1, digits: int | None = None
) -> Any:
    """The accuracy A of the classifier (S, b) where a fraction r of the points is labelled -1 by x_1.

    Domain: 0 <= r <= 1, real S_1 and b, S_perp >= 0 (the length of the part of S across the first axis), and
    feature_std > 0 (the classification paper's sigma). Arrays broadcast.

    >>> from grokmath.classification.discriminative import discriminative_accuracy
    >>> print(discriminative_accuracy("0.8", -2, 1, "-0.5", digits=30))
    0.775136905102714057671000565161
    >>> print(discriminative_accuracy(1, 0, "1.3", "-1.2", digits=15))
    0.822016440133134
    >>> discriminative_accuracy([0.25, 0.5, 1.0], 0.0, 1.0, 0.0)
    array([0.5, 0.5, 0.5])
    """
    return _read("discriminative_accuracy", r, S_1, S_perp, b, feature_std, digits)


def discriminative_error(
    r: Any, S_1: Any, S_perp: Any, b: Any, *, feature_std: Any = 1, digits: int | None = None
) -> Any:
    """The error 1 - A, without cancellation where it is small.

    >>> from grokmath.classification.discriminative import discriminative_error
    >>> print(discriminative_error("1/2", -1, "1e-30", 0, digits=15))
    3.18309886183791e-31
    """
    return _read("discriminative_error", r, S_1, S_perp, b, feature_std, digits)


def log_discriminative_accuracy(
    r: Any, S_1: Any, S_perp: Any, b: Any, *, feature_std: Any = 1, digits: int | None = None
) -> Any:
    """The natural logarithm of the accuracy, at full relative accuracy near 0 and near 1.

    >>> from grokmath.classification.discriminative import log_discriminative_accuracy
    >>> print(log_discriminative_accuracy(1, 0, 1, 10**6, digits=20))
    -500000000014.73444909
    """
    return _read("log_discriminative_accuracy", r, S_1, S_perp, b, feature_std, digits)


def log_discriminative_error(
    r: Any, S_1: Any, S_perp: Any, b: Any, *, feature_std: Any = 1, digits: int | None = None
) -> Any:
    """The natural logarithm of the error 1 - A, at full relative accuracy near 0 and near 1.

    >>> from grokmath.classification.discriminative import log_discriminative_error
    >>> print(log_discriminative_error("9/10", -30, "0.1", -3, digits=20))
    -1.0211725197783658081
    """
    return _read("log_discriminative_error", r, S_1, S_perp, b, feature_std, digits)


def _read(function: str, r: Any, S_1: Any, S_perp: Any, b: Any, feature_std: Any, digits: int | None) -> Any:
    arguments = [
        Argument("r", r, _FRACTION),
        Argument("S_1", S_1),
        Argument("S_perp", S_perp, NONNEGATIVE),
        Argument("b", b),
        Argument("feature_std", feature_std, POSITIVE),
    ]
    return read(
        function,
        arguments,
        digits,
        symbolic=lambda *values: _expression(function, *values),
        certified=lambda *values: _certified(function, _Classifier(*values[:-1]), values[-1]),
        float64=lambda *values: plain(_float64(function, *values)),
    )


def _expression(function: str, r: Any, S_1: Any, S_perp: Any, b: Any, feature_std: Any) -> Any:
    """The defining SymPy expression."""
    import sympy

    from grokmath.functions.bivariate_normal import cdf_expression

    def normal(x: Any) -> Any:
        return (1 + sympy.erf(x / sympy.sqrt(2))) / 2

    size = sympy.sqrt(S_1**2 + S_perp**2)
    if size == 0:
        right = sympy.Piecewise((r, b < 0), (1 - r, b > 0), (sympy.Rational(1, 2), True))
    else:
        k = -b / (feature_std * size)
        if r in (0, 1):
            right = normal(k if r == 1 else -k)
        else:
            h = sympy.sqrt(2) * sympy.erfinv(1 - 2 * r)
            right = 1 - r + normal(k) - 2 * cdf_expression(h, k, S_1 / size)
    value = right if function.endswith("accuracy") else 1 - right
    return sympy.log(value) if function.startswith("log") else value


# Certified values


class _Classifier(NamedTuple):
    """The exact parameters."""

    r: Exact
    S_1: Exact
    S_perp: Exact
    b: Exact
    feature_std: Exact

    def exact_accuracy(self) -> Exact | None:
        """The accuracy where it is an exact number."""
        if self.S_1 == 0 and self.S_perp == 0:
            return (self.r, Fraction(1, 2), 1 - self.r)[sign(self.b) + 1]
        if self.b == 0 and (self.r in (0, 1) or self.S_1 == 0):
            return Fraction(1, 2)
        if self.b == 0 and self.r == Fraction(1, 2) and self.S_perp == 0:
            return Fraction(int(self.S_1 < 0))
        return None

    def size(self) -> arb:
        """||S||."""
        return (ball(self.S_1) ** 2 + ball(self.S_perp) ** 2).sqrt()

    def h(self) -> arb:
        """Phi^-1(1 - r), 0 < r < 1."""
        if self.r == Fraction(1, 2):
            return ball(Fraction(0))
        upper = sign(self.r - Fraction(1, 2)) < 0
        tail = ball(2 * self.r if upper else 2 * (1 - self.r)).erfcinv() * ball(Fraction(2)).sqrt()
        return tail if upper else -tail

    def k(self) -> arb:
        """-b/(sigma ||S||)."""
        return -ball(self.b / self.feature_std) / self.size()

    def probability(self, right: bool) -> Scaled:
        """The accuracy, or the error where not ``right``."""
        from flint import arb

        from grokmath.certified import Scaled
        from grokmath.functions import bivariate_normal_certified as kernels

        k = self.k()
        if self.r in (0, 1):
            return kernels.normal_cdf_scaled(k if (self.r == 1) == right else -k)
        if self.S_perp == 0:
            # the answer and the label depend on x_1 alone and differ, or for S_1 > 0 agree, between h and k
            parallel = self.S_1 > 0
            cut = 1 - self.r if parallel else self.r
            below, above = kernels.normal_cdf_scaled(k), kernels.normal_cdf_scaled(-k)
            between = abs(below.value() - ball(cut) if k < 0 else above.value() - ball(1 - cut))
            return Scaled(arb(0), between if parallel == right else 1 - between)
        h, size = self.h(), self.size()
        rho, c = ball(self.S_1) / size, ball(self.S_perp) / size
        if right:
            k, rho = -k, -rho
        both = [(1, kernels.upper_orthant_ball(sign * h, sign * k, rho, c)) for sign in (1, -1)]
        return kernels.signed_sum(both)

    def guard_bits(self) -> int:
        """About the bits that the conditioning in h, k and rho takes."""
        from grokmath.functions.bivariate_normal_certified import normal_guard_bits, orthant_guard_bits

        with working_precision(64):
            k, size = self.k(), self.size()
            if self.r in (0, 1) or self.S_perp == 0:
                return normal_guard_bits(k)
            return orthant_guard_bits(self.h(), k, ball(self.S_perp) / size)


def _certified(function: str, classifier: _Classifier, digits: int) -> Any:
    from grokmath.certified import Certified, certify
    from grokmath.functions.bivariate_normal_certified import log_of_complement

    log, right = function.startswith("log"), function.endswith("accuracy")
    exact = classifier.exact_accuracy()
    if exact is not None:
        exact = exact if right else 1 - exact
        if not log:
            return Certified.from_exact(exact, digits)
        if exact == 0:
            remedy = "the logarithm does not exist: ask for the plain form"
            raise domain_error(function, "b", classifier.b, "values at which the probability is not 0", remedy)

    def kernel() -> Any:
        if exact is not None:
            return ball(exact).log()
        value = classifier.probability(right)
        if not log:
            return value
        if not value.value() > 0.75:
            return value.log()
        return log_of_complement(classifier.probability(not right))

    if exact == 1:
        return Certified.from_exact(0, digits)
    log_form = f"log_{function}"
    if log:  # the logarithm of nearly 1 is about minus the complement
        log_form = "log_discriminative_error" if right else "log_discriminative_accuracy"
    guard = 0 if exact is not None else classifier.guard_bits()
    method = "sum of two quadrant probabilities"
    return certify(kernel, digits, function=function, method=method, log_form=log_form, guard=guard)


# Float64


def _float64(function: str, *values: Any) -> Any:
    import numpy as np

    shape = np.broadcast_shapes(*(np.shape(value) for value in values))
    columns = [np.ravel(column).astype(np.float64) for column in np.broadcast_arrays(*values)]
    log, right = function.startswith("log"), function.endswith("accuracy")
    value = _probability_float64(right, log, *columns)
    if log:
        large = value > -0.3
        value[large] = np.log1p(-_probability_float64(not right, False, *(column[large] for column in columns)))
    return value.reshape(shape)


def _probability_float64(right: bool, log: bool, r: Any, S_1: Any, S_perp: Any, b: Any, feature_std: Any) -> Any:
    """The accuracy, or the error where not ``right``, or its logarithm, for float64 arrays of one dimension."""
    import numpy as np
    from scipy.special import log_ndtr, ndtr, ndtri

    from grokmath.functions.bivariate_normal_float64 import cdf_of_direction

    size = np.hypot(S_1, S_perp)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        k = -b / (feature_std * size)
        h = np.where(r <= 0.5, -ndtri(r), ndtri(1.0 - r))
    out = np.where(b < 0.0, r, np.where(b > 0.0, 1.0 - r, 0.5))
    out = out if right else 1.0 - out
    line = (S_perp == 0.0) & (size > 0.0)
    cut = np.where(S_1 > 0.0, 1.0 - r, r)
    between = np.abs(np.where(k < 0.0, ndtr(k) - cut, ndtr(-k) - (1.0 - cut)))
    out[line] = np.where((S_1 > 0.0) == right, between, 1.0 - between)[line]
    with np.errstate(divide="ignore"):
        out = np.log(out) if log else out
    one_label = (size > 0.0) & ((r == 0.0) | (r == 1.0))
    out[one_label] = (log_ndtr if log else ndtr)(np.where((r == 1.0) == right, k, -k)[one_label])
    plane = (S_perp > 0.0) & ~one_label
    if plane.any():
        side = -1.0 if right else 1.0
        h, k, along, across = h[plane], side * k[plane], side * S_1[plane], S_perp[plane]
        both = [cdf_of_direction(sign * h, sign * k, along, across, log=log) for sign in (1.0, -1.0)]
        out[plane] = np.logaddexp(*both) if log else both[0] + both[1]
    return out
