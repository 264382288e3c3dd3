"""Enclosures of the generalized Marcum functions Q_m(a, b) and P_m(a, b) = 1 - Q_m(a, b) in ball arithmetic.

Definition: with X = a^2/2, Y = b^2/2, Q_m(a, b) is the probability that a Gamma(m + N) variable exceeds Y, where N is
Poisson(X); that is, the survival function of the non-central chi-square distribution with 2m degrees of freedom and
non-centrality a^2 at b^2. Domain: m > 0, a >= 0, b >= 0, real.

Method. The smaller of P and Q is computed directly, the other is its complement. With A = sqrt(m^2 + a^2 b^2):

- large A: the trapezoidal rule on the circle through the saddle point of
  Q = e^(-X-Y)/(2 pi i) * integral of e^(X/z + Y z) z^(-m) dz/(1 - z), with the pole at z = 1 in closed form;
- small A: the Poisson mixture of incomplete gamma functions, all terms positive, on the P or on the Q side.

Error: every truncation is bounded a posteriori, for the number of terms really used (docs/proofs/marcum.md, whose
statements are quoted below by their numbers). Sources: DLMF 8.7.1, 8.8.2, 8.9.2; Gil, Segura and Temme, ACM Trans.
Math. Software 40 (2014) 20.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from flint import acb, arb, ctx

from grokmath.certified import Scaled, working_precision

__all__ = [
    "guard_bits",
    "log_marcum_p_ball",
    "log_marcum_q_ball",
    "marcum_method",
    "marcum_p_ball",
    "marcum_q_ball",
]

_LN2 = math.log(2)
_INF = arb.pos_inf()
_UNIT = arb(0.5, 0.5)
"""The ball [0, 1]."""


class _Point(NamedTuple):
    """Balls for the parameters and what both methods need of them; a and b are kept for cancellation-free forms."""

    m: arb
    a: arb
    b: arb
    X: arb
    Y: arb
    A: arb


def _point(m: arb, a: arb, b: arb) -> _Point:
    X, Y, ab = (a * a / 2).nonnegative_part(), b * b / 2, (a * b).nonnegative_part()
    return _Point(m, a, b, X, Y, (m * m + ab * ab).sqrt())


def _log(x: arb) -> float:
    """The natural logarithm of the midpoint as a float, for choices only; also where the midpoint is no float."""
    mid = x.mid()
    if not mid > 0:
        return -math.inf
    mantissa, exponent = mid.man_exp()
    bits = int(mantissa).bit_length()
    return math.log(int(mantissa) >> max(bits - 60, 0)) + (int(exponent) + max(bits - 60, 0)) * _LN2


def _float(x: arb) -> float:
    """The midpoint as a float, inf where it is too large; for choices only."""
    log = _log(x)
    if log > 700:
        return math.inf
    return float(x.mid()) if log > -700 else 0.0


def _upper(x: arb) -> arb:
    """An exact upper bound of |x|; inf where there is none."""
    bound = x.abs_upper()
    return bound if bound.is_finite() else _INF


def _within(radius: arb) -> arb:
    """The ball [-radius, radius]."""
    return arb(0, radius) if radius.is_finite() else arb.nan()


def _exponent(m: arb, a: arb, b: arb, A: arb, t: arb) -> arb:
    """The saddle's exponent E, (1) of the proofs. Squares are products: in python-flint, [0 +/- r]**2 is nan."""
    difference = b - a
    return difference * difference / 2 - m * m / (A + a * b) + m * t


# The choice of the method


def _q_is_smaller(p: _Point) -> bool:
    """Whether Q is the smaller side, about: Y beyond an estimate of the median of Gamma(m + N). A choice, no claim."""
    mean, Y = p.m.mid() + p.X.mid(), p.Y.mid()
    if mean > 2:
        return bool(mean < Y)
    shape = _float(mean)
    if shape < 1e-3:
        return True
    return _log(Y) > (math.log(shape) - _LN2 / shape if shape < 1.5 else math.log(shape - 1 / 3))


def _tolerance(bits: int) -> float:
    """L such that truncation errors of relative size e^-L do not show at this precision."""
    return bits * _LN2 + 6


