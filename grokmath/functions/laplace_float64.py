"""The Laplace transform of the Marchenko-Pastur law in double precision, scalar and vectorised.

Definition. For the law of ratio lam > 0, which has the density sqrt((nu_+ - nu)(nu - nu_-))/(2 pi lam nu) between
nu_-+ = (1 -+ sqrt(lam))**2 and, for lam > 1, an atom 1 - 1/lam at 0, and for s = rate t,

    G(s; lam) = E[exp(-s nu)]                                       (the generalization loss),
    -G'(s; lam) = E[nu exp(-s nu)] = exp(-(1 + lam) s) I_1(x)/(x/2),  x = 2 sqrt(lam) s     (the training loss):

Levi, Beck and Bar Sinai, "Grokking in Linear Estimators", eqs. (8) and (19), with rate = 4 eta.

Method. With q = min(lam, 1/lam), s' = max(lam, 1) s, kappa = min(1, 1/lam) and A = (1 - sqrt(lam))**2 s, duality reads
G(s; lam) = (1 - 1/lam)^+ + kappa g with g = G(s'; q), and

    exp(A) g = (2/pi) int_0^pi exp(-x (1 - cos phi)) sin(phi)**2/nu dphi,   nu = 1 + q - 2 sqrt(q) cos(phi),

with x = 2 sqrt(q) s'. Without the 1/nu this is exp(A) times the training loss. The rules, for t from 0 up:

1. s' <= 0.7: 1 - g = exp(-(1+q) s') sum_{k>=1} D_k s'**k/k!, D_1 = 1, D_{k+1} = (1+q) D_k + [k = 2j] C_j q**j with
   Catalan's C_j, all positive. As D_k <= (1+q)**k, 21 terms leave less than 3e-18 of the sum, which is at least s'.
   The training loss, for x <= 2: exp(-(1+q) s') sum_{k>=0} (x/2)**(2k)/(k! (k+1)!); 12 terms leave 4e-19.
2. x <= 20: the Gauss rule with 24 nodes of the law itself; for the training loss, of the semicircle law. Its orthogonal
   polynomials give the nodes, sin(25 phi) = sqrt(q) sin(24 phi), and positive weights. It is exact up to degree 47, and
   exp(-x (1 - y)) = exp(-x) (I_0(x) + 2 sum I_k(x) T_k(y)), so it errs by at most 4 exp(-x) sum_{k>=48} I_k(x).
   At x = 20 this is below 2**-60 of exp(-x) I_1(x)/(x/2), hence of the result for every q; for smaller x it is less.
3. x > 20: put 1 - cos(phi) = v**2/x. The integrand becomes v**2 sqrt(1 - v**2/(2x)) exp(-v**2)/(A + v**2), and the
   midpoint rule with step h = 0.43 errs by the order of exp(-(pi/h)**2) = 7e-24, once the poles v = +-i sqrt(A) inside
   the strip |Im v| < pi/h have their residues taken out: pi sqrt(A) (1 + sqrt(q))/(2 q**(1/4)) exp(A)/(1 + exp(2 pi
   sqrt(A)/h)). The first node left out, v = 6.665, has exp(-v**2) = 5e-20. In all less than 3e-18, uniformly through
   lam = 1.
4. The same without residues, for sqrt(A) >= pi/h. Beyond A = 746, g underflows.

exp(-A) takes A to twice the working precision. The constants are computed from the exact lam and rate, once, and
rounded once. Logarithms are log1p(-(1 - G)) where G > 1/2, else log(exp(A) g) - A or log(G): they keep their relative
accuracy where G tends to 1 and where it has underflowed.

Accuracy: measured, not proved; docs/accuracy_float64_laplace.md gives it by region.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from grokmath.functions.double_double import Multiple, nearest_double
from grokmath.functions.piecewise import Mathematics, Piecewise, Rule, horner
from grokmath.parameters import domain_error

if TYPE_CHECKING:
    from flint import arb

    from grokmath.exact import Exact

__all__ = ["LaplaceFloat64"]

_SERIES_END = 0.7  # in s'
_SERIES_TERMS = 21
_TRAIN_SERIES_END = 2.0  # in x
_TRAIN_SERIES_TERMS = 12
_GAUSS_END = 20.0  # in x; the last node of the midpoint rule needs 2 x > v**2 = 38.9
_GAUSS_NODES = 24
_STEP = 0.43
_MIDPOINT_NODES = 15
_STRIP = math.pi / _STEP
_DEAD = 746.0  # exp(-746) rounds to 0
_TINY = 2.0**-1022
_BITS = 320
_LARGEST_RATE = Fraction(10) ** 300

_Nodes = tuple[tuple[float, float], ...]


def _gauss_nodes(root: arb) -> list[tuple[arb, arb]]:
    """(phi, weight) of the Gauss rule of the law with sqrt(q) = ``root``, to over 150 bits, in rising order of phi.

    The n-th orthogonal polynomial at nu = 1 + q - 2 root cos(phi) is (sin((n+1) phi) - root sin(n phi))/sin(phi) up to
    sign, as the law's Jacobi matrix has diagonal 1, 1 + q, 1 + q, ... and off-diagonal root; the formula of Christoffel
    and Darboux gives the weights.
    """
    from flint import arb

    n, r = _GAUSS_NODES, float(root)
    nodes = []
    for j in range(1, n + 1):
        low, high = (j - 0.5) * math.pi / (n + 0.5), j * math.pi / (n + 1)  # the node where root is 1, and 0
        sign = -1.0 if j % 2 else 1.0
        for _ in range(50):
            middle = 0.5 * (low + high)
            if sign * (math.sin((n + 1) * middle) - r * math.sin(n * middle)) < 0:
                low = middle
            else:
                high = middle
        phi = arb(low)
        for _ in range(3):  # Newton, from 45 bits or more
            slope = (n + 1) * (phi * (n + 1)).cos() - root * n * (phi * n).cos()
            phi = (phi - ((phi * (n + 1)).sin() - root * (phi * n).sin()) / slope).mid()
        nu = 1 + root**2 - 2 * root * phi.cos()
        slope = (n + 1) * (phi * (n + 1)).cos() - root * n * (phi * n).cos()
        nodes.append((phi, -2 * phi.sin() ** 3 / (nu * slope * (phi * n).sin())))
    return nodes


@functools.cache
def _semicircle_nodes() -> tuple[tuple[arb, arb], ...]:
    """(phi, weight) of the Gauss rule of (2/pi) sin(phi)**2 dphi, in rising order of phi."""
    from flint import arb

    angles = [arb.pi() * j / (_GAUSS_NODES + 1) for j in range(1, _GAUSS_NODES + 1)]
    return tuple((phi, 2 * phi.sin() ** 2 / (_GAUSS_NODES + 1)) for phi in angles)


@functools.cache
def _midpoint_nodes() -> tuple[tuple[arb, arb], ...]:
    """(v**2, h v**2 exp(-v**2)) for v = h/2, 3h/2, ..."""
    from flint import arb

    squares = [(arb(_STEP) * (2 * j + 1) / 2) ** 2 for j in range(_MIDPOINT_NODES)]
    return tuple((v2, arb(_STEP) * v2 * (-v2).exp()) for v2 in squares)


def _scaled_midpoint_nodes(scale: arb) -> _Nodes:
    """The nodes of rule 3 as doubles, the last first: then the small terms are summed first."""
    return tuple((nearest_double(v2), nearest_double(scale * weight)) for v2, weight in reversed(_midpoint_nodes()))


def _end(limit: float, c: arb) -> float:
    """The t at which c t reaches the limit."""
    return nearest_double(limit / c) if c > 0 else math.inf


def _exponential_sum(nodes: _Nodes, t: Any, m: Mathematics) -> Any:
    """sum weight * exp(exponent * t)."""
    total = 0.0
    for exponent, weight in nodes:
        total = total + weight * m.exp(exponent * t)
    return total


def _decay(a: Multiple, t: Any, m: Mathematics) -> Any:
    """exp(-a t)."""
    high, low = a.times_exactly(t)
    return m.exp(-high) * (1.0 - low)


class _Constants:
    """The balls that the rules are made from, at the working precision."""

    def __init__(self, lam: Exact, rate: Exact) -> None:
        from flint import arb

        from grokmath.exact import ball

        self.lam, self.rate = ball(lam), ball(rate)
        self.gap = ball(1 - lam)  # formed exactly: the difference of balls would lose digits near lam = 1
        self.accurate = lam == 1 or self.gap.rel_accuracy_bits() > _BITS // 2
        self.above = lam > 1
        self.kappa = 1 / self.lam if self.above else arb(1)
        self.q = 1 / self.lam if self.above else self.lam
        self.root = self.q.sqrt()
        self.a = (self.gap / (1 + self.lam.sqrt())) ** 2 * self.rate
        self.x = 2 * self.lam.sqrt() * self.rate
        self.s = self.rate / self.kappa
        self.total = (1 + self.lam) * self.rate

    def exponents(self, x: Multiple, nodes: Iterator[tuple[arb, arb]], scale: arb | int = 1) -> _Nodes:
        """Gauss nodes, the last first, as (-c (1 - cos(phi)), scale * weight), where x = c t' for x.shifted(t) = t'."""
        from flint import arb

        c = arb(x.high) + arb(x.low)
        return tuple((nearest_double(-2 * c * (phi / 2).sin() ** 2), nearest_double(scale * w)) for phi, w in nodes)


_Factor = Callable[[Any, Mathematics], tuple[Any, Any]]
"""Two numbers with the product kappa exp(A) g; apart, they neither overflow nor underflow for a finite A."""


class _Generalization:
    """The rules for G and log G."""

    def __init__(self, c: _Constants) -> None:
        from flint import arb

        self.a, self.x, self.s, self.total = Multiple(c.a), Multiple(c.x), Multiple(c.s), Multiple(c.total)
        self.kappa = nearest_double(c.kappa)
        self.plateau = nearest_double(-c.gap / c.lam) if c.above else 0.0
        self.log_plateau = nearest_double((-c.gap / c.lam).log()) if c.above else -math.inf
        self.series = tuple(self._series_coefficients(c))
        self.nodes = c.exponents(self.x, reversed(_gauss_nodes(c.root)), c.kappa)
        # x**(-1/2) = r t**(-1/2); what rounding r loses is made good in the weights.
        self.r = nearest_double(1 / c.x.sqrt())
        repair = 1 / (c.x.sqrt() * arb(self.r)) if self.r < math.inf else arb(1)
        scale = c.kappa * repair * arb(8).sqrt() / (arb.pi() * c.root)
        self.midpoint = _scaled_midpoint_nodes(scale)
        self.y = nearest_double(c.a.sqrt())
        self.residue = nearest_double(scale * arb.pi() * (1 + c.root) / (2 * c.root.sqrt()))

        ends = [_end(_SERIES_END, c.s), _end(_GAUSS_END, c.x), _end(_STRIP**2, c.a)]
        dead = _end(_DEAD, c.a)
        ends_of_value = [min(end, dead) for end in [*ends, dead]]
        factors = (self.gauss, self.near, self.far)
        if c.above:
            values = [self.value_above(factor) for factor in factors]
            logs = [self.log_above(factor) for factor in factors]
            self.value = Piecewise([self.series_value, *values, lambda t, m: self.plateau], ends_of_value)
            self.log = Piecewise([self.series_log, *logs, lambda t, m: self.log_plateau], ends_of_value)
        else:
            values = [self.value_below(factor) for factor in factors]
            logs = [self.log_below(factor) for factor in factors]
            self.value = Piecewise([self.series_value, *values, lambda t, m: 0.0], ends_of_value)
            self.log = Piecewise([self.series_log, *logs], ends)

    @staticmethod
    def _series_coefficients(c: _Constants) -> Iterator[float]:
        """kappa D_k/k! for k = 1, 2, ..."""
        from flint import arb

        d, power = arb(1), arb(1)
        for k in range(1, _SERIES_TERMS + 1):
            yield nearest_double(c.kappa * d / math.factorial(k))
            d *= 1 + c.q
            if k % 2 == 0:
                power *= c.q
                d += math.comb(k, k // 2) // (k // 2 + 1) * power

    def deficit(self, t: Any, m: Mathematics) -> Any:
        """Rule 1: 1 - G."""
        s = self.s.times(t)
        return s * horner(self.series, s) * m.exp(-self.total.times(t))

    def series_value(self, t: Any, m: Mathematics) -> Any:
        """G by rule 1."""
        return 1.0 - self.deficit(t, m)

    def series_log(self, t: Any, m: Mathematics) -> Any:
        """log G by rule 1; + 0.0 makes it 0.0, not -0.0, at t = 0."""
        return m.log1p(-self.deficit(t, m)) + 0.0

    def gauss(self, t: Any, m: Mathematics) -> tuple[Any, Any]:
        """Rule 2."""
        return 1.0, _exponential_sum(self.nodes, self.x.shifted(t), m)

    def far(self, t: Any, m: Mathematics) -> tuple[Any, Any]:
        """Rule 4."""
        r = self.r / m.sqrt(t)
        return r, self._midpoint_sum(r, t, m)

    def near(self, t: Any, m: Mathematics) -> tuple[Any, Any]:
        """Rule 3: rule 4 less the residues."""
        root_t = m.sqrt(t)
        r = self.r / root_t
        y = self.y * root_t
        residues = self.residue * y * m.exp(y * (y - 2.0 * _STRIP)) / (1.0 + m.exp(-2.0 * _STRIP * y))
        return r, self._midpoint_sum(r, t, m) - residues

    def _midpoint_sum(self, r: Any, t: Any, m: Mathematics) -> Any:
        z = 0.5 * r * r
        a = self.a.times(t)
        total = 0.0
        for v2, weight in self.midpoint:
            total = total + weight * m.sqrt(1.0 - v2 * z) / (a + v2)
        return total

    def part(self, factor: _Factor, t: Any, m: Mathematics) -> Any:
        """kappa g."""
        r, rest = factor(t, m)
        return _decay(self.a, t, m) * (r * rest)

    def value_below(self, factor: _Factor) -> Rule:
        """G for lam <= 1."""
        return lambda t, m: self.part(factor, t, m)

    def value_above(self, factor: _Factor) -> Rule:
        """G for lam > 1."""
        return lambda t, m: self.plateau + self.part(factor, t, m)

    def log_below(self, factor: _Factor) -> Rule:
        """log G for lam <= 1; the sum behind ``rest`` vanishes only where A is infinite."""

        def rule(t: Any, m: Mathematics) -> Any:
            r, rest = factor(t, m)
            return m.log(r) + m.log(m.maximum(rest, _TINY)) - self.a.times(t)

        return rule

    def log_above(self, factor: _Factor) -> Rule:
        """log G for lam > 1, by 1 - G = kappa - kappa g where G > 1/2."""

        def rule(t: Any, m: Mathematics) -> Any:
            part = self.part(factor, t, m)
            value = self.plateau + part
            return m.where(value > 0.5, m.log1p(m.maximum(part - self.kappa, -0.75)), m.log(value))

        return rule


class _Training:
    """The rules for -G' and its logarithm; the factors are 2 exp(-x) I_1(x)/x."""

    def __init__(self, c: _Constants) -> None:
        from flint import arb

        self.a, self.x, self.total = Multiple(c.a), Multiple(c.x), Multiple(c.total)
        self.series = tuple(1 / (math.factorial(k) * math.factorial(k + 1)) for k in range(_TRAIN_SERIES_TERMS))
        self.nodes = c.exponents(self.x, reversed(_semicircle_nodes()))
        # Rule 3 goes as x**(-3/2); what rounding the constant of x changes is made good in the weights.
        repair = (arb(self.x.high) / (arb(self.x.high) + arb(self.x.low))).sqrt() ** 3
        self.midpoint = _scaled_midpoint_nodes(repair * arb(32).sqrt() / arb.pi())
        self.r = nearest_double(1 / c.x.sqrt())

        ends = [_end(_TRAIN_SERIES_END, c.x), _end(_GAUSS_END, c.x)]
        dead = _end(_DEAD, c.a)
        values = [self.series_value, self.gauss_value, self.midpoint_value, lambda t, m: 0.0]
        self.value = Piecewise(values, [min(end, dead) for end in [*ends, dead]])
        self.log = Piecewise([self.series_log, self.gauss_log, self.midpoint_log], ends)

    def series_value(self, t: Any, m: Mathematics) -> Any:
        """Rule 1."""
        half = 0.5 * self.x.times(t)
        return _decay(self.total, t, m) * horner(self.series, half * half)

    def series_log(self, t: Any, m: Mathematics) -> Any:
        """Its logarithm."""
        half = 0.5 * self.x.times(t)
        w = half * half
        return m.log1p(w * horner(self.series[1:], w)) - self.total.times(t)

    def gauss_factor(self, t: Any, m: Mathematics) -> Any:
        """Rule 2."""
        return _exponential_sum(self.nodes, self.x.shifted(t), m)

    def gauss_value(self, t: Any, m: Mathematics) -> Any:
        """Rule 2."""
        return _decay(self.a, t, m) * self.gauss_factor(t, m)

    def gauss_log(self, t: Any, m: Mathematics) -> Any:
        """Its logarithm."""
        return m.log(self.gauss_factor(t, m)) - self.a.times(t)

    def midpoint_value(self, t: Any, m: Mathematics) -> Any:
        """Rule 3; there is no pole."""
        x = self.x.times(t)
        return _decay(self.a, t, m) * (self._midpoint_sum(0.5 / x, m) / (x * m.sqrt(x)))

    def midpoint_log(self, t: Any, m: Mathematics) -> Any:
        """Its logarithm, by r = x**(-1/2): x**(-3/2) may underflow where A is small, and x overflow."""
        r = self.r / m.sqrt(t)
        return m.log(self._midpoint_sum(0.5 * r * r, m)) + 3.0 * m.log(r) - self.a.times(t)

    def _midpoint_sum(self, z: Any, m: Mathematics) -> Any:
        total = 0.0
        for v2, weight in self.midpoint:
            total = total + weight * m.sqrt(1.0 - v2 * z)
        return total


