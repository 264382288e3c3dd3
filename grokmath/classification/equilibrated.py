"""The grokking time of the full model for lam < 1/2 once S rests at S_inf, and when that holds.

With S = S_inf and b(0) = 0 the exponential loss obeys d e^(-b)/dt = eta Lmin, so that e^(-b) = 1 + eta Lmin t. A
criterion is reached at a bias b, and at t = (e^(-b) - 1)/(eta Lmin). With R = sigma ||S_inf|| the biases -b are:

* "exponential": train log(Lmin/eps), generalization log(1/eps) + R**2/2 (losses equal to eps);
* "accuracy": both accuracies equal to 1 - eps, with z = Phi^-1(1 - eps): generalization z R; in training an output
  u = R g - w exceeds -b where R g > -b + gamma e^(-b), so that e^(-b) = W(gamma e^(z R))/gamma;
* "cross-entropy": generalization where the population cross-entropy loss E log(1 + exp(R z + b)) equals eps; training
  as for "exponential".

For eps -> 0 at fixed lam the exponential criterion gives log(t_gen/t_tr) -> R**2/2 + log(1/Lmin), about C/(1 - 2 lam)
near criticality; the other two grow with R only linearly. Given S = S_inf the times are exact; that S_inf follows the
law of :mod:`grokmath.classification.minimizer_norm` is heuristic, and so is the condition of validity: S relaxes like
t^(-sigma**2 theta), so that ``equilibration`` = sigma**2 theta |b_gen| must be large compared with 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from flint import arb, ctx

from grokmath.certified import FLOAT_DIGITS, Certified, certify
from grokmath.classification.hessian_edge import HessianEdge
from grokmath.classification.minimizer_norm import InseparableMinimizer
from grokmath.exact import Exact, ball
from grokmath.functions.logistic_normal_certified import logistic_normal_ball
from grokmath.parameters import one_of
from grokmath.roots import DecreasingRoot, Start, certain_sign

CRITERIA = ("exponential", "accuracy", "cross-entropy")
_MOST_BITS = 2**14
_NAME = "grokking_time"
_LARGEST_LOG = 10**9


@dataclass(frozen=True, eq=False)
class EquilibratedTimes:
    """When training and generalization meet the criterion, if S has equilibrated before.

    ``train``, ``gen`` and ``delta`` are the times and their difference; ``log_ratio`` = log(gen/train); ``bias`` is the
    -b at which generalization meets the criterion, and ``log_gen`` = log(gen). ``equilibration`` = sigma**2 theta bias:
    the deviation of S from S_inf has fallen by the factor exp(-equilibration) when generalization is reached, so that
    the times hold where it is large and mean nothing where it is of order 1. All are :class:`Certified`, or floats
    where no digits were asked for; None, with a ``reason``, where a time is 0 and has no logarithm, or above e^(10^9).
    """

    train: Any
    gen: Any
    delta: Any
    log_gen: Any
    log_ratio: Any
    bias: Any
    equilibration: Any
    criterion: str
    reason: str | None = None


def equilibrated_times(
    minimizer: InseparableMinimizer, sigma: Exact, eta: Exact, eps: Exact, criterion: str, digits: int | None
) -> EquilibratedTimes:
    """The times for one model, level and criterion; see ``LogisticModel.grokking_time``."""
    one_of(criterion, CRITERIA, "criterion", _NAME)
    result = _Times(minimizer, sigma, eta, eps, criterion, FLOAT_DIGITS if digits is None else digits).result()
    if digits is not None:
        return result
    floats: dict[str, Any] = {k: _float(value) for k, value in vars(result).items() if isinstance(value, Certified)}
    return replace(result, **floats)


def _float(value: Certified) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


class _Times:
    def __init__(
        self, minimizer: InseparableMinimizer, sigma: Exact, eta: Exact, eps: Exact, criterion: str, digits: int
    ) -> None:
        self.minimizer, self.sigma, self.eta, self.eps, self.digits = minimizer, sigma, eta, eps, digits
        self.criterion = criterion
        self.norm: Callable[[], arb] = lambda: minimizer.enclose().norm
        if criterion == "accuracy":
            self.gen_bias = _accuracy_bias(self.norm, eps)
            self.train_bias: Callable[[], arb] = self._train_accuracy_bias
        else:
            self.gen_bias = self._exponential_bias if criterion == "exponential" else cross_entropy_bias(self.norm, eps)
            self.train_bias = lambda: minimizer.minimal_loss().log() - ball(eps).log()

    def result(self) -> EquilibratedTimes:
        train, gen = _positive(self.train_bias), _positive(self.gen_bias)
        reason = None
        if not gen:
            reason = "generalization meets the criterion at t = 0"
        elif not train:
            reason = "training meets the criterion at t = 0"
        log_gen = self._certify(lambda: self._log_time(self.gen_bias)) if gen else None
        log_ratio = (
            self._certify(lambda: self._log_time(self.gen_bias) - self._log_time(self.train_bias))
            if gen and train
            else None
        )
        times: list[Any] = [Certified.from_exact(0, self.digits)] * 3
        if log_gen is not None and abs(float(log_gen)) > _LARGEST_LOG:
            times[1:] = [None, None]
            reason = "t_gen is above e^(10^9): see log_gen and log_ratio"
        if train:
            times[0] = self._printable(self.train_bias)
            if times[0] is None:
                times[2], reason = None, "the times are above e^(10^9): see log_gen and log_ratio"
        if times[1] is not None:
            if gen:
                times[1] = self._certify(lambda: self._time(self.gen_bias))
            if (train or gen) and times[2] is not None:
                times[2] = self._certify(lambda: self._delta(train, gen))
        bias = self._certify(self.gen_bias) if gen else Certified.from_exact(0, self.digits)
        edge = HessianEdge(self.minimizer, _NAME)
        square = self.sigma * self.sigma
        equilibration = self._certify(lambda: ball(square) * edge.relaxation_rate() * self.gen_bias()) if gen else bias
        train_time, gen_time, delta = times
        return EquilibratedTimes(
            train_time, gen_time, delta, log_gen, log_ratio, bias, equilibration, self.criterion, reason
        )

    def _certify(self, kernel: Callable[[], arb]) -> Certified:
        return certify(kernel, self.digits, function=_NAME)

    def _printable(self, bias: Callable[[], arb]) -> Certified | None:
        """The time at which the bias is reached; None where it is too large to print."""
        if abs(float(self._certify(lambda: self._log_time(bias)))) > _LARGEST_LOG:
            return None
        return self._certify(lambda: self._time(bias))

    def _rate(self) -> arb:
        return ball(self.eta) * self.minimizer.minimal_loss()

    def _time(self, bias: Callable[[], arb]) -> arb:
        return bias().expm1() / self._rate()

    def _log_time(self, bias: Callable[[], arb]) -> arb:
        B = bias()
        return B + (-(-B).expm1()).log() - self._rate().log()

    def _delta(self, train: bool, gen: bool) -> arb:
        later = self.gen_bias().exp() if gen else arb(1)
        return (later - (self.train_bias().exp() if train else arb(1))) / self._rate()

    def _exponential_bias(self) -> arb:
        R = self.norm()
        return R * R / 2 - ball(self.eps).log()

    def _train_accuracy_bias(self) -> arb:
        c = self.minimizer.enclose().log_gamma
        return wright_omega(c + _quantile(self.eps) * self.norm()).log() - c


def _positive(bias: Callable[[], arb]) -> bool:
    failure = f"{_NAME}: whether the criterion is met at t = 0 was not decided at {_MOST_BITS} bits"
    return certain_sign(bias, failure, most=_MOST_BITS) > 0


def _quantile(eps: Exact) -> arb:
    """z with Phi(-z) = eps."""
    return arb(2).sqrt() * (2 * ball(eps)).erfcinv()


def _accuracy_bias(norm: Callable[[], arb], eps: Exact) -> Callable[[], arb]:
    return lambda: _quantile(eps) * norm()


def wright_omega(x: arb) -> arb:
    """The w > 0 with w + log w = x, that is W(e^x), for any size of x: |w - v| <= |v + log v - x| for every v > 0."""
    if x < 64:
        return x.exp().lambertw()
    v = x.mid() - x.mid().log()
    for _ in range(ctx.prec.bit_length() + 2):
        v = (v - (v + v.log() - x.mid()) * v / (v + 1)).mid()
    return v + arb(0, abs(v + v.log() - x).upper())


def cross_entropy_bias(norm: Callable[[], arb], eps: Exact) -> Callable[[], arb]:
    """-b > 0 at which E log(1 + exp(R z + b)) = eps; 0 where the loss is below eps at b = 0 already.

    The loss increases strictly with b. Where log(1/eps) > R**2/2 the root is near log(1/eps) + R**2/2, else near z R.
    """

    def excess(B: arb) -> arb:
        return logistic_normal_ball(norm(), -B).log() - ball(eps).log()

    def start() -> Start:
        R, log = norm(), -ball(eps).log()
        if log > R * R / 2:
            return Start(log + R * R / 2, arb(-1))
        z = _gaussian_quantile(log)
        return Start(z * R, -z / R)

    root = DecreasingRoot(excess, start, _NAME)

    def bias() -> arb:
        at_zero = excess(arb(0))
        return root.enclose() if at_zero > 0 else at_zero

    return bias


def _gaussian_quantile(log: arb) -> arb:
    """About the z with Phi(-z) = e^-log, from z**2/2 + log(z sqrt(2 pi)) = log."""
    z = (2 * log).sqrt()
    for _ in range(3):
        z = (2 * log - (2 * arb.pi() * (1 + z * z)).log()).max(arb(1)).sqrt()
    return z
