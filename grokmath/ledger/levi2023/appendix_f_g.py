"""Appendices F and G, captions and the discussion: (39)-(44) and what stands beside them."""

from __future__ import annotations

import sympy as sp

from grokmath.ledger.levi2023 import forms as f
from grokmath.ledger.levi2023 import section_4 as two
from grokmath.ledger.levi2023 import shapes
from grokmath.ledger.levi2023.forms import alpha, s
from grokmath.ledger.levi2023.section_3_3 import RECORDS as VARIANTS
from grokmath.ledger.record import Identity, Inequality, Record, regime

by_id = {record.id: record for record in (*two.RECORDS, *VARIANTS)}
p, hidden = sp.symbols("p hidden", integer=True, positive=True)
modular = regime("", ({"p": "48"},), p="2..200 integer", alpha="1/2..9/10")
widths = regime("", ({"p": "48", "hidden": "400"},), p="2..200 integer", hidden="1..1000 integer")
x = sp.Matrix(sp.symbols("x:2", real=True))
D = sp.Matrix(sp.symbols("D:2", real=True))
vectors = f.box(*x, *D, u="1/2..3", v="1/2..3", w="-1/3..1/3")
factor = sp.sqrt(two.u)
error_variance = (D[0] * factor + D[1] * two.w / factor) ** 2 + D[1] ** 2 * (two.v - two.w**2 / two.u)

