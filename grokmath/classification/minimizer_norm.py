"""||S_inf|| of the inseparable side, lam < 1/2: the root of two equations in R = sigma ||S_inf|| and gamma, certified.

With w = W(gamma e^(R g)), g ~ N(0, 1),

    E[w/(1 + w)] = lam,        E[w**2] = lam R**2.

These are the conditions of stationarity of the convex-concave problem that the Gaussian min-max theorem puts in place
of the minimisation of the loss over S; that step is heuristic here (the exponential is not Lipschitz), the rest is
proved: the equations have at most one root, because the problem has one saddle point
(docs/proofs/minimizer_norm.md), and an interval Newton step (Krawczyk) shows that it exists and encloses it.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from flint import arb, ctx

from grokmath.classification.output_moments import Integrand, output_moments
from grokmath.exact import Exact, ball, binary_exponent, working_precision
from grokmath.parameters import PrecisionError

_FIRST_BITS = 96
_STEPS = 60
_ATTEMPTS = 12

NORM_EQUATIONS = (Integrand(lambda w: w, (1, 0, 0)), Integrand(lambda w: w * w * (1 + w), (0, 1, 1)))
"""E[w/(1 + w)] and E[w**2]."""

TOTAL_WEIGHT = Integrand(lambda w: w * (1 + w), (1, 1, 0))
"""E[w]."""

_DERIVATIVES = (
    Integrand(lambda w: w / (1 + w) ** 2, (1, 0, 0), 1, 2),
    Integrand(lambda w: w * (1 - 2 * w) / (1 + w) ** 4, (3, 0, 0), 1, 4),
    Integrand(lambda w: 2 * w * w, (0, 2, 0)),
    Integrand(lambda w: 2 * w * w * (2 + w) / (1 + w) ** 2, (0, 6, 0), 1, 2),
)
"""The derivatives by c = log gamma of both, and those by R over R, after integration by parts: on the strip
|1 + w|**2 >= 1 + |w|**2 where Re w >= 0, so that |1 - 2w|/|1 + w|**4 <= 3 and |2 + w|/|1 + w|**2 <= 3."""


class Point(NamedTuple):
    """log R and log(gamma/R)."""

    log_norm: arb
    log_ratio: arb

    @property
    def norm(self) -> arb:
        """R."""
        return self.log_norm.exp()

    @property
    def log_gamma(self) -> arb:
        """c = log gamma."""
        return self.log_norm + self.log_ratio


class _Linear(NamedTuple):
    """A 2 x 2 matrix by rows."""

    a: arb
    b: arb
    c: arb
    d: arb

    def times(self, x: arb, y: arb) -> tuple[arb, arb]:
        return self.a * x + self.b * y, self.c * x + self.d * y

    def inverse(self) -> _Linear:
        det = self.a * self.d - self.b * self.c
        return _Linear(self.d / det, -self.b / det, -self.c / det, self.a / det)


class InseparableMinimizer:
    """The root (R, gamma) for one 0 < lam < 1/2, enclosed to the working precision on demand and kept."""

    def __init__(self, lam: Exact, function: str = "minimizer_norm") -> None:
        self.lam = lam
        self._excess = Fraction(1, 2) - lam
        self._function = function
        self._point: Point | None = None
        self._accuracy = 0
        self._proved: tuple[int, Point] | None = None

    def enclose(self) -> Point:
        """Balls of radius about 2**-precision around log R and log(gamma/R), at flint's precision."""
        bits = ctx.prec
        if self._proved is None or self._proved[0] < bits:
            if self._point is None:
                self._approach()
            assert self._point is not None  # noqa: S101 - set by _approach
            proved = self._proved[0] if self._proved else 0
            bits = max(bits, self._guard(self._point.log_norm), 3 * proved // 2)  # who asks twice will ask again
            self._proved = bits, self._prove(bits)
        return self._proved[1]

    def total_weight(self) -> arb:
        """E[w]."""
        point = self.enclose()
        return output_moments(point.norm, point.log_gamma, [TOTAL_WEIGHT])[0]

    def minimal_loss(self) -> arb:
        """E[w]/gamma, the exponential loss without its bias at S_inf."""
        return self.total_weight() * (-self.enclose().log_gamma).exp()

    def _start(self) -> Point:
        """R sqrt(delta/lam) and gamma/(R sqrt lam) are smooth from lam = 0 to 1/2: cubics in sqrt(1 - 2 lam)."""
        lam, delta = ball(self.lam), ball(self._excess)
        r = (2 * delta).sqrt()
        u = arb(1.3092) - r * (arb(0.4708) + r * (arb(0.4716) - arb(0.3403) * r))
        v = arb(1.4986) - r * (arb(1.4647) - r * (arb(1.453) - arb(0.487) * r))
        log_norm = u.log() + (lam / delta).log() / 2
        return Point(log_norm, v.log() + lam.log() / 2)

    def _guard(self, log_norm: arb) -> int:
        """The two equations agree up to 1/R**2 for large R: bits lost in solving them."""
        return int(3 * max(0.0, float(log_norm) / 0.693)) + 16

    def _approach(self) -> None:
        """Newton's method from the start to about 40 bits."""
        with working_precision(_FIRST_BITS):
            point = self._start()
        guard = self._guard(point.log_norm)
        with working_precision(_FIRST_BITS + guard):
            for _ in range(_STEPS):
                point, size = self._newton(point)
                if size < -20:
                    self._point, self._accuracy = point, -2 * size - 4
                    return
        raise PrecisionError(f"{self._function}: Newton's method did not settle at lam = {self.lam}")

    def _residuals(self, point: Point) -> tuple[arb, arb]:
        R = point.norm
        first, second = output_moments(R, point.log_gamma, NORM_EQUATIONS)
        lam = ball(self.lam)
        return first - lam, second / (R * R) - lam

    def _jacobian(self, point: Point) -> _Linear:
        """The derivatives of both residuals by log R (at fixed gamma/R) and by log(gamma/R)."""
        R = point.norm
        square = R * R
        moments = output_moments(R, point.log_gamma, [*_DERIVATIVES, NORM_EQUATIONS[1]])
        by_c, by_R, second_by_c, second_by_R, second = moments
        return _Linear(
            square * by_R + by_c,
            by_c,
            second_by_R + (second_by_c - 2 * second) / square,
            second_by_c / square,
        )

    def _newton(self, point: Point) -> tuple[Point, int]:
        """The next point and about log2 of the step."""
        step = _middle(self._jacobian(point)).inverse().times(*(x.mid() for x in self._residuals(point)))
        size = max(binary_exponent(s) for s in step)
        limit = max(arb(1), arb(2) ** size)
        return Point(*((x - s / limit).mid() for x, s in zip(point, step, strict=True))), size

    def _prove(self, bits: int) -> Point:
        assert self._point is not None  # noqa: S101 - set by _approach
        guard = self._guard(self._point.log_norm)
        for attempt in range(_ATTEMPTS):
            enough = bits // 2 + guard
            while self._accuracy < enough:
                with working_precision(min(2 * self._accuracy, enough) + guard + 16):
                    self._point, size = self._newton(self._point)
                self._accuracy = max(-2 * size - 4, self._accuracy + 1)
            enclosure = self._krawczyk(bits, guard + 8)
            if enclosure is not None:
                return enclosure
            self._accuracy = bits // 4
            guard += 16 << attempt
        raise PrecisionError(f"{self._function}: the root was not enclosed to {bits} bits at lam = {self.lam}")

    def _krawczyk(self, bits: int, guard: int) -> Point | None:
        """x - C F(x) + (1 - C J(X)) (X - x): where it lies inside X it contains a root, which is the only one."""
        assert self._point is not None  # noqa: S101 - set by _approach
        x = self._point
        half = bits // 2 + 2 * guard + 32
        with working_precision(half):
            C = _middle(_middle(self._jacobian(x)).inverse())
        with working_precision(bits + guard):
            step = C.times(*self._residuals(x))
            radii = [abs(s).upper() * 2 + arb(2) ** (-bits // 2 - guard) for s in step]
            X = Point(*(arb(centre, radius.upper()) for centre, radius in zip(x, radii, strict=True)))
        with working_precision(half):
            J = self._jacobian(X)
        with working_precision(bits + guard):
            slack = [arb(0, radius.upper()) for radius in radii]
            rest = (
                (1 - C.a * J.a - C.b * J.c) * slack[0] - (C.a * J.b + C.b * J.d) * slack[1],
                (1 - C.c * J.b - C.d * J.d) * slack[1] - (C.c * J.a + C.d * J.c) * slack[0],
            )
            N = Point(*(centre - s + e for centre, s, e in zip(x, step, rest, strict=True)))
            inside = all(box.contains_interior(n) for box, n in zip(X, N, strict=True))
            if not inside or any(not n.rad() <= arb(2) ** (4 - bits) for n in N):
                return None
            self._point = Point(N.log_norm.mid(), N.log_ratio.mid())
            self._accuracy = bits
            return N


def _middle(matrix: _Linear) -> _Linear:
    return _Linear(*(entry.mid() for entry in matrix))
