"""Appendices A to D: Wendel's theorem, the conformal time, almost separable data, (14)-(26)."""

from __future__ import annotations

from math import comb

import sympy as sp

from grokmath.ledger.beck2024 import forms as f
from grokmath.ledger.beck2024 import groups, shapes
from grokmath.ledger.beck2024.forms import a, c, eps, eta, lam, t
from grokmath.ledger.record import Asymptotic, Identity, Inequality, Record, Simulation, regime
from grokmath.ledger.vocabulary import BetaHalf, MinimizerNorm

n, y, u, D, delta = sp.symbols("n y u D delta", positive=True)
PAIRS = ((4, 2), (10, 3), (20, 10), (40, 30), (100, 40), (100, 50), (100, 60))


def wendel(N: int, dimension: int) -> sp.Rational:
    """The printed sum."""
    return sp.Rational(sum(comb(N - 1, k) for k in range(dimension)), 2 ** (N - 1))


def beta(N: int, dimension: int) -> sp.Expr:
    """I_{1/2}(N - d, d), by quadrature of the smaller side."""
    p, q = sp.Integer(N - dimension), sp.Integer(dimension)
    return BetaHalf(p, q) if p >= q else 1 - BetaHalf(q, p)


normal = (1 + sp.erf(-y / sp.sqrt(2))) / 2
density = sp.exp(-(y**2) / 2) / sp.sqrt(2 * sp.pi)
W = sp.LambertW(c * t)
critical = regime("lam = 1/2", eta="1/100..2", t="1/10..100000")
inside = (regime("lam < 1/2", ({"lam": "1/4"},), lam="1/50..49/100"),)
small = f.minimizer(a)
first, second = sp.exp(-small), sp.exp(a * small)
away = sp.Symbol("away", real=True)
apart = regime("lam < 1/2", ({"lam": "1/4", "away": "-1/100"},), lam="1/50..49/100", away="1/10..2")
values = sp.symbols("y1:5", real=True)
jensen = regime("", **{str(v): "-2..21/10" for v in values})
line = sp.symbols("r1:5", positive=True)
norm = sp.Symbol("norm", positive=True)
diameter = regime("", norm="1/10..5", D="1..3", **{str(v): "1/100..99/100" for v in line})
placed = [D * r for r in line]
light = sp.Symbol("light", positive=True)
theta = sp.Symbol("theta", positive=True)
below = regime("lam < 1/2", ({"lam": "1/4", "theta": "1/4"},), lam="3/10..49/100", theta="1/100..1/2", eta="1/10..1")
above = regime("1/2 < lam < 1", ({"lam": "3/5"},), lam="51/100..99/100", theta="1/10..3", eta="1/10..1")
SIZES = ((theta * f.minimizer(a), (below,)), (theta, (above,)))
"""S as a fraction of S*, and as any number."""

