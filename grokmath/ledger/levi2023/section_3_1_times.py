"""Section 3.1.3: late times, the grokking time and the start, (10) and (11)."""

from __future__ import annotations

import sympy as sp

from grokmath.ledger.levi2023 import appendix_c_e, shapes
from grokmath.ledger.levi2023 import forms as f
from grokmath.ledger.levi2023.forms import L, S, alpha, ell, eps, eta, lam, root, t
from grokmath.ledger.record import Asymptotic, Identity, Inequality, MatrixIdentity, Record, Simulation, regime
from grokmath.ledger.vocabulary import Delay, GenTime

x = f.x
correction = 3 / (64 * root * eta)
gen_correction = 3 / (8 * f.a * eta) + correction
rescaled = 2 / (1 + alpha**2)
levels = regime("", ({"L": "1/4000"},), L="1/4000, 1/40, 1/1000, 1/400000, 1/4000000")
NOISE = [r for r in appendix_c_e.RECORDS if r.id in ("levi2023:26", "levi2023:27", "levi2023:28")]
FIVE = regime(L="1/4000, 1/40, 1/400000, 1/100, 1/10000000", eta="1/100")
near_one = regime("", ({"lam": "1", "L": "1/4000"},), lam="9/10..1", L="1/4000")

RECORDS = (
    Record(
        "levi2023:10-train",
        "3.1.3",
        "asymptotic",
        "training loss at late times",
        r"\mathcal L_{tr}\simeq\frac{\exp[-4\eta_0(1-\sqrt\lambda)^2t]}{16\sqrt\pi\lambda^{3/4}(\eta_0t)^{3/2}}",
        (
            Asymptotic(
                f.train_exact(f.s_of_t),
                f.late_train,
                t,
                (f.LATE_UNDER, f.LATE_CRITICAL, f.LATE_OVER),
                order=1,
                constant=correction,
            ),
        ),
        notes="Relative error +3/(16 sqrt(lam) s), s = 4 eta t, for every lam.",
    ),
    Record(
        "levi2023:10-gen",
        "3.1.3",
        "asymptotic",
        "generalization loss at late times, lam < 1",
        r"\mathcal L_{gen}\simeq\mathcal L_{tr}\times(1-\sqrt\lambda)^{-2}",
        (Asymptotic(f.gen_exact(f.s_of_t), f.late_train / f.a, t, (f.LATE_UNDER,), order=1, constant=gen_correction),),
        (
            Asymptotic(f.gen_exact(f.s_of_t), f.late_train / f.a, t, (f.LATE_UNDER,), order=1, constant=gen_correction),
            Asymptotic(
                f.excess_exact(f.s_of_t),
                f.late_train / f.a,
                t,
                (f.LATE_OVER,),
                order=1,
                constant=gen_correction,
            ),
        ),
        r"\mathcal L_{gen}-(1-1/\lambda)^+\simeq\mathcal L_{tr}\,(1-\sqrt\lambda)^{-2}[1+O(1/((1-\sqrt\lambda)^2s))]",
        notes="Needs 4 eta t (1 - sqrt lam)^2 >> 3/2 besides, which is not stated: the relative error is "
        "+3/(2 a s) + 3/(16 sqrt(lam) s). Above lam = 1 the plateau 1 - 1/lam must be added.",
    ),
    Record(
        "levi2023:10-regime",
        "3.1.3",
        "asymptotic",
        "when the late-time form holds",
        r"\eta_0t\gg\sqrt\lambda",
        (
            Asymptotic(
                f.train_exact(f.s_of_t).subs(t, 100 * root / eta).subs(lam, 1 / x),
                f.late_train.subs(t, 100 * root / eta).subs(lam, 1 / x),
                x,
                (regime(eta="1/1000..1/10"),),
            ),
        ),
        (
            Asymptotic(
                f.train_exact(f.s_of_t).subs(t, x / root / eta),
                f.late_train.subs(t, x / root / eta),
                x,
                (regime(lam="1/1000..1/10", eta="1/100"),),
                order=1,
                constant=sp.Rational(3, 64),
            ),
        ),
        r"\eta_0t\gg1/\sqrt\lambda",
        notes="At lam = 1e-4, eta t = 1 = 100 sqrt(lam), the form is 38 times the loss. Checked along eta t = 100 "
        "sqrt(lam) with lam to 0, and, corrected, along eta t = x/sqrt(lam) with x to infinity.",
    ),
    Record(
        "levi2023:11",
        "3.1.3",
        "asymptotic",
        "grokking time difference as eps tends to 0, lam < 1",
        r"\Delta t_{grok}\simeq-\frac{\log(1-\sqrt\lambda)}{2\eta_0(1-\sqrt\lambda)^2}",
        (
            Asymptotic(
                Delay(lam, S, 1) / (4 * eta),
                f.grok_leading,
                S,
                (f.LATE_UNDER,),
                order=1,
                constant=sp.Rational(3, 2) * (1 + 1 / ell) / f.a,
            ),
        ),
        notes="S = 4 eta t_gen stands for eps, to which it is equivalent, so that corrections are powers. The relative "
        "error is (3/2)(1 + 1/l)/(a S), l = -2 log(1 - sqrt lam), and a S ~ log(1/eps): 33 % at lam = 0.1, eps = 1e-6.",
    ),
    Record(
        "levi2023:11-uniform",
        "3.1.3",
        "asymptotic",
        "generalization time at every lam, in terms of an inverse error function",
        r"\text{(not in the paper)}",
        (),
        (
            Asymptotic(
                f.gen_exact(f.s),
                lam ** sp.Rational(-3, 4)
                * (sp.exp(-f.a * f.s) / sp.sqrt(sp.pi * f.s) - sp.sqrt(f.a) * sp.erfc(sp.sqrt(f.a * f.s))),
                f.s,
                (regime("", ({"lam": "1"}, {"lam": "99/100"}), lam="1/20..1"),),
                order=1,
            ),
        ),
        r"t_{gen}=\frac{\Phi^{-1}(y)}{4\eta a},\ \Phi(x)=\frac{e^{-x}}{\sqrt{\pi x}}-\mathrm{erfc}\sqrt x,\ "
        r"y=\frac{\lambda^{3/4}}{|1-\sqrt\lambda|}[\tfrac\epsilon4-(1-\tfrac1\lambda)^+]",
        notes="The form (U) that replaces (11): it needs sqrt(lam) s >> 1 only. Checked as the loss that it "
        "inverts; its relative error is 3/(16 sqrt(lam) s) for lam other than 1, and 1/(16 s) at lam = 1.",
    ),
    Record(
        "levi2023:11-divergence",
        "3.1.3",
        "asymptotic",
        "grokking time as lam tends to 1 at fixed eps",
        r"\Delta t_{grok}(\lambda\to1)\sim\frac{1}{\eta_0(\lambda-1)^2}\log\frac{4}{(1-\lambda)^2}",
        (
            Asymptotic(
                f.delta(lam, L) / (4 * eta),
                sp.log(4 / (1 - lam) ** 2) / (eta * (lam - 1) ** 2),
                lam,
                (regime(L="1/4000, 1/40, 1/400, 1/10, 1/40000", eta="1/100"),),
                point=sp.Integer(1),
                side="-",
                start=2**12,
                levels=8,
            ),
        ),
        (
            Asymptotic(
                GenTime(sp.Integer(1), 1 / x) / (4 * eta),
                x**2 / (4 * sp.pi * eta),
                x,
                (regime(eta="1/1000..1/10"),),
                order=2,
                constant=sp.pi / 8,
            ),
        ),
        r"t_{gen}(\lambda=1)\simeq\frac{4}{\pi\eta\epsilon^2},\ \text{finite; }\Delta t\text{ diverges only at }"
        r"\lambda_c=1/(1-\epsilon/4)>1",
        notes="The printed law is the right expansion of (11), not of the grokking time, which is finite at lam = 1. "
        "There eps/4 = 1/x.",
    ),
    Record(
        "levi2023:11-expansion",
        "3.1.3",
        "asymptotic",
        "expansion of (11) itself at lam = 1",
        r"-\frac{\log(1-\sqrt\lambda)}{2\eta_0(1-\sqrt\lambda)^2}\sim\frac{1}{\eta_0(\lambda-1)^2}\log\frac{4}{(1-"
        r"\lambda)^2}",
        (
            Inequality(
                sp.Abs(sp.log(4 / (1 - lam) ** 2) / (eta * (lam - 1) ** 2) / f.grok_leading - 1),
                (1 - lam),
                (regime(lam="9/10..999999/1000000", eta="1/100"),),
            ),
        ),
        notes="Its corrections are of relative order (1 - lam) and (1 - lam)/log(1 - lam): the ratio is within 1 - "
        "lam of 1.",
    ),
    Record(
        "levi2023:11-maximum",
        "3.1.3",
        "inequality",
        "where the grokking time is largest",
        r"\text{the maximal grokking time difference occurs near }\lambda\simeq1",
        (
            Inequality(
                f.excess_delta(lam, L),
                f.delta(sp.Integer(1), L),
                (regime("", ({"lam": "10002/10000"},), lam="10001/10000..10002/10000", L="1/4000"),),
            ),
        ),
        (
            Inequality(f.delta(lam, L), f.excess_delta(sp.Rational(10001, 10000), L), (near_one,)),
            Inequality(
                f.excess_delta(lam, L),
                f.excess_delta(lam + sp.Rational(1, 100000), L),
                (regime("", ({"lam": "10001/10000"},), lam="10001/10000..10002/10000", L="1/4000"),),
            ),
        ),
        r"\Delta t\text{ increases through }\lambda=1\text{ up to }\lambda_c=1/(1-\epsilon/4)",
        notes="At eps = 1e-3: 1.27e8 at lam = 1, 2.07e8 at 1.0001, infinite from 1.00025006 on (eta = 0.01).",
    ),
    Record(
        "levi2023:11-vanishes",
        "3.1.3",
        "limit",
        "grokking time as lam tends to 0",
        r"\Delta t_{grok}\to0\quad(\lambda\to0)",
        (
            Asymptotic(
                f.delta(lam, L) / (4 * eta),
                sp.Integer(0),
                lam,
                (FIVE,),
                point=sp.Integer(0),
                limit=True,
                start=2**14,
                levels=10,
            ),
        ),
    ),
    Record(
        "levi2023:11-small",
        "3.1.3",
        "asymptotic",
        "the law of (11) for small lam at fixed eps",
        r"\Delta t_{grok}\simeq\frac{\sqrt\lambda}{2\eta_0}",
        (
            Asymptotic(
                f.delta(lam, L) / (4 * eta),
                f.grok_leading,
                lam,
                (FIVE,),
                point=sp.Integer(0),
                start=2**14,
                levels=10,
            ),
        ),
        (
            Asymptotic(
                f.delta(lam, L) / (4 * eta),
                -lam * sp.log(L) / (4 * eta),
                lam,
                (FIVE,),
                point=sp.Integer(0),
                order=1,
                start=2**14,
                levels=10,
            ),
        ),
        r"\Delta t_{grok}\simeq\frac{\lambda\log(4/\epsilon)}{4\eta}",
        notes="The limits eps to 0 and lam to 0 do not commute; needs sqrt(lam) log(4/eps) << 1.",
    ),
    Record(
        "levi2023:11-start-loss",
        "3.1.3",
        "probabilistic",
        "rescaling the student's start by alpha multiplies both losses",
        r"S\to\alpha S:\ \mathcal L\to\frac{1+\alpha^2}{2}\mathcal L",
        (
            *shapes.SCALED,
            Simulation(
                "rescaled start",
                (1 + alpha**2) / 2,
                (regime(alpha="3", d_in="50"), regime(alpha="1/2", d_in="50")),
                mean=shapes.rescaled_start,
            ),
        ),
        notes="At all times, on average over the start and the teacher, for all sizes; simulated at t = 0.",
    ),
    Record(
        "levi2023:11-start-threshold",
        "3.1.3",
        "identity",
        "the same accuracies result from another threshold",
        r"\epsilon\to\frac{2\epsilon}{1+\alpha^2}",
        (
            Identity(
                sp.erf(sp.sqrt(eps / (2 * ((1 + alpha**2) / 2 * L)))),
                sp.erf(sp.sqrt(rescaled * eps / (2 * L))),
                (regime("", ({"alpha": "1"},), alpha="1/10..20", L="1/1000..2", eps="1/1000..2"),),
            ),
        ),
    ),
    Record(
        "levi2023:11-start-unchanged",
        "3.1.3",
        "identity",
        "effect of the rescaled start on the grokking time",
        r"\text{leaving the results unchanged}",
        (
            Identity(
                f.delta(lam, L),
                f.delta(lam, L * rescaled),
                (regime(lam="1/10..9/10", L="1/4000", alpha="2, 5, 10"),),
            ),
        ),
        (
            Inequality(
                f.delta(lam, L),
                f.delta(lam, L * rescaled),
                (regime(lam="1/10..9/10", L="1/4000, 1/40", alpha="11/10..20"),),
            ),
            Inequality(
                f.delta(lam, L * rescaled),
                f.delta(lam, L),
                (regime(lam="1/10..9/10", L="1/4000, 1/40", alpha="1/10..9/10"),),
            ),
        ),
        r"\Delta t\text{ increases with }\alpha",
        notes="Unchanged only at leading order, as (11) does not depend on eps. At lam = 0.9, eps = 1e-3, eta = 0.01: "
        "18144, 20481, 24905, 36292 for alpha = 0.5, 1, 2, 10. The introduction says so too.",
    ),
    Record(
        "levi2023:11-noise-dynamics",
        "3.1.3",
        "probabilistic",
        "label noise: unchanged dynamics, and a constant added to the training loss",
        r"\text{the student dynamics don't change; a constant contribution }\sigma_\delta^2\text{ to }\mathcal L_{tr}",
        tuple(claim for record in NOISE for claim in record.printed),
        tuple(c for record in NOISE for c in record.corrected if not isinstance(c, MatrixIdentity)),
        r"\text{the noise drives the flow, see (28); }\mathcal L_{tr}\text{ gains }\sigma^2(1-\lambda+\lambda\mathcal "
        r"L^0_{gen}(s))",
        notes="The claims of this paragraph are those of (26)-(28).",
    ),
)
"""Records of section 3.1.3."""
