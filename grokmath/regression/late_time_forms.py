"""The closed forms of the grokking time by name: which exist at given parameters, and their times as certified numbers.

``late_times`` returns, for a method other than the exact one, the rescaled times s = 4 eta t of training and
generalization as objects that enclose themselves at flint's precision, or the reason why there are none. The uniform
forms of order K >= 1 are not monotone: their truncated losses rise at early times, where the series fails, to one
maximum, and fall from there on (docs/proofs/asymptotic_series.md, Lemma 6). Their time is the one on the falling side.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import NamedTuple, Protocol

from flint import arb

from grokmath.certified import Scaled
from grokmath.exact import Exact, ball, working_precision
from grokmath.parameters import PrecisionError, domain_error, one_of
from grokmath.regression.asymptotic_coefficients import order_argument, train_rational
from grokmath.regression.asymptotic_series_certified import rational
from grokmath.regression.grokking_time_series import MAX_TIME_ORDER
from grokmath.regression.late_time import (
    edge_ball,
    iterated_log_ball,
    lambert_argument_ball,
    lambert_gen_ball,
    lambert_train_ball,
    leading_ball,
    series_time_ball,
    uniform_excess_ball,
    uniform_train_ball,
)
from grokmath.regression.starting_point import StartingPoints
from grokmath.roots import DecreasingRoot, Start

__all__ = ["CLOSED_FORMS", "ORDERED_FORMS", "LateTimes", "form_order", "late_times"]

CLOSED_FORMS = ("lambert", "iterated-log", "leading", "series", "uniform")
"""The methods of the grokking time that are closed forms."""

ORDERED_FORMS = ("series", "uniform")
"""Those of them that take an ``order``, the number of corrections (0 if it is not given)."""

_NAME = "grokking_time"
_MARGIN = 1e-6
_BITS = 128


class Level(Protocol):
    """The threshold L*, enclosed to any precision."""

    def ball(self) -> arb: ...

    def minus(self, other: Exact) -> arb: ...


class Time(Protocol):
    """A rescaled time s: its ball at flint's precision, and a point near it."""

    def enclose(self) -> arb: ...

    def estimate(self) -> arb: ...


class Form(NamedTuple):
    """A time with a closed form."""

    enclose: Callable[[], arb]

    def estimate(self) -> arb:
        """The closed form itself."""
        return self.enclose()


class LateTimes(NamedTuple):
    """The times of a closed form.

    ``reason`` says why there are none, and is None otherwise. ``gen`` is None where the threshold is not above the
    plateau (never). ``delta`` stands alone for the form that gives a difference only.
    """

    train: Time | None
    gen: Time | None
    method: str
    delta: Form | None = None
    reason: str | None = None


def form_order(method: str, order: int | None) -> int:
    """The number of corrections for a method; :class:`DomainError` for a bad one, or one that the method does not take.

    >>> form_order("series", 3), form_order("uniform", None), form_order("exact", None)
    (3, 0, 0)
    """
    if order is None:
        return 0
    if method not in ORDERED_FORMS:
        raise domain_error(_NAME, "order", order, f"none for method '{method}'", "leave order out")
    return order_argument(order, _NAME, MAX_TIME_ORDER)


def late_times(
    method: str, lam: Exact, threshold: Level, plateau: Exact, *, never: bool = False, order: int | None = None
) -> LateTimes:
    """The times s at which the closed form ``method`` reaches the threshold, 0 < L* < 1.

    ``plateau`` is (1 - 1/lam)^+ and ``never`` tells that L* is not above it. ``order`` counts the corrections of
    "series" and "uniform", from 0 to 30; other methods take none. :class:`DomainError` for an unknown method or a bad
    order.
    """
    one_of(method, CLOSED_FORMS, "method", _NAME)
    corrections = form_order(method, order)
    if method == "lambert":
        return _lambert(lam, threshold)
    if method == "iterated-log":
        return _iterated_log(lam, threshold)
    if method == "leading":
        return _leading(lam)
    if method == "series":
        return _series(lam, threshold, plateau, never, corrections)
    return _uniform(lam, threshold, plateau, never, corrections)


def _none(reason: str, method: str) -> LateTimes:
    return LateTimes(None, None, method, None, reason)


def _lambert(lam: Exact, threshold: Level) -> LateTimes:
    name = "Lambert W, (23)-(24)"
    if lam >= 1:
        return _none("(24) needs lam < 1: its rate vanishes at lam = 1, and above 1 there is a plateau", name)
    train = Form(lambda: lambert_train_ball(lam, threshold.ball()))
    return LateTimes(train, Form(lambda: lambert_gen_ball(lam, threshold.ball())), name)


def _iterated_log(lam: Exact, threshold: Level) -> LateTimes:
    name = "iterated logarithm, (25)"
    if lam >= 1:
        return _none("(25) needs lam < 1: its rate vanishes at lam = 1, and above 1 there is a plateau", name)
    with working_precision(_BITS):
        if not lambert_argument_ball(lam, threshold.ball(), "train").log() > 0:
            return _none("(25) takes the logarithm of a negative number: z <= 1 in W(z) ~ log z - log log z", name)
    train, gen = (Form(partial(_iterated, lam, threshold, kind)) for kind in ("train", "gen"))
    return LateTimes(train, gen, name)


