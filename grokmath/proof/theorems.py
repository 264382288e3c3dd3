"""What a derivation may take from outside: laws that define functions, and a closed list of cited theorems.

Laws are the definitions of vocabulary functions by integrals (kind "definition"). A theorem is a schema:
:func:`cite` makes an instance after checking that its parameters are in the domain of the theorem (kind "cited");
each cited step is counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from grokmath.proof.convergence import closed_range, is_continuous_vocabulary
from grokmath.proof.domain import EVERYWHERE, Domain, implicit_conditions
from grokmath.proof.facts import Fact, equation, make_fact, normal_for
from grokmath.proof.normal import normal_form, refuse
from grokmath.proof.rewriting import require_application
from grokmath.proof.terms import replace_by_facts, substitute

__all__ = [
    "THEOREMS",
    "Theorem",
    "cite_marchenko_pastur",
    "gamma_integral",
    "is_eigenvalue",
    "marchenko_pastur_law",
    "marcum_definition",
    "mean_square",
    "numerical",
]


@dataclass(frozen=True)
class Theorem:
    """A cited theorem: what it says, and where it is proved."""

    name: str
    statement: str
    source: str


THEOREMS = {
    "marchenko_pastur": Theorem(
        "Marchenko-Pastur",
        "Let X be an N x d matrix of independent standard Gaussian entries, Sigma = X^T X/N, d/N -> lam in (0, oo), "
        "and f "
        "continuous on [0, oo). Then (1/d) sum f(nu_i) over the eigenvalues nu_i of Sigma converges almost surely to "
        "(1 - 1/lam)^+ f(0) + integral of f(nu) sqrt((nu_+ - nu)(nu - nu_-))/(2 pi lam nu) over (nu_-, nu_+), "
        "nu_+- = (1 +- sqrt(lam))^2. (The largest eigenvalue converges to nu_+, so that f need not be bounded.)",
        "V. A. Marchenko and L. A. Pastur, Math. USSR Sbornik 1 (1967) 457-483; "
        "S. Geman, Ann. Probab. 8 (1980) 252-261, for the largest eigenvalue",
    ),
    "soudry": Theorem(
        "Implicit bias of gradient descent",
        "Let the data be linearly separable: w.x_i > 0 for some w, x_i times its label being called x_i. Then "
        "gradient descent on sum l(w.x_i), for a decreasing differentiable loss l > 0 with limit 0, whose "
        "derivative is Lipschitz with constant beta and has a tight exponential tail (the logistic loss, for "
        "one), with any step below 2/(beta times the largest eigenvalue of sum x_i x_i^T) and from any start, has "
        "w(t) = s log t + rho(t), where s is the vector of least norm with s.x_i >= 1 for all i, and rho = O(log "
        "log t); rho is bounded for almost all data. Hence w(t)/log t -> s.",
        "D. Soudry, E. Hoffer, M. S. Nacson, S. Gunasekar and N. Srebro, J. Mach. Learn. Res. 19 (2018) 1-57",
    ),
    "gaussian_min_max": Theorem(
        "Convex Gaussian min-max theorem",
        "Let G be an N x d matrix, g and h vectors, all of independent standard Gaussian entries, S in R^d and U "
        "in R^N compact and convex, and psi continuous on S x U, convex in s and concave in u. With PO the min "
        "over s in S of the max over u in U of u.G s + psi(s, u), and AO the same of |s| g.u + |u| h.s + psi(s, "
        "u): for all real m and e > 0, P(|PO - m| > e) <= 2 P(|AO - m| >= e). Hence, where AO converges in "
        "probability to a number, so does PO.",
        "C. Thrampoulidis, S. Oymak and B. Hassibi, Proc. COLT, PMLR 40 (2015) 1683-1709; C. Thrampoulidis, "
        "E. Abbasi and B. Hassibi, IEEE Trans. Inf. Theory 64 (2018) 5592-5628",
    ),
    "bai_silverstein": Theorem(
        "Mean of linear spectral statistics",
        "For the real Gaussian matrix above with d/N -> lam in (0, 1) and f analytic on an open set that contains "
        "[nu_-, nu_+], sum f(nu_i) - d times its Marchenko-Pastur average at d/N converges in law to a normal variable "
        "of mean (f(nu_-) + f(nu_+))/4 - (1/(2 pi)) integral of f(nu)/sqrt((nu_+ - nu)(nu - nu_-)) over (nu_-, nu_+).",
        "Z. D. Bai and J. W. Silverstein, Ann. Probab. 32 (2004) 553-605",
    ),
    "gardner": Theorem(
        "Capacity of the spherical perceptron",
        "Let x_1, ..., x_N be independent standard Gaussian vectors in R^d, d/N -> lam in (0, oo), kappa >= 0 and z "
        "standard normal. With a probability that tends to 1 there is a unit vector w with w.x_i >= kappa for all i if "
        "lam > E(kappa + z)_+^2, and there is none if lam < E(kappa + z)_+^2. (Hence the largest margin tends in "
        "probability to the kappa with E(kappa + z)_+^2 = lam, for lam > 1/2.)",
        "M. Shcherbina and B. Tirozzi, Comm. Math. Phys. (2003), arXiv:math-ph/0112003; M. Stojnic, arXiv:1306.3979; "
        "A. Montanari, F. Ruan, Y. Sohn and J. Yan, Ann. Statist. 53 (2025) 822-853; for the formula E. Gardner, "
        "J. Phys. A 21 (1988) 257-270",
    ),
    "minimizer_law": Theorem(
        "Min-max law of the inseparable minimiser",
        "For 0 < lam < 1/2 there are R > 0 and gamma > 0 with E[w/(1 + w)] = lam and E[w^2] = lam R^2, w = W(gamma "
        "exp(R g)), g standard normal and W Lambert's function. Let x_1, ..., x_N be independent, of independent N(0, "
        "sigma^2) components in d dimensions, N -> oo, d/N -> lam, and S the minimiser of sum exp(S.x_i). Then sigma "
        "times the norm of S tends to R, and the fraction of the i with S.x_i > 0 to P(R g > gamma). (The equations "
        "are the conditions of stationarity of the auxiliary problem that the convex Gaussian min-max theorem puts in "
        "place of this one.)",
        "the convex Gaussian min-max theorem above, used for unbounded sets and the exponential loss without a proof "
        "that it may be; for logistic regression P. Sur and E. J. Candes, Proc. Natl. Acad. Sci. 116 (2019) "
        "14516-14525; F. Salehi, E. Abbasi and B. Hassibi, NeurIPS 32 (2019)",
    ),
    "wendel": Theorem(
        "Wendel",
        "Let x_1, ..., x_N be independent random vectors in R^d, the law of each invariant under x -> -x, and let "
        "any d of them be linearly independent with probability 1 (as for laws with a density). Then the "
        "probability that some S has S.x_i > 0 for all i is 2^(1-N) times the sum of the binomials of N - 1 over "
        "k for k = 0, ..., d - 1.",
        "J. G. Wendel, Math. Scand. 11 (1962) 109-111; T. M. Cover, IEEE Trans. Electron. Comput. EC-14 (1965) 326-334",
    ),
}
"""The closed list. A theorem is used through its function ``cite_...``, here or in a module of its own."""


def marcum_definition(a: Any, b: Any, x: Any) -> Fact:
    """Q_1(a, b) = integral of x exp(-(x^2 + a^2)/2) I_0(a x) over (b, oo), for a >= 0, b >= 0."""
    rule = "law of Marcum's Q"
    if not (a.is_Symbol and b.is_Symbol and x.is_Symbol and a.is_nonnegative and b.is_nonnegative):
        raise refuse(rule, "a and b must be symbols that are declared non-negative")
    if len({a, b, x}) < 3:
        raise refuse(rule, "a, b and the variable of integration must be three symbols")
    integrand = x * sympy.exp(-(x**2 + a**2) / 2) * sympy.besseli(0, a * x)
    statement = equation(sympy.marcumq(1, a, b), sympy.Integral(integrand, (x, b, sympy.oo)))
    normal_form(Domain(), rule).form(statement.rhs)
    return make_fact(statement, Domain(), rule, "definition", (), "definition")


def gamma_integral(p: Any, x: Any, w: Any, *, domain: Domain = EVERYWHERE) -> Fact:
    """Integral of w^(p-1) exp(-x w) over (0, oo) = Gamma(p) x^(-p), for rational p >= 1 and x > 0 (DLMF 5.9.1)."""
    rule = "law of the gamma function"
    p = sympy.S(p)
    if not p.is_Rational or p < 1:
        raise refuse(rule, f"{p} is not a rational number >= 1")
    if not w.is_Symbol or w in sympy.S(x).free_symbols | domain.symbols:
        raise refuse(rule, f"the variable of integration {w} is not a new symbol")
    normal = normal_form(domain, rule)
    normal.require((x, ">"), "the rate of decay")
    integral = sympy.Integral(w ** (p - 1) * sympy.exp(-x * w), (w, 0, sympy.oo))
    normal.form(integral)
    return make_fact(
        equation(integral, sympy.gamma(p) * x ** (-p)), domain, rule, "Euler's integral, rescaled", (), "definition"
    )


def cite_marchenko_pastur(
    application: Any, mode: Any, nu: Any, lam: Any, *, using: Sequence[Fact] = (), note: str = ""
) -> Fact:
    """The limit of the mean over the spectrum of ``mode``, a function of the eigenvalue nu, as a Marchenko-Pastur
    average.

    ``application`` = L(..., lam, ...) is a new function symbol for the limit. ``mode`` must be continuous for nu >=
    0; it may have the symbols of ``application`` other than lam. Where facts in ``using`` say what ``mode`` is, its
    right side stands in the average.
    """
    rule = "cited: Marchenko-Pastur"
    if not isinstance(application, AppliedUndef) or lam not in application.args or not lam.is_positive:
        raise refuse(rule, f"{application} is not a new function of lam > 0 and parameters")
    if len(set(application.args)) < len(application.args) or nu in application.args or not is_eigenvalue(nu):
        raise refuse(rule, f"{application} is not a new function of distinct symbols")
    f = mode
    for fact in using:
        if isinstance(fact.statement, sympy.Eq) and fact.lhs == f:
            f = fact.rhs
    if f.free_symbols - (set(application.args) - {lam}) - {nu} or not is_continuous_vocabulary(f):
        raise refuse(rule, f"{f} is not a known function of {nu} and of the parameters of {application}")
    normal = normal_for(rule, Domain(), using)
    y = sympy.Symbol("_x1", real=True)
    normal.on(closed_range(Domain(), y, sympy.S.Zero, sympy.oo)).form(f.xreplace({nu: y}))
    for fact in using:
        for condition in fact.domain.conditions:
            normal.on(Domain(((nu, ">="),))).require(condition, f"the domain of {fact}")
    atom, density = marchenko_pastur_law(nu, lam)
    ends = ((1 - sympy.sqrt(lam)) ** 2, (1 + sympy.sqrt(lam)) ** 2)
    average = atom * f.xreplace({nu: sympy.S.Zero}) + sympy.Integral(f * density, (nu, *ends))
    meaning = (application.func, ("mean over the spectrum", application.args, f, nu, lam))
    theorem = THEOREMS["marchenko_pastur"]
    return make_fact(equation(application, average), Domain(), rule, note or theorem.statement, using, "cited", meaning)


def is_eigenvalue(nu: Any) -> bool:
    """Whether the symbol may stand for an eigenvalue: real, with no assumption that one might not meet."""
    return bool(nu.is_Symbol and nu.is_real and not nu.is_integer) and implicit_conditions(nu) in (
        [],
        [(nu, ">")],
        [(nu, ">=")],
    )


def marchenko_pastur_law(nu: Any, lam: Any) -> tuple[Any, Any]:
    """The mass at 0 and the density of the Marchenko-Pastur law."""
    root = sympy.sqrt(lam)
    low, high = (1 - root) ** 2, (1 + root) ** 2
    return sympy.Max(0, 1 - 1 / lam), sympy.sqrt((high - nu) * (nu - low)) / (2 * sympy.pi * lam * nu)


def mean_square(
    application: Any,
    fact: Fact,
    variances: Mapping[Any, Any],
    result: Any,
    *,
    using: Sequence[Fact] = (),
    note: str = "",
) -> Fact:
    """M(...) = ``result``: the mean of X^2 over independent symbols of mean 0 and the given variances.

    ``fact`` says X = sum of a_i xi_i, linear in the symbols xi_i of ``variances``; proved: linearity, and that
    ``result`` is sum a_i^2 v_i. M is a new function of the other symbols; that it is called a mean is its definition.
    """
    rule = "mean over independent starts"
    if not isinstance(fact.statement, sympy.Eq) or not variances:
        raise refuse(rule, f"{fact} is not an equality, or no variance is given")
    domain = fact.domain
    for symbol in variances:
        free = symbol.is_Symbol and symbol.is_real and not symbol.is_integer and symbol not in domain.symbols
        if not free or implicit_conditions(symbol):
            raise refuse(rule, f"{symbol} does not run over all real numbers")
    normal = normal_for(rule, domain, [fact, *using])
    for symbol, variance in variances.items():
        normal.require((sympy.S(variance), ">="), f"the variance of {symbol}")
    zero = dict.fromkeys(variances, sympy.S.Zero)
    factors = {symbol: substitute(fact.rhs, {**zero, symbol: sympy.S.One}, rule) for symbol in variances}
    total = sympy.Add(*(factor * symbol for symbol, factor in factors.items()))
    if not is_continuous_vocabulary(fact.rhs) or not normal.equal(fact.rhs, total):
        raise refuse(rule, f"{fact.rhs} is not linear in {', '.join(map(str, variances))}")
    mean = sympy.Add(*(factors[symbol] ** 2 * variance for symbol, variance in variances.items()))
    left, right = (replace_by_facts(sympy.S(side), using, normal) for side in (mean, result))
    if not normal.equal(left, right):
        raise refuse(rule, f"the mean {mean} differs from {result} by {normal.difference(left, right)}")
    require_application(rule, application, mean + sympy.S(result))
    if set(variances) & set(application.args):
        raise refuse(rule, f"{application} depends on what is averaged over")
    meaning = (application.func, ("mean square", application.args, fact.rhs, tuple(variances.items())))
    return make_fact(equation(application, result), domain, rule, note, [fact, *using], "definition", meaning)


def numerical(statement: Any, digits: int, points: int, *, domain: Domain = EVERYWHERE, note: str = "") -> Fact:
    """A statement that was only checked numerically, to so many digits at so many points. Labelled so, and counted."""
    if digits < 1 or points < 5 or not isinstance(statement, sympy.Eq | sympy.Le | sympy.Lt):
        raise refuse("numerical", "an Eq, Le or Lt and at least 5 points are needed")
    text = f"checked to {digits} digits at {points} points, not proved. {note}".strip()
    return make_fact(statement, domain, "numerical", text, (), "numerical")
