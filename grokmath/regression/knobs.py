"""The knobs of the linear teacher-student model, read and checked in one place, and what follows from them exactly.

The student S (d_in x d_out) descends the mean squared error against the targets X T + noise, with teacher entries of
variance 1/(2 d_in d_out), initial student entries alpha^2 times that, targets' noise of standard deviation sigma per
output, and weight decay gamma. In an eigenmode nu of the training covariance the flow has the rate K = nu + c in the
time u = rate * t. What c and u are depends on how the loss and the penalty are normalised:

========== ============================================================= =========== ================
convention meaning                                                       c           u
========== ============================================================= =========== ================
paper      loss averaged over outputs, penalty gamma |S|^2/(2 d_out)     gamma/2     2 eta t/d_out
decoupled  loss averaged over outputs, S <- S - eta gamma S as well      gamma d/2   2 eta t/d_out
summed     loss summed over outputs, penalty gamma |S|^2/2               gamma/2     2 eta t
========== ============================================================= =========== ================

"paper" is eq. (3) of Levi, Beck and Bar Sinai, "Grokking in Linear Estimators"; "decoupled" is what optimizers with an
argument ``weight_decay`` do that acts on the weights directly. At d_out = 1 the three are the same. The losses that are
reported are averages over the outputs in each of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from grokmath.exact import Exact, sign
from grokmath.parameters import ASPECT_RATIO, NONNEGATIVE, POSITIVE, Domain, domain_error, exact, is_symbolic, one_of

__all__ = ["CONVENTIONS", "Knobs", "decay_and_rate", "read_knobs"]

CONVENTIONS = ("paper", "decoupled", "summed")
"""The names of the conventions of decay at d_out > 1."""

LARGEST_D_OUT = 10**9
_OUTPUTS = Domain(f"an integer from 1 to {LARGEST_D_OUT}", Fraction(1), Fraction(LARGEST_D_OUT))


def decay_and_rate(eta: Any, d_out: Any, weight_decay: Any, convention: str) -> tuple[Any, Any]:
    """(c, rate) of a convention, for exact numbers and for SymPy expressions alike.

    >>> decay_and_rate(Fraction(1, 100), 4, Fraction(1, 10), "decoupled")
    (Fraction(1, 5), Fraction(1, 200))
    """
    c = weight_decay / 2
    if convention == "summed":
        return c, 2 * eta
    return (c * d_out if convention == "decoupled" else c), 2 * eta / d_out


@dataclass(frozen=True)
class Knobs:
    """All parameters of the model as exact numbers; :func:`read_knobs` makes them of what a caller gives.

    >>> knobs = Knobs(Fraction(9, 10), Fraction(1, 100), weight_decay=Fraction(1, 1000))
    >>> knobs.c, knobs.rate, knobs.plain
    (Fraction(1, 2000), Fraction(1, 50), False)
    """

    lam: Exact
    eta: Exact
    d_out: int = 1
    weight_decay: Exact = Fraction(0)
    init_scale: Exact = Fraction(1)
    label_noise: Exact = Fraction(0)
    decay_convention: str = "paper"

    @cached_property
    def c(self) -> Exact:
        """Half the decay that a mode feels: its rate is K = nu + c."""
        return self._c_and_rate[0]

    @cached_property
    def rate(self) -> Exact:
        """u = rate * t."""
        return self._c_and_rate[1]

    @cached_property
    def _c_and_rate(self) -> tuple[Exact, Exact]:
        c, rate = decay_and_rate(self.eta, self.d_out, self.weight_decay, self.decay_convention)
        return c, rate

    @cached_property
    def alpha_squared(self) -> Exact:
        """The square of the initial scale."""
        squared: Exact = self.init_scale * self.init_scale
        return squared

    @cached_property
    def noise(self) -> Exact:
        """The variance of the labels' noise, per output."""
        squared: Exact = self.label_noise * self.label_noise
        return squared

    @cached_property
    def scale(self) -> Exact:
        """(1 + alpha^2)/(2 d_out): both losses at t = 0, noise aside, and their factor where ``plain``."""
        value: Exact = (1 + self.alpha_squared) / (2 * self.d_out)
        return value

    @cached_property
    def plain(self) -> bool:
        """Neither decay nor noise: each loss is ``scale`` times that of d_out = 1, alpha = 1 at s = 2 u."""
        return sign(self.weight_decay) == 0 and sign(self.label_noise) == 0

    @cached_property
    def default(self) -> bool:
        """Every knob but lam and eta at its default."""
        return self.plain and self.d_out == 1 and self.alpha_squared == 1

    @cached_property
    def overfitting(self) -> Exact:
        """2 lam sigma^2 - c/d_out: L_gen falls at all times where it is <= 0; else its limit, if reached, from below.

        The decay at which it vanishes is the best one (:meth:`LinearTeacherStudent.optimal_weight_decay`).
        """
        value: Exact = 2 * self.lam * self.noise - self.c / self.d_out
        return value


def read_outputs(value: Any, function: str) -> int:
    """The number of outputs, an integer from 1 to 10^9."""
    if isinstance(value, bool):
        raise domain_error(function, "d_out", value, _OUTPUTS.text, "count the outputs")
    number = exact(value, "d_out", function, _OUTPUTS)
    if not isinstance(number, Fraction) or number.denominator != 1:
        raise domain_error(function, "d_out", value, _OUTPUTS.text, "count the outputs")
    return int(number)


def read_knobs(
    function: str,
    lam: Any,
    eta: Any,
    d_out: Any = 1,
    weight_decay: Any = 0,
    init_scale: Any = 1,
    label_noise: Any = 0,
    decay_convention: Any = "paper",
) -> dict[str, Any]:
    """The knobs by name, each an exact number in its domain or, where it has a free symbol, the expression it is.

    Raises :class:`DomainError`, naming the knob, for anything else.
    """
    one_of(decay_convention, CONVENTIONS, "decay_convention", function)
    values = {
        "lam": (lam, ASPECT_RATIO),
        "eta": (eta, POSITIVE),
        "weight_decay": (weight_decay, NONNEGATIVE),
        "init_scale": (init_scale, NONNEGATIVE),
        "label_noise": (label_noise, NONNEGATIVE),
    }
    knobs: dict[str, Any] = {
        name: value if is_symbolic(value) else exact(value, name, function, domain)
        for name, (value, domain) in values.items()
    }
    knobs["d_out"] = d_out if is_symbolic(d_out) else read_outputs(d_out, function)
    knobs["decay_convention"] = decay_convention
    return knobs
