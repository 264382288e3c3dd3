"""Modular addition seen through the linear model (regression paper, appendix G): its aspect ratio, and the fitted law.

A network learns (n + m) mod p from one-hot pairs, d_in = 2 p inputs, and sees N_tr = alpha p^2 of the p^2 pairs. The
paper assigns it the aspect ratio lam = d_in/N_tr = 2/(alpha p) and finds its grokking times near C (lam - lam*)^(-2),
as the linear model's leading form (11) is near lam = 1. Both are heuristic: one-hot pairs have a non-zero mean and rank
2p - 1, so their covariance is not Marchenko-Pastur distributed, and at fixed accuracy even the linear model's own
grokking time stays finite at lam = 1. The fit is therefore a description of measured times, with the uncertainty that
they allow. The text's "alpha = N_tr/N_gen" holds if N_gen means all p^2 pairs; the unseen ones are (1 - alpha)/alpha
times as many as N_tr. Its "p = 48^2" is p = 48 with a footnote.
"""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from grokmath.functions.readings import Argument, plain, read
from grokmath.parameters import POSITIVE, Domain, DomainError, domain_error, float_argument, is_array

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["DivergenceFit", "fit_divergence", "modular_aspect_ratio", "modular_training_fraction"]

_FRACTION = Domain("0 < alpha <= 1", Fraction(0), Fraction(1), low_open=True)
_LARGEST = 10**9
_FAR = 1e6  # of the range of lam: beyond, the times do not depend on lam


def modular_aspect_ratio(alpha: Any, p: int, *, digits: int | None = None) -> Any:
    """lam = d_in/N_tr = 2/(alpha p) where the fraction alpha of all pairs of residues mod p is used for training.

    0 < alpha <= 1, p an integer >= 2. Readings: a symbol alpha gives an expression, ``digits`` a :class:`Certified`,
    numbers or arrays float64.

    >>> from grokmath.regression.modular_addition import modular_aspect_ratio
    >>> print(modular_aspect_ratio("0.5", 48, digits=6), modular_aspect_ratio(0.9, 48))
    0.0833333 0.046296296296296294
    """
    return _mapping("modular_aspect_ratio", "alpha", alpha, _FRACTION, p, digits)


def modular_training_fraction(lam: Any, p: int, *, digits: int | None = None) -> Any:
    """alpha = 2/(lam p), the fraction of pairs at the aspect ratio lam >= 2/p; the inverse of the mapping above.

    >>> from grokmath.regression.modular_addition import modular_training_fraction
    >>> print(modular_training_fraction("1/12", 48, digits=3).exact)
    1/2
    """
    name = "modular_training_fraction"
    least = Fraction(2, _modulus(p, name))
    return _mapping(name, "lam", lam, Domain(f"lam >= 2/p = {least}, where alpha <= 1", least), p, digits)


def _mapping(function: str, argument: str, value: Any, domain: Domain, p: int, digits: int | None) -> Any:
    p = _modulus(p, function)

    def certified(x: Any, n: int) -> Any:
        from grokmath.certified import Certified

        return Certified.from_exact(Fraction(2, p) / x, n)

    return read(
        function,
        [Argument(argument, value, domain)],
        digits,
        symbolic=lambda x: 2 / (p * x),
        certified=certified,
        float64=lambda x: plain(2.0 / (p * x)),
    )


def _modulus(p: Any, function: str) -> int:
    whole = isinstance(p, numbers.Integral) and not isinstance(p, bool)
    if not whole or not 2 <= int(p) <= _LARGEST:
        raise domain_error(function, "p", p, f"an integer from 2 to {_LARGEST}", "give the modulus")
    return int(p)


@dataclass(frozen=True, eq=False)
class DivergenceFit:
    """A fit of t = C (lam - lam*)^(-2): ``critical`` lam* and ``amplitude`` C with their standard errors.

    ``covariance`` is that of (lam*, C). ``chi2`` is the weighted sum of squares with ``degrees_of_freedom`` = number of
    times - 2; ``p_value`` is the probability of a larger one if the law holds and the uncertainties are right, and None
    where these were not given (chi2 is then the sum of squares of the residuals of log t).
    """

    critical: float
    critical_error: float
    amplitude: float
    amplitude_error: float
    covariance: NDArray[np.float64]
    chi2: float
    degrees_of_freedom: int
    p_value: float | None

    def predict(self, lam: Any) -> Any:
        """C (lam - lam*)^(-2) at a number or an array of aspect ratios; infinite at lam*."""
        import numpy as np

        with np.errstate(divide="ignore"):
            return plain(self.amplitude / (np.asarray(lam, dtype=np.float64) - self.critical) ** 2)


