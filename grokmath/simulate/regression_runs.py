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
from grokmath.simulate.memory import require_memory
from grokmath.simulate.spectral_controls import deviations, explained

__all__ = ["Problem", "RegressionRun", "accuracy_theory", "descend", "draw_problem", "regression", "side_by_side"]

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
    ``controls`` has the deviations of three statistics of each run's spectrum from their exact means (realisations x
    3), see :mod:`grokmath.simulate.spectral_controls`; none where N_tr and d_in differ by less than 8.
    """

    times: Array
    model: LinearTeacherStudent
    d_in: int
    n_train: int
    curves: dict[str, Curve]
    controls: Array


def draw_problem(
    model: LinearTeacherStudent, d_in: int, n_train: int, random: np.random.Generator, starts: int = 1
) -> Problem:
    """Standard normal data; teacher entries of variance 1/(2 d_in d_out), start entries alpha^2 times that.

    With ``starts`` > 1 that many teachers, starts and noises stand side by side, d_out columns each.
    """
    knobs = _knobs(model)
    shape = (d_in, knobs.d_out * starts)
    unit = 1 / np.sqrt(2 * d_in * knobs.d_out)
    X = random.standard_normal((n_train, d_in))
    teacher, start = unit * random.standard_normal(shape), unit * random.standard_normal(shape)
    noise = float(knobs.label_noise) * random.standard_normal((n_train, shape[1]))
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
    starts: int = 1,
    eps: Any = None,
    descent: bool = True,
    controlled: bool = False,
    rng: Any = None,
    tick: Callable[[], object] | None = None,
) -> RegressionRun:
    """Train ``realisations`` independent models and set their losses and accuracies beside the theory.

    ``model`` gives all knobs; N_tr is d_in/lam rounded, and the theory is evaluated at the aspect ratio d_in/N_tr so
    obtained. ``times`` are steps (integers for ``descent``, the discrete dynamics; any for the flow), by default 25
    from 1 to 1e5 and 0. Each realisation draws data anew and, on these data, ``starts`` independent teachers, starts
    and noises, whose mean is one entry of ``runs``: what scatters most is averaged for the price of one
    eigendecomposition. ``eps`` > 0 adds the accuracies: training points, and for generalization the exact probability
    at d_out = 1, else 2000 test points (fewer from d_out = 20 on, 200 at least). ``controlled`` takes out of the losses
    what the statistics in ``controls`` explain, which leaves their means alone and lessens the spread. ``rng`` is an
    int, a SeedSequence or a Generator: the same seed gives the same numbers on one machine. ``tick`` is called after
    each run. Cost: one eigendecomposition of a matrix of size d_in per realisation. Raises :class:`DomainError` for bad
    input, for sizes that the machine's memory cannot hold, and for a learning rate at which descent diverges (rate (nu
    + c) > 2 for the largest eigenvalue), naming the largest that does not.

    >>> from grokmath import LinearTeacherStudent
    >>> run = regression(LinearTeacherStudent(lam="9/10"), [0, 100, 1000], d_in=90, realisations=4, rng=1)
    >>> bool(abs(run.curves["gen_loss"].z).max() < 5)
    True
    """
    for name, count in (("d_in", d_in), ("realisations", realisations), ("starts", starts)):
        if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 1:
            raise domain_error(_FUNCTION, name, count, "an integer >= 1", "count them")
    d_in, starts = int(d_in), int(starts)
    n_train = max(1, round(d_in / float(model_knobs(model, _FUNCTION).lam)))
    columns = starts * model.d_out
    doubles = 2.0 * n_train * d_in + 5.0 * d_in**2 + columns * (6.0 * d_in + 3.0 * n_train)
    at = _times(times, descent)
    doubles += 8.0 * len(at) * int(realisations)
    require_memory(_FUNCTION, doubles, f"d_in = {d_in} with N_tr = {n_train}, {realisations} realisations")
    model = model.replace(lam=Fraction(d_in, n_train))
    tolerance = None if eps is None else float(float_argument(eps, "eps", _FUNCTION, POSITIVE))
    random = generator(rng, _FUNCTION)
    names = ["train_loss", "gen_loss"] + ([] if tolerance is None else ["train_accuracy", "gen_accuracy"])
    runs: dict[str, list[Array]] = {name: [] for name in names}
    controls = []
    for _ in range(int(realisations)):
        problem = draw_problem(model, d_in, n_train, random, starts)
        nu, basis = _spectrum(problem.X)
        controls.append(deviations(nu, d_in, n_train))
        found = _one_run(model, problem, nu, basis, at, tolerance, descent, random)
        for name, curve in zip(names, found, strict=True):
            runs[name].append(curve)
        if tick is not None:
            tick()
    finite = FiniteSize(model, d_in, descent=descent)
    averaged = FiniteSize(side_by_side(model, starts), d_in, descent=descent)
    curves = {
        name: Curve(np.array(runs[name]), getattr(finite, name)(at), starts * getattr(averaged, f"{name}_spread")(at))
        for name in names[:2]
    }
    if tolerance is not None:
        for name, points in (("train_accuracy", n_train), ("gen_accuracy", _points(model))):
            loss = name.replace("accuracy", "loss")
            single = curves[loss].spread if starts == 1 else getattr(finite, f"{loss}_spread")(at)
            theory, spread = accuracy_theory(
                curves[loss], single, model, tolerance, points, starts, sampled=name == "train_accuracy"
            )
            curves[name] = Curve(np.array(runs[name]), theory, spread)
    off = np.array(controls)
    for name in names[:2] if controlled and at.size else ():
        known = explained(model, d_in, name.removesuffix("_loss"), at, descent=descent)
        if known is not None:
            parts, variance = known
            raw = curves[name]
            left = np.sqrt(np.maximum(raw.spread**2 - variance, 0.0))
            curves[name] = Curve(raw.runs - off @ parts.T, raw.theory, left)
    return RegressionRun(at, model, d_in, n_train, curves, off)


def side_by_side(model: LinearTeacherStudent, starts: int) -> LinearTeacherStudent:
    """One model whose loss is 1/starts times the mean loss of ``starts`` copies of ``model`` on the same data."""
    if starts == 1:
        return model
    changes: dict[str, Any] = {"d_out": starts * model.d_out}
    if model.label_noise != 0:
        changes["label_noise"] = Fraction(float(model.label_noise) / starts**0.5)
    if model.decay_convention != "summed":
        changes["eta"] = starts * model.eta
    if model.decay_convention == "decoupled":
        changes["weight_decay"] = model.weight_decay / starts
    return model.replace(**changes)


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
    return np.inf if model.d_out == 1 else _test_points(model.d_out)


def _test_points(d_out: int) -> int:
    return min(_TEST_POINTS, max(_TEST_POINTS // 10, 20 * _TEST_POINTS // d_out))


def _accuracy(loss: Array, eps: float, d_out: int) -> Array:
    with np.errstate(divide="ignore", over="ignore"):  # a loss that has underflowed gives 1
        return np.asarray(gammainc(d_out / 2, d_out * eps / (2 * loss)))


def accuracy_theory(
    loss: Curve, single: Array, model: LinearTeacherStudent, eps: float, points: float, starts: int, *, sampled: bool
) -> tuple[Array, Array]:
    """Mean and spread of the accuracy, to second order in the spread of the errors' covariance matrix M.

    ``single`` is the spread of the loss of one start, ``loss.spread`` that of the mean over ``starts``.

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
    counted = 2 / (points * d_out) if sampled else 0.0
    own = (single / L) ** 2 - counted
    moved = (loss.spread / L) ** 2 - counted / starts
    variance = np.maximum(slope**2 * moved + level * (1 - level) / points / starts, 0.0)
    return level + d_out * bend * own / 2, np.sqrt(variance)


