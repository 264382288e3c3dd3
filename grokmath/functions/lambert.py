"""Lambert's W: the solutions of W exp(W) = x, real on the branches 0 and -1.

References: R. M. Corless, G. H. Gonnet, D. E. G. Hare, D. J. Jeffrey and D. E. Knuth, Adv. Comput. Math. 5 (1996)
329-359; DLMF 4.13; F. Johansson, "Computing the Lambert W function in arbitrary-precision complex interval
arithmetic", Numer. Algorithms 83 (2020) 221-242.
"""

from __future__ import annotations

import functools
import numbers
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from flint import acb, arb

from grokmath.exact import Exact, ball, working_precision
from grokmath.functions.readings import Argument, plain, read
from grokmath.parameters import REAL, DomainError, domain_error

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from grokmath.certified import Certified
    from grokmath.certified_complex import CertifiedComplex

__all__ = ["above_branch_point", "lambert_w", "lambert_w_ball"]

_NAME = "lambert_w"
_MAX_BRANCH = 10**9
_SERIES_END = 0.3
_SERIES_TERMS = 26
_TINY = 1e-290


def lambert_w(x: Any, branch: int = 0, *, digits: int | None = None) -> Any:
    """Lambert's W_k(x) for k = ``branch``, the solution w of w exp(w) = x on that branch.

    Domain: W_0(x) >= -1 is real for x >= -1/e, W_{-1}(x) <= -1 for -1/e <= x < 0. With ``digits`` x may also be
    complex and ``branch`` any integer; where W is not real a :class:`CertifiedComplex` is returned (on the cuts, which
    lie on the negative real axis, continuous from above, as in DLMF 4.13). Without digits only the two real branches
    are computed; a symbol x gives SymPy's LambertW(x, branch). Outside the domain :class:`DomainError` is raised.

    Method with digits: Arb's certified W at the exact x, so that nothing is lost next to -1/e. Float64: for
    p = sqrt(2 (1 + e x)) < 0.3 the series of W + 1 in p, with x + 1/e formed without rounding loss; elsewhere SciPy's
    lambertw.

    Accuracy: digits are proved; float64 relative error below 1e-15 (measured at x as the binary number it is).

    >>> from grokmath import lambert_w
    >>> print(lambert_w("-0.1", -1, digits=30))
    -3.57715206395729721840939196351
    >>> lambert_w(1.0)
    0.5671432904097838
    >>> print(lambert_w(-2, digits=10))
    0.1728160028 + 1.673686414*I
    """
    k = _branch(branch)
    return read(
        _NAME,
        [Argument("x", x, REAL, is_complex=True)],
        digits,
        symbolic=lambda point: _expression(point, k),
        certified=lambda point, n: _certified(point, k, n),
        float64=lambda points: plain(_float64(points, k)),
    )


def _branch(branch: Any) -> int:
    if isinstance(branch, bool) or not isinstance(branch, numbers.Integral) or abs(int(branch)) > _MAX_BRANCH:
        wanted = f"an integer of modulus at most {_MAX_BRANCH}"
        raise domain_error(_NAME, "branch", branch, wanted, "0 and -1 are the branches with real values")
    return int(branch)


def _expression(x: Any, branch: int) -> Any:
    import sympy

    return sympy.LambertW(x, branch)


# Certified values.


def lambert_w_ball(x: arb, branch: int = 0) -> arb:
    """A ball that contains W_0 or W_{-1} (``branch``) at every point of the ball x in its real domain.

    Points below -1/e are taken not to be meant: a ball that reaches across -1/e gives an enclosure of the values at its
    points in [-1/e, ...), where Arb's own function gives nothing. With p = sqrt(2 (1 + e x)) and u = |W + 1|,
    int_0^u v exp(+-v) dv = p**2/2, so that u <= p on the branch 0; on the branch -1 this is
    int_0^u v exp(-v) dv >= u**2/2 - u**3/3, and u <= p + p**2 for p <= 0.3.
    """
    edge = -arb(-1).exp()
    if not x.overlaps(edge):
        return x.lambertw(branch)
    top = arb(x.upper())
    p = (2 * (1 + top * arb.const_e())).nonnegative_part().sqrt()
    if p <= 0.3:
        reach = arb(p.upper()) if branch == 0 else arb((p + p * p).upper())
    else:
        reach = abs(1 + top.lambertw(branch)) if branch == 0 or top < 0 else arb.pos_inf()
    return arb(-1).union(reach - 1 if branch == 0 else -1 - reach)


