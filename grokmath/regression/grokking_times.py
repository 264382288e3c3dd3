"""Grokking times over whole arrays of parameters, in float64: sweeps and phase diagrams (regression paper, Fig. 7).

The losses are averages of the mode functions (:mod:`mode_losses`) over one set of nodes of the Marchenko-Pastur law,
which serves all times from 0 to 1e16 at once, so that every value of lam costs one set and every further parameter only
arithmetic. Roots are bracketed in log u and refined by Chandrupatla's method (Adv. Eng. Softw. 28 (1997) 145).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf, gammaincinv

from grokmath.functions.marchenko_pastur_averages import MarchenkoPasturEdgeNodes
from grokmath.parameters import POSITIVE, PROBABILITY, Domain, domain_error, float_argument, one_of
from grokmath.regression.knobs import CONVENTIONS, LARGEST_D_OUT, decay_and_rate
from grokmath.regression.mode_losses import ModeLosses

__all__ = ["GrokkingTimes", "grokking_times"]

Array = NDArray[np.float64]
_FUNCTION = "grokking_times"
_LATEST = 5e15  # in u; twice as steep as the nodes go
_EARLIEST = 1e-9
_SCAN = 49
_CHUNK = 300
_LAM = Domain("1e-20 <= lam <= 1e6", Fraction(1e-20), Fraction(10**6))
_ETA = Domain("1e-250 <= eta <= 1e250", Fraction(1e-250), Fraction(1e250))
_KNOB = Domain("0 <= value <= 1e100", Fraction(0), Fraction(1e100))
_OUTPUTS = Domain(f"an integer from 1 to {LARGEST_D_OUT}", Fraction(1), Fraction(LARGEST_D_OUT))


@dataclass(frozen=True, eq=False)
class GrokkingTimes:
    """Arrays of the broadcast shape: ``train``, ``gen`` and ``delta`` = gen - train, in steps.

    ``inf`` stands for never: the loss does not fall to the threshold (``never_trained``, ``never_generalizes`` are the
    masks); nan for a time that exists and lies beyond u = 5e15.
    """

    train: Array
    gen: Array

    @property
    def delta(self) -> Array:
        """gen - train; inf where generalization is never reached, nan where training is never."""
        with np.errstate(invalid="ignore"):
            return self.gen - self.train

    @property
    def never_trained(self) -> NDArray[np.bool_]:
        """Where the training threshold is never reached."""
        return np.isposinf(self.train)

    @property
    def never_generalizes(self) -> NDArray[np.bool_]:
        """Where the generalization threshold is never reached."""
        return np.isposinf(self.gen)


def grokking_times(
    lam: Any,
    eps: Any,
    eta: Any = 0.01,
    *,
    d_out: Any = 1,
    weight_decay: Any = 0.0,
    init_scale: Any = 1.0,
    label_noise: Any = 0.0,
    accuracy: Any = None,
    decay_convention: str = "paper",
) -> GrokkingTimes:
    """When training and generalization reach the accuracy, for arrays of every parameter of ``LinearTeacherStudent``.

    All arguments broadcast; ``accuracy`` None means erf(sqrt 2), else it lies in (0, 1). The time of generalization is
    the first passage; where label noise makes the loss turn, later losses are not looked at. A point whose limit and
    threshold agree to 1e-9 may fall on either side. Relative error of the times about 1e-8 times the slope's condition
    (measured against the certified times); for digits, or for a single point, use
    ``LinearTeacherStudent.grokking_time``. Cost: about 0.1 ms a point. Domain: 1e-20 <= lam <= 1e6, 1e-250 <= eta <=
    1e250, d_out from 1 to 10^9, the other knobs up to 1e100, where squares and their ratios are still doubles;
    :class:`DomainError` elsewhere, and for shapes that do not broadcast.

    >>> import numpy as np
    >>> decay = np.array([0.0, 1e-3, 1.5e-3, 2e-3])
    >>> grokking_times(0.9, 1e-3, weight_decay=decay).delta.round(0)
    array([20481., 25204., 38367.,    inf])
    """
    one_of(decay_convention, CONVENTIONS, "decay_convention", _FUNCTION)
    level: Any = erf(np.sqrt(2.0)) if accuracy is None else float_argument(accuracy, "accuracy", _FUNCTION, PROBABILITY)
    given = (
        float_argument(lam, "lam", _FUNCTION, _LAM),
        float_argument(eps, "eps", _FUNCTION, POSITIVE),
        float_argument(eta, "eta", _FUNCTION, _ETA),
        _outputs(d_out),
        float_argument(weight_decay, "weight_decay", _FUNCTION, _KNOB),
        float_argument(init_scale, "init_scale", _FUNCTION, _KNOB),
        float_argument(label_noise, "label_noise", _FUNCTION, _KNOB),
        level,
    )
    try:
        arrays = np.broadcast_arrays(*given)
    except ValueError:
        shapes = ", ".join(str(np.shape(value)) for value in given)
        remedy = "give arrays of one shape, or scalars"
        raise domain_error(_FUNCTION, "the arguments' shapes", shapes, "shapes that broadcast", remedy) from None
    shape = arrays[0].shape
    lam, eps, eta, d_out, decay, scale, noise, level = (np.array(array, dtype=float).reshape(-1) for array in arrays)
    c, rate = decay_and_rate(eta, d_out, decay, decay_convention)
    with np.errstate(divide="ignore", over="ignore"):  # an accuracy that every loss has
        threshold = d_out * eps / (2 * gammaincinv(d_out / 2, level))
    threshold = np.where((d_out == 1) & (accuracy is None), eps / 4, threshold)
    train, gen = np.empty(lam.shape), np.empty(lam.shape)
    for value, where in _groups(lam):
        knobs = (c[where], scale[where] ** 2, noise[where] ** 2, d_out[where])
        train[where], gen[where] = _Passages(value, *knobs, threshold[where]).times()
    return GrokkingTimes((train / rate).reshape(shape), (gen / rate).reshape(shape))


def _outputs(d_out: Any) -> Array:
    outputs = np.asarray(float_argument(d_out, "d_out", _FUNCTION, _OUTPUTS), dtype=float)
    if (outputs != np.floor(outputs)).any():
        raise domain_error(_FUNCTION, "d_out", d_out, _OUTPUTS.text, "count the outputs")
    return outputs


def _groups(lam: Array) -> list[tuple[float, NDArray[np.intp]]]:
    """Each value of lam with the places where it stands, in pieces that fit into memory."""
    values, inverse = np.unique(lam, return_inverse=True)
    order = np.argsort(inverse.reshape(-1), kind="stable")
    pieces = np.split(order, np.cumsum(np.bincount(inverse.reshape(-1)))[:-1]) if lam.size else []
    return [
        (float(value), piece[start : start + _CHUNK])
        for value, piece in zip(values, pieces, strict=True)
        for start in range(0, piece.size, _CHUNK)
    ]


class _Passages:
    """First passages through the thresholds for one lam and arrays of the other knobs."""

    def __init__(self, lam: float, c: Array, alpha2: Array, noise: Array, d_out: Array, threshold: Array) -> None:
        self.nodes = MarchenkoPasturEdgeNodes(lam)
        self.lam, self.c, self.alpha2, self.noise, self.d_out = lam, c, alpha2, noise, d_out
        self.threshold = threshold

    def times(self) -> tuple[Array, Array]:
        """The two times in units of u."""
        start = (1 + self.alpha2) / (2 * self.d_out)
        train_limit, gen_limit = self._limits()
        train = self._falling(start + self.noise, train_limit, self._train)
        turning = 2 * self.lam * self.noise > self.c / self.d_out
        gen = self._falling(start, np.where(turning, np.inf, gen_limit), self._gen)
        first = np.flatnonzero(turning & (start > self.threshold))
        gen[turning] = 0.0
        if first.size:
            gen[first] = self._first_passage(first, gen_limit[first])
        return train, gen

    def _limits(self) -> tuple[Array, Array]:
        """Both losses as t tends to infinity, with p the larger root of p^2 - (1 + lam + c) p + lam."""
        lam, c = self.lam, self.c
        R = np.sqrt((1 - lam) ** 2 + 2 * c * (1 + lam) + c**2)
        p = (1 + lam + c + R) / 2
        far = (abs(1 - lam) + c + R) / 2  # p - 1 or p - lam, whichever does not vanish with c
        near = np.divide(c * p, far, out=np.zeros_like(c), where=far > 0)
        below_one, below_lam = (near, far) if lam <= 1 else (far, near)
        slope = p * R
        still = slope == 0  # lam = 1, c = 0
        safe = np.where(still, 1.0, slope)
        train = np.where(still, 0.0, (c**2 / (2 * self.d_out) + self.noise * below_lam**2) / safe)
        gen = (below_one**2 / (2 * self.d_out) + self.noise * lam) / safe
        gen = np.where(still, np.where(self.noise > 0, np.inf, 0.0), gen)
        if lam > 1:
            gen = gen + np.where(c == 0, self.alpha2 / (2 * self.d_out) * (1 - 1 / lam), 0.0)
        return train, gen

    def _gen(self, u: Array, at: NDArray[np.intp]) -> Array:
        falling, rising = self._parts(u, at)
        return falling + rising

    def _parts(self, u: Array, at: NDArray[np.intp]) -> tuple[Array, Array]:
        modes = self._modes(at)
        mode = modes.mode(self.nodes.nu, u[:, None])
        falling = modes.gen_falling(mode) @ self.nodes.weight
        if self.nodes.atom:
            falling = falling + self.nodes.atom * modes.gen_falling(modes.mode(np.zeros(1), u[:, None]))[:, 0]
        return falling, modes.gen_rising(mode) @ self.nodes.weight

    def _train(self, u: Array, at: NDArray[np.intp]) -> Array:
        modes = self._modes(at)
        total = modes.train(modes.mode(self.nodes.nu, u[:, None])) @ self.nodes.weight
        floor = self.noise[at] * max(0.0, 1 - self.lam)  # above lam = 1 the atom, where h = 1, takes 1 - lam back
        return np.asarray(total + floor)

    def _modes(self, at: NDArray[np.intp]) -> ModeLosses:
        c, alpha2, noise, d_out = (value[at, None] for value in (self.c, self.alpha2, self.noise, self.d_out))
        return ModeLosses(self.lam, c=c, alpha_squared=alpha2, noise=noise, d_out=d_out)

    def _falling(self, start: Array, limit: Array, loss: Callable[[Array, NDArray[np.intp]], Array]) -> Array:
        """First passages of decreasing losses: 0 where the start is low enough, inf where the limit is not below."""
        times = np.where(start <= self.threshold, 0.0, np.where(limit >= self.threshold, np.inf, np.nan))
        at = np.flatnonzero(np.isnan(times))
        if at.size:
            high = self._bracket(at, loss)
            times[at] = self._root(np.full(at.size, _EARLIEST), high, at, loss)
        return times

    def _bracket(self, at: NDArray[np.intp], loss: Callable[[Array, NDArray[np.intp]], Array]) -> Array:
        high = np.ones(at.size)
        above = np.arange(at.size)
        while above.size:
            above = above[loss(high[above], at[above]) > self.threshold[at[above]]]
            lost = high[above] >= _LATEST
            high[above[lost]] = np.nan
            above = above[~lost]
            high[above] = np.minimum(8 * high[above], _LATEST)
        return high

    def _first_passage(self, at: NDArray[np.intp], limit: Array) -> Array:
        """Losses that may turn: a scan in log u for the first value below; where there is none, the lowest valley.

        Between two points the loss is at least its falling part at the later plus its rising part at the earlier one,
        which spares most searches of a valley.
        """
        grid = np.geomspace(_EARLIEST, _LATEST, _SCAN)
        threshold = self.threshold[at]
        parts = [self._parts(np.full(at.size, u), at) for u in grid]
        falling, rising = np.array([part[0] for part in parts]), np.array([part[1] for part in parts])
        below = falling + rising <= threshold
        found = below.any(axis=0)
        lowest = np.clip((falling + rising).argmin(axis=0), 1, _SCAN - 2)
        index = np.where(found, below.argmax(axis=0), lowest)
        high = grid[index]
        places = np.arange(at.size)
        possible = falling[lowest + 1, places] + rising[lowest - 1, places] <= threshold
        lost = np.flatnonzero(~found & possible)
        if lost.size:
            high[lost] = self._valley(grid[lowest[lost] - 1], grid[lowest[lost] + 1], at[lost])
            found[lost] = self._gen(high[lost], at[lost]) <= threshold[lost]
        times = np.where(limit < threshold, np.nan, np.inf)
        hit = np.flatnonzero(found)
        times[hit] = self._root(grid[np.maximum(index[hit] - 1, 0)], high[hit], at[hit], self._gen)
        return times

    def _valley(self, low: Array, high: Array, at: NDArray[np.intp]) -> Array:
        """The lowest point between, by golden sections in log u."""
        golden = (np.sqrt(5) - 1) / 2
        a, b = np.log(low), np.log(high)
        left, right = b - golden * (b - a), a + golden * (b - a)
        at_left, at_right = self._gen(np.exp(left), at), self._gen(np.exp(right), at)
        for _ in range(30):
            lower = at_left < at_right
            a, b = np.where(lower, a, left), np.where(lower, right, b)
            fresh = np.where(lower, b - golden * (b - a), a + golden * (b - a))
            value = self._gen(np.exp(fresh), at)
            left, right = np.where(lower, fresh, right), np.where(lower, left, fresh)
            at_left, at_right = np.where(lower, value, at_right), np.where(lower, at_left, value)
        return np.asarray(np.exp(np.where(at_left < at_right, left, right)))

    def _root(
        self, low: Array, high: Array, at: NDArray[np.intp], loss: Callable[[Array, NDArray[np.intp]], Array]
    ) -> Array:
        """Where log(loss/threshold) changes sign in log u, by Chandrupatla's method; nan where the bracket is."""
        with np.errstate(divide="ignore"):
            log_threshold = np.log(self.threshold[at])

            def excess(x: Array, which: NDArray[np.intp]) -> Array:
                value = np.log(loss(np.exp(x), at[which]))
                return np.asarray(np.maximum(value, -1e3) - log_threshold[which])

            roots = np.full(low.shape, np.nan)
            live = np.flatnonzero(np.isfinite(high))
            if live.size:
                roots[live] = np.exp(_chandrupatla(excess, np.log(low[live]), np.log(high[live]), live))
            return roots


