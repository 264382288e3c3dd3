"""The full model's laws against simulated Gaussian points: standard errors, and the smallest deviation that would show.

Each quantity's mean over n sets of N points must lie within 3 standard errors of its law, and 3 standard errors must be
at most 3 % of it: that is the smallest deviation that is sure to be noticed. The bias of finite N is below one standard
error at the sizes chosen, except at the Hessian's edge, where it falls like N**(-2/3) as at every soft edge of a
spectrum and is removed by extrapolation from two sizes. The separable side's laws are theorems; those of the
inseparable side come from a heuristic Gaussian min-max step, and these tests are the evidence for them.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.linalg as sl
from scipy.integrate import solve_ivp

from grokmath.classification.exponential_descent import descend
from grokmath.classification.logistic import LogisticModel
from grokmath.classification.separability import separability
from grokmath.classification.separability_data import gram

MOST = 0.03
"""The largest deviation that may go unnoticed."""


def check(name: str, samples: np.ndarray, law: float) -> None:
    """Within 3 standard errors of the law, which are at most 3 % of it."""
    mean, error = samples.mean(), samples.std(ddof=1) / math.sqrt(len(samples))
    assert_agrees(name, mean, error, law)


def assert_agrees(name: str, mean: float, error: float, law: float) -> None:
    text = f"{name}: {mean:.6g} +- {error:.2g}, law {law:.6g}, z = {(mean - law) / error:+.2f}"
    assert 3 * error < MOST * abs(law), f"the simulation is too small: {text}"
    assert abs(mean - law) < 3 * error, text


def inseparable_sets(N: int, lam: float, count: int, seed: int, edge: bool = False) -> dict[str, np.ndarray]:
    """Facts of the minimisers of ``count`` sets; all of them must have one."""
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(count):
        X = rng.standard_normal((N, round(lam * N)))
        descent = descend(X)
        assert descent.status == "minimum"
        norm = float(np.linalg.norm(descent.S))
        theta = float(sl.eigvalsh(gram(X, descent.weights), subset_by_index=[0, 0])[0]) if edge else math.nan
        loss = math.exp(descent.log_loss)
        rows.append((norm, loss, np.mean(descent.outputs > 0), norm**2 / 2 - descent.log_loss, theta * loss, theta))
    names = ("minimizer_norm", "minimal_loss", "positive_fraction", "log_time_ratio", *EDGES)
    return dict(zip(names, np.array(rows, dtype=float).T, strict=True))


EDGES = ("hessian_edge", "relaxation_exponent")


@pytest.mark.parametrize(
    ("lam", "N", "count"),
    [
        (0.2, 800, 310),
        pytest.param(0.1, 800, 700, marks=pytest.mark.slow),
        pytest.param(0.3, 800, 500, marks=pytest.mark.slow),
        pytest.param(0.4, 1600, 150, marks=pytest.mark.slow),
    ],
)
def test_the_minimiser(lam, N, count):
    """||S_inf||, the minimal loss, the fraction of positive outputs, and log(t_gen/t_tr) of equilibrated sets.

    The last, about ||S_inf||**2/2, would need four times as many sets at lam = 0.4 and is left out there.
    """
    model = LogisticModel(str(lam))
    for name, samples in inseparable_sets(N, lam, count, seed=1).items():
        if name not in EDGES and not (name == "log_time_ratio" and lam == 0.4):
            check(f"{name} at lam = {lam}", samples, getattr(model, name)())


@pytest.mark.parametrize(("lam", "count"), [(0.1, 30), pytest.param(0.3, 60, marks=pytest.mark.slow)])
def test_the_hessian_edge(lam, count):
    """Extrapolated from N = 600 and 2400 with the exponent -2/3."""
    model = LogisticModel(str(lam))
    small, large = inseparable_sets(600, lam, 6 * count, 2, edge=True), inseparable_sets(2400, lam, count, 3, edge=True)
    ratio = 4 ** (-2 / 3)
    for name in EDGES:
        means = [s[name].mean() for s in (small, large)]
        errors = [s[name].std(ddof=1) / math.sqrt(len(s[name])) for s in (small, large)]
        value = (means[1] - ratio * means[0]) / (1 - ratio)
        error = math.hypot(errors[1], ratio * errors[0]) / (1 - ratio)
        assert_agrees(f"{name} at lam = {lam}", value, error, getattr(model, name)())


@pytest.mark.parametrize(
    ("lam", "N", "count"),
    [
        (1.5, 200, 70),
        pytest.param(0.8, 600, 150, marks=pytest.mark.slow),
        pytest.param(1.0, 400, 200, marks=pytest.mark.slow),
    ],
)
def test_the_margin(lam, N, count):
    """The margin and the fraction of support vectors; a theorem, and here a test of the quadratic programme."""
    model = LogisticModel(str(lam), sigma=2)
    rng = np.random.default_rng(4)
    sets = [separability(2 * rng.standard_normal((N, round(lam * N)))) for _ in range(count)]
    assert all(s.verdict == "separable" for s in sets)
    check("margin", np.array([s.margin for s in sets]), model.margin())
    check("support vectors", np.array([len(s.support_vectors) / N for s in sets]), model.support_vector_fraction())


def flow_log_ratio(X: np.ndarray, eps: float) -> float:
    """log(t_gen/t_tr) of gradient flow from S = b = 0 on the exponential loss, eta = 1, integrated stiffly.

    In conformal time tau: S' = -X^T e^u/N, b' = -mean e^u, u = X S; t = q e^-b with q' = 1 + q b'. The training loss
    e^b mean e^u and the population loss e^(b + sigma**2 ||S||**2/2) reach eps; sigma is the entries' known scale.
    """
    N, d = X.shape
    sigma = 10.0

    def rates(tau: float, y: np.ndarray) -> np.ndarray:
        weights = np.exp(X @ y[:d]) / N
        fall = -weights.sum()
        return np.r_[-X.T @ weights, fall, 1 + y[d + 1] * fall]

    def jacobian(tau: float, y: np.ndarray) -> np.ndarray:
        weights = np.exp(X @ y[:d]) / N
        total = weights.sum()
        J = np.zeros((d + 2, d + 2))
        J[:d, :d] = -(X.T * weights) @ X
        J[d, :d] = -X.T @ weights
        J[d + 1, :d] = y[d + 1] * J[d, :d]
        J[d + 1, d + 1] = -total
        return J

    def train(tau: float, y: np.ndarray) -> float:
        return float(y[d] + math.log(np.exp(X @ y[:d]).mean()) - math.log(eps))

    def gen(tau: float, y: np.ndarray) -> float:
        return float(y[d] + sigma**2 * (y[:d] @ y[:d]) / 2 - math.log(eps))

    setattr(gen, "terminal", True)  # noqa: B010
    flow = solve_ivp(
        rates, (0, 1e4), np.zeros(d + 2), method="BDF", jac=jacobian, events=(train, gen), rtol=1e-7, atol=1e-10
    )
    logs = [math.log(y[0][d + 1]) - y[0][d] for y in flow.y_events]
    return logs[1] - logs[0]


@pytest.mark.parametrize("lam", [0.3, pytest.param(0.45, marks=pytest.mark.slow)])
def test_the_flow_at_large_sigma(lam):
    """Gradient flow at sigma = 10 has the times of the equilibrated formula: set by set, to the error stated.

    The formula's mean over sets is checked against the law above; here nothing is random. S relaxes like
    t**(-sigma**2 theta), and by the time of t_tr = 1/(eta eps) nothing is left of it.
    """
    rng = np.random.default_rng(5)
    tested = 0
    for _ in range(12):
        X = 10 * rng.standard_normal((160, round(160 * lam)))
        result = separability(X, feature_std=10)
        if result.separable is not False or tested == 3:
            continue
        times = result.grokking_time(1e-6)
        if times.equilibration < 50:
            continue
        tested += 1
        assert flow_log_ratio(X, 1e-6) == pytest.approx(times.log_ratio, rel=2e-4)
    assert tested == 3
