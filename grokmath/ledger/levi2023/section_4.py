"""Section 4: two layers, (16)-(18)."""

from __future__ import annotations

from typing import Any

import sympy as sp

from grokmath.ledger.levi2023 import forms as f
from grokmath.ledger.levi2023 import shapes
from grokmath.ledger.levi2023.forms import eta, lam, t
from grokmath.ledger.record import Asymptotic, Identity, Record, Simulation, regime

S0 = sp.Matrix(2, 2, sp.symbols("a:4", real=True))
S1 = sp.Matrix(2, 2, sp.symbols("b:4", real=True))
T = sp.Matrix(2, 2, sp.symbols("T:4", real=True))
u, v, w = sp.symbols("u v w", real=True)
Sigma = sp.Matrix([[u, w], [w, v]])
D = S0 * S1 - T
loss = (D.T * Sigma * D).trace() / 2
kernel = ((S0.T * S0).trace() + (S1.T * S1).trace()) / 2
network = f.box(*S0, *S1, *T, eta="1/100..1", u="1/2..3", v="1/2..3", w="-1/3..1/3")


def gradient(matrix: Any) -> Any:
    """The gradient of the loss with respect to a matrix of weights."""
    return sp.Matrix(2, 2, [sp.diff(loss, entry) for entry in matrix])


flow0, flow1 = -eta * gradient(S0), -eta * gradient(S1)
D_dot = flow0 * S1 + S0 * flow1
h_dot = (S0.T * flow0).trace() + (S1.T * flow1).trace()
printed_flow = -2 * eta / 4 * kernel * Sigma * D
exact_flow = -2 * eta / 2 * (S0 * S0.T * Sigma * D + Sigma * D * S1.T * S1)
printed_kernel_flow = -8 * eta * ((T + D).T * Sigma * D).trace()
exact_kernel_flow = -4 * eta / 2 * ((T + D).T * Sigma * D).trace()
hessian_trace = sum(sp.diff(loss, entry, 2) for entry in (*S0, *S1))
exact_trace = 2 * ((S0.T * Sigma * S0).trace() + Sigma.trace() / 2 * (S1.T * S1).trace())
weight, target, variance = sp.symbols("weight target variance", positive=True)
logistic = target * weight / (weight + (target - weight) * sp.exp(-4 * eta * variance * target * t))
scalar = regime(weight="1/10..9/10", target="1..3", variance="1/2..2", eta="1/10000..1/100")
d_in, d_h, d_out = sp.symbols("d_in d_h d_out")
sizes = (regime(d_in="40", d_h="40", d_out="4"), regime(d_in="30", d_h="60", d_out="6"))
norm = sum(entry**2 for entry in D)

