"""The losses of the linear teacher-student model with all knobs together, as ball kernels in the time u.

For an eigenmode nu of the training covariance let K = nu + c and e = e^{-uK} (see ``knobs`` for c and u). Averaged over
the Marchenko-Pastur law, with the initial scale alpha, the noise sigma and d outputs,

    L_gen = (1/d) [alpha^2/2 E[e^2] + B] + sigma^2 lam N,       B = 1/2 E[((c + nu e)/K)^2],
    L_tr  = (1/d) [alpha^2/2 E[nu e^2] + 1/2 E[nu ((c + nu e)/K)^2]] + sigma^2 [1 - lam + 2 lam B],
    N = E[nu (1 - e)^2/K^2].

They hold for every lam > 0: eqs. (14), (38) of Levi, Beck and Bar Sinai, "Grokking in Linear Estimators", with the
dynamics of the noise put right. With V_ij(s) = E[nu^i e^{-s nu}/(nu + c)^j] over the continuous part of the law,

    2B = (1 - 1/lam)^+ + c^2 V_02(0) + 2c e^{-cu} V_12(u) + e^{-2cu} V_22(2u),

and 1 - lam + 2 lam B = (1 - lam)^+ + lam (2B - (1 - 1/lam)^+): every term of both losses is positive, nothing cancels.
"""

from __future__ import annotations

from typing import NamedTuple

from flint import arb, ctx

from grokmath.certified import Scaled
from grokmath.exact import Exact, ball, sign, working_precision
from grokmath.functions.laplace_certified import excess_ball, laplace_ball, train_ball
from grokmath.functions.noise_kernel_certified import noise_ball
from grokmath.functions.ridge_laplace_certified import ridge_balls
from grokmath.functions.ridge_laplace_pair import ridge_pair
from grokmath.functions.ridge_laplace_rule import Kind
from grokmath.regression.knobs import Knobs

__all__ = ["KnobLosses", "LossConstants"]


class LossConstants(NamedTuple):
    """Balls at one precision; those that decay or noise make are 0 without."""

    scale: arb  # (1 + alpha^2)/(2 d)
    half: arb  # 1/(2 d)
    alpha2: arb
    c: arb
    noise: arb  # sigma^2 lam
    floor: arb  # sigma^2 (1 - lam)^+
    v02: arb  # c^2 V_02(0) over the continuous part
    v12: arb  # V_12(0)
    atom: arb  # (1 - 1/lam)^+


