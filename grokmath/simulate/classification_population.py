"""Loss and accuracy on new points of a weight S and a bias b, exact for Gaussian inputs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from grokmath.classification.discriminative import discriminative_accuracy
from grokmath.functions.logistic_normal import population_loss
from grokmath.simulate.classification_inputs import InputLaw

__all__ = ["Population", "discriminative_loss"]

Array = NDArray[np.float64]
_NODES = 60
_REACH = 9.0
"""Gaussian coordinates beyond this have a weight below 1e-18."""


class Population(NamedTuple):
    """The law of new points: inputs of scale ``sigma``, the fraction labelled -1, and the spread of the label axis."""

    law: InputLaw
    sigma: float
    label_fraction: float
    axis_std: float

    def output_std(self, S: Array, b: Array) -> Array:
        """The standard deviation of f about its mean b (+-S.m for a mixture), for weights along the last axis."""
        spread = self.sigma * np.linalg.norm(S * self.law.deviations(S.shape[-1]), axis=-1)
        return np.asarray(np.hypot(spread, self.axis_std * b))

    def accuracy(self, S: Array, b: Array) -> Array:
        """The probability of a right answer; at S = b = 0 one half."""
        if self.label_fraction < 1:
            across = np.linalg.norm(S[..., 1:], axis=-1)
            value = discriminative_accuracy(self.label_fraction, S[..., 0], across, b, feature_std=self.sigma)
            return np.asarray(value)
        spread, shift = self.output_std(S, b), self._shift(S)
        at_rest = (np.sign(-b) + 1) / 2
        with np.errstate(divide="ignore", invalid="ignore"):
            both = (ndtr(-(b + shift) / spread) + ndtr(-(b - shift) / spread)) / 2
        return np.where(spread > 0, both, at_rest)

    def loss(self, S: Array, b: Array) -> Array:
        """The expected cross-entropy."""
        if self.label_fraction < 1:
            across = np.linalg.norm(S[..., 1:], axis=-1)
            return discriminative_loss(self.label_fraction, self.sigma * S[..., 0], self.sigma * across, b)
        spread, shift = self.output_std(S, b), self._shift(S)
        return np.asarray((population_loss(spread, b + shift) + population_loss(spread, b - shift)) / 2)

    def _shift(self, S: Array) -> Array:
        return np.asarray(self.sigma * (S @ self.law.centre(S.shape[-1])))


def discriminative_loss(label_fraction: float, along: Array, across: Array, b: Array) -> Array:
    """E log(1 + exp(-y f)), f = along g_1 + across g + b, y = -1 where g_1 > h = Phi^-1(1 - r), else 1.

    Gauss-Legendre nodes in g_1 on both sides of h, of the mean over g, a logistic-normal integral.
    """
    h = float(np.clip(ndtri(1 - label_fraction), -_REACH, _REACH))
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    total = np.zeros(np.shape(b))
    for low, high, sign in ((h, _REACH, 1.0), (-_REACH, h, -1.0)):
        half = (high - low) / 2
        if half == 0:
            continue
        for node, weight in zip(nodes, weights, strict=True):
            g = (low + high) / 2 + half * node
            density = weight * half * np.exp(-g * g / 2) / np.sqrt(2 * np.pi)
            total = total + density * np.asarray(population_loss(across, sign * (b + along * g)))
    return total
