"""Appendix B: derivation of the grokking time, (19)-(25)."""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from grokmath.ledger.levi2023 import forms as f
from grokmath.ledger.levi2023.forms import S, ell, eps, eta, lam, root, t
from grokmath.ledger.record import Asymptotic, Identity, Inequality, Record, regime
from grokmath.ledger.vocabulary import Delay

third = sp.Rational(1, 3)
rate = 3 / (8 * eta * f.a)
train_radicand = (
    lam ** sp.Rational(3, 2) / sp.pi
    + 1 / (sp.pi * lam ** sp.Rational(3, 2))
    - 6 * lam / sp.pi
    + 15 * root / sp.pi
    - 6 / (sp.pi * lam)
    + 15 / (sp.pi * root)
    - 20 / sp.pi
)
gen_radicand = 1 / (sp.pi * lam ** sp.Rational(3, 2)) + 1 / (sp.pi * root) - 2 / (sp.pi * lam)
z_train = 2 * 2 ** sp.Rational(2, 3) * train_radicand**third / (3 * eps ** sp.Rational(2, 3))
z_gen = 2 ** sp.Rational(5, 3) * gen_radicand**third / (3 * eps ** sp.Rational(2, 3))
t_train, t_gen = rate * sp.LambertW(z_train), rate * sp.LambertW(z_gen)
upper = sp.sqrt(eta * t) * sp.exp(-4 * eta * f.a * t) / (2 * sp.sqrt(sp.pi) * eta * t * lam ** sp.Rational(3, 4)) - (
    1 - root
) * sp.uppergamma(sp.Rational(1, 2), 4 * eta * t * f.a) / (sp.sqrt(sp.pi) * lam ** sp.Rational(3, 4))
inner = sp.log(2 * (2 - 2 * root) ** sp.Rational(2, 3) / (3 * sp.pi**third * root * eps ** sp.Rational(2, 3)))
iterated = sp.log(1 / (1 - root)) / (2 * eta * f.a) + rate * sp.log(1 + sp.log((1 - root) ** sp.Rational(4, 3)) / inner)
under = regime("lam < 1", ({"lam": "1/2", "t": "100"},), lam="1/50..49/50", eta="1/1000..1/10", t="1..100000")
small = regime(
    "lam < 1", ({"lam": "9/10", "eps": "1/1000"},), lam="1/50..19/20", eta="1/1000..1/10", eps="1/1000000000000..1/10"
)
deep = regime("z_tr > 1", lam="1/50..4/5", eta="1/1000..1/10", eps="1/1000000000000..1/10000000")
figure = regime("figure 1", lam="9/10", eps="1/1000")


def by(approximation: Callable[[sp.Expr], sp.Expr]) -> sp.Expr:
    """The difference of (24) and (23) with W replaced."""
    return rate * (approximation(z_gen) - approximation(z_train))