def _use_saddle(p: _Point, bits: int) -> bool:
    """Where the branch cut's share e^(-2A) is below the tolerance, and nodes cost less than terms."""
    L = _tolerance(bits)
    # Below L/2 the cut's share shows. With the bits a node (exponential, sine, cosine) grows dearer than a term.
    dear = math.exp(0.8 * math.log(bits / 200))
    return _float(p.A) > L * max(0.7, min(1.2 * dear, 10.0))


def marcum_method(m: arb, a: arb, b: arb) -> str:
    """The branch that the kernels take at the working precision, for tests and reports."""
    p = _point(m, a, b)
    side = "Q" if _q_is_smaller(p) else "P"
    if not _use_saddle(p, ctx.prec):
        return f"mixture {side}"
    t = _log(p.m + p.A) - 2 * _log(p.b)
    rule = _rule(p, _tolerance(ctx.prec), 1.0)
    inside = "inside" if abs(t) < _float(rule.d) else "outside"
    return f"saddle {side}, pole {inside}, {'integer' if _is_integer(m) else 'real'} order"


# The trapezoidal rule on the saddle circle (Theorem 2)


class _Rule(NamedTuple):
    """2 M nodes in all, of which the J with |theta| smallest are used on either side; half-width d of the strip."""

    M: arb
    J: int
    d: arb


def _rule(p: _Point, L: float, terms: float) -> _Rule:
    """The numbers of nodes, times ``terms``, and the strip that suits them."""
    if _log(p.A) > 30:  # cosh d - 1 = d^2/2 to all purposes; M has 60 bits and a power of two
        half = (p.A.mid() * (L / 2 * (1 + 1e-6))).sqrt()
        shift = max(0, int(_log(half) / _LN2) - 60)
        M = arb((max(1, round(terms * math.exp(_log(half) - shift * _LN2))), shift))
        return _Rule(M, max(1, math.ceil(terms * L / math.pi + 1)), (2 * M / p.A).mid())
    A, m = _float(p.A), _float(p.m)
    d = math.sqrt(2 * L / A)
    for _ in range(4):  # Newton for the least N(d) = (L + phi(d))/d
        sinh, cosh1 = math.sinh(d), math.cosh(d) - 1
        phi, slope = A * cosh1 + m * (sinh - d), A * sinh + m * cosh1
        d = max(d / 2, d - (d * slope - phi - L) / (d * (A * (cosh1 + 1) + m * sinh)))
    N = (L + A * (math.cosh(d) - 1) + m * (math.sinh(d) - d)) / d
    half_nodes = max(1, round(terms * math.ceil(N / 2)))
    if terms != 1.0:  # about the strip that minimises phi(d) - N d for these nodes
        d = min(d, 2 * half_nodes / A)
    sine = math.sqrt(L / (2 * A))
    used = math.ceil(2 * math.asin(sine) * half_nodes / math.pi + 0.5) if sine < 1 else half_nodes
    return _Rule(arb(half_nodes), max(1, min(half_nodes, used)), arb(d))


def _is_integer(m: arb) -> bool:
    return bool(m.is_exact() and m.is_integer())


def _remainder(p: _Point, s0: arb, excess: arb, rule: _Rule) -> arb:
    """Bound (8) of the proofs: the sides of the strip, the branch cut, the nodes left out; ``excess`` is s0 - 1."""
    A, m, (M, J, d) = p.A, p.m, rule
    N = 2 * M
    total = _side(p, N, d) * s0 * (1 / abs((-d).expm1() - excess) + 1 / abs(d.expm1() - excess))
    if not _is_integer(m):
        growth = (arb.max(arb(0), 2 * m - N) * d).exp() * d
        rays = (1 / (2 * A)).exp() * (2 * arb.pi() / A).sqrt()
        total += (-2 * A).exp() * arb.min(arb(1), s0) * (growth + rays) / arb.pi()
    if J < M:
        h = arb.pi() / M
        sine, cosine = ((2 * J + 1) / (4 * M)).sin_cos_pi()  # of theta_J/2
        c = 2 * sine * sine
        ratio = -(-A * h * sine * cosine).expm1()
        total += (-A * c).exp() / ratio / M * s0 / (excess * excess + 2 * s0 * c).sqrt()
    return _upper(total)


