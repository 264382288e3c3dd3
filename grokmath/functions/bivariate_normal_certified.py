"""Enclosures of Owen's T function and of bivariate normal probabilities in ball arithmetic.

Owen's T(h, a) is the probability that X > h and 0 < Y < a X for independent standard normal X and Y. With X2 = h^2/2
and Z = h^2 a^2/2 (docs/proofs/bivariate_normal.md; numbers in brackets are its statements):

- a <= 1: the positive series T = a e^(-X2-Z)/(2 pi) * sum Z^n/n! g_n, whose g_n come from one backward recurrence
  [1]; where Z is beyond the precision, half the normal tail Q(h)/2 with the enclosure of the rest [2];
- a > 1: T(h, a) = Q(h)/2 + Q(a h) erf(h/sqrt 2)/2 - T(a h, 1/a) [3].

A bivariate normal probability is a sum of at most three *corners*, the probabilities C(h, g) that X > h and h Y > g
X; a corner is Q(h)/2 - T(h, g/h) without its cancellation, by an enveloping expansion for large g [4]. All sums have
positive terms but one, whose difference costs at most log2(1/(1 + rho))/2 + 1.2 bits [5]. Logarithms of nearly 1: [6].

Sources: D. B. Owen, Ann. Math. Statist. 27 (1956) 1075-1090; DLMF 7.20(iii) for the integrals.
"""

from __future__ import annotations

import math

from flint import acb, arb, ctx

from grokmath.certified import Scaled, working_precision
from grokmath.exact import log2
from grokmath.functions.mills_certified import mills

__all__ = [
    "corner_ball",
    "corner_method",
    "gap_bits",
    "log_normal_cdf",
    "log_normal_interval",
    "log_of_complement",
    "log_upper_orthant_ball",
    "normal_cdf_scaled",
    "normal_guard_bits",
    "normal_interval_scaled",
    "orthant_guard_bits",
    "owens_t_ball",
    "owens_t_method",
    "signed_sum",
    "upper_orthant_ball",
    "upper_orthant_method",
]

_LN2 = math.log(2)
_LARGE_FACTOR = 2**1000


def _tolerance() -> float:
    """L such that truncation errors of relative size e^-L do not show at the working precision."""
    return ctx.prec * _LN2 + 6


def _log(x: arb) -> float:
    """The natural logarithm of |midpoint| as a float, for choices only; -inf at 0."""
    return log2(x) * _LN2


def _float(x: arb) -> float:
    """|midpoint| as a float, inf where it is too large; for choices only."""
    log = _log(x)
    return math.exp(log) if log < 700 else math.inf


def _sqrt_2pi() -> arb:
    return (2 * arb.pi()).sqrt()


def signed_sum(terms: list[tuple[int, Scaled]]) -> Scaled:
    """The sum of sign * value, on the scale of the largest."""
    terms = [term for term in terms if not term[1].factor.is_zero()]
    if not terms:
        return Scaled(arb(0), arb(0))
    top = terms[0][1].log_scale
    for _, term in terms[1:]:
        if term.log_scale.mid() > top.mid():
            top = term.log_scale
    total = arb(0)
    for sign, (log_scale, factor) in terms:
        total += sign * (factor if log_scale is top else (log_scale - top).exp() * factor)
    return Scaled(top, total)


# The normal distribution


def _tail(x: arb) -> Scaled:
    """Q(x) = P(X > x) for x >= 0, at full relative accuracy."""
    return Scaled(-x * x / 2, mills(x) / _sqrt_2pi())


def normal_cdf_scaled(x: arb) -> Scaled:
    """Phi(x), at full relative accuracy in the left tail."""
    if x < 0:
        return _tail(-x)
    return Scaled(arb(0), (-x / arb(2).sqrt()).erfc() / 2)


def log_normal_cdf(x: arb) -> arb | Scaled:
    """log Phi(x), at full relative accuracy also where Phi is nearly 1."""
    return log_of_complement(_tail(x)) if x > 0 else normal_cdf_scaled(x).log()


def normal_interval_scaled(low: arb, high: arb) -> Scaled:
    """P(low < X < high) for low < high; it cancels only as far as low and high agree."""
    if high.mid() < 0:
        low, high = -high, -low
    if low.mid() >= 0:
        return signed_sum([(1, _tail(low)), (-1, _tail(high))])
    return Scaled(arb(0), (_half_erf(-low) + _half_erf(high)))


