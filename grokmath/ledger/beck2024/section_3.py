"""Sections 3 and 4: the model, its two solutions and the simplified model, (1)-(13), propositions 3.1-3.5, table 1."""

from __future__ import annotations

import sympy as sp

from grokmath.ledger.beck2024 import forms as f
from grokmath.ledger.beck2024 import shapes
from grokmath.ledger.beck2024.forms import L, M, R, S, a, b, c, eta, half, lam, sigma, t, u, x
from grokmath.ledger.record import Asymptotic, Identity, Inequality, Record, Simulation, regime
from grokmath.ledger.vocabulary import (
    BetaHalf,
    DefiniteIntegral,
    LargestMargin,
    NormalMean,
    PopulationLoss,
    PositivePart,
)

population = regime("", ({"R": "1", "b": "0"},), R="1/10..5", b="-5..5")
share = M**2 / (1 + M**2)
margins = regime("", ({"M": "1"},), M="1/100..5", sigma="1/10..5")
away = sp.Symbol("away", real=True)
aside = regime("", ({"M": "1", "away": "-1/100"},), M="1/100..5", away="1/10..2")
ratio = sp.Symbol("ratio", positive=True)
n = sp.Symbol("n", positive=True)
unstable = (regime("lam < 1/2", ({"lam": "1/4"},), lam="1/50..49/100"),)
inside = regime("lam < 1/2", ({"lam": "1/4"},), lam="1/50..49/100", eta="1/100..2", t="1/10..1000")
critical = regime("lam = 1/2", eta="1/100..2", t="1/10..100000")
W = sp.LambertW(c * t)
weight = sp.log(x)
three_quarters = {lam: sp.Rational(3, 4)}
rate = c * sp.exp(f.bias(weight)) * (1 / x - a * x**a)
slope = (rate * f.clock(weight)).subs(three_quarters)
bias_rate = -c * sp.exp(f.bias(weight)) * (1 / x + x**a)
bias_slope = (bias_rate * f.clock(weight)).subs(three_quarters)
separable = sp.log(1 + 2 * eta * t) / 2
scaled_bias = -c * f.tau - sp.log(1 + c * sigma**2 * f.tau) / sigma**2
scales = regime(eta="1/100..2", sigma="11/10..10", tau="1/10..100")
excess = sp.sqrt(sp.pi / 2) * (lam - half)
gap = lam * (1 - lam) / (lam - half) ** 2
vector = c * sigma**2 * (sp.exp(-S) - a * sp.exp(a * S))

