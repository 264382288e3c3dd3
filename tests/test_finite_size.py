"""Mean and spread of one run: published closed forms, exact eigenvalue statistics, and simulated runs."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy.special import iv

from grokmath import DomainError, LinearTeacherStudent
from grokmath.functions.marchenko_pastur_averages import MarchenkoPasturEdgeNodes, MarchenkoPasturNodes
from grokmath.regression.finite_size import FiniteSize, mode_losses
from grokmath.simulate import regression

QUARTER = "1/4"  # eta at which s = t


@pytest.mark.parametrize(
    ("lam", "gen", "train"),
    [
        ("1/2", 0.083315821963594804517, 0.0059906551366737977721),
        ("1", 0.20510984405758699026, -0.0022740897015373519912),
        ("3/2", 0.12641296354749110478, 0.0051497325758187685140),
    ],
)
def test_first_correction_at_s_10(lam: str, gen: float, train: float) -> None:
    """m(f) of e^{-10 nu} and nu e^{-10 nu}; the flow at d_in = 1 carries the whole of it."""
    model = LinearTeacherStudent(lam, QUARTER)
    run = FiniteSize(model, 1)
    assert run.gen_loss(10) - model.gen_loss(10) == pytest.approx(gen, rel=1e-12)
    assert run.train_loss(10) - model.train_loss(10) == pytest.approx(train, rel=1e-11)


@pytest.mark.parametrize(
    ("lam", "s", "r", "value"),
    [
        (0.5, 4, 4, 0.076308651960762351065),
        (0.9, 20, 80, 0.097440533864177721025),
        (1.0, 10, 10, 0.15712671838957075636),
        (1.5, 15, 4, 0.048878966294003356757),
    ],
)
def test_covariance_of_the_spectrum(lam: float, s: float, r: float, value: float) -> None:
    nodes = MarchenkoPasturNodes(lam, s + r)
    found = nodes.covariance(np.exp(-s * nodes.nu), np.exp(-r * nodes.nu))
    assert found == pytest.approx(value, rel=1e-12)
    x, y = 2 * math.sqrt(lam) * s, 2 * math.sqrt(lam) * r
    bessel = x * y / (x + y) * (iv(0, x) * iv(1, y) + iv(1, x) * iv(0, y)) * math.exp(-(1 + lam) * (s + r))
    assert found == pytest.approx(bessel, rel=1e-11)


@pytest.mark.parametrize("lam", ["1/1000", "1/10", "1/2", "9/10", "9999/10000", "1", "10001/10000", "3/2", "100"])
@pytest.mark.parametrize("s", [0, 0.5, 10, 1000, 1e5])
def test_averages_over_nodes_are_the_closed_form(lam: str, s: float) -> None:
    value = float(Fraction(lam))
    true = LinearTeacherStudent(lam, QUARTER).gen_loss(s)
    nodes, edge = MarchenkoPasturNodes(value, s), MarchenkoPasturEdgeNodes(value)
    found = nodes.average(np.exp(-s * nodes.nu), np.array(1.0))
    tail = math.exp(-s * edge.edge) * float(np.exp(-s * edge.gap) @ edge.weight)
    if true > 1e-250:
        assert float(found) == pytest.approx(true, rel=1e-11 if not nodes.split else 1e-12, abs=1e-14)
        assert tail + edge.atom == pytest.approx(true, rel=1e-8)


def test_white_wishart_moments_at_order_one_over_d() -> None:
    """m(nu^2) = lam and m(nu^3) = 3 lam (1 + lam), the exact terms of the real Wishart matrix."""
    for lam in (0.3, 1.0, 2.5):
        nodes = MarchenkoPasturNodes(lam, 1.0)
        for k, true in ((1, 0.0), (2, lam), (3, 3 * lam * (1 + lam))):
            found = nodes.mean_term(nodes.nu**k, nodes.edges[0] ** k, nodes.edges[1] ** k)
            assert found == pytest.approx(true, abs=1e-12)


def test_exact_wishart_moment_of_small_matrices() -> None:
    """E tr Sigma^2/d = 1 + lam + lam/d holds exactly; 40,000 4 x 8 matrices agree within 4 standard errors (0.6 %)."""
    rng = np.random.default_rng(5)
    X = rng.standard_normal((40_000, 8, 4))
    S = np.einsum("nij,nik->njk", X, X) / 8
    second = np.einsum("nij,nij->n", S, S) / 4
    error = second.std(ddof=1) / math.sqrt(len(second))
    assert abs(second.mean() - (1 + 0.5 + 0.5 / 4)) < 4 * error
    assert 4 * error < 0.03 * second.mean()


def test_averages_of_the_spectrum_alone_see_one_over_d() -> None:
    """Eigenvalues without teacher and start: 400 spectra at d = 60 resolve the 1/d term, a 2 % effect, at 5 sigma."""
    rng = np.random.default_rng(6)
    d, n, s = 60, 120, 10.0
    runs = []
    for _ in range(400):
        X = rng.standard_normal((n, d))
        runs.append(np.exp(-s * np.linalg.eigvalsh(X.T @ X / n)).mean())
    model = LinearTeacherStudent("1/2", QUARTER)
    mean, infinite = FiniteSize(model, d).gen_loss(s), model.gen_loss(s)
    nodes = MarchenkoPasturNodes(0.5, s)
    f = np.exp(-s * nodes.nu)
    error = math.sqrt(nodes.covariance(f, f)) / d / math.sqrt(len(runs))
    assert abs(np.mean(runs) - mean) < 4 * error
    assert abs(infinite - mean) > 5 * error
    assert np.std(runs, ddof=1) / math.sqrt(len(runs)) == pytest.approx(error, rel=0.15)
    assert 4 * error < 0.03 * mean


@pytest.mark.parametrize("t", [0.0, 1e-9, 3.0, 200.0])
def test_slopes_of_the_mode_functions(t: float) -> None:
    model = LinearTeacherStudent(
        "3/2", "1/10", d_out=3, weight_decay="1/20", init_scale="1/2", label_noise="1/5", decay_convention="decoupled"
    )
    modes = mode_losses(model)
    nu = np.array([0.0, 1e-3, 0.1, 1.0, 4.0])
    h = 1e-5 * max(t, 1.0)
    for value, slopes in ((modes.gen, modes.gen_slopes), (modes.train, modes.train_slopes)):
        later, earlier = modes.mode(nu, t + h), modes.mode(nu, max(t - h, 0.0))
        width = modes.rate * (t + h - max(t - h, 0.0))
        middle = modes.mode(nu, (t + h + max(t - h, 0.0)) / 2)
        assert (value(later) - value(earlier)) / width == pytest.approx(slopes(middle)[0], rel=1e-6, abs=1e-8)
        second = (slopes(later)[0] - slopes(earlier)[0]) / width
        assert second == pytest.approx(slopes(middle)[1], rel=1e-6, abs=1e-7)


def test_descent_differs_from_the_flow_by_its_learning_rate() -> None:
    """E[(1 - 2 eta nu)^{2t}] at lam = 1/2, eta = 1/20, t = 40 and at lam = 1, eta = 1/10, t = 50: exact values."""
    for lam, eta, t, gen, train in (
        ("1/2", "1/20", 40, 0.04777511659625863139, 0.009817844115011034350),
        ("1", "1/10", 50, 0.1252972285269002289, 0.003067181222287544108),
        ("5/2", "1/20", 30, 0.6021304676930610610, 0.001110495724016361039),
    ):
        run = FiniteSize(LinearTeacherStudent(lam, eta), 10**12, descent=True)
        assert run.gen_loss(t) == pytest.approx(gen, rel=1e-11)
        assert run.train_loss(t) == pytest.approx(train, rel=1e-10)


def test_spread_of_the_times_at_two_thresholds() -> None:
    """Covariances of gradient-flow times at lam = 1/2, d_in = 200: sd(s_tr) = 1.284, shifts -0.011 and 0.289."""
    model = LinearTeacherStudent("1/2", QUARTER)
    train = model.grokking_time(eps="1e-2").train
    spread = FiniteSize(model, 200).time_spread(train, "train")
    assert spread.spread == pytest.approx(1.284, abs=2e-3)
    assert spread.shift == pytest.approx(-0.011, abs=2e-3)


def test_first_passages_of_simulated_flows_scatter_as_predicted() -> None:
    """450 runs at d_in = 150, lam = 1/2: mean within 4 standard errors (3 % of the time), sd within 15 %."""
    model = LinearTeacherStudent("1/2", QUARTER)
    level = model.grokking_time(eps="1e-1").gen
    times = np.linspace(0.3 * level, 2.2 * level, 60)
    curves = regression(model, times, d_in=150, realisations=450, descent=False, rng=11).curves["gen_loss"].runs
    found = np.array([np.interp(-math.log(0.025), -np.log(curve), times) for curve in curves])
    predicted = FiniteSize(model, 150).time_spread(level, "gen")
    error = predicted.spread / math.sqrt(len(found))
    assert abs(found.mean() - level - predicted.shift) < 4 * error
    assert 4 * error < 0.03 * level
    assert found.std(ddof=1) == pytest.approx(predicted.spread, rel=0.15)


@pytest.mark.parametrize("d_in", [0, -3, 2.5, "100", True])
def test_sizes_that_are_none(d_in: object) -> None:
    with pytest.raises(DomainError, match="d_in"):
        FiniteSize(LinearTeacherStudent("1/2"), d_in)


def test_a_rising_loss_has_no_passage() -> None:
    model = LinearTeacherStudent("1/2", QUARTER, label_noise=1)
    with pytest.raises(DomainError, match="loss falls"):
        FiniteSize(model, 100).time_spread(100.0, "gen")


@pytest.mark.parametrize("model", ["0.9", None, 0.9])
def test_a_number_in_place_of_the_model_is_refused_by_name(model):
    with pytest.raises(DomainError, match=r"FiniteSize: model = .*LinearTeacherStudent"):
        FiniteSize(model, 100)


@pytest.mark.parametrize("t", [None, "soon", math.nan, math.inf, 1e308, 10**400, [[1], [1, 2]]])
def test_times_that_are_none_or_too_late_are_refused(t):
    """time_spread called float; very late times asked for more nodes than NumPy has."""
    run = FiniteSize(LinearTeacherStudent("1/2"), d_in=100)
    for function in (run.gen_loss, run.train_loss_spread, lambda t: run.time_spread(t, "gen")):
        with pytest.raises(DomainError, match="FiniteSize"):
            function(t)
    assert run.time_spread("1/2", "gen") == run.time_spread(0.5, "gen")
