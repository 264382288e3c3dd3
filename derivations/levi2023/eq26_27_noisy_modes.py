"""(26) and (27), corrected: the losses under label noise of variance sigma^2, mode by mode.

Training loss: the residual X D - delta moves by -2 eta (X X^T/N) (X D - delta). Its component along an eigenvector of X
X^T/N of eigenvalue nu is r = exp(-2 eta nu t) (sqrt(N nu) D_0 - delta), with D_0 of variance 1/d and delta of variance
sigma^2, and the loss is the mean of r^2 over the N modes. nu/lam follows the law of ratio 1/lam, as X X^T/d is a
covariance with d samples; nu = lam mu leads back to the ratio lam.

Generalization loss: xi, the share of X^T delta/N in a mode of Sigma, has the variance sigma^2 nu/N, so that the mean of
D^2 is (1/d) (exp(-4 eta nu t) + sigma^2 lam (1 - exp(-2 eta nu t))^2/nu), which is 1/d at nu = 0. In
the limit sigma^2 d/N is taken as sigma^2 lam.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from grokmath.proof import (
    Domain,
    Fact,
    above_tangent,
    at_most,
    at_most_by_monotone_function,
    at_most_by_sign,
    by_linear_equation,
    change_variable,
    cite_marchenko_pastur,
    cite_marchenko_pastur_by_limit,
    combine,
    define_by_equation,
    differentiate,
    equation,
    instantiate,
    limit_by_continuity,
    limit_by_squeeze,
    limit_of_sum,
    linearity,
    mean_square,
    render,
    run_in_package,
    together,
    where,
)

if __spec__ is None:
    run_in_package(__file__)

from . import eq28_label_noise
from .eq05_08_losses import eta, s, t
from .eq06_total_mass import atom, high, lam, low, nu
from .eq20_slope import average, weighted
from .eq27_noise_kernel import drive
from .eq28_label_noise import nu as rate
from .eq28_label_noise import start, xi

ID = "levi2023:26-modes"
TITLE = "The losses under label noise, mode by mode"

sigma, b, kappa = sp.symbols("sigma b kappa", positive=True)
mu = sp.Symbol("mu", nonnegative=True)
delta = sp.Symbol("delta", real=True)
r, M_r, M_D, L_noise, L_gen = (sp.Function(name) for name in ("r", "M_r", "M_D", "L_noise", "L_gen_noise"))
residual = r(t, nu, eta, lam, start, delta)
begin = sp.sqrt(nu / lam) * start - delta
fade = sp.exp(-2 * eta * nu * t)


def _squares(expr: sp.Expr, variances: dict[sp.Symbol, sp.Expr]) -> sp.Expr:
    """The sum of the squares of the coefficients times the variances, as they stand."""
    zero = dict.fromkeys(variances, sp.S.Zero)
    return sp.Add(*(v * expr.xreplace({**zero, symbol: sp.S.One}) ** 2 for symbol, v in variances.items()))


@cache
def residual_mode() -> Fact:
    """r = exp(-2 eta nu t) (sqrt(nu/lam) D_0 - delta), in units in which D_0 has the variance 1."""
    note = "the flow of X D - delta along an eigenvector of X X^T/N; D_0 in units of 1/sqrt(d)"
    slope, first = define_by_equation(residual, -2 * eta * nu * residual, t, 0, begin, note=note)
    path = differentiate(begin * fade, t)
    return by_linear_equation([slope], [path], t, 0, [-2 * eta * nu, 0], limits=[first])


@cache
def residual_square() -> tuple[Fact, Fact]:
    """The mean of r^2, exp(-4 eta nu t) (nu/lam + sigma^2), from the squares of its coefficients."""
    laws = {start: sp.Integer(1), delta: sigma**2}
    head = M_r(t, nu, eta, lam, sigma)
    value = sp.exp(-4 * eta * nu * t) * (nu / lam + sigma**2)
    mean = mean_square(head, residual_mode(), laws, value)
    plain = _squares(residual_mode().rhs, laws)
    direct = mean_square(head, residual_mode(), laws, plain, note="as the squares stand")
    return mean, combine(equation(plain, value), [(1, mean), (-1, direct)])


@cache
def train_average() -> Fact:
    """The mean of r^2 over the N modes, whose law has the ratio 1/lam."""
    mean, _ = residual_square()
    here = instantiate(mean, {nu: b * mu, lam: b}, note="nu = lam mu")
    loss = cite_marchenko_pastur(L_noise(t, eta, sigma, b, kappa), here.lhs, mu, kappa, using=[here])
    return instantiate(loss, {b: lam, kappa: 1 / lam})


@cache
def _train_side(side: Domain, null: sp.Expr) -> Fact:
    """The average over the N modes, with the mass at 0 as ``null``, on one side of lam = 1."""
    loss = train_average()
    (integral,) = loss.rhs.atoms(sp.Integral)
    moved = change_variable(integral, nu, nu / lam, low, high, domain=side)
    now, gen = (e.xreplace({s: 4 * eta * t}) for e in (weighted, average))
    parts = linearity(moved.rhs, [(1, now.function), (sigma**2 * lam, gen.function)], domain=side)
    value = now + sigma**2 * (1 - lam + lam * (atom + gen))
    written = combine(equation(loss.lhs, value), [(1, loss), (1, moved), (1, parts)], domain=side)
    return combine(equation(null + integral, value), [(1, written), (-1, loss)], domain=side, note="as it stands")


@cache
def derivation() -> Fact:
    """(26): E[nu exp(-s nu)] + sigma^2 (1 - lam + lam E[exp(-s nu)]) from the modes, for lam < 1; and for lam > 1."""
    return _train_side(where(lam < 1), sigma**2 * (1 - lam))


@cache
def both_of_residual() -> Fact:
    """The mean square of a mode of the residual, and its mean over the N modes on both sides of lam = 1."""
    return together(residual_square()[1], derivation(), _train_side(where(lam > 1), sp.Integer(0)))


@cache
def error_square() -> tuple[Fact, Fact]:
    """The mean of D^2 for nu > 0, from the squares of its coefficients."""
    laws = {eq28_label_noise.start: sp.Integer(1), xi: sigma**2 * lam * rate}
    head = M_D(t, rate, eta, lam, sigma)
    _, solved = eq28_label_noise.motion()
    late = sp.exp(-2 * eta * rate * t)
    value = late**2 + sigma**2 * lam * (1 - late) ** 2 / rate
    mean = mean_square(head, solved, laws, value, note="xi has the variance sigma^2 nu/N, in units of 1/d")
    plain = _squares(solved.rhs, laws)
    direct = mean_square(head, solved, laws, plain, note="as the squares stand")
    return mean, combine(equation(plain, value), [(1, mean), (-1, direct)])


@cache
def error_at_zero() -> Fact:
    """The mean of D^2 tends to 1 as nu -> 0, as 0 <= 1 - exp(-u) <= u for u = 2 eta nu t >= 0."""
    late, u = sp.exp(-2 * eta * rate * t), 2 * eta * rate * t
    tangent = above_tangent(-u)
    gap = at_most_by_monotone_function(sp.exp, -u, sp.Integer(0))
    noise = (1 - late) ** 2 / rate
    small = at_most_by_sign(0, noise)
    square = combine(at_most((1 - late) ** 2, u**2), [(1 - late, tangent), (u, tangent)], using=[gap])
    bound = combine(at_most(noise, u**2 / rate), [(1 / rate, square)])
    ends = [limit_by_continuity(part, rate, 0) for part in (sp.Integer(0), 4 * eta**2 * t**2 * rate)]
    noise_limit = limit_by_squeeze(small, bound, *ends)
    parts = [(1, limit_by_continuity(late**2, rate, 0)), (sigma**2 * lam, noise_limit)]
    return limit_of_sum(error_square()[0].rhs, parts)


@cache
def gen_loss() -> Fact:
    """(27): the loss is E[exp(-s nu)] + sigma^2 lam E[(1 - exp(-s nu/2))^2/nu], for lam < 1."""
    under = where(lam < 1)
    mean, at_zero = (instantiate(fact, {lam: b}) for fact in (error_square()[0], error_at_zero()))
    loss = cite_marchenko_pastur_by_limit(L_gen(t, eta, sigma, b, lam), mean.lhs, rate, lam, at_zero, using=[mean])
    loss = instantiate(loss, {b: lam})
    (integral,) = loss.rhs.atoms(sp.Integral)
    gen, noise = (e.xreplace({s: 4 * eta * t}) for e in (average, drive))
    terms = [(m, f.function.xreplace({nu: rate})) for m, f in ((sp.Integer(1), gen), (sigma**2 * lam, noise))]
    parts = linearity(integral, terms, domain=under)
    value = atom + gen + sigma**2 * lam * noise
    written = combine(equation(loss.lhs, value), [(1, loss), (1, parts)], domain=under)
    return combine(equation(integral, value), [(1, written), (-1, loss)], domain=under, note="the average as it stands")


@cache
def both_of_error() -> Fact:
    """The mean square of a mode of D, and its average over the spectrum."""
    return together(error_square()[1], gen_loss())


@cache
def at_s() -> tuple[Fact, Fact]:
    """(26) and (27) in s = 4 eta t, for lam < 1."""
    under, at = where(lam < 1), {t: s / (4 * eta)}
    return instantiate(derivation(), at, domain=under), instantiate(gen_loss(), at, domain=under)


@cache
def dynamics() -> Fact:
    """Both losses, and the flow of one mode (28)."""
    return together(*at_s(), eq28_label_noise.derivation())


DERIVES = {
    "levi2023:11-noise-dynamics": dynamics,
    "levi2023:26-modes": both_of_residual,
    "levi2023:27-modes": both_of_error,
}

if __name__ == "__main__":
    print(render(derivation(), TITLE))
    print(render(gen_loss()))
