"""Separability of given points: invariances, labels, predictions, the report, bad input, size, the user page."""

from __future__ import annotations

import doctest
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

from grokmath.classification.hull import origin_in_hull
from grokmath.classification.logistic import LogisticModel
from grokmath.classification.separability import separability
from grokmath.classification.separability_prediction import instance_times
from grokmath.parameters import DomainError, Undecidable

DOCS = Path(__file__).parent.parent / "docs"


# Invariances.


@pytest.mark.parametrize("lam", [0.3, 0.8])
def test_rows_columns_and_scales_do_not_matter(lam):
    rng = np.random.default_rng(15)
    N = 120
    X = rng.standard_normal((N, round(lam * N)))
    reference = separability(X)
    order = rng.permutation(N)
    for Y, factor in ((X[order], 1.0), (sp.csr_matrix(X), 1.0), (sp.coo_array(X), 1.0), (X * 1e-220, 1e-220)):
        result = separability(Y)
        assert result.verdict == reference.verdict
        if reference.separable:
            assert result.margin == pytest.approx(reference.margin * factor, rel=1e-8)
        else:
            assert result.minimizer_norm == pytest.approx(reference.minimizer_norm / factor, rel=1e-9)
            assert result.minimal_loss == pytest.approx(reference.minimal_loss, rel=1e-12)
    stretched = np.ldexp(X, rng.integers(-400, 400, (N, 1)))
    assert separability(stretched).verdict == reference.verdict
    columns = X * 10.0 ** rng.uniform(-6, 6, X.shape[1])
    assert separability(columns).verdict == reference.verdict


def test_labels():
    """Labelled points are the one-label points -y x; one class on each side of a hyperplane is separable."""
    rng = np.random.default_rng(16)
    X = rng.standard_normal((50, 3))
    y = np.where(X @ [1.0, 2.0, -1.0] > 0, 1, -1)
    result = separability(X, labels=y)
    assert result.verdict == "separable"
    assert (y * (X @ result.separating_vector) > 0).all()
    assert separability(X, labels=-np.ones(50)).minimizer == pytest.approx(separability(X).minimizer)
    assert separability(sp.csr_array(X), labels=y).margin == pytest.approx(result.margin)


def test_a_linear_programme_agrees():
    rng = np.random.default_rng(17)
    seen = set()
    for _ in range(25):
        X = rng.standard_normal((40, 20))
        result = separability(X)
        seen.add(result.verdict)
        assert origin_in_hull(X).inside is not result.separable
    assert seen == {"separable", "inseparable"}
    assert origin_in_hull([[1.0, 1e-9], [-1.0, 1e-9]]).inside is False
    thin = [[1, 1e-12, 1], [-1, 1e-12, -1], [1, 2e-12, -1], [-1, 0, 1]]
    with pytest.raises(Undecidable):
        origin_in_hull(thin)
    assert separability(thin).verdict == "separable"  # in the doubles that they are


# Predictions.


def test_predictions_are_those_of_the_model():
    """The same R and minimal loss give the times of LogisticModel."""
    model = LogisticModel("0.4", sigma=3, eta="0.1")
    R, L, theta = 3 * model.minimizer_norm(), model.minimal_loss(), model.relaxation_exponent()
    for criterion in ("exponential", "cross-entropy"):
        mine = instance_times(R, math.log(L), np.zeros(5), theta, 0.1, 1e-4, criterion)
        theirs = model.grokking_time("1e-4", criterion=criterion)
        for name in ("train", "gen", "delta", "log_gen", "log_ratio", "bias", "equilibration"):
            assert getattr(mine, name) == pytest.approx(getattr(theirs, name), rel=1e-9)


def test_training_accuracy_is_counted_on_the_points():
    rng = np.random.default_rng(18)
    X = rng.standard_normal((200, 40))
    result = separability(X)
    outputs = X @ result.minimizer
    times = result.grokking_time(0.1, criterion="accuracy")
    bias = math.log1p(result.eta * result.minimal_loss * times.train)
    assert np.mean(outputs > bias * (1 + 1e-9)) <= 0.1 < np.mean(outputs > bias * (1 - 1e-9))