def above_branch_point(x: Exact) -> bool:
    """Whether x > -1/e; an algebraic x never equals it."""
    bits = 64
    while True:
        with working_precision(bits):
            difference = ball(x) + arb(-1).exp()
            if difference > 0:
                return True
            if difference < 0:
                return False
        bits *= 2


def _certified(x: tuple[Exact, Exact], branch: int, digits: int) -> Certified | CertifiedComplex:
    from grokmath.certified import Certified, certify
    from grokmath.certified_complex import certify_complex

    real, imaginary = x
    if imaginary == 0:
        if real == 0:
            if branch == 0:
                return Certified.from_exact(0, digits)
            raise domain_error(_NAME, "x", 0, "x other than 0 on this branch", "W is -infinity there: choose branch=0")
        if (branch == 0 or (branch == -1 and real < 0)) and above_branch_point(real):
            return certify(lambda: lambert_w_ball(ball(real), branch), digits, function=_NAME, method="Arb")
    return certify_complex(
        lambda: acb(ball(real), ball(imaginary)).lambertw(branch), digits, function=_NAME, method="Arb"
    )


# Double precision.


@functools.cache
def _constants() -> tuple[float, float, float, tuple[float, ...]]:
    """-1/e as a sum of two doubles, e, and the coefficients of W + 1 as a power series in p, the highest first.

    With u = W + 1 the equation 1 + (u - 1) exp(u) = p**2/2 gives (p**2/2 - 1) d(u**2)/dp = 2 p (u - 1), and from it the
    coefficients one by one. The series converges for p < sqrt(2); 26 terms leave (0.3/sqrt(2))**27 = 7e-19.
    """
    from grokmath.functions.double_double import nearest_double

    u = [Fraction(0), Fraction(1)]
    square = [Fraction(0), Fraction(0), Fraction(1)]
    for n in range(2, _SERIES_TERMS + 1):
        square.append(Fraction(2, n + 1) * (Fraction(n - 1, 4) * square[n - 1] - u[n - 1]))
        u.append((square[n + 1] - sum(u[j] * u[n + 1 - j] for j in range(2, n))) / 2)
    with working_precision(256):
        edge = -arb(-1).exp()
        high = nearest_double(edge)
        low = nearest_double(edge - high)
    return high, low, 2.718281828459045, tuple(float(c) for c in reversed(u))


def _float64(x: Any, branch: int) -> NDArray[np.float64]:
    import numpy as np
    from scipy import special

    if branch not in (0, -1):
        raise domain_error(_NAME, "branch", branch, "0 or -1 in float64", "ask for digits on the other branches")
    points = np.asarray(x)
    high, low, e, series = _constants()
    if points.dtype.kind == "c":
        raise _not_real(points.reshape(-1)[0].item(), branch)
    distance = (points - high) - low
    bad = (distance < 0) | (points >= 0) if branch else distance < 0
    if bad.any():
        raise _not_real(points[bad].reshape(-1)[0].item(), branch)
    p = np.sqrt(2 * e * np.minimum(distance, 1.0))
    near = p < _SERIES_END
    p = np.where(near, p if branch == 0 else -p, 0.0)
    sum_ = np.zeros_like(p)
    for coefficient in series:
        sum_ = sum_ * p + coefficient
    tiny = (points > -_TINY) & (branch == -1)
    value = special.lambertw(np.where(near | tiny, -0.1, points), branch).real
    if tiny.any():
        value = np.where(tiny, _minus_one_at_tiny(np.where(tiny, points, -_TINY)), value)
    return np.asarray(np.where(near, sum_ - 1.0, value))


def _minus_one_at_tiny(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """W_{-1} for -1e-290 < x < 0, where SciPy's fails at subnormal x: Newton's method on w + log(-w) = log(-x)."""
    import numpy as np

    log = np.log(-x)
    w = log - np.log(-log)
    for _ in range(3):
        w -= (w + np.log(-w) - log) * w / (w + 1)
    return w


def _not_real(x: Any, branch: int) -> DomainError:
    wanted = "x >= -1/e on branch 0" if branch == 0 else "-1/e <= x < 0 on branch -1"
    remedy = "W is not real and finite there; ask for digits to get complex values"
    return domain_error(_NAME, "x", x, wanted, remedy)
