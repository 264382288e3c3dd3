"""The two-layer linear network: its exact flow as matrices, the lazy theory, and the one against the other.

The simulated networks follow the exact gradient flow. Their end-to-end map P = S_0 S_1 depends on the layers through
S_0 S_0^T and S_1^T S_1 alone, and these three obey closed equations, so that a width d_h of 10^4 costs no more than one
of 10; at the start they are blocks of one Wishart matrix with d_h degrees of freedom, drawn by Bartlett's
decomposition.
"""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ive

import grokmath as gm
from grokmath import DomainError, LinearTeacherStudent
from grokmath.regression.two_layer import TwoLayerLinear
from grokmath.regression.two_layer_matrices import difference_rate, hidden_norm, hidden_norm_rate, layer_rates

from .strategies import aspect_ratios, log_uniform

widths = st.integers(1, 500)


# Matrices.


def network(rng, d_in, d_h, d_out, n):
    """S_0, S_1, T_0 T_1 and the training covariance."""
    student, teacher = (
        (
            rng.standard_normal((d_in, d_h)) / math.sqrt(2 * d_in * d_h),
            rng.standard_normal((d_h, d_out)) / math.sqrt(2 * d_out * d_h),
        )
        for _ in range(2)
    )
    X = rng.standard_normal((n, d_in))
    return *student, teacher[0] @ teacher[1], X.T @ X / n


def train_loss(S0, S1, T, Sigma):
    D = S0 @ S1 - T
    return np.sum(D * (Sigma @ D)) / T.shape[1]


def test_the_layer_rates_are_minus_eta_times_the_gradient_of_the_loss():
    S0, S1, T, Sigma = network(np.random.default_rng(1), 5, 4, 3, 9)
    rates = layer_rates(S0, S1, T, Sigma, 0.3)
    step = 1e-6
    for layer, rate in enumerate(rates):
        for i in range(rate.shape[0]):
            for j in range(rate.shape[1]):
                losses = []
                for sign in (1, -1):
                    layers = [S0.copy(), S1.copy()]
                    layers[layer][i, j] += sign * step
                    losses.append(train_loss(*layers, T, Sigma))
                slope = (losses[0] - losses[1]) / (2 * step)
                assert math.isclose(rate[i, j], -0.3 * slope, rel_tol=1e-6, abs_tol=1e-9)


@given(d_in=st.integers(1, 6), d_h=st.integers(1, 6), d_out=st.integers(1, 6), seed=st.integers(0, 2**32))
def test_the_equations_of_the_difference_and_of_the_norm_follow_from_those_of_the_layers(d_in, d_h, d_out, seed):
    S0, S1, T, Sigma = network(np.random.default_rng(seed), d_in, d_h, d_out, 2 * d_in)
    first, second = layer_rates(S0, S1, T, Sigma, 0.7)
    expected = first @ S1 + S0 @ second
    scale = np.abs(expected).max()
    assert np.allclose(difference_rate(S0, S1, T, Sigma, 0.7), expected, rtol=0, atol=1e-13 * scale)
    norm = np.sum(S0 * first) + np.sum(S1 * second)
    terms = np.sum(np.abs(S0 * first)) + np.sum(np.abs(S1 * second))
    assert abs(hidden_norm_rate(S0, S1, T, Sigma, 0.7) - norm) < 1e-13 * terms


def test_the_printed_equation_of_the_norm_is_too_large_by_twice_the_number_of_outputs():
    """-8 eta Tr[(T + D)^T Sigma D] over the exact rate, the trace being supplied."""
    S0, S1, T, Sigma = network(np.random.default_rng(3), 8, 12, 5, 20)
    printed = -8 * 0.1 * np.trace((S0 @ S1).T @ Sigma @ (S0 @ S1 - T))
    assert math.isclose(printed / hidden_norm_rate(S0, S1, T, Sigma, 0.1), 10, rel_tol=1e-12)