class LaplaceFloat64:
    """G(s; lam) = E[exp(-s nu)], -G' and their logarithms at s = rate t, in float64.

    ``lam`` > 0 and ``rate`` > 0 with max(lam, 1) rate <= 1e300 are exact (``Fraction`` or ``ExactAlgebraic``); the
    constants are made from them once. The methods take finite t >= 0 (not checked) as exact binary numbers: a scalar
    gives a Python float, an array an ndarray of the same shape. Arrays are worked off in blocks, with a few MB beside
    input and output. Results that underflow are 0 and subnormal results have fewer digits, both in silence.

    Accuracy (measured, not proved): relative error below 1e-15 for the losses and 1.5e-15 for their logarithms.

    >>> import numpy as np
    >>> law = LaplaceFloat64(Fraction(1, 2))
    >>> abs(law.gen_loss(8.0) / 0.048861865941753593036 - 1) < 1e-15
    True
    >>> law.gen_loss(np.array([0.0, 1e10])), law.train_loss(0)
    (array([1., 0.]), 1.0)
    >>> round(law.log_gen_loss(1e10))
    -857864409
    """

    def __init__(self, lam: Exact, rate: Exact = Fraction(1)) -> None:
        from grokmath.exact import working_precision

        if rate > _LARGEST_RATE or lam * rate > _LARGEST_RATE:
            wanted = "max(lam, 1) * rate <= 1e300 in float64"
            raise domain_error("LaplaceFloat64", "rate", rate, wanted, "ask for digits to go beyond")
        self._parameters = (lam, rate)
        bits = _BITS
        while True:
            with working_precision(bits):
                constants = _Constants(lam, rate)
                if constants.accurate:
                    self._generalization = _Generalization(constants)
                    self._training = _Training(constants)
                    return
            bits *= 2

    def __reduce__(self) -> tuple[type[LaplaceFloat64], tuple[Exact, Exact]]:
        return (LaplaceFloat64, self._parameters)

    def gen_loss(self, t: Any) -> Any:
        """G(s; lam), the generalization loss at time t."""
        return self._generalization.value(t)

    def train_loss(self, t: Any) -> Any:
        """-G'(s; lam), the training loss at time t."""
        return self._training.value(t)

    def log_gen_loss(self, t: Any) -> Any:
        """log G(s; lam), with full relative accuracy as t tends to 0 and after G has underflowed."""
        return self._generalization.log(t)

    def log_train_loss(self, t: Any) -> Any:
        """log(-G'(s; lam)), likewise."""
        return self._training.log(t)
