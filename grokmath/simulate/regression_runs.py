"""Training runs of the linear teacher-student model on real Gaussian data, beside the theory.

Each run draws its own data X, teacher T, start S and noise, and follows discrete gradient descent, or its flow limit,
exactly: in the eigenbasis of X^T X/N_tr every mode is one geometric (exponential) sequence. :func:`descend` takes the
steps one by one and says the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc

from grokmath.functions.marchenko_pastur_sampling import generator
from grokmath.parameters import POSITIVE, domain_error, float_argument
from grokmath.regression.finite_size import FiniteSize, model_knobs
from grokmath.regression.knobs import Knobs
from grokmath.regression.linear import LinearTeacherStudent
from grokmath.simulate.curves import Curve

__all__ = ["Problem", "RegressionRun", "descend", "draw_problem", "regression"]

Array = NDArray[np.float64]
_FUNCTION = "simulate.regression"
_TEST_POINTS = 2000


@dataclass(frozen=True, eq=False)
class Problem:
    """One draw: data X (N_tr x d_in), teacher T and start S (d_in x d_out), the noise of the labels (N_tr x d_out)."""

    X: Array
    teacher: Array
    start: Array
    noise: Array


@dataclass(frozen=True, eq=False)
class RegressionRun:
    """What :func:`regression` returns: times (in steps), the model at the actual aspect ratio, and the curves.

    ``curves`` maps "train_loss", "gen_loss" and, with ``eps``, "train_accuracy", "gen_accuracy" to a
    :class:`~grokmath.simulate.curves.Curve`: the runs, the theory to order 1/d_in and the predicted spread.
    """

    times: Array
    model: LinearTeacherStudent
    d_in: int
    n_train: int
    curves: dict[str, Curve]


def draw_problem(model: LinearTeacherStudent, d_in: int, n_train: int, random: np.random.Generator) -> Problem:
    """Standard normal data; teacher entries of variance 1/(2 d_in d_out), start entries alpha^2 times that."""
    knobs = _knobs(model)
    shape = (d_in, knobs.d_out)
    unit = 1 / np.sqrt(2 * d_in * knobs.d_out)
    X = random.standard_normal((n_train, d_in))
    teacher, start = unit * random.standard_normal(shape), unit * random.standard_normal(shape)
    noise = float(knobs.label_noise) * random.standard_normal((n_train, knobs.d_out))
    return Problem(X, teacher, float(knobs.init_scale) * start, noise)


def descend(model: LinearTeacherStudent, problem: Problem, steps: int) -> Array:
    """The student after ``steps`` explicit steps S <- S - step (Sigma (S - T) - X^T noise/N + c S)."""
    rate, c = float(_knobs(model).rate), float(_knobs(model).c)
    sigma = problem.X.T @ problem.X / len(problem.X)
    pull = sigma @ problem.teacher + problem.X.T @ problem.noise / len(problem.X)
    student = problem.start
    for _ in range(steps):
        student = student - rate * (sigma @ student - pull + c * student)
    return student


def regression(
    model: LinearTeacherStudent,
    times: Any = None,
    *,
    d_in: int = 1000,
    realisations: int = 1,
    eps: Any = None,
    descent: bool = True,
    rng: Any = None,
    tick: Callable[[], object] | None = None,
) -> RegressionRun:
    """Train ``realisations`` independent models and set their losses and accuracies beside the theory.

    ``model`` gives all knobs; N_tr is d_in/lam rounded, and the theory is evaluated at the aspect ratio d_in/N_tr so
    obtained. ``times`` are steps (integers for ``descent``, the discrete dynamics; any for the flow), by default 25
    from 1 to 1e5 and 0. ``eps`` > 0 adds the accuracies: training points, and for generalization the exact
    probability at d_out = 1, else 2000 test points. ``rng`` is an int, a SeedSequence or a Generator: the same seed
    gives the same numbers on one machine. ``tick`` is called after each run. Cost: one eigendecomposition of a matrix
    of size min(d_in, N_tr) per run. Raises :class:`DomainError` for bad input and for a learning rate at which descent
    diverges (rate (nu + c) > 2 for the largest eigenvalue).

    >>> from grokmath import LinearTeacherStudent
    >>> run = regression(LinearTeacherStudent(lam="9/10"), [0, 100, 1000], d_in=90, realisations=4, rng=1)
    >>> bool(abs(run.curves["gen_loss"].z).max() < 5)
    True
    """
    if isinstance(d_in, bool) or not isinstance(d_in, int | np.integer) or d_in < 1:
        raise domain_error(_FUNCTION, "d_in", d_in, "an integer >= 1", "count the inputs")
    if isinstance(realisations, bool) or not isinstance(realisations, int | np.integer) or realisations < 1:
        raise domain_error(_FUNCTION, "realisations", realisations, "an integer >= 1", "count the runs")
    n_train = max(1, round(d_in / float(model_knobs(model, _FUNCTION).lam)))
    model = model.replace(lam=Fraction(int(d_in), n_train))
    at = _times(times, descent)
    tolerance = None if eps is None else float(float_argument(eps, "eps", _FUNCTION, POSITIVE))
    random = generator(rng, _FUNCTION)
    names = ["train_loss", "gen_loss"] + ([] if tolerance is None else ["train_accuracy", "gen_accuracy"])
    runs: dict[str, list[Array]] = {name: [] for name in names}
    for _ in range(int(realisations)):
        for name, curve in zip(names, _one_run(model, int(d_in), n_train, at, tolerance, descent, random), strict=True):
            runs[name].append(curve)
        if tick is not None:
            tick()
    finite = FiniteSize(model, int(d_in), descent=descent)
    curves = {
        name: Curve(np.array(runs[name]), getattr(finite, name)(at), getattr(finite, f"{name}_spread")(at))
        for name in names[:2]
    }
    if tolerance is not None:
        for name, points in (("train_accuracy", n_train), ("gen_accuracy", _points(model))):
            loss, sampled = curves[name.replace("accuracy", "loss")], name == "train_accuracy"
            theory, spread = _accuracy_theory(loss, model, tolerance, points, sampled=sampled)
            curves[name] = Curve(np.array(runs[name]), theory, spread)
    return RegressionRun(at, model, int(d_in), n_train, curves)


def _knobs(model: LinearTeacherStudent) -> Knobs:
    return model_knobs(model, _FUNCTION)


def _times(times: Any, descent: bool) -> Array:
    if times is None:
        return np.concatenate([[0.0], np.unique(np.round(np.geomspace(1, 1e5, 25)))])
    at = np.atleast_1d(np.asarray(float_argument(times, "times", _FUNCTION), dtype=float))
    bad = at[(at < 0) | (descent & (at != np.floor(at)))]
    if at.ndim != 1 or bad.size:
        wanted = "steps: integers >= 0" if descent else "times >= 0"
        raise domain_error(_FUNCTION, "times", times, f"a sequence of {wanted}", "round them, or take descent=False")
    return at


def _points(model: LinearTeacherStudent) -> float:
    return np.inf if model.d_out == 1 else _TEST_POINTS


def _accuracy(loss: Array, eps: float, d_out: int) -> Array:
    with np.errstate(divide="ignore", over="ignore"):  # a loss that has underflowed gives 1
        return np.asarray(gammainc(d_out / 2, d_out * eps / (2 * loss)))


def _accuracy_theory(
    loss: Curve, model: LinearTeacherStudent, eps: float, points: float, *, sampled: bool
) -> tuple[Array, Array]:
    """Mean and spread of the accuracy, to second order in the spread of the errors' covariance matrix M.

    Its trace fluctuates with the loss L = tr M/d_out, and its shape as well: with weights p_i of the modes, E
    tr(M/L - 1)^2 = d_out (d_out + 1) sum p_i^2, where Var L/L^2 = 2 sum p_i^2/d_out; both together shift the mean by
    d_out A'' Var(L)/2. On the training set (``sampled``) L is itself the mean square of the N_tr residuals, which are
    spread evenly over a sphere and not a Gaussian cloud: 2 L^2/(N_tr d_out) of the variance is counted already.
    """
    L, d_out = np.maximum(loss.theory, 1e-300), model.d_out
    level = _accuracy(L, eps, d_out)
    step = 1e-4
    up, down = (_accuracy(L * (1 + h), eps, d_out) for h in (step, -step))
    slope, bend = (up - down) / (2 * step), (up - 2 * level + down) / step**2  # per relative change of L
    own = (loss.spread / L) ** 2 - (2 / (points * d_out) if sampled else 0.0)
    variance = np.maximum(slope**2 * own + level * (1 - level) / points, 0.0)
    return level + d_out * bend * own / 2, np.sqrt(variance)


def _one_run(
    model: LinearTeacherStudent,
    d_in: int,
    n_train: int,
    times: Array,
    eps: float | None,
    descent: bool,
    random: np.random.Generator,
) -> list[Array]:
    knobs = _knobs(model)
    problem = draw_problem(model, d_in, n_train, random)
    nu, basis = _spectrum(problem.X)
    rate, c = float(knobs.rate), float(knobs.c)
    if descent and rate * (nu[-1] + c) > 2:
        limit = 2 * float(knobs.eta) / (rate * (nu[-1] + c))
        wanted = f"at most {limit:.4g} for this data, where descent converges"
        raise domain_error(_FUNCTION, "eta", str(knobs.eta), wanted, "lower it, or take descent=False")
    pull = basis.T @ problem.X.T @ problem.noise / n_train
    teacher, start = basis.T @ problem.teacher, basis.T @ problem.start
    stiffness = nu + c
    still = stiffness <= 0
    fixed = np.where(still[:, None], start, (nu[:, None] * teacher + pull) / np.where(still, 1.0, stiffness)[:, None])
    projected = problem.X @ basis
    test = None if eps is None or knobs.d_out == 1 else random.standard_normal((_TEST_POINTS, d_in))
    curves: list[list[float]] = [[], [], [], []]
    for t in times:
        e = (1 - rate * stiffness) ** t if descent else np.exp(-rate * t * stiffness)
        error = fixed - teacher + (start - fixed) * e[:, None]
        square = (error**2).sum(axis=1)
        curves[1].append(float(square.sum()) / knobs.d_out)
        rest = float((problem.noise**2).sum()) / n_train
        curves[0].append((float(nu @ square) - 2 * float((error * pull).sum()) + rest) / knobs.d_out)
        if eps is not None:
            residual = projected @ error - problem.noise
            curves[2].append(float(np.mean((residual**2).mean(axis=1) <= eps)))
            if test is None:
                curves[3].append(float(_accuracy(np.array(curves[1][-1]), eps, 1)))
            else:
                curves[3].append(float(np.mean(((test @ error) ** 2).mean(axis=1) <= eps)))
    return [np.array(curve) for curve in curves[: 2 if eps is None else 4]]


def _spectrum(X: Array) -> tuple[Array, Array]:
    """Eigenvalues of X^T X/N_tr in increasing order, with the zeros of d_in > N_tr exact, and their eigenvectors."""
    n_train, d_in = X.shape
    nu, basis = np.linalg.eigh(X.T @ X / n_train)
    nu[: max(0, d_in - n_train)] = 0.0
    return np.maximum(nu, 0.0), basis
