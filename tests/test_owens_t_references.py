"""Owen's T and the bivariate normal law against published values and each other's identities; a quick check."""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path

import pytest
from sympy import Rational, sqrt

from grokmath import population_accuracy
from grokmath.classification.discriminative import discriminative_accuracy
from grokmath.functions.bivariate_normal import bivariate_normal_cdf, owens_t

DATA = Path(__file__).parent / "data"


def rows(name: str) -> list[dict[str, str]]:
    lines = [line for line in (DATA / name).read_text().splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


@pytest.mark.parametrize(
    "row", rows("bivariate_normal_published.csv"), ids=lambda row: f"{row['h']},{row['k']},{row['rho']}"
)
def test_published_bivariate_normal_probabilities(row):
    value = bivariate_normal_cdf(row["h"], row["k"], row["rho"], digits=20)
    assert abs(float(value) - float(row["probability"])) < 4e-7  # what the table is good to


@pytest.mark.parametrize("h", ["0.1", "1", "5"])
@pytest.mark.parametrize("a", ["0.2", "1", "3"])
def test_owens_t_is_the_bivariate_normal_law_on_a_wedge(h, a):
    """T(h, a) + T(ah, 1/a) = (Phi(h) + Phi(ah))/2 - Phi(h) Phi(ah) for h, a > 0, with Phi from the law itself."""
    ah = Fraction(h) * Fraction(a)
    left = owens_t(h, a, digits=40) + owens_t(ah, 1 / Fraction(a), digits=40)
    big = 100
    phi_h, phi_ah = (bivariate_normal_cdf(x, big, 0, digits=40) for x in (Fraction(h), ah))
    right = (phi_h + phi_ah) / 2 - phi_h * phi_ah
    assert abs(left - right) < Fraction(1, 10**38)


def test_with_all_labels_alike_the_accuracy_is_that_of_the_first_model():
    """r -> 1: A -> Phi(-b/R) with R = ||S|| = sqrt(1 + 1/4)."""
    accuracy = discriminative_accuracy(1 - Fraction(1, 10**40), "-1", "0.5", "-0.2", digits=30)
    assert float(accuracy) == pytest.approx(
        float(population_accuracy(sqrt(Rational(5, 4)), "-0.2", digits=30)), rel=1e-15
    )