def test_the_norm_is_one_half_on_average_at_the_start():
    rng = np.random.default_rng(4)
    for d_in, d_h, d_out in ((30, 10, 5), (10, 40, 20)):
        norms = [hidden_norm(*network(rng, d_in, d_h, d_out, 1)[:2]) for _ in range(400)]
        spread = math.sqrt((1 / (d_in * d_h) + 1 / (d_out * d_h)) / 8)  # |S|^2 is chi-squared
        assert abs(np.mean(norms) - 0.5) < 4 * spread / 20


def test_the_norm_moves_little_where_the_network_is_wide():
    """Over a whole training, by an amount of the order of d_out/d_h."""
    rng = np.random.default_rng(5)
    for d_h in (100, 400):
        S0, S1, T, Sigma = network(rng, 20, d_h, 2, 40)
        start, lowest, highest = hidden_norm(S0, S1), math.inf, -math.inf
        for _ in range(600):
            first, second = layer_rates(S0, S1, T, Sigma, 0.2)
            S0, S1 = S0 + first, S1 + second
            lowest, highest = min(lowest, hidden_norm(S0, S1)), max(highest, hidden_norm(S0, S1))
        assert highest - lowest < 2 / d_h
        assert abs(hidden_norm(S0, S1) - start) < 2 / d_h
        assert train_loss(S0, S1, T, Sigma) < 1e-3 / (4 * d_h)


# The theory against networks.


def gram_blocks(rng, seeds, d_in, d_out, d_h):
    """S_0 S_0^T, S_0 S_1 and S_1^T S_1 of random layers."""
    n = d_in + d_out
    L = np.zeros((seeds, n, n))
    rows, columns = np.tril_indices(n, -1)
    L[:, rows, columns] = rng.standard_normal((seeds, len(rows)))
    L[:, range(n), range(n)] = np.sqrt(rng.chisquare(d_h - np.arange(n), (seeds, n)))
    scale = np.repeat([1 / math.sqrt(2 * d_in * d_h), 1 / math.sqrt(2 * d_out * d_h)], [d_in, d_out])
    W = L @ L.transpose(0, 2, 1) * scale[:, None] * scale
    return W[:, :d_in, :d_in], W[:, :d_in, d_in:], W[:, d_in:, d_in:]


def flow(state, T, Sigma):
    """The rates of S_0 S_0^T, S_0 S_1 and S_1^T S_1 at eta = 1."""
    first, P, second = state
    pull = Sigma @ (P - T) * (2 / T.shape[-1])
    outer, inner = pull @ np.swapaxes(P, -1, -2), np.swapaxes(pull, -1, -2) @ P
    return (
        -outer - np.swapaxes(outer, -1, -2),
        -first @ pull - pull @ second,
        -inner - np.swapaxes(inner, -1, -2),
    )


def advance(state, T, Sigma, time, steps):
    """Runge and Kutta's method of order 4."""
    h = time / steps
    for _ in range(steps):
        k1 = flow(state, T, Sigma)
        k2 = flow([x + h / 2 * k for x, k in zip(state, k1, strict=True)], T, Sigma)
        k3 = flow([x + h / 2 * k for x, k in zip(state, k2, strict=True)], T, Sigma)
        k4 = flow([x + h * k for x, k in zip(state, k3, strict=True)], T, Sigma)
        state = [x + h / 6 * (a + 2 * b + 2 * c + d) for x, a, b, c, d in zip(state, k1, k2, k3, k4, strict=True)]
    return state


