"""Critical aspect ratios, and the label noise up to which accuracy is reached for a while.

The limit of L_gen need not rise with lam: near lam = 1 noise makes it peak (double descent), so that a threshold can be
met below and again above. With M, T, c and alpha as in ``regression.critical_values``, and lam = (1 + y)(y - c)/y for
the parameter y = p - 1 > c of decay, L_gen(inf) < L* is a cubic inequality for y, and without decay one that is linear
(lam < 1) or quadratic (lam > 1) in lam.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

from flint import arb

from grokmath.certified import FLOAT_DIGITS, Certified, certify
from grokmath.exact import Exact, ball, sign, working_precision
from grokmath.parameters import (
    ASPECT_RATIO,
    POSITIVE,
    DomainError,
    Undecidable,
    digits_argument,
    exact,
)
from grokmath.regression.critical_values import Balance, Setting
from grokmath.regression.knob_grokking_time_limits import threshold_against_gen_limit
from grokmath.regression.knob_grokking_time_turning import time_unit, turns_once
from grokmath.regression.knob_losses_certified import KnobLosses
from grokmath.roots import FIRST_BITS, MAX_BITS, SignChange, certain_sign

__all__ = [
    "TemporaryNoise",
    "aspect_ratio_windows",
    "critical_aspect_ratio",
    "temporary_label_noise",
]


def aspect_ratio_windows(
    eps: Any,
    *,
    weight_decay: Any = 0,
    init_scale: Any = 1,
    label_noise: Any = 0,
    d_out: Any = 1,
    accuracy: Any = None,
    decay_convention: str = "paper",
    digits: int | None = None,
) -> tuple[tuple[Any, Any], ...]:
    """All lam with L_gen(inf) < L*, as intervals low < lam < high; ``math.inf`` for no end.

    Without decay: lam < M/(M + T), and for 0 < T < M between 1 and infinity the interval between lam = [2A - M - T -+
    sqrt((M + T)^2 - 4 A T)]/(2(A - M)), A = (1 + alpha^2)/2, if real (it is for sqrt T <= sqrt A - sqrt(A - M)).
    Without noise either: lam < 1/(1 - M/A). Numbers only, as proved digits or doubles. An end that is touched and not
    crossed raises :class:`Undecidable`.

    >>> for low, high in aspect_ratio_windows("0.1", label_noise="0.005", digits=9):
    ...     print(low, high)
    0 0.999000999
    1.00104351 1.02457187
    """
    setting = Setting("aspect_ratio_windows", accuracy, d_out, weight_decay, init_scale, label_noise, decay_convention)
    return _windows(setting, eps, digits)


def critical_aspect_ratio(
    eps: Any,
    *,
    weight_decay: Any = 0,
    init_scale: Any = 1,
    label_noise: Any = 0,
    d_out: Any = 1,
    accuracy: Any = None,
    decay_convention: str = "paper",
    digits: int | None = None,
) -> Any:
    """lambda_c, the aspect ratio from which on the accuracy is not reached for good: the end of the first window.

    1/(1 - 2M/(1 + alpha^2)) without decay and noise, where the grokking time diverges; M/(M + T) with noise alone; with
    decay alone p^2 - (p - 1)^2/(2M), p > 1 the root of c p = (p - 1)^2 [(p - 1)/(2M) - p]. 0 where no lam will do,
    ``math.inf`` where every lam does. See :func:`aspect_ratio_windows` for what lies above. Numbers only.

    >>> print(critical_aspect_ratio("1e-3", weight_decay="0.002", digits=30))
    0.884129989855059974367475387753
    """
    setting = Setting("critical_aspect_ratio", accuracy, d_out, weight_decay, init_scale, label_noise, decay_convention)
    windows = _windows(setting, eps, digits)
    if windows and windows[0][0] == 0:
        return windows[0][1]
    return Certified.from_exact(0, digits) if digits is not None else 0.0


End = Callable[[], arb] | None
"""A kernel for the end of an interval, or None for infinity."""


def _windows(setting: Setting, eps: Any, digits: int | None) -> tuple[tuple[Any, Any], ...]:
    function = setting.function
    eps = exact(eps, "eps", function, POSITIVE)
    wanted = FLOAT_DIGITS if digits is None else digits_argument(digits, function)
    balance = Balance(setting.numbers_only().threshold(eps), setting.knobs(Fraction(1)))
    pairs = _with_decay(balance, function) if sign(balance.knobs.c) else _without_decay(balance, function)

    def value(end: End) -> Any:
        if end is None:
            return math.inf
        if end is _zero:
            return Certified.from_exact(0, wanted)
        return certify(end, wanted, function=function, method="algebraic")

    windows = tuple((value(low), value(high)) for low, high in pairs)
    return windows if digits is not None else tuple((float(low), float(high)) for low, high in windows)


def _zero() -> arb:
    return arb(0)


def _without_decay(balance: Balance, function: str) -> list[tuple[End, End]]:
    knobs, noise = balance.knobs, balance.noise
    start = (1 + knobs.alpha_squared) / 2  # A

    def comparison(formula: Callable[[Any, Any, Any], Any]) -> int:
        """The sign of formula(A, M, T)."""
        exact_level = balance.threshold.exact is not None
        return balance.sign(lambda _, m, t: formula(start if exact_level else ball(start), m, t), function)

    room = comparison(lambda a, m, t: a - m)
    if not sign(noise):
        return [(_zero, (lambda: ball(start) / (ball(start) - balance.level())) if room > 0 else None)]

    def above(which: int) -> Callable[[], arb]:
        def kernel() -> arb:
            a, m, t = ball(start), balance.level(), ball(noise)
            if room == 0:
                return a / (a - t)
            return (2 * a - m - t + which * ((m + t) * (m + t) - 4 * a * t).sqrt()) / (2 * (a - m))

        return kernel

    found: list[tuple[End, End]] = [(_zero, lambda: balance.level() / (balance.level() + ball(noise)))]
    if room == 0:
        if comparison(lambda a, m, t: a - t) > 0:
            found.append((above(1), None))
    elif room < 0:
        found.append((above(-1), None))
    elif comparison(lambda a, m, t: m - t) > 0 and comparison(lambda a, m, t: (m + t) * (m + t) - 4 * a * t) > 0:
        found.append((above(-1), above(1)))
    return found


def _with_decay(balance: Balance, function: str) -> list[tuple[End, End]]:
    """By the cubic k(y) > 0 where L_gen(inf) > L*, y > c: monotone between the zeros of its derivative."""
    c, noise = balance.knobs.c, balance.noise

    def coefficients() -> tuple[arb, arb, arb, arb]:
        m, t, decay = balance.level(), ball(noise), ball(c)
        return arb("0.5") - m, t - m, t - decay * (m + t), -decay * (m + t)

    def cubic(y: arb) -> arb:
        k3, k2, k1, k0 = coefficients()
        return ((k3 * y + k2) * y + k1) * y + k0

    def ratio(root: SignChange) -> Callable[[], arb]:
        def kernel() -> arb:
            y = root.enclose()
            return (1 + y) * (y - ball(c)) / y

        return kernel

    marks, last = _signs(coefficients, cubic, c, function)
    found: list[tuple[End, End]] = []
    low: End = _zero if marks[0][1] < 0 else None
    inside = marks[0][1] < 0
    for index, (at, side) in enumerate(marks):
        following = marks[index + 1] if index + 1 < len(marks) else (None, last)
        if side == following[1]:
            continue
        direction = 1 if side > 0 else -1
        h = lambda y, d=direction: d * cubic(y)  # noqa: E731
        root = SignChange(h, at, following[0], (1 + at).mid(), function)
        if inside:
            found.append((low, ratio(root)))
        low, inside = ratio(root), not inside
    return [*found, (low, None)] if inside else found


def _signs(
    coefficients: Callable[[], tuple[arb, arb, arb, arb]], cubic: Callable[[arb], arb], c: Exact, function: str
) -> tuple[list[tuple[arb, int]], int]:
    """(exact point, sign of the cubic) just above y = c and at its turning points beyond, and its sign at infinity."""
    bits = FIRST_BITS
    while bits <= MAX_BITS:
        with working_precision(bits):
            k3, k2, k1, _ = coefficients()
            square = k2 * k2 - 3 * k3 * k1
            start = ball(c)
            turning: list[arb] = []
            if k3.is_zero():
                turning = [-k1 / (2 * k2)]
            elif not square < 0:  # the zeros of 3 k3 y^2 + 2 k2 y + k1, without cancellation
                root = square.sqrt() if square > 0 else arb.nan()
                big = -(k2 + root) if k2 > 0 else root - k2
                turning = [big / (3 * k3), k1 / big]
            beyond = [y for y in turning if not y < start]
            points = [start, *sorted(beyond, key=lambda y: float(y.mid()) if y.is_finite() else math.inf)]
            signs = [cubic(y) for y in points]
            end = k2 if k3.is_zero() else k3
            clear = all(y.is_finite() and not value.contains(0) for y, value in zip(points, signs, strict=True))
            apart = all(y > start for y in beyond) and all(x < y for x, y in pairwise(points))
            if clear and apart and not end.contains(0):
                marks = [(y.mid(), 1 if value > 0 else -1) for y, value in zip(points, signs, strict=True)]
                return marks, 1 if end > 0 else -1
        bits *= 2
    raise Undecidable(f"{function}: the threshold meets the limit of the loss at an extremum, to thousands of bits")


class TemporaryNoise(NamedTuple):
    """A label noise, and the time at which its least generalization loss equals the threshold."""

    label_noise: Any
    time: Any


def temporary_label_noise(
    lam: Any,
    eps: Any,
    *,
    eta: Any = "0.01",
    weight_decay: Any = 0,
    init_scale: Any = 1,
    d_out: Any = 1,
    accuracy: Any = None,
    decay_convention: str = "paper",
    digits: int | None = None,
) -> TemporaryNoise:
    """sigma_c', the label noise from which on the accuracy is not even reached for a while, and when it is last.

    Between sigma_c (:func:`critical_label_noise`) and sigma_c' it is reached and lost again; at sigma_c' the minimum of
    L_gen touches the threshold at ``time``. With L_gen = F + sigma^2 N that is the maximum over t of (L* - F)/N. It has
    one maximum because at every sigma the loss turns at most once; where that is not known (decay with alpha > 0 and
    lam above or near 1, see ``turns_once``) :class:`DomainError` is raised. Where the supremum is the limit, so that
    sigma_c' = sigma_c, ``time`` is ``math.inf``; where the accuracy is not reached without noise either, the noise is 0
    and ``time`` None; where it is reached at t = 0, the noise is ``math.inf``. Numbers only.

    >>> found = temporary_label_noise("1/2", "1e-3", eta="1/4", digits=15)
    >>> print(found.label_noise, found.time)
    0.0158123580631036 132.972434897795
    """
    function = "temporary_label_noise"
    setting = Setting(function, accuracy, d_out, weight_decay, init_scale, 0, decay_convention).numbers_only()
    lam, eps = exact(lam, "lam", function, ASPECT_RATIO), exact(eps, "eps", function, POSITIVE)
    wanted = FLOAT_DIGITS if digits is None else digits_argument(digits, function)
    found = _Tangency(setting, lam, eps, exact(eta, "eta", function, POSITIVE)).result(wanted)
    if digits is not None:
        return found
    return TemporaryNoise(float(found.label_noise), None if found.time is None else float(found.time))


class _Tangency:
    """The maximum over u of (L* - F)/N."""

    def __init__(self, setting: Setting, lam: Exact, eps: Exact, eta: Exact) -> None:
        self.setting, self.threshold = setting, setting.threshold(eps)
        self.knobs = setting.knobs(lam, eta)
        noisy = type(self.knobs)(**{**setting.values, "lam": lam, "eta": eta, "label_noise": Fraction(1)})
        self.quiet, self.noisy = KnobLosses(self.knobs), KnobLosses(noisy)

    def result(self, digits: int) -> TemporaryNoise:
        function = self.setting.function
        if self.threshold.compare(self.knobs.scale, function) >= 0:
            return TemporaryNoise(math.inf, Certified.from_exact(0, digits))
        if threshold_against_gen_limit(self.knobs, self.threshold) <= 0:
            return TemporaryNoise(Certified.from_exact(0, digits), None)
        if not turns_once(self.knobs):
            raise DomainError(
                f"{function}: with decay and an initial scale, and lam above or near 1, the loss may turn more than"
                " once; look for the threshold with grokking_time at given noise"
            )
        if self._monotone():
            noise = certify(lambda: self._limit().sqrt(), digits, function=function, method="limit")
            return TemporaryNoise(noise, math.inf)
        root = SignChange(self._rise, arb(0), None, time_unit(self.knobs), function)
        noise = certify(lambda: self._ratio(root.enclose()).sqrt(), digits, function=function, method="certified root")
        rate = self.knobs.rate
        time = certify(lambda: root.enclose() / ball(rate), digits, function=function, method="certified root")
        return TemporaryNoise(noise, time)

    def _limit(self) -> arb:
        """(L* - F)/N at t = infinity, sigma_c^2."""
        loss = self.quiet.gen_limit()
        return (self.threshold.ball() - loss) / (self.noisy.gen_limit() - loss)

    def _monotone(self) -> bool:
        """Whether the loss falls at all times even at sigma_c: 2 lam d_out sigma_c^2 <= c."""
        c = self.knobs.c
        if not sign(c):
            return False
        failure = f"{self.setting.function}: the decay is too near to the best one for the noise sigma_c to decide"
        scale = 2 * self.knobs.lam * self.knobs.d_out
        return certain_sign(lambda: ball(scale) * self._limit() - ball(c), failure, Undecidable) <= 0

    def _ratio(self, u: arb) -> arb:
        return (self.threshold.ball() - self.quiet.gen(u).value()) / self.noisy.gen_rising(u)

    def _rise(self, u: arb) -> arb:
        """Positive while (L* - F)/N rises: the logarithm of -F' N/((L* - F) N')."""
        up, down = self.quiet.gen_slope_parts(u)
        fall = down - up
        gap = self.threshold.ball() - self.quiet.gen(u).value()
        noisy_up, noisy_down = self.noisy.gen_slope_parts(u)
        growth = noisy_up - noisy_down + fall
        if gap < 0:
            return arb(1)
        ratio = fall * self.noisy.gen_rising(u) / (gap * growth)
        return ratio.log() if ratio > 0 else arb.nan()
