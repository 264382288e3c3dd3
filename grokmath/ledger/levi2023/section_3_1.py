"""Sections 3 and 3.1.1-3.1.2: the model, its losses and the accuracy, (1)-(9)."""

from __future__ import annotations

import sympy as sp

from grokmath.ledger.levi2023 import forms as f
from grokmath.ledger.levi2023 import shapes
from grokmath.ledger.levi2023.forms import eps, eta, lam, root, t
from grokmath.ledger.record import Asymptotic, Identity, Inequality, Record, Simulation, regime
from grokmath.ledger.vocabulary import DefiniteIntegral

L, x, z = f.L, f.x, f.z
density = sp.sqrt(((1 + root) ** 2 - x) * (x - (1 - root) ** 2)) / (2 * sp.pi * lam * x)


def moment(k: int) -> sp.Expr:
    """The integral of x^k times the printed density."""
    return DefiniteIntegral(sp.Lambda(x, density * x**k), (1 - root) ** 2, (1 + root) ** 2)


def normal(low: sp.Expr, high: sp.Expr, variance: sp.Expr) -> sp.Expr:
    """The probability of (low, high) under a normal law of mean 0, by quadrature."""
    law = sp.exp(-(z**2) / (2 * variance)) / sp.sqrt(2 * sp.pi * variance)
    return DefiniteIntegral(sp.Lambda(z, law), low, high)


losses = regime("", ({"L": "1", "eps": "1"}, {"L": "1/4000", "eps": "1/1000"}), L="1/10000..3", eps="1/1000..2")
order, arg = sp.symbols("order arg", positive=True)
regularized = regime("", ({"order": "2"},), order="1/2..5", arg="1/10..50")
bulk = (regime("lam < 1", ({"lam": "1/2"},), lam="1/20..19/20"), regime("lam > 1", lam="21/20..5"))
probability = normal(-sp.sqrt(eps), sp.sqrt(eps), L)
accuracy = sp.erf(sp.sqrt(eps / (2 * L)))
low, high = f.a, (1 + root) ** 2
ray, bessel = sp.exp(-(1 + lam) * f.s), [sp.besseli(k, 2 * root * f.s) for k in range(2)]
edges = {m: (low**m * sp.exp(-f.s * low) + high**m * sp.exp(-f.s * high)) / 4 for m in range(2)}
finite_size = {
    0: edges[0] - ray * bessel[0] / 2,
    1: edges[1] - ray * ((1 + lam) * bessel[0] - 2 * root * bessel[1]) / 2,
}
"""d times what the mean of both losses exceeds (8) by at size d, by the power of nu that is averaged with e^{-s nu}."""
simulated = (regime("lam < 1", lam="1/2", s="2, 8"), regime("lam > 1", lam="3/2", s="4"))


def by_theorem(m: int) -> sp.Expr:
    """(8) and d = 96 times less of the mean of the spectral statistic, as an integral."""
    arcsine = f.nu**m * sp.exp(-f.s * f.nu) / sp.sqrt((high - f.nu) * (f.nu - low))
    whole = edges[m] - DefiniteIntegral(sp.Lambda(f.nu, arcsine), low, high) / (2 * sp.pi)
    return f.mean(f.nu**m, f.s) + whole / 96


equations = sp.Symbol("N", positive=True) * f.d
unknowns = lam * equations
sizes = {"N": "1..1000 integer", "d": "1..50 integer"}