def test_the_blocks_follow_the_flow_of_the_layers():
    """The closed equations against Runge and Kutta's method on the layers themselves, and these against descent."""
    S0, S1, T, Sigma = network(np.random.default_rng(6), 8, 12, 3, 16)
    state = advance([S0 @ S0.T, S0 @ S1, S1.T @ S1], T, Sigma, 30.0, 600)
    layers, h = [S0, S1], 30.0 / 600
    for _ in range(600):
        k1 = layer_rates(*layers, T, Sigma, 1.0)
        k2 = layer_rates(*(x + h / 2 * k for x, k in zip(layers, k1, strict=True)), T, Sigma, 1.0)
        k3 = layer_rates(*(x + h / 2 * k for x, k in zip(layers, k2, strict=True)), T, Sigma, 1.0)
        k4 = layer_rates(*(x + h * k for x, k in zip(layers, k3, strict=True)), T, Sigma, 1.0)
        layers = [x + h / 6 * (a + 2 * b + 2 * c + d) for x, a, b, c, d in zip(layers, k1, k2, k3, k4, strict=True)]
    assert np.allclose(layers[0] @ layers[1], state[1], rtol=0, atol=1e-9)
    errors = []
    for eta in (0.02, 0.01):
        descended = [S0, S1]
        for _ in range(round(30 / eta)):
            descended = [x + k for x, k in zip(descended, layer_rates(*descended, T, Sigma, eta), strict=True)]
        errors.append(np.abs(descended[0] @ descended[1] - state[1]).max())
    assert 0.4 < errors[1] / errors[0] < 0.6  # first order in eta


class Runs:
    """Networks at eta = 1: losses at the times s = 4 eta_2 t, and those of the linear model on the same data."""

    def __init__(self, seed, lam, seeds, d_in, d_out, d_h, times, linear=True):
        rng = np.random.default_rng(seed)
        n = round(d_in / lam)
        self.lam, self.seeds, self.d_in, self.d_out, self.d_h = Fraction(d_in, n), seeds, d_in, d_out, d_h
        X = rng.standard_normal((seeds, n, d_in))
        Sigma = X.transpose(0, 2, 1) @ X / n
        state, T = list(gram_blocks(rng, seeds, d_in, d_out, d_h)), gram_blocks(rng, seeds, d_in, d_out, d_h)[1]
        if linear:
            values, vectors = np.linalg.eigh(Sigma)
            weights = np.sum((vectors.transpose(0, 2, 1) @ (state[1] - T)) ** 2, axis=2) / d_out
        unit = d_out**2 / 2 / (1 + d_out / d_in)
        self.losses, self.linear, before = {}, {}, 0.0
        self.initial = np.sum((state[1] - T) ** 2, axis=(1, 2))
        for s in times:
            state = advance(state, T, Sigma, (s - before) * unit, math.ceil((s - before) / 0.25))
            before = s
            D = state[1] - T
            self.losses["gen", s] = np.sum(D**2, axis=(1, 2)) / d_out
            self.losses["train", s] = np.sum(D * (Sigma @ D), axis=(1, 2)) / d_out
            if linear:
                decay = weights * np.exp(-s * values)
                self.linear["gen", s], self.linear["train", s] = decay.sum(axis=1), (values * decay).sum(axis=1)

    def theory(self, which, s, rate=1.0):
        """The model's loss, with the known correction of order 1/d_in to the Marchenko-Pastur averages."""
        model = TwoLayerLinear(self.lam, self.d_in, self.d_h, self.d_out, eta=1)
        t = s * rate / (4 * float(model.rescaled_eta))
        root, s = math.sqrt(self.lam), s * rate
        low, high, x = (1 - root) ** 2, (1 + root) ** 2, 2 * root * s
        if which == "gen":
            mean = (math.exp(-s * low) + math.exp(-s * high)) / 4 - math.exp(-s * low) * ive(0, x) / 2
            return model.gen_loss(t) + mean * float(model.initial_loss) / self.d_in
        mean = (low * math.exp(-s * low) + high * math.exp(-s * high)) / 4
        mean -= math.exp(-s * low) * ((1 + self.lam) * ive(0, x) - 2 * root * ive(1, x)) / 2
        return model.train_loss(t) + mean * float(model.initial_loss) / self.d_in


