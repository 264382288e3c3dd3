"""Appendices C to E: label noise, several outputs, weight decay, (26)-(38)."""

from __future__ import annotations

import sympy as sp

from grokmath.ledger.levi2023 import forms as f
from grokmath.ledger.levi2023 import noise_shapes, shapes
from grokmath.ledger.levi2023.forms import c, eta, gam, lam, nu, s, sigma, t
from grokmath.ledger.levi2023.section_3_1 import RECORDS as FIRST
from grokmath.ledger.levi2023.section_3_3 import D0, T0, Sigma, decay_regime, mode, mode_mean
from grokmath.ledger.record import Asymptotic, Identity, Inequality, Record, Simulation, regime
from grokmath.ledger.vocabulary import DefiniteIntegral

by_id = {record.id: record for record in FIRST}
noisy = (regime("lam < 1", lam="1/2", s="4, 40", sigma="1/2"),)
noisy_all = (*noisy, regime("lam > 1", lam="3/2", s="10", sigma="1/2"))
noise_train = f.train_exact(s) + sigma**2 * (1 - lam + lam * f.gen_exact(s))
drive = (1 - sp.exp(-s * nu / 2)) ** 2 / nu
noise_gen = f.gen_exact(s) + sigma**2 * lam * f.mean(drive, sp.Integer(0))
late_noise = regime("lam < 1", ({"lam": "1/2"},), lam="1/10..4/5", sigma="1/10..1")
xi, start, target = sp.symbols("xi D_0 T_0", real=True)
noise_mode = sp.exp(-2 * eta * nu * t) * start + (1 - sp.exp(-2 * eta * nu * t)) * xi / nu
delta = sp.Symbol("delta", real=True)
residual = (sp.sqrt(nu / lam) * start - delta) * sp.exp(-2 * eta * nu * t)
dual_ends = ((1 - 1 / f.root) ** 2, (1 + 1 / f.root) ** 2)
dual_density = sp.sqrt((dual_ends[1] - nu) * (nu - dual_ends[0])) * lam / (2 * sp.pi * nu)
of_residual = sp.exp(-4 * eta * lam * nu * t) * (nu + sigma**2) * dual_density
drive_in_time = (1 - sp.exp(-2 * eta * nu * t)) ** 2 / nu
noisy_square = sp.exp(-4 * eta * nu * t) + sigma**2 * lam * drive_in_time
at_s = {t: s / (4 * eta)}
mean_of_residual = sigma**2 * (1 - lam) + DefiniteIntegral(sp.Lambda(nu, of_residual.xreplace(at_s)), *dual_ends)
mean_of_error = f.mean(noisy_square.xreplace(at_s), sp.Integer(0))
noise_regime = regime(eta="1/100..1", nu="1/10..3", t="1/10..10", D_0="-2..21/10", xi="-2..21/10")
frozen = sp.exp(-4 * eta * nu) * start
under_s = regime("lam < 1", ({"lam": "1/2"}, {"lam": "9/10", "s": "100"}), lam="1/10..19/20", s="1/10..300")
rotation = sp.Matrix([[3, -4], [4, 3]]) / 5
one = sp.Matrix(sp.symbols("D:2", real=True))
low, high = sp.symbols("low high", positive=True)
diagonal = sp.diag(low, high)
rotated = regime(D0="-2..21/10", D1="-2..21/10", low="1/10..1", high="1..4")
u, v, w = sp.symbols("u v w", real=True)
Dm = sp.Matrix(2, 2, sp.symbols("D:4", real=True))
gradient = sp.diff((Dm.T * Sigma * Dm).trace() / 2, Dm[1])
matrices = f.box(*Dm, eta="1/100..1", u="1/2..3", v="1/2..3", w="-1/3..1/3")
d_in = sp.Symbol("d_in", positive=True)
start_37 = regime(d_in="2..1000 integer")

