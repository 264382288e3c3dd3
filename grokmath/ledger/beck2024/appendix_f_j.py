"""Appendices F to J: scale, reduction to a bias, discriminative labels, support vectors, (42)-(69)."""

from __future__ import annotations

import sympy as sp

from grokmath.ledger.beck2024 import forms as f
from grokmath.ledger.beck2024 import groups, shapes
from grokmath.ledger.beck2024.forms import M, a, b, eta, half, lam, sigma, x
from grokmath.ledger.record import Asymptotic, Identity, Record, Simulation, regime
from grokmath.ledger.vocabulary import DefiniteIntegral, NormalMean, UpperOrthant

z = sp.Symbol("z", real=True)
h, k = sp.symbols("h k", real=True)
rho, share, tau, mu = sp.symbols("rho share tau mu", positive=True)
S1, S2 = sp.symbols("S1 S2", real=True)
x1 = sp.Symbol("x1", real=True)
normal = sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi)
inner = sp.erf((rho * z - k) / (sp.sqrt(2) * sp.sqrt(1 - rho**2)))
printed_52 = half + half * (NormalMean(sp.Lambda(z, inner), -sp.oo, h) - NormalMean(sp.Lambda(z, inner), h, sp.oo))
negative = sp.erfc((rho * z - k) / (sp.sqrt(2) * sp.sqrt(1 - rho**2))) / 2
positive = sp.erfc((k - rho * z) / (sp.sqrt(2) * sp.sqrt(1 - rho**2))) / 2
by_label = NormalMean(sp.Lambda(z, negative), h, sp.oo) + NormalMean(sp.Lambda(z, positive), -sp.oo, h)
by_sign = NormalMean(sp.Lambda(z, (1 - inner) / 2), h, sp.oo) + NormalMean(sp.Lambda(z, (1 + inner) / 2), -sp.oo, h)
upper_h, upper_k = (sp.erfc(v / sp.sqrt(2)) / 2 for v in (h, k))
split = upper_h + upper_k - 2 * UpperOrthant(h, k, rho)
labels = regime("", ({"h": "0", "k": "1/2"}, {"h": "1", "k": "1"}), h="-2..21/10", k="-2..21/10", rho="1/20..9/10")
conditional = regime("", x1="-2..21/10", S1="-2..21/10", S2="1/10..2", b="-2..21/10", sigma="1/2..2")
spread = sigma * S2
sign = sp.Symbol("sign", real=True)
centred = sp.exp(-(z**2) / (2 * sigma**2)) / sp.sqrt(2 * sp.pi * sigma**2)
joint = (S1**2 + S2**2) * x1**2 - 2 * S1 * x1 * (z - b) + (z - b) ** 2
law = sp.exp(-((z - S1 * x1 - b) ** 2) / (2 * spread**2)) / sp.sqrt(2 * sp.pi * spread**2)
late = regime("", M="1/10..5", share="1/10..1", tau="10..1000000", eta="1/10..1")
g = sp.log(M**2 * eta * share * tau + 1)
big_g = sp.log(M**2 * eta * share * tau)
u, v = sp.symbols("u v", real=True)