def z_score(sample, prediction):
    """Deviation of the mean in its standard errors, and three standard errors relative to the prediction."""
    error = sample.std(ddof=1) / math.sqrt(sample.size)
    return (sample.mean() - prediction) / error, 3 * error / prediction


@pytest.mark.parametrize("lam", [0.5, 0.9, 1.5])
def test_networks_against_the_theory_at_early_times(lam):
    """300 networks 60-12000-6: a deviation of 3 % would be three standard errors or more, and there is none.

    What the theory leaves out is of order d_out/d_h = 1/2000. d_out/d_in = 1/10 is large enough to tell the factor
    1 + d_out/d_in of the rate from 1.
    """
    runs = Runs(7, lam, 300, 60, 6, 12_000, (1, 2, 4), linear=False)
    score, smallest = z_score(runs.initial, 1 / 24_000)
    assert abs(score) < 4
    assert smallest < 0.03
    for (which, s), losses in runs.losses.items():
        score, smallest = z_score(losses, runs.theory(which, s))
        assert abs(score) < 4, (which, s)
        assert smallest < 0.03
        assert abs(z_score(losses, 6 * runs.theory(which, s))[0]) > 100  # (18) read with the losses of (8): no 1/d_out
        if s >= 2:
            assert abs(z_score(losses, runs.theory(which, s, rate=1 / 6))[0]) > 10  # (18) read with (12)
        if (which, s) == ("gen", 4) and lam < 1:
            assert z_score(losses, runs.theory(which, s, rate=10 / 11))[0] < -3.5  # without 1 + d_out/d_in


@pytest.mark.parametrize("lam", [0.5, 0.9, 1.5])
def test_networks_against_the_linear_model_on_the_same_data(lam):
    """The claim L = L^(1)(eta_2) itself, at early and late times: the ratio of the two losses in each of 40 networks.

    At d_h = 40000 what the theory leaves out, about (d_out/d_h) log(L(0)/L), is below 0.2 %; a deviation of the mean
    ratio of 3 % would be three standard errors or more.
    """
    runs = Runs(8, lam, 40, 60, 6, 40_000, (4, 10, 25))
    for key, losses in runs.losses.items():
        score, smallest = z_score(losses / runs.linear[key], 1.0)
        assert abs(score) < 4, key
        assert smallest < 0.03


def test_what_the_theory_leaves_out_falls_like_the_outputs_per_hidden_unit():
    """The mean ratio to the linear model minus 1, at equal random numbers, is proportional to d_out/d_h."""
    excess = []
    for d_h in (600, 2400):
        runs = Runs(9, 0.5, 60, 60, 6, d_h, (12,))
        excess.append(np.mean(runs.losses["train", 12] / runs.linear["train", 12]) - 1)
    assert 2 < excess[0] / excess[1] < 8
    assert excess[1] < 20 * 6 / 2400


@pytest.mark.slow
@pytest.mark.parametrize("lam", [0.5, 0.9, 1.5])
def test_networks_against_the_theory_at_late_times(lam):
    """1500 networks, to s = 10, without a linear model between."""
    runs = Runs(10, lam, 1500, 60, 6, 12_000, (4, 7, 10), linear=False)
    for (which, s), losses in runs.losses.items():
        score, smallest = z_score(losses, runs.theory(which, s))
        assert abs(score) < 4, (which, s)
        assert smallest < 0.03


# Formulas and readings.


@given(lam=aspect_ratios, d_in=widths, d_h=widths, d_out=widths, t=log_uniform(-3, 6))
def test_the_losses_are_those_of_the_linear_model_rescaled(lam, d_in, d_h, d_out, t):
    model = TwoLayerLinear(lam, d_in, d_h, d_out, eta="0.1")
    eta = Fraction(1, 10) / (2 * d_out**2) * (1 + Fraction(d_out, d_in))
    linear = LinearTeacherStudent(lam, eta=eta)
    for name in ("train_loss", "gen_loss", "log_train_loss", "log_gen_loss"):
        if name == "train_loss" and float(linear.log_train_loss(t, digits=10)) < -1e6:
            continue
        two, one = getattr(model, name)(t, digits=25), getattr(linear, name)(t, digits=30)
        if name.startswith("log"):
            shift = gm.evaluate(sympy.log(2 * d_h * d_out), digits=40)
            assert two.ball().overlaps((one - shift).ball())
        else:
            assert two.ball().overlaps((one / (2 * d_h * d_out)).ball())
            found = getattr(model, name)(float(t))
            exact = getattr(model, name)(Fraction(float(t)), digits=25)
            assert math.isclose(found, float(exact), rel_tol=3e-15, abs_tol=1e-300)


