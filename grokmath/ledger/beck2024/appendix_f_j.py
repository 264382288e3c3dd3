"""Appendices F to J: scale, reduction to a bias, discriminative labels, support vectors, (42)-(69)."""

from __future__ import annotations

import sympy as sp

from grokmath.ledger.beck2024 import forms as f
from grokmath.ledger.beck2024.forms import M, a, b, eta, half, lam, points, sample, sigma, weights, x
from grokmath.ledger.record import Asymptotic, Identity, Record, Simulation, regime
from grokmath.ledger.vocabulary import DefiniteIntegral, UpperOrthant

z = sp.Symbol("z", real=True)
h, k = sp.symbols("h k", real=True)
rho, share, tau, mu = sp.symbols("rho share tau mu", positive=True)
S1, S2 = sp.symbols("S1 S2", real=True)
x1 = sp.Symbol("x1", real=True)
scaled = sum(sp.exp(sigma * out + b) for out in f.outputs) / 3
normal = sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi)
inner = sp.erf((rho * z - k) / (sp.sqrt(2) * sp.sqrt(1 - rho**2)))
FAR = sp.Integer(40)
printed_52 = half + half * (
    DefiniteIntegral(sp.Lambda(z, normal * inner), -FAR, h) - DefiniteIntegral(sp.Lambda(z, normal * inner), h, FAR)
)
upper_h, upper_k = (sp.erfc(v / sp.sqrt(2)) / 2 for v in (h, k))
split = upper_h + upper_k - 2 * UpperOrthant(h, k, rho)
labels = regime("", ({"h": "0", "k": "1/2"}, {"h": "1", "k": "1"}), h="-2..21/10", k="-2..21/10", rho="1/20..9/10")
conditional = regime("", x1="-2..21/10", S1="-2..21/10", S2="1/10..2", b="-2..21/10", sigma="1/2..2")
spread = sigma * S2
law = sp.exp(-((z - S1 * x1 - b) ** 2) / (2 * spread**2)) / sp.sqrt(2 * sp.pi * spread**2)
out = S1 * mu + S2 * z
mapped = regime("", S1="-2..21/10", S2="-2..21/10", z="-2..21/10", mu="1/10..3", eta="1/100..1")
late = regime("", M="1/10..5", share="1/10..1", tau="10..1000000", eta="1/10..1")
g = sp.log(M**2 * eta * share * tau + 1)
big_g = sp.log(M**2 * eta * share * tau)
u, v = sp.symbols("u v", real=True)
bias_loss = f.logistic(u + v * z / mu)

