"""The cited mean of spectral statistics: its instances, and its agreement with exact moments and samples."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
import sympy as sp

from grokmath.proof import RefusedStep, Tends, cite_bai_silverstein, differentiate, limit_by_derivative, where

nu = sp.Symbol("nu", nonnegative=True)
lam, s = sp.symbols("lam s", positive=True)
v = sp.Symbol("v", real=True)
m = sp.Function("m")


def value(fact, at):
    """The right side at numbers, its integral by quadrature in the angle."""
    context = mpmath.MPContext()
    (integral,) = fact.rhs.atoms(sp.Integral)
    (x, low, high) = integral.limits[0]
    root = sp.sqrt((high - x) * (x - low))
    f = sp.lambdify(x, (integral.function * root).xreplace(at), "mpmath")
    middle, radius = 1 + float(at[lam]), 2 * math.sqrt(float(at[lam]))
    arc = context.quad(lambda t: f(middle - radius * context.cos(t)), [0, context.pi])
    rest = (fact.rhs + integral / (2 * sp.pi)).xreplace(at)
    return float(sp.N(rest, 20)) - float(arc) / (2 * math.pi)


def test_it_gives_the_known_corrections_of_the_moments():
    """Real Wishart: E tr Sigma^2 = d (1 + (d + 1)/N), E tr Sigma^3 = d (1 + 3 (d + 1)/N + (d^2 + 3 d + 4)/N^2)."""
    at = {lam: sp.Rational(1, 3)}
    ratio = 1 / 3
    for power, known in ((1, 0.0), (2, ratio), (3, 3 * ratio + 3 * ratio**2)):
        fact = cite_bai_silverstein(m(lam), nu**power, nu, lam)
        assert fact.kind == "cited"
        assert value(fact, at) == pytest.approx(known, abs=1e-10)
    for d, N in ((200, 600), (400, 1200)):
        excess = d * (1 + 3 * (d + 1) / N + (d * d + 3 * d + 4) / N**2) - d * (1 + 3 * d / N + (d / N) ** 2)
        assert excess == pytest.approx(3 * ratio + 3 * ratio**2, abs=2 / d)


def test_beyond_lam_1_it_gives_the_same_moments():
    """The moments above are polynomials in d and 1/N, at every d and N."""
    ratio = 5 / 2
    for power, known in ((1, 0.0), (2, ratio), (3, 3 * ratio + 3 * ratio**2)):
        fact = cite_bai_silverstein(m(lam), nu**power, nu, lam, above=True)
        assert (lam - 1, ">") in fact.domain.conditions
        assert value(fact, {lam: sp.Rational(5, 2)}) == pytest.approx(known, abs=1e-10)


def test_beyond_lam_1_the_function_is_defined_at_0():
    """There are d - N eigenvalues 0 of which 1/nu has no value; below lam = 1 it is analytic about the spectrum."""
    assert cite_bai_silverstein(m(lam), 1 / nu, nu, lam)
    for f in (1 / nu, sp.exp(-1 / nu), 1 / (nu - s)):
        with pytest.raises(RefusedStep):
            cite_bai_silverstein(m(s, lam), f, nu, lam, above=True)


def test_it_agrees_with_sampled_spectra():
    """exp(-s nu) at d = 60, lam = 1/2, s = 3: the excess over d times the average, within four standard errors."""
    from grokmath.regression.linear import LinearTeacherStudent

    d, N, runs, time = 60, 120, 3000, 3.0
    fact = cite_bai_silverstein(m(s, lam), sp.exp(-s * nu), nu, lam)
    predicted = value(fact, {lam: sp.Rational(1, 2), s: sp.Integer(3)})
    average = LinearTeacherStudent(lam="1/2", eta="1/4").gen_loss(time)
    generator = np.random.default_rng(20260101)
    sums = np.empty(runs)
    for i in range(runs):  # the eigenvalues of X^T X, from chi variables (Dumitriu and Edelman)
        diagonal = np.sqrt(generator.chisquare(N - np.arange(d)))
        below = np.sqrt(generator.chisquare(d - 1 - np.arange(d - 1)))
        square, off = diagonal**2, diagonal[:-1] * below
        square[1:] += below**2
        matrix = np.diag(square) + np.diag(off, 1) + np.diag(off, -1)
        sums[i] = np.exp(-time * np.linalg.eigvalsh(matrix) / N).sum()
    excess, error = sums.mean() - d * average, sums.std() / math.sqrt(runs)
    assert abs(excess - predicted) < 4 * error + 2 / d


def test_what_is_no_instance():
    def refused(*arguments):
        with pytest.raises(RefusedStep):
            cite_bai_silverstein(*arguments)

    refused(m(lam), sp.sqrt(nu), nu, lam)
    refused(m(lam), sp.log(nu), nu, lam)
    refused(m(lam), abs(v), v, lam)
    refused(m(lam), 1 / (nu - 1), nu, lam)  # a pole in the spectrum
    refused(m(lam), sp.exp(-s * nu), nu, lam)  # s is not named
    refused(m(s, lam), sp.exp(-lam * nu), nu, lam)  # lam may not be in f
    refused(m(lam), sp.Function("f")(nu), nu, lam)
    refused(m(s), sp.exp(-s * nu), nu, lam)
    refused(m(lam, nu), nu, nu, lam)
    refused(m(2 * lam), nu, nu, lam)
    refused(sp.Symbol("m"), nu, nu, lam)
    refused(m(lam), sp.Symbol("k", integer=True), sp.Symbol("k", integer=True), lam)
    refused(m(v), nu, nu, v)
    assert cite_bai_silverstein(m(s, lam), 1 / (nu + s), nu, lam)
    assert (1 - lam, ">") in cite_bai_silverstein(m(lam), nu, nu, lam).domain.conditions


def test_a_differentiable_function_tends_to_its_value():
    slope = differentiate(sp.exp(v), v)
    assert limit_by_derivative(slope, 0).statement == Tends(sp.exp(v), v, 0, 1)
    inside = where(v > -1)
    assert limit_by_derivative(differentiate(1 / (1 + v), v, domain=inside), 0, domain=inside)
    for wrong in (
        lambda: limit_by_derivative(differentiate(1 / (1 + v), v, domain=inside), -1, domain=inside),
        lambda: limit_by_derivative(differentiate(1 / (1 + v), v, domain=inside), 0),
        lambda: limit_by_derivative(differentiate(1 / (1 + v), v, domain=inside), sp.oo, domain=inside),
        lambda: limit_by_derivative(slope, v),
        lambda: limit_by_derivative(differentiate(sp.log(s), s), 0),
    ):
        with pytest.raises(RefusedStep):
            wrong()
