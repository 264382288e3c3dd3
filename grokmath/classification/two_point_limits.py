"""Where the two-point model goes as t -> infinity, in each regime, as one formula for balls and for SymPy.

With M = 2 lam - 1, w0 = 1 - a exp(p S0), kappa = p a**(-a/p):

* lam < 1/2: S -> S* = log(1/a)/p, b = -log(kappa c t) + o(1);
* lam = 1/2: S = log log t - log s + o(1), b = -log(c t) + o(1);
* lam > 1/2: S = M log t/(s + M**2) + delta + o(1), b = -s log t/(s + M**2) + delta_b + o(1), with
  delta = M/(s + M**2) (b0 + s S0 + (s/M) log(w0/M) + log(c (s + M**2)/s)),
  delta_b = b0 + s S0 + (s/M) log(w0/M) - (s/M) delta.
  At lam = 1, where w = 2 throughout, log(w0/M) becomes 0 in both, and c becomes 2 c.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

__all__ = ["TwoPointLimits", "limits"]


class TwoPointLimits(NamedTuple):
    """The asymptotic law of the two-point model.

    ``weight`` and ``gen_accuracy`` are limits. S = weight_slope log t + weight_offset + o(1), except at lam = 1/2,
    where S = log log t + weight_offset + o(1), and b = bias_slope log t + bias_offset + o(1).
    """

    weight: Any
    weight_slope: Any
    weight_offset: Any
    bias_slope: Any
    bias_offset: Any
    gen_accuracy: Any


class Functions(NamedTuple):
    """The functions that the formulas need."""

    log: Callable[[Any], Any]
    exp: Callable[[Any], Any]
    normal: Callable[[Any], Any]


class Constants(NamedTuple):
    """a, p, s, c, S0 and b0 in one kind of number."""

    a: Any
    p: Any
    s: Any
    c: Any
    s0: Any
    b0: Any


def limits(field: str, regime: int, m: Functions, k: Constants) -> Any:
    """One field of :class:`TwoPointLimits`; ``regime`` is the sign of a, or -2 for a = -1; 0, 1 and -1 come as int."""
    a, p, s, c, s0, b0 = k
    fields: dict[str, Callable[[], Any]]
    if regime > 0:
        minimizer = -m.log(a) / p
        fields = {
            "weight": lambda: minimizer,
            "weight_slope": lambda: 0,
            "weight_offset": lambda: minimizer,
            "bias_slope": lambda: -1,
            "bias_offset": lambda: -m.log(p * c) - a * minimizer,
            "gen_accuracy": lambda: 1,
        }
        return fields[field]()
    if regime == 0:
        fields = {
            "weight": lambda: None,
            "weight_slope": lambda: 0,
            "weight_offset": lambda: -m.log(s),
            "bias_slope": lambda: -1,
            "bias_offset": lambda: -m.log(c),
            "gen_accuracy": lambda: 1,
        }
        return fields[field]()
    margin = -a
    rate = s + margin * margin

    def start() -> Any:
        if regime == -2:
            return b0 + s * s0
        return b0 + s * s0 + s / margin * m.log((1 + margin * m.exp(p * s0)) / margin)

    def weight_offset() -> Any:
        speed = 2 * c if regime == -2 else c
        return margin / rate * (start() + m.log(speed * rate / s))

    fields = {
        "weight": lambda: None,
        "weight_slope": lambda: margin / rate,
        "weight_offset": weight_offset,
        "bias_slope": lambda: -s / rate,
        "bias_offset": lambda: start() - s / margin * weight_offset(),
        "gen_accuracy": lambda: m.normal(s / margin),
    }
    return fields[field]()
