"""Ball kernels of the two-point model: its state and its clocks as functions of the pull V.

With a = 1 - 2 lam, p = 1 + a, s = 1/sigma**2, c = eta/2 and S the rescaled weight, gradient flow on the exponential
loss of the two points is

    dS/dt = (c/s) exp(b) (exp(-S) - a exp(a S)),    db/dt = -c exp(b) (exp(-S) + exp(a S)).

The pull of the second point, V = (c/s) int_0^t exp(b + a S) dt', grows from 0 without bound in every regime, and in it
the state is elementary: with zeta0 = exp(-p S0) - a,

    S = S0 + log1p(zeta0 (1 - exp(-a p V))/a)/p,    b = b0 - s (S - S0) - s p V.

Time is t = (s/c) exp(-b - a S) D(V), where the dwell D is the integral

    D(V) = int_0^V exp(g(V') - g(V)) dV',   g(V) = (s - a) S + s p V,   so that d log t/dV = 1/D and D' = 1 - g' D.

Conformal time is the same with s = 0 in g and without the factor exp(-b). The integral is an incomplete beta function;
here it is computed by Gauss-Legendre quadrature on panels that shrink towards the singularity behind V = 0, because
that is as accurate where the hypergeometric series have huge parameters (lam near 1/2 and 1, small sigma). Its error
bound is proved in docs/proofs/two_point.md.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

from flint import arb, ctx

from grokmath.classification.two_point_dwell import Dwell
from grokmath.exact import Exact, ball

__all__ = ["Flow", "FlowBalls", "State"]

_KEPT = 6


class State(NamedTuple):
    """The rescaled weight S, its growth S - S0, the bias b, and w = 1 - a exp(p S)."""

    weight: arb
    gain: arb
    bias: arb
    w: arb


class Flow:
    """Exact parameters of the flow; ``weight0`` None starts at the minimiser S*, which needs a > 0."""

    def __init__(self, a: Exact, s: Exact, c: Exact, weight0: Exact | None, bias0: Exact) -> None:
        self.a, self.s, self.c, self.weight0, self.bias0 = a, s, c, weight0, bias0
        self._kept: OrderedDict[int, FlowBalls] = OrderedDict()

    def balls(self) -> FlowBalls:
        """The parameters as balls at the working precision."""
        found = self._kept.get(ctx.prec)
        if found is None:
            found = self._kept[ctx.prec] = FlowBalls(self)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found


class FlowBalls:
    """The flow at the working precision of its creation; methods take and return balls."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.a, self.s, self.c, self.b0 = ball(flow.a), ball(flow.s), ball(flow.c), ball(flow.bias0)
        self.p = ball(1 + flow.a)
        self.rate = self.s * self.p
        if flow.weight0 is None:
            self.s0 = -self.a.log() / self.p
            self.x0, self.zeta0 = self.a, arb(0)
        else:
            self.s0 = ball(flow.weight0)
            self.x0 = (-self.p * self.s0).exp()
            near = abs(self.p * self.s0) < 1  # where x0 - a may cancel, lam = 0 above all
            self.zeta0 = (-self.p * self.s0).expm1() + ball(1 - flow.a) if near else self.x0 - self.a
        self.w0 = self.zeta0 / self.x0

    # The state.

    def reach(self, v: arb) -> arb:
        """(1 - exp(-a p V))/a, which is p V at a = 0."""
        if self.flow.a == 0:
            return self.p * v
        return -(-self.a * self.p * v).expm1() / self.a

    def gain(self, v: arb) -> arb:
        """S - S0, to full relative accuracy."""
        if self.flow.a == -1:
            return 2 * v
        far = -self.a * self.p * v
        if far > 64:  # lam > 1/2, late: the ratio's logarithm without its exponential, which may be beyond any ball
            late = self.x0 / self.a
            return (far + (1 - late + late * (-far).exp()).log()) / self.p
        grown = self.zeta0 * self.reach(v)
        return (grown.log1p() if abs(grown) < 0.5 else self._ratio(v).log()) / self.p

    def _ratio(self, v: arb) -> arb:
        """exp(p (S - S0)) as a sum of positive terms."""
        return (-self.a * self.p * v).exp() + self.x0 * self.reach(v)

    def x(self, v: arb) -> arb:
        """exp(-p S)."""
        far = -self.a * self.p * v
        if far > 64:
            late = self.x0 / self.a
            decay = (-far).exp()
            return self.x0 * decay / (1 - late + late * decay)
        return self.x0 / self._ratio(v)

    def w(self, v: arb) -> arb:
        """1 - a exp(p S), to full relative accuracy."""
        return self.w0 * (-self.a * self.p * v).exp()

    def state(self, v: arb) -> State:
        """Weight, its growth, bias and w at the pull V."""
        gain, w = self.gain(v), self.w(v)
        # at lam = 0 the minimiser is 0, which S0 + (S - S0) approaches by cancellation
        weight = (-w).log1p() / 2 if self.flow.a == 1 and abs(w) < 0.5 else self.s0 + gain
        return State(weight, gain, self.b0 - self.s * gain - self.rate * v, w)

    def pull(self, gain: arb) -> arb:
        """The inverse of ``gain``; not finite where the growth S - S0 is not reached."""
        if self.flow.a == -1:
            return gain / 2
        ratio = (self.p * gain).expm1() / self.zeta0
        if self.flow.a == 0:
            return ratio
        grown = -self.a * ratio
        w = 1 - self.a * (self.p * (self.s0 + gain)).exp()
        log = grown.log1p() if abs(grown) < 0.5 else (w / self.w0).log()
        return -log / (self.a * self.p)

    # The clocks.

    def log_time(self, v: arb, *, conformal: bool = False, terms: float = 1.0) -> tuple[arb, arb]:
        """log t, or log tau if ``conformal``, at V > 0, and the dwell D there: the derivative is 1/D."""
        gain = self.gain(v)
        dwell = self.dwell(v, conformal=conformal, terms=terms)
        log = (dwell * self.s / self.c).log() - self.a * (self.s0 + gain)
        if not conformal:
            log += self.s * gain + self.rate * v - self.b0
        return log, dwell

    def slope(self, v: arb, *, conformal: bool = False) -> arb:
        """g'(V) = s + a**2 + (s - a) exp(-p S), with s = 0 if ``conformal``: D' = 1 - g' D."""
        s = arb(0) if conformal else self.s
        return s + self.a * self.a + (s - self.a) * self.x(v)

    def dwell(self, v: arb, *, conformal: bool = False, terms: float = 1.0) -> arb:
        """The dwell D(V), V > 0; ``terms`` scales the number of nodes, and the error bound follows it."""
        return Dwell(self, conformal, terms).value(v)