RECORDS = (
    Record(
        "levi2023:1",
        "3",
        "identity",
        "training loss as a sum over samples and as a trace",
        r"\frac{1}{N_{tr}d_{out}}\sum_i\|(S-T)^Tx_i\|^2=\frac{1}{d_{out}}\mathrm{Tr}[D^T\Sigma_{tr}D]",
        (shapes.LOSS,),
        notes="For all sizes.",
    ),
    Record(
        "levi2023:1-start",
        "3",
        "probabilistic",
        "entries of variance 1/(2 d_in d_out) make both losses 1/d_out at the start, on average",
        r"S_0,T\sim\mathcal N(0,1/(2d_{in}d_{out}))\Rightarrow\mathbb E\,\mathcal L_{gen}(0)=1/d_{out}",
        (
            Simulation(
                "initial loss",
                1 / shapes.d_out,
                (regime(d_in="40", d_out="1"), regime(d_in="40", d_out="5")),
                mean=shapes.start_loss,
            ),
            shapes.START_ON_DATA,
        ),
        notes="On average over S_0, T and a new sample, or the samples, for all sizes.",
    ),
    Record(
        "levi2023:2",
        "3",
        "identity",
        "generalization loss as the squared norm of D",
        r"\mathcal L_{gen}=\frac{1}{d_{out}}\mathrm{Tr}[D^T\Sigma_{gen}D]=\frac{1}{d_{out}}\|D\|^2",
        shapes.POPULATION,
        notes="For all sizes; the components of x are uncorrelated, of variance 1.",
    ),
    Record(
        "levi2023:3",
        "3",
        "identity",
        "gradient of the training loss and the step of gradient descent with weight decay",
        r"\nabla_D\mathcal L_{tr}=\tfrac{2}{d_{out}}\Sigma_{tr}D,\quad D_{t+1}=(I-\tfrac{2\eta}{d_{out}}\Sigma_{tr})D_t"
        r"-\tfrac{\eta\gamma}{d_{out}}(D_t+T)",
        (shapes.GRADIENT, shapes.STEP),
        notes="With 1/d_out on gamma the penalty is gamma |S|^2/(2 d_out); decay as in PyTorch has no 1/d_out. D = S - "
        "T, for all sizes.",
    ),
    Record(
        "levi2023:4",
        "3.1.1",
        "ODE",
        "gradient flow: D decays by exp(-2 eta Sigma t)",
        r"\dot D=-2\eta_0\Sigma_{tr}D\ \to\ D(t)=e^{-2\eta_0\Sigma_{tr}t}D_0",
        (shapes.FLOW,),
        notes="Exact for the flow; gradient descent has (1 - 2 eta nu)^t, an error O(eta nu) of the exponent. One "
        "output, all other sizes.",
    ),
    Record(
        "levi2023:4-descent",
        "3.1.1",
        "asymptotic",
        "gradient descent is near the flow at a small learning rate",
        r"D_{t+1}=(I-2\eta_0\Sigma_{tr})D_t\ \to\ \dot D=-2\eta_0\Sigma_{tr}D",
        (
            Asymptotic(
                (1 - 2 * eta * f.nu) ** (x / eta),
                sp.exp(-2 * f.nu * x),
                eta,
                (regime("small steps", nu="1/10..4", x="1/10..5"),),
                point=sp.Integer(0),
                order=1,
                constant=2 * f.nu**2 * x,
            ),
        ),
        notes="For one mode of the covariance after the time x = eta t: the flow decays less, by 2 nu^2 x eta relative "
        "to descent. It is the last steps of a run that differ most.",
    ),
    Record(
        "levi2023:5",
        "3.1.1",
        "identity",
        "losses of the flow for given data",
        r"\mathcal L_{tr}=D_0^Te^{-4\eta_0\Sigma_{tr}t}\Sigma_{tr}D_0,\quad \mathcal L_{gen}=D_0^Te^{-4\eta_0"
        r"\Sigma_{tr}t}D_0",
        shapes.ALONG,
    ),
    Record(
        "levi2023:5-sphere",
        "3.1.1",
        "identity",
        "the sphere of the eigenvectors of Sigma_tr",
        r"\text{eigenvectors uniform on the unit sphere in }\mathbb R^{d_{out}}",
        (
            Identity(
                sp.Symbol("d_in") ** 2,
                sp.Symbol("d_in") * sp.Symbol("d_out"),
                (regime(d_in="2..1000 integer", d_out="1"),),
            ),
        ),
        (
            Identity(sp.Symbol("d_in") ** 2, sp.Symbol("d_in") * sp.Symbol("d_in"), (regime(d_in="2..1000 integer"),)),
            shapes.KEPT,
        ),
        r"\mathbb R^{d_{in}}",
        typo="d_out for d_in: Sigma_tr is a d_in x d_in matrix",
        notes="Checked as the number of entries of the matrix of eigenvectors, that of Sigma_tr, and as the lengths "
        "that it keeps.",
    ),
    Record(
        "levi2023:6",
        "3.1.1",
        "identity",
        "Marchenko-Pastur density: total mass and mean, with the atom (1 - 1/lam)^+",
        r"p_{MP}(\nu)d\nu=(1-\tfrac1\lambda)^+\delta_0+\frac{\sqrt{(\lambda_+-\nu)(\nu-\lambda_-)}}{2\pi\lambda\nu}I"
        r"\,d\nu",
        (
            Identity(moment(0), sp.Integer(1), bulk[:1]),
            Identity(moment(0), 1 / lam, bulk[1:]),
            Identity(moment(1), sp.Integer(1), (regime("lam = 1 and around it", lam="1, 9/10, 11/10, 1/2, 2"),)),
        ),
        notes="That the spectrum follows this law is the theorem of Marchenko and Pastur, see levi2023:8.",
    ),
    Record(
        "levi2023:7",
        "3.1.1",
        "probabilistic",
        "losses as plain averages over the eigenvalues, on average over D_0",
        r"\mathcal L_{tr}\approx\frac1{d_{in}}\sum_ie^{-4\eta_0\nu_it}\nu_i,\quad \mathcal L_{gen}\approx"
        r"\frac1{d_{in}}\sum_i"
        r"e^{-4\eta_0\nu_it}",
        (
            *shapes.AVERAGED,
            Simulation(
                "projections",
                sp.Integer(0),
                (regime(lam="1/2", s="1"), regime(lam="3/2", s="4")),
                mean=shapes.projections,
            ),
        ),
        notes="Exact in the mean over D_0, for all sizes; for one D_0 the relative spread is sqrt(2 E[f^2]/d)/E[f].",
    ),
    Record(
        "levi2023:8",
        "3.1.1",
        "probabilistic",
        "losses as averages over the Marchenko-Pastur law",
        r"\mathcal L_{tr}\approx\mathbb E_{\nu\sim MP(\lambda)}[\nu e^{-4\eta_0\nu t}],\quad \mathcal L_{gen}\approx"
        r"\mathbb E_{\nu\sim MP"
        r"(\lambda)}[e^{-4\eta_0\nu t}]",
        (
            Simulation("training loss, d to infinity", f.train_exact(f.s), simulated),
            Simulation("generalization loss, d to infinity", f.gen_exact(f.s), simulated),
        ),
        notes="The limit d_in to infinity at fixed s: the theorem of Marchenko and Pastur. Simulated at d = 96, with "
        "the term in 1/d removed by d = 48.",
    ),
    Record(
        "levi2023:8-size",
        "3.1.1",
        "probabilistic",
        "mean losses for data of finite size, to order 1/d, lam other than 1",
        r"\text{(not in the paper)}",
        (),
        tuple(
            Simulation(sampler, f.mean(f.nu**m, f.s) + finite_size[m] / 96, (side,), mean=by_theorem(m))
            for m, sampler in ((1, "training loss"), (0, "generalization loss"))
            for side in simulated
        )
        + shapes.MOMENTS,
        r"\mathcal L_{gen}=G+\frac1d[\tfrac14(e^{-s\lambda_+}+e^{-s\lambda_-})-\tfrac12e^{-(1+\lambda)s}I_0(2\sqrt"
        r"\lambda s)]+O(d^{-2}),"
        r"\ \mathcal L_{tr}=-\frac{d}{ds}\mathcal L_{gen}",
        notes="At finite d the mean is off by a term of order 1/d, known for lam other than 1 and growing relative to "
        "the loss at late times. Proved for large d: the limit (Marchenko and Pastur), and the mean of the limit law "
        "of what d times the loss exceeds d times the limit by (Bai and Silverstein), as an integral and in closed "
        "form; that this is the term in 1/d of the mean, with a rest of order 1/d^2, is not proved. Simulated at d = "
        "96. Proved for every d and N: the means of tr(Sigma^k)/d, k = 1, 2, 3, which are (-1)^k times the derivatives "
        "of the mean of L_gen at s = 0 (given Sigma the mean over the start is exact, levi2023:7). With lam = d/N they "
        "are 1, 1 + lam + 1/N and 1 + 3 lam + lam^2 + 3 (1 + lam)/N + 4/N^2: the two orders that are stated, and "
        "4/N^2.",
    ),
    Record(
        "levi2023:8-plateau",
        "3.1.1",
        "limit",
        "above lam = 1 the generalization loss tends to 1 - 1/lam",
        r"\mathcal L_{gen}\to1-1/\lambda\quad(\lambda>1)",
        (Asymptotic(f.gen_exact(f.s_of_t), 1 - 1 / lam, t, (f.LATE_OVER,), limit=True, levels=7),),
    ),
    Record(
        "levi2023:8-vanish",
        "3.1.1",
        "limit",
        "below lam = 1 both losses tend to 0, and the training loss does above it",
        r"\mathcal L_{tr},\mathcal L_{gen}\to0\ (\lambda<1),\quad \mathcal L_{tr}\to0\ (\lambda>1)",
        (
            Asymptotic(f.gen_exact(f.s_of_t), sp.Integer(0), t, (f.LATE_UNDER,), limit=True, levels=7),
            Asymptotic(f.train_exact(f.s_of_t), sp.Integer(0), t, (f.LATE_UNDER, f.LATE_OVER), limit=True, levels=7),
        ),
    ),
    Record(
        "levi2023:8-parameters",
        "3.1.1",
        "identity",
        "lam = 1 separates more equations than unknowns from fewer, for every d_out",
        r"d_{out}=1:\ \lambda<1\text{ underparameterized},\ \lambda>1\text{ overparameterized}",
        (
            Identity(unknowns / equations, lam, (regime(lam="1/50..5", **sizes),)),
            Inequality(unknowns, equations, (regime("lam < 1", lam="1/50..99/100", **sizes),)),
            Inequality(equations, unknowns, (regime("lam > 1", lam="101/100..5", **sizes),)),
        ),
        notes="The restriction to d_out = 1 is unnecessary: N d_out equations, d_in d_out = lam N d_out unknowns.",
    ),
    Record(
        "levi2023:8-closed-train",
        "3.1.1",
        "identity",
        "closed form of the training loss",
        r"\mathcal L_{tr}=e^{-4\eta_0(\lambda+1)t}\,{}_0\tilde F_1(2;16\eta_0^2t^2\lambda)",
        (
            Identity(
                f.train_exact(f.s_of_t),
                sp.exp(-4 * eta * (lam + 1) * t) * sp.hyper([], [2], 16 * eta**2 * t**2 * lam) / sp.gamma(2),
                f.ALL,
            ),
        ),
        notes="Holds for every lam > 0; equals exp(-(1+lam)s) I_1(2 sqrt(lam) s)/(sqrt(lam) s).",
    ),
    Record(
        "levi2023:8-busy-period",
        "3.1.1",
        "identity",
        "the training loss is the density of a busy period, which the paper does not say",
        r"\text{(not in the paper)}",
        (),
        (
            Identity(
                f.mean(f.nu / (f.nu + eta), sp.Integer(0)),
                2 / (1 + lam + eta + sp.sqrt((1 + lam + eta) ** 2 - 4 * lam)),
                tuple(
                    regime(name, lam=text, eta="1/1000..10")
                    for name, text in (("lam < 1", "1/50..99/100"), ("lam = 1", "1"), ("lam > 1", "101/100..5"))
                ),
            ),
        ),
        r"\int_0^\infty e^{-\theta s}\mathcal L_{tr}ds=\frac{2}{1+\lambda+\theta+\sqrt{(1+\lambda+\theta)^2-4\lambda}}",
        notes="The transform of the busy period of a queue M/M/1 with arrivals at the rate lam and service at the rate "
        "1 (eta stands for theta). So L_gen is the probability that it lasts longer than s, and the plateau 1 - 1/lam "
        "that it never ends.",
    ),
    Record(
        "levi2023:8-regularized",
        "3.1.1",
        "identity",
        "definition of the regularized confluent hypergeometric function",
        r"{}_0\tilde F_1(a;z)={}_0F_1(a;z)\Gamma(a)",
        (
            Identity(
                arg ** ((1 - order) / 2) * sp.besseli(order - 1, 2 * sp.sqrt(arg)),
                sp.hyper([], [order], arg) * sp.gamma(order),
                (regularized,),
            ),
        ),
        (
            Identity(
                arg ** ((1 - order) / 2) * sp.besseli(order - 1, 2 * sp.sqrt(arg)),
                sp.hyper([], [order], arg) / sp.gamma(order),
                (regularized,),
            ),
        ),
        r"{}_0\tilde F_1(a;z)={}_0F_1(;a;z)/\Gamma(a)",
        notes="Harmless where it is used, as Gamma(2) = 1. The reference is DLMF 10.39.9.",
    ),
    Record(
        "levi2023:8-closed-gen",
        "3.1.1",
        "identity",
        "closed form of the generalization loss, which the paper could not find",
        r"\text{(no closed form given)}",
        (),
        (
            Identity(f.gen_exact(f.s), f.gen_closed(f.s), f.ALL_S),
            Identity(f.gen_exact(f.s), 1 - 1 / lam + f.gen_closed(lam * f.s, 1 / lam) / lam, f.ALL_S),
        ),
        r"\mathcal L_{gen}=Q_1(\sqrt{2\lambda s},\sqrt{2s})-\tfrac1\lambda[1-Q_1(\sqrt{2s},\sqrt{2\lambda s})]+"
        r"\frac{e^{-(1+\lambda)s}"
        r"I_1(2\sqrt\lambda s)}{\sqrt\lambda}=1-\tfrac1\lambda+\tfrac1\lambda\mathcal L_{gen}(\lambda s;1/\lambda)",
    ),
    Record(
        "levi2023:9",
        "3.1.2",
        "identity",
        "accuracy as a function of the loss",
        r"\mathcal A\to2\Pr(|z|\le\sqrt\epsilon)=\mathrm{Erf}(\sqrt{\epsilon/2\mathcal L})",
        (Identity(2 * probability, accuracy, (losses,)),),
        (Identity(probability, accuracy, (losses,)),),
        r"\mathcal A\to\Pr(|z|\le\sqrt\epsilon)=\mathrm{Erf}(\sqrt{\epsilon/2\mathcal L}),\ z\sim\mathcal N(0,"
        r"\mathcal L)",
        notes="The factor 2 is wrong, the error function is right.",
    ),
    Record(
        "levi2023:9-variance",
        "3.1.2",
        "identity",
        "the spread of z = D^T x",
        r"z\text{ normal with standard deviation }D^T\Sigma D=\mathcal L",
        (Identity(normal(-sp.sqrt(eps), sp.sqrt(eps), L**2), accuracy, (losses,)),),
        (Identity(normal(-sp.sqrt(eps), sp.sqrt(eps), L), accuracy, (losses,)),),
        r"\text{variance }\mathcal L",
        typo="standard deviation for variance",
    ),
    Record(
        "levi2023:9-threshold",
        "3.1.2",
        "identity",
        "the loss at which the accuracy reaches Erf(sqrt 2)",
        r"\text{the loss drops below }\epsilon",
        (Identity(normal(-sp.sqrt(eps), sp.sqrt(eps), eps), sp.erf(sp.sqrt(2)), (regime(eps="1/1000..2"),)),),
        (Identity(normal(-sp.sqrt(eps), sp.sqrt(eps), eps / 4), sp.erf(sp.sqrt(2)), (regime(eps="1/1000..2"),)),),
        r"\mathcal L(t^*)=\epsilon/4",
        notes="Loose wording of sections 3.1.2 and 3.1.3; section 3.1.3 gives epsilon/4 two sentences later.",
    ),
    Record(
        "levi2023:9-percent",
        "3.1.3",
        "inequality",
        "Erf(sqrt 2) is about 95 %",
        r"\mathrm{Erf}(\sqrt2)\approx95\%",
        (
            Inequality(sp.Rational(945, 1000), sp.erf(sp.sqrt(2)), (regime(),)),
            Inequality(sp.erf(sp.sqrt(2)), sp.Rational(955, 1000), (regime(),)),
        ),
        notes="It is 0.9545; figure 7 uses 0.95 itself, for which L = eps/3.841.",
    ),
)
"""Records of sections 3 to 3.1.2."""