def _side(p: _Point, N: arb, d: arb) -> arb:
    """Bound (7): the mean of |g| on either side of the strip, times 1/(e^(N d) - 1)."""
    A = p.A
    if d > 0.01:
        sinh, cosh = d.sinh_cosh()
        phi = A * (cosh - 1) + p.m * (sinh - d)
    else:  # without cancellation: cosh d - 1 <= d^2 cosh(d)/2 and sinh d - d <= d^3 cosh(d)/6
        phi = d * d * d.cosh() * (3 * A + p.m * d) / 6
    width = (arb.pi() * d.exp() / (8 * A)).sqrt()
    return (phi - N * d).exp() * arb.min(arb(1), width) / (1 - (-N * d).exp())


def _node_sum(p: _Point, s0: arb, excess: arb, rule: _Rule) -> arb:
    """(1/N) times the sum of Re(g K) over the nodes used, divided by s0; see (5) of the proofs."""
    m, A, M = p.m, p.A, rule.M
    sine, cosine = (1 / (2 * M)).sin_cos_pi()
    z = acb(cosine, sine)  # e^(i theta) by rotation
    turn = z * z
    theta = arb.pi() / (2 * M)
    step = 2 * theta
    square, twice = excess * excess, 2 * s0
    total = arb(0)
    for _ in range(rule.J):
        c1, s = z.real - 1, z.imag
        psi_s, psi_c = (m * (s - theta)).sin_cos()
        total += (A * c1).exp() * ((c1 - excess) * psi_c - s * psi_s) / (square - twice * c1)
        theta += step
        z *= turn
    return total / M


def _saddle(p: _Point, side_q: bool, terms: float) -> Scaled:
    """Q or P by the trapezoidal rule: Theorem 2, with t = ln s0 < 0 on the Q side and > 0 on the P side."""
    bits, size = ctx.prec, max(0.0, _log(p.A))
    rule = _rule(p, _tolerance(bits) + size / 2, terms)
    extra = 12 + int(size / _LN2)
    with working_precision(bits + min(extra, 4 * bits + 4000)):
        p = _point(p.m, p.a, p.b)
        m, a, b, A = p.m, p.a, p.b, p.A
        s0 = (m + A) / (b * b)
        excess, t = s0 - 1, s0.log()
        E = _exponent(m, a, b, A, t)
        crude = Scaled(-E if (t < 0 if side_q else t > 0) else arb(0), _UNIT)  # Chernoff's bound, Lemma 1 (b)
        if extra > 4 * bits + 4000:
            return crude  # rather than a precision out of proportion
        reach, margin = abs(t).mid(), (arb(0.5) * A.rsqrt()).mid()
        if abs(reach - rule.d) < margin:  # keep the strip's sides away from the pole
            rule = rule._replace(d=(reach + margin).mid())
        inside = reach < rule.d
        if not (abs(t) < rule.d if inside else abs(t) > rule.d):
            return crude  # a ball so wide that the pole is on no certain side
        factor = s0 * _node_sum(p, s0, excess, rule)
        if not side_q:
            factor, t = -factor, -t
        if inside:
            factor += E.exp() / (1 + (-2 * rule.M * t).exp())
    with working_precision(64):
        bound = _remainder(p, s0, excess, rule)
    factor += _within(bound)
    return Scaled(-E, factor) if factor.is_finite() and factor.rad() < 1 else crude


# The Poisson mixture (Theorems 3 and 4)


