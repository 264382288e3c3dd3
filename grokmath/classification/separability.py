"""Is a given set of points separable from the origin, and what follows for logistic regression on it?

The points are the rows of a matrix. They are separable from the origin if one S has S.x < 0 for every point
(Definition 2 of the classification paper; its sign is immaterial). With one label, or a label's sign absorbed into each
point, Proposition 3.2 then decides what gradient flow does: separable, ||S|| and |b| grow like log t and the accuracy
on new points stays below 1; inseparable, S -> S_inf and the accuracy tends to 1.

The verdict is exact for the doubles that are read: "separable" and "inseparable" are proved, and what rounding error
does not let decide is "undecided" (docs/proofs/separability.md).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from scipy.special import ndtr

from grokmath.classification.equilibrated import EquilibratedTimes
from grokmath.classification.exponential_descent import Descent, descend
from grokmath.classification.hard_margin import hard_margin
from grokmath.classification.separability_data import Points, read_points, row_space, shifted
from grokmath.classification.separability_faces import Face, find_face
from grokmath.classification.separability_facts import facts_at_rest, hull_facts, minimum_facts
from grokmath.classification.separability_prediction import (
    GaussianScores,
    gaussian_scores,
    instance_times,
    root_mean_square,
)
from grokmath.classification.separability_proof import (
    hull_distance_bound,
    interior_weights,
    margin_bounds,
    separates,
)
from grokmath.parameters import POSITIVE, Domain, domain_error, float_argument

__all__ = ["Separability", "separability"]

_NAME = "separability"
_LEVEL = Domain("0 < eps < 1", Fraction(0), Fraction(1), low_open=True, high_open=True)


@dataclass(frozen=True, eq=False)
class Separability:
    """The verdict on N points in d dimensions, its certificate, and what training on them leads to.

    ``verdict``: "separable", "inseparable" or "undecided"; ``separable`` the same as True, False or None; ``reason`` is
    the proof in a sentence, or why there is none. What does not apply is None.

    Separable. ``separating_vector``: S with max S.x = -1 and nearly the least norm, the paper's S_* (9), or of any norm
    where the margin is within rounding error; ``margin`` = min |S.x|/||S||, which it attains; ``margin_bounds``: proved
    bounds of the largest margin. ``hull_weights``: weights of the hull's point nearest to the origin, which prove the
    upper bound; ``support_vectors``: the rows at the margin.

    Inseparable. ``hull_weights``: w >= 0, sum w = 1, with ||X^T w|| <= ``hull_residual``; exact weights are proved to
    exist near them. ``interior``: whether the origin is proved to be in the hull's (relative) interior, so that
    the loss has a minimiser; False if it is proved to be on the boundary, where ||S|| -> infinity slower than log t and
    ``weak_vector`` is an S with S.x <= 0, not all 0; None if neither is proved. ``minimizer`` = S_inf, of
    ``minimizer_norm`` (inf on the boundary), where (1/N) sum exp(S.x) = ``minimal_loss``; ``gradient_norm`` is that of
    the loss's logarithm there. ``positive_fraction`` of the points have S_inf.x > 0. ``hessian_edge``, the least
    eigenvalue of the loss's Hessian (on the span of the points), and ``relaxation_exponent``, that over the loss: S -
    S_inf falls like t to minus this power.

    ``limit_accuracy``: the accuracy on new points N(0, feature_std**2 I) as t -> infinity. :meth:`grokking_time`
    predicts when it gets there. ``gaussian`` says whether the points look like that; :meth:`theory` is the law for
    Gaussian points at lam = d/N to compare with; ``str()`` shows it all.

    >>> from grokmath import separability
    >>> found = separability([[-1.0, 0.0], [-1.0, 2.0]])
    >>> found.verdict, found.margin, found.support_vectors, found.minimizer
    ('separable', 1.0, array([0]), None)
    """

    verdict: str
    reason: str
    N: int
    d: int
    feature_std: float
    eta: float
    separating_vector: Any = None
    margin: float | None = None
    margin_bounds: tuple[float, float] | None = None
    support_vectors: Any = None
    hull_weights: Any = None
    hull_residual: float | None = None
    interior: bool | None = None
    weak_vector: Any = None
    minimizer: Any = None
    minimizer_norm: float | None = None
    minimal_loss: float | None = None
    gradient_norm: float | None = None
    positive_fraction: float | None = None
    hessian_edge: float | None = None
    relaxation_exponent: float | None = None
    limit_accuracy: float | None = None
    _points: Points | None = field(default=None, repr=False)
    _outputs: Any = field(default=None, repr=False)

    @property
    def separable(self) -> bool | None:
        """The verdict as True, False, or None where it is undecided."""
        return {"separable": True, "inseparable": False}.get(self.verdict)

    @property
    def lam(self) -> Fraction:
        """d/N."""
        return Fraction(self.d, self.N)

    @cached_property
    def gaussian(self) -> GaussianScores:
        """Scores of the points against N(0, sigma**2 I); see :class:`GaussianScores`."""
        assert self._points is not None  # noqa: S101 - always given by separability()
        return gaussian_scores(self._points)

    def theory(self) -> Any:
        """The :class:`LogisticModel` of Gaussian points at lam = d/N, with sigma = feature_std and the same eta."""
        from grokmath.classification.logistic import LogisticModel

        return LogisticModel(self.lam, sigma=self.feature_std, eta=self.eta)

    def grokking_time(self, eps: Any, *, criterion: str = "exponential") -> EquilibratedTimes:
        """When training and generalization reach the level ``eps``, if S rests at this set's S_inf by then.

        The times of ``LogisticModel.grokking_time`` in float64, with R, the minimal loss and the outputs of these
        points in place of their limits; valid where ``.equilibration`` is large compared with 1, for new points
        N(0, feature_std**2 I). Raises :class:`DomainError` where there is no minimiser.
        """
        level = float_argument(eps, "eps", "grokking_time", _LEVEL)
        if self.minimizer is None or self.minimal_loss is None or self.minimizer_norm is None:
            remedy = "perfect generalization in finite time needs inseparable points whose loss has a minimiser"
            raise domain_error("grokking_time", "X", self.verdict, "an inseparable set of points", remedy)
        R = self.feature_std * self.minimizer_norm
        exponent = math.inf if self.relaxation_exponent is None else self.relaxation_exponent
        return instance_times(R, math.log(self.minimal_loss), self._outputs, exponent, self.eta, level, criterion)

    def __str__(self) -> str:
        from grokmath.classification.separability_report import report  # needs this class

        return report(self)


def separability(X: Any, *, labels: Any = None, feature_std: Any = None, eta: Any = 1) -> Separability:
    """Decide whether the rows of X are separable from the origin, with the certificate and what follows for training.

    ``X``: N x d, dense or SciPy sparse, finite; any scale. ``labels``: -1 or 1 for each row, which is then multiplied
    by minus its label (the points of (46): both classes about the origin, separation by a hyperplane through it);
    without labels all are -1. ``feature_std``: the sigma of new points in the predictions; by default the root mean
    square of the entries of X. ``eta``: the learning rate, which only times depend on. See :class:`Separability`.

    Method: Newton's method on the logarithm of the exponential loss, then a primal-dual interior-point method for the
    margin; proofs by rounding bounds, and exact arithmetic where the origin is on the boundary (sets of at most 200
    numbers are always decided). A few multiplications X^T diag(w) X, each N d**2 operations, decide.

    >>> import numpy as np
    >>> from grokmath.classification.separability import separability
    >>> separability(np.array([[-1.0], [0.2]])).minimizer  # two points, lam = 0.4: log(1/(1 - 2 lam))/(2 (1 - lam))
    array([1.34119826])
    >>> result = separability([[-1.0, 0.0], [-1.0, 2.0]])
    >>> result.verdict, result.margin, result.hull_weights
    ('separable', 1.0, array([1., 0.]))
    """
    points = read_points(X, labels, _NAME)
    N, d = points.shape
    std = root_mean_square(points) if feature_std is None else _positive(feature_std, "feature_std")
    rate = _positive(eta, "eta")
    common: dict[str, Any] = {"N": N, "d": d, "feature_std": std, "eta": rate, "_points": points}
    if len(points.zero_rows):
        return _with_zero_row(points, common)
    Z = points.Z
    L, Q = row_space(Z) if d > N else (Z, None)
    descent = descend(L)
    if descent.status == "separated":
        S = descent.S if Q is None else Q @ descent.S
        if separates(Z, S):
            return _separable(points, S, common)
    elif Q is None:
        weights = interior_weights(Z, descent.weights)
        if weights is not None:
            return _inseparable(points, weights, descent, common)
    return _degenerate(points, common) or Separability("undecided", _undecided(points, descent), **common)


def _positive(value: Any, argument: str) -> float:
    number = float_argument(value, argument, _NAME, POSITIVE)
    if not isinstance(number, float):  # an array
        raise domain_error(_NAME, argument, value, "one number > 0", "give one number for all points")
    return number


def _separable(points: Points, start: Any, common: dict[str, Any]) -> Separability:
    """The margin and its bounds, from a vector that is proved to separate."""
    from grokmath.classification.separability_exact import exact_margin

    Z = points.Z
    L, Q = row_space(Z) if Z.shape[1] > Z.shape[0] else (Z, None)
    offsets = np.ldexp(1.0, points.row_exponents.min() - points.row_exponents)
    with np.errstate(all="ignore"):
        S, weights = hard_margin(L, offsets, start if Q is None else Q.T @ start)
    S = _separating(Z, S if Q is None else Q @ S, start)
    if not np.isfinite(weights).all():
        weights = np.ones(len(weights))
    low, high = margin_bounds(points, S, weights)
    beyond_rounding = low > 0
    if not beyond_rounding:  # S separates in exact arithmetic, which S divided by a number might not
        low = 0.0 if points.original is None else exact_margin(points.original, S)
    S = np.ldexp(S, -int(np.frexp(np.abs(S).max())[1]))
    distances, counted = -(Z @ S), offsets > 0
    with np.errstate(over="ignore", divide="ignore", invalid="ignore", under="ignore"):
        support = weights / weights.max() > distances / (distances[counted] / offsets[counted]).min() - offsets
        nearest = float(np.ldexp(distances, points.row_exponents).min())
        margin = min(max(nearest / float(np.linalg.norm(S)), low), high) if beyond_rounding else low
        vector = S / nearest if beyond_rounding else S
    reach = common["feature_std"] * margin
    return Separability(
        "separable",
        "the separating vector has S.x < 0 for every row, beyond rounding error or in exact arithmetic",
        **common,
        separating_vector=vector,
        margin=margin,
        margin_bounds=(low, high),
        support_vectors=np.flatnonzero(support),
        hull_weights=weights * offsets / (weights @ offsets),
        hull_residual=high,
        limit_accuracy=float(ndtr(1 / reach)) if reach > 0 else 1.0,
    )


def _separating(Z: Any, S: Any, start: Any) -> Any:
    """S, or where it is not proved to separate the nearest mixture with ``start`` that is."""
    if np.isfinite(S).all():
        share = start * (np.linalg.norm(S) / np.linalg.norm(start))
        for part in (0.0, 1e-13, 1e-10, 1e-7, 1e-4):
            if separates(Z, S + part * share):
                return S + part * share
    return start


def _inseparable(points: Points, weights: Any, descent: Descent, common: dict[str, Any]) -> Separability:
    """The origin is interior: the minimiser, from the descent that found this where it was run on X itself."""
    reason = "the hull weights are within proved bounds of exact positive ones, and the points span the space"
    return Separability(
        "inseparable",
        reason,
        **common,
        **hull_facts(points, weights),
        interior=True,
        limit_accuracy=1.0,
        **minimum_facts(points, descent if points.is_uniform else descend(points.X), None),
    )


def _with_zero_row(points: Points, common: dict[str, Any]) -> Separability:
    found = _degenerate(points, common)
    if found is not None:
        return found
    weights = np.zeros(points.shape[0])
    weights[points.zero_rows] = 1.0
    reason = f"row {points.zero_rows[0]} is the origin itself"
    return Separability("inseparable", reason, **common, **hull_facts(points, weights), limit_accuracy=1.0)


def _degenerate(points: Points, common: dict[str, Any]) -> Separability | None:
    """What is proved where rounding bounds alone prove nothing; None where nothing is."""
    face = find_face(points.Z) if points.is_exact else None
    decided = face is not None and not (isinstance(face, Face) and not face.whole and face.weak is None)
    if not decided and points.original is not None:
        return _exact(points, common)
    if face is None:
        return None
    return _on_face(points, face, common) if isinstance(face, Face) else _separable(points, face, common)


def _exact(points: Points, common: dict[str, Any]) -> Separability:
    """Few points: the linear programme in rationals."""
    from grokmath.classification.separability_exact import exact_margin, exact_verdict, rounded

    verdict = exact_verdict(points.original)
    S = rounded(verdict.S)
    if all(verdict.strict):
        if separates(points.Z, S):
            return _separable(points, S, common)
        low = exact_margin(points.original, verdict.S)
        high = shifted(hull_distance_bound(points.X, np.ones(points.shape[0])), points.exponent)
        reason = "a vector of rationals, which the separating vector rounds, has S.x < 0 for every row exactly"
        return Separability(
            "separable",
            reason,
            **common,
            separating_vector=S,
            margin=low,
            margin_bounds=(low, high),
            limit_accuracy=float(ndtr(1 / (common["feature_std"] * low))) if low > 0 else 1.0,
        )
    weights = rounded(verdict.weights)
    residual = shifted(hull_distance_bound(points.X, weights), points.exponent)
    facts: dict[str, Any] = {"hull_weights": weights / weights.sum(), "hull_residual": residual, "limit_accuracy": 1.0}
    if any(verdict.strict):
        facts |= {"interior": False, "weak_vector": S, "minimizer_norm": math.inf}
        reason = "rational weights represent the origin exactly, and those of a weak separator's rows are 0"
    else:
        facts |= {"interior": True}
        reason = "positive rational weights on all rows represent the origin exactly"
    return Separability("inseparable", reason, **common, **facts)


def _on_face(points: Points, face: Face, common: dict[str, Any]) -> Separability:
    """The origin is in the relative interior of a face, which may be the whole hull in a space of fewer dimensions."""
    facts: dict[str, Any] = {"interior": None, "weak_vector": face.weak}
    if face.whole:
        facts["interior"] = True
        reason = "the origin is in the hull's relative interior: weights are within proved bounds of exact ones"
        if face.span is not None and len(face.span.columns):
            facts |= minimum_facts(points, descend(points.X[:, face.span.columns]), face.span)
        elif face.span is not None:
            facts |= facts_at_rest(points)
    else:
        reason = f"the origin is in the hull of {len(face.rows)} of the rows, proved within their span"
        if face.weak is not None:
            facts |= {"interior": False, "minimizer_norm": math.inf}
            reason += ", and S.x = 0 for these, S.x < 0 for the others with the weak vector S, in exact arithmetic"
    return Separability(
        "inseparable", reason, **common, **hull_facts(points, face.weights), **facts, limit_accuracy=1.0
    )


def _undecided(points: Points, descent: Descent) -> str:
    if not points.is_exact:
        return "entries of one row differ by more than 2**1000 and no proof by rounding bounds was found"
    if descent.status == "separated":
        return "a vector was found with S.x < 0 for every row, but not beyond rounding error"
    distance = shifted(hull_distance_bound(points.X, descent.weights), points.exponent)
    return (
        f"the hull comes within {distance:.1e} of the origin, and rounding error hides on which side: the origin is on "
        "the hull's boundary or very near it, or the points lie nearly in a subspace"
    )
