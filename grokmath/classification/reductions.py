"""Two problems that have the same gradient flow: App. H, (45) to (51), and App. F.1, (10) and (42) to (44).

**Two Gaussians and one label.** Points x = (y mu, z), z ~ N(0, sigma**2 I_d), labels y = +-1, no bias, loss
l(-y S.x), l(f) = log(1 + e^f) or e^f, learning rate eta; S = (S_1, S_perp). With one label -1 and a bias:

    x~ = -y z/mu,   S~ = mu S_perp,   b = -mu S_1,   sigma~ = sigma/mu,   eta~ = eta mu**2,

f = S~.x~ + b = -y S.x for every point, and gradient flow and gradient descent of both problems coincide step by step.
(The paper labels all points alike with l(-f), which turns the signs of x~ and b.)

**Scale of the inputs.** Points x = sigma x^, x^ ~ N(0, I), and S^ = sigma S: the outputs are the same, b obeys the same
equation, and S^ follows its own with the rate eta sigma**2 from S^(0) = sigma S(0). A margin M_1 of the x^ is
M = sigma M_1 for the x, and the limiting accuracy Phi(1/(sigma M)) = Phi(1/(sigma**2 M_1)) (44).

The parameters are mapped in the three readings: SymPy expressions, exact with digits, or floats; points and weights
are mapped in float64.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from grokmath.certified import Certified
from grokmath.functions.readings import Argument, plain, read
from grokmath.parameters import POSITIVE, REAL, domain_error, float_argument

__all__ = [
    "OneLabelProblem",
    "TwoGaussiansProblem",
    "UnitVarianceProblem",
    "one_label_points",
    "one_label_problem",
    "one_label_weights",
    "two_gaussians_problem",
    "two_gaussians_weights",
    "unit_variance_problem",
]


class OneLabelProblem(NamedTuple):
    """The standard deviation of the points and the learning rate of the d-dimensional problem with a bias."""

    sigma: Any
    eta: Any


class TwoGaussiansProblem(NamedTuple):
    """The standard deviation of the noise and the learning rate of the problem with two classes at +-mu, no bias."""

    sigma: Any
    eta: Any


class UnitVarianceProblem(NamedTuple):
    """The learning rates of S^ and of b, and the factor by which S is multiplied to give S^."""

    weight_rate: Any
    bias_rate: Any
    weight_scale: Any


def one_label_problem(mu: Any, sigma: Any = 1, eta: Any = 1, *, digits: int | None = None) -> OneLabelProblem:
    """The one-label problem of two Gaussians at +-mu on the first axis, noise sigma across it: (sigma/mu, eta mu**2).

    mu, sigma, eta > 0. ``LogisticModel(lam, *result)`` is then the model of the two Gaussians, its times included.

    >>> from grokmath.classification.reductions import one_label_problem
    >>> one_label_problem(2, 5, "0.1")
    OneLabelProblem(sigma=2.5, eta=0.4)
    >>> from sympy import symbols
    >>> one_label_problem(*symbols("mu sigma eta", positive=True))
    OneLabelProblem(sigma=sigma/mu, eta=eta*mu**2)
    """
    arguments = _positive(mu=mu, sigma=sigma, eta=eta)
    return OneLabelProblem(
        _read("one_label_problem", arguments, digits, lambda m, s, e: s / m),
        _read("one_label_problem", arguments, digits, lambda m, s, e: e * (m * m)),
    )


def two_gaussians_problem(mu: Any, sigma: Any = 1, eta: Any = 1, *, digits: int | None = None) -> TwoGaussiansProblem:
    """The inverse of :func:`one_label_problem` for two Gaussians at +-mu: (sigma mu, eta/mu**2).

    >>> from grokmath.classification.reductions import two_gaussians_problem
    >>> two_gaussians_problem(2, "5/2", "0.4")
    TwoGaussiansProblem(sigma=5.0, eta=0.1)
    """
    arguments = _positive(mu=mu, sigma=sigma, eta=eta)
    return TwoGaussiansProblem(
        _read("two_gaussians_problem", arguments, digits, lambda m, s, e: s * m),
        _read("two_gaussians_problem", arguments, digits, lambda m, s, e: e / (m * m)),
    )


def unit_variance_problem(sigma: Any, eta: Any = 1, *, digits: int | None = None) -> UnitVarianceProblem:
    """The problem on points of unit variance with the same outputs: (eta sigma**2, eta, sigma).

    >>> from grokmath.classification.reductions import unit_variance_problem
    >>> unit_variance_problem(5, "0.1")
    UnitVarianceProblem(weight_rate=2.5, bias_rate=0.1, weight_scale=5.0)
    """
    arguments = _positive(sigma=sigma, eta=eta)
    return UnitVarianceProblem(
        _read("unit_variance_problem", arguments, digits, lambda s, e: e * (s * s)),
        _read("unit_variance_problem", arguments, digits, lambda s, e: e),
        _read("unit_variance_problem", arguments, digits, lambda s, e: s),
    )


def one_label_points(z: Any, y: Any, mu: Any = 1) -> Any:
    """The points x~ = -y z/mu: ``z`` N x d, ``y`` N labels -1 or 1.

    >>> from grokmath.classification.reductions import one_label_points
    >>> one_label_points([[1.0, 2.0], [3.0, 4.0]], [1, -1], 2)
    array([[-0.5, -1. ],
           [ 1.5,  2. ]])
    """
    import numpy as np

    name = "one_label_points"
    points = _array(z, "z", name)
    labels = _array(y, "y", name)
    if points.ndim != 2 or labels.shape != points.shape[:1] or not (np.abs(labels) == 1).all():
        shapes = f"{points.shape} and {labels.shape}"
        raise domain_error(name, "z, y", shapes, "N x d and N labels -1 or 1", "give one label for each row")
    return -labels[:, None] * points / float_argument(mu, "mu", name, POSITIVE)


def one_label_weights(S: Any, mu: Any = 1) -> tuple[Any, Any]:
    """(S~, b) = (mu S_perp, -mu S_1) for weights S of d + 1 components, or an array of them along the last axis.

    >>> from grokmath.classification.reductions import one_label_weights
    >>> one_label_weights([3.0, 1.0, 2.0], 2)
    (array([2., 4.]), -6.0)
    """
    name = "one_label_weights"
    weights = _array(S, "S", name)
    if weights.ndim < 1 or weights.shape[-1] < 2:
        raise domain_error(name, "S", weights.shape, "d + 1 >= 2 components", "give S_1 and S_perp in one array")
    scale = float_argument(mu, "mu", name, POSITIVE)
    bias = -scale * weights[..., 0]
    return scale * weights[..., 1:], float(bias) if weights.ndim == 1 else bias


def two_gaussians_weights(S: Any, b: Any, mu: Any = 1) -> Any:
    """The inverse of :func:`one_label_weights`: S = (-b/mu, S~/mu).

    >>> from grokmath.classification.reductions import two_gaussians_weights
    >>> two_gaussians_weights([2.0, 4.0], -6.0, 2)
    array([3., 1., 2.])
    """
    import numpy as np

    name = "two_gaussians_weights"
    weights, bias = _array(S, "S", name), _array(b, "b", name)
    if weights.ndim < 1 or bias.shape != weights.shape[:-1]:
        shapes = f"{weights.shape} and {bias.shape}"
        raise domain_error(name, "S, b", shapes, "one bias for each S", "leave out the last axis of S for b")
    scale = float_argument(mu, "mu", name, POSITIVE)
    return np.concatenate([-bias[..., None], weights], axis=-1) / scale


def _array(value: Any, argument: str, function: str) -> Any:
    import numpy as np

    return np.asarray(float_argument(value, argument, function, REAL))


def _positive(**values: Any) -> list[Argument]:
    return [Argument(name, value, POSITIVE) for name, value in values.items()]


def _read(function: str, arguments: list[Argument], digits: int | None, rule: Callable[..., Any]) -> Any:
    def float64(*values: Any) -> Any:
        import numpy as np

        with np.errstate(over="ignore", under="ignore", divide="ignore"):
            return plain(rule(*map(np.float64, values)))

    return read(
        function,
        arguments,
        digits,
        symbolic=rule,
        certified=lambda *values: Certified.from_exact(rule(*values[:-1]), values[-1]),
        float64=float64,
    )
