"""Samplers for the probabilistic claims: small, seeded, NumPy only.

Each returns independent draws of the quantity whose mean is claimed. The seed is fixed by the sampler's name, so that
a verdict does not depend on the day; sizes are such that all of them together take a few seconds.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grokmath.asymptotics.formula import Environment, point_text
from grokmath.certified import working_precision
from grokmath.exact import Exact

Array = NDArray[np.float64]
Sampler = Callable[[np.random.Generator, dict[str, float]], Array]


def z_score(sampler: str, formula: Any, values: Mapping[str, Exact]) -> tuple[float, str]:
    """(mean - claimed)/(standard error), and a sentence that states it with the sample size."""
    rng = np.random.default_rng(zlib.crc32(sampler.encode()))
    draws = SAMPLERS[sampler](rng, {name: float(value) for name, value in values.items()})
    mean, error = float(draws.mean()), float(draws.std(ddof=1)) / math.sqrt(draws.size)
    claimed = _claimed(formula, values, error)
    z = (mean - claimed) / error
    text = f"{point_text(values)}: mean {mean:.6g} +/- {error:.2g} over {draws.size} draws, claimed {claimed:.6g}"
    return z, f"{text}, z = {z:+.2f}"


def _claimed(formula: Any, values: Mapping[str, Exact], error: float) -> float:
    if isinstance(formula, tuple):  # a formula moved by so many standard errors
        return _claimed(formula[0], values, error) + float(formula[1]) * error
    with working_precision(128):
        return float(Environment(values).real(formula))


def _spectrum(rng: np.random.Generator, d: int, N: int) -> tuple[Array, Array]:
    x = rng.standard_normal((N, d))
    nu, vectors = np.linalg.eigh(x.T @ x / N)
    return np.maximum(nu, 0.0), vectors


def _initial_loss(rng: np.random.Generator, p: dict[str, float]) -> Array:
    d, out = int(p["d_in"]), int(p["d_out"])
    D = rng.standard_normal((400, d, out)) - rng.standard_normal((400, d, out))
    scaled: Array = D / math.sqrt(2 * d * out)
    losses: Array = (scaled**2).sum(axis=(1, 2)) / out
    return losses


def _rescaled_start(rng: np.random.Generator, p: dict[str, float]) -> Array:
    d = int(p["d_in"])
    draws = p["alpha"] * rng.standard_normal((1000, d)) - rng.standard_normal((1000, d))
    norms: Array = (draws**2).sum(axis=1) / (2 * d)
    return norms


def _projections(rng: np.random.Generator, p: dict[str, float]) -> Array:
    """D_0^T e^{-s Sigma} D_0 minus the mean of e^{-s nu}, over D_0, for one fixed design."""
    d = 60
    nu, vectors = _spectrum(rng, d, round(d / p["lam"]))
    D = rng.standard_normal((4000, d)) / math.sqrt(d)
    f = np.exp(-p["s"] * nu)
    out: Array = ((D @ vectors) ** 2) @ f - f.mean()
    return out


def _averages(rng: np.random.Generator, p: dict[str, float], d: int, train: bool) -> Array:
    """(1/d) sum f(nu_i) for 60 designs, f = nu e^{-s nu} or e^{-s nu}."""
    N = round(d / p["lam"])
    x = rng.standard_normal((60, min(d, N), max(d, N)))
    nu = np.linalg.eigvalsh(x @ x.transpose(0, 2, 1) / N)
    f = np.exp(-p["s"] * nu)
    out: Array = ((nu * f).sum(axis=1) if train else f.sum(axis=1) + max(0, d - N)) / d
    return out


def _spectral(train: bool, limit: bool) -> Sampler:
    """At d = 96; or with the term in 1/d removed by half of that size, 2 f(96) - f(48)."""

    def draw(rng: np.random.Generator, p: dict[str, float]) -> Array:
        large = _averages(rng, p, 96, train)
        return 2 * large - _averages(rng, p, 48, train) if limit else large

    return draw


def _noisy(train: bool) -> Sampler:
    """Losses of 200 runs with label noise at d = 32, from a start of norm 1."""

    def draw(rng: np.random.Generator, p: dict[str, float]) -> Array:
        d, runs = 32, 200
        N = round(d / p["lam"])
        x = rng.standard_normal((runs, N, d))
        u, singular, vt = np.linalg.svd(x / math.sqrt(N), full_matrices=False)
        D0 = rng.standard_normal((runs, d))
        D0 /= np.linalg.norm(D0, axis=1, keepdims=True)
        delta = p["sigma"] * rng.standard_normal((runs, N))
        decay = np.exp(-p["s"] * singular**2 / 2)
        start = np.einsum("rkd,rd->rk", vt, D0)
        target = np.einsum("rnk,rn->rk", u, delta) / singular / math.sqrt(N)
        D = D0 + np.einsum("rkd,rk->rd", vt, (decay - 1) * start + (1 - decay) * target)
        out: Array = ((np.einsum("rnd,rd->rn", x, D) - delta) ** 2).mean(axis=1) if train else (D**2).sum(axis=1)
        return out

    return draw


def _quadratic_form(rng: np.random.Generator, p: dict[str, float]) -> Array:
    """W^T Sigma V for independent unit vectors V, W."""
    d = 80
    nu, _ = _spectrum(rng, d, round(d / p["lam"]))
    V, W = rng.standard_normal((2, 4000, d)) / math.sqrt(d)
    out: Array = (V * W * nu).sum(axis=1)
    return out


def _two_layers(rng: np.random.Generator, p: dict[str, float], what: str) -> Array:
    d, hidden, out = int(p["d_in"]), int(p["d_h"]), int(p["d_out"])
    values = []
    for _ in range(200):
        S0, T0 = rng.standard_normal((2, d, hidden)) / math.sqrt(2 * d * hidden)
        S1, T1 = rng.standard_normal((2, hidden, out)) / math.sqrt(2 * hidden * out)
        D = S0 @ S1 - T0 @ T1
        if what == "h":
            values.append(((S0**2).sum() + (S1**2).sum()) / 2)
        elif what == "start":
            values.append((D**2).sum())
        else:  # the rate of D at the start, averaged over D: (1/d_out) (|S_0|^2/d_in + |S_1|^2/d_out)
            values.append(((S0**2).sum() / d + (S1**2).sum() / out) / out)
    return np.array(values)


def _separable(rng: np.random.Generator, p: dict[str, float]) -> Array:
    """Whether N points in the plane leave a half-plane empty: the largest gap of their angles exceeds pi."""
    angles = np.sort(rng.uniform(0, 2 * math.pi, (20000, int(p["N"]))), axis=1)
    gaps = np.diff(angles, axis=1, append=angles[:, :1] + 2 * math.pi)
    empty: Array = (gaps.max(axis=1) > math.pi).astype(np.float64)
    return empty


def _accuracy(rng: np.random.Generator, p: dict[str, float]) -> Array:
    return (p["R"] * rng.standard_normal(20000) + p["b"] < 0).astype(np.float64)


def _discriminative(rng: np.random.Generator, p: dict[str, float]) -> Array:
    x, y = rng.standard_normal((2, 20000))
    f = p["rho"] * x + math.sqrt(1 - p["rho"] ** 2) * y
    correct: Array = ((x > p["h"]) == (f < p["k"])).astype(np.float64)
    return correct


SAMPLERS: dict[str, Sampler] = {
    "initial loss": _initial_loss,
    "rescaled start": _rescaled_start,
    "projections": _projections,
    "training loss": _spectral(True, False),
    "generalization loss": _spectral(False, False),
    "training loss, d to infinity": _spectral(True, True),
    "generalization loss, d to infinity": _spectral(False, True),
    "noisy training loss": _noisy(True),
    "noisy generalization loss": _noisy(False),
    "quadratic form": _quadratic_form,
    "two layers: h": lambda rng, p: _two_layers(rng, p, "h"),
    "two layers: start": lambda rng, p: _two_layers(rng, p, "start"),
    "two layers: rate": lambda rng, p: _two_layers(rng, p, "rate"),
    "separable in the plane": _separable,
    "accuracy": _accuracy,
    "discriminative accuracy": _discriminative,
}
"""Samplers by name."""