def _one_run(
    model: LinearTeacherStudent,
    problem: Problem,
    nu: Array,
    basis: Array,
    times: Array,
    eps: float | None,
    descent: bool,
    random: np.random.Generator,
) -> list[Array]:
    knobs, (n_train, d_in) = _knobs(model), problem.X.shape
    starts = problem.start.shape[1] // knobs.d_out
    rate, c = float(knobs.rate), float(knobs.c)
    if descent and rate * (nu[-1] + c) > 2:
        limit = 2 * float(knobs.eta) / (rate * (nu[-1] + c))
        wanted = f"at most {limit:.4g} for this data, where descent converges"
        raise domain_error(_FUNCTION, "eta", str(knobs.eta), wanted, "lower it, or take descent=False")
    pull = basis.T @ (problem.X.T @ problem.noise) / n_train
    teacher, start = basis.T @ problem.teacher, basis.T @ problem.start
    stiffness = nu + c
    still = stiffness <= 0
    gap = start - teacher
    # the error's limit; exactly 0 without noise and decay, so that late losses are no rounding errors
    limit_error = np.where(still[:, None], gap, (pull - c * teacher) / np.where(still, 1.0, stiffness)[:, None])
    projected = None if eps is None else problem.X @ basis
    test = None if eps is None or knobs.d_out == 1 else random.standard_normal((_test_points(knobs.d_out), d_in))

    def accurate(residual: Array) -> float:
        square = (residual**2).reshape(len(residual), starts, knobs.d_out).mean(axis=2)
        return float(np.mean(square <= eps))

    curves: list[list[float]] = [[], [], [], []]
    for t in times:
        e = (1 - rate * stiffness) ** t if descent else np.exp(-rate * t * stiffness)
        error = limit_error + (gap - limit_error) * e[:, None]
        square = error**2
        modes = square.sum(axis=1)
        curves[1].append(float(modes.sum()) / (starts * knobs.d_out))
        rest = float((problem.noise**2).sum()) / n_train
        curves[0].append((float(nu @ modes) - 2 * float((error * pull).sum()) + rest) / (starts * knobs.d_out))
        if projected is not None and eps is not None:
            curves[2].append(accurate(projected @ error - problem.noise))
            by_start = square.sum(axis=0)
            curves[3].append(float(np.mean(_accuracy(by_start, eps, 1))) if test is None else accurate(test @ error))
    return [np.array(curve) for curve in curves[: 2 if eps is None else 4]]


def _spectrum(X: Array) -> tuple[Array, Array]:
    """Eigenvalues of X^T X/N_tr in increasing order, with the zeros of d_in > N_tr exact, and their eigenvectors."""
    n_train, d_in = X.shape
    nu, basis = np.linalg.eigh(X.T @ X / n_train)
    nu[: max(0, d_in - n_train)] = 0.0
    return np.maximum(nu, 0.0), basis
