"""Section 3.3: several outputs, and weight decay, (12)-(15)."""

from __future__ import annotations

import sympy as sp

from grokmath.ledger.levi2023 import forms as f
from grokmath.ledger.levi2023 import shapes
from grokmath.ledger.levi2023.forms import L, S, c, d, eps, eta, gam, lam, nu, root, t
from grokmath.ledger.record import Asymptotic, Identity, Inequality, Record, regime
from grokmath.ledger.vocabulary import ChiThreshold, DefiniteIntegral, Delay

y, order, arg = sp.symbols("y order arg", positive=True)
u, v, w = sp.symbols("u v w", real=True)
covariance = {"u": "1/2..3", "v": "1/2..3", "w": "-1/3..1/3"}
Sigma = sp.Matrix([[u, w], [w, v]])
start = sp.Matrix(2, 2, sp.symbols("D:4", real=True))
flow = f.spread(2 * eta / 2 * t, u, w, v) * start
columns = sum(
    ((f.spread(2 * (eta / 2) * t, u, w, v) * start[:, k]).T * Sigma * f.spread(eta * t, u, w, v) * start[:, k])[0]
    for k in (0, 1)
)
one = sp.Matrix(sp.symbols("D:2", real=True))
teacher = sp.Matrix(sp.symbols("T:2", real=True))
loss = (one.T * Sigma * one)[0]
chi = 2 * y ** (d - 1) * sp.exp(-(y**2) / 2) / (2 ** (d / 2) * sp.gamma(d / 2))
accuracy = 1 - sp.uppergamma(d / 2, d * eps / (2 * L)) / sp.gamma(d / 2)
outputs = regime("", ({"d": "1"}, {"d": "2"}, {"d": "50"}), d="1..60 integer", eps="1/1000..2", L="1/1000..1")
size = sp.Symbol("n", positive=True)
at_twice, at_half = (
    1 - sp.uppergamma(size, size * ratio) / sp.gamma(size) for ratio in (sp.Rational(1, 2), sp.Integer(2))
)
whole = sp.Symbol("n", integer=True, positive=True)
whole_range = regime("", ({"n": "1"},), n="1..9 integer", arg="1/10..9")
gamma_range = regime("", ({"order": "5/2", "arg": "13/10"},), order="1..6", arg="1/10..9")
gen_spread = (sp.exp(-2 * eta * (nu + c) * t) * nu + c) / (nu + c)
mode_mean = (sp.exp(-4 * eta * (nu + c) * t) + gen_spread**2) / 2
D0, T0 = sp.symbols("D0 T0", real=True)
mode = sp.exp(-2 * eta * (nu + c) * t) * (D0 + c / (nu + c) * T0) - c / (nu + c) * T0
decay_regime = regime("", ({"gamma": "1/100"},), eta="1/1000..1/10", gamma="1/1000..1", nu="1/100..5", t="1/10..1000")
decay_s = tuple(
    regime(name, critical, lam=text, gamma="1/100..1", s="1/10..200")
    for name, critical, text in (
        ("lam < 1", ({"lam": "9/10", "gamma": "1/100", "s": "400"},), "1/10..9/10"),
        ("lam = 1", (), "1"),
        ("lam > 1", ({"lam": "5/2", "gamma": "3/10", "s": "7"},), "11/10..4"),
    )
)


def quadrature_14(train: bool) -> sp.Expr:
    """(14) by quadrature, its three exponentials apart."""
    q = nu if train else sp.Integer(1)
    shift = c / (nu + c)
    fast = sp.exp(-c * f.s) * (f.mean(q, f.s) + f.mean(q * (nu / (nu + c)) ** 2, f.s))
    slow = 2 * sp.exp(-c * f.s / 2) * f.mean(q * nu / (nu + c) * shift, f.s / 2)
    return (fast + slow + f.mean(q * shift**2, sp.Integer(0))) / 2


def closed_14(train: bool) -> sp.Expr:
    """(14) in Marcum's Q."""
    (H, V), (late_H, late_V) = f.ridge_closed(f.s), f.ridge_closed(f.s / 2)
    p, q = f.p_root, f.q_root
    still = 1 / (p * (p - q))  # E[nu/(nu + c)^2]
    if not train:
        fast = sp.exp(-c * f.s) * (f.gen_closed(f.s) + H - c * V)
        return (fast + 2 * c * sp.exp(-c * f.s / 2) * late_V + 1 - 1 / p - c * still) / 2
    fast = sp.exp(-c * f.s) * (2 * f.train_closed(f.s) - 2 * c * H + c**2 * V)
    return (fast + 2 * c * sp.exp(-c * f.s / 2) * (late_H - c * late_V) + c**2 * still) / 2