@given(lam=aspect_ratios, d_h=widths, d_out=st.integers(1, 40), t=log_uniform(-2, 4), ratio=log_uniform(-2, 2))
def test_accuracies_are_incomplete_gamma_functions_of_the_loss(lam, d_h, d_out, t, ratio):
    model = TwoLayerLinear(lam, 100, d_h, d_out)
    for which in ("train", "gen"):
        log_loss = float(getattr(model, f"log_{which}_loss")(t, digits=10))
        if log_loss < -200:
            continue
        loss = Fraction(str(getattr(model, f"{which}_loss")(t, digits=40)))
        eps = Fraction(f"{float(loss * ratio):.6e}")
        value = getattr(model, f"{which}_accuracy")(t, eps=eps, digits=20)
        context = mpmath.MPContext()
        context.dps = 60
        z = context.mpf(d_out * eps.numerator * loss.denominator) / (2 * eps.denominator * loss.numerator)
        truth = context.gammainc(context.mpf(d_out) / 2, 0, z, regularized=True)
        assert abs(context.mpf(str(value)) / truth - 1) < 1e-18
        found = getattr(model, f"{which}_accuracy")(t, eps=eps)
        assert math.isclose(found, float(value), rel_tol=1e-10 * max(1, d_out), abs_tol=1e-300)


@settings(max_examples=12)
@given(d_in=widths, d_h=widths, d_out=st.integers(1, 30), t=log_uniform(-2, 2))
def test_the_symbolic_losses(d_in, d_h, d_out, t):
    lam, eta, time = sympy.symbols("lam eta t", positive=True)
    model = TwoLayerLinear(lam, d_in, d_h, d_out, eta=eta)
    at = {lam: sympy.Rational(5, 2), eta: sympy.Rational(1, 10), time: sympy.Rational(t.numerator, t.denominator)}
    number = TwoLayerLinear("5/2", d_in, d_h, d_out, eta="1/10")
    for name in ("train_loss", "gen_loss"):
        value = gm.evaluate(getattr(model, name)(time).subs(at), digits=20)
        assert value.ball().overlaps(getattr(number, name)(t, digits=20).ball())
    assert model.plateau().subs(at) == sympy.Rational(3, 5) / (2 * d_h * d_out)


def test_at_time_zero():
    model = TwoLayerLinear("0.9", 200, 50, 4)
    assert model.gen_loss(0) == model.train_loss(0) == 1 / 400
    assert model.gen_loss(0, digits=5).exact == model.train_loss(0, digits=5).exact == Fraction(1, 400)
    assert str(model.log_gen_loss(0, digits=10)) == "-5.991464547"
    assert model.initial_difference == Fraction(1, 100)
    assert model.hidden_norm == Fraction(1, 2)
    certified = model.gen_accuracy(0, eps="1e-3", digits=20)
    assert math.isclose(model.gen_accuracy(0, eps="1e-3"), float(certified), rel_tol=1e-14)


def test_the_plateau_above_lam_one():
    model = TwoLayerLinear("3/2", 200, 200, 5)
    assert model.plateau() == Fraction(1, 3) * Fraction(1, 2000)
    assert abs(model.gen_loss("1e6", digits=20) - model.plateau()) < Fraction(1, 10**15)
    assert TwoLayerLinear("1/2", 200, 200, 5).plateau() == 0


