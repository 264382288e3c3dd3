"""What closed forms are checked against: expectations, integrals and roots as SymPy functions with proved evaluators.

None of these shares a formula with the closed forms of the papers. Averages over the Marchenko-Pastur law are Arb
quadratures in the angle form, e^{-a s} factored out and the atom included; integrals are Arb quadratures; crossing
times are zeros enclosed by a certified change of sign.

======================  ==============================================================================================
MeanMP(f, lam, s)       E[f(nu) exp(-s nu)] over the Marchenko-Pastur law, f a ``sympy.Lambda``, atom included
ExcessMP(lam, s)        E[exp(-s nu)] - (1 - 1/lam)^+, the average over the continuous part alone
DefiniteIntegral(f,a,b) the integral of a Lambda, analytic on (a, b), over a finite interval
TrainTime(lam, L)       the s at which E[nu exp(-s nu)] = L
GenTime(lam, L)         the s at which E[exp(-s nu)] - (1 - 1/lam)^+ = L
Delay(lam, S, ratio)    S - s, where E[nu exp(-s nu)] = ratio (E[exp(-S nu)] - (1 - 1/lam)^+)
PopulationLoss(R, b)    E log(1 + exp(R z + b)), z standard normal
NormalMean(f, a, c)     the integral of f(z) exp(-z^2/2)/sqrt(2 pi) over (a, c), ends may be infinite; f bounded
UpperOrthant(h, k, r)   P(X > h, Y > k) for a standard bivariate normal pair of correlation r
PositivePart(kappa)     E (kappa + z)_+^2
LargestMargin(lam)      the limit of the largest margin of N standard normal points in lam N dimensions, lam > 1/2
BetaHalf(p, q)          the regularized incomplete beta function I_{1/2}(p, q), p >= q
ChiThreshold(d)         the x at which the regularized lower incomplete gamma function P(d/2, x) = erf(sqrt(2))
OutputMean(n, R, c)     E of w/(1+w), w^2 or w for n = 1, 2, 3, where w = W(exp(c + R g)), g standard normal
MinimizerNorm(lam)      sigma |S_inf| of the logistic model with Gaussian data, lam < 1/2
PositiveFraction(lam)   the fraction of its outputs that are positive
======================  ==============================================================================================
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy
from flint import acb, arb, ctx

from grokmath.asymptotics.formula import Environment, ball_function
from grokmath.certified import LOG2_10, Certified
from grokmath.classification.logistic import LogisticModel
from grokmath.classification.output_quadrature import output_integral
from grokmath.exact import ball, working_precision
from grokmath.functions.bivariate_normal_quadrature import upper_orthant_integral
from grokmath.functions.gardner_quadrature import margin_law_integral
from grokmath.functions.laplace_certified import excess_ball, train_ball
from grokmath.functions.laplace_quadrature import excess_angle_ball
from grokmath.functions.logistic_normal_quadrature import logistic_normal_integral
from grokmath.functions.wendel_quadrature import wendel_integral
from grokmath.parameters import UnsupportedExpression
from grokmath.roots import DecreasingRoot, Start

__all__ = [
    "BetaHalf",
    "ChiThreshold",
    "DefiniteIntegral",
    "Delay",
    "ExcessMP",
    "GenTime",
    "LargestMargin",
    "MeanMP",
    "MinimizerNorm",
    "NormalMean",
    "OutputMean",
    "PopulationLoss",
    "PositiveFraction",
    "PositivePart",
    "TrainTime",
    "UpperOrthant",
]

Integrand = Callable[[acb, bool], acb]
_TINY = -(10**6)


def _compiled(expr: Any, x: Any, at: Environment) -> Integrand:
    """An expression in x as a function of complex balls; not finite where a branch cut is met."""
    if x not in expr.free_symbols:
        value = acb(at.ball(expr))
        return lambda z, analytic: value
    if expr == x:
        return lambda z, analytic: z
    if isinstance(expr, sympy.Add | sympy.Mul):
        constant, rest = expr.as_independent(x)
        terms = rest.args if type(rest) is type(expr) else (rest,)
        return _folded(expr, acb(at.ball(constant)), [_compiled(term, x, at) for term in terms])
    parts = [_compiled(part, x, at) for part in expr.args]
    first = parts[0]
    if isinstance(expr, sympy.Pow):
        if expr.exp.is_Integer:
            n = int(expr.exp)
            return lambda z, analytic: first(z, analytic) ** n
        power = parts[1]
        return lambda z, analytic: first(z, analytic).pow(power(z, analytic), analytic=analytic)
    if isinstance(expr, sympy.log):
        return lambda z, analytic: first(z, analytic).log(analytic=analytic)
    entire = {sympy.exp: acb.exp, sympy.erf: acb.erf, sympy.erfc: acb.erfc, sympy.sin: acb.sin, sympy.cos: acb.cos}
    if type(expr) not in entire:
        raise UnsupportedExpression(f"integral: {type(expr).__name__} is not known in an integrand")
    function = entire[type(expr)]
    return lambda z, analytic: function(first(z, analytic))


def _folded(expr: Any, constant: acb, terms: list[Integrand]) -> Integrand:
    """A sum or product, its constant part taken together."""
    add = isinstance(expr, sympy.Add)

    def folded(z: acb, analytic: bool) -> acb:
        value = constant
        for term in terms:
            value = value + term(z, analytic) if add else value * term(z, analytic)
        return value

    return folded


def _lambda(f: Any, at: Environment) -> Integrand:
    (x,) = f.variables
    return _compiled(f.expr, x, at)


def _integral(f: Integrand, low: arb, high: arb) -> arb:
    """The integral over an interval with exact ends, to about the working precision of its largest sample.

    The size of samples sets the tolerance: a purely relative one is never met where the integrand vanishes at an end.
    """
    width = high - low
    sizes = [abs(f(acb(low + width * (2 * k + 1) / 32), False)).mid() for k in range(16)]
    size = max((x for x in sizes if x.is_finite()), default=arb(1), key=_log_size)
    tolerance = abs(width) * size * arb(2) ** -ctx.prec
    if not tolerance > 0:
        tolerance = arb(2) ** _TINY
    return acb.integral(f, acb(low), acb(high), rel_tol=arb(2) ** -ctx.prec, abs_tol=tolerance.mid()).real


def _log_size(x: arb) -> int:
    mantissa, exponent = x.man_exp()
    return int(exponent) + int(abs(mantissa)).bit_length() if mantissa else -(10**18)


def _mean_mp(at: Environment, arguments: tuple[Any, ...]) -> arb:
    """With nu = a + 4 sqrt(lam) S, S = sin(phi/2)^2: (8/pi) int S (1 - S)/nu f(nu) exp(-4 sqrt(lam) s S) dphi e^{-as}.

    Beyond phi = end the exponential is at most exp(-4 sqrt(lam) s (phi/pi)^2), and f is bounded by its ball.
    """
    bits = ctx.prec
    with working_precision(bits + 30):
        lam, s = at.exact(arguments[1]), at.real(arguments[2])
        f = _lambda(arguments[0], at)
        root = ball(lam).sqrt()
        a = (ball(1 - lam) / (1 + root)) ** 2
        x = 4 * root * s
        rest = arb(bits + 60) + (x + 2).log() * 3
        end = arb.pi()
        cut = bool(rest < x)
        if cut:
            end = (arb.pi() * (rest / x).sqrt()).mid()
        critical = lam == 1

        def integrand(u: acb, analytic: bool) -> acb:
            S = (u * end / 2).sin() ** 2
            nu = a + 4 * root * S
            weight = (1 - S) / (4 * root) if critical else S * (1 - S) / nu
            return weight * f(nu, analytic) * (-x * S).exp()

        total = _integral(integrand, arb(0), arb(1)) * end
        if cut:
            tail = f(acb((a + 4 * root * (end / 2).sin() ** 2).union((1 + root) ** 2)), False)
            largest = abs(tail).upper() / (4 * root)  # S (1 - S)/nu <= 1/(4 sqrt(lam))
            total += arb(0, 1) * (arb.pi() * largest * (-x * (end / arb.pi()) ** 2).exp()).upper()
        value = total * 8 / arb.pi() * (-a * s).exp()
        if lam > 1:
            value += ball(lam - 1) / ball(lam) * f(acb(0), False).real
        return value


def _excess(at: Environment, arguments: tuple[Any, ...]) -> arb:
    return excess_angle_ball(at.real(arguments[1]), at.exact(arguments[0])).value()


def _definite(at: Environment, arguments: tuple[Any, ...]) -> arb:
    f, low, high = arguments
    bits = ctx.prec
    with working_precision(bits + 20):
        integrand = _lambda(f, at)
        start, width = at.real(low), at.real(high) - at.real(low)
        return _integral(lambda u, analytic: integrand(start + width * u, analytic), arb(0), arb(1)) * width


def _root(h: Callable[[arb], arb], near: arb, slope: arb, name: str) -> arb:
    return DecreasingRoot(h, lambda: Start(near, slope), name).enclose()


def _time(train: bool) -> Callable[[Environment, tuple[Any, ...]], arb]:
    def time(at: Environment, arguments: tuple[Any, ...]) -> arb:
        lam = at.exact(arguments[0])
        loss = train_ball if train else excess_ball
        bits = ctx.prec

        def h(s: arb) -> arb:
            return loss(s, lam).log() - at.real(arguments[1]).log()

        with working_precision(bits):
            return _root(h, arb(1), arb(-1), "TrainTime" if train else "GenTime")

    return time


def _delay(at: Environment, arguments: tuple[Any, ...]) -> arb:
    """The difference is enclosed with guard bits for S - s."""
    lam = at.exact(arguments[0])
    bits = ctx.prec
    with working_precision(bits + 40):
        S = at.real(arguments[1])
        extra = max(0, int(float(S.log().upper()) * 1.5))

    def h(s: arb) -> arb:
        level = excess_ball(at.real(arguments[1]), lam).log() + at.real(arguments[2]).log()
        return train_ball(s, lam).log() - level

    with working_precision(bits + 40 + extra):
        a = (ball(1 - lam) / (1 + ball(lam).sqrt())) ** 2
        S = at.real(arguments[1])
        return S - _root(h, S.mid(), -(a + 3 / (2 * S)).mid(), "Delay")


def _population(at: Environment, arguments: tuple[Any, ...]) -> arb:
    return logistic_normal_integral(at.real(arguments[0]), at.real(arguments[1])).value()


def _size(expr: Any, x: Any, at: Environment) -> arb:
    """A bound of |expr| for all real x: of sums and products of constants, erf (at most 1) and erfc (at most 2)."""
    if x not in expr.free_symbols:
        return abs(at.ball(expr))
    if isinstance(expr, sympy.Add | sympy.Mul):
        sizes = [_size(part, x, at) for part in expr.args]
        total = arb(0) if isinstance(expr, sympy.Add) else arb(1)
        for size in sizes:
            total = total + size if isinstance(expr, sympy.Add) else total * size
        return total
    if isinstance(expr, sympy.erf | sympy.erfc):
        return arb(1 if isinstance(expr, sympy.erf) else 2)
    raise UnsupportedExpression(f"NormalMean: {expr} is not known to be bounded")


def _normal_mean(at: Environment, arguments: tuple[Any, ...]) -> arb:
    """An infinite end is put where the law beyond it, erfc(cut/sqrt 2)/2 <= exp(-cut^2/2), is below 2^-bits; what is
    left out, at most that times the bound of f, is added to the radius.
    """
    f, *ends = arguments
    bits = ctx.prec
    infinite = [end in (sympy.oo, -sympy.oo) for end in ends]
    with working_precision(bits + 20):
        finite = [abs(at.real(end)) for end, far in zip(ends, infinite, strict=True) if not far]
        cut = (arb(2 * bits).sqrt() + sum(finite, arb(1))).upper().ceil().mid()
        low, high = (
            (cut if end == sympy.oo else -cut) if far else at.real(end) for end, far in zip(ends, infinite, strict=True)
        )
        integrand, width = _lambda(f, at), high - low

        def density(u: acb, analytic: bool) -> acb:
            z = low + width * u
            return integrand(z, analytic) * (-z * z / 2).exp()

        inside = _integral(density, arb(0), arb(1)) * width / (2 * arb.pi()).sqrt()
        if not any(infinite):
            return inside
        bound = _size(f.expr, f.variables[0], at) * (cut / arb(2).sqrt()).erfc()
        return inside + arb(0, bound.upper())


def _orthant(at: Environment, arguments: tuple[Any, ...]) -> arb:
    h, k, rho = (at.real(part) for part in arguments)
    return upper_orthant_integral(h, k, rho, (1 - rho * rho).sqrt()).value()


def _positive_part(at: Environment, arguments: tuple[Any, ...]) -> arb:
    return margin_law_integral(at.real(arguments[0]))


def _largest_margin(at: Environment, arguments: tuple[Any, ...]) -> arb:
    """The kappa at which PositivePart is lam (the cited law), with guard bits for lam - 1/2."""
    bits = ctx.prec
    with working_precision(bits + 40):
        excess = at.real(arguments[0]) - arb(1) / 2
        guard = 40 + max(0, int(-2 * float(excess.log().lower())))

    def h(kappa: arb) -> arb:
        return at.real(arguments[0]) - margin_law_integral(kappa)

    with working_precision(bits + guard):
        excess = at.real(arguments[0]) - arb(1) / 2
        linear = (arb.pi() / 2).sqrt() * excess
        near = 2 * linear / (1 + (1 + 4 * linear * linear / excess).sqrt())
        return _root(h, near.mid(), -(2 / arb.pi()).sqrt().mid() - 2 * near.mid(), "LargestMargin")


def _beta_half(at: Environment, arguments: tuple[Any, ...]) -> arb:
    return wendel_integral(at.real(arguments[0]), at.real(arguments[1])).value()


def _output(at: Environment, arguments: tuple[Any, ...]) -> arb:
    moments: dict[int, tuple[Callable[[acb], acb], int]] = {
        1: (lambda w: w / (1 + w), 1),
        2: (lambda w: w * w, 2),
        3: (lambda w: w, 1),
    }
    f, degree = moments[int(arguments[0])]
    return output_integral(at.real(arguments[1]), at.real(arguments[2]), f, degree)


def _chi_threshold(at: Environment, arguments: tuple[Any, ...]) -> arb:
    half = ball(at.exact(arguments[0])) / 2

    def h(x: arb) -> arb:
        return x.gamma_upper(half, 1).log() - arb(2).sqrt().erfc().log()

    return _root(h, half + 2, arb(-1) / 2, "ChiThreshold")


def _logistic(reading: str) -> Callable[[Environment, tuple[Any, ...]], arb]:
    def value(at: Environment, arguments: tuple[Any, ...]) -> arb:
        digits = int(ctx.prec / LOG2_10) + 1
        certified: Certified = getattr(LogisticModel(at.exact(arguments[0])), reading)(digits=digits)
        return certified.ball()

    return value


MeanMP = ball_function("MeanMP", _mean_mp)
ExcessMP = ball_function("ExcessMP", _excess)
DefiniteIntegral = ball_function("DefiniteIntegral", _definite)
TrainTime = ball_function("TrainTime", _time(True))
GenTime = ball_function("GenTime", _time(False))
Delay = ball_function("Delay", _delay)
PopulationLoss = ball_function("PopulationLoss", _population)
NormalMean = ball_function("NormalMean", _normal_mean)
UpperOrthant = ball_function("UpperOrthant", _orthant)
PositivePart = ball_function("PositivePart", _positive_part)
LargestMargin = ball_function("LargestMargin", _largest_margin)
ChiThreshold = ball_function("ChiThreshold", _chi_threshold)
BetaHalf = ball_function("BetaHalf", _beta_half)
OutputMean = ball_function("OutputMean", _output)
MinimizerNorm = ball_function("MinimizerNorm", _logistic("minimizer_norm"))
PositiveFraction = ball_function("PositiveFraction", _logistic("positive_fraction"))