RECORDS = (
    Record(
        "beck2024:1",
        "3.1",
        "definition",
        "empirical loss and accuracy, all labels -1",
        r"L=\frac1N\sum_i\ell(S\cdot x_i+b),\ A=\frac1N\sum_i\Theta(-(S\cdot x_i+b)),\ \ell(f)=\log(1+e^f)",
        reconstruction="certain",
    ),
    Record(
        "beck2024:2",
        "3.1",
        "identity",
        "step of gradient descent",
        r"S_{t+1}=S_t-\frac\eta N\sum\ell'(f_i)x_i,\ b_{t+1}=b_t-\frac\eta N\sum\ell'(f_i),\ \ell'=1/(1+e^{-f})",
        shapes.LOGISTIC_STEP,
        notes="For data of any size, against derivatives of (1).",
        reconstruction="certain",
    ),
    Record(
        "beck2024:3",
        "3.2",
        "identity",
        "population loss, a function of sigma |S| and b",
        r"L_{gen}=\mathbb E_z\log(1+e^{\sigma\|S\|z+b})",
        (Identity(PopulationLoss(R, b), b + PopulationLoss(R, -b), (population,)),),
        notes="The definition. Checked by the reflection that log(1+e^f) = f + log(1+e^-f) gives, by quadrature. The "
        "population exponential loss is exp(b + R^2/2).",
        reconstruction="certain",
    ),
    Record(
        "beck2024:4",
        "3.2",
        "identity",
        "population accuracy",
        r"A_{gen}=\frac12[1+\mathrm{erf}(-b/(\sqrt2\sigma\|S\|))]",
        (
            Identity(f.normal(-b / R), f.accuracy(b, R), (population,)),
            Simulation(
                "accuracy",
                f.accuracy(b, R),
                (regime(R="2", b="-1"), regime(R="1/2", b="-1")),
                mean=NormalMean(sp.Lambda(f.z, 1), -sp.oo, -b / R),
            ),
        ),
        reconstruction="certain",
    ),
    Record(
        "beck2024:prop3.1",
        "3.2",
        "limit",
        "perfect generalization only if b tends to minus infinity and |b|/|S| to infinity",
        r"A_{gen}\to1,\ L_{gen}\to0\Rightarrow b\to-\infty,\ |b|/\|S\|\to\infty",
        (
            Asymptotic(f.accuracy(-n * R, R), sp.Integer(1), n, (regime(R="1/10..10"),), limit=True, start=2, levels=6),
            Inequality(
                f.accuracy(-ratio * R, R), f.accuracy(-2 * ratio * R, R), (regime(R="1/10..10", ratio="1/10..4"),)
            ),
            Inequality(f.logistic(b) / 2, PopulationLoss(R, b), (population,)),
        ),
        notes="The loss exceeds log(1 + e^b)/2, so that b tends to minus infinity where it tends to 0; the accuracy is "
        "Phi(-b/R), so that -b/R tends to infinity where it tends to 1. Right as a necessary condition. It does not "
        "suffice for the loss, see beck2024:prop3.1-converse.",
        reconstruction="certain",
    ),
    Record(
        "beck2024:prop3.1-converse",
        "3.2",
        "inequality",
        "whether that condition makes the loss small",
        r"\text{(read as sufficient) } L_{gen}\to0",
        (
            Inequality(
                PopulationLoss(R, -R * sp.log(R) ** sp.Rational(1, 4)),
                sp.Integer(1),
                (regime("", ({"R": "10000"},), R="1000..1000000"),),
            ),
        ),
        (
            Inequality(
                R
                * DefiniteIntegral(
                    sp.Lambda(u, u * sp.exp(-((u + sp.log(R) ** sp.Rational(1, 4)) ** 2) / 2)),
                    sp.Integer(0),
                    sp.Integer(5),
                )
                / sp.sqrt(2 * sp.pi),
                PopulationLoss(R, -R * sp.log(R) ** sp.Rational(1, 4)),
                (regime("", ({"R": "10000"}, {"R": "3/2"}), R="1000..1000000"),),
            ),
        ),
        r"L_{gen}\ge\mathbb E(Rz+b)_+,\text{ which diverges along }b=-R(\log R)^{1/4}",
        notes="The paper says 'only if'; the converse is false for the loss. It is sufficient if and only if also "
        "R phi(|b|/R) (R/b)^2 tends to 0.",
        reconstruction="guess",
    ),
    Record(
        "beck2024:thm1",
        "3.2",
        "definition",
        "theorem 1, (5): convergence to the hard-margin solution (Soudry et al.)",
        r"w(t)=\hat w\log t+\rho(t),\ \hat w=\arg\min\|S\|^2+b^2\text{ s.t. }S\cdot x_i+b\le-1",
        notes="A cited theorem; its hypotheses are proved for two points, lam > 1/2, where the separator is "
        "(M, -1)/(1 + M^2). Its slopes are checked in beck2024:table1-separable.",
        reconstruction="likely",
        cites="soudry",
    ),
    Record(
        "beck2024:def2",
        "3.2",
        "definition",
        "separability from the origin",
        r"\exists S:\ S\cdot x_i>0\ \forall i",
        reconstruction="certain",
    ),
    Record(
        "beck2024:6",
        "3.3",
        "definition",
        "exponential loss",
        r"L_{exp}=\frac1N\sum_ie^{S\cdot x_i+b}",
        reconstruction="certain",
    ),
    Record(
        "beck2024:7",
        "3.3",
        "ODE",
        "gradient flow on the exponential loss",
        r"\dot S=-\frac\eta Ne^b\sum e^{S\cdot x_i}x_i,\ \dot b=-\frac\eta Ne^b\sum e^{S\cdot x_i}",
        shapes.FLOW,
        reconstruction="certain",
    ),
    Record(
        "beck2024:8",
        "3.3",
        "ODE",
        "the same in conformal time: S follows the flow without bias",
        r"\frac{dS}{d\tau}=-\frac\eta N\sum e^{S\cdot x_i}x_i,\ \frac{db}{d\tau}=-\frac\eta N\sum e^{S\cdot x_i},\ "
        r"\tau=\int e^bdt",
        shapes.CONFORMAL,
        reconstruction="certain",
    ),
    Record(
        "beck2024:9",
        "3.3",
        "identity",
        "separating vector of norm 1/M, and the best convex combination with (0, -1)",
        r"S_*=\arg\min\|S\|^2\text{ s.t. }S\cdot x_i\le-1,\ \|S_*\|=1/M",
        (
            Identity(2 * share / M**2, 2 * (1 - share), (margins,)),
            Identity(share**2 / M**2 + (1 - share) ** 2, 1 / (1 + M**2), (margins,)),
            Inequality(1 / (1 + M**2), (share + away) ** 2 / M**2 + (1 - share - away) ** 2, (aside,)),
        ),
        notes="Checked: the weight M^2/(1 + M^2) of (S_*, 0) makes the norm stationary, with the value 1/(1 + M^2), "
        "and every other weight, M^2/(1 + M^2) + away, makes it greater.",
        reconstruction="certain",
    ),
    Record(
        "beck2024:prop3.2-inseparable",
        "3.3",
        "limit",
        "inseparable data: S stays finite, b tends to minus infinity (two points, from S = S*)",
        r"\|S\|\to\|S_\infty\|<\infty,\ |b|/\|S\|\to\infty,\ A_{gen}\to1",
        (
            Asymptotic(
                f.accuracy(-sp.log(1 + f.kappa(a) * n), f.minimizer(a)),
                sp.Integer(1),
                n,
                (regime(lam="1/10..3/10"),),
                limit=True,
                start=2**200,
                levels=6,
            ),
        ),
        notes="Needs 0 in the interior of the convex hull. At marginal data (two points, lam = 1/2) S diverges and "
        "still "
        "A tends to 1; such data has probability 0 under a Gaussian law.",
        reconstruction="certain",
    ),
    Record(
        "beck2024:prop3.2-separable",
        "3.3",
        "identity",
        "separable data: limiting accuracy from the margin",
        r"A_{gen}\to\frac12[1+\mathrm{erf}(\frac{1}{\sqrt2\sigma M})]",
        (Identity(f.normal(1 / (sigma * M)), (1 + sp.erf(1 / (sp.sqrt(2) * sigma * M))) / 2, (margins,)),),
        notes="(4) along (9): -b/|S| tends to 1/M.",
        reconstruction="certain",
    ),
    Record(
        "beck2024:prop3.3",
        "3.3",
        "inequality",
        "probability of separability at fixed lam: how near it is to 0 or 1 for N points",
        r"\Pr\to1\ (\lambda>\tfrac12),\ \to0\ (\lambda<\tfrac12)",
        (
            Inequality(BetaHalf(n * (1 - lam), n * lam), gap / n, (regime("lam < 1/2", lam="1/5..2/5", n="1..2000"),)),
            Inequality(
                1 - gap / n, 1 - BetaHalf(n * lam, n * (1 - lam)), (regime("lam > 1/2", lam="3/5..4/5", n="1..2000"),)
            ),
        ),
        notes="Through Wendel's probability, see beck2024:14. The probability, or its distance to 1, is below "
        "lam (1 - lam)/(N (1/2 - lam)^2) at every N; the limits themselves, and 1/2 at N = 2d, are beck2024:16.",
        reconstruction="certain",
    ),
    Record(
        "beck2024:prop3.4",
        "3.4",
        "inequality",
        "the minimiser grows without bound as lam tends to 1/2 (two points)",
        r"\|S_\infty\|\to\infty\quad(\lambda\to\tfrac12^-)",
        (
            Inequality(
                sp.log(1 / a) / 2, f.minimizer(a), (regime("", ({"lam": "499999/1000000"},), lam="1/50..49999/100000"),)
            ),
        ),
        notes="S* = log(1/(1-2 lam))/(2(1-lam)) exceeds half of log(1/(1-2 lam)). For Gaussian data the law is a "
        "power, "
        "R ~ sqrt(C/(1/2 - lam)) with C = pi^2/16 + (log 2)^2/2.",
        reconstruction="certain",
    ),
    Record(
        "beck2024:table1-inseparable",
        "3.4",
        "identity",
        "late times, lam < 1/2: the fixed point of S, and b from there",
        r"b\sim-\log t,\ S\to\frac{1}{2(1-\lambda)}\log\frac{1}{1-2\lambda}",
        (
            Identity(sp.exp(-f.minimizer(a)), a * sp.exp(a * f.minimizer(a)), unstable),
            Identity(
                -c * f.kappa(a) / (1 + f.kappa(a) * c * t),
                sp.diff(-sp.log(1 + f.kappa(a) * c * t), t),
                (inside,),
            ),
            Identity(sp.exp(-f.minimizer(a)) + sp.exp(a * f.minimizer(a)), f.kappa(a), unstable),
        ),
        notes="Sharper: b = -log(kappa c t) + o(1) with kappa = p a^(-a/p).",
        reconstruction="certain",
    ),
    Record(
        "beck2024:table1-critical",
        "3.4",
        "inequality",
        "late times, lam = 1/2",
        r"b\sim-\log t,\ S\sim\log\log t",
        (
            Inequality(sp.log(1 + W), sp.log(1 + sp.log(1 + c * t)), (critical,)),
            Inequality(sp.log(c * t), W + sp.log(1 + W), (critical,)),
            Inequality(W + sp.log(1 + W), sp.log(1 + 2 * c * t), (critical,)),
        ),
        notes="Bounds that give the laws: S = log(1 + W(ct)) below log(1 + log(1 + ct)), and -b between log(ct) and "
        "log(1 + 2ct).",
        reconstruction="certain",
    ),
    Record(
        "beck2024:table1-separable",
        "3.4",
        "asymptotic",
        "late times, lam > 1/2: slopes of S and b in log t",
        r"S\sim\frac{M\log t}{1+M^2},\ b\sim-\frac{\log t}{1+M^2}",
        (
            Asymptotic(slope, sp.Rational(2, 5), x, (regime(eta="1/10..1"),), start=2**40),
            Asymptotic(bias_slope, -sp.Rational(4, 5), x, (regime(eta="1/10..1"),), start=2**40),
            Asymptotic(sp.diff(separable, t) * t, half, t, (regime(eta="1/10..1"),), order=1),
        ),
        notes="dS/dlog t and db/dlog t at lam = 3/4 (M = 1/2: 2/5 and -4/5), as functions of x = exp(S), and "
        "dS/dlog t at "
        "lam = 1.",
        reconstruction="certain",
    ),
    Record(
        "beck2024:prop3.5",
        "3.4",
        "identity",
        "S relaxes at a rate that grows with sigma^2 (two points)",
        r"\dot{\delta S}=-a\kappa\frac{\eta}{2}\sigma^2\delta S",
        (
            Identity(
                sp.diff(vector, S).subs(S, f.minimizer(a)),
                -c * sigma**2 * a * f.kappa(a),
                (regime(lam="1/50..49/100", sigma="1/7..100", eta="1/100..1"),),
            ),
        ),
        notes="In conformal time, linearised at S*. In t: S* - S ~ t^(-sigma^2 (1 - 2 lam)).",
        reconstruction="likely",
    ),
    Record(
        "beck2024:10",
        "3.4",
        "ODE",
        "flow in rescaled variables",
        r"\dot{\tilde S}=-\sigma^2\frac\eta N\sum e^{\tilde S\cdot\tilde x_i+b}\tilde x_i,\ \dot b=-\frac\eta N\sum "
        r"e^{\tilde S\cdot\tilde x_i+b}",
        shapes.RESCALED,
        notes="The equation of b is unchanged; its solution is not, since S(t) is another ('the dynamics of b will not "
        "change' is approximate).",
        reconstruction="certain",
    ),
    Record(
        "beck2024:10-bias",
        "3.4",
        "ODE",
        "what the scale of the features does to the bias (two points, lam = 1/2)",
        r"\text{the dynamics of }b\text{ will not change}",
        (Identity(scaled_bias, scaled_bias.subs(sigma, 1), (scales,)),),
        (
            Identity(-c * (1 + 1 / (1 + c * sigma**2 * f.tau)), sp.diff(scaled_bias, f.tau), (scales,)),
            Inequality(scaled_bias.subs(sigma, 1), scaled_bias, (scales,)),
        ),
        r"\dot b=-\frac\eta N\sum e^{\tilde S\cdot\tilde x_i+b}\text{ is the same equation, with another }\tilde S(t);"
        r"\ b\text{ falls less for }\sigma>1",
        notes="From S_0 = b_0 = 0 in conformal time tau: exp(S) = 1 + c sigma^2 tau with c = eta/2.",
        reconstruction="certain",
    ),
    Record(
        "beck2024:11",
        "4",
        "definition",
        "the two points of the simplified model",
        r"x_1=-1,\ x_2=1-2\lambda",
        reconstruction="certain",
    ),
    Record(
        "beck2024:11-margin",
        "4",
        "asymptotic",
        "margin near lam = 1/2 compared with the Gaussian model's",
        r"\text{the margin has the same dependence: }M=2\lambda-1",
        (Asymptotic(PositivePart(L) - half, L / 2, L, point=sp.Integer(0)),),
        (
            Asymptotic(PositivePart(L) - half, L * sp.sqrt(2 / sp.pi), L, point=sp.Integer(0), order=1),
            Asymptotic(LargestMargin(lam), excess, lam, point=half, order=1),
            Asymptotic(
                LargestMargin(lam) - excess, -sp.sqrt(sp.pi / 2) / 2 * excess**2, lam, point=half, order=1, start=2**10
            ),
            Asymptotic(
                LargestMargin(lam) - excess + sp.sqrt(sp.pi / 2) / 2 * excess**2,
                (sp.pi / 4 - sp.Rational(1, 6)) * excess**3,
                lam,
                point=half,
                order=1,
                start=2**10,
            ),
        ),
        r"\kappa=e-\frac{\sqrt{2\pi}}4e^2+(\frac\pi4-\frac16)e^3+\dots,\ e=\sqrt{\pi/2}\,(\lambda-\tfrac12)"
        r"\text{ for Gaussian data: the same exponent, another slope}",
        notes="The margin law lam = E (kappa + z)_+^2, lam - 1/2 as a function of the margin, and the margin's series.",
        reconstruction="guess",
    ),
    Record(
        "beck2024:12",
        "4",
        "asymptotic",
        "summary of table 1 in the simplified model",
        r"\text{(content lost; read as table 1 for two points)}",
        (
            Identity(sp.exp(-f.minimizer(a)), a * sp.exp(a * f.minimizer(a)), unstable),
            Inequality(sp.log(1 + W), sp.log(1 + sp.log(1 + c * t)), (critical,)),
            Inequality(sp.log(c * t), W + sp.log(1 + W), (critical,)),
            Inequality(W + sp.log(1 + W), sp.log(1 + 2 * c * t), (critical,)),
            Asymptotic(slope, sp.Rational(2, 5), x, (regime(eta="1/10..1"),), start=2**40),
            Asymptotic(bias_slope, -sp.Rational(4, 5), x, (regime(eta="1/10..1"),), start=2**40),
        ),
        notes="S rests at S* for lam < 1/2; bounds of S and -b at lam = 1/2; slopes of S and b in log t at lam = 3/4.",
        reconstruction="guess",
    ),
    Record(
        "beck2024:13",
        "4",
        "asymptotic",
        "grokking time of the simplified model, as (39)",
        r"\sqrt{\log(t_{gen}/t_{tr})}\approx\frac{1}{\sqrt2}\log\frac{1}{1-2\lambda}",
        (
            Asymptotic(
                sp.sqrt(f.minimizer(sp.exp(-L)) ** 2 / 2 + sp.log(2 / f.kappa(sp.exp(-L)))),
                L / sp.sqrt(2),
                L,
                order=2,
                constant=-sp.log(2),
                start=2**7,
            ),
        ),
        notes="Against the quasi-static limit S*^2/2 + log(2/kappa), eps to 0 first, 1 - 2 lam = exp(-L). The "
        "limits do "
        "not commute: at fixed eps and sigma the time ratio stays finite at lam = 1/2.",
        reconstruction="likely",
    ),
)
"""Records of sections 3 and 4."""