RECORDS = (
    Record(
        "beck2024:14",
        "A",
        "identity",
        "Wendel's probability that N points in d dimensions are separable from the origin",
        r"P=2^{-(N-1)}\sum_{k=0}^{d-1}\binom{N-1}{k}",
        (
            *(Identity(beta(N, k), wendel(N, k), (regime(),)) for N, k in PAIRS),
            Simulation(
                "separable in the plane",
                2 * n / 2**n,
                (regime(n="6", N="6"), regime(n="10", N="10")),
                mean=sp.Function("P_separable")(n, sp.Integer(2)),
            ),
        ),
        notes="Against the binomial distribution function I_{1/2}(N-d, d), at (N, d) = (4,2), (10,3), (20,10), "
        "(40,30), "
        "(100,40), (100,50), (100,60), and against random points in the plane.",
        reconstruction="certain",
    ),
    Record(
        "beck2024:15",
        "A",
        "asymptotic",
        "its Gaussian approximation",
        r"P\approx\frac12[1+\mathrm{erf}(\sqrt{N/2}\,(2\lambda-1))]",
        (
            Asymptotic(
                BetaHalf((n**2 + y * n) / 2, (n**2 - y * n) / 2),
                normal,
                n,
                (regime(y="1/10..2"),),
                order=2,
                constant=density * (y**3 + 5 * y) / (12 * normal),
                start=2**10,
                levels=10,
            ),
        ),
        notes="N = n^2 and 2d - N = -y n. The error is of order 1/N: the continuity correction cancels the two -1. At "
        "N = 400 it is at most 3.1e-4; without the correction it would be 2e-2.",
        reconstruction="likely",
    ),
    Record(
        "beck2024:16",
        "A",
        "limit",
        "it becomes a step as N tends to infinity",
        r"P\to\Theta(\lambda-\tfrac12)",
        (
            Asymptotic(
                BetaHalf(n * (1 - lam), n * lam),
                sp.Integer(0),
                n,
                (regime(lam="1/5..2/5"),),
                limit=True,
                start=2**6,
            ),
            Asymptotic(
                1 - BetaHalf(n * lam, n * (1 - lam)),
                sp.Integer(1),
                n,
                (regime(lam="3/5..4/5"),),
                limit=True,
                start=2**6,
            ),
            Identity(sp.Rational(1, 2), BetaHalf(n, n), (regime(n="1..1000 integer"),)),
        ),
        notes="N = n; the last is the middle of the step, N = 2d. How near the probability is at N points: proposition "
        "3.3.",
        reconstruction="certain",
    ),
    Record(
        "beck2024:17",
        "C",
        "ODE",
        "growth of exp(-b)",
        r"\frac{d}{dt}e^{-b}=\eta\bar L(S)\le\eta C,\ \bar L=\frac1N\sum e^{S\cdot x_i}",
        shapes.GROWTH,
        notes="It must be the loss without bias that is bounded; C = L(S_0) will do, as it falls along the flow.",
        reconstruction="likely",
    ),
    Record(
        "beck2024:18",
        "C",
        "inequality",
        "bound on exp(-b), hence the conformal time diverges",
        r"e^{-b(t)}\le e^{-b_0}+\eta Ct,\ \tau\ge\frac{1}{\eta C}\log(1+\eta Ce^{b_0}t)",
        (
            Inequality((1 + W) * sp.exp(W), 1 + eta * t, (critical,)),
            Inequality(sp.log(1 + eta * t) / eta, W / c, (critical,)),
            *(Inequality(sp.exp(-f.bias(at)), 1 + eta * f.clock(at), places) for at, places in SIZES),
            *(
                Inequality(sp.log(1 + eta * f.clock(at)) / eta, (f.g(at) - f.g(sp.Integer(0))) / c, places)
                for at, places in SIZES
            ),
        ),
        notes="On the exact solution (31), and with b, t and tau as functions of S below and above lam = 1/2; C = 1.",
        reconstruction="likely",
    ),
    Record(
        "beck2024:19",
        "D",
        "inequality",
        "the function that S minimises",
        r"\bar L(S)=\frac1N\sum e^{S\cdot x_i}",
        (
            Inequality(f.kappa(a), sp.exp(-(small + away)) + sp.exp(a * (small + away)), (apart,)),
            groups.ABOVE_TANGENT,
        ),
        notes="Two points: 2 L at S* + away exceeds its value kappa at S*, wherever away is not 0. Data of any size: "
        "L(S + V) is at least L(S) + V.grad L(S), so that S is a minimum where the gradient vanishes, and there alone.",
        reconstruction="certain",
    ),
    Record(
        "beck2024:20",
        "D",
        "identity",
        "condition for the minimum",
        r"\sum_ie^{S\cdot x_i}x_i=0",
        (Identity(first, a * second, inside), groups.STATIONARY),
        notes="At S* of the two-point model, whose points are -1 and a; for data of any size, the sum is N times the "
        "gradient of (19).",
        reconstruction="certain",
    ),
    Record(
        "beck2024:21",
        "D",
        "identity",
        "the origin as a convex combination of the data",
        r"\sum\alpha_ix_i=0,\ \alpha_i=e^{S\cdot x_i}/\sum_je^{S\cdot x_j}",
        (
            Identity(first / (first + second), a / (1 + a), inside),
            Identity(second / (first + second), 1 / (1 + a), inside),
            groups.WEIGHTED,
        ),
        notes="The weights of -1 and a that give 0 are a/(1+a) and 1/(1+a). For data of any size the sum of alpha_i "
        "x_i is the gradient of (19) over its value, along every V: the weights represent the origin at the minimum.",
        reconstruction="certain",
    ),
    Record(
        "beck2024:22",
        "D",
        "identity",
        "convex representations of the origin (two points: there is one)",
        r"0=\sum\alpha_ix_i,\ \alpha_i\ge0,\ \sum\alpha_i=1",
        (
            Identity(-(a / (1 + a) + away) + a * (1 - (a / (1 + a) + away)), -(1 + a) * away, (apart,)),
            groups.REPRESENTED,
        ),
        notes="Two points: the sum for the weight a/(1+a) + away of -1 vanishes for away = 0 alone. Data of any size: "
        "the outputs weighed by A sum to S.(X^T A), hence to 0 for every S where A represents the origin.",
        reconstruction="certain",
    ),
    Record(
        "beck2024:defD",
        "D",
        "definition",
        "the origin is epsilon-close to the boundary",
        r"\text{there are }d\text{ points to which every (22) gives total weight}\ge1-\epsilon",
        reconstruction="certain",
    ),
    Record(
        "beck2024:23",
        "D",
        "inequality",
        "ratio of the weights of the two groups",
        r"\sum_{i>d}\alpha_i/\sum_{i\le d}\alpha_i\le\epsilon/(1-\epsilon)",
        (
            Inequality(
                eps * light / (1 - eps * light),
                eps / (1 - eps),
                (regime("", ({"light": "999/1000"},), eps="1/1000..9/10", light="1/100..999/1000"),),
            ),
            groups.FLOW_OF_BOTH,
            groups.RATIO,
        ),
        notes="First where the other points weigh eps times light, 0 < light < 1; then for two groups of any size and "
        "the weights that the flow of the loss gives them at any S, their sums being A and B, with any eps = (B + "
        "slack A)/(A + B) above the share of the others, as by definition D the eps of the data is (or equals it) at "
        "the minimum, where the weights represent the origin.",
        reconstruction="likely",
    ),
    Record(
        "beck2024:24",
        "D",
        "inequality",
        "Jensen's inequality for the second group",
        r"\frac{1}{N-d}\sum_{i>d}e^{S\cdot x_i}\ge e^{S\cdot\bar x}",
        (Inequality(sp.exp(sum(values) / 4), sum(sp.exp(v) for v in values) / 4, (jensen,)), groups.JENSEN),
        notes="For four outputs of which the first differs from their mean, strictly; and for any number m of points "
        "in any dimension, the rows of Y.",
        reconstruction="likely",
    ),
    Record(
        "beck2024:25",
        "D",
        "inequality",
        "lower bound of the ratio by the diameter D of the data",
        r"\frac{\sum_{i>d}e^{S\cdot x_i}}{\sum_{i\le d}e^{S\cdot x_i}}\ge\frac{N-d}{d}e^{-\|S\|D}",
        (
            Inequality(
                sp.exp(-norm * D),
                (sp.exp(norm * placed[0]) + sp.exp(norm * placed[1]))
                / (sp.exp(norm * placed[2]) + sp.exp(norm * placed[3])),
                (diameter,),
            ),
            groups.SPREAD,
        ),
        notes="For two points in each group, on a line of length D; and for groups of n and m points in any dimension, "
        "D being the largest distance of a point of the one from one of the other, hence at most the diameter.",
        reconstruction="likely",
    ),
    Record(
        "beck2024:26",
        "D",
        "inequality",
        "theorem of appendix D: lower bound of |S|, an equality for two points",
        r"\|S\|\ge\frac1D\log\frac{(N-d)(1-\epsilon)}{d\epsilon}",
        (
            Identity(
                f.minimizer(a),
                sp.log((1 - a / (1 + a)) / (a / (1 + a))) / (1 + a),
                inside,
            ),
            groups.NORM,
        ),
        notes="For the two points N = 2, d = 1, eps = a/(1+a), D = 1 + a, and the bound is S* itself. For groups of "
        "n and m points in any dimension |S| D exceeds the logarithm, with eps and D as in beck2024:23 and 25.",
        reconstruction="likely",
    ),
    Record(
        "beck2024:26-logistic",
        "D",
        "inequality",
        "the same argument for the logistic loss: Jensen's inequality for its derivative",
        r"\text{the same convexity argument would work for logistic loss}",
        (
            Inequality(
                1 / (1 + sp.exp(-(u + 1))),
                (1 / (1 + sp.exp(-u)) + 1 / (1 + sp.exp(-(u + 2)))) / 2,
                (regime(u="1/10..10"),),
            ),
        ),
        (Inequality(sp.exp(-u) / 2, 1 / (1 + sp.exp(u)), (regime(u="1/100..50"),)), *groups.LOGISTIC),
        r"\log\ell'\text{ has slope at most 1, so that weights }\ell'(f)\text{ vary by at most }e^{\|S\|D}:\text{ "
        r"the same bound}",
        notes="Jensen needs a convex derivative, and the sigmoid is concave for positive outputs. The repair gives "
        "(26) "
        "itself, with the logarithm. Checked and proved: l'(-f) > e^-f l'(0); that the weights are those of the "
        "gradient of the logistic loss; and (25) and (26) with them, for groups of any size.",
        reconstruction="likely",
    ),
    Record(
        "beck2024:prop3.4-law",
        "D",
        "asymptotic",
        "how fast the minimiser grows for Gaussian data, which the paper does not give",
        r"\text{(not in the paper)}",
        (),
        (
            Asymptotic(
                MinimizerNorm(sp.Rational(1, 2) - delta),
                sp.sqrt((sp.pi**2 / 16 + sp.log(2) ** 2 / 2) / delta),
                delta,
                point=sp.Integer(0),
                start=2**24,
                order=sp.Rational(1, 2),
            ),
        ),
        r"\sigma\|S_\infty\|\simeq\sqrt{C/\delta},\ \delta=\tfrac12-\lambda,\ C=\frac{\pi^2}{16}+\frac{\log^22}{2}",
        notes="In the proportional limit: a power law, where the two-point model of section 4 has a logarithm. The "
        "norm is the root of two equations, which are taken from the convex Gaussian min-max theorem; from there on "
        "the law is proved.",
        reconstruction="certain",
    ),
)
"""Records of appendices A to D."""