RECORDS = (
    Record(
        "beck2024:42",
        "F.1",
        "ODE",
        "flow with features sigma times unit features",
        r"\dot S=-\frac{\eta\sigma}{N}\sum e^{\sigma S\cdot\hat x_i+b}\hat x_i",
        (shapes.WIDE,),
        reconstruction="certain",
    ),
    Record(
        "beck2024:43",
        "F.1",
        "ODE",
        "the same for sigma S: start and learning rate rescaled",
        r"\dot{\tilde S}=-\frac{\eta\sigma^2}{N}\sum e^{\tilde S\cdot\hat x_i+b}\hat x_i,\ \tilde S_0=\sigma S_0",
        (shapes.WIDE_RESCALED,),
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
        "identity",
        "classification in d + 1 dimensions without bias",
        r"x=(y\mu,z),\ z\sim\mathcal N(0,\sigma^2I_d),\ L=\frac1N\sum\ell(-y_iS\cdot x_i)",
        (
            Identity(
                sp.log(1 + sp.exp(-sign * (sign * mu * S1 + u))),
                sp.log(1 + sp.exp(-(mu * S1 + sign * u))),
                (regime(sign="-1, 1", mu="1/10..3", S1="-2..21/10", u="-2..21/10"),),
            ),
        ),
        notes="The definition, and its use: the loss of a sample of label y (sign) is that of the point (mu, y z). "
        "u is the product of z and of the weights beside the first, S1.",
        reconstruction="likely",
    ),
    Record(
        "beck2024:46",
        "H",
        "identity",
        "labels absorbed in the data",
        r"y_ix_i=(\mu,y_iz_i)\overset d=(\mu,z_i)",
        (
            Identity(centred, centred.subs(z, sign * z), (regime(sign="-1, 1", z="-2..21/10", sigma="1/2..2"),)),
            Identity(
                NormalMean(sp.Lambda(z, 1), -x1, sp.oo),
                NormalMean(sp.Lambda(z, 1), -sp.oo, x1),
                (regime(x1="-2..21/10"),),
            ),
        ),
        notes="The density of one coordinate of z, with the label (sign) and without; P(-z < x1) = P(z < x1).",
        reconstruction="likely",
    ),
    *(
        Record(
            f"beck2024:{number}",
            "H",
            "ODE",
            title,
            latex,
            claims,
            notes="The samples are (mu, z_i), z_i the rows of Z; S1 is the first weight and S the others.",
            reconstruction="certain",
        )
        for number, title, latex, claims in (
            (
                47,
                "flow of the perpendicular weight",
                r"\dot S=-\frac\eta N\sum\ell'(S\cdot x_i)x_i",
                shapes.PERPENDICULAR,
            ),
            (
                48,
                "the same in rescaled variables",
                r"\dot{\tilde S}=-\eta\mu^2\frac1N\sum\ell'(\tilde S\cdot\tilde x_i)\tilde x_i,\ \tilde S=\mu S,\ "
                r"\tilde x=x/\mu",
                (shapes.REDUCED_WEIGHTS, shapes.REDUCED_FIRST),
            ),
            (
                49,
                "the first weight as a bias",
                r"\tilde S=(b,S),\ \tilde x=(1,x)",
                (shapes.REDUCED_FIRST,),
            ),
            (
                50,
                "flow of the perpendicular weights of the reduced model",
                r"\dot S=-\eta\mu^2\frac1N\sum\ell'(S\cdot x_i+b)x_i",
                (shapes.REDUCED_WEIGHTS,),
            ),
            (
                51,
                "flow of the bias of the reduced model",
                r"\dot b=-\eta\mu^2\frac1N\sum\ell'(S\cdot x_i+b),\ \sigma_{eff}=\sigma/\mu",
                (shapes.REDUCED_FIRST,),
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
        notes="h = theta/sigma, k = -b/(sigma |S|), rho = S_1/|S|. Closed form: Phi(h) + Phi(k) - 2 Phi_2(h, k; rho).",
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
                mean=by_label,
            ),
        ),
        notes="The mean over x_1 of the probabilities given x_1 is the closed form of (52).",
        reconstruction="likely",
    ),
    Record(
        "beck2024:54",
        "I.1",
        "identity",
        "the output given the first coordinate",
        r"f\mid x_1\sim\mathcal N(S_1x_1+b,\sigma^2\|S_\perp\|^2)",
        (
            Identity(
                sp.exp(-joint / (2 * sigma**2 * S2**2)) / (2 * sp.pi * sigma**2 * S2),
                centred.subs(z, x1) * law,
                (
                    regime(
                        "", z="-2..21/10", x1="-2..21/10", S1="-2..21/10", S2="1/10..2", b="-2..21/10", sigma="1/2..2"
                    ),
                ),
            ),
        ),
        notes="The joint normal density of x_1 and f = z, of covariance sigma^2 [[1, S_1], [S_1, |S|^2]], as the "
        "density of x_1 times that of f given x_1; S_2 stands for |S_perp|.",
        reconstruction="likely",
    ),
    Record(
        "beck2024:55",
        "I.1",
        "identity",
        "the label as a function of the first coordinate",
        r"y=-1\text{ if }x_1>\theta,\ +1\text{ otherwise},\ \theta=\sigma\Phi^{-1}(1-r)",
        (
            Identity(
                half - DefiniteIntegral(sp.Lambda(z, centred), sp.Integer(0), sigma * h),
                upper_h,
                (regime("", ({"h": "0"},), h="-2..21/10", sigma="1/2..2"),),
            ),
        ),
        notes="That a share r of the labels is -1: the probability of x_1 > theta = sigma h by quadrature, against "
        "r = 1 - Phi(h).",
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
        "identity",
        "intermediate step to (59): the two probabilities as means over the first coordinate",
        r"A=\int_\theta^\infty P(f<0\mid x_1)\,p(x_1)dx_1+\int_{-\infty}^\theta P(f>0\mid x_1)\,p(x_1)dx_1",
        (Identity(split, by_label, (labels,)),),
        notes="Content lost; reconstructed as what has to stand between (56) and (59).",
        reconstruction="guess",
    ),
    Record(
        "beck2024:58",
        "I.1",
        "identity",
        "intermediate step to (59): the same with (56) put in",
        r"A=\frac12\int_h^\infty Du\,[1-\mathrm{erf}]+\frac12\int_{-\infty}^hDu\,[1+\mathrm{erf}],\ "
        r"\mathrm{erf}\text{ of }\frac{\sigma S_1u+b}{\sqrt2\sigma\|S_\perp\|}",
        (Identity(split, by_sign, (labels,)),),
        notes="Content lost; reconstructed as what has to stand between (56) and (59).",
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
        "late flow, driven by the support vectors",
        r"\frac{dS}{d\tau}\simeq-\frac{\eta n}{N}e^{-M\|S\|}\bar x_{SV}",
        (
            Asymptotic(
                (1 / x - a * x**a).subs(lam, sp.Rational(3, 4)),
                (-a * x**a).subs(lam, sp.Rational(3, 4)),
                x,
                order=half,
                constant=-sp.Integer(2),
                levels=10,
            ),
            groups.FLOW_OF_BOTH,
            groups.DRIVEN,
        ),
        notes="Two points, lam = 3/4: x = exp(S), M = 1/2, without the factor eta/2. Data of any size, x_i the support "
        "vectors and y_j the others: the flow is the sum of both groups' pulls, and the others weigh at most (m/n) "
        "exp(G) of what the support vectors weigh, G the largest S.(y_j - x_i), which tends to minus infinity. The "
        "support vectors do not weigh equally; only their total weight enters (62)-(69).",
        reconstruction="likely",
    ),
    Record(
        "beck2024:61",
        "J",
        "ODE",
        "ansatz along the separating vector",
        r"S\simeq S_*g(\tau),\ S_*\cdot x_{SV}=-1",
        (Identity(M * eta * share * sp.exp(-M * (g / M)), sp.diff(g / M, tau), (late,)),),
        notes="|S| = g/M, as |S_*| = 1/M, with g of (64) solves (60); along -S_* the support vectors' mean is M.",
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
        notes="db/d tau = -(eta n/N) e^-g at late times: the flow of the bias with every support vector's output -g, "
        "as the ansatz (61) has it.",
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
                (regime("", ({"M": "1", "tau": "3/2"},), M="1/2..5", tau="2..1000"),),
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