def _mixture_terms(p: _Point, side_q: bool, L: float, terms: float) -> int:
    """A number of terms that reaches the tolerance, times ``terms``; the bounds hold for any."""
    X, Y, m = _float(p.X), _float(p.Y), max(_float(p.m), 1e-300)
    log_x, log_y = _log(p.X), _log(p.Y)

    if side_q:

        def log_term(n: float) -> float:
            q = m + n
            tail = q * (1 + log_y - math.log(q)) - Y if q < Y else 0.0
            return (n * log_x if n else 0.0) - math.lgamma(n + 1) + tail

    else:

        def log_term(n: float) -> float:
            partial = X if n >= X else (n * (1 + log_x - math.log(n)) if n else 0.0)
            return n * log_y - math.lgamma(m + n + 1) + partial

    peak = max(0.0, (_float(p.A) - m) / 2)
    target = log_term(math.floor(peak)) - L - 4
    low, high = math.floor(peak), math.floor(peak) + 8
    while log_term(high) > target:
        low, high = high, high + 2 * (high - math.floor(peak))
    while high - low > max(1, high // 32):
        middle = (low + high) // 2
        low, high = (middle, high) if log_term(middle) > target else (low, middle)
    return max(2, round(terms * high))


def _mixture_p(p: _Point, terms: float) -> Scaled:
    """P by backward recurrence from an enclosure at the top (Theorem 3)."""
    m, X, Y = p.m, p.X, p.Y
    XY = X * Y
    n = _mixture_terms(p, False, _tolerance(ctx.prec), terms)
    top = m + n + 1
    M = 1 / (1 - Y / top) if top > Y else (top.lgamma() + Y - (top - 1) * Y.log()).exp()
    ratio = XY / ((n + 1) * top)
    H = M / (1 - ratio) if ratio < 1 else M * (2 * XY.sqrt()).exp()
    M, H = arb(1).union(M), arb(1).union(H)
    for j in range(n, 0, -1):
        r = Y / (m + j)
        M = 1 + r * M
        H = M + r * X * H / j
    return Scaled(m * Y.log() - X - Y - (m + 1).lgamma(), H)


def _fraction_exponent(n: int, y: float) -> float:
    """About -log of the relative error of n levels of the fraction: twice the logarithm of Laguerre's L_n(-y)."""
    x = y / (4 * n)
    return 4 * n * (math.asinh(math.sqrt(x)) + math.sqrt(x * (1 + x)) - x) if x < 1e6 else 2 * n * (1 + math.log(4 * x))


def _ladder_foot(f: arb, Y: arb, L: float, terms: float) -> arb:
    """w_f = Y^(1-f) e^Y Gamma(f, Y) for f < 2 (Lemma 5): the Stieltjes fraction, or Arb's function at small Y."""
    if f == 1:
        return arb(1)
    if not f < 2:  # from a wide ball m
        return arb.nan()
    y = _float(Y)
    most = 60 + int(L / 5)
    levels = next((n for n in range(2, most) if _fraction_exponent(n, y) > L), most)
    if levels < most:
        levels = max(2, round(terms * levels))
        x = 1 + arb(0).union(levels / Y)
        for k in range(levels - 1, -1, -1):
            x = 1 + (k + 1 - f) / (Y * x)
            if k:
                x = 1 + k / (Y * x)
        return 1 / x
    # Arb at the midpoints, with more bits for its cancellation, then the change over the input balls. At tiny orders
    # Arb's function is slow or loses everything, where order 0 does as well.
    f0, Y0 = f.mid(), Y.mid()
    bits, extra = ctx.prec, 30 + (int(1.5 * y) if y < L / 2 else 0) + max(0, int(-2 * _log(f)))
    if _log(f) + math.log(math.log1p(1 / y) if y > 1e-300 else -_log(Y)) < -ctx.prec * _LN2:
        f0, extra = arb(0), 20
    value = arb.nan()
    for _ in range(4):
        with working_precision(bits + extra):
            value = Y0.gamma_upper(f0) * (Y0 + (1 - f0) * Y0.log()).exp()
        missing = bits - max(0, value.rel_accuracy_bits())
        if missing <= 0:
            break
        extra += missing + 20
    change = _upper(abs(f - f0) * (1 + 2 / Y).log() + 2 * Y.rad() / Y)
    return value * (1 + _within(_upper(change.expm1())))


def _mixture_q(p: _Point, terms: float) -> Scaled:
    """Q by forward sums of positive terms (Theorem 4)."""
    m, X, Y = p.m, p.X, p.Y
    L = _tolerance(ctx.prec)
    XY, inverse = X * Y, 1 / Y
    n = _mixture_terms(p, True, L, terms)
    steps = max(0, math.ceil(_float(m)) - 1)  # f is at most 1, up to a rounding of _float
    f = m - steps
    w = _ladder_foot(f, Y, L, terms)
    for k in range(steps):
        w = 1 + (f + k) * w * inverse
    first = w
    total, c = w, arb(1)
    for j in range(n):
        q = m + j
        c = c * XY / (q * (j + 1))
        w = 1 + q * w * inverse
        total += c * w
    step, w_next = XY / ((m + n) * (n + 1)), 1 + (m + n) * w * inverse
    ratio = step * w_next / w  # of the first term left out, c step w_next, to the last one summed; it decreases
    tail = c * step * w_next / (1 - ratio) if ratio < 1 else X.exp() * (first + XY / m * (2 * XY.sqrt()).exp())
    return Scaled((m - 1) * Y.log() - X - Y - m.lgamma(), total + arb(0).union(tail))


# The kernels


def guard_bits(m: arb, a: arb, b: arb, *, log: bool = False) -> int:
    """About the bits that the parameters' conditioning takes from the relative accuracy of Q and P, or of their logs.

    With E the saddle's exponent, dE/dm = ln s0, dE/dX = 1 - 1/s0, dE/dY = 1 - s0; at s0 = 1 the second order counts.
    """
    if not b > 0:
        return 0
    size = max(0.0, _log((1 + a) * (1 + b) + m) / _LN2)
    if size > 20_000:
        return 0
    with working_precision(64 + int(size)):
        p = _point(m, a, b)
        s0 = (m + p.A) / (b * b)
        slopes = arb.max(abs(m * s0.log()), 2 * arb.max(p.X * abs(1 - 1 / s0), p.Y * abs(1 - s0)))
        slope = _log(slopes.abs_upper()) / _LN2
        E = _log(_exponent(m, a, b, p.A, s0.log()).abs_upper()) / _LN2
    if log:
        slope -= max(0.0, E)
    elif E > 33:  # not printable, or 1 to all digits
        return 0
    return 8 + int(max(slope, size / 2, 0.0))


def _smaller(m: arb, a: arb, b: arb, terms: float) -> tuple[bool, Scaled]:
    """(whether it is Q, the enclosure) for the side that is computed directly."""
    p = _point(m, a, b)
    side_q = _q_is_smaller(p)
    if _use_saddle(p, ctx.prec):
        return side_q, _saddle(p, side_q, terms)
    value = _mixture_q(p, terms) if side_q else _mixture_p(p, terms)
    finite = value.log_scale.is_finite() and value.factor.is_finite()
    return side_q, value if finite else Scaled(arb(0), _UNIT)


def _in_domain(m: arb, a: arb, b: arb) -> bool:
    """Whether every point of the balls has m > 0 and b > 0; elsewhere a probability is all that is known."""
    return m > 0 and b > 0 and m.is_finite() and a.is_finite() and b.is_finite()


def _kernel(m: arb, a: arb, b: arb, want_q: bool, terms: float) -> Scaled:
    if b == 0:
        return Scaled(arb(0), arb(1) if want_q else arb(0))
    if not _in_domain(m, a, b):
        return Scaled(arb(0), _UNIT)
    is_q, value = _smaller(m, a, b, terms)
    return value if is_q == want_q else Scaled(arb(0), 1 - value.value())


def _log_kernel(m: arb, a: arb, b: arb, want_q: bool, terms: float) -> arb | Scaled:
    if not _in_domain(m, a, b):
        return arb(0) if b == 0 and want_q else arb.nan()
    is_q, value = _smaller(m, a, b, terms)
    if is_q == want_q:
        return value.log()
    if value.log_scale > -(2**40):
        return (-value.value()).log1p()
    return Scaled(value.log_scale, -value.factor * (1 + arb(0).union((value.log_scale / 2).exp())))


def marcum_q_ball(m: arb, a: arb, b: arb, *, terms: float = 1.0) -> Scaled:
    """An enclosure of Q_m(a, b) for every point of the input balls, m > 0, a >= 0, b >= 0.

    ``terms`` multiplies the numbers of nodes and terms; the enclosure holds for every value of it.
    """
    return _kernel(m, a, b, True, terms)


def marcum_p_ball(m: arb, a: arb, b: arb, *, terms: float = 1.0) -> Scaled:
    """An enclosure of P_m(a, b) = 1 - Q_m(a, b) for every point of the input balls, m > 0, a >= 0, b >= 0.

    ``terms`` multiplies the numbers of nodes and terms; the enclosure holds for every value of it.
    """
    return _kernel(m, a, b, False, terms)


def log_marcum_q_ball(m: arb, a: arb, b: arb, *, terms: float = 1.0) -> arb | Scaled:
    """An enclosure of log Q_m(a, b), relatively sharp also where Q is nearly 1; as a negative Scaled where tiny."""
    return _log_kernel(m, a, b, True, terms)


def log_marcum_p_ball(m: arb, a: arb, b: arb, *, terms: float = 1.0) -> arb | Scaled:
    """An enclosure of log P_m(a, b), relatively sharp also where P is nearly 1; as a negative Scaled where tiny."""
    return _log_kernel(m, a, b, False, terms)