RECORDS = (
    Record(
        "levi2023:19",
        "B",
        "identity",
        "closed form of the training loss, stated for lam < 1",
        r"\mathcal L_{tr}=e^{-4\eta_0(\lambda+1)t}\,{}_0\tilde F_1(2;16\eta_0^2t^2\lambda)",
        (
            Identity(
                f.train_exact(f.s_of_t),
                sp.exp(-4 * eta * (lam + 1) * t) * sp.hyper([], [2], 16 * eta**2 * t**2 * lam),
                f.ALL,
            ),
        ),
        notes="Holds at and above lam = 1 as well. For the function's definition see levi2023:8-regularized.",
    ),
    Record(
        "levi2023:20",
        "B",
        "ODE",
        "the generalization loss falls at the rate of the training loss",
        r"\frac{d\mathcal L_{gen}}{dt}=-4\eta_0\mathcal L_{tr}",
        (Identity(-4 * eta * f.train_exact(f.s_of_t), sp.diff(f.gen_closed(f.s_of_t), t), f.ALL),),
        notes="Exact, at finite d too; not with weight decay or label noise. The derivative is that of the closed form "
        "levi2023:8-closed-gen, the right side a quadrature.",
    ),
    Record(
        "levi2023:21",
        "B",
        "asymptotic",
        "training loss at late times",
        r"\mathcal L_{tr}\simeq\frac{e^{-4\eta_0(1-\sqrt\lambda)^2t}}{16\sqrt\pi\lambda^{3/4}(\eta_0t)^{3/2}}",
        (
            Asymptotic(
                f.train_exact(f.s_of_t),
                f.late_train,
                t,
                (f.LATE_UNDER, f.LATE_CRITICAL, f.LATE_OVER),
                order=1,
                constant=3 / (64 * root * eta),
            ),
        ),
        notes="For its regime see levi2023:10-regime.",
    ),
    Record(
        "levi2023:22",
        "B",
        "ODE",
        "generalization loss at late times: the integral of (21)",
        r"\mathcal L_{gen}\simeq\frac{\sqrt{\eta_0t}e^{-4\eta_0(1-\sqrt\lambda)^2t}}{2\sqrt\pi\eta_0t\lambda^{3/4}}-"
        r"\frac{(1-\sqrt\lambda)"
        r"\Gamma(\frac12,4\eta_0t(1-\sqrt\lambda)^2)}{\sqrt\pi\lambda^{3/4}}",
        (
            Identity(-4 * eta * f.late_train, sp.diff(upper, t), (under,)),
            Asymptotic(f.gen_exact(f.s_of_t), upper, t, (f.LATE_UNDER,), order=1, constant=3 / (64 * root * eta)),
        ),
        notes="Its relative error is that of (21), without the 3/(2 a s) of (10).",
    ),
    Record(
        "levi2023:22-over",
        "B",
        "asymptotic",
        "the same above lam = 1",
        r"\text{(22) at }\lambda>1",
        (Asymptotic(f.gen_exact(f.s_of_t), upper, t, (f.LATE_OVER,)),),
        (
            Asymptotic(
                f.excess_exact(f.s_of_t),
                upper.subs(1 - root, root - 1),
                t,
                (f.LATE_OVER,),
                order=1,
            ),
        ),
        r"|1-\sqrt\lambda|\text{ for }1-\sqrt\lambda,\text{ and }1-1/\lambda\text{ added}",
        notes="The appendix speaks of lam < 1; this is what its formula gives outside.",
    ),
    Record(
        "levi2023:23",
        "B",
        "identity",
        "training time in Lambert's W: the inverse of (21)",
        r"t_{tr}^*\simeq\frac{3}{8\eta_0(1-\sqrt\lambda)^2}W\Big(\frac{2\,2^{2/3}\sqrt[3]{\frac{\lambda^{3/2}}{\pi}+"
        r"\frac{1}{\pi\lambda^{3/2}}-"
        r"\frac{6\lambda}{\pi}+\frac{15\sqrt\lambda}{\pi}-\frac{6}{\pi\lambda}+\frac{15}{\pi\sqrt\lambda}-\frac{20}{"
        r"\pi}}}{3\epsilon^{2/3}}\Big)",
        (Identity(eps / 4, f.late_train.subs(t, t_train), (small,)),),
        notes="The radicand is (1 - sqrt lam)^6/(pi lam^(3/2)).",
    ),
    Record(
        "levi2023:24",
        "B",
        "identity",
        "generalization time in Lambert's W: the inverse of (10)",
        r"t_{gen}^*\simeq\frac{3}{8\eta(1-\sqrt\lambda)^2}W\Big(\frac{2^{5/3}\sqrt[3]{\frac{1}{\pi\lambda^{3/2}}+"
        r"\frac{1}{\pi\sqrt\lambda}-"
        r"\frac{2}{\pi\lambda}}}{3\epsilon^{2/3}}\Big)",
        (Identity(eps / 4, (f.late_train / f.a).subs(t, t_gen), (small,)),),
        notes="The prefactor has eta where (23) has eta_0. At eps = 1e-3 it is 4 % off at lam = 0.3 and 11 % at "
        "0.9: that "
        "error is of (10), not of W.",
    ),
    Record(
        "levi2023:24-large",
        "B",
        "inequality",
        "size of the arguments of W",
        r"\text{the argument of both training and generalization times are large}",
        (Inequality(sp.Integer(1), z_train, (figure,)),),
        (Inequality(z_train, sp.Rational(21, 100), (figure,)), Inequality(sp.Integer(1), z_train, (deep,))),
        r"z_{tr}\approx0.2006\text{ in the setting of figure 1; large only as }\epsilon\to0",
        notes="At lam = 0.9, eps = 1e-3 formula (25) takes the logarithm of a negative number.",
    ),
    Record(
        "levi2023:25",
        "B",
        "identity",
        "grokking time from W(z) ~ log z - log log z",
        r"\Delta t_{grok}\simeq\frac{\log(\frac{1}{1-\sqrt\lambda})}{2\eta_0(1-\sqrt\lambda)^2}+\frac{3}{8\eta(1-"
        r"\sqrt\lambda)^2}\log\Big(1+"
        r"\frac{\log((1-\sqrt\lambda)^{4/3})}{\log(\frac{2(2-2\sqrt\lambda)^{2/3}}{3\sqrt[3]\pi\sqrt\lambda"
        r"\epsilon^{2/3}})}\Big)",
        (Identity(by(lambda z: sp.log(z) - sp.log(sp.log(z))), iterated, (deep,)),),
        notes="The algebra from (23) and (24) is right, where it is real.",
    ),
    Record(
        "levi2023:25-text",
        "B",
        "identity",
        "which approximation of W leads to (25)",
        r"\mathcal W(z)\simeq\log(z)",
        (Identity(by(sp.log), iterated, (deep,)),),
        (Identity(by(sp.log), f.grok_leading, (deep,)),),
        r"\mathcal W(z)\simeq\log z-\log\log z;\ \text{with }\log z\text{ alone one gets (11)}",
        typo="W ~ log z for W ~ log z - log log z",
    ),
    Record(
        "levi2023:25-order",
        "B",
        "asymptotic",
        "first correction to (11)",
        r"4\eta a\Delta t\simeq\ell-\tfrac32\frac{\ell}{as}\quad\text{(expansion of (25))}",
        (Asymptotic(Delay(lam, S, 1), (ell - sp.Rational(3, 2) * ell / (f.a * S)) / f.a, S, (f.LATE_UNDER,), order=2),),
        (
            Asymptotic(
                Delay(lam, S, 1), (ell - sp.Rational(3, 2) * (1 + ell) / (f.a * S)) / f.a, S, (f.LATE_UNDER,), order=2
            ),
        ),
        r"4\eta a\Delta t=\ell-\tfrac32\frac{1+\ell}{as}+O((as)^{-2})",
        notes="(25) misses a term of the order that it keeps, since (10) drops 3/(2 a s).",
    ),
)
"""Records of appendix B."""
