"""Symbols, regimes and recurring expressions of the regression paper. s = 4 eta t, a = (1 - sqrt lam)^2, c = "
"gamma/2."""

from __future__ import annotations

from typing import Any

import sympy as sp

from grokmath.asymptotics import Regime
from grokmath.ledger.record import regime
from grokmath.ledger.vocabulary import ExcessMP, GenTime, MeanMP, TrainTime

lam, eta, t, s, eps, gam, nu, S, L, x, z = sp.symbols("lam eta t s eps gamma nu S L x z", positive=True)
alpha, sigma, theta = sp.symbols("alpha sigma theta", positive=True)
d = sp.Symbol("d", integer=True, positive=True)
root = sp.sqrt(lam)
a = (1 - root) ** 2
c = gam / 2
s_of_t = 4 * eta * t
half, third = sp.Rational(1, 2), sp.Rational(1, 3)

TIME = {"eta": "1/1000..1/10", "t": "1/10..10000"}
UNDER = regime("lam < 1", ({"lam": "1/2"}, {"lam": "99/100"}), lam="1/50..99/100", **TIME)
CRITICAL = regime("lam = 1", lam="1", **TIME)
OVER = regime("lam > 1", ({"lam": "101/100"},), lam="101/100..5", **TIME)
ALL = (UNDER, CRITICAL, OVER)
UNDER_S = regime("lam < 1", ({"lam": "1/2"}, {"lam": "99/100"}), lam="1/50..99/100", s="1/100..2000")
CRITICAL_S = regime("lam = 1", lam="1", s="1/100..2000")
OVER_S = regime("lam > 1", ({"lam": "101/100"},), lam="101/100..5", s="1/100..2000")
ALL_S = (UNDER_S, CRITICAL_S, OVER_S)
LATE_UNDER = regime("late times, lam < 1", ({"lam": "1/2"},), lam="1/20..4/5", eta="1/100..1/10")
LATE_OVER = regime("late times, lam > 1", ({"lam": "5/2"},), lam="3/2..5", eta="1/100..1/10")
LATE_CRITICAL = regime("late times, lam = 1", lam="1", eta="1/100..1/10")


def mean(f: Any, at: Any) -> Any:
    """E[f(nu) exp(-at nu)] over the Marchenko-Pastur law, by quadrature."""
    return MeanMP(sp.Lambda(nu, f), lam, at)


def train_exact(at: Any) -> Any:
    """L_tr as an average, by quadrature."""
    return mean(nu, at)


def gen_exact(at: Any) -> Any:
    """L_gen as an average, by quadrature."""
    return mean(sp.Integer(1), at)


def excess_exact(at: Any) -> Any:
    """L_gen less its plateau, by quadrature."""
    return ExcessMP(lam, at)


def train_closed(u: Any) -> Any:
    """exp(-(1+lam)u) I_1(2 sqrt(lam) u)/(sqrt(lam) u)."""
    return sp.exp(-(1 + lam) * u) * sp.besseli(1, 2 * root * u) / (root * u)


def gen_closed(u: Any, ratio: Any = lam) -> Any:
    """L_gen in Marcum's Q at aspect ratio ``ratio``."""
    r = sp.sqrt(ratio)
    across, back = _marcum(u, ratio)
    return across - (1 - back) / ratio + sp.exp(-(1 + ratio) * u) * sp.besseli(1, 2 * r * u) / r


def _marcum(u: Any, ratio: Any) -> tuple[Any, Any]:
    low, high = sp.sqrt(2 * ratio * u), sp.sqrt(2 * u)
    return sp.marcumq(1, low, high), sp.marcumq(1, high, low)


def noise_kernel(u: Any) -> Any:
    """K(u) = E[(1 - exp(-u nu))/nu], lam other than 1."""
    across, back = _marcum(u, lam)
    return u * gen_closed(u) + (lam * (1 - across) - (1 - back)) / (lam * (1 - lam))


p_root = (1 + lam + c + sp.sqrt((1 + lam + c) ** 2 - 4 * lam)) / 2
q_root = lam / p_root


def ridge_closed(u: Any) -> tuple[Any, Any]:
    """H = E[nu e^(-u nu)/(nu + c)] and V = E[nu e^(-u nu)/(nu + c)^2], in Marcum's Q.

    V = tail - u H, from E[e^(-u nu)/(nu + c)] = (G - H)/c and the same once more.
    """
    p, q = p_root, q_root
    H = sp.exp(c * u) / p * gen_closed(p * u, q / p)
    there = p * (1 - sp.marcumq(1, sp.sqrt(2 * p * u), sp.sqrt(2 * q * u)))
    back = q * sp.marcumq(1, sp.sqrt(2 * q * u), sp.sqrt(2 * p * u))
    return H, sp.exp(c * u) / (lam * (p - q)) * (there + back) - u * H


late_train = sp.exp(-4 * eta * a * t) / (
    16 * sp.sqrt(sp.pi) * lam ** sp.Rational(3, 4) * (eta * t) ** sp.Rational(3, 2)
)
ell = -2 * sp.log(1 - root)
grok_leading = -sp.log(1 - root) / (2 * eta * a)


def delta(ratio: Any, level: Any) -> Any:
    """The exact difference of the rescaled times at which both losses reach ``level``, up to lam = 1."""
    return GenTime(ratio, level) - TrainTime(ratio, level)


def excess_delta(ratio: Any, level: Any) -> Any:
    """The same above lam = 1, where the plateau 1 - 1/lam is part of the loss."""
    return GenTime(ratio, level - (1 - 1 / ratio)) - TrainTime(ratio, level)


def box(*names: Any, low: str = "-2", high: str = "21/10", **more: str) -> Regime:
    """Matrix entries between low and high."""
    entries = regime(**{str(name): f"{low}..{high}" for name in names}).ranges
    return Regime((*entries, *regime(**more).ranges))


def spread(tau: Any, u: Any, w: Any, v: Any) -> Any:
    """exp(-tau Sigma) for Sigma = [[u, w], [w, v]], by Cayley and Hamilton."""
    m, r = (u + v) / 2, sp.sqrt((u - v) ** 2 / 4 + w**2)
    up, down = sp.exp(-tau * (m - r)), sp.exp(-tau * (m + r))
    return (up + down) / 2 * sp.eye(2) - (up - down) / (2 * r) * (sp.Matrix([[u, w], [w, v]]) - m * sp.eye(2))