def plateau(train: bool) -> sp.Expr:
    """The limit of (14) at late times, by quadrature."""
    return f.mean((nu if train else 1) * c**2 / (nu + c) ** 2, sp.Integer(0)) / 2


def grokking_with(n: sp.Expr) -> sp.Expr:
    """The exact grokking time at n outputs, times 4 eta."""
    return n * f.delta(lam, n**2 * eps / (2 * ChiThreshold(n)))


most = grokking_with(sp.Integer(26))
fewer, more = (
    regime("", ({"d": at},), lam="9/10", eps="1/1000", d=f"{text} integer")
    for at, text in (("25", "1..25"), ("27", "27..1074"))
)


small_decay = {"point": sp.Integer(0), "start": 2**14}
below = (regime("lam < 1", ({"lam": "1/2"},), lam="1/20..9/10"),)
above = (regime("lam > 1", ({"lam": "5/2"},), lam="3/2..5"),)
decay_delta = sp.log(1 + root) / (2 * eta * f.a)

RECORDS = (
    Record(
        "levi2023:12-loss",
        "3.3.1",
        "identity",
        "loss of d_out outputs from that of one",
        r"\mathcal L^{d_{out}}(\eta_0,\lambda,t)=\frac{1}{d_{out}}\mathcal L^{1}(\frac{\eta_0}{d_{out}},\lambda,t)",
        (
            Identity(
                (flow.T * Sigma * flow).trace() / 2,
                columns / 2,
                (f.box(*start, eta="1/1000..1/10", t="1/10..30", **covariance),),
            ),
        ),
        notes="Written out for d_in = d_out = 2, column by column.",
    ),
    Record(
        "levi2023:12-accuracy",
        "3.3.1",
        "identity",
        "accuracy for d_out outputs, a point counting as correct if |z|^2/d_out <= eps",
        r"\mathcal A=1-\frac{\Gamma(\frac{d_{out}}{2},\frac{d_{out}}{2\mathcal L}\epsilon)}{\Gamma(\frac{d_{out}}{2})}",
        (
            Identity(
                DefiniteIntegral(sp.Lambda(y, chi), sp.Integer(0), sp.sqrt(d * eps / L)),
                accuracy,
                (outputs,),
            ),
        ),
        notes="For d_out << d_in, where D^T Sigma D is near a multiple of the identity; at (d_in, d_out) = (400, 300) "
        "it is 10 % off. With the rule |z|^2 <= eps it does not hold.",
    ),
    Record(
        "levi2023:12-gamma",
        "3.3.1",
        "identity",
        "definition of the incomplete gamma function",
        r"\Gamma(a,z)=\int_a^\infty e^{-t}t^{z-1}dt",
        (Identity(sp.uppergamma(order, arg), sp.uppergamma(arg, order), (gamma_range,)),),
        (
            Identity(
                sp.gamma(whole) - DefiniteIntegral(sp.Lambda(y, sp.exp(-y) * y ** (whole - 1)), sp.Integer(0), arg),
                sp.uppergamma(whole, arg),
                (whole_range,),
            ),
        ),
        r"\Gamma(a,z)=\int_z^\infty e^{-t}t^{a-1}dt",
        typo="a and z swapped; appendix B has it right",
    ),
    Record(
        "levi2023:12-limit",
        "3.3.1",
        "limit",
        "accuracy as d_out grows at given loss and threshold",
        r"\mathcal A\to1\text{ as }d_{out}\to\infty,\text{ for any value of }\mathcal L\text{ and }\epsilon",
        (Asymptotic(at_twice, sp.Integer(1), size, limit=True, start=2**6, levels=9),),
        (
            Asymptotic(at_twice, sp.Integer(0), size, limit=True, start=2**6, levels=9),
            Asymptotic(at_half, sp.Integer(1), size, limit=True, start=2**6, levels=9),
        ),
        r"\mathcal A\to\Theta(\epsilon-\mathcal L)",
        notes="Checked at L = 2 eps and L = eps/2, d_out = 2n. A tends to 1 only because L <= 1/d_out falls below eps.",
    ),
    Record(
        "levi2023:12-maximum",
        "3.3.1",
        "inequality",
        "the grokking time has a maximum in d_out",
        r"\Delta t_{grok}\text{ attains a maximum at a specific value }d_{out}^{max}",
        (Inequality(grokking_with(d), most, (fewer,)), Inequality(grokking_with(d), most, (more,))),
        notes="At lam = 0.9, eps = 1e-3 it is d_out = 26 (accuracy Erf(sqrt 2)), the only one: from d_out = 1075 on "
        "the accuracy is above Erf(sqrt 2) from the start.",
    ),
    Record(
        "levi2023:13",
        "3.3.2",
        "identity",
        "step of gradient descent with weight decay, one output",
        r"D_{t+1}=D_t-2\eta(\Sigma_{tr}+\frac\gamma2I)D_t-\eta\gamma T",
        (shapes.DECAY_STEP,),
        notes="A step down the gradient of L_tr + gamma |S|^2/2, with S = D + T, for all sizes.",
    ),
    Record(
        "levi2023:14",
        "3.3.2",
        "identity",
        "losses with weight decay",
        r"\mathcal L=\frac12\mathbb E[(e^{-4\eta_0(\nu+\frac12\gamma)t}+(\frac{e^{-2\eta_0(\nu+\frac12\gamma)t}\nu+"
        r"\frac12\gamma}"
        r"{\nu+\frac12\gamma})^2)q]",
        (Identity((mode.subs({D0: 1, T0: 0}) ** 2 + mode.subs({D0: -1, T0: 1}) ** 2) / 2, mode_mean, (decay_regime,)),),
        notes="Mode by mode: the mean of D(t)^2 over independent S(0) and T of variance 1/2, D(t) from (33).",
    ),
    Record(
        "levi2023:14-closed",
        "3.3.2",
        "identity",
        "closed form of (14), which the paper does not give",
        r"\text{(no closed form given)}",
        (),
        (
            Identity(quadrature_14(False), closed_14(False), decay_s),
            Identity(quadrature_14(True), closed_14(True), decay_s),
        ),
        r"\mathcal L_{gen}=\tfrac12\{e^{-cs}[G+H-cV](s)+2ce^{-cs/2}V(s/2)+1-\tfrac1p-\tfrac{c}{p(p-q)}\},\ "
        r"\mathcal L_{tr}=\tfrac12\{e^{-cs}[2\mathcal L^0_{tr}-2cH+c^2V](s)+2ce^{-cs/2}[H-cV](s/2)"
        r"+\tfrac{c^2}{p(p-q)}\}",
        notes="H = E[nu exp(-s nu)/(nu + c)] and V = E[nu exp(-s nu)/(nu + c)^2] in Marcum's Q, c = gamma/2, p and q "
        "the roots with p + q = 1 + lam + c, p q = lam; the same for all lam.",
    ),
    Record(
        "levi2023:15-train",
        "3.3.2",
        "asymptotic",
        "late training loss with small weight decay, lam < 1",
        r"\mathcal L_{tr}\simeq\frac{\gamma^2}{4(1-\lambda)}",
        (Asymptotic(plateau(True), gam**2 / (4 * (1 - lam)), gam, below, **small_decay),),
        (Asymptotic(plateau(True), gam**2 / (8 * (1 - lam)), gam, below, order=1, **small_decay),),
        r"\mathcal L_{tr}\simeq\frac{\gamma^2}{8(1-\lambda)}",
        notes="The 1/2 of (14) was lost. Needs gamma << 2 (1 - sqrt lam)^2, not gamma << 1.",
    ),
    Record(
        "levi2023:15-gen",
        "3.3.2",
        "asymptotic",
        "late generalization loss with small weight decay, lam < 1",
        r"\mathcal L_{gen}\simeq\frac{\gamma^2}{4(1-\lambda)^3}",
        (Asymptotic(plateau(False), gam**2 / (4 * (1 - lam) ** 3), gam, below, **small_decay),),
        (Asymptotic(plateau(False), gam**2 / (8 * (1 - lam) ** 3), gam, below, order=1, **small_decay),),
        r"\mathcal L_{gen}\simeq\frac{\gamma^2}{8(1-\lambda)^3}",
        notes="At lam = 0.9, gamma = 1e-2: exact 4.016e-3, printed 2.5e-2, corrected 1.25e-2.",
    ),
    Record(
        "levi2023:15-time",
        "3.3.2",
        "asymptotic",
        "grokking time with weight decay, lam < 1",
        r"\Delta t_{grok}\simeq\frac{\log(1+\sqrt\lambda)}{2\eta_0(1-\sqrt\lambda)^2}",
        (Asymptotic(Delay(lam, S, 1) / (4 * eta), decay_delta, S, (f.LATE_UNDER,)),),
        (Asymptotic(Delay(lam, S, (1 - lam) ** 2) / (4 * eta), decay_delta, S, (f.LATE_UNDER,), order=1),),
        r"\text{the same, for the times at which the losses' decaying parts equal the plateaus}",
        notes="Printed for the definition of the grokking time that the paper uses, one threshold eps/4 for both "
        "losses "
        "(the limit gamma to 0, then eps to 0): there (11) holds. It is right for two thresholds in the ratio "
        "(1 - lam)^2 of the two plateaus of (15).",
    ),
    Record(
        "levi2023:15-threshold",
        "3.3.2",
        "asymptotic",
        "the decay beyond which perfect generalization is not obtained",
        r"\text{(from (15)) }\gamma_c=\sqrt{\epsilon(1-\lambda)^3}",
        (Asymptotic(gam, sp.sqrt(4 * plateau(False) * (1 - lam) ** 3), gam, below, **small_decay),),
        (Asymptotic(gam, sp.sqrt(2 * 4 * plateau(False) * (1 - lam) ** 3), gam, below, order=1, **small_decay),),
        r"\gamma_c\simeq\sqrt{2\epsilon(1-\lambda)^3}",
        notes="With eps = 4 times the plateau at gamma. At lam = 0.9, eps = 1e-3: exact 1.62108e-3, corrected "
        "1.414e-3.",
    ),
    Record(
        "levi2023:15-below",
        "3.3.2",
        "inequality",
        "what happens for eps below that threshold",
        r"\text{below it, the grokking time decreases as given by Eq. (15)}",
        (Inequality(plateau(False), eps / 4, (regime(lam="9/10", eps="1/1000", gamma="1/500..1/10"),)),),
        (
            Inequality(
                eps / 4,
                plateau(False),
                (regime("", ({"gamma": "163/100000"},), lam="9/10", eps="1/1000", gamma="1/500..1/10"),),
            ),
        ),
        r"\text{below it the loss never reaches }\epsilon/4,\text{ and }t_{gen}\text{ does not exist}",
        notes="For lam < 1 and gamma > gamma_c = 2 (N - D)(N - lam D)/(N D), D = 1 - eps/2, N = 1 + sqrt((1 - lam D) "
        "eps/2), exactly. Printed: that the loss falls below eps/4 at all. Up to the threshold the grokking time "
        "increases with gamma: 20481, 20660, 25204, 38367 for gamma = 1e-7, 1e-4, 1e-3, 1.5e-3 at lam = 0.9, eps = "
        "1e-3, eta = 0.01.",
    ),
    Record(
        "levi2023:15-over",
        "3.3.2",
        "asymptotic",
        "late losses with small weight decay, lam > 1",
        r"\text{the late time behavior is the same as Eq. (15)}",
        (
            Asymptotic(plateau(False), gam**2 / (4 * (1 - lam) ** 3), gam, above, **small_decay),
            Asymptotic(plateau(True), gam**2 / (4 * (1 - lam)), gam, above, **small_decay),
        ),
        (
            Asymptotic(plateau(False), (1 - 1 / lam) / 2, gam, above, **small_decay),
            Asymptotic(plateau(True), gam**2 / (8 * lam * (lam - 1)), gam, above, order=1, **small_decay),
        ),
        r"\mathcal L_{gen}\to\tfrac12(1-\tfrac1\lambda),\quad\mathcal L_{tr}\simeq\frac{\gamma^2}{8\lambda(\lambda-1)}",
        notes="(15) is even negative there. Weight decay halves the plateau: null modes relax as (1 + exp(-2 eta gamma "
        "t))/2.",
    ),
)
"""Records of section 3.3."""