@given(lam=st.sampled_from(["0.1", "0.9", "1", "1.0001"]), d_h=st.integers(10, 500), d_out=st.integers(1, 12))
def test_at_the_grokking_times_the_accuracies_are_reached(lam, d_h, d_out):
    model = TwoLayerLinear(lam, 1000, d_h, d_out, eta="0.01")
    eps = Fraction(1, 20 * d_h * d_out)
    found = model.grokking_time(eps, accuracy="0.9", digits=25)
    for which in ("train", "gen"):
        time = getattr(found, which)
        assert time != math.inf
        reached = getattr(model, f"{which}_accuracy")(Fraction(str(time)), eps=eps, digits=15)
        assert abs(reached - Fraction(9, 10)) < Fraction(1, 10**13)
    assert found.delta > 0


def test_grokking_times_at_once_and_never():
    at_once = TwoLayerLinear("0.9", 100, 100, 2).grokking_time("1", digits=10)
    assert at_once.gen.exact == at_once.train.exact == 0
    never = TwoLayerLinear("1.5", 100, 100, 2).grokking_time("1e-6", digits=10)
    assert never.gen == never.delta == math.inf
    assert "(2 d_h d_out)" in never.reason
    assert never.train > 0


def test_one_output_and_very_many_inputs_are_half_the_learning_rate_of_the_linear_model():
    two = TwoLayerLinear("0.9", 10**9, 100, 1, eta="0.02").grokking_time("1e-6", digits=15)
    one = LinearTeacherStudent("0.9", eta="0.01").grokking_time("2e-4", digits=15)
    assert abs(float(two.delta / one.delta) - 1) < 2e-9


def test_validity():
    validity = TwoLayerLinear("0.9", 200, 50, 4).validity()
    assert validity == (Fraction(2, 25), Fraction(1, 50), Fraction(1, 200))


good = TwoLayerLinear("0.9", 200, 50, 4)
BAD = [
    (lambda: TwoLayerLinear(0, 10, 10, 1), "lam"),
    (lambda: TwoLayerLinear("0.9", 0, 10, 1), "d_in"),
    (lambda: TwoLayerLinear("0.9", 10, 2.5, 1), "d_h"),
    (lambda: TwoLayerLinear("0.9", 10, 10, True), "d_out"),
    (lambda: TwoLayerLinear("0.9", 10, 10, 10**10), "d_out"),
    (lambda: TwoLayerLinear("0.9", 10, 10, 1, eta=0), "eta"),
    (lambda: good.gen_loss(-1), "t"),
    (lambda: good.gen_loss(float("nan")), "t"),
    (lambda: good.gen_accuracy(1, eps=0), "eps"),
    (lambda: good.grokking_time(0), "eps"),
    (lambda: good.grokking_time("1e-3", accuracy=1), "accuracy"),
    (lambda: good.train_loss(1, digits=0), "digits"),
    (lambda: hidden_norm([1.0], [[1.0]]), "S0"),
    (lambda: hidden_norm([[1.0]], [[math.inf]]), "S1"),
    (lambda: hidden_norm_rate([[1.0]], [[1.0]], [[1.0]], [[1.0]], 0), "eta"),
]


@pytest.mark.parametrize(("call", "argument"), BAD)
def test_bad_input_is_refused_in_one_sentence_that_names_it(call, argument):
    with pytest.raises(DomainError, match=rf": {argument} = .*needed:"):
        call()


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(DomainError, match="do not fit"):
        layer_rates(np.ones((2, 3)), np.ones((2, 1)), np.ones((2, 1)), np.eye(2), 1.0)


def test_symbolic_times_have_no_closed_form():
    eps = sympy.Symbol("eps", positive=True)
    with pytest.raises(gm.UnsupportedExpression, match="no closed form"):
        good.grokking_time(eps)
    with pytest.raises(DomainError):
        good.grokking_time(eps, digits=5)
