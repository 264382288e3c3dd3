"""The law of the delay to second order in 1/d_in, against the first-order theory and against runs."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import ks_2samp

from grokmath import DomainError, FiniteSize, LinearTeacherStudent
from grokmath.regression.delay_spread import DelayLaw, delay_law
from grokmath.simulate.passage_runs import passages, spectrum
from grokmath.simulate.spectral_controls import deviations


def passage(lam: str, eps: str) -> tuple[float, float]:
    """Train and gen in s = 4 eta t."""
    times = LinearTeacherStudent(lam, "1/4").grokking_time(eps)
    return float(times.train), float(times.gen)


def test_the_spread_to_first_order():
    """d times the variance of the delay for lam = 1/2, eps = 1e-3: 1426.306464806..."""
    law = delay_law(0.5, *passage("1/2", "1e-3"), 1e9)
    assert 1e9 * law.first_order**2 == pytest.approx(1426.30646480657, rel=1e-6)
    assert law.spread == pytest.approx(law.first_order, rel=1e-6)


@pytest.mark.parametrize(("lam", "eps", "d_out"), [("1/2", "1e-2", 1), ("9/10", "1e-1", 1), ("3/10", "1e-2", 4)])
def test_mean_and_first_order_are_those_of_the_delta_method(lam: str, eps: str, d_out: int):
    """FiniteSize has shift and spread of each time; what is left out falls like 1/d_in^2."""
    d_in = 10**6
    train, gen = passage(lam, eps)
    finite = FiniteSize(LinearTeacherStudent(lam, d_out, d_out=d_out), d_in)  # 4 eta/d_out = 4: s = 4 t
    times = [finite.time_spread(s / 4, name) for s, name in ((train, "train"), (gen, "gen"))]
    law = delay_law(float(finite.model.lam), train, gen, d_in, d_out)
    shift = law.mean - (gen - train)
    assert shift == pytest.approx(4 * (times[1].shift - times[0].shift), rel=1e-3)
    assert abs(times[1].spread - times[0].spread) * 4 < law.first_order < (times[1].spread + times[0].spread) * 4


@pytest.mark.parametrize(
    ("lam", "eps", "d_in", "spectra", "starts"),
    [
        ("1/2", "1e-2", 60, 3500, 4),
        ("3/10", "1e-2", 60, 2500, 6),
        ("9/10", "1e-1", 270, 1000, 12),
        ("3/2", "3", 480, 500, 12),
    ],
)
def test_mean_and_spread_of_runs(lam: str, eps: str, d_in: int, spectra: int, starts: int):
    """Where the first order is off by up to 28 %; a deviation of the spread by 3 to 5 % would show."""
    model = LinearTeacherStudent(lam, "1/4")
    run = passages(model, eps, d_in=d_in, spectra=spectra, starts=starts, rng=3)
    actual = d_in / max(1, round(d_in / float(model.lam)))
    law = delay_law(actual, *run.theory, d_in)
    mean = run.delay.mean()
    squares = ((run.delay - mean) ** 2).mean(axis=1)
    spread = float(np.sqrt(squares.mean()))
    error = float(squares.std(ddof=1)) / spectra**0.5 / (2 * spread)
    mean_error = float(run.delay.mean(axis=1).std(ddof=1)) / spectra**0.5
    assert abs(spread - law.spread) < 4 * error
    assert abs(mean - law.mean) < 4 * mean_error
    assert 3 * error < 0.05 * spread


def test_a_quantile_has_the_skewness():
    law = DelayLaw(10.0, 2.0, 0.6, 3.0)
    assert law.quantile(0) == pytest.approx(10 - 2 * 0.1)
    assert law.quantile(1.0) == 12
    assert DelayLaw(10.0, 2.0, 0.0, 3.0).quantile(-1.5) == 7


def test_the_quantiles_are_those_of_runs():
    model = LinearTeacherStudent("1/2", "1/4")
    run = passages(model, "1e-2", d_in=200, spectra=800, starts=10, rng=5)
    law = delay_law(0.5, *run.theory, 200)
    for part in (0.1, 0.5, 0.9):
        share = float((run.delay <= law.quantile(float(ndtri(part)))).mean())
        assert share == pytest.approx(part, abs=0.012)  # four binomial errors are 0.013; one spectrum moves few runs
    normal = float((run.delay <= law.mean).mean())
    assert normal > 0.51


@pytest.mark.parametrize(("d_in", "n_train"), [(40, 80), (60, 40)])
def test_the_bidiagonal_spectrum_is_that_of_gaussian_data(d_in: int, n_train: int):
    """Exact means of trace, log-determinant and inverse trace; the laws of both edges against dense matrices."""
    random = np.random.default_rng(6)
    drawn = np.array([spectrum(d_in, n_train, random) for _ in range(2000)])
    off = np.array([deviations(nu, d_in, n_train) for nu in drawn])
    assert np.abs(off.mean(axis=0) / (off.std(axis=0, ddof=1) / 2000**0.5)).max() < 4
    k = min(d_in, n_train)
    assert (drawn[:, : d_in - k] == 0).all()
    assert (np.diff(drawn, axis=1) >= 0).all()
    dense = []
    for _ in range(2000):
        X = random.standard_normal((max(d_in, n_train), k))
        dense.append(np.linalg.eigvalsh(X.T @ X / n_train))
    for edge in (0, k // 2, k - 1):
        assert ks_2samp(drawn[:, d_in - k + edge], np.array(dense)[:, edge]).pvalue > 1e-4


def test_a_passage_is_where_the_loss_has_the_level():
    """The two losses of one spectrum, drawn again from the same seed."""
    model = LinearTeacherStudent("1/2", "1/4")
    run = passages(model, "1e-3", d_in=30, spectra=1, starts=4, rng=7)
    random = np.random.default_rng(7)
    nu = spectrum(30, 60, random)
    squares = random.standard_normal((4, 30)) ** 2
    level = model.train_loss(run.theory[0])  # 4 eta = 1
    for z, train, gen in zip(squares, run.train[0], run.gen[0], strict=True):
        assert (nu * z * np.exp(-nu * train)).mean() == pytest.approx(level, rel=1e-8)
        assert (z * np.exp(-nu * gen)).mean() == pytest.approx(level, rel=1e-8)


def test_runs_on_a_plateau_never_pass():
    run = passages(LinearTeacherStudent("3/2", "1/4"), "1e-2", d_in=60, spectra=5, starts=2, rng=8)
    assert np.isinf(run.gen).all()
    assert np.isfinite(run.train).all()
    assert np.isinf(run.theory[1])


@pytest.mark.parametrize("name", ["d_in", "spectra", "starts"])
def test_bad_arguments_are_named(name: str):
    arguments = {"d_in": 20, "spectra": 2, "starts": 2, name: 0}
    with pytest.raises(DomainError, match=name):
        passages(LinearTeacherStudent("1/2"), "1e-2", rng=1, **arguments)


def test_other_models_are_refused():
    for model in (LinearTeacherStudent("1/2", d_out=2), LinearTeacherStudent("1/2", weight_decay="1e-3")):
        with pytest.raises(DomainError, match="plain"):
            passages(model, "1e-2", d_in=20, spectra=2, starts=2, rng=1)
