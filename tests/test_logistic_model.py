"""The full classification model: reference values, both sides' laws, the certified root, and the equilibrated times."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy
from flint import acb, arb
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grokmath.certified import working_precision
from grokmath.classification import critical
from grokmath.classification.critical_expansion import ball_ring, expand, sympy_ring
from grokmath.classification.equilibrated import wright_omega
from grokmath.classification.logistic import LogisticModel
from grokmath.classification.minimizer_norm import (
    NORM_EQUATIONS,
    TOTAL_WEIGHT,
    InseparableMinimizer,
)
from grokmath.classification.output_moments import Integrand, choose_rule, output_moments
from grokmath.classification.output_quadrature import output_integral
from grokmath.exact import ball
from grokmath.functions import logistic_normal as ln
from grokmath.parameters import DomainError

from .strategies import log_uniform

HALF = Fraction(1, 2)

REFERENCE = [  # 38 printed digits
    ("gamma", "0.1", "0.11885845721347435255669045281343632584"),
    ("log_time_ratio", "0.1", "0.12641544563432388101574685731189090746"),
    ("minimizer_norm", "0.2", "0.66601442000435558425726749428654047258"),
    ("minimal_loss", "0.2", "0.87956724119430864290581341941744935176"),
    ("positive_fraction", "0.2", "0.32628254306766750782726466061730381325"),
    ("gamma", "0.3", "0.62483940820485571728394873357185130609"),
    ("log_time_ratio", "0.3", "0.84565574147425128511860142615547173221"),
    ("minimizer_norm", "0.4", "2.0696342609019325388662375227545557368"),
    ("minimal_loss", "0.4", "0.67418944132916106189892891048478419486"),
    ("positive_fraction", "0.4", "0.24516352839101122619027669344725151247"),
    ("gamma", "0.45", "2.6420221001073005967015592515792036303"),
    ("log_time_ratio", "0.45", "6.2371545466045638514898930295438684238"),
    ("minimizer_norm", "0.49", "8.6488095478089925452951595364732984046"),
    ("minimal_loss", "0.49", "0.46721158853905449438020805139271027465"),
    ("positive_fraction", "0.49", "0.17777019007506831094025128860718948712"),
]
EDGES = [("0.1", 0.42677, 0.45130), ("0.2", 0.23935, 0.27212), ("0.3", 0.12433, 0.15649), ("0.4", 0.04931, 0.07314)]


inseparable = st.one_of(
    log_uniform(-40, -1),
    log_uniform(-12, -1).map(lambda gap: HALF - gap),
    st.floats(0.01, 0.49).map(lambda x: Fraction(f"{x:.6f}")),
)


@pytest.mark.parametrize(("name", "lam", "reference"), REFERENCE)
def test_reference_values(name, lam, reference):
    digits = len(reference.replace(".", "").lstrip("0"))
    value = getattr(LogisticModel(lam), name)(digits=digits)
    assert value.digits == digits
    assert abs(Fraction(str(value)) - Fraction(reference)) <= 2 * Fraction(10) ** -(len(reference.split(".")[1]))


@pytest.mark.parametrize(("lam", "edge", "exponent"), EDGES)
def test_reference_values_of_the_hessian(lam, edge, exponent):
    model = LogisticModel(lam, sigma=3)
    assert round(float(model.hessian_edge(digits=15)) / 9, 5) == edge
    assert round(model.relaxation_exponent() / 9, 5) == exponent


# The rules for the expectations.


def random_outputs(count: int, seed: int) -> list[tuple[arb, arb]]:
    """R and c = log gamma: near the solutions, where gamma is about R**2 to R, and away from them."""
    rng = np.random.default_rng(seed)
    points = []
    for _ in range(count):
        R = 10 ** rng.uniform(-5, 0.5)
        c = math.log(R) * rng.uniform(1, 2) + rng.uniform(-0.7, 0.7)
        points.append((arb(R).mid(), arb(c).mid()))
    return points


def second_opinion(R: arb, c: arb) -> list[arb]:
    return [
        output_integral(R, c, lambda w: w / (1 + w), 1),
        output_integral(R, c, lambda w: w * w, 2),
        output_integral(R, c, lambda w: w, 1),
    ]


@pytest.mark.parametrize("terms", [0.25, 0.5, 0.75, 1.0])
def test_the_rules_against_quadrature_with_too_few_nodes(terms):
    used = set()
    with working_precision(60):
        for R, c in random_outputs(50, seed=round(4 * terms)):
            used.add(choose_rule(R, c, 1.0).double)
            values = output_moments(R, c, [*NORM_EQUATIONS, TOTAL_WEIGHT], terms=terms)
            for value, other in zip(values, second_opinion(R, c), strict=True):
                assert value.overlaps(other)
                if terms == 1.0:
                    assert value.rel_accuracy_bits() > 50
                    assert other.rel_accuracy_bits() > 40
    assert used == {False, True}  # both rules were reached


def test_both_rules_agree_where_either_serves(monkeypatch):
    from grokmath.classification import output_moments as module

    with working_precision(150):
        for R, c in [(arb("0.05").mid(), arb(-6).mid()), (arb("0.4").mid(), arb(-2).mid())]:
            values = {}
            for double, rule in ((True, "_double_rule"), (False, "_gaussian_rule")):
                log_R, depth = float(R.log()), 150 * math.log(2) + 8
                chosen = (
                    module._double_rule(log_R, float(c), 1.0, depth) if double else module._gaussian_rule(log_R, depth)
                )
                assert chosen.double == double, rule
                monkeypatch.setattr(module, "choose_rule", lambda R, c, pole, chosen=chosen: chosen)
                values[double] = output_moments(R, c, [*NORM_EQUATIONS, TOTAL_WEIGHT])
            for left, right in zip(values[True], values[False], strict=True):
                assert left.overlaps(right)
                assert min(left.rel_accuracy_bits(), right.rel_accuracy_bits()) > 130


def test_an_image_contains_its_points_images():
    with working_precision(100):
        R, c = arb("1.1", "1e-6"), arb("-0.47", "1e-6")
        wide = output_moments(R, c, NORM_EQUATIONS)
        for shift in (-1e-6, 0.0, 1e-6):
            moved = arb("1.1").mid() + arb(shift).mid(), arb("-0.47").mid() - arb(shift).mid()
            narrow = output_moments(*moved, NORM_EQUATIONS)
            assert all(w.contains(n) for w, n in zip(wide, narrow, strict=True))


# The root.


@settings(max_examples=25)
@given(lam=inseparable)
@example(lam=Fraction(1, 10**300))
@example(lam=HALF - Fraction(1, 10**15))
def test_the_root_solves_both_equations(lam):
    """By substitution with the same rules at higher precision, and for moderate R with the other quadrature."""
    with working_precision(100):
        point = InseparableMinimizer(lam).enclose()
        R, c = point.norm, point.log_gamma
        assert max(point.log_norm.rad(), point.log_ratio.rad()) < arb(2) ** -90
    with working_precision(160):
        first, second = output_moments(R, c, NORM_EQUATIONS)
        assert first.overlaps(ball(lam))
        assert second.overlaps(ball(lam) * R * R)
        assert (first / ball(lam)).rel_accuracy_bits() > 60
    if 0.01 < lam < 0.45:
        with working_precision(80):
            first, second, _ = second_opinion(R.mid(), c.mid())
            assert abs(first / ball(lam) - 1) < arb(2) ** -50
            assert abs(second / (ball(lam) * R * R) - 1) < arb(2) ** -50


@settings(max_examples=8)
@given(lam=inseparable)
def test_monotonicity_in_lam(lam):
    """Towards lam = 1/2 the norm grows; loss, fraction of positives and relaxation exponent fall."""
    near, far = LogisticModel(lam), LogisticModel(lam + (HALF - lam) / 1000)
    assert near.minimizer_norm(digits=25) < far.minimizer_norm(digits=25)
    assert near.minimal_loss(digits=60) > far.minimal_loss(digits=60)
    assert near.positive_fraction(digits=60) > far.positive_fraction(digits=60)
    if lam > Fraction(1, 10**6):
        assert near.relaxation_exponent(digits=15) > far.relaxation_exponent(digits=15)


def test_small_lam():
    """gamma = lam (1 + 3 lam/2), R = sqrt(lam) (1 + 3 lam/2), loss = 1 - lam/2 (...): each to a relative O(lam**2)."""
    lam = Fraction(1, 10**20)
    model = LogisticModel(lam)
    assert abs(model.gamma(digits=60) / lam - 1 - 3 * lam / 2) < 10 * lam**2
    assert abs(model.minimizer_norm(digits=60) ** 2 / lam - 1 - 3 * lam) < 10 * lam**2
    assert abs(1 - model.minimal_loss(digits=60) - lam / 2) < 10 * lam**2


def test_the_loss_is_the_mean_exponential_of_the_outputs():
    """E[e^u], u = R g - w = log(w/gamma), and the positive fraction: Monte Carlo within four standard errors."""
    from scipy.special import wrightomega

    model = LogisticModel("0.4")
    rng = np.random.default_rng(1)
    R, gamma = model.minimizer_norm(), model.gamma()
    u = np.log(wrightomega(R * rng.standard_normal(400_000) + math.log(gamma)).real / gamma)
    for sample, value in ((np.exp(u), model.minimal_loss()), (u > 0, model.positive_fraction())):
        assert abs(sample.mean() - value) < 4 * sample.std() / math.sqrt(sample.size)


@pytest.mark.parametrize("lam", ["0.2", "0.45"])
def test_the_hessian_edge_is_the_maximum(lam):
    """-lam/x + E[D/(1 + x D)], D = w/gamma, on a grid of x about the maximum, by another quadrature."""
    from scipy.special import wrightomega

    model = LogisticModel(lam)
    g = np.linspace(-11, 11, 4001)
    density = np.exp(-g * g / 2) * (g[1] - g[0]) / math.sqrt(2 * math.pi)
    D = wrightomega(model.minimizer_norm() * g + math.log(model.gamma())).real / model.gamma()
    x = model.gamma() * np.linspace(1, 6, 1001)
    values = [-float(lam) / y + density @ (D / (1 + y * D)) for y in x]
    assert 0 < np.argmax(values) < 1000  # x > gamma at the maximum
    assert max(values) == pytest.approx(model.hessian_edge(), rel=1e-5)
    assert max(values) <= model.hessian_edge() * (1 + 1e-12)


# The critical point.


def test_critical_constants():
    assert str(critical.critical_gamma_ratio(digits=38)) == "1.0596787093896764422471937670776260893"
    assert str(critical.critical_loss(digits=38)) == "0.37647475302321029796774987879380240542"
    assert str(critical.norm_divergence_constant(digits=9)) == "0.857076782"
    assert round(critical.critical_positive_fraction(), 6) == 0.144645
    coefficients = critical.norm_expansion(2, digits=50)
    assert [c.digits for c in coefficients] == [50, 50]
    assert round(float(coefficients[1]), 4) == -0.4708
    values = {
        "norm_divergence_constant": critical.norm_divergence_constant(digits=50),
        "norm_offset": coefficients[1],
        "critical_loss": critical.critical_loss(digits=50),
        "critical_gamma_ratio": critical.critical_gamma_ratio(digits=50),
        "critical_positive_fraction": critical.critical_positive_fraction(digits=50),
    }
    for name, expression in critical.critical_expressions().items():
        assert abs(expression.evalf(60) - sympy.Float(str(values[name]), 60)) < sympy.Float("1e-48")


def test_the_expansion_in_both_rings():
    exact = expand(sympy_ring(), 3)
    with working_precision(200):
        balls = expand(ball_ring(), 6)
    left = [*exact.log_ratio[:3], *exact.norm[:3], exact.constant]
    right = [*balls.log_ratio[:3], *balls.norm[:3], balls.constant]
    for x, y in zip(left, right, strict=True):
        assert abs(sympy.sympify(x).evalf(40) - sympy.Float(y.str(40, radius=False), 40)) < sympy.Float("1e-36")
    known = [0.05796575782920621, -1.279641734722935]  # m_0, m_1
    assert [float(m) for m in balls.log_ratio[:2]] == pytest.approx(known, rel=1e-15)
    C, third = float(balls.constant), float(balls.constant) * 2 * float(balls.norm[1])
    assert (C, -third) == pytest.approx((0.8570767820271856, 0.8070548401969111), rel=1e-14)


@pytest.mark.parametrize("delta", [Fraction(1, 10**4), Fraction(1, 10**8)])
def test_the_divergence_law_against_the_root(delta):
    """The error after n terms is of the order of the first one left out."""
    exact = LogisticModel(HALF - delta).minimizer_norm(digits=60)
    coefficients = critical.norm_expansion(9)
    for order in (1, 2, 3, 5, 8):
        error = abs(critical.near_critical_norm(HALF - delta, order, digits=60) - exact)
        first_left_out = abs(coefficients[order]) * float(delta) ** ((order - 1) / 2)
        assert float(error) == pytest.approx(first_left_out, rel=0.6)
    float64 = critical.near_critical_norm(np.array([0.4999]), 8)
    assert float64[0] == pytest.approx(float(critical.near_critical_norm("0.4999", 8, digits=20)), rel=1e-12)


def test_the_symbolic_divergence_law():
    lam = sympy.Symbol("lam")
    expression = critical.near_critical_norm(lam, 3)
    value = sympy.Float(str(critical.near_critical_norm("0.49", 3, digits=30)), 30)
    assert abs(expression.subs(lam, sympy.Rational(49, 100)).evalf(30) - value) < sympy.Float("1e-27")
    with pytest.raises(DomainError, match="order = 5"):
        critical.near_critical_norm(lam, 5)
    with pytest.raises(DomainError, match="inseparable"):
        critical.near_critical_norm("0.6", 2)


def test_approach_to_the_critical_values():
    model = LogisticModel(HALF - Fraction(1, 10**12))
    assert model.minimal_loss() == pytest.approx(critical.critical_loss(), rel=1e-4)
    assert model.positive_fraction() == pytest.approx(critical.critical_positive_fraction(), rel=1e-4)
    assert model.gamma() / model.minimizer_norm() == pytest.approx(critical.critical_gamma_ratio(), rel=1e-5)
    assert model.log_time_ratio() * 2e-12 == pytest.approx(critical.norm_divergence_constant(), rel=1e-5)
    delta, C = 1e-12, critical.norm_divergence_constant()
    law = delta / (8 * C) * math.log(C / delta)  # approached like 1/log
    assert model.relaxation_exponent() / law == pytest.approx(1, abs=0.1)


# The separable side.


def test_the_separable_side():
    model = LogisticModel("0.9", sigma="1/2")
    M = model.margin(digits=30)
    kappa = LogisticModel("0.9").margin(digits=30)
    assert abs(M * 2 - kappa) < Fraction(1, 10**28)
    assert round(float(kappa), 5) == 0.39396
    assert abs(model.weight_slope(digits=30) + model.bias_slope(digits=30) * M) < Fraction(1, 10**28)
    assert abs(model.bias_slope(digits=30) * (1 + M * M) + 1) < Fraction(1, 10**28)
    fraction = ln.population_error(1, str(kappa), digits=20)
    assert abs(model.support_vector_fraction(digits=20) - fraction) < Fraction(1, 10**18)
    accuracy = ln.population_accuracy(str(M), -2, digits=20)  # Phi(1/(sigma M))
    assert abs(model.limit_accuracy(digits=20) - accuracy) < Fraction(1, 10**18)
    assert str(LogisticModel("0.9").limit_accuracy(digits=38)) == "0.99443128198589267308352184538025308603"


def test_the_growth_of_the_loss():
    """L_gen along the asymptotic direction at log t = 1e5, against the growth law (corrections of order 1/log t)."""
    model = LogisticModel("1.1", sigma="3/4")
    log_t = 10**5
    R = model.weight_slope(digits=30) * Fraction(3, 4) * log_t
    b = model.bias_slope(digits=30) * log_t
    value = ln.population_loss(Fraction(str(R)), Fraction(str(b)), digits=20) / log_t
    assert float(value / model.loss_growth(digits=20)) == pytest.approx(1, abs=1e-6)
    near = LogisticModel("0.5000001")
    with pytest.raises(DomainError, match="log_loss_growth"):
        near.loss_growth(digits=5)
    assert float(near.log_loss_growth(digits=10)) == pytest.approx(-1e14 / math.pi, rel=1e-5)


def test_a_reference_for_the_growth_of_the_loss():
    """M = 0.5 at sigma = 1: 0.00339628105."""
    from grokmath.functions.gardner import margin_law

    lam = Fraction(str(margin_law("1/2", digits=40)))
    assert LogisticModel(lam).loss_growth() == pytest.approx(0.00339628105, abs=5e-12)


def test_both_sides_share_slopes_and_limits():
    for lam in ("0.3", "0.5"):
        model = LogisticModel(lam)
        assert model.limit_accuracy(digits=5).exact == 1
        assert model.limit_error() == 0.0
        assert (model.weight_slope(), model.bias_slope(digits=5).exact) == (0.0, -1)
    assert [LogisticModel(lam).side for lam in ("0.3", "0.5", "0.7")] == ["inseparable", "critical", "separable"]


# Equilibrated times.


def test_exponential_times_in_closed_form():
    model = LogisticModel("0.3", sigma=10, eta="0.1")
    eps = Fraction(1, 10**6)
    times = model.grokking_time(eps, digits=30)
    R, L = model.minimizer_norm(digits=40) * 10, model.minimal_loss(digits=40)
    assert abs(times.train - 10 * (1 / eps - 1 / L)) < Fraction(1, 10**20)
    factor = Fraction(str(ln.population_exponential_loss(str(R), 0, digits=40)))
    assert abs(times.gen / ((factor / eps - 1) * 10 / L) - 1) < Fraction(1, 10**28)
    assert abs(times.delta - (times.gen - times.train)) < Fraction(1, 10**18)
    assert float(times.log_ratio) == pytest.approx(model.log_time_ratio(), abs=1e-5)
    assert round(float(times.log_ratio), 3) == 0.846
    assert float(times.equilibration) == pytest.approx(model.relaxation_exponent() * float(times.bias), rel=1e-14)


@pytest.mark.parametrize(("lam", "ratio"), [("0.3", 0.846), ("0.4", 2.536), ("0.45", 6.237)])
def test_reference_log_ratios(lam, ratio):
    assert round(LogisticModel(lam).log_time_ratio(), 3) == ratio


@pytest.mark.parametrize("criterion", ["accuracy", "cross-entropy"])
@pytest.mark.parametrize("lam", ["0.2", "0.45"])
def test_the_criteria_hold_at_the_times_returned(lam, criterion):
    model, eps = LogisticModel(lam, sigma=2), Fraction(1, 1000)
    times = model.grokking_time(eps, criterion=criterion, digits=30)
    R = str(model.minimizer_norm(digits=40) * 2)
    level = ln.population_error if criterion == "accuracy" else ln.population_loss
    assert abs(level(R, -Fraction(str(times.bias)), digits=30) / eps - 1) < Fraction(1, 10**25)
    L = model.minimal_loss(digits=40)
    with working_precision(140):
        assert abs(times.bias.ball() - (1 + L.ball() * times.gen.ball()).log()) < arb(10) ** -25
    if criterion == "accuracy":  # the fraction of training outputs above -b(t_tr), by Monte Carlo
        from scipy.special import wrightomega

        rng = np.random.default_rng(2)
        gamma = model.gamma()
        u = np.log(wrightomega(float(R) * rng.standard_normal(400_000) + math.log(gamma)).real / gamma)
        share = (u > math.log1p(float(L) * float(times.train))).mean()
        assert abs(share - 1e-3) < 4 * math.sqrt(1e-3 / 400_000)


def test_thresholds_met_at_once():
    model = LogisticModel("0.4")
    exponential = model.grokking_time("0.7", digits=10)
    assert exponential.train.exact == 0
    assert exponential.gen > 0
    assert "training" in exponential.reason
    accuracy = model.grokking_time("0.6", criterion="accuracy", digits=10)
    assert (accuracy.train.exact, accuracy.gen.exact, accuracy.log_ratio) == (0, 0, None)
    assert "generalization" in accuracy.reason
    cross = model.grokking_time("0.999", criterion="cross-entropy")
    assert cross.gen > 0 == cross.train  # the loss at b = 0 is above log 2, here 1.1
    assert LogisticModel("0.1").grokking_time("0.9", criterion="cross-entropy").gen == 0.0


def test_times_too_large_to_print():
    times = LogisticModel(HALF - Fraction(1, 10**12)).grokking_time("0.01", digits=15)
    assert times.gen is None
    assert "log_gen" in times.reason
    assert float(times.log_ratio) == pytest.approx(4.285379551e11, rel=1e-9)
    floats = LogisticModel("0.4995").grokking_time("0.01")
    assert isinstance(floats.log_gen, float)
    assert floats.gen > 1e300


def test_wright_omega_far_out():
    with working_precision(120):
        for x in (arb(3), arb(63), arb(65), arb(10) ** 30, arb("1e10", "1e-5")):
            w = wright_omega(x)
            assert (w + w.log() - x).contains(0)
        assert wright_omega(arb(70)).overlaps(arb(70).exp().lambertw())


# Bad input.


SEPARABLE = ["margin", "support_vector_fraction", "loss_growth", "log_loss_growth", "log_limit_error"]


@pytest.mark.parametrize("name", SEPARABLE)
def test_separable_quantities_on_the_other_side(name):
    wanted = rf"{name}: lam = (2/5|0\.4) is not allowed \(needed: lam > 1/2, where .* separable\); .{{20}}"
    with pytest.raises(DomainError, match=wanted):
        getattr(LogisticModel("0.4"), name)()
    with pytest.raises(DomainError, match="critical point itself"):
        getattr(LogisticModel("0.5"), name)(digits=10)


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("minimizer_norm", "margin"),
        ("gamma", "margin"),
        ("minimal_loss", "margin"),
        ("positive_fraction", "support_vector_fraction"),
        ("hessian_edge", "margin"),
        ("relaxation_exponent", "weight_slope"),
        ("log_time_ratio", "limit_accuracy"),
    ],
)
def test_inseparable_quantities_on_the_other_side(name, remedy):
    wanted = rf"{name}: lam = (3/5|0\.6) is not allowed \(needed: lam < 1/2, .*ask {remedy}\(\)"
    with pytest.raises(DomainError, match=wanted):
        getattr(LogisticModel("0.6"), name)(digits=10)
    with pytest.raises(DomainError, match="critical point itself"):
        getattr(LogisticModel(HALF), name)()


def test_bad_parameters():
    for arguments in ({"lam": 0}, {"lam": "1e7"}, {"lam": "0.4", "sigma": 0}, {"lam": "0.4", "eta": -1}, {"lam": "x"}):
        with pytest.raises(DomainError, match="LogisticModel: "):
            LogisticModel(**arguments)
    with pytest.raises(DomainError, match="near_critical_norm"):
        LogisticModel(sympy.Symbol("lam"))
    model = LogisticModel("0.4")
    for eps in (0, 1, -1, "nan"):
        with pytest.raises(DomainError, match="grokking_time: eps"):
            model.grokking_time(eps)
    with pytest.raises(DomainError, match="criterion = 'loss' is not allowed"):
        model.grokking_time("0.1", criterion="loss")
    with pytest.raises(DomainError, match="digits"):
        model.minimizer_norm(digits=0)
    with pytest.raises(DomainError, match=r"grokking_time: lam = (3/5|0\.6)"):
        LogisticModel("0.6").grokking_time("0.1")
    assert repr(model).startswith("LogisticModel(lam=")


# Simulations.


@pytest.mark.slow
@pytest.mark.parametrize("lam", [0.2, 0.3])
def test_the_minimiser_of_random_instances(lam):
    """Newton's method on 60 instances of N = 1200: norm, loss and positive outputs within 3.5 standard errors.

    The standard errors are about 1 % of the norm and 0.2 % of the loss: a deviation of 3.5 % and 0.7 % would show.
    """
    rng = np.random.default_rng(3)
    N = 1200
    d = round(lam * N)
    rows = []
    for _ in range(60):
        X = rng.standard_normal((N, d))
        S = np.zeros(d)
        for _ in range(60):
            weights = np.exp(X @ S) / N
            step = np.linalg.solve((X.T * weights) @ X, X.T @ weights)
            decrement = math.sqrt(max(step @ (X.T @ weights), 0.0))
            S -= step / (1 + 2 * np.abs(X @ step).max() * (decrement > 1e-3))
            if decrement < 1e-9:
                break
        rows.append((np.linalg.norm(S), np.exp(X @ S).mean(), (X @ S > 0).mean()))
    model = LogisticModel(str(lam))
    theory = (model.minimizer_norm(), model.minimal_loss(), model.positive_fraction())
    mean, error = np.mean(rows, axis=0), np.std(rows, axis=0, ddof=1) / math.sqrt(len(rows))
    assert (error / theory < 0.012).all()
    assert (np.abs(mean - theory) < 3.5 * error).all()


@pytest.mark.slow
def test_the_margin_of_random_instances():
    """The distance of the origin from the hull, by non-negative least squares, N = 600: within 3.5 standard errors."""
    from scipy.optimize import nnls

    rng = np.random.default_rng(4)
    N, margins = 600, []
    for _ in range(20):
        X = rng.standard_normal((N, round(1.5 * N)))
        system = np.vstack([X.T, np.full(N, 10.0)])  # min |X^T a|**2 + 100 (1 - sum a)**2
        weights, _ = nnls(system, np.r_[np.zeros(X.shape[1]), 10.0])
        margins.append(np.linalg.norm(X.T @ (weights / weights.sum())))
    error = np.std(margins, ddof=1) / math.sqrt(len(margins))
    assert error < 0.01 * np.mean(margins)
    assert abs(np.mean(margins) - LogisticModel("1.5").margin()) < 3.5 * error


def test_acb_quadrature_is_the_definition():
    """The second evaluator itself at R -> 0: w = W(gamma)."""
    with working_precision(80):
        value = output_integral(arb(2) ** -40, arb(0), lambda w: acb(w), 1)
        assert abs(value - arb(1).lambertw()) < arb(2) ** -60


def test_training_time_is_told_where_the_generalization_time_is_too_large():
    """Near lam = 1/2 t_gen is beyond exp(10**9), but t_train = 1/(eta eps) - 1/(eta Lmin) is not."""
    model = LogisticModel(Fraction(1, 2) - Fraction(1, 10**12))
    times = model.grokking_time("1e-3", digits=12)
    assert float(times.train) == pytest.approx(1000 - 1 / model.minimal_loss(), rel=1e-10)
    assert times.gen is None
    assert times.delta is None
    assert "t_gen" in times.reason


def test_quantities_too_small_for_doubles_are_0_without_digits():
    """They raised DomainError, which belongs to the certified reading."""
    model = LogisticModel("0.7", sigma="1e-3")
    assert (model.limit_error(), model.loss_growth()) == (0.0, 0.0)
    with pytest.raises(DomainError, match="log_limit_error"):
        model.limit_error(digits=10)


@pytest.mark.parametrize("sigma", ["1e400", "1e-400"])
def test_widths_beyond_doubles_are_no_fault(sigma):
    model = LogisticModel("0.7", sigma=sigma)
    assert model.limit_accuracy() == (0.5 if sigma == "1e400" else 1.0)
    assert model.log_limit_error(digits=10).digits == 10


@pytest.mark.parametrize("lam", [Fraction(1, 10**1000), HALF - Fraction(1, 10**30)])
def test_extreme_aspect_ratios_cost_few_proofs_of_the_minimiser(lam, monkeypatch):
    """Each rise of the precision by a few bits proved the minimiser again; bounds of E[q^2] grew like R^2."""
    proofs = []
    prove = InseparableMinimizer._prove
    monkeypatch.setattr(InseparableMinimizer, "_prove", lambda self, bits: proofs.append(bits) or prove(self, bits))
    exponent = LogisticModel(lam).relaxation_exponent(digits=17)
    assert len(proofs) <= 3
    assert max(proofs) < 400
    assert float(exponent) == pytest.approx(1 if lam < Fraction(1, 4) else 1.0273284769868150e-29, rel=1e-15)


@pytest.mark.parametrize("terms", [0.25, 0.5, 0.75])
@pytest.mark.parametrize("R", ["0.5", "3", "1e10"])
def test_both_bounds_of_the_moments_of_the_hessian_hold_with_too_few_nodes(R, terms):
    """|q^2 (1 + w)| <= (Y + 1)|w| and <= Y^2 (|w|^2 + |w|^3) over the denominators."""
    Y = arb(2)
    value = lambda w: (Y * w / (1 + Y * w)) ** 2 * (1 + w)  # noqa: E731
    bounds = [Integrand(value, bound, Y, 2) for bound in ((Y + 1, 0, 0), (0, Y * Y, Y * Y))]
    with working_precision(100):
        c = arb(R).log()
        truth = output_moments(arb(R), c, bounds)
        assert all(x.overlaps(y) for x in output_moments(arb(R), c, bounds, terms=terms) for y in truth)