RECORDS = (
    Record(
        "levi2023:16",
        "4.1",
        "definition",
        "training loss of a network with one hidden layer",
        r"\mathcal L_{tr}=\frac{1}{N_{tr}d_{out}}\sum_i[S_1^T\sigma(S_0^Tx_i)-T_1^T\sigma(T_0^Tx_i)]^2",
        corrected_latex=r"\text{squared norms }\|\cdot\|^2\text{ for the squares of vectors }[\cdot]^2",
        typo="[.]^2 for ||.||^2",
    ),
    Record(
        "levi2023:17-D",
        "4.1",
        "ODE",
        "flow of D = S_0 S_1 - T",
        r"\partial_tD=-\frac{2\eta_0}{d_{out}^2}h(t)\Sigma_{tr}D(t)",
        (Identity(D_dot[0], printed_flow[0], (network,)),),
        (shapes.PRODUCT_FLOW,),
        r"\partial_tD=-\frac{2\eta_0}{d_{out}}[S_0S_0^T\Sigma D+\Sigma DS_1^TS_1]",
        notes="The printed form replaces S_1^T S_1 by h/d_out and drops S_0 S_0^T; valid for d_out << d_h, d_in. The "
        "reference is the chain rule on the loss: the printed form at d_in = d_h = d_out = 2, the corrected one for "
        "all sizes.",
    ),
    Record(
        "levi2023:17-rate",
        "4.1",
        "probabilistic",
        "mean rate of D at the start",
        r"\frac{2\eta_0}{d_{out}^2}h,\ h\simeq1/2",
        (Simulation("two layers: rate", 1 / (2 * d_out**2), sizes),),
        (
            Simulation("two layers: rate", (1 / d_out + 1 / d_in) / (2 * d_out), sizes, mean=shapes.mean_rate),
            shapes.RATE_OF_D,
        ),
        r"\frac{2\eta h}{d_{out}}(\frac{1}{d_{out}}+\frac{1}{d_{in}})",
        notes="The rate is divided by 2 eta. It applies for d_out << d_h.",
    ),
    Record(
        "levi2023:17-h",
        "4.1",
        "ODE",
        "flow of h",
        r"\partial_th=-8\eta_0(T+D(t))^T\Sigma_{tr}D(t)",
        (Identity(h_dot, printed_kernel_flow, (network,)),),
        (shapes.KERNEL_FLOW,),
        r"\partial_th=-\frac{4\eta}{d_{out}}\mathrm{Tr}[(T+D)^T\Sigma D]",
        notes="Factor, 1/d_out and trace are missing. Read with a trace.",
    ),
    Record(
        "levi2023:17-start",
        "4.1",
        "probabilistic",
        "h is about 1/2 at the start",
        r"h=\tfrac12(\|S_0\|^2+\|S_t\|^2),\quad h\simeq1/2\text{ for }d_h\gg d_{out}",
        (Simulation("two layers: h", sp.Rational(1, 2), sizes, mean=shapes.mean_kernel),),
        corrected_latex=r"h=\tfrac12(\|S_0\|^2+\|S_1\|^2)",
        typo="S_t for S_1",
        notes="Holds for all sizes in the mean; d_h >> d_out is not needed for it.",
    ),
    Record(
        "levi2023:17-lazy",
        "4.1",
        "limit",
        "a small learning rate keeps h at its start",
        r"\text{in the limit of small }\eta_0\ll1\text{ we may ignore the time evolution of }h",
        (Asymptotic(logistic, weight, t, (scalar,), limit=True),),
        (Asymptotic(logistic, target, t, (scalar,), limit=True),),
        r"\text{the flow depends on }\eta t\text{ only; }h\text{ stays near its start for }d_h\gg d_{out}",
        notes="One weight in each layer, equal at the start: h(t) in closed form tends to the teacher's product for "
        "every learning rate.",
    ),
    Record(
        "levi2023:18",
        "4.1",
        "identity",
        "loss of the two-layer network from that of one layer",
        r"\mathcal L^{2-layer}(\eta_0,\lambda,t)=\|D_0\|^2\mathcal L^{1-layer}(\frac{\eta_0}{2d_{out}^2},\lambda,t)",
        (Identity(loss.subs({u: 1, v: 1, w: 0}), norm, (f.box(*S0, *S1, *T),)),),
        shapes.LAZY,
        r"\mathcal L^{2-layer}=\frac{\|D_0\|^2}{d_{out}}\mathcal L^{d_{out}=1}(\frac{\eta}{2d_{out}^2}(1+"
        r"\frac{d_{out}}{d_{in}}),\lambda,t)",
        notes="With the one-layer loss of (8), which is 1 at the start, 1/d_out is missing; with that of (12) the rate "
        "is wrong. The claims: the loss at the start for X^T X = N I; and, with the weights in the rate at their mean "
        "(levi2023:17-rate), the mean of the loss over D_0 of mean square w, at all times and for all data.",
    ),
    Record(
        "levi2023:18-start",
        "4.1",
        "probabilistic",
        "mean of |D_0|^2",
        r"\text{(not given) }\mathbb E\|D_0\|^2",
        (),
        (Simulation("two layers: start", 1 / (2 * d_h), sizes, mean=shapes.mean_start),),
        r"\mathbb E\|D_0\|^2=\frac{1}{2d_h}",
    ),
    Record(
        "levi2023:18-over",
        "4.1",
        "limit",
        "the two-layer network above lam = 1",
        r"\text{all of the results previously derived for }\lambda<1\text{ should hold (}\mathcal L_{gen}\to0\text{)}",
        (Asymptotic(f.gen_exact(f.s_of_t), sp.Integer(0), t, (f.LATE_OVER,), limit=True, levels=6),),
        (Asymptotic(f.gen_exact(f.s_of_t), 1 - 1 / lam, t, (f.LATE_OVER,), limit=True, levels=6),),
        r"\mathcal L_{gen}/\mathcal L_{gen}(0)\to1-1/\lambda",
        notes="By (18) itself: in the lazy regime the product S_0 S_1 keeps the null space of the data. Simulated at "
        "(200, 200, 5), lam = 1.5: 0.334 against 1/3.",
    ),
)
"""Records of section 4."""