def _iterated(lam: Exact, threshold: Level, kind: str) -> arb:
    return iterated_log_ball(lam, threshold.ball(), kind)


def _leading(lam: Exact) -> LateTimes:
    if lam >= 1:
        return _none("(11) needs lam < 1: it diverges at lam = 1 and is complex above", "(11)")
    return LateTimes(None, None, "(11)", Form(lambda: leading_ball(lam)))


def _series(lam: Exact, threshold: Level, plateau: Exact, never: bool, order: int) -> LateTimes:
    name = f"series in 1/X, order {order}"
    if lam == 1:
        return _none("the series in 1/X needs lam other than 1, where its rate vanishes", name)
    train = Form(lambda: series_time_ball(lam, threshold.ball(), "train", order))
    gen = Form(lambda: series_time_ball(lam, threshold.minus(plateau), "gen", order))
    with working_precision(_BITS):
        if not train.enclose() > 0 or not (never or gen.enclose() > 0):
            return _none("the series in 1/X gives no positive time: a s is too small for it", name)
    return LateTimes(train, None if never else gen, name)


def _uniform(lam: Exact, threshold: Level, plateau: Exact, never: bool, order: int) -> LateTimes:
    name = f"uniform late-time form, order {order}"
    points = StartingPoints(lam)
    train: Time | None = None
    if order == 0:
        name += " and (23)"
        train = Form(lambda: lambert_train_ball(lam, threshold.ball()))
    else:
        start = partial(points.train, _log(threshold.ball))
        train = _falling_root(partial(uniform_train_ball, order=order), threshold.ball, lam, order, start, True)
    gen: Time | None = None
    if not never:
        level = partial(threshold.minus, plateau)
        start = partial(points.gen, _log(level))
        gen = _falling_root(partial(uniform_excess_ball, order=order), level, lam, order, start, False)
    if train is None or (gen is None and not never):
        return _none(f"the uniform form of order {order} stays below the threshold: sqrt(lam) s is too small", name)
    return LateTimes(train, gen, name)


def _log(level: Callable[[], arb]) -> float:
    """The logarithm of a positive level as a float."""
    bits = _BITS
    while bits <= 2**20:
        with working_precision(bits):
            value = level()
            if value > 0 and value.rel_accuracy_bits() > 20:
                return float(value.log())
        bits *= 2
    raise PrecisionError(f"{_NAME}: the threshold could not be told from the plateau at {bits // 2} bits")


def _falling_root(
    loss: Callable[[arb, Exact], Scaled],
    level: Callable[[], arb],
    lam: Exact,
    order: int,
    start: Callable[[], Start],
    train: bool,
) -> DecreasingRoot | None:
    """The zero of log loss - log level where the truncated loss falls, or None where its maximum is not above.

    In v = 1/(sqrt(lam) s) the loss falls for v below a limit. Beyond it the function is continued upward, so that it
    decreases for all s.
    """
    limit = _limit(lam, order, train)

    def difference(s: arb) -> arb:
        return loss(s, lam).log() - level().log()

    if limit is None:
        return DecreasingRoot(difference, lambda: start()._replace(bits=0), _NAME)
    bound: arb = limit
    with working_precision(_BITS):
        height = difference(1 / (ball(lam).sqrt() * bound))
        if not height > 0:
            return None

    def continued(s: arb) -> arb:
        v = 1 / (ball(lam).sqrt() * s) if s > 0 else arb(0, arb.pos_inf())
        if v <= bound:
            return difference(s)
        return height + v - bound if v >= bound else arb(0, arb.pos_inf())

    return DecreasingRoot(continued, lambda: start()._replace(bits=0), _NAME)


def _limit(lam: Exact, order: int, train: bool) -> arb | None:
    """A v up to which the truncated loss of order K falls as s grows, within 1e-6 of the largest; None for all v.

    With P(v) = 1 - sum_(1<=k<=K) |beta_k| v^k the generalization form falls where P > 0, the training form where P > 0
    and -v P'/P < 3/2 + r/v, r = a/sqrt(lam). Both conditions hold below a point if they hold there.
    """
    if order == 0:
        return None
    with working_precision(_BITS):
        r = edge_ball(lam) ** 2 / ball(lam).sqrt()
        sizes = [-float(train_rational(k)) for k in range(1, order + 1)]
        rate = float(r)

        def falls(v: float) -> bool:
            terms = [b * v**k for k, b in enumerate(sizes, 1)]
            rest = 1 - sum(terms)
            return rest > 0 and (not train or sum(k * t for k, t in enumerate(terms, 1)) < rest * (1.5 + rate / v))

        low, high = 0.0, 6.0  # P(6) < 0
        while high - low > 1e-9 * high:
            middle = (low + high) / 2
            low, high = (middle, high) if falls(middle) else (low, middle)
        v = arb(low * (1 - _MARGIN))
        rest, slope = arb(1), arb(0)
        for k in range(1, order + 1):
            beta = train_rational(k)
            term = -rational(beta.numerator, beta.denominator) * v**k
            rest -= term
            slope += k * term
        proved = rest > 0 and (not train or slope < rest * (arb(1.5) + r / v))
        if not (proved and math.isfinite(rate)):
            raise AssertionError("the limit of the falling side was not proved")
        return v
