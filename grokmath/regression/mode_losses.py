"""What one eigenmode of the training covariance contributes to the losses: the model before any average, in float64.

In the eigenbasis of Sigma = X^T X / N_tr gradient descent and gradient flow decouple. With K = nu + c (c the decay that
a mode feels), e the factor by which its distance from the fixed point has shrunk, g = (1 - e)/K and h = e + c g, the
mean over teacher, start and noise of what a mode of eigenvalue nu adds to d_in times the losses is

    gen:    (alpha^2 e^2 + h^2) / (2 d_out) + sigma^2 lam nu g^2
    train:  nu (alpha^2 e^2 + h^2) / (2 d_out) + sigma^2 lam h^2         (and sigma^2 (1 - lam) once).

Everything is entire in nu, also at nu = c = 0, where g is the time. Flow: e = exp(-u K), u = rate * t; descent with
steps of size 1: e = (1 - rate K)^t, t an integer.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Mode(NamedTuple):
    """Decay factor e, g = (1 - e)/K and h = e + c g of modes at a time, and what they need again."""

    nu: Array
    K: Array
    e: Array
    g: Array
    h: Array


class ModeLosses:
    """The functions of the table above for one set of knobs; ``descent`` chooses discrete steps.

    ``rate`` is the time scale u/t (2 eta, divided by d_out in the paper's convention), ``noise`` the variance of the
    label noise per output. All but lam may be arrays that broadcast with the modes.
    """

    def __init__(
        self,
        lam: float,
        *,
        rate: Any = 1.0,
        c: Any = 0.0,
        alpha_squared: Any = 1.0,
        noise: Any = 0.0,
        d_out: Any = 1,
        descent: bool = False,
    ) -> None:
        self.lam, self.rate, self.c, self.alpha_squared = lam, rate, c, alpha_squared
        self.noise, self.d_out, self.descent = noise, d_out, descent

    def mode(self, nu: Any, t: Any) -> Mode:
        """The mode of eigenvalue ``nu`` at time ``t``; the two broadcast."""
        nu, t = np.asarray(nu, dtype=float), np.asarray(t, dtype=float)
        stiffness = nu + self.c
        if self.descent:
            step = self.rate * stiffness
            with np.errstate(divide="ignore"):
                exponent = t * np.where(step < 1, np.log1p(-np.where(step < 1, step, 0.0)), np.log(np.abs(step - 1)))
            flipped = (step > 1) & (t % 2 == 1)
            e = np.where(flipped, -1.0, 1.0) * np.exp(np.where(t == 0, 0.0, exponent))
            shrunk = np.where(flipped, 1.0 - e, -np.expm1(np.where(t == 0, 0.0, exponent)))
        else:
            exponent = -(self.rate * t) * stiffness
            e, shrunk = np.exp(exponent), -np.expm1(exponent)
        still = stiffness == 0
        g = np.where(still, self.rate * t, shrunk / np.where(still, 1.0, stiffness))
        return Mode(nu, stiffness, e, g, e + self.c * g)

    def gen(self, mode: Mode) -> Array:
        """The contribution to the generalization loss."""
        return self.gen_falling(mode) + self.gen_rising(mode)

    def gen_falling(self, mode: Mode) -> Array:
        """Its part from start and teacher, which decreases in time (flow)."""
        return np.asarray((self.alpha_squared * mode.e**2 + mode.h**2) / (2 * self.d_out))

    def gen_rising(self, mode: Mode) -> Array:
        """Its part from the noise of the labels, which increases in time (flow)."""
        return np.asarray(self.noise * self.lam * mode.nu * mode.g**2)

    def train(self, mode: Mode) -> Array:
        """The contribution to the training loss, without the constant :attr:`noise_floor`."""
        start = mode.nu * (self.alpha_squared * mode.e**2 + mode.h**2) / (2 * self.d_out)
        return np.asarray(start + self.noise * self.lam * mode.h**2)

    @property
    def noise_floor(self) -> Any:
        """sigma^2 (1 - lam), the part of the training loss that no mode carries."""
        return self.noise * (1 - self.lam)

    def gen_slopes(self, mode: Mode) -> tuple[Array, Array]:
        """First and second derivative of :meth:`gen` with respect to u = rate * t (flow)."""
        nu, K, e, g, h = mode
        weight = self.noise * self.lam * nu
        first = -(self.alpha_squared * K * e + nu * h) * e / self.d_out + 2 * weight * g * e
        curve = (2 * self.alpha_squared * K**2 * e + nu**2 * e + nu * K * h) * e / self.d_out
        return first, curve + 2 * weight * (e - g * K) * e

    def train_slopes(self, mode: Mode) -> tuple[Array, Array]:
        """First and second derivative of :meth:`train` with respect to u = rate * t (flow)."""
        nu, K, e, _, h = mode
        weight = 2 * self.noise * self.lam
        first = -nu * (self.alpha_squared * K * e + nu * h) * e / self.d_out - weight * nu * h * e
        curve = nu * (2 * self.alpha_squared * K**2 * e + nu**2 * e + nu * K * h) * e / self.d_out
        return first, curve + weight * (nu**2 * e + nu * K * h) * e