def _chandrupatla(
    f: Callable[[Array, NDArray[np.intp]], Array], low: Array, high: Array, which: NDArray[np.intp]
) -> Array:
    """Zeros of f(., which) in the brackets, to about 1e-13 absolutely; those that are found leave the work."""
    result = np.empty(low.shape)
    place = np.arange(low.size)
    a, b = high, low
    fa, fb = f(a, which), f(b, which)
    c, fc, t = a, fa, np.full(low.shape, 0.5)
    for _ in range(100):
        x = a + t * (b - a)
        fx = f(x, which)
        same = np.sign(fx) == np.sign(fa)
        c, fc = np.where(same, a, b), np.where(same, fa, fb)
        b, fb = np.where(same, b, a), np.where(same, fb, fa)
        a, fa = x, fx
        best = np.where(np.abs(fa) < np.abs(fb), a, b)
        tolerance = 1e-13 * (1 + np.abs(best))
        done = (np.abs(b - a) <= 2 * tolerance) | (fa == 0)
        result[place[done]] = best[done]
        if done.all():
            return result
        keep = ~done
        place, which = place[keep], which[keep]
        a, b, c, fa, fb, fc = (value[keep] for value in (a, b, c, fa, fb, fc))
        xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
        with np.errstate(divide="ignore", invalid="ignore"):
            quadratic = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
        inverse = (phi**2 < xi) & ((1 - phi) ** 2 < 1 - xi)
        limit = tolerance[keep] / np.abs(b - a)
        t = np.clip(np.where(inverse, quadratic, 0.5), limit, 1 - limit)
    result[place] = a
    return result