RECORDS = (
    Record(
        "levi2023:39",
        "F",
        "identity",
        "training loss of the two-layer linear network",
        r"\mathcal L_{tr}=\frac{1}{N_{tr}d_{out}}\sum_i((S^{(1)})^T(S^{(0)})^Tx_i-(T^{(1)})^T(T^{(0)})^Tx_i)^2",
        (shapes.NETWORK_LOSS,),
        corrected_latex=r"\text{a squared norm for the square of a vector}",
        typo="(.)^2 for ||.||^2",
    ),
    Record(
        "levi2023:40",
        "F",
        "ODE",
        "gradient flow of the two layers",
        r"\dot S^{(0)}=-\frac{2\eta_0}{d_{out}}\Sigma_{tr}(S^{(0)}S^{(1)}-T)(S^{(1)})^T,\ \dot S^{(1)}=-\frac{2"
        r"\eta_0}{d_{out}}(S^{(0)})^T"
        r"\Sigma_{tr}(S^{(0)}S^{(1)}-T)",
        shapes.LAYERS,
        notes="Minus eta times the gradients of the loss, for all sizes.",
    ),
    Record(
        "levi2023:41",
        "F",
        "ODE",
        "flow of D and h, as (17)",
        r"\dot D_t=-2\eta_0\frac{h}{d_{out}^2}\Sigma_{tr}D,\quad\dot h_t=-8\eta_0(T+D)^T\Sigma_{tr}D",
        (*by_id["levi2023:17-D"].printed, *by_id["levi2023:17-h"].printed),
        (*by_id["levi2023:17-D"].corrected, *by_id["levi2023:17-h"].corrected),
        r"\dot D=-\frac{2\eta}{d_{out}}[S_0S_0^T\Sigma D+\Sigma DS_1^TS_1],\ \dot h=-\frac{4\eta}{d_{out}}"
        r"\mathrm{Tr}[(T+D)^T\Sigma D]",
    ),
    Record(
        "levi2023:41-hessian",
        "F",
        "identity",
        "h and the trace of the Hessian",
        r"h=\mathrm{Tr}[H]/2=\|S^{(0)}\|^2/2+\|S^{(1)}\|^2/2",
        (Identity(two.hessian_trace / 2, two.kernel, (two.network,)),),
        (shapes.HESSIAN,),
        r"\mathrm{Tr}H=2[\mathrm{Tr}(S_0^T\Sigma S_0)+\frac{\mathrm{Tr}\Sigma}{d_{out}}\|S_1\|^2]",
    ),
    Record(
        "levi2023:42-loss",
        "F",
        "identity",
        "loss of the two-layer network, as (18)",
        r"\mathcal L^{2-layer}=\|D_0\|^2\mathcal L^{1-layer}(\frac{\eta_0}{2d_{out}^2},\lambda,t)",
        by_id["levi2023:18"].printed,
        by_id["levi2023:18"].corrected,
        r"\mathcal L^{2-layer}=\frac{\|D_0\|^2}{d_{out}}\mathcal L^{d_{out}=1}(\frac{\eta}{2d_{out}^2}(1+"
        r"\frac{d_{out}}{d_{in}}),\lambda,t)",
    ),
    Record(
        "levi2023:42-accuracy",
        "F",
        "identity",
        "accuracy of the two-layer network, as (12)",
        r"\mathcal A=1-\Gamma(\frac{d_{out}}{2},\frac{d_{out}\epsilon}{2\mathcal L})/\Gamma(\frac{d_{out}}{2})",
        by_id["levi2023:12-accuracy"].printed,
    ),
    Record(
        "levi2023:43",
        "G",
        "definition",
        "network for modular addition",
        r"h_k^{(1)}=\sqrt{\frac{1}{d_{in}}}\sum_{i=1}^{d_{in}}W_{kj}^{(1)}x_j,\ z_i^{(1)}=\phi(h_i^{(1)}),\ "
        r"h_q^{(2)}=\frac{1}{d_h}\sum_kW_{qk}^{(2)}"
        r"z_k^{(1)}",
        corrected_latex=r"\sum_{j=1}^{d_{in}}W_{kj}x_j",
        typo="the sum is over i where the summand has j",
    ),
    Record(
        "levi2023:44",
        "G",
        "definition",
        "the task of modular addition",
        r"f(n,m)=(n+m)\bmod p",
    ),
    Record(
        "levi2023:G-fraction",
        "G",
        "identity",
        "fraction of training samples",
        r"\alpha=N_{tr}/N_{gen}=N_{tr}/p^2",
        (Identity(alpha * p**2 / (p**2 - alpha * p**2), alpha, (modular,)),),
        (Identity(alpha * p**2 / (p**2 - alpha * p**2), alpha / (1 - alpha), (modular,)),),
        r"N_{tr}/N_{gen}=\alpha/(1-\alpha)\text{ for }\alpha=N_{tr}/p^2",
        notes="Consistent only if N_gen means the whole data set.",
    ),
    Record(
        "levi2023:G-ratio",
        "G",
        "identity",
        "aspect ratio of modular addition",
        r"\lambda=d_{in}/N_{tr}=2p/(\alpha p^2)=2/(\alpha p)",
        (Identity(2 * p / (alpha * p**2), 2 / (alpha * p), (modular,)),),
        notes="One-hot pairs have rank 2p - 1 and a mean, so that the Marchenko-Pastur law is a heuristic here.",
    ),
    Record(
        "levi2023:G-parameters",
        "G",
        "identity",
        "number of parameters of (43)",
        r"3d_hp",
        (Identity(2 * p * hidden + hidden * p, 3 * hidden * p, (widths,)),),
    ),
    Record(
        "levi2023:G-size",
        "G",
        "definition",
        "size of the modular task in the text of appendix G",
        r"p=48^2",
        corrected_latex=r"p=48\text{ (the 2 is that of footnote 2; the caption of figure 8 has }p=48)",
        typo="a footnote mark that reads as an exponent",
    ),
    Record(
        "levi2023:fig1",
        "figure 1",
        "inequality",
        "training and test loss at lam = 0.1",
        r"\text{for }\lambda=0.1\text{ the test and train curves are indistinguishable}",
        (
            Inequality(
                f.gen_exact(s), sp.Rational(11, 10) * f.train_exact(s), (regime(lam="1/10", s="2, 4, 8, 12, 20"),)
            ),
        ),
        (Inequality(f.gen_exact(s), 1 / f.a * f.train_exact(s), (regime(lam="1/10", s="2, 4, 8, 12, 20"),)),),
        r"\mathcal L_{gen}/\mathcal L_{tr}=1.21, 1.62, 1.87\text{ at }t=50, 200, 500;\ \text{below }(1-\sqrt"
        r"\lambda)^{-2}",
        notes="True by eye on the axes of the figure only. Read here as within ten per cent.",
    ),
    Record(
        "levi2023:fig3",
        "figure 3",
        "definition",
        "the section that the caption of figure 3 refers to",
        r"\text{Section 3.3.1}",
        corrected_latex=r"\text{Section 3.3.2}",
        typo="a wrong reference",
    ),
    Record(
        "levi2023:F-reference",
        "F",
        "definition",
        "the equation that appendix F derives",
        r"\text{derivation of Eq. (16)}",
        corrected_latex=r"\text{derivation of Eqs. (17) and (18)}",
        typo="a wrong reference",
    ),
    Record(
        "levi2023:5-condition",
        "5",
        "identity",
        "the condition for a correct prediction",
        r"x^T\Sigma x<\epsilon",
        (Identity(error_variance, (x.T * two.Sigma * x)[0], (vectors,)),),
        (Identity(error_variance, (D.T * two.Sigma * D)[0], (vectors,)),),
        r"D^T\Sigma D<\epsilon",
        typo="x for D",
        notes="The variance of the error D^T x at d_in = 2, as the squared coefficients of independent standard normal "
        "variables: x = (sqrt(u) g_0, w/sqrt(u) g_0 + sqrt(v - w^2/u) g_1) has the covariance ((u, w), (w, v)).",
    ),
)
"""Records of appendices F and G, captions and the discussion."""