def log_normal_interval(low: arb, high: arb) -> arb | Scaled:
    """log P(low < X < high) for low < high, also where it is nearly 1."""
    if low < 0 and high > 0:
        return log_of_complement(signed_sum([(1, _tail(-low)), (1, _tail(high))]))
    return normal_interval_scaled(low, high).log()


def log_of_complement(value: Scaled) -> arb | Scaled:
    """log(1 - value), value >= 0; a Scaled where it is too small: -value (1 + d), 0 <= d <= value (statement 6)."""
    if not (value.log_scale < -(2**40) and abs(value.factor) < _LARGE_FACTOR):
        return (-value.value()).log1p()
    return Scaled(value.log_scale, -value.factor * (1 + arb(0).union((value.log_scale / 2).exp())))


def _half_erf(x: arb) -> arb:
    return (x / arb(2).sqrt()).erf() / 2


# Owen's T


def _series_length(log_Z: float, X: float, log_a2: float, L: float) -> int:
    """How many terms make the rest of the series, and the uncertainty at its top, e^-L times smaller than the sum."""
    Z = math.exp(log_Z)
    low, high = int(Z), int(Z) + 8

    def reached(n: int) -> bool:
        return math.lgamma(n + 1) - (n * log_Z if n else 0.0) >= L - Z

    while not reached(high):
        low, high = high, high + 2 * (high - int(Z))
    while high - low > max(1, high // 64):
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    if high <= X + Z:  # = Z/q, below which the recurrence forgets its start as fast as the terms fall
        return high
    log_inverse_q = math.log1p(math.exp(-log_a2)) if log_a2 > -700 else -log_a2
    return max(high, math.ceil((L + X) / log_inverse_q))


def _series(X: arb, a: arb, terms: float) -> arb:
    """2 pi e^(X+Z) T(h, a)/a = sum_n Z^n/n! g_n, X = h^2/2, for any real a; meant for |a| <= 1 [1]."""
    L = _tolerance()
    n = _series_length(2 * _log(a) + _log(X), _float(X), 2 * _log(a), L) if X.mid() > 0 else math.ceil(L)
    n = max(2, round(terms * n))
    with working_precision(ctx.prec + 8 + n.bit_length()):
        a2 = (a * a).nonnegative_part()
        Z = X * a2
        inverse = 1 / (1 + a2)
        q, twice = a2 * inverse, 2 * Z
        gamma = inverse.union(arb(1))
        total = inverse.union(1 / (1 - Z / (n + 1)) if n + 1 > Z else Z.exp())
        for j in range(2 * n + 1, 1, -2):  # gamma_n = g_n/beta_n and total_n = (gamma_n + ...)/beta_n, backwards
            gamma *= q * (j - 1)
            gamma /= j
            gamma += inverse
            total *= twice
            total /= j
            total += gamma
    return total


def _t_below(h: arb, a: arb, terms: float) -> arb:
    """e^(h^2/2) T(h, a) for |a| <= 1, about [1, 2]."""
    X = (h * h / 2).nonnegative_part()
    Z = X * a * a
    if Z.mid() > terms * _tolerance():
        if not (a > 0 and h > 0):
            return a * arb(0.5, 0.5) / (2 * arb.pi())  # a ball too wide for its digits; the integrand is at most 1
        rest = (-Z).exp() / (2 * arb.pi() * h * h * a * (1 + a * a))
        return mills(h) / (2 * _sqrt_2pi()) - arb(0).union(rest)
    return a * (-Z).exp() / (2 * arb.pi()) * _series(X, a, terms)


def owens_t_method(h: arb, a: arb) -> str:
    """The branch that :func:`owens_t_ball` takes at the working precision, for tests and reports."""
    h, a = abs(h), abs(a)
    if h.is_zero():
        return "angle"
    if a.mid() > 1:
        X = h * h / 2
        far = (a * a - 1) * X > _tolerance()
        return "reflection, tail only" if far else "reflection to " + owens_t_method(a * h, (1 / a).mid())
    return "tail" if (h * a) ** 2 / 2 > _tolerance() else "series"


def owens_t_ball(h: arb, a: arb, *, terms: float = 1.0) -> Scaled:
    """An enclosure of T(h, a) for every point of the input balls, real h and a; the factor has the sign of a.

    ``terms`` multiplies the number of terms; the enclosure holds for every value of it.
    """
    if a.mid() < 0:
        value = owens_t_ball(h, -a, terms=terms)
        return Scaled(value.log_scale, -value.factor)
    if h.is_zero():
        return Scaled(arb(0), a.atan() / (2 * arb.pi()))
    if h.mid() < 0:
        h = -h
    X = (h * h / 2).nonnegative_part()
    if a.mid() <= 1:
        return Scaled(-X, _t_below(h, a, terms))
    if not a > 0:
        return Scaled(arb(0), arb(0, 0.25))
    outer = a * h
    half = mills(outer) / (2 * _sqrt_2pi())
    decay = (X * (1 - a * a)).exp()
    if (a * a - 1) * X > terms * _tolerance():  # T(a h, 1/a) is below Q(a h)/2
        rest = half * arb(0, 1)
    else:
        rest = half * 2 * _half_erf(h) - _t_below(outer, 1 / a, terms)
    return Scaled(-X, mills(h) / (2 * _sqrt_2pi()) + decay * rest)


# Corners: P(X > h, h Y > g X)


def _expansion_reaches(g: arb, terms: float) -> bool:
    """Whether the least term of the enveloping expansion, about e^(-g^2/2), is below the working precision."""
    return bool(g.mid() ** 2 / 2 > terms * _tolerance() + 2)


def _expansion(h: arb, g: arb, terms: float) -> arb:
    """2 pi e^((h^2+g^2)/2) C(h, g) by its enveloping expansion in 2/g^2 [4]."""
    Z, R2 = g * g / 2, h * h + g * g
    ratio = g * g / R2
    limit = arb(2) ** -(ctx.prec + 4)
    most = max(2, round(terms * min(_float(Z), 2 * _tolerance())))
    alpha = sigma = power = total = arb(1)
    term = arb(1)
    for k in range(1, most + 1):
        alpha *= 2 * k - 1
        alpha /= 2 * k
        sigma = ratio * sigma + alpha
        power *= -k / Z
        term = power * sigma
        if k == most or abs(term) < limit:
            break
        total += term
    return h / (g * R2) * (total + arb(0).union(term))


def corner_method(h: arb, g: arb) -> str:
    """The branch that :func:`corner_ball` takes at the working precision, for tests and reports."""
    if h.is_zero():
        return "angle"
    if g.mid() <= 0 or not g > 0:
        return "obtuse"
    if _expansion_reaches(g, 1.0):
        return "expansion"
    return "tail minus T" if g.mid() <= h.mid() else "T minus tail"


def corner_ball(h: arb, g: arb, *, terms: float = 1.0) -> Scaled:
    """An enclosure of C(h, g) = P(X > h, h Y > g X), h >= 0, g real, for every point of the input balls.

    At h = 0 it is the limit from above: 0 for g > 0, 1/2 for g < 0. Full relative accuracy everywhere.
    """
    if h.is_zero() and (g > 0 or g < 0):
        return Scaled(arb(0), arb(0) if g > 0 else arb(0.5))
    if not h > 0:
        return Scaled(arb(0), arb(0.25, 0.25))
    if g.mid() <= 0 or not g > 0:  # g = 0 too, which a ball may never separate from its neighbours
        half = Scaled(-h * h / 2, mills(h) / (2 * _sqrt_2pi()))
        return signed_sum([(1, half), (-1, owens_t_ball(h, g / h, terms=terms))])
    point, foot = h.mid(), g.mid()
    scale = -(point * point + foot * foot) / 2
    if _expansion_reaches(g, terms):
        factor = _expansion(point, foot, terms) / (2 * arb.pi())
    else:
        factor = _corner_difference(point, foot, terms)
    if h.is_exact() and g.is_exact():
        return Scaled(scale, factor)
    low_h, low_g = h.lower(), g.lower()
    R2 = low_h * low_h + low_g * low_g
    slope = (mills(low_g) + g.upper() / R2) * h.rad() + h.upper() / R2 * g.rad()  # bound (9) of the proofs
    change = (-R2 / 2 - scale).exp() * slope / (2 * arb.pi())
    return Scaled(scale, factor + arb(0, change.upper()))


def _corner_difference(h: arb, g: arb, terms: float) -> arb:
    """e^((h^2+g^2)/2) C(h, g), h, g > 0 exact: by a difference, at the precision that it needs [4]."""
    X, Z = h * h / 2, g * g / 2
    g_bits = max(0, int(_log(1 + g) / _LN2))
    if g <= h:
        with working_precision(ctx.prec + 12 + int(_float(Z) / _LN2) + g_bits):
            return Z.exp() * (mills(h) / (2 * _sqrt_2pi()) - _t_below(h, g / h, terms))
    with working_precision(ctx.prec + 12 + int(_float(X) / _LN2) + 2 * g_bits):
        return X.exp() * (_t_below(g, h / g, terms) - mills(g) / _sqrt_2pi() * _half_erf(h))


# The upper orthant P(X > h, Y > k) of correlated variables


def upper_orthant_method(h: arb, k: arb, rho: arb, c: arb) -> str:
    """The sum that :func:`upper_orthant_ball` uses, for tests and reports."""
    if h.is_zero() and k.is_zero():
        return "angle"
    if h.mid() < 0 and k.mid() < 0:
        return "centre plus " + upper_orthant_method(-h, -k, rho, c)
    if h.mid() >= 0 and k.mid() >= 0:
        return "two corners"
    if h.mid() < 0:
        h, k = k, h
    return "difference of corners" if (k - rho * h).mid() > 0 else "tail minus corners"


def upper_orthant_ball(h: arb, k: arb, rho: arb, c: arb, *, terms: float = 1.0) -> Scaled:
    """An enclosure of P(X > h, Y > k) for standard normal X, Y of correlation rho, c = sqrt(1 - rho^2) > 0.

    It holds for every point of the balls and keeps full relative accuracy in every tail. ``terms`` as in
    :func:`owens_t_ball`.
    """
    if h.is_zero() and k.is_zero():
        return Scaled(arb(0), acb(-rho, c).arg() / (2 * arb.pi()))
    for x in (h, k):
        if not (x > 0 or x < 0 or x.is_zero()):
            return Scaled(arb(0), arb(0.5, 0.5))
    if h < 0 and k < 0:
        centre = Scaled(arb(0), _half_erf(-h) + _half_erf(-k))
        return signed_sum([(1, centre), (1, upper_orthant_ball(-h, -k, rho, c, terms=terms))])
    if h < 0:
        h, k = k, h
    with working_precision(ctx.prec + 4):
        g = (k - rho * h) / c
        if k >= 0:
            first = corner_ball(h, g, terms=terms)
            return signed_sum([(1, first), (1, corner_ball(k, (h - rho * k) / c, terms=terms))])
        second = corner_ball(-k, (h + rho * -k) / c, terms=terms)
        if g.mid() > 0:
            return signed_sum([(1, corner_ball(h, g, terms=terms)), (-1, second)])
        return signed_sum([(1, _tail(h)), (-1, corner_ball(h, -g, terms=terms)), (-1, second)])


def log_upper_orthant_ball(h: arb, k: arb, rho: arb, c: arb, *, terms: float = 1.0) -> arb | Scaled:
    """An enclosure of log P(X > h, Y > k), with full relative accuracy also where P is nearly 1."""
    if not (h < 0 and k < 0):
        return upper_orthant_ball(h, k, rho, c, terms=terms).log()
    both = upper_orthant_ball(-h, -k, rho, c, terms=terms)
    return log_of_complement(signed_sum([(1, _tail(-h)), (1, _tail(-k)), (-1, both)]))


def normal_guard_bits(x: arb) -> int:
    """About the bits that the conditioning of exp(-x^2/2) in x takes."""
    return 2 * min(int(max(0.0, _log(x)) / _LN2) + 1, 20_000)


def gap_bits(gap: arb) -> int:
    """About the bits that a difference across ``gap`` loses."""
    return min(int(max(0.0, -_log(gap)) / _LN2) + 1, 400_000)


def orthant_guard_bits(h: arb, k: arb, c: arb) -> int:
    """About the bits that the conditioning in h, k and rho takes from the relative accuracy."""
    size = max(0.0, _log(1 + abs(h) + abs(k)))
    near = max(0.0, -_log(c))
    return 8 + int(min((2 * size + 2 * near) / _LN2, 100_000.0))