RECORDS = (
    Record(
        "beck2024:42",
        "F.1",
        "ODE",
        "flow with features sigma times unit features",
        r"\dot S=-\frac{\eta\sigma}{N}\sum e^{\sigma S\cdot\hat x_i+b}\hat x_i",
        (
            Identity(
                -eta * sp.diff(scaled, weights[1]),
                -eta * sigma / 3 * sum(sp.exp(sigma * f.outputs[i] + b) * points[i, 1] for i in range(3)),
                (sample,),
            ),
        ),
        reconstruction="certain",
    ),
    Record(
        "beck2024:43",
        "F.1",
        "ODE",
        "the same for sigma S: start and learning rate rescaled",
        r"\dot{\tilde S}=-\frac{\eta\sigma^2}{N}\sum e^{\tilde S\cdot\hat x_i+b}\hat x_i,\ \tilde S_0=\sigma S_0",
        (
            Identity(
                -sigma * eta * sp.diff(scaled, weights[1]),
                -eta * sigma**2 / 3 * sum(sp.exp(sigma * f.outputs[i] + b) * points[i, 1] for i in range(3)),
                (sample,),
            ),
        ),
        reconstruction="certain",
    ),
    Record(
        "beck2024:44",
        "F.1",
        "identity",
        "limiting accuracy of separable data of scale sigma",
        r"A=\frac12[1+\mathrm{erf}(\frac{1}{\sqrt2\sigma^2M_1})],\ M=\sigma M_1",
        (
            Identity(
                f.normal(1 / (sigma * (sigma * M))),
                (1 + sp.erf(1 / (sp.sqrt(2) * sigma**2 * M))) / 2,
                (regime("", ({"sigma": "1"},), sigma="1/10..5", M="1/100..5"),),
            ),
        ),
        reconstruction="certain",
    ),
    Record(
        "beck2024:45",
        "H",
        "definition",
        "classification in d + 1 dimensions without bias",
        r"x=(y\mu,z),\ z\sim\mathcal N(0,\sigma^2I_d),\ L=\frac1N\sum\ell(-y_iS\cdot x_i)",
        reconstruction="likely",
    ),
    Record(
        "beck2024:46",
        "H",
        "definition",
        "labels absorbed in the data",
        r"y_ix_i=(\mu,y_iz_i)\overset d=(\mu,z_i)",
        reconstruction="likely",
    ),
    *(
        Record(
            f"beck2024:{number}",
            "H",
            "ODE",
            title,
            latex,
            (Identity(-mu * eta * sp.diff(f.logistic(out), entry), -eta * mu**2 * target, (mapped,)),),
            notes="One sample with one perpendicular direction.",
            reconstruction="certain",
        )
        for number, title, latex, entry, target in (
            (
                47,
                "flow of the perpendicular weight",
                r"\dot S=-\frac\eta N\sum\ell'(S\cdot x_i)x_i",
                S2,
                z / mu / (1 + sp.exp(-out)),
            ),
            (
                48,
                "the same in rescaled variables",
                r"\dot{\tilde S}=-\eta\mu^2\frac1N\sum\ell'(\tilde S\cdot\tilde x_i)\tilde x_i,\ \tilde S=\mu S,\ "
                r"\tilde x=x/\mu",
                S2,
                sp.diff(bias_loss, v).subs({u: mu * S1, v: mu * S2}),
            ),
            (
                49,
                "the first weight as a bias",
                r"\tilde S=(b,S),\ \tilde x=(1,x)",
                S1,
                1 / (1 + sp.exp(-out)),
            ),
            (
                50,
                "flow of the perpendicular weights of the reduced model",
                r"\dot S=-\eta\mu^2\frac1N\sum\ell'(S\cdot x_i+b)x_i",
                S2,
                sp.diff(bias_loss, v).subs({u: mu * S1, v: mu * S2}),
            ),
            (
                51,
                "flow of the bias of the reduced model",
                r"\dot b=-\eta\mu^2\frac1N\sum\ell'(S\cdot x_i+b),\ \sigma_{eff}=\sigma/\mu",
                S1,
                sp.diff(bias_loss, u).subs({u: mu * S1, v: mu * S2}),
            ),
        )
    ),
    Record(
        "beck2024:52",
        "I",
        "identity",
        "accuracy with discriminative labels",
        r"A=\frac12+\frac12\int Du\,\mathrm{sgn}(\theta-\sigma u)\,\mathrm{erf}\frac{\sigma S_1u+b}{\sqrt2\sigma\|S_"
        r"\perp\|}",
        (Identity(split, printed_52, (labels,)),),
        notes="h = theta/sigma, k = -b/(sigma |S|), rho = S_1/|S|. The integral is cut at 40 standard deviations, "
        "beyond "
        "which less than 1e-348 is left. Closed form: Phi(h) + Phi(k) - 2 Phi_2(h, k; rho).",
        reconstruction="likely",
    ),
    Record(
        "beck2024:53",
        "I.1",
        "probabilistic",
        "accuracy as the sum of two probabilities",
        r"A=P(x_1>\theta,f<0)+P(x_1<\theta,f>0)",
        (
            Simulation(
                "discriminative accuracy",
                split,
                (regime(h="1", k="1/2", rho="3/5"), regime(h="-1/2", k="1", rho="1/5")),
            ),
        ),
        reconstruction="likely",
    ),
    Record(
        "beck2024:54",
        "I.1",
        "definition",
        "the output given the first coordinate",
        r"f\mid x_1\sim\mathcal N(S_1x_1+b,\sigma^2\|S_\perp\|^2)",
        reconstruction="likely",
    ),
    Record(
        "beck2024:55",
        "I.1",
        "definition",
        "the label as a function of the first coordinate",
        r"y=-1\text{ if }x_1>\theta,\ +1\text{ otherwise},\ \theta=\sigma\Phi^{-1}(1-r)",
        reconstruction="likely",
    ),
    Record(
        "beck2024:56",
        "I.1",
        "identity",
        "probability of a negative output given the first coordinate",
        r"P(f<0\mid x_1)=\frac12[1-\mathrm{erf}\frac{S_1x_1+b}{\sqrt2\sigma\|S_\perp\|}]",
        (
            Identity(
                half + DefiniteIntegral(sp.Lambda(z, law), S1 * x1 + b, 0 * x1),
                (1 - sp.erf((S1 * x1 + b) / (sp.sqrt(2) * spread))) / 2,
                (conditional,),
            ),
        ),
        notes="The integral runs from the mean.",
        reconstruction="guess",
    ),
    Record(
        "beck2024:57",
        "I.1",
        "definition",
        "intermediate step to (59)",
        r"\text{(content lost)}",
        reconstruction="guess",
    ),
    Record(
        "beck2024:58",
        "I.1",
        "definition",
        "intermediate step to (59)",
        r"\text{(content lost)}",
        reconstruction="guess",
    ),
    Record(
        "beck2024:59",
        "I.1",
        "identity",
        "accuracy with discriminative labels, as (52)",
        r"A=\frac12+\frac12\int Du\,\mathrm{sgn}(\theta-\sigma u)\,\mathrm{erf}\frac{\sigma S_1u+b}{\sqrt2\sigma\|S_"
        r"\perp\|}",
        (Identity(split, printed_52, (labels,)),),
        reconstruction="likely",
    ),
    Record(
        "beck2024:60",
        "J",
        "asymptotic",
        "late flow, driven by the support vectors (two points, lam = 3/4)",
        r"\frac{dS}{d\tau}\simeq-\frac{\eta n}{N}e^{-M\|S\|}\bar x_{SV}",
        (
            Asymptotic(
                (1 / x - a * x**a).subs(lam, sp.Rational(3, 4)),
                (-a * x**a).subs(lam, sp.Rational(3, 4)),
                x,
                order=half,
                constant=-sp.Integer(2),
            ),
        ),
        notes="x = exp(S), M = 1/2, without the factor eta/2. In general the support vectors do not weigh equally; "
        "only "
        "their total weight enters (62)-(69).",
        reconstruction="likely",
    ),
    Record(
        "beck2024:61",
        "J",
        "definition",
        "ansatz along the separating vector",
        r"S\simeq S_*g(\tau),\ S_*\cdot x_{SV}=-1",
        reconstruction="likely",
    ),
    Record(
        "beck2024:62",
        "J",
        "ODE",
        "flow of g",
        r"\dot g=M^2\frac{\eta n}{N}e^{-g}",
        (Identity(M**2 * eta * share * sp.exp(-g), sp.diff(g, tau), (late,)),),
        notes="With its solution (64); share = n/N.",
        reconstruction="likely",
    ),
    Record(
        "beck2024:63",
        "J",
        "ODE",
        "the flow of g, separated",
        r"\frac{d}{d\tau}e^g=M^2\frac{\eta n}{N}",
        (Identity(M**2 * eta * share, sp.diff(sp.exp(g), tau), (late,)),),
        reconstruction="likely",
    ),
    Record(
        "beck2024:64",
        "J",
        "ODE",
        "its solution",
        r"g=\log(A\tau+\mathrm{const})",
        (Identity(M**2 * eta * share * sp.exp(-g), sp.diff(g, tau), (late,)),),
        notes="A = M^2 eta n/N, the constant 1 for g(0) = 0.",
        reconstruction="likely",
    ),
    Record(
        "beck2024:65",
        "J",
        "ODE",
        "flow of the bias",
        r"\frac{db}{d\tau}=-\frac{1}{M^2\tau}",
        (Identity(-eta * share * sp.exp(-big_g), -1 / (M**2 * tau), (late,)),),
        notes="db/d tau = -(eta n/N) e^-g at late times.",
        reconstruction="likely",
    ),
    Record(
        "beck2024:66",
        "J",
        "ODE",
        "its solution",
        r"b=-\frac{1}{M^2}\log\tau",
        (Identity(-1 / (M**2 * tau), sp.diff(-sp.log(tau) / M**2, tau), (late,)),),
        reconstruction="likely",
    ),
    Record(
        "beck2024:67",
        "J",
        "identity",
        "time from conformal time",
        r"t\propto\tau^{1+1/M^2}",
        (
            Identity(
                DefiniteIntegral(sp.Lambda(z, sp.exp(sp.log(z) / M**2)), sp.Integer(1), tau),
                (tau ** (1 + 1 / M**2) - 1) / (1 + 1 / M**2),
                (regime(M="1/2..5", tau="2..1000"),),
            ),
        ),
        notes="The integral of exp(-b) from tau = 1.",
        reconstruction="certain",
    ),
    Record(
        "beck2024:68",
        "J",
        "identity",
        "growth of S",
        r"\|S\|\sim\frac{M}{1+M^2}\log t",
        (
            Identity(
                sp.diff(sp.log(tau) / M, tau) / sp.diff((1 + 1 / M**2) * sp.log(tau), tau), M / (1 + M**2), (late,)
            ),
        ),
        notes="The ratio of the derivatives of |S| = g/M and of log t in tau.",
        reconstruction="certain",
    ),
    Record(
        "beck2024:69",
        "J",
        "identity",
        "growth of the bias",
        r"b\sim-\frac{1}{1+M^2}\log t",
        (
            Identity(
                sp.diff(-sp.log(tau) / M**2, tau) / sp.diff((1 + 1 / M**2) * sp.log(tau), tau),
                -1 / (1 + M**2),
                (late,),
            ),
        ),
        reconstruction="certain",
    ),
)
"""Records of appendices F to J."""