RECORDS = (
    Record(
        "levi2023:26",
        "C",
        "probabilistic",
        "training loss with label noise",
        r"\mathcal L_{tr}\simeq\mathrm{Tr}(DD^T\Sigma_{tr})+\sigma_\delta^2",
        (Simulation("noisy training loss", f.train_exact(s) + sigma**2, noisy),),
        (
            Simulation("noisy training loss", noise_train, noisy, mean=mean_of_residual),
            noise_shapes.GRADIENT,
            noise_shapes.RESIDUAL,
            noise_shapes.TRAIN,
        ),
        r"\mathcal L_{tr}=\frac1d\sum_i\nu_ie^{-s\nu_i}+\sigma^2(1-\frac dN+\frac1N\sum_ie^{-s\nu_i})"
        r"\to\mathbb E[\nu e^{-s\nu}]+\sigma^2(1-\lambda+\lambda\mathcal L^0_{gen}(s))",
        notes="The cross term is of order sigma^2 lam. Proved for every d, N and data matrix X: the mean over noise "
        "and start is the first form, exactly, in the d eigenvalues of X^T X/N. Proved for d to infinity, by Marchenko "
        "and Pastur: the second form. The simulation is at d = 32, over X too; of the mean over X at finite d only the "
        "limit is proved (for the term in 1/d without noise see levi2023:8-size).",
    ),
    Record(
        "levi2023:27",
        "C",
        "probabilistic",
        "generalization loss with label noise",
        r"\mathcal L_{gen}\simeq\mathrm{Tr}(DD^T)\text{, unchanged}",
        (Simulation("noisy generalization loss", f.gen_exact(s), noisy),),
        (
            Simulation("noisy generalization loss", noise_gen, noisy, mean=mean_of_error),
            noise_shapes.RATE,
            noise_shapes.ERROR,
            noise_shapes.GENERALIZATION,
        ),
        r"\mathcal L_{gen}=\frac1d\sum_ie^{-s\nu_i}+\frac{\sigma^2}N\sum_i\frac{(1-e^{-s\nu_i/2})^2}{\nu_i}"
        r"\to G(s)+\sigma^2\lambda\,\mathbb E[\frac{(1-e^{-s\nu/2})^2}{\nu}]",
        notes="The definition is right, the claim that noise leaves it unchanged is not. Proved for every d <= N and "
        "data matrix X with independent columns: the mean over noise and start is the first form, exactly, in the "
        "eigenvalues of X^T X/N; for every d, N and X: the mean of its time derivative, -4 eta times the mean training "
        "loss of (26) and a term of the noise. Proved for d to infinity, lam < 1, by Marchenko and Pastur: the second "
        "form. The simulation is at d = 32, over X too; of the mean over X at finite d only the limit is proved.",
    ),
    Record(
        "levi2023:26-modes",
        "C",
        "identity",
        "training loss with label noise, mode by mode",
        r"\text{(not in the paper)}",
        (),
        (
            Identity(
                residual.subs({start: 1, delta: 0}) ** 2 + sigma**2 * residual.subs({start: 0, delta: 1}) ** 2,
                sp.exp(-4 * eta * nu * t) * (nu / lam + sigma**2),
                (regime(eta="1/100..1", nu="1/10..3", t="1/10..10", lam="1/10..5", sigma="1/10..1"),),
            ),
            *(
                Identity(
                    null + DefiniteIntegral(sp.Lambda(nu, of_residual), *dual_ends),
                    f.train_exact(f.s_of_t) + sigma**2 * (1 - lam + lam * f.gen_exact(f.s_of_t)),
                    (regime(name, lam=text, eta="1/100..1/10", t="1/10..100", sigma="1/10..1"),),
                )
                for name, text, null in (
                    ("lam < 1", "1/10..9/10", sigma**2 * (1 - lam)),
                    ("lam > 1", "11/10..5", sp.Integer(0)),
                )
            ),
        ),
        r"\mathcal L_{tr}=\mathbb E_{MP(1/\lambda)}[e^{-\lambda s\mu}(\mu+\sigma^2)]=\mathbb E[\nu e^{-s\nu}]+"
        r"\sigma^2(1-\lambda+\lambda\mathcal L^0_{gen}(s))",
        notes="The residual X D - delta decays along the eigenvectors of X X^T/N, of which there are N; nu = lam mu. "
        "On average over the noise and the start, in the limit of large d; the sampler of levi2023:26 has d = 32.",
    ),
    Record(
        "levi2023:27-modes",
        "C",
        "identity",
        "generalization loss with label noise, mode by mode, lam < 1",
        r"\text{(not in the paper)}",
        (),
        (
            Identity(
                noise_mode.subs({start: 1, xi: 0}) ** 2 + sigma**2 * lam * nu * noise_mode.subs({start: 0, xi: 1}) ** 2,
                noisy_square,
                (regime(eta="1/100..1", nu="1/10..3", t="1/10..10", lam="1/10..5", sigma="1/10..1"),),
            ),
            Identity(
                f.mean(noisy_square, sp.Integer(0)),
                f.gen_exact(f.s_of_t) + sigma**2 * lam * f.mean(drive_in_time, sp.Integer(0)),
                (regime("lam < 1", lam="1/10..9/10", eta="1/100..1/10", t="1/10..100", sigma="1/10..1"),),
            ),
        ),
        r"\mathcal L_{gen}=\mathbb E[e^{-s\nu}+\sigma^2\lambda\frac{(1-e^{-s\nu/2})^2}{\nu}]",
        notes="xi, the share of X^T delta/N in a mode, has the variance sigma^2 nu/N. On average over the noise and "
        "the start, in the limit of large d; the sampler of levi2023:27 has d = 32.",
    ),
    Record(
        "levi2023:27-closed",
        "C",
        "identity",
        "closed form of the noise term",
        r"\text{(not in the paper)}",
        (),
        (Identity(f.mean(drive, sp.Integer(0)), 2 * f.noise_kernel(s / 2) - f.noise_kernel(s), (under_s,)),),
        r"\mathbb E[\frac{(1-e^{-s\nu/2})^2}{\nu}]=2K(s/2)-K(s),\ K(u)=\int_0^uG",
    ),
    Record(
        "levi2023:28",
        "C",
        "ODE",
        "flow under label noise, for one mode of the covariance",
        r"D(t)=e^{-4\eta_0\Sigma_{tr}}D_0",
        (Identity(-2 * eta * (nu * frozen - xi), sp.diff(frozen, t) * 1, (noise_regime,)),),
        (Identity(-2 * eta * (nu * noise_mode - xi), sp.diff(noise_mode, t), (noise_regime,)),),
        r"D(t)=e^{-2\eta\Sigma t}D_0+(1-e^{-2\eta\Sigma t})\Sigma^+\frac{X^T\delta}{N}",
        notes="t is missing, the exponent is -2 and not -4, and the noise drives the flow (y = Tx + delta; xi is the "
        "mode's share of X^T delta/N).",
    ),
    Record(
        "levi2023:28-bound",
        "C",
        "inequality",
        "sigma^2 as a lower bound of the training loss",
        r"\mathcal L_{tr}\text{ is bounded from below by }\sigma_\delta^2",
        (Inequality(sigma**2, noise_train, (regime("late", lam="1/2", s="100..1000", sigma="1/10..1"),)),),
        (
            Asymptotic(noise_train, sigma**2 * (1 - lam), s, (late_noise,), limit=True, levels=6),
            Inequality(
                sigma**2 * (1 - lam), noise_train, (regime("", lam="1/10..9/10", s="1/10..100", sigma="1/10..1"),)
            ),
        ),
        r"\mathcal L_{tr}\to\sigma^2(1-\lambda)^+",
    ),
    Record(
        "levi2023:28-perfect",
        "C",
        "limit",
        "generalization loss at late times under label noise, lam < 1",
        r"\mathcal L_{gen}\text{ can be driven to 0: perfect generalization for any noise level}",
        (Asymptotic(noise_gen, sp.Integer(0), s, (late_noise,), limit=True, levels=6),),
        (Asymptotic(noise_gen, sigma**2 * lam / (1 - lam), s, (late_noise,), limit=True, levels=6),),
        r"\mathcal L_{gen}\to\frac{\sigma^2\lambda}{1-\lambda}\ (\lambda<1),\ 1-\tfrac1\lambda+\frac{\sigma^2}{"
        r"\lambda-1}\ (\lambda>1)",
        notes="The loss is not monotone. Accuracy Erf(sqrt 2) needs sigma^2 < eps (1 - lam)/(4 lam), 2.8e-4 in "
        "figure 6.",
    ),
    Record(
        "levi2023:29",
        "D",
        "identity",
        "losses for several outputs",
        r"\mathcal L_{tr}=\frac{1}{d_{out}}\mathrm{Tr}[D^T\Sigma_{tr}D],\ \mathcal L_{gen}=\frac{1}{d_{out}}\|D\|^2",
        (*by_id["levi2023:1"].printed, *by_id["levi2023:2"].printed),
        notes="As (1) and (2).",
    ),
    Record(
        "levi2023:30",
        "D",
        "identity",
        "gradient descent for several outputs",
        r"D_{t+1}=(I-\frac{2\eta}{d_{out}}\Sigma_{tr})D_t",
        (shapes.PLAIN_STEP,),
        notes="(3) without weight decay, for all sizes.",
    ),
    Record(
        "levi2023:31",
        "E",
        "identity",
        "both losses as quadratic forms",
        r"\mathcal L_{tr}=D(t)^T\Sigma_{tr}D(t)",
        shapes.ONE_LOSS,
        corrected_latex=r"\tilde{\mathcal L}_{gen}=D(t)^T\Sigma_{gen}D(t)",
        typo="in the sentence before (34) the generalization loss has Sigma_tr for Sigma_gen",
    ),
    Record(
        "levi2023:32",
        "E",
        "ODE",
        "gradient flow with weight decay",
        r"\frac{\partial D}{\partial t}=-2\eta(\Sigma_{tr}+\tfrac12\gamma I)D-\eta\gamma T",
        (shapes.DECAY_FLOW,),
        notes="Minus eta times the gradient of L_tr + gamma |S|^2/2, with S = D + T; one output, all other sizes.",
    ),
    Record(
        "levi2023:33",
        "E",
        "ODE",
        "solution of (32)",
        r"D(t)+\tfrac12\gamma(\Sigma_{tr}+\tfrac12\gamma I)^{-1}T=e^{-2\eta(\Sigma_{tr}+\frac12\gamma I)t}[D(0)+"
        r"\tfrac12\gamma(\Sigma_{tr}+"
        r"\tfrac12\gamma I)^{-1}T]",
        (
            Identity(
                -2 * eta * (nu + c) * mode - eta * gam * T0,
                sp.diff(mode, t),
                (regime(D0="-2..21/10", T0="-2..21/10", eta="1/100..1", gamma="1/100..1", nu="1/10..4", t="1/10..5"),),
            ),
            Identity(D0, mode.subs(t, 0), (regime(D0="1/10..2", T0="-2..21/10", gamma="1/100..1", nu="1/10..4"),)),
        ),
        notes="For one mode of the covariance.",
    ),
    Record(
        "levi2023:34",
        "E",
        "identity",
        "losses in the eigenbasis of the covariance",
        r"\mathcal L_{tr/gen}=\bar D(t)^T\bar Q\bar D(t)",
        shapes.EIGENBASIS,
        notes="With Sigma = Q M Q^T and D = Q Dbar, for all sizes.",
    ),
    Record(
        "levi2023:35",
        "E",
        "identity",
        "solution of (32) in the eigenbasis",
        r"\bar D(t)=e^{-2\eta(M+\frac12\gamma I)t}[\bar D(0)+\tfrac12\gamma(M+\tfrac12\gamma I)^{-1}\bar T]-\tfrac12"
        r"\gamma(M+\tfrac12\gamma"
        r"I)^{-1}\bar T",
        (
            Identity(
                -2 * eta * (nu + c) * mode - eta * gam * T0,
                sp.diff(mode, t),
                (regime(D0="-2..21/10", T0="-2..21/10", eta="1/100..1", gamma="1/100..1", nu="1/10..4", t="1/10..5"),),
            ),
        ),
        notes="One component of it; the matrices are diagonal.",
    ),
    Record(
        "levi2023:36",
        "E",
        "probabilistic",
        "quadratic forms of independent random vectors",
        r"V^Tf(M)W=0\ (V\ne W),\ |V|^2\int f(u)p(u)du\ (V=W)",
        (
            *shapes.QUADRATIC,
            Simulation("quadratic form", sp.Integer(0), (regime(lam="1/2"),), mean=shapes.independent),
            Simulation("projections", sp.Integer(0), (regime(lam="1/2", s="1"),), mean=shapes.projections),
        ),
        notes="An approximation with relative error of order d^(-1/2); 0 for independent V and W, not for V other than "
        "W: the text itself uses D(0)^T f(M) T = -|T|^2 int f p.",
    ),
    Record(
        "levi2023:37",
        "E",
        "identity",
        "losses with decay in terms of the norms of S(0) and T",
        r"\mathcal L_{tr/gen}=d_{in}\int(|S(0)|^2e^{-4\eta(u+\frac12\gamma)t}+|T|^2(\ldots)^2)q\,p(u)du",
        (Identity(sp.Integer(1), d_in * (sp.Rational(1, 2) + sp.Rational(1, 2)), (start_37,)),),
        shapes.DECAYED,
        r"\text{no factor }d_{in},\text{ with }|S(0)|^2=|T|^2=\tfrac12",
        notes="With the norms themselves the loss at the start would be d_in. The text then sets |S(0)| = |T| = "
        "1/sqrt(2 d_in), the size of one component, and the two slips cancel in (38). Printed: at t = 0 without decay. "
        "Corrected: the mean over S(0) and T for all data, S2 and T2 being |S(0)|^2 and |T|^2; at the start it is 1.",
    ),
    Record(
        "levi2023:38",
        "E",
        "identity",
        "losses with weight decay",
        r"\mathcal L_{tr/gen}=\frac12\int(e^{-4\eta(u+\frac12\gamma)t}+(\frac{e^{-2\eta(u+\frac12\gamma)t}u+\frac12"
        r"\gamma}{u+\frac12\gamma})^2)"
        r"q\,p(u)du",
        (Identity((mode.subs({D0: 1, T0: 0}) ** 2 + mode.subs({D0: -1, T0: 1}) ** 2) / 2, mode_mean, (decay_regime,)),),
        notes="As (14).",
    ),
)
"""Records of appendices C to E."""