def fit_divergence(lams: Any, times: Any, uncertainties: Any = None) -> DivergenceFit:
    """The law t = C (lam - lam*)^(-2) fitted to measured times by weighted least squares.

    ``lams`` and ``times`` > 0 are sequences of equal length >= 3, with at least three different lam; ``uncertainties``
    > 0 are the standard deviations of the times, one for each or one for all. Without them the times are taken to have
    equal relative errors, whose size is estimated from the scatter: log t is fitted. All lam must lie on one side of
    lam*, where t rises towards it; times that do not rise or fall accordingly have no such fit.

    Method: a straight line through t^(-1/2), which the law makes linear in lam, then least squares of t or log t by
    Levenberg and Marquardt's method (scipy.optimize.curve_fit) in (lam*, C). The covariance is the usual one of linear
    error propagation, good where the errors are small against the distance to lam*.

    Raises :class:`DomainError` for bad input and where no fit exists.

    >>> from grokmath.regression.modular_addition import fit_divergence
    >>> fit = fit_divergence([0.05, 0.06, 0.07, 0.08], [400.0, 625.0, 1111.111111, 2500.0])
    >>> print(f"{fit.critical:.6f} {fit.amplitude:.6f}")
    0.100000 1.000000
    """
    import warnings

    import numpy as np
    from scipy.optimize import OptimizeWarning, curve_fit
    from scipy.special import gammaincc

    name = "fit_divergence"
    lam, t = _column(lams, "lams", name), _column(times, "times", name)
    if lam.shape != t.shape:
        raise DomainError(
            f"{name}: lams and times differ in length ({lam.size} and {t.size}); give one time for each lam"
        )
    if np.unique(lam).size < 3:
        remedy = "measure the time at three or more aspect ratios"
        raise domain_error(name, "lams", lam.tolist(), "at least three different numbers", remedy)
    given = uncertainties is not None
    if given:
        sigma = _column(uncertainties if is_array(uncertainties) else [uncertainties], "uncertainties", name)
        if sigma.size not in (1, t.size):
            raise DomainError(
                f"{name}: {sigma.size} uncertainties for {t.size} times; give one for each, or one for all"
            )
        sigma = np.broadcast_to(sigma, t.shape)
    else:
        sigma = t
    unit, length = float(np.exp(np.mean(np.log(t)))), float(np.ptp(lam))
    y, weight = np.sqrt(unit / t), 2 * t / sigma * np.sqrt(t / unit)  # d(t^(-1/2)) = -t^(-3/2) dt/2
    slope, offset = np.polyfit((lam - lam[0]) / length, y, 1, w=weight)
    zero = -offset / slope if slope else math.inf
    low, high = ((end - lam[0]) / length for end in (lam.min(), lam.max()))
    if not abs(zero) < _FAR or low <= zero <= high:
        raise _no_fit(name)

    def law(x: Any, position: float, size: float) -> Any:
        value = size / (x - position) ** 2
        return value if given else np.log(np.abs(value))

    x = (lam - lam[0]) / length
    target, errors = (t / unit, sigma / unit) if given else (np.log(t / unit), np.ones_like(t))

    with warnings.catch_warnings():
        warnings.simplefilter("error", OptimizeWarning)
        try:
            best, covariance = curve_fit(
                law,
                x,
                target,
                p0=(zero, slope**-2),
                sigma=errors,
                absolute_sigma=given,
                xtol=1e-14,
                ftol=1e-14,
                gtol=1e-14,
            )
        except (RuntimeError, OptimizeWarning):
            raise _no_fit(name) from None
    if low <= best[0] <= high or best[1] <= 0:
        raise _no_fit(name)
    residual = (target - law(x, *best)) / errors
    chi2, freedom = float(residual @ residual), t.size - 2
    scale = np.array([length, unit * length**2])
    covariance = covariance * np.outer(scale, scale)
    spread = np.sqrt(np.diag(covariance))
    return DivergenceFit(
        critical=float(lam[0] + best[0] * length),
        critical_error=float(spread[0]),
        amplitude=float(best[1] * scale[1]),
        amplitude_error=float(spread[1]),
        covariance=covariance,
        chi2=chi2,
        degrees_of_freedom=freedom,
        p_value=float(gammaincc(freedom / 2, chi2 / 2)) if given else None,
    )


def _no_fit(function: str) -> DomainError:
    return DomainError(
        f"{function}: the times have no fit C (lam - lam*)^(-2) with all lam on one side of lam*; "
        "they must rise towards lam* on that side"
    )


def _column(values: Any, argument: str, function: str) -> NDArray[np.float64]:
    import numpy as np

    if not is_array(values):
        raise domain_error(function, argument, values, "a sequence of numbers > 0", "give one number for each lam")
    column = np.asarray(float_argument(values, argument, function, POSITIVE), dtype=np.float64)
    if column.ndim != 1:
        raise domain_error(function, argument, column.shape, "a sequence of numbers > 0", "give a flat sequence")
    return column
