"""The losses of the linear teacher-student model with all knobs, in double precision and vectorised over time.

The formulas are those of ``knob_losses_certified``: sums of positive terms in averages that ``LaplaceFloat64``,
``RidgeFloat64`` and ``NoiseFloat64`` give. Constants are made from the exact knobs and rounded once.

Logarithms of losses in the ordinary range are those of the values; where a loss is below 1e-290 they come from the
logarithms of the terms, and where it starts at 1 and the time is early from 1 - L, which is an average of positive
modes as well (a midpoint rule over the angle of an entire integrand), so that they keep their relative accuracy.

Accuracy: measured, not proved; docs/knobs.md gives it. No finite time gives a nan; L_gen at lam = 1 with noise and
without decay grows like the square root of t and stays finite.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grokmath.exact import ball, sign, working_precision
from grokmath.functions.double_double import Multiple, nearest_double
from grokmath.functions.laplace_float64 import LaplaceFloat64
from grokmath.functions.noise_kernel_float64 import NoiseFloat64
from grokmath.functions.ridge_laplace_float64 import RidgeFloat64
from grokmath.parameters import domain_error
from grokmath.regression.knob_losses_certified import KnobLosses
from grokmath.regression.knobs import Knobs

__all__ = ["KnobLossesFloat64"]

Array = NDArray[np.float64]
_BITS = 320
_SMALL = 1e-290
_EARLY_NODES = 44
_EARLY_END = 40.0  # in x = 2 sqrt(lam) u
_DEAD = 800.0  # exp(-800) is 0
_LARGEST = Fraction(10) ** 250
_SMALLEST = 1 / _LARGEST

_Rule = Callable[[Array], Array]


class KnobLossesFloat64:
    """The losses of one set of knobs as functions of t >= 0, a float or an array.

    >>> from fractions import Fraction
    >>> knobs = Knobs(Fraction(1, 2), Fraction(1, 2), 1, Fraction(1, 200), Fraction(2), Fraction(3, 10))
    >>> losses = KnobLossesFloat64(knobs)
    >>> round(losses.gen_loss(10.0), 14), round(losses.train_loss(10.0), 14)
    (0.08871964149438, 0.04762402713145)
    """

    def __init__(self, knobs: Knobs) -> None:
        for name, value in (
            ("weight_decay", knobs.c),
            ("init_scale", knobs.alpha_squared),
            ("label_noise", knobs.noise),
        ):
            if sign(value) and not _SMALLEST < value < _LARGEST:
                wanted = "0, or within the range of float64 by its square or half"
                raise domain_error("LinearTeacherStudent", name, getattr(knobs, name), wanted, "ask for digits")
        self.knobs = knobs
        self._decays, self._noisy = sign(knobs.c) > 0, sign(knobs.noise) > 0
        self._above = sign(knobs.lam - 1) > 0
        self._plain = LaplaceFloat64(knobs.lam, 2 * knobs.rate)
        self._starts = sign(knobs.init_scale) > 0
        with working_precision(_BITS):
            exact = KnobLosses(knobs).constants()
            speed = ball(knobs.rate)
            self._c, self._x = Multiple(exact.c * speed), Multiple(2 * ball(knobs.lam).sqrt() * speed)
            self._dead = nearest_double(_DEAD / (exact.c * speed)) if self._decays else math.inf
            self._log_scale = nearest_double(exact.scale.log())
            balls = {
                "scale": exact.scale,
                "half": exact.half,
                "initial": exact.alpha2 * exact.half,
                "cross": 2 * exact.c * exact.half,
                "gen_rest": (exact.atom + exact.v02) * exact.half,
                "train_rest": exact.c**2 * exact.v12 * exact.half + exact.noise * exact.v02 + exact.floor,
                "noise": exact.noise,
                "noise_cross": 2 * exact.c * exact.noise,
                "floor": exact.floor,
            }
            self._factor = {name: nearest_double(value) for name, value in balls.items()}
            self._log_factor = {name: nearest_double(v.log()) if v > 0 else -math.inf for name, v in balls.items()}
            self._u, self._width = Multiple(speed), nearest_double(4 * ball(knobs.lam).sqrt())
            self._edge = nearest_double((ball(1 - knobs.lam) / (1 + ball(knobs.lam).sqrt())) ** 2)
            self._decay_rate = nearest_double(exact.c)
            first, last = exact.scale, exact.scale + ball(knobs.noise)
            self._gen_start, self._gen_above = nearest_double(first), nearest_double(first - 1)
            self._train_start, self._train_above = nearest_double(last), nearest_double(last - 1)
            self._log_gen_start, self._log_train_start = nearest_double(first.log()), nearest_double(last.log())

    @cached_property
    def _ridge(self) -> RidgeFloat64:
        return RidgeFloat64(self.knobs.lam, self.knobs.c, self.knobs.rate)

    @cached_property
    def _twice(self) -> RidgeFloat64:
        return RidgeFloat64(self.knobs.lam, self.knobs.c, 2 * self.knobs.rate)

    @cached_property
    def _kernel(self) -> NoiseFloat64:
        return NoiseFloat64(self.knobs.lam, self.knobs.c, self.knobs.rate)

    @cached_property
    def _excess(self) -> tuple[LaplaceFloat64, float]:
        """G - (1 - 1/lam)^+ as a multiple of another G: by lam <-> 1/lam above 1."""
        lam, rate = self.knobs.lam, 2 * self.knobs.rate
        if not self._above:
            return self._plain, 1.0
        return LaplaceFloat64(1 / lam, lam * rate), float(1 / lam)

    # Values

    def gen_loss(self, t: Any) -> Any:
        """L_gen(t)."""
        return self._read(self._gen, t, self._gen_start)

    def train_loss(self, t: Any) -> Any:
        """L_tr(t)."""
        return self._read(self._train, t, self._train_start)

    def log_gen_loss(self, t: Any) -> Any:
        """log L_gen(t)."""
        return self._read(self._log_gen, t, self._log_gen_start)

    def log_train_loss(self, t: Any) -> Any:
        """log L_tr(t)."""
        return self._read(self._log_train, t, self._log_train_start)

    @staticmethod
    def _read(rule: _Rule, t: Any, start: float) -> Any:
        """The rule at a float or an array; at t = 0 the value that is known exactly."""
        times = np.asarray(t, dtype=np.float64)
        flat = np.atleast_1d(times).ravel()
        with np.errstate(under="ignore", over="ignore"):
            values = rule(flat)
        values[flat == 0.0] = start
        return float(values[0]) if times.ndim == 0 else values.reshape(times.shape)

    def _decay(self, t: Array) -> Array:
        """e^{-cu}."""
        high, low = self._c.times_exactly(np.minimum(t, self._dead))
        result: Array = np.exp(-high) * (1.0 - low)
        return result

    def _gen(self, t: Array) -> Array:
        total: Array
        f = self._factor
        if self._decays:
            once = self._decay(t)
            (v12,) = self._ridge(t, kinds=((1, 2),)).values()
            (w22,) = self._twice(t, kinds=((2, 2),)).values()
            total = f["gen_rest"] + f["cross"] * once * v12 + f["half"] * once * once * w22
            if self._starts:
                total += f["initial"] * (once * once * self._plain.gen_loss(t))
        else:
            total = f["scale"] * self._plain.gen_loss(t)
        if self._noisy:
            total = total + f["noise"] * self._kernel(t)
        return total

    def _train(self, t: Array) -> Array:
        total: Array
        f = self._factor
        if not self._decays:
            total = f["scale"] * self._plain.train_loss(t)
            if self._noisy:
                law, factor = self._excess
                total = total + (f["noise"] * factor * law.gen_loss(t) + f["floor"])
            return total
        once = self._decay(t)
        values = self._ridge(t, kinds=((1, 2), (2, 2)))
        twice = self._twice(t, kinds=((2, 2), (3, 2)))
        total = f["train_rest"] + f["cross"] * once * values[(2, 2)] + f["half"] * once * once * twice[(3, 2)]
        if self._starts:
            total += f["initial"] * (once * once * self._plain.train_loss(t))
        if self._noisy:
            total += f["noise_cross"] * once * values[(1, 2)] + f["noise"] * once * once * twice[(2, 2)]
        return total

    # Logarithms

    def _log_gen(self, t: Array) -> Array:
        if not (self._decays or self._noisy):
            return self._log_of_plain(self._plain.log_gen_loss(t))
        return self._logarithm(t, self._gen(t), self._gen_deficit, self._gen_above, self._log_gen_terms)

    def _log_train(self, t: Array) -> Array:
        if not (self._decays or self._noisy):
            return self._log_of_plain(self._plain.log_train_loss(t))
        return self._logarithm(t, self._train(t), self._train_deficit, self._train_above, self._log_train_terms)

    def _log_of_plain(self, log: Any) -> Array:
        result: Array = np.asarray(log) + self._log_scale
        return result

    def _logarithm(self, t: Array, values: Array, deficit: _Rule, above: float, terms: _Rule) -> Array:
        """log of the values; by ``terms`` where they are tiny, by L(0) - 1 and ``deficit`` = L(0) - L early near 1."""
        with np.errstate(divide="ignore"):
            logs: Array = np.log(values)
        tiny = values < _SMALL
        if tiny.any():
            logs[tiny] = terms(t[tiny])
        if abs(above) < 1.0:  # a start far from 1 would cancel against the deficit
            near = (np.abs(values - 1.0) < 0.5) & (self._x.times(t) <= _EARLY_END)
            if near.any():
                logs[near] = np.log1p(above - deficit(t[near]))
        return logs + 0.0

    def _gen_deficit(self, t: Array) -> Array:
        """L_gen(0) - L_gen(t)."""
        bias, start, _, _ = self._early(t)
        f = self._factor
        gone = -np.expm1(-2.0 * self._c.times(t))
        lost: Array = f["half"] * bias + f["initial"] * (gone + (1.0 - gone) * start)
        return lost - f["noise"] * self._kernel(t) if self._noisy else lost

    def _train_deficit(self, t: Array) -> Array:
        """L_tr(0) - L_tr(t)."""
        bias, _, train_bias, train_start = self._early(t)
        f = self._factor
        lost: Array = f["half"] * train_bias + f["initial"] * train_start + f["noise"] * bias
        return lost

    def _early(self, t: Array) -> tuple[Array, Array, Array, Array]:
        """E[1 - h^2], E[1 - e^{-2u nu}], E[nu (1 - h^2)], E[nu (1 - e^2)], h = 1 - nu (1 - e)/K, for x <= 40."""
        u = self._u.times(t)
        sums = [np.zeros_like(t) for _ in range(4)]
        for j in range(_EARLY_NODES, 0, -1):
            half = (2 * j - 1) * math.pi / (4 * _EARLY_NODES)
            weight = 2.0 / _EARLY_NODES * math.sin(2.0 * half) ** 2
            nu = self._edge + self._width * math.sin(half) ** 2
            k = nu + self._decay_rate
            g = -np.expm1(-u * k) / k
            part = weight * g * (2.0 - nu * g)
            sums[0] += part
            sums[1] -= weight * np.expm1(-2.0 * u * nu) / nu
            sums[2] += nu * part
            sums[3] -= weight * np.expm1(-2.0 * u * k)
        return sums[0], sums[1], sums[2], sums[3]

    def _log_gen_terms(self, t: Array) -> Array:
        """log of the sum from the logarithms of its terms (with decay)."""
        g = self._log_factor
        exponent, decay = self._twice.exponent(t), self._c.times(t)
        v12 = self._ridge.factors(t, ((1, 2),))[(1, 2)]
        w22 = self._twice.factors(t, ((2, 2),))[(2, 2)]
        parts = [
            np.full_like(t, g["gen_rest"]),
            g["cross"] + _log(v12) - 0.5 * exponent - decay,
            g["half"] + _log(w22) - exponent - 2.0 * decay,
            g["initial"] + self._plain.log_gen_loss(t) - 2.0 * decay,
        ]
        if self._noisy:
            parts.append(g["noise"] + _log(self._kernel(t)))
        return _log_of_sum(parts)

    def _log_train_terms(self, t: Array) -> Array:
        """As above; without decay too."""
        g = self._log_factor
        if not self._decays:
            law, factor = self._excess
            first = self._log_scale + self._plain.log_train_loss(t)
            return _log_of_sum([first, g["noise"] + math.log(factor) + law.log_gen_loss(t)])
        exponent, decay = self._twice.exponent(t), self._c.times(t)
        once = self._ridge.factors(t, ((1, 2), (2, 2)))
        twice = self._twice.factors(t, ((2, 2), (3, 2)))
        parts = [
            np.full_like(t, g["train_rest"]),
            g["cross"] + _log(once[(2, 2)]) - 0.5 * exponent - decay,
            g["half"] + _log(twice[(3, 2)]) - exponent - 2.0 * decay,
            g["initial"] + self._plain.log_train_loss(t) - 2.0 * decay,
            g["noise_cross"] + _log(once[(1, 2)]) - 0.5 * exponent - decay,
            g["noise"] + _log(twice[(2, 2)]) - exponent - 2.0 * decay,
        ]
        return _log_of_sum(parts)


def _log(values: Array) -> Array:
    with np.errstate(divide="ignore"):
        result: Array = np.log(values)
    return result


def _log_of_sum(parts: list[Array]) -> Array:
    """log of the sum of exponentials."""
    total = parts[0]
    for part in parts[1:]:
        total = np.logaddexp(total, part)
    return total