class KnobLosses:
    """The losses of one set of knobs; every method works at flint's precision and takes a ball of u = rate * t >= 0.

    >>> from fractions import Fraction
    >>> from grokmath.exact import working_precision
    >>> knobs = Knobs(Fraction(1, 2), Fraction(1, 2), 1, Fraction(1, 200), Fraction(2), Fraction(3, 10))
    >>> with working_precision(100):
    ...     losses = KnobLosses(knobs)
    ...     for loss in (losses.gen(arb(10)), losses.train(arb(10))):
    ...         print(loss.value().str(20, radius=False))
    0.088719641494379822514
    0.047624027131453189826
    """

    def __init__(self, knobs: Knobs) -> None:
        self.knobs = knobs
        self._decays = sign(knobs.c) > 0
        self._noisy = sign(knobs.noise) > 0
        self._starts = sign(knobs.init_scale) > 0
        self._above = sign(knobs.lam - 1)
        self._at_precision: dict[int, LossConstants] = {}

    # Values

    def gen(self, u: arb) -> Scaled:
        """L_gen."""
        k = self.knobs
        if k.plain:
            loss = laplace_ball(2 * u, k.lam)
            return Scaled(loss.log_scale, loss.factor * self.constants().scale)
        if self._decays:
            return Scaled(arb(0), self._gen(u, self._noisy))
        return Scaled(arb(0), self.gen_falling(u) + self.gen_rising(u))

    def train(self, u: arb) -> Scaled:
        """L_tr."""
        k = self.knobs
        if k.plain:
            loss = train_ball(2 * u, k.lam)
            return Scaled(loss.log_scale, loss.factor * self.constants().scale)
        p = self.constants()
        if not self._decays:
            train, excess = train_ball(2 * u, k.lam), excess_ball(2 * u, k.lam)
            factor = train.factor * p.scale + p.noise * excess.factor
            if self._above >= 0:
                return Scaled(train.log_scale, factor)
            return Scaled(arb(0), train.log_scale.exp() * factor + p.floor)
        pair = ridge_pair(u, k.c, k.lam, gen=self._noisy, train=True)
        bias = p.c * p.c * p.v12 + 2 * p.c * pair.v22 + pair.w32
        if self._starts:
            bias += p.alpha2 * ((-2 * p.c * u).exp() * train_ball(2 * u, k.lam).value())
        total = bias * p.half
        if self._noisy:
            total += p.noise * (p.v02 + 2 * p.c * pair.v12 + pair.w22) + p.floor
        return Scaled(arb(0), total)

    def gen_falling(self, u: arb) -> arb:
        """The part of L_gen from the initial weights and the teacher, decreasing in u."""
        if self._decays:
            return self._gen(u, False)
        return laplace_ball(2 * u, self.knobs.lam).value() * self.constants().scale

    def gen_rising(self, u: arb) -> arb:
        """The part of L_gen from the labels' noise, sigma^2 lam E[nu (1 - e)^2/K^2], increasing in u."""
        if not self._noisy:
            return arb(0)
        return self.constants().noise * noise_ball(u, self.knobs.c, self.knobs.lam)

    def _gen(self, u: arb, noisy: bool) -> arb:
        """L_gen with decay, with or without what the noise adds."""
        k, p = self.knobs, self.constants()
        pair = ridge_pair(u, k.c, k.lam, gen=True, noise=noisy)
        total = p.atom + p.v02 + 2 * p.c * pair.v12 + pair.w22
        if self._starts:
            total += p.alpha2 * ((-2 * p.c * u).exp() * laplace_ball(2 * u, k.lam).value())
        total *= p.half
        if noisy:
            total += p.noise * pair.noise
        return total

    # Slopes

    def gen_slope_parts(self, u: arb) -> tuple[arb, arb]:
        """(up, down), both >= 0 and decreasing in u, with dL_gen/du = up - down.

        up = (2 sigma^2 lam - c/d)^+ e^{-cu} V_11(u); down holds the rest: (c/d - 2 sigma^2 lam)^+ e^{-cu} V_11(u) +
        e^{-2cu} {(1/d) [alpha^2 (E[nu e^{-2u nu}] + c E[e^{-2u nu}]) + V_21(2u)] + 2 sigma^2 lam V_11(2u)}.
        """
        k = self.knobs
        once = self._decay(u)
        slow = k.overfitting
        twice = arb(0)
        if not self._decays:
            train = train_ball(2 * u, k.lam).value()
            down = 2 * ball(k.scale) * train
            if self._noisy:
                down += ball(2 * k.noise * k.lam) * excess_ball(2 * u, k.lam).value()
                twice = ball(slow) * excess_ball(u, k.lam).value()
            return twice, down
        h, ratio = self._values(2 * u, (1, 1), (2, 1))
        if sign(k.alpha_squared):
            start = train_ball(2 * u, k.lam).value() + ball(k.c) * laplace_ball(2 * u, k.lam).value()
            ratio += ball(k.alpha_squared) * start
        down = once * once * (ratio / k.d_out + ball(2 * k.noise * k.lam) * h)
        if not sign(slow):
            return arb(0), down
        (first,) = self._values(u, (1, 1))
        part = ball(slow) * once * first
        return (part, down) if sign(slow) > 0 else (arb(0), down - part)

    def train_slope(self, u: arb) -> arb:
        """dL_tr/du < 0: the training loss falls at all times.

        It is -(1/d) [alpha^2 e^{-2cu} (E[nu^2 e^{-2u nu}] + c E[nu e^{-2u nu}]) + c e^{-cu} V_21(u) + e^{-2cu}
        V_31(2u)] - 2 sigma^2 lam [c e^{-cu} V_11(u) + e^{-2cu} V_21(2u)].
        """
        k = self.knobs
        noise = ball(2 * k.noise * k.lam)
        if not self._decays:
            second, first = self._values(2 * u, (2, 0), (1, 0))
            return -(2 * ball(k.scale) * second + noise * first)
        c, once = ball(k.c), self._decay(u)
        h, slow = self._values(u, (1, 1), (2, 1))
        ratio, higher, first, second = self._values(2 * u, (2, 1), (3, 1), (1, 0), (2, 0))
        bias = c * once * slow + once * once * (higher + ball(k.alpha_squared) * (second + c * first))
        return -(bias / k.d_out + noise * (c * once * h + once * once * ratio))

    # Limits

    def gen_limit(self) -> arb:
        """L_gen as u -> infinity: [(p-1)^2/(2d) + sigma^2 lam]/(p^2 - lam), p the larger root of p + lam/p = 1+lam+c.

        Without decay: sigma^2 lam/(1 - lam) below lam = 1, scale (1 - 1/lam) + sigma^2/(lam - 1) above, and infinite at
        lam = 1 with noise.
        """
        exact = self.gen_limit_exact()
        if exact is not None:
            return ball(exact)
        if not self._decays:
            return arb.pos_inf()
        p = self.constants()
        return (p.atom + p.v02) * p.half + p.noise * p.v12

    def train_limit(self) -> arb:
        """L_tr as u -> infinity: c^2/(2d (p^2 - lam)) + sigma^2 [1 - lam + lam (p-1)^2/(p^2 - lam)]."""
        exact = self.train_limit_exact()
        if exact is not None:
            return ball(exact)
        p = self.constants()
        return p.c * p.c * p.v12 * p.half + p.noise * p.v02 + p.floor

    def gen_limit_exact(self) -> Exact | None:
        """The limit of L_gen where no root has to be taken: without decay, but for lam = 1 with noise."""
        k = self.knobs
        if self._decays or (self._above == 0 and self._noisy):
            return None
        if self._above <= 0:
            return k.noise * k.lam / (1 - k.lam) if self._noisy else 0 * k.lam
        limit: Exact = k.scale * (1 - 1 / k.lam) + k.noise / (k.lam - 1)
        return limit

    def train_limit_exact(self) -> Exact | None:
        """The limit of L_tr where no root has to be taken: without decay, sigma^2 (1 - lam)^+."""
        if self._decays:
            return None
        return self.knobs.noise * (1 - self.knobs.lam) if self._above < 0 else 0 * self.knobs.lam

    # Parts

    def constants(self) -> LossConstants:
        """The constants at flint's precision, with a few bits to spare."""
        bits = ctx.prec
        known = self._at_precision.get(bits)
        if known is None:
            with working_precision(bits + 32):
                known = self._at_precision[bits] = self._make()
        return known

    def _make(self) -> LossConstants:
        k, zero = self.knobs, arb(0)
        v02 = v12 = zero
        if self._decays:
            values = ridge_balls(zero, k.c, k.lam, kinds=((0, 2), (1, 2)))
            v02, v12 = ball(k.c * k.c) * values[(0, 2)].factor, values[(1, 2)].factor
        return LossConstants(
            scale=ball(k.scale),
            half=1 / arb(2 * k.d_out),
            alpha2=ball(k.alpha_squared),
            c=ball(k.c),
            noise=ball(k.noise * k.lam),
            floor=ball(k.noise * (1 - k.lam)) if self._above < 0 else zero,
            v02=v02,
            v12=v12,
            atom=ball((k.lam - 1) / k.lam) if self._above > 0 else zero,
        )

    def _decay(self, u: arb) -> arb:
        """e^{-cu}."""
        return (-self.constants().c * u).exp()

    def _values(self, s: arb, *kinds: Kind) -> list[arb]:
        values = ridge_balls(s, self.knobs.c, self.knobs.lam, kinds=kinds)
        return [values[kind].value() for kind in kinds]