def test_gaussian_points_look_gaussian_and_others_do_not():
    rng = np.random.default_rng(19)
    assert separability(rng.standard_normal((300, 100)) * 7).gaussian.looks_gaussian
    assert abs(separability(rng.choice([-1.0, 1.0], (300, 100))).gaussian.kurtosis) > 4
    assert abs(separability(rng.standard_normal((300, 100)) + 0.1).gaussian.mean) > 4
    uneven = rng.standard_normal((300, 100)) * np.linspace(0.7, 1.3, 100)
    assert abs(separability(uneven).gaussian.sphericity) > 4


def test_the_report():
    rng = np.random.default_rng(20)
    text = str(separability(rng.standard_normal((300, 90)) * 10))
    for words in ("inseparable", "proof:", "minimizer_norm", "relaxation_exponent", "t_gen", "valid", "look like that"):
        assert words in text
    text = str(separability(rng.standard_normal((100, 90))))
    for words in (": separable", "the largest margin M is between", "support_vector_fraction"):
        assert words in text
    assert "boundary" in str(separability([[1, 0], [-1, 0], [0, 1]]))
    assert "do not look" in str(separability(np.zeros((3, 2))))
    assert "separable" in str(separability([[1e200, 2e200]]))
    model = separability(np.ones((10, 4)), feature_std=2, eta="0.1").theory()
    assert (model.lam, model.sigma, model.eta) == (Fraction(2, 5), 2, Fraction(1, 10))


# Bad input.


@pytest.mark.parametrize(
    ("X", "words"),
    [
        ([1.0, 2.0], "dimension 1"),
        (np.zeros((2, 2, 2)), "dimension 3"),
        (np.zeros((0, 3)), "shape"),
        (np.zeros((3, 0)), "shape"),
        ([[1.0, math.nan]], "nan"),
        ([[1.0, -math.inf]], "infinite"),
        (sp.csr_array([[1.0, math.nan]]), "nan"),
        ([[1.0], [1.0, 2.0]], "different lengths"),
        ([["a", "b"]], "give integers"),
        ([[1j, 2.0]], "complex"),
        (np.array([[2**60 + 1, 1]]), "no doubles"),
        (np.array([[Fraction(1, 3)]]), "object"),
        (np.ma.masked_array([[1.0, 2.0]], [[True, False]]), "masked"),
    ],
)
def test_bad_matrices(X, words):
    with pytest.raises(DomainError, match=words):
        separability(X)


def test_other_bad_arguments():
    X = np.eye(3)
    for labels in ([1, -1], [1, 0, -1], "abc", [[1], [1], [1]]):
        with pytest.raises(DomainError, match="labels"):
            separability(X, labels=labels)
    for bad in (0, -1, "nan", [1.0, 2.0]):
        with pytest.raises(DomainError, match="feature_std"):
            separability(X, feature_std=bad)
        with pytest.raises(DomainError, match="eta"):
            separability(X, eta=bad)
    inside = separability([[-1.0], [0.5]])
    with pytest.raises(DomainError, match="criterion"):
        inside.grokking_time(0.1, criterion="loss")
    with pytest.raises(DomainError, match="eps"):
        inside.grokking_time(1.5)
    with pytest.raises(DomainError, match="inseparable"):
        separability(X).grokking_time(0.1)


def test_integers_bools_and_the_callers_data():
    X = np.array([[1, 0], [0, 1]], dtype=np.int8)
    assert separability(X).margin == pytest.approx(math.sqrt(0.5))
    assert separability(X.astype(bool)).verdict == "separable"
    assert separability(X.astype(np.float32)).verdict == "separable"
    matrix = sp.csr_matrix(np.array([[2.0, 0.0], [-1.0, 3.0], [0.0, -5.0]]))
    before = matrix.copy()
    separability(matrix, labels=[1, -1, 1])
    assert (matrix != before).nnz == 0


# Size.


@pytest.mark.slow
@pytest.mark.parametrize(
    ("N", "d", "density"), [(2000, 900, 1.0), (2000, 1100, 1.0), (4000, 1900, 1.0), (5000, 1000, 0.01)]
)
def test_a_few_thousand_points(N, d, density):
    rng = np.random.default_rng(21)
    if density < 1:
        X = sp.random_array((N, d), density=density, rng=rng, data_sampler=rng.standard_normal)
    else:
        X = rng.standard_normal((N, d))
    result = separability(X)
    assert result.verdict == ("inseparable" if 2 * d < N else "separable")


def test_the_user_page():
    for page in ("separability.md",):
        failures, tried = doctest.testfile(str(DOCS / page), module_relative=False)
        assert tried > 5
        assert failures == 0
