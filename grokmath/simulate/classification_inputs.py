"""Laws of the inputs of the classification runs: how points are drawn, and what the population sees of a weight S.

Each law is symmetric about the origin, so that Wendel's probability holds for all that have points in general position
(appendix G of the classification paper). Up to ``sigma`` the coordinates are z_i, and S.x has a mean +-S.m and the
variance sigma**2 sum v_i S_i**2; for coordinates that are not Gaussian it is taken as Gaussian, by the central limit
theorem.

* "normal": v = 1.
* "uniform", "rademacher": v = 1, coordinates uniform or +-1.
* "power-law": Gaussian with v_i proportional to 1/i and of mean 1.
* "mixture": half N(m, 1), half N(-m, 1), m = 2 along the diagonal, in units of sigma.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from grokmath.parameters import domain_error

__all__ = ["INPUTS", "InputLaw", "draw_inputs", "input_law"]

Array = NDArray[np.float64]
Draw = Callable[[np.random.Generator, tuple[int, int]], Array]

MIXTURE_CENTRE = 2.0
"""The distance of each of the mixture's two centres from the origin, in units of sigma."""


class InputLaw(NamedTuple):
    """``deviations`` and ``centre`` of the coordinates in d dimensions, and whether all directions are alike."""

    draw: Draw
    deviations: Callable[[int], Array]
    centre: Callable[[int], Array]
    isotropic: bool


def _power_law(d: int) -> Array:
    variances = 1 / np.arange(1.0, d + 1)
    return np.asarray(np.sqrt(variances / variances.mean()))


def _diagonal(d: int) -> Array:
    return np.full(d, MIXTURE_CENTRE / math.sqrt(d))


def _mixture(random: np.random.Generator, shape: tuple[int, int]) -> Array:
    signs = random.choice(np.array([-1.0, 1.0]), (shape[0], 1))
    return random.standard_normal(shape) + signs * _diagonal(shape[1])


def _simple(draw: Draw) -> InputLaw:
    return InputLaw(draw, np.ones, np.zeros, True)


INPUTS: dict[str, InputLaw] = {
    "normal": _simple(lambda random, shape: random.standard_normal(shape)),
    "uniform": _simple(lambda random, shape: random.uniform(-math.sqrt(3), math.sqrt(3), shape)),
    "rademacher": _simple(lambda random, shape: random.choice(np.array([-1.0, 1.0]), shape)),
    "power-law": InputLaw(
        lambda random, shape: random.standard_normal(shape) * _power_law(shape[1]), _power_law, np.zeros, False
    ),
    "mixture": InputLaw(_mixture, np.ones, _diagonal, False),
}
"""The laws by name."""


def input_law(inputs: str, function: str) -> InputLaw:
    """The law of this name; :class:`DomainError` for a name that is none."""
    if inputs not in INPUTS:
        raise domain_error(function, "inputs", inputs, " | ".join(INPUTS), "choose one of these")
    return INPUTS[inputs]


def draw_inputs(inputs: str, sigma: float, shape: tuple[int, int], random: np.random.Generator) -> Array:
    """N x d points of the law, scaled by ``sigma``."""
    return sigma * input_law(inputs, "draw_inputs").draw(random, shape)
