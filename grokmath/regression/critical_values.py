"""Critical values: where the threshold of an accuracy meets the limit of the generalization loss.

For t -> infinity, with c the decay that a mode feels (``regression.knobs``), p the larger root of p + lam/p = 1 + lam +
c, T = d_out sigma^2 and M = d_out L*, L* the loss at the accuracy asked for (``OutputThreshold``),

    d_out L_gen(inf) = [(p - 1)^2/2 + T lam]/(p^2 - lam)          (c > 0; c = (p - 1)(p - lam)/p),
    d_out L_gen(inf) = T lam/(1 - lam), lam < 1,   (1 + alpha^2)/2 (1 - 1/lam) + T/(lam - 1), lam > 1          (c = 0).

Set equal to M, that is a quadratic equation for p at given lam, a linear one for T, and a cubic one for lam at given c.
"Reached for good" means L_gen(inf) < L*: equality is never reached. Beyond Levi, Beck and Bar Sinai, "Grokking in
Linear Estimators", sec. 3.3, whose (15) has the leading order for small gamma, times 2.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

from flint import arb

from grokmath.certified import FLOAT_DIGITS, Certified, certify
from grokmath.exact import Exact, ball, sign
from grokmath.functions.readings import Argument, read, sympy_number
from grokmath.parameters import (
    ASPECT_RATIO,
    POSITIVE,
    PROBABILITY,
    Undecidable,
    UnsupportedExpression,
    digits_argument,
    exact,
    is_symbolic,
)
from grokmath.regression.knob_grokking_time_threshold import OutputThreshold
from grokmath.regression.knobs import Knobs, decay_and_rate, read_knobs
from grokmath.roots import certain_sign

__all__ = ["DecayWindow", "critical_label_noise", "critical_weight_decay", "largest_label_noise", "weight_decay_window"]


class DecayWindow(NamedTuple):
    """The weight decays low < gamma < high with which the accuracy is reached for good; ``math.inf`` for no end."""

    low: Any
    high: Any


class Setting:
    """What a critical value depends on besides lam and eps, read and checked; symbols stay symbols."""

    def __init__(
        self,
        function: str,
        accuracy: Any = None,
        d_out: Any = 1,
        weight_decay: Any = 0,
        init_scale: Any = 1,
        label_noise: Any = 0,
        decay_convention: Any = "paper",
    ) -> None:
        self.function = function
        self.values = read_knobs(function, 1, 1, d_out, weight_decay, init_scale, label_noise, decay_convention)
        self.accuracy = accuracy
        if accuracy is not None and not is_symbolic(accuracy):
            self.accuracy = exact(accuracy, "accuracy", function, PROBABILITY)

    @property
    def parameters(self) -> list[Any]:
        """All of them, for the choice of the reading."""
        names = ("d_out", "weight_decay", "init_scale", "label_noise")
        return [value for value in (*(self.values[name] for name in names), self.accuracy) if value is not None]

    def numbers_only(self) -> Setting:
        """The setting itself; :class:`DomainError` where it has a symbol, which has no order to choose cases by."""
        given = {**self.values, "accuracy": self.accuracy}
        for name in ("d_out", "weight_decay", "init_scale", "label_noise", "accuracy"):
            if is_symbolic(given[name]):
                exact(given[name], name, self.function)
        return self

    def knobs(self, lam: Exact, eta: Exact = Fraction(1)) -> Knobs:
        """The knobs at one lam."""
        return Knobs(**{**self.values, "lam": lam, "eta": eta})

    def threshold(self, eps: Exact) -> OutputThreshold:
        """L*."""
        return OutputThreshold(eps, self.accuracy, self.values["d_out"])

    def symbols(self, eps: Any) -> tuple[Any, Any, Any, Any]:
        """(M, T, c, alpha^2) as SymPy expressions, where the threshold has a closed form."""
        import sympy

        def number(x: Any) -> Any:
            return x if is_symbolic(x) else sympy_number(x)

        outputs = self.values["d_out"]
        if outputs != 1:
            raise UnsupportedExpression(
                f"{self.function}: the threshold has a closed form for d_out = 1 only; give numbers and digits"
            )
        level = eps / 4 if self.accuracy is None else eps / (2 * sympy.erfinv(number(self.accuracy)) ** 2)
        decay, _ = decay_and_rate(1, outputs, number(self.values["weight_decay"]), self.values["decay_convention"])
        return level, number(self.values["label_noise"]) ** 2, decay, number(self.values["init_scale"]) ** 2

    def gamma(self, c: arb) -> arb:
        """The weight decay with which a mode feels c."""
        outputs = self.values["d_out"] if self.values["decay_convention"] == "decoupled" else 1
        return 2 * c / outputs


class Balance:
    """M and T, and the sign and value of what is made of them: exactly where M is exact, else by balls."""

    def __init__(self, threshold: OutputThreshold, knobs: Knobs) -> None:
        self.threshold, self.knobs = threshold, knobs
        self.noise: Exact = knobs.d_out * knobs.noise

    def level(self) -> arb:
        """M at the working precision."""
        return self.threshold.ball() * self.knobs.d_out

    def sign(self, formula: Callable[[Any, Any, Any], Any], function: str) -> int:
        """The sign of formula(lam, M, T), made of + - * of exact numbers, or of balls where M is not exact."""
        lam, level = self.knobs.lam, self.threshold.exact
        if level is not None:
            return sign(formula(lam, level * self.knobs.d_out, self.noise))
        failure = f"{function}: a critical condition holds to thousands of bits and cannot be decided"
        return certain_sign(lambda: formula(ball(lam), self.level(), ball(self.noise)), failure, Undecidable)


def weight_decay_window(
    lam: Any,
    eps: Any,
    *,
    label_noise: Any = 0,
    d_out: Any = 1,
    accuracy: Any = None,
    decay_convention: str = "paper",
    digits: int | None = None,
) -> Any:
    """The weight decays gamma > 0 with which L_gen(inf) < L*: a :class:`DecayWindow`, or None if there are none.

    Its ends are 2(p - 1)(p - lam)/p at the roots p of (1/2 - M) p^2 - p + 1/2 + (T + M) lam = 0 that lie above
    max(1, lam) (divided by d_out where decay is "decoupled"); ``low`` is 0 where small decays do. For M >= 1/2 the loss
    of S = 0 is good enough, and there is no upper end. The initial scale does not matter: decay forgets it.
    Numbers only, as ``digits`` proved digits or doubles; a symbol has no order to choose by.

    >>> print(*weight_decay_window("0.9", "0.1", label_noise="0.06", digits=15))
    0.00412429637595457 0.0301475970754813
    """
    function = "weight_decay_window"
    setting = Setting(function, accuracy, d_out, 0, 1, label_noise, decay_convention).numbers_only()
    lam, eps = exact(lam, "lam", function, ASPECT_RATIO), exact(eps, "eps", function, POSITIVE)
    window = _window(setting, lam, eps, FLOAT_DIGITS if digits is None else digits_argument(digits, function))
    if window is None or digits is not None:
        return window
    return DecayWindow(float(window.low), float(window.high))


def critical_weight_decay(
    lam: Any,
    eps: Any,
    *,
    label_noise: Any = 0,
    d_out: Any = 1,
    accuracy: Any = None,
    decay_convention: str = "paper",
    digits: int | None = None,
) -> Any:
    """gamma_c, the weight decay from which on the accuracy is not reached for good: the end of the decay window.

    Without noise gamma_c = 2(p - 1)(p - lam)/p with p = [1 + sqrt(2M(1 - lam + 2 lam M))]/(1 - 2M), M = d_out L*
    (= eps/4 for one output); for small eps about sqrt(2 eps (1 - lam)^3). It is 0 where no decay will do, and
    ``math.inf`` for M >= 1/2. Three readings: SymPy for symbols (d_out = 1), ``digits`` proved, doubles (arrays of lam
    and eps too).

    >>> print(critical_weight_decay("0.9", "1e-3", digits=32))
    0.0016210849179228932124068218413627
    """
    function = "critical_weight_decay"
    setting = Setting(function, accuracy, d_out, 0, 1, label_noise, decay_convention)

    def certified(ratio: Exact, tolerance: Exact, n: int) -> Any:
        window = _window(setting, ratio, tolerance, n)
        return Certified.from_exact(0, n) if window is None else window.high

    def symbolic(ratio: Any, tolerance: Any) -> Any:
        import sympy

        level, noise, _, _ = setting.symbols(tolerance)
        p = (1 + sympy.sqrt(1 - (1 - 2 * level) * (1 + 2 * (noise + level) * ratio))) / (1 - 2 * level)
        return 2 * (p - 1) * (p - ratio) / p

    return _read(setting, lam, eps, digits, symbolic, certified)


def _window(setting: Setting, lam: Exact, eps: Exact, digits: int) -> DecayWindow | None:
    function = setting.function
    balance = Balance(setting.threshold(eps), setting.knobs(lam))
    zero = Certified.from_exact(0, digits)
    # the quadratic at p = max(1, lam); written so that at lam = 1 without noise it is 0 for a ball m too
    starts = balance.sign(
        lambda x, m, t: t * x - m * (1 - x) if lam <= 1 else (x - 1) * (x - 1) / 2 + t * x - m * x * (x - 1), function
    )
    bound = balance.sign(lambda x, m, t: 1 - 2 * m, function)  # 0 < : there is an upper end

    def end(which: int) -> Certified:
        def kernel() -> arb:
            m, x = balance.level(), ball(lam)
            root = (1 - (1 - 2 * m) * (1 + 2 * (ball(balance.noise) + m) * x)).sqrt()
            p = (1 + which * root) / (1 - 2 * m) if bound else arb("0.5") + (ball(balance.noise) + m) * x
            return setting.gamma((p - 1) * (p - x) / p)

        return certify(kernel, digits, function=function, method="closed form")

    if bound <= 0:  # the quadratic falls for good
        return DecayWindow(zero if starts <= 0 else end(-1), math.inf)
    if starts < 0:
        return DecayWindow(zero, end(1))
    # is the vertex above p at c = 0?
    ahead = balance.sign(lambda x, m, t: 1 - (1 - 2 * m) * (1 if lam <= 1 else x), function) > 0
    real = balance.sign(lambda x, m, t: 1 - (1 - 2 * m) * (1 + 2 * (t + m) * x), function) > 0
    if not (ahead and real):
        return None
    return DecayWindow(zero if starts == 0 else end(-1), end(1))


def _quadratic(lam: Any, m: Any, t: Any, p: Any) -> Any:
    """(p^2 - lam) (d_out L_gen(inf) - M)."""
    return p * p * (1 - 2 * m) / 2 - p + (1 + 2 * (t + m) * lam) / 2


def critical_label_noise(
    lam: Any,
    eps: Any,
    *,
    weight_decay: Any = 0,
    init_scale: Any = 1,
    d_out: Any = 1,
    accuracy: Any = None,
    decay_convention: str = "paper",
    digits: int | None = None,
) -> Any:
    """sigma_c, the label noise from which on the accuracy is not reached for good at this weight decay.

    With decay d_out sigma_c^2 = [M (p^2 - lam) - (p - 1)^2/2]/lam; without, M (1 - lam)/lam for lam < 1 and (lam - 1)
    [M - (1 + alpha^2)/2 (1 - 1/lam)] for lam > 1. It is 0 where the accuracy is not reached without noise either.
    Above it, accuracy may still be reached and lost again (:func:`temporary_label_noise`). Three readings.

    >>> print(critical_label_noise("1/2", "1e-3", digits=30))
    0.0158113883008418966599944677222
    """
    function = "critical_label_noise"
    setting = Setting(function, accuracy, d_out, weight_decay, init_scale, 0, decay_convention)

    def certified(ratio: Exact, tolerance: Exact, n: int) -> Any:
        knobs = setting.knobs(ratio)
        balance = Balance(setting.threshold(tolerance), knobs)

        def squared() -> arb:
            m, x, c = balance.level(), ball(ratio), ball(knobs.c)
            if not sign(knobs.c):
                plateau = (1 + ball(knobs.alpha_squared)) / 2 * (1 - 1 / x)
                return m * ball(1 - ratio) / x if ratio <= 1 else ball(ratio - 1) * (m - plateau)
            total = 1 + x + c
            p = (total + (total * total - 4 * x).sqrt()) / 2
            return (m * (p * p - x) - (p - 1) * (p - 1) / 2) / x

        from grokmath.regression.knob_grokking_time_limits import threshold_against_gen_limit

        if threshold_against_gen_limit(knobs, balance.threshold) <= 0 or (not sign(knobs.c) and ratio == 1):
            return Certified.from_exact(0, n)
        kernel = lambda: (squared() / knobs.d_out).sqrt()  # noqa: E731
        return certify(kernel, n, function=function, method="closed form")

    def symbolic(ratio: Any, tolerance: Any) -> Any:
        import sympy

        level, _, c, squared = setting.symbols(tolerance)
        if c == 0:
            above = (ratio - 1) * (level - (1 + squared) / 2 * (1 - 1 / ratio))
            below = level * (1 - ratio) / ratio
            return sympy.sqrt(sympy.Piecewise((below, ratio <= 1), (above, True)))
        p = (1 + ratio + c + sympy.sqrt((1 - ratio) ** 2 + 2 * c * (1 + ratio) + c**2)) / 2
        return sympy.sqrt((level * (p**2 - ratio) - (p - 1) ** 2 / 2) / ratio)

    return _read(setting, lam, eps, digits, symbolic, certified)


def largest_label_noise(lam: Any, eps: Any, *, d_out: Any = 1, accuracy: Any = None, digits: int | None = None) -> Any:
    """sigma_max, the label noise from which on no weight decay lets the accuracy be reached for good.

    d_out sigma_max^2 = M [1/(lam (1 - 2M)) - 1], at the best decay c = 2 lam d_out sigma_max^2 (the Bayes ridge). It is
    0 for lam >= 1/(1 - 2M) and ``math.inf`` for M >= 1/2. Three readings.

    >>> print(largest_label_noise("0.9", "0.1", digits=32))
    0.065113486175072403576959614692243
    """
    function = "largest_label_noise"
    setting = Setting(function, accuracy, d_out)

    def certified(ratio: Exact, tolerance: Exact, n: int) -> Any:
        balance = Balance(setting.threshold(tolerance), setting.knobs(ratio))
        if balance.sign(lambda x, m, t: 1 - 2 * m, function) <= 0:
            return math.inf
        if balance.sign(lambda x, m, t: 1 - x + 2 * m * x, function) <= 0:
            return Certified.from_exact(0, n)

        def kernel() -> arb:
            m, x = balance.level(), ball(ratio)
            return (m * (ball(1 - ratio) + 2 * m * x) / (x * (1 - 2 * m)) / balance.knobs.d_out).sqrt()

        return certify(kernel, n, function=function, method="closed form")

    def symbolic(ratio: Any, tolerance: Any) -> Any:
        import sympy

        level = setting.symbols(tolerance)[0]
        return sympy.sqrt(level * (1 / (ratio * (1 - 2 * level)) - 1))

    return _read(setting, lam, eps, digits, symbolic, certified)


def _read(
    setting: Setting,
    lam: Any,
    eps: Any,
    digits: int | None,
    symbolic: Callable[[Any, Any], Any],
    certified: Callable[..., Any],
) -> Any:
    """The three readings at lam and eps; the doubles are the certified values rounded, element by element."""

    def one(ratio: float, tolerance: float) -> float:
        numbers = (exact(float(value), "value", setting.function) for value in (ratio, tolerance))
        return float(certified(*numbers, FLOAT_DIGITS))

    def doubles(*values: Any) -> Any:
        import numpy as np

        if all(np.ndim(value) == 0 for value in values):
            return one(*values)
        return np.vectorize(one, otypes=[np.float64])(*values)

    return read(
        setting.function,
        [Argument("lam", lam, ASPECT_RATIO), Argument("eps", eps, POSITIVE)],
        digits,
        symbolic=symbolic,
        certified=certified,
        float64=doubles,
        parameters=setting.parameters,
    )
